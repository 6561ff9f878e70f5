"""A Word table as a grid of cells: spans, merges and the slivers that hand-dragged borders leave.

A chain of small steps: rows of grid edges → edges that mean the same column snapped together → cells with spans.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from pipelines.errors import DocumentError
from pipelines.read.model import Cell, Notice
from pipelines.read.word.markup import CELL, PARAGRAPH, ROW, TABLE, TEXT, VAL, child, is_text_of, unwrapped, word
from pipelines.settings import ReadLimits

_GRID, _GRID_COLUMN, _WIDTH = word("tblGrid"), word("gridCol"), word("w")
_SPAN, _VERTICAL, _HORIZONTAL, _BEFORE = word("gridSpan"), word("vMerge"), word("hMerge"), word("gridBefore")

_UNMERGED: tuple[int, str | None, str | None] = (1, None, None)
_FIGURE = re.compile(r"[-+]?[0-9,.]+|/")
_ROWS, _CELLS = frozenset({ROW}), frozenset({CELL})

_Element = etree._Element  # noqa: SLF001 - the type that lxml gives no public name
# A row and its cells, each with its text; and each with the pieces of text of its paragraphs.
TextRow = tuple[_Element, Iterable[tuple[_Element, str]]]
PlainRow = tuple[_Element, list[tuple[_Element, list[list[str]]]]]


@dataclass(frozen=True, slots=True)
class GridTolerances:
    """How far apart two edges may lie and still be one border.

    Attributes:
        sliver_twips: A grid column narrower than this (100 twips are 1.8 mm) cannot hold a figure; it is what remains
            where two rows' borders were dragged to almost the same place.
        sliver_share: The same as a share of the average column, for files that state widths in another measure.
    """

    sliver_twips: int = 100
    sliver_share: float = 0.25


@dataclass(slots=True)
class EdgedCell:
    """A cell as Word states it, from grid edge `start` to grid edge `end`."""

    start: int
    end: int
    text: str
    continues_above: bool


def find_cells(table: etree._Element) -> Iterator[etree._Element]:
    """Yield the table's own w:tc elements in row-major order, not those of tables inside it."""
    for row in unwrapped(table, _ROWS):
        yield from unwrapped(row, _CELLS)


def is_layout_table(table: etree._Element) -> bool:
    """Tell a table that places text and tables on the page from one of data, perhaps with a table in a cell.

    The one with tables inside is layout unless its own cells hold more of the figures, as in HTML; a table of one cell
    is a frame around text.
    """
    if next(table.iterdescendants(TABLE), None) is None:
        return len(list(islice(find_cells(table), 2))) == 1
    own = list(find_cells(table))
    plain = sum(_is_figure(cell) for cell in own if next(cell.iterdescendants(TABLE), None) is None)
    inner = sum(_is_figure(cell) for nested in table.iterdescendants(TABLE) for cell in find_cells(nested))
    return plain <= inner


def find_plain_rows(table: etree._Element) -> list[PlainRow] | None:
    """Return the rows of a table whose cells hold paragraphs and nothing else, by one search; None for any other table.

    Searching row by row, cell by cell and paragraph by paragraph takes three times as long. Both find the same, because
    here each paragraph must stand in its cell, each cell in its row and each row in the table without anything between.
    """
    rows: list[PlainRow] = []
    row = cell = paragraph = None
    cells: list[tuple[_Element, list[list[str]]]] = []
    paragraphs: list[list[str]] = []
    pieces: list[str] = []
    for node in table.iterdescendants(CELL, PARAGRAPH, TEXT, TABLE):
        tag = node.tag
        if tag == TEXT:
            if paragraph is not None and is_text_of(node, paragraph):
                pieces.append(node.text or "")
        elif tag == PARAGRAPH and cell is not None and node.getparent() is cell:
            paragraph, pieces = node, []
            paragraphs.append(pieces)
        elif tag == CELL:
            above = node.getparent()
            if above is None or above.tag != ROW or above.getparent() is not table:
                return None
            if above is not row:
                row, cells = above, []
                rows.append((row, cells))
            cell, paragraphs = node, []
            cells.append((cell, paragraphs))
        else:
            return None
    return rows


def find_rows(table: etree._Element, cell_text: Callable[[etree._Element], str]) -> Iterator[TextRow]:
    """Yield the rows of any table with the texts of their cells, whatever they are wrapped in."""
    for row in unwrapped(table, _ROWS):
        yield row, ((cell, cell_text(cell)) for cell in unwrapped(row, _CELLS))


def read_rows(
    table: etree._Element, found: Iterable[TextRow], limits: ReadLimits
) -> tuple[list[list[EdgedCell]], bool]:
    """Return the rows that were found in a table as rows of grid cells, and whether a span beyond the limit was cut.

    Raises:
        DocumentError: limit_exceeded, the table is wider, longer or bigger than any report's.
    """
    rows: list[list[EdgedCell]] = []
    has_cut_span = False
    cell_count = 0
    said = _read_properties(table)
    for row, texts in found:
        cells: list[EdgedCell] = []
        position = max(_integer(said[row].get(_BEFORE), 0), 0) if row in said else 0
        for element, text in texts:
            span, vertical, horizontal = _merges(said[element]) if element in said else _UNMERGED
            has_cut_span |= span > limits.columns
            span = min(span, limits.columns)
            if position + span > limits.columns:
                raise DocumentError("limit_exceeded", f"a table row is wider than {limits.columns} columns")
            if horizontal == "continue" and cells:
                cells[-1].end += span
                cells[-1].text = "\n".join(part for part in (cells[-1].text, text) if part)
            else:
                cells.append(EdgedCell(position, position + span, text, vertical == "continue"))
            position += span
        if cells:
            rows.append(cells)
            cell_count += len(cells)
        if len(rows) > limits.rows or cell_count > limits.cells:
            raise DocumentError("limit_exceeded", f"a table has more than {limits.rows} rows or {limits.cells} cells")
    return rows, has_cut_span


def grid_widths(table: etree._Element) -> list[int]:
    """Return the widths of the grid's columns in twips, as far as the table states them."""
    grid = child(table, _GRID)
    if grid is None:
        return []
    return [_integer(column.get(_WIDTH), 0) for column in grid if column.tag == _GRID_COLUMN]


def map_edges(rows: Sequence[Sequence[EdgedCell]], widths: Sequence[int], tolerances: GridTolerances) -> dict[int, int]:
    """Return for each grid edge in use the column that starts there, from 0.

    Edges that no cell uses vanish, and edges closer than a sliver are one, unless that would swallow a cell with text.

    >>> row = [EdgedCell(0, 2, "a", False), EdgedCell(2, 3, "b", False), EdgedCell(3, 4, "", False)]
    >>> map_edges([row], [500, 500, 900, 20], GridTolerances())
    {0: 0, 2: 1, 3: 2, 4: 2}
    """
    edges = sorted({edge for row in rows for cell in row for edge in (cell.start, cell.end)})
    plain = {edge: column for column, edge in enumerate(edges)}
    if not edges or len(widths) < edges[-1] or any(width <= 0 for width in widths[: edges[-1]]):
        return plain
    positions = [0]
    for width in widths:
        positions.append(positions[-1] + width)
    average = (positions[edges[-1]] - positions[edges[0]]) / max(len(edges) - 1, 1)
    sliver = min(tolerances.sliver_twips, average * tolerances.sliver_share)
    snapped = {edges[0]: 0}
    anchor, column = positions[edges[0]], 0
    for edge in edges[1:]:
        if positions[edge] - anchor > sliver:
            anchor, column = positions[edge], column + 1
        snapped[edge] = column
    swallowed = any(cell.text and snapped[cell.start] == snapped[cell.end] for row in rows for cell in row)
    return plain if swallowed else snapped


def lay_out(rows: Sequence[Sequence[EdgedCell]], columns: dict[int, int]) -> tuple[list[Cell], list[Notice]]:
    """Return the cells with their spans in row-major order, and a notice for each hidden text under a vertical merge.

    A cell that continues the one above joins it only where both cover the same columns; elsewhere it stands alone, as
    Word shows it.
    """
    cells: list[list[int]] = []
    texts: list[str] = []
    notices: list[Notice] = []
    above: dict[tuple[int, int], int] = {}
    for row_number, row in enumerate(rows, start=1):
        current: dict[tuple[int, int], int] = {}
        for cell in row:
            place = columns[cell.start], columns[cell.end]
            if place[0] == place[1]:
                continue
            origin = above.get(place) if cell.continues_above else None
            if origin is None:
                current[place] = len(cells)
                cells.append([row_number, place[0] + 1, 1, place[1] - place[0]])
                texts.append(cell.text)
                continue
            current[place] = origin
            cells[origin][2] += 1
            if cell.text:
                notices.append(
                    Notice(
                        "overlapping_cells",
                        "text stands in a cell that a vertical merge covers; it is not printed and was left out",
                        row_number=row_number,
                        column_number=place[0] + 1,
                        raw_text=cell.text,
                    )
                )
        above = current
    return [
        (row, column, down, across, text) for (row, column, down, across), text in zip(cells, texts, strict=True)
    ], notices


def _is_figure(cell: etree._Element) -> bool:
    return _FIGURE.fullmatch("".join(map(str, cell.itertext())).strip()) is not None


def _read_properties(table: etree._Element) -> dict[etree._Element | None, dict[str, str | None]]:
    """Return what is said of spans and merges, by cell or row and by name.

    One search finds the few that say anything: looking into each cell costs as much as its text.
    """
    said: dict[etree._Element | None, dict[str, str | None]] = {}
    for node in table.iter(_SPAN, _VERTICAL, _HORIZONTAL, _BEFORE):
        properties = node.getparent()
        owner = properties.getparent() if properties is not None else None
        said.setdefault(owner, {})[str(node.tag)] = node.get(VAL)
    return said


def _merges(said: dict[str, str | None]) -> tuple[int, str | None, str | None]:
    """Return a cell's column span and its vertical and horizontal merge: restart, continue or None."""
    vertical = said[_VERTICAL] or "continue" if _VERTICAL in said else None
    horizontal = said[_HORIZONTAL] or "continue" if _HORIZONTAL in said else None
    return max(_integer(said.get(_SPAN), 1), 1), vertical, horizontal


def _integer(text: str | None, default: int) -> int:
    """Return a whole number as Word writes it, or `default`; strict files may print 12.5pt where a width stands."""
    try:
        return int(text) if text is not None and len(text) < 12 else default
    except ValueError:
        return default
