"""Tables from ruling lines: drawn segments and placed characters become grids of cells with spans.

A chain of pure functions, for every container that draws its pages: segments → lines → tables (lines that touch) →
cells (places of the grid without a wall between them) → the text in each cell. Coordinates are points (1/72 inch), x to
the right and y down.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from pipelines.read.pages.plane import Box


@dataclass(frozen=True, slots=True)
class RulingTolerances:
    """What still counts as straight, touching or the same, in points unless said otherwise.

    Attributes:
        slant: A segment's ends may differ by this across its direction.
        same_line: Parallel lines closer than this are one border: both sides of a thin rectangle, or a double line.
        gap: A line may be interrupted this far, and may fall this short of the line that it meets.
        shortest: Segments shorter than this after merging are marks, not borders.
        dot: Segments no longer than this may be dots of a line in either direction.
        wall_share: Share of a wall that must be drawn for it to part two cells.
        same_text_line: Characters whose middles differ less than this share of their height stand on one line.
        space: Horizontal distance of two characters, as a share of their height, that prints as a space.
    """

    slant: float = 0.8
    same_line: float = 2.5
    gap: float = 3.0
    shortest: float = 5.0
    dot: float = 1.2
    wall_share: float = 0.5
    same_text_line: float = 0.5
    space: float = 0.6


_FEWEST_OPEN_ROWS, _LEAST_COLUMN = 2, 20.0  # of two columns without outer sides: rows, and points
_MAX_NEAR = 64  # positions that are weighed at once: a hatched drawing has thousands in a row
DEFAULT_TOLERANCES = RulingTolerances()
_left = itemgetter(0)  # of a character


class Character(NamedTuple):
    """One printed character and the box that it fills."""

    x0: float
    y0: float
    x1: float
    y1: float
    text: str


class Segment(NamedTuple):
    """A drawn straight line from one point to another."""

    x0: float
    y0: float
    x1: float
    y1: float


# What the types' own constructors make, without their call in between: a page has a thousand of each.
new_character: Callable[[tuple[float, float, float, float, str]], Character] = partial(tuple.__new__, Character)
new_segment: Callable[[Box], Segment] = partial(tuple.__new__, Segment)


class Line(NamedTuple):
    """A border: `position` across its direction, `start` to `end` along it."""

    position: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class RuledTable:
    """Borders that touch one another: the distinct positions of columns and rows, and the lines that were drawn."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    horizontal: tuple[Line, ...]
    vertical: tuple[Line, ...]


def find_tables(segments: Iterable[Segment], tolerances: RulingTolerances = DEFAULT_TOLERANCES) -> list[RuledTable]:
    """Return the tables that the segments of one page draw, from top to bottom.

    Args:
        segments: Lines of paths and edges of rectangles, in any order; slanted ones are ignored.
        tolerances: See `RulingTolerances`.
    """
    return [table for table in connect_lines(*merge_segments(segments, tolerances), tolerances) if len(table.xs) > 1]


def connect_lines(
    horizontal: Sequence[Line], vertical: Sequence[Line], tolerances: RulingTolerances = DEFAULT_TOLERANCES
) -> list[RuledTable]:
    """Return the tables that merged borders make, from top to bottom."""
    tables = []
    for rows, columns in _touching(horizontal, vertical, tolerances):
        xs = _positions((line.position for line in columns), tolerances)
        ys = _positions((line.position for line in rows), tolerances)
        if len(ys) > 1 and (len(xs) > 1 or _parts_columns(rows, columns, tolerances)):
            tables.append(RuledTable(xs, ys, tuple(rows), tuple(columns)))
    return sorted(tables, key=lambda table: (table.ys[0], table.xs[0]))


def _parts_columns(rows: Sequence[Line], columns: Sequence[Line], tolerances: RulingTolerances) -> bool:
    """Tell whether a lone upright border parts two columns whose outer sides are not drawn.

    Three level ones at least begin and end at the same places, well to either side of it.
    """
    if len(columns) != 1 or len(rows) < _FEWEST_OPEN_ROWS + 1:
        return False
    starts, ends = [line.start for line in rows], [line.end for line in rows]
    position, widest = columns[0].position, tolerances.same_line
    is_even = max(starts) - min(starts) <= widest and max(ends) - min(ends) <= widest
    return is_even and max(starts) + _LEAST_COLUMN < position < min(ends) - _LEAST_COLUMN


def merge_segments(
    segments: Iterable[Segment], tolerances: RulingTolerances = DEFAULT_TOLERANCES
) -> tuple[list[Line], list[Line]]:
    """Return the horizontal and the vertical borders that the segments make.

    >>> parts = [Segment(0, 10, 50, 10), Segment(51, 10.2, 90, 10.2), Segment(0, 0, 0, 40)]
    >>> [(line.start, line.end) for line in merge_segments(parts)[0]]
    [(0, 90)]
    """
    rows: dict[float, list[tuple[float, float]]] = {}
    columns: dict[float, list[tuple[float, float]]] = {}
    slant, dot = tolerances.slant, tolerances.dot
    for x0, y0, x1, y1 in segments:
        left, right = (x0, x1) if x0 <= x1 else (x1, x0)
        top, bottom = (y0, y1) if y0 <= y1 else (y1, y0)
        across_x, across_y = right - left, bottom - top
        if across_y <= slant and across_x > across_y:
            rows.setdefault((y0 + y1) / 2, []).append((left, right))
            if across_x <= dot:
                columns.setdefault((x0 + x1) / 2, []).append((top, bottom))
        elif across_x <= slant and across_y > across_x:
            columns.setdefault((x0 + x1) / 2, []).append((top, bottom))
            if across_y <= dot:
                rows.setdefault((y0 + y1) / 2, []).append((left, right))
    return _merge_lines(rows, tolerances), _merge_lines(columns, tolerances)


def cell_areas(table: RuledTable, tolerances: RulingTolerances = DEFAULT_TOLERANCES) -> list[tuple[int, int, int, int]]:
    """Return the cells as (top, left, bottom, right) of the grid, the last two exclusive, in row-major order.

    A cell grows to the right while no wall stands there, then downward while none stands below its whole width. So
    every place of the grid belongs to exactly one rectangle, even where borders are missing.
    """
    row_count, column_count = len(table.ys) - 1, len(table.xs) - 1
    wall_right = _walls(table.vertical, table.xs, table.ys, tolerances)
    wall_below = _walls(table.horizontal, table.ys, table.xs, tolerances)
    taken: set[tuple[int, int]] = set()
    areas = []
    for top in range(row_count):
        for left in range(column_count):
            if (top, left) in taken:
                continue
            right = left + 1
            while right < column_count and (right, top) not in wall_right and (top, right) not in taken:
                right += 1
            bottom = top + 1
            while bottom < row_count and _is_open(bottom, left, right, wall_below, wall_right):
                bottom += 1
            areas.append((top, left, bottom, right))
            taken.update((row, column) for row in range(top, bottom) for column in range(left, right))
    return areas


def group_lines(
    characters: Iterable[Character], tolerances: RulingTolerances = DEFAULT_TOLERANCES
) -> list[list[Character]]:
    """Return characters grouped by the line on which they stand, lines from top to bottom, each from left to right."""
    levels: dict[tuple[float, float], list[Character]] = {}
    for one in characters:
        levels.setdefault((one.y0, one.y1), []).append(one)
    if len(levels) == 1:
        return [sorted(*levels.values(), key=_left)]
    lines: list[list[Character]] = []
    middle, height = 0.0, 0.0
    for (y0, y1), level in sorted(levels.items(), key=lambda one: (sum(one[0]), min(map(_left, one[1])))):
        own_middle = (y0 + y1) / 2
        if not lines or own_middle - middle > tolerances.same_text_line * max(height, y1 - y0):
            lines.append([])
            middle, height = own_middle, y1 - y0
        lines[-1] += level
    return [sorted(line, key=_left) for line in lines]


def _merge_lines(by_position: Mapping[float, list[tuple[float, float]]], tolerances: RulingTolerances) -> list[Line]:
    """Join lines at nearly the same position wherever they overlap or nearly meet; drop what stays too short.

    Args:
        by_position: Where lines begin and end, by their position.
        tolerances: See `RulingTolerances`.
    """
    merged = []
    gap, shortest = tolerances.gap, tolerances.shortest
    for positions in _near_positions(sorted(by_position), tolerances):
        stretches = sorted(stretch for position in positions for stretch in by_position[position])
        position = sum(position * len(by_position[position]) for position in positions) / len(stretches)
        start, end = stretches[0]
        for stretch in stretches:
            if stretch[0] - end > gap:
                if end - start >= shortest:
                    merged.append(Line(position, start, end))
                start, end = stretch
            elif stretch[1] > end:
                end = stretch[1]
        if end - start >= shortest:
            merged.append(Line(position, start, end))
    return merged


def _near_positions(positions: Sequence[float], tolerances: RulingTolerances) -> Iterator[Sequence[float]]:
    """Yield the positions of each border, none wider than `same_line`, parted where they lie farthest apart.

    Tables on one page draw their borders in places of their own: both sides of one border must not be torn apart
    because another table has one just before them.

    >>> [list(group) for group in _near_positions([47.9, 48.6, 50.1, 50.9], RulingTolerances())]
    [[47.9, 48.6], [50.1, 50.9]]
    """
    start, widest = 0, tolerances.same_line
    while start < len(positions):
        end = start + 1
        while end - start < _MAX_NEAR and end < len(positions) and positions[end] - positions[end - 1] <= widest:
            end += 1
        waiting = [positions[start:end]]
        while waiting:
            chain = waiting.pop()
            if chain[-1] - chain[0] <= widest:
                yield chain
            else:
                cut = max(range(1, len(chain)), key=lambda n: chain[n] - chain[n - 1])
                waiting += [chain[cut:], chain[:cut]]
        start = end


def _touching(
    horizontal: Sequence[Line], vertical: Sequence[Line], tolerances: RulingTolerances
) -> list[tuple[list[Line], list[Line]]]:
    """Return the groups of lines that touch one another, directly or through others."""
    parents = list(range(len(horizontal) + len(vertical)))

    def find(node: int) -> int:
        while parents[node] != node:
            parents[node] = parents[parents[node]]
            node = parents[node]
        return node

    # Only the borders that a line's length can reach are tried: a drawing has thousands that are far apart.
    order = sorted(range(len(vertical)), key=lambda number: vertical[number].position)
    positions = [vertical[number].position for number in order]
    for row, line in enumerate(horizontal):
        first = bisect_left(positions, line.start - tolerances.gap)
        last = bisect_right(positions, line.end + tolerances.gap)
        for column in order[first:last]:
            if _reaches(vertical[column], line.position, tolerances):
                parents[find(row)] = find(len(horizontal) + column)
    groups: dict[int, tuple[list[Line], list[Line]]] = {}
    for node, line in enumerate([*horizontal, *vertical]):
        groups.setdefault(find(node), ([], []))[node >= len(horizontal)].append(line)
    return list(groups.values())


def _reaches(line: Line, position: float, tolerances: RulingTolerances) -> bool:
    return line.start - tolerances.gap <= position <= line.end + tolerances.gap


def _positions(values: Iterable[float], tolerances: RulingTolerances) -> tuple[float, ...]:
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > tolerances.same_line:
            kept.append(value)
    return tuple(kept)


def _walls(
    lines: Iterable[Line], across: Sequence[float], along: Sequence[float], tolerances: RulingTolerances
) -> set[tuple[int, int]]:
    """Return the walls that lines draw, as (number of the position, number of the interval along it)."""
    walls: set[tuple[int, int]] = set()
    intervals = [(start, end, tolerances.wall_share * (end - start)) for start, end in pairwise(along)]
    for line in lines:
        after = bisect_left(across, line.position)
        near = range(max(after - 1, 0), min(after + 1, len(across)))
        position = min(near, key=lambda number: abs(across[number] - line.position))
        first = max(bisect_right(along, line.start) - 1, 0)
        last = min(bisect_left(along, line.end), len(intervals))
        walls.update((position, number) for number in range(first + 1, last - 1))  # drawn from end to end
        for number in {first, last - 1} if first < last else ():
            start, end, least = intervals[number]
            if min(line.end, end) - max(line.start, start) >= least:
                walls.add((position, number))
    return walls


def _is_open(
    row: int, left: int, right: int, wall_below: set[tuple[int, int]], wall_right: set[tuple[int, int]]
) -> bool:
    """Tell whether a cell may grow into `row`: no wall above it, and none that parts its columns there."""
    for column in range(left, right):
        if (row, column) in wall_below or (column > left and (column, row) in wall_right):
            return False
    return True
