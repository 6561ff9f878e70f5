"""Who reports, told by sentences of published reports that name more than the agency, or less."""

import pytest

from pipelines.normalize.identity.kind_names import name_kind
from pipelines.normalize.identity.region import regions_named_in
from pipelines.normalize.identity.title import read_title
from pipelines.read.metadata import find_facts, find_table_facts
from tests.normalize.documents import Line, identify

_OPENINGS = [
    ("以及2017年度东城区人民政府和各街道、委办局的政府信息公开工作年度报告编制。", "北京市东城区人民政府"),
    ("在2017年度东城区城市综合管理委员会信息公开工作的基础上编制。", "北京市东城区城市综合管理委员会"),
    ("综合2017年度丽水市各县(市、区)政府和市级各部门的年度工作报告编制而成。", "丽水市人民政府"),
    ("在2015年度东城区人民政府各街道办事处、各委办局的年度报告的基础上编制。", "北京市东城区人民政府"),
    ("由江干区行政审批服务管理办公室(公共资源交易管理委员会办公室)编制。", "杭州市江干区行政审批服务管理办公室"),
]


@pytest.mark.parametrize(("sentence", "name"), _OPENINGS)
def test_a_sentence_tells_whose_reports_were_summed_up_and_which_office_did_it(sentence: str, name: str) -> None:
    report, _ = identify([("paragraph", None, f"本年度报告根据条例要求,{sentence}")], folder_year=2017)
    assert report["agency_name"] == name


_SENTENCES = [
    (
        "全文包括 政府信息公开工作年度报告格式>永安镇人民政府2024年政府信息公开情况。请与突泉县永安镇联系。",
        "兴安盟突泉县永安镇人民政府",
    ),
    ("现将统计局2021年政府信息公开年度报告编制情况报告如下。文件在同心县政府公众网公开。", "吴忠市同心县统计局"),
    ("结合2022年昌江区民政局政府信息公开工作编制而成。", "景德镇市昌江区民政局"),
    ("结合2022年我市政府信息公开工作编制而成。请与德安县应急管理局联系。", "九江市德安县应急管理局"),
    ("由大东坝镇人民政府编制。全文在松阳政府网-乡镇信息公开栏公布。", "丽水市松阳县大东坝镇人民政府"),
    ("由高楼乡人民政府编制。电子版可在“中国·济宁”政府门户网站查阅。", "济宁市微山县高楼乡人民政府"),
    ("特向制定2020年度县统计局信息公开年度报告。通过息烽县人民政府网公开信息。", "贵阳市息烽县统计局"),
    ("有关规定和要求,编写沙洋县2020年度政府信息公开工作年度报告。", "荆门市沙洋县人民政府"),
    ("请与重庆市渝中区医疗保障局政府信息公开申请受理机构联系。", "重庆市渝中区医疗保障局"),
    ("临河区医疗保障局2020年为深入推进政府信息公开工作,局党组高度重视。", "巴彦淖尔市临河区医疗保障局"),
    ("按要求,宜良县林业局结合单位实际,编制本单位2020年度政务公开工作年度报告。", "昆明市宜良县林业局"),
    ("根据2020年眉山市司法局信息公开工作实际编制而成。", "眉山市司法局"),
    ("为认真做好京山市卫生健康局政府信息公开工作,我局按照条例的有关要求,精心组织。", "荆门市京山市卫生健康局"),
    (
        "《信息公开条例》、《宣城市2020年公开要点》。城管局工作正常。请与宣州区城市管理局联系。",
        "宣城市宣州区城市管理局",
    ),
    ("制定《仙游县交通运输局信息公开目录》。我局2020年公开信息9条。", "莆田市仙游县交通运输局"),
    ("现公布鄂温克旗2020年政府信息公开年度报告。", "呼伦贝尔市鄂温克族自治旗人民政府"),
    ("2020年,白水乡认真贯彻条例,公开了白水乡2020年工作总结。请与万载县白水乡联系。", "宜春市万载县白水乡人民政府"),
]


@pytest.mark.parametrize(("sentence", "name"), _SENTENCES)
def test_words_around_a_name_are_no_part_of_it(sentence: str, name: str) -> None:
    report, _ = identify([("paragraph", None, sentence)], folder_year=2020)
    assert report["agency_name"] == name


_EASTERN = "东乡县{year}年政府信息公开工作年度报告"
_NAMESAKES = [
    (2022, "", "临夏回族自治州东乡族自治县人民政府"),  # the other 东乡县 is a district since 2016
    (2015, "抚州市", "抚州市东乡区人民政府"),  # as it is called today
    (2015, "甘肃省", "临夏回族自治州东乡族自治县人民政府"),
    (2015, "", "东乡县"),
    (2016, "", "东乡县"),  # the year in which it became one
]


@pytest.mark.parametrize(("year", "above", "name"), _NAMESAKES)
def test_a_county_called_after_its_people_alone_goes_by_their_name(year: int, above: str, name: str) -> None:
    title = above + _EASTERN.format(year=year)
    report, findings = identify([("heading", None, title)], folder_year=year)
    assert (report["agency_name"] or report["signed_name"], "ambiguous_agency" in findings) == (name, name == "东乡县")


def test_a_title_goes_on_with_the_full_text() -> None:
    title = read_title("国土资源部2011年度政府信息公开工作报告/全文")
    assert title is not None
    assert (title.name, title.years) == ("国土资源部", (2011,))


@pytest.mark.parametrize(
    "line",
    [
        "2019年度街道共有专职信息人员2名。",
        "2019年,我街道政府信息公开工作虽然取得了一定的成果。",
        "2019年，本镇收到申请0件。",
    ],
)
def test_a_township_without_a_name_is_no_name(line: str) -> None:
    report, findings = identify([("paragraph", None, line)], folder_year=2019)
    assert (report["signed_name"], "no_agency" in findings) == (None, True)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("根据条例规定和县政府办公室要求", set()),
        ("进一步规范县级目录,及时公开县政府信息县直部门代县长", set()),
        ("县政府办会同县直部门推进政企合作市场建设", set()),
        ("请与泗县审计局联系", {"泗县"}),
        ("宿州泗县、马鞍山市和县", {"泗县", "和县"}),
        ("湖南县域经济", set()),
    ],
)
def test_a_region_called_like_other_words_is_named_where_a_word_begins(text: str, names: set[str]) -> None:
    assert {region.name for region in regions_named_in(text)} == names


def test_a_park_is_not_put_into_a_county_that_the_words_only_look_like() -> None:
    lines: list[Line] = [
        ("metadata", "发布机构", "郯城县郯城经济开发区管委会"),
        ("paragraph", None, "根据条例规定和县政府办公室要求,特编制高科技电子产业园2018年度政府信息公开工作年度报告。"),
    ]
    report, _ = identify(lines, folder_year=2018)
    assert report["agency_name"] == "郯城高科技电子产业园管理委员会"


def test_the_report_of_a_system_is_not_that_of_its_bureau_and_no_collection() -> None:
    report, findings = identify([("title", "h1", "湖北省咸宁市气象部门2021年政府信息公开工作年度报告")])
    assert (report["agency_name"], report["agency_type"], findings) == ("咸宁市气象部门", "vertical", {})


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("安徽大学信息公开年报(2016-2017)", None),
        ("安徽大学信息公开年报(2020-2021)", "a report on several years"),
        ("咸宁市气象局2016-2018政府信息公开工作年度报告", "a report on several years"),
    ],
)
def test_two_years_in_brackets_are_one_of_a_school_before_the_national_form(title: str, told: str | None) -> None:
    found = name_kind(title, is_report=True)
    assert (None if found is None else found.told) == told


@pytest.mark.parametrize(
    "words", ["国务院办公厅比分直播,篮球比分直播印发要点", "威廉希尔中国2021年政务公开", "欧洲杯决赛竞猜_线上官网"]
)
def test_words_of_betting_sites_are_told(words: str) -> None:
    lines: list[Line] = [("title", "h1", "洪泽区审计局2021年政府信息公开工作年度报告"), ("paragraph", None, words)]
    assert "hijacked_mirror" in identify(lines)[1]


def test_labels_may_stand_in_brackets_of_their_own() -> None:
    printed = ["[ 索 引  号 ]", "ab/1", "[ 发布机构 ]", "郯城县审计局", "【公开日期】", "2019-03-25"]
    cells = [(1, place, 1, 1, text) for place, text in enumerate(printed, start=1)]
    assert [fact.value for fact in find_table_facts(cells)] == ["ab/1", "郯城县审计局", "2019-03-25"]
    assert [fact.value for fact in find_facts("[ 发布机构 ]：郯城县审计局")[0]] == ["郯城县审计局"]


@pytest.mark.parametrize(
    ("area", "candidates"),
    [
        ("北京大兴国际机场临空经济区（廊坊）", ("110000", "131000")),
        ("沈阳经济技术开发区（铁西）", ()),  # a district of the city
        ("沈阳经济技术开发区（一期）", ()),  # no place at all
    ],
)
def test_an_area_between_two_places_is_put_into_neither(area: str, candidates: tuple[str, ...]) -> None:
    _, findings = identify([("title", "h1", f"{area}管理委员会2021年政府信息公开工作年度报告")])
    assert ("ambiguous_agency" in findings) is bool(candidates)
    assert all(code in findings["ambiguous_agency"] for code in candidates)


def test_a_new_district_is_placed_where_no_year_is_told() -> None:
    """Whether it was an area once only a year can say."""
    title: list[Line] = [("title", "h1", "上海市浦东新区审计局政府信息公开工作年度报告")]
    found, findings = identify(title, path="undated/a.html", folder_year=None)
    assert (found["agency_name"], found["year"]) == ("上海市浦东新区审计局", None)
    assert set(findings) == {"no_year"}


@pytest.mark.parametrize(
    ("office", "name"),
    [
        ("城北街道信息公开工作办公室", "宁德市福安市城北街道办事处"),  # nothing of 西宁市城北区
        ("福安市审计局信息公开工作办公室", "宁德市福安市审计局"),
    ],
)
def test_the_office_for_disclosure_reports_for_the_body_that_set_it_up(office: str, name: str) -> None:
    sentence = f"本报告由{office}编制完成。如有疑问，请与{office}联系(地址:福安市城北富春路122号)。"
    assert identify([("paragraph", None, sentence)])[0]["agency_name"] == name


@pytest.mark.parametrize(
    ("body", "beside", "name"),
    [
        ("天河机场公安局", "", None),  # 武汉's airport, and nothing of 广州市天河区
        ("东湖风景管理局", "", None),
        ("天河派出所", "地址:广州市天河区某路1号。", "天河派出所"),
        ("武昌城管局", "", "武汉市武昌区城市管理局"),  # a unit that the lists know
    ],
)
def test_a_unit_that_no_list_has_is_in_no_district_by_its_short_name_alone(
    body: str, beside: str, name: str | None
) -> None:
    lines: list[Line] = [("title", "h1", f"{body}2021年政府信息公开工作年度报告"), ("paragraph", None, beside)]
    report, findings = identify(lines)
    assert "ambiguous_agency" in findings if name is None else report["agency_name"] == name
    assert (report["region_code"] is None) is (name is None)


def test_a_sentence_that_says_whose_work_was_written_up_names_the_body() -> None:
    sentence = "结合2022年九华山风景区管委会发展规划处政府信息公开工作编制而成。"
    report, findings = identify([("paragraph", None, f"本报告依据条例要求,{sentence}")], folder_year=2022)
    assert report["signed_name"] == "九华山风景区管委会发展规划处"
    assert "ambiguous_agency" in findings  # 九华山 is no region


@pytest.mark.parametrize("site", ["河北省人民政府网站", "同心县人民政府网站、盐池县人民政府网站", "同心县统计年鉴"])
def test_only_one_county_s_site_tells_where_a_bureau_without_a_region_is(site: str) -> None:
    sentence = f"现将统计局2021年政府信息公开年度报告编制情况报告如下。文件在{site}公开。"
    report, findings = identify([("paragraph", None, sentence)], folder_year=2021)
    assert (report["region_code"], "ambiguous_agency" in findings) == (None, True)
