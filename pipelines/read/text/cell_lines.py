"""Text that prints one cell a line: which of its empty lines are blank cells, and which part cells or rows."""

from collections.abc import Sequence
from itertools import groupby, pairwise
from math import gcd
from typing import NamedTuple

from pipelines.read.text.rows import TOLERANCES, is_figure_field

_WIDTH = 3  # columns of the narrow forms, and so the figures and blank cells of a row
_TABLE_ENDS = 8  # one row in so many may end its table, where another gap follows
_HEAD = 5  # labels in a row that are the head of figures below them
_SURE = 4  # gaps that tell how many empty lines a blank cell is


class CellLines(NamedTuple):
    """One text a cell, from so many lines; where empty lines part the cells, no covered ones are among them."""

    cells: list[str]
    line_count: int
    are_parted: bool


class _Gap(NamedTuple):
    """How many empty lines stand between two texts, which of them are figures, and the second."""

    width: int
    was_figure: bool
    is_figure: bool
    text: str


def take_blank_cells(lines: Sequence[tuple[bool, str]]) -> CellLines | None:
    """Return the cells of a text that prints one a line, empty lines for blank and covered ones; None for others.

    LibreOffice saves tables so. Elsewhere an empty line is where a page breaks; here several in a row stand between
    figures all over the table. Where one stands around every figure it parts the cells, and only the others are cells.

    Args:
        lines: The lines from the first short one on, each with whether it is short; a line that is not must be empty.
    """
    run: list[str] = []
    gap = doubled = figures = 0
    for is_short, text in lines:
        gap = 0 if is_short else gap + 1
        if (not is_short and text.strip()) or gap > TOLERANCES.blanks:
            break
        doubled += gap == 2 and figures > 0
        figures += is_short and is_figure_field(text.strip())
        run.append(text)
    del run[len(run) - gap :]
    if doubled < TOLERANCES.doubled or figures < TOLERANCES.inline_figures:
        return None
    are_parted = _are_parted(run)
    return CellLines(_cells_of(run, are_parted=are_parted), len(run), are_parted)


def _are_parted(run: list[str]) -> bool:
    """Tell whether an empty line stands on either side of every figure."""
    return not any(
        first.strip() and second.strip() and (is_figure_field(first.strip()) or is_figure_field(second.strip()))
        for first, second in pairwise(run)
    )


def _cells_of(run: list[str], *, are_parted: bool) -> list[str]:
    """Return the cells of lines, blank ones for empty lines unless nothing tells how many of them a blank cell is.

    >>> _cells_of(["规章", "", "3", "", "", "0"], are_parted=True)
    ['规章', '3', '', '0']
    >>> _cells_of(["规章", "3", "", "", "文件", "0", "", "", "许可"], are_parted=False)
    ['规章', '3', '文件', '0', '许可']
    """
    gaps = _gaps(run)
    between = min(gap.width for gap in gaps if gap.is_figure) if are_parted else 0
    gaps = _drop_row_gaps([gap._replace(width=gap.width - between) for gap in gaps])
    lines = _lines_of_blank(gaps, between) if are_parted else 1
    cells = [next(filter(str.strip, run)).strip()]
    for gap in gaps:
        cells += [*[""] * (max(gap.width, 0) // lines if lines else 0), gap.text]
    return cells


def _gaps(run: list[str]) -> list[_Gap]:
    filled = [(at, text.strip(), is_figure_field(text.strip())) for at, text in enumerate(run) if text.strip()]
    return [
        _Gap(after - before - 1, was_figure, is_figure, text)
        for (before, _, was_figure), (after, text, is_figure) in pairwise(filled)
    ]


def _drop_row_gaps(gaps: list[_Gap]) -> list[_Gap]:
    """Return gaps without the lines that part rows, which stand behind the figures of nearly all.

    They stand behind a head as well, whose figures follow it at once. Where no figure has a gap before the next one,
    blank cells were left out, and what is wider at a row's end is the end of a table.
    """
    ends = sorted(gap.width for gap in gaps if gap.was_figure and not gap.is_figure)
    of_rows = ends[max(len(ends) // _TABLE_ENDS, len(ends) > 2)] if ends else 0
    if not of_rows:
        return gaps
    if not any(gap.width for gap in gaps if gap.was_figure and gap.is_figure):
        return [gap._replace(width=0) for gap in gaps]
    found = []
    labels = 1
    for gap in gaps:
        ends_row = gap.width >= of_rows and (not gap.is_figure or (not gap.was_figure and labels >= _HEAD))
        found.append(gap._replace(width=gap.width - of_rows) if ends_row else gap)
        labels = 0 if gap.is_figure else 1 if gap.width >= of_rows else labels + 1
    return found


def _lines_of_blank(gaps: list[_Gap], between: int) -> int | None:
    """Return how many empty lines a blank cell is where empty lines part the cells, None where nothing tells.

    Joined by two line breaks a blank cell is two empty lines more, by three it is three: what divides all gaps in front
    of figures. Where it divides nearly all, some line may be one too many.
    """
    widths = [gap.width for gap in gaps if gap.is_figure and gap.width > 0]
    lines = gcd(*widths) or between + 1
    is_doubtful = sum(width % 2 for width in widths) * _SURE < len(widths) if lines == 1 else 0 < len(widths) < _SURE
    return None if is_doubtful else lines


def drop_fillers(cells: list[str]) -> list[str]:
    """Return cells without the blank ones that fill the rows of a narrow table up, behind its figures or its heads.

    >>> drop_fillers(["信息内容", "项目", "", "收费", "0", "2", "", "采购", "3", "", ""])
    ['信息内容', '项目', '收费', '0', '2', '采购', '3']
    >>> drop_fillers(["新收", "", "", "", "", "", "", "2", "结转", "0", "0"])
    ['新收', '', '', '', '', '', '', '2', '结转', '0', '0']
    """
    found: list[str] = []
    figures = 0  # those of the row, none where a blank stands among them
    runs = [(is_blank, list(group)) for is_blank, group in groupby(cells, key=lambda cell: not cell)]
    for at_run, (is_blank, run) in enumerate(runs):
        ends_row = at_run + 1 == len(runs) or not is_figure_field(runs[at_run + 1][1][0])
        if not is_blank:
            found += run
            labels = [at for at, cell in enumerate(run, start=1) if not is_figure_field(cell)]
            figures = len(run) - labels[-1] if labels else _WIDTH
        elif not ends_row or not (figures + len(run) == _WIDTH or (not figures and len(run) < _WIDTH)):
            found += run
    return found
