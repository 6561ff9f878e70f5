"""Pages that a site has moved to the successor of the body that made the report."""

import pytest

from tests.normalize.documents import Line, identify


def _read(text: str, published_by: str, title: str = "2014年政府信息公开工作年度报告") -> dict[str, object]:
    lines: list[Line] = [("title", "h1", title), ("metadata", "发布机构", published_by), ("paragraph", None, text)]
    return identify(lines, path="2014/a.html", folder_year=2014)[0]


@pytest.mark.parametrize(
    ("text", "published_by", "name"),
    [
        ("2014年，市人口计生委严格按照要求公开。", "秦皇岛市卫生健康委员会", "秦皇岛市人口和计划生育委员会"),
        ("2014年，沭阳县林业局认真落实条例。", "沭阳县林业和草原局", "宿迁市沭阳县林业局"),
        ("2014年，县审计局认真落实条例。", "沭阳县卫生健康局", "宿迁市沭阳县卫生健康局"),  # another bureau's sentence
        ("2014年，我局认真落实条例。", "沭阳县卫生健康局", "宿迁市沭阳县卫生健康局"),
    ],
)
def test_the_body_that_speaks_is_taken_before_the_one_that_it_became(text: str, published_by: str, name: str) -> None:
    assert _read(text, published_by)["agency_name"] == name


def test_a_title_that_names_the_agency_is_believed() -> None:
    title = "沭阳县卫生健康局2014年政府信息公开工作年度报告"
    assert _read("2014年，县卫生局认真落实条例。", "沭阳县卫生健康局", title)["agency_name"] == "宿迁市沭阳县卫生健康局"
