"""What the rules would say of reviewed reports if their figures were the right ones.

An identity is worked out from the figures that a verdict changes. The other rules (the narrative against the table, a
domain, zeros that go together) are asked once more, of the few reports that have a verdict on a cell.
"""

from collections.abc import Iterable

import polars as pl

from pipelines.check import check_batch
from pipelines.settings import Workspace
from pipelines.staging import read_frame
from schemas.rule import load_rules
from schemas.vocabulary import RuleStatus, Stage, ValueStatus

Correction = tuple[int, str, str, str, str, float | None]
"""file_id, table, row and column of a cell, the verdict on it, and its right value as it would be printed, if known."""

_CELL = ("file_id", "table_code", "row_code", "column_code")


def find_settled(
    workspace: Workspace, figures: pl.DataFrame, corrections: Iterable[Correction]
) -> dict[tuple[int, str, str], str]:
    """Return the outcomes that are no failure with the right figures, each with the verdict that made it so.

    An outcome is named by file_id, rule and scope. A figure whose right value is not known leaves what depends on it
    without a judgement, and so settles it too.

    Args:
        workspace: Where staging stands.
        figures: Frame `figures`, of the reports with a verdict at least.
        corrections: What the verdicts say of cells.
    """
    schema = {"file_id": pl.Int64, **dict.fromkeys((*_CELL[1:], "verdict"), pl.String), "right": pl.Float64}
    right = pl.DataFrame(list(corrections), schema=schema, orient="row").with_columns(is_reviewed=pl.lit(value=True))
    if right.is_empty():
        return {}
    files = right.lazy().select("file_id").unique()
    own = figures.join(right, on="file_id", how="semi").join(right, on=_CELL, how="left", maintain_order="left")
    is_reviewed = pl.col("is_reviewed").fill_null(value=False)
    is_known = pl.col("right").is_not_null()
    status = pl.when(is_known).then(pl.lit(ValueStatus.REPORTED)).otherwise(pl.lit(ValueStatus.ILLEGIBLE))
    corrected = own.with_columns(
        value=pl.when(is_reviewed).then("right").otherwise("value"),
        value_status=pl.when(is_reviewed).then(status).otherwise("value_status"),
    )
    reports, sections = (
        read_frame(workspace, Stage.NORMALIZE, frame).join(files, on="file_id", how="semi").collect()
        for frame in ("reports", "sections")
    )
    quality = check_batch(corrected.select(figures.columns), reports, sections)["quality"]
    kept = quality.filter(pl.col("status") != RuleStatus.FAIL).select("file_id", "rule_id", "scope")
    tables = right.unique(["file_id", "table_code"], keep="first", maintain_order=True)
    verdicts = {
        (file, code): said for file, code, said in tables.select("file_id", "table_code", "verdict").iter_rows()
    }
    places = ((key, (key[0], load_rules()[key[1]].table_code)) for key in kept.iter_rows())
    return {key: verdicts[place] for key, place in places if place in verdicts}
