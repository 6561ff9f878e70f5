"""The table macros: each answers with what the reports say, and none mixes agencies."""

import duckdb
import pytest

from schemas.macro import load_macros, own_columns
from schemas.measure import rates
from schemas.table import load_tables
from tests.analyst import ABSENT, BEFORE, BREACHED, EDUCATION, GOVERNMENT, GULOU, LATE, WEIDONG, YEARS


@pytest.fixture(scope="module")
def ask(season):
    with duckdb.connect(str(season.workspace.database), read_only=True) as connection:
        yield lambda query, *values: connection.execute(query, values).fetchall()


def numbers(ask, words):
    return ask("SELECT agency_name, is_meant, matched_by FROM find_agency(?)", words)


def test_a_text_means_its_best_match(ask):
    assert numbers(ask, GOVERNMENT) == [(GOVERNMENT, True, "name")]
    assert numbers(ask, "卫东区")[0] == (GOVERNMENT, True, "region")
    assert {row[2] for row in numbers(ask, "卫东区")[1:]} == {"part"}
    assert not any(row[1] for row in numbers(ask, "卫东区")[1:])
    assert numbers(ask, " 卫东 教育 ") == [(EDUCATION[0], True, "part")]
    [(number,)] = ask("SELECT agency_id FROM dim_agency WHERE agency_name = ?", GOVERNMENT)
    assert numbers(ask, number) == numbers(ask, str(number)) == [(GOVERNMENT, True, "number")]
    assert numbers(ask, "没有这个机关") == numbers(ask, "") == numbers(ask, " ") == []


def test_a_signed_name_is_a_name(season, ask):
    aliases = ask("SELECT alias, agency_name FROM dim_agency_alias JOIN dim_agency USING (agency_id)")
    assert aliases
    for alias, agency in aliases:
        assert agency in {row[0] for row in numbers(ask, alias) if row[1]}


def test_the_history_of_one_agency_is_its_reports(season, ask):
    rows = ask("SELECT agency_name, year, new_received, granted, note FROM agency_history('卫东区')")
    expected = [season.total(GOVERNMENT, year, row) for year in YEARS for row in ("new_received", "granted")]
    assert rows == [
        (GOVERNMENT, year, expected[2 * place], expected[2 * place + 1], None) for place, year in enumerate(YEARS)
    ]


ABOUT_AGENCIES = [macro for macro in load_macros() if macro.parameters[0] == "words" and "note" in macro.query
                  and macro.name != "region_history"]  # fmt: skip


@pytest.mark.parametrize("macro", ABOUT_AGENCIES, ids=lambda macro: macro.name)
def test_a_text_is_looked_for_once_among_all_names(ask, macro):
    call = f"{macro.name}({', '.join('?' for _ in macro.parameters)})"
    [(_, plan)] = ask(f"EXPLAIN (FORMAT json) FROM {call}", *(["卫东区", 2022, "grant_rate"][: len(macro.parameters)]))
    assert plan.count('.dim_agency_alias"') == 1


def test_what_is_looked_for_is_known_when_the_question_is_planned(ask):
    [(_, plan)] = ask("EXPLAIN FROM find_agency('卫东 教育')")
    assert "%卫东%教育%" in plan.replace("\n", "")


def answers(ask, macro, words):
    """Return the rows of a macro as what is said in each: column to value, without the nulls."""
    values = {"words": words, "for_year": 2022, "for_measure": "grant_rate"}
    call = f"{macro.name}({', '.join('?' for _ in macro.parameters)})"
    given = [values[name] for name in macro.parameters]
    columns = [row[0] for row in ask(f"DESCRIBE SELECT * FROM {call}", *given)]
    rows = [zip(columns, row, strict=True) for row in ask(f"SELECT * FROM {call}", *given)]
    return [{name: value for name, value in row if value is not None and name != "is_clear"} for row in rows]


@pytest.mark.parametrize("macro", ABOUT_AGENCIES, ids=lambda macro: macro.name)
def test_an_ambiguous_name_shows_what_it_means_and_no_figure(ask, macro):
    rows = answers(ask, macro, "鼓楼区")
    assert [row["agency_name"] for row in rows] == sorted(GULOU)
    for row in rows:
        assert row.keys() == {"agency_id", "agency_name", "note"}
        assert "2 agencies" in row["note"]


@pytest.mark.parametrize("words", ["火星市", "", None])
@pytest.mark.parametrize("macro", ABOUT_AGENCIES, ids=lambda macro: macro.name)
def test_a_name_of_no_agency_is_said_to_be_none(ask, macro, words):
    [row] = answers(ask, macro, words)
    assert row.keys() == {"note"}
    assert "no agency" in row["note"]


def test_a_place_of_several_names_is_one_and_a_name_of_several_places_none(season, ask):
    rows = ask("SELECT region_name, new_received, note FROM region_history('鼓楼区')")
    assert [(name, value) for name, value, _ in rows] == [
        ("江苏省 南京市 鼓楼区", None),
        ("福建省 福州市 鼓楼区", None),
    ]
    rows = ask("SELECT year, agency_type, report_count, new_received FROM region_history('350102') WHERE year >= 2019")
    assert rows == [(year, "government", 1, season.total(GULOU[1], year, "new_received")) for year in YEARS]
    [row] = ask("SELECT * FROM region_history('火星市')")
    assert [value for value in row if value is not None] == [row[-1]]
    assert "no reports of a place" in row[-1]
    [(count,)] = ask("SELECT sum(report_count) FROM region_history('卫东区')")
    assert count == 3 * len(YEARS)


@pytest.mark.parametrize("measure", ["grant_rate", "公开率"])
def test_a_number_is_traced_to_its_cells(season, ask, measure):
    above, below = (
        ask("SELECT sum(fact_value), count(DISTINCT path) FROM trace(?, '2022', ?) WHERE part = ?",
            GOVERNMENT, measure, part)[0]
        for part in ("numerator", "denominator")
    )  # fmt: skip
    [(rate,)] = ask("SELECT grant_rate FROM agency_history(?) WHERE year = 2022", GOVERNMENT)
    assert above[0] / below[0] == rate
    assert above[0] == sum(season.total(GOVERNMENT, 2022, row) for row in ("granted", "partly_granted"))
    assert above[1] == below[1] == 1


@pytest.mark.parametrize(
    "query",
    ["trace(?, 2001, 'granted')", "peers_of(?, 2001, 'granted')", "form_as_printed(?, 2001)", "doubts(?, 2001)"],
)
def test_a_year_without_a_report_is_said_to_have_none(ask, query):
    """Nothing would read as nothing in doubt."""
    [row] = ask(f"SELECT agency_name, note FROM {query}", GOVERNMENT)
    assert row[0] == GOVERNMENT
    assert "no report of 2001 is loaded" in row[1]


@pytest.mark.parametrize("query", ["trace(?, 2022, 'no_such_rate')", "peers_of(?, 2022, 'no_such_rate')"])
def test_a_measure_of_no_such_name_is_said_to_be_none(ask, query):
    [row] = ask(f"SELECT note FROM {query}", GOVERNMENT)
    assert "no measure is called so" in row[0]


def test_a_form_is_shown_as_printed_blanks_and_all(season, ask):
    rows = ask("SELECT row_code, column_code, value FROM form_as_printed(?, 2022) WHERE table_code = 'request'",
               GOVERNMENT)  # fmt: skip
    truth = season.truths[GOVERNMENT, 2022]
    assert {(row, column): value for row, column, value in rows} == {
        (row, column): figure.value for (table, row, column), figure in truth.figures.items() if table == "request"
    }
    [(legacy,)] = ask("SELECT count(*) FROM form_as_printed(?, ?)", BEFORE[0].agency_name, BEFORE[0].year)
    assert legacy >= len(BEFORE[0].rows())


def test_peers_are_ranked_and_the_asked_one_marked(ask):
    rows = ask("SELECT agency_name, rank, is_asked, value FROM peers_of('卫东 教育', 2022, 'new_received')")
    assert {row[0] for row in rows} == set(EDUCATION)
    assert [row[3] for row in rows] == sorted((row[3] for row in rows), reverse=True)
    assert [row[0] for row in rows if row[2]] == [EDUCATION[0]]


def test_changes_and_the_long_series(season, ask):
    rows = ask("SELECT year, value_before, value, is_break FROM agency_changes(?) WHERE measure_code = 'granted'",
               GOVERNMENT)  # fmt: skip
    told = [season.total(GOVERNMENT, year, "granted") for year in YEARS]
    # The form of 2021 counts what was granted as the form before it did: another edition, and no break.
    assert rows == [(year, before, now, False) for year, before, now in zip(YEARS[1:], told, told[1:], strict=False)]
    years = ask("SELECT year, is_break FROM long_series(?) WHERE measure_code = 'granted'", GULOU[1])
    assert years == [(2016, False), (2017, False), (2019, True), *((year, False) for year in YEARS[1:])]


def test_who_is_late_and_who_is_missing(ask):
    for (agency, year), day in LATE.items():
        rows = ask("SELECT agency_name, first_published_date::VARCHAR, days_late > 0 FROM late_reports(?)", year)
        assert rows == [(agency, day, True)]
    for agency, year in ABSENT:
        assert (agency, False) in ask("SELECT agency_name, is_found FROM missing_reports(?)", year)


def test_doubts_name_the_rule_and_the_cell(season, ask):
    rows = ask("SELECT rule_id, scope, delta, suspects FROM doubts(?, ?) WHERE severity = 'error'", *BREACHED)
    assert {("T3-row", "granted"), ("T3-sum", "natural_person")} <= {row[:2] for row in rows}
    true = int(season.truths[BREACHED].value("request", "granted", "natural_person"))
    wrong = season.printed["granted", "natural_person"]
    assert f"granted/natural_person: {wrong} → {true}" in {row[3] for row in rows if row[1] == "granted"}


def test_measures_are_found_by_their_words(ask):
    assert ("grant_rate",) in ask("SELECT code FROM find_measure('公开率')")
    assert ask("SELECT count(*) FROM find_measure('_rate')")[0][0] >= sum(r.name.endswith("_rate") for r in rates())


def test_every_macro_says_what_it_is_and_explains_its_columns(ask):
    known = {macro.name: macro for macro in load_macros()}
    assert ask("SELECT macro_name, call FROM meta_macro ORDER BY position") == [
        (m.name, m.call) for m in known.values()
    ]
    comments = dict(ask("SELECT function_name, comment FROM duckdb_functions() WHERE NOT internal"))
    for macro in known.values():
        assert macro.zh in comments[macro.name]
        assert macro.en in comments[macro.name]
        assert macro.name in macro.example
        explained = {column.name for name in macro.shows for column in load_tables()[name].columns} | set(own_columns())
        columns = {
            row[0]
            for row in ask(
                f"DESCRIBE {macro.example if macro.example.startswith('SELECT') else f'SELECT * {macro.example}'}"
            )
        }
        assert columns
        whole = f"SELECT * FROM {macro.name}({', '.join('NULL' for _ in macro.parameters)})"
        assert {row[0] for row in ask(f"DESCRIBE {whole}")} <= explained
    used = {name for name in own_columns() if any(name in macro.query for macro in known.values())}
    assert used == set(own_columns())


def test_the_file_attached_under_another_name_answers_too(season):
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{season.workspace.database}' AS other (READ_ONLY)")
        connection.execute("USE other")
        assert connection.execute(f"SELECT count(*) FROM agency_history('{WEIDONG}人民政府')").fetchall() == [
            (len(YEARS),)
        ]


@pytest.mark.parametrize(
    ("macro", "view", "where"),
    [
        ("trace(?, 2023, 'outcomes')", "measure_lineage", "year = 2023 AND measure_code = 'outcomes'"),
        ("trace(?, 2023, 'fees_yuan')", "measure_lineage", "year = 2023 AND measure_code = 'fees_yuan'"),
        ("agency_changes(?)", "agency_change", "true"),
        ("long_series(?)", "agency_panel", "true"),
    ],
)
def test_what_is_narrowed_first_is_what_the_view_says(ask, macro, view, where):
    """The breached report: its lineage has findings and a suspected cell."""
    agency = BREACHED[0]
    narrowed = ask(f"SELECT * EXCLUDE (note) FROM {macro} ORDER BY ALL", agency)
    assert narrowed
    assert narrowed == ask(f"SELECT * FROM {view} WHERE agency_name = ? AND {where} ORDER BY ALL", agency)


def test_peers_are_those_of_the_view(ask):
    peers = ask("SELECT * EXCLUDE (note, is_asked) FROM peers_of(?, 2022, '公开率') ORDER BY ALL", EDUCATION[0])
    assert len(peers) == len(EDUCATION)
    of_kind = "sector = '教育' AND admin_level = 'county'"
    assert peers == ask(f"""SELECT * FROM agency_peers WHERE year = 2022 AND measure_code = 'grant_rate' AND {of_kind}
        ORDER BY ALL""")
