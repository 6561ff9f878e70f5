"""Grids whose cells say themselves in which row and column they stand: `aria-rowindex` and `aria-colindex`.

Scripts that draw long tables (AG Grid) keep pinned columns and the others in boxes of their own, and put rows into the
page in any order, as they are placed by their distance from the top. Where these distances say the same as the numbers,
the numbers are believed.

Source: WAI-ARIA 1.2, `aria-rowindex`, `aria-colindex`, `aria-colspan`.
"""

import re
from collections.abc import Iterator
from html import escape
from itertools import pairwise

from selectolax.lexbor import LexborHTMLParser, LexborNode

_GRIDS = "[role=grid],[role=treegrid],[role=table]"
_CELLS = "[role=gridcell],[role=cell],[role=columnheader],[role=rowheader]"
_LEFT = re.compile(r"(?<![\w-])left\s*:\s*(-?[0-9.]{1,9})px")
_TOP = re.compile(r"(?:translateY\(|(?<![\w-])top\s*:\s*)(-?[0-9.]{1,9})px")
_HIDES = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?![.\d])")
# What a cell's own style says of its place, which is told by its number.
_PLACING = re.compile(r"(?<![\w-])(?:left|right|top|width|position|transform)\s*:[^;]*(?:;|$)")
_MOST_CELLS = 20_000
_HEADS = -1_000  # numbers of heads that have none
_Cell = tuple[int, int, LexborNode]  # column, columns, element


def find_aria_grids(tree: LexborHTMLParser) -> Iterator[tuple[LexborNode, str]]:
    """Yield each grid whose cells are numbered, with the table that says the same."""
    for grid in tree.css(_GRIDS):
        rows = _rows_of(grid)
        if rows:
            yield grid, f"<table>{''.join(_draw_row(row) for _, row in sorted(rows.items()))}</table>"


def _rows_of(grid: LexborNode) -> dict[int, list[_Cell]] | None:
    """Return the cells of each row by its number, None where one has no number, or its place says another."""
    rows: dict[int, list[_Cell]] = {}
    tops: dict[int, set[float]] = {}
    heads: dict[int, int] = {}  # box → its heads so far
    count = 0
    for row in grid.css("[role=row]"):
        cells = [_place(node) for node in row.css(_CELLS)]
        placed = [cell for cell in cells if cell is not None]
        if len(placed) < len(cells) or not _are_in_order(placed):
            return None
        if not cells:
            continue
        style = row.attributes.get("style") or ""
        if _HIDES.search(style):
            return None
        number = _number(row, "aria-rowindex")
        if number is None:
            number = _number(row, "row-index")
        if number is None:
            box = row.parent.mem_id if row.parent is not None else 0
            if any(node.attributes.get("role") != "columnheader" for _, _, node in placed):
                return None
            heads[box] = heads.get(box, 0) + 1
            number = _HEADS + heads[box]
        elif (match := _TOP.search(style)) and placed[0][2].attributes.get("role") != "columnheader":
            tops.setdefault(number, set()).add(float(match[1]))
        rows.setdefault(number, []).extend(placed)
        count += len(placed)
        if count > _MOST_CELLS:
            return None
    return rows if _are_whole(rows) and _are_stacked(tops) else None


def _place(node: LexborNode) -> _Cell | None:
    column = _number(node, "aria-colindex")
    return None if column is None else (column, _number(node, "aria-colspan") or 1, node)


def _number(node: LexborNode, name: str) -> int | None:
    value = node.attributes.get(name) or ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 7 else None


def _are_in_order(cells: list[_Cell]) -> bool:
    """Tell whether cells that a style sets at a distance from the left stand in the order of their numbers."""
    found = [(column, _LEFT.search(node.attributes.get("style") or "")) for column, _, node in cells]
    lefts = [(column, float(match[1])) for column, match in sorted(found, key=lambda pair: pair[0]) if match]
    return all(before[1] < after[1] for before, after in pairwise(lefts))


def _are_whole(rows: dict[int, list[_Cell]]) -> bool:
    """Tell whether each row has every column once: columns out of sight may not be in the page."""
    columns = []
    for row in rows.values():
        covered = [column + step for column, span, _ in row for step in range(min(span, 100))]
        if len(set(covered)) < len(covered):
            return False
        columns.append(frozenset(covered))
    return len(rows) > 1 and len(set(columns)) == 1 and len(columns[0]) > 1


def _are_stacked(tops: dict[int, set[float]]) -> bool:
    """Tell whether rows stand below one another as their numbers say, those in other boxes at the same height."""
    heights = [tops[number] for number in sorted(tops)]
    return all(len(own) == 1 for own in heights) and all(min(a) < min(b) for a, b in pairwise(heights))


def _draw_row(row: list[_Cell]) -> str:
    cells = sorted(row, key=lambda cell: cell[0])
    holder = cells[0][2].parent
    name = escape((holder.attributes.get("class") if holder is not None else "") or "")
    return f'<tr class="{name}">{"".join(map(_draw, cells))}</tr>'


def _draw(cell: _Cell) -> str:
    _, span, node = cell
    attributes = node.attributes
    kept = f' class="{escape(attributes.get("class") or "")}"' + (f" colspan={span}" if span > 1 else "")
    if style := _PLACING.sub("", attributes.get("style") or "").strip():
        kept += f' style="{escape(style)}"'
    return f"<td{kept}>{node.inner_html or ''}</td>"
