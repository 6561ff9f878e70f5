"""Records of a binary workbook, [MS-XLS] 2.1.4, and the texts and numbers that they pack."""

import struct
from collections.abc import Iterator

from pipelines.errors import DocumentError

BOF, EOF, _CONTINUE = 0x0809, 0x000A, 0x003C
Runs = list[tuple[int, int]]  # where a font begins in a text, and its number
Record = tuple[int, list[bytes]]  # kind, and its bytes in the segments that CONTINUE records make


def read_records(stream: bytes, offset: int) -> Iterator[Record]:
    """Yield the records of the substream at `offset`, without those of charts embedded in it.

    Raises:
        DocumentError: broken_document, the substream is cut.
    """
    depth = 0
    pending: Record | None = None
    while offset + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, offset)
        payload = stream[offset + 4 : offset + 4 + length]
        offset += 4 + length
        if len(payload) < length:
            break
        if kind == _CONTINUE and pending is not None:
            pending[1].append(payload)
            continue
        if pending is not None:
            yield pending
            pending = None
        depth += (kind == BOF) - (kind == EOF)
        if depth <= 0:
            return
        if depth == 1:
            pending = kind, [payload]
    raise DocumentError("broken_document", "the workbook ends in the middle of a sheet; fetch the file again")


class TextCursor:
    """A cursor over the segments of one record, for strings that run across them."""

    def __init__(self, segments: list[bytes], offset: int) -> None:
        self._segments = segments
        self._number = 0
        self._offset = offset

    def is_done(self) -> bool:
        """Tell whether nothing is left."""
        self._advance()
        return self._offset >= len(self._segments[self._number])

    def string(self) -> tuple[str, Runs]:
        """Return the XLUnicodeRichExtendedString at the cursor and move behind it ([MS-XLS] 2.5.293)."""
        count, flags = struct.unpack("<HB", self._take(3))
        runs = struct.unpack("<H", self._take(2))[0] if flags & 0x8 else 0
        extra = struct.unpack("<I", self._take(4))[0] if flags & 0x4 else 0
        text = self._characters(count, flags)
        fonts = list(struct.iter_unpack("<HH", self._take(4 * runs)))
        self._take(extra)
        return text, fonts

    def characters(self, count: int, flags_offset: int) -> str:
        """Return a short string whose flags stand at `flags_offset` of the first segment."""
        self._offset = flags_offset + 1
        return self._characters(count, self._segments[0][flags_offset])

    def _characters(self, count: int, flags: int) -> str:
        parts = []
        while count:
            segment = self._segments[self._number]
            width = 2 if flags & 1 else 1
            available = min(count, (len(segment) - self._offset) // width)
            raw = segment[self._offset : self._offset + available * width]
            parts.append(raw.decode("utf-16-le" if width == 2 else "latin-1"))
            self._offset += available * width
            count -= available
            if count:  # the next segment states anew how wide its characters are
                self._number += 1
                flags, self._offset = self._segments[self._number][0], 1
        return "".join(parts)

    def _take(self, count: int) -> bytes:
        taken = b""
        while len(taken) < count:
            self._advance()
            segment = self._segments[self._number]
            piece = segment[self._offset : self._offset + count - len(taken)]
            if not piece:
                raise IndexError("a string runs past the end of its record")
            taken += piece
            self._offset += len(piece)
        return taken

    def _advance(self) -> None:
        while self._offset >= len(self._segments[self._number]) and self._number + 1 < len(self._segments):
            self._number, self._offset = self._number + 1, 0


def unpack_number(packed: int) -> float:
    """Return the number in an RK value: 30 bits of an integer or of a double, perhaps in hundredths.

    >>> unpack_number(0x0000000E), unpack_number(0x3FF00000)
    (3, 1.0)
    """
    number: float
    if packed & 2:
        number = (packed >> 2) - (1 << 30 if packed & 0x8000_0000 else 0)
    else:
        (number,) = struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFF_FFFC) << 32))
    return number / 100 if packed & 1 else number
