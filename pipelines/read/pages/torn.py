"""Tables of whose borders too few are drawn for cells: those between rows, or between columns, or in every other row.

What they hold is text again, of which rules and figures tell the rows and columns (`bands`, `records`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipelines.read.pages.lines import TextLine
from pipelines.read.pages.records import is_figure, is_row_like
from pipelines.read.pages.tables import Fragment, PageCell

_FEWEST_TORN = 2  # cells that hold what belongs into several
_FEWEST_STACKED = 4  # figures below one another in a cell; fewer may be a number that is broken
_SAME_LINE = 0.5  # share of their size by which texts of one line stand at different heights


def is_torn(fragment: Fragment) -> bool:
    """Tell whether cells of a table hold a row of figures, or a column of them.

    >>> line = TextLine(0, 0, 90, 9, "一 2 3", 9, 9, [(0, 9, "一"), (40, 45, "2"), (80, 85, "3")])
    >>> rows = [PageCell(0, 90, row, row + 1, [line]) for row in range(2)]
    >>> is_torn(Fragment(0, 0, 90, 20, 2, rows, False, False, 0))
    True
    """
    first = fragment.cells[0]
    if all(cell.left == first.left and cell.right == first.right for cell in fragment.cells):
        return any(map(is_row_like, fragment.lines))
    torn = [
        cell
        for cell in fragment.cells
        if any(len(line.pieces) > 1 and _is_row(line) for line in cell.lines)
        or (len(cell.lines) >= _FEWEST_STACKED and _is_stack(cell))
    ]
    if len(torn) < _FEWEST_TORN:
        return False
    edges = fragment.edges
    wide = [cell for cell in torn if _is_stack(cell) or any(cell.left < edge < cell.right for edge in edges)]
    return len(wide) >= _FEWEST_TORN


def _is_row(line: TextLine) -> bool:
    """Tell whether a label and figures behind it stand in a line: digits alone may be those of one number."""
    return not is_figure(line.pieces[0]) and is_figure(line.pieces[-1])


def _is_stack(cell: PageCell) -> bool:
    figures = sum(all(map(is_figure, line.pieces)) for line in cell.lines)
    return figures >= _FEWEST_STACKED and figures >= len(cell.lines) - 1


def list_lines(fragment: Fragment) -> list[TextLine]:
    """Return the lines of a table as if no border were drawn, from top to bottom."""
    return list(_levels(sorted(fragment.lines, key=lambda line: line.middle)))


def _levels(lines: Sequence[TextLine]) -> Iterator[TextLine]:
    held: list[TextLine] = []
    for line in lines:
        if held and line.middle - held[0].middle > _SAME_LINE * max(line.size, held[0].size):
            yield _joined(held)
            held = []
        held.append(line)
    if held:
        yield _joined(held)


def _joined(held: Sequence[TextLine]) -> TextLine:
    if len(held) == 1:
        return held[0]
    pieces = sorted(piece for line in held for piece in line.pieces)
    return replace(
        min(held, key=lambda line: line.x0),
        y0=min(line.y0 for line in held),
        x1=max(line.x1 for line in held),
        y1=max(line.y1 for line in held),
        text=" ".join(text for _, _, text in pieces),
        size=max(line.size for line in held),
        pieces=pieces,
    )
