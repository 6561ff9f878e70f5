"""Answers of a site's interface (JSON, or a call around it), in which an article is a string among others.

A portal whose pages are filled by a script hands the article over as one string of markup, escaped once or more, beside
its title and the date. The page that such a string makes is read in the answer's place: its escapes would be text, and
the titles and summaries of other articles would pass for this one's.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from pipelines.errors import DocumentError
from pipelines.read.encoding import decode_text
from pipelines.read.json_tables import compose_tables
from schemas.document import load_document_words
from schemas.vocabulary import FileFormat

_OPENING = re.compile(rb"(?:\xef\xbb\xbf|/\*\*/|\s)*(?:[\w$.]{1,80}\s*\(\s*)?[{\[\"]")
_CALL = re.compile(r"(?:\ufeff|/\*\*/|\s)*(?:[\w$.]{1,80}\s*\(\s*)?")
_CELL = re.compile(r"<t[dh][\s>]", re.IGNORECASE)
_FIGURE = re.compile(r">(?:\s|&nbsp;)*\d[\d.,]*(?:\s|&nbsp;)*<")
_CLOSING = re.compile(r"</[a-z]", re.IGNORECASE)
_UNSAID = re.compile(r"<[^<>]*>|&nbsp;|\s")
_SHORTEST = 300  # characters of an article; the tables of a report take more
_LONGEST_FACT = 200
_MOST_VALUES = 200_000
_MOST_ESCAPES = 3
_DAMAGE = (ValueError, RecursionError)


@dataclass(frozen=True, slots=True)
class Article:
    """A string that holds the tables of a report, and what stands beside it.

    Attributes:
        body: The string without its escapes.
        is_markup: It is HTML, and no text.
        titles: What the nearest object around it calls a title.
        facts: Name and text of what else stands beside it.
    """

    body: str
    is_markup: bool
    titles: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The page or text that an answer holds, in UTF-8, and the answer's own encoding."""

    format: FileFormat
    content: bytes
    encoding: str


def unwrap_answer(data: bytes) -> Answer | None:
    """Return what an answer holds; None where the file is no answer, or none with the tables of a report.

    >>> answer = unwrap_answer(json.dumps({"title": "年报", "content": "<td>3</td>" * 40}).encode())
    >>> answer.content.decode()[:30]
    '<article><h1>年报</h1><td>3</td>'
    """
    if _OPENING.match(data[:1024]) is None:
        return None
    try:
        decoded = decode_text(data)
    except DocumentError:
        return None  # the reader says so
    values = list(parse_values(decoded.text))
    articles = [article for value in values for article in articles_in(value)]
    pages = distinct_articles(article for article in articles if article.is_markup)
    if pages:
        return Answer(FileFormat.HTML, compose_page(pages).encode(errors="replace"), decoded.encoding)
    page = compose_tables(values)
    if page is not None:
        return Answer(FileFormat.HTML, page.encode(errors="replace"), decoded.encoding)
    texts = distinct_articles(articles)
    if not texts:
        return None
    lines = "\n\n".join(line for article in texts for line in (*article.titles, article.body))
    return Answer(FileFormat.TEXT, lines.encode(errors="replace"), decoded.encoding)


def parse_values(text: str, start: int = 0) -> Iterator[object]:
    """Yield the values of a JSON text from `start` on: one, one a line, or one in the brackets of a call."""
    decoder = json.JSONDecoder(strict=False)
    match = _CALL.match(text, start)
    at = match.end() if match else start
    while at < len(text) and text[at] in '{["':
        try:
            value, at = decoder.raw_decode(text, at)
        except _DAMAGE:
            return
        yield value
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1


def articles_in(value: object) -> Iterator[Article]:
    """Yield the articles of a parsed value, in order, those within strings that are JSON themselves among them."""
    title_keys = load_document_words().page.answer_titles
    stack: list[tuple[object, tuple[str, ...], tuple[tuple[str, str], ...]]] = [(value, (), ())]
    seen = 0
    while stack and seen < _MOST_VALUES:
        held, titles, facts = stack.pop()
        seen += 1
        if isinstance(held, str):
            if len(held) < _SHORTEST:
                continue
            inner = held.lstrip()
            values = list(parse_values(inner)) if inner[:1] in ("{", "[", '"') else []
            stack += [(one, titles, facts) for one in reversed(values)]
            if not values and (article := _article_of(held)) is not None:
                yield Article(article.body, article.is_markup, titles, facts)
        elif isinstance(held, dict):
            said = [(str(key), one.strip()) for key, one in held.items() if isinstance(one, str)]
            short = [(key, one) for key, one in said if 0 < len(one) <= _LONGEST_FACT]
            own = tuple(dict.fromkeys(one for key, one in short if key.lower() in title_keys))
            rest = tuple((key, one) for key, one in short if key.lower() not in title_keys)
            stack += [(one, own or titles, rest) for one in reversed(held.values())]
        elif isinstance(held, list):
            stack += [(one, titles, facts) for one in reversed(held)]


def _article_of(text: str) -> Article | None:
    """Return the article that a string is, None where it holds no table."""
    for _ in range(_MOST_ESCAPES):
        if _CELL.search(text):
            return Article(text, is_markup=True) if _FIGURE.search(text) else None
        if "&lt;" in text or "&amp;lt;" in text:
            text = html.unescape(text)
        elif "%3C" in text or "%3c" in text:
            text = unquote(text)
        else:
            break
    if any(mark in text for mark in load_document_words().marks.grid):
        return Article(text, is_markup=_CLOSING.search(text) is not None)
    return None


def distinct_articles(articles: Iterable[Article]) -> list[Article]:
    """Return the articles without those that say the same once more, as for telephones."""
    found: dict[str, Article] = {}
    for article in articles:
        found.setdefault(_UNSAID.sub("", article.body), article)
    return list(found.values())


def compose_page(articles: Iterable[Article]) -> str:
    """Return a page of the articles, each below its titles."""
    parts = []
    for article in articles:
        titles = "".join(f"<h1>{html.escape(title)}</h1>" for title in article.titles)
        facts = "".join(
            f'<meta name="{html.escape(name)}" content="{html.escape(text)}">' for name, text in article.facts
        )
        parts.append(f"<article>{titles}{facts}{article.body}</article>")
    return "\n".join(parts)
