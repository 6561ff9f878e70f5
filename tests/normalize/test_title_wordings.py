"""Titles that name the year in other digits, or stand in a letter or sentence: agency and year, without a folder."""

import pytest

from tests.normalize.documents import identify

_BUREAU = "白山市抚松县财政局"
_TITLES = [
    # two digits, letters for noughts, numerals without 年
    ("抚松县财政局23年度政府信息公开工作年度报告", _BUREAU, 2023),
    ("23年抚松县财政局政府信息公开年报", _BUREAU, 2023),
    ("抚松县财政局2O23年政府信息公开工作年度报告", _BUREAU, 2023),
    ("抚松县财政局二〇二三政府信息公开年报", _BUREAU, 2023),
    ("抚松县财政局〔2023〕年度政府信息公开工作年报", _BUREAU, 2023),
    # numbers that are no year
    ("抚松县12年一贯制学校信息公开年报", "白山市抚松县12年一贯制学校", None),
    ("抚松县财政局近10年政府信息公开工作报告", None, None),
    # letters, and clauses of a sentence
    ("抚松县财政局关于报送2023年政府信息公开工作年度报告的函", _BUREAU, 2023),
    ("关于报送抚松县财政局2023年度政府信息公开工作年度报告的函", _BUREAU, 2023),
    ("抚松县财政局关于上报《2023年政府信息公开工作年度报告》的报告", _BUREAU, 2023),
    ("依法按时完成抚松县泉阳镇2023年政府信息公开年度报告", "白山市抚松县泉阳镇人民政府", 2023),
    # other words for a report
    ("抚松县财政局2023年政府信息公开统计年报", _BUREAU, 2023),
    ("抚松县财政局2023年度政府信息公开工作成绩单", _BUREAU, 2023),
]


@pytest.mark.parametrize(("title", "name", "year"), _TITLES)
def test_a_title_tells_agency_and_year_however_it_is_worded(title: str, name: str | None, year: int | None) -> None:
    report, _ = identify([("title", "h1", title)], path="misc/a.html", folder_year=None)
    assert (report["agency_name"], report["year"]) == (name, year)


def test_a_year_in_full_is_not_overruled_by_two_digits() -> None:
    title = "2022年度抚松县财政局10年政府信息公开工作年度报告"
    assert identify([("title", "h1", title)], path="misc/a.html", folder_year=None)[0]["year"] == 2022


_SEVERAL = [
    ("抚松县发展和改革局、粮食和物资储备局", "白山市抚松县发展和改革局"),
    ("抚松县财政局与抚松县国资局", "白山市抚松县财政局"),
    ("抚松县住房和城乡建设局和城市管理局", "白山市抚松县住房和城乡建设局"),
    ("抚松县水利局、林业局、农业农村局", "白山市抚松县水利局"),
]


@pytest.mark.parametrize(("names", "first"), _SEVERAL)
def test_a_report_of_several_agencies_stands_under_the_first_and_says_so(names: str, first: str) -> None:
    report, findings = identify([("title", "h1", f"{names}2021年政府信息公开工作年度报告")])
    assert (report["agency_name"], set(findings)) == (first, {"joint_report"})


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("抚松县文化、旅游、体育和广播电视局", "白山市抚松县文化、旅游、体育和广播电视局"),
        ("抚松县政务服务和数字化建设管理局", "白山市抚松县政务服务和数字化建设管理局"),
        ("广州市黄埔区、广州开发区科学技术局", "广州市黄埔区科学技术局"),
        ("抚松县委、县政府办公室", None),
    ],
)
def test_what_joins_words_within_one_name_parts_no_agencies(printed: str, name: str | None) -> None:
    report, findings = identify([("title", "h1", f"{printed}2021年政府信息公开工作年度报告")])
    assert (report["agency_name"], "joint_report" in findings) == (name, False)


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        # the end of breadcrumbs above a title, and its word for the body that made it, were taken for the name
        (
            (
                "首页 > 泉阳镇 > 年度报告",
                "2023年政府信息公开工作年度报告",
                "抚松县泉阳镇2023年政府信息公开工作年度报告",
            ),
            "白山市抚松县泉阳镇人民政府",
        ),
        (("2023年,抚松县财政局认真落实条例,现向社会公布2023年度本级政府信息公开年度报告。",), _BUREAU),
    ],
)
def test_words_around_a_title_are_no_name(lines: tuple[str, ...], name: str) -> None:
    report, _ = identify([("paragraph", None, line) for line in lines], path="misc/a.html", folder_year=None)
    assert (report["agency_name"], report["year"]) == (name, 2023)
