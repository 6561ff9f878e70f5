"""ODT reader: OpenDocument text (LibreOffice, WPS), rewritten as WordprocessingML and read as such."""

from collections.abc import Iterator
from itertools import islice

from lxml import etree

from pipelines.errors import DocumentError
from pipelines.read.model import PICTURE, Document
from pipelines.read.open_document import open_package
from pipelines.read.word.build import DRAWN, Look, element, make_paragraph
from pipelines.read.word.docx import read_word_tree
from pipelines.read.word.markup import CELL, ROW, TABLE, word
from pipelines.read.word.odt_styles import OdtStyles, odf
from pipelines.read.word.properties import add_packaged_title
from pipelines.read.xmlsafe import parse_xml
from pipelines.settings import ReadLimits
from schemas.vocabulary import FileFormat

_MANIFEST = "META-INF/manifest.xml"
_PARAGRAPHS = frozenset((odf("text", "p"), odf("text", "h")))
_TABLE = odf("table", "table")
_CELL, _COVERED = odf("table", "table-cell"), odf("table", "covered-table-cell")
_REPEATED = odf("table", "number-columns-repeated")
_ROW_SPAN, _COLUMN_SPAN = odf("table", "number-rows-spanned"), odf("table", "number-columns-spanned")
# What is not printed where it stands: what was deleted, comments, what is read over a character, hidden text.
_NOT_PRINTED = frozenset(
    (
        *(
            odf("text", "tracked-changes"),
            odf("office", "annotation"),
            odf("text", "ruby-text"),
            odf("svg-compatible", "desc"),
        ),
        *(
            odf("text", "hidden-text"),
            odf("text", "hidden-paragraph"),
            odf("svg-compatible", "title"),
            odf("office", "forms"),
        ),
        *(odf("text", "note-citation"), odf("text", "table-of-content"), odf("text", "sequence-decls")),
    )
)
_PICTURES = frozenset((odf("drawing", "image"), odf("drawing", "object"), odf("drawing", "object-ole")))
_SHAPES = frozenset(
    odf("drawing", name)
    for name in ("custom-shape", "rect", "line", "ellipse", "circle", "polyline", "polygon", "path", "connector")
)
_FIELD = "{urn:openoffice:names:experimental:ooo-ms-interop:xmlns:field:1.0}"
_FIELDMARK = f"{_FIELD}fieldmark"
# What is made anew where the page is laid out, or the day is another.
_UNSTORED = frozenset(odf("text", name) for name in ("page-number", "page-count", "date", "time"))
_NOTE = odf("text", "note")
_MAX_SPACES = 1_000
_Runs = list[tuple[Look, str]]


def read_odt(data: bytes, limits: ReadLimits) -> Document:
    """Return an OpenDocument text as laid out.

    Tracked deletions, comments, hidden and struck text are left out, as in DOCX; boxes follow the paragraph at which
    they hang, footnotes the body. Automatic numbers are not written in the file and stay out.

    Args:
        data: The file's bytes.
        limits: Bounds on size, cells and spans.

    Raises:
        DocumentError: broken_document, password_protected, unsupported_format or limit_exceeded.
    """
    package = open_package(data, limits)
    if package.has(_MANIFEST) and b"encryption-data" in package.read(_MANIFEST):
        raise DocumentError("password_protected", "the document is encrypted; ask for a copy without a password")
    content = parse_xml(package.read("content.xml"), "content.xml")
    text = next(content.iter(odf("office", "text")), None)
    if text is None:
        raise DocumentError("unsupported_format", "the OpenDocument file holds no text document and no workbook")
    styles = OdtStyles()
    if package.has("styles.xml"):
        styles.read(parse_xml(package.read("styles.xml"), "styles.xml"))
    styles.read(content)
    walk = _Walk(styles, limits)
    root = element(word("document"))
    body = etree.SubElement(root, word("body"))
    try:
        body.extend(walk.blocks(text))
        body.extend(walk.notes)
    except RecursionError as error:
        raise DocumentError("limit_exceeded", "the document's elements are nested too deeply to be read") from error
    document = Document(FileFormat.ODT)
    add_packaged_title(package, "meta.xml", document)
    read_word_tree(root, etree.tostring(root, encoding="utf-8"), document, limits)
    return document


class _Walk:
    """One walk over the body: each paragraph, table and box as WordprocessingML."""

    def __init__(self, styles: OdtStyles, limits: ReadLimits) -> None:
        self.styles, self.limits = styles, limits
        self.notes: list[etree._Element] = []
        self.cell_count = 0

    def blocks(self, parent: etree._Element) -> Iterator[etree._Element]:
        """Yield what an element holds; lists, sections and groups only hold it."""
        for node in parent:
            if node.tag in _PARAGRAPHS:
                yield from self._paragraph(node)
            elif node.tag == _TABLE:
                yield self._table(node)
            elif node.tag not in _NOT_PRINTED and node.get(odf("text", "display")) != "none":
                yield from self.blocks(node)

    def _paragraph(self, node: etree._Element) -> Iterator[etree._Element]:
        name = node.get(odf("text", "style-name"))
        runs: _Runs = []
        hanging: list[etree._Element] = []
        self._add_runs(node, self.styles.look(name, self.styles.base), runs, hanging)
        level = _count(node.get(odf("text", "outline-level"))) - 1 if node.tag == odf("text", "h") else None
        yield make_paragraph(runs, level, self.styles.ground(name))
        yield from hanging

    def _add_runs(self, node: etree._Element, look: Look, runs: _Runs, hanging: list[etree._Element]) -> None:
        if node.text:
            runs.append((look, node.text))
        for inner in node:
            self._add_run(inner, look, runs, hanging)
            if inner.tail:
                runs.append((look, inner.tail))

    def _add_run(self, node: etree._Element, look: Look, runs: _Runs, hanging: list[etree._Element]) -> None:
        if node.tag == odf("text", "s"):
            runs.append((look, " " * min(_count(node.get(odf("text", "c"))), _MAX_SPACES)))
        elif node.tag in (odf("text", "tab"), odf("text", "line-break")):
            runs.append((look, "\t" if node.tag == odf("text", "tab") else "\n"))
        elif node.tag == odf("text", "span"):
            self._add_runs(node, self.styles.look(node.get(odf("text", "style-name")), look), runs, hanging)
        elif node.tag in _PICTURES or node.tag in _UNSTORED:
            runs.append((look, PICTURE))
        elif node.tag == _NOTE:
            self.notes += self.blocks(node)
        elif node.tag in _PARAGRAPHS:
            hanging += self._paragraph(node)
        elif node.tag == _TABLE:
            hanging.append(self._table(node))
        elif node.tag not in _NOT_PRINTED:
            runs += [(look, _chosen(node))] if node.tag == _FIELDMARK else self._drawn(node)
            self._add_runs(node, look, runs, hanging)

    def _drawn(self, node: etree._Element) -> _Runs:
        """Return the mark of what may lie over the text, if an element is such."""
        is_over = node.tag in _SHAPES and node.get(odf("drawing", "style-name")) not in self.styles.behind
        return [(DRAWN, "")] if is_over else []

    def _table(self, table: etree._Element) -> etree._Element:
        made, grid = element(TABLE), element(word("tblGrid"))
        for column in _own(table, odf("table", "table-column")):
            width = self.styles.widths.get(column.get(odf("table", "style-name")) or "", 0)
            repeated = min(_count(column.get(odf("table", "number-columns-repeated"))), self.limits.columns)
            grid.extend(element(word("gridCol"), w=str(width)) for _ in range(repeated))
        made.append(grid)
        below: dict[int, tuple[int, int]] = {}
        names_covered = next(table.iter(_COVERED), None) is not None
        open_rows: dict[int, int] = {}
        for row in _own(table, odf("table", "table-row")):
            if not names_covered:
                self._count_cells(_add_covered(row, open_rows, self.limits.columns))
            for _ in range(_count(row.get(odf("table", "number-rows-repeated")))):
                made.append(self._row(row, below))
                self._count_cells(1)
        return made

    def _row(self, row: etree._Element, below: dict[int, tuple[int, int]]) -> etree._Element:
        """Return a row; `below` holds by column how many rows a cell above still covers, and its width."""
        made = element(ROW)
        if row.get(odf("table", "visibility")) in ("collapse", "filter"):
            properties = etree.SubElement(made, word("trPr"))
            properties.append(element(word("hidden")))
        covered_to = 0
        for column, cell in enumerate(_repeated(row, self.limits.columns)):
            if column >= covered_to:
                remaining, span = below.pop(column, (0, 1))
                merge = "continue" if remaining else None
                if cell.tag == _CELL:
                    remaining = _count(cell.get(_ROW_SPAN))
                    span = min(_count(cell.get(_COLUMN_SPAN)), self.limits.columns)
                    merge = "restart" if remaining > 1 else None
                if remaining > 1:
                    below[column] = (remaining - 1, span)
                made.append(self._cell(cell, span, merge))
                covered_to = column + span
        return made

    def _cell(self, cell: etree._Element, span: int, merge: str | None) -> etree._Element:
        made, about = element(CELL), element(word("tcPr"))
        about.append(element(word("gridSpan"), val=str(span)))
        if merge:
            about.append(element(word("vMerge"), val=merge))
        ground = self.styles.ground(cell.get(odf("table", "style-name")))
        if ground:
            about.append(element(word("shd"), fill=ground))
        made.append(about)
        if cell.tag == _CELL:  # what a merge covers is kept in the file and not shown
            made.extend(self.blocks(cell))
        self._count_cells(1)
        return made

    def _count_cells(self, count: int) -> None:
        self.cell_count += count
        if self.cell_count > self.limits.cells:
            raise DocumentError("limit_exceeded", f"the document has more than {self.limits.cells} cells")


def _chosen(field: etree._Element) -> str:
    """Return the entry of a list to choose from that is chosen; nothing for another field."""
    values: dict[str, list[str]] = {}
    for node in field.iterchildren(f"{_FIELD}param"):
        name = (node.get(f"{_FIELD}name") or "").rpartition("_")[2]
        values.setdefault(name, []).append(node.get(f"{_FIELD}value") or "")
    entries, chosen = values.get("ListEntry", []), values.get("Selected", ["0"])[0]
    return entries[int(chosen)] if len(chosen) < 4 and chosen.isdecimal() and int(chosen) < len(entries) else ""


def _own(table: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Yield a table's own rows or columns, looking through groups of them and not into cells."""
    for node in table:
        if node.tag == tag:
            yield node
        elif node.tag in _GROUPS:
            yield from _own(node, tag)


_GROUPS = frozenset(
    odf("table", name)
    for name in (
        *("table-columns", "table-column-group", "table-header-columns"),
        *("table-rows", "table-row-group", "table-header-rows"),
    )
)


def _add_covered(row: etree._Element, open_rows: dict[int, int], most: int) -> int:
    """Put in the cells that merged ones cover, where a program such as pandoc leaves all of them out; count them.

    Args:
        row: Changed in place.
        open_rows: By column, how many rows a cell above still covers; brought up to the next row.
        most: Columns of a table.
    """
    column = added = 0

    def cover() -> int:
        covered = 0
        while open_rows.get(column + covered, 0) and column + covered <= most:
            open_rows[column + covered] -= 1
            covered += 1
        return covered

    for cell in row.findall(_CELL):
        for _ in range(covered := cover()):
            cell.addprevious(etree.Element(_COVERED))
        column += covered
        added += covered
        across, down = min(_count(cell.get(_COLUMN_SPAN)), most), _count(cell.get(_ROW_SPAN))
        for place in range(column, column + across):
            open_rows[place] = down - 1
        for _ in range(across - 1):
            cell.addnext(etree.Element(_COVERED))
        added += across - 1
        column += across * (_count(cell.get(_REPEATED)) if across == 1 else 1)
        if column > most:
            return added
    covered = cover()
    row.extend(etree.Element(_COVERED) for _ in range(covered))
    return added + covered


def _repeated(row: etree._Element, most: int) -> Iterator[etree._Element]:
    """Yield a row's cells, each as often as it is repeated."""
    return islice(
        (cell for cell in row if cell.tag in (_CELL, _COVERED) for _ in range(_count(cell.get(_REPEATED)))),
        most + 1,
    )


def _count(text: str | None) -> int:
    return max(int(text), 1) if text is not None and text.isascii() and text.isdigit() and len(text) < 8 else 1
