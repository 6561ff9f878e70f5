"""robots.txt, asked once a run for every origin, and kept."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import httpx
from protego import Protego

from pipelines.errors import FetchError
from pipelines.ingest.fetch.settings import ROBOTS_NAME
from schemas.vocabulary import FetchReason

MOST_BYTES = 500 * 1024  # what RFC 9309 asks a crawler to read at least

_LEFT_ALONE = (FetchReason.SERVER_ERROR, FetchReason.RATE_LIMITED, FetchReason.TOO_LARGE, FetchReason.BROKEN_ENCODING)


@dataclass(frozen=True, slots=True)
class RobotsAnswer:
    """What the origin said: a status, and the text where it is 200."""

    status: int
    text: str


class RobotsRules:
    """The rules of all origins; safe to use from several threads."""

    def __init__(self, fetch: Callable[[httpx.URL], RobotsAnswer]) -> None:
        """Take what fetches a robots.txt; it raises FetchError where there is no answer."""
        self._fetch = fetch
        self._known: dict[tuple[str, str, int | None], Protego | FetchError] = {}
        self._locks: dict[tuple[str, str, int | None], threading.Lock] = {}
        self._lock = threading.Lock()

    def require_allowed(self, url: httpx.URL) -> float:
        """Return the Crawl-delay that the origin asks for, 0 where it asks for none.

        A missing robots.txt (4xx) allows everything. One that cannot be had because the server fails forbids
        everything until the next run (RFC 9309, section 2.3.1.4).

        Raises:
            FetchError: robots_disallowed, robots_unreachable, or why the host cannot be reached at all.
        """
        rules = self._rules(url)
        if isinstance(rules, FetchError):
            raise rules
        if not rules.can_fetch(str(url), ROBOTS_NAME):
            raise FetchError(FetchReason.ROBOTS_DISALLOWED, f"robots.txt of {url.host} does not allow {url.path}")
        return rules.crawl_delay(ROBOTS_NAME) or 0.0

    def _rules(self, url: httpx.URL) -> Protego | FetchError:
        origin = (url.scheme, url.host, url.port)
        with self._lock:
            lock = self._locks.setdefault(origin, threading.Lock())
        with lock:  # of two threads that come to an origin at once, the second waits for what the first was told
            if origin not in self._known:
                self._known[origin] = self._ask(url.copy_with(raw_path=b"/robots.txt", fragment=None))
            return self._known[origin]

    def _ask(self, url: httpx.URL) -> Protego | FetchError:
        try:
            answer = self._fetch(url)
        except FetchError as error:
            if error.reason_code in _LEFT_ALONE:
                return FetchError(FetchReason.ROBOTS_UNREACHABLE, f"{url} cannot be had ({error}), so nothing is asked")
            return error
        return Protego.parse(answer.text if answer.status == httpx.codes.OK else "")
