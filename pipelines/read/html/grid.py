"""Where the cells of an HTML table stand: the standard's table model, bounded against tables that exhaust memory.

Source: HTML Living Standard, 4.9.12 "Forming a table". Two deliberate differences: a rowspan
ends with its row group, as every browser draws it, and a cell that runs into a rowspan from above is cut there.
"""

import re
from collections.abc import Mapping, Sequence

from pipelines.errors import DocumentError
from pipelines.read.model import RED, Cell, Notice
from pipelines.settings import ReadLimits

# The standard's "rules for parsing non-negative integers": leading white space, a sign, digits, then anything.
_INTEGER = re.compile(r"[ \t\n\f\r]*\+?([0-9]{1,12})")
_USUAL_SPANS = {"": 1} | {str(span): span for span in range(1, 10)}
_FIGURE = re.compile(rf"[-+]?[\d,.，．]+{RED}?|[-/—－]+")
_MOST_NOTICES = 100  # the next of one table tells nothing new
_PROSE_CELL = 400  # a label with all its guidance has about 150 characters

Attributes = Mapping[str, str | None]
# One row: the texts of its cells in source order, and the attributes of those that have a colspan or a rowspan.
RawRow = tuple[Sequence[str], Mapping[int, Attributes]]


class GridLayout:
    """Lays out one table, row group by row group.

    Attributes:
        cells: What has been laid out, in row-major order.
        table_number: Number of the table in its document.
        notices: Spans beyond the standard's caps and cells that would have overlapped.
        width: Columns of the widest row so far.
    """

    __slots__ = ("_limits", "_row", "_taken_until", "_whole_until", "cells", "notices", "table_number", "width")

    def __init__(self, table_number: int, limits: ReadLimits) -> None:
        self.cells: list[Cell] = []
        self.notices: list[Notice] = []
        self.width = 0
        self.table_number = table_number
        self._limits = limits
        self._row = 0
        self._taken_until: dict[int, int] = {}  # column → last row that a cell from above still covers
        self._whole_until = 0  # the first of these rows, after which some column is free again

    @property
    def height(self) -> int:
        """Rows laid out so far."""
        return self._row

    def add_group(self, rows: Sequence[RawRow]) -> None:
        """Lay out the rows of one `<thead>`, `<tbody>` or `<tfoot>`; its rowspans end with it.

        Raises:
            DocumentError: limit_exceeded, a row beyond the widest grid or more places than the limit.
        """
        last = self._row + len(rows)
        self._taken_until = {}
        self._whole_until = 0
        for texts, spanning in rows:
            self._row += 1
            if spanning or self._taken_until:
                width = self._add_row(texts, spanning, last)
            else:
                width = self._add_plain_row(texts)
            self.width = max(self.width, width)
            if self._row * self.width > self._limits.cells:
                raise DocumentError(
                    "limit_exceeded",
                    f"table {self.table_number} has more than {self._limits.cells} places",
                )

    def _add_plain_row(self, texts: Sequence[str]) -> int:
        """Place the cells of a row side by side, and return how many they are."""
        if len(texts) > self._limits.columns:
            raise self._too_wide()
        row = self._row
        self.cells += [(row, column, 1, 1, text) for column, text in enumerate(texts, 1)]
        return len(texts)

    def _add_row(self, texts: Sequence[str], spanning: Mapping[int, Attributes], last: int) -> int:
        """Place the cells of a row with spans in it or into it, and return its columns."""
        row, column, cells = self._row, 1, self.cells
        if row > self._whole_until:
            self._taken_until = {place: until for place, until in self._taken_until.items() if until >= row}
            self._whole_until = min(self._taken_until.values(), default=last)
        taken = self._taken_until
        widest = self._limits.columns
        for place, text in enumerate(texts):
            while column in taken:
                column += 1
            if column > widest:
                raise self._too_wide()
            if place in spanning:
                column += self._add_spanning(column, last, text, spanning[place])
            else:
                cells.append((row, column, 1, 1, text))
                column += 1
        return min(column - 1, widest)

    def _too_wide(self) -> DocumentError:
        message = f"table {self.table_number}, row {self._row} has more than {self._limits.columns} columns"
        return DocumentError("limit_exceeded", message)

    def _add_spanning(self, column: int, last: int, text: str, attributes: Attributes) -> int:
        """Place a cell with spans and return by how many columns the next one moves on."""
        row = self._row
        claimed = self._span(attributes, "colspan", column) or 1
        row_span = self._span(attributes, "rowspan", column)
        row_span = last - row + 1 if row_span == 0 else min(row_span, last - row + 1)
        fitting = self._free_run(column, min(claimed, self._limits.columns - column + 1))
        if fitting < claimed:
            self._report_cut(column, claimed, fitting, text)
        self.cells.append((row, column, row_span, fitting, text))
        if row_span > 1:
            until = row + row_span - 1
            self._taken_until.update(dict.fromkeys(range(column, column + fitting), until))
            self._whole_until = min(self._whole_until, until)
        return claimed

    def _free_run(self, column: int, wanted: int) -> int:
        taken = self._taken_until
        return next((i for i in range(1, wanted) if column + i in taken), wanted) if taken else wanted

    def _report_cut(self, column: int, claimed: int, fitting: int, text: str) -> None:
        is_edge = column + fitting > self._limits.columns
        reason = "span_out_of_range" if is_edge else "overlapping_cells"
        what = "the widest grid" if is_edge else "a cell from a row above"
        message = f"colspan {claimed} runs into {what} and was cut to {fitting}"
        self._notice(reason, message, column, text)

    def _span(self, attributes: Attributes, name: str, column: int) -> int:
        """Return a span within the standard's caps; absent or unreadable is 1, rowspan 0 "to the group's end"."""
        span, cap = _claimed_span(attributes, name), self._limits.columns if name == "colspan" else self._limits.rows
        if span <= cap:
            return span
        message = f"{name} {span} was cut to {cap}, the standard's cap"
        self._notice("span_out_of_range", message, column, attributes[name] or "")
        return cap

    def _notice(self, reason_code: str, message: str, column: int, raw_text: str) -> None:
        if len(self.notices) < _MOST_NOTICES:
            self.notices.append(Notice(reason_code, message, self.table_number, self._row, column, raw_text))


def _claimed_span(attributes: Attributes, name: str) -> int:
    """Return a span as the page states it; absent or unreadable is 1."""
    value = attributes.get(name) or ""
    if value in _USUAL_SPANS:
        return _USUAL_SPANS[value]
    match = _INTEGER.match(value)
    return 1 if match is None else int(match[1])


def lay_out(table_number: int, limits: ReadLimits, groups: Sequence[Sequence[RawRow]]) -> GridLayout:
    """Return a table laid out; where spans alone make it too wide, they are cut to its real width, with a notice each.

    The real width is that of the table in which the cells with more columns than any row has cells take one.

    Raises:
        DocumentError: limit_exceeded, the cells themselves are too many.
    """
    try:
        return _add_groups(GridLayout(table_number, limits), groups)
    except DocumentError:
        most = max(len(texts) for rows in groups for texts, _ in rows)
        narrow = [[_narrow(row, most) for row in rows] for rows in groups]
        narrowest = _add_groups(GridLayout(table_number, limits), narrow)
    ends: dict[int, int] = {}  # row → the last column of its cells, as these stand in source order
    for row, column, _, column_span, _ in narrowest.cells:
        ends[row] = column + column_span - 1
    rows = iter(range(1, narrowest.height + 1))
    fitted = [[_narrow(row, most, narrowest.width - ends.get(next(rows), 0)) for row in group] for group in groups]
    layout = _add_groups(GridLayout(table_number, limits), fitted)
    _report_narrowed(layout, [row for group in groups for row in group], most)
    return layout


def _add_groups(layout: GridLayout, groups: Sequence[Sequence[RawRow]]) -> GridLayout:
    for rows in groups:
        layout.add_group(rows)
    return layout


def _narrow(row: RawRow, most: int, room: int = 0) -> RawRow:
    """Return a row whose cells of more than `most` columns have one, the first of them `room` columns more."""
    texts, spanning = row
    narrowed: dict[int, Attributes] = {}
    for place, attributes in spanning.items():
        is_wide = _claimed_span(attributes, "colspan") > most
        narrowed[place] = {**attributes, "colspan": str(1 + room)} if is_wide else attributes
        room = 0 if is_wide else room
    return texts, narrowed


def _report_narrowed(layout: GridLayout, rows: Sequence[RawRow], most: int) -> None:
    cells = iter(layout.cells)  # one a text, in source order
    for texts, spanning in rows:
        for place in range(len(texts)):
            row, column, _, span, text = next(cells)
            claimed = _claimed_span(spanning.get(place, {}), "colspan")
            if claimed > most and len(layout.notices) < _MOST_NOTICES:
                message = f"colspan {claimed} reaches over columns that no other row has and was cut to {span}"
                layout.notices.append(Notice("span_out_of_range", message, layout.table_number, row, column, text))


def is_figure(text: str) -> bool:
    """Tell a number, or the dash that stands for one, from a label."""
    return _FIGURE.fullmatch(text.strip()) is not None


def is_boxed_text(cells: list[Cell]) -> bool:
    """Tell a frame around text from a table: one cell, or prose beside next to no figures."""
    if len(cells) == 1:
        return True
    if all(len(cell[4]) < _PROSE_CELL for cell in cells):
        return False
    return sum(is_figure(cell[4]) for cell in cells) < 3
