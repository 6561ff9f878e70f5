"""Rows under a header that number its columns or name their unit: neither figures nor labels."""

import pytest

from schemas.form import load_forms
from tests.normalize.tables import Rows, read_tables, request_rows

(CHALLENGE,) = load_forms()["2021"].table("challenge").clauses
WIDTH = len(CHALLENGE.rows) * len(CHALLENGE.columns)
FIGURES = ["3", "0", "", "1", "4", *["0"] * (WIDTH - 5)]


def challenge(*between: list[str]) -> Rows:
    """Return 表四 in two header rows, with rows between these and its figures."""
    ways = [row.label if not place else "" for row in CHALLENGE.rows for place in range(len(CHALLENGE.columns))]
    results = [column.label for _ in CHALLENGE.rows for column in CHALLENGE.columns]
    return [ways, results, *between, FIGURES]


def rows_of(tables: list[Rows]) -> set[int]:
    """Return the rows in which figures with a code stand."""
    cells = read_tables(tables).cells.drop_nulls(["row_code", "column_code"])
    return set(cells["row_number"].to_list())


NUMBERS = [str(number) for number in range(1, WIDTH + 1)]


@pytest.mark.parametrize(
    "row",
    [NUMBERS, [f"（{number}）" for number in NUMBERS], [f"({number})" for number in NUMBERS], ["件"] * WIDTH],
)
def test_a_row_of_numbers_or_units_is_none_of_figures(row: list[str]) -> None:
    """Blanks of 表四 were filled with the numbers of their columns, and its other figures refused."""
    assert rows_of([challenge(row)]) == {4}
    assert rows_of([challenge()]) == {3}


@pytest.mark.parametrize("head", ["栏次", "计量单位", ""])
def test_such_rows_have_a_head_in_front(head: str) -> None:
    rows = request_rows()
    numbers = ["件"] * 7 if head == "计量单位" else NUMBERS[:7]
    rows.insert(1, ["", head, *numbers])
    assert 2 not in rows_of([rows])


@pytest.mark.parametrize(
    "row",
    [
        ["1", "2", "3", "4", "10", *["0"] * (WIDTH - 5)],
        [*NUMBERS[1:], "16"],
        ["", *NUMBERS[1:]],
    ],
)
def test_figures_that_only_begin_so_are_figures(row: list[str]) -> None:
    rows = challenge()
    rows[-1] = row
    assert rows_of([rows]) == {3}
