"""The rules across years, staged: answered after all years have been checked, for some agencies at a time.

    staging/series/all/<bucket>/<frame>.parquet

Two figures are compared only within an agency, so the agencies fall into buckets, and memory holds one bucket's digests
however many reports there are. Copies between agencies are found before, from one fingerprint a table. Results are kept
for as long as the digests, the current versions and the code are the same.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.check.across import check_across, count_twins, pair_years
from pipelines.check.batch import STAGE
from pipelines.check.carried import find_broken_pairs, suspect_carried
from pipelines.settings import Workspace
from pipelines.staging import build_lock, list_partitions, read_frame, store
from pipelines.staging.fingerprint import fingerprint_stage, hash_parts
from schemas.table import table
from schemas.vocabulary import Stage

SERIES_FRAMES = ("quality", "suspicions", "findings")
CURRENT_COLUMNS = ("file_id", "agency_id", "year", "form_code", "versions")

_FOLDER = ("series", "all")
_REPORTS = 8192  # of one bucket, about: their digests take some 200 MB
_INPUTS = ((Stage.CHECK, "digest_cells"), (Stage.CHECK, "digest_tables"), (Stage.NORMALIZE, "figures"))


@dataclass(frozen=True, slots=True)
class SeriesRun:
    """What `run_series` did.

    Attributes:
        made: Buckets computed.
        kept: Buckets whose inputs and code had not changed.
        rows: Rows by frame, over all buckets.
    """

    made: int
    kept: int
    rows: dict[str, int]


def run_series(workspace: Workspace, current: pl.DataFrame) -> SeriesRun:
    """Bring the outcomes of the rules across years up to date with what is staged.

    Args:
        workspace: Where staging stands; every partition must have been checked.
        current: The current version of each agency and year and no other (`CURRENT_COLUMNS`): a duplicate would be a
            copy of itself, and a superseded version's figures are no longer what the agency says.

    Raises:
        WarehouseError: Another build is running.
    """
    with build_lock(workspace):
        folder = _series_folder(workspace)
        chosen = current.select(CURRENT_COLUMNS).sort("file_id")
        code = fingerprint_stage(STAGE, workspace.limits)
        fingerprint = hash_parts(code, *_input_digests(workspace), chosen.write_csv())
        buckets = _assign_agencies(chosen)
        listed = store.read_manifest(folder)
        manifest = store.list_whole_batches(folder, listed)
        stale = [bucket for bucket in buckets if bucket not in manifest or manifest[bucket].fingerprint != fingerprint]
        twins = _read_twins(workspace, chosen if stale else chosen.clear())
        for bucket in stale:
            frames = _compute(workspace, buckets[bucket], twins)
            batch = store.StagedBatch(fingerprint, code, {}, {})
            manifest = store.write_batch(folder, manifest, bucket, batch, frames)
        _remove_others(folder, listed, manifest, set(buckets))
        rows = {frame: sum(manifest[bucket].frames[frame].rows for bucket in buckets) for frame in SERIES_FRAMES}
        return SeriesRun(len(stale), len(buckets) - len(stale), rows)


def read_series(workspace: Workspace, frame: str) -> pl.LazyFrame:
    """Return the staged rows of `quality`, `suspicions` or `findings` of the rules across years; none where not run."""
    return store.scan_batches(list_series_files(workspace, frame), frame)


def list_series_files(workspace: Workspace, frame: str) -> list[Path]:
    """Return the files that hold a frame's rows of the rules across years; none for a frame that they do not make."""
    folder = _series_folder(workspace)
    manifest = store.read_manifest(folder)
    return [folder / bucket / f"{frame}.parquet" for bucket in sorted(manifest) if frame in manifest[bucket].frames]


def _series_folder(workspace: Workspace) -> Path:
    return workspace.staging.joinpath(*_FOLDER)


def _input_digests(workspace: Workspace) -> list[str]:
    """Return what the staged digests and figures say of their content, by partition and bucket."""
    digests = []
    for partition in list_partitions(workspace):
        for stage, frame in _INPUTS:
            manifest = store.read_manifest(store.partition_folder(workspace, stage, partition))
            digests += [
                f"{stage}/{frame}/{partition}/{bucket} {batch.frames[frame].digest}"
                for bucket, batch in sorted(manifest.items())
                if frame in batch.frames
            ]
    return digests


def _assign_agencies(current: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the reports by bucket, all years of an agency in the same one."""
    count = 1
    while current.height > count * _REPORTS:
        count *= 2
    return {
        f"{number:04d}-of-{count:04d}": current.filter(pl.col("agency_id") % count == number) for number in range(count)
    }


def _read_twins(workspace: Workspace, current: pl.DataFrame) -> pl.DataFrame:
    """Return the fingerprints of all current tables with the number of agencies that print the same."""
    tables = _read_of(workspace, Stage.CHECK, "digest_tables", current)
    return count_twins(tables, current)


def _compute(workspace: Workspace, reports: pl.DataFrame, twins: pl.DataFrame) -> dict[str, pl.DataFrame]:
    digests = {
        "digest_cells": _read_of(workspace, Stage.CHECK, "digest_cells", reports),
        "digest_tables": twins.join(reports, on="file_id", how="semi"),
    }
    found = check_across(digests, reports)
    years = dict(reports.select("file_id", "year").iter_rows())
    broken = find_broken_pairs(found["quality"], pair_years(reports), years)
    involved = pl.DataFrame({"file_id": sorted({file for pair in broken for file in pair.files})},
                            schema={"file_id": pl.Int64})  # fmt: skip
    figures = _read_of(workspace, Stage.NORMALIZE, "figures", involved) if broken else table("figures").empty_frame()
    return {**found, "suspicions": suspect_carried(broken, figures)}


def _read_of(workspace: Workspace, stage: Stage, frame: str, reports: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a staged frame that belong to some reports, in an order that depends on nothing else."""
    wanted = reports.lazy().select("file_id")
    rows = read_frame(workspace, stage, frame).join(wanted, on="file_id", how="semi").collect(engine="streaming")
    return rows.sort(table(frame).key or ("file_id",))


def _remove_others(folder: Path, listed: store.Manifest, manifest: store.Manifest, buckets: set[str]) -> None:
    """Strike the buckets that are no more from the manifest, then delete them."""
    kept = {bucket: batch for bucket, batch in manifest.items() if bucket in buckets}
    if kept.keys() != listed.keys():
        store.write_manifest(folder, kept)
    store.remove_leftovers(folder, kept)
