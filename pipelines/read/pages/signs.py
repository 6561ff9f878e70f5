"""Signs that a page draws in front of figures: a minus may be a stroke or a small picture and no character.

What is drawn has no code, so who reads characters sees the figure without it, and a reduction becomes a rise. Nothing
tells a minus from a slip of the pen, so such a figure is unreadable.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from pipelines.read.model import UNREADABLE
from pipelines.read.pages.overprint import numbers_around
from pipelines.read.pages.plane import Box
from pipelines.read.pages.ruling import Character, Segment

_LEVEL = 0.8  # points by which a stroke's ends differ in height
_SHORTEST, _LONGEST = 1.0, 16.0  # points of what may be a sign
_MOST = 2_000  # so many are a drawing or dotted borders
_WIDEST = 1.2  # of the figure's heights; a sign is no wider
_BEFORE, _WITHIN = 1.0, 0.3  # of its heights by which a sign ends in front of a figure, or in it, at most
_ABOVE, _BELOW = 0.3, 0.78  # of its heights from its upper edge between which a sign stands; lower ones underline
_APART = 3.0  # points; dashes of one border are nearer one another
_STACKED = 5.0  # points; dots of an upright border are nearer one another, lines of text are not


def doubt_signed(
    characters: list[Character], segments: list[Segment], images: Sequence[Box]
) -> tuple[list[Character], list[Segment]]:
    """Return the characters, numbers with a drawn sign in front unreadable, and the segments that are no signs.

    A number between two strokes is a page's, and these its ornaments.

    >>> digit = Character(10.0, 0.0, 15.0, 10.0, "7")
    >>> [
    ...     doubt_signed([digit], [Segment(*line) for line in lines], [])[0][0].text == "7"
    ...     for lines in ([(6, 5, 9, 5)], [(6, 9, 9, 9)], [(6, 5, 9, 5), (16, 5, 19, 5)], [(2, 5, 5, 5), (6, 5, 9, 5)])
    ... ]
    [False, True, True, True]
    """
    strokes: list[Box] = [one for one in segments if one.y1 - one.y0 <= _LEVEL and one.x1 - one.x0 <= _LONGEST]
    strokes += [one for one in images if one[3] - one[1] <= _LONGEST and one[2] - one[0] <= _LONGEST]
    strokes = [one for one in strokes if one[2] - one[0] >= _SHORTEST]
    if not 0 < len(strokes) <= _MOST:
        return characters, segments
    strokes.sort(key=_middle)
    middles = list(map(_middle, strokes))
    signed: set[int] = set()
    signs: set[int] = set()
    for number, one in enumerate(characters):
        if not one.text.isdigit():
            continue
        height = one.y1 - one.y0
        first = bisect_left(middles, one.y0 + _ABOVE * height)
        for stroke in strokes[first : bisect_right(middles, one.y0 + _BELOW * height)]:
            if _is_before(stroke, one) and _is_alone(stroke, one, segments):
                whole = numbers_around(characters, {number})
                right = max(characters[place].x1 for place in whole)
                if not any(0 <= other[0] - right <= _BEFORE * height and _is_level(stroke, other) for other in strokes):
                    signed |= whole
                    signs.add(id(stroke))
    if not signed:
        return characters, segments
    return (
        [one._replace(text=UNREADABLE) if number in signed else one for number, one in enumerate(characters)],
        [one for one in segments if id(one) not in signs],
    )


def _middle(box: Box) -> float:
    return (box[1] + box[3]) / 2


def _is_level(one: Box, other: Box) -> bool:
    return abs(_middle(one) - _middle(other)) <= 1.0


def _is_before(stroke: Box, digit: Character) -> bool:
    """Tell whether a stroke or picture is no larger than a sign and ends where a sign in front of a digit does."""
    height = digit.y1 - digit.y0
    is_small = max(stroke[2] - stroke[0], stroke[3] - stroke[1]) <= _WIDEST * height
    return is_small and -_WITHIN * height <= digit.x0 - stroke[2] <= _BEFORE * height


def _is_alone(stroke: Box, digit: Character, segments: Sequence[Segment]) -> bool:
    """Tell whether no border parts a stroke from the digit behind it, and whether it is no piece of a border itself."""
    left, top, right, bottom = stroke
    for one in segments:
        x0, y0, x1, y1 = one
        if x1 - x0 <= _LEVEL and right - _LEVEL <= x0 <= digit.x0 + _LEVEL and y0 <= digit.y1 and digit.y0 <= y1:
            if y1 - y0 > bottom - top + _STACKED:
                return False
        elif y1 - y0 <= _LEVEL and (abs(x0 - left) > _LEVEL or abs(x1 - right) > _LEVEL or abs(y0 - top) > _LEVEL):
            is_next = x0 <= right + _APART and left - _APART <= x1 and _is_level(stroke, one)
            is_stacked = abs(x0 - left) <= _LEVEL and 0 < abs(y0 - top) <= _STACKED
            if is_next or (is_stacked and x1 - x0 <= _LONGEST):
                return False
    return True
