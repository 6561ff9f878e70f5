"""Digits that a sheet strikes out, raises, whitens, signs or shows otherwise than they are held."""

import struct

import pytest

from pipelines.normalize.values import read_value
from pipelines.read.model import RED
from pipelines.read.sheet.formats import show_number
from pipelines.read.sheet.reader import read_spreadsheet
from pipelines.read.sheet.xls import read_xls_sheets
from pipelines.settings import ReadLimits
from schemas.vocabulary import ValueStatus
from tests.read.docx_builder import build_zip
from tests.read.office_builder import build_ods, build_xlsx, sheet_data

LIMITS = ReadLimits()


def test_struck_and_raised_parts_of_a_cell_join_no_figure():
    """54 struck out before 0 was read as 540, and 70 with a raised 1 as 701, in each of the three containers."""
    rich = (
        "<r><rPr><strike/></rPr><t>54</t></r><r><t>0</t></r>",
        '<r><t>70</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>1</t></r>',
        '<r><rPr><strike val="0"/></rPr><t>5</t></r><r><t>4</t></r><rPh><t>x</t></rPh>',
    )
    styles = '<fonts><font/><font><strike/></font></fonts><cellXfs><xf fontId="0"/><xf fontId="1"/></cellXfs>'
    cells = [f'<c t="s"><v>{number}</v></c>' for number in range(3)]
    data = build_xlsx(
        {"s": sheet_data(*cells, '<c s="1"><v>7</v></c>', "<c><v>8</v></c>")}, styles=styles, strings=rich
    )
    assert [cell[4] for cell in read_spreadsheet(data, LIMITS).tables[0]] == ["0", "70[1]", "54", "8"]


def test_white_and_lowered_digits_of_a_cell_are_no_number():
    """92 with a white 04 behind it was read as 9204."""
    rich = (
        '<r><t>92</t></r><r><rPr><color rgb="FFFFFFFF"/></rPr><t>04</t></r>',
        '<r><t>9</t></r><r><rPr><vertAlign val="subscript"/></rPr><t>2</t></r>',
        '<r><t>9</t></r><r><rPr><color rgb="FFFF0000"/></rPr><t>2</t></r>',
    )
    styles = (
        '<fonts><font/><font><color theme="0"/></font></fonts>'
        '<fills><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="solid"><fgColor rgb="FF1F4E79"/></patternFill></fill></fills>'
        '<cellXfs><xf fontId="0"/><xf fontId="1" fillId="0"/><xf fontId="1" fillId="1"/></cellXfs>'
    )
    cells = [f'<c t="s"><v>{number}</v></c>' for number in range(3)]
    white = '<c s="1"><v>7</v></c>', '<c s="1" t="inlineStr"><is><t>规章</t></is></c>', '<c s="2"><v>8</v></c>'
    data = build_xlsx({"s": sheet_data(*cells, *white)}, styles=styles, strings=rich)
    shown = [cell[4] for cell in read_spreadsheet(data, LIMITS).tables[0]]
    assert shown == ["9204\ufffc", "92\ufffc", f"92{RED}", "7\ufffc", "规章", "8"]


def test_struck_and_raised_parts_of_a_binary_cell():
    def record(kind: int, payload: bytes) -> bytes:
        return struct.pack("<HH", kind, len(payload)) + payload

    def font(flags: int, script: int, colour: int = 0x7FFF) -> bytes:
        return record(0x0031, struct.pack("<HHHHH", 200, flags, colour, 400, script) + bytes(4))

    def rich(text: bytes, *runs: int) -> bytes:
        return struct.pack("<HBH", len(text), 8, len(runs) // 2) + text + struct.pack(f"<{len(runs)}H", *runs)

    begin, end = record(0x0809, struct.pack("<HH", 0x0600, 5) + bytes(12)), record(0x000A, b"")
    fonts = font(0, 0) * 4 + font(8, 0) + font(0, 1) + font(0, 0, 9) + font(0, 0, 10)  # 0 to 3, 5 to 8: no font 4
    dark = struct.pack("<IH", 1 << 26, 0x12)
    xfs = (struct.pack("<HH", 0, 0), struct.pack("<HH", 5, 0), struct.pack("<HH", 7, 0) + bytes(16))
    formats = b"".join(record(0x00E0, xf) for xf in (*xfs, xfs[2][:14] + dark, struct.pack("<HH", 8, 0) + bytes(16)))
    strings = rich(b"540", 0, 5, 2, 0) + rich(b"701", 2, 6) + rich(b"9204", 2, 7)
    shared = record(0x00FC, struct.pack("<II", 3, 3) + strings)
    sheet = begin + b"".join(
        (
            record(0x00FD, struct.pack("<HHHI", 0, 0, 0, 0)),
            record(0x00FD, struct.pack("<HHHI", 0, 1, 0, 1)),
            record(0x0203, struct.pack("<HHHd", 0, 2, 1, 7.0)),
            record(0x0203, struct.pack("<HHHd", 0, 3, 0, 8.0)),
            record(0x00FD, struct.pack("<HHHI", 0, 4, 0, 2)),
            record(0x0203, struct.pack("<HHHd", 0, 5, 2, 7.0)),
            record(0x0203, struct.pack("<HHHd", 0, 6, 3, 8.0)),
            record(0x0203, struct.pack("<HHHd", 0, 7, 4, 9.0)),
            record(0x00FD, struct.pack("<HHHI", 0, 8, 1, 0)),  # struck out as its first part is, and not its last
            end,
        )
    )
    head = begin + fonts + formats + shared
    name = struct.pack("<BBBB", 0, 0, 1, 0) + b"s"
    bound = record(0x0085, struct.pack("<I", len(head) + 4 + 4 + len(name) + len(end)) + name)
    sheets = read_xls_sheets(head + bound + end + sheet, LIMITS)
    assert sheets[0].texts == {
        (1, 1): "0",
        (1, 2): "70[1]",
        (1, 4): "8",
        (1, 5): "9204\ufffc",
        (1, 6): "7\ufffc",
        (1, 7): "8",
        (1, 8): f"9{RED}",
        (1, 9): "0\ufffc",
    }


def test_struck_and_raised_parts_of_an_open_document_cell():
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    names = "".join(f' xmlns:{name}="{office}{name}:1.0"' for name in ("office", "style", "table", "text"))
    names += f' xmlns:fo="{office}xsl-fo-compatible:1.0"'
    styles = (
        '<style:style style:name="X"><style:text-properties style:text-line-through-style="solid"/></style:style>'
        '<style:style style:name="S"><style:text-properties style:text-position="super 58%"/></style:style>'
        '<style:style style:name="L"><style:text-properties style:text-position="sub 58%"/></style:style>'
        '<style:style style:name="W"><style:text-properties fo:color="#ffffff"/></style:style>'
    )
    cells = (
        '<table:table-cell><text:p><text:span text:style-name="X">54</text:span>0</text:p></table:table-cell>'
        '<table:table-cell><text:p>70<text:span text:style-name="S">1</text:span></text:p></table:table-cell>'
        '<table:table-cell table:style-name="X"><text:p>7</text:p></table:table-cell>'
        "<table:table-cell><text:p>8</text:p></table:table-cell>"
        '<table:table-cell><text:p>9<text:span text:style-name="L">2</text:span></text:p></table:table-cell>'
        '<table:table-cell><text:p>92<text:span text:style-name="W">04</text:span></text:p></table:table-cell>'
    )
    rows = f"<table:table><table:table-row>{cells}</table:table-row></table:table>"
    content = f"<office:document-content{names}>{styles}{rows}</office:document-content>"
    document = read_spreadsheet(build_zip({"content.xml": content}), LIMITS)
    assert [cell[4] for cell in document.tables[0]] == ["0", "70[1]", "8", "92\ufffc", "9204\ufffc"]


_DIFFERENTIAL = (
    "<dxfs><dxf><font><color rgb='FFFFFFFF'/></font></dxf><dxf><numFmt numFmtId='99' formatCode='0,'/></dxf>"
    "<dxf><font><strike/></font></dxf><dxf><fill><patternFill/></fill></dxf></dxfs>"
)


@pytest.mark.parametrize(
    ("rule", "read"),
    [
        ('type="cellIs" operator="equal" dxfId="0"><formula>0</formula>', ["0\ufffc", "7", "8"]),
        ('type="cellIs" operator="greaterThan" dxfId="1"><formula>5</formula>', ["0", "7\ufffc", "8"]),
        ('type="expression" dxfId="2"><formula>A1=B1</formula>', ["0\ufffc", "7\ufffc", "8"]),
        ('type="cellIs" operator="equal" dxfId="3"><formula>0</formula>', ["0", "7", "8"]),
        ('type="dataBar"><dataBar showValue="0"/>', ["0\ufffc", "7\ufffc", "8"]),
        ('type="iconSet"><iconSet iconSet="3Arrows"/>', ["0", "7", "8"]),
    ],
)
def test_figures_that_a_condition_shows_otherwise_are_none(rule, read):
    """A nought that the sheet hides, and 7000 shown as 7, were read as stored."""
    sheet = sheet_data(*(f"<c><v>{number}</v></c>" for number in (0, 7, 8)))
    condition = f'<conditionalFormatting sqref="A1:B1"><cfRule {rule}</cfRule></conditionalFormatting>'
    document = read_spreadsheet(build_xlsx({"s": sheet + condition}, styles=_DIFFERENTIAL), LIMITS)
    assert [cell[4] for cell in document.tables[0]] == read


@pytest.mark.parametrize("code", ["[White]0", "[颜色2]0", "-0", "-#,##0"])
def test_formats_that_whiten_a_number_or_set_a_sign_before_it(code):
    assert show_number("5", code) == "5\ufffc"


@pytest.mark.parametrize("code", ["0;[Red]-0", "_-* #,##0_-", '0;-0;"-"'])
def test_formats_that_do_neither(code):
    assert show_number("5", code) == "5"


_ODS_STYLES = {
    "plain": "",
    "struck": '<style:text-properties style:text-line-through-type="single"/>',
    "raised": '<style:text-properties style:text-position="33% 58%"/>',
    "level": '<style:text-properties style:text-position="0% 100%"/>',
}


@pytest.mark.parametrize(
    ("shown", "read"),
    [
        (
            '<text:span text:style-name="struck">272</text:span><text:span text:style-name="level">267</text:span>',
            "267",
        ),
        (
            '<text:span text:style-name="level">267</text:span><text:span text:style-name="raised">2</text:span>',
            "267[2]",
        ),
        ('267<text:span text:style-name="raised">2</text:span>', "267[2]"),
        ('<text:span text:style-name="raised">267</text:span>', "267"),
    ],
)
def test_an_ods_says_in_either_way_what_it_strikes_out_and_raises(shown, read):
    """LibreOffice states how many lines strike a text and by how much of the line it is raised: 272267 was read."""
    document = read_spreadsheet(build_ods([[("plain", None, shown), ("plain", "8", "8")]], _ODS_STYLES), LIMITS)
    assert [cell[4] for cell in document.tables[0]] == [read, "8"]


@pytest.mark.parametrize(
    ("value", "shown", "is_number"),
    [
        ("267", "0", False),
        ("267", "2675", False),
        ("19.78", "20", True),
        ("1024", "1,024", True),
        ("0.5", "50%", False),
        ("-5", "5", False),
        ("-0", "0", True),
    ],
)
def test_an_ods_that_shows_another_number_than_it_holds_shows_none(value, shown, is_number):
    """A format that counts in thousands shows 267 as 0, and one with digits of its own as 2675."""
    document = read_spreadsheet(build_ods([[(None, value, shown), (None, "8", "8")]], {}), LIMITS)
    assert (read_value(document.tables[0][0][4]).status is ValueStatus.REPORTED) is is_number
