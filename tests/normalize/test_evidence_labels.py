"""What a page's metadata say of a report: each label of the data file is believed for what it stands for."""

import pytest

from schemas.agency import load_wordings
from tests.normalize.documents import Line, identify

TITLE = "卫东区政府办2021年政府信息公开工作年度报告"
LABELS = {
    "title": "标题 名称 信息名称 ArticleTitle 文件名称 公文标题",
    "agency": """
发布机构 发布机关 发布单位 公开机构 公开主体 制发机关 制作机关 发文机关 发文机构 责任单位 所属机构 单位名称
主办单位 公开单位 信息公开机构 信息提供单位 责任部门 发布部门
""",
    "context": "来源 信息来源 文章来源 ContentSource Author 作者 SiteName 网站名称 栏目 本地目录",
    "date": """
发布日期 发布时间 发表日期 发表时间 发稿时间 公开日期 公开时间 发文日期 发文时间 成文日期 成文时间 生成日期
生成时间 印发日期 录入时间 撰写时间 撰写日期 发稿日期 信息提供日期 公布日期 公布时间 PubDate publishtime
publishdate publish_date 时间 日期 更新时间
""",
    "url": "原文链接 url 原文地址 链接 canonical og:url 来源链接 网址",
    "period": "年度 报告年度 所属年度",
}


@pytest.mark.parametrize("label", LABELS["title"].split())
def test_a_label_of_titles_names_agency_and_year(label: str) -> None:
    report, _ = identify([("metadata", label, TITLE)], "a.html", None)
    assert (report["agency_name"], report["year"]) == ("平顶山市卫东区人民政府办公室", 2021)


@pytest.mark.parametrize("label", LABELS["agency"].split())
def test_a_label_of_agencies_names_whose_report_a_bare_title_is(label: str) -> None:
    report, _ = identify([("title", "h1", TITLE[6:]), ("metadata", label, "平顶山市卫东区审计局")])
    assert report["agency_name"] == "平顶山市卫东区审计局"


@pytest.mark.parametrize("label", [*LABELS["date"].split(), *LABELS["context"].split()])
def test_a_label_of_dates_or_of_the_source_tells_when_it_was_published(label: str) -> None:
    report, _ = identify([("title", "h1", TITLE), ("metadata", label, "2022-01-20")])
    assert str(report["published_date"]) == "2022-01-20"


@pytest.mark.parametrize("label", LABELS["url"].split())
def test_a_label_of_addresses_tells_where_it_stood(label: str) -> None:
    report, _ = identify([("title", "h1", TITLE), ("metadata", label, "http://www.wdq.gov.cn/1.html")])
    assert report["url"] == "http://www.wdq.gov.cn/1.html"


@pytest.mark.parametrize("label", LABELS["period"].split())
def test_a_label_of_periods_tells_the_year_that_no_title_names(label: str) -> None:
    lines: list[Line] = [("title", "h1", "卫东区政府办政府信息公开工作年度报告"), ("metadata", label, "2021")]
    assert identify(lines, "a.html", None)[0]["year"] == 2021
    assert identify(lines[:1], "a.html", None)[0]["year"] is None


def test_each_label_is_shown() -> None:
    labels = load_wordings().labels
    shown = {kind: {word.lower() for word in words.split()} for kind, words in LABELS.items()}
    assert shown == {kind: set(labels[kind]) for kind in labels}
