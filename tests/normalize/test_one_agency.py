"""One agency under two names keeps one identifier: branches, areas with a second name; and two agencies keep two."""

import pytest

from pipelines.normalize.identity.agency import Resolution, resolve_agency
from pipelines.normalize.identity.clue import Clue
from schemas.vocabulary import EvidenceSource
from tests.normalize.documents import Line, identify, resolutions


def _titled(name: str, year: int = 2022, body: str = "") -> Resolution:
    return resolve_agency([Clue(EvidenceSource.TITLE, name)], year, lambda: body, "a.html")


@pytest.mark.parametrize(
    ("names", "full"),
    [
        (("杭州市公安局滨江区分局", "杭州市滨江区公安分局", "滨江区公安分局"), "杭州市公安局滨江区分局"),
        (("安庆市生态环境局怀宁县分局", "安庆市怀宁县生态环境分局"), "安庆市生态环境局怀宁县分局"),
        (("安庆市生态环境局桐城市分局", "桐城市生态环境分局"), "安庆市生态环境局桐城市分局"),
        (("保定市公安局雄县分局", "雄县公安分局"), "保定市公安局雄县分局"),
        (("池州市公安局贵池分局", "池州市公安贵池分局", "池州市贵池区公安分局"), "池州市公安局贵池"),
        (("重庆市公安局渝中区分局", "渝中区公安分局"), "重庆市公安局渝中区分局"),
        (("淄博市公安局高新区分局", "淄博高新区公安分局"), "淄博市公安局高新技术产业开发区分局"),
        (("泰州市公安局医药高新区分局", "泰州医药高新区公安分局"), "泰州市公安局医药高新技术产业开发区分局"),
        (
            ("乌鲁木齐市新市区教育局", "高新区(新市区)教育局", "乌鲁木齐高新技术产业开发区（新市区）教育局"),
            "乌鲁木齐市新市区教育局",
        ),
        (("泰州市高港区审计局", "泰州医药高新区（高港区）审计局"), "泰州市高港区审计局"),
        (("杭州市滨江区审计局", "杭州高新区(滨江)审计局", "高新区(滨江)审计局"), "杭州市滨江区审计局"),
        (("青岛市黄岛区统计局", "青岛西海岸新区(黄岛区)统计局"), "青岛市黄岛区统计局"),
        (("宁波高新区审计局", "宁波国家高新区（新材料科技城）审计局"), "宁波高新技术产业开发区审计局"),
        (("深圳市公安局福田分局", "深圳市福田公安分局", "福田区公安分局"), "深圳市公安局福田"),
        (("上海市公安局浦东分局", "上海市浦东公安分局", "浦东新区公安分局"), "上海市公安局浦东"),
        (("芜湖市市场监督管理局经开区分局", "芜湖市市场监管局经开区分局"), "芜湖市市场监督管理局经济技术开发区分局"),
        (("南京市规划和自然资源局江宁分局", "江宁区规划资源分局"), "南京市规划和自然资源局江宁"),
        (("大连高新技术产业园区应急管理局", "大连高新区应急管理局"), "大连高新技术产业"),
        (("西藏自治区国资委", "西藏自治区政府国资委"), "西藏自治区"),
        (("西咸新区底张街道办事处", "陕西省西咸新区底张街道"), "陕西西咸新区底张街道办事处"),
        (("国家金融监督管理总局营口监管分局", "营口金融监管分局"), "国家金融监督管理总局营口监管分局"),
    ],
)
def test_names_of_one_agency_give_one_agency(names: tuple[str, ...], full: str) -> None:
    found = [_titled(name) for name in names]
    assert all(str(resolution.agency_name).startswith(full) for resolution in found)
    assert all(resolution.region_code for resolution in found)
    assert len({resolution.agency_id for resolution in found}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("怀宁县经济开发区生态环境分局", "安庆市生态环境局经济开发区分局"),  # the city has an area of that name too
        ("乌鲁木齐高新区(新市区)管委会", "乌鲁木齐市新市区人民政府"),
        ("济源市生态环境分局", "河南省生态环境厅"),  # no prefecture above it
        ("怀宁县税务分局", "安庆市税务局怀宁分局"),
    ],
)
def test_other_agencies_are_not_made_one(one: str, other: str) -> None:
    assert _titled(one).agency_id != _titled(other).agency_id


def test_a_district_in_brackets_that_two_cities_have_stays_open() -> None:
    assert _titled("高新区(新城)审计局").reason_code == "ambiguous_agency"


def test_a_short_name_is_that_of_the_body_of_the_year() -> None:
    assert _titled("大连金融监管局", 2024).agency_name == "国家金融监督管理总局大连监管局"
    assert _titled("大连金融监管局", 2021).agency_name == "大连市地方金融监督管理局"
    assert _titled("大连市金融监管局", 2023).agency_name == "大连市地方金融监督管理局"


@pytest.mark.parametrize(
    ("body", "full"),
    [
        ("地址:青岛西海岸新区长江中路369号。", "青岛西海岸新区统计局"),
        ("地址:青岛市西海岸新区长江中路369号。", "青岛西海岸新区统计局"),
        ("由区统计局编制。", None),
        ("到青岛西海岸新区、大连西海岸新区学习。", None),
    ],
)
def test_a_text_that_names_one_city_in_front_of_an_area_places_it(body: str, full: str | None) -> None:
    found = _titled("西海岸新区统计局", 2022, body)
    assert (found.agency_name if found.region_code else None) == full


@pytest.mark.parametrize(
    ("opening", "bearing"),
    [
        ("安庆市怀宁县生态环境分局", "agrees"),
        ("安庆市生态环境局怀宁分局", "agrees"),
        ("桐城市生态环境分局", "conflicts"),
        ("安庆市生态环境局桐城分局", "conflicts"),
        ("安庆市生态环境局", "other_unit"),
    ],
)
def test_another_branch_of_the_bureau_contradicts_and_the_same_one_agrees(opening: str, bearing: str) -> None:
    lines: list[Line] = [
        ("title", "h1", "怀宁县生态环境分局2021年政府信息公开工作年度报告"),
        ("paragraph", None, f"本报告由{opening}编制。"),
    ]
    assert [found for source, _, found in resolutions(lines) if source == "opening"] == [bearing]
    assert ("agency_conflict" in identify(lines)[1]) is (bearing == "conflicts")
