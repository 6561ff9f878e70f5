"""The hashes of raw files, and what becomes of those that cannot be opened."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

import polars as pl

from pipelines.errors import DocumentError
from pipelines.ingest.ledger import LEDGER_SCHEMA
from pipelines.ingest.names import raw_bytes
from pipelines.ingest.objects import hash_objects
from pipelines.ingest.raw import RawFolder, explain_os_error, hash_file
from pipelines.settings import Workspace

_HASH_THREADS = 4  # hides the latency of disks and network drives; more only fight for the interpreter
_FRESH_SCHEMA = pl.Schema(
    {
        **{name: dtype for name, dtype in LEDGER_SCHEMA.items() if name != "file_id"},
        "reason_code": pl.String(),
        "reason": pl.String(),
    }
)
_Fresh = tuple[str, int | None, int | None, int | None, int | None, str | None, int | None, str | None, str | None]


def hash_listed(workspace: Workspace, listed: pl.DataFrame) -> pl.DataFrame:
    """Return path, state, `sha256` and `hashed_ns` of listed files, or the reason why one has no hash.

    The state is the one in which the file had the bytes that were hashed.
    """
    outcomes = (
        _hash_objects(workspace, listed) if workspace.raw_url else _hash_paths(workspace, listed["path"].to_list())
    )
    return pl.DataFrame(outcomes, schema=_FRESH_SCHEMA, orient="row")


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
