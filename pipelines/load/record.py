"""What the warehouse in place was made from, noted beside it, so that the same again is not published."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import polars as pl

from pipelines.check import read_series_digests
from pipelines.load.portions import Staging
from pipelines.load.settings import LoadLimits
from pipelines.settings import Workspace
from pipelines.staging import Batch, StageSpec
from pipelines.staging.fingerprint import fingerprint_stage, hash_parts
from pipelines.staging.sources import SOURCES
from pipelines.staging.store import read_review, write_file
from schemas.vocabulary import Stage

_RECORD = ".published.json"
_SERIES = ".published-series.parquet"
_FILES = ".published-files.parquet"
_SEEN = ".published-seen.parquet"
_FILES_SCHEMA = pl.Schema({"batch": pl.String(), "file_id": pl.Int64(), "digest": pl.String()})


@dataclass(frozen=True, slots=True)
class PublishSummary:
    """What a publish put in place, or found in place.

    Attributes:
        rows: Rows by table.
        files: Raw files by status; every status is named, with 0 where there is none.
        is_unchanged: The warehouse in place was made from the same frames, decisions and code, and was left alone.
        is_refreshed: Only what speaks of changed files was made again.
    """

    database: Path
    parquet: Path
    bytes: int
    rows: dict[str, int]
    files: dict[str, int]
    is_unchanged: bool = False
    is_refreshed: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """What is noted of the release in place.

    Attributes:
        base: Hash of code, limits and decisions.
        batches: What each staged batch said, hashed, by `<partition>/<bucket>`.
        refreshes: How many releases were made from one another since the last that was built whole.
    """

    base: str
    batches: dict[str, str]
    rows: dict[str, int]
    files: dict[str, int]
    refreshes: int = 0


def digest_files(staging: Staging, before: Record | None) -> pl.DataFrame:
    """Return (batch, file_id, digest) of every file: a hash of all that its rows are made from, in every stage.

    That is what each stage knows of the file (`pipelines.staging.sources`), the code of the stage, and what the
    inventory found; so where it is the same, each stage has made the same of it. Null where a stage does not tell. What
    is noted of batches that are as they were is taken over.
    """
    same = _same_batches(staging, before)
    frames = [pl.DataFrame(schema=_FILES_SCHEMA)]
    if same:
        frames.append(_read_noted(staging.workspace, _FILES).filter(pl.col("batch").is_in(same)))
    frames += [_digest_batch(staging, name) for name in staging.batches() if name not in same]
    return pl.concat(frames)


def _same_batches(staging: Staging, before: Record | None) -> set[str]:
    """Return the batches that say what they said."""
    if before is None:
        return set()
    return {name for name, digest in hash_batches(staging).items() if digest == before.batches.get(name)}


def _digest_batch(staging: Staging, name: str) -> pl.DataFrame:
    ingest = staging.place(Stage.INGEST, name)
    files = pl.read_parquet((ingest / "files.parquet").read_bytes())
    found = pl.read_parquet((ingest / "findings.parquet").read_bytes())
    hashes = found.select("file_id", found=found.hash_rows()).group_by("file_id").agg(pl.col("found").sum())
    known = files.select("file_id").join(hashes, on="file_id", how="left")
    parts = [pl.col("found").fill_null(0).cast(pl.String)]
    for stage in (Stage.READ, Stage.NORMALIZE, Stage.CHECK):
        batch = staging.batch(stage, name)
        if batch is None or SOURCES not in batch.frames:
            parts.append(pl.lit(None, pl.String))
            continue
        sources = pl.read_parquet((staging.place(stage, name) / f"{SOURCES}.parquet").read_bytes())
        known = known.join(sources.rename({"digest": stage}), on="file_id", how="left")
        # What failed for a reason that may have passed may be something else next time, of the same file.
        lasts = ~pl.col("file_id").is_in(list(batch.retry))
        # One whose report year has not begun will be another once it has.
        waits = pl.col("file_id").is_in([file_id for file_id, _ in batch.waiting])
        told_of = pl.col(stage).fill_null("unknown") + pl.when(waits).then(pl.lit(" waits")).otherwise(pl.lit(""))
        parts += [pl.lit(batch.code), pl.when(lasts).then(told_of)]
    told = pl.concat_str(*parts, separator=" ")
    digests = known.select("file_id", told.map_elements(hash_parts, return_dtype=pl.String).alias("digest"))
    return digests.select(pl.lit(name).alias("batch"), "file_id", "digest").cast(_FILES_SCHEMA)


def changed_files(staging: Staging, before: Record, digests: pl.DataFrame) -> pl.DataFrame:
    """Return (file_id) of the files that are made from something else than those published, are new, or are gone.

    Args:
        staging: What is staged now.
        before: Of the release in place.
        digests: What `digest_files` says of it now.
    """
    same = _same_batches(staging, before)
    now, noted = (
        frame.filter(~pl.col("batch").is_in(same)).select("file_id", "digest")
        for frame in (digests, _read_noted(staging.workspace, _FILES))
    )
    return _changed(now, noted)


def changed_series(workspace: Workspace) -> pl.DataFrame:
    """Return (file_id) of the reports of which the rules across years say something else than published."""
    return _changed(read_series_digests(workspace), _read_noted(workspace, _SERIES))


def _changed(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    both = now.join(before, on="file_id", how="full", coalesce=True, suffix="_before")
    is_same = pl.col("digest").eq(pl.col("digest_before")).fill_null(value=False)
    return both.filter(~is_same).select("file_id")


def _read_noted(workspace: Workspace, name: str) -> pl.DataFrame:
    return pl.read_parquet((workspace.warehouse / name).read_bytes())


def fingerprint_base(workspace: Workspace, limits: LoadLimits) -> str:
    """Return a hash of all that decides the warehouse beside what is staged.

    That is the code and data files of load and of what it calls, what people have decided, and the last report year
    whose season is over (`limits.last_season`): the day on which a report becomes overdue changes `coverage` though no
    file has changed.
    """
    return hash_parts(fingerprint_stage(_LOAD, workspace.limits), repr(limits), *read_decisions(workspace))


def find_record(workspace: Workspace) -> Record | None:
    """Return what is noted of the release in place, if it is as it was left, else None.

    Size and time of change tell whether anybody has written to a file since. A write-ahead log beside the database
    means that somebody has, whatever they say.
    """
    try:
        noted = json.loads((workspace.warehouse / _RECORD).read_bytes())
        in_place = noted.pop("in_place")
        record = Record(**noted)
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError, KeyError, AttributeError):
        return None
    is_whole = all((workspace.warehouse / name).is_file() for name in (_SERIES, _FILES, _SEEN))
    return record if is_whole and in_place == _in_place(workspace) else None


def find_published(workspace: Workspace, base: str, staging: Staging) -> PublishSummary | None:
    """Return the summary of the warehouse in place if it was made from just this and is as it was left, else None."""
    record = find_record(workspace)
    if record is None or record.base != base or record.batches != hash_batches(staging):
        return None
    size = workspace.database.stat().st_size
    return PublishSummary(workspace.database, workspace.parquet, size, record.rows, record.files, is_unchanged=True)


def read_seen(workspace: Workspace) -> pl.DataFrame:
    """Return `seen_report` of the files of the release in place (`pipelines.load.file_states.SettledFiles`)."""
    return _read_noted(workspace, _SEEN)


def note_published(workspace: Workspace, record: Record, digests: pl.DataFrame, seen: pl.DataFrame) -> None:
    """Note what the warehouse that was just put in place was made from.

    Args:
        workspace: Where it stands.
        record: Of it.
        digests: What `digest_files` said.
        seen: Its `seen_report`.
    """
    for name, frame in ((_SERIES, read_series_digests(workspace)), (_FILES, digests), (_SEEN, seen)):
        buffer = BytesIO()
        frame.write_parquet(buffer)
        write_file(workspace.warehouse / name, buffer.getvalue())
    noted = {
        "base": record.base,
        "batches": record.batches,
        "rows": record.rows,
        "files": record.files,
        "refreshes": record.refreshes,
        "in_place": _in_place(workspace),
    }
    write_file(workspace.warehouse / _RECORD, json.dumps(noted).encode())


def hash_batches(staging: Staging) -> dict[str, str]:
    """Return a hash of what each staged batch says, by `<partition>/<bucket>`."""
    return staging.hashes


def _in_place(workspace: Workspace) -> dict[str, list[int]] | None:
    """Return size and time of change of every published file by name; None where there is no whole release."""
    database, parquet = workspace.database, workspace.parquet
    if database.with_name(f"{database.name}.wal").exists():
        return None
    try:
        stats = {path.name: path.stat() for path in (database, workspace.quality_page)}
        stats |= _list_twins(f"{parquet}", "")
    except (FileNotFoundError, NotADirectoryError):
        return None
    return {name: [stat.st_size, stat.st_mtime_ns] for name, stat in sorted(stats.items())}


def _list_twins(folder: str, prefix: str) -> dict[str, os.stat_result]:
    """Return the state of every file of a release's twins; there are thousands, and a path made of each costs more."""
    found: dict[str, os.stat_result] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                found |= _list_twins(entry.path, f"{prefix}{entry.name}/")
            else:
                found[f"{prefix}{entry.name}"] = entry.stat()
    return found


def read_decisions(workspace: Workspace) -> Iterator[str]:
    """Yield the names and texts of the files that say what people have decided."""
    files = sorted(workspace.reviews.glob("*.csv")) if workspace.reviews.is_dir() else []
    for path in (*files, workspace.wanted_agencies):
        yield path.name
        yield read_review(path)


def _not_by_batch(_batch: Batch) -> dict[str, object]:
    raise NotImplementedError("load publishes all report years at once")


# Load is no stage of batches, but the code that decides its result is told in the same way.
_LOAD = StageSpec(
    Stage.LOAD,
    (),
    (),
    ("pipelines.load", "pipelines.check", "pipelines.normalize", "schemas"),
    _not_by_batch,  # type: ignore[arg-type]
)
