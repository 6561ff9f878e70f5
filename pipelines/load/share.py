"""The published files on an object store: put there whole, in an order in which no reader meets half a release.

    <address>/gongkai.duckdb                replaced in one step
    <address>/quality.html                  replaced in one step
    <address>/parquet/<release>/<table>…    a folder a release
    <address>/current.json                  which release is the current one; written last

An object store replaces one object at a time and knows no links. So who wants one file takes `gongkai.duckdb`, and who
wants several tables of one release reads `current.json` once and stays in the folder that it names.
"""

import json
import re
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from pipelines.errors import UsageError, WarehouseError, one_line
from pipelines.settings import Workspace
from pipelines.staging import build_lock
from pipelines.staging.remote import RemoteFolder

_POINTER = "current.json"


@dataclass(frozen=True, slots=True)
class SharedCopy:
    """What stands at the address now.

    Attributes:
        release: Name of the release: the beginning of the database's SHA-256.
        bytes: What was put there; 0 where it was there already.
    """

    url: str
    release: str
    bytes: int


def share_copy(workspace: Workspace, url: str) -> SharedCopy:
    """Put the published release at an address, where it is not there already.

    The Parquet twins go first, into a folder that nobody reads yet; then the database and the quality page; then the
    pointer. Whenever it is interrupted, the pointer names a whole release, and the next call begins again. The folder
    of the release before stays for those who still read it; older ones are removed.

    Raises:
        UsageError: There is no warehouse, or the address is none.
        WarehouseError: The store refused; what was current there still is.
    """
    if not workspace.database.is_file():
        raise UsageError(f"no warehouse at {workspace.database}; run `gongkai build` first")
    remote = open_target(url)
    if Path(url.removeprefix("file://")).resolve() == workspace.warehouse.resolve():
        raise UsageError(f"{url} is the warehouse's own folder; name another, which others read")
    try:
        with build_lock(workspace):  # or a build would swap the files while they are read
            return _share(workspace, remote)
    except OSError as error:
        raise WarehouseError(f"{url}: the release could not be put there ({error.strerror or error})") from error


def open_target(url: str) -> RemoteFolder:
    """Return the folder of an address to put files at.

    Raises:
        UsageError: It is none. Fsspec takes a kind of address that it does not know for the name of a folder here, and
            whoever mistyped `s3://` would find that all had gone well.
    """
    try:
        remote = RemoteFolder(url)
    except UsageError:
        raise
    except Exception as error:  # every store raises errors of its own
        raise UsageError(f"{url}: cannot be opened ({one_line(error)})") from error
    kinds = remote.files.protocol
    is_here = "file" in ([kinds] if isinstance(kinds, str) else kinds) and not url.startswith(("file:", "local:"))
    if is_here and (not url.strip() or re.match(r"[a-z][a-z0-9+.-]+:|.*:[:/]", url)):
        raise UsageError(f"{url!r} is no address; name a folder (./a:b), s3://bucket/folder or what else fsspec knows")
    return remote


def _share(workspace: Workspace, remote: RemoteFolder) -> SharedCopy:
    digest = hash_file(workspace.database)
    release = digest[:16]
    current = _read_pointer(remote)
    if current.get("sha256") == digest:
        return SharedCopy(remote.url, release, 0)
    twins = workspace.parquet.resolve()
    count = 0
    for path in sorted(twins.rglob("*.parquet")):
        if path.is_file():
            remote.put(f"parquet/{release}/{path.relative_to(twins).as_posix()}", path)
            count += path.stat().st_size
    for path in (workspace.database, workspace.quality_page):
        remote.put(path.name, path)
        count += path.stat().st_size
    pointer = {"release": release, "sha256": digest, "parquet": f"parquet/{release}", "before": current.get("release")}
    remote.put(_POINTER, json.dumps(pointer, indent=1).encode())
    for name in list(remote.folders("parquet")):
        if name not in (release, current.get("release")):
            remote.remove(f"parquet/{name}")
    return SharedCopy(remote.url, release, count)


def _read_pointer(remote: RemoteFolder) -> dict[str, str]:
    try:
        pointer = json.loads(remote.read(_POINTER))
    except FileNotFoundError:
        return {}
    except ValueError:
        return {}  # half a pointer is none; the release is put there again
    return pointer if isinstance(pointer, dict) else {}


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
