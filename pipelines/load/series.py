"""The rules across years over the versions that are current: what runs between the last check and the publish."""

from pathlib import Path

import polars as pl

from pipelines.check import CURRENT_COLUMNS, SeriesRun, fingerprint_outcomes, run_series
from pipelines.load.agencies import note_known_names, read_known_names
from pipelines.load.file_states import SettledFiles, StagedFiles, settle_files
from pipelines.load.fuller import list_fuller
from pipelines.load.portions import open_staging
from pipelines.load.staged_views import STAGES, collect_frame, require_fresh
from pipelines.normalize.identity.agency_review import (
    REVIEWS_FILE,
    ended_agencies,
    parse_reviews,
    require_reviews_apply,
)
from pipelines.settings import Workspace
from pipelines.staging import build_lock
from pipelines.staging.fingerprint import hash_parts
from pipelines.staging.store import read_review
from schemas.vocabulary import Stage

# What `check_series` settled, by where it is staged, with what that was made from: for the publish that follows it in
# the same process, which would read the same frames and find the same a second later.
_settled: dict[Path, tuple[str, SettledFiles]] = {}


def check_series(workspace: Workspace) -> SeriesRun:
    """Bring the outcomes of the rules across years up to date; a publish does the same where nobody has.

    Raises:
        WarehouseError: A stage is not up to date for a partition, or another build is running.
    """
    with build_lock(workspace):
        require_fresh(workspace)
        settled = settle_staged(workspace)
        run = run_series(workspace, current_reports(settled))
        _settled.clear()  # there is one publish at a time
        _settled[workspace.staging] = _fingerprint(workspace), settled
        return run


def settle_series(workspace: Workspace) -> SettledFiles:
    """Return the state of every file, with the outcomes of the rules across years up to date.

    Raises:
        UsageError: A reviewer's decision on an agency matches no report.
        WarehouseError: A stage has not run over a file.
    """
    basis, settled = _settled.pop(workspace.staging, (None, None))
    if settled is None or basis != _fingerprint(workspace):
        settled = settle_staged(workspace)
        run_series(workspace, current_reports(settled))
    return settled


def _fingerprint(workspace: Workspace) -> str:
    """Return a hash of what the files' states are made from, and of what the rules across years found."""
    staged = (f"{batch} {said}" for batch, said in sorted(open_staging(workspace).hashes.items()))
    reviews = workspace.reviews / REVIEWS_FILE
    return hash_parts(str(reviews), read_review(reviews), fingerprint_outcomes(workspace), *staged)


def settle_staged(workspace: Workspace) -> SettledFiles:
    """Return the state of every staged file and what follows from it.

    Raises:
        UsageError: A reviewer's decision on an agency matches no report.
        WarehouseError: A stage has not run over a file.
    """
    decisions = parse_reviews(read_review(workspace.reviews / REVIEWS_FILE))
    staged = StagedFiles(
        files=collect_frame(workspace, (Stage.INGEST,), "files"),
        rejections=collect_frame(workspace, (Stage.INGEST, *STAGES), "rejections"),
        documents=collect_frame(workspace, (Stage.READ,), "documents"),
        reports=collect_frame(workspace, (Stage.NORMALIZE,), "reports"),
        captures=collect_frame(workspace, (Stage.INGEST,), "captures"),
        ended=ended_agencies(decisions),
        names=read_known_names(workspace),
    )
    require_reviews_apply(decisions, staged.reports)
    settled = settle_files(staged, lambda pairs: list_fuller(workspace, pairs))
    note_known_names(workspace, settled.dim_agency, staged.names)
    return settled


def current_reports(settled: SettledFiles) -> pl.DataFrame:
    """Return the current reports with the number of versions, themselves included, that contradict one another.

    Columns: file_id, agency_id, year, form_code, versions.
    """
    group = ["agency_id", "year"]
    conflicting = settled.dim_report.join(settled.version_finding, on="file_id", how="semi")
    return (
        settled.dim_report.filter("is_current")
        .join(conflicting.group_by(group).agg(versions=pl.len()), on=group, how="left")
        .with_columns(pl.col("versions").fill_null(1).cast(pl.Int64))
        .select(CURRENT_COLUMNS)
    )
