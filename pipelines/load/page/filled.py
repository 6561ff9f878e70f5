"""Tables of the page: the cells as HTML, filled into a table that was set for as many columns and rows."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import polars as pl

from pipelines.load.page.drawn import Drawn
from pipelines.load.page.markup import number, say, text

GAP = "\N{OBJECT REPLACEMENT CHARACTER}"  # stands for a cell; no heading has it


def fill_table(
    drawn: Drawn, frame: pl.DataFrame, name: str, *, html_columns: Collection[str], bold_last: bool = False
) -> str:
    """Return a frame as an HTML table.

    Args:
        drawn: Keeps the table as it was set.
        frame: What to show, columns named by the page's words; numbers are set with thousands apart, texts are escaped.
        name: Identifier of the table on the page.
        html_columns: Columns that hold HTML already.
        bold_last: Whether the last row is a total.
    """
    numeric = [column for column, kind in frame.schema.items() if kind.is_numeric()]
    ways = [number if column in numeric else str if column in html_columns else _plain for column in frame.columns]
    cells = [way(value) for row in frame.iter_rows() for way, value in zip(ways, row, strict=True)]
    headings = {column: say(column) for column in frame.columns}
    return _fill(drawn.draw("table", headings, name, numeric, frame.height, bold_last=bold_last), cells)


def fill_matrix(drawn: Drawn, rows: Sequence[Mapping[str, str]], name: str, headings: Mapping[str, str]) -> str:
    """Return rows of HTML cells as a table.

    Args:
        drawn: Keeps the table as it was set.
        rows: Cells by column, all of them HTML.
        name: Identifier of the table on the page.
        headings: Heading of every column, as HTML, in order.
    """
    cells = [row[column] for row in rows for column in headings]
    return _fill(drawn.draw("table", headings, name, [], len(rows), bold_last=False), cells)


def _fill(table: str, cells: Iterable[str]) -> str:
    """Fill the gaps in their order, by rows.

    Raises:
        ValueError: There are more gaps than cells, or fewer, which is a fault of ours.
    """
    parts = table.split(GAP)
    return "".join(piece for pair in zip(parts, [*cells, ""], strict=True) for piece in pair)


def _plain(value: object) -> str:
    return "" if value is None else text(value)
