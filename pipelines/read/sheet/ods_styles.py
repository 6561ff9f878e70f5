"""Styles of an OpenDocument spreadsheet, with what they inherit: which strike out, raise, whiten or redden digits."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from pipelines.read.sheet.conditions import Condition
from pipelines.read.sheet.references import read_reference

_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"
_STYLE, _FO, _DRAW = f"{{{_OFFICE}style:1.0}}", f"{{{_OFFICE}xsl-fo-compatible:1.0}}", f"{{{_OFFICE}drawing:1.0}}"
_NUMBER, _TABLE = f"{{{_OFFICE}datastyle:1.0}}", f"{{{_OFFICE}table:1.0}}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_NAME, _PARENT, _FAMILY = f"{_STYLE}name", f"{_STYLE}parent-style-name", f"{_STYLE}family"
_FORMAT = f"{_STYLE}data-style-name"
_PROPERTIES = tuple(f"{_STYLE}{kind}-properties" for kind in ("text", "table-cell", "graphic"))
_COLOUR, _GROUND, _SIZE = f"{_FO}color", f"{_FO}background-color", f"{_FO}font-size"
_AUTOMATIC = f"{_STYLE}use-window-font-color"
_POSITION, _FILL = f"{_STYLE}text-position", f"{_DRAW}fill"
_LINES = (f"{_STYLE}text-line-through-style", f"{_STYLE}text-line-through-type")
_WHITE = re.compile(r"#(?:[ef][0-9a-f]){3}", re.IGNORECASE)
_RED = re.compile(r"#[c-f][0-9a-f](?:[0-3][0-9a-f]){2}", re.IGNORECASE)
_TINY = re.compile(r"[0-2](?:\.\d+)?pt")
_RAISED = re.compile(r"super|0*[1-9][\d.]*%")  # in words, or by how much of the line's height
_COMPARISON = re.compile(r"(?:cell-content\(\))?\s*(<=|>=|!=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_AREA = re.compile(r"\.(\$?[A-Z]{1,3}\$?\d{1,7})(?::[^.\s]*\.(\$?[A-Z]{1,3}\$?\d{1,7}))?(?=\s|\Z)")
_DEEPEST = 20  # styles that are based on styles

_Own = dict[str, str]


class Styles(NamedTuple):
    """Names of the styles that strike out, raise, lower or whiten, and print in red.

    Attributes:
        grounds: Those that colour their cells otherwise than their digits.
        clear: Those of shapes that let what lies beneath them be seen.
        altering: Those that a condition may apply to show a number as another one, or not at all.
        mapped: Those that apply such a one themselves, each with its conditions.
        has_formats: Some format says how numbers are shown.
    """

    struck: set[str | None]
    raised: set[str | None]
    doubtful: set[str | None]
    red: set[str | None]
    grounds: set[str | None]
    clear: set[str | None]
    altering: set[str | None]
    mapped: dict[str | None, list[Condition]]
    has_formats: bool


def read_styles(roots: list[etree._Element]) -> Styles:
    """Return the styles of the parts of a document, the common ones before those of the sheets."""
    own: dict[tuple[str, str], _Own] = {}
    colours: dict[str, str] = {}
    styles = [style for root in roots for style in root.iter(f"{_STYLE}style", f"{_STYLE}default-style")]
    for node in styles:
        own[node.get(_FAMILY) or "", node.get(_NAME) or ""] = _own_properties(node)
    for root in roots:
        for part in root.iter(f"{_STYLE}text-properties"):
            parent = part.getparent()
            # One that has parts for other numbers, such as the negative ones, says the colour of some.
            if parent is not None and parent.tag.startswith(_NUMBER) and parent.find(f"{_STYLE}map") is None:
                colours[parent.get(_NAME) or ""] = part.get(_COLOUR) or ""
    has_formats = any(next(root.iter(f"{_NUMBER}*"), None) is not None for root in roots)
    found = Styles(set(), set(), set(), set(), set(), set(), set(), {}, has_formats)
    for (family, name), style in own.items():
        if name:
            _sort_in(found, name, _resolve(own, family, name), colours)
            if _FORMAT in style:
                found.altering.add(name)
    for node in styles:
        conditions = [
            Condition(1, 1, 1, 1, *_comparison(part.get(f"{_STYLE}condition") or ""))
            for part in node.iterchildren(f"{_STYLE}map")
            if part.get(f"{_STYLE}apply-style-name") in found.altering
        ]
        if conditions:
            found.mapped[node.get(_NAME)] = conditions
    return found


def _own_properties(style: etree._Element) -> _Own:
    own = {str(name): str(value) for name, value in style.attrib.items()}
    for part in style.iterchildren(*_PROPERTIES):
        own |= {str(name): str(value) for name, value in part.attrib.items()}
    if own.get(_AUTOMATIC) == "true":
        own[_COLOUR] = ""
    return own


def _resolve(own: dict[tuple[str, str], _Own], family: str, name: str) -> _Own:
    """Return the properties of a style, those of what it is based on among them."""
    chain: list[_Own] = []
    while (family, name) in own and len(chain) < _DEEPEST:
        chain.append(own[family, name])
        name = chain[-1].get(_PARENT) or ""
    if chain and chain[-1].get(_NAME):
        chain.append(own.get((family, ""), {}))
    return {key: value for link in reversed(chain) for key, value in link.items()}


def _sort_in(found: Styles, name: str, style: _Own, colours: dict[str, str]) -> None:
    colour, position = style.get(_COLOUR, ""), style.get(_POSITION, "")
    ground = style.get(_GROUND) or "transparent"
    if ground not in ("transparent", colour) and not _WHITE.fullmatch(ground):
        found.grounds.add(name)
    if any(style.get(line, "none") != "none" for line in _LINES):
        found.struck.add(name)
    if _RAISED.match(position):
        found.raised.add(name)
    is_pale = _WHITE.fullmatch(colour) is not None or (colour != "" and colour == ground)
    is_small = position.startswith(("sub", "-")) or _TINY.fullmatch(style.get(_SIZE, "")) is not None
    by_format = colours.get(style.get(_FORMAT) or "", "")
    if is_small or is_pale or _WHITE.fullmatch(by_format):
        found.doubtful.add(name)
    if _RED.fullmatch(colour) or _RED.fullmatch(by_format):
        found.red.add(name)
    if style.get(_FILL) == "none":
        found.clear.add(name)
    if name in found.doubtful | found.struck:
        found.altering.add(name)


def read_conditions(table: etree._Element, styles: Styles) -> list[Condition]:
    """Return the conditions of a sheet that may show a number as another one, or not at all."""
    return [
        Condition(*area, *_comparison(rule.get(f"{_CALC}value") or ""))
        for block in table.iter(f"{_CALC}conditional-format")
        for rule in block.iterchildren("*")
        if rule.get(f"{_CALC}show-value") == "false" or rule.get(f"{_CALC}apply-style-name") in _spelt(styles.altering)
        for area in _areas(block.get(f"{_CALC}target-range-address") or "")
    ]


def _spelt(names: set[str | None]) -> set[str | None]:
    """Return names as they are and as people see them: a style's own name spells signs by their number."""
    return names | {re.sub(r"_([0-9a-f]{2,4})_", lambda code: chr(int(code[1], 16)), name or "") for name in names}


def _comparison(text: str) -> tuple[str, str]:
    match = _COMPARISON.fullmatch(text)
    return (match[1].replace("!=", "<>"), match[2]) if match is not None else ("", "")


def _areas(references: str) -> Iterator[tuple[int, int, int, int]]:
    for match in _AREA.finditer(references):
        start, end = read_reference(match[1]), read_reference(match[2] or match[1])
        if start is not None and end is not None:
            yield (*start, *end)
