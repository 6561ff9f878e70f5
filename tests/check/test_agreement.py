"""Who reports for which year: title, folder, stated period and signature must say the same."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.check.agreement import judge_agreement, judge_currency
from schemas.table import table


def judge(
    title: str | None, *, folder: int | None = 2021, text: str = "", signed: str | None = None,
    evidence: str = "title: x", full: str | None = None, agency_id: int | None = 1,
) -> dict[str, tuple[str, str | None, float | None, float | None]]:  # fmt: skip
    reports = table("reports").conform(pl.DataFrame([{
        "file_id": 1, "title": title, "signed_name": signed, "agency_name": full or signed, "agency_id": agency_id,
        "agency_evidence": evidence, "year": 2021,
    }]))  # fmt: skip
    sections = table("sections").conform(pl.DataFrame([
        {"file_id": 1, "section_number": 1, "section_code": "other", "text": text}]))  # fmt: skip
    files = table("files").conform(pl.DataFrame([{"file_id": 1, "folder_year": folder}]))
    found = judge_agreement(reports, sections, files)
    columns = ("rule_id", "status", "note", "left_value", "right_value")
    return {rule: (status, note, left, right) for rule, status, note, left, right in found.select(columns).iter_rows()}


@pytest.mark.parametrize(
    ("title", "folder", "expected"),
    [
        ("甲市2021年政府信息公开工作年度报告", 2021, ("pass", None, 2021.0, 2021.0)),
        ("甲市2020年政府信息公开工作年度报告", 2021, ("fail", None, 2020.0, 2021.0)),
        ("甲市二〇二一年度政府信息公开年报", 2021, ("pass", None, 2021.0, 2021.0)),
        ("甲市二O二O年度政府信息公开年报", 2021, ("fail", None, 2020.0, 2021.0)),
        ("甲市 20 21 年年报", 2021, ("pass", None, 2021.0, 2021.0)),
        ("甲市２０２０年年报", 2021, ("fail", None, 2020.0, 2021.0)),
        ("甲市2021年年报（2022年1月发布）", 2021, ("pass", None, 2021.0, 2021.0)),
        ("甲市年报", 2021, ("not_assessable", "no_title_year", None, None)),
        (None, 2021, ("not_assessable", "no_title_year", None, None)),
        ("甲市2021年年报", None, ("not_assessable", "no_folder_year", None, None)),
    ],
)
def test_year_of_title_and_folder(title: str | None, folder: int | None, expected: tuple[object, ...]) -> None:
    assert judge(title, folder=folder)["ID-folder"] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("统计期限为2021年1月1日至12月31日。", ("pass", None)),
        ("本报告数据截止20211231日。", ("pass", None)),
        ("本报告数据截至20201231日。", ("fail", None)),
        ("统计期限自2020 年 1 月 1 日起至2020年12月31日止。", ("fail", None)),
        ("所列数据截至2021年12月31日。", ("pass", None)),
        ("所列数据统计期限为2021011日至20211231日", ("pass", None)),
        ("统计期限自2021年1月1日开始，到12月31日截止。", ("pass", None)),
        ("统计期限：2020.1.1-2020.12.31", ("fail", None)),
        ("统计时间为2021年1月至12月。", ("pass", None)),
        # Days of which other things are told.
        ("《优化营商环境条例》自2020年1月1日起施行。", ("not_assessable", "no_period_year")),
        ("《民法典》自2021年1月1日起施行。数据统计期限为2020年1月1日至12月31日。", ("fail", None)),
        ("截至2020年12月31日，现行有效规范性文件50件。", ("not_assessable", "no_period_year")),
        ("2021年1月5日召开会议。", ("not_assessable", "no_period_year")),
        ("", ("not_assessable", "no_period_year")),
    ],
)
def test_year_of_title_and_stated_period(text: str, expected: tuple[str, str | None]) -> None:
    assert judge("甲市2021年年报", text=text)["ID-period"][:2] == expected


DISTRICT = "平顶山市卫东区人民政府办公室"


@pytest.mark.parametrize(
    ("titled", "full", "last_line", "expected"),
    [
        ("卫东区政府办", DISTRICT, "卫东区人民政府办公室", ("pass", None)),
        ("卫东区政府办", DISTRICT, "平顶山市卫东区人民政府办公室", ("pass", None)),
        ("洪泽区人民政府", "淮安市洪泽区人民政府", "洪泽区人民政府办公室", ("pass", "signed_by_office")),
        ("桃江县审计局", "益阳市桃江县审计局", "县审计局", ("pass", None)),
        (
            "桃江县审计局",
            "益阳市桃江县审计局",
            "桃江县统计局",
            ("fail", "the title names 桃江县审计局, 桃江县统计局 signs"),
        ),
        ("桃江县审计局", "益阳市桃江县审计局", "全年未收取费用。", ("not_assessable", "no_signature")),
    ],
)
def test_signing_and_titled_agency(titled: str, full: str, last_line: str, expected: tuple[str, str | None]) -> None:
    from pipelines.normalize.identity.agency import resolve_agency
    from pipelines.normalize.identity.clue import Clue
    from schemas.vocabulary import EvidenceSource

    agency_id = resolve_agency([Clue(EvidenceSource.TITLE, titled)], 2021, str, "a.md").agency_id
    text = f"无其他需要报告的事项。\n{last_line}\n2022年1月20日"
    assert judge("标题", text=text, signed=titled, full=full, agency_id=agency_id)["ID-agency"][:2] == expected


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        ("\n郑州市公安局\n2022年1月20日", "fail"),
        ("\n2022年1月20日\n郑州市公安局", "fail"),
        ("\n郑州市公安局　2022年1月20日", "fail"),
        ("\n郑州市公安局\n二〇二二年一月二十日", "fail"),
        ("\n郑州市教育局 2022.1.20", None),
        ("\n郑州市教育局\n2022年1月20日\n打印本页\n关闭窗口\n郑州市人民政府", None),  # the page's foot
        ("\n郑州市公安局\n郑州市民政局\n郑州市财政局\n郑州市司法局", "undated_signature"),  # links to others
        ("\n郑州市教育局", None),
    ],
)
def test_a_name_signs_where_a_date_stands_beside_it(ending: str, expected: str | None) -> None:
    from pipelines.normalize.identity.agency import resolve_agency
    from pipelines.normalize.identity.clue import Clue
    from schemas.vocabulary import EvidenceSource

    agency_id = resolve_agency([Clue(EvidenceSource.TITLE, "郑州市教育局")], 2021, str, "a.md").agency_id
    status, note, *_ = judge("标题", text=f"无。{ending}", signed="郑州市教育局", agency_id=agency_id)["ID-agency"]
    assert (note if status != "fail" else status) == expected


def test_an_agency_that_the_title_does_not_name_is_not_compared() -> None:
    found = judge("2021年年报", text="甲县审计局", signed="甲县审计局", evidence="signature: 甲县审计局")
    assert found["ID-agency"][:2] == ("not_assessable", "no_titled_agency")


@settings(max_examples=settings().max_examples * 3 // 10)
@given(st.one_of(st.none(), st.text(max_size=40)), st.text(max_size=80))
def test_any_text_is_judged_and_nothing_passes_unsaid(title: str | None, text: str) -> None:
    found = judge(title, text=text)
    assert set(found) == {"ID-folder", "ID-period", "ID-agency"}
    for rule, (status, _, left, right) in found.items():
        assert status != "pass" or rule == "ID-agency" or (left is not None and left == right)


def test_contradicting_versions_are_counted() -> None:
    reports = pl.DataFrame({"file_id": [1, 2], "versions": [1, 3]})
    assert judge_currency(reports).select("file_id", "status", "left_value").rows() == [
        (1, "pass", 1.0),
        (2, "fail", 3.0),
    ]
