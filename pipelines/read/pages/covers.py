"""Digits that a page does not show as it prints them: something drawn later lies over them, or a clip cuts them off.

Clerks hide so what they corrected, and programs what has no room. What is shown is then another number than the text
says, or part of one; so such digits are unreadable.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pipelines.errors import DocumentError
from pipelines.read.model import UNREADABLE
from pipelines.read.pages.plane import Box
from pipelines.read.pages.ruling import Character

WHOLE = 0.75  # share of a digit that a clip must show for it to be read
GONE = 0.1  # share of a character below which a clip shows nothing of it
_BAND = 16.0  # points; digits are looked up by the band of the page in which they stand
_MOST_STEPS = 2_000_000
_BESIDE = 0.3  # share of its size by which a digit may stand from the next one of its number


@dataclass(slots=True)
class DigitIndex:
    """Digits by their place on a page: number of the character, when it was drawn, and its middle."""

    bands: dict[int, list[tuple[int, int, float, float]]] = field(default_factory=dict)
    steps: int = 0

    def add(self, number: int, drawn: int, box: Box) -> None:
        """Take a digit."""
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        self.bands.setdefault(int(y // _BAND), []).append((number, drawn, x, y))

    def covered(self, covers: Iterable[tuple[int, Box]]) -> Iterator[int]:
        """Yield the numbers of the digits over which an area was drawn after them.

        Args:
            covers: When an area was drawn, and its box.

        Raises:
            DocumentError: limit_exceeded, more areas over digits than a report could draw.
        """
        for drawn, (left, bottom, right, top) in covers:
            for band in range(int(bottom // _BAND), int(top // _BAND) + 1) if top - bottom < 1e5 else self.bands:
                digits = self.bands.get(band, ())
                self.steps += 1 + len(digits)
                if self.steps > _MOST_STEPS:
                    raise DocumentError("limit_exceeded", "a page covers more digits than a report could print")
                for number, before, x, y in digits:
                    if before < drawn and left < x < right and bottom < y < top:
                        yield number


def shown_share(box: Box, clip: Box) -> float:
    """Return the share of a box that a clip shows.

    >>> shown_share((0, 0, 4, 10), (1, 0, 9, 5)), shown_share((0, 0, 4, 10), (5, 0, 9, 9))
    (0.375, 0.0)
    """
    width, height = min(box[2], clip[2]) - max(box[0], clip[0]), min(box[3], clip[3]) - max(box[1], clip[1])
    area = (box[2] - box[0]) * (box[3] - box[1])
    return max(0.0, min(width * height / area, 1.0)) if width > 0 and height > 0 and area > 0 else 0.0


def broken_off(gone: Sequence[Character], shown: Iterable[Character]) -> list[Character]:
    """Return those of the digits that a page does not show without which a number that it shows is not whole.

    >>> digit = [Character(4.0 * n, 0, 4.0 * n + 4, 10, str(n)) for n in range(9)]
    >>> [one.text for one in broken_off([digit[3], digit[7]], digit[:3])]
    ['3']
    """
    bands: dict[int, list[Character]] = {}
    for one in shown:
        if one.text.isdigit():
            bands.setdefault(int(one.y0 // _BAND), []).append(one)
    return [one for one in gone if one.text.isdigit() and any(_is_beside(one, other) for other in _near(bands, one))]


def within_page(characters: Iterable[Character], width: float, height: float) -> list[Character]:
    """Return the characters that stand on a page; digits that its edge cuts, and those beside them, are unreadable.

    A table that is wider than its page runs over the edge, and what is left of 34567 is another number.

    >>> [one.text for one in within_page([Character(4.0 * n, 1, 4.0 * n + 4, 9, str(n)) for n in range(6)], 14, 20)]
    ['0', '1', '\ufffd']
    """
    kept, gone = [], dict[int, list[Character]]()
    for one in characters:
        x0, y0, x1, y1, text = one
        if x0 >= 0 and x1 <= width and y0 >= 0 and y1 <= height:
            kept.append(one)
        elif text.isdigit() and shown_share((x0, y0, x1, y1), (0.0, 0.0, width, height)) < WHOLE:
            gone.setdefault(int(y0 // _BAND), []).append(one)
        elif x1 >= 0 and x0 <= width and y1 >= 0 and y0 <= height:
            kept.append(one)

    def is_torn(one: Character) -> bool:
        return one.text.isdigit() and any(_is_beside(one, other) for other in _near(gone, one))

    return [one._replace(text=UNREADABLE) if is_torn(one) else one for one in kept] if gone else kept


def _near(bands: dict[int, list[Character]], one: Character) -> Iterator[Character]:
    band = int(one.y0 // _BAND)
    return (other for number in (band - 1, band, band + 1) for other in bands.get(number, ()))


def _is_beside(one: Character, other: Character) -> bool:
    size = one.y1 - one.y0
    gap = max(one.x0, other.x0) - min(one.x1, other.x1)
    return gap <= _BESIDE * size and abs(one.y0 - other.y0) <= _BESIDE * size
