"""Tables as a browser's `innerText` prints them: a tab between cells, a line break between rows, and more around both.

A cell that holds paragraphs has two line breaks before and after each, one that holds blocks has one; what stands next
to each other counts once. So cells are parted by a line with nothing but a tab, and rows by more line breaks than the
paragraphs of one cell.

Source: HTML Living Standard, 3.2.7 "The innerText and outerText properties".
"""

import re
from itertools import takewhile

from pipelines.read.text.pipes import is_heading
from pipelines.read.text.rows import is_figure_field

_LEAST_TABS = 8  # on lines of their own
_MIXED = re.compile(r"\n[ \xa0]*\t[ \xa0]*\n")
# By how many line breaks stand around a block: what parts cells, and what parts rows.
_PARTING = {
    1: re.compile(r"\n?(\t)(?:\n(?!\n))?|\n{2,}"),
    2: re.compile(r"\n{0,2}(\t)(?:\n{1,2}(?!\n))?|\n{3,}"),
}


def join_cell_lines(text: str) -> str:
    r"""Return a text with one line a row where a tab stands on a line of its own between cells, else the text.

    >>> row = "规章\n\n\t\n\n本年\n\n新制作\n\n\t\n\n3\n\n\n\n\n"
    >>> join_cell_lines("前\n\n" + row * 4 + "许可\n\n\t\t\n\n0\n\n后").splitlines()[-4:]
    ['规章\t本年 新制作\t3', '许可\t\t0', '', '后']
    """
    if text.count("\t\n") < _LEAST_TABS or len(_MIXED.findall(text)) < _LEAST_TABS:
        return text
    height = 2 if text.count("\n\n\t\n\n") * 2 >= text.count("\n\t\n") else 1
    lines: list[str] = []
    rows = _part_rows(text, height)
    for number, cells in enumerate(rows):
        if len(cells) == 1:
            lines += ["", *cells[0], ""]
            continue
        if number == 0 or len(rows[number - 1]) == 1:
            lines += ["", *cells[0][:-1], ""]
            cells[0] = cells[0][-1:]
        behind: list[str] = []
        if number + 1 == len(rows) or len(rows[number + 1]) == 1:
            own = _own_paragraphs(cells[-1])
            cells[-1], behind = cells[-1][:own], cells[-1][own:]
        lines.append("\t".join(" ".join(paragraphs) for paragraphs in cells))
        lines += ["", *behind] if behind else []
    return "\n".join(lines)


def _part_rows(text: str, height: int) -> list[list[list[str]]]:
    """Return the rows of a text, each as cells, each as its paragraphs; what stands between tables is a row of one."""
    rows: list[list[list[str]]] = [[]]
    at = 0
    for match in (*_PARTING[height].finditer(text), None):
        paragraphs = _paragraphs(text[at : match.start() if match else None])
        heading = next((place for place, line in enumerate(paragraphs) if is_heading(line)), None)
        if rows[-1] and heading is not None and (heading == 0 or is_figure_field(paragraphs[0])):
            # No more line breaks than within a cell stand between the last cell of a table and the heading of the next.
            is_last = heading == len(paragraphs) - 1
            own = _own_paragraphs(paragraphs) if heading else 0
            rows[-1].append(paragraphs[:own])
            rows += [[paragraphs[own : None if is_last else -1]], [[] if is_last else paragraphs[-1:]]]
        else:
            rows[-1].append(paragraphs)
        if match is not None:
            at = match.end()
            if match[1] is None:
                rows.append([])
    return rows


def _own_paragraphs(paragraphs: list[str]) -> int:
    """Return how many paragraphs are of a table's last cell and not of the text below; a broken figure has several."""
    return max(1, len(list(takewhile(is_figure_field, paragraphs))))


def _paragraphs(text: str) -> list[str]:
    return [line.strip(" \xa0") for line in text.split("\n") if line.strip(" \xa0")]
