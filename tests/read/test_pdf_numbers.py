"""PDF: numbers that run over their cell or off the page, and what stands beside them."""

import pytest

from pipelines.normalize.values import read_value
from schemas.vocabulary import ValueStatus
from tests.read.pdf_builder import FONT, HEIGHT, WIDTH, build_pdf, draw_table, draw_text
from tests.read.pdf_tables import HEIGHTS, MORE, SMALL, WIDTHS, small_table, tables


@pytest.mark.parametrize("shift", [25, 30, 34, 38])
def test_numbers_that_run_off_the_page_are_none(shift):
    def paint(canvas):
        cells = [*SMALL[:2], (1, 3, 1, 1, "34567"), *MORE[3:5], (2, 3, 1, 1, "8")]
        draw_table(canvas, cells, widths=WIDTHS, heights=HEIGHTS, left=WIDTH - 140 + shift, top=100)

    found = [cell[4] for cell in tables(build_pdf(paint))[0]]
    assert found[:2] == ["规章", "12"]
    assert not found[2].isdigit()


@pytest.mark.parametrize("boxes", [0, 1, 2])
def test_the_boxes_of_fields_within_cells_are_no_tables(boxes):
    """A form draws a box where a figure is filled in: taken for a table of its own it left the cell blank."""
    rows = [["规章", "7"], ["规范性文件", "12"]]
    cells = [(r, c, 1, 1, text) for r, row in enumerate(rows, 1) for c, text in enumerate(row, 1)]

    def paint(canvas):
        for at in (0, 30, 60):
            canvas.line(50, HEIGHT - 100 - at, 250, HEIGHT - 100 - at)
        for x in (50, 150, 250):
            canvas.line(x, HEIGHT - 100, x, HEIGHT - 160)
        for row, column, _, _, text in cells:
            draw_text(canvas, 130 * column - 70, 90 + 30 * row, text, 8)
        for row in range(boxes):
            canvas.rect(160, HEIGHT - 125 - 30 * row, 80, 20)

    assert tables(build_pdf(paint)) == [cells]


@pytest.mark.parametrize(("left", "expected"), [(465, ["12", "\ufffd"]), (455, ["12", ""])])
def test_an_empty_cell_that_runs_off_the_page_is_no_blank(left, expected):
    """The page is 595 points wide; the last cell ends at 605 or at 595."""

    def paint(canvas):
        rows = [["内容", "制发", "废止"], ["规章", "12", ""]]
        cells = [(r, c, 1, 1, text) for r, row in enumerate(rows, 1) for c, text in enumerate(row, 1)]
        draw_table(canvas, cells, widths=[60, 40, 40], heights=HEIGHTS, left=left)

    (table,) = tables(build_pdf(paint))
    assert [cell[4] for cell in table if cell[0] == 2][1:] == expected


def test_a_raised_mark_that_is_hardly_smaller_is_no_part_of_a_number():
    # As Chromium prints <sup>1</sup>: five sixths of the size, five twelfths higher.
    def paint(canvas):
        draw_table(canvas, [*SMALL[:2], (1, 3, 1, 1, ""), *MORE[3:]], widths=WIDTHS, heights=HEIGHTS, left=50, top=100)
        draw_text(canvas, 155, 115, "22", size=12)
        draw_text(canvas, 155 + canvas.stringWidth("22", FONT, 12), 110, "1", size=10)

    assert tables(build_pdf(paint))[0][2][4] == "22 1"


def test_numbers_that_fill_their_cells_are_two_and_one_that_runs_over_is_none():
    def paint(canvas):
        cells = [(1, 1, 1, 1, "规章"), (1, 2, 1, 1, ""), (1, 3, 1, 1, ""), *MORE[3:]]
        draw_table(canvas, cells, widths=[60, 41.5, 41.5], heights=HEIGHTS, left=50, top=100)
        draw_text(canvas, 151 - canvas.stringWidth("55555555", FONT, 10), 113, "55555555")
        draw_text(canvas, 152, 113, "66666666")

    assert [cell[4] for cell in tables(build_pdf(paint))[0]][1:3] == ["55555555", "66666666"]

    def run_over(canvas):
        cells = [(1, 1, 1, 1, "规章"), (1, 2, 1, 1, ""), (1, 3, 1, 1, ""), *MORE[3:]]
        draw_table(canvas, cells, widths=[60, 20, 20], heights=HEIGHTS, left=50, top=100)
        draw_text(canvas, 110, 113, "12345678")

    assert not [cell for cell in tables(build_pdf(run_over))[0][1:3] if cell[4].isdigit()]


def test_wrapped_number_is_one_and_stacked_numbers_are_two():
    cells = [(1, 1, 1, 1, "很长的标签文字要折行"), (1, 2, 1, 1, "1234567"), (1, 3, 1, 1, "12\n34")]
    data = build_pdf(lambda c: draw_table(c, cells, widths=[60, 22, 60], heights=[50]))
    assert tables(data) == [cells]


def test_figures_on_the_line_of_a_label_before_those_that_part_a_row_are_nobodys():
    """Where no rule is drawn between rows, 55 of （七）总计 stood in the row of 3.其他 above it."""

    def paint(canvas):
        cells = [(1, 1, 1, 1, ""), (1, 2, 1, 1, ""), (1, 3, 1, 1, ""), *((2, c, 1, 1, str(c)) for c in (1, 2, 3))]
        draw_table(canvas, cells, widths=[60, 60, 60], heights=[66, 20], left=50, top=100)
        for x, y, text in [(115, 116, "2.未缴费"), (115, 136, "3.其他"), (55, 156, "（七）总计"), (190, 116, "33")]:
            draw_text(canvas, x, y, text)
        draw_text(canvas, 190, 156, "55")

    (found,) = tables(build_pdf(paint))
    assert [cell[4] for cell in found if cell[1] == 3][:2] == ["33", "\ufffd"]


def test_number_wider_than_its_cell_is_unreadable_in_all_that_it_touches():
    def paint(canvas):
        small_table(canvas, [(r, c, h, w, "" if t == "12" else t) for r, c, h, w, t in SMALL], widths=[60, 20, 40])
        draw_text(canvas, 112, 114, "75394432.52", 9)

    for cell in tables(build_pdf(paint))[0][1:3]:
        assert "\ufffd" in cell[4]


@pytest.mark.parametrize(("text", "x", "found"), [("4", 148, None), ("406", 147, None), ("406", 137, ["406", ""])])
def test_a_number_with_room_in_its_cell_is_unreadable_over_a_border(text, x, found):
    """Word's tabs move figures over the border of a narrow cell: each was read in the next column."""

    def paint(canvas):
        small_table(canvas, [(*cell[:4], "" if cell[4] in ("12", "3") else cell[4]) for cell in SMALL])
        draw_text(canvas, x, 113, text, 9)

    held = [cell[4] for cell in tables(build_pdf(paint))[0][1:3]]
    assert held == found if found else all("\ufffd" in text for text in held)


def test_a_number_set_wide_is_unreadable_in_the_cell_into_which_it_reaches():
    """Of 5 1 5 1, its digits apart and centred, the first stood alone in a blank cell."""

    def paint(canvas):
        small_table(canvas, [(*cell[:4], "" if cell[4] in ("12", "3") else cell[4]) for cell in SMALL])
        for place, digit in enumerate("5151"):
            draw_text(canvas, 143 + 10 * place, 113, digit, 9)

    wide = [read_value(cell[4]).status for cell in tables(build_pdf(paint))[0][1:3]]
    assert wide == [ValueStatus.ILLEGIBLE] * 2


@pytest.mark.parametrize(
    ("x", "top", "text", "size", "found"),
    [
        (121.5, 110, "1", 5, "12 1"),  # a footnote's mark
        (112.5, 113.2, "8", 9, "1\ufffd82"),  # another figure over the first
        (112.3, 113.0, "12", 9, "12"),  # the same once more
        (126, 113.2, "5", 9, "12 5"),  # close, and not the same number
    ],
)
def test_what_lies_beside_a_figure_never_becomes_part_of_it(x, top, text, size, found):
    def paint(canvas):
        small_table(canvas)
        draw_text(canvas, x, top, text, size)

    assert tables(build_pdf(paint))[0][1][4] == found
