"""What the rules of a page's style sheets find in the page."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TypeVar

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from pipelines.read.html.sheets import KEPT_SHEETS, STATES, read_declared, read_rules
from pipelines.read.html.tree import is_held

_T = TypeVar("_T")
_MAX_RULES = 400  # that say one thing and may be of elements of the page
_FEW_RULES = 20  # that are asked for without a look at the names in the page
# What a rule writes beside an element: figures, a counter or an attribute; escapes are the signs of icon fonts.
_GENERATES = re.compile(
    r"(?<![\w-])content\s*:[^;}]*(?:[\"'](?:[.,]*\d[\d.,]*|[-+−－(（])[\"']|\\0*3\d(?![0-9a-f])|counters?\(|attr\()",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"attr\(\s*([\w-]+)")
_BESIDE = re.compile(r"::?(?:before|after)$")
_MAX_SELECTOR = 200
ROWS = frozenset({"thead", "tbody", "tfoot", "tr"})
_NAMED_ROWS = ",".join(f"{tag}[{key}]" for tag in sorted(ROWS) for key in ("class", "id"))
# The last part of a selector, the element's name in it, and those of classes and identities outside parentheses.
_COMBINATOR = re.compile(r"[\s>+~]+(?![^(]*\))")
_TYPE = re.compile(r"[A-Za-z][\w-]*")
_BRACKETS = re.compile(r"\[[^\]]*\]")
_NAME = re.compile(r"[.#]([\w-]+)(?![^(]*\))")


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
        if len(selector) <= _MAX_SELECTOR and bool((part or STATES).search(selector)) is (part is not None)
    ]
    for selector, is_sure in _known_in(tree, selectors):
        yield find_all(tree, selector), is_sure


def find_declared(
    tree: LexborHTMLParser, sheets: Sequence[str], wanted: re.Pattern[str]
) -> Iterator[tuple[list[LexborNode], str]]:
    """Yield what each sure rule finds that says what is wanted, and its declarations."""
    rules = [rule for sheet in sheets for rule in read_declared(sheet, wanted)]
    for selector, declarations in _known_in(tree, rules):
        yield find_all(tree, selector), declarations


def _known_in(tree: LexborHTMLParser, rules: list[tuple[str, _T]]) -> list[tuple[str, _T]]:
    """Return the rules that may be of elements of the page: most names of a framework's sheet stand nowhere in it."""
    if len(rules) > _FEW_RULES:
        names = names_of(tree.css("[class],[id]"))
        rules = [one for one in rules if names_in(one[0]) <= names]
    return rules[:_MAX_RULES]


def find_all(tree: LexborHTMLParser, selector: str) -> list[LexborNode]:
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


def names_in(selector: str) -> frozenset[str]:
    r"""Return the classes and identities that a selector asks for; of one with escaped signs none, to be safe.

    >>> sorted(names_in("td.a :not(.b) > #c[href$='.doc']")), names_in(r".md\:hidden")
    (['a', 'c'], frozenset())
    """
    return frozenset() if "\\" in selector else frozenset(_NAME.findall(_BRACKETS.sub("", selector)))


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
            found += find_all(tree, selector)
    return found


@lru_cache(20 * KEPT_SHEETS)
def _rules_by_name(sheet: str, wanted: re.Pattern[str]) -> tuple[tuple[str, str, frozenset[str]], ...]:
    """Return the selectors of such rules, and the tag, if any, and the names that they ask of the element itself."""
    rules = []
    for selector, _ in read_rules(sheet, wanted):
        if not STATES.search(selector) and len(selector) <= _MAX_SELECTOR:
            last = _COMBINATOR.split(selector)[-1]
            kind = _TYPE.match(last)
            rules.append((selector, kind[0].lower() if kind else "", names_in(last)))
    return tuple(rules)
