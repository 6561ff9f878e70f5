"""The part of a table that one page shows: a grid of cells with their lines of text."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from pipelines.errors import DocumentError
from pipelines.read.model import Cell, paint_red
from pipelines.read.pages.lines import TextLine, build_lines, join_cell_lines
from pipelines.read.pages.plane import Box
from pipelines.read.pages.ruling import (
    Character,
    Line,
    RuledTable,
    RulingTolerances,
    Segment,
    cell_areas,
    connect_lines,
    merge_segments,
)

_TOLERANCES = RulingTolerances()
_MAX_BORDERS = 1_000  # borders of one page in either direction; a page of a report has 60
_MAX_PLACES = 20_000  # places of one page's grid; a page of a report has 400
_OPEN_SIDE = 8.0  # points by which borders reach beyond the last one across them where a side is not drawn
_SLIVER = 8.0  # points; columns narrower than this that hold no cell of their own are one border drawn twice
_MAX_PADDING = 6.0  # points; Word's default is 5.4
_SURE_SHARE = 0.75  # share of a number's characters that a cell must hold for the number to be the cell's
_HIGHEST_ROW = 100.0  # points; a frame of one cell that is higher holds paragraphs
_SEAM = 0.05  # share of the size by which a gap at a border is wider than those between figures of one number
TOUCH = 0.5  # points by which a border may lie within the box of a character beside it
_UNREADABLE = "\ufffd"
_NUMBER_CHARACTERS = frozenset("0123456789.,，．+-－%％" + paint_red("0123456789"))
_LOWEST_PICTURE = 4.0  # points
_FILLING = 0.8  # share of a cell's width and height from which a picture fills it
_SPREAD = re.compile(r"\d \d")
FIGURE = re.compile(r"[-+－]?\d[\d,.，．\s]*[%％]?|[-/—－]+")


@dataclass(slots=True)
class GridCell:
    """One cell: its edges in points, its rows from 0 with the last exclusive, and its lines of text."""

    left: float
    right: float
    top: int
    bottom: int
    lines: list[TextLine] = field(default_factory=list)

    def moved(self, rows: int) -> "GridCell":
        """Return the cell so many rows further down."""
        return GridCell(self.left, self.right, self.top + rows, self.bottom + rows, self.lines)

    @property
    def text(self) -> str:
        """The cell's text without white space, to compare cells by."""
        return "".join("".join(line.text.split()) for line in self.lines)

    @property
    def is_figure(self) -> bool:
        """Whether a number or a dash is printed and nothing else, read or not."""
        return FIGURE.fullmatch(self.text.replace(_UNREADABLE, "0")) is not None


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
    cells: list[GridCell]
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


@dataclass(slots=True)
class _Grid:
    """A ruled table with the number of the cell that each place belongs to, row by row, and each cell's characters."""

    table: RuledTable
    areas: list[tuple[int, int, int, int]]
    places: list[list[int]]
    characters: list[list[Character]]
    is_open_above: bool
    is_open_below: bool


def build_fragments(
    segments: Sequence[Segment], characters: Sequence[Character], pictures: Sequence[Box], height: float
) -> tuple[list[Fragment], list[Character]]:
    """Return the tables that a page's lines draw, and the characters outside them.

    A frame of one cell is no table; its characters count as outside. Where a table lies within another's cell, the
    inner one holds its characters.

    Raises:
        DocumentError: limit_exceeded.
    """
    horizontal, vertical = merge_segments(segments, _TOLERANCES)
    if max(len(horizontal), len(vertical)) > _MAX_BORDERS:
        raise DocumentError("limit_exceeded", f"a page draws more than {_MAX_BORDERS} borders")
    grids = [_build_grid(table) for table in connect_lines(horizontal, vertical, _TOLERANCES)]
    grids = [grid for grid in grids if not _is_frame(grid, grids)]
    # The inner of two tables is the smaller one: it takes its characters first.
    grids.sort(key=lambda grid: _area(grid.table))
    outside = _place_characters(grids, characters)
    _doubt_pictured(grids, pictures)
    _doubt_cut_rows(grids, height)
    return [_build_fragment(grid) for grid in grids], outside


def _doubt_pictured(grids: Sequence[_Grid], pictures: Iterable[Box]) -> None:
    """Make empty cells unreadable in which a picture stands: a browser paints figures so that a style blurs.

    Pictures that fill cells with text as well are their ground, and larger ones a seal or scan.
    """
    empty: list[tuple[list[Character], Character, bool]] = []
    has_ground = False
    for x0, y0, x1, y1 in pictures:
        mark = Character(x0, y0, x1, y1, _UNREADABLE)
        owner = _owner(grids, mark)
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


def _doubt_cut_rows(grids: Iterable[_Grid], height: float) -> None:
    """Make the empty cells unreadable in which the page's upper edge or its foot lies: their figure may be beyond."""
    for grid in grids:
        xs, ys = grid.table.xs, grid.table.ys
        if ys[0] >= -TOUCH and ys[-1] <= height + TOUCH:
            continue
        for (top, start, bottom, end), held in zip(grid.areas, grid.characters, strict=True):
            upper, lower = max(ys[top], 0.0), min(ys[bottom], height)
            if not held and upper < lower and (upper, lower) != (ys[top], ys[bottom]):
                held.append(Character(xs[start], upper, xs[end], lower, _UNREADABLE))


def _is_frame(grid: _Grid, grids: Sequence[_Grid]) -> bool:
    """Tell whether a grid of one cell frames text; a low one may be a table's row that the page's end cut off."""
    if len(grid.areas) > 1:
        return False
    xs, ys = grid.table.xs, grid.table.ys
    return ys[-1] - ys[0] > _HIGHEST_ROW or any(
        xs[0] < other.table.xs[0] < xs[-1] and ys[0] < other.table.ys[0] < ys[-1] for other in grids
    )


def _area(table: RuledTable) -> float:
    return (table.xs[-1] - table.xs[0]) * (table.ys[-1] - table.ys[0])


def _build_grid(table: RuledTable) -> _Grid:
    above, below = _ends(table.vertical)
    left, right = _ends(table.horizontal)
    is_open_above, is_open_below = table.ys[0] - above > _OPEN_SIDE, below - table.ys[-1] > _OPEN_SIDE
    ys = (*((above,) if is_open_above else ()), *table.ys, *((below,) if is_open_below else ()))
    is_open_left, is_open_right = table.xs[0] - left > _OPEN_SIDE, right - table.xs[-1] > _OPEN_SIDE
    xs = (*((left,) if is_open_left else ()), *table.xs, *((right,) if is_open_right else ()))
    if (len(xs) - 1) * (len(ys) - 1) > _MAX_PLACES:
        raise DocumentError("limit_exceeded", "a page draws a table of more cells than it could show")
    closed = RuledTable(xs, ys, table.horizontal, table.vertical)
    areas = cell_areas(closed, _TOLERANCES)
    places = [[0] * (len(xs) - 1) for _ in ys[1:]]
    for number, (top, start, bottom, end) in enumerate(areas):
        for row in range(top, bottom):
            places[row][start:end] = [number] * (end - start)
    return _Grid(closed, areas, places, [[] for _ in areas], is_open_above, is_open_below)


def _ends(lines: Sequence[Line]) -> tuple[float, float]:
    """Return where borders begin and end, by the word of at least two of them: one alone may be a stray line."""
    starts, ends = sorted(line.start for line in lines), sorted(line.end for line in lines)
    return starts[min(1, len(starts) - 1)], ends[max(-2, -len(ends))]


def _place_characters(grids: Sequence[_Grid], characters: Sequence[Character]) -> list[Character]:
    """Give each character to the cell that it stands in, and return those that stand in none.

    The characters of one number stay together where the number is wider than its cell: it is the cell's that holds
    most of it or its middle; where neither is clear, every cell that it touches becomes unreadable.
    """
    outside: list[Character] = []
    for run in _runs(characters):
        one = run[0]
        if len(run) == 1:
            owner = _owner(grids, one)
            (outside if owner is None else grids[owner[0]].characters[owner[1]]).append(one)
        else:
            _place_number(grids, run, outside)
    return outside


def _place_number(grids: Sequence[_Grid], run: list[Character], outside: list[Character]) -> None:
    """Give the characters of a number to the cell that holds it, or to those outside tables."""

    def place(one: Character, owner: tuple[int, int] | None) -> None:
        held = outside if owner is None else grids[owner[0]].characters[owner[1]]
        held.append(one)

    for part, found in _owned_parts(grids, run):
        owners = found
        if len(part) > 1 and len(set(owners)) > 1:
            sure = _sure_owner(grids, part, owners)
            if sure is not None:
                owners = [sure] * len(part)
            else:
                end = part[-1]
                mark = Character(end.x1, end.y0, end.x1 + 1, end.y1, _UNREADABLE)
                for touched in set(owners) - {None}:
                    place(mark, touched)
        for one, owner in zip(part, owners, strict=True):
            place(one, owner)


def _runs(characters: Iterable[Character]) -> Iterator[list[Character]]:
    """Yield the characters in groups: those of one number together, every other one alone."""
    run: list[Character] = []
    for one in characters:
        if one.text not in _NUMBER_CHARACTERS:
            if run:
                yield run
                run = []
            yield [one]
        elif run and _goes_on(run[-1], one):
            run.append(one)
        else:
            if run:
                yield run
            run = [one]
    if run:
        yield run


def _goes_on(last: Character, one: Character) -> bool:
    """Tell whether a character of a number stands right behind another."""
    size = one.y1 - one.y0
    return -0.3 * size <= one.x0 - last.x1 <= 0.15 * size and abs(one.y1 - last.y1) <= 0.1 * size


def _owned_parts(
    grids: Sequence[_Grid], run: list[Character]
) -> Iterator[tuple[list[Character], list[tuple[int, int] | None]]]:
    """Yield the characters of a number with the cell that each stands in, parted where borders part two numbers."""
    owners = [_owner(grids, one) for one in run]
    start = 0
    for place in _seams(grids, run, owners) if len(set(owners)) > 1 else ():
        yield run[start:place], owners[start:place]
        start = place
    yield run[start:], owners[start:]


def _seams(grids: Sequence[_Grid], run: Sequence[Character], owners: Sequence[tuple[int, int] | None]) -> Iterator[int]:
    """Yield where a border stands in a gap that is wider than those within cells: two numbers fill their cells there.

    A number that runs over its cell's border has the same gap there as between its other figures.
    """
    size = run[0].y1 - run[0].y0
    gaps = [one.x0 - last.x1 for last, one in pairwise(run)]
    within = max((gap for gap, (a, b) in zip(gaps, pairwise(owners), strict=True) if a == b), default=0.0)
    for place, (gap, (left, right)) in enumerate(zip(gaps, pairwise(owners), strict=True), start=1):
        if left == right or left is None or right is None or gap <= max(within, 0.0) + _SEAM * size:
            continue
        grid = grids[left[0]]
        edge = grid.table.xs[grid.areas[left[1]][3]]
        if run[place - 1].x1 - TOUCH <= edge <= run[place].x0 + TOUCH:
            yield place


def _owner(grids: Sequence[_Grid], character: Character) -> tuple[int, int] | None:
    x0, y0, x1, y1, _ = character
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    for number, grid in enumerate(grids):
        xs, ys = grid.table.xs, grid.table.ys
        if ys[0] <= y <= ys[-1] and xs[0] <= x <= xs[-1]:
            row, column = bisect_right(ys, y, 1, len(ys) - 1) - 1, bisect_right(xs, x, 1, len(xs) - 1) - 1
            return number, grid.places[row][column]
    return None


def _sure_owner(
    grids: Sequence[_Grid], run: Sequence[Character], owners: Sequence[tuple[int, int] | None]
) -> tuple[int, int] | None:
    """Return the cell that a number wider than its cell belongs to, or None where that is not clear."""
    for owner in set(owners):
        if owner is None:
            continue
        if owners.count(owner) >= _SURE_SHARE * len(run):
            return owner
        grid = grids[owner[0]]
        _, start, _, end = grid.areas[owner[1]]
        left, right = grid.table.xs[start], grid.table.xs[end]
        before, after = left - run[0].x0, run[-1].x1 - right
        if before > 0 and abs(before - after) <= 1.0 and max(before, after) < (right - left) / 2:
            return owner
    return None


def _build_fragment(grid: _Grid) -> Fragment:
    xs, ys = grid.table.xs, grid.table.ys
    cells = [
        GridCell(xs[start], xs[end], top, bottom, build_lines(held))
        for (top, start, bottom, end), held in zip(grid.areas, grid.characters, strict=True)
    ]
    _doubt_spread(cells)
    gaps = [(min(line.x0 - cell.left, cell.right - line.x1), line.text) for cell in cells for line in cell.lines]
    # Short lines say less, being centred; columns of two or three characters have no others.
    long = [gap for gap, text in gaps if len(text) > 3] or [gap for gap, _ in gaps]
    padding = min(max(min(long, default=0.0), 0.0), _MAX_PADDING)
    return Fragment(xs[0], ys[0], xs[-1], ys[-1], len(ys) - 1, cells, grid.is_open_above, grid.is_open_below, padding)


def _doubt_spread(cells: Sequence[GridCell]) -> None:
    """Make figures unreadable beside digits that are set apart as far as they are: both may be one wide number."""
    spread = [(cell, line) for cell in cells for line in cell.lines if " " in line.text and _SPREAD.search(line.text)]
    if not spread:
        return
    before = {(cell.right, cell.top): cell for cell in cells}
    behind = {(cell.left, cell.top): cell for cell in cells}
    for cell, line in spread:
        for other in (before.get((cell.left, cell.top)), behind.get((cell.right, cell.top))):
            for near in other.lines if other is not None and other.is_figure else ():
                if max(near.x0 - line.x1, line.x0 - near.x1) <= line.size and abs(near.y0 - line.y0) <= line.size / 2:
                    near.text = _UNREADABLE


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


def _edge_groups(cells: Sequence[GridCell]) -> list[list[float]]:
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
