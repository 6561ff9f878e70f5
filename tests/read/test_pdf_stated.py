"""What a PDF states beside its glyphs (`ActualText`) is no figure where the glyphs say otherwise."""

import pytest

from pipelines.normalize.values import read_value
from pipelines.read.pdf.reader import read_pdf
from pipelines.settings import ReadLimits
from schemas.vocabulary import ValueStatus
from tests.read.pdf_builder import build_pdf, draw_table, draw_text

CELLS = [(1, 1, 1, 1, "规章"), (1, 2, 1, 1, ""), (1, 3, 1, 1, "")]
CELLS += [(2, 1, 1, 1, "许可"), (2, 2, 1, 1, "7"), (2, 3, 1, 1, "8")]


def read_row(*stretches):
    """Return the cells of the first row: each stretch is what is stated (None for nothing) and (place, text) drawn."""

    def paint(canvas):
        draw_table(canvas, CELLS, widths=[60, 60, 60], heights=[20, 20])
        for stated, *drawn in stretches:
            if stated is not None:
                text = stated.encode("utf-16-be").hex()
                canvas._code.append(f"/Span <</ActualText <FEFF{text}>>> BDC")
            for x, text in drawn:
                draw_text(canvas, x, 113, text, 9)
            if stated is not None:
                canvas._code.append("EMC")

    return [cell[4] for cell in read_pdf(build_pdf(paint), ReadLimits()).tables[0][1:3]]


@pytest.mark.parametrize("stated", ["13", "120", "1", "-12", "零", "/", "1.2"])
def test_a_figure_that_is_stated_unlike_it_is_drawn_is_unreadable(stated):
    """The statement was read, and no rule spoke of it."""
    figure, after = read_row((stated, (116, "12")), (None, (176, "5")))
    assert read_value(figure).status is ValueStatus.ILLEGIBLE
    assert after == "5"


def test_digits_that_are_stated_and_not_drawn_are_unreadable():
    assert read_value(read_row(("12", (116, "无")))[0]).status is ValueStatus.ILLEGIBLE


@pytest.mark.parametrize(
    "stretches",
    [
        [("12", (116, "12")), ("5", (176, "5"))],
        [("125", (116, "12"), (176, "5"))],
        [("１２", (116, "12")), (None, (176, "5"))],
    ],
    ids=["alike", "one_for_both", "wide"],
)
def test_a_statement_that_says_what_is_drawn_changes_nothing(stretches):
    values = [read_value(text) for text in read_row(*stretches)]
    assert [value.value for value in values] == [12, 5]
