"""Labels of rows and columns that mean something else than the form's, or name groups and years beside them."""

import pytest

from schemas.form import load_forms
from schemas.vocabulary import MatchMethod
from tests.normalize.tables import (
    Rows,
    expected_request,
    read_grid,
    request_rows,
    wrong_cells,
)


def test_a_typo_is_read_by_likeness_and_says_so() -> None:
    rows = request_rows()
    rows[10][1] = "6.属子四类过程信息"
    rows[7][1] = "3.危及三安全稳定问题"
    found, reading = read_grid(rows)
    assert found == expected_request()
    assert {cell.form_codes for cell in reading.cells} == {("2021",)}
    similar = {cell.row_code for cell in reading.cells if cell.method is MatchMethod.SIMILAR}
    assert len(similar) == 2
    assert {note.reason_code for note in reading.notes} == {"similar_label"}


def test_labels_of_which_the_last_line_is_left_are_never_another_rows():
    rows = request_rows()
    for row in rows[1:]:
        row[1] = row[1][-4:]  # as a spreadsheet prints a label in a row that is too low for it
    read, _ = read_grid(rows)
    known = {place: text for place, text in read.items() if None not in place}
    assert known
    assert known.items() <= expected_request().items()


def test_a_label_like_a_row_in_another_rows_place_is_not_attached() -> None:
    rows = request_rows()
    rows[8][1] = "6.属子四类过程信息"
    found, reading = read_grid(rows)
    assert not wrong_cells(found)
    assert "unmapped_row" in {note.reason_code for note in reading.notes}


def test_a_group_label_is_never_read_as_a_row() -> None:
    rows = request_rows()
    rows[5][1] = ""
    found, _ = read_grid(rows)
    assert not wrong_cells(found)


ANOTHER_MEANING = ["失效件数", "上年制发件数", "历年废止件数", "本年修订件数", "本年公开件数", "累计有效件数"]


@pytest.mark.parametrize("label", ANOTHER_MEANING)
@pytest.mark.parametrize("column", [1, 2, 3])
def test_a_column_with_another_meaning_is_no_column_of_the_form(label: str, column: int) -> None:
    rows = [
        ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
        ["规章", "1", "2", "3"],
        ["行政规范性文件", "4", "5", "6"],
    ]
    rows[0][column] = label
    found, _ = read_grid([["第二十条第（一）项", "", "", ""], *rows])
    assert not [code for code in found if None not in code]


@pytest.mark.parametrize("label", ["不予行政许可", "撤销行政许可", "行政许可（万件）", "行政许可金额"])
def test_a_row_with_another_meaning_is_no_row_of_the_form(label: str) -> None:
    found, _ = read_grid([["第二十条第（五）项", ""], ["信息内容", "本年处理决定数量"], [label, "7"]])
    assert not [code for code in found if None not in code]


OTHERWISE = """
失效 废止 修订 上年 上一年 历年 累计 历史 新增 公开 金额 罚没 不 未 无 非 撤销 注销 变更 党内 其中 占比 比例 率
半年 季度
"""


@pytest.mark.parametrize("word", OTHERWISE.split())
def test_a_row_with_a_word_that_changes_its_meaning_is_no_row_of_the_form(word: str) -> None:
    """Each is so like 行政许可 that its 7 would be the licences of the year."""
    found, _ = read_grid([["第二十条第（五）项", ""], ["信息内容", "本年处理决定数量"], [f"{word}行政许可", "7"]])
    assert list(found) == [(None, "decisions")]


IN_BRACKETS = "万件 千件 百件 万项 万条 万元 亿元 千元 罚没 金额 累计 历年 上年 占比 比例"


@pytest.mark.parametrize("words", IN_BRACKETS.split())
def test_a_row_that_brackets_make_another_is_no_row_of_the_form(words: str) -> None:
    """Its 7 are seven thousand, last year's, or a share."""
    found, _ = read_grid([["第二十条第（五）项", ""], ["信息内容", "本年处理决定数量"], [f"行政许可（{words}）", "7"]])
    assert list(found) == [(None, "decisions")]


@pytest.mark.parametrize("joint", ["-", " / ", "——", " ", ""])
@pytest.mark.parametrize("outer", ["", "三、本年度办理结果", "三、"])
def test_a_label_that_names_its_groups_in_the_same_cell(outer: str, joint: str) -> None:
    (clause,) = load_forms()["2021"].table("request").clauses
    groups = {group.code: group.label for group in clause.row_groups}
    header, *rows = request_rows()
    named: Rows = [["", *header[2:]]]
    for row, printed in zip(clause.rows, rows, strict=True):
        inner = [] if row.parent in (None, "results") else [groups[row.parent]]
        above = [outer, *inner] if row.parent is not None and outer else inner
        label = joint.join([*above, row.label]).replace(f"三、{joint}", "三、")
        named.append([label, *printed[2:]])
    found, reading = read_grid(named)
    assert found == expected_request()
    assert {cell.method for cell in reading.cells} == {MatchMethod.EXACT}


def test_a_group_before_a_label_of_another_group_names_nothing() -> None:
    rows = request_rows()
    rows[5][1] = "（五）不予处理-1.属于国家秘密"
    found, _ = read_grid(rows)
    assert not wrong_cells(found)
    assert ("denied_state_secret", "total") not in found


def test_a_row_may_name_its_year() -> None:
    rows = request_rows()
    for row, old, new in ((1, "本年", "2022年"), (2, "上年", "2021年"), (-1, "下年度", "2023年度")):
        rows[row][1] = rows[row][1].replace(old, new)
    found, reading = read_grid(rows)
    assert found == expected_request()
    assert {cell.method for cell in reading.cells} == {MatchMethod.EXACT}


def test_rows_of_two_years_are_neither_believed() -> None:
    rows = request_rows()
    rows[2][1] = "二、2021年新收政府信息公开申请数量"
    rows[1][1] = "一、2022年新收政府信息公开申请数量"
    found, reading = read_grid(rows)
    assert [cell.row_code for cell in reading.cells].count("new_received") == 14  # twice: both are set aside
    assert ("carried_in", "total") not in found


def test_a_label_that_lists_a_whole_group_is_no_row_of_it() -> None:
    rows = request_rows()
    members = [row for row in rows if row[1][:2] in {f"{number}." for number in range(1, 9)}][:8]
    at = rows.index(members[0])
    rows[at : at + 8] = [["（三）不予公开", "".join(row[1] for row in members), *["7"] * 7]]
    found, _ = read_grid(rows)
    assert not [row for row, _ in found if row is not None and row.startswith("denied")]


@pytest.mark.parametrize("label", ["规章规范性文件", "规章\n行政规范性文件"])
def test_a_label_made_of_two_short_ones_is_neither(label) -> None:
    """No rule parted two rows of a PDF, and the figures of 规章 were read as those of the other."""
    head = ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"]
    found, _ = read_grid([["第二十条第（一）项"] * 4, head, [label, "3", "4", "8"]])
    assert not [row for row, _ in found if row is not None]


@pytest.mark.parametrize(
    ("printed", "label", "code"),
    [
        ("一、本年新收政府信息公开申请数量", "二、的年结转政府信息公开申请数量", "new_received"),
        ("1.属于国家秘密", "3.属于国家秘米", "denied_state_secret"),
    ],
)
def test_a_label_numbered_otherwise_is_another_rows(printed: str, label: str, code: str) -> None:
    rows = request_rows()
    (row,) = (row for row in rows if row[1] == printed)
    row[1] = label
    found, _ = read_grid(rows)
    assert not [row_code for row_code, _ in found if row_code == code]
