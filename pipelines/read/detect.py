"""Which container a file is, told by its bytes: names lie, and so do the content types that web servers state."""

import codecs
import io
import re
import struct
import zipfile

from pipelines.errors import DocumentError
from pipelines.read.encoding import wide_encoding
from pipelines.read.ole import is_ole
from pipelines.read.open_document import is_flat, is_flat_workbook
from schemas.vocabulary import FileFormat

_HEAD_BYTES = 64 * 1024
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_IMAGE_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*")
_RTF_MAGIC = b"{\\rtf"
_MHTML_HEAD = re.compile(rb"\s*(?:[a-z]+-)*[a-z]+:", re.IGNORECASE)
_MHTML_VERSION = re.compile(rb"^MIME-Version:", re.IGNORECASE | re.MULTILINE)
_MHTML_TYPE = re.compile(rb"^Content-Type:\s*(?:multipart/|text/(?:html|plain))", re.IGNORECASE | re.MULTILINE)
_WORD_XML = re.compile(rb"(?:\s|<!--.*?-->|<\?[^>]*>)*+<(?:w:wordDocument|pkg:package)\s", re.DOTALL)
_SHEET_XML = re.compile(
    rb"(?:\s|<!--.*?-->|<\?[^>]*>)*+<(?:\w+:)?Workbook\s[^>]*urn:schemas-microsoft-com:office:spreadsheet", re.DOTALL
)
# Containers made of printable bytes among them, which would pass for text and load as nonsense, and what to do.
_UNREAD = (
    (re.compile(rb"Rar!\x1a\x07"), "a RAR archive: unpack it and add what it holds"),
    (re.compile(rb"7z\xbc\xaf\x27\x1c"), "a 7z archive: unpack it and add what it holds"),
    (re.compile(rb"\x1f\x8b"), "a gzip file: unpack it and add what it holds"),
    (re.compile(rb"(?s:.{257})ustar"), "a tar archive: unpack it and add what it holds"),
    (re.compile(rb"%!PS"), "PostScript: ask for a PDF"),
    (re.compile(rb"wOFF"), "a font"),
    (re.compile(rb"MIME-Version:"), "a mail without a page in it: add what is attached to it"),
    (
        re.compile(rb"\xd0\xcf\x11\xe0"),
        "an OLE file with no document of Word or Excel in it, such as a mail",
    ),
    (re.compile(rb"(?s:.{0,2000})<uof:UOF\b"), "a UOF document: open it in WPS and save it as .docx"),
    (
        re.compile(rb"(?s:.{0,2000})(?:<\?mso-application|<(?:svg|rss|feed|urlset)\b)", re.IGNORECASE),
        "XML of another use",
    ),
)
# OpenDocument begins with a member that states its kind, uncompressed; what lacks it is told by the archive's reader.
_LOCAL_HEADER = 30
_ODT = re.compile(rb"mimetype(?s:.{0,99}?)application/vnd\.oasis\.opendocument\.text")
_MEMBERS = (("word/document.xml", FileFormat.DOCX), ("xl/workbook.", FileFormat.XLSX), ("ofd.xml", FileFormat.OFD))
_ZIP_DAMAGE = (zipfile.BadZipFile, struct.error, OSError, NotImplementedError, ValueError, OverflowError, EOFError)
_STREAMS = (("WordDocument", FileFormat.DOC), ("Workbook", FileFormat.XLS), ("Book", FileFormat.XLS))
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b"))
_MAX_CONTROL_SHARE = 0.005
_LEADING = re.compile(rb"(?:\s|<!--.*?-->|<\?xml[^>]*>)*", re.DOTALL)
# Markdown may quote a <table> or a conditional comment of Word and stay text; a page has a skeleton or paragraphs.
_LEADING_TAG = re.compile(rb"<(?:!doctype\s+html|[a-z][a-z0-9]*[\s/>])", re.IGNORECASE)
_SKELETON = re.compile(rb"<(?:!doctype\s+html|html|head|body|div|p|span)[\s/>]", re.IGNORECASE)
# Of Markdown that sets its cells in tags of no other meaning; what may hide text or lay it out is for a page's reader.
_PIPE_RULE = re.compile(rb"\| ?:?-{3,20}:? ?\|")
_MAY_BE_PAGE = re.compile(
    rb"<(?:!doctype|html|head|body|style|script|t[dr]|input)[\s>]|display|visib|opacity|colou?r|hidden|position|class=",
    re.IGNORECASE,
)


def detect_format(name: str, data: bytes) -> FileFormat:
    r"""Return the container that `data` is in; `name` only serves the message of an error.

    Args:
        name: The file's name, believed in nothing: a PNG called report.html is an image.
        data: The whole file: what a ZIP file holds is listed at its end.

    Raises:
        DocumentError: password_protected, where the container says so before any reader opens it.

    >>> detect_format("report.html", b"\x89PNG\r\n\x1a\n....").value
    'image'
    >>> detect_format("report.doc", "<p>一、总体情况</p>".encode()).value
    'html'
    """
    if data.startswith(_ZIP_MAGIC):
        return _detect_zip(data)
    if is_ole(data):
        return _detect_ole(name, data)
    if b"%PDF-" in data[:1024]:
        return FileFormat.PDF
    if _is_image(data):
        return FileFormat.IMAGE
    if data[:1024].lstrip().startswith(_RTF_MAGIC):
        return FileFormat.RTF
    if (kind := _detect_xml(data)) is not None:
        return kind
    if _is_mhtml(data[:_HEAD_BYTES]):
        return FileFormat.MHTML
    return _detect_text(data)


def _detect_xml(data: bytes) -> FileFormat | None:
    if _WORD_XML.match(data[:_HEAD_BYTES].removeprefix(codecs.BOM_UTF8)):
        return FileFormat.WORD_XML
    if is_flat(data):
        return FileFormat.XLSX if is_flat_workbook(data) else FileFormat.ODT
    return FileFormat.XLS if is_sheet_xml(data) else None


def is_sheet_xml(data: bytes) -> bool:
    """Tell whether a file is a workbook as one XML file of Excel 2003, which exports like to call .xls."""
    return _SHEET_XML.match(data[:_HEAD_BYTES].removeprefix(codecs.BOM_UTF8)) is not None


def describe_unread(data: bytes) -> str | None:
    """Return in plain words what a file is that no reader reads, None where it is nothing known.

    >>> describe_unread(b"%!PS-Adobe-3.0")
    'PostScript: ask for a PDF'
    """
    head = data[:_HEAD_BYTES].removeprefix(codecs.BOM_UTF8)
    if head.startswith(b"<") and _SKELETON.search(head):
        return None
    return next((words for pattern, words in _UNREAD if pattern.match(head)), None)


def _is_mhtml(head: bytes) -> bool:
    is_mail = _MHTML_HEAD.match(head) and _MHTML_VERSION.search(head, 0, 4096)
    return bool(is_mail and _MHTML_TYPE.search(head))


def _is_image(data: bytes) -> bool:
    """BMP's magic is two letters that begin many a text, so the size in its header must fit as well."""
    is_bitmap = data[:2] == b"BM" and len(data) > 26 and data[6:10] == b"\0\0\0\0"
    is_webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return data.startswith(_IMAGE_MAGIC) or is_bitmap or is_webp


def _detect_zip(data: bytes) -> FileFormat:
    if _ODT.match(data, _LOCAL_HEADER):
        return FileFormat.ODT
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [member.lower() for member in archive.namelist()]
    except _ZIP_DAMAGE:
        # Its directory is damaged: member names stand in the local headers as well, and the reader says what is broken.
        folded = data.lower()
        return next((kind for member, kind in _MEMBERS if member.encode() in folded), FileFormat.ZIP)
    for expected, kind in _MEMBERS:
        if any(member.replace("\\", "/").lstrip("/").startswith(expected) for member in members):
            return kind
    return FileFormat.ZIP


def _detect_ole(name: str, data: bytes) -> FileFormat:
    """Tell Word from Excel by the stream that comes first in the directory: either may hold the other as an object."""
    directory = data[_ole_directory_offset(data) :]
    if _stream_name("EncryptedPackage") in directory:
        raise DocumentError(
            "password_protected", f"{name} is an encrypted Office document: ask for one without password"
        )
    places = [(directory.find(_stream_name(stream)), kind) for stream, kind in _STREAMS]
    found = [(place, kind) for place, kind in places if place >= 0]
    return min(found, key=lambda entry: entry[0])[1] if found else FileFormat.UNKNOWN


def _ole_directory_offset(data: bytes) -> int:
    if len(data) < 512:
        return 0
    (shift,), (sector,) = struct.unpack_from("<H", data, 30), struct.unpack_from("<I", data, 48)
    offset = (sector + 1) << shift if shift in (9, 12) else 0
    return int(offset) if offset < len(data) else 0


def _stream_name(name: str) -> bytes:
    return name.encode("utf-16-le") + b"\0\0"


def _detect_text(data: bytes) -> FileFormat:
    if not data or describe_unread(data):
        return FileFormat.UNKNOWN
    wide = wide_encoding(data)
    if wide is not None:
        head = data[: _HEAD_BYTES & ~3].decode(wide, errors="replace").removeprefix("\ufeff").encode()
    else:
        head = data[:_HEAD_BYTES].removeprefix(codecs.BOM_UTF8)
        if b"\0" in data:
            return FileFormat.UNKNOWN
    if len(head) - len(head.translate(None, _CONTROLS)) > _MAX_CONTROL_SHARE * len(head):
        return FileFormat.UNKNOWN
    return FileFormat.HTML if _is_html(head) else FileFormat.TEXT


def _is_html(head: bytes) -> bool:
    leading = _LEADING.match(head)
    start = leading.end() if leading else 0
    is_tagged = bool(_LEADING_TAG.match(head, start) or _SKELETON.search(head))
    return is_tagged and not (b"|" in head and _PIPE_RULE.search(head) and not _MAY_BE_PAGE.search(head))
