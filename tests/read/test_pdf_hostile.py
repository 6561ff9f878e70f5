"""Hostile PDFs: whatever the bytes say, a DocumentError, a bounded time and nothing left open."""

import gc
import random
import time
import zlib
from contextlib import suppress

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import DocumentError
from pipelines.read.pdf.reader import read_pdf
from pipelines.settings import ReadLimits
from tests.read.pdf_builder import build_pdf, draw_table, draw_text

LIMITS = ReadLimits()
CELLS = [(1, 1, 1, 1, "规章"), (1, 2, 1, 1, "12"), (2, 1, 1, 1, "许可"), (2, 2, 1, 1, "7")]


def paint(canvas):
    draw_text(canvas, 50, 60, "一、总体情况，本机关公开信息一千二百条。")
    draw_table(canvas, CELLS, widths=[80, 80], heights=[20, 20])


GOOD = build_pdf(paint, paint, pageCompression=0)


def write_pdf(*objects):
    output, offsets = bytearray(b"%PDF-1.5\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(output))
        output += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(output)
    output += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    output += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    output += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(output)


def stream(content, entries=b""):
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


def one_page(content, *more, entries=b"", box=b"0 0 595 842"):
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Resources<</XObject<</F 5 0 R>>>>/Contents 4 0 R>>" % box
    pages = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
    return write_pdf(b"<</Type/Catalog/Pages 2 0 R>>", pages, page, stream(content, entries), *more)


def form(content, calls):
    entries = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F %d 0 R>>>>" % calls
    return stream(content, entries)


def page_tree(pages, *more):
    return write_pdf(b"<</Type/Catalog/Pages 2 0 R>>", pages, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>", *more)


def reason(data, limits=LIMITS):
    started = time.process_time()
    with pytest.raises(DocumentError) as error:
        read_pdf(data, limits)
    assert time.process_time() - started < 30  # hours without the limits
    return error.value.reason_code


def deflate_spaces(megabytes):
    """Return so many megabytes of spaces as zlib packs them, for the price of one: a full flush forgets the past."""
    packer, size = zlib.compressobj(9, wbits=-zlib.MAX_WBITS), megabytes << 20
    block = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    low, high = (1 + 32 * size) % 65521, (size + 32 * size * (size + 1) // 2) % 65521  # Adler-32 of spaces
    return b"\x78\xda" + block * megabytes + b"\x03\x00" + (high << 16 | low).to_bytes(4, "big")


def test_a_bomb_is_what_zlib_makes():
    assert zlib.decompress(deflate_spaces(3)) == b" " * (3 << 20)


BOMBS = {
    "ten thousand pages": page_tree(b"<</Type/Pages/Count 10000/Kids[%s]>>" % (b"3 0 R " * 10_000)),
    "a stream of a gigabyte": one_page(deflate_spaces(300), entries=b"/Filter/FlateDecode"),
    "deflated twice": one_page(zlib.compress(deflate_spaces(300), 9), entries=b"/Filter[/FlateDecode/FlateDecode]"),
    "a form that draws itself": one_page(b"/F Do", form(b"/F Do /F Do", 5)),
    "forms in forms": one_page(b"/F Do", *(form(b"/F Do " * 10, 6 + n) for n in range(9)), form(b"", 99)),
    "marks within marks": one_page(
        zlib.compress(b"/Span BMC " * 2_500 + b"EMC " * 2_500), entries=b"/Filter/FlateDecode"
    ),
    "marks that nothing packs": one_page(b"/P <</MCID 0>> BDC " * 2_500),
    "a path without end": one_page(b"0 0 m " + b"5 5 l 9 9 l " * 150_000 + b"S"),
    "lines without end": one_page(b"".join(b"%d %d m %d 800 l S " % (n % 590, n, n % 590) for n in range(30_000))),
    "a grid of a million cells": one_page(
        b"".join(b"%d 0 m %d 590 l S 0 %d m 590 %d l S " % (n, n, n, n) for n in range(0, 590, 3))
        + b"BT /F1 9 Tf 20 20 Td (123456789012345678901234567890) Tj ET"
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused(name):
    assert reason(BOMBS[name]) == "limit_exceeded"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.5\n",
        b"%PDF-1.5\n" + random.Random(1).randbytes(20_000),
        GOOD[: len(GOOD) // 2],
        page_tree(b"<</Type/Pages/Count 1999/Kids[3 0 R]>>"),
        page_tree(b"<</Type/Pages/Count 5/Kids[2 0 R 2 0 R]>>"),
        page_tree(b"<</Type/Pages/Count 0/Kids[]>>"),
    ],
)
def test_damaged_files_are_refused(data):
    assert reason(data) == "broken_document"


@pytest.mark.parametrize("box", [b"0 0 1e20 1e20", b"0 0 0 0", b"9 9 1 1", b"0 0 nan inf", b"-99999999 0 9 9"])
def test_absurd_pages_have_no_text(box):
    assert reason(one_page(b"0 0 m 1e38 1e38 l S", box=box)) in {"unsupported_format", "limit_exceeded"}


def test_limits_are_kept():
    assert reason(GOOD, ReadLimits(cells=7)) == "limit_exceeded"
    assert reason(GOOD, ReadLimits(file_bytes=100)) == "limit_exceeded"
    assert len(read_pdf(GOOD, ReadLimits(cells=8)).tables) == 2


def test_many_objects_are_searched_once():
    data = GOOD.replace(b"%%EOF", b"1 0 obj stream\n" * 200_000 + b"%%EOF")
    started = time.process_time()
    with suppress(DocumentError):
        read_pdf(data, LIMITS)
    assert time.process_time() - started < 20


def test_everything_is_closed(monkeypatch):
    opened = []
    original = pypdfium2.PdfDocument.__init__

    def remember(self, *arguments, **options):
        original(self, *arguments, **options)
        opened.append(self)

    monkeypatch.setattr(pypdfium2.PdfDocument, "__init__", remember)
    read_pdf(GOOD, LIMITS)
    for data in (BOMBS["a path without end"], one_page(b"")):
        reason(data)
    gc.collect()
    assert len(opened) >= 3
    assert all(document.raw is None for document in opened)


EDIT = st.tuples(st.floats(0, 0.999999), st.binary(min_size=1, max_size=8))


@settings(max_examples=150, deadline=None)
@given(st.lists(EDIT, min_size=1, max_size=8), st.floats(0.2, 1))
def test_mutated_files_raise_nothing_else(edits, kept):
    data = bytearray(GOOD)
    for place, replacement in edits:
        start = int(place * len(data))
        data[start : start + len(replacement)] = replacement
    with suppress(DocumentError):
        document = read_pdf(bytes(data[: max(9, int(kept * len(data)))] if kept < 0.5 else data), LIMITS)
        for cells in document.tables:
            taken = [
                (r, c) for row, column, h, w, _ in cells for r in range(row, row + h) for c in range(column, column + w)
            ]
            assert len(taken) == len(set(taken))
