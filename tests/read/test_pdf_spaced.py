"""PDF: the digits of a number set apart, as word processors and style sheets space characters."""

import pytest

from pipelines.normalize.values import read_value
from pipelines.read.pdf.reader import read_pdf
from pipelines.settings import ReadLimits
from schemas.vocabulary import ValueStatus
from tests.read.pdf_builder import HEIGHT, build_pdf, draw_table

SIZE, DIGIT = 9, 4.5  # points; figures of Times are half as wide as high
ROWS = 4
LEFT, LABEL, COLUMN, ROW = 50, 60, 40, 20


def spaced_table(numbers, gap, text_between=""):
    """Return what is read in two columns of figures, each drawn from a place within its cell, its digits apart.

    Args:
        numbers: By row and column, and more where a cell holds several: where the number begins, in points from its
            cell's left border, and its digits.
        gap: Points between two digits.
        text_between: What is drawn there.
    """
    cells = [(row, 1, 1, 1, "规章") for row in range(1, ROWS + 1)]
    cells += [(row, column, 1, 1, "") for row in range(1, ROWS + 1) for column in (2, 3)]

    def paint(canvas):
        draw_table(canvas, sorted(cells), left=LEFT, widths=[LABEL, COLUMN, COLUMN], heights=[ROW] * ROWS)
        canvas.setFont("Times-Roman", SIZE)
        for (row, column, *_), (place, digits) in numbers.items():
            x = LEFT + LABEL + COLUMN * column + place
            for number, digit in enumerate(digits):
                text = text_between + digit if number else digit
                shift = canvas.stringWidth(text_between, "Times-Roman", SIZE) if number else 0
                canvas.drawString(x + number * (DIGIT + gap) - shift, HEIGHT - 113 - ROW * row, text)

    found = read_pdf(build_pdf(paint), ReadLimits()).tables[0]
    return {(row - 1, column - 2): text for row, column, _, _, text in found if column > 1}


def is_illegible(text):
    return read_value(text).status is ValueStatus.ILLEGIBLE


NUMBERS = {(0, 0): (3, "153"), (0, 1): (3, "20"), (1, 0): (8, "47"), (2, 1): (10, "8")}


@pytest.mark.parametrize("gap", [0.0, 1.0, 2.0, 2.5, 3.0, 4.5, 5.2])
def test_digits_that_a_table_sets_apart_alike_are_numbers(gap):
    read = spaced_table(NUMBERS, gap)
    assert {place: text for place, text in read.items() if text} == {p: n for p, (_, n) in NUMBERS.items()}


@pytest.mark.parametrize(
    ("change", "gap", "between"),
    [
        ({(1, 0): (8, "")}, 3.0, ""),  # two numbers show no rule
        ({}, 3.0, " "),  # figures that a space parts
        ({}, 7.0, ""),  # as far as columns are
    ],
)
def test_digits_apart_are_no_number_without_that_rule(change, gap, between):
    read = spaced_table(NUMBERS | change, gap, between)
    assert is_illegible(read[0, 0])
    assert is_illegible(read[0, 1])


def test_digits_apart_are_no_number_beside_numbers_set_close():
    numbers: dict[tuple[int, ...], tuple[float, str]] = {
        place: one for place, one in NUMBERS.items() if place != (2, 1)
    }
    for row in (2, 3):
        for place, digit in enumerate("12"):
            numbers[row, 0, place] = (10 + DIGIT * place, digit)
    assert is_illegible(spaced_table(numbers, 3.0)[0, 0])


@pytest.mark.parametrize("gap", [1.0, 1.5, 2.0, 2.3, 3.0, 4.0])
@pytest.mark.parametrize("place", range(14, 38, 2))
@pytest.mark.parametrize("digits", ["15", "1534", "15347"])
def test_a_number_that_runs_over_its_cell_is_none_in_the_next(place, digits, gap):
    read = spaced_table({(1, 0): (3, "153"), (2, 0): (3, "20"), (3, 0): (3, "47"), (0, 0): (place, digits)}, gap)
    assert read[0, 0] == digits or is_illegible(read[0, 0]) or not read[0, 0]
    assert not read[0, 1] or is_illegible(read[0, 1]) or (read[0, 1] == digits and not read[0, 0])
    assert read[0, 0] == digits or not read[0, 0] or is_illegible(read[0, 1]) or not read[0, 1]


@pytest.mark.parametrize("gap", [0.5, 1.0, 1.5, 2.0])
def test_a_figure_as_near_as_the_digits_of_the_number_before_joins_it_not(gap):
    end = 4 * DIGIT + 3 * gap
    start = 2 - COLUMN + COLUMN - end - gap + COLUMN  # of a number that the next cell's figure follows like a digit
    read = spaced_table({(0, 0): (start, "1704"), (0, 1): (2, "0")}, gap)
    assert read[0, 0] == "1704" or is_illegible(read[0, 0])
    assert read[0, 1] == "0" or is_illegible(read[0, 1])
