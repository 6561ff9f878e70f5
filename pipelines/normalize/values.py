"""What a cell prints: a number with its unit and remark, nothing, a dash, or something unreadable."""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

from pipelines.normalize.folding import fold_characters
from pipelines.read.model import PICTURE
from schemas.document import load_document_words
from schemas.numeral import read_chinese_number
from schemas.printed import load_printed_words
from schemas.unit import count_units, yuan_by_unit
from schemas.vocabulary import ValueStatus

_PLAIN_DIGITS = 15
_LARGEST_VALUE = 1e15  # beyond this a DOUBLE no longer keeps every whole number, and no agency has counted so far
_WORDS = load_printed_words().value
_NEGATIVE = load_document_words().figure.negative
_SIGNS = _NEGATIVE | load_document_words().figure.positive
_FOOTNOTE_MARK = re.compile(r"(?:[①-⑳¹²³⁴-⁹⁰*＊※]|[\[［〔][\d①-⑳]{1,2}[\]］〕])+\s*$")
_UNITS = "|".join((*sorted(yuan_by_unit(), key=len, reverse=True), "万", "亿", *count_units()))
_UNIT_PREFIX = re.compile(r"^(?:单位)?[:：]?")
_UNIT = re.compile(rf"(?:单位)?[:：]?(?:{_UNITS}|[0-9百千十万亿]*[美港欧日]?元)")
_NUMBER = re.compile(
    rf"(?P<sign>{'|'.join(map(re.escape, sorted(_SIGNS, key=len, reverse=True)))})?"
    r"(?P<whole>\d{1,3}(?:[,，]\d{3})+|\d+)"
    r"(?:\.(?P<fraction>\d+))?"
    rf"(?P<unit>{_UNITS})?"
    r"(?P<note>\(.*\))?"
)
_CHINESE_NUMERAL = re.compile(r"[零〇一二两三四五六七八九十百千万]{1,12}")
_CORRECTS = re.compile("|".join(_WORDS.corrections))
# In front of a number, that it is text: spreadsheets hide it where it was typed, and exports print it.
_TEXT_SIGN = re.compile(r"['’‘＇](?=[-+]?[\d０-９])")
_MAY_BE_SIGN = frozenset("'’‘＇")
_TURNED = re.compile(r"[\u202d\u202e\u2066-\u2068]")  # marks that print digits in another order


@dataclass(frozen=True, slots=True)
class CellValue:
    """A cell as read.

    Attributes:
        value: The printed number; None unless `status` is reported.
        unit: Unit printed in the cell.
        note: Remark printed beside the number, without its parentheses.
    """

    status: ValueStatus
    value: float | None = None
    unit: str | None = None
    note: str | None = None


_BLANK = CellValue(ValueStatus.BLANK)
_NOT_APPLICABLE = CellValue(ValueStatus.NOT_APPLICABLE)
_ILLEGIBLE = CellValue(ValueStatus.ILLEGIBLE)


@lru_cache(maxsize=262_144)
def read_value(text: str) -> CellValue:
    """Return what a cell prints. A blank, a zero and a slash stay three different things.

    Thousands separators must stand between groups of three digits; anything that is not wholly a number is illegible,
    because half a number is a wrong number.

    >>> read_value("1,024").value, read_value("１２").value, read_value("减3").value
    (1024.0, 12.0, -3.0)
    >>> read_value("'12").value, read_value("'").status.value
    (12.0, 'illegible')
    >>> read_value("0.37万元")
    CellValue(status=<ValueStatus.REPORTED: 'reported'>, value=0.37, unit='万元', note=None)
    >>> read_value("22（其中修订 16 件）").note
    '其中修订16件'
    >>> read_value("100000（元）").unit, read_value("3（减）").value
    ('元', -3.0)
    >>> [read_value(text).status.value for text in ("", "/", "0", "1,02", "3 4", "30（应为3）")]
    ['blank', 'not_applicable', 'reported', 'illegible', 'illegible', 'illegible']
    """
    if not text or text.isspace():
        return _BLANK
    if is_plain_count(text):
        return CellValue(ValueStatus.REPORTED, float(text), None, None)
    body, mark = _split_footnote_mark(_TEXT_SIGN.sub("", text, count=1) if text[0] in _MAY_BE_SIGN else text)
    if _has_inner_gap(body) or _has_other_number(body) or (not body.isascii() and _TURNED.search(body)):
        return _ILLEGIBLE
    folded = fold_characters(body)
    if not folded:
        return _BLANK
    if folded in _WORDS.none:
        is_sign = folded in _NEGATIVE and mark is not None and _has_other_number(mark)  # -① may be -1
        return _ILLEGIBLE if is_sign else _NOT_APPLICABLE
    match = _NUMBER.fullmatch(folded)
    if match is None:
        return _read_chinese_numeral(folded)
    read = _from_match(match)
    return replace(read, note=read.note or mark) if mark else read


def is_value_like(text: str) -> bool:
    r"""Tell whether `text` can only be a figure or a dash, never a label.

    Digits that a reader has marked as doubtful are a figure as well, though nobody can read it.

    >>> [is_value_like(text) for text in ("12", "/", "零", "1.属于国家秘密", "三、", "", "12\ufffc")]
    [True, True, True, False, False, False, True]
    """
    if is_plain_count(text):
        return True
    body, _ = _split_footnote_mark(text.rstrip(PICTURE))
    if body and body[0] in _MAY_BE_SIGN:
        body = _TEXT_SIGN.sub("", body, count=1)
    if not body or _has_other_number(body):
        return False
    folded = fold_characters(body)
    return folded in _WORDS.none or any(pattern.fullmatch(folded) for pattern in (_NUMBER, _CHINESE_NUMERAL))


def is_unit(text: str) -> bool:
    """Tell whether `text` is a unit and nothing else.

    >>> is_unit("件"), is_unit("单位：万元"), is_unit("文件")
    (True, True, False)
    """
    return _UNIT.fullmatch(fold_characters(text)) is not None


def is_plain_count(text: str) -> bool:
    """Tell whether `text` is digits and nothing else, as most figures are, so that it needs no folding.

    >>> is_plain_count("12"), is_plain_count("１２"), is_plain_count("1234567890123456")
    (True, False, False)
    """
    return text.isascii() and text.isdigit() and len(text) <= _PLAIN_DIGITS


def _split_footnote_mark(text: str) -> tuple[str, str | None]:
    """Return the text and the footnote mark behind it, whose digits compatibility folding would join to the figure.

    >>> _split_footnote_mark("12①"), _split_footnote_mark("12[1]"), _split_footnote_mark("12")
    (('12', '①'), ('12', '[1]'), ('12', None))
    """
    match = _FOOTNOTE_MARK.search(text)
    if match is None or not match.start():
        return text, None
    return text[: match.start()], match.group().rstrip()


def _has_other_number(text: str) -> bool:
    """Tell whether a character folds to digits that are no digits as printed: ½, ², ①."""
    return not text.isascii() and any(unicodedata.category(character) == "No" for character in text)


def _has_inner_gap(text: str) -> bool:
    """Tell whether white space stands between two digits: `3 4` may be 34, or 3 and 4."""
    return (
        re.search(r"\d\s+[\d]", text) is not None
        and _NUMBER.fullmatch(text.split("(", maxsplit=1)[0].split("（", maxsplit=1)[0].strip()) is None
    )


def _from_match(match: re.Match[str]) -> CellValue:
    digits = match["whole"].replace(",", "").replace("，", "")
    value = float(f"{digits}.{match['fraction']}" if match["fraction"] else digits)
    if value > _LARGEST_VALUE:
        return _ILLEGIBLE
    unit, sign = match["unit"], match["sign"]
    note: str | None = match["note"][1:-1] if match["note"] else None
    if note is not None and unit is None and _UNIT.fullmatch(note):
        unit, note = _UNIT_PREFIX.sub("", note), None
    elif note is not None and sign is None and note in _SIGNS:
        sign, note = note, None
    elif note is not None and (note.isdecimal() or _CORRECTS.search(note)):
        return _ILLEGIBLE  # of two numbers nobody knows which is meant
    return CellValue(ValueStatus.REPORTED, -value if sign in _NEGATIVE and value else value, unit, note)


def _read_chinese_numeral(folded: str) -> CellValue:
    value = read_chinese_number(folded) if _CHINESE_NUMERAL.fullmatch(folded) else None
    return _ILLEGIBLE if value is None else CellValue(ValueStatus.REPORTED, float(value))
