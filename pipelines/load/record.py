"""What the warehouse in place was made from, noted beside it: the same again is not published again."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.load.settings import LoadLimits
from pipelines.load.spool import STAGES
from pipelines.settings import Workspace
from pipelines.staging import Batch, StageSpec, list_partitions
from pipelines.staging.fingerprint import fingerprint_stage, hash_parts
from pipelines.staging.store import partition_folder, read_manifest, read_review, write_file
from schemas.vocabulary import Stage

_RECORD = ".published.json"


@dataclass(frozen=True, slots=True)
class PublishSummary:
    """What a publish put in place, or found in place.

    Attributes:
        rows: Rows by table.
        files: Raw files by status; every status is named, with 0 where there is none.
        is_unchanged: The warehouse in place was made from the same frames, decisions and code, and was left alone.
    """

    database: Path
    parquet: Path
    bytes: int
    rows: dict[str, int]
    files: dict[str, int]
    is_unchanged: bool = False


def fingerprint_release(workspace: Workspace, limits: LoadLimits) -> str:
    """Return a hash of all that the warehouse is made from.

    That is every staged frame, the code and data files of load and of what it calls, what people have decided, and the
    last report year whose season is over (`limits.last_season`): the day on which a report becomes overdue changes
    `coverage` though no file has changed.
    """
    code = fingerprint_stage(_LOAD, workspace.limits)
    return hash_parts(code, repr(limits), *_decisions(workspace), *_staged_digests(workspace))


def find_published(workspace: Workspace, fingerprint: str) -> PublishSummary | None:
    """Return the summary of the warehouse in place if it has that fingerprint and is as it was left, else None.

    Size and time of change tell whether anybody has written to the file since. A write-ahead log beside it means that
    somebody has, whatever they say.
    """
    try:
        record = json.loads((workspace.warehouse / _RECORD).read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    if not isinstance(record, dict) or record.get("fingerprint") != fingerprint:
        return None
    if record.get("in_place") != _in_place(workspace):
        return None
    size = workspace.database.stat().st_size
    return PublishSummary(workspace.database, workspace.parquet, size, record["rows"], record["files"], True)  # noqa: FBT003


def note_published(workspace: Workspace, fingerprint: str, summary: PublishSummary) -> None:
    """Note what the warehouse that was just put in place was made from."""
    record = {
        "fingerprint": fingerprint,
        "in_place": _in_place(workspace),
        "rows": summary.rows,
        "files": summary.files,
    }
    write_file(workspace.warehouse / _RECORD, json.dumps(record).encode())


def _in_place(workspace: Workspace) -> dict[str, list[int]] | None:
    """Return size and time of change of every published file by name; None where there is no whole release."""
    database = workspace.database
    if database.with_name(f"{database.name}.wal").exists():
        return None
    try:
        published = (database, workspace.quality_page, *workspace.parquet.iterdir())
        stats = {path.name: path.stat() for path in published}
    except (FileNotFoundError, NotADirectoryError):
        return None
    return {name: [stat.st_size, stat.st_mtime_ns] for name, stat in sorted(stats.items())}


def _decisions(workspace: Workspace) -> Iterator[str]:
    files = sorted(workspace.reviews.glob("*.csv")) if workspace.reviews.is_dir() else []
    for path in (*files, workspace.wanted_agencies):
        yield path.name
        yield read_review(path)


def _staged_digests(workspace: Workspace) -> Iterator[str]:
    for partition in list_partitions(workspace):
        for stage in (Stage.INGEST, *STAGES):
            for bucket, batch in sorted(read_manifest(partition_folder(workspace, stage, partition)).items()):
                digests = sorted(f"{name} {frame.digest}" for name, frame in batch.frames.items())
                yield " ".join((stage, partition, bucket, *digests))


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
