"""Cells that a script fills once the page is open: what stands in them before, a blank or a nought, is no figure."""

import re
from collections.abc import Iterable

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.read.html.doubt import CELLS
from pipelines.read.html.panes import boxes_tables
from pipelines.read.html.selected import find_all
from pipelines.read.html.tree import is_held
from pipelines.read.model import PICTURE

# Attributes that hold the figure itself, by which a script counts up to it, and those of frameworks that name it.
_HELD = (
    *("data-value", "data-val", "data-num", "data-number", "data-count", "data-to", "data-target", "data-text"),
    *("data-end", "data-final", "data-total", "data-countup", "data-count-to", "data-counter", "data-stop", "data-max"),
    *("data-purecounter-end", "data-counterup-nums", "data-end-value", "data-endval"),
)
_BOUND = ("v-text", "v-html", "x-text", "x-html", "ng-bind", "ng-bind-html", ":text", "data-bind", "th:text", "ms-text")
# One of these stands in a page with any of these attributes.
_TRACES = (b"data-", b"text=", b"html=", b"bind=")
_FILLED = frozenset({*_HELD, *_BOUND})
_ANY_FILLED = ",".join("[" + name.replace(":", "\\:") + "]" for name in (*_HELD, *_BOUND))
# Word leaves hundreds of empty paragraphs, and none that a script fills.
_EMPTY = r":empty:not(o\:p,[class^=Mso],br,img,hr,input,wbr)"
_WRITES = re.compile(r"innerText|innerHTML|textContent|\.(?:text|html)\(")
_NAMING = ("id", "name", "data-field", "data-key", "data-name")  # attributes by which a script finds an element
_QUOTED = re.compile(r"[#\"']([\w][\w.-]*)[\"']")
# What is written over whatever a selector finds, in one statement.
_SELECTED = re.compile(
    r"(?:\$|jQuery|querySelector(?:All)?)\(\s*([\"'])(?P<selector>[^\"'<]{1,200})\1\s*\)(?:\.\w+\([^()]{0,80}\))*"
    r"\.(?:(?:text|html)\(\s*[^)\s]|(?:innerText|innerHTML|textContent)\s*\+?=)"
)
_MOST_SELECTED = 50
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
        marked += _written_over(tree, writing, holders)
    if any(trace in markup for trace in _TRACES):  # in a page that was saved, the script may be gone
        marked += [node for node in tree.css(_ANY_FILLED) if is_held(node, holders) and not _shows_its_own(node)]
    for node in {node.mem_id: node for node in marked}.values():
        node.insert_child(PICTURE)


def _shows_its_own(node: LexborNode) -> bool:
    """Tell whether an element shows the figure that its attribute holds; what names none is no figure."""
    attributes = node.attributes
    if any(name in attributes for name in _BOUND):
        return False
    text = "".join(node.text().split()).replace(",", "")
    held = [(attributes.get(name) or "").strip().replace(",", "") for name in _HELD if name in attributes]
    figures = [value for value in held if _has_digit(value)]
    return bool(text) and all(text.startswith(one) and not _has_digit(text[len(one) :]) for one in figures)


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _written_over(tree: LexborHTMLParser, scripts: Iterable[LexborNode], holders: frozenset[str]) -> list[LexborNode]:
    """Return the elements in cells over which a script will write by their name."""
    found = []
    written = "\n".join(text for text in (node.text() for node in scripts) if _WRITES.search(text))
    if written:
        quoted = set(_QUOTED.findall(written))
        within = ",".join(
            f"{name}[{attribute}],{name} [{attribute}]" for name in sorted(holders) for attribute in _NAMING
        )
        for node in tree.css(within):
            attributes = node.attributes
            if any(attributes.get(attribute) in quoted for attribute in _NAMING):
                found.append(node)
        found += _selected(tree, written, holders)
    return found


def _selected(tree: LexborHTMLParser, written: str, holders: frozenset[str]) -> list[LexborNode]:
    """Return the elements in cells that a selector of a script finds, where the script writes over them."""
    selectors = {match["selector"] for match in _SELECTED.finditer(written)}
    found = []
    for selector in sorted(selectors)[:_MOST_SELECTED]:
        nodes = find_all(tree, selector)  # nothing for those that jQuery alone knows
        found += [node for node in nodes if is_held(node, holders) and not boxes_tables(node)]
    return found
