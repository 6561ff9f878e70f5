"""Tables under lines of === and ---, in which the place of a field is its column."""

import time

import pytest

from pipelines.read import read_document
from pipelines.read.text.ruled_columns import quote_ruled_tables

ROWS = [
    ["信息内容", "制发", "废止"],
    ["规章", "", "12"],
    ["规范性文件", "4", ""],
    ["许可", "1", "0"],
    ["处罚", "5", "6"],
]
SIMPLE = """\
信息内容    制发  废止
----------  ----  ----
规章              12
规范性文件  4
许可        1     0
处罚        5     6
"""


def rows_of(text: str) -> list[list[str]] | None:
    document = read_document("a.txt", f"二、主动公开政府信息情况\n\n{text}\n完\n".encode())
    if len(document.tables) != 1:
        return None
    rows: dict[int, list[str]] = {}
    for row, _, _, _, cell in document.tables[0]:
        rows.setdefault(row, []).append(cell)
    return list(rows.values())


def ruled(mark: str) -> str:
    head, rule, *body = SIMPLE.rstrip().replace("-", mark).split("\n")
    return "\n".join([rule, head, rule, *body, rule, ""])


@pytest.mark.parametrize(
    "text",
    [
        SIMPLE,
        ruled("="),
        ruled("-"),
        "\n".join(
            [
                "  " + "-" * 22,
                *(f"  {line}\n" if at > 1 else f"  {line}" for at, line in enumerate(SIMPLE.rstrip().split("\n"))),
                "  " + "-" * 22,
                "",
            ]
        ),
        # as wide as counted characters, which is how Python's tabulate pads
        "信息内容    制发    废止\n-----  --  --\n规章         12\n规范性文件  4   \n许可     1   0\n处罚     5   6\n",
    ],
    ids=["pandoc", "reStructuredText", "closed", "multiline", "characters"],
)
def test_a_field_stands_under_its_stroke(text):
    """Blanks among fields left the table unread, and a rule was no sign of one."""
    if "信息内容    制发    废止" in text:
        text = text.replace("信息内容    制发    废止", "信息内容   制发  废止")
    assert rows_of(text) == ROWS


def test_a_line_without_its_first_field_goes_on_with_the_row_before_it():
    text = ruled("=").replace("信息内容    制发  废止", "信息        制发  废止\n            数量")
    rows = rows_of(text.replace("规范性文件  4", "规范性文件  4\n            "))
    assert rows is not None
    assert rows[0] == ["信息", "制发\n数量", "废止"]


def test_a_backslash_stands_for_a_blank_first_field():
    rows = rows_of(ruled("=").replace("许可        1", "\\           1"))
    assert rows is not None
    assert rows[3] == ["", "1", "0"]


@pytest.mark.parametrize("mark", ["-", "="])
def test_a_figure_out_of_line_leaves_the_table_as_it_is(mark):
    """A field was lost, and the figures behind it moved under the stroke before their own."""
    text = ruled(mark)
    assert quote_ruled_tables(text) != text
    moved = text.replace("许可        1     0", "许可           1")
    assert quote_ruled_tables(moved) == moved


@pytest.mark.parametrize(
    "text",
    [
        SIMPLE.replace("许可        1     0", "许可         1 2  0"),  # a figure between two columns
        SIMPLE.replace("许可        1     0", "许可        1     0   7"),
        SIMPLE.replace("许可        1     0", "许可  7     1     0"),
    ],
)
def test_text_beside_the_strokes_leaves_the_table_as_it_is(text):
    assert rows_of(text) != [*ROWS[:3], ["许可", "1", "0"], ROWS[4]]
    assert "<td>" not in str(rows_of(text))


@pytest.mark.parametrize("lines", ["=== ===\n1   2\n", "1 2\n--- ---\n", "-------------\n--- ---\n1 2\n"])
def test_many_rules_cost_no_more_than_their_length(lines):
    started = time.process_time()
    read_document("a.txt", ("规章 重新出具\n" + lines * 8_000).encode())
    assert time.process_time() - started < 5
