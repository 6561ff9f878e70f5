"""Cells of which a page shows only a part: what looks empty may hold a figure where the page ends."""

from pipelines.read.pages.content import UNREADABLE
from pipelines.read.pages.grids import TOUCH
from pipelines.read.pages.lines import TextLine
from pipelines.read.pages.tables import Fragment, PageCell


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
