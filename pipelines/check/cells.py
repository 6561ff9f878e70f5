"""Figures as cells of their edition's table, each with what is known of it."""

from enum import IntEnum

import polars as pl

from pipelines.check.catalogue import NUMBER_LIMIT, code_cell, load_catalogue
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

_BLANK = (ValueStatus.BLANK.value, ValueStatus.NOT_APPLICABLE.value)


def place_cells(figures: pl.DataFrame) -> pl.DataFrame:
    """Return the figures that are cells of a known edition, one row a report and cell.

    Columns: file_id, layout and cell (numbers of `pipelines.check.catalogue`), state (`CellState`), value (null unless
    PRINTED), figure (the row of `figures`, from 0), run (from 0: cells side by side of one report and layout have one).

    A figure without row, column or form takes part in no identity. Of a cell that stands twice neither figure is
    believed. A reported figure without a finite value is a fault of ours, so it counts as illegible and enters no sum.

    Args:
        figures: Frame `figures`.
    """
    status = pl.col("value_status")
    is_printed = (status == ValueStatus.REPORTED.value) & pl.col("value").is_finite().fill_null(value=False)
    state = (
        pl.when(is_printed.fill_null(value=False))
        .then(pl.lit(CellState.PRINTED.value, dtype=pl.Int8))
        .when(status.is_in(_BLANK))
        .then(pl.lit(CellState.BLANK.value, dtype=pl.Int8))
        .otherwise(pl.lit(CellState.ILLEGIBLE.value, dtype=pl.Int8))
    )
    placed = (
        figures.lazy()
        .select(
            "file_id", "value", figure=pl.int_range(pl.len(), dtype=pl.Int64), state=state,
            code=code_cell(pl.coalesce("provincial_form", "form_code")),
        )
        .join(load_catalogue().codes.lazy(), on="code", maintain_order="left")
        .select(
            "file_id", "layout", "cell", "state", "figure",
            value=pl.when(pl.col("state") == CellState.PRINTED.value).then("value"),
        )
        .collect()
    )  # fmt: skip
    # File and cell as one whole number: far faster to count than a struct.
    is_single = placed.select((pl.col("file_id") * NUMBER_LIMIT + pl.col("cell")).n_unique() == pl.len()).item()
    if not is_single:
        is_twice = placed.select(pl.struct("file_id", "cell").is_duplicated()).to_series()
        placed = placed.with_columns(
            state=pl.when(is_twice).then(CellState.DUPLICATE).otherwise("state").cast(pl.Int8),
            value=pl.when(~is_twice).then("value"),
        ).unique(["file_id", "cell"], keep="first", maintain_order=True)
    table = pl.col("file_id") * NUMBER_LIMIT + pl.col("layout")
    return placed.with_columns(run=table.rle_id().set_sorted())


def summarise_runs(cells: pl.DataFrame) -> pl.DataFrame:
    """Return of every run in their order: run, file_id, layout, found (cells), best and worst (`CellState`), doubled.

    A table whose cells do not stand together has several.

    Args:
        cells: As `place_cells` returns them.
    """
    return cells.group_by("run", maintain_order=True).agg(
        pl.col("file_id", "layout").first(),
        found=pl.len(),
        best=pl.col("state").min(),
        worst=pl.col("state").max(),
        doubled=(pl.col("state") == CellState.DUPLICATE).sum(),
    )


def split_whole(cells: pl.DataFrame, runs: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the cells of tables whose every cell is printed, and those of the other tables.

    Most tables are printed whole, and need none of the care for blanks that makes the others ten times as dear. A table
    whose cells do not stand together counts as one of the others.

    Args:
        cells: As `place_cells` returns them.
        runs: As `summarise_runs` returns them.
    """
    sizes = pl.Series([len(layout.cells) for layout in load_catalogue().layouts])
    is_whole = (runs["found"] == sizes.gather(runs["layout"])) & (runs["worst"] == CellState.PRINTED)
    if is_whole.all():
        return cells, cells.clear()
    # Runs are numbered in the order of their rows, so that a look-up is no join.
    is_of_whole = is_whole.gather(cells["run"])
    return cells.filter(is_of_whole), cells.filter(~is_of_whole)


def name_cells(cells: pl.DataFrame) -> pl.DataFrame:
    """Return `cells` with the row_code, column_code and value_kind of each."""
    names = load_catalogue().cells.select("cell", "row_code", "column_code", "value_kind")
    return cells.join(names, on="cell", how="left", maintain_order="left")


def pick_cells(cells: pl.DataFrame, wanted: pl.Series) -> pl.DataFrame:
    """Return those rows of `cells` whose cell number is among `wanted`."""
    # Numbers are places, so that a look-up is no join.
    is_wanted = pl.repeat(value=False, n=len(load_catalogue().cells), eager=True).scatter(wanted, values=True)
    return cells.filter(is_wanted.gather(cells["cell"]))
