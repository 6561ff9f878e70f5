"""Bytes of a text container to characters, without ever altering a figure.

What a page declares is the least reliable witness (GB2312 stands over UTF-8 bytes and the reverse), and GB18030 takes
almost any bytes, Big5 among them. So strict UTF-8 is tried first, because text in another encoding practically never is
valid UTF-8; among the others the text itself decides, by how common its characters are.
"""

import codecs
import re
from dataclasses import dataclass
from functools import cache

from pipelines.errors import DocumentError
from pipelines.read.model import Notice

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]+)",
    re.IGNORECASE,
)
_DECLARED_WITHIN = 4096  # the HTML standard looks at 1024 bytes; portals put scripts before their meta
# The encodings whose declaration is worth a try, as their supersets. A declared Latin-1 would accept any bytes, and a
# page that can declare UTF-16 in ASCII letters is not UTF-16.
_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "big5hkscs": "big5hkscs",
}
_DIGITS = b"0123456789"
_LEAD = 0xC2  # the first byte that begins a character of more than one in UTF-8
_BROKEN = "\ufffd"
_BROKEN_FIGURE = re.compile(r"[0-9].{0,3}\ufffd|\ufffd.{0,3}[0-9]", re.DOTALL)
_UNSEEN = frozenset("\u00a0\u00ad\u200b\u200c\u200d\u2060\ufeff")  # stand between characters of any language


@dataclass(frozen=True, slots=True)
class EncodingLimits:
    """How sure a decoding must be.

    Attributes:
        sample: Characters of more than one byte that are judged.
        plausible: Least share of common characters in text that is taken for Big5.
        implausible: Share of common characters below which GB18030 is doubted.
        ideographs: Fewest in text that is taken for UTF-16 though no mark says so.
        broken_bytes: Most broken places that are replaced.
        broken_share: Most broken places for a byte of the file.
        whole_per_broken: Fewest characters of UTF-8 for each byte of another encoding among them.
        figure_distance: Bytes around a broken place that must hold no digit: a damaged GB18030 pair can swallow one.
    """

    sample: int = 20_000
    plausible: float = 0.85
    implausible: float = 0.75
    ideographs: int = 10
    broken_bytes: int = 20
    broken_share: float = 1 / 1000
    figure_distance: int = 4
    whole_per_broken: int = 20


_LIMITS = EncodingLimits()


@dataclass(frozen=True, slots=True)
class DecodedText:
    """Characters, the encoding they were read in, and what had to be replaced."""

    text: str
    encoding: str
    notices: tuple[Notice, ...] = ()


def decode_text(data: bytes) -> DecodedText:
    """Return the characters of `data`.

    A byte order mark is believed; then strict UTF-8, then what the document declares and GB18030 and Big5, strictly and
    judged by their characters; at last the first of these with its few broken bytes replaced, if no figure is near.

    Raises:
        DocumentError: undecodable_text.

    >>> decode_text("规章 3 件".encode("gb2312")).encoding
    'gb18030'
    >>> decode_text(b'<meta charset="gb2312">' + "规章".encode()).text[-2:]
    '规章'
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decode_strictly(data[len(mark) :], (encoding,))
    wide = wide_encoding(data)
    if wide is not None:
        return _decode_strictly(data, (wide,))
    try:
        return DecodedText(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        if (mixed := _decode_mixed(data, error.start)) is not None:
            return mixed
        declared = declared_encoding(data)
    candidates = tuple(dict.fromkeys([*([declared] if declared else []), "gb18030", "big5hkscs"]))
    return _decode_strictly(data, candidates)


def wide_encoding(data: bytes) -> str | None:
    r"""Return the encoding of text of two or four bytes a character, None where the bytes are none for sure.

    A byte order mark says so. Without one text in Chinese gives itself away: zero bytes beside its line ends and
    digits, and common characters in one byte order that are no characters, or rare ones, in the other.

    >>> wide_encoding("一、政府信息公开工作总体情况\n规章 3".encode("utf-16-le"))
    'utf-16-le'
    >>> wide_encoding(b"a\0b\0c\0") is None, wide_encoding("规章".encode("utf-16"))
    (True, 'utf-16-le')
    """
    for mark, encoding in _BOMS[1:]:
        if data.startswith(mark):
            return encoding
    if b"\0" not in data or len(data) % 2:
        return None
    fitting = [encoding for encoding in ("utf-16-le", "utf-16-be") if _is_chinese(data, encoding)]
    return fitting[0] if len(fitting) == 1 else None


def _is_chinese(data: bytes, encoding: str) -> bool:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return False
    ascii_places = data[encoding == "utf-16-le" :: 2].count(0)  # zero high bytes: line ends, digits
    if "\0" in text or ascii_places <= data[encoding == "utf-16-be" :: 2].count(0):
        return False
    count = sum("\u4e00" <= character <= "\u9fff" for character in text[: _LIMITS.sample])
    return count >= _LIMITS.ideographs and any(
        common_share(text, charset) >= _LIMITS.plausible for charset in ("gb2312", "big5")
    )


def declared_encoding(data: bytes) -> str | None:
    """Return the Chinese encoding that a page or an XML file declares, as its superset, or None.

    >>> declared_encoding(b'<meta http-equiv="Content-Type" content="text/html; charset=GBK">')
    'gb18030'
    """
    match = _DECLARED.search(data, 0, _DECLARED_WITHIN)
    if match is None:
        return None
    try:
        name = codecs.lookup((match[1] or match[2]).decode("ascii", errors="replace")).name
    except LookupError:
        return None
    return _SUPERSETS.get(name)


def _decode_strictly(data: bytes, candidates: tuple[str, ...]) -> DecodedText:
    decoded: dict[str, str] = {}
    for encoding in candidates:
        try:
            decoded[encoding] = data.decode(encoding)
        except UnicodeDecodeError:
            continue
    if not decoded:
        return _decode_damaged(data, candidates)
    encoding = _most_plausible(decoded)
    return DecodedText(decoded[encoding], encoding)


def _most_plausible(decoded: dict[str, str]) -> str:
    """Return the first encoding, unless the two that accept each other's bytes both fit and the text decides."""
    first = next(iter(decoded))
    if not {"gb18030", "big5hkscs"} <= decoded.keys():
        return first
    simplified = common_share(decoded["gb18030"], "gb2312")
    traditional = common_share(decoded["big5hkscs"], "big5")
    if traditional >= _LIMITS.plausible and simplified < _LIMITS.implausible:
        return "big5hkscs"
    if simplified >= _LIMITS.plausible and traditional < _LIMITS.implausible:
        return "gb18030"
    return first


def common_share(text: str, charset: str) -> float:
    """Return the share of common characters among those beyond ASCII: the first level of `charset`, and punctuation.

    The first levels of GB2312 (3,755) and Big5 (5,401) were drawn up by frequency. Text read in the wrong encoding
    falls anywhere in the repertoire.

    >>> common_share("政府信息公开", "gb2312")
    1.0
    """
    common = _common_characters(charset)
    beyond = [character for character in text if character > "\x7f" and character not in _UNSEEN][: _LIMITS.sample]
    return sum(character in common for character in beyond) / len(beyond) if beyond else 1.0


@cache
def _common_characters(charset: str) -> frozenset[str]:
    first, last = (0xA1, 0xD7) if charset == "gb2312" else (0xA1, 0xC6)
    pairs = (bytes((lead, trail)) for lead in range(first, last + 1) for trail in range(0x40, 0xFF))
    return frozenset("".join(pair.decode(charset, errors="ignore") for pair in pairs)) - frozenset(map(chr, range(128)))


def _decode_mixed(data: bytes, first: int) -> DecodedText | None:
    """Return UTF-8 with a piece of another encoding in it, as a portal's footer; None where that is not what it is.

    In UTF-8 no broken byte swallows another, so a figure is in doubt only where it is a byte of the piece itself.

    Args:
        data: The bytes.
        first: Where the first broken byte stands: behind text that is UTF-8 for sure.
    """
    if sum(byte >= _LEAD for byte in data[: min(first, _LIMITS.sample)]) < _LIMITS.ideographs:
        return None
    text = data.decode("utf-8", errors="replace")
    broken = text.count(_BROKEN)
    whole = sum(character > "\x7f" for character in text) - broken
    if broken * _LIMITS.whole_per_broken > whole or _BROKEN_FIGURE.search(text):
        return None
    message = f"{broken} bytes that are no UTF-8 were replaced; the first at byte {first}"
    return DecodedText(
        text, "utf-8", (Notice("damaged_text", message, raw_text=repr(data[max(0, first - 8) : first + 8])),)
    )


def _decode_damaged(data: bytes, candidates: tuple[str, ...]) -> DecodedText:
    """Replace a handful of broken bytes; more of them, or one near a figure, refuses the text.

    Raises:
        DocumentError: undecodable_text.
    """
    most = min(_LIMITS.broken_bytes, int(len(data) * _LIMITS.broken_share))
    for encoding in dict.fromkeys(["utf-8", *candidates]):
        places = _broken_places(data, encoding, most)
        if places is not None:
            message = f"{len(places)} broken bytes in {encoding} text were replaced; the first at byte {places[0]}"
            notice = Notice("damaged_text", message, raw_text=repr(data[max(0, places[0] - 8) : places[0] + 8]))
            return DecodedText(data.decode(encoding, errors="replace"), encoding, (notice,))
    tried = ", ".join(dict.fromkeys([*candidates, "utf-8"]))
    raise DocumentError("undecodable_text", f"the bytes are no valid text in {tried}: save the document as UTF-8")


def _broken_places(data: bytes, encoding: str, most: int) -> list[int] | None:
    """Return where the broken bytes stand, or None where they are more than `most` or too near a figure."""
    places: list[int] = []
    start = 0
    while True:
        try:
            data[start:].decode(encoding)
        except UnicodeDecodeError as error:
            place = start + error.start
            around = data[max(0, place - _LIMITS.figure_distance) : start + error.end + _LIMITS.figure_distance]
            if len(places) >= most or any(byte in _DIGITS for byte in around):
                return None
            places.append(place)
            start += error.end
        else:
            return places
