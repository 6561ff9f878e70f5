"""Columns of fixed width: heads over blank columns, clauses with columns of their own, characters of either width."""

from pipelines.read.text.reader import read_text

WAYS = """四、行政复议情况

            类型  结果维持  结果纠正  其他结果  尚未审结  总计
行政复议                76        69                   5   150
未经复议直接起诉        21                                  21
复议后起诉                        35                  37    72

完。"""
CLAUSES = """第二十条第（一）项
      信息内容  本年制发件数  本年废止件数  现行有效件数
规章                     439           588
行政规范性文件           514                         534
第二十条第（五）项
      信息内容                          本年处理决定数量
行政许可                                           44607
第二十条第（六）项
      信息内容                          本年处理决定数量
行政处罚                                           38027
行政强制                                           57230
"""
QUOTED = """内容                    人  总计
2.重复申请              31   33
3.危及“三安全一稳定”  41   44
4.保护第三方合法权益         55
5.属于三类信息          11   12
"""


def rows_of(text: str) -> list[list[str]]:
    (table,) = read_text(text.encode()).tables
    rows: dict[int, list[str]] = {}
    for row, _, _, _, cell in table:
        rows.setdefault(row, []).append(cell)
    return list(rows.values())


def test_a_column_that_is_blank_in_every_row_is_told_by_its_head():
    """The figures counted from the left were fewer than the columns, and none was read."""
    assert rows_of(WAYS)[1:] == [
        ["行政复议", "", "76", "69", "", "5", "150"],
        ["未经复议直接起诉", "", "21", "", "", "", "21"],
        ["复议后起诉", "", "", "35", "", "37", "72"],
    ]


def test_a_head_over_two_columns_of_figures_tells_neither():
    text = WAYS.replace("结果维持  结果纠正", "维持和纠正的结果  ")
    tables = read_text(text.encode()).tables
    assert "" not in [cell for table in tables for *_, cell in table]


def test_a_figure_that_strays_from_its_head_leaves_no_columns():
    text = WAYS.replace("行政复议                76        69  ", "行政复议           76             69  ")
    tables = read_text(text.encode()).tables
    assert "" not in [cell for table in tables for *_, cell in table]


def test_each_clause_has_columns_of_its_own():
    """The one figure of the second clause stood in the third column, beside its head in the second."""
    rows = rows_of(CLAUSES)
    assert rows[2:4] == [["规章", "", "439", "588", ""], ["行政规范性文件", "", "514", "", "534"]]
    assert rows[6] == ["行政许可", "", "44607"]
    assert rows[5] == ["", "信息内容", "本年处理决定数量"]


def test_quotation_marks_are_as_wide_as_makes_columns():
    """They take two places in Chinese fonts: counted as one, the row's figures fell between the columns."""
    wide = rows_of(QUOTED)
    assert wide[2:4] == [["3.危及“三安全一稳定”", "41", "44"], ["4.保护第三方合法权益", "", "55"]]
    assert rows_of(QUOTED.replace("”  41", "”    41")) == wide


def test_an_empty_line_behind_every_line_parts_no_table():
    assert rows_of(WAYS.replace("\n\n", "\n").replace("\n", "\n\n")) == rows_of(WAYS)


def padded(rows: list[list[str]], widths: list[int]) -> str:
    """Lines as a program pads them that counts characters, of which Chinese ones take two places."""
    return "".join("".join(map(str.ljust, row, widths)).rstrip() + "\n" for row in rows)


def test_columns_padded_by_characters_are_told_by_characters():
    """As places in a Chinese font, 54 of 废止 stood under 制发."""
    rows = [
        ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
        ["规章", "", "54", "70"],
        ["行政规范性文件", "", "", "73"],
        ["其他主动公开的文件", "8", "", "1"],
    ]
    assert rows_of(padded(rows, [26, 10, 10, 10])) == rows


def test_figures_that_are_not_set_alike_under_their_heads_are_in_no_column():
    text = "内容  制发件数  废止件数\n规章  12\n文件            34\n许可    5\n"
    tables = read_text(text.encode()).tables
    assert "" not in [cell for table in tables for *_, cell in table]
