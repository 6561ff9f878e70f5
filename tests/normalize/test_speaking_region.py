"""Reports without a title in which a whole region speaks: its government's where the page names that besides."""

import pytest

from tests.normalize.documents import Line, identify

_SPEAKS = ("2022年，合江县认真贯彻条例和省、市有关要求。", "2022年，我县新受理政府信息公开申请17件。")
_ASK = "如有疑问，请与{}联系（地址：某路1号）。"


def _read(texts: tuple[str, ...], site: str | None = None) -> tuple[dict[str, object], dict[str, str]]:
    lines: list[Line] = [] if site is None else [("metadata", "SiteName", site)]
    lines += [("paragraph", None, text) for text in texts]
    return identify(lines, path="2022/a.html", folder_year=2022)


@pytest.mark.parametrize(
    ("texts", "site", "name"),
    [
        ((_ASK.format("合江县人民政府信息公开办公室"), *_SPEAKS), None, "泸州市合江县人民政府"),
        ((_ASK.format("合江县政府政务服务中心"), *_SPEAKS), None, "泸州市合江县人民政府"),
        ((_ASK.format("潍坊市人民政府办公室"), "2022年，全市政府系统深入贯彻条例。"), None, "潍坊市人民政府"),
        (("2022年，全区严格按照要求公开。", "2022年全区共收到85件。"), "重庆市綦江区人民政府", "重庆市綦江区人民政府"),
        (
            ("2022年，鼓楼区坚持公开。", "我区信息齐全，全区评议良好。"),
            "南京市鼓楼区人民政府网",
            "南京市鼓楼区人民政府",
        ),
    ],
)
def test_the_government_is_taken_and_said(texts: tuple[str, ...], site: str | None, name: str) -> None:
    report, findings = _read(texts, site)
    assert report["agency_name"] == name
    assert set(findings) == {"agency_from_context"}


@pytest.mark.parametrize(
    ("texts", "site"),
    [
        ((_ASK.format("合江县人民政府办公室"), *_SPEAKS, "我局按期答复。"), None),  # a bureau of the county
        ((_ASK.format("合江县重点建设指挥处"), *_SPEAKS), "合江县人民政府"),  # a body that no list has
        ((_ASK.format("泸县人民政府办公室"), *_SPEAKS), None),  # another county's
        (_SPEAKS, "泸州市人民政府"),  # the county's page on the city's site
        (("2022年，全县教育系统落实条例。", "2022年，全县公安机关落实条例。"), "合江县人民政府"),
        (("2022年，我县认真落实条例。",), "合江县人民政府"),  # said once
        (("一、总体情况", "主动公开信息9条。"), "合江县人民政府"),
    ],
)
def test_where_another_may_speak_nobody_is_named(texts: tuple[str, ...], site: str | None) -> None:
    report, findings = _read(texts, site)
    assert (report["agency_name"], "no_agency" in findings) == (None, True)


def test_a_site_named_with_its_address_alone_is_the_government_s() -> None:
    where = "本报告的电子版可在兴海县人民政府(http://www.xinghai.gov.cn)政府信息公开年度报告专栏获取。"
    report, findings = _read(("2022年，我县认真落实条例。", where, "2022年，全县主动公开信息478条。"), None)
    assert (report["agency_name"], set(findings)) == ("海南藏族自治州兴海县人民政府", {"agency_from_context"})


def test_the_office_that_sums_up_the_report_does_so_for_its_government() -> None:
    report, _ = _read(("本报告依据条例及省、市有关要求，由南京市鼓楼区人民政府办公室汇总编制。",))
    assert report["agency_name"] == "南京市鼓楼区人民政府"
