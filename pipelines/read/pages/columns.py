"""Tables without ruling lines: columns from gaps that run through all lines, where they leave no doubt."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from pipelines.read.pages.grids import FIGURE
from pipelines.read.pages.lines import TextLine
from pipelines.read.pages.records import find_record_tables, holds_rest
from pipelines.read.pages.tables import Fragment, PageCell

_FEWEST_ROWS = 3
_LINE_GAP = 3.0  # sizes between two rows of one table
_GUTTER = 1.0  # sizes; the narrowest gap between two columns
_WHOLE_SHARE = 0.6  # share of the rows that must fill every column
_FIGURE_SHARE = 0.5  # share of the texts beyond the first column that must be figures
_SEVERAL = re.compile(r"\d\s+\d")

Item = TextLine | Fragment


def find_aligned_tables(lines: Sequence[TextLine]) -> list[Item]:
    """Return the lines with each run of them that makes a table in its place.

    A run is taken only where no text reaches into a gap between columns, no line has two texts in one column and most
    lines fill all of them; anything else stays text, which the next stage refuses to count. Where labels wrap, lines
    of figures tell the columns (`pipelines.read.pages.records`).
    """
    items: list[Item] = []
    run: list[TextLine] = []
    before: TextLine | None = None
    for line in find_record_tables(lines):
        if isinstance(line, Fragment):
            items += [*_table_or_lines(run, before, None), line]
            run, before = [], None
            continue
        if run and (len(line.pieces) < 2 or line.y0 - run[-1].y1 > _LINE_GAP * line.size):
            items += _table_or_lines(run, before, line)
            before, run = run[-1], []
        if len(line.pieces) < 2:
            items.append(line)
            before = line
        else:
            run.append(line)
    return items + _table_or_lines(run, before, None)


def _table_or_lines(run: Sequence[TextLine], before: TextLine | None, after: TextLine | None) -> list[Item]:
    """Return the table that a run of lines makes, or the lines.

    Args:
        run: The lines.
        before: The line above them, and `after` the one below: a figure there, off its line or broken over two, is
            what a cell of the table prints in truth.
        after: See `before`.
    """
    columns = _columns(run) if len(run) >= _FEWEST_ROWS else None
    if columns is None:
        return list(run)
    figures = columns[0][1], columns[-1][1]
    if any(holds_rest(line, run, figures) for line in (before, after) if line is not None):
        return list(run)
    edges = [columns[0][0] - 1, *((a[1] + b[0]) / 2 for a, b in pairwise(columns))]
    edges.append(columns[-1][1] + 1)
    cells = []
    for row, line in enumerate(run):
        for number, (left, right) in enumerate(columns):
            held = [
                replace(line, x0=x0, x1=x1, text=text, pieces=[(x0, x1, text)])
                for x0, x1, text in line.pieces
                if left <= x0 and x1 <= right
            ]
            cells.append(PageCell(edges[number], edges[number + 1], row, row + 1, held))
    return [Fragment(edges[0], run[0].y0, edges[-1], run[-1].y1, len(run), cells, False, False, 0.0)]  # noqa: FBT003 - fields


def _column_of(piece: tuple[float, float, str], columns: Sequence[tuple[float, float]]) -> int:
    return next(number for number, (left, right) in enumerate(columns) if left <= piece[0] and piece[1] <= right)


def _columns(run: Sequence[TextLine]) -> list[tuple[float, float]] | None:
    """Return the columns of a run of lines as (left, right), or None where they are not clear.

    >>> def line(*pieces):
    ...     return TextLine(0, 0, 0, 10, "", 10, 5, list(pieces))
    >>> _columns([line((0, 40, "规章"), (60, 65, "0")), line((0, 80, "规范性文件"), (100, 105, "5"))]) is None
    True
    """
    columns: list[tuple[float, float]] = []
    for x0, x1, _ in sorted(piece for line in run for piece in line.pieces):
        if columns and x0 <= columns[-1][1]:
            columns[-1] = columns[-1][0], max(columns[-1][1], x1)
        else:
            columns.append((x0, x1))
    if any(len({_column_of(piece, columns) for piece in line.pieces}) < len(line.pieces) for line in run):
        return None
    size = max(line.size for line in run)
    widest = max(len(line.pieces) for line in run)
    if len(columns) != widest or any(b[0] - a[1] < _GUTTER * size for a, b in pairwise(columns)):
        return None
    if sum(len(line.pieces) == widest for line in run) < _WHOLE_SHARE * len(run):
        return None
    others = [text for line in run for x0, _, text in line.pieces if x0 > columns[0][1]]
    if any(_SEVERAL.search(text) for text in others):
        return None
    figures = sum(FIGURE.fullmatch(text) is not None for text in others)
    return columns if figures >= _FIGURE_SHARE * len(others) else None
