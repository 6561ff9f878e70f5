"""OpenDocument as other programs write it: one flat file, no cells under merged ones; and files packed with gzip."""

import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import DocumentError
from pipelines.read import read_document
from pipelines.read.word.odt import read_odt
from pipelines.settings import ReadLimits
from schemas.vocabulary import FileFormat
from tests.read.odt_builder import build_odt, odt_cell, odt_paragraph, odt_row, odt_table
from tests.read.office_builder import build_ods

LIMITS = ReadLimits()
TABLE = odt_table(
    odt_row(
        odt_cell(odt_paragraph("不予公开"), down=2), odt_cell(odt_paragraph("国家秘密")), odt_cell(odt_paragraph("3"))
    ),
    odt_row(odt_cell(odt_paragraph("其他")), odt_cell(odt_paragraph("4"))),
    odt_row(odt_cell(odt_paragraph("总计"), across=2), odt_cell(odt_paragraph("7"))),
)


def part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name)


def test_cells_that_merged_ones_cover_may_be_left_out():
    """pandoc writes none of them, and all figures below 不予公开 stood one column to the left."""
    (cells,) = read_odt(build_odt(TABLE), LIMITS).tables
    assert cells == [
        (1, 1, 2, 1, "不予公开"),
        (1, 2, 1, 1, "国家秘密"),
        (1, 3, 1, 1, "3"),
        (2, 2, 1, 1, "其他"),
        (2, 3, 1, 1, "4"),
        (3, 1, 1, 2, "总计"),
        (3, 3, 1, 1, "7"),
    ]


@st.composite
def tilings(draw):
    """Return rows of cells that fill a grid: (text, rows, columns) where a cell begins, None where one covers."""
    height, width = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    grid: dict[tuple[int, int], tuple[str, int, int] | None] = {}
    for place in ((row, column) for row in range(height) for column in range(width)):
        if place in grid:
            continue
        down, across = draw(st.integers(1, height - place[0])), draw(st.integers(1, width - place[1]))
        while any((place[0], place[1] + right) in grid for right in range(across)):
            across -= 1
        grid |= {(place[0] + low, place[1] + right): None for low in range(down) for right in range(across)}
        grid[place] = (f"{place[0]}.{place[1]}", down, across)
    return [[grid[row, column] for column in range(width)] for row in range(height)]


@given(tilings())
def test_cells_that_are_named_and_those_that_are_not_make_one_table(rows):
    def build(covered: str) -> bytes:
        cells = [
            [odt_cell(odt_paragraph(cell[0]), down=cell[1], across=cell[2]) if cell else covered for cell in row]
            for row in rows
        ]
        return build_odt(odt_table(*(odt_row(*row) for row in cells)))

    named = read_odt(build("<table:covered-table-cell/>"), LIMITS)
    assert read_odt(build(""), LIMITS).tables == named.tables


def test_a_flat_text():
    content = part(build_odt(odt_paragraph("二、主动公开情况") + TABLE), "content.xml")
    flat = content.replace(b"document-content", b"document")
    for data in (flat, b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>\n<!-- a -->' + flat, content):
        document = read_document("a.fodt", data)
        assert document.format is FileFormat.ODT
        assert [text for *_, text in document.tables[0]][-1] == "7"


def test_a_flat_workbook():
    content = part(build_ods([[(None, None, "规章"), (None, "0", "0"), (None, "7", "7")]], {}), "content.xml")
    document = read_document("a.fods", content)
    assert document.format is FileFormat.XLSX
    assert [text for *_, text in document.tables[0]] == ["规章", "0", "7"]
    settings = b'<config:config-item config:name="ShowZeroValues" config:type="boolean">false</config:config-item>'
    declared = content.replace(b"<office:body>", settings.replace(b"config:", b"office:") + b"<office:body>")
    assert [text for *_, text in read_document("a.fods", declared).tables[0] if text] == ["规章", "7"]


def test_what_gzip_packs_is_read():
    page = "<p>一、总体情况</p><table><tr><td>规章<td>3</table>".encode()
    document = read_document("a.html", gzip.compress(page))
    assert document.format is FileFormat.HTML
    assert [text for *_, text in document.tables[0]] == ["规章", "3"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (gzip.compress(b"report" * 99)[:-9], "broken_document"),
        (gzip.compress(b"report") + gzip.compress(b"report"), "broken_document"),
        (b"\x1f\x8b\x08" + bytes(20), "broken_document"),
        (gzip.compress(bytes(3_000)), "limit_exceeded"),
        (gzip.compress(gzip.compress(b"report")), "unknown_format"),
        (gzip.compress(b"a.txt".ljust(257, b"\0") + b"ustar" + bytes(300)), "unknown_format"),
    ],
    ids=["cut", "several", "damaged", "bomb", "twice", "tar"],
)
def test_what_gzip_packs_is_refused(data, code):
    with pytest.raises(DocumentError) as caught:
        read_document("a.gz", data, ReadLimits(file_bytes=2_000))
    assert caught.value.reason_code == code


def test_cells_that_merged_ones_cover_are_bounded():
    """A few bytes may say that each row covers all columns that there can be."""
    row = odt_row(odt_cell(odt_paragraph("1"), down=1, across=1_000_000))
    with pytest.raises(DocumentError) as caught:
        read_odt(build_odt(odt_table(*[row] * 400)), LIMITS)
    assert caught.value.reason_code == "limit_exceeded"
