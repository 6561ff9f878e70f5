"""Batches on disk: Parquet files that count only once the manifest of their partition says so.

    staging/<stage>/<partition>/manifest.json
    staging/<stage>/<partition>/<bucket>/<frame>.parquet

One manifest a partition, and not a marker in every batch, lets a build that has nothing to do find that out from a few
dozen small files. The order of writing keeps it honest: new files under temporary names, forced to disk; the batch
struck from the manifest; the files renamed; the batch entered again. Whenever the power fails, a batch is whole or not
believed.
"""

import json
import logging
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import polars as pl

from pipelines.errors import UsageError, WarehouseError
from pipelines.settings import Workspace
from pipelines.staging.fingerprint import hash_parts
from schemas.table import table
from schemas.vocabulary import Stage

REVIEWS = "reviews"  # stands for a stage in the names of a batch's inputs: what people decided is an input too
UNDATED = "undated"  # the partition of files that stand in no year's folder
_PARTITION = re.compile(rf"[0-9]{{4}}|{UNDATED}")
_MANIFEST = "manifest.json"
_TEMPORARY = ".tmp"
_UNFINISHED = ".unfinished"
_FILES_AT_ONCE = 16
_MANIFESTS_KEPT = 64  # in memory: a dozen years in four stages, and what they were before they changed

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StagedFrame:
    """One Parquet file of a batch: its size in rows and bytes, and a hash of what it says."""

    rows: int
    bytes: int
    digest: str


@dataclass(frozen=True, slots=True)
class PackedFrame:
    """A frame as the bytes of its Parquet file."""

    staged: StagedFrame
    content: bytes


@dataclass(frozen=True, slots=True)
class StagedBatch:
    """A batch as its manifest knows it.

    Attributes:
        fingerprint: Hash of the code and of the inputs.
        code: Hash of the code alone.
        inputs: Digest of each input by `<stage>/<frame>`, and of what people decided by `reviews/<file name>`.
        retry: Files that failed for a reason that may have passed; the batch is made again as long as there are any.
        waiting: Files that were rejected for a report year to come, with that year: they are made again when it begins.
    """

    fingerprint: str
    code: str
    inputs: dict[str, str]
    frames: dict[str, StagedFrame]
    retry: tuple[int, ...] = ()
    waiting: tuple[tuple[int, int], ...] = ()

    def due(self, this_year: int) -> tuple[int, ...]:
        """Return the files that may turn out otherwise in this year, though nothing of them has changed."""
        return (*self.retry, *(file_id for file_id, year in self.waiting if year <= this_year))


Manifest = dict[str, StagedBatch]  # by bucket


def partition_folder(workspace: Workspace, stage: Stage, partition: str) -> Path:
    """Return the folder of a stage's batches of one partition.

    Raises:
        UsageError: There can be no such partition; without this check a path could be made of its name.
    """
    if not _PARTITION.fullmatch(partition):
        raise UsageError(f"{partition!r} is no partition: expected a report year such as 2021, or {UNDATED}")
    return workspace.staging / stage / partition


def read_manifest(folder: Path) -> Manifest:
    """Return the batches that a partition's manifest lists; none where it is absent or cannot be understood.

    Staging is a cache, so a damaged manifest costs the work of making its batches again and nothing else.
    """
    try:
        return dict(_parse_manifest((folder / _MANIFEST).read_bytes()))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        _log.warning("%s cannot be understood (%s); its batches are made again", folder / _MANIFEST, error)
        return {}


def hash_manifest(folder: Path) -> str:
    """Return a hash of a partition's manifest; empty where there is none."""
    try:
        return hash_parts((folder / _MANIFEST).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return ""


@lru_cache(maxsize=_MANIFESTS_KEPT)
def _parse_manifest(content: bytes) -> Manifest:
    """Return what the bytes of a manifest say; a build asks the same ones again and again."""
    return {bucket: _batch_from_entry(entry) for bucket, entry in json.loads(content).items()}


def _batch_from_entry(entry: dict[str, object]) -> StagedBatch:
    frames = entry["frames"]
    waiting = tuple((file_id, year) for file_id, year in entry["waiting"])  # type: ignore[attr-defined]
    plain = {**entry, "frames": {}, "retry": tuple(entry["retry"]), "waiting": waiting}  # type: ignore[arg-type]
    batch = StagedBatch(**plain)  # type: ignore[arg-type]
    batch.frames.update({name: StagedFrame(**frame) for name, frame in frames.items()})  # type: ignore[attr-defined]
    return batch


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace a partition's manifest in one step."""
    content = json.dumps(dict(sorted(manifest.items())), default=_list_fields)
    write_file(folder / _MANIFEST, content.encode())


def _list_fields(entry: StagedBatch | StagedFrame) -> dict[str, object]:
    # A partition's manifest is written for every portion of it: `asdict` would copy all that is already plain.
    return {name: getattr(entry, name) for name in entry.__slots__}


def list_whole_batches(folder: Path, manifest: Manifest) -> Manifest:
    """Return the batches of `manifest` whose files are all there with the size they had when they were written."""
    whole = {}
    for bucket, batch in manifest.items():
        try:
            with os.scandir(folder / bucket) as entries:
                sizes = {entry.name: entry.stat().st_size for entry in entries if entry.name.endswith(".parquet")}
        except (FileNotFoundError, NotADirectoryError):
            continue
        if all(sizes.get(f"{name}.parquet") == frame.bytes for name, frame in batch.frames.items()):
            whole[bucket] = batch
    return whole


def pack_frame(frame: pl.DataFrame, digest: str | None = None) -> PackedFrame:
    """Return a frame as it will be written; `digest` stands for the hash of its bytes where it is given."""
    content = _parquet_bytes(frame.rechunk())  # chunks would show in the bytes, and depend on who made the frame
    return PackedFrame(StagedFrame(frame.height, len(content), digest or hash_parts(content)), content)


def write_batch(
    folder: Path,
    manifest: Manifest,
    bucket: str,
    batch: StagedBatch,
    frames: Mapping[str, pl.DataFrame],
    *,
    digests: Mapping[str, str] | None = None,
) -> Manifest:
    """Write one batch and return the manifest that lists it.

    Args:
        folder: The partition's.
        manifest: The partition's, as it is on disk.
        bucket: Which batch.
        frames: What it holds, by name.
        batch: All but `frames`, which is filled from what is written.
        digests: Digest of a frame where it is not the hash of its Parquet bytes.
    """
    packed = {name: pack_frame(frame, (digests or {}).get(name)) for name, frame in frames.items()}
    return write_batches(folder, manifest, {bucket: (batch, packed)})


def write_batches(
    folder: Path, manifest: Manifest, batches: Mapping[str, tuple[StagedBatch, Mapping[str, PackedFrame]]]
) -> Manifest:
    """Write several batches of a partition and return the manifest that lists them.

    Args:
        folder: The partition's.
        manifest: The partition's, as it is on disk.
        batches: By bucket the batch, all but its `frames`, and what it holds by name.
    """
    contents = {
        folder / bucket / f"{name}.parquet": frame.content
        for bucket, (_, frames) in batches.items()
        for name, frame in frames.items()
    }
    for place in {path.parent for path in contents}:
        place.mkdir(parents=True, exist_ok=True)
    with _clearing(contents):
        with ThreadPoolExecutor(_FILES_AT_ONCE) as pool:  # a disk confirms many in the time of one
            list(pool.map(_write_durably, contents, contents.values()))
        if not batches.keys().isdisjoint(manifest):
            manifest = {bucket: batch for bucket, batch in manifest.items() if bucket not in batches}
            write_manifest(folder, manifest)
        for path in contents:
            _rename(path)
    with ThreadPoolExecutor(_FILES_AT_ONCE) as pool:
        list(pool.map(_sync_folder, {path.parent for path in contents}))
    entered = {
        bucket: replace(batch, frames={name: frame.staged for name, frame in frames.items()})
        for bucket, (batch, frames) in batches.items()
    }
    manifest = {**manifest, **entered}
    write_manifest(folder, manifest)
    return manifest


def read_batch_frame(folder: Path, bucket: str, frame: str) -> pl.DataFrame:
    """Return one frame of one batch."""
    return pl.read_parquet((folder / bucket / f"{frame}.parquet").read_bytes())


def scan_batches(paths: list[Path], frame: str) -> pl.LazyFrame:
    """Return the rows of all `paths` under the declared schema of `frame`; none where there is no path."""
    if not paths:
        return table(frame).empty_frame().lazy()
    # Nothing in the workspace's own path may be taken for a pattern or for a `key=value` folder.
    return pl.scan_parquet(
        paths, schema=table(frame).polars_schema, glob=False, hive_partitioning=False, missing_columns="raise"
    )


def read_review(path: Path) -> str:
    """Return the text of a file of reviews; empty where there is none. Spreadsheets put a byte order mark before it.

    Raises:
        UsageError: The file cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise UsageError(f"{path}: the file cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: the file must be UTF-8: {error}") from error


def remove_leftovers(folder: Path, buckets: Iterable[str]) -> None:
    """Delete what an interrupted build left in a partition: temporary files, and batches not among `buckets`."""
    wanted = set(buckets)
    for entry in _scan(folder):
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in wanted:
                shutil.rmtree(entry.path)
                continue
            for file in _scan(Path(entry.path)):
                if file.name.endswith(_TEMPORARY):
                    Path(file.path).unlink()
        elif entry.name.endswith(_TEMPORARY):
            Path(entry.path).unlink()


def remove_partition(folder: Path) -> None:
    """Delete a stage's batches of one partition, first of all the manifest that makes them count."""
    (folder / _MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(folder)


def mark_inventory(workspace: Workspace, *, is_whole: bool) -> None:
    """Note that the inventory is being staged, or is whole: half an inventory would drop files without a word."""
    path = workspace.staging / Stage.INGEST / _UNFINISHED
    if is_whole:
        path.unlink(missing_ok=True)
    else:
        write_file(path, b"")


def is_inventory_whole(workspace: Workspace) -> bool:
    """Return whether no inventory was interrupted while it was staged."""
    return not (workspace.staging / Stage.INGEST / _UNFINISHED).exists()


def require_whole_inventory(workspace: Workspace) -> None:
    """Do nothing where the staged inventory is whole, or there is none.

    Raises:
        WarehouseError: The last inventory was interrupted while it was staged.
    """
    if not is_inventory_whole(workspace):
        raise WarehouseError(f"{workspace.staging}: the last inventory was interrupted; take the inventory again")


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except FileNotFoundError:
        return []


def write_file(path: Path, content: bytes) -> None:
    """Replace a file in one step, so that it holds the old content or the new, whenever the power fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _clearing([path]):
        _write_durably(path, content)
        _rename(path)
    _sync_folder(path.parent)


def _parquet_bytes(frame: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=1)
    return buffer.getvalue()


def _write_durably(path: Path, content: bytes) -> None:
    """Write what will be `path` once `_rename` is called, and wait until the disk has it."""
    with _temporary(path).open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _clearing(paths: Iterable[Path]) -> Iterator[None]:
    """Remove what was meant to become `paths` where that fails: a disk that is full should not stay so for its sake."""
    try:
        yield
    except OSError:
        for path in paths:
            with suppress(OSError):  # the error that counts is the first
                _temporary(path).unlink()
        raise


def _rename(path: Path) -> None:
    _temporary(path).replace(path)


def _temporary(path: Path) -> Path:
    return path.with_name(path.name + _TEMPORARY)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
