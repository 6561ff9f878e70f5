"""Pages within a page: what a frame holds in its own attribute (`srcdoc`) is read where the frame stands.

Frames with an address show another file, which is not at hand.
"""

from collections.abc import Sequence
from html import escape
from itertools import count

from selectolax.lexbor import LexborHTMLParser, LexborNode

_SHORTEST = 200  # characters of a frame that holds a table or a report; a shorter one in a cell may be a figure
_MOST = 20  # frames that are unfolded: the page is written anew for each
_KEPT = ("style", "class", "id", "hidden")  # a frame that is hidden hides its page


def unfold_frames(tree: LexborHTMLParser, frames: Sequence[LexborNode]) -> bytes | None:
    """Return the page with the pages that its frames hold in their places, None where none holds one.

    Args:
        tree: The page; of no use afterwards where something is returned.
        frames: Its `<iframe>` elements.
    """
    pages: dict[str, str] = {}
    numbers = count()
    for node in frames:
        page = node.attributes.get("srcdoc") or ""
        if len(page) >= _SHORTEST and len(pages) < _MOST:
            mark = f"\ue0f2{next(numbers)}\ue0f3"
            kept = {name: node.attributes.get(name) for name in _KEPT if name in node.attributes}
            own = "".join(f' {name}="{escape(value or "")}"' for name, value in kept.items())
            pages[mark] = f"<div{own}>{page}</div>"
            node.replace_with(mark)
    if not pages:
        return None
    markup = tree.html or ""
    for mark, page in pages.items():
        markup = markup.replace(mark, page)
    return markup.encode(errors="replace")
