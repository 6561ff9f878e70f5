"""Documents that print the rows of their tables as lines of text: `<pre>`, a paragraph a row, tabs set by hand."""

from collections.abc import Sequence

from pipelines.read.model import Document
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind

LINED = (BlockKind.PARAGRAPH, BlockKind.HEADING)
_FEWEST_ROWS = 10  # lines with digits; prose without a table has fewer


def lines_of(document: Document) -> list[str]:
    """Return the texts of paragraphs and headings, in which a table may be printed."""
    return [block.text for block in document.blocks if block.kind in LINED]


def may_print_rows(document: Document) -> bool:
    """Tell whether so many lines have digits that they may be the rows of tables."""
    return sum(any(map(str.isdigit, line)) for line in lines_of(document)) >= _FEWEST_ROWS


def take_printed_rows(lines: Sequence[str], document: Document, limits: ReadLimits) -> bool:
    """Read lines as a text and tell whether tables are among them; if so they and the text replace the lines.

    Raises:
        DocumentError: limit_exceeded.
    """
    from pipelines.read.text.reader import read_lines  # almost every document has its tables as tables

    printed = Document(document.format)
    read_lines("\n".join(lines), printed, limits)
    if printed.tables:
        for block in printed.blocks:
            block.table_number = block.table_number and block.table_number + len(document.tables)
        document.blocks = [block for block in document.blocks if block.kind not in LINED] + printed.blocks
        document.tables += printed.tables
    return bool(printed.tables)
