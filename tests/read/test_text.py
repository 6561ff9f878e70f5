"""Text in the shapes that real reports had."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import DocumentError
from pipelines.read import Document, read_document
from pipelines.read.model import PICTURE
from pipelines.read.text.reader import read_text
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind, FileFormat


def rows(table):
    grid: dict[int, list[str]] = {}
    for row, _, _, _, text in table:
        grid.setdefault(row, []).append(text)
    return list(grid.values())


def tables(text):
    return [rows(table) for table in read_text(text.encode()).tables]


def blocks(text):
    return [(block.kind.value, block.label, block.text) for block in read_document("a.txt", text.encode()).blocks]


def test_tabs_keep_blank_cells_in_front_and_behind():
    text = "信息\t申请人情况\t\t\n\t自然人\t总计\n规章\t0\t3\t\n"
    assert tables(text) == [[["信息", "申请人情况", "", ""], ["", "自然人", "总计"], ["规章", "0", "3", ""]]]


def test_one_blank_line_ends_no_tab_table_and_two_do():
    assert len(tables("a\t1\n\nb\t2\n")) == 1
    assert len(tables("a\t1\n\n\nb\t2\n")) == 2
    assert tables("a\t1\n\t\nb\t2\n") == [[["a", "1"], ["", ""], ["b", "2"]]]


def test_an_indented_paragraph_is_no_row():
    assert tables("\t根据《条例》的规定，编制本报告。\n") == []
    assert blocks("\t标题行") == [("paragraph", None, "标题行")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("| a | b |\n|---|:-:|\n| 规章 | 0 |\n", [[["a", "b"], ["规章", "0"]]]),
        ("a | b\n规章 | 0\n", [[["a", "b"], ["规章", "0"]]]),
        ("第一项 | |||\n规章 | 0 | 0 | 0 |\n", [[["第一项", "", "", ""], ["规章", "0", "0", "0"]]]),
        ("| a\\|b | - |\n| -- | / |\n", [[["a|b", "-"], ["--", "/"]]]),
        ("| 1 | 2 |\n| 3 | 4 |\n|---|---|\n| 5 | 6 |\n", [[["1", "2"]], [["3", "4"], ["5", "6"]]]),
        ("| | 5 |\n| 1 | |\n", [[["", "5"], ["1", ""]]]),
        ("| 规章 |\t0 |\n| 文件 |\t1 |\n", [[["规章", "0"], ["文件", "1"]]]),
    ],
)
def test_pipe_tables(text, expected):
    assert tables(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("规章  0  0  0\n规范性文件  13  0  55\n", [["规章", "0", "0", "0"], ["规范性文件", "13", "0", "55"]]),
        ("规章 0 0 0\n规范性文件 13 0 55", [["规章", "0", "0", "0"], ["规范性文件", "13", "0", "55"]]),
        (
            "信息内容  制发  废止\n规章　　-18　　+1036\n许可  /  -",
            [["信息内容", "制发", "废止"], ["规章", "-18", "+1036"], ["许可", "/", "-"]],
        ),
        ("行政许可 97\n行政处罚 0\n行政强制 0", [["行政许可", "97"], ["行政处罚", "0"], ["行政强制", "0"]]),
    ],
)  # fmt: skip
def test_rows_parted_by_spaces(text, expected):
    assert tables(f"前文到此为止。\n{text}\n后文由此开始。") == [expected]


def test_one_cell_a_line():
    text = "二、主动公开情况\n信息内容\n制发件数\n规章\n0\n5\n文件\n0.37万元\n减3\n六、其他\n无。"
    assert tables(text) == [[["信息内容"], ["制发件数"], ["规章"], ["0"], ["5"], ["文件"], ["0.37万元"], ["减3"]]]
    assert [block[2] for block in blocks(text) if block[0] == "paragraph"] == ["二、主动公开情况", "六、其他", "无。"]


def test_one_cell_a_line_with_blank_lines_between():
    text = "信息内容\n\n制发件数\n\n规章\n\n0\n\n文件\n\n3\n\n许可\n\n7\n"
    assert tables(text) == [[["信息内容"], ["制发件数"], ["规章"], ["0"], ["文件"], ["3"], ["许可"], ["7"]]]


def test_one_cell_a_line_closed_by_bars():
    text = "二、情况\n第一项\n|\n本年新\n制作数量\n|\n规章\n|\n0\n|\n|\n7\n|\n2\n|\n"
    text += "三、收到情况\n(本列数据)\n|\n数量\n|\n4\n|\n"
    assert tables(text) == [[
        ["第一项"], ["本年新\n制作数量"], ["规章"], ["0"], [""], ["7"], ["2"], ["三、收到情况"],
        ["(本列数据)"], ["数量"], ["4"],
    ]]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "根据条例的要求编制\n本报告共分六部分\n统计期限为\n2021年\n一、总体情况\n全年无申请",
        "一、总体情况\n1\n二、主动公开\n三、申请",
        "联系电话\n电子邮箱\n邮编",
        "一、情况。\n" + "第一行文字到此\n第二行文字到此\n" * 20 + "5\n6\n7",
    ],
)
def test_prose_in_short_lines_is_no_table(text):
    found = tables(text)
    assert found == [] or max(len(table) for table in found) < 28


def test_drawn_tables():
    drawn = ["┌────┬──┐", "│ 信息内容 │ 数量 │", "├────┼──┤", "│ 行政规范 │ 3 │", "│ 性文件 │  │", "└────┴──┘"]
    assert tables("\n".join(drawn)) == [[["信息内容", "数量"], ["行政规范\n性文件", "3"]]]
    crossed = "\n".join(drawn).translate(str.maketrans("┌┬┐├┼┤└┴┘─│", "+++++++++-|"))
    assert tables(crossed) == tables("\n".join(drawn))


def test_rows_padded_with_full_width_spaces_are_counted():
    """Padding of half a line makes no paragraph of a row."""
    rows = [["项目", "自然人", "商业企业", "总计"]]
    rows += [[f"{number}.{'某' * number}信息公开申请", "1", str(10**number), "3"] for number in range(5)]
    text = "\n".join("".join(cell + "　" * (40 - len(cell)) for cell in row).rstrip() for row in rows)
    assert tables(text) == [rows]


def test_cells_hold_what_markdown_shows():
    """`~~54~~0` would be no figure, and 70 with a raised 1 must not become 701."""
    text = "| **信息内容** | 数量<br>合计 |\n|---|---|\n| 1\\.规章 | ~~54~~0 |\n| `文件` | **70**<sup>1</sup> |"
    assert tables(text) == [[["信息内容", "数量\n合计"], ["1.规章", "0"], ["文件", "70[1]"]]]
    text = "| 信息内容 | 数量 |\n|---|---|\n| 规章 | 1![](7.gif) |\n| 文件 | ![](7.gif) |"
    assert tables(text) == [[["信息内容", "数量"], ["规章", "1" + PICTURE], ["文件", PICTURE]]]


@pytest.mark.parametrize("number", ["- 3 -", "— 12 —", "第 3 页 共 5 页"])
def test_page_numbers_part_no_table(number):
    assert tables(f"规章\t0\t1\n{number}\n文件\t2\t3") == [[["规章", "0", "1"], ["文件", "2", "3"]]]


def test_run_together_text_stays_a_paragraph():
    text = "规章000规范性文件898989第二十条第（五）项信息内容上一年项目数量行政许可3960181" * 5
    assert blocks(text) == [("paragraph", None, text)]


def test_markdown_headings_and_title():
    assert blocks("# 某局2021年报告\n## 一、总体情况 ##\n正文。\n# 二、主动公开\n") == [
        ("title", "h1", "某局2021年报告"), ("heading", None, "一、总体情况"), ("paragraph", None, "正文。"),
        ("heading", None, "二、主动公开"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "总体工作情况如下：",
        "（二）依申请公开情况。2021年，我局收到1件，已答复",
        "五、存在的主要问题\n公开的信息、数据还不太全面，如缺少政策解读",
    ],
)
def test_a_line_of_the_narrative_is_no_title(line):
    told = blocks(f"根据条例编制本报告。\n{line}\n全年公开信息41条。")
    assert [text for kind, _, text in told if kind == "title"] == []
    assert "".join(text for _, _, text in told).count("公开") >= line.count("公开")


def test_a_first_line_is_a_title_candidate():
    assert blocks("某局2021年报告\n根据条例编制。")[0] == ("title", "first_line", "某局2021年报告")
    assert blocks("一、总体情况\n正文。")[0][0] == "paragraph"


def test_front_matter():
    text = "标题: 某区2019年报告\n发布时间: 2020-01-20 15:22\n文号: \n"
    text += "本地目录: a/b\n原文链接: https://a.cn/b?c=1\n====== 正文 ======\n正文。"
    assert blocks(text) == [
        ("title", "标题", "某区2019年报告"), ("metadata", "发布时间", "2020-01-20 15:22"),
        ("metadata", "本地目录", "a/b"),
        ("metadata", "原文链接", "https://a.cn/b?c=1"), ("paragraph", None, "正文。"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("标题: 某处2021年报告 索引号: 113/2022-None 文号: 无文号 发文日期: 2022-01-17 发布机构: 某处", 5),
        ("作者:本站原创 | 来源:本站原创 | 时间:2019-01-18 点击数:-", 4),
        ("兴华乡2010年政府信息公开报告 发布日期:2011-01-01 点击数: 截止20101231日,公开信息65条。", 1),
        ("<!-- url: http://a.cn/b -->", 1),
        ("我们在时间：紧的情况下完成。", 0),
    ],
)
def test_lines_of_facts(text, facts):
    found = [block for block in blocks(text) if block[0] == "metadata" or block[1] in ("标题", "名称")]
    assert len(found) >= facts
    assert facts or not found


def test_a_table_quoted_as_html_is_read():
    text = "# 报告\n\n前文。\n\n<table><tr><td rowspan=2>规章</td><td>3</td></tr><tr><td>4</td></tr></table>\n\n"
    text += "| a | 1 |\n| b | 2 |\n"
    document = read_text(text.encode())
    assert document.tables[0] == [(1, 1, 2, 1, "规章"), (1, 2, 1, 1, "3"), (2, 2, 1, 1, "4")]
    assert [block.table_number for block in document.blocks if block.kind is BlockKind.TABLE] == [1, 2]


@pytest.mark.parametrize("text", ["a\t" * 2000, "| 1 " * 2000 + "|", "a\t1\n" * 400, "1\n" * 900])
def test_limits(text):
    with pytest.raises(DocumentError) as caught:
        read_text(text.encode(), ReadLimits(cells=500))
    assert caught.value.reason_code == "limit_exceeded"


@pytest.mark.parametrize(
    "unit",
    [
        " ",
        "0 ",
        "a  ",
        "-",
        "|",
        "|---",
        "\t",
        "<!--",
        "规章 0 ",
        "：",
        "标 题",
        "#",
        "<table",
        "<!--[if",
        "<p ",
        "===x",
        "display:",
        "1\n",
        "\n",
        "| **",
        "|*a",
        "|~~[^",
        "|<s>",
        "+--",
        "│",
    ],
)
def test_long_lines_take_linear_time(unit):
    started = time.process_time()
    with contextlib.suppress(DocumentError):
        read_document("a.txt", (unit * (200_000 // len(unit))).encode())
    assert time.process_time() - started < 5


figures = st.integers(0, 99999).map(str) | st.sampled_from(["", "/", "-", "0.37万元"])


@given(st.lists(st.lists(figures, min_size=3, max_size=3), min_size=2, max_size=8), st.sampled_from(["\t", " | "]))
def test_figures_round_trip(figures_by_row, separator):
    grid = [[f"项目{number}", *row] for number, row in enumerate(figures_by_row)]
    lines = [separator.join(row) for row in grid]
    text = "\n".join(f"| {line} |" if separator == " | " else line for line in lines)
    assert tables(text) == [grid]


LINES = st.sampled_from(
    ["规章", "0", "15", "|", "| a | b |", "|---|", "\t0\t1", "a\t", "", " ", "# 题", "规章  0  1",
     "一、情况", "标题: 甲", "(注)",
     "<table><tr><td>1<td>2</table>", "<!-- x -->", "正文。", "来源：甲 时间：2020-1-1", "====", "减3"]
)  # fmt: skip


@given(st.lists(LINES | st.text(max_size=12), max_size=40))
@settings(deadline=None)
def test_any_lines_give_a_sound_document(lines):
    document = Document(FileFormat.TEXT)
    with contextlib.suppress(DocumentError):  # control characters
        document = read_document("a.txt", ("a" + "\n".join(lines)).encode(errors="replace"))
    numbers = [block.table_number for block in document.blocks if block.kind is BlockKind.TABLE]
    assert numbers == list(range(1, len(document.tables) + 1))
    assert all(table for table in document.tables)


@pytest.mark.parametrize(
    "text",
    ["兴华乡2010年政府信息公开报告 发布日期:2011-01-01 点击数: 截止日", "发布日期:2011-01-01 全乡累计公开65条"],
)
def test_a_line_with_more_than_facts_keeps_its_text(text):
    assert text in [block[2] for block in blocks(text)]
    assert ("metadata", "发布日期", "2011-01-01") in blocks(text)


RECORDS = "信息内容,本年制发件数,本年废止件数\n规章,{},{}\n行政规范性文件,3,1\n行政许可,7,0\n" + "其他,0,0\n" * 8


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_comma_separated_values_are_a_table(delimiter):
    text = "某局2021年报告\n" + RECORDS.format('"1,024"', "").replace(",", delimiter).replace("1;024", "1,024")
    (table,) = read_text(text.encode()).tables
    assert [cell[4] for cell in table][:6] == ["信息内容", "本年制发件数", "本年废止件数", "规章", "1,024", ""]


@pytest.mark.parametrize(
    "records",
    [
        RECORDS.format("1,024", "5"),  # thousands typed without quotes: a field too many
        RECORDS.format("1", "024"),  # the same, and a field lost
        RECORDS.format('"1', "0"),  # a quote that never ends
        "a,b,c\n" * 12,
        '["规章","1","0"],\n' * 12,
    ],
)
def test_what_is_no_rectangle_of_values_for_sure_is_no_table(records):
    tables = read_text(records.encode()).tables
    assert not any(cell[4] in {"1", "024", "24"} for table in tables for cell in table)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32"])
def test_wide_text_is_read_with_and_without_a_mark(encoding):
    data = ("某局2021年政府信息公开工作年度报告\n" + RECORDS.format(1, 2)).encode(encoding)
    document = read_document("a.csv", data)
    assert (document.encoding or "").startswith(encoding)
    assert [cell[4] for cell in document.tables[0]][3:6] == ["规章", "1", "2"]


@pytest.mark.parametrize("data", [b"a\0b\0" * 50, bytes(range(256)) * 4, "规章".encode("utf-16-le") + b"\0\0" * 9])
def test_zero_bytes_alone_make_no_wide_text(data):
    with pytest.raises(DocumentError, match="fits no container"):
        read_document("a.txt", data)


PASTE = """三、收到和处理政府信息公开申请情况

（勾稽关系）                        申请人情况
                                    自然人  法人    总计
一、本年新收政府信息公开申请数量    750     2       752
三、本年度办理结果  （一）予以公开  0               12
                    （二）其他      3       104     107
四、结转下年度继续办理                      1       1

说明。"""


def test_columns_of_fixed_width_are_told_by_their_place():
    """A blank is a blank, wherever in its row it stands; fields counted from the left would shift 12 under 法人."""
    (table,) = read_text(PASTE.encode()).tables
    figures = [[cell[4] for cell in table if cell[0] == row][-3:] for row in range(3, 7)]
    assert figures == [["750", "2", "752"], ["0", "", "12"], ["3", "104", "107"], ["", "1", "1"]]
    head = [cell[4] for cell in table if cell[0] == 2]
    assert head[-3:] == ["自然人", "法人", "总计"]
    wide = PASTE.replace("  ", "\u00a0 ")
    assert read_text(wide.encode()).tables == [table]


@pytest.mark.parametrize(
    "text",
    [
        "内容  制发  废止\n规章  3  1\n文件  4\n许可  1  0\n",
        "内容    制发  废止\n规章    3     12\n文件    4        5\n许可    1     0\n",
    ],
    ids=["joined", "straying"],
)
def test_a_blank_is_no_cell_where_columns_do_not_stand_under_one_another(text):
    cells = [cell for table in read_text(text.encode()).tables for cell in table]
    assert not [cell for cell in cells if not cell[4]]


def test_tabs_and_spaces_part_the_fields_of_one_table():
    (table,) = read_text("内容\t制发  废止\n规章\t3  12\n文件  4\t5\n".encode()).tables
    assert [cell[4] for cell in table] == ["内容", "制发", "废止", "规章", "3", "12", "文件", "4", "5"]
    (table,) = read_text("内容\t制发  废止\t现行\n规章\t\t3  12\n文件  4\t5\t6\n".encode()).tables
    assert [cell[4] for cell in table if cell[0] == 2] == ["规章", "\ufffd", "3  12"]


def test_cells_that_a_spreadsheet_quotes_between_tabs_are_whole():
    """The second line of a quoted label was a row of its own, and its first line one without figures."""
    text = '信息内容\t"本年新\n制作数量"\t"对外公开\n总数量"\r\n规章\t"1,024"\t3\r\n"规范性\n文件"\t0\t"4\n5"\r\n'
    cells = [cell[4] for cell in read_text(text.encode()).tables[0]]
    assert cells == [
        "信息内容",
        "本年新 制作数量",
        "对外公开 总数量",
        "规章",
        "1,024",
        "3",
        "规范性 文件",
        "0",
        f"4{PICTURE}5",
    ]


def test_quotations_in_prose_keep_their_marks():
    text = '"一网通办"改革成效明显。\n推进"互联网+"\n'
    assert "\n".join(block.text for block in read_text(text.encode()).blocks) == text.strip()


def test_figures_of_a_quoted_table_may_be_set_as_formulas():
    page = "# 年报\n\n<table><tr><td>规章</td><td>$3$</td><td>$ 1,024 $</td><td>$x$</td></tr></table>\n"
    assert [cell[4] for cell in read_text(page.encode()).tables[0]] == ["规章", "3", "1,024", "$x$"]
