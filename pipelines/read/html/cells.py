"""The tables of an HTML page: which of them hold data, and what stands in their cells.

The common cell of a statistic table holds one piece of text, which Lexbor hands over in one call; only cells with lines
of their own (two paragraphs, a `<br>`) are walked node by node. Nothing recurses: how deep a page nests is its author's
choice.
"""

from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.errors import DocumentError
from pipelines.read.html.doubt import CELLS, Notable
from pipelines.read.html.grid import Attributes, GridLayout, RawRow, is_boxed_text, is_figure, lay_out
from pipelines.read.html.spoken import are_digits, leave_out_spoken, mark_apart, may_say_twice
from pipelines.read.html.tree import lineage
from pipelines.read.html.visible import has_pictures, holds_picture
from pipelines.read.model import PICTURE, ZERO_WIDTH
from pipelines.settings import ReadLimits

HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
# Elements that browsers set on lines of their own; table parts are among them for tables that only lay out a page.
BLOCKS = HEADINGS | {
    *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl"),
    *("dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "html", "legend", "li"),
    *("main", "menu", "nav", "ol", "optgroup", "option", "p", "pre", "section", "summary", "table", "tbody", "td"),
    *("tfoot", "th", "thead", "tr", "ul"),
}
UNSEEN = frozenset(
    {
        *("audio", "canvas", "head", "iframe", "math", "noframes", "noscript", "object", "script", "select", "style"),
        *("svg", "template", "video"),
        *("del", "s", "strike", "rt", "rp"),  # struck out is deleted, as tracked changes in Word are
    }
)
_BREAKS = BLOCKS | {"br"}
_ROW_GROUPS = frozenset({"thead", "tbody", "tfoot"})
_PIECE = "\x1f"  # unit separator: tells one piece of text from several
_AROUND = " \t\r\n\f" + _PIECE


class TableReader:
    """Reads the tables of one page.

    Attributes:
        broken_paragraphs: Paragraphs, by identity, whose text is more than one line.
        cell_count: Cells read so far.
    """

    def __init__(self, tree: LexborHTMLParser, limits: ReadLimits, cell_count: int, notable: Notable) -> None:
        self._limits, self.cell_count = limits, cell_count
        self._spans = {node.mem_id: node.attributes for node in tree.css("[colspan],[rowspan]")}
        self._has_pictures = has_pictures(notable)
        around_tables, around_breaks = (_tags_around(notable.get(name, ())) for name in ("table", "br"))
        self._has_nested = "table" in around_tables.values()
        # A paragraph holds no block but a table, by the parser's own rules: without either its text is one line.
        around = [*around_tables.items(), *around_breaks.items()]
        self.broken_paragraphs = {mem_id for mem_id, tag in around if tag == "p"}

    def read(self, table: LexborNode, number: int) -> tuple[GridLayout, list[str]] | None:
        """Return a table's cells laid out and the lines of its caption; None where it only lays out the page.

        Raises:
            DocumentError: limit_exceeded.
        """
        if self._has_nested and _is_page_layout(table):
            return None
        groups = list(self._row_groups(table))
        layout = lay_out(number, self._limits, [rows for rows, _ in groups])
        if not layout.cells or is_boxed_text(layout.cells):
            return None
        return layout, [line for _, caption in groups for line in caption]

    def _row_groups(self, table: LexborNode) -> Iterator[tuple[list[RawRow], list[str]]]:
        """Yield the rows of each row group, captions in front, in the order in which they are shown.

        The first `<thead>` stands above all others and the first `<tfoot>` below, wherever they were written.
        """
        parts = list(table.iter())
        tags = [part.tag for part in parts]
        head, foot = (tags.index(tag) if tag in tags else -1 for tag in ("thead", "tfoot"))
        for _, part in sorted(enumerate(parts), key=lambda placed: (placed[0] == foot) - (placed[0] == head)):
            if part.tag == "caption":
                yield [], self._lines(part)
            elif part.tag in _ROW_GROUPS:
                yield self._rows(part), []

    def _rows(self, group: LexborNode) -> list[RawRow]:
        """Return the rows of a group; no loop runs as often: a hundred thousand pages have 40 million cells.

        Comments, forms and hidden fields may stand between rows and cells. They have no text, so only nodes without
        any are asked what they are.
        """
        rows: list[RawRow] = []
        spans = self._spans
        for row in group.iter():
            texts: list[str] = []
            spanning: dict[int, Attributes] = {}
            for cell in row.iter():
                text: str = cell.text(True, _PIECE)  # noqa: FBT003 - names cost as much as the text
                if not text or " " in text or not text.isprintable():
                    if not text and cell.tag not in CELLS:
                        continue
                    text = self._unusual_text(cell, text)
                if cell.mem_id in spans:
                    spanning[len(texts)] = spans[cell.mem_id]
                texts.append(text)
            if not texts and row.tag != "tr":
                continue
            rows.append((texts, spanning))
            self.cell_count += len(texts)
        if self.cell_count > self._limits.cells:
            raise DocumentError("limit_exceeded", f"more than {self._limits.cells} table cells")
        return rows

    def _unusual_text(self, cell: LexborNode, text: str) -> str:
        """Return the text of a cell that holds more than one printable piece, or none."""
        if _PIECE not in text or _PIECE not in text.strip(_AROUND):
            text = clean_text(text.strip(_AROUND))
        else:
            if may_say_twice(*text.split(_PIECE, 1)):
                leave_out_spoken(cell)
            if are_digits(text):
                mark_apart(cell)
            text = "\n".join(self._lines(cell))
        return PICTURE if not text and self._has_pictures and holds_picture(cell) else text

    def _lines(self, root: LexborNode) -> list[str]:
        """Return the text below one node line by line; blank lines are left out."""
        pieces = self._pieces_of_children(root) or self._pieces_below(root)
        lines = map(clean_text, filter(None, "".join(pieces).split("\n")))
        return [line for line in lines if line]

    def _pieces_of_children(self, root: LexborNode) -> list[str]:
        """Return the texts and line breaks of paragraphs and runs, as Word writes them; none where more is nested."""
        pieces: list[str] = []
        for child in root.iter(include_text=True):
            tag, inner = child.tag or "", child.first_child
            if tag == "p" and child.mem_id not in self.broken_paragraphs:
                pieces += ("\n", child.text().replace("\n", " "), "\n") if inner is not None else "\n"
            elif inner is None:
                if tag == "-text":
                    pieces.append((child.text_content or "").replace("\n", " "))
                elif tag in _BREAKS:
                    pieces.append("\n")
            elif tag not in _BREAKS and tag not in UNSEEN and inner.next is None and inner.tag == "-text":
                pieces.append((inner.text_content or "").replace("\n", " "))
            else:
                return []
        return pieces

    def _pieces_below(self, root: LexborNode) -> list[str]:
        """Return the texts and line breaks below one node, however deep they are nested."""
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
            elif tag == "p" and node.mem_id not in self.broken_paragraphs:
                pieces += ("\n", node.text().replace("\n", " "), "\n")
            elif tag not in UNSEEN:
                is_block = tag in BLOCKS
                if is_block:
                    pieces.append("\n")
                stack.append((node, is_block))
                if len(stack) > self._limits.depth:
                    raise DocumentError("limit_exceeded", f"elements are nested more than {self._limits.depth} deep")
                node = node.first_child
                continue
            node = node.next
        return pieces


def clean_text(text: str) -> str:
    r"""Return one line of text without zero-width characters, its white space collapsed as a browser shows it.

    >>> clean_text("\n 总\xa0\xa0计 \u200b")
    '总 计'
    """
    text = text.strip()
    if text.isprintable() and "  " not in text:
        return text
    return " ".join(text.translate(ZERO_WIDTH).split())


def _tags_around(nodes: Iterable[LexborNode]) -> dict[int, str | None]:
    """Return the tags of all elements in which nodes stand, by identity."""
    tags: dict[int, str | None] = {}
    for node in nodes:
        for above in lineage(node.parent):
            if above.mem_id in tags:  # so is all above it
                break
            tags[above.mem_id] = above.tag
    return tags


def _is_page_layout(table: LexborNode) -> bool:
    """Tell a table that lays out the page from one of data with a table in a cell: who has more figures.

    A table of one cell is a box around its text, and no table in the cell.
    """
    inner = [nested for nested in table.css("table")[1:] if len(nested.css("td,th")) > 1]  # the first is itself
    if not inner:
        return False
    own = [cell for part in table.iter() for row in part.iter() for cell in row.iter() if cell.tag in ("td", "th")]
    plain = sum(is_figure(cell.text()) for cell in own if cell.css_first("table") is None)
    return plain <= sum(is_figure(cell.text()) for cell in table.css("td,th")) - plain
