"""The parts of one printed row: header labels, the row's own label with its groups, and its figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from types import MappingProxyType

from pipelines.normalize.folding import fold_label
from pipelines.normalize.grid import CellKind, GridCell, GridRow
from pipelines.normalize.lexicon import Axis, Entry, cell_codes, load_lexicon
from pipelines.normalize.values import is_unit
from schemas.form import load_forms


@dataclass(slots=True)
class RowParts:
    """One row taken apart.

    Attributes:
        clause: Clause whose caption stands in the row.
        header: Column labels with their code, None where no form knows the label.
        across: Labels of rows that stand side by side above their columns (表四).
        is_structural: The row holds captions, notes, titles or header labels.
        names_columns: The row holds a label over several columns (申请人情况), beside which an unknown one (备注) may
            be of a column that reaches down beside them.
        column_groups: Labels over several columns, with their code.
        is_row: Labels of columns stand behind the row's own label, or behind figures: each names the cell after it.
        groups: Codes of row groups named in the row or reaching into it from above.
        label: The row's own label.
        entries: What the own label can be; empty where no form knows it.
        skipped: Row labels that stand before the own label without figures, in text printed one cell a line.
        values: Cells after the own label.
    """

    clause: str | None = None
    header: list[tuple[GridCell, str | None]] = field(default_factory=list)
    across: list[tuple[GridCell, str]] = field(default_factory=list)
    is_structural: bool = False
    names_columns: bool = False
    column_groups: list[tuple[GridCell, str]] = field(default_factory=list)
    is_row: bool = False
    groups: set[str] = field(default_factory=set)
    label: GridCell | None = None
    entries: tuple[Entry, ...] = ()
    skipped: list[GridCell] = field(default_factory=list)
    values: list[GridCell] = field(default_factory=list)


def find_entries(cell: GridCell, table_code: str, clause: str | None) -> Mapping[Axis, tuple[Entry, ...]]:
    """Return what a label can be in a table, by axis; entries of the open clause win over those of others."""
    return _entries_of(cell.token, table_code, clause)


@lru_cache(maxsize=65_536)
def _entries_of(token: str, table_code: str, clause: str | None) -> Mapping[Axis, tuple[Entry, ...]]:
    found = [entry for entry in load_lexicon().find(fold_label(token)) if entry.table_code == table_code]
    inside = [entry for entry in found if clause is None or clause in entry.clauses or entry.axis is Axis.CAPTION]
    by_axis: dict[Axis, tuple[Entry, ...]] = {}
    for entry in inside or found:
        by_axis[entry.axis] = (*by_axis.get(entry.axis, ()), entry)
    return MappingProxyType(by_axis)  # all cells of one label share it


def words_behind_label(row: GridRow, table_code: str, clause: str | None) -> list[GridCell]:
    """Return the texts that no form knows behind the known label of a grid's row without a figure."""
    if row.has_values or row.is_stream:
        return []
    is_labelled = False
    unknown: list[GridCell] = []
    for cell in row.cells:
        if cell.kind is not CellKind.TEXT:
            continue
        known = find_entries(cell, table_code, clause)
        if known:
            is_labelled, unknown = Axis.ROW in known and Axis.ROW_GROUP not in known, []
        elif is_labelled:
            unknown.append(cell)
    return unknown


def are_unknown(row: GridRow, table_code: str, clause: str | None) -> bool:
    """Tell whether a grid's row holds texts and no form knows any of them."""
    texts = [cell for cell in row.cells if cell.kind is CellKind.TEXT]
    return bool(texts) and not row.is_stream and not any(find_entries(cell, table_code, clause) for cell in texts)


def take_apart(row: GridRow, table_code: str, clause: str | None, *, is_header_open: bool) -> RowParts:
    """Return the parts of `row`.

    A row of a grid that holds a figure is a row of figures: its labels stand before them. A row without a figure is a
    header where it names columns, else a label whose figures are blank or follow on the next line. In text printed one
    cell a line, headers run on into the label of the first row: there only the last label before the figures can be the
    row's own.

    Args:
        row: The row as laid out.
        table_code: Table to which the row belongs.
        clause: Clause open above the row.
        is_header_open: No row of figures has come since the last header label, so that an ambiguous label (其他, 总计)
            names a column.
    """
    parts = RowParts()
    for cell in row.covering:
        parts.groups.update(entry.code for entry in find_entries(cell, table_code, clause).get(Axis.ROW_GROUP, ()))
    labels, parts.values = _split_values(row, table_code, clause)
    has_values = row.has_values  # asks every cell, and text torn to words has thousands in a row
    for place, cell in enumerate(labels):
        context = _LabelContext(
            table_code=table_code,
            clause=parts.clause or clause,
            is_first=place == 0,
            is_own=place == len(labels) - 1 and (has_values or not row.is_stream),
            has_values=has_values,
            is_stream=row.is_stream,
            is_header_open=is_header_open,
        )
        _place_label(parts, cell, context)
        parts.is_row |= not row.is_stream and not parts.header and _is_surely_row(cell, table_code, clause)
    parts.is_row |= any(_is_surely_column(cell, table_code, clause) for cell in parts.values)
    if not row.is_stream:
        _take_sums_of_groups(parts, table_code, clause)
    _settle_header(parts, row)
    return parts


def _take_sums_of_groups(parts: RowParts, table_code: str, clause: str | None) -> None:
    """Take the label of a group that stands beside its own columns for one of a column that the form does not have."""
    columns = [
        entry
        for cell, code in parts.header
        if code
        for entry in find_entries(cell, table_code, clause).get(Axis.COLUMN, ())
    ]
    beside = {parent for entry in columns for parent in entry.parents}
    parts.header += [(cell, None) for cell, code in parts.column_groups if code in beside]


def _is_surely_row(cell: GridCell, table_code: str, clause: str | None) -> bool:
    by_axis = find_entries(cell, table_code, clause)
    return Axis.ROW in by_axis and Axis.COLUMN not in by_axis and not is_across(table_code)


def _is_surely_column(cell: GridCell, table_code: str, clause: str | None) -> bool:
    by_axis = find_entries(cell, table_code, clause) if cell.kind is CellKind.TEXT else {}
    return Axis.COLUMN in by_axis and Axis.ROW not in by_axis


@dataclass(frozen=True, slots=True)
class _LabelContext:
    """Where a label stands: first or last of its row's labels, in a row with figures or without, under which clause."""

    table_code: str
    clause: str | None
    is_first: bool
    is_own: bool
    has_values: bool
    is_stream: bool
    is_header_open: bool


def _split_values(row: GridRow, table_code: str, clause: str | None) -> tuple[list[GridCell], list[GridCell]]:
    """Return the label cells of a row and the cells after them; text after a known row label or a figure is a value.

    Behind a label that names a row in one edition and a group in another, a unit is none of the group's rows. Figures
    before a known label are serial numbers, and no part of the row.
    """
    last_label = -1
    start = 0 if row.is_stream else _skip_serial_numbers(row, table_code, clause)
    for place, cell in enumerate(row.cells[start:], start=start):
        if cell.kind is CellKind.VALUE and not row.is_stream:
            break
        if cell.kind is CellKind.TEXT:
            if last_label >= 0 and not row.is_stream and (row.has_values or is_unit(cell.token)):
                previous = find_entries(row.cells[last_label], table_code, clause)
                is_own = Axis.ROW in previous and (Axis.ROW_GROUP not in previous or is_unit(cell.token))
                if is_own and not find_entries(cell, table_code, clause):
                    break
            last_label = place
    labels = [cell for cell in row.cells[: last_label + 1] if cell.kind is CellKind.TEXT]
    return labels, row.cells[max(start, last_label + 1) :]


def _skip_serial_numbers(row: GridRow, table_code: str, clause: str | None) -> int:
    """Return the place of the row's first known row label where only figures and blanks stand before it, else 0."""
    for place, cell in enumerate(row.cells):
        if cell.kind is CellKind.TEXT:
            known = find_entries(cell, table_code, clause)
            return place if Axis.ROW in known or Axis.ROW_GROUP in known else 0
    return 0


def _place_label(parts: RowParts, cell: GridCell, context: _LabelContext) -> None:
    """Put a label where it belongs; behind a column's label in the same row of a grid none is the row's own.

    So 总计 stays a column where a stray figure stands behind it.
    """
    by_axis = find_entries(cell, context.table_code, context.clause)
    is_among_columns = not context.is_stream and any(code is not None for _, code in parts.header)
    names_row = context.is_own and context.has_values and not is_among_columns
    if Axis.CAPTION in by_axis:
        parts.clause, parts.is_structural = by_axis[Axis.CAPTION][0].code, True
    elif Axis.NOTE in by_axis or Axis.TITLE in by_axis:
        parts.is_structural = True
        parts.names_columns |= not context.is_first and cell.column_span > 1
    elif _names_column(by_axis, context, names_row=names_row, is_among_columns=is_among_columns):
        parts.is_structural = True
        parts.names_columns |= Axis.COLUMN_GROUP in by_axis
        parts.column_groups += [(cell, entry.code) for entry in by_axis.get(Axis.COLUMN_GROUP, ())]
        if Axis.COLUMN in by_axis:
            parts.header.append((cell, by_axis[Axis.COLUMN][0].code))
    elif Axis.CELL in by_axis and not names_row:
        row_code, column_code = cell_codes(by_axis[Axis.CELL][0])
        parts.is_structural = True
        parts.header.append((cell, column_code))
        parts.across.append((cell, row_code))
    elif Axis.ROW in by_axis and is_across(context.table_code) and not names_row:
        parts.is_structural = True
        parts.across.append((cell, by_axis[Axis.ROW][0].code))
    elif Axis.ROW_GROUP in by_axis and not (context.is_own and Axis.ROW in by_axis):
        parts.groups.update(entry.code for entry in by_axis[Axis.ROW_GROUP])
    else:
        if not by_axis and not names_row and not (context.is_first and context.is_stream):
            parts.header.append((cell, None))
        if parts.label is not None and parts.entries:
            parts.skipped.append(parts.label)
        parts.label, parts.entries = cell, by_axis.get(Axis.ROW, ())


def _names_column(
    by_axis: Mapping[Axis, tuple[Entry, ...]], context: _LabelContext, *, names_row: bool, is_among_columns: bool
) -> bool:
    """Tell whether a label names a column.

    One that may name a row as well does so only while the header is open, or behind a column's label.
    """
    if Axis.COLUMN_GROUP in by_axis:
        return True
    if Axis.COLUMN not in by_axis:
        return False
    if Axis.ROW not in by_axis:
        return context.is_stream or not names_row
    return (context.is_header_open or is_among_columns) and not names_row


def _settle_header(parts: RowParts, row: GridRow) -> None:
    """Keep unknown labels as columns only beside known ones, and no row label in a header row without figures.

    A first label that no form knows heads the column of labels and is no column of figures. Behind a row's own label
    the labels of columns are no header: there a blank stands for the figure behind each of them.
    """
    is_known = any(code is not None for _, code in parts.header)
    if is_known and parts.is_row:
        parts.header, parts.is_structural = [], False
    elif not is_known and (row.has_values or not parts.names_columns):
        parts.header = []
        if parts.is_structural and not row.has_values and not parts.entries:
            parts.label = None
    elif not row.has_values:
        parts.label, parts.entries = None, ()
    elif parts.label is not None:
        parts.header = [(cell, code) for cell, code in parts.header if cell is not parts.label]


@cache
def is_across(table_code: str) -> bool:
    """Tell whether the table's rows stand side by side above its columns, as 行政复议 and 行政诉讼 do in 表四."""
    return any(form.table(table_code).orientation == "rows_across" for form in load_forms().values())
