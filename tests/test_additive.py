"""SUM over any fact meets the printed leaf cells: all generations of forms, the seed, misprints and all.

The cells are added up here by the forms' own data files and plain Python; of the load's queries nothing is used.
"""

from collections import defaultdict
from math import fsum
from pathlib import Path

import duckdb
import pytest

from pipelines.load import publish_warehouse
from pipelines.settings import Workspace
from schemas.form import load_forms
from schemas.unit import yuan_by_unit
from tests.factory.legacy import LegacyCase
from tests.factory.season import stream_season
from tests.house import copy_seed, run_stages

ROOT = Path(__file__).resolve().parents[1]
OLD = [
    LegacyCase("html", "fujian_2011", "tall", 2013, "福州市晋安区人民政府"),
    LegacyCase("tabs", "fujian_2014", "tall", 2016, "福州市晋安区人民政府"),
    LegacyCase("html", "unknown", "wide", 2016, "贵阳市花溪区教育局"),
]
FLOWS = {"new_received": "new_received", "carried_in": "carried_in", "handled_total": "handled",
         "carried_forward": "carried_forward"}  # fmt: skip


@pytest.fixture(scope="module")
def season():
    return list(stream_season(14, 7))


@pytest.fixture(scope="module")
def ask(tmp_path_factory, season, plain_publish):
    folder = tmp_path_factory.mktemp("additive")
    workspace = Workspace(folder / "raw", folder / "warehouse", workers=1)
    copy_seed(workspace.raw)
    contents = {file.path: file.content for file in season}
    contents |= {f"{case.year}/{case.form}.{case.container}": case.content() for case in OLD}
    for path, content in contents.items():
        (workspace.raw / path).parent.mkdir(parents=True, exist_ok=True)
        (workspace.raw / path).write_bytes(content)
    run_stages(workspace)
    publish_warehouse(workspace)
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        yield lambda query: connection.execute(query).fetchall()


def leaf_codes(table_code, axis):
    """Return the codes of a table's rows or columns that some edition prints as a figure of their own."""
    return {
        label.code
        for form in load_forms().values()
        for table in form.tables
        if table.code == table_code
        for clause in table.clauses
        for label in getattr(clause, axis)
        if label.kind == "leaf" and not label.is_total
    }


def members_of(group):
    return {
        label.code
        for form in load_forms().values()
        for table in form.tables
        for clause in table.clauses
        for label in clause.rows
        if label.parent == group
    }


def proactive_cells():
    """Return what each cell of 表二 holds: (item, measure) → kind of value."""
    return {
        (row.code, column.code): clause.value_kind_of(column)
        for form in load_forms().values()
        for table in form.tables
        if table.code == "proactive"
        for clause in table.clauses
        for row in clause.rows
        for column in clause.columns
    }


@pytest.fixture(scope="module")
def printed(ask):
    """Every printed number of current reports by table: (report, row, column) → (value, unit); what is printed twice
    counts once, and not at all where the two differ."""
    found = defaultdict(set)
    for table, *place, value, unit in ask("""
        SELECT table_code, report_id, row_code, column_code, value, unit FROM reported_cell
        WHERE report_id IN (SELECT report_id FROM dim_report WHERE is_current) AND value IS NOT NULL
        AND row_code IS NOT NULL AND column_code IS NOT NULL"""):
        found[table, tuple(place)].add((value, unit))
    tables: dict[str, dict[tuple[object, ...], tuple[float, str | None]]] = defaultdict(dict)
    for (table, place), values in found.items():
        if len(values) == 1:
            [tables[table][place]] = values
    return tables


def test_every_generation_and_the_seed_are_there(ask):
    assert {form for (form,) in ask("SELECT DISTINCT form_code FROM reported_cell")} >= {"2019", "2021", "pre2019"}
    assert ask("SELECT count(*) FROM dim_report JOIN source_file USING (file_id) WHERE path LIKE '%卫东区%'") != [(0,)]
    assert ask("SELECT count(*) >= 15 FROM dim_report WHERE is_current") == [(True,)]


def test_outcomes(ask, printed):
    cells, rows, columns = printed["request"], leaf_codes("request", "rows"), leaf_codes("request", "columns")
    members = members_of("other")
    summed = fsum(
        value
        for (report, row, column), (value, _) in cells.items()
        if row in rows and column in columns
        and not (row == "other" and any((report, member, column) in cells for member in members))
    )  # fmt: skip
    assert {"other", "other_misc", "granted"} <= rows
    assert not {"handled_total", "new_received", "denied"} & rows
    assert "total" not in columns
    assert ask("SELECT sum(requests) FROM fact_request_outcome") == [(summed,)]
    assert summed < fsum(value for (_, row, _), (value, _) in cells.items() if row in rows)  # as totals are printed too


def test_flows(ask, printed):
    columns = leaf_codes("request", "columns")
    for row, name in FLOWS.items():
        summed = fsum(
            value for (_, found, column), (value, _) in printed["request"].items() if found == row and column in columns
        )
        assert ask(f"SELECT sum({name}) FROM fact_request_flow") == [(summed,)]
    assert ask("SELECT sum(new_received) > 0 AND sum(handled) > 0 FROM fact_request_flow") == [(True,)]


def test_challenges(ask, printed):
    rows, columns = leaf_codes("challenge", "rows"), leaf_codes("challenge", "columns")
    summed = fsum(v for (_, row, column), (v, _) in printed["challenge"].items() if row in rows and column in columns)
    assert len(columns) == 4
    assert ask("SELECT sum(cases) FROM fact_challenge") == [(summed,)]
    assert summed > 0


def test_proactive(ask, printed):
    kinds, yuan = proactive_cells(), yuan_by_unit()
    counts, amounts, unknown = [], [], 0
    for (_, row, column), (value, unit) in printed["proactive"].items():
        kind = kinds.get((row, column))
        if kind == "amount" and unit not in yuan and (value or unit):
            unknown += 1
        elif kind == "amount":
            amounts.append(value * yuan[unit or "元"])
        elif kind is not None:
            counts.append(value)
    money = (
        "(item_code, measure_code) IN (SELECT (item_code, measure_code) FROM dim_proactive_measure WHERE unit = '元')"
    )
    assert ask(f"SELECT sum(value) FROM fact_proactive WHERE NOT {money}") == [(fsum(counts),)]
    [(total,)] = ask(f"SELECT sum(value) FROM fact_proactive WHERE {money}")
    assert total == pytest.approx(fsum(amounts), abs=1e-3)
    assert ask(f"SELECT count(*) FROM fact_proactive WHERE {money} AND value IS NULL") == [(unknown,)]
    assert counts
    assert amounts


def test_legacy(ask):
    yuan = yuan_by_unit()
    cells = ask("""
        SELECT DISTINCT report_id, indicator_number, column_code, row_code, value, unit FROM reported_cell
        WHERE table_code = 'legacy' AND value IS NOT NULL AND indicator_number IS NOT NULL
        AND report_id IN (SELECT report_id FROM dim_report WHERE is_current)""")
    for column, name in (("year", "value"), ("cumulative", "cumulative")):
        summed = fsum(value * yuan.get(unit, 1) for _, _, found, _, value, unit in cells if found == column)
        [(total,)] = ask(f"SELECT sum({name}) FROM fact_legacy")
        assert total == pytest.approx(summed)
        assert summed > 0


def test_no_sum_holds_a_printed_total(ask, season):
    """Where a report's own arithmetic is known to hold, the fact's sum is the printed total, and not twice of it."""
    sound = [file.path for file in season if file.status == "loaded" and file.breach is None and file.made]
    listed = ", ".join(f"'{path}'" for path in sound)
    rows = ask(f"""
        WITH sound AS (SELECT report_id FROM dim_report JOIN source_file USING (file_id) WHERE path IN ({listed})),
        total AS (
            SELECT report_id, max(value) FILTER (row_code = 'handled_total') AS handled,
                max(value) FILTER (row_code = 'new_received') AS received
            FROM reported_cell SEMI JOIN sound USING (report_id)
            WHERE table_code = 'request' AND column_code = 'total' GROUP BY ALL)
        SELECT t.handled, t.received,
            (SELECT sum(requests) FROM fact_request_outcome AS o WHERE o.report_id = t.report_id),
            (SELECT sum(new_received) FROM fact_request_flow AS f WHERE f.report_id = t.report_id)
        FROM total AS t""")
    told = [row for row in rows if None not in row]
    assert len(told) >= 8
    assert [row for row in told if row[0] != row[2] or row[1] != row[3]] == []
