"""What libraries for data frames add to a table that they export: numbers of its rows and columns, NaN, Unnamed: 3.

Sheets that are published as pages number their rows and letter their columns alike. All of it is emptied and keeps its
place, so that a cell has the column in which it is printed.
"""

import re
from collections.abc import Sequence
from itertools import takewhile

from pipelines.read.model import Cell, Document

_FILLER = re.compile(r"NaN|<NA>|Unnamed: \d+(?:_level_\d+)?")
_UNNAMED = "Unnamed: "
_COLUMN = re.compile(r"[A-Z]|\d{1,2}")
_WORD = re.compile(r"[\u4e00-\u9fff]")
_FEWEST_ROWS = 4


def leave_out_additions(document: Document) -> None:
    """Empty the cells of a document's tables that a library has added; nearly all tables tell by their first row."""
    for number, cells in enumerate(document.tables):
        numbers = _numbers(cells)
        if numbers or any(cell[4].startswith(_UNNAMED) for cell in _first_row(cells)):
            document.tables[number] = [
                (*cell[:4], "") if cell[:2] in numbers or _FILLER.fullmatch(cell[4].strip()) else cell for cell in cells
            ]


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
