"""The first real report, from its bytes to the warehouse: every figure as printed, traceable, and adding up."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from schemas.form import load_forms
from tests.house import SEED

ROOT = Path(__file__).resolve().parent.parent
# Read by eye; every other figure of the three tables is a printed 0.
NOT_ZERO = {
    ("request", "new_received", "natural_person"): 3,
    ("request", "new_received", "total"): 3,
    ("request", "granted", "natural_person"): 3,
    ("request", "granted", "total"): 3,
    ("request", "handled_total", "natural_person"): 3,
    ("request", "handled_total", "total"): 3,
    ("proactive", "normative_document", "issued"): 3,
    ("proactive", "normative_document", "repealed"): 10,
    ("proactive", "normative_document", "in_force"): 50,
}


@pytest.fixture(scope="module")
def connection(seed_warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(seed_warehouse), read_only=True) as opened:
        yield opened


def test_the_raw_file_is_the_one_that_was_published() -> None:
    assert SEED.stat().st_size == 6294
    assert hashlib.sha256(SEED.read_bytes()).hexdigest().startswith("b779b5119dab2933")


def test_all_two_hundred_figures_are_there_as_printed(connection: duckdb.DuckDBPyConnection) -> None:
    form = load_forms()["2021"]
    expected = {
        (table.code, row.code, column.code): NOT_ZERO.get((table.code, row.code, column.code), 0)
        for table in form.tables
        for clause in table.clauses
        for row in clause.rows
        for column in clause.columns
    }
    rows = connection.sql("SELECT table_code, row_code, column_code, value FROM reported_cell").fetchall()
    assert len(rows) == len(expected) == 200
    assert {(table, row, column): value for table, row, column, value in rows} == expected
    states = "SELECT DISTINCT value_status, match_method, form_code FROM reported_cell"
    assert connection.sql(states).fetchall() == [("reported", "exact", "2021")]


def test_every_figure_is_traced_to_the_place_where_it_is_printed(connection: duckdb.DuckDBPyConnection) -> None:
    """The oracle knows tabs only: figures of the file in reading order against those of the warehouse."""
    lines = [line for line in SEED.read_text(encoding="utf-8").split("\n") if "\t" in line]
    printed = [cell for line in lines for cell in line.split("\t") if re.fullmatch(r"\d+", cell)]
    order = "SELECT raw_text FROM reported_cell ORDER BY table_number, row_number, column_number"
    assert [text for (text,) in connection.sql(order).fetchall()] == printed


def test_the_agency_is_the_office_of_one_district_of_one_city(connection: duckdb.DuckDBPyConnection) -> None:
    agency = "SELECT agency_name, region_code, agency_type FROM dim_agency"
    assert connection.sql(agency).fetchall() == [("平顶山市卫东区人民政府办公室", "410403", "government_office")]
    aliases = connection.sql("SELECT alias, evidence FROM dim_agency_alias").fetchall()
    assert "卫东区政府办" in [alias for alias, _ in aliases]
    assert all(evidence for _, evidence in aliases)
    assert connection.sql("SELECT year, form_code, is_current FROM dim_report").fetchall() == [(2021, "2021", True)]


def test_every_identity_holds(connection: duckdb.DuckDBPyConnection) -> None:
    identities = "('T3-balance', 'T3-sum', 'T3-row', 'T4-sum')"
    found = connection.sql(f"SELECT status, count(*) FROM quality_result WHERE rule_id IN {identities} GROUP BY status")
    assert found.fetchall() == [("pass", 7 + 7 + 25 + 3)]
    assert connection.sql("SELECT count(*) FROM quality_result WHERE status = 'fail'").fetchall() == [(0,)]


def test_facts_are_additive_and_leave_no_printed_leaf_out(connection: duckdb.DuckDBPyConnection) -> None:
    sums = """
        SELECT (SELECT sum(requests) FROM fact_request_outcome), (SELECT sum(cases) FROM fact_challenge),
            (SELECT sum(new_received) FROM fact_request_flow), (SELECT sum(value) FROM fact_proactive)
    """
    assert connection.sql(sums).fetchall() == [(3, 0, 3, 63)]
    assert connection.sql("SELECT count(*) FROM fact_request_outcome").fetchall() == [(21 * 6,)]
