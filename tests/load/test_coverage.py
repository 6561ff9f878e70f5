"""Who should have reported, where agencies stood in the report year, and what people decided about them."""

import re
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.errors import UsageError, WarehouseError
from pipelines.load import LoadLimits, build, publish_warehouse
from pipelines.load.agencies import read_wanted
from pipelines.load.regions import place_reports, region_rows
from pipelines.load.settings import last_season
from schemas.ids import stable_id
from schemas.rule import load_rules
from schemas.vocabulary import Stage
from tests.load.staged import FakeFile, request, stage_files, workspace_in

RULE = next(rule.id for rule in load_rules().values() if rule.severity.value != "info")
PENGLAI = "烟台市蓬莱区审计局"


def fake(year, name, region, kind="department", **more):
    figures = more.pop("figures", request("new_received", year - 2000, len(name)))
    return FakeFile(f"{year}/{name}.html", name, year, figures=figures, region=region, agency_type=kind, **more)


OFFICES = ("审计局", "教育局", "财政局", "司法局")
FILES = [
    # a city that became a district in 2020 and lost its report of that year
    fake(2019, "烟台市蓬莱市审计局", "370684", agency_key=PENGLAI, quality=((RULE, "total", "pass"),)),
    fake(2021, PENGLAI, "370614", quality=((RULE, "total", "pass"), (RULE, "business", "fail"))),
    # four offices of one district: one reported 2018, three 2020
    fake(2018, "烟台市芝罘区审计局", "370602"),
    *(fake(2021, f"烟台市芝罘区{office}", "370602") for office in OFFICES),
    *(fake(2020, f"烟台市芝罘区{office}", "370602") for office in OFFICES[:3]),
    # read and set aside by a later stage, set aside before its figures were read, in no year that can be
    fake(2021, "烟台市牟平区审计局", "370612", rejections=((Stage.CHECK, "schema_violation"),)),
    fake(2021, "烟台市莱山区审计局", "370613", rejections=((Stage.NORMALIZE, "no_statistic_table"),)),
    fake(2021, "烟台市龙口市审计局", "370681", rejections=((Stage.NORMALIZE, "year_out_of_range"),)),
]


ABOLISHED = "济南市历下区旅游局"
# what has ended: the environmental office became another, a district was merged away
ENDED = [
    *(fake(year, "烟台市环境保护局", "370600", agency_key=["环境保护局", "370600"]) for year in (2016, 2017)),
    *(fake(year, "烟台市生态环境局", "370600", agency_key=["生态环境局", "370600"]) for year in (2019, 2021)),
    fake(2008, "北京市宣武区审计局", "110104", agency_key=["审计局", "110104"]),
    # abolished without a successor, as a reviewer says
    *(fake(year, ABOLISHED, "370102", agency_key=["旅游局", "370102"]) for year in (2016, 2017)),
]
DECISIONS = f"""decision,path,signed_name,agency_name,from_year,to_year,reason
ended,,,{ABOLISHED},,2018,abolished in 2019
"""


@pytest.fixture(scope="module")
def ask(tmp_path_factory, plain_publish):
    house = workspace_in(tmp_path_factory.mktemp("house"))
    stage_files(house, FILES + ENDED)
    house.reviews.mkdir()
    (house.reviews / "agencies.csv").write_text(DECISIONS, encoding="utf-8")
    lines = ["agency_name,from_year,to_year", "烟台市莱州市审计局,2020,", "烟台市福山区审计局,2019,2020"]
    house.wanted_agencies.write_text("\n".join(lines), encoding="utf-8-sig")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "region_rows", region_rows)  # the whole map, once
        publish_warehouse(house, LoadLimits(last_season=2021))
    with duckdb.connect(str(house.database), read_only=True) as connection:
        yield lambda query, *values: connection.execute(query, values).fetchall()


def test_expected_found_parsed_loaded_passed(ask):
    rows = ask(
        """SELECT agency_name, year, expected_by, is_found, is_parsed, is_loaded, is_passed, failed_checks, reason_code
           FROM coverage WHERE agency_name SIMILAR TO '烟台市(牟平|福山|莱山|莱州|蓬莱).*' ORDER BY ALL"""
    )
    assert rows == [
        ("烟台市牟平区审计局", 2021, None, True, True, False, False, None, "schema_violation"),
        ("烟台市福山区审计局", 2019, "list", False, False, False, False, None, "missing_report"),
        ("烟台市福山区审计局", 2020, "list", False, False, False, False, None, "missing_report"),
        ("烟台市莱山区审计局", 2021, None, True, False, False, False, None, "no_statistic_table"),
        ("烟台市莱州市审计局", 2020, "list", False, False, False, False, None, "missing_report"),
        ("烟台市莱州市审计局", 2021, "list", False, False, False, False, None, "missing_report"),
        (PENGLAI, 2019, "own_years", True, True, True, True, 0, None),
        (PENGLAI, 2020, "own_years", False, False, False, False, None, "missing_report"),
        (PENGLAI, 2021, "own_years", True, True, True, False, 1, "identity_broken"),
    ]  # fmt: skip
    assert ask("SELECT count(*) FROM coverage WHERE is_expected <> (expected_by IS NOT NULL)") == [(0,)]


def test_most_of_the_siblings_say_what_is_expected(ask):
    rows = ask(
        """SELECT agency_name[7:], year, expected_by, is_loaded
           FROM coverage WHERE agency_name LIKE '烟台市芝罘区%' ORDER BY year, agency_name"""
    )
    three = [("司法局", True), ("审计局", True), ("教育局", True), ("财政局", True)]
    assert rows == [
        ("审计局", 2018, "own_years", True),  # one of three is not most
        ("审计局", 2019, "own_years", False),
        ("司法局", 2020, "siblings", False),
        ("审计局", 2020, "own_years, siblings", True),
        ("教育局", 2020, "own_years, siblings", True),
        ("财政局", 2020, "own_years, siblings", True),
        *((office, 2021, "own_years, siblings", loaded) for office, loaded in three),
    ]


def test_a_reviewer_says_that_an_agency_has_ended(ask):
    assert ask(f"SELECT ended_year FROM dim_agency WHERE agency_name = '{ABOLISHED}'") == [(2018,)]
    years = ask(f"SELECT year, is_expected, is_found FROM coverage WHERE agency_name = '{ABOLISHED}' ORDER BY year")
    assert years == [(2016, True, True), (2017, True, True), (2018, True, False)]


def test_the_query_of_the_docs_says_what_is_missing_region_by_region(ask):
    page = (Path(__file__).resolve().parents[2] / "docs" / "warehouse.md").read_text(encoding="utf-8")
    (query,) = re.findall(r"SELECT c\.year, a\.province_name.*?;", page, flags=re.DOTALL)
    rows = ask(query)
    assert (2018, "山东省", "济南市", "历下区", 1, 1, ABOLISHED) in rows
    assert sum(row[5] for row in rows) == ask("SELECT count(*) FROM coverage WHERE is_expected AND NOT is_found")[0][0]


def test_nothing_is_expected_of_what_has_ended(ask):
    years = "SELECT agency_name, min(year), max(year), count(*) FILTER (NOT is_found) FROM coverage"
    assert ask(f"{years} WHERE agency_name SIMILAR TO '.*环境.*局|北京.*' GROUP BY ALL ORDER BY 1") == [
        ("北京市宣武区审计局", 2008, 2009, 1),
        ("烟台市环境保护局", 2016, 2018, 1),
        ("烟台市生态环境局", 2019, 2021, 1),
    ]
    assert ask("""SELECT a.agency_name, a.first_year, a.last_year, n.agency_name, a.ended_year
                  FROM dim_agency AS a LEFT JOIN dim_agency AS n ON n.agency_id = a.successor_agency_id
                  WHERE a.agency_name SIMILAR TO '.*环境.*局|北京.*' ORDER BY 1""") == [
        ("北京市宣武区审计局", 2008, 2008, None, 2009),
        ("烟台市环境保护局", 2016, 2017, "烟台市生态环境局", None),
        ("烟台市生态环境局", 2019, 2021, None, None),
    ]  # fmt: skip


def test_a_report_stands_on_the_map_of_its_year_and_its_agency_on_todays(ask):
    columns = "region_code, county_code, county_name, prefecture_name, province_name"
    assert ask(
        f"SELECT year, {columns} FROM dim_report WHERE agency_id = ? ORDER BY 1", stable_id("agency", PENGLAI)
    ) == [
        (2019, "370684", "370684", "蓬莱市", "烟台市", "山东省"),
        (2021, "370614", "370614", "蓬莱区", "烟台市", "山东省"),
    ]
    agency = "agency_name, agency_type, region_code, county_name, parent_agency_id IS NOT NULL"
    assert ask(f"SELECT {agency} FROM dim_agency WHERE county_name LIKE '蓬莱%'") == [
        (PENGLAI, "department", "370614", "蓬莱区", True)]  # fmt: skip
    assert ask("""SELECT alias, file_id IS NOT NULL, report_count FROM dim_agency_alias
                  WHERE alias LIKE '%蓬莱%' ORDER BY 1""") == [
        (PENGLAI, True, 1), ("烟台市蓬莱市审计局", True, 1)]  # fmt: skip
    assert ask("SELECT year, count(*), sum(new_received) FROM agency_year WHERE county_name LIKE '蓬莱%' GROUP BY ALL "
               "ORDER BY 1") == [(2019, 1, 28), (2021, 1, 30)]  # fmt: skip


def test_the_map_is_whole_and_joins_by_year(ask):
    assert ask("SELECT count(*) FROM dim_region")[0][0] > 40_000
    assert ask("""SELECT r.year, g.name FROM dim_report AS r JOIN dim_region AS g ON g.region_code = r.region_code
                  AND r.year >= g.valid_from AND (g.valid_to IS NULL OR r.year <= g.valid_to)
                  WHERE g.name LIKE '蓬莱%' ORDER BY 1""") == [(2019, "蓬莱市"), (2021, "蓬莱区")]  # fmt: skip


def test_a_region_that_is_not_certain_stays_null():
    frame = pl.DataFrame({"region_code": [None, "420600", "420600"], "year": [2012, 2009, None]},
                         schema={"region_code": pl.String, "year": pl.Int32})  # fmt: skip
    assert place_reports(frame).select("region_code", "prefecture_name").rows() == [
        (None, None), ("420600", "襄樊市"), (None, None)]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("鼓楼区审计局,2019,", "line 2: '鼓楼区审计局' is no agency's full name"),
        (",2019,", "line 2: '' is no agency's full name"),
        ("烟台市芝罘区审计局,,", "from_year must be a year"),
        ("烟台市芝罘区审计局,2019,soon", "from_year must be a year"),
        ("烟台市芝罘区审计局,2007,", "they run from 2008"),
        ("烟台市芝罘区审计局,2021,2020", "2021 to 2020 are no years"),
        ("烟台市芝罘区审计局,2020\n烟台市芝罘区审计局,2021,", "line 3: 烟台市芝罘区审计局 stands in the list twice"),
    ],
)
def test_a_list_that_cannot_be_meant_is_refused(tmp_path, row, says):
    path = tmp_path / "agencies.csv"
    path.write_text(f"agency_name,from_year,to_year\n{row}\n", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_wanted(path)
    assert says in str(caught.value)


def test_a_list_with_other_columns_is_refused_and_none_is_empty(tmp_path):
    path = tmp_path / "agencies.csv"
    assert read_wanted(path).height == 0
    path.write_text("name\n甲\n", encoding="utf-8")
    with pytest.raises(UsageError, match="the columns must be agency_name, from_year, to_year"):
        read_wanted(path)


def test_seasons():
    assert [last_season(date(2022, month, 1)) for month in (1, 3, 4, 12)] == [2020, 2020, 2021, 2021]


def test_a_decision_that_matches_no_report_stops_the_publish(tmp_path):
    house = workspace_in(tmp_path)
    decided = "review line 2: the site is zf.gov.cn"
    stage_files(house, [fake(2021, "烟台市芝罘区审计局", "370602", evidence=f"title; {decided}")])
    house.reviews.mkdir()
    head = "decision,path,signed_name,agency_name,from_year,to_year,reason"
    good = "is,2021/*.html,,烟台市芝罘区审计局,,,the site is zf.gov.cn"
    file = house.reviews / "agencies.csv"
    file.write_text(f"{head}\n{good}\nis,2019/gone.html,,烟台市芝罘区审计局,,,moved\n", encoding="utf-8")
    with pytest.raises(WarehouseError, match=r"match no report: line 3 \(2019/gone\.html"):
        publish_warehouse(house)
    assert not house.database.exists()
    file.write_text(f"{head}\n{good}\n", encoding="utf-8")
    assert publish_warehouse(house).rows["dim_report"] == 1


def test_the_evidence_on_who_and_when_stands_beside_loaded_and_rejected_files(ask):
    assert ask("""SELECT count(*), count(report_id) FROM agency_resolution WHERE bearing = 'decides'""") == [(20, 17)]
    rejected = ask("""SELECT s.path, e.raw_text FROM agency_resolution AS e JOIN source_file AS s USING (file_id)
                      WHERE e.report_id IS NULL ORDER BY 1""")
    assert rejected[0] == ("2021/烟台市牟平区审计局.html", "烟台市牟平区审计局")
