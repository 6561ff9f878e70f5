"""What the warehouse in place was made from, noted beside it, so that the same again is not published."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import polars as pl

from pipelines.check import read_series_sources
from pipelines.load.portions import Staging
from pipelines.load.settings import LoadLimits
from pipelines.settings import Workspace
from pipelines.staging import Batch, StageSpec
from pipelines.staging.fingerprint import fingerprint_stage, hash_parts
from pipelines.staging.store import read_review, write_file
from schemas.vocabulary import Stage

_RECORD = ".published.json"
_SERIES = ".published-series.parquet"
_SERIES_SCHEMA = pl.Schema({"file_id": pl.Int64(), "digest": pl.String()})


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

    def changed_series(self, workspace: Workspace) -> pl.DataFrame:
        """Return (file_id) of the reports whose outcomes of the rules across years may be others than published."""
        before = pl.read_parquet((workspace.warehouse / _SERIES).read_bytes())
        now = read_series_sources(workspace)
        both = now.join(before, on="file_id", how="full", coalesce=True, suffix="_before")
        return both.filter(pl.col("digest").ne_missing(pl.col("digest_before"))).select("file_id")


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
    has_series = (workspace.warehouse / _SERIES).is_file()
    return record if has_series and in_place == _in_place(workspace) else None


def find_published(workspace: Workspace, base: str, staging: Staging) -> PublishSummary | None:
    """Return the summary of the warehouse in place if it was made from just this and is as it was left, else None."""
    record = find_record(workspace)
    if record is None or record.base != base or record.batches != hash_batches(staging):
        return None
    size = workspace.database.stat().st_size
    return PublishSummary(workspace.database, workspace.parquet, size, record.rows, record.files, is_unchanged=True)


def note_published(workspace: Workspace, record: Record) -> None:
    """Note what the warehouse that was just put in place was made from."""
    buffer = BytesIO()
    read_series_sources(workspace).cast(_SERIES_SCHEMA).write_parquet(buffer)
    write_file(workspace.warehouse / _SERIES, buffer.getvalue())
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
    return {name: hash_parts(text) for name, text in staging.digests().items()}


def _in_place(workspace: Workspace) -> dict[str, list[int]] | None:
    """Return size and time of change of every published file by name; None where there is no whole release."""
    database, parquet = workspace.database, workspace.parquet
    if database.with_name(f"{database.name}.wal").exists():
        return None
    try:
        stats = {path.name: path.stat() for path in (database, workspace.quality_page)}
        stats |= {path.relative_to(parquet).as_posix(): path.stat() for path in parquet.rglob("*") if path.is_file()}
        is_whole = parquet.is_dir()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return {name: [stat.st_size, stat.st_mtime_ns] for name, stat in sorted(stats.items())} if is_whole else None


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
