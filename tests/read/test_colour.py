"""Figures in red: a reduction without a sign under a label of changes is no figure, any other red is its text."""

import pytest

from pipelines.read import read_document
from pipelines.read.model import PICTURE, RED
from tests.read.docx_builder import build_docx, cell, paragraph, row, run, table
from tests.read.office_builder import build_ods, build_xlsx
from tests.read.pdf_builder import build_pdf, draw_table, draw_text

HEAD = ("信息内容", "上一年项目数量", "本年增/减", "处理决定数量")


def shown(name: str, data: bytes) -> list[str]:
    return [text for *_, text in read_document(name, data).tables[0]][len(HEAD) + 1 :]


def page(*cells: str, head: str = "") -> bytes:
    heads = "".join(f"<td>{text}</td>" for text in HEAD)
    return f"<head>{head}</head><table><tr>{heads}<tr><td>行政许可{''.join(cells)}</table>".encode()


@pytest.mark.parametrize(
    ("change", "read"),
    [
        ('<td style="color:red">5', f"5{PICTURE}"),
        ('<td><input style="color:red" value="5">', f"5 {PICTURE}"),
        ('<td style="WIDTH:2pt;COLOR: #FF0000">5', f"5{PICTURE}"),
        ('<td><p><span style="color:#c00000">5项</span>', f"5项{PICTURE}"),
        ('<td><font color="red">5</font>', f"5{PICTURE}"),
        ('<td><font color="red"><b>5</b></font>', f"5{PICTURE}"),
        ('<td><b style="color:rgb(255, 0, 0)">1</b><b style="color:rgb(255,0,0)">5</b>', f"15{PICTURE}"),
        ('<td class="xl9">5', f"5{PICTURE}"),
        ('<td style="color:red">-5', "-5"),
        ('<td style="color:red">减5', "减5"),
        ('<td style="color:red">0', "0"),
        ('<td style="color:red"><span style="color:#000">5</span>', "5"),
        ('<td style="background-color:red">5', "5"),
        ('<td style="color:#333333">5', "5"),
    ],
)
def test_red_in_a_page(change: str, read: str):
    data = page("<td>10", change, "<td>7", head="<style>td{margin:0} .xl9{color:red;}</style>")
    assert shown("x.html", data) == ["10", read, "7"]


def test_red_elsewhere_or_everywhere_is_no_sign():
    red = '<td style="color:red">'
    assert shown("x.html", page(f"{red}10", "<td>5", f"{red}7")) == ["10", "5", "7"]
    assert shown("x.html", page(f"{red}10", f"{red}5", f"{red}7")) == ["10", "5", "7"]


def test_a_change_named_in_front_of_its_figure():
    data = "<table><tr><td>行政许可<td>12<tr><td>本年增减<td style='color:red'>5<tr><td>其他<td>3</table>".encode()
    assert [text for *_, text in read_document("x.html", data).tables[0]][3] == f"5{PICTURE}"


CHANGES = "增/减 增减 增、减 增(减) 增加/减少 增加(减少) 增加或减少 变化 变动"
IN_TRADITIONAL = "增/減 增減 增、減 增(減) 增加/減少 增加(減少) 增加或減少 變化 變動"


@pytest.mark.parametrize(
    "label",
    ["本年增／減", "變化數量", "增加（减少）数", "比上年 增 减"]
    + [f"本年{words}" for words in f"{CHANGES} {IN_TRADITIONAL}".split()],
)
def test_a_label_of_changes_in_another_script(label: str):
    data = f"<table><tr><td>内容<td>上年<td>{label}<tr><td>其他<td>3<td style='color:red'>5</table>".encode()
    assert [text for *_, text in read_document("x.html", data).tables[0]][-1] == f"5{PICTURE}"


def test_red_in_a_word_document():
    red = '<w:color w:val="FF0000"/>'
    cells = (cell(paragraph(run("10", red))), cell(paragraph(run("5", red))), cell(paragraph(run("7"))))
    heads = row(*(cell(paragraph(run(text))) for text in HEAD))
    data = build_docx(paragraph(run("x")) + table(heads, row(cell(paragraph(run("行政许可"))), *cells)))
    assert shown("x.docx", data) == ["10", f"5{PICTURE}", "7"]


def test_marks_without_ink_beside_the_figures_make_them_no_labels():
    """A figure that holds such a mark is no label over the red one below it."""
    red = '<w:color w:val="FF0000"/>'
    heads = row(*(cell(paragraph(run(text))) for text in (*HEAD[:2], "本\u200b年增\u00ad/减", HEAD[3])))
    above = [cell(paragraph(run(text))) for text in ("行政处罚", "10", "\ufeff0\u200d", "7")]
    texts = (("\u200b10", ""), ("\u200b5", red), ("7", ""))
    cells = [cell(paragraph(run(text, style))) for text, style in texts]
    data = build_docx(paragraph(run("x")) + table(heads, row(*above), row(cell(paragraph(run("行政许可"))), *cells)))
    assert shown("x.docx", data)[-2] == f"\u200b5{PICTURE}"


def test_red_in_a_workbook():
    def line(number: int, *cells: str) -> str:
        return f'<row r="{number}">{"".join(cells)}</row>'

    def text(value: str) -> str:
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'

    styles = '<fonts><font/><font><color rgb="FFFF0000"/></font></fonts><cellXfs><xf/><xf fontId="1"/></cellXfs>'
    figures = ('<c s="1"><v>10</v></c>', '<c s="1"><v>5</v></c>', "<c><v>7</v></c>")
    rows = line(1, *map(text, HEAD)) + line(2, text("行政许可"), *figures)
    data = build_xlsx({"s": f"<sheetData>{rows}</sheetData>"}, styles=styles)
    assert shown("x.xlsx", data) == ["10", f"5{PICTURE}", "7"]


def test_no_mark_is_left():
    data = page('<td style="color:red">10', "<td>5", '<td style="color:red">说明1')
    assert RED not in "".join(text for *_, text in read_document("x.html", data).tables[0])


@pytest.mark.parametrize("red", [(1, 0, 0), (0.8, 0.1, 0.1)])
def test_red_in_a_pdf(red):
    """A reduction of 15 was read as a rise."""
    texts = [*HEAD, "行政许可", "10", "", "7"]
    cells = [(1 + number // 4, 1 + number % 4, 1, 1, text) for number, text in enumerate(texts)]

    def paint(canvas):
        draw_table(canvas, cells, widths=[80] * 4, heights=[20, 20])
        canvas.setFillColorRGB(*red)
        draw_text(canvas, 215, 134, "15")
        draw_text(canvas, 60, 300, "2021年报告")

    document = read_document("x.pdf", build_pdf(paint))
    assert [text for *_, text in document.tables[0]][5:] == ["10", f"15{PICTURE}", "7"]
    assert "2021年报告" in {block.text for block in document.blocks}


_ODS_STYLES = {
    "plain": "",
    "red": '<style:text-properties fo:color="#ff0000"/>',
    "white": '<style:text-properties fo:color="#ffffff"/>',
    "white_on_blue": '<style:table-cell-properties fo:background-color="#0000ff"/>'
    '<style:text-properties fo:color="#ffffff"/>',
}


@pytest.mark.parametrize(
    ("style", "value", "shown_text", "read"),
    [
        ("red", "5", "5", f"5{PICTURE}"),
        ("plain", "5", "5", "5"),
        ("plain", "-5", "5", f"5{PICTURE}"),
        ("plain", "-5", "-5", "-5"),
        ("plain", "-5", "(5)", "(5)"),
        ("white", "5", "5", f"5{PICTURE}"),
        ("white_on_blue", "5", "5", "5"),
    ],
)
def test_red_and_negative_numbers_of_an_ods(style, value, shown_text, read):
    """The sheet shows less than nought in red and without a sign, as its number format says."""
    figures = [("plain", "10", "10"), (style, value, shown_text), ("plain", "7", "7")]
    data = build_ods([[(None, None, text) for text in HEAD], [(None, None, "行政许可"), *figures]], _ODS_STYLES)
    assert shown("x.ods", data) == ["10", read, "7"]
