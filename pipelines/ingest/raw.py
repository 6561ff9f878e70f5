"""The raw folder, opened so that nothing outside it is ever read: links are not followed, only regular files opened."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import takewhile
from pathlib import Path
from types import TracebackType
from typing import Self

from pipelines.errors import DocumentError, UsageError
from pipelines.ingest.members import ARCHIVE_SUFFIX, read_member
from pipelines.ingest.names import raw_bytes
from pipelines.ingest.objects import read_object
from pipelines.settings import Workspace

_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# A pipe that took the place of a file would block the one who opens it: not with O_NONBLOCK.
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CHUNK_BYTES = 2**20
EMPTY_FILE = "The file holds no bytes; fetch it again."
_HELD_FOLDERS = 16  # a descriptor each: folders nest less deep as a rule
_ATTEMPTS = 3


class RawFolder:
    """Opens folders below the raw folder one component at a time.

    A whole path would be looked up by the system, which follows links in its middle and refuses more than 4,096 bytes.
    The folders on the way to the last one opened are held, so that going down, staying or going to the next costs one
    step.
    """

    def __init__(self, raw: Path) -> None:
        """Open the raw folder itself, which alone may be a link.

        Raises:
            UsageError: It is not there or cannot be opened: an unmounted disk must not look like a folder without
                files.
        """
        try:
            root = os.open(raw, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise UsageError(f"{raw}: the folder of raw files cannot be opened ({error.strerror})") from error
        self._held = [root]  # the raw folder, then the folders below it that lead to `_last`
        self._deep: int | None = None  # what `_last` is where it lies deeper than folders are held
        self._last: tuple[bytes, ...] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._go_up(())
        os.close(self._held.pop())

    def open(self, components: tuple[bytes, ...]) -> int:
        """Return a descriptor of a folder; it is this object's own and lasts until the next call.

        Raises:
            OSError: One of the components is gone, is no folder (a link is none), or may not be entered.
        """
        if components != self._last:
            self._go_up(components)
            while len(self._held) <= min(len(components), _HELD_FOLDERS):
                name = components[len(self._held) - 1]
                self._held.append(os.open(name, _FOLDER_FLAGS, dir_fd=self._held[-1]))
                self._last = components[: len(self._held) - 1]
            if len(components) > _HELD_FOLDERS:
                self._deep = _open_below(self._held[-1], components[_HELD_FOLDERS:])
            self._last = components
        return self._held[-1] if self._deep is None else self._deep

    def _go_up(self, components: tuple[bytes, ...]) -> None:
        """Close the folders that do not lead to `components`."""
        if self._deep is not None:
            os.close(self._deep)
            self._deep = None
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(self._last, components, strict=False)))
        while len(self._held) > shared + 1:
            os.close(self._held.pop())
        self._last = self._last[: len(self._held) - 1]


def _open_below(folder: int, components: tuple[bytes, ...]) -> int:
    """Return a descriptor of a folder that lies some steps below an open one, which stays open."""
    descriptor = os.dup(folder)
    try:
        for component in components:
            below = os.open(component, _FOLDER_FLAGS, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


@dataclass(frozen=True, slots=True)
class FileState:
    """What tells that a file is still the one whose hash is known: equal states, equal bytes."""

    inode: int
    bytes: int
    modified_ns: int
    changed_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Self:
        """Return the state that a stat call found."""
        return cls(status.st_ino, status.st_size, clamp_ns(status.st_mtime_ns), clamp_ns(status.st_ctime_ns))


def clamp_ns(nanoseconds: int) -> int:
    """Return a time that fits 64 bits: some file systems keep years beyond 2262.

    >>> clamp_ns(2**70) == 2**63 - 1
    True
    """
    if -(2**63) <= nanoseconds < 2**63:  # nearly all: two calls a file less
        return nanoseconds
    return 2**63 - 1 if nanoseconds > 0 else -(2**63)


def hash_file(folder: int, name: bytes, most_bytes: int) -> tuple[str, FileState]:
    """Return the SHA-256 of a file's bytes and the state in which it had them.

    A file that changes meanwhile is read again, so that the hash is never of half the old bytes and half the new.

    Args:
        folder: Descriptor of the folder that holds it.
        name: The file's own name.
        most_bytes: Largest file that is hashed.

    Raises:
        DocumentError: With the reason why the file has no hash.
    """
    for _ in range(_ATTEMPTS):
        digest = sha256()
        with _open_file(folder, name, most_bytes) as file:
            for chunk in file.chunks():
                digest.update(chunk)
            if file.is_unchanged():
                return digest.hexdigest(), file.state
    raise DocumentError("unreadable_file", "The file was written to while it was read; run again when it is complete.")


def read_beside(folder: int, name: bytes, most_bytes: int) -> bytes:
    """Return the bytes of a small file of an open folder, such as a sidecar.

    Raises:
        DocumentError: It is gone, is no regular file, is too large or cannot be read.
    """
    with _open_file(folder, name, most_bytes) as file:
        return b"".join(file.chunks())


def read_raw_file(workspace: Workspace, path: str, expected_sha256: str) -> bytes:
    """Return the bytes of a file of the inventory, which may be a member of an archive of reports.

    Args:
        workspace: Whose raw folder holds it, and whose limit it keeps.
        path: As in the `files` frame.
        expected_sha256: The inventory's hash: other bytes are another version, which the next inventory will take up.

    Raises:
        DocumentError: The file is gone, has changed, is too large or cannot be opened.
    """
    try:
        content = _read_whole(workspace, path)
    except DocumentError:
        archive, member = _split_packed(path)
        if not member:
            raise
        content = read_member(_read_whole(workspace, archive), member, workspace.limits)
    if sha256(content).hexdigest() != expected_sha256:
        raise DocumentError("file_vanished", "The file has other bytes than when the inventory was taken; run again.")
    return content


def _read_whole(workspace: Workspace, path: str) -> bytes:
    most_bytes = workspace.limits.file_bytes
    return read_object(workspace, path, most_bytes) if workspace.raw_url else _read_file(workspace, path, most_bytes)


def _split_packed(path: str) -> tuple[str, str]:
    """Return the archive in which a path leads, and the rest of it; the rest is empty where no archive is named.

    >>> _split_packed("2023/all.ZIP/a/b.docx"), _split_packed("2023/a.zip")
    (('2023/all.ZIP', 'a/b.docx'), ('2023/a.zip', ''))
    """
    parts = path.split("/")
    for number, part in enumerate(parts[:-1], 1):
        if part.lower().endswith(ARCHIVE_SUFFIX):
            return "/".join(parts[:number]), "/".join(parts[number:])
    return path, ""


def _read_file(workspace: Workspace, path: str, most_bytes: int) -> bytes:
    *folders, name = raw_bytes(path).split(b"/")
    with RawFolder(workspace.raw) as raw:
        try:
            folder = raw.open(tuple(folders))
        except OSError as error:
            raise explain_os_error(error) from error
        with _open_file(folder, name, most_bytes) as file:
            return b"".join(file.chunks())


def explain_os_error(error: OSError) -> DocumentError:
    """Return the state in which a file ends that the system refused to open or read."""
    if isinstance(error, FileNotFoundError):
        return DocumentError("file_vanished", "The file was there when the folder was listed and is gone now.")
    if error.errno in (errno.ELOOP, errno.ENXIO, errno.ENOTDIR):
        return DocumentError(
            "not_a_regular_file", "A link, pipe, socket or device took the file's place; put the file itself."
        )
    return DocumentError("unreadable_file", f"The system refused to read it: {error.strerror}; check its permissions.")


@dataclass(slots=True)
class _OpenFile:
    descriptor: int
    state: FileState
    count: int = 0

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes; a file that grows while it is read is left at the size that it had."""
        try:
            while self.count <= self.state.bytes and (chunk := os.read(self.descriptor, _CHUNK_BYTES)):
                self.count += len(chunk)
                yield chunk
        except OSError as error:
            raise explain_os_error(error) from error

    def is_unchanged(self) -> bool:
        """Tell whether the file is still in the state in which it was opened, and was read whole."""
        return self.count == self.state.bytes and FileState.of(os.fstat(self.descriptor)) == self.state


@contextmanager
def _open_file(folder: int, name: bytes, most_bytes: int) -> Iterator[_OpenFile]:
    try:
        descriptor = os.open(name, _FILE_FLAGS, dir_fd=folder)
    except OSError as error:
        raise explain_os_error(error) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise DocumentError("not_a_regular_file", "A pipe, socket, device or folder took the file's place.")
        if status.st_size > most_bytes:
            raise too_large(status.st_size, most_bytes)
        yield _OpenFile(descriptor, FileState.of(status))
    finally:
        os.close(descriptor)


def too_large(found: int, most_bytes: int) -> DocumentError:
    """Return the state of a file beyond the limit."""
    return DocumentError(
        "file_too_large", f"{found:,} bytes, and {most_bytes:,} is the limit; raise it or split the file."
    )
