"""Formulas of a sheet worked out anew, because the result stored beside one may be missing or no longer its result.

A program that does not calculate writes a formula without a result, or with 0, or keeps the one that it had when the
summands were others; the program that opens the file calculates. Sums and counts of cells, those that meet a criterion
among them, the four operations, rounding, comparisons and choices are worked out, which is what totals are made of; of
any other formula the stored result is all there is.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipelines.errors import DocumentError
from pipelines.read.model import PICTURE, RED
from pipelines.read.sheet.expressions import Area, Call, NotWorkedOutError, Steps
from pipelines.read.sheet.functions import Value, find_matches, operate, to_number
from pipelines.read.sheet.grid import Place, Sheet

_DEEPEST = 40  # formulas that refer to formulas
_MOST_LOOKED_AT = 500_000  # cells in all of a workbook's formulas
_LARGE = 10_000  # cells of an area, most of them blank where it is larger
_TOLERANCE = 1e-9
_BY_CRITERIA = frozenset({"SUMIF", "SUMIFS", "COUNTIF", "COUNTIFS"})
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


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
            except NotWorkedOutError:
                unproved.append((sheet, place))
                continue
            if formula.stored is None:
                _show(sheet, place, result)
            elif isinstance(result, str):
                unproved += [(sheet, place)] if result != formula.stored else []
            elif _agree(result, formula.stored):
                proved += 1
            else:
                is_stale = True
                _doubt(sheet, place)
    is_bare = not proved and all(sheet.formulas[place].stored == 0 for sheet, place in unproved)
    for sheet, place in unproved if is_stale or is_bare else ():
        _doubt(sheet, place)


def _show(sheet: Sheet, place: Place, result: float | str) -> None:
    show = sheet.formulas[place].show
    if result == "" or (sheet.hides_noughts and not result):
        sheet.texts.pop(place, None)
    elif show is not None:
        text = sheet.texts.get(place, "")
        marks = text[len(text.rstrip(PICTURE + RED)) :]
        sheet.texts[place] = (result if isinstance(result, str) else show(result)) + marks


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
        self._results: dict[tuple[str, Place], float | str | None] = {}
        self._open: set[tuple[str, Place]] = set()
        self._left = _MOST_LOOKED_AT
        self._held: dict[tuple[str, Area], list[Value]] = {}
        self._matches: dict[tuple[str, Area, Value], frozenset[int]] = {}

    def result(self, sheet: Sheet, place: Place, depth: int = 0) -> float | str:
        """Return what the formula of a cell gives.

        Raises:
            NotWorkedOutError: It cannot be known.
        """
        key = sheet.name, place
        if key not in self._results:
            self._results[key] = None
            steps = sheet.formulas[place].steps
            if steps is None or depth > _DEEPEST:
                raise NotWorkedOutError
            self._open.add(key)
            try:
                self._results[key] = self._work_out(steps, sheet, depth + 1)
            finally:
                self._open.discard(key)
        found = self._results[key]
        if found is None:
            raise NotWorkedOutError
        return found

    def _work_out(self, steps: Steps, sheet: Sheet, depth: int) -> float | str:
        stack: list[Value | Area] = []
        for step in steps:
            if not isinstance(step, Call):
                stack.append(step)
                continue
            if len(stack) < step.operands:
                raise NotWorkedOutError
            operands = stack[len(stack) - step.operands :]
            del stack[len(stack) - step.operands :]
            if step.name == "SUM" or (step.name == "SUMPRODUCT" and step.operands == 1):
                stack.append(sum(self._sum(operand, sheet, depth) for operand in operands))
            elif step.name == "VLOOKUP":
                stack.append(self._look_up(operands, sheet, depth))
            elif step.name in _BY_CRITERIA:
                stack.append(self._sum_matches(step.name, operands, sheet, depth))
            else:
                stack.append(operate(step.name, [self._single(operand, sheet, depth) for operand in operands]))
        if len(stack) != 1:
            raise NotWorkedOutError
        found = self._single(stack[0], sheet, depth)
        if isinstance(found, bool) or found != found:  # noqa: PLR0124 - an error is not equal to itself
            raise NotWorkedOutError
        return 0.0 if found is None else found

    def _sum(self, operand: Value | Area, sheet: Sheet, depth: int) -> float:
        """Return the sum of an operand's numbers; text in cells counts for nothing, even where it is a number."""
        if not isinstance(operand, Area):
            return to_number(operand)
        values = self._values(operand, sheet, depth)
        return sum(value for value in values if not isinstance(value, str))

    def _sum_matches(self, name: str, operands: Sequence[Value | Area], sheet: Sheet, depth: int) -> float:
        """Return the sum, or count, of the cells beside those that meet each criterion, as SUMIFS and its like do."""
        own = list(operands)
        first = [own.pop(0)] if name == "SUMIFS" else own[2:] if name == "SUMIF" else []
        pairs = own[:2] if name == "SUMIF" else own
        areas = [area for area in (*first, *pairs[::2]) if isinstance(area, Area)]
        is_single = name in ("SUMIF", "COUNTIF")
        if len(areas) != len(first) + len(pairs) / 2 or len({area.shape for area in areas}) != 1 or len(first) > 1:
            raise NotWorkedOutError
        if is_single and len(pairs) != 2:
            raise NotWorkedOutError
        places = frozenset.intersection(
            *(
                self._places_of(area, self._single(criterion, sheet, depth), sheet, depth)
                for area, criterion in zip(areas[len(first) :], pairs[1::2], strict=True)
            )
        )
        self._left -= len(places)
        if name.startswith("COUNT"):
            return float(len(places))
        values = self._all_values(areas[0], sheet, depth)
        return sum(value for place in places if isinstance(value := values[place], float))

    def _look_up(self, operands: Sequence[Value | Area], sheet: Sheet, depth: int) -> Value:
        """Return the value beside the first that is the one looked for, an error where there is none."""
        if len(operands) != 4 or not isinstance(table := operands[1], Area):
            raise NotWorkedOutError
        wanted, column, is_near = (self._single(operands[number], sheet, depth) for number in (0, 2, 3))
        is_exact = is_near is False or is_near == 0
        if not is_exact or not isinstance(column, float) or not 1 <= column <= table.shape[1]:
            raise NotWorkedOutError
        places = self._places_of(table.column(1), wanted, sheet, depth)
        values = self._all_values(table.column(1), sheet, depth)
        alike = [place for place in places if isinstance(values[place], str) is isinstance(wanted, str)]
        return self._all_values(table.column(int(column)), sheet, depth)[min(alike)] or 0.0 if alike else math.nan

    def _places_of(self, area: Area, criterion: Value, sheet: Sheet, depth: int) -> frozenset[int]:
        key = sheet.name, area, criterion
        if key not in self._matches:
            self._matches[key] = find_matches(self._all_values(area, sheet, depth), criterion)
        return self._matches[key]

    def _all_values(self, area: Area, sheet: Sheet, depth: int) -> list[Value]:
        """Return the values of all of an area's cells, None for a blank one."""
        key = sheet.name, area
        if key not in self._held:
            sheet = self._sheet_of(area, sheet)
            self._left -= area.shape[0] * area.shape[1]
            if self._left < 0:
                raise NotWorkedOutError
            self._held[key] = [self._value(sheet, place, depth) for place in area.places()]
        return self._held[key]

    def _single(self, operand: Value | Area, sheet: Sheet, depth: int) -> Value:
        if not isinstance(operand, Area):
            return operand
        if operand.shape != (1, 1):
            raise NotWorkedOutError
        return next(iter(self._values(operand, sheet, depth)), None)

    def _sheet_of(self, area: Area, sheet: Sheet) -> Sheet:
        named = sheet if area.sheet is None else self._sheets.get(area.sheet.casefold())
        if named is None:
            raise NotWorkedOutError
        return named

    def _values(self, area: Area, sheet: Sheet, depth: int) -> Iterator[float | str]:
        """Yield the values of an area's cells that are not blank."""
        sheet = self._sheet_of(area, sheet)
        size = area.shape[0] * area.shape[1]
        is_large = size > _LARGE
        self._left -= len(sheet.values) + len(sheet.formulas) if is_large else size
        if self._left < 0:  # before what is used is gathered, which takes as long
            raise NotWorkedOutError
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
            except NotWorkedOutError:
                if formula.stored is None or (sheet.name, place) in self._open:  # not calculated, or a circle
                    raise
                return _checked(formula.stored)
        return _checked(sheet.values.get(place))


def _checked(value: float | str | None) -> float | str | None:
    """Return a cell's value where it is known what a sum makes of it: errors and truths are left to the program."""
    if isinstance(value, str) and (value.startswith("#") or value in ("TRUE", "FALSE")):
        raise NotWorkedOutError
    return value
