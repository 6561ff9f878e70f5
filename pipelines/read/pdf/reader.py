"""PDF reader: PDFium's characters and lines become paragraphs and ruled tables, put together over the pages."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial

import pypdfium2
import pypdfium2.raw as pdfium

from pipelines.errors import DocumentError
from pipelines.read.model import Document
from pipelines.read.pages.content import PageContent
from pipelines.read.pages.flow import fill_document
from pipelines.read.pdf.annotations import open_shown
from pipelines.read.pdf.guard import refuse_bombs
from pipelines.read.pdf.layers import has_layers
from pipelines.read.pdf.page import DocumentFacts, read_page
from pipelines.read.recognition import recognise_pictures
from pipelines.settings import ReadLimits
from schemas.vocabulary import FileFormat

_MAX_PAGES = 2_000
_MAX_OBJECTS = 500_000  # characters and lines of all pages; a report of 30 pages has 50,000
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
    limits.refuse_large(data)
    facts = DocumentFacts(has_layers(data))
    refuse_bombs(data, limits, facts.shapes.note_map)
    pages = list(_read_pages(data, facts))
    document = Document(FileFormat.PDF)
    recognise_pictures(document, pages, "PDF", partial(_recognise_pages, data))
    fill_document(document, pages, limits)
    return document


def _read_pages(data: bytes, facts: DocumentFacts) -> Iterator[PageContent]:
    """Yield what each page prints; PDFium's objects are closed whatever happens."""
    with _open_document(data) as source:
        count = len(source)
        if count > _MAX_PAGES:
            raise DocumentError("limit_exceeded", f"the PDF has {count} pages, more than {_MAX_PAGES}")
        if not count:
            raise DocumentError("broken_document", "the PDF has no page; fetch the file again")
        objects = 0
        for number in range(count):
            page, laid_over = open_shown(source, number)
            with closing(page):
                content = read_page(page, facts, laid_over)
            objects += len(content.characters) + len(content.segments)
            if objects > _MAX_OBJECTS:
                raise DocumentError("limit_exceeded", f"the pages hold more than {_MAX_OBJECTS} characters and lines")
            yield content


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


def _recognise_pages(data: bytes, numbers: Sequence[int]) -> Iterator[tuple[int, PageContent]]:
    """Yield what pages show, recognised in the pictures that PDFium draws of them."""
    from pipelines.read.scan.pdf_pages import recognise_pages

    with _open_document(data) as source:
        yield from recognise_pages(numbers, lambda number: open_shown(source, number)[0])
