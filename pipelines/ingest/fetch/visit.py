"""One address of a run: asked for, judged, kept or marked, and noted."""

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from hashlib import sha256

import httpx

from pipelines.errors import DocumentError, FetchError
from pipelines.ingest.fetch.client import Answer, PoliteClient, Validators
from pipelines.ingest.fetch.clock import Stopped
from pipelines.ingest.fetch.journal import Journal, Known, Outcome, Waiting, known_from
from pipelines.ingest.fetch.keep import RawStore
from pipelines.ingest.fetch.pages import Page, decode_page
from pipelines.ingest.fetch.settings import FetchSettings
from pipelines.ingest.fetch.sources import Source
from pipelines.ingest.sidecar import Sidecar
from schemas.portal import load_link_words, year_in_title
from schemas.vocabulary import FetchOutcome, FetchReason, FetchRole, FileFormat

Detect = Callable[[str, bytes], FileFormat]
"""Tells the container of a file from its bytes (`pipelines.read.detect.detect_format`)."""


@dataclass(frozen=True, slots=True)
class Watcher:
    """What is told of a run while it goes on; from several threads."""

    on_outcome: Callable[[Outcome], None] = lambda _outcome: None
    on_source: Callable[[str], None] = lambda _source: None  # its list and all its reports are done


@dataclass(frozen=True, slots=True)
class Item:
    """An address to look at."""

    source: Source
    role: FetchRole
    address: str
    title: str
    year: int | None
    referrer: str | None


@dataclass(slots=True)
class Run:
    """What all lanes of a run share."""

    store: RawStore
    settings: FetchSettings
    most_bytes: int
    client: PoliteClient
    journal: Journal
    run_id: int
    years: frozenset[str] | None
    detect: Detect
    watcher: Watcher
    stop: threading.Event
    claimed: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def claim(self, address: str) -> bool:
        """Return True to the first who asks for an address, so that two lanes never fetch the same."""
        with self.lock:
            is_first = address not in self.claimed
            self.claimed.add(address)
        return is_first and not self.journal.is_done(self.run_id, address)


def visit(run: Run, item: Item) -> None:
    """Look at one address, unless this run has, and note what it brought.

    Raises:
        Stopped: The run is being stopped.
    """
    if run.stop.is_set():
        raise Stopped
    if not run.claim(item.address):
        return
    known = run.journal.find(item.address)
    is_kept = known is not None and run.store.has(known.path)
    validators = known.validators if known is not None and is_kept else Validators()
    try:
        answer = run.client.get(item.address, run.most_bytes, validators)
        kind = _kind(run, item, answer)
        page = Page(decode_page(answer.body), answer.url) if kind is FileFormat.HTML else None
        if answer.is_gone or _says_gone(item, answer, page):
            _note_gone(run, item, known, answer)
        elif known is not None and is_kept and (answer.is_unchanged or _digest(answer) == known.sha256):
            _note_unchanged(run, item, known, answer, page)
        elif answer.is_unchanged:
            error = FetchError(FetchReason.REFUSED, f"{item.address} answers 304 without having been asked for news")
            note(run, _outcome(item, FetchOutcome.FAILED, error))
        elif not answer.body:
            note(run, _outcome(item, FetchOutcome.FAILED, _nothing(item, answer)))
        else:
            _keep(run, item, known, answer, kind, page)
    except FetchError as error:
        if run.stop.is_set():  # an answer that the interruption cut off is no outcome
            raise Stopped from error
        note(run, _outcome(item, FetchOutcome.FAILED, error))


def _nothing(item: Item, answer: Answer) -> FetchError:
    return FetchError(FetchReason.REFUSED, f"{item.address} answers {answer.status} with nothing: no file is kept")


def _kind(run: Run, item: Item, answer: Answer) -> FileFormat:
    """Return the container, whatever the answer's header calls it."""
    try:
        return run.detect(item.address, answer.body)
    except DocumentError:
        return FileFormat.UNKNOWN  # encrypted: kept all the same, and the stage that reads it says so


def _says_gone(item: Item, answer: Answer, page: Page | None) -> bool:
    """Tell whether a 200 means that there is nothing: an error page, or a redirect to the site's front page."""
    words = load_link_words()
    if page is not None and words.gone_titles.search(page.title):
        return True
    front = httpx.URL(answer.url).path
    return bool(answer.redirects and words.gone_paths.search(front) and httpx.URL(item.address).path != front)


def _note_gone(run: Run, item: Item, known: Known | None, answer: Answer) -> None:
    """Mark what is kept of the address; what never was there is a failure of whoever links it."""
    says = f"{item.address} answers {answer.status}" + (f" from {answer.url}" if answer.redirects else "")
    if known is None:
        note(run, _outcome(item, FetchOutcome.FAILED, FetchError(FetchReason.NOT_FOUND, f"{says}: nothing there")))
        return
    known = replace(known, gone_at=known.gone_at or answer.fetched_at)
    _mark(run, known)
    note(run, replace(_outcome(item, FetchOutcome.GONE), path=known.path, reason=says), known)


def _note_unchanged(run: Run, item: Item, known: Known, answer: Answer, page: Page | None) -> None:
    if known.gone_at is not None:
        _mark(run, replace(known, gone_at=None))
    headers = httpx.Headers(dict(answer.headers))
    validators = Validators(
        headers.get("ETag") or known.validators.etag, headers.get("Last-Modified") or known.validators.last_modified
    )
    known = replace(known, validators=validators, gone_at=None)
    outcome = replace(_outcome(item, FetchOutcome.UNCHANGED), path=known.path)
    note(run, outcome, known, _linked_files(run, item, page)[0])


def _keep(  # noqa: PLR0917 - the item, what was there before, and what is there now
    run: Run, item: Item, known: Known | None, answer: Answer, kind: FileFormat, page: Page | None
) -> None:
    """Keep a body that is new at its address, and line up the files that it links."""
    title = item.title or (page.headline if page else "") or item.source.agency
    year = item.year or year_in_title(title)
    item = replace(item, title=title, year=year)
    sidecar = Sidecar(
        url=item.address,
        final_url=answer.url,
        redirects=answer.redirects,
        fetched_at=answer.fetched_at,
        current_since=answer.fetched_at,
        status=answer.status,
        headers=dict(answer.headers),
        sha256=_digest(answer),
        size=len(answer.body),
        role=item.role.value,
        source=item.source.name,
        agency=item.source.agency,
        title=title,
        year=year,
        referrer=item.referrer or (item.source.url if item.address != item.source.url else None),
        page_url=item.referrer or item.address,
    )
    path = run.store.keep(sidecar, answer.body, kind)
    if known is not None and known.gone_at is not None and known.path != path:
        _mark(run, replace(known, gone_at=None))
    files, left_out = _linked_files(run, item, page)
    is_changed = known is not None and known.sha256 != sidecar.sha256
    reason = f"it links {left_out + len(files)} files, of which the first {len(files)} are taken" if left_out else None
    outcome = _outcome(item, FetchOutcome.CHANGED if is_changed else FetchOutcome.NEW)
    note(run, replace(outcome, path=path, bytes=len(answer.body), reason=reason), known_from(path, sidecar), files)


def _linked_files(run: Run, item: Item, page: Page | None) -> tuple[list[Waiting], int]:
    """Return the files that a report's page links, up to the limit, and how many there are beyond it."""
    if page is None or item.role is not FetchRole.PAGE:
        return [], 0
    links = [link for link in page.attachments() if link.address.partition("#")[0] != item.address]
    taken = links[: run.settings.attachments]
    title = item.title or page.headline
    files = []
    for link in taken:
        own = link.title.rpartition(".")[0] or link.title
        name = own if item.source.pattern.search(own) else f"{title}（附件）"
        address = link.address.partition("#")[0]
        files.append(Waiting(address, item.source.name, name, item.year or year_in_title(title), item.address))
    return [waiting for waiting in files if not run.journal.is_done(run.run_id, waiting.url)], len(links) - len(taken)


def _mark(run: Run, known: Known) -> None:
    """Write into the sidecars of all versions of an address since when it is gone, or that it is back."""
    for path in run.journal.paths_of(known.url):
        sidecar = run.store.read_sidecar(path)
        if sidecar is not None and sidecar.url == known.url and sidecar.gone_at != known.gone_at:
            run.store.mark(path, sidecar.marked(known.gone_at))


def _digest(answer: Answer) -> str:
    return sha256(answer.body).hexdigest()


def _outcome(item: Item, kind: FetchOutcome, error: FetchError | None = None) -> Outcome:
    return Outcome(
        item.address, item.source.name, item.role, item.year, item.title or None, kind,
        None if error is None else error.reason_code, None if error is None else str(error),
    )  # fmt: skip


def note(run: Run, outcome: Outcome, known: Known | None = None, waiting: Collection[Waiting] = ()) -> None:
    """Put an outcome into the journal, then tell whoever watches."""
    run.journal.note(run.run_id, outcome, known, waiting)
    run.watcher.on_outcome(outcome)
