"""What could not be read or believed, as rows of frame `findings`."""

import polars as pl

from pipelines.normalize.layouts import BatchReading
from schemas.form import load_forms
from schemas.table import RAW_TEXT_LENGTH, load_reasons, table
from schemas.vocabulary import Stage, ValueStatus

# A number that should stand in the place of another; 回应为 and 个工作日 are words of reports that correct nothing.
_CORRECTION = (
    r"(?:(?:^|[^回响对相适反顺供答效])应当?[为是]|(?:更正|订正)[为成])\s*[“\"：:]?\d[\d,，.]*[”\"]?"
    r"\s*(?:[件条个项次起宗份]|万?元)?(?:[^\p{Han}\d]|$)"
)
_PLACE = ["file_id", "table_number", "row_number", "column_number"]


def make_findings(
    found: pl.DataFrame, reason_code: str, message: pl.Expr, *places: str, raw_text: str | pl.Expr | None = None
) -> pl.DataFrame:
    """Return frame `findings` with a row for each row of `found`, under the reason's own severity.

    Args:
        found: Has file_id, and the columns that the other arguments name.
        reason_code: Why.
        message: What was found, and what to do.
        places: Those of table_number, row_number and column_number that are known.
        raw_text: The text that it speaks of.
    """
    return table("findings").conform(
        found.select(
            "file_id",
            *places,
            stage=pl.lit(Stage.NORMALIZE.value),
            reason_code=pl.lit(reason_code),
            severity=pl.lit(load_reasons()[reason_code]["severity"]),
            raw_text=pl.lit(None) if raw_text is None else raw_text,
            message=message,
        )
    )


def find_notes(notes: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Return the readings' notes as findings, with the text of the cell they speak of."""
    severities = pl.DataFrame(
        [(code, reason["severity"]) for code, reason in load_reasons().items()],
        schema={"reason_code": pl.String, "severity": pl.String},
        orient="row",
    )
    texts = cells.select(*_PLACE, raw_text=pl.col("text").str.head(RAW_TEXT_LENGTH))
    said = notes.join(severities, on="reason_code", how="left").join(texts, on=_PLACE, how="left")
    return table("findings").conform(said.with_columns(stage=pl.lit(Stage.NORMALIZE.value)))


def find_illegible(figures: pl.DataFrame) -> pl.DataFrame:
    """Return a finding for every cell of a form whose text is not a number."""
    is_coded = pl.col("row_code").is_not_null() & pl.col("column_code").is_not_null()
    message = pl.format(
        "{} is not a number that can stand in row {} column {} of table {}; the cell has no value.",
        pl.col("raw_text").str.head(40),
        "row_code",
        "column_code",
        "table_code",
    )
    return make_findings(
        figures.filter(is_coded & (pl.col("value_status") == ValueStatus.ILLEGIBLE.value)),
        "illegible_value",
        message,
        *_PLACE[1:],
        raw_text=pl.col("raw_text").str.head(RAW_TEXT_LENGTH),
    )


def find_corrections(blocks: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Return a finding for every line and cell that says which number should stand in the place of a printed one.

    What it says of which figure is for a person to read: the figures stay as printed.
    """
    is_correction = pl.col("text").str.contains(_CORRECTION)
    lines = blocks.filter(is_correction).select("file_id", "table_number", "text")
    within = cells.filter(is_correction).select("file_id", "table_number", "text")
    said = pl.format("{}: see which figure is meant; the tables are read as printed.", pl.col("text").str.head(80))
    return make_findings(
        pl.concat([lines, within]),
        "stated_correction",
        said,
        "table_number",
        raw_text=pl.col("text").str.head(RAW_TEXT_LENGTH),
    )


def find_missing_tables(reading: BatchReading) -> pl.DataFrame:
    """Return a finding for each table of the form that a report with at least one lacks."""
    codes = pl.DataFrame({"table_code": sorted({item.code for form in load_forms().values() for item in form.tables})})
    found = reading.tables.select("file_id", "table_code").unique().join(codes, on="table_code", how="semi")
    wanted = found.select("file_id").unique().join(codes, how="cross")
    missing = wanted.join(found, on=["file_id", "table_code"], how="anti")
    return make_findings(missing, "missing_table", pl.format("Table {} was not found in the report.", "table_code"))


def find_mixed_forms(figures: pl.DataFrame) -> pl.DataFrame:
    """Return a finding for each report whose tables fit different editions."""
    forms = figures.drop_nulls("form_code").group_by("file_id").agg(pl.col("form_code").unique().sort())
    mixed = forms.filter(pl.col("form_code").list.len() > 1)
    message = pl.format("The tables fit different editions: {}.", pl.col("form_code").list.join(", "))
    return make_findings(mixed, "mixed_forms", message)


def find_early_years(figures: pl.DataFrame, reports: pl.DataFrame, identity: pl.DataFrame) -> pl.DataFrame:
    """Return a finding for each report on a year all of whose tables are on editions of the form from after it.

    Reports are made up for years long past, and narratives are left from them under new tables: where nothing but the
    sentences names the year, either may be.

    Args:
        figures: Frame `figures`.
        reports: Frame `reports`.
        identity: Findings about who and when.
    """
    since = {code: form.first_year for code, form in load_forms().items()}
    editions = figures.select("file_id", "form_code").filter(pl.col("form_code").is_in(list(since))).unique()
    oldest = editions.group_by("file_id").agg(pl.col("form_code").replace_strict(since, return_dtype=pl.Int64).min())
    early = reports.select("file_id", "year").join(oldest, on="file_id").filter(pl.col("year") < pl.col("form_code"))
    told = identity.filter(pl.col("reason_code") == "year_from_context").select("file_id")
    said = pl.format("the tables are on the form of {} and the year is {}", "form_code", "year")
    unproved = pl.format("{}, which only the sentences name: put the file into its year's folder", said)
    late = pl.format("{}: see whether the report was made up later or its narrative is that of another year", said)
    return pl.concat(
        [
            make_findings(early.join(told, on="file_id", how="semi"), "undecided_year", unproved),
            make_findings(early.join(told, on="file_id", how="anti"), "later_form", late),
        ]
    )
