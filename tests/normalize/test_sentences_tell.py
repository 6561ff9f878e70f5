"""Who and when in the words of real reports without a title of their own: openings, subjects, whom to ask."""

import pytest

from pipelines.normalize.identity.agency_name import read_name
from tests.normalize.documents import Line, identify


def _paragraphs(*texts: str) -> list[Line]:
    return [("paragraph", None, text) for text in texts]


@pytest.mark.parametrize(
    ("sentence", "year"),
    [
        ("按照条例的有关规定,现将我局2014年政府信息公开情况报告如下。", 2014),
        ("现将沭阳县市场监督管理局2024年度政府信息公开情况报告如下。", 2024),
        ("本报告是根据条例要求,由沭阳县审计局编制的2009年度政府信息公开年度报告。", 2009),
        ("扎实做好公开工作。现将2022年度沭阳县审计局政府信息公开工作报告如下:", 2022),
        ("一、总体情况 现将我局 2025 年政府信息公开工作年度报告予以公布。", 2025),
    ],
)
def test_the_sentence_that_introduces_a_report_names_its_year(sentence: str, year: int) -> None:
    report, findings = identify(_paragraphs(sentence), "misc/a.txt", None)
    assert report["year"] == year
    assert findings.keys() <= {"no_agency"}


def test_that_last_years_report_was_published_is_no_year() -> None:
    lines = _paragraphs("一、总体情况", "(一)主动公开。我局现已编制发布2020年政府信息公开年度报告,公开信息9条。")
    report, findings = identify(lines, "misc/a.txt", None)
    assert report["year"] is None
    assert "no_year" in findings


def test_a_left_over_year_of_the_introduction_loses_against_the_title_and_is_told() -> None:
    title: Line = ("title", "h1", "2016年沭阳县教育局政府信息公开工作年度报告")
    report, findings = identify(
        [title, *_paragraphs("本报告是由沭阳县教育局编制的2017年度政府信息公开年度报告。")], "misc/a.txt", None
    )
    assert report["year"] == 2016
    assert "opening 2017" in findings["year_conflict"]


def test_the_one_year_with_which_sentences_begin_is_taken_and_said() -> None:
    lines = _paragraphs("一、总体情况", "2020年,我院按要求公开信息207条。", "及时公布了2019年部门决算。")
    report, findings = identify(lines, "misc/a.txt", None)
    assert report["year"] == 2020
    assert "2020年,我院" not in findings["year_from_context"]  # all clues are told by source and year
    assert "subject 2020" in findings["year_from_context"]


@pytest.mark.parametrize("line", ["2019年福禄镇政府严格按照条例公开政府信息。", "2019年收到申请公开0条。"])
def test_sentences_that_begin_with_the_year_and_no_comma_tell_it(line: str) -> None:
    report, findings = identify(_paragraphs("一、总体情况", line), "misc/a.txt", None)
    assert report["year"] == 2019
    assert "year_from_context" in findings


@pytest.mark.parametrize(
    "lines",
    [
        ("2013年,我局公开信息41条。", "2012年,我局的政府信息公开工作运行状况较好。"),
        ("自2008年5月1日条例施行以来,我局公开信息41条。",),
    ],
)
def test_sentences_of_several_years_or_of_a_date_tell_none(lines: tuple[str, ...]) -> None:
    report, findings = identify(_paragraphs(*lines), "misc/a.txt", None)
    assert report["year"] is None
    assert "no_year" in findings


def test_a_left_over_period_loses_against_the_introduction_and_the_sentences() -> None:
    lines = _paragraphs(
        "根据条例,沭阳县审计局编制了2021年政府信息公开年度报告。统计期限自2020年1月1日起至2020年12月31日止。",
        "2021年,沭阳县审计局按照要求公开信息9条。",
    )
    report, findings = identify(lines, "misc/a.txt", None)
    assert report["year"] == 2021
    assert findings.keys() == {"year_conflict"}


def test_the_folder_is_believed_before_the_sentences() -> None:
    report, findings = identify(_paragraphs("2020年,沭阳县教育局公开信息207条。"), "2021/a.txt", 2021)
    assert report["year"] == 2021
    assert findings.keys().isdisjoint({"year_from_context", "year_conflict"})


@pytest.mark.parametrize(
    "period", ["自2011年1月1日,至2011年12月31日止", "20111月1日至201112月31日", "2011年1月1日起至2011年12月31日止"]
)
def test_a_period_that_lost_a_character_or_gained_a_comma(period: str) -> None:
    report, _ = identify(_paragraphs(f"本年报中所列数据的统计期限{period}。"), "misc/a.txt", None)
    assert report["year"] == 2011


_NAMED = [
    (
        ("由沭阳县人民政府信息公开工作领导小组办公室根据条例(以下简称《条例》)要求,汇总各部门情况编制而成。",),
        "沭阳县人民政府",
    ),
    (("本年报由沭阳县政务公开领导小组办公室编制。",), "沭阳县人民政府"),
    (("现将2022年度沭阳县审计局政府信息公开工作报告如下:",), "沭阳县审计局"),
    (("现公布2022年沭阳县人民政府信息公开工作情况。",), "沭阳县人民政府"),
    (("沭阳县教育局2021年政府信息公开工作年度报告(以下简称年报)是根据条例规定进行编制。",), "沭阳县教育局"),
    (
        ("由县政府办公室综合各乡镇人民政府和县政府各部门的年度报告编制而成。", "请与沭阳县政府信息公开办公室联系"),
        "沭阳县人民政府",
    ),
    (("由沭阳县住房和城乡建设局综合全年信息公开情况编制而成。",), "沭阳县住房和城乡建设局"),
    (("现特向社会公布2024年度沭阳县市场监督管理局信息公开工作年度报告。",), "沭阳县市场监督管理局"),
    (("梳理编制湛江海关关区2023年政府信息公开工作年度报告。", "二是在门户网站"), "湛江海关关区"),
]


@pytest.mark.parametrize(("lines", "name"), _NAMED)
def test_who_made_a_report_is_read_from_the_sentence_that_says_so(lines: tuple[str, ...], name: str) -> None:
    report, findings = identify(_paragraphs(*lines), "2021/a.txt", 2021)
    assert str(report["agency_name"]).endswith(name)
    assert report["agency_type"] != "unknown"
    assert findings.keys() <= {"year_conflict"}


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (
            "2022年,在区委区政府的正确领导下,广东从化经济开发区管理委员会认真贯彻执行条例。",
            "从化经济开发区管理委员会",
        ),
        ("2021年,乌鲁木齐市招商服务局以新思想为指导。", "乌鲁木齐市招商服务局"),
        ("如有疑问,请与池州市公安局贵池分局办公室联系。", "池州市公安局贵池分局"),
        ("2019年,沭阳县马厂镇人民政府信息公开工作严格按照条例开展。", "马厂镇人民政府"),
        ("截止至2019年12月31日,沭阳县马厂镇人民政府通过信息平台公开信息3条。", "马厂镇人民政府"),
        ("2009年,水利部主动公开政府信息1192条。", "水利部"),
        ("若有疑问或意见建议,可与沭阳县财政局人秘股联系。", "沭阳县财政局"),
        ("请与沭阳县民政局政府信息公开领导小组办公室联系。", "沭阳县民政局"),
        ("请联系:沭阳县马厂镇信息公开领导小组办公室,邮编:324403。", "马厂镇人民政府"),
        ("先后完成了《沭阳县民政局政府信息公开指南》和目录。", "沭阳县民政局"),
        ("修改完善了《沭阳县民政局政府信息与政务公开工作制度》。", "沭阳县民政局"),
        ("如有疑问请与沭阳县民政局(地址:政务中心501室,电话:0527-3557012)。", "沭阳县民政局"),
    ],
)
def test_an_unsigned_report_is_told_by_its_subject_or_its_contact(line: str, name: str) -> None:
    report, findings = identify(_paragraphs(line), "2021/a.txt", 2021)
    assert str(report["agency_name"]).endswith(name)
    assert "agency_from_context" in findings


def test_of_two_subjects_the_one_that_speaks_more_often_is_believed() -> None:
    lines = _paragraphs(
        "2024年,平乡县人民政府办公室认真落实部署。",
        "2024年,寻召乡主动公开政务信息545条。",
        "2024年,寻召乡没有收到申请。",
    )
    report, _ = identify(lines, "misc/a.txt", 2024)
    assert report["agency_name"] == "邢台市平乡县寻召乡人民政府"


def test_facts_about_the_page_are_no_part_of_a_title() -> None:
    """The page's category was read as a title's end, and the day on which it was published as the year."""
    lines = _paragraphs(
        "成文日期 2024-01-16 发布机构 下各镇",
        "组 配 分 类 政府信息公开年报",
        "2023年下各镇政府信息公开工作年度报告",
        "2023年全镇主动发布政务公开信息45条。",
    )
    report, _ = identify(lines, "misc/a.txt", None)
    assert (report["agency_name"], report["year"]) == ("下各镇", 2023)


def test_a_bureaus_own_office_is_the_bureau() -> None:
    lines = _paragraphs(
        "本年度报告由佛冈县公安局指挥中心办公室编制。", "2014年佛冈县公安局信息公开工作,在县委领导下开展。"
    )
    report, _ = identify(lines, "misc/a.txt", None)
    assert (report["agency_name"], report["year"]) == ("清远市佛冈县公安局", 2014)


def test_a_report_that_tells_of_a_years_work_is_of_that_year() -> None:
    lines = _paragraphs("现结合我镇实际,主要从总体情况等六个方面汇报我镇2023年政府信息公开工作。")
    assert identify(lines, "misc/a.txt", None)[0]["year"] == 2023


def test_a_local_report_that_speaks_of_a_ministry_is_not_the_ministrys() -> None:
    lines = _paragraphs("2009年,水利部坚持公开。", "2009年,沭阳县水利局认真落实条例。")
    assert str(identify(lines, "2009/a.txt", 2009)[0]["agency_name"]).endswith("沭阳县水利局")


def test_the_words_for_ones_own_level_are_no_name() -> None:
    lines = _paragraphs("特向社会公布2015年度本级政府(机关)信息公开工作年度报告。", "请与沭阳县民政局办公室联系。")
    report, _ = identify(lines, "2015/a.txt", 2015)
    assert str(report["agency_name"]).endswith("沭阳县民政局")


def test_a_title_that_a_blank_parts_before_the_text_goes_on() -> None:
    line = "沭阳县人民政府2019年 政府信息公开工作年度报告 一、总体情况 2019年,全县认真落实条例。"
    report, findings = identify(_paragraphs(line), "misc/a.txt", None)
    assert (report["signed_name"], report["year"], findings) == ("沭阳县人民政府", 2019, {})


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (
            "特向社会公布国家税务总局佛山市税务局(以下简称“佛山市税务局”,下文类同)2021年政府信息公开工作年度报告。",
            "国家税务总局佛山市税务局",
        ),
        ("现报告渭南市市场监督管理局2021年政府信息公开工作情况。", "渭南市市场监督管理局"),
        ("标      题 阿里地区2021年度政府信息公开工作年度报告", "阿里地区行政公署"),
        ("西藏自治区审计厅2021年政务信息公开工作开展年度报告", "西藏自治区审计厅"),
        ("广州海关2021年海关政府信息公开年度报告", "广州海关"),
        ("沭阳县审计局及时发布2021年度政府信息公开工作报告。", "宿迁市沭阳县审计局"),
        ("由沭阳县审计局政府信息公开工作机构-办公室编制完成2021年度报告。", "宿迁市沭阳县审计局"),
        ("沭阳县审计局2021年政府信息公开工作年度报告根据条例和《关于编制年度报告的通知》编制。", "宿迁市沭阳县审计局"),
    ],
)
def test_what_stands_beside_a_name_is_no_part_of_it(line: str, name: str) -> None:
    report, findings = identify(_paragraphs(line), "misc/a.txt", 2021)
    assert (report["agency_name"], report["year"]) == (name, 2021)
    assert not findings


def test_the_end_of_a_bracket_and_the_governments_own_affairs_name_nobody() -> None:
    for line in ("下文类同)2021年政府信息公开工作年度报告", "政府政务公开年报", "及时发布2021年度政府信息公开工作报告"):
        report, _ = identify(_paragraphs(line, "2021年,我镇认真贯彻条例。"), "misc/a.txt", 2021)
        assert report["agency_name"] is None


@pytest.mark.parametrize("name", ["全国海关", "市老年大学", "直属海关", "各大学"])
def test_a_word_for_many_bodies_is_no_body_of_its_own(name: str) -> None:
    assert not any(option.is_national for option in read_name(name))


@pytest.mark.parametrize(
    "line",
    [
        "如有疑问,请与两城镇人民政府党政办公室联系(地址:微山县两城镇驻地府前路1号)。",
        "本报告由两城镇人民政府根据条例、《微山县人民政府办公室关于编制公布年度报告的通知》精神编制完成。",
    ],
)
def test_a_township_is_placed_by_its_countys_name_in_the_text(line: str) -> None:
    title = "两城镇人民政府2019年政府信息公开工作年度报告"
    report, findings = identify(_paragraphs(title, line), "misc/a.txt", 2019)
    assert report["agency_name"] == "济宁市微山县两城镇人民政府"
    assert "agency_from_context" in findings


def test_a_customs_district_is_another_body_than_the_house() -> None:
    keys = {read_name(name)[0].unit.key for name in ("广州海关", "广州海关关区", "中华人民共和国广州海关")}
    assert keys == {"广州海关", "广州海关关区"}


@pytest.mark.parametrize(
    "words",
    [
        "明升体育",
        "雷速体育直播",
        "盛京棋牌",
        "pa凯发国际登录",
        "hth网页版登录入口",
        "华体会登录入口政府",
        "在在线av不断更新政府网站",
    ],
)
def test_words_of_more_hijackers_are_told(words: str) -> None:
    _, findings = identify(_paragraphs(f"2020年政府信息公开工作年度报告-{words}"), "2020/a.txt", 2020)
    assert "hijacked_mirror" in findings


@pytest.mark.parametrize(
    ("name", "read_as", "reason"),
    [
        (
            "洪江区交通运输局",
            "洪江区交通运输局",
            "unknown_region",
        ),  # an area that no map has, not 洪江市's 区交通运输局
        ("洪江市场监督管理局", "怀化市洪江市市场监督管理局", None),
        ("平顶山卫东区教育局", "平顶山市卫东区教育局", None),
    ],
)
def test_a_short_name_that_goes_on_as_another_region_is_not_that_region(
    name: str, read_as: str, reason: str | None
) -> None:
    report, findings = identify([("title", "h1", f"{name}2021年政府信息公开工作年度报告")])
    assert report["agency_name"] == read_as
    assert list(findings) == ([] if reason is None else [reason])


_OWN_SITES = [
    ("本报告电子版可从武汉市发展和改革委员会门户网站(fgw.wuhan.gov.cn)获取。", "武汉市发展和改革委员会"),
    ("电子版可在“武汉市人民政府门户网站”下载。", None),  # all its bodies publish there
    ("本报告电子版可在市发展和改革委员会网站下载。", None),  # another's, for all that is known
    ("现通过南通市自然资源和规划局门户网站(http://zrzy.example.cn/nt/)予以公布。", "南通市自然资源和规划局"),
    ("本报告全文在松阳县人民政府网站公布。", None),
    ("我中心实现通过南通市自然资源和规划局网站公开。", None),  # another's
    ("我街道通过渝中区人民政府大溪沟街道办事处子网站公开9条。", "重庆市渝中区大溪沟街道办事处"),
    ("我镇通过渝中区人民政府网站公开9条。", None),
]


@pytest.mark.parametrize(("sentence", "name"), _OWN_SITES)
def test_a_bureau_s_own_site_tells_it_where_nothing_else_does(sentence: str, name: str | None) -> None:
    report, findings = identify(_paragraphs("政府信息公开工作年报", sentence, "2023年网站发布信息1123条。"))
    assert (report["agency_name"], "agency_from_context" in findings) == (name, name is not None)


@pytest.mark.parametrize(
    ("body", "name"),
    [("桐乡市水务集团有限公司", "嘉兴市桐乡市水务集团有限公司"), ("淮北市人民医院", "淮北市人民医院")],
)
def test_companies_and_hospitals_speak_of_themselves_too(body: str, name: str) -> None:
    report, findings = identify(_paragraphs("一、总体情况", f"2021年，{body}严格贯彻落实条例。"))
    assert (report["agency_name"], set(findings)) == (name, {"agency_from_context"})


def test_the_site_on_which_a_report_can_be_had_tells_the_region() -> None:
    sentence = "本报告电子版可在沭阳县人民政府门户网站下载。"
    report, findings = identify(_paragraphs("县审计局2021年政府信息公开工作年度报告", sentence))
    assert (report["agency_name"], "agency_from_context" in findings) == ("宿迁市沭阳县审计局", False)


def test_an_area_is_not_taken_for_its_office_that_another_sentence_names() -> None:
    lines = (
        "本年报结合2021年高新区政府信息公开工作实际编制而成。",
        "2021年，宁波国家高新区（新材料科技城）管委会办公室政务公开工作按照要点开展。",
    )
    report, findings = identify(_paragraphs(*lines))
    assert (report["agency_name"], set(findings)) == ("宁波高新技术产业开发区管理委员会办公室", {"agency_from_context"})
