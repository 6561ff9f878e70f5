"""Addresses beyond the disk: an object store, or whatever else fsspec knows, as a folder of whole objects.

One narrow class, so that no other module knows fsspec. Objects are read and written whole; a folder is no more than the
beginning of a key, as it is on an object store.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import fsspec

from pipelines.errors import UsageError, one_line
from pipelines.staging.fingerprint import hash_parts

_TIMES = ("LastModified", "last_modified", "mtime", "updated", "modified", "created")  # as the stores name it

_OF_BUCKETS = {"s3", "gs", "oss", "az"}  # the stores whose paths begin with a bucket


@dataclass(frozen=True, slots=True)
class RemoteObject:
    """One object as the listing tells of it.

    Attributes:
        key: Below the address, with `/` between its parts.
        state: Hash of all that the store says of it (entity tag, time, size …): equal states, equal bytes.
        modified_ns: When it was written; 0 where the store does not say.
        is_link: Whether it is a link on a disk, which may lead anywhere.
    """

    key: str
    bytes: int
    state: int
    modified_ns: int
    is_link: bool


class RemoteFolder:
    """All objects below one address.

    Attributes:
        url: The address.
        files: Fsspec's file system for addresses of this kind, for libraries that open these through it.
    """

    def __init__(self, url: str) -> None:
        """Open an address such as `s3://bucket/raw`; nothing is asked of the store yet.

        Raises:
            UsageError: No such kind of address is known, or the package for it is not installed; in one line.
        """
        try:
            self.files, root = fsspec.core.url_to_fs(url)
        except (ValueError, ImportError) as error:
            raise UsageError(f"{url}: {' '.join(str(error).split())}") from error
        self.url, self._root = url, root.rstrip("/")
        self._has_bucket: bool | None = None  # not asked yet

    def list(self) -> list[RemoteObject]:
        """Return all objects below the address, by key, as the store has them now.

        Raises:
            UsageError: The store refuses, or nothing stands there: a mistyped address must not look like an empty one.
        """
        try:
            self.files.invalidate_cache()
            found: dict[str, dict[str, Any]] = self.files.find(self._root, detail=True)
        except Exception as error:  # every store raises errors of its own
            raise UsageError(f"{self.url}: cannot be listed ({one_line(error)})") from error
        if not found:
            raise UsageError(f"{self.url}: nothing stands there; is it the right address?")
        return [_object(path[len(self._root) :].lstrip("/"), info) for path, info in sorted(found.items())]

    def read(self, key: str, most_bytes: int | None = None) -> bytes:
        """Return an object's bytes, at most the first `most_bytes`.

        Raises:
            FileNotFoundError: It is not there.
            OSError: The store refuses; errors of its own are turned into this one.
        """
        path = self._path(key)
        try:
            content: bytes = self.files.cat_file(path, end=most_bytes)
        except FileNotFoundError:
            raise
        except Exception as error:  # every store raises errors of its own
            if most_bytes is not None and self._is_empty(path):
                return b""
            raise error if isinstance(error, OSError) else OSError(0, one_line(error)) from error
        return content

    def get(self, key: str, target: Path) -> None:
        """Write an object's bytes to a file, which is made.

        Raises:
            FileNotFoundError: It is not there.
            OSError: The store refuses, or the file cannot be written.
        """
        try:
            self.files.get_file(self._path(key), str(target))
        except OSError:
            raise
        except Exception as error:  # every store raises errors of its own
            raise OSError(0, one_line(error)) from error

    def put(self, key: str, content: Path | bytes) -> None:
        """Write an object whole: who reads it meanwhile gets the old one or the new, never a part.

        Raises:
            OSError: The store refuses, or has no such bucket.
        """
        path = self._path(key)
        try:
            self._expect_bucket(path)
            self.files.makedirs(path.rpartition("/")[0], exist_ok=True)
            with self.files.transaction, self.files.open(path, "wb") as out:
                if isinstance(content, bytes):
                    out.write(content)
                else:
                    with content.open("rb") as source:
                        shutil.copyfileobj(source, out, 2**20)
        except OSError:
            raise
        except Exception as error:  # every store raises errors of its own
            raise OSError(0, one_line(error)) from error

    def folders(self, key: str) -> Iterator[str]:
        """Yield the names of the folders directly below a key; none where there is no such key."""
        try:
            entries = self.files.ls(self._path(key), detail=True, refresh=True)
        except FileNotFoundError:
            return
        for entry in entries:
            if entry["type"] == "directory":
                yield entry["name"].rstrip("/").rpartition("/")[2]

    def remove(self, key: str) -> None:
        """Remove all objects below a key."""
        self.files.rm(self._path(key), recursive=True)

    def _expect_bucket(self, path: str) -> None:
        """Raise where the bucket is missing: making folders would make it too, out of a mistyped address."""
        bucket = path.partition("/")[0]
        if self._has_bucket is None:
            kinds = self.files.protocol
            of_buckets = _OF_BUCKETS.intersection([kinds] if isinstance(kinds, str) else kinds)
            self._has_bucket = not of_buckets or self.files.exists(bucket)
        if not self._has_bucket:
            raise FileNotFoundError(0, f"there is no bucket {bucket}")

    def _is_empty(self, path: str) -> bool:
        """Tell whether an object has no bytes, of which S3 refuses to give the first ones."""
        try:
            return bool(self.files.size(path) == 0)
        except Exception:  # noqa: BLE001 - the caller raises what went wrong before
            return False

    def _path(self, key: str) -> str:
        return f"{self._root}/{key}"


def _object(key: str, info: dict[str, Any]) -> RemoteObject:
    told = sorted((name, repr(value)) for name, value in info.items() if name != "atime")
    state = int(hash_parts(*(part for pair in told for part in pair))[:15], 16)
    return RemoteObject(key, int(info["size"] or 0), state, _modified_ns(info), bool(info.get("islink")))


def _modified_ns(info: dict[str, Any]) -> int:
    value = next((info[name] for name in _TIMES if info.get(name) is not None), None)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return 0
    if isinstance(value, datetime):
        value = value.timestamp()
    return int(value * 1_000_000_000) if isinstance(value, int | float) else 0
