"""The tables, set with Great Tables: headings in both languages, figures aligned.

What a table looks like depends on its columns and its length alone, so it is set with gaps in place of its cells and
kept (`pipelines.load.page.drawn`): the library takes longer to be imported than the cells take to be filled in.
"""

from collections.abc import Collection, Mapping
from typing import Any

from great_tables import GT, html, loc, style
from polars import DataFrame

from pipelines.load.page.filled import GAP


def set_table(headings: Mapping[str, str], name: str, numeric: Collection[str], height: int, *, bold_last: bool) -> str:
    """Return a table as HTML, `GAP` in place of each cell, that scrolls sideways where the screen is narrow.

    Args:
        headings: Heading of every column, as HTML, in order.
        name: Identifier of the table on the page.
        numeric: Columns of numbers, which are set to the right.
        height: Number of rows.
        bold_last: Whether the last row is a total.
    """
    # html() declares its own class where cols_label takes a wider one, in a dict.
    named: dict[str, Any] = {column: html(heading) for column, heading in headings.items()}
    built = (
        GT(DataFrame({column: [GAP] * height for column in headings}), id=name)
        .cols_label(named)
        .cols_align("left", columns=[column for column in headings if column not in numeric])
        .cols_align("right", columns=list(numeric))
    )
    if bold_last and height:
        built = built.tab_style(style.text(weight="bold"), loc.body(rows=[height - 1]))
    return f'<div class="wide">{built.as_raw_html()}</div>'
