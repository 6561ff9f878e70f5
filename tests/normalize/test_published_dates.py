"""When a report was published, where no colon parts the date from its label, or none stands beside it."""

from datetime import date

import pytest

from tests.normalize.documents import Line, identify

_TITLE: Line = ("title", "h1", "洪泽区审计局2021年政府信息公开工作年度报告")
_DAY = date(2022, 1, 16)


def _published(*lines: str | Line) -> object:
    blocks = [("paragraph", None, line) if isinstance(line, str) else line for line in lines]
    return identify([*blocks, ("paragraph", None, "2021年，我局公开信息3条。")])[0]["published_date"]


@pytest.mark.parametrize(
    "lines",
    [
        ("发布日期", "2022-01-16"),
        ("撰写时间", "2022年01月16日 10:03:47", "来源", "区审计局"),
        ("发布日期2022-01-16",),
        ("[发布日期]2022-01-16",),
        ("索引号 2021-12-03 发布日期 2022-01-16",),
        ("发布于 2022/1/16",),
        ("2022-01-16 14:33",),
        ("2022年1月16日 来源：区审计局",),
    ],
)
def test_a_date_below_the_title_is_told_by_label_time_or_source(lines: tuple[str, ...]) -> None:
    assert _published(_TITLE, *lines) == _DAY


@pytest.mark.parametrize(("label", "value"), [("发文时间", "2022-01-16"), ("来源", "区审计局 2022-01-16 09:12")])
def test_a_date_stands_behind_other_labels_too(label: str, value: str) -> None:
    assert _published(_TITLE, ("metadata", label, value)) == _DAY


@pytest.mark.parametrize(
    "line",
    [
        "2022年1月16日",  # the report's own
        "今天是 2022-01-16 10:20 星期日",
        "统计时间 2021年1月1日至2021年12月31日",
        "区审计局召开会议 2022-01-16 10:11",  # another article's
        "本报告于2022-01-16 10:11公布。",
    ],
)
def test_other_dates_are_not_taken(line: str) -> None:
    assert _published(line, _TITLE) is None
