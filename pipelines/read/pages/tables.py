"""The part of a table that one page shows: a grid of cells with their lines of text."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from pipelines.read.model import UNREADABLE, Cell
from pipelines.read.pages.content import PageContent
from pipelines.read.pages.drawn import drawn_in_cells
from pipelines.read.pages.grids import FIGURE, TOUCH, Grid, find_grids, find_owner, place_characters
from pipelines.read.pages.lines import RAISED, TextLine, build_lines, join_cell_lines
from pipelines.read.pages.plane import Box
from pipelines.read.pages.ruling import Character, RuledTable

_SLIVER = 8.0  # points; columns narrower than this that hold no cell of their own are one border drawn twice
_MAX_PADDING = 6.0  # points; Word's default is 5.4
_HIGHEST_ROW = 100.0  # points; a frame of one cell that is higher holds paragraphs
_LOWEST_PICTURE = 4.0  # points
_FILLING = 0.8  # share of a cell's width and height from which a picture fills it
_SPREAD = re.compile(r"\d \d")
_FEWEST_SPACED = 3  # numbers that show how far a table sets digits apart
_WIDEST_SPACE = 0.6  # share of their size by which digits of a number are set apart; columns are farther
_EVEN = 0.05  # share of their size by which that room differs from number to number


@dataclass(slots=True)
class PageCell:
    """One cell: its edges in points, its rows from 0 with the last exclusive, and its lines of text."""

    left: float
    right: float
    top: int
    bottom: int
    lines: list[TextLine] = field(default_factory=list)

    def moved(self, rows: int) -> "PageCell":
        """Return the cell so many rows further down."""
        return PageCell(self.left, self.right, self.top + rows, self.bottom + rows, self.lines)

    def make_unreadable(self, like: TextLine) -> None:
        """Say that something is printed here that nobody reads; `like` is any line of the table, where none is here."""
        self.lines = [replace(line, text=UNREADABLE) for line in self.lines]
        if not self.lines:
            piece = (self.left, self.right, UNREADABLE)
            self.lines = [replace(like, x0=self.left, x1=self.right, text=UNREADABLE, pieces=[piece])]

    @property
    def text(self) -> str:
        """The cell's text without white space, to compare cells by."""
        return "".join("".join(line.text.split()) for line in self.lines)

    @property
    def is_figure(self) -> bool:
        """Whether a number or a dash is printed and nothing else, read or not."""
        return FIGURE.fullmatch(self.text.replace(UNREADABLE, "0")) is not None


@dataclass(slots=True)
class Fragment:
    """What one page, or several once stitched, shows of a table.

    Attributes:
        x0, y0, x1, y1: Outer borders; once stitched, those of the last part.
        is_open_above, is_open_below: No border is drawn there: the page cuts a row.
        padding: Distance that texts keep from the edges of their cells.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    row_count: int
    cells: list[PageCell]
    is_open_above: bool
    is_open_below: bool
    padding: float

    @property
    def edges(self) -> list[float]:
        """The distinct column edges, from left to right."""
        return [group[0] for group in _edge_groups(self.cells)]

    @property
    def lines(self) -> list[TextLine]:
        """All lines of text in the fragment, row by row."""
        return [line for cell in self.cells for line in cell.lines]


def build_fragments(page: PageContent) -> tuple[list[Fragment], list[Character]]:
    """Return the tables that a page's lines draw, and the characters outside them.

    A frame of one cell is no table; its characters count as outside. Where a table lies within another's cell, the
    inner one holds its characters.

    Raises:
        DocumentError: limit_exceeded.
    """
    grids = find_grids(page)
    grids = [grid for grid in grids if not _is_frame(grid, grids)]
    # The inner of two tables is the smaller one: it takes its characters first.
    grids.sort(key=lambda grid: _area(grid.table))
    outside = place_characters(grids, page.characters)
    _doubt_pictured(grids, [*page.pictures, *drawn_in_cells(grids, page.shapes, page.segments)])
    _doubt_cut_rows(grids, page.height)
    return [_build_fragment(grid) for grid in grids], outside


def _doubt_pictured(grids: Sequence[Grid], pictures: Iterable[Box]) -> None:
    """Make empty cells unreadable in which a picture stands: a browser paints figures so that a style blurs.

    Pictures that fill cells with text as well are their ground, and larger ones a seal or scan.
    """
    empty: list[tuple[list[Character], Character, bool]] = []
    has_ground = False
    for x0, y0, x1, y1 in pictures:
        mark = Character(x0, y0, x1, y1, UNREADABLE)
        owner = find_owner(grids, mark)
        if owner is None or y1 - y0 < _LOWEST_PICTURE:
            continue
        grid = grids[owner[0]]
        top, start, bottom, end = grid.areas[owner[1]]
        wide = (x1 - x0) / (grid.table.xs[end] - grid.table.xs[start])
        high = (y1 - y0) / (grid.table.ys[bottom] - grid.table.ys[top])
        held, fills = grid.characters[owner[1]], min(wide, high) > _FILLING
        if held:
            has_ground |= fills
        elif max(wide, high) < 1 / _FILLING:
            empty.append((held, mark, fills))
    for held, mark, fills in empty:
        if not (fills and has_ground):
            held.append(mark)


def _doubt_cut_rows(grids: Iterable[Grid], height: float) -> None:
    """Make the empty cells unreadable in which the page's upper edge or its foot lies: their figure may be beyond."""
    for grid in grids:
        xs, ys = grid.table.xs, grid.table.ys
        if ys[0] >= -TOUCH and ys[-1] <= height + TOUCH:
            continue
        for (top, start, bottom, end), held in zip(grid.areas, grid.characters, strict=True):
            upper, lower = max(ys[top], 0.0), min(ys[bottom], height)
            if not held and upper < lower and (upper, lower) != (ys[top], ys[bottom]):
                held.append(Character(xs[start], upper, xs[end], lower, UNREADABLE))


def _is_frame(grid: Grid, grids: Sequence[Grid]) -> bool:
    """Tell whether a grid of one cell frames text; a low one may be a table's row that the page's end cut off.

    One within a cell of another table is the box of a form's field: what it frames is that cell's.
    """
    if len(grid.areas) > 1:
        return False
    ys = grid.table.ys
    return ys[-1] - ys[0] > _HIGHEST_ROW or any(
        _is_within(other.table, grid.table) or (len(other.areas) > 1 and _is_within(grid.table, other.table))
        for other in grids
    )


def _is_within(inner: RuledTable, outer: RuledTable) -> bool:
    """Tell whether a table begins within another one."""
    return outer.xs[0] < inner.xs[0] < outer.xs[-1] and outer.ys[0] < inner.ys[0] < outer.ys[-1]


def _area(table: RuledTable) -> float:
    return (table.xs[-1] - table.xs[0]) * (table.ys[-1] - table.ys[0])


def _build_fragment(grid: Grid) -> Fragment:
    xs, ys = grid.table.xs, grid.table.ys
    cells = [
        PageCell(xs[start], xs[end], top, bottom, build_lines(held))
        for (top, start, bottom, end), held in zip(grid.areas, grid.characters, strict=True)
    ]
    _settle_spread(cells, grid.characters)
    gaps = [(min(line.x0 - cell.left, cell.right - line.x1), line.text) for cell in cells for line in cell.lines]
    # Short lines say less, being centred; columns of two or three characters have no others.
    long = [gap for gap, text in gaps if len(text) > 3] or [gap for gap, _ in gaps]
    padding = min(max(min(long, default=0.0), 0.0), _MAX_PADDING)
    return Fragment(xs[0], ys[0], xs[-1], ys[-1], len(ys) - 1, cells, grid.is_open_above, grid.is_open_below, padding)


def _settle_spread(cells: Sequence[PageCell], held: Sequence[Sequence[Character]]) -> None:
    """Join digits that a table sets apart alike in all of its numbers, as editors do that space characters.

    A figure near others that are set apart is unreadable, as both may be one number that runs over its cell's border:
    as near as a character is large, or as its own digits are where these are joined.

    Args:
        cells: Of one table.
        held: The characters in each.
    """
    spread = [(cell, line) for cell in cells for line in cell.lines if " " in line.text and _SPREAD.search(line.text)]
    if not spread:
        return
    gap = _common_gap(cells, held)
    near = spread if gap is None else [(cell, line) for cell in cells if cell.is_figure for line in cell.lines]
    before = {(cell.right, cell.top): cell for cell in cells}
    behind = {(cell.left, cell.top): cell for cell in cells}
    doubtful: list[TextLine] = []
    for cell, line in near:
        reach = line.size if gap is None else gap + _EVEN * line.size
        for other in (before.get((cell.left, cell.top)), behind.get((cell.right, cell.top))):
            doubtful += [
                one
                for one in (other.lines if other is not None and other.is_figure else ())
                if max(one.x0 - line.x1, line.x0 - one.x1) <= reach and abs(one.y0 - line.y0) <= line.size / 2
            ]
    if gap is not None:
        for cell, line in spread:
            line.text = line.text.replace(" ", "") if cell.is_figure else line.text
    for line in doubtful:
        line.text = UNREADABLE


def _common_gap(cells: Sequence[PageCell], held: Sequence[Sequence[Character]]) -> float | None:
    """Return the room between two digits of a number, None where not all numbers of a table have the same.

    Figures that stand in one cell because a border is missing are parted by spaces or by as much as columns are.
    """
    gaps: list[float] = []
    size, numbers = 0.0, 0
    for cell, characters in zip(cells, held, strict=True):
        if not cell.is_figure or sum(one.isdigit() for one in cell.text) < 2:
            continue
        printed = sorted(characters)
        if len(cell.lines) > 1 or any(one.text == " " for one in printed):
            return None
        heights = [one.y1 - one.y0 for one in printed]
        if min(heights) < RAISED * max(heights):
            return None  # a note's mark, or a watermark over the number
        numbers += 1
        size = min(heights)
        gaps += [b.x0 - a.x1 for a, b in pairwise(printed) if a.text.isdigit() and b.text.isdigit()]
    is_common = (
        numbers >= _FEWEST_SPACED and max(gaps) <= _WIDEST_SPACE * size and max(gaps) - min(gaps) <= _EVEN * size
    )
    return max(gaps) if is_common else None


def finish_cells(fragment: Fragment) -> list[Cell]:
    """Return the cells of a table with their spans and texts, in row-major order and counted from 1."""
    groups = _edge_groups(fragment.cells)
    column_of = {edge: number for number, group in enumerate(groups) for edge in group}
    cells = [
        (
            cell.top + 1,
            column_of[cell.left] + 1,
            cell.bottom - cell.top,
            column_of[cell.right] - column_of[cell.left],
            join_cell_lines(cell.lines, cell.left, cell.right, fragment.padding),
        )
        for cell in fragment.cells
    ]
    return sorted(cells, key=lambda cell: cell[:2])


def _edge_groups(cells: Sequence[PageCell]) -> list[list[float]]:
    """Return the distinct column edges; near ones that no cell parts are one border that rows draw a little apart."""
    widths = {(cell.left, cell.right) for cell in cells}
    ends: dict[float, set[float]] = {}
    for left, right in widths:
        ends.setdefault(right, set()).add(left)
    groups: list[list[float]] = []
    for edge in sorted({edge for pair in widths for edge in pair}):
        starts = ends.get(edge, set())
        if groups and edge - groups[-1][0] <= _SLIVER and not starts.intersection(groups[-1]):
            groups[-1].append(edge)
        else:
            groups.append([edge])
    return groups
