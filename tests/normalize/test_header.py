"""Headers that print a merged cell again over every cell it spans, or all of its labels in one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.normalize.layouts import BatchReading
from schemas.form import load_forms
from schemas.vocabulary import MatchMethod
from tests.normalize.tables import Rows, expected_request, figure, read_grid, read_tables, request_rows, wrong_cells


def challenge_labels() -> list[tuple[tuple[str, str], list[str]]]:
    """Return the places of 表四 with the labels over each, from the outside in."""
    (clause,) = load_forms()["2021"].table("challenge").clauses
    groups = {group.code: [group.label] for group in clause.row_groups}
    return [
        ((row.code, column.code), [*groups.get(row.parent or "", []), row.label, column.label])
        for row in clause.rows
        for column in clause.columns
    ]


@settings(max_examples=60, deadline=None)
@given(
    order=st.permutations(range(15)),
    joint=st.sampled_from(["", "-", "—", "：", " / ", "（{}）"]),
    with_groups=st.booleans(),
    damage=st.sampled_from([None, "label", "figure"]),
)
def test_one_line_of_labels_over_rows_side_by_side(
    order: list[int], joint: str, with_groups: bool, damage: str | None
) -> None:
    """Each figure goes where its label says, in whatever order; a label or a figure too few leaves none believed."""
    places = [challenge_labels()[number] for number in order]
    labels = [above if with_groups else above[-2:] for _, above in places]
    joined = [f"（{own[-2]}）{own[-1]}" if "{}" in joint else joint.join(own) for own in labels]
    figures = [figure(1, number) for number in order]
    if damage == "label":
        joined[7] = "合计"
    if damage == "figure":
        del figures[7]
    found, reading = read_grid([joined, figures])
    expected: dict[tuple[str | None, str | None], str] = {
        code: text for (code, _), text in zip(places, figures, strict=False)
    }
    if damage is None:
        assert found == expected
        assert {cell.method for cell in reading.cells} == {MatchMethod.EXACT}
    else:
        assert not [code for code in found if None not in code and found[code] != expected[code]]
        assert "missing_row" in {note.reason_code for note in reading.notes}


def test_labels_printed_over_every_cell_of_a_span_name_their_column_once() -> None:
    (clause,) = load_forms()["2021"].table("request").clauses
    heads = [column.label for column in clause.columns]
    filled = ["自然人", *["法人或其他组织"] * 5, "总计"]
    rows = [["", "", *filled], ["", "", *heads], ["", "", *heads], *request_rows()[1:]]
    found, reading = read_grid(rows)
    assert found == expected_request()
    assert not reading.notes

    places = challenge_labels()
    channels, results = (["", *(own[-2] for _, own in places)], ["", *(own[-1] for _, own in places)])
    found, _ = read_grid([channels, results, ["", *(figure(1, number) for number in range(15))]])
    assert found == {code: figure(1, number) for number, (code, _) in enumerate(places)}


def test_a_table_of_something_else_below_is_none_of_its_rows() -> None:
    """A ledger on the next sheet, a table of proposals: its figures stood in the way of the fifteen."""
    places = challenge_labels()
    channels, results = ([own[-2] for _, own in places], [own[-1] for _, own in places])
    whole = [channels, results, [figure(1, number) for number in range(15)]]
    ledger: Rows = [["序号", "类别"], ["1", "公开"], ["2", "公开"]]
    reading = read_tables([whole, ledger])
    assert {(row, column): place - 1 for row, column, place in _places(reading)} == {
        code: number for number, (code, _) in enumerate(places)
    }
    assert reading.notes.is_empty()


def packed_challenge(figures: list[str], *, keeps_rows: bool = False) -> Rows:
    """Return 表四 as converters write it that know no spans: the labels of each line side by side."""
    (clause,) = load_forms()["2021"].table("challenge").clauses
    results = [column.label for column in clause.columns]
    ways = [row.label for row in clause.rows]
    below = [""] * 5 if keeps_rows else []
    return [[ways[0], "行政诉讼"], [*results, *ways[1:]], [*below, *results, *results], figures]


@pytest.mark.parametrize("keeps_rows", [False, True])
@pytest.mark.parametrize("fill", ["", "/"])
def test_labels_that_lost_their_spans_name_fifteen_figures_in_order(keeps_rows: bool, fill: str) -> None:
    figures = ["1", fill, "2", fill, "3", fill, fill, fill, "4", "4", fill, fill, fill, fill, fill]
    reading = read_tables([packed_challenge(figures, keeps_rows=keeps_rows)])
    found = {(row, column): figures[place - 1] for row, column, place in _places(reading)}
    assert found == {code: text for (code, _), text in zip(challenge_labels(), figures, strict=True)}


@pytest.mark.parametrize("count", [5, 7, 10, 14, 16])
def test_fewer_or_more_figures_than_such_labels_are_nobodys(count: int) -> None:
    """Ten of fifteen, as where blanks were left out, stood under the labels of the header's last line."""
    figures = [str(number + 1) for number in range(count)]
    assert not _places(read_tables([packed_challenge(figures)]))


def test_blanks_under_such_labels_must_add_up() -> None:
    figures = ["", "1", "2", "", "4", *[""] * 10]
    assert not _places(read_tables([packed_challenge(figures)]))


def _places(reading: BatchReading) -> list[tuple[str, str, int]]:
    coded = reading.cells.drop_nulls(["row_code", "column_code"])
    return coded.select("row_code", "column_code", "column_number").rows()


def test_labels_torn_over_two_rows_are_joined() -> None:
    head, *rows = request_rows()
    upper = [text.replace("商业企业", "商业").replace("科研机构", "科研") for text in head]
    found, reading = read_grid([upper, ["", "", "企业", "机构"], *rows])
    assert found == expected_request()
    assert not reading.notes


def test_a_row_that_completes_not_all_its_texts_is_joined_to_none() -> None:
    head, *rows = request_rows()
    upper = [text.replace("商业企业", "商业") for text in head]
    found, _ = read_grid([upper, ["", "", "企业", "备注"], *rows])
    assert {code: text for code, text in found.items() if None not in code} in ({}, expected_request())


def test_a_header_in_a_table_of_its_own_and_once_more_over_the_rows() -> None:
    """Columns named twice were no header: with blanks for zeros nothing of the table was read."""
    rows = request_rows(fill=lambda row, column: figure(row, column) if (row + column) % 3 else "")
    alone = read_tables([rows]).cells.drop_nulls(["row_code", "column_code"])
    fixed = read_tables([rows[:1], rows]).cells.drop_nulls(["row_code", "column_code"])
    places = ["row_code", "column_code", "row_number", "column_number"]
    assert alone.height == 175
    assert fixed.select(places).equals(alone.select(places))
    assert fixed["table_number"].unique().to_list() == [2]


def _spaced(row: list[str], *, filler: str = "") -> list[str]:
    """Return a row of 表三 with a narrow column behind each figure, as spreadsheets paste them."""
    return [*row[:2], *(text for figure_text in row[2:] for text in (figure_text, filler))]


def test_blank_columns_between_the_columns_are_passed_over() -> None:
    found, _ = read_grid([_spaced(row) for row in request_rows()])
    assert {key: text for key, text in found.items() if None not in key} == expected_request()


def test_a_row_that_prints_something_in_a_column_without_a_label_is_not_read() -> None:
    rows = [_spaced(row) for row in request_rows()]
    rows[5] = _spaced(request_rows()[5], filler="7")
    rows[7][4:6] = rows[7][5:3:-1]
    coded = {key: text for key, text in read_grid(rows)[0].items() if None not in key}
    assert coded.items() <= expected_request().items()
    assert {"denied_state_secret", "denied_security_stability"}.isdisjoint(row for row, _ in coded)


def test_a_column_of_remarks_in_front_of_the_total_must_stand_over_its_own() -> None:
    """Where heads slip by one, 备注 came to stand over the totals and 总计 over the blank remarks."""
    rows = [[*row, ""] for row in request_rows()]
    head = [*rows[0][2:8], "备注", rows[0][8]]
    slipped, _ = read_grid([["", "", "", *head], *([*row, ""] for row in rows[1:])])
    assert not any(column == "total" and text == "" for (_, column), text in slipped.items())
    straight, _ = read_grid([["", "", *head], *([*row[:8], "", row[8]] for row in rows[1:])])
    assert {key: text for key, text in straight.items() if None not in key} == expected_request()


@pytest.mark.parametrize("lost", range(2, 9))
def test_a_header_under_which_most_rows_do_not_fit_holds_none_though_the_one_above_holds_twenty(lost: int) -> None:
    """Below a page break a row that lost a figure has as many as a header that lost a label: each stood one aside."""
    rows = request_rows()
    for cell in range(2, 9):
        torn = [text for place, text in enumerate(rows[0]) if place != lost]
        table = [*rows[:20], torn, *(list(row) for row in rows[20:])]
        del table[23][cell]
        found, _ = read_grid(table)
        assert len([code for code in found if None not in code]) >= 7 * 19
        assert wrong_cells(found) == []


def test_a_row_that_no_form_has_is_named_where_its_label_stands() -> None:
    """Whoever looks for it in a table of thirty rows is told the row and the column."""
    rows = request_rows()
    rows[5][1] = "1.属于某种秘密事项与其他"
    _, reading = read_grid(rows)
    assert [(note.row, note.column) for note in reading.notes if note.reason_code == "unmapped_row"] == [(6, 2)]


def test_remarks_whose_head_stands_above_the_labels_leave_the_figures_where_they_are() -> None:
    """One remark took the columns from all rows, where no cells are merged and 备注 stands in the uppermost line."""
    head, *rows = request_rows()
    upper = ["", "", "申请人情况", *[""] * 6, "备注"]
    middle = ["", "", "自然人", "法人或其他组织", *[""] * 4, "总计", ""]
    labels = ["", "", "", *head[3:8], "", ""]
    rows = [[*row, "含委托" if number == 4 else ""] for number, row in enumerate(rows)]
    found, _ = read_grid([upper, middle, labels, *rows])
    assert found == expected_request()


def test_a_way_without_figures_is_a_row_wherever_blanks_stand_beside_its_own() -> None:
    """In a sheet that is wider than 表四 the label was taken for one over columns, and no row was read."""
    head = ["类别", "", "结果维持", "结果纠正", "其他结果", "尚未审结", "总计", "", ""]
    ways = [["行政复议", "", *[""] * 5], ["行政诉讼", "未经复议直接起诉", "1", "2", "3", "4", "10"]]
    ways.append(["", "复议后起诉", *[""] * 5])
    found, _ = read_grid([head, *([*way, "", ""] for way in ways)])
    assert found["litigation_direct", "total"] == "10"
    assert {code for code, _ in found} == {"reconsideration", "litigation_direct", "litigation_after_reconsideration"}


def test_units_below_the_labels_part_none_of_them_in_a_wide_sheet() -> None:
    head, *rows = request_rows()
    units = ["", "", *["（件）"] * 7]
    found, _ = read_grid([[*row, "", ""] for row in (head, units, *rows)])
    assert found == expected_request()
