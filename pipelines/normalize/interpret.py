"""Reading a layout: which cell is which row and column of which table of which edition.

A layout is read from its own labels. Header rows name the columns, the last label before the figures names the row,
labels before it are the groups over it. Where a label is unknown, its likeness and its place among the known rows
decide, or nothing does: then the cell stays without a code and a note says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipelines.normalize.alignment import align_rows
from pipelines.normalize.blank_lines import miscounts_lines
from pipelines.normalize.editions import choose_forms, group_codes, has_totals, heads_of, row_choices
from pipelines.normalize.grid import CellKind, GridCell, GridRow
from pipelines.normalize.header import HeaderColumn
from pipelines.normalize.indicators.tables import IndicatorReading, read_indicators
from pipelines.normalize.line_numbers import find_numbered, put_back, take_numbers
from pipelines.normalize.lists import gather_list, heads_above, is_listed, needs_list, repeats_rows
from pipelines.normalize.notes import note_rows, note_table
from pipelines.normalize.orientation import turn_cells, turn_notes, turn_tables, turn_values, unfold_tables
from pipelines.normalize.parts import is_across
from pipelines.normalize.proof import Values, breaks_sums, prove_rows
from pipelines.normalize.readings import CellReading, ReadingNote
from pipelines.normalize.rows import DataRow, assign_all_columns, refuse_aside, refuse_broken_stream
from pipelines.normalize.segments import Segment, find_segments
from pipelines.normalize.split_rows import doubt_split_figures, doubt_tall_cells
from pipelines.normalize.walk import gather_rows
from schemas.vocabulary import MatchMethod, TableCode

_HARMLESS = frozenset({"similar_label", "proved_reading"})  # notes that leave nothing open


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """The rows without figures right above a statistic table in its own grid, and whether no other table follows it."""

    heads: list[GridRow]
    is_last: bool


@dataclass(slots=True)
class LayoutReading:
    """What a layout says.

    Attributes:
        complete: Tables of which every row and column of the best edition was found and nothing was left over.
        found: Tables of which something was found, complete or not; a table that stands twice is named twice.
    """

    cells: list[CellReading] = field(default_factory=list)
    notes: list[ReadingNote] = field(default_factory=list)
    complete: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)


def read_rows(rows: list[GridRow], values: Values | None = None) -> LayoutReading:
    """Return the reading of all statistic tables among `rows`, which may come from several physical tables.

    Args:
        rows: Rows of one or several physical tables of one document.
        values: Printed numbers by table, row and column, where a reading that only they can prove may be tried.
    """
    reading = LayoutReading()
    indicators = read_indicators(rows)
    if indicators.tables:
        _take_indicators(reading, indicators)
        rows = [row for row in rows if row.table not in indicators.tables]
    unfolded, folded = unfold_tables(rows)
    segments = find_segments(unfolded)
    for segment in segments:
        heads = heads_above(unfolded, segment.rows[0])
        _read_segment(reading, segment, values, folded, _Surroundings(heads, segment is segments[-1]))
    return reading


def _take_indicators(reading: LayoutReading, indicators: IndicatorReading) -> None:
    """Take what the 统计表 before 2019 say into the reading of the layout."""
    reading.cells += indicators.cells
    reading.notes += indicators.notes
    reading.found.append(TableCode.LEGACY.value)
    if indicators.is_complete:
        reading.complete.append(TableCode.LEGACY.value)


def _read_segment(
    reading: LayoutReading, segment: Segment, values: Values | None, folded: frozenset[int], around: _Surroundings
) -> None:
    """Take one statistic table into the reading of the layout."""
    table_code = segment.table_code
    printed, turned = turn_tables(segment.rows, table_code)
    found = _find_rows(printed, table_code, values, around)
    rows = _settle_parents(found.rows, table_code)
    is_proved = values is not None and not turned and prove_rows(rows, table_code, values)
    forms = choose_forms(table_code, rows)
    is_unusual = bool(turned) or found.is_listed or _is_unusual(rows, table_code, folded)
    is_unproved = found.is_broken_list or (
        is_unusual and values is not None and breaks_sums(rows, table_code, turn_values(values, turned), forms)
    )
    if is_unproved:
        for row in rows:
            row.refuse()
    signs = {
        "unproved_reading": is_unproved,
        "missing_row": not any(row.assigned for row in rows),
        "proved_reading": is_proved,
        "lossy_text": found.is_lossy,
    }
    notes = [note_table(reason_code, segment) for reason_code, is_so in signs.items() if is_so]
    notes += doubt_split_figures(rows, row_choices(table_code))
    doubt_tall_cells(rows)
    notes += note_rows(segment, rows, forms)
    cells = [cell for row in rows for cell in _row_cells(row, table_code, forms.get(row.clause, ()))]
    if turned:
        cells, notes = turn_cells(cells, turned), turn_notes(notes, turned)
    reading.cells += cells
    reading.notes += notes
    reading.found.append(table_code)
    is_read_again = values is None and (is_unusual or found.has_line_numbers)  # with what it prints
    if not is_read_again and all(note.reason_code in _HARMLESS for note in notes):
        reading.complete.append(table_code)


@dataclass(frozen=True, slots=True)
class _FoundRows:
    """The rows of figures of a statistic table, and how they were found.

    Attributes:
        is_listed: They are the lines of a list.
        is_broken_list: The table has the shape of a list, and is none that could be read.
        has_line_numbers: Some bear the number of their line (行次) before the figures.
        is_lossy: The table is text that lost lines.
    """

    rows: list[DataRow]
    is_listed: bool
    is_broken_list: bool
    has_line_numbers: bool
    is_lossy: bool


def _find_rows(printed: list[GridRow], table_code: str, values: Values | None, around: _Surroundings) -> _FoundRows:
    """Return the rows of figures with their codes and columns, of a list where the table is printed as one."""
    rows = gather_rows(printed, table_code)
    listed = None
    if needs_list(rows):
        listed = gather_list([*around.heads, *printed], table_code, is_last=around.is_last)
    is_broken_list = listed is None and repeats_rows(rows) and is_listed(printed)
    numbered = find_numbered(rows, values) if listed is None else []
    if listed is None:
        taken = take_numbers(numbered if values is not None else [])
        assign_all_columns(rows)
        refuse_aside(rows, is_summed=has_totals(table_code))
        put_back(taken)
        align_rows(rows, row_choices(table_code))
    else:
        rows = listed
    is_lossy = refuse_broken_stream(rows, is_miscounted=miscounts_lines(rows, table_code))
    return _FoundRows(rows, listed is not None, is_broken_list, bool(numbered), is_lossy)


def _is_unusual(rows: Sequence[DataRow], table_code: str, folded: frozenset[int]) -> bool:
    """Tell whether columns were given otherwise than by the header over them, so that the sums must confirm them."""
    is_packed = any(row.columns and row.columns[0].is_packed for row in rows)
    is_folded = not is_across(table_code) and any(row.table in folded for row in rows)
    is_aside = is_across(table_code) and any(row.stands_aside for row in rows)
    return is_packed or is_folded or is_aside or any(row.is_assumed and row.has_values for row in rows)


def _settle_parents(rows: Sequence[DataRow], table_code: str) -> list[DataRow]:
    """Return the rows without those that only head a group: （六）其他处理 is a row of 2019 and a group of 2021.

    Where its members are printed as well, or rows that no form knows follow it, a blank one is the group's label, and
    one with figures has lost its own label.
    """
    heads = heads_of(table_code, {row.code for row in rows})
    kept = []
    for row, following in zip(rows, [*rows[1:], None], strict=False):
        is_head = row.code in heads or (
            row.code in group_codes(table_code) and following is not None and following.code is None
        )
        if row.code is not None and is_head:
            if not row.has_values:
                continue
            row.uncode()
        kept.append(row)
    return kept


def _row_cells(row: DataRow, table_code: str, forms: tuple[str, ...]) -> list[CellReading]:
    pairs: Sequence[tuple[GridCell, HeaderColumn | None]]
    if row.assigned is None:
        pairs = [(cell, None) for cell in row.values if cell.kind is not CellKind.BLANK]
    else:
        pairs = row.assigned
    return [_cell_reading(cell, column, row, table_code, forms) for cell, column in pairs]


def _cell_reading(
    cell: GridCell,
    column: HeaderColumn | None,
    row: DataRow,
    table_code: str,
    forms: tuple[str, ...],
) -> CellReading:
    """Return one cell's reading; under a row label that stands above its column, the column's match is the row's."""
    code, method, score = row.code, row.method, row.score
    if column is not None and column.is_similar and method is MatchMethod.EXACT:
        method, score = MatchMethod.SIMILAR, None
    if column is not None and column.row_code is not None:
        code = column.row_code
        if method is not MatchMethod.PROVED:
            method, score = MatchMethod.EXACT, 1.0
    return CellReading(
        table=cell.table,
        row=cell.row,
        column=cell.column,
        table_code=table_code,
        form_codes=forms,
        row_code=code,
        column_code=column.code if column is not None else None,
        label_place=(row.label.table, row.label.row, row.label.column) if row.label is not None else None,
        method=method,
        score=score,
        unit=column.unit if column is not None else None,
        is_doubtful=(cell.table, cell.row, cell.column) in row.doubtful,
    )
