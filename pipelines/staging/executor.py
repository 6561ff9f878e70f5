"""What maps a function over items: this machine's processes, or an engine that reaches other machines.

One narrow interface, so that nothing else knows which it is. The local pool maps files; an engine maps whole batches,
and on each of its machines a batch's files go through that machine's own pool: what guards a build against a poisonous
document is the same code everywhere.
"""

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Protocol, TypeVar

from pipelines.errors import UsageError
from pipelines.settings import LOCAL
from pipelines.staging.parallel import map_files
from pipelines.staging.worker import Failure

Item = TypeVar("Item")
Result = TypeVar("Result")

_DASK = "dask+"
_ENGINE_SCHEMES = ("tcp://", "tls://", "ucx://", "ws://", "wss://")


class Executor(Protocol):
    """Maps a function over items."""

    def map(
        self,
        function: Callable[[Item], Result],
        items: Iterable[Item],
        chunk: int = 16,
        *,
        seconds: float | None = None,
    ) -> Generator[Result | Failure, None, None]:
        """Yield each item's result, or the `Failure` that took its place, in the order of the items.

        Items are drawn as they are needed and a bounded number of results is held. An item that kills its process, or
        takes longer than `seconds`, costs itself alone.

        Args:
            function: Stands at the top of a module that every machine can import; items and results must pickle.
            items: Any iterable, drawn lazily.
            chunk: Items sent at a time.
            seconds: Longest time for one item; None for no limit.

        Raises:
            WorkerError: The work cannot be done at all: no worker starts, or none can import the function.
        """
        ...


@dataclass(frozen=True, slots=True)
class LocalPool:
    """Processes of this machine.

    Attributes:
        workers: How many.
        is_guarded: False lets a single worker be this very process, which is simple to debug but neither survives a
            crash nor ends an item that never does.
    """

    workers: int
    is_guarded: bool = False

    def map(
        self,
        function: Callable[[Item], Result],
        items: Iterable[Item],
        chunk: int = 16,
        *,
        seconds: float | None = None,
    ) -> Generator[Result | Failure, None, None]:
        """Map as `Executor` says."""
        return map_files(function, items, self.workers, chunk, seconds=seconds, is_guarded=self.is_guarded)


def open_cluster(executor: str) -> Executor | None:
    """Return the engine that a workspace names, connected; None where it is this machine alone.

    Args:
        executor: `local`, or `dask+` and the scheduler's address as Dask writes it: `dask+tcp://10.0.0.1:8786`.

    Raises:
        UsageError: No such engine is known, it is not installed, or its scheduler cannot be reached; in one line.
    """
    if executor == LOCAL:
        return None
    address = executor.removeprefix(_DASK)
    if address == executor or not address.startswith(_ENGINE_SCHEMES):
        raise UsageError(f"{executor!r} is no executor; write {LOCAL}, or {_DASK}tcp://HOST:PORT for a Dask scheduler")
    if find_spec("distributed") is None:
        raise UsageError(f"{executor} needs Dask, which is not installed; run `make cluster` (extra `cluster`) first")
    from pipelines.staging.cluster import connect  # takes half a second to import, and few builds need it

    return connect(address)
