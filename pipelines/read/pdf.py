"""PDF reader: PDFium's characters and lines become paragraphs and ruled tables, put together over the pages."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import pypdfium2
import pypdfium2.raw as pdfium

from pipelines.errors import DocumentError
from pipelines.read.model import Document, Notice
from pipelines.read.pdf_flow import fill_document
from pipelines.read.pdf_guard import refuse_bombs
from pipelines.read.pdf_page import UNREADABLE, PageContent, read_page
from pipelines.read.recognition import REMEDY, has_recognition, recognition_notice
from pipelines.settings import ReadLimits
from schemas.vocabulary import FileFormat

_MAX_PAGES = 2_000
_MAX_OBJECTS = 500_000  # characters and lines of all pages; a report of 30 pages has 50,000
_FEWEST_CHARACTERS = 20  # a page with fewer, and an image, is a scan
_PAGE_IMAGE = 0.5  # share of the page that a scan covers
_UNREADABLE_SHARE = 0.3  # of characters whose font does not say what they mean; beyond, there is no text
_SILENT_ANNOTATIONS = frozenset({pdfium.FPDF_ANNOT_UNKNOWN, pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP})
_MAX_ANNOTATIONS = 1_000  # looked at before a page counts as it is
_FLATTENED = 1
_PASSWORD = pdfium.FPDF_ERR_PASSWORD


def read_pdf(data: bytes, limits: ReadLimits) -> Document:
    """Return a PDF document as laid out: titles, headings, paragraphs and tables.

    A table that goes on over pages is one table: a repeated header is dropped, a row or cell that a page's end cuts is
    whole. Page numbers, running heads and feet are left out, as is text that nobody sees. A frame around text is no
    table. Columns without ruling lines are taken only where they leave no doubt.

    Args:
        data: The file's bytes.
        limits: Bounds on size and cells.

    Raises:
        DocumentError: broken_document, password_protected or limit_exceeded; unsupported_format where the pages hold
            images and no text, as in a scan, and recognition is not installed.
    """
    if len(data) > limits.file_bytes:
        raise DocumentError("limit_exceeded", f"the PDF has {len(data)} bytes, more than {limits.file_bytes}")
    refuse_bombs(data, limits)
    pages = list(_read_pages(data))
    document = Document(FileFormat.PDF, page_count=len(pages))
    _recognise_pictures(document, pages, data)
    fill_document(document, pages, limits)
    return document


def _read_pages(data: bytes) -> Iterator[PageContent]:
    """Yield what each page prints; PDFium's objects are closed whatever happens."""
    with _open_document(data) as source:
        count = len(source)
        if count > _MAX_PAGES:
            raise DocumentError("limit_exceeded", f"the PDF has {count} pages, more than {_MAX_PAGES}")
        if not count:
            raise DocumentError("broken_document", "the PDF has no page; fetch the file again")
        objects = 0
        for number in range(count):
            with closing(_open_page(source, number)) as page:
                content = read_page(page)
            objects += len(content.characters) + len(content.segments)
            if objects > _MAX_OBJECTS:
                raise DocumentError("limit_exceeded", f"the pages hold more than {_MAX_OBJECTS} characters and lines")
            yield content


def _open_page(source: pypdfium2.PdfDocument, number: int) -> pypdfium2.PdfPage:
    """Return a page as it is shown: form fields, notes and boxes laid over it are made part of its content.

    Raises:
        DocumentError: broken_document.
    """
    try:
        page = source[number]
        if _is_laid_over(page) and pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY) == _FLATTENED:
            page.close()
            page = source[number]
    except pypdfium2.PdfiumError as error:
        message = f"page {number + 1} of the PDF cannot be opened ({error}); fetch the file again"
        raise DocumentError("broken_document", message) from error
    return page


def _is_laid_over(page: pypdfium2.PdfPage) -> bool:
    """Tell whether an annotation shows anything: links do not."""
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), _MAX_ANNOTATIONS)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, index)
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        pdfium.FPDFPage_CloseAnnot(annotation)
        if kind not in _SILENT_ANNOTATIONS:
            return True
    return False


@contextmanager
def _open_document(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    try:
        source = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _PASSWORD:
            message = "the PDF is encrypted; ask for a copy without a password"
            raise DocumentError("password_protected", message) from error
        raise DocumentError("broken_document", f"the PDF cannot be opened ({error}); fetch the file again") from error
    with closing(source):
        yield source


def _recognise_pictures(document: Document, pages: list[PageContent], data: bytes) -> None:
    """Put what is recognised in the place of pages that are pictures, or whose fonts say nothing.

    Where recognition is not installed they stay as they are, each with a notice.

    Raises:
        DocumentError: unsupported_format, the document has no text and recognition is not installed or found none;
            broken_document or limit_exceeded.
    """
    reason = _why_textless(pages)
    pictures = [number for number, page in enumerate(pages) if reason or _is_picture(page)]
    if not pictures:
        return
    if has_recognition():
        from pipelines.read.scan.pdf_pages import recognise_pages

        with _open_document(data) as source:
            for number, content in recognise_pages(source, pictures):
                pages[number] = content
        if not any(page.characters for page in pages):
            raise DocumentError("unsupported_format", f"{reason}, and none was recognised in its pictures")
        document.notices.append(recognition_notice([pages[number] for number in pictures]))
    elif reason:
        raise DocumentError("unsupported_format", f"{reason}: {REMEDY}")
    else:
        message = "page {} is a picture and was not read: {}"
        document.notices += [Notice("unsupported_format", message.format(number + 1, REMEDY)) for number in pictures]


def _why_textless(pages: Sequence[PageContent]) -> str | None:
    """Return why a document has no text that could be read, None where it has."""
    count = sum(map(_count_text, pages))
    if count < _FEWEST_CHARACTERS * len(pages) and any(page.image_share > 0 for page in pages):
        return "the PDF's pages are images without text"
    if not count:
        return "the PDF has no text"
    if sum(map(_count_unreadable, pages)) > _UNREADABLE_SHARE * count:
        return "the PDF's fonts do not say which characters they print"
    return None


def _is_picture(page: PageContent) -> bool:
    """Tell whether a page of a document that has text has none that could be read."""
    count = _count_text(page)
    is_scan = count < _FEWEST_CHARACTERS and page.image_share >= _PAGE_IMAGE
    return is_scan or _count_unreadable(page) > _UNREADABLE_SHARE * max(count, _FEWEST_CHARACTERS)


def _count_text(page: PageContent) -> int:
    return sum(one.text != " " for one in page.characters)


def _count_unreadable(page: PageContent) -> int:
    return sum(one.text == UNREADABLE for one in page.characters)
