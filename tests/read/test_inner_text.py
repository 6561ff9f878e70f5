"""Tables as a browser's `innerText` prints them, with paragraphs or blocks in their cells."""

import pytest

from pipelines.read.text.reader import read_text

TABLES = [
    [
        ["第二十条第（一）项"],
        ["信息内容", "本年制发件数", "现行有效件数"],
        ["规章", "0", ""],
        ["文件", "", "12"],
        ["其他", "5", "7"],
    ],
    [["", "自然人", "总计"], ["一、本年新收", "3", "3"], ["二、上年结转", "", ""], ["（一）予以公开", "1", ""]],
]
HEADINGS = ["二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况"]
BEHIND = "五、存在的主要问题及改进情况"


def inner_text(items: list[str | int]) -> str:
    """Return items as the standard joins them: of numbers of line breaks that stand next to each other the largest."""
    text, breaks = "", 0
    for item in items:
        if isinstance(item, int):
            breaks = max(breaks, item)
        elif item:
            text, breaks = f"{text}{chr(10) * breaks if text else ''}{item}", 0
    return text


def page(height: int, tables: list[list[list[str]]]) -> str:
    items: list[str | int] = [2, "本报告依据《条例》编制。", 2]
    for heading, rows in zip(HEADINGS, tables, strict=True):
        items += [2, heading, 2]
        for number, row in enumerate(rows):
            items += ["\n"] * (number > 0)
            for place, cell in enumerate(row):
                items += ["\t"] * (place > 0)
                items += [piece for part in cell.split("/") for piece in (height, part, height)]
    return inner_text([*items, 2, BEHIND, 2])


def tables_of(text: str) -> list[list[list[str]]]:
    found = []
    for cells in read_text(text.encode()).tables:
        rows: dict[int, list[str]] = {}
        for row, _, _, _, cell in cells:
            rows.setdefault(row, []).append(cell)
        found.append(list(rows.values()))
    return found


@pytest.mark.parametrize("height", [1, 2])
def test_cells_with_paragraphs_or_blocks_keep_their_rows(height: int) -> None:
    """Each cell stood alone among empty lines, and no table was found."""
    text = page(height, TABLES)
    assert tables_of(text) == [TABLES[0][1:], TABLES[1]]
    assert {*HEADINGS, BEHIND} <= {block.text for block in read_text(text.encode()).blocks}


def test_paragraphs_of_one_cell_stay_in_it() -> None:
    """A figure over two paragraphs is no number, also in the last cell of a table, where the text below follows."""
    broken = [[list(row) for row in rows] for rows in TABLES]
    broken[0][1][1] = "本年/制发件数"
    broken[0][4][2] = broken[1][3][2] = "12/34"
    first, second = tables_of(page(2, broken))
    assert first[0][1] == "本年 制发件数"
    assert first[3][2] == second[3][2] == "12 34"


def test_rows_between_bars_that_empty_lines_part_are_one_table() -> None:
    """Each row was a table of its own, under no header."""
    rows = ["| 项目 | 自然人 | 总计 |", "| 新收 | 1 | 1 |", "| 结转 | | 0 |", "| 公开 | 1 | |"]
    assert tables_of("\n\n".join(rows)) == [
        [["项目", "自然人", "总计"], ["新收", "1", "1"], ["结转", "", "0"], ["公开", "1", ""]]
    ]
    assert len(tables_of("\n\n".join(rows[:3]))) == 3  # so few may be facts of the page
    assert len(tables_of("\n\n".join([*rows, "| 表 | 二 |\n| 1 | 2 |"]))) == 2
    assert len(tables_of("\n\n".join([*rows, "| 表 | 二 | 三 |\n|---|---|---|\n| 1 | 2 | 3 |"]))) == 2
