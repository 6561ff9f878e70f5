"""PDF: two or four pages printed on each sheet are read one after the other."""

import io

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from pipelines.read.pdf.reader import read_pdf
from pipelines.settings import ReadLimits
from tests.read.pdf_builder import HEIGHT, WIDTH, build_pdf, draw_text
from tests.read.pdf_tables import small_table
from tests.read.test_pdf_pages import FIGURES, REQUEST, request_pages

LIMITS = ReadLimits()
A4_ACROSS, A3 = (842.0, 595.0), (842.0, 1190.0)


def impose(data, size, columns, rows):
    """Return the pages of a PDF set on sheets of a size, as many beside and below one another, by PDFium."""
    with pypdfium2.PdfDocument(data) as source:
        handle = pdfium.FPDF_ImportNPagesToOne(source.raw, *size, columns, rows)
        with pypdfium2.PdfDocument(handle) as sheets:
            buffer = io.BytesIO()
            sheets.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(("size", "columns", "rows"), [(A4_ACROSS, 2, 1), (A3, 2, 2), ((595.0, 842.0), 2, 2)])
@pytest.mark.parametrize("breaks", [(14,), (9, 20), (5, 12, 20)])
def test_pages_of_a_sheet_are_read_one_after_the_other(size, columns, rows, breaks):
    read = read_pdf(impose(request_pages(*breaks), size, columns, rows), LIMITS)
    assert read.tables == [REQUEST]
    assert not any(block.text for block in read.blocks)  # page numbers and running heads are of the pages


def test_columns_of_a_table_without_borders_are_no_pages():
    def paint(canvas):
        canvas.setPageSize((HEIGHT, WIDTH))
        for row in range(8):
            draw_text(canvas, 40, 320 + 20 * row, f"{row + 1}.属于国家秘密的政府信息")
            for column in range(4):
                draw_text(canvas, 480 + 60 * column, 320 + 20 * row, str(FIGURES[row][column]))

    read = read_pdf(build_pdf(paint), LIMITS)
    assert [len(cells) for cells in read.tables] == [40]


def test_text_over_the_fold_of_one_sheet_leaves_all_whole():
    def paint(canvas):
        canvas.setPageSize((HEIGHT, WIDTH))
        small_table(canvas, left=60, top=400)
        small_table(canvas, left=500, top=400)

    def paint_text(canvas):
        paint(canvas)
        draw_text(canvas, HEIGHT / 2 - 20, 300, "现将有关情况报告如下")

    read = read_pdf(build_pdf(paint_text, paint), LIMITS)
    assert len(read.tables) == 4
    assert [block.text for block in read.blocks if block.text] == ["现将有关情况报告如下"]
