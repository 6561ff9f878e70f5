"""A run of fetching: every source's list, every report, every attached file, each looked at once and accounted for."""

import threading
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import httpx
import polars as pl

from pipelines.errors import FetchError, UsageError, WarehouseError
from pipelines.ingest.fetch.client import PoliteClient
from pipelines.ingest.fetch.clock import Clock, Stopped, SystemClock
from pipelines.ingest.fetch.discover import Candidate, discover
from pipelines.ingest.fetch.guard import GuardedTransport
from pipelines.ingest.fetch.journal import Journal, Outcome, selection_of, summarize
from pipelines.ingest.fetch.keep import RawStore, list_sidecars
from pipelines.ingest.fetch.settings import FetchSettings
from pipelines.ingest.fetch.sources import Source
from pipelines.ingest.fetch.visit import Detect, Item, Run, Watcher, note, visit
from pipelines.settings import Workspace
from pipelines.staging.lock import build_lock
from pipelines.staging.store import UNDATED
from schemas.vocabulary import FetchOutcome, FetchRole

_JOURNAL = "journal.sqlite"


@dataclass(frozen=True, slots=True)
class FetchRun:
    """What a run brought.

    Attributes:
        outcomes: Frame `fetch_outcomes`: one row for every address.
        results: Frame `fetch_results`: the same by source.
        is_resumed: An unfinished run was gone on with; the frames speak of both parts.
    """

    outcomes: pl.DataFrame
    results: pl.DataFrame
    is_resumed: bool


def fetch_reports(
    workspace: Workspace,
    sources: Sequence[Source],
    settings: FetchSettings,
    detect: Detect,
    *,
    years: Collection[str] | None,
    watcher: Watcher | None = None,
    transport: httpx.BaseTransport | None = None,
    clock: Clock | None = None,
    lock_seconds: float = 0.0,
) -> FetchRun:
    """Look at every report of the sources, and keep what is new.

    Hosts are asked side by side, the addresses of one host one after the other. Whatever goes wrong with an address is
    its outcome; the run goes on.

    Args:
        workspace: Its raw folder takes the files; the journal stands beside it.
        sources: Where to look.
        settings: How to ask.
        detect: Tells a file's container.
        years: Partitions (report years, `undated`) to look at; None for all.
        watcher: Told of every outcome.
        transport: Opens the connections; guarded ones where None.
        clock: The machine's where None.
        lock_seconds: How long to wait for another run to end.

    Raises:
        UsageError: Another run is under way, or the folders cannot be written to.
    """
    stop = threading.Event()
    clock = clock or SystemClock(stop)
    wanted = None if years is None else frozenset(years)
    with (
        _only_run(workspace, lock_seconds),
        Journal(workspace.fetched / _JOURNAL) as journal,
        PoliteClient(settings, clock, transport or GuardedTransport(settings)) as client,
    ):
        store = RawStore(workspace)
        if journal.is_empty():
            journal.restore(list_sidecars(workspace.raw))
        selection = selection_of([source.name for source in sources], wanted)
        run_id, is_resumed = journal.begin(selection, clock.now(), settings.resume_hours)
        run = Run(
            store, settings, workspace.limits.file_bytes, client, journal, run_id, wanted, detect,
            watcher or Watcher(), stop,
        )  # fmt: skip
        _run_lanes(run, sources)
        journal.finish(run_id, clock.now())
        outcomes = journal.outcomes(run_id)
        return FetchRun(outcomes, summarize(outcomes), is_resumed)


def preview_reports(
    workspace: Workspace,
    sources: Sequence[Source],
    settings: FetchSettings,
    *,
    years: Collection[str] | None = None,
    transport: httpx.BaseTransport | None = None,
    clock: Clock | None = None,
) -> Iterator[tuple[Source, Candidate | FetchError, bool]]:
    """Yield what a run would look at, and whether it is known already; lists are read, nothing is written.

    A list that cannot be read is yielded as its error.
    """
    wanted = None if years is None else frozenset(years)
    known = {sidecar.url for _, sidecar in list_sidecars(workspace.raw)}
    clock = clock or SystemClock()
    with PoliteClient(settings, clock, transport or GuardedTransport(settings)) as client:
        for source in sources:
            try:
                for candidate in discover(client, source, settings):
                    if _is_wanted(source, candidate.year, wanted):
                        yield source, candidate, candidate.address in known
            except FetchError as error:
                yield source, error, False


@contextmanager
def _only_run(workspace: Workspace, lock_seconds: float) -> Iterator[None]:
    """Hold fetching for this process; the build's own lock is left alone, so both may go on at once."""
    with ExitStack() as stack:
        try:
            stack.enter_context(build_lock(replace(workspace, warehouse=workspace.fetched), lock_seconds))
        except WarehouseError as error:
            raise UsageError(f"another fetch is under way: {error}") from error
        yield


def _run_lanes(run: Run, sources: Sequence[Source]) -> None:
    """Work through the sources, those of one host in one lane; the first unexpected error stops all lanes."""
    lanes: dict[str, list[Source]] = {}
    for source in sources:
        lanes.setdefault(urlsplit(source.url).hostname or "", []).append(source)
    with ThreadPoolExecutor(run.settings.hosts_at_once, thread_name_prefix="fetch") as threads:
        futures = [threads.submit(_run_lane, run, lane) for lane in lanes.values()]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            run.stop.set()  # where all are done it stops nothing
            threads.shutdown(cancel_futures=True)
        for future in futures:
            if not future.cancelled():
                future.result()


def _run_lane(run: Run, lane: list[Source]) -> None:
    try:
        for source in lane:
            _collect_source(run, source)
            run.watcher.on_source(source.name)
    except Stopped:
        return


def _collect_source(run: Run, source: Source) -> None:
    """Look at all that a source names, and at all that it has named before.

    Raises:
        Stopped: In the middle.
    """
    _visit_attachments(run, source)  # what a stopped run has left
    try:
        for candidate in discover(run.client, source, run.settings):
            if _is_wanted(source, candidate.year, run.years):
                visit(run, Item(source, FetchRole.PAGE, candidate.address, candidate.title, candidate.year, None))
                _visit_attachments(run, source)
    except FetchError as error:
        failure = (FetchOutcome.FAILED, error.reason_code, str(error))
        note(run, Outcome(source.url, source.name, FetchRole.LIST, None, None, *failure))
    # What the list names no more is asked for directly: a page that merely left the list is not gone.
    for known in run.journal.known_of(source.name):
        if _is_wanted(source, known.year, run.years):
            visit(run, Item(source, known.role, known.url, known.title, known.year, known.referrer))


def _visit_attachments(run: Run, source: Source) -> None:
    for file in run.journal.waiting_of(run.run_id, source.name):
        visit(run, Item(source, FetchRole.ATTACHMENT, file.url, file.title, file.year, file.referrer))


def _is_wanted(source: Source, year: int | None, years: frozenset[str] | None) -> bool:
    return source.wants(year) and (years is None or (str(year) if year else UNDATED) in years)
