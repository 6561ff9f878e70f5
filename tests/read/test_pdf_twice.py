"""PDF: text printed twice in nearly one place is bold type, a text over an unseen one, or digits that overlap."""

import pytest

from pipelines.read.model import UNREADABLE
from pipelines.read.pages.copies import without_copies
from pipelines.read.pages.ruling import Character
from pipelines.read.pdf.reader import read_pdf
from pipelines.settings import ReadLimits
from tests.read.pdf_builder import HEIGHT, build_pdf, draw_table, draw_text

ROWS = [["规章", "", ""], ["许可", "", ""]]
CELLS = [(row, column, 1, 1, text) for row, held in enumerate(ROWS, 1) for column, text in enumerate(held, 1)]
WIDTHS, HEIGHTS = [60, 60, 60], [20, 20]
SIZE = 10


def figures(*drawn):
    """Return the cells of figures of a table in which (row, column, shift in points, text) are drawn."""

    def paint(canvas):
        draw_table(canvas, CELLS, widths=WIDTHS, heights=HEIGHTS)
        for row, column, shift, text in drawn:
            canvas.setFont("Times-Roman", SIZE)
            canvas.drawString(50 + 60 * (column - 1) + 20 + shift, HEIGHT - 100 - 20 * row + 6, text)

    (table,) = read_pdf(build_pdf(paint), ReadLimits()).tables
    return [[cell[4] for cell in table if cell[0] == row and cell[1] > 1] for row in (1, 2)]


@pytest.mark.parametrize(
    ("drawn", "found"),
    [
        pytest.param([(1, 2, 0, "3"), (1, 2, 0.3, "3")], "3", id="nearly upon the first"),
        pytest.param([(1, 2, 0, "3"), (1, 2, 1, "3")], UNREADABLE, id="either"),
        pytest.param([(1, 2, 0, "3"), (1, 2, 1, "3"), (1, 2, 6, "2")], UNREADABLE, id="beside a digit printed once"),
        pytest.param([(1, 2, 0, "3"), (1, 2, 1, "3"), (2, 2, 0, "0"), (2, 2, 1, "0")], "3", id="as a nought is"),
        pytest.param([(1, 2, 0, "3"), (1, 2, 1, "3"), (2, 2, 0, "14"), (2, 2, 1, "14")], "3", id="as a number is"),
        pytest.param([(1, 2, 0, "3"), (1, 2, 1, "3"), (2, 2, 0, "14"), (2, 2, 0.6, "14")], UNREADABLE, id="otherwise"),
    ],
)
def test_a_digit_and_its_like_are_bold_type_or_two_that_overlap(drawn, found):
    assert figures(*drawn)[0][0].replace(UNREADABLE * 2, UNREADABLE) in (found, f"3{UNREADABLE}3", f"3{UNREADABLE}32")
    assert (UNREADABLE in figures(*drawn)[0][0]) is (found == UNREADABLE)


def test_narrow_digits_that_repeat_are_no_copies():
    digits = [Character(10 + 0.9 * n, 0, 15 + 0.9 * n, 10, one) for n, one in enumerate("1100")]
    assert len(without_copies(digits)) == 4


@pytest.mark.parametrize(("under", "over"), [("77", "37"), ("77", "7")])
def test_a_text_over_an_unseen_one_of_which_digits_are_left_out_is_unreadable(under, over):
    def paint(canvas):
        draw_table(canvas, CELLS, widths=WIDTHS, heights=HEIGHTS)
        canvas.setFont("Times-Roman", SIZE)
        for grey, text in ((1, under), (0, over)):
            canvas.setFillGray(grey)
            canvas.drawString(130, HEIGHT - 114, text)

    (table,) = read_pdf(build_pdf(paint), ReadLimits()).tables
    assert UNREADABLE in table[1][4]


def test_digits_that_show_as_what_is_drawn_through_them_are_unreadable():
    def paint(canvas):
        draw_table(canvas, CELLS, widths=WIDTHS, heights=HEIGHTS)
        draw_text(
            canvas, 50, 300, "本机关依法公开政府信息，及时回应社会关切。"
        )  # else the page is looked at as a picture
        canvas.saveState()
        text = canvas.beginText(130, HEIGHT - 114)
        text.setFont("Times-Roman", SIZE)
        text.setTextRenderMode(7)
        text.textOut("12")
        canvas.drawText(text)
        canvas.rect(0, 0, 600, HEIGHT, stroke=0, fill=1)  # one of the cell's size would be doubted by itself
        canvas.restoreState()

    (table,) = read_pdf(build_pdf(paint), ReadLimits()).tables
    assert UNREADABLE in table[1][4]


def test_a_watermark_s_digits_that_a_figure_parts_are_no_part_of_it():
    drawn = [(2, 2, 0, "12"), (2, 3, 0, "34")]

    def paint(canvas):
        draw_table(canvas, CELLS, widths=WIDTHS, heights=HEIGHTS)
        canvas.setFont("Times-Roman", SIZE)
        for row, column, shift, text in [*drawn, (1, 3, 0, "56")]:
            canvas.drawString(50 + 60 * (column - 1) + 20 + shift, HEIGHT - 100 - 20 * row + 6, text)
        canvas.drawString(130, HEIGHT - 114, "0")
        canvas.setFont("Times-Roman", 40)
        canvas.setFillGray(0.8)
        canvas.drawString(110, HEIGHT - 120, "6")
        canvas.drawString(135.5, HEIGHT - 120, "6")

    (table,) = read_pdf(build_pdf(paint), ReadLimits()).tables
    assert table[1][4] not in ("606", "60", "06")
