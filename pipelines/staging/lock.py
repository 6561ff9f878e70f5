"""One build at a time on a warehouse folder."""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pipelines.errors import UsageError, WarehouseError
from pipelines.settings import Workspace

LOCK_NAME = ".build.lock"
_POLL_SECONDS = 0.2

_guard = threading.Lock()
_held: dict[tuple[int, Path], tuple[int, int]] = {}  # (process, lock file) → (descriptor, how many times it is held)


@contextmanager
def build_lock(workspace: Workspace, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the warehouse folder for this process, for as long as the `with` block runs.

    The system lets go of the lock when the process ends, however it ends, so there is no stale lock to remove. The same
    process may take it again inside: a build holds it whole, and every stage takes it for itself.

    Args:
        workspace: Whose warehouse folder it is.
        wait_seconds: How long to wait for another build to end; `math.inf` waits for as long as it takes.

    Raises:
        UsageError: The warehouse folder cannot be made or written to.
        WarehouseError: Another build is running and did not end in time.
    """
    key = (os.getpid(), workspace.warehouse.absolute() / LOCK_NAME)
    _enter(key, wait_seconds)
    try:
        yield
    finally:
        _leave(key)


def _enter(key: tuple[int, Path], wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        with _guard:
            if key in _held:
                descriptor, depth = _held[key]
                _held[key] = (descriptor, depth + 1)
                return
            descriptor = _open_lock(key[1])
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
                os.close(descriptor)
            except OSError as error:
                os.close(descriptor)
                raise WarehouseError(f"{key[1].parent}: this file system cannot lock ({error.strerror})") from error
            else:
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, f"pid {os.getpid()} since {_now()}\n".encode(), 0)
                _held[key] = (descriptor, 1)
                return
        if time.monotonic() >= deadline:
            who = holder or "which has not said its name yet"
            raise WarehouseError(f"{key[1].parent}: another build is running, {who}; wait for its end or stop it")
        time.sleep(_POLL_SECONDS)


def _leave(key: tuple[int, Path]) -> None:
    with _guard:
        descriptor, depth = _held.pop(key)
        if depth > 1:
            _held[key] = (descriptor, depth - 1)
        else:
            # The file stays: deleting it would let a third build lock a new one while a second waits on the old.
            os.close(descriptor)


def _open_lock(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise UsageError(f"{path.parent}: the warehouse folder cannot be written to ({error.strerror})") from error


def _now() -> str:
    return datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
