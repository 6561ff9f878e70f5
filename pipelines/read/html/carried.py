"""Articles that a page carries as a string and shows once a script has run: in scripts, attributes, fields, or escaped.

Looked for only in pages that print no table of figures. Comments and templates are left alone, as they hold what is not
shown: older versions, samples.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser

from pipelines.read.answers import articles_in, compose_page, distinct_articles, parse_values

# A table's tag behind each kind of escape; without one of these no string of the page holds a table.
_SIGNS = (b"&lt;t", b"u003ct", b"x3ct", b"%3ct", b"<td", b"<th", b"amp;lt;t")
_MARKED = re.compile(r"(?:<|&lt;|u003c|x3c|%3c)t[dh]\b", re.IGNORECASE)
_VALUE = re.compile(r"=\s*(?=[{\[])")
_LITERAL = re.compile(r"""//[^\n]*|"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`""", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r?\n)|(.))", re.DOTALL)
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_UNUSED_SCRIPTS = ("template", "html", "xml", "x-")
_MOST_VALUES = 50
_MOST_SCRIPT = 4_000_000  # characters
_FIELDS = "textarea,xmp,noscript"
_SHORTEST = 300


def find_carried(markup: bytes) -> bytes | None:
    """Return a page of the articles that a page carries; None where it carries none, or several without titles.

    Args:
        markup: The page, in UTF-8.
    """
    lowered = markup.lower()
    if not any(sign in lowered for sign in _SIGNS):
        return None
    tree = LexborHTMLParser(markup)
    articles = distinct_articles(article for text in _strings(tree) for article in articles_in(text))
    articles = [article for article in articles if article.is_markup]
    if not articles or (len(articles) > 1 and not all(article.titles for article in articles)):
        return None
    return compose_page(articles).encode(errors="replace")


def is_escaped(text: str) -> bool:
    """Tell whether a line of the page is the markup of a table: it is read as one where it is carried."""
    return _MARKED.search(text) is not None


def _strings(tree: LexborHTMLParser) -> Iterator[object]:
    """Yield the strings and parsed values of a page that may hold an article."""
    for node in tree.css("script"):
        text = node.text()
        kind = (node.attributes.get("type") or "").lower()
        if _MARKED.search(text) and len(text) <= _MOST_SCRIPT and not any(word in kind for word in _UNUSED_SCRIPTS):
            yield from _of_script(text)
    for node in tree.css(_FIELDS):
        yield (node.text() if node.tag == "textarea" else node.inner_html) or ""
    root = tree.root
    for node in root.traverse(include_text=True) if root is not None else ():
        if node.tag == "-text":
            text = node.text_content or ""
            above = node.parent.tag if node.parent is not None else None
            if above not in ("script", "style", "textarea") and _MARKED.search(text):
                yield text
        else:
            for name, value in node.attributes.items():
                # A frame's own page has been read where the frame is shown.
                if value and len(value) >= _SHORTEST and name != "srcdoc" and _MARKED.search(value):
                    yield value


def _of_script(text: str) -> Iterator[object]:
    """Yield the values that a script sets, or where it sets none, its quoted strings as one."""
    values = list(parse_values(text.strip()))
    for number, match in enumerate(_VALUE.finditer(text)):
        if number >= _MOST_VALUES:
            break
        values += parse_values(text, match.end())
    if any(True for value in values for _ in articles_in(value)):
        yield values
        return
    quoted = (next(filter(None, match.groups()), "") for match in _LITERAL.finditer(text))
    yield "".join(_unescape(literal) for literal in quoted if _MARKED.search(literal))


def _unescape(literal: str) -> str:
    r"""Return what a quoted string of a script says.

    >>> _unescape(r"\u003ctd\x3e\n\/")
    '<td>\n/'
    """

    def said(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        if code:
            return chr(min(int(code, 16), 0x10FFFF))
        return "" if match[4] else _CONTROLS.get(match[5], match[5])

    return _ESCAPE.sub(said, literal)
