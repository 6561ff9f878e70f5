"""What a cell holds for readers of screens or behind the pointer, known by the names that style libraries give to it.

`sr-only`, `visually-hidden` and tooltips are hidden by sheets that a saved page does not bring along: its text then has
a figure twice (1212), or behind the name of its column.
"""

from collections.abc import Iterable

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.read.html.doubt import CELLS, holder_of, mark_by_rules
from pipelines.read.html.grid import is_figure
from pipelines.read.html.sheets import remove

_SPOKEN = frozenset({"sr-only", "visually-hidden", "screen-reader-text", "screen-reader-only", "sronly"})
_HINTS = ("tooltip", "popover", "popper")
_TRACES = (b"sr-only", b"visually-hidden", b"screen-reader", b"sronly", *(hint.encode() for hint in _HINTS))
_QUERY = ",".join([*(f"[class~={name}]" for name in sorted(_SPOKEN)), "[role=tooltip]"])
_QUERY += "".join(f",[class*={hint}]" for hint in _HINTS)


def leave_out_spoken(tree: LexborHTMLParser, markup: bytes, holders: frozenset[str]) -> None:
    """Remove what is said beside a figure and says no other, and mark its digits where they are not the figure's.

    Args:
        tree: The page.
        markup: Its bytes in lower case.
        holders: The elements that hold figures.
    """
    if any(trace in markup for trace in _TRACES):
        nodes = [node for node in tree.css(_QUERY) if node.tag not in CELLS]
        said = [(node, _is_said(node, holders)) for node in nodes]
        mark_by_rules((node for node, is_said in said if is_said is False), holders)
        remove(_outermost(node for node, is_said in said if is_said))


def _is_said(node: LexborNode, holders: frozenset[str]) -> bool | None:
    """Tell whether an element only says what its cell shows beside it; None where it is no such element."""
    cell = holder_of(node, holders)
    if cell is None:
        return None
    own, whole = (_squeeze(text.text()) for text in (node, cell))
    rest = whole.replace(own, "", 1)
    if not own or (own == whole and not _SPOKEN.intersection((node.attributes.get("class") or "").split())):
        return None  # the trigger of a hint is the figure itself
    if rest and not is_figure(rest):
        return None
    digits = "".join(filter(str.isdigit, own))
    return not digits or digits == "".join(filter(str.isdigit, rest))


def _squeeze(text: str) -> str:
    return "".join(text.split())


def _outermost(nodes: Iterable[LexborNode]) -> list[LexborNode]:
    found = {node.mem_id: node for node in nodes}
    return [node for node in found.values() if node.parent is None or node.parent.mem_id not in found]
