"""The tables of the page: headings in both languages, figures to the right, what is HTML marked as such."""

from collections.abc import Collection, Sequence

import polars as pl

from pipelines.load.page.markup import number, say, text

_MOST_CHARACTERS = 1_000  # of a text in a cell; what may be long was cut where it was asked for


def set_table(
    frame: pl.DataFrame, name: str, *, html_columns: Collection[str] = (), headings: dict[str, str] | None = None,
    bold_last: bool = False,
) -> str:  # fmt: skip
    """Return a frame as an HTML table that scrolls sideways where the screen is narrow.

    Args:
        frame: What to show; numbers are set with thousands apart, texts are escaped.
        name: Identifier of the table on the page.
        html_columns: Columns that hold HTML already.
        headings: Heading of a column, as HTML; by default the text of the page's words that has the column's name.
        bold_last: Whether the last row is a total.
    """
    named = {column: (headings or {}).get(column) or say(column) for column in frame.columns}
    numeric = {column for column, kind in frame.schema.items() if kind.is_numeric()}
    classes = {column: ' class="number"' if column in numeric else "" for column in frame.columns}
    head = "".join(f'<th scope="col"{classes[column]}>{heading}</th>' for column, heading in named.items())
    rows = [
        "".join(f"<td{classes[column]}>{_cell(value, column in html_columns)}</td>" for column, value in row.items())
        for row in frame.iter_rows(named=True)
    ]
    body = [f"<tr>{row}</tr>" for row in rows]
    if bold_last and rows:
        body[-1] = f'<tr class="total">{rows[-1]}</tr>'
    table = f'<table class="plain" id="{name}"><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table>'
    return f'<div class="wide">{table}</div>'


def _cell(value: object, is_html: bool) -> str:  # noqa: FBT001 - a cell's own kind
    if is_html:
        return str(value)
    if value is None:
        return ""
    return number(value) if isinstance(value, int | float) else text(value, _MOST_CHARACTERS)


def set_matrix(rows: Sequence[dict[str, str]], name: str, headings: dict[str, str]) -> str:
    """Return rows of HTML cells as a table.

    Args:
        rows: Cells by column, all of them HTML.
        name: Identifier of the table on the page.
        headings: Heading of every column, as HTML, in order.
    """
    frame = pl.DataFrame(rows, schema=dict.fromkeys(headings, pl.String))
    return set_table(frame, name, html_columns=list(headings), headings=headings)
