"""Styles of an XLSX workbook: number formats, and which fonts and fills strike digits out, whiten or redden them."""

import re
from collections.abc import Callable
from typing import NamedTuple

from lxml import etree

from pipelines.read.sheet.formats import built_in_format
from pipelines.read.sheet.references import read_integer

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RED = re.compile(r"(?:FF|00)?[C-F][0-9A-F](?:[0-3][0-9A-F]){2}", re.IGNORECASE)
_THEME = {"0": 1.0, "1": 0.0, "2": 0.9, "3": 0.3}  # how light its paper and ink are by the program's own themes
_TINT = re.compile(r"-?\d(?:\.\d{1,30})?(?:[eE][-+]?\d{1,2})?")
_LIGHT = 0.88
_WHITES = ("1", "9", "65")  # of the old palette, the last the window's ground
_SMALL = re.compile(r"[0-2](?:\.\d+)?")  # points
_WHITE = re.compile(r"(?:FF|00)?(?:[EF][0-9A-F]){3}", re.IGNORECASE)


def name_of(tag: str) -> str:
    """Return the name of an element of a workbook's parts."""
    return f"{{{MAIN}}}{tag}"


_STRIKE, _ALIGN = name_of("strike"), name_of("vertAlign")


class CellStyles(NamedTuple):
    """What the styles of cells do, by their number.

    Attributes:
        formats: The number format of each.
        struck: Those that strike the cell out.
        white: Those that print it white, as its ground or tiny.
        red: Those that print it red.
        altering: The differential formats by which a condition makes a number unlike what is stored.
    """

    formats: tuple[str, ...] = ()
    struck: frozenset[int] = frozenset()
    white: frozenset[int] = frozenset()
    red: frozenset[int] = frozenset()
    altering: frozenset[int] = frozenset()

    def format_code(self, style: int) -> str:
        """Return the number format of a cell's style."""
        return self.formats[style] if style < len(self.formats) else "General"


def read_cell_styles(root: etree._Element) -> CellStyles:
    """Return what the part of styles says."""
    own = {node.get("numFmtId") or "": node.get("formatCode") or "General" for node in root.iter(name_of("numFmt"))}
    styles = list(next(root.iter(name_of("cellXfs")), ()))
    fonts = list(next(root.iter(name_of("fonts")), ()))
    fills = list(next(root.iter(name_of("fills")), ()))
    looks = [(read_integer(node.get("fontId"), 0), read_integer(node.get("fillId"), 0)) for node in styles]

    def styles_with(trait: Callable[[etree._Element], bool]) -> frozenset[int]:
        traits = [trait(font) for font in fonts]
        return frozenset(number for number, (font, _) in enumerate(looks) if font < len(traits) and traits[font])

    filled = {number for number, fill in enumerate(fills) if _is_filled(fill)}
    inks = {number: ink for number, font in enumerate(fonts) if (ink := _colour(font, "color"))}
    grounds = {number: ground for number, fill in enumerate(fills) if (ground := _ground(fill))}
    white = {number for number in styles_with(is_pale) if looks[number][1] not in filled} | styles_with(_is_tiny)
    white |= {number for number, (font, fill) in enumerate(looks) if font in inks and inks[font] == grounds.get(fill)}
    altering = frozenset(number for number, node in enumerate(next(root.iter(name_of("dxfs")), ())) if alters(node))
    codes = tuple(_format_code(node.get("numFmtId") or "0", own) for node in styles)
    return CellStyles(codes, styles_with(is_struck), frozenset(white), styles_with(is_red), altering)


def _colour(properties: etree._Element, name: str) -> tuple[str | None, ...]:
    """Return what a font or a pattern says of its colour, as two that are the same say it; nothing for none."""
    for colour in properties.iterchildren(name_of(name)):
        if colour.get("rgb"):
            return ((colour.get("rgb") or "")[-6:].upper(),)
        return tuple(colour.get(key) for key in ("theme", "indexed", "tint")) if colour.get("auto") is None else ()
    return ()


def _ground(fill: etree._Element) -> tuple[str | None, ...]:
    patterns = (part for part in fill.iterchildren(name_of("patternFill")) if part.get("patternType") == "solid")
    return next((_colour(pattern, "fgColor") for pattern in patterns), ())


def is_struck(font: etree._Element | None) -> bool:
    """Tell whether a font strikes its text out."""
    strikes = [part for part in font if part.tag == _STRIKE] if font is not None else []
    return bool(strikes) and strikes[0].get("val", "1") not in ("0", "false")


def is_set(font: etree._Element | None, height: str) -> bool:
    """Tell whether a font sets its text as `superscript` or `subscript`."""
    return font is not None and any(part.tag == _ALIGN and part.get("val") == height for part in font)


def is_pale(properties: etree._Element | None, name: str = "color") -> bool:
    """Tell whether a font's colour, or a pattern's, is white: by its value, the theme's paper, or the old palette."""
    colours = [part for part in properties if part.tag == name_of(name)] if properties is not None else []
    return any(
        _WHITE.fullmatch(colour.get("rgb") or "") or _is_paper(colour) or colour.get("indexed") in _WHITES
        for colour in colours
    )


def _is_paper(colour: etree._Element) -> bool:
    """Tell whether a colour is that of the theme's paper or nearly so, as its shade leaves or makes it."""
    light, tint = _THEME.get(colour.get("theme") or ""), colour.get("tint") or "0"
    if light is None or not _TINT.fullmatch(tint):
        return False
    shade = float(tint)
    return (light * (1 + shade) if shade < 0 else light + (1 - light) * shade) >= _LIGHT


def is_red(font: etree._Element | None) -> bool:
    """Tell whether a font is red, by its value or the old palette; what a condition colours is not known here."""
    colours = [part for part in font if part.tag == name_of("color")] if font is not None else []
    return any(_RED.fullmatch(colour.get("rgb") or "") or colour.get("indexed") in ("2", "10") for colour in colours)


def _is_filled(fill: etree._Element) -> bool:
    """Tell whether a fill shows white text."""
    patterns = [part for part in fill if part.tag == name_of("patternFill")]
    if not patterns:
        return True  # a gradient
    is_plain = patterns[0].get("patternType", "none") == "none" or len(patterns[0]) == 0
    return not is_plain and not is_pale(patterns[0], "fgColor")


def _is_tiny(font: etree._Element) -> bool:
    sizes = [part.get("val") or "" for part in font if part.tag == name_of("sz")]
    return bool(sizes) and _SMALL.fullmatch(sizes[0]) is not None


def alters(differential: etree._Element) -> bool:
    """Tell whether a differential format may show a number as another one, or not at all."""
    fonts = [part for part in differential if part.tag == name_of("font")]
    is_other = any(part.tag == name_of("numFmt") for part in differential)
    return is_other or any(is_struck(font) or is_pale(font) for font in fonts)


def _format_code(format_id: str, own: dict[str, str]) -> str:
    if format_id in own:
        return own[format_id]
    return built_in_format(int(format_id)) if format_id.isascii() and format_id.isdigit() and len(format_id) < 6 else ""
