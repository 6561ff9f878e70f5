"""Layers that a PDF may show or not: PDFium tells the characters of all, and draws those that are on.

Nothing that PDFium tells names the layer of a character, so the drawn page is looked at, in documents that have layers:
a digit is shown where the page would look otherwise without it.
"""

import re
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from pipelines.read.model import UNREADABLE
from pipelines.read.pages.plane import Box, Matrix, transform_box, transform_boxes
from pipelines.read.pdf.calls import Handle, prepare
from pipelines.read.pdf.glyphs import Glyph

_LAYERS = b"/OCProperties"
_PACKED = re.compile(rb"/Type\s*/ObjStm\b[^\0]{0,400}?stream\r?\n")
_MOST_BYTES = 2**22  # unpacked of one stream of objects
_SCALE = 2.0  # places of the drawn page in a point
_INK = 48  # grey values by which a character differs from its ground
_CORE = 0.15  # share of the width at either side that another character or a border may reach into
_DIGIT_HEIGHT = 0.7  # sizes
_SAME_PLACE = 0.3  # share of the narrower one that two characters over one another share
_NEAR = 1.0  # points: a place of the drawn page, and half of a line's width
_BAND = 16.0  # points; characters are looked up by the band of the page in which they stand
_MOST_SIDES = 3  # times that a page is drawn without some of its texts

_set_active = prepare(pdfium.FPDFPageObj_SetIsActive)


def has_layers(data: bytes) -> bool:
    """Tell whether a PDF has layers; its catalogue may be packed in a stream of objects.

    >>> has_layers(b"1 0 obj<</Type/Catalog/OCProperties<<>>>>endobj"), has_layers(b"<</Type/Catalog>>")
    (True, False)
    """
    if _LAYERS in data:
        return True
    if b"/ObjStm" not in data:
        return False
    for start in _PACKED.finditer(data):
        try:
            if _LAYERS in zlib.decompressobj().decompress(memoryview(data)[start.end() :], _MOST_BYTES):
                return True
        except zlib.error:
            continue
    return False


def drop_unshown(page: pypdfium2.PdfPage, glyphs: list[Glyph], segments: Iterable[Box], matrix: Matrix) -> list[Glyph]:
    """Return the characters without digits where the drawn page shows nothing, or the same without them.

    Where a digit lies over another one that is shown, what is shown may be either: it is unreadable.

    Args:
        page: The page.
        glyphs: Its characters.
        segments: Its lines.
        matrix: From the page's own axes to the displayed page.
    """
    digits = [(transform_box(_core(glyph), matrix), glyph) for glyph in glyphs if "0" <= glyph.text <= "9"]
    if not digits:
        return glyphs
    drawn = _draw(page)
    digits = [(box, glyph) for box, glyph in digits if (held := drawn.cut(box)) and max(held) - min(held) >= _INK]
    crossing = transform_boxes(segments, matrix)
    crossing += [transform_box(_core(one), matrix) for one in glyphs if one.text != " " and not "0" <= one.text <= "9"]
    for texts in _sides(_crossed(digits, crossing), _neighbours(digits)):
        bare = _draw(page, without=texts)
        digits = [
            (box, glyph)
            for box, glyph in digits
            if glyph.style.drawn_by not in texts or _differ(drawn.cut(box), bare.cut(box))
        ]
    _doubt_overlaid(digits)
    shown = {id(glyph) for _, glyph in digits}
    return [glyph for glyph in glyphs if id(glyph) in shown or not "0" <= glyph.text <= "9"]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A drawn page: its grey values, row by row."""

    greys: bytes
    stride: int
    width: int
    height: int

    def cut(self, box: Box) -> bytes:
        """Return the grey values within a box of the displayed page."""
        left, right = max(int(box[0] * _SCALE), 0), min(int(box[2] * _SCALE) + 1, self.width)
        rows = range(max(int(box[1] * _SCALE), 0), min(int(box[3] * _SCALE) + 1, self.height))
        return b"".join(self.greys[row * self.stride + left : row * self.stride + max(left, right)] for row in rows)


def _draw(page: pypdfium2.PdfPage, without: Collection[int | None] = ()) -> _Drawn:
    """Draw a page, or what it shows without some of its text objects."""
    texts = [Handle(text) for text in without if text]
    for text in texts:
        _set_active(text, 0)
    bitmap = page.render(scale=_SCALE, grayscale=True)
    try:
        return _Drawn(bytes(bitmap.buffer), bitmap.stride, bitmap.width, bitmap.height)
    finally:
        bitmap.close()
        for text in texts:
            _set_active(text, 1)


def _differ(one: bytes, other: bytes) -> bool:
    return any(abs(a - b) >= _INK for a, b in zip(one, other, strict=True))


def _crossed(digits: Iterable[tuple[Box, Glyph]], boxes: Iterable[Box]) -> set[int | None]:
    """Return the text objects of digits over which a box lies that may be drawn in their place."""
    bands: dict[int, list[Box]] = {}
    for box in boxes:
        for band in _bands(box):
            bands.setdefault(band, []).append(box)
    return {
        glyph.style.drawn_by
        for box, glyph in digits
        if any(_touch(box, other) for band in _bands(box) for other in bands.get(band, ()))
    }


def _neighbours(digits: Iterable[tuple[Box, Glyph]]) -> dict[int | None, set[int | None]]:
    """Return for each text object whose digits touch those of others, these."""
    bands: dict[int, list[tuple[Box, Glyph]]] = {}
    found: dict[int | None, set[int | None]] = {}
    for box, glyph in digits:
        text = glyph.style.drawn_by
        for band in _bands(box):
            for other, one in bands.setdefault(band, []):
                if one.style.drawn_by != text and _touch(box, other):
                    found.setdefault(text, set()).add(one.style.drawn_by)
                    found.setdefault(one.style.drawn_by, set()).add(text)
            bands[band].append((box, glyph))
    return found


def _sides(crossed: set[int | None], neighbours: dict[int | None, set[int | None]]) -> list[set[int | None]]:
    """Return text objects in groups of which none holds two that touch; what fits into no group is in none."""
    sides: list[set[int | None]] = [set() for _ in range(_MOST_SIDES)]
    for text in [*neighbours, *(crossed - neighbours.keys())]:
        free = next((side for side in sides if side.isdisjoint(neighbours.get(text, ()))), None)
        if free is not None:
            free.add(text)
    return [side for side in sides if side]


def _bands(box: Box) -> range:
    return range(int(box[1] // _BAND), int(box[3] // _BAND) + 1)


def _touch(one: Box, other: Box) -> bool:
    """Tell whether the ink of two boxes may share a place of the drawn page."""
    across, along = max(one[0], other[0]) - min(one[2], other[2]), max(one[1], other[1]) - min(one[3], other[3])
    return max(across, along) <= _NEAR


def _core(glyph: Glyph) -> Box:
    """Return the part of a digit's box that its own ink fills."""
    left, bottom, right, top = glyph.box
    edge = _CORE * (right - left)
    style = glyph.style
    if not style.angle:
        bottom, top = max(style.y, bottom), min(style.y + _DIGIT_HEIGHT * style.size, top)
    return left + edge, bottom, right - edge, top


def _doubt_overlaid(digits: list[tuple[Box, Glyph]]) -> None:
    bands: dict[int, list[tuple[Box, Glyph]]] = {}
    for box, glyph in digits:
        band = int((box[1] + box[3]) / 2 // _BAND)
        for number in (band - 1, band, band + 1):
            for other, one in bands.get(number, ()):
                wide = min(box[2], other[2]) - max(box[0], other[0])
                high = min(box[3], other[3]) - max(box[1], other[1])
                narrow = min(box[2] - box[0], other[2] - other[0])
                if high > 0 and wide > _SAME_PLACE * narrow and one.text != glyph.text:
                    one.text = glyph.text = UNREADABLE
        bands.setdefault(band, []).append((box, glyph))
