"""Automatic numbers of Word paragraphs, as they are printed.

一、 before a heading or 1. before a row label is often not text but a list level of numbering.xml. Readers of the page
see it, and the form tells rows apart by it, so it is written in front of the paragraph.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from pipelines.read.word.markup import VAL, child, word

_DIGITS = "〇一二三四五六七八九"
_UNITS = ((1000, "千"), (100, "百"), (10, "十"))
_PLACEHOLDER = re.compile(r"%([1-9])")
_MAX_NUMBER = 9999
_MAX_LEVELS = 9


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: its first number, format and text, such as `（%1）`."""

    start: int
    number_format: str
    text: str


@dataclass(slots=True)
class Numbering:
    """The lists of one document and how far each has counted.

    Attributes:
        levels: List definition → its levels.
        lists: w:numId → its definition, and the starts that it sets anew.
    """

    levels: dict[str, dict[int, Level]] = field(default_factory=dict)
    lists: dict[str, tuple[str, dict[int, int]]] = field(default_factory=dict)
    _counts: dict[str, list[int | None]] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)

    def next_number(self, list_id: str, depth: int) -> str:
        """Return the number printed before the next paragraph of a list level; empty for bullets and unknown lists."""
        definition, starts = self.lists.get(list_id, ("", {}))
        levels = self.levels.get(definition, {})
        level = levels.get(depth)
        if level is None:
            return ""
        counts = self._counts.setdefault(definition, [None] * _MAX_LEVELS)
        if list_id not in self._begun:
            self._begun.add(list_id)
            for restarted in starts:
                counts[restarted] = None
        counts[depth] = self._advance(counts[depth], starts.get(depth, level.start))
        counts[depth + 1 :] = [None] * (_MAX_LEVELS - depth - 1)

        def printed(match: re.Match[str]) -> str:
            other = int(match.group(1)) - 1
            shown = levels.get(other)
            if shown is None:
                return ""
            count = counts[other]
            return format_number(shown.start if count is None else count, shown.number_format)

        if level.number_format in ("bullet", "none"):
            return ""
        return _PLACEHOLDER.sub(printed, level.text)

    @staticmethod
    def _advance(count: int | None, start: int) -> int:
        return start if count is None else count + 1


def read_numbering(root: etree._Element | None) -> Numbering:
    """Return the lists that a numbering part defines; none where the part is absent."""
    numbering = Numbering()
    if root is None:
        return numbering
    for node in root.iter(word("abstractNum")):
        numbering.levels[node.get(word("abstractNumId")) or ""] = {
            depth: level for depth, level in map(_level, node.iter(word("lvl"))) if 0 <= depth < _MAX_LEVELS
        }
    for node in root.iter(word("num")):
        definition = child(node, word("abstractNumId"))
        if definition is None:
            continue
        starts = {
            _number(override.get(word("ilvl")), -1): _number(start.get(VAL), 1)
            for override in node.iter(word("lvlOverride"))
            for start in override.iter(word("startOverride"))
        }
        kept = {depth: start for depth, start in starts.items() if 0 <= depth < _MAX_LEVELS}
        numbering.lists[node.get(word("numId")) or ""] = (definition.get(VAL) or "", kept)
    return numbering


def format_number(number: int, number_format: str) -> str:
    """Return a list number in one of Word's formats; an unknown format prints as decimal.

    >>> [format_number(12, name) for name in ("decimal", "chineseCounting", "upperRoman", "upperLetter")]
    ['12', '十二', 'XII', 'L']
    """
    return _FORMATS.get(number_format, str)(number) if 0 < number <= _MAX_NUMBER else str(number)


def chinese_number(number: int) -> str:
    """Return a number from 1 to 9999 as Chinese counting writes it.

    >>> [chinese_number(number) for number in (7, 10, 21, 105, 1010)]
    ['七', '十', '二十一', '一百〇五', '一千〇一十']
    """
    parts, rest, is_gap = "", number, False
    for unit, name in _UNITS:
        digit, rest = divmod(rest, unit)
        if digit:
            parts += (_DIGITS[0] if is_gap else "") + _DIGITS[digit] + name
        is_gap = bool(parts) and not digit
    if rest:
        parts += (_DIGITS[0] if is_gap else "") + _DIGITS[rest]
    return parts.removeprefix("一") if 10 <= number < 20 else parts


def _level(node: etree._Element) -> tuple[int, Level]:
    values = {property_.tag: property_.get(VAL) or "" for property_ in node}
    level = Level(
        _number(values.get(word("start")), 1), values.get(word("numFmt"), "decimal"), values.get(word("lvlText"), "")
    )
    return _number(node.get(word("ilvl")), -1), level


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 6 else default


def _roman(number: int) -> str:
    printed = ""
    symbols = ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I")
    for value, symbol in zip((1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), symbols, strict=True):
        count, number = divmod(number, value)
        printed += symbol * count
    return printed


def _letter(number: int) -> str:
    """Return Word's letters: A to Z, then AA to ZZ."""
    return chr(ord("A") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _circled(number: int) -> str:
    return chr(0x2460 + number - 1) if number <= 20 else str(number)


def _digit_by_digit(number: int) -> str:
    return "".join(_DIGITS[int(digit)] for digit in str(number))


_FORMATS: dict[str, Callable[[int], str]] = {
    "chineseCounting": chinese_number,
    "chineseCountingThousand": chinese_number,
    "taiwaneseCounting": chinese_number,
    "taiwaneseCountingThousand": chinese_number,
    "japaneseCounting": chinese_number,
    "ideographDigital": _digit_by_digit,
    "taiwaneseDigital": _digit_by_digit,
    "japaneseDigitalTenThousand": _digit_by_digit,
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
    "upperLetter": _letter,
    "lowerLetter": lambda number: _letter(number).lower(),
    "decimalFullWidth": lambda number: str(number).translate({48 + digit: 0xFF10 + digit for digit in range(10)}),
}
