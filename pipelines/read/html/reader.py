"""HTML to a document: Lexbor parses, and one walk of the tree takes titles, metadata, paragraphs and tables."""

import re
from collections.abc import Iterator

from pipelines.errors import DocumentError
from pipelines.read.encoding import decode_text
from pipelines.read.enumerations import may_enumerate
from pipelines.read.html.beside import join_tables_beside
from pipelines.read.html.carried import find_carried, is_escaped
from pipelines.read.html.doubt import LINES
from pipelines.read.html.drawn_grids import draw_grids
from pipelines.read.html.grid import is_figure
from pipelines.read.html.overlay import overlay_tables
from pipelines.read.html.walk import PageWalk
from pipelines.read.model import PICTURE, Document
from pipelines.read.pair_lists import may_list
from pipelines.read.printed_rows import LINED, lines_of, may_print_rows, take_printed_rows
from pipelines.settings import ReadLimits
from schemas.document import load_document_words
from schemas.vocabulary import FileFormat

_DIGITS = re.compile(r"[\d,]*\d")
# Lexbor's own work grows with nesting times elements: 20,000 nested lists take it 5 s, 10,000 elements 0.3 s.
_UNSUSPECTED_ELEMENTS = 20_000
_UNSUSPECTED_BYTES = 64 * 1024
_UNSUSPECTED_TAG = 8 * 1024  # bytes
_MOST_ATTRIBUTES = 20_000  # 0.6 s
_MOST_TAGS = 3_000_000  # 1 GB of memory; fifteen for each of the most cells
_QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'")
_TAG = re.compile(rb"<(/?)([A-Za-z][^\s/>]*)")
_NEVER_NESTED = frozenset((
    b"area base basefont br col dd dt embed hr img input li link meta option p param source tbody td tfoot th thead tr "
    b"wbr"
).split())  # fmt: skip


def read_html(data: bytes, limits: ReadLimits = ReadLimits()) -> Document:
    """Return the document that an HTML page or fragment holds.

    Tables that hold tables, and one-cell tables around text, only lay out the page: their text becomes blocks and the
    tables within are numbered in document order. Hidden elements are left out.

    Raises:
        DocumentError: undecodable_text or limit_exceeded.

    >>> read_html(b"<table><tr><td rowspan=2>a<td>1<tr><td>2").tables
    [[(1, 1, 2, 1, 'a'), (1, 2, 1, 1, '1'), (2, 2, 1, 1, '2')]]
    """
    decoded = decode_text(data)
    # Lexbor wants UTF-8, and the usual page is that already.
    markup = data if decoded.encoding == "utf-8" and not decoded.notices else decoded.text.encode()
    document = Document(FileFormat.HTML, encoding=decoded.encoding, notices=list(decoded.notices))
    _refuse_excess(markup, limits)
    PageWalk(markup, document, limits).run()
    if may_draw_grid(document) and (drawn := draw_grids(markup, limits)) is not None:
        document.blocks, document.tables = [], []
        document.notices = list(decoded.notices)
        markup = drawn
        PageWalk(markup, document, limits).run()
    overlay_tables(document)
    join_tables_beside(document, markup)
    is_filled = has_figures(document)
    if not is_filled and (carried := find_carried(markup)) is not None:
        _refuse_excess(carried, limits)
        document.blocks = [block for block in document.blocks if not is_escaped(block.text)]
        PageWalk(carried, document, limits).run()
        is_filled = has_figures(document)
    is_read = not is_filled and _read_printed_rows(markup, document, limits)
    if not is_read and (may_enumerate(document) or may_list(document)):
        _doubt_lines(markup, document, limits)
    return document


def has_figures(document: Document) -> bool:
    """Tell whether a document's tables print figures."""
    return any(is_figure(cell[4]) for cells in document.tables for cell in cells)


def may_draw_grid(document: Document) -> bool:
    """Tell whether a page prints outside its tables what only tables have."""
    text = "\n".join([block.text for block in document.blocks])  # of nearly all pages one search is all
    return any(mark in text for mark in load_document_words().marks.grid)


def _doubt_lines(markup: bytes, document: Document, limits: ReadLimits) -> None:
    """Mark digits in lines by what makes them doubtful in cells, where lines may hold the figures of a table."""
    marked = Document(FileFormat.HTML)
    PageWalk(markup, marked, limits, LINES).run()
    own = [block for block in document.blocks if block.kind in LINED]
    texts = lines_of(marked)
    if [text.replace(PICTURE, "") for text in texts] != [block.text.replace(PICTURE, "") for block in own]:
        # A mark has made or parted a line, so nobody can tell which digits are meant: all of them are in doubt.
        texts = [_DIGITS.sub(rf"\g<0>{PICTURE}", block.text) for block in own]
    for block, text in zip(own, texts, strict=True):
        block.text = text


def _read_printed_rows(markup: bytes, document: Document, limits: ReadLimits) -> bool:
    """Read a page without a table of figures as text, where its lines are the rows of one: `<pre>`, or `<p>` a row.

    Returns:
        Whether they are. Digits in lines are then doubtful by what they are in cells, so the page is walked once more.
    """
    if not may_print_rows(document):
        return False
    marked = Document(FileFormat.HTML)
    PageWalk(markup, marked, limits, LINES).run()
    return take_printed_rows(lines_of(marked), document, limits)


def read_table_markup(markup: str, document: Document, limits: ReadLimits) -> None:
    """Add the tables of an HTML fragment, such as Markdown quotes them, to `document`."""
    data = markup.encode(errors="replace")
    _refuse_excess(data, limits)
    PageWalk(data, document, limits).run()


def _refuse_excess(markup: bytes, limits: ReadLimits) -> None:
    """Bound what Lexbor takes much memory for, or the square of in time, before it builds the tree.

    Raises:
        DocumentError: limit_exceeded.
    """
    if len(markup) < _UNSUSPECTED_BYTES:
        return
    elements = markup.count(b"<")
    if elements > _MOST_TAGS:
        raise DocumentError("limit_exceeded", f"the page has more than {_MOST_TAGS} tags")
    _refuse_many_attributes(markup)
    if elements >= _UNSUSPECTED_ELEMENTS:
        _refuse_deep_nesting(markup, limits)


def _refuse_many_attributes(markup: bytes) -> None:
    """Bound the attributes of one element, each of which Lexbor compares with all before it.

    Raises:
        DocumentError: limit_exceeded.
    """
    tags = (piece[tag.start() :] for piece in _long_pieces(markup) if (tag := _TAG.search(piece)))
    if sum(len(_QUOTED.sub(b"", tag).split()) ** 2 for tag in tags) > _MOST_ATTRIBUTES**2:
        raise DocumentError("limit_exceeded", f"an element has more than {_MOST_ATTRIBUTES} attributes")


def _long_pieces(markup: bytes) -> Iterator[bytes]:
    """Yield what stands between two ends of tags that are far from each other; most ends are leapt over."""
    start = 0
    while len(markup) - start >= _UNSUSPECTED_TAG:
        end = markup.rfind(b">", start, start + _UNSUSPECTED_TAG)
        if end < 0:
            end = markup.find(b">", start)
            end = len(markup) if end < 0 else end
            yield markup[start:end]
        start = end + 1


def _refuse_deep_nesting(markup: bytes, limits: ReadLimits) -> None:
    """Bound the depth of the tree, by counting open tags name by name.

    Raises:
        DocumentError: limit_exceeded.
    """
    opened: dict[bytes, int] = {}
    depth = 0
    for match in _TAG.finditer(markup):
        name = match[2].lower()
        if name in _NEVER_NESTED:
            continue
        if not match[1]:
            depth += 1
            opened[name] = opened.get(name, 0) + 1
            if depth > limits.depth:
                raise DocumentError("limit_exceeded", f"elements are nested more than {limits.depth} deep")
        elif opened.get(name, 0):
            depth -= 1
            opened[name] -= 1
