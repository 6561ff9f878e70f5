"""Our own errors, told apart from the agency's: figures that break the schema of their frame set their file aside."""

import polars as pl

from schemas.entry import SchemaDataError
from schemas.soundness import is_sound
from schemas.table import table
from schemas.vocabulary import Stage, ValueStatus


def enforce_schema(figures: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the figures that satisfy their schema, and frame `rejections` for the files that hold others.

    Pandera judges nulls, ranges, closed lists and the key, once it is known that one of them is broken; that a finite
    value stands exactly where the status says `reported` is judged here, because Pandera lets a null pass. All figures
    of a rejected file are set aside: half a report must not be loaded.

    Args:
        figures: Frame `figures`, with its declared columns.

    Raises:
        SchemaDataError: The frame as a whole is not `figures` (a column is absent or of another type): no file is at
            fault.
    """
    declared = table("figures").polars_schema
    if figures.schema != declared:
        wrong = sorted(set(declared.items()) ^ set(figures.schema.items()), key=lambda item: item[0])
        raise SchemaDataError(f"frame figures is not as declared, columns in question: {wrong}")
    is_ours = figures.select(pl.any_horizontal(_OWN_FAULTS.values()).any()).item()
    if not is_ours and is_sound(table("figures"), figures):
        return figures, table("rejections").empty_frame()
    numbered = figures.with_row_index("figure")
    faults = pl.concat([_model_faults(figures), _own_faults(numbered)])
    rejections = (
        numbered.join(faults, on="figure")
        .sort("figure")
        .group_by("file_id", maintain_order=True)
        .agg(
            reason=pl.format(
                "table {} row {} column {} ({}): {}; normalize made a figure that its frame does not allow",
                pl.col("table_number").first(), pl.col("row_number").first(), pl.col("column_number").first(),
                pl.col("raw_text").fill_null("").first(), pl.col("fault").first(),
            ),
            more=pl.len() - 1,
        )
        .with_columns(
            reason=pl.when(pl.col("more") > 0)
            .then(pl.format("{} (and {} more)", "reason", "more"))
            .otherwise("reason"),
            stage=pl.lit(Stage.CHECK.value),
            reason_code=pl.lit("schema_violation"),
        )
    )  # fmt: skip
    kept = figures.join(rejections, on="file_id", how="anti", maintain_order="left", nulls_equal=True)
    return kept, table("rejections").conform(rejections.drop("more"))


_FAULTS = pl.Schema({"figure": pl.UInt32(), "fault": pl.String()})


def _model_faults(figures: pl.DataFrame) -> pl.DataFrame:
    """Return figure (row index) and fault for what Pandera objects to row by row."""
    from schemas.validation import row_faults  # half a second, and only where something is wrong

    return row_faults("figures", figures).select(figure="row", fault="fault")


_OWN_FAULTS = {
    "value and value_status disagree": (
        pl.col("value_status").eq_missing(pl.lit(ValueStatus.REPORTED.value)) != pl.col("value").is_not_null()
    ),
    "value is not finite": ~pl.col("value").is_finite().fill_null(value=True),
}


def _own_faults(numbered: pl.DataFrame) -> pl.DataFrame:
    found = [numbered.filter(broken).select("figure", fault=pl.lit(fault)) for fault, broken in _OWN_FAULTS.items()]
    return pl.concat([pl.DataFrame(schema=_FAULTS), *found])
