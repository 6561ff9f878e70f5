"""Plain text, Markdown and tab-separated text to a document.

Text has no cells, only lines that look like rows. Each line is judged by its shape alone (tabs, bars, runs of short
lines with figures between them); what its words mean is left to the stage that knows the forms.
"""

import re
from collections.abc import Iterator

from pipelines.errors import DocumentError
from pipelines.read.encoding import decode_text
from pipelines.read.model import Document
from pipelines.read.text.columns import part_column_tables
from pipelines.read.text.csv import part_comma_tables
from pipelines.read.text.inner_text import join_cell_lines
from pipelines.read.text.markdown import strip_formulas
from pipelines.read.text.markup import quote_markup_tables
from pipelines.read.text.quoted import unquote_cells
from pipelines.read.text.rows import doubt_slashes
from pipelines.read.text.ruled_columns import quote_ruled_tables
from pipelines.read.text.walk import TextWalk
from pipelines.read.text.wiki import find_wiki_tables
from pipelines.settings import ReadLimits
from schemas.vocabulary import FileFormat

_TABLE_START = re.compile(r"<table\b", re.IGNORECASE)
_TABLE_END = re.compile(r"</table\s{0,9}>", re.IGNORECASE)
_CONDITIONAL_COMMENT = re.compile(r"<!--\[(?:if|endif)[^>]{0,100}-->|<!\[endif\]-->", re.IGNORECASE)
_MOST_CHARACTERS = 8_000_000  # a report has 30,000; each of them may be a field of its own
_LINE_BREAK = re.compile(r"\r\n?|[\f\v\x1c-\x1e\x85\u2028\u2029]")


def read_text(data: bytes, limits: ReadLimits = ReadLimits()) -> Document:
    r"""Return the document that a text file holds.

    Raises:
        DocumentError: undecodable_text or limit_exceeded.

    >>> [cell[4] for cell in read_text("规章\t0\t3\n\t1\t\n".encode()).tables[0]]
    ['规章', '0', '3', '', '1', '']
    """
    decoded = decode_text(data)
    if len(decoded.text) > _MOST_CHARACTERS:
        raise DocumentError("limit_exceeded", f"the text has more than {_MOST_CHARACTERS} characters")
    document = Document(FileFormat.TEXT, encoding=decoded.encoding, notices=list(decoded.notices))
    text = _CONDITIONAL_COMMENT.sub("", decoded.text) if "<!" in decoded.text else decoded.text
    text = join_cell_lines(unquote_cells(_LINE_BREAK.sub("\n", text)))
    if text.count("\n") > limits.cells:  # the cheapest file to make and the dearest to read is one of empty lines
        raise DocumentError("limit_exceeded", f"the text has more than {limits.cells} lines")
    text = quote_ruled_tables(quote_markup_tables(text))
    at = 0
    for start, end in _quoted_tables(text):
        read_lines(text[at:start], document, limits)
        _read_quoted_table(text[start:end], document, limits)
        at = end
    read_lines(text[at:], document, limits)
    return document


def read_lines(text: str, document: Document, limits: ReadLimits) -> None:
    """Add to `document` what the lines of a text hold, for readers of containers that print tables as lines."""
    at = 0
    for start, end, markup in find_wiki_tables(text):
        _read_rows(text[at:start], document, limits)
        _read_quoted_table(markup, document, limits)
        at = end
    _read_rows(text[at:], document, limits)


def _read_rows(text: str, document: Document, limits: ReadLimits) -> None:
    tables, rest = part_comma_tables(doubt_slashes(text))
    for before, rows in tables:
        _read_columns(before, document, limits).add_table(rows)
    _read_columns(rest, document, limits)


def _read_columns(text: str, document: Document, limits: ReadLimits) -> TextWalk:
    """Add what lines hold, columns of fixed width as tables; return the walk over what stands behind the last."""
    tables, rest = part_column_tables(text)
    for before, rows in tables:
        walk = TextWalk(before, document, limits)
        walk.run()
        walk.add_table(rows)
    walk = TextWalk(rest, document, limits)
    walk.run()
    return walk


def _quoted_tables(text: str) -> Iterator[tuple[int, int]]:
    """Yield where Markdown quotes a table as HTML; two searches, because one for both ends takes quadratic time."""
    at = 0
    while (start := _TABLE_START.search(text, at)) and (end := _TABLE_END.search(text, start.end())):
        yield start.start(), end.end()
        at = end.end()


def _read_quoted_table(markup: str, document: Document, limits: ReadLimits) -> None:
    """Read a table that Markdown quotes as HTML."""
    from pipelines.read.html.reader import read_table_markup  # most text files have none, and then Lexbor is not loaded

    first = len(document.tables)
    read_table_markup(markup, document, limits)
    strip_formulas(document.tables, first)
