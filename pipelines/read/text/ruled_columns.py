"""Simple and multiline tables of reStructuredText and pandoc, as HTML: lines of === or --- say how wide columns are.

A field is what stands over, under or between the strokes, so a blank is a blank. Chinese characters are two places
wide for most programs and one for some: where both ways fit and differ, and where text stands between two columns, the
table stays text. A line without its first field goes on with the row before it, unless such lines have figures.
Source: Docutils, reStructuredText Markup Specification, "Simple Tables"; Pandoc User's Guide, "Tables".
"""

import html
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple
from unicodedata import east_asian_width

from pipelines.read.text.rows import is_figure_field

_RULE = re.compile(r"^[ ]*(?:={2,}(?: +={2,})+|-{2,}(?: +-{2,})+)[ ]*$", re.MULTILINE)
_STROKE = re.compile(r"[=-]+")
_FULL = re.compile(r"[ ]*-{12,}[ ]*")  # around a multiline table
_BLANKS = ("\\", "..")  # what stands for a blank first field
_MOST_LINES, _MOST_PLACES = 600, 2_000
_FEWEST_FIGURES = 4
_MOST_TRIED = 60  # tables of one text
_BREAK = "\n"

_Row = list[str]
_Grouping = Callable[[Sequence[_Row]], list[list[_Row]]]


class _Bounds(NamedTuple):
    """The first line of a table, its rule, the line behind its rows, and whether blank lines part these."""

    first: int
    rule: int
    end: int
    is_parted: bool


def quote_ruled_tables(text: str) -> str:
    r"""Return a text with its tables of ruled columns as HTML.

    >>> quote_ruled_tables("题\n\n====  ==\n规章  \n====  ==\n许可   3\n      12\n====  ==\n")[:23]
    '题\n\n====  ==\n规章  \n====  '
    >>> quote_ruled_tables("内容  制发  废止\n----  ----  ----\n规章  3\n许可  1     2\n文件  4     5\n\n完").count(
    ...     "<td></td>"
    ... )
    1
    """
    if _RULE.search(text) is None:
        return text
    return "\n".join(_quote(text.split("\n")))


def _quote(lines: Sequence[str]) -> Iterator[str]:
    at = tried = 0
    while at < len(lines):
        bounds = _bounds_at(lines, at) if tried < _MOST_TRIED else None
        tried += bounds is not None
        found = _read(lines, bounds) if bounds is not None else None
        if found is None:
            yield lines[at]
            at += 1
            continue
        rows, at = found
        cells = ("".join(f"<td>{html.escape(field).replace(_BREAK, '<br>')}</td>" for field in row) for row in rows)
        yield f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"


def _bounds_at(lines: Sequence[str], at: int) -> _Bounds | None:
    """Return the bounds of what may be a table that begins with a line."""
    last = min(len(lines), at + _MOST_LINES)
    if _FULL.fullmatch(lines[at]):
        end = next((n for n in range(at + 1, last) if _FULL.fullmatch(lines[n])), None)
        rules = [n for n in range(at + 1, end or at) if _RULE.fullmatch(lines[n])]
        return _Bounds(at + 1, rules[0], end, is_parted=True) if end is not None and rules else None
    if _RULE.fullmatch(lines[at]):
        rules = [n for n in range(at + 1, last) if lines[n].rstrip() == lines[at].rstrip()]
        end = next((n for n in rules if n + 1 == len(lines) or not lines[n + 1].strip()), None)
        is_parted = "-" in lines[at] and any(not line.strip() for line in lines[at:end])
        return _Bounds(at, at, end, is_parted) if end is not None else None
    if lines[at].strip() and at + 1 < len(lines) and "-" in lines[at + 1] and _RULE.fullmatch(lines[at + 1]):
        end = next((n for n in range(at + 2, last) if not lines[n].strip()), last)
        return _Bounds(at, at + 1, end, is_parted=False)
    return None


def _read(lines: Sequence[str], bounds: _Bounds) -> tuple[list[_Row], int] | None:
    """Return the rows of a table and the line behind it; None where fields stand elsewhere than under its strokes."""
    first, rule, end, _ = bounds
    if max(map(len, lines[first : end + 1])) > _MOST_PLACES:
        return None
    columns = [match.span() for match in _STROKE.finditer(lines[rule])]
    head = [line for line in lines[first:rule] if line.strip()]
    body = [line for line in lines[rule + 1 : end] if not _RULE.fullmatch(line)]
    group = _by_blank_lines if bounds.is_parted else _by_first_fields if "=" in lines[rule] else _by_lines
    ways = [[_rows(part, columns, wide, group) for part in (head, body)] for wide in (2, 1)]
    found = [[*before, *behind] for before, behind in ways if before is not None and behind is not None]
    figures = sum(is_figure_field(field) for row in found[0] for field in row) if found else 0
    if not found or any(rows != found[0] for rows in found) or figures < _FEWEST_FIGURES:
        return None
    return found[0], min(len(lines), end + 1)


def _rows(lines: Sequence[str], columns: Sequence[tuple[int, int]], wide: int, group: _Grouping) -> list[_Row] | None:
    """Return rows of fields; None where text stands beside the columns, or a figure takes two lines of a row.

    Args:
        lines: The lines, without rules.
        columns: First place and place behind the last of each stroke.
        wide: Places that a Chinese character takes.
        group: Which lines are one row.
    """
    fields = [_fields(line, columns, wide) for line in lines]
    drawn = [row for row in fields if row is not None]
    if len(drawn) < len(fields) or not all(map(_are_aligned, zip(*drawn, strict=True))):
        return None
    groups = group([[field.strip() for field in row] for row in drawn])
    if any(is_figure_field(text) for own in groups for row in own[1:] for text in row if text):
        return None
    rows = [["\n".join(filter(None, texts)) for texts in zip(*own, strict=True)] for own in groups]
    return [["" if row[0] in _BLANKS else row[0], *row[1:]] for row in rows]


def _by_blank_lines(told: Sequence[_Row]) -> list[list[_Row]]:
    return [list(group) for is_blank, group in groupby(told, key=lambda row: not any(row)) if not is_blank]


def _by_lines(told: Sequence[_Row]) -> list[list[_Row]]:
    return [[row] for row in told if any(row)]


def _by_first_fields(told: Sequence[_Row]) -> list[list[_Row]]:
    if any(not row[0] and any(map(is_figure_field, row)) for row in told):
        return _by_lines(told)
    groups: list[list[_Row]] = []
    for row in filter(any, told):
        if groups and not row[0]:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _fields(line: str, columns: Sequence[tuple[int, int]], wide: int) -> _Row | None:
    """Return the fields of a line as they stand under the strokes of a rule, None where text stands elsewhere."""
    places: list[str] = []
    for character in line.rstrip():
        size = wide if east_asian_width(character) in "WF" else 1
        places += [character, *[""] * (size - 1)]
    starts = [0, *(start for start, _ in columns[1:]), max(len(places), columns[-1][1]) + 1]
    fields = []
    for (start, after), (begin, end) in zip(pairwise(starts), columns, strict=True):
        around = "".join(places[start:begin]) + "".join(places[end:after])
        if around.strip():
            return None
        fields.append("".join(places[begin:end]).ljust(end - begin))
    return fields


def _are_aligned(fields: Sequence[str]) -> bool:
    """Tell whether all figures of a column begin, end or are centred in one place; one that is not has moved."""
    figures = [field for field in fields if is_figure_field(field.strip())]
    before = [len(field) - len(field.lstrip()) for field in figures]
    behind = [len(field) - len(field.rstrip()) for field in figures]
    is_centred = all(abs(left - right) <= 1 for left, right in zip(before, behind, strict=True))
    return is_centred or len(set(before)) == 1 or len(set(behind)) == 1
