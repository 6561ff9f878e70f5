"""PDF: what a page covers, clips, strikes out or prints as light as its ground."""

import pytest
from reportlab.lib.colors import white

from pipelines.normalize.values import read_value
from pipelines.read.model import UNREADABLE
from pipelines.read.pages.covers import within_page
from pipelines.read.pages.ruling import Character
from schemas.vocabulary import ValueStatus
from tests.read.pdf_builder import HEIGHT, build_pdf, draw_text
from tests.read.pdf_tables import SMALL, small_table, tables


def test_unseen_text_is_left_out():
    def paint(canvas):
        small_table(canvas)
        hidden = canvas.beginText(140, HEIGHT - 113)
        hidden.setTextRenderMode(3)
        hidden.textOut("77")
        canvas.drawText(hidden)
        hidden = canvas.beginText(10, 10)
        hidden.setTextRenderMode(0)
        canvas.drawText(hidden)
        draw_text(canvas, 150, 113, "55", 1)
        canvas.setFillColorRGB(1, 1, 1)
        draw_text(canvas, 130, 113, "99", 9)

    assert tables(build_pdf(paint)) == [SMALL]


@pytest.mark.parametrize(
    ("alpha", "first", "found"),
    [(1, False, "12\ufffd\ufffd"), (0.95, False, "12\ufffd\ufffd"), (0.3, False, "1204"), (1, True, "1204")],
)
def test_digits_below_an_opaque_area_are_unreadable(alpha, first, found):
    """A white box over the end of 1204 leaves 12, which is not what the file says; a highlight hides nothing."""

    def cover(canvas):
        canvas.saveState()
        canvas.setFillColorRGB(1, 1, 1)
        canvas.setFillAlpha(alpha)
        canvas.rect(121, HEIGHT - 116, 20, 10, stroke=0, fill=1)
        canvas.restoreState()

    def paint(canvas):
        draw_text(canvas, 300, 60, "题")
        if first:
            cover(canvas)
        small_table(canvas, [(*cell[:4], "1204" if cell[4] == "12" else cell[4]) for cell in SMALL])
        if not first:
            cover(canvas)

    assert tables(build_pdf(paint))[0][1][4] == found


@pytest.mark.parametrize(("alpha", "found"), [(1, "\ufffd\ufffd"), (0.3, "12")])
def test_a_form_that_is_transparent_as_a_whole_hides_no_digits(alpha, found):
    """LibreOffice draws a seal so, whose own red is opaque."""

    def paint(canvas):
        canvas.beginForm("seal")
        canvas.rect(110, HEIGHT - 130, 30, 60, stroke=0, fill=1)
        canvas.endForm()
        draw_text(canvas, 50, 60, "字" * 30)
        small_table(canvas)
        canvas.setFillAlpha(alpha)
        canvas.doForm("seal")

    assert tables(build_pdf(paint))[0][1][4] == found


def test_an_area_that_its_clip_keeps_off_the_digits_hides_none():
    def paint(canvas):
        small_table(canvas)
        clip = canvas.beginPath()
        clip.rect(300, 300, 20, 20)
        canvas.clipPath(clip, stroke=0)
        canvas.rect(50, HEIGHT - 160, 200, 80, stroke=0, fill=1)

    assert tables(build_pdf(paint)) == [SMALL]


def clipped(canvas, left, top, width, height, *texts):
    canvas.saveState()
    clip = canvas.beginPath()
    clip.rect(left, HEIGHT - top - height, width, height)
    canvas.clipPath(clip, stroke=0, fill=0)
    for text in texts:
        draw_text(canvas, *text)
    canvas.restoreState()


FIGURE = (112, 113, "12345", 9)


@pytest.mark.parametrize(
    ("box", "texts", "found"),
    [
        ((100, 90, 200, 60), [FIGURE], "12345"),
        ((111, 106, 24, 8), [FIGURE], "12345"),
        ((100, 90, 25, 60), [FIGURE], "123\ufffd"),
        ((300, 90, 25, 60), [FIGURE], ""),
        ((100, 90, 200, 16), [FIGURE], ""),
        ((100, 90, 25, 60), [(112, 113, "123", 9), (125.5, 113, "45", 9)], "123\ufffd"),
        ((100, 90, 40, 20), [FIGURE], "\ufffd" * 5),
    ],
    ids=["wide", "tight", "cut", "beside", "above", "pieces", "half as high"],
)
def test_figures_that_a_clip_cuts_are_unreadable_and_unseen_ones_absent(box, texts, found):
    """12345 in a cell too narrow for it is shown as 123, which is not what the file says."""

    def paint(canvas):
        small_table(canvas, [(*cell[:4], "" if cell[4] == "12" else cell[4]) for cell in SMALL])
        draw_text(canvas, 50, 60, "某市人民政府二零二三年政府信息公开工作年度报告")
        clipped(canvas, *box, *texts)

    assert tables(build_pdf(paint))[0][1][4] == found


@pytest.mark.parametrize("y", [1.0, 7.7, 15.8, 16.2, 31.8, 32.2])
@pytest.mark.parametrize("lower", [0.3, -0.3])
def test_the_rest_of_a_number_that_the_edge_of_the_page_cuts_is_unreadable_anywhere(y, lower):
    """012 would be read of 0123, wherever it stands and though its digits do not stand on one line to the point."""
    digits = [Character(4.0 * n, y, 4.0 * n + 4, y + 8, str(n)) for n in range(3)]
    cut = Character(12.0, y + lower, 16.0, y + lower + 8, "3")
    assert [one.text for one in within_page([*digits, cut], 14, 60)] == ["0", "1", UNREADABLE]


def test_a_clip_within_a_form_lies_where_the_form_is_drawn():
    def paint(canvas):
        small_table(canvas, [(*cell[:4], "" if cell[4] == "12" else cell[4]) for cell in SMALL])
        canvas.beginForm("figure")
        clipped(canvas, 0, HEIGHT - 20, 13, 20, (0, HEIGHT - 4, "12345", 9))
        canvas.endForm()
        canvas.translate(112, HEIGHT - 117)
        canvas.doForm("figure")

    assert tables(build_pdf(paint))[0][1][4] == "123\ufffd"


@pytest.mark.parametrize(
    ("ground", "ink", "alpha", "found"),
    [
        (None, 0.97, 1, ""), (None, 0.6, 1, "7"), (None, 0, 0.02, ""), (0.9, 0.92, 1, ""), (0.9, 1, 1, "7"),
        (0.5, 1, 1, "7"), (0.95, 0.5, 1, "7"), (0, 0, 1, "7"),
    ],
)  # fmt: skip
def test_figures_as_light_as_their_ground_are_absent(ground, ink, alpha, found):
    """Only light ones: what is filled in black may be a frame around paper, and then all text would be lost."""

    def paint(canvas):
        if ground is not None:
            canvas.setFillColorRGB(ground, ground, ground)
            canvas.rect(110, HEIGHT - 120, 40, 20, stroke=0, fill=1)
            canvas.setFillColorRGB(0, 0, 0)
        small_table(canvas, [(*cell[:4], "" if cell[4] == "12" else cell[4]) for cell in SMALL])
        canvas.setFillColorRGB(ink, ink, ink)
        canvas.setFillAlpha(alpha)
        draw_text(canvas, 112, 113, "7", 9)

    assert tables(build_pdf(paint))[0][1][4] == found


def test_a_shading_hides_the_digits_below_it():
    def paint(canvas):
        small_table(canvas)
        clip = canvas.beginPath()
        clip.rect(110, HEIGHT - 120, 40, 20)
        canvas.clipPath(clip, stroke=0)
        canvas.linearGradient(110, 0, 150, 0, (white, white), extend=False)

    assert tables(build_pdf(paint))[0][1][4] == "\ufffd\ufffd"


def test_a_filled_in_form_field_is_no_blank():
    def paint(canvas):
        small_table(canvas, [(*cell[:4], "" if cell[4] == "12" else cell[4]) for cell in SMALL])
        canvas.acroForm.textfield(value="12", x=112, y=HEIGHT - 117, width=30, height=12, fontSize=8, borderWidth=0)

    assert tables(build_pdf(paint))[0][1][4] == "12"


def test_struck_out_text_is_deleted_and_borders_strike_nothing():
    def paint(canvas):
        small_table(canvas, [(*cell[:4], "77" + cell[4] if cell[4] == "12" else cell[4]) for cell in SMALL])
        canvas.line(112, HEIGHT - 110, 121, HEIGHT - 110)
        draw_text(canvas, 152, 123, "9", 9)  # over the border between two rows

    table = tables(build_pdf(paint))[0]
    assert len(table) == 6
    assert table[1][4] == "12"


def test_white_text_on_a_dark_header_is_read():
    def paint(canvas):
        canvas.setFillColorRGB(0.1, 0.2, 0.6)
        canvas.rect(50, HEIGHT - 120, 140, 20, stroke=0, fill=1)
        canvas.setFillColorRGB(1, 1, 1)
        small_table(canvas, SMALL[:3], style="none")
        canvas.setFillColorRGB(0, 0, 0)
        small_table(canvas, [cell if cell[0] == 2 else (*cell[:4], "") for cell in SMALL])

    assert tables(build_pdf(paint)) == [SMALL]


@pytest.mark.parametrize(
    ("stroke", "found"),
    [
        ((112, 110, 132, 110), None),  # longer than the number: deleted, or a slip of the pen
        ((108, 101, 126, 119), None),
        ((113, 119, 122, 101), None),
        ((112, 117.5, 122, 117.5), "12"),  # below it
        ((50, 101, 109, 119), "12"),  # through the label beside it
    ],
)
def test_a_number_through_which_a_stroke_goes_is_unreadable(stroke, found):
    """What a clerk had struck out by hand was read as printed."""

    def paint(canvas):
        small_table(canvas)
        x0, y0, x1, y1 = stroke
        canvas.line(x0, HEIGHT - y0, x1, HEIGHT - y1)

    text = tables(build_pdf(paint))[0][1][4]
    assert text == found if found else read_value(text).status is ValueStatus.ILLEGIBLE
