"""What stands at a page's edge and is doubtful: cells of which only a part is shown, page numbers in a table's row."""

from collections.abc import Iterator

from pipelines.read.model import UNREADABLE
from pipelines.read.pages.grids import TOUCH
from pipelines.read.pages.lines import MARGIN, TextLine
from pipelines.read.pages.tables import Fragment, PageCell

_OFF = 0.3  # sizes by which a number stands off the lines of its row
_LONGEST = 3  # digits of a page's number


def doubt_cut_cells(fragment: Fragment, width: float) -> None:
    """Make the empty cells unreadable of which the page shows only a part: their figure may stand where it ends.

    A column of which nothing is shown has no label either, and stays as it is.
    """
    cut = [cell for cell in fragment.cells if _is_cut(cell, width)]
    shown = {(cell.left, cell.right) for cell in cut if cell.lines}
    for cell in cut:
        if not cell.lines and (cell.left, cell.right) in shown:
            x0, x1 = max(cell.left, 0.0), min(cell.right, width)
            piece = (x0, x1, UNREADABLE)
            cell.lines.append(TextLine(x0, fragment.y0, x1, fragment.y1, UNREADABLE, 1.0, 1.0, [piece]))


def _is_cut(cell: PageCell, width: float) -> bool:
    """Tell whether an edge of the page lies within a cell."""
    return cell.left < -TOUCH < TOUCH < cell.right or cell.left < width - TOUCH < width + TOUCH < cell.right


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
        if levels and min(abs(level - line.middle) for level in levels) > _OFF * line.size:
            line.text = UNREADABLE


def _levels(fragment: Fragment, cell: PageCell) -> Iterator[float]:
    """Yield the heights at which the other figures of a row stand, or where none does, its label and their middle."""
    row = [other for other in fragment.cells if other is not cell and other.lines and other.top == cell.top]
    figures = [other for other in row if other.is_figure]
    for other in figures or row:
        middles = [line.middle for line in other.lines]
        yield from middles
        yield (middles[0] + middles[-1]) / 2
