"""Relatives of DOCX: one XML file of Word, OpenDocument text, and pages that Word saved as one file."""

import io
import time
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import DocumentError
from pipelines.read import read_document
from pipelines.read.model import PICTURE
from pipelines.read.word.docx import read_docx
from pipelines.read.word.flat_xml import read_word_xml
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind, FileFormat
from tests.factory.document import make_document
from tests.read.docx_builder import (
    W,
    build_docx,
    build_zip,
    cell,
    made_up_figures,
    paragraph,
    report_body,
    row,
    run,
    table,
)
from tests.read.edits import EDITS, edit
from tests.read.odt_builder import build_odt, odt_cell, odt_of, odt_paragraph, odt_row, odt_table
from tests.read.printed import check_report

LIMITS = ReadLimits()
WORD_2003 = "http://schemas.microsoft.com/office/word/2003/wordml"
DOCX = build_docx(report_body(made_up_figures()))
LAID_OUT = read_docx(DOCX, LIMITS)


def texts(document) -> list[list[str]]:
    return [[cell[4] for cell in cells] for cells in document.tables]


def reason(data: bytes, limits: ReadLimits = LIMITS) -> str:
    started = time.process_time()
    with pytest.raises(DocumentError) as error:
        read_document("x.doc", data, limits)
    assert time.process_time() - started < 30
    return error.value.reason_code


# ------------------------------------------------------------------------------------------------------- one XML file


def word_2003(body: str, *, before: str = "") -> bytes:
    old = body.replace("w:vMerge", "w:vmerge").replace("w:hMerge", "w:hmerge")
    hints = "http://schemas.microsoft.com/office/word/2003/auxHint"
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<?mso-application progid="Word.Document"?>\n'
        f'<w:wordDocument xmlns:w="{WORD_2003}" xmlns:wx="{hints}" xmlns:aml="http://schemas.microsoft.com/aml/2001/core"'
        f' xmlns:o="urn:schemas-microsoft-com:office:office">{before}<w:body><wx:sect>{old}<w:sectPr><w:hdr>'
        "<w:p><w:r><w:t>9</w:t></w:r></w:p></w:hdr></w:sectPr></wx:sect></w:body></w:wordDocument>"
    ).encode()


def flat_package(docx: bytes) -> bytes:
    parts = []
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        for name in package.namelist():
            content = package.read(name).decode()
            parts.append(f'<pkg:part pkg:name="/{name}"><pkg:xmlData>{content}</pkg:xmlData></pkg:part>')
    namespace = "http://schemas.microsoft.com/office/2006/xmlPackage"
    return f'<?xml version="1.0"?><pkg:package xmlns:pkg="{namespace}">{"".join(parts)}</pkg:package>'.encode()


@pytest.mark.parametrize("data", [word_2003(report_body(made_up_figures())), flat_package(DOCX)], ids=["2003", "flat"])
def test_word_document_as_one_xml_file_is_laid_out_as_its_docx(data):
    document = read_document("年报.doc", data, LIMITS)
    check_report(document, made_up_figures())
    assert document.format is FileFormat.WORD_XML
    assert document.tables == LAID_OUT.tables
    assert document.blocks[0].kind is BlockKind.TITLE


def test_changes_comments_lists_and_notes_of_word_2003():
    annotation = '<aml:annotation w:type="Word.{}"><aml:content>{}</aml:content></aml:annotation>'
    deleted = annotation.format("Deletion", "<w:r><w:t>7</w:t></w:r>")
    inserted = annotation.format("Insertion", "<w:r><w:t>1</w:t></w:r>")
    comment = annotation.format("Comment", "<w:p><w:r><w:t>6</w:t></w:r></w:p>")
    note = "<w:r><w:footnote><w:p><w:r><w:t>note</w:t></w:r></w:p></w:footnote></w:r>"
    number = '<w:listPr><w:ilvl w:val="0"/><wx:t wx:val="1."/></w:listPr>'
    body = table(row(cell("a"), cell(paragraph(run("2"), deleted, inserted, comment, note))))
    document = read_document("x", word_2003(paragraph("x") + body + paragraph("属于", properties=number)))
    assert texts(document) == [["a", "21"]]
    assert [block.text for block in document.blocks] == ["x", "", "1.属于", "note"]


def test_pale_digits_and_styles_of_word_2003():
    pale = paragraph(run("2"), run("7", '<w:color w:val="FFFFFF"/>'))
    styles = '<w:styles><w:style w:type="character" w:styleId="H"><w:rPr><w:vanish/></w:rPr></w:style></w:styles>'
    hidden = paragraph(run("2"), run("7", '<w:rStyle w:val="H"/>'))
    title = "<o:DocumentProperties><o:Title>年报</o:Title></o:DocumentProperties>"
    document = read_document("x", word_2003(table(row(cell(pale), cell(hidden))), before=title + styles))
    ((doubtful, plain),) = texts(document)
    assert PICTURE in doubtful
    assert plain == "2"
    assert document.blocks[0].text == "年报"


def test_xml_of_other_programs_and_broken_xml():
    assert reason(word_2003("")[:-30]) == "broken_document"
    assert reason(word_2003("<w:p>" * 300)) == "limit_exceeded"
    entity = f'<!DOCTYPE d [<!ENTITY c SYSTEM "file:///etc/passwd">]><w:wordDocument xmlns:w="{W}">'
    with pytest.raises(DocumentError, match="document type"):
        read_word_xml(entity.encode() + b"<w:body>&c;</w:body></w:wordDocument>", LIMITS)


# -------------------------------------------------------------------------------------------------- OpenDocument text


def test_report_as_open_document_is_laid_out_as_its_docx():
    document = read_document("年报.wps", odt_of(LAID_OUT), LIMITS)
    check_report(document, made_up_figures())
    assert document.format is FileFormat.ODT
    assert document.tables == LAID_OUT.tables
    assert [block.text for block in document.blocks] == [block.text for block in LAID_OUT.blocks]


STYLES = {
    "pale": '<style:text-properties fo:color="#ffffff"/>',
    "struck": '<style:text-properties style:text-line-through-style="solid"/>',
    "hidden": '<style:text-properties text:display="none"/>',
    "up": '<style:text-properties style:text-position="super 58%"/>',
    "down": '<style:text-properties style:text-position="-33% 58%"/>',
    "tiny": '<style:text-properties fo:font-size="1pt"/>',
    "dark": '<style:table-cell-properties fo:background-color="#800000"/>',
    "child": '<style:text-properties fo:font-size="12pt"/>',
}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('2<text:span text:style-name="struck">7</text:span>', "2"),
        ('2<text:span text:style-name="hidden">7</text:span>', "2"),
        ('2<text:span text:style-name="up">7</text:span>', "2[7]"),
        ('2<text:span text:style-name="pale">7</text:span>', f"27{PICTURE}"),
        ('2<text:span text:style-name="child">7</text:span>', f"27{PICTURE}"),
        ('2<text:span text:style-name="down">7</text:span>', f"27{PICTURE}"),
        ('2<text:span text:style-name="tiny">7</text:span>', f"27{PICTURE}"),
        ("2<office:annotation><text:p>7</text:p></office:annotation>", "2"),
        ("2<text:ruby><text:ruby-base>3</text:ruby-base><text:ruby-text>7</text:ruby-text></text:ruby>", "23"),
        ("2<text:s text:c='2'/>7<text:line-break/>8", "2  7\n8"),
        ('<draw:frame><draw:image xlink:href="a.png"/></draw:frame>', PICTURE),
        ("2<text:note><text:note-citation>1</text:note-citation><text:p>n</text:p></text:note>", "2"),
    ],
)
def test_what_an_open_document_prints_in_a_cell(content, expected):
    body = odt_paragraph("x") + odt_table(odt_row(odt_cell(odt_paragraph(content)), odt_cell(odt_paragraph("b"))))
    document = read_document("x", build_odt(body, styles=STYLES, parents={"child": "pale"}))
    assert texts(document) == [[expected, "b"]]


def test_white_text_on_a_coloured_cell_is_seen():
    pale = odt_paragraph('<text:span text:style-name="pale">7</text:span>')
    body = odt_paragraph("x") + odt_table(odt_row(odt_cell(pale, style="dark"), odt_cell(odt_paragraph("b"))))
    assert texts(read_document("x", build_odt(body, styles=STYLES))) == [["7", "b"]]


def test_boxes_hidden_rows_and_deleted_text_of_an_open_document():
    inner = odt_table(odt_row(odt_cell(odt_paragraph("1")), odt_cell(odt_paragraph("2"))))
    deleted = "<text:tracked-changes><text:deletion><text:p>7</text:p></text:deletion></text:tracked-changes>"
    box = f"<draw:frame><draw:text-box>{inner}</draw:text-box></draw:frame>"
    hidden = odt_row(odt_cell(odt_paragraph("7")), odt_cell(odt_paragraph("7")), visibility="collapse")
    shown = odt_row(odt_cell(odt_paragraph("3")), odt_cell(odt_paragraph("4")))
    document = read_document("x", build_odt(deleted + odt_paragraph("x" + box) + odt_table(hidden, shown)))
    assert texts(document) == [["1", "2"], ["3", "4"]]
    assert [block.text for block in document.blocks] == ["x", "", ""]


def test_hostile_open_documents():
    repeated = 'table:number-rows-repeated="9999999"'
    many = odt_table(f"<table:table-row {repeated}>{odt_cell(odt_paragraph('1'))}</table:table-row>")
    assert reason(build_odt(many), ReadLimits(cells=5_000)) == "limit_exceeded"
    wide = odt_table(odt_row('<table:table-cell table:number-columns-repeated="9999999"/>'))
    assert reason(build_odt(wide)) == "limit_exceeded"
    deep = "<table:table><table:table-row><table:table-cell>" * 60
    assert reason(build_odt(deep + "</table:table-cell></table:table-row></table:table>" * 60)) == "limit_exceeded"
    encrypted = build_zip({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "x",
                           "META-INF/manifest.xml": "<manifest:encryption-data/>"})  # fmt: skip
    assert reason(encrypted) == "password_protected"


# --------------------------------------------------------------------------------------------------- saved as one file


def mhtml(*parts: tuple[str, str, bytes], boundary: str = "----=_NextPart") -> bytes:
    import base64

    lines = [
        "MIME-Version: 1.0",
        f'Content-Type: multipart/related; boundary="{boundary}"',
        "",
        "This document is a Single File Web Page.",
        "",
    ]
    for place, kind, content in parts:
        lines += [f"--{boundary}", f"Content-Location: file:///C:/A/{place}", "Content-Transfer-Encoding: base64"]
        lines += [f"Content-Type: {kind}", "", base64.encodebytes(content).decode(), ""]
    return "\r\n".join([*lines, f"--{boundary}--", ""]).encode()


PAGE = make_document(5, "2021", "html", ["word_paste"]).content
PLAIN = read_document("x", PAGE)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_page_saved_as_one_file_is_read_as_the_page(encoding):
    page = PAGE.decode("utf-8").replace("utf-8", encoding).encode(encoding)
    parts = [("a.htm", f'text/html; charset="{encoding}"', page), ("a.files/header.htm", "text/html", b"<p>9</p>")]
    document = read_document("年报.doc", mhtml(*parts, ("a.files/image001.png", "image/png", b"\x89PNG")))
    assert document.format is FileFormat.MHTML
    assert document.tables == PLAIN.tables
    assert [block.text for block in document.blocks] == [block.text for block in PLAIN.blocks]


def test_page_of_a_browser_and_quoted_printable():
    import quopri

    head = (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: http://a.gov.cn/1.html\r\nSubject: =?utf-8?Q?a?=\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\tboundary="x"\r\n\r\n\r\n--x\r\n'
        "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    data = head.encode() + quopri.encodestring(PAGE) + b"\r\n--x--\r\n"
    assert read_document("x.mhtml", data).tables == PLAIN.tables


def test_sheets_of_a_workbook_saved_as_one_file():
    frames = b'<html><frameset><frame src="a.files/sheet001.htm"><frame src="a.files/tabstrip.htm"></frameset></html>'
    sheets = [(f"a.files/sheet00{n}.htm", "text/html", b"<table><tr><td>a<td>%d</table>" % n) for n in (1, 2)]
    tabs = ("a.files/tabstrip.htm", "text/html", b"<table><tr><td>Sheet1<td>9</table>")
    document = read_document("x.xls", mhtml(("a.htm", "text/html", frames), tabs, *sheets))
    assert texts(document) == [["a", "1"], ["a", "2"]]
    assert [block.table_number for block in document.blocks if block.table_number] == [1, 2]


FRAMED = b'<h1>a</h1><iframe src=3D"cid:frame-%d@mhtml.blink"></iframe>'


def _saved_by_browser(*pages: bytes) -> bytes:
    """Return pages as Chromium stores them, the first one encoded as quoted-printable already."""
    head = b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n'
    part = b"--x\r\nContent-Type: text/html\r\nContent-ID: <frame-%d@mhtml.blink>\r\n"
    coded = b"Content-Transfer-Encoding: quoted-printable\r\nContent-Location: http://a.gov.cn/\r\n\r\n%s\r\n"
    return head + b"".join((part + coded) % page for page in enumerate(pages)) + b"--x--\r\n"


def test_a_report_in_the_frame_of_a_page_is_read():
    table = b"<table><tr><td>a<td>%d</table>"
    read = [
        texts(read_document("x.mhtml", _saved_by_browser(*pages)))
        for pages in (
            (FRAMED % 1, table % 1),
            (FRAMED % 2, table % 1, table % 2),
            (FRAMED % 1 + FRAMED % 2, table % 1, table % 2),
            (FRAMED % 1 + table % 5, table % 1),
            (FRAMED % 9, table % 1),
        )
    ]
    assert read == [[["a", "1"]], [["a", "2"]], [], [["a", "5"]], []]


def test_archives_without_a_page():
    assert reason(mhtml(("a.png", "image/png", b"x"))) == "broken_document"
    assert reason(b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nx") == "broken_document"
    many = mhtml(*[("a.png", "image/png", b"x")] * 1_001)
    assert reason(many) == "limit_exceeded"
    head = b"MIME-Version: 1.0\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    assert reason(head + b"AAAA\r\n" * 5_000_000) == "limit_exceeded"
    nested = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x0\r\n\r\n" + b"".join(
        b"--x%d\r\nContent-Type: multipart/mixed; boundary=x%d\r\n\r\n" % (n, n + 1) for n in range(2_000)
    )
    assert reason(nested) in {"broken_document", "limit_exceeded"}


# ------------------------------------------------------------------------------------------------------------- damage

WHOLE = {
    "xml": word_2003(report_body(made_up_figures())),
    "flat": flat_package(DOCX),
    "odt": odt_of(LAID_OUT),
    "mhtml": mhtml(("a.htm", "text/html", PAGE)),
}
CONTENT = odt_of(LAID_OUT, as_content=True)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), EDITS, st.floats(0, 1), st.booleans())
def test_damaged_files_raise_nothing_else(kind, edits, share, is_cut):
    data = edit(WHOLE[kind], edits)
    with suppress(DocumentError):
        read_document("x", data[: int(share * len(data))] if is_cut else data, LIMITS)


@settings(max_examples=60, deadline=None)
@given(EDITS)
def test_damaged_content_raises_nothing_else(edits):
    with suppress(DocumentError):
        read_document("x", build_odt(edit(CONTENT, edits)), LIMITS)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"Rar!\x1a\x07\x01\x00", "RAR"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b'<?xml version="1.0"?><uof:UOF xmlns:uof="x">', "UOF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "OLE"),
        (b"\x00\x01", "no container"),
    ],
)
def test_what_is_not_read_is_named(data, words):
    with pytest.raises(DocumentError, match=words) as error:
        read_document("x.doc", data)
    assert error.value.reason_code == "unknown_format"
