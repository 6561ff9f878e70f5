"""Whether text in pictures can be recognised here, told without importing what does it: half a second and 200 MB."""

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec

from pipelines.read.model import Notice
from pipelines.read.pdf_page import UNREADABLE, PageContent

EXTRA = "ocr"
REMEDY = f"it needs text recognition (the optional extra `{EXTRA}`)"
_LIBRARIES = ("cv2", "numpy", "onnxruntime", "PIL", "rapidocr")


@cache
def has_recognition() -> bool:
    """Tell whether everything of the extra is installed."""
    return all(find_spec(name) is not None for name in _LIBRARIES)


def recognition_notice(pages: Sequence[PageContent]) -> Notice:
    """Return what a reader of the figures must know: they were recognised, and how many characters were not."""
    doubtful = sum(one.text == UNREADABLE for page in pages for one in page.characters)
    message = (
        f"the text of {len(pages)} page(s) was recognised in pictures; {doubtful} character(s) were left illegible"
    )
    return Notice("recognised_text", message)
