"""Tables in the markup of MediaWiki, in a text and in a page that prints it."""

import pytest

from pipelines.read import read_document
from pipelines.read.model import PICTURE

WIKI = """{| class="wikitable"
|+ 表二
|-
! 信息内容 !! colspan="2" | 数量
|-
| 规章 || 3 || -18
|-
| rowspan="2" | '''规范性文件'''
| 7
| 8<br>
|- style="x"
|
| 9
|}
"""


@pytest.mark.parametrize(("name", "form"), [("a.txt", "{}"), ("a.md", "{}")])
def test_rows_spans_and_blanks(name: str, form: str) -> None:
    """A span's number went with the figure behind it: 1127 was read where 127 stands under two columns."""
    (cells,) = read_document(name, form.format(f"二、主动公开\n{WIKI}\n三、其他\n").encode()).tables
    assert [cell[4] for cell in cells] == ["信息内容", "数量", "规章", "3", "-18", "规范性文件", "7", "8", "", "9"]
    assert [cell[2:4] for cell in cells if cell[4] in ("数量", "规范性文件")] == [(1, 2), (2, 1)]


def test_a_cell_goes_on_in_the_next_line() -> None:
    """As a row of its own the rest of a label would count, and 1 over 2 would be 12."""
    text = "二、主动公开\n{|\n! 信息内容 !! 数量\n|-\n|规范性\n文件\n|3\n|-\n|规章\n|1\n2\n|-\n|\n其他\n|4\n|}\n"
    (cells,) = read_document("a.txt", text.encode()).tables
    assert [cell[4] for cell in cells] == ["信息内容", "数量", "规范性\n文件", "3", "规章", "1\n2", "其他", "4"]


def test_a_line_that_may_end_a_row_or_print_a_reduction_is_in_doubt() -> None:
    cells = read_document("a.txt", "{|\n| 规章\n| 3\n|-18\n| 4\n|}\n".encode()).tables[0]
    assert PICTURE in [cell[4] for cell in cells]


@pytest.mark.parametrize("text", ["{|\n{|\n| 规章 || 3\n|}\n|}\n", "|}\n{|\n规章 3\n"])
def test_tables_in_tables_and_without_an_end_are_left_out(text: str) -> None:
    assert not [cell for cells in read_document("a.txt", text.encode()).tables for cell in cells if cell[4] == "3"]
