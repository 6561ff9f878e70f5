"""Figures printed in red: under a label of changes the colour may be the sign, as accountants print a reduction.

Readers set a mark behind red digits. Here it goes again, or becomes that of a doubtful figure: where the figure says no
sign, a label of changes stands over it or in front of it, and others of the document's figures are not red, so that the
colour tells it from them.
"""

from collections.abc import Sequence
from unicodedata import normalize

from pipelines.read.model import PICTURE, RED, ZERO_WIDTH, Cell, Document, unpaint
from pipelines.read.text.rows import is_figure_field
from schemas.document import load_document_words

_WORDS = load_document_words().figure
_SIGNS = (*"-+−﹣－＋–—", *_WORDS.negative, *_WORDS.positive)


def _unpaint(document: Document) -> None:
    for block in document.blocks:
        block.text = unpaint(block.text)
    for cells in document.tables:
        for number, cell in enumerate(cells):
            plain = unpaint(cell[4])
            if plain != cell[4]:
                cells[number] = (*cell[:4], plain + RED)


def settle_red_figures(document: Document, *, is_painted: bool) -> None:
    """Leave no mark of red digits in a document: it goes, or the figure becomes doubtful.

    Args:
        document: The document as read.
        is_painted: Red digits may stand in it as `paint_red` gives them.
    """
    if is_painted:
        _unpaint(document)
    marked = [cells for cells in document.tables if RED in "".join([cell[4] for cell in cells])]
    if not marked:
        return
    tells = any(RED not in cell[4] and is_figure_field(cell[4]) for cells in document.tables for cell in cells)
    for cells in marked:
        cells[:] = [_settle(cell, cells, tells=tells) if RED in cell[4] else cell for cell in cells]


def _settle(cell: Cell, cells: Sequence[Cell], *, tells: bool) -> Cell:
    text = cell[4].replace(RED, "")
    is_doubtful = (
        tells
        and is_figure_field(text.translate(ZERO_WIDTH).strip())
        and _is_unsigned(text)
        and _is_of_changes(cell, cells)
    )
    return (*cell[:4], text + PICTURE if is_doubtful else text)


def _is_unsigned(text: str) -> bool:
    is_nought = not any(character.isdigit() and character != "0" for character in text)
    return not is_nought and not any(sign in text for sign in _SIGNS)


def _is_of_changes(cell: Cell, cells: Sequence[Cell]) -> bool:
    """Tell whether the nearest label above a figure, or the nearest in front of it, is one of changes."""
    above = [other for other in cells if other[0] < cell[0] and other[1] <= cell[1] < other[1] + other[3]]
    before = [other for other in cells if other[0] <= cell[0] < other[0] + other[2] and other[1] < cell[1]]
    return any(_is_label_of_changes(side) for side in (above, before))


def _is_label_of_changes(cells: Sequence[Cell]) -> bool:
    printed = (text.translate(ZERO_WIDTH).strip() for *_, text in cells)
    labels = [text for text in printed if text and not is_figure_field(text)]
    return bool(labels) and any(word in normalize("NFKC", "".join(labels[-1].split())) for word in _WORDS.changes)
