"""Files that are packed with gzip: pages kept as a server sent them, and documents packed one by one."""

import zlib

from pipelines.errors import DocumentError
from pipelines.settings import ReadLimits

_MAGIC = b"\x1f\x8b\x08"
_GZIP_WINDOW = 31  # bits, with the header of gzip


def is_gzip(data: bytes) -> bool:
    """Tell whether a file is packed with gzip."""
    return data.startswith(_MAGIC)


def unpack_gzip(data: bytes, limits: ReadLimits) -> bytes:
    """Return what one gzip member holds.

    Raises:
        DocumentError: broken_document (cut, damaged, or several members) or limit_exceeded.

    >>> import gzip
    >>> unpack_gzip(gzip.compress(b"report"), ReadLimits())
    b'report'
    """
    inflater = zlib.decompressobj(_GZIP_WINDOW)
    try:
        content = inflater.decompress(data, limits.file_bytes + 1)
    except zlib.error as error:
        raise DocumentError("broken_document", f"the gzip file is damaged ({error}); fetch it again") from error
    if len(content) > limits.file_bytes:
        raise DocumentError("limit_exceeded", f"the gzip file holds more than {limits.file_bytes} bytes")
    if not inflater.eof or inflater.unused_data.strip(b"\0"):
        raise DocumentError("broken_document", "the gzip file is cut or holds several; unpack it and add what it holds")
    return content
