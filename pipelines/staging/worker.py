"""What runs in a worker process: items in, outcomes out, one message each."""

import gc
import os
import pickle
import resource
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing import connection, parent_process
from pathlib import Path
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_WORKER_MEMORY = 4 * 2**30  # address space; an idle worker with Polars loaded has 1.5 GiB of it
# A worker that holds so much gives way to a new one: caches fill, and allocators keep what a large portion took.
_MOST_KEPT_MEMORY = 400 * 2**20


class FailureReason(StrEnum):
    """Why an item has no result."""

    KILLED = "killed"
    TIMED_OUT = "timed_out"
    RAISED = "raised"


@dataclass(frozen=True, slots=True)
class Failure:
    """Stands in an item's place where the function gave no result.

    Attributes:
        message: How it ended, in one sentence; for `raised` the error's type and text.
    """

    reason: FailureReason
    message: str


def attempt(function: Callable[[Item], Result], item: Item) -> Result | Failure:
    """Return the function's result, or the exception it raised as a value that the caller must decide about."""
    try:
        return function(item)
    except Exception as error:  # noqa: BLE001 - what a reader raises on a hostile file is not foreseeable
        return _failure_of(error)


def _failure_of(error: BaseException) -> Failure:
    return Failure(FailureReason.RAISED, f"{type(error).__name__}: {error}")


def serve(pipe: "connection.Connection[Any, Any]") -> None:
    """Answer chunks until the parent closes the pipe, one message an item: so it knows on which one a death fell."""
    # A few hundred bytes of PDF can ask for all memory there is: the allocation fails here, and costs this worker only.
    resource.setrlimit(resource.RLIMIT_AS, (_WORKER_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    os.setsid()  # its own group: Ctrl-C is for the parent to handle, and what the worker starts can be killed with it
    threading.Thread(target=_die_with_parent, daemon=True).start()
    with suppress(ConnectionError):  # a build that found nothing to do is over before its worker has begun
        _answer(pipe)


def _answer(pipe: "connection.Connection[Any, Any]") -> None:
    """Answer chunks for as long as there is somebody to answer, and memory for another.

    Raises:
        ConnectionError: The parent is gone in the middle of one.
    """
    has_served = False
    while True:
        try:
            message = pipe.recv_bytes()
        except (EOFError, OSError):
            return  # closed, or gone with what it had sent: there is nobody to tell
        try:
            function, items = pickle.loads(message)  # noqa: S301 - from our own parent
        except Exception as error:  # noqa: BLE001 - an import may raise anything, and the parent must be told
            pipe.send_bytes(pickle.dumps((False, _failure_of(error))))
            continue
        pipe.send_bytes(pickle.dumps((True, None)))
        for item in items:
            pipe.send_bytes(_pickled(attempt(function, item)))
        if items and not has_served:
            has_served = True
            _spare_what_stays()
        if _resident_memory() > _MOST_KEPT_MEMORY:
            return  # between two chunks, so that the parent blames no item


def _spare_what_stays() -> None:
    """Take what the first chunk imported and loaded out of garbage collection: nearly all that it would look at."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


def _resident_memory() -> int:
    """Return the bytes that this process holds; where no file says so, 0, which renews no worker.

    `ru_maxrss` will not do: it begins with what the parent held when it started the worker.
    """
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except FileNotFoundError:
        return 0
    return pages * resource.getpagesize()


def _pickled(outcome: object) -> bytes:
    try:
        return pickle.dumps(outcome, pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001 - so may pickling
        return pickle.dumps(_failure_of(error))


def _die_with_parent() -> None:
    """End the process when the build is gone: a reader in an endless loop would never notice the closed pipe."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
