"""The inventory: one row for every raw file, its hash, its partition, and why it is not read where it is not."""

import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import groupby

import polars as pl

from pipelines.errors import DocumentError, WarehouseError
from pipelines.ingest.batches import stage_inventory
from pipelines.ingest.captures import read_captures
from pipelines.ingest.ledger import LEDGER_SCHEMA, STATE, read_ledger, trust_ledger, write_ledger
from pipelines.ingest.listing import list_raw_files
from pipelines.ingest.names import raw_bytes
from pipelines.ingest.objects import hash_objects
from pipelines.ingest.packed import unpack_reports
from pipelines.ingest.raw import RawFolder, explain_os_error, hash_file, too_large
from pipelines.settings import Workspace
from pipelines.staging.lock import build_lock
from pipelines.staging.store import UNDATED
from schemas.ids import stable_id
from schemas.table import table

FIRST_YEAR = 2008  # the Regulations on Open Government Information took effect on 1 May 2008

_HASH_THREADS = 4  # hides the latency of disks and network drives; more only fight for the interpreter
_FRESH_SCHEMA = pl.Schema(
    {
        **{name: dtype for name, dtype in LEDGER_SCHEMA.items() if name != "file_id"},
        "reason_code": pl.String(),
        "reason": pl.String(),
    }
)
_Fresh = tuple[str, int | None, int | None, int | None, int | None, str | None, int | None, str | None, str | None]


def identify_file(path: str) -> int:
    """Return the `file_id` of a path below the raw folder."""
    return stable_id("file", path)


def take_inventory(
    workspace: Workspace, today: date | None = None, partitions: Collection[str] | None = None
) -> pl.DataFrame:
    """Return the frame `files` of all partitions, ordered by path, and stage it as stage `ingest`.

    With it go the findings and, from the sidecars of fetching, where the files came from (frame `captures`).

    A file is hashed when its path is new or its size, times or inode have changed since the last inventory. Whether the
    same bytes stand twice is not decided here: that is for load, which knows the reports. The members of an archive of
    several reports are files of their own (`pipelines.ingest.packed`).

    Args:
        workspace: Whose raw folder is listed.
        today: Decides which report year is in the future; None for the clock's date.
        partitions: The only partitions to stage, so that one year can be run while others have news; None for all.

    Raises:
        UsageError: The raw folder cannot be opened, or the warehouse folder not be written to.
        WarehouseError: Another build is running, or two paths share an identifier.
    """
    with build_lock(workspace):
        listed = list_raw_files(workspace)
        ledger = read_ledger(workspace)
        hashed = _hash_files(workspace, listed, trust_ledger(ledger))
        unpacked, members = unpack_reports(workspace, hashed)
        files = table("files").conform(_classify(_identified(unpacked), (today or date.today()).year))
        captures, doubts = read_captures(workspace, files, members)
        stage_inventory(workspace, files, captures, doubts, partitions)
        write_ledger(workspace, hashed, ledger)
    return files


# -------------------------------------------------------------------------------------------------------------- hashing


def _hash_files(workspace: Workspace, listed: pl.DataFrame, ledger: pl.DataFrame) -> pl.DataFrame:
    """Return the listing with `sha256`, `hashed_ns` and `file_id`, from the ledger where the state is the same."""
    known = listed.join(ledger, on=STATE, how="left", maintain_order="left")
    most_bytes = workspace.limits.file_bytes
    is_large = pl.col("reason_code").is_null() & (pl.col("bytes") > most_bytes)
    is_open = pl.col("reason_code").is_null() & pl.col("sha256").is_null() & ~is_large
    opened = known.filter(is_open)
    outcomes = (
        _hash_objects(workspace, opened) if workspace.raw_url else _hash_paths(workspace, opened["path"].to_list())
    )
    fresh = pl.DataFrame(outcomes, schema=_FRESH_SCHEMA, orient="row")
    large = known.filter(is_large).select(
        *STATE,
        pl.lit("file_too_large").alias("reason_code"),
        pl.col("bytes")
        .map_elements(lambda size: str(too_large(size, most_bytes)), return_dtype=pl.String)
        .alias("reason"),
    )
    changed = pl.concat([fresh, large], how="diagonal")
    return _identified(known.update(changed, on="path", how="left") if changed.height else known)


def _hash_paths(workspace: Workspace, paths: list[str]) -> list[_Fresh]:
    """Return a row of `_FRESH_SCHEMA` for each path; folder by folder, so that each is opened once."""
    outcomes: list[_Fresh] = []
    with RawFolder(workspace.raw) as raw, ThreadPoolExecutor(_HASH_THREADS) as threads:
        for folder, group in groupby(paths, key=lambda path: path.rpartition("/")[0]):
            members = list(group)
            components = tuple(raw_bytes(folder).split(b"/")) if folder else ()
            try:
                descriptor = raw.open(components)
            except OSError as error:
                outcomes += [_refused(path, explain_os_error(error)) for path in members]
                continue
            outcomes += threads.map(
                lambda path, at=descriptor: _hash_path(at, path, workspace.limits.file_bytes), members
            )
    return outcomes


def _hash_objects(workspace: Workspace, listed: pl.DataFrame) -> list[_Fresh]:
    """Return the same of objects, whose state stays that of the listing."""
    started = time.time_ns()
    states = listed.select("inode", "bytes", "modified_ns", "changed_ns").rows()
    return [
        _refused(path, found) if isinstance(found, DocumentError) else (path, *state, found, started, None, None)
        for state, (path, found) in zip(states, hash_objects(workspace, listed["path"].to_list()), strict=True)
    ]


def _hash_path(folder: int, path: str, most_bytes: int) -> _Fresh:
    started = time.time_ns()
    try:
        sha256, state = hash_file(folder, raw_bytes(path.rpartition("/")[2]), most_bytes)
    except DocumentError as error:
        return _refused(path, error)
    return (path, state.inode, state.bytes, state.modified_ns, state.changed_ns, sha256, started, None, None)


def _refused(path: str, error: DocumentError) -> _Fresh:
    return (path, None, None, None, None, None, None, error.reason_code, str(error))


def _identified(files: pl.DataFrame) -> pl.DataFrame:
    """Return the files with every `file_id`; the ledger knows most, and hashing a path costs more than looking it up.

    Raises:
        WarehouseError: Two paths share an identifier.
    """
    new = files.filter(pl.col("file_id").is_null())["path"]
    if len(new):
        ids = pl.DataFrame(
            {"path": new, "file_id": [identify_file(path) for path in new]}, schema_overrides={"file_id": pl.Int64}
        )
        files = files.update(ids, on="path", how="left")
    twice = files.filter(pl.col("file_id").is_duplicated())["path"].to_list()
    if twice:
        raise WarehouseError(f"two paths share an identifier, rename one of them: {twice[:2]}")
    return files


# ------------------------------------------------------------------------------------------------------- classification


def _classify(files: pl.DataFrame, this_year: int) -> pl.DataFrame:
    """Return the columns of frame `files`: partition, the year that the folder states, and this stage's reasons."""
    stated = pl.col("path").str.extract(r"^([0-9]{4})/").cast(pl.Int32)
    is_report_year = stated.is_between(FIRST_YEAR, this_year)
    reason_code = (
        pl.when(pl.col("reason_code").is_not_null())
        .then("reason_code")
        .when(pl.col("bytes") == 0)
        .then(pl.lit("empty_file"))
        .when(~is_report_year)
        .then(pl.lit("year_out_of_range"))
    )
    reason = (
        pl.when(pl.col("reason_code").is_not_null())
        .then("reason")
        .when(pl.col("bytes") == 0)
        .then(pl.lit("The file holds no bytes; fetch it again."))
        .when(~is_report_year)
        .then(
            pl.format(
                f"It stands in the folder {{}}; report years are {FIRST_YEAR} to {this_year}: move it to its own.",
                stated,
            )
        )
    )
    return files.select(
        "file_id",
        "path",
        pl.when(is_report_year).then(stated.cast(pl.String)).otherwise(pl.lit(UNDATED)).alias("partition"),
        pl.when(is_report_year).then(stated).alias("folder_year"),
        "bytes",
        "modified_ns",
        "sha256",
        reason_code.alias("reason_code"),
        reason.alias("reason"),
    )
