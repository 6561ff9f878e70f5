"""PDF: tables that pages cut are whole again, and what every page repeats is left out."""

import io

import pdfplumber
import pytest

from pipelines.normalize.values import read_value
from pipelines.read.pages.lines import TextLine
from pipelines.read.pages.stitch import is_cut_row, join_fragments
from pipelines.read.pages.tables import Fragment, PageCell, finish_cells
from pipelines.read.pdf.reader import read_pdf
from schemas.vocabulary import BlockKind, ValueStatus
from tests.read.pdf_builder import build_pdf, cut_cells, draw_table, draw_text, request_cells
from tests.read.pdf_tables import LIMITS, MORE, SMALL, small_table, tables, texts

FIGURES = [[str((7 * row + 3 * column) % 23) for column in range(7)] for row in range(25)]
REQUEST = request_cells(FIGURES)
REQUEST_WIDTHS = [25, 60, 150, *[35] * 7]


def request_pages(*breaks, header=0, foot="- {} -", style="lines"):
    """Return 表三 drawn over pages that end after the rows of `breaks`."""
    rows = max(cell[0] + cell[2] - 1 for cell in REQUEST)
    ends = [*breaks, rows]
    starts = [1, *(end + 1 for end in breaks)]

    def painter(number, first, last):
        def paint(canvas):
            cells, shift = cut_cells(REQUEST, first, last), 0
            if header and number > 1:
                shift = header
                cells = [*cut_cells(REQUEST, 1, header), *((r + shift, *rest) for r, *rest in cells)]
            top = 100 if number == 1 else 50
            heights = [24] * (last - first + 1 + shift)
            draw_table(canvas, cells, widths=REQUEST_WIDTHS, heights=heights, left=30, top=top, size=7, style=style)
            draw_text(canvas, 290, 815, foot.format(number))
            draw_text(canvas, 200, 30, "某市政府信息公开年报")

        return paint

    return build_pdf(*(painter(n, *pair) for n, pair in enumerate(zip(starts, ends, strict=True), 1)))


def test_cells_of_a_header_go_on_over_the_break_beside_others_that_begin_there():
    def part(*cells, rows):
        held = [
            PageCell(x0, x1, row, row + 1, [TextLine(x0 + 2, 0, x0 + 2 + 10 * len(text), 10, text, 10, 10, [])])
            for row, x0, x1, text in cells
        ]
        return Fragment(0, 0, 60, 10, rows, held, is_open_above=False, is_open_below=False, padding=2)

    first = part((0, 0, 20, "结"), (0, 20, 60, "起诉"), rows=1)
    below = [
        (0, 0, 20, "果"),
        (0, 20, 40, "维"),
        (0, 40, 60, "纠"),
        (1, 0, 20, "1"),
        (1, 20, 40, "2"),
        (1, 40, 60, "3"),
    ]
    joined = join_fragments(first, part(*below, rows=2))
    assert joined is not None
    assert [(cell[:4], cell[4]) for cell in finish_cells(joined)][:2] == [
        ((1, 1, 2, 1), "结果"),
        ((1, 2, 1, 2), "起诉"),
    ]


@pytest.mark.parametrize("style", ["lines", "thin"])
@pytest.mark.parametrize("breaks", [(), (14,), (3, 9, 20), (10, 11)])
def test_table_over_pages_is_read_as_it_was_before_it_was_cut(breaks, style):
    document = read_pdf(request_pages(*breaks, style=style), LIMITS)
    assert document.tables == [REQUEST]
    assert [block.kind for block in document.blocks if block.kind is not BlockKind.PARAGRAPH] == [BlockKind.TABLE]


def test_repeated_header_is_dropped():
    assert tables(request_pages(9, 20, header=3)) == [REQUEST]


@pytest.mark.parametrize("end", [1, 2])
def test_header_that_a_page_cuts_and_the_next_repeats_stands_once(end):
    assert tables(request_pages(end, header=3)) == [REQUEST]


def test_figure_below_a_full_head_of_two_rows_is_no_part_of_it():
    """自然人 filled its cell at the foot of a page, and 60550 overleaf was taken for the end of the word."""
    first = [(1, 1, 1, 1, "信息"), (1, 2, 2, 1, "自然人员"), (1, 3, 2, 1, "总计"), (2, 1, 1, 1, "内容")]
    second = [(1, 1, 1, 1, "新收"), (1, 2, 1, 1, "60550"), (1, 3, 1, 1, "7"), *MORE[3:]]
    (table,) = tables(halves(first, second))
    assert [cell[4] for cell in table if cell[1] == 2] == ["自然人员", "60550", "5"]


def test_bare_page_numbers_that_count_are_furniture():
    assert tables(request_pages(14, foot="{}")) == [REQUEST]


def test_page_furniture_is_no_paragraph():
    assert texts(request_pages(9, 20)) == []


def test_pdfplumber_finds_the_same_cells():
    data = request_pages()
    with pdfplumber.open(io.BytesIO(data)) as source:
        rows = source.pages[0].extract_table()
    printed = [[cell.replace("\n", "") for cell in row if cell is not None] for row in rows or []]
    mine = [[c[4].replace("\n", "") for c in tables(data)[0] if c[0] == row] for row in range(1, 29)]
    assert printed == mine


def halves(first, second, *, left=50):
    def upper(canvas):
        small_table(canvas, first, top=740)
        draw_text(canvas, 290, 820, "- 1 -")

    def lower(canvas):
        small_table(canvas, second, left=left, top=50)
        draw_text(canvas, 290, 820, "- 2 -")

    return build_pdf(upper, lower)


def label_cut(upper_figures, lower_figures):
    first = [*SMALL[:3], (2, 1, 1, 1, "要求行政机关"), *((2, 2 + n, 1, 1, f) for n, f in enumerate(upper_figures))]
    second = [(1, 1, 1, 1, "确认信息"), *((1, 2 + n, 1, 1, f) for n, f in enumerate(lower_figures)), *MORE[3:]]
    return first, second


@pytest.mark.parametrize("figures", [(("", ""), ("0", "4")), (("0", "4"), ("", ""))])
def test_row_cut_by_the_break_is_one_row(figures):
    (table,) = tables(halves(*label_cut(*figures)))
    assert [cell[4] for cell in table if cell[0] == 2] == ["要求行政机关确认信息", "0", "4"]
    assert [cell[4] for cell in table if cell[0] == 3] == ["强制", "5", "6"]


def test_label_and_figures_on_either_side_of_the_break_are_one_row():
    first = [*SMALL[:3], (2, 1, 1, 1, "处罚"), (2, 2, 1, 1, ""), (2, 3, 1, 1, "")]
    second = [(1, 1, 1, 1, ""), *MORE[1:]]
    (table,) = tables(halves(first, second))
    assert [cell[4] for cell in table if cell[0] == 2] == ["处罚", "0", "1"]


def test_number_cut_by_the_break_beside_a_note_is_unreadable():
    """149 over 7（注） was read as 149."""
    first = [*SMALL[:3], (2, 1, 1, 1, "处罚"), (2, 2, 1, 1, "149"), (2, 3, 1, 1, "0")]
    rest = [(1, 1, 1, 1, ""), (1, 2, 1, 1, "7（注）"), (1, 3, 1, 1, ""), *MORE[3:]]
    (table,) = tables(halves(first, rest))
    assert read_value(table[4][4]).status is ValueStatus.ILLEGIBLE
    assert table[5][4] == "0"
    item = [(1, 1, 1, 1, "2.强制"), *rest[1:]]
    assert [cell[4] for cell in tables(halves(first, item))[0] if cell[0] == 2] == ["处罚", "149", "0"]


def test_label_and_figures_with_notes_on_either_side_of_the_break_are_one_row():
    """The row of the label alone was read as a row of blanks."""
    first = [*SMALL[:3], (2, 1, 1, 1, "处罚"), (2, 2, 1, 1, ""), (2, 3, 1, 1, "")]
    second = [(1, 1, 1, 1, ""), (1, 2, 1, 1, "94"), (1, 3, 1, 1, "7注1")]
    (table,) = tables(halves(first, [*second, *MORE[3:]]))
    assert [cell[4] for cell in table if cell[0] == 2] == ["处罚", "94", "7注1"]


def test_rows_that_merely_meet_at_the_break_stay_two():
    blank = [*SMALL[:3], (2, 1, 1, 1, "许可"), (2, 2, 1, 1, ""), (2, 3, 1, 1, "")]
    assert [cell[4] for cell in tables(halves(blank, MORE))[0]][3:9] == ["许可", "", "", "处罚", "0", "1"]
    full = [*SMALL[:3], (2, 1, 1, 1, "一二三四五六"), (2, 2, 1, 1, ""), (2, 3, 1, 1, "")]
    item = [(1, 1, 1, 1, "2.处罚"), *MORE[1:]]
    assert [cell[4] for cell in tables(halves(full, item))[0] if cell[0] == 3] == ["2.处罚", "0", "1"]
    both = label_cut(("0", "4"), ("1", "2"))
    assert max(cell[0] for cell in tables(halves(*both))[0]) == 4


@pytest.mark.parametrize(("upper", "is_cut"), [("0", False), ("", True)])
def test_row_without_a_border_at_the_break_is_cut_unless_both_halves_have_figures(upper, is_cut):
    def cell(text, row):
        return PageCell(0, 60, row, row + 1, [TextLine(2, 0, 30, 9, text, 9, 9, [])] if text else [])

    pairs = [(cell("行政", 3), cell("处罚", 0)), (cell(upper, 3), cell("4", 0))]
    assert is_cut_row(pairs, 4, 2.0, is_open=True) is is_cut


def test_booklet_pages_lie_beside_one_another():
    assert len(tables(halves(SMALL, MORE, left=70))) == 1


def test_other_columns_or_text_between_begin_another_table():
    wide = [(1, 1, 1, 1, "甲"), (1, 2, 1, 1, "1")]
    data = build_pdf(
        lambda c: small_table(c, top=740), lambda c: draw_table(c, wide, widths=[90, 50], heights=[20], top=50)
    )
    assert len(tables(data)) == 2

    def with_text(canvas):
        draw_text(canvas, 50, 60, "四、政府信息公开行政复议、行政诉讼情况")
        small_table(canvas, MORE, top=80)

    assert len(tables(build_pdf(lambda c: small_table(c, top=740), with_text))) == 2


def test_same_form_again_is_another_table():
    assert len(tables(halves(SMALL, SMALL))) == 2
    heads = [(1, 1, 1, 1, "项"), (1, 2, 1, 1, "数"), (1, 3, 1, 1, "量"), (2, 1, 1, 1, "规章"), *SMALL[4:]]
    assert len(tables(halves(heads, heads))) == 2


@pytest.mark.parametrize(("down", "is_figure"), [(0, True), (5, False), (-5, False)])
@pytest.mark.parametrize("others", [("12", ""), ("", "")], ids=["beside a figure", "beside the label"])
def test_a_page_number_in_a_blank_cell_is_no_figure(down, is_figure, others):
    """The number of a lone page stood in the table's last row and was read as its figure."""
    cells = [(1, 1, 1, 1, "许可"), (1, 2, 1, 1, others[0]), (1, 3, 1, 1, others[1])]
    level = 792 + 10 - 9 * 0.6 + 9 * 0.95

    def paint(canvas):
        small_table(canvas, top=752)
        small_table(canvas, cells, top=792, heights=[20])
        draw_text(canvas, 165, level + down, "1", 9)

    assert [cell[4] for cell in tables(build_pdf(paint))[0]][-1] == ("1" if is_figure else "\ufffd")
