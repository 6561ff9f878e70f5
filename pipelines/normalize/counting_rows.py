"""Rows under a header that number its columns (栏次 1 2 3 …) or name what each counts (件 件 件 …).

They are no figures and no labels: 表四 has no label in front of its figures, so that such a row is taken for them.
"""

import re
from collections.abc import Sequence
from functools import cache

import polars as pl

from schemas.document import load_document_words
from schemas.printed import load_printed_words
from schemas.unit import count_units

_ROW = ("file_id", "table_number", "row_number")
_FEWEST = 5  # columns that are numbered: no row of the form counts on so far, since its last figure is a sum
_LONGEST = 4  # characters of such a cell
_UNIT = 0
_ORDINAL = re.compile(r"[(（\[]?([1-9][0-9]?)[)）\]]?")


def find_ordinal(text: str, token: str) -> int | None:
    """Return the number of a column that a cell prints, 0 for a unit and None for anything else.

    Args:
        text: The cell's text.
        token: What it is to a layout; see `pipelines.normalize.layouts.make_token`.

    >>> find_ordinal("12", "#"), find_ordinal("（3）", "#"), find_ordinal("件", "件"), find_ordinal("0", "#")
    (12, 3, 0, None)
    """
    if len(text) > _LONGEST:
        return None
    match = _ORDINAL.fullmatch(text)
    if match is not None:
        return int(match[1])
    return _UNIT if token in count_units() else None


def leave_out_counting_rows(cells: pl.DataFrame) -> pl.DataFrame:
    """Return cells without the rows that count columns or name units.

    Args:
        cells: Cells of tables in row-major order, with `token` and `ordinal`; see `find_ordinal`.
    """
    ordinal = pl.col("ordinal")
    counts_on = (ordinal - ordinal.shift(1) == 1) & (ordinal.shift(1) - ordinal.shift(2) == 1) & (ordinal > 2)
    names_units = (ordinal == _UNIT) & (ordinal.shift(1) == _UNIT) & (ordinal.shift(2) == _UNIT)
    hints = cells.filter(counts_on | names_units)
    if hints.is_empty():  # as in nearly all batches
        return cells
    rows = cells.join(hints.select(_ROW).unique(), on=_ROW, how="semi", maintain_order="left")
    by_row = rows.group_by(*_ROW, maintain_order=True).agg("token", "ordinal", pl.col("row_span").max())
    is_national = pl.col("token").str.contains_any(list(load_document_words().marks.grid)).any()
    marked = cells.join(hints, on=_ROW[:2], how="semi").group_by(_ROW[:2]).agg(is_national.alias("is_national"))
    counting = [
        place
        for *place, tokens, ordinals, row_span, is_national in by_row.join(marked, on=_ROW[:2]).iter_rows()
        if row_span == 1 and _is_counting(tokens, ordinals, may_name_units=is_national)
    ]
    left_out = pl.DataFrame(counting, schema={name: cells.schema[name] for name in _ROW}, orient="row")
    return cells.join(left_out, on=_ROW, how="anti", maintain_order="left")


def _is_counting(tokens: Sequence[str], ordinals: Sequence[int | None], *, may_name_units: bool) -> bool:
    """Tell whether a row holds numbers from 1 on, or one unit, and in front no label but that of such a row.

    In a 统计表 before 2019 the units of a row are those of its indicators, which are read.
    """
    first = next((place for place, ordinal in enumerate(ordinals) if ordinal is not None), len(ordinals))
    counted = ordinals[first:]
    is_counted = counted == list(range(1, len(counted) + 1)) or (may_name_units and not any(counted))
    if len(counted) < _FEWEST or None in counted:
        return False
    return is_counted and all(token in _heads() for token in tokens[:first])


@cache
def _heads() -> frozenset[str]:
    return frozenset({"", *load_printed_words().heads.columns})
