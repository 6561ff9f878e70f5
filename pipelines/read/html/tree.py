"""Ways through the tree of a page: what a node stands in, and how nodes are taken out."""

from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborNode

_PAGE_ITSELF = ("html", "body")  # hidden until a script has run: what it hides is still the page


def is_held(node: LexborNode, holders: frozenset[str]) -> bool:
    """Tell whether a node is, or stands in, an element that holds figures."""
    return any(above.tag in holders for above in lineage(node))


def lineage(node: LexborNode | None) -> Iterator[LexborNode]:
    """Yield the node and what it stands in, from inside out."""
    above = node
    while above is not None:
        yield above
        above = above.parent


def remove(nodes: Iterable[LexborNode]) -> None:
    """Take nodes found in document order out of the tree: the last first, because removing one frees all below it."""
    for node in reversed(list(nodes)):
        if node.tag not in _PAGE_ITSELF:
            node.decompose()
