"""Workbooks as XML of Excel 2003."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import DocumentError
from pipelines.read import read_document
from pipelines.read.model import PICTURE, RED
from pipelines.read.sheet.reader import read_spreadsheet
from pipelines.settings import ReadLimits
from schemas.vocabulary import FileFormat
from tests.read.edits import EDITS, edit

LIMITS = ReadLimits()
_SS = "urn:schemas-microsoft-com:office:spreadsheet"
_DECLARED = (
    f'xmlns="{_SS}" xmlns:ss="{_SS}" xmlns:x="urn:schemas-microsoft-com:office:excel" '
    'xmlns:html="http://www.w3.org/TR/REC-html40"'
)


def workbook(table: str, styles: str = "", more: str = "", sheets: str = "") -> bytes:
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    sheet = f'<Worksheet ss:Name="年报"><Table>{table}</Table>{more}</Worksheet>'
    return f"{head}<Workbook {_DECLARED}><Styles>{styles}</Styles>{sheet}{sheets}</Workbook>".encode()


def cell(value: str, more: str = "", kind: str = "Number") -> str:
    return f'<Cell {more}><Data ss:Type="{kind}">{value}</Data></Cell>'


def texts(*cells: str, **more: str) -> list[str]:
    document = read_spreadsheet(workbook(f"<Row>{''.join(cells)}</Row>", **more), LIMITS)
    return [found[4] for found in document.tables[0]]


def test_a_report_under_any_name():
    title, figure = 'ss:MergeAcross="2"', 'ss:Index="3"'
    rows = (
        f"<Row>{cell('甲县2023年年报', title, 'String')}</Row>"
        f"<Row ss:Index='4'>{cell('规章', kind='String')}{cell('3', figure)}</Row>"
        f"<Row ss:Hidden='1'>{cell('9')}</Row>"
    )
    hidden = '<Worksheet ss:Name="底稿"><Table/><x:WorksheetOptions><x:Visible>SheetHidden</x:Visible>'
    data = workbook(rows, sheets=f"{hidden}</x:WorksheetOptions></Worksheet>")
    document = read_document("年报.xls", data, LIMITS)
    assert document.format is FileFormat.XLS
    assert [found for found in document.tables[0] if found[4]] == [
        (1, 1, 1, 3, "甲县2023年年报"),
        (4, 1, 1, 1, "规章"),
        (4, 3, 1, 1, "3"),
    ]
    assert len(document.notices) == 2


@pytest.mark.parametrize(
    ("style", "shown"),
    [
        ('<NumberFormat ss:Format="#,##0"/>', "1024"),
        ('<NumberFormat ss:Format="Percent"/>', "102400.00%"),
        ('<NumberFormat ss:Format="0,"/>', f"1024{PICTURE}"),
        ('<NumberFormat ss:Format="Yes/No"/>', f"1024{PICTURE}"),
        ('<Font ss:Color="#FFFFFF"/>', f"1024{PICTURE}"),
        ('<Font ss:Color="#FFFFFF"/><Interior ss:Color="#003366" ss:Pattern="Solid"/>', "1024"),
        ('<Font ss:Color="#FFFF00"/><Interior ss:Color="#ffff00" ss:Pattern="Solid"/>', f"1024{PICTURE}"),
        ('<Font ss:Color="#FF0000"/>', f"1024{RED}"),
        ('<Font ss:StrikeThrough="1"/>', ""),
        ('<Font ss:VerticalAlign="Subscript"/>', f"1024{PICTURE}"),
        ("", "1024"),
    ],
)
def test_styles_decide_what_is_shown(style, shown):
    styles = f'<Style ss:ID="Default"/><Style ss:ID="a">{style}</Style><Style ss:ID="b" ss:Parent="a"/>'
    assert texts(cell("1"), cell("1024", 'ss:StyleID="b"'), styles=styles) == ["1", *filter(None, [shown])]


def test_parts_of_a_text_that_are_struck_raised_or_white():
    written = (
        "<html:S>54</html:S>5<html:Sup>1</html:Sup>",
        '5<html:Font html:Color="#FFFFFF">7</html:Font>',
        '<html:Font html:Color="#000000">57</html:Font>',
    )
    assert texts(*(cell(text, kind="String") for text in written)) == ["5[1]", f"57{PICTURE}", "57"]


def test_formulas_count_from_their_cells():
    total, stale = 'ss:Formula="=SUM(RC[-2]:RC[-1])"', 'ss:Formula="=R1C1+R[0]C2"'
    lookup = '<Cell ss:Formula="=COUNT(R1C1)"/>'
    assert texts(cell("1"), cell("2"), cell("3", total), lookup) == ["1", "2", "3", "=COUNT(R1C1)"]
    assert texts(cell("1"), cell("2"), cell("4", stale)) == ["1", "2", f"4{PICTURE}"]
    assert texts(cell("1"), cell("2"), f"<Cell {total}/>") == ["1", "2", "3"]


@pytest.mark.parametrize(("look", "is_read"), [("color:white", False), ("color:red", True)])
def test_conditions_that_may_hide_a_figure(look, is_read):
    block = f"<x:Condition><x:Value1>0</x:Value1><x:Format Style='{look}'/></x:Condition>"
    more = f"<x:ConditionalFormatting><x:Range>R1C2:R2C3</x:Range>{block}</x:ConditionalFormatting>"
    assert texts(cell("1"), cell("2"), more=more) == ["1", "2" + PICTURE * (not is_read)]


def test_hidden_columns_errors_and_truths():
    columns = '<Column/><Column ss:Hidden="1" ss:Span="1"/>'
    row = cell("1") + cell("2") + cell("3") + cell("#REF!", kind="Error") + cell("1", kind="Boolean")
    document = read_spreadsheet(workbook(f"{columns}<Row>{row}</Row>"), LIMITS)
    assert [found[4] for found in document.tables[0]] == ["1", "#REF!", "TRUE"]


REPORT = workbook("<Row>" + cell("1", 'ss:MergeAcross="1"') + cell("2", 'ss:Formula="=R1C1"') + "</Row>")


@settings(max_examples=100, deadline=None)
@given(EDITS, st.floats(0, 1), st.booleans())
def test_damage_raises_nothing_but_document_errors(edits, share, is_cut):
    data = edit(REPORT, edits)
    with suppress(DocumentError):
        read_spreadsheet(data[: int(share * len(data))] if is_cut else data, LIMITS)


def test_noughts_that_a_sheet_hides_are_blank():
    shows = "<x:WorksheetOptions><x:DoNotDisplayZeros/></x:WorksheetOptions>"
    assert texts(cell("0"), cell("7"), cell("0", kind="String"), more=shows) == ["7", "0"]
    assert texts(cell("0"), cell("7")) == ["0", "7"]
