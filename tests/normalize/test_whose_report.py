"""Whose report a page is: names without a region, for short, of two places, or named by the site, and no others."""

import pytest

from tests.normalize.documents import Line, identify

_PERIOD = "本报告中所列数据的统计期限自2021年1月1日起至2021年12月31日止。"
_OPEN = ("ambiguous_agency", "no_agency")


def _page(*lines: str, host: str | None = None, title: str | None = None, site: str | None = None) -> list[Line]:
    told: list[Line] = [("metadata", "SiteDomain", host)] if host is not None else []
    told += [("metadata", "SiteName", site)] if site is not None else []
    told += [("title", "h1", title)] if title is not None else []
    return [*told, *(("paragraph", None, line) for line in lines), ("paragraph", None, _PERIOD)]


def _agency(lines: list[Line]) -> str | None:
    report, findings = identify(lines)
    return None if any(reason in findings for reason in _OPEN) else str(report["agency_name"])


def _of_bureau(name: str, text: str = "") -> tuple[str, str]:
    return (f"现公布{name}2021年度政府信息公开年度报告。", f"2021年，{name}认真公开。{text}")


@pytest.mark.parametrize(
    ("bureau", "host", "text", "found"),
    [
        ("县统计局", "www.rudong.gov.cn", "", "南通市如东县统计局"),
        ("区统计局", "www.weibin.gov.cn", "编印《卫滨统计》。", "新乡市卫滨区统计局"),
        ("区统计局", "www.weibin.gov.cn", "编印《渭滨统计》。", "宝鸡市渭滨区统计局"),
        ("区统计局", "www.weibin.gov.cn", "", None),
        ("区统计局", "tjj.xiangyang.gov.cn", "", None),  # 襄阳区 has gone, and the site is the city's
        ("市教育局", "www.xiangyang.gov.cn", "襄阳市各校参加。", "襄阳市教育局"),
        ("市教育局", "www.xiangyang.gov.cn", "枣阳市各校参加。", None),
        ("县统计局", "www.rudong.gov.cn", "与海安县比较。", None),
        ("市教育局", "www.xiangyang.gov.cn", "", None),
        ("市教育局", "www.yichun.gov.cn", "", None),  # 宜春市, 伊春市
        ("区教育局", "www.zhongshan.gov.cn", "", None),
        ("县统计局", "www.rudong.com", "", None),
    ],
)
def test_a_domain_in_full_places_a_bureau_that_names_only_its_level(
    bureau: str, host: str, text: str, found: str | None
) -> None:
    assert _agency(_page(*_of_bureau(bureau, text), host=host)) == found


@pytest.mark.parametrize(
    ("title", "host", "text", "found"),
    [
        ("审计局", "www.yuhang.gov.cn", "审计局认真公开。", "杭州市余杭区审计局"),
        ("审计局", "www.yuhang.gov.cn", "审计局走访杭州市西湖区。", None),
        ("审计局", "www.chaoyang.gov.cn", "审计局认真公开。", None),
        ("经济开发区管委会", "www.yuhang.gov.cn", "认真公开。", "余杭经济开发区管理委员会"),
        ("开发区", "www.yuhang.gov.cn", "认真公开。", None),
        ("永川高新技术产业开发区管理委员会", "yc.cq.gov.cn", "认真公开。", "永川高新技术产业开发区管理委员会"),
        ("永川高新技术产业开发区管理委员会", "yc.jl.gov.cn", "认真公开。", None),
    ],
)
def test_a_domain_in_full_places_a_title_without_a_region(title: str, host: str, text: str, found: str | None) -> None:
    assert _agency(_page(text, host=host, title=f"{title}2021年政府信息公开工作年度报告")) == found


@pytest.mark.parametrize(
    ("lines", "host", "found"),
    [
        (("2021年，湟源县坚持公开，全县公开信息120条。",), "www.huangyuan.gov.cn", "西宁市湟源县人民政府"),
        (("2021年，湟源县坚持公开，全县公开信息120条。",), "www.huangzhong.gov.cn", None),
        (("2021年，湟源县坚持公开，全县公开信息120条。", "2021年，县教育局认真公开。"), "www.huangyuan.gov.cn", None),
        (
            ("请与湟源县教育局联系。", "2021年，湟源县坚持公开，全县学校公开信息120条。"),
            "www.huangyuan.gov.cn",
            None,
        ),
        (("2021年，乌鲁木齐市坚持公开，全市公开信息120条。",), "www.urumqi.gov.cn", "乌鲁木齐市人民政府"),
        (("现将我旗2021年政府信息公开报告如下：", "2021年，东乌旗深入公开。"), None, "锡林郭勒盟东乌珠穆沁旗人民政府"),
        (("现将我局2021年度政府信息公开工作报告如下：", "2021年，东乌旗深入公开。"), None, None),
        (("现将我旗教育系统2021年政府信息公开情况报告如下：", "2021年，东乌旗深入公开。"), None, None),
    ],
)  # fmt: skip
def test_a_region_speaks_on_its_own_site_or_introduces_its_own_report(
    lines: tuple[str, ...], host: str | None, found: str | None
) -> None:
    assert _agency(_page(*lines, host=host)) == found


@pytest.mark.parametrize(
    ("lines", "site", "found"),
    [
        (("2021年，我局认真公开。",), "石台县审计局", "池州市石台县审计局"),
        (("2021年，我中心认真公开。",), "石台县审计局", None),
        (("2021年，石台县财政局认真公开，我局公开信息9条。",), "石台县审计局", "池州市石台县财政局"),
        (("市统计局成立了由局长任组长的政务公开领导小组。", "公开《凌源市统计公报》。"), None, "朝阳市凌源市统计局"),
        (("报告可在定州市人民政府门户下载，请与经济开发区管委会党政办公室联系。",), None, "定州经济开发区管理委员会"),
        (("可在定州市人民政府门户下载，请与经济开发区管委会党政办公室联系。", "2021年，我局公开。"), None, None),
        (("本报告由临沂高新区党政办公室按照条例的要求编制。",), None, "临沂高新技术产业开发区管理委员会"),
        (("本报告根据条例要求，由上海市徐汇", "区财政局综合科编制，反映工作情况。"), None, "上海市徐汇区财政局"),
        (
            ("本报告是根据《政府信息公开条例》，由天津市统", "计局、国家统计局天津调查总队编制的年度报告。"),
            None,
            "天津市统计局",
        ),
    ],
)  # fmt: skip
def test_the_text_names_a_body_that_neither_title_nor_signature_does(
    lines: tuple[str, ...], site: str | None, found: str | None
) -> None:
    assert _agency(_page(*lines, site=site)) == found


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("荔湾区冲口街", "广州市荔湾区冲口街道办事处"),
        ("天津市河北区望海楼街", "天津市河北区望海楼街道办事处"),
        ("江夏区纸坊街办事处", "武汉市江夏区纸坊街道办事处"),
        ("解放路街", None),
        ("隆阳区杨柳乡", "保山市隆阳区杨柳白族彝族乡人民政府"),
        ("隆阳区杨柳白族彝族乡", "保山市隆阳区杨柳白族彝族乡人民政府"),
        ("达州市通川区杨柳街道", "达州市通川区杨柳街道办事处"),
    ],
)
def test_a_street_and_a_township_of_peoples_are_called_for_short(title: str, found: str | None) -> None:
    assert _agency(_page("认真公开。", title=f"{title}2021年政府信息公开工作年度报告")) == found


def test_a_day_between_two_lines_is_no_part_of_a_title() -> None:
    page = _page("国家统计局北京调查总队", "2013/3/1", "北京市政府信息公开工作年度报告")
    assert _agency(page) == "北京市人民政府"


@pytest.mark.parametrize("words", ["足彩app哪个是正规的", "伟德app官网下载苹果版安装", "足彩平台"])
def test_a_copy_that_carries_the_words_of_the_betting_trade_has_no_agency(words: str) -> None:
    page = _page(f"坚持以{words}新时代思想为指导。", title="长沙市生态环境局2021年政府信息公开工作年度报告")
    assert "hijacked_mirror" in identify(page)[1]


@pytest.mark.parametrize(
    ("title", "text", "year", "found"),
    [
        ("濮阳市场监管局", "认真公开。", 2021, None),  # no 濮阳市 is named, and so no 濮阳县 in it
        ("濮阳市场监管局", "濮阳市政府要求公开。", 2021, "濮阳市市场监督管理局"),
        ("栖霞市场监管局", "栖霞市场监管局认真公开。", 2021, None),
        ("吉安审计局", "吉安市政府要求公开。", 2021, "吉安市审计局"),
        ("吉安审计局", "吉安市吉安县政府要求公开。", 2021, "吉安市吉安县审计局"),
        ("吉安审计局", "吉安市政府和吉安县政府要求公开。", 2021, None),
        ("国家统计局莱芜调查队", "认真公开。", 2021, "国家统计局莱芜调查队"),
        ("巢湖经济开发区管委会", "认真公开。", 2021, "巢湖经济开发区管理委员会"),
        ("乐山市中区第一中学", "认真公开。", 2021, "乐山市中区第一中学"),
        ("安镇街道办事处", "锡山区认真公开。", 2025, "无锡市锡山区安镇街道办事处"),
    ],
)
def test_a_name_that_two_places_have_is_of_one_that_stands_and_is_named(
    title: str, text: str, year: int, found: str | None
) -> None:
    lines: list[Line] = [("title", "h1", f"{title}{year}年政府信息公开工作年度报告"), ("paragraph", None, text)]
    report, findings = identify(lines, path=f"{year}/a.html", folder_year=year)
    told = None if any(reason in findings for reason in _OPEN) else str(report["agency_name"])
    assert told == found
    codes = {"国家统计局莱芜调查队": "370116", "巢湖经济开发区管委会": "340181", "乐山市中区第一中学": "511102"}
    assert title not in codes or report["region_code"] == codes[title]


@pytest.mark.parametrize(
    "text",
    [
        "及时公开《石台县2021年政府工作报告》，如有疑问请咨询。",
        "按要求公开《石台县2020年国民经济和社会发展统计公报》、决算\n（四）政务公开日活动开展情况，编制年报",
    ],
)
def test_a_document_that_a_page_speaks_of_names_no_agency(text: str) -> None:
    assert _agency(_page("2021年，我局认真公开。", *text.split("\n"))) is None


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (("石台县人民政府", "@", "我局认真公开。", "石台县审计局", "2022年1月18日"), "池州市石台县审计局"),
        (("石台县人民政府门户网站", "@", "我局认真公开。", "石台县审计局", "2022年1月18日"), "池州市石台县审计局"),
        (("石台县人民政府", "@", "发布机构：石台县审计局", "我局认真公开。"), "池州市石台县审计局"),
        (("石台县人民政府", "@", "2021年，石台县审计局认真公开，我局公开9条。"), "池州市石台县审计局"),
        (("石台县人民政府", "@", "我镇认真公开。", "仁里镇人民政府"), "池州市石台县仁里镇人民政府"),
        (("石台县人民政府", "@", "2021年，全县各部门认真公开。"), "池州市石台县人民政府"),
        (("石台县人民政府", "@", "我局认真公开。"), None),
        (("首页 > 石台县审计局 > 年报", "@", "我局认真公开。"), "池州市石台县审计局"),
        (("首页 > 石台县审计局 > 年报", "@", "我中心认真公开。"), None),
        (
            ("@", "一、总体情况", "我局公开。", "石台县审计局", "石台县财政局2021年政府信息公开工作年度报告"),
            "池州市石台县审计局",
        ),
    ],
)
def test_a_site_s_name_above_a_title_and_links_below_it_name_nobody(lines: tuple[str, ...], found: str | None) -> None:
    title: Line = ("title", "h1", "2021年政府信息公开工作年度报告")
    page: list[Line] = [title if line == "@" else ("paragraph", None, line) for line in lines]
    assert _agency(page) == found


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("古县渡镇", "上饶市鄱阳县古县渡镇人民政府"),  # of no 渡镇 in 古县
        ("昭平台库区乡党政办公室", "平顶山市鲁山县昭平台库区乡人民政府"),
        ("南城区街道党政办公室", None),  # two have one, and 南城县 none
        ("杭州路街道办事处", None),  # no map misses a region 杭州
        ("甘旗卡镇", "通辽市科尔沁左翼后旗甘旗卡镇人民政府"),
        ("环河街街办", "呼和浩特市回民区环河街街道办事处"),
        ("浦城县水北街镇", "南平市浦城县水北街镇人民政府"),
        ("镇康县军赛佤族拉祜族傈僳族德昂族乡", "临沧市镇康县军赛佤族拉祜族傈僳族德昂族乡人民政府"),
    ],
)
def test_a_listed_township_begins_with_no_region(title: str, found: str | None) -> None:
    report, findings = identify(
        [("title", "h1", f"{title}2025年政府信息公开工作年度报告")], path="2025/a.html", folder_year=2025
    )
    assert "unknown_region" not in findings
    assert (None if "ambiguous_agency" in findings else report["agency_name"]) == found


@pytest.mark.parametrize(
    ("title", "text", "year"),
    [
        ("石台县审计局贰零贰贰年政府信息公开工作年度报告", "认真公开。", 2022),
        ("石台县审计局政府信息公开工作年度报告", "统计期限：2021.1.1-2021.12.31", 2021),
        ("石台县审计局政府信息公开工作年度报告", "统计期限：2021/01/01至2021/12/31", 2021),
        ("石台县审计局政府信息公开工作年度报告", "统计期限：2021.1.1-2021.6.30", None),
    ],
)
def test_years_in_formal_numerals_and_periods_with_points(title: str, text: str, year: int | None) -> None:
    report, _ = identify([("title", "h1", title), ("paragraph", None, text)], path="unsorted/a.html", folder_year=None)
    assert (report["agency_name"], report["year"]) == ("池州市石台县审计局", year)


@pytest.mark.parametrize(
    ("printed", "name"),
    [("财政部", "财政部"), ("国家税务总局", "国家税务总局"), ("中国证监会", "中国证券监督管理委员会")],
)
def test_a_body_of_the_state_stands_above_the_provinces(printed: str, name: str) -> None:
    report, _ = identify([("title", "h1", f"{printed}2021年政府信息公开工作年度报告")])
    assert (report["agency_name"], report["agency_type"], report["admin_level"]) == (name, "central", "central")


@pytest.mark.parametrize(
    ("crumbs", "text", "host", "found"),
    [
        ("首页 > 部门信息公开 > 石台县审计局 > 年报", "我局认真公开。", None, "池州市石台县审计局"),
        (
            "首页 > 乡(镇)信息公开目录 > 南坑乡 > 年度报告",
            "我乡认真公开。",
            "www.xingguo.gov.cn",
            "赣州市兴国县南坑乡人民政府",
        ),
        (
            "首页/ 政府信息公开 / 乡镇 / 张家湾镇 / 2021 / 正文",
            "我镇认真公开。",
            "www.fuxian.gov.cn",
            "延安市富县张家湾镇人民政府",
        ),
        ("首页 > 部门信息公开 > 县卫健委 > 年报", "我委认真公开。", "www.rudong.gov.cn", "南通市如东县卫生健康委员会"),
        ("首页 > 部门信息公开 > 县卫健委 > 年报", "我委认真公开。", "www.xinfeng.gov.cn", None),  # 信丰, 新丰
        ("首页 > 部门信息公开 > 县卫健委 > 年报", "我局认真公开。", "www.rudong.gov.cn", None),
        ("首页 > 江高镇 > 太和镇 > 年报", "我镇认真公开。", "www.by.gov.cn", None),
    ],
)
def test_the_one_body_in_a_page_s_breadcrumbs_is_whose_report_it_is(
    crumbs: str, text: str, host: str | None, found: str | None
) -> None:
    lines = _page(crumbs, "2021年政府信息公开工作年度报告", "一、总体情况", f"2021年,{text}", host=host)
    assert _agency(lines) == found


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("2021/石台县审计局/a.html", "池州市石台县审计局"),
        ("2021/石台县人民政府/a.html", None),  # the list of all bureaus
        ("2021/审计局/a.html", None),
    ],
)
def test_a_folder_that_names_a_bureau_in_full_says_whose_reports_it_holds(path: str, found: str | None) -> None:
    lines = _page("一、总体情况", "2021年,我局认真公开。", title="2021年政府信息公开工作年度报告")
    report, findings = identify(lines, path)
    assert (None if any(reason in findings for reason in _OPEN) else report["agency_name"]) == found
