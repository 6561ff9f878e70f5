"""Scans for tests: a PDF drawn by PDFium, then turned, blurred, soiled and packed as scanners do it."""

import io
from functools import cache, partial
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pypdfium2
from PIL import Image

from tests.read.pdf_builder import build_pdf, draw_text

_PAPER, _INK = 240, 30  # grey values of a scanned sheet


def draw_pictures(
    pdf: bytes, *, dpi: int = 150, turn: float = 0.0, noise: float = 0.0, blur: float = 0.0, seed: int = 1
) -> list[np.ndarray]:
    """Return the grey values of each page as scanned.

    Args:
        turn: Degrees by which each sheet lies askew.
        noise: Standard deviation in grey values.
        blur: Standard deviation in pixels.
    """
    chance = np.random.default_rng(seed)
    pictures = []
    with pypdfium2.PdfDocument(pdf) as source:
        for page in source:
            grey = page.render(scale=dpi / 72, grayscale=True).to_numpy()
            grey = grey.reshape(grey.shape[:2]).astype(np.float32)
            height, width = grey.shape
            if turn:
                matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, 1.0)
                grey = cv2.warpAffine(grey, matrix, (width, height), borderValue=255)
            if blur:
                grey = cv2.GaussianBlur(grey, (0, 0), blur)
            grey = _INK + grey * ((_PAPER - _INK) / 255)
            pictures.append(np.clip(grey + chance.normal(0, noise, grey.shape), 0, 255).astype(np.uint8))
    return pictures


def pack_pictures(pictures: list[np.ndarray], kind: str = "PDF", dpi: int = 150, quality: int = 85) -> bytes:
    """Return pictures as a PDF of JPEGs, or as PNG, JPEG or TIFF."""
    first, *others = [Image.fromarray(picture) for picture in pictures]
    options: dict[str, Any] = {"PDF": {"resolution": dpi, "quality": quality}, "JPEG": {"quality": quality}}.get(
        kind, {}
    )
    if kind in {"PDF", "TIFF"}:
        options |= {"save_all": True, "append_images": others}
    buffer = io.BytesIO()
    first.save(buffer, kind, **options)
    return buffer.getvalue()


def scan_pdf(pdf: bytes, *, dpi: int = 150, quality: int = 85, **soil: Any) -> bytes:
    """Return a PDF as it comes back from a printer and a scanner; see `draw_pictures`."""
    return pack_pictures(draw_pictures(pdf, dpi=dpi, **soil), dpi=dpi, quality=quality)


@cache
def has_chinese_font() -> bool:
    """Tell whether PDFium finds glyphs for Chinese: without them every character is the same box, or none."""
    shapes = [draw_pictures(build_pdf(partial(draw_text, x=50, top=60, text=one, size=40)))[0] for one in "政公开"]
    return not any(np.array_equal(one, other) for one, other in pairwise(shapes))
