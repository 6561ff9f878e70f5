"""Digits as they are drawn, beside clean ones of the fonts that PDFium brings: which digit does each look like?

For fonts whose outlines nobody can ask for, because procedures draw them, and for those whose maps are odd. What is
drawn only ever raises a doubt: it names no figure.
"""

import ctypes
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby

import pypdfium2.raw as pdfium

from pipelines.read.pdf.calls import Answer, Handle, handle_of, prepare, prepare_address

_FONTS = (
    b"Helvetica",
    b"Helvetica-Bold",
    b"Helvetica-Oblique",
    b"Times-Roman",
    b"Times-Bold",
    b"Times-Italic",
    b"Courier",
)
_HEIGHT = 60.0  # places of a drawn digit from foot to head
_WIDEST = 2_000.0  # places of a drawn text
_ROWS, _COLUMNS = 24, 16  # of the raster in which digits are compared
_OTHER = 0.75  # of the places by which a digit differs from itself, those by which it differs from the one it may be
_INK = bytes(code > 127 for code in range(256))
_PIXEL = 4  # bytes: blue, green, red, and how much ink

_get_bounds = prepare(pdfium.FPDFPageObj_GetBounds)
_get_bitmap = prepare(pdfium.FPDFTextObj_GetRenderedBitmap)
_get_width = prepare(pdfium.FPDFBitmap_GetWidth)
_get_height = prepare(pdfium.FPDFBitmap_GetHeight)
_get_stride = prepare(pdfium.FPDFBitmap_GetStride)
_get_buffer = prepare_address(pdfium.FPDFBitmap_GetBuffer)
_destroy = prepare(pdfium.FPDFBitmap_Destroy)


def draws_other_digits(document: Handle, page: Handle, text: int, digits: Sequence[str]) -> bool:
    """Tell whether a text object of digits alone draws another digit than it names.

    Of 56 typefaces none draws a digit that differs so much less from another one; of digits in the place of others
    98 in 100 are told. A bare stroke or a stroke with a flag is like nothing else: a digit named 1 is not judged.

    Args:
        document: Of the page.
        page: On which the text object stands.
        text: Its address.
        digits: What it says.
    """
    drawn = _draw(document, page, Handle(text))
    if len(drawn) != len(digits):
        return False  # nothing to see, or digits that touch
    return any(_is_other(raster, digit) for raster, digit in zip(drawn, digits, strict=True) if digit != "1")


@lru_cache(2_048)
def _is_other(raster: int, digit: str) -> bool:
    own = min((raster ^ clean).bit_count() for name, clean in _clean_digits() if name == digit)
    other = min((raster ^ clean).bit_count() for name, clean in _clean_digits() if name != digit)
    return other < _OTHER * own


@lru_cache(1)
def _clean_digits() -> tuple[tuple[str, int], ...]:
    """Return each digit of PDFium's own fonts as it is drawn."""
    document = pdfium.FPDF_CreateNewDocument()
    page = pdfium.FPDFPage_New(document, 0, 100, 100)
    clean = []
    for name in _FONTS:
        for digit in "0123456789":
            text = pdfium.FPDFPageObj_NewTextObj(document, name, _HEIGHT)
            pdfium.FPDFText_SetText(text, (pdfium.FPDF_WCHAR * 2)(ord(digit), 0))
            clean += [(digit, drawn) for drawn in _draw(handle_of(document), handle_of(page), handle_of(text))]
            pdfium.FPDFPageObj_Destroy(text)
    pdfium.FPDF_ClosePage(page)
    pdfium.FPDF_CloseDocument(document)
    return tuple(clean)


def _draw(document: Handle, page: Handle, text: Handle) -> list[int]:
    """Return the rasters of what a text object draws from left to right, each as the bits of one number."""
    answer = Answer("f", 4)
    _get_bounds(text, *answer.places)
    left, bottom, right, top = answer.read()
    scale = _HEIGHT / (top - bottom) if top > bottom else 0.0
    if not 0.0 < (right - left) * scale < _WIDEST:
        return []
    bitmap = _get_bitmap(document, page, text, ctypes.c_float(scale))
    if not bitmap:
        return []
    try:
        wide, high, stride = _get_width(bitmap), _get_height(bitmap), _get_stride(bitmap)
        pixels = ctypes.string_at(_get_buffer(bitmap) or 0, stride * high)
    finally:
        _destroy(bitmap)
    if stride < _PIXEL * wide:
        return []
    rows = [pixels[y * stride + 3 : y * stride + _PIXEL * wide : _PIXEL].translate(_INK) for y in range(high)]
    return [_raster(rows, span) for span in _spans(b"".join(rows), wide)]


def _spans(ink: bytes, wide: int) -> Iterator[tuple[int, int]]:
    """Yield first and last column of each run of columns with ink.

    >>> list(_spans(bytes([0, 1, 1, 0, 1, 0, 0, 1, 0, 0]), 5))
    [(1, 2), (4, 4)]
    """
    for has_ink, run in groupby(range(wide), key=lambda x: 1 in ink[x::wide]):
        columns = list(run)
        if has_ink:
            yield columns[0], columns[-1]


def _raster(rows: Sequence[bytes], span: tuple[int, int]) -> int:
    left, right = span
    inked = [row[left : right + 1] for row in rows if 1 in row[left : right + 1]]
    columns = [int((column + 0.5) * (right - left + 1) / _COLUMNS) for column in range(_COLUMNS)]
    bits = 0
    for number in range(_ROWS):
        row = inked[int((number + 0.5) * len(inked) / _ROWS)]
        for column in columns:
            bits = bits << 1 | row[column]
    return bits
