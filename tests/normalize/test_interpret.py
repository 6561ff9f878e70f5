"""Reading layouts of 表三: right where the table says so, without a code where it does not, never wrong."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.form import load_forms
from tests.normalize.tables import (
    Rows,
    expected_request,
    read_grid,
    read_spans,
    read_tables,
    request_rows,
    wrong_cells,
)

COLUMNS = load_forms()["2021"].table("request").clauses[0].columns


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
