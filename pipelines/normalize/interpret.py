"""Reading a layout: which cell is which row and column of which table of which edition.

A layout is read from its own labels. Header rows name the columns, the last label before the figures names the row,
labels before it are the groups over it. Where a label is unknown, its likeness and its place among the known rows
decide, or nothing does: then the cell stays without a code and a note says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from pipelines.normalize.blank_lines import miscounts_lines
from pipelines.normalize.editions import choose_forms, clause_forms, row_choices
from pipelines.normalize.grid import CellKind, GridCell, GridRow
from pipelines.normalize.header import HeaderColumn
from pipelines.normalize.indicators.tables import IndicatorReading, read_indicators
from pipelines.normalize.line_numbers import find_numbered, put_back, take_numbers
from pipelines.normalize.lists import gather_list, heads_above, is_listed, needs_list, repeats_rows
from pipelines.normalize.orientation import turn_cells, turn_notes, turn_tables, turn_values, unfold_tables
from pipelines.normalize.parts import is_across
from pipelines.normalize.proof import Values, breaks_sums, prove_rows
from pipelines.normalize.readings import CellReading, ReadingNote
from pipelines.normalize.rows import DataRow, align_rows, assign_all_columns, refuse_broken_stream
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
        partial: Tables of which something was found, complete or not; a table that stands twice is named twice.
    """

    cells: list[CellReading] = field(default_factory=list)
    notes: list[ReadingNote] = field(default_factory=list)
    complete: list[str] = field(default_factory=list)
    partial: list[str] = field(default_factory=list)


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
    reading.partial.append(TableCode.LEGACY.value)
    if indicators.is_complete:
        reading.complete.append(TableCode.LEGACY.value)


def _read_segment(
    reading: LayoutReading, segment: Segment, values: Values | None, folded: frozenset[int], around: "_Surroundings"
) -> None:
    printed, turned = turn_tables(segment.rows, segment.table_code)
    rows = gather_rows(printed, segment.table_code)
    is_list = needs_list(rows)
    listed = gather_list([*around.heads, *printed], segment.table_code, is_last=around.is_last) if is_list else None
    is_broken_list = listed is None and repeats_rows(rows) and is_listed(printed)
    numbered = find_numbered(rows, values) if listed is None else []
    if listed is None:
        taken = take_numbers(numbered if values is not None else [])
        assign_all_columns(rows)
        put_back(taken)
        align_rows(rows, row_choices(segment.table_code))
    else:
        rows = listed
    is_lossy = refuse_broken_stream(rows, is_miscounted=miscounts_lines(rows, segment.table_code))
    rows = _settle_parents(rows, segment.table_code)
    is_proved = values is not None and not turned and prove_rows(rows, segment.table_code, values)
    forms = choose_forms(segment.table_code, rows)
    notes: list[ReadingNote] = []
    is_packed = any(row.columns and row.columns[0].is_packed for row in rows)
    is_folded = not is_across(segment.table_code) and any(row.table in folded for row in rows)
    is_assumed = any(row.is_assumed and row.has_values for row in rows)
    is_unusual = bool(turned) or is_packed or is_folded or is_assumed or listed is not None
    values_here = None if values is None or not is_unusual else turn_values(values, turned)
    if is_broken_list or (values_here is not None and breaks_sums(rows, segment.table_code, values_here)):
        notes.append(_unproved_note(segment))
        for row in rows:
            row.code = row.method = row.score = row.assigned = None
    if not any(row.assigned for row in rows):
        notes.append(_empty_note(segment))
    if is_proved:
        notes.append(_proved_note(segment))
    if is_lossy:
        notes.append(_lossy_note(segment))
    notes += doubt_split_figures(rows, row_choices(segment.table_code))
    doubt_tall_cells(rows)
    cells: list[CellReading] = []
    for row in rows:
        notes += _row_notes(row, segment.table_code)
        cells += _row_cells(row, segment.table_code, forms.get(row.clause, ()))
    notes += [*_column_notes(rows, segment.table_code), *_similar_column_notes(rows)]
    notes += _missing_notes(segment, rows, forms)
    if turned:
        cells, notes = turn_cells(cells, turned), turn_notes(notes, turned)
    reading.cells += cells
    reading.notes += notes
    reading.partial.append(segment.table_code)
    is_settled = (
        not (is_unusual or numbered) or values is not None
    )  # such a table is read once more, with what it prints
    if is_settled and not any(note.reason_code not in _HARMLESS for note in notes):
        reading.complete.append(segment.table_code)


def _settle_parents(rows: Sequence[DataRow], table_code: str) -> list[DataRow]:
    """Return the rows without those that only head a group: （六）其他处理 is a row of 2019 and a group of 2021.

    Where its members are printed as well, or rows that no form knows follow it, a blank one is the group's label, and
    one with figures has lost its own label.
    """
    children = {row.code for row in rows if row.code is not None}
    heads = {label.parent for item in clause_forms(table_code) for label in item.clause.rows if label.code in children}
    kept = []
    for row, following in zip(rows, [*rows[1:], None], strict=False):
        is_head = row.code in heads or (
            row.code in _group_codes(table_code) and following is not None and following.code is None
        )
        if row.code is not None and is_head:
            if not row.has_values:
                continue
            row.code = row.method = row.score = None
        kept.append(row)
    return kept


@cache
def _group_codes(table_code: str) -> frozenset[str]:
    return frozenset(group.code for item in clause_forms(table_code) for group in item.clause.row_groups)


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


def _row_notes(row: DataRow, table_code: str) -> list[ReadingNote]:
    printed = row.label.token if row.label is not None else None
    column = row.label.column if row.label is not None else None
    notes = []
    if row.code is None and not row.is_across and row.has_values and row.method is not MatchMethod.PROVED:
        if printed is None:
            notes.append(
                ReadingNote(
                    "row_without_label",
                    row.table,
                    row.number,
                    None,
                    f"A row of table {table_code} has figures and no label; it is kept without a code.",
                )
            )
        else:
            notes.append(
                ReadingNote(
                    "unmapped_row",
                    row.table,
                    row.number,
                    column,
                    f"No row of form table {table_code} is called {printed!r}; it is kept without a code.",
                )
            )
    if row.method is MatchMethod.SIMILAR:
        notes.append(
            ReadingNote(
                "similar_label",
                row.table,
                row.number,
                column,
                f"Label {printed!r} was read as row {row.code} (likeness {row.score}).",
            )
        )
    if row.assigned is None and row.has_values:
        notes.append(_width_note(row, table_code))
    return notes


def _column_notes(rows: Sequence[DataRow], table_code: str) -> list[ReadingNote]:
    """Return a note for each column that the table prints beside the form's own."""
    columns = {
        id(column): column
        for row in rows
        for column in (*(row.columns or ()), *(column for _, column in row.assigned or ()))
    }
    return [
        ReadingNote(
            "unmapped_column",
            column.cell.table,
            column.cell.row,
            column.cell.column,
            f"No column of form table {table_code} is called {column.cell.token!r}; it is kept without a code.",
        )
        for column in columns.values()
        if column.code is None and column.cell is not None
    ]


def _empty_note(segment: Segment) -> ReadingNote:
    first = segment.rows[0]
    message = f"Table {segment.table_code} has no row whose figures, or blanks, could be set under its columns."
    return ReadingNote("missing_row", first.table, first.number, None, message)


def _proved_note(segment: Segment) -> ReadingNote:
    first = segment.rows[0]
    message = (
        f"Labels of table {segment.table_code} are torn from their figures; the form's order was taken as its rows "
        "are all there and every identity that can be computed holds."
    )
    return ReadingNote("proved_reading", first.table, first.number, None, message)


def _lossy_note(segment: Segment) -> ReadingNote:
    first = segment.rows[0]
    message = f"The text of table {segment.table_code} lost lines: labels stand without their figures; none is taken."
    return ReadingNote("lossy_text", first.table, first.number, None, message)


def _unproved_note(segment: Segment) -> ReadingNote:
    first = segment.rows[0]
    message = (
        f"Table {segment.table_code} is printed in another layout than the form's, and its labels or sums do not "
        "settle it: figures may stand aside of their labels, and none is taken."
    )
    return ReadingNote("unproved_reading", first.table, first.number, None, message)


def _width_note(row: DataRow, table_code: str) -> ReadingNote:
    if row.columns is None:
        return ReadingNote(
            "unmapped_column",
            row.table,
            row.number,
            None,
            f"The header over this row of table {table_code} could not be read; its figures are kept without a column.",
        )
    return ReadingNote(
        "row_width_mismatch",
        row.table,
        row.number,
        None,
        f"The row's {len(row.values)} cells cannot be set under the {len(row.columns)} columns of table {table_code}; "
        "its figures are kept without a column.",
    )


def _similar_column_notes(rows: Sequence[DataRow]) -> list[ReadingNote]:
    """Return a note for each column whose label was read by likeness or as the beginning of the form's."""
    columns = {id(row.columns): row.columns for row in rows if row.columns}.values()
    return [
        ReadingNote(
            "similar_label",
            column.cell.table,
            column.cell.row,
            column.cell.column,
            f"Label {column.cell.token!r} was read as column {column.code}.",
        )
        for header in columns
        for column in header
        if column.is_similar and column.cell is not None
    ]


def _missing_notes(
    segment: Segment, rows: Sequence[DataRow], forms: dict[str | None, tuple[str, ...]]
) -> list[ReadingNote]:
    """Return a note for every cell row that the best edition prints and the table lacks."""
    found: dict[str, set[str]] = {}
    for row in rows:
        for _, column in row.assigned or ():
            code = column.row_code or row.code
            if code is not None and column.code is not None:
                found.setdefault(code, set()).add(column.code)
    best = _main_form(forms)
    first = segment.rows[0]
    absent, lacking = [], []
    for item in clause_forms(segment.table_code):
        own = forms.get(item.clause.code) or ((best,) if best else ())
        if not own or item.form_code != own[-1]:
            continue
        for label in item.clause.rows:
            missing = [
                column.label for column in item.clause.columns if column.code not in found.get(label.code, set())
            ]
            if len(missing) == len(item.clause.columns):
                absent.append(label.label)
            elif missing:
                lacking.append(f"{label.label}: {'、'.join(missing)}")
    return [
        ReadingNote(reason, first.table, None, None, f"Table {segment.table_code} {what}: {'; '.join(labels)}.")
        for reason, what, labels in (
            ("missing_row", "has no figures for the rows", absent),
            ("missing_column", "has rows without all their figures", lacking),
        )
        if labels
    ]


def _main_form(forms: dict[str | None, tuple[str, ...]]) -> str | None:
    codes = [code for fitting in forms.values() if len(fitting) == 1 for code in fitting]
    codes = codes or [fitting[-1] for fitting in forms.values() if fitting]
    return max(codes, key=codes.count) if codes else None
