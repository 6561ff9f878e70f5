"""Text of one cell a line in which empty lines are cells, as LibreOffice saves tables."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases import Case, read_expected
from tests.factory import make_truth
from tests.factory.document import expected_csv
from tests.factory.layout import lay_out
from tests.factory.model import Table, place, table_width
from tests.fidelity import read_cases, score


def lines_of(table: Table) -> list[str]:
    """Return one line a cell, an empty one also where a label above reaches into a row."""
    grid: list[list[str | None]] = [[None] * table_width(table.rows) for _ in table.rows]
    for row, column, cell in place(table.rows):
        for down in range(cell.rows):
            grid[row + down][column] = cell.text if not down else ""
    return [text for row in grid for text in row if text is not None]


def make_text(seed: int, *, blank: float) -> tuple[list[str], str]:
    """Return a report as LibreOffice would save it, and what it prints."""
    rng = random.Random(seed)
    truth = make_truth(seed, rng.choice(("2019", "2021")), size="district")
    report = lay_out(truth)
    for cell in report.cells():
        if cell.figure is not None and cell.figure.value == 0 and rng.random() < blank:
            cell.figure, cell.text = type(cell.figure)(None, type(cell.figure.status).BLANK), ""
    lines: list[str] = []
    for block in report.blocks:
        lines += [*lines_of(block), ""] if isinstance(block, Table) else [block.text]
    return lines, expected_csv(report.figures())


def read(lines: list[str], expected: str) -> tuple[int, list[str]]:
    """Return how many cells are right, and those that are not what is expected."""
    content = "\n".join(lines).encode()
    case = Case("x", "2021/x.txt", "lines", lambda: content, read_expected(expected.splitlines()))
    result = score(case, read_cases([case])[case.path])
    return result.right, result.wrong


@pytest.mark.parametrize("seed", range(4))
def test_noughts_and_covered_cells_are_told_apart(seed: int) -> None:
    lines, expected = make_text(seed, blank=0)
    assert read(lines, expected) == (expected.count("\n") - 1, [])


@pytest.mark.parametrize("seed", range(6))
def test_blank_cells_are_told_from_covered_ones(seed: int) -> None:
    lines, expected = make_text(seed, blank=0.3)
    right, wrong = read(lines, expected)
    assert not wrong
    assert right > 150


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), blow=st.sampled_from(("lose", "add", "lose a figure")))
def test_a_line_lost_or_added_shifts_nothing(seed: int, blow: str) -> None:
    lines, expected = make_text(seed % 50, blank=0.3 * (seed % 2))
    rng = random.Random(seed)
    first = next(at for at, line in enumerate(lines) if line.startswith("一、本年新收"))
    last = next(at for at, line in enumerate(lines) if line.startswith("四、结转"))
    places = [
        at
        for at in range(first, last)
        if (not lines[at] if blow == "lose" else lines[at].isdigit() if blow == "lose a figure" else True)
    ]
    if not places:
        return
    at = rng.choice(places)
    lines[at : at + 1] = [] if blow != "add" else [lines[at], ""]
    assert not [line for line in read(lines, expected)[1] if line.startswith("request")]
