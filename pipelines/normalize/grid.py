"""A table's layout as rows of cells: what stands where, with figures and blanks reduced to placeholders."""

import re
from collections.abc import Container
from dataclasses import dataclass, field, replace
from enum import IntEnum

from pipelines.normalize.folding import FoldedLabel, fold_label
from pipelines.normalize.lexicon import load_lexicon

VALUE_TOKEN = "#"
_PARTED_LINES = 8  # one line in so many, at most, holds a label in two cells where a table prints one cell a line
BLANK_TOKEN = ""


class CellKind(IntEnum):
    """What a cell's text looks like by itself."""

    BLANK = 0
    VALUE = 1
    TEXT = 2


_BLANK, _VALUE, _TEXT = CellKind
_WORDS = re.compile(r"[A-Za-z]{4}")
_TORN_INTO = (3, 2)  # lines that a torn label is printed over


@dataclass(slots=True)
class GridCell:
    """One cell of a layout.

    Attributes:
        table: Number of the physical table, for layouts that join several.
        token: Compatibility-folded text of a label; the placeholders for a figure and a blank.
        kind: Whether the cell is blank, a figure or text; asked for a dozen times, so kept.
    """

    table: int
    row: int
    column: int
    row_span: int
    column_span: int
    token: str
    kind: CellKind = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Tell the kind by the token."""
        token = self.token
        self.kind = _BLANK if token == BLANK_TOKEN else _VALUE if token == VALUE_TOKEN else _TEXT

    @property
    def last_column(self) -> int:
        """The last column that the cell covers."""
        return self.column + self.column_span - 1

    @property
    def label(self) -> FoldedLabel:
        """The folded label."""
        return fold_label(self.token)

    def overlaps(self, other: "GridCell") -> bool:
        """Tell whether the two cells share a column."""
        return self.column <= other.last_column and other.column <= self.last_column


@dataclass(slots=True)
class GridRow:
    """One row: the cells that begin in it, and the text cells that reach into it from above, by column.

    Attributes:
        is_stream: The row was gathered from cells printed one a line, so columns say nothing.
    """

    table: int
    number: int
    cells: list[GridCell]
    covering: list[GridCell] = field(default_factory=list)
    is_stream: bool = False

    @property
    def has_values(self) -> bool:
        """Tell whether a figure stands in the row."""
        return _VALUE in [cell.kind for cell in self.cells]  # `any` takes thrice as long, and each row is asked often


def build_rows(cells: list[GridCell]) -> list[GridRow]:
    """Return the rows of one physical table in order; a table of a single column is gathered into rows by its labels.

    Args:
        cells: Cells in row-major order.
    """
    by_number: dict[int, GridRow] = {}
    for cell in cells:
        by_number.setdefault(cell.row, GridRow(cell.table, cell.row, [])).cells.append(cell)
    rows = [by_number[number] for number in sorted(by_number)]
    if is_single_column(cells):
        return _gather_stream(rows)
    rows = [row for at, row in enumerate(rows) if not (at and _is_translation(row) and not rows[at - 1].has_values)]
    _attach_covering(rows, by_number)
    rows = _join_torn_rows(rows)
    for row in rows:
        _part_joined_labels(row)
    return rows


def _is_translation(row: GridRow) -> bool:
    """Tell whether a row says in Latin script what the labels above it say."""
    texts = [cell.token for cell in row.cells if cell.kind is not CellKind.BLANK]
    return bool(texts) and all(text.isascii() and _WORDS.search(text) is not None for text in texts)


def is_single_column(cells: list[GridCell]) -> bool:
    """Tell whether the table prints one cell a line; a label that spaces part may be taken for two here and there."""
    if len(cells) <= 3:
        return False
    beside = {cell.row for cell in cells if cell.column > 1 or cell.column_span > 1}
    return _PARTED_LINES * len(beside) <= len({cell.row for cell in cells}) and not any(
        cell.kind is CellKind.VALUE and cell.row in beside for cell in cells
    )


def _part_joined_labels(row: GridRow) -> None:
    """Make several cells of each text of a row without figures that is several known labels; columns then say nothing.

    One that names a row and its column at once is one label, whose figure may be blank.
    """
    if row.has_values:
        return
    lexicon = load_lexicon()
    parted: list[GridCell] = []
    for cell in row.cells:
        labels = [cell.token]
        if cell.kind is CellKind.TEXT and cell.label.text not in lexicon.cells:
            labels = lexicon.split(cell.token)
        parted += [replace(cell, token=label) for label in labels] if len(labels) > 1 else [cell]
    if len(parted) > len(row.cells):
        row.cells, row.is_stream = parted, True


def transpose_rows(rows: list[GridRow]) -> list[GridRow]:
    """Return the rows of one physical table with rows and columns exchanged; a cell's place is exchanged with them."""
    cells = [
        GridCell(cell.table, cell.column, cell.row, cell.column_span, cell.row_span, cell.token)
        for row in rows
        for cell in row.cells
    ]
    by_number: dict[int, GridRow] = {}
    for cell in sorted(cells, key=lambda cell: (cell.row, cell.column)):
        by_number.setdefault(cell.row, GridRow(cell.table, cell.row, [])).cells.append(cell)
    transposed = list(by_number.values())
    _attach_covering(transposed, by_number)
    return transposed


def _attach_covering(rows: list[GridRow], by_number: dict[int, GridRow]) -> None:
    for row in rows:
        for cell in row.cells:
            if cell.row_span > 1 and cell.kind is CellKind.TEXT:
                for number in range(cell.row + 1, cell.row + cell.row_span):
                    if number in by_number:
                        by_number[number].covering.append(cell)


def _gather_stream(rows: list[GridRow]) -> list[GridRow]:
    """Join lines into rows: a row ends where a label follows a figure or a blank."""
    gathered: list[GridRow] = []
    for cell in _mend_torn_labels([cell for row in rows for cell in row.cells]):
        after_figure = gathered and gathered[-1].cells[-1].kind is not CellKind.TEXT
        if not gathered or (cell.kind is CellKind.TEXT and after_figure):
            gathered.append(GridRow(cell.table, cell.row, [], is_stream=True))
        gathered[-1].cells.append(cell)
    return gathered


def _mend_torn_labels(cells: list[GridCell]) -> list[GridCell]:
    """Make one label of those on adjacent lines that only together are one: 商业 over 企业, 本年新 over 制作数量.

    A paragraph or line break inside a cell becomes the end of a line; the rest of such a label is no label of its own.
    """
    known = load_lexicon().by_text
    mended: list[GridCell] = []
    at = 0
    while at < len(cells):
        count = 1
        if cells[at].kind is CellKind.TEXT:
            count = next((count for count in _TORN_INTO if _is_torn(cells[at : at + count], count, known)), 1)
        parts = cells[at : at + count]
        mended.append(parts[0] if count == 1 else replace(parts[0], token="".join(part.token for part in parts)))
        at += count
    return mended


def _join_torn_rows(rows: list[GridRow]) -> list[GridRow]:
    """Return the rows, those joined of which the lower only completes labels of the upper.

    商业 | 科研 over 企业 | 机构: a converter that makes rows of lines tears those whose cells have two of them.
    """
    joined: list[GridRow] = []
    for row in rows:
        if not joined or row.has_values or joined[-1].has_values or not _complete_labels(joined[-1], row):
            joined.append(row)
    return joined


def _complete_labels(upper: GridRow, lower: GridRow) -> bool:
    """Set each text of the lower row behind the label in the upper that only both make; tell whether all had one."""
    known = load_lexicon().by_text
    texts = [cell for cell in lower.cells if cell.kind is CellKind.TEXT]
    if not texts or len(texts) >= len(upper.cells) or upper.table != lower.table:
        return False
    pairs: list[tuple[int, GridCell]] = []
    place = 0
    for text in texts:
        while place < len(upper.cells) and not _is_torn([upper.cells[place], text], 2, known):
            place += 1
        if place == len(upper.cells):
            return False
        pairs.append((place, text))
        place += 1
    for place, text in pairs:
        upper.cells[place] = replace(upper.cells[place], token=upper.cells[place].token + text.token)
    return True


def _is_torn(parts: list[GridCell], count: int, known: Container[str]) -> bool:
    if len(parts) < count or any(part.kind is not CellKind.TEXT for part in parts):
        return False
    if all(part.label.text in known for part in parts):
        return False
    return fold_label("".join(part.token for part in parts)).text in known
