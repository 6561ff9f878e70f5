"""Units of functional areas: whatever stands behind an area's name, reading it is never a crash."""

import pytest

from pipelines.normalize.identity.agency_unit import read_unit
from schemas.agency import load_name_rules, load_units
from tests.normalize.documents import identify

_AREAS = ("高新区", "经济技术开发区", "某山风景区管委会", "新区")
_ENDINGS = ("实验中学", "人民医院", "信息中心", "热力有限公司", "税务局", "统计局", "分局", "发展规划处", "某某镇")


@pytest.mark.parametrize("area", _AREAS)
def test_what_stands_behind_an_area_is_its_unit_or_nothing(area: str) -> None:
    for organ in (*_ENDINGS, *load_units(), *load_name_rules().township_offices):
        unit = read_unit(area + organ)
        assert unit is None or "{printed}" not in unit.form


def test_a_hospital_of_an_area_has_the_area_s_name() -> None:
    report, _ = identify([("title", "h1", "枣庄高新区人民医院2022年信息公开工作年度报告")], folder_year=2022)
    assert report["agency_name"] == "枣庄高新技术产业开发区人民医院"
    assert report["region_code"] == "370400"
