"""The one state in which every raw file ends, and the reports and agencies that follow from it."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import polars as pl

from pipelines.errors import WarehouseError
from pipelines.load.agencies import agency_rows, alias_rows
from pipelines.load.regions import place_reports
from pipelines.load.versions import Candidate, Verdict, settle_versions
from pipelines.normalize.identity.agency_table import UnitName
from schemas.table import load_reasons, table
from schemas.version import version_rank
from schemas.vocabulary import FIRST_YEAR, FileStatus, Stage

# Gives those of some pairs of files of which the second prints every figure of the first.
FullerReader = Callable[[list[tuple[int, int]]], set[tuple[int, int]]]

_STATE_SCHEMA = {
    "file_id": pl.Int64(), "status": pl.String(), "stage": pl.String(), "reason_code": pl.String(),
    "reason": pl.String(), "kept_file_id": pl.Int64(), "is_conflicting": pl.Boolean(),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StagedFiles:
    """The staged frames with a row a file.

    Attributes:
        rejections: Of all stages, so a file may stand in it more than once.
        captures: Where the fetched ones came from.
        ended: Last year of the agencies that a reviewer says have ended.
        names: What agencies' names say, as far as it is known.
    """

    files: pl.DataFrame
    rejections: pl.DataFrame
    documents: pl.DataFrame
    reports: pl.DataFrame
    captures: pl.DataFrame
    ended: Mapping[int, int] = field(default_factory=dict)
    names: Mapping[str, UnitName] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SettledFiles:
    """Warehouse tables with a row a file or an agency.

    Attributes:
        version_finding: With the columns of the frame `findings`.
        seen_report: (file_id, agency_id, agency_name, year) of every file whose agency and year were read, the
            rejected ones included.
        partitions: (file_id, partition) of every file.
    """

    source_file: pl.DataFrame
    dim_report: pl.DataFrame
    dim_agency: pl.DataFrame
    dim_agency_alias: pl.DataFrame
    version_finding: pl.DataFrame
    seen_report: pl.DataFrame
    partitions: pl.DataFrame


def settle_files(staged: StagedFiles, list_fuller: FullerReader) -> SettledFiles:
    """Return the state of every file and what follows from it.

    In this order: what a stage set aside is rejected; of files with the same bytes the one in the folder of its
    report's year stays, then the shortest path, then the first by path; of reports for the same agency and year one is
    current (`pipelines.load.versions`).

    Raises:
        WarehouseError: A file has neither a report nor a rejection: a stage has not run over it.
    """
    rejected = _rejected(staged)
    open_reports = _open_reports(staged, rejected)
    copies = _same_bytes(open_reports)
    versions = open_reports.join(copies, on="file_id", how="anti")
    settled = _settle_groups(versions, list_fuller)
    states = pl.concat([frame.select(_STATE_SCHEMA.keys()) for frame in (rejected, copies, settled)])
    reports = _dim_report(versions, settled)
    loaded = versions.join(reports, on="file_id", how="semi")
    signed = open_reports.join(states.filter(pl.col("reason_code").ne_missing("same_bytes")), on="file_id", how="semi")
    with ThreadPoolExecutor(1) as aside:  # the one walks over rows in Python, the others are Polars'
        agencies = aside.submit(agency_rows, loaded, staged.ended, staged.names)
        return SettledFiles(
            source_file=_source_file(staged, states),
            dim_report=reports,
            dim_agency_alias=alias_rows(signed),
            version_finding=_conflict_findings(settled, versions),
            seen_report=_seen_report(staged.reports),
            partitions=staged.files.select("file_id", "partition"),
            dim_agency=agencies.result(),
        )


def _rejected(staged: StagedFiles) -> pl.DataFrame:
    """Return the files that a stage set aside, each with the first stage that did, and those of nobody."""
    order = {stage.value: number for number, stage in enumerate(Stage)}
    at_ingest = staged.files.filter(pl.col("reason_code").is_not_null()).select(
        "file_id", pl.lit(Stage.INGEST.value).alias("stage"), "reason_code", "reason"
    )
    nobodys = staged.reports.select(
        "file_id",
        pl.lit(Stage.LOAD.value).alias("stage"),
        pl.when(pl.col("agency_id").is_null() | pl.coalesce("agency_name", "signed_name").is_null())
        .then(pl.lit("no_agency"))
        .when(pl.col("year").is_null())
        .then(pl.lit("no_year"))
        .when(pl.col("year") < FIRST_YEAR)
        .then(pl.lit("year_out_of_range"))
        .alias("reason_code"),
    ).filter(pl.col("reason_code").is_not_null())
    english = {code: reason["en"] for code, reason in load_reasons().items()}
    reason = pl.col("reason_code").replace_strict(english, return_dtype=pl.String).alias("reason")
    nobodys = nobodys.with_columns(reason)
    return (
        pl.concat([at_ingest, staged.rejections.select(at_ingest.columns), nobodys])
        .sort(
            pl.col("stage").replace_strict(order, return_dtype=pl.Int32), "reason_code", "reason", maintain_order=True
        )
        .unique("file_id", keep="first", maintain_order=True)
        .with_columns(status=pl.lit(FileStatus.REJECTED.value), kept_file_id=None, is_conflicting=False)
        .cast({"kept_file_id": pl.Int64})
    )


def _open_reports(staged: StagedFiles, rejected: pl.DataFrame) -> pl.DataFrame:
    remaining = staged.files.join(rejected, on="file_id", how="anti").select("file_id", "path", "folder_year", "sha256")
    lost = remaining.join(staged.reports, on="file_id", how="anti").sort("path")
    if lost.height:
        raise WarehouseError(
            f"{lost.height} files have neither a report nor a rejection, the first is {lost['path'][0]}; "
            "a stage has not run over them: build again"
        )
    return (
        remaining.join(staged.reports, on="file_id")
        .join(
            staged.captures.select("file_id", "page_url", "current_since", captured_url="url"), on="file_id", how="left"
        )
        .with_columns(
            pl.coalesce("agency_name", "signed_name").alias("agency_name"),
        )
        .sort("path")
    )


def _same_bytes(reports: pl.DataFrame) -> pl.DataFrame:
    is_elsewhere = (pl.col("folder_year") != pl.col("year")).fill_null(value=True)
    reports = reports.filter(pl.col("sha256").is_duplicated())  # few are
    first = reports.sort(is_elsewhere, pl.col("path").str.len_chars(), "path").unique("sha256", keep="first")
    kept = first.select("sha256", pl.col("file_id").alias("kept_file_id"), pl.col("path").alias("kept_path"))
    return (
        reports.join(kept, on="sha256")
        .filter(pl.col("file_id") != pl.col("kept_file_id"))
        .select(
            "file_id",
            "kept_file_id",
            pl.lit(FileStatus.DUPLICATE.value).alias("status"),
            pl.lit(Stage.LOAD.value).alias("stage"),
            pl.lit("same_bytes").alias("reason_code"),
            pl.format("holds the same bytes as {}", "kept_path").alias("reason"),
            pl.lit(value=False).alias("is_conflicting"),
        )
    )


def _settle_groups(versions: pl.DataFrame, list_fuller: FullerReader) -> pl.DataFrame:
    """Return the verdicts; only files of one page are worth a look at their figures."""
    is_alone = versions.select(pl.len().over("agency_id", "year") == 1).to_series()
    alone = versions.filter(is_alone).select(
        "file_id",
        status=pl.lit(FileStatus.LOADED.value),
        stage=pl.lit(None, pl.String),
        reason_code=pl.lit(None, pl.String),
        reason=pl.lit(None, pl.String),
        kept_file_id=pl.lit(None, pl.Int64),
        is_conflicting=pl.lit(value=False),
    )
    contested = versions.filter(~is_alone)
    pairs = _pairs_of_one_page(contested)
    parts = list_fuller(pairs) if pairs else set()
    verdicts: list[Verdict] = []
    for _, members in contested.group_by("agency_id", "year", maintain_order=True):
        verdicts += settle_versions(_candidates(members), parts)
    rows = [
        (v.file_id, v.status.value, Stage.LOAD.value if v.reason_code else None, v.reason_code, v.reason,
         v.kept_file_id, v.is_conflicting)
        for v in verdicts
    ]  # fmt: skip
    return pl.concat([alone, pl.DataFrame(rows, schema=_STATE_SCHEMA, orient="row")])


def _pairs_of_one_page(contested: pl.DataFrame) -> list[tuple[int, int]]:
    """Return every pair of files, both ways, that a site shows as one report: the page and what it links."""
    group = contested.drop_nulls("page_url").select("file_id", "page_url", "agency_id", "year")
    pairs = group.join(group, on=["page_url", "agency_id", "year"], suffix="_other")
    return pairs.filter(pl.col("file_id") != pl.col("file_id_other")).select("file_id", "file_id_other").rows()


def _candidates(members: pl.DataFrame) -> Iterable[Candidate]:
    for row in members.iter_rows(named=True):
        yield Candidate(
            file_id=row["file_id"],
            path=row["path"],
            sha256=row["sha256"],
            published_date=row["published_date"],
            version_rank=version_rank(row["path"], row["title"]),
            figures_digest=row["figures_digest"],
            reported_count=row["reported_count"],
            captured=row["current_since"] and (row["captured_url"], row["current_since"]),
        )


def _source_file(staged: StagedFiles, states: pl.DataFrame) -> pl.DataFrame:
    report = staged.reports.select("file_id", stated_url="url", report_year="year")
    captures = staged.captures.drop("page_url", "current_since").rename({"source": "source_name"})
    frame = (
        staged.files.drop("reason_code", "reason")
        .join(states.drop("is_conflicting"), on="file_id", how="left")
        .join(staged.documents.select("file_id", "format", "encoding"), on="file_id", how="left")
        .join(report, on="file_id", how="left")
        .join(captures, on="file_id", how="left")
        .with_columns(
            pl.coalesce("report_year", "folder_year").alias("report_year"),
            pl.coalesce("url", "stated_url").alias("url"),
        )
    )
    return table("source_file").conform(frame.drop("partition", "modified_ns", "stated_url"))


def _dim_report(versions: pl.DataFrame, settled: pl.DataFrame) -> pl.DataFrame:
    kept = settled.filter(pl.col("status").is_in([FileStatus.LOADED.value, FileStatus.SUPERSEDED.value]))
    frame = versions.join(kept.select("file_id", "status"), on="file_id")
    frame = frame.with_columns((pl.col("status") == FileStatus.LOADED.value).alias("is_current"))
    return table("dim_report").conform(place_reports(frame).select(*table("dim_report").polars_schema))


def _seen_report(reports: pl.DataFrame) -> pl.DataFrame:
    name = pl.coalesce("agency_name", "signed_name").alias("agency_name")
    return reports.select("file_id", "agency_id", name, "year").drop_nulls()


def _conflict_findings(settled: pl.DataFrame, versions: pl.DataFrame) -> pl.DataFrame:
    """Return a finding for every version that another contradicts without a known order, the current one included."""
    code = "conflicting_versions"
    groups = versions.join(settled.filter("is_conflicting"), on="file_id")
    groups = groups.select("file_id", "agency_id", "year", "path")
    others = groups.join(groups, on=["agency_id", "year"], suffix="_other")
    others = others.filter(pl.col("path") != pl.col("path_other"))
    frame = (
        others.sort("path", "path_other")
        .group_by("file_id", maintain_order=True)
        .agg(pl.col("path_other").str.join(", "))
        .select(
            "file_id",
            stage=pl.lit(Stage.LOAD.value),
            reason_code=pl.lit(code),
            severity=pl.lit(load_reasons()[code]["severity"]),
            message=pl.format(
                "disagrees with {} about the same agency and year and nothing tells which is later; "
                "remove the wrong one or mark the later one in its file name",
                "path_other",
            ),
        )
    )
    return table("findings").conform(frame)
