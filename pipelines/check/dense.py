"""Identities of tables that are printed whole: one Series a cell, an identity a few additions over all reports.

A pivot would be the dearest step of such a layout. Here every figure knows its place (cell number times number of
reports plus report number), so that one scatter fills a dense column in which each cell's values over all reports lie
side by side, and a slice of it costs nothing.
"""

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from pipelines.check.catalogue import load_catalogue
from pipelines.check.cells import CellState, number_tables
from pipelines.check.linear import SUM_COLUMNS, sum_identities
from schemas.identity import Cell


def sum_whole_tables(cells: pl.DataFrame) -> pl.DataFrame:
    """Return what `pipelines.check.linear.sum_identities` returns, for tables whose every cell is printed.

    Args:
        cells: Every cell of every table among them once, with a value, tables one after another (`split_whole`).
    """
    is_there = cells["layout"].unique().sort()
    summed = [_sum_layout(layout, cells.filter(pl.col("layout") == layout)) for layout in is_there]
    return pl.concat([sum_identities(cells.clear()), *(frame.select(SUM_COLUMNS) for frame in summed)])


def _sum_layout(layout: int, cells: pl.DataFrame) -> pl.DataFrame:
    """Sum the tables of one layout, whose cells stand together table by table."""
    catalogue = load_catalogue()
    rows = cells.with_columns(report=number_tables(cells).cast(pl.Int64))
    files = rows.filter(pl.col("report").is_first_distinct())["file_id"]
    numbers = catalogue.cells.filter(pl.col("layout") == layout)
    first, names = numbers["cell"][0], list(zip(numbers["row_code"], numbers["column_code"], strict=True))
    place = (rows["cell"].cast(pl.Int64) - first) * len(files) + rows["report"]
    dense = pl.repeat(None, len(files) * len(names), dtype=pl.Float64, eager=True).scatter(place, rows["value"])
    columns = {cell: dense.slice(number * len(files), len(files)) for number, cell in enumerate(names)}
    identities = catalogue.identities.filter(pl.col("layout") == layout)["identity"].to_list()
    sides = [(catalogue.by_number[i].left.current, catalogue.by_number[i].right.current) for i in identities]
    printed = pl.lit(CellState.PRINTED.value, dtype=pl.Int8)
    return pl.DataFrame(
        {
            "file_id": pl.concat([files] * len(sides)) if sides else files.clear(),
            "identity": _repeat_each(identities, len(files)),
            "left_value": _stack(sum_side(columns, left, len(files)) for left, _ in sides),
            "right_value": _stack(sum_side(columns, right, len(files)) for _, right in sides),
        },
    ).with_columns(
        layout=pl.lit(layout, dtype=pl.Int32), worst=printed, part_worst=printed, total_worst=printed,
        gaps=pl.lit(0, dtype=pl.UInt32),
    )  # fmt: skip


def sum_side(columns: Mapping[Cell, pl.Series], terms: Iterable[tuple[Cell, int]], reports: int) -> pl.Series:
    """Return the signed sum of cells, a row a report."""
    total: pl.Series | None = None
    for cell, sign in terms:
        value = columns[cell] if sign == 1 else -columns[cell]
        total = value if total is None else total + value
    return pl.repeat(0.0, reports, eager=True) if total is None else total


def _stack(parts: Iterator[pl.Series]) -> pl.Series:
    return pl.concat([pl.Series([], dtype=pl.Float64), *(part.rename("") for part in parts)])


def _repeat_each(numbers: list[int], times: int) -> pl.Series:
    return pl.Series(numbers, dtype=pl.Int32).gather(pl.int_range(len(numbers) * times, eager=True) // max(times, 1))
