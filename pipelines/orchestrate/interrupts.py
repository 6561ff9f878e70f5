"""Ctrl-C during a run in this process: Dagster takes it for a step's failure, or forgets it between two steps."""

import logging
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import copy
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from dagster import Failure, _loggers
from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._core.execution import compute_logs
from dagster._utils.log import create_console_logger

if TYPE_CHECKING:
    from unittest.mock import _patch

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
    """Let the processes that copy a step's output not hear Ctrl-C, which a terminal sends to all: they end with us."""
    with _starting_deaf():
        yield


def take_interrupts_quietly() -> None:
    """Deafen them as long as this process lives, one that Dagster starts for a run, and tell of Ctrl-C in a line."""
    _starting_deaf().start()
    patch.object(_loggers, "create_console_logger", _create_brief_logger).start()


def _starting_deaf() -> "_patch[SimpleNamespace]":
    return patch.object(compute_logs, "subprocess", SimpleNamespace(Popen=_start_deaf))


def _start_deaf(*arguments: Any, **options: Any) -> subprocess.Popen[Any]:  # noqa: ANN401 - whatever Popen takes
    """Start a process that never hears Ctrl-C.

    It begins with those signals blocked that were blocked where it was started; a Ctrl-C meanwhile waits.
    """
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return subprocess.Popen(*arguments, **options)  # noqa: S603 - what Dagster asks for
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _create_brief_logger(*arguments: Any, **options: Any) -> logging.Logger:  # noqa: ANN401 - whatever it takes
    """Return Dagster's logger of a run on the console, but with an interrupt or a refusal told without its stack."""
    logger = create_console_logger(*arguments, **options)
    for handler in logger.handlers:
        if handler.formatter is not None:
            handler.setFormatter(_ShortReasons(handler.formatter))
    return logger


class _ShortReasons(logging.Formatter):
    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self.inner = inner

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        if DagsterExecutionInterruptedError.__name__ in message:
            record = copy(record)  # others are told it whole, such as the history
            record.msg, record.args = message.partition("\n")[0], None
        elif f"{Failure.__module__}.{Failure.__qualname__}: " in message:  # it says what to do, and where is no matter
            record = copy(record)
            record.msg, record.args = message.partition("\n\nStack Trace:")[0], None
        return self.inner.format(record)
