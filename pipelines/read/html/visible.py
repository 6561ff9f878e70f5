"""What a browser shows of a page, left in its tree.

Hidden and struck out elements go, raised marks are set apart from the figures before them, form fields stand with what
they hold and pictures with a sign that no one can take for a blank. Pages are searched for the few words that can hide
anything first: most have none, and then no element is looked at.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.read.html.doubt import (
    CELLS,
    TABLE_PARTS,
    Notable,
    find_doubts,
    find_in_own_fonts,
    find_unseen,
    holder_of,
    is_point,
    mark_aside,
    mark_by_rules,
    mark_covering,
    mark_doubtful,
    mark_drawn,
    mark_laid_out,
    mark_moved,
    mark_pictures,
    mark_red,
    mark_rows,
    mark_turned,
)
from pipelines.read.html.filled import mark_unfilled
from pipelines.read.html.grid import is_figure
from pipelines.read.html.hiding import WAYS, Way, conceal, way_of
from pipelines.read.html.named import mark_named
from pipelines.read.html.pane_names import name_choices, name_panes
from pipelines.read.html.panes import boxes_tables, drop_copies, keep_panes
from pipelines.read.html.selected import ROWS, elements_by_rules, find_by_rules, find_rows, find_written_beside
from pipelines.read.html.sheets import FIRST, read_rules, sheets_of, sizes_root
from pipelines.read.html.spoken import CELL_NAMES, leave_out_column_names
from pipelines.read.html.styles import (
    ASIDE,
    COVERING,
    DRAWN,
    FREED,
    GONE,
    LAID_OUT,
    MOVED,
    PALE,
    PALE_RULE,
    PLACED,
    RED_TEXT,
    TINY,
    TURNED,
)
from pipelines.read.html.tree import is_held, lineage, remove
from pipelines.read.model import PICTURE

_HIDES = re.compile(
    r"display\s*:\s*none|line-through|font-size\s*:\s*0(?![.\d])"
    r"|(?<![\w-])(?P<fades>visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?![.\d]))",
    re.IGNORECASE,
)
# Word writes super, other editors lengths; raised text of Word that is no superscript is moved by `text-raise`.
_RAISES = re.compile(
    r"vertical-align\s*:\s*(?:super|text-top|(?=[\d.]*[1-9])[\d.]+(?:pt|px|em|ex|%))"
    r"|text-raise\s*:\s*[\d.]*[1-9]|font-variant(?:-position)?\s*:[^;{}]{0,60}super|position\s*:\s*relative\s*;\s*top\s*:\s*-[\d.]*[1-9]",
    re.IGNORECASE,
)
_SHOWS_AFTER_ALL = re.compile(
    r"display\s*:\s*(?!none)[a-z-]{1,30}\s*!\s*important|visibility\s*:\s*visible\s*!\s*important", re.IGNORECASE
)
_HIDING_WORDS = ("display", "visibility", "line-through", "font-size:0", "font-size: 0", "opacity")
_RAISING_WORDS = ("vertical-align", "text-raise", "relative", "font-variant")
_LONGEST_KEPT_STYLE = 500  # characters; longer ones hold pictures, and no other page repeats them
_PICTURES = ("img", "canvas", "object", "embed", "video", "iframe", "progress", "meter")
# The elements of which pages are made, and which need no more than their text to be read, the commonest first.
_USUAL = r"p,td,span,tr,o\:p,a,li,div,strong,b,th,ul"
_STRUCK = ("s", "strike", "del")
_UNSTRUCK = re.compile(r"text-decoration(?:-line)?\s*:\s*none", re.IGNORECASE)
_NEVER_SHOWN = (*_STRUCK, "script", "style", "noscript", "rt", "rp")
_OWN_STYLE = re.compile(rb"style\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)")
# What a browser shows in the place of these is not the text within them.
_REPLACED = ("canvas", "object", "video", "audio", "iframe", "progress", "meter")
_FOLDED = ("datalist", "noframes", "noembed")
_FIELDS = ("input", "select", "svg", "math")
_SILENT_FIELDS = ("hidden", "image", "checkbox", "radio", "file")
_UNLIKE_FIELDS = ("submit", "button", "reset", "password", "range", "color", "date", "time", "month")
# A script that sizes the root by the width of the screen, and so all that is so many `rem` high.
_SCALES_ROOT = re.compile(rb"documentelement\b[^;]{0,60}fontsize|\b(?:flexible|rem)(?:\.min)?\.js")
_LINES = frozenset({"td", "th", "p", "div", "li"})


def find_notable(tree: LexborHTMLParser) -> Notable:
    """Return the elements of a page that may need more than their text to be read, by name and in document order.

    One search for all: each search of a page costs as much, and one by the names that are wanted costs far more.
    """
    notable: dict[str, list[LexborNode]] = {}
    for node in tree.css(f":not({_USUAL})"):
        notable.setdefault(node.tag or "", []).append(node)
    return notable


def show_page(tree: LexborHTMLParser, markup: bytes, notable: Notable, holders: frozenset[str]) -> bool:
    """Leave in the tree only what the page shows; tell whether a style may keep whole tables out of sight.

    What is taken out loses its text and what it stood in, so that those of its elements that were found before change
    nothing any more.

    Args:
        tree: The parsed page.
        markup: Its bytes.
        notable: Its elements that need more than their text; see `find_notable`.
        holders: The elements that hold figures: `CELLS`, or `LINES` where the page prints rows as lines.
    """
    for name in _FIELDS:
        _fill_fields(notable.get(name, ()), holders)
    lowered = markup.lower()
    words = StyleWords.union_of(set(_OWN_STYLE.findall(lowered)))
    name_choices(node for node in notable.get("select", ()) if not is_held(node, CELLS))
    parts = name_panes(tree, notable.get("table", ()))
    sheets = sheets_of(notable.get("style", ()), notable.get("link", ()))
    if words.hiding:
        hidden = _hidden_by_style(tree, words.hiding, holders)
        hidden = _not_shown_again(tree, hidden, sheets, _SHOWS_AFTER_ALL, holders)
        conceal(tree, keep_panes(tree, [node for node in hidden if node.mem_id not in parts]), way_of, holders)
    if hidden := tree.css("[hidden],[popover]"):
        hidden = _not_shown_again(tree, hidden, sheets, WAYS[0].shows, holders)
        hidden = keep_panes(tree, [node for node in hidden if node.mem_id not in parts])
        conceal(tree, hidden, lambda _: WAYS[0], holders)
    _mark_written(notable.get("script", ()), holders)
    raised = [*_styled(tree, words.raising, _RAISES), *notable.get("sup", ())]
    if sheets:
        is_scaled = any(read_rules(sheet, TINY) for sheet in sheets) and _SCALES_ROOT.search(lowered) is not None
        raised += _apply_sheets(tree, sheets, holders, is_scaled=is_scaled)
    raised = [node for node in raised if node.tag not in CELLS]  # the text of a cell is set in it, and not raised
    if b"#" in lowered:
        raised += _take_jumps(tree)
    _replace_pictures(notable, holders)
    _set_apart(raised)  # what is raised behind a field's figure is not the whole of its line
    mark_doubtful(tree, notable, words.doubtful, holders)
    mark_turned(node for node in notable.get("table", ()) if (node.attributes.get("dir") or "").lower() == "rtl")
    mark_unfilled(tree, lowered, notable.get("script", ()), holders)
    mark_pictures(notable.get("img", ()), holders)
    _show_unstruck(notable)
    for name in _NEVER_SHOWN:
        remove(node for node in notable.get(name, ()) if node.parent is not None)
    remove(node for node in notable.get("button", ()) if _is_mere_control(node, holders))
    mark_named(tree, notable, holders)
    if "thead" in notable and any(name in lowered for name in CELL_NAMES):
        leave_out_column_names(notable.get("table", ()))
    return bool(words.hiding or words.doubtful or (sheets and b"none" in lowered))


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


def _take_jumps(tree: LexborHTMLParser) -> list[LexborNode]:
    """Return the links in cells to a place of the page, such as the note below; those to comments of Word go: [张1]."""
    jumps = [node for node in tree.css('a[href^="#"]') if is_held(node, CELLS)]
    comments = [node for node in jumps if (node.attributes.get("href") or "").startswith("#_msocom")]
    gone = {node.mem_id for node in comments}
    kept = [node for node in jumps if node.mem_id not in gone]
    remove(comments)
    return kept


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
    return any(node.tag != "img" or not is_point(node.attributes) for node in cell.css(",".join(_PICTURES)))


def _styled(tree: LexborHTMLParser, words: Iterable[str], wanted: re.Pattern[str]) -> list[LexborNode]:
    """Return in document order the elements whose own style says what is wanted."""
    if not words:
        return []
    found = tree.css(",".join(f'[style*="{word}" i]' for word in sorted(words)))
    return [node for node in found if wanted.search(node.attributes.get("style") or "")]


def _hidden_by_style(tree: LexborHTMLParser, words: Iterable[str], holders: frozenset[str]) -> list[LexborNode]:
    """Return what its own style hides; what only fades may be shown by a script, unless it stands in a cell."""
    found, faded = [], []
    for node in _styled(tree, words, _HIDES):
        match = _HIDES.search(node.attributes.get("style") or "")
        if match and (match["fades"] is None or is_held(node, holders)):
            found.append(node)
        elif match and node.tag in ROWS:
            faded.append(node)
    mark_rows(faded)
    return found


def _not_shown_again(
    tree: LexborHTMLParser,
    hidden: list[LexborNode],
    sheets: Sequence[str],
    shows: re.Pattern[str],
    holders: frozenset[str],
) -> list[LexborNode]:
    """Return what no rule shows against the element's own word; digits in cells that one shows are in doubt."""
    shown = {node.mem_id for node in elements_by_rules(tree, sheets, shows)} if sheets else set()
    again = [node for node in hidden if node.mem_id in shown and is_held(node, holders)]
    mark_by_rules(again, holders)
    kept = {node.mem_id for node in again}
    return [node for node in hidden if node.mem_id not in kept]


def _apply_sheets(
    tree: LexborHTMLParser, sheets: list[str], holders: frozenset[str], *, is_scaled: bool
) -> list[LexborNode]:
    """Remove what the page's own style sheets hide inside table cells, and return what they raise there.

    Outside cells a script may show again what a sheet hides, and losing a page is worse than reading a menu.
    Where a script sizes the root (`is_scaled`), sizes by the root tell nothing.
    """
    for node in find_written_beside(tree, sheets, holders):
        if node.tag in holders:
            node.insert_child(PICTURE)
        else:
            node.insert_after(PICTURE)  # it may be hidden itself, and a label may stand before it
    if any(read_rules(sheet, _HIDES) for sheet in sheets):
        for way in WAYS:
            _hide_by_rules(tree, sheets, way, holders)
        drop_copies(tree, sheets, WAYS[0].hides, WAYS[0].shows)
    mark_by_rules(find_unseen(tree, sheets, find_by_rules(tree, sheets, PALE_RULE, holders)[0]), holders)
    for wanted in (GONE,) if is_scaled or any(map(sizes_root, sheets)) else (GONE, TINY):
        mark_by_rules(find_by_rules(tree, sheets, wanted, holders)[0], holders)
    pale, *unseen = find_rows(tree, sheets, (PALE_RULE, GONE, FREED, *(way.hides for way in WAYS)))
    for rows in (find_unseen(tree, sheets, pale), *unseen):
        mark_rows(rows)
    mark_aside(find_by_rules(tree, sheets, ASIDE, holders)[0], holders)
    mark_moved(find_by_rules(tree, sheets, MOVED, holders)[0], holders)
    mark_laid_out(find_by_rules(tree, sheets, LAID_OUT, holders)[0], holders)
    mark_turned(find_by_rules(tree, sheets, TURNED, TABLE_PARTS)[0])
    mark_by_rules((node for node in find_by_rules(tree, sheets, PLACED, CELLS)[0] if node.tag in CELLS), CELLS)
    mark_drawn(find_by_rules(tree, sheets, DRAWN, CELLS)[0])
    mark_covering(find_by_rules(tree, sheets, COVERING, CELLS)[0])
    if any("first-l" in sheet for sheet in sheets):
        for wanted in (PALE, GONE, MOVED, _RAISES, *(way.hides for way in WAYS)):
            mark_by_rules(find_by_rules(tree, sheets, wanted, holders, FIRST)[0], holders)
    mark_by_rules(find_in_own_fonts(tree, sheets, holders), holders)
    mark_red(find_by_rules(tree, sheets, RED_TEXT, CELLS)[0])
    return find_by_rules(tree, sheets, _RAISES, holders)[0]


def _hide_by_rules(tree: LexborHTMLParser, sheets: list[str], way: Way, holders: frozenset[str]) -> None:
    """Remove what rules surely hide inside cells, and mark the digits of what they may hide or another rule shows."""
    hidden, sure = find_by_rules(tree, sheets, way.hides, holders)
    hidden = [node for node in hidden if not boxes_tables(node)]  # in a cell that lays out the page
    if not hidden:
        return
    shown = {node.mem_id for node in find_by_rules(tree, sheets, way.shows, holders)[0]}
    shown |= {node.mem_id for node in hidden if way.shows.search(node.attributes.get("style") or "")}
    mark_by_rules((node for node in hidden if node.mem_id in shown or node.mem_id not in sure), holders)
    gone = [node for node in hidden if node.mem_id in sure and node.mem_id not in shown]
    within = find_by_rules(tree, sheets, way.shows_within, holders)[0] if way.shows_within is not None else ()
    conceal(tree, gone, lambda _: way, holders, {node.mem_id for node in within})


def _show_unstruck(notable: Notable) -> None:
    """Leave the text of what its own style does not strike out: programs that read pages aloud mark sentences so."""
    for name in _STRUCK:
        for node in notable.get(name, ()):
            if _UNSTRUCK.search(node.attributes.get("style") or ""):
                node.unwrap()


def _replace_pictures(notable: Notable, holders: frozenset[str]) -> None:
    """Put the mark in the place of what a browser draws over the text within, and leave out what it folds away."""
    for name in _REPLACED:
        for node in notable.get(name, ()):
            if node.first_child is not None and is_held(node, holders):
                node.replace_with(PICTURE)
    for name in _FOLDED:
        remove(notable.get(name, ()))
    remove(node for node in notable.get("dialog", ()) if "open" not in node.attributes)


def _is_mere_control(button: LexborNode, holders: frozenset[str]) -> bool:
    """Tell whether a button is something to press (复制) beside a figure, and no part of it."""
    cell, text = holder_of(button, holders), button.text()
    if cell is None or not text.strip() or any(map(str.isdigit, text)) or holds_picture(button):
        return False
    return is_figure(cell.text().replace(text, "", 1))


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
        kind = (attributes.get("type") or "text").lower()
        if kind in _SILENT_FIELDS or not is_held(node, holders):
            continue
        shown = attributes.get("value") or ""
        if not shown and any(map(str.isdigit, attributes.get("placeholder") or "")):
            shown = PICTURE
        is_unlike = kind in _UNLIKE_FIELDS and any(map(str.isdigit, shown))
        text = PICTURE if node.tag != "input" or is_unlike else "" if kind in _UNLIKE_FIELDS else shown
        if node.tag == "input":
            # In it, so that what a style does to its digits is seen; and apart from digits that stand beside it.
            node.insert_child(f" {text} " if text else "")
        else:
            node.replace_with(text)
