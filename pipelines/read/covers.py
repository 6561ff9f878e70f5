"""Digits over which a page draws something later: an opaque area hides them, as clerks hide what they corrected.

What lies over a figure is not read, and the figure below is not what the page shows; so covered digits are unreadable.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipelines.errors import DocumentError

_BAND = 16.0  # points; digits are looked up by the band of the page in which they stand
_MOST_STEPS = 2_000_000

Box = tuple[float, float, float, float]


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
