"""Styles of an OpenDocument text, as far as they decide whether text counts: what each makes of a run of text."""

import re
from dataclasses import dataclass, field, replace

from lxml import etree

from pipelines.read.word.build import PLAIN, Look

_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_LENGTH = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)(pt|cm|mm|in|pc)")
_TWIPS = {"pt": 20.0, "cm": 566.93, "mm": 56.693, "in": 1440.0, "pc": 240.0}
_COLOUR = re.compile(r"#([0-9a-fA-F]{6})")
_POSITION = re.compile(r"(super|sub|-?\d{1,3}(?:\.\d+)?%)")
_MAX_ANCESTORS = 32


def odf(prefix: str, name: str) -> str:
    """Return the qualified name of an OpenDocument element or attribute.

    >>> odf("text", "p")
    '{urn:oasis:names:tc:opendocument:xmlns:text:1.0}p'
    """
    return f"{{{_ODF}{prefix}:1.0}}{name}"


def fo(name: str) -> str:
    """Return the qualified name of an attribute that OpenDocument takes from XSL."""
    return odf("xsl-fo-compatible", name)


_STYLE, _NAME, _PARENT = odf("style", "style"), odf("style", "name"), odf("style", "parent-style-name")


@dataclass(slots=True)
class OdtStyles:
    """The styles of one document by name; families share no names in what programs write.

    Attributes:
        texts: What a style says of its text, inheritance not resolved.
        parents: The style that each goes on from.
        grounds: Colour of the ground of a paragraph or cell.
        widths: Widths of columns in twips.
        base: How text looks of which no style says anything.
        behind: Styles of shapes that lie behind the text.
    """

    texts: dict[str, dict[str, str | None]] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    grounds: dict[str, str] = field(default_factory=dict)
    widths: dict[str, int] = field(default_factory=dict)
    base: Look = PLAIN
    behind: set[str] = field(default_factory=set)

    def read(self, root: etree._Element) -> None:
        """Take the styles of a part."""
        self._read_base(root)
        for style in root.iter(_STYLE):
            name = style.get(_NAME) or ""
            self.parents[name] = style.get(_PARENT) or ""
            for properties in style:
                if properties.tag == odf("style", "text-properties"):
                    self.texts[name] = _text_properties(properties)
                elif properties.tag in (odf("style", "paragraph-properties"), odf("style", "table-cell-properties")):
                    ground = _colour(properties.get(fo("background-color")))
                    if ground:
                        self.grounds[name] = ground
                elif properties.tag == odf("style", "table-column-properties"):
                    self.widths[name] = twips(properties.get(odf("style", "column-width")))
                elif properties.get(odf("style", "run-through")) == "background":
                    self.behind.add(name)

    def _read_base(self, root: etree._Element) -> None:
        for style in root.iter(odf("style", "default-style")):
            if style.get(odf("style", "family")) == "paragraph":
                for properties in style.iterchildren(odf("style", "text-properties")):
                    for prop, value in _text_properties(properties).items():
                        self.base = self.base.having(prop, value) if prop != "ground" else self.base

    def look(self, name: str | None, inherited: Look = PLAIN) -> Look:
        """Return how text in a style looks that stands within other text."""
        chain: list[str] = []
        at = name or ""
        while at and at not in chain and len(chain) < _MAX_ANCESTORS:
            chain.append(at)
            at = self.parents.get(at, "")
        for ancestor in reversed(chain):
            for prop, value in self.texts.get(ancestor, {}).items():
                inherited = replace(inherited, ground=value) if prop == "ground" else inherited.having(prop, value)
        return inherited

    def ground(self, name: str | None) -> str | None:
        """Return the colour of a style's ground."""
        at = name or ""
        for _ in range(_MAX_ANCESTORS):
            if at in self.grounds or not at:
                break
            at = self.parents.get(at, "")
        return self.grounds.get(at)


def twips(length: str | None) -> int:
    """Return a length in twips, 0 where it is none.

    >>> twips("1in"), twips("2.54cm"), twips("12%")
    (1440, 1440, 0)
    """
    match = _LENGTH.fullmatch(length or "")
    return round(float(match[1]) * _TWIPS[match[2]]) if match else 0


def _text_properties(node: etree._Element) -> dict[str, str | None]:
    """Return what WordprocessingML calls the properties; None takes back what an outer style says."""
    found: dict[str, str | None] = {}
    display = node.get(odf("text", "display"))
    if display is not None:
        found["vanish"] = "1" if display == "none" else None
    struck = node.get(odf("style", "text-line-through-style")) or node.get(odf("style", "text-crossing-out"))
    kind = node.get(odf("style", "text-line-through-type"))
    if struck is not None or kind is not None:
        found["strike"] = None if "none" in (struck, kind) else "1"
    position = _POSITION.match(node.get(odf("style", "text-position")) or "")
    if position is not None:
        found["vertAlign"] = _vertical_align(position[1])
    colour = _colour(node.get(fo("color")))
    if colour is not None:
        found["color"] = colour
    if node.get(odf("style", "use-window-font-color")) == "true":
        found["color"] = None
    font = node.get(odf("style", "font-name")) or node.get(fo("font-family"))
    if font is not None:
        found["rFonts"] = font
    size = twips(node.get(fo("font-size")))
    if size:
        found["sz"] = str(max(size // 10, 1))  # half points
    scale = (node.get(odf("style", "text-scale")) or "").removesuffix("%")
    if scale.isdigit():
        found["w"] = scale
    ground = node.get(fo("background-color"))
    if ground is not None:
        found["ground"] = _colour(ground)
    return found


def _vertical_align(position: str) -> str | None:
    if position in ("super", "sub"):
        return f"{position}script"
    height = float(position.removesuffix("%"))
    return "superscript" if height > 0 else "subscript" if height < 0 else None


def _colour(text: str | None) -> str | None:
    match = _COLOUR.fullmatch(text or "")
    return match[1].upper() if match else None
