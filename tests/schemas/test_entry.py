"""What the data files say becomes objects, and what they say wrong is named in the words of the file."""

from dataclasses import dataclass

import pytest

from schemas.entry import SchemaDataError, make_entry


@dataclass(frozen=True)
class _Words:
    heads: tuple[str, ...]
    marks: frozenset[str]
    whole: str = "总计"


def test_lists_become_what_the_fields_are() -> None:
    made = make_entry(_Words, {"heads": ["项目"], "marks": ["√", "√"]}, "words.toml [lists]")
    assert made == _Words(("项目",), frozenset({"√"}))


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"heds": [], "marks": []}, "['heds'] is none of ['heads', 'marks', 'whole']; is heads meant?"),
        ({"heads": []}, "lacks ['marks']"),
        ({"heads": [], "marks": "√"}, "marks is '√', and no list of texts"),
        ({"heads": [1], "marks": []}, "heads is [1], and no list of texts"),
    ],
)
def test_a_mistaken_word_is_named(entry: dict[str, object], told: str) -> None:
    with pytest.raises(SchemaDataError) as raised:
        make_entry(_Words, entry, "words.toml [lists]")
    assert str(raised.value).startswith("words.toml [lists]: " + told)
