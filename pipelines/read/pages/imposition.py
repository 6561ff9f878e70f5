"""Sheets on which several pages are printed beside one another: each is read as a page of its own."""

from collections.abc import Iterable, Iterator, Sequence

from pipelines.read.pages.content import PageContent
from pipelines.read.pages.plane import Box, Matrix, transform_boxes
from pipelines.read.pages.ruling import merge_segments, new_character, new_segment

_MARGIN = 0.02  # share of half a sheet, on either side of the fold, that no text reaches into
_FOLD = 1.0  # points on either side of it in which no border lies
_SLIMMEST, _SQUAREST = 0.6, 0.85  # width of a page by its height; A4 and its like have 0.71, Letter 0.77
_FEWEST_BORDERS = 4  # of a table in either direction


def part_sheets(sheets: Sequence[PageContent]) -> Sequence[PageContent]:
    """Return the pages that sheets show, two or four on each, or the sheets where they show one.

    Several stand there where no text and no border of any sheet crosses its middle, halves or quarters have the
    proportions of a page, and one holds a ruled table: halves of a table without borders are its columns. Text in two
    columns is parted as well, which is the order in which it is read.
    """
    for rows in (1, 2):
        if all(_shows_several(sheet, rows) for sheet in sheets) and any(map(_has_table, sheets)):
            return [page for sheet in sheets for page in _pages(sheet, rows)]
    return sheets


def _shows_several(sheet: PageContent, rows: int) -> bool:
    """Tell whether a sheet is parted into two pages in each of one or two rows."""
    if not _SLIMMEST * sheet.height <= sheet.width / 2 * rows <= _SQUAREST * sheet.height:
        return False
    return _is_parted(sheet, 0, sheet.width / 2) and (rows == 1 or _is_parted(sheet, 1, sheet.height / 2))


def _is_parted(sheet: PageContent, axis: int, fold: float) -> bool:
    """Tell whether neither text nor a border crosses the middle of the width (axis 0) or of the height (1)."""
    first, last = fold * (1 - _MARGIN), fold * (1 + _MARGIN)
    if any(one[axis] < last and one[axis + 2] > first for one in sheet.characters if one.text != " "):  # type: ignore[operator]
        return False
    ends = ((one[axis], one[axis + 2]) for one in sheet.segments)
    return not any(min(pair) < fold + _FOLD and max(pair) > fold - _FOLD for pair in ends)


def _has_table(sheet: PageContent) -> bool:
    """Tell whether a sheet draws as many borders as only a table has."""
    return min(map(len, merge_segments(sheet.segments))) >= _FEWEST_BORDERS


def _pages(sheet: PageContent, rows: int) -> Iterator[PageContent]:
    """Yield what stands on each page of a sheet, row by row, in points from the page's own corner."""
    width, height = sheet.width / 2, sheet.height / rows
    for row in range(rows):
        for column in range(2):
            corner = column * width, row * height
            page = (*corner, corner[0] + width, corner[1] + height)
            to_corner = (1.0, 0.0, 0.0, 1.0, -corner[0], -corner[1])

            def on_page(boxes: Iterable[Box], page: Box = page, move: Matrix = to_corner) -> list[Box]:
                return transform_boxes((box for box in boxes if _meet(box, page)), move)

            held = [one for one in sheet.characters if _meet(one[:4], page)]
            boxes = on_page(one[:4] for one in held)
            yield PageContent(
                width,
                height,
                [new_character((*box, one.text)) for box, one in zip(boxes, held, strict=True)],
                [new_segment(box) for box in on_page(sheet.segments)],
                on_page(sheet.pictures),
                on_page(sheet.shapes),
                on_page(sheet.areas),
                sheet.image_share,
            )


def _meet(box: Box, page: Box) -> bool:
    """Tell whether some of a box, which may be a line, lies on a page."""
    across, down = sorted((box[0], box[2])), sorted((box[1], box[3]))
    return across[0] < page[2] and across[1] > page[0] and down[0] < page[3] and down[1] > page[1]
