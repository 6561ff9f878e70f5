"""The new DuckDB file: made beside the old one, filled by name, proved, and closed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from pipelines.load.agencies import read_wanted, require_decisions
from pipelines.load.file_states import SettledFiles
from pipelines.load.fill import (
    CATALOG,
    SUMMED,
    Fill,
    count_rows,
    drop_portion,
    enter_parts,
    fill_portion,
    insert_query,
    prepare_portions,
    read_query,
)
from pipelines.load.meta import column_rows, rule_rows, table_rows
from pipelines.load.portions import BY_REPORT, SUMMARY, Staging, open_staging
from pipelines.load.record import digest_files, read_decisions
from pipelines.load.regions import region_rows
from pipelines.load.release import release_rows
from pipelines.load.reviews import SettledReviews, settle_reviews
from pipelines.load.series import settle_series
from pipelines.load.settings import LoadLimits
from pipelines.load.staged_views import require_fresh, show_frame
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
from schemas.dimension import code_dimensions, deadline_rows, year_dimension
from schemas.macro import macro_rows, macro_statements
from schemas.measure import expand_marks, measure_cells, measure_rows
from schemas.table import TableSpec
from schemas.unit import yuan_by_unit

_blank: dict[str, bytes] = {}  # storage version → a file with every table, view and macro and no row


@contextmanager
def open_build(path: Path, limits: LoadLimits) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection whose default database is the file at `path`, made where there is none; close it checkpointed.

    The file is attached to a database in memory because only ATTACH takes a storage version. Spills go beside it. It
    has no write-ahead log: nobody would recover half a build, and each 16 MB of log were a checkpoint in between.

    One thread works: a portion is three row groups, and to divide each of its hundreds of queries among two threads
    took a third more of the processor and hardly less time.
    """
    connection = duckdb.connect(":memory:")
    try:
        connection.execute("SET threads = 1")
        # Staged files are read once: kept, they took more than half of what may be held of a hundred thousand reports.
        connection.execute("SET enable_external_file_cache = false")
        connection.execute("SET enable_progress_bar = false")  # shown where Python runs no file, as Dagster's runs do
        connection.execute(f"SET memory_limit = {quote_text(limits.memory)}")
        connection.execute(f"SET temp_directory = {quote_text(str(path.parent / 'spill'))}")
        if not path.exists():
            _lay_out(connection, path, limits.storage_version)
        with _attached(connection, path, limits.storage_version):
            yield connection
    finally:
        connection.close()


@contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, path: Path, version: str) -> Iterator[None]:
    """Make the file at `path` the default database; where all went well it is checkpointed and closed."""
    connection.execute(
        f"ATTACH {quote_text(str(path))} AS {CATALOG} "
        f"(STORAGE_VERSION {quote_text(version)}, RECOVERY_MODE no_wal_writes)"
    )
    connection.execute(f"USE {CATALOG}")
    yield
    connection.execute(f"CHECKPOINT {CATALOG}")
    connection.execute("USE memory")
    connection.execute(f"DETACH {CATALOG}")


def _lay_out(connection: duckdb.DuckDBPyConnection, path: Path, version: str) -> None:
    """Make a file with every table, view and macro of the contract and no row.

    Once a process, and copied from then on: 1,500 comments take longer than all that is done for a few reports. Opened
    anew it is filled more quickly than right after they were made.
    """
    if version in _blank:
        path.write_bytes(_blank[version])
        return
    with _attached(connection, path, version):
        _create_all(connection)
    _blank[version] = path.read_bytes()


def fill_warehouse(fill: Fill) -> None:
    """Fill every table of the contract.

    Raises:
        WarehouseError: A stage is not up to date or has not run over a file, or rows do not prove themselves.
        UsageError: A reviewer's decision matches no report, or the user's list of agencies cannot be understood.
    """
    connection = fill.connection
    insert_frames(fill, _fixed_tables())
    insert_frames(fill, settled_tables(fill.settled))
    insert_frames(fill, {"review_verdict": show_decisions(fill).review_verdict})
    prepare_portions(fill)
    portions = fill.staging.portions()
    for portion in portions:
        fill_portion(fill, portion)
    for name in BY_REPORT if portions else ():
        enter_parts(fill, name)
    drop_portion(connection)
    insert_corrected(fill)
    _insert_coverage(fill)
    insert_meta(fill)
    # Without a file there is no portion, and the big tables' twins are empty like the others.
    fill.digests = digest_files(fill.staging, None)
    fill.written = tuple(spec.name for spec in warehouse_tables() if not portions or spec.name not in BY_REPORT)


def settle(workspace: Workspace) -> tuple[Staging, SettledFiles]:
    """Return what is staged, and the state of every file; the rules across years are brought up to date on the way.

    Raises:
        WarehouseError: A stage is not up to date, or has not run over a file.
        UsageError: A reviewer's decision matches no report.
    """
    require_fresh(workspace)
    require_decisions(workspace)
    settled = settle_series(workspace)
    return open_staging(workspace), settled


def _create_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Create every table, view and macro with its comments, in one transaction: 400 commits outlast a small load."""
    statements = ["BEGIN"]
    for spec in (*warehouse_tables(), *warehouse_views()):
        statements += _creation(spec)
    connection.execute(";\n".join([*statements, *macro_statements(), "COMMIT"]))


def _creation(spec: TableSpec) -> Iterable[str]:
    yield create_view(spec) if spec.layer == "view" else create_table(spec)
    yield from comment_statements(spec)


def replace_tables(connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> None:
    """Empty tables by creating them anew: DuckDB would hold a deleted key against the row that takes its place."""
    wanted = set(names)
    statements = ["BEGIN"]
    for spec in warehouse_tables():
        if spec.name in wanted:
            statements += _creation(spec)
    connection.execute(";\n".join([*statements, "COMMIT"]))


def _fixed_tables() -> dict[str, pl.DataFrame]:
    """Return the tables that the code and its data files decide alone."""
    return {
        "dim_region": region_rows(),
        **code_dimensions(),
        "form_bridge": bridge_rows(),
        "dim_measure": measure_rows(),
        "measure_cell": measure_cells(),
        "dim_deadline": deadline_rows(),
        "quality_rule": rule_rows(),
        "meta_column": column_rows(),
        "meta_macro": macro_rows(),
    }


def settled_tables(settled: SettledFiles) -> dict[str, pl.DataFrame]:
    """Return the tables with a row a file, a report or an agency."""
    return {
        "source_file": settled.source_file,
        "dim_agency": settled.dim_agency,
        "dim_agency_alias": settled.dim_agency_alias,
        "dim_year": year_dimension(settled.dim_report["year"].to_list()),
        "dim_report": settled.dim_report,
    }


def show_decisions(fill: Fill) -> SettledReviews:
    """Show the queries what people have decided, and what else they need beside the staged frames."""
    reviews = settle_reviews(fill.workspace, fill.settled)
    units = pl.DataFrame(list(yuan_by_unit().items()), schema={"unit": pl.String, "yuan": pl.Float64}, orient="row")
    shown = {
        "reviewed_cell": reviews.reviewed_cell,
        "reviewed_outcome": reviews.reviewed_outcome,
        "reviewed_suspicion": reviews.reviewed_suspicion,
        "known_unit": units,
        "version_finding": fill.settled.version_finding,
        "seen_report": fill.settled.seen_report,
        "wanted_agency": read_wanted(fill.workspace.wanted_agencies),
        "last_season": pl.DataFrame({"year": [fill.limits.last_season]}),
    }
    for view, frame in shown.items():
        show_frame(fill.connection, fill.folder, view, frame)
    return reviews


def insert_corrected(fill: Fill) -> None:
    """Add up the reviewed facts of the reports for which a right value is recorded."""
    corrected = "SELECT report_id FROM review_verdict WHERE verdict = 'corrected' AND report_id IS NOT NULL"
    files = f"SELECT DISTINCT file_id FROM dim_report SEMI JOIN ({corrected}) USING (report_id)"  # noqa: S608 - ours
    fill.connection.execute(f"CREATE OR REPLACE TEMP TABLE portion_file AS {files}")
    if count_rows(fill.connection, "portion_file", "temp"):
        for view, fact in SUMMED.items():
            fill.connection.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS FROM {CATALOG}.{fact}_reviewed")
        fill.connection.execute(f"CREATE OR REPLACE TEMP TABLE unread_cell AS {read_query('unread_after_review')}")
        insert_query(fill.connection, f"{SUMMARY}_corrected", expand_marks(read_query(SUMMARY)))


def _insert_coverage(fill: Fill) -> None:
    """Fill coverage; last of the tables, because whether a report passed is a matter of all its rules."""
    insert_query(fill.connection, "coverage", read_query("coverage"))


def insert_meta(fill: Fill) -> None:
    """Fill the tables that tell of the others."""
    counts = {spec.name: count_rows(fill.connection, spec.name) for spec in warehouse_tables() if spec.layer != "meta"}
    releases = release_rows(
        fill.workspace, fill.settled, read_decisions(fill.workspace), counts, fill.limits.storage_version
    )
    insert_frames(fill, {"meta_table": table_rows(counts), "meta_release": releases})


def insert_frames(fill: Fill, frames: dict[str, pl.DataFrame]) -> None:
    """Insert frames into the tables of their names."""
    for name, frame in frames.items():
        view = f"new_{name}"
        show_frame(fill.connection, fill.folder, view, frame)
        insert_query(fill.connection, name, f"FROM {quote_name(view)}")
