"""Tables that are alike but for the lines above them: such a line is the head of its table.

表四 is printed as three tables of one shape under 行政复议, 未经复议直接起诉 and 复议后起诉, and 表三 as one for each
applicant; what tells these apart stands outside of them. It becomes the first row of each, over its whole width. So
does the line over a list of labels with one figure each that says of whom they are: without it they would be totals.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import groupby

from pipelines.read.metadata import is_section_heading
from pipelines.read.model import Block, Cell, Document
from pipelines.read.text.rows import is_figure_field
from schemas.document import load_document_words
from schemas.vocabulary import BlockKind

_FEWEST = 3
_LONGEST_HEAD = 30
_MOST_CELLS = 120
_ENDS_NAME = "："  # behind what all heads have: 申请人：自然人
_FEWEST_LISTED = 20  # rows of a list: 表三 has 23 or more, each with its figure or a blank
_WIDEST_LIST = 5
_MOST_LINES = 9  # above a list: a tab for each applicant may stand there, and a unit


def head_tables(document: Document) -> None:
    """Set above each of three tables or more that are alike, and above a narrowed list, the short line before it."""
    headed = _head_alike(document)
    _head_narrowed(document, headed)


def _head_narrowed(document: Document, headed: set[int]) -> None:
    """Set above a list of one figure a row the nearest line before it that says of whom or when its figures are."""
    for place, block in enumerate(document.blocks):
        number = block.table_number
        if block.kind is not BlockKind.TABLE or number is None or number in headed:
            continue
        cells = document.tables[number - 1]
        if not cells or cells[-1][0] < _FEWEST_LISTED or len(cells) > _MOST_CELLS:
            continue
        if max(cell[1] for cell in cells) > _WIDEST_LIST:
            continue
        figures = [cell[0] for cell in cells if is_figure_field(cell[4])]
        if len(figures) < _FEWEST or len(set(figures)) < len(figures):
            continue
        if head := _narrowing_before(document.blocks, place):
            document.tables[number - 1] = _with_head(cells, head)
            _move_notices(document, {number})


def _narrowing_before(blocks: Sequence[Block], place: int) -> str:
    """Return the lines right before a table that narrow it, up to a sentence or a section; several tell nothing.

    A fact of the page (发布机构：某局) narrows nothing.
    """
    words = load_document_words()
    found = []
    for block in reversed(blocks[max(0, place - _MOST_LINES) : place]):
        line = "".join(block.text.split())
        is_over = block.kind is BlockKind.TABLE or is_section_heading(line)
        if is_over or any(mark in line for mark in words.text.sentence_marks):
            break
        is_fact = line.partition(_ENDS_NAME)[0] in words.labels
        if not is_fact and any(word in line for word in words.lists.narrowing):
            found.append(line)
    return "、".join(found)


def _head_alike(document: Document) -> set[int]:
    """Set above each of three tables or more that are alike the short line right before it; return their numbers."""
    headed: set[int] = set()
    sizes = [len(cells) for cells in document.tables]
    if not any(len(set(sizes[start : start + _FEWEST])) == 1 for start in range(len(sizes) - _FEWEST + 1)):
        return headed
    shapes = [_shape(cells) for cells in document.tables]
    for shape, group in groupby(range(len(shapes)), key=lambda place: shapes[place]):
        places = list(group)
        if shape is None or len(places) < _FEWEST:
            continue
        heads = _heads_of(document.blocks, {place + 1 for place in places})
        if heads is None:
            continue
        for place, head in zip(places, heads, strict=True):
            document.tables[place] = _with_head(document.tables[place], head)
        numbers = {place + 1 for place in places}
        headed |= numbers
        _move_notices(document, numbers)
    return headed


def _move_notices(document: Document, numbers: set[int]) -> None:
    """Let the notices of tables that have a head now point to the row below."""
    document.notices = [
        replace(notice, row_number=notice.row_number + 1)
        if notice.row_number is not None and notice.table_number in numbers
        else notice
        for notice in document.notices
    ]


def _shape(cells: Sequence[Cell]) -> tuple[Cell, ...] | None:
    """Return a table's places and labels, without its figures; None where it is too large, or has none of either."""
    if len(cells) > _MOST_CELLS:
        return None
    shape = tuple(
        (row, column, rows, columns, "" if is_figure_field(text) else "".join(text.split()))
        for row, column, rows, columns, text in cells
    )
    labels = [cell for cell in shape if cell[4]]
    return shape if labels and len(labels) < len(shape) else None


def _heads_of(blocks: Sequence[Block], numbers: AbstractSet[int]) -> list[str] | None:
    """Return for each table the short line right before it, or before one that all have (单位：件); None without."""
    before = [
        blocks[max(0, place - 2) : place]
        for place, block in enumerate(blocks)
        if block.kind is BlockKind.TABLE and block.table_number in numbers
    ]
    for back in (1, 2):
        lines = [_head(own[-back]) if len(own) >= back else "" for own in before]
        if not all(lines):
            return None
        if len(set(lines)) == len(lines):
            begins = {line[: line.rfind(_ENDS_NAME) + 1] for line in lines}
            return [line[len(begin) :] for begin in begins for line in lines] if len(begins) == 1 else lines
        if len(set(lines)) > 1:
            return None
    return None


def _head(block: Block) -> str:
    """Return the text of a line that may be a table's head, else nothing."""
    marks = (*load_document_words().text.sentence_marks, "，", ",")
    text = block.text.strip()
    is_line = block.kind in (BlockKind.PARAGRAPH, BlockKind.HEADING) and len(text) <= _LONGEST_HEAD
    return text if is_line and not any(mark in text for mark in marks) else ""


def _with_head(cells: Sequence[Cell], head: str) -> list[Cell]:
    width = max(column + columns for _, column, _, columns, _ in cells) - 1
    below = [(row + 1, column, rows, columns, text) for row, column, rows, columns, text in cells]
    return [(1, 1, 1, width, head), *below]
