"""The stage: the documents of a batch to figures, with who reports for which year."""

import polars as pl

from pipelines.normalize.captions import leave_out_other_periods
from pipelines.normalize.copies import files_with_repeats, leave_out_copies, set_duplicates_aside
from pipelines.normalize.figures import build_figures, digest_prints
from pipelines.normalize.findings import (
    find_corrections,
    find_early_years,
    find_illegible,
    find_missing_tables,
    find_mixed_forms,
    find_notes,
)
from pipelines.normalize.identity.agency_review import REVIEWS_FILE, Reviews, parse_reviews
from pipelines.normalize.identity.reports import identify_reports
from pipelines.normalize.identity.several import several_reports
from pipelines.normalize.indicators.context import find_run_together, settle_context
from pipelines.normalize.layouts import read_layouts
from pipelines.normalize.rejections import reject_files
from pipelines.normalize.sections import split_sections
from pipelines.staging import WAREHOUSE_ONLY, Batch, StageSpec
from schemas.ids import stable_id
from schemas.table import table
from schemas.vocabulary import Stage


def normalize_batch(
    files: pl.DataFrame,
    documents: pl.DataFrame,
    blocks: pl.DataFrame,
    cells: pl.DataFrame,
    reviews: Reviews | None = None,
    *,
    captures: pl.DataFrame | None = None,
) -> dict[str, pl.DataFrame]:
    """Return the frames figures, reports, resolutions, sections, findings and rejections of a batch of documents.

    Args:
        files: Frame `files`, for the year of the folder.
        documents: Frame `documents`: the files that were read.
        blocks: Frame `blocks`.
        cells: Frame `cells`.
        reviews: Decisions on who an agency is; those of the project where None.
        captures: Frame `captures`: where those files were fetched that were.
    """
    read_files = files.join(documents.select("file_id"), on="file_id", how="semi")
    reports, identity_findings, resolutions = identify_reports(read_files, blocks, reviews, captures)
    years = reports.select("file_id", "year")
    reading, around = settle_context(read_layouts(cells), blocks, years)
    printed = build_figures(cells, reading, years, blocks)
    of_year, elsewhen = leave_out_other_periods(printed, cells, blocks, years)
    twice = files_with_repeats(of_year)
    originals, copies = leave_out_copies(of_year, cells, blocks, twice)
    figures, repeated = set_duplicates_aside(originals, twice)
    table_findings = pl.concat(
        [
            find_notes(reading.notes, cells),
            around,
            elsewhen,
            copies,
            find_run_together(blocks, reading.tables),
            several_reports(blocks, originals, repeated, reports),
            repeated,
            find_illegible(figures),
            find_corrections(blocks, cells),
            find_missing_tables(reading),
            find_mixed_forms(figures),
        ]
    )
    early = find_early_years(figures, reports, identity_findings)
    findings = pl.concat([identity_findings, table_findings, early])
    told = table_findings.select("file_id").unique()
    return {
        "figures": table("figures").conform(figures),
        "reports": table("reports").conform(_with_prints(_with_form(_with_id(reports, files), figures), figures)),
        "resolutions": resolutions,
        "sections": split_sections(blocks),
        "findings": findings,
        "rejections": table("rejections").conform(
            reject_files(documents, figures, findings, told, reports=reports, cells=cells)
        ),
    }


def _with_id(reports: pl.DataFrame, files: pl.DataFrame) -> pl.DataFrame:
    """Return the reports with their identifiers: made here, once a file, and not by every publish for all files."""
    sources = files.join(reports, on="file_id", how="semi").select("file_id", "path", "sha256")
    rows = [(file_id, stable_id("report", path, sha256)) for file_id, path, sha256 in sources.iter_rows()]
    ids = pl.DataFrame(rows, schema={"file_id": pl.Int64, "report_id": pl.Int64}, orient="row")
    return reports.drop("report_id", strict=False).join(ids, on="file_id", how="left", maintain_order="left")


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


def _compute(batch: Batch) -> dict[str, pl.DataFrame]:
    frames = batch.inputs
    reviews = parse_reviews(batch.reviews[REVIEWS_FILE])
    documents = (frames["files"], frames["documents"], frames["blocks"], frames["cells"])
    return normalize_batch(*documents, reviews, captures=frames["captures"])


STAGE = StageSpec(
    name=Stage.NORMALIZE,
    inputs=(
        (Stage.INGEST, "files"),
        (Stage.INGEST, "captures"),
        (Stage.READ, "documents"),
        (Stage.READ, "blocks"),
        (Stage.READ, "cells"),
    ),
    outputs=("figures", "reports", "resolutions", "sections", "findings", "rejections"),
    packages=("pipelines.normalize", "schemas"),
    compute=_compute,
    portion=512,
    reviews=(REVIEWS_FILE,),
    # Rules are held against figures that are there: a new one re-checks and does not re-normalize.
    apart=("schemas.check", "schemas.rule", "schemas.rules", "schemas.identity", "schemas.validation", *WAREHOUSE_ONLY),
)
