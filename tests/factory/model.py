"""The neutral model of a test report: paragraphs, and tables as rows of cells with spans, before any container.

Every cell that prints a figure knows the figure and its key, whatever its text looks like. So the expected csv is read
off the finished model and can never disagree with what quirks removed, moved or reworded.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from schemas.vocabulary import ValueStatus

Key = tuple[str, str, str]
"""(table_code, row_code, column_code)."""


class Role(StrEnum):
    """What a cell is for."""

    CAPTION = "caption"
    NOTE = "note"
    COLUMN_GROUP = "column_group"
    COLUMN = "column"
    GROUP = "group"
    LABEL = "label"
    FIGURE = "figure"
    FILLER = "filler"


HEADER_ROLES = frozenset({Role.CAPTION, Role.NOTE, Role.COLUMN_GROUP, Role.COLUMN})
LABEL_ROLES = frozenset({Role.GROUP, Role.LABEL})


@dataclass(frozen=True, slots=True)
class Figure:
    """What a cell states.

    Attributes:
        value: The printed number in its printed unit; None unless `status` is reported.
        unit: For amounts of money 元, 万元, or "unknown" where none is printed; None for counts.
        is_unclear: No reading can be called right (a header that contradicts its row), so none is scored.
    """

    value: Decimal | None
    status: ValueStatus = ValueStatus.REPORTED
    unit: str | None = None
    is_unclear: bool = False


@dataclass(slots=True)
class Cell:
    """One cell of a table.

    Attributes:
        text: What is printed; a newline is a line break inside the cell.
        code: Code of the row, column or group that a label stands for; of the column for a figure.
        key: Of a figure that the form defines; None for figures of local rows and columns.
        superscript: Footnote mark raised after the text.
        struck: Text struck out before the valid text.
        pale: White text behind the text, which no one sees on paper.
        is_red: The text is printed in red.
    """

    text: str
    role: Role
    rows: int = 1
    columns: int = 1
    code: str | None = None
    key: Key | None = None
    figure: Figure | None = None
    superscript: str = ""
    struck: str = ""
    pale: str = ""
    is_red: bool = False


class Wording(StrEnum):
    """How a table is printed as text."""

    ROWS = "rows"  # a paragraph for each row of the form, the labels of its columns beside the figures
    WHOLES = "wholes"  # the same, the total first and its parts behind it
    GLUED = "glued"  # the same, the name of a row and its first column in one word
    TOTALS = "totals"  # the totals alone, a line for each row
    LISTS = "lists"  # for each column a heading and below it a line for each row


@dataclass(slots=True)
class Table:
    """A table: rows as HTML has them, a cell in its first row only. `code` is None for other people's tables.

    Attributes:
        in_words: How it is printed as text, empty where it is not; see `Wording`.
    """

    rows: list[list[Cell]]
    code: str | None = None
    in_words: Wording | None = None

    @property
    def header_count(self) -> int:
        """Rows at the top without labels of the form's rows and without figures."""
        count = 0
        for row in self.rows:
            if any(cell.role in (Role.FIGURE, Role.LABEL, Role.GROUP) for cell in row):
                break
            count += 1
        return count


@dataclass(slots=True)
class Text:
    """A piece of text outside the tables; `level` is 0 for a paragraph, 1 for the title, 2 and on for headings."""

    text: str
    level: int = 0
    section: str | None = None


@dataclass(slots=True)
class Report:
    """A whole document in reading order, before it is written into a container."""

    title: str
    agency_name: str
    year: int
    blocks: list[Text | Table]
    metadata: dict[str, str] = field(default_factory=dict)

    def tables(self, code: str | None = None) -> list[Table]:
        """Return the statistic tables, or those of one code."""
        found = [block for block in self.blocks if isinstance(block, Table) and block.code is not None]
        return [table for table in found if code is None or table.code == code]

    def cells(self, code: str | None = None) -> Iterator[Cell]:
        """Yield the cells of the statistic tables in reading order."""
        for table in self.tables(code):
            for row in table.rows:
                yield from row

    def figures(self) -> dict[Key, Figure]:
        """Return the figures that the document states.

        Raises:
            ValueError: Two cells claim one key: the factory itself is wrong.
        """
        found: dict[Key, Figure] = {}
        for cell in self.cells():
            if cell.key is not None and cell.figure is not None:
                if cell.key in found:
                    raise ValueError(f"two cells print {cell.key}")
                found[cell.key] = cell.figure
        return found


_PALE = ("\ue000", "\ue001")  # around what a paragraph prints in white; private to put_in_words and split_pale


def split_pale(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of a paragraph and whether each is printed in white."""
    for piece in text.split(_PALE[0]):
        pale, closed, rest = piece.rpartition(_PALE[1])
        if closed:
            yield pale, True
        yield rest, False


def put_in_words(report: Report) -> Report:
    """Return a report whose tables that are printed as text are paragraphs."""
    blocks: list[Text | Table] = []
    for block in report.blocks:
        blocks += _paragraphs(block) if isinstance(block, Table) and block.in_words else [block]
    return replace(report, blocks=blocks)


def _paragraphs(table: Table) -> list[Text]:
    cells = [cell for row in table.rows for cell in row]
    columns = {cell.code: cell.text for cell in cells if cell.role is Role.COLUMN}
    names = {cell.code: cell.text for cell in cells if cell.role in (Role.LABEL, Role.COLUMN_GROUP)}
    rows: dict[str, dict[str | None, str]] = {}
    for cell in cells:
        if cell.key is not None:
            pale = f"{_PALE[0]}{cell.pale}{_PALE[1]}" if cell.pale else ""
            rows.setdefault(cell.key[1], {})[cell.code] = f"{cell.text}{pale}件"
    if table.in_words in (Wording.TOTALS, Wording.LISTS):
        return [Text(line) for line in _list_lines(table, columns, names, rows)]
    lines = []
    for code, items in rows.items():
        if table.in_words is Wording.WHOLES:
            parts = "，".join(columns[column] + text for column, text in items.items() if column != "total")
            lines.append(f"{names[code]}：{items['total']}，其中{parts}。")
        elif table.in_words is Wording.GLUED:
            lines.append(f"{names[code]}{'，'.join(columns[column] + text for column, text in items.items())}。")
        else:
            lines.append(f"{names[code]}：{'，'.join(columns[column] + text for column, text in items.items())}。")
    return [Text(line) for line in lines]


def _list_lines(
    table: Table, columns: dict[str | None, str], names: dict[str | None, str], rows: dict[str, dict[str | None, str]]
) -> Iterator[str]:
    groups = [cell for row in table.rows for cell in row if cell.role is Role.GROUP or cell.role is Role.LABEL]
    for column, name in columns.items():
        if table.in_words is Wording.TOTALS and column != "total":
            continue
        if table.in_words is Wording.LISTS:
            yield name
        for cell in groups:
            label = cell.text.replace("\n", "")
            if cell.role is Role.GROUP:
                yield f"{label}："
            elif cell.code in rows:
                yield f"{label}：{rows[cell.code][column]}。"


Placement = tuple[int, int, Cell]


def place(rows: Sequence[Sequence[Cell]]) -> list[Placement]:
    """Return (row, column, cell) from 0 for every cell, laid out as HTML lays out spans.

    >>> label = lambda text, **spans: Cell(text, Role.LABEL, **spans)
    >>> [(r, c, cell.text) for r, c, cell in place([[label("a", rows=2), label("b")], [label("c")]])]
    [(0, 0, 'a'), (0, 1, 'b'), (1, 1, 'c')]
    """
    taken: set[tuple[int, int]] = set()
    placed = []
    for number, row in enumerate(rows):
        column = 0
        for cell in row:
            while (number, column) in taken:
                column += 1
            placed.append((number, column, cell))
            taken.update((number + down, column + right) for down in range(cell.rows) for right in range(cell.columns))
            column += cell.columns
    return placed


def table_width(rows: Sequence[Sequence[Cell]]) -> int:
    """Return the number of columns that the laid-out rows need."""
    return max((column + cell.columns for _, column, cell in place(rows)), default=0)


def collect_rows(placements: Iterable[Placement], count: int) -> list[list[Cell]]:
    """Return rows of cells from placements: the inverse of `place`."""
    rows: list[list[tuple[int, Cell]]] = [[] for _ in range(count)]
    for row, column, cell in placements:
        rows[row].append((column, cell))
    return [[cell for _, cell in sorted(row, key=lambda pair: pair[0])] for row in rows]


def split_table(table: Table, at: int, *, remainder: str = "empty") -> tuple[Table, Table]:
    """Return the rows above and from `at`; a cell that crosses the cut is shortened and goes on below.

    Args:
        table: The table to cut.
        at: First row of the lower part.
        remainder: What the lower piece of a cut cell says: "empty", "repeat" (all of it) or "cut" (its second half).
    """
    upper: list[Placement] = []
    lower: list[Placement] = []
    for row, column, cell in place(table.rows):
        if row >= at:
            lower.append((row - at, column, cell))
        elif row + cell.rows <= at:
            upper.append((row, column, cell))
        else:
            middle = (len(cell.text) + 1) // 2
            above = cell.text[:middle] if remainder == "cut" else cell.text
            below = {"empty": "", "repeat": cell.text, "cut": cell.text[middle:]}[remainder]
            upper.append((row, column, replace(cell, text=above, rows=at - row)))
            lower.append((0, column, replace(cell, text=below, rows=row + cell.rows - at)))
    return (
        Table(collect_rows(upper, at), table.code),
        Table(collect_rows(lower, len(table.rows) - at), table.code),
    )


def copy_cell(cell: Cell) -> Cell:
    """Return a copy that prints the same and states nothing, for repeated headers and decoys."""
    return replace(cell, key=None, figure=None)
