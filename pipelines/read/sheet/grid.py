"""A sheet as a grid: what the readers of all spreadsheet containers hand over, and how it becomes a table."""

import itertools
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pipelines.errors import DocumentError
from pipelines.read.model import PICTURE, RED, Block, Cell, Document, Notice
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind

if TYPE_CHECKING:
    from pipelines.read.sheet.formulas import Formula

Place = tuple[int, int]  # row and column, from 1
Merge = tuple[int, int, int, int]  # first row, first column, last row, last column, from 1

_YEAR = re.compile(r"\A20\d\d\Z")  # as the name of a sheet
_LONGEST_FIGURE = 12  # characters
_LARGEST_FIGURE = 20  # cells under a box that says the figure of one
_MOST_COVERED = 50_000_000  # cells times drawings
_MERGED_AREA = 5  # merges are laid out cell by cell; this many times the cell limit is a bomb and no title


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a cell's text with one font; it is doubtful where the font is white or set below the line.

    That it is red says something to `pipelines.read.colour` only.
    """

    text: str
    is_struck: bool = False
    is_raised: bool = False
    is_doubtful: bool = False
    is_red: bool = False


class Cover(NamedTuple):
    """The cells over which something is drawn, first and last row and column, and what it says."""

    top: int
    left: int
    bottom: int
    right: int
    text: str = ""

    @property
    def is_figure(self) -> bool:
        """Tell whether it says a figure; a note of many words stands for no cell."""
        return self.text[:1].isdigit() and len(self.text) <= _LONGEST_FIGURE

    def meets(self, merge: Merge) -> bool:
        """Tell whether some of the cells are of a merged range."""
        top, left, bottom, right = merge
        return top <= self.bottom and self.top <= bottom and left <= self.right and self.left <= right


@dataclass(slots=True)
class Sheet:
    """One sheet, sparse: a stray cell a million rows down costs one entry.

    Attributes:
        texts: (row, column) from 1 → the text shown; blank cells are absent.
        hidden_parts: Rows and columns that held text, are hidden, and were left out.
        values: The numbers and texts that cells hold, hidden ones among them, for the formulas that refer to them.
        formulas: Those of the cells.
        covers: What is drawn over cells.
        hides_noughts: It shows nothing in the cells of numbers that are 0.
    """

    name: str
    is_hidden: bool = False
    texts: dict[Place, str] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)
    hidden_parts: list[str] = field(default_factory=list)
    values: dict[Place, float | str] = field(default_factory=dict)
    formulas: "dict[Place, Formula]" = field(default_factory=dict)
    covers: list[Cover] = field(default_factory=list)
    hides_noughts: bool = False
    _hidden_rows: Collection[int] = ()
    _hidden_columns: Collection[int] = ()

    def hide_noughts(self) -> None:
        """Empty the cells that hold the number 0, as a person can have a sheet do."""
        self.hides_noughts = True
        stored = ((place, formula.stored) for place, formula in self.formulas.items())
        for place, value in itertools.chain(self.values.items(), stored):
            if value == 0:
                self.texts.pop(place, None)

    def leaves_out(self, place: Place) -> bool:
        """Tell whether a cell stands in a hidden row or column."""
        return place[0] in self._hidden_rows or place[1] in self._hidden_columns

    def doubt_covered(self) -> None:
        """Mark the figures under what is drawn over the cells, and blank cells under digits that are drawn."""
        if len(self.covers) * len(self.texts) > _MOST_COVERED:
            raise DocumentError("limit_exceeded", f"the sheet {self.name!r} has {len(self.covers)} drawings over cells")
        rows, columns = {row for row, _ in self.texts}, {column for _, column in self.texts}
        for cover in self.covers:
            merged = [merge[:2] for merge in self.merges if cover.meets(merge)]
            for place, text in self.texts.items():
                is_covered = cover.top <= place[0] <= cover.bottom and cover.left <= place[1] <= cover.right
                if (is_covered or place in merged) and any(map(str.isdigit, text)):
                    self.texts[place] = text.rstrip(PICTURE + RED) + PICTURE
            if cover.is_figure:
                down = [row for row in rows if cover.top <= row <= cover.bottom]
                across = [column for column in columns if cover.left <= column <= cover.right]
                if len(down) * len(across) <= _LARGEST_FIGURE:
                    self.texts = dict.fromkeys(merged or itertools.product(down, across), PICTURE) | self.texts

    def leave_out(self, rows: Collection[int], columns: Collection[int]) -> None:
        """Remove the texts of hidden rows and columns; those that held any are named in `hidden_parts`."""
        self._hidden_rows, self._hidden_columns = rows, columns
        hidden = sorted(place for place in self.texts if place[0] in rows or place[1] in columns)
        for row, column in hidden:
            del self.texts[row, column]
        names = (f"row {row}" if row in rows else f"column {column}" for row, column in hidden)
        self.hidden_parts += dict.fromkeys(names)


def join_pieces(pieces: Iterable[Piece]) -> str:
    """Return the text that a cell's pieces show: none that is struck out, and raised numbers in brackets behind others.

    A mark behind doubtful digits keeps the cell from being read as the number that they would make with the others.

    >>> join_pieces([Piece("54", is_struck=True), Piece("0"), Piece("1", is_raised=True)]), join_pieces([Piece("3")])
    ('0[1]', '3')
    >>> join_pieces([Piece("92"), Piece("04", is_doubtful=True)])
    '9204\ufffc'
    """
    shown = [piece for piece in pieces if not piece.is_struck]
    is_mixed = any(piece.text.strip() and not piece.is_raised for piece in shown)
    figures = [piece for piece in shown if any(map(str.isdigit, piece.text))]
    doubt = PICTURE if any(piece.is_doubtful for piece in figures) else RED if any(p.is_red for p in figures) else ""
    text = "".join(
        f"[{piece.text.strip()}]" if piece.is_raised and is_mixed and piece.text.strip().isdigit() else piece.text
        for piece in shown
    )
    return text + doubt


def add_sheets(document: Document, sheets: Sequence[Sheet], limits: ReadLimits) -> None:
    """Add every visible sheet to `document`: its name as a heading, its cells as one table.

    One table a sheet: statistic tables on one sheet share its columns, blank rows and notes stand between them, and
    cutting there would be a guess that the next stage makes better. Row and column numbers are the sheet's own.

    Raises:
        DocumentError: limit_exceeded, a cell stands beyond the limits or the grid has too many cells.
    """
    total = 0
    for sheet in sheets:
        if sheet.is_hidden:
            _note_hidden(document, f"the sheet {sheet.name!r}")
            continue
        if sheet.hidden_parts:
            _note_hidden(document, f"{', '.join(sheet.hidden_parts[:20])} of the sheet {sheet.name!r}")
        sheet.doubt_covered()
        cells, clashes = lay_out_sheet(sheet, limits)
        if not cells:
            continue
        total += len(cells)
        if total > limits.cells:
            raise DocumentError("limit_exceeded", f"the workbook has more than {limits.cells} cells")
        number = len(document.tables) + 1
        if not any(block.kind is BlockKind.TITLE for block in document.blocks):
            document.blocks += _title(cells)
        document.blocks.append(Block(BlockKind.HEADING, _YEAR.sub(r"\g<0>年", sheet.name)))
        document.blocks.append(Block(BlockKind.TABLE, "", table_number=number))
        document.tables.append(cells)
        for row, column, _, _ in clashes:
            message = "two merged ranges claim the same cells; the later one was taken apart"
            document.notices.append(Notice("overlapping_cells", message, number, row, column))


def lay_out_sheet(sheet: Sheet, limits: ReadLimits) -> tuple[list[Cell], list[Merge]]:
    """Return the cells of the sheet's used rows and columns in row-major order, and the merges that clash.

    Wholly blank rows and columns are spacing and give no cells; a merge is cut to the columns and rows in use, because
    a title is often merged over the whole width of the sheet.

    Raises:
        DocumentError: limit_exceeded.
    """
    rows = sorted({row for row, _ in sheet.texts})
    columns = sorted({column for _, column in sheet.texts})
    if not rows:
        return [], []
    if rows[-1] > limits.rows or columns[-1] > limits.columns or len(rows) * len(columns) > limits.cells:
        message = f"the sheet {sheet.name!r} reaches row {rows[-1]}, column {columns[-1]}, with {len(rows)} rows in use"
        raise DocumentError("limit_exceeded", message)
    origins, covered, clashes = _apply_merges(sheet, rows[-1], columns[-1], limits)
    # A merge of blank cells may begin in a row or column that is blank otherwise; a used row would have a hole.
    rows = sorted({*rows, *(row for row, _ in origins)})
    columns = sorted({*columns, *(column for _, column in origins)})
    cells = []
    for row in rows:
        for column in columns:
            place = row, column
            if place in covered:
                continue
            last_row, last_column = origins.get(place, place)
            cells.append((row, column, last_row - row + 1, last_column - column + 1, sheet.texts.get(place, "")))
    return cells, clashes


def _apply_merges(
    sheet: Sheet, last_row: int, last_column: int, limits: ReadLimits
) -> tuple[dict[tuple[int, int], tuple[int, int]], set[tuple[int, int]], list[Merge]]:
    """Return where each merge begins and ends, the cells that merges cover, and the merges that clash."""
    origins: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[tuple[int, int]] = set()
    clashes: list[Merge] = []
    area = 0
    for merge in sheet.merges:
        top, left, bottom, right = merge[0], merge[1], min(merge[2], last_row), min(merge[3], last_column)
        if top > bottom or left > right or (top, left) == (bottom, right):
            continue
        area += (bottom - top + 1) * (right - left + 1)
        if area > _MERGED_AREA * limits.cells:
            raise DocumentError("limit_exceeded", f"the merged ranges of sheet {sheet.name!r} cover {area} cells")
        places = [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
        if any(place in covered or place in origins for place in places):
            clashes.append(merge)
            continue
        origins[top, left] = bottom, right
        covered.update(places[1:])
    return origins, covered, clashes


def _title(cells: Sequence[Cell]) -> list[Block]:
    """Return the text that stands alone in the first row as a candidate for the title; it stays in the grid as well."""
    first = [text for row, _, _, _, text in cells if row == cells[0][0] and text]
    return [Block(BlockKind.TITLE, first[0], label="first_line")] if len(first) == 1 else []


def _note_hidden(document: Document, what: str) -> None:
    message = f"{what} is hidden and was not read; show it in the file if it belongs to the report"
    document.notices.append(Notice("hidden_content", message))
