"""Identities of tables that are printed whole: a column a cell, and all sums of a layout in one pass over all reports.

A pivot would be the dearest step of such a layout. Here every figure knows its place (cell number times number of
reports plus report number), so that one scatter fills a dense column in which each cell's values over all reports lie
side by side, and a slice of it costs nothing.
"""

from collections.abc import Iterable, Mapping
from functools import cache

import polars as pl

from pipelines.check.catalogue import load_catalogue
from pipelines.check.cells import CellState
from pipelines.check.linear import SUMS
from schemas.identity import Side


def sum_whole_tables(cells: pl.DataFrame) -> pl.DataFrame:
    """Return what `pipelines.check.linear.sum_identities` returns, for tables whose every cell is printed.

    Args:
        cells: Every cell of every table among them once, with a value, tables one after another (`split_whole`).
    """
    by_layout = cells.select("file_id", "layout", "cell", "value").partition_by(
        "layout", maintain_order=True, as_dict=True
    )
    summed = [_sum_layout(layout, tables) for (layout,), tables in by_layout.items() if len(_list_sides(layout)[0])]
    return pl.concat([pl.DataFrame(schema=SUMS), *(frame.select(*SUMS) for frame in summed)])


def _sum_layout(layout: int, cells: pl.DataFrame) -> pl.DataFrame:
    """Sum the tables of one layout, whose cells stand together table by table."""
    numbers = load_catalogue().cells.filter(pl.col("layout") == layout)["cell"]
    size = len(numbers)
    files = cells["file_id"].gather_every(size)
    report = pl.int_range(len(cells), eager=True) // size
    place = (cells["cell"].cast(pl.Int64) - numbers[0]) * len(files) + report
    dense = pl.repeat(None, len(cells), dtype=pl.Float64, eager=True).scatter(place, cells["value"])
    columns = pl.DataFrame([dense.slice(n * len(files), len(files)).alias(str(n)) for n in range(size)])
    identities, left, right = _list_sides(layout)
    printed = pl.lit(CellState.PRINTED.value, dtype=pl.Int8)
    return pl.DataFrame(
        {
            "file_id": pl.concat([files] * len(identities)),
            "identity": identities.gather(pl.int_range(len(identities) * len(files), eager=True) // len(files)),
            "left_value": pl.concat(columns.select(left).get_columns()),
            "right_value": pl.concat(columns.select(right).get_columns()),
        }
    ).with_columns(
        layout=pl.lit(layout, dtype=pl.Int32), worst=printed, part_worst=printed, total_worst=printed,
        gaps=pl.lit(0, dtype=pl.UInt32),
    )  # fmt: skip


@cache
def _list_sides(layout: int) -> tuple[pl.Series, list[pl.Expr], list[pl.Expr]]:
    """Return the identities of a layout, and the left and right side of each over columns named by place."""
    catalogue = load_catalogue()
    places = {cell: str(place) for place, cell in enumerate(catalogue.layouts[layout].cells)}
    numbers = catalogue.identities.filter(pl.col("layout") == layout)["identity"]
    identities = [catalogue.by_number[number] for number in numbers]

    def sum_all(sides: Iterable[Side]) -> list[pl.Expr]:
        signs = ({places[cell]: sign for cell, sign in side.current} for side in sides)
        return [sum_side(own).alias(f"side {number}") for number, own in enumerate(signs)]

    return numbers, sum_all(i.left for i in identities), sum_all(i.right for i in identities)


def sum_side(signs: Mapping[str, int]) -> pl.Expr:
    """Return the signed sum of columns, a row a report; 0 where there are none.

    >>> frame = pl.DataFrame({"a": [5.0, 7.0], "b": [2.0, 9.0]})
    >>> frame.select(sum_side({"b": -1, "a": 1})).to_series().to_list()
    [3.0, -2.0]
    """
    added, taken = ([name for name, own in signs.items() if own == sign] for sign in (1, -1))
    total = pl.sum_horizontal(added) if added else pl.repeat(0.0, pl.len())
    return total - pl.sum_horizontal(taken) if taken else total
