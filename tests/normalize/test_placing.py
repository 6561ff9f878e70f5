"""Figures and columns where lines are missing or stray: what stands under two labels or in two rows is nobody's."""

from collections.abc import Sequence

import polars as pl
import pytest

from pipelines.normalize.layouts import read_layouts
from schemas.form import load_forms
from schemas.table import table
from tests.normalize.tables import expected_request, figure, read_grid, read_spans, request_rows

_Span = tuple[str, int]
HEAD: list[_Span] = [("信息内容", 1), ("本年制发件数", 2), ("本年废止件数", 1), ("现行有效件数", 2)]
CODES = ("issued", "repealed", "in_force")


def read_rules(row: list[_Span], head: list[_Span] = HEAD) -> list[str | None]:
    """Return what is read of 行政规范性文件, whose figures a stray line parts."""
    found, _ = read_spans([head, [("规章", 1), ("1", 2), ("2", 1), ("3", 2)], [("行政规范性文件", 1), *row]])
    return [found.get(("normative_document", code)) for code in CODES]


def test_a_stray_line_within_a_cell_moves_no_figure() -> None:
    """Counted in order, with a blank in front left out, 4 stood under 制发."""
    assert read_rules([("", 1), ("", 1), ("4", 1), ("9", 1), ("", 1)]) == ["", "4", "9"]
    assert read_rules([("", 1), ("7", 1), ("", 1), ("", 1), ("9", 1)]) == ["7", "", "9"]


def test_two_figures_under_one_label_leave_the_row_unread() -> None:
    assert read_rules([("1", 1), ("2", 1), ("4", 1), ("9", 2)]) == [None, None, None]


def test_digits_of_a_figure_in_cells_of_their_own_are_no_two_figures() -> None:
    """61 items of last year were read as 6 of last year and a change by 1."""
    head = [("信息内容", 1), ("上一年项目数量", 3), ("本年增/减", 3)]
    found, _ = read_spans([head, [("行政事业性收费", 1), ("6", 1), ("1", 1), *[("", 1)] * 6]])
    assert not [code for _, code in found if code]


@pytest.mark.parametrize(
    "figures", [["", "5", "", "6", "", "7"], ["5", "", "6", "", "7", ""], ["1", "5", "", "6", "3", ""]]
)
def test_figures_under_labels_that_others_part_are_unread(figures: list[str]) -> None:
    """Last year's figures were read where this year's beside them, under the same label, are blank."""
    head: list[_Span] = [("信息内容", 1), ("本年制发件数", 2), ("本年废止件数", 2), ("现行有效件数", 2)]
    parted: list[_Span] = [("", 1), *[("本年", 1), ("上年", 1)] * 3]
    row: list[_Span] = [("规章", 1), *((text, 1) for text in figures)]
    found, _ = read_spans([head, parted, row])
    assert not any(found.get(("regulation", code)) for code in CODES)
    once, _ = read_spans([head, row])
    assert bool(once.get(("regulation", "issued"))) is ("" in figures[:2])


@pytest.mark.parametrize(
    ("row", "read"),
    [
        (["", "4", "", "6"], None),
        (["4", "", "6", ""], None),
        (["4", "5", "6", ""], ["4", "5", "6"]),
        (["4", "", "6"], ["4", "", "6"]),
    ],
)
def test_a_blank_too_many_in_one_row_leaves_it_unread_where_it_holds_another(row: list[str], read: object) -> None:
    """Which of them is too many nobody can tell: two such rows were taken for a table whose rows begin so."""
    head = ["信息内容", "上一年项目数量", "本年增/减", "处理决定数量"]
    codes = ("items_last_year", "items_change", "decisions")
    for like in (["1", "2", "3"], ["", "", ""]):
        rows = [head, ["行政处罚", *like], ["行政强制", *row]]
        found, _ = read_grid([["第二十条第（六）项"], *rows])
        own = [found.get(("coercion", code)) for code in codes]
        assert own == (read or [None] * 3)


def test_rows_that_begin_one_column_behind_the_header_are_read_in_order() -> None:
    head = [("信息内容", 1), ("本年制发件数", 1), ("本年废止件数", 1), ("现行有效件数", 1)]
    rows = [
        [("规章", 1), ("", 1), ("1", 1), ("2", 1), ("3", 1)],
        [("行政规范性文件", 1), ("", 1), ("4", 1), ("", 1), ("6", 1)],
    ]
    found, _ = read_spans([head, *rows])
    assert [found["normative_document", code] for code in CODES] == ["4", "", "6"]


def test_a_figure_that_reaches_into_the_next_row_is_doubtful() -> None:
    """Where a line is missing, the figure of the row below stood in the row above."""
    rows = [
        ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
        ["规章", "9", "1", "2"],
        ["行政规范性文件", "", "4", "6"],
    ]
    cells = [
        (1, 1, number, place, 2 if text == "9" else 1, 1, text)
        for number, row in enumerate(rows, start=1)
        for place, text in enumerate(row, start=1)
        if (number, place) != (3, 2)
    ]
    read = read_layouts(pl.DataFrame(cells, schema=table("cells").polars_schema, orient="row")).cells
    doubtful = read.filter("is_doubtful").select("row_code", "column_code").rows()
    assert doubtful == [("regulation", "issued")]


def test_figures_in_two_rows_of_one_label_are_doubtful() -> None:
    """A stray line parted the row: its blank upper half was read, and 9 stood below."""
    rows = [["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"], ["规章", "", "1", "2"], ["", "9", "", ""]]
    cells = [
        (1, 1, number, place, 2 if text == "规章" else 1, 1, text)
        for number, row in enumerate(rows, start=1)
        for place, text in enumerate(row, start=1)
        if (number, place) != (3, 1)
    ]
    read = read_layouts(pl.DataFrame(cells, schema=table("cells").polars_schema, orient="row")).cells
    assert read.filter(pl.col("row_code") == "regulation").get_column("is_doubtful").to_list() == [True] * 3


@pytest.mark.parametrize(
    "figures", [["", "0", "", "0", "", "0"], ["0", "", "0", "0", "0", "0"], ["", "", "0", "0", "0", "0"]]
)
@pytest.mark.parametrize("place", [1, 3, -1])
def test_a_row_that_lost_the_blank_at_its_end_is_not_counted_from_there(place: int, figures: list[str]) -> None:
    """Converters drop blanks at a row's end: counted from there, noughts stood one column aside."""
    (clause,) = load_forms()["2021"].table("request").clauses
    rows = [["", "", "", *(column.label for column in clause.columns)]]
    for row in clause.rows:
        label = (
            [row.label, "", ""] if row.kind == "flow" else ["", "", row.label] if row.parent else ["", row.label, ""]
        )
        rows.append([*label, *(figure(len(rows), column) for column in range(7))])
    whole, _ = read_grid(rows)
    code = clause.rows[place].code
    rows[place if place < 0 else place + 1][3:] = figures
    found, _ = read_grid(rows)
    assert {key for key in whole if key not in found} == {(code, column.code) for column in clause.columns}


@pytest.mark.parametrize("count", [1, 2])
def test_one_row_with_a_cell_too_many_tells_nothing_of_another(count: int) -> None:
    """A blank too many in front of one row's figures moved those of a row that has it behind them."""
    rows = request_rows()
    for number in range(6, 6 + count):
        rows[number].insert(2, "")
    rows[9][2:] = ["", "", "", "", "", "1", "1", ""]
    found, _ = read_grid(rows)
    is_read = ("denied_internal_affairs", "total") in found
    assert is_read is (count > 1)  # two agree, as where each row has the cell


@pytest.mark.parametrize(("behind_head", "is_read"), [(2, True), (0, False), (1, False)])
def test_blanks_of_a_sheet_wider_than_its_table_leave_no_doubt(behind_head: int, is_read: bool) -> None:
    """Where 表二 and 表四 share a sheet, a blank before the figures made the blanks behind them as good a place."""
    head = ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数", *[""] * behind_head]
    found, _ = read_grid([head, ["规章", "", "4", "6", "", ""], ["行政规范性文件", "1", "2", "3", "", ""]])
    assert (found.get(("regulation", "repealed")) == "4") is is_read
    assert found.get(("normative_document", "issued")) == "1"


def test_a_row_typed_one_column_aside_in_a_wide_sheet_makes_its_like_unread() -> None:
    head = ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数", "", ""]
    found, _ = read_grid([head, ["规章", "", "1", "2", "3", ""], ["行政规范性文件", "", "4", "6", "", ""]])
    assert not [code for _, code in found if code is not None]


RESULTS = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]


def _ways(before: list[str], behind: list[str], upheld: str = "", blanks: Sequence[int] = ()) -> list[str | None]:
    """Return what is read of 行政复议 in a 表四 whose last figure is blank, between columns that the form lacks.

    At the places `blanks` stand blanks too many.
    """
    first, last, ends = len(before) + 1, len(before) + 15, len(before) + 15 + len(behind)
    cells = [(1, place, 3, 1, text) for place, text in enumerate(before, 1)]
    cells += [(1, first, 1, 5, "行政复议"), (1, first + 5, 1, 10, "行政诉讼")]
    cells += [(1, place, 3, 1, text) for place, text in enumerate(behind, last + 1)]
    cells += [(2, first + at, 2, 1, text) for at, text in enumerate(RESULTS)]
    cells += [(2, first + 5, 1, 5, "未经复议直接起诉"), (2, first + 10, 1, 5, "复议后起诉")]
    cells += [(3, first + 5 + at, 1, 1, text) for at, text in enumerate(RESULTS * 2)]
    figures = [*("1" for _ in before), upheld, "2", *("0" for _ in range(12)), "", *("9" for _ in behind)]
    assert len(figures) == ends
    for place in blanks:
        figures.insert(place, "")
    cells += [(4, place, 1, 1, text) for place, text in enumerate(figures, 1)]
    frame = pl.DataFrame([(1, 1, *cell) for cell in cells], schema=table("cells").polars_schema, orient="row")
    read = read_layouts(frame).cells.join(frame, on=["file_id", "table_number", "row_number", "column_number"])
    found = {(row, code): text for row, code, text in read.select("row_code", "column_code", "text").rows()}
    return [found.get(("reconsideration", code)) for code in ("upheld", "corrected", "total")]


@pytest.mark.parametrize(("blanks", "is_read"), [((), True), ((15,), False), ((8,), False), ((3, 15), False)])
def test_a_blank_too_many_among_figures_of_the_ways_leaves_them_unread(blanks: Sequence[int], is_read: bool) -> None:
    """11 suits in all were read as eleven that a court upheld."""
    assert _ways([], [], "5", blanks) == (["5", "2", "0"] if is_read else [None] * 3)


@pytest.mark.parametrize(("before", "behind"), [(["序号"], []), ([], ["备注"]), (["序号"], ["上年"]), ([], ["", ""])])
def test_figures_of_other_columns_beside_those_of_the_ways_are_left_out(before: list[str], behind: list[str]) -> None:
    """A serial number, or last year's sum, was read as a figure of the form where one of its own was blank."""
    read = _ways(before, behind)
    assert read == (["", "2", "0"] if all((*before, *behind)) else [None, None, None])


def _longer_row(figures: list[str]) -> dict[tuple[str, str], str]:
    """Return what is read of a row of 表四 with a cell more than its header, which has no label for it."""
    head = [[("行政复议", 5), ("行政诉讼", 10)], [("", 5), ("未经复议直接起诉", 5), ("复议后起诉", 5)]]
    rows = [*head, [(text, 1) for text in RESULTS * 3], [(text, 1) for text in figures]]
    cells, ends = [], 0
    for number, row in enumerate(rows, start=1):
        ends = 1
        for text, span in row:
            cells.append((1, 1, number, ends, 1, span, text))
            ends += span
    frame = pl.DataFrame(cells, schema=table("cells").polars_schema, orient="row")
    read = read_layouts(frame).cells.join(frame, on=["file_id", "table_number", "row_number", "column_number"])
    return {(row, code): text for row, code, text in read.select("row_code", "column_code", "text").rows() if code}


@pytest.mark.parametrize("last", ["9", "件", "0"])
def test_a_longer_row_of_ways_is_read_only_where_the_sums_hold(last: str) -> None:
    """Its first figure blank, the row was read one column aside, with a figure of no column as the last total."""
    own = ["", "2", "", "", "2", "1", "", "", "", "1", "", "", "", "", ""]
    assert not _longer_row([*own, last])


def test_the_blank_cell_that_heads_a_row_of_ways_is_no_figure() -> None:
    own = ["0", "2", "0", "0", "2", "1", "0", "0", "0", "1", "0", "0", "0", "0", "0"]
    read = _longer_row(["", *own])
    assert list(read.values()) == own


def test_a_blank_before_one_row_of_figures_alone_proves_nothing() -> None:
    """The 7 stands in a column without a label: 行政许可 is blank."""
    head = ["信息内容", "本年处理决定数量"]
    for rows in ([["行政许可", "", "7"]], [["行政处罚", "3", "7"], ["行政强制", "", "7"]]):
        found, _ = read_grid([["第二十条第（五）项" if len(rows) == 1 else "第二十条第（六）项"], head, *rows])
        assert not [code for _, code in found if code is not None], rows


def test_a_unit_behind_rows_whose_first_figures_are_blank_moves_none() -> None:
    rows = request_rows(fill=lambda row, place: "" if place == 0 and row % 4 else figure(row, place))
    found, _ = read_grid([rows[0], *([*row, "件"] for row in rows[1:])])
    assert not [code for _, code in found if code is not None]


@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_a_unit_between_labels_and_figures_is_neither(edition: str) -> None:
    """Behind （六）其他处理, a row of 2019 and a group of 2021, the unit was taken for the label of the row."""
    head, *rows = request_rows(edition)
    found, _ = read_grid([[*head[:2], "单位", *head[2:]], *([*row[:2], "件", *row[2:]] for row in rows)])
    assert {key: text for key, text in found.items() if key[1]} == expected_request(edition)


def test_a_unit_before_a_blank_does_not_stand_for_the_figure() -> None:
    rows = [["信息内容", "单位", "本年处理决定数量"], ["行政处罚", "件", "3"], ["行政强制", "件", ""]]
    found, _ = read_grid([["第二十条第（六）项"], *rows])
    assert found["coercion", "decisions"] == ""


def test_labels_beside_their_translation_are_the_form_s() -> None:
    head, *rows = request_rows()
    english = [[*head[:2], *(f"{text}\nNatural persons" for text in head[2:])]]
    english += [[row[0], f"{row[1]} 1. Applications received", *row[2:]] for row in rows]
    found, _ = read_grid(english)
    assert {key: text for key, text in found.items() if key[1]} == expected_request()
    found, _ = read_grid([[*head[:2], *(f"{text}APP" for text in head[2:])], *rows])
    assert not [key for key in found if key[1]]


@pytest.mark.parametrize("below", [["", "1", "2", "3"], ["", "99", "99", "99"]])
def test_figures_without_a_label_below_a_row_of_blanks_are_in_doubt(below: list[str]) -> None:
    """The numbers of columns, or a sum, were read as the figures of a row that prints a blank under each label."""
    head = ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"]
    rows = [["第二十条第（一）项"], head, ["规章", "1", "0", "4"], ["行政规范性文件", "", "", ""], below]
    _, reading = read_grid(rows)
    lent = [cell for cell in reading.cells if cell.row_code == "normative_document"]
    assert lent
    assert all(cell.is_doubtful for cell in lent)


def test_figures_on_the_line_below_their_label_are_its_own() -> None:
    head = ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"]
    rows = [["第二十条第（一）项"], head, ["规章", "1", "0", "4"], ["行政规范性文件"], ["", "7", "8", "9"]]
    found, reading = read_grid(rows)
    assert [found["normative_document", code] for code in CODES] == ["7", "8", "9"]
    assert not any(cell.is_doubtful for cell in reading.cells)


def test_a_blank_within_a_longer_row_of_ways_leaves_it_unread() -> None:
    """Either blank may be the cell too many, and the sums hold for both."""
    own = ["4", "3", "0", "0", "7", "1", "0", "0", "0", "1", "0", "0", "0", "0", "0"]
    assert not _longer_row(["", *own[:1], "", *own[2:]])
    assert not _longer_row(["", *own[:2], "", *own[3:]])


def test_a_lost_label_over_ways_gives_its_figure_to_no_neighbour() -> None:
    """总计 of 行政复议 was cut away, and 尚未审结 reaches over its column: the 3 was read as not yet decided."""
    results = [("结果维持", 1), ("结果纠正", 1), ("其他结果", 1), ("尚未审结", 2)]
    head = [("行政复议", 5), ("未经复议直接起诉", 5), ("复议后起诉", 5)]
    labels = [*results, *[(text, 1) for text in RESULTS * 2]]
    figures = ["", "3", "", "", "3", "1", "", "", "", "1", "", "", "", "", ""]
    found, _ = read_spans([head, labels, [(text, 1) for text in figures]])
    assert not [code for _, code in found if code is not None]


def test_a_figure_behind_one_row_of_blanks_is_not_its_total() -> None:
    rows = request_rows()
    rows[4] = [*rows[4][:2], "4", *[""] * 6]
    rows[6] = [*rows[6][:2], *[""] * 7, "9"]
    found, _ = read_grid(rows)
    assert not [key for key, text in found.items() if text == "9" and key[1]]
    assert len([key for key in found if key[1]]) == 24 * 7
