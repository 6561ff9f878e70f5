"""One address asked for, politely: robots.txt, the host's turn, redirects, retries, bounds of size and time."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import httpx
import stamina

from pipelines.errors import FetchError
from pipelines.ingest.fetch.clock import Clock
from pipelines.ingest.fetch.guard import answered_within
from pipelines.ingest.fetch.limiter import HostGates
from pipelines.ingest.fetch.robots import MOST_BYTES, RobotsAnswer, RobotsRules
from pipelines.ingest.fetch.settings import FetchSettings
from pipelines.ingest.fetch.unpack import ACCEPTED, read_body, too_large
from schemas.vocabulary import FetchReason

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BUSY = frozenset({429, 503})
_GONE = frozenset({404, 410})
_PASSING = frozenset({FetchReason.SERVER_ERROR, FetchReason.RATE_LIMITED, FetchReason.TIMED_OUT,
                      FetchReason.NO_CONNECTION})  # fmt: skip
_LONGEST_ADDRESS = 2_000
_DRAINED_BYTES = 64 * 1024
_DEFAULT_PORTS = {"http": 80, "https": 443}

# stamina tells of every retry, by structlog where that is installed, which would write into the progress view; the
# outcome says it in the end.
stamina.instrumentation.set_on_retry_hooks([])


@dataclass(frozen=True, slots=True)
class Validators:
    """What the site said of the version that is kept, so that it need not send the same again."""

    etag: str | None = None
    last_modified: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The request headers that ask for news only."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address gave.

    Attributes:
        url: Where the body stood in the end.
        redirects: The addresses passed on the way, the one asked for first.
        status: 200 to 299 but 206, 304, 404 or 410; everything else is a FetchError.
        body: Unpacked; empty unless the status is a 2xx.
    """

    url: str
    redirects: tuple[str, ...]
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime

    @property
    def is_gone(self) -> bool:
        """Whether the site says that there is nothing (any more)."""
        return self.status in _GONE

    @property
    def is_unchanged(self) -> bool:
        """Whether the site says that nothing is new."""
        return self.status == httpx.codes.NOT_MODIFIED


@dataclass(frozen=True, slots=True)
class _Hop:
    status: int
    headers: httpx.Headers
    body: bytes


class PoliteClient:
    """Asks for addresses; safe to use from several threads."""

    def __init__(self, settings: FetchSettings, clock: Clock, transport: httpx.BaseTransport) -> None:
        """Take the rules, the clock, and the transport that opens connections (`guard.GuardedTransport`)."""
        self._settings = settings
        self._clock = clock
        self._gates = HostGates(settings, clock)
        self._robots = RobotsRules(self._get_robots)
        self._http = httpx.Client(
            transport=transport,
            headers={"User-Agent": settings.user_agent, "Accept-Encoding": ACCEPTED, "Accept": "*/*"},
            timeout=httpx.Timeout(settings.read_seconds, connect=settings.connect_seconds),
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, address: str, most_bytes: int, validators: Validators | None = None) -> Answer:
        """Return what stands at an address, after redirects.

        Args:
            address: An http or https address.
            most_bytes: Largest body.
            validators: Of the version that is kept; the answer may then be "unchanged".

        Raises:
            FetchError: With the reason why there is no answer that says anything.
        """
        return self._follow(_parse(address), most_bytes, validators or Validators(), heeds_robots=True)

    # ------------------------------------------------------------------------------------------------------ redirects

    def _follow(self, url: httpx.URL, most_bytes: int, validators: Validators, *, heeds_robots: bool) -> Answer:
        passed: list[str] = []
        while True:
            hop = self._try(url, most_bytes, validators, heeds_robots=heeds_robots)
            target = hop.headers.get("Location")
            if hop.status not in _REDIRECTS or not target:
                return self._answer(url, passed, hop)
            passed.append(str(url))
            url = _parse(target, url)
            if str(url) in passed:
                raise FetchError(FetchReason.TOO_MANY_REDIRECTS, f"the redirects go round in a circle at {url}")
            if len(passed) > self._settings.redirects:
                raise FetchError(
                    FetchReason.TOO_MANY_REDIRECTS, f"more than {self._settings.redirects} redirects, the last to {url}"
                )

    def _answer(self, url: httpx.URL, passed: list[str], hop: _Hop) -> Answer:
        is_known = 200 <= hop.status < 300 or hop.status in (304, *_GONE)
        if hop.status == httpx.codes.PARTIAL_CONTENT:
            raise FetchError(FetchReason.REFUSED, f"{url} answers 206, a part, and the whole was asked for")
        if not is_known:
            raise FetchError(FetchReason.REFUSED, f"{url} answers {hop.status}")
        return Answer(str(url), tuple(passed), hop.status, dict(hop.headers), hop.body, self._clock.now())

    def _get_robots(self, url: httpx.URL) -> RobotsAnswer:
        try:
            answer = self._follow(url, MOST_BYTES, Validators(), heeds_robots=False)
        except FetchError as error:
            if error.reason_code == FetchReason.REFUSED:
                return RobotsAnswer(403, "")
            raise
        return RobotsAnswer(answer.status, answer.body.decode("utf-8", errors="replace"))

    # -------------------------------------------------------------------------------------------------------- retries

    def _try(self, url: httpx.URL, most_bytes: int, validators: Validators, *, heeds_robots: bool) -> _Hop:
        """Ask once, and again with growing pauses where the host and not the address is at fault."""
        if heeds_robots:
            delay = self._robots.require_allowed(url)
            if delay:
                self._gates.slow_down(url.host, min(delay, self._settings.longest_wait_seconds))
        caller = stamina.RetryingCaller(
            attempts=self._settings.attempts,
            timeout=None,
            wait_initial=self._settings.backoff_seconds,
            wait_max=self._settings.longest_backoff_seconds,
            wait_jitter=self._settings.backoff_seconds / 2,
        )
        try:
            hop = caller(_is_passing, self._ask, url, most_bytes, validators)
        except FetchError as error:
            if _is_passing(error):
                self._gates.note(url.host, is_answered=False)
            raise
        self._gates.note(url.host, is_answered=True)
        return hop

    def _ask(self, url: httpx.URL, most_bytes: int, validators: Validators) -> _Hop:
        # A head has no end of its own: it may come letter by letter. The body has its own time (`_in_time`).
        longest = self._settings.answer_seconds + self._settings.read_seconds
        with self._gates.enter(url.host), _explained(url), answered_within(longest):
            request = self._http.build_request("GET", url, headers=validators.headers)
            response = self._http.send(request, stream=True)
            try:
                self._refuse_busy(url, response)
                body = self._read(response, most_bytes) if response.is_success else self._drain(response)
            finally:
                response.close()  # what has not been read is not read: the connection is dropped
        return _Hop(response.status_code, response.headers, body)

    def _refuse_busy(self, url: httpx.URL, response: httpx.Response) -> None:
        if response.status_code in _BUSY:
            wait = read_retry_after(response.headers.get("Retry-After"), self._clock.now())
            if wait is not None:
                self._gates.hold_back(url.host, wait)
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise FetchError(FetchReason.RATE_LIMITED, f"{url.host} says that it is asked too often (429)")
        if response.is_server_error:
            raise FetchError(FetchReason.SERVER_ERROR, f"{url} answers {response.status_code}")

    def _read(self, response: httpx.Response, most_bytes: int) -> bytes:
        stated = response.headers.get("Content-Length", "")
        if stated.isdecimal() and int(stated) > most_bytes:
            raise too_large(most_bytes)
        return read_body(self._in_time(response), response.headers.get("Content-Encoding", ""), most_bytes)

    def _drain(self, response: httpx.Response) -> bytes:
        """Read what says nothing where it is little, so that the connection can be used again; return no body."""
        stated = response.headers.get("Content-Length", "")
        if stated.isdecimal() and int(stated) <= _DRAINED_BYTES:
            for _ in self._in_time(response):
                continue
        return b""

    def _in_time(self, response: httpx.Response) -> Iterator[bytes]:
        """Yield the chunks as they come; a host that sends a byte a second is left after `answer_seconds`."""
        deadline = self._clock.monotonic() + self._settings.answer_seconds
        for chunk in response.iter_raw():
            yield chunk
            if self._clock.monotonic() > deadline:
                raise FetchError(
                    FetchReason.TOO_SLOW, f"the answer was not whole after {self._settings.answer_seconds:.0f} s"
                )


def read_retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, None where it is absent or no time.

    >>> read_retry_after("120", datetime.now(UTC))
    120.0
    """
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


def _is_passing(error: Exception) -> bool:
    return isinstance(error, FetchError) and error.reason_code in _PASSING


def _parse(address: str, base: httpx.URL | None = None) -> httpx.URL:
    """Return an address as a URL without fragment, relative ones by `base`.

    Raises:
        FetchError: unsupported_address.
    """
    try:
        url = (base.join(address.strip()) if base else httpx.URL(address.strip())).copy_with(fragment=None)
        host = url.host  # a host that is no name (xn--) is found out only here
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchError(FetchReason.UNSUPPORTED_ADDRESS, f"{address[:200]!r} is no address ({error})") from error
    if url.scheme not in _DEFAULT_PORTS or not host or url.userinfo or len(str(url)) > _LONGEST_ADDRESS:
        raise FetchError(
            FetchReason.UNSUPPORTED_ADDRESS,
            f"{address[:200]!r} is no address that is fetched: http or https, with a host and without a password",
        )
    return url


@contextmanager
def _explained(url: httpx.URL) -> Iterator[None]:
    """Turn what httpx raises into the reason that the journal shows."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise FetchError(FetchReason.TIMED_OUT, f"{url.host} did not answer in time") from error
    except (httpx.TransportError, httpx.StreamError) as error:
        if _is_tls(error):
            raise FetchError(
                FetchReason.BROKEN_TLS, f"{url.host} has no certificate or encryption to trust ({error})"
            ) from error
        raise FetchError(
            FetchReason.NO_CONNECTION, f"{url.host} broke off or was not reached ({str(error) or type(error).__name__})"
        ) from error


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
