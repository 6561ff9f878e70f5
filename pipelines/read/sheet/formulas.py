"""Formulas of a sheet worked out anew, because the result stored beside one may be missing or no longer its result.

A program that does not calculate writes a formula without a result, or with 0, or keeps the one that it had when the
summands were others; the program that opens the file calculates. Only sums of cells, the four operations and rounding
are worked out, which is what totals are made of; of any other formula the stored result is all there is.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from pipelines.errors import DocumentError
from pipelines.read.model import PICTURE, RED
from pipelines.read.sheet.grid import Place, Sheet
from pipelines.read.sheet.references import read_reference

_DEEPEST = 40  # formulas that refer to formulas
_LONGEST = 8_192  # characters, the most that a workbook may hold
_MOST_LOOKED_AT = 500_000  # cells in all of a workbook's formulas
_LARGE = 10_000  # cells of an area, most of them blank where it is larger
_TOLERANCE = 1e-9
_TOKEN = re.compile(
    r"\s*(?:"
    r"(?:(?:\$?'(?P<quoted>(?:[^']|'')+)'|\$?(?P<sheet>[^\W\d][\w.]*))!)?"
    r"(?P<first>\$?[A-Z]{1,3}\$?\d{1,7})(?::(?P<last>\$?[A-Z]{1,3}\$?\d{1,7}))?(?![\w(.!])"
    r"|(?P<number>\d+(?:\.\d+)?)(?![\w(.!:])"
    r"|(?P<name>SUM|SUMPRODUCT|ROUND)\("
    r"|(?P<sign>[-+*/(),])"
    r")\s*",
    re.IGNORECASE,
)
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "negate": 3}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


class Area(NamedTuple):
    """Cells that a formula refers to; `sheet` is None for its own."""

    sheet: str | None
    top: int
    left: int
    bottom: int
    right: int

    def holds(self, place: Place) -> bool:
        """Tell whether a cell is one of them."""
        return self.top <= place[0] <= self.bottom and self.left <= place[1] <= self.right

    def places(self) -> Iterator[Place]:
        """Yield its cells."""
        return itertools.product(range(self.top, self.bottom + 1), range(self.left, self.right + 1))


class Call(NamedTuple):
    """An operation or function on that many operands before it."""

    name: str
    operands: int


Steps = Sequence[float | Area | Call]  # operands before their operations


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell's formula beside what a file says of it.

    Attributes:
        steps: None where it is none of those that are worked out.
        stored: Its result by the file; None where it has none, or one that a program wrote without calculating.
        show: Gives a result as the cell's format shows it; None where that is not known.
    """

    steps: Steps | None
    stored: float | str | None
    show: Callable[[float], str] | None = None


class _NotWorkedOutError(Exception):
    """A formula needs what cannot be known from the file."""


def parse_formula(text: str, shift: tuple[int, int] = (0, 0)) -> Steps | None:
    """Return the steps of a formula in the notation of Excel, None where it has others than those worked out.

    Args:
        text: The formula without its `=`.
        shift: Rows and columns by which a formula that cells share stands away from where it is written.

    >>> parse_formula("SUM(B2:C3)+1")
    [Area(sheet=None, top=2, left=2, bottom=3, right=3), Call(name='SUM', operands=1), 1.0, Call(name='+', operands=2)]
    >>> print(parse_formula("VLOOKUP(A1,B2:C3,2)"), parse_formula("SUM(A1"))
    None None
    """
    try:
        return _shunt(list(_tokens(text)), shift) if len(text) <= _LONGEST else None
    except _NotWorkedOutError:
        return None


def _tokens(text: str) -> Iterator[re.Match[str]]:
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.end() == place:
            raise _NotWorkedOutError
        yield match
        place = match.end()


def _shunt(tokens: Sequence[re.Match[str]], shift: tuple[int, int]) -> Steps:
    """Put operands before their operations (Dijkstra's shunting yard)."""
    steps: list[float | Area | Call] = []
    waiting: list[list[str | int]] = []  # operation or function, and how many operands a bracket has had
    expects_operand = True
    for token in tokens:
        sign = token["sign"]
        if token["first"] or token["number"]:
            _expect(expects_operand)
            steps.append(float(token["number"]) if token["number"] else _area(token, shift))
            expects_operand = False
        elif token["name"] or sign == "(":
            _expect(expects_operand)
            waiting.append([f"{(token['name'] or '').upper()}(", 1])
        elif sign == ",":
            _expect(not expects_operand)
            _flush(steps, waiting)
            _expect(bool(waiting) and waiting[-1][0] != "(")
            waiting[-1][1] = int(waiting[-1][1]) + 1
            expects_operand = True
        elif sign == ")":
            _expect(not expects_operand)
            _flush(steps, waiting)
            _expect(bool(waiting))
            name, count = waiting.pop()
            if name != "(":
                steps.append(Call(str(name).removesuffix("("), int(count)))
        elif expects_operand:
            _expect(sign in "+-")
            if sign == "-":
                waiting.append(["negate", 1])
        else:
            _flush(steps, waiting, _PRECEDENCE[sign])
            waiting.append([sign, 2])
            expects_operand = True
    _expect(not expects_operand)
    _flush(steps, waiting)
    _expect(not waiting)
    return steps


def _expect(condition: object) -> None:
    if not condition:
        raise _NotWorkedOutError


def _flush(steps: list[float | Area | Call], waiting: list[list[str | int]], precedence: int = 0) -> None:
    while waiting and _PRECEDENCE.get(str(waiting[-1][0]), -1) >= precedence:
        name, count = waiting.pop()
        steps.append(Call(str(name), int(count)))


def _area(token: re.Match[str], shift: tuple[int, int]) -> Area:
    sheet = token["quoted"].replace("''", "'") if token["quoted"] else token["sheet"]
    top, left = _corner(token["first"], shift)
    bottom, right = _corner(token["last"] or token["first"], shift)
    return Area(sheet, min(top, bottom), min(left, right), max(top, bottom), max(left, right))


def _corner(text: str, shift: tuple[int, int]) -> Place:
    place = read_reference(text.upper())
    if place is None:
        raise _NotWorkedOutError
    return place[0] + ("$" not in text[1:]) * shift[0], place[1] + (text[0] != "$") * shift[1]


def settle_formulas(sheets: Sequence[Sheet], read_hidden: Callable[[Sheet], None]) -> None:
    """Show what formulas give that have no result, and mark those whose stored result is another than they give.

    Where there is such a one, nothing has calculated the workbook since it was changed, and the results of formulas
    that are not worked out are marked as well; so are those where a workbook has no other results than 0.

    Args:
        sheets: All of a workbook's.
        read_hidden: Reads a hidden sheet, which is done only where a formula refers to it.
    """
    if not any(sheet.formulas for sheet in sheets):
        return
    _read_referred(sheets, read_hidden)
    calculator = _Calculator(sheets)
    unproved, proved = [], 0
    is_stale = False
    for sheet in sheets:
        for place, formula in () if sheet.is_hidden else sheet.formulas.items():
            if sheet.leaves_out(place):
                continue
            try:
                result = calculator.result(sheet, place)
            except _NotWorkedOutError:
                unproved.append((sheet, place))
                continue
            if formula.stored is None:
                _show(sheet, place, result)
            elif _agree(result, formula.stored):
                proved += 1
            else:
                is_stale = True
                _doubt(sheet, place)
    is_bare = not proved and all(sheet.formulas[place].stored == 0 for sheet, place in unproved)
    for sheet, place in unproved if is_stale or is_bare else ():
        _doubt(sheet, place)


def _show(sheet: Sheet, place: Place, result: float) -> None:
    show = sheet.formulas[place].show
    if sheet.hides_noughts and not result:
        sheet.texts.pop(place, None)
    elif show is not None:
        text = sheet.texts.get(place, "")
        sheet.texts[place] = show(result) + text[len(text.rstrip(PICTURE + RED)) :]


def _doubt(sheet: Sheet, place: Place) -> None:
    sheet.texts[place] = sheet.texts.get(place, "").rstrip(PICTURE + RED) + PICTURE


def _agree(result: float, stored: float | str) -> bool:
    if isinstance(stored, str):
        stored = stored.strip()
        if not _NUMBER.fullmatch(stored):
            return False
    number = float(stored)
    return abs(result - number) <= _TOLERANCE * max(1.0, abs(result), abs(number))


def _read_referred(sheets: Sequence[Sheet], read_hidden: Callable[[Sheet], None]) -> None:
    unread = {sheet.name.casefold(): sheet for sheet in sheets if sheet.is_hidden}
    reached = [sheet for sheet in sheets if not sheet.is_hidden]
    while unread and reached:
        named = {name.casefold() for sheet in reached for name in _names(sheet.formulas.values())}
        reached = [unread.pop(name) for name in named & unread.keys()]
        for sheet in reached:
            try:
                read_hidden(sheet)
            except DocumentError:  # what nobody sees does not cost the report: its formulas keep what is stored
                sheet.values.clear()
                sheet.formulas.clear()


def _names(formulas: Iterable[Formula]) -> Iterator[str]:
    for formula in formulas:
        for step in formula.steps or ():
            if isinstance(step, Area) and step.sheet is not None:
                yield step.sheet


class _Calculator:
    """Works formulas out once each, within a budget of cells looked at."""

    def __init__(self, sheets: Sequence[Sheet]) -> None:
        self._sheets = {sheet.name.casefold(): sheet for sheet in sheets}
        self._results: dict[tuple[str, Place], float | None] = {}
        self._open: set[tuple[str, Place]] = set()
        self._left = _MOST_LOOKED_AT

    def result(self, sheet: Sheet, place: Place, depth: int = 0) -> float:
        """Return what the formula of a cell gives.

        Raises:
            _NotWorkedOutError: It cannot be known.
        """
        key = sheet.name, place
        if key not in self._results:
            self._results[key] = None
            steps = sheet.formulas[place].steps
            if steps is None or depth > _DEEPEST:
                raise _NotWorkedOutError
            self._open.add(key)
            try:
                self._results[key] = self._work_out(steps, sheet, depth + 1)
            finally:
                self._open.discard(key)
        found = self._results[key]
        if found is None:
            raise _NotWorkedOutError
        return found

    def _work_out(self, steps: Steps, sheet: Sheet, depth: int) -> float:
        stack: list[float | Area] = []
        for step in steps:
            if not isinstance(step, Call):
                stack.append(step)
                continue
            if len(stack) < step.operands:
                raise _NotWorkedOutError
            operands = stack[len(stack) - step.operands :]
            del stack[len(stack) - step.operands :]
            if step.name == "SUM" or (step.name == "SUMPRODUCT" and step.operands == 1):
                stack.append(sum(self._sum(operand, sheet, depth) for operand in operands))
            else:
                stack.append(_operate(step.name, [self._single(operand, sheet, depth) for operand in operands]))
        if len(stack) != 1:
            raise _NotWorkedOutError
        return self._single(stack[0], sheet, depth)

    def _sum(self, operand: float | Area, sheet: Sheet, depth: int) -> float:
        """Return the sum of an operand's numbers; text in cells counts for nothing, even where it is a number."""
        if not isinstance(operand, Area):
            return operand
        values = self._values(operand, sheet, depth)
        return sum(value for value in values if not isinstance(value, str))

    def _single(self, operand: float | Area, sheet: Sheet, depth: int) -> float:
        if not isinstance(operand, Area):
            return operand
        if (operand.top, operand.left) != (operand.bottom, operand.right):
            raise _NotWorkedOutError
        value = next(iter(self._values(operand, sheet, depth)), 0.0)
        if isinstance(value, str) and not _NUMBER.fullmatch(value):
            raise _NotWorkedOutError
        return float(value)

    def _values(self, area: Area, sheet: Sheet, depth: int) -> Iterator[float | str]:
        """Yield the values of an area's cells that are not blank."""
        if area.sheet is not None:
            named = self._sheets.get(area.sheet.casefold())
            if named is None:
                raise _NotWorkedOutError
            sheet = named
        size = (area.bottom - area.top + 1) * (area.right - area.left + 1)
        is_large = size > _LARGE
        self._left -= len(sheet.values) + len(sheet.formulas) if is_large else size
        if self._left < 0:  # before what is used is gathered, which takes as long
            raise _NotWorkedOutError
        used = sheet.values.keys() | sheet.formulas.keys() if is_large else ()
        for place in (place for place in used if area.holds(place)) if used else area.places():
            value = self._value(sheet, place, depth)
            if value is not None:
                yield value

    def _value(self, sheet: Sheet, place: Place, depth: int) -> float | str | None:
        formula = sheet.formulas.get(place)
        if formula is not None:
            try:
                return self.result(sheet, place, depth)
            except _NotWorkedOutError:
                if formula.stored is None or (sheet.name, place) in self._open:  # not calculated, or a circle
                    raise
                return _checked(formula.stored)
        return _checked(sheet.values.get(place))


def _checked(value: float | str | None) -> float | str | None:
    """Return a cell's value where it is known what a sum makes of it: errors and truths are left to the program."""
    if isinstance(value, str) and (value.startswith("#") or value in ("TRUE", "FALSE")):
        raise _NotWorkedOutError
    return value


def _operate(name: str, operands: Sequence[float]) -> float:
    if name == "ROUND" and len(operands) == 2:
        places = Decimal(1).scaleb(-int(max(-15, min(operands[1], 15))))
        return float(Decimal(format(operands[0], ".15g")).quantize(places, ROUND_HALF_UP)) if operands[0] else 0.0
    operation = _OPERATIONS.get((name, len(operands)))
    if operation is None:
        raise _NotWorkedOutError
    try:
        return operation(*operands)
    except (ZeroDivisionError, OverflowError) as error:
        raise _NotWorkedOutError from error


_OPERATIONS: Mapping[tuple[str, int], Callable[..., float]] = {
    ("+", 2): lambda one, other: one + other,
    ("-", 2): lambda one, other: one - other,
    ("*", 2): lambda one, other: one * other,
    ("/", 2): lambda one, other: one / other,
    ("negate", 1): lambda one: -one,
}
