"""What a document says of itself in a line or a table: each label of the data file takes the value behind it."""

import pytest

from pipelines.read import read_document
from schemas.document import load_document_words
from schemas.vocabulary import BlockKind

TITLES = """
标题 名称 信息名称 文件名称 公文名称 信息标题
"""
DATES = """
发布日期 发布时间 发表日期 发表时间 发稿时间 公开日期 公开时间 发文日期 发文时间 成文日期 生成日期 生成时间
印发日期 信息日期 更新时间 更新日期 录入时间 编制日期 撰写时间 撰写日期 成文时间 发稿日期 信息提供日期
公布日期 公布时间 时间 日期
"""
TEXTS = """
索引号 索引 信息索引号 信息索引 文号 发文字号 发文号 公文文号 发布机构 发布单位 发文机构 发文单位 发文机关
公开机构 公开主体 公开责任部门 责任部门 制发机关 制作单位 信息来源 来源 作者 分类 信息分类 主题分类 公开分类
体裁分类 组配分类 服务对象分类 公开类别 公开类型 公开方式 公开形式 公开范围 公开属性 公开时限 栏目 所属栏目
关键词 主题词 有效性 信息有效性 效力状态 统一登记号 登记号 责任编辑 编辑 审核 原文链接 原文地址 来源网址 链接
网址 url 点击数 点击量 浏览次数 浏览量 阅读次数 访问量 字体 内容概述
"""
LABELS = [
    *((label, "某局2021年政府信息公开工作年度报告") for label in TITLES.split()),
    *((label, "2022-01-20") for label in DATES.split()),
    *((label, "某某") for label in TEXTS.split()),
]
LINE = "<p>{label}：{value}</p>"
ROW = "<table><tr><td>{label}：</td><td>{value}</td><td>文号：</td><td>某政〔2022〕1号</td></tr></table>"


@pytest.mark.parametrize("form", [LINE, ROW], ids=["line", "table"])
@pytest.mark.parametrize(("label", "value"), LABELS)
def test_a_label_takes_the_value_behind_it(label: str, value: str, form: str) -> None:
    """Else the line is one of the narrative, and its date or agency is no evidence."""
    page = f"<h1>甲局2021年报告</h1>{form.format(label=label, value=value)}<p>正文。全年公开。</p>"
    document = read_document("a.html", page.encode())
    assert (label, value) in [(block.label, block.text) for block in document.blocks]


def test_each_label_is_shown() -> None:
    assert {label for label, _ in LABELS} == load_document_words().labels.keys()


@pytest.mark.parametrize("tag", ["publishtitle", "ucaptitle"])
def test_an_element_of_a_portal_holds_the_title(tag: str) -> None:
    document = read_document("a.html", f"<div><{tag}>甲局2021年年报</{tag}></div><p>正文。</p>".encode())
    assert (BlockKind.TITLE, tag, "甲局2021年年报") in [(b.kind, b.label, b.text) for b in document.blocks]


@pytest.mark.parametrize("tag", ["publishtime", "publishdate", "ucapsource"])
def test_an_element_of_a_portal_holds_what_the_page_says_of_itself(tag: str) -> None:
    document = read_document("a.html", f"<h1>甲局2021年年报</h1><{tag}>2022-01-20</{tag}><p>正文。</p>".encode())
    assert (BlockKind.METADATA, tag, "2022-01-20") in [(b.kind, b.label, b.text) for b in document.blocks]


@pytest.mark.parametrize("name", ["ArticleTitle", "title", "og:title", "DC.Title"])
def test_a_page_states_its_title(name: str) -> None:
    page = f"<html><head><meta name='{name}' content='甲局2021年年报'></head><body><p>正文。</p></body></html>"
    document = read_document("a.html", page.encode())
    assert (BlockKind.TITLE, "甲局2021年年报") in [(b.kind, b.text) for b in document.blocks]
