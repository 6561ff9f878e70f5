"""Tables that are printed turned: what the form has as columns stands below one another, its rows side by side.

Narrow pages print 表四 as a list of results under the three ways, or of all fifteen figures; wide ones 表三 with a line
for each applicant. The labels say so by themselves, and turned back such a table is read as any other.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from pipelines.normalize.grid import CellKind, GridCell, GridRow, transpose_rows
from pipelines.normalize.lexicon import Axis
from pipelines.normalize.parts import find_entries, is_across
from pipelines.normalize.proof import Values
from pipelines.normalize.readings import CellReading, ReadingNote

_LEAST_LABELS = 3  # below one another, so that no two-line header is taken for a list


def turn_tables(rows: list[GridRow], table_code: str) -> tuple[list[GridRow], frozenset[int]]:
    """Return the rows of one statistic table, each physical table of it that is printed turned back, and which were."""
    turned: set[int] = set()
    straight: list[GridRow] = []
    for number, group in groupby(rows, key=lambda row: row.table):
        own = list(group)
        if _is_turned(own, table_code):
            turned.add(number)
            own = transpose_rows(own)
        straight += own
    return straight, frozenset(turned)


def turn_values(values: Values, turned: frozenset[int]) -> Values:
    """Return numbers by the places that their cells have once turned back."""
    return {
        (table, column, row) if table in turned else (table, row, column): value
        for (table, row, column), value in values.items()
    }


def turn_cells(cells: Iterable[CellReading], turned: frozenset[int]) -> list[CellReading]:
    """Return cells with the places at which they are printed."""
    return [_turn_cell(cell) if cell.table in turned else cell for cell in cells]


def turn_notes(notes: Iterable[ReadingNote], turned: frozenset[int]) -> list[ReadingNote]:
    """Return notes with the places of which they speak as printed; a row that was none is no place."""
    return [replace(note, row=note.column, column=None) if note.table in turned else note for note in notes]


def _turn_cell(cell: CellReading) -> CellReading:
    place = cell.label_place
    label = (place[0], place[2], place[1]) if place is not None and place[0] == cell.table else place
    return cell._replace(row=cell.column, column=cell.row, label_place=label)


def _is_turned(rows: list[GridRow], table_code: str) -> bool:
    """Tell whether the labels of columns stand below one another in one column, and none beside another.

    Those of the form's rows stand above, or to the left where the form sets its rows side by side. A row that is
    shorter than others may have lost any of its cells, and then what stands in one column is no longer of one label.
    """
    if any(row.is_stream for row in rows):
        return False
    columns: list[GridCell] = []
    lines: list[GridCell] = []
    for cell in (cell for row in rows for cell in row.cells if cell.kind is CellKind.TEXT):
        by_axis = find_entries(cell, table_code, None)
        if Axis.CELL in by_axis or (Axis.COLUMN in by_axis and Axis.ROW not in by_axis):
            columns.append(cell)
        elif Axis.ROW in by_axis and Axis.COLUMN not in by_axis:
            lines.append(cell)
    if len({cell.column for cell in columns}) != 1 or len({cell.row for cell in columns}) < _LEAST_LABELS:
        return False
    first, place = min(cell.row for cell in columns), columns[0].column
    told = {cell.row for cell in (*columns, *lines)}
    edges = {_last_column(row) for row in rows if row.has_values or row.number in told}
    figures = [cell for row in rows for cell in row.cells if cell.kind is CellKind.VALUE]
    if len(edges) != 1 or any(cell.column <= place for cell in figures):
        return False
    if is_across(table_code):
        return all(cell.last_column < place or (cell.row < first and cell.column > place) for cell in lines)
    return len(lines) >= _LEAST_LABELS and all(cell.row < first and cell.column > place for cell in lines)


def _last_column(row: GridRow) -> int:
    return max(cell.last_column for cell in (*row.cells, *row.covering))
