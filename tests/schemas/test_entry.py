"""What the data files say becomes objects, and what they say wrong is named in the words of the file."""

import re
from dataclasses import dataclass

import pytest

from schemas.entry import SchemaDataError, make_entry


@dataclass(frozen=True)
class _Words:
    heads: tuple[str, ...]
    marks: frozenset[str]
    whole: str = "总计"
    title: re.Pattern[str] | None = None
    years: tuple[re.Pattern[str], ...] = ()


def test_lists_become_what_the_fields_are() -> None:
    made = make_entry(_Words, {"heads": ["项目"], "marks": ["√", "√"]}, "words.toml [lists]")
    assert made == _Words(("项目",), frozenset({"√"}))
    read = make_entry(_Words, {"heads": [], "marks": [], "title": "年报$", "years": ["20[0-9]{2}"]}, "words.toml")
    assert read.title is not None
    assert [bool(pattern.search("2021年报")) for pattern in (read.title, *read.years)] == [True, True]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (
            {"heds": [], "marks": []},
            "['heds'] is none of ['heads', 'marks', 'title', 'whole', 'years']; is heads meant?",
        ),
        ({"heads": []}, "lacks ['marks']"),
        ({"heads": [], "marks": "√"}, "marks is '√', and no list of texts"),
        ({"heads": [], "marks": [], "title": "(年报"}, "title is no regular expression (missing ), unterminated"),
        ({"heads": [], "marks": [], "years": [2021]}, "years is 2021, and no text in quotes"),
        ({"heads": [1], "marks": []}, "heads is [1], and no list of texts"),
    ],
)
def test_a_mistaken_word_is_named(entry: dict[str, object], told: str) -> None:
    with pytest.raises(SchemaDataError) as raised:
        make_entry(_Words, entry, "words.toml [lists]")
    assert str(raised.value).startswith("words.toml [lists]: " + told)
