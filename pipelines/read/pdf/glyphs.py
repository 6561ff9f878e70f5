"""The characters of a PDF page as PDFium knows them, on the page's own axes: y up, whatever way the page is turned."""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import atan2, hypot

import pypdfium2
import pypdfium2.raw as pdfium

from pipelines.errors import DocumentError
from pipelines.read.model import UNREADABLE
from pipelines.read.pages.plane import Box
from pipelines.read.pdf.calls import Answer, Handle, handle_of, prepare, prepare_address
from pipelines.read.pdf.paths import grey_of

PAPER = 255
_LIGHT = 160  # grey value from which characters may vanish on a light ground
_RED, _NOT_RED = 192, 64  # least of the one colour, and below which the two others are, of 255
SMALLEST = 2.0  # points; smaller print is there for machines
# The last one is what `pdf_paths` makes of hidden text without glyphs.
_UNSEEN_MODES = frozenset(
    {
        pdfium.FPDF_TEXTRENDERMODE_INVISIBLE,
        pdfium.FPDF_TEXTRENDERMODE_CLIP,
        pdfium.FPDF_TEXTRENDERMODE_STROKE_CLIP,
    }
)
_HYPHENS = frozenset({0x02, 0xFFFE})  # what PDFium makes of a hyphen at the end of a line
_SPACES = frozenset({0x09, 0x0A, 0x0D, 0x20, 0xA0, 0x3000})
_UNSURE = _HYPHENS | _SPACES  # what PDFium may add or rename, and a wrong map of a font may call a figure
_INK = 0.1  # share of the size that the box of a drawn character fills at least, in either direction
_MAX_CHARACTERS = 50_000  # a dense page has 5,000
_OWN_HEIGHT = 0.3  # share of the size by which boxes of one line of text differ at most
ASCENT, DESCENT = 0.85, 0.15  # share of the font size above and below the baseline
TALLEST_FONT = 2.2  # sizes; boxes of fonts are about 1.3 sizes high

_get_code = prepare(pdfium.FPDFText_GetUnicode)
_get_text = prepare(pdfium.FPDFText_GetText)
_is_generated = prepare(pdfium.FPDFText_IsGenerated)
_is_hyphen = prepare(pdfium.FPDFText_IsHyphen)
_is_unmapped = prepare(pdfium.FPDFText_HasUnicodeMapError)
_get_text_object = prepare_address(pdfium.FPDFText_GetTextObject)
_get_loose_box = prepare(pdfium.FPDFText_GetLooseCharBox)
_get_ink_box = prepare(pdfium.FPDFText_GetCharBox)
_get_matrix = prepare(pdfium.FPDFText_GetMatrix)
_get_font_size = prepare(pdfium.FPDFText_GetFontSize)
_get_fill_colour = prepare(pdfium.FPDFText_GetFillColor)
_get_origin = prepare(pdfium.FPDFText_GetCharOrigin)
_get_render_mode = prepare(pdfium.FPDFTextObj_GetTextRenderMode)


@dataclass(slots=True)
class Style:
    """What the characters of one text object share.

    Attributes:
        size: Font size as displayed.
        angle: Direction of the text on the page's own axes, in radians.
        is_hidden: Invisible mode, fully transparent, or too small to see.
        grey: How light it shows on paper, 0 to 255; None for outlined text, which shows whatever it is filled with.
        is_dark: Too dark to vanish on a light ground, or outlined.
        drawn_by: Address of the text object that draws them.
        y: Height of the baseline on the page's own axes, of the first character.
        foot, head: Lowest and highest place on its line.
        bottom, top: Edges of the first character's box.
        is_odd: Neither this box nor one like it says where the line is.
        is_red: Its colour is that of the reductions of accountants.
        is_mirrored: It is drawn as in a mirror, level or upright.
        is_clip: It shows only as what is drawn through it.
    """

    size: float
    angle: float
    is_hidden: bool
    grey: int | None
    is_dark: bool
    drawn_by: int | None
    y: float
    foot: float
    head: float
    bottom: float
    top: float
    is_odd: bool
    is_red: bool
    is_mirrored: bool
    is_clip: bool


@dataclass(slots=True)
class Glyph:
    """One character on the page's own axes."""

    text: str
    style: Style
    box: Box
    origin: tuple[float, float] | None


def read_glyphs(page: pypdfium2.PdfPage) -> list[Glyph]:
    """Return the characters of a loaded page in the order of its content.

    Raises:
        DocumentError: limit_exceeded.
    """
    text_page = page.get_textpage()
    try:
        count = pdfium.FPDFText_CountChars(text_page.raw)
        if count > _MAX_CHARACTERS:
            raise DocumentError("limit_exceeded", f"a page holds {count} characters, more than {_MAX_CHARACTERS}")
        return _walk_text(handle_of(text_page.raw), count)
    finally:
        text_page.close()


def _walk_text(text_page: Handle, count: int) -> list[Glyph]:
    """Return the characters that the page's content draws; those that PDFium adds between them are left out."""
    answers = _Answers()
    rectangle, read_rectangle = answers.rectangle.places[0], answers.rectangle.read
    styles: dict[int | None, Style] = {}
    glyphs: list[Glyph] = []
    high = 0
    for index, code in enumerate(_read_codes(text_page, count)):
        if code in _SPACES and _is_generated(text_page, index) == 1:
            continue
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        text, high = _character(code, high), 0
        if _is_unmapped(text_page, index) == 1 and code not in _HYPHENS:
            text = UNREADABLE
        drawn_by = _get_text_object(text_page, index)
        _get_loose_box(text_page, index, rectangle)
        left, top, right, bottom = read_rectangle()
        box = left, bottom, right, top
        style = styles.get(drawn_by)
        if style is None:
            style = styles[drawn_by] = _read_style(text_page, index, drawn_by, answers, box)
        origin = None
        if style.is_odd or ((bottom != style.bottom or top != style.top) and _is_odd(style, bottom, top)):
            origin = _origin(text_page, index, answers)
        if code in _UNSURE and _is_misnamed(text_page, index, code, style.size, answers):
            text = UNREADABLE
        glyphs.append(Glyph(text, style, box, origin))
    return glyphs


def _is_odd(style: Style, bottom: float, top: float) -> bool:
    """Tell whether the box of a character does not say where its line is."""
    return abs(bottom - style.bottom) > _OWN_HEIGHT * style.size or top - bottom > TALLEST_FONT * style.size


def _read_codes(text_page: Handle, count: int) -> Sequence[int]:
    """Return the code of each character.

    PDFium's text of the whole page leaves out what has no code and writes rare characters as pairs: where it has
    neither, its characters are those of the page, one by one.
    """
    units = (ctypes.c_ushort * (2 * count + 1))()
    if _get_text(text_page, 0, count, units) == count + 1:
        codes = units[:count]
        if 0 not in codes and not any(0xD800 <= code < 0xE000 for code in codes):
            return codes
    return [_get_code(text_page, index) for index in range(count)]


@lru_cache(4_096)
def _character(code: int, high: int) -> str:
    """Return the character of a code unit; half a surrogate pair or a control character is unreadable.

    >>> _character(0x4E00, 0), _character(2, 0), _character(0xDC00, 0xD840), _character(0, 0) == UNREADABLE
    ('一', '-', '𠀀', True)
    """
    if code in _HYPHENS:
        return "-"
    if code in _SPACES:
        return " "
    if high and 0xDC00 <= code < 0xE000:
        return chr(0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00))
    return chr(code) if 0x20 < code < 0xD800 or 0xE000 <= code < 0x110000 else UNREADABLE


class _Answers:
    """Where PDFium writes what it is asked: made once a page, because some tools write one text object a character."""

    def __init__(self) -> None:
        self.rectangle = Answer("f", 4)
        self.matrix = Answer("f", 6)
        self.colours = Answer("I", 4)
        self.point = Answer("d", 2)
        self.ink = Answer("d", 4)


def _read_style(text_page: Handle, index: int, drawn_by: int | None, answers: _Answers, box: Box) -> Style:
    _get_matrix(text_page, index, answers.matrix.places[0])
    a, b, c, d, _, _ = answers.matrix.read()
    font_size = _get_font_size(text_page, index)
    size = abs(font_size) * hypot(c, d)
    # A font of negative size is turned by half a turn, which its matrix turns back.
    angle = atan2(b, a) if font_size >= 0 else atan2(-b, -a)
    grey, is_clear, is_red = 0, False, False
    if _get_fill_colour(text_page, index, *answers.colours.places):
        red, green, blue, alpha = answers.colours.read()
        is_clear = alpha == 0
        is_red = red >= _RED and green < _NOT_RED and blue < _NOT_RED
        grey = PAPER - (PAPER - grey_of(red, green, blue)) * alpha // 255
    mode = _get_render_mode(Handle(drawn_by)) if drawn_by else 0
    is_hidden = mode in _UNSEEN_MODES or (is_clear and mode == 0) or not size >= SMALLEST
    is_filled = mode in (pdfium.FPDF_TEXTRENDERMODE_FILL, pdfium.FPDF_TEXTRENDERMODE_FILL_CLIP)
    is_level = abs(angle) <= 1e-3
    _, y = _origin(text_page, index, answers)
    return Style(
        size=size,
        angle=0.0 if is_level else angle,
        is_hidden=is_hidden,
        grey=grey if is_filled else None,
        is_dark=grey < _LIGHT or not is_filled,
        drawn_by=drawn_by,
        y=y,
        foot=y - DESCENT * size,
        head=y + ASCENT * size,
        bottom=box[1],
        top=box[3],
        is_odd=not is_level or box[3] - box[1] > TALLEST_FONT * size,
        is_red=is_red,
        is_mirrored=a * d < b * c,
        is_clip=mode == pdfium.FPDF_TEXTRENDERMODE_CLIP,
    )


def _is_misnamed(text_page: Handle, index: int, code: int, size: float, answers: _Answers) -> bool:
    """Tell whether a space is drawn, or a hyphen none: the map of a font gives a figure such a code.

    A nought called a space left a blank cell, and a figure with the code of PDFium's own hyphens a dash.
    """
    if code in _HYPHENS:
        return bool(_is_hyphen(text_page, index) != 1)
    _get_ink_box(text_page, index, *answers.ink.places)
    left, right, bottom, top = answers.ink.read()
    return bool(min(right - left, top - bottom) > _INK * size)


def _origin(text_page: Handle, index: int, answers: _Answers) -> tuple[float, float]:
    _get_origin(text_page, index, *answers.point.places)
    x, y = answers.point.read()
    return x, y
