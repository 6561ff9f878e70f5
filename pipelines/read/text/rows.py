"""The shapes in which text writes the rows of a table, each judged line by line without knowing any form."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from pipelines.read.metadata import is_section_heading
from pipelines.read.model import PICTURE, UNREADABLE
from schemas.document import load_document_words

_SPACE = r"[ \u3000\xa0]"
_WIDE_GAP = re.compile(rf"{_SPACE}{{2,}}")
_FIGURE = rf"[-+]?\d[\d,.]*%?{PICTURE}*|[-/—－]{{1,2}}"  # doubtful digits are a figure still
_FIGURE_FIELD = re.compile(_FIGURE)
_LIST_ITEM = re.compile(r"\d{1,2}[.．、)）][^\d.．]")
_TRAILING_FIGURES = re.compile(rf"(?:(.*?\S){_SPACE})?((?:(?:{_FIGURE}){_SPACE})*(?:{_FIGURE}))$")
_PARTED_BY_SLASHES = re.compile(r"^[^\t|\n]{0,200}\d / -?\d[^\t|\n]{0,200}$", re.MULTILINE)
_LONE_SLASH = re.compile(r"(?<= )/(?= |$)", re.MULTILINE)
_PAGE_NUMBER = re.compile(r"[-—–－]\s*\d{1,3}\s*[-—–－]|第\s*\d{1,3}\s*页(?:\s*[,，/／]?\s*共\s*\d{1,3}\s*页)?")


@dataclass(frozen=True, slots=True)
class RowTolerances:
    """When a run of short lines is a table.

    Attributes:
        short: Longest line that may be a label.
        padded: Longest line of several fields, gaps included.
        figures: Fewest figures.
        share: At least one line in so many has a figure.
        gap: Most lines without a figure between two that have one, and before the first: 表四 has a head of 19, and 6
            more with each way that an edition adds.
        inline_figures: Fewest figures of a table that is written into one line.
        blanks: Most empty lines in a row where each is a blank cell: a row of 表四 and the head of the next table.
        doubled: Fewest places with several empty lines where each is a blank cell.
        noted_figure: Longest figure with its unit or sign in words (0.37万元, 减3).
    """

    short: int = 60
    padded: int = 300
    figures: int = 3
    share: int = 6
    gap: int = 32
    blanks: int = 32
    doubled: int = 8
    noted_figure: int = 16
    inline_figures: int = 20


TOLERANCES = RowTolerances()


def is_tab_row(text: str) -> bool:
    r"""Tell a row of tab-separated cells from a paragraph that begins with a tab.

    >>> is_tab_row("\t自然人\t总计"), is_tab_row("\t根据《条例》的规定，编制本报告。")
    (True, False)
    """
    body = text.strip(" ")
    if "\t" in body.strip("\t"):
        return True
    return "\t" in body and is_short_line(body)


def split_tab_row(text: str) -> list[str]:
    r"""Return the cells between tabs: a tab in front is an empty first cell, one behind an empty last.

    >>> split_tab_row("\t自然人\t")
    ['', '自然人', '']
    """
    return [cell.strip() for cell in text.split("\t")]


def split_mixed_rows(rows: list[list[str]]) -> list[list[str]]:
    r"""Return rows whose fields are parted by tabs here and by spaces there, as a paste from several programs is.

    An empty cell among others may then be a blank or a tab too many: nobody knows what stands there.

    >>> split_mixed_rows([["规章", "0  3", "1"], ["", "文件  4", "5 6"]])
    [['规章', '0', '3', '1'], ['', '文件', '4', '5', '6']]
    >>> split_mixed_rows([["规章", "0  3", "", "1"], ["规章", "", "1"]]) == [
    ...     ["规章", "0  3", UNREADABLE, "1"],
    ...     ["规章", UNREADABLE, "1"],
    ... ]
    True
    """
    parts = [[split_fields(cell) for cell in row] for row in rows]
    if not any(sum(map(is_figure_field, fields)) > 1 for row in parts for fields in row):
        return rows
    if any(map(_has_inner_blank, rows)):
        return [[cell or (UNREADABLE if any(row[:at]) else "") for at, cell in enumerate(row)] for row in rows]
    return [[field for fields in row for field in fields] for row in parts]


def _has_inner_blank(row: list[str]) -> bool:
    filled = [number for number, cell in enumerate(row) if cell]
    return bool(filled) and not all(row[filled[0] :])


def doubt_slashes(text: str) -> str:
    r"""Return a text whose lines part their fields by slashes, with those marked that may be a field of their own.

    In 行政许可 / behind 规章 / 0 / 3 the slash may stand for no figure, or part it from the label.

    >>> doubt_slashes("规章 / 0 / 3\n文件 / 1 / 2\n其他 / 0 / 0\n许可 /").splitlines()[-1] == f"许可 /{UNREADABLE}"
    True
    >>> doubt_slashes("规章 / 3\n许可 /")
    '规章 / 3\n许可 /'
    """
    if " / " not in text or len(_PARTED_BY_SLASHES.findall(text)) < TOLERANCES.figures:
        return text
    return _LONE_SLASH.sub(f"/{UNREADABLE}", text)


def is_page_number(text: str) -> bool:
    """Tell whether a line is the number of a page, which a converter left between the rows of a table.

    >>> [is_page_number(text) for text in ("- 3 -", "— 12 —", "第 3 页 共 5 页", "-3", "3")]
    [True, True, True, False, False]
    """
    return len(text) < 40 and _PAGE_NUMBER.fullmatch(text.strip()) is not None


def is_short_line(text: str) -> bool:
    """Tell whether a line may be a label or figures: short but for the gaps between its fields, and no sentence.

    >>> is_short_line("2.重复申请"), is_short_line("全年未收到申请。"), is_short_line("规章" + "　" * 80 + "0")
    (True, False, True)
    """
    if len(text) > TOLERANCES.short:
        fields = _WIDE_GAP.split(text) if len(text) <= TOLERANCES.padded else ()
        if len(fields) < 2 or max(map(len, fields)) > TOLERANCES.short:
            return False
    return not _sentence_marks().search(text)


@cache
def _sentence_marks() -> re.Pattern[str]:
    return re.compile(f"[{re.escape(load_document_words().text.sentence_marks)}]")


@cache
def _clause_marks() -> tuple[str, ...]:
    return tuple(load_document_words().text.clause_marks)


def split_fields(line: str) -> list[str]:
    """Return the fields of a line: parted by two or more spaces, and figures at its end by one.

    >>> (
    ...     split_fields("规章  0  0  0"),
    ...     split_fields("2.重复申请 0 12"),
    ...     split_fields("总 计"),
    ...     split_fields("申请 编号 2020"),
    ... )
    (['规章', '0', '0', '0'], ['2.重复申请', '0', '12'], ['总 计'], ['申请 编号', '2020'])
    """
    fields: list[str] = []
    for part in _WIDE_GAP.split(line):
        match = _TRAILING_FIGURES.fullmatch(part)
        if match is None or (match[1] and match[1].endswith(_clause_marks())):
            fields.append(part)
            continue
        fields += ([match[1]] if match[1] else []) + re.split(_SPACE, match[2])
    return fields


def is_figure_field(text: str) -> bool:
    """Tell whether a field is a figure, with its unit or a sign in words if half of it is digits.

    >>> [is_figure_field(text) for text in ("0", "-", "0.37万元", "减3", "3.其他", "")]
    [True, True, True, True, False, False]
    """
    if _FIGURE_FIELD.fullmatch(text):
        return True
    if _LIST_ITEM.match(text):
        return False
    if not text or len(text) > TOLERANCES.noted_figure or not any(character.isdigit() for character in text):
        return False
    return 2 * sum(character.isdigit() or character in ",.，．" for character in text) >= len(text)


def find_row_runs(lines: list[str]) -> list[tuple[bool, list[str]]]:
    """Part short lines into runs that are a table's rows (True) and runs that are not, in order.

    A table has figures, often enough, between labels; its head may be long, and what follows its last figure is none of
    its rows. A section's heading in front stays outside.
    """
    counts = [sum(map(is_figure_field, split_fields(line))) for line in lines]
    parted: list[tuple[bool, list[str]]] = []
    done = 0
    for first, last in _clusters([at for at, count in enumerate(counts) if count], lines):
        start = _table_start(lines, done, first)
        rows = lines[start : last + 1]
        if not _is_table(counts[start : last + 1], rows):
            continue
        if start > done:
            parted.append((False, lines[done:start]))
        parted.append((True, rows))
        done = last + 1
    if done < len(lines):
        parted.append((False, lines[done:]))
    return parted


def find_inline_cells(line: str) -> list[list[str]]:
    """Return the tables that stand in one line as words and figures parted by spaces, one text a cell.

    A sentence or two with figures is no table: it takes `inline_figures` of them between short words.

    >>> [len(cells) for cells in find_inline_cells("一、情况。 申请情况 自然人 总计 " + "重复申请 0 0 " * 12)]
    [39]
    >>> find_inline_cells("2021年收到 3 件，答复 3 件。")
    []
    """
    words = line.split()
    if sum(map(is_figure_field, words)) < TOLERANCES.inline_figures:
        return []
    runs = (list(run) for is_short, run in groupby(words, key=is_short_line) if is_short)
    tables = (rows for run in runs for is_table, rows in find_row_runs(run) if is_table)
    return [rows for rows in tables if sum(map(is_figure_field, rows)) >= TOLERANCES.inline_figures]


def _clusters(figure_lines: list[int], lines: list[str]) -> list[tuple[int, int]]:
    """Return the first and last line of each group of lines with figures that stand near enough to each other.

    Blank cells keep nothing apart: an agency may leave half of its tables so.
    """
    clusters: list[tuple[int, int]] = []
    for at in figure_lines:
        last = clusters[-1][1] if clusters else None
        if last is not None and (at - last <= TOLERANCES.gap or sum(map(bool, lines[last:at])) <= TOLERANCES.gap):
            clusters[-1] = (clusters[-1][0], at)
        else:
            clusters.append((at, at))
    return clusters


def _table_start(lines: list[str], done: int, first: int) -> int:
    """Return where the head of a table begins: behind the last section heading before its first figure."""
    start = max(done, first - TOLERANCES.gap)
    for at in range(start, first - 1):
        if is_section_heading(lines[at]):
            start = at + 1
    return start


def _is_table(counts: list[int], rows: list[str]) -> bool:
    figures, with_figures, printed = sum(counts), sum(map(bool, counts)), sum(map(bool, rows))
    blanks = len(rows) - printed  # a blank cell is as good a sign of a row as a figure is
    if figures < TOLERANCES.figures or (with_figures + blanks) * TOLERANCES.share < printed:
        return False
    return with_figures > 1 or len(split_fields(rows[-1])) > TOLERANCES.figures
