"""Tables of one row within the cells of another, which hold the figures of that row: one table of all."""

from collections.abc import Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.read.html.doubt import CELLS, holder_of
from pipelines.read.model import squeeze

_MOST = 200  # rows of their own: 表二 to 表四 have forty
_FEWEST = 2
_MARKED = 2  # times that each mark stands in the page: before the cell, and in it


def spread_rows(tree: LexborHTMLParser, tables: Sequence[LexborNode]) -> bytes | None:
    """Return the page with the cells of such tables in the place of the cell that holds them; None without any.

    Args:
        tree: The page; of no use afterwards where something is returned.
        tables: Its tables within cells, what is hidden taken out.
    """
    marks: dict[str, str] = {}
    for table in tables:
        cell = holder_of(table, CELLS)
        if cell is None or len(marks) >= _MOST:
            continue
        rows = table.css("tr")
        inner = table.css("td,th") if len(rows) == 1 else []
        is_whole = len(inner) >= _FEWEST and cell.attributes.get("colspan") == str(len(inner))
        if not is_whole or cell.attributes.get("rowspan") or squeeze(cell.text()) != squeeze(table.text()):
            continue
        if any("colspan" in own.attributes or "rowspan" in own.attributes for own in inner):
            continue
        mark = f"\ue0f4{len(marks)}\ue0f5"
        marks[mark] = "".join(own.html or "" for own in inner)
        cell.insert_before(mark)
        table.replace_with(mark)
    if not marks:
        return None
    markup = tree.html or ""
    if any(markup.count(mark) != _MARKED for mark in marks):
        return None  # the page prints such marks itself; those that stand in its cells leave their figures unread
    for mark, cells in marks.items():
        start = markup.index(mark)
        end = markup.index("</t", markup.index(mark, start + 1)) + len("</td>")
        markup = markup[:start] + cells + markup[end:]
    return markup.encode(errors="replace")
