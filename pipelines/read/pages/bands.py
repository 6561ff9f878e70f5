"""Rows that rules or shades part, of a table in which nothing parts the columns: the lines of each made one.

A label that wraps, the group that it belongs to and the figures beside them stand on several lines; and a row whose
cells are all blank has no figure that it could be known by.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from pipelines.read.metadata import is_section_heading
from pipelines.read.pages.content import PageContent
from pipelines.read.pages.lines import TextLine
from pipelines.read.pages.records import is_figure, is_record
from pipelines.read.pages.ruling import merge_segments
from pipelines.read.pages.unclosed import FEWEST, level_borders

_SHORT = 2.0  # points by which a rule may fall short of the figures above it
_SAME_TABLE = 0.6  # share of their common stretch that figures of two rows of one table have in common
_HIGHEST_ROW = 150.0  # points

_Stretch = tuple[float, float]


def join_bands(lines: list[TextLine], page: PageContent) -> list[TextLine]:
    """Return the lines outside ruled tables, those of each row that rules or shades part as one.

    Args:
        lines: From top to bottom.
        page: On which they stand.
    """
    if max(len(page.segments), len(page.areas)) < FEWEST:
        return lines
    records = [line for line in lines if is_record(line)]
    if not records:
        return lines
    rules, _ = merge_segments(level_borders(page.segments, page.areas, page.width * page.height))
    for left, right, group in list(_groups(records, lines)):
        heights = sorted(one.position for one in rules if one.start <= left + _SHORT and right - _SHORT <= one.end)
        lines = _joined(lines, group, heights, left)
    return lines


def _groups(records: Sequence[TextLine], lines: Sequence[TextLine]) -> Iterator[tuple[float, float, list[TextLine]]]:
    """Yield the records of each table with the stretch that their figures take."""
    headings = [line.y0 for line in lines if len(line.pieces) == 1 and is_section_heading(line.text)]
    left, right = _stretch(records[0])
    group = [records[0]]
    for record in records[1:]:
        own = _stretch(record)
        common = min(right, own[1]) - max(left, own[0])
        is_parted = any(group[-1].y0 < y < record.y0 for y in headings)
        if is_parted or common < _SAME_TABLE * (max(right, own[1]) - min(left, own[0])):
            yield left, right, group
            (left, right), group = own, []
        left, right = min(left, own[0]), max(right, own[1])
        group.append(record)
    yield left, right, group


def _stretch(record: TextLine) -> _Stretch:
    figures = [piece for piece in record.pieces if is_figure(piece)]
    return min(x0 for x0, _, _ in figures), max(x1 for _, x1, _ in figures)


def _joined(lines: list[TextLine], group: Sequence[TextLine], heights: Sequence[float], left: float) -> list[TextLine]:
    """Return the lines with those of each row of one table as one, where each of its records has a band of its own."""
    bands = [(top, bottom, [line for line in lines if top < line.middle < bottom]) for top, bottom in pairwise(heights)]
    own = [number for number, (_, _, held) in enumerate(bands) if any(line in group for line in held)]
    # A shade shows no foot of the last row of a page, which is then not within any.
    within = [line for line in group if heights and heights[0] < line.middle < heights[-1]]
    if not own or len(own) < len(within):
        return lines
    first, last = own[0], own[-1]
    while first > 0 and _is_row(bands[first - 1], left, fewest=1):
        first -= 1
    while last + 1 < len(bands) and _is_row(bands[last + 1], left, fewest=0):
        last += 1
    rows = bands[first : last + 1]
    if not all(_is_row(band, left, fewest=0) for band in rows):
        return lines
    taken = {id(line) for _, _, held in rows for line in held}
    kept = [line for line in lines if id(line) not in taken]
    return sorted([*kept, *(_one_line(held) for _, _, held in rows)], key=lambda line: line.y0 + line.y1)


def _is_row(band: tuple[float, float, list[TextLine]], left: float, *, fewest: int) -> bool:
    """Tell whether what stands in a band may be a row: labels in front of the figures, and those on one line."""
    top, bottom, held = band
    if not held or bottom - top > _HIGHEST_ROW:
        return False
    with_figures = [line for line in held if any(map(is_figure, line.pieces))]
    if not with_figures and any(is_section_heading(line.text) for line in held):
        return False
    return fewest <= len(with_figures) <= 1 and all(
        x0 >= left - line.size if is_figure((x0, x1, text)) else x1 <= left
        for line in held
        for x0, x1, text in line.pieces
    )


def _one_line(held: Sequence[TextLine]) -> TextLine:
    """Return the lines of a row as one, those of each label joined."""
    labels: list[tuple[float, float, str]] = []
    figures: list[tuple[float, float, str]] = []
    for line in held:
        for piece in line.pieces:
            if is_figure(piece):
                figures.append(piece)
                continue
            x0, x1, text = piece
            place = next((n for n, one in enumerate(labels) if one[0] < x1 and x0 < one[1]), None)
            if place is None:
                labels.append(piece)
            else:
                before = labels[place]
                labels[place] = min(before[0], x0), max(before[1], x1), before[2] + text
    pieces = sorted([*labels, *figures])
    return replace(
        held[0],
        x0=pieces[0][0],
        y0=min(line.y0 for line in held),
        x1=max(x1 for _, x1, _ in pieces),
        y1=max(line.y1 for line in held),
        text=" ".join(text for _, _, text in pieces),
        size=max(line.size for line in held),
        pieces=pieces,
        is_row=True,
    )
