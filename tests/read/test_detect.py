"""Containers told by their bytes."""

import contextlib
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import DocumentError
from pipelines.read import READERS, detect_format, load_reader, read_document
from pipelines.read import readers as registry
from pipelines.settings import ReadLimits
from schemas.vocabulary import FileFormat

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def archive(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return buffer.getvalue()


def ole(*streams):
    return OLE + bytes(504) + b"".join(name.encode("utf-16-le") + bytes(64) for name in streams)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"<!DOCTYPE html><p>a", "html"),
        ("\ufeff  <!-- x --><html>".encode(), "html"),
        (b'<?xml version="1.0" encoding="gb2312"?><html xmlns="x"><body>', "html"),
        ("<p style='x'>2019年报告</p>".encode(), "html"),
        ("文字在前<div class=a>报告</div>".encode(), "html"),
        ("<html>报告".encode("utf-16"), "html"),
        ("<TABLE><TR><TD>规章".encode("gbk"), "html"),
        ("一、总体情况".encode("utf-16"), "text"),
        ("# 报告\n\n<table><tr><td>1</td></tr></table>".encode(), "text"),
        ("<!-- url: http://a -->\n规章 | 0 |".encode(), "text"),
        ("报告<!--[if !supportLists]-->7、<!--[endif]-->a < b".encode(), "text"),
        ("规章\t0\t3".encode("gbk"), "text"),
        (b"   \n", "text"),
        (b"BM is a fine start of a plain text.", "text"),
        (b"BM" + bytes(40), "image"),
        (b"\x89PNG\r\n\x1a\n" + bytes(9), "image"),
        (b"\xff\xd8\xff\xe0" + bytes(9), "image"),
        (b"GIF89a..", "image"),
        (b"II*\x00....", "image"),
        (b"%PDF-1.7\n", "pdf"),
        (b"\n junk %PDF-1.4", "pdf"),
        (archive("[Content_Types].xml", "word/document.xml"), "docx"),
        (archive("xl/workbook.xml"), "xlsx"),
        (archive("xl/workbook.bin"), "xlsx"),
        (archive("OFD.xml", "Doc_0/Document.xml"), "ofd"),
        (archive("a.docx", "b/word/document.xml"), "zip"),
        (archive("word/document.xml")[:60], "docx"),
        (b"PK\x03\x04" + bytes(30), "zip"),
        (ole("Root Entry", "WordDocument"), "doc"),
        (ole("Root Entry", "Workbook"), "xls"),
        (ole("Root Entry", "Book"), "xls"),
        (ole("Root Entry", "Workbook", "MBD01", "WordDocument"), "xls"),
        (OLE, "unknown"),
        (b"", "unknown"),
        (b"\n{\\rtf1 abc}", "rtf"),
        (b"MIME-Version: 1.0\r\n", "unknown"),
        (b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument xmlns:w="x">', "word_xml"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<pkg:package xmlns:pkg="x">', "word_xml"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook>', "unknown"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n", "mhtml"),
        ("From: 规章\n公开：MIME-Version: 1.0".encode(), "text"),
        (b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.text", "odt"),
        (b"a\x00b", "unknown"),
        (b"\x01\x02\x03\x04 abc", "unknown"),
        (b"Rar!\x1a\x07\x01\x00", "unknown"),
    ],
)
def test_format_is_told_by_content(data, expected):
    for name in ("report.html", "report.pdf", "无后缀"):
        assert detect_format(name, data).value == expected


def test_encrypted_office_document_is_named_before_it_is_opened():
    with pytest.raises(DocumentError) as caught:
        detect_format("a.docx", ole("Root Entry", "EncryptedPackage"))
    assert caught.value.reason_code == "password_protected"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x00\x01\x02", "unknown_format"),
        (b"a" * 101, "limit_exceeded"),
        (b"\xff\xfe\x00\xd8a\x00", "undecodable_text"),
    ],
)
def test_refusals(data, reason):
    with pytest.raises(DocumentError) as caught:
        read_document("报告.html", data, ReadLimits(file_bytes=100))
    assert caught.value.reason_code == reason


def test_an_absent_reader_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setitem(registry.READERS, FileFormat.OFD, "pipelines.read.no_such_reader:read_it")
    load_reader.cache_clear()
    with pytest.raises(DocumentError, match="no_such_reader") as caught:
        load_reader(FileFormat.OFD)
    assert caught.value.reason_code == "unsupported_format"
    load_reader.cache_clear()


def test_images_ask_for_their_extra(monkeypatch):
    monkeypatch.setitem(registry.READERS, FileFormat.IMAGE, "pipelines.read.no_such_reader:read_it")
    load_reader.cache_clear()
    with pytest.raises(DocumentError, match="extra `ocr`"):
        read_document("a.png", b"\x89PNG\r\n\x1a\n" + bytes(9))
    load_reader.cache_clear()


def test_every_container_has_a_reader_named():
    assert READERS.keys() == set(FileFormat) - {FileFormat.UNKNOWN}


def test_reading_text_loads_no_other_reader():
    import subprocess
    import sys

    code = (
        "import sys; from pipelines.read import read_document; read_document('a.md', '规章\\t0\\t1'.encode());"
        "readers = ('lxml', 'selectolax', 'pypdfium2', 'doc2docx', 'python_calamine');"
        "sys.exit(' '.join(name for name in readers if name in sys.modules) or 0)"
    )
    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stderr


@given(st.binary(max_size=600), st.sampled_from([b"", b"<p>", b"PK\x03\x04", OLE, b"BM", b"\xff\xfe", b"%PDF", b"{\\"]))
def test_any_bytes_have_a_format(data, magic):
    with contextlib.suppress(DocumentError):
        assert detect_format("x", magic + data) in FileFormat


@given(st.binary(max_size=600))
def test_any_bytes_are_read_or_refused(data):
    if detect_format("x", data) in (FileFormat.TEXT, FileFormat.HTML):
        with contextlib.suppress(DocumentError):
            read_document("x", data)


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("<span>3</span>", FileFormat.TEXT),
        ('<span style="display:none">3</span>', FileFormat.HTML),
        ("<td>3</td>", FileFormat.HTML),
    ],
)
def test_markdown_may_set_its_cells_in_tags(cell, kind):
    assert detect_format("a.md", f"<div>\n\n| 规章 | 数 |\n| --- | --- |\n| 文件 | {cell} |\n".encode()) is kind
