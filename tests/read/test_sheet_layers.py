"""What a sheet lays over its cells: drawings, conditions, and colours that hide digits."""

import io
import struct
import zipfile

import pytest

from pipelines.errors import DocumentError
from pipelines.read.model import PICTURE, RED
from pipelines.read.sheet import conditions
from pipelines.read.sheet.formats import show_number
from pipelines.read.sheet.grid import Cover, Sheet
from pipelines.read.sheet.reader import read_spreadsheet
from pipelines.read.sheet.xls_layers import Layers
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind
from tests.read.docx_builder import build_zip
from tests.read.office_builder import build_ods, build_xlsx

LIMITS = ReadLimits()
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_SHEET_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def zip_members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def shape(properties: str, text: str = "", after: str = "") -> str:
    body = f"<xdr:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></xdr:txBody>" if text else ""
    return f'<xdr:sp><xdr:nvSpPr><xdr:cNvPr id="2" name="x"{after}/></xdr:nvSpPr>{properties}{body}</xdr:sp>'


def place(column: int, offset: int, row: int, name: str) -> str:
    return (
        f"<xdr:{name}><xdr:col>{column}</xdr:col><xdr:colOff>{offset}</xdr:colOff>"
        f"<xdr:row>{row}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:{name}>"
    )


def drawn(anchor: str) -> list[str]:
    """Return the cells of a sheet of 1 to 4 in two columns, the third blank, below the drawing."""
    cells = '<row r="1"><c><v>1</v></c><c><v>2</v></c></row><row r="2"><c r="B2"><v>4</v></c></row>'
    content = f'<sheetData>{cells}</sheetData><drawing xmlns:r="{_OFFICE}" r:id="rId1"/>'
    members = zip_members(build_xlsx({"表": content}))
    link = f'<Relationship Id="rId1" Type="{_OFFICE}/drawing" Target="../drawings/drawing1.xml"/>'
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    members["xl/worksheets/_rels/sheet1.xml.rels"] = f'<Relationships xmlns="{package}">{link}</Relationships>'.encode()
    declared = f'xmlns:xdr="{_SHEET_DRAWING}" xmlns:a="{_DRAWING}"'
    members["xl/drawings/drawing1.xml"] = f"<xdr:wsDr {declared}>{anchor}<!-- x --></xdr:wsDr>".encode()
    return [cell[4] for cell in read_spreadsheet(build_zip(members), LIMITS).tables[0]]


FILLED = '<xdr:spPr><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill></xdr:spPr>'
CLEAR = "<xdr:spPr><a:noFill/></xdr:spPr>"
STYLED = '<xdr:spPr/><xdr:style><a:fillRef idx="1"/></xdr:style>'
FIRST = place(0, 0, 0, "from") + place(1, 0, 1, "to")
BELOW = place(0, 0, 1, "from") + place(1, 0, 2, "to")


@pytest.mark.parametrize(
    ("anchor", "read"),
    [
        (FIRST + shape(FILLED), [f"1{PICTURE}", "2", "", "4"]),
        (FIRST + shape(STYLED), [f"1{PICTURE}", "2", "", "4"]),
        (FIRST + shape(CLEAR, "5"), [f"1{PICTURE}", "2", "", "4"]),
        (FIRST + shape(CLEAR, "样"), ["1", "2", "", "4"]),
        (FIRST + shape(CLEAR), ["1", "2", "", "4"]),
        (FIRST + shape(FILLED, after=' hidden="1"'), ["1", "2", "", "4"]),
        (FIRST + "<xdr:cxnSp/>", [f"1{PICTURE}", "2", "", "4"]),
        (FIRST + "<xdr:pic/>", [f"1{PICTURE}", "2", "", "4"]),
        (BELOW + shape(FILLED, "15"), ["1", "2", PICTURE, "4"]),
        (BELOW + shape(FILLED, "注：其中15件为上年结转而来"), ["1", "2", "", "4"]),
        (place(0, 600_000, 0, "from") + place(2, 20_000, 1, "to") + shape(FILLED), ["1", f"2{PICTURE}", "", "4"]),
    ],
)
def test_figures_under_what_is_drawn_over_them_are_doubtful(anchor, read):
    assert drawn(f"<xdr:twoCellAnchor>{anchor}</xdr:twoCellAnchor>") == read


def test_drawings_that_are_placed_by_points():
    extent = '<xdr:ext cx="500000" cy="150000"/>'
    point = '<xdr:pos x="700000" y="10000"/>'
    assert drawn(f"<xdr:absoluteAnchor>{point}{extent}{shape(FILLED)}</xdr:absoluteAnchor>")[:2] == ["1", f"2{PICTURE}"]
    corner = place(0, 0, 0, "from")
    assert drawn(f"<xdr:oneCellAnchor>{corner}{extent}{shape(FILLED)}</xdr:oneCellAnchor>")[:2] == [f"1{PICTURE}", "2"]


def test_a_drawing_over_part_of_a_merged_cell_covers_its_figure_and_many_over_many_are_refused():
    sheet = Sheet("表", texts={(1, 1): "5", (2, 1): "6"}, merges=[(1, 1, 1, 3)], covers=[Cover(1, 2, 1, 2)])
    sheet.doubt_covered()
    assert sheet.texts == {(1, 1): f"5{PICTURE}", (2, 1): "6"}
    sheet = Sheet(
        "表", texts=dict.fromkeys(((row, 1) for row in range(10_000)), "5"), covers=[Cover(1, 1, 1, 1)] * 10_000
    )
    with pytest.raises(DocumentError):
        sheet.doubt_covered()


def test_a_box_of_digits_over_many_blank_cells_is_the_figure_of_none():
    texts = {(row, 1): "行" for row in range(1, 31)} | {(1, column): "列" for column in range(1, 5)}
    sheet = Sheet("表", texts=dict(texts), covers=[Cover(2, 2, 30, 4, "15"), Cover(9, 2, 9, 3, "15")])
    sheet.doubt_covered()
    assert {place for place, text in sheet.texts.items() if text == PICTURE} == {(9, 2), (9, 3)}


def test_too_many_conditions_for_too_many_cells_are_refused(monkeypatch):
    monkeypatch.setattr(conditions, "_MOST_ASKED", 10)
    area = "<conditionalFormatting sqref='A1'><cfRule dxfId='0'/></conditionalFormatting>"
    cells = "".join("<c><v>1</v></c>" for _ in range(4))
    styles = "<dxfs><dxf><numFmt/></dxf></dxfs>"
    data = build_xlsx({"表": f"<sheetData><row>{cells}</row></sheetData>{area * 3}"}, styles=styles)
    with pytest.raises(DocumentError):
        read_spreadsheet(data, LIMITS)


def test_conditions_and_drawings_of_a_binary_sheet():
    layers = Layers((1, 9))
    area = struct.pack("<HH4HH4H", 1, 1, 0, 0, 0, 0, 1, 0, 4, 0, 0)
    white = bytearray(118)
    white[80:84] = struct.pack("<I", 9)
    white[88] = 0xFF
    for font, is_altering in ((bytes(white), True), (bytes(118), False)):
        rule = struct.pack("<BBHHIH", 1, 5, 3, 0, 0x0400_0000, 0) + font + b"\x1e\x05\x00"
        layers.conditions.clear()
        layers.add(0x01B0, [area])
        layers.add(0x01B1, [rule])
        assert [condition.may_hold(2, 1, "7") for condition in layers.conditions] == [True] * is_altering
        assert not any(condition.may_hold(2, 1, "4") for condition in layers.conditions)
    for kind, is_filled, text, covers in (
        (6, True, "", 1),
        (6, False, "7", 1),
        (6, False, "注", 0),
        (25, True, "7", 0),
    ):
        layers.covers.clear()
        fill = struct.pack("<HI", 0x01BF, 0x10_0000 | 0x10 * is_filled)
        anchor = struct.pack("<9H", 0, 3, 0, 4, 0, 4, 0, 5, 0)
        parts = ((0x2, 0xF00A, bytes(8)), (0x13, 0xF00B, fill), (0, 0xF010, anchor))
        content = b"".join(struct.pack("<HHI", version, name, len(data)) + data for version, name, data in parts)
        layers.add(0x00EC, [struct.pack("<HHI", 0xF, 0xF004, len(content)) + content])
        layers.add(0x005D, [struct.pack("<HHH", 0x15, 0x12, kind)])
        layers.add(0x00EC, [struct.pack("<HHI", 0, 0xF00D, 0)])
        layers.add(0x01B6, [struct.pack("<6H", 0, 0, 0, 0, 0, len(text)), b"\1" + text.encode("utf-16-le")])
        assert [cover[:4] for cover in layers.covers] == [(5, 4, 5, 4)] * covers


CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
WHITE = '<style:text-properties fo:color="#ffffff"/>'
BLUE = '<style:table-cell-properties fo:background-color="#123456"/>'


@pytest.mark.parametrize(
    ("rule", "doubtful"),
    [
        ('<c:condition c:apply-style-name="pale" c:value="&gt;1"/>', ["2", "3"]),
        ('<c:condition c:apply-style-name="pale" c:value="formula-is([.A1]=1)"/>', ["1", "2", "3"]),
        ('<c:condition c:apply-style-name="bold" c:value="&gt;1"/>', []),
        ('<c:data-bar c:show-value="false"/>', ["1", "2", "3"]),
        ("<c:data-bar/>", []),
    ],
)
def test_conditions_of_an_open_document(rule, doubtful):
    block = f'<c:conditional-format c:target-range-address="s.A1:s.C1 s.F9">{rule}</c:conditional-format>'
    columns = f'<c:conditional-formats xmlns:c="{CALC}">{block}</c:conditional-formats>'
    row = [(None, value, value) for value in ("1", "2", "3", "4")]
    data = build_ods([row], {"pale": WHITE, "bold": ""}, columns)
    cells = [cell[4] for cell in read_spreadsheet(data, LIMITS).tables[0]]
    assert cells == [value + PICTURE * (value in doubtful) for value in ("1", "2", "3", "4")]


def test_styles_of_an_open_document_that_are_inherited_mapped_or_those_of_a_column():
    mapping = '<style:map style:condition="cell-content()&gt;=5" style:apply-style-name="pale"/>'
    same = '<style:text-properties fo:color="#123456"/>'
    styles = {"pale": WHITE, "mapped": mapping, "heir": "", "shown": WHITE + BLUE, "same": same + BLUE}
    columns = (
        '<table:table-column table:number-columns-repeated="6"/>'
        '<table:table-column table:default-cell-style-name="pale"/>'
    )
    named = [(name, "5", "5") for name in styles]
    data = build_ods([[*named, ("mapped", "4", "4"), (None, "6", "6")]], styles, columns)
    members = zip_members(data)
    based = b'style:name="heir" style:parent-style-name="pale"'
    members["content.xml"] = members["content.xml"].replace(b'style:name="heir"', based)
    cells = [cell[4] for cell in read_spreadsheet(build_zip(members), LIMITS).tables[0]]
    assert cells == [f"5{PICTURE}", f"5{PICTURE}", f"5{PICTURE}", "5", f"5{PICTURE}", "4", f"6{PICTURE}"]


def test_a_number_that_an_open_document_does_not_show_is_no_blank():
    row = [
        (None, "5", ""),
        (None, "0", ""),
        (None, "0", "-"),
        (None, "5", "*"),
        (None, "12", "一十二"),
        (None, "7", "7"),
    ]
    formats = {"n": '<number:number-style style:name="n"/>'}
    cells = [cell[4] for cell in read_spreadsheet(build_ods([row], formats), LIMITS).tables[0]]
    assert cells == [PICTURE, "-", f"*{PICTURE}", "一十二", "7"]
    members = zip_members(build_ods([[(None, "1", "1905")]], {}))
    dated = members["content.xml"].replace(b'"float" office:value', b'"date" office:date-value')
    document = read_spreadsheet(build_zip({**members, "content.xml": dated}), LIMITS)
    assert [cell[4] for cell in document.tables[0]] == [f"1905{PICTURE}"]


def test_noughts_that_an_open_document_is_set_to_hide():
    settings = '<config:config-item config:name="ShowZeroValues" config:type="boolean">false</config:config-item>'
    members = zip_members(build_ods([[(None, "0", "0"), (None, "7", "7")]], {}))
    switched_off = read_spreadsheet(build_zip({**members, "settings.xml": settings}), LIMITS)
    assert [cell[4] for cell in switched_off.tables[0] if cell[4]] == ["7"]


def test_shapes_that_an_open_document_ties_to_cells():
    shape = (
        '<draw:custom-shape xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
        ' table:end-cell-address="s.B1"><text:p>5</text:p></draw:custom-shape>'
    )
    members = zip_members(build_ods([[(None, str(number), str(number)) for number in (1, 2, 3)]], {}))
    line = b"<text:p>1</text:p>"
    members["content.xml"] = members["content.xml"].replace(line, line + shape.encode())
    assert [cell[4] for cell in read_spreadsheet(build_zip(members), LIMITS).tables[0]] == [
        f"1{PICTURE}",
        f"2{PICTURE}",
        "3",
    ]


def test_digits_of_the_colour_of_their_ground():
    styles = (
        '<fonts><font/><font><color rgb="FFFFFF00"/></font><font><color theme="4"/></font></fonts>'
        '<fills><fill/><fill><patternFill patternType="solid"><fgColor rgb="FFFFFF00"/></patternFill></fill>'
        '<fill><patternFill patternType="solid"><fgColor theme="4" tint="0.4"/></patternFill></fill></fills>'
        '<cellXfs><xf/><xf fontId="1" fillId="1"/><xf fontId="2" fillId="2"/><xf fontId="0" fillId="1"/></cellXfs>'
    )
    cells = "".join(f'<c s="{style}"><v>{style}</v></c>' for style in range(4))
    content = f"<sheetData><row>{cells}</row></sheetData>"
    document = read_spreadsheet(build_xlsx({"表": content}, styles=styles), LIMITS)
    assert [cell[4] for cell in document.tables[0]] == ["0", f"1{PICTURE}", "2", "3"]


@pytest.mark.parametrize(
    ("colour", "is_pale"),
    [
        ('theme="0"', True),
        ('theme="0" tint="-4.9989318521683403E-2"', True),
        ('theme="0" tint="-0.499984740745262"', False),
        ('theme="1"', False),
        ('theme="1" tint="0.95"', True),
        ('theme="2"', True),
        ('theme="4"', False),
        ('theme="0" tint="x"', False),
    ],
)
def test_colours_of_a_theme_that_are_as_its_paper(colour, is_pale):
    styles = f"<fonts><font><color {colour}/></font></fonts><cellXfs><xf/></cellXfs>"
    content = '<sheetData><row><c s="0"><v>5</v></c></row></sheetData>'
    document = read_spreadsheet(build_xlsx({"表": content}, styles=styles), LIMITS)
    assert document.tables[0][0][4] == "5" + PICTURE * is_pale


def test_formats_that_print_in_red_by_themselves():
    """The colour may be the sign of a reduction; of a negative number the sign stays."""
    assert show_number("5", "[Red]0") == show_number("5", "[红]0") == f"5{RED}"
    assert show_number("-5", "0;[Red]0") == show_number("-5", "[Red]0;[Red]-0") == "-5"
    red = '<number:text-properties fo:color="#ff0000"/>'.replace("number:", "style:")
    by_sign = f'{red}<style:map style:condition="value()&gt;=0" style:apply-style-name="p"/>'
    formats = "".join(
        f'<number:number-style style:name="{name}">{inner}</number:number-style>'
        for name, inner in (("r", red), ("s", by_sign))
    )
    members = zip_members(build_ods([[("one", "5", "5"), ("two", "6", "6")]], {"one": "", "two": ""}))
    content = members["content.xml"].replace(
        b"<office:automatic-styles>", f"<office:automatic-styles>{formats}".encode()
    )
    content = content.replace(b"<style:style style:name=", b'<style:style style:data-style-name="r" style:name=', 1)
    content = content.replace(
        b'<style:style style:name="two"', b'<style:style style:data-style-name="s" style:name="two"'
    )
    data = build_zip({**members, "content.xml": content})
    assert [cell[4] for cell in read_spreadsheet(data, LIMITS).tables[0]] == [f"5{RED}", "6"]


def test_a_sheet_that_begins_with_its_columns_leaves_the_title_to_the_next():
    summary = '<sheetData><row><c t="inlineStr"><is><t>单位</t></is></c><c><v>3</v></c></row></sheetData>'
    report = '<sheetData><row><c t="inlineStr"><is><t>甲县2023年年报</t></is></c></row></sheetData>'
    document = read_spreadsheet(build_xlsx({"汇总": summary, "年报": report, "再": report}), LIMITS)
    assert [block.text for block in document.blocks if block.kind is BlockKind.TITLE] == ["甲县2023年年报"]


@pytest.mark.parametrize(
    ("rule", "is_read"),
    [
        ('<l:cfRule type="cellIs"><l:dxf><font><color rgb="FFFFFFFF"/></font></l:dxf></l:cfRule>', False),
        ('<l:cfRule type="dataBar"><l:dataBar showValue="0"/></l:cfRule>', False),
        ('<l:cfRule type="cellIs"><l:dxf><font><b/></font></l:dxf></l:cfRule>', True),
    ],
)
def test_conditions_that_newer_programs_add(rule, is_read):
    spaces = (
        'xmlns:l="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
        'xmlns:p="http://schemas.microsoft.com/office/excel/2006/main"'
    )
    block = f"<l:conditionalFormatting>{rule}<p:sqref>A1:A9</p:sqref></l:conditionalFormatting>"
    added = f"<extLst><ext {spaces}>{block}</ext></extLst>"
    document = read_spreadsheet(build_xlsx({"表": f"<sheetData><row><c><v>5</v></c></row></sheetData>{added}"}), LIMITS)
    assert document.tables[0][0][4] == "5" + PICTURE * (not is_read)


def test_characters_that_a_workbook_writes_by_their_number():
    cells = '<c t="inlineStr"><is><t>12_x000D__xD83D_</t></is></c><c t="inlineStr"><is><t>甲_x000a_乙</t></is></c>'
    document = read_spreadsheet(build_xlsx({"表": f"<sheetData><row>{cells}</row></sheetData>"}), LIMITS)
    assert [cell[4] for cell in document.tables[0]] == ["12", "甲\n乙"]
