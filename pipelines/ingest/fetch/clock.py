"""The clock that fetching lives by; tests put another in its place, so that no rule of waiting takes real time."""

import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Stopped(Exception):  # noqa: N818 - the end of a run on request is no error
    """The run is being stopped: whoever waits goes home and asks for nothing more."""


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """Return the moment in UTC, to the second."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait.

        Raises:
            Stopped: The run was stopped meanwhile.
        """
        ...


class SystemClock:
    """The machine's own clock."""

    def __init__(self, stop: threading.Event | None = None) -> None:
        """Take the event whose being set ends every wait."""
        self._stop = stop or threading.Event()

    def now(self) -> datetime:
        """Return the moment in UTC, to the second."""
        return datetime.now(UTC).replace(microsecond=0)

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait.

        Raises:
            Stopped: The run was stopped meanwhile.
        """
        if self._stop.wait(seconds):
            raise Stopped
