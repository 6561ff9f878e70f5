"""What pages print to a document: tables put together over the pages, and the text between them."""

from collections.abc import Sequence

from pipelines.errors import DocumentError
from pipelines.read.model import Block, Document
from pipelines.read.pages.arrange import lay_out_pages
from pipelines.read.pages.bands import join_bands
from pipelines.read.pages.content import PageContent
from pipelines.read.pages.imposition import part_sheets
from pipelines.read.pages.lines import TextLine, build_lines, drop_furniture
from pipelines.read.pages.overhang import take_overhang
from pipelines.read.pages.page_edges import doubt_cut_cells, doubt_page_numbers
from pipelines.read.pages.stacked import part_rows
from pipelines.read.pages.stitch import stitch_pages
from pipelines.read.pages.tables import Fragment, build_fragments, finish_cells
from pipelines.read.pages.text import Measure, measure_text, text_blocks
from pipelines.read.pages.torn import is_torn, list_lines
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind

_PROSE_CELL = 400  # a label with all its guidance has about 150 characters


def fill_document(document: Document, pages: Sequence[PageContent], limits: ReadLimits) -> None:
    """Add the tables and the text of pages, or of those that their sheets show, to a document in reading order.

    Raises:
        DocumentError: limit_exceeded.
    """
    pages = part_sheets(pages)
    tables: list[list[Fragment]] = []
    texts: list[list[TextLine]] = []
    for page in pages:
        fragments, lines = _part_page(page)
        tables.append(fragments)
        texts.append(lines)
    drop_furniture(texts, [page.height for page in pages])
    measure = measure_text([line for lines in texts for line in lines], max(page.width for page in pages))
    lines_before: list[TextLine] = []
    cell_count = 0
    for item in stitch_pages(lay_out_pages(tables, texts)):
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


def _part_page(page: PageContent) -> tuple[list[Fragment], list[TextLine]]:
    """Return the ruled tables of a page, and the lines outside them; those of a table whose borders are torn, too."""
    fragments, outside = build_fragments(page)
    torn = [fragment for fragment in fragments if is_torn(fragment)]
    loose = [line for fragment in torn for line in list_lines(fragment)]
    fragments = [fragment for fragment in fragments if fragment not in torn] if torn else fragments
    for fragment in fragments:
        doubt_cut_cells(fragment, page.width)
        doubt_page_numbers(fragment, page.height)
    parted = [part_rows(fragment) for fragment in fragments]
    lines = build_lines(take_overhang(fragments, outside))
    return parted, join_bands(sorted([*lines, *loose], key=lambda line: line.middle) if loose else lines, page)


def _add_text(document: Document, lines: list[TextLine], measure: Measure) -> None:
    document.blocks += text_blocks(lines, measure, is_start=not document.blocks)


def _is_boxed_text(fragment: Fragment) -> bool:
    """Tell a frame around text from a table: one column, or prose beside next to no figures."""
    if len(fragment.edges) <= 2:
        return True
    if all(len(cell.text) < _PROSE_CELL for cell in fragment.cells):
        return False
    return sum(cell.is_figure for cell in fragment.cells) < 3
