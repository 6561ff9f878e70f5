"""Digits in a cell that a browser may not show, or shows elsewhere than they stand, marked as not known.

White text beside dark, text moved out of sight, to the other side or below the line, digits printed backwards: what a
person sees is not what the page's text says, and only a browser could tell. A mark beside the digits keeps the cell
from being read as a number, so that it is reported and never loaded; labels lose nothing, since folding drops the mark.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.read.html.grid import is_figure
from pipelines.read.html.selected import ROWS, find_by_rules, find_named, names_of
from pipelines.read.html.sheets import own_fonts
from pipelines.read.html.styles import (
    ANY_COLOUR,
    ASIDE,
    BLACK_GROUND,
    COVERING,
    DOUBTS,
    DRAWN,
    FADED_CELL,
    FREED,
    GONE,
    GROUND,
    LAID_OUT,
    MOVED,
    PALE,
    PALE_GROUND,
    PALE_NAME,
    PLACED,
    RED_NAME,
    RED_TEXT,
    TURNED,
)
from pipelines.read.html.tree import is_held, lineage
from pipelines.read.model import PICTURE, RED, squeeze

_SELECTABLE = re.compile(r"[^\n\r\f\"\\]+")  # what a selector may quote: Word breaks lines within a style
_BACKGROUND = re.compile(r"background(?:-color)?\s*:\s*([^;]+)", re.IGNORECASE)
CELLS = frozenset({"td", "th"})
TABLE_PARTS = ROWS | {"table"}
# Where a page prints the rows of its tables as lines, these hold figures as well.
LINES = CELLS | {"p", "li", "div", "section", "pre", "dd", "dt"}
_LONGEST_FIGURE = 40  # characters of a cell in which a picture may stand for one of its digits
_NOTE_MARK = re.compile(r"\[\d+\]")
_SMALLER = ("sub", "small")
_COLUMNS = ("col", "colgroup")
_COLLAPSED = re.compile(r"visibility\s*:\s*collapse", re.IGNORECASE)  # `display: none` shows a column all the same
_POINT = re.compile(r"\s*[0-2](?:px)?\s*")  # width or height of a picture that only fills space
Notable = Mapping[str, list[LexborNode]]  # elements of a page by name


def find_doubts(style: str) -> frozenset[str]:
    r"""Return words of an inline style, in lower case, that may leave open whether or where digits are shown.

    >>> find_doubts("font-size:10pt;color:#fff"), find_doubts("color:\n#fff")
    (frozenset({'color:#fff'}), frozenset({'color:'}))
    """
    return frozenset(_SELECTABLE.findall(match.group())[0] for match in DOUBTS.finditer(style))


def mark_doubtful(tree: LexborHTMLParser, notable: Notable, words: Iterable[str], holders: frozenset[str]) -> None:
    """Mark the digits in table cells of which the page's own styles leave open whether or where they are shown.

    Args:
        tree: The page, what is surely hidden already taken out.
        notable: Its elements that may move their text or make it pale, and others.
        words: What its inline styles say, from `find_doubts`.
        holders: The elements that hold figures: `CELLS` or `LINES`.
    """
    doubtful: list[LexborNode] = []
    red: list[LexborNode] = []
    if words:
        found = tree.css(",".join(f'[style*="{word}" i]' for word in sorted(words)))
        doubtful = [node for node in found if _is_doubtful(node, node.attributes.get("style") or "", holders)]
        mark_turned(node for node in found if TURNED.search(node.attributes.get("style") or ""))
        _mark(
            (node for node in found if node.tag in CELLS and PLACED.search(node.attributes.get("style") or "")), CELLS
        )
        mark_drawn(node for node in found if DRAWN.search(node.attributes.get("style") or ""))
        mark_aside((node for node in found if ASIDE.search(node.attributes.get("style") or "")), holders)
        mark_covering(node for node in found if COVERING.search(node.attributes.get("style") or ""))
        mark_rows(node for node in found if node.tag in ROWS and _is_unseen_row(node))
        red = [node for node in found if RED_TEXT.search(node.attributes.get("style") or "")]
    if "font" in notable:
        fonts = [node for node in notable["font"] if "color" in node.attributes]
        doubtful += [node for node in fonts if _is_colour(node, PALE_NAME)]
        doubtful += [node for node in notable["font"] if _is_small(node.attributes) and _is_part(node, holders)]
        red += [node for node in fonts if _is_colour(node, RED_NAME)]
    doubtful += notable.get("bdo", [])
    doubtful += [node for node in notable.get("details", ()) if "open" not in node.attributes]
    doubtful += [node for name in _SMALLER for node in notable.get(name, ()) if _is_part(node, holders)]
    columns = [node for name in _COLUMNS for node in notable.get(name, ())]
    _mark_all(_table_of(node) for node in columns if _COLLAPSED.search(node.attributes.get("style") or ""))
    for node in notable.get("ol", ()):
        mark_drawn(node.css("li"))  # whose numbers a browser writes
    mark_by_rules(doubtful, holders)
    mark_red(red)


def mark_pictures(pictures: Iterable[LexborNode], holders: frozenset[str]) -> None:
    """Put the mark behind each picture beside digits in a cell: some pages draw digits as pictures against crawlers."""
    for node in pictures:
        cell = holder_of(node, holders)
        if cell is None or not _may_be_digit(node.attributes) or cell.css_first("table") is not None:
            continue
        text = _NOTE_MARK.sub("", squeeze(cell.text()))
        if len(text) <= _LONGEST_FIGURE and any(map(str.isdigit, text)):
            node.insert_after(PICTURE)


def _may_be_digit(attributes: Mapping[str, str | None]) -> bool:
    """Tell whether a picture may be of a digit: one with a name of letters alone is a sign, and a point fills space."""
    source = attributes.get("src") or ""
    name = source if source.startswith("data:") else source.rpartition("/")[2] + (attributes.get("alt") or "")
    return any(map(str.isdigit, name)) and not is_point(attributes)


def is_point(attributes: Mapping[str, str | None]) -> bool:
    """Tell whether a picture is a point or a line, which only fills space."""
    return any(_POINT.fullmatch(attributes.get(side) or "") for side in ("width", "height"))


def _is_colour(font: LexborNode, wanted: re.Pattern[str]) -> bool:
    """Tell whether a font has such a colour, whose number sign may be left out."""
    colour = (font.attributes.get("color") or "").strip()
    return any(map(wanted.match, (colour, f"#{colour}")))


def _is_small(attributes: Mapping[str, str | None]) -> bool:
    names = (attributes.get("face") or "").lower()
    return (attributes.get("size") or "") in ("1", "-2", "-3") or names.startswith(("wingdings", "webdings"))


def mark_moved(nodes: Iterable[LexborNode], holders: frozenset[str]) -> None:
    """Mark the digits in elements that a sheet moves, where they are not the whole of their cell."""
    _mark([node for node in nodes if node.tag not in CELLS and _is_part(node, holders)], holders)


def mark_laid_out(nodes: Iterable[LexborNode], holders: frozenset[str]) -> None:
    """Mark the digits in elements that a sheet sets on lines of their own, but for rows of cells (flex boxes)."""
    mark_moved((node for node in nodes if not _is_row(node, holders)), holders)


def mark_aside(nodes: Iterable[LexborNode], holders: frozenset[str]) -> None:
    """Mark the blanks that a style sets far from their place, where another figure may be seen."""
    for node in list(nodes):
        cell = holder_of(node, holders)
        if cell is not None and not cell.text().strip():
            node.insert_child(PICTURE)


def mark_covering(nodes: Iterable[LexborNode]) -> None:
    """Mark the figures beside which an element without text is set over them: a line through them, or a cover."""
    silent = [(node, holder_of(node, CELLS)) for node in list(nodes) if not node.text().strip()]
    mark_drawn(node for node, cell in silent if cell is not None and cell.text().strip())


def mark_turned(nodes: Iterable[LexborNode]) -> None:
    """Mark the digits and blanks in tables and rows whose cells a style sets in another order than they are written.

    Where it turns a head alone, all figures below it are in doubt; a table that runs from right to left with its head
    is read as it is written.
    """
    _mark_all(_table_of(node) for node in nodes if node.tag in TABLE_PARTS and not _runs_with_head(node))


def mark_rows(nodes: Iterable[LexborNode]) -> None:
    """Mark the digits in rows that a style hides, fades or moves, and not the other rows of their table.

    What it does to all of them a script undoes once the page is open, or the page's ground is such that they are seen.
    """
    found: dict[int, tuple[LexborNode, dict[int, LexborNode]]] = {}
    for node in nodes:
        if node.tag in ROWS and not _boxes_rows(node) and (table := _above(node, "table")) is not None:
            rows = [node] if node.tag == "tr" else node.css("tr")
            found.setdefault(table.mem_id, (table, {}))[1].update((row.mem_id, row) for row in rows)
    for table, treated in found.values():
        others = [cell for row in table.css("tr") if row.mem_id not in treated for cell in row.css("td,th")]
        if any(is_figure(cell.text()) for cell in others):
            _mark([cell for row in treated.values() for cell in row.css("td,th")], CELLS)


def _is_unseen_row(node: LexborNode) -> bool:
    style = node.attributes.get("style") or ""
    is_gone = GONE.search(style) is not None or FREED.search(style) is not None
    return is_gone or (PALE.search(style) is not None and not _stands_on_colour(node))


def _above(node: LexborNode, tag: str) -> LexborNode | None:
    above = node.parent
    while above is not None and above.tag != tag:
        above = above.parent
    return above


def _mark_all(parts: Iterable[LexborNode]) -> None:
    """Mark the digits and blanks of tables or rows."""
    cells = [cell for part in list(parts) for cell in part.css("td,th")]
    _mark(cells, CELLS)
    for cell in cells:
        if not cell.text().strip():
            cell.insert_child(PICTURE)


def _runs_with_head(table: LexborNode) -> bool:
    """Tell whether a table that a style turns, and not its rows one by one, has a head over its columns."""
    if table.tag != "table" or "reverse" in (table.attributes.get("style") or ""):
        return False
    head = 0
    for row in table.css("tr"):
        texts = [cell.text().strip() for cell in row.css("td,th")]
        figures = sum(text[-1:].isdigit() for text in texts)
        if figures:
            return head >= figures
        head += len(texts)
    return False


def _table_of(part: LexborNode) -> LexborNode:
    """Return a part of a table where it holds digits, else its table."""
    if part.tag == "table" or any(map(str.isdigit, part.text())):
        return part
    return _above(part, "table") or part


def _is_row(node: LexborNode, holders: frozenset[str]) -> bool:
    """Tell whether a node holds nothing but cells, so that setting them side by side moves no part of any."""
    inner = [child for child in node.iter(include_text=True) if child.tag != "-comment"]
    cells = [child for child in inner if child.tag in holders]
    texts = [child.text_content or "" for child in inner if child.tag == "-text"]
    return len(cells) > 1 and len(cells) + len(texts) == len(inner) and not "".join(texts).strip()


def mark_drawn(nodes: Iterable[LexborNode]) -> None:
    """Put the mark into elements inside cells that draw something by their style: it may be, or strike out, a digit."""
    for node in list(nodes):
        if node.tag not in CELLS and holder_of(node, CELLS) is not None:
            node.insert_child(PICTURE)


def mark_by_rules(nodes: Iterable[LexborNode], holders: frozenset[str]) -> None:
    """Mark the digits in the elements that a style makes pale or moves out of sight."""
    _mark((node for node in nodes if not _stands_on_colour(node)), holders)


def mark_red(nodes: Iterable[LexborNode]) -> None:
    """Set a mark behind the digits in cells that their element, and none inside it, colours: red; see `colour`."""
    for node in list(nodes):
        if holder_of(node, CELLS) is None:
            continue
        for text in [inner for inner in node.traverse(include_text=True) if inner.tag == "-text"]:
            if any(map(str.isdigit, text.text_content or "")) and not _is_coloured_within(text, node):
                text.insert_after(RED)


def _is_coloured_within(text: LexborNode, outer: LexborNode) -> bool:
    above = text.parent
    while above is not None and above.mem_id != outer.mem_id:
        attributes = above.attributes
        if "color" in attributes or ANY_COLOUR.search(attributes.get("style") or ""):
            return True
        above = above.parent
    return False


def _is_doubtful(node: LexborNode, style: str, holders: frozenset[str]) -> bool:
    if PALE.search(style) or (BLACK_GROUND.search(style) and _is_blacked_out(node)):
        return True
    if node.tag in CELLS:
        return FADED_CELL.search(style) is not None
    is_moved = MOVED.search(style) is not None or (LAID_OUT.search(style) is not None and not _is_row(node, holders))
    return GONE.search(style) is not None or (is_moved and _is_part(node, holders))


def _is_blacked_out(node: LexborNode) -> bool:
    """Tell whether nothing colours the text of an element on black ground, nor the ground within it.

    A table's ground shows between its cells, as borders.
    """
    inner = [own for own in node.css("*") if own.mem_id != node.mem_id]
    if any(own.tag in CELLS or _BACKGROUND.search(own.attributes.get("style") or "") for own in inner):
        return False
    held = [own.attributes for own in (*inner, *lineage(node))]
    return not any("color" in own or ANY_COLOUR.search(own.get("style") or "") for own in held)


def _is_part(node: LexborNode, holders: frozenset[str]) -> bool:
    """Tell whether a node stands beside other text in its cell; what is moved as a whole is read as it is.

    So is a box around a table in a cell of a layout table: what is moved with it are its cells, and no part of one.
    """
    cell = holder_of(node, holders)
    return cell is not None and squeeze(cell.text()) != squeeze(node.text()) and node.css_first("td,th") is None


def _mark(nodes: Iterable[LexborNode], holders: frozenset[str]) -> None:
    """Put the mark into each element inside a cell, or into the cell itself, where it holds digits."""
    for node in list(nodes):
        cell = holder_of(node, holders)
        if cell is None or not any(map(str.isdigit, node.text())) or _boxes_rows(node):
            continue
        texts = [inner for inner in node.traverse(include_text=True) if inner.tag == "-text"]
        if len(texts) > 1 and node.css_first(",".join(holders)) is not None:  # a row, or a box around several cells
            marked = [text for text in texts if any(map(str.isdigit, text.text_content or ""))]
        else:
            marked = texts[-1:]  # behind a label, whose number stands in front
        for text in marked:
            text.insert_after(PICTURE)


def _boxes_rows(node: LexborNode) -> bool:
    """Tell whether an element, in a cell that lays out the page, holds rows of tables: what moves it parts none."""
    return any(len(table.css("tr")) > 1 for table in node.css("table") if table.mem_id != node.mem_id)


def holder_of(node: LexborNode, holders: frozenset[str]) -> LexborNode | None:
    """Return the element that holds a figure in which a node stands, or which it is."""
    above: LexborNode | None = node
    while above is not None and above.tag not in holders:
        above = above.parent
    return above


def _stands_on_colour(node: LexborNode) -> bool:
    """Tell whether white text stands on a background that the page's own attributes colour: it is shown then."""
    if not PALE.search(node.attributes.get("style") or "") and node.tag != "font":
        return False
    for above in lineage(node):
        if ground := _own_ground(above):
            return PALE_NAME.match(ground) is None
        if above.tag == "table":
            return False
    return False


def _own_ground(node: LexborNode) -> str:
    attributes = node.attributes
    background = _BACKGROUND.search(attributes.get("style") or "")
    colour = background[1].strip() if background else (attributes.get("bgcolor") or "").strip()
    return "" if colour in ("none", "inherit", "initial") else colour


def find_unseen(tree: LexborHTMLParser, sheets: Sequence[str], nodes: Iterable[LexborNode]) -> list[LexborNode]:
    """Return which elements of pale text stand on no ground to which a rule or an element's own style gives a colour.

    Rows are left out where all of their cells stand on one, as where they do themselves.
    """
    pale_text = list(nodes)
    if not pale_text:
        return []
    parts = [(node, node.css("td,th") if node.tag in ROWS else [node]) for node in pale_text]
    around = {above.mem_id: above for _, own in parts for node in own for above in lineage(node)}.values()
    tags, names = {above.tag or "" for above in around}, names_of(around)
    coloured, pale = (
        {node.mem_id for node in find_named(tree, sheets, way, tags, names)} for way in (GROUND, PALE_GROUND)
    )

    def is_seen(node: LexborNode) -> bool:
        for above in lineage(node):
            if ground := _own_ground(above):
                return PALE_NAME.match(ground) is None
            if above.mem_id in pale or above.mem_id in coloured:
                return above.mem_id not in pale
        return False

    return [node for node, own in parts if not all(map(is_seen, own or [node]))]


def find_in_own_fonts(tree: LexborHTMLParser, sheets: Sequence[str], holders: frozenset[str]) -> list[LexborNode]:
    """Return the elements in cells that a rule or their own style sets in a font that comes with the page."""
    found: list[LexborNode] = []
    for fonts in filter(None, map(own_fonts, sheets)):
        found += find_by_rules(tree, sheets, fonts, holders)[0]
        for node in tree.css("[style],font[face]"):
            said = f"font-family:{node.attributes.get('face') or ''};{node.attributes.get('style') or ''}"
            if fonts.search(said) and is_held(node, holders):
                found.append(node)
    return found
