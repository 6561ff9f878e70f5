"""One portion's rows of the big tables: made as temporary tables, proved there, then entered and written as twins.

A temporary table hides the warehouse's own of the same name, so the queries and proofs that speak of `reported_cell`
speak of the portion's rows, and of the whole small tables beside them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

import duckdb
import polars as pl

from pipelines.load.file_states import SettledFiles
from pipelines.load.portions import (
    BY_FILE,
    BY_REPORT,
    EVIDENCE,
    FACTS,
    SUMMARY,
    Portion,
    Staging,
    assign_batches,
    name_part,
)
from pipelines.load.proofs import prove_portion
from pipelines.load.settings import LoadLimits
from pipelines.load.staged_views import query_files, show_frame, show_portion
from pipelines.settings import Workspace
from schemas.ddl import create_table, quote_name, quote_text
from schemas.measure import expand_marks
from schemas.package import parquet_metadata
from schemas.table import table

CATALOG = "gongkai"
# View over the rows that a summary adds up → the fact.
SUMMED = {
    "flow_figure": "fact_request_flow", "outcome_figure": "fact_request_outcome", "challenge_figure": "fact_challenge",
    "proactive_figure": "fact_proactive",
}  # fmt: skip
CHECKED = "checked_report"  # (report_id, assessed, failed_checks) of current reports, filled portion by portion


@dataclass
class Fill:
    """One filling of a database file.

    Attributes:
        folder: Where frames are written for the queries to read.
        twins: Where the Parquet twins go.
        rows: Rows that each big table has, or will have once the facts are entered.
        written: The small tables whose twins are to be written.
        counts: Rows by table, at the end.
        placed: (file_id, batch) of every file.
        digests: What each file was made from, as `pipelines.load.record` notes it.
    """

    connection: duckdb.DuckDBPyConnection
    workspace: Workspace
    folder: Path
    twins: Path
    limits: LoadLimits
    staging: Staging
    settled: SettledFiles
    rows: dict[str, int] = field(default_factory=dict)
    written: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    placed: pl.DataFrame = field(init=False)
    digests: pl.DataFrame = field(default_factory=pl.DataFrame)

    def __post_init__(self) -> None:
        self.placed = assign_batches(self.settled.partitions)


def prepare_portions(fill: Fill) -> None:
    """Create what outlasts a portion."""
    fill.connection.execute(f"CREATE TEMP TABLE {CHECKED} (report_id BIGINT, assessed BIGINT, failed_checks BIGINT)")


def fill_portion(fill: Fill, portion: Portion) -> None:
    """Make, prove and write one portion's rows of all big tables; `enter_parts` enters them once all are written.

    Raises:
        WarehouseError: With every promise that the rows break.
    """
    show_files(fill, fill.placed.filter(pl.col("batch").is_in(portion.batches)))
    make_rows(fill, portion)
    write_parts(fill, portion.batches, "temp")


def show_files(fill: Fill, members: pl.DataFrame) -> None:
    """Let `portion_file` be the files that are spoken of, in (file_id, batch)."""
    show_frame(fill.connection, fill.folder, "portion_files", members.select("file_id", "batch"))
    fill.connection.execute("CREATE OR REPLACE TEMP TABLE portion_file AS FROM portion_files")


def make_rows(fill: Fill, portion: Portion, *, is_part: bool = False) -> None:
    """Fill the temporary tables from what is staged of the files in `portion_file`, and prove them."""
    connection = fill.connection
    for name in BY_REPORT:
        connection.execute(create_table(table(name), is_temporary=True))
    show_portion(connection, fill.staging, portion, is_part=is_part)
    for name in EVIDENCE:
        if name != "finding":
            _make(connection, name, read_query(name))
    connection.execute(read_query("working_set"))
    for name in FACTS:
        _make(connection, name, read_query(name))
    _make(connection, "finding", f"(\n{read_query('finding')}\n) UNION ALL BY NAME (\n{read_query('load_finding')}\n)")
    for view, fact in SUMMED.items():
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS FROM temp.{fact}")
    _make(connection, SUMMARY, expand_marks(read_query(SUMMARY)))
    connection.execute(f"INSERT INTO {CHECKED} BY NAME {read_query(CHECKED)}")
    prove_portion(connection, fill.staging, fill.settled, portion, is_part=is_part)
    for name in BY_REPORT:
        fill.rows[name] = fill.rows.get(name, 0) + count_rows(connection, name, "temp")


def drop_portion(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the temporary tables, so that the warehouse's own are seen again."""
    for name in BY_REPORT:
        connection.execute(f"DROP TABLE IF EXISTS temp.{quote_name(name)}")


def enter_parts(fill: Fill, name: str) -> None:
    """Enter all rows of a big table from the files of its twin.

    At once, and not portion by portion: so every row group is full when it is written, and is not written again each
    time that more comes. Evidence stands portion by portion; facts and the summary are sorted by the whole table's key,
    so that what is asked for together stands together on the disk.
    """
    parts = query_files(sorted((fill.twins / f"{name}.parquet").iterdir()), name)
    if name in EVIDENCE:
        fill.connection.execute(f"INSERT INTO {CATALOG}.{quote_name(name)} BY NAME {parts}")
    else:
        insert_query(fill.connection, name, parts)


def enter_rows(fill: Fill, name: str) -> None:
    """Enter a temporary table's rows into the warehouse's table of that name, in the order in which they stand."""
    fill.connection.execute(f"INSERT INTO {CATALOG}.{quote_name(name)} BY NAME FROM temp.{quote_name(name)}")


def write_parts(fill: Fill, batches: Iterable[str], catalog: str) -> None:
    """Write the files that hold the rows of some batches of the big tables' twins.

    Args:
        fill: The filling.
        batches: All files of which stand in `portion_file`.
        catalog: Where the rows stand: `temp` or the warehouse's own.
    """
    for batch in batches:
        show_part(fill.connection, batch)
        for name in BY_REPORT:
            write_part(fill, batch, name, f"FROM {catalog}.{quote_name(name)} WHERE {in_part(name)}")


def show_part(connection: duckdb.DuckDBPyConnection, batch: str) -> None:
    """Let `part_file` and `part_report` be the files of a batch in `portion_file`, and their reports."""
    of_batch = f"SELECT file_id FROM portion_file WHERE batch = {quote_text(batch)}"  # noqa: S608 - quoted
    connection.execute(f"CREATE OR REPLACE TEMP TABLE part_file AS {of_batch}")
    of_files = "SELECT report_id FROM dim_report SEMI JOIN part_file USING (file_id)"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE part_report AS {of_files}")


def in_part(name: str) -> str:
    """Return the condition under which a big table's row belongs to the batch that `show_part` shows."""
    return "file_id IN (FROM part_file)" if name in BY_FILE else "report_id IN (FROM part_report)"


def locate_part(twins: Path, name: str, batch: str) -> Path:
    """Return where a release keeps the rows of a batch of a big table's twin."""
    return twins / f"{name}.parquet" / f"{name_part(batch)}.parquet"


def write_part(fill: Fill, batch: str, name: str, query: str) -> None:
    """Write a query's rows as the file of a batch of a big table's twin, in the order of the table's key."""
    path = locate_part(fill.twins, name, batch)
    path.parent.mkdir(exist_ok=True)
    write_twin(fill.connection, name, path, f"FROM ({query}) ORDER BY {key_order(name)}", fill.limits)


def write_twin(connection: duckdb.DuckDBPyConnection, name: str, path: Path, query: str, limits: LoadLimits) -> None:
    """Write a query's rows as Parquet, with the meaning of table `name` in the file's footer."""
    options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {limits.row_group_rows}, KV_METADATA {_footer(name)}"
    connection.execute(f"COPY ({query}) TO {quote_text(str(path))} ({options})")


@cache
def _footer(name: str) -> str:
    """Return the meaning of a table as COPY takes it; a big table's is written with every batch."""
    told = ", ".join(f"{quote_text(key)}: {quote_text(text)}" for key, text in parquet_metadata(table(name)).items())
    return f"{{{told}}}"


def _make(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    """Fill a temporary table, in whatever order: rows are sorted when they are written to a batch's file."""
    connection.execute(f"INSERT INTO temp.{quote_name(name)} BY NAME FROM (\n{query}\n)")


def insert_query(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    """Insert a query's rows by the names of their columns, never by position, in the order of the table's key.

    The order makes two builds of the same files alike, and puts what is asked for together side by side.
    """
    connection.execute(
        f"INSERT INTO {CATALOG}.{quote_name(name)} BY NAME FROM (\n{query}\n) ORDER BY {key_order(name)}"
    )


def key_order(name: str) -> str:
    """Return the columns by which a table's rows are ordered."""
    return ", ".join(quote_name(column) for column in table(name).key) or "ALL"


def count_rows(connection: duckdb.DuckDBPyConnection, name: str, catalog: str = CATALOG) -> int:
    """Return the number of rows of a table or view."""
    row = connection.execute(f"SELECT count(*) FROM {catalog}.{quote_name(name)}").fetchone()  # noqa: S608 - quoted
    return int(row[0]) if row else 0


def read_query(name: str) -> str:
    """Return the text of a query."""
    return (files("pipelines.load") / "queries" / f"{name}.sql").read_text(encoding="utf-8")
