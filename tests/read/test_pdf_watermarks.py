"""Watermarks that run level or straight up between the characters of a page."""

import pytest

from pipelines.read.pdf.reader import read_pdf
from pipelines.settings import ReadLimits
from tests.read.pdf_builder import HEIGHT, build_pdf, draw_table, draw_text

CELLS = [(1, 1, 1, 1, "行政许可"), (1, 2, 1, 1, "12"), (2, 1, 1, 1, "行政处罚"), (2, 2, 1, 1, "3")]
TITLE = "某县人民政府2023年政府信息公开工作年度报告"


def read(word, *, times=4, grey=0.7, turn=0, x=62, size=14, over=True):
    def mark(canvas):
        canvas.saveState()
        canvas.setFillGray(grey)
        canvas.setFont("STSong-Light", size)
        for number in range(times):
            canvas.saveState()
            canvas.translate(x, HEIGHT - 113 - 20 * number)
            canvas.rotate(turn)
            canvas.drawString(0, 0, word)
            canvas.restoreState()
        canvas.restoreState()

    def paint(canvas):
        if not over:
            mark(canvas)
        draw_text(canvas, 150, 60, TITLE, 14)
        draw_table(canvas, CELLS, widths=[100, 60], heights=[20, 20])
        if over:
            mark(canvas)

    return read_pdf(build_pdf(paint), ReadLimits()).tables[0]


@pytest.mark.parametrize("over", [False, True])
@pytest.mark.parametrize("turn", [0, 90])
@pytest.mark.parametrize("word", ["政府信息公开", "10.23.4.5 2023-01-20"])
def test_a_watermark_is_no_text(word, turn, over):
    """Its characters stood between those of labels and figures."""
    assert read(word, turn=turn, over=over) == CELLS


@pytest.mark.parametrize(
    "facts",
    [{"times": 2}, {"grey": 0.2}, {"x": 170, "times": 2}, {"word": "0.00"}],
    ids=["twice", "dark", "few", "noughts"],
)
def test_other_words_over_a_text_stay(facts):
    assert read(facts.pop("word", "政府信息公开"), **facts) != CELLS


def test_grey_labels_that_lie_over_nothing_stay():
    def paint(canvas):
        draw_text(canvas, 150, 60, TITLE, 14)
        cells = [(row, column, 1, 1, "") for row in (1, 2) for column in (1, 2, 3)]
        draw_table(canvas, cells, widths=[60] * 3, heights=[20, 20])
        canvas.setFillGray(0.6)
        for column in range(3):
            draw_text(canvas, 55 + 60 * column, 113, "总计", 10)
        canvas.setFillGray(0)
        for column in range(3):
            draw_text(canvas, 55 + 60 * column, 126, str(column), 12)

    assert [cell[4] for cell in read_pdf(build_pdf(paint), ReadLimits()).tables[0]] == ["总计"] * 3 + list("012")
