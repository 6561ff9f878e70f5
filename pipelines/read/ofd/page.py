"""What one page of an OFD document prints: characters, lines and pictures, in points from the page's upper left corner.

GB/T 33190 places every object in a box (Boundary, millimetres) and within it by a matrix (CTM); characters advance by
DeltaX and DeltaY, paths are written in a small language of moves and lines.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from math import atan2, cos, hypot, pi, radians, sin

from lxml import etree

from pipelines.errors import DocumentError
from pipelines.read.model import UNREADABLE
from pipelines.read.ofd.language import expand_deltas, read_float, read_moves, read_numbers, read_path
from pipelines.read.ofd.resources import Resources, is_white, local_name, named
from pipelines.read.pages.content import PAGE_IMAGE, PageContent
from pipelines.read.pages.copies import without_copies
from pipelines.read.pages.covers import GONE, WHOLE, DigitIndex, broken_off, shown_share
from pipelines.read.pages.drawn import doubt_beside_shapes
from pipelines.read.pages.overprint import doubt_crossed, drop_struck
from pipelines.read.pages.plane import (
    IDENTITY,
    Box,
    Matrix,
    combine,
    middle_line,
    transform_box,
    transform_boxes,
    turn_matrix,
)
from pipelines.read.pages.ruling import Character, Segment
from pipelines.read.pages.signs import doubt_signed

POINTS = 72 / 25.4  # a millimetre
PAGE: Matrix = (POINTS, 0.0, 0.0, POINTS, 0.0, 0.0)
_MAX_OBJECTS = 50_000  # objects, characters or segments of one page; a dense page has 5,000
_MAX_DEPTH = 200  # blocks within blocks, units within units
_THIN = 3.0  # points; what is filled no wider than this is a line
_PALE = 160  # of 255; what is drawn lighter is no figure
_WIDEST, _HIGHEST = 120.0, 40.0  # points of a figure made of curves
_BENT = 0.3  # points by which a line's ends differ both ways
_MOST_AREAS = 1_000  # coloured areas of a page against which white text is looked for
_OPAQUE = 192  # of 255: what is fainter lets shine through what lies below it
_SMALLEST = 2.0  # points; smaller print is there for machines
_SLANT = 0.18  # radians (10°) from upright; text that leans more is a watermark
_ASCENT, _DESCENT = 0.85, 0.15  # share of the font size above and below the baseline
_PLACEHOLDER = "\u00a4"  # what the standard prints for a glyph that stands for no character
_UNIT: Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(slots=True)
class _Glyph:
    """A character as placed, and by how many quarters it is turned clockwise."""

    character: Character
    turn: int
    is_white: bool


@dataclass(slots=True)
class DrawnPage:
    """What has been drawn on a page so far.

    Attributes:
        width, height: Size in points.
        gone: Characters that a clip cuts off.
        shapes: Boxes of curves and slanted lines in dark ink, no larger than figures are.
        pictures: Number of each picture, and the matrix that places the unit square in which it is drawn.
        covers: Filled areas and pictures, with the number of objects drawn before each.
        coloured: Areas against which white text shows.
        drawn: Objects so far.
    """

    width: float
    height: float
    resources: Resources
    glyphs: list[_Glyph] = field(default_factory=list)
    gone: list[Character] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    shapes: list[Box] = field(default_factory=list)
    pictures: list[tuple[str, Matrix]] = field(default_factory=list)
    digits: DigitIndex = field(default_factory=DigitIndex)
    covers: list[tuple[int, Box]] = field(default_factory=list)
    coloured: list[Box] = field(default_factory=list)
    drawn: int = 0

    def draw(self, parent: etree._Element, place: Matrix = PAGE, style: str | None = None, depth: int = 0) -> None:
        """Draw the objects below an element.

        Args:
            parent: A page, a layer, a block, or a unit that is drawn as an object.
            place: From the element's own axes to the page's, in points.
            style: Number of the style that the layer states.
            depth: Of blocks within blocks.

        Raises:
            DocumentError: limit_exceeded, far more objects than a page can hold.
        """
        if depth > _MAX_DEPTH:
            raise DocumentError("limit_exceeded", f"a page holds blocks more than {_MAX_DEPTH} deep in one another")
        for node in parent:
            self.drawn += 1
            name = local_name(node)
            if name == "TextObject":
                self._draw_text(node, place, style)
            elif name == "PathObject":
                self._draw_path(node, place, style)
            elif name == "ImageObject":
                self._draw_picture(node, place)
            elif name == "CompositeObject":
                unit = self.resources.units.get(node.get("ResourceID") or "")
                if unit is not None and _is_visible(node):
                    self.draw(unit, combine(_matrix(node), place), style, depth + 1)
            else:
                self.draw(node, place, node.get("DrawParam") or style, depth + 1)
            if max(self.drawn, len(self.glyphs), len(self.segments)) > _MAX_OBJECTS:
                raise DocumentError("limit_exceeded", f"a page holds more than {_MAX_OBJECTS} characters or lines")

    def finish(self) -> PageContent:
        """Return what the page shows, set upright where most of its text lies on its side.

        Raises:
            DocumentError: limit_exceeded, far more areas over digits than a report could draw.
        """
        for number in self.digits.covered(self.covers):
            self._blot(number)
        shown = [glyph for glyph in self.glyphs if self._is_shown(glyph)]
        torn = broken_off(self.gone, [glyph.character for glyph in shown])
        shown += [_Glyph(one._replace(text=UNREADABLE), 0, is_white=False) for one in torn]
        turn = Counter(glyph.turn for glyph in shown).most_common(1)[0][0] if shown else 0
        upright = turn_matrix(turn, self.width, self.height)
        content = PageContent(*((self.height, self.width) if turn % 2 else (self.width, self.height)))
        content.image_share = self._image_share()
        segments = [Segment(*transform_box((one.x0, one.y0, one.x1, one.y1), upright)) for one in self.segments]
        characters = [_set_upright(glyph, turn, upright) for glyph in shown]
        content.characters, content.segments = drop_struck(without_copies(characters), segments)
        content.characters, content.segments = doubt_crossed(content.characters, content.segments)
        content.pictures = [transform_box(_UNIT, combine(matrix, upright)) for _, matrix in self.pictures]
        content.characters, content.segments = doubt_signed(content.characters, content.segments, content.pictures)
        content.shapes = transform_boxes(self.shapes, upright)
        content.characters = doubt_beside_shapes(content.characters, content.shapes)
        return content

    def _draw_text(self, node: etree._Element, place: Matrix, style: str | None) -> None:
        colour = self.resources.fill_colour(node, style)
        is_filled, is_outlined = node.get("Fill") != "false", node.get("Stroke") == "true"
        if not _is_visible(node) or not (is_filled or is_outlined) or (is_filled and _opacity(node, colour) == 0):
            return
        matrix = combine(_matrix(node), place)
        size = abs(read_float(node.get("Size"))) or 1.0
        angle = atan2(matrix[1], matrix[0]) + radians(read_float(node.get("CharDirection")))
        turn = round(angle / (pi / 2))
        if abs(angle - turn * pi / 2) > _SLANT or size * hypot(matrix[2], matrix[3]) < _SMALLEST:
            return
        is_mirrored = matrix[0] * matrix[3] < matrix[1] * matrix[2]
        text = [Character(*transform_box(box, matrix), one) for box, one in _text_boxes(node, size)]
        if is_mirrored:
            text = [_doubt(one) for one in text]
        if any(local_name(child) == "Clips" for child in node):
            text = self._clip(text, _clips(node, matrix, place))
        text = [_within(one, _boundary(node, place), size * POINTS) for one in text]
        for one in text:
            if one.text.isdigit():
                self.digits.add(len(self.glyphs), self.drawn, (one.x0, one.y0, one.x1, one.y1))
            self.glyphs.append(_Glyph(one, turn % 4, is_white=is_filled and not is_outlined and is_white(colour)))

    def _clip(self, text: list[Character], clips: list[Box]) -> list[Character]:
        """Return what clips leave of one text; digits that they cut are unreadable."""
        kept = []
        for one in text:
            margin = _DESCENT * (one.y1 - one.y0)  # a clip may be as tight as the ink
            box = one.x0, one.y0 + margin, one.x1, one.y1 - margin
            share = min((shown_share(box, clip) for clip in clips), default=1.0)
            if share < GONE:
                self.gone.append(one)
            else:
                kept.append(one if share >= WHOLE else _doubt(one))
        return kept

    def _draw_path(self, node: etree._Element, place: Matrix, style: str | None) -> None:
        is_filled, is_stroked = node.get("Fill") == "true", node.get("Stroke", "true") != "false"
        if not _is_visible(node) or not (is_filled or is_stroked):
            return
        matrix = combine(_matrix(node), place)
        lines = _path_lines(node, matrix)
        colour = self.resources.fill_colour(node, style) if is_filled else next(named(node, "StrokeColor"), None)
        shape = _shape_box(node, matrix)
        if shape is not None and not is_white(colour, _PALE) and _opacity(node, colour) >= _OPAQUE:
            self.shapes.append(shape)
        if is_stroked:
            self.segments += lines
        if is_filled:
            boxes = list(_part_boxes(lines)) or [_boundary(node, place)]
            self.segments += [Segment(*middle_line(box)) for box in boxes if shape is None and _thickness(box) <= _THIN]
            areas = [box for box in boxes if _thickness(box) > _THIN]
            if _opacity(node, colour) >= _OPAQUE:
                self.covers += [(self.drawn, box) for box in areas]
            if _opacity(node, colour) > 0 and not is_white(colour):
                self.coloured += areas

    def _draw_picture(self, node: etree._Element, place: Matrix) -> None:
        if not _is_visible(node):
            return
        number = node.get("ResourceID") or ""
        matrix = _picture_matrix(node, place)
        box = transform_box(_UNIT, matrix)
        self.pictures.append((number, matrix))
        self.coloured.append(box)
        # A picture as large as the page is a scan over its text layer, or the paper of what comes after it.
        is_page = shown_share((0.0, 0.0, self.width, self.height), box) >= PAGE_IMAGE
        if not is_page and _opacity(node, None) >= _OPAQUE:
            hidden = next(self.digits.covered([(self.drawn, box)]), None)
            if hidden is not None and self.resources.is_opaque(number):
                self.covers.append((self.drawn, box))

    def _blot(self, number: int) -> None:
        glyph = self.glyphs[number]
        glyph.character = glyph.character._replace(text=UNREADABLE)

    def _is_shown(self, glyph: _Glyph) -> bool:
        """Tell whether a character stands on the page, and not in white on white."""
        one = glyph.character
        if one.x1 < 0 or one.x0 > self.width or one.y1 < 0 or one.y0 > self.height:
            return False
        areas = self.coloured[:_MOST_AREAS] if glyph.is_white else ()
        return not glyph.is_white or any(
            left <= one.x0 <= right and top <= one.y1 <= bottom for left, top, right, bottom in areas
        )

    def _image_share(self) -> float:
        page = (0.0, 0.0, self.width, self.height)
        return min(1.0, sum(shown_share(page, transform_box(_UNIT, matrix)) for _, matrix in self.pictures))


def _is_visible(node: etree._Element) -> bool:
    return node.get("Visible", "true") != "false"


def _opacity(node: etree._Element, colour: etree._Element | None) -> float:
    """Return how much an object hides, 0 to 255."""
    return min(read_float(one.get("Alpha", "255")) for one in (node, colour) if one is not None)


def _matrix(node: etree._Element) -> Matrix:
    """Return the matrix from an object's own axes to those around it."""
    left, top, _, _ = read_numbers(node.get("Boundary"), 4) or (0.0, 0.0, 0.0, 0.0)
    return combine(_own_matrix(node) or IDENTITY, (1.0, 0.0, 0.0, 1.0, left, top))


def _own_matrix(node: etree._Element) -> Matrix | None:
    numbers = read_numbers(node.get("CTM"), 6)
    return (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]) if numbers else None


def _boundary(node: etree._Element, place: Matrix) -> Box:
    left, top, width, height = read_numbers(node.get("Boundary"), 4) or (0.0, 0.0, 0.0, 0.0)
    return transform_box((left, top, left + width, top + height), place)


def _picture_matrix(node: etree._Element, place: Matrix) -> Matrix:
    """Return the matrix that places a picture's unit square: in the whole of its box where it states none."""
    _, _, width, height = read_numbers(node.get("Boundary"), 4) or (0.0, 0.0, 0.0, 0.0)
    return combine(_matrix(node) if _own_matrix(node) else combine((width, 0, 0, height, 0, 0), _matrix(node)), place)


def _text_boxes(node: etree._Element, size: float) -> Iterator[tuple[Box, str]]:
    """Yield the characters of a text object and their boxes on its own axes."""
    width_scale = read_float(node.get("HScale")) or 1.0
    direction = radians(read_float(node.get("ReadDirection")))
    x, y = 0.0, 0.0
    for code in named(node, "TextCode"):
        # A later code of the same object goes on where the one before it began, in the coordinates that it leaves out.
        x = read_float(code.get("X")) if code.get("X") else x
        y = read_float(code.get("Y")) if code.get("Y") else y
        text = (code.text or "")[: _MAX_OBJECTS + 1]
        steps_x = expand_deltas(code.get("DeltaX") or "", len(text))
        steps_y = expand_deltas(code.get("DeltaY") or "", len(text))
        pen_x, pen_y = x, y
        for number, character in enumerate(text):
            width = _advance(character, size) * width_scale
            step = steps_x[number] if number < len(steps_x) else 0.0
            right = pen_x + (min(step, width) if step > 0 else width)
            shown = " " if character.isspace() else UNREADABLE if character == _PLACEHOLDER else character
            yield (pen_x, pen_y - _ASCENT * size, right, pen_y + _DESCENT * size), shown
            if steps_x or steps_y:
                pen_x += step
                pen_y += steps_y[number] if number < len(steps_y) else 0.0
            else:
                pen_x, pen_y = pen_x + width * cos(direction), pen_y + width * sin(direction)


def _advance(character: str, size: float) -> float:
    """Return how wide a character is where the file states no distance to the next: Latin letters are half as wide."""
    return size / 2 if character.isascii() else size


def _clips(node: etree._Element, matrix: Matrix, place: Matrix) -> list[Box]:
    """Return the box around each clip of an object; what is shown lies in all of them."""
    found = []
    for clip in (one for group in named(node, "Clips") for one in named(group, "Clip")):
        # A clip is turned and scaled as its object is, unless it says otherwise.
        axes = matrix
        if (clip.get("TransFlag") or next(named(clip, "Area"), clip).get("TransFlag")) == "false":
            left, top, _, _ = read_numbers(node.get("Boundary"), 4) or (0.0, 0.0, 0.0, 0.0)
            axes = combine((1.0, 0.0, 0.0, 1.0, left, top), place)
        boxes = [
            box
            for area in named(clip, "Area")
            for path in named(area, "Path")
            for box in _part_boxes(
                _path_lines(path, combine(_matrix(path), combine(_own_matrix(area) or IDENTITY, axes)))
            )
        ]
        if boxes:
            lefts, tops, rights, bottoms = zip(*boxes, strict=True)
            found.append((min(lefts), min(tops), max(rights), max(bottoms)))
    return found


def _doubt(one: Character) -> Character:
    return one._replace(text=UNREADABLE) if one.text.isascii() and one.text.isalnum() else one


def _within(one: Character, box: Box, size: float) -> Character:
    """Return a character; a digit beyond its object's box, at which the standard cuts it off, is unreadable."""
    x, y = (one.x0 + one.x1) / 2, (one.y0 + one.y1) / 2
    left, top, right, bottom = box
    is_beyond = not (left - size <= x <= right + size and top - size <= y <= bottom + size)
    return _doubt(one) if is_beyond and left < right and top < bottom else one


def _set_upright(glyph: _Glyph, turn: int, upright: Matrix) -> Character:
    """Return a character on the page set upright; a figure that is turned otherwise may be another one."""
    one = glyph.character if glyph.turn == turn else _doubt(glyph.character)
    return Character(*transform_box((one.x0, one.y0, one.x1, one.y1), upright), one.text) if turn else one


def _path_lines(node: etree._Element, matrix: Matrix) -> list[Segment]:
    a, b, c, d, e, f = matrix
    data = next((child.text or "" for child in named(node, "AbbreviatedData")), "")
    return [
        Segment(a * x0 + c * y0 + e, b * x0 + d * y0 + f, a * x1 + c * y1 + e, b * x1 + d * y1 + f)
        for x0, y0, x1, y1 in islice(read_path(data), _MAX_OBJECTS + 1)
    ]


def _shape_box(node: etree._Element, matrix: Matrix) -> Box | None:
    """Return the box around a path that bends or slants and is no larger than a figure made of curves."""
    data = next((child.text or "" for child in named(node, "AbbreviatedData")), "")
    moves = list(islice(read_moves(data), _MAX_OBJECTS + 1))
    boxes = [transform_box(line, matrix) for _, line in moves]
    is_bent = any(
        operator in "QBA" or (operator in "LC" and min(box[2] - box[0], box[3] - box[1]) > _BENT)
        for (operator, _), box in zip(moves, boxes, strict=True)
    )
    if not is_bent:
        return None
    lefts, tops, rights, bottoms = zip(
        *(box for (operator, _), box in zip(moves, boxes, strict=True) if operator not in "SM"), strict=True
    )
    around = min(lefts), min(tops), max(rights), max(bottoms)
    thin, long = sorted((around[2] - around[0], around[3] - around[1]))
    return around if thin <= _HIGHEST and long <= _WIDEST else None


def _part_boxes(lines: list[Segment]) -> Iterator[Box]:
    """Yield the box around each run of lines that go on where the one before ends."""
    run: list[Segment] = []
    for number, line in enumerate(lines, 1):
        run.append(line)
        following = lines[number] if number < len(lines) else None
        if following is None or (following.x0, following.y0) != (line.x1, line.y1):
            xs, ys = [x for one in run for x in (one.x0, one.x1)], [y for one in run for y in (one.y0, one.y1)]
            yield min(xs), min(ys), max(xs), max(ys)
            run = []


def _thickness(box: Box) -> float:
    return min(box[2] - box[0], box[3] - box[1])
