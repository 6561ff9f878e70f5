"""The rows of a statistic table with their labels, and how they find their codes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipelines.normalize.grid import CellKind, GridCell
from pipelines.normalize.header import HeaderColumn
from pipelines.normalize.placing import (
    assign_columns,
    assume_columns,
    has_merged_figure,
    set_under,
    slips_past_another,
)
from schemas.form import Label
from schemas.vocabulary import MatchMethod

_LEAST_ALIKE = 2  # rows with a cell too many that must agree on which it is


@dataclass(slots=True)
class DataRow:
    """A row of figures as printed.

    Attributes:
        number: Row of the grid in which the figures stand.
        label: The row's own label; None where it has none.
        groups: Codes of the groups under which it stands.
        own_groups: Those of them that are printed in the row, or reach into it.
        values: Cells to the right of the label.
        columns: The header in force, None where there is none that could be read.
        left_columns: Unknown labels of the header left of all its columns.
        header_labels: The column labels above the row from left to right with their codes, None for an unknown one,
            whether they make a header or not.
        header_end: Last column of the header's rows, blanks behind its labels included; 0 where these differ.
        other_heads: Texts in the header's rows that are no labels of the form's columns.
        has_lost_rows: Labels of other rows stand before this one without any figure, in text printed one cell a line.
        code: Code of the row once known.
        assigned: Figures beside their columns once known.
        is_assumed: Its figures were set under the columns from the first cell on, blanks at an edge or behind them;
            whether they stand so is for the sums to say.
        doubtful: Table, row and column of each figure that may be only a part of what is printed.
    """

    table: int
    number: int
    label: GridCell | None
    groups: frozenset[str]
    values: list[GridCell]
    clause: str | None
    columns: tuple[HeaderColumn, ...] | None
    own_groups: frozenset[str] = frozenset()
    left_columns: tuple[HeaderColumn, ...] = ()
    is_stream: bool = False
    header_labels: tuple[tuple[GridCell, str | None], ...] = ()
    header_end: int = 0
    other_heads: Sequence[GridCell] = ()
    has_lost_rows: bool = False
    code: str | None = None
    method: MatchMethod | None = None
    score: float | None = None
    assigned: list[tuple[GridCell, HeaderColumn]] | None = None
    is_assumed: bool = False
    doubtful: set[tuple[int, int, int]] = field(default_factory=set)

    def uncode(self) -> None:
        """Take the code away: the row is not what its label says."""
        self.code = self.method = self.score = None

    def refuse(self) -> None:
        """Take code and columns away: none of the row's figures is known for what it is."""
        self.uncode()
        self.assigned = None

    @property
    def has_values(self) -> bool:
        """Tell whether a figure stands in the row."""
        return [cell.kind for cell in self.values].count(CellKind.BLANK) < len(self.values)

    @property
    def sticks_out(self) -> bool:
        """Tell whether a row with a cell too many goes on behind all of its header, in the header's grid."""
        head = self.columns[-1].cell if self.columns and len(self.values) > len(self.columns) else None
        if head is None or head.table != self.table:
            return False
        ends = (head.last_column, self.header_end, *(other.last_column for other in self.other_heads))
        return self.values[-1].last_column > max(ends)

    @property
    def has_blank(self) -> bool:
        """Tell whether a blank is set under one of the columns."""
        return any(cell.kind is CellKind.BLANK for cell, _ in self.assigned or ())

    @property
    def is_across(self) -> bool:
        """Tell whether the row's meaning stands above its columns, as in 表四, so that it needs no label of its own."""
        return bool(self.columns) and self.columns is not None and self.columns[0].row_code is not None

    @property
    def names_another(self) -> bool:
        """Tell whether the row's own label and the labels above its columns name different rows of the form."""
        return self.is_across and self.code is not None and any(self.code != c.row_code for c in self.columns or ())

    @property
    def stands_aside(self) -> bool:
        """Tell whether a row with a cell too many begins beside the label of its first column, in its header's grid.

        The blank before it may head the row, or be its first figure while the last one stands under no label.
        """
        if self.is_stream or not self.assigned or len(self.values) <= len(self.assigned):
            return False
        (cell, column), *_ = self.assigned
        head = column.cell
        return head is not None and head.table == cell.table and not cell.overlaps(head)

    @property
    def depth(self) -> int:
        """Where the label before the figures ends, by which rows of one shape are told; 0 where none does."""
        return self.label.last_column if self.label is not None and self.label.row == self.number else 0


@dataclass(frozen=True, slots=True)
class RowChoice:
    """A row of the form that a printed row may be, with the groups that stand over it and its place in the form."""

    label: Label
    clause: str
    place: float


def assign_all_columns(rows: Sequence[DataRow]) -> None:
    """Give every row's figures their columns: first where one row alone decides, then by the shape its neighbours have.

    Blanks at the edge of a row leave open where its figures begin. They are taken to begin where those of all other
    rows of the same shape (label ending in the same column, as many cells) begin, and only if these agree.
    """
    undecided = []
    for row in rows:
        if row.columns and row.values and not row.names_another:
            row.assigned = assign_columns(
                row.values,
                row.columns,
                is_stream=row.is_stream,
                left=row.left_columns,
                header_end=row.header_end,
                others=row.other_heads,
            )
            if row.assigned is None and row.is_stream:
                row.assigned = assume_columns(row.values, row.columns)
                row.is_assumed = row.assigned is not None
            if row.assigned is None:
                undecided.append(row)
    torn = _refuse_torn_shapes(rows)
    for row in undecided:
        if id(row) not in torn:
            row.assigned = _assign_like_neighbours(row, rows)
    headers = {id(row.columns): [other for other in rows if other.columns is row.columns] for row in undecided}
    for alike in headers.values():
        filled = [row for row in alike if row.has_values and not row.is_stream and not _is_merged_whole(row)]
        if 2 * sum(row.assigned is None for row in filled) > len(filled):
            for row in alike:
                row.assigned = None
    _refuse_odd_rows(rows)


def _refuse_odd_rows(rows: Sequence[DataRow]) -> None:
    """Take the columns from rows with a cell too many that others of their like have not, where they hold a blank.

    Each of its blanks may be the cell too many, and the figures behind that one stand a column aside. Rows without
    another blank, of the same length and beginning in the same column, tell where it is. The one row of 表四 has no
    like.
    """
    alike: dict[tuple[int, int], list[DataRow]] = {}
    for row in rows:
        if row.columns and row.values and not row.is_stream:
            alike.setdefault((id(row.columns), row.depth), []).append(row)
    for like in alike.values():
        if len({len(row.values) for row in like}) == 1 and not like[0].is_across:
            continue
        odd = [row for row in like if row.sticks_out and row.has_values]
        told = {(len(row.values), row.assigned[0][0].column) for row in odd if row.assigned and not row.has_blank}
        for row in odd:
            if row.assigned and row.has_blank and (len(row.values), row.assigned[0][0].column) not in told:
                row.assigned = None


def _refuse_torn_shapes(rows: Sequence[DataRow]) -> set[int]:
    """Take the columns from rows with more cells than the header where their like do not begin in one column.

    Figures of a column that no label names fill such rows from edge to edge; a row in which one of its own figures is
    blank would be read one column aside, by what it has left. Rows whose labels end elsewhere have that column too.

    Returns:
        The rows, by identity.
    """
    shapes: dict[tuple[int, int, int], list[DataRow]] = {}
    for row in rows:
        if row.columns and len(row.values) > len(row.columns) and row.has_values and not row.is_stream:
            shapes.setdefault((id(row.columns), len(row.values), row.depth), []).append(row)
    overfull = {shape[:2] for shape, alike in shapes.items() if any(map(_is_overfull, alike))}
    torn: set[int] = set()
    for shape, alike in shapes.items():
        starts = {row.assigned[0][0].column for row in alike if row.assigned}
        if len(starts) > 1 or (starts and shape[:2] in overfull):
            for row in alike:
                row.assigned = None
                torn.add(id(row))
    return torn


def refuse_aside(rows: Sequence[DataRow], *, is_summed: bool) -> None:
    """Take the columns from rows that stand aside where the blank before them may not be the cell too many.

    Where no sum can tell, so do all rows with a cell too many, and more than one. Where sums can, one alone is enough,
    unless it holds another blank, which may be that cell as well; and of rows that stand side by side, as the order of
    the results changes no sum, none may hold one.

    Args:
        rows: Rows of a table.
        is_summed: The form has sums of its columns.
    """
    fuller = [row for row in rows if row.columns and row.has_values and len(row.values) > len(row.columns)]
    aside = [row for row in fuller if row.stands_aside]
    is_chance = len(aside) < _LEAST_ALIKE or (not is_summed and len(aside) < len(fuller))
    for row in aside:
        has_other = [cell.kind for cell in row.values].count(CellKind.BLANK) > 1
        is_open = has_other if is_summed else is_chance
        if is_open and (is_chance or row.is_across):
            row.assigned = None


def _is_overfull(row: DataRow) -> bool:
    """Tell whether a row's figures stand further apart than its header's columns."""
    places = [place for place, cell in enumerate(row.values) if cell.kind is not CellKind.BLANK]
    return row.assigned is None and places[-1] - places[0] >= len(row.columns or ())


def _is_merged_whole(row: DataRow) -> bool:
    """Tell whether one cell stands in place of all figures, as where a row of zeros was merged."""
    heads = [column.cell for column in row.columns or () if column.cell is not None]
    return (
        bool(heads)
        and len(row.values) == 1
        and (row.values[0].column, row.values[0].last_column) == (heads[0].column, heads[-1].last_column)
    )


def _assign_like_neighbours(row: DataRow, rows: Sequence[DataRow]) -> list[tuple[GridCell, HeaderColumn]] | None:
    if row.columns is None or row.is_stream or len(row.values) < len(row.columns):
        return None
    if has_merged_figure(row.values, row.columns):
        return None
    shape = row.depth, len(row.values)
    alike = [other for other in rows if (other.depth, len(other.values)) == shape and other.columns is row.columns]
    told = [other.assigned[0][0].column for other in alike if other.assigned and other.has_values]
    starts = set(told) if len(told) >= _LEAST_ALIKE or len(row.values) == len(row.columns) else set()
    same_depth = [other for other in rows if other.depth == row.depth and other.columns is row.columns]
    has_lost_cells = any(len(other.values) > len(row.values) for other in same_depth)
    if not (starts or has_lost_cells) and all(
        [cell.column for cell in other.values] == [cell.column for cell in row.values] for other in alike
    ):
        starts = {row.values[0].column} if len(row.values) == len(row.columns) else set()
    if len(starts) != 1:
        return None
    start = starts.pop()
    window = [cell for cell in row.values if cell.column >= start][: len(row.columns)]
    outside = [cell for cell in row.values if cell not in window and cell.kind is not CellKind.BLANK]
    if len(window) != len(row.columns) or outside:
        return None
    return None if slips_past_another(window, row.columns) else set_under(window, row.columns)


def refuse_broken_stream(rows: Sequence[DataRow], *, is_miscounted: bool) -> bool:
    """Take the codes from all rows that were printed one cell a line if any but the last lost a line; tell whether so.

    Where one line is gone, others may be: a crawler that drops repeated lines leaves some rows whole by chance.

    Args:
        rows: Rows of a table.
        is_miscounted: There are not as many lines as there must be.
    """
    stream = [row for row in rows if row.is_stream]
    is_broken = (
        is_miscounted
        or any(row.has_lost_rows or (row.label is None and not row.is_across) for row in stream)
        or any(row.assigned is None for row in stream[:-1])
    )
    if is_broken:
        for row in stream:
            row.refuse()
    return is_broken
