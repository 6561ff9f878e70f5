"""ZIP archives: which members are read, in which order, and what an archive may not do."""

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import DocumentError
from pipelines.read.archive import read_archive
from pipelines.read.readers import read_document
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind, FileFormat
from tests.read.docx_builder import build_docx, build_zip, cell, paragraph, row, table

LIMITS = ReadLimits()


def one(text: str) -> bytes:
    return build_docx(paragraph(text) + table(row(cell("规章"), cell(text))))


def reason(data: bytes, limits: ReadLimits = LIMITS) -> str:
    with pytest.raises(DocumentError) as error:
        read_archive(data, limits)
    return error.value.reason_code


def test_members_follow_in_the_order_of_their_names():
    document = read_archive(build_zip({"b.docx": one("2"), "a/附件.docx": one("1"), "c.css": b"p {}"}), LIMITS)
    assert document.format is FileFormat.ZIP
    assert [b.text for b in document.blocks if b.kind is BlockKind.METADATA] == ["a/附件.docx", "b.docx"]
    assert [cells[1][4] for cells in document.tables] == ["1", "2"]
    assert [b.table_number for b in document.blocks if b.kind is BlockKind.TABLE] == [1, 2]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["a.docx", "A.docx"])
def test_of_two_members_with_one_name_none_is_chosen(second):
    def pack(*contents: bytes) -> bytes:
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            for name, content in zip(("a.docx", second), contents, strict=True):
                archive.writestr(name, content)
        return data.getvalue()

    assert reason(pack(one("1"), one("2"))) in ("broken_document", "unsupported_format")
    assert read_archive(pack(one("1"), one("1")), LIMITS).tables[0][1][4] == "1"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_package_with_two_bodies_is_refused():
    data = io.BytesIO(one("1"))
    with zipfile.ZipFile(data, "a") as package:
        package.writestr("word/document.xml", package.read("word/document.xml").replace(b">1<", b">2<"))
    with pytest.raises(DocumentError, match="two members are called"):
        read_document("a.docx", data.getvalue(), LIMITS)


def test_names_in_gbk_and_backslashes():
    data = build_zip({"XXXX.docx": one("1")}).replace(b"XXXX", "年报".encode("gbk"))
    assert read_archive(data, LIMITS).blocks[0].text == "年报.docx"


def test_one_level_of_nesting_is_read_and_two_are_refused():
    inner = build_zip({"x.docx": one("1")})
    assert len(read_archive(build_zip({"in.zip": inner}), LIMITS).tables) == 1
    assert reason(build_zip({"out.zip": build_zip({"in.zip": inner})})) == "limit_exceeded"


def test_unreadable_members_are_named_and_the_only_one_decides():
    document = read_archive(build_zip({"a.docx": one("1"), "b.bin": b"\0\1\2\3" * 50}), LIMITS)
    assert [notice.reason_code for notice in document.notices] == ["unknown_format"]
    assert reason(build_zip({"b.bin": b"\0\1\2\3" * 50})) == "unknown_format"
    assert reason(build_zip({"style.css": b"p {}", ".DS_Store": b"x", "__MACOSX/a.docx": b"x"})) == "unsupported_format"


def test_other_archives_and_damage():
    assert reason(b"Rar!\x1a\x07\x00rest") == "unsupported_format"
    assert reason(b"7z\xbc\xaf\x27\x1crest") == "unsupported_format"
    assert reason(build_zip({"a.docx": one("1")})[:-30]) == "broken_document"
    assert reason(b"") == "broken_document"


def test_encrypted_member_and_bombs():
    data = bytearray(build_zip({"a.txt": b"x"}))
    data[6] |= 1
    data[data.find(b"PK\x01\x02") + 8] |= 1
    assert reason(bytes(data)) == "password_protected"
    bomb = build_zip({"a.txt": b"\n" * 2**22})
    assert reason(bomb, ReadLimits(expanded_bytes=2**20)) == "limit_exceeded"
    nested = build_zip({f"{n}.zip": build_zip({"a.css": b"", "b.txt": b"\n" * 2**19}) for n in range(4)})
    assert reason(nested, ReadLimits(expanded_bytes=2**20)) == "limit_exceeded"
    many = build_zip({f"{n}.txt": f"# 报告 {n}".encode() for n in range(120)})
    assert reason(many) == "limit_exceeded"


def test_a_package_with_an_unusual_main_part_is_one_document():
    data = build_docx(paragraph("题目"), main="word/main.xml")
    assert read_document("a.docx", data, LIMITS).format is FileFormat.DOCX


ARCHIVE = build_zip(
    {"a.docx": one("1"), "b.txt": "# 某局2021年报告".encode(), "c.zip": build_zip({"d.docx": one("2")})}
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 0.999999), st.binary(min_size=1, max_size=6)), max_size=6), st.floats(0.3, 1))
def test_damage_raises_nothing_but_document_errors(edits, share):
    data = bytearray(ARCHIVE)
    for place, replacement in edits:
        start = int(place * len(data))
        data[start : start + len(replacement)] = replacement
    for candidate in (bytes(data), bytes(data[: int(share * len(data))])):
        with suppress(DocumentError):
            read_archive(candidate, LIMITS)


def test_what_was_noticed_in_a_member_names_the_table_as_the_archive_counts_it():
    """The finding of the second document's only table spoke of the first one's, or of none."""
    torn = "<h1>附件</h1><table><tr><td colspan=5000>规章<td>1</table>".encode()
    document = read_archive(build_zip({"a.docx": one("1"), "b.html": torn}), LIMITS)
    assert [(notice.reason_code, notice.table_number) for notice in document.notices] == [("span_out_of_range", 2)]


def test_the_cells_of_all_members_are_bounded_together():
    assert reason(build_zip({"a.docx": one("1"), "b.docx": one("2")}), ReadLimits(cells=3)) == "limit_exceeded"
    read_archive(build_zip({"a.docx": one("1"), "b.docx": one("2")}), ReadLimits(cells=4))
