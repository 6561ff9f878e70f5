"""The rows of an indicator table (统计表 before 2019): label, unit, figures, and which indicator is part of which."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import pairwise

from pipelines.normalize.grid import CellKind, GridCell, GridRow
from pipelines.normalize.indicators.head import FigureColumn, Head, HeadGroup
from schemas.legacy import load_header_words
from schemas.numeral import read_chinese_number

_NUMBERING = (
    ("chinese", re.compile(r"([一二三四五六七八九十]+)[、.:]")),
    ("chinese_in_brackets", re.compile(r"\(([一二三四五六七八九十]+)\)")),
    ("digit_in_brackets", re.compile(r"\(([0-9]{1,2})\)|([0-9]{1,2})\)")),
    ("digit", re.compile(r"([0-9]{1,2})(?:[、:,]|\.(?![0-9])|(?=[^0-9\W]))")),
)
_UNIT_NOTE = re.compile(r"\((?:单位:)?([^()]{1,3})\)$")


@dataclass(frozen=True, slots=True)
class Numbering:
    """The number before a label: its style (一、 （一） 1、 （1）), the number, and whether 其中 leads it."""

    style: str | None
    number: int | None
    is_marked: bool


@dataclass(slots=True)
class PrintedIndicator:
    """One indicator as printed.

    Attributes:
        text: Its label, folded, with its numbering; empty where it has none.
        over: Labels of the cells that reach over it, outermost first.
        unit: Unit as printed beside it or in its label.
        figures: Figures and blanks beside their columns; the column is None where the row's width leaves it open.
        is_heading: It only heads others and has no figure of its own.
        number: Number among the document's indicators, from 1; 0 for a heading.
        parent: The indicator or heading of which it is printed as a part.
    """

    table: int
    row: int
    label: GridCell | None
    text: str
    over: tuple[str, ...]
    unit: str | None
    figures: list[tuple[GridCell, FigureColumn | None]]
    is_heading: bool = False
    number: int = 0
    parent: "PrintedIndicator | None" = None
    code: str | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether its figures could not be set under the columns."""
        return any(column is None for _, column in self.figures)


@dataclass(slots=True)
class TableRows:
    """The indicators of a table; `is_lossy` where text without a grid lost figures, so that none is believed."""

    indicators: list[PrintedIndicator] = field(default_factory=list)
    is_lossy: bool = False


def read_table_rows(rows: Sequence[GridRow], head: Head) -> TableRows:
    """Return the indicators of the rows below a head.

    Args:
        rows: Rows of one physical table, the head's own left out.
        head: The head in force.
    """
    if head.by_count:
        return _read_by_count([cell for row in rows for cell in row.cells], head)
    by_row = [[_read_grid_row(row, group, head) for group in head.groups] for row in rows if not _is_footer(row)]
    across = [indicator for row in by_row for indicator in row if indicator is not None]
    down = [row[place] for place in range(len(head.groups)) for row in by_row]
    return TableRows(_choose_order(across, [indicator for indicator in down if indicator is not None]))


def _choose_order(across: list[PrintedIndicator], down: list[PrintedIndicator]) -> list[PrintedIndicator]:
    """Return the indicators, of which several stand in a row, in the order in which their numbers run on."""
    return max((down, across), key=_count_running) if len(across) > 1 else across


def _count_running(indicators: Sequence[PrintedIndicator]) -> int:
    """Return how many numbered labels follow the number before them."""
    numbers = [read_numbering(indicator.text) for indicator in indicators]
    return sum(
        one.style == other.style and other.number == (one.number or 0) + 1
        for one, other in pairwise(numbers)
        if one.style
    )


def set_parents(indicators: Sequence[PrintedIndicator]) -> None:
    """Give every indicator the one of which it is printed as a part: by 其中, by its numbering, by cells over it.

    A list belongs to the indicator before its first member. A label without a number, a mark or a cell over it is part
    of nothing: what follows the last part of 其中 is not told from it in any other way.
    """
    levels: list[tuple[str | None, PrintedIndicator]] = []  # open lists: style and last member, outermost first
    previous: PrintedIndicator | None = None
    for indicator in indicators:
        numbering = read_numbering(indicator.text)
        if indicator.over:
            indicator.parent = _find_over(indicator, indicators)
            levels = [(numbering.style, indicator)]
        elif (place := _open_list(levels, numbering)) is not None:
            indicator.parent = levels[place][1].parent
            levels[place:] = [(numbering.style, indicator)]
        elif previous is not None and (numbering.is_marked or numbering.style is not None):
            starts = numbering.is_marked or numbering.number == 1
            nested = starts and not (levels and numbering.style in _outer_styles(levels[-1][0]))
            indicator.parent = previous if nested else None
            levels = [*levels, (numbering.style, indicator)] if nested else [(numbering.style, indicator)]
        else:
            levels = [(None, indicator)]
        previous = indicator


def _open_list(levels: Sequence[tuple[str | None, PrintedIndicator]], numbering: Numbering) -> int | None:
    """Return the place of the open list that a number carries on, or None where it carries on none."""
    for place in range(len(levels) - 1, -1, -1):
        style, last = levels[place]
        own = read_numbering(last.text)
        if numbering.style is not None and style == numbering.style and numbering.number == (own.number or 0) + 1:
            return place
        if numbering.style is None and numbering.is_marked and own.is_marked and own.style is None:
            return place
    return None


def _outer_styles(style: str | None) -> frozenset[str]:
    """Return the styles that stand for a higher level than `style` wherever both are used."""
    order = ("chinese", "chinese_in_brackets")
    return frozenset(order[: order.index(style)]) if style in order else frozenset(order) if style else frozenset()


def _find_over(indicator: PrintedIndicator, indicators: Sequence[PrintedIndicator]) -> PrintedIndicator | None:
    """Return the indicator whose label reaches over this one; under a bare 其中 the last that stands under none."""
    label = indicator.over[-1]
    before = list(indicators[: indicators.index(indicator)])
    if is_part_mark(label):
        return next((other for other in reversed(before) if other.over != indicator.over), None)
    return next((other for other in reversed(before) if strip_mark(other.text) == strip_mark(label)), None)


@lru_cache(maxsize=16_384)
def read_numbering(text: str) -> Numbering:
    """Return the number before a folded label.

    >>> read_numbering("其中:1、当面申请数"), read_numbering("(二)申请办结数").style
    (Numbering(style='digit', number=1, is_marked=True), 'chinese_in_brackets')
    """
    rest = strip_mark(text)
    is_marked = rest != text
    for style, pattern in _NUMBERING:
        match = pattern.match(rest)
        if match is not None:
            return Numbering(style, _number(next(group for group in match.groups() if group)), is_marked)
    return Numbering(None, None, is_marked)


@cache
def _part_mark() -> re.Pattern[str]:
    return re.compile(load_header_words().part_mark)


def strip_mark(text: str) -> str:
    """Return a folded label without the 其中 that leads it."""
    return _part_mark().sub("", text, count=1) if _part_mark().match(text) else text


def is_part_mark(text: str) -> bool:
    """Tell whether a folded text is nothing but 其中."""
    return _part_mark().fullmatch(text) is not None


def _number(numeral: str) -> int:
    return int(numeral) if numeral.isdecimal() else read_chinese_number(numeral) or 0


def _read_grid_row(row: GridRow, group: HeadGroup, head: Head) -> PrintedIndicator | None:
    """Return the indicator of one row and group of columns, or None where neither label nor figure stands there.

    Figures are set under columns only where every column of the group has its own cell and no figure stands where
    none may: text containers drop blank cells, and what is left then stands one column off.
    """
    own = {cell.column: cell for cell in row.cells}
    labels = sorted(
        (cell for cell in (*row.covering, *row.cells) if cell.column in group.labels and cell.kind is CellKind.TEXT),
        key=lambda cell: cell.column,
    )
    pairs = [(own.get(column.column), column) for column in group.figures]
    found = [(cell, column) for cell, column in pairs if cell is not None]
    if not labels and all(cell.kind is CellKind.BLANK for cell, _ in found):
        return None
    unit_cell = next((c for c in (*row.cells, *row.covering) if c.column == group.unit), None)
    is_blank = all(cell.kind is CellKind.BLANK for cell, _ in found)
    unit = unit_cell.token if unit_cell is not None and unit_cell.kind is CellKind.TEXT else None
    if unit is not None and re.fullmatch(load_header_words().filler, unit):
        unit = None
    fits = len(found) == len(pairs) and _fits_width(row, head) and all(cell.column_span == 1 for cell, _ in found)
    fits = fits and (unit_cell is None or unit_cell.kind is not CellKind.VALUE or is_blank)
    figures: list[tuple[GridCell, FigureColumn | None]] = (
        [*found] if fits else [(cell, None) for cell in _loose_figures(row, group, head)]
    )
    label = labels[-1] if labels else None
    text = label.token if label is not None else ""
    return PrintedIndicator(
        row.table,
        row.number,
        label,
        text,
        tuple(cell.token for cell in labels[:-1]),
        unit or _unit_in_label(text),
        [] if is_blank and head.has_unit and unit is None else figures,
        is_heading=is_blank and head.has_unit and unit is None,
    )


def _fits_width(row: GridRow, head: Head) -> bool:
    """Tell whether figures stand only in columns that the head gives them."""
    known = {column.column for group in head.groups for column in group.figures} | head.beside
    known |= {number for group in head.groups for number in (*group.labels, group.unit or 0)}
    return all(cell.kind is not CellKind.VALUE or cell.column in known for cell in row.cells)


def _loose_figures(row: GridRow, group: HeadGroup, head: Head) -> list[GridCell]:
    first = min(group.labels)
    following = [min(other.labels) for other in head.groups if min(other.labels) > first]
    last = min(following, default=max((cell.column for cell in row.cells), default=0) + 1)
    return [cell for cell in row.cells if first <= cell.column < last and cell.kind is CellKind.VALUE]


def _unit_in_label(text: str) -> str | None:
    match = _UNIT_NOTE.search(text)
    return match[1] if match is not None and match[1] in load_header_words().units else None


@cache
def _footer() -> re.Pattern[str]:
    return re.compile(load_header_words().footer)


@cache
def _counter() -> re.Pattern[str]:
    return re.compile(load_header_words().counter)


def _is_footer(row: GridRow) -> bool:
    texts = [cell.token for cell in row.cells if cell.kind is CellKind.TEXT]
    is_closing = not row.has_values and any(map(_footer().search, texts))
    return is_closing or any(map(_counter().fullmatch, texts))


def _read_by_count(cells: Sequence[GridCell], head: Head) -> TableRows:
    """Return the indicators of text without a grid, whose figures are known by their number and order alone.

    Every label must be followed by just as many figures as the head has columns: one figure too few and nothing tells
    which is gone, so that the whole text is lossy.
    """
    columns = head.groups[0].figures
    read = TableRows()
    for texts, figures in _runs(cells, len(columns) if head.has_ordinal else None):
        if not figures:
            continue  # what follows the last figure is no label
        label, text, over, unit = _take_label(texts, head)
        fits = len(figures) == len(columns)
        read.is_lossy |= not fits
        pairs: list[tuple[GridCell, FigureColumn | None]] = (
            [*zip(figures, columns, strict=True)] if fits else [(cell, None) for cell in figures]
        )
        first = texts[0] if texts else figures[0]
        read.indicators.append(PrintedIndicator(first.table, first.row, label, text, over, unit, pairs))
    if read.is_lossy:
        for indicator in read.indicators:
            indicator.figures = [(cell, None) for cell, _ in indicator.figures]
    return read


def _runs(cells: Sequence[GridCell], ordinals_after: int | None) -> Iterator[tuple[list[GridCell], list[GridCell]]]:
    """Yield each run of texts with the run of figures behind it; running numbers before the next label are left out."""
    texts: list[GridCell] = []
    figures: list[GridCell] = []
    for cell in cells:
        if cell.kind is CellKind.TEXT and figures:
            if ordinals_after is not None and len(figures) == ordinals_after + 1:
                figures.pop()
            if texts or ordinals_after is None:
                yield texts, figures
            texts, figures = [], []
        (texts if cell.kind is CellKind.TEXT else figures).append(cell)
    yield texts, figures


def _take_label(texts: Sequence[GridCell], head: Head) -> tuple[GridCell | None, str, tuple[str, ...], str | None]:
    """Return the label cell, its text, the headings before it and the unit, of the texts before a row's figures."""
    words = load_header_words()
    rest = list(texts)
    unit = None
    if (
        head.has_unit
        and len(rest) > 1
        and (rest[-1].token in words.units or re.fullmatch(words.filler, rest[-1].token))
    ):
        unit = rest.pop().token
    if not rest:
        return None, "", (), unit
    label = rest[-1]
    text = label.token
    if head.has_unit and unit is None:
        unit = next((u for u in sorted(words.units, key=len, reverse=True) if text.endswith(u) and text != u), None)
        text = text.removesuffix(unit or "")
    while len(rest) > 1:
        rest.pop()
        lead = rest[-1].token
        if is_part_mark(lead):
            text = lead + text
        elif read_numbering(text).style is not None or read_numbering(text).is_marked:
            break  # a label with a number begins here: what stands before is a heading
        else:
            text = lead + text
    return label, text, (), unit or _unit_in_label(text)
