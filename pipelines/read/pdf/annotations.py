"""What a PDF lays over a page: form fields, notes and marks of correctors, made part of the page's content."""

import ctypes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pypdfium2
import pypdfium2.raw as pdfium

from pipelines.errors import DocumentError
from pipelines.read.model import UNREADABLE
from pipelines.read.pages.plane import Box
from pipelines.read.pdf.glyphs import Glyph

_SILENT = frozenset({pdfium.FPDF_ANNOT_UNKNOWN, pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP})
_MOST = 1_000  # looked at before a page counts as it is
_FLATTENED = 1
_UNSEEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
_LOOK, _VALUE, _PARENT = b"AP", b"V", b"Parent"


@dataclass(slots=True)
class LaidOver:
    """What lies over a page.

    Attributes:
        is_merged: It has become part of the content, so that the page is to be loaded anew.
        unknown: Boxes, on the page's own axes, of what viewers show in a way of their own.
        values: What fields hold, whatever they look like, and their boxes.
    """

    is_merged: bool = False
    unknown: list[Box] = field(default_factory=list)
    values: list[tuple[Box, str]] = field(default_factory=list)


def open_shown(source: pypdfium2.PdfDocument, number: int) -> tuple[pypdfium2.PdfPage, LaidOver]:
    """Return a page with what lies over it as part of its content, and what is known of that.

    Raises:
        DocumentError: broken_document.
    """
    try:
        page = source[number]
        laid_over = _merge(page)
        if laid_over.is_merged:
            page.close()
            page = source[number]
    except pypdfium2.PdfiumError as error:
        message = f"page {number + 1} of the PDF cannot be opened ({error}); fetch the file again"
        raise DocumentError("broken_document", message) from error
    return page, laid_over


def _merge(page: pypdfium2.PdfPage) -> LaidOver:
    """Make what lies over a page part of its content; links are nothing.

    Some programs leave it to the viewer how a field or mark looks. PDFium settles that when it draws the page, however
    small, and also where a form says that the looks it holds are older than its values.
    """
    shown = [kind for kind, _ in _annotations(page)]
    if not shown:
        return LaidOver()
    if pdfium.FPDF_ANNOT_WIDGET in shown or not all(has_look for _, has_look in _annotations(page)):
        bitmap = pdfium.FPDFBitmap_Create(1, 1, 0)
        pdfium.FPDF_RenderPageBitmap(bitmap, page.raw, 0, 0, 1, 1, 0, pdfium.FPDF_ANNOT)
        pdfium.FPDFBitmap_Destroy(bitmap)
    found = LaidOver()
    for annotation in _handles(page):
        if pdfium.FPDFAnnot_GetSubtype(annotation) == pdfium.FPDF_ANNOT_WIDGET:
            _add_field(annotation, found)
    found.is_merged = pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY) == _FLATTENED
    return found


def _annotations(page: pypdfium2.PdfPage) -> Iterator[tuple[int, bool]]:
    """Yield the kind of each annotation that shows anything, and whether the file says how it looks."""
    for annotation in _handles(page):
        yield pdfium.FPDFAnnot_GetSubtype(annotation), bool(pdfium.FPDFAnnot_HasKey(annotation, _LOOK))


def _add_field(annotation: pdfium.FPDF_ANNOTATION, found: LaidOver) -> None:
    """Keep what a field holds; one that belongs to another may hold that one's value."""
    edges = pdfium.FS_RECTF()
    if not pdfium.FPDFAnnot_GetRect(annotation, edges):
        return
    (left, right), (bottom, top) = sorted((edges.left, edges.right)), sorted((edges.bottom, edges.top))
    box = left, bottom, right, top
    if pdfium.FPDFAnnot_HasKey(annotation, _LOOK):
        if pdfium.FPDFAnnot_GetValueType(annotation, _VALUE) == pdfium.FPDF_OBJECT_STRING:
            length = pdfium.FPDFAnnot_GetStringValue(annotation, _VALUE, None, 0)
            held = (ctypes.c_ushort * (length // 2 + 1))()
            pdfium.FPDFAnnot_GetStringValue(annotation, _VALUE, held, length)
            found.values.append((box, bytes(held)[:length].decode("utf-16-le", "replace").rstrip("\0")))
    elif pdfium.FPDFAnnot_HasKey(annotation, _VALUE) or pdfium.FPDFAnnot_HasKey(annotation, _PARENT):
        found.unknown.append(box)


def _handles(page: pypdfium2.PdfPage) -> Iterator[pdfium.FPDF_ANNOTATION]:
    """Yield the annotations that a viewer shows, each closed before the next."""
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), _MOST)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, index)
        if not annotation:
            continue
        try:
            if pdfium.FPDFAnnot_GetSubtype(annotation) not in _SILENT and not (
                pdfium.FPDFAnnot_GetFlags(annotation) & _UNSEEN
            ):
                yield annotation
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)


def doubt_fields(glyphs: Iterable[Glyph], values: Iterable[tuple[Box, str]]) -> None:
    """Make unreadable the digits that a field shows where it holds others: a viewer may show either."""
    shown = [glyph for glyph in glyphs if "0" <= glyph.text <= "9"]
    for (left, bottom, right, top), value in values:
        held = [
            glyph
            for glyph in shown
            if left <= (glyph.box[0] + glyph.box[2]) / 2 <= right and bottom <= (glyph.box[1] + glyph.box[3]) / 2 <= top
        ]
        if "".join(glyph.text for glyph in held) != "".join(one for one in value if "0" <= one <= "9"):
            for glyph in held:
                glyph.text = UNREADABLE
