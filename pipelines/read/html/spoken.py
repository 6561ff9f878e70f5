"""What a cell holds for readers of screens or behind the pointer, known by the names that style libraries give to it.

`sr-only`, `visually-hidden` and tooltips are hidden by sheets that a saved page does not bring along: its text then has
a figure twice (1212), or behind the name of its column. So are badges and keys to sort by, whose digits join those of
the figure.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from selectolax.lexbor import LexborNode

from pipelines.read.html.doubt import CELLS
from pipelines.read.html.grid import is_figure
from pipelines.read.html.tree import lineage, remove
from pipelines.read.model import PICTURE, squeeze
from schemas.document import load_document_words

_SPOKEN = frozenset({"sr-only", "visually-hidden", "screen-reader-text", "screen-reader-only", "sronly"})
_HINTS = ("tooltip", "popover", "popper")
_MAY_HINT = ("tip", "hint", "hover", "popup", "bubble")  # within names that may mean something else
# The name of its column, which stands in a cell for narrow screens alone.
_NARROW = ("mobile", "cell-label", "td-label", "th-label", "visible-xs", "d-sm-none", "d-md-none", "d-lg-none")
_QUERY = ",".join(
    [
        *(f"[class~={name}]" for name in sorted(_SPOKEN)),
        "[role=tooltip]",
        *(f"[class*={hint}]" for hint in (*_HINTS, *_MAY_HINT, *_NARROW)),
    ]
)

CELL_NAMES = (b"-label", b"-only", b"ly-hidden")
_FEWEST_NAMED = 5  # cells of a table that say the name of their column
_SIGNS = dict.fromkeys(map(ord, ".,-+\x1f"))
# Names of parts that are hidden, moved or noted, and styles that leave a gap or draw a ring around a part.
_APART = re.compile(
    r"badge|sort-?key|footnote|endnote|(?:^|[\s-])(?:hidden|hide|invisible)(?!\S)|(?:^|\s)(?:d|display)-none(?!\S)"
    r"|(?:^|[\s-])(?:tooltip|popover|popper)|(?:^|\s)(?:sup|superscript|reference|noteref|prev|previous|last-?year)(?!\S)",
    re.IGNORECASE,
)
_GAP = re.compile(
    r"(?:margin|padding)(?:-left|-right)?\s*:\s*(?:0\w*\s+)?(?:[1-9]|0?\.[1-9])|inline-(?:block|flex|grid)"
    r"|(?<![\w-])border\s*:\s*(?!none|0)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r'="([^"]*)"')
_BOXES = re.compile(r"(?<![\w-])display\s*:\s*(?:inline-)?(?:flex|grid)(?![\w-])", re.IGNORECASE)


def leave_out_column_names(tables: Iterable[LexborNode]) -> None:
    """Remove from cells the name of their column, which only narrow screens or readers of screens give.

    A cell that is blank but for it would be a label.
    """
    for table in tables:
        named = [node for node in table.css(_QUERY) if node.tag not in CELLS]
        if not named:
            continue
        heads = {squeeze(cell.text()) for cell in table.css("tr:first-child td,tr:first-child th,thead td,thead th")}
        said = [node for node in named if squeeze(node.text()).rstrip("：:") in heads and _is_below(node)]
        remove(said if len(said) >= _FEWEST_NAMED else ())


def _is_below(node: LexborNode) -> bool:
    """Tell whether a node stands in a row that is not the head's."""
    row = next((above for above in lineage(node) if above.tag == "tr"), None)
    if row is None or row.parent is None or row.parent.tag == "thead":
        return False
    return row.parent.tag != "table" and (row.parent.prev is not None or row.prev is not None)


def are_digits(pieces: str) -> bool:
    r"""Tell whether the pieces of a cell's text are digits alone, so that something else may join a figure.

    >>> are_digits("0.5\x1f2\x1f3"), are_digits("1\x1f.\x1f其他")
    (True, False)
    """
    return pieces[-1:].isdigit() and pieces.translate(_SIGNS).isdigit()


def mark_apart(cell: LexborNode) -> None:
    """Mark the digits of a cell of which a name, a link or a style sets a part apart: they may be two numbers."""
    if not _may_part(cell.inner_html or ""):
        return
    whole = squeeze(cell.text())
    for node in cell.css("[class],[style],a"):
        attributes = node.attributes
        style = attributes.get("style") or ""
        is_part = squeeze(node.text()) != whole
        is_apart = is_part and (node.tag == "a" or _APART.search(attributes.get("class") or "") or _GAP.search(style))
        if node.mem_id != cell.mem_id and (is_apart or _BOXES.search(style)):
            node.insert_child(PICTURE)


@lru_cache(4_096)  # the same few figures stand in the same markup, page after page
def _may_part(markup: str) -> bool:
    return "<a" in markup or any(_says_apart(words) for words in _QUOTED.findall(markup))


@lru_cache(4_096)
def _says_apart(words: str) -> bool:
    return any(pattern.search(words) for pattern in (_APART, _GAP, _BOXES))


def may_say_twice(first: str, rest: str) -> bool:
    """Tell whether the pieces of a cell's text may be a figure and what is said beside it: few cells are asked more.

    >>> may_say_twice("12", "12件"), may_say_twice("自然人：", "12")
    (True, True)
    >>> may_say_twice("1", "2"), may_say_twice("1", ".其他")
    (False, False)
    """
    return rest.startswith(first) if first.isdigit() else rest[-1:].isdigit()


def leave_out_spoken(cell: LexborNode) -> None:
    """Remove what is said beside a figure and says no other, and mark its digits where they are not the figure's."""
    whole = squeeze(cell.text())
    said: list[LexborNode] = []
    for node in cell.css(_QUERY)[:1]:  # a second one beside it leaves the cell with what is no number
        own = squeeze(node.text())
        rest = whole.replace(own, "", 1)
        names = node.attributes.get("class") or ""
        is_spoken = not _SPOKEN.isdisjoint(names.split())
        if node.mem_id == cell.mem_id or not own or not (is_figure(rest) or (is_spoken and not rest)):
            continue  # the trigger of a hint is the figure itself
        digits = "".join(filter(str.isdigit, own))
        is_known = is_spoken or "role" in node.attributes or any(hint in names for hint in _HINTS)
        is_word = not digits and (is_known or set(own).isdisjoint(load_document_words().figure.altering))
        if is_word or (is_known and digits == "".join(filter(str.isdigit, rest))):
            said.append(node)
        else:
            node.insert_child(PICTURE)
    remove(said)
