"""Pages on which a format places pictures, as an OFD of scans does: laid on white sheets, then recognised."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

import cv2
import numpy as np

from pipelines.errors import DocumentError
from pipelines.read.pages.content import PageContent
from pipelines.read.pages.plane import Matrix, combine
from pipelines.read.scan.image import read_frames
from pipelines.read.scan.page import read_picture
from pipelines.read.scan.pdf_pages import MOST_PICTURES
from pipelines.read.scan.picture import Grey

_RESOLUTION = 200 / 72  # pixels of one point
_MOST_PIXELS = 12_000_000  # of a sheet; A3 at this resolution has 7.7 million
_MOST_PLACED = 200  # pictures of one page: a scan has one, or is cut into strips


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: its size in points, and each picture's file with the matrix that places its unit square, y down."""

    width: float
    height: float
    pictures: Sequence[tuple[Callable[[], bytes], Matrix]]


def recognise_sheets(sheets: Sequence[tuple[int, Sheet]]) -> Iterator[tuple[int, PageContent]]:
    """Yield the number of each sheet and what it prints, recognised in its pictures.

    Raises:
        DocumentError: limit_exceeded, too many or too large pictures; broken_document, one that cannot be opened.
    """
    if len(sheets) > MOST_PICTURES:
        message = f"{len(sheets)} pages are pictures, more than {MOST_PICTURES} that are recognised: split the document"
        raise DocumentError("limit_exceeded", message)
    for number, sheet in sheets:
        if len(sheet.pictures) > _MOST_PLACED:
            raise DocumentError("limit_exceeded", f"page {number + 1} places more than {_MOST_PLACED} pictures")
        pixels = min(_RESOLUTION, sqrt(_MOST_PIXELS / max(sheet.width * sheet.height, 1.0)))
        yield number, read_picture(_lay_out(sheet, pixels), pixels)


def _lay_out(sheet: Sheet, pixels: float) -> Grey:
    """Return the grey values of a sheet on which its pictures lie, one over the other."""
    size = max(1, round(sheet.width * pixels)), max(1, round(sheet.height * pixels))
    paper: Grey = np.full((size[1], size[0]), 255, np.uint8)
    for read, matrix in sheet.pictures:
        data = read()
        if not data:
            continue
        grey = next(read_frames(data))
        height, width = grey.shape
        a, b, c, d, e, f = combine(matrix, (pixels, 0.0, 0.0, pixels, 0.0, 0.0))
        # From the picture's pixels to the sheet's: of its pixels' middles, not of their corners.
        place = np.array([[a / width, c / height, e - 0.5], [b / width, d / height, f - 0.5]])
        place[:, 2] += place[:, :2] @ (0.5, 0.5)
        shrink = min(np.hypot(a, b) / width, np.hypot(c, d) / height)
        if 0 < shrink < 1:
            grey = cv2.GaussianBlur(grey, (0, 0), 0.4 / shrink)  # what is made smaller without it loses thin strokes
        cv2.warpAffine(grey, place, size, dst=paper, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT)
    return paper
