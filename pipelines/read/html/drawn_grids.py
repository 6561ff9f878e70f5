"""Grids that a page draws with other elements than a table's: rows of `<div>`, `<ul>` or `<span>`, and CSS grids.

Such a grid is written anew as a table, and the page is then read as if its author had used one. Where its cells stand
is taken from the page alone: rows one below the other, cells beside one another in the order of the text, or places
that `grid-column` and `grid-row` state. Pages whose styles set elements in another order are left as they are.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from html import escape
from itertools import count

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.read.html.aria_grids import find_aria_grids
from pipelines.read.html.cards import find_cards
from pipelines.read.html.cells import HEADINGS, UNSEEN, clean_text
from pipelines.read.html.css_grids import draw_flow, is_css_grid, set_tracks
from pipelines.read.html.doubt import CELLS, LINES, TABLE_PARTS
from pipelines.read.html.grid import is_figure
from pipelines.read.html.sheets import sheets_of
from pipelines.read.html.visible import find_notable, show_page
from pipelines.read.metadata import is_section_heading
from pipelines.read.model import PICTURE
from pipelines.read.text.rows import is_figure_field
from pipelines.settings import ReadLimits
from schemas.document import load_document_words

_CELLS = "div,li,p,span,section,b,strong,em,font,label,dd"
_BLOCK_CELLS = frozenset({"div", "li", "p", "section", "article", "dt", "dd"})
_INLINE_CELLS = frozenset({"span", "b", "strong", "em", "font", "label", "a"})
# The cell of a table that lays out the page may hold a grid, and is no row of one.
_NO_ROWS = CELLS | TABLE_PARTS | {"body", "html"}
_FEWEST_INLINE = 4  # of inline elements beside one another: fewer are a label, its figure and the unit behind it
_FEWEST_FIGURES = 5
_LONGEST_LABEL = 120
_LONGEST_FIGURE = 200  # characters with the blanks of the markup: an element that says more is no figure's cell
_REMEMBERED = 4_096  # styles and short texts, of which a page repeats the same few
_MOST_HEADS = 8  # rows without figures above the first one with any
_MOST_GAP = 4  # the same between two
_TALLEST = 400  # rows of a grid: 表三 with its heads has 28
_WIDEST = 60
# Each begins with letters to look for: one pattern of them all takes 5 ms a page.
_REORDERS = [
    re.compile(pattern)
    for pattern in (
        "row-reverse",
        "column-reverse",
        "wrap-reverse",
        r"order(?<![\w-]order)\s*:",
        r"grid-auto-flow\s*:[^;}]*(?:column|dense)",
        "grid-template-areas",
        r"writing-mode\s*:\s*(?:vertical|tb)",
        r"direction\s*:\s*(?:rtl|column)",
        r"dir\s*=\s*[\"']?rtl",
    )
]
_SET_ASIDE = re.compile(r"position\s*:\s*(?:absolute|fixed)|float\s*:\s*right|translate", re.IGNORECASE)


def draw_grids(markup: bytes, limits: ReadLimits) -> bytes | None:
    """Return a page with its drawn grids as tables, None where it has none or its styles change their order."""
    if _may_reorder(markup):
        return None
    tree = LexborHTMLParser(markup)
    tables: dict[str, str] = {}
    numbers = count()
    _put((([grid], table) for grid, table in find_aria_grids(tree)), tables, numbers)
    notable = find_notable(tree)
    sheets = sheets_of(notable.get("style", ()), ())
    show_page(tree, markup, notable, LINES)
    set_tracks(tree, sheets)
    _put(find_cards(tree), tables, numbers)
    done: set[int] = set()
    for rows in _find_grids(tree):
        if any(node.mem_id in done for row in rows for node in (row, row.parent) if node is not None):
            continue
        parent = rows[0].parent
        table = draw_flow(parent, limits) if parent is not None and is_css_grid(parent) else _draw_rows(rows)
        if table is None:
            continue
        mark = f"\ue0f0{next(numbers)}\ue0f1"
        tables[mark] = table
        done.update(node.mem_id for node in rows)
        rows[0].replace_with(mark)
        for row in rows[1:]:
            row.decompose()
    if not tables:
        return None
    page = tree.html or ""
    for mark, table in tables.items():
        page = page.replace(mark, table)
    return page.encode()


def _put(found: Iterable[tuple[list[LexborNode], str]], tables: dict[str, str], numbers: Iterator[int]) -> None:
    """Set a mark in the place of each run of elements that stands in no other one, and keep its table by the mark."""
    kept: list[tuple[list[LexborNode], str]] = []
    taken: set[int] = set()
    for rows, table in found:
        own = {inner.mem_id for row in rows for inner in row.traverse()}
        if own.isdisjoint(taken):
            taken |= own
            kept.append((rows, table))
    for rows, table in kept:
        mark = f"\ue0f0{next(numbers)}\ue0f1"
        tables[mark] = table
        rows[0].replace_with(mark)
        for row in rows[1:]:
            row.decompose()


def _may_reorder(markup: bytes) -> bool:
    """Tell whether the page's styles set elements in another order than that of the text."""
    text = markup.decode(errors="replace").lower()
    return any(pattern.search(text) for pattern in _REORDERS)


def _find_grids(tree: LexborHTMLParser) -> list[list[LexborNode]]:
    """Return the rows of each grid, the innermost ones where grids stand in grids."""
    holders: dict[int, tuple[LexborNode, set[int]]] = {}
    said: dict[int, str] = {}
    for node in tree.css(_CELLS):
        if node.first_child is None or not _is_printed_figure(node):
            continue
        cell = _whole_cell(node, said)
        row = cell.parent
        container = row.parent if row is not None else None
        if row is None or container is None or row.tag in _NO_ROWS or container.tag in TABLE_PARTS:
            continue
        if is_css_grid(row):
            container = row
            row = cell
        holders.setdefault(container.mem_id, (container, set()))[1].add(row.mem_id)
    return [rows for container, own in holders.values() for rows in _runs(container, own)]


def _is_printed_figure(node: LexborNode) -> bool:
    text = node.text()
    return len(text) <= _LONGEST_FIGURE and _is_figure_text(text)


@lru_cache(_REMEMBERED)
def _is_figure_text(text: str) -> bool:
    text = clean_text(text.replace(PICTURE, ""))
    return bool(text) and (is_figure(text) or (text[-1].isalpha() and is_figure_field(text)))


def _whole_cell(node: LexborNode, said: dict[int, str]) -> LexborNode:
    """Return the outermost element that holds nothing but the text of `node`.

    Args:
        node: An element of a tree that stays as it is meanwhile.
        said: Texts without blanks by element, added to: the cells of a row ask for the same one.
    """
    text = "".join(node.text().split())
    while (parent := node.parent) is not None:
        if parent.mem_id not in said:
            said[parent.mem_id] = "".join(parent.text().split())
        if said[parent.mem_id] != text:
            break
        node = parent
    return node


def _runs(container: LexborNode, figured: set[int]) -> Iterator[list[LexborNode]]:
    """Yield the runs of children that are rows of one grid: those with figures, the heads above and between them."""
    if is_css_grid(container):
        children = [child for child in _elements(container) if child.tag not in UNSEEN]
        if len(figured) >= _FEWEST_FIGURES:
            yield children
        return
    run: list[LexborNode] = []
    heads: list[LexborNode] = []
    width = 0  # cells of the last row
    for child in _elements(container):
        cells = _cells_of(child)
        is_like = bool(run) and len(cells) == width and _are_blocks(cells)
        if cells and (is_like or child.mem_id in figured):
            width = len(cells)
            run += heads if run else _heads_of(heads, width)
            run.append(child)
            heads = []
        elif child.tag not in UNSEEN and _may_head(child):
            heads.append(child)
        else:
            yield from _whole(run)
            run, heads = [], []
        if run and len(heads) > _MOST_GAP:
            yield from _whole(run)
            run = []
    yield from _whole(run)


def _heads_of(above: Sequence[LexborNode], width: int) -> Sequence[LexborNode]:
    """Return the rows above the first one with figures that may belong to it: its heads, and rows of blanks."""
    first = max(0, len(above) - _MOST_HEADS)
    while first and len(cells := _cells_of(above[first - 1])) == width and _are_blocks(cells):
        first -= 1
    return above[first:]


def _are_blocks(cells: Sequence[LexborNode]) -> bool:
    """Tell whether cells are so many, each on a line of its own, that they are no sentence or heading, but a row."""
    return len(cells) >= _FEWEST_INLINE and all(cell.tag in _BLOCK_CELLS for cell in cells)


def _elements(parent: LexborNode) -> Iterator[LexborNode]:
    """Yield the elements that a node holds, without comments and instructions, which the parser counts among them."""
    return (child for child in parent.iter() if (child.tag or "-")[0] != "-")


def _whole(run: Sequence[LexborNode]) -> Iterator[list[LexborNode]]:
    """Yield a run where it is a grid: with cells of blocks, or with as many inline ones in most rows."""
    rows = [_cells_of(row) for row in run]
    figures = sum(_is_printed_figure(cell) for cells in rows for cell in cells)
    if figures < _FEWEST_FIGURES or len(run) > _TALLEST or max(map(len, rows)) > _WIDEST:
        return
    inline = [len(cells) for cells in rows if any(cell.tag in _INLINE_CELLS for cell in cells)]
    usual = max(inline, key=inline.count, default=0)
    if inline and (usual < _FEWEST_INLINE or 2 * inline.count(usual) <= len(inline)):
        return
    yield list(run)


def _cells_of(row: LexborNode) -> list[LexborNode]:
    """Return the cells of a row; none where text or other elements stand between them, or one is set aside."""
    cells = []
    for child in row.iter(include_text=True):
        if child.tag == "-text":
            if (child.text_content or "").strip():
                return []
        elif child.tag in _BLOCK_CELLS or child.tag in _INLINE_CELLS:
            cells.append(child)
        elif child.tag not in UNSEEN and child.tag != "-comment":
            return []
    if len(cells) < 2 or any(_is_set_aside(cell.attributes.get("style") or "") for cell in cells):
        return []
    holds_table = row.css_first("table") is not None and any(cell.css_first("table") for cell in cells)
    return [] if holds_table else cells


@lru_cache(_REMEMBERED)
def _is_set_aside(style: str) -> bool:
    return _SET_ASIDE.search(style) is not None


def _may_head(node: LexborNode) -> bool:
    """Tell whether a child between rows may be a row of labels: cells, or one short text that heads no section."""
    text = node.text(deep=True, separator=" ", strip=True)
    if node.tag in HEADINGS or node.css_first("table"):
        return False
    if is_section_heading(text) and not _are_blocks(_cells_of(node)):
        return False
    is_long = len(text) > _LONGEST_LABEL and not _cells_of(node)
    return not is_long and not any(mark in text for mark in load_document_words().text.sentence_marks)


def _draw_rows(rows: Sequence[LexborNode]) -> str:
    """Return rows as a table, each element within a cell of its own, so that its styles go on to hold."""
    lines = []
    for row in rows:
        cells = _cells_of(row) or [row]
        attributes = _attributes(row) if cells[0] is not row else ""
        lines.append(f"<tr{attributes}>{''.join(f'<td>{cell.html}</td>' for cell in cells)}</tr>")
    return f"<table>{''.join(lines)}</table>"


def _attributes(node: LexborNode) -> str:
    kept = {name: node.attributes.get(name) for name in ("class", "style", "id") if node.attributes.get(name)}
    return "".join(f' {name}="{escape(value or "")}"' for name, value in kept.items())
