"""What the style sheets of a page say of the elements in its cells: which rules hold, and of which it is not sure.

A rule is sure where it stands alone at the top of its sheet. One within another, in a condition (`@media`, `@supports`)
or in a layer may hold or not, and so may one against which another shows the element again: what such rules hide is in
doubt, and never read as what is left without it.
"""

import re
from base64 import b64decode
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

_PAGE_ITSELF = ("html", "body")  # hidden until a script has run: what it hides is still the page
_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)  # pages of Word set their sheets in comments of HTML
_OWN_PROPERTY = re.compile(r"(?<![\w-])(--[\w-]+)\s*:\s*([^;{}]*)")
_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,([^()]*(?:\([^()]*\)[^()]*)*))?\)")
_MOST_STEPS = 3  # values of one property that are another's
_KEPT_SHEETS = 50  # the pages of a portal bring the same ones
_MAX_RULES = 100
_MAX_SELECTOR = 200
# Rules that style no element of the page as it stands on a screen, and frames of an animation.
_ELSEWHERE = re.compile(
    r"@(?!media|supports|layer|container|scope)"
    r"|@media[^{]*(?:(?<!\bnot )\bprint\b(?!\s*,)|max-(?:device-)?width|color-scheme\s*:\s*dark)"
)
# What a rule writes beside an element: figures, a counter or an attribute; escapes are the signs of icon fonts.
_GENERATES = re.compile(
    r"(?<![\w-])content\s*:[^;}]*(?:[\"'](?:[.,]*\d[\d.,]*|[-+−－(（])[\"']|\\0*3\d(?![0-9a-f])|counters?\(|attr\()",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"attr\(\s*([\w-]+)")
_BESIDE = re.compile(r"::?(?:before|after)$")
FIRST = re.compile(r"::?first-l(?:etter|ine)$")
# Letters of properties and values that are written as their codes: dis\70 lay.
_ESCAPED = re.compile(r"\\0{0,4}([467][0-9a-f])\s?", re.IGNORECASE)
_ROOT_SIZE = re.compile(r"(?:\bhtml|:root)\b[^{}]{0,80}\{[^{}]*font-size", re.IGNORECASE)
_DATA = re.compile(r"data:text/css[^,]{0,100},", re.IGNORECASE)
_IMPORT = re.compile(r"@import\s+(?:url\(\s*)?[\"']?((?<=[\"'])[^\"']*|[^\"'\s)]*)[\"']?\s*\)?([^;]*)", re.IGNORECASE)
_ON_SCREEN = re.compile(r"\s*(?:all|screen)?\s*", re.IGNORECASE)
# States of an element, and parts of one that are no element.
_STATES = re.compile(
    r":(?::|hover|focus|active|visited|link|any-link|checked|target|disabled|enabled|before|after|first-l|selection"
    r"|placeholder|root|host|lang|dir|-)"
)
ROWS = frozenset({"thead", "tbody", "tfoot", "tr"})
_NAMED_ROWS = ",".join(f"{tag}[{key}]" for tag in sorted(ROWS) for key in ("class", "id"))
# The last part of a selector, the element's name in it, and those of classes and identities outside parentheses.
_COMBINATOR = re.compile(r"[\s>+~]+(?![^(]*\))")
_TYPE = re.compile(r"[A-Za-z][\w-]*")
_NAME = re.compile(r"[.#]([\w-]+)(?![^(]*\))")
# Conditions that hold of an element as a page stands there, or may hold; what they say of the root they say of `html`.
_AS_IT_STANDS = re.compile(
    r":(?:dir|lang)\([^()]*\)|:not\(\s*:(?:hover|focus|active|visited|link|checked|target|disabled|enabled)[\w-]*\s*\)"
)
# A font that comes with the page; those without an address are what Word knew of the fonts of the machine.
_FACE = re.compile(r"@font-face\s*\{([^}]*)", re.IGNORECASE)
_FACE_NAME = re.compile(r"font-family\s*:\s*[\"']?([^\"';]+)", re.IGNORECASE)
_BULK = re.compile(r"(data:(?:font|image|application)/[^,]{1,100};base64,)[A-Za-z0-9+/=\s]{100,}", re.IGNORECASE)

Rule = tuple[str, bool]
"""A selector, and whether its declarations hold for sure."""


def sheets_of(styles: Iterable[LexborNode], links: Iterable[LexborNode], longest: int) -> list[str]:
    """Return the style sheets that a page brings along; one that may not hold stands in a condition.

    Args:
        styles: Its `<style>` elements.
        links: Its `<link>` elements, whose address may be the sheet itself.
        longest: How much of each is looked at, in characters.
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
        sheets += _with_imports(media, _BULK.sub(r"\1", node.text())[:longest], longest)
    for node in links:
        attributes = node.attributes
        href = attributes.get("href") or ""
        if (match := _DATA.match(href)) and (attributes.get("rel") or "").strip().lower() == "stylesheet":
            sheets.append(_within(attributes.get("media") or "", _decode_data(match[0], href[match.end() :])[:longest]))
    return sheets


def _with_imports(media: str, sheet: str, longest: int) -> Iterator[str]:
    """Yield a style sheet behind those that it imports and whose address holds them; others are as unknown as links."""
    if "@import" in sheet:
        for quoted, condition in _IMPORT.findall(sheet):
            if match := _DATA.match(quoted):
                inner = _decode_data(match[0], quoted[match.end() :])[:longest]
                yield _within(media, _within(condition, inner))
    yield _within(media, sheet)


def _within(media: str, sheet: str) -> str:
    return sheet if _ON_SCREEN.fullmatch(media) else f"@media {media}{{{sheet}}}"


def _decode_data(head: str, data: str) -> str:
    """Return what the address of a sheet holds; nothing where it is no whole one."""
    text = unquote(data)
    if not head.lower().rstrip(",").endswith(";base64"):
        return text
    try:
        return b64decode(text).decode(errors="replace")
    except ValueError:
        return ""


def read_rules(sheet: str, wanted: re.Pattern[str]) -> tuple[Rule, ...]:
    """Return the selectors of a style sheet whose declarations hold `wanted`.

    >>> hides = re.compile("display: ?none")
    >>> read_rules("a{color:red} .x, td .y{display: none} @media print{.z{display:none}}", hides)
    (('.x', True), ('td .y', True))
    >>> read_rules("@media screen{.z{display:none}} td{color:red; .x{display:none}}", hides)
    (('.z', False), ('td .x', False))
    """
    return _all_rules(sheet, wanted)[:_MAX_RULES]


@lru_cache(20 * _KEPT_SHEETS)  # each sheet is read for so many things
def _all_rules(sheet: str, wanted: re.Pattern[str]) -> tuple[Rule, ...]:
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


def find_declared(sheet: str, wanted: re.Pattern[str]) -> list[tuple[str, str]]:
    """Return the selectors and declarations of the sure rules of a style sheet whose declarations hold `wanted`."""
    if wanted.search(_blocks_once(sheet)) is None:
        return []
    found = [
        (part.strip(), declarations)
        for head, is_sure, declarations in _blocks(_plain(sheet))
        if is_sure and wanted.search(declarations)
        for part in _split_list(head)
        if part.strip() and _STATES.search(part) is None
    ]
    return found[:_MAX_RULES]


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


@lru_cache(_KEPT_SHEETS)
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


@lru_cache(_KEPT_SHEETS)
def _blocks_once(sheet: str) -> str:
    """Return what stands in each block of a style sheet once: Word says the same of dozens of styles."""
    return "\n".join(set(re.split("[{}]", _plain(sheet))))


@lru_cache(_KEPT_SHEETS)
def own_fonts(sheet: str) -> re.Pattern[str] | None:
    """Return an expression of the declarations by which text is set in fonts that the page brings along, if any."""
    faces = [_FACE_NAME.search(face) for face in _FACE.findall(sheet) if "src" in face]
    names = "|".join(sorted({re.escape(face[1].strip()) for face in faces if face is not None}))
    said = rf"(?<![\w-])font(?:-family\s*:|\s*:[^;,]*\s)\s*[\"']?(?:{names})(?![\w-])"
    return re.compile(said, re.IGNORECASE) if names else None


@lru_cache(_KEPT_SHEETS)
def sizes_root(sheet: str) -> bool:
    """Tell whether a style sheet sets the size of the root, and so of all that is so many `rem` high."""
    return "rem" in sheet and _ROOT_SIZE.search(_plain(sheet)) is not None


def find_by_rules(
    tree: LexborHTMLParser,
    sheets: Sequence[str],
    wanted: re.Pattern[str],
    holders: frozenset[str],
    part: re.Pattern[str] | None = None,
) -> tuple[list[LexborNode], frozenset[int]]:
    """Return in document order what the rules that say what is wanted find inside table cells, and which for sure.

    Args:
        tree: The page.
        sheets: Its style sheets.
        wanted: What a rule must say.
        holders: The elements that hold figures.
        part: The rules are those of such a part, as `FIRST`, and the elements that have it are returned.

    Returns:
        The nodes, and the identities of those that a sure rule finds.
    """
    found: dict[int, LexborNode] = {}
    sure: set[int] = set()
    for nodes, is_sure in _select(tree, sheets, wanted, part):
        held = {node.mem_id: node for node in nodes if is_held(node, holders)}
        found |= held
        if is_sure:
            sure |= held.keys()
    within = ",".join(f"{name},{name} *" for name in sorted(holders))
    ordered = [node for node in tree.css(within) if node.mem_id in found] if found else []
    return ordered, frozenset(sure)


def find_written_beside(tree: LexborHTMLParser, sheets: Sequence[str], holders: frozenset[str]) -> list[LexborNode]:
    """Return the elements in table cells beside which a rule writes what may be a figure or a part of one."""
    beside = find_by_rules(tree, sheets, _GENERATES, holders, _BESIDE)[0]
    return list(_without_labels(beside, "\n".join(sheets))) if beside else []


def _without_labels(nodes: Sequence[LexborNode], sheet: str) -> Iterable[LexborNode]:
    """Leave out elements beside which a sheet writes an attribute of theirs with words: the name of their column."""
    if _GENERATES.search(_ATTRIBUTE.sub("", sheet)):
        return nodes
    names = set(_ATTRIBUTE.findall(sheet))
    return [node for node in nodes if not all(map(_is_label, map(node.attributes.get, names)))]


def _is_label(value: str | None) -> bool:
    return not value or (value[0].isalpha() and not any(map(str.isdigit, value)))


def elements_by_rules(tree: LexborHTMLParser, sheets: Sequence[str], wanted: re.Pattern[str]) -> Iterator[LexborNode]:
    """Yield the elements of which a rule says what is wanted, in no order; those of conditions are taken to hold."""
    for nodes, _ in _select(tree, sheets, wanted):
        yield from nodes


def _select(
    tree: LexborHTMLParser, sheets: Sequence[str], wanted: re.Pattern[str], part: re.Pattern[str] | None = None
) -> Iterator[tuple[list[LexborNode], bool]]:
    selectors = [
        (part.sub("", selector) if part else selector, is_sure)
        for sheet in sheets
        for selector, is_sure in read_rules(sheet, wanted)
        if len(selector) <= _MAX_SELECTOR and bool((part or _STATES).search(selector)) is (part is not None)
    ]
    for selector, is_sure in selectors[:_MAX_RULES]:
        yield _css(tree, selector), is_sure


def _css(tree: LexborHTMLParser, selector: str) -> list[LexborNode]:
    """Return what a selector finds; one that the parser does not know hides nothing that it could find."""
    try:
        return tree.css(selector)
    except SelectolaxError:
        return []


def find_rows(
    tree: LexborHTMLParser, sheets: Sequence[str], patterns: Iterable[re.Pattern[str]]
) -> Iterator[list[LexborNode]]:
    """Yield for each pattern the rows and groups of rows of tables of which a rule says it."""
    names: set[str] | None = None
    for wanted in patterns:
        if names is None and any(
            own for sheet in sheets for _, kind, own in _rules_by_name(sheet, wanted) if not kind or kind in ROWS
        ):
            names = names_of(tree.css(_NAMED_ROWS))
        yield find_named(tree, sheets, wanted, ROWS, names or set())


def names_of(nodes: Iterable[LexborNode]) -> set[str]:
    """Return the classes and identities of elements."""
    held = [node.attributes for node in nodes]
    return {name for attributes in held for key in ("class", "id") for name in (attributes.get(key) or "").split()}


def find_named(
    tree: LexborHTMLParser, sheets: Sequence[str], wanted: re.Pattern[str], tags: Collection[str], names: set[str]
) -> list[LexborNode]:
    """Return the elements of which a rule says what is wanted, among those with such tags and such names alone.

    Most of a portal's rules have names that none of these has, so that all of its rules can be looked at.
    """
    found: list[LexborNode] = []
    for selector, kind, own in (rule for sheet in sheets for rule in _rules_by_name(sheet, wanted)):
        if (not kind or kind in tags) and own <= names:
            found += _css(tree, selector)
    return found


@lru_cache(20 * _KEPT_SHEETS)
def _rules_by_name(sheet: str, wanted: re.Pattern[str]) -> tuple[tuple[str, str, frozenset[str]], ...]:
    """Return the selectors of such rules, and the tag, if any, and the names that they ask of the element itself."""
    rules = []
    for selector, _ in _all_rules(sheet, wanted):
        if not _STATES.search(selector) and len(selector) <= _MAX_SELECTOR:
            last = _COMBINATOR.split(selector)[-1]
            kind = _TYPE.match(last)
            rules.append((selector, kind[0].lower() if kind else "", frozenset(_NAME.findall(last))))
    return tuple(rules)


def is_held(node: LexborNode, holders: frozenset[str]) -> bool:
    """Tell whether a node is, or stands in, an element that holds figures."""
    return any(above.tag in holders for above in lineage(node))


def lineage(node: LexborNode | None) -> Iterator[LexborNode]:
    """Yield the node and what it stands in, from inside out."""
    above = node
    while above is not None:
        yield above
        above = above.parent


def remove(nodes: Iterable[LexborNode]) -> None:
    """Take nodes found in document order out of the tree: the last first, because removing one frees all below it."""
    for node in reversed(list(nodes)):
        if node.tag not in _PAGE_ITSELF:
            node.decompose()
