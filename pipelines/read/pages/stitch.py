"""Tables that pages cut apart put together again: repeated headers dropped, cut rows and cut cells made whole."""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from pipelines.read.model import UNREADABLE
from pipelines.read.pages.grids import FIGURE
from pipelines.read.pages.lines import TextLine, is_full
from pipelines.read.pages.tables import Fragment, PageCell
from schemas.document import load_document_words

_SAME_EDGE = 3.0  # points by which an edge may be drawn elsewhere on the next page
_SHIFT = 90.0  # points by which a booklet's even pages may lie beside the odd ones
_NOTE_LENGTH = 8  # characters of the longest note that stands over each part of a table: "continued", the unit

_REST = re.compile(rf"[\d{UNREADABLE}]")

Item = TextLine | Fragment
_Pair = tuple[PageCell, PageCell]


def stitch_pages(pages: Sequence[Sequence[Item]]) -> list[Item]:
    """Return all pages' items in reading order, a table that goes on overleaf as one.

    Args:
        pages: Lines and tables of each page from top to bottom, page furniture taken out.
    """
    flow: list[Item] = []
    for page in pages:
        items = list(page)
        last = flow[-1] if flow else None
        if isinstance(last, Fragment):
            place = _first_table(items)
            if place is not None and (following := _aligned(last, items[place], is_strict=place > 0)) is not None:
                joined = join_fragments(last, following)
                if joined is not None:
                    flow[-1] = joined
                    # A note over the table's second part goes in front of the whole table.
                    flow[-1:-1] = items[:place]
                    del items[: place + 1]
        flow += items
    return flow


def _first_table(items: Sequence[Item]) -> int | None:
    """Return the place of a page's first table where nothing, or one short note, stands above it."""
    for place, item in enumerate(items[:2]):
        if isinstance(item, Fragment):
            return place
        if len(item.text) > _NOTE_LENGTH or list_mark().match(item.text):
            return None
    return None


def _aligned(last: Fragment, item: Item, *, is_strict: bool) -> Fragment | None:
    """Return a fragment moved under the one before where its columns continue, else None.

    Columns continue where the outer borders are as far apart and the edges of one are among those of the other; or
    those of the rows at the break, where tables touch one another on either page.
    """
    if not isinstance(item, Fragment):
        return None
    shift = last.x0 - item.x0
    if abs(shift) > _SHIFT or abs(item.x1 + shift - last.x1) > _SAME_EDGE:
        return None
    own, others = last.edges, [edge + shift for edge in item.edges]
    is_within = _are_among(others, own), _are_among(own, others)
    if not (all(is_within) if is_strict else any(is_within) or _meet_alike(last, item, shift)):
        return None
    snapped = {edge: _snap(edge + shift, own) for cell in item.cells for edge in (cell.left, cell.right)}
    cells = [
        PageCell(snapped[cell.left], snapped[cell.right], cell.top, cell.bottom, cell.lines) for cell in item.cells
    ]
    # What lies between the two lines of a double border, where the page before draws it as one, is no cell.
    if any(cell.left >= cell.right and cell.lines for cell in cells):
        return None
    cells = [cell for cell in cells if cell.left < cell.right]
    return replace(item, cells=cells, x0=last.x0, x1=last.x1)


def _meet_alike(last: Fragment, item: Fragment, shift: float) -> bool:
    """Tell whether the last row of one part and the first of the other have the same edges, and some within."""
    foot = {edge for cell in last.cells if cell.bottom == last.row_count for edge in (cell.left, cell.right)}
    head = {edge + shift for cell in item.cells if cell.top == 0 for edge in (cell.left, cell.right)}
    return len(foot) > 3 and _are_among(sorted(foot), sorted(head)) and _are_among(sorted(head), sorted(foot))


def _are_among(edges: Sequence[float], others: Sequence[float]) -> bool:
    return all(any(abs(edge - other) <= _SAME_EDGE for other in others) for edge in edges)


def _snap(edge: float, edges: Sequence[float]) -> float:
    nearest = min(edges, key=lambda other: abs(other - edge))
    return nearest if abs(nearest - edge) <= _SAME_EDGE else edge


def join_fragments(first: Fragment, second: Fragment) -> Fragment | None:
    """Return two parts of a table as one, or None where the second is another table of the same form."""
    if _begins_anew(first, second):
        return _without_rest(second, first.row_count)
    header = _repeated_header(first, second)
    if header == second.row_count:
        return None
    cells = [cell.moved(-header) for cell in second.cells if cell.top >= header]
    # What begins as the first part began, header aside, is the same form once more.
    if _row_texts(cells, 0) == _row_texts(first.cells, header):
        return None
    foot = [cell for cell in first.cells if cell.bottom == first.row_count]
    head = [cell for cell in cells if cell.top == 0]
    pairs = _pair_cells(foot, head)
    padding = min(first.padding, second.padding)
    is_open = first.is_open_below or (second.is_open_above and not header)
    is_cut = is_cut_row(pairs, first.row_count, padding, is_open=is_open) and len(pairs) == len(foot) == len(head)
    is_parted = not is_cut and 0 < len(pairs) < max(len(foot), len(head)) and _goes_on_beside(pairs, head, padding)
    _doubt_cut_numbers(pairs, head)
    if not is_cut:
        _doubt_broken_row([cell for cell in foot if cell.bottom - cell.top == 1], head, pairs, padding)
    # Without a label it is a row of figures under a head, as in 表四: its blanks are no rest of the labels over them.
    is_labelled = any(cell.lines and not cell.is_figure for cell in head)
    spanning = [pair for pair in pairs if _spans(*pair, is_labelled=is_labelled) and _is_same_cell(*pair, padding)]
    one = pairs if is_cut or is_parted else spanning
    offset = first.row_count - (1 if is_cut else 0)
    return replace(
        first,
        cells=_join_cells(first.cells, cells, one, offset),
        row_count=offset + second.row_count - header,
        y1=second.y1,
        is_open_below=second.is_open_below,
        padding=padding,
    )


def _doubt_cut_numbers(pairs: Sequence[tuple[PageCell, PageCell]], head: Sequence[PageCell]) -> None:
    """Make figures unreadable under which the next page begins with a digit that has more behind it: 149 over 7（注）.

    They are one number with its note, as bare figures are for the next stage to doubt. A list item that begins there is
    a row of its own, whose figures bear notes.
    """
    rests = [
        (above, below)
        for above, below in pairs
        if above.is_figure and _REST.match(below.text) and not FIGURE.fullmatch(below.text)
    ]
    columns = {id(below) for _, below in rests}
    if any(list_mark().match(cell.text) for cell in head if id(cell) not in columns):
        return
    for above, _ in rests:
        above.lines[-1].text = UNREADABLE


def _doubt_broken_row(
    foot: Sequence[PageCell], head: Sequence[PageCell], pairs: Sequence[tuple[PageCell, PageCell]], padding: float
) -> None:
    """Make the figures of two rows unreadable that may be one, cut by the page's end: 10 over 1 is 101 then."""
    own = [pair for pair in pairs if pair[0] in foot]
    labels, numbers = _part_filled(own)
    if any(list_mark().match(below.text) for _, below in labels) or not _may_break(own, numbers[:1], padding):
        return
    start = max((above.right for above, _ in labels), default=math.inf) - _SAME_EDGE
    for cell in (*foot, *head):
        if cell.left >= start:
            cell.make_unreadable(labels[0][0].lines[0])


def _part_filled(pairs: Sequence[_Pair]) -> tuple[list[_Pair], list[_Pair]]:
    """Return the pairs of cells that both hold a text, and those of which one or both hold a figure."""
    both = [(above, below) for above, below in pairs if above.lines and below.lines]
    numbers = [(above, below) for above, below in both if above.is_figure or below.is_figure]
    return [pair for pair in both if pair not in numbers], numbers


def _may_break(pairs: Sequence[_Pair], numbers: Sequence[_Pair], padding: float) -> bool:
    """Tell whether numbers fill their cells and go on below, while another figure has nothing below it."""
    return (
        bool(numbers)
        and all(above.is_figure and below.is_figure for above, below in numbers)
        and all(is_full(one.lines[-1], rest.lines[0], one.left, one.right, padding) for one, rest in numbers)
        and any(above.is_figure and not below.lines for above, below in pairs)
    )


def _spans(above: PageCell, below: PageCell, *, is_labelled: bool) -> bool:
    """Tell whether one of two cells that meet at a page's end covers more rows than one."""
    return (above.bottom - above.top > 1 and is_labelled) or below.bottom - below.top > 1


def _join_cells(
    cells: Sequence[PageCell], below: Sequence[PageCell], one: Sequence[tuple[PageCell, PageCell]], offset: int
) -> list[PageCell]:
    """Return the cells of two parts, the second's moved down by `offset`; the pairs in `one` are one cell each."""
    joined = [cell.moved(0) for cell in cells]
    places = {id(cell): place for place, cell in enumerate(cells)}
    merged = {id(lower): places[id(upper)] for upper, lower in one}
    for cell in below:
        place = merged.get(id(cell))
        if place is None:
            joined.append(cell.moved(offset))
        else:
            joined[place].bottom = cell.bottom + offset
            joined[place].lines = [*joined[place].lines, *cell.lines]
    return sorted(joined, key=lambda cell: (cell.top, cell.left))


def _begins_anew(first: Fragment, second: Fragment) -> bool:
    """Tell whether the first part is no more than a header that the second begins with: the page's end came in it."""
    own = _block(first, first.row_count)
    if own is None or first.row_count >= second.row_count or any(cell.is_figure for cell in own):
        return False
    others = {(cell.top, _place_of(cell.left, first)): cell for cell in second.cells}
    return all(_is_begun(cell, others.get((cell.top, _place_of(cell.left, first))), first.row_count) for cell in own)


def _without_rest(fragment: Fragment, least: int) -> Fragment:
    """Return a table without the rows in which the rest of the header stands that the page before broke off.

    Args:
        fragment: Begins with the whole header.
        least: Rows that the header has at least.
    """
    for start in range(least, fragment.row_count):
        header = _block(fragment, start)
        if header is None:
            continue
        end = start
        while end < fragment.row_count and _are_rests(
            [c for c in fragment.cells if start <= c.top <= end], header, end
        ):
            end += 1
        if end > start and _block(fragment, end) is not None:
            kept = [cell.moved(start - end) for cell in fragment.cells if cell.top >= end]
            return replace(fragment, cells=[*header, *kept], row_count=fragment.row_count - (end - start))
    return fragment


def _are_rests(cells: Sequence[PageCell], header: Sequence[PageCell], last: int) -> bool:
    """Tell whether each cell, the last row's among them, is the end of a header's cell in the same columns."""
    return any(cell.top <= last < cell.bottom for cell in cells) and all(
        any(
            abs(cell.left - other.left) <= _SAME_EDGE
            and abs(cell.right - other.right) <= _SAME_EDGE
            and other.text.endswith(cell.text)
            for other in header
        )
        and not cell.is_figure
        for cell in cells
    )


def _place_of(left: float, fragment: Fragment) -> float:
    return _snap(left, fragment.edges)


def _is_begun(cell: PageCell, other: PageCell | None, row_count: int) -> bool:
    """Tell whether another cell is the same one, or begins with what the page's end left of it."""
    if other is None or abs(cell.right - other.right) > _SAME_EDGE:
        return False
    if cell.bottom < row_count:
        return (cell.bottom, cell.text) == (other.bottom, other.text)
    return other.bottom >= row_count and other.text.startswith(cell.text) and not other.is_figure


def _repeated_header(first: Fragment, second: Fragment) -> int:
    """Return how many rows the second part repeats from the top of the first."""
    found = 0
    for count in range(1, min(first.row_count, second.row_count) + 1):
        own, other = _block(first, count), _block(second, count)
        if own is None or other is None:
            continue
        if len(own) != len(other) or not any(cell.lines for cell in own):
            break
        is_same = all(
            abs(one.left - two.left) <= _SAME_EDGE
            and abs(one.right - two.right) <= _SAME_EDGE
            and (one.top, one.bottom, one.text) == (two.top, two.bottom, two.text)
            for one, two in zip(own, other, strict=True)
        )
        if not is_same or any(cell.is_figure for cell in own):
            break
        found = count
    return found


def _block(fragment: Fragment, count: int) -> list[PageCell] | None:
    """Return the cells of the first rows, or None where one reaches below them."""
    cells = [cell for cell in fragment.cells if cell.top < count]
    if any(cell.bottom > count for cell in cells):
        return None
    return sorted(cells, key=lambda cell: (cell.top, cell.left))


def _row_texts(cells: Sequence[PageCell], row: int) -> list[str]:
    return [cell.text for cell in sorted(cells, key=lambda one: one.left) if cell.top == row]


def _pair_cells(foot: Sequence[PageCell], head: Sequence[PageCell]) -> list[tuple[PageCell, PageCell]]:
    """Return the cells on either side of a break that stand in the same columns."""
    return [
        (above, below)
        for above in foot
        for below in head
        if abs(above.left - below.left) <= _SAME_EDGE and abs(above.right - below.right) <= _SAME_EDGE
    ]


def is_cut_row(pairs: Sequence[tuple[PageCell, PageCell]], row_count: int, padding: float, *, is_open: bool) -> bool:
    """Tell whether the page's end cuts a row: its label is broken off, or label and figures stand on two pages.

    Args:
        pairs: The cells on either side of the break, column by column.
        row_count: Rows of the part above.
        padding: See `Fragment`.
        is_open: No border is drawn at the break.
    """
    own = [pair for pair in pairs if pair[0].top == row_count - 1 and pair[1].bottom == 1]
    if not own:
        return False
    labels, numbers = _part_filled(own)
    # A label that begins a list item is not the rest of another, though Chromium draws no border where a page begins.
    if len(own) > 1 and any(list_mark().match(below.text) for _, below in labels):
        return False
    is_broken = bool(labels) and all(_goes_on(above, below, padding) for above, below in labels)
    is_numbered = any(list_mark().match(above.text) for above, _ in labels)
    # Two figures in one column are two rows, whatever the borders say, unless the label breaks off as the number does.
    if numbers:
        return (is_broken or is_numbered) and _may_break(own, numbers, padding)
    if is_open:
        return True
    if labels:
        # A numbered label may be broken by its author: then figures stand beside one half alone.
        sides = any(above.is_figure for above, _ in own), any(below.is_figure for _, below in own)
        return is_broken or (is_numbered and sides[0] is not sides[1])
    upper, lower = [above for above, _ in own if above.lines], [below for _, below in own if below.lines]
    if not upper or not lower:
        return False
    return _are_label_and_figures(upper, lower) or _are_label_and_figures(lower, upper)


def _goes_on_beside(pairs: Sequence[tuple[PageCell, PageCell]], head: Sequence[PageCell], padding: float) -> bool:
    """Tell whether cells go on over the break beside others that begin there, as 结果维持 does beside 复议后起诉.

    What is printed whole on one side, as 总计 is in a narrow column, leaves an empty cell on the other.

    Args:
        pairs: The cells on either side of the break that stand in the same columns.
        head: The cells below it.
        padding: See `Fragment`.
    """
    own = {id(below) for _, below in pairs}
    if any(cell.is_figure for cell in head) or not all(cell.lines for cell in head if id(cell) not in own):
        return False
    both = [(above, below) for above, below in pairs if above.lines and below.lines]
    if any(above.is_figure or not (above.lines or below.lines) for above, below in pairs):
        return False
    if not both and not all(above.lines for above, _ in pairs):
        return False
    return all(_goes_on(above, below, padding) for above, below in both)


def _are_label_and_figures(labels: Sequence[PageCell], figures: Sequence[PageCell]) -> bool:
    return all(map(_begins_with_figure, figures)) and not any(cell.is_figure for cell in labels)


def _begins_with_figure(cell: PageCell) -> bool:
    """Tell whether a cell holds a figure, alone or with a note behind it, and no list item."""
    return cell.is_figure or (_REST.match(cell.text) is not None and not list_mark().match(cell.text))


def _is_same_cell(above: PageCell, below: PageCell, padding: float) -> bool:
    """Tell whether two cells of several rows are the halves of one."""
    if not above.lines or not below.lines:
        return True
    # A figure is never the rest of a head or label above it, however full that is: 自然人 over 60550.
    return not (above.is_figure or below.is_figure) and _goes_on(above, below, padding)


def _goes_on(above: PageCell, below: PageCell, padding: float) -> bool:
    """Tell whether a cell's text breaks off for want of room and goes on in another that begins no list item."""
    if list_mark().match(below.text):
        return False
    if all(len(line.text) == 1 and not line.text.isascii() for line in (*above.lines, *below.lines)):
        return True  # set downwards
    return is_full(above.lines[-1], below.lines[0], above.left, above.right, padding)


@cache
def list_mark() -> re.Pattern[str]:
    """The number of a list item: 一、 （三） 2. and the like."""
    numerals = load_document_words().text.section_numerals
    return re.compile(rf"[（(]?[{numerals}\d]{{1,3}}[)）.．、]")
