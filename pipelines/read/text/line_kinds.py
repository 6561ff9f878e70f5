"""What the shape of each line of a text says: a heading, a row, a cell or a sentence."""

import re
from enum import Enum, auto
from itertools import groupby
from typing import NamedTuple

from pipelines.read.metadata import is_labelled
from pipelines.read.text.pipes import (
    close_cells,
    close_gaps,
    draw_bars,
    is_bar,
    is_grid_rule,
    is_pipe_row,
    join_broken_rows,
    part_barred_cells,
)
from pipelines.read.text.rows import is_page_number, is_short_line, is_tab_row

HEADING = re.compile(r"[ ]{0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
BLANK = " \t\u3000\xa0\ufeff\u200b"
"""Characters that fill a line or surround what it says, and say nothing."""

_COMMENT_LINE = re.compile(r"\s*<!--(.*?)-->\s*$")


class LineKind(Enum):
    """What the shape of one line says."""

    BLANK = auto()
    HEADING = auto()
    TAB_ROW = auto()
    PIPE_ROW = auto()
    SHORT = auto()
    PROSE = auto()


class Line(NamedTuple):
    """A line, or a row put together of several, and what its shape says."""

    kind: LineKind
    text: str


def classify_lines(text: str) -> list[Line]:
    """Return the lines of a text with their kinds; where bars have lines of their own, one line a row or cell."""
    lines = [draw_bars(_uncomment(line)) for line in text.split("\n")]
    if "||" in text:
        lines = close_gaps(close_cells(lines))
    return _unbar_cells([Line(classify_line(line), line) for line in lines])


def classify_line(text: str) -> LineKind:
    """Return what the shape of a line says.

    >>> classify_line("规章 | 0 | 0 |").name, classify_line("规章").name, classify_line("一切照旧。").name
    ('PIPE_ROW', 'SHORT', 'PROSE')
    """
    if not text.strip(BLANK) or is_page_number(text):
        return LineKind.BLANK
    if HEADING.match(text):
        return LineKind.HEADING
    if is_bar(text):
        return LineKind.SHORT
    if is_grid_rule(text):
        return LineKind.PIPE_ROW
    if is_pipe_row(text) and ("\t" not in text or text.count("|") > 1):
        return LineKind.PIPE_ROW
    if is_tab_row(text):
        return LineKind.TAB_ROW
    return LineKind.SHORT if is_short_line(text) and not is_labelled(text.strip()) else LineKind.PROSE


def _unbar_cells(lines: list[Line]) -> list[Line]:
    """Return one line a row in runs where each line is one cell with the bar behind it, or lines without their bars."""
    if not any(line.kind is LineKind.PIPE_ROW for line in lines):
        return lines
    found: list[Line] = []
    left = len(lines)
    for is_barred, group in groupby(lines, key=lambda line: line.kind is LineKind.PIPE_ROW or is_bar(line.text)):
        run = list(group)
        left -= len(run)
        texts = [line.text for line in run]
        cells = part_barred_cells(texts) if is_barred else None
        rows = join_broken_rows(texts, is_cut=left <= 1) if cells is not None else None
        if rows is not None:
            found += [Line(LineKind.PIPE_ROW, row) for row in rows]
        else:
            found += run if cells is None else [Line(LineKind.SHORT, cell) for cell in cells]
    return found


def _uncomment(line: str) -> str:
    """Return what an HTML comment on a line of its own says: crawlers note the address there."""
    match = _COMMENT_LINE.match(line) if "<!--" in line else None
    return match[1].strip() if match else line
