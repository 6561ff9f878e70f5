"""Documents within a Word document: the chunks (`w:altChunk`) that Word itself shows in their places, and other things.

Programs that turn pages into Word documents embed the page as a chunk and leave the rest to Word. Sheets embedded as
objects show a picture of themselves, which may be older than they are; they are named and not opened. So are tables in
headers and footers.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from lxml import etree

from pipelines.ingest.zipsafe import SafeZip
from pipelines.read.detect import detect_format
from pipelines.read.model import Document, Notice
from pipelines.read.word.markup import word
from pipelines.read.xmlsafe import parse_xml
from pipelines.settings import ReadLimits
from schemas.vocabulary import FileFormat

ALT_CHUNK = word("altChunk")
_BINDING = word("dataBinding")
# What Word holds of a document itself and fields may be bound to: core, extended and cover page properties.
_BUILT_IN_STORES = frozenset(
    {
        "{6C3C8BC8-F283-45AE-878A-BAB7291924A1}",
        "{6668398D-A668-4E3E-A5EB-62B293D839F1}",
        "{55AF091B-3C7A-41E3-B477-F2FDAA23CFDA}",
    }
)
_CHUNK_TYPE = "/aFChunk"  # end of the relationship type, transitional and strict alike
_CELL = re.compile(rb"<w:tc[\s>]")
_LEAST_CELLS = 20  # of a table in a header that may be one of the report's; letterheads have fewer
_READ = frozenset({FileFormat.HTML, FileFormat.MHTML, FileFormat.TEXT, FileFormat.DOCX, FileFormat.RTF})


def find_chunks(package: SafeZip, part: str) -> dict[str, bytes]:
    """Return the embedded documents that a part refers to, by the identifiers of its relationships."""
    folder, _, name = part.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels"
    if not package.has(relations):
        return {}
    found = {}
    for relation in parse_xml(package.read(relations), relations):
        target = relation.get("Target") or ""
        path = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
        if (relation.get("Type") or "").endswith(_CHUNK_TYPE) and package.has(path):
            found[relation.get("Id") or ""] = package.read(path)
    return found


def read_chunk(node: etree._Element, chunks: Mapping[str, bytes], limits: ReadLimits) -> Document | None:
    """Return the document that a chunk embeds, None where it is missing or of a container that Word does not embed.

    Each level of chunks within chunks has an eighth of the room of the one around it: programs nest none.

    Raises:
        DocumentError: What reading it raises.
    """
    names = (str(value) for name, value in node.attrib.items() if str(name).endswith("}id"))
    data = next((chunks[name] for name in names if name in chunks), None)
    file_format = detect_format("chunk", data) if data is not None else FileFormat.UNKNOWN
    if data is None or file_format not in _READ:
        return None
    from pipelines.read.readers import load_reader  # which knows this reader as well

    limits = replace(limits, expanded_bytes=limits.expanded_bytes // 8)
    return load_reader(file_format)(data, limits)


def cut_loose_bindings(root: etree._Element, package: SafeZip) -> None:
    """Take away what binds fields to a part that the package does not hold: Word then shows their own content."""
    held = b"".join(package.read(name) for name in package.names if "itemprops" in name.lower()).upper()
    for binding in list(root.iter(_BINDING)):
        store = (binding.get(word("storeItemID")) or "").upper()
        parent = binding.getparent()
        if parent is not None and store and store not in _BUILT_IN_STORES and store.encode() not in held:
            parent.remove(binding)


def note_embedded(root: etree._Element, document: Document, unread_chunks: int) -> None:
    """Note what the document embeds and this reader does not open: a sheet pasted as an object, another file's body."""
    objects = sum(1 for _ in root.iter(word("object")))
    for count, what in ((objects, "an embedded object"), (unread_chunks, "an embedded document")):
        if count:
            message = f"{what} ({count}) is not read; where it holds a table, save the document with the table as text"
            document.notices.append(Notice("unsupported_format", message))


def note_margins(package: SafeZip, folder: str, document: Document) -> None:
    """Note tables in headers and footers, which repeat on every page and are no part of the text."""
    for name in package.names:
        base = name.rpartition("/")[2]
        is_margin = name.startswith(folder) and base.startswith(("header", "footer")) and base.endswith(".xml")
        if is_margin and len(_CELL.findall(package.read(name))) >= _LEAST_CELLS:
            message = f"{base} holds a table; headers and footers are not read, so move it into the text"
            document.notices.append(Notice("unsupported_format", message))
