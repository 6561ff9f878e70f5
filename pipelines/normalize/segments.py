"""Finding the statistic tables: runs of rows that speak of one of them, wherever they stand."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cache

from pipelines.normalize.grid import CellKind, GridRow
from pipelines.normalize.lexicon import Axis, Entry, load_lexicon
from schemas.form import load_forms

_LEAST_LABELS = 3  # fewer known labels than this may be any table that counts licences or penalties
_MANY_LABELS = 8  # so many known labels are a form even where all of its figures are blank


@dataclass(slots=True)
class Segment:
    """Rows that belong to one statistic table."""

    table_code: str
    rows: list[GridRow] = field(default_factory=list)


def find_segments(rows: list[GridRow]) -> list[Segment]:
    """Return the runs of rows that belong to a statistic table, in printed order.

    A row votes by the labels that only one table has; a row without such a label goes with the rows before it. Rows
    before the first vote, and runs that carry too few of a table's labels to be it, are no statistic table. A table
    of one line with just as many figures as 表四 prints is 表四 without its header, where no other row speaks of it:
    whether it is read is for its sums to say.
    """
    segments: list[Segment] = []
    bare = _find_bare_line(rows)
    for row in rows:
        code = bare[1] if bare is not None and row is bare[0] else _vote(row)
        if code is not None and (not segments or segments[-1].table_code != code):
            segments.append(Segment(code))
        if segments:
            segments[-1].rows.append(row)
    return [
        segment for segment in segments if _is_statistic(segment) or (bare is not None and segment.rows == [bare[0]])
    ]


def _find_bare_line(rows: list[GridRow]) -> tuple[GridRow, str] | None:
    """Return the one line of figures that may be a table whose rows stand side by side, and that table's code."""
    counts = Counter(row.table for row in rows)
    for code, width in _lines_of_figures().items():
        alone = [row for row in rows if counts[row.table] == 1 and _is_bare(row, width)]
        if len(alone) == 1 and all(_vote(row) != code for row in rows):
            return alone[0], code
    return None


def _is_bare(row: GridRow, width: int) -> bool:
    return len(row.cells) == width and all(cell.kind is CellKind.VALUE for cell in row.cells)


@cache
def _lines_of_figures() -> dict[str, int]:
    """Return the tables whose figures are all in one line, with their number."""
    return {
        table.code: sum(len(clause.rows) * len(clause.columns) for clause in table.clauses)
        for form in load_forms().values()
        for table in form.tables
        if table.orientation == "rows_across"
    }


def row_entries(row: GridRow) -> list[tuple[Entry, ...]]:
    """Return what each text cell of a row can be."""
    return [load_lexicon().find(cell.label) for cell in row.cells if cell.kind is CellKind.TEXT]


def _vote(row: GridRow) -> str | None:
    votes: dict[str, int] = {}
    for entries in row_entries(row):
        codes = {entry.table_code for entry in entries}
        if len(codes) == 1:
            code = codes.pop()
            votes[code] = votes.get(code, 0) + 1
    return max(votes, key=lambda code: votes[code]) if votes else None


def _is_statistic(segment: Segment) -> bool:
    """Tell whether a run has a form's shape: its own column labels or captions beside its rows, or many of its rows."""
    seen: set[tuple[Axis, str]] = set()
    for row in segment.rows:
        for entries in row_entries(row):
            seen.update((entry.axis, entry.code) for entry in entries if entry.table_code == segment.table_code)
    header = {axis for axis, _ in seen} & {Axis.COLUMN, Axis.CAPTION}
    rows = sum(axis is Axis.ROW for axis, _ in seen)
    has_figures = any(row.has_values for row in segment.rows) or len(seen) >= _MANY_LABELS
    return has_figures and (
        (rows >= _LEAST_LABELS and segment.table_code == "request") or (bool(header) and len(seen) >= _LEAST_LABELS)
    )
