"""Raw files on an object store: listed, hashed and read through their address, with the promises of the raw folder."""

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from pipelines.errors import DocumentError
from pipelines.ingest.names import is_ignored, printable_name, raw_bytes
from pipelines.ingest.sidecar import SIDECAR_SUFFIX
from pipelines.settings import Workspace

if TYPE_CHECKING:
    from pipelines.staging.remote import RemoteFolder, RemoteObject

_THREADS = 16  # a request spends its time under way
# path, state, bytes, modified, changed, reason: a row of `listing.LISTING_SCHEMA`
_Row = tuple[str, int, int, int, int, str | None, str | None]


def list_objects(workspace: Workspace) -> list[_Row]:
    """Return a row for each object that is not ignored; its state stands in the place of an inode.

    Raises:
        UsageError: The store cannot be listed, or nothing stands at the address.
    """
    rows: list[_Row] = []
    for found in _open(workspace.raw_url).list():
        parts = found.key.split("/")
        if not any(map(is_ignored, parts)):
            link = ("not_a_regular_file", "It is a link; links are not followed, put the file itself here.")
            rows.append((*_state(found, found.key), *(link if found.is_link else (None, None))))
    return rows


def list_object_sidecars(workspace: Workspace) -> list[tuple[str, int, int, int, int]]:
    """Return the state of each sidecar, under the path of the file that it stands beside.

    Raises:
        UsageError: The store cannot be listed, or nothing stands at the address.
    """
    return [
        _state(found, found.key.removesuffix(SIDECAR_SUFFIX))
        for found in _open(workspace.raw_url).list()
        if found.key.endswith(SIDECAR_SUFFIX) and not found.is_link and not found.key.startswith(".")
    ]


def hash_objects(workspace: Workspace, paths: list[str]) -> list[tuple[str, str | DocumentError]]:
    """Return each path with the SHA-256 of its object, or the reason why it has none.

    A state that was listed before the object was replaced is not that of the next listing, so a hash is never believed
    of other bytes than those it was taken of.
    """

    def hash_one(path: str) -> str | DocumentError:
        try:
            return sha256(read_object(workspace, path, workspace.limits.file_bytes)).hexdigest()
        except DocumentError as error:
            return error

    with ThreadPoolExecutor(_THREADS) as threads:
        return list(zip(paths, threads.map(hash_one, paths), strict=True))


def read_object(workspace: Workspace, path: str, most_bytes: int, suffix: str = "") -> bytes:
    """Return the bytes of an object of the inventory, or of what stands beside it.

    Raises:
        DocumentError: It is gone, too large, or the store refuses.
    """
    key = raw_bytes(path).decode("utf-8", "surrogateescape") + suffix
    try:
        content = _open(workspace.raw_url).read(key, most_bytes + 1)
    except FileNotFoundError as error:
        raise DocumentError("file_vanished", "The object was there when the store was listed and is gone.") from error
    except OSError as error:
        raise DocumentError("unreadable_file", f"The store refused to read it: {error.strerror or error}.") from error
    if len(content) > most_bytes:
        raise DocumentError(
            "file_too_large", f"More than {most_bytes:,} bytes, which is the limit; raise it or split the file."
        )
    return content


@cache
def _open(url: str) -> "RemoteFolder":
    from pipelines.staging.remote import RemoteFolder  # fsspec takes a while to import, and few builds need it

    return RemoteFolder(url)


def _state(found: "RemoteObject", key: str) -> tuple[str, int, int, int, int]:
    path = "/".join(printable_name(part) for part in key.split("/"))
    return path, found.state, found.bytes, found.modified_ns, found.modified_ns
