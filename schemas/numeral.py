"""Numbers in Chinese characters."""

import re

DIGITS = {character: digit for digit, characters in enumerate(("零〇○", "一", "二两", *"三四五六七八九"))
          for character in characters}  # fmt: skip
"""What each character counts, zero in all its shapes."""

_TENS = {"": 1, "十": 10, "百": 100, "千": 1000}
_ZERO, _DIGIT = "[零〇○]", "[一二两三四五六七八九]"
# A place that is passed over needs its zero: 一百五 is 150 to a speaker and 105 to nobody, so it is no number here.
_BELOW_TEN_THOUSAND = (
    rf"(?:{_ZERO}?{_DIGIT}千)?(?:{_ZERO}?{_DIGIT}百)?(?:{_ZERO}?{_DIGIT}?十{_DIGIT}?|{_ZERO}{_DIGIT}"
    rf"|(?<![万千百]){_DIGIT})?"
)
_NUMBER = re.compile(rf"(?:({_BELOW_TEN_THOUSAND})万)?({_BELOW_TEN_THOUSAND})")
_PLACE = re.compile(rf"({_DIGIT}?)([千百十]?)")


def read_chinese_number(text: str) -> int | None:
    """Return the whole number below 100,000,000 that Chinese characters write, or None where they write none.

    Units (一百零五) and bare digits (二〇三) are both read; a mixture that is neither is not guessed at, nor are two
    digits side by side (三五件: a few).

    >>> [read_chinese_number(text) for text in ("三", "十二", "二十", "一百零五", "两千三百", "二〇三", "〇")]
    [3, 12, 20, 105, 2300, 203, 0]
    >>> [read_chinese_number(text) for text in ("一万二千", "十二万零三十", "一百〇五")]
    [12000, 120030, 105]
    >>> [read_chinese_number(text) for text in ("", "十百", "三五", "百", "一二百", "一百五", "万", "零十")]
    [None, None, None, None, None, None, None, None]
    """
    if text and all(character in DIGITS for character in text):
        if len(text) > 1 and not any(DIGITS[character] == 0 for character in text):
            return None
        return int("".join(str(DIGITS[character]) for character in text))
    match = _NUMBER.fullmatch(text)
    if not text or match is None or DIGITS.get(text[0]) == 0 or match[1] == "":
        return None
    return _add_up(match[1] or "") * 10_000 + _add_up(match[2])


def _add_up(places: str) -> int:
    return sum((DIGITS[digit] if digit else 1) * _TENS[unit] for digit, unit in _PLACE.findall(places) if digit or unit)
