"""DOCX and its ZIP container against hostile input: bombs, lies, depth, damage. Only DocumentError may escape."""

import io
import struct
import time
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import DocumentError
from pipelines.ingest.zipsafe import open_zip
from pipelines.read.word.docx import read_docx
from pipelines.settings import ReadLimits
from tests.read.docx_builder import (
    W,
    build_docx,
    build_zip,
    cell,
    made_up_figures,
    paragraph,
    report_body,
    row,
    table,
)
from tests.read.edits import EDITS, edit

LIMITS = ReadLimits()


def reason(data: bytes, limits: ReadLimits = LIMITS) -> str:
    started = time.process_time()
    with pytest.raises(DocumentError) as error:
        read_docx(data, limits)
    assert time.process_time() - started < 30  # minutes without the limits
    return error.value.reason_code


def test_zip_bomb_stops_at_the_budget():
    bomb = build_zip({"word/document.xml": bytes(40 * 2**20)})
    assert len(bomb) < 100_000
    assert reason(bomb, ReadLimits(expanded_bytes=2**20)) == "limit_exceeded"


def test_lying_header_does_not_fool_the_budget():
    data = bytearray(build_zip({"word/document.xml": bytes(40 * 2**20)}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.find(signature) + offset, 100)
    assert reason(bytes(data), ReadLimits(expanded_bytes=2**20)) == "broken_document"


def test_the_budget_counts_all_members_together():
    archive = open_zip(build_zip({str(n): bytes(400) for n in range(4)}), ReadLimits(expanded_bytes=1000))
    archive.read("0")
    archive.read("1")
    with pytest.raises(DocumentError, match="unpacked bytes"):
        archive.read("2")


def test_many_members_and_unusual_compression():
    assert reason(build_zip({f"{n}": b"" for n in range(10_001)})) == "limit_exceeded"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert reason(buffer.getvalue()) == "unsupported_format"


def test_encrypted_member():
    data = bytearray(build_docx(paragraph("a")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = -1
        while (place := data.find(signature, place + 1)) >= 0:
            data[place + offset] |= 1
    assert reason(bytes(data)) == "password_protected"


def test_office_encryption_wraps_the_package_in_ole():
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    assert reason(data) == "password_protected"


@pytest.mark.parametrize(
    "declaration",
    [
        '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;">',
        '<!ENTITY c SYSTEM "file:///etc/passwd">',
        '<!ENTITY % d SYSTEM "http://127.0.0.1:9/x.dtd"> %d; <!ENTITY c "">',
    ],
)
def test_document_types_are_refused(declaration):
    text = "<w:body><w:p><w:r><w:t>&c;</w:t></w:r></w:p></w:body>"
    xml = f"<!DOCTYPE d [{declaration}]><w:document xmlns:w='{W}'>{text}</w:document>"
    assert reason(build_zip({"word/document.xml": xml})) in {"broken_document", "limit_exceeded"}


@pytest.mark.parametrize("name", ["w:sdt", "w:tbl", "w:tc", "w:p", "w:ins"])
def test_deep_nesting_is_a_limit(name):
    count = 200_000
    assert reason(build_docx(f"<{name}>" * count + f"</{name}>" * count)) == "limit_exceeded"


def test_tables_nested_as_deep_as_the_parser_allows():
    count = 60
    body = "<w:tbl><w:tr><w:tc>" * count + paragraph("1") + "</w:tc></w:tr></w:tbl>" * count
    assert reason(build_docx(body)) == "limit_exceeded"
    count = 30
    body = "<w:tbl><w:tr><w:tc>" * count + paragraph("1") + "</w:tc></w:tr></w:tbl>" * count
    assert read_docx(build_docx(body), LIMITS).blocks[0].text == "1"


def test_enormous_spans_are_cut_and_wide_rows_refused():
    document = read_docx(build_docx(table(row(cell("a", span=1_000_000)), row(cell("b")))), LIMITS)
    assert document.tables[0][0][:4] == (1, 1, 1, 2)
    assert [notice.reason_code for notice in document.notices] == ["span_out_of_range"]
    assert reason(build_docx(table(row(cell("a", span=1_000_000), cell("b"))))) == "limit_exceeded"
    assert (
        reason(build_docx(table(row(cell("a"), cell("b"), properties='<w:gridBefore w:val="999999999"/>'))))
        == "limit_exceeded"
    )


def test_cell_and_row_limits():
    body = table(*(row(cell("1"), cell("2")) for _ in range(60)))
    assert reason(build_docx(body), ReadLimits(cells=100)) == "limit_exceeded"
    assert reason(build_docx(body * 2), ReadLimits(cells=200)) == "limit_exceeded"
    assert reason(build_docx(body), ReadLimits(rows=50)) == "limit_exceeded"


def test_nul_and_foreign_bytes_in_a_part():
    assert reason(build_zip({"word/document.xml": "<w:document>\0</w:document>"})) == "broken_document"
    assert reason(build_zip({"word/document.xml": b"\xff\xfe\x00"})) == "broken_document"
    assert reason(build_zip({"other.xml": "<a/>"})) == "broken_document"


REPORT = build_docx(report_body(made_up_figures()))
with zipfile.ZipFile(io.BytesIO(REPORT)) as _archive:
    PARTS = {name: _archive.read(name) for name in _archive.namelist()}


@settings(max_examples=150, deadline=None)
@given(EDITS, st.floats(0, 1), st.booleans())
def test_damaged_packages_raise_nothing_else(edits, share, is_cut):
    data = edit(REPORT, edits)
    data = data[: int(share * len(data))] if is_cut else data
    with suppress(DocumentError):
        read_docx(data, LIMITS)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(PARTS)), EDITS)
def test_damaged_parts_raise_nothing_else(name, edits):
    with suppress(DocumentError):
        read_docx(build_zip({**PARTS, name: edit(PARTS[name], edits)}), LIMITS)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_raise_nothing_else(data):
    with pytest.raises(DocumentError):
        read_docx(data, LIMITS)


SPANS = st.lists(
    st.lists(st.tuples(st.integers(1, 4), st.sampled_from([None, "restart", "continue"])), min_size=1, max_size=5),
    min_size=1,
    max_size=6,
)


@settings(max_examples=150, deadline=None)
@given(SPANS, st.lists(st.integers(0, 600), max_size=20))
def test_cells_never_overlap_and_no_text_is_lost(shape, widths):
    names = iter(range(10_000))
    rows = [[(span, merge, f"t{next(names)}") for span, merge in line] for line in shape]
    body = table(*(row(*(cell(t, span=s, merge=m) for s, m, t in line)) for line in rows), widths=widths)
    document = read_docx(build_docx(paragraph("x") + body), LIMITS)
    places: set[tuple[int, int]] = set()
    printed = {block.text for block in document.blocks} | {notice.raw_text for notice in document.notices}
    for cells in document.tables:
        for top, left, down, across, text in cells:
            area = {(r, c) for r in range(top, top + down) for c in range(left, left + across)}
            assert not area & places
            places |= area
            printed.add(text)
    assert {text for line in rows for _, _, text in line} <= printed


def test_xml_that_would_fill_the_memory_is_refused():
    assert reason(build_zip({"word/document.xml": b"<a/>" * (7 * 2**20)})) == "limit_exceeded"
    assert reason(build_docx("<w:p/>" * 400_000)) == "limit_exceeded"
