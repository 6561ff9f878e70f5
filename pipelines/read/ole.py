"""OLE compound files: which program's document one holds, told from the names in its directory."""

import struct
from typing import TYPE_CHECKING

from pipelines.errors import DocumentError

if TYPE_CHECKING:
    from doc2docx.cfb import CompoundFile

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage"
_MAX_ENTRIES = 20_000
_DAMAGE = (ValueError, LookupError, ArithmeticError, struct.error)


def is_ole(data: bytes) -> bool:
    """Tell whether the bytes begin as an OLE compound file.

    >>> is_ole(b"PK")
    False
    """
    return data.startswith(_MAGIC)


def refuse_encrypted_package(data: bytes) -> None:
    """Refuse an OOXML document with a password, which Office wraps into an OLE file.

    Raises:
        DocumentError: password_protected.
    """
    # The name stands in the directory as UTF-16; a search of the bytes also finds it where the directory is damaged.
    if is_ole(data) and _ENCRYPTED_PACKAGE.encode("utf-16-le") in data:
        raise DocumentError("password_protected", "the document is encrypted; ask for a copy without a password")


def stream_names(data: bytes) -> frozenset[str]:
    """Return the names of all streams of an OLE file.

    Raises:
        DocumentError: broken_document, its directory cannot be read.
    """
    return frozenset(entry.name for entry in _open(data).entries)


def read_stream(data: bytes, name: str) -> bytes:
    """Return one stream of an OLE file.

    Raises:
        DocumentError: broken_document, the stream or its sectors cannot be read.
    """
    from doc2docx.errors import Doc2DocxError

    try:
        return bytes(_open(data).open_stream(name))
    except (Doc2DocxError, *_DAMAGE) as error:
        raise DocumentError("broken_document", f"the OLE stream {name!r} cannot be read ({error})") from error


def _open(data: bytes) -> "CompoundFile":
    from doc2docx.cfb import CompoundFile, CompoundFileLimits
    from doc2docx.errors import Doc2DocxError

    try:
        return CompoundFile(data, limits=CompoundFileLimits(max_directory_entries=_MAX_ENTRIES))
    except (Doc2DocxError, *_DAMAGE) as error:
        message = f"the OLE directory cannot be read ({error}); fetch the file again"
        raise DocumentError("broken_document", message) from error
