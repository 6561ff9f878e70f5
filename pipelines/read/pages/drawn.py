"""Figures that a page draws: programs make curves of text whose font they may not embed, and plotters make strokes.

What is drawn has no code. Who reads characters alone sees a blank cell where a figure stands, or a part of a number as
the whole; so such a cell is unreadable, and so is a figure beside or over which a shape is drawn.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from pipelines.read.model import UNREADABLE
from pipelines.read.pages.grids import Grid, find_owner
from pipelines.read.pages.overprint import numbers_around
from pipelines.read.pages.plane import Box
from pipelines.read.pages.ruling import Character, Segment

_LOWEST = 3.0  # points of a shape or an upright stroke that may be a figure's
_BESIDE, _WITHIN = 0.5, 0.2  # of its height by which a shape stands from a digit, or around it, at most
_ABOVE, _BELOW = 0.2, 0.8  # of its height between which the middle of a shape on its line lies
_INSIDE = 1.0  # points from its borders at which what is drawn lies within a cell
_LEVEL = 0.5  # points
_LONGEST = 16.0  # points of a stroke that may be a figure's
_FEWEST_STROKES = 2  # of a figure; one alone is a dash, or a side of a field's frame
_MOST_STROKES = 2_000  # more are dotted borders


def doubt_beside_shapes(characters: list[Character], shapes: Sequence[Box]) -> list[Character]:
    """Return the characters, numbers beside or over which a shape is drawn unreadable; one around them is a mark.

    >>> digit = Character(10.0, 0.0, 15.0, 10.0, "7")
    >>> [
    ...     doubt_beside_shapes([digit], [box])[0].text == "7"
    ...     for box in ((5, 1, 9, 9), (16, 1, 20, 9), (12, 3, 14, 8), (8, -2, 17, 12), (5, 9, 9, 15), (0, 1, 4, 9))
    ... ]
    [False, False, False, True, True, True]
    """
    shapes = sorted((box for box in shapes if box[3] - box[1] >= _LOWEST), key=_middle)
    if not shapes:
        return characters
    middles = list(map(_middle, shapes))
    marks = {id(box) for box in shapes if any(_holds(box, one) for one in characters if one.text != " ")}
    doubtful: set[int] = set()
    for number, one in enumerate(characters):
        if one.text.isdigit():
            height = one.y1 - one.y0
            first = bisect_left(middles, one.y0 + _ABOVE * height)
            for box in shapes[first : bisect_right(middles, one.y0 + _BELOW * height)]:
                if max(box[0] - one.x1, one.x0 - box[2]) <= _BESIDE * height and id(box) not in marks:
                    doubtful.add(number)
    if not doubtful:
        return characters
    whole = numbers_around(characters, doubtful)
    return [one._replace(text=UNREADABLE) if number in whole else one for number, one in enumerate(characters)]


def _middle(box: Box) -> float:
    return (box[1] + box[3]) / 2


def _holds(box: Box, one: Character) -> bool:
    margin = _WITHIN * (one.y1 - one.y0)
    return (
        box[0] <= one.x0 + margin / 2
        and one.x1 - margin / 2 <= box[2]
        and (box[1] <= one.y0 + margin and one.y1 - margin <= box[3])
    )


def drawn_in_cells(grids: Sequence[Grid], shapes: Iterable[Box], segments: Sequence[Segment]) -> Iterator[Box]:
    """Yield what is drawn within cells and is no part of their borders: shapes and strokes.

    A shape that touches borders that meet is a round corner, the mark of a remark or the line through a cell.
    """
    for box in shapes:
        if box[3] - box[1] >= _LOWEST:
            cell = _cell_around(grids, box)
            if cell is not None and not (_touches(box, cell, 0) and _touches(box, cell, 1)):
                yield box
    yield from _strokes_in_cells(grids, segments)


def _strokes_in_cells(grids: Sequence[Grid], segments: Sequence[Segment]) -> Iterator[Box]:
    short = [
        one
        for one in segments
        if abs(one[2] - one[0]) <= _LONGEST and abs(one[3] - one[1]) <= _LONGEST and one[:2] != one[2:]
    ]
    if not grids or len(short) > _MOST_STROKES:
        return
    held: dict[Box, list[Box]] = {}
    for x0, y0, x1, y1 in short:
        box = min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
        cell = _cell_around(grids, box)
        if cell is not None and not _touches(box, cell, 0) and not _touches(box, cell, 1):
            held.setdefault(cell, []).append(box)
    for strokes in held.values():
        lefts, tops, rights, bottoms = zip(*strokes, strict=True)
        around = min(lefts), min(tops), max(rights), max(bottoms)
        is_high = any(box[3] - box[1] >= _LOWEST for box in strokes)
        if is_high and len(strokes) >= _FEWEST_STROKES and not _frames(strokes, around):
            yield around


def _frames(strokes: Iterable[Box], around: Box) -> bool:
    """Tell whether strokes draw nothing but a box that is wider than high, as a field's is."""
    left, top, right, bottom = around
    is_wide = right - left > bottom - top
    return is_wide and all(
        any(abs(one[axis] - edge) <= _LEVEL and abs(one[axis + 2] - edge) <= _LEVEL for axis, edge in sides)
        for one in strokes
        for sides in (((0, left), (0, right), (1, top), (1, bottom)),)
    )


def _cell_around(grids: Sequence[Grid], box: Box) -> Box | None:
    """Return the cell in which the middle of a box lies."""
    owner = find_owner(grids, Character(*box, ""))
    if owner is None:
        return None
    table = grids[owner[0]].table
    top, start, bottom, end = grids[owner[0]].areas[owner[1]]
    return table.xs[start], table.ys[top], table.xs[end], table.ys[bottom]


def _touches(box: Box, cell: Box, axis: int) -> bool:
    """Tell whether a box reaches a border of its cell: an upright one (axis 0) or a level one (axis 1)."""
    return box[axis] < cell[axis] + _INSIDE or box[axis + 2] > cell[axis + 2] - _INSIDE
