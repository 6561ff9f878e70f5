"""Linear identities as one join and one sum over all reports, blanks with the care they need."""

from dataclasses import dataclass
from functools import cache

import polars as pl

from pipelines.check.catalogue import NUMBER_LIMIT, load_catalogue
from pipelines.check.cells import NOTES, CellState, split_whole
from schemas.table import table
from schemas.vocabulary import RuleStatus


@dataclass(frozen=True, slots=True)
class CheckTolerances:
    """How exactly an identity must close, and how far blanks are followed.

    Attributes:
        closing: Largest difference that counts as none: whole numbers add exactly, decimals of amounts do not.
        blank_rounds: How often a blank proved to mean zero may help to prove the next one.
    """

    closing: float = 1e-6
    blank_rounds: int = 8


TOLERANCES = CheckTolerances()


def sum_identities(cells: pl.DataFrame) -> pl.DataFrame:
    """Return both sides of every identity of every report's tables.

    Columns: file_id, layout, identity, left_value and right_value (sums of what has a value), worst (`CellState` of the
    identity's worst cell), gaps (cells found without a value), part_worst and total_worst (the worst of its left and
    right side). An identity none of whose cells was found has a row too, with worst MISSING. Tables that are printed
    whole are summed faster by `pipelines.check.dense`.

    Args:
        cells: As `place_cells` or `resolve_blanks` returns them.
    """
    is_gap = pl.col("state") > CellState.ZERO
    on_left = pl.col("left_sign") != 0
    summed = (
        _join_terms(cells)
        .with_columns(
            left=pl.col("value") * pl.col("left_sign"),
            right=pl.col("value") * pl.col("right_sign"),
            left_state=pl.when(on_left).then("state"),
            right_state=pl.when(~on_left).then("state"),
            is_gap=is_gap,
        )
        .group_by("file_id", "identity")
        .agg(
            left_value=pl.col("left").sum(),
            right_value=pl.col("right").sum(),
            worst=pl.col("state").max(),
            part_worst=pl.col("left_state").max(),
            total_worst=pl.col("right_state").max(),
            gaps=pl.col("is_gap").sum(),
            found=pl.len(),
        )
    )
    tables = cells.lazy().select("file_id", "layout").unique()
    expected = tables.join(load_catalogue().identities.lazy().select("layout", "identity", "terms"), on="layout")
    return (
        expected.join(summed, on=["file_id", "identity"], how="left")
        .with_columns(pl.col("left_value", "right_value").fill_null(0.0), worst=_worst_or_missing())
        .select(*SUMS)
        .collect()
    )


SUMS = pl.Schema(
    {
        "file_id": pl.Int64(), "layout": pl.Int32(), "identity": pl.Int32(), "left_value": pl.Float64(),
        "right_value": pl.Float64(), "worst": pl.Int8(), "gaps": pl.UInt32(), "part_worst": pl.Int8(),
        "total_worst": pl.Int8(),
    }
)  # fmt: skip
"""What `sum_identities` returns."""


def resolve_cells(cells: pl.DataFrame, runs: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the cells of tables that are printed whole, and those of the others with their blanks resolved.

    Args:
        cells: As `place_cells` returns them.
        runs: As `summarise_runs` returns them.
    """
    whole, parted = split_whole(cells, runs)
    return whole, resolve_blanks(parted)


def resolve_blanks(cells: pl.DataFrame) -> pl.DataFrame:
    """Return `cells` with those blanks turned into zeros (`CellState.ZERO`) that can mean nothing else.

    Counts are not negative, so where an identity closes without its blanks and they all stand on one side of it, each
    of them is zero. A zero proved in its row may prove the next one in its column, hence the rounds. A blank is never
    taken for zero on the strength of an identity that does not close, nor where blanks on both sides could balance.

    Args:
        cells: As `place_cells` returns them.
    """
    terms = (
        cells.select("file_id", "cell", "state", "value")
        .join(_equation_terms(), on="cell")
        .with_columns(key=pl.col("file_id") * NUMBER_LIMIT + pl.col("identity"),
                      residual=pl.col("value") * pl.col("coefficient"))
        .select("file_id", "cell", "key", "terms", "state", "coefficient", "residual")
    )  # fmt: skip
    proved_cells = []
    for _ in range(TOLERANCES.blank_rounds):
        terms, proved = _prove_zeros(terms)
        if proved.is_empty():
            break
        proved_cells.append(proved)
    if not proved_cells:
        return cells
    is_proved = pl.col("is_proved").fill_null(value=False)
    marked = pl.concat(proved_cells).with_columns(is_proved=pl.lit(value=True))
    return (
        cells.join(marked, on=["file_id", "cell"], how="left", maintain_order="left")
        .with_columns(
            value=pl.when(is_proved).then(0.0).otherwise("value"),
            state=pl.when(is_proved).then(CellState.ZERO.value).otherwise("state").cast(pl.Int8),
        )
        .select(cells.columns)
    )


@cache
def _equation_terms() -> pl.DataFrame:
    """Return every term of every equation: cell, identity, coefficient (left less right), terms."""
    catalogue = load_catalogue()
    equations = catalogue.identities.filter("is_equation").select("identity", "terms")
    coefficient = (pl.col("left_sign") - pl.col("right_sign")).alias("coefficient")
    return catalogue.terms.join(equations, on="identity").select("cell", "identity", "terms", coefficient)


def _prove_zeros(terms: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the terms that may prove more in the next round, and the cells (file_id, cell) proved zero in this."""
    is_blank = pl.col("state") == CellState.BLANK
    candidates = (
        terms.group_by("key")
        .agg(
            residual=pl.col("residual").sum(),
            worst=pl.col("state").max(),
            blank_above=(is_blank & (pl.col("coefficient") > 0)).any(),
            blank_below=(is_blank & (pl.col("coefficient") < 0)).any(),
            is_complete=pl.len() == pl.col("terms").first(),
        )
        # An identity without a blank proves nothing now or later, nor does one that lacks more than blanks.
        .filter((pl.col("worst") == CellState.BLANK) & pl.col("is_complete"))
    )
    closes = (pl.col("residual").abs() <= TOLERANCES.closing) & ~(pl.col("blank_above") & pl.col("blank_below"))
    closing = candidates.filter(closes)
    proved = terms.filter(is_blank).join(closing, on="key", how="semi").select("file_id", "cell").unique()
    is_proved = pl.col("is_proved").fill_null(value=False)
    remaining = (
        terms.join(candidates.filter(~closes), on="key", how="semi")
        .join(proved.with_columns(is_proved=pl.lit(value=True)), on=["file_id", "cell"], how="left")
        .with_columns(state=pl.when(is_proved).then(CellState.ZERO.value).otherwise("state").cast(pl.Int8))
        .drop("is_proved")
    )
    return remaining, proved


def judge_identities(sums: pl.DataFrame) -> pl.DataFrame:
    """Return the outcome of every identity: file_id, layout, identity, is_open and the columns of `quality`.

    An identity is assessed when each of its cells is printed or is a blank that can only mean zero (then noted
    `blank_as_zero`). Otherwise it is `not_assessable`, its sides are null and the note gives the worst of the reasons.
    `is_open` marks the equations that make their table worth decoding: broken, or all known but for one cell.

    Args:
        sums: As `sum_identities` returns them.
    """
    is_known = pl.col("worst") <= CellState.ZERO
    delta = pl.col("left_value") - pl.col("right_value")
    closes = pl.when("is_equation").then(delta.abs() <= TOLERANCES.closing).otherwise(delta <= TOLERANCES.closing)
    equations = load_catalogue().identities.filter("is_equation")["identity"].implode()
    has_one_gap = (pl.col("gaps") == 1) & pl.col("worst").is_in([CellState.BLANK.value, CellState.ILLEGIBLE.value])
    return sums.with_columns(is_equation=pl.col("identity").is_in(equations)).select(
        "file_id",
        "layout",
        "identity",
        is_open=pl.col("is_equation") & (has_one_gap | (is_known & ~closes)),
        status=judge(closes, is_known),
        left_value=pl.when(is_known).then("left_value"),
        right_value=pl.when(is_known).then("right_value"),
        delta=pl.when(is_known).then(delta),
        note=pl.col("worst").replace_strict(NOTES, default=None, return_dtype=pl.String),
    )


def judge(holds: pl.Expr, is_known: pl.Expr) -> pl.Expr:
    """Return the status of outcomes: not assessable unless everything needed is known, and never a pass by a null."""
    return (
        pl.when(~is_known.fill_null(value=False) | holds.is_null())
        .then(pl.lit(RuleStatus.NOT_ASSESSABLE.value))
        .when(holds)
        .then(pl.lit(RuleStatus.PASS.value))
        .otherwise(pl.lit(RuleStatus.FAIL.value))
    )


_WORST_FIRST = (RuleStatus.FAIL.value, RuleStatus.PASS.value, RuleStatus.NOT_ASSESSABLE.value)


def keep_worst(outcomes: pl.DataFrame, edition: str) -> pl.DataFrame:
    """Keep one outcome a file, rule and scope where a table mixes editions and both have the rule: a failure first.

    Of outcomes with the same status that of the edition which comes first, in whatever order a join has left them.

    Args:
        outcomes: With the key of frame `quality`, status and `edition`.
        edition: The column that tells the editions apart.

    >>> key = {"file_id": [1, 1], "rule_id": ["T2-stock-2021"] * 2, "scope": ["regulation"] * 2, "layout": [2, 1]}
    >>> keep_worst(pl.DataFrame({**key, "status": ["pass", "not_assessable"]}), "layout")["status"].to_list()
    ['pass']
    >>> keep_worst(pl.DataFrame({**key, "status": ["pass", "pass"]}), "layout")["layout"].to_list()
    [1]
    """
    worst_first = pl.col("status").replace_strict(_WORST_FIRST, range(len(_WORST_FIRST)), return_dtype=pl.Int8)
    keys = table("quality").key
    return outcomes.sort(worst_first, edition, maintain_order=True).unique(keys, keep="first", maintain_order=True)


def _join_terms(cells: pl.DataFrame) -> pl.LazyFrame:
    return cells.lazy().select("file_id", "cell", "state", "value").join(load_catalogue().terms.lazy(), on="cell")


def _worst_or_missing() -> pl.Expr:
    """Return the worst state, at least MISSING where fewer cells were found than the identity has."""
    is_missing = pl.col("found").fill_null(0) < pl.col("terms")
    missing = pl.lit(CellState.MISSING.value, dtype=pl.Int8)
    worst = pl.col("worst").fill_null(missing)
    return pl.when(is_missing).then(pl.max_horizontal(worst, missing)).otherwise(worst)
