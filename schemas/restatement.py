"""What tells a sentence of the narrative that restates a figure, and one that speaks of a part of the agency only."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from schemas.agency import AgencyType
from schemas.table import SchemaDataError


@dataclass(frozen=True, slots=True)
class Narrower:
    """Words by which a sentence speaks of less than the table covers.

    Attributes:
        pattern: Regular expression, in a text without white space.
        agency_types: Agencies in whose reports the words mean that: 我局 is a part of a government, and all of a
            bureau. Empty for all.
    """

    pattern: str
    agency_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restatement:
    """What every sentence has that restates a figure; the patterns of text rules run over no other.

    Attributes:
        counted: Regular expression of a figure that counts something, or of what says that there was none.
        topics: Regular expression of what it may be about, in a text without white space.
        numeral: Regular expression of a number in Chinese characters before what it counts, with what must not stand
            before it.
        narrower: Words that tell that a sentence speaks of a part.
    """

    counted: str
    topics: str
    numeral: str
    narrower: tuple[Narrower, ...]


@cache
def load_restatement() -> Restatement:
    """Return what tells a sentence that restates a figure.

    Raises:
        SchemaDataError: The data file lacks an entry, or names a type of agency that does not exist.
    """
    content: dict[str, Any] = tomllib.loads((files("schemas") / "rules" / "text.toml").read_text(encoding="utf-8"))
    try:
        narrower = tuple(Narrower(n["pattern"], tuple(n.get("agency_types", ()))) for n in content["narrower"])
        found = Restatement(content["counted"], content["topics"], content["numeral"], narrower)
    except KeyError as error:
        raise SchemaDataError(f"text.toml: {error} is missing") from error
    for pattern in (found.counted, found.topics, found.numeral, *(n.pattern for n in narrower)):
        re.compile(pattern)
    unknown = {name for n in narrower for name in n.agency_types} - set(AgencyType)
    if unknown:
        raise SchemaDataError(f"text.toml: narrower names types of agency that do not exist: {sorted(unknown)}")
    return found


_DIGITS = {character: digit for digit, characters in enumerate(("零〇○", "一", "二两", *"三四五六七八九"))
           for character in characters}  # fmt: skip
_TENS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}


def read_chinese_number(text: str) -> int | None:
    """Return the whole number that Chinese characters write, or None where they write none.

    Units (一百零五) and bare digits (二〇三) are both read; a mixture that is neither is not guessed at, nor are two
    digits side by side (三五件: a few).

    >>> [
    ...     read_chinese_number(text)
    ...     for text in ("三", "十二", "二十", "一百零五", "两千三百", "一万二千", "二〇三", "〇")
    ... ]
    [3, 12, 20, 105, 2300, 12000, 203, 0]
    >>> [read_chinese_number(text) for text in ("三", "十二", "二十", "一百零五", "两千三百", "二〇三", "〇")]
    [3, 12, 20, 105, 2300, 203, 0]
    >>> [read_chinese_number(text) for text in ("", "十百", "三五", "百", "一二百", "一百五")]
    [None, None, None, None, None, None]
    """
    if text and all(character in _DIGITS for character in text):
        if len(text) > 1 and not set(text) & set("零〇○"):
            return None
        return int("".join(str(_DIGITS[character]) for character in text))
    match = _UNITED.fullmatch(text)
    if not text or match is None or text[0] in "零〇○":
        return None
    total = 0
    for digit, unit in re.findall(r"([一二两三四五六七八九]?)([万千百十]?)", text):
        total += (_DIGITS.get(digit, 1) if digit or unit else 0) * _TENS.get(unit, 1)
    return total


_NUMBER = "[一二两三四五六七八九]"
# A place that is passed over needs its zero: 一百五 is 150 to a speaker and 105 to nobody, so it is no number here.
_UNITED = re.compile(
    rf"(?:{_NUMBER}万)?(?:零?{_NUMBER}千)?(?:零?{_NUMBER}百)?(?:零?{_NUMBER}?十{_NUMBER}?|零{_NUMBER}|(?<![万千百]){_NUMBER})?"
)
