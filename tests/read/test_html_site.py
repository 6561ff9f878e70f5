"""What a page's markup says of its site: facts beside its text."""

import pytest

from pipelines.read.readers import read_document
from schemas.vocabulary import BlockKind

_PAGE = "<!DOCTYPE html><html><head>{head}</head><body><h1>甲局2021年报告</h1><p>正文。</p>{foot}</body></html>"


def _facts(head: str = "", foot: str = "", before: str = "") -> list[tuple[str | None, str]]:
    document = read_document("a.html", (before + _PAGE.format(head=head, foot=foot)).encode())
    return [(block.label, block.text) for block in document.blocks if block.kind is BlockKind.METADATA]


@pytest.mark.parametrize(
    ("head", "before"),
    [
        ('<link href="http://www.njgl.gov.cn/1.html" rel="canonical">', ""),
        ("<LINK rel=canonical href=http://www.njgl.gov.cn/1.html>", ""),
        ('<base target="_blank" href="http://www.njgl.gov.cn/1.html">', ""),
        ("", "<!-- saved from url=(0029)http://www.njgl.gov.cn/1.html -->\n"),
    ],
)
def test_the_address_at_which_a_page_says_that_it_stands(head: str, before: str) -> None:
    assert _facts(head, before=before) == [("site_address", "http://www.njgl.gov.cn/1.html")]


@pytest.mark.parametrize(
    "foot",
    [
        "<script id='_jiucuo_' sitecode='3501020021' src='http://pucha.kaipuyun.cn/exposure/jiucuo.js'></script>",
        '<a href="https://zfwzgl.www.gov.cn/exposure/jiucuo.html?site_code=3501020021&amp;url=http%3A%2F%2Fgl">找错</a>',
        "<script>document.write(unescape(\"%3Cscript id='_jiucuo_' sitecode='3501020021' src=''%3E\"))</script>",
    ],
)
def test_the_code_with_which_a_page_calls_the_service_for_complaints(foot: str) -> None:
    assert _facts(foot=foot) == [("sitecode", "3501020021")]


def test_links_and_other_numbers_are_none_of_it() -> None:
    links = '<a href="http://www.njgl.gov.cn/">鼓楼区</a><link rel="stylesheet" href="http://www.njgl.gov.cn/a.css">'
    assert _facts('<link rel="alternate" href="http://www.njgl.gov.cn/">', links) == []
    assert _facts(foot="<p>sitecode=3501020021</p>") == []


def test_a_page_saved_as_one_file_stands_where_it_was_saved() -> None:
    parts = (
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n"
        "Content-Type: text/html; charset=utf-8\r\nContent-Location: http://www.njgl.gov.cn/1.html\r\n\r\n"
        f"{_PAGE.format(head='', foot='')}\r\n--b--\r\n"
    )
    blocks = read_document("a.mht", parts.encode()).blocks
    assert ("site_address", "http://www.njgl.gov.cn/1.html") in [(block.label, block.text) for block in blocks]
