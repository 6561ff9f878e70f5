"""Text that is printed twice in one place, first in white or transparent: the edge of a halo, the layer of a template.

PDFium leaves the later text out of what it reads, as that says the same; but it is the later that one sees.
"""

from collections.abc import Sequence
from itertools import product

from pipelines.read.pages.plane import Box
from pipelines.read.pdf.glyphs import Glyph, Style
from pipelines.read.pdf.paths import PageObjects, read_ink

_NEAR = 0.3  # of its height by which the later text may stand beside the first
_PLACE = 4.0  # points; texts are looked up by where they begin
_MOST = 4  # texts that begin in one place


def reveal_twins(glyphs: Sequence[Glyph], objects: PageObjects) -> None:
    """Take texts that are not seen for what is seen where the same text is printed over them in dark ink."""
    unseen = {
        style.drawn_by: style
        for glyph in glyphs
        if ((style := glyph.style).is_hidden or not style.is_dark) and style.drawn_by is not None
    }
    if not unseen:
        return
    told = {glyph.style.drawn_by for glyph in glyphs}
    first: dict[tuple[int, int], list[tuple[Box, Style]]] = {}
    for text, matrix in zip(objects.texts, objects.places, strict=True):
        if text not in unseen and text in told:
            continue
        box, is_dark = read_ink(text, matrix, objects)
        if box is None:
            continue
        column, row = round(box[0] / _PLACE), round(box[1] / _PLACE)
        if text in unseen:
            held = first.setdefault((column, row), [])
            held += [(box, unseen[text])] if len(held) < _MOST else []
        elif is_dark:
            for place in product((column - 1, column, column + 1), (row - 1, row, row + 1)):
                for other, style in first.get(place, ()):
                    if _is_same(box, other):
                        style.is_hidden, style.is_dark, style.grey, style.drawn_by = False, True, 0, text


def _is_same(one: Box, other: Box) -> bool:
    margin = _NEAR * (other[3] - other[1])
    return all(abs(edge - edge_of_other) <= margin for edge, edge_of_other in zip(one, other, strict=True))
