"""Layers that a PDF may show or not: PDFium tells the characters of all, and draws those that are on.

Nothing that PDFium tells names the layer of a character, so the drawn page is looked at, in documents that have layers.
"""

import re
import zlib
from collections.abc import Iterable

import pypdfium2

from pipelines.read.pages.content import UNREADABLE
from pipelines.read.pages.plane import Box, Matrix, transform_box, transform_boxes
from pipelines.read.pdf.glyphs import Glyph

_LAYERS = b"/OCProperties"
_PACKED = re.compile(rb"/Type\s*/ObjStm\b[^\0]{0,400}?stream\r?\n")
_MOST_BYTES = 2**22  # unpacked of one stream of objects
_SCALE = 2.0  # places of the drawn page in a point
_INK = 48  # grey values by which a character differs from its ground
_CORE = 0.15  # share of the width at either side that another character or a border may reach into
_DIGIT_HEIGHT = 0.7  # sizes
_SAME_PLACE = 0.3  # share of the narrower one that two characters over one another share
_BAND = 16.0  # points; characters are looked up by the band of the page in which they stand


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
    """Return the characters without digits where the drawn page shows nothing.

    Where a digit lies over another or over a line, what is shown may be either: it is unreadable.

    Args:
        page: The page.
        glyphs: Its characters.
        segments: Its lines.
        matrix: From the page's own axes to the displayed page.
    """
    if not any("0" <= glyph.text <= "9" for glyph in glyphs):
        return glyphs
    bitmap = page.render(scale=_SCALE, grayscale=True)
    try:
        drawn, stride, width, height = bytes(bitmap.buffer), bitmap.stride, bitmap.width, bitmap.height
    finally:
        bitmap.close()
    kept, digits = [], list[tuple[Box, Glyph]]()
    for glyph in glyphs:
        if not "0" <= glyph.text <= "9":
            kept.append(glyph)
            continue
        box = transform_box(_core(glyph), matrix)
        left, right = max(int(box[0] * _SCALE), 0), min(int(box[2] * _SCALE) + 1, width)
        rows = range(max(int(box[1] * _SCALE), 0), min(int(box[3] * _SCALE) + 1, height))
        pieces = [drawn[row * stride + left : row * stride + right] for row in rows] if left < right else []
        if pieces and max(map(max, pieces)) - min(map(min, pieces)) >= _INK:
            kept.append(glyph)
            digits.append((box, glyph))
    _doubt_overlaid(digits, transform_boxes(segments, matrix))
    return kept


def _core(glyph: Glyph) -> Box:
    """Return the part of a digit's box that its own ink fills."""
    left, bottom, right, top = glyph.box
    edge = _CORE * (right - left)
    style = glyph.style
    if not style.angle:
        bottom, top = max(style.y, bottom), min(style.y + _DIGIT_HEIGHT * style.size, top)
    return left + edge, bottom, right - edge, top


def _doubt_overlaid(digits: list[tuple[Box, Glyph]], lines: list[Box]) -> None:
    for (left, top, right, bottom), glyph in digits:
        if any(x0 <= right and left <= x1 and y0 <= bottom and top <= y1 for x0, y0, x1, y1 in lines):
            glyph.text = UNREADABLE
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
