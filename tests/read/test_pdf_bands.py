"""PDF: tables in which nothing parts the columns: their rows by rules or shades, their columns by what heads them."""

import pytest

from pipelines.read.pages.lines import TextLine
from pipelines.read.pages.record_heads import find_header
from pipelines.read.pages.records import find_record_tables
from pipelines.read.pages.tables import Fragment
from pipelines.read.pdf.reader import read_pdf
from pipelines.settings import ReadLimits
from tests.read.pdf_builder import HEIGHT, build_pdf, draw_text

LABELS = ["一类事项", "二类事项及其他|应当说明的事项", "三类事项", "四类事项", "五类事项"]
FIGURES = [["1", "22", "3", "44"], ["5", "", "", "6"], ["", "", "", ""], ["7", "8", "9", "10"], ["", "", "2", ""]]
HEADS = ["自然人", "企业", "科研机构", "总计"]
LEFT, FIRST, WIDTH, ROW, TOP = 50, 200, 70, 30, 120


def text_of_rows(canvas):
    for number, head in enumerate(HEADS):
        draw_text(canvas, FIRST + WIDTH * number + 10, TOP - 10, head, 8)
    for row, (label, values) in enumerate(zip(LABELS, FIGURES, strict=True)):
        base = TOP + ROW * row + 18
        parts = label.split("|")
        for place, part in enumerate(parts):
            draw_text(canvas, LEFT + 5, base + 10 * place - 5 * (len(parts) - 1), part, 8)
        for number, value in enumerate(values):
            draw_text(canvas, FIRST + WIDTH * number + 20, base, value, 8)


def rules(canvas):
    for row in range(len(LABELS) + 1):
        canvas.line(LEFT, HEIGHT - TOP - ROW * row, FIRST + 4 * WIDTH, HEIGHT - TOP - ROW * row)
    canvas.line(LEFT, HEIGHT - TOP + 24, FIRST + 4 * WIDTH, HEIGHT - TOP + 24)
    canvas.line(LEFT, HEIGHT - TOP + 26, FIRST + 4 * WIDTH, HEIGHT - TOP + 26)


def shades(canvas):
    canvas.setFillGray(0.9)
    for row in range(-1, len(LABELS), 2):
        canvas.rect(LEFT, HEIGHT - TOP - ROW * (row + 1), FIRST - LEFT + 4 * WIDTH, ROW, stroke=0, fill=1)
    for x in range(8):  # what else a page fills
        canvas.rect(LEFT + 20 * x, 40, 10, 10, stroke=0, fill=1)
    canvas.setFillGray(0)


def boxed(canvas):
    rules(canvas)
    for x in (LEFT, FIRST + 4 * WIDTH):
        canvas.line(x, HEIGHT - TOP + 26, x, HEIGHT - TOP - ROW * len(LABELS))


def bands_in_turn(canvas):
    """As Word's Light List is drawn by LibreOffice: every other row has all its borders."""
    boxed(canvas)
    for row in range(1, len(LABELS), 2):
        for x in (LEFT, *(FIRST + WIDTH * number for number in range(5))):
            canvas.line(x, HEIGHT - TOP - ROW * row, x, HEIGHT - TOP - ROW * (row + 1))


@pytest.mark.parametrize("draw", [rules, shades, boxed, bands_in_turn])
def test_rows_that_rules_or_shades_part_are_whole_and_may_be_blank(draw):
    def paint(canvas):
        draw(canvas)
        draw_text(canvas, LEFT, 60, "本机关依法公开政府信息", 8)
        text_of_rows(canvas)

    (table,) = read_pdf(build_pdf(paint), ReadLimits()).tables
    rows = [[cell[4] for cell in table if cell[0] == number] for number in range(1, table[-1][0] + 1)]
    labels = [label.replace("|", "") for label in LABELS]
    assert rows[-5:] == [[label, *values] for label, values in zip(labels, FIGURES, strict=True)]
    assert rows[0][-4:] == HEADS


def test_a_label_without_figures_is_no_row_of_blanks_where_nothing_parts_the_rows():
    def paint(canvas):
        draw_text(canvas, LEFT, 60, "本机关依法公开政府信息", 8)
        text_of_rows(canvas)

    (table,) = read_pdf(build_pdf(paint), ReadLimits()).tables
    (label,) = [cell for cell in table if cell[4] == "三类事项"]
    assert [cell for cell in table if cell[0] == label[0]] == [label]


def line(y, *pieces):
    parts = [(x, x + (5 if text.isascii() else 10) * len(text), text) for x, text in pieces]
    return TextLine(parts[0][0], y, parts[-1][1], y + 10, " ".join(text for _, text in pieces), 10, 10, parts)


def table_of(*lines):
    (table,) = find_record_tables(lines)
    assert isinstance(table, Fragment)
    return table


def row_of(table, number):
    return [(cell.left, cell.text) for cell in table.cells if cell.top == number]


def test_a_column_that_holds_nothing_but_blanks_is_the_one_below_its_label():
    head = line(0, (100, "甲类"), (140, "乙类"), (180, "丙类"), (220, "丁类"), (260, "合计"))
    rows = [line(12 * n, (10, f"{n}项"), (105, "1"), (145, "2"), (225, "3"), (265, "6")) for n in (1, 2)]
    table = table_of(head, *rows)
    assert [text for _, text in row_of(table, 2)] == ["2项", "1", "2", "", "3", "6"]


def test_rows_of_few_figures_above_and_below_those_that_tell_the_columns_are_rows():
    head = line(0, (100, "甲类"), (140, "乙类"), (180, "丙类"), (220, "合计"))
    told = [line(12 * n, (10, f"{n}项"), (105, "1"), (145, "2"), (185, "3"), (225, "6")) for n in (2, 3)]
    few = [line(12, (10, "1项"), (185, "4")), line(48, (10, "4项"), (145, "5"), (225, "5"))]
    table = table_of(head, few[0], *told, few[1])
    assert [text for _, text in row_of(table, 1)] == ["1项", "", "", "4", ""]
    assert [text for _, text in row_of(table, 4)] == ["4项", "", "5", "", "5"]


def test_a_row_of_figures_below_ten_labels_and_their_groups_may_have_blanks():
    groups = line(0, (180, "复议"), (380, "诉讼"))
    head = line(14, *((100 + 40 * n, "维持") for n in range(10)))
    table = table_of(groups, head, line(26, (105, "1"), (425, "2"), (465, "3")))
    assert [text for _, text in row_of(table, 2)] == ["1", "", "", "", "", "", "", "", "2", "3"]
    starts = sorted(cell.left for cell in table.cells if cell.top == 2)
    assert {cell.text: cell.left for cell in table.cells if cell.top == 0} == {"复议": starts[0], "诉讼": starts[5]}


def test_a_label_over_several_is_no_first_line_of_the_one_below():
    group = line(0, (135, "企业法人"))  # as near to the labels below as two lines of one label
    head = line(11, (100, "自然人"), (140, "企业"), (170, "社团"), (205, "合计"))
    rows = [line(11 + 14 * n, (10, f"{n}项"), (110, "1"), (145, "2"), (175, "3"), (210, "6")) for n in (1, 2)]
    table = table_of(group, head, *rows)
    assert "企业" in [cell.text for cell in table.cells if cell.top == 1]


def test_clauses_of_a_header_and_rows_of_a_label_and_few_figures_are_tables():
    def paint(canvas):
        for y, left, cells in (
            (100, 100, ["信息内容", "本年制发件数", "本年废止件数"]),
            (115, 60, ["规章", "", "3"]),
            (130, 60, ["行政规范性文件", "12", "4"]),
            (160, 100, ["信息内容", "本年处理决定数量"]),
            (175, 60, ["行政许可", "56"]),
        ):
            for number, text in enumerate(cells):
                draw_text(
                    canvas, left if not number else 200 + 100 * (number - 1) + (20 if text.isdigit() else 0), y, text
                )

    first, second = read_pdf(build_pdf(paint), ReadLimits()).tables
    assert [cell[4] for cell in first[3:]] == ["规章", "", "3", "行政规范性文件", "12", "4"]
    assert [cell[4] for cell in second] == ["信息内容", "本年处理决定数量", "行政许可", "56"]


@pytest.mark.parametrize(("x", "figure"), [(170, "3"), (255, "1234567890")])
def test_a_figure_below_no_label_or_between_two_makes_no_table(x, figure):
    def paint(canvas):
        draw_text(canvas, 100, 100, "信息内容")
        draw_text(canvas, 200, 100, "本年制发件数")
        draw_text(canvas, 300, 100, "本年废止件数")
        draw_text(canvas, 60, 115, "规章")
        draw_text(canvas, x, 115, figure)

    assert read_pdf(build_pdf(paint), ReadLimits()).tables == []


@pytest.mark.parametrize(
    ("ends", "starts", "is_told"),
    [((280, 380), (), True), ((), (190, 285), True), ((280, 340), (), False), ((), (270, 370), False)],
    ids=["right", "left", "right and off", "left and off"],
)
def test_figures_set_to_a_side_are_those_of_the_label_in_the_middle_of_their_column(ends, starts, is_told):
    """Of a wide column whose figures stand beside its label nothing was read."""

    def paint(canvas):
        for number, text in enumerate(("信息内容", "本年制发件数", "本年废止件数")):
            draw_text(canvas, 60 if not number else 100 + 100 * number, 100, text)
        for y, (label, *texts) in ((115, ("规章", "3", "12")), (130, ("规范性文件", "104", "5"))):
            draw_text(canvas, 60, y, label)
            for number, text in enumerate(texts):
                draw_text(canvas, ends[number] - 5 * len(text) if ends else starts[number], y, text)

    tables = read_pdf(build_pdf(paint), ReadLimits()).tables
    assert [[cell[4] for cell in table[3:]] for table in tables] == [
        ["规章", "3", "12", "规范性文件", "104", "5"]
    ] * is_told


def test_labels_that_stand_over_no_column_head_none():
    heads = [line(0, (100, "甲乙丙丁戊己")), line(14, (150, "庚辛壬癸")), line(28, (60, "丑"), (180, "子"))]
    row = line(42, (60, "1"), (182, "2"))
    columns = [(60.0, 65.0), (182.0, 187.0)]
    assert find_header([*heads, row], 3, columns, (1.0,)) == (3, [], columns)


def test_columns_that_rules_part_and_rows_that_none_does():
    heights = [[str(7 * row + column) for column in range(3)] for row in range(5)]

    def paint(canvas):
        for number, head in enumerate(["项目", "甲类", "乙类", "合计"]):
            draw_text(canvas, 60 + 80 * number, 110, head)
        for row, values in enumerate(heights):
            for number, text in enumerate([f"第{row}项", *values]):
                draw_text(canvas, 60 + 80 * number, 130 + 18 * row, text)
        for y in (95, 116, 215):
            canvas.line(50, HEIGHT - y, 370, HEIGHT - y)
        for number in range(5):
            canvas.line(50 + 80 * number, HEIGHT - 95, 50 + 80 * number, HEIGHT - 215)

    (table,) = read_pdf(build_pdf(paint), ReadLimits()).tables
    assert [cell[4] for cell in table[4:8]] == ["第0项", *heights[0]]
    assert [cell[4] for cell in table[-4:]] == ["第4项", *heights[-1]]
