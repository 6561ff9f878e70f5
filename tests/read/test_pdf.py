"""PDF: placed characters and drawn lines over several pages become the tables and paragraphs that were printed."""

import io
import subprocess
import sys

import pdfplumber
import pytest
from PIL import Image
from reportlab.lib.colors import white
from reportlab.lib.utils import ImageReader

from pipelines.errors import DocumentError
from pipelines.normalize.values import read_value
from pipelines.read.pages.lines import TextLine
from pipelines.read.pages.ruling import RulingTolerances, Segment, merge_segments
from pipelines.read.pages.stitch import is_cut_row, join_fragments
from pipelines.read.pages.tables import Fragment, PageCell, finish_cells
from pipelines.read.pdf.reader import read_pdf
from pipelines.read.readers import read_document
from pipelines.settings import ReadLimits
from schemas.vocabulary import BlockKind, ValueStatus
from tests.read.pdf_builder import FONT, HEIGHT, WIDTH, build_pdf, cut_cells, draw_table, draw_text, request_cells

LIMITS = ReadLimits()
FIGURES = [[str((7 * row + 3 * column) % 23) for column in range(7)] for row in range(25)]
REQUEST = request_cells(FIGURES)
REQUEST_WIDTHS = [25, 60, 150, *[35] * 7]
SMALL = [(1, 1, 1, 1, "规章"), (1, 2, 1, 1, "12"), (1, 3, 1, 1, "3")]
SMALL += [(2, 1, 1, 1, "许可"), (2, 2, 1, 1, "7"), (2, 3, 1, 1, "8")]
MORE = [(1, 1, 1, 1, "处罚"), (1, 2, 1, 1, "0"), (1, 3, 1, 1, "1")]
MORE += [(2, 1, 1, 1, "强制"), (2, 2, 1, 1, "5"), (2, 3, 1, 1, "6")]
WIDTHS, HEIGHTS = [60, 40, 40], [20, 20]


def small_table(canvas, cells=SMALL, **options):
    draw_table(canvas, cells, **{"widths": WIDTHS, "heights": HEIGHTS, **options})


def texts(data, kind=BlockKind.PARAGRAPH):
    return [block.text for block in read_pdf(data, LIMITS).blocks if block.kind is kind]


def tables(data):
    return read_pdf(data, LIMITS).tables


def reason(data, limits=LIMITS):
    with pytest.raises(DocumentError) as error:
        read_pdf(data, limits)
    return error.value.reason_code


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


def test_title_is_no_part_of_a_paragraph_where_no_two_lines_reach_the_margin():
    # Two lines of the text happen to end below the title's end, which is no margin: two others are longer.
    title = "福州市平潭县人民政府办公室二〇二〇年政府信息公开工作年度报告"
    body = [
        "根据条例的规定" * 6 + "编制",
        "本报告所列数据的统计期限" * 3 + "自一月至十二月止。。",
        "（一）主动公开情况" * 4 + "如下",
        "统计" * 19,
    ]

    def paint(canvas):
        draw_text(canvas, 150, 60, title, size=10)
        for number, line in enumerate(body, 1):
            draw_text(canvas, 72, 60 + 13 * number, line, size=10)

    blocks = read_pdf(build_pdf(paint), LIMITS).blocks
    assert blocks[0].text == title


def test_borders_of_another_table_of_the_page_tear_no_border_apart():
    # As Chromium prints two tables: both sides of each border, and the upper table's 2.2 points before the lower one's.
    upper = [Segment(x, y, x, y + 20) for x in (247.9, 248.6) for y in range(500, 760, 20)]
    lower = [Segment(x, 434, x, 490) for x in (250.1, 250.9)]
    _, vertical = merge_segments([*upper, *lower], RulingTolerances())
    assert [(round(line.position, 2), line.start, line.end) for line in vertical] == [
        (248.25, 500, 760),
        (250.5, 434, 490),
    ]


@pytest.mark.parametrize("shift", [25, 30, 34, 38])
def test_numbers_that_run_off_the_page_are_none(shift):
    def paint(canvas):
        cells = [*SMALL[:2], (1, 3, 1, 1, "34567"), *MORE[3:5], (2, 3, 1, 1, "8")]
        draw_table(canvas, cells, widths=WIDTHS, heights=HEIGHTS, left=WIDTH - 140 + shift, top=100)

    found = [cell[4] for cell in tables(build_pdf(paint))[0]]
    assert found[:2] == ["规章", "12"]
    assert not found[2].isdigit()


@pytest.mark.parametrize(("left", "expected"), [(465, ["12", "\ufffd"]), (455, ["12", ""])])
def test_an_empty_cell_that_runs_off_the_page_is_no_blank(left, expected):
    """The page is 595 points wide; the last cell ends at 605 or at 595."""

    def paint(canvas):
        rows = [["内容", "制发", "废止"], ["规章", "12", ""]]
        cells = [(r, c, 1, 1, text) for r, row in enumerate(rows, 1) for c, text in enumerate(row, 1)]
        draw_table(canvas, cells, widths=[60, 40, 40], heights=HEIGHTS, left=left)

    (table,) = tables(build_pdf(paint))
    assert [cell[4] for cell in table if cell[0] == 2][1:] == expected


def test_a_raised_mark_that_is_hardly_smaller_is_no_part_of_a_number():
    # As Chromium prints <sup>1</sup>: five sixths of the size, five twelfths higher.
    def paint(canvas):
        draw_table(canvas, [*SMALL[:2], (1, 3, 1, 1, ""), *MORE[3:]], widths=WIDTHS, heights=HEIGHTS, left=50, top=100)
        draw_text(canvas, 155, 115, "22", size=12)
        draw_text(canvas, 155 + canvas.stringWidth("22", FONT, 12), 110, "1", size=10)

    assert tables(build_pdf(paint))[0][2][4] == "22 1"


def test_numbers_that_fill_their_cells_are_two_and_one_that_runs_over_is_none():
    def paint(canvas):
        cells = [(1, 1, 1, 1, "规章"), (1, 2, 1, 1, ""), (1, 3, 1, 1, ""), *MORE[3:]]
        draw_table(canvas, cells, widths=[60, 41.5, 41.5], heights=HEIGHTS, left=50, top=100)
        draw_text(canvas, 151 - canvas.stringWidth("55555555", FONT, 10), 113, "55555555")
        draw_text(canvas, 152, 113, "66666666")

    assert [cell[4] for cell in tables(build_pdf(paint))[0]][1:3] == ["55555555", "66666666"]

    def run_over(canvas):
        cells = [(1, 1, 1, 1, "规章"), (1, 2, 1, 1, ""), (1, 3, 1, 1, ""), *MORE[3:]]
        draw_table(canvas, cells, widths=[60, 20, 20], heights=HEIGHTS, left=50, top=100)
        draw_text(canvas, 110, 113, "12345678")

    assert not [cell for cell in tables(build_pdf(run_over))[0][1:3] if cell[4].isdigit()]


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


def test_table_printed_twice_to_look_bold_is_printed_once():
    def paint(canvas):
        small_table(canvas)
        small_table(canvas, left=50.3, style="none")

    assert tables(build_pdf(paint)) == [SMALL]


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


def test_wrapped_number_is_one_and_stacked_numbers_are_two():
    cells = [(1, 1, 1, 1, "很长的标签文字要折行"), (1, 2, 1, 1, "1234567"), (1, 3, 1, 1, "12\n34")]
    data = build_pdf(lambda c: draw_table(c, cells, widths=[60, 22, 60], heights=[50]))
    assert tables(data) == [cells]


def test_number_wider_than_its_cell_is_unreadable_in_all_that_it_touches():
    def paint(canvas):
        small_table(canvas, [(r, c, h, w, "" if t == "12" else t) for r, c, h, w, t in SMALL], widths=[60, 20, 40])
        draw_text(canvas, 112, 114, "75394432.52", 9)

    for cell in tables(build_pdf(paint))[0][1:3]:
        assert "\ufffd" in cell[4]


@pytest.mark.parametrize(("text", "x", "found"), [("4", 148, None), ("406", 147, None), ("406", 137, ["406", ""])])
def test_a_number_with_room_in_its_cell_is_unreadable_over_a_border(text, x, found):
    """Word's tabs move figures over the border of a narrow cell: each was read in the next column."""

    def paint(canvas):
        small_table(canvas, [(*cell[:4], "" if cell[4] in ("12", "3") else cell[4]) for cell in SMALL])
        draw_text(canvas, x, 113, text, 9)

    held = [cell[4] for cell in tables(build_pdf(paint))[0][1:3]]
    assert held == found if found else all("\ufffd" in text for text in held)


def test_a_number_set_wide_is_unreadable_in_the_cell_into_which_it_reaches():
    """Of 5 1 5 1, its digits apart and centred, the first stood alone in a blank cell."""

    def paint(canvas):
        small_table(canvas, [(*cell[:4], "" if cell[4] in ("12", "3") else cell[4]) for cell in SMALL])
        for place, digit in enumerate("5151"):
            draw_text(canvas, 143 + 10 * place, 113, digit, 9)

    wide = [read_value(cell[4]).status for cell in tables(build_pdf(paint))[0][1:3]]
    assert wide == [ValueStatus.ILLEGIBLE] * 2


@pytest.mark.parametrize(
    ("x", "top", "text", "size", "found"),
    [
        (121.5, 110, "1", 5, "12 1"),  # a footnote's mark
        (112.5, 113.2, "8", 9, "1\ufffd82"),  # another figure over the first
        (112.3, 113.0, "12", 9, "12"),  # the same once more
        (126, 113.2, "5", 9, "12 5"),  # close, and not the same number
    ],
)
def test_what_lies_beside_a_figure_never_becomes_part_of_it(x, top, text, size, found):
    def paint(canvas):
        small_table(canvas)
        draw_text(canvas, x, top, text, size)

    assert tables(build_pdf(paint))[0][1][4] == found


def test_unseen_text_is_left_out():
    def paint(canvas):
        small_table(canvas)
        hidden = canvas.beginText(140, HEIGHT - 113)
        hidden.setTextRenderMode(3)
        hidden.textOut("77")
        canvas.drawText(hidden)
        hidden = canvas.beginText(10, 10)
        hidden.setTextRenderMode(0)
        canvas.drawText(hidden)
        draw_text(canvas, 150, 113, "55", 1)
        canvas.setFillColorRGB(1, 1, 1)
        draw_text(canvas, 130, 113, "99", 9)

    assert tables(build_pdf(paint)) == [SMALL]


@pytest.mark.parametrize(
    ("alpha", "first", "found"),
    [(1, False, "12\ufffd\ufffd"), (0.95, False, "12\ufffd\ufffd"), (0.3, False, "1204"), (1, True, "1204")],
)
def test_digits_below_an_opaque_area_are_unreadable(alpha, first, found):
    """A white box over the end of 1204 leaves 12, which is not what the file says; a highlight hides nothing."""

    def cover(canvas):
        canvas.saveState()
        canvas.setFillColorRGB(1, 1, 1)
        canvas.setFillAlpha(alpha)
        canvas.rect(121, HEIGHT - 116, 20, 10, stroke=0, fill=1)
        canvas.restoreState()

    def paint(canvas):
        draw_text(canvas, 300, 60, "题")
        if first:
            cover(canvas)
        small_table(canvas, [(*cell[:4], "1204" if cell[4] == "12" else cell[4]) for cell in SMALL])
        if not first:
            cover(canvas)

    assert tables(build_pdf(paint))[0][1][4] == found


@pytest.mark.parametrize(("alpha", "found"), [(1, "\ufffd\ufffd"), (0.3, "12")])
def test_a_form_that_is_transparent_as_a_whole_hides_no_digits(alpha, found):
    """LibreOffice draws a seal so, whose own red is opaque."""

    def paint(canvas):
        canvas.beginForm("seal")
        canvas.rect(110, HEIGHT - 130, 30, 60, stroke=0, fill=1)
        canvas.endForm()
        draw_text(canvas, 50, 60, "字" * 30)
        small_table(canvas)
        canvas.setFillAlpha(alpha)
        canvas.doForm("seal")

    assert tables(build_pdf(paint))[0][1][4] == found


def test_an_area_that_its_clip_keeps_off_the_digits_hides_none():
    def paint(canvas):
        small_table(canvas)
        clip = canvas.beginPath()
        clip.rect(300, 300, 20, 20)
        canvas.clipPath(clip, stroke=0)
        canvas.rect(50, HEIGHT - 160, 200, 80, stroke=0, fill=1)

    assert tables(build_pdf(paint)) == [SMALL]


def clipped(canvas, left, top, width, height, *texts):
    canvas.saveState()
    clip = canvas.beginPath()
    clip.rect(left, HEIGHT - top - height, width, height)
    canvas.clipPath(clip, stroke=0, fill=0)
    for text in texts:
        draw_text(canvas, *text)
    canvas.restoreState()


FIGURE = (112, 113, "12345", 9)


@pytest.mark.parametrize(
    ("box", "texts", "found"),
    [
        ((100, 90, 200, 60), [FIGURE], "12345"),
        ((111, 106, 24, 8), [FIGURE], "12345"),
        ((100, 90, 25, 60), [FIGURE], "123\ufffd"),
        ((300, 90, 25, 60), [FIGURE], ""),
        ((100, 90, 200, 16), [FIGURE], ""),
        ((100, 90, 25, 60), [(112, 113, "123", 9), (125.5, 113, "45", 9)], "123\ufffd"),
        ((100, 90, 40, 20), [FIGURE], "\ufffd" * 5),
    ],
    ids=["wide", "tight", "cut", "beside", "above", "pieces", "half as high"],
)
def test_figures_that_a_clip_cuts_are_unreadable_and_unseen_ones_absent(box, texts, found):
    """12345 in a cell too narrow for it is shown as 123, which is not what the file says."""

    def paint(canvas):
        small_table(canvas, [(*cell[:4], "" if cell[4] == "12" else cell[4]) for cell in SMALL])
        draw_text(canvas, 50, 60, "某市人民政府二零二三年政府信息公开工作年度报告")
        clipped(canvas, *box, *texts)

    assert tables(build_pdf(paint))[0][1][4] == found


def test_a_clip_within_a_form_lies_where_the_form_is_drawn():
    def paint(canvas):
        small_table(canvas, [(*cell[:4], "" if cell[4] == "12" else cell[4]) for cell in SMALL])
        canvas.beginForm("figure")
        clipped(canvas, 0, HEIGHT - 20, 13, 20, (0, HEIGHT - 4, "12345", 9))
        canvas.endForm()
        canvas.translate(112, HEIGHT - 117)
        canvas.doForm("figure")

    assert tables(build_pdf(paint))[0][1][4] == "123\ufffd"


@pytest.mark.parametrize(
    ("ground", "ink", "alpha", "found"),
    [
        (None, 0.97, 1, ""), (None, 0.6, 1, "7"), (None, 0, 0.02, ""), (0.9, 0.92, 1, ""), (0.9, 1, 1, "7"),
        (0.5, 1, 1, "7"), (0.95, 0.5, 1, "7"), (0, 0, 1, "7"),
    ],
)  # fmt: skip
def test_figures_as_light_as_their_ground_are_absent(ground, ink, alpha, found):
    """Only light ones: what is filled in black may be a frame around paper, and then all text would be lost."""

    def paint(canvas):
        if ground is not None:
            canvas.setFillColorRGB(ground, ground, ground)
            canvas.rect(110, HEIGHT - 120, 40, 20, stroke=0, fill=1)
            canvas.setFillColorRGB(0, 0, 0)
        small_table(canvas, [(*cell[:4], "" if cell[4] == "12" else cell[4]) for cell in SMALL])
        canvas.setFillColorRGB(ink, ink, ink)
        canvas.setFillAlpha(alpha)
        draw_text(canvas, 112, 113, "7", 9)

    assert tables(build_pdf(paint))[0][1][4] == found


def test_a_shading_hides_the_digits_below_it():
    def paint(canvas):
        small_table(canvas)
        clip = canvas.beginPath()
        clip.rect(110, HEIGHT - 120, 40, 20)
        canvas.clipPath(clip, stroke=0)
        canvas.linearGradient(110, 0, 150, 0, (white, white), extend=False)

    assert tables(build_pdf(paint))[0][1][4] == "\ufffd\ufffd"


def test_a_filled_in_form_field_is_no_blank():
    def paint(canvas):
        small_table(canvas, [(*cell[:4], "" if cell[4] == "12" else cell[4]) for cell in SMALL])
        canvas.acroForm.textfield(value="12", x=112, y=HEIGHT - 117, width=30, height=12, fontSize=8, borderWidth=0)

    assert tables(build_pdf(paint))[0][1][4] == "12"


def test_struck_out_text_is_deleted_and_borders_strike_nothing():
    def paint(canvas):
        small_table(canvas, [(*cell[:4], "77" + cell[4] if cell[4] == "12" else cell[4]) for cell in SMALL])
        canvas.line(112, HEIGHT - 110, 121, HEIGHT - 110)
        draw_text(canvas, 152, 123, "9", 9)  # over the border between two rows

    table = tables(build_pdf(paint))[0]
    assert len(table) == 6
    assert table[1][4] == "12"


def test_white_text_on_a_dark_header_is_read():
    def paint(canvas):
        canvas.setFillColorRGB(0.1, 0.2, 0.6)
        canvas.rect(50, HEIGHT - 120, 140, 20, stroke=0, fill=1)
        canvas.setFillColorRGB(1, 1, 1)
        small_table(canvas, SMALL[:3], style="none")
        canvas.setFillColorRGB(0, 0, 0)
        small_table(canvas, [cell if cell[0] == 2 else (*cell[:4], "") for cell in SMALL])

    assert tables(build_pdf(paint)) == [SMALL]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_rotated_pages(rotation):
    height = WIDTH if rotation % 180 else HEIGHT
    assert tables(build_pdf(lambda c: small_table(c, page_height=height), rotation=rotation)) == [SMALL]


def test_table_on_its_side():
    def paint(canvas):
        canvas.rotate(90)
        canvas.translate(0, -WIDTH)
        small_table(canvas, page_height=WIDTH)

    assert tables(build_pdf(paint)) == [SMALL]


@pytest.mark.parametrize("turn", [90, -90])
def test_labels_on_their_side_are_read_as_they_run(turn):
    cells = [(1, column, 1, 1, label) for column, label in ((1, "信息内容"), (2, "自然人"), (3, "商业企业"))]

    def paint(canvas):
        small_table(
            canvas, [*((*cell[:4], "") for cell in cells), *((2, *cell[1:]) for cell in SMALL[:3])], heights=[60, 20]
        )
        draw_text(canvas, 50, 300, "本机关依法公开政府信息，扎实推进各项工作。")
        for x, (*_, label) in zip((80, 130, 170), cells, strict=True):
            canvas.saveState()
            canvas.translate(x, HEIGHT - 130)
            canvas.rotate(turn)
            canvas.setFont(FONT, 9)
            canvas.drawCentredString(0, 0, label)
            canvas.restoreState()

    (table,) = tables(build_pdf(paint))
    assert [cell[4] for cell in table] == ["信息内容", "自然人", "商业企业", "规章", "12", "3"]


def test_forms_are_read_where_they_are_placed():
    def paint(canvas):
        canvas.beginForm("f")
        canvas.setFont(FONT, 10)
        small_table(canvas)
        canvas.endForm()
        canvas.translate(20, 100)
        canvas.scale(0.8, 0.8)
        canvas.doForm("f")

    assert tables(build_pdf(paint)) == [SMALL]


def test_table_without_outer_borders():
    def paint(canvas):
        for top in (100, 120, 140):
            canvas.line(50, HEIGHT - top, 190, HEIGHT - top)
        for x in (110, 150):
            canvas.line(x, HEIGHT - 100, x, HEIGHT - 140)
        small_table(canvas, style="none")

    assert tables(build_pdf(paint)) == [SMALL]


@pytest.mark.parametrize(("far", "found"), [(190, True), (150, False)])
def test_two_columns_without_outer_borders(far, found):
    cells = [cell for cell in SMALL if cell[1] < 3]

    def paint(canvas):
        for top, end in ((100, 190), (120, far), (140, 190)):
            canvas.line(50, HEIGHT - top, end, HEIGHT - top)
        canvas.line(110, HEIGHT - 100, 110, HEIGHT - 140)
        small_table(canvas, cells, style="none")

    assert tables(build_pdf(paint)) == ([cells] if found else [])


def test_columns_without_lines_are_taken_only_where_they_are_clear():
    cells = [*SMALL, (3, 1, 1, 1, "处罚"), (3, 2, 1, 1, "0"), (3, 3, 1, 1, "1")]
    assert tables(build_pdf(lambda c: small_table(c, cells, heights=[20] * 3, style="none"))) == [cells]

    def shifted(canvas):
        small_table(canvas, cells, heights=[20] * 3, style="none")
        draw_text(canvas, 52, 173, "行政规范性文件", 9)
        draw_text(canvas, 152, 173, "4", 9)

    assert tables(build_pdf(shifted)) == []
    narrow = build_pdf(lambda c: small_table(c, cells, heights=[20] * 3, widths=[40, 10, 10], style="none"))
    assert tables(narrow) == []


def test_watermark_and_diagonal_line_are_ignored():
    def paint(canvas):
        small_table(canvas)
        canvas.line(50, HEIGHT - 100, 110, HEIGHT - 120)
        canvas.translate(100, HEIGHT - 150)
        canvas.rotate(45)
        canvas.setFont(FONT, 40)
        canvas.drawString(0, 0, "内部资料 2023")

    assert tables(build_pdf(paint)) == [SMALL]


def test_digits_of_a_watermark_that_hardly_leans_join_no_figure():
    # All figures of so small a page are doubtful, and without recognition the whole is refused.
    pytest.importorskip("rapidocr", reason="the optional extra `ocr` is not installed: make ocr")

    def paint(canvas):
        small_table(canvas)
        canvas.translate(117, HEIGHT - 113)
        canvas.rotate(8)
        canvas.setFont(FONT, 9)
        canvas.drawString(6, 0, "2023")

    texts = [text for *_, text in tables(build_pdf(paint))[0]]
    assert not [text for text in texts if text.isdigit() and text not in {"12", "3", "7", "8"}]
    assert [text for text in texts if "\ufffd" in text]


def test_borders_may_be_drawn_as_images():
    dot = ImageReader(Image.new("L", (1, 1)))

    def paint(canvas):
        draw_table(canvas, SMALL, widths=WIDTHS, heights=HEIGHTS, style="none")
        for y in (100, 120, 140):
            canvas.drawImage(dot, 50, HEIGHT - y, 140, 0.75)
        for x in (50, 110, 150, 190):
            canvas.drawImage(dot, x, HEIGHT - 140, 0.75, 40)

    assert tables(build_pdf(paint)) == [SMALL]


def test_frames_are_no_tables():
    lines = ["本机关认真贯彻落实政府信息公开条例，全年主动公开政府信息一千", "二百条，办理申请二十一件。"]

    def paint(canvas):
        canvas.rect(40, 40, 515, 760)
        for number, line in enumerate(lines):
            draw_text(canvas, 72 if number == 0 else 50, 60 + 15 * number, line, 16)
        small_table(canvas)

    document = read_pdf(build_pdf(paint), LIMITS)
    assert document.tables == [SMALL]
    assert document.blocks[0].text == "".join(lines)
    boxed = build_pdf(
        lambda c: draw_table(c, [(1, 1, 1, 1, "框内文字"), (2, 1, 1, 1, "又一段")], widths=[200], heights=[30] * 2)
    )
    assert tables(boxed) == []
    assert texts(boxed) == ["框内文字", "又一段"]


def test_title_of_two_lines_headings_and_paragraphs_over_pages():
    def first(canvas):
        draw_text(canvas, 220, 80, "某某区人民政府", 22)
        draw_text(canvas, 155, 115, "2023年政府信息公开工作年度报告", 19 + 3)
        draw_text(canvas, 50, 700, "一、总体情况", 16)
        draw_text(canvas, 82, 730, "本机关全年主动公开政府信息一千二百条，其中规范性文件五件，", 16)
        draw_text(canvas, 50, 760, "政府网站公开九百条，政务新媒体公开三百条，均在法定期限内公开", 16)
        draw_text(canvas, 290, 820, "— 1 —")

    def second(canvas):
        draw_text(canvas, 50, 60, "完毕。", 16)
        draw_text(canvas, 82, 90, "另起一段。", 16)
        draw_text(canvas, 290, 820, "— 2 —")

    document = read_document("x.pdf", build_pdf(first, second))
    assert [(block.kind.value, block.text[:13]) for block in document.blocks] == [
        ("title", "某某区人民政府2023年政"),
        ("heading", "一、总体情况"),
        ("paragraph", "本机关全年主动公开政府信息"),
        ("paragraph", "另起一段。"),
    ]
    assert document.blocks[2].text.endswith("公开完毕。")


def test_lone_characters_of_a_font_that_is_nowhere_installed_are_kept():
    """PDFium's text page leaves out text of no width: set downwards, a label would vanish on a server without fonts."""
    program = """
import ctypes, sys, tempfile
import pypdfium2, pypdfium2.raw as pdfium
pdfium.FPDF_DestroyLibrary()
paths = (ctypes.POINTER(ctypes.c_char) * 2)(ctypes.cast(ctypes.create_string_buffer(tempfile.mkdtemp().encode()),
                                                       ctypes.POINTER(ctypes.c_char)), None)
pdfium.FPDF_InitLibraryWithConfig(pdfium.FPDF_LIBRARY_CONFIG(version=2, m_pUserFontPaths=paths))
from pipelines.read.pdf.reader import read_pdf
from pipelines.settings import ReadLimits
sys.stdout.reconfigure(encoding="utf-8")
print([cell[4] for cell in read_pdf(sys.stdin.buffer.read(), ReadLimits()).tables[0]])
"""
    cells = [(1, 1, 1, 1, "结\n果\n维\n持"), (1, 2, 1, 1, "商业企\n业"), (1, 3, 1, 1, "3")]
    data = build_pdf(lambda c: draw_table(c, cells, widths=[20, 40, 40], heights=[60]))
    done = subprocess.run([sys.executable, "-c", program], input=data, capture_output=True, check=True)
    assert done.stdout.decode().strip().replace("\\n", "") == str(["结果维持", "商业企业", "3"])


def test_scan_names_the_extra_that_reads_it(monkeypatch):
    monkeypatch.setattr("pipelines.read.recognition.has_recognition", lambda: False)
    from PIL import Image

    image = Image.new("L", (60, 80), 200)

    def scan(canvas):
        canvas.drawInlineImage(image, 0, 0, WIDTH, HEIGHT)

    with pytest.raises(DocumentError, match="`ocr`") as error:
        read_pdf(build_pdf(scan), LIMITS)
    assert error.value.reason_code == "unsupported_format"

    def layered(canvas):
        scan(canvas)
        text = canvas.beginText(50, 700)
        text.setTextRenderMode(3)
        text.textOut("这一层文字由识别软件放在扫描的页面之下供人检索用")
        canvas.drawText(text)

    assert texts(build_pdf(layered))[0].startswith("这一层文字")

    def printed(canvas):
        small_table(canvas)
        draw_text(canvas, 50, 300, "字" * 45)

    mixed = read_pdf(build_pdf(printed, scan), LIMITS)
    assert [notice.reason_code for notice in mixed.notices] == ["unsupported_format"]


def test_encrypted_documents():
    from reportlab.lib.pdfencrypt import StandardEncryption

    locked = build_pdf(small_table, encrypt=StandardEncryption("secret", canPrint=0))
    assert reason(locked) == "password_protected"
    assert tables(build_pdf(small_table, encrypt=StandardEncryption("", "owner"))) == [SMALL]


@pytest.mark.parametrize(
    ("stroke", "found"),
    [
        ((112, 110, 132, 110), None),  # longer than the number: deleted, or a slip of the pen
        ((108, 101, 126, 119), None),
        ((113, 119, 122, 101), None),
        ((112, 117.5, 122, 117.5), "12"),  # below it
        ((50, 101, 109, 119), "12"),  # through the label beside it
    ],
)
def test_a_number_through_which_a_stroke_goes_is_unreadable(stroke, found):
    """What a clerk had struck out by hand was read as printed."""

    def paint(canvas):
        small_table(canvas)
        x0, y0, x1, y1 = stroke
        canvas.line(x0, HEIGHT - y0, x1, HEIGHT - y1)

    text = tables(build_pdf(paint))[0][1][4]
    assert text == found if found else read_value(text).status is ValueStatus.ILLEGIBLE
