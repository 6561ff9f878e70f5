"""Figures as cells of their edition's table, each with what is known of it."""

from enum import IntEnum

import polars as pl

from pipelines.check.catalogue import CELL_LIMIT, load_catalogue
from schemas.rule import TextCheck, load_rules
from schemas.vocabulary import ValueStatus


class CellState(IntEnum):
    """What is known of a cell, from best to worst; the worst of its cells decides whether a rule can be assessed."""

    PRINTED = 0
    ZERO = 1  # blank, and proved to mean zero
    BLANK = 2
    ILLEGIBLE = 3
    MISSING = 4
    DUPLICATE = 5


NOTES = {
    CellState.ZERO.value: "blank_as_zero",
    CellState.BLANK.value: "blank",
    CellState.ILLEGIBLE.value: "illegible",
    CellState.MISSING.value: "missing",
    CellState.DUPLICATE.value: "duplicate",
}

_STATE_OF_STATUS = {
    ValueStatus.REPORTED.value: CellState.PRINTED.value,
    ValueStatus.BLANK.value: CellState.BLANK.value,
    ValueStatus.NOT_APPLICABLE.value: CellState.BLANK.value,
    ValueStatus.ILLEGIBLE.value: CellState.ILLEGIBLE.value,
}


def place_cells(figures: pl.DataFrame) -> pl.DataFrame:
    """Return the figures that are cells of a known edition, one row a report and cell.

    Columns: file_id, layout and cell (numbers of `pipelines.check.catalogue`), state (`CellState`), value (null unless
    PRINTED).

    A figure without row, column or form takes part in no identity. Of a cell that stands twice neither figure is
    believed. A reported figure without a finite value is a fault of ours, so it counts as illegible and enters no sum.

    Args:
        figures: Frame `figures`.
    """
    keys = ["form_code", "table_code", "row_code", "column_code"]
    state = pl.col("value_status").replace_strict(_STATE_OF_STATUS, return_dtype=pl.Int8)
    is_finite = pl.col("value").is_finite().fill_null(value=False)
    placed = (
        figures.lazy()
        .with_columns(pl.coalesce("provincial_form", "form_code").alias("form_code"))
        .select("file_id", "form_code", "table_code", "row_code", "column_code", "value", "value_status")
        .join(load_catalogue().cells.lazy().drop("value_kind"), on=keys)
        .select(
            "file_id", "layout", "cell", "value", is_finite=is_finite,
            state=pl.when((state == CellState.PRINTED) & ~is_finite).then(CellState.ILLEGIBLE).otherwise(state)
            .cast(pl.Int8),
        )
        .with_columns(value=pl.when((pl.col("state") == CellState.PRINTED) & pl.col("is_finite")).then("value"))
        .drop("is_finite")
        .collect()
    )  # fmt: skip
    # File and cell as one whole number: far faster to count than a struct.
    is_single = placed.select((pl.col("file_id") * CELL_LIMIT + pl.col("cell")).n_unique() == pl.len()).item()
    if is_single:
        return placed
    is_twice = placed.select(pl.struct("file_id", "cell").is_duplicated()).to_series()
    return placed.with_columns(
        state=pl.when(is_twice).then(CellState.DUPLICATE).otherwise("state").cast(pl.Int8),
        value=pl.when(~is_twice).then("value"),
    ).unique(["file_id", "cell"], keep="first", maintain_order=True)


def split_whole(cells: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the cells of tables whose every cell is printed, and those of the other tables.

    Most tables are printed whole, and need none of the care for blanks that makes the others ten times as dear.

    Args:
        cells: As `place_cells` returns them.
    """
    sizes = [len(layout.cells) for layout in load_catalogue().layouts]
    size = pl.col("layout").replace_strict(range(len(sizes)), sizes, return_dtype=pl.UInt32)
    tables = cells.group_by("file_id", "layout").agg(found=pl.len(), worst=pl.col("state").max())
    parted = tables.filter((pl.col("found") < size) | (pl.col("worst") > CellState.PRINTED)).select("file_id", "layout")
    if parted.is_empty():
        return cells, cells.clear()
    # One whole number a table: its look-up is far cheaper than a join on two columns.
    number = pl.col("file_id") * CELL_LIMIT + pl.col("layout")
    is_parted = cells.select(number.is_in(parted.select(number).to_series().implode())).to_series()
    return cells.filter(~is_parted), cells.filter(is_parted)


def name_cells(cells: pl.DataFrame) -> pl.DataFrame:
    """Return `cells` with the row_code, column_code and value_kind of each."""
    names = load_catalogue().cells.select("cell", "row_code", "column_code", "value_kind")
    return cells.join(names, on="cell", how="left", maintain_order="left")


def code_cells(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the cells of the columns that the narrative restates, with table_code, row_code and column_code."""
    restated = {check.column for rule in load_rules().values() for check in rule.checks if isinstance(check, TextCheck)}
    codes = load_catalogue().cells.select("cell", "table_code", "row_code", "column_code")
    return cells.join(codes.filter(pl.col("column_code").is_in(sorted(restated))), on="cell")
