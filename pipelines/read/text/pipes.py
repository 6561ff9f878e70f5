"""Rows and cells between bars, in the shapes in which Markdown, converters and crawlers write them."""

import re
from collections import Counter
from itertools import groupby, pairwise, zip_longest
from unicodedata import east_asian_width

from pipelines.read.metadata import is_section_heading
from pipelines.read.text.markdown import strip_markup
from pipelines.read.text.rows import TOLERANCES, is_figure_field

_DASHES = r"(?>:?-{3,}:?|:-+:?|-+:)"  # a lone dash may be a cell's value
_PIPE_RULE = re.compile(rf"\s*\|?\s*{_DASHES}\s*(?:\|\s*{_DASHES}\s*)*\|?\s*$")
_UNESCAPED_BAR = re.compile(r"(?<!\\)\|")
_DRAWN_BARS = "│┃┆┇┊┋║｜∣"
_BARS = str.maketrans(_DRAWN_BARS, "|" * len(_DRAWN_BARS))
_FILLED_UP = re.compile(r"\|[ \t]+\|{2,}$")
_FILLING = re.compile(r"(?<=\|)[ \t]+\|+$")
_GRID_RULE = re.compile(r"[+┌├└┏┣┗╔╠╚╭╰](?:[-=─━═┄┈]{2,}[+┬┼┴┐┤┘┳╋┻┓┫┛╦╬╩╗╣╝╮╯])+")
_CROSSED_RULE = re.compile(r"\|?-{2,}(?:\+-{2,})+\|?")  # under the head of a table of psql, or of Org
_OPENING_BRACKETS = ("(", "（")
_LATEX_ROW = re.compile(r"([^\\]*(?:\\[^\\][^\\]*)*)\\\\\s*(?:\\(?:[a-z]*rule|hline|cline\{[\d-]*\})\s*)*")
_LATEX_MARK = re.compile(r"(?<!\\)&")
_LATEX_SPAN = re.compile(r"\\multi(column|row)\{(\d+)\}\{[^{}]*\}\{(.*)\}")
_NUMBERED = re.compile(r"\d{1,2}[.．、]|[（(]?[一二三四五六七八九十][）)、]")
_LEAST_WRAPPED = 3  # lines that go on with the one above
_LEAST_ROWS = 4  # whole ones, from which a cut text's layout can be told


def is_bar(text: str) -> bool:
    """Tell whether a line holds nothing but the bar that closes a cell on the line above."""
    return text.strip() == "|"


def close_cells(lines: list[str]) -> list[str]:
    """Return lines with each bar that closes a cell from a line of its own behind the cell, where others fill rows up.

    The bars that fill a row up say where it ends, and so which cells are blank. Before the first bar, and behind a
    section's heading, only the line before the bar is a cell.

    >>> close_cells(
    ...     ["二、情况", "信息内容", "|", "本年新", "制作数量", "|", "||", "规章", "|", "|", "||", "三、收到情况"]
    ... )
    ['二、情况', '信息内容 |', '本年新 制作数量 |', '||', '规章 |', '|', '||', '三、收到情况']
    """
    bare = [line.strip() for line in lines]
    if "|" not in bare or "||" not in bare:
        return lines
    found: list[str] = []
    pending: list[str] = []
    has_bar = False
    for line, text in zip(lines, bare, strict=True):
        if text and "|" not in text:
            pending.append(line)
            continue
        if text == "|" and pending and (has_bar or not is_heading(pending[-1])):
            kept = int(_is_heading_above(pending)) if has_bar else len(pending) - 1
            found += [*pending[:kept], f"{' '.join(pending[kept:])} |"]
        else:
            found += [*pending, line]
        has_bar = bool(text) and (has_bar or bool(pending))
        pending = []
    return found + pending


def _is_heading_above(lines: list[str]) -> bool:
    return len(lines) > 1 and is_heading(lines[0])


def is_heading(line: str) -> bool:
    """Tell whether a line heads a section of the report about one of its tables."""
    return is_section_heading(line.strip()) and "情况" in line


def close_gaps(lines: list[str]) -> list[str]:
    """Return lines without the blank ones between cells that each have a line and a bar, where bars fill rows up.

    >>> close_gaps(["|", "规章 |", " ", "0 |", "", "2 |", "||", "", "三、收到情况"])
    ['|', '规章 |', '0 |', '2 |', '||', '', '三、收到情况']
    """
    bare = [line.strip() for line in lines]
    if not any(len(text) > 1 and not text.strip("|") for text in bare):
        return lines
    is_cell = [text.endswith("|") and (text.count("|") == 1 or not text.strip("|")) for text in bare]
    told = [number for number, text in enumerate(bare) if text]
    gaps = {
        number
        for above, below in pairwise(told)
        if is_cell[above] and is_cell[below]
        for number in range(above + 1, below)
    }
    return [line for number, line in enumerate(lines) if number not in gaps]


def is_pipe_row(text: str) -> bool:
    """Tell whether a line has cells between bars."""
    return "|" in text and _UNESCAPED_BAR.search(text) is not None


def draw_bars(text: str) -> str:
    r"""Return a line with plain bars where it draws its cells with others, as LaTeX; one alone may stand in a heading.

    >>> draw_bars("│ 规章 │ 0 │"), draw_bars("首页｜政务公开")
    ('| 规章 | 0 |', '首页｜政务公开')
    >>> draw_bars(r"规章 & 425924 & \multicolumn{2}{l}{0} \\")
    '| 规章 | 425924 | 0 | |'
    >>> draw_bars("----------+------")
    '----------|------'
    """
    if "-+-" in text and _CROSSED_RULE.fullmatch(text.strip()):
        return text.replace("+", "|")
    if "&" in text and "\\\\" in text:
        return _draw_latex_bars(text)
    return text.translate(_BARS) if sum(map(text.count, _DRAWN_BARS)) > 1 else text


def _draw_latex_bars(text: str) -> str:
    """Return a row of a LaTeX table between bars; text behind its end is a rule, or else it is no such row."""
    match = _LATEX_ROW.fullmatch(text.strip())
    if match is None:
        return text
    cells = [_LATEX_SPAN.sub(_span_cells, cell.strip()) for cell in _LATEX_MARK.split(match[1])]
    return f"| {' | '.join(cells)} |"


def _span_cells(match: re.Match[str]) -> str:
    """Return what a cell over several columns or rows holds, with the other columns behind it."""
    return match[3] + " |" * (int(match[2]) - 1 if match[1] == "column" and len(match[2]) < 3 else 0)


def is_grid_rule(text: str) -> bool:
    """Tell whether a line is a border between drawn rows, crossings and dashes only.

    >>> is_grid_rule("+-----+---+"), is_grid_rule("├──┼──┤"), is_grid_rule("+1"), is_grid_rule("|---|")
    (True, True, False, False)
    """
    return _GRID_RULE.fullmatch(text.strip()) is not None


def is_pipe_rule(text: str) -> bool:
    """Tell whether a line is the rule of dashes under a head.

    >>> is_pipe_rule("|---|:-:|"), is_pipe_rule("| - | - |")
    (True, False)
    """
    return "-" in text and _PIPE_RULE.match(text) is not None


def split_pipe_row(text: str) -> list[str]:
    """Return the cells of a row with or without outer bars.

    >>> split_pipe_row("| 规章 | 0 |"), split_pipe_row("规章 | 0"), split_pipe_row("第二十条第(一)项 | |||")
    (['规章', '0'], ['规章', '0'], ['第二十条第(一)项', '', '', ''])
    """
    return _split_bars(text, is_open=True, is_closed=True)


def split_pipe_rows(lines: list[str]) -> list[list[str]]:
    """Return the cells of rows that belong together.

    A bar at the edge of a row closes a blank cell where other rows have none there. Bars in a row behind the last cell
    fill the row up to the table's width: they are no cells, since what prints them leaves out blank ones.

    >>> split_pipe_rows(["规章 | 0 | 3", "| 1 |"]), split_pipe_rows(["| 规章 | 0 |", "| | 1 |"])
    ([['规章', '0', '3'], ['', '1', '']], [['规章', '0'], ['', '1']])
    >>> split_pipe_rows(["规章 | 0 | 3 | ||", "新收 | 3 | |"]), split_pipe_rows(["新收 | 3 |  |"])
    ([['规章', '0', '3'], ['新收', '3']], [['新收', '3', '']])
    """
    stripped = [line.strip() for line in lines]
    is_open = all(line.startswith("|") for line in stripped)
    is_closed = all(line.endswith("|") for line in stripped)
    is_filled = any(map(_FILLED_UP.search, stripped))
    rows = []
    for line in stripped:
        cells = _split_bars(line, is_open=is_open, is_closed=is_closed)
        if is_filled and any(map(is_figure_field, cells)):
            cells = _split_bars(_FILLING.sub("", line), is_open=is_open, is_closed=is_closed)
        rows.append(cells)
    return rows


def _split_bars(text: str, *, is_open: bool, is_closed: bool) -> list[str]:
    """Return what stands between the bars of a row, without what is outside of its outer bars."""
    cells = [strip_markup(cell.replace("\\|", "|").strip()).strip() for cell in _UNESCAPED_BAR.split(text.strip())]
    if is_open and len(cells) > 1 and not cells[0]:
        cells = cells[1:]
    if is_closed and len(cells) > 1 and not cells[-1]:
        cells = cells[:-1]
    return cells


def join_ruled_rows(lines: list[str]) -> list[list[str]]:
    r"""Return the rows of a drawn table: the lines between two borders are one row, unless a figure is not alone there.

    >>> join_ruled_rows(["+--+--+", "|规 |0 |", "|章 |  |", "+--+--+", "|文件|4 |", "+--+--+"])
    [['规\n章', '0'], ['文件', '4']]
    >>> join_ruled_rows(["+--+--+", "|内容|数|", "+--+--+", "|规章|0|", "|文件|4|", "+--+--+"])
    [['内容', '数'], ['规章', '0'], ['文件', '4']]
    >>> join_ruled_rows(["+--+--+", "|行政复议|", "+--+--+", "|维持|总计|", "|0 |4 |", "+--+--+"])
    [['行政复议'], ['维持', '总计'], ['0', '4']]
    """
    rows: list[list[str]] = []
    for is_rule, group in groupby(lines, key=is_grid_rule):
        if is_rule:
            continue
        pieces = [split_pipe_row(line) for line in group]
        columns = list(zip_longest(*pieces, fillvalue=""))
        is_one = not any(
            any(map(is_figure_field, column)) and len(list(filter(None, column))) > 1 for column in columns
        )
        rows += [["\n".join(filter(None, column)) for column in columns]] if is_one else pieces
    return rows


def join_cut_rows(lines: list[str]) -> list[str]:
    """Return lines between bars with those whole again that a tool broke at its width.

    The rest of a row begins without a bar, and has those that the row lacks.

    >>> join_cut_rows(["| 规章 | 3 | 1 |", "| 文件 | 4 |", "0 |", "| 许可 | 0 | 2 |"])
    ['| 规章 | 3 | 1 |', '| 文件 | 4 | 0 |', '| 许可 | 0 | 2 |']
    >>> join_cut_rows(["规章 | 3 | 1", "| 0 | 2", "文件 | 4 | 0"])
    ['规章 | 3 | 1', '| 0 | 2', '文件 | 4 | 0']
    """
    opened = [line.lstrip().startswith("|") for line in lines]
    whole = Counter(line.count("|") for line, is_open in zip(lines, opened, strict=True) if is_open)
    if all(opened) or not whole:
        return lines
    ((bars, count),) = whole.most_common(1)
    if count * 2 < sum(opened):
        return lines
    joined = lines[:1]
    for line, is_open in zip(lines[1:], opened[1:], strict=True):
        if is_open or joined[-1].count("|") + line.count("|") > bars:
            joined.append(line)
        else:
            joined[-1] = f"{joined[-1].rstrip()} {line.strip()}"
    return joined


def join_wrapped_rows(lines: list[str]) -> list[str]:
    """Return one line a row where texts too long for their column go on below, as antiword prints them.

    All bars stand under one another then. A line goes on with the one above where it has no figure, and each text of it
    stands below one that leaves no room for another character. A few such lines may be rows of blanks below the longest
    label; many are what narrow columns make of their texts.

    >>> join_wrapped_rows(["|规章文|3 |", "|件    |  |", "|规范性|4 |", "|文件  |  |", "|许可决|0 |", "|定    |  |"])
    ['| 规章文件 | 3 |', '| 规范性文件 | 4 |', '| 许可决定 | 0 |']
    """
    if len(lines) < 2 * _LEAST_WRAPPED or not _stand_under_one_another(lines):
        return lines
    rows: list[list[str]] = []
    above: list[str] = []
    for line in lines:
        cells = line.split("|")
        if above and _goes_on(above, cells):
            rows[-1] = [text + cell.strip() for text, cell in zip(rows[-1], cells, strict=True)]
        else:
            rows.append([cell.strip() for cell in cells])
        above = cells
    return [" | ".join(row).strip() for row in rows] if len(lines) - len(rows) >= _LEAST_WRAPPED else lines


def _stand_under_one_another(lines: list[str]) -> bool:
    """Tell whether the bars of all lines do, but for those with marks whose width depends on the font (“ ”)."""
    cells = [line.split("|") for line in lines]
    if len(set(map(len, cells))) > 1:
        return False
    widths = (
        tuple(sum(2 if east_asian_width(character) in "WF" else 1 for character in cell) for cell in row)
        for row, line in zip(cells, lines, strict=True)
        if not any(east_asian_width(character) == "A" for character in line)
    )
    return len(set(widths)) == 1


def _goes_on(above: list[str], cells: list[str]) -> bool:
    """Tell whether the texts of a line are what has no room in the line above."""
    texts = [(before, cell.strip()) for before, cell in zip(above, cells, strict=True) if cell.strip()]
    return bool(texts) and not any(
        before.endswith("  ") or not before.strip() or is_figure_field(text) or _NUMBERED.match(text)
        for before, text in texts
    )


def cell_lines_of(lines: list[str]) -> list[str]:
    r"""Return one text a cell where bars on lines of their own close the cells, else the lines as they are.

    A cell of several lines keeps them. Between two tables the bars say nothing of the heading there: a numbered line
    followed by one in brackets is a heading and the note in the next table's corner.

    >>> cell_lines_of(["二、情况", "信息内容", "|", "本年新", "制作数量", "|", "0", "|"])
    ['二、情况', '信息内容', '本年新\n制作数量', '0']
    """
    if not any(line == "|" for line in lines):
        return lines
    cells: list[str] = []
    pending: list[str] = []
    has_bar = False
    for line in lines:
        if line != "|":
            if has_bar and pending and is_section_heading(pending[0]) and line.startswith(_OPENING_BRACKETS):
                cells += pending
                pending = []
            pending.append(line)
            continue
        if has_bar:
            cells.append("\n".join(pending))
        else:
            cells += pending  # before the first bar only the last line is a cell
        pending = []
        has_bar = True
    return cells + pending


def part_barred_cells(lines: list[str]) -> list[str] | None:
    """Return one text a cell where each line holds one cell and the bar behind it, None where lines hold rows.

    The bars of empty lines close merged cells and blank ones alike, so none of them is kept: a row that had a blank has
    a figure too few, and is refused.

    >>> part_barred_cells(["规章 |", "0 |", "2 |", "|||", "文件 |", "4 |"])
    ['规章', '0', '2', '文件', '4']
    >>> part_barred_cells(["规章 | 0 | 2 |", "文件 | 4 |", "1 |", "0 |", "3 |"])
    """
    if sum("|" not in line.strip(" |") for line in lines) < TOLERANCES.figures:
        return None  # no run of bare cells: taking rows apart costs more than the rest of reading them
    rows = [list(filter(None, split_pipe_row(line))) for line in lines]
    if sum(len(row) == 1 and is_figure_field(row[0]) for row in rows) < TOLERANCES.figures:
        return None
    if any(len(row) > 1 and any(map(is_figure_field, row)) for row in rows):
        return None
    return [cell for row in rows for cell in row]


def join_broken_rows(lines: list[str], *, is_cut: bool = False) -> list[str] | None:
    """Return one line a row where each line holds one cell and bars fill each row up to the table's width, else None.

    The bars of all rows are then as many, and where they are the row ends. A bar alone is that of a blank cell. Where
    the text is cut behind the lines, a row that it leaves without its end is dropped: its last figure may be cut too.

    >>> join_broken_rows(["规章 |", "|", "2 |", "||", "文件 |", "4 |", "1 |", "||", "行政许可 |", "7 |", "|||"])
    ['规章 | | 2 | ||', '文件 | 4 | 1 | ||', '行政许可 | 7 | |||']
    >>> join_broken_rows(["规章 |", "0 |", "2 |", "||", "文件 |", "4 |", "||", "行政许可 |", "7 |", "|||"])
    >>> join_broken_rows([*["规章 |", "0 |", "||"] * 4, "文件 |"], is_cut=True)
    ['规章 | 0 | ||', '规章 | 0 | ||', '规章 | 0 | ||', '规章 | 0 | ||']
    """
    counts = [line.count("|") for line in lines]
    width = _width_of_rows(lines, counts)
    if width is None:
        return None
    rows: list[str] = []
    bars = width
    for line, count in zip(lines, counts, strict=True):
        if bars == width:
            rows.append(line.strip())
            bars = count
        else:
            rows[-1] += f" {line.strip()}"
            bars += count
        if bars > width:
            return None
    if bars == width:
        return rows
    return rows[:-1] if is_cut and len(rows) > _LEAST_ROWS else None


def _width_of_rows(lines: list[str], counts: list[int]) -> int | None:
    """Return the bars up to the end of the first line that fills a row up, None where none does."""
    bars = 0
    for line, count in zip(lines, counts, strict=True):
        bars += count
        if line.rstrip().endswith("||"):
            return bars
    return None
