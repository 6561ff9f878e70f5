"""The grids that one page draws, whatever its borders are made of, and which characters stand in which cell."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipelines.errors import DocumentError
from pipelines.read.model import UNREADABLE, paint_red
from pipelines.read.pages.content import PageContent
from pipelines.read.pages.lines import FIGURE_GAP, build_lines
from pipelines.read.pages.ruling import (
    DEFAULT_TOLERANCES,
    Character,
    Line,
    RuledTable,
    RulingTolerances,
    Segment,
    cell_areas,
    connect_lines,
    merge_segments,
)
from pipelines.read.pages.unclosed import APART_TOLERANCES, FEWEST, close_borders, is_sliver

_MAX_BORDERS = 1_000  # borders of one page in either direction; a page of a report has 60
_MAX_PLACES = 20_000  # places of one page's grid; a page of a report has 400
_OPEN_SIDE = 8.0  # points by which borders reach beyond the last one across them where a side is not drawn
_SURE_SHARE = 0.75  # share of a number's characters that a cell must hold for the number to be the cell's
_OVER = 0.15  # share of its size by which a number that has room in its cell may stand over its border
_SEAM = 0.05  # share of the size by which a gap at a border is wider than those between figures of one number
TOUCH = 0.5  # points by which a border may lie within the box of a character beside it
_NUMBER_CHARACTERS = frozenset("0123456789.,，．+-－%％" + paint_red("0123456789") + UNREADABLE)
FIGURE = re.compile(r"[-+－]?\d[\d,.，．\s]*[%％]?|[-/—－]+")
_FEWEST_CELLS = 1.7  # of a row on the average, where borders are not drawn
_MOST_SLIVERS = 3  # columns of no use; two are a border that is drawn twice a little apart


@dataclass(slots=True)
class Grid:
    """A ruled table with the number of the cell that each place belongs to, row by row, and each cell's characters."""

    table: RuledTable
    areas: list[tuple[int, int, int, int]]
    places: list[list[int]]
    characters: list[list[Character]]
    is_open_above: bool
    is_open_below: bool


def find_grids(page: PageContent) -> list[Grid]:
    """Return what the lines of a page draw, or what its other boxes do where these draw no table."""
    grids = _grids_of(page.segments)
    boxes = sum(len(grid.areas) == 1 for grid in grids)
    if boxes >= FEWEST or any(map(_has_slivers, grids)):
        return _grids_of(page.segments, APART_TOLERANCES)
    if boxes < len(grids):
        return grids
    if max(len(page.segments), len(page.areas)) < FEWEST:
        return grids
    closed = close_borders(page.segments, page.areas, page.characters, page.width * page.height)
    found = [grid for grid in _grids_of(closed) if len(grid.areas) > 1]
    place_characters(found, page.characters)
    if not all(map(_is_sound, found)):
        return grids
    return [replace(grid, characters=[[] for _ in grid.areas]) for grid in found] or grids


def _is_sound(grid: Grid) -> bool:
    """Tell whether a table of which not all borders are drawn has columns, and no cell with a figure and more."""
    if len(grid.areas) < _FEWEST_CELLS * (len(grid.table.ys) - 1):
        return False
    lines = (build_lines(held) for held in grid.characters)
    return not any(len(held) > 1 and any(FIGURE.fullmatch(line.text) for line in held) for held in lines)


def _grids_of(segments: Iterable[Segment], tolerances: RulingTolerances = DEFAULT_TOLERANCES) -> list[Grid]:
    horizontal, vertical = merge_segments(segments, tolerances)
    if max(len(horizontal), len(vertical)) > _MAX_BORDERS:
        raise DocumentError("limit_exceeded", f"a page draws more than {_MAX_BORDERS} borders")
    return [_build_grid(table) for table in connect_lines(horizontal, vertical, tolerances)]


def _has_slivers(grid: Grid) -> bool:
    """Tell whether many columns are too narrow for a character: cells are boxes that stand apart."""
    return sum(map(is_sliver, pairwise(grid.table.xs))) >= _MOST_SLIVERS


def _build_grid(table: RuledTable) -> Grid:
    above, below = _ends(table.vertical)
    left, right = _ends(table.horizontal)
    is_open_above, is_open_below = table.ys[0] - above > _OPEN_SIDE, below - table.ys[-1] > _OPEN_SIDE
    ys = (*((above,) if is_open_above else ()), *table.ys, *((below,) if is_open_below else ()))
    is_open_left, is_open_right = table.xs[0] - left > _OPEN_SIDE, right - table.xs[-1] > _OPEN_SIDE
    xs = (*((left,) if is_open_left else ()), *table.xs, *((right,) if is_open_right else ()))
    if (len(xs) - 1) * (len(ys) - 1) > _MAX_PLACES:
        raise DocumentError("limit_exceeded", "a page draws a table of more cells than it could show")
    closed = RuledTable(xs, ys, table.horizontal, table.vertical)
    areas = cell_areas(closed)
    places = [[0] * (len(xs) - 1) for _ in ys[1:]]
    for number, (top, start, bottom, end) in enumerate(areas):
        for row in range(top, bottom):
            places[row][start:end] = [number] * (end - start)
    return Grid(closed, areas, places, [[] for _ in areas], is_open_above, is_open_below)


def _ends(lines: Sequence[Line]) -> tuple[float, float]:
    """Return where borders begin and end, by the word of at least two of them: one alone may be a stray line."""
    starts, ends = sorted(line.start for line in lines), sorted(line.end for line in lines)
    return starts[min(1, len(starts) - 1)], ends[max(-2, -len(ends))]


def place_characters(grids: Sequence[Grid], characters: Sequence[Character]) -> list[Character]:
    """Give each character to the cell that it stands in, and return those that stand in none.

    The characters of one number stay together where the number is wider than its cell: it is the cell's that holds
    most of it or its middle; where neither is clear, every cell that it touches becomes unreadable.
    """
    outside: list[Character] = []
    for run in _runs(characters):
        one = run[0]
        if len(run) == 1 and not one.text.isdigit():
            owner = find_owner(grids, one)
            (outside if owner is None else grids[owner[0]].characters[owner[1]]).append(one)
        else:
            _place_number(grids, run, outside)
    return outside


def _place_number(grids: Sequence[Grid], run: list[Character], outside: list[Character]) -> None:
    """Give the characters of a number to the cell that holds it, or to those outside tables."""

    def place(one: Character, owner: tuple[int, int] | None) -> None:
        held = outside if owner is None else grids[owner[0]].characters[owner[1]]
        held.append(one)

    for part, found in _owned_parts(grids, run):
        owners = found
        if len(set(owners)) > 1 and not any(_meet_at_border(grids, part, owners)):
            sure = _sure_owner(grids, part, owners)
            owners = [sure] * len(part) if sure is not None else owners
        touched = set(owners) if len(set(owners)) > 1 else _astray_over(grids, part, owners[0])
        end = part[-1]
        mark = Character(end.x1, end.y0, end.x1 + 1, end.y1, UNREADABLE)
        for owner in touched - {None}:
            place(mark, owner)
        for one, owner in zip(part, owners, strict=True):
            place(one, owner)


def _astray_over(
    grids: Sequence[Grid], part: Sequence[Character], owner: tuple[int, int] | None
) -> set[tuple[int, int] | None]:
    """Return the cells over whose border a number stands that has room in its own: it may be either's.

    A tab in a narrow cell moves a figure over its border, and most of it into the next cell.
    """
    if owner is None:
        return set()
    grid = grids[owner[0]]
    _, start, _, end = grid.areas[owner[1]]
    left, right = grid.table.xs[start], grid.table.xs[end]
    first, last = part[0], part[-1]
    over = _OVER * (first.y1 - first.y0)
    if last.x1 - first.x0 > right - left or (left - first.x0 <= over and last.x1 - right <= over):
        return set()
    ends = (first._replace(x1=first.x0), last._replace(x0=last.x1))
    return {owner, *(find_owner(grids, one) for one in ends)}


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
    return -0.3 * size <= one.x0 - last.x1 <= FIGURE_GAP * size and abs(one.y1 - last.y1) <= 0.1 * size


def _owned_parts(
    grids: Sequence[Grid], run: list[Character]
) -> Iterator[tuple[list[Character], list[tuple[int, int] | None]]]:
    """Yield the characters of a number with the cell that each stands in, parted where borders part two numbers."""
    owners = [find_owner(grids, one) for one in run]
    start = 0
    for place in _seams(grids, run, owners) if len(set(owners)) > 1 else ():
        yield run[start:place], owners[start:place]
        start = place
    yield run[start:], owners[start:]


def _seams(grids: Sequence[Grid], run: Sequence[Character], owners: Sequence[tuple[int, int] | None]) -> Iterator[int]:
    """Yield where a border stands in a gap that is wider than those within cells: two numbers fill their cells there.

    A number that runs over its cell's border has the same gap there as between its other figures.
    """
    size = run[0].y1 - run[0].y0
    gaps = [one.x0 - last.x1 for last, one in pairwise(run)]
    # Two lone figures may be one number that is set over the border: nothing says how near its digits stand.
    within = max((gap for gap, (a, b) in zip(gaps, pairwise(owners), strict=True) if a == b), default=size)
    for place in _meet_at_border(grids, run, owners):
        if gaps[place - 1] > max(within, 0.0) + _SEAM * size:
            yield place


def _meet_at_border(
    grids: Sequence[Grid], run: Sequence[Character], owners: Sequence[tuple[int, int] | None]
) -> Iterator[int]:
    """Yield the places of characters that a border parts from the one before, going through neither."""
    for place, (left, right) in enumerate(pairwise(owners), start=1):
        if left == right or left is None or right is None:
            continue
        grid = grids[left[0]]
        edge = grid.table.xs[grid.areas[left[1]][3]]
        if run[place - 1].x1 - TOUCH <= edge <= run[place].x0 + TOUCH:
            yield place


def find_owner(grids: Sequence[Grid], character: Character) -> tuple[int, int] | None:
    """Return the numbers of the grid and the cell in which a character stands, None where it stands in none."""
    x0, y0, x1, y1, _ = character
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    for number, grid in enumerate(grids):
        xs, ys = grid.table.xs, grid.table.ys
        if ys[0] <= y <= ys[-1] and xs[0] <= x <= xs[-1]:
            row, column = bisect_right(ys, y, 1, len(ys) - 1) - 1, bisect_right(xs, x, 1, len(xs) - 1) - 1
            return number, grid.places[row][column]
    return None


def _sure_owner(
    grids: Sequence[Grid], run: Sequence[Character], owners: Sequence[tuple[int, int] | None]
) -> tuple[int, int] | None:
    """Return the cell that a number wider than its cell belongs to, or None where that is not clear."""
    for owner in set(owners):
        if owner is None:
            continue
        grid = grids[owner[0]]
        _, start, _, end = grid.areas[owner[1]]
        left, right = grid.table.xs[start], grid.table.xs[end]
        if owners.count(owner) >= _SURE_SHARE * len(run):
            # A digit beyond the border that does not touch it may be the next cell's own figure.
            return owner if all(one.x0 < right and left < one.x1 for one in run) else None
        before, after = left - run[0].x0, run[-1].x1 - right
        if before > 0 and abs(before - after) <= 1.0 and max(before, after) < (right - left) / 2:
            return owner
    return None
