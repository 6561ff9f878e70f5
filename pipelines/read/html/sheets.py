"""What the style sheets of a page say of the elements in its cells: which rules hold, and of which it is not sure.

A rule is sure where it stands alone at the top of its sheet. One within another, in a condition (`@media`, `@supports`)
or in a layer may hold or not, and so may one against which another shows the element again: what such rules hide is in
doubt, and never read as what is left without it.
"""

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)  # pages of Word set their sheets in comments of HTML
_OWN_PROPERTY = re.compile(r"(?<![\w-])(--[\w-]+)\s*:\s*([^;{}]*)")
_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,([^()]*(?:\([^()]*\)[^()]*)*))?\)")
_MOST_STEPS = 3  # values of one property that are another's
# Characters of a sheet that are looked at: a portal's inline ones have 20,000, a framework's in a saved page 400,000.
_LONGEST = 1_000_000
KEPT_SHEETS = 50  # the pages of a portal bring the same ones
# Rules that style no element of the page as it stands on a screen, and frames of an animation.
_ELSEWHERE = re.compile(
    r"@(?!media|supports|layer|container|scope)"
    r"|@media[^{]*(?:(?<!\bnot )\bprint\b(?!\s*,)|max-(?:device-)?width|color-scheme\s*:\s*dark)"
)
FIRST = re.compile(r"::?first-l(?:etter|ine)$")
# Letters of properties and values that are written as their codes: dis\70 lay.
_ESCAPED = re.compile(r"\\0{0,4}([467][0-9a-f])\s?", re.IGNORECASE)
_ROOT_SIZE = re.compile(r"(?:\bhtml|:root)\b[^{}]{0,80}\{[^{}]*font-size", re.IGNORECASE)
_DATA = re.compile(r"data:text/css[^,]{0,100},", re.IGNORECASE)
_IMPORT = re.compile(r"@import\s+(?:url\(\s*)?[\"']?((?<=[\"'])[^\"']*|[^\"'\s)]*)[\"']?\s*\)?([^;]*)", re.IGNORECASE)
_ON_SCREEN = re.compile(r"\s*(?:all|screen)?\s*", re.IGNORECASE)
# States of an element, and parts of one that are no element.
STATES = re.compile(
    r":(?::|hover|focus|active|visited|link|any-link|checked|target|disabled|enabled|before|after|first-l|selection"
    r"|placeholder|root|host|lang|dir|-)"
)
# Conditions that hold of an element as a page stands there, or may hold; what they say of the root they say of `html`.
_AS_IT_STANDS = re.compile(
    r":(?:dir|lang)\([^()]*\)|:not\(\s*:(?:hover|focus|active|visited|link|checked|target|disabled|enabled)[\w-]*\s*\)"
)
# A font that comes with the page; those without an address are what Word knew of the fonts of the machine.
_FACE = re.compile(r"@font-face\s*\{([^}]*)", re.IGNORECASE)
_FACE_NAME = re.compile(r"font-family\s*:\s*[\"']?([^\"';]+)", re.IGNORECASE)
# The bytes of a font or picture, which would leave no room for the rules behind them.
_BULK = re.compile(r"(data:(?:font|image|application)/[^,]{1,100};base64,)[A-Za-z0-9+/=\s]{100,}", re.IGNORECASE)

Rule = tuple[str, bool]
"""A selector, and whether its declarations hold for sure."""


def sheets_of(styles: Iterable[LexborNode], links: Iterable[LexborNode]) -> list[str]:
    """Return the style sheets that a page brings along; one that may not hold stands in a condition.

    Args:
        styles: Its `<style>` elements.
        links: Its `<link>` elements, whose address may be the sheet itself.
    """
    sheets: list[str] = []
    title = None
    for node in styles:
        attributes = node.attributes
        if (attributes.get("type") or "text/css").strip().lower() != "text/css":
            continue
        media, own = attributes.get("media") or "", attributes.get("title")
        if title not in (None, own) and own:
            media = "(alternate)"
        title = title or own
        text = node.text()
        sheets += _with_imports(media, (text if len(text) <= _LONGEST else _BULK.sub(r"\1", text))[:_LONGEST])
    for node in links:
        attributes = node.attributes
        href = attributes.get("href") or ""
        if (match := _DATA.match(href)) and (attributes.get("rel") or "").strip().lower() == "stylesheet":
            sheets.append(_within(attributes.get("media") or "", _decode_data(match[0], href[match.end() :])))
    return sheets


def _with_imports(media: str, sheet: str) -> Iterator[str]:
    """Yield a style sheet behind those that it imports and whose address holds them; others are as unknown as links."""
    if "@import" in sheet:
        for quoted, condition in _IMPORT.findall(sheet):
            if match := _DATA.match(quoted):
                inner = _decode_data(match[0], quoted[match.end() :])
                yield _within(media, _within(condition, inner))
    yield _within(media, sheet)


def _within(media: str, sheet: str) -> str:
    return sheet if _ON_SCREEN.fullmatch(media) else f"@media {media}{{{sheet}}}"


def _decode_data(head: str, data: str) -> str:
    """Return what the address of a sheet holds; nothing where it is no whole one."""
    text = unquote(data)
    if not head.lower().rstrip(",").endswith(";base64"):
        return text[:_LONGEST]
    try:
        return b64decode(text).decode(errors="replace")[:_LONGEST]
    except ValueError:
        return ""


@lru_cache(20 * KEPT_SHEETS)  # each sheet is read for so many things
def read_rules(sheet: str, wanted: re.Pattern[str]) -> tuple[Rule, ...]:
    """Return the selectors of a style sheet whose declarations hold `wanted`.

    >>> hides = re.compile("display: ?none")
    >>> read_rules("a{color:red} .x, td .y{display: none} @media print{.z{display:none}}", hides)
    (('.x', True), ('td .y', True))
    >>> read_rules("@media screen{.z{display:none}} td{color:red; .x{display:none}}", hides)
    (('.z', False), ('td .x', False))
    """
    if wanted.search(_blocks_once(sheet)) is None:  # as most sheets
        return ()
    rules: list[Rule] = []
    for head, is_sure, declarations in _blocks(_plain(sheet)):
        if wanted.search(declarations):
            rules += _rules_of(head, is_sure=is_sure)
    return tuple(rules)


def _rules_of(head: str, *, is_sure: bool) -> Iterator[Rule]:
    for part in _split_list(head.replace(":root", "html")):
        selector = _AS_IT_STANDS.sub("", part)
        if selector.strip():
            yield selector.strip(), is_sure and selector == part


def read_declared(sheet: str, wanted: re.Pattern[str]) -> list[tuple[str, str]]:
    """Return the selectors and declarations of the sure rules of a style sheet whose declarations hold `wanted`."""
    if wanted.search(_blocks_once(sheet)) is None:
        return []
    return [
        (part.strip(), declarations)
        for head, is_sure, declarations in _blocks(_plain(sheet))
        if is_sure and wanted.search(declarations)
        for part in _split_list(head)
        if part.strip() and STATES.search(part) is None
    ]


def _blocks(sheet: str) -> Iterator[tuple[str, bool, str]]:
    """Yield the selectors of each block, whether it holds for sure, and its declarations."""
    stack: list[str] = []
    start = 0
    for match in re.finditer(r"[{}]", sheet):
        if match[0] == "}" and not stack:
            continue  # a sign too many spoils the selector behind it
        text = sheet[start : match.start()]
        start = match.end()
        if match[0] == "{":
            declarations, _, head = text.rpartition(";")
            if stack and declarations:
                yield from _block(stack, declarations)
            stack.append(head.strip())
        else:
            yield from _block(stack, text)
            stack.pop()


def _block(stack: Sequence[str], declarations: str) -> Iterator[tuple[str, bool, str]]:
    if any(head.startswith("@") and _ELSEWHERE.match(head) for head in stack):
        return
    heads = [head for head in stack if not head.startswith("@")]
    if heads:
        selector = heads[0]
        for inner in heads[1:]:
            selector = inner.replace("&", selector) if "&" in inner else f"{selector} {inner}"
        yield selector, len(stack) == 1, declarations


def _split_list(head: str) -> list[str]:
    """Return the selectors of a list, which may have lists in parentheses of their own.

    >>> _split_list("td :is(a, b), .x")
    ['td :is(a, b)', ' .x']
    """
    return re.split(r",(?![^()]*\))", head)


@lru_cache(KEPT_SHEETS)
def _plain(sheet: str) -> str:
    plain = _COMMENT.sub("", sheet).replace("\n", " ")  # the declarations of a block are one line
    plain = _ESCAPED.sub(_unescape, plain) if "\\" in plain else plain
    return _set_in(plain) if "var(" in plain else plain


def _set_in(sheet: str) -> str:
    """Return a style sheet with the values of its own properties (`--ink`) in their places.

    Of one with several values nobody knows which holds, so its place stays; one without any has what is said there.
    """
    values: dict[str, set[str]] = {}
    for name, value in _OWN_PROPERTY.findall(sheet):
        values.setdefault(name, set()).add(value.strip())

    def value_of(match: re.Match[str]) -> str:
        known = values.get(match[1], {(match[2] or "").strip()} if match[2] else set())
        return next(iter(known)) if len(known) == 1 else match[0]

    for _ in range(_MOST_STEPS):
        sheet, count = _VARIABLE.subn(value_of, sheet)
        if not count:
            break
    return sheet


def _unescape(match: re.Match[str]) -> str:
    sign = chr(int(match[1], 16))
    return sign if sign.isalpha() else match[0]


@lru_cache(KEPT_SHEETS)
def _blocks_once(sheet: str) -> str:
    """Return what stands in each block of a style sheet once: Word says the same of dozens of styles."""
    return "\n".join(set(re.split("[{}]", _plain(sheet))))


@lru_cache(KEPT_SHEETS)
def own_fonts(sheet: str) -> re.Pattern[str] | None:
    """Return an expression of the declarations by which text is set in fonts that the page brings along, if any."""
    faces = [_FACE_NAME.search(face) for face in _FACE.findall(sheet) if "url(" in face.lower()]
    names = "|".join(sorted({re.escape(face[1].strip()) for face in faces if face is not None}))
    said = rf"(?<![\w-])font(?:-family\s*:|\s*:[^;,]*\s)\s*[\"']?(?:{names})(?![\w-])"
    return re.compile(said, re.IGNORECASE) if names else None


@lru_cache(KEPT_SHEETS)
def sizes_root(sheet: str) -> bool:
    """Tell whether a style sheet sets the size of the root, and so of all that is so many `rem` high."""
    return "rem" in sheet and _ROOT_SIZE.search(_plain(sheet)) is not None
