"""Formulas whose stored result is missing or no longer theirs."""

import struct
import time

import pytest

from pipelines.read.model import PICTURE
from pipelines.read.sheet import formulas
from pipelines.read.sheet.expressions import Area, Call, parse_formula
from pipelines.read.sheet.formulas import Formula, settle_formulas
from pipelines.read.sheet.grid import Sheet
from pipelines.read.sheet.reader import read_spreadsheet
from pipelines.read.sheet.xls_formulas import read_steps, shared_origin
from pipelines.settings import ReadLimits
from tests.read.office_builder import build_ods, build_xlsx

LIMITS = ReadLimits()


def shown(cells: str, **more: str) -> list[str]:
    content = f"<sheetData><row>{cells}</row></sheetData>"
    document = read_spreadsheet(build_xlsx({"表": content, **more}, state="hidden" if more else "visible"), LIMITS)
    return [cell[4] for cell in document.tables[0]]


def cells(*values: str) -> str:
    return "".join(f"<c><v>{value}</v></c>" for value in values)


@pytest.mark.parametrize(
    ("formula", "result", "read"),
    [
        ("SUM(A1:C1)", None, "6"),
        ("SUM(A1:C1)", "6", "6"),
        ("SUMPRODUCT(A1:C1)", None, "6"),
        ("SUMPRODUCT(A1:B1,B1:C1)", "8", "8"),
        ("SUM(A1:C1)", "0", f"0{PICTURE}"),
        ("A1+B1+C1", "7", f"7{PICTURE}"),
        ("ROUND(A1/C1,2)", "0.33", "0.33"),
        ("-(A1-$C$1)*2", "4", "4"),
        ("COUNT(A1:C1)", "9", "9"),
        ("SUM(A1:C1", "9", "9"),
        ("SUM(E1:F1)", "9", f"9{PICTURE}"),
        ("D1+1", "9", "9"),  # a circle
        ("A1/F1", "9", "9"),
        ("[1]Sheet1!$A$1", "9", "9"),
        ("SUM(其他!A1)", "9", "9"),
        ("A1:B1+1", "9", "9"),
    ],
)
def test_a_result_that_the_summands_contradict_is_none(formula, result, read):
    stored = "" if result is None else f"<v>{result}</v>"
    assert shown(cells("1", "2", "3") + f"<c><f>{formula}</f>{stored}</c>") == ["1", "2", "3", read]


@pytest.mark.parametrize(
    ("formula", "read"),
    [
        ('IF(F1="","",F1)', ""),
        ('IF(A1&lt;&gt;"",A1+1,"")', "2"),
        ("IF(A1=0,0,C1/A1)", "3"),
        ("IF(F1=0,5,C1/F1)", "5"),
        ("IFERROR(C1/F1,0)", "0"),
        ("IFERROR(C1/A1,0)", "3"),
        ('IF(A1&gt;=1,"自然人",0)', "自然人"),
        ('C1&amp;""', "3"),
        ('SUMIF(A1:C1,"&gt;1")', "5"),
        ("SUMIF(A1:B1,2,B1:C1)", "3"),
        ("SUMIFS(A1:C1,A1:C1,&quot;&gt;1&quot;,A1:C1,&quot;&lt;3&quot;)", "2"),
        ('COUNTIF(A1:C1,"&lt;&gt;2")', None),
        ('COUNTIF(A1:C1,"自*")', None),
        ("COUNTIFS(A1:C1,3,A1:B1,3)", None),
        ("SUMIF(A1:C1,1,A1:C1,2)", None),
        ("VLOOKUP(2,A1:C1,1,FALSE)", None),
        ("VLOOKUP(1,A1:C1,3,FALSE)", "3"),
        ("VLOOKUP(1,A1:C1,3,0)", "3"),
        ("VLOOKUP(1,A1:C1,3)", None),
        ("VLOOKUP(1,A1:C1,4,0)", None),
        ("IFERROR(VLOOKUP(&quot;自然人&quot;,A1:C1,3,0),0)", "0"),
        ("C1/F1", None),
        ("A1=1", None),
        ("IF(A1=2,1)", None),
        ('IF("甲"&lt;"乙",1,2)', None),
        ("IF(COUNT(A1:B1),1,2)", None),
    ],
)
def test_choices_and_criteria_are_worked_out_or_left(formula, read):
    found = "".join(shown(cells("1", "2", "3") + f"<c><f>{formula}</f></c>" + cells("9"))[3:-1])
    assert (None if found.startswith("=") else found) == read


def test_a_criterion_is_met_by_texts_whatever_their_case_and_left_where_programs_differ():
    """Excel counts the text 2 as 2, and LibreOffice does not."""
    texts = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in ("自然人", "A", "2", "自然人"))
    formulas = ('COUNTIF(A1:D1,"自然人")', 'COUNTIF(A1:D1,"a")', "COUNTIF(A1:F1,5)", 'SUMIF(A1:D1,"自然人",C1:F1)')
    row = texts + cells("5", "7") + "".join(f"<c><f>{formula}</f></c>" for formula in (*formulas, "COUNTIF(A1:D1,2)"))
    *found, left = shown(row)[6:]
    assert found == ["2", "1", "1", "7"]
    assert left.startswith("=")


def test_text_in_cells_counts_for_nothing_in_a_sum_and_for_itself_beside_a_sign():
    texts = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in ("5", "件"))
    assert shown(texts + "<c><f>SUM(A1:B1)</f></c><c><f>A1+1</f></c><c><f>B1+1</f><v>7</v></c>")[2:] == ["0", "6", "7"]


def test_sums_over_a_large_area_cost_no_more_than_is_looked_at(monkeypatch):
    monkeypatch.setattr(formulas, "_MOST_LOOKED_AT", 50_000)
    area = Area(None, 1, 2, 1_048_576, 16_384)
    sums = {(row, 1): Formula((area, Call("SUM", 1)), 0.0) for row in range(1, 20_001)}
    started = time.process_time()
    settle_formulas([Sheet("表", formulas=sums)], lambda _: None)
    assert time.process_time() - started < 3  # gathering the cells in use 20,000 times takes ten times as long


def test_a_sum_with_an_error_among_its_cells_is_left_to_the_program():
    assert shown('<c t="e"><v>#N/A</v></c><c t="b"><v>1</v></c><c><f>SUM(A1:B1)</f><v>1</v></c>')[2] == "1"


def test_one_formula_that_nothing_has_calculated_discredits_those_that_cannot_be_worked_out():
    stale, other = "<c><f>A1+1</f><v>1</v></c>", "<c><f>COUNT(A1:A9)</f><v>4</v></c>"
    assert shown(cells("1") + stale + other) == ["1", f"1{PICTURE}", f"4{PICTURE}"]


def test_formulas_that_cells_share_and_those_that_refer_to_a_hidden_sheet():
    shared = '<c><f t="shared" ref="C1:D1" si="0">SUM(A1:$B1)</f><v>3</v></c><c><f t="shared" si="0"/><v>2</v></c>'
    assert shown(cells("1", "2") + shared) == ["1", "2", "3", "2"]
    draft = "<sheetData><row><c><f>1+1</f></c></row></sheetData>"
    assert shown("<c><f>底稿!A1+1</f></c><c><f>'底稿'!$A$1</f><v>4</v></c>", 底稿=draft) == ["3", f"4{PICTURE}"]


def test_formulas_of_an_open_document():
    """LibreOffice says nothing of an empty result but leaves a line; a program that calculates nothing leaves none."""

    def formula(text: str, value: str, line: str = "<text:p>{}</text:p>") -> str:
        typed = f' office:value-type="float" office:value="{value}"' if value else ""
        return f'<table:table-cell table:formula="of:={text}"{typed}>{line.format(value)}</table:table-cell>'

    typed = '<table:table-cell office:value-type="float" office:value="{0}"><text:p>{0}</text:p></table:table-cell>'
    row = typed.format(1) + typed.format(2) + formula("SUM([.A1:.B1])", "4") + formula("[.A1]+[$s.$B$1]", "3")
    row += formula("TEXT([.A1];&quot;&quot;)", "") + formula("SUM([.A1];[.B1])", "", "")
    columns = f"<table:table-row>{row}</table:table-row>"
    data = build_ods([], {}, columns)
    texts = [cell[4] for cell in read_spreadsheet(data, LIMITS).tables[0]]
    assert texts[:5] == ["1", "2", f"4{PICTURE}", "3", PICTURE]
    assert texts[5].startswith("of:=SUM")


@pytest.mark.parametrize(
    ("tokens", "steps"),
    [
        (b"\x25\x00\x00\x02\x00\x00\xc0\x01\xc0\x19\x10\x00\x00", [Area(None, 1, 1, 3, 2), Call("SUM", 1)]),
        (b"\x25\x02\x00\x00\x00\x01\xc0\x00\xc0", [Area(None, 1, 1, 3, 2)]),  # from its last cell to its first
        (b"\x44\x01\x00\x00\xc0\x1e\x03\x00\x05", [Area(None, 2, 1, 2, 1), 3.0, Call("*", 2)]),
        (b"\x3a\x01\x00\x00\x00\x00\x00\x15", [Area("底稿", 1, 1, 1, 1)]),
        (b"\x1f" + struct.pack("<d", 2.5) + b"\x1e\x01\x00\x21\x1b\x00", [2.5, 1.0, Call("ROUND", 2)]),
        (b"\x24\x00\x00\x00\xc0\x24\x01\x00\x00\xc0\x42\x02\x04\x00", [*2 * [Area], Call("SUM", 2)]),
        (b"\x2c\xff\xff\xfe\xc0\x13", [Area(None, 4, 3, 4, 3), Call("negate", 1)]),
        (b"\x3a\x00\x00\x00\x00\x00\x00", None),  # of another workbook
        (b"\x17\x01\x00a", None),
        (b"\x25\x00", None),
    ],
)
def test_tokens_of_a_binary_formula(tokens, steps):
    read = read_steps(tokens, (5, 5), [None, "底稿"])
    if steps is not None and Area in steps:
        assert read == [Area(None, 1, 1, 1, 1), Area(None, 2, 1, 2, 1), Call("SUM", 2)]
    else:
        assert read == steps


def test_a_shared_binary_formula_names_where_it_is_written():
    assert shared_origin(b"\x01\x02\x00\x03\x00") == (3, 4)
    assert shared_origin(b"\x24\x02\x00\x03\x00") is None


def test_formulas_cost_no_more_than_a_budget(monkeypatch):
    """Sums over all of a sheet, in every cell of a column, or each of the one before."""
    monkeypatch.setattr(formulas, "_MOST_LOOKED_AT", 1_000)
    sheet = Sheet("表", values={(row, 1): 1.0 for row in range(1, 101)})
    steps = parse_formula("SUM(A1:A1000000)")
    sheet.formulas = {(row, 2): Formula(steps, 7.0) for row in range(1, 101)}
    settle_formulas([sheet], lambda _: None)
    assert sum(text == PICTURE for text in sheet.texts.values()) == 100
    chain = Sheet(
        "链", formulas={(row, 1): Formula([Area(None, row + 1, 1, row + 1, 1)], 7.0) for row in range(1, 999)}
    )
    settle_formulas([chain], lambda _: None)
    assert chain.texts.get((1, 1)) is None
