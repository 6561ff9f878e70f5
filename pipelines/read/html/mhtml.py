"""MHTML reader: a page saved as one file ("single file web page" in Word), which often bears the name .doc."""

import email
import email.policy
import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from email.message import Message

from pipelines.errors import DocumentError
from pipelines.read.html.reader import has_figures, read_html
from pipelines.read.html.site import ADDRESS
from pipelines.read.joined import append_document
from pipelines.read.model import Block, Document
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind, FileFormat

_MAX_BYTES = 24 * 2**20  # its parser takes thirty times that in memory where every line is short
_MAX_PARTS = 1_000  # pictures and style sheets among them
_MAX_HEADER = 16 * 2**10  # bytes of one header: its parameters take the parser the square of their number
_MOST_ATTACHED = 20
_FRAMES, _NAMED = b"<frame", b"filename"
# Of the pages that Office stores beside the document: its headers, and the tabs under a workbook.
_BESIDE = ("header", "tabstrip", "filelist")
_DAMAGE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


class _BoundedHeaders(email.policy.Compat32):
    """The usual way to read headers, which refuses one that is longer than any program writes."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Return the name and the value of a header.

        Raises:
            DocumentError: limit_exceeded.
        """
        if sum(map(len, sourcelines)) > _MAX_HEADER:
            raise DocumentError("limit_exceeded", f"a header of the MIME archive has more than {_MAX_HEADER} bytes")
        name, value = super().header_source_parse(sourcelines)
        return name, value


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of the archive: where it was, by what the frame of another page calls it, both empty where unknown."""

    place: str
    frame: bytes
    content: bytes


def read_mhtml(data: bytes, limits: ReadLimits) -> Document:
    """Return the page that a MIME archive holds, by Word, a browser or a portal's export; of frames all pages.

    Browsers store what `<iframe>` elements show beside their page: where that has no figures, they may be there.

    Args:
        data: The file's bytes.
        limits: Bounds on size and cells.

    Raises:
        DocumentError: broken_document, there is no page in it; limit_exceeded; what reading the page raises.
    """
    if len(data) > _MAX_BYTES:
        raise DocumentError("limit_exceeded", f"the MIME archive has {len(data)} bytes, more than {_MAX_BYTES}")
    pages = list(_pages(data))
    if not pages:
        return _read_only_attachment(data, limits)
    main = pages[0]
    document = read_html(main.content, limits)
    if not main.place and not has_figures(document) and _NAMED in data:  # a letter
        return _read_only_attachment(data, limits)
    if main.place.startswith("http"):
        document.blocks.insert(0, Block(BlockKind.METADATA, main.place, label=ADDRESS))
    for shown in _shown_in(main, pages[1:], document, limits):
        append_document(document, shown, limits)
    document.format = FileFormat.MHTML
    return document


def _read_only_attachment(data: bytes, limits: ReadLimits) -> Document:
    """Return the one document with figures that a mail carries, its own text among them.

    Raises:
        DocumentError: broken_document, there is none; several_reports, there are more.
    """
    from pipelines.read.readers import read_document  # which knows this reader as well

    limits = replace(limits, expanded_bytes=limits.expanded_bytes // 8, file_bytes=limits.file_bytes // 2)
    found = []
    for place, part in enumerate(_parts(data)):
        content = part.get_payload(decode=True)
        if place > _MOST_ATTACHED or not isinstance(content, bytes) or content == data:
            continue
        try:
            document = read_document(f"part {place} of the mail", content, limits)
        except DocumentError as error:
            if error.reason_code == "limit_exceeded":
                raise
            continue
        if has_figures(document):
            found.append(document)
    if len(found) > 1:
        message = f"the mail carries {len(found)} documents with figures; add them one by one"
        raise DocumentError("several_reports", message)
    if not found:
        message = "the MIME archive holds neither a page nor a document with figures; fetch the file again"
        raise DocumentError("broken_document", message)
    found[0].format = FileFormat.MHTML
    return found[0]


def _shown_in(main: _Page, others: Sequence[_Page], document: Document, limits: ReadLimits) -> list[Document]:
    """Return the pages that a page shows in frames: of a frameset all, else the one that holds the figures it lacks.

    Frames beside a report hold menus and other reports, and of two reports in frames none is the page's own.
    """
    if _has_frames(main.content):
        names = ((posixpath.basename(page.place).lower(), page) for page in others)
        return [read_html(page.content, limits) for name, page in names if not name.startswith(_BESIDE)]
    called = [page for page in others if page.frame and b"cid:" + page.frame in main.content]
    if not called or has_figures(document):
        return []
    shown = [read_html(page.content, limits) for page in called]
    filled = [page for page in shown if has_figures(page)]
    return filled if len(filled) == 1 else []


def _has_frames(page: bytes) -> bool:
    return _FRAMES in page.lower()


def _pages(data: bytes) -> Iterator[_Page]:
    """Yield each page, the main one first, as the format has it.

    Raises:
        DocumentError: broken_document or limit_exceeded.
    """
    try:
        parts = _parts(data)
        for part in parts:
            content = part.get_payload(decode=True)
            if part.get_content_type() == "text/html" and isinstance(content, bytes):
                place = str(part.get("Content-Location") or "").replace("\\", "/")
                frame = str(part.get("Content-ID") or "").strip("<> ").encode()
                yield _Page(place, frame, content)
    except _DAMAGE as error:
        message = f"the MIME archive is damaged ({type(error).__name__}: {error}); fetch the file again"
        raise DocumentError("broken_document", message) from error


def _parts(data: bytes) -> list[Message]:
    parts = []
    for part in email.message_from_bytes(data.lstrip(), policy=_BoundedHeaders()).walk():
        parts.append(part)
        if len(parts) > _MAX_PARTS:
            raise DocumentError("limit_exceeded", f"the MIME archive holds more than {_MAX_PARTS} parts")
    return parts
