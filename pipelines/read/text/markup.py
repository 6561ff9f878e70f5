"""Tables of Textile, AsciiDoc and Typst, and lists of reStructuredText, as HTML, whose reader knows spans.

One way for all: a language has marks that open and close a table, that begin a row and that begin a cell, and words
for how far a cell reaches. Where it marks no rows, cells fill them from left to right. A table whose cells do not fill
a rectangle, as where a mark was lost, stays text.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

_ACROSS, _DOWN = re.compile(r"colspan\W{0,3}(\d{1,3})"), re.compile(r"rowspan\W{0,3}(\d{1,3})")
_BREAK = re.compile(r"<br ?/?>|(?<=\n)\s+")
_COLUMNS = re.compile(r'columns: ?(\d{1,2})|cols="?(?:(\d{1,2})\*|([^"\]]{1,80}))')
_MOST_CELLS = 20_000


@dataclass(frozen=True, slots=True)
class _Language:
    """How a language writes a table.

    Attributes:
        sign: What a text has that holds one, so that nearly all texts are asked no more.
        opens, closes: The lines around it; a table whose lines open it themselves ends where they do.
        row: What begins a row at the beginning of a line, None where cells fill rows by count.
        cell: The mark in front of a cell, with its spans as `across` and `down` or in `about`.
        end: What ends a cell's text before the next mark.
        is_line_row: Each line is a row, and some cell has spans.
    """

    sign: str
    opens: re.Pattern[str]
    closes: re.Pattern[str] | None
    row: re.Pattern[str] | None
    cell: re.Pattern[str]
    end: str = ""
    is_line_row: bool = False


_LANGUAGES = (
    _Language(
        sign="|===",
        opens=re.compile(r"\|===$"),
        closes=re.compile(r"\|===$"),
        row=None,
        cell=re.compile(
            r"(?:(?<=\s)|^)(?:(?P<across>\d{1,3})?(?:\.(?P<down>\d{1,3}))?\+)?[<^>]?(?:\.[<^>])?[adehlmsv]?\|",
            re.MULTILINE,
        ),
    ),
    _Language(
        sign="table(",
        opens=re.compile(r"#?table\("),
        closes=re.compile(r"\)"),
        row=None,
        cell=re.compile(r"(?:table\.cell\((?P<about>[^()\n]{0,120})\))?(?<!\\)\["),
        end="]",
    ),
    _Language(
        sign="|\\",
        opens=re.compile(r"\|.*\|$"),
        closes=None,
        row=None,
        cell=re.compile(
            r"\|(?!$)(?:_?[<>=^~-]{0,2}(?:\\(?P<across>\d{1,3}))?(?:/(?P<down>\d{1,3}))?[<>=^~-]{0,2}\. )?",
            re.MULTILINE,
        ),
        end="|",
        is_line_row=True,
    ),
    _Language(
        sign="* - ",
        opens=re.compile(r"(?:\* )?-(?: |$)"),
        closes=None,
        row=re.compile(r"\* (?=-)"),
        cell=re.compile(r"^-(?: |$)", re.MULTILINE),
    ),
)


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    across: int
    down: int
    row: int


def quote_markup_tables(text: str) -> str:
    r"""Return a text with the tables of lightweight markup languages as HTML.

    >>> quote_markup_tables("|===\n2+|规章\n|3 |0\n|===")
    '<table><tr><td colspan="2">规章</td></tr><tr><td>3</td><td>0</td></tr></table>'
    >>> quote_markup_tables("|===\n2+|规章\n|3 |\n|===").count("<td>"), quote_markup_tables("|===\n|1 |2\n|3\n|===")[:4]
    (2, '|===')
    """
    for language in _LANGUAGES:
        if language.sign in text:
            text = "\n".join(_quote(text.split("\n"), language))
    return text


def _quote(lines: Sequence[str], language: _Language) -> Iterator[str]:
    at = 0
    while at < len(lines):
        end = _end_of_table(lines, at, language) if language.opens.match(lines[at].strip()) else at + 1
        if end is None:  # nothing closes a table from here on
            yield from lines[at:]
            return
        table = _table(lines[at:end], language, lines[at - 1] if at else "") if end - at > 1 else None
        yield from lines[at:end] if table is None else [table]
        at = end


def _end_of_table(lines: Sequence[str], at: int, language: _Language) -> int | None:
    """Return the line behind a table, None where nothing closes it."""
    if language.closes is None:
        return next((row for row in range(at, len(lines)) if not language.opens.match(lines[row].strip())), len(lines))
    closing = (row + 1 for row in range(at + 1, len(lines)) if language.closes.match(lines[row].strip()))
    return next(closing, None)


def _table(lines: Sequence[str], language: _Language, before: str) -> str | None:
    inner = lines if language.closes is None else lines[1:-1]
    cells = list(_cells(inner, language))
    if not cells or len(cells) > _MOST_CELLS or (language.is_line_row and not _has_spans(cells)):
        return None
    if language.row is None and not language.is_line_row:
        width = _width(f"{before}\n{lines[0]}\n{lines[1]}", cells)
        rows = _fill(cells, width)
    else:
        rows = [list(group) for _, group in groupby(cells, key=lambda cell: cell.row)]
    if rows is None or not _is_rectangle(rows):
        return None
    lines_of_cells = ("".join(map(_element, row)) for row in rows)
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines_of_cells)}</table>"


def _cells(lines: Sequence[str], language: _Language) -> Iterator[_Cell]:
    """Yield the cells; `row` counts the lines that begin a row, or the lines in which cells begin."""
    row = 0
    parts: list[tuple[int, str]] = []
    for line in lines:
        rest = line.strip()
        mark = language.row.match(rest) if language.row is not None else None
        if mark is not None:
            row += 1
            rest = rest[mark.end() :]
        if mark is None or rest:
            parts.append((row if language.row is not None else len(parts), rest))
    text = "\n".join(line for _, line in parts)
    starts, at = [], 0
    for number, line in parts:
        starts.append((at, number))
        at += len(line) + 1
    marks = list(language.cell.finditer(text))
    place = 0
    for number, mark in enumerate(marks):
        while place + 1 < len(starts) and starts[place + 1][0] <= mark.start():
            place += 1
        stop = marks[number + 1].start() if number + 1 < len(marks) else len(text)
        inner = text[mark.end() : stop]
        if language.end and language.end in inner:
            inner = inner[: inner.index(language.end)]
        named = mark.groupdict()
        about = named.get("about") or ""
        across = int(named.get("across") or _said(_ACROSS, about))
        down = int(named.get("down") or _said(_DOWN, about))
        yield _Cell(inner.strip(), max(across, 1), max(down, 1), starts[place][1])


def _said(pattern: re.Pattern[str], about: str) -> int:
    match = pattern.search(about)
    return int(match[1]) if match else 1


def _width(head: str, cells: Sequence[_Cell]) -> int:
    """Return how many columns a table states, or those of the first line of its cells."""
    match = _COLUMNS.search(head)
    if match is None:
        return sum(cell.across for cell in cells if cell.row == cells[0].row)
    return int(match[1] or match[2]) if match[1] or match[2] else match[3].count(",") + 1


def _fill(cells: Sequence[_Cell], width: int) -> list[list[_Cell]] | None:
    """Return cells in rows of a width, each behind what reaches into its row from above."""
    rows: list[list[_Cell]] = []
    left = [0] * width  # for each column, into how many more rows a cell reaches
    queue = list(reversed(cells))
    while queue:
        line: list[_Cell] = []
        at = 0
        while at < width:
            if left[at]:
                left[at] -= 1
                at += 1
                continue
            if not queue or at + queue[-1].across > width or any(left[at : at + queue[-1].across]):
                return None
            cell = queue.pop()
            left[at : at + cell.across] = [cell.down - 1] * cell.across
            line.append(cell)
            at += cell.across
        rows.append(line)
    return rows


def _has_spans(cells: Sequence[_Cell]) -> bool:
    """Tell whether a cell reaches over others; bars without such marks are other languages' as well."""
    return any(cell.across > 1 or cell.down > 1 for cell in cells)


def _is_rectangle(rows: Sequence[Sequence[_Cell]]) -> bool:
    """Tell whether cells and those that reach down from above make rows of one width."""
    reaching: list[tuple[int, int]] = []
    widths = set()
    for number, row in enumerate(rows):
        reaching = [(last, across) for last, across in reaching if last > number]
        widths.add(sum(cell.across for cell in row) + sum(across for _, across in reaching))
        reaching += [(number + cell.down, cell.across) for cell in row if cell.down > 1]
    return len(widths) == 1 and len(rows) > 1


def _element(cell: _Cell) -> str:
    sizes = (("colspan", cell.across), ("rowspan", cell.down))
    spans = "".join(f' {name}="{size}"' for name, size in sizes if size > 1)
    return f"<td{spans}>{html.escape(html.unescape(_BREAK.sub('', cell.text)))}</td>"
