"""What a piece of work costs over all processes: wall time, processor time, and the most memory held at one moment."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_EVERY_SECONDS = 0.1
_SHARE = 50  # rests between samples are so many times as long as one took: looking at gigabytes takes milliseconds


@dataclass(slots=True)
class Cost:
    """Seconds and bytes; `peak` is the greatest sum of what this process and its descendants held for themselves."""

    wall: float = 0.0
    cpu: float = 0.0
    peak: int = 0


@contextmanager
def measured() -> Iterator[Cost]:
    """Give a cost that is filled when the block ends.

    Memory is the proportional share (`Pss`) of every process, which counts a page that several share once; it is
    sampled ten times a second, or less often where looking takes long, so a shorter spike may be missed.
    """
    cost, done = Cost(), threading.Event()

    def watch() -> None:
        rest = _EVERY_SECONDS
        while not done.wait(rest):
            started = time.thread_time()
            cost.peak = max(cost.peak, _memory())
            rest = max(_EVERY_SECONDS, _SHARE * (time.thread_time() - started))

    watcher = threading.Thread(target=watch, daemon=True)
    wall, cpu = time.perf_counter(), processor_seconds()
    cost.peak = _memory()
    watcher.start()
    try:
        yield cost
    finally:
        done.set()
        watcher.join()
        cost.wall, cost.cpu = time.perf_counter() - wall, processor_seconds() - cpu
        cost.peak = max(cost.peak, _memory())


def processor_seconds() -> float:
    """Return the processor time of this process, of its ended children and of its living descendants."""
    times = os.times()
    own = times.user + times.system + times.children_user + times.children_system
    return own + sum(_cpu_of(pid) for pid in _descendants())


def _cpu_of(pid: int) -> float:
    fields = _stat(pid)
    return sum(int(field) for field in fields[11:15]) / _TICKS if fields else 0.0


def _stat(pid: int) -> list[str]:
    """Return the fields of a process after its name; none where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _descendants() -> list[int]:
    found: list[int] = []
    waiting = [os.getpid()]
    while waiting:
        pid = waiting.pop()
        try:
            tasks = list(Path(f"/proc/{pid}/task").iterdir())
            children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
        found += children
        waiting += children
    return found


def _memory() -> int:
    return sum(_pss(pid) for pid in (os.getpid(), *_descendants()))


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
