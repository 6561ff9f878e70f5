"""The new DuckDB file: made beside the old one, filled by name, proved, and closed."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import duckdb
import polars as pl

from pipelines.check import run_series
from pipelines.load import spool
from pipelines.load.agencies import read_wanted, require_decisions
from pipelines.load.meta import column_rows, release_row, rule_rows, table_rows
from pipelines.load.regions import region_rows
from pipelines.load.reviews import SettledReviews, settle_reviews
from pipelines.load.series import current_reports, settle_staged
from pipelines.load.settings import LoadLimits
from pipelines.load.states import SettledFiles
from pipelines.settings import Workspace
from schemas.bridge import bridge_rows
from schemas.ddl import (
    comment_statements,
    create_table,
    create_view,
    quote_name,
    quote_text,
    warehouse_tables,
    warehouse_views,
)
from schemas.dimension import code_dimensions, deadline_rows, year_dimension, yuan_by_unit
from schemas.measure import expand_marks, measure_cells, measure_rows
from schemas.table import table

CATALOG = "gongkai"

_PARTITIONED = ("reported_cell", "report_section", "agency_resolution", "quality_result", "suspected_cell", "finding")
_ACROSS_YEARS = ("quality_result", "suspected_cell", "finding")
_FACTS = ("fact_request_flow", "fact_request_outcome", "fact_challenge", "fact_proactive", "fact_legacy")

# View over the rows that a summary adds up → the fact.
_SUMMED = {
    "flow_figure": "fact_request_flow", "outcome_figure": "fact_request_outcome", "challenge_figure": "fact_challenge",
    "proactive_figure": "fact_proactive",
}  # fmt: skip


@contextmanager
def open_build(path: Path, limits: LoadLimits) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection whose default database is a new file at `path`, and close it checkpointed.

    The file is attached to a database in memory because only ATTACH takes a storage version. Spills go beside it.
    """
    connection = duckdb.connect(":memory:")
    try:
        connection.execute(f"SET memory_limit = {quote_text(limits.memory)}")
        connection.execute(f"SET temp_directory = {quote_text(str(path.parent / 'spill'))}")
        connection.execute(
            f"ATTACH {quote_text(str(path))} AS {CATALOG} (STORAGE_VERSION {quote_text(limits.storage_version)})"
        )
        connection.execute(f"USE {CATALOG}")
        yield connection
        connection.execute(f"CHECKPOINT {CATALOG}")
        connection.execute("USE memory")
        connection.execute(f"DETACH {CATALOG}")
    finally:
        connection.close()


def fill_warehouse(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, folder: Path, limits: LoadLimits
) -> SettledFiles:
    """Create and fill every table and view of the contract.

    Raises:
        WarehouseError: A stage is not up to date, or has not run over a file.
        UsageError: A reviewer's decision matches no report, or the user's list of agencies cannot be understood.
    """
    partitions = spool.require_fresh(workspace)
    _create_all(connection)
    require_decisions(workspace)
    settled = settle_staged(connection, workspace, folder)
    run_series(workspace, current_reports(settled))
    _insert_frames(connection, folder, _small_tables(settled))
    _show_reviews(connection, folder, settle_reviews(workspace, settled))
    for partition in partitions:
        spool.show_partition(connection, workspace, partition)
        for name in _PARTITIONED:
            _insert_query(connection, name, _query(name))
    spool.show_series(connection, workspace)
    for name in _ACROSS_YEARS:
        _insert_query(connection, name, _query(name))
    _insert_facts(connection, folder, settled)
    _insert_summaries(connection)
    _insert_coverage(connection, workspace, folder, settled, limits)
    _insert_meta(connection, folder, settled, limits)
    return settled


def _create_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Create every table and view with its comments, in one transaction: 400 commits outlast a small load."""
    statements = ["BEGIN"]
    for spec in (*warehouse_tables(), *warehouse_views()):
        statements.append(create_view(spec) if spec.layer == "view" else create_table(spec))
        statements += comment_statements(spec)
    connection.execute(";\n".join([*statements, "COMMIT"]))


def _show_reviews(connection: duckdb.DuckDBPyConnection, folder: Path, reviews: SettledReviews) -> None:
    """Load the verdicts, and show the queries what they decide."""
    _insert_frames(connection, folder, {"review_verdict": reviews.review_verdict})
    spool.show_frame(connection, folder, "reviewed_cell", reviews.reviewed_cell)
    spool.show_frame(connection, folder, "reviewed_outcome", reviews.reviewed_outcome)
    spool.show_frame(connection, folder, "reviewed_suspicion", reviews.reviewed_suspicion)


def _small_tables(settled: SettledFiles) -> dict[str, pl.DataFrame]:
    return {
        "source_file": settled.source_file,
        "dim_region": region_rows(),
        "dim_agency": settled.dim_agency,
        "dim_agency_alias": settled.dim_agency_alias,
        "dim_year": year_dimension(settled.dim_report["year"].to_list()),
        "dim_report": settled.dim_report,
        **code_dimensions(),
        "form_bridge": bridge_rows(),
        "dim_measure": measure_rows(),
        "measure_cell": measure_cells(),
        "dim_deadline": deadline_rows(),
        "quality_rule": rule_rows(),
    }


def _insert_facts(connection: duckdb.DuckDBPyConnection, folder: Path, settled: SettledFiles) -> None:
    units = pl.DataFrame(list(yuan_by_unit().items()), schema={"unit": pl.String, "yuan": pl.Float64}, orient="row")
    spool.show_frame(connection, folder, "known_unit", units)
    spool.show_frame(connection, folder, "version_finding", settled.version_finding)
    connection.execute(_query("working_set"))
    for name in _FACTS:
        _insert_query(connection, name, _query(name))
    _insert_query(connection, "finding", _query("load_finding"))


def _insert_summaries(connection: duckdb.DuckDBPyConnection) -> None:
    """Add up the facts of every report, and the reviewed ones of those for which a right value is recorded."""
    query = expand_marks(_query("report_summary"))
    for view, fact in _SUMMED.items():
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS FROM {fact}")
    _insert_query(connection, "report_summary", query)
    corrected = "SELECT report_id FROM review_verdict WHERE verdict = 'corrected' AND report_id IS NOT NULL"
    connection.execute(f"CREATE TEMP TABLE corrected_report AS SELECT DISTINCT report_id FROM ({corrected})")  # noqa: S608 - ours
    if count_rows(connection, "corrected_report"):
        for view, fact in _SUMMED.items():
            rows = f"FROM {fact}_reviewed AS f SEMI JOIN corrected_report AS c ON c.report_id = f.report_id"
            connection.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS {rows}")
        only = "SEMI JOIN corrected_report AS c ON c.report_id = s.report_id"
        _insert_query(connection, "report_summary_corrected", f"FROM (\n{query}\n) AS s {only}")


def _insert_coverage(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    folder: Path,
    settled: SettledFiles,
    limits: LoadLimits,
) -> None:
    """Fill coverage; last of the tables, because whether a report passed is a matter of all its rules."""
    spool.show_frame(connection, folder, "seen_report", settled.seen_report)
    spool.show_frame(connection, folder, "wanted_agency", read_wanted(workspace.wanted_agencies))
    spool.show_frame(connection, folder, "last_season", pl.DataFrame({"year": [limits.last_season]}))
    _insert_query(connection, "coverage", _query("coverage"))


def _insert_meta(
    connection: duckdb.DuckDBPyConnection, folder: Path, settled: SettledFiles, limits: LoadLimits
) -> None:
    counts = {spec.name: count_rows(connection, spec.name) for spec in warehouse_tables() if spec.layer != "meta"}
    frames = {
        "meta_table": table_rows(counts),
        "meta_column": column_rows(),
        "meta_release": release_row(settled, limits.storage_version),
    }
    _insert_frames(connection, folder, frames)


def count_rows(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    """Return the number of rows of a table or view."""
    row = connection.execute(f"SELECT count(*) FROM {quote_name(name)}").fetchone()  # noqa: S608 - quoted
    return int(row[0]) if row else 0


def _insert_frames(connection: duckdb.DuckDBPyConnection, folder: Path, frames: dict[str, pl.DataFrame]) -> None:
    for name, frame in frames.items():
        view = f"new_{name}"
        spool.show_frame(connection, folder, view, frame)
        _insert_query(connection, name, f"FROM {quote_name(view)}")


def _insert_query(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    """Insert a query's rows by the names of their columns, never by position, in the order of the table's key.

    The order makes two builds of the same files alike, and puts what is asked for together side by side.
    """
    order = ", ".join(quote_name(column) for column in table(name).key) or "ALL"
    connection.execute(f"INSERT INTO {CATALOG}.{quote_name(name)} BY NAME FROM (\n{query}\n) ORDER BY {order}")


def _query(name: str) -> str:
    return (files("pipelines.load") / "queries" / f"{name}.sql").read_text(encoding="utf-8")
