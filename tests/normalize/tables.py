"""Small tables for the normalizer's tests: the official layouts built from the form data, to be bent by each test."""

from collections.abc import Callable

import polars as pl

from pipelines.normalize.grid import GridCell, build_rows
from pipelines.normalize.interpret import LayoutReading, read_rows
from pipelines.normalize.layouts import BatchReading, make_token, read_layouts
from schemas.form import load_forms
from schemas.table import table

Rows = list[list[str]]


def figure(row: int, column: int) -> str:
    """Return a figure that names its own place, so that a shifted cell shows."""
    return str(1000 + row * 10 + column)


def balanced_request(edition: str = "2021") -> list[list[int]]:
    """Return figures of 表三, row by row, that add up both ways."""
    (clause,) = load_forms()[edition].table("request").clauses
    leaves = [row.code for row in clause.rows if row.kind == "leaf"]
    figures = {code: [number % 5, number % 3, 0, 1, 0, number % 2] for number, code in enumerate(leaves)}
    figures["handled_total"] = [sum(figures[code][place] for code in leaves) for place in range(6)]
    figures["carried_forward"] = [4, 0, 1, 0, 0, 0]
    figures["carried_in"] = [2, 1, 0, 0, 0, 0]
    came = zip(figures["handled_total"], figures["carried_forward"], figures["carried_in"], strict=True)
    figures["new_received"] = [handled + forward - carried for handled, forward, carried in came]
    return [[*figures[row.code], sum(figures[row.code])] for row in clause.rows]


def request_rows(edition: str = "2021", fill: Callable[[int, int], str] = figure) -> Rows:
    """Return 表三 as rows of texts: group label (or blank) | label | seven figures, below a one-line header."""
    (clause,) = load_forms()[edition].table("request").clauses
    groups = {group.code: group.label for group in clause.row_groups}
    rows = [["", "", *(column.label for column in clause.columns)]]
    seen: set[str] = set()
    for number, row in enumerate(clause.rows):
        group = groups[row.parent] if row.parent and row.parent not in seen else ""
        seen.add(row.parent or "")
        rows.append([group, row.label, *(fill(number, place) for place in range(7))])
    return rows


def expected_request(edition: str = "2021", fill: Callable[[int, int], str] = figure) -> dict[tuple[str, str], str]:
    """Return the figures of `request_rows` by row and column code."""
    (clause,) = load_forms()[edition].table("request").clauses
    return {
        (row.code, column.code): fill(number, place)
        for number, row in enumerate(clause.rows)
        for place, column in enumerate(clause.columns)
    }


def read_grid(rows: Rows) -> tuple[dict[tuple[str | None, str | None], str], LayoutReading]:
    """Return what is read from a table without spans: figure texts by (row code, column code), and the reading."""
    return read_spans([[(text, 1) for text in row] for row in rows])


def read_spans(
    spanned: list[list[tuple[str, int]]],
) -> tuple[dict[tuple[str | None, str | None], str], LayoutReading]:
    """Return the same from a table whose cells are texts with their column spans; a cell holds no other place."""
    rows = [[text if not place else "" for text, span in row for place in range(span)] for row in spanned]
    cells = []
    for number, row in enumerate(spanned, start=1):
        column = 1
        for text, span in row:
            cells.append(GridCell(1, number, column, 1, span, make_token(text)))
            column += span
    reading = read_rows(build_rows(cells))
    return {(cell.row_code, cell.column_code): rows[cell.row - 1][cell.column - 1] for cell in reading.cells}, reading


def cells_frame(tables: list[Rows], file_id: int = 1) -> pl.DataFrame:
    """Return tables without spans as frame `cells`."""
    data = [
        (file_id, table_number, number, place, 1, 1, text)
        for table_number, rows in enumerate(tables, start=1)
        for number, row in enumerate(rows, start=1)
        for place, text in enumerate(row, start=1)
    ]
    return pl.DataFrame(data, schema=table("cells").polars_schema, orient="row")


def read_tables(tables: list[Rows]) -> BatchReading:
    """Return the reading of one file that holds `tables`."""
    return read_layouts(cells_frame(tables))


def wrong_cells(found: dict[tuple[str | None, str | None], str], edition: str = "2021") -> list[tuple[object, str]]:
    """Return the coded cells whose figure is not that of their code."""
    expected = expected_request(edition)
    return [(code, text) for code, text in found.items() if None not in code and expected.get(code) != text]  # type: ignore[arg-type]
