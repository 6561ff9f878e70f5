"""Labels in two languages."""

from pipelines.normalize.grid import GridCell, build_rows
from pipelines.normalize.layouts import make_token


def test_line_in_latin_script_is_no_part_of_a_chinese_label():
    assert make_token("Fees (unit: CNY 10,000)\n本年收费金额") == "本年收费金额"
    assert make_token("Fees\n3") == "Fees3"


def test_row_in_latin_script_below_labels_is_left_out():
    lines = [["", "自然人", "总计"], ["", "Natural", "Total"], ["一、本年新收", "#", "#"], ["Remarks", "none", ""]]
    cells = [GridCell(1, row, column, 1, 1, text) for row, line in enumerate(lines) for column, text in enumerate(line)]
    assert [row.number for row in build_rows(cells)] == [0, 2, 3]
