"""Rows typed as the lines of one row's cells: all labels in one cell, all figures of a column in another.

Lines are rows only where every cell has as many, or one label that is of them all. A blank line that a container drops
makes a cell shorter, and the row stays as it is.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from pipelines.read.model import Cell, Document
from pipelines.read.text.rows import is_figure_field

_FEWEST_LINES, _MOST_LINES, _FEWEST_COLUMNS = 5, 400, 2


def part_stacked_rows(document: Document) -> None:
    """Make a row of each line of such cells; nearly all tables have no cell of so many lines."""
    for number, cells in enumerate(document.tables):
        text = "".join([cell[4] for cell in cells])
        if text.count("\n") >= _FEWEST_LINES - 1 and any(cell[4].count("\n") >= _FEWEST_LINES - 1 for cell in cells):
            document.tables[number] = list(_part(cells))


def _part(cells: Sequence[Cell]) -> Iterator[Cell]:
    added = 0
    for _, group in groupby(cells, key=lambda cell: cell[0]):
        row = list(group)
        lines = [cell[4].split("\n") for cell in row]
        count = max(map(len, lines))
        if not _is_stacked(row, lines, count):
            yield from ((cell[0] + added, *cell[1:]) for cell in row)
            continue
        for line in range(count):
            for cell, texts in zip(row, lines, strict=True):
                if line == 0 or len(texts) > 1:
                    down = 1 if len(texts) > 1 else count
                    yield cell[0] + added + line, cell[1], down, cell[3], texts[line]
        added += count - 1


def _is_stacked(row: Sequence[Cell], lines: Sequence[list[str]], count: int) -> bool:
    if not _FEWEST_LINES <= count <= _MOST_LINES or any(cell[2] > 1 for cell in row):
        return False
    if any(len(texts) not in (1, count) or (len(texts) == 1 and is_figure_field(texts[0])) for texts in lines):
        return False
    stacks = [texts for texts in lines if len(texts) == count]
    figures = [sum(map(is_figure_field, texts)) for texts in stacks]
    is_even = all(found in (0, count) for found in figures)
    return is_even and figures.count(count) >= _FEWEST_COLUMNS and 0 in figures
