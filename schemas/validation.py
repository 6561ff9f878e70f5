"""Pandera models of every frame and table, generated from their definitions.

Pandera costs about half a second to import and 15 ms a validation however small the frame, so validate batches and
import this module only where a frame is checked. A LazyFrame would have its schema checked and its data not: collect
first.
"""

from functools import cache

import pandera.polars as pa
import polars as pl

from schemas.table import table


@cache
def frame_model(name: str) -> pa.DataFrameSchema:
    """Return the Pandera model of frame or table `name`: dtypes, nullability, ranges, closed lists and key."""
    spec = table(name)
    columns = {
        column.name: pa.Column(
            column.polars_type,
            nullable=column.nullable,
            checks=_column_checks(column.min, column.max, column.allowed_values),
        )
        for column in spec.columns
    }
    return pa.DataFrameSchema(columns, strict=True, ordered=True, unique=list(spec.key) or None, name=name)


def validate_frame(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return `frame` once it satisfies the model of table `name`.

    Raises:
        pandera.errors.SchemaErrors: With `failure_cases`, whose `index` gives the offending rows where a check is by
        row.
    """
    checked: pl.DataFrame = frame_model(name).validate(frame, lazy=True)
    return checked


def _column_checks(minimum: float | None, maximum: float | None, allowed: tuple[str, ...] | None) -> list[pa.Check]:
    checks = []
    if minimum is not None:
        checks.append(pa.Check.ge(minimum))
    if maximum is not None:
        checks.append(pa.Check.le(maximum))
    if allowed is not None:
        checks.append(pa.Check.isin(list(allowed)))
    return checks
