"""Text that is printed twice in nearly one place, of which PDFium leaves the later out, as that says the same.

Where the first is white or transparent (the edge of a halo, the layer of a template), it is the later that one sees.
Where both are seen, it is bold type, or two equal digits that overlap: `pipelines.read.pages.copies` tells which.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

from pipelines.read.model import UNREADABLE
from pipelines.read.pages.plane import Box
from pipelines.read.pdf.glyphs import Glyph, Style
from pipelines.read.pdf.paths import PageObjects, read_ink

_NEAR = 0.3  # of its height by which the later text may stand beside the first
_PLACE = 4.0  # points; texts are looked up by where they begin
_MOST = 4  # texts that begin in one place
_BEFORE = 6  # texts among which PDFium looks for the first of two that are the same
_SAME_SIZE = 0.2  # share of their height by which the boxes of two such differ
_WIDE = 0.4  # share of its size
_LEFT_OUT = 0.2  # share of its size by which a text reaches beyond its characters where PDFium left some out


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


def restore_twins(glyphs: list[Glyph], objects: PageObjects) -> None:
    """Add the characters of texts that PDFium left out for being printed twice.

    Where the first is unseen and another text, so that only single characters of the later were left out, those of the
    later are unreadable.
    """
    styles = {id(glyph.style): glyph.style for glyph in glyphs}.values()
    told = {style.drawn_by for style in styles}
    has_unseen = any(style.is_hidden or not style.is_dark for style in styles)
    if not has_unseen and told.issuperset(objects.texts):
        return
    held: dict[int, list[Glyph]] = {}
    for glyph in glyphs:
        held.setdefault(glyph.style.drawn_by or 0, []).append(glyph)
    if has_unseen:
        _doubt_over([one for one in glyphs if _is_unseen_digit(one)], held, glyphs, objects)
    for place, text in enumerate(objects.texts):
        if text in held:
            continue
        box, is_dark = read_ink(text, objects.places[place], objects)
        first = _first_twin(box, range(place - 1, max(place - 1 - _BEFORE, -1), -1), held, objects)
        if box is not None and is_dark and first is not None:
            own, (x, y) = first
            held[text] = list(_moved(own, x, y))
            glyphs += held[text]


def _is_unseen_digit(glyph: Glyph) -> bool:
    return "0" <= glyph.text <= "9" and (glyph.style.is_hidden or not glyph.style.is_dark)


def _first_twin(
    box: Box | None, before: range, held: dict[int, list[Glyph]], objects: PageObjects
) -> tuple[list[Glyph], tuple[float, float]] | None:
    """Return the characters of the nearest text of the same size, and how far it lies to the left and below."""
    found: list[tuple[float, int, tuple[float, float]]] = []
    for place in before if box is not None else ():
        other, _ = read_ink(objects.texts[place], objects.places[place], objects)
        if box is None or other is None or objects.texts[place] not in held:
            continue
        margin = _SAME_SIZE * (box[3] - box[1])  # outlines are wider than what they go around
        off = [edge - edge_of_other for edge, edge_of_other in zip(box, other, strict=True)]
        x, y = (off[0] + off[2]) / 2, (off[1] + off[3]) / 2
        if max(abs(off[0] - x), abs(off[1] - y)) <= margin and abs(x) + abs(y) <= box[3] - box[1]:
            found.append((abs(x) + abs(y), place, (x, y)))
    return (held[objects.texts[min(found)[1]]], min(found)[2]) if found else None


def _moved(glyphs: Sequence[Glyph], x: float, y: float) -> Iterator[Glyph]:
    """Yield characters moved, without signs and points: of something so narrow nothing tells a copy from a second."""
    for glyph in glyphs:
        left, bottom, right, top = glyph.box
        if right - left < _WIDE * glyph.style.size:
            continue
        origin = None if glyph.origin is None else (glyph.origin[0] + x, glyph.origin[1] + y)
        yield replace(glyph, box=(left + x, bottom + y, right + x, top + y), origin=origin)


def _doubt_over(
    unseen: Sequence[Glyph], held: dict[int, list[Glyph]], glyphs: list[Glyph], objects: PageObjects
) -> None:
    """Make unreadable the seen texts over unseen digits of which characters were left out."""
    rows: dict[int, list[Glyph]] = {}
    for glyph in unseen:
        rows.setdefault(round((glyph.box[1] + glyph.box[3]) / 2 / _PLACE), []).append(glyph)
    for text, matrix in zip(objects.texts, objects.places, strict=True):
        own = held.get(text, [])
        if own and (own[0].style.is_hidden or not own[0].style.is_dark):
            continue
        box, is_dark = read_ink(text, matrix, objects)
        if box is None or not is_dark:
            continue
        if own and _is_whole(own, box):
            continue
        row = round((box[1] + box[3]) / 2 / _PLACE)
        near = (one for number in (row - 1, row, row + 1) for one in rows.get(number, ()))
        under = next((one for one in near if box[0] <= (one.box[0] + one.box[2]) / 2 <= box[2]), None)
        if under is not None and own:
            for one in own:
                one.text = UNREADABLE
        elif under is not None:
            style = replace(under.style, is_hidden=False, is_dark=True, grey=0, drawn_by=text)
            held[text] = [replace(under, text=UNREADABLE, style=style)]
            glyphs += held[text]


def _is_whole(glyphs: Sequence[Glyph], box: Box) -> bool:
    """Tell whether characters fill the box of their text."""
    margin = _LEFT_OUT * glyphs[0].style.size
    left, right = min(one.box[0] for one in glyphs), max(one.box[2] for one in glyphs)
    width = sum(one.box[2] - one.box[0] for one in glyphs)
    return left - margin < box[0] and box[2] < right + margin and width > box[2] - box[0] - margin
