"""Spreadsheets: what a cell shows, merges, hidden parts, and hostile workbooks in three containers."""

import io
import struct
import time
from contextlib import suppress
from pathlib import Path

import pytest
import python_calamine
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import DocumentError
from pipelines.read.model import PICTURE, RED, Document
from pipelines.read.sheet.formats import show_number
from pipelines.read.sheet.grid import Sheet, add_sheets, lay_out_sheet
from pipelines.read.sheet.reader import read_spreadsheet
from pipelines.read.sheet.xls import read_xls_sheets
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind, FileFormat
from tests.read.docx_builder import build_zip
from tests.read.office_builder import build_ods, build_xlsx, sheet_data

DATA = Path(__file__).parent / "data"
LIMITS = ReadLimits()
SHOWN = [
    (1, 1, 1, 3, "测试市2023年政府信息公开工作年度报告"),
    (3, 1, 2, 1, "指标"),
    (3, 2, 1, 1, "本年"),
    (3, 3, 1, 1, "备注\n第二行"),
    (4, 2, 1, 1, "3"),
    (4, 3, 1, 1, "4166.241619"),
    (5, 1, 1, 1, "比例"),
    (5, 2, 1, 1, "50%"),
    (5, 3, 1, 1, "2024-01-31"),
    (6, 1, 1, 1, "007"),
    (6, 2, 1, 1, "#DIV/0!"),
    (6, 3, 1, 1, "1"),
]


def reason(data: bytes, limits: ReadLimits = LIMITS) -> str:
    with pytest.raises(DocumentError) as error:
        read_spreadsheet(data, limits)
    return error.value.reason_code


@pytest.mark.parametrize("name", ["formats.xlsx", "formats.xls", "formats.ods"])
def test_the_three_containers_show_the_same(name):
    document = read_spreadsheet((DATA / name).read_bytes(), LIMITS)
    assert document.tables == [SHOWN]
    assert document.format is (FileFormat.XLS if name.endswith(".xls") else FileFormat.XLSX)
    assert [(b.kind.value, b.text) for b in document.blocks] == [
        ("title", SHOWN[0][4]),
        ("heading", "年报"),
        ("table", ""),
    ]
    assert [notice.message.split(" is ")[0] for notice in document.notices] == ["the sheet '隐藏'"]


def test_a_formula_that_nothing_has_calculated_is_no_blank():
    """Written by a program: Excel calculates it when it is opened, and the file says that the cell is empty.

    Where one formula has a result, Excel has been there, and an empty one is ="" or =IF(A1=0,"",A1).
    """
    data = (DATA / "uncalculated.xls").read_bytes()
    assert [cell[4] for cell in read_spreadsheet(data, LIMITS).tables[0]] == ["规章", "3", "文件", "5"]
    joined = data.replace(b"\x1e\x03\x00\x03", b"\x1e\x03\x00\x08")  # 2&3 in the place of 2+3
    assert [cell[4] for cell in read_spreadsheet(joined, LIMITS).tables[0]] == ["规章", "3", "文件", "="]
    calculated = joined.replace(struct.pack("<Q", 0xFFFF000000000003), struct.pack("<d", 3.0), 1)
    assert [cell[4] for cell in read_spreadsheet(calculated, LIMITS).tables[0]] == ["规章", "3", "文件", ""]
    stale = joined.replace(struct.pack("<Q", 0xFFFF000000000003), struct.pack("<d", 4.0), 1)
    assert [cell[4] for cell in read_spreadsheet(stale, LIMITS).tables[0]] == ["规章", "4\ufffc", "文件", "\ufffc"]


def test_values_agree_with_an_independent_library():
    data = (DATA / "formats.xls").read_bytes()
    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    values = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    for row, column, _, _, text in read_spreadsheet(data, LIMITS).tables[0]:
        value = values[row - 1][column - 1]
        assert text in {str(value), "50%", "#DIV/0!"}


@pytest.mark.parametrize(
    ("stored", "code", "shown"),
    [
        ("3.0", "General", "3"),
        ("1E3", "General", "1000"),
        ("0.1", "0.00%", "10.00%"),
        ("0.375", "0.00", "0.38"),
        ("0", '_ * #,##0_ ;_ * "-"_ ;_ @_ ', "0"),
        ("1234567", "#,##0", "1234567"),
        ("12", '0"件"', "12件"),
        ("2.50", "0.##", "2.5"),
        ("45322.5", "yyyy/m/d h:mm", "2024-01-31 12:00:00"),
        ("0", "[$-804]yyyy", f"0{PICTURE}"),
        ("5", "[Red]0;[Blue]-0", f"5{RED}"),
        ("12", "# ?/?", "12"),
        ("text", "0", "text"),
        ("1e999", "0", "1e999"),
    ],
)
def test_numbers_as_shown(stored, code, shown):
    assert show_number(stored, code) == shown


@given(st.text(max_size=12), st.text('#0.,%ymd"\\[]_*?;E 件', max_size=12))
def test_any_format_shows_something(stored, code):
    assert isinstance(show_number(stored, code), str)


def test_a_format_longer_than_any_program_writes_leaves_its_number_doubtful():
    code = "0" + '"";' * 100_000
    started = time.process_time()
    assert [show_number("92", code) for _ in range(1_000)] == ["92" + PICTURE] * 1_000
    assert time.process_time() - started < 2


@given(st.integers(-(10**14), 10**14))
def test_integers_survive_being_stored_as_floats(number):
    assert show_number(repr(float(number))) == str(number)


def test_formula_without_value_is_not_blank_and_bad_references_are_refused():
    content = sheet_data(
        "<c><f>COUNTA(A2:A9)</f></c>", '<c t="inlineStr"><is><r><t>规</t></r><r><t>章</t></r></is></c>'
    )
    document = read_spreadsheet(build_xlsx({"表": content}), LIMITS)
    assert [c[4] for c in document.tables[0]] == ["=COUNTA(A2:A9)", "规章"]
    assert reason(build_xlsx({"表": sheet_data('<c t="s"><v>5</v></c>')})) == "broken_document"


def test_a_nought_that_a_program_left_beside_a_formula_is_no_figure(tmp_path):
    """XlsxWriter writes 0 beside every formula whose value it is not told, and has it calculated at the opening."""
    path = tmp_path / "report.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_formula(0, 0, "=COUNT(B1:B9)")
        sheet.write_formula(0, 1, "=1+2", None, 3)
        sheet.write_number(0, 2, 0)
    document = read_spreadsheet(path.read_bytes(), LIMITS)
    assert [cell[4] for cell in document.tables[0]] == ["=COUNT(B1:B9)", "3", "0"]


def test_noughts_that_a_sheet_hides_are_blank():
    """With 在具有零值的单元格中显示零 switched off a sheet shows none, and all of them were read as printed."""
    cells = sheet_data("<c><v>0</v></c>", '<c t="str"><v>0</v></c>', "<c><f>1-1</f></c>", "<c><v>7</v></c>")
    for shows, read in (("0", ["", "0", "", "7"]), ("1", ["0", "0", "0", "7"])):
        views = f'<sheetViews><sheetView showZeros="{shows}"/></sheetViews>'
        document = read_spreadsheet(build_xlsx({"s": views + cells}), LIMITS)
        found = {cell[1]: cell[4] for cell in document.tables[0]}
        assert [found.get(column, "") for column in range(1, 5)] == read


def test_a_nought_for_which_odfpy_writes_no_text():
    rows = [[(None, "0", ""), (None, "7", "7"), ("hides", "0", "")]]
    hidden = '<number:number-style style:name="n"/>'
    assert [cell[4] for cell in read_spreadsheet(build_ods(rows, {}), LIMITS).tables[0]] == ["0", "7", "0"]
    hiding = read_spreadsheet(build_ods(rows, {"hides": hidden}), LIMITS)
    assert [cell[4] for cell in hiding.tables[0] if cell[4]] == ["7"]


def test_hidden_rows_columns_and_sheets_are_named_and_left_out():
    content = (
        '<cols><col min="2" max="2" hidden="1"/></cols><sheetData><row r="1"><c r="A1"><v>1</v></c>'
        '<c r="B1"><v>2</v></c></row><row r="2" hidden="1"><c r="A2"><v>3</v></c></row></sheetData>'
    )
    document = read_spreadsheet(build_xlsx({"甲": content, "乙": content}, state="veryHidden"), LIMITS)
    assert document.tables == [[(1, 1, 1, 1, "1")]]
    assert len(document.notices) == 2
    assert "column 2, row 2" in document.notices[0].message


def test_overlapping_merges_keep_the_grid_whole():
    sheet = Sheet(
        "s", texts={(1, 1): "a", (2, 2): "b", (3, 3): "c"}, merges=[(1, 1, 2, 2), (2, 2, 3, 3), (9, 9, 9, 99)]
    )
    cells, clashes = lay_out_sheet(sheet, LIMITS)
    assert cells[0] == (1, 1, 2, 2, "a")
    assert clashes == [(2, 2, 3, 3)]
    assert len({c[:2] for c in cells}) == len(cells)


@given(
    st.dictionaries(st.tuples(st.integers(1, 6), st.integers(1, 6)), st.just("x"), max_size=12),
    st.lists(st.tuples(*[st.integers(1, 7)] * 4), max_size=4),
)
def test_sheet_cells_never_overlap(texts, merges):
    places: set[tuple[int, int]] = set()
    for top, left, down, across, _ in lay_out_sheet(Sheet("s", texts=texts, merges=merges), LIMITS)[0]:
        area = {(r, c) for r in range(top, top + down) for c in range(left, left + across)}
        assert not area & places
        places |= area


def test_stray_cells_and_enormous_merges_cost_nothing():
    stray = '<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>2</v></c></row></sheetData>'
    assert reason(build_xlsx({"表": stray})) == "limit_exceeded"
    merges = '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    document = read_spreadsheet(build_xlsx({"表": sheet_data("<c><v>1</v></c>") + merges}), LIMITS)
    assert document.tables == [[(1, 1, 1, 1, "1")]]


def test_cells_and_sheets_without_end_are_bounded():
    """A million cells in one place took as long as a million places."""
    cell = '<c r="A1"><v>1</v></c>'
    assert reason(build_xlsx({"表": sheet_data(cell * 16_385)})) == "limit_exceeded"
    rows = f"<row>{cell * 200}</row>" * 6
    assert reason(build_xlsx({"表": f"<sheetData>{rows}</sheetData>"}), ReadLimits(cells=1_000)) == "limit_exceeded"
    one = sheet_data("<c><v>1</v></c>" * 100)
    assert reason(build_xlsx({f"表{at}": one for at in range(11)}), ReadLimits(cells=1_000)) == "limit_exceeded"
    assert reason(build_xlsx({f"表{at}": sheet_data("") for at in range(501)})) == "limit_exceeded"


def test_repeated_ods_cells_are_bounded():
    namespace = "urn:oasis:names:tc:opendocument:xmlns:"
    row = (
        '<t:table-row t:number-rows-repeated="1000000"><t:table-cell t:number-columns-repeated="16384">{}'
        "</t:table-cell></t:table-row>"
    )
    page = (
        f'<o:d xmlns:o="{namespace}office:1.0" xmlns:t="{namespace}table:1.0" xmlns:x="{namespace}text:1.0">'
        '<t:table t:name="s">{}</t:table></o:d>'
    )
    blank = build_zip({"content.xml": page.format(row.format(""))})
    assert read_spreadsheet(blank, LIMITS).tables == []
    assert reason(build_zip({"content.xml": page.format(row.format("<x:p>1</x:p>"))})) == "limit_exceeded"
    manifest = {"META-INF/manifest.xml": "<m><encryption-data/></m>"}
    assert reason(build_zip({"content.xml": page.format(""), **manifest})) == "password_protected"


def test_what_is_no_workbook():
    assert reason((DATA / "report_2021.doc").read_bytes()) == "unsupported_format"
    assert reason(build_zip({"xl/workbook.bin": b"x"})) == "unsupported_format"
    assert reason(build_zip({"a.txt": b"x"})) == "broken_document"
    assert reason(b"") == "broken_document"
    assert reason((DATA / "formats.xls").read_bytes(), ReadLimits(file_bytes=100)) == "limit_exceeded"


def test_records_of_a_binary_sheet():
    def record(kind: int, payload: bytes) -> bytes:
        return struct.pack("<HH", kind, len(payload)) + payload

    begin, end = record(0x0809, struct.pack("<HH", 0x0600, 5) + bytes(12)), record(0x000A, b"")
    place = struct.pack("<HHH", 0, 0, 0)
    sheet = begin + b"".join(
        (
            record(0x0205, place + b"\x17\x01"),  # an error: #REF!
            record(0x027E, struct.pack("<HHHI", 0, 1, 0, 0x40590001)),  # 100.0 in hundredths
            record(0x00BD, struct.pack("<HHHIHIH", 0, 2, 0, 0xFFFFFFFE, 0, 0x40590000, 3)),  # -1 and 100.0
            begin + record(0x0203, place + bytes(8)) + end,  # an embedded chart is not the sheet
            record(0x0204, struct.pack("<HHHHB", 0, 4, 0, 3, 0) + b"ab")
            + record(0x003C, b"\x01" + "件".encode("utf-16-le")),
            end,
        )
    )
    name = struct.pack("<BBBB", 0, 0, 1, 0) + b"s"
    bound = record(0x0085, struct.pack("<I", len(begin) + 4 + 4 + len(name) + len(end)) + name)
    sheets = read_xls_sheets(begin + bound + end + sheet, LIMITS)
    assert sheets[0].texts == {(1, 1): "#REF!", (1, 2): "1", (1, 3): "-1", (1, 4): "100", (1, 5): "ab件"}
    nought = begin + record(0x023E, struct.pack("<H", 0x06A6)) + record(0x0203, place + bytes(8)) + end
    assert read_xls_sheets(begin + bound + end + nought, LIMITS)[0].texts == {}
    shown = nought.replace(struct.pack("<H", 0x06A6), struct.pack("<H", 0x06B6))
    assert read_xls_sheets(begin + bound + end + shown, LIMITS)[0].texts == {(1, 1): "0"}


def test_encrypted_xls():
    data = (DATA / "formats.xls").read_bytes()
    place = data.find(struct.pack("<HH", 0x0042, 2))  # the CODEPAGE record becomes FILEPASS
    assert reason(data[:place] + struct.pack("<HH", 0x002F, 2) + data[place + 4 :]) == "password_protected"


@pytest.mark.parametrize("name", ["formats.xlsx", "formats.xls", "formats.ods"])
@settings(max_examples=150, deadline=None)
@given(
    edits=st.lists(st.tuples(st.floats(0, 0.999999), st.binary(min_size=1, max_size=6)), max_size=8),
    share=st.floats(0, 1),
    is_cut=st.booleans(),
)
def test_damage_raises_nothing_but_document_errors(name, edits, share, is_cut):
    data = bytearray((DATA / name).read_bytes())
    for place, replacement in edits:
        start = int(place * len(data))
        data[start : start + len(replacement)] = replacement
    with suppress(DocumentError):
        read_spreadsheet(bytes(data[: int(share * len(data))] if is_cut else data), LIMITS)


def test_sheets_are_headings():
    document = read_spreadsheet(
        build_xlsx({"甲": sheet_data("<c><v>1</v></c>"), "乙": sheet_data("<c><v>2</v></c>")}), LIMITS
    )
    assert [b.text for b in document.blocks if b.kind is BlockKind.HEADING] == ["甲", "乙"]
    assert [b.table_number for b in document.blocks if b.kind is BlockKind.TABLE] == [1, 2]


def test_rows_and_columns_too_narrow_to_be_seen_are_hidden():
    content = (
        '<cols><col min="2" max="2" width="0.1" customWidth="1"/></cols><sheetData><row r="1"><c r="A1"><v>1</v></c>'
        '<c r="B1"><v>2</v></c></row><row r="2" ht="0.4"><c r="A2"><v>3</v></c></row>'
        '<row r="3" ht="14.5"><c r="A3"><v>4</v></c></row></sheetData>'
    )
    document = read_spreadsheet(build_xlsx({"s": content}), LIMITS)
    assert [cell[4] for cell in document.tables[0] if cell[4]] == ["1", "4"]


def test_columns_that_an_ods_hides_are_left_out():
    rows = [[(None, "1", "1"), (None, "2", "2"), (None, "3", "3")]]
    columns = '<table:table-column/><table:table-column table:visibility="collapse"/><table:table-column/>'
    document = read_spreadsheet(build_ods(rows, {}, columns), LIMITS)
    assert [cell[4] for cell in document.tables[0] if cell[4]] == ["1", "3"]
    assert [notice.message for notice in document.notices] != []


def test_a_sheet_that_is_named_by_a_year_alone_is_of_that_year():
    document = Document(FileFormat.XLSX)
    add_sheets(document, [Sheet("2023", texts={(1, 1): "规章", (1, 2): "3"})], ReadLimits())
    assert [block.text for block in document.blocks if block.kind is BlockKind.HEADING] == ["2023年"]
