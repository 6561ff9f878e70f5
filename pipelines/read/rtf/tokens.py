r"""RTF as tokens and its characters: control words, bytes in the code page of a font, UTF-16 units with a substitute.

What a Chinese program writes as bytes is GBK whatever the file says: `\ansicpg1252` and `\fcharset0` stand over it as
often as not, because Word chooses the font of a byte pair by `\dbch`. So a run of high bytes is first read as one of
the two-byte encodings that the file names, and in a Western one only where it is none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.errors import DocumentError

_TOKEN = re.compile(
    rb"\\(?:([a-zA-Z]{1,32})(-?[0-9]{1,10})?[ ]?|'([0-9a-fA-F]{2})|([\s\S]))|([{}])|([^\\{}]+)|\\", re.DOTALL
)
_MAX_TOKENS = 2_000_000  # a report of 1 MB has 200,000
_CHARSETS = {128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5hkscs", 204: "cp1251", 238: "cp1250"}
_CODE_PAGES = {932: "cp932", 936: "gb18030", 949: "cp949", 950: "big5hkscs", 54936: "gb18030", 65001: "utf-8"}
_TWO_BYTES = frozenset({"cp932", "cp949", "gb18030", "big5hkscs", "utf-8"})
_WESTERN = "cp1252"

# A control word or symbol, or "{" and "}", with its number; an empty name and the bytes of text.
Token = tuple[str, int | None, bytes]


def read_tokens(data: bytes) -> Iterator[Token]:
    r"""Yield the tokens of RTF; the raw bytes behind a `\bin` are passed over.

    Raises:
        DocumentError: limit_exceeded, the file has more of them than any report.

    >>> [name or text for name, _, text in read_tokens(b"{\\b1 x\\'d5\\bin2 }}{\\par}")]
    ['{', 'b', b'x', b'\xd5', 'bin', '{', 'par', '}']
    """
    at, end, count = 0, len(data), 0
    while at < end and (match := _TOKEN.match(data, at)) is not None:
        count += 1
        if count > _MAX_TOKENS:
            raise DocumentError("limit_exceeded", f"the RTF has more than {_MAX_TOKENS} control words and texts")
        at = match.end()
        name, number, code, symbol, brace, text = match.groups()
        if text is not None:
            yield "", None, text.translate(None, b"\r\n\0")
        elif name is not None:
            value = int(number) if number else None
            if name == b"bin" and value is not None and value > 0:
                at += value
            yield name.decode("ascii"), value, b""
        elif code is not None:
            yield "", None, bytes.fromhex(code.decode("ascii"))
        elif brace is not None:
            yield brace.decode("ascii"), None, b""
        elif symbol is not None:
            yield symbol.decode("latin-1"), None, b""


@dataclass(slots=True)
class Charsets:
    """Which encoding the bytes of each font are in.

    Attributes:
        fonts: Encoding by number of the font, None where the font says nothing.
        document: Encoding of the file as a whole.
    """

    fonts: dict[int, str | None] = field(default_factory=dict)
    document: str = _WESTERN

    def set_code_page(self, number: int | None) -> None:
        """Take the code page that the file states."""
        self.document = _CODE_PAGES.get(number or 0, _WESTERN)

    def set_font(self, font: int, *, charset: int | None = None, code_page: int | None = None) -> None:
        """Take what the font table says of a font."""
        encoding = _CHARSETS.get(charset) if charset is not None else _CODE_PAGES.get(code_page or 0)
        self.fonts[font] = encoding or self.fonts.get(font)

    def decode(self, data: bytes, font: int | None, wide_font: int | None) -> str:
        r"""Return the characters of a run of bytes.

        Args:
            data: Bytes as the file writes them, as hexadecimal numbers or raw.
            font: The run's font.
            wide_font: The font that the run names for characters of two bytes.

        >>> Charsets().decode("规章".encode("gbk"), None, None)
        '规章'
        >>> Charsets().decode(b"caf\xe9", None, None)
        'café'
        """
        if data.isascii():
            return data.decode("ascii")
        stated = [self.fonts.get(font or 0), self.fonts.get(wide_font or 0), self.document]
        wide = [encoding for encoding in stated if encoding in _TWO_BYTES]
        narrow = [encoding for encoding in stated if encoding is not None and encoding not in _TWO_BYTES]
        # Without a word of Chinese in the file bytes are Western, unless they are pairs throughout.
        guessed = ["gb18030"] if _is_paired(data) else []
        for encoding in (*wide, *guessed, *narrow):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                continue
        return data.decode((*wide, *narrow)[0], errors="replace")


def _is_paired(data: bytes) -> bool:
    try:
        text = data.decode("gb2312")
    except UnicodeDecodeError:
        return False
    return bool(text)
