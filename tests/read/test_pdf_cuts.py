"""Heads and rows that a page's end cuts: what goes on overleaf and what begins there."""

import pytest

from pipelines.read.pages.lines import TextLine
from pipelines.read.pages.stitch import join_fragments, stitch_pages
from pipelines.read.pages.tables import Fragment, PageCell, finish_cells
from pipelines.read.pdf.reader import read_pdf
from pipelines.settings import ReadLimits
from tests.read.pdf_builder import build_pdf, draw_table, draw_text


def part(*cells, is_open=False):
    """Return what a page shows of a table: cells as (first row, rows, left, right, text)."""
    held = []
    for row, rows, x0, x1, text in cells:
        line = TextLine(x0 + 2, 0, x0 + 2 + 10 * len(text), 10, text, 10, 10, [])
        held.append(PageCell(x0, x1, row, row + rows, [line] if text else []))
    count = max(cell.bottom for cell in held)
    return Fragment(0, 0, 60, 10, count, held, is_open_above=is_open, is_open_below=False, padding=2)


def joined(first, second):
    table = join_fragments(first, second)
    assert table is not None
    return [(*cell[:4], cell[4]) for cell in finish_cells(table)]


def test_a_label_of_a_head_that_is_whole_above_the_break_leaves_an_empty_cell_below():
    first = part((0, 1, 0, 20, "总计"), (0, 1, 20, 60, "起诉"))
    second = part((0, 1, 0, 20, ""), (0, 1, 20, 40, "维持"), (0, 1, 40, 60, "纠正"))
    assert joined(first, second)[:2] == [(1, 1, 2, 1, "总计"), (1, 2, 1, 2, "起诉")]


def test_a_label_of_a_head_that_is_whole_below_the_break_leaves_an_empty_cell_above():
    first = part((0, 1, 0, 20, "结"), (0, 1, 20, 40, ""), (0, 1, 40, 60, "起诉"))
    second = part((0, 1, 0, 20, "果"), (0, 1, 20, 40, "总计"), (0, 1, 40, 50, "维"), (0, 1, 50, 60, "纠"))
    assert joined(first, second)[:3] == [(1, 1, 2, 1, "结果"), (1, 2, 2, 1, "总计"), (1, 3, 1, 2, "起诉")]


def test_what_lies_between_the_lines_of_a_double_border_is_no_cell_under_a_plain_one():
    first = part((0, 1, 0, 20, "许可"), (0, 1, 20, 60, "3"))
    second = part((0, 1, 0, 19.5, "处罚"), (0, 1, 19.5, 20.5, ""), (0, 1, 20.5, 60, "4"))
    (table,) = stitch_pages([[first], [second]])
    assert isinstance(table, Fragment)
    assert finish_cells(table) == [(1, 1, 1, 1, "许可"), (1, 2, 1, 1, "3"), (2, 1, 1, 1, "处罚"), (2, 2, 1, 1, "4")]


def test_a_label_that_is_set_downwards_goes_on_in_a_wide_column():
    first = part((0, 1, 0, 40, "商"), (0, 1, 40, 60, "其"))
    second = part((0, 1, 0, 40, "业"), (0, 1, 40, 60, "他"))
    assert joined(first, second) == [(1, 1, 1, 1, "商业"), (1, 2, 1, 1, "其他")]


def test_a_figure_over_a_label_that_goes_on_is_none_of_the_head():
    """Beside 起诉, which goes on over the break, 3 would be the head of the column below, and no figure of its row."""
    first = part((0, 1, 0, 20, "3"), (0, 1, 20, 60, "起诉"))
    second = part((0, 1, 0, 20, ""), (0, 1, 20, 40, "维持"), (0, 1, 40, 60, "纠正"))
    assert (1, 1, 1, 1, "3") in joined(first, second)


def test_blanks_of_a_row_of_figures_are_no_rest_of_the_head_over_them():
    """In 表四 the blanks beside a figure became part of the labels above, and the row had too few cells."""
    first = part((0, 2, 0, 20, "维持"), (0, 1, 20, 60, "起诉"), (1, 1, 20, 40, "维持"), (1, 1, 40, 60, "纠正"))
    second = part((0, 1, 0, 20, ""), (0, 1, 20, 40, "1"), (0, 1, 40, 60, ""))
    assert joined(first, second)[-3:] == [(3, 1, 1, 1, ""), (3, 2, 1, 1, "1"), (3, 3, 1, 1, "")]


@pytest.mark.parametrize("is_open", [True, False])
def test_list_items_are_two_rows_even_where_no_border_is_drawn_between(is_open):
    """As Chromium begins a page: 5.属于… and 6.属于… without figures became one row."""
    first = part((0, 1, 0, 40, "5.属于"), (0, 1, 40, 60, ""))
    second = part((0, 1, 0, 40, "6.属于"), (0, 1, 40, 60, ""), is_open=is_open)
    assert [cell[4] for cell in joined(first, second)] == ["5.属于", "", "6.属于", ""]


def test_blank_rows_beside_a_label_that_goes_on_stay_two():
    first = part((0, 1, 0, 20, "结"), (0, 1, 20, 50, "部分"), (0, 1, 50, 60, ""))
    second = part((0, 1, 0, 20, "果"), (0, 1, 20, 35, "不予"), (0, 1, 35, 50, "国密"), (0, 1, 50, 60, ""))
    assert [cell[4] for cell in joined(first, second)].count("") == 2


@pytest.mark.parametrize(("text", "top", "whole"), [("人", 754, "自然人"), ("人", 756, "自然"), ("3", 754, "自然")])
def test_the_rest_of_a_label_hangs_out_of_the_row_that_a_page_cuts(text, top, whole):
    """Chromium prints it across the border; a paragraph or number below a table is none of it."""

    def paint(canvas):
        cells = [(1, 1, 1, 1, "内容"), (1, 2, 1, 1, "总额"), (2, 1, 1, 1, "许可"), (2, 2, 1, 1, "自然")]
        draw_table(canvas, cells, widths=[60, 22], heights=[20, 16], top=711)
        draw_text(canvas, 112, top, text, 9)

    assert read_pdf(build_pdf(paint), ReadLimits()).tables[0][3][4] == whole


def test_tables_that_touch_on_either_page_go_on_where_the_rows_at_the_break_are_alike():
    """表二 and 表三 in one block, and overleaf the rest of 表三 and 表四: no part has the edges of the other."""
    row = ((0, 20), (20, 40), (40, 60))
    first = part((0, 1, 0, 30, "制发"), (0, 1, 30, 60, "废止"), *((1, 1, x0, x1, "1") for x0, x1 in row))
    below = [(1, 1, 0, 10, "维持"), (1, 1, 10, 50, "纠正"), (1, 1, 50, 60, "总计")]
    assert len(stitch_pages([[first], [part(*((0, 1, x0, x1, "2") for x0, x1 in row), *below)]])) == 1
    assert len(stitch_pages([[first], [part((0, 1, 0, 25, "2"), (0, 1, 25, 60, "3"), *below)]])) == 2


def test_a_number_that_is_cut_with_its_label_is_one():
    """The upper half of 101 was a figure of its own, and 1 that of a row called by the rest of the label."""
    first = part((0, 1, 0, 20, "没有"), (0, 1, 20, 40, "42"), (0, 1, 40, 60, "10"))
    second = part((0, 1, 0, 20, "信息"), (0, 1, 20, 40, ""), (0, 1, 40, 60, "1"))
    assert [cell[4] for cell in joined(first, second)] == ["没有信息", "42", "101"]


def test_a_number_that_may_be_cut_beside_a_label_that_may_end_leaves_no_figure():
    first = part((0, 1, 0, 40, "没有"), (0, 1, 40, 50, "4"), (0, 1, 50, 60, "1"))
    second = part((0, 1, 0, 40, "信息"), (0, 1, 40, 50, ""), (0, 1, 50, 60, "1"))
    assert [cell[4] for cell in joined(first, second)] == ["没有", "\ufffd", "\ufffd", "信息", "\ufffd", "\ufffd"]


def test_figures_in_every_column_on_both_sides_of_a_break_are_two_rows():
    first = part((0, 1, 0, 20, "许可"), (0, 1, 20, 40, "42"), (0, 1, 40, 60, "10"))
    second = part((0, 1, 0, 20, "处罚"), (0, 1, 20, 40, "3"), (0, 1, 40, 60, "1"))
    assert [cell[4] for cell in joined(first, second)] == ["许可", "42", "10", "处罚", "3", "1"]


def test_a_numbered_label_that_its_author_broke_goes_on_overleaf():
    """The row had its figures on one page, and the rest of its label was a row of blanks on the next."""
    first = part((0, 1, 0, 46, "2.法"), (0, 1, 46, 53, "4"), (0, 1, 53, 60, ""))
    second = part((0, 1, 0, 46, "规"), (0, 1, 46, 53, ""), (0, 1, 53, 60, ""))
    assert [cell[4].replace("\n", "") for cell in joined(first, second)] == ["2.法规", "4", ""]
    blank = part((0, 1, 0, 46, "2.法"), (0, 1, 46, 53, ""), (0, 1, 53, 60, ""))
    assert len(joined(blank, second)) == 6
