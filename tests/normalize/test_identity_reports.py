"""Who and when, from whole documents: each sort of evidence, agreement and conflict."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.normalize.identity.agency import agency_id_of
from pipelines.normalize.identity.agency_table import describe_agencies, list_aliases
from pipelines.normalize.identity.reports import identify_reports
from pipelines.normalize.identity.title import find_titles, read_title
from schemas.ids import stable_id
from schemas.table import table
from tests.normalize.documents import Line, identify

SEED = "卫东区政府办2021年政府信息公开工作年度报告"


def test_the_seed_is_the_office_of_weidong() -> None:
    report, findings = identify([("title", "h1", SEED)])
    assert report["agency_name"] == "平顶山市卫东区人民政府办公室"
    assert (report["agency_type"], report["region_code"], report["admin_level"]) == (
        "government_office",
        "410403",
        "county",
    )
    assert (report["title"], report["signed_name"], report["year"]) == (SEED, "卫东区政府办", 2021)
    assert findings == {}


def test_the_seed_is_described_with_its_alias_and_parent() -> None:
    files = table("files").conform(pl.DataFrame({"file_id": [1], "path": ["2021/a.md"], "folder_year": [2021]}))
    block = {"file_id": [1], "block_number": [1], "kind": ["title"], "label": ["h1"], "text": [SEED]}
    reports, _, _ = identify_reports(files, table("blocks").conform(pl.DataFrame(block)), ())
    agency = describe_agencies(reports).row(0, named=True)
    assert (agency["province_name"], agency["prefecture_name"], agency["county_name"]) == (
        "河南省",
        "平顶山市",
        "卫东区",
    )
    assert agency["parent_agency_id"] == agency_id_of("人民政府", "410403")
    aliases = list_aliases(reports)
    assert set(aliases["alias"]) == {"卫东区政府办", "平顶山市卫东区人民政府办公室"}
    assert all("政府办 → 人民政府办公室" in evidence for evidence in aliases["evidence"])


def test_a_title_that_contradicts_the_folder_wins_and_says_so() -> None:
    report, findings = identify([("title", "h1", "卫东区政府办2022年政府信息公开工作年度报告")])
    assert report["year"] == 2022
    assert "title 2022" in findings["year_conflict"]
    assert "folder 2021" in findings["year_conflict"]


@pytest.mark.parametrize(
    "period",
    [
        "本报告中所列数据的统计期限自2021年1月1日起至2021年12月31日止。",
        "本报告所列数据的统计期限为 2021 年 1 月 1 日至 12 月 31 日。",
        "本报告所列数据的统计期限为202111日至20211231日。",
        "截止2021年12月31日，全区累计主动公开政府信息65条。",
    ],
)
def test_the_stated_period_gives_the_year(period: str) -> None:
    report, findings = identify(
        [("title", "h1", "卫东区政府办政府信息公开工作年度报告"), ("paragraph", None, period)], folder_year=None
    )
    assert report["year"] == 2021
    assert findings == {}


def test_no_evidence_of_a_year_is_no_year() -> None:
    report, findings = identify([("title", "h1", "卫东区政府办政府信息公开工作年度报告")], "misc/a.html", None)
    assert report["year"] is None
    assert "no_year" in findings


@pytest.mark.parametrize("year", [1999, 2007, 2098])
def test_a_year_without_reports_is_out_of_range(year: int) -> None:
    _, findings = identify([("title", "h1", f"卫东区政府办{year}年政府信息公开工作年度报告")], folder_year=year)
    assert "year_out_of_range" in findings


def test_a_title_broken_over_two_lines() -> None:
    lines: list[Line] = [
        ("paragraph", None, "正文"),
        ("title", "first_line", "2021 年上海市科委政府信息公开工作"),
        ("paragraph", None, "年度报告"),
        ("paragraph", None, "根据规定的要求，市科委编制了 2021 年度政务公开工作报告，报告全文包括六个部分。"),
    ]
    report, findings = identify(lines)
    assert (report["agency_name"], report["year"], findings) == ("上海市科学技术委员会", 2021, {})
    assert report["title"] == "2021 年上海市科委政府信息公开工作年度报告"


def test_labels_in_one_crawled_line() -> None:
    line = (
        "当前位置： 首页 政府信息公开年报 平潭综合实验区管委会2014年度政府信息公开工作年度报告 来源：平潭县人民政府 "
        "时间：2015-01-02 00:00 微信 全真版"
    )
    report, findings = identify([("paragraph", None, line)], folder_year=2014)
    assert report["agency_name"] == "平潭综合实验区管理委员会"
    assert report["published_date"] == date(2015, 1, 2)
    assert findings == {}


def test_date_and_address_from_metadata_and_comment() -> None:
    lines: list[Line] = [
        ("paragraph", None, "<!-- url: http://www.yanta.gov.cn/a/5e9.html (agency from path) -->"),
        ("title", "h1", SEED),
        ("metadata", "PubDate", "2022-01-18 10:00"),
    ]
    report, _ = identify(lines)
    assert (report["published_date"], report["url"]) == (date(2022, 1, 18), "http://www.yanta.gov.cn/a/5e9.html")


def test_the_source_of_a_site_is_not_the_agency() -> None:
    lines: list[Line] = [("title", "h1", "2021年政府信息公开工作年度报告"), ("metadata", "来源", "平顶山市人民政府")]
    report, findings = identify(lines)
    assert report["agency_id"] is None
    assert "no_agency" in findings


@pytest.mark.parametrize(
    "title",
    [
        "365bet网上娱乐_365BETAPP官网_365体育平台网址人民政府合作交流办公室 2022年政府信息公开工作年度报告",
        "《365bet苹果版_365服务热线_bet体育365正规吗政务公开工作领导小组2022年政府信息公开工作年度报告》",
        "衛東區政府辦公室2021年政府資訊公開工作年度報告",
    ],
)
def test_a_hijacked_or_converted_mirror_has_no_agency(title: str) -> None:
    report, findings = identify([("title", "h1", title)])
    assert (report["agency_id"], report["agency_name"]) == (None, None)
    assert "hijacked_mirror" in findings


def test_two_ambiguous_documents_are_two_agencies() -> None:
    title = "鼓楼区审计局2021年政府信息公开工作年度报告"
    first, findings = identify([("title", "h1", title)], "2021/a.html")
    second, _ = identify([("title", "h1", title)], "2021/b.html")
    assert first["agency_id"] != second["agency_id"]
    assert "南京市鼓楼区" in findings["ambiguous_agency"]
    assert "福州市鼓楼区" in findings["ambiguous_agency"]


def test_a_county_that_became_a_district_is_followed() -> None:
    before, _ = identify([("title", "h1", "崇明县人民政府2012年政府信息公开年度报告")], folder_year=2012)
    after, _ = identify([("title", "h1", "崇明区人民政府2018年政府信息公开年度报告")], folder_year=2018)
    assert before["agency_id"] == after["agency_id"]
    assert (before["region_code"], after["region_code"]) == ("310230", "310151")


def test_an_identifier_hangs_on_the_first_code_of_the_place() -> None:
    report, _ = identify([("title", "h1", "江口县人民政府2015年政府信息公开年度报告")], folder_year=2015)
    assert report["region_code"] == "520621"
    assert report["agency_id"] == stable_id("agency", "人民政府", "522222")


def test_an_office_is_not_its_government() -> None:
    office, _ = identify([("title", "h1", SEED)])
    government, _ = identify([("title", "h1", "卫东区2021年政府信息公开工作年度报告")])
    assert office["agency_id"] != government["agency_id"]
    assert government["agency_name"] == "平顶山市卫东区人民政府"


def test_no_documents_give_empty_frames() -> None:
    reports, findings, _ = identify_reports(table("files").empty_frame(), table("blocks").empty_frame(), ())
    assert (reports.height, findings.height) == (0, 0)
    assert describe_agencies(reports).height == 0
    assert list_aliases(reports).height == 0


@given(
    name=st.sampled_from(["卫东区政府办", "洪泽区人民政府", "上海市科委", "宿迁市", "桃江县审计局"]),
    year=st.integers(2008, 2025),
    shape=st.sampled_from(
        [
            "{name}{year}年政府信息公开工作年度报告",
            "{year}年度{name}信息公开年度报告",
            "X{year}年{name}政府信息公开年报",
            "{name}政府信息公开工作年度报告（{year}年）",
            "{name}政府信息公开{year}年度报告",
            "{name} {year} 年政府信息公开报告（图解）",
        ]
    ),
)
def test_every_wording_gives_name_and_year(name: str, year: int, shape: str) -> None:
    reading = read_title(shape.format(name=name, year=year))
    assert reading is not None
    assert (reading.name, reading.years) == (name, (year,))


@given(st.text(max_size=120))
def test_any_text_can_be_asked_for_a_title(text: str) -> None:
    for printed, _ in find_titles(text):
        assert printed


def test_an_agency_stays_where_it_was_though_its_code_passed_to_another_place() -> None:
    before, _ = identify([("title", "h1", "重庆市万盛区人民政府2010年政府信息公开年度报告")], folder_year=2010)
    after, _ = identify([("title", "h1", "重庆市綦江区人民政府2021年政府信息公开年度报告")])
    assert before["region_code"] == after["region_code"] == "500110"
    reports = table("reports").conform(pl.DataFrame([before, after], infer_schema_length=None))
    names = dict(describe_agencies(reports).select("agency_name", "county_name").iter_rows())
    assert names == {"重庆市万盛区人民政府": "万盛区", "重庆市綦江区人民政府": "綦江区"}


_FRAMES = [
    (["政府信息公开", "淮安市公安局洪泽分局2023年政府信息公开工作年度报告"], "淮安市公安局洪泽分局"),
    (["• 公开方式:公开", "沭阳县教育局2023年政府信息公开工作年度报告"], "沭阳县教育局"),
    (["• 发布机构: 洪泽经济开发区", "洪泽经济开发区管理委员会2023年政府信息公开年度报告"], "洪泽经济开发区管理委员会"),
    (["沭阳县教育局", "沭阳县教育科技局2023年政府信息公开工作年度报告"], "沭阳县教育科技局"),
    (["全文检索", "洪泽高新区(含港区)2023年政府信息公开工作年度报告"], "洪泽高新区(含港区)"),
    (["沭阳县审计局", "当前位置:首页 > 通知", "沭阳县审计局2023年政府信息公开工作年度报告"], "沭阳县审计局"),
]


@pytest.mark.parametrize(("lines", "name"), _FRAMES)
def test_what_the_page_prints_above_a_title_is_no_part_of_it(lines: list[str], name: str) -> None:
    report, _ = identify([("paragraph", None, line) for line in lines], folder_year=None)
    assert (report["signed_name"], report["title"], report["year"]) == (name, lines[-1], 2023)


@pytest.mark.parametrize(
    "lines",
    [
        ["平顶山市卫东区", "政府办2023年政府信息公开工作年度报告"],
        ["平顶山市", "卫东区政府办2023年政府信息公开工作年度报告"],
        ["平顶山市卫东区政府办2023年", "政府信息公开工作", "年度报告"],
    ],
)
def test_a_title_over_several_lines_keeps_its_first_line(lines: list[str]) -> None:
    report, findings = identify([("paragraph", None, line) for line in lines])
    assert report["title"] == "".join(lines)
    assert report["agency_name"] == "平顶山市卫东区人民政府办公室"
    assert "ambiguous_agency" not in findings


_SENTENCES = [
    ("根据条例规定,现向社会公布2023年沭阳县教育局政府信息公开工作年度报告。", "沭阳县教育局"),
    ("根据条例要求,特向社会公布沭阳县教育局2023年政府信息公开年度工作报告。", "沭阳县教育局"),
    ("根据条例规定,现公开沭阳县教育局2023年政府信息公开工作年度报告。", "沭阳县教育局"),
    ("我局认真落实,并形成2023年度沭阳县教育局政府信息公开年度报告。", "沭阳县教育局"),
    ("根据条例要求,沭阳县教育局现向社会公开《2023年政府信息公开工作年度报告》。", "沭阳县教育局"),
    ("结合各部门年度报告的数据编制完成《沭阳县教育局2023年政府信息公开工作年度报告》。", "沭阳县教育局"),
    ("本年度报告由沭阳县教育局围绕2023年度政府信息公开工作情况编制而成。", "沭阳县教育局"),
    ("现公布特克斯县教育局2023年政府信息公开工作年度报告。", "特克斯县教育局"),
    ("现公布将乐县教育局2023年政府信息公开工作年度报告。", "将乐县教育局"),
]


@pytest.mark.parametrize(("sentence", "name"), _SENTENCES)
def test_the_words_of_the_sentence_are_no_part_of_a_name(sentence: str, name: str) -> None:
    report, findings = identify([("paragraph", None, sentence), ("paragraph", None, "一、总体情况")], folder_year=2023)
    assert (report["signed_name"], report["year"]) == (name, 2023)
    assert findings == {}


def test_a_sentence_without_a_name_names_nobody() -> None:
    lines: list[Line] = [("paragraph", None, "根据条例要求,特向社会公布2023年政府信息公开工作年度报告。")]
    report, findings = identify(lines, folder_year=2023)
    assert (report["title"], report["signed_name"]) == ("2023年政府信息公开工作年度报告", None)
    assert "no_agency" in findings


@pytest.mark.parametrize("words", ["现公布我局", "制定本局", "特向社会公布我镇", "现公开本机关"])
def test_the_word_of_an_agency_for_itself_is_no_name(words: str) -> None:
    sentence = f"根据条例要求,{words}2023年政府信息公开工作年度报告。请与沭阳县教育局联系。"
    report, findings = identify([("paragraph", None, sentence)], folder_year=2023)
    assert report["agency_name"] == "宿迁市沭阳县教育局"
    assert set(findings) == {"agency_from_context"}


@pytest.mark.parametrize(
    "words",
    [
        "某某娱乐场,菠菜导航网",
        "免费图库资料大全",
        "糖果派对",
        "西甲直播文化和旅游局",
        "全县beat365官网质量",
        "欧洲杯2020赛程|公开",
    ],
)
def test_the_words_of_other_hijackers_are_told(words: str) -> None:
    lines: list[Line] = [("paragraph", None, words), ("title", "h1", SEED)]
    assert "hijacked_mirror" in identify(lines)[1]


def test_the_inspection_of_places_of_entertainment_is_no_hijacker() -> None:
    lines: list[Line] = [
        ("title", "h1", SEED),
        ("paragraph", None, "公开娱乐场所、菠菜种植补贴、体育彩票公益金检查结果，会议网络直播。"),
    ]
    assert identify(lines)[1] == {}


def test_the_heading_of_a_section_is_no_title() -> None:
    for text in ("(一)主动公开情况", "(二)依申请公开情况。全年未收到政府信息公开申请。"):
        report, _ = identify([("title", "first_line", text), ("paragraph", None, "全年公开若干条。")])
        assert report["title"] in (None, "")


def test_the_party_office_of_a_township_speaks_for_it() -> None:
    line = "本报告由微山县两城镇人民政府党政办公室编制。"
    report, _ = identify([("paragraph", None, line)])
    assert report["agency_name"] == "济宁市微山县两城镇人民政府"


def test_an_academic_year_leaves_the_name_of_the_university_whole() -> None:
    reading = read_title("常熟大学2022-2023学年度信息公开工作年度报告")
    assert reading is not None
    assert (reading.name, reading.years) == ("常熟大学", (2022, 2023))


def test_a_contact_that_is_asked_for_by_name_tells_the_region() -> None:
    lines: list[Line] = [
        ("title", "h1", "鼓楼区审计局2021年政府信息公开工作年度报告"),
        ("paragraph", None, "如有疑问,请联系福州市鼓楼区审计局办公室(地址:某路1号)。"),
    ]
    report, _ = identify(lines)
    assert report["region_code"] == "350102"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("2021年，沭阳县气象局认真落实条例精神，依法公开。", "宿迁市沭阳县气象局"),
        ("根据2021年沭阳县审计局政府信息公开工作实际编制。", "宿迁市沭阳县审计局"),
        ("2021年，沭阳县水利局全年公开信息若干条。", "宿迁市沭阳县水利局"),
        ("如有疑问，请与沭阳县卫生健康局办公室联系（地址：某路1号）。", "宿迁市沭阳县卫生健康局"),
    ],
)
def test_an_unsigned_text_speaks_in_the_name_of_its_subject_and_says_so(line: str, name: str) -> None:
    report, findings = identify([("paragraph", None, "一、总体情况"), ("paragraph", None, line)])
    assert report["agency_name"] == name
    assert set(findings) == {"agency_from_context"}


@pytest.mark.parametrize(
    "lines",
    [
        ["2021年，沭阳县坚持公开为常态。", "2021年，县教育局通过网站公开信息。"],  # the county speaks of a department
        ["2021年，在县委、县政府的领导下，我局认真落实。"],
        ["如有疑问，请与沭阳县人民政府办公室联系。"],  # the office answers for the county as well
    ],
)
def test_a_text_that_may_be_a_governments_names_nobody(lines: list[str]) -> None:
    report, findings = identify([("paragraph", None, line) for line in lines])
    assert report["agency_id"] is None
    assert "no_agency" in findings


def test_a_title_with_a_name_asks_for_no_subject() -> None:
    lines: list[Line] = [("title", "h1", SEED), ("paragraph", None, "2021年，沭阳县气象局认真落实条例精神。")]
    report, findings = identify(lines)
    assert (report["agency_name"], findings) == ("平顶山市卫东区人民政府办公室", {})


def test_a_bureau_behind_its_government_is_the_bureau() -> None:
    report, _ = identify([("title", "h1", "卫东区政府国资局2021年政府信息公开工作年度报告")])
    assert report["agency_name"] == "平顶山市卫东区国有资产监督管理局"
