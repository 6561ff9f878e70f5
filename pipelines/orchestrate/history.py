"""Dagster's SQLite history without a disk flush for every event.

Dagster opens and closes a connection for each event that it stores, and SQLite flushes at each commit and again when
the last connection to a file is closed: 35 ms an event on a busy disk, some hundred events a run. Here the files stay
open for the length of a build, and a commit is left to the system to write out: under 1 ms. A crash of the process
loses nothing; a power cut may lose the last events of the history, never its integrity, and nothing of the warehouse.

Dagster also makes an engine for each of some 1,400 statements of a build, which compiles that statement anew: 4 s of
processor time. Here a file has one engine for as long, and the connections that are open to it are used again. And to
tell whether a file has the newest form Dagster reads all its migrations, for each file that it opens: here once.
"""

import io
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from unittest.mock import patch

from dagster._core.instance import types as instance_types
from dagster._core.storage import sql
from dagster._core.storage.event_log.sqlite import sqlite_event_log
from dagster._core.storage.runs.sqlite import sqlite_run_storage
from dagster._core.storage.schedules.sqlite import sqlite_schedule_storage
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from pipelines.errors import WarehouseError

_STORAGES = (sqlite_event_log, sqlite_run_storage, sqlite_schedule_storage)


@contextmanager
def held_open() -> Iterator[None]:
    """Keep every SQLite file that is opened meanwhile open until the end, flushing at checkpoints only.

    Raises:
        WarehouseError: The history cannot be written, as on a full disk: Dagster tells of a failed run nowhere else.
    """
    try:
        with _unflushed(), _shared_engines(), _shared_migrations(), _one_voice():
            yield
    except (OperationalError, sqlite3.OperationalError) as error:
        cause = getattr(error, "orig", error)
        raise WarehouseError(
            f"the build stopped, as its history cannot be written ({cause}); a warehouse that was in place is whole"
        ) from error


@contextmanager
def _shared_engines() -> Iterator[None]:
    """Let Dagster's storages ask for one engine a file, whose connections are good for all threads, one at a time."""
    engines: dict[str, Engine] = {}

    def share(url: str, **options: object) -> Engine:
        if url not in engines:
            engines[url] = create_engine(url, **{**options, "poolclass": QueuePool})
        return engines[url]

    try:
        with ExitStack() as stack:
            for storage in _STORAGES:
                stack.enter_context(patch.object(storage, "create_engine", share))
            stack.enter_context(patch.object(Engine, "dispose", lambda *_, **__: None))
            yield
    finally:
        for engine in engines.values():
            engine.dispose()


@contextmanager
def _shared_migrations() -> Iterator[None]:
    """Let Dagster's storages, which share a folder of migrations, read it once."""
    read: dict[str, object] = {}
    scripts = vars(sql)["ScriptDirectory"]

    def share(folder: str, config: object) -> object:
        if folder not in read:
            read[folder] = scripts.from_config(config)
        return read[folder]

    shared = SimpleNamespace(from_config=lambda config: share(config.get_main_option("script_location"), config))
    with patch.object(sql, "ScriptDirectory", shared):
        yield


@contextmanager
def _one_voice() -> Iterator[None]:
    """Keep Dagster from printing what it also raises or records, links and all: it is said once, here."""
    unheard = SimpleNamespace(stderr=io.StringIO(), exc_info=sys.exc_info)
    with patch.object(instance_types, "sys", unheard):
        yield


@contextmanager
def _unflushed() -> Iterator[None]:
    """Leave commits to the system; at the end close what a step that was interrupted has in use still."""
    opened: list[sqlite3.Connection] = []

    def leave_to_system(connection: object, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous = NORMAL")
            opened.append(connection)

    event.listen(Engine, "connect", leave_to_system)
    try:
        yield
    finally:
        event.remove(Engine, "connect", leave_to_system)
        for connection in opened:
            connection.close()
