"""One agency is one, however its name is written, and a name that says too little is nobody's."""

import pytest

from pipelines.normalize.identity.agency import Resolution, resolve_agency
from pipelines.normalize.identity.clue import Clue
from pipelines.normalize.identity.title import read_title
from schemas.vocabulary import EvidenceSource
from tests.normalize.documents import Line, identify


def _resolve(name: str, year: int = 2021) -> Resolution:
    reading = read_title(f"{name}{year}年政府信息公开工作年度报告")
    assert reading is not None
    return resolve_agency([Clue(EvidenceSource.TITLE, reading.name)], year, str, name)


@pytest.mark.parametrize(
    "names",
    [
        ("北京证监局", "中国证监会北京监管局", "中国证券监督管理委员会北京监管局"),
        ("河北银保监局", "中国银保监会河北监管局", "中国银行保险监督管理委员会河北监管局"),
        ("保定银保监分局", "中国银保监会保定监管分局"),
        ("苏州保监分局", "中国保监会苏州监管分局"),
        ("金融监管总局大连监管局", "国家金融监督管理总局大连监管局"),
        ("人行长沙中心支行", "人民银行长沙中心支行", "中国人民银行长沙中心支行"),
        ("珠海边检总站", "珠海出入境边防检查总站", "中华人民共和国珠海出入境边防检查总站"),
        ("平顶山新城区管委会", "平顶山市新城区管理委员会"),
        ("常州国家高新区管委会", "常州高新技术产业开发区管理委员会"),
        ("合肥经开区莲花社区管委会", "合肥经济技术开发区莲花社区管理委员会"),
        ("大连高新技术产业园区税务局", "国家税务总局大连高新技术产业园区税务局"),
        ("广州市公安局越秀分局", "广州市公安局越秀区分局"),
        ("北京市第101中学", "北京市第一〇一中学", "北京市第一零一中学"),
        ("三门峡市自然资源和规划局-湖滨分局", "三门峡市自然资源和规划局湖滨分局"),
        ("（江阴市）徐霞客镇人民政府", "江阴市徐霞客镇人民政府"),
        ("乌鲁木齐经济技术开发区（头屯河区）人民政府", "乌鲁木齐市头屯河区人民政府"),
        ("海南省洋浦经济开发区管委会", "洋浦经济开发区管理委员会"),
        ("丰城市交通运输局办公室", "丰城市交通运输局机关", "丰城市交通运输局"),
        ("宁夏区教育厅", "宁夏回族自治区教育厅"),
        ("荷泽市牡丹区水务局", "菏泽市牡丹区水务局"),
        ("阜阳市颖泉区司法局", "阜阳市颍泉区司法局"),
    ],
)
def test_one_agency_is_one_however_its_name_is_written(names: tuple[str, ...]) -> None:
    found = [_resolve_titled(name) for name in names]
    assert {one["agency_id"] for one in found} == {found[0]["agency_id"]}
    assert all(one["region_code"] for one in found)


def _resolve_titled(name: str) -> dict[str, object]:
    report, findings = identify([("title", "h1", f"{name}2021年政府信息公开工作年度报告")])
    assert not findings.keys() & {"no_agency", "ambiguous_agency", "unknown_region"}
    return report


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("宁波市公安局高新区分局", "宁波市公安局高分局"),
        ("中国证监会北京监管局", "国家金融监督管理总局北京监管局"),
        ("北京市第十一中学", "北京市第101中学"),
        ("合肥高新区管委会", "合肥经开区管委会"),
    ],
)
def test_what_differs_stays_apart(one: str, other: str) -> None:
    assert _resolve(one).agency_id != _resolve(other).agency_id


@pytest.mark.parametrize(
    "name",
    [
        "长江航道局",
        "海关总署广东分署",
        "审计署驻西安特派员办事处",
        "商务部驻大连特派员办事处",
        "国家税务总局驻广州特派员办事处",
        "国家林业和草原局驻福州森林资源监督专员办事处",
        "生态环境部华北督察局",
        "国家统计局新疆生产建设兵团调查总队",
    ],
)
def test_a_body_of_its_own_name_needs_no_region(name: str) -> None:
    found = _resolve(name)
    assert (found.agency_name, found.reason_code) == (name, None)


def test_a_district_that_the_map_does_not_have_is_no_bureau_of_the_city() -> None:
    assert _resolve("宿州市乙丙区审计局").reason_code == "unknown_region"
    assert _resolve("阳泉市库区移民局").reason_code is None


def test_a_new_area_that_became_a_district_later_is_nobody_s() -> None:
    assert _resolve("两江新区审计局", 2015).reason_code == "ambiguous_agency"
    assert _resolve("两江新区审计局", 2024).reason_code == "ambiguous_agency"


@pytest.mark.parametrize(
    ("name", "code"), [("吉林证监局", "220000"), ("海南银保监局", "460000"), ("吉林银保监分局", "220200")]
)
def test_the_supervisors_of_markets_and_banks_are_the_provinces_and_their_branches_the_cities(name, code) -> None:
    assert _resolve(name).region_code == code


_BODY: Line = ("paragraph", None, "2021年，我局认真公开。")


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["安庆市生态环境局", "怀宁分局2021年政府信息公开工作年度报告"], "安庆市生态环境局怀宁分局"),
        (["安庆市生态环境局", "怀宁县分局", "2021年政府信息公开工作年度报告"], "安庆市生态环境局怀宁县分局"),
        (["安庆市公安局", "交通警察支队", "2021年政府信息公开工作年度报告"], "安庆市公安局交通警察支队"),
        (["淄博市公安局", "高新分局2021年政府信息公开工作年度报告"], "淄博市公安局高新分局"),
        (["怀宁分局2021年政府信息公开工作年度报告"], None),
        (["安庆市教育局", "安庆市公安局", "怀宁分局2021年政府信息公开工作年度报告"], None),
        (["芜湖市生态环境局", "怀宁分局2021年政府信息公开工作年度报告"], None),
    ],
)
def test_a_branch_stands_under_the_bureau_above_it(lines: list[str], found: str | None) -> None:
    report, findings = identify([*(("paragraph", None, line) for line in lines), _BODY])
    assert ("ambiguous_agency" in findings) == (found is None)
    assert found is None or report["agency_name"] == found


@pytest.mark.parametrize(
    "line",
    ["丰城市交通运输局2023年1月12日", "丰城市交通运输局　二〇二三年一月十二日", "报告单位：丰城市交通运输局"],
)
def test_a_signature_is_read_beside_its_date_and_behind_its_label(line: str) -> None:
    report, _ = identify([("title", "h1", "2021年政府信息公开工作年度报告"), _BODY, ("paragraph", None, line)])
    assert report["agency_name"] == "宜春市丰城市交通运输局"


@pytest.mark.parametrize(
    "period",
    [
        "本报告所列数据统计期限自2023年1月至12月。",
        "本报告所列数据的统计期限为二〇二三年度。",
        "统计数据期限：2023年1-12月。",
        "统计期限：二〇二三年一月一日至二〇二三年十二月三十一日。",
        "本年度报告统计期限自2023年元月1日至2023年12月31日止",
        "统计期限为2023年度。",
        "所列数据统计时间为二〇二三年度",
    ],
)
def test_a_period_in_months_or_numerals_tells_the_year(period: str) -> None:
    lines: list[Line] = [("title", "h1", "德化县统计局政府信息公开工作年度报告"), ("paragraph", None, period)]
    report, _ = identify(lines, path="undated/a.html", folder_year=None)
    assert report["year"] == 2023


@pytest.mark.parametrize("months", ["2023年1月至6月", "2022年1月至2023年12月"])
def test_a_period_of_some_months_or_of_two_years_is_no_year_s(months: str) -> None:
    period = f"本报告所列数据的统计期限自{months}。"
    lines: list[Line] = [("title", "h1", "德化县统计局政府信息公开工作年度报告"), ("paragraph", None, period)]
    _, findings = identify(lines, path="undated/a.html", folder_year=None)
    assert findings.keys() & {"no_year", "periodic_report", "undecided_year"}


def test_a_day_in_front_of_a_title_is_when_it_was_published() -> None:
    title = "[2022-01-15]德化县统计局政府信息公开工作年度报告"
    report, findings = identify([("title", "h1", title), _BODY], path="2021/a.html", folder_year=2021)
    assert (report["year"], "year_conflict" in findings) == (2021, False)


@pytest.mark.parametrize(("folder", "year"), [(None, 2022), (2022, 2022), (2023, 2023)])
def test_a_title_of_two_years_is_said_to_be(folder: int | None, year: int) -> None:
    title = "晋江市财政局2023年政府信息公开年报（2022年度）"
    report, findings = identify([("title", "h1", title)], path=f"{folder or 'undated'}/a.html", folder_year=folder)
    assert (report["year"], "year_conflict" in findings) == (year, True)


@pytest.mark.parametrize(
    ("site", "code"), [("国家统计局辽宁调查总队", "211300"), ("国家统计局北京调查总队", "110105"), ("本站", None)]
)
def test_the_office_whose_site_it_is_tells_of_two_places_one(site: str, code: str | None) -> None:
    title = "国家统计局朝阳调查队2021年政府信息公开工作年度报告"
    report, findings = identify([("metadata", "SiteName", site), ("title", "h1", title), _BODY])
    assert (report["region_code"], "ambiguous_agency" in findings) == (code, code is None)
