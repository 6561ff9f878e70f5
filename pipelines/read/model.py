"""The document model in which every reader ends, whatever the container.

A reader turns bytes into a `Document`: text blocks in reading order, and tables as grids of cells with spans. Readers
know nothing of forms: a cell's text is what was printed, and what it means is decided in `pipelines.normalize`.
"""

from dataclasses import dataclass, field

from schemas.vocabulary import BlockKind, FileFormat


@dataclass(slots=True)
class Block:
    """A piece of text outside the tables, or the place of a table (kind TABLE, with `table_number`).

    Attributes:
        label: For METADATA its name (发布机构, PubDate, url), for TITLE where it was found (meta, title, h1,
            first_line).
    """

    kind: BlockKind
    text: str
    label: str | None = None
    table_number: int | None = None


# The object replacement character: in a cell without text, that something is printed there which no reader reads. A
# blank would say that nothing is. Beside digits, that what is shown there may be another number.
PICTURE = "\ufffc"
# What is printed and cannot be read: a character of unknown meaning, or a figure that nobody can tell.
UNREADABLE = "\ufffd"
# Behind digits that are printed in red, until `pipelines.read.colour` has decided what that says.
RED = "\ufff9"
# Characters without ink that editors leave among letters and digits, for `str.translate`.
ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
# Red digits of pages that are put together character by character, where no mark may stand among them: digits all the
# same to whatever looks for digits.
_RED_DIGITS = {ord("0") + digit: 0x1D7F6 + digit for digit in range(10)}
_PLAIN_DIGITS = {red: plain for plain, red in _RED_DIGITS.items()}


def squeeze(text: str) -> str:
    r"""Return a text without white space, which pages put anywhere in a label or a number.

    >>> squeeze("总 计\u3000")
    '总计'
    """
    return "".join(text.split())


def paint_red(text: str) -> str:
    """Return a text with red digits in the place of ordinary ones.

    >>> paint_red("a1").isascii(), paint_red("1").isdigit(), int(paint_red("12"))
    (False, True, 12)
    """
    return text.translate(_RED_DIGITS)


def unpaint(text: str) -> str:
    """Return a text with ordinary digits in the place of red ones."""
    return text if text.isascii() else text.translate(_PLAIN_DIGITS)


# One cell at its first row and column, both from 1: (row_number, column_number, row_span, column_span, text).
# A plain tuple because a report has about 350 of them and a hundred thousand reports are read in one go.
Cell = tuple[int, int, int, int, str]


@dataclass(slots=True)
class Notice:
    """Something a reader noticed that does not stop it; it becomes a row of `findings`."""

    reason_code: str
    message: str
    table_number: int | None = None
    row_number: int | None = None
    column_number: int | None = None
    raw_text: str | None = None


@dataclass(slots=True)
class Document:
    """One document as laid out.

    Attributes:
        tables: The cells of each table in row-major order; table n stands at index n-1. No two cells overlap.
        encoding: Character encoding of a text container, None for others.
    """

    format: FileFormat
    blocks: list[Block] = field(default_factory=list)
    tables: list[list[Cell]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    encoding: str | None = None
