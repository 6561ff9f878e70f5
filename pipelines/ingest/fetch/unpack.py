"""Bodies unpacked piece by piece within a bound, so that a small answer cannot become a large one in memory."""

import zlib
from collections.abc import Iterable, Iterator

from pipelines.errors import FetchError
from schemas.vocabulary import FetchReason

ACCEPTED = "gzip, deflate"

_PIECE_BYTES = 2**20
_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


def read_body(chunks: Iterable[bytes], encoding: str, most_bytes: int) -> bytes:
    """Return a body without its content encoding.

    Args:
        chunks: As they came.
        encoding: The header Content-Encoding; empty for none.
        most_bytes: Largest body, once unpacked. Reading stops there, whatever else would come.

    Raises:
        FetchError: too_large or broken_encoding.

    >>> read_body([b"ab", b"c"], "", 3)
    b'abc'
    """
    body = bytearray()
    for piece in _unpack(chunks, encoding.strip().lower()):
        body += piece
        if len(body) > most_bytes:
            raise too_large(most_bytes)
    return bytes(body)


def too_large(most_bytes: int) -> FetchError:
    """Return the failure of an answer beyond the limit."""
    return FetchError(FetchReason.TOO_LARGE, f"more than {most_bytes:,} bytes; the answer was cut off and dropped")


def _unpack(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    if encoding in ("", "identity"):
        yield from chunks
        return
    if encoding not in _WINDOW_BITS:
        raise FetchError(
            FetchReason.BROKEN_ENCODING, f"the answer is encoded as {encoding!r}, and only {ACCEPTED} was asked for"
        )
    try:
        yield from _inflate(chunks, _WINDOW_BITS[encoding])
    except zlib.error as error:
        raise FetchError(FetchReason.BROKEN_ENCODING, f"the answer is no {encoding} ({error})") from error


def _inflate(chunks: Iterable[bytes], window_bits: int) -> Iterator[bytes]:
    unpacker = None
    for chunk in chunks:
        if unpacker is None:
            unpacker = zlib.decompressobj(_raw_or(window_bits, chunk))
        pending = chunk
        while pending and not unpacker.eof:
            yield unpacker.decompress(pending, _PIECE_BYTES)
            pending = unpacker.unconsumed_tail
    if unpacker is not None:
        if not unpacker.eof:
            raise FetchError(FetchReason.BROKEN_ENCODING, "the packed answer ends in the middle")
        yield unpacker.flush()


def _raw_or(window_bits: int, chunk: bytes) -> int:
    """Return the window for a first chunk: some servers send deflate without the header that zlib expects."""
    is_headless = window_bits == 15 and (len(chunk) < 2 or chunk[0] & 15 != 8 or int.from_bytes(chunk[:2], "big") % 31)
    return -15 if is_headless else window_bits
