"""Pale words that a page repeats over its text: a watermark that runs level or straight up, and so not out of line.

One that leans is known by that. Grey labels, which a form repeats as well, lie over nothing.
"""

from collections.abc import Iterable

from pipelines.read.pages.plane import Box, intersect
from pipelines.read.pdf.glyphs import Glyph

_PALE = 100  # grey value from which text may be a watermark
_DARKER = 60  # grey values by which what it lies over is darker
_FEWEST = 3  # times that a page repeats it
_SHORTEST, _LONG = 2, 8  # characters of Chinese, or of any kind: noughts may be grey
_OVER = 0.25  # share of a character that lies over another one
_BAND = 16.0  # points; characters are looked up by the band of the page in which they stand


def drop_watermarks(glyphs: list[Glyph]) -> list[Glyph]:
    """Return the characters of a page without its watermarks."""
    pale: dict[int | None, list[Glyph]] = {}
    for glyph in glyphs:
        grey = glyph.style.grey
        if grey is not None and grey >= _PALE:
            pale.setdefault(glyph.style.drawn_by, []).append(glyph)
    if len(pale) < _FEWEST:
        return glyphs
    words: dict[str, list[int | None]] = {}
    for text, held in pale.items():
        words.setdefault("".join(glyph.text for glyph in held).strip(), []).append(text)
    dropped: set[int | None] = set()
    for word, texts in words.items():
        if len(texts) >= _FEWEST and _says_something(word):
            marks = [glyph for text in texts for glyph in pale[text]]
            if _lie_over(marks, glyphs):
                dropped.update(texts)
    return [glyph for glyph in glyphs if glyph.style.drawn_by not in dropped] if dropped else glyphs


def _says_something(word: str) -> bool:
    """Tell whether a word is no figure.

    >>> _says_something("公开"), _says_something("0.00"), _says_something("10.23.4.5")
    (True, False, True)
    """
    return sum(not one.isascii() for one in word) >= _SHORTEST or len(word) >= _LONG


def _lie_over(marks: Iterable[Glyph], glyphs: Iterable[Glyph]) -> bool:
    """Tell whether one of the marks lies over a darker character."""
    bands: dict[int, list[Glyph]] = {}
    for glyph in glyphs:
        bands.setdefault(int(glyph.box[1] // _BAND), []).append(glyph)
    for mark in marks:
        grey = mark.style.grey or 0
        for band in range(int(mark.box[1] // _BAND) - 1, int(mark.box[3] // _BAND) + 2):
            for glyph in bands.get(band, ()):
                is_darker = glyph.style.grey is not None and glyph.style.grey <= grey - _DARKER
                if is_darker and glyph.text != " " and _shared(mark.box, glyph.box) > _OVER:
                    return True
    return False


def _shared(box: Box, other: Box) -> float:
    """Return the share of the smaller of two boxes that the other covers; lines of text touch one another."""
    both = intersect(box, other)
    smaller = min((one[2] - one[0]) * (one[3] - one[1]) for one in (box, other))
    return (both[2] - both[0]) * (both[3] - both[1]) / smaller if both is not None and smaller > 0 else 0.0
