"""Lines of printed text: their characters put in order, their wraps undone, page furniture told from the text."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipelines.read.model import UNREADABLE
from pipelines.read.pages.ruling import DEFAULT_TOLERANCES, Character, group_lines

FIGURE_GAP = 0.25  # share of the size; figures farther apart than this are two
_REAL_SPACE_GAP = 0.1  # share of the size that a printed space must leave open
RAISED = 0.8  # share of the size; a figure this much smaller than the one before it is a footnote's mark
_SHIFTED = 0.2  # share of the size by which figures stand on different lines, as a mark does that is hardly smaller
_PIECE_GAP = 1.2  # share of the size; a gap this wide may part columns
_FIGURE_PIECE_GAP = 0.6  # the same in front of a figure, which narrow columns set nearer than texts
_OVERLAP = 0.4  # share of a figure's width that may lie under its neighbour
MARGIN = 0.14  # share of the page's height at the top and at the foot in which page furniture stands
_SAME_PLACE = 3.0  # points
_PAGE_NUMBER = re.compile(r"[-–—―－_~·•.\s]*(\d{1,4})[-–—―－_~·•.\s]*")
_DECORATED = re.compile(r"([-–—―－~·•])\s*\d{1,4}\s*\1")
_SOFT_HYPHEN = re.compile(r"\xad(?=\s*\d)|(?<=\d)\xad")
_DIGITS = re.compile(r"\d+")


@dataclass(slots=True)
class TextLine:
    """One line of text.

    Attributes:
        size: Height of the largest character.
        lead: Width of the first character: the room that it would have needed at the end of the line before.
        pieces: The line's parts where wide gaps part it, as (x0, x1, text).
        is_row: Rules or shades part it from others as a row of a table.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    text: str
    size: float
    lead: float
    pieces: list[tuple[float, float, str]]
    is_row: bool = False

    @property
    def middle(self) -> float:
        """Height of the line's middle."""
        return (self.y0 + self.y1) / 2


def build_lines(characters: Iterable[Character]) -> list[TextLine]:
    """Return the lines that characters stand on, from top to bottom."""
    found = (_build_line(line) for line in group_lines(characters))
    return [line for line in found if line is not None]


def _build_line(characters: Sequence[Character]) -> TextLine | None:
    printed = [one for one in characters if one.text != " "]
    if len(printed) < 2:
        return _lone_character(printed[0]) if printed else None
    spaces = [one for one in characters if one.text == " "] if len(printed) < len(characters) else []
    x0, y0, x1, y1, _ = before = printed[0]
    text = [before.text]
    pieces: list[tuple[float, float, str]] = []
    start, start_x, right = 0, x0, x1
    top, bottom, largest = y0, y1, y1 - y0
    lead, height_before = x1 - x0, largest
    for after in printed[1:]:
        x0, y0, after_x1, y1, one = after
        height = y1 - y0
        gap = x0 - x1
        size = max(height, height_before)
        if gap > _REAL_SPACE_GAP * size or one.isdigit():
            if gap > _PIECE_GAP * size or (gap > _FIGURE_PIECE_GAP * size and one.isdigit()):
                pieces.append((start_x, x1, "".join(text[start:])))
                start, start_x = len(text) + 1, x0
            text.append(_between(before, after, gap, size, spaces))
        else:
            text.append("")
        text.append(one)
        before, x1, height_before = after, after_x1, height
        right = max(right, x1)
        if y0 != top or y1 != bottom:
            top, bottom, largest = min(top, y0), max(bottom, y1), max(largest, height)
    pieces.append((start_x, right, "".join(text[start:])))
    line = "".join(text)
    # A soft hyphen beside a figure is a sign in some fonts and nothing in others.
    line = _SOFT_HYPHEN.sub(UNREADABLE, line) if "\xad" in line else line
    return TextLine(printed[0].x0, top, right, bottom, line, largest, lead, pieces)


def _lone_character(one: Character) -> TextLine:
    """Return the line of a character, as figures in cells mostly are."""
    x0, y0, x1, y1, text = one
    return TextLine(x0, y0, x1, y1, text, y1 - y0, x1 - x0, [(x0, x1, text)])


def _between(before: Character, after: Character, gap: float, size: float, spaces: Sequence[Character]) -> str:
    """Return what stands between two neighbours: nothing, a space, or the mark of two figures that lie over each other.

    Two figures never run together: what is farther apart than the figures of one number, or differs in size as a
    footnote's mark does, stays apart.
    """
    if before.text.isdigit() and after.text.isdigit():
        heights = sorted((before.y1 - before.y0, after.y1 - after.y0))
        is_raised = heights[0] < RAISED * heights[1] or abs(before.y1 - after.y1) > _SHIFTED * heights[1]
        if gap > FIGURE_GAP * size or is_raised:
            return " "
        if -gap > _OVERLAP * min(before.x1 - before.x0, after.x1 - after.x0):
            return UNREADABLE
    if gap > DEFAULT_TOLERANCES.space * size:
        return " "
    if spaces and gap > _REAL_SPACE_GAP * size:
        return " " if any(before.x0 < one.x0 < after.x0 and one.x1 > before.x1 - 1 for one in spaces) else ""
    return ""


def join_cell_lines(lines: Sequence[TextLine], left: float, right: float, padding: float) -> str:
    r"""Return the text of a cell, the wraps of its lines undone.

    A wrap is a break for want of room: the next line's first character would not have fitted. There the lines are
    joined without a space, figures only where the line is the cell's longest as well; every other break stays, so that
    two figures in one cell never become one.

    Args:
        lines: The cell's lines from top to bottom.
        left: The cell's left edge, in points.
        right: The cell's right edge.
        padding: Distance that the table's texts keep from the edges of their cells.
    """
    if not lines:
        return ""
    if len(lines) > 1 and all(len(line.text) == 1 and not line.text.isascii() for line in lines):
        return "".join(line.text for line in lines)  # set downwards
    longest = max(line.x1 - line.x0 for line in lines)
    text = [lines[0].text]
    for before, after in pairwise(lines):
        width = before.x1 - before.x0
        is_full = (right - left) - 2 * padding - width < after.lead + 0.5
        if before.text[-1].isascii() and after.text[0].isascii():
            is_full = is_full and width > longest - 0.5
        text.append("" if is_full else "\n")
        text.append(after.text)
    return "".join(text)


def is_full(line: TextLine, after: TextLine, left: float, right: float, padding: float) -> bool:
    """Tell whether `after` goes on where `line` had no more room."""
    return (right - left) - 2 * padding - (line.x1 - line.x0) < after.lead + 0.5


def drop_furniture(pages: Sequence[list[TextLine]], heights: Sequence[float]) -> None:
    """Take page numbers, running heads and feet out of the lines of each page.

    A line is furniture where the same line, its numbers aside, stands at the same height of another page, above or
    below all other text of both; a lone page is believed only where its number wears dashes. A bare number counts as
    a page's only where the numbers go up with the pages.
    """
    for from_top in (True, False):
        while True:
            edges = [_edge_line(lines, height, from_top=from_top) for lines, height in zip(pages, heights, strict=True)]
            furniture = _furniture(edges, heights, from_top=from_top)
            if not furniture:
                break
            for number in furniture:
                line = edges[number]
                pages[number][:] = [one for one in pages[number] if one is not line]


def _edge_line(lines: Sequence[TextLine], height: float, *, from_top: bool) -> TextLine | None:
    """Return the outermost line of a page where it stands in the margin."""
    if not lines:
        return None
    line = min(lines, key=lambda one: one.y0) if from_top else max(lines, key=lambda one: one.y1)
    in_margin = line.y1 <= MARGIN * height if from_top else line.y0 >= (1 - MARGIN) * height
    return line if in_margin else None


def _furniture(edges: Sequence[TextLine | None], heights: Sequence[float], *, from_top: bool) -> set[int]:
    """Return the pages whose outermost line is furniture."""
    found = {number for number, line in enumerate(edges) if line is not None and _DECORATED.fullmatch(line.text)}
    places: dict[tuple[str, int], list[int]] = {}
    for number, line in enumerate(edges):
        if line is None:
            continue
        distance = line.y0 if from_top else heights[number] - line.y1
        for step in (0, 1):  # two rasters, so that no two near lines fall on either side of a boundary of both
            key = f"{step}{_DIGITS.sub('#', line.text)}"
            places.setdefault((key, int((distance + step * _SAME_PLACE) // (2 * _SAME_PLACE))), []).append(number)
    for numbers in places.values():
        if len(numbers) < 2:
            continue
        lines = {number: line for number in numbers if (line := edges[number]) is not None}
        if any(_PAGE_NUMBER.fullmatch(line.text) for line in lines.values()):
            found |= _counted(lines)
        else:
            found |= lines.keys()
    return found


def _counted(lines: dict[int, TextLine]) -> set[int]:
    """Return the pages whose bare number goes up with the page."""
    offsets = Counter[int]()
    for number, line in lines.items():
        match = _PAGE_NUMBER.fullmatch(line.text)
        if match:
            offsets[int(match[1]) - number] += 1
    offset, count = offsets.most_common(1)[0]
    if count < 2:
        return set()
    return {
        number
        for number, line in lines.items()
        if (match := _PAGE_NUMBER.fullmatch(line.text)) and int(match[1]) - number == offset
    }
