"""A small table for tests of PDFs, and what the reader makes of a document."""

import pytest

from pipelines.errors import DocumentError
from pipelines.read.pdf.reader import read_pdf
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind
from tests.read.pdf_builder import draw_table

LIMITS = ReadLimits()
SMALL = [(1, 1, 1, 1, "规章"), (1, 2, 1, 1, "12"), (1, 3, 1, 1, "3")]
SMALL += [(2, 1, 1, 1, "许可"), (2, 2, 1, 1, "7"), (2, 3, 1, 1, "8")]
MORE = [(1, 1, 1, 1, "处罚"), (1, 2, 1, 1, "0"), (1, 3, 1, 1, "1")]
MORE += [(2, 1, 1, 1, "强制"), (2, 2, 1, 1, "5"), (2, 3, 1, 1, "6")]
WIDTHS, HEIGHTS = [60, 40, 40], [20, 20]


def small_table(canvas, cells=SMALL, **options):
    draw_table(canvas, cells, **{"widths": WIDTHS, "heights": HEIGHTS, **options})


def texts(data, kind=BlockKind.PARAGRAPH):
    return [block.text for block in read_pdf(data, LIMITS).blocks if block.kind is kind]


def tables(data):
    return read_pdf(data, LIMITS).tables


def reason(data, limits=LIMITS):
    with pytest.raises(DocumentError) as error:
        read_pdf(data, limits)
    return error.value.reason_code
