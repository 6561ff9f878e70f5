"""Reading layouts of 表三: right where the table says so, without a code where it does not, never wrong."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.form import load_forms
from schemas.vocabulary import MatchMethod
from tests.normalize.tables import (
    Rows,
    balanced_request,
    expected_request,
    read_grid,
    read_spans,
    read_tables,
    request_rows,
)

COLUMNS = load_forms()["2021"].table("request").clauses[0].columns


def wrong_cells(found: dict[tuple[str | None, str | None], str], edition: str = "2021") -> list[tuple[object, str]]:
    """Return the coded cells whose figure is not that of their code."""
    expected = expected_request(edition)
    return [(code, text) for code, text in found.items() if None not in code and expected.get(code) != text]  # type: ignore[arg-type]


@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_the_official_table_is_read_whole(edition: str) -> None:
    found, reading = read_grid(request_rows(edition))
    assert found == expected_request(edition)
    assert reading.complete == ["request"]
    assert {cell.form_codes for cell in reading.cells} == {(edition,)}


def test_columns_in_another_order_follow_their_header() -> None:
    rows = request_rows()
    order = [0, 1, 8, 2, 5, 4, 3, 7, 6]
    found, reading = read_grid([[row[place] for place in order] for row in rows])
    assert found == expected_request()
    assert reading.complete == ["request"]


def test_a_row_shifted_right_is_read_from_its_figures() -> None:
    rows = request_rows()
    rows = [rows[0]] + [["", *row] if number % 3 == 0 else row for number, row in enumerate(rows[1:])]
    found, _ = read_grid(rows)
    assert found == expected_request()


def test_figures_on_the_line_below_their_label() -> None:
    rows: Rows = []
    for number, row in enumerate(request_rows()):
        rows += [row] if number != 4 else [row[:2] + [""] * 7, ["", "", *row[2:]]]
    found, reading = read_grid(rows)
    assert found == expected_request()
    assert reading.complete == ["request"]


def test_figures_below_a_row_of_blanks_whose_own_label_is_lost_are_not_that_rows() -> None:
    """They were read as those of the row above, which prints blanks for noughts."""
    rows = request_rows()
    rows[16][2:] = [""] * 7
    rows[17][:2] = ["", ""]
    found, reading = read_grid(rows)
    coded = {key: text for key, text in found.items() if None not in key}
    expected = expected_request()
    assert all(text in ("", expected[key]) for key, text in coded.items())  # type: ignore[index]
    assert {coded.get(("unprocessed_petition", column.code)) for column in COLUMNS} == {""}
    assert "row_without_label" in {note.reason_code for note in reading.notes}


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


def test_an_extra_local_row_keeps_its_figures_without_a_code() -> None:
    rows = request_rows()
    rows.insert(10, ["", "9.本省规定的其它情形", *["7"] * 7])
    found, reading = read_grid(rows)
    assert {code: text for code, text in found.items() if code[0]} == expected_request()
    assert [note.reason_code for note in reading.notes] == ["unmapped_row"]
    assert sum(cell.row_code is None for cell in reading.cells) == 7


def test_a_missing_row_is_said_and_shifts_nothing() -> None:
    rows = request_rows()
    del rows[9]
    found, reading = read_grid(rows)
    assert not wrong_cells(found)
    assert len(found) == 24 * 7
    assert [note.reason_code for note in reading.notes] == ["missing_row"]


def test_a_row_that_lost_a_cell_is_not_read() -> None:
    rows = request_rows()
    del rows[6][4]
    found, reading = read_grid(rows)
    assert not wrong_cells(found)
    assert "row_width_mismatch" in {note.reason_code for note in reading.notes}


def test_a_figure_merged_over_two_columns_leaves_its_row_unread() -> None:
    """A stray cell at the end made up the count, and every figure behind the merged one stood a column too far left."""
    rows = [[(text, 1) for text in row] for row in request_rows()]
    rows[6] = [*rows[6][:3], (rows[6][3][0], 2), *rows[6][5:], ("0", 1)]
    found, reading = read_spans(rows)
    assert not wrong_cells(found)
    assert sum(cell.column_code is None for cell in reading.cells) == 7
    assert "row_width_mismatch" in {note.reason_code for note in reading.notes}


def test_a_label_wrapped_over_two_rows_is_one_label() -> None:
    for first, second in (("figures", "blank"), ("blank", "figures")):
        rows: Rows = []
        for group, label, *figures in request_rows():
            blank = [""] * len(figures)
            if len(label) < 8 or not figures[0].isdigit():
                rows.append([group, label, *figures])
                continue
            by_kind = {"figures": figures, "blank": blank}
            rows += [[group, label[:6], *by_kind[first]], ["", label[6:], *by_kind[second]]]
        found, reading = read_grid(rows)
        assert found == expected_request(), (first, second)
        assert reading.complete == ["request"]


def doubtful(reading):
    return {(cell.row_code, cell.column_code) for cell in reading.cells if cell.is_doubtful}


@pytest.mark.parametrize("second_label", ["", "或重新出具已获取信息"])
def test_figures_that_go_on_in_the_row_below_are_doubtful(second_label):
    """9.0300 over 56 was read as 9.03, where a page's end cut the row."""
    rows = request_rows()
    at = next(number for number, row in enumerate(rows) if row[1].startswith("5.要求行政机关确认"))
    label = "5.要求行政机关确认" if second_label else rows[at][1]
    rows[at : at + 1] = [["", label, "12", "3", *"00000"], ["", second_label, "34", "", *([""] * 5)]]
    _, reading = read_grid(rows)
    found = doubtful(reading)  # which half of the label is more like the form's decides whose blanks are doubted too
    assert found >= {("unprocessed_confirmation", "natural_person")}
    assert {row for row, _ in found} == {"unprocessed_confirmation"}
    assert second_label or len(found) == 1
    assert "illegible_value" in {note.reason_code for note in reading.notes}


def test_figures_go_on_below_though_the_label_is_never_finished():
    """19023 was read as 1902: the page ended within the number and again within the label."""
    rows = request_rows()
    at = next(number for number, row in enumerate(rows) if row[1].startswith("2.申请人逾期未按收费"))
    upper = ["", "2.申请人逾期未按收费通知要求缴纳费", "1902", "131", *"00000"]
    rows[at : at + 1] = [upper, ["", "用、行政机关不再处理其政府信息公", "3", *([""] * 6)]]
    assert ("other_fee_unpaid", "natural_person") in doubtful(read_grid(rows)[1])
    rows[at + 1][1] = "其他"
    assert not doubtful(read_grid(rows)[1])


def challenge_spans(*figures):
    results = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    return [
        [("行政复议", 5), ("行政诉讼", 10)],
        [("", 5), ("未经复议直接起诉", 5), ("复议后起诉", 5)],
        [(result, 1) for result in results * 3],
        *([(figure, 1) for figure in row] for row in figures),
    ]


def test_figures_above_the_half_label_that_names_the_row_are_doubtful():
    rows = request_rows()
    at = next(number for number, row in enumerate(rows) if row[1].startswith("5.要求行政机关确认"))
    halves = [["", "5.要求", "12", "3", *"00000"], ["", "行政机关确认或重新出具已获取信息", "34", "", *([""] * 5)]]
    rows[at : at + 1] = halves
    assert {column for _, column in doubtful(read_grid(rows)[1])} >= {"natural_person", "business"}


def test_figures_of_a_row_that_has_its_meaning_above_go_on_below():
    _, reading = read_spans(challenge_spans(["1", *[""] * 14], ["1", *[""] * 14]))
    (upheld,) = [cell for cell in reading.cells if cell.column_code == "upheld" and cell.row_code == "reconsideration"]
    assert upheld.is_doubtful


def test_an_extra_row_below_leaves_the_figures_above_alone():
    rows = request_rows()
    rows.insert(3, ["", "其他主动公开文件", *"1234567"])
    assert not doubtful(read_grid(rows)[1])


def test_blanks_beside_a_label_that_goes_on_below_are_no_figures() -> None:
    rows = request_rows()
    group, label, *figures = rows[10]
    rows[10:11] = [[group, label[:-3], *[""] * 7], ["", "过" + label[-3:] + "子", *figures]]
    found, _ = read_grid(rows)
    assert not wrong_cells(found)


@pytest.mark.parametrize("number", range(5, 21))
def test_blanks_beside_a_label_that_began_above_are_no_figures(number) -> None:
    rows = request_rows()
    group, label, *figures = rows[number]
    rows[number : number + 1] = [[group, label[:4], *figures], ["", label[4:], *[""] * 7]]  # 1.属于 and 国家秘密
    found, _ = read_grid(rows)
    assert not wrong_cells(found)


def test_two_rows_of_one_label_differ_and_neither_is_believed() -> None:
    rows = request_rows()
    rows.insert(6, ["", rows[5][1], *["5"] * 7])
    reading = read_tables([rows])
    assert reading.tables.get_column("table_code").to_list() == ["request"]


def test_a_table_split_in_three_is_read_together() -> None:
    rows = request_rows()
    reading = read_tables([rows[:7], rows[7:15], rows[15:]])
    coded = reading.cells.drop_nulls(["row_code", "column_code"])
    assert coded.height == 175
    for row in coded.iter_rows(named=True):
        printed = (rows[:7], rows[7:15], rows[15:])[row["table_number"] - 1][row["row_number"] - 1][
            row["column_number"] - 1
        ]
        assert expected_request()[row["row_code"], row["column_code"]] == printed


def test_cells_printed_one_a_line() -> None:
    lines: Rows = []
    for row in request_rows():
        lines += [[text] for text in row if text]
    found, _ = read_grid(lines)
    assert not wrong_cells(found)
    assert not [code for code in found if None in code]


def test_a_column_of_another_form_between_labels_one_a_line_leaves_none_believed() -> None:
    """One a line, 总计 stands before the organisations and behind them in the rows: 备注 may stand anywhere there."""
    header, *rows = request_rows()
    labels = [header[2], "法人或其他组织", header[8], *header[3:7], "备注", header[7]]
    texts = [*labels, *(text for row in rows for text in [*row[:7], "77", *row[7:]] if text)]
    found, _ = read_grid([[text] for text in texts])
    assert not wrong_cells(found)


def test_cells_one_a_line_under_a_head_of_the_labels() -> None:
    rows = request_rows()
    rows[0][:2] = ["三、收到和处理政府信息公开申请情况", "项目"]
    found, _ = read_grid([[cell] for row in rows for cell in row if cell])
    assert found == expected_request()
    challenge = [["类型", "结果维持", "结果纠正", "其他结果", "尚未审结", "总计"], ["行政复议", *"12306"]]
    challenge += [["未经复议直接起诉", *"45009"], ["复议后起诉", *"00011"]]
    found, _ = read_grid([[cell] for row in challenge for cell in row])
    assert "".join(text for code, text in found.items() if None not in code) == "123064500900011"


def test_one_line_lost_among_cells_printed_one_a_line_is_refused() -> None:
    lines: Rows = []
    for row in request_rows():
        lines += [[text] for text in row if text]
    for lost in range(9, len(lines), 11):
        if lines[lost][0].isdigit():
            found, reading = read_grid(lines[:lost] + lines[lost + 1 :])
            assert not wrong_cells(found)
            assert reading.complete == []


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(["2019", "2021"]))
def test_random_damage_never_attaches_a_figure_to_a_wrong_cell(random_source: random.Random, edition: str) -> None:
    """Rows lost, doubled, swapped, labels typed wrong or cut, cells lost: each coded figure is still its own cell's."""
    rows = request_rows(edition)
    for _ in range(random_source.randint(1, 6)):
        place = random_source.randrange(1, len(rows))
        row = rows[place]
        if "（六）其他处理" in row[:2] and edition == "2021":
            continue  # without its own label it is the row of the 2019 edition, and nothing can tell
        match random_source.choice(["drop", "swap", "typo", "cut", "cell", "indent", "blank_label"]):
            case "drop":
                del rows[place]
            case "swap" if place + 1 < len(rows):
                rows[place], rows[place + 1] = rows[place + 1], rows[place]
            case "typo":
                at = random_source.randrange(max(1, len(row[1])))
                row[1] = row[1][:at] + random_source.choice("某的了之") + row[1][at + 1 :]
            case "cut":
                row[1] = row[1][: random_source.randint(1, max(1, len(row[1])))]
            case "cell":
                del row[random_source.randrange(2, len(row))]
            case "indent":
                rows[place] = ["", *row]
            case "blank_label":
                row[1] = ""
    found, _ = read_grid(rows)
    assert not wrong_cells(found, edition)


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


def test_a_header_that_no_form_knows_is_not_overruled_by_arithmetic() -> None:
    rows = request_rows(fill=lambda _row, _column: "0")
    rows[0][2] = "法人"
    reading = read_tables([rows])
    assert reading.cells.drop_nulls(["row_code", "column_code"]).is_empty()


def test_a_header_pushed_aside_names_no_column() -> None:
    """法人或其他组织 spans one column too few: 总计 slid to the left, and 其他, in the row below, past it."""
    upper = ["", "", "自然人", "法人或其他组织", "", "", "", "总计", ""]
    lower = ["", "", "", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "", "其他"]
    found, reading = read_grid([upper, lower, *request_rows()[1:]])
    assert all(column is None for _, column in found)
    assert "unmapped_column" in {note.reason_code for note in reading.notes}


def test_a_header_of_several_rows_in_another_order_holds_right_above_its_figures() -> None:
    upper = ["", "", "总计", "自然人", "法人或其他组织", "", "", "", ""]
    lower = ["", "", "", "", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"]
    rows = [[row[place] for place in (0, 1, 8, 2, 3, 4, 5, 6, 7)] for row in request_rows()[1:]]
    found, _ = read_grid([upper, lower, *rows])
    assert found == expected_request()
    found, _ = read_grid([["", *upper], ["", *lower], *rows])
    assert all(column is None for _, column in found)


def test_a_header_that_lost_a_label_gives_no_columns_to_the_one_row_that_fits() -> None:
    rows = request_rows()
    rows[0][5] = ""
    rows[4][2] = ""
    found, _ = read_grid(rows)
    assert all(column is None for _, column in found)


def test_a_heading_below_the_last_table_is_no_row_of_blanks() -> None:
    results = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    header = [
        ["行政复议", "", "", "", "", "行政诉讼", *[""] * 9],
        [""] * 5 + ["未经复议直接起诉", *[""] * 4, "复议后起诉"],
    ]
    header[1] += [""] * 4
    rows = [*header, results * 3, ["五、存在的主要问题及改进情况", *[""] * 15]]
    found, reading = read_grid(rows)
    assert not found
    assert {note.reason_code for note in reading.notes} == {"missing_row"}


def test_figures_beside_the_label_of_another_channel_stand_under_no_column() -> None:
    results = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    rows = [["行政复议", "", "", "", "", "行政诉讼"], results, ["复议后起诉", "0", "0", "0", "0", "62"]]
    found, _ = read_grid(rows)
    assert all(column is None for _, column in found)


def test_a_stray_figure_behind_the_header_makes_no_row_of_its_last_column() -> None:
    rows = request_rows()
    found, _ = read_grid([[*rows[0], "36"], *rows[1:]])
    assert found == expected_request()


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


def with_line_numbers(head: str) -> list[list[str]]:
    rows = request_rows(fill=lambda row, column: "" if column == 6 and row % 4 else str(100 + row * 10 + column))
    return [[*rows[0][:2], head, *rows[0][2:]]] + [
        [*row[:2], str(number), *row[2:]] for number, row in enumerate(rows[1:], start=1)
    ]


def test_line_numbers_between_label_and_figures_are_no_figures() -> None:
    rows = with_line_numbers("行次")
    found, reading = read_grid(rows)
    columns = [None, *(column.code for column in load_forms()["2021"].table("request").clauses[0].columns)]
    for printed, row in zip(rows[1:], load_forms()["2021"].table("request").clauses[0].rows, strict=True):
        assert [found[row.code, code] for code in columns] == printed[2:]
    assert "unmapped_column" in {note.reason_code for note in reading.notes}


def test_a_column_that_no_label_names_leaves_rows_with_blanks_unread() -> None:
    """Its figures and six of the row's own fill as many cells in a run as the header has columns."""
    found, _ = read_grid(with_line_numbers(""))
    assert all(column is None for _, column in found)


def as_text(rows: Rows) -> Rows:
    """Return rows as text has them, in which a label of two columns is one cell with its figures right behind it."""
    return [rows[0], *([row[1:] if row[1][1] == "、" or row[1][:3] == "（七）" else row for row in rows[1:]])]


@pytest.mark.parametrize("head", ["行次", ""])
@pytest.mark.parametrize("has_totals", [True, False])
def test_numbers_that_count_the_lines_of_a_text_are_no_figures(head: str, has_totals: bool) -> None:
    balanced = [[str(value) for value in row] for row in balanced_request()]
    rows = request_rows(fill=lambda row, column: balanced[row][column] if column < 6 or has_totals else "")
    numbered = [[head, *rows[0]], *([*row[:2], str(n), *row[2:]] for n, row in enumerate(rows[1:], start=3))]
    text = as_text(numbered)
    cells = read_tables([text]).cells.rows(named=True)
    read = {
        (cell["row_code"], cell["column_code"]): text[cell["row_number"] - 1][cell["column_number"] - 1]
        for cell in cells
        if cell["column_code"]
    }
    (clause,) = load_forms()["2021"].table("request").clauses
    codes = [(row.code, column.code) for row in clause.rows for column in clause.columns]
    printed = [cell for row in rows[1:] for cell in row[2:]]
    assert read == dict(zip(codes, printed, strict=True))


def test_rows_whose_labels_end_elsewhere_share_the_column_that_no_label_names() -> None:
    """一、 is too long for the header by a figure; rows of results with a blank total look as long as it."""
    rows = request_rows(fill=lambda row, column: "" if column == 6 and 1 < row < 23 else str(row * 10 + column))
    more = [[*rows[0]], *([*row[:2], str(row_number * 7 % 11), *row[2:]] for row_number, row in enumerate(rows[1:]))]
    found, _ = read_grid(as_text(more))
    assert not [code for code in found if None not in code]


def test_labels_of_columns_behind_a_rows_label_head_nothing() -> None:
    (clause,) = load_forms()["2021"].table("request").clauses
    pairs = [
        [
            row.label,
            *(cell for n, column in enumerate(clause.columns) for cell in (column.label, "7" * (n > 3 and odd))),
        ]
        for row, odd in zip(clause.rows, [0, 1] * len(clause.rows), strict=False)
    ]
    found, _ = read_grid(pairs)
    assert not [code for code in found if None not in code]


def test_a_line_for_each_figure_is_read_by_both_of_its_labels() -> None:
    (clause,) = load_forms()["2021"].table("request").clauses
    cells = [(row, n, column) for row in clause.rows for n, column in enumerate(clause.columns)]
    long = [
        [row.label, column.label, "" if n == 2 else str(10 * clause.rows.index(row) + n)] for row, n, column in cells
    ]
    found, _ = read_grid([["办理情况", "申请人", "数量"], *long])
    assert found == {(row.code, column.code): line[2] for (row, _, column), line in zip(cells, long, strict=True)}


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


def test_rows_of_which_all_figures_are_merged_leave_the_others_alone() -> None:
    spanned = [[(text, 1) for text in row] for row in request_rows()]
    for row in spanned[2:20]:
        row[2:] = [("0", 7)]
    found, _ = read_spans(spanned)
    expected = expected_request()
    kept = {(row, column): text for (row, column), text in found.items() if row is not None and column is not None}
    assert kept == {key: expected[key] for key in kept}
    assert len(kept) == (25 - 18) * 7


def test_a_table_cut_between_its_columns_is_read_in_two() -> None:
    rows = request_rows()
    left, right = (
        [["项目", *rows[0][start:stop]], *([row[1], *row[start:stop]] for row in rows[1:])]
        for start, stop in ((2, 5), (5, 9))
    )
    found = read_tables([left, right]).cells.drop_nulls(["row_code", "column_code"])
    assert set(found.select("row_code", "column_code").iter_rows()) == set(expected_request())


def test_a_row_with_a_cell_more_than_its_like_does_not_begin_where_they_do() -> None:
    """（七）总计 stands one tab further to the right: with blanks at both ends nothing says where it begins."""
    rows = [row[1:] for row in request_rows()]
    rows[-2] = [rows[-2][0], "", "", "11", "", "12", "13", "14", ""]
    found, _ = read_grid(rows)
    assert not [column for row, column in found if row == "handled_total" and column is not None]


def test_a_label_parted_by_spaces_makes_no_grid_of_cells_one_a_line() -> None:
    """A crawler dropped repeated lines: 规  章 in two cells must not let single figures pass for whole rows."""
    lines = [["第二十条第（八）项"], ["信息内容"], ["本年增/减"], ["行政事业性收费"], ["9"], ["第二十条第（九）项"]]
    lines += [["采购项目数量"], ["采购总金额"], ["政府集中采购"], ["4"], ["第二十条第（一）项"], ["本年新制作数量"]]
    lines += [["本年新公开数量"], ["对外公开总数量"], ["规", "章"], ["0"], ["规范性文件"], ["18"], ["88"]]
    found, reading = read_grid(lines)
    assert not [code for code in found if None not in code]
    assert "lossy_text" in {note.reason_code for note in reading.notes}


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


def test_figures_below_a_new_header_are_not_those_of_the_blank_row_above_it() -> None:
    (clause,) = load_forms()["2021"].table("challenge").clauses
    results = [column.label for column in clause.columns]
    rows = [
        [(text, 1) for text in line]
        for number, row in enumerate(clause.rows)
        for line in ([row.label], results, [str(number * 10 + place) if number else "" for place in range(5)])
    ]
    for row in rows:
        if len(row) == 1:
            row[0] = (row[0][0], 5)
    found, _ = read_spans(rows)
    assert {code: text for code, text in found.items() if code[0] == "reconsideration" and text} == {}
    assert found["litigation_direct", "total"] == "14"


def test_a_header_that_lost_a_label_has_its_figures_right_below_its_others() -> None:
    (clause,) = load_forms()["2021"].table("challenge").clauses
    ways = [(row.label, len(clause.columns)) for row in clause.rows]
    labels = [(column.label, 1) for _ in clause.rows for column in clause.columns]
    labels[7] = ("", 1)
    figures = [(str(number), 1) for number in range(13)] + [("", 1), ("", 1)]
    found, _ = read_spans([ways, labels, figures])
    codes = [(row.code, column.code) for row in clause.rows for column in clause.columns]
    assert all(found[code] == figures[place][0] for place, code in enumerate(codes) if code in found)
