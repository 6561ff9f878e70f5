"""Tables without borders between their columns whose labels wrap, as 表三 printed from a page without borders.

What is certain is a line of figures: each stands alone in its column, and the label beside them on the same line is
theirs. Any other line of the table is a piece of a label; it gets no cells of figures, so that nothing of it is ever a
row of blanks, and whether pieces make a label of the form is for the next stage to say. Where a line fits neither, the
lines stay text; where a header has not one label for each column, it does, and what the columns are the sums must say.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, pairwise

from pipelines.read.metadata import is_section_heading
from pipelines.read.pages.grids import FIGURE
from pipelines.read.pages.lines import TextLine
from pipelines.read.pages.record_heads import LEADING, LINE_GAP, find_header, list_leadings, piece_line
from pipelines.read.pages.record_labels import LabelColumns, Piece
from pipelines.read.pages.tables import Fragment, PageCell

_FEWEST_FIGURES = 4  # in a line that shows where the columns are
_FEWEST_RECORDS = 5  # under no header, as on a page on which a table goes on
_MOST_RECORDS = 60  # of one page that are tried together
_LONG_RECORD = 10  # figures of a line without a label that is a table by itself, as in 表四
_GUTTER = 0.5  # sizes; the narrowest gap between two columns of figures
_REST_GAP = 0.8  # sizes between a row and the rest of one of its figures
_LEVEL = 0.3  # sizes by which figures may stand off the middle between the two lines of their label

Item = TextLine | Fragment


def find_record_tables(lines: Sequence[TextLine]) -> list[Item]:
    """Return the lines with each table that they hold for sure in its place."""
    items: list[Item] = []
    rest = list(lines)
    while (found := _next_table(rest)) is not None:
        table, start, end = found
        items += [*rest[:start], table]
        rest = rest[end:]
    return items + rest


def _next_table(lines: Sequence[TextLine]) -> tuple[Fragment, int, int] | None:
    told = [number for number, line in enumerate(lines) if is_record(line)]
    tried = (_table_of(lines, told[:count]) for count in range(min(len(told), _MOST_RECORDS), 0, -1))
    found = next((found for found in tried if found is not None), None)  # tables of other columns may follow
    if found is None:
        lone = (_table_of(lines, [number]) for number in islice(_lone_records(lines), _MOST_RECORDS))
        found = next((found for found in lone if found is not None), None)
    return found


def _lone_records(lines: Sequence[TextLine]) -> Iterator[int]:
    """Yield the lines of nothing but figures right below labels: a table of one row, some of its cells blank."""
    for number, (above, line) in enumerate(pairwise(lines), start=1):
        is_below = line.y0 - above.y1 <= LEADING * line.size
        if len(line.pieces) > 1 and is_below and all(map(is_figure, line.pieces)) and not is_row_like(above):
            yield number


def _table_of(lines: Sequence[TextLine], told: Sequence[int]) -> tuple[Fragment, int, int] | None:
    """Return the table whose columns the lines `told` show, with its first line and the one behind its last."""
    columns, is_full = _columns([lines[number] for number in told])
    first = _first_row(lines, told[0], columns)
    start, header, columns = find_header(lines, first, columns, list_leadings([lines[number] for number in told]))
    if not (header or is_full):
        return None
    last = _last_row(lines, told[-1], columns)
    if not all(_is_row(lines[number], columns) for number in range(first, last + 1)):
        return None
    records = {
        number for number in range(first, last + 1) if lines[number].is_row or any(map(is_figure, lines[number].pieces))
    }
    around = [*lines[max(first - 1, 0) : first], *lines[last + 1 : last + 2]]
    figures = columns[0][0] - lines[first].size, columns[-1][1]
    if any(holds_rest(line, lines[first : last + 1], figures) for line in around):
        return None
    is_one_line = first == last and len(columns) >= _LONG_RECORD and all(map(is_figure, lines[first].pieces))
    if not is_one_line and (first == last or not all(_has_label(lines, number, columns) for number in records)):
        return None
    end = _labels_end(lines, last, columns)
    if not header and not is_one_line and len(told) < _FEWEST_RECORDS:
        return None
    cells = _cells(lines[first:end], {number - first for number in records}, columns, header)
    if cells is None:
        return None
    part = lines[start:end]
    left, right = min(cell.left for cell in cells), max(cell.right for cell in cells)
    count = max(cell.bottom for cell in cells)
    return Fragment(left, part[0].y0, right, part[-1].y1, count, cells, False, False, 0.0), start, end  # noqa: FBT003 - fields


def holds_rest(line: TextLine, rows: Sequence[TextLine], figures: tuple[float, float]) -> bool:
    """Tell whether a line right above or below rows has nothing but figures, and those within the stretch of theirs.

    It holds then what a row prints in truth, off its line, or the rest of a number that is broken over two.
    """
    gap = max(rows[0].y0 - line.y1, line.y0 - rows[-1].y1)
    is_within = figures[0] < line.x0 and line.x1 <= figures[1] + line.size
    return gap <= _REST_GAP * line.size and is_within and all(map(is_figure, line.pieces))


def is_record(line: TextLine) -> bool:
    """Tell whether a line has as many figures as show where columns are."""
    return len(line.pieces) >= _FEWEST_FIGURES and sum(map(is_figure, line.pieces)) >= _FEWEST_FIGURES


def is_row_like(line: TextLine) -> bool:
    """Tell whether figures stand apart in a line."""
    return len(line.pieces) > 1 and any(map(is_figure, line.pieces))


def is_figure(piece: Piece) -> bool:
    """Tell whether a part of a line is a number or a dash."""
    return FIGURE.fullmatch(piece[2].strip()) is not None


def _columns(records: Sequence[TextLine]) -> tuple[list[tuple[float, float]], bool]:
    """Return the stretches that figures take, and whether a line fills them all."""
    size = max(line.size for line in records)
    columns: list[tuple[float, float]] = []
    for x0, x1, _ in sorted(piece for line in records for piece in line.pieces if is_figure(piece)):
        if columns and x0 < columns[-1][1] + _GUTTER * size:
            columns[-1] = columns[-1][0], max(columns[-1][1], x1)
        else:
            columns.append((x0, x1))
    counts = [sum(map(is_figure, line.pieces)) for line in records]
    return columns, max(counts) == len(columns)


def _first_row(lines: Sequence[TextLine], first: int, columns: Sequence[tuple[float, float]]) -> int:
    """Return the first row of a table: rows of few figures, the others blank, may stand above those that are told."""
    found = first
    for number in range(first - 1, -1, -1):
        line = lines[number]
        if lines[number + 1].y0 - line.y1 > LINE_GAP * line.size or not _continues(lines, number, columns):
            break
        found = number if any(map(is_figure, line.pieces)) else found
    return found


def _last_row(lines: Sequence[TextLine], last: int, columns: Sequence[tuple[float, float]]) -> int:
    """Return the last row of a table; see `_first_row`."""
    found = last
    for number in range(last + 1, len(lines)):
        line = lines[number]
        if line.y0 - lines[number - 1].y1 > LINE_GAP * line.size or not _continues(lines, number, columns):
            break
        found = number if line.is_row or any(map(is_figure, line.pieces)) else found
    return found


def _continues(lines: Sequence[TextLine], number: int, columns: Sequence[tuple[float, float]]) -> bool:
    """Tell whether a line is a row with its label, or a piece of a label."""
    line = lines[number]
    if is_section_heading(line.text) or not _is_row(line, columns):
        return False
    return not any(map(is_figure, line.pieces)) or _has_label(lines, number, columns)


def _is_row(line: TextLine, columns: Sequence[tuple[float, float]]) -> bool:
    """Tell whether a line holds labels in front of the columns and at most one figure in each."""
    taken = [_column_of(piece, columns) for piece in line.pieces if is_figure(piece)]
    if None in taken or len(set(taken)) != len(taken):
        return False
    return all(is_figure(piece) or piece[1] <= columns[0][0] for piece in line.pieces)


def _column_of(piece: Piece, columns: Sequence[tuple[float, float]]) -> int | None:
    held = [number for number, (left, right) in enumerate(columns) if piece[0] <= right and left <= piece[1]]
    return held[0] if len(held) == 1 else None


def _has_label(lines: Sequence[TextLine], number: int, columns: Sequence[tuple[float, float]]) -> bool:
    """Tell whether a label stands beside the figures of a line, or its two lines right above and below them."""
    line = lines[number]
    if any(not is_figure(piece) for piece in line.pieces):
        return True
    if not 0 < number < len(lines) - 1:
        return False
    above, below = lines[number - 1], lines[number + 1]
    if any(map(is_figure, (*above.pieces, *below.pieces))) or not _is_row(below, columns):
        return False
    off = (above.y0 + below.y1 - line.y0 - line.y1) / 2
    return abs(off) <= _LEVEL * line.size and below.y1 - above.y1 <= LEADING * line.size


def _labels_end(lines: Sequence[TextLine], last: int, columns: Sequence[tuple[float, float]]) -> int:
    """Return the line behind the last of the table: pieces of its last label may stand below its figures."""
    end = last + 1
    while end < len(lines):
        line = lines[end]
        is_close = line.y1 - lines[end - 1].y1 <= LEADING * line.size
        if not is_close or is_section_heading(line.text) or any(x1 > columns[0][0] for _, x1, _ in line.pieces):
            break
        end += 1
    return end


def _cells(
    lines: Sequence[TextLine],
    records: set[int],
    columns: Sequence[tuple[float, float]],
    header: Sequence[PageCell],
) -> list[PageCell] | None:
    """Return the cells of the table, or None where labels begin in too many places to be columns."""
    edges = [left - 1 for left, _ in columns] + [columns[-1][1] + 1]
    labels = LabelColumns.of([piece for line in lines for piece in line.pieces if piece[0] < columns[0][0]])
    if labels is None:
        return None
    height = max((cell.bottom for cell in header), default=0)
    cells = [
        replace(cell, left=labels.start if cell.left < 0 else edges[int(cell.left)], right=edges[int(cell.right)])
        for cell in header
    ]
    rows = [
        [
            part
            for piece in line.pieces
            if not is_figure(piece) or piece[1] < columns[0][0]
            for part in labels.parts(piece, line.size)
        ]
        for line in lines
    ]
    rows = labels.join(rows, [line.middle for line in lines], records, lines[0].size)
    for number, (line, row) in enumerate(zip(lines, rows, strict=True)):
        lefts = list(map(labels.start_of, row))
        if any(left >= right for left, right in pairwise(lefts)):
            return None
        spans = pairwise([*lefts, labels.end_of(row[-1], edges[0])]) if row else ()
        placed: list[tuple[tuple[float, float], Piece | None]] = list(zip(spans, row, strict=True))
        if number in records:
            figures = {_column_of(piece, columns): piece for piece in line.pieces if is_figure(piece)}
            placed += [(span, figures.get(column)) for column, span in enumerate(pairwise(edges))]
        top = height + number
        cells += [
            PageCell(left, right, top, top + 1, [piece_line(line, piece)] if piece is not None else [])
            for (left, right), piece in placed
        ]
    return cells
