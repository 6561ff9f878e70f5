"""Tables of which not every border is drawn: the pieces of rules, shaded cells and boxes tell their columns."""

import pytest

from pipelines.read.pdf.reader import read_pdf
from pipelines.settings import ReadLimits
from tests.read.pdf_builder import HEIGHT, build_pdf, draw_table, draw_text

WIDTHS, ROW = [120, 50, 50, 50], 18
FIGURES = [["", "3", ""], ["12", "", ""], ["", "", "4"], ["", "", ""], ["5", "6", "7"]]
CELLS = [(1, 1, 1, 1, "信息内容"), (1, 2, 1, 3, "本年处理决定数量")]
CELLS += [(2, 1, 1, 1, "类别"), (2, 2, 1, 1, "许可"), (2, 3, 1, 1, "处罚"), (2, 4, 1, 1, "强制")]
for place, values in enumerate(FIGURES, 3):
    CELLS += [(place, 1, 1, 1, f"第{place}类事项"), *((place, n, 1, 1, value) for n, value in enumerate(values, 2))]
ROWS = [cell for cell in CELLS if cell[0] > 1]


def boxes(cells=CELLS, top=100):
    """Yield each cell's row, and its box from the page's upper left corner."""
    for row, column, row_span, column_span, _ in cells:
        left = 50 + sum(WIDTHS[: column - 1])
        width = sum(WIDTHS[column - 1 : column - 1 + column_span])
        yield row, left, top + ROW * (row - 1), left + width, top + ROW * (row - 1 + row_span)


def rules(canvas, top=100):
    for _, left, upper, right, lower in boxes(top=top):
        for y in (upper, lower):
            canvas.line(left, HEIGHT - y, right, HEIGHT - y)


def shades(canvas, gap=0.0, every=1):
    canvas.setFillGray(0.9)
    for row, left, upper, right, lower in boxes():
        if (row - 1) % every == 0:
            canvas.rect(left + gap, HEIGHT - lower + gap, right - left - 2 * gap, lower - upper - 2 * gap, 0, 1)
    canvas.setFillGray(0)


def stripes(canvas):
    shades(canvas, every=2)


def apart(canvas):
    shades(canvas, gap=0.8)


def frames(canvas):
    for _, left, upper, right, lower in boxes():
        canvas.rect(left + 2, HEIGHT - lower + 2, right - left - 4, lower - upper - 4)


def dots(canvas):
    for _, left, upper, right, lower in boxes():
        for x in range(int(left), int(right) + 1, 2):
            canvas.rect(x, HEIGHT - upper, 0.7, 0.7, 0, 1)
            canvas.rect(x, HEIGHT - lower, 0.7, 0.7, 0, 1)
        for y in range(int(upper), int(lower) + 1, 2):
            canvas.rect(left, HEIGHT - y, 0.7, 0.7, 0, 1)
            canvas.rect(right, HEIGHT - y, 0.7, 0.7, 0, 1)


def read_rows(paint):
    """Return the cells of each table below its first row: only a text shows that a cell spans columns."""

    def draw(canvas):
        paint(canvas)
        draw_table(canvas, CELLS, widths=WIDTHS, heights=[ROW] * 7, style="none")

    tables = read_pdf(build_pdf(draw), ReadLimits()).tables
    return [[cell for cell in table if cell[0] > 1] for table in tables]


@pytest.mark.parametrize("paint", [rules, shades, apart, frames, dots])
def test_columns_are_told_by_what_is_drawn_of_each_cell(paint):
    """Blank cells told nothing of their columns, so that such tables were read as text."""
    assert read_rows(paint) == [ROWS]


def test_rows_that_stripes_leave_out_are_cells_as_well():
    assert read_rows(stripes) == [ROWS]


def test_a_heading_between_two_tables_parts_them():
    def paint(canvas):
        rules(canvas)
        draw_text(canvas, 52, 100 + 7 * ROW + 14, "四、行政复议、行政诉讼情况", 9)
        for upper in (250, 268, 286):
            for left in range(50, 320, 54):
                canvas.line(left, HEIGHT - upper, left + 54, HEIGHT - upper)
        for number in range(5):
            draw_text(canvas, 52 + 54 * number, 262, "总计", 9)
            draw_text(canvas, 52 + 54 * number, 280, str(number), 9)

    first, second = read_rows(paint)
    assert first == ROWS
    assert second == [(2, number + 1, 1, 1, str(number)) for number in range(5)]


def test_rows_that_nothing_parts_are_none():
    """A cell with two labels and two figures is no row."""

    def paint(canvas):
        canvas.setFillGray(0.9)
        for number in range(9):
            canvas.rect(50 + 30 * number, HEIGHT - 100 - 7 * ROW, 30, 7 * ROW, 0, 1)
        canvas.setFillGray(0)

    assert all(len(cell[4].split()) < 2 for table in read_rows(paint) for cell in table)


def test_what_the_box_of_a_field_frames_is_its_cells():
    """Figures in printed fields were taken for tables of their own, and their cells for blanks."""

    def paint(canvas):
        draw_table(canvas, CELLS, widths=WIDTHS, heights=[ROW] * 7, style="lines")
        canvas.rect(175, HEIGHT - 100 - 3 * ROW + 4, 40, 9)

    assert read_rows(paint) == [ROWS]


ITEMS = ["1.属于国家秘密", "2.其他法律行政法规禁止公开", "3.危及三安全一稳定"]
HEIGHTS = [100, 118, 136, 154]


def read_parted(figures, *, rules=(100, 154)):
    """Return the texts of each row of three numbered labels, with (column, height, text) of figures."""

    def paint(canvas):
        for y in rules:
            canvas.line(50, HEIGHT - y, 290, HEIGHT - y)
        for x in (50, 210, 250, 290):
            canvas.line(x, HEIGHT - 100, x, HEIGHT - 154)
        for y, label in zip(HEIGHTS, ITEMS, strict=False):
            draw_text(canvas, 54, y + 12, label, 9)
        for column, height, text in figures:
            draw_text(canvas, 226 + 40 * column, height + 12, text, 9)

    (table,) = read_pdf(build_pdf(paint), ReadLimits()).tables
    return [[cell[4] for cell in table if cell[0] == row] for row in range(1, table[-1][0] + 1)]


def test_rows_that_no_rule_parts_are_parted_by_their_labels():
    """The figure of the second label was read under the first."""
    figures = [(0, 100, "4"), (1, 118, "5"), (0, 136, "6"), (1, 136, "7")]
    assert read_parted(figures) == [[ITEMS[0], "4", ""], [ITEMS[1], "", "5"], [ITEMS[2], "6", "7"]]


def test_a_figure_between_two_labels_is_unreadable():
    rows = read_parted([(0, 109, "4"), (1, 136, "7")])
    assert [row[1:] for row in rows] == [["\ufffd", ""], ["\ufffd", ""], ["", "7"]]


def test_figures_beside_two_in_one_cell_are_unreadable():
    """Where the labels do not tell the rows, a figure beside one of two is either's."""

    def paint(canvas):
        draw_table(
            canvas, [(1, 1, 1, 1, "甲乙"), *((1, n, 1, 1, "") for n in (2, 3, 4))], widths=[60] * 4, heights=[36]
        )
        for x, height, text in ((140, 100, "1"), (140, 118, "2"), (200, 100, "3"), (260, 118, "4")):
            draw_text(canvas, x, height + 12, text, 9)
        draw_text(canvas, 50, 300, "字" * 40)

    (table,) = read_pdf(build_pdf(paint), ReadLimits()).tables
    assert [cell[4].replace("\n", "") for cell in table] == ["甲乙", "\ufffd" * 2, "\ufffd", "\ufffd"]
