"""The names of tabs, set above what their panes hold: what tells three tables that are alike apart stands on the tabs.

A front end shows 表三 as a pane for each applicant, 表四 as one for each way, or an older year in a pane of its own.
Controls in a list before the panes say by an attribute which pane is whose, or by their order.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from html import escape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.read.html.panes import OPENING, element_before, lists_of
from schemas.form import load_forms

_FEWEST = 2
_MOST = 40  # panes of one group; a report has seven applicants
_HIGHEST = 4  # elements between a table and its pane
_NO_PANES = frozenset({"td", "th", "body", "html"})
_LONGEST_NAME = 40
_YEAR = re.compile(r"20[0-9]{2}年度?")


def name_panes(tree: LexborHTMLParser, tables: Sequence[LexborNode]) -> frozenset[int]:
    """Set above the content of each pane the name of its tab.

    Returns:
        Identities of the panes whose names are columns or rows of a form: all of them are shown, one at a time.
    """
    parts: set[int] = set()
    seen: set[int] = set()
    for table in tables if len(tables) >= _FEWEST else ():
        for panes in _groups_around(table, seen):
            names = _names_by_attribute(tree, panes) or _names_by_order(panes)
            if names is None:
                continue
            if _form_names().issuperset(names):
                parts.update(pane.mem_id for pane in panes)
            for pane, name in zip(panes, names, strict=True):
                _set_above(pane, name)
    return frozenset(parts)


def name_choices(lists: Iterable[LexborNode]) -> None:
    """Set before a list to choose from what is chosen there, where it is a year or the name of a column or row."""
    for node in lists:
        chosen = node.css_first("option[selected]") or node.css_first("option")
        name = "" if chosen is None else _name_of(chosen)
        if name in _form_names() or _YEAR.fullmatch(name):
            _set_above(node, name, before=True)


def _groups_around(table: LexborNode, seen: set[int]) -> Iterator[list[LexborNode]]:
    """Yield each run of elements alike, with a table in each, that begins with a table or what holds it."""
    node: LexborNode | None = table
    for _ in range(_HIGHEST):
        if node is None or node.mem_id in seen or node.tag in _NO_PANES:
            return
        seen.add(node.mem_id)
        panes = [node]
        while len(panes) <= _MOST and (after := _pane_after(panes[-1])) is not None:
            panes.append(after)
            seen.add(after.mem_id)
        if _FEWEST <= len(panes) <= _MOST:
            yield panes
        node = node.parent


def _pane_after(pane: LexborNode) -> LexborNode | None:
    """Return the element that stands right behind a pane, where it is alike and holds a table."""
    after = pane.next
    while after is not None and (after.tag or "-")[0] == "-":
        after = after.next
    is_pane = after is not None and after.tag == pane.tag and after.css_first("table") is not None
    return after if is_pane else None


def _names_by_attribute(tree: LexborHTMLParser, panes: Sequence[LexborNode]) -> list[str] | None:
    """Return the names of the controls that open the panes by their identities, None without one for each."""
    names: list[str] = []
    for pane in panes:
        attributes = pane.attributes
        label, own = attributes.get("aria-labelledby") or "", attributes.get("id") or ""
        queries = [f'[id="{label}"]'] if _is_plain(label) else []
        if _is_plain(own):
            queries += [f'[{attribute}="{mark}{own}"]' for attribute in OPENING for mark in ("#", "")]
        found = {_name_of(node) for node in tree.css(",".join(queries))} if queries else set()
        names += found
        if len(found) != 1:
            return None
    return _checked(names, len(panes))


def _names_by_order(panes: Sequence[LexborNode]) -> list[str] | None:
    """Return the names in the list of as many controls that stands before the panes, None without one."""
    parent = panes[0].parent
    for control in (element_before(panes[0]), element_before(parent) if parent is not None else None):
        for items in lists_of(control, len(panes)) if control is not None else ():
            if names := _checked([_name_of(item) for item in items], len(panes)):
                return names
    return None


def _checked(names: list[str], count: int) -> list[str] | None:
    is_sound = len(set(names)) == count and all(0 < len(name) <= _LONGEST_NAME for name in names)
    return names if is_sound else None


def _is_plain(name: str) -> bool:
    return bool(name) and name.replace("-", "").replace("_", "").isalnum()


def _name_of(node: LexborNode) -> str:
    return "".join(node.text().split())


def _set_above(node: LexborNode, name: str, *, before: bool = False) -> None:
    line = LexborHTMLParser(f"<p>{escape(name)}</p>").css_first("p")
    first = node if before or node.tag == "table" else node.first_child
    if line is not None and first is not None:
        first.insert_before(line)


@cache
def _form_names() -> frozenset[str]:
    """Return the names by which a form tells columns and rows of one table apart: applicants, ways of dispute."""
    clauses = [
        clause
        for form in load_forms().values()
        for table in form.tables
        if len(table.clauses) == 1
        for clause in table.clauses
    ]
    labels = [label for clause in clauses for label in (*clause.columns, *clause.rows)]
    return frozenset("".join(spelling.split()) for label in labels for spelling in label.spellings)
