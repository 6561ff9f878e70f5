"""Text that a PDF states beside what it draws: `ActualText` is what is copied, the glyphs are what is seen.

Tools state it where a font says too little, for a ligature or a hyphen, and PDFium believes it. Nobody sees it, so
digits that it states count only where the glyphs say the same or say nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from unicodedata import normalize

import pypdfium2
import pypdfium2.raw as pdfium

from pipelines.read.model import UNREADABLE
from pipelines.read.pdf.calls import Handle, prepare, prepare_address
from pipelines.read.pdf.glyphs import Glyph, read_glyphs

_PARAMETER = b"ActualText"
_SIGNS = dict.fromkeys(map(ord, "\u2212\u2013\u2014\u2010\xad"), "-")

_count_marks = prepare(pdfium.FPDFPageObj_CountMarks)
_get_mark = prepare_address(pdfium.FPDFPageObj_GetMark)
_get_kind = prepare(pdfium.FPDFPageObjMark_GetParamValueType)
_remove_mark = prepare(pdfium.FPDFPageObj_RemoveMark)


def doubt_stated(page: pypdfium2.PdfPage, glyphs: list[Glyph], marked: Sequence[Handle]) -> list[Glyph]:
    """Return the characters of a page, digits unreadable where other ones are drawn than are stated.

    Where statement and glyphs agree, the characters stand where they are drawn: one statement may be of several cells.

    Args:
        page: The page, which loses its statements.
        glyphs: Its characters as PDFium tells them.
        marked: Text objects that the content marks.

    Raises:
        DocumentError: limit_exceeded.
    """
    found = [(text, mark) for text in marked for mark in _statements(text)]
    if not found:
        return glyphs
    statement_of: dict[int | None, int] = {text.value or 0: mark for text, mark in found}
    for text, mark in found:
        _remove_mark(text, Handle(mark))
    stated = _by_statement(glyphs, statement_of)
    drawn = _by_statement(read_glyphs(page), statement_of)
    chosen = {mark: _choose(stated.get(mark, []), drawn.get(mark, [])) for mark in {**stated, **drawn}}
    kept: list[Glyph] = []
    for glyph in glyphs:
        stating = statement_of.get(glyph.style.drawn_by)
        kept += [glyph] if stating is None else chosen.pop(stating, [])
    return [*kept, *(glyph for held in chosen.values() for glyph in held)]


def _statements(text: Handle) -> Iterator[int]:
    """Yield the marks of a text object that state its text, the innermost first, by address."""
    for number in reversed(range(_count_marks(text))):
        mark = _get_mark(text, number)
        if mark and _get_kind(Handle(mark), _PARAMETER) == pdfium.FPDF_OBJECT_STRING:
            yield mark


def _by_statement(glyphs: Iterable[Glyph], statement_of: dict[int | None, int]) -> dict[int, list[Glyph]]:
    found: dict[int, list[Glyph]] = {}
    for glyph in glyphs:
        mark = statement_of.get(glyph.style.drawn_by)
        if mark is not None:
            found.setdefault(mark, []).append(glyph)
    return found


def _choose(stated: list[Glyph], drawn: list[Glyph]) -> list[Glyph]:
    """Return which characters of one statement are read."""
    one, other = (normalize("NFKC", "".join(glyph.text for glyph in held)) for held in (stated, drawn))
    if "".join(one.split()) == "".join(other.split()):
        return drawn
    if UNREADABLE in other or _numbers(one) == _numbers(other):
        return stated
    doubted = drawn if any(map(str.isdigit, other)) else stated
    for glyph in doubted:
        glyph.text = UNREADABLE if glyph.text.isdigit() else glyph.text
    return doubted


def _numbers(text: str) -> str:
    """Return the digits of a text with what may be a sign or point among them, nothing where it has no digit.

    >>> _numbers("共\u221212.5件"), _numbers("政务-公开")
    ('-12.5', '')
    """
    if not any(map(str.isdigit, text)):
        return ""
    return "".join(one for one in text.translate(_SIGNS) if one.isdigit() or one in "-.")
