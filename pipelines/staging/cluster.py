"""Mapping over the workers of a Dask cluster, with the promises of the local pool.

Dask carries chunks of items to machines and their outcomes back, and notices machines that are gone. It cannot stop a
task that never ends, nor tell which item of a chunk a worker died of. So an item with a time limit runs in a child of
the Dask worker, by the code of the local pool; one without runs in the worker itself, and where workers die under a
chunk, its items are tried one by one.
"""

import atexit
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from itertools import islice
from multiprocessing import current_process
from typing import Any, TypeVar

from distributed import Client, Future, KilledWorker

from pipelines.errors import UsageError, one_line
from pipelines.staging.fingerprint import fingerprint_project
from pipelines.staging.parallel import WorkerError, map_files, name_of
from pipelines.staging.worker import Failure, FailureReason, attempt

Item = TypeVar("Item")
Result = TypeVar("Result")

_CHUNKS_AHEAD = 4  # as in the local pool: chunks a worker may be ahead of the first unfinished one
_CONNECT_SECONDS = "10s"
_LOOK_SECONDS = 30.0  # how often a cluster that says nothing is asked whether it still has workers
_LOOKS_WITHOUT_WORKERS = 2  # the nanny of a worker that died needs a moment to start another

_connected: dict[str, "DaskCluster"] = {}


def connect(address: str) -> "DaskCluster":
    """Return the cluster of a scheduler; one connection a process, closed when it ends.

    Raises:
        UsageError: No scheduler answers, or it has no worker.
    """
    known = _connected.get(address)
    if known is not None and known.is_open:
        return known
    try:
        # Never the default client: what else runs in this process must not find its work sent away.
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False, name="gongkai")
    except (OSError, ValueError, ImportError) as error:
        reason = one_line(error)
        raise UsageError(f"{address}: no Dask scheduler answers ({reason}); start one or build with local") from error
    if not client.nthreads():
        client.close()
        raise UsageError(f"{address}: the scheduler has no workers; start some or build with local")
    cluster = _connected[address] = DaskCluster(client)
    return cluster


@atexit.register
def disconnect() -> None:
    """Leave all clusters; they go on without us."""
    while _connected:
        _connected.popitem()[1].close()


@dataclass(frozen=True, slots=True)
class _Chunk:
    items: list[Any]
    future: Future


class DaskCluster:
    """A scheduler and its workers; an `Executor`."""

    def __init__(self, client: Client) -> None:
        """Take a connected client, which `close` closes."""
        self._client = client

    @property
    def is_open(self) -> bool:
        """Whether the scheduler is still there."""
        return bool(self._client.status == "running")

    def map(
        self,
        function: Callable[[Item], Result],
        items: Iterable[Item],
        chunk: int = 16,
        *,
        seconds: float | None = None,
    ) -> Generator[Result | Failure, None, None]:
        """Map as `Executor` says. Whoever stops early has the chunks that were not begun withdrawn."""
        source = iter(items)
        waiting: deque[_Chunk] = deque()
        window = max(1, sum(self._client.nthreads().values())) * _CHUNKS_AHEAD
        try:
            while True:
                while len(waiting) < window and (part := list(islice(source, chunk))):
                    waiting.append(self._send(function, part, seconds))
                if not waiting:
                    return
                yield from self._gather(function, waiting.popleft(), seconds)
        finally:
            self._client.cancel([sent.future for sent in waiting])

    def close(self) -> None:
        """Leave the cluster; it goes on without us."""
        self._client.close()

    def _send(self, function: Callable[[Any], Any], items: list[Any], seconds: float | None) -> _Chunk:
        # Not pure: the same item again is work again, as a file may have been mended meanwhile.
        future = self._client.submit(_run_chunk, function, items, seconds, fingerprint_project(), pure=False)
        return _Chunk(items, future)

    def _gather(self, function: Callable[[Any], Any], sent: _Chunk, seconds: float | None) -> list[Any]:
        try:
            return self._await(sent.future)
        except KilledWorker as error:
            if len(sent.items) == 1:
                return [Failure(FailureReason.KILLED, one_line(error))]
            # One after another: Dask counts a worker's death against all that waited for it.
            return [
                outcome
                for item in sent.items
                for outcome in self._gather(function, self._send(function, [item], seconds), seconds)
            ]
        except (CancelledError, OSError) as error:
            raise WorkerError(f"the Dask scheduler was lost ({type(error).__name__}: {error}); build again") from error
        except WorkerError:
            raise
        except Exception as error:  # what the function raises comes back as a value, so this is the machinery's own
            raise WorkerError(
                f"a Dask worker cannot run {name_of(function)} ({type(error).__name__}: {error}); "
                "all machines need the same installation as this one"
            ) from error

    def _await(self, future: Future) -> list[Any]:
        looks = 0
        while True:
            try:
                outcomes: list[Any] = future.result(timeout=_LOOK_SECONDS)
            except TimeoutError:
                looks = 0 if self._client.nthreads() else looks + 1
                if looks == _LOOKS_WITHOUT_WORKERS:
                    raise WorkerError("the Dask scheduler has no worker left; start some and build again") from None
            else:
                return outcomes


def _run_chunk(function: Callable[[Any], Any], items: list[Any], seconds: float | None, code: str) -> list[Any]:
    """Return the outcome of each item; runs on a worker.

    Raises:
        WorkerError: The worker has other code or libraries, so its results would not be those of this build.
    """
    if fingerprint_project() != code:
        raise WorkerError(
            "a Dask worker has another version of this project or of its libraries than the build; install the same"
        )
    # A nanny marks its worker as a daemon, which may have no children; ours guard against documents and end with it.
    current_process().daemon = False
    if seconds is None:
        return [attempt(function, item) for item in items]
    return list(map_files(function, items, 1, len(items), seconds=seconds, is_guarded=True))
