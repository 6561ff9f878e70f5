"""Statistic tables that are printed as lists: one figure a line, its labels beside it and in headings above.

（一）予以公开：3件 under a heading 自然人, 自然人：3件 under a heading （一）予以公开, 予以公开-自然人：3件, or the
totals alone, which name no applicant. No header holds such figures together, so a list is taken only where each label
is the form's, every figure of an edition is there once, and the form's sums hold.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from pipelines.normalize.editions import clause_forms, group_codes, heads_of, only_clause
from pipelines.normalize.folding import fold_label
from pipelines.normalize.grid import CellKind, GridCell, GridRow
from pipelines.normalize.header import HeaderColumn, header_unit
from pipelines.normalize.lexicon import Axis, Entry, choose_entry
from pipelines.normalize.pair_labels import split_pair_label
from pipelines.normalize.parts import find_entries, is_across
from pipelines.normalize.rows import DataRow
from schemas.form import Clause
from schemas.printed import load_printed_words
from schemas.vocabulary import MatchMethod

_LEAST_FIGURES = 12  # fewer are no list of 表三, even of its totals


@dataclass(slots=True)
class _Line:
    """A line of a list: the labels that stand in it or reach into it, and its figure or blank, None for a heading."""

    row: GridRow
    labels: list[GridCell]
    figure: GridCell | None

    @property
    def is_blank(self) -> bool:
        """Whether a blank stands where the figure would."""
        return self.figure is not None and self.figure.kind is CellKind.BLANK


class _NoListError(Exception):
    """A line says something that no list of the form's does."""


@dataclass(slots=True)
class _State:
    """The labels in force from headings above.

    Attributes:
        is_narrowed: The last heading of columns names some of them (法人或其他组织), so that no figure is a total.
    """

    row: tuple[GridCell, Entry] | None = None
    column: tuple[GridCell, str] | None = None
    groups: set[str] = field(default_factory=set)
    is_narrowed: bool = False


def needs_list(rows: Sequence[DataRow]) -> bool:
    """Tell whether rows of figures have no header over them or come twice, as those of a list do."""
    return any(row.has_values and row.columns is None for row in rows) or repeats_rows(rows)


def repeats_rows(rows: Sequence[DataRow]) -> bool:
    """Tell whether a row of the form has figures twice."""
    codes = [row.code for row in rows if row.has_values and row.code is not None]
    return len(set(codes)) < len(codes)


def is_listed(rows: Sequence[GridRow]) -> bool:
    """Tell whether a statistic table has the shape of a list: one figure behind the labels of each line, no more."""
    return _take_lines(rows) is not None


def heads_above(rows: Sequence[GridRow], first: GridRow) -> list[GridRow]:
    """Return the rows without figures right above a row in its grid: what a list is of, where no label of it says."""
    start = end = next(place for place, row in enumerate(rows) if row is first)
    while start > 0 and rows[start - 1].table == first.table and not rows[start - 1].has_values:
        start -= 1
    return list(rows[start:end])


def gather_list(rows: Sequence[GridRow], table_code: str, *, is_last: bool) -> list[DataRow] | None:
    """Return one row for each figure of a statistic table that is printed as a list, None where it is none.

    Args:
        rows: Rows of one statistic table, and those that head it.
        table_code: The table.
        is_last: No other statistic table follows. A list that names no applicant may then be the first of several that
            the document's end cuts off, and is none.
    """
    lines = _take_lines(rows, min(_LEAST_FIGURES, *map(len, _editions(table_code))))
    if lines is None:
        return None
    has_totals = only_clause(table_code) is not None and not is_across(table_code)
    ways = (_under_rows, _under_columns, _by_themselves) if has_totals else (_under_rows,)
    for read in ways:
        try:
            found = read(lines, table_code)
        except _NoListError:
            continue
        if _is_whole(found, table_code):
            names_none = all(column.cell is None for row in found for _, column in row.assigned or ())
            return None if names_none and is_last else found
    return None


def _take_lines(rows: Sequence[GridRow], least: int = _LEAST_FIGURES) -> list[_Line] | None:
    """Return the lines of what may be a list: behind its labels a line has one figure, one blank or nothing."""
    lines = []
    for row in rows:
        texts = [cell for cell in row.cells if cell.kind is CellKind.TEXT]
        values = [cell for cell in row.cells if cell.kind is not CellKind.TEXT]
        if row.has_values and (len(values) != 1 or values[0] is not row.cells[-1]):
            return None
        if not texts and not values:
            continue
        figure = values[0] if values and values[0] is row.cells[-1] and len(values) == 1 else None
        labels = sorted([*row.covering, *texts], key=lambda cell: cell.column)
        if not labels:
            return None
        lines.append(_Line(row, labels, figure))
    figures = [line.figure for line in lines if line.figure is not None and line.figure.kind is CellKind.VALUE]
    is_stream = any(line.row.is_stream for line in lines)
    if not figures or (not is_stream and len({cell.column for cell in figures}) > 1):
        return None
    for line in lines:  # a blank elsewhere than under the figures is none
        if line.figure is not None and not is_stream and line.figure.column != figures[0].column:
            line.figure = None
    if sum(line.figure is not None for line in lines) < least:
        return None
    return lines


def _under_rows(lines: Iterable[_Line], table_code: str) -> list[DataRow]:
    """Read a list whose lines name columns, below or beside the label of their row."""
    state = _State()
    found = []
    for line, own in _lines_with_figures(lines, state, table_code, prefers=Axis.ROW):
        by_axis = find_entries(own, table_code, None)
        if line.is_blank and Axis.COLUMN not in by_axis:
            _take_headings(state, [own], table_code, prefers=Axis.ROW)  # a blank beside a heading is none
            continue
        if state.row is None or not by_axis.keys() & {Axis.COLUMN, Axis.COLUMN_GROUP}:
            raise _NoListError
        code = by_axis[Axis.COLUMN][0].code if Axis.COLUMN in by_axis else None
        column = HeaderColumn(code, own, unit=header_unit(own))
        found.append(_data_row(line, state.row[0], state.row[1], column, table_code))
    return found


def _under_columns(lines: Iterable[_Line], table_code: str) -> list[DataRow]:
    """Read a list whose lines name rows, below or beside the label of their column; without one they are totals."""
    state = _State()
    found = []
    for line, own in _lines_with_figures(lines, state, table_code, prefers=Axis.COLUMN):
        by_axis = find_entries(own, table_code, None)
        entry = choose_entry(by_axis.get(Axis.ROW, ()), state.groups)
        groups = {group.code for group in by_axis.get(Axis.ROW_GROUP, ())}
        state.groups = groups or state.groups
        if entry is None and line.is_blank:
            _take_headings(state, [own], table_code, prefers=Axis.COLUMN)  # a blank beside a heading is none
            continue
        if (entry is None and not groups) or (state.column is None and state.is_narrowed):
            raise _NoListError
        column = HeaderColumn(state.column[1], state.column[0]) if state.column else _total_column(table_code)
        found.append(_data_row(line, own, entry, column, table_code))
    named = {row.assigned[0][1].cell is None for row in found if row.assigned}
    if len(named) != 1:
        raise _NoListError
    return _uncode_groups(found, table_code)


def _lines_with_figures(
    lines: Iterable[_Line], state: _State, table_code: str, *, prefers: Axis
) -> Iterator[tuple[_Line, GridCell]]:
    """Yield the lines with a figure or blank, each with its own label, once the headings before it are in force."""
    for line in lines:
        *above, own = line.labels
        if line.figure is None:
            _take_headings(state, line.labels, table_code, prefers=prefers)
        else:
            _take_headings(state, above, table_code, prefers=prefers)
            yield line, own


def _uncode_groups(found: Sequence[DataRow], table_code: str) -> list[DataRow]:
    """Return rows, the code taken from one of a group whose own rows are printed as well, and its blank left out."""
    heads = heads_of(table_code, {row.code for row in found})
    kept = []
    for row in found:
        if row.code in heads:
            row.uncode()
        if row.code is not None or row.has_values:
            kept.append(row)
    return kept


def _by_themselves(lines: Iterable[_Line], table_code: str) -> list[DataRow]:
    """Read a list in which each label names a row and a column of it."""
    state = _State()
    found = []
    for line in lines:
        if line.figure is None:
            _take_headings(state, line.labels, table_code, prefers=Axis.ROW)
            continue
        pairs = split_pair_label(line.labels[-1].token, table_code)
        entries = {
            (entry.code, column): entry
            for row_token, column in pairs
            if (entry := choose_entry(_row_entries(line.labels[-1], row_token, table_code), state.groups)) is not None
        }
        if len(entries) != 1:
            raise _NoListError
        ((_, column), entry) = next(iter(entries.items()))
        found.append(_data_row(line, line.labels[-1], entry, HeaderColumn(column, line.labels[-1]), table_code))
    return found


def _take_headings(state: _State, labels: Iterable[GridCell], table_code: str, *, prefers: Axis) -> None:
    """Take labels without figures of their own into the state.

    Raises:
        _NoListError: One is not the form's and says something.
    """
    groups: set[str] = set()
    for cell in labels:
        by_axis = find_entries(cell, table_code, None)
        rows = by_axis.get(Axis.ROW, ())
        heads = {entry.code for entry in (*by_axis.get(Axis.ROW_GROUP, ()), *rows)} & group_codes(table_code)
        # （六）其他 heads rows, unless the headings of columns bear numbers.
        is_numbered = not heads or (state.column is not None and bool(state.column[0].label.ordinal))
        columns = by_axis.get(Axis.COLUMN) or (_unnumbered_columns(cell, table_code) if is_numbered else ())
        groups |= set() if columns else heads
        entry = choose_entry(rows, groups or state.groups)
        if columns and (prefers is Axis.COLUMN or not rows):
            state.column = cell, columns[0].code
        elif entry is not None and prefers is Axis.ROW:
            state.row = cell, entry
        elif heads:
            state.row = None
        elif Axis.COLUMN_GROUP in by_axis:
            state.column, state.is_narrowed = None, cell.label.text not in _idle_heads()
        elif rows or (not by_axis and cell.label.text not in _idle_heads()):
            raise _NoListError  # the figure of a row is lost, or a label says what no form does
    state.groups = groups or state.groups


def _unnumbered_columns(cell: GridCell, table_code: str) -> tuple[Entry, ...]:
    """Return the columns that a label names behind its number: （七）总计 may be the seventh heading."""
    return find_entries(replace(cell, token=cell.label.text), table_code, None).get(Axis.COLUMN, ())


def _data_row(line: _Line, label: GridCell, entry: Entry | None, column: HeaderColumn, table_code: str) -> DataRow:
    figure = line.figure
    clauses = entry.clauses if entry is not None and len(entry.clauses) == 1 else ()
    return DataRow(
        table=line.row.table,
        number=line.row.number,
        label=label,
        groups=frozenset(),
        values=[figure] if figure is not None else [],
        clause=next(iter(clauses), only_clause(table_code)),
        columns=(column,),
        code=entry.code if entry else None,
        method=MatchMethod.EXACT if entry else None,
        score=1.0 if entry else None,
        assigned=[(figure, column)] if figure is not None else [],
    )


@cache
def _total_column(table_code: str) -> HeaderColumn:
    """Return the column of totals, which a list does not name that has nothing else."""
    columns = (column for item in clause_forms(table_code) for column in item.clause.columns)
    return HeaderColumn(next(column.code for column in columns if column.is_total), None)


def _is_whole(found: Sequence[DataRow], table_code: str) -> bool:
    """Tell whether every cell of an edition stands in the list once: of all its columns, or of its totals alone."""
    cells = [
        (row.code, column.code)
        for row in found
        for _, column in row.assigned or ()
        if row.code is not None and column.code is not None
    ]
    if len(set(cells)) < len(cells):
        return False
    if only_clause(table_code) is None:
        return set(cells) in _editions(table_code)
    return any(set(cells) in _cells_of(item.clause) for item in clause_forms(table_code))


@cache
def _editions(table_code: str) -> tuple[set[tuple[str, str]], ...]:
    """Return the cells of a table in each edition, all clauses together."""
    cells: dict[str, set[tuple[str, str]]] = {}
    for item in clause_forms(table_code):
        cells.setdefault(item.form_code, set()).update(item.cells)
    return tuple(cells.values())


def _cells_of(clause: Clause) -> Iterator[set[tuple[str, str]]]:
    """Yield the cells that a list of a clause may have: of all columns, of all but the totals, of these alone."""
    every = [column.code for column in clause.columns]
    leaves = [column.code for column in clause.columns if not column.is_total]
    totals = [column.code for column in clause.columns if column.is_total]
    for columns in (every, leaves, totals):
        yield {(row.code, column) for row in clause.rows for column in columns}


def _row_entries(cell: GridCell, token: str, table_code: str) -> tuple[Entry, ...]:
    whole = GridCell(cell.table, cell.row, cell.column, 1, 1, token)
    return find_entries(whole, table_code, None).get(Axis.ROW, ())


@cache
def _idle_heads() -> frozenset[str]:
    """Return the folded heads of a list that name neither row nor column."""
    return frozenset(fold_label(word).text for word in load_printed_words().heads.lists)
