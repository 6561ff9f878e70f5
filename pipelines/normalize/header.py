"""Which columns a table's header names."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import dropwhile, groupby

from pipelines.normalize.folding import FoldedLabel, fold_label
from pipelines.normalize.grid import CellKind, GridCell, GridRow
from pipelines.normalize.similarity import MATCH_LIMITS, label_likeness, means_alike
from schemas.form import Clause, FormTable, Label
from schemas.unit import count_units

_HEADER_UNIT = re.compile(r"[0-9]*[百千十万亿]*[美港欧日]?元|[0-9]*[百千十万亿]+(?:" + "|".join(count_units()) + ")")


@dataclass(frozen=True, slots=True)
class HeaderColumn:
    """A column that the header names.

    Attributes:
        code: None for a column beside the form's own, such as 占比 or 上年总计.
        cell: The header's cell; None where the column is known from the form's order alone.
        row_code: For a table whose rows stand side by side (表四), the row over this column.
        unit: Unit printed in the header.
        is_by_place: Only figures right under the header are this column's: a header of several rows names its columns
            in another order than the form, as an agency may, and as labels do that a cell too many has pushed aside; or
            it lacks some, as a part of a table may, and as a label does that stands before its own figure.
    """

    code: str | None
    cell: GridCell | None
    row_code: str | None = None
    unit: str | None = None
    is_similar: bool = False
    is_by_place: bool = False
    is_packed: bool = False


@dataclass(slots=True)
class HeaderDraft:
    """Header cells gathered so far, until the first row of figures closes it.

    Attributes:
        labels: Column labels in reading order with their code, None where no form knows the label.
        across: Labels of rows that stand side by side, with their code.
        ends: Last columns of the rows that hold them, blanks behind the labels and cells from above included.
        tall: Cells of these rows that reach into the next ones.
        others: Texts in these rows that are no labels of columns or rows.
    """

    labels: list[tuple[GridCell, str | None]] = field(default_factory=list)
    across: list[tuple[GridCell, str]] = field(default_factory=list)
    ends: set[int] = field(default_factory=set)
    tall: list[GridCell] = field(default_factory=list)
    others: list[GridCell] = field(default_factory=list)
    is_closed: bool = False
    is_stream: bool = False

    def end_row(self, row: GridRow, known: Sequence[GridCell]) -> None:
        """Note in which column a row of the header ends, and which of its texts are not `known` labels."""
        held = (*row.cells, *row.covering)
        self.others += [cell for cell in held if cell.kind is CellKind.TEXT and cell not in known]
        above = [cell for cell in self.tall if cell.row + cell.row_span > row.number]
        self.ends.add(max((cell.last_column for cell in (*row.cells[-1:], *row.covering, *above)), default=0))
        self.tall += [cell for cell in row.cells if cell.row_span > 1]

    def stands_again(self, labels: Iterable[tuple[GridCell, str | None]]) -> bool:
        """Tell whether one of `labels` stands in this header already, in the same column of another table.

        Pages print a header in a table of its own, which stays in sight, and once more in that of the rows.
        """
        own = {(code, cell.column): cell.table for cell, code in (*self.labels, *self.across)}
        return any(code and own.get((code, cell.column), cell.table) != cell.table for cell, code in labels)


def resolve_header(draft: HeaderDraft, table: FormTable, clause: Clause) -> tuple[HeaderColumn, ...] | None:
    """Return the columns that `draft` names in printed order, or None where they are not those of `clause`.

    The leaves are the labels with no other label below them; an unknown one to the left of all others heads the column
    of labels. Beside all of the clause's columns a table may print others: these have no code. A label that no form
    knows is filled in only where all known ones stand at their places in the clause's order and the unknown one is
    like, or begins, the column it would be.
    """
    leaves = _leaf_labels(draft)
    if table.orientation == "rows_across" and draft.across:
        placed = _resolve_across(draft, leaves, clause)
        is_whole = placed is not None and len(placed) == len(clause.rows) * len(clause.columns)
        return placed if is_whole else _packed_columns(draft, clause) or placed
    ordered = _in_printed_order(draft, leaves, clause)
    if ordered is None:
        return None
    codes = [code for _, code in ordered if code is not None]
    wanted = {column.code for column in clause.columns}
    if len(set(codes)) != len(codes) or not set(codes) <= wanted or _tears_a_group(ordered, clause):
        return None
    if len(codes) == len(ordered) or set(codes) == wanted:
        is_lacking = set(codes) != wanted
        is_moved = _has_several_rows(ordered) and not _is_in_order(codes, clause)
        is_by_place = not draft.is_stream and (is_lacking or is_moved)
        return tuple(_column(cell, code, is_by_place=is_by_place) for cell, code in ordered)
    return _fill_unknown(ordered, clause) or (None if draft.is_stream else _behind_unknown(ordered))


def is_whole_clause(columns: tuple[HeaderColumn, ...], table: FormTable, clause: Clause) -> bool:
    """Tell whether a header's columns are all that `clause` has: of two editions that one whose header this is."""
    rows = clause.rows if table.orientation == "rows_across" and columns[0].row_code is not None else (None,)
    wanted = {(row and row.code, column.code) for row in rows for column in clause.columns}
    return wanted == {(column.row_code, column.code) for column in columns if column.code is not None}


def form_columns(table: FormTable, clause: Clause) -> tuple[HeaderColumn, ...]:
    """Return the columns of `clause` in the form's own order, for a table that lost its header."""
    if table.orientation == "rows_across":
        return tuple(
            HeaderColumn(column.code, None, row_code=row.code) for row in clause.rows for column in clause.columns
        )
    return tuple(HeaderColumn(column.code, None) for column in clause.columns)


def left_columns(draft: HeaderDraft, columns: tuple[HeaderColumn, ...] | None) -> tuple[HeaderColumn, ...]:
    """Return the unknown labels left of all of a header's columns: of the column of labels, or of others beside it.

    Which, only the rows tell: 行次 or 上年数 has a cell between a row's label and its figures.
    """
    if draft.is_stream or not columns or columns[0].cell is None:
        return ()
    first = columns[0].cell.column
    left = [cell for cell, code in _leaf_labels(draft) if code is None and cell.last_column < first]
    return tuple(_column(cell, None) for cell in sorted(left, key=lambda cell: cell.column))


def _column(cell: GridCell, code: str | None, *, is_similar: bool = False, is_by_place: bool = False) -> HeaderColumn:
    return HeaderColumn(code, cell, unit=header_unit(cell), is_similar=is_similar, is_by_place=is_by_place)


def header_unit(cell: GridCell) -> str | None:
    """Return the unit that a header label states: money, or a multiple of a count; nothing else is shortened to it.

    >>> header_unit(GridCell(1, 1, 1, 1, 1, "金额(单位:百万元)")), header_unit(GridCell(1, 1, 1, 1, 1, "数量(万件)"))
    ('百万元', '万件')
    >>> header_unit(GridCell(1, 1, 1, 1, 1, "本年收费金额(单位:万元,保留4位小数)"))
    '万元'
    """
    found = _HEADER_UNIT.findall(fold_label(cell.token).text)
    return found[-1] if found else None


def _leaf_labels(draft: HeaderDraft) -> list[tuple[GridCell, str | None]]:
    """Return the labels with no other below them; one printed again right below itself was a cell of several rows."""
    if draft.is_stream:
        return list(draft.labels)
    placed = [(cell.row, cell.column, cell.last_column, code) for cell, code in draft.labels]
    leaves = []
    for label, (row, first, last, code) in zip(draft.labels, placed, strict=True):
        for other_row, other_first, other_last, below in placed:
            is_below = other_row > row and other_first <= last and first <= other_last
            if is_below and code in (None, below):
                break
        else:
            leaves.append(label)
    return leaves


def _in_printed_order(
    draft: HeaderDraft, leaves: list[tuple[GridCell, str | None]], clause: Clause
) -> list[tuple[GridCell, str | None]] | None:
    """Return the leaves from left to right; labels printed one a line must stand in an order that the form prints."""
    places = [cell.column for cell, _ in leaves]
    if not draft.is_stream and len(set(places)) == len(places):
        ordered = sorted(leaves, key=lambda leaf: leaf[0].column)
        while len(ordered) > len(clause.columns) and ordered[0][1] is None:
            del ordered[0]
        return ordered
    if draft.is_stream and len(leaves) > len(clause.columns):
        leaves = list(dropwhile(lambda leaf: leaf[1] is None, leaves))  # heads of the column of labels
    flat = [column.code for column in clause.columns]
    nested = [c.code for c in clause.columns if c.parent is None] + [c.code for c in clause.columns if c.parent]
    codes = [code for _, code in leaves]
    if codes == flat:
        return leaves
    if None in codes:  # what stands beside the form's columns leaves their figures in the form's order alone
        known = [code for code in codes if code is not None]
        return leaves if known == [code for code in flat if code in known] else None
    if codes == nested:
        by_code = {code: leaf for leaf in leaves if (code := leaf[1]) is not None}
        return [by_code[code] for code in flat]
    return None


def _tears_a_group(ordered: list[tuple[GridCell, str | None]], clause: Clause) -> bool:
    """Tell whether a header of several rows sets another column between those of one group.

    No form is printed so: a cell too many or too wide in one of the rows has pushed labels over their neighbours.
    """
    if not _has_several_rows(ordered):
        return False
    parents = {column.code: column.parent for column in clause.columns}
    runs = [parent for parent, _ in groupby(parents[code] for _, code in ordered if code is not None)]
    named = [parent for parent in runs if parent is not None]
    return len(set(named)) != len(named)


def _has_several_rows(ordered: list[tuple[GridCell, str | None]]) -> bool:
    return len({cell.row for cell, _ in ordered}) > 1


def _is_in_order(codes: list[str], clause: Clause) -> bool:
    return codes == [column.code for column in clause.columns if column.code in codes]


def _fill_unknown(ordered: list[tuple[GridCell, str | None]], clause: Clause) -> tuple[HeaderColumn, ...] | None:
    if len(ordered) != len(clause.columns):
        return None
    columns = []
    for (cell, code), expected in zip(ordered, clause.columns, strict=True):
        if code is None and not _may_stand_for(cell, expected):
            return None
        if code is not None and code != expected.code:
            return None
        columns.append(_column(cell, expected.code, is_similar=code is None))
    return tuple(columns)


def _behind_unknown(ordered: list[tuple[GridCell, str | None]]) -> tuple[HeaderColumn, ...] | None:
    """Return some of the clause's columns behind the head of the labels, as in a table cut into two: by place alone."""
    head, *known = ordered
    if head[1] is not None or head[0].column > 1 or not known:
        return None
    columns = [_column(cell, code, is_by_place=True) for cell, code in known if code is not None]
    return tuple(columns) if len(columns) == len(known) else None


def _may_stand_for(cell: GridCell, expected: Label) -> bool:
    text = cell.label.text
    if not text or not means_alike_or_begins(cell.label, expected):
        return False
    begins = len(text) >= 2 and any(fold_label(spelling).text.startswith(text) for spelling in expected.spellings)
    return begins or label_likeness(cell.label, expected.spellings) >= MATCH_LIMITS.accept


def means_alike_or_begins(label: FoldedLabel, expected: Label) -> bool:
    """Tell whether a column label's deciding words are the expected ones, or those of its beginning where it is cut."""
    cut = any(fold_label(spelling).text.startswith(label.text) for spelling in expected.spellings)
    return cut or means_alike(label, expected.spellings)


def _resolve_across(
    draft: HeaderDraft, leaves: list[tuple[GridCell, str | None]], clause: Clause
) -> tuple[HeaderColumn, ...] | None:
    """Return result columns with the row over each: by place, or by order where cells are printed one a line.

    A label that names both its row and its result needs neither.
    """
    codes = [code for _, code in leaves]
    above = [code for label, code in draft.across if all(label is not leaf for leaf, _ in leaves)]
    channels = [code for code, _ in groupby(above)]  # each once, though it be printed over every one of its columns
    if None in codes or len(set(channels)) != len(channels):
        return None
    if draft.is_stream and channels:
        orders = [[code for code in order if code in channels] for order in (_ways(clause), _ways_by_line(clause))]
        if codes != [column.code for column in clause.columns] * len(channels) or channels not in orders:
            return None
        width = len(clause.columns)
        cells = [cell for cell, _ in leaves]
        return _in_order_of_figures(cells, [way for way in channels for _ in range(width)], clause)
    columns = []
    for cell, code in leaves if draft.is_stream else sorted(leaves, key=lambda leaf: leaf[0].column):
        channel = _channel_over(cell, draft.across)
        if channel is None or code is None:
            return None
        columns.append(HeaderColumn(code, cell, row_code=channel))
    pairs = {(column.row_code, column.code) for column in columns}
    if len(pairs) < len(clause.rows) * len(clause.columns) and not draft.is_stream:
        columns = [replace(column, is_by_place=True) for column in columns]  # a label may be lost between two
    # A lone label is no header: in a list that lost cells, the figure below it is another's.
    return tuple(columns) if len(pairs) == len(columns) > 1 else None


def _packed_columns(draft: HeaderDraft, clause: Clause) -> tuple[HeaderColumn, ...] | None:
    """Return the columns of a header that names all rows and columns of a form as it prints them, but without spans.

    Converters write the cells of each line side by side. The figures below are then told by their number alone.
    """
    if draft.is_stream:
        return None
    cells = {(cell.row, cell.column): (cell, code or "") for cell, code in (*draft.across, *draft.labels)}
    lines = [list(line) for _, line in groupby(sorted(cells), key=lambda place: place[0])]
    results = [column.code for column in clause.columns]
    first = [row.code for row in clause.rows if row.parent is None]
    below = [row.code for row in clause.rows if row.parent is not None]
    second = [code for row in clause.rows for code in (results if row.parent is None else [row.code])]
    if [[cells[place][1] for place in line] for line in lines] != [first, second, results * len(below)]:
        return None
    named = [cells[place] for line in lines[1:] for place in line]
    under = [cell for cell, code in named if code not in below]
    return _in_order_of_figures(under, [way for way in (*first, *below) for _ in results], clause, is_packed=True)


def _ways(clause: Clause) -> list[str]:
    return [row.code for row in clause.rows]


def _ways_by_line(clause: Clause) -> list[str]:
    """Return the rows as the lines of a header print them: those of a group stand a line below the others."""
    return [row.code for row in sorted(clause.rows, key=lambda row: row.parent is not None)]


def _in_order_of_figures(
    results: list[GridCell], ways: list[str], clause: Clause, *, is_packed: bool = False
) -> tuple[HeaderColumn, ...]:
    """Return the columns of results, a whole set for each of `ways` in turn, in the order of the figures below them.

    The figures are all in one line and stand as the form has its rows, wherever a header prints these.
    """
    codes = [column.code for column in clause.columns]
    columns = [
        HeaderColumn(codes[place % len(codes)], cell, row_code=way, is_packed=is_packed)
        for place, (cell, way) in enumerate(zip(results, ways, strict=True))
    ]
    order = _ways(clause)
    return tuple(sorted(columns, key=lambda column: order.index(column.row_code or "")))


def _channel_over(cell: GridCell, across: list[tuple[GridCell, str]]) -> str | None:
    """Return the row that `cell` itself names, else the label above that covers it, else the nearest to its left."""
    above = [(label, code) for label, code in across if label.row < cell.row or label is cell]
    covering = [code for label, code in above if label.column <= cell.column <= label.last_column]
    if covering:
        return covering[-1]
    left = [(label.column, code) for label, code in above if label.column <= cell.column and label.column_span == 1]
    return max(left)[1] if left else None
