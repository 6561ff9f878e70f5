"""What a browser shows of a page, left in its tree.

Hidden and struck out elements go, raised marks are set apart from the figures before them, form fields stand with what
they hold and pictures with a sign that no one can take for a blank. Pages are searched for the few words that can hide
anything first: most have none, and then no element is looked at.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from pipelines.read.html.doubt import (
    CELLS,
    GONE,
    PALE,
    RED_TEXT,
    Notable,
    find_doubts,
    mark_by_rules,
    mark_doubtful,
    mark_pictures,
    mark_red,
)
from pipelines.read.model import PICTURE

_PAGE_ITSELF = ("html", "body")  # hidden until a script has run: what it hides is still the page
_HIDES = re.compile(
    r"display\s*:\s*none|line-through|font-size\s*:\s*0(?![.\d])"
    r"|(?P<fades>visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?![.\d]))",
    re.IGNORECASE,
)
# What a rule writes beside an element: figures, a counter or an attribute; escapes are the signs of icon fonts.
_GENERATES = re.compile(r"(?<![\w-])content\s*:[^;}]*(?:[\"'][.,]*\d[\d.,]*[\"']|counters?\(|attr\()", re.IGNORECASE)
_BESIDE = re.compile(r"::?(?:before|after)$")
# Word writes super, other editors lengths; raised text of Word that is no superscript is moved by `text-raise`.
_RAISES = re.compile(
    r"vertical-align\s*:\s*(?:super|text-top|(?=[\d.]*[1-9])[\d.]+(?:pt|px|em|ex|%))"
    r"|text-raise\s*:\s*[\d.]*[1-9]",
    re.IGNORECASE,
)
_HIDING_WORDS = ("display", "visibility", "line-through", "font-size:0", "font-size: 0", "opacity")
_RAISING_WORDS = ("vertical-align", "text-raise")
_LONGEST_KEPT_STYLE = 500  # characters; longer ones hold pictures, and no other page repeats them
_PICTURES = ("img", "canvas", "object", "embed", "video", "iframe", "progress", "meter")
# The elements of which pages are made, and which need no more than their text to be read, the commonest first.
_USUAL = r"p,td,span,tr,o\:p,a,li,div,strong,b,th,ul"
_NEVER_SHOWN = ("s", "strike", "del", "script", "style", "noscript", "rt", "rp")
_OWN_STYLE = re.compile(rb"style\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)")
_FIELDS = ("input", "select", "svg", "math")
_SILENT_FIELDS = ("hidden", "submit", "button", "image", "reset", "checkbox", "radio", "file", "password")
_LINES = frozenset({"td", "th", "p", "div", "li"})
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_MAX_SHEET = 200_000  # characters of style sheets that are looked at; a portal's inline sheets have 20,000
_KEPT_SHEETS = 50  # the pages of a portal bring the same ones
_MAX_RULES = 100
_MAX_SELECTOR = 200


def find_notable(tree: LexborHTMLParser) -> Notable:
    """Return the elements of a page that may need more than their text to be read, by name and in document order.

    One search for all: each search of a page costs as much, and one by the names that are wanted costs far more.
    """
    notable: dict[str, list[LexborNode]] = {}
    for node in tree.css(f":not({_USUAL})"):
        notable.setdefault(node.tag or "", []).append(node)
    return notable


def show_page(tree: LexborHTMLParser, markup: bytes, notable: Notable, holders: frozenset[str] = CELLS) -> None:
    """Leave in the tree only what the page shows.

    What is taken out loses its text and what it stood in, so that those of its elements that were found before change
    nothing any more.

    Args:
        tree: The parsed page.
        markup: Its bytes.
        notable: Its elements that need more than their text; see `find_notable`.
        holders: The elements that hold figures: `CELLS`, or `LINES` where the page prints rows as lines.
    """
    words = StyleWords.union_of(set(_OWN_STYLE.findall(markup.lower())))
    if words.hiding:
        remove(_hidden_by_style(tree, words.hiding, holders))
    _mark_written(notable.get("script", ()), holders)
    raised = _find_raised(tree, words.raising, notable, holders)
    for name in _FIELDS:
        _fill_fields(notable.get(name, ()), holders)
    _set_apart(raised)  # what is raised behind a field's figure is not the whole of its line
    mark_doubtful(tree, notable, words.doubtful, holders)
    mark_pictures(notable.get("img", ()), holders)
    for name in _NEVER_SHOWN:
        remove(notable.get(name, ()))
    remove(tree.css("[hidden]"))


@dataclass(frozen=True, slots=True)
class StyleWords:
    """Words by which the elements are found whose own style may hide or raise them, or leave their digits doubtful."""

    hiding: frozenset[str] = frozenset()
    raising: frozenset[str] = frozenset()
    doubtful: frozenset[str] = frozenset()

    @classmethod
    def union_of(cls, styles: Iterable[bytes]) -> "StyleWords":
        """Return the words of all styles of a page, in lower case as its bytes hold them."""
        found = {words for words in map(_words_of, styles) if words is not _NO_WORDS}
        return cls(
            frozenset().union(*(words.hiding for words in found)),
            frozenset().union(*(words.raising for words in found)),
            frozenset().union(*(words.doubtful for words in found)),
        )


_NO_WORDS = StyleWords()


def _words_of(style: bytes) -> StyleWords:
    return _search_style(style) if len(style) > _LONGEST_KEPT_STYLE else _recall_style(style)


def _search_style(style: bytes) -> StyleWords:
    """Return the words of one style; behind a character reference anything may stand."""
    text = style.decode(errors="replace")
    is_open = "&" in text
    words = StyleWords(
        frozenset(word for word in _HIDING_WORDS if word in text) if is_open or _HIDES.search(text) else frozenset(),
        frozenset(word for word in _RAISING_WORDS if word in text) if is_open or _RAISES.search(text) else frozenset(),
        find_doubts(text),
    )
    return words if words != _NO_WORDS else _NO_WORDS


_recall_style = lru_cache(4096)(_search_style)  # Word writes the same few styles on every page


def _find_raised(
    tree: LexborHTMLParser, words: Iterable[str], notable: Notable, holders: frozenset[str]
) -> list[LexborNode]:
    """Return what stands above its line, by its style, a sheet or its name; sheets hide what they hide."""
    raised = list(_styled(tree, words, _RAISES))
    if "style" in notable:
        raised += _apply_sheets(tree, [node.text()[:_MAX_SHEET] for node in notable["style"]], holders)
    return raised + notable.get("sup", [])


def _mark_written(scripts: Iterable[LexborNode], holders: frozenset[str]) -> None:
    """Put a mark in the place of each script that writes into a cell of figures: what it writes is not known."""
    for node in scripts:
        if "document.write" in node.text():
            cell = next((above for above in lineage(node) if above.tag in holders), None)
            if cell is not None and cell.css_first("table") is None:
                node.insert_before(PICTURE)


def has_pictures(notable: Notable) -> bool:
    """Tell whether a page may print something that is no text."""
    return not notable.keys().isdisjoint(_PICTURES)


def holds_picture(cell: LexborNode) -> bool:
    """Tell whether a cell, or a line of it, prints a picture."""
    return cell.css_first(",".join(_PICTURES)) is not None


def remove(nodes: Iterable[LexborNode]) -> None:
    """Take nodes found in document order out of the tree: the last first, because removing one frees all below it."""
    for node in reversed(list(nodes)):
        if node.tag not in _PAGE_ITSELF:
            node.decompose()


@lru_cache(6 * _KEPT_SHEETS)  # each is read for six things
def read_rules(sheet: str, wanted: re.Pattern[str]) -> tuple[str, ...]:
    """Return the selectors of a style sheet whose declarations hold `wanted`; rules inside @-rules may not apply.

    >>> read_rules("a{color:red} .x, td .y{display: none} @media print{.z{display:none}}", _HIDES)
    ('.x', 'td .y')
    """
    selectors: list[str] = []
    if wanted.search(_declarations_once(sheet)) is None:  # as most sheets
        return ()
    depth, start, head = 0, 0, ""
    for match in re.finditer(r"[{}]", _COMMENT.sub("", sheet)):
        text = match.string[start : match.start()]
        start = match.end()
        if match[0] == "{":
            depth += 1
            head = text if depth == 1 else ""
        else:
            depth = max(depth - 1, 0)
            if head and not head.lstrip().startswith("@") and wanted.search(text):
                selectors += [part.strip() for part in head.split(",") if part.strip()]
            head = ""
    return tuple(selectors[:_MAX_RULES])


@lru_cache(_KEPT_SHEETS)
def _declarations_once(sheet: str) -> str:
    """Return each declaration of a style sheet once: Word says the same of dozens of styles."""
    return "\n".join(set(re.split("[;}]", sheet)))


def _styled(tree: LexborHTMLParser, words: Iterable[str], wanted: re.Pattern[str]) -> list[LexborNode]:
    """Return in document order the elements whose own style says what is wanted."""
    if not words:
        return []
    found = tree.css(",".join(f'[style*="{word}" i]' for word in sorted(words)))
    return [node for node in found if wanted.search(node.attributes.get("style") or "")]


def _hidden_by_style(tree: LexborHTMLParser, words: Iterable[str], holders: frozenset[str]) -> list[LexborNode]:
    """Return what its own style hides; what only fades may be shown by a script, unless it stands in a cell."""
    found = []
    for node in _styled(tree, words, _HIDES):
        match = _HIDES.search(node.attributes.get("style") or "")
        if match and (match["fades"] is None or _is_held(node, holders)):
            found.append(node)
    return found


def _apply_sheets(tree: LexborHTMLParser, sheets: list[str], holders: frozenset[str]) -> list[LexborNode]:
    """Remove what the page's own style sheets hide inside table cells, and return what they raise there.

    Outside cells a script may show again what a sheet hides, and losing a page is worse than reading a menu.
    """
    remove(_by_sheet(tree, sheets, _HIDES, holders))
    for wanted in (PALE, GONE):
        mark_by_rules(_by_sheet(tree, sheets, wanted, holders), holders)
    mark_red(_by_sheet(tree, sheets, RED_TEXT, CELLS))
    for node in _by_sheet(tree, sheets, _GENERATES, holders, beside=True):
        node.insert_child(PICTURE)
    return _by_sheet(tree, sheets, _RAISES, holders)


def _by_sheet(
    tree: LexborHTMLParser,
    sheets: list[str],
    wanted: re.Pattern[str],
    holders: frozenset[str],
    *,
    beside: bool = False,
) -> list[LexborNode]:
    """Return in document order what the rules that say what is wanted find inside table cells.

    Args:
        tree: The page.
        sheets: Its style sheets.
        wanted: What a rule must say.
        holders: The elements that hold figures.
        beside: The rules are those of `::before` and `::after`, and what they stand beside is returned.
    """
    selectors = [
        _BESIDE.sub("", selector) if beside else selector
        for sheet in sheets
        for selector in read_rules(sheet, wanted)
        if len(selector) <= _MAX_SELECTOR and (_BESIDE.search(selector) is not None if beside else ":" not in selector)
    ]
    found: dict[int, LexborNode] = {}
    for selector in selectors[:_MAX_RULES]:
        try:
            nodes = tree.css(selector)
        except SelectolaxError:
            continue  # a selector that the parser does not know hides nothing that it could find
        found.update((node.mem_id, node) for node in nodes if _is_held(node, holders))
    within = ",".join(f"{name},{name} *" for name in sorted(holders))
    return [node for node in tree.css(within) if node.mem_id in found] if found else []


def _is_held(node: LexborNode, holders: frozenset[str]) -> bool:
    return any(above.tag in holders for above in lineage(node))


def lineage(node: LexborNode | None) -> Iterator[LexborNode]:
    """Yield the node and what it stands in, from inside out."""
    above = node
    while above is not None:
        yield above
        above = above.parent


def _set_apart(raised: list[LexborNode]) -> None:
    """Put raised numbers into brackets: a footnote mark must not join the figure before it (70¹ is not 701).

    A line that is raised as a whole, as Word moves figures to the middle of their row, is no mark; beside a picture,
    which may be the figure, it is.
    """
    marks = {node.mem_id: node for node in raised if node.text().strip().isdigit()}
    by_line: dict[int, tuple[LexborNode, list[LexborNode]]] = {}
    for node in marks.values():
        above = list(lineage(node))[1:]
        if any(outer.mem_id in marks for outer in above):
            continue  # a raised element inside another is one mark
        line = next((outer for outer in above if outer.tag in _LINES), above[0])
        by_line.setdefault(line.mem_id, (line, []))[1].append(node)
    for line, nodes in by_line.values():
        own = "".join(node.text() for node in nodes)
        if "".join(own.split()) == "".join(line.text().split()) and not holds_picture(line):
            continue
        for node in nodes:
            node.replace_with(f"[{node.text().strip()}]")


def _fill_fields(fields: Sequence[LexborNode], holders: frozenset[str]) -> None:
    """Set in the place of each field in a cell what it holds: forms are printed from the page that took them in.

    What a list or a drawing shows is not known; what they hold besides must not be read as one figure.
    """
    for node in reversed(fields):
        attributes = node.attributes
        if (attributes.get("type") or "text").lower() not in _SILENT_FIELDS and _is_held(node, holders):
            node.replace_with((attributes.get("value") or "") if node.tag == "input" else PICTURE)
