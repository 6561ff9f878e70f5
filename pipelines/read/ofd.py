"""OFD reader (GB/T 33190, the national fixed-layout format): placed characters and lines become text and tables."""

import posixpath
from collections.abc import Iterator, Sequence

from lxml import etree

from pipelines.errors import DocumentError
from pipelines.read.model import Block, Document
from pipelines.read.ofd_page import PageContent, add_page_content, local_name
from pipelines.read.ruling import (
    Character,
    RuledTable,
    RulingTolerances,
    find_tables,
    group_lines,
    line_text,
    read_cells,
)
from pipelines.read.zipsafe import SafeZip, open_zip, parse_xml
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind, FileFormat

_ROOT_PART = "OFD.xml"
_MAX_PAGES = 2_000
_MAX_OBJECTS = 500_000  # characters and lines of all pages; a report of 30 pages has 50,000
_MAX_TABLE_PLACES = 20_000  # positions across times positions down; a page of a report has 300
_FULL_LINE = 12  # characters of the shortest line that may break for want of room
_LINE_GAP = 1.6  # greatest distance between two lines of a paragraph, in heights of a character
_TOLERANCES = RulingTolerances()


def read_ofd(data: bytes, limits: ReadLimits) -> Document:
    """Return an OFD document as laid out: paragraphs and ruled tables, page after page.

    Any namespace is accepted, because writers disagree about it. Page templates are read as part of their page. A table
    that goes on over pages stands as one table a page; the next stage puts the parts together.

    Args:
        data: The file's bytes.
        limits: Bounds on size and cells.

    Raises:
        DocumentError: broken_document, password_protected or limit_exceeded; unsupported_format where no page has text,
            as in a scan.
    """
    package = open_zip(data, limits)
    root = parse_xml(package.read(_ROOT_PART), _ROOT_PART)
    if package.has("Encryptions.xml"):
        raise DocumentError("password_protected", "the document is encrypted; ask for a copy without a password")
    document = Document(FileFormat.OFD)
    pages = objects = 0
    for body in _named(root, "DocBody"):
        _add_title(body, document)
        for location in _named(body, "DocRoot"):
            for page in _read_pages(package, _resolve("", location.text)):
                pages += 1
                objects += len(page.characters) + len(page.segments)
                if objects > _MAX_OBJECTS:
                    raise DocumentError(
                        "limit_exceeded", f"the pages hold more than {_MAX_OBJECTS} characters and lines"
                    )
                _add_page(page, document, limits)
    if not pages:
        raise DocumentError("broken_document", "the OFD document lists no page; fetch the file again")
    if not document.blocks:
        raise DocumentError("unsupported_format", "no page has text: the document is a scan and needs text recognition")
    document.page_count = pages
    return document


def _add_title(body: etree._Element, document: Document) -> None:
    for info in _named(body, "DocInfo"):
        for title in _named(info, "Title"):
            if title.text and title.text.strip():
                document.blocks.append(Block(BlockKind.TITLE, title.text.strip(), label="title"))


def _read_pages(package: SafeZip, document_part: str) -> Iterator[PageContent]:
    """Yield what each page prints, its templates first, because they lie beneath it."""
    root = parse_xml(package.read(document_part), document_part)
    templates = {
        node.get("ID"): _resolve(document_part, node.get("BaseLoc"))
        for node in root.iter()
        if local_name(node) == "TemplatePage"
    }
    pages = [page for group in _named(root, "Pages") for page in _named(group, "Page")]
    if len(pages) > _MAX_PAGES:
        raise DocumentError("limit_exceeded", f"the document has {len(pages)} pages, more than {_MAX_PAGES}")
    for page in pages:
        part = _resolve(document_part, page.get("BaseLoc"))
        content_root = parse_xml(package.read(part), part)
        content = PageContent()
        for template in _named(content_root, "Template"):
            template_part = templates.get(template.get("TemplateID"))
            if template_part is not None and package.has(template_part):
                add_page_content(parse_xml(package.read(template_part), template_part), content)
        add_page_content(content_root, content)
        yield content


def _add_page(page: PageContent, document: Document, limits: ReadLimits) -> None:
    """Add the page's lines of text and its tables, from top to bottom."""
    tables = find_tables(page.segments, _TOLERANCES)
    placed: list[tuple[float, Block]] = []
    outside = page.characters
    for table in tables:
        if (len(table.xs) - 1) * (len(table.ys) - 1) > min(_MAX_TABLE_PLACES, limits.cells):
            raise DocumentError("limit_exceeded", "a page draws a table of more cells than it could show")
        inside = [character for character in outside if table.contains(character)]
        outside = [character for character in outside if not table.contains(character)]
        placed += _table_or_box(table, inside, document)
    placed += [(top, Block(BlockKind.PARAGRAPH, text)) for top, text in paragraphs(outside)]
    document.blocks += [block for _, block in sorted(placed, key=lambda entry: entry[0])]


def _table_or_box(table: RuledTable, inside: Sequence[Character], document: Document) -> list[tuple[float, Block]]:
    """Return the place of a table, numbered as the next one, or the paragraphs in a frame that is no table."""
    cells = read_cells(table, inside, _TOLERANCES)
    if len(cells) == 1:
        return [(top, Block(BlockKind.PARAGRAPH, text)) for top, text in paragraphs(inside)]
    document.tables.append(cells)
    return [(table.ys[0], Block(BlockKind.TABLE, "", table_number=len(document.tables)))]


def paragraphs(characters: Sequence[Character]) -> list[tuple[float, str]]:
    """Return the paragraphs that lines of characters make, each with its top.

    A line goes on the one before it where that is full (long, and reaching the right edge of the text), the next stands
    close below and is not indented.
    """
    lines = [line for line in group_lines(characters, _TOLERANCES) if line_text(line, _TOLERANCES)]
    if not lines:
        return []
    left, right = min(line[0].x0 for line in lines), max(line[-1].x1 for line in lines)
    found: list[tuple[float, str]] = []
    before: list[Character] | None = None
    for line in lines:
        height = line[0].y1 - line[0].y0
        text = line_text(line, _TOLERANCES)
        is_close = before is not None and line[0].y0 - before[0].y1 < _LINE_GAP * height
        if before is not None and is_close and _is_full(before, right) and line[0].x0 - left < height:
            found[-1] = found[-1][0], found[-1][1] + text
        else:
            found.append((line[0].y0, text))
        before = line
    return found


def _is_full(line: Sequence[Character], right: float) -> bool:
    return len(line) >= _FULL_LINE and right - line[-1].x1 < 2 * (line[0].y1 - line[0].y0)


def _named(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    return (child for child in parent if local_name(child) == name)


def _resolve(base: str, location: str | None) -> str:
    """Return the part that a location names: from the root where it begins with a slash, else beside `base`.

    >>> _resolve("Doc_0/Document.xml", "Pages/Page_0/Content.xml"), _resolve("Doc_0/Document.xml", "/Doc_0/Page.xml")
    ('Doc_0/Pages/Page_0/Content.xml', 'Doc_0/Page.xml')
    """
    location = (location or "").strip().replace("\\", "/")
    joined = location if location.startswith("/") else posixpath.join(posixpath.dirname(base), location)
    return posixpath.normpath(joined).lstrip("/")
