"""Tables as programs print them into text: converters of old documents, data frames, databases, typesetters."""

import pytest

from pipelines.read.text.pipes import join_wrapped_rows
from pipelines.read.text.reader import read_text


def tables(text: str) -> list[list[list[str]]]:
    found = []
    for table in read_text(text.encode()).tables:
        rows: dict[int, list[str]] = {}
        for row, _, _, _, cell in table:
            rows.setdefault(row, []).append(cell)
        found.append(list(rows.values()))
    return found


def cell_lines(separator: str) -> str:
    """Three rows of seven cells, one a line; with a doubled separator each blank cell was two."""
    rows = [[f"（{number}）某某申请", "1", "", "3", "", "", "0", str(number)] for number in range(1, 7)]
    return separator.join(cell for row in rows for cell in row)


@pytest.mark.parametrize("separator", ["\n\n", "\n\n\n", "\n\n\n\n"])
def test_blank_cells_are_as_many_as_the_lines_between_cells_say(separator):
    (table,) = tables(cell_lines(separator))
    assert [cell for row in table for cell in row] == cell_lines("|").split("|")


def test_a_line_too_many_leaves_no_blanks_to_count():
    text = "\n\n\n\n\n3".join(cell_lines("\n\n").rsplit("\n\n\n\n3", 1))
    assert not [cell for table in tables(text) for row in table for cell in row if not cell]


def rows_of(figures: list[list[str]], cell: str, row: str) -> str:
    """A head and rows below it, the last of which has no label, as in 表四."""
    head = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    rows = [[f"（{number}）某某", *line] for number, line in enumerate(figures, start=1)]
    return row.join(map(cell.join, [*rows, head, ["1", "0", "0", "", "1"]]))


BLANKS = [["1", "", "3", "0", str(number)] for number in range(8)]


@pytest.mark.parametrize(("cell", "row"), [("\n", "\n\n\n"), ("\n\n", "\n\n\n"), ("\n\n", "\n\n\n\n")])
def test_empty_lines_that_part_rows_are_no_cells(cell, row):
    """Behind the head of 表四 they were its first cells, where a blank one further on was lost."""
    read = [text for table in tables(rows_of(BLANKS, cell, row)) for line in table for text in line]
    assert read == [text for line in rows_of(BLANKS, "|", "~").split("~") for text in line.split("|")]


@pytest.mark.parametrize(("cell", "row"), [("\n", "\n\n\n"), ("\n\n", "\n\n\n"), ("\n\n", "\n\n\n\n")])
def test_where_blank_cells_were_left_out_no_empty_line_is_one(cell, row):
    """Each row that had lost a blank took the lines behind it for one, and its figures moved to the left."""
    lost = [[figure for figure in line if figure] for line in BLANKS]
    text = rows_of(lost, cell, row).replace(f"0{cell}{cell}1", f"0{cell}1")
    assert not [cell for table in tables(text) for line in table for cell in line if not cell]


def test_slashes_between_figures_are_none():
    """Labels and their slash were a row that says of every figure that it does not apply."""
    rows = [f"{number}.某某申请 / {number} / 0 / {number}" for number in range(1, 9)]
    text = "\n".join([*rows, "9.某某申请 /  /  / "])
    assert "/" not in [cell for table in tables(text) for line in table for cell in line]
    plain = "\n".join(f"{number}.某某申请  {number}  /  {number}" for number in range(1, 9))
    assert tables(plain)[0][0] == ["1.某某申请", "1", "/", "1"]


WRAPPED = """|（一）其 |1    |0   |
|他处理   |     |    |
|2.申请人 |24   |3   |
|逾期未按 |     |    |
|收费缴纳 |     |    |
|3.其他   |     |2   |
|（七）总 |     |    |
|计       |     |    |"""


def test_texts_that_go_on_below_in_a_narrow_column_are_one():
    """A piece of a label had been taken for the row that it came nearest to, with the blanks beside it."""
    assert tables(WRAPPED) == [
        [
            ["（一）其他处理", "1", "0"],
            ["2.申请人逾期未按收费缴纳", "24", "3"],
            ["3.其他", "", "2"],
            ["（七）总计", "", ""],
        ]
    ]


@pytest.mark.parametrize(
    "lines",
    [
        [
            "|规章      |3 |",
            "|规范性文件|  |",
            "|许可      |1 |",
            "|处罚      |  |",
            "|强制      |2 |",
            "|收费      |  |",
        ],
        ["| 规章 | 3 |", "| 文件 | |", "| 许可证 | 1 |", "| 处罚 | |", "| 强制 | 2 |", "| 收费 | |"],
        ["|1.规章|3 |", "|2.文件|  |", "|3.许可|1 |", "|4.处罚|  |", "|5.强制|2 |", "|6.收费|  |"],
    ],
    ids=["room", "straying", "numbered"],
)
def test_rows_of_blanks_are_rows(lines):
    assert join_wrapped_rows(lines) == lines


def test_heads_within_one_border_keep_the_figures_below_them():
    text = "+----+----+\n|行政复议||\n+----+----+\n|维持|总计|\n|4   |4   |\n+----+----+"
    assert tables(text) == [[["行政复议", ""], ["维持", "总计"], ["4", "4"]]]


def test_columns_so_near_one_another_that_figures_meet_are_none():
    """Three figures one blank apart were one cell of the first column, and the other two blank."""
    text = "内容        制发 废止\n规章        425924 182107\n文件            80     43\n许可             2      3\n"
    assert [["规章", "425924", "182107"], ["文件", "80", "43"], ["许可", "2", "3"]] in [
        table[-3:] for table in tables(text)
    ]


@pytest.mark.parametrize("end", [r"\\", r"\\ \hline", r"\\\midrule", r"\\ \cline{2-3}"])
def test_rows_of_latex(end):
    rows = [["信息内容", "制发", "废止"], ["规章", "425924", "182107"], ["文件", "", r"\multicolumn{2}{l}{43}"]]
    text = "\n".join(f" {' & '.join(row)} {end}" for row in rows)
    assert tables(f"\\begin{{tabular}}{{lll}}\n{text}\n\\end{{tabular}}") == [
        [rows[0], rows[1], ["文件", "", "43", ""]]
    ]


def test_a_bar_at_the_beginning_of_a_row_of_psql_stands_behind_a_blank():
    """The rule under the head was no rule, and the head was a table of its own."""
    text = " 行政复议 | \n----------+------\n 维持     | 总计\n          | 4\n 3        | 4\n(3 rows)\n"
    assert tables(text)[0][:4] == [["行政复议", ""], ["维持", "总计"], ["", "4"], ["3", "4"]]
