"""Pages of a PDF that are pictures: drawn by PDFium, then recognised."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from math import sqrt

import pypdfium2
import pypdfium2.raw as pdfium

from pipelines.errors import DocumentError
from pipelines.read.pages.content import PageContent
from pipelines.read.scan.page import read_picture

MOST_PICTURES = 60  # pages; each takes about three seconds
_RESOLUTION = 200 / 72  # pixels of one point
_MOST_PIXELS = 12_000_000  # of a drawn page; A3 at this resolution has 7.7 million
_MOST_IMAGE_PIXELS = 120_000_000  # of one embedded picture; A4 at 600 dpi has 35 million
_MAX_DEPTH = 4  # forms within forms in which pictures are looked for


def recognise_pages(
    numbers: Sequence[int], open_page: Callable[[int], pypdfium2.PdfPage]
) -> Iterator[tuple[int, PageContent]]:
    """Yield what pages print, recognised in the pictures that PDFium draws of them.

    Args:
        numbers: Pages, from 0.
        open_page: Returns a page by its number, with what lies over it as part of it.

    Raises:
        DocumentError: limit_exceeded, too many pages or too large a picture; broken_document.
    """
    if len(numbers) > MOST_PICTURES:
        message = (
            f"{len(numbers)} pages are pictures, more than {MOST_PICTURES} that are recognised: split the document"
        )
        raise DocumentError("limit_exceeded", message)
    for number in numbers:
        with closing(open_page(number)) as page:
            yield number, _recognise_page(page)


def _recognise_page(page: pypdfium2.PdfPage) -> PageContent:
    for image in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=_MAX_DEPTH):
        width, height = image.get_px_size()
        if width * height > _MOST_IMAGE_PIXELS:
            raise DocumentError(
                "limit_exceeded", f"a picture of {width} × {height} pixels in the PDF is not recognised"
            )
    area = max(page.get_width() * page.get_height(), 1.0)
    pixels = min(_RESOLUTION, sqrt(_MOST_PIXELS / area))
    try:
        with closing(page.render(scale=pixels, grayscale=True)) as bitmap:
            grey = bitmap.to_numpy().copy()
    except pypdfium2.PdfiumError as error:
        raise DocumentError("broken_document", f"a page of the PDF cannot be drawn ({error})") from error
    return read_picture(grey.reshape(grey.shape[:2]), pixels)
