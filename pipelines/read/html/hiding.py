"""The ways in which styles hide an element, and what is left of a table whose cells are hidden so."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.read.html.doubt import CELLS, holder_of
from pipelines.read.html.grid import is_figure
from pipelines.read.html.tree import lineage, remove
from pipelines.read.model import PICTURE


@dataclass(frozen=True, slots=True)
class Way:
    """A way to hide an element.

    Attributes:
        hides: What a style says to hide it.
        shows: What another rule would say to show it again.
        keeps_place: A cell that is hidden so still takes its place in the row.
        shows_within: What the style of an element within says to show that again; None where nothing can.
        fades: Scripts show it again as the page moves on, and tables with columns that stay hide the others in a copy.
    """

    hides: re.Pattern[str]
    shows: re.Pattern[str]
    keeps_place: bool = True
    shows_within: re.Pattern[str] | None = None
    fades: bool = False


_COLUMN = 5  # figures out of sight in one table: as many are no chance
_VISIBLE = re.compile(r"visibility\s*:\s*visible", re.IGNORECASE)
# A share of no size is none.
_SIZED = re.compile(
    r"font-size\s*:\s*(?:[\d.]*[1-9][\d.]*(?:px|pt|rem|cm|mm|pc|in|vw)|(?:x+-)?(?:small|large)|medium)", re.IGNORECASE
)
WAYS = tuple(
    Way(re.compile(hides, re.IGNORECASE), re.compile(shows, re.IGNORECASE), **how)
    for hides, shows, how in (
        (
            r"(?<![\w-])display\s*:\s*none",
            r"(?<![\w-])display\s*:\s*(?!none)[a-z]",
            {"keeps_place": False, "fades": True},
        ),
        (r"line-through", r"text-decoration[\w-]*\s*:\s*(?:none|underline)", {}),
        (r"font-size\s*:\s*0(?![.\d])", r"font-size\s*:\s*(?!0(?![.\d]))[\d.a-z]", {"shows_within": _SIZED}),
        (
            r"(?<![\w-])visibility\s*:\s*(?:hidden|collapse)",
            r"(?<![\w-])visibility\s*:\s*visible",
            {"shows_within": _VISIBLE, "fades": True},
        ),
        (r"(?<![\w-])opacity\s*:\s*0(?![.\d])", r"(?<![\w-])opacity\s*:\s*(?:[1-9]|0?\.\d)", {"fades": True}),
    )
)


def way_of(node: LexborNode) -> Way:
    """Return how an element's own style hides it."""
    style = node.attributes.get("style") or ""
    return next((way for way in WAYS if way.hides.search(style)), WAYS[0])


def conceal(
    tree: LexborHTMLParser,
    nodes: Sequence[LexborNode],
    way_of: Callable[[LexborNode], Way],
    holders: frozenset[str],
    shown: Collection[int] = (),
) -> None:
    """Take hidden elements out of the tree, the last first; cells that keep their place are emptied.

    What is shown again within them stays: editors write lines of no size around pieces that have one.

    Args:
        tree: The page.
        nodes: The elements, in document order.
        way_of: How each is hidden.
        holders: The elements that hold figures.
        shown: Identities of elements that a rule shows within others.
    """
    faded: dict[int, bool] = {}  # cell → whether it has lost a figure
    for node in reversed(nodes):
        way = way_of(node)
        if way.shows_within is not None and _leave_shown(node, way.shows_within, shown):
            continue
        is_cell = node.tag in CELLS
        stays = way.keeps_place or not is_cell
        text = node.text() if way.fades and stays else ""
        cell = holder_of(node, holders) if text.strip() else None
        if way.keeps_place and is_cell:
            remove(node.iter(include_text=True))
        else:
            remove([node])
        if cell is not None and not cell.text().strip():
            faded[cell.mem_id] = is_figure(text)
    if faded:
        _mark_faded([(cell, faded[cell.mem_id]) for cell in tree.css("td,th") if cell.mem_id in faded])


def _leave_shown(node: LexborNode, shows: re.Pattern[str], shown: Collection[int]) -> bool:
    """Leave of a hidden element the text in elements within it that are shown; tell whether there is any."""
    again = {
        inner.mem_id
        for inner in node.css("*")
        if inner.mem_id != node.mem_id and (inner.mem_id in shown or shows.search(inner.attributes.get("style") or ""))
    }
    if not again:
        return False
    texts = [
        text for text in node.traverse(include_text=True) if text.tag == "-text" and (text.text_content or "").strip()
    ]
    hidden = [text for text in texts if all(above.mem_id not in again for above in lineage(text))]
    if len(hidden) == len(texts):
        return False
    remove(hidden)
    return True


def _mark_faded(cells: Sequence[tuple[LexborNode, bool]]) -> None:
    """Mark the cells of tables whose figures are hidden, all or a column of them: a script or another table shows them.

    Args:
        cells: Cells that are left without text, and whether each has lost a figure.
    """
    shows: dict[int, bool] = {}
    lost: Counter[int] = Counter()
    held: list[tuple[LexborNode, int, bool]] = []
    for cell, is_lost in cells:
        table = next((above for above in lineage(cell) if above.tag == "table"), None)
        if table is None:
            continue
        if table.mem_id not in shows:
            shows[table.mem_id] = any(is_figure(other.text()) for other in table.css("td,th"))
        lost[table.mem_id] += is_lost
        held.append((cell, table.mem_id, is_lost))
    for cell, table_id, is_lost in held:
        if not shows[table_id] or (is_lost and lost[table_id] >= _COLUMN):
            cell.insert_child(PICTURE)
