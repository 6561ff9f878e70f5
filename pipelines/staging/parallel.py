"""A function over many items in several processes, where one poisonous item costs that item alone.

The standard pools give up as a whole when a worker dies, and cannot stop a worker that never returns. Raw documents
come from thousands of sites and their readers are partly native code, so both happen: here every item's outcome is sent
back by itself, the parent therefore knows which item a worker died on, and only that one is lost.

Workers are spawned and not forked, because Polars holds threads and locks that a forked child would wait for for ever.
They are kept between calls: a build maps thousands of batches, and starting an interpreter for each would cost more
than reading.
"""

import atexit
import os
import pickle
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import connection, get_context
from typing import Any

from pipelines.errors import GongkaiError
from pipelines.staging.worker import Failure, FailureReason, Item, Result, attempt, serve

_CHUNKS_AHEAD = (
    4  # chunks a worker may be ahead of the first unfinished one: bounds the results held back for their turn
)
_ATTEMPTS = 2  # a death may be an earlier item's doing (memory it spoilt or ate): the suspect is tried once more, alone
_EXIT_SECONDS = 5.0  # how long a worker that was told to stop, or has closed its pipe, may take to be gone


class WorkerError(GongkaiError):
    """Worker processes cannot be started, so no item could be tried."""


def map_files(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    workers: int,
    chunk: int = 16,
    *,
    seconds: float | None = None,
    is_guarded: bool = False,
) -> Generator[Result | Failure, None, None]:
    """Yield `function(item)` for each item, in the order of the items, or the `Failure` that took its place.

    Items are drawn as they are needed and results are handed on as soon as their turn comes, so that memory holds a
    bounded number of both however many there are. With one worker everything runs in this process: simple to debug, but
    neither guarded against a crash nor against an item that never ends.

    Args:
        function: A function that a fresh interpreter can import; items and results must pickle.
        items: Any iterable, drawn lazily.
        workers: Processes; 1 runs in this one.
        chunk: Items sent to a worker at a time.
        seconds: Longest time for one item; None for no limit.
        is_guarded: Whether a single worker too is a process of its own.

    Raises:
        WorkerError: The workers cannot be started, or cannot import `function`.

    >>> list(map_files(abs, [-2, 3, -5], workers=1))
    [2, 3, 5]
    >>> [failure.message for failure in map_files(int, ["x"], workers=1)]
    ["ValueError: invalid literal for int() with base 10: 'x'"]
    """
    if workers < 1 or chunk < 1:
        raise ValueError(f"workers and chunk must be at least 1, not {workers} and {chunk}")
    if workers == 1 and not is_guarded:
        return (attempt(function, item) for item in items)
    return _Mapping(function, items, workers, chunk, seconds).run()


def ready_worker(function: Callable[[Any], Any]) -> None:
    """Let a worker start, and import what `function` needs, while this process does other things.

    The next call of `map_files` finds it; one that waits already is left as it is.
    """
    with _idle_lock:
        if not _idle:
            worker = _Worker()
            worker.give(function, [], [])
            _idle.append(worker)


def close_workers() -> None:
    """Stop the workers that wait for the next call; those at work belong to their call and stay."""
    with _idle_lock:
        waiting = list(_idle)
        _idle.clear()
    for worker in waiting:
        worker.stop()


@dataclass(eq=False)
class _Worker:
    """One process with its pipe, and the items it has been given and not yet answered.

    Attributes:
        unheard: Chunks of which it has not yet been heard that it could load them; `ready_worker` leaves one.
    """

    pending: deque[int] = field(default_factory=deque)
    unheard: int = 0
    has_accepted: bool = False
    has_served: bool = False
    since: float = 0.0

    def __post_init__(self) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs,), daemon=True, name="gongkai-worker")
        with _worker_environment():
            self.process.start()
        theirs.close()  # else the end of the worker would not close the pipe

    def give(self, function: Callable[[Any], Any], numbers: list[int], items: list[Any]) -> None:
        """Send one chunk; a worker that is already dead is found out when its answer is read."""
        message = pickle.dumps((function, items), pickle.HIGHEST_PROTOCOL)
        self.pending = deque(numbers)
        self.unheard += 1
        self.has_accepted = False
        self.since = time.monotonic()
        # A dead worker's pipe is readable at once, and reading it is the one place where a worker's end is dealt with.
        with suppress(BrokenPipeError, ConnectionResetError):
            self.pipe.send_bytes(message)

    def stop(self) -> None:
        """Let an idle worker end by itself, and make sure of it."""
        self.pipe.close()
        self.process.join(_EXIT_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End the process and all it has started."""
        if self.process.pid is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                self.process.kill()  # not yet, or no longer, the leader of a group
        self.process.join()
        self.pipe.close()

    def describe_end(self) -> str:
        """Say how the process ended."""
        self.process.join(_EXIT_SECONDS)
        code = self.process.exitcode
        if code is None:
            return "the worker closed its pipe"
        if code < 0:
            return f"the worker was killed by {signal.Signals(-code).name}"
        return f"the worker ended with exit code {code}"


@contextmanager
def _worker_environment() -> Iterator[None]:
    """Let a process that is started meanwhile find what Polars asks when it is loaded, before any code of ours runs."""
    with _environment_lock:
        asked = {
            "POLARS_MAX_THREADS": os.environ.get("POLARS_MAX_THREADS", "1"),  # the processes share the cores already
            # One heap, as there is one thread, and what a step gives back is kept for the next: otherwise each heap
            # holds what another could use, and the kernel clears the same pages over and over.
            "_RJEM_MALLOC_CONF": "narenas:1,dirty_decay_ms:3000",
        }
        before = {name: os.environ.get(name) for name in asked}
        os.environ.update(asked)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


_environment_lock = threading.Lock()
_idle: list[_Worker] = []
_idle_lock = threading.Lock()
atexit.register(close_workers)


def _take_worker() -> _Worker:
    with _idle_lock:
        while _idle:
            worker = _idle.pop()
            if worker.process.is_alive():
                return worker
            worker.kill()
    return _Worker()


# -------------------------------------------------------------------------------------------------------------- mapping


class _Mapping:
    """One call of `map_files` over several workers: what is waiting, under way, and done but not yet due."""

    def __init__(
        self,
        function: Callable[[Any], Any],
        items: Iterable[Any],
        workers: int,
        chunk: int,
        seconds: float | None,
    ) -> None:
        self.function, self.items, self.most_workers = function, iter(items), workers
        self.chunk, self.seconds = chunk, seconds
        self.window = chunk * workers * _CHUNKS_AHEAD
        self.drawn = 0  # items taken from the iterable
        self.due = 0  # the next to be yielded
        self.held: dict[int, Any] = {}  # drawn and not answered
        self.attempts: dict[int, int] = {}
        self.again: deque[list[int]] = deque()  # chunks that a worker's end left over
        self.done: dict[int, Any] = {}  # answered and not yet due
        self.workers: list[_Worker] = []
        self.is_drained = False

    def run(self) -> Generator[Any, None, None]:
        """Yield the outcomes in order; a consumer that stops early takes the busy workers down."""
        try:
            while True:
                self._give_work()
                while self.due in self.done:
                    outcome = self.done.pop(self.due)
                    self.due += 1
                    yield outcome
                    self._give_work()
                if not self.held:
                    return
                self._hear()
        finally:
            self._release()

    def _give_work(self) -> None:
        """Hand chunks to workers that have none, starting workers up to the number allowed."""
        free = [worker for worker in self.workers if not worker.pending]
        while free or len(self.workers) < self.most_workers:
            numbers = self._next_chunk()
            if not numbers:
                return
            if free:
                worker = free.pop()
            else:
                worker = _take_worker()
                self.workers.append(worker)
            worker.give(self.function, numbers, [self.held[number] for number in numbers])

    def _next_chunk(self) -> list[int]:
        if self.again:
            return self.again.popleft()
        room = min(self.chunk, self.due + self.window - self.drawn)
        if self.is_drained or room <= 0:
            return []
        numbers = []
        for item in islice(self.items, room):
            self.held[self.drawn] = item
            numbers.append(self.drawn)
            self.drawn += 1
        self.is_drained = len(numbers) < room
        return numbers

    def _hear(self) -> None:
        """Wait for answers and ends; only a worker with nothing to say can be over its time."""
        busy = {worker.pipe: worker for worker in self.workers if worker.pending}
        ready = connection.wait(list(busy), timeout=self._patience(list(busy.values())))
        for pipe in ready:
            self._take_answer(busy[pipe])  # type: ignore[index]
        if self.seconds is None:
            return
        now = time.monotonic()
        for worker in list(self.workers):
            is_late = worker.pending and worker.has_accepted and now - worker.since > self.seconds
            if is_late and worker.pipe not in ready and not worker.pipe.poll():
                self._bury(worker, Failure(FailureReason.TIMED_OUT, f"no result within {self.seconds:g} s"))

    def _patience(self, busy: list[_Worker]) -> float | None:
        """Return the seconds until the first worker is over its time; starting and importing do not count."""
        if self.seconds is None:
            return None
        now = time.monotonic()
        left = [worker.since + self.seconds - now for worker in busy if worker.has_accepted]
        return max(0.0, min(left)) + 0.01 if left else None

    def _take_answer(self, worker: _Worker) -> None:
        try:
            message = worker.pipe.recv_bytes()
        except (EOFError, OSError):  # OSError: the end came in the middle of a message
            self._take_end(worker)
            return
        worker.since = time.monotonic()
        if worker.has_accepted:
            try:
                self._settle(worker.pending.popleft(), pickle.loads(message))  # noqa: S301 - from our own worker
            except Exception as error:
                raise WorkerError(f"a result of {name_of(self.function)} cannot be unpickled: {error}") from error
            return
        is_loaded, failure = pickle.loads(message)  # noqa: S301 - from our own worker
        worker.unheard -= 1
        if worker.unheard:  # said of an empty chunk before this one, and of this one it will be said as well
            return
        worker.has_accepted = worker.has_served = is_loaded
        if failure is not None:
            raise WorkerError(
                f"a worker cannot load {name_of(self.function)} or its items ({failure.message}); "
                "the function must stand at the top of a module that can be imported"
            )

    def _take_end(self, worker: _Worker) -> None:
        """A worker has died: set its first unanswered item aside, and give the others to another worker."""
        ended = worker.describe_end()
        if not worker.has_accepted:
            self.workers.remove(worker)
            worker.kill()
            if worker.has_served:  # it died between two chunks, so no item of this one is to blame
                self.again.append(list(worker.pending))
                return
            raise WorkerError(
                f"a worker process ended before it took any work: {ended}; "
                "a script that starts a build needs its calls under `if __name__ == '__main__':`"
            )
        self._bury(worker, Failure(FailureReason.KILLED, ended))

    def _bury(self, worker: _Worker, failure: Failure) -> None:
        self.workers.remove(worker)
        worker.kill()
        suspect, *others = worker.pending
        attempt = self.attempts.pop(suspect, 0) + 1
        if failure.reason is FailureReason.KILLED and attempt < _ATTEMPTS:
            self.attempts[suspect] = attempt
            self.again.append([suspect])
        else:
            self._settle(suspect, failure)
        if others:
            self.again.append(others)

    def _settle(self, number: int, outcome: object) -> None:
        del self.held[number]
        self.attempts.pop(number, None)
        self.done[number] = outcome

    def _release(self) -> None:
        """Keep the workers that are at rest for the next call and end those whose answers nobody will read."""
        for worker in self.workers:
            if worker.pending or not worker.process.is_alive():
                worker.kill()
            else:
                with _idle_lock:
                    _idle.append(worker)
        self.workers.clear()


def name_of(function: Callable[..., Any]) -> str:
    """Return a function's full name for a message."""
    return f"{getattr(function, '__module__', '?')}.{getattr(function, '__qualname__', repr(function))}"
