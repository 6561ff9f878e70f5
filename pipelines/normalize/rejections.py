"""The documents that cannot be loaded: those without a statistic figure, and those of which nobody knows whose."""

import polars as pl

from schemas.form import load_forms
from schemas.vocabulary import Stage

# Findings about who and when that leave a report without a key: the file is set aside for the first of them.
KEYLESS = (
    "several_reports",
    "hijacked_mirror",
    "other_document",
    "periodic_report",
    "no_agency",
    "no_year",
    "undecided_year",
    "year_out_of_range",
)
# Of these, those that say more than that no table of such a document could be taken.
_NO_REPORT = ("several_reports", "other_document")
# Findings that tell more of a document without a statistic figure than that it has none.
_REFUSED_TABLES = ("periodic_table", "figures_run_together", "lossy_text")
# The finding by which figures that stand there twice and differ have lost their place.
_TWICE = "duplicate_row"
_COUNT = r"^\s*\d{1,7}\s*$"


def reject_files(
    documents: pl.DataFrame,
    figures: pl.DataFrame,
    findings: pl.DataFrame,
    told: pl.DataFrame,
    *,
    reports: pl.DataFrame,
    cells: pl.DataFrame,
) -> pl.DataFrame:
    """Return file_id, stage, reason_code and reason of the files that cannot be loaded; the first reason counts.

    Args:
        documents: Frame `documents`.
        figures: Frame `figures`.
        findings: What was found; doubts about agency and year, and why a table was refused, are reasons.
        told: file_id of the files of whose tables a finding speaks.
        reports: Frame `reports`: whose report of which year each file is.
        cells: Frame `cells`: where a report from before the national form has figures in a table, it is not in words.
    """
    keyless = (
        findings.filter(pl.col("reason_code").is_in(KEYLESS))
        .select("file_id", "reason_code", reason=pl.col("message"))
        .sort(pl.col("reason_code").cast(pl.Enum(KEYLESS)), maintain_order=True)
    )
    other = keyless.filter(pl.col("reason_code").is_in(_NO_REPORT))
    bare = _without_figures(documents, figures, findings, told)
    unread = pl.concat([told, keyless.select("file_id")])
    in_words = _in_words(reports.join(bare, on="file_id", how="semi").join(unread, on="file_id", how="anti"), cells)
    bare = pl.concat([in_words, bare])
    rejected = pl.concat([other, bare, keyless]).unique("file_id", keep="first", maintain_order=True)
    return rejected.select("file_id", pl.lit(Stage.NORMALIZE.value).alias("stage"), "reason_code", "reason")


def _in_words(reports: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Return file_id, reason_code and reason of an agency's reports from before the national form without a table.

    Most of these years have none: nobody had to print one.
    """
    first = min(form.first_year for form in load_forms().values())
    early = reports.filter(pl.col("agency_id").is_not_null() & (pl.col("year") < first)).select("file_id")
    if early.is_empty():  # as in most batches
        return early.select("file_id", reason_code=pl.lit("words_only"), reason=pl.lit(""))
    printed = cells.join(early, on="file_id", how="semi").filter(pl.col("text").str.contains(_COUNT))
    said = f"A report from before {first} in words alone: what its sentences state is in no fact."
    return early.join(printed, on="file_id", how="anti").select(
        "file_id", reason_code=pl.lit("words_only"), reason=pl.lit(said)
    )


def _without_figures(
    documents: pl.DataFrame, figures: pl.DataFrame, findings: pl.DataFrame, told: pl.DataFrame
) -> pl.DataFrame:
    """Return file_id, reason_code and reason of the documents in which no figure has a code."""
    # An indicator of a 统计表 before 2019 is one even where no form known has it.
    is_known = pl.col("row_code").is_not_null() | pl.col("indicator_number").is_not_null()
    coded = figures.filter(is_known & pl.col("column_code").is_not_null()).select("file_id").unique()
    refused = (
        findings.filter(pl.col("reason_code").is_in(_REFUSED_TABLES))
        .unique("file_id", keep="first", maintain_order=True)
        .select("file_id", refused_code="reason_code", refused="message")
    )
    twice = findings.filter(pl.col("reason_code") == _TWICE).select("file_id", twice_code="reason_code").unique()
    differing = (
        "What could be read stands there more than once, with different values: "
        "reports of several years or agencies may be in one file, which nothing parts."
    )
    unread = "No cell of a known statistic table could be read; the findings of the file say what was found."
    unseen = "Nothing in the document was recognised as a statistic table of a known form."
    is_told = pl.col("file_id").is_in(told.get_column("file_id").implode())
    bare = documents.join(coded, on="file_id", how="anti").join(refused, on="file_id", how="left")
    bare = bare.join(twice, on="file_id", how="left")
    why = pl.when(pl.col("twice_code").is_not_null()).then(pl.lit(differing))
    return bare.select(
        "file_id",
        reason_code=pl.coalesce("refused_code", "twice_code", pl.lit("no_statistic_table")),
        reason=pl.coalesce("refused", why.when(is_told).then(pl.lit(unread)).otherwise(pl.lit(unseen))),
    )
