"""Text that hangs out of a table's last row: where a page cuts a head, Chromium prints the rest below the border."""

from collections.abc import Sequence

from pipelines.read.pages.lines import build_lines
from pipelines.read.pages.ruling import Character
from pipelines.read.pages.tables import Fragment, PageCell

_STRADDLE = 0.5  # of a character's height by which it stands above the table's lower border at most
_LEADING = 2.2  # of its height by which it stands below the line before


def take_overhang(fragments: Sequence[Fragment], outside: list[Character]) -> list[Character]:
    """Give the labels of a page's last table what hangs out below them, and return the other characters.

    It begins at the border; what stands below that is a paragraph. Figures are never taken: a number below a table may
    be the page's. Nor is anything where one character is under no label of the last row.

    Args:
        fragments: The page's tables, changed in place.
        outside: The characters in none of them.
    """
    if not fragments or not outside:
        return outside
    last = max(fragments, key=lambda one: one.y1)
    hanging = [
        one
        for one in outside
        if one.text != " " and 0 <= last.y1 - one.y0 <= _STRADDLE * (one.y1 - one.y0) and last.x0 < one.x1
    ]
    if not hanging or any(one.text.isascii() or one.text.isdigit() for one in hanging):
        return outside
    labels = [cell for cell in last.cells if cell.bottom == last.row_count and cell.lines and not cell.is_figure]
    held: dict[int, list[Character]] = {}
    for one in hanging:
        place = next((number for number, cell in enumerate(labels) if _is_under(one, cell)), None)
        if place is None:
            return outside
        held.setdefault(place, []).append(one)
    for place, characters in held.items():
        labels[place].lines.extend(build_lines(characters))
    taken = set(map(id, hanging))
    return [one for one in outside if id(one) not in taken]


def _is_under(one: Character, cell: PageCell) -> bool:
    down = one.y0 - cell.lines[-1].y0
    return cell.left <= one.x0 and one.x1 <= cell.right and 0 < down <= _LEADING * (one.y1 - one.y0)
