"""Conditions by which a sheet shows cells otherwise than they are stored: in other formats, as bars, not at all."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Sized
from typing import NamedTuple

from lxml import etree

from pipelines.errors import DocumentError
from pipelines.read.model import RED
from pipelines.read.sheet.formats import COMPARE
from pipelines.read.sheet.grid import Piece, Place, join_pieces
from pipelines.read.sheet.references import read_integer, read_reference

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LATER = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/main}"
_PLACES = "{http://schemas.microsoft.com/office/excel/2006/main}"
_MOST_ASKED = 50_000_000  # cells times conditions
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_SIGNS = {
    "equal": "=",
    "notEqual": "<>",
    "greaterThan": ">",
    "greaterThanOrEqual": ">=",
    "lessThan": "<",
    "lessThanOrEqual": "<=",
}


class Condition(NamedTuple):
    """A condition under which cells are shown otherwise: `top` to `right`, and how their number compares with a limit.

    The sign is empty where that is not known, and the condition may hold then.
    """

    top: int
    left: int
    bottom: int
    right: int
    sign: str = ""
    limit: str = ""

    def may_hold(self, row: int, column: int, text: str) -> bool:
        """Tell whether it may hold for a cell that would show `text`."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right and self._may_compare(text)

    def _may_compare(self, text: str) -> bool:
        compare, text = COMPARE.get(self.sign), text.rstrip(RED)
        if compare is None or not _NUMBER.fullmatch(self.limit) or not _NUMBER.fullmatch(text):
            return True
        return compare(float(text), float(self.limit))


def check_work(conditions: Sized, cells: Sized, name: str) -> None:
    """Refuse a sheet on which too many conditions would have to be asked for too many cells.

    Raises:
        DocumentError: limit_exceeded.
    """
    if len(conditions) * len(cells) > _MOST_ASKED:
        raise DocumentError("limit_exceeded", f"the sheet {name!r} has {len(conditions)} conditions that show numbers")


def may_alter(conditions: Iterable[Condition], row: int, column: int, text: str) -> bool:
    """Tell whether one of some conditions may hold for a cell that would show `text`."""
    return any(condition.may_hold(row, column, text) for condition in conditions)


def doubt_altered(texts: dict[Place, str], conditions: Sequence[Condition], name: str) -> None:
    """Mark those texts of the sheet `name` that one of its conditions may show as another number, or not at all.

    Raises:
        DocumentError: limit_exceeded.
    """
    check_work(conditions, texts, name)
    for place, text in texts.items() if conditions else ():
        if may_alter(conditions, *place, text):
            texts[place] = join_pieces([Piece(text, is_doubtful=True)])


def read_conditions(
    root: etree._Element, altering: Collection[int], alters: Callable[[etree._Element], bool]
) -> list[Condition]:
    """Return the conditions of an XLSX sheet that may show a number as another one, or not at all.

    Args:
        root: The sheet's part.
        altering: Numbers of the differential formats that do so.
        alters: Tells whether a format does so; rules that newer programs add to the old ones bring theirs.
    """
    later = [
        Condition(*area)
        for block in root.iter(f"{_LATER}conditionalFormatting")
        for rule in block.iter(f"{_LATER}cfRule")
        if _hides_values(rule) or any(map(alters, rule.iterchildren(f"{_LATER}dxf")))
        for places in block.iter(f"{_PLACES}sqref")
        for area in _areas(places.text or "")
    ]
    return later + [
        Condition(*area, *_comparison(rule))
        for block in root.iter(f"{_MAIN}conditionalFormatting")
        for rule in block.iter(f"{_MAIN}cfRule")
        if _hides_values(rule) or read_integer(rule.get("dxfId"), -1) in altering
        for area in _areas(block.get("sqref") or "")
    ]


def _hides_values(rule: etree._Element) -> bool:
    """Tell whether a rule draws bars or signs in the place of the numbers."""
    drawn = rule.iterchildren(*(f"{space}{kind}" for space in (_MAIN, _LATER) for kind in ("dataBar", "iconSet")))
    return any(node.get("showValue") in ("0", "false") for node in drawn)


def _comparison(rule: etree._Element) -> tuple[str, str]:
    limits = [(node.text or "").strip() for node in rule if node.tag == f"{_MAIN}formula"]
    if rule.get("type") != "cellIs" or len(limits) != 1:
        return "", ""
    return _SIGNS.get(rule.get("operator") or "", ""), limits[0]


def _areas(references: str) -> Iterator[tuple[int, int, int, int]]:
    for reference in references.split():
        first, _, last = reference.partition(":")
        start, end = read_reference(first), read_reference(last or first)
        if start is not None and end is not None:
            yield (*start, *end)
