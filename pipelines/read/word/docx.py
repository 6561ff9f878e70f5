"""DOCX reader: the parts of an OOXML package straight through lxml, ten times as fast as an object model of Word."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType

from lxml import etree

from pipelines.errors import DocumentError
from pipelines.ingest.zipsafe import SafeZip, open_zip
from pipelines.read.joined import append_document
from pipelines.read.metadata import is_labelled, is_section_heading, may_be_first_line
from pipelines.read.model import PICTURE, Block, Document, Notice
from pipelines.read.ole import refuse_encrypted_package
from pipelines.read.printed_rows import lines_of, may_print_rows, take_printed_rows
from pipelines.read.stacked_rows import FEWEST_STACKED
from pipelines.read.word.doubt import SHAPES, mark_doubtful
from pipelines.read.word.embedded import (
    ALT_CHUNK,
    cut_loose_bindings,
    find_chunks,
    note_embedded,
    note_margins,
    read_chunk,
)
from pipelines.read.word.markup import (
    INLINE,
    PARAGRAPH,
    PICTURES,
    TABLE,
    clean_tree,
    join_text,
    paragraph_text,
    to_transitional,
    unwrapped,
    word,
)
from pipelines.read.word.numbering import Numbering, read_numbering
from pipelines.read.word.properties import add_packaged_title
from pipelines.read.word.styles import ParagraphStyle, StyleSheet, read_styles
from pipelines.read.word.tables import (
    GridTolerances,
    PlainRow,
    TextRow,
    find_cells,
    find_plain_rows,
    find_rows,
    grid_widths,
    is_layout_table,
    lay_out,
    map_edges,
    read_rows,
)
from pipelines.read.xmlsafe import parse_xml
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind, FileFormat

_MAIN_PART = "word/document.xml"
_OTHER_PARTS = ("styles", "numbering", "footnotes", "endnotes")
_CHUNK = b"altChunk"
_OFFICE_DOCUMENT = "/officeDocument"  # end of the relationship type, transitional and strict alike
_MAX_TABLE_DEPTH = 40  # tables inside tables; Word itself stops at 31
_MAX_PARAGRAPHS = 300_000  # those of cells included; a report has 1,000
_CONTENT = frozenset({PARAGRAPH, TABLE})
_BODY = _CONTENT | {ALT_CHUNK}
_LONGEST_FIGURE = 40  # characters of a cell in which a picture may stand for one of its digits
# Where a tab or a row of spaces ends depends on stops and fonts: fields are counted, and no place says what is blank.
_GAP = re.compile(r"[ \xa0\u3000]*\t[ \xa0\u3000\t]*|[ \xa0]{2,}|[ \xa0]*\u3000[ \xa0\u3000]*")
_NO_STYLE = ParagraphStyle()
_TOLERANCES = GridTolerances()


@dataclass(slots=True)
class _Story:
    """A document in the making and what its paragraphs refer to."""

    document: Document
    styles: StyleSheet
    numbering: Numbering
    limits: ReadLimits
    cell_count: int = 0
    paragraph_count: int = 0
    has_pictures: bool = False
    has_first_line: bool = False
    seen_blocks: int = 0  # of the document, when its first line was last looked for
    chunks: Mapping[str, bytes] = field(default_factory=dict)
    unread_chunks: int = 0

    def count_paragraphs(self, more: int) -> None:
        """Count paragraphs that were read.

        Raises:
            DocumentError: limit_exceeded.
        """
        self.paragraph_count += more
        if self.paragraph_count > _MAX_PARAGRAPHS:
            raise DocumentError("limit_exceeded", f"the document has more than {_MAX_PARAGRAPHS} paragraphs")


def read_docx(data: bytes, limits: ReadLimits) -> Document:
    """Return a Word document as laid out: .docx, .docm and .dotx, transitional or strict, by Word, WPS or a converter.

    Tracked changes are taken as accepted; hidden text, field instructions, headers and footers are left out; automatic
    numbers are written out; footnotes follow the body as paragraphs. A table that holds other tables only places them:
    its own text becomes paragraphs and the inner tables stand in reading order.

    Args:
        data: The file's bytes.
        limits: Bounds on size, cells and spans.

    Raises:
        DocumentError: broken_document, password_protected, unsupported_format or limit_exceeded.
    """
    refuse_encrypted_package(data)
    package = open_zip(data, limits)
    main_part = _main_part(package)
    folder = main_part.rpartition("/")[0]
    content = to_transitional(package.read(main_part))
    root = parse_xml(content, main_part)
    if b"dataBinding" in content:
        cut_loose_bindings(root, package)
    document = Document(FileFormat.DOCX)
    add_packaged_title(package, "docProps/core.xml", document)
    parts = {name: _optional_part(package, f"{folder}/{name}.xml") for name in _OTHER_PARTS}
    chunks = find_chunks(package, main_part) if _CHUNK in content else {}
    read_word_tree(root, content, document, limits, parts, chunks=chunks)
    note_margins(package, folder, document)
    return document


def read_word_tree(
    root: etree._Element,
    content: bytes,
    document: Document,
    limits: ReadLimits,
    parts: Mapping[str, etree._Element | None] = MappingProxyType({}),
    *,
    chunks: Mapping[str, bytes] = MappingProxyType({}),
) -> None:
    """Add to `document` what the main part of a Word document holds; readers of its relatives make one of their own.

    Args:
        root: Its root, changed in place.
        content: The same as bytes.
        document: To be filled.
        limits: Bounds on cells and spans.
        parts: The parts `styles`, `numbering`, `footnotes` and `endnotes`, as far as there are any.
        chunks: Documents that it embeds, by the identifiers of their relationships.

    Raises:
        DocumentError: broken_document or limit_exceeded.
    """
    body = next(root.iter(word("body")), None)
    if root.tag != word("document") or body is None:
        raise DocumentError("broken_document", f"the main part is no Word document; its root is {root.tag!r}")
    styles = read_styles(parts.get("styles"))
    clean_tree(root, styles.hidden, styles.raised)
    drawn = list(root.iter(*PICTURES, *SHAPES))
    mark_doubtful(root, content, styles.pale, styles.odd, [node for node in drawn if node.tag in SHAPES])
    has_pictures = any(node.tag in PICTURES for node in drawn)
    story = _Story(document, styles, read_numbering(parts.get("numbering")), limits, has_pictures=has_pictures)
    story.chunks = chunks
    try:
        _read_content(body, story, depth=0)
        note_embedded(root, document, story.unread_chunks)
        for notes in ("footnotes", "endnotes"):
            _add_notes(parts.get(notes), story)
    except RecursionError as error:
        raise DocumentError("limit_exceeded", "tables are nested too deeply to be read") from error
    if not _has_figures(document) and may_print_rows(document):
        take_printed_rows([_GAP.sub("  ", line) for line in lines_of(document)], document, limits)


def _has_figures(document: Document) -> bool:
    return any(text.isdigit() for cells in document.tables for *_, text in cells)


def _main_part(package: SafeZip) -> str:
    """Return the name of the main part from the package's relationships; some writers do not call it document.xml."""
    if package.has("_rels/.rels"):
        for relationship in parse_xml(package.read("_rels/.rels"), "_rels/.rels"):
            target = (relationship.get("Target") or "").lstrip("/")
            if (relationship.get("Type") or "").endswith(_OFFICE_DOCUMENT) and package.has(target):
                return target
    return _MAIN_PART


def _word_part(package: SafeZip, name: str) -> etree._Element:
    return parse_xml(to_transitional(package.read(name)), name)


def _optional_part(package: SafeZip, name: str) -> etree._Element | None:
    return _word_part(package, name) if package.has(name) else None


def _read_content(container: etree._Element, story: _Story, depth: int) -> None:
    if depth > _MAX_TABLE_DEPTH:
        raise DocumentError("limit_exceeded", f"tables are nested more than {_MAX_TABLE_DEPTH} deep")
    for node in unwrapped(container, _BODY):
        if node.tag == ALT_CHUNK:
            _add_chunk(node, story)
        elif node.tag == PARAGRAPH:
            style = story.styles.of(node)
            text = _numbered_text(node, style, story)
            if text:
                story.document.blocks.append(_block(text, style, story))
        elif is_layout_table(node):
            for cell in find_cells(node):
                _read_content(cell, story, depth + 1)
        else:
            _add_table(node, story)


def _add_chunk(node: etree._Element, story: _Story) -> None:
    chunk = read_chunk(node, story.chunks, story.limits)
    if chunk is None:
        story.unread_chunks += 1
        return
    append_document(story.document, chunk, story.limits)
    story.cell_count += sum(map(len, chunk.tables))


def _block(text: str, style: ParagraphStyle, story: _Story) -> Block:
    if style.is_title:
        return Block(BlockKind.TITLE, text, label="h1")
    is_title = not story.has_first_line and _may_be_title(text, story)
    story.has_first_line |= is_title or is_section_heading(text)  # behind a section's heading stands none
    if is_title:
        return Block(BlockKind.TITLE, text, label="first_line")
    if style.is_heading:
        return Block(BlockKind.HEADING, text)
    return Block(BlockKind.PARAGRAPH, text)


def _may_be_title(text: str, story: _Story) -> bool:
    """Tell whether a paragraph may be the first line: it stands before all tables and sections and is no sentence.

    It is named here although `label_document` does the same: a title in the file's properties keeps it from that.
    """
    blocks = story.document.blocks
    new, story.seen_blocks = islice(blocks, story.seen_blocks, None), len(blocks)
    story.has_first_line = any(block.kind in (BlockKind.HEADING, BlockKind.TABLE) for block in new)
    is_before = not story.has_first_line
    return is_before and may_be_first_line(text) and not is_labelled(text) and not is_section_heading(text)


def _numbered_text(paragraph: etree._Element, style: ParagraphStyle, story: _Story) -> str:
    story.count_paragraphs(1)
    text = paragraph_text(paragraph)
    if style.list_id is None:
        return text
    number = story.numbering.next_number(style.list_id, style.list_depth)
    # Word sets a tab between them; without it the number 1 before 20 would be 120.
    return f"{number} {text}" if number[-1:].isdigit() and text[:1].isdigit() else number + text


def _add_table(table: etree._Element, story: _Story) -> None:
    number = len(story.document.tables) + 1
    rows, has_cut_span = read_rows(table, _find_rows(table, story), story.limits)
    story.cell_count += sum(map(len, rows))
    if story.cell_count > story.limits.cells:
        raise DocumentError("limit_exceeded", f"the document has more than {story.limits.cells} cells")
    if not rows:
        return
    cells, notices = lay_out(rows, map_edges(rows, grid_widths(table), _TOLERANCES))
    if has_cut_span:
        notices.append(Notice("span_out_of_range", f"a column span beyond {story.limits.columns} was cut"))
    for notice in notices:
        notice.table_number = number
    story.document.notices += notices
    story.document.tables.append(cells)
    story.document.blocks.append(Block(BlockKind.TABLE, "", table_number=number))


def _find_rows(table: etree._Element, story: _Story) -> Iterable[TextRow]:
    """Return the rows of a table with the texts of their cells; most tables hold nothing but text."""
    has_lists = bool(story.numbering.lists) and story.styles.number_any(table)
    has_pictures = story.has_pictures and next(table.iter(*PICTURES), None) is not None
    plain = None if has_lists or has_pictures else find_plain_rows(table)
    return find_rows(table, lambda cell: _cell_text(cell, story)) if plain is None else _plain_texts(plain, story)


def _plain_texts(rows: Iterable[PlainRow], story: _Story) -> Iterator[TextRow]:
    for row, cells in rows:
        story.count_paragraphs(sum(len(paragraphs) for _, paragraphs in cells))
        yield row, [(cell, _join_lines([join_text(pieces) for pieces in paragraphs])) for cell, paragraphs in cells]


def _join_lines(lines: list[str]) -> str:
    """Return a cell's text; blank lines are of one only where so many lines may be those of a table's rows."""
    if len(lines) == 1:
        return lines[0]
    return "\n".join(lines if len(lines) >= FEWEST_STACKED and any(lines) else filter(None, lines))


def _cell_text(cell: etree._Element, story: _Story) -> str:
    """Return a cell's paragraphs as lines; a box (a table of one cell inside the cell) adds its own lines."""
    lines = []
    has_lists = bool(story.numbering.lists)
    for node in unwrapped(cell, _CONTENT):
        if node.tag == PARAGRAPH:
            lines.append(_numbered_text(node, story.styles.of(node) if has_lists else _NO_STYLE, story))
        else:
            lines += [_cell_text(inner, story) for inner in find_cells(node)]
    text = _join_lines(lines)
    return text + PICTURE if story.has_pictures and _shows_picture(cell, text) else text


def _shows_picture(cell: etree._Element, text: str) -> bool:
    """Tell whether a picture stands for a cell's text, or in the line of its figure: digits are drawn as pictures."""
    if not text:
        return next(cell.iter(*PICTURES), None) is not None
    is_figure = len(text) <= _LONGEST_FIGURE and any(map(str.isdigit, text))
    return is_figure and any(next(inline.iter(*PICTURES), None) is not None for inline in cell.iter(INLINE))


def _add_notes(root: etree._Element | None, story: _Story) -> None:
    """Add footnotes or endnotes behind the text; the separators that Word keeps among them have a type."""
    if root is None:
        return
    clean_tree(root, story.styles.hidden, story.styles.raised)
    if next(root.iter(TABLE), None) is not None:
        mark_doubtful(root, etree.tostring(root, encoding="utf-8"), story.styles.pale, story.styles.odd)
    for note in root:
        if note.get(word("type")) in (None, "normal"):
            _read_content(note, story, depth=1)
