"""Digits that are not drawn as their font names them: the map from codes to characters is what a program wrote.

A map that is one off, or made to keep text from being copied, gives 4 for what everybody sees as 3, and nothing else in
the file says so. But a digit encloses areas: 8 two of them, 0, 6 and 9 one. Where one of these encloses another number,
no digit of its font is believed. Where a map gives a digit two codes, or codes that do not rise with the digits, and
where procedures draw them, digits are looked at as they are drawn.
"""

import ctypes
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil

import pypdfium2
import pypdfium2.raw as pdfium

from pipelines.read.model import UNREADABLE
from pipelines.read.pdf.calls import Answer, Handle, handle_of, prepare, prepare_address
from pipelines.read.pdf.glyphs import Glyph
from pipelines.read.pdf.likeness import draws_other_digits

# Where digits change places, one of these gets the outline of another; a nought may have a stroke or a dot within it.
_ENCLOSED = {"0": (1, 2), "6": (1,), "8": (2,), "9": (1,)}
_SIZE = 100.0  # of the outlines asked for
_STEPS = 4  # straight pieces of a curve
_ROWS, _COLUMNS = 40, 24  # of the raster in which areas are counted
_SMALLEST = 3  # places of a raster that are an area
_MAX_SEGMENTS = 2_000  # of one outline
_NOUGHT, _NINE = ord("0"), ord("9")
_NO_FILE = -1  # in place of a length: the outlines are those of another font
# Pairs of a code and its character, or triples of a first and a last code and the first one's character.
_MAPS = re.compile(rb"beginbf(char|range)(.*?)(?:endbf|\[|\Z)", re.DOTALL)
_CODE = re.compile(rb"<([0-9A-Fa-f]+)>")

Point = tuple[float, float]

_get_font = prepare_address(pdfium.FPDFTextObj_GetFont)
_is_embedded = prepare(pdfium.FPDFFont_GetIsEmbedded)
_get_name = prepare(pdfium.FPDFFont_GetBaseFontName)
_get_data = prepare(pdfium.FPDFFont_GetFontData)
_get_outline = prepare(pdfium.FPDFFont_GetGlyphPath)
_count_segments = prepare(pdfium.FPDFGlyphPath_CountGlyphSegments)
_get_segment = prepare(pdfium.FPDFGlyphPath_GetGlyphPathSegment)
_get_point = prepare(pdfium.FPDFPathSegment_GetPoint)
_get_type = prepare(pdfium.FPDFPathSegment_GetType)

_Name = tuple[bytes, int]


@dataclass(slots=True)
class DigitShapes:
    """What is known of the fonts of one document, by their names and the lengths of their files.

    Attributes:
        known: Those of its digits that were looked at.
        drawn: Those that were looked at as they are drawn.
        wrong: Fonts that draw a digit as another.
        is_unordered: In the map of a font codes do not rise with the digits, as where programs number the characters of
            a font as they come.
        has_twins: A map gives a digit two codes.
    """

    known: dict[_Name, set[str]] = field(default_factory=dict)
    drawn: dict[_Name, set[str]] = field(default_factory=dict)
    wrong: set[_Name] = field(default_factory=set)
    is_unordered: bool = False
    has_twins: bool = False

    def note_map(self, stream: bytes) -> None:
        """Take note of a stream of the document if it is a font's map from codes to characters.

        >>> shapes = DigitShapes()
        >>> shapes.note_map(b"beginbfchar <0013> <0030> <0014> <0031> endbfchar")
        >>> shapes.is_unordered, shapes.has_twins
        (False, False)
        >>> shapes.note_map(b"beginbfchar <0013> <0031> <0014> <0030> <0015> <0030> endbfchar")
        >>> shapes.is_unordered, shapes.has_twins
        (True, True)
        """
        if b"beginbf" not in stream:
            return
        codes = sorted(_mapped_digits(stream))
        self.is_unordered |= any(later[1] < earlier[1] for earlier, later in pairwise(codes))
        self.has_twins |= any(later[0] == earlier[0] for earlier, later in pairwise(codes))

    def doubt(self, page: pypdfium2.PdfPage, glyphs: Sequence[Glyph]) -> None:
        """Make unreadable the digits of a page whose fonts draw other ones."""
        digits_of: dict[int | None, set[str]] = {}
        for text, digit in {(glyph.style.drawn_by, glyph.text) for glyph in glyphs if "0" <= glyph.text <= "9"}:
            digits_of.setdefault(text, set()).add(digit)
        texts_of: dict[int | None, list[int | None]] = {}
        for text in digits_of:
            texts_of.setdefault(_get_font(Handle(text)), []).append(text)
        doubted: set[int | None] = set()
        for address, texts in texts_of.items():
            font = Handle(address)
            name = _name(font)
            if name is None:
                continue
            is_drawn = not name[1]  # by procedures: no file holds its outlines
            if is_drawn or self.is_unordered or self.has_twins:
                self._look_at(page, name, _numbers(glyphs, set(texts)), is_each=is_drawn or self.has_twins)
            digits = set().union(*map(digits_of.__getitem__, texts)) if name[1] != _NO_FILE else set()
            if self._is_wrong(font, name, digits):
                doubted.update(texts)
        for glyph in glyphs if doubted else ():
            if "0" <= glyph.text <= "9" and glyph.style.drawn_by in doubted:
                glyph.text = UNREADABLE

    def _look_at(self, page: pypdfium2.PdfPage, name: _Name, numbers: dict[int, str], *, is_each: bool) -> None:
        """Look at the digits of a font as they are drawn: at each, or at each for the first time."""
        seen = self.drawn.setdefault(name, set())
        document = handle_of(page.pdf.raw)
        for text, number in numbers.items():
            if name in self.wrong:
                return
            if is_each or not seen.issuperset(number):
                seen.update(number)
                if draws_other_digits(document, handle_of(page.raw), text, number):
                    self.wrong.add(name)

    def _is_wrong(self, font: Handle, name: _Name, digits: set[str]) -> bool:
        known = self.known.setdefault(name, set())
        for digit in (digits & _ENCLOSED.keys()) - known:
            known.add(digit)
            if not _is_drawn_as(font, digit):
                self.wrong.add(name)
        return name in self.wrong


def _mapped_digits(stream: bytes) -> Iterator[tuple[int, int]]:
    """Yield the digits that a map gives to codes, each with its code.

    >>> list(
    ...     _mapped_digits(
    ...         b"beginbfrange <0013> <0014> <0030> endbfrange beginbfchar <31> <4e00> <3a> <0039> endbfchar"
    ...     )
    ... )
    [(48, 19), (49, 20), (57, 58)]
    """
    for kind, held in _MAPS.findall(stream):
        step = 2 if kind == b"char" else 3
        codes = [int(code, 16) for code in _CODE.findall(held)]
        for first, last, character in zip(
            codes[::step], codes[step - 2 :: step], codes[step - 1 :: step], strict=False
        ):
            if character <= _NINE and character + last - first >= _NOUGHT:
                digits = range(max(character, _NOUGHT), min(character + last - first, _NINE) + 1)
                yield from ((digit, first + digit - character) for digit in digits)


def _numbers(glyphs: Iterable[Glyph], texts: set[int | None]) -> dict[int, str]:
    """Return what those of some text objects say that say digits alone."""
    said: dict[int, str] = {}
    for glyph in glyphs:
        text = glyph.style.drawn_by
        if text is not None and text in texts and glyph.text != " " and not glyph.style.angle:
            said[text] = said.get(text, "") + glyph.text
    return {text: number for text, number in said.items() if number.isdecimal()}


def _name(font: Handle) -> _Name | None:
    """Return what tells a font from the others of its document: its name and the length of its file."""
    if not font.value:
        return None
    held = ctypes.create_string_buffer(128)
    _get_name(font, held, 128)
    if _is_embedded(font) != 1:
        return held.value, _NO_FILE
    length = ctypes.c_size_t()
    _get_data(font, None, 0, ctypes.byref(length))
    return held.value, length.value


def _is_drawn_as(font: Handle, digit: str) -> bool:
    """Tell whether the outline of a digit encloses as many areas as the digit does.

    Most outlines have one part more than they enclose areas; only where that is not so are the areas counted.
    """
    outline = _get_outline(font, ord(digit), ctypes.c_float(_SIZE))
    count = _count_segments(outline) if outline else 0
    if not 0 < count <= _MAX_SEGMENTS:
        return True  # drawn by a procedure, or by an outline that nobody can tell
    segments = [_get_segment(outline, number) for number in range(count)]
    kinds = [_get_type(segment) for segment in segments]
    allowed = _ENCLOSED[digit]
    if kinds.count(pdfium.FPDF_SEGMENT_MOVETO) - 1 in allowed:
        return True
    answer = Answer("f", 2)
    points: list[Point] = []
    for segment in segments:
        _get_point(segment, *answer.places)
        points.append(answer.read())
    return count_enclosed(_flatten(kinds, points)) in allowed


def _flatten(kinds: Iterable[int], points: Iterable[Point]) -> list[list[Point]]:
    """Return the parts of an outline as polygons."""
    parts: list[list[Point]] = []
    waiting: list[Point] = []
    for kind, point in zip(kinds, points, strict=True):
        if kind == pdfium.FPDF_SEGMENT_MOVETO or not parts:
            parts.append([point])
        elif kind == pdfium.FPDF_SEGMENT_BEZIERTO:
            waiting.append(point)
            if len(waiting) == 3:
                curve = (parts[-1][-1], *waiting)
                parts[-1] += [_on_curve(curve, step / _STEPS) for step in range(1, _STEPS + 1)]
                waiting = []
        else:
            parts[-1].append(point)
    return parts


def _on_curve(curve: Sequence[Point], share: float) -> Point:
    rest = 1 - share
    weights = rest**3, 3 * rest**2 * share, 3 * rest * share**2, share**3
    x, y = (sum(weight * point[axis] for weight, point in zip(weights, curve, strict=True)) for axis in (0, 1))
    return x, y


def count_enclosed(parts: Iterable[list[Point]]) -> int:
    """Return how many areas the outline of polygons encloses without filling them.

    >>> square = lambda low, high: [(low, low), (high, low), (high, high), (low, high)]
    >>> count_enclosed([square(0, 9)]), count_enclosed([square(0, 9), square(2, 7)[::-1]])
    (0, 1)
    """
    polygons = [[*part, part[0]] for part in parts]
    xs, ys = [x for part in polygons for x, _ in part], [y for part in polygons for _, y in part]
    left, bottom = min(xs), min(ys)
    wide, high = (max(xs) - left) / _COLUMNS, (max(ys) - bottom) / _ROWS
    if not wide or not high:
        return 0
    free = {(row, column) for row in range(-1, _ROWS + 1) for column in range(-1, _COLUMNS + 1)}
    for row in range(_ROWS):
        free.difference_update((row, column) for column in _filled(polygons, bottom + (row + 0.5) * high, left, wide))
    _take_area(free, (-1, -1))
    count = 0
    while free:
        count += _take_area(free, next(iter(free))) >= _SMALLEST
    return count


def _filled(polygons: Iterable[list[Point]], y: float, left: float, wide: float) -> Iterable[int]:
    """Yield the places of a raster's row that are filled: those round which the outline winds."""
    crossings = []
    for part in polygons:
        for (x0, y0), (x1, y1) in pairwise(part):
            if (y0 <= y) != (y1 <= y):
                crossings.append((x0 + (y - y0) * (x1 - x0) / (y1 - y0), 1 if y1 > y0 else -1))
    crossings.sort()
    winding = 0
    for (x, way), (end, _) in pairwise(crossings):
        winding += way
        if winding:
            yield from range(max(ceil((x - left) / wide - 0.5), 0), min(ceil((end - left) / wide - 0.5), _COLUMNS))


def _take_area(free: set[tuple[int, int]], start: tuple[int, int]) -> int:
    """Take what hangs together with a place out of the free ones, and return how many places these are."""
    waiting, size = [start], 0
    free.discard(start)
    while waiting:
        row, column = waiting.pop()
        size += 1
        for place in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            if place in free:
                free.discard(place)
                waiting.append(place)
    return size
