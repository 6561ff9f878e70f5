"""`gongkai review`: what waits for a person's judgement, most consequential first, and the recording of a verdict."""

import getpass
import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from datetime import date
from pathlib import PurePosixPath

import duckdb
import polars as pl
from rich.console import RenderableType
from rich.text import Text

from pipelines.check.verdicts import (
    Verdict,
    describe_outcome,
    known_cells,
    read_verdicts,
    record_verdict,
    verdicts_file,
)
from pipelines.cli.terminal import make_console, make_table
from pipelines.cli.warehouse import ask, open_warehouse
from pipelines.errors import UsageError
from pipelines.orchestrate.project import open_project
from pipelines.settings import Workspace
from schemas.rule import load_rules
from schemas.vocabulary import ReviewVerdict

_WEIGHTS = {"error": 100.0, "warn": 10.0, "info": 1.0}

_OUTCOMES = """
SELECT q.report_id, q.rule_id, q.scope, u.severity, q.left_value, q.right_value, q.delta, q.note, q.verdict
FROM quality_result AS q JOIN quality_rule AS u USING (rule_id) WHERE q.is_open
"""
_SUSPICIONS = """
SELECT report_id, table_code, row_code, column_code, reported_value, suggested_value, is_unique, explanation, verdict
FROM suspected_cell WHERE is_open
"""
_SIZES = """
SELECT report_id, table_code, max(abs(value)) AS size FROM reported_cell
WHERE report_id IN (SELECT report_id FROM quality_result WHERE is_open
    UNION SELECT report_id FROM suspected_cell WHERE is_open)
GROUP BY ALL
"""
_REPORTS = """
SELECT r.report_id, r.year, a.agency_name, s.path, s.sha256
FROM dim_report AS r JOIN dim_agency AS a USING (agency_id) JOIN source_file AS s USING (file_id) WHERE r.is_current
"""
# Verdicts that decide nothing, and why: what they were about has gone, or has changed, since a person looked.
_DORMANT = """
SELECT v.path, v.subject, v.verdict, v.raw_text, CASE
    WHEN v.sha256 IN (SELECT sha256 FROM source_file) THEN 'the rule compares current reports, and this is none'
    WHEN v.path IN (SELECT path FROM source_file) THEN 'the file has other bytes now'
    ELSE 'no file of these bytes is there' END AS why
FROM review_verdict AS v WHERE v.is_stale ORDER BY ALL
"""


def run(options: Namespace) -> int:
    """List what is open and which verdicts decide nothing, or record a verdict."""
    workspace = open_project(options.raw, options.warehouse).workspace
    if options.action == "record":
        print(_record(options, workspace))  # noqa: T201 - the command's own voice
        return 0
    with open_warehouse(workspace.database) as connection:
        cases = list_open(connection, agency=options.agency, year=options.year)
        dormant = ask(connection, _DORMANT)
    if options.json:
        sys.stdout.write(json.dumps(cases.head(options.limit).to_dicts(), ensure_ascii=False, indent=1) + "\n")
        return 0
    console = make_console()
    console.print(_render(cases, options.limit))
    if dormant.height:
        console.print(_render_dormant(dormant, options.limit))
    return 0


def list_open(connection: duckdb.DuckDBPyConnection, agency: str | None, year: int | None) -> pl.DataFrame:
    """Return what no verdict has closed in current reports, most consequential first.

    A case is a suspected cell with the breaches that it would mend, or a breach that no cell is suspected of. Its
    consequence is the weight of the worst of its breaches (error 100, warn 10, info 1) times their number times the
    share that the error makes of the largest figure of its table, at most 1 and at least a hundredth: an error of 500
    in a table of 500 comes before one of 1, and a cell in which three identities break before one in which one does.

    Columns: consequence, year, agency_name, subject, severity, breaches, seen, suggested, is_unique, rules, verdict,
    path, sha256, explanation.

    Args:
        connection: The warehouse.
        agency: Only agencies whose name holds this.
        year: Only this report year.
    """
    reports = ask(connection, _REPORTS)
    if agency is not None:
        reports = reports.filter(pl.col("agency_name").str.contains(agency, literal=True))
    if year is not None:
        reports = reports.filter(pl.col("year") == year)
    outcomes = _with_tables(ask(connection, _OUTCOMES)).join(reports, on="report_id", how="semi")
    suspicions = ask(connection, _SUSPICIONS).join(reports, on="report_id", how="semi")
    blamed = _join_breaches(suspicions, outcomes)
    cases = pl.concat([_cell_cases(suspicions, blamed), _rule_cases(outcomes, blamed)])
    weight = pl.col("severity").replace_strict(_WEIGHTS, default=1.0, return_dtype=pl.Float64)
    share = (pl.col("error") / pl.col("size")).clip(0.01, 1.0).fill_null(0.01).fill_nan(0.01)
    return (
        cases.join(ask(connection, _SIZES), on=["report_id", "table_code"], how="left")
        .join(reports, on="report_id")
        .with_columns(consequence=(weight * pl.col("breaches") * share).round(2))
        .sort("consequence", "is_unique", "path", "subject", descending=[True, True, False, False])
        .select(
            "consequence", "year", "agency_name", "subject", "severity", "breaches", "seen", "suggested", "is_unique",
            "rules", "verdict", "path", "sha256", "explanation",
        )
    )  # fmt: skip


def _with_tables(outcomes: pl.DataFrame) -> pl.DataFrame:
    tables = {rule.id: rule.table_code for rule in load_rules().values()}
    code = pl.col("rule_id").replace_strict(tables, default=None, return_dtype=pl.String)
    return outcomes.with_columns(table_code=code)


def _join_breaches(suspicions: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    """Return each suspected cell with each open breach of its row or column."""
    cells = suspicions.select("report_id", "table_code", "row_code", "column_code").unique()
    key = ["report_id", "table_code"]
    return cells.join(outcomes.drop("verdict"), on=key).filter(
        (pl.col("scope") == pl.col("row_code")) | (pl.col("scope") == pl.col("column_code"))
    )


def _cell_cases(suspicions: pl.DataFrame, blamed: pl.DataFrame) -> pl.DataFrame:
    """Return one case a suspected cell; of several suggestions the first is shown, and that there are several."""
    cell = ["report_id", "table_code", "row_code", "column_code"]
    worst_first = pl.col("severity").replace_strict(_WEIGHTS, return_dtype=pl.Float64)
    breaches = blamed.group_by(cell).agg(
        breaches=pl.len().cast(pl.Int64),
        severity=pl.col("severity").sort_by(worst_first, descending=True).first(),
        rules=pl.format("{}:{}", "rule_id", "scope").sort().str.join(" "),
    )
    number = pl.col("reported_value").cast(pl.String).str.strip_suffix(".0")
    suggested = pl.col("suggested_value").cast(pl.String).str.strip_suffix(".0")
    return (
        suspicions.sort("is_unique", "suggested_value", descending=[True, False])
        .group_by(cell, maintain_order=True)
        .agg(
            pl.col("is_unique", "explanation", "verdict").first(),
            seen=number.fill_null("(blank)").first(),
            suggested=suggested.str.join(" or "),
            error=(pl.col("suggested_value") - pl.col("reported_value").fill_null(0.0)).abs().first(),
        )
        .join(breaches, on=cell, how="left")
        .with_columns(
            pl.col("breaches").fill_null(1),
            pl.col("severity").fill_null("info"),  # a blank whose value is known breaks nothing
            subject=pl.concat_str(cell[1:], separator="."),
        )
        .select(_CASE)
    )


def _rule_cases(outcomes: pl.DataFrame, blamed: pl.DataFrame) -> pl.DataFrame:
    """Return one case a breach that no suspected cell stands in."""
    unexplained = outcomes.join(blamed, on=["report_id", "rule_id", "scope"], how="anti")
    rows = [describe_outcome(*row) for row in unexplained.select("left_value", "right_value", "note").iter_rows()]
    return unexplained.with_columns(
        pl.Series("seen", rows, pl.String),
        subject=pl.format("{}:{}", "rule_id", "scope"),
        rules=pl.format("{}:{}", "rule_id", "scope"),
        breaches=pl.lit(1, dtype=pl.Int64),
        error=pl.col("delta").abs(),
        suggested=pl.lit(None, dtype=pl.String),
        is_unique=pl.lit(value=False),
        explanation=pl.lit(None, dtype=pl.String),
    ).select(_CASE)


_CASE = ("report_id", "table_code", "subject", "severity", "breaches", "seen", "suggested", "error", "is_unique",
         "rules", "verdict", "explanation")  # fmt: skip


def _render(cases: pl.DataFrame, limit: int) -> RenderableType:
    if cases.is_empty():
        return Text("Nothing is open.", style="green")
    shown = f"{min(limit, cases.height):,} of {cases.height:,}" if cases.height > limit else f"{cases.height:,}"
    table = make_table(f"Open: {shown}")
    for heading in ("consequence", "file", "subject", "severity", "as printed", "would be", "rules"):
        table.add_column(heading, justify="right" if heading == "consequence" else "left", overflow="fold")
    for case in cases.head(limit).iter_rows(named=True):
        suggested = f"{case['suggested']}{'' if case['is_unique'] else ' ?'}" if case["suggested"] else ""
        table.add_row(
            f"{case['consequence']:g}", Text(case["path"]), case["subject"], case["severity"], Text(case["seen"]),
            suggested, case["rules"],
        )  # fmt: skip
    return table


def _render_dormant(dormant: pl.DataFrame, limit: int) -> RenderableType:
    shown = f"{limit:,} of {dormant.height:,}" if dormant.height > limit else f"{dormant.height:,}"
    table = make_table(f"Verdicts that decide nothing: {shown}; look again and record them anew, or remove the line")
    for heading in ("file", "subject", "verdict", "was about", "why"):
        table.add_column(heading, overflow="fold")
    for path, subject, verdict, raw_text, why in dormant.head(limit).iter_rows():
        table.add_row(Text(path), subject, verdict, Text(raw_text), why)
    return table


def _record(options: Namespace, workspace: Workspace) -> str:
    """Write one verdict and say what was written.

    Raises:
        UsageError: It refers to nothing that the warehouse holds, or is no valid verdict.
    """
    with open_warehouse(workspace.database) as connection:
        path, sha256 = _find_file(connection, options.file)
        subject, seen = _find_subject(connection, sha256, options.subject)
    verdict = Verdict(
        path=path,
        sha256=sha256,
        table_code=subject["table_code"],
        row_code=subject["row_code"],
        column_code=subject["column_code"],
        rule_id=subject["rule_id"],
        scope=subject["scope"],
        raw_text=seen,
        verdict=ReviewVerdict(options.verdict),
        value=options.value,
        unit=options.unit or "",
        read_where=options.read_where or "",
        reviewer=options.reviewer or _user(),
        date=date.today(),
        comment=options.comment or "",
    )
    target = verdicts_file(workspace)
    replaced = record_verdict(target, verdict)
    count = len(read_verdicts(target))
    done = "replaced" if replaced else "recorded"
    return f"{done}: {verdict.subject} of {path} (printed {seen!r}) is {verdict.verdict}; {target} holds {count:,}"


def _find_file(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[str, str]:
    """Return path and hash of the loaded file that is named by its path, its end, or the beginning of its hash."""
    files = connection.execute(
        "SELECT s.path, s.sha256 FROM source_file AS s JOIN dim_report AS r USING (file_id) "
        "WHERE s.path = $1 OR ends_with(s.path, '/' || $1) OR (len($1) >= 8 AND starts_with(s.sha256, $1)) "
        "ORDER BY s.path <> $1, s.path",
        [PurePosixPath(name).as_posix()],
    ).fetchall()
    exact = [row for row in files if row[0] == name]
    found: Sequence[tuple[str, str]] = exact or files
    if len({sha256 for _, sha256 in found}) != 1:
        said = "several files: " + ", ".join(row[0] for row in found[:5]) if found else "no file that is loaded"
        raise UsageError(f"{name!r} names {said}; give the path below the raw folder or the beginning of its SHA-256")
    return found[0]


def _find_subject(connection: duckdb.DuckDBPyConnection, sha256: str, subject: str) -> tuple[dict[str, str], str]:
    """Return the columns that name a cell or rule, and what it reads.

    Raises:
        UsageError: The report has no such cell, or no such breach.
    """
    rule_id, colon, scope = subject.partition(":")
    if colon:
        outcomes = connection.execute(
            "SELECT q.left_value, q.right_value, q.note FROM quality_result AS q JOIN dim_report USING (report_id) "
            "JOIN source_file AS s USING (file_id) "
            "WHERE s.sha256 = ? AND q.rule_id = ? AND q.scope = ? AND q.status = 'fail'",
            [sha256, rule_id, scope],
        ).fetchall()
        if not outcomes:
            raise UsageError(f"{subject}: the report does not break this rule; `gongkai review` lists what is open")
        cell = dict.fromkeys(("table_code", "row_code", "column_code"), "")
        return {**cell, "rule_id": rule_id, "scope": scope}, describe_outcome(*outcomes[0])
    parts = subject.split(".")
    if len(parts) != 3 or tuple(parts) not in known_cells():
        raise UsageError(f"{subject!r} is neither a cell (request.granted.business) nor a rule (T3-sum:total)")
    texts = connection.execute(
        "SELECT DISTINCT c.raw_text FROM reported_cell AS c JOIN source_file AS s USING (file_id) "
        "WHERE s.sha256 = ? AND c.table_code = ? AND c.row_code = ? AND c.column_code = ?",
        [sha256, *parts],
    ).fetchall()
    if len(texts) != 1:
        said = "prints it more than once: " + ", ".join(repr(row[0]) for row in texts) if texts else "has no such cell"
        raise UsageError(f"{subject}: the report {said}")
    named = dict(zip(("table_code", "row_code", "column_code"), parts, strict=True))
    return {**named, "rule_id": "", "scope": ""}, texts[0][0]


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user and no variable that says who it is
        return ""
