"""DOCX: the grid, and everything in Word's tree that is or is not printed."""

import pytest

from pipelines.errors import DocumentError
from pipelines.read.model import PICTURE, Document
from pipelines.read.word.docx import read_docx
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind, FileFormat
from tests.read.docx_builder import (
    STRICT,
    build_docx,
    build_zip,
    cell,
    made_up_figures,
    paragraph,
    report_body,
    row,
    run,
    table,
)
from tests.read.printed import check_report

LIMITS = ReadLimits()


def read(body: str, **options) -> Document:
    return read_docx(build_docx(body, **options), LIMITS)


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks if block.kind is not BlockKind.TABLE]


@pytest.mark.parametrize("namespace", [None, STRICT])
@pytest.mark.parametrize("main", ["word/document.xml", "word/document2.xml"])
def test_report_of_the_2021_form_is_read_whole(namespace, main):
    options = {"main": main} | ({"namespace": namespace} if namespace else {})
    document = read(report_body(made_up_figures()), **options)
    check_report(document, made_up_figures())
    assert document.format is FileFormat.DOCX
    assert document.notices == []
    assert document.blocks[0].kind is BlockKind.TITLE
    assert document.blocks[0].label == "first_line"
    assert next(b.text for b in document.blocks if b.kind is BlockKind.HEADING) == "一、总体情况"
    assert [b.table_number for b in document.blocks if b.kind is BlockKind.TABLE] == [1, 2, 3]


def test_cells_before_the_grid_and_horizontal_merges():
    document = read(
        table(
            row(cell("a"), cell("b"), cell("c")),
            row(cell("d"), cell("e"), properties='<w:gridBefore w:val="1"/><w:gridAfter w:val="0"/>'),
            row(
                cell("f", properties='<w:hMerge w:val="restart"/>'),
                cell("", properties="<w:hMerge/>"),
                cell("g"),
            ),
        )
    )
    assert document.tables[0] == [
        (1, 1, 1, 1, "a"),
        (1, 2, 1, 1, "b"),
        (1, 3, 1, 1, "c"),
        (2, 2, 1, 1, "d"),
        (2, 3, 1, 1, "e"),
        (3, 1, 1, 2, "f"),
        (3, 3, 1, 1, "g"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        "",
        paragraph("一") + "<w:p/>" + paragraph("二"),
        f"<w:p>{run('1')}<w:ins>{run('2')}</w:ins><w:hyperlink>{run('3')}</w:hyperlink><w:r><w:tab/></w:r>{run('4')}</w:p>",
        "<w:p><w:t>1</w:t></w:p>",
        "<w:p/>" + run("outside") + "<m:oMath><m:r><m:t>9</m:t></m:r></m:oMath>",
        run("outside") + paragraph("1"),
        f"<w:p>{run('1')}{paragraph('2')}{run('3')}</w:p>",
        f"<w:sdt><w:sdtContent>{paragraph('1')}</w:sdtContent></w:sdt>" + paragraph("2"),
        f"<w:p>{run('1')}<w:r><w:pict><w:txbxContent>{paragraph('2')}</w:txbxContent></w:pict></w:r></w:p>",
        paragraph("1") + table(row(cell("2"))) + paragraph("3"),
        f"<w:p>{run('1')}<w:tc>{paragraph('2')}</w:tc></w:p>",
        f"<w:p>{run('1')}<w:tr><w:tc>{paragraph('2')}</w:tc></w:tr></w:p>",
        f"<w:tc>{paragraph('1')}</w:tc>" + paragraph("2"),
        f"<w:sdt>{row(cell('1'))}</w:sdt>" + paragraph("2"),
    ],
)
@pytest.mark.parametrize("frame", ["{}", "<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>"])
def test_a_table_searched_at_once_holds_what_a_search_of_each_cell_finds(content, frame, monkeypatch):
    tried = row(cell("a"), frame.format(f"<w:tc>{content}</w:tc>"), cell("b"))
    body = table(row(cell("before"), cell("x")) + frame.format(tried), row(cell("c"), cell("7", span=2)))
    at_once = read(body)
    monkeypatch.setattr("pipelines.read.word.docx.find_plain_rows", lambda _: None)
    assert at_once == read(body)


def test_paragraphs_of_cells_are_searched_once_a_table(monkeypatch):
    monkeypatch.setattr("pipelines.read.word.docx.paragraph_text", None)
    assert read(table(row(cell("a"), cell("1")), row(cell("b"), cell("2")))).tables == [
        [(1, 1, 1, 1, "a"), (1, 2, 1, 1, "1"), (2, 1, 1, 1, "b"), (2, 2, 1, 1, "2")]
    ]


def test_vertical_merge_joins_only_equal_columns_and_names_hidden_text():
    document = read(
        table(
            row(cell("a", merge="restart"), cell("1")),
            row(cell("hidden", merge="continue"), cell("2")),
            row(cell("wide", merge="continue", span=2)),
        )
    )
    assert document.tables[0] == [(1, 1, 2, 1, "a"), (1, 2, 1, 1, "1"), (2, 2, 1, 1, "2"), (3, 1, 1, 2, "wide")]
    assert [(n.reason_code, n.raw_text, n.table_number) for n in document.notices] == [
        ("overlapping_cells", "hidden", 1)
    ]


def test_sliver_columns_are_snapped_and_unused_edges_dropped():
    rows = [
        row(cell("甲"), cell("乙", span=2), cell("丙")),
        row(cell("1", span=2), cell("2"), cell("3", span=1)),
        row(cell("4"), cell("5", span=2), cell("6")),
    ]
    document = read(table(*rows, widths=[900, 20, 900, 900]))
    assert [c[:4] for c in document.tables[0]] == [(r, c, 1, 1) for r in (1, 2, 3) for c in (1, 2, 3)]


def test_a_narrow_cell_with_text_is_never_snapped_away():
    document = read(table(row(cell("甲"), cell("7"), cell("乙")), widths=[900, 20, 900]))
    assert [c[4] for c in document.tables[0]] == ["甲", "7", "乙"]


def test_layout_table_gives_its_inner_tables_in_order_and_loses_no_text():
    inner = table(row(cell("规章"), cell("1")), row(cell("规范性文件"), cell("2")))
    body = table(row(cell(paragraph("前言") + inner + paragraph("之间") + inner)), row(cell("结尾")))
    document = read(paragraph("某局年度报告") + body)
    kinds = [(block.kind.value, block.text) for block in document.blocks]
    assert kinds == [
        ("title", "某局年度报告"),
        ("paragraph", "前言"),
        ("table", ""),
        ("paragraph", "之间"),
        ("table", ""),
        ("paragraph", "结尾"),
    ]
    assert len(document.tables) == 2


def test_table_inside_a_cell_of_a_statistic_table_stays_its_text():
    inner = table(row(cell("自然"), cell("人")))
    document = read(table(row(cell(inner + paragraph()), cell("1"), cell("2")), row(cell("乙"), cell("3"), cell("4"))))
    assert document.tables == [
        [
            (1, 1, 1, 1, "自然\n人"),
            (1, 2, 1, 1, "1"),
            (1, 3, 1, 1, "2"),
            (2, 1, 1, 1, "乙"),
            (2, 2, 1, 1, "3"),
            (2, 3, 1, 1, "4"),
        ]
    ]


def test_text_box_is_taken_once_and_follows_its_paragraph():
    box = paragraph("框内") + table(row(cell("规章"), cell("5")))
    alternate = (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx><w:txbxContent>{box}</w:txbxContent>'
        f"</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>{box}</w:txbxContent>"
        "</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    document = read(paragraph("标题") + paragraph("之前", alternate, "之后") + paragraph("下一段"))
    assert texts(document) == ["标题", "之前之后", "框内", "下一段"]
    assert len(document.tables) == 1


def test_tracked_changes_count_as_accepted():
    body = paragraph(
        "共",
        f"<w:ins>{run('12')}</w:ins>",
        "<w:del><w:r><w:delText>99</w:delText></w:r></w:del>",
        f"<w:del>{run('98')}</w:del><w:moveFrom>{run('97')}</w:moveFrom><w:moveTo>{run('件')}</w:moveTo>",
    ) + table(
        row(cell("a"), cell("x", properties="<w:cellDel/>"), cell("1")),
        row(cell("gone"), cell("2"), properties="<w:del/>"),
        row(cell("b"), cell("3"), properties="<w:ins/>"),
    )
    document = read(body)
    assert texts(document) == ["共12件"]
    assert [c[4] for c in document.tables[0]] == ["a", "1", "b", "3"]


def test_hidden_text_instructions_and_tab_stops_are_not_printed():
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> IF </w:instrText></w:r>'
        f'{run("inside the code")}<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("7")}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    body = paragraph("首行") + paragraph(
        run("甲", "<w:b/>"),
        run("隐", "<w:vanish/>"),
        run("显", '<w:vanish w:val="0"/>'),
        run("藏", '<w:rStyle w:val="H"/>'),
        field,
        f'<w:fldSimple w:instr="PAGE">{run("8")}</w:fldSimple>',
        "<w:r><w:tab/><w:t>乙</w:t><w:br/><w:t>丙\u00ad丁</w:t><w:noBreakHyphen/></w:r>",
        '<w:r><w:sym w:font="Symbol" w:char="F039"/></w:r><m:oMath><m:r><m:t>6</m:t></m:r></m:oMath>',
        properties='<w:tabs><w:tab w:val="left" w:pos="720"/></w:tabs>',
    )
    assert texts(read(body)) == ["首行", "甲显78\t乙\n丙丁-96"]


def test_struck_out_text_is_deleted_and_joins_no_figure():
    """54 struck out before 0 was read as 540."""
    style = '<w:style w:type="character" w:styleId="X"><w:rPr><w:strike/></w:rPr></w:style>'
    styles = f'{style}<w:style w:type="character" w:styleId="Y"><w:basedOn w:val="X"/></w:style>'
    for struck in ("<w:strike/>", "<w:dstrike/>", '<w:rStyle w:val="X"/>', '<w:rStyle w:val="Y"/>'):
        body = table(row(cell("规章"), cell(paragraph(run("54", struck), run("0")))))
        assert read(body, parts={"word/styles.xml": styles}).tables[0][1][4] == "0"
    for kept in ('<w:strike w:val="0"/>', '<w:rStyle w:val="X"/><w:strike w:val="false"/>'):
        body = table(row(cell("规章"), cell(paragraph(run("54", kept), run("0")))))
        assert read(body, parts={"word/styles.xml": styles}).tables[0][1][4] == "540"


def test_hidden_rows_are_not_read():
    document = read(table(row(cell("a"), cell("1")), row(cell("b"), cell("2"), properties="<w:hidden/>")))
    assert [c[4] for c in document.tables[0]] == ["a", "1"]


def test_note_sign_in_a_cell_does_not_join_its_figure():
    sign = run("1", '<w:vertAlign w:val="superscript"/>')
    document = read(table(row(cell("规章"), cell(paragraph("22", sign)))))
    assert document.tables[0][1][4] == "22[1]"


@pytest.mark.parametrize("raised", ['<w:position w:val="6"/>', '<w:rStyle w:val="S"/>', '<w:rStyle w:val="P"/>'])
def test_raised_signs_join_no_figure_however_they_are_raised(raised):
    styles = (
        '<w:style w:type="character" w:styleId="S"><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>'
        '<w:style w:type="character" w:styleId="P"><w:rPr><w:position w:val="8"/></w:rPr></w:style>'
    )
    body = table(
        row(cell(paragraph("22", run("1", raised))), cell(paragraph(run("2", raised), run("3", raised))), cell("x"))
    )
    document = read(body, parts={"word/styles.xml": styles})
    assert [c[4] for c in document.tables[0]] == ["22[1]", "23", "x"]  # raised as a whole it is the figure itself


def test_powers_choices_numbers_and_pictures():
    """Each of these was read as another figure, or as a blank."""
    power = (
        "<m:oMath><m:sSup><m:e><m:r><m:t>22</m:t></m:r></m:e><m:sup><m:r><m:t>1</m:t></m:r></m:sup></m:sSup></m:oMath>"
    )
    choice = (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="0"/>'
        '<w:listEntry w:val="7"/></w:ddList></w:ffData></w:fldChar></w:r><w:r><w:instrText> FORMDROPDOWN </w:instrText>'
        '</w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    numbering = (
        '<w:abstractNum w:abstractNumId="5"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
        '<w:lvlText w:val="%1"/></w:lvl></w:abstractNum><w:num w:numId="3"><w:abstractNumId w:val="5"/></w:num>'
    )
    numbered = paragraph("20", properties='<w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/></w:numPr>')
    picture = "<w:r><w:pict><v:shape><v:imagedata/></v:shape></w:pict></w:r>"
    line = "<w:r><w:pict><v:line/></w:pict></w:r>"
    cells = [paragraph(piece) for piece in (power, choice)] + [numbered, paragraph(picture), paragraph(line)]
    document = read(table(row(*map(cell, cells))), parts={"word/numbering.xml": numbering})
    assert [c[4] for c in document.tables[0]] == ["221" + PICTURE, "7", "1 20", PICTURE, ""]


def test_a_picture_in_the_line_of_a_figure_may_be_one_of_its_digits():
    drawing = '<w:r><w:drawing><wp:{0} xmlns:wp="{1}"><pic:pic xmlns:pic="{2}"/></wp:{0}></w:drawing></w:r>'
    names = [
        f"http://schemas.openxmlformats.org/drawingml/2006/{name}" for name in ("wordprocessingDrawing", "picture")
    ]
    inline, seal = drawing.format("inline", *names), drawing.format("anchor", *names)
    cells = [f"<w:p><w:r><w:t>1</w:t></w:r>{picture}</w:p>" for picture in (inline, seal, "")]
    document = read(table(row(*map(cell, [*cells, f"<w:p><w:r><w:t>规章</w:t></w:r>{inline}</w:p>"]))))
    assert [c[4] for c in document.tables[0]] == ["1" + PICTURE, "1", "1", "规章"]


def test_content_controls_are_looked_through():
    inner = f"<w:sdt><w:sdtPr/><w:sdtContent>{cell('1')}</w:sdtContent></w:sdt>"
    tables = table(f"<w:sdt><w:sdtContent>{row(cell('a'), inner)}</w:sdtContent></w:sdt>")
    document = read(f"<w:sdt><w:sdtContent>{paragraph('题')}{tables}</w:sdtContent></w:sdt>")
    assert texts(document) == ["题"]
    assert [c[4] for c in document.tables[0]] == ["a", "1"]


def test_automatic_numbers_are_written_out():
    numbering = (
        '<w:abstractNum w:abstractNumId="5"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/>'
        '<w:lvlText w:val="%1、"/></w:lvl><w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
        '<w:lvlText w:val="%2."/></w:lvl></w:abstractNum><w:num w:numId="3"><w:abstractNumId w:val="5"/></w:num>'
    )

    def item(text: str, depth: int = 0) -> str:
        return paragraph(text, properties=f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="3"/></w:numPr>')

    body = item("总体情况") + item("主动公开") + table(row(cell(item("属于国家秘密", 1)), cell("0"))) + item("其他")
    document = read(body, parts={"word/numbering.xml": numbering})
    assert texts(document) == ["一、总体情况", "二、主动公开", "三、其他"]
    assert document.tables[0][0][4] == "1.属于国家秘密"


def test_title_headings_and_footnotes():
    core = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>年报</dc:title></cp:coreProperties>'
    )
    notes = (
        f'<w:footnote w:type="separator" w:id="0">{paragraph("线")}</w:footnote>'
        f'<w:footnote w:id="1">{paragraph("注：单位为件")}</w:footnote>'
    )
    body = (
        paragraph("某局2021年年报", properties='<w:pStyle w:val="T"/>')
        + paragraph("正文。")
        + paragraph("一、概述", properties='<w:pStyle w:val="2"/>')
        + paragraph("（一）", properties='<w:outlineLvl w:val="1"/>')
        + paragraph("正文级", properties='<w:pStyle w:val="1"/><w:outlineLvl w:val="9"/>')
    )
    document = read(body, parts={"docProps/core.xml": core, "word/footnotes.xml": notes})
    assert [(b.kind.value, b.text, b.label) for b in document.blocks] == [
        ("title", "年报", "title"),
        ("title", "某局2021年年报", "h1"),
        ("paragraph", "正文。", None),
        ("heading", "一、概述", None),
        ("heading", "（一）", None),
        ("paragraph", "正文级", None),
        ("paragraph", "注：单位为件", None),
    ]


def test_embedded_objects_are_named():
    document = read(paragraph("题", "<w:r><w:object/></w:r>"))
    assert [notice.reason_code for notice in document.notices] == ["unsupported_format"]


@pytest.mark.parametrize("root", ["<workbook/>", "<w:document xmlns:w='urn:other'><w:body/></w:document>"])
def test_another_package_is_no_word_document(root):
    with pytest.raises(DocumentError) as error:
        read_docx(build_zip({"word/document.xml": root}), LIMITS)
    assert error.value.reason_code == "broken_document"
