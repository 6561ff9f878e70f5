"""Signs that a PDF draws in front of figures: what is a minus for the eye and no character never makes a rise of it."""

import io

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader

from pipelines.normalize.values import read_value
from pipelines.read.pdf.reader import read_pdf
from pipelines.settings import ReadLimits
from schemas.vocabulary import ValueStatus
from tests.read.pdf_builder import HEIGHT, build_pdf, draw_table, draw_text

CELLS = [(1, 1, 1, 1, "规章"), (1, 2, 1, 1, ""), (1, 3, 1, 1, "3")]
CELLS += [(2, 1, 1, 1, "许可"), (2, 2, 1, 1, "7"), (2, 3, 1, 1, "8")]
BASELINE = 113.0  # of the first row, from the page's upper edge


def read_signed(draw, *, style="lines"):
    """Return what is read in the cell, 60 points wide from 110, in which 12 stands 26 points from the border."""

    def paint(canvas):
        draw_table(canvas, CELLS, widths=[60, 60, 40], heights=[20, 20], style=style)
        draw_text(canvas, 136, BASELINE, "12", 9)
        draw(canvas)

    return read_pdf(build_pdf(paint), ReadLimits()).tables[0][1][4]


def stroke(x0, x1, up=3.0, thick=0.6):
    """Return what draws a level stroke `up` points over the baseline."""

    def draw(canvas):
        canvas.rect(x0, HEIGHT - BASELINE + up - thick / 2, x1 - x0, thick, stroke=0, fill=1)

    return draw


def picture(canvas):
    held = io.BytesIO()
    Image.new("RGB", (8, 8), "black").save(held, "PNG")
    canvas.drawImage(ImageReader(held), 130, HEIGHT - BASELINE, 5, 5)


@pytest.mark.parametrize(
    "draw",
    [stroke(131, 135), stroke(131, 135, up=2.2, thick=1.2), stroke(128, 131), stroke(131, 136.5), picture],
    ids=["stroke", "low", "apart", "touching", "picture"],
)
def test_a_figure_with_a_drawn_sign_is_unreadable(draw):
    """-12 was read as 12."""
    if draw is picture:  # without recognition the whole page is refused
        pytest.importorskip("rapidocr", reason="the optional extra `ocr` is not installed: make ocr")
    assert read_value(read_signed(draw)).status is ValueStatus.ILLEGIBLE


def dotted(canvas):
    for row in range(15):
        canvas.rect(130, HEIGHT - 118 + 3 * row, 1.5, 1.5, stroke=0, fill=1)


def both(canvas):
    stroke(131, 135)(canvas)
    stroke(147, 151)(canvas)


def dashed(canvas):
    for x in range(112, 136, 5):
        stroke(x, x + 3)(canvas)


@pytest.mark.parametrize(
    "draw",
    [stroke(131, 135, up=-1.5), stroke(131, 135, up=12), stroke(112, 120), stroke(100, 108), dotted, both, dashed],
    ids=["underline", "border", "far", "next_cell", "dotted", "ornaments", "dashed"],
)
def test_what_is_drawn_elsewhere_is_no_sign(draw):
    assert read_signed(draw) == "12"


@pytest.mark.parametrize(
    ("boxes", "found"),
    [
        ([(125, 104, 12, 10)], "\ufffd"),
        ([(110, 100, 60, 20)], "\ufffd"),
        ([(110, 100, 60, 20), (110, 120, 60, 20)], ""),
        ([(80, 80, 90, 90)], ""),
        ([(125, 104, 12, 3)], ""),
        ([(175, 104, 12, 10)], ""),
    ],
    ids=["figure", "whole_cell", "ground", "seal", "line", "beside"],
)
def test_a_picture_in_an_empty_cell_leaves_no_blank(boxes, found):
    """Chromium paints figures that a style blurs as pictures; the cells were read as blank."""
    held = io.BytesIO()
    Image.new("RGB", (8, 8), "black").save(held, "PNG")

    def paint(canvas):
        for x, top, width, height in boxes:
            canvas.drawImage(ImageReader(held), x, HEIGHT - top - height, width, height)
        draw_table(canvas, CELLS, widths=[60, 60, 40], heights=[20, 20])
        draw_text(canvas, 50, 300, "字" * 40)

    assert read_pdf(build_pdf(paint), ReadLimits()).tables[0][1][4] == found


def test_a_masked_area_in_an_empty_cell_leaves_no_blank():
    """Chromium paints figures with a blurred shadow as areas through a mask; the cells were read as blank."""

    def paint(canvas):
        draw_table(canvas, CELLS, widths=[60, 60, 40], heights=[20, 20])
        draw_text(canvas, 50, 300, "字" * 40)
        canvas.setBlendMode("Multiply")
        canvas.rect(125, HEIGHT - 114, 12, 10, stroke=0, fill=1)

    assert read_pdf(build_pdf(paint), ReadLimits()).tables[0][1][4] == "\ufffd"
