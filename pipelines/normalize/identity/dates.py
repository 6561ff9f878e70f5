"""Dates as documents print them: in digits, in Chinese numerals, and of publication beside a title."""

import re
from collections.abc import Iterable
from datetime import date
from functools import cache

from schemas.agency import load_wordings

_DATE = re.compile(
    r"(?<!\d)(20\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)|(?<!\d)(20\d\d)(\d\d)(\d\d)(?!\d)"
)
_CHINESE_DATE = re.compile(
    r"([二2][〇○零0O][〇○零一二三四五六七八九]{2})年([一二三四五六七八九十\d]{1,3})月([一二三四五六七八九十\d]{1,3})日?"
)
_CHINESE_YEAR = re.compile(r"[二2][〇○零0O][〇○零一二三四五六七八九\d]{2}(?=年)")
_SMALL_NUMBER = re.compile(r"[一二三四五六七八九十]{1,3}(?=[月日])")
_CHINESE_DIGITS = {
    character: str(digit % 10)
    for digit, characters in enumerate(("〇○零O0", *"一二三四五六七八九"))
    for character in characters
}
_NOT_PUBLISHED = re.compile(r"[至起止—~～]|日-|今天|现在|当前时间|星期|欢迎")  # periods, and the clocks of sites
_LONGEST_FACT = 80


def read_date(text: str) -> date | None:
    """Return the first date that stands in a text.

    >>> read_date("发布日期：2020-01-31 10:02"), read_date("20220118"), read_date("2022-13-01")
    (datetime.date(2020, 1, 31), datetime.date(2022, 1, 18), None)
    """
    for match in _DATE.finditer(text):
        year, month, day = (int(part) for part in match.groups() if part is not None)
        if 1 <= month <= 12 and 1 <= day <= _days_in(year, month):
            return date(year, month, day)
    return None


def date_below_title(lines: Iterable[str]) -> date | None:
    """Return the date of publication that stands in a page's first lines without a colon between it and its label.

    Told are a label in front of the date or in the line above it, a time of day, and the source beside it. A date
    alone is the report's own, and behind a sentence nothing is asked.

    >>> date_below_title(["发布日期", "2024-01-16"]), date_below_title(["甲局年报", "2024-01-16 14:33"])
    (datetime.date(2024, 1, 16), datetime.date(2024, 1, 16))
    >>> date_below_title(["甲局", "2024年1月16日"]), date_below_title(["统计时间 2023年1月1日至12月31日"])
    (None, None)
    """
    above = ""
    for line in lines:
        if "。" in line:
            return None
        if "20" in line and len(line) <= _LONGEST_FACT and not _NOT_PUBLISHED.search(line):
            told = _told_date().search(" ".join(line.split()))
            if told is None and _date_label().fullmatch(above.strip()):
                told = _DATE.match(line.strip())
            if told is not None:
                return read_date(told[0])
        above = line
    return None


def read_chinese_date(text: str) -> date | None:
    """Return the date that a text gives in Chinese numerals.

    >>> read_chinese_date("二〇二二年一月十八日"), read_chinese_date("二○一九年十二月三十一日")
    (datetime.date(2022, 1, 18), datetime.date(2019, 12, 31))
    """
    match = _CHINESE_DATE.search(re.sub(r"\s+", "", text))
    if match is None:
        return None
    year = int("".join(_CHINESE_DIGITS.get(character, character) for character in match[1]))
    month, day = _small_number(match[2]), _small_number(match[3])
    return date(year, month, day) if 1 <= month <= 12 and 1 <= day <= _days_in(year, month) else None


def with_digits(text: str) -> str:
    """Return a text with its years, months and days in digits instead of numerals.

    >>> with_digits("统计期限为二〇二三年一月一日至十二月三十一日")
    '统计期限为2023年1月1日至12月31日'
    """
    text = _CHINESE_YEAR.sub(lambda match: "".join(_CHINESE_DIGITS.get(sign, sign) for sign in match[0]), text)
    return _SMALL_NUMBER.sub(lambda match: str(_small_number(match[0])), text)


def _small_number(text: str) -> int:
    """Return a number below a hundred in Chinese numerals or digits: 三十一, 十, 8."""
    tens, ten, ones = text.rpartition("十")
    digits = "".join(_CHINESE_DIGITS.get(character, character) for character in ones) or "0"
    head = "".join(_CHINESE_DIGITS.get(character, character) for character in tens) or "1"
    return int(digits) + (10 * int(head) if ten else 0)


def _days_in(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - date(year, month, 1)).days


@cache
def _date_label() -> re.Pattern[str]:
    labels = "|".join(sorted(map(re.escape, load_wordings().labels["date"]), key=len, reverse=True))
    return re.compile(rf"[\[【(（]?\s*(?:{labels}|发布于)\s*[\]】)）]?\s*[:：]?", re.IGNORECASE)


@cache
def _told_date() -> re.Pattern[str]:
    """Return the pattern of a date behind its label, with a time of day, or beside the page's source."""
    day = r"20\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?"
    label, source = _date_label().pattern, r"(?:来源|作者|字体|字号|浏览|阅读|点击)"
    timed = rf"^\s*{day}\s*\d{{1,2}}:\d\d(?::\d\d)?\s*(?:$|[|]|{source})"
    beside = rf"^\s*{day}\s+{source}|{source}.{{0,40}}\s{day}"
    return re.compile(rf"(?:^|[\s|]){label}\s*{day}|{timed}|{beside}", re.IGNORECASE)
