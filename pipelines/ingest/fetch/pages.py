"""HTML as a place of links: entries of a list, files attached to a report's page, titles."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from schemas.portal import EntryRule, load_link_words

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NO_ADDRESS = ("javascript:", "mailto:", "tel:", "data:", "#")


@dataclass(frozen=True, slots=True)
class Link:
    """A link as a page writes it, its address made absolute."""

    address: str
    title: str


def decode_page(body: bytes) -> str:
    """Return the text of a page; strict UTF-8 decides, because pages and servers misstate their encoding.

    >>> decode_page("年报".encode("gb18030"))
    '年报'
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, errors="replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("gb18030", errors="replace")


class Page:
    """One HTML page, parsed once."""

    def __init__(self, text: str, address: str) -> None:
        """Take the page's text and where it stood."""
        self._tree = LexborHTMLParser(text)
        base = self._tree.css_first("base[href]")
        self.address = urljoin(address, (base.attributes.get("href") or "").strip()) if base else address

    @property
    def title(self) -> str:
        """The page's own title, blanks folded; empty where it has none."""
        node = self._tree.css_first("title")
        return fold(node.text()) if node else ""

    @property
    def headline(self) -> str:
        """The first heading, else the title."""
        node = self._tree.css_first("h1")
        return (fold(node.text()) if node else "") or self.title

    def entries(self, rule: EntryRule) -> Iterator[Link]:
        """Yield the links that a family's rule selects, in the order of the page."""
        for node in self._tree.css(rule.selector):
            address = next((value for name in rule.address if (value := _attribute(node, name))), "")
            title = next((value for name in rule.title if (value := _attribute(node, name))), "")
            if is_address(address):
                yield Link(urljoin(self.address, address), title)

    def attachments(self) -> Iterator[Link]:
        """Yield the files that the page links or shows, each once, in the order of the page."""
        words = load_link_words()
        seen = set()
        for tag, attribute in words.places:
            for node in self._tree.css(f"{tag}[{attribute}]"):
                address = _attribute(node, attribute)
                title = _attribute(node, "title") or _attribute(node, "")
                found = _file_address(urljoin(self.address, address), title) if is_address(address) else None
                if found is not None and found not in seen:
                    seen.add(found)
                    yield Link(found, title)

    def link_with_text(self, texts: tuple[str, ...], selector: str) -> str | None:
        """Return the address of the first link with one of these texts, else of the first that `selector` finds."""
        for node in self._tree.css("a[href]"):
            if _attribute(node, "") in texts and is_address(_attribute(node, "href")):
                return urljoin(self.address, _attribute(node, "href"))
        for node in self._tree.css(selector) if selector else ():
            if is_address(_attribute(node, "href")):
                return urljoin(self.address, _attribute(node, "href"))
        return None


def strip_tags(text: str) -> str:
    """Return a title without the markup that search engines put into it.

    >>> strip_tags("某县2023年<em>年报</em>")
    '某县2023年年报'
    """
    return fold(LexborHTMLParser(text).text() if "<" in text or "&" in text else text)


def is_address(text: str) -> bool:
    """Tell whether the value of an attribute leads anywhere that can be fetched."""
    return bool(text) and not text.lower().startswith(_NO_ADDRESS)


def fold(text: str) -> str:
    """Return a text on one line."""
    return re.sub(r"\s+", " ", text).strip()


def _attribute(node: LexborNode, name: str) -> str:
    """Return an attribute's value, or for "" the node's text; folded, empty where there is none."""
    return fold((node.attributes.get(name) or "") if name else node.text())


def _file_address(address: str, title: str) -> str | None:
    """Return the address of the file that a link leads to, None where it leads to no file.

    >>> _file_address("https://a.cn/viewer.html?file=/b/c.pdf", "")
    'https://a.cn/b/c.pdf'
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if _has_extension(parts.path) or _has_extension(title):
        return address
    for name, value in parse_qsl(parts.query):
        if name.lower() in load_link_words().parameters and _has_extension(value):
            is_viewer = value.startswith(("/", "http://", "https://"))
            return urljoin(address, value) if is_viewer else address
    return None


def _has_extension(text: str) -> bool:
    return text.rpartition(".")[2].lower() in load_link_words().extensions and "." in text
