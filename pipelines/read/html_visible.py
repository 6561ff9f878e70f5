"""What a browser shows of a page, left in its tree.

Hidden and struck out elements go, raised marks are set apart from the figures before them, form fields stand with what
they hold and pictures with a sign that no one can take for a blank. Pages are searched for the few words that can hide
anything first: most have none, and then no element is looked at.
"""

import re
from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

_PAGE_ITSELF = ("html", "body")  # hidden until a script has run: what it hides is still the page
_HIDES = re.compile(
    r"display\s*:\s*none|line-through|font-size\s*:\s*0(?![.\d])"
    r"|(?P<fades>visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?![.\d]))",
    re.IGNORECASE,
)
# Word writes super, other editors lengths; a raised text of Word that is no superscript is moved by `text-raise`.
_RAISES = re.compile(
    r"vertical-align\s*:\s*(?:super|text-top|[\d.]+(?:pt|px|em|ex|%))|text-raise\s*:\s*[\d.]*[1-9]", re.IGNORECASE
)
_HIDING_WORDS = ("display", "visibility", "line-through", "font-size:0", "font-size: 0", "opacity")
_RAISING_WORDS = ("vertical-align", "text-raise")
_PICTURES = "img,svg,canvas,object,embed,select,video"
_PICTURE_TAGS = (b"<img", b"<svg", b"<canvas", b"<object", b"<embed", b"<select", b"<video")
_SILENT_FIELDS = ("hidden", "submit", "button", "image", "reset", "checkbox", "radio", "file", "password")
_IN_CELL = ("td", "th")
_LINES = frozenset({"td", "th", "p", "div", "li"})
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_MAX_SHEET = 200_000  # characters of style sheets that are looked at; a portal's inline sheets have 20,000
_MAX_RULES = 100
_MAX_SELECTOR = 200


def show_page(tree: LexborHTMLParser, folded: bytes) -> None:
    """Leave in the tree only what the page shows.

    Args:
        tree: The parsed page.
        folded: Its bytes in lower case.
    """
    words = [word for word in _HIDING_WORDS if word.encode() in folded]
    if words:
        remove(_hidden_by_style(tree, words))
    raised = list(_styled(tree, [word for word in _RAISING_WORDS if word.encode() in folded], _RAISES))
    if words or b"vertical-align" in folded:
        remove(_by_sheet(tree, _HIDES))
        raised += _by_sheet(tree, _RAISES)
    if b"<sup" in folded:
        raised += tree.css("sup")
    _set_apart(raised)
    if b"<input" in folded:
        _fill_fields(tree)


def has_pictures(folded: bytes) -> bool:
    """Tell whether a page, in lower case, may print something that is no text."""
    return any(tag in folded for tag in _PICTURE_TAGS)


def holds_picture(cell: LexborNode) -> bool:
    """Tell whether a cell without text prints a picture or a field whose choice cannot be read."""
    return cell.css_first(_PICTURES) is not None


def remove(nodes: Iterable[LexborNode]) -> None:
    """Take nodes found in document order out of the tree: the last first, because removing one frees all below it."""
    for node in reversed(list(nodes)):
        if node.tag not in _PAGE_ITSELF:
            node.decompose()


def read_rules(sheet: str, wanted: re.Pattern[str]) -> list[str]:
    """Return the selectors of a style sheet whose declarations hold `wanted`; rules inside @-rules may not apply.

    >>> read_rules("a{color:red} .x, td .y{display: none} @media print{.z{display:none}}", _HIDES)
    ['.x', 'td .y']
    """
    selectors: list[str] = []
    depth, start, head = 0, 0, ""
    for match in re.finditer(r"[{}]", _COMMENT.sub("", sheet[:_MAX_SHEET])):
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
    return selectors[:_MAX_RULES]


def _styled(tree: LexborHTMLParser, words: list[str], wanted: re.Pattern[str]) -> list[LexborNode]:
    """Return in document order the elements whose own style says what is wanted."""
    if not words:
        return []
    found = tree.css(",".join(f'[style*="{word}" i]' for word in words))
    return [node for node in found if wanted.search(node.attributes.get("style") or "")]


def _hidden_by_style(tree: LexborHTMLParser, words: list[str]) -> list[LexborNode]:
    """Return what its own style hides; what only fades may be shown by a script, unless it stands in a cell."""
    found = []
    for node in _styled(tree, words, _HIDES):
        match = _HIDES.search(node.attributes.get("style") or "")
        if match and (match["fades"] is None or _is_in_cell(node)):
            found.append(node)
    return found


def _by_sheet(tree: LexborHTMLParser, wanted: re.Pattern[str]) -> list[LexborNode]:
    """Return what the page's own style sheets say so of inside table cells.

    Outside cells a script may show again what a sheet hides, and losing a page is worse than reading a menu.
    """
    selectors = [
        selector
        for node in tree.css("style")
        for selector in read_rules(node.text(), wanted)
        if ":" not in selector and len(selector) <= _MAX_SELECTOR
    ]
    found: dict[int, LexborNode] = {}
    for selector in selectors[:_MAX_RULES]:
        try:
            nodes = tree.css(selector)
        except SelectolaxError:
            continue  # a selector that the parser does not know hides nothing that it could find
        found.update((node.mem_id, node) for node in nodes if _is_in_cell(node))
    return [node for node in tree.css("td *,th *,td,th") if node.mem_id in found] if found else []


def _is_in_cell(node: LexborNode) -> bool:
    return any(above.tag in _IN_CELL for above in _lineage(node))


def _lineage(node: LexborNode) -> Iterator[LexborNode]:
    """Yield the node and what it stands in, from inside out."""
    above: LexborNode | None = node
    while above is not None:
        yield above
        above = above.parent


def _set_apart(raised: list[LexborNode]) -> None:
    """Put raised numbers into brackets: a footnote mark must not join the figure before it (70¹ is not 701).

    A line that is raised as a whole, as Word moves figures to the middle of their row, is no mark.
    """
    marks = {node.mem_id: node for node in raised if node.text().strip().isdigit()}
    by_line: dict[int, tuple[LexborNode, list[LexborNode]]] = {}
    for node in marks.values():
        above = list(_lineage(node))[1:]
        if any(outer.mem_id in marks for outer in above):
            continue  # a raised element inside another is one mark
        line = next((outer for outer in above if outer.tag in _LINES), above[0])
        by_line.setdefault(line.mem_id, (line, []))[1].append(node)
    for line, nodes in by_line.values():
        own = "".join(node.text() for node in nodes)
        if "".join(own.split()) == "".join(line.text().split()):
            continue
        for node in nodes:
            node.replace_with(f"[{node.text().strip()}]")


def _fill_fields(tree: LexborHTMLParser) -> None:
    """Set in the place of each field in a cell what it holds: forms are printed from the page that took them in."""
    for node in tree.css("td input,th input"):
        attributes = node.attributes
        if (attributes.get("type") or "text").lower() not in _SILENT_FIELDS:
            node.replace_with(attributes.get("value") or "")
