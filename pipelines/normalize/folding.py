"""Folding of label text, so that the many ways to print one label compare equal."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from schemas.entry import read_data
from schemas.numeral import read_chinese_number

_ORDINAL = re.compile(
    r"^(?:\(?(?P<chinese>[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])(?P<close>[)、.．,，:])|"
    r"\(?(?P<digits>\d{1,2})(?:[)、．,，:]|\.(?!\d)|(?=[^\W\d_年月日件项个条])))"
)
# A parenthesis that holds only a numeral is part of the label: 第二十条第（一）项.
_PARENTHESES = re.compile(r"\((?![一二三四五六七八九十]{1,3}\))[^()]*\)?")
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2028-\u202f\u2060\ufeff\u00ad\u3000]+")
_LATIN, _CHINESE = re.compile(r"[A-Za-z]{4}"), re.compile(r"[\u3400-\u9fff]")
_NOT_WORD = re.compile(r"[^0-9A-Za-z\u3400-\u9fff\U00020000-\U0003ffff]+")


@dataclass(frozen=True, slots=True)
class FoldedLabel:
    """A label reduced to what identifies it.

    Attributes:
        text: Letters, digits and ideographs only, in simplified script, without the leading number.
        bare: The same without anything that stood in parentheses (guidance, units); equal to `text` where nothing did.
        ordinal: The leading number with its level, such as `一`, `(三)` as `(3)`, `2.` as `2`; empty where there is
            none.
    """

    text: str
    bare: str
    ordinal: str


@cache
def _character_map() -> dict[int, str]:
    data = _folding_data()
    return {ord(source): target for part in ("radicals", "traditional") for source, target in data[part].items()}


@cache
def _folding_data() -> dict[str, Any]:
    return read_data("folding.toml")


@lru_cache(maxsize=65_536)
def meaning_words(text: str) -> frozenset[str]:
    """Return the words of a folded label that decide what it means, of which no likeness may lose or gain one.

    >>> sorted(meaning_words("本年失效件数")), sorted(meaning_words("本年制发件数"))
    (['失效'], [])
    """
    return frozenset(word for word in _folding_data()["meaning"]["words"] if word in text)


def tearable_words() -> frozenset[str]:
    """Return the words that decide a meaning and may be torn by a slip of one character."""
    return frozenset(_folding_data()["meaning"]["torn"])


def relative_years() -> tuple[str, ...]:
    """Return the words by which forms name a year from the report's own."""
    return tuple(_folding_data()["years"]["relative"])


def qualifies(label: "FoldedLabel") -> bool:
    """Tell whether what stands in a label's parentheses changes its unit or meaning, so that it is no mere guidance.

    >>> qualifies(fold_label("行政许可（万件）")), qualifies(fold_label("行政规范性文件（以部门名义）"))
    (True, False)
    """
    return any(label.text.count(word) > label.bare.count(word) for word in _folding_data()["meaning"]["multiples"])


def fold_characters(text: str) -> str:
    """Return `text` in compatibility form: half-width, ideographs for radicals, simplified script, no white space.

    >>> fold_characters("⼀、⺠ 政　數量（１）")
    '一、民政数量(1)'
    """
    folded = text
    for _ in range(2):  # compatibility forms can hold spaces, and a mark can join its letter once a space is gone
        before = folded
        folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", before))
        if folded == before:
            break
    else:
        folded = _INVISIBLE.sub("", folded)
    return folded.translate(_character_map())


def leave_out_translation(text: str) -> str:
    r"""Return a label without its lines in Latin script, where others are Chinese.

    >>> leave_out_translation("Fees (unit: CNY 10,000)\n本年收费金额"), leave_out_translation("Fees\n3")
    ('本年收费金额', 'Fees\n3')
    """
    if "\n" not in text or _LATIN.search(text) is None:
        return text
    lines = text.split("\n")
    kept = [line for line in lines if _CHINESE.search(line) or _LATIN.search(line) is None]
    return "\n".join(kept) if any(map(_CHINESE.search, kept)) else text


@lru_cache(maxsize=65_536)
def fold_label(text: str) -> FoldedLabel:
    r"""Return the folded form of a printed label.

    >>> fold_label("（三） 不予\n公开")
    FoldedLabel(text='不予公开', bare='不予公开', ordinal='(3)')
    >>> fold_label("2.其他法律、行政法规禁止公开").text
    '其他法律行政法规禁止公开'
    >>> fold_label("本年收费金额（单位：万元）")
    FoldedLabel(text='本年收费金额单位万元', bare='本年收费金额', ordinal='')
    >>> fold_label("一、本年新收政府信息公开申请数量").ordinal, fold_label("2重复申请").ordinal
    ('一', '2')
    """
    characters = fold_characters(text)
    for source, target in _folding_data()["words"].items():
        characters = characters.replace(source, target)
    ordinal, rest = _split_ordinal(characters)
    folded = _NOT_WORD.sub("", rest)
    bare = _NOT_WORD.sub("", _PARENTHESES.sub("", rest)) or folded
    return FoldedLabel(folded, bare, ordinal)


def _split_ordinal(characters: str) -> tuple[str, str]:
    match = _ORDINAL.match(characters)
    if match is None:
        return "", characters
    rest = characters[match.end() :]
    if match["digits"]:
        return match["digits"], rest
    number = read_chinese_number(match["chinese"])
    return (f"({number})" if match["close"] == ")" else match["chinese"]), rest
