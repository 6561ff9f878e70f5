"""The drawn objects of a PDF page: straight lines, filled areas and images, in forms within forms as well."""

import ctypes
from collections.abc import Collection
from dataclasses import dataclass, field
from math import isfinite

import pypdfium2.raw as pdfium

from pipelines.errors import DocumentError
from pipelines.read.plane import IDENTITY, Box, Matrix, combine, intersect, transform_box
from pipelines.read.ruling import Segment

_THIN = 3.0  # points; a filled rectangle no thicker than this is a line
_NO_WIDTH = 0.02  # points; PDFium leaves out what is narrower than 0.01
_MAX_DEPTH = 12  # forms within forms; tools write two
_MAX_OBJECTS = 200_000  # objects and path points of one page; a dense page has 5,000
_MAX_LINES = 20_000  # lines of one page


@dataclass(slots=True)
class PageObjects:
    """Lines, coloured areas and images of a page, on its own axes.

    Attributes:
        fills: Filled areas and images, with the number of texts drawn before each and its grey value; None where it has
            several.
        covers: Those that hide what lies below them.
        texts: The text objects in the order in which they are drawn.
        places: From the axes of each text's own form to the page's.
        looked_at: Objects and path points so far.
        edges: Where PDFium writes the bounds of the object asked about.
    """

    segments: list[Segment] = field(default_factory=list)
    fills: list[tuple[int, Box, int | None]] = field(default_factory=list)
    images: list[Box] = field(default_factory=list)
    covers: list[tuple[int, Box]] = field(default_factory=list)
    texts: list[pdfium.FPDF_PAGEOBJECT] = field(default_factory=list)
    places: list[Matrix] = field(default_factory=list)
    looked_at: int = 0
    edges: tuple[ctypes.c_float, ...] = field(default_factory=lambda: tuple(ctypes.c_float(0) for _ in range(4)))

    def count(self, number: int = 1) -> None:
        """Add to the objects looked at.

        Raises:
            DocumentError: limit_exceeded.
        """
        self.looked_at += number
        if self.looked_at > _MAX_OBJECTS or len(self.segments) > _MAX_LINES:
            raise DocumentError("limit_exceeded", "a page draws more lines and shapes than a report could show")


def read_objects(page: pdfium.FPDF_PAGE) -> PageObjects:
    """Return what a loaded page draws.

    Args:
        page: PDFium's handle of the page.

    Raises:
        DocumentError: limit_exceeded, far more objects than a page can show.
    """
    found = PageObjects()
    _walk(page, IDENTITY, 0, found)
    found.count(0)
    return found


def _walk(owner: pdfium.FPDF_PAGE | pdfium.FPDF_PAGEOBJECT, matrix: Matrix, depth: int, found: PageObjects) -> None:
    """Add what a page (depth 0) or a form within it draws."""
    count = pdfium.FPDFFormObj_CountObjects if depth else pdfium.FPDFPage_CountObjects
    get = pdfium.FPDFFormObj_GetObject if depth else pdfium.FPDFPage_GetObject
    get_type = pdfium.FPDFPageObj_GetType
    number = max(count(owner), 0)
    found.count(number)
    for index in range(number):
        drawn = get(owner, index)
        kind = get_type(drawn)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            _add_path(drawn, matrix, found)
        elif kind in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING):
            box = _bounds(drawn, matrix, found)
            if box is not None:
                found.images += [box] if kind == pdfium.FPDF_PAGEOBJ_IMAGE else []
                found.fills.append((len(found.texts), box, None))
                _add_cover(drawn, [box], matrix, found)
        elif kind == pdfium.FPDF_PAGEOBJ_TEXT:
            found.texts.append(drawn)
            found.places.append(matrix)
            _keep_text(drawn, found)
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            _walk(drawn, combine(_matrix(drawn), matrix), depth + 1, found)


def _matrix(drawn: pdfium.FPDF_PAGEOBJECT) -> Matrix:
    own = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(drawn, own):
        return IDENTITY
    return own.a, own.b, own.c, own.d, own.e, own.f


def _bounds(drawn: pdfium.FPDF_PAGEOBJECT, matrix: Matrix, found: PageObjects) -> Box | None:
    left, bottom, right, top = found.edges
    if not pdfium.FPDFPageObj_GetBounds(drawn, left, bottom, right, top):
        return None
    box = (left.value, bottom.value, right.value, top.value)
    if not all(map(isfinite, box)):
        return None
    return box if matrix is IDENTITY else transform_box(box, matrix)


def _keep_text(drawn: pdfium.FPDF_PAGEOBJECT, found: PageObjects) -> None:
    """Keep PDFium from losing a text object that it finds no glyph for.

    Where a font is neither embedded nor installed, a lone character measures nothing, and the text page leaves out
    what has no width: on a server without Chinese fonts 结果维持 set downwards would vanish. An outline has a width.
    """
    box = _bounds(drawn, IDENTITY, found)
    if box is None or min(box[2] - box[0], box[3] - box[1]) > _NO_WIDTH:
        return
    mode = pdfium.FPDFTextObj_GetTextRenderMode(drawn)
    is_hidden = mode in (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
    outline = pdfium.FPDF_TEXTRENDERMODE_STROKE_CLIP if is_hidden else pdfium.FPDF_TEXTRENDERMODE_STROKE
    pdfium.FPDFTextObj_SetTextRenderMode(drawn, outline)
    pdfium.FPDFPageObj_SetStrokeWidth(drawn, 1.0)
    pdfium.FPDFPageObj_TransformF(drawn, pdfium.FS_MATRIX(*IDENTITY))  # measures anew


def _add_path(drawn: pdfium.FPDF_PAGEOBJECT, matrix: Matrix, found: PageObjects) -> None:
    """Add the lines that a path strokes, or the thin rectangles that it fills."""
    fill, stroke = ctypes.c_int(0), ctypes.c_int(0)
    if not pdfium.FPDFPath_GetDrawMode(drawn, fill, stroke) or not (fill.value or stroke.value):
        return
    box = _bounds(drawn, matrix, found)
    if box is None:
        return
    width, height = box[2] - box[0], box[3] - box[1]
    if min(width, height) <= _THIN:
        found.segments.append(_middle_line(box))
        return
    strokes, boxes = _read_parts(drawn, combine(_matrix(drawn), matrix), found)
    if stroke.value:
        found.segments += strokes
    else:
        found.segments += [_middle_line(part) for part in boxes if min(part[2] - part[0], part[3] - part[1]) <= _THIN]
    if fill.value:
        _add_cover(drawn, boxes, matrix, found)
        grey, alpha = _fill_grey(drawn)
        if alpha:
            found.fills += [(len(found.texts), part, grey) for part in boxes]


def _add_cover(drawn: pdfium.FPDF_PAGEOBJECT, boxes: list[Box], matrix: Matrix, found: PageObjects) -> None:
    """Keep the areas that an object hides; nothing is below the first, and what is transparent hides nothing."""
    if not found.texts or pdfium.FPDFPageObj_HasTransparency(drawn):
        return
    for box in boxes:
        if min(box[2] - box[0], box[3] - box[1]) > _THIN:
            clip = _clip_box(drawn, matrix, found)
            shown = box if clip is None else intersect(box, clip)
            found.covers += [(len(found.texts), shown)] if shown is not None else []


def read_clips(found: PageObjects, wanted: Collection[int]) -> dict[int, Box]:
    """Return the box around what a clip shows of text objects, by their address; tools clip most texts to the page.

    Args:
        found: What the page draws.
        wanted: Addresses of the text objects that are looked at.

    Raises:
        DocumentError: limit_exceeded.
    """
    clips = {}
    for text, matrix in zip(found.texts, found.places, strict=True):
        address = ctypes.addressof(text.contents)
        if address in wanted:
            clip = _clip_box(text, matrix, found)
            if clip is not None:
                clips[address] = clip
    return clips


def _clip_box(drawn: pdfium.FPDF_PAGEOBJECT, matrix: Matrix, found: PageObjects) -> Box | None:
    """Return the box around what an object's clip shows, None where it has none."""
    clip = pdfium.FPDFPageObj_GetClipPath(drawn)
    shown: Box | None = None
    x, y = found.edges[:2]
    for path in range(max(pdfium.FPDFClipPath_CountPaths(clip), 0)):
        count = max(pdfium.FPDFClipPath_CountPathSegments(clip, path), 0)
        found.count(count)
        segments = (pdfium.FPDFClipPath_GetPathSegment(clip, path, index) for index in range(count))
        points = [(x.value, y.value) for one in segments if pdfium.FPDFPathSegment_GetPoint(one, x, y)]
        if points:
            xs, ys = [point[0] for point in points], [point[1] for point in points]
            box = transform_box((min(xs), min(ys), max(xs), max(ys)), matrix)
            shown = box if shown is None else intersect(shown, box) or (box[0], box[1], box[0], box[1])
    return shown


def _read_parts(drawn: pdfium.FPDF_PAGEOBJECT, matrix: Matrix, found: PageObjects) -> tuple[list[Segment], list[Box]]:
    """Return the straight segments of a path, and the box around each of its closed parts."""
    count = pdfium.FPDFPath_CountSegments(drawn)
    found.count(max(count, 0))
    a, b, c, d, e, f = matrix
    to_x, to_y = ctypes.c_float(0), ctypes.c_float(0)
    strokes: list[Segment] = []
    parts: list[list[tuple[float, float]]] = []
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(drawn, index)
        if not pdfium.FPDFPathSegment_GetPoint(segment, to_x, to_y):
            continue
        x, y = to_x.value, to_y.value
        if not (isfinite(x) and isfinite(y)):
            continue
        point = (a * x + c * y + e, b * x + d * y + f)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO or not parts:
            parts.append([point])
            continue
        if kind == pdfium.FPDF_SEGMENT_LINETO:
            strokes.append(Segment(*parts[-1][-1], *point))
        parts[-1].append(point)
        if pdfium.FPDFPathSegment_GetClose(segment):
            strokes.append(Segment(*point, *parts[-1][0]))
    boxes = []
    for part in parts:
        xs, ys = [x for x, _ in part], [y for _, y in part]
        boxes.append((min(xs), min(ys), max(xs), max(ys)))
    return strokes, boxes


def _middle_line(box: Box) -> Segment:
    """Return the line that a thin box draws.

    >>> _middle_line((10, 20, 110, 21))
    Segment(x0=10, y0=20.5, x1=110, y1=20.5)
    """
    left, bottom, right, top = box
    if right - left >= top - bottom:
        return Segment(left, (bottom + top) / 2, right, (bottom + top) / 2)
    return Segment((left + right) / 2, bottom, (left + right) / 2, top)


def _fill_grey(drawn: pdfium.FPDF_PAGEOBJECT) -> tuple[int | None, int]:
    """Return the grey value and the alpha of what a path is filled with; no grey for a pattern."""
    red, green, blue, alpha = (ctypes.c_uint(0) for _ in range(4))
    if not pdfium.FPDFPageObj_GetFillColor(drawn, red, green, blue, alpha):
        return None, 255
    return grey_of(red.value, green.value, blue.value), alpha.value


def grey_of(red: int, green: int, blue: int) -> int:
    """Return how light a colour is, 0 to 255."""
    return (299 * red + 587 * green + 114 * blue) // 1000
