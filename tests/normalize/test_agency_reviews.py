"""What a reviewer decided about agencies: which reports a decision is about, what becomes of them, what stops a run."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import UsageError
from pipelines.normalize.identity.agency_review import ended_agencies, load_reviews, require_reviews_apply
from schemas.table import table
from tests.normalize.documents import Line, identify


def _reviews(folder: Path, *rows: str) -> Path:
    header = "decision,path,signed_name,agency_name,from_year,to_year,reason"
    file = folder / "agencies.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def test_a_decision_wins(tmp_path: Path) -> None:
    reviews = _reviews(tmp_path, "is,2021/*.html,鼓楼区审计局,福州市鼓楼区审计局,,,the page names Fuzhou")
    report, findings = identify([("title", "h1", "鼓楼区审计局2021年政府信息公开工作年度报告")], reviews=reviews)
    assert (report["agency_name"], report["region_code"], findings) == ("福州市鼓楼区审计局", "350102", {})
    assert report["signed_name"] == "鼓楼区审计局"


def test_a_renamed_agency_shares_the_identifier_of_its_successor(tmp_path: Path) -> None:
    row = "same,,平顶山市卫东区教育局,平顶山市卫东区教育体育局,,2018,renamed in 2019"
    old, _ = identify(
        [("title", "h1", "卫东区教育局2018年政府信息公开年报")], folder_year=2018, reviews=_reviews(tmp_path, row)
    )
    new, _ = identify([("title", "h1", "卫东区教体局2020年政府信息公开年报")], folder_year=2020)
    late, _ = identify(
        [("title", "h1", "卫东区教育局2020年政府信息公开年报")], folder_year=2020, reviews=_reviews(tmp_path, row)
    )
    assert old["agency_id"] == new["agency_id"] != late["agency_id"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("is,2021/a.html,,鼓楼区审计局,,,ambiguous target", "no agency's full name"),
        ("is,2021/a.html,,福州市鼓楼区审计局,,,", "needs agency_name and reason"),
        ("is,,,福州市鼓楼区审计局,,,about everything", "every report"),
        ("maybe,2021/a.html,,福州市鼓楼区审计局,,,x", "unknown decision"),
        ("ended,,,福州市鼓楼区审计局,,,no year", "needs agency_name, to_year and reason"),
        ("ended,,,鼓楼区审计局,,2018,which of them", "no agency's full name"),
    ],
)
def test_a_decision_that_decides_nothing_clear_stops_the_run(tmp_path: Path, row: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        load_reviews(_reviews(tmp_path, row))


def test_a_decision_that_matches_no_report_fails_loudly(tmp_path: Path) -> None:
    reviews = load_reviews(_reviews(tmp_path, "is,2019/gone.html,,福州市鼓楼区审计局,,,moved"))
    reports = table("reports").conform(pl.DataFrame({"file_id": [1], "agency_evidence": ["title: 卫东区"]}))
    with pytest.raises(UsageError, match=r"2019/gone\.html"):
        require_reviews_apply(reviews, reports)


@pytest.mark.parametrize(("last", "applies"), [(2018, True), (2017, True), (2019, False)])
def test_that_an_agency_has_ended_is_contradicted_by_a_later_report(tmp_path: Path, last: int, applies: bool) -> None:
    reviews = load_reviews(_reviews(tmp_path, "ended,,,福州市鼓楼区旅游局,,2018,abolished"))
    (agency_id,) = ended_agencies(reviews)
    reports = table("reports").conform(pl.DataFrame({"file_id": [1], "agency_id": [agency_id], "year": [last]}))
    if applies:
        require_reviews_apply(reviews, reports)
    else:
        with pytest.raises(UsageError, match="福州市鼓楼区旅游局"):
            require_reviews_apply(reviews, reports)


def test_a_decision_puts_the_agency_on_the_map_of_the_report_year(tmp_path: Path) -> None:
    reviews = _reviews(tmp_path, "is,2010/a.html,,重庆市綦江区审计局,,,the page is of Qijiang")
    title = "审计局2010年政府信息公开年度报告"
    report, _ = identify([("title", "h1", title)], "2010/a.html", 2010, reviews)
    assert report["region_code"] == "500222"


BODY = "separate,2021/*.html,卫东区工业园区管理处,平顶山工业园区管理处,,,a body of its own"
LINES: list[Line] = [("title", "h1", "卫东区工业园区管理处2021年政府信息公开工作年度报告")]


def test_a_body_of_its_own_has_an_identifier_and_a_name_of_its_own(tmp_path: Path) -> None:
    """Its figures would stand among those of the agency that its name resolves to."""
    before, _ = identify(LINES)
    report, findings = identify(LINES, reviews=_reviews(tmp_path, BODY))
    assert report["agency_name"] == "平顶山工业园区管理处"
    assert report["agency_id"] not in (None, before["agency_id"])
    assert report["signed_name"] == before["signed_name"]
    assert "a body of its own" in str(report["agency_evidence"])
    assert not {"agency_ambiguous", "agency_unresolved"} & findings.keys()


@pytest.mark.parametrize(
    "row",
    [
        BODY.replace("卫东区工业园区管理处,", "卫东区审计局,", 1),  # signed by another
        BODY.replace("2021/*", "2020/*"),
        BODY.replace(",,,a", ",2022,,a"),
        BODY.replace(",,,a", ",,2020,a"),
        "ended,,,平顶山市卫东区人民政府,,2018,merged",  # says nothing of a single report
    ],
)
def test_a_decision_about_other_reports_changes_nothing(tmp_path: Path, row: str) -> None:
    assert identify(LINES, reviews=_reviews(tmp_path, row)) == identify(LINES)


def test_a_decision_about_some_years_is_none_about_a_report_without_a_year(tmp_path: Path) -> None:
    lines: list[Line] = [("title", "h1", "卫东区工业园区管理处政府信息公开工作年度报告")]
    ids = [
        identify(lines, "a.html", None, _reviews(tmp_path, BODY.replace("2021/*", "*").replace(",,,a", years)))[0]
        for years in (",,,a", ",2019,,a")
    ]
    assert ids[0]["year"] is None
    assert ids[0]["agency_name"] == "平顶山工业园区管理处" != ids[1]["agency_name"]


def test_a_file_with_other_columns_is_no_decision(tmp_path: Path) -> None:
    file = tmp_path / "agencies.csv"
    file.write_text("decision,path,agency_name\nis,2021/a.html,福州市鼓楼区审计局\n", encoding="utf-8")
    with pytest.raises(UsageError, match="the columns must be decision, path"):
        load_reviews(file)
