"""Tables that a page keeps out of sight as a whole: panes that a control opens stay, copies of what is shown go.

A page that parts its tables among tabs shows one of them at a time and all of them to who clicks. A page that has each
table once for screens and once for telephones or paper shows one of the two, and the other may be older.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.read.html.grid import is_figure
from pipelines.read.html.selected import elements_by_rules
from pipelines.read.html.tree import lineage, remove
from pipelines.read.model import squeeze

_PANES = frozenset({"div", "section", "article", "li", "dd", "ul", "table", "aside"})
_NAME = re.compile(r"[\w-]+")
OPENING = ("href", "aria-controls", "data-target", "data-bs-target", "data-href", "data-id", "data-tab", "data-pane")
# What a script says of an element to show it, behind its name.
_SHOWN = (
    r"[\"']\s*\)\s*(?:\[0\])?\s*\.(?:show\(|fadeIn|slideDown|slideToggle|toggle\(|removeAttr|removeClass"
    r"|(?:css\(\s*[\"']display[\"']\s*,|style\.display\s*=)\s*[\"'](?!none))"
)
_ITEMS = ("[role=tab]", "li", "a", "span")
_LONGEST_ITEM = 40  # characters that a tab has for its name
_FEWEST_LABELS = 3
_UNSEEN = "data-unseen"
_OUT_OF_SIGHT = re.compile(
    r"(?<![\w-])(?:opacity\s*:\s*0(?:\.0+)?(?![.\d])|visibility\s*:\s*hidden|(?:max-)?height\s*:\s*0(?![.\d])"
    r"|(?:left|top)\s*:\s*-\d{3})",
    re.IGNORECASE,
)
_MOST_HIDDEN = 50  # elements with tables that are looked at: each is compared with the whole page
_ALIKE = 0.8  # of the labels of a copy stand in what it copies; a narrow screen's has fewer


def keep_panes(tree: LexborHTMLParser, hidden: Sequence[LexborNode]) -> list[LexborNode]:
    """Return the elements that go, of those that a page hides: panes stay that repeat none of the tables shown.

    Tabs may also part the years, and the tables of another year have the labels of this one's, if not all of them.
    """
    boxes = list(islice(filter(boxes_tables, hidden), _MOST_HIDDEN + 1))
    panes = [node for node in boxes if _is_opened(tree, node)] if len(boxes) <= _MOST_HIDDEN else []
    if not panes:
        return list(hidden)
    shown = _labels_of(_tables_outside(tree, hidden))
    kept = {node.mem_id for node in panes if not _repeats(node, shown)}
    return [node for node in hidden if node.mem_id not in kept]


def drop_copies(tree: LexborHTMLParser, sheets: Sequence[str], hides: re.Pattern[str], shows: re.Pattern[str]) -> None:
    """Remove what a sheet hides and no rule shows, where a table in it repeats one that is not hidden.

    Without such a copy it stays, under a sign for `keeps_unseen`: a script may show it, and losing a page is worse than
    reading a menu.
    """
    boxes = filter(boxes_tables, elements_by_rules(tree, sheets, hides))
    found = {node.mem_id: node for node in islice(boxes, _MOST_HIDDEN + 1)}
    if not 0 < len(found) <= _MOST_HIDDEN:
        return
    seen = {node.mem_id for node in elements_by_rules(tree, sheets, shows)}
    hidden = [
        node
        for node in found.values()
        if node.mem_id not in seen and not shows.search(node.attributes.get("style") or "")
    ]
    shown = _labels_of(_tables_outside(tree, hidden))
    copies = {node.mem_id: node for node in hidden if _repeats(node, shown)}
    for node in hidden:
        node.attrs[_UNSEEN] = ""
    # What stands in another copy goes with it.
    remove(node for node in copies.values() if not any(above.mem_id in copies for above in lineage(node.parent)))


def keeps_unseen(tree: LexborHTMLParser, tables: Sequence[LexborNode]) -> bool:
    """Tell whether a page shows some tables of figures and keeps another out of sight that no control opens.

    Where a style does so to all of them, a script shows them as the page opens.
    """
    boxes = {
        node.mem_id: node
        for table in tables
        for node in lineage(table)
        if _UNSEEN in (attributes := node.attributes) or _OUT_OF_SIGHT.search(attributes.get("style") or "")
    }
    closed = {key for key, node in boxes.items() if not _is_opened(tree, node)}
    if not closed:
        return False
    unseen = [any(above.mem_id in closed for above in lineage(table)) for table in tables]
    prints = [any(is_figure(cell.text()) for cell in table.css("td,th")) for table in tables]
    return {(True, True), (False, True)} <= set(zip(unseen, prints, strict=True))


def boxes_tables(node: LexborNode) -> bool:
    """Tell whether an element is a table or stands around some."""
    return node.tag in _PANES and (node.tag == "table" or node.css_first("table") is not None)


def _is_opened(tree: LexborHTMLParser, node: LexborNode) -> bool:
    """Tell whether a control or a script shows an element by its name, or a list of controls has one for each."""
    name = node.attributes.get("id") or ""
    if _NAME.fullmatch(name):
        queries = (f'[{attribute}="{mark}{name}"]' for attribute in OPENING for mark in ("#", ""))
        if tree.css_first(",".join(queries)) is not None:
            return True
        shown = re.compile(f"[\"'#]{re.escape(name)}{_SHOWN}")
        if any(shown.search(script.text()) for script in tree.css("script")):
            return True
    parent = node.parent
    if parent is None:
        return False
    like = [child for child in parent.iter() if child.tag == node.tag]
    control = element_before(like[0]) or element_before(parent)
    return len(like) > 1 and control is not None and any(lists_of(control, len(like)))


def lists_of(control: LexborNode, count: int) -> Iterator[list[LexborNode]]:
    """Yield the lists of as many items with short names in an element."""
    for item in _ITEMS:
        items = control.css(item)
        if len(items) == count and all(0 < len(item.text().strip()) <= _LONGEST_ITEM for item in items):
            yield items


def element_before(node: LexborNode) -> LexborNode | None:
    """Return the element that stands right before a node."""
    before = node.prev
    while before is not None and (before.tag or "-")[0] == "-":
        before = before.prev
    return before


def _tables_outside(tree: LexborHTMLParser, hidden: Iterable[LexborNode]) -> list[LexborNode]:
    out_of_sight = {node.mem_id for node in hidden}
    return [
        table
        for table in tree.css("table")
        if table.css_first("td table") is None and all(above.mem_id not in out_of_sight for above in lineage(table))
    ]


def _labels_of(tables: Iterable[LexborNode]) -> list[frozenset[str]]:
    return [
        frozenset(text for cell in table.css("td,th") if (text := squeeze(cell.text())) and not is_figure(text))
        for table in tables
    ]


def _repeats(node: LexborNode, shown: Sequence[frozenset[str]]) -> bool:
    """Tell whether the labels of a table in a node stand in one that is shown: it holds a copy, or another year."""
    tables = [node] if node.tag == "table" else node.css("table")
    return any(
        any(len(labels & other) >= _ALIKE * len(labels) for other in shown)
        for labels in _labels_of(tables)
        if len(labels) >= _FEWEST_LABELS
    )
