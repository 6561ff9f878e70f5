"""Two copies of one table that lie over each other: each shows the columns that the other hides.

Element, VXE and their like keep columns in view so: the table itself hides the labels of its rows, and a copy that lies
over it shows these and hides the figures. Cell by cell what either shows is what a reader sees.
"""

from collections.abc import Sequence
from itertools import pairwise

from pipelines.read.html.grid import is_figure
from pipelines.read.model import PICTURE, Cell, Document
from schemas.vocabulary import BlockKind

_FEWEST = 5  # labels and figures that each shows alone, where nothing says that the rest is hidden
_FARTHEST = 6  # tables among which a copy is looked for: heads and rows apart, a copy on either side


def overlay_tables(document: Document) -> None:
    """Lay copies that hide what the table before them shows, and show what it hides, over that table."""
    sizes = [len(cells) for cells in document.tables]
    if len(set(sizes)) == len(sizes):
        return
    for run in _runs_of_tables(document):
        for place, number in enumerate(run):
            for other in run[place + 1 : place + _FARTHEST]:
                over, under = document.tables[other - 1], document.tables[number - 1]
                if under and len(over) == len(under) and (merged := _merge(under, over)) is not None:
                    under[:] = merged
                    over.clear()
    document.blocks = [
        block
        for block in document.blocks
        if block.kind is not BlockKind.TABLE or block.table_number is None or document.tables[block.table_number - 1]
    ]


def _runs_of_tables(document: Document) -> list[list[int]]:
    """Return the numbers of the tables between which no text stands."""
    places = [place for place, block in enumerate(document.blocks) if block.kind is BlockKind.TABLE]
    runs = [[place] for place in places[:1]]
    for before, place in pairwise(places):
        if place == before + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    numbers = [[document.blocks[place].table_number for place in run] for run in runs if len(run) > 1]
    return [[number for number in run if number is not None] for run in numbers]


def _merge(under: Sequence[Cell], over: Sequence[Cell]) -> list[Cell] | None:
    """Return two tables laid over each other, None where a cell of theirs differs or both show figures and labels."""
    cells: list[Cell] = []
    given = kept = shared = 0
    is_hidden = False
    for (*place, lower), (*other, upper) in zip(under, over, strict=True):
        if place != other:
            return None
        seen = [text for text in (lower, upper) if text and text != PICTURE]
        if len(seen) == 2 and lower != upper:
            return None
        shared += len(seen) == 2
        given += bool(seen) and not lower.strip(PICTURE)
        kept += bool(seen) and not upper.strip(PICTURE)
        is_hidden |= PICTURE in (lower, upper)
        row, column, rows, columns = place
        cells.append((row, column, rows, columns, seen[0] if seen else max(lower, upper)))
    if shared and all(any(is_figure(cell[4]) for cell in table) for table in (under, over)):
        return None
    is_parted = min(given, kept) >= _FEWEST or (is_hidden and given + kept)
    return cells if is_parted else None
