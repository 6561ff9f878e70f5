"""The rules across years, staged: answered after all years have been checked, for some agencies at a time.

    staging/series/all/<bucket>/<frame>.parquet

Two figures are compared only within an agency, so the agencies fall into buckets, and memory holds one bucket's digests
however many reports there are. Copies between agencies are found before, from one fingerprint a table. An agency's
results are kept for as long as its digests, its current versions, who prints the same tables, and the code are the
same.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.check.across import check_across, find_twins, pair_years
from pipelines.check.carried import find_broken_pairs, suspect_carried
from pipelines.check.stage import STAGE
from pipelines.settings import Workspace
from pipelines.staging import build_lock, gather_frame, store
from pipelines.staging.fingerprint import fingerprint_stage, hash_parts
from pipelines.staging.isolate import find_broken_files, without_files
from pipelines.staging.sources import SOURCES
from schemas.table import load_reasons, table
from schemas.vocabulary import Stage

SERIES_FRAMES = ("quality", "suspicions", "findings")
CURRENT_COLUMNS = ("file_id", "agency_id", "year", "form_code", "versions")

_FOLDER = ("series", "all")
_OUTCOMES = "_outcomes"  # (file_id, digest): a hash of a report's rows in all frames, beside a bucket's own frames
_REPORTS = 8192  # of one bucket, about: their digests take some 200 MB
_SOURCES = pl.Schema({"file_id": pl.Int64(), "digest": pl.String(), "partition": pl.String(), "bucket": pl.String()})


@dataclass(frozen=True, slots=True)
class SeriesRun:
    """What `run_series` did.

    Attributes:
        made: Buckets of which agencies were computed.
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
        code = fingerprint_stage(STAGE, workspace.limits)
        chosen = current.select(CURRENT_COLUMNS).sort("file_id")
        staged = _read_sources(workspace)
        tables = gather_frame(workspace, Stage.CHECK, "digest_tables", table("digest_tables").empty_frame())
        twins = find_twins(tables.drop("partition", "bucket"), chosen)
        scene = _Scene(workspace, staged, twins, _digest_agencies(chosen, staged, twins))
        buckets = _assign_agencies(chosen)
        listed = store.read_manifest(folder)
        manifest = store.list_whole_batches(folder, listed)
        made = 0
        for bucket, reports in buckets.items():
            sources = scene.digests.join(reports, on="file_id", how="semi", maintain_order="left")
            fingerprint = hash_parts(code, sources.write_csv())
            if bucket in manifest and manifest[bucket].fingerprint == fingerprint:
                continue
            kept = _keep(folder, bucket, sources) if bucket in manifest and manifest[bucket].code == code else {}
            frames = _bring_up_to_date(scene, reports, kept)
            batch = store.StagedBatch(fingerprint, code, {}, {})
            told = {**frames, SOURCES: sources, _OUTCOMES: _digest_outcomes(frames)}
            manifest = store.write_batch(folder, manifest, bucket, batch, told)
            made += 1
        _remove_others(folder, listed, manifest, set(buckets))
        rows = {frame: sum(manifest[bucket].frames[frame].rows for bucket in buckets) for frame in SERIES_FRAMES}
        return SeriesRun(made, len(buckets) - made, rows)


def read_series(workspace: Workspace, frame: str) -> pl.LazyFrame:
    """Return the staged rows of `quality`, `suspicions` or `findings` of the rules across years; none where not run."""
    return store.scan_batches(list_series_files(workspace, frame), frame)


def list_series_files(workspace: Workspace, frame: str) -> list[Path]:
    """Return the files that hold a frame's rows of the rules across years; none for a frame that they do not make."""
    folder = _series_folder(workspace)
    manifest = store.read_manifest(folder)
    return [folder / bucket / f"{frame}.parquet" for bucket in sorted(manifest) if frame in manifest[bucket].frames]


def fingerprint_outcomes(workspace: Workspace) -> str:
    """Return a hash of what is staged of these rules: another one where a bucket was made again or is lost."""
    folder = _series_folder(workspace)
    whole = store.list_whole_batches(folder, store.read_manifest(folder))
    return hash_parts(*(f"{bucket} {batch.fingerprint}" for bucket, batch in sorted(whole.items())))


def read_series_digests(workspace: Workspace) -> pl.DataFrame:
    """Return (file_id, digest) of every report of which these rules say anything: a hash of all its rows."""
    folder = _series_folder(workspace)
    manifest = store.read_manifest(folder)
    frames = [store.read_batch_frame(folder, bucket, _OUTCOMES) for bucket in sorted(manifest)]
    return pl.concat([pl.DataFrame(schema={"file_id": pl.Int64, "digest": pl.String}), *frames])


def _series_folder(workspace: Workspace) -> Path:
    return workspace.staging.joinpath(*_FOLDER)


@dataclass(frozen=True, slots=True)
class _Scene:
    """What all buckets share.

    Attributes:
        staged: Where the rows of each file are staged (`_SOURCES`).
        twins: Frame `digest_tables` of the current reports, with `is_shared`.
        digests: (file_id, digest): a hash of all that an agency's outcomes depend on, the same for all its reports.
    """

    workspace: Workspace
    staged: pl.DataFrame
    twins: pl.DataFrame
    digests: pl.DataFrame


def _read_sources(workspace: Workspace) -> pl.DataFrame:
    """Return (file_id, digest, partition, bucket) of every file that was checked: from what, and where it is staged."""
    empty = pl.DataFrame(schema=_SOURCES).select("file_id", "digest")
    return gather_frame(workspace, Stage.CHECK, SOURCES, empty).select(_SOURCES.names())


def _digest_agencies(current: pl.DataFrame, staged: pl.DataFrame, twins: pl.DataFrame) -> pl.DataFrame:
    """Return (file_id, digest) of the current reports, in their order."""
    tables = twins.select("file_id", tables=twins.hash_rows(seed=0)).group_by("file_id").agg(pl.col("tables").sum())
    known = current.join(staged.select("file_id", "digest"), on="file_id", how="left", maintain_order="left")
    known = known.join(tables, on="file_id", how="left", maintain_order="left")
    rows = known.select("file_id", "agency_id", digest=known.hash_rows(seed=1))
    return rows.select("file_id", pl.col("digest").sum().over("agency_id").cast(pl.String))


def _keep(folder: Path, bucket: str, sources: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the rows of the reports whose agency's digest is as it was, by frame, and the reports as `SOURCES`."""
    before = store.read_batch_frame(folder, bucket, SOURCES)
    same = sources.join(before, on=["file_id", "digest"], how="semi")
    kept = {
        frame: store.read_batch_frame(folder, bucket, frame).join(same, on="file_id", how="semi", maintain_order="left")
        for frame in SERIES_FRAMES
    }
    return {**kept, SOURCES: same}


def _bring_up_to_date(scene: _Scene, reports: pl.DataFrame, kept: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return a bucket's frames: rows that are kept, and those of the agencies that have changed."""
    stale = reports.join(kept[SOURCES], on="file_id", how="anti") if kept else reports
    if kept and stale.is_empty():
        return {frame: kept[frame] for frame in SERIES_FRAMES}
    made = _set_broken_aside(_compute(scene, stale))
    return {
        frame: pl.concat([kept[frame], made[frame]] if kept else [made[frame]]).sort("file_id", maintain_order=True)
        for frame in SERIES_FRAMES
    }


def _set_broken_aside(made: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Leave out what is said across years of a file whose rows break their frames: a finding says so instead."""
    broken = find_broken_files(made)
    if not broken:
        return made
    reason = "schema_violation"
    told = [
        (file_id, Stage.CHECK.value, reason, load_reasons()[reason]["severity"], f"rules across years: {fault}")
        for file_id, fault in broken.items()
    ]
    findings = pl.DataFrame(told, ["file_id", "stage", "reason_code", "severity", "message"], orient="row")
    kept = without_files(made, broken)
    return {**kept, "findings": pl.concat([kept["findings"], table("findings").conform(findings)])}


def _digest_outcomes(frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Return (file_id, digest) of every report that has rows.

    All years of an agency are judged again together, and of most of them the same is said again.
    """
    hashes = [
        frame.select("file_id", hash=frame.hash_rows(seed=seed))
        for seed, frame in enumerate(frames[name] for name in SERIES_FRAMES)
    ]
    return (
        pl.concat(hashes)
        .group_by("file_id", maintain_order=True)
        .agg(pl.col("hash").sum().cast(pl.String).alias("digest"))
        .sort("file_id")
    )


def _assign_agencies(current: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the reports by bucket, all years of an agency in the same one."""
    count = 1
    while current.height > count * _REPORTS:
        count *= 2
    return {
        f"{number:04d}-of-{count:04d}": current.filter(pl.col("agency_id") % count == number) for number in range(count)
    }


def _compute(scene: _Scene, reports: pl.DataFrame) -> dict[str, pl.DataFrame]:
    digests = {
        "digest_cells": _read_of(scene.workspace, Stage.CHECK, "digest_cells", scene.staged, reports),
        "digest_tables": scene.twins.join(reports, on="file_id", how="semi"),
    }
    found = check_across(digests, reports)
    years = dict(reports.select("file_id", "year").iter_rows())
    broken = find_broken_pairs(found["quality"], pair_years(reports), years)
    involved = pl.DataFrame({"file_id": sorted({file for pair in broken for file in pair.files})},
                            schema={"file_id": pl.Int64})  # fmt: skip
    figures = table("figures").empty_frame()
    if broken:
        figures = _read_of(scene.workspace, Stage.NORMALIZE, "figures", scene.staged, involved)
    return {**found, "suspicions": suspect_carried(broken, figures)}


def _read_of(
    workspace: Workspace, stage: Stage, frame: str, staged: pl.DataFrame, reports: pl.DataFrame
) -> pl.DataFrame:
    """Return the rows of a staged frame that belong to some reports, in an order that depends on nothing else.

    Only the batches that hold one of the reports are opened.
    """
    wanted = reports.select("file_id")
    places = staged.join(wanted, on="file_id", how="semi").select("partition", "bucket").unique().sort(pl.all())
    paths = [
        store.partition_folder(workspace, stage, partition) / bucket / f"{frame}.parquet"
        for partition, bucket in places.iter_rows()
    ]
    rows = store.scan_batches(paths, frame).join(wanted.lazy(), on="file_id", how="semi").collect(engine="streaming")
    return rows.sort(table(frame).key or ("file_id",))


def _remove_others(folder: Path, listed: store.Manifest, manifest: store.Manifest, buckets: set[str]) -> None:
    """Strike the buckets that are no more from the manifest, then delete them."""
    kept = {bucket: batch for bucket, batch in manifest.items() if bucket in buckets}
    if kept.keys() != listed.keys():
        store.write_manifest(folder, kept)
    store.remove_leftovers(folder, kept)
