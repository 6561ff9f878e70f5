"""That a frame is sound is told without Pandera, and Pandera must be of the same opinion."""

from datetime import date, datetime, time

import polars as pl
import pytest
from pandera.errors import SchemaErrors

from schemas.soundness import has_distinct_keys, is_sound
from schemas.table import ColumnSpec, TableSpec, load_tables, table
from schemas.validation import frame_model

TABLES = [spec for spec in load_tables().values() if spec.layer != "view"]


def promises(column: ColumnSpec) -> tuple[object, ...]:
    return column.type, column.nullable, column.min, column.max, column.values is None


# One column of each kind there is: every Pandera validation takes its 20 ms.
COLUMNS = {
    promises(column): (spec, column)
    for spec in TABLES
    for column in spec.columns
    if not any(other.pattern for other in spec.columns)
}


def is_valid(spec: TableSpec, frame: pl.DataFrame) -> bool:
    try:
        frame_model(spec.name).validate(frame, lazy=True)
    except SchemaErrors:
        return False
    return True


def made_up(column: ColumnSpec, row: int) -> object:
    """Return a value that may stand in a column, another one for each row where there is a choice."""
    if column.allowed_values is not None:
        return column.allowed_values[row % len(column.allowed_values)]
    number = (column.min or 0) if column.max is not None else (column.min or 0) + row
    day = date(2021, 1, row + 1)
    values: dict[str, object] = {
        "BIGINT": int(number), "INTEGER": int(number), "DOUBLE": float(number), "BOOLEAN": row % 2 == 0,
        "VARCHAR": f"第{row}", "DATE": day, "TIMESTAMP": datetime.combine(day, time(8)),
    }  # fmt: skip
    return values[column.type]


def made_up_frame(spec: TableSpec) -> pl.DataFrame:
    rows = [[made_up(column, row) for column in spec.columns] for row in range(4)]
    return pl.DataFrame(rows, schema=spec.polars_schema, orient="row")


def damages(column: ColumnSpec) -> list[object]:
    """Return values of its type that may or may not stand in a column."""
    numbers: list[object] = [
        None,
        *(bound + step for bound in (column.min or 0, column.max or 0) for step in (-1, 0, 1)),
    ]
    values: dict[str, list[object]] = {
        "BIGINT": numbers, "INTEGER": numbers, "DOUBLE": [*numbers, float("nan"), float("inf")],
        "VARCHAR": [None, "", "字"], "BOOLEAN": [None], "DATE": [None], "TIMESTAMP": [None],
    }  # fmt: skip
    return values[column.type]


@pytest.mark.parametrize("spec", TABLES, ids=lambda spec: spec.name)
def test_polars_and_pandera_agree_on_what_is_sound(spec: TableSpec) -> None:
    whole = made_up_frame(spec)
    if any(column.pattern for column in spec.columns):
        assert not is_sound(spec, whole)  # which Pandera must look at
        return
    assert is_sound(spec, whole)
    assert is_valid(spec, whole)
    assert is_sound(spec, whole.clear())
    twice = pl.concat([whole, whole.head(1)])
    assert is_sound(spec, twice) == is_valid(spec, twice) == (not spec.key)
    assert not is_sound(spec, whole.drop(spec.columns[0].name))
    assert not is_sound(spec, whole.select(reversed(whole.columns)))


@pytest.mark.parametrize(("spec", "column"), COLUMNS.values(), ids=lambda part: part.name)
def test_polars_and_pandera_agree_on_what_breaks_a_column(spec: TableSpec, column: ColumnSpec) -> None:
    whole = made_up_frame(spec)
    for value in damages(column):
        values = [value if row == 2 else old for row, old in enumerate(whole[column.name])]
        damaged = whole.with_columns(pl.Series(column.name, values, dtype=column.polars_type, strict=False))
        assert is_sound(spec, damaged) == is_valid(spec, damaged), value


def test_keys_that_do_not_grow_are_told_apart_all_the_same() -> None:
    spec = table("figures")
    whole = made_up_frame(spec)
    assert has_distinct_keys(spec, whole.reverse())
    assert not has_distinct_keys(spec, pl.concat([whole.reverse(), whole.tail(1)]))
    assert not has_distinct_keys(spec, pl.concat([whole, whole]))
    nothing = whole.with_columns(file_id=pl.lit(None, dtype=pl.Int64), table_number=1, row_number=1, column_number=1)
    assert not has_distinct_keys(spec, nothing.cast(spec.polars_schema))
