"""Conditions by which a sheet shows cells otherwise than they are stored: in other formats, as bars, not at all."""

import operator
import re
from collections.abc import Callable, Collection, Iterator

from lxml import etree

from pipelines.read.sheet.references import read_integer, read_reference

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "equal": operator.eq,
    "notEqual": operator.ne,
    "greaterThan": operator.gt,
    "greaterThanOrEqual": operator.ge,
    "lessThan": operator.lt,
    "lessThanOrEqual": operator.le,
}


class Conditions:
    """The conditions of one sheet that may show a number as another one, or not at all.

    Args:
        root: The sheet's part.
        altering: Numbers of the differential formats that do so.

    Attributes:
        rules: Area and rule.
    """

    def __init__(self, root: etree._Element, altering: Collection[int]) -> None:
        self.rules = [
            (area, rule)
            for block in root.iter(f"{_MAIN}conditionalFormatting")
            for rule in block.iter(f"{_MAIN}cfRule")
            if _hides_values(rule) or read_integer(rule.get("dxfId"), -1) in altering
            for area in _areas(block.get("sqref") or "")
        ]

    def may_alter(self, row: int, column: int, text: str) -> bool:
        """Tell whether one of them may hold for a cell that would show `text`; those of formulas are not worked out."""
        return any(
            top <= row <= bottom and left <= column <= right and _may_hold(rule, text)
            for (top, left, bottom, right), rule in self.rules
        )


def _hides_values(rule: etree._Element) -> bool:
    """Tell whether a rule draws bars or signs in the place of the numbers."""
    drawn = (node for node in rule if node.tag in (f"{_MAIN}dataBar", f"{_MAIN}iconSet"))
    return any(node.get("showValue") in ("0", "false") for node in drawn)


def _may_hold(rule: etree._Element, text: str) -> bool:
    compare = _COMPARE.get(rule.get("operator") or "") if rule.get("type") == "cellIs" else None
    limits = [(node.text or "").strip() for node in rule if node.tag == f"{_MAIN}formula"]
    if compare is None or len(limits) != 1 or not _NUMBER.fullmatch(limits[0]) or not _NUMBER.fullmatch(text):
        return True
    return compare(float(text), float(limits[0]))


def _areas(references: str) -> Iterator[tuple[int, int, int, int]]:
    for reference in references.split():
        first, _, last = reference.partition(":")
        start, end = read_reference(first), read_reference(last or first)
        if start is not None and end is not None:
            yield (*start, *end)
