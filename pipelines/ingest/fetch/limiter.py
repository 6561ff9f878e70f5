"""One request at a time to a host, a pause between two, and a longer one where the host asks for it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipelines.errors import FetchError
from pipelines.ingest.fetch.clock import Clock
from pipelines.ingest.fetch.settings import FetchSettings
from schemas.vocabulary import FetchReason


@dataclass(slots=True)
class _Gate:
    """What is known of one host: who may pass, when next, and how it has answered."""

    places: threading.Semaphore
    delay: float
    turn: threading.Lock = field(default_factory=threading.Lock)
    next_at: float = 0.0
    failures: int = 0
    given_up: FetchError | None = None


class HostGates:
    """The gates of all hosts; safe to use from several threads."""

    def __init__(self, settings: FetchSettings, clock: Clock) -> None:
        """Take the least delay and the number of places of every gate."""
        self._settings = settings
        self._clock = clock
        self._gates: dict[str, _Gate] = {}
        self._lock = threading.Lock()

    @contextmanager
    def enter(self, host: str) -> Iterator[None]:
        """Wait for the host's turn and hold one of its places; the pause runs from the end of the request.

        Raises:
            FetchError: The host was given up for the rest of the run.
        """
        gate = self._gate(host)
        with gate.places:
            with gate.turn:  # only one of several places waits for the turn, the others wait for it
                wait = gate.next_at - self._clock.monotonic()
                if gate.given_up is not None:
                    raise gate.given_up
                if wait > 0:
                    self._clock.sleep(wait)
                gate.next_at = self._clock.monotonic() + gate.delay
            try:
                yield
            finally:
                gate.next_at = max(gate.next_at, self._clock.monotonic() + gate.delay)

    def slow_down(self, host: str, delay: float) -> None:
        """Keep at least `delay` seconds between requests to the host from now on."""
        gate = self._gate(host)
        gate.delay = max(gate.delay, delay)

    def hold_back(self, host: str, seconds: float) -> None:
        """Send the host nothing for so long; give it up for this run where that is longer than we wait.

        Raises:
            FetchError: host_given_up, where it is given up.
        """
        gate = self._gate(host)
        if seconds > self._settings.longest_wait_seconds:
            gate.given_up = FetchError(
                FetchReason.HOST_GIVEN_UP,
                f"{host} asks to wait {seconds:.0f} s, longer than {self._settings.longest_wait_seconds:.0f} s; "
                "the next run asks again",
            )
            raise gate.given_up
        gate.next_at = max(gate.next_at, self._clock.monotonic() + seconds)

    def note(self, host: str, *, is_answered: bool) -> None:
        """Count failures in a row; a host that does nothing but fail is left alone for the rest of the run."""
        gate = self._gate(host)
        gate.failures = 0 if is_answered else gate.failures + 1
        if gate.failures >= self._settings.failures_per_host:
            gate.given_up = FetchError(
                FetchReason.HOST_GIVEN_UP,
                f"{host} failed {gate.failures} times in a row and is left alone for the rest of this run",
            )

    def _gate(self, host: str) -> _Gate:
        with self._lock:
            if host not in self._gates:
                places = threading.Semaphore(self._settings.connections_per_host)
                self._gates[host] = _Gate(places, self._settings.delay_seconds)
            return self._gates[host]
