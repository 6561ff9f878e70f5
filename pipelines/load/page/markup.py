"""Pieces of HTML. Whatever comes from data is escaped here, once; what these functions return is HTML."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from html import escape as escape_html
from importlib.resources import files

from schemas.form import Label

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]+")
_MOST_CHARACTERS = 200


def text(value: object, most: int = _MOST_CHARACTERS) -> str:
    """Return a value from data as HTML: escaped, cut, and without characters that steer a terminal or turn a line.

    >>> text("<script>alert('x')</script>")
    '&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;'
    >>> text("甲" * 300, most=3)
    '甲甲…'
    """
    plain = _CONTROLS.sub(" ", str(value)).strip()
    return escape_html(plain if len(plain) <= most else plain[: most - 1] + "…")


def both(zh: str, en: str) -> str:
    """Return HTML in both languages, of which the page shows one; only once where they are the same.

    >>> both("甲", "甲")
    '甲'
    """
    return zh if zh == en else f'<span class="zh" lang="zh">{zh}</span><span class="en" lang="en">{en}</span>'


def say(key: str, **facts: object) -> str:
    """Return a text of `words.toml` in both languages, its gaps filled with `facts`, which are escaped.

    Raises:
        KeyError: There is no such text, or it has a gap that no fact fills.
    """
    return fill_gaps(load_words()[key], facts)


def fill_gaps(words: Mapping[str, str], facts: Mapping[str, object]) -> str:
    """Return a text in both languages, its gaps filled with `facts`, which are escaped.

    Raises:
        KeyError: It has a gap that no fact fills.
    """
    plain = {name: text(fact) for name, fact in facts.items()}
    return both(words["zh"].format(**plain), words["en"].format(**plain))


def label(of: Label) -> str:
    """Return the label of a row, column or group of the form: as printed, and in English."""
    return both(text(of.label), text(of.en))


def number(value: float | None) -> str:
    """Return a number with thousands set apart; nothing for null.

    >>> number(1234567.0), number(4166.241619), number(None)
    ('1,234,567', '4,166.241619', '')
    """
    return "" if value is None else f"{value:,.15g}"


@cache
def load_words() -> dict[str, dict[str, str]]:
    """Return the page's texts by key and language."""
    source = (files("pipelines.load.page") / "words.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)
