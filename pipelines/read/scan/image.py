"""Pictures (PNG, JPEG, TIFF and the like): recognised page by page, and put together as the pages of a PDF are."""

import io
import warnings
from collections.abc import Iterator
from math import sqrt

import cv2
import numpy as np
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from pipelines.errors import DocumentError
from pipelines.read.model import Document
from pipelines.read.pages.flow import fill_document
from pipelines.read.recognition import recognition_notice
from pipelines.read.scan.page import read_picture
from pipelines.read.scan.picture import Grey
from pipelines.settings import ReadLimits
from schemas.vocabulary import FileFormat

_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP")
_MOST_PIXELS = 120_000_000  # of one picture; A4 at 600 dpi has 35 million
_MOST_FRAMES = 60
_SHEET = (595.0, 842.0)  # points of A4, upright: what a picture's width is taken for at first
_LARGEST_SHARE = 4.0  # a picture that must grow more than this shows no text
_MOST_SCALED = 12_000_000  # pixels after scaling
_FINEST, _COARSEST = 200 / 72, 100 / 72  # pixels of one point between which a picture is scaled
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, ArithmeticError, UnidentifiedImageError)


def read_image(data: bytes, limits: ReadLimits) -> Document:
    """Return the document in a picture, or in each frame of a TIFF.

    Args:
        data: The file's bytes.
        limits: Bounds on size and cells.

    Raises:
        DocumentError: broken_document, unsupported_format or limit_exceeded.
    """
    pages = [read_picture(*_scale(grey)) for grey in read_frames(data)]
    if not any(page.characters for page in pages):
        raise DocumentError("unsupported_format", "no text was recognised in the picture; is it one of a report?")
    document = Document(FileFormat.IMAGE, notices=[recognition_notice(pages)])
    fill_document(document, pages, limits)
    return document


def read_frames(data: bytes) -> Iterator[Grey]:
    """Yield each frame's grey values, as its orientation mark says and on white paper where it is transparent.

    Raises:
        DocumentError: broken_document or limit_exceeded.
    """
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data), formats=_FORMATS) as source:
            if getattr(source, "n_frames", 1) > _MOST_FRAMES:
                raise DocumentError("limit_exceeded", f"the picture has more than {_MOST_FRAMES} frames")
            for frame in ImageSequence.Iterator(source):
                if frame.width * frame.height > _MOST_PIXELS:
                    message = f"a picture of {frame.width} × {frame.height} pixels is not recognised"
                    raise DocumentError("limit_exceeded", message)
                yield _grey_values(frame)
                if source.format == "GIF":
                    return  # an animation shows one page
    except Image.DecompressionBombError as error:
        raise DocumentError("limit_exceeded", f"the picture unpacks to too many pixels ({error})") from error
    except _DAMAGE as error:
        raise DocumentError("broken_document", f"the picture cannot be opened ({error}); fetch it again") from error


def _grey_values(frame: Image.Image) -> Grey:
    upright = ImageOps.exif_transpose(frame)
    if upright.mode.startswith("I") or upright.mode == "F":
        values = np.asarray(upright, dtype=np.float64)
        span = float(values.max() - values.min()) or 1.0
        return ((values - values.min()) * (255.0 / span)).astype(np.uint8)
    if "A" in upright.mode or "transparency" in upright.info:
        layered = upright.convert("RGBA")
        paper = Image.new("RGBA", layered.size, "white")
        upright = Image.alpha_composite(paper, layered)
    return np.asarray(upright.convert("L"))


def _scale(grey: Grey) -> tuple[Grey, float]:
    """Return a picture at a resolution that is fit for recognition, and its pixels of one point."""
    height, width = grey.shape
    pixels = width / _SHEET[0 if height >= width else 1]
    share = min(max(1.0, _COARSEST / pixels), _FINEST / pixels, _LARGEST_SHARE, sqrt(_MOST_SCALED / (width * height)))
    if share != 1.0:
        size = max(1, round(width * share)), max(1, round(height * share))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC)
    return grey, pixels * share
