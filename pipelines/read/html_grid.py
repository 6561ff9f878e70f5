"""Where the cells of an HTML table stand: the standard's table model, bounded against tables that exhaust memory.

Source: HTML Living Standard, 4.9.12 "Forming a table". Two deliberate differences: a rowspan
ends with its row group, as every browser draws it, and a cell that runs into a rowspan from above is cut there.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from pipelines.errors import DocumentError
from pipelines.read.model import Cell, Notice
from pipelines.settings import ReadLimits

# The standard's "rules for parsing non-negative integers": leading white space, a sign, digits, then anything.
_INTEGER = re.compile(r"[ \t\n\f\r]*\+?([0-9]{1,12})")
_FIGURE = re.compile(r"[-+]?[\d,.，．]+|[-/—－]+")
_PROSE_CELL = 400  # a label with all its guidance has about 150 characters

# One cell in source order: its text, and its attributes where it has a colspan or a rowspan.
RawCell = tuple[str, Mapping[str, str | None] | None]


class GridLayout:
    """Lays out one table, row group by row group.

    Attributes:
        cells: What has been laid out, in row-major order.
        notices: Spans beyond the standard's caps and cells that would have overlapped.
        width: Columns of the widest row so far.
    """

    __slots__ = ("_busy_until", "_limits", "_row", "_table_number", "_taken_until", "cells", "notices", "width")

    def __init__(self, table_number: int, limits: ReadLimits) -> None:
        self.cells: list[Cell] = []
        self.notices: list[Notice] = []
        self.width = 0
        self._table_number = table_number
        self._limits = limits
        self._row = 0
        self._taken_until: dict[int, int] = {}  # column → last row that a cell from above still covers
        self._busy_until = 0

    @property
    def height(self) -> int:
        """Rows laid out so far."""
        return self._row

    def add_group(self, rows: Sequence[Iterable[RawCell]]) -> None:
        """Lay out the rows of one `<thead>`, `<tbody>` or `<tfoot>`; its rowspans end with it.

        Raises:
            DocumentError: limit_exceeded, a row beyond the widest grid or more places than the limit.
        """
        last = self._row + len(rows)
        self._taken_until = {}
        self._busy_until = 0
        for row in rows:
            self._add_row(row, last)
            if self._row * self.width > self._limits.cells:
                raise DocumentError(
                    "limit_exceeded",
                    f"table {self._table_number} has more than {self._limits.cells} places",
                )

    def _add_row(self, raw_cells: Iterable[RawCell], last: int) -> None:
        self._row += 1
        row, column, cells = self._row, 1, self.cells
        taken: dict[int, int] = {}
        if row <= self._busy_until:
            taken = {place: until for place, until in self._taken_until.items() if until >= row}
        self._taken_until = taken
        last_taken = max(taken, default=0)
        widest = self._limits.columns
        for text, attributes in raw_cells:
            while column <= last_taken and column in taken:
                column += 1
            if column > widest:
                raise DocumentError(
                    "limit_exceeded",
                    f"table {self._table_number}, row {row} has more than {self._limits.columns} columns",
                )
            if attributes is None:
                cells.append((row, column, 1, 1, text))
                column += 1
            else:
                column += self._add_spanning(column, last, text, attributes)
        self.width = max(self.width, min(column - 1, widest))

    def _add_spanning(self, column: int, last: int, text: str, attributes: Mapping[str, str | None]) -> int:
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
            self._busy_until = max(self._busy_until, until)
        return claimed

    def _free_run(self, column: int, wanted: int) -> int:
        if self._row > self._busy_until:
            return wanted
        taken = self._taken_until
        return next((i for i in range(1, wanted) if taken.get(column + i, 0) >= self._row), wanted)

    def _report_cut(self, column: int, claimed: int, fitting: int, text: str) -> None:
        is_edge = column + fitting > self._limits.columns
        reason = "span_out_of_range" if is_edge else "overlapping_cells"
        what = "the widest grid" if is_edge else "a cell from a row above"
        message = f"colspan {claimed} runs into {what} and was cut to {fitting}"
        self._notice(reason, message, column, text)

    def _span(self, attributes: Mapping[str, str | None], name: str, column: int) -> int:
        """Return a span within the standard's caps; absent or unreadable is 1, rowspan 0 "to the group's end"."""
        value = attributes.get(name)
        if value is None:
            return 1
        if len(value) == 1 and value in "123456789":
            return int(value)
        match = _INTEGER.match(value)
        if match is None:
            return 1
        span, cap = int(match[1]), self._limits.columns if name == "colspan" else self._limits.rows
        if span <= cap:
            return span
        self._notice("span_out_of_range", f"{name} {span} was cut to {cap}, the standard's cap", column, value)
        return cap

    def _notice(self, reason_code: str, message: str, column: int, raw_text: str) -> None:
        if len(self.notices) < 100:  # the hundredth of one table tells nothing new
            self.notices.append(Notice(reason_code, message, self._table_number, self._row, column, raw_text))


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
