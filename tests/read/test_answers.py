"""Articles that are carried as a string: by the answers of interfaces, and in the scripts and attributes of pages."""

import json
from html import escape
from urllib.parse import quote

import pytest

from pipelines.read import read_document
from schemas.vocabulary import BlockKind, FileFormat

TITLE = "某县审计局2021年政府信息公开工作年度报告"
TABLE = (
    '<p class="a/b">二、主动公开政府信息情况</p><table style="width:100%">'
    "<tr><td>行政许可</td><td>处理决定数量</td></tr>"
    '<tr><td rowspan="2">行政处罚</td><td><p style="text-align:center">3</p></td></tr><tr><td>5</td></tr></table>'
    + "<p>　　本机关依申请公开政府信息未收取信息处理费。</p>"
    * 8
)
READ = ["行政许可", "处理决定数量", "行政处罚", "3", "5"]
OTHER = TABLE.replace("5", "7")


def _php(value: object) -> str:
    return json.dumps(value).replace("/", "\\/")


ARTICLE = {"id": 3, "title": TITLE, "content": TABLE, "pubDate": "2022-01-20"}


def _cells(text: str) -> list[list[str]]:
    return [[cell[4] for cell in cells] for cells in read_document("a", text.encode()).tables]


def _titles(text: str) -> list[str]:
    blocks = read_document("a", text.encode()).blocks
    return [block.text for block in blocks if block.kind in (BlockKind.TITLE, BlockKind.HEADING)]


@pytest.mark.parametrize(
    "answer",
    [
        _php({"errcode": 0, "data": ARTICLE}),
        json.dumps({"data": ARTICLE}, ensure_ascii=False),
        "\ufeff/**/jQuery_12.call(" + _php(ARTICLE) + ");",
        _php(ARTICLE).replace("<", "\\u003c").replace(">", "\\u003E"),
        json.dumps({"data": {**ARTICLE, "content": escape(escape(TABLE))}}),
        json.dumps({"code": 0, "data": json.dumps(ARTICLE)}),
        json.dumps(json.dumps(ARTICLE)),
        json.dumps({**ARTICLE, "wapContent": TABLE.replace(' class="a/b"', ""), "contentText": TITLE * 20}),
        json.dumps({"prev": {"title": "某局2020年年报", "content": "<p>见附件</p>"}, "detail": ARTICLE}),
        json.dumps({"url": "x", "title": TITLE, "html": f"<html><body>{TABLE}</body></html>"}) + "\n",
    ],
)
def test_the_article_of_an_answer_is_read_below_its_title(answer):
    """Escapes ran into the tables, and the title of the article before passed for this one's."""
    assert _cells(answer) == [READ]
    assert _titles(answer) == [TITLE]


def test_an_answer_keeps_its_encoding_and_facts():
    document = read_document("a.json", json.dumps(ARTICLE, ensure_ascii=False).encode("gb18030"))
    assert (document.format, document.encoding) == (FileFormat.HTML, "gb18030")
    assert ("pubDate", "2022-01-20") in [(block.label, block.text) for block in document.blocks]


def test_text_in_an_answer_is_read_as_text():
    rows = "\n".join("\t".join(cells) for cells in (("规章", "0", "3"), ("其中尚未审结", "1", "2")))
    document = read_document("a.json", json.dumps({"title": TITLE, "text": rows + "\n　" * 300}).encode())
    assert document.format is FileFormat.TEXT
    assert [cell[4] for cell in document.tables[0]] == ["规章", "0", "3", "其中尚未审结", "1", "2"]


def test_two_articles_of_an_answer_stay_below_their_titles():
    two = json.dumps([ARTICLE, {"title": "某局2020年年报", "content": OTHER}])
    assert len(_cells(two)) == 2
    assert _titles(two) == [TITLE, "某局2020年年报"]


@pytest.mark.parametrize("text", ['{"a": "' + "<td>3</td>" * 40, "[首页](http://a.cn) <td>", "[" * 5000])
def test_what_is_no_answer_is_read_as_it_stands(text):
    assert read_document("a", text.encode()) is not None


@pytest.mark.parametrize(
    "carrier",
    [
        "<script>window.__INITIAL_STATE__=" + _php({"detail": ARTICLE}) + ";(function(){var s;}())</script>",
        '<script id="__NEXT_DATA__" type="application/json">' + _php({"props": ARTICLE}) + "</script>",
        "<script>// it's\nvar h='" + TABLE.replace("'", "\\'") + "';c.innerHTML=h</script>",
        "<script>const h=`" + TABLE + "`</script>",
        "<script>self.__next_f.push([1," + json.dumps("6:T1a," + TABLE).replace("<", "\\u003c") + "])</script>",
        "<script>D=JSON.parse(" + json.dumps(json.dumps(ARTICLE)).replace("<", "\\x3c") + ")</script>",
        "<script>c.innerHTML=decodeURIComponent('" + quote(TABLE) + "')</script>",
        f'<input type="hidden" id="c" value="{escape(TABLE)}">',
        f'<div id="app" data-page="{escape(_php({"article": ARTICLE}))}"></div>',
        f'<textarea style="display:none">{escape(TABLE)}</textarea>',
        f"<noscript>{TABLE}</noscript>",
        f"<div>{escape(TABLE)}</div>",
        f"<pre>{escape(_php(ARTICLE))}</pre>",
    ],
)
def test_a_page_without_tables_is_read_from_what_it_carries(carrier):
    page = f"<html><head><title>{TITLE}</title></head><body><div id=c></div>{carrier}</body></html>"
    assert _cells(page) == [READ]
    assert not any("<td" in block.text for block in read_document("a", page.encode()).blocks)
    shown = page.replace("<div id=c>", "<div id=c><table><tr><td>规章</td><td>9</td></tr></table>")
    assert _cells(shown)[0] == ["规章", "9"]
    assert READ not in _cells(shown)


@pytest.mark.parametrize(
    "carrier",
    [
        f"<!-- {TABLE} -->",
        f"<script type='text/html'>{TABLE}</script>",
        f"<template>{TABLE}</template>",
        "<script>var h=" + json.dumps(TABLE.replace("3<", "{{a}}<").replace("5<", "{{b}}<")) + "</script>",
        "<script>S=" + json.dumps({"a": {"content": TABLE}, "b": {"content": OTHER}}) + "</script>",
    ],
)
def test_older_versions_samples_and_several_without_titles_are_left_alone(carrier):
    assert _cells(f"<h1>{TITLE}</h1>{carrier}") == []
