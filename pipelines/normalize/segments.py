"""Finding the statistic tables: runs of rows that speak of one of them, wherever they stand."""

from dataclasses import dataclass, field
from functools import cache, lru_cache

from pipelines.normalize.folding import fold_label
from pipelines.normalize.grid import CellKind, GridRow
from pipelines.normalize.lexicon import Axis, Entry, load_lexicon
from pipelines.normalize.pair_labels import pair_entries
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
    of one line with just as many figures as 表四 prints, below nothing but pieces of its labels, is 表四 that lost its
    header, where no other table is it: whether it is read is for its sums to say.
    """
    found = [segment for segment in _part(rows, {}) if _is_statistic(segment)]
    bare = _find_bare_tables(rows, {segment.table_code for segment in found})
    if not bare:
        return found
    parted = _part(rows, bare)
    return [segment for segment in parted if _is_statistic(segment) or any(row.table in bare for row in segment.rows)]


def _part(rows: list[GridRow], bare: dict[int, str]) -> list[Segment]:
    """Return the runs of rows by their votes; the rows of a bare table vote for what it would be, and end their run.

    A table without any vote below a whole 表四 is another, such as one of proposals, or a ledger on the next sheet.
    """
    segments: list[Segment] = []
    votes = _votes(rows, bare)
    voting = {row.table for row, code in zip(rows, votes, strict=True) if code is not None}
    for row, code in zip(rows, votes, strict=True):
        if row.table not in voting and segments and _is_whole(segments[-1]):
            continue
        if code is not None and (not segments or segments[-1].table_code != code):
            segments.append(Segment(code))
        if segments and (code is not None or segments[-1].rows[-1].table not in bare):
            segments[-1].rows.append(row)
    return segments


def _is_whole(segment: Segment) -> bool:
    """Tell whether a run has the one line of figures, or of blanks, that its table prints."""
    widths = _lines_of_figures().get(segment.table_code, ())
    lines = (row.cells for row in reversed(segment.rows) if len(row.cells) in widths)
    return any(all(cell.kind is not CellKind.TEXT for cell in cells) for cells in lines)


def _votes(rows: list[GridRow], bare: dict[int, str]) -> list[str | None]:
    """Return what each row votes for; a head of labels that several tables have votes as the row below it does."""
    votes = [bare.get(row.table) or _vote(row) for row in rows]
    for place in range(len(rows) - 2, -1, -1):
        row, below = rows[place], rows[place + 1]
        is_first = place == 0 or rows[place - 1].table != row.table
        if votes[place] is None and is_first and row.table == below.table and not row.has_values:
            codes = {entry.table_code for entries in row_entries(row) for entry in entries}
            votes[place] = votes[place + 1] if votes[place + 1] in codes else None
    return votes


def _find_bare_tables(rows: list[GridRow], found: set[str]) -> dict[int, str]:
    """Return the tables that may be a line of figures without its header, and what each would be."""
    tables: dict[int, list[GridRow]] = {}
    for row in rows:
        tables.setdefault(row.table, []).append(row)
    bare = {}
    for code, widths in _lines_of_figures().items():
        alike = [number for number, own in tables.items() if code not in found and _is_bare(own, code, widths)]
        if len(alike) == 1:
            bare[alike[0]] = code
    return bare


def _is_bare(rows: list[GridRow], code: str, widths: frozenset[int]) -> bool:
    """Tell whether a table is one line of `widths` figures below nothing but pieces of a form table's labels."""
    *header, line = rows
    if len(line.cells) not in widths or any(cell.kind is not CellKind.VALUE for cell in line.cells):
        return False
    pieces = [cell.label.text for row in header for cell in row.cells if cell.kind is not CellKind.BLANK]
    return all(any(piece in label for label in load_lexicon().texts_of(code)) for piece in pieces)


@cache
def _lines_of_figures() -> dict[str, frozenset[int]]:
    """Return the tables whose figures are all in one line, with how many each edition prints."""
    tables = [table for form in load_forms().values() for table in form.tables if table.orientation == "rows_across"]
    widths: dict[str, set[int]] = {}
    for table in tables:
        widths.setdefault(table.code, set()).add(sum(len(item.rows) * len(item.columns) for item in table.clauses))
    return {code: frozenset(counts) for code, counts in widths.items()}


def row_entries(row: GridRow) -> list[tuple[Entry, ...]]:
    """Return what each text cell of a row can be."""
    return [find_any_entries(cell.token) for cell in row.cells if cell.kind is CellKind.TEXT]


@lru_cache(maxsize=65_536)
def find_any_entries(token: str) -> tuple[Entry, ...]:
    """Return what a label can be in any table."""
    return load_lexicon().find(fold_label(token)) or pair_entries(token)


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
    header = {axis for axis, _ in seen} & {Axis.COLUMN, Axis.CAPTION, Axis.CELL}
    rows = sum(axis is Axis.ROW for axis, _ in seen)
    has_figures = any(row.has_values for row in segment.rows) or len(seen) >= _MANY_LABELS
    return has_figures and (
        (rows >= _LEAST_LABELS and segment.table_code == "request") or (bool(header) and len(seen) >= _LEAST_LABELS)
    )
