"""Dagster's SQLite history without a disk flush for every event.

Dagster opens and closes a connection for each event that it stores, and SQLite flushes at each commit and again when
the last connection to a file is closed: 35 ms an event on a busy disk, some hundred events a run. Here the files stay
open for the length of a build, and a commit is left to the system to write out: under 1 ms. A crash of the process
loses nothing; a power cut may lose the last events of the history, never its integrity, and nothing of the warehouse.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.engine import Engine


@contextmanager
def held_open() -> Iterator[None]:
    """Keep every SQLite file that is opened meanwhile open until the end, flushing at checkpoints only."""
    keepers: dict[str, sqlite3.Connection] = {}

    def hold(connection: object, _record: object) -> None:
        if not isinstance(connection, sqlite3.Connection):
            return
        connection.execute("PRAGMA synchronous = NORMAL")
        path = connection.execute("PRAGMA database_list").fetchone()[2]
        # Dagster turns the write-ahead log on after it has made the file; a keeper from before would not hold the log.
        if path and path not in keepers and connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            keepers[path] = sqlite3.connect(path, check_same_thread=False)
            keepers[path].execute("SELECT count(*) FROM sqlite_master").fetchone()  # opens the log as well

    event.listen(Engine, "connect", hold)
    try:
        yield
    finally:
        event.remove(Engine, "connect", hold)
        for keeper in keepers.values():
            keeper.close()
