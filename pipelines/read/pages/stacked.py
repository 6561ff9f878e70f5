"""Rows between which no rule is drawn: one cell holds the labels of two, and one cell their figures."""

from collections.abc import Sequence
from dataclasses import replace

from pipelines.read.model import UNREADABLE
from pipelines.read.pages.grids import FIGURE
from pipelines.read.pages.lines import TextLine, join_cell_lines
from pipelines.read.pages.stitch import list_mark
from pipelines.read.pages.tables import Fragment, PageCell

_LEVEL = 0.5  # share of its size by which a figure stands off the middle of its label's line
_SURE = 0.25  # share of its size by which a figure stands off the middle between two labels


def part_rows(fragment: Fragment) -> Fragment:
    """Return a table in which each numbered label has a row of its own, with the figures beside it.

    A figure that stands between two labels is either's, and unreadable in both rows.
    """
    rows: dict[int, list[float]] = {}
    for cell in fragment.cells:
        if cell.bottom - cell.top == 1 and len(cell.lines) > 1:
            between = _boundaries(cell.lines)
            if between and _has_figures(fragment, cell.top):
                rows[cell.top] = between
    for row in sorted(rows, reverse=True):
        fragment = _part(fragment, row, rows[row])
    _doubt_stacked(fragment)
    return fragment


def _doubt_stacked(fragment: Fragment) -> None:
    """Make unreadable the figures of a row in which a cell holds two, and others stand beside the one or the other.

    Of two rows that nothing parts, each belongs to either; beside a number that is broken, all stand at one height.
    """
    for cell in fragment.cells:
        if len(cell.lines) < 2 or not _is_stacked(cell, fragment.padding):
            continue
        row = [one for one in fragment.cells if (one.top, one.bottom) == (cell.top, cell.bottom)]
        figures = [one for one in row if one.is_figure]
        beside = [one.lines[0] for one in figures if len(one.lines) == 1]
        if not all(any(abs(line.y0 - one.y0) < _SURE * one.size for one in beside) for line in cell.lines):
            continue
        first = min(one.left for one in figures)
        for one in row:
            if one.left >= first:
                one.make_unreadable(cell.lines[0])


def _is_stacked(cell: PageCell, padding: float) -> bool:
    """Tell whether a cell of one row holds figures below one another that are not one broken for want of room."""
    parts = join_cell_lines(cell.lines, cell.left, cell.right, padding).split("\n")
    return cell.bottom - cell.top == 1 and len(parts) > 1 and all(map(FIGURE.fullmatch, parts))


def _boundaries(lines: Sequence[TextLine]) -> list[float]:
    """Return the heights between a label and the next one that begins with the number of a list item."""
    starts = [number for number, line in enumerate(lines) if list_mark().match(line.text)]
    if len(starts) < 2:
        return []
    return [(lines[start - 1].y1 + lines[start].y0) / 2 for start in starts if start]


def _has_figures(fragment: Fragment, row: int) -> bool:
    return any(FIGURE.fullmatch(line.text) for cell in fragment.cells if cell.top == row for line in cell.lines)


def _part(fragment: Fragment, row: int, between: Sequence[float]) -> Fragment:
    more = len(between)
    _doubt_foreign([cell for cell in fragment.cells if (cell.top, cell.bottom) == (row, row + 1)])
    cells: list[PageCell] = []
    for cell in fragment.cells:
        if (cell.top, cell.bottom) == (row, row + 1):
            cells += [
                PageCell(cell.left, cell.right, row + place, row + place + 1, lines)
                for place, lines in enumerate(_shares(cell.lines, between))
            ]
        else:
            top, bottom = (edge + more if edge > row else edge for edge in (cell.top, cell.bottom))
            cells.append(PageCell(cell.left, cell.right, top, bottom, cell.lines))
    return replace(fragment, cells=cells, row_count=fragment.row_count + more)


def _doubt_foreign(row: Sequence[PageCell]) -> None:
    """Make unreadable the figures on the line of a numbered label that no cell by which a row is parted holds.

    A label over several columns (（七）总计 before 3.其他) parts the row as well, and where, these cells do not say.
    """
    parted = [line for cell in row if _boundaries(cell.lines) for line in cell.lines]
    others = [line for cell in row if not _boundaries(cell.lines) for line in cell.lines]
    marked = [line for line in others if list_mark().match(line.text)]
    for cell in row if marked else ():
        cell.lines = [
            replace(line, text=UNREADABLE)
            if FIGURE.fullmatch(line.text) and _is_beside(line, marked) and not _is_beside(line, parted)
            else line
            for line in cell.lines
        ]


def _is_beside(figure: TextLine, labels: Sequence[TextLine]) -> bool:
    middle = (figure.y0 + figure.y1) / 2
    return any(abs(middle - (label.y0 + label.y1) / 2) < _LEVEL * figure.size for label in labels)


def _shares(lines: Sequence[TextLine], between: Sequence[float]) -> list[list[TextLine]]:
    """Return the lines of a cell by the label beside which each stands."""
    shares: list[list[TextLine]] = [[] for _ in range(len(between) + 1)]
    for line in lines:
        middle = line.middle
        place = sum(middle > height for height in between)
        unsure = [n for n, height in enumerate(between) if abs(middle - height) < _SURE * line.size]
        if unsure and FIGURE.fullmatch(line.text):
            for near in (unsure[0], unsure[0] + 1):
                shares[near].append(replace(line, text=UNREADABLE))
        else:
            shares[place].append(line)
    return shares
