"""What libraries and databases add to a table that they export: numbers of its rows and columns, NaN, Unnamed: 3.

No column of a form is headed by a word for a missing value, so where one stands in the first row and all over the table
its cells are blank. Sheets that are published as pages number their rows and letter their columns alike. All of it is
emptied and keeps its place, so that a cell has the column in which it is printed.
"""

import re
from collections.abc import Sequence
from itertools import takewhile

from pipelines.read.model import Cell, Document

_BLANKS = frozenset(("NaN", "nan", "<NA>", "None", "NULL", "null", r"\N"))
_FILLER = re.compile(rf"{'|'.join(map(re.escape, sorted(_BLANKS)))}|Unnamed: \d+(?:_level_\d+)?")
_UNNAMED = "Unnamed: "
_COLUMN = re.compile(r"[A-Z]|\d{1,2}")
_WORD = re.compile(r"[\u4e00-\u9fff]")
_FEWEST_ROWS, _FEWEST_BLANKS = 4, 4


def leave_out_additions(document: Document) -> None:
    """Empty the cells of a document's tables that a library has added; nearly all tables tell by their first row."""
    for number, cells in enumerate(document.tables):
        numbers = _numbers(cells)
        first = _first_row(cells)
        is_filled = any(cell[4] in _BLANKS for cell in first) and _are_blanks(cells)
        if numbers or is_filled or any(cell[4].startswith(_UNNAMED) for cell in first):
            document.tables[number] = [
                (*cell[:4], "") if cell[:2] in numbers or _FILLER.fullmatch(cell[4].strip()) else cell for cell in cells
            ]


def _are_blanks(cells: Sequence[Cell]) -> bool:
    return sum(cell[4] in _BLANKS for cell in cells) >= _FEWEST_BLANKS


def _first_row(cells: Sequence[Cell]) -> list[Cell]:
    return list(takewhile(lambda cell: cell[0] == 1, cells))


def _numbers(cells: Sequence[Cell]) -> set[tuple[int, int]]:
    """Return the places of the numbers of rows, which count on from first to last, and of what heads the columns."""
    if not cells or cells[0][4].strip() not in ("", "0", "1"):
        return set()
    first = [(cell[0], cell[2], cell[4].strip()) for cell in cells if cell[1] == 1]
    if not first[0][2]:
        first = first[1:]  # the corner
    start = first[0][2] if first else ""
    if start not in ("0", "1") or len(first) < _FEWEST_ROWS:
        return set()
    if any((span, text) != (1, str(int(start) + at)) for at, (_, span, text) in enumerate(first)):
        return set()
    if not any(cell[1] == 2 and _WORD.search(cell[4]) for cell in cells):
        return set()  # figures that count on by chance stand beside none
    places = {(row, 1) for row, _, _ in first}
    heads = [cell for cell in _first_row(cells) if cell[1] > 1]
    if first[0][0] == 2 and all(cell[3] == 1 and _COLUMN.fullmatch(cell[4].strip()) for cell in heads):
        places |= {cell[:2] for cell in heads}
    return places
