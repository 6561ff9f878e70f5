"""Figures with their column's label in front: 自然人：3, as pages for telephones print it again in each cell."""

import re
from functools import lru_cache

import polars as pl

from pipelines.normalize.pair_labels import column_names
from pipelines.normalize.values import CellValue, read_value
from schemas.vocabulary import TableCode, ValueStatus

_KEY = ["table_code", "column_code", "raw_text"]


def read_behind_labels(figures: pl.DataFrame) -> pl.DataFrame:
    """Return the figures, those read that are no number for nothing but the label of their own column in front.

    Args:
        figures: Figures with what their cells print by themselves; blanks behind a label are blanks.
    """
    is_open = (pl.col("value_status") == ValueStatus.ILLEGIBLE.value) & pl.col("column_code").is_not_null()
    is_national = pl.col("table_code") != TableCode.LEGACY.value
    asked = figures.filter(is_open & is_national).select(_KEY).unique(maintain_order=True)
    read = [(*key, read_behind_label(*key)) for key in asked.iter_rows()]
    rows = [
        (*key, value.value, value.status.value, value.unit, value.note) for *key, value in read if value is not None
    ]
    if not rows:  # as in most batches
        return figures
    told = ("value", "value_status", "cell_unit", "note")
    schema = {name: figures.schema[name] for name in (*_KEY, *told)}
    found = pl.DataFrame(rows, schema=schema, orient="row").with_columns(is_labelled=True)
    joined = figures.join(found, on=_KEY, how="left", suffix="_behind", maintain_order="left")
    is_labelled = pl.col("is_labelled").fill_null(value=False)
    read_anew = [pl.when(is_labelled).then(f"{name}_behind").otherwise(name).alias(name) for name in told]
    return joined.with_columns(read_anew).select(figures.columns)


def read_behind_label(table_code: str, column_code: str, text: str) -> CellValue | None:
    """Return what stands behind the label of a column in one of its cells, None where no such label or no number does.

    >>> read_behind_label("request", "natural_person", "自然人：3").value
    3.0
    >>> read_behind_label("request", "business", "自然人：3"), read_behind_label("request", "total", "总计约3")
    (None, None)
    """
    pattern = _labels_in_front(table_code, column_code)
    match = pattern.match(text) if pattern is not None else None
    value = read_value(text[match.end() :]) if match else None
    return None if value is None or value.status is ValueStatus.ILLEGIBLE else value


@lru_cache(maxsize=256)
def _labels_in_front(table_code: str, column_code: str) -> re.Pattern[str] | None:
    names = [name for name, code in column_names(table_code) if code == column_code]
    spellings = "|".join(r"\s*".join(map(re.escape, name)) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"\s*(?:{spellings})\s*[:：]?\s*") if spellings else None
