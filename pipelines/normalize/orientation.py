"""Tables that are printed turned, or folded: what the form has below one another stands side by side.

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
from pipelines.normalize.segments import find_any_entries

_LEAST_LABELS = 3  # below one another, so that no two-line header is taken for a list


def unfold_tables(rows: list[GridRow]) -> tuple[list[GridRow], frozenset[int]]:
    """Return rows, those of a table whose lower half is printed beside its upper one in reading order, and which were.

    Such a table names its columns twice, always as far apart, and rows of the form on both sides, none of them on both:
    two years beside one another do not. Every cell keeps the place at which it is printed.
    """
    unfolded: list[GridRow] = []
    folded: set[int] = set()
    for number, group in groupby(rows, key=lambda row: row.table):
        own = list(group)
        fold = _find_fold(own)
        if fold is None:
            unfolded += own
            continue
        folded.add(number)
        first, last, cut = fold
        unfolded += own[:first]
        for is_right in (False, True):
            unfolded += [half for row in own[first:last] if (half := _half(row, cut, is_right=is_right)).cells]
        unfolded += own[last:]
    return unfolded, frozenset(folded)


def _find_fold(rows: list[GridRow]) -> tuple[int, int, int] | None:
    """Return the rows of a folded table, from and to, and the first column of its half on the right.

    No cell of these rows reaches over from the left; a title above them may, and so may another table on the sheet. A
    row shorter than others has lost a cell, and what stands on its right is no longer there.
    """
    for place, row in enumerate(rows):
        distances = _distances(row) if not row.has_values and not row.is_stream else []
        if len(distances) >= _LEAST_LABELS and len(set(distances)) == 1:
            cut = min(cell.column for other in rows for cell in other.cells) + distances[0]
            crossed = [number for number, other in enumerate(rows) if _is_crossed(other, cut)]
            first = max((number + 1 for number in crossed if number <= place), default=0)
            last = min((number for number in crossed if number > place), default=len(rows))
            cells = [cell for other in rows[first:last] for cell in (*other.cells, *other.covering)]
            left, right = (_row_labels(cells, cut, is_right=is_right) for is_right in (False, True))
            edges = {_last_column(other) for other in rows[place:last] if other.has_values} - {cut - 1}
            is_fold = (
                len(edges) == 1 and first <= place and min(len(left), len(right)) >= _LEAST_LABELS and not left & right
            )
            return (first, last, cut) if is_fold else None
    return None


def _is_crossed(row: GridRow, cut: int) -> bool:
    return any(cell.column < cut <= cell.last_column for cell in (*row.cells, *row.covering))


def _row_labels(cells: list[GridCell], cut: int, *, is_right: bool) -> set[str]:
    """Return what the labels of one side name of the form's rows, and of nothing else."""
    texts = {cell.token for cell in cells if cell.kind is CellKind.TEXT and (cell.column >= cut) is is_right}
    found = [find_any_entries(token) for token in texts]
    rows = [entries for entries in found if all(entry.axis is Axis.ROW for entry in entries)]
    return {entry.code for entries in rows for entry in entries if not is_across(entry.table_code)}


def _distances(row: GridRow) -> list[int]:
    """Return for each column's label of a form that a row prints twice how far apart it does."""
    places: dict[str, list[int]] = {}
    for cell in row.cells:
        entries = find_any_entries(cell.token) if cell.kind is CellKind.TEXT else ()
        for entry in entries:
            if entry.axis is Axis.COLUMN and not is_across(entry.table_code):
                places.setdefault(entry.code, []).append(cell.column)
    return [pair[1] - pair[0] for pair in places.values() if len(pair) == 2]


def _half(row: GridRow, cut: int, *, is_right: bool) -> GridRow:
    own, above = ([cell for cell in cells if (cell.column >= cut) is is_right] for cells in (row.cells, row.covering))
    return GridRow(row.table, row.number, own, above, row.is_stream)


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
    ends = {cell.row: cell for cell in columns}  # the last of each row: some repeat a merged label, or its group
    if len({cell.last_column for cell in ends.values()}) != 1 or len(ends) < _LEAST_LABELS:
        return False
    if any(cell.token != ends[cell.row].token for cell in columns):
        return False
    first, place = min(ends), columns[0].last_column
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
