"""The rows of a statistic table with their labels, and how they find their codes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipelines.normalize.folding import fold_label
from pipelines.normalize.grid import CellKind, GridCell
from pipelines.normalize.header import HeaderColumn
from pipelines.normalize.pair_labels import pair_entries
from pipelines.normalize.placing import (
    assign_columns,
    assume_columns,
    has_merged_figure,
    set_under,
    slips_past_another,
)
from pipelines.normalize.similarity import MATCH_LIMITS, align_sequence, is_piece_of, label_likeness, means_alike
from schemas.form import Label
from schemas.vocabulary import MatchMethod

_LEAST_ALIKE = 2  # rows with a cell too many that must agree on which it is
_SHORTEST_LABEL = 4  # characters of a label that is not a word of many others, as 其他 is


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


def align_rows(rows: Sequence[DataRow], choices: Sequence[RowChoice]) -> None:
    """Give rows whose label no form knows the code of the form row that they are alike and whose place they hold.

    Rows with a known label are anchors. Between two anchors the unknown ones are aligned, in order, with the form rows
    that no anchor holds; a pair counts where the likeness passes `MATCH_LIMITS.accept` and beats every other free row
    by `MATCH_LIMITS.margin`. A row without a label is never aligned here: its place alone proves nothing.
    """
    free = [choice for choice in choices if choice.label.code not in {row.code for row in rows}]
    places = {choice.label.code: choice.place for choice in choices}
    for start, stop in _unknown_runs(rows):
        low = max((places[row.code] for row in rows[:start] if row.code in places), default=-1.0)
        high = min((places[row.code] for row in rows[stop:] if row.code in places), default=float("inf"))
        between = [choice for choice in free if low < choice.place < high]
        _align_run([row for row in rows[start:stop] if row.label is not None], between, free, choices)
    _doubt_blanks(rows, choices)


def _doubt_blanks(rows: Sequence[DataRow], choices: Sequence[RowChoice]) -> None:
    """Take the code from a row of blanks where an unknown label with figures beside it may be half of its label.

    A page cuts a row within its label: the blanks are then no figures of the row. A row that was only alike is doubted
    beside any such label, one that is known where the label above it completes its own.
    """
    spellings = {choice.label.code: choice.label.spellings for choice in choices}
    for row, before, after in zip(rows, [None, *rows], [*rows[1:], None], strict=False):
        if row.code is None or row.has_values:
            continue
        beside = [other for other in (before, after) if other is not None and _is_unknown_with_figures(other)]
        is_doubtful = row.method is MatchMethod.SIMILAR or (
            before in beside and _completes(before, row, spellings.get(row.code, ()))
        )
        if beside and is_doubtful:
            row.uncode()


def _is_unknown_with_figures(row: DataRow) -> bool:
    return row.code is None and row.label is not None and row.has_values


def _completes(above: DataRow | None, row: DataRow, spellings: Sequence[str]) -> bool:
    """Tell whether two labels, one below the other, are the end of a form's label."""
    if above is None or above.label is None or row.label is None:
        return False
    both = above.label.label.bare + row.label.label.text
    return any(fold_label(spelling).text.endswith(both) for spelling in spellings)


def _unknown_runs(rows: Sequence[DataRow]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for place, row in enumerate(rows):
        if row.code is not None:
            continue
        if runs and runs[-1][1] == place:
            runs[-1] = (runs[-1][0], place + 1)
        else:
            runs.append((place, place + 1))
    return runs


def _align_run(
    rows: list[DataRow], between: list[RowChoice], free: list[RowChoice], choices: Sequence[RowChoice]
) -> None:
    if not rows or not between:
        return
    scores = [[_row_likeness(row, choice) for choice in between] for row in rows]
    for place, index in enumerate(align_sequence(scores, MATCH_LIMITS.accept)):
        row = rows[place]
        if index is None:
            continue
        others = [choice for choice in free if choice is not between[index]]
        if _is_rest_of_another(row, others) or _holds_several(row, choices):
            continue
        rivals = [_row_likeness(row, choice) for choice in others]
        if scores[place][index] - max(rivals, default=0.0) >= MATCH_LIMITS.margin:
            row.code, row.clause = between[index].label.code, between[index].clause
            row.method, row.score = MatchMethod.SIMILAR, round(scores[place][index], 3)


def _is_rest_of_another(row: DataRow, others: Sequence[RowChoice]) -> bool:
    """Tell whether a label is a piece of another row's, word for word.

    A row of a spreadsheet that is printed too low shows the last line of its label only: 反复申请, the rest of
    无正当理由大量反复申请, is more like 重复申请 than like the whole, and 申请数量 is the end of two.
    """
    return row.label is not None and any(is_piece_of(row.label.label, choice.label.spellings) for choice in others)


def _holds_several(row: DataRow, choices: Sequence[RowChoice]) -> bool:
    """Tell whether a label is made of the labels of several rows, as where a cell lists those of a whole group."""
    if row.label is None:
        return False
    text = row.label.label.text
    held = {
        choice.label.code: spelling
        for choice in choices
        for spelling in (fold_label(choice.label.label).text,)
        if len(spelling) >= _SHORTEST_LABEL and spelling in text
    }
    if len([one for one in held.values() if not any(one != other and one in other for other in held.values())]) > 1:
        return True
    # However short they are: no rule parts 规章 from 规范性文件 below it.
    codes = {fold_label(spelling).text: choice.label.code for choice in choices for spelling in choice.label.spellings}
    return any(text.startswith(one) and codes.get(text[len(one) :], code) != code for one, code in codes.items())


def _row_likeness(row: DataRow, choice: RowChoice) -> float:
    if row.label is None or (row.clause is not None and choice.clause != row.clause):
        return 0.0
    if (
        row.groups
        and choice.label.parent is not None
        and choice.label.parent not in row.groups
        and _is_specific(row.groups)
    ):
        return 0.0
    if not means_alike(row.label.label, choice.label.spellings) or _is_numbered_otherwise(row, choice):
        return 0.0
    if pair_entries(row.label.token):  # 予以公开-自然人 is not all of 予以公开
        return 0.0
    return label_likeness(row.label.label, choice.label.spellings)


def _is_numbered_otherwise(row: DataRow, choice: RowChoice) -> bool:
    """Tell whether a label bears a number of the kind that the form's has, and another: 二、 is not what 一、 is."""
    own = row.label.label.ordinal if row.label is not None else ""
    known = {fold_label(spelling).ordinal for spelling in choice.label.spellings} - {""}
    return bool(own and known) and own not in known and _kind_of_number(own) in map(_kind_of_number, known)


def _kind_of_number(ordinal: str) -> str:
    return "digit" if ordinal.isdigit() else ordinal[:1] if ordinal.startswith("(") else "numeral"


def _is_specific(groups: frozenset[str]) -> bool:
    """Tell whether the groups over a row say more than that it is a result."""
    return bool(groups - {"results"})
