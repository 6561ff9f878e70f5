"""DOC reader: Word 97-2003 and WPS documents, converted to DOCX and read as such."""

import struct
import tempfile
from functools import cache
from pathlib import Path

from pipelines.errors import DocumentError
from pipelines.read.model import Document
from pipelines.read.ole import is_ole, refuse_encrypted_package, stream_names
from pipelines.read.word.docx import read_docx
from pipelines.settings import ReadLimits
from schemas.vocabulary import FileFormat

# What a parser of a damaged binary raises besides its own errors; anything else is a bug and must show.
_DAMAGE = (
    ValueError,
    LookupError,
    ArithmeticError,
    TypeError,
    AttributeError,
    struct.error,
    RecursionError,
    MemoryError,
)
_WORD_STREAM = "WordDocument"
_PADDED = "ends with a truncated Sprm"
_ENCRYPTED = "the document is encrypted; ask for a copy without a password"
_SPREADSHEETS = frozenset({"Workbook", "Book"})


def read_doc(data: bytes, limits: ReadLimits) -> Document:
    """Return a binary Word document as laid out; .wps files of WPS Office are the same container.

    The converter is pure Python and keeps the grid exactly; its output passes the DOCX reader, which also drops the
    sliver columns that dragged borders leave.

    Args:
        data: The file's bytes.
        limits: Bounds on size, cells and spans.

    Raises:
        DocumentError: unsupported_format, an OLE file that is no Word document; password_protected; broken_document;
            limit_exceeded.
    """
    if not is_ole(data):
        raise DocumentError("broken_document", "the file is no OLE document; its extension may be wrong")
    limits.refuse_large(data)
    refuse_encrypted_package(data)
    names = stream_names(data)
    if _WORD_STREAM not in names:
        kind = "a spreadsheet" if names & _SPREADSHEETS else "no Word document"
        raise DocumentError("unsupported_format", f"the OLE file is {kind}; its streams are {sorted(names)[:8]}")
    document = read_docx(_convert(data, limits), limits)
    document.format = FileFormat.DOC
    return document


def _convert(data: bytes, limits: ReadLimits) -> bytes:
    """Return the document as DOCX. The converter knows files only, so the bytes pass through a temporary folder."""
    from doc2docx import convert
    from doc2docx.cfb import CompoundFileLimits
    from doc2docx.errors import Doc2DocxError, EncryptedDocumentError

    _accept_padding()
    bounds = CompoundFileLimits(limits.file_bytes, limits.expanded_bytes)
    with tempfile.TemporaryDirectory(prefix="gongkai-") as folder:
        source, target = Path(folder, "document.doc"), Path(folder, "document.docx")
        source.write_bytes(data)
        try:
            convert(source, target, limits=bounds)
        except EncryptedDocumentError as error:
            raise DocumentError("password_protected", _ENCRYPTED) from error
        except (Doc2DocxError, *_DAMAGE) as error:
            message = f"the Word document is damaged ({type(error).__name__}: {error}); fetch the file again"
            raise DocumentError("broken_document", message) from error
        return target.read_bytes()


@cache
def _accept_padding() -> None:
    """Make the converter pass over the padding of a paragraph's properties whatever its value is.

    They are stored in words, so a list of odd length ends in one byte more, of which MS-DOC says nothing. Word leaves a
    zero there, and the converter expects one; LibreOffice leaves what stood there before.
    """
    from doc2docx.errors import InvalidWordDocument
    from doc2docx.msdoc import formatting

    parse_list = formatting.parse_grpprl

    def parse_padded(data: bytes, **options: object) -> object:
        try:
            return parse_list(data, **options)
        except InvalidWordDocument as error:
            if _PADDED not in str(error):
                raise
            return parse_list(data[:-1], **options)

    formatting.parse_grpprl = parse_padded
