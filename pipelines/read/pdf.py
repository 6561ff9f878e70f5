"""PDF reader: PDFium's characters and lines become paragraphs and ruled tables, put together over the pages."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pypdfium2
import pypdfium2.raw as pdfium

from pipelines.errors import DocumentError
from pipelines.read.model import Block, Document, Notice
from pipelines.read.pdf_columns import find_aligned_tables
from pipelines.read.pdf_guard import refuse_bombs
from pipelines.read.pdf_lines import TextLine, build_lines, drop_furniture
from pipelines.read.pdf_page import UNREADABLE, PageContent, read_page
from pipelines.read.pdf_stitch import Item, stitch_pages
from pipelines.read.pdf_tables import Fragment, build_fragments, finish_cells
from pipelines.read.pdf_text import Measure, measure_text, text_blocks
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind, FileFormat

_MAX_PAGES = 2_000
_MAX_OBJECTS = 500_000  # characters and lines of all pages; a report of 30 pages has 50,000
_FEWEST_CHARACTERS = 20  # a page with fewer, and an image, is a scan
_PAGE_IMAGE = 0.5  # share of the page that a scan covers
_UNREADABLE_SHARE = 0.3  # of characters whose font does not say what they mean; beyond, there is no text
_PROSE_CELL = 400  # a label with all its guidance has about 150 characters
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
            images and no text, as in a scan.
    """
    if len(data) > limits.file_bytes:
        raise DocumentError("limit_exceeded", f"the PDF has {len(data)} bytes, more than {limits.file_bytes}")
    refuse_bombs(data, limits)
    pages = list(_read_pages(data))
    notices = _check_text(pages)
    document = Document(FileFormat.PDF, page_count=len(pages), notices=notices)
    _fill_document(document, pages, limits)
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
            try:
                page = source[number]
            except pypdfium2.PdfiumError as error:
                message = f"page {number + 1} of the PDF cannot be opened ({error}); fetch the file again"
                raise DocumentError("broken_document", message) from error
            with closing(page):
                content = read_page(page)
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


def _check_text(pages: list[PageContent]) -> list[Notice]:
    """Return a notice for each page that is a picture in a document that has text.

    Raises:
        DocumentError: unsupported_format, the document has no text.
    """
    remedy = "it needs text recognition (the optional extra `ocr`)"
    counts = [sum(one.text != " " for one in page.characters) for page in pages]
    unreadable = sum(one.text == UNREADABLE for page in pages for one in page.characters)
    if sum(counts) < _FEWEST_CHARACTERS * len(pages) and any(page.image_share > 0 for page in pages):
        raise DocumentError("unsupported_format", f"the PDF's pages are images without text: {remedy}")
    if not sum(counts):
        raise DocumentError("unsupported_format", f"the PDF has no text: {remedy}")
    if unreadable > _UNREADABLE_SHARE * sum(counts):
        raise DocumentError("unsupported_format", f"the PDF's fonts do not say which characters they print: {remedy}")
    return [
        Notice("unsupported_format", f"page {number} is an image and was not read: {remedy}")
        for number, (page, count) in enumerate(zip(pages, counts, strict=True), 1)
        if count < _FEWEST_CHARACTERS and page.image_share >= _PAGE_IMAGE
    ]


def _fill_document(document: Document, pages: list[PageContent], limits: ReadLimits) -> None:
    tables: list[list[Fragment]] = []
    texts: list[list[TextLine]] = []
    for page in pages:
        fragments, outside = build_fragments(page.segments, page.characters)
        tables.append(fragments)
        texts.append(build_lines(outside))
    drop_furniture(texts, [page.height for page in pages])
    measure = measure_text([line for lines in texts for line in lines], max(page.width for page in pages))
    laid_out = [_lay_out(fragments, lines) for fragments, lines in zip(tables, texts, strict=True)]
    lines_before: list[TextLine] = []
    cell_count = 0
    for item in stitch_pages(laid_out):
        if isinstance(item, TextLine):
            lines_before.append(item)
        elif _is_boxed_text(item):
            lines_before += item.lines
        else:
            _add_text(document, lines_before, measure)
            lines_before = []
            cells = finish_cells(item)
            cell_count += len(cells)
            if cell_count > limits.cells:
                raise DocumentError("limit_exceeded", f"more than {limits.cells} table cells")
            document.tables.append(cells)
            document.blocks.append(Block(BlockKind.TABLE, "", table_number=len(document.tables)))
    _add_text(document, lines_before, measure)


def _lay_out(fragments: list[Fragment], lines: list[TextLine]) -> list[Item]:
    """Return a page's tables and lines from top to bottom, columns without ruling lines as tables."""
    items: list[Item] = []
    rest = lines
    for fragment in sorted(fragments, key=lambda one: one.y0):
        above = [line for line in rest if (line.y0 + line.y1) / 2 < fragment.y0]
        rest = rest[len(above) :]
        items += find_aligned_tables(above)
        items.append(fragment)
    return items + find_aligned_tables(rest)


def _add_text(document: Document, lines: list[TextLine], measure: Measure) -> None:
    document.blocks += text_blocks(lines, measure, is_start=not document.blocks)


def _is_boxed_text(fragment: Fragment) -> bool:
    """Tell a frame around text from a table: one column, or prose beside next to no figures."""
    if len(fragment.edges) <= 2:
        return True
    if all(len(cell.text) < _PROSE_CELL for cell in fragment.cells):
        return False
    return sum(cell.is_figure for cell in fragment.cells) < 3
