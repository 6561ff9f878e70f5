"""What one page of an OFD document prints: characters and lines, in points from the page's upper left corner.

GB/T 33190 places every object in a box (Boundary, millimetres) and within it by a matrix (CTM); characters advance by
DeltaX and DeltaY, paths are written in a small language of moves and lines.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from lxml import etree

from pipelines.errors import DocumentError
from pipelines.read.covers import Box, DigitIndex
from pipelines.read.ruling import Character, Segment

POINTS = 72 / 25.4  # a millimetre
_MAX_OBJECTS = 50_000  # characters or segments of one page; a dense page has 5,000
_THIN = 3.0  # points; what is filled no wider than this is a line
_MOST_AREAS = 1_000  # coloured areas of a page against which white text is looked for
_WHITES = ("255 255 255", "255")
UNREADABLE = "\ufffd"
_ASCENT, _DESCENT = 0.85, 0.15  # share of the font size above and below the baseline
_PATH_TOKEN = re.compile(r"[A-Za-z]|[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,2})?")
_PATH_ARGUMENTS = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}

Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(slots=True)
class PageContent:
    """Characters and segments of one page."""

    characters: list[Character] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)


def local_name(node: etree._Element) -> str:
    """Return an element's name without its namespace: writers use several, and some none."""
    return str(node.tag).rpartition("}")[2]


def add_page_content(root: etree._Element, page: PageContent) -> None:
    """Add what the objects below `root` print.

    Raises:
        DocumentError: limit_exceeded, far more objects than a page can hold.
    """
    shades = _Shades()
    for order, node in enumerate(root.iter()):
        name = local_name(node)
        if name == "TextObject" and not _is_clear(node):
            start = len(page.characters)
            page.characters += _text_object(node)
            shades.add_text(page.characters, start, order, is_white=_fill_colour(node) in _WHITES)
        elif name == "PathObject" and _is_drawn(node):
            page.segments += _path_object(node)
            shades.add_path(node, order)
        if len(page.characters) > _MAX_OBJECTS or len(page.segments) > _MAX_OBJECTS:
            raise DocumentError("limit_exceeded", f"a page holds more than {_MAX_OBJECTS} characters or lines")
    shades.apply(page)


@dataclass(slots=True)
class _Shades:
    """Filled areas of a page, and the characters that they may hide or that are white without one."""

    digits: DigitIndex = field(default_factory=DigitIndex)
    covers: list[tuple[int, Box]] = field(default_factory=list)
    coloured: list[Box] = field(default_factory=list)
    white: list[int] = field(default_factory=list)

    def add_text(self, characters: list[Character], start: int, order: int, *, is_white: bool) -> None:
        """Take the characters from `start` on, which one object drew."""
        for number in range(start, len(characters)):
            one = characters[number]
            if one.text.isdigit():
                self.digits.add(number, order, (one.x0, one.y0, one.x1, one.y1))
        if is_white:
            self.white += range(start, len(characters))

    def add_path(self, node: etree._Element, order: int) -> None:
        """Take what a path fills."""
        if node.get("Fill") == "true" and not _is_clear(node):
            left, top, width, height = read_numbers(node.get("Boundary"), 4) or (0.0, 0.0, 0.0, 0.0)
            box = (left * POINTS, top * POINTS, (left + width) * POINTS, (top + height) * POINTS)
            if min(width, height) * POINTS > _THIN:
                self.covers.append((order, box))
            if _fill_colour(node) not in _WHITES:
                self.coloured.append(box)

    def apply(self, page: PageContent) -> None:
        """Make covered digits unreadable, and take out white characters on no coloured area."""
        for number in self.digits.covered(self.covers):
            page.characters[number] = replace(page.characters[number], text=UNREADABLE)
        lost = {number for number in self.white if not self._is_shown(page.characters[number])}
        if lost:
            page.characters = [one for number, one in enumerate(page.characters) if number not in lost]

    def _is_shown(self, one: Character) -> bool:
        areas = self.coloured[:_MOST_AREAS]
        return any(left <= one.x0 <= right and top <= one.y1 <= bottom for left, top, right, bottom in areas)


def _is_clear(node: etree._Element) -> bool:
    colours = [child for child in node if local_name(child) == "FillColor"]
    return node.get("Visible", "true") == "false" or any(one.get("Alpha") == "0" for one in (node, *colours))


def _fill_colour(node: etree._Element) -> str:
    """Return the values of an object's own fill colour, black where it has none."""
    colours = [child for child in node if local_name(child) == "FillColor"]
    return " ".join((colours[0].get("Value") or "").split()) if colours else ""


def expand_deltas(text: str, limit: int) -> list[float]:
    """Return the distances of a DeltaX or DeltaY list, in which `g n d` stands for n times d.

    >>> expand_deltas("3.5 g 3 4 2", 10)
    [3.5, 4.0, 4.0, 4.0, 2.0]
    """
    words = iter(text.split())
    deltas: list[float] = []
    for word in words:
        if word == "g":
            repeated = int(min(max(_float(next(words, "")), 0), limit - len(deltas)))
            deltas += [_float(next(words, ""))] * repeated
        else:
            deltas.append(_float(word))
        if len(deltas) >= limit:
            break
    return deltas[:limit]


def read_path(data: str) -> Iterator[tuple[float, float, float, float]]:
    """Yield the straight segments of an AbbreviatedData string; a curve only moves the pen.

    >>> list(read_path("M 0 0 L 10 0 L 10 5 C"))
    [(0.0, 0.0, 10.0, 0.0), (10.0, 0.0, 10.0, 5.0), (10.0, 5.0, 0.0, 0.0)]
    """
    tokens = _PATH_TOKEN.findall(data)
    place = 0
    x, y, start_x, start_y = 0.0, 0.0, 0.0, 0.0
    while place < len(tokens):
        operator = tokens[place]
        count = _PATH_ARGUMENTS.get(operator)
        arguments = tokens[place + 1 : place + 1 + (count or 0)]
        if count is None or len(arguments) < count or any(argument.isalpha() for argument in arguments):
            place += 1
            continue
        numbers = [_float(argument) for argument in arguments]
        place += 1 + count
        to_x, to_y = (numbers[-2], numbers[-1]) if count else (start_x, start_y)
        if operator in "SM":
            start_x, start_y = to_x, to_y
        elif operator in "LC":
            yield x, y, to_x, to_y
        x, y = to_x, to_y


def read_numbers(text: str | None, count: int) -> tuple[float, ...] | None:
    """Return exactly `count` numbers separated by white space, or None.

    >>> read_numbers("0 0 210 297", 4)
    (0.0, 0.0, 210.0, 297.0)
    """
    words = (text or "").split()
    return tuple(map(_float, words)) if len(words) == count else None


def _is_drawn(node: etree._Element) -> bool:
    return node.get("Visible", "true") != "false" and (
        node.get("Stroke", "true") != "false" or node.get("Fill") == "true"
    )


def _text_object(node: etree._Element) -> list[Character]:
    boundary = read_numbers(node.get("Boundary"), 4) or (0.0, 0.0, 0.0, 0.0)
    matrix = _matrix(node)
    size = abs(_float(node.get("Size") or "")) or 1.0
    width_scale = _float(node.get("HScale") or "") or 1.0
    characters = []
    x, y = 0.0, 0.0
    for code in node:
        if local_name(code) != "TextCode":
            continue
        # A later code of the same object goes on where the one before it began, in the coordinates that it leaves out.
        x = _float(code.get("X") or "") if code.get("X") else x
        y = _float(code.get("Y") or "") if code.get("Y") else y
        text = (code.text or "")[: _MAX_OBJECTS + 1]
        steps_x = expand_deltas(code.get("DeltaX") or "", len(text))
        steps_y = expand_deltas(code.get("DeltaY") or "", len(text))
        pen_x, pen_y = x, y
        for number, character in enumerate(text):
            width = _advance(character, size) * width_scale
            step = steps_x[number] if number < len(steps_x) else 0.0
            if not character.isspace():
                box = (
                    pen_x,
                    pen_y - _ASCENT * size,
                    pen_x + (min(step, width) if step > 0 else width),
                    pen_y + _DESCENT * size,
                )
                characters.append(Character(*_place_box(box, matrix, boundary), character))
            pen_x += step or (0.0 if steps_x or steps_y else width)
            pen_y += steps_y[number] if number < len(steps_y) else 0.0
    return characters


def _path_object(node: etree._Element) -> list[Segment]:
    boundary = read_numbers(node.get("Boundary"), 4) or (0.0, 0.0, 0.0, 0.0)
    matrix = _matrix(node)
    data = next((child.text or "" for child in node if local_name(child) == "AbbreviatedData"), "")
    segments = []
    for x0, y0, x1, y1 in islice(read_path(data), _MAX_OBJECTS + 1):
        start, end = _place(x0, y0, matrix, boundary), _place(x1, y1, matrix, boundary)
        segments.append(Segment(*start, *end))
    return segments


def _matrix(node: etree._Element) -> Matrix:
    numbers = read_numbers(node.get("CTM"), 6)
    return (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]) if numbers else _IDENTITY


def _place(x: float, y: float, matrix: Matrix, boundary: tuple[float, ...]) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return (a * x + c * y + e + boundary[0]) * POINTS, (b * x + d * y + f + boundary[1]) * POINTS


def _place_box(
    box: tuple[float, float, float, float], matrix: Matrix, boundary: tuple[float, ...]
) -> tuple[float, float, float, float]:
    """Return the upright box around a box that the matrix may have turned."""
    corners = [_place(x, y, matrix, boundary) for x in (box[0], box[2]) for y in (box[1], box[3])]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _advance(character: str, size: float) -> float:
    """Return how wide a character is where the file states no distance to the next: Latin letters are half as wide."""
    return size / 2 if character.isascii() else size


def _float(text: str) -> float:
    """Return a finite number, or 0 for anything else: a damaged coordinate misplaces one object and no more."""
    try:
        number = float(text) if text and len(text) < 32 else 0.0
    except ValueError:
        return 0.0
    return number if -1e6 < number < 1e6 else 0.0
