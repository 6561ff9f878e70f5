"""Pages within a page: what a frame holds in its own attribute (`srcdoc`) is read where the frame stands.

Frames with an address show another file, which is not at hand.
"""

from collections.abc import Sequence
from html import escape
from itertools import count

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.read.html.doubt import CELLS
from pipelines.read.html.tree import is_held, remove

_SHORTEST = 200  # characters of a frame that holds a table or a report; a shorter one in a cell may be a figure
_MOST = 20  # frames that are unfolded: the page is written anew for each
_KEPT = ("style", "class", "id", "hidden")  # a frame that is hidden hides its page


_SHADOW = ("shadowrootmode", "shadowroot")


def unfold_shadows(tree: LexborHTMLParser, templates: Sequence[LexborNode]) -> bytes | None:
    """Return the page with what its declared shadow trees show in the place of what their hosts hold; None without any.

    Source: HTML Living Standard, 4.12.3 (`shadowrootmode`). A tree that takes in what its host holds (`<slot>`), and
    one in a cell, of which only a part may be the figure, are left out.
    """
    trees: dict[str, str] = {}
    for node in templates:
        markup, host = node.html or "", node.parent
        is_shadow = not node.attributes.keys().isdisjoint(_SHADOW)
        if not is_shadow or host is None or "<slot" in markup or len(trees) >= _MOST or is_held(node, CELLS):
            continue
        mark = f"\ue0f6{len(trees)}\ue0f7"
        trees[mark] = markup[markup.index(">") + 1 : markup.rindex("<")]
        node.insert_before(mark)
        remove([child for child in host.iter(include_text=True) if mark not in (child.text_content or "")])
    if not trees:
        return None
    page = tree.html or ""
    for mark, markup in trees.items():
        page = page.replace(mark, f"<div>{markup}</div>")
    return page.encode(errors="replace")


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
