"""The evidence on agency and year, piece by piece: what decides, agrees, contradicts, and what is left open."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.normalize.identity.agency_review import load_reviews
from pipelines.normalize.identity.reports import Identified, identify_reports
from schemas.agency import load_evidence_weights
from schemas.table import table
from schemas.vocabulary import EvidenceSource, EvidenceSubject

Line = tuple[str, str | None, str]
BARE = "2021年政府信息公开工作年度报告"


def _identify(
    lines: list[Line], path: str = "2021/a.html", folder_year: int | None = 2021, reviews: Path | None = None
) -> Identified:
    files = table("files").conform(pl.DataFrame({"file_id": [1], "path": [path], "folder_year": [folder_year]}))
    rows = [
        {"file_id": 1, "block_number": number, "kind": kind, "label": label, "text": text}
        for number, (kind, label, text) in enumerate(lines, start=1)
    ]
    blocks = table("blocks").conform(pl.DataFrame(rows, schema_overrides={"label": pl.String}))
    return identify_reports(files, blocks, load_reviews(reviews) if reviews else ())


def _agency(found: Identified) -> tuple[object, ...]:
    return found.reports.select("agency_name", "region_code").row(0)


def _told(found: Identified, subject: str) -> list[tuple[object, ...]]:
    rows = found.resolutions.filter(pl.col("subject") == subject).sort("evidence_number")
    return rows.select("source", "reads_as", "bearing").rows()


def _title(text: str) -> Line:
    return ("title", "h1", text)


def _line(text: str) -> Line:
    return ("paragraph", None, text)


def test_every_weight_is_a_known_source_and_the_title_weighs_most() -> None:
    for subject in EvidenceSubject:
        weights = load_evidence_weights(subject)
        assert next(iter(weights)) == EvidenceSource.TITLE
        assert min(weights.values()) > 0


def test_agreement_office_and_contradiction_are_told_apart() -> None:
    found = _identify(
        [
            _title("卫东区2021年政府信息公开工作年度报告"),
            ("metadata", "发布机构", "平顶山市新华区人民政府"),
            ("metadata", "来源", "河南省人民政府"),
            _line("全年主动公开政府信息若干条。"),
            _line("平顶山市卫东区人民政府办公室"),
            _line("2022年1月18日"),
        ],
        "2021/平顶山市/卫东区_2021.html",
    )
    assert _agency(found) == ("平顶山市卫东区人民政府", "410403")
    assert _told(found, "agency") == [
        ("title", "平顶山市卫东区人民政府", "decides"),
        ("signature", "平顶山市卫东区人民政府办公室", "other_unit"),
        ("file_name", "平顶山市卫东区人民政府", "agrees"),
        ("metadata", "平顶山市新华区人民政府", "conflicts"),
        ("folder", "410400 平顶山市", "agrees"),
        ("source", "410000 河南省", "agrees"),
    ]
    assert found.resolutions["outcome"].unique().to_list() == ["resolved"]


def test_an_ambiguous_name_lists_its_candidates_and_what_was_seen() -> None:
    found = _identify([_title("鼓楼区审计局2021年政府信息公开工作年度报告")])
    told = _told(found, "agency")
    assert told[0] == ("title", None, "decides")
    candidates = {reading for source, reading, bearing in told if source == "map" and bearing == "candidate"}
    assert candidates == {"320106 南京市鼓楼区", "320302 徐州市鼓楼区", "350102 福州市鼓楼区", "410204 开封市鼓楼区"}
    assert set(found.resolutions.filter(pl.col("subject") == "agency")["outcome"]) == {"ambiguous"}


def test_a_decision_and_a_mirror_are_outcomes_of_their_own(tmp_path: Path) -> None:
    reviews = tmp_path / "agencies.csv"
    reviews.write_text(
        "decision,path,signed_name,agency_name,from_year,to_year,reason\n"
        "is,2021/a.html,鼓楼区审计局,福州市鼓楼区审计局,,,the site is Fuzhou's\n",
        encoding="utf-8",
    )
    title = _title("鼓楼区审计局2021年政府信息公开工作年度报告")
    decided = _identify([title], reviews=reviews)
    assert _told(decided, "agency")[:2] == [
        ("review", "福州市鼓楼区审计局", "decides"),
        ("title", "审计局 in one of 4 places", "agrees"),
    ]
    assert decided.resolutions["outcome"][0] == "reviewed"
    mirror = _identify([_title("365bet体育在线投注教育局2020年政府信息公开年度报告")])
    assert set(mirror.resolutions.filter(pl.col("subject") == "agency")["outcome"]) == {"hijacked"}
    assert not {"decides", "agrees"} & {bearing for _, _, bearing in _told(mirror, "agency")}


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("根据《条例》要求，本报告由平顶山市卫东区司法局编制，全文包括六个部分。", "平顶山市卫东区司法局"),
        ("按照规定，沭阳县发展和改革局编制了2021年度政府信息公开工作年度报告。", "宿迁市沭阳县发展和改革局"),
        ("平顶山市卫东区教体局（以下简称“我局”）认真贯彻落实条例。", "平顶山市卫东区教育体育局"),
        ("现将桃江县审计局2021年政府信息公开工作情况报告如下。", "益阳市桃江县审计局"),
    ],
)
def test_the_opening_sentence_names_who_the_title_does_not(sentence: str, name: str) -> None:
    found = _identify([_title(BARE), _line(sentence), _line("一、总体情况")])
    assert found.reports["agency_name"][0] == name
    assert ("opening", name, "decides") in _told(found, "agency")


@pytest.mark.parametrize(
    "sentence",
    [
        "本报告由我局编制。",
        "本报告由办公室根据各科室材料编制而成。",
        "如有疑问，请与平顶山市卫东区人民政府办公室政务公开科联系（地址：建设路1号）。",
        "根据《国务院办公厅关于政府信息公开工作年度报告有关事项的通知》要求，现公布2021年年度报告。",
    ],
)
def test_a_sentence_that_does_not_say_who_names_nobody(sentence: str) -> None:
    found = _identify([_title(BARE), _line(sentence), _line("一、总体情况")])
    assert found.reports["region_code"][0] is None
    assert set(found.findings["reason_code"]) & {"no_agency", "ambiguous_agency"}


def test_whom_to_ask_tells_the_region_of_a_short_name() -> None:
    ask = "如对本报告有疑问，请与福州市鼓楼区审计局办公室联系（电话：0591）。"
    found = _identify([_title("鼓楼区审计局2021年政府信息公开工作年度报告"), _line(ask)])
    assert _agency(found) == ("福州市鼓楼区审计局", "350102")
    assert ("contact", "350102 福州市鼓楼区", "agrees") in _told(found, "agency")


@pytest.mark.parametrize(
    ("title_year", "period_year", "folder_year", "signed", "year", "bearings"),
    [
        (2021, 2021, 2021, "2022年1月18日", 2021, ["decides", "agrees", "agrees", "agrees"]),
        (2022, 2021, 2021, "2022年1月18日", 2021, ["conflicts", "decides", "agrees", "agrees"]),
        (2022, 2021, 2022, "二〇二三年一月十八日", 2022, ["decides", "conflicts", "agrees", "agrees"]),
        (2021, 2021, 2021, "2020年1月18日", 2021, ["decides", "agrees", "agrees", "conflicts"]),
        (2018, 2018, 2018, "2018年12月31日", 2018, ["decides", "agrees", "agrees", "agrees"]),
    ],
)  # fmt: skip
def test_years_are_weighed(  # noqa: PLR0917 - the pieces of evidence, then what they come to
    title_year: int, period_year: int, folder_year: int, signed: str, year: int, bearings: list[str]
) -> None:
    found = _identify(
        [
            _title(f"卫东区政府办{title_year}年政府信息公开工作年度报告"),
            _line(f"统计期限自{period_year}年1月1日起至{period_year}年12月31日止。"),
            _line("卫东区政府办"),
            _line(signed),
        ],
        f"{folder_year}/a.html",
        folder_year,
    )
    assert found.reports["year"][0] == year
    assert [bearing for _, _, bearing in _told(found, "year")] == bearings
    assert ("year_conflict" in set(found.findings["reason_code"])) == ("conflicts" in bearings)


def test_a_date_alone_names_no_year_but_is_told() -> None:
    lines = [_title("卫东区政府办政府信息公开工作年度报告"), _line("卫东区政府办"), _line("2022年1月18日")]
    found = _identify(lines, "misc/a.html", None)
    assert found.reports["year"][0] is None
    assert _told(found, "year") == [("signed_date", "2021", "silent")]
    message = dict(found.findings.select("reason_code", "message").iter_rows())["no_year"]
    assert "signed_date 2021" in message


@pytest.mark.parametrize(
    ("year", "path", "body", "is_certain"),
    [
        (2012, "2012/a.html", "", False),
        (2012, "2012/余杭区/a.html", "", True),
        (2012, "2012/a.html", "在杭州市和余杭区的领导下，全年公开若干条。", True),
        (2025, "2025/a.html", "", True),
    ],
)
def test_a_township_of_an_old_year_needs_more_than_the_list(year: int, path: str, body: str, is_certain: bool) -> None:
    found = _identify([_title(f"径山镇{year}年政府信息公开年报"), _line(body or "无")], path, year)
    assert (found.reports["region_code"][0] == "330110") == is_certain
    assert ("ambiguous_agency" in set(found.findings["reason_code"])) != is_certain
