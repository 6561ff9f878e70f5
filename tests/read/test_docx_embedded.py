"""Word documents that hold others: chunks stand in their places, all else is named and not read."""

import pytest

from pipelines.errors import DocumentError
from pipelines.read.model import PICTURE, Document
from pipelines.read.word.docx import read_docx
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind
from tests.read.docx_builder import W, build_docx, build_zip, cell, paragraph, row, run, table

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HTML = "<html><body><p>里面</p><table><tr><td>规章<td>3</table></body></html>"
MHT = (
    'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="b"\n\n'
    "--b\nContent-Type: text/html; charset=utf-8\n\n"
    f"{HTML}\n--b--\n"
)
INNER = build_docx(paragraph("里面") + table(row(cell("规章"), cell("3"))))


def embed(chunk: str | bytes, *, name: str = "chunk.dat", target: str = "") -> bytes:
    """Return a document with a table before and a chunk behind it."""
    body = paragraph("题") + table(row(cell("甲"), cell("1"))) + f'<w:altChunk xmlns:r="{OFFICE}" r:id="rC"/>'
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rC" Type="{OFFICE}/aFChunk" Target="{target or name}"/></Relationships>'
    )
    document = f'<w:document xmlns:w="{W}"><w:body>{body}{paragraph("尾")}</w:body></w:document>'
    return build_zip(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": document,
            f"word/{name}": chunk,
            "word/_rels/document.xml.rels": relations,
        }
    )


def order(document: Document) -> list[str | int | None]:
    return [block.table_number if block.kind is BlockKind.TABLE else block.text for block in document.blocks]


@pytest.mark.parametrize("chunk", [HTML, MHT, INNER], ids=["html", "mht", "docx"])
@pytest.mark.parametrize("target", ["chunk.dat", "/word/chunk.dat"])
def test_a_chunk_stands_in_its_place(chunk: str | bytes, target: str) -> None:
    document = read_docx(embed(chunk, target=target), ReadLimits())
    assert order(document) == ["题", 1, "里面", 2, "尾"]
    assert [text for *_, text in document.tables[1]] == ["规章", "3"]
    assert document.notices == []


@pytest.mark.parametrize("chunk", [b"\x89PNG\r\n\x1a\n", b"%PDF-1.4"])
def test_a_chunk_that_word_would_not_show_is_named(chunk: bytes) -> None:
    document = read_docx(embed(chunk), ReadLimits())
    assert order(document) == ["题", 1, "尾"]
    assert [notice.reason_code for notice in document.notices] == ["unsupported_format"]
    missing = read_docx(embed(HTML, target="gone.htm"), ReadLimits())
    assert [notice.reason_code for notice in missing.notices] == ["unsupported_format"]


def test_chunks_within_chunks_come_to_an_end() -> None:
    content: bytes = INNER
    for _ in range(40):
        content = embed(content)
    with pytest.raises(DocumentError) as error:
        read_docx(content, ReadLimits())
    assert error.value.reason_code == "limit_exceeded"


def test_a_table_in_a_note_is_a_table() -> None:
    pale = run("8", properties='<w:color w:val="FFFFFF"/>')
    inner = table(row(cell("规章"), cell("3")), row(cell("文件"), f"<w:tc><w:p>{run('4')}{pale}</w:p></w:tc>"))
    notes = f'<w:footnote w:id="2">{paragraph("注")}{inner}</w:footnote>'
    document = read_docx(build_docx(paragraph("题"), parts={"word/footnotes.xml": notes}), ReadLimits())
    assert order(document) == ["题", "注", 1]
    texts = [text for *_, text in document.tables[0]]
    assert texts[:3] == ["规章", "3", "文件"]
    assert PICTURE in texts[3]


def test_a_table_in_a_header_is_named() -> None:
    def read_with(count: int) -> list[str]:
        inner = f'<w:hdr xmlns:w="{W}">{table(*[row(cell("a"), cell("1")) for _ in range(count)])}</w:hdr>'
        members = {
            "word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{paragraph("题")}</w:body></w:document>',
            "word/header1.xml": inner,
        }
        return [notice.reason_code for notice in read_docx(build_zip(members), ReadLimits()).notices]

    assert read_with(2) == []
    assert read_with(12) == ["unsupported_format"]
