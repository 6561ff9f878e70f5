"""Formulas of a sheet as steps: operands before their operations."""

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipelines.read.sheet.grid import Place
from pipelines.read.sheet.references import read_reference

_LONGEST = 8_192  # characters, the most that a workbook may hold
_TOKEN = re.compile(
    r"\s*(?:"
    r"(?:(?:\$?'(?P<quoted>(?:[^']|'')+)'|\$?(?P<sheet>[^\W\d][\w.]*))!)?"
    r"(?P<first>\$?[A-Z]{1,3}\$?\d{1,7})(?::(?P<last>\$?[A-Z]{1,3}\$?\d{1,7}))?(?![\w(.!])"
    r"|(?P<number>\d+(?:\.\d+)?)(?![\w(.!:])"
    r"|\"(?P<text>(?:[^\"]|\"\")*)\""
    r"|(?P<truth>TRUE|FALSE)(?![\w(.!])"
    r"|(?P<name>SUM|SUMPRODUCT|ROUND|IF|IFERROR|SUMIF|SUMIFS|COUNTIF|COUNTIFS|VLOOKUP)\("
    r"|(?P<sign><>|<=|>=|[-+*/(),&<>=])"
    r")\s*",
    re.IGNORECASE,
)
_PRECEDENCE = {
    **dict.fromkeys(("=", "<>", "<", ">", "<=", ">="), 1),
    "&": 2,
    "+": 3,
    "-": 3,
    "*": 4,
    "/": 4,
    "negate": 5,
}


class NotWorkedOutError(Exception):
    """A formula needs what cannot be known from the file."""


class Area(NamedTuple):
    """Cells that a formula refers to; `sheet` is None for its own."""

    sheet: str | None
    top: int
    left: int
    bottom: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows and columns they take."""
        return self.bottom - self.top + 1, self.right - self.left + 1

    def column(self, number: int) -> "Area":
        """Return one of their columns, from 1."""
        return Area(self.sheet, self.top, self.left + number - 1, self.bottom, self.left + number - 1)

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


Steps = Sequence[float | str | Area | Call]  # operands before their operations


def parse_formula(text: str, shift: tuple[int, int] = (0, 0)) -> Steps | None:
    """Return the steps of a formula in the notation of Excel, None where it has others than those worked out.

    Args:
        text: The formula without its `=`.
        shift: Rows and columns by which a formula that cells share stands away from where it is written.

    >>> parse_formula("SUM(B2:C3)+1")
    [Area(sheet=None, top=2, left=2, bottom=3, right=3), Call(name='SUM', operands=1), 1.0, Call(name='+', operands=2)]
    >>> print(parse_formula("MATCH(A1,B2:C3,0)"), parse_formula("SUM(A1"))
    None None
    """
    try:
        return _shunt(list(_tokens(text)), shift) if len(text) <= _LONGEST else None
    except NotWorkedOutError:
        return None


def _tokens(text: str) -> Iterator[re.Match[str]]:
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.end() == place:
            raise NotWorkedOutError
        yield match
        place = match.end()


def _shunt(tokens: Sequence[re.Match[str]], shift: tuple[int, int]) -> Steps:
    """Put operands before their operations (Dijkstra's shunting yard)."""
    steps: list[float | str | Area | Call] = []
    waiting: list[list[str | int]] = []  # operation or function, and how many operands a bracket has had
    expects_operand = True
    for token in tokens:
        sign = token["sign"]
        if token["first"] or token["number"] or token["truth"] or token["text"] is not None:
            _expect(expects_operand)
            steps.append(_operand(token, shift))
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
        raise NotWorkedOutError


def _flush(steps: list[float | str | Area | Call], waiting: list[list[str | int]], precedence: int = 0) -> None:
    while waiting and _PRECEDENCE.get(str(waiting[-1][0]), -1) >= precedence:
        name, count = waiting.pop()
        steps.append(Call(str(name), int(count)))


def _operand(token: re.Match[str], shift: tuple[int, int]) -> float | str | Area:
    if token["text"] is not None:
        return token["text"].replace('""', '"')
    if token["truth"]:
        return token["truth"].upper() == "TRUE"
    return float(token["number"]) if token["number"] else _area(token, shift)


def _area(token: re.Match[str], shift: tuple[int, int]) -> Area:
    sheet = token["quoted"].replace("''", "'") if token["quoted"] else token["sheet"]
    top, left = _corner(token["first"], shift)
    bottom, right = _corner(token["last"] or token["first"], shift)
    return Area(sheet, min(top, bottom), min(left, right), max(top, bottom), max(left, right))


def _corner(text: str, shift: tuple[int, int]) -> Place:
    place = read_reference(text.upper())
    if place is None:
        raise NotWorkedOutError
    return place[0] + ("$" not in text[1:]) * shift[0], place[1] + (text[0] != "$") * shift[1]
