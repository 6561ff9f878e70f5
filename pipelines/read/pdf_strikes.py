"""Struck-out text: a line through characters deletes them, as tools print the tracked changes of a draft."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from pipelines.read.ruling import Character, Segment

_LEVEL = 0.8  # points by which a strike's ends differ in height
_BEYOND = 1.5  # points by which a strike reaches beyond what it strikes
_ABOVE, _BELOW = 0.3, 0.8  # shares of a character's height between which a line strikes it; below it underlines


def drop_struck(characters: Sequence[Character], segments: Sequence[Segment]) -> tuple[list[Character], list[Segment]]:
    """Return the characters that no line strikes out, and the segments that strike none.

    A strike is as long as what it strikes. A border reaches farther: a text that lies over one is misplaced, not
    deleted, and the border stays.

    >>> box = (10.0, 0.0, 15.0, 10.0)
    >>> kept, lines = drop_struck([Character(*box, "7")], [Segment(10, 5, 15, 5), Segment(0, 5, 99, 5)])
    >>> len(kept), len(lines)
    (0, 1)
    """
    level = [one for one in segments if abs(one.y1 - one.y0) <= _LEVEL and one.x0 != one.x1]
    level.sort(key=lambda one: one.y0)
    heights = [one.y0 for one in level]
    struck: dict[int, list[Character]] = {}
    for one in characters:
        size = one.y1 - one.y0
        first = bisect_left(heights, one.y0 + _ABOVE * size)
        for number in range(first, bisect_right(heights, one.y0 + _BELOW * size)):
            if level[number].x0 - _BEYOND <= one.x0 and one.x1 <= level[number].x1 + _BEYOND:
                struck.setdefault(number, []).append(one)
    deleted: set[int] = set()
    strikes: set[int] = set()
    for number, held in struck.items():
        left, right = min(one.x0 for one in held), max(one.x1 for one in held)
        if left - level[number].x0 <= _BEYOND and level[number].x1 - right <= _BEYOND:
            deleted.update(map(id, held))
            strikes.add(id(level[number]))
    if not strikes:
        return list(characters), list(segments)
    return (
        [one for one in characters if id(one) not in deleted],
        [one for one in segments if id(one) not in strikes],
    )
