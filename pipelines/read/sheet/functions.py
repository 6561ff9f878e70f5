"""What the operations and functions of a sheet's formulas give for single values, as Excel defines them.

A value is a number, a text, None for a blank cell, or the answer to a comparison. Not a number (NaN) stands for an
error such as a division by nought; all operations hand it on but IFERROR and the choice of the other branch.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from pipelines.read.sheet.expressions import NotWorkedOutError

Value = float | str | bool | None
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_SIGN = re.compile(r"<>|<=|>=|[<>=]")
_WILD = frozenset("*?~")
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_ARITHMETIC: Mapping[tuple[str, int], Callable[..., float]] = {
    ("+", 2): operator.add,
    ("-", 2): operator.sub,
    ("*", 2): operator.mul,
    ("/", 2): lambda one, other: one / other if other else math.nan,
    ("negate", 1): operator.neg,
}


def operate(name: str, operands: Sequence[Value]) -> Value:
    """Return what an operation gives.

    Raises:
        NotWorkedOutError: It is none of those that are known, or its operands are of another sort than it takes.

    >>> operate("IF", [operate("=", [None, ""]), "", 3.0]), operate("IFERROR", [operate("/", [1.0, 0.0]), 0.0])
    ('', 0.0)
    >>> operate("&", [12.0, "件"]), operate("ROUND", [2.5, 0.0]), operate("<", [2.0, "1"])
    ('12件', 3.0, True)
    """
    if name == "IFERROR" and len(operands) == 2:
        return operands[1 if _is_error(operands[0]) else 0]
    if name == "IF" and operands and _is_error(operands[0]):
        return math.nan
    if name == "IF" and len(operands) == 3:
        return operands[1 if to_number(operands[0]) else 2]
    if any(map(_is_error, operands)):
        return math.nan
    if name in _COMPARISONS and len(operands) == 2:
        return _compare(name, *operands)
    if name == "&" and len(operands) == 2:
        return "".join(map(_to_text, operands))
    numbers = [to_number(operand) for operand in operands if not isinstance(operand, bool)]
    if name == "ROUND" and len(numbers) == 2:
        places = Decimal(1).scaleb(-int(max(-15, min(numbers[1], 15))))
        return float(Decimal(format(numbers[0], ".15g")).quantize(places, ROUND_HALF_UP)) if numbers[0] else 0.0
    operation = _ARITHMETIC.get((name, len(numbers)))
    if operation is None:
        raise NotWorkedOutError
    try:
        return operation(*numbers)
    except OverflowError as error:
        raise NotWorkedOutError from error


def to_number(value: Value) -> float:
    """Return a value as a number; a blank is nought, and a text that is a number is one beside a sign.

    Raises:
        NotWorkedOutError: It is none.
    """
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise NotWorkedOutError
    return float(value or 0.0)


def find_matches(values: Sequence[Value], criterion: Value) -> frozenset[int]:
    """Return the places of the values that meet a criterion of SUMIF and its like.

    Raises:
        NotWorkedOutError: It asks for blanks, for more than equality of texts, or for a number that a text writes.

    >>> sorted(find_matches([3.0, "4", "自然人", None], 3.0)), sorted(find_matches([3.0, "3", None], ">2"))
    ([0], [0])
    """
    if isinstance(criterion, bool):
        raise NotWorkedOutError
    asked = _to_text(criterion)
    written = _SIGN.match(asked)
    sign, text = (written[0], asked[written.end() :]) if written else ("=", asked)
    if not text or _WILD & set(text) or sign == "<>":
        raise NotWorkedOutError
    if _NUMBER.fullmatch(text):
        number, compare = float(text), _COMPARISONS[sign]
        texts = (value for value in values if isinstance(value, str) and _NUMBER.fullmatch(value))
        if sign == "=" and any(float(value) == number for value in texts):
            raise NotWorkedOutError  # Excel counts the text 3 as 3, and LibreOffice does not
        return frozenset(
            place for place, value in enumerate(values) if isinstance(value, float) and compare(value, number)
        )
    if sign != "=":
        raise NotWorkedOutError
    folded = text.casefold()
    return frozenset(
        place for place, value in enumerate(values) if isinstance(value, str) and value.casefold() == folded
    )


def _is_error(value: Value) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _compare(name: str, one: Value, other: Value) -> bool:
    """Compare as Excel does: any text is more than any number, and a blank is like what it is compared with."""
    if isinstance(one, bool) or isinstance(other, bool):
        raise NotWorkedOutError
    one, other = (
        ("" if isinstance(beside, str) else 0.0) if value is None else value
        for value, beside in ((one, other), (other, one))
    )
    ranks = (isinstance(one, str), isinstance(other, str))
    if all(ranks):
        if name not in ("=", "<>"):
            raise NotWorkedOutError  # the order of texts is that of a language
        return (str(one).casefold() == str(other).casefold()) is (name == "=")
    return _COMPARISONS[name](*(ranks if any(ranks) else (float(one), float(other))))


def _to_text(value: Value) -> str:
    if isinstance(value, bool):
        raise NotWorkedOutError
    if not isinstance(value, float):
        return value or ""
    text = format(value, ".15g")
    if "e" in text:
        raise NotWorkedOutError
    return text
