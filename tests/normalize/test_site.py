"""What a government's site says of itself: it narrows whose report a page is, and chooses no unit."""

import pytest

from pipelines.normalize.identity.clue import Clue
from pipelines.normalize.identity.domain import is_of_another_prefecture
from pipelines.normalize.identity.site import find_site_clues, places_of_site
from schemas.region import Region, RegionLevel, lineage_of, load_regions, read_pinyin
from schemas.vocabulary import EvidenceSource
from tests.factory.agencies import agency_name, site_frame
from tests.normalize.documents import Line, identify, resolutions

_TITLE = "鼓楼区审计局2021年政府信息公开工作年度报告"
_NANJING, _XUZHOU, _FUZHOU, _KAIFENG = ("3201060001", "3203020002", "3501020021", "4102040003")
_OPEN = ("ambiguous_agency", "no_agency")


def _page(
    title: str, *frame: str, code: str | None = None, text: str = "我局认真公开信息。", site: str | None = None
) -> list[Line]:
    lines: list[Line] = [("metadata", "SiteName", site)] if site is not None else []
    lines += [("metadata", "SiteIDCode", code)] if code is not None else []
    lines += [("title", "h1", title), ("paragraph", None, text), ("table", None, "")]
    return [*lines, ("paragraph", None, "下一步加强公开。"), *(("paragraph", None, line) for line in frame)]


def _agency(lines: list[Line], path: str = "2021/a.html") -> str | None:
    report, findings = identify(lines, path=path)
    name = report["agency_name"]
    return None if any(reason in findings for reason in _OPEN) else str(name)


@pytest.mark.parametrize(
    ("code", "place"),
    [
        (_NANJING, "南京市"),
        (_XUZHOU, "徐州市"),
        (_FUZHOU, "福州市"),
        (_KAIFENG, "开封市"),
        ("4102000036", "开封市"),
        ("3500000001", "福州市"),
    ],
)
@pytest.mark.parametrize("way", ["metadata", "below", "spaced", "two blocks"])
def test_the_code_of_the_site_tells_places_of_one_name_apart(code: str, place: str, way: str) -> None:
    """A county's own, its city's, and its province's where that has one of the places only."""
    frame = {
        "metadata": (),
        "below": (f"主办：鼓楼区人民政府 政府网站标识码：{code} 备案号：京ICP备05000001号",),
        "spaced": (f"网站标识码 : {code[:6]} {code[6:]}",),
        "two blocks": ("网站标识码：", code),
    }[way]
    page = _page(_TITLE, *frame, code=code if way == "metadata" else None)
    assert _agency(page) == f"{place}鼓楼区审计局"


@pytest.mark.parametrize(
    "code", ["3200000012", "bm31000001", "4414240002", "28", "0000000000", "1234567890", "3301060001"]
)
def test_a_code_that_fits_none_or_several_leaves_the_name_open(code: str) -> None:
    assert _agency(_page(_TITLE, code=code)) is None


@pytest.mark.parametrize(
    "frame",
    [
        (f"网站标识码：{_NANJING}", f"网站标识码：{_FUZHOU}"),
        ("联系电话：3201060001",),
        ("索引号：3201060001/2022-00012",),
        ("友情链接", "南京市", "福州市鼓楼区", "徐州市", "网站地图"),
        ("北京市", "上海市", "南京市", "广州市", "网站地图", "联系我们", "关于我们", "隐私声明", "无障碍", "手机版"),
        ("北京市 上海市 南京市 | 广州市 深圳市", "网站地图"),
        ("北京市政府网", "南京市政府网", "上海市政府网"),
        ("北京市人民政府", "上海市人民政府", "南京市人民政府", "网站地图", "联系我们"),
        (
            "北京市审计局",
            "上海市审计局",
            "南京市审计局",
            "广州市审计局",
            "深圳市审计局",
            "网站地图",
            "联系我们",
            "隐私",
        ),
    ],
)
def test_codes_that_dispute_other_numbers_and_links_tell_nothing(frame: tuple[str, ...]) -> None:
    assert _agency(_page(_TITLE, *frame)) is None


def test_a_frame_above_a_table_of_links_tells_by_more_than_the_code() -> None:
    links: Line = ("table", None, "")
    owner = f"主办：鼓楼区人民政府 网站标识码：{_FUZHOU} 闽ICP备05019416号"
    assert _agency([*_page(_TITLE, owner), links]) == "福州市鼓楼区审计局"
    assert _agency([*_page(_TITLE, f"网站标识码：{_FUZHOU}"), links]) is None


def test_an_open_name_shows_what_the_site_says() -> None:
    found = resolutions([*_page(_TITLE, code="3200000012"), ("metadata", "SiteDomain", "www.jiangsu.gov.cn")])
    told = [row for row in found if row[0] in ("site_code", "site_domain")]
    assert told == [("site_code", "320000 江苏省", "silent"), ("site_domain", None, "silent")]


def test_of_bodies_of_two_places_in_the_last_lines_none_has_signed() -> None:
    """A page without its title stood under the last link to another site."""
    report, _ = identify(_page("2021年政府信息公开工作年度报告", "北京市人民政府", "上海市人民政府"))
    assert report["agency_name"] is None
    lines = _page("烟台市芝罘区审计局2021年政府信息公开工作年度报告", "福州市鼓楼区审计局", "烟台市芝罘区人民政府")
    report, findings = identify(lines)
    assert (report["agency_name"], "agency_conflict" in findings) == ("烟台市芝罘区审计局", True)


def test_an_article_that_speaks_of_other_sites_tells_nothing() -> None:
    text = f"我局检查了网站（网站标识码：{_FUZHOU}）"
    assert _agency(_page(_TITLE, text=text)) is None
    assert _agency(_page(_TITLE, f"我局检查了网站（网站标识码：{_FUZHOU}）。")) is None
    assert _agency(_page(_TITLE, text=text, code=_NANJING)) == "南京市鼓楼区审计局"


@pytest.mark.parametrize(
    ("title", "code", "name"),
    [
        ("区审计局", _NANJING, "南京市鼓楼区审计局"),
        ("人民政府办公室", _NANJING, "南京市鼓楼区人民政府办公室"),
        ("审计局", "4414240002", "梅州市五华县审计局"),
        ("市审计局", "1304000009", "邯郸市审计局"),
        ("市审计局", "3303820001", "温州市乐清市审计局"),
        ("省审计厅", "4300000077", "湖南省审计厅"),
        ("永定区财政局", "3508220001", "龙岩市永定区财政局"),
        ("审计局", "3304000001", None),
        ("第一中学", _NANJING, None),
        ("东街街道办事处", _FUZHOU, "福州市鼓楼区东街街道办事处"),
    ],
)
def test_a_name_without_a_region_has_that_of_the_site(title: str, code: str, name: str | None) -> None:
    """A city's site holds the reports of its counties too, so a bare 审计局 on it may be any of theirs."""
    assert _agency(_page(f"{title}2021年政府信息公开工作年度报告", code=code)) == name


def test_the_site_of_a_functional_area_has_the_code_of_a_county_and_is_not_that_county_s() -> None:
    page = _page("区审计局2021年政府信息公开工作年度报告", code="5001070012", site="重庆高新技术产业开发区")
    assert _agency(page) is None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("2021/福州市鼓楼区/a.html", "我局认真公开信息。"),
        ("2021/a.html", "福州市鼓楼区审计局认真公开信息。"),
    ],
)
def test_a_folder_or_text_of_another_of_the_places_leaves_it_open(path: str, text: str) -> None:
    assert _agency(_page(_TITLE, code=_NANJING, text=text), path) is None


def test_filings_count_on_a_government_s_page_and_last_of_all() -> None:
    owner = "主办：鼓楼区人民政府"
    assert _agency(_page(_TITLE, owner, "闽ICP备05019416号-1")) == "福州市鼓楼区审计局"
    assert _agency(_page(_TITLE, owner, "苏公网安备 32030202000123号")) == "徐州市鼓楼区审计局"
    assert _agency(_page(_TITLE, "版权所有 法律网", "闽ICP备05019416号-1")) is None
    assert _agency(_page(_TITLE, owner, "京公网安备11010802020134号")) is None
    assert _agency(_page(_TITLE, owner, "苏ICP备05004952号")) is None
    assert _agency(_page(_TITLE, owner, "苏ICP备1号 闽ICP备2号")) is None
    assert _agency(_page(_TITLE, owner, "苏公网安备 32010402000123号", code=_FUZHOU)) == "福州市鼓楼区审计局"
    told = _page(_TITLE, owner, "苏公网安备 32010402000123号", text="福州市鼓楼区审计局认真公开信息。")
    assert _agency(told) == "福州市鼓楼区审计局"
    central = "网站标识码：bm31000001 苏公网安备 32010402000123号"
    assert _agency(_page(_TITLE, owner, central)) is None


@pytest.mark.parametrize(
    ("title", "code", "is_conflict"),
    [
        ("杭州市西湖区民政局", "4414240002", True),
        ("福州市鼓楼区审计局", _NANJING, True),
        ("杭州市西湖区民政局", "3301000010", False),
        ("杭州市西湖区民政局", "3300000001", False),
        ("杭州市民政局", "3301060001", False),
        ("杭州市拱墅区财政局", "3301030001", False),
        ("重庆市沙坪坝区香炉山街道办事处", "5001070012", False),
        ("国家税务总局杭州市税务局", "bm29120001", False),
        ("南京海关", "1101050016", False),
    ],
)
def test_a_page_on_the_site_of_another_prefecture_says_so(title: str, code: str, is_conflict: bool) -> None:
    """The title decides all the same; regions above and below, neighbours recoded districts are no contradiction."""
    report, findings = identify(_page(f"{title}2021年政府信息公开工作年度报告", code=code))
    assert report["agency_name"] == title
    assert ("agency_conflict" in findings) is is_conflict


@pytest.mark.parametrize(
    ("title", "host", "is_conflict"),
    [
        ("河源市紫金县卫生健康局", "gaobeidian", True),
        ("河源市紫金县卫生健康局", "zijin", False),
        ("河源市紫金县卫生健康局", "heyuan", False),
        ("河源市紫金县卫生健康局", "lianping", False),
        ("河源市紫金县卫生健康局", "gbd", False),
        ("河源市紫金县卫生健康局", "wjj", False),
        ("北京市朝阳区民政局", "haidian", False),
        ("北京市朝阳区民政局", "changping", False),
        ("广东省水利厅", "gaobeidian", True),
        ("广东省水利厅", "zijin", False),
        ("国家税务总局河源市紫金县税务局", "gaobeidian", False),
    ],
)
def test_a_page_under_the_domain_of_another_prefecture_says_so(title: str, host: str, is_conflict: bool) -> None:
    """Only a place that is spelled in full tells; initials and words for a bureau do not."""
    address: Line = ("metadata", "SiteDomain", f"www.{host}.gov.cn")
    report, findings = identify([address, *_page(f"{title}2021年政府信息公开工作年度报告")])
    assert report["agency_name"] == title
    assert ("agency_conflict" in findings) is is_conflict


def test_the_domain_that_spells_a_place_is_never_that_of_another_prefecture_for_it() -> None:
    for region in load_regions():
        if region.valid_to is None and region.level == RegionLevel.COUNTY:
            hosts = (f"{''.join(read_pinyin(name))}.gov.cn" for name in (region.name, *_above(region)))
            assert not [host for host in hosts if is_of_another_prefecture(host, region)]


def _above(region: Region) -> list[str]:
    return [above.name for above in lineage_of(region)[1:]]


def test_the_code_of_every_division_that_stands_is_of_that_division() -> None:
    for region in load_regions():
        if region.valid_to is None and region.level != "township":
            (clue,) = find_site_clues([("siteidcode", f"{region.code}0001")], [])
            assert region.place_code in {place.place_code for place in places_of_site(clue)}


def test_filings_are_those_of_a_province_or_prefecture() -> None:
    (place,) = {place.name for place in places_of_site(Clue(EvidenceSource.ICP_FILING, "蜀ICP"))}
    assert place == "四川省"
    (place,) = {place.name for place in places_of_site(Clue(EvidenceSource.POLICE_FILING, "41019702002703"))}
    assert place == "郑州市"


@pytest.mark.parametrize("number", range(0, 50, 7))
def test_the_frame_of_an_invented_site_agrees_with_its_agency(number: int) -> None:
    name = agency_name(number)
    report, findings = identify(_page(f"{name}2021年政府信息公开工作年度报告", site_frame(name)))
    assert (report["region_code"], "agency_conflict" in findings) == (site_frame(name).split("：")[2][:6], False)
