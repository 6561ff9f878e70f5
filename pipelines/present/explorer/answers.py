"""The questions that the explorer's pages put to the warehouse: each reads what is asked for and no more."""

from collections.abc import Sequence
from typing import Any

import duckdb

from pipelines.present.explorer.request import LEVELS, Request
from schemas.measure import rates, sum_sql

Row = dict[str, Any]
MOST_AGENCIES = 100
MOST_PEERS = 40
MOST_INDICATORS = 500  # of a provincial form; the longest known has 60


def ask(connection: duckdb.DuckDBPyConnection, sql: str, **values: object) -> list[Row]:
    """Return the rows of an answer by column."""
    answer = connection.execute(sql, values) if values else connection.execute(sql)
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def ask_regions(connection: duckdb.DuckDBPyConnection, region: str) -> dict[str, tuple[list[Row], str]]:
    """Return what may be chosen at each level, with the code chosen there ("" for none).

    Below a chosen province stand its prefectures and the counties directly under it, below a chosen prefecture its
    counties; a level that has nothing is left out. A place is called what it was called last.
    """
    chosen = _ask_chain(connection, region)
    province, prefecture = chosen["province"], chosen["prefecture"]
    within = {"province": "true"}
    if province:
        within["prefecture"] = "province_code = $above"
    if prefecture:
        within["county"] = "prefecture_code = $above"
    elif province:
        within["direct"] = "province_code = $above AND prefecture_code IS NULL"
    found = {}
    for level, condition in within.items():
        kind, above = level.replace("direct", "county"), prefecture if level == "county" else province
        sql = f"""
            SELECT {kind}_code AS code, arg_max({kind}_name, year) AS name FROM dim_report
            WHERE is_current AND {kind}_code IS NOT NULL AND {condition} GROUP BY ALL ORDER BY code"""  # noqa: S608 - ours
        rows = ask(connection, sql, **({} if level == "province" else {"above": above}))
        if rows:
            found[level] = rows, chosen[level]
    return found


def _ask_chain(connection: duckdb.DuckDBPyConnection, region: str) -> dict[str, str]:
    """Return the code chosen at each level, from the province down to the region; "" where none is."""
    sql = """
        SELECT province_code AS province, CASE WHEN $code <> province_code THEN prefecture_code END AS prefecture,
            CASE WHEN $code = county_code AND prefecture_code IS NOT NULL THEN county_code END AS county,
            CASE WHEN $code = county_code AND prefecture_code IS NULL THEN county_code END AS direct
        FROM dim_report WHERE is_current AND $code IN (province_code, prefecture_code, county_code)
        ORDER BY year DESC LIMIT 1"""
    rows = ask(connection, sql, code=region)
    return {level: (rows[0][level] if rows else None) or "" for level in LEVELS}


def ask_sectors(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the sectors that any agency has."""
    sql = "SELECT DISTINCT sector FROM dim_agency WHERE sector IS NOT NULL ORDER BY sector"
    return [row["sector"] for row in ask(connection, sql)]


def ask_years(connection: duckdb.DuckDBPyConnection) -> list[int]:
    """Return the report years that there are."""
    return [
        row["year"] for row in ask(connection, "SELECT DISTINCT year FROM dim_report WHERE is_current ORDER BY year")
    ]


def ask_totals(connection: duckdb.DuckDBPyConnection, measure: str) -> list[Row]:
    """Return a measure of the chosen reports by kind of agency and year: sums, and for a rate the rate of sums."""
    sql = f"""
        SELECT coalesce(y.agency_type, 'unknown') AS agency_type, y.year, count(*) AS reports, {sum_sql(measure)} AS value
        FROM agency_year AS y SEMI JOIN chosen AS c ON c.report_id = y.report_id
        GROUP BY ALL ORDER BY ALL"""  # noqa: S608 - ours
    return ask(connection, sql)


def _latest(measure: str, columns: str) -> str:
    """Return the question for columns of the agencies of the choice, each in its latest chosen year."""
    return f"""
        WITH latest AS (SELECT agency_id, max(year) AS year, count(*) AS reports FROM chosen GROUP BY agency_id)
        SELECT {columns.format(measure=measure)}
        FROM latest AS l JOIN agency_year AS y ON y.agency_id = l.agency_id AND y.year = l.year"""  # noqa: S608 - ours


def ask_size(connection: duckdb.DuckDBPyConnection, measure: str) -> tuple[int, float]:
    """Return how many agencies the choice has, and the greatest amount of the measure among them, for the bars."""
    sql = _latest(measure, "count(*) AS agencies, coalesce(max(abs(y.{measure})), 0) AS greatest")
    found = ask(connection, sql)[0]
    return found["agencies"], float(found["greatest"])


def ask_agencies(connection: duckdb.DuckDBPyConnection, measure: str, page: int | None = None) -> list[Row]:
    """Return the agencies of the choice with the measure in their latest chosen year, the greatest first.

    Args:
        connection: The warehouse, with `chosen` filled.
        measure: A measure or rate.
        page: Which MOST_AGENCIES of them, from 1; None for all.
    """
    columns = (
        "y.agency_id, y.agency_name, y.sector, y.year, l.reports, y.{measure} AS value, y.is_late, y.failed_checks"
    )
    order = f"ORDER BY y.{measure} DESC NULLS LAST, y.agency_name, y.agency_id"
    cut = "" if page is None else f"LIMIT {MOST_AGENCIES} OFFSET {(page - 1) * MOST_AGENCIES}"
    return ask(connection, f"{_latest(measure, columns)} {order} {cut}")


def ask_series(connection: duckdb.DuckDBPyConnection, request: Request) -> list[Row]:
    """Return the agency's years with the measure, and where another form counts it otherwise than the year before."""
    sql = f"""
        WITH told AS (
            SELECT form_code, bool_and(comparability IN ('same', 'sum_of')) AS is_exact
            FROM form_bridge WHERE measure_code = $measure GROUP BY form_code
        )
        SELECT y.year, y.report_id, y.form_code, y.{request.measure} AS value, y.new_received, y.outcomes, y.grant_rate,
            y.first_published_date, y.days_late, y.is_late, y.is_revised, y.failed_checks, y.unread_measures,
            row_number() OVER years > 1 AND y.form_code IS DISTINCT FROM lag(y.form_code) OVER years
                AND NOT (coalesce(t.is_exact, false) AND lag(coalesce(t.is_exact, false)) OVER years) AS is_break
        FROM agency_year AS y LEFT JOIN told AS t ON t.form_code = y.form_code
        WHERE y.agency_id = $agency WINDOW years AS (ORDER BY y.year) ORDER BY y.year"""  # noqa: S608 - a known name
    return ask(connection, sql, agency=request.agency, measure=request.measure)


def is_unread(row: Row, measure: str) -> bool:
    """Tell whether a year's value is not known because a cell that it is made of could not be read."""
    terms = {name for rate in rates() if rate.name == measure for name in (*rate.numerator, *rate.denominator)}
    unread = (row["unread_measures"] or "").split(", ")
    return row["value"] is None and not (terms or {measure}).isdisjoint(unread)


def ask_peers(connection: duckdb.DuckDBPyConnection, request: Request, year: int) -> list[Row]:
    """Return the agencies of the same level and sector, the greatest value first."""
    sql = """SELECT agency_id, agency_name, value, rank, peer_count, peer_median, is_asked
        FROM peers_of($agency, $year, $measure) WHERE rank IS NOT NULL"""
    return ask(connection, sql, agency=str(request.agency), year=year, measure=request.measure)


def ask_trace(connection: duckdb.DuckDBPyConnection, request: Request, year: int) -> list[Row]:
    """Return the printed cells behind the measure."""
    sql = """SELECT part, table_code, row_code, column_code, raw_label, raw_text, fact_value, unit, table_number, row_number,
            column_number, findings FROM trace($agency, $year, $measure) WHERE path IS NOT NULL"""
    return ask(connection, sql, agency=str(request.agency), year=year, measure=request.measure)


def ask_form(connection: duckdb.DuckDBPyConnection, report_id: int) -> tuple[list[Row], list[Row], list[Row]]:
    """Return the report's cells as printed, the rules that it breaks, and the cells that are suspected."""
    cells = ask(
        connection,
        """SELECT table_code, form_code, row_code, column_code, value, value_reviewed, value_status, left(raw_text, 200) AS raw_text,
            left(raw_label, 200) AS raw_label, unit, indicator_number
        FROM reported_cell WHERE report_id = $report ORDER BY table_number, row_number, column_number""",
        report=report_id,
    )
    breaches = ask(
        connection,
        """SELECT rule_id, scope, left_value, right_value, delta, note FROM quality_result
        WHERE report_id = $report AND status = 'fail' AND is_open ORDER BY rule_id, scope""",
        report=report_id,
    )
    suspicions = ask(
        connection, "SELECT * FROM suspected_cell WHERE report_id = $report AND is_open ORDER BY ALL", report=report_id
    )
    return cells, breaches, suspicions


def ask_agency(connection: duckdb.DuckDBPyConnection, agency_id: int) -> Row | None:
    """Return the agency, None where this release has none of that number."""
    return next(iter(ask(connection, "FROM dim_agency WHERE agency_id = $agency", agency=agency_id)), None)


def ask_source(connection: duckdb.DuckDBPyConnection, report_id: int) -> Row:
    """Return the report's title and file."""
    sql = """SELECT r.title, r.published_date, s.path, s.sha256, s.url, s.fetched_at, s.format FROM dim_report AS r
        JOIN source_file AS s ON s.file_id = r.file_id WHERE r.report_id = $report"""
    return ask(connection, sql, report=report_id)[0]


def ask_release(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the first characters of the release's name."""
    return str(ask(connection, "SELECT release_id FROM meta_release WHERE is_current")[0]["release_id"])[:12]


def is_rate(measure: str) -> bool:
    """Tell whether a measure is a share."""
    return measure in {rate.name for rate in rates()}


def greatest(rows: Sequence[Row]) -> float:
    """Return the greatest value of rows, for the length of bars."""
    return max((abs(row["value"]) for row in rows if row["value"] is not None), default=0.0)
