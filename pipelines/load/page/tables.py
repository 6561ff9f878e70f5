"""The tables, set with Great Tables: headings in both languages, figures aligned, what is HTML marked as such."""

from collections.abc import Collection, Sequence
from typing import Any

import polars as pl
from great_tables import GT, html, loc, style

from pipelines.load.page.markup import number, say


def set_table(
    frame: pl.DataFrame,
    name: str,
    *,
    html_columns: Collection[str] = (),
    plain_columns: Collection[str] = (),
    headings: dict[str, str] | None = None,
    bold_last: bool = False,
) -> str:
    """Return a frame as an HTML table that scrolls sideways where the screen is narrow.

    Args:
        frame: What to show; numbers are set with thousands apart, texts are escaped.
        name: Identifier of the table on the page.
        html_columns: Columns that hold HTML already.
        plain_columns: Columns of numbers that are names, such as years.
        headings: Heading of a column, as HTML; by default the text of the page's words that has the column's name.
        bold_last: Whether the last row is a total.
    """
    # html() declares its own class where cols_label takes a wider one, in a dict.
    named: dict[str, Any] = {column: html((headings or {}).get(column) or say(column)) for column in frame.columns}
    numeric = [column for column, kind in frame.schema.items() if kind.is_numeric() and column not in plain_columns]
    built = (
        GT(frame, id=name)
        .cols_label(named)
        .cols_align("left", columns=[column for column in frame.columns if column not in numeric])
        .cols_align("right", columns=numeric)
        .fmt(number, columns=numeric)
        .fmt(str, columns=list(html_columns))
    )
    if bold_last and frame.height:
        built = built.tab_style(style.text(weight="bold"), loc.body(rows=[frame.height - 1]))
    return f'<div class="wide">{built.as_raw_html()}</div>'


def set_matrix(rows: Sequence[dict[str, str]], name: str, headings: dict[str, str]) -> str:
    """Return rows of HTML cells as a table.

    Args:
        rows: Cells by column, all of them HTML.
        name: Identifier of the table on the page.
        headings: Heading of every column, as HTML, in order.
    """
    frame = pl.DataFrame(rows, schema=dict.fromkeys(headings, pl.String))
    return set_table(frame, name, html_columns=list(headings), headings=headings)
