"""What the pages of an OFD document refer to by number: pictures, drawn units, and styles that state a colour."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from pipelines.ingest.zipsafe import SafeZip
from pipelines.read.xmlsafe import parse_xml

_WHITE = 250
_MOST_PARENTS = 8  # styles on which a style is based
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_COLOUR = 25  # offset of the byte that tells the type of colour
_PNG_WITH_ALPHA = (4, 6)
_PNG_HEADER = 2_048  # bytes in which a PNG says whether its palette is transparent


def local_name(node: etree._Element) -> str:
    """Return an element's name without its namespace: writers use several, and some none."""
    return str(node.tag).rpartition("}")[2]


def named(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    """Yield the children of that name."""
    return (child for child in parent if local_name(child) == name)


def resolve(base: str, location: str | None) -> str:
    """Return the part that a location names: from the root where it begins with a slash, else beside `base`.

    >>> resolve("Doc_0/Document.xml", "Pages/Page_0/Content.xml"), resolve("Doc_0/Document.xml", "/Doc_0/Page.xml")
    ('Doc_0/Pages/Page_0/Content.xml', 'Doc_0/Page.xml')
    """
    location = (location or "").strip().replace("\\", "/")
    joined = location if location.startswith("/") else posixpath.join(posixpath.dirname(base), location)
    return posixpath.normpath(joined).lstrip("/")


@dataclass(slots=True)
class Resources:
    """Resources by number.

    Attributes:
        package: From which pictures are read once they are looked at.
        pictures: The part of each picture.
        units: Content that is drawn wherever an object names it.
        styles: Drawing parameters: an object without a colour of its own has that of its style.
        opaque: What `is_opaque` has answered.
    """

    package: SafeZip
    pictures: dict[str, str] = field(default_factory=dict)
    units: dict[str, etree._Element] = field(default_factory=dict)
    styles: dict[str, etree._Element] = field(default_factory=dict)
    opaque: dict[str, bool] = field(default_factory=dict)

    def add(self, part: str) -> None:
        """Take what a resource part lists; one that is absent lists nothing.

        Raises:
            DocumentError: broken_document or limit_exceeded.
        """
        if not self.package.has(part):
            return
        root = parse_xml(self.package.read(part), part)
        folder = posixpath.join(resolve(part, root.get("BaseLoc")), "_")
        for node in root.iter():
            name, number = local_name(node), node.get("ID") or ""
            if name == "MultiMedia":
                file = next((child.text for child in named(node, "MediaFile")), None)
                self.pictures[number] = resolve(folder, file)
            elif name == "CompositeGraphicUnit":
                self.units[number] = node
            elif name == "DrawParam":
                self.styles[number] = node

    def fill_colour(self, node: etree._Element, inherited: str | None) -> etree._Element | None:
        """Return an object's fill colour: its own, or that of its style; None where it is black for want of one.

        Args:
            node: The object.
            inherited: Number of the style that its layer states.
        """
        style: etree._Element | None = node
        number = node.get("DrawParam") or inherited
        for _ in range(_MOST_PARENTS):
            if style is None:
                return None
            colour = next(named(style, "FillColor"), None)
            if colour is not None:
                return colour
            style = self.styles.get(number or "")
            number = style.get("Relative") if style is not None else None
        return None

    def is_opaque(self, number: str) -> bool:
        """Tell whether a picture hides what lies below it; a PNG says in its header that it may not."""
        if number not in self.opaque:
            self.opaque[number] = _is_opaque(self.read_picture(number))
        return self.opaque[number]

    def read_picture(self, number: str) -> bytes:
        """Return a picture's file; nothing where the document does not hold it.

        Raises:
            DocumentError: broken_document or limit_exceeded.
        """
        part = self.pictures.get(number)
        return self.package.read(part) if part is not None and self.package.has(part) else b""


def _is_opaque(data: bytes) -> bool:
    if not data.startswith(_PNG):
        return bool(data)
    return data[_PNG_COLOUR] not in _PNG_WITH_ALPHA and b"tRNS" not in data[:_PNG_HEADER] if len(data) > 99 else False


def is_white(colour: etree._Element | None, least: int = _WHITE) -> bool:
    """Tell whether a colour is white, or as light as `least`: grey, red-green-blue or four inks, in any notation.

    >>> [is_white(etree.Element("FillColor", Value=one)) for one in ("255 255 255", "#FF", "0 0 0 0", "0 0 0", "")]
    [True, True, True, False, False]
    """
    if colour is None or len(colour):
        return False
    words = (colour.get("Value") or "").split()[:4]
    try:
        values = [int(word[1:], 16) if word.startswith("#") else float(word) for word in words]
    except ValueError:
        return False
    return max(values) <= 255 - least if len(values) == 4 else bool(values) and min(values) >= least
