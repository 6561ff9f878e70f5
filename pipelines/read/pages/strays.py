"""Numbers at a page's head or foot that stand in a table's row and off its line: page numbers, not figures."""

from collections.abc import Iterator

from pipelines.read.pages.content import UNREADABLE
from pipelines.read.pages.lines import MARGIN, TextLine
from pipelines.read.pages.tables import Fragment, PageCell

_OFF = 0.3  # sizes by which a number stands off the lines of its row
_LONGEST = 3  # digits of a page's number


def doubt_page_numbers(fragment: Fragment, height: float) -> None:
    """Make short numbers unreadable that stand at the page's edge, alone in their cell and level with nothing.

    A blank cell whose row the page number crosses reads as a figure. Those of one row stand on one line; a row whose
    other cells are blank has its label, whose lines or middle they are level with.

    Args:
        fragment: What the page shows of a table.
        height: Of the page.
    """
    low, high = MARGIN * height, (1 - MARGIN) * height
    if fragment.y0 > low and fragment.y1 < high:
        return
    for cell in fragment.cells:
        line = cell.lines[0] if len(cell.lines) == 1 else None
        is_number = line is not None and len(line.text) <= _LONGEST and line.text.isdecimal()
        if line is None or not is_number or (low < line.y1 and line.y0 < high):
            continue
        levels = list(_levels(fragment, cell))
        middle = (line.y0 + line.y1) / 2
        if levels and min(abs(level - middle) for level in levels) > _OFF * line.size:
            line.text = UNREADABLE


def _levels(fragment: Fragment, cell: PageCell) -> Iterator[float]:
    """Yield the heights at which the other figures of a row stand, or where none does, its label and their middle."""
    row = [other for other in fragment.cells if other is not cell and other.lines and other.top == cell.top]
    figures = [other for other in row if other.is_figure]
    for other in figures or row:
        middles = [_middle(line) for line in other.lines]
        yield from middles
        yield (middles[0] + middles[-1]) / 2


def _middle(line: TextLine) -> float:
    return (line.y0 + line.y1) / 2
