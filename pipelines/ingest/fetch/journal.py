"""What fetching remembers: every address with what it last held, and what each run brought (SQLite).

An outcome is committed before the next address is asked for, so a run that was stopped goes on where it was. Nothing
here is the only copy of anything that matters: raw files and their sidecars tell where every byte came from, and a lost
journal is made again from them.
"""

import json
import sqlite3
import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl

from pipelines.errors import UsageError
from pipelines.ingest.fetch.client import Validators
from pipelines.ingest.sidecar import Sidecar, read_time, write_time
from schemas.table import table
from schemas.vocabulary import FetchOutcome, FetchRole

_SCHEMA = """
CREATE TABLE IF NOT EXISTS address (
    url TEXT PRIMARY KEY, source TEXT NOT NULL, role TEXT NOT NULL, title TEXT NOT NULL, year INTEGER, referrer TEXT,
    path TEXT NOT NULL, sha256 TEXT NOT NULL, etag TEXT, last_modified TEXT, gone_at TEXT
);
CREATE INDEX IF NOT EXISTS address_of_source ON address (source);
CREATE TABLE IF NOT EXISTS version (url TEXT NOT NULL, path TEXT NOT NULL, PRIMARY KEY (url, path)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS run (
    run_id INTEGER PRIMARY KEY, selection TEXT NOT NULL, started_at TEXT NOT NULL, finished_at TEXT
);
CREATE TABLE IF NOT EXISTS outcome (
    run_id INTEGER NOT NULL, url TEXT NOT NULL, source TEXT NOT NULL, role TEXT NOT NULL, year INTEGER, title TEXT,
    outcome TEXT NOT NULL, reason_code TEXT, reason TEXT, path TEXT, bytes INTEGER, PRIMARY KEY (run_id, url)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS waiting (
    run_id INTEGER NOT NULL, url TEXT NOT NULL, source TEXT NOT NULL, title TEXT NOT NULL, year INTEGER,
    referrer TEXT NOT NULL, PRIMARY KEY (run_id, url)
) WITHOUT ROWID;
"""
_RUNS_KEPT = 50  # outcomes of older runs say nothing that sidecars do not


@dataclass(frozen=True, slots=True)
class Known:
    """An address that has given bytes, and the last that it gave."""

    url: str
    source: str
    role: FetchRole
    title: str
    year: int | None
    referrer: str | None
    path: str
    sha256: str
    validators: Validators
    gone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that a page links and that is still to be fetched in this run."""

    url: str
    source: str
    title: str
    year: int | None
    referrer: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one look at an address brought."""

    url: str
    source: str
    role: FetchRole
    year: int | None
    title: str | None
    outcome: FetchOutcome
    reason_code: str | None = None
    reason: str | None = None
    path: str | None = None
    bytes: int | None = None


class Journal:
    """The journal, open; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open the journal, new where there is none.

        Raises:
            UsageError: The file cannot be opened, or is no journal.
        """
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._link = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._link.execute("PRAGMA journal_mode = WAL")
            self._link.execute("PRAGMA synchronous = NORMAL")
            self._link.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise UsageError(
                f"{path}: the journal of fetching cannot be opened ({error}); moved away, it is made again"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._link.close()

    # ----------------------------------------------------------------------------------------------------------- runs

    def begin(self, selection: str, now: datetime, resume_hours: float) -> tuple[int, bool]:
        """Return the run to work on, and whether it is an unfinished one of the same selection that is gone on with."""
        since = write_time(now - timedelta(hours=resume_hours))
        found = self._one(
            "SELECT run_id FROM run WHERE selection = ? AND finished_at IS NULL AND started_at >= ? "
            "ORDER BY run_id DESC LIMIT 1",
            (selection, since),
        )
        if found is not None:
            return int(found[0]), True
        with self._lock:
            cursor = self._link.execute(
                "INSERT INTO run (selection, started_at) VALUES (?, ?)", (selection, write_time(now))
            )
            run_id = int(cursor.lastrowid or 0)
            for name in ("outcome", "waiting", "run"):
                self._link.execute(f"DELETE FROM {name} WHERE run_id <= ?", (run_id - _RUNS_KEPT,))  # noqa: S608 - ours
        return run_id, False

    def finish(self, run_id: int, now: datetime) -> None:
        """Note that the run has looked at everything."""
        self._do(("UPDATE run SET finished_at = ? WHERE run_id = ?", (write_time(now), run_id)))

    # ------------------------------------------------------------------------------------------------------ addresses

    def is_empty(self) -> bool:
        """Tell whether no address is known."""
        return self._one("SELECT 1 FROM address LIMIT 1", ()) is None

    def find(self, url: str) -> Known | None:
        """Return what is known of an address."""
        row = self._one(f"SELECT {_KNOWN_COLUMNS} FROM address WHERE url = ?", (url,))  # noqa: S608 - our own names
        return None if row is None else _known(row)

    def known_of(self, source: str) -> list[Known]:
        """Return every address of a source that has given bytes, by address."""
        query = f"SELECT {_KNOWN_COLUMNS} FROM address WHERE source = ? ORDER BY url"  # noqa: S608 - our own names
        with self._lock:
            return [_known(row) for row in self._link.execute(query, (source,))]

    def paths_of(self, url: str) -> list[str]:
        """Return the raw files that an address has given, all versions."""
        with self._lock:
            return [row[0] for row in self._link.execute("SELECT path FROM version WHERE url = ?", (url,))]

    def restore(self, kept: Iterable[tuple[str, Sidecar]]) -> int:
        """Fill an empty journal from the sidecars of the raw folder; return how many addresses it knows now."""
        latest: dict[str, tuple[str, Sidecar]] = {}
        for path, sidecar in kept:
            before = latest.get(sidecar.url)
            if before is None or before[1].current_since < sidecar.current_since:
                latest[sidecar.url] = (path, sidecar)
            self._do((_PUT_VERSION, (sidecar.url, path)))
        for path, sidecar in latest.values():
            self._do(*_put_address(known_from(path, sidecar)))
        return len(latest)

    # ------------------------------------------------------------------------------------------------------- outcomes

    def is_done(self, run_id: int, url: str) -> bool:
        """Tell whether the run has looked at an address."""
        return self._one("SELECT 1 FROM outcome WHERE run_id = ? AND url = ?", (run_id, url)) is not None

    def note(
        self, run_id: int, outcome: Outcome, known: Known | None = None, waiting: Collection[Waiting] = ()
    ) -> None:
        """Note an outcome, what is known of its address now, and the files that it names, in one transaction."""
        values = tuple(getattr(outcome, name) for name in _OUTCOME_COLUMNS)
        statements: list[_Statement] = [(_PUT_OUTCOME, (run_id, *values))]
        if known is not None:
            statements += _put_address(known)
        statements += [
            (
                "INSERT OR IGNORE INTO waiting VALUES (?, ?, ?, ?, ?, ?)",
                (run_id, item.url, item.source, item.title, item.year, item.referrer),
            )
            for item in waiting
        ]
        statements.append(("DELETE FROM waiting WHERE run_id = ? AND url = ?", (run_id, outcome.url)))
        self._do(*statements)

    def waiting_of(self, run_id: int, source: str) -> list[Waiting]:
        """Return the files of a source that pages named and that have no outcome yet."""
        query = "SELECT url, source, title, year, referrer FROM waiting WHERE run_id = ? AND source = ? ORDER BY url"
        with self._lock:
            return [Waiting(*row) for row in self._link.execute(query, (run_id, source))]

    def outcomes(self, run_id: int) -> pl.DataFrame:
        """Return the frame `fetch_outcomes` of a run, by source and address."""
        columns = ", ".join(_OUTCOME_COLUMNS)
        query = f"SELECT {columns} FROM outcome WHERE run_id = ? ORDER BY source, url"  # noqa: S608 - our own names
        with self._lock:
            rows = self._link.execute(query, (run_id,)).fetchall()
        spec = table("fetch_outcomes")
        return spec.conform(
            pl.DataFrame(rows, schema=dict.fromkeys(_OUTCOME_COLUMNS), orient="row", infer_schema_length=None)
            if rows
            else spec.empty_frame()
        )

    def _one(self, query: str, values: tuple[object, ...]) -> tuple[Any, ...] | None:
        with self._lock:
            row: tuple[Any, ...] | None = self._link.execute(query, values).fetchone()
        return row

    def _do(self, *statements: "_Statement") -> None:
        with self._lock:
            self._link.execute("BEGIN IMMEDIATE")
            try:
                for query, values in statements:
                    self._link.execute(query, values)
            except BaseException:
                self._link.execute("ROLLBACK")
                raise
            self._link.execute("COMMIT")


def summarize(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Return the frame `fetch_results`: the outcomes counted by source, with the reason of the first failure.

    A list that was read is no outcome; one that could not be read is a failure.
    """
    failed = pl.col("outcome") == FetchOutcome.FAILED.value
    brought = pl.col("outcome").is_in([FetchOutcome.NEW.value, FetchOutcome.CHANGED.value])
    frame = outcomes.group_by("source", maintain_order=True).agg(
        *((pl.col("outcome") == kind.value).sum().cast(pl.Int64).alias(kind.value) for kind in FetchOutcome),
        pl.col("bytes").filter(brought).sum().cast(pl.Int64).alias("bytes"),
        pl.col("reason").filter(failed).first().alias("reason"),
    )
    return table("fetch_results").conform(frame)


def selection_of(sources: Collection[str], years: Collection[str] | None) -> str:
    """Return what tells one selection from another, so that only the same is gone on with."""
    return json.dumps([sorted(sources), None if years is None else sorted(years)], ensure_ascii=False)


def known_from(path: str, sidecar: Sidecar) -> Known:
    """Return what a sidecar tells of its address."""
    headers = {name.lower(): value for name, value in sidecar.headers.items()}
    return Known(
        url=sidecar.url,
        source=sidecar.source,
        role=FetchRole(sidecar.role),
        title=sidecar.title,
        year=sidecar.year,
        referrer=sidecar.page_url if sidecar.role == FetchRole.ATTACHMENT else None,
        path=path,
        sha256=sidecar.sha256,
        validators=Validators(headers.get("etag"), headers.get("last-modified")),
        gone_at=sidecar.gone_at,
    )


_Statement = tuple[str, tuple[object, ...]]
_OUTCOME_COLUMNS = [field.name for field in fields(Outcome)]
_PUT_OUTCOME = (
    f"INSERT OR REPLACE INTO outcome (run_id, {', '.join(_OUTCOME_COLUMNS)}) "  # noqa: S608 - our own names
    f"VALUES (?{', ?' * len(_OUTCOME_COLUMNS)})"
)
_PUT_VERSION = "INSERT OR IGNORE INTO version VALUES (?, ?)"
_KNOWN_COLUMNS = "url, source, role, title, year, referrer, path, sha256, etag, last_modified, gone_at"


def _known(row: tuple[Any, ...]) -> Known:
    url, source, role, title, year, referrer, path, sha256, etag, last_modified, gone_at = row
    return Known(
        url, source, FetchRole(role), title, year, referrer, path, sha256, Validators(etag, last_modified),
        None if gone_at is None else read_time(gone_at),
    )  # fmt: skip


def _put_address(known: Known) -> list[_Statement]:
    values = (
        known.url, known.source, known.role.value, known.title, known.year, known.referrer, known.path, known.sha256,
        known.validators.etag, known.validators.last_modified, known.gone_at and write_time(known.gone_at),
    )  # fmt: skip
    query = f"INSERT OR REPLACE INTO address ({_KNOWN_COLUMNS}) VALUES (?{', ?' * (len(values) - 1)})"  # noqa: S608 - our own names
    return [(query, values), (_PUT_VERSION, (known.url, known.path))]
