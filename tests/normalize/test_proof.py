"""Readings that only the form's arithmetic decides: taken where it proves them, refused where one figure is off."""

import polars as pl
import pytest

from pipelines.normalize.layouts import BatchReading, read_layouts
from schemas.form import load_forms
from tests.normalize.tables import Rows, balanced_request, cells_frame, request_rows


def torn_table(edition: str = "2021", *, lose: int | None = None, shift: int = 0) -> Rows:
    """Return 表三 without a header, every third row without its label, with figures that add up."""
    (clause,) = load_forms()[edition].table("request").clauses
    rows = []
    for number, (row, values) in enumerate(zip(clause.rows, balanced_request(edition), strict=True)):
        values[0] += shift if number == 7 else 0
        label = "" if number % 3 == 2 and row.kind == "leaf" else row.label
        rows.append([*([label] if label else []), *(str(value) for value in values)])
    if lose is not None:
        del rows[lose]
    return rows


def coded(rows: Rows) -> pl.DataFrame:
    reading = read_layouts(cells_frame([rows]))
    return reading.cells.drop_nulls(["row_code", "column_code"])


@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_a_torn_table_whose_identities_hold_is_read_and_says_so(edition: str) -> None:
    rows = torn_table(edition)
    cells = coded(rows)
    (clause,) = load_forms()[edition].table("request").clauses
    order = {row.code: number for number, row in enumerate(clause.rows)}
    assert cells.height == 7 * len(rows)
    assert all(order[row["row_code"]] == row["row_number"] - 1 for row in cells.iter_rows(named=True))
    assert "proved" in cells.get_column("match_method").to_list()
    assert "proved_reading" in read_layouts(cells_frame([rows])).notes.get_column("reason_code").to_list()


def test_one_wrong_figure_takes_the_proof_away() -> None:
    assert coded(torn_table(shift=1)).is_empty()


@pytest.mark.parametrize("lose", [2, 8, 14, 20])
def test_one_lost_row_takes_the_proof_away(lose: int) -> None:
    assert coded(torn_table(lose=lose)).is_empty()


def test_two_figures_exchanged_between_rows_take_the_proof_away() -> None:
    rows = torn_table()
    rows[4][-7], rows[6][-7] = rows[6][-7], rows[4][-7]
    assert rows[4][-7] != rows[6][-7]
    assert coded(rows).is_empty()


def test_a_blank_in_a_torn_table_is_not_read_as_blank() -> None:
    rows = torn_table()
    rows[-1][-1] = ""
    cells = coded(rows)
    assert cells.height == 7 * len(rows) - 1
    assert cells.filter(pl.col("row_code") == "carried_forward").height == 6


@pytest.mark.parametrize(
    ("code", "printed", "is_read"),
    [
        ("denied_administrative_inquiry", "8.涉及工作秘密", False),
        ("denied_administrative_inquiry", "8.属于其他不予公开情形", False),
        ("denied_administrative_inquiry", "8.属于行政查询", True),
        ("denied_by_law", "2.国家另有规定不得公开情形", False),
        ("denied_state_secret", "1.属于工作秘密", False),
        ("denied_state_secret", "1.属于国家机密", True),
        ("denied_third_party_rights", "4.保护申请人合法权益", False),
        ("denied_process_information", "6.属于四类敏感性信息", False),
    ],
)
def test_a_row_called_otherwise_is_not_the_row_whose_place_it_has(code: str, printed: str, *, is_read: bool) -> None:
    """Sums hold whatever the results under them are called: a form with another ground in its place adds up as well."""
    figures = balanced_request()
    rows = request_rows(fill=lambda number, place: str(figures[number][place]))
    (clause,) = load_forms()["2021"].table("request").clauses
    place = [row.code for row in clause.rows].index(code) + 1
    rows[place][1] = printed
    found = read_layouts(cells_frame([rows]))
    codes = found.cells.filter(pl.col("row_number") == place + 1).get_column("row_code")
    assert set(codes) == ({code} if is_read else {None})
    assert ("unmapped_row" in found.notes.get_column("reason_code").to_list()) is not is_read
    # The other rows are known by their own labels.
    assert found.cells.get_column("row_code").drop_nulls().n_unique() == len(clause.rows) - (not is_read)


LINE = ["119", "25", "91", "24", "259", "7", "0", "15", "6", "28", "21", "1", "7", "9", "38"]


def below_request(*tables: Rows) -> BatchReading:
    """Return the reading of tables below a whole 表三."""
    return read_layouts(cells_frame([request_rows(fill=lambda row, place: "0"), *tables]))


@pytest.mark.parametrize(
    "tables",
    [
        [[LINE]],
        [[["行政复议", "行政诉讼"], LINE]],
        [[["维持", "纠正", "结果", "审结", "结果", "其他", "尚未"]], [LINE]],
        [[LINE], [["收费件数", "收费金额"], ["1", "380"]]],
    ],
)
def test_a_line_of_figures_whose_sums_hold_is_the_table_that_lost_its_header(tables: list[Rows]) -> None:
    reading = below_request(*tables)
    cells = reading.cells.filter(table_code="challenge")
    assert cells.get_column("column_number").to_list() == list(range(1, 16))
    assert cells.get_column("column_code").to_list() == ["upheld", "corrected", "other_result", "pending", "total"] * 3
    assert cells.get_column("match_method").unique().to_list() == ["proved"]
    assert reading.notes.get_column("reason_code").to_list() == ["proved_reading"]


@pytest.mark.parametrize(
    "table",
    [
        [[*LINE[:-1], "39"]],
        [LINE[:-1]],
        [[*LINE, "0"]],
        [["1"] * 15],
        [["街道", *"甲乙丙丁戊己庚辛壬癸子丑寅卯"], LINE],
    ],
)
def test_any_other_line_of_figures_is_not(table: Rows) -> None:
    reading = below_request(table)
    assert reading.cells.filter(table_code="challenge").drop_nulls("column_code").is_empty()
    assert reading.tables.filter(table_code="challenge", is_complete=True).is_empty()


def _headed(labels: list[str]) -> Rows:
    """Return 表三 under a header of these labels, with figures that add up."""
    figures = balanced_request()
    rows = request_rows(fill=lambda row, column: str(figures[row][column]))
    return [["", "", *labels], *rows[1:]]


@pytest.mark.parametrize(
    ("labels", "is_read"),
    [
        (["自然人", "", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"], True),
        (["自然人", "", "商业企业", "社会公益组织", "法律服务机构", "其他", "总计"], False),
        (["自然人", "科研机构", "", "社会公益组织", "法律服务机构", "其他", "总计"], False),
    ],
)
def test_a_lost_label_leaves_the_others_over_their_own_figures(labels: list[str], *, is_read: bool) -> None:
    """The sums hold for any order of the applicants: figures right under 商业企业 were read as those of 科研机构."""
    cells = coded(_headed(labels))
    assert cells.height == (175 if is_read else 0)
    if is_read:
        order = [column.code for column in load_forms()["2021"].table("request").clauses[0].columns]
        assert all(order[row["column_number"] - 3] == row["column_code"] for row in cells.iter_rows(named=True))


def _turned(blank: set[tuple[str, str]]) -> Rows:
    """Return 表三 with a line for each applicant, figures that add up, and blanks in the place of some."""
    (clause,) = load_forms()["2021"].table("request").clauses
    figures = balanced_request()
    lines = [
        [
            column.label,
            *(
                "" if (row.code, column.code) in blank else str(figures[number][place])
                for number, row in enumerate(clause.rows)
            ),
        ]
        for place, column in enumerate(clause.columns)
    ]
    return [["项目", *(row.label for row in clause.rows)], *lines]


def test_a_lost_sum_among_printed_ones_leaves_a_turned_table_unread() -> None:
    """Its figures may stand one aside; where no sum of the row is printed, as in some forms, nothing is lost."""
    columns = [column.code for column in load_forms()["2021"].table("request").clauses[0].columns]
    whole = read_layouts(cells_frame([_turned(set())])).cells.drop_nulls(["row_code", "column_code"])
    one = read_layouts(cells_frame([_turned({("handled_total", columns[0])})])).cells
    none = read_layouts(cells_frame([_turned({("handled_total", column) for column in columns})])).cells
    assert whole.height == none.drop_nulls(["row_code", "column_code"]).height == 175
    assert one.drop_nulls(["row_code", "column_code"]).is_empty()
