"""Numbers of a spreadsheet as the sheet shows them: 3 and not 3.0, 50% and not 0.5, a date and not 45322."""

import operator
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from pipelines.read.model import PICTURE, RED

# The formats that a workbook refers to by number only (ECMA-376 part 1, 18.8.30), Chinese dates included.
_BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    37: "#,##0",
    38: "#,##0",
    39: "#,##0.00",
}
_BUILT_IN |= {40: "#,##0.00", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 48: "##0.0E+0"}
_BUILT_IN_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_DATE = "yyyy-mm-dd"
_LITERAL = re.compile(r'"([^"]*)"|[\\!](.)|[_*].|\[[^\]]*\]')
_DIGITS = re.compile(r"(?=\.?[#0])(?:[#0][#0,]*)?(?:\.([0#]*))?")
_POWER, _FRACTION = re.compile(r"(?:\.([0#]*))?[Ee][-+]"), re.compile(r"[?0#]\s*/")
_SIGNS_BEFORE = ("-", "(", "（", "<", ">")
_SCALES = re.compile(r"[0#?],+(?![0#?,])")
_PARTS = re.compile(r'[0#?](?:!.|\\.|"[^"]*"|[-/() ](?![?/]))+[0#]')  # digits set apart, as in 3-4 or 3.4 for 34
_PALE = re.compile(r"\[(?:white|白色?|color ?2|颜色 ?2)\]", re.IGNORECASE)
_SECTIONS = re.compile(r'(?:\A|(?<=;))((?:"[^"]*(?:"|\Z)|\\.|[^;"])*)(?:;|\Z)')
_SAYS_LESS = re.compile(r"[-(（−负减]|\[[A-Za-z]+\]")
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?[0-9]{1,15}(?:\.[0-9]{1,15})?)\]")
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_REDDENS = re.compile(r"\[(?:red|红色?|color ?3|颜色 ?3)\]", re.IGNORECASE)
_LONGEST_CODE = 255  # characters that Excel takes; each cell goes through its code a dozen times
_DATE_LETTERS = re.compile(r"[ymdhs]", re.IGNORECASE)
_PLAIN = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?\Z")
_NOUGHTS = 2  # which part of a format is for them, from 0, where it has so many for numbers
_SHOWN_AS_NOTHING = str.maketrans("", "", "#?, ")  # of a nought
_MAX_EXPONENT = 20  # a longer number is no figure, and writing it out would only hide that
_SHOWN_DIGITS, _NOISE = 11, Decimal("1e-12")  # of the General format; a share of the number
_MAX_SERIAL = 2_958_465  # 9999-12-31, the last date of a spreadsheet


def built_in_format(number: int) -> str:
    """Return the format code behind a built-in number; `General` where it is none.

    >>> built_in_format(9), built_in_format(14), built_in_format(0)
    ('0%', 'yyyy-mm-dd', 'General')
    """
    return _DATE if number in _BUILT_IN_DATES else _BUILT_IN.get(number, "General")


def show_number(text: str, code: str = "General", *, uses_1904: bool = False) -> str:
    """Return a stored number as its format shows it; text that is no number stays as it is.

    Digits without a sign that a format prints in red have the mark of such (`pipelines.read.colour`).

    Grouping commas are left out. A nought is what its part of the format makes of it: a dash in accounting formats,
    nothing where the part is empty, because a reader of the sheet sees no 0. Fractions and powers of ten show the
    stored number where they do not round it. A format that shows another number (one scaled by thousands or with a
    point set into it) or none at all leaves it doubtful.

    >>> show_number("3.0"), show_number("4166.2416190000003"), show_number("0.5", "0%"), show_number("25.0000000000001")
    ('3', '4166.241619', '50%', '25')
    >>> show_number("92000", "0,"), show_number("123456", "0!.0,"), show_number("92", ";;;"), show_number("-5", "0;0")
    ('92000\ufffc', '123456\ufffc', '92\ufffc', '-5\ufffc')
    >>> show_number("0", '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"??_ ;_ @_ '), show_number("0", "0;-0;;@"), show_number("0")
    ('-', '', '0')
    >>> show_number("251000", '#,##0"元"'), show_number("0.375", "0.00"), show_number("45322", "yyyy-mm-dd")
    ('251000元', '0.38', '2024-01-31')
    """
    stored = text.strip()
    try:
        number = _without_noise(Decimal(stored)) if _PLAIN.match(stored) else None
    except InvalidOperation:
        number = None
    if number is None or number.adjusted() > _MAX_EXPONENT:
        return text
    if len(code) > _LONGEST_CODE:
        return _plain(number) + PICTURE
    section = _section(code, number)
    shown = _show(number, section, uses_1904=uses_1904)
    return shown + RED if number > 0 and _REDDENS.search(section) and not shown.endswith(PICTURE) else shown


def _without_noise(number: Decimal) -> Decimal:
    """Return a number without what binary fractions add to it, which the eleven digits of a cell do not show."""
    number = Decimal(format(number, ".15g"))
    if number == number.to_integral_value() or len(number.as_tuple().digits) <= _SHOWN_DIGITS:
        return number
    shown = Decimal(format(number, f".{_SHOWN_DIGITS}g"))
    return shown if abs(shown - number) <= abs(number) * _NOISE else number


def _show(number: Decimal, section: str, *, uses_1904: bool) -> str:
    bare = _LITERAL.sub("", section)
    if not number and (nought := _show_nought(section, bare)) is not None:
        return nought
    if number and _shows_another(section, bare):
        return _plain(number) + PICTURE
    if _DATE_LETTERS.search(bare) and "general" not in bare.lower():
        return _show_date(number, uses_1904=uses_1904) or _plain(number) + PICTURE
    if (power := _POWER.search(bare)) is not None:
        return _plain(number) + PICTURE * (len(number.normalize().as_tuple().digits) > len(power[1] or "") + 1)
    if _FRACTION.search(bare):
        return _plain(number) + PICTURE * (number != number.to_integral_value())
    digits = _DIGITS.search(bare.replace("?", "#"))
    if digits is None or "@" in bare or digits.group().endswith(","):
        return _plain(number)
    is_percent = "%" in bare
    decimals = digits.group(1) or ""
    places, required = len(decimals), decimals.count("0")
    try:
        rounded = (number * 100 if is_percent else number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    except InvalidOperation:
        return _plain(number)
    shown = format(rounded, "f")
    while places > required and shown.endswith("0"):
        shown, places = shown[:-1], places - 1
    prefix, suffix = _literals(section)
    return prefix + shown.rstrip(".") + ("%" if is_percent else "") + suffix


def _show_nought(section: str, bare: str) -> str | None:
    """Return what a part of a format without a digit that must be shown makes of a nought, None for any other part."""
    if _PALE.search(section):
        return f"0{PICTURE}"
    drawn = bare.translate(_SHOWN_AS_NOTHING)
    if drawn.strip("-/—－") or _FRACTION.search(bare):
        return None
    text = drawn.join(_literals(section)).strip()
    return f"0{PICTURE}" if any(map(str.isdigit, text)) else text


def _section(code: str, number: Decimal) -> str:
    """Return the part of a format that shows the number: that whose condition it meets, that for noughts, or the first.

    A negative number keeps its sign here: a second part without a sign of its own hides it, and one that is empty the
    number.
    """
    sections: list[str] = _SECTIONS.findall(code)
    conditions = [_CONDITION.search(section) for section in sections]
    if any(conditions):
        meant = (
            place
            for place, (_, condition) in enumerate(zip(sections, conditions, strict=True))
            if _holds(condition, number, is_for_negative=place == 1 and len(sections) > 2)
        )
        place = next(meant, 0)
        is_met = conditions[place] is None or _holds(conditions[place], number, is_for_negative=False)
        return sections[place] if is_met and (number >= 0 or not place or _SAYS_LESS.search(sections[place])) else ""
    if number < 0 and len(sections) > 1 and not _SAYS_LESS.search(sections[1]):
        return ""
    is_for_noughts = not number and len(sections) > _NOUGHTS and "@" not in _LITERAL.sub("", sections[_NOUGHTS])
    return sections[_NOUGHTS if is_for_noughts else 0]


def _holds(condition: re.Match[str] | None, number: Decimal, *, is_for_negative: bool) -> bool:
    """Tell whether a part of a format is for a number; the second of three is for negative ones by itself."""
    if condition is None:
        return not is_for_negative or number < 0
    return bool(COMPARE[condition[1]](number, Decimal(condition[2])))


def _shows_another(section: str, bare: str) -> bool:
    """Tell whether a format scales a number, sets signs between its digits or beside them, or shows nothing."""
    is_hidden = not bare.strip() or _PALE.search(section) is not None
    is_signed = bare.strip().startswith(_SIGNS_BEFORE) or bare.strip().endswith(("+", "-"))
    return is_hidden or is_signed or _SCALES.search(bare) is not None or _PARTS.search(section) is not None


def _literals(section: str) -> tuple[str, str]:
    """Return the quoted or escaped text before and after the number of a format section, such as 元 or 件."""
    sides = ["", ""]
    place = 0
    side = 0
    for match in _LITERAL.finditer(section):
        side |= bool(re.search(r"[#0]", section[place : match.start()]))
        sides[side] += match.group(1) or match.group(2) or ""
        place = match.end()
    return sides[0].lstrip(), sides[1].rstrip()


def _show_date(number: Decimal, *, uses_1904: bool) -> str | None:
    """Return a date serial as ISO text, or None where it lies outside the calendar of spreadsheets."""
    if not 1 <= number <= _MAX_SERIAL:
        return None
    epoch = datetime(1904, 1, 1) if uses_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - a serial has no zone
    try:
        moment = epoch + timedelta(days=float(number))
    except OverflowError:
        return None
    return moment.strftime("%Y-%m-%d") if number == int(number) else moment.strftime("%Y-%m-%d %H:%M:%S")


def _plain(number: Decimal) -> str:
    shown = format(number, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
