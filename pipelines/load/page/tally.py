"""What the page asks of the big tables, answered batch by batch, and kept for as long as a batch's rows are the same.

A hundred thousand reports have twenty million cells, and of one that was corrected one batch in four hundred says
something else. So each answer is a frame with the column `batch` (`queries/tally_*.sql`), of which the page takes the
sums or the first few. Asked are the Parquet twins, a file a batch, and not the tables, which would be looked through.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import duckdb
import polars as pl
from polars.exceptions import PolarsError

from pipelines.load.page.ask import Parameter, ask
from pipelines.load.staged_views import show_frame
from pipelines.staging.store import write_file
from schemas.ddl import quote_name, quote_text
from schemas.rule import load_rules

QUESTIONS = ("rules", "trend", "totals", "cells", "findings", "worst")
_ASKED = ("quality_result", "suspected_cell", "reported_cell", "finding")
_COUNTED = "batches"


@dataclass(frozen=True, slots=True)
class Twins:
    """The files of the big tables' twins.

    Attributes:
        folder: Of one release.
        parts: Name of the file, the same in each big table's folder, by batch.
        placed: (file_id, batch) of every file.
        scratch: Takes a small file for DuckDB to read.
    """

    folder: Path
    parts: Mapping[str, str]
    placed: pl.DataFrame
    scratch: Path

    def identify(self, base: str) -> pl.DataFrame:
        """Return (batch, key); the key tells rows and way of counting: a part is never written to, only replaced."""
        rows = []
        for batch, part in self.parts.items():
            stat = (self.folder / f"{_ASKED[0]}.parquet" / part).stat()
            rows.append((batch, f"{base} {stat.st_ino} {stat.st_size} {stat.st_mtime_ns}"))
        return pl.DataFrame(rows, schema={"batch": pl.String, "key": pl.String}, orient="row")

    @contextmanager
    def shown(self, connection: duckdb.DuckDBPyConnection, batches: Collection[str]) -> Iterator[None]:
        """Let the big tables be the rows of some batches while the block runs."""
        for name in _ASKED:
            files = (str(self.folder / f"{name}.parquet" / self.parts[batch]) for batch in sorted(batches))
            listed = ", ".join(map(quote_text, files))
            query = f"FROM read_parquet([{listed}], hive_partitioning = false)"
            connection.execute(f"CREATE OR REPLACE TEMP VIEW {quote_name(name)} AS {query}")
        try:
            yield
        finally:
            for name in _ASKED:
                connection.execute(f"DROP VIEW temp.{quote_name(name)}")


@dataclass(frozen=True, slots=True)
class Tallies:
    """The answers.

    Attributes:
        frames: By question.
        twins: Where the rows are that they were counted from; None for the tables themselves.
    """

    frames: Mapping[str, pl.DataFrame]
    twins: Twins | None = field(default=None)

    @contextmanager
    def shown(self, connection: duckdb.DuckDBPyConnection, batches: Collection[str]) -> Iterator[None]:
        """Let the big tables be small enough to be looked through for some reports of these batches."""
        if self.twins is None or not batches:
            yield
        else:
            with self.twins.shown(connection, batches):
                yield


def tally_tables(connection: duckdb.DuckDBPyConnection, most_reports: int) -> Tallies:
    """Return the answers of the whole tables, as of one batch.

    Args:
        connection: The warehouse, its catalogue the default.
        most_reports: Of a batch that may be among the worst.
    """
    placed = "SELECT file_id, '' AS batch FROM source_file"
    return Tallies(_count(connection, placed, most_reports))


def tally_twins(
    connection: duckdb.DuckDBPyConnection, most_reports: int, twins: Twins, kept_in: Path, base: str
) -> Tallies:
    """Return the answers, those of batches that were counted before from where they are kept, and keep all.

    Args:
        connection: The warehouse, its catalogue the default.
        most_reports: Of a batch that may be among the worst.
        twins: Of the same warehouse.
        kept_in: Folder with a file a question; it saves work and nothing else.
        base: Hash of the code and all else that decides the answers.
    """
    if not twins.parts:
        return tally_tables(connection, most_reports)
    now = twins.identify(base)
    known = _read_kept(kept_in, _COUNTED, now)
    kept = {name: _read_kept(kept_in, name, known) for name in QUESTIONS} if known is not None else {}
    frames = {name: frame.drop("key") for name, frame in kept.items() if frame is not None}
    if known is None or len(frames) < len(QUESTIONS):
        known, frames = now.clear(), {}
    fresh = now.join(known, on="batch", how="anti")
    if fresh.height:
        placed = twins.placed.join(fresh, on="batch", how="semi")
        show_frame(connection, twins.scratch, "placed_file", placed)
        with twins.shown(connection, fresh["batch"].to_list()):
            made = _count(connection, "FROM placed_file", most_reports)
        frames = {
            name: pl.concat([frames[name], rows], how="vertical_relaxed") if frames else rows
            for name, rows in made.items()
        }
        # What says which batches are counted comes last: all that it names is there.
        for name, frame in {**frames, _COUNTED: now.select("batch")}.items():
            buffer = BytesIO()
            frame.join(now, on="batch", maintain_order="left").write_parquet(buffer, compression="lz4")
            write_file(kept_in / f"{name}.parquet", buffer.getvalue())
    return Tallies(frames, twins)


def _read_kept(folder: Path, name: str, wanted: pl.DataFrame) -> pl.DataFrame | None:
    """Return what is kept of the batches in (batch, key); None where nothing can be read."""
    try:
        kept = pl.read_parquet((folder / f"{name}.parquet").read_bytes())
        return kept.join(wanted, on=["batch", "key"], how="semi", maintain_order="left")
    except (OSError, PolarsError):
        return None


def _count(connection: duckdb.DuckDBPyConnection, placed: str, most_reports: int) -> dict[str, pl.DataFrame]:
    """Put all questions to the big tables as they are seen, for the files in the query `placed`."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE tallied_file AS {placed}")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE tallied_report AS SELECT report_id, file_id, batch, year, is_current "
        "FROM dim_report JOIN tallied_file USING (file_id)"
    )
    tables = {rule.id: rule.table_code or "" for rule in load_rules().values()}
    given: dict[str, dict[str, Parameter]] = {
        "worst": {"rules": list(tables), "tables": list(tables.values()), "limit": most_reports}
    }
    answers = {name: ask(connection, f"tally_{name}", **given.get(name, {})) for name in QUESTIONS}
    return {name: frame.cast({"batch": pl.String}) for name, frame in answers.items()}
