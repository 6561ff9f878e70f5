"""Elements of which only a name says that they stand for something else than text: signs, and what scripts draw."""

from collections.abc import Iterable
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.read.html.doubt import Notable, holder_of, mark_moved
from pipelines.read.html.grid import is_figure
from pipelines.read.html.tree import lineage
from pipelines.read.model import PICTURE

# Icon fonts; many pages have arrows, and few of these. A search of the tree for them is quicker than one of the bytes.
_SIGNS = ",".join(f"[class*={sign} i]" for sign in ("-minus", "caret-down", "arrow-down"))
_SHADOWS = ("shadowrootmode", "shadowroot")
_FEWEST_WRAPPED = 5


def mark_named(tree: LexborHTMLParser, notable: Notable, holders: frozenset[str]) -> None:
    """Mark figures beside the icon of a minus or a fall, digits of buttons beside others, and what a script draws.

    Args:
        tree: The page.
        notable: Its elements that need more than their text.
        holders: The elements that hold figures.
    """
    for node in _silent(tree.css(_SIGNS), holders):
        cell = holder_of(node, holders)
        if cell is not None and is_figure(cell.text()) and not _is_pressed(node):
            node.insert_child(PICTURE)
    for node in notable.get("template", ()):
        cell = holder_of(node, holders)
        if cell is not None and not node.attributes.keys().isdisjoint(_SHADOWS):
            node.insert_before(PICTURE)
    for name, nodes in notable.items():
        if "-" in name and not _wraps_text(nodes, holders):  # elements of the page's own
            for node in _silent(nodes, holders):
                node.insert_child(PICTURE)
    mark_moved(notable.get("button", ()), holders)


def _is_pressed(node: LexborNode) -> bool:
    """Tell whether a sign stands on a control beside the figure, by which it is changed."""
    return any(above.tag == "button" or above.attributes.get("role") == "button" for above in lineage(node))


def _wraps_text(nodes: Iterable[LexborNode], holders: frozenset[str]) -> bool:
    """Tell whether elements of one name stand around figures in other cells, so that an empty one is a blank."""
    wrapped = (node for node in nodes if is_figure(node.text()) and holder_of(node, holders) is not None)
    return len(list(islice(wrapped, _FEWEST_WRAPPED))) == _FEWEST_WRAPPED


def _silent(nodes: Iterable[LexborNode], holders: frozenset[str]) -> list[LexborNode]:
    """Return the elements without text in cells that hold no table."""
    found = []
    for node in nodes:
        cell = holder_of(node, holders) if not node.text().strip() else None
        if cell is not None and cell.css_first("table") is None:
            found.append(node)
    return found
