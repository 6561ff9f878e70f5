"""A warehouse folder kept at an address, for builds on machines without a disk that lasts.

    <address>/snapshot.json        every file of the folder with its hash and time; written last
    <address>/objects/<sha256>     the bytes of a file, once for all snapshots that hold them

A build takes the folder from there, changes it on its own disk, and puts it back: staging, so that it reads only what
is new; the release in place, so that it refreshes and does not build whole. Objects are never overwritten, and those of
the snapshot before stay, so that whoever is taking it meets nothing that is half new.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from pipelines.errors import UsageError, WarehouseError
from pipelines.load.publish import TWINS_PREFIX, log_of, swing_link
from pipelines.load.share import hash_file, open_target
from pipelines.settings import Workspace
from pipelines.staging import build_lock
from pipelines.staging.lock import LOCK_NAME
from pipelines.staging.remote import RemoteFolder

_POINTER = "snapshot.json"
_NOTE = ".snapshot.json"
_FOLDER_PREFIX = ".snapshot-"
_NEVER_KEPT = (LOCK_NAME, _NOTE)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file of a snapshot: the bytes it holds, and its time, by which a release knows that nobody wrote to it."""

    sha256: str
    bytes: int
    modified_ns: int


Snapshot = dict[str, KeptFile]  # by path below the warehouse folder; the twins by the name of their link


@contextmanager
def kept_at(workspace: Workspace, url: str) -> Iterator[None]:
    """Hold the warehouse folder, as the address has it, while the block changes it; then put it there.

    Raises:
        UsageError: The address is none, or the folder holds a warehouse that was never kept there.
        WarehouseError: Another build is running here, or has put another snapshot there meanwhile; or the store failed,
            or gave other bytes than were put there. What is kept there stays as it was.
    """
    remote = open_target(url)
    with build_lock(workspace):
        try:
            snapshot = _fetch(workspace, remote)
        except OSError as error:
            raise WarehouseError(f"{url}: the warehouse could not be taken from there ({_said(error)})") from error
        yield
        try:
            _put(workspace, remote, snapshot)
        except OSError as error:
            raise WarehouseError(f"{url}: the warehouse could not be put there ({_said(error)})") from error


def _fetch(workspace: Workspace, remote: RemoteFolder) -> Snapshot:
    """Make the folder what the address holds, unless it has gone on from just that, and return what it holds."""
    for leftover in workspace.warehouse.glob(f"{_FOLDER_PREFIX}*"):
        shutil.rmtree(leftover)
    snapshot = _read_pointer(remote)
    note = _read_note(workspace)
    if not snapshot or note == [remote.url, _identify(snapshot)]:
        return snapshot
    if workspace.database.exists() and (note is None or note[0] != remote.url):
        raise UsageError(f"{workspace.warehouse} holds a warehouse that is not from {remote.url}; name another folder")
    folder = Path(tempfile.mkdtemp(prefix=_FOLDER_PREFIX, dir=workspace.warehouse))
    try:
        for name, kept in snapshot.items():
            _take(workspace.warehouse / name, folder / name, kept, remote)
        _swap(workspace, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _write_note(workspace, remote, snapshot)
    return snapshot


def _take(here: Path, target: Path, kept: KeptFile, remote: RemoteFolder) -> None:
    """Make `target` the kept file, from what stands here where that is the same, else from the address."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if here.is_file() and here.stat().st_size == kept.bytes and hash_file(here) == kept.sha256:
        shutil.copyfile(here, target)  # no link: what stands here keeps its time for as long as it stands
    else:
        remote.get(f"objects/{kept.sha256}", target)
        if hash_file(target) != kept.sha256:
            raise WarehouseError(f"{remote.url}: objects/{kept.sha256} holds other bytes than were put there")
    os.utime(target, ns=(kept.modified_ns, kept.modified_ns))


def _swap(workspace: Workspace, folder: Path) -> None:
    """Put what was taken in place; what tells that a release is whole goes first and comes last."""
    for record in _records(workspace.warehouse):
        record.unlink()
    if workspace.staging.exists():
        workspace.staging.rename(folder / "staging-before")
    if (folder / "staging").exists():
        (folder / "staging").rename(workspace.staging)
    if (folder / workspace.database.name).exists():
        twins = workspace.warehouse / f"{TWINS_PREFIX}{folder.name.removeprefix(_FOLDER_PREFIX)}"
        (folder / workspace.parquet.name).rename(twins)
        log_of(workspace.database).unlink(missing_ok=True)
        (folder / workspace.database.name).replace(workspace.database)
        for release in swing_link(workspace.parquet, twins, folder):
            shutil.rmtree(release)
    shown = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    for path in (*shown, *_records(folder)):
        path.replace(workspace.warehouse / path.name)


def _put(workspace: Workspace, remote: RemoteFolder, before: Snapshot) -> None:
    """Put every file at the address whose bytes are not there, then the pointer; remove what only older ones held."""
    now = {name: _kept(path) for name, path in _files(workspace)}
    if now == before:
        return
    objects = {kept.sha256 for kept in before.values()}
    for name, path in _files(workspace):
        if now[name].sha256 not in objects:
            remote.put(f"objects/{now[name].sha256}", path)
            objects.add(now[name].sha256)
    if _read_pointer(remote) != before:
        raise WarehouseError(f"{remote.url}: another build has put its warehouse there meanwhile; build again")
    files = {name: [kept.sha256, kept.bytes, kept.modified_ns] for name, kept in now.items()}
    remote.put(_POINTER, json.dumps({"files": files}, ensure_ascii=False).encode())
    _write_note(workspace, remote, now)
    for found in remote.list():
        folder, _, name = found.key.partition("/")
        if folder == "objects" and name not in objects:
            remote.remove(found.key)


def _files(workspace: Workspace) -> Iterator[tuple[str, Path]]:
    """Yield what a snapshot holds: the files of the folder itself, staging, and the release that the link names."""
    below = [path for folder in (workspace.staging, workspace.parquet) for path in folder.rglob("*")]
    log = log_of(workspace.database)
    for path in sorted((*workspace.warehouse.iterdir(), *below)):
        if path.is_file() and path.suffix != ".tmp" and path.name not in _NEVER_KEPT and path != log:
            yield path.relative_to(workspace.warehouse).as_posix(), path


def _kept(path: Path) -> KeptFile:
    stat = path.stat()
    return KeptFile(hash_file(path), stat.st_size, stat.st_mtime_ns)


def _records(folder: Path) -> list[Path]:
    """Return the hidden files of a folder: what is known of the release and is not for people."""
    hidden = [path for path in folder.iterdir() if path.is_file() and path.name.startswith(".")]
    return [path for path in hidden if path.name not in _NEVER_KEPT]


def _read_pointer(remote: RemoteFolder) -> Snapshot:
    """Return the snapshot at the address; an empty one where nothing is kept there yet."""
    try:
        pointer: dict[str, Any] = json.loads(remote.read(_POINTER))
        snapshot = {name: KeptFile(*kept) for name, kept in pointer["files"].items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise WarehouseError(f"{remote.url}: {_POINTER} there is none of ours; name another address") from error
    for name in snapshot:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise WarehouseError(f"{remote.url}: {_POINTER} there names a file outside the warehouse: {name!r}")
    return snapshot


def _read_note(workspace: Workspace) -> list[str] | None:
    """Return the address that the folder is kept at, and which snapshot it has gone on from."""
    try:
        url, identity = json.loads((workspace.warehouse / _NOTE).read_bytes())
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return [url, identity]


def _write_note(workspace: Workspace, remote: RemoteFolder, snapshot: Snapshot) -> None:
    """Note that the folder is what the address holds, or has gone on from there."""
    (workspace.warehouse / _NOTE).write_text(json.dumps([remote.url, _identify(snapshot)]), encoding="utf-8")


def _identify(snapshot: Snapshot) -> str:
    lines = (f"{name}\0{kept.sha256}\0{kept.modified_ns}\n" for name, kept in sorted(snapshot.items()))
    return sha256("".join(lines).encode()).hexdigest()


def _said(error: OSError) -> str:
    return error.strerror or str(error)
