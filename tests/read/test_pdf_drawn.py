"""Figures drawn without a character: a cell that holds one is not blank, and a number beside one is not whole."""

import pytest

from pipelines.read.pdf.reader import read_pdf
from pipelines.settings import ReadLimits
from tests.read.pdf_builder import HEIGHT, build_pdf, draw_table, draw_text

CELLS = [(1, 1, 1, 1, "规章"), (1, 2, 1, 1, ""), (1, 3, 1, 1, "3")]
CELLS += [(2, 1, 1, 1, "许可"), (2, 2, 1, 1, "7"), (2, 3, 1, 1, "8")]
BASE = HEIGHT - 113.0  # of the first row's text, from the page's foot
SEVEN = [(0, 7), (5, 7), (2, 0), (1, 0), (4, 6), (0, 6)]
ONE = [(0, 0), (0, 5), (-1, 4.5), (-1, 5.2), (0.8, 7), (0.8, 0)]
ARROW = [(0, 0), (5, 7), (6, 0)]


def read_cell(draw, *, text=""):
    """Return what is read in the cell, 60 points wide from 110 and 20 high, where something is drawn."""

    def paint(canvas):
        draw_table(canvas, CELLS, widths=[60, 60, 40], heights=[20, 20])
        draw_text(canvas, 136, 113.0, text, 9)
        draw(canvas)

    return read_pdf(build_pdf(paint), ReadLimits()).tables[0][1][4]


def shape(points, x=136.0, y=BASE, grey=0.0):
    """Return what fills a shape with its lower left corner at a place."""

    def draw(canvas):
        path = canvas.beginPath()
        path.moveTo(x + points[0][0], y + points[0][1])
        for right, up in points[1:]:
            path.lineTo(x + right, y + up)
        path.close()
        canvas.setFillGray(grey)
        canvas.drawPath(path, stroke=0, fill=1)

    return draw


def nought(canvas):
    canvas.ellipse(136, BASE, 140, BASE + 7, stroke=1, fill=0)


def strokes(canvas):
    for line in ((136, 0, 140, 0), (140, 0, 140, 7), (136, 3.5, 140, 3.5), (136, 7, 140, 7)):
        canvas.line(line[0], BASE + line[1], line[2], BASE + line[3])


def dark(canvas):
    canvas.rect(130, BASE - 2, 20, 10, stroke=0, fill=1)


def frame(canvas):
    canvas.roundRect(125, BASE - 2, 30, 12, 3, stroke=1, fill=0)


def field(canvas):
    for line in ((125, -2, 155, -2), (125, 10, 155, 10), (125, -2, 125, 10), (155, -2, 155, 10)):
        canvas.line(line[0], BASE + line[1], line[2], BASE + line[3])


def papered(canvas):
    dark(canvas)
    canvas.setFillGray(1)
    canvas.rect(130.5, BASE - 1.5, 19, 9, stroke=0, fill=1)


@pytest.mark.parametrize("draw", [shape(SEVEN), shape(ONE), nought, strokes, dark])
def test_a_drawn_figure_leaves_no_blank(draw):
    """Programs make curves of text whose font they may not embed; the cells were read as blank."""
    assert read_cell(draw) == "\ufffd"


@pytest.mark.parametrize(
    "draw",
    [shape(SEVEN, grey=0.9), shape([(0, 0), (5, 0), (0, -5)], 110, HEIGHT - 100), frame, field, papered],
    ids=["pale", "corner", "frame", "field", "papered"],
)
def test_what_is_no_figure_leaves_a_blank(draw):
    assert read_cell(draw) == ""


@pytest.mark.parametrize("x", [130.5, 137, 146.5])
def test_a_number_beside_a_drawn_figure_is_unreadable(x):
    """A 712 of which the first figure was drawn was read as 12."""
    assert read_cell(shape(SEVEN, x), text="12").strip("\ufffd") == ""


@pytest.mark.parametrize(
    "draw", [shape(ARROW, 160), lambda canvas: canvas.ellipse(130, BASE - 6, 152, BASE + 13)], ids=["far", "around"]
)
def test_a_mark_around_or_far_from_a_number_leaves_it(draw):
    assert read_cell(draw, text="12") == "12"


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ([("12", 136, 1), ("12", 136.4, 0)], "12"),
        ([("12", 136, 1)], ""),
        ([("12", 136, 1), ("34", 150, 0)], "34"),
        ([("12", 136, 1), ("12", 136, 0.95)], ""),
    ],
    ids=["halo", "white", "beside", "pale"],
)
def test_a_figure_printed_over_its_own_white_copy_is_seen(texts, found):
    """PDFium leaves out the later of two like texts in one place; the white one was left out as white."""

    def draw(canvas):
        for text, x, grey in texts:
            canvas.setFillGray(grey)
            draw_text(canvas, x, 113.0, text, 9)

    assert read_cell(draw) == found


@pytest.mark.parametrize(("group", "found"), [(b"/Group << /S /Transparency >>", "\ufffd"), (b"", "")])
def test_a_form_that_is_painted_as_a_whole_leaves_no_blank(group, found):
    """As Chromium prints text that a gradient colours: through a mask, without a character."""

    def paint(canvas):
        draw_table(canvas, CELLS, widths=[60, 60, 40], heights=[20, 20])
        canvas.beginForm("gradient", 0, 0, 12, 9)
        canvas.setFillGray(0.5)
        canvas.rect(0, 0, 12, 9, stroke=0, fill=1)
        canvas.endForm()
        canvas.translate(136, BASE)
        canvas.doForm("gradient")

    data = build_pdf(paint).replace(b"/Subtype /Form", b"/Subtype /Form " + group)
    assert read_pdf(data, ReadLimits()).tables[0][1][4] == found
