"""Figures and labels that go on in the row below, as where a page cuts a row."""

import pytest

from tests.normalize.tables import (
    Rows,
    expected_request,
    read_grid,
    read_spans,
    read_tables,
    request_rows,
    wrong_cells,
)


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
