"""The domain of a government's site among the places that a name leaves open."""

from collections import defaultdict

import polars as pl
import pytest

from pipelines.normalize.identity.domain import places_of_domain
from pipelines.normalize.identity.region import region_stem, township_counties
from pipelines.normalize.identity.reports import identify_reports
from schemas.region import Region, lineage_of, load_regions, read_pinyin
from schemas.table import table
from tests.normalize.documents import Line, identify

_REPORT = "2021年政府信息公开工作年度报告"
_OPEN = ("ambiguous_agency", "no_agency")
# Domains as they stand in lists of governments' sites; where another place of that name is left too, nothing is told.
_KNOWN = [
    ("朝阳区", "www.bjchy.gov.cn", "110105"),
    ("通州区", "www.bjtzh.gov.cn", "110112"),
    ("和平区", "www.tjhp.gov.cn", "120101"),
    ("河东区", "www.tjhd.gov.cn", "120102"),
    ("宝山区", "www.shbsq.gov.cn", "310113"),
    ("江北区", "www.cqjb.gov.cn", "500105"),
    ("江北区", "www.nbjb.gov.cn", "330205"),
    ("长安区", "www.sjzca.gov.cn", "130102"),
    ("桥西区", "www.sjzqx.gov.cn", "130104"),
    ("新华区", "www.xhqsjz.gov.cn", "130105"),
    ("西湖区", "www.hzxh.gov.cn", "330106"),
    ("西湖区", "xihu.nc.gov.cn", "360103"),
    ("西湖区", "mzj.zj.gov.cn", "330106"),
    ("鼓楼区", "www.njgl.gov.cn", "320106"),
    ("鼓楼区", "gl.fuzhou.gov.cn", "350102"),
    ("铁西区", "txq.siping.gov.cn", "220302"),
    ("新华区", "xinhua.pds.gov.cn", "410402"),
    ("普陀区", "www.putuo.gov.cn", None),
    ("白云区", "www.by.gov.cn", None),
    ("白云区", "czj.gz.gov.cn", None),
    ("长安区", "www.changanqu.gov.cn", None),
    ("永定区", "zjj.yongding.gov.cn", None),
    ("西湖区", "www.chinatax.gov.cn", None),
    ("西湖区", "www.hzxh.com", None),
]


def _named(name: str) -> frozenset[Region]:
    return frozenset(region for region in load_regions() if region.name == name and (region.valid_to or 2024) >= 2024)


@pytest.mark.parametrize(("name", "host", "code"), _KNOWN)
def test_a_domain_tells_places_of_one_name_apart_or_says_nothing(name: str, host: str, code: str | None) -> None:
    places = _named(name)
    found = places_of_domain(host, places)
    assert [place.code for place in found] == [code] if code is not None else not found or found == places


def _domains(region: Region) -> list[str]:
    """Return the domains that governments commonly give their sites."""
    _, *above = lineage_of(region)
    own, city = (read_pinyin(part.name)[: len(region_stem(part))] for part in (region, above[0]))
    short, full = ["".join(word[0] for word in name) for name in (own, city)], ["".join(name) for name in (own, city)]
    labels = (f"{short[1]}{short[0]}", f"{short[1]}{full[0]}", f"{short[1]}{short[0]}q", full[0])
    return [f"www.{label}.gov.cn" for label in labels] + [f"{short[0]}.{full[1]}.gov.cn", f"sjj.{full[1]}.gov.cn"]


def test_no_common_domain_of_a_place_is_another_s_of_that_name() -> None:
    namesakes = defaultdict(set)
    for region in load_regions():
        if region.valid_to is None and region.level == "county":
            namesakes[region.name].add(region)
    told = 0
    for places in (frozenset(places) for places in namesakes.values() if len(places) > 1):
        for place in places:
            for host in _domains(place):
                found = places_of_domain(host, places)
                assert place in found or not found, (place, host)
                told += found == {place}
    assert told > 300


def test_among_counties_with_a_township_of_one_name_initials_of_one_name_say_nothing() -> None:
    counties = township_counties("城关镇")
    assert [place.name for place in places_of_domain("www.hanyin.gov.cn", counties)] == ["汉阴县"]
    assert not places_of_domain("www.hy.gov.cn", counties)


def _agency(title: str, *lines: Line, path: str = "2021/a.html") -> str | None:
    head: list[Line] = [*lines, ("title", "h1", f"{title}{_REPORT}")]
    report, findings = identify([*head, ("paragraph", None, "我局认真公开信息。")], path=path)
    return None if any(reason in findings for reason in _OPEN) else str(report["agency_name"])


def test_the_page_s_own_address_narrows_and_disputes() -> None:
    fuzhou: Line = ("metadata", "SiteDomain", "gl.fuzhou.gov.cn")
    assert _agency("鼓楼区审计局", fuzhou) == "福州市鼓楼区审计局"
    assert _agency("东街街道办事处", fuzhou) == "福州市鼓楼区东街街道办事处"
    assert _agency("鼓楼区审计局", fuzhou, ("metadata", "SiteIDCode", "3201060001")) is None
    assert _agency("鼓楼区审计局", fuzhou, path="2021/南京市/a.html") is None
    assert _agency("南京市鼓楼区审计局", fuzhou) == "南京市鼓楼区审计局"
    assert _agency("区审计局", fuzhou) is None
    saved: Line = ("metadata", "site_address", "http://www.njgl.gov.cn/zwgk/1.html")
    assert _agency("鼓楼区审计局", ("metadata", "SiteDomain", "www.nj.gov.cn"), saved) == "南京市鼓楼区审计局"


def test_the_address_at_which_a_file_was_fetched_is_its_site_s() -> None:
    lines = pl.DataFrame({"file_id": [1], "block_number": [1], "kind": ["title"], "text": [f"鼓楼区审计局{_REPORT}"]})
    files = table("files").conform(pl.DataFrame({"file_id": [1], "path": ["2021/a.html"], "folder_year": [2021]}))
    address = "http://gl.fuzhou.gov.cn/zwgk/1.htm"
    captures = table("captures").conform(pl.DataFrame({"file_id": [1], "url": [address], "page_url": [address]}))
    found = identify_reports(files, table("blocks").conform(lines), (), captures)
    assert found.reports["agency_name"].to_list() == ["福州市鼓楼区审计局"]
    told = found.resolutions.filter(pl.col("source") == "site_domain")
    assert told.select("raw_text", "reads_as", "bearing").rows() == [
        ("gl.fuzhou.gov.cn", "350102 福州市鼓楼区", "agrees")
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("本报告电子版可在区政府网站（www.njgl.gov.cn）下载。", "南京市鼓楼区审计局"),
        ("本报告电子版可在http://gl.fuzhou.gov.cn/下载。", "福州市鼓楼区审计局"),
        ("本报告可在www.njgl.gov.cn和gl.fuzhou.gov.cn下载。", None),
        ("本报告可在中国政府网（www.gov.cn）下载。", None),
    ],
)
def test_the_site_where_the_report_can_be_had_narrows(text: str, name: str | None) -> None:
    assert _agency("鼓楼区审计局", ("paragraph", None, text)) == name


@pytest.mark.parametrize(
    ("address", "title", "is_told"),
    [
        ("http://www.njgl.gov.cn/1.htm", "南京市鼓楼区审计局", False),
        ("https://luchovivas.com/art/1.html", "南京市鼓楼区审计局", True),
        ("https://luchovivas.com:8080", "南京市鼓楼区华侨路街道办事处", True),
        ("http://122.137.242.24:8080/pub/1.html", "南京市鼓楼区审计局", False),
        ("http://www.966599.com/a.html", "重庆市烟草专卖局", False),
        ("http://www.nj-water.com/a.html", "南京市水务集团有限公司", False),
        (None, "南京市鼓楼区审计局", False),
    ],
)
def test_a_government_s_page_from_another_s_address_may_be_a_copy(
    address: str | None, title: str, is_told: bool
) -> None:
    lines = pl.DataFrame({"file_id": [1], "block_number": [1], "kind": ["title"], "text": [f"{title}{_REPORT}"]})
    files = table("files").conform(pl.DataFrame({"file_id": [1], "path": ["2021/a.html"], "folder_year": [2021]}))
    told = {"file_id": [1], "url": [address], "page_url": [address]} if address is not None else None
    captures = None if told is None else table("captures").conform(pl.DataFrame(told))
    found = identify_reports(files, table("blocks").conform(lines), (), captures)
    assert ("foreign_site" in found.findings["reason_code"].to_list()) is is_told
