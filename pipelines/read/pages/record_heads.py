"""The labels over the columns of a table without lines: which lines make one label, and which columns it heads."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, pairwise, product

from pipelines.read.metadata import is_section_heading
from pipelines.read.pages.lines import TextLine
from pipelines.read.pages.record_labels import Piece
from pipelines.read.pages.tables import PageCell

LINE_GAP = 3.0  # sizes between two lines of one table
LEADING = 1.7  # sizes between two lines of one label
_NARROW_LEADING = 1.3  # the same where it is not told how far rows are apart
_NEARER = 0.95  # share of the distance of two rows
_WIDEST_HEAD = 10.0  # sizes of a label over several columns
_BESIDE = 3.0  # sizes from a label to the next one beside it
_LONGEST_HEADER = 12  # lines


@dataclass(slots=True)
class _Head:
    """A label over the columns, its wrapped lines joined."""

    x0: float
    x1: float
    lines: list[TextLine]


def find_header(
    lines: Sequence[TextLine], first: int, columns: list[tuple[float, float]], leadings: Sequence[float]
) -> tuple[int, list[PageCell], list[tuple[float, float]]]:
    """Return where the header begins and its cells, and the columns with those that hold nothing but blanks.

    Args:
        lines: Of the page.
        first: The first row.
        columns: Of figures.
        leadings: Sizes between two lines of one label, by likelihood.
    """
    for widest in (0.0, _WIDEST_HEAD):
        start = _header_start(lines, first, columns, widest)
        apart = [line if len(line.pieces) == len(line.text.split()) else _parted(line) for line in lines[start:first]]
        for part, leading in product((apart, lines[start:first]), leadings):
            found = _header_cells(part, columns, leading)
            if found is not None and found[0]:
                return start, *found
    return first, [], columns


def list_leadings(records: Sequence[TextLine]) -> tuple[float, ...]:
    """Return the sizes that may part two lines of one label: less than two rows are apart, where that is told."""
    middles = [line.middle for line in records]
    pitch = min((below - above for above, below in pairwise(middles)), default=0.0) / records[0].size
    return min(_NEARER * pitch, LEADING) if pitch > 1 else LEADING, _NARROW_LEADING


def _parted(line: TextLine) -> TextLine:
    """Return a line whose parts are its words, placed by the usual width of their characters."""
    pieces: list[Piece] = []
    for x0, x1, text in line.pieces:
        widths = [line.size * sum(0.5 if one.isascii() else 1.0 for one in word) for word in text.split()]
        gap = (x1 - x0 - sum(widths)) / max(len(widths) - 1, 1)
        starts = accumulate((width + gap for width in widths[:-1]), initial=x0)
        pieces += [(x, x + width, word) for x, width, word in zip(starts, widths, text.split(), strict=True)]
    return replace(line, pieces=pieces)


def _header_start(lines: Sequence[TextLine], first: int, columns: Sequence[tuple[float, float]], widest: float) -> int:
    """Return where the header begins: what stands above the figures, up to the heading or paragraph over the table.

    Args:
        lines: Of the page.
        first: The first row.
        columns: Of figures.
        widest: Sizes up to which a text over the first column may reach beyond it.
    """
    start = first
    while start > 0 and first - start < _LONGEST_HEADER:
        line = lines[start - 1]
        crosses = any(
            x0 < columns[0][0] - line.size and x1 > columns[0][1] and x1 - x0 > widest * line.size
            for x0, x1, _ in line.pieces
        )
        if crosses or is_section_heading(line.text) or lines[start].y0 - line.y1 > LINE_GAP * line.size:
            break
        start -= 1
    return start


def _header_cells(
    lines: Sequence[TextLine], columns: list[tuple[float, float]], leading: float
) -> tuple[list[PageCell], list[tuple[float, float]]] | None:
    """Return the labels over the columns, the lowest ones one a column in order, and in a cell what stands beside them.

    Edges of cells are numbers of columns here: 0 for the first of figures. A column without a figure is its label's.

    Args:
        lines: Above the figures.
        columns: Of figures.
        leading: Sizes between two lines of one label.
    """
    heads, notes = _heads(lines, columns[0][0], leading)
    if not heads:
        return [], columns
    heads.sort(key=lambda head: (head.lines[0].y0, head.x0))
    leaves = sorted(
        (head for head in heads if not any(_is_over(head, other) for other in heads)), key=lambda one: one.x0
    )
    columns = _with_blank(columns, leaves)
    if len(leaves) != len(columns) or any(a.x1 > b.x0 for a, b in pairwise(leaves)):
        return None
    if any(_nearest((leaf.x0 + leaf.x1) / 2, columns) != number for number, leaf in enumerate(leaves)):
        return None  # a line whose blanks are as many as the labels that were not found
    levels = sorted({round(head.lines[0].y0) for head in heads})
    cells = []
    pieces = [line for head in heads for line in head.lines]
    wide = _centred_spans([head for head in heads if head not in leaves], leaves)
    for head in heads:
        own = [number for number, leaf in enumerate(leaves) if leaf is head or _is_over(head, leaf)]
        if len(own) == 1 and head not in leaves and _goes_on(head, leaves[own[0]].lines[0], LEADING, pieces):
            return None  # the first line of a label
        if not own:
            return None  # it stands over labels that are no column's
        row = levels.index(round(head.lines[0].y0))
        first, last = wide.get(id(head), (own[0], own[-1]))
        cells.append(PageCell(first, last + 1, row, row + 1, [_joined(head.lines)]))
    if notes:
        cells.append(PageCell(-1, 0, 0, len(levels), [_joined(notes)]))
    return cells, columns


def _heads(lines: Sequence[TextLine], start: float, leading: float) -> tuple[list[_Head], list[TextLine]]:
    """Return the labels over the columns, which begin at `start`, and the parts of lines in front of these."""
    heads: list[_Head] = []
    notes: list[TextLine] = []
    pieces = [piece_line(line, piece) for line in lines for piece in line.pieces]
    for piece in pieces:
        if piece.x1 <= start - piece.size:
            notes.append(piece)
            continue
        above = next((head for head in heads if _goes_on(head, piece, leading, pieces)), None)
        if above is None:
            heads.append(_Head(piece.x0, piece.x1, [piece]))
        else:
            above.lines.append(piece)
            above.x0, above.x1 = min(above.x0, piece.x0), max(above.x1, piece.x1)
    return heads, notes


def _centred_spans(groups: Sequence[_Head], leaves: Sequence[_Head]) -> dict[int, tuple[int, int]]:
    """Return the first and the last column of labels over several, by identity: those in whose middle it stands.

    Those of one level must share the columns among them, from the first of all or of one above them on to the last.
    """
    middles = [(leaf.x0 + leaf.x1) / 2 for leaf in leaves]
    spans: dict[int, tuple[int, int]] = {}
    starts = [0]
    for _, level in groupby(groups, key=lambda head: round(head.lines[0].y0)):
        held = list(level)
        shared = [_share(held, middles, start) for start in starts] if len(held) > 1 else []
        for found in [one for one in shared if one][:1]:
            spans |= {id(head): span for head, span in zip(held, found, strict=True)}
            starts = [first for first, _ in found]
    return spans


def _share(groups: Sequence[_Head], middles: Sequence[float], start: int) -> list[tuple[int, int]]:
    """Return the columns of each label of a level, which follow one another from `start` to the last, or nothing."""
    found = []
    for head in groups:
        middle, size = (head.x0 + head.x1) / 2, head.lines[0].size
        last = next(
            (n for n in range(start, len(middles)) if abs((middles[start] + middles[n]) / 2 - middle) <= size / 2), None
        )
        if last is None:
            return []
        found.append((start, last))
        start = last + 1
    return found if start == len(middles) else []


def _with_blank(columns: list[tuple[float, float]], leaves: Sequence[_Head]) -> list[tuple[float, float]]:
    """Return the columns with those that hold nothing but blanks, where each other one stands below one label."""
    if len(leaves) <= len(columns):
        return columns
    below = [[one for one in columns if leaf.x0 <= one[1] and one[0] <= leaf.x1] for leaf in leaves]
    if any(len(held) > 1 for held in below) or [one for held in below for one in held] != columns:
        return columns
    return [held[0] if held else (leaf.x0, leaf.x1) for held, leaf in zip(below, leaves, strict=True)]


def _nearest(x: float, columns: Sequence[tuple[float, float]]) -> int:
    """Return the column nearest to a place."""
    return min(range(len(columns)), key=lambda number: max(columns[number][0] - x, x - columns[number][1], 0.0))


def _goes_on(head: _Head, piece: TextLine, leading: float, pieces: Sequence[TextLine]) -> bool:
    """Tell whether a piece is the next line of a head: right below, and no wider than a wrap makes.

    A label over several columns has several below it: what stands beside the piece has no label above itself.
    """
    before = head.lines[-1]
    is_centred = abs((head.x0 + head.x1) / 2 - (piece.x0 + piece.x1) / 2) <= piece.size / 2
    is_below = 0 < piece.y1 - before.y1 <= leading * piece.size
    if not is_below or not (is_centred or abs(head.x0 - piece.x0) <= 1.0):
        return False
    beside = [one for one in pieces if one is not piece and _is_level(one, piece)]
    if any(one.x0 < head.x1 and head.x0 < one.x1 for one in beside if one not in head.lines):
        return False
    near = [one for one in beside if max(one.x0 - piece.x1, piece.x0 - one.x1) <= _BESIDE * piece.size]
    above = [one for one in pieces if _is_level(one, before)]
    have_heads = all(any(up.x0 < one.x1 and one.x0 < up.x1 for up in above) for one in near if one not in above)
    return have_heads and before.x1 - before.x0 > piece.x1 - piece.x0 - piece.size


def _is_level(one: TextLine, other: TextLine) -> bool:
    return abs(one.y0 + one.y1 - other.y0 - other.y1) / 2 < other.size / 2


def _is_over(head: _Head, other: _Head) -> bool:
    return other.lines[0].y0 > head.lines[0].y0 + 1 and head.x0 < other.x1 and other.x0 < head.x1


def _joined(lines: Sequence[TextLine]) -> TextLine:
    return replace(lines[0], text="".join(line.text for line in lines))


def piece_line(line: TextLine, piece: Piece) -> TextLine:
    """Return a piece of a line as a line of its own."""
    return replace(line, x0=piece[0], x1=piece[1], text=piece[2], pieces=[piece])
