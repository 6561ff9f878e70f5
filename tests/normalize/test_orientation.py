"""Tables printed turned: read by their labels, and each figure named by the place where it is printed."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.form import load_forms
from tests.normalize.tables import (
    Rows,
    balanced_request,
    expected_request,
    figure,
    read_grid,
    read_spans,
    read_tables,
    request_rows,
)

(CLAUSE,) = load_forms()["2021"].table("challenge").clauses
WAYS = [row.label for row in CLAUSE.rows]
RESULTS = [column.label for column in CLAUSE.columns]


def expected_challenge(fill=figure) -> dict[tuple[str, str], str]:
    return {
        (row.code, column.code): fill(number, place)
        for number, row in enumerate(CLAUSE.rows)
        for place, column in enumerate(CLAUSE.columns)
    }


def turned_challenge(head: str = "", fill=figure) -> Rows:
    return [[head, *WAYS]] + [
        [result, *(fill(number, place) for number in range(3))] for place, result in enumerate(RESULTS)
    ]


def listed_challenge(joint: str = "-", fill=figure) -> Rows:
    return [
        [f"{way}{joint}{result}", fill(number, place)]
        for number, way in enumerate(WAYS)
        for place, result in enumerate(RESULTS)
    ]


def turn(rows: Rows) -> Rows:
    return [list(column) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize("head", ["", "情形", "结果"])
def test_results_below_one_another_under_the_ways(head: str) -> None:
    assert read_grid(turned_challenge(head))[0] == expected_challenge()


@pytest.mark.parametrize("joint", ["", "-", "——", "："])
@pytest.mark.parametrize("head", [[], [["项目", "数量"]]])
def test_a_list_of_fifteen_figures(joint: str, head: Rows) -> None:
    assert read_grid([*head, *listed_challenge(joint)])[0] == expected_challenge()


def test_a_list_of_results_under_groups_to_their_left() -> None:
    rows = [
        [way if place == 0 else "", result, figure(number, place)]
        for number, way in enumerate(WAYS)
        for place, result in enumerate(RESULTS)
    ]
    assert read_grid(rows)[0] == expected_challenge()


@pytest.mark.parametrize("is_repeated", [False, True])
def test_a_line_for_each_applicant_under_merged_heads(is_repeated: bool) -> None:
    """Labels that reach over the column of their group, or are repeated there, were no column of labels."""
    head, *lines = turn([row[1:] for row in request_rows()])
    rows = [[("", 3), *((label, 1) for label in head[1:])]]
    for number, (label, *figures) in enumerate(lines):
        is_single = number in (0, len(lines) - 1)
        group = [("申请人情况" if number == 0 else "", 1)]
        group += [] if is_single and not is_repeated else [(label if is_single else "法人或其他组织", 1)]
        rows.append([*group, (label, 3 - len(group)), *((text, 1) for text in figures)])
    found, reading = read_spans(rows)
    assert found == expected_request()
    assert not reading.notes


def test_a_line_for_each_applicant() -> None:
    rows = [row[1:] for row in request_rows()]  # without the groups' column: labels in one line
    rows[0][0] = "申请人"
    assert read_grid(turn(rows))[0] == expected_request()


@pytest.mark.parametrize("blank", [range(3), [0], [2], [1, 2]])
@pytest.mark.parametrize("layout", [turned_challenge, listed_challenge])
def test_a_way_of_blanks_is_a_way_of_blanks(layout, blank) -> None:
    def fill(row: int, column: int) -> str:
        return "" if row in blank else figure(row, column)

    assert read_grid(layout(fill=fill))[0] == expected_challenge(fill)


def test_a_second_column_of_figures_is_not_taken_for_the_first() -> None:
    rows = [[*row, "9"] for row in listed_challenge()]
    found, _ = read_grid([["项目", "上年", "本年"], *rows])
    assert not [text for code, text in found.items() if None not in code and text == "9"] or len(found) == 0


def turned_request() -> Rows:
    return turn([row[1:] for row in request_rows()])


def folded_request(cut: int = 14) -> Rows:
    head, *rows = request_rows()
    lower = [*rows[cut - 1 :], *[[""] * 9] * (2 * cut - 27)]
    return [[*head, *head], *([*left, *right] for left, right in zip(rows[: cut - 1], lower, strict=False))]


@settings(max_examples=300, deadline=None)
@given(
    random_source=st.randoms(use_true_random=False),
    layout=st.sampled_from([turned_challenge, listed_challenge, turned_request, folded_request]),
)
def test_lost_cells_and_rows_never_move_a_figure(random_source: random.Random, layout) -> None:
    rows = layout()
    for _ in range(random_source.randint(1, 3)):
        place = random_source.randrange(len(rows))
        if random_source.random() < 0.5:
            del rows[place]
        elif rows[place]:
            del rows[place][random_source.randrange(len(rows[place]))]
    expected = {**expected_challenge(), **expected_request()}
    found, _ = read_grid([row for row in rows if row])
    for (row, column), text in found.items():
        assert row is None or column is None or not text or expected.get((row, column)) == text


def test_the_figure_below_a_label_that_lost_its_own_is_anothers() -> None:
    rows = listed_challenge()
    rows[1], rows[2] = rows[1][:1], rows[2][1:]
    found, _ = read_grid(rows)
    assert ("reconsideration", "corrected") not in found


def balanced(row: int, column: int) -> str:
    return str(balanced_request()[row][column])


def balanced_turned(*, blank: bool = False) -> Rows:
    def fill(row: int, column: int) -> str:
        text = balanced(row, column)
        return "" if blank and text == "0" else text

    return turn([row[1:] for row in request_rows(fill=fill)])


def read_codes(rows: Rows) -> tuple[dict[tuple[str, str], str], list[str]]:
    reading = read_tables([rows])
    cells = reading.cells.drop_nulls(["row_code", "column_code"]).iter_rows(named=True)
    found = {(c["row_code"], c["column_code"]): rows[c["row_number"] - 1][c["column_number"] - 1] for c in cells}
    return found, reading.notes.get_column("reason_code").to_list()


@pytest.mark.parametrize("blank", [False, True])
def test_a_turned_table_whose_sums_hold_is_taken(blank: bool) -> None:
    found, notes = read_codes(balanced_turned(blank=blank))
    assert {key: text or "0" for key, text in found.items()} == expected_request(fill=balanced)
    assert notes == []


@pytest.mark.parametrize("blank", [False, True])
@pytest.mark.parametrize("inserted", ["", "0", "7"])
def test_a_cell_lost_and_another_inserted_in_one_line_of_a_turned_table(blank: bool, inserted: str) -> None:
    """The line is as long as the others, and figures between the two places stood under the labels beside theirs."""
    rows = balanced_turned(blank=blank)
    rows[1].insert(20, inserted)
    del rows[1][4]
    found, notes = read_codes(rows)
    assert not found
    assert "unproved_reading" in notes


@pytest.mark.parametrize(("first", "second"), [(3, 1), (4, 0), (1, 2)])
def test_a_list_of_fifteen_figures_of_which_one_sum_fails(first: int, second: int) -> None:
    def fill(row: int, column: int) -> str:
        return str((first + second if column == 4 else (first, second, 0, 0)[column]) + (row == 2 and column == 4))

    found, notes = read_codes(listed_challenge(fill=fill))
    assert not found
    assert "unproved_reading" in notes
    assert len(read_codes(listed_challenge(fill=lambda row, column: fill(0, column)))[0]) == 15


@pytest.mark.parametrize("cut", [14, 15, 18, 20])
def test_a_table_folded_so_that_its_lower_half_stands_on_the_right(cut: int) -> None:
    found, reading = read_grid(folded_request(cut))
    assert found == expected_request()
    assert not reading.notes


@pytest.mark.parametrize("labels", [0, 2])
def test_two_years_beside_one_another_are_no_folded_table(labels: int) -> None:
    head, *rows = request_rows()
    last_year = [[*row[:labels], *(str(int(text) + 1) for text in row[2:])] for row in rows]
    found, _ = read_grid([[*head, *head[2 - labels :]], *([*a, *b] for a, b in zip(rows, last_year, strict=True))])
    assert not [code for code in found if None not in code]


def test_a_group_with_a_figure_of_its_own_is_no_column_of_the_form() -> None:
    head, *rows = request_rows()
    rows = [[*row[:3], "99999", *row[3:]] for row in rows]
    found, reading = read_grid([[*head[:3], "法人或其他组织", *head[3:]], *rows])
    assert {code: text for code, text in found.items() if None not in code} == expected_request()
    assert {note.reason_code for note in reading.notes} == {"unmapped_column"}


@pytest.mark.parametrize("head", ["项目", "", "事项"])
def test_totals_alone_below_a_head_that_two_tables_have(head: str) -> None:
    rows = [[row[1], row[-1]] for row in request_rows()[1:]]
    found, _ = read_grid([[head, "总计"], *rows])
    expected = {code: text for code, text in expected_request().items() if code[1] == "total"}
    assert {code: text for code, text in found.items() if None not in code} == expected


def test_a_label_of_a_column_in_front_of_its_figure_is_no_head_of_the_next_row() -> None:
    """Rows of result | applicant | figure: one with a blank stood over the next, whose figure became its column's."""
    codes = [column.label for column in load_forms()["2021"].table("request").clauses[0].columns]
    rows = [[row[1], label, text] for row in request_rows()[1:] for label, text in zip(codes, row[2:], strict=True)]
    for row in rows[1::2]:
        row[2] = ""
    found, _ = read_grid([["事项", "申请人", "数量"], *rows])
    printed = dict(zip(expected_request(), (row[2] for row in rows), strict=True))
    assert found == printed
