"""What one PDF page prints: visible characters and straight lines, upright, in points from the upper left corner."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import atan2, cos, isfinite, pi, sin

import pypdfium2
import pypdfium2.raw as pdfium

from pipelines.errors import DocumentError
from pipelines.read.model import UNREADABLE, paint_red
from pipelines.read.pages.content import PAGE_IMAGE, PageContent
from pipelines.read.pages.copies import without_copies
from pipelines.read.pages.covers import GONE, WHOLE, DigitIndex, broken_off, shown_share, within_page
from pipelines.read.pages.drawn import doubt_beside_shapes
from pipelines.read.pages.overprint import doubt_crossed, drop_struck, struck_numbers
from pipelines.read.pages.plane import Box, Matrix, combine, transform_box, transform_boxes, turn_matrix
from pipelines.read.pages.ruling import Character, new_character, new_segment
from pipelines.read.pages.signs import doubt_signed
from pipelines.read.pages.unclosed import FEWEST
from pipelines.read.pdf.annotations import LaidOver, doubt_fields
from pipelines.read.pdf.glyphs import ASCENT, DESCENT, PAPER, SMALLEST, TALLEST_FONT, Glyph, read_glyphs
from pipelines.read.pdf.layers import drop_unshown
from pipelines.read.pdf.paths import PageObjects, dark_areas, read_clips, read_objects
from pipelines.read.pdf.shapes import DigitShapes
from pipelines.read.pdf.stated import doubt_stated
from pipelines.read.pdf.twins import restore_twins, reveal_twins
from pipelines.read.pdf.watermarks import drop_watermarks

_SLANT = 0.18  # radians (10°) from upright; text that leans more is a watermark
_CONTRAST = 12  # grey values by which a character must differ from its ground
_ASTRAY = 0.035  # radians (2°) from most of the page's text; a figure of the report's own leans with the others
_DIGIT_HEIGHT = 0.7  # sizes
_UPWARD = 3  # quarters by which text is turned clockwise that runs up a page
_NEXT_ABOVE = 1.5  # sizes from one character of such a line to the next
_DIGITS = frozenset("0123456789" + UNREADABLE)
_FAR = 1e6  # points; PDF's own limit is 14,400


@dataclass(slots=True)
class DocumentFacts:
    """What is known of a document beside its pages.

    Attributes:
        has_layers: Some of what its pages hold may not be shown.
        shapes: Of the digits of its fonts.
    """

    has_layers: bool = False
    shapes: DigitShapes = field(default_factory=DigitShapes)


@dataclass(frozen=True, slots=True)
class _View:
    """The page as it is displayed: the matrix from its own axes (y up, not rotated) to that, and its size there."""

    matrix: Matrix
    width: float
    height: float

    @property
    def area(self) -> float:
        return self.width * self.height

    def turned(self, turn: int) -> "_View":
        """Return the view in which text stands upright that is turned clockwise by so many quarters."""
        if not turn:
            return self
        matrix = combine(self.matrix, turn_matrix(turn, self.width, self.height))
        return _View(matrix, self.height, self.width) if turn % 2 else _View(matrix, self.width, self.height)


def read_page(page: pypdfium2.PdfPage, facts: DocumentFacts, laid_over: LaidOver) -> PageContent:
    """Return what a loaded page prints.

    Args:
        page: A `pypdfium2.PdfPage`.
        facts: What is known of its document.
        laid_over: What lay over it and is part of its content now.

    Raises:
        DocumentError: broken_document or limit_exceeded.
    """
    view = _view_page(page)
    objects = read_objects(page.raw)
    share = _image_share(objects, view)
    glyphs = doubt_stated(page, read_glyphs(page), objects.marked)
    facts.shapes.doubt(page, glyphs)
    reveal_twins(glyphs, objects)
    restore_twins(glyphs, objects)
    if laid_over.values:
        doubt_fields(glyphs, laid_over.values)
    order: dict[int | None, int] = {text: number for number, text in enumerate(objects.texts)}
    if objects.covers:
        _cover_digits(glyphs, objects, order, view.area)
    glyphs, gone = _clip_digits(glyphs, objects)
    if facts.has_layers:
        glyphs = drop_unshown(page, glyphs, objects.segments, view.matrix)
    glyphs = drop_watermarks(_visible(glyphs, _Ground(objects.fills, order), is_scan=share >= PAGE_IMAGE))
    angles = Counter([glyph.style.angle for glyph in glyphs])
    view = view.turned(_common_turn(angles, view.matrix))
    content = PageContent(view.width, view.height, image_share=share)
    content.characters = _set_upright(glyphs, gone, angles, view)
    _take_drawings(content, objects, laid_over, view.matrix)
    return content


def _image_share(objects: PageObjects, view: _View) -> float:
    """Return the share of a page that its images cover."""
    images = [transform_box(box, view.matrix) for box in objects.images]
    covered = sum(_overlap(box, (0.0, 0.0, view.width, view.height)) for box in images)
    return min(1.0, covered / view.area) if view.area > 0 else 0.0


def _set_upright(
    glyphs: Sequence[Glyph], gone: Sequence[Glyph], angles: Mapping[float, int], view: _View
) -> list[Character]:
    """Return the characters where they are displayed, unreadable what those in `gone` may have been a part of."""
    quarters = {angle: _quarters(angle, view.matrix) for angle in angles}
    placed = _place_glyphs(glyphs, view.matrix, quarters, _doubtful_angles(angles, quarters))
    if gone:
        broken = broken_off(_place_glyphs(gone, view.matrix, quarters, set()), placed)
        placed += [one._replace(text=UNREADABLE) for one in broken]
    return without_copies(within_page(placed, view.width, view.height))


def _take_drawings(content: PageContent, objects: PageObjects, laid_over: LaidOver, matrix: Matrix) -> None:
    """Take what a page draws beside its text; characters that lines, signs and shapes make doubtful are unreadable."""
    printed = content.characters
    segments = list(map(new_segment, transform_boxes(objects.segments, matrix)))
    content.characters, content.segments = drop_struck(printed, segments)
    content.characters, content.segments = doubt_crossed(content.characters, content.segments)
    unknown = transform_boxes([*laid_over.unknown, *objects.patterns], matrix)
    hidden = [*unknown, *struck_numbers(printed, content.characters)]
    pictures = transform_boxes(objects.images, matrix)
    content.characters, content.segments = doubt_signed(content.characters, content.segments, pictures)
    shapes = transform_boxes(objects.shapes, matrix)
    content.characters = doubt_beside_shapes(content.characters, shapes)
    content.shapes = [*shapes, *transform_boxes(dark_areas(objects), matrix)]
    content.pictures = [*pictures, *hidden]
    if len(objects.fills) >= FEWEST:
        content.areas = transform_boxes([box for _, box, _ in objects.fills], matrix)


def _view_page(page: pypdfium2.PdfPage) -> _View:
    """Return a page as it is displayed."""
    box = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page.raw, box):
        raise DocumentError("broken_document", "a page of the PDF has no size; fetch the file again")
    left, bottom, right, top = box.left, box.bottom, box.right, box.top
    if not all(map(isfinite, (left, bottom, right, top))) or max(map(abs, (left, bottom, right, top))) > _FAR:
        raise DocumentError("limit_exceeded", "a page of the PDF is larger than any sheet")
    matrices: tuple[Matrix, ...] = (
        (1.0, 0.0, 0.0, -1.0, -left, top),
        (0.0, 1.0, 1.0, 0.0, -bottom, -left),
        (-1.0, 0.0, 0.0, 1.0, right, -bottom),
        (0.0, -1.0, -1.0, 0.0, top, right),
    )
    turn = pdfium.FPDFPage_GetRotation(page.raw) % 4
    width, height = abs(right - left), abs(top - bottom)
    return _View(matrices[turn], *((height, width) if turn % 2 else (width, height)))


def _cover_digits(glyphs: list[Glyph], objects: PageObjects, order: Mapping[int | None, int], area: float) -> None:
    """Make unreadable the digits over which the page draws an opaque area later.

    An area as large as the page is a scan over its text layer, or the paper of the texts that come after it.
    """
    digits = DigitIndex()
    for number, glyph in enumerate(glyphs):
        if "0" <= glyph.text <= "9":
            digits.add(number, order.get(glyph.style.drawn_by, len(order)), glyph.box)
    for number in digits.covered(cover for cover in objects.covers if _area(cover[1]) < PAGE_IMAGE * area):
        glyphs[number].text = UNREADABLE


def _clip_digits(glyphs: list[Glyph], objects: PageObjects) -> tuple[list[Glyph], list[Glyph]]:
    """Return the characters without those digits of which clips show nothing, and these; cut ones are unreadable.

    Only texts with a digit are looked at: asking for a clip costs as much as reading three characters.
    """
    clips = read_clips(objects, {glyph.style.drawn_by for glyph in glyphs if "0" <= glyph.text <= "9"})
    if not clips:
        return glyphs, []
    kept, gone = [], []
    for glyph in glyphs:
        clip = clips.get(glyph.style.drawn_by)
        share = 1.0 if clip is None else shown_share(_ink_box(glyph), clip)
        if share < WHOLE and "0" <= glyph.text <= "9":
            if share < GONE:
                gone.append(glyph)
                continue
            glyph.text = UNREADABLE
        kept.append(glyph)
    return kept, gone


def _ink_box(glyph: Glyph) -> Box:
    """Return the box that a digit fills: fonts' own are higher, and clips are as tight as cells."""
    left, bottom, right, top = glyph.box
    if glyph.style.angle:
        return glyph.box
    return left, max(glyph.style.y, bottom), right, min(glyph.style.y + _DIGIT_HEIGHT * glyph.style.size, top)


@dataclass(slots=True)
class _Ground:
    """What lies below the characters of a page.

    Attributes:
        fills: See `PageObjects`.
        order: Which text object is drawn as the how manieth, by address.
    """

    fills: list[tuple[int, Box, int | None]]
    order: Mapping[int | None, int]

    def hides(self, glyph: Glyph) -> bool:
        """Tell whether a light character is as light as what it stands on.

        Dark ones are not asked about: a frame is often filled in between two boxes, and its middle is paper.
        """
        grey = glyph.style.grey
        if grey is None or glyph.style.is_dark:
            return False
        drawn = self.order.get(glyph.style.drawn_by, len(self.order))
        x, y = (glyph.box[0] + glyph.box[2]) / 2, (glyph.box[1] + glyph.box[3]) / 2
        for before, (left, bottom, right, top), ground in reversed(self.fills):
            if before <= drawn and left <= x <= right and bottom <= y <= top:
                return ground is not None and abs(ground - grey) < _CONTRAST
        return PAPER - grey < _CONTRAST


def _visible(glyphs: list[Glyph], ground: _Ground, *, is_scan: bool) -> list[Glyph]:
    """Return the characters that a reader of the page sees, or those of the text layer that lies over a scan."""
    shown = [
        glyph for glyph in glyphs if not (style := glyph.style).is_hidden and (style.is_dark or not ground.hides(glyph))
    ]
    if not is_scan:
        return shown if len(shown) == len(glyphs) else [*shown, *_clips(glyphs)]
    printed = sum(glyph.text != " " for glyph in shown)
    layer = [glyph for glyph in glyphs if glyph.style.is_hidden and glyph.style.size >= SMALLEST]
    return [*shown, *layer] if len(layer) > 4 * printed else shown


def _clips(glyphs: list[Glyph]) -> Iterator[Glyph]:
    """Yield the digits that show only as what is drawn through them, if anything is: unreadable."""
    for glyph in glyphs:
        if glyph.style.is_clip and glyph.text in _DIGITS and glyph.style.size >= SMALLEST:
            glyph.text = UNREADABLE
            yield glyph


def _quarters(angle: float, matrix: Matrix) -> int | None:
    """Return by how many quarters text is turned clockwise on the displayed page, None where it leans."""
    # The page's matrix is a turn and a flip, so its first two entries place the page's own x axis.
    own = atan2(matrix[1], matrix[0])
    seen = own - angle
    quarters = round(seen / (pi / 2))
    return quarters % 4 if abs(seen - quarters * pi / 2) <= _SLANT else None


def _common_turn(angles: Mapping[float, int], matrix: Matrix) -> int:
    """Return how the text of the displayed page is turned: a wide table may lie on its side."""
    counts: Counter[int] = Counter()
    for angle, count in angles.items():
        turn = _quarters(angle, matrix)
        if turn is not None:
            counts[turn] += count
    return counts.most_common(1)[0][0] if counts else 0


def _doubtful_angles(angles: Mapping[float, int], quarters: Mapping[float, int | None]) -> set[float]:
    """Return the angles of text whose figures cannot be told.

    A figure on its side in an upright table may run up or down; which, its boxes do not tell. One that leans and does
    so alone is a watermark's, whose digits lie among those of the table.
    """
    upright = [angle for angle in angles if quarters[angle] == 0]
    common = max(upright, key=lambda angle: angles[angle], default=0.0)
    return {angle for angle in angles if quarters[angle] or abs(angle - common) > _ASTRAY}


def _place_glyphs(
    glyphs: Iterable[Glyph], matrix: Matrix, quarters: Mapping[float, int | None], doubtful: Collection[float]
) -> list[Character]:
    """Return characters where they are displayed, without those that lean or lie nowhere.

    A box is as high as the font is large, whatever the glyph: a dash stands on the same line as the figures around.

    Args:
        glyphs: The characters.
        matrix: From the page's own axes to the displayed page.
        quarters: By how many quarters text of an angle is turned there, None where it leans.
        doubtful: Angles at which no figure or Latin letter is read.
    """
    texts: list[str] = []
    boxes: list[Box] = []
    upward: list[int] = []
    for glyph in glyphs:
        style, text = glyph.style, glyph.text
        turn = quarters.get(style.angle)
        left, bottom, right, top = glyph.box
        # Written so that what is not a number fails as well.
        if turn is None or not (-_FAR < left <= right < _FAR and -_FAR < bottom <= top < _FAR):
            continue
        is_doubtful = (style.is_mirrored or style.angle in doubtful) and text.isascii() and text.isalnum()
        if turn == _UPWARD:
            upward.append(len(texts))
        texts.append(UNREADABLE if is_doubtful else paint_red(text) if style.is_red else text)
        boxes.append((left, style.foot, right, style.head) if glyph.origin is None else _font_box(glyph, glyph.origin))
    placed = [new_character((*box, text)) for box, text in zip(transform_boxes(boxes, matrix), texts, strict=True)]
    return _read_downwards(placed, upward) if upward else placed


def _read_downwards(characters: list[Character], upward: Sequence[int]) -> list[Character]:
    """Return characters with the lines that run up a page written downwards in their place, as labels are read.

    Args:
        characters: In the order of the content.
        upward: Places of those that are turned to the left.
    """
    lines: list[list[int]] = []
    for place in upward:
        before = characters[lines[-1][-1]] if lines else None
        one = characters[place]
        is_next = before is not None and 0 <= before.y0 - one.y0 <= _NEXT_ABOVE * (one.y1 - one.y0)
        if before is not None and is_next and before.x0 < (one.x0 + one.x1) / 2 < before.x1:
            lines[-1].append(place)
        else:
            lines.append([place])
    turned = list(characters)
    for line in lines:
        for place, other in zip(line, reversed(line), strict=True):
            turned[place] = characters[place]._replace(text=characters[other].text)
    return turned


def _font_box(glyph: Glyph, origin: tuple[float, float]) -> Box:
    """Return the box on the page's own axes of a character whose own box does not say where its line is."""
    style = glyph.style
    # A font may tell no height of its own: its boxes differ, its baseline does not.
    is_level = not style.angle and abs(origin[1] - style.y) < 0.01 * style.size
    if is_level and glyph.box[3] - glyph.box[1] <= TALLEST_FONT * style.size:
        return glyph.box[0], style.foot, glyph.box[2], style.head
    # Lines that run down or lean: PDFium's boxes are of no use there (in a vertical font they forget the scale).
    width = style.size / 2 if glyph.text.isascii() else style.size
    along, across = (cos(style.angle), sin(style.angle)), (-sin(style.angle), cos(style.angle))
    corners = [
        (origin[0] + far * along[0] + up * across[0], origin[1] + far * along[1] + up * across[1])
        for far in (0.0, width)
        for up in (-DESCENT * style.size, ASCENT * style.size)
    ]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _overlap(box: Box, other: Box) -> float:
    """Return the area that two boxes share."""
    width, height = min(box[2], other[2]) - max(box[0], other[0]), min(box[3], other[3]) - max(box[1], other[1])
    return width * height if width > 0 and height > 0 else 0.0
