"""Cells → figures: which form, which row, which column, which value; and who reports for which year."""

import polars as pl

from pipelines.normalize.captions import leave_out_other_periods
from pipelines.normalize.copies import files_with_repeats, leave_out_copies
from pipelines.normalize.figures import (
    build_figures,
    digest_prints,
    illegible_findings,
    note_findings,
    set_duplicates_aside,
)
from pipelines.normalize.identity.agency_review import REVIEWS_FILE, Reviews, parse_reviews
from pipelines.normalize.identity.reports import identify_reports
from pipelines.normalize.identity.several import several_reports
from pipelines.normalize.indicators.context import find_run_together, settle_context
from pipelines.normalize.layouts import BatchReading, read_layouts
from pipelines.normalize.sections import split_sections
from pipelines.staging import WAREHOUSE_ONLY, Batch, StageSpec
from schemas.form import load_forms
from schemas.table import table
from schemas.vocabulary import Stage

# Findings about who and when that leave a report without a key: the file is set aside for the first of them.
_KEYLESS = (
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


def normalize_batch(
    files: pl.DataFrame,
    documents: pl.DataFrame,
    blocks: pl.DataFrame,
    cells: pl.DataFrame,
    reviews: Reviews | None = None,
) -> dict[str, pl.DataFrame]:
    """Return the frames figures, reports, resolutions, sections, findings and rejections of a batch of documents.

    Args:
        files: Frame `files`, for the year of the folder.
        documents: Frame `documents`: the files that were read.
        blocks: Frame `blocks`.
        cells: Frame `cells`.
        reviews: Decisions on who an agency is; those of the project where None.
    """
    reading = read_layouts(cells)
    read_files = files.join(documents.select("file_id"), on="file_id", how="semi")
    reports, findings, resolutions = identify_reports(read_files, blocks, reviews)
    years = reports.select("file_id", "year")
    reading, around = settle_context(reading, blocks, years)
    built = build_figures(cells, reading, years, blocks)
    built, elsewhen = leave_out_other_periods(built, cells, blocks, years)
    twice = files_with_repeats(built)
    built, copies = leave_out_copies(built, cells, blocks, twice)
    figures, repeated = set_duplicates_aside(built, twice)
    run_together = find_run_together(blocks, reading.tables)
    identity_findings, *table_findings = [
        table("findings").conform(frame)
        for frame in (
            findings,
            note_findings(reading.notes, cells),
            around,
            elsewhen,
            copies,
            run_together,
            several_reports(blocks, built, repeated),
            repeated,
            illegible_findings(figures),
            _missing_tables(reading),
            _mixed_forms(figures),
        )
    ]
    all_findings = pl.concat([identity_findings, *table_findings])
    told = pl.concat(table_findings).select("file_id").unique()
    return {
        "figures": table("figures").conform(figures),
        "reports": table("reports").conform(_with_prints(_with_form(reports, figures), figures)),
        "resolutions": resolutions,
        "sections": split_sections(blocks),
        "findings": all_findings,
        "rejections": table("rejections").conform(_reject(documents, figures, all_findings, told)),
    }


def _compute(batch: Batch) -> dict[str, pl.DataFrame]:
    frames = batch.inputs
    reviews = parse_reviews(batch.reviews[REVIEWS_FILE])
    return normalize_batch(frames["files"], frames["documents"], frames["blocks"], frames["cells"], reviews)


STAGE = StageSpec(
    name=Stage.NORMALIZE,
    inputs=((Stage.INGEST, "files"), (Stage.READ, "documents"), (Stage.READ, "blocks"), (Stage.READ, "cells")),
    outputs=("figures", "reports", "resolutions", "sections", "findings", "rejections"),
    packages=("pipelines.normalize", "schemas"),
    compute=_compute,
    portion=512,
    reviews=(REVIEWS_FILE,),
    # Rules are held against figures that are there: a new one re-checks and does not re-normalize.
    apart=("schemas.rule", "schemas.rules", "schemas.identity", "schemas.validation", *WAREHOUSE_ONLY),
)


def _with_form(reports: pl.DataFrame, figures: pl.DataFrame) -> pl.DataFrame:
    """Return the reports with the edition that most of their figures fit; of two alike the newer."""
    forms = (
        figures.drop_nulls("form_code")
        .group_by("file_id", "form_code", "provincial_form")
        .len()
        .sort("len", "form_code", "provincial_form", descending=True)
        .unique("file_id", keep="first", maintain_order=True)
        .select("file_id", "form_code", "provincial_form")
    )
    return reports.drop("form_code", "provincial_form", strict=False).join(forms, on="file_id", how="left")


def _with_prints(reports: pl.DataFrame, figures: pl.DataFrame) -> pl.DataFrame:
    """Return the reports with how many numbers they print and a hash of these."""
    prints = digest_prints(figures)
    counted = reports.drop("reported_count", "figures_digest", strict=False).join(prints, on="file_id", how="left")
    return counted.with_columns(pl.col("reported_count").fill_null(0))


def _missing_tables(reading: BatchReading) -> pl.DataFrame:
    """Return a finding for each table of the form that a report with at least one lacks."""
    codes = pl.DataFrame({"table_code": sorted({item.code for form in load_forms().values() for item in form.tables})})
    found = reading.tables.select("file_id", "table_code").unique().join(codes, on="table_code", how="semi")
    wanted = found.select("file_id").unique().join(codes, how="cross")
    return wanted.join(found, on=["file_id", "table_code"], how="anti").select(
        "file_id",
        pl.lit(Stage.NORMALIZE.value).alias("stage"),
        pl.lit("missing_table").alias("reason_code"),
        pl.lit("warn").alias("severity"),
        pl.format("Table {} was not found in the report.", "table_code").alias("message"),
    )


def _mixed_forms(figures: pl.DataFrame) -> pl.DataFrame:
    forms = figures.drop_nulls("form_code").group_by("file_id").agg(pl.col("form_code").unique().sort())
    return forms.filter(pl.col("form_code").list.len() > 1).select(
        "file_id",
        pl.lit(Stage.NORMALIZE.value).alias("stage"),
        pl.lit("mixed_forms").alias("reason_code"),
        pl.lit("info").alias("severity"),
        pl.format("The tables fit different editions: {}.", pl.col("form_code").list.join(", ")).alias("message"),
    )


def _reject(documents: pl.DataFrame, figures: pl.DataFrame, findings: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Return the files that cannot be loaded: no statistic figure, or no key; the first reason counts.

    Args:
        documents: Frame `documents`.
        figures: Frame `figures`.
        findings: What was found; doubts about agency and year, and why a table was refused, are reasons.
        told: file_id of the files of whose tables a finding speaks.
    """
    # An indicator of a 统计表 before 2019 is one even where no form known has it.
    is_known = pl.col("row_code").is_not_null() | pl.col("indicator_number").is_not_null()
    coded = figures.filter(is_known & pl.col("column_code").is_not_null()).select("file_id").unique()
    bare = documents.join(coded, on="file_id", how="anti").select("file_id")
    refused = (
        findings.filter(pl.col("reason_code").is_in(_REFUSED_TABLES))
        .unique("file_id", keep="first", maintain_order=True)
        .select("file_id", refused_code="reason_code", refused="message")
    )
    is_told = pl.col("file_id").is_in(told.get_column("file_id").implode())
    bare = bare.join(refused, on="file_id", how="left").select(
        "file_id",
        reason_code=pl.coalesce("refused_code", pl.lit("no_statistic_table")),
        reason=pl.coalesce(
            "refused",
            pl.when(is_told)
            .then(
                pl.lit("No cell of a known statistic table could be read; the findings of the file say what was found.")
            )
            .otherwise(pl.lit("Nothing in the document was recognised as a statistic table of a known form.")),
        ),
    )
    keyless = (
        findings.filter(pl.col("reason_code").is_in(_KEYLESS))
        .select("file_id", "reason_code", reason=pl.col("message"))
        .sort(pl.col("reason_code").cast(pl.Enum(_KEYLESS)), maintain_order=True)
    )
    other = keyless.filter(pl.col("reason_code").is_in(_NO_REPORT))
    rejected = pl.concat([other, bare, keyless]).unique("file_id", keep="first", maintain_order=True)
    return rejected.select("file_id", pl.lit(Stage.NORMALIZE.value).alias("stage"), "reason_code", "reason")
