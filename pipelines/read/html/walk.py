"""One walk over an HTML page: titles, metadata, paragraphs and the places of its tables."""

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.errors import DocumentError
from pipelines.read.html.cells import BLOCKS, HEADINGS, UNSEEN, TableReader, clean_text
from pipelines.read.html.doubt import CELLS, holder_of
from pipelines.read.html.frames import unfold_frames, unfold_shadows
from pipelines.read.html.panes import keeps_unseen
from pipelines.read.html.site import find_site_facts
from pipelines.read.html.unnested import spread_rows
from pipelines.read.html.visible import find_notable, show_page
from pipelines.read.metadata import is_section_heading
from pipelines.read.model import Block, Document, Notice
from pipelines.settings import ReadLimits
from schemas.document import load_document_words
from schemas.vocabulary import BlockKind

_PARAGRAPHS = ("p", "pre")
_UNSEEN_TABLE = (
    "The page keeps a table of figures out of sight that nothing in it opens, and shows others: see in a browser "
    "whether it is of this report."
)
_MAX_TABLE_DEPTH = 64  # page layouts of nested tables stop at about ten


class PageWalk:
    """The walk over one page: a cursor, the line being gathered, and the document being filled."""

    def __init__(self, markup: bytes, document: Document, limits: ReadLimits, holders: frozenset[str] = CELLS) -> None:
        self.document, self.limits = document, limits
        self.words = load_document_words()
        self.special = HEADINGS | self.words.page.title_tags | self.words.page.metadata_tags
        self.lined = BLOCKS | self.special  # what begins and ends a line
        self.noted = self.lined | UNSEEN | {"br", "title"}
        self.line: list[str] = []
        self.heading: str | None = None  # tag of the heading or title element that the line stands in
        self.has_first_heading = False
        self.table_depth = 0
        self.tree = LexborHTMLParser(markup)
        notable = find_notable(self.tree)
        if "iframe" in notable and (unfolded := unfold_frames(self.tree, notable["iframe"])) is not None:
            markup, self.tree = unfolded, LexborHTMLParser(unfolded)
            notable = find_notable(self.tree)
        if "template" in notable and (unfolded := unfold_shadows(self.tree, notable["template"])) is not None:
            markup, self.tree = unfolded, LexborHTMLParser(unfolded)
            notable = find_notable(self.tree)
        self._take_facts(len(notable.get("meta", ())) + len(notable.get("title", ())))
        for label, value in find_site_facts(self.tree.head, markup):
            self._add(Block(BlockKind.METADATA, value, label=label))
        has_nested = any(holder_of(table, CELLS) is not None for table in notable.get("table", ()))
        may_hide = show_page(self.tree, markup, notable, holders)
        if may_hide and keeps_unseen(self.tree, notable.get("table", ())):
            document.notices.append(Notice("unseen_table", _UNSEEN_TABLE))
        if has_nested and (spread := spread_rows(self.tree, self.tree.css("td table,th table"))) is not None:
            self.tree = LexborHTMLParser(spread)
            notable = find_notable(self.tree)
        cell_count = sum(map(len, document.tables))
        self.tables = TableReader(self.tree, limits, cell_count, notable)

    def _take_facts(self, count: int) -> None:
        """Take titles and metadata; those outside the head, where more are in the page than the head holds."""
        query = "title,meta"
        found = self.tree.head.css(query) if self.tree.head is not None else []
        if len(found) < count:
            found = self.tree.css(query)
        for node in found:
            if node.tag == "title":
                self._add(Block(BlockKind.TITLE, clean_text(node.text()), label="title"))
            else:
                self._take_meta(node.attributes)

    def _take_meta(self, attributes: dict[str, str | None]) -> None:
        name, content = attributes.get("name") or attributes.get("property"), attributes.get("content")
        if name and content:
            is_title = name.lower() in self.words.page.title_meta
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
                if tag in self.lined:
                    self._leave(tag)
                node = node.next
                continue
            tag = node.tag or ""
            if tag == "-text":
                self._take_text(node)
                node = node.next
                continue
            child = self._enter(node, tag) if tag in self.noted else node.first_child
            if child is None:
                node = node.next
                continue
            stack.append((node, tag))
            if len(stack) > self.limits.depth:
                raise DocumentError("limit_exceeded", f"elements are nested more than {self.limits.depth} deep")
            node = child
        self._end_line()

    def _take_text(self, node: LexborNode) -> None:
        text = node.text_content or ""
        if self.line or not text.isspace():  # white space in front of a line is not shown
            self.line.append(text)

    def _enter(self, node: LexborNode, tag: str) -> LexborNode | None:
        """Take one element that is no mere wrapper, and return its first child where the walk goes down into it."""
        if tag in _PARAGRAPHS and self.heading is None and self._take_paragraph(node, tag):
            return None
        if tag == "table":
            self._end_line()
            if self._take_table(node):
                return None
            self.table_depth += 1
            if self.table_depth > _MAX_TABLE_DEPTH:
                raise DocumentError("limit_exceeded", f"tables are nested more than {_MAX_TABLE_DEPTH} deep")
        elif tag in UNSEEN or tag == "title":
            return None
        self._end_line()
        if tag in self.special:
            self.heading = tag
        return node.first_child

    def _take_paragraph(self, node: LexborNode, tag: str) -> bool:
        """Take the lines of a paragraph at once; tell whether they could be, since line breaks need a walk."""
        if tag == "p" and node.mem_id in self.tables.broken_paragraphs:
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
            self.document.blocks.append(Block(BlockKind.PARAGRAPH, text))
        elif tag in self.words.page.title_tags:
            self._add(Block(BlockKind.TITLE, text, label=tag))
        elif tag in self.words.page.metadata_tags:
            self._add(Block(BlockKind.METADATA, text, label=tag))
        elif tag == "h1" and not is_section_heading(text) and not self.has_first_heading:
            # A page's first <h1> is its title; a second one is a section that took the wrong level.
            self.has_first_heading = True
            self._add(Block(BlockKind.TITLE, text, label="h1"))
        else:
            self._add(Block(BlockKind.HEADING, text))

    def _add(self, block: Block) -> None:
        if block.text:
            self.document.blocks.append(block)

    def _take_table(self, table: LexborNode) -> bool:
        """Add a table of data to the document; tell whether it was one, or only lays out the page."""
        number = len(self.document.tables) + 1
        read = self.tables.read(table, number)
        if read is None:
            return False
        layout, captions = read
        self.document.tables.append(layout.cells)
        self.document.notices += layout.notices
        for text in captions:
            self._add(Block(BlockKind.PARAGRAPH, text))
        self.document.blocks.append(Block(BlockKind.TABLE, "", table_number=number))
        return True
