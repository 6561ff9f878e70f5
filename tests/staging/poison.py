"""Functions for workers to run: a fresh interpreter must be able to import them."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def handle(item):  # noqa: C901 - a list of evils
    """Do what the item says; anything else is handed back with the process that did it."""
    match item:
        case "exit":
            os._exit(3)
        case "segfault":
            ctypes.string_at(0)
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "loop":
            while True:
                pass
        case "raise":
            raise ValueError("a bad file")
        case "unpicklable":
            return lambda: None
        case "huge":
            return b"x" * 5_000_000
        case ("once", path):
            if not Path(path).exists():
                Path(path).touch()
                os._exit(1)
        case ("child", path):
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            Path(path).write_text(str(child.pid))
            time.sleep(600)
        case ("wait", seconds):
            time.sleep(seconds)
    return item


def process_id(_item):
    return os.getpid()


def polars_threads(_item):
    import polars as pl

    return pl.thread_pool_size(), "narenas:1" in os.environ["_RJEM_MALLOC_CONF"]


_held: list[bytes] = []


def hold_memory(megabytes):
    """Take so much memory, keep it, and say which process did."""
    _held.append(b"x" * (megabytes * 2**20))
    return megabytes, os.getpid()


def eat_memory(item):
    if item == "glutton":
        return len(bytearray(8 * 2**30))
    return item
