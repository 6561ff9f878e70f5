r"""The paragraphs, cells and rows of RTF put together as WordprocessingML, which the reader of DOCX then lays out.

RTF has no elements: a cell ends where `\cell` stands, a row where `\row` does, and how wide its cells are is said
before the first or behind the last. A table is a run of rows that nothing parts.
"""

from dataclasses import dataclass, field
from itertools import pairwise

from lxml import etree

from pipelines.errors import DocumentError
from pipelines.read.word.build import element
from pipelines.read.word.markup import CELL, PARAGRAPH, ROW, TABLE, word

_MAX_DEPTH = 32  # of tables inside tables; Word itself stops at 31
_MAX_EDGES = 2_000


@dataclass(frozen=True, slots=True)
class CellShape:
    r"""What RTF says of a cell before `\cellx`.

    Attributes:
        edge: Right edge in twips.
        vertical, horizontal: Part in a merge: "restart", "continue" or None.
        fill: Colour of its ground, six hexadecimal digits.
    """

    edge: int
    vertical: str | None = None
    horizontal: str | None = None
    fill: str | None = None


@dataclass(slots=True)
class RowShape:
    r"""What `\trowd` and the words behind it say of a row; `left` is its left edge in twips."""

    left: int = 0
    cells: list[CellShape] = field(default_factory=list)
    is_hidden: bool = False


@dataclass(slots=True)
class _Row:
    shape: RowShape
    cells: list[list[etree._Element]]


@dataclass(slots=True)
class _Level:
    """A table in the making: finished rows, the finished cells of the next and the content of the next cell."""

    rows: list[_Row] = field(default_factory=list)
    cells: list[list[etree._Element]] = field(default_factory=list)
    content: list[etree._Element] = field(default_factory=list)


class Story:
    """A run of paragraphs and tables: the body, a text box or a note."""

    def __init__(self) -> None:
        self.blocks: list[etree._Element] = []
        self._levels: list[_Level] = []
        self._shapes = {False: RowShape(), True: RowShape()}
        self._is_nested = False

    @property
    def shape(self) -> RowShape:
        """The shape that is being stated."""
        return self._shapes[self._is_nested]

    def begin_shape(self, *, is_nested: bool) -> None:
        """Begin to state a row's shape; that of a row of an inner table leaves the outer one as it is."""
        self._is_nested = is_nested
        self._shapes[is_nested] = RowShape()

    def add(self, elements: list[etree._Element], depth: int) -> None:
        """Add paragraphs in a cell of the table that lies `depth` deep, or in none where that is 0."""
        self._go_to(depth)
        (self._levels[-1].content if self._levels else self.blocks).extend(elements)

    def end_cell(self, depth: int) -> None:
        """End the cell at hand."""
        self._go_to(max(depth, 1))
        level = self._levels[-1]
        level.cells.append(level.content)
        level.content = []

    def end_row(self, depth: int) -> None:
        """End the row at hand; its shape is the one that was stated last."""
        self._go_to(max(depth, 1))
        level = self._levels[-1]
        if level.content:
            self.end_cell(depth)
        if level.cells:
            level.rows.append(_Row(self._shapes[depth > 1], level.cells))
        level.cells = []

    def finish(self) -> list[etree._Element]:
        """Return the story's blocks."""
        self._go_to(0)
        return self.blocks

    def _go_to(self, depth: int) -> None:
        if depth > _MAX_DEPTH:
            raise DocumentError("limit_exceeded", f"tables are nested more than {_MAX_DEPTH} deep")
        while len(self._levels) > depth:
            self._end_table()
        while len(self._levels) < depth:
            self._levels.append(_Level())

    def _end_table(self) -> None:
        if self._levels[-1].cells or self._levels[-1].content:
            self.end_row(len(self._levels))  # a file that ends within a row
        rows = self._levels.pop().rows
        if rows:
            (self._levels[-1].content if self._levels else self.blocks).append(_table(rows))


def _table(rows: list[_Row]) -> etree._Element:
    edges = sorted({edge for row in rows for edge in _edges(row)})
    if len(edges) > _MAX_EDGES:
        raise DocumentError("limit_exceeded", f"the cells of a table end at more than {_MAX_EDGES} places")
    places = {edge: number for number, edge in enumerate(edges)}
    table, grid = element(TABLE), element(word("tblGrid"))
    grid.extend(element(word("gridCol"), w=str(right - left)) for left, right in pairwise(edges))
    table.append(grid)
    table.extend(_row(row, places) for row in rows)
    return table


def _edges(row: _Row) -> list[int]:
    """Return the row's edges from the left; a cell without a width of its own stands behind the last."""
    edges = [row.shape.left]
    for shape in row.shape.cells[: len(row.cells)]:
        edges.append(max(shape.edge, edges[-1] + 1))
    missing = len(row.cells) + 1 - len(edges)
    return edges + [edges[-1] + number for number in range(1, missing + 1)]


def _row(row: _Row, places: dict[int, int]) -> etree._Element:
    made = element(ROW)
    edges = _edges(row)
    properties = element(word("trPr"))
    if places[edges[0]]:
        properties.append(element(word("gridBefore"), val=str(places[edges[0]])))
    if row.shape.is_hidden:
        properties.append(element(word("hidden")))
    made.append(properties)
    shapes = row.shape.cells + [CellShape(0)] * len(row.cells)
    for (left, right), shape, content in zip(pairwise(edges), shapes, row.cells, strict=False):
        cell, about = element(CELL), element(word("tcPr"))
        about.append(element(word("gridSpan"), val=str(places[right] - places[left])))
        if shape.vertical:
            about.append(element(word("vMerge"), val=shape.vertical))
        if shape.horizontal:
            about.append(element(word("hMerge"), val=shape.horizontal))
        if shape.fill:
            about.append(element(word("shd"), fill=shape.fill))
        cell.append(about)
        cell.extend(content or [element(PARAGRAPH)])
        made.append(cell)
    return made
