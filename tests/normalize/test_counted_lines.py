"""Numbers that count the lines of a table and stand between its labels and its figures."""

import pytest

from schemas.form import load_forms
from tests.normalize.tables import (
    Rows,
    balanced_request,
    read_grid,
    read_tables,
    request_rows,
)


def with_line_numbers(head: str) -> list[list[str]]:
    rows = request_rows(fill=lambda row, column: "" if column == 6 and row % 4 else str(100 + row * 10 + column))
    return [[*rows[0][:2], head, *rows[0][2:]]] + [
        [*row[:2], str(number), *row[2:]] for number, row in enumerate(rows[1:], start=1)
    ]


def test_line_numbers_between_label_and_figures_are_no_figures() -> None:
    rows = with_line_numbers("行次")
    found, reading = read_grid(rows)
    columns = [None, *(column.code for column in load_forms()["2021"].table("request").clauses[0].columns)]
    for printed, row in zip(rows[1:], load_forms()["2021"].table("request").clauses[0].rows, strict=True):
        assert [found[row.code, code] for code in columns] == printed[2:]
    assert "unmapped_column" in {note.reason_code for note in reading.notes}


def test_a_column_that_no_label_names_leaves_rows_with_blanks_unread() -> None:
    """Its figures and six of the row's own fill as many cells in a run as the header has columns."""
    found, _ = read_grid(with_line_numbers(""))
    assert all(column is None for _, column in found)


def as_text(rows: Rows) -> Rows:
    """Return rows as text has them, in which a label of two columns is one cell with its figures right behind it."""
    return [rows[0], *([row[1:] if row[1][1] == "、" or row[1][:3] == "（七）" else row for row in rows[1:]])]


@pytest.mark.parametrize("head", ["行次", ""])
@pytest.mark.parametrize("has_totals", [True, False])
def test_numbers_that_count_the_lines_of_a_text_are_no_figures(head: str, has_totals: bool) -> None:
    balanced = [[str(value) for value in row] for row in balanced_request()]
    rows = request_rows(fill=lambda row, column: balanced[row][column] if column < 6 or has_totals else "")
    numbered = [[head, *rows[0]], *([*row[:2], str(n), *row[2:]] for n, row in enumerate(rows[1:], start=3))]
    text = as_text(numbered)
    cells = read_tables([text]).cells.rows(named=True)
    read = {
        (cell["row_code"], cell["column_code"]): text[cell["row_number"] - 1][cell["column_number"] - 1]
        for cell in cells
        if cell["column_code"]
    }
    (clause,) = load_forms()["2021"].table("request").clauses
    codes = [(row.code, column.code) for row in clause.rows for column in clause.columns]
    printed = [cell for row in rows[1:] for cell in row[2:]]
    assert read == dict(zip(codes, printed, strict=True))


def test_rows_whose_labels_end_elsewhere_share_the_column_that_no_label_names() -> None:
    """一、 is too long for the header by a figure; rows of results with a blank total look as long as it."""
    rows = request_rows(fill=lambda row, column: "" if column == 6 and 1 < row < 23 else str(row * 10 + column))
    more = [[*rows[0]], *([*row[:2], str(row_number * 7 % 11), *row[2:]] for row_number, row in enumerate(rows[1:]))]
    found, _ = read_grid(as_text(more))
    assert not [code for code in found if None not in code]
