"""The walk over the raw folder: every name in it, without opening a single file."""

import logging
import os
import stat
from collections.abc import Collection
from dataclasses import dataclass, field

import polars as pl

from pipelines.errors import UsageError
from pipelines.ingest.names import is_ignored, printable_name
from pipelines.ingest.objects import list_object_sidecars, list_objects
from pipelines.ingest.raw import FileState, RawFolder, clamp_ns, explain_os_error
from pipelines.ingest.sidecar import SIDECAR_SUFFIX
from pipelines.settings import Workspace

_log = logging.getLogger(__name__)

LISTING_SCHEMA = pl.Schema(
    {
        "path": pl.String(),
        "inode": pl.UInt64(),
        "bytes": pl.Int64(),
        "modified_ns": pl.Int64(),
        "changed_ns": pl.Int64(),
        "reason_code": pl.String(),
        "reason": pl.String(),
    }
)

_KINDS = {
    stat.S_IFLNK: "a link; links are not followed, put the file itself here",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}

# The state of every sidecar, under the path of the file that it stands beside.
SIDECAR_SCHEMA = pl.Schema({name: dtype for name, dtype in LISTING_SCHEMA.items() if not name.startswith("reason")})

_Folder = tuple[tuple[bytes, ...], str]  # its components below the raw folder, and as the printable start of a path
_Row = tuple[str, int, int, int, int, str | None, str | None]
_SidecarRow = tuple[str, int, int, int, int]


@dataclass(frozen=True, slots=True)
class RawListing:
    """What stands under the raw folder.

    Attributes:
        files: One row for every name that is not ignored, by path, in the schema `LISTING_SCHEMA`.
        sidecars: The state of every sidecar of a fetched file, by the path of that file, in the schema
            `SIDECAR_SCHEMA`.
    """

    files: pl.DataFrame
    sidecars: pl.DataFrame


@dataclass(slots=True)
class _Walk:
    """What the walk has found, and the folders it has still to list; tuples, because there may be a million names."""

    waiting: list[_Folder]
    rows: list[_Row] = field(default_factory=list)
    sidecars: list[_SidecarRow] = field(default_factory=list)
    ignored: int = 0


def list_raw_files(workspace: Workspace) -> pl.DataFrame:
    """Return the files of `list_raw` alone.

    Raises:
        UsageError: The raw folder cannot be opened or listed.
    """
    return list_raw(workspace).files


def list_raw(workspace: Workspace, years: Collection[str] | None = None) -> RawListing:
    """Return what stands under the raw folder, found in one walk.

    What is no regular file has its reason already. So has a folder that cannot be listed: it stands as a row of its
    own, because whatever it holds would be missing without a word.

    Args:
        workspace: Whose raw folder is listed.
        years: The only folders of the raw folder to be listed; None for all of it.

    Raises:
        UsageError: The raw folder cannot be opened or listed.
    """
    start: list[_Folder] = [((), "")] if years is None else [((os.fsencode(year),), f"{year}/") for year in years]
    walk = _Walk(start)
    if workspace.raw_url:
        sidecars = pl.DataFrame(list_object_sidecars(workspace), schema=SIDECAR_SCHEMA, orient="row").sort("path")
        return RawListing(_listing(list_objects(workspace)), sidecars)
    with RawFolder(workspace.raw) as raw:
        while walk.waiting:
            folder = walk.waiting.pop()
            try:
                _list_folder(raw, folder, walk)
            except FileNotFoundError:
                continue  # removed, with all it held, since the folder above it was listed
            except OSError as error:
                if not folder[0]:
                    message = f"{workspace.raw}: the folder of raw files cannot be listed ({error.strerror})"
                    raise UsageError(message) from error
                _refuse(walk, folder[1].rstrip("/"), error, "The folder cannot be listed. ")
    if walk.ignored:
        _log.info("%s: %d names are ignored (hidden, sidecar or system files)", workspace.raw, walk.ignored)
    return RawListing(
        _listing(walk.rows), pl.DataFrame(walk.sidecars, schema=SIDECAR_SCHEMA, orient="row").sort("path")
    )


def _listing(rows: list[_Row]) -> pl.DataFrame:
    columns = zip(*rows, strict=True) if rows else [() for _ in LISTING_SCHEMA]
    return pl.DataFrame(dict(zip(LISTING_SCHEMA, columns, strict=True)), schema=LISTING_SCHEMA).sort("path")


def _list_folder(raw: RawFolder, folder: _Folder, walk: _Walk) -> None:
    components, prefix = folder
    with os.scandir(raw.open(components)) as entries:
        for entry in entries:
            name = entry.name
            if is_ignored(name):
                walk.ignored += 1
                if name.endswith(SIDECAR_SUFFIX):
                    _list_sidecar(entry, prefix, walk)
            elif entry.is_dir(follow_symlinks=False):
                walk.waiting.append(((*components, os.fsencode(name)), f"{prefix}{printable_name(name)}/"))
            else:
                _list_file(entry, prefix + printable_name(name), walk)


def _list_file(entry: os.DirEntry[str], path: str, walk: _Walk) -> None:
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return  # gone before it was seen: not there
    except OSError as error:
        _refuse(walk, path, error)
        return
    reason_code = reason = None
    if not stat.S_ISREG(status.st_mode):
        reason_code = "not_a_regular_file"
        reason = f"It is {_KINDS.get(stat.S_IFMT(status.st_mode), 'no regular file')}."
    times = clamp_ns(status.st_mtime_ns), clamp_ns(status.st_ctime_ns)
    walk.rows.append((path, status.st_ino, status.st_size, *times, reason_code, reason))


def _list_sidecar(entry: os.DirEntry[str], prefix: str, walk: _Walk) -> None:
    path = prefix + printable_name(entry.name.removesuffix(SIDECAR_SUFFIX))
    try:
        state = FileState.of(entry.stat(follow_symlinks=False))  # what is no file is told when it is to be read
        walk.sidecars.append((path, state.inode, state.bytes, state.modified_ns, state.changed_ns))
    except OSError as error:
        _log.info("%s: its sidecar is not listed (%s)", path, error.strerror)


def _refuse(walk: _Walk, path: str, error: OSError, preface: str = "") -> None:
    failure = explain_os_error(error)
    walk.rows.append((path, 0, 0, 0, 0, failure.reason_code, f"{preface}{failure}"))
