"""The drawn objects of a PDF page: straight lines, filled areas and images, in forms within forms as well."""

import ctypes
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice, repeat
from math import isfinite

import pypdfium2.raw as pdfium

from pipelines.errors import DocumentError
from pipelines.read.pages.plane import IDENTITY, Box, Matrix, combine, intersect, middle_line, transform_box
from pipelines.read.pdf.calls import Answer, Handle, handle_of, prepare

_THIN = 3.0  # points; a filled rectangle no thicker than this is a line
_HAIR = 1.5  # points; an image no thicker than this is a line, a thicker one may be a strip of a scan
_NO_WIDTH = 0.02  # points; PDFium leaves out what is narrower than 0.01
_OPAQUE, _SOLID = 230, 255  # alpha from which nothing is seen through an area, and of one that is not transparent
_INK, _DARK = 160, 64  # grey values up to which what is drawn may be a figure, and an area may hide one
_WIDEST, _HIGHEST = 120.0, 40.0  # points of a figure made of curves
_SHORTEST, _LONGEST = 3.0, 16.0  # points of a figure 1 made of curves, which is as thin as a line
_RECTANGLE = 5  # points of a path that is one
_SLANT = 0.3  # points by which a line's ends differ both ways
_MOST_DARK = 500  # areas; more are a picture
_MAX_DEPTH = 12  # forms within forms; tools write two
_MAX_OBJECTS = 200_000  # objects and path points of one page; a dense page has 5,000
_MAX_LINES = 20_000  # lines of one page

_count_on_page = prepare(pdfium.FPDFPage_CountObjects)
_get_on_page = prepare(pdfium.FPDFPage_GetObject)
_count_in_form = prepare(pdfium.FPDFFormObj_CountObjects)
_get_in_form = prepare(pdfium.FPDFFormObj_GetObject)
_get_type = prepare(pdfium.FPDFPageObj_GetType)
_get_matrix = prepare(pdfium.FPDFPageObj_GetMatrix)
_get_bounds = prepare(pdfium.FPDFPageObj_GetBounds)
_get_fill_colour = prepare(pdfium.FPDFPageObj_GetFillColor)
_get_stroke_colour = prepare(pdfium.FPDFPageObj_GetStrokeColor)
_has_transparency = prepare(pdfium.FPDFPageObj_HasTransparency)
_set_stroke_width = prepare(pdfium.FPDFPageObj_SetStrokeWidth)
_transform = prepare(pdfium.FPDFPageObj_TransformF)
_get_render_mode = prepare(pdfium.FPDFTextObj_GetTextRenderMode)
_set_render_mode = prepare(pdfium.FPDFTextObj_SetTextRenderMode)
_get_draw_mode = prepare(pdfium.FPDFPath_GetDrawMode)
_count_marks = prepare(pdfium.FPDFPageObj_CountMarks)
_count_segments = prepare(pdfium.FPDFPath_CountSegments)
_get_segment = prepare(pdfium.FPDFPath_GetPathSegment)
_get_point = prepare(pdfium.FPDFPathSegment_GetPoint)
_get_segment_type = prepare(pdfium.FPDFPathSegment_GetType)
_is_closing = prepare(pdfium.FPDFPathSegment_GetClose)
_get_clip = prepare(pdfium.FPDFPageObj_GetClipPath)
_count_clip_paths = prepare(pdfium.FPDFClipPath_CountPaths)
_count_clip_segments = prepare(pdfium.FPDFClipPath_CountPathSegments)
_get_clip_segment = prepare(pdfium.FPDFClipPath_GetPathSegment)


@dataclass(slots=True)
class PageObjects:
    """Lines, coloured areas and images of a page, on its own axes.

    Attributes:
        segments: From (x0, y0) to (x1, y1).
        fills: Filled areas and images, with the number of texts drawn before each and its grey value; None where it has
            several.
        covers: Those that hide what lies below them.
        patterns: Those that a pattern or mask fills, and forms with a mask: a browser paints blurred figures so.
        shapes: Curves and slanted lines in dark ink, no larger than figures are.
        dark: Dark opaque areas, with the number of areas drawn before each; no frames.
        texts: Addresses of the text objects in the order in which they are drawn.
        places: From the axes of each text's own form to the page's.
        marked: Text objects that the content marks, for whatever reason.
        looked_at: Objects and path points so far.
        modes: Where PDFium writes how a path is filled and stroked.
        edges: Where PDFium writes the bounds of the object asked about, or the point of a path.
    """

    segments: list[Box] = field(default_factory=list)
    fills: list[tuple[int, Box, int | None]] = field(default_factory=list)
    images: list[Box] = field(default_factory=list)
    covers: list[tuple[int, Box]] = field(default_factory=list)
    patterns: list[Box] = field(default_factory=list)
    shapes: list[Box] = field(default_factory=list)
    dark: list[tuple[int, Box]] = field(default_factory=list)
    texts: list[int] = field(default_factory=list)
    places: list[Matrix] = field(default_factory=list)
    marked: list[Handle] = field(default_factory=list)
    looked_at: int = 0
    modes: Answer = field(default_factory=lambda: Answer("i", 2))
    edges: Answer = field(default_factory=lambda: Answer("f", 4))

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
    _walk(handle_of(page), IDENTITY, 0, found, is_clear=False)
    found.count(0)
    return found


def _walk(owner: Handle, matrix: Matrix, depth: int, found: PageObjects, *, is_clear: bool) -> None:
    """Add what a page (depth 0) or a form within it draws; a form that is transparent as a whole hides nothing."""
    count, get = (_count_in_form, _get_in_form) if depth else (_count_on_page, _get_on_page)
    number = max(count(owner), 0)
    found.count(number)
    for drawn in map(get, repeat(owner), range(number)):
        kind = _get_type(drawn)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            _add_path(drawn, matrix, found, is_clear=is_clear)
        elif kind in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING):
            box = _bounds(drawn, matrix, found)
            if box is not None and _is_hair(box):
                found.segments.append(middle_line(box))
            elif box is not None:
                found.images += [box] if kind == pdfium.FPDF_PAGEOBJ_IMAGE else []
                found.fills.append((len(found.texts), box, None))
                _add_cover(drawn, [box], matrix, found, is_clear=is_clear)
        elif kind == pdfium.FPDF_PAGEOBJ_TEXT:
            found.texts.append(drawn.value or 0)
            found.places.append(matrix)
            _keep_text(drawn, found)
            if _count_marks(drawn) > 0:
                found.marked.append(drawn)
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            alpha = _fill_grey(drawn)[1]
            is_faint = is_clear or alpha < _OPAQUE
            box = _bounds(drawn, matrix, found) if alpha == _SOLID and _has_transparency(drawn) else None
            found.patterns += [box] if box is not None and not _is_thin(box) else []
            _walk(drawn, combine(_matrix(drawn), matrix), depth + 1, found, is_clear=is_faint)


def _matrix(drawn: Handle) -> Matrix:
    own = Answer("f", 6)
    if not _get_matrix(drawn, own.places[0]):
        return IDENTITY
    a, b, c, d, e, f = own.read()
    return a, b, c, d, e, f


def _bounds(drawn: Handle, matrix: Matrix, found: PageObjects) -> Box | None:
    if not _get_bounds(drawn, *found.edges.places):
        return None
    box: Box = found.edges.read()
    if not isfinite(sum(box)):  # of numbers that cannot add up to more than a float holds
        return None
    return box if matrix is IDENTITY else transform_box(box, matrix)


def _keep_text(drawn: Handle, found: PageObjects) -> None:
    """Keep PDFium from losing a text object that it finds no glyph for.

    Where a font is neither embedded nor installed, a lone character measures nothing, and the text page leaves out
    what has no width: on a server without Chinese fonts 结果维持 set downwards would vanish. An outline has a width.
    """
    box = _bounds(drawn, IDENTITY, found)
    if box is None or min(box[2] - box[0], box[3] - box[1]) > _NO_WIDTH:
        return
    mode = _get_render_mode(drawn)
    is_hidden = mode in (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
    outline = pdfium.FPDF_TEXTRENDERMODE_STROKE_CLIP if is_hidden else pdfium.FPDF_TEXTRENDERMODE_STROKE
    _set_render_mode(drawn, outline)
    _set_stroke_width(drawn, ctypes.c_float(1.0))
    _transform(drawn, ctypes.byref(pdfium.FS_MATRIX(*IDENTITY)))  # measures anew


def _add_path(drawn: Handle, matrix: Matrix, found: PageObjects, *, is_clear: bool) -> None:
    """Add the lines that a path strokes, or the thin rectangles that it fills."""
    if not _get_draw_mode(drawn, *found.modes.places):
        return
    fill, stroke = found.modes.read()
    if not (fill or stroke):
        return
    box = _bounds(drawn, matrix, found)
    if box is None:
        return
    wide, high = box[2] - box[0], box[3] - box[1]
    thin, long = (wide, high) if wide < high else (high, wide)
    is_line = thin <= _THIN
    if is_line and not (fill and _SHORTEST < long <= _LONGEST and _count_segments(drawn) > _RECTANGLE):
        found.segments.append(middle_line(box))
        return
    strokes, boxes, is_shape = _read_parts(drawn, combine(_matrix(drawn), matrix), found)
    if is_shape and thin <= _HIGHEST and long <= _WIDEST and not (is_clear or _is_frame(box, boxes)):
        _add_shape(drawn, box, matrix, found, is_filled=bool(fill))
    if is_line:
        found.segments += [] if is_shape else [middle_line(box)]
        return
    found.segments += strokes if stroke else [middle_line(part) for part in boxes if _is_thin(part)]
    if fill:
        _add_cover(drawn, boxes, matrix, found, is_clear=is_clear)
        _add_areas(drawn, boxes, found, is_dark=not (is_shape or is_clear))


def _add_areas(drawn: Handle, boxes: list[Box], found: PageObjects, *, is_dark: bool) -> None:
    """Keep the areas that a path fills, and whether they are dark where they may be what hides a figure."""
    grey, alpha = _fill_grey(drawn)
    if grey is None or (alpha == _SOLID and _has_transparency(drawn)):
        found.patterns += [part for part in boxes if not _is_thin(part)]
    elif is_dark and len(boxes) == 1 and grey < _DARK and alpha >= _OPAQUE:  # two are a frame
        found.dark.append((len(found.fills), boxes[0]))
    if alpha:
        found.fills += [(len(found.texts), part, grey) for part in boxes]


def _add_shape(drawn: Handle, box: Box, matrix: Matrix, found: PageObjects, *, is_filled: bool) -> None:
    """Keep a shape in dark ink, as far as a clip shows it."""
    grey, alpha = _grey_by(_get_fill_colour if is_filled else _get_stroke_colour, drawn)
    if grey is None or grey > _INK or alpha < _OPAQUE:
        return
    clip = _clip_box(drawn, matrix, found)
    shown = box if clip is None else intersect(box, clip)
    found.shapes += [shown] if shown is not None else []


def _add_cover(drawn: Handle, boxes: list[Box], matrix: Matrix, found: PageObjects, *, is_clear: bool) -> None:
    """Keep the areas that an object hides; nothing is below the first, and what is transparent hides nothing."""
    if not found.texts or is_clear or (_has_transparency(drawn) and not _OPAQUE <= _fill_grey(drawn)[1] < _SOLID):
        return
    for box in boxes:
        if not _is_thin(box):
            clip = _clip_box(drawn, matrix, found)
            shown = box if clip is None else intersect(box, clip)
            found.covers += [(len(found.texts), shown)] if shown is not None else []


def dark_areas(found: PageObjects) -> Iterator[Box]:
    """Yield the dark areas of a page over which it draws no other area later, as over a frame's middle."""
    if len(found.dark) > _MOST_DARK:
        return
    for place, box in found.dark:
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        later = islice(found.fills, place + 1, place + 1 + _MAX_LINES)
        if not any(left <= x <= right and bottom <= y <= top for _, (left, bottom, right, top), _ in later):
            yield box


def read_clips(found: PageObjects, wanted: Collection[int | None]) -> dict[int | None, Box]:
    """Return the box around what a clip shows of text objects, by their address; tools clip most texts to the page.

    Args:
        found: What the page draws.
        wanted: Addresses of the text objects that are looked at.

    Raises:
        DocumentError: limit_exceeded.
    """
    clips: dict[int | None, Box] = {}
    for text, matrix in zip(found.texts, found.places, strict=True):
        if text in wanted:
            clip = _clip_box(Handle(text), matrix, found)
            if clip is not None:
                clips[text] = clip
    return clips


def read_ink(text: int, matrix: Matrix, found: PageObjects) -> tuple[Box | None, bool]:
    """Return the box of a text object on the page's axes, and whether it is filled in ink dark enough to be seen."""
    drawn = Handle(text)
    grey, alpha = _fill_grey(drawn)
    is_filled = _get_render_mode(drawn) in (pdfium.FPDF_TEXTRENDERMODE_FILL, pdfium.FPDF_TEXTRENDERMODE_FILL_STROKE)
    return _bounds(drawn, matrix, found), is_filled and grey is not None and grey <= _INK and alpha >= _OPAQUE


def _clip_box(drawn: Handle, matrix: Matrix, found: PageObjects) -> Box | None:
    """Return the box around what an object's clip shows, None where it has none."""
    clip = _get_clip(drawn)
    shown: Box | None = None
    x, y = found.edges.places[:2]
    for path in range(max(_count_clip_paths(clip), 0)):
        count = max(_count_clip_segments(clip, path), 0)
        found.count(count)
        segments = (_get_clip_segment(clip, path, index) for index in range(count))
        points = [found.edges.read()[:2] for one in segments if _get_point(one, x, y)]
        if points:
            xs, ys = [point[0] for point in points], [point[1] for point in points]
            box = transform_box((min(xs), min(ys), max(xs), max(ys)), matrix)
            shown = box if shown is None else intersect(shown, box) or (box[0], box[1], box[0], box[1])
    return shown


def _read_parts(drawn: Handle, matrix: Matrix, found: PageObjects) -> tuple[list[Box], list[Box], bool]:
    """Return the straight segments of a path, the box around each of its parts, and whether it bends or slants."""
    count = _count_segments(drawn)
    found.count(max(count, 0))
    a, b, c, d, e, f = matrix
    to_x, to_y = found.edges.places[:2]
    strokes: list[Box] = []
    parts: list[list[tuple[float, float]]] = []
    is_shape = False
    for index in range(count):
        segment = _get_segment(drawn, index)
        if not _get_point(segment, to_x, to_y):
            continue
        x, y, _, _ = found.edges.read()
        if not (isfinite(x) and isfinite(y)):
            continue
        point = (a * x + c * y + e, b * x + d * y + f)
        kind = _get_segment_type(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO or not parts:
            parts.append([point])
            continue
        last = parts[-1][-1]
        if kind == pdfium.FPDF_SEGMENT_LINETO:
            strokes.append((*last, *point))
        is_shape |= kind != pdfium.FPDF_SEGMENT_LINETO or (abs(point[0] - last[0]) > _SLANT < abs(point[1] - last[1]))
        parts[-1].append(point)
        if _is_closing(segment):
            strokes.append((*point, *parts[-1][0]))
    boxes = []
    for part in parts:
        xs, ys = [x for x, _ in part], [y for _, y in part]
        boxes.append((min(xs), min(ys), max(xs), max(ys)))
    return strokes, boxes, is_shape


def _is_thin(box: Box) -> bool:
    return min(box[2] - box[0], box[3] - box[1]) <= _THIN


def _is_frame(box: Box, parts: Collection[Box]) -> bool:
    """Tell whether a path is wide and all of it goes round its middle, as a field's frame with round corners does."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    is_wide = box[2] - box[0] > box[3] - box[1]
    return is_wide and all(left < x < right and bottom < y < top for left, bottom, right, top in parts)


def _is_hair(box: Box) -> bool:
    """Tell whether an image is a line, as some programs draw borders."""
    sides = sorted((box[2] - box[0], box[3] - box[1]))
    return sides[0] <= _HAIR < sides[1]


def _fill_grey(drawn: Handle) -> tuple[int | None, int]:
    """Return the grey value and the alpha of what a path is filled with; no grey for a pattern."""
    return _grey_by(_get_fill_colour, drawn)


def _grey_by(ask: Callable[..., int], drawn: Handle) -> tuple[int | None, int]:
    colours = Answer("I", 4)
    if not ask(drawn, *colours.places):
        return None, 255
    red, green, blue, alpha = colours.read()
    return grey_of(red, green, blue), alpha


def grey_of(red: int, green: int, blue: int) -> int:
    """Return how light a colour is, 0 to 255."""
    return (299 * red + 587 * green + 114 * blue) // 1000
