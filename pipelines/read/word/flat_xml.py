"""Word documents as one XML file: WordprocessingML of Word 2003, and the flat package of later versions."""

import io
import zipfile
from collections.abc import Mapping

from lxml import etree

from pipelines.read.model import Document
from pipelines.read.word.docx import read_docx, read_word_tree
from pipelines.read.word.markup import PARAGRAPH, TRANSITIONAL, child, word
from pipelines.read.word.properties import add_stated_title
from pipelines.read.xmlsafe import parse_xml
from pipelines.settings import ReadLimits
from schemas.vocabulary import FileFormat

_WORD_2003 = b"http://schemas.microsoft.com/office/word/2003/wordml"
_HINTS = "{http://schemas.microsoft.com/office/word/2003/auxHint}"
_ANNOTATION = "{http://schemas.microsoft.com/aml/2001/core}"
_PACKAGE = "{http://schemas.microsoft.com/office/2006/xmlPackage}"
_TITLE = "{urn:schemas-microsoft-com:office:office}Title"
_OLD_NAMES = {word("vmerge"): word("vMerge"), word("hmerge"): word("hMerge")}
_WRAPPERS = (f"{_HINTS}sect", f"{_HINTS}sub-section", f"{_HINTS}pBdrGroup", f"{_ANNOTATION}content")
_CHANGES = {"Word.Deletion": word("del"), "Word.Insertion": word("ins")}
_NOTES = (word("footnote"), word("endnote"))
_LIST, _NUMBER = word("listPr"), f"{_HINTS}t"


def read_word_xml(data: bytes, limits: ReadLimits) -> Document:
    """Return a Word document that is one XML file, as Word 2003 writes it and later versions can.

    The old vocabulary differs from DOCX in a handful of names, so it is renamed and read as such.

    Args:
        data: The file's bytes.
        limits: Bounds on size, cells and spans.

    Raises:
        DocumentError: broken_document or limit_exceeded.
    """
    content = data.replace(_WORD_2003, TRANSITIONAL.encode())
    root = parse_xml(content, "the document")
    if root.tag == f"{_PACKAGE}package":
        document = read_docx(_zip_package(root), limits)
    else:
        document = Document(FileFormat.WORD_XML)
        add_stated_title(root, _TITLE, document)
        notes = _rename(root)
        read_word_tree(root, content, document, limits, _parts(root, notes))
    document.format = FileFormat.WORD_XML
    return document


def _zip_package(root: etree._Element) -> bytes:
    """Return a flat package as the archive that it is the text of; pictures stay out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for part in root.iter(f"{_PACKAGE}part"):
            held = child(part, f"{_PACKAGE}xmlData")
            for content in held if held is not None else ():
                archive.writestr((part.get(f"{_PACKAGE}name") or "").lstrip("/"), etree.tostring(content))
    return buffer.getvalue()


def _rename(root: etree._Element) -> etree._Element:
    """Give what has another name in DOCX the one that it has there, and return the notes, taken out of the text."""
    root.tag = word("document")
    for old, new in _OLD_NAMES.items():
        for node in root.iter(old):
            node.tag = new
    for node in list(root.iter(f"{_ANNOTATION}annotation")):
        kind = _CHANGES.get(node.get(word("type")) or "")
        if kind is None:  # a comment, a bookmark, what the text looked like before
            _take_out(node)
        else:
            node.tag = kind
    for node in root.iter(*_WRAPPERS):
        node.tag = word("sdt")
    for node in list(root.iter(word("hdr"), word("ftr"))):
        _take_out(node)
    for number in list(root.iter(_LIST)):
        _write_out_number(number)
    notes = etree.Element(word("footnotes"))
    for node in list(root.iter(*_NOTES)):
        _take_out(node)
        notes.append(node)
    return notes


def _take_out(node: etree._Element) -> None:
    """Remove an element and keep the text behind it, which an element of Word never has."""
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def _write_out_number(properties: etree._Element) -> None:
    """Write the number that the program printed before a paragraph of a list; the file states it beside the list."""
    paragraph = next(properties.iterancestors(PARAGRAPH), None)
    shown = child(properties, _NUMBER)
    text = shown.get(f"{_HINTS}val") if shown is not None else None
    if paragraph is not None and text and properties.getparent() is not paragraph:
        run = etree.Element(word("r"))
        etree.SubElement(run, word("t")).text = f"{text} " if text[-1:].isdigit() else text
        paragraph.insert(1, run)


def _parts(root: etree._Element, notes: etree._Element) -> Mapping[str, etree._Element | None]:
    return {"styles": child(root, word("styles")), "footnotes": notes}
