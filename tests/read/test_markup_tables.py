"""Tables of lightweight markup languages, spans included."""

import time

import pytest

from pipelines.read import read_document
from pipelines.read.text.markup import quote_markup_tables

CELLS = [
    (1, 1, 1, 3, "第二十条第（一）项"),
    (2, 1, 2, 1, "信息内容"),
    (2, 2, 1, 1, "制发"),
    (2, 3, 1, 1, "废止"),
    (3, 2, 1, 1, "3"),
    (3, 3, 1, 1, ""),
]

TYPST = (
    "#table(\n  columns: 3,\n  table.cell(colspan: 3)[第二十条第（一）项],\n"
    "  table.cell(rowspan: 2)[信息内容], [制发], [废止],\n  [3], [],\n)"
)


@pytest.mark.parametrize(
    "text",
    [
        '[cols="3*",options="header"]\n|===\n3+|第二十条第（一）项\n.2+|信息内容\n|制发\n|废止\n|3\n|\n|===',
        "|===\n3+|第二十条第（一）项\n.2+|信息内容 |制发 |废止\n|3 |\n|===",
        TYPST,
        "|\\3. 第二十条第（一）项|\n|/2. 信息内容|制发|废止|\n|3||",
    ],
)
def test_one_table_in_each_language(text):
    (cells,) = read_document("a.txt", f"二、主动公开政府信息情况\n\n{text}\n\n完".encode()).tables
    assert cells == CELLS


@pytest.mark.parametrize(
    "text",
    [
        "|===\n|规章 |3 |0\n|文件 |1\n|===",  # a mark is lost
        "|规章|\\-3|\n|---|---|\n|文件|1|",  # Markdown
    ],
)
def test_what_is_no_whole_table_stays_text(text):
    assert quote_markup_tables(text) == text


@pytest.mark.parametrize("line", ["|===", "#table(", "|\\2. a|", "|===\n|==="])
def test_marks_without_tables_take_no_time(line):
    start = time.process_time()
    quote_markup_tables(f"{line}\n" * 20_000)
    assert time.process_time() - start < 3


def test_a_list_whose_items_are_cells():
    """A dash in front of each was a figure of its own."""
    rows = [["信息内容", "制发", "废止"], ["规章", "3", ""], ["文件", "", "-1"]]
    lines = [f"   {'*' if at == 0 else ' '} - {text}" for row in rows for at, text in enumerate(row)]
    text = "\n".join([".. list-table::", "", *lines])
    (cells,) = read_document("a.rst", text.encode()).tables
    assert [cell[4] for cell in cells] == [text for row in rows for text in row]
