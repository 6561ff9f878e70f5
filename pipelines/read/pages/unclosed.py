"""Tables without upright borders, in shaded cells, or in boxes that stand apart: where their columns are all the same.

Browsers and word processors draw the rule under each cell by itself, and shade each cell by itself. Where such pieces
meet, row after row, there is the edge of a column, drawn or not.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from pipelines.read.metadata import is_section_heading
from pipelines.read.pages.plane import Box
from pipelines.read.pages.ruling import DEFAULT_TOLERANCES, Character, Segment, group_lines, merge_segments

FEWEST = 8  # pieces of borders, or boxes, that may be a table's
_APART = 6.5  # points by which boxes of neighbouring cells stand apart at most; a line of text is higher
_CORNERS = 2.0  # points by which the round corners of boxes shorten their borders
_LOWEST, _LARGEST = 6.0, 0.5  # points of an area that may be a cell, and share of the page
_SHORTEST = 5.0  # points of a piece of a border; shorter ones are dots or dashes
_JOINTS = 4  # pieces that begin or end at the edge of a column, at least
_COMMON = 0.5  # share of the columns of two lines that are those of one table
_HIGHEST_ROW = 150.0  # points
_CROSSING = 1.0  # points by which a text reaches over the edge of a column
_WORD_GAP = 0.6  # share of its height; characters nearer one another are one text

_SAME_LINE, _GAP = DEFAULT_TOLERANCES.same_line, DEFAULT_TOLERANCES.gap
# With these, boxes that stand apart share one border.
APART_TOLERANCES = replace(DEFAULT_TOLERANCES, same_line=_APART, gap=_APART + _CORNERS)

_Text = tuple[float, float, float, str]  # the middle of its height, where it begins and ends, and what it says


def is_sliver(edges: tuple[float, float]) -> bool:
    """Tell whether what lies between two edges is the room between two boxes."""
    return edges[1] - edges[0] <= _APART


def close_borders(
    segments: Sequence[Segment], areas: Iterable[Box], characters: Sequence[Character], page_area: float
) -> list[Segment]:
    """Return the segments with the edges of areas and with upright ones where pieces of level ones meet.

    No edge goes through a text: there a cell spans several columns.

    Args:
        segments: What the page draws.
        areas: What it fills.
        characters: What it prints.
        page_area: In square points.
    """
    level = level_borders(segments, areas, page_area)
    if len(level) < FEWEST:
        return []
    edges = _column_edges(level)
    texts = sorted(_texts(characters))
    rows, _ = merge_segments(level)
    joints = {edge: sorted(y for x, y in _ends(level) if abs(x - edge) <= _SAME_LINE) for edge in edges}
    upright: list[Segment] = []
    for edge in edges:
        heights = sorted(row.position for row in rows if row.start - _GAP <= edge <= row.end + _GAP)
        for top, bottom in pairwise(heights):
            is_edge = any(_holds(joints[edge], y) for y in (top, bottom))
            if is_edge and bottom - top <= _HIGHEST_ROW and not _is_crossed(edge, top, bottom, texts):
                upright.append(Segment(edge, top, edge, bottom))
    return [*level, *_without_gaps(upright, edges, joints, texts)]


def level_borders(segments: Sequence[Segment], areas: Iterable[Box], page_area: float) -> list[Segment]:
    """Return the level pieces of borders, and the upper and lower edges of areas; see `close_borders`."""
    level = [one for one in segments if abs(one.y1 - one.y0) < abs(one.x1 - one.x0) > _SHORTEST]
    for x0, y0, x1, y1 in areas:
        if min(x1 - x0, y1 - y0) >= _LOWEST and (x1 - x0) * (y1 - y0) <= _LARGEST * page_area:
            level += [Segment(x0, y0, x1, y0), Segment(x0, y1, x1, y1)]
    return level


def _without_gaps(
    upright: Sequence[Segment],
    edges: Sequence[float],
    joints: Mapping[float, Sequence[float]],
    texts: Sequence[_Text],
) -> Iterator[Segment]:
    """Yield the edges without those between two tables: there a heading stands, and their columns are not the same."""
    gaps = set()
    for top, bottom in {(one.y0, one.y1) for one in upright}:
        lines = texts[bisect_left(texts, (top,)) : bisect_right(texts, (bottom,))]
        if any(is_section_heading(text) for _, _, _, text in lines):
            above, below = ({edge for edge in edges[1:-1] if _holds(joints[edge], y)} for y in (top, bottom))
            if len(above & below) < _COMMON * max(len(above), len(below)):
                gaps.add((top, bottom))
    yield from (one for one in upright if (one.y0, one.y1) not in gaps)


def _ends(level: Iterable[Segment]) -> Iterable[tuple[float, float]]:
    for x0, y0, x1, y1 in level:
        yield x0, (y0 + y1) / 2
        yield x1, (y0 + y1) / 2


def _column_edges(level: Sequence[Segment]) -> list[float]:
    """Return where many pieces begin or end."""
    ends = sorted(x for x, _ in _ends(level))
    groups: list[list[float]] = []
    for x in ends:
        if groups and x - groups[-1][0] <= _SAME_LINE:
            groups[-1].append(x)
        else:
            groups.append([x])
    return [sum(group) / len(group) for group in groups if len(group) >= _JOINTS]


def _holds(heights: Sequence[float], height: float) -> bool:
    place = bisect_left(heights, height - _SAME_LINE)
    return place < len(heights) and heights[place] <= height + _SAME_LINE


def _texts(characters: Iterable[Character]) -> Iterator[_Text]:
    for line in group_lines([one for one in characters if one.text != " "]):
        start, end, text = line[0].x0, line[0].x1, line[0].text
        middle = (line[0].y0 + line[0].y1) / 2
        for one in line[1:]:
            if one.x0 - end > _WORD_GAP * (one.y1 - one.y0):
                yield middle, start, end, text
                start, text = one.x0, ""
            end, text = max(one.x1, end), text + one.text
        yield middle, start, end, text


def _is_crossed(edge: float, top: float, bottom: float, texts: Sequence[_Text]) -> bool:
    first, last = bisect_left(texts, (top,)), bisect_right(texts, (bottom,))
    return any(start < edge - _CROSSING and edge + _CROSSING < end for _, start, end, _ in texts[first:last])
