"""Tables without ruling lines: columns from gaps that run through all lines, where they leave no doubt."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from operator import itemgetter

from pipelines.read.pages.grids import FIGURE
from pipelines.read.pages.lines import TextLine
from pipelines.read.pages.records import find_record_tables, holds_rest
from pipelines.read.pages.tables import Fragment, PageCell

_FEWEST_ROWS = 3
_LINE_GAP = 3.0  # sizes between two rows of one table
_GUTTER = 1.0  # sizes; the narrowest gap between two columns
_WHOLE_SHARE = 0.6  # share of the rows that must fill every column
_FIGURE_SHARE = 0.5  # share of the texts beyond the first column that must be figures
_SAME_END = 1.0  # points by which figures set to one side of their column stand apart there
_BEYOND = 0.5  # sizes by which the label of such a column reaches beyond that side
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
        return _headed(run)
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


def _headed(run: Sequence[TextLine]) -> list[Item]:
    """Return the lines, those that make a row of labels and rows of a label and figures below as a table.

    Each figure must stand below one of the labels; in the others' columns the row is blank.
    """
    items: list[Item] = []
    start = 0
    while start < len(run):
        end = start + 1
        heads = [piece[:2] for piece in run[start].pieces]
        if not any(FIGURE.fullmatch(text) for _, _, text in run[start].pieces):
            if end < len(run) and _places(run[end], heads) is None:
                heads = _widened(run[start], run[end:])
            while end < len(run) and _places(run[end], heads) is not None:
                end += 1
        items += [_headed_table(run[start:end], heads)] if end - start > 1 else [run[start]]
        start = end
    return items


def _widened(head: TextLine, rows: Sequence[TextLine]) -> list[tuple[float, float]]:
    """Return where labels stand, each as far as the figures of its column where these end or begin at one place.

    Figures set to a side stand beside a label in the middle of its column. They are its own where as many columns end,
    or begin, as there are labels, and each label stands between the edges of its column and of the next.
    """
    heads = [piece[:2] for piece in head.pieces]
    figures: list[tuple[float, float, str]] = []
    for row in rows:
        if len(row.pieces) < 2 or not all(FIGURE.fullmatch(one[2]) for one in row.pieces[1:]):
            break
        figures += row.pieces[1:]
    for side in (1, 0):
        columns = _set_to(figures, side)
        if len(columns) != len(heads) - 1:
            continue
        edges = [one[side] for one in columns]
        bounds = pairwise([heads[0][1], *edges] if side else [*edges, float("inf")])
        beyond = _BEYOND * head.size
        is_within = all(
            before - beyond * (1 - side) <= x0 and x1 <= end + beyond * side
            for (x0, x1), (before, end) in zip(heads[1:], bounds, strict=True)
        )
        wide = [(min(x0, a), max(x1, b)) for (x0, x1), (a, b) in zip(heads[1:], columns, strict=True)]
        if is_within and all(a[1] < b[0] for a, b in pairwise([heads[0], *wide])):
            return [heads[0], *wide]
    return heads


def _set_to(figures: Sequence[tuple[float, float, str]], side: int) -> list[tuple[float, float]]:
    """Return from where to where the figures of each column reach, told apart by where they begin (0) or end (1)."""
    columns: list[tuple[float, float]] = []
    for x0, x1, _ in sorted(figures, key=itemgetter(side)):
        if columns and (x0, x1)[side] - columns[-1][side] <= _SAME_END:
            columns[-1] = min(x0, columns[-1][0]), max(x1, columns[-1][1])
        else:
            columns.append((x0, x1))
    return columns


def _places(line: TextLine, heads: Sequence[tuple[float, float]]) -> list[int] | None:
    """Return below which label each part of a row stands, or None where that is not clear."""
    label, *figures = line.pieces
    if FIGURE.fullmatch(label[2]) or label[1] >= heads[1][0] or not all(FIGURE.fullmatch(one[2]) for one in figures):
        return None
    held = [[n for n, (x0, x1) in enumerate(heads) if x0 <= one[1] and one[0] <= x1] for one in figures]
    places = [0, *(own[0] for own in held if len(own) == 1)]
    return places if len(places) == len(line.pieces) and all(a < b for a, b in pairwise(places)) else None


def _headed_table(run: Sequence[TextLine], heads: Sequence[tuple[float, float]]) -> Fragment:
    rows = [dict(enumerate(run[0].pieces))]
    rows += [dict(zip(_places(line, heads) or [], line.pieces, strict=True)) for line in run[1:]]
    spans = [
        (min(row[n][0] for row in rows if n in row), max(row[n][1] for row in rows if n in row))
        for n in range(len(heads))
    ]
    edges = [spans[0][0] - 1, *((a[1] + b[0]) / 2 for a, b in pairwise(spans)), spans[-1][1] + 1]
    cells = [
        PageCell(left, right, top, top + 1, [_line_of(run[top], row[n])] if n in row else [])
        for top, row in enumerate(rows)
        for n, (left, right) in enumerate(pairwise(edges))
    ]
    return Fragment(edges[0], run[0].y0, edges[-1], run[-1].y1, len(run), cells, False, False, 0.0)  # noqa: FBT003 - fields


def _line_of(line: TextLine, piece: tuple[float, float, str]) -> TextLine:
    return replace(line, x0=piece[0], x1=piece[1], text=piece[2], pieces=[piece])


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
