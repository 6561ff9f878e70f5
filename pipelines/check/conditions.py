"""Rules about single figures and pairs: domains, zeros that go together, and parts that may not exceed their total."""

import polars as pl

from pipelines.check.catalogue import load_catalogue
from pipelines.check.cells import NOTES, CellState, name_cells
from pipelines.check.linear import TOLERANCES, judge
from schemas.check import PartialCheck, ZeroTogetherCheck

OUTCOME_COLUMNS = ("file_id", "layout", "scope", "status", "left_value", "right_value", "delta", "note",
                   "anchor_row", "anchor_column")  # fmt: skip
"""What every evaluation returns; the anchor is the cell to be shown for a failure, null for none."""


def find_outside_domain(cells: pl.DataFrame) -> pl.DataFrame:
    """Return those cells, named, whose printed value lies outside what its kind may be; one without a value does not.

    A count is whole and not negative, a change whole, an amount not negative.

    Args:
        cells: As `place_cells` returns them.
    """
    value, kind = pl.col("value"), pl.col("value_kind")
    is_negative = kind.is_in(["count", "amount"]) & (value < 0)
    is_broken = kind.is_in(["count", "change"]) & (value != value.floor())
    # Two plain comparisons leave few cells for the join with the kinds.
    odd = cells.filter((value < 0) | (value != value.floor()))
    return name_cells(odd).filter(is_negative | is_broken)


def evaluate_domain(runs: pl.DataFrame, outside: pl.DataFrame) -> pl.DataFrame:
    """Return one outcome a report and table, scope `table`: the left value counts the figures outside their domain.

    Where nothing is printed the outcome is `not_assessable`; blanks among printed figures are no breach. The anchor is
    the first figure outside.

    Args:
        runs: As `summarise_runs` returns them.
        outside: As `find_outside_domain` returns them.
    """
    keys = ["file_id", "layout"]
    counted = outside.group_by(keys, maintain_order=True).agg(
        outside=pl.len().cast(pl.Float64), anchor_row=pl.col("row_code").first(),
        anchor_column=pl.col("column_code").first(),
    )  # fmt: skip
    count = pl.col("outside").fill_null(0.0)
    is_printed = pl.col("best") == CellState.PRINTED
    return (
        runs.group_by(keys, maintain_order=True)
        .agg(best=pl.col("best").min())
        .join(counted, on=keys, how="left")
        .select(
            *keys, "anchor_row", "anchor_column",
            scope=pl.lit("table"),
            status=judge(count == 0, is_printed),
            left_value=count,
            right_value=pl.lit(0.0),
            delta=count,
            note=pl.when(~is_printed).then(_note("best")),
        )
        .select(OUTCOME_COLUMNS)
    )  # fmt: skip


def evaluate_zero_together(cells: pl.DataFrame, check: ZeroTogetherCheck) -> pl.DataFrame:
    """Return for every row of `check.only` whether its two figures are zero together or not at all.

    The left value is the first figure, the right value the second; both must be printed.

    Args:
        cells: Of the tables that the rule speaks of, as `place_cells` returns them.
        check: The columns and rows.
    """
    of_pair = {name: pl.col("column_code") == name for name in (check.first, check.second)}
    tables = cells.select("file_id", "layout").unique().join(pl.DataFrame({"row_code": check.only}), how="cross")
    pairs = (
        name_cells(cells)
        .group_by("file_id", "layout", "row_code")
        .agg(
            left_value=pl.col("value").filter(of_pair[check.first]).first(),
            right_value=pl.col("value").filter(of_pair[check.second]).first(),
            worst=pl.col("state").filter(of_pair[check.first] | of_pair[check.second]).max(),
            found=(of_pair[check.first] | of_pair[check.second]).sum(),
        )
    )
    worst = pl.when(pl.col("found").fill_null(0) == 2).then("worst").otherwise(CellState.MISSING.value)
    return (
        tables.join(pairs, on=["file_id", "layout", "row_code"], how="left")
        .with_columns(worst=worst)
        .select(
            "file_id", "layout", "left_value", "right_value",
            scope="row_code",
            status=judge(
                (pl.col("left_value") == 0) == (pl.col("right_value") == 0), pl.col("worst") == CellState.PRINTED
            ),
            delta=pl.col("left_value") - pl.col("right_value"),
            note=_note("worst"),
            anchor_row="row_code",
            anchor_column=pl.lit(check.second),
        )
        .select(OUTCOME_COLUMNS)
    )  # fmt: skip


def evaluate_partial(sums: pl.DataFrame, check: PartialCheck) -> pl.DataFrame:
    """Return, where a part has no value, whether the printed parts of an identity exceed its total all the same.

    Parts that are not printed are not negative, so what is printed may fall short of the total but never exceed it.
    Outcomes exist only where a part has no value and the total has one.

    Args:
        sums: As `sum_identities` returns them.
        check: The rules whose identities are meant.
    """
    identities = load_catalogue().identities.filter(pl.col("rule_id").is_in(check.of))
    lacks_part = pl.col("part_worst").is_null() | (pl.col("worst") > CellState.ZERO)
    has_total = pl.col("total_worst") <= CellState.ZERO
    return (
        sums.join(identities.drop("layout"), on="identity")
        .filter(lacks_part & has_total)
        .with_columns(delta=pl.col("left_value") - pl.col("right_value"))
        .with_columns(status=judge(pl.col("delta") <= TOLERANCES.closing, pl.lit(value=True)), note=_note("worst"))
        .select(OUTCOME_COLUMNS)
    )


def _note(column: str) -> pl.Expr:
    return pl.col(column).replace_strict(NOTES, default=None, return_dtype=pl.String)
