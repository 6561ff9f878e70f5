"""Pages that are pictures: which they are, and whether what they show can be recognised here.

That is told without importing what recognises: half a second and 200 MB.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib.util import find_spec

from pipelines.errors import DocumentError
from pipelines.read.model import UNREADABLE, Document, Notice
from pipelines.read.pages.content import PAGE_IMAGE, PageContent

EXTRA = "ocr"
REMEDY = f"it needs text recognition (the optional extra `{EXTRA}`)"
_LIBRARIES = ("cv2", "numpy", "onnxruntime", "PIL", "rapidocr")
_FEWEST_CHARACTERS = 20  # a page with fewer, and an image, is a scan
_UNREADABLE_SHARE = 0.3  # of characters whose font does not say what they mean; beyond, there is no text


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


def recognise_pictures(
    document: Document,
    pages: list[PageContent],
    container: str,
    recognise: Callable[[Sequence[int]], Iterable[tuple[int, PageContent]]],
) -> None:
    """Put what is recognised in the place of pages that are pictures, or whose fonts say nothing.

    Where recognition is not installed they stay as they are, each with a notice.

    Args:
        document: Takes the notices.
        pages: All of the document's; changed in place.
        container: What the document is called in messages.
        recognise: Returns what pages show by their numbers, from 0; called only where recognition is installed.

    Raises:
        DocumentError: unsupported_format, the document has no text and recognition is not installed or found none; what
            `recognise` raises.
    """
    reason = _why_textless(pages, container)
    pictures = [number for number, page in enumerate(pages) if reason or _is_picture(page)]
    if not pictures:
        return
    if has_recognition():
        found = dict(recognise(pictures))
        if reason and not any(content.characters for content in found.values()):
            raise DocumentError("unsupported_format", f"{reason}, and none was recognised in its pictures")
        for number, content in found.items():
            pages[number] = content
        if found:
            document.notices.append(recognition_notice(list(found.values())))
    elif reason:
        raise DocumentError("unsupported_format", f"{reason}: {REMEDY}")
    else:
        message = "page {} is a picture and was not read: {}"
        document.notices += [Notice("unsupported_format", message.format(number + 1, REMEDY)) for number in pictures]


def _why_textless(pages: Sequence[PageContent], container: str) -> str | None:
    """Return why a document has no text that could be read, None where it has."""
    count = sum(map(_count_text, pages))
    if count < _FEWEST_CHARACTERS * len(pages) and any(page.image_share > 0 for page in pages):
        return f"the {container}'s pages are images without text"
    if not count:
        return f"the {container} has no text"
    if sum(map(_count_unreadable, pages)) > _UNREADABLE_SHARE * count:
        return f"the {container}'s fonts do not say which characters they print"
    return None


def _is_picture(page: PageContent) -> bool:
    """Tell whether a page of a document that has text has none that could be read."""
    count = _count_text(page)
    is_scan = count < _FEWEST_CHARACTERS and page.image_share >= PAGE_IMAGE
    return is_scan or _count_unreadable(page) > _UNREADABLE_SHARE * max(count, _FEWEST_CHARACTERS)


def _count_text(page: PageContent) -> int:
    return len(page.characters) - [one.text for one in page.characters].count(" ")


def _count_unreadable(page: PageContent) -> int:
    return [one.text for one in page.characters].count(UNREADABLE)
