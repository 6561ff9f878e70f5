"""Pandera models of every frame and table, generated from their definitions.

Pandera costs about half a second to import and 15 ms a validation however small the frame, so validate batches and
import this module only where a frame is checked. A LazyFrame would have its schema checked and its data not: collect
first.
"""

from functools import cache

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from schemas.entry import SchemaDataError
from schemas.package import column_meaning
from schemas.soundness import has_distinct_keys
from schemas.table import ColumnSpec, table


@cache
def frame_model(name: str, *, has_key: bool = True) -> pa.DataFrameSchema:
    """Return the Pandera model of frame or table `name`: dtypes, nullability, ranges, closed lists and key.

    Args:
        name: The frame or table.
        has_key: False for a model that does not ask whether rows share a key.
    """
    spec = table(name)
    columns = {
        column.name: pa.Column(
            column.polars_type,
            nullable=column.nullable,
            checks=_column_checks(column),
            title=column.zh,
            description=column.en,
            metadata=column_meaning(spec, column),
        )
        for column in spec.columns
    }
    unique = list(spec.key) if has_key and spec.key else None
    return pa.DataFrameSchema(
        columns,
        strict=True,
        ordered=True,
        unique=unique,
        name=name,
        title=spec.zh,
        description=spec.en,
    )


def validate_frame(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return `frame` once it satisfies the model of table `name`.

    Raises:
        pandera.errors.SchemaErrors: With `failure_cases`, whose `index` gives the offending rows where a check is by
        row.
    """
    # Pandera takes five times as long to find that keys are distinct.
    has_key = not has_distinct_keys(table(name), frame)
    checked: pl.DataFrame = frame_model(name, has_key=has_key).validate(frame, lazy=True)
    return checked


def row_faults(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return (row from 0, fault) for what the model of table `name` objects to, in words; a row may have several.

    Raises:
        SchemaDataError: The frame as a whole is not the table: no row is at fault.
    """
    try:
        validate_frame(name, frame)
    except SchemaErrors as errors:
        cases: pl.DataFrame = errors.failure_cases
        of_frame = cases.filter(pl.col("index").is_null())
        if len(of_frame):
            raise SchemaDataError(f"frame {name} breaks its schema as a whole: {of_frame.rows()[:3]}") from errors
        fault = pl.format("{} fails {}", pl.col("column").cast(pl.String), pl.col("check").cast(pl.String))
        return cases.select(row=pl.col("index").cast(pl.UInt32), fault=fault)
    return pl.DataFrame(schema={"row": pl.UInt32(), "fault": pl.String()})


def list_violations(name: str, frame: pl.DataFrame) -> list[tuple[str, int]]:
    """Return (column, row from 0) of every value that its column does not allow, each once, in the frame's order.

    Args:
        name: The table.
        frame: With exactly its columns. Rows that share a key are the caller's to look for: Pandera names no row there.

    Raises:
        pandera.errors.SchemaErrors: The frame breaks the model other than by its values or key.
    """
    try:
        validate_frame(name, frame)
    except SchemaErrors as errors:
        cases = errors.failure_cases.select("column", "index", "check").rows()
        rows = [(column, index) for column, index, _ in cases if column in frame.columns and index is not None]
        if len(rows) < len(cases) and not any("unique" in str(check) for *_, check in cases):
            raise
        return list(dict.fromkeys(rows))
    return []


def _column_checks(column: ColumnSpec) -> list[pa.Check]:
    checks = []
    if column.min is not None:
        checks.append(pa.Check.ge(column.min))
    if column.max is not None:
        checks.append(pa.Check.le(column.max))
    if column.allowed_values is not None:
        checks.append(pa.Check.isin(list(column.allowed_values)))
    if column.pattern is not None:
        checks.append(pa.Check.str_matches(column.pattern))
    return checks
