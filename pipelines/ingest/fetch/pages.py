"""HTML as a place of links: entries of a list, files attached to a report's page, titles."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from schemas.portal import EntryRule, load_link_words

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SURROGATES = re.compile("[\ud800-\udfff]")  # JSON may hold half a character
_READ_FOR_ONE_LOST = 10
_DEEPEST = 5_000
_BLOCK_TAG = re.compile(
    r"<(/?)(?:div|ul|ol|dl|menu|section|article|aside|nav|main|header|footer|center|blockquote|details|figure|fieldset)\b",
    re.IGNORECASE,
)
_NO_ADDRESS = ("javascript:", "mailto:", "tel:", "data:", "#")


@dataclass(frozen=True, slots=True)
class Link:
    """A link as a page writes it, its address made absolute."""

    address: str
    title: str


def decode_page(body: bytes) -> str:
    r"""Return the text of a page; UTF-8 decides, because pages and servers misstate their encoding.

    A byte that is lost or cut through makes no page one of another encoding.

    >>> decode_page("年报".encode("gb18030")), decode_page("政府信息公开工作年度报告".encode() + b"\xe5")[:3]
    ('年报', '政府信')
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, errors="replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", errors="replace")
        lost, others = text.count("\ufffd"), sum(not character.isascii() for character in text)
        return text if lost * _READ_FOR_ONE_LOST < others else body.decode("gb18030", errors="replace")


class Page:
    """One HTML page, parsed once."""

    def __init__(self, text: str, address: str) -> None:
        """Take the page's text and where it stood."""
        self._tree = LexborHTMLParser("" if is_too_deep(text) else text)
        base = self._tree.css_first("base[href]")
        self.address = join_address(address, (base.attributes.get("href") or "").strip()) if base else address
        if not is_split(self.address):
            self.address = address  # a base that is no address is none

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
                yield Link(join_address(self.address, address), title)

    def attachments(self) -> Iterator[Link]:
        """Yield the files that the page links or shows, each once, in the order of the page."""
        words = load_link_words()
        seen = set()
        for tag, attribute in words.places:
            for node in self._tree.css(f"{tag}[{attribute}]"):
                address = _attribute(node, attribute)
                title = _attribute(node, "title") or _attribute(node, "")
                found = _file_address(join_address(self.address, address), title) if is_address(address) else None
                if found is not None and found not in seen:
                    seen.add(found)
                    yield Link(found, title)

    def link_with_text(self, texts: tuple[str, ...], selector: str) -> str | None:
        """Return the address of the first link with one of these texts, else of the first that `selector` finds."""
        for node in self._tree.css("a[href]"):
            if _attribute(node, "") in texts and is_address(_attribute(node, "href")):
                return join_address(self.address, _attribute(node, "href"))
        for node in self._tree.css(selector) if selector else ():
            if is_address(_attribute(node, "href")):
                return join_address(self.address, _attribute(node, "href"))
        return None


def is_too_deep(text: str) -> bool:
    """Tell whether a page's blocks are nested so deep that parsing it would take minutes; no page of an agency is.

    >>> is_too_deep("<div>" * 50_000), is_too_deep("<div></div>" * 50_000)
    (True, False)
    """
    if text.count("<") < _DEEPEST:
        return False
    depth = 0
    for match in _BLOCK_TAG.finditer(text):
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > _DEEPEST:
            return True
    return False


def strip_tags(text: str) -> str:
    """Return a title without the markup that search engines put into it.

    >>> strip_tags("某县2023年<em>年报</em>")
    '某县2023年年报'
    """
    return fold(LexborHTMLParser(text).text() if "<" in text or "&" in text else text)


def join_address(base: str, address: str) -> str:
    """Return an address made absolute; one that is none as it is printed, so that asking for it says so.

    >>> join_address("http://a.cn/b/c.html", "../d.html"), join_address("http://a.cn/", "http://[#link]")
    ('http://a.cn/d.html', 'http://[#link]')
    """
    address = _SURROGATES.sub("\ufffd", address)
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def is_split(address: str) -> bool:
    """Tell whether an address can be taken apart at all."""
    try:
        urlsplit(address)
    except ValueError:
        return False
    return True


def is_address(text: str) -> bool:
    """Tell whether the value of an attribute leads anywhere that can be fetched."""
    return bool(text) and not text.lower().startswith(_NO_ADDRESS)


def fold(text: str) -> str:
    """Return a text on one line."""
    return _SURROGATES.sub("\ufffd", re.sub(r"\s+", " ", text)).strip()


def _attribute(node: LexborNode, name: str) -> str:
    """Return an attribute's value, or for "" the node's text; folded, empty where there is none."""
    return fold((node.attributes.get(name) or "") if name else node.text())


def _file_address(address: str, title: str) -> str | None:
    """Return the address of the file that a link leads to, None where it leads to no file.

    >>> _file_address("https://a.cn/viewer.html?file=/b/c.pdf", "")
    'https://a.cn/b/c.pdf'
    """
    if not is_split(address):
        return address if _has_extension(address) or _has_extension(title) else None
    parts = urlsplit(address)
    if _has_extension(parts.path) or _has_extension(title):
        return address
    for name, value in parse_qsl(parts.query):
        if name.lower() in load_link_words().parameters and _has_extension(value):
            is_viewer = value.startswith(("/", "http://", "https://"))
            return join_address(address, value) if is_viewer else address
    return None


def _has_extension(text: str) -> bool:
    return text.rpartition(".")[2].lower() in load_link_words().extensions and "." in text
