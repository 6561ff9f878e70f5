"""Merged cells that a converter repeats in every column which they covered."""

import pytest

from schemas.form import load_forms
from tests.normalize.tables import Rows, read_tables

FIGURES = ["12", "", "0"]


def proactive(edition: str) -> Rows:
    """Return 表二 with each merged cell repeated, four columns wide."""
    (table,) = [table for table in load_forms()[edition].tables if table.code == "proactive"]
    rows: Rows = []
    for clause in table.clauses:
        rows.append([clause.caption or ""] * 4)
        rows.append([clause.header_notes[0], *spread([column.label for column in clause.columns])])
        rows += [[row.label, *spread(FIGURES[: len(clause.columns)])] for row in clause.rows]
    return rows


def spread(texts: list[str]) -> list[str]:
    return [*texts, *[texts[-1]] * (3 - len(texts))]


def read(rows: Rows) -> dict[tuple[str, str], str]:
    cells = read_tables([rows]).cells.drop_nulls(["row_code", "column_code"])
    places = cells.select("row_code", "column_code", "row_number", "column_number").iter_rows()
    return {(code, column): rows[row - 1][place - 1] for code, column, row, place in places}


@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_a_label_and_its_figures_in_each_column_that_they_covered_are_one(edition: str) -> None:
    """Four rows of each report that a converter had turned into Markdown had no columns."""
    (table,) = [table for table in load_forms()[edition].tables if table.code == "proactive"]
    expected = {
        (row.code, column.code): FIGURES[place]
        for clause in table.clauses
        for row in clause.rows
        for place, column in enumerate(clause.columns)
    }
    assert read(proactive(edition)) == expected


@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_columns_of_one_label_that_differ_stay_apart(edition: str) -> None:
    rows = proactive(edition)
    whole = read(rows)
    last = rows[-1]
    last[-1] = "99"
    found = read(rows)
    assert set(whole) - set(found)
    assert all(whole[key] == text for key, text in found.items())
