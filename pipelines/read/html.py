"""HTML to a document: Lexbor parses, and one walk of the tree takes titles, metadata, paragraphs and tables.

The common cell of a statistic table holds one piece of text, which Lexbor hands over in one call; only
cells with more (a `<span>` for each character, two paragraphs, a `<br>`) and the text outside the tables are walked
node by node. Nothing recurses: how deep a page nests is its author's choice.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.errors import DocumentError
from pipelines.read.encoding import decode_text
from pipelines.read.html_grid import GridLayout, RawCell, is_boxed_text, is_figure
from pipelines.read.html_visible import has_pictures, holds_picture, remove, show_page
from pipelines.read.labels import is_section_heading
from pipelines.read.model import PICTURE, Block, Document
from pipelines.settings import ReadLimits
from schemas.document import load_document_words
from schemas.vocabulary import BlockKind, FileFormat

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
# Elements that browsers set on lines of their own; table parts are among them for tables that only lay out a page.
_BLOCKS = frozenset(_HEADINGS) | {
    *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl"),
    *("dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "html", "legend", "li"),
    *("main", "menu", "nav", "ol", "optgroup", "option", "p", "pre", "section", "summary", "table", "tbody", "td"),
    *("tfoot", "th", "thead", "tr", "ul"),
}
_PARAGRAPHS = ("p", "pre")
_UNSEEN = frozenset(
    {
        *("audio", "canvas", "head", "iframe", "math", "noframes", "noscript", "object", "script", "select", "style"),
        *("svg", "template", "video"),
        *("del", "s", "strike", "rt", "rp"),  # struck out is deleted, as tracked changes in Word are
    }
)
# Everything that is wanted before the walk, in one query: queries are cheap, attributes of every element are not.
_MARKED_QUERY = "script,style,noscript,[hidden],title,meta,[colspan],[rowspan],s,strike,del"
_PIECE = "\x1f"  # unit separator: tells one piece of text from several
_ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_MAX_TABLE_DEPTH = 64  # page layouts of nested tables stop at about ten
_PRINTED_ROWS = 10  # lines with digits; a page of prose without a table has fewer
# Lexbor's own work grows with nesting times elements: 20,000 nested lists take it 5 s, 10,000 elements 0.3 s.
_UNSUSPECTED_ELEMENTS = 20_000
_UNSUSPECTED_BYTES = 64 * 1024
_TAG = re.compile(rb"<(/?)([A-Za-z][^\s/>]*)")
_NEVER_NESTED = frozenset(
    {
        *(
            b"area",
            b"base",
            b"basefont",
            b"br",
            b"col",
            b"dd",
            b"dt",
            b"embed",
            b"hr",
            b"img",
            b"input",
            b"li",
            b"link",
        ),
        *(b"meta", b"option", b"p", b"param", b"source", b"tbody", b"td", b"tfoot", b"th", b"thead", b"tr", b"wbr"),
    }
)


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
    _PageWalk(markup, document, limits).run()
    if not any(is_figure(cell[4]) for cells in document.tables for cell in cells):
        _read_printed_rows(document, limits)
    return document


def _read_printed_rows(document: Document, limits: ReadLimits) -> None:
    """Read a page without a table of figures as text, where its lines are the rows of one: `<pre>`, or `<p>` a row."""
    lines = [block.text for block in document.blocks if block.kind in (BlockKind.PARAGRAPH, BlockKind.HEADING)]
    if sum(any(map(str.isdigit, line)) for line in lines) < _PRINTED_ROWS:
        return
    from pipelines.read.text import read_lines  # almost every page has its tables as tables

    printed = Document(FileFormat.HTML)
    read_lines("\n".join(lines), printed, limits)
    if printed.tables:
        for block in printed.blocks:
            block.table_number = block.table_number and block.table_number + len(document.tables)
        kept = [block for block in document.blocks if block.kind not in (BlockKind.PARAGRAPH, BlockKind.HEADING)]
        document.blocks = kept + printed.blocks
        document.tables += printed.tables


def read_table_markup(markup: str, document: Document, limits: ReadLimits) -> None:
    """Add the tables of an HTML fragment, such as Markdown quotes them, to `document`."""
    _PageWalk(markup.encode(errors="replace"), document, limits).run()


def _refuse_deep_nesting(markup: bytes, limits: ReadLimits) -> None:
    """Bound the depth of the tree before it is built, by counting open tags name by name.

    Raises:
        DocumentError: limit_exceeded.
    """
    if len(markup) < _UNSUSPECTED_BYTES or markup.count(b"<") < _UNSUSPECTED_ELEMENTS:
        return
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


def clean_text(text: str) -> str:
    r"""Return one line of text without zero-width characters, its white space collapsed as a browser shows it.

    >>> clean_text("\n 总\xa0\xa0计 \u200b")
    '总 计'
    """
    text = text.strip()
    if text.isprintable() and "  " not in text:
        return text
    return " ".join(text.translate(_ZERO_WIDTH).split())


class _PageWalk:
    """The walk over one page: a cursor, the line being gathered, and the document being filled."""

    def __init__(self, markup: bytes, document: Document, limits: ReadLimits) -> None:
        _refuse_deep_nesting(markup, limits)
        self.document, self.limits = document, limits
        self.words = load_document_words()
        self.tree = LexborHTMLParser(markup)
        self.line: list[str] = []
        self.heading: str | None = None  # tag of the heading or title element that the line stands in
        self.has_first_heading = False
        self.table_depth = 0
        self.cell_count = sum(map(len, document.tables))
        self.spans: dict[int, dict[str, str | None]] = {}
        folded = markup.lower()
        show_page(self.tree, folded)
        self.has_pictures = has_pictures(folded)
        self._take_marked()
        self.has_nested = self.tree.css_first("table table") is not None
        # A paragraph holds no block, by the parser's own rules, so without these its text is one line.
        self.broken_paragraphs = {node.mem_id for node in self.tree.css("p:has(br,table)")}

    def _take_marked(self) -> None:
        """Take titles, metadata and spans, and remove what is never shown."""
        unseen = []
        for node in self.tree.css(_MARKED_QUERY):
            tag = node.tag
            if tag == "title":
                self._add(Block(BlockKind.TITLE, clean_text(node.text()), label="title"))
            elif tag == "meta":
                self._take_meta(node.attributes)
            elif tag in _UNSEEN or "hidden" in (attributes := node.attributes):
                unseen.append(node)
            else:
                self.spans[node.mem_id] = attributes
        remove(unseen)

    def _take_meta(self, attributes: dict[str, str | None]) -> None:
        name, content = attributes.get("name") or attributes.get("property"), attributes.get("content")
        if name and content:
            is_title = name.lower() in self.words.title_meta
            kind, label = (BlockKind.TITLE, "meta") if is_title else (BlockKind.METADATA, name.strip())
            self._add(Block(kind, clean_text(content), label=label))

    def run(self) -> None:
        """Fill the document."""
        root = self.tree.body or self.tree.root
        stack: list[tuple[LexborNode, str]] = []
        node = root.first_child if root is not None else None
        while node is not None or stack:
            if node is None:
                node, tag = stack.pop()
                self._leave(tag)
                node = node.next
                continue
            tag = node.tag or ""
            child = self._enter(node, tag)
            if child is None:
                node = node.next
                continue
            stack.append((node, tag))
            if len(stack) > self.limits.depth:
                raise DocumentError("limit_exceeded", f"elements are nested more than {self.limits.depth} deep")
            node = child
        self._end_line()

    def _enter(self, node: LexborNode, tag: str) -> LexborNode | None:
        """Take one node, and return its first child where the walk goes down into it."""
        if tag == "-text":
            self.line.append(node.text_content or "")
            return None
        if tag in _PARAGRAPHS and self.heading is None and self._take_paragraph(node, tag):
            return None
        if tag == "table":
            self._end_line()
            if self._take_table(node):
                return None
            self.table_depth += 1
            if self.table_depth > _MAX_TABLE_DEPTH:
                raise DocumentError("limit_exceeded", f"tables are nested more than {_MAX_TABLE_DEPTH} deep")
        elif tag == "br" or tag in _BLOCKS:
            self._end_line()
        elif tag in _UNSEEN or tag == "title":
            return None
        if tag in _HEADINGS or tag in self.words.title_tags or tag in self.words.metadata_tags:
            self._end_line()
            self.heading = tag
        return node.first_child

    def _take_paragraph(self, node: LexborNode, tag: str) -> bool:
        """Take the lines of a paragraph at once; tell whether they could be, since line breaks need a walk."""
        if tag == "p" and node.mem_id in self.broken_paragraphs:
            return False
        self._end_line()
        if tag == "p":
            self.line.append(node.text())
            self._end_line()
        else:
            for line in node.text().split("\n"):  # its white space is printed, and may part the cells of a row
                self._add(Block(BlockKind.PARAGRAPH, line.strip("\r ")))
        return True

    def _leave(self, tag: str) -> None:
        if tag in _BLOCKS or tag == self.heading:
            self._end_line()
        if tag == self.heading:
            self.heading = None
        if tag == "table":
            self.table_depth -= 1

    def _end_line(self) -> None:
        """Turn the text gathered since the last line break into a block."""
        if not self.line:
            return
        text = clean_text("".join(self.line))
        self.line.clear()
        if not text:
            return
        tag = self.heading
        if tag is None:
            self._add(Block(BlockKind.PARAGRAPH, text))
        elif tag in self.words.title_tags:
            self._add(Block(BlockKind.TITLE, text, label=tag))
        elif tag in self.words.metadata_tags:
            self._add(Block(BlockKind.METADATA, text, label=tag))
        elif tag == "h1" and not is_section_heading(text) and not self.has_first_heading:
            # A page's first <h1> is its title; a second one is a section that took the wrong level.
            self.has_first_heading = True
            self._add(Block(BlockKind.TITLE, text, label="h1", level=1))
        else:
            self._add(Block(BlockKind.HEADING, text, level=_HEADINGS[tag]))

    def _add(self, block: Block) -> None:
        if block.text:
            self.document.blocks.append(block)

    def _take_table(self, table: LexborNode) -> bool:
        """Add a table of data to the document; tell whether it was one, or only lays out the page."""
        if self.has_nested and self._is_page_layout(table):
            return False
        number = len(self.document.tables) + 1
        layout = GridLayout(number, self.limits)
        captions = []
        for rows, caption in self._row_groups(table):
            layout.add_group(rows)
            captions += caption
        cells = layout.cells
        if not cells or is_boxed_text(cells):
            return False
        self.document.tables.append(cells)
        self.document.notices += layout.notices
        for text in captions:
            self._add(Block(BlockKind.PARAGRAPH, text))
        self.document.blocks.append(Block(BlockKind.TABLE, "", table_number=number))
        return True

    def _row_groups(self, table: LexborNode) -> Iterator[tuple[list[list[RawCell]], list[str]]]:
        """Yield the rows of each row group, captions in front; a `<tfoot>` comes last wherever it was written."""
        feet = []
        for part in table.iter():
            tag = part.tag
            if tag == "tfoot":
                feet.append(part)
            elif tag in {"tbody", "thead"}:
                yield self._rows(part), []
            elif tag == "caption":
                yield [], [text for text in self._lines(part) if text]
        for part in feet:
            yield self._rows(part), []

    def _rows(self, group: LexborNode) -> list[list[RawCell]]:
        rows = []
        spans = self.spans
        for row in group.iter():
            cells: list[RawCell] = []
            for cell in row.iter():
                text = cell.text(separator=_PIECE, skip_empty=True)
                if _PIECE in text:
                    text = self._cell_text(cell)
                elif not (text.isprintable() and " " not in text):
                    text = clean_text(text)
                if not text and self.has_pictures and holds_picture(cell):
                    text = PICTURE
                cells.append((text, spans.get(cell.mem_id) if spans else None))
            rows.append(cells)
            self.cell_count += len(cells)
            if self.cell_count > self.limits.cells:
                raise DocumentError("limit_exceeded", f"more than {self.limits.cells} table cells")
        return rows

    def _cell_text(self, cell: LexborNode) -> str:
        """Return the text of a cell with several pieces; a lone paragraph, as Word writes it, is one line."""
        children = list(cell.iter(include_text=True, skip_empty=True))
        if len(children) == 1 and children[0].tag == "p" and children[0].mem_id not in self.broken_paragraphs:
            return clean_text(children[0].text())
        return "\n".join(self._lines(cell))

    def _lines(self, root: LexborNode) -> list[str]:
        """Return the text below one node line by line; blank lines are left out."""
        pieces: list[str] = []
        stack: list[tuple[LexborNode, bool]] = []
        node = root.first_child
        while node is not None or stack:
            if node is None:
                node, is_block = stack.pop()
                node = node.next
                if is_block:
                    pieces.append("\n")
                continue
            tag = node.tag or ""
            if tag == "-text":
                pieces.append((node.text_content or "").replace("\n", " "))
            elif tag == "br":
                pieces.append("\n")
            elif tag not in _UNSEEN:
                is_block = tag in _BLOCKS
                if is_block:
                    pieces.append("\n")
                stack.append((node, is_block))
                if len(stack) > self.limits.depth:
                    raise DocumentError("limit_exceeded", f"elements are nested more than {self.limits.depth} deep")
                node = node.first_child
                continue
            node = node.next
        lines = [clean_text(line) for line in "".join(pieces).split("\n")]
        return [line for line in lines if line]

    def _is_page_layout(self, table: LexborNode) -> bool:
        """Tell a table that lays out the page from one of data with a table in a cell: who has more figures.

        A table of one cell is a box around its text, and no table in the cell.
        """
        inner = [nested for nested in table.css("table")[1:] if len(nested.css("td,th")) > 1]  # the first is itself
        if not inner:
            return False
        own = [cell for part in table.iter() for row in part.iter() for cell in row.iter() if cell.tag in ("td", "th")]
        plain = sum(is_figure(cell.text()) for cell in own if cell.css_first("table") is None)
        return plain <= sum(is_figure(cell.text()) for cell in table.css("td,th")) - plain
