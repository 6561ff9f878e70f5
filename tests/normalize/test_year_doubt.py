"""The year that a title claims and the text denies: set aside where nothing confirms the title."""

import pytest

from pipelines.cli.check import examine
from pipelines.normalize.rejections import KEYLESS
from tests.normalize.documents import Line, identify

_TITLE: Line = ("title", "h1", "洪泽区审计局2022年政府信息公开工作年度报告")
_STALE = "本报告所列数据的统计期限自2021年1月1日起至2021年12月31日止。"


def _findings(*texts: str, title: Line = _TITLE) -> dict[str, str]:
    lines: list[Line] = [title, *(("paragraph", None, text) for text in texts)]
    return identify(lines, "2022/a.html", 2022)[1]


@pytest.mark.parametrize(
    "texts",
    [
        (_STALE, "我局认真落实条例。"),
        (_STALE, "2021年，我局公开信息120条。"),
        (_STALE, "2021年，我局公开信息120条。", "洪泽区审计局", "2023年1月18日"),
        ("现将我局2021年政府信息公开情况报告如下。", "五、存在的主要问题及改进情况", "2022年，我局将加大公开力度。"),
        ("洪泽区审计局2021年政府信息公开工作年度报告", "我局认真落实条例。"),
        ("统计期限自2021年1月1日起至2022年12月31日止。", "我局认真落实条例。"),
    ],
)
def test_last_year_s_page_under_a_new_title_is_set_aside(texts):
    """Its figures were loaded as those of the title's year, with `year_conflict` or without."""
    assert "title 2022" in _findings(*texts)["undecided_year"]
    assert "undecided_year" in KEYLESS


@pytest.mark.parametrize(
    "texts",
    [
        (_STALE, "2022年，我局公开信息120条。"),
        (_STALE, "2022年，我局始终将政务公开作为重点。"),
        (_STALE, "2022年，洪泽区自然资源和规划局落实《2022年政务公开工作要点》。"),
        (_STALE, "一年来，我局认真落实条例。", "洪泽区审计局", "2023年1月18日"),
        (_STALE, "现将我局2022年政府信息公开情况报告如下。"),
        ("现将我局2021年政府信息公开情况报告如下。", "截至2022年底，公开信息120条。"),
    ],
)
def test_a_period_that_was_left_as_it_was_is_a_conflict_and_no_more(texts):
    findings = _findings(*texts)
    assert "year_conflict" in findings
    assert "undecided_year" not in findings


@pytest.mark.parametrize(
    "texts",
    [
        (
            "统计期限自2022年1月1日起至2022年12月31日止。",
            "2021年公开100条，据统计自2008年5月1日至2022年12月31日累计900条。",
        ),
        ("统计期限自2021年12月1日起至2022年11月30日止。",),
        (
            "洪泽区审计局2022年政府信息公开工作年度报告",
            "洪泽区审计局2021年政府信息公开工作年度报告",
            "洪泽区审计局2020年政府信息公开工作年度报告",
        ),
        ("洪泽区水利局2021年政府信息公开工作年度报告",),
    ],
)
def test_other_years_in_lists_and_sentences_are_none(texts):
    assert _findings(*texts).keys().isdisjoint({"year_conflict", "undecided_year"})


def test_the_title_does_not_confirm_itself():
    assert "undecided_year" in _findings(_STALE, title=("title", "h1", "洪泽区审计局2022年政府信息公开工作总结"))


def test_statistics_of_several_years_need_a_title_that_names_one():
    findings = _findings(
        "统计期限自2008年5月1日起至2022年12月31日止。", title=("title", "h1", "洪泽区审计局政府信息公开工作年度报告")
    )
    assert "2008年5月1日" in findings["undecided_year"]


@pytest.mark.parametrize(("told", "is_undecided"), [("2022年", True), ("2021年", False), ("一年来", False)])
def test_a_period_and_a_folder_outweigh_no_title_that_the_narrative_confirms(told, is_undecided):
    lines: list[Line] = [_TITLE, ("paragraph", None, _STALE), ("paragraph", None, f"{told}，我局公开信息120条。")]
    report, findings = identify(lines, "2021/a.html", 2021)
    assert report["year"] == 2021
    assert ("undecided_year" in findings) is is_undecided


@pytest.mark.parametrize(
    ("told", "signed", "is_undecided"),
    [
        ("2022年度我局主动公开信息77条。", (), True),
        ("2022年度我局主动公开信息77条。", ("2022年1月18日",), False),
        ("2022年度我局主动公开信息77条。", ("2023年1月18日",), True),
        ("2021年度我局主动公开信息77条。", ("2023年1月18日",), False),
        ("全年主动公开信息77条。", (), False),
    ],
)
def test_a_period_alone_that_the_sentences_deny_is_no_year(told: str, signed: tuple[str, ...], is_undecided: bool):
    """A page without a year in its title or folder was loaded under the period left over from last year."""
    texts = (_STALE, "(一)主动公开情况。", told, *signed)
    lines: list[Line] = [
        ("title", "h1", "洪泽区审计局政府信息公开工作年度报告"),
        *(("paragraph", None, text) for text in texts),
    ]
    assert ("undecided_year" in identify(lines, "undated/a.html", None)[1]) is is_undecided


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("盐津县公安局2016年政府信息公开工作年度报告", "later_form"),
        ("盐津县公安局政府信息公开工作年度报告", "undecided_year"),  # only the narrative names the year
        ("盐津县公安局2021年政府信息公开工作年度报告", None),
    ],
)
def test_a_form_from_after_the_year_is_told(title: str, told: str | None) -> None:
    rows = "信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数 |\n规章 | 0 | 0 | 0 |\n行政规范性文件 | 0 | 0 | 4 |\n"
    text = f"{title}\n一、总体情况\n2016年度，全县公安机关认真落实条例。\n二、主动公开政府信息情况\n{rows}"
    findings = examine("a.txt", text.encode()).frames["findings"]
    found = set(findings["reason_code"]) & {"later_form", "undecided_year"}
    assert found == ({told} if told else set())
