"""What is refused before PDFium sees it: streams and forms that grow without bound.

PDFium inflates up to a gigabyte for each stream, and draws a form each time that another one calls it: ten forms that
call one another ten times are ten thousand million drawings. A stream's dictionary always stands in plain sight, so a
search of the bytes finds them without a parser. It is a guard against what is cheap to write, not a proof.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from pipelines.errors import DocumentError
from pipelines.settings import ReadLimits

_OBJECT = re.compile(rb"(\d{1,7})\s+\d{1,5}\s+obj\b")
_STREAM = re.compile(rb"stream\r?\n")
_REFERENCE = re.compile(rb"(\d{1,7})\s+\d{1,5}\s+R\b")
_FORM = re.compile(rb"/Subtype\s*/Form\b")
_IMAGE = re.compile(rb"/Subtype\s*/Image\b")  # PDFium never unpacks those that nobody looks at
_INFLATE = re.compile(rb"/Fl(?:ateDecode)?\b")
_CALL = re.compile(rb"\bDo\b")
_FONT = re.compile(rb"/Length1\b")
_MARK = re.compile(rb"\b(?:(B[DM]C)|EMC)\b")  # begins and ends a piece of content that belongs together
_PEEK = 4 * 2**10  # bytes of a stream's content in which marks are counted first
_SUSPECT_MARKS = 50  # left open in these; tagged documents leave three
_MOST_MARKS = 2_000  # within one another: each takes PDFium memory for all around it, 20,000 of them 2 GB
_BEST_RATIO = 1_032  # deflate's own limit
_DICTIONARY = 16_384  # bytes of the longest dictionary that is looked at
_CONTENT = 4 * 2**20  # bytes of a form's content in which calls are counted
_BUDGET = 4  # times a document's expanded bytes that suspect streams may unpack to in all
_MAX_FILTERS = 4
_MAX_DRAWINGS = 20_000  # times that forms are drawn by forms, in all


@dataclass(frozen=True, slots=True)
class _Stream:
    number: int
    dictionary: bytes
    body: memoryview


def refuse_bombs(data: bytes, limits: ReadLimits, note: Callable[[bytes], object] = len) -> None:
    """Refuse a PDF that is small and unpacks or draws without bound.

    Args:
        data: The file's bytes.
        limits: Bounds on what it unpacks to.
        note: Is shown the first bytes that each stream of text unpacks to, so that nobody need unpack it again.

    Raises:
        DocumentError: limit_exceeded.
    """
    forms: dict[int, tuple[set[int], int]] = {}
    dictionaries: dict[int, bytes] = {}
    budget = _BUDGET * limits.expanded_bytes
    for stream in _streams(data, dictionaries):
        filters = len(_INFLATE.findall(stream.dictionary))
        is_suspect = filters > 1 or len(stream.body) * _BEST_RATIO > limits.expanded_bytes
        if filters and is_suspect and not _IMAGE.search(stream.dictionary):
            budget -= _expanded_size(stream.body, filters, limits.expanded_bytes)
            if budget < 0:
                raise DocumentError("limit_exceeded", "the streams of the PDF unpack without bound")
        if not _IMAGE.search(stream.dictionary) and not _FONT.search(stream.dictionary):
            note(_refuse_marks(stream.body, limits.expanded_bytes, is_packed=filters > 0))
        if _FORM.search(stream.dictionary):
            content = _inflate(stream.body, _CONTENT) if filters else bytes(stream.body[:_CONTENT])
            forms[stream.number] = _references(stream.dictionary), len(_CALL.findall(content))
    if any(calls for _, calls in forms.values()):
        _refuse_drawings(forms, dictionaries)


def _streams(data: bytes, dictionaries: dict[int, bytes]) -> Iterator[_Stream]:
    """Yield the streams that stand in the bytes, and note the dictionaries of all objects.

    Every byte is searched once, however many objects a hostile file begins or leaves open.
    """
    view = memoryview(data)
    starts = list(_OBJECT.finditer(data))
    stream_end = -1
    for match, following in zip_longest(starts, starts[1:]):
        start = match.end()
        end = min(following.start() if following else len(data), start + _DICTIONARY)
        opening = _STREAM.search(data, start, end)
        if opening is None:
            dictionaries[int(match[1])] = data[start:end]
            continue
        if stream_end < opening.end():
            stream_end = data.find(b"endstream", opening.end())
            stream_end = stream_end if stream_end >= 0 else len(data)
        yield _Stream(int(match[1]), data[start : opening.start()], view[opening.end() : stream_end])


def _references(dictionary: bytes) -> set[int]:
    return {int(number) for number in _REFERENCE.findall(dictionary)}


def _inflate(body: bytes | memoryview, most: int) -> bytes:
    """Return at most `most` bytes of what a stream unpacks to; nothing where it is damaged."""
    try:
        return zlib.decompressobj().decompress(body, most)
    except zlib.error:
        return b""


def _expanded_size(body: bytes | memoryview, filters: int, most: int) -> int:
    """Return how many bytes a stream unpacks to in all its filters.

    Raises:
        DocumentError: limit_exceeded, more than `most` in one of them.
    """
    size = 0
    for _ in range(min(filters, _MAX_FILTERS)):
        body = _inflate(body, most + 1)
        size += len(body)
        if len(body) > most:
            raise DocumentError("limit_exceeded", f"a stream of the PDF unpacks to more than {most} bytes")
    return size


def _refuse_marks(body: memoryview, most: int, *, is_packed: bool) -> bytes:
    """Refuse content whose marks stand within one another without bound; one that begins otherwise is not looked at.

    Returns:
        Its first bytes, unpacked.
    """
    head = _inflate(body, _PEEK) if is_packed else bytes(body[:_PEEK])
    if head.count(b"BDC") + head.count(b"BMC") - head.count(b"EMC") < _SUSPECT_MARKS:
        return head
    depth = 0
    for mark in _MARK.finditer(_inflate(body, most) if is_packed else body):
        depth += 1 if mark[1] else -1
        if depth > _MOST_MARKS:
            raise DocumentError("limit_exceeded", f"the PDF marks content more than {_MOST_MARKS} deep")
    return head


def _refuse_drawings(forms: dict[int, tuple[set[int], int]], dictionaries: dict[int, bytes]) -> None:
    """Count how often forms are drawn by forms, each call taken to draw the costliest form that it could name."""
    costs: dict[int, int] = {}
    path: list[int] = []

    def cost(number: int) -> int:
        if number in costs:
            return costs[number]
        if number in path or len(path) > 100:
            raise DocumentError("limit_exceeded", "a form of the PDF draws itself")
        path.append(number)
        references, calls = forms[number]
        for other in list(references):  # resources may stand in an object of their own, their lists in another
            for further in _references(dictionaries.get(other, b"")):
                references = references | {further} | _references(dictionaries.get(further, b""))
        inner = max((cost(other) for other in references & forms.keys()), default=0) if calls else 0
        path.pop()
        costs[number] = 1 + calls * inner
        if costs[number] > _MAX_DRAWINGS:
            raise DocumentError("limit_exceeded", "forms of the PDF draw one another without bound")
        return costs[number]

    for number in forms:
        cost(number)
