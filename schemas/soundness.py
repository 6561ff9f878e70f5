"""Whether a frame is as its definition says, asked of Polars alone.

Pandera (`schemas.validation`) says which value of which row breaks what. That nothing is broken can be told in half of
its time, and without the second that importing it costs.
"""

from collections.abc import Iterator
from functools import reduce
from operator import xor

import polars as pl

from schemas.table import ColumnSpec, TableSpec


def is_sound(spec: TableSpec, frame: pl.DataFrame) -> bool:
    """Tell that the Pandera model of a table has nothing to say of `frame`: its columns, nulls, ranges, lists and key.

    False says no more than that Pandera must look.
    """
    if frame.schema != spec.polars_schema:
        return False
    is_broken = pl.any_horizontal(pl.lit(value=False), *(test for c in spec.columns for test in _list_breaches(c)))
    return not frame.select(is_broken).item() and has_distinct_keys(spec, frame)


def _list_breaches(column: ColumnSpec) -> Iterator[pl.Expr]:
    """Yield for each promise of a column whether it is broken; a null breaks none but that there is none."""
    value = pl.col(column.name)
    if not column.nullable:
        yield value.has_nulls()
        if column.polars_type.is_float():
            yield value.is_nan().any()
    if column.min is not None:
        yield (value < column.min).any()
    if column.max is not None:
        yield (value > column.max).any()
    if column.allowed_values is not None:
        yield ~value.is_in(column.allowed_values).all()
    if column.pattern is not None:
        yield pl.lit(value=True)  # left to Pandera: no staged frame has one


def has_distinct_keys(spec: TableSpec, frame: pl.DataFrame) -> bool:
    """Tell that no two rows share a key; False says no more than that they may."""
    if not spec.key or not set(spec.key) <= set(frame.columns):
        return not spec.key
    # Staged frames stand in the order of their keys: one that grows from row to row is there once.
    grows = pl.lit(value=False)
    for column in map(pl.col, reversed(spec.key)):
        grows = (column > column.shift()) | ((column == column.shift()) & grows)
    if frame.select(grows.slice(1).all(ignore_nulls=False)).item():
        return True
    # Elsewhere their hashes are told apart. Different hashes are different keys, equal ones need not be equal keys.
    first, *rest = (pl.col(column).hash(seed=place) for place, column in enumerate(spec.key))
    return bool(frame.select(reduce(xor, rest, first).n_unique() == pl.len()).item())
