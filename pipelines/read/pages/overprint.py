"""What is printed over characters: lines and strokes that strike them out."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from pipelines.read.model import UNREADABLE
from pipelines.read.pages.plane import Box
from pipelines.read.pages.ruling import Character, Segment

_LEVEL = 0.8  # points by which a strike's ends differ in height
_BEYOND = 1.5  # points by which a strike reaches beyond what it strikes
_NEAR = 0.3  # share of a digit's height by which a slanted line passes its middle
_LONGEST_STROKE = 60.0  # points; a longer line is a rule
_TOUCH = 1.0  # points by which the ends of a border miss the one that they meet
_MOST_SLANTED = 200  # more are a drawing, a seal's for one
_ABOVE, _BELOW = 0.3, 0.8  # shares of a character's height between which a line strikes it; below it underlines


def drop_struck(characters: Sequence[Character], segments: Sequence[Segment]) -> tuple[list[Character], list[Segment]]:
    """Return the characters that no line strikes out, and the segments that strike none.

    Tools print the tracked changes of a draft so. A strike is as long as what it strikes. A border reaches farther: a
    text that lies over one is misplaced, not deleted, and the border stays.

    >>> box = (10.0, 0.0, 15.0, 10.0)
    >>> kept, lines = drop_struck([Character(*box, "7")], [Segment(10, 5, 15, 5), Segment(0, 5, 99, 5)])
    >>> len(kept), len(lines)
    (0, 1)
    """
    level = [one for one in segments if abs(one.y1 - one.y0) <= _LEVEL and one.x0 != one.x1]
    level.sort(key=lambda one: one.y0)
    heights = [one.y0 for one in level]
    struck: dict[int, list[Character]] = {}
    crossing: dict[tuple[float, float], range] = {}  # by the upper and lower edge of characters
    for one in characters:
        _, y0, _, y1, _ = one
        across = crossing.get((y0, y1))
        if across is None:
            first = bisect_left(heights, y0 + _ABOVE * (y1 - y0))
            across = crossing[y0, y1] = range(first, bisect_right(heights, y0 + _BELOW * (y1 - y0)))
        for number in across:
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


def struck_numbers(before: Sequence[Character], after: Sequence[Character]) -> list[Box]:
    """Return the boxes of digits that were struck out: a cell that holds nothing else is not one left blank.

    >>> digit = Character(10.0, 0.0, 15.0, 10.0, "7")
    >>> struck_numbers([digit], [digit]), struck_numbers([digit], [])
    ([], [(10.0, 0.0, 15.0, 10.0)])
    """
    if len(before) == len(after):
        return []
    kept = set(map(id, after))
    return [one[:4] for one in before if id(one) not in kept and one.text.isdigit()]


def doubt_crossed(characters: list[Character], segments: list[Segment]) -> tuple[list[Character], list[Segment]]:
    """Return the characters, numbers through which a stroke of the pen goes unreadable, and the other segments.

    A line that is not as long as what it strikes may be meant for it or not. Borders meet one another and are none, nor
    are rules that are far longer than a number.

    >>> box = (10.0, 0.0, 15.0, 10.0)
    >>> [
    ...     doubt_crossed([Character(*box, "7")], [Segment(*line), Segment(4, 0, 4, 5)])[0][0].text == "7"
    ...     for line in ((9, -1, 16, 11), (5.5, 5, 21, 5), (0, 5, 99, 5), (4, 5, 21, 5))
    ... ]
    [False, False, True, True]
    >>> doubt_crossed([Character(*box, "公")], [Segment(9, -1, 16, 11)])[0][0].text
    '公'
    """
    short = [one for one in segments if abs(one.y1 - one.y0) <= _LEVEL and _BEYOND < one.x1 - one.x0 <= _LONGEST_STROKE]
    slanted = [one for one in segments if abs(one.x1 - one.x0) > _LEVEL < abs(one.y1 - one.y0)]
    if not short and not slanted:
        return characters, segments
    upright = [one for one in segments if abs(one.x1 - one.x0) <= _LEVEL < abs(one.y1 - one.y0)] if short else []
    crossed, strokes = _struck_by(short, upright, characters)
    if len(slanted) <= _MOST_SLANTED:
        digits = ((number, one) for number, one in enumerate(characters) if slanted and one.text.isdigit())
        crossed |= {number for number, one in digits if any(_passes(line, one) for line in slanted)}
    if not crossed:
        return characters, segments
    whole = numbers_around(characters, crossed)
    return (
        [one._replace(text=UNREADABLE) if number in whole else one for number, one in enumerate(characters)],
        [one for one in segments if id(one) not in strokes],
    )


def _struck_by(
    short: list[Segment], upright: Sequence[Segment], characters: Sequence[Character]
) -> tuple[set[int], set[int]]:
    """Return the digits through which short level lines go that meet no upright one, as borders do, and these lines."""
    short.sort(key=lambda one: one.y0)
    heights = [one.y0 for one in short]
    crossed: set[int] = set()
    strokes: set[int] = set()
    if not short:
        return crossed, strokes
    for number, one in enumerate(characters):
        if one.text.isdigit():
            height = one.y1 - one.y0
            first = bisect_left(heights, one.y0 + _ABOVE * height)
            last = bisect_right(heights, one.y0 + _BELOW * height)
            if first == last:
                continue
            through = (line for line in short[first:last] if line.x0 < one.x1 and one.x0 < line.x1)
            found = {id(line) for line in through if not _meets(line, upright)}
            crossed |= {number} if found else set()
            strokes |= found
    return crossed, strokes


def numbers_around(characters: Sequence[Character], crossed: set[int]) -> set[int]:
    """Return which digits belong to numbers of which a digit is crossed, as they follow one another on the page."""
    whole = set(crossed)
    for start in crossed:
        for step in (-1, 1):
            number = start
            while 0 <= number + step < len(characters) and _follows(characters[number], characters[number + step]):
                number += step
                whole.add(number)
    return whole


def _follows(one: Character, other: Character) -> bool:
    height = one.y1 - one.y0
    gap = max(one.x0, other.x0) - min(one.x1, other.x1)
    return other.text.isdigit() and abs(one.y0 - other.y0) <= _NEAR * height and gap <= _NEAR * height


def _meets(line: Segment, upright: Sequence[Segment]) -> bool:
    """Tell whether a level line ends at an upright one, or crosses one, as borders do."""
    return any(
        line.x0 - _TOUCH <= one.x0 <= line.x1 + _TOUCH and one.y0 - _TOUCH <= line.y0 <= one.y1 + _TOUCH
        for one in upright
    )


def _passes(line: Segment, one: Character) -> bool:
    """Tell whether a slanted line, which way it may lean, passes the middle of a digit."""
    x, y = (one.x0 + one.x1) / 2, (one.y0 + one.y1) / 2
    if not (line.x0 <= x <= line.x1 and line.y0 <= y <= line.y1):
        return False
    rise = (line.y1 - line.y0) * (x - line.x0) / (line.x1 - line.x0)
    return min(abs(line.y0 + rise - y), abs(line.y1 - rise - y)) <= _NEAR * (one.y1 - one.y0)
