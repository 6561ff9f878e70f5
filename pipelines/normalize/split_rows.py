"""Figures that go on in the next row: half a number is a wrong number.

A page's end, a narrow column or a sheet typed line by line can set the second half of every cell into a row of its own:
9.0300 over 56 is 9.030056, and may be 9.03 and 56. Which, nothing tells; so the figures of such a pair are given up,
those alone under or over which the other row prints something.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from pipelines.normalize.folding import fold_label
from pipelines.normalize.grid import CellKind, GridCell
from pipelines.normalize.readings import ReadingNote
from pipelines.normalize.rows import DataRow, RowChoice
from pipelines.normalize.similarity import label_likeness
from schemas.form import Label

_SHORTEST_PART = 4  # characters of a stretch that tells a label: 其他 is in several


def doubt_split_figures(rows: Sequence[DataRow], choices: Sequence[RowChoice]) -> list[ReadingNote]:
    """Mark as doubtful the figures of each row that goes on in the row after it, or began in the one before.

    Returns:
        A note for each such row.
    """
    labels = {choice.label.code: choice.label for choice in choices}
    notes = []
    for upper, lower in pairwise(rows):
        if upper.is_stream or lower.is_stream or not upper.has_values or not lower.has_values:
            continue
        if upper.is_across and lower.is_across:
            known, other = upper, lower
            if lower.label is not None or (lower.table, lower.number) != (upper.table, upper.number + 1):
                continue
            lower.assigned = None  # its blanks stand under figures, and are none
        elif lower.code is None and upper.code is not None:
            known, other = upper, lower
        elif upper.code is None and lower.code is not None and upper.label is not None:
            known, other = lower, upper
        else:
            continue
        label = labels.get(known.code or "")
        if known.assigned is not None and (other.label is None or _is_one_label(upper, lower, known, label)):
            known.doubtful |= _touched(known, other)
            notes.append(_note(known, other))
    return notes


def doubt_tall_cells(rows: Sequence[DataRow]) -> None:
    """Mark as doubtful the figures that reach down into another row, and those whose label has figures in two rows.

    Where a line is missing, or one too many is drawn, they may be either row's.
    """
    places = {(row.table, row.number): row for row in rows if not row.is_stream}
    for row in places.values():
        for cell, _ in row.assigned or ():
            below = _below(row, cell, places) if cell.kind is CellKind.VALUE else ()
            if any(other.label is not None for other in below):
                row.doubtful.add((cell.table, cell.row, cell.column))
        if row.label is not None and row.label.row == row.number:
            others = _below(row, row.label, places)
            if any(other.code is None or other.label is row.label for other in others):
                row.doubtful |= {(cell.table, cell.row, cell.column) for cell, _ in row.assigned or ()}


def _below(row: DataRow, cell: GridCell, places: Mapping[tuple[int, int], DataRow]) -> list[DataRow]:
    """Return the rows below its own into which a cell of a row reaches."""
    reached = range(row.number + 1, cell.row + cell.row_span)
    return [places[row.table, number] for number in reached if (row.table, number) in places]


def _is_one_label(upper: DataRow, lower: DataRow, known: DataRow, label: Label | None) -> bool:
    """Tell whether the two labels are parts of the known row's label.

    Together they are it at least as well as its own part alone, or the other is a stretch of it: a page may also end
    before the label does.
    """
    if upper.label is None or lower.label is None or known.label is None or label is None:
        return False
    other = lower.label if known is upper else upper.label
    part = fold_label(other.token).text
    if len(part) >= _SHORTEST_PART and any(part in fold_label(spelling).text for spelling in label.spellings):
        return True
    whole = fold_label(upper.label.token + lower.label.token)
    return label_likeness(whole, label.spellings) >= label_likeness(known.label.label, label.spellings)


def _touched(known: DataRow, other: DataRow) -> set[tuple[int, int, int]]:
    """Return the places of the known row's cells in whose columns the other row prints something."""
    printed = [cell for cell in other.values if cell.kind is not CellKind.BLANK]
    return {
        (cell.table, cell.row, cell.column)
        for cell, _ in known.assigned or ()
        if known.table != other.table or any(cell.overlaps(one) for one in printed)
    }


def _note(known: DataRow, other: DataRow) -> ReadingNote:
    where = "below" if other.number > known.number or other.table > known.table else "above"
    message = (
        f"The figures of row {known.code} may go on in the row {where}, which has no label of its own; "
        "a cell that both rows print has no value."
    )
    return ReadingNote("illegible_value", known.table, known.number, None, message)
