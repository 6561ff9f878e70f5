"""Labels and figures in two tables side by side are one: scripts that keep columns in view part them so.

EasyUI, Kendo, DataTables and pages that let a wide table slide beside its labels print the labels of all rows in one
table and their figures in the next. Row by row they belong together, where both have as many. Where a style sets the
one lower than the other, what stands beside what is not known.
"""

import re
from collections.abc import Sequence
from itertools import pairwise, takewhile

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.read.html.grid import is_figure
from pipelines.read.html.selected import find_declared
from pipelines.read.html.sheets import sheets_of
from pipelines.read.html.tree import lineage
from pipelines.read.model import PICTURE, Block, Cell, Document
from schemas.vocabulary import BlockKind

_FEWEST = 5  # rows of figures alone, of which 表四 has one and a clause of 表二 two

# By the height of a line or more.
_SIZE = r"-?(?:1[2-9]|[2-9]\d|\d{3}|[1-9][\d.]*r?em)[\w.%]*"
_LOWERS = re.compile(
    rf"(?<![\w-])(?:(?:margin|padding)(?:-top|-block(?:-start)?)?|top|inset)\s*:\s*{_SIZE}"
    rf"|translate(?:3d|Y)?(?:\([^;)]*?|\s*:\s*[^;\s]+\s+){_SIZE}",
    re.IGNORECASE,
)


def join_tables_beside(document: Document, markup: bytes) -> None:
    """Set the labels of a table without figures before the figures of the next one that has no labels for them.

    The joined table stands in the second one's place; the first is left without cells, and nothing in the text points
    to it. Between them may stand the heads of the columns in a table of their own.
    """
    joined: list[list[Cell]] = []
    for place, block in enumerate(blocks := list(document.blocks)):
        figures = _table(document, block)
        if len(figures) < _FEWEST or not (below := _rows_of_figures(figures)):
            continue
        before = list(takewhile(_is_table, reversed(blocks[max(0, place - 2) : place])))
        is_headed = below < _height(figures)
        for other in before[: 1 if is_headed else 2]:
            labels = _table(document, other)
            if _height(labels) == _height(figures) and _are_labels(labels, below):
                width = max(column + columns - 1 for _, column, _, columns, _ in labels)
                moved = [(row, column + width, rows, columns, text) for row, column, rows, columns, text in figures]
                figures[:] = sorted([*labels, *moved])
                labels.clear()
                document.blocks.remove(other)
                joined.append(figures)
                break
    if joined and _sets_one_lower(LexborHTMLParser(markup)):
        for figures in joined:
            figures[:] = [(*cell[:4], cell[4] + PICTURE * is_figure(cell[4])) for cell in figures]


def _sets_one_lower(tree: LexborHTMLParser) -> bool:
    """Tell whether a style moves one of two tables of as many rows, which stand one behind the other, up or down."""
    moved: dict[int, list[str]] = {}
    sheets = sheets_of(tree.css("style"), tree.css("link"))
    for nodes, style in [(tree.css("[style]"), ""), *find_declared(tree, sheets, _LOWERS)]:
        for node in nodes:
            moved.setdefault(node.mem_id, []).extend(_LOWERS.findall(style or node.attributes.get("style") or ""))
    tables = [(len(table.css("tr")), _moves_of(table, moved)) for table in tree.css("table")]
    tables = [(rows, moves) for rows, moves in tables if rows >= _FEWEST]
    pairs = [*pairwise(tables), *zip(tables, tables[2:], strict=False)]
    return any(rows == others and moves != other for (rows, moves), (others, other) in pairs)


def _moves_of(table: LexborNode, moved: dict[int, list[str]]) -> list[str]:
    return [move for node in lineage(table) for move in moved.get(node.mem_id, ())]


def _is_table(block: Block) -> bool:
    return block.kind is BlockKind.TABLE


def _table(document: Document, block: Block) -> list[Cell]:
    return document.tables[block.table_number - 1] if block.table_number is not None else []


def _height(cells: Sequence[Cell]) -> int:
    return max((row + rows - 1 for row, _, rows, _, _ in cells), default=0)


def _rows_of_figures(cells: Sequence[Cell]) -> int:
    """Return how many rows at a table's end hold figures and blanks alone; 0 where they are few or all blank."""
    last = next((row for row, _, _, _, text in reversed(cells) if text and not is_figure(text)), 0)
    if cells[-1][0] - last < _FEWEST:  # as of nearly all tables
        return 0
    below = [cell for cell in cells if cell[0] > last]
    reaching = any(row + rows - 1 > last for row, _, rows, _, _ in cells if row <= last)
    count = _height(cells) - last
    return count if count >= _FEWEST and not reaching and any(text for *_, text in below) else 0


def _are_labels(cells: Sequence[Cell], below: int) -> bool:
    """Tell whether a table has no figures, and a text of its own in each of its last rows."""
    named = {row for row, _, _, _, text in cells if text}
    height = _height(cells)
    return named.issuperset(range(height - below + 1, height + 1)) and not any(is_figure(cell[4]) for cell in cells)
