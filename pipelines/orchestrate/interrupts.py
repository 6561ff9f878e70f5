"""Ctrl-C during a run in this process: Dagster takes it for a step's failure, or forgets it between two steps."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from dagster._core.execution import compute_logs

_SIGNALS = bytes([signal.SIGINT, signal.SIGTERM])  # Dagster treats the two alike while it runs


@contextmanager
def heard_interrupts() -> Iterator[Callable[[], bool]]:
    """Yield a question: whether this process was interrupted since. To be asked on the main thread.

    Whatever handler stands when a signal comes, Python writes its number to this pipe, so none is lost.
    """
    heard, told = os.pipe()
    for end in (heard, told):
        os.set_blocking(end, False)
    before = signal.set_wakeup_fd(told, warn_on_full_buffer=False)

    def is_interrupted() -> bool:
        with suppress(BlockingIOError):
            return any(number in _SIGNALS for number in os.read(heard, 4096))
        return False

    try:
        yield is_interrupted
    finally:
        signal.set_wakeup_fd(before)
        os.close(heard)
        os.close(told)


@contextmanager
def deaf_companions() -> Iterator[None]:
    """Let the processes that copy a step's output not hear Ctrl-C, which a terminal sends to all: they end with us.

    A process begins with those signals blocked that were blocked where it was started; a Ctrl-C meanwhile waits.
    """

    def start(*arguments: Any, **options: Any) -> subprocess.Popen[Any]:  # noqa: ANN401 - whatever Popen takes
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return subprocess.Popen(*arguments, **options)  # noqa: S603 - what Dagster asks for
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)

    with patch.object(compute_logs, "subprocess", SimpleNamespace(Popen=start)):
        yield
