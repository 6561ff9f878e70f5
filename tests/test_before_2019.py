"""Reports before 2019 from their raw files to fact_legacy and the panel, beside the national forms of later years."""

import tomllib

import duckdb
import pytest

from pipelines.cli.main import main
from pipelines.normalize.folding import fold_label
from pipelines.settings import Workspace
from schemas.entry import SchemaDataError
from schemas.legacy import form_from_entry
from tests.factory import make_document
from tests.factory.legacy import LegacyCase
from tests.house import build_warehouse

AGENCY = "福州市晋安区人民政府"
OTHER = "贵阳市花溪区教育局"
OLD = [
    LegacyCase("html", "fujian_2011", "tall", 2013, AGENCY),
    LegacyCase("tabs", "fujian_2014", "tall", 2014, AGENCY),
    LegacyCase("spaces", "fujian_2014", "tall", 2016, AGENCY),
    LegacyCase("html", "unknown", "wide", 2016, OTHER),
]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, plain_publish):
    folder = tmp_path_factory.mktemp("legacy")
    workspace = Workspace(folder / "raw", folder / "warehouse", workers=1)
    contents = {f"{case.year}/{case.form}.{case.container}": case.content() for case in OLD}
    for year, form in ((2020, "2019"), (2021, "2021")):
        contents[f"{year}/new.html"] = make_document(3, form, "html", year=year, agency=AGENCY).content
    for path, content in contents.items():
        (workspace.raw / path).parent.mkdir(parents=True, exist_ok=True)
        (workspace.raw / path).write_bytes(content)
    build_warehouse(workspace)
    return workspace


@pytest.fixture(scope="module")
def ask(workspace):
    def answer(query, *values):
        # A connection of its own for each question: the command opens the file with another configuration.
        with duckdb.connect(str(workspace.database), read_only=True) as connection:
            return connection.execute(query, values).fetchall()

    return answer


def test_a_data_file_is_proposed_that_reads_the_same_tables(workspace, tmp_path, capsys):
    warehouse = str(workspace.warehouse)
    assert main(["forms", "suggest", "--warehouse", warehouse, "-o", str(tmp_path / "form.toml")]) == 0
    text = (tmp_path / "form.toml").read_text(encoding="utf-8")
    with pytest.raises(SchemaDataError, match=r"form\.toml: indicator_01: en is empty: say something"):
        form_from_entry(tomllib.loads(text), "form.toml")
    form = form_from_entry(tomllib.loads(text.replace('en = ""', 'en = "as a person calls it"')), "form.toml")
    rows = form.tables[0].clauses[0].rows
    printed = [row for row in OLD[-1].rows() if row.year is not None]
    assert [row.unit for row in rows] == [row.unit.replace("万元", "元") for row in printed]
    assert [fold_label(row.label).text for row in rows] == [
        fold_label(row.label.replace("其中：", "")).text for row in printed
    ]
    by_code = {row.code: fold_label(row.label).text for row in rows}
    parents = {fold_label(row.label).text: by_code.get(row.parent or "") for row in rows}
    assert parents["网络平台申请"] == "收到公开申请"
    assert (form.code, form.first_year) == ("province_52_2016", 2016)
    assert (rows[-1].code, rows[-1].en) == ("reconsiderations", "Administrative reconsiderations")
    assert main(["forms", "suggest", "--warehouse", warehouse, "--years", "2009"]) == 2
    assert "no report before 2019" in capsys.readouterr().err


@pytest.mark.parametrize("case", OLD, ids=lambda case: f"{case.form} {case.year}")
def test_every_indicator_is_in_the_fact_with_its_cell(ask, case):
    found = ask(
        "SELECT indicator_label, indicator_code, value, cumulative, unit FROM fact_legacy JOIN dim_agency "
        "USING (agency_id) WHERE year = ? AND agency_name = ? ORDER BY indicator_number", case.year, case.agency_name,
    )  # fmt: skip
    money = {"万元": 10_000}
    assert found == [
        (row.label, row.code, row.year * money.get(row.unit, 1), row.cumulative * money.get(row.unit, 1),
         "元" if row.unit in money else row.unit)
        for row in case.rows() if row.year is not None
    ]  # fmt: skip
    traced = ask(
        "SELECT count(*) FROM cell_lineage JOIN dim_agency USING (agency_id) WHERE fact_table = 'fact_legacy' "
        "AND year = ? AND agency_name = ? AND raw_text <> ''", case.year, case.agency_name,
    )  # fmt: skip
    assert traced == [(2 * len(found),)]


def test_the_generation_and_the_provincial_form_are_told(ask):
    columns = "year, agency_name, form_code, provincial_form"
    rows = ask(f"SELECT {columns} FROM dim_report JOIN dim_agency USING (agency_id) ORDER BY ALL")
    assert rows == [
        (2013, AGENCY, "pre2019", "fujian_2011"),
        (2014, AGENCY, "pre2019", "fujian_2014"),
        (2016, AGENCY, "pre2019", "fujian_2014"),
        (2016, OTHER, "pre2019", None),
        (2020, AGENCY, "2019", None),
        (2021, AGENCY, "2021", None),
    ]


def test_an_unknown_indicator_has_its_place_in_the_hierarchy_and_a_finding(ask):
    rows = ask("SELECT c.indicator_label, p.indicator_label FROM fact_legacy AS c JOIN fact_legacy AS p "
               "ON p.report_id = c.report_id AND p.indicator_number = c.parent_number WHERE c.provincial_form IS NULL "
               "ORDER BY c.indicator_number")  # fmt: skip
    assert rows == [(row.label, row.parent) for row in OLD[-1].rows() if row.parent]
    [(count,)] = ask("SELECT count(*) FROM finding JOIN dim_report USING (report_id) "
                     "WHERE reason_code = 'unmapped_row' AND provincial_form IS NULL AND year = 2016")  # fmt: skip
    assert count == sum(row.code is None and row.year is not None for row in OLD[-1].rows())


def test_the_panel_runs_through_all_generations_and_marks_its_breaks(ask):
    rows = ask("SELECT year, comparability, is_break, previous_year, value FROM agency_panel WHERE agency_name = ? "
               "AND measure_code = 'granted' ORDER BY year", AGENCY)  # fmt: skip
    assert [row[:4] for row in rows] == [
        (2013, "redefined", False, None),
        (2014, "redefined", True, 2013),  # another provincial form
        (2016, "redefined", False, 2014),  # the same; 2015 is missing, and previous_year says so
        (2020, "same", True, 2016),
        (2021, "same", False, 2020),
    ]
    old = {row.code: row.year for row in OLD[2].rows()}
    assert rows[2][4] == old["answers_granted"]
    later = ask("SELECT granted FROM agency_year WHERE agency_name = ? AND year = 2021", AGENCY)
    assert rows[4][4] == later[0][0]


def test_the_panel_agrees_with_the_yearly_view_and_leads_to_every_cell(ask):
    for measure in ("new_received", "denied", "undecided", "reconsiderations", "litigations", "handled"):
        column = "unavailable + unprocessed + other" if measure == "undecided" else measure
        panel = ask(f"SELECT value FROM agency_panel WHERE measure_code = '{measure}' AND year >= 2019 ORDER BY year")
        assert panel == ask(f"SELECT {column} FROM agency_year WHERE year >= 2019 ORDER BY year")
    same = "(c.report_id, c.measure_code) = (p.report_id, p.measure_code)"
    summed = f"SELECT sum(value) FROM agency_panel_cell AS c WHERE {same}"
    assert ask(f"SELECT count(*) FROM agency_panel AS p WHERE value <> ({summed})") == [(0,)]
    [(measures,)] = ask("SELECT count(*) FROM dim_measure WHERE kind <> 'rate'")
    assert ask("SELECT DISTINCT count(*) FROM agency_panel GROUP BY report_id") == [(measures,)]
    assert ask("SELECT count(*) FROM agency_panel WHERE comparability = 'none' AND value IS NOT NULL") == [(0,)]
