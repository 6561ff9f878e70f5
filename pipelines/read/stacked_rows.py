"""Rows typed as the lines of one row's cells: all labels in one cell, all figures of a column in another.

Lines are rows only where every cell has as many, or one label that is of them all. A blank line that a container drops
makes a cell shorter, and the row stays as it is; Word's own are blank figures.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from pipelines.read.model import Cell, Document
from pipelines.read.text.rows import is_figure_field
from schemas.vocabulary import FileFormat

_FEWEST_LINES, _MOST_LINES, _FEWEST_COLUMNS = 5, 400, 2
_WORD = (FileFormat.DOCX, FileFormat.DOC, FileFormat.RTF, FileFormat.ODT, FileFormat.WORD_XML)
FEWEST_STACKED = 12
"""Lines of a cell of Word from which on blank ones are kept, as they may be blank figures."""


def part_stacked_rows(document: Document) -> None:
    """Make a row of each line of such cells; nearly all tables have no cell of so many lines."""
    keeps_blanks = document.format in _WORD
    for number, cells in enumerate(document.tables):
        text = "".join([cell[4] for cell in cells])
        if text.count("\n") >= _FEWEST_LINES - 1 and any(cell[4].count("\n") >= _FEWEST_LINES - 1 for cell in cells):
            document.tables[number] = list(_part(cells, keeps_blanks=keeps_blanks))


def _part(cells: Sequence[Cell], *, keeps_blanks: bool) -> Iterator[Cell]:
    added = 0
    for _, group in groupby(cells, key=lambda cell: cell[0]):
        row = list(group)
        lines = [cell[4].split("\n") for cell in row]
        count = max(map(len, lines))
        if not _is_stacked(row, lines, count):
            for cell, texts in zip(row, lines, strict=True):
                text = "\n".join(filter(None, texts)) if keeps_blanks else cell[4]
                yield cell[0] + added, *cell[1:4], text
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
    filled = [list(filter(None, texts)) for texts in stacks]
    figures = [sum(map(is_figure_field, texts)) for texts in filled]
    is_even = all(found in (0, len(texts)) for found, texts in zip(figures, filled, strict=True))
    has_labels = any(found == 0 and len(texts) == count for found, texts in zip(figures, filled, strict=True))
    return is_even and has_labels and sum(map(bool, figures)) >= _FEWEST_COLUMNS
