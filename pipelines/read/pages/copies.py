"""Characters that are printed again a little aside, as tools do in place of bold type, told from digits that overlap.

Two equal digits of a number that is set very narrowly lie as near to one another as a digit and its copy. A copy is
believed where it can be nothing else: where it lies nearly upon the first, or where other text of the page is printed
twice with the same shift, such as a whole number at its usual width.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import itemgetter

from pipelines.read.pages.ruling import Character, group_lines

_OVERPRINT = 0.25  # share of a character's size by which a copy may be shifted to look bold
_SURE = 0.1  # share of its width by which a copy is shifted that nobody sees as a second digit
_SAME_SHIFT = 0.04  # share of their width by which shifts differ that are one
_RUN_GAP = 0.5  # share of the height of a digit from one of a number to the next
_PITCH = 0.6  # share of its width from a digit to the next one, at least, where they do not overlap
_MOST_SHIFTS = 64


def without_copies(characters: list[Character]) -> list[Character]:
    """Return the characters without those printed again at almost the same place.

    >>> box = (0.0, 0.0, 5.0, 10.0)
    >>> len(without_copies([Character(*box, "1"), Character(0.3, 0.0, 5.3, 10.0, "1"), Character(5, 0, 10, 10, "1")]))
    2
    """
    places: dict[str, list[tuple[float, float, float, float, int]]] = {}
    for number, (x, y, x1, y1, text) in enumerate(characters):
        if text != " ":
            places.setdefault(text, []).append((y, x, _OVERPRINT * (y1 - y), _OVERPRINT * (x1 - x), number))
    copies = dict(pair for held in places.values() if _may_repeat(held) for pair in _copies(held))
    if not copies:
        return characters
    if any(_may_be_second(characters, pair) for pair in copies.items()):
        _keep_overlapping(characters, copies)
    return [one for number, one in enumerate(characters) if number not in copies]


def _may_repeat(places: list[tuple[float, float, float, float, int]]) -> bool:
    """Tell whether two of the places of one text are near each other; they are sorted.

    Args:
        places: Height, left edge, how far down and aside a copy may lie, and which character it is.
    """
    if len(places) == 1:
        return False
    places.sort()
    farthest_down = max(map(itemgetter(2), places))
    farthest_aside = max(map(itemgetter(3), places))
    for before, after in pairwise(places):
        down = after[0] - before[0]
        if down <= farthest_down and (down > 0 or after[1] - before[1] <= farthest_aside):
            return True
    return False


def _copies(places: list[tuple[float, float, float, float, int]]) -> Iterator[tuple[int, int]]:
    """Yield the places of one text that lie at that of another, which is no copy itself and was printed before."""
    pitch = 8.0
    kept: dict[tuple[int, int], list[tuple[float, float, int]]] = {}
    for y, x, down, aside, number in sorted(places, key=itemgetter(4)):
        shift_x, shift_y = min(aside, pitch), min(down, pitch)
        near = (
            other
            for column in range(int((x - shift_x) // pitch), int((x + shift_x) // pitch) + 1)
            for row in range(int((y - shift_y) // pitch), int((y + shift_y) // pitch) + 1)
            for other in kept.get((column, row), ())
        )
        first = next((one for a, b, one in near if abs(a - x) <= shift_x and abs(b - y) <= shift_y), None)
        if first is not None:
            yield number, first
        else:
            kept.setdefault((int(x // pitch), int(y // pitch)), []).append((x, y, number))


def _shift(characters: Sequence[Character], pair: tuple[int, int]) -> float:
    """Return how far a copy lies to the right of the first, as a share of their width."""
    copy, first = (characters[number] for number in pair)
    return (copy.x0 - first.x0) / max(first.x1 - first.x0, 0.1)


def _may_be_second(characters: Sequence[Character], pair: tuple[int, int]) -> bool:
    return characters[pair[0]].text.isdigit() and abs(_shift(characters, pair)) > _SURE


def _keep_overlapping(characters: Sequence[Character], copies: dict[int, int]) -> None:
    """Take out of the copies the digits that are none: those of numbers of which another part has no copy.

    So are numbers of one digit, and its copy, where nothing else of the page is printed twice in that way.
    """
    shifts = [_shift(characters, pair) for pair in copies.items() if not characters[pair[0]].text.isdigit()]
    single: list[list[int]] = []
    for run in _numbers(characters):
        own = [number for number in run if number in copies]
        if not any(_may_be_second(characters, (number, copies[number])) for number in own):
            continue
        first = [number for number in run if number not in copies]
        if not _is_doubled(characters, first, [copies[number] for number in own]):
            for number in own:
                del copies[number]
        elif len(first) > 1 or characters[first[0]].text == "0":  # no number begins with two noughts
            shifts += [_shift(characters, (number, copies[number])) for number in own]
        else:
            single.append(own)
    told = sorted(set(shifts))[:_MOST_SHIFTS]
    for number in (number for own in single for number in own):
        shift = _shift(characters, (number, copies[number]))
        if abs(shift) > _SURE and not any(abs(shift - other) <= _SAME_SHIFT for other in told):
            del copies[number]


def _numbers(characters: Sequence[Character]) -> Iterator[list[int]]:
    """Yield the digits of each number from left to right, by their place among the characters."""
    places = {id(one): number for number, one in enumerate(characters)}
    for line in group_lines([one for one in characters if one.text.isdigit()]):
        run = [line[0]]
        for one in line[1:]:
            if one.x0 - run[-1].x1 > _RUN_GAP * (one.y1 - one.y0):
                yield [places[id(held)] for held in run]
                run = []
            run.append(one)
        yield [places[id(held)] for held in run]


def _is_doubled(characters: Sequence[Character], first: Sequence[int], of: Sequence[int]) -> bool:
    """Tell whether each digit of a number has as many copies as the others, and they do not overlap."""
    boxes = [characters[number] for number in first]
    is_even = len({of.count(number) for number in first}) == 1
    return is_even and all(b.x0 - a.x0 >= _PITCH * (a.x1 - a.x0) for a, b in pairwise(boxes))
