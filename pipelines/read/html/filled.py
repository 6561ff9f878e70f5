"""Cells that a script fills once the page is open: what stands in them before, a blank or a nought, is no figure."""

import re
from collections.abc import Iterable

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.read.html.doubt import CELLS
from pipelines.read.html.sheets import is_held
from pipelines.read.model import PICTURE

# Attributes that hold the figure itself, by which a script counts up to it, and those of frameworks that name it.
_HELD = (
    *("data-value", "data-val", "data-num", "data-number", "data-count", "data-to", "data-target", "data-text"),
    *("data-end", "data-final", "data-total"),
)
_BOUND = ("v-text", "v-html", "x-text", "x-html", "ng-bind", "ng-bind-html", ":text", "data-bind", "th:text", "ms-text")
_TRACES = (b"data-", b"text=", b"html=", b"bind=")  # one of which stands in a page with any of these
_FILLED = frozenset({*_HELD, *_BOUND})
# Word leaves hundreds of empty paragraphs, and none that a script fills.
_EMPTY = r":empty:not(o\:p,[class^=Mso],br,img,hr,input,wbr)"
_LOOKS = re.compile(
    r"ttr|dataset|data-|\.data\(|Vue|ng[-.]|Alpine|bind|module"
)  # what reads attributes, or loads what does
_WRITES = re.compile(r"innerText|innerHTML|textContent|\.(?:text|html)\(")
_LEAST_IDS = 5  # an empty cell with a name of its own may be chance, and five are a form that waits for its figures


def mark_unfilled(
    tree: LexborHTMLParser, markup: bytes, scripts: Iterable[LexborNode], holders: frozenset[str]
) -> None:
    """Mark what a script or a framework will write into cells, or over what stands in them.

    Args:
        tree: The page.
        markup: Its bytes in lower case.
        scripts: Its scripts.
        holders: The elements that hold figures.
    """
    empty = tree.css(_EMPTY)
    marked = [node for node in empty if not _FILLED.isdisjoint(node.attributes) and is_held(node, holders)]
    writing = list(scripts)
    if writing:
        named = [node for node in empty if "id" in node.attributes and is_held(node, CELLS)]
        marked += named if len(named) >= _LEAST_IDS else []
        may_look = any("src" in node.attributes or _LOOKS.search(node.text()) for node in writing)
        has_attributes = may_look and any(trace in markup for trace in _TRACES)
        marked += _written_over(tree, writing, holders, has_attributes=has_attributes)
    for node in {node.mem_id: node for node in marked}.values():
        node.insert_child(PICTURE)


def _shows_its_own(node: LexborNode) -> bool:
    """Tell whether an element shows the figure that its attribute holds; what names none is no figure."""
    attributes = node.attributes
    if any(name in attributes for name in _BOUND):
        return False
    text = "".join(node.text().split()).replace(",", "")
    held = [(attributes.get(name) or "").strip().replace(",", "") for name in _HELD if name in attributes]
    return bool(text) and all(value == text for value in held if any(map(str.isdigit, value)))


def _written_over(
    tree: LexborHTMLParser, scripts: Iterable[LexborNode], holders: frozenset[str], *, has_attributes: bool
) -> list[LexborNode]:
    """Return the elements in cells over which a script will write: by an attribute of theirs, or by their name."""
    found = []
    if has_attributes:
        names = ",".join("[" + name.replace(":", "\\:") + "]" for name in (*_HELD, *_BOUND))
        found += [node for node in tree.css(names) if is_held(node, holders) and not _shows_its_own(node)]
    written = "\n".join(text for text in (node.text() for node in scripts) if _WRITES.search(text))
    if written:
        within = ",".join(f"{name}[id],{name} [id]" for name in sorted(holders))
        for node in tree.css(within):
            name = node.attributes.get("id") or ""
            if name and re.search(rf"[#\"']{re.escape(name)}[\"']", written):
                found.append(node)
    return found
