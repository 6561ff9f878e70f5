"""What one PDF page prints: visible characters and straight lines, upright, in points from the upper left corner.

PDFium's own calls are used where the wrapper's objects cost more than the answer: a report has thousands of characters.
"""

import ctypes
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import atan2, cos, hypot, isfinite, pi, sin

import pypdfium2
import pypdfium2.raw as pdfium

from pipelines.errors import DocumentError
from pipelines.read.covers import GONE, WHOLE, DigitIndex, broken_off, shown_share, within_page
from pipelines.read.overprint import drop_struck, without_copies
from pipelines.read.page_content import PAGE_IMAGE, UNREADABLE, PageContent
from pipelines.read.pdf_paths import PageObjects, grey_of, read_clips, read_objects
from pipelines.read.plane import Box, Matrix, combine, transform_box, turn_matrix
from pipelines.read.ruling import Character, Segment

_ASCENT, _DESCENT = 0.85, 0.15  # share of the font size above and below the baseline
_SMALLEST = 2.0  # points; smaller print is there for machines
_SLANT = 0.18  # radians (10°) from upright; text that leans more is a watermark
# The last one is what `pdf_paths` makes of hidden text without glyphs.
_UNSEEN_MODES = frozenset(
    {
        pdfium.FPDF_TEXTRENDERMODE_INVISIBLE,
        pdfium.FPDF_TEXTRENDERMODE_CLIP,
        pdfium.FPDF_TEXTRENDERMODE_STROKE_CLIP,
    }
)
_PAPER = 255
_LIGHT = 160  # grey value from which characters may vanish on a light ground
_CONTRAST = 12  # grey values by which a character must differ from its ground
_DIGIT_HEIGHT = 0.7  # sizes
_FAR = 1e6  # points; PDF's own limit is 14,400
_HYPHENS = frozenset({0x02, 0xFFFE})  # what PDFium makes of a hyphen at the end of a line
_SPACES = frozenset({0x09, 0x0A, 0x0D, 0x20, 0xA0, 0x3000})
_MAX_CHARACTERS = 50_000  # a dense page has 5,000
_OWN_HEIGHT = 0.3  # share of the size by which boxes of one line of text differ at most
_TALLEST_FONT = 2.2  # sizes; boxes of fonts are about 1.3 sizes high


@dataclass(slots=True)
class _Style:
    """What the characters of one text object share.

    Attributes:
        size: Font size as displayed.
        angle: Direction of the text on the page's own axes, in radians.
        is_hidden: Invisible mode, fully transparent, or too small to see.
        grey: How light it shows on paper, 0 to 255; None for outlined text, which shows whatever it is filled with.
        drawn_by: Address of the text object that draws them.
        y: Height of the baseline on the page's own axes, of the first character.
        bottom: Lower edge of the first character's box.
    """

    size: float
    angle: float
    is_hidden: bool
    grey: int | None
    y: float
    bottom: float
    drawn_by: int


@dataclass(slots=True)
class _Glyph:
    """One character on the page's own axes."""

    text: str
    style: _Style
    box: Box
    origin: tuple[float, float] | None


def read_page(page: pypdfium2.PdfPage) -> PageContent:
    """Return what a loaded page prints.

    Args:
        page: A `pypdfium2.PdfPage`.

    Raises:
        DocumentError: broken_document or limit_exceeded.
    """
    matrix, width, height = _page_matrix(page)
    objects = read_objects(page.raw)
    glyphs = _read_glyphs(page)
    area = width * height
    images = [transform_box(box, matrix) for box in objects.images]
    share = min(1.0, sum(_overlap(box, (0.0, 0.0, width, height)) for box in images) / area) if area > 0 else 0.0
    order = {ctypes.addressof(text.contents): number for number, text in enumerate(objects.texts)}
    if objects.covers:
        _cover_digits(glyphs, objects, order, area)
    glyphs, gone = _clip_digits(glyphs, objects)
    glyphs = _visible(glyphs, _Ground(objects.fills, order), is_scan=share >= PAGE_IMAGE)
    turn = _common_turn(glyphs, matrix)
    if turn:
        matrix = combine(matrix, turn_matrix(turn, width, height))
        if turn % 2:
            width, height = height, width
    content = PageContent(width, height, image_share=share)
    quarters = {angle: _quarters(angle, matrix) for angle in {glyph.style.angle for glyph in glyphs}}
    placed = [_place_glyph(glyph, matrix, quarters[glyph.style.angle]) for glyph in glyphs]
    if gone:
        lost = [_place_glyph(glyph, matrix, quarters.get(glyph.style.angle)) for glyph in gone]
        torn = broken_off([one for one in lost if one], [one for one in placed if one])
        placed += [replace(one, text=UNREADABLE) for one in torn]
    content.characters = without_copies(within_page([one for one in placed if one is not None], width, height))
    segments = [Segment(*transform_box((one.x0, one.y0, one.x1, one.y1), matrix)) for one in objects.segments]
    content.characters, content.segments = drop_struck(content.characters, segments)
    return content


def _page_matrix(page: pypdfium2.PdfPage) -> tuple[Matrix, float, float]:
    """Return the matrix from the page's own axes (y up, not rotated) to the displayed page, and its size."""
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
    return matrices[turn], *((height, width) if turn % 2 else (width, height))


def _read_glyphs(page: pypdfium2.PdfPage) -> list[_Glyph]:
    text_page = page.get_textpage()
    try:
        count = pdfium.FPDFText_CountChars(text_page.raw)
        if count > _MAX_CHARACTERS:
            raise DocumentError("limit_exceeded", f"a page holds {count} characters, more than {_MAX_CHARACTERS}")
        return _walk_text(text_page.raw, count)
    finally:
        text_page.close()


def _walk_text(text_page: pdfium.FPDF_TEXTPAGE, count: int) -> list[_Glyph]:
    """Return the characters that the page's content draws; those that PDFium adds between them are left out."""
    get_code, get_object = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetTextObject
    get_box, is_unmapped = pdfium.FPDFText_GetLooseCharBox, pdfium.FPDFText_HasUnicodeMapError
    is_generated = pdfium.FPDFText_IsGenerated
    rect = pdfium.FS_RECTF()
    rect_reference = ctypes.byref(rect)
    answers = _Answers()
    styles: dict[int, _Style] = {}
    glyphs: list[_Glyph] = []
    high = 0
    for index in range(count):
        code = get_code(text_page, index)
        if code in _SPACES and is_generated(text_page, index) == 1:
            continue
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        text, high = _character(code, high), 0
        if code not in _HYPHENS and is_unmapped(text_page, index) == 1:
            text = UNREADABLE
        drawn_by = get_object(text_page, index)
        key = _address(drawn_by)
        style = styles.get(key)
        get_box(text_page, index, rect_reference)
        box = (rect.left, rect.bottom, rect.right, rect.top)
        if style is None:
            style = styles[key] = _read_style(text_page, index, drawn_by, answers, box[1])
        origin = None
        if (
            style.angle
            or abs(box[1] - style.bottom) > _OWN_HEIGHT * style.size
            or box[3] - box[1] > _TALLEST_FONT * style.size
        ):
            origin = _origin(text_page, index, answers)
        glyphs.append(_Glyph(text, style, box, origin))
    return glyphs


def _address(drawn_by: pdfium.FPDF_PAGEOBJECT) -> int:
    return ctypes.addressof(drawn_by.contents) if drawn_by else -1


def _character(code: int, high: int) -> str:
    """Return the character of a code unit; half a surrogate pair or a control character is unreadable.

    >>> _character(0x4E00, 0), _character(2, 0), _character(0xDC00, 0xD840), _character(0, 0) == UNREADABLE
    ('一', '-', '𠀀', True)
    """
    if code in _HYPHENS:
        return "-"
    if code in _SPACES:
        return " "
    if high and 0xDC00 <= code < 0xE000:
        return chr(0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00))
    return chr(code) if 0x20 < code < 0xD800 or 0xE000 <= code < 0x110000 else UNREADABLE


class _Answers:
    """Where PDFium writes what it is asked: made once a page, because some tools write one text object a character."""

    def __init__(self) -> None:
        self.matrix = pdfium.FS_MATRIX()
        self.colours = tuple(ctypes.c_uint(0) for _ in range(4))
        self.point = ctypes.c_double(0), ctypes.c_double(0)


def _read_style(
    text_page: pdfium.FPDF_TEXTPAGE,
    index: int,
    drawn_by: pdfium.FPDF_PAGEOBJECT,
    answers: _Answers,
    bottom: float,
) -> _Style:
    matrix = answers.matrix
    pdfium.FPDFText_GetMatrix(text_page, index, matrix)
    size = abs(pdfium.FPDFText_GetFontSize(text_page, index)) * hypot(matrix.c, matrix.d)
    angle = atan2(matrix.b, matrix.a)
    grey, is_clear = 0, False
    if pdfium.FPDFText_GetFillColor(text_page, index, *answers.colours):
        red, green, blue, alpha = (colour.value for colour in answers.colours)
        is_clear = alpha == 0
        grey = _PAPER - (_PAPER - grey_of(red, green, blue)) * alpha // 255
    mode = pdfium.FPDFTextObj_GetTextRenderMode(drawn_by) if drawn_by else 0
    is_hidden = mode in _UNSEEN_MODES or (is_clear and mode == 0) or not size >= _SMALLEST
    is_filled = mode in (pdfium.FPDF_TEXTRENDERMODE_FILL, pdfium.FPDF_TEXTRENDERMODE_FILL_CLIP)
    origin = _origin(text_page, index, answers)
    return _Style(
        size=size,
        angle=angle if abs(angle) > 1e-3 else 0.0,
        is_hidden=is_hidden,
        grey=grey if is_filled else None,
        y=origin[1],
        bottom=bottom,
        drawn_by=_address(drawn_by),
    )


def _origin(text_page: pdfium.FPDF_TEXTPAGE, index: int, answers: _Answers) -> tuple[float, float]:
    x, y = answers.point
    pdfium.FPDFText_GetCharOrigin(text_page, index, x, y)
    return x.value, y.value


def _cover_digits(glyphs: list[_Glyph], objects: PageObjects, order: Mapping[int, int], area: float) -> None:
    """Make unreadable the digits over which the page draws an opaque area later.

    An area as large as the page is a scan over its text layer, or the paper of the texts that come after it.
    """
    digits = DigitIndex()
    for number, glyph in enumerate(glyphs):
        if "0" <= glyph.text <= "9":
            digits.add(number, order.get(glyph.style.drawn_by, len(order)), glyph.box)
    for number in digits.covered(cover for cover in objects.covers if _area(cover[1]) < PAGE_IMAGE * area):
        glyphs[number].text = UNREADABLE


def _clip_digits(glyphs: list[_Glyph], objects: PageObjects) -> tuple[list[_Glyph], list[_Glyph]]:
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


def _ink_box(glyph: _Glyph) -> Box:
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
    order: Mapping[int, int]

    def hides(self, glyph: _Glyph) -> bool:
        """Tell whether a light character is as light as what it stands on.

        Dark ones are not asked about: a frame is often filled in between two boxes, and its middle is paper.
        """
        grey = glyph.style.grey
        if grey is None or grey < _LIGHT:
            return False
        drawn = self.order.get(glyph.style.drawn_by, len(self.order))
        x, y = (glyph.box[0] + glyph.box[2]) / 2, (glyph.box[1] + glyph.box[3]) / 2
        for before, (left, bottom, right, top), ground in reversed(self.fills):
            if before <= drawn and left <= x <= right and bottom <= y <= top:
                return ground is not None and abs(ground - grey) < _CONTRAST
        return _PAPER - grey < _CONTRAST


def _visible(glyphs: list[_Glyph], ground: _Ground, *, is_scan: bool) -> list[_Glyph]:
    """Return the characters that a reader of the page sees, or those of the text layer that lies over a scan."""
    shown = [glyph for glyph in glyphs if not glyph.style.is_hidden and not ground.hides(glyph)]
    printed = sum(glyph.text != " " for glyph in shown)
    layer = [glyph for glyph in glyphs if glyph.style.is_hidden and glyph.style.size >= _SMALLEST]
    return [*shown, *layer] if is_scan and len(layer) > 4 * printed else shown


def _quarters(angle: float, matrix: Matrix) -> int | None:
    """Return by how many quarters text is turned clockwise on the displayed page, None where it leans."""
    # The page's matrix is a turn and a flip, so its first two entries place the page's own x axis.
    own = atan2(matrix[1], matrix[0])
    seen = own - angle
    quarters = round(seen / (pi / 2))
    return quarters % 4 if abs(seen - quarters * pi / 2) <= _SLANT else None


def _common_turn(glyphs: list[_Glyph], matrix: Matrix) -> int:
    """Return how the text of the displayed page is turned: a wide table may lie on its side."""
    counts: Counter[int] = Counter()
    for angle, count in Counter(glyph.style.angle for glyph in glyphs).items():
        turn = _quarters(angle, matrix)
        if turn is not None:
            counts[turn] += count
    return counts.most_common(1)[0][0] if counts else 0


def _place_glyph(glyph: _Glyph, matrix: Matrix, turn: int | None) -> Character | None:
    """Return a character where it is displayed; None where it leans (`turn` is None) or lies nowhere.

    The box is as high as the font is large, whatever the glyph: a dash stands on the same line as the figures around.
    """
    left, bottom, right, top = glyph.box
    # Written so that what is not a number fails as well.
    if turn is None or not (-_FAR < left <= right < _FAR and -_FAR < bottom <= top < _FAR):
        return None
    # A figure on its side in an upright table may run up or down; which, its boxes do not tell.
    text = UNREADABLE if turn and glyph.text.isascii() and glyph.text.isalnum() else glyph.text
    box = _font_box(glyph)
    return Character(*transform_box(box, matrix), text)


def _font_box(glyph: _Glyph) -> Box:
    """Return a character's box on the page's own axes."""
    style, origin = glyph.style, glyph.origin
    # A font may tell no height of its own: its boxes differ, its baseline does not.
    is_level = origin is None or (not style.angle and abs(origin[1] - style.y) < 0.01 * style.size)
    if origin is None or (is_level and glyph.box[3] - glyph.box[1] <= _TALLEST_FONT * style.size):
        return glyph.box[0], style.y - _DESCENT * style.size, glyph.box[2], style.y + _ASCENT * style.size
    # Lines that run down or lean: PDFium's boxes are of no use there (in a vertical font they forget the scale).
    width = style.size / 2 if glyph.text.isascii() else style.size
    along, across = (cos(style.angle), sin(style.angle)), (-sin(style.angle), cos(style.angle))
    corners = [
        (origin[0] + far * along[0] + up * across[0], origin[1] + far * along[1] + up * across[1])
        for far in (0.0, width)
        for up in (-_DESCENT * style.size, _ASCENT * style.size)
    ]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _overlap(box: Box, other: Box) -> float:
    """Return the area that two boxes share."""
    width, height = min(box[2], other[2]) - max(box[0], other[0]), min(box[3], other[3]) - max(box[1], other[1])
    return width * height if width > 0 and height > 0 else 0.0
