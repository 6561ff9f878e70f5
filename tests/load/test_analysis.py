"""The views with measures and rates: each number is what its definition says, and leads back to its cells."""

import shutil
from dataclasses import replace
from datetime import date

import duckdb
import pytest

from pipelines.load import publish_warehouse
from schemas.ddl import view_query, warehouse_tables, warehouse_views
from schemas.entry import SchemaDataError
from schemas.measure import expand_marks, measures, panel_measures, ranked_names, rates
from schemas.table import load_tables, table
from tests.load.example import FILES, JIA
from tests.load.staged import FakeFile, request, stage_files, workspace_in

HENAN, PINGDINGSHAN, WEIDONG = "410000", "410400", "410403"
SECTIONS = ("overview", "proactive", "request", "challenge", "problems", "other_matters")


def bureau(number, year, granted, **options):
    """Make the report of one of several like agencies of one district."""
    figures = (
        request("new_received", granted + 2, 0, total=granted + 2)
        | request("carried_in", 1, 0, total=1)
        | request("granted", granted, 0, total=granted)
        | request("denied_state_secret", 2, 0, total=2)
        | request("denied_by_law", 0, 0, total=0)
        | request("handled_total", granted + 2, 0, total=granted + 2)
        | request("carried_forward", 1, 0, total=1)
    )
    made = FakeFile(
        f"{year}/局{number}.html", f"平顶山市卫东区{number}局", year, figures=figures, region=WEIDONG,
        agency_type="department", sector="教育", admin_level="county", **options,
    )  # fmt: skip
    return replace(made, form="2019" if year < 2021 else "2021")


BUREAUS = [
    bureau("一", 2020, 1, published=date(2021, 1, 31)),
    bureau("一", 2021, 8, published=date(2022, 2, 3), sections=SECTIONS),
    bureau("二", 2021, 3, published=date(2022, 1, 5)),
    bureau("三", 2021, 3),
]
EARLY = bureau("四", 2022, 3, published=date(2022, 5, 5))  # while the year was going on
REVISED = replace(bureau("二", 2021, 4, published=date(2022, 3, 9)), path="2021/局二更正.html")
GOVERNMENT = FakeFile(
    "2021/卫东区.html", "平顶山市卫东区人民政府", 2021, region=WEIDONG, agency_type="government", sector="综合",
    admin_level="county",
    figures=request("new_received", 40, 2, total=42), published=date(2022, 4, 2),
)  # fmt: skip


@pytest.fixture(scope="module")
def ask(tmp_path_factory, plain_publish):
    workspace = workspace_in(tmp_path_factory.mktemp("house"))
    stage_files(workspace, [*FILES, *BUREAUS, REVISED, EARLY, GOVERNMENT])
    publish_warehouse(workspace)
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        yield lambda query, *values: connection.execute(query, values).fetchall()


def test_every_measure_is_the_sum_of_the_cells_that_it_names(ask):
    """Two ways to the same number: the load adds up facts, the lineage adds up cells."""
    several = {measure.name for measure in measures() if measure.pick == "max"}
    of_panel = ", ".join(f"'{measure.name}'" for measure in panel_measures())
    wrong = ask(f"""
        WITH shown AS (
            SELECT agency_id, year, measure_code, value FROM agency_measure UNION ALL
            SELECT agency_id, year, measure_code, value FROM agency_panel WHERE measure_code IN ({of_panel})
        )
        SELECT measure_code, m.value, l.total FROM shown AS m JOIN dim_measure AS d ON d.code = m.measure_code
        FULL JOIN (
            SELECT agency_id, year, measure_code, sum(fact_value) AS total FROM measure_lineage
            WHERE part = 'value' AND fact_value IS NOT NULL GROUP BY ALL
        ) AS l USING (agency_id, year, measure_code)
        WHERE (d.kind <> 'rate' OR d.kind IS NULL) AND m.value IS DISTINCT FROM l.total""")
    assert [row for row in wrong if row[0] not in several] == []
    assert ask("SELECT count(*) > 100 FROM agency_measure") == [(True,)]


@pytest.mark.parametrize("rate", rates(), ids=lambda rate: rate.name)
def test_every_rate_is_what_its_formula_says(ask, rate):
    above, below = (" + ".join(f"coalesce({name}, 0)" for name in side) for side in (rate.numerator, rate.denominator))
    first = f"{rate.numerator[0]} IS NULL OR {rate.denominator[0]} IS NULL"
    expected = f"CASE WHEN {first} OR ({below}) = 0 THEN NULL ELSE ({above}) / ({below}) END"
    assert ask(f"SELECT {rate.name}, {expected} FROM agency_year WHERE {rate.name} IS DISTINCT FROM {expected}") == []
    assert ask(
        "SELECT count(*) FROM measure_lineage AS l JOIN agency_measure AS m USING (agency_id, year, measure_code)"
        f" WHERE measure_code = '{rate.name}' AND part NOT IN ('numerator', 'denominator')"
    ) == [(0,)]


def test_a_rate_leads_to_the_cells_of_both_its_sides(ask):
    cells = ask(
        """SELECT part, row_code, column_code, raw_text, path FROM measure_lineage WHERE agency_name = ? AND year = 2021
            AND measure_code = 'full_grant_rate' AND reported_value > 0 ORDER BY ALL""",
        BUREAUS[1].agency,
    )
    assert cells == [
        ("denominator", "denied_state_secret", "natural_person", "2", BUREAUS[1].path),
        ("denominator", "granted", "natural_person", "8", BUREAUS[1].path),
        ("numerator", "granted", "natural_person", "8", BUREAUS[1].path),
    ]


def test_every_rate_states_definition_denominator_and_caveat_in_its_comment(ask):
    comments = dict(ask("SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'agency_year'"))
    for rate in rates():
        assert rate.caveat in comments[rate.name]
        assert all(name in comments[rate.name].split(" = ")[1] for name in (*rate.numerator, *rate.denominator))
        assert rate.zh in comments[rate.name]
        assert rate.en in comments[rate.name]


def test_timeliness_is_measured_from_the_first_version_against_the_law(ask):
    late = ask("""SELECT agency_name, year, first_published_date, due_date, days_late, is_late, version_count,
        is_revised FROM agency_year WHERE agency_name LIKE '%卫东区%' ORDER BY agency_name, year""")
    names = [fake.agency for fake in (BUREAUS[0], BUREAUS[1], BUREAUS[3], BUREAUS[2])]
    january, march = date(2022, 1, 31), date(2022, 3, 31)
    assert late == sorted([
        (names[0], 2020, date(2021, 1, 31), date(2021, 1, 31), 0, False, 1, False),
        (names[1], 2021, date(2022, 2, 3), january, 3, True, 1, False),
        (names[2], 2021, None, january, None, None, 1, False),
        (names[3], 2021, date(2022, 1, 5), january, -26, False, 2, True),
        (GOVERNMENT.agency, 2021, date(2022, 4, 2), march, 2, True, 1, False),
        (EARLY.agency, 2022, None, date(2023, 1, 31), None, None, 1, False),
    ])  # fmt: skip
    assert ask("SELECT DISTINCT due_date FROM agency_year WHERE agency_type IS NULL") == [(None,)]
    assert ask("""SELECT s.path, f.raw_text FROM finding AS f JOIN source_file AS s USING (file_id)
        WHERE f.reason_code = 'implausible_date'""") == [(EARLY.path, "2022-05-05")]


def test_completeness_counts_headings_and_tables(ask):
    sections = "SELECT section_count, missing_sections, is_complete FROM agency_year WHERE agency_name = ? AND year = ?"
    assert ask(sections, BUREAUS[2].agency, 2021) == [
        (1, "overview, proactive, challenge, problems, other_matters", False)]  # fmt: skip
    assert ask(sections, JIA, 2021) == [(3, "overview, problems, other_matters", False)]


def test_regions_and_sectors_add_up_what_lies_in_them_and_divide_sums(ask):
    rollup = """SELECT region_level, region_code, agency_type, report_count, new_received, full_grant_rate, late_count,
        dated_count, late_rate, revised_count FROM region_year WHERE year = 2021 AND agency_type IS NOT NULL
        ORDER BY ALL"""
    departments = ("department", 3, 21, 15 / 21, 1, 2, 0.5, 1)
    government = ("government", 1, 42, None, 1, 1, 1.0, 0)
    assert ask(rollup) == [
        (level, code, *rest)
        for level, code in (("county", WEIDONG), ("prefecture", PINGDINGSHAN), ("province", HENAN))
        for rest in (departments, government)
    ]
    assert ask("SELECT year, sum(report_count) FROM sector_year GROUP BY ALL ORDER BY 1") == ask(
        "SELECT year, count(*) FROM agency_year WHERE sector IS NOT NULL GROUP BY ALL ORDER BY 1"
    )


def test_change_compares_with_the_year_before_and_marks_where_a_new_form_counts_otherwise(ask):
    change = """SELECT year, value_before, value, change, change_rate, is_break FROM agency_change
        WHERE agency_name = ? AND measure_code = ?"""
    first, last = BUREAUS[0].agency, BUREAUS[2].agency
    assert ask(change, first, "granted") == [(2021, 1, 8, 7, 7, False)]
    assert ask(change, first, "full_grant_rate")[0][-1] is False
    assert ask(change, last, "granted") == []


def test_a_change_is_a_break_just_where_the_bridge_says_so(ask, tmp_path):
    """Both directions: a measure that the bridge calls another on one of the two editions breaks, and no other does."""
    [(path,)] = ask("SELECT path FROM duckdb_databases() WHERE database_name = 'gongkai'")
    shutil.copy(path, tmp_path / "copy.duckdb")
    broken = "SELECT DISTINCT measure_code FROM agency_change WHERE is_break AND agency_name = ? ORDER BY 1"
    with duckdb.connect(str(tmp_path / "copy.duckdb")) as connection:
        assert connection.execute(broken, [BUREAUS[0].agency]).fetchall() == []
        connection.execute(
            "UPDATE form_bridge SET comparability = 'redefined' "
            "WHERE (measure_code, form_code) IN (('granted', '2019'), ('denial_rate', '2021'))"
        )
        assert connection.execute(broken, [BUREAUS[0].agency]).fetchall() == [("denial_rate",), ("granted",)]
        connection.execute("UPDATE form_bridge SET comparability = 'none' WHERE form_code = '2019'")
        [(all_of_them,)] = connection.execute("SELECT bool_and(is_break) FROM agency_change").fetchall()
        assert all_of_them


def test_peers_are_of_the_same_level_sector_and_year(ask):
    ranks = """SELECT agency_name, rank, peer_count, percentile, peer_median FROM agency_peers
        WHERE year = 2021 AND measure_code = 'new_received' AND sector = ? ORDER BY rank, agency_name"""
    for sector, count in ask(
        "SELECT sector, count(*) FROM agency_year WHERE year = 2021 AND sector IS NOT NULL GROUP BY 1"
    ):
        found = ask(ranks, sector)
        assert {row[2] for row in found} <= {count}
        values = [row[3] for row in found if row[2] > 1]
        assert values == sorted(values, reverse=True)
    ranked = {code for (code,) in ask("SELECT DISTINCT measure_code FROM agency_peers")}
    assert {"new_received", "full_grant_rate"} <= ranked <= set(ranked_names())
    assert ask("SELECT max(peer_count) >= 1 FROM agency_peers") == [(True,)]


def test_every_dimension_and_fact_has_a_chinese_twin(ask):
    twins = {spec.twin_of for spec in warehouse_views() if spec.twin_of}
    dimensions = {spec.name for spec in warehouse_tables() if spec.layer == "dimension"}
    assert dimensions <= twins
    for spec in warehouse_views():
        if spec.twin_of:
            assert ask(f'SELECT count(*) FROM "{spec.name}"') == ask(f"SELECT count(*) FROM {spec.twin_of}")
            assert not [column.name for column in spec.columns if column.name.isascii()], spec.name
    year = {column.name: column for column in load_tables()["机关年度"].columns}
    assert year["公开率"].formula == "(granted + partly_granted) / outcomes"


def test_a_mark_that_nobody_knows_and_a_model_that_does_not_fit_are_refused():
    with pytest.raises(SchemaDataError, match="none of"):
        expand_marks("SELECT {rate}")
    reviewed = load_tables()["agency_year_reviewed"]
    assert view_query(reviewed) == view_query(table("agency_year")).replace("report_summary", "report_summary_reviewed")
    with pytest.raises(SchemaDataError, match="does not read"):
        view_query(replace(reviewed, instead={"fact_legacy": "x"}))
