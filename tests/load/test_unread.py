"""A sum that lacks a cell is no number: where something is printed that could not be read, its measures are null."""

import hashlib

import duckdb
import pytest

from pipelines.load.fill import read_query
from pipelines.settings import Workspace
from tests.house import SEED, build_warehouse

_TORN = "3\ufffd"
_RECEIVED = "一、本年新收政府信息公开申请数量\t3\t0\t0\t0\t0\t0\t3"
_CARRIED = "二、上年结转政府信息公开申请数量\t0"
_PARTLY = "\t0\t0\t0\t0\t0\t0\t0\n\n(三) 不予公开"
_REPEAT = "2.重复申请\t0\t0\t0\t0\t0\t0\t0"
_HEAD = (
    "path,sha256,table_code,row_code,column_code,rule_id,scope,raw_text,verdict,value,unit,read_where,reviewer,date,"
    "comment"
)


@pytest.fixture
def house(tmp_path) -> Workspace:
    (tmp_path / "raw/2021").mkdir(parents=True)
    return Workspace(tmp_path / "raw", tmp_path / "warehouse")


def _build(house: Workspace, text: str) -> duckdb.DuckDBPyConnection:
    (house.raw / "2021" / SEED.name).write_text(text, encoding="utf-8")
    build_warehouse(house)
    return duckdb.connect(str(house.database), read_only=True)


def _with(line: str, torn: str) -> str:
    text = SEED.read_text(encoding="utf-8")
    assert text.count(line) == 1
    return text.replace(line, torn)


_ASKED = "SELECT new_received, new_received_natural_person, granted, handling_rate FROM agency_year"


def test_a_measure_that_lacks_a_cell_is_null_and_named(house) -> None:
    """Of the applicants' figures one is torn: the sum of the others is not what was received."""
    with _build(house, _with(_RECEIVED, _RECEIVED.replace("\t3\t0", f"\t{_TORN}\t0", 1))) as connection:
        assert connection.execute(_ASKED).fetchall() == [(None, None, 3, None)]
        (named,) = connection.execute("SELECT unread_measures FROM report_summary").fetchone() or ("",)
        assert {"new_received", "new_received_natural_person"} <= set(named.split(", "))
        assert "granted" not in named.split(", ")
        shown = "SELECT measure_code, column_code, raw_text FROM unread_cells(2021) WHERE measure_code = 'new_received'"
        assert connection.execute(shown).fetchall() == [("new_received", "natural_person", _TORN)]
        panel = "SELECT value FROM agency_panel WHERE measure_code = ?"
        assert connection.execute(panel, ["new_received"]).fetchall() == [(None,)]
        assert connection.execute(panel, ["granted"]).fetchall() == [(3,)]
        sums = "SELECT DISTINCT new_received, granted, unread_count FROM {}"
        assert connection.execute(sums.format("region_year")).fetchall() == [(None, 3, 1)]


def test_a_measure_of_the_panel_alone_that_lacks_a_cell_is_null(house) -> None:
    """Of all that was neither granted nor denied one figure is torn: the others are not their sum."""
    with _build(house, _with(_REPEAT, _REPEAT.replace("\t0", f"\t{_TORN}", 1))) as connection:
        panel = (
            "SELECT measure_code, value FROM agency_panel WHERE measure_code IN ('undecided', 'unavailable') ORDER BY 1"
        )
        assert connection.execute(panel).fetchall() == [("unavailable", 0), ("undecided", None)]


def test_a_rate_that_lacks_a_further_term_is_null(house) -> None:
    """A blank further term counts as nothing; one that could not be read does not."""
    torn = _PARTLY.replace("\t0", f"\t{_TORN}", 1)
    rates = "SELECT granted, partly_granted, grant_rate FROM agency_year"
    with _build(house, _with(_PARTLY, torn)) as connection:
        assert connection.execute(rates).fetchall() == [(3, None, None)]
        assert connection.execute("SELECT DISTINCT grant_rate FROM region_year").fetchall() == [(None,)]
    with _build(house, _with(_CARRIED, f"{_CARRIED}\ufffd")) as connection:
        asked = "SELECT new_received, carried_in, handled, handling_rate FROM agency_year"
        assert connection.execute(asked).fetchall() == [(3, None, 3, None)]
    with _build(house, _with(_PARTLY, _PARTLY.replace("\t0", "\t", 7))) as connection:
        assert connection.execute(rates).fetchall() == [(3, None, 1)]


def test_a_sector_says_how_many_reports_are_in_no_sum_of_some_measure(house) -> None:
    torn = _with(_CARRIED, f"{_CARRIED}\ufffd").replace("卫东区政府办", "卫东区教育局")
    with _build(house, torn) as connection:
        asked = "SELECT sector IS NOT NULL, carried_in, granted, unread_count FROM sector_year"
        assert connection.execute(asked).fetchall() == [(True, None, 3, 1)]


def test_two_figures_for_one_cell_are_in_no_fact_and_their_cell_is_unread(house) -> None:
    """Rows that stand twice lose their codes before; were it to come so far, nobody knows which of them is meant."""
    with _build(house, SEED.read_text(encoding="utf-8")) as connection:
        connection.execute("CREATE TEMP TABLE reported_cell AS FROM reported_cell")
        one = "row_code = 'granted' AND column_code = 'business'"
        again = f"SELECT * REPLACE (row_number + 90 AS row_number, 5 AS value) FROM reported_cell WHERE {one}"
        connection.execute(f"INSERT INTO reported_cell {again}")
        connection.execute(read_query("working_set"))
        asked = "SELECT row_code, column_code FROM unread_cell"
        assert connection.execute(asked).fetchall() == [("granted", "business")]
        assert connection.execute(f"SELECT count(*) FROM fact_cell WHERE {one}").fetchone() == (0,)


def test_what_a_reviewer_read_is_added_up(house) -> None:
    text = _with(_RECEIVED, _RECEIVED.replace("\t3\t0", f"\t{_TORN}\t0", 1))
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    house.reviews.mkdir()
    cell = f"2021/{SEED.name},{sha256},request,new_received,natural_person,,,{_TORN}"
    verdict = f"{cell},corrected,3,,https://x.gov.cn,a,2024-01-01,seen"
    (house.reviews / "verdicts.csv").write_text(f"{_HEAD}\n{verdict}\n", encoding="utf-8")
    with _build(house, text) as connection:
        assert connection.execute("SELECT new_received FROM agency_year").fetchall() == [(None,)]
        asked = "SELECT new_received, unread_measures FROM agency_year_reviewed"
        assert connection.execute(asked).fetchall() == [(3, None)]
