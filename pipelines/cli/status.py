"""`gongkai status`: what the warehouse covers, and what it does not and why."""

from argparse import Namespace
from collections.abc import Iterator

import duckdb
import polars as pl
from rich.console import RenderableType
from rich.text import Text

from pipelines.cli.terminal import make_console, make_table
from pipelines.cli.warehouse import ask, open_warehouse
from pipelines.orchestrate.project import open_project
from pipelines.settings import Workspace

_REJECTED_SHOWN = 50

# Files by the year they report, where it is known, else by the year of their folder.
_COVERAGE = """
WITH file AS (
    SELECT file_id, status, coalesce(report_year, folder_year) AS year FROM source_file
), found AS (
    SELECT file_id, count(*) FILTER (severity = 'error') AS errors, count(*) FILTER (severity = 'warn') AS warnings
    FROM finding GROUP BY ALL
), failed AS (
    SELECT report.file_id, count(*) AS failures
    FROM quality_result JOIN dim_report AS report USING (report_id)
    WHERE quality_result.status = 'fail' GROUP BY ALL
), cells AS (
    SELECT file_id, count(*) AS cells FROM reported_cell GROUP BY ALL
)
SELECT
    coalesce(year::VARCHAR, 'unknown') AS year,
    count(*) AS files,
    count(*) FILTER (status = 'loaded') AS loaded,
    count(*) FILTER (status = 'superseded') AS superseded,
    count(*) FILTER (status = 'duplicate') AS duplicate,
    count(*) FILTER (status = 'rejected') AS rejected,
    coalesce(sum(cells), 0)::BIGINT AS cells,
    coalesce(sum(errors), 0)::BIGINT AS errors,
    coalesce(sum(warnings), 0)::BIGINT AS warnings,
    coalesce(sum(failures), 0)::BIGINT AS broken_rules
FROM file LEFT JOIN found USING (file_id) LEFT JOIN failed USING (file_id) LEFT JOIN cells USING (file_id)
GROUP BY ALL ORDER BY year
"""

# Agencies, not files: who should have reported and how far each got.
_AGENCIES = """
SELECT year::VARCHAR AS year,
    count(*) FILTER (is_expected) AS expected,
    count(*) FILTER (is_found) AS found,
    count(*) FILTER (is_parsed) AS parsed,
    count(*) FILTER (is_loaded) AS loaded,
    count(*) FILTER (is_passed) AS passed,
    count(*) FILTER (is_expected AND NOT is_found) AS missing
FROM coverage GROUP BY ALL ORDER BY year
"""

_REJECTED = """
SELECT path, reason_code, reason FROM source_file WHERE status = 'rejected' ORDER BY path
"""


def run(options: Namespace) -> int:
    """Show files and agencies by year, then the rejected files."""
    console = make_console()
    for part in render_status(open_project(warehouse=options.warehouse).workspace):
        console.print(part)
    return 0


def render_status(workspace: Workspace) -> Iterator[RenderableType]:
    """Yield files and agencies by year, the rejected files with their reasons, and where warehouse and page are.

    Raises:
        UsageError: There is no warehouse yet.
    """
    with open_warehouse(workspace.database) as connection:
        yield _render_years("Files by report year", ask(connection, _COVERAGE))
        yield from _render_agencies(ask(connection, _AGENCIES))
        yield from _render_rejected(connection)
    yield Text(f"warehouse: {workspace.database} ({workspace.database.stat().st_size / 1e6:.1f} MB)")
    if workspace.quality_page.is_file():
        yield Text(f"quality page: {workspace.quality_page} (open it in a browser)")


def _render_agencies(coverage: pl.DataFrame) -> Iterator[RenderableType]:
    if coverage.is_empty():
        return
    yield _render_years("Agencies by report year", coverage)
    if coverage["missing"].sum():
        yield Text("who is missing: gongkai query \"FROM coverage WHERE reason_code = 'missing_report'\"", style="dim")


def _render_years(title: str, coverage: pl.DataFrame) -> RenderableType:
    table = make_table(title)
    for name in coverage.columns:
        table.add_column(name.replace("_", " "), justify="left" if name == "year" else "right")
    for row in coverage.iter_rows():
        table.add_row(*(str(value) if isinstance(value, str) else f"{value:,}" for value in row))
    if coverage.height > 1:
        totals = [f"{coverage[name].sum():,}" for name in coverage.columns[1:]]
        table.add_section()
        table.add_row("all", *totals, style="bold")
    return table


def _render_rejected(connection: duckdb.DuckDBPyConnection) -> Iterator[RenderableType]:
    rejected = ask(connection, _REJECTED)
    if rejected.is_empty():
        return
    table = make_table(f"Rejected: {rejected.height:,}")
    for heading in ("file", "reason", "what was found"):
        table.add_column(heading, overflow="fold")
    for path, code, reason in rejected.head(_REJECTED_SHOWN).iter_rows():
        table.add_row(Text(path), code, Text(reason or ""))
    yield table
    if rejected.height > _REJECTED_SHOWN:
        yield Text(
            f"{_REJECTED_SHOWN} of {rejected.height:,} shown; "
            "all of them: gongkai query \"FROM source_file WHERE status = 'rejected'\" -f csv",
            style="dim",
        )
