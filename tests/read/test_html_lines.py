"""Tables that a page prints as lines, with what its styles hide in them."""

import pytest

from pipelines.normalize.values import is_value_like, read_value
from pipelines.read import read_document
from pipelines.read.html.reader import read_html
from pipelines.read.model import PICTURE
from schemas.vocabulary import BlockKind, ValueStatus


def texts(table):
    return [cell[4] for cell in table]


@pytest.mark.parametrize("row", ["<p>{}</p>", "<div>{}</div>", "{}<br>"])
def test_rows_printed_as_lines_are_a_table(row):
    lines = "".join(row.format(f"{number}.重复申请 0 {number} 0") for number in range(1, 12))
    document = read_html(f"<h1>报告</h1><p>全年共收到3件。</p>{lines}<p>四、其他</p>".encode())
    assert texts(document.tables[0])[:4] == ["1.重复申请", "0", "1", "0"]
    assert [block.kind for block in document.blocks] == [
        *(BlockKind.TITLE, BlockKind.PARAGRAPH, BlockKind.TABLE, BlockKind.PARAGRAPH)
    ]


def test_white_space_of_preformatted_text_parts_cells():
    lines = "\n".join(f"{number}.重复申请\t\t{number}\t0" for number in range(1, 12))
    assert texts(read_html(f"<pre>{lines}</pre>".encode()).tables[0])[:4] == ["1.重复申请", "", "1", "0"]


@pytest.mark.parametrize("line", ["<p>{}</p>", "<div>{}</div>", "<li>{}"])
@pytest.mark.parametrize(
    "style",
    ["color:#fff", "position:absolute;left:-9999px", "display:inline-block;width:0", "clip:rect(0 0 0 0)", "pale"],
)
def test_digits_that_no_one_sees_in_a_line_are_no_number(line, style):
    """Nine with a white 2 behind it was read as 92, where the rows stood in paragraphs and not in cells."""
    hidden = '<i class="pale">2</i>' if style == "pale" else f'<span style="{style}">2</span>'
    figures = [f"9{hidden}", *(str(number) for number in range(20))]
    lines = "".join(line.format(text) for label in ("重复申请", "其他") for text in (label, *figures))
    table = read_html(f"<style>.pale{{color:white}}</style>{lines}".encode()).tables[0]
    assert texts(table)[0] == "重复申请"
    assert is_value_like(texts(table)[1])
    assert read_value(texts(table)[1]).status is ValueStatus.ILLEGIBLE
    assert texts(table)[2:5] == ["0", "1", "2"]


@pytest.mark.parametrize("style", ["visibility:hidden", "opacity:0", "display:none"])
def test_hidden_digits_in_a_line_are_left_out(style):
    row = f'<p>重复申请 9<span style="{style}">2</span> 0 1</p>'
    assert texts(read_html((row * 12).encode()).tables[0])[:4] == ["重复申请", "9", "0", "1"]


def test_white_words_of_such_a_page_keep_their_text():
    page = '<div style="color:#fff">本报告于2022年1月发布。</div>' + "<p>重复申请 9 0 1</p>" * 12
    found = [block.text for block in read_document("x.html", page.encode()).blocks if block.kind is BlockKind.PARAGRAPH]
    assert found == ["本报告于2022年1月发布。"]
    assert PICTURE not in "".join(found)
