"""Names in which a scan or a hand took one character for another: each pair of the data file mends one."""

import pytest

from pipelines.normalize.identity.region import mend_region_name
from schemas.agency import load_name_rules
from tests.normalize.documents import identify

REGIONS = """
岳北县 丘北县, 邱北县 丘北县, 毫州市 亳州市, 候马市 侯马市, 衮州区 兖州区, 淮格尔旗 准格尔旗,
互助士族自治县 互助土族自治县, 埔桥区 埇桥区, 大浦县 大埔县, 五太连池市 五大连池市, 信宣市 信宜市,
哈蜜地区 哈密地区, 祟义县 崇义县, 万洲区 万州区, 保徳县 保德县, 揄中县 榆中县, 定曰县 定日县, 睛隆县 晴隆县,
末央区 未央区, 滦城区 栾城区, 吕粱市 吕梁市, 丹陵县 丹棱县, 汩罗市 汨罗市, 东乌珠穆泌旗 东乌珠穆沁旗,
沭川县 沐川县, 沫水县 涞水县, 伊金霍络旗 伊金霍洛旗, 盱贻县 盱眙县, 雎宁县 睢宁县, 禺会区 禹会区,
荼陵县 茶陵县, 菏塘区 荷塘区, 丁靑县 丁青县, 临颖县 临颍县, 上髙县 上高县
"""
UNITS = "住房和城乡建没局 住房和城乡建设局, 入力资源和社会保障局 人力资源和社会保障局"


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(printed, name) for printed, name in (pair.split() for pair in text.split(","))]


@pytest.mark.parametrize(("printed", "name"), _pairs(REGIONS))
def test_a_region_whose_name_has_one_mistaken_character_is_known(printed: str, name: str) -> None:
    """Its report would be that of an agency of its own, or of a place that nobody knows."""
    assert mend_region_name(printed) == name
    assert mend_region_name(name) is None


@pytest.mark.parametrize(("printed", "name"), _pairs(UNITS))
def test_a_unit_whose_name_has_one_mistaken_character_is_known(printed: str, name: str) -> None:
    report, _ = identify([("title", "h1", f"抚松县{printed}2021年政府信息公开工作年度报告")])
    own, _ = identify([("title", "h1", f"抚松县{name}2021年政府信息公开工作年度报告")])
    assert (report["agency_name"], report["agency_id"]) == (own["agency_name"], own["agency_id"])
    assert report["agency_name"] == f"白山市抚松县{name}"


@pytest.mark.parametrize("printed", ["住房和城乡建投局", "住房城乡与建筑局"])
def test_a_unit_whose_name_has_another_character_is_another(printed: str) -> None:
    report, _ = identify([("title", "h1", f"抚松县{printed}2021年政府信息公开工作年度报告")])
    assert report["agency_name"] != "白山市抚松县住房和城乡建设局"


def test_no_pair_stands_for_nothing() -> None:
    shown = {
        frozenset((wrong, right))
        for printed, name in _pairs(f"{REGIONS},{UNITS}")
        for wrong, right in zip(printed, name, strict=True)
        if wrong != right
    }
    assert shown == load_name_rules().confusable
