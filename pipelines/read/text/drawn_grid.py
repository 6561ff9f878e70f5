"""Grid tables drawn with characters, spans included: Markdown of pandoc, reStructuredText, box drawings.

Every border is printed, so a cell is the rectangle between its four: a line that lacks a crossing goes through a cell
that spans it. Nothing is taken unless the cells fill the whole drawing. Chinese characters are two places wide; those
whose width depends on the font (“ ”) are taken for as wide as their line needs.
Source: Docutils, reStructuredText Markup Specification, "Grid Tables".
"""

from collections.abc import Sequence
from itertools import pairwise
from unicodedata import east_asian_width

from pipelines.read.model import Cell
from pipelines.read.text.markdown import strip_markup
from pipelines.read.text.rows import is_figure_field

_CORNERS = "+┌┬┐├┼┤└┴┘┏┳┓┣╋┫┗┻┛╔╦╗╠╬╣╚╩╝╭╮╯╰╞╪╡╟╫╢"
_ACROSS, _DOWN = "-=─━═┄┈", "|│┃║┆┊"
_PLAIN = str.maketrans(_CORNERS + _ACROSS + _DOWN, "+" * len(_CORNERS) + "-" * len(_ACROSS) + "|" * len(_DOWN))
_FILLER = "\x00"  # the second place of a wide character
_WIDE = frozenset("WF")
_MOST_PLACES = 2_000
_MOST_LINES = 400
_LEAST_LINES = 3


def read_drawn_grid(lines: Sequence[str]) -> list[Cell] | None:
    """Return the cells of a drawn table with their spans, None where its lines do not draw one whole grid.

    >>> read_drawn_grid(["+----+-+", "|规章|0|", "|    +-+", "|    |3|", "+----+-+"])
    [(1, 1, 2, 1, '规章'), (1, 2, 1, 1, '0'), (2, 2, 1, 1, '3')]
    """
    if not _LEAST_LINES <= len(lines) <= _MOST_LINES or max(map(len, lines)) > _MOST_PLACES:
        return None
    block = _as_block([line.strip().translate(_PLAIN) for line in lines])
    if block is None:
        return None
    boxes = _find_boxes(block)
    if boxes is None:
        return None
    tops = sorted({top for top, *_ in boxes})
    lefts = sorted({left for _, left, *_ in boxes})
    rows, columns = ({place: number for number, place in enumerate(places)} for places in (tops, lefts))
    rows[len(block) - 1], columns[len(block[0]) - 1] = len(tops), len(lefts)
    if any(bottom not in rows or right not in columns for _, _, bottom, right in boxes):
        return None
    cells: list[Cell] = []
    for top, left, bottom, right in sorted(boxes):
        texts = [_text(block[line][left + 1 : right]) for line in range(top + 1, bottom)]
        filled = [text for text in texts if text]
        if not texts or any("|" in text for text in texts) or (len(filled) > 1 and any(map(is_figure_field, filled))):
            return None  # a line is lost: that of a row, or a border between two
        text = "\n".join(filled)
        cells.append((rows[top] + 1, columns[left] + 1, rows[bottom] - rows[top], columns[right] - columns[left], text))
    return cells


def _as_block(lines: Sequence[str]) -> list[str] | None:
    """Return lines of one width, a place a character; None where they are not."""
    width = max(_width(line, 1) for line in lines) if lines[0].startswith("+") else 0
    block = []
    for line in lines:
        wide = next((size for size in (1, 2) if _width(line, size) == width), None)
        if wide is None or line[0] not in "+|" or line[-1] not in "+|":
            return None
        block.append("".join(character + _FILLER * (_size(character, wide) - 1) for character in line))
    return block if width and block[-1].startswith("+") else None


def _width(line: str, ambiguous: int) -> int:
    return sum(_size(character, ambiguous) for character in line)


def _size(character: str, ambiguous: int) -> int:
    kind = east_asian_width(character)
    return 2 if kind in _WIDE else ambiguous if kind == "A" else 1


def _find_boxes(block: Sequence[str]) -> list[tuple[int, int, int, int]] | None:
    """Return top, left, bottom and right border of each cell, None where these do not fill the block."""
    height, width = len(block), len(block[0])
    corners = [(line, place) for line in range(height) for place in range(width) if block[line][place] == "+"]
    boxes = []
    covered = 0
    for top, left in corners:
        if (
            top == height - 1
            or left == width - 1
            or (top + 1 < height and left + 1 < width and _is_inside(block, top, left))
        ):
            continue
        box = _scan(block, top, left)
        if box is not None:
            boxes.append(box)
            covered += (box[2] - box[0]) * (box[3] - box[1])
    return boxes if boxes and covered == (height - 1) * (width - 1) and _are_apart(boxes) else None


def _is_inside(block: Sequence[str], top: int, left: int) -> bool:
    """Tell whether no cell can begin at a crossing: no border goes on to its right or below."""
    return block[top][left + 1] not in "-+" or block[top + 1][left] not in "|+"


def _scan(block: Sequence[str], top: int, left: int) -> tuple[int, int, int, int] | None:
    """Return the smallest box that borders close, its upper left corner given."""
    for right in range(left + 1, len(block[0])):
        if block[top][right] not in "-+":
            return None
        if block[top][right] != "+":
            continue
        for bottom in range(top + 1, len(block)):
            if block[bottom][right] not in "|+":
                break
            if block[bottom][right] == "+" and _closes(block, top, left, bottom, right):
                return top, left, bottom, right
    return None


def _closes(block: Sequence[str], top: int, left: int, bottom: int, right: int) -> bool:
    return (
        block[bottom][left] == "+"
        and not set(block[bottom][left:right]) - {"-", "+"}
        and all(block[line][left] in "|+" for line in range(top, bottom))
    )


def _are_apart(boxes: Sequence[tuple[int, int, int, int]]) -> bool:
    """Tell whether no two boxes begin at one corner, or lie in one another's lines: with their areas, no overlap."""
    taken: dict[int, list[tuple[int, int]]] = {}
    for top, left, bottom, right in boxes:
        for line in range(top, bottom):
            taken.setdefault(line, []).append((left, right))
    return all(after[0] >= before[1] for spans in taken.values() for before, after in pairwise(sorted(spans)))


def _text(piece: str) -> str:
    return strip_markup(piece.replace(_FILLER, "").strip()).strip()
