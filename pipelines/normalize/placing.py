"""Which figures of a row stand under which columns of its header."""

from collections.abc import Sequence
from itertools import pairwise

from pipelines.normalize.grid import CellKind, GridCell
from pipelines.normalize.header import HeaderColumn


def assign_columns(
    values: list[GridCell],
    columns: tuple[HeaderColumn, ...],
    *,
    is_stream: bool,
    left: tuple[HeaderColumn, ...],
    header_end: int,
    others: Sequence[GridCell],
) -> list[tuple[GridCell, HeaderColumn]] | None:
    """Return the figures of a row beside their columns, or None where that cannot be told.

    A row with as many cells as the header has columns is read in order. A row with more is read with the labels `left`
    of them where each cell stands right under its own; by place where all its cells stand under the header, or without
    what stands beside the header's labels and is no figure of theirs (`header_end`, `others`; see `_right_under`); else
    by the one run of cells that holds every figure, and where blanks leave several such runs, none is taken. A row with
    fewer is never read, nor one in which a figure was merged over two columns: what stands beside it is no longer under
    its own; nor one with more under labels that others below them part (本年, 上年).
    """
    count = len(columns)
    more = len(values) - count
    is_parted = more > 0 and not is_stream and _are_parted(columns, others)
    if (
        more < 0
        or is_parted
        or (not is_stream and has_merged_figure(values, columns))
        or (more and _lacks_a_way(columns))
    ):
        return None
    if 0 < more <= len(left) and not is_stream and are_right_under(values, (*left[-more:], *columns)):
        return list(zip(values, (*left[-more:], *columns), strict=True))
    if more and not is_stream and _stand_under(values, columns):
        return _by_place(values, columns)
    if more and not is_stream and (under := _right_under(values, columns, header_end, others)) is not None:
        return list(zip(under, columns, strict=True)) if under else None
    filled = [place for place, cell in enumerate(values) if cell.kind is not CellKind.BLANK]
    if not filled:
        return set_under(values[:count], columns)
    first, last = max(0, filled[-1] - count + 1), min(filled[0], len(values) - count)
    window = values[first : first + count]
    is_loose = more and not is_stream and (_ends_early(values, columns) or _share_a_label(window, columns))
    if first != last or is_loose:
        return None
    has_blank_edge = filled[0] > first or filled[-1] < first + count - 1
    if len(values) == count and has_blank_edge and (is_stream or not _is_aligned(window, columns)):
        return None
    return None if not is_stream and slips_past_another(window, columns) else set_under(window, columns)


def _share_a_label(values: Sequence[GridCell], columns: tuple[HeaderColumn, ...]) -> bool:
    """Tell whether two figures stand right under one label, as digits in cells of their own do."""
    filled = [value for value in values if value.kind is not CellKind.BLANK]
    return any(
        sum(head.column <= value.column and value.last_column <= head.last_column for value in filled) > 1
        for head in (column.cell for column in columns)
        if head is not None and head.column_span > 1 and head.table == values[0].table
    )


def _lacks_a_way(columns: tuple[HeaderColumn, ...]) -> bool:
    """Tell whether a label over rows side by side is lost: its figure may stand under its neighbour's."""
    return columns[0].row_code is not None and columns[0].is_by_place


def _are_parted(columns: tuple[HeaderColumn, ...], others: Sequence[GridCell]) -> bool:
    """Tell whether texts that no form knows stand below labels of columns, so that a label has several figures."""
    heads = [column.cell for column in columns if column.cell is not None]
    return any(other.row > head.row and other.overlaps(head) for other in others for head in heads)


def _ends_early(values: list[GridCell], columns: tuple[HeaderColumn, ...]) -> bool:
    """Tell whether a row begins with or before its own table's header and ends before it: blanks at its end are lost.

    Converters drop them, and counted from such an end the figures would stand one column aside.
    """
    first, last = columns[0].cell, columns[-1].cell
    if first is None or last is None or last.table != values[-1].table:
        return False
    return values[0].column <= first.column and values[-1].last_column < last.last_column


def slips_past_another(values: list[GridCell], columns: tuple[HeaderColumn, ...]) -> bool:
    """Tell whether a column that no form has (备注) stands before one of the form's, and cells aside of their labels.

    A label that stands aside may have changed places with that of the other column.
    """
    is_own = [column.code is not None for column in columns]
    return is_own != sorted(is_own, reverse=True) and not are_right_under(values, columns)


def _stand_under(values: list[GridCell], columns: tuple[HeaderColumn, ...]) -> bool:
    """Tell whether no cell of a row stands before the first label of its own table's header or behind the last."""
    heads = [column.cell for column in columns if column.cell is not None]
    first, last = heads[0] if heads else None, heads[-1] if heads else None
    if first is None or last is None or len(heads) < len(columns) or first.table != values[0].table:
        return False
    return first.column <= values[0].column and values[-1].last_column <= last.last_column


def _by_place(values: list[GridCell], columns: tuple[HeaderColumn, ...]) -> list[tuple[GridCell, HeaderColumn]] | None:
    """Return the one figure or blank under each label, None where two stand there or one stands under none.

    A stray line of a PDF parts a cell in two; counted in order, the figures behind it would stand one column aside.
    """
    found: list[tuple[GridCell, HeaderColumn]] = []
    printed = 0
    for column in columns:
        head = column.cell
        under = [
            cell for cell in values if head and head.column <= cell.column and cell.last_column <= head.last_column
        ]
        figures = [cell for cell in under if cell.kind is not CellKind.BLANK]
        if not under or len(figures) > 1:
            return None
        printed += len(figures)
        found.append(((figures or under)[0], column))
    return found if printed == sum(cell.kind is not CellKind.BLANK for cell in values) else None


def _right_under(
    values: list[GridCell], columns: tuple[HeaderColumn, ...], header_end: int, others: Sequence[GridCell]
) -> list[GridCell] | None:
    """Return the cells right under the labels of a header, where what stands beside them says that none moved.

    So where blanks fill the columns that the header leaves free between its labels, and where the header's own row goes
    as far as the figures' row, as in a sheet that is wider than its table: then no cell was put in or lost. Figures
    beside them stand under the labels of `others` (序号, 备注). Under none, rows tell by their like; of
    those that stand side by side nothing is known then: an empty list.
    """
    heads = [column.cell for column in columns if column.cell is not None]
    is_packed = all(right.column <= left.last_column + 1 for left, right in pairwise(heads))
    is_as_wide = values[-1].last_column == header_end and all(head.table == values[0].table for head in heads)
    under = [value for value in values if any(value.overlaps(head) for head in heads)]
    if (is_packed and not is_as_wide) or not are_right_under(under, columns):
        return None
    first, last = heads[0].column, heads[-1].last_column
    beside = [value for value in values if value not in under and value.kind is not CellKind.BLANK]
    if not beside:
        return under
    if not is_packed or not is_as_wide:
        return None
    # What stands before them heads the column of labels, but where rows stand side by side and have none.
    is_across = columns[0].row_code is not None
    free = [other for other in others if other.column > last or (is_across and other.last_column < first)]
    if all(any(value.overlaps(other) for other in free) for value in beside):
        return under
    return [] if is_across else None


def assume_columns(
    values: list[GridCell], columns: tuple[HeaderColumn, ...]
) -> list[tuple[GridCell, HeaderColumn]] | None:
    """Return the first cells of a line printed one cell a line beside its columns where only blanks stand behind them.

    So where blank cells are empty lines, and those that a label above covers are so too: they belong to the next row.
    """
    own, rest = values[: len(columns)], values[len(columns) :]
    if len(own) < len(columns) or any(cell.kind is not CellKind.BLANK for cell in rest):
        return None
    return list(zip(own, columns, strict=True))


def set_under(values: list[GridCell], columns: tuple[HeaderColumn, ...]) -> list[tuple[GridCell, HeaderColumn]] | None:
    """Return figures beside as many columns in order, or None where columns known by place stand over other cells."""
    if columns[0].is_by_place and not _is_aligned(values, columns):
        head = columns[0].cell
        if (
            len(columns) > 1 or head is None or not values[0].overlaps(head)
        ):  # one label may stand over its row's label too
            return None
    return list(zip(values, columns, strict=True))


def _is_aligned(values: list[GridCell], columns: tuple[HeaderColumn, ...]) -> bool:
    return all(
        column.cell is not None and value.overlaps(column.cell) and value.column == column.cell.column
        for value, column in zip(values, columns, strict=True)
    )


def are_right_under(values: list[GridCell], columns: tuple[HeaderColumn, ...]) -> bool:
    """Tell whether as many cells stand right under the labels of `columns`, each as wide as its own."""
    return (
        len(values) == len(columns)
        and _is_aligned(values, columns)
        and all(
            column.cell is not None and value.last_column == column.cell.last_column
            for value, column in zip(values, columns, strict=True)
        )
    )


def has_merged_figure(values: list[GridCell], columns: tuple[HeaderColumn, ...]) -> bool:
    """Tell whether one of the row's cells, and not all of them alike, covers the whole of two column labels."""
    spans = {value.column_span for value in values}
    if len(spans) < 2:
        return False
    labels = [(column.cell.column, column.cell.last_column) for column in columns if column.cell is not None]
    return any(
        sum(value.column <= first and last <= value.last_column for first, last in labels) > 1
        for value in values
        if value.column_span > 1
    )
