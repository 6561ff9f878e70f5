"""`gongkai status`: what the warehouse covers, and what it does not and why."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from pipelines.cli.terminal import make_console, make_table
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

# The number is ours, and not bound: DuckDB imports pandas to look at a bound value, a third of a second.
_REJECTED = f"""
SELECT path, reason_code, reason, count(*) OVER () AS total
FROM source_file WHERE status = 'rejected' ORDER BY path LIMIT {_REJECTED_SHOWN}
"""  # noqa: S608 - our own number


@dataclass(frozen=True, slots=True)
class Status:
    """What there is to show, as plain values: a build that finds nothing to do shows what the one before asked.

    Attributes:
        files: Counts by report year, a row a year; the first row names the columns.
        agencies: The same of who should have reported.
        rejected: (path, reason code, reason) of the first rejected files.
        rejected_count: How many there are.
    """

    files: Sequence[Sequence[Any]]
    agencies: Sequence[Sequence[Any]]
    rejected: Sequence[Sequence[Any]]
    rejected_count: int


def run(options: Namespace) -> int:
    """Show files and agencies by year, then the rejected files."""
    console = make_console()
    workspace = open_project(warehouse=options.warehouse).workspace
    for part in render_status(read_status(workspace), workspace):
        console.print(part)
    return 0


def read_status(workspace: Workspace) -> Status:
    """Ask the warehouse for its status.

    Raises:
        UsageError: There is no warehouse yet.
    """
    from pipelines.cli.warehouse import ask, open_warehouse  # half of the time of a build that finds nothing to do

    with open_warehouse(workspace.database) as connection:
        files, agencies = (ask(connection, query) for query in (_COVERAGE, _AGENCIES))
        rejected = ask(connection, _REJECTED).rows()
    return Status(
        [files.columns, *files.rows()],
        [agencies.columns, *agencies.rows()],
        [row[:3] for row in rejected],
        rejected[0][3] if rejected else 0,
    )


def render_status(status: Status, workspace: Workspace) -> Iterator[RenderableType]:
    """Yield files and agencies by year, the rejected files with their reasons, and where warehouse and page are."""
    yield _render_years("Files by report year", status.files)
    columns, *years = status.agencies
    if years:
        yield _render_years("Agencies by report year", status.agencies)
        missing = list(columns).index("missing")
        if any(row[missing] for row in years):
            yield Text(
                "who is missing: gongkai query \"FROM coverage WHERE reason_code = 'missing_report'\"", style="dim"
            )
    yield from _render_rejected(status)
    yield Text(f"warehouse: {workspace.database} ({workspace.database.stat().st_size / 1e6:.1f} MB)")
    if workspace.quality_page.is_file():
        yield Text(f"quality page: {workspace.quality_page} (open it in a browser)")


def _render_years(title: str, counts: Sequence[Sequence[Any]]) -> RenderableType:
    columns, *years = counts
    table = make_table(title)
    for name in columns:
        table.add_column(name.replace("_", " "), justify="left" if name == "year" else "right")
    for row in years:
        table.add_row(*(str(value) if isinstance(value, str) else f"{value:,}" for value in row))
    if len(years) > 1:
        totals = [f"{sum(values):,}" for values in list(zip(*years, strict=True))[1:]]
        table.add_section()
        table.add_row("all", *totals, style="bold")
    return table


def _render_rejected(status: Status) -> Iterator[RenderableType]:
    if not status.rejected:
        return
    table = make_table(f"Rejected: {status.rejected_count:,}")
    for heading in ("file", "reason", "what was found"):
        table.add_column(heading, overflow="fold")
    for path, code, reason in status.rejected:
        table.add_row(Text(path), code, Text(reason or ""))
    yield table
    if status.rejected_count > len(status.rejected):
        yield Text(
            f"{len(status.rejected)} of {status.rejected_count:,} shown; "
            "all of them: gongkai query \"FROM source_file WHERE status = 'rejected'\" -f csv",
            style="dim",
        )
