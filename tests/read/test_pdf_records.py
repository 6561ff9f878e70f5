"""Tables without borders whose labels wrap: read where lines of figures tell the columns, text where they do not."""

from random import Random

import pytest

from pipelines.normalize.layouts import read_layouts
from pipelines.read.frames import document_frames
from pipelines.read.pages.arrange import lay_out_pages
from pipelines.read.pages.columns import find_aligned_tables
from pipelines.read.pages.lines import TextLine, build_lines
from pipelines.read.pages.record_labels import LabelColumns, Piece
from pipelines.read.pages.records import find_record_tables
from pipelines.read.pages.ruling import Character
from pipelines.read.pages.tables import Fragment
from pipelines.read.pdf.reader import read_pdf
from pipelines.settings import ReadLimits
from tests.factory.truth import make_truth
from tests.read.pdf_builder import build_pdf, draw_table, request_cells

TRUTH = make_truth(8, "2021", size="district")
CODES = list(dict.fromkeys((row, column) for table, row, column in TRUTH.figures if table == "request"))
ROWS, COLUMNS = list(dict.fromkeys(row for row, _ in CODES)), list(dict.fromkeys(column for _, column in CODES))


def request_page(widths, *, size=7.0, height=22.0, column=38, fill=lambda text, row, column: text):
    figures = [
        [fill(f"{TRUTH.value('request', row, code):f}", r, c) for c, code in enumerate(COLUMNS)]
        for r, row in enumerate(ROWS)
    ]
    cells = request_cells(figures)
    heights = [height] * 28

    def paint(canvas):
        draw_table(
            canvas, cells, size=size, style="none", widths=[*widths, *[column] * 7], heights=heights, left=20, top=60
        )

    return build_pdf(paint), figures


def read_figures(data):
    """Return figures by their codes."""
    frames = document_frames([(1, read_pdf(data, ReadLimits()))])
    read = read_layouts(frames["cells"]).cells.drop_nulls(["row_code", "column_code"])
    place = ["file_id", "table_number", "row_number", "column_number"]
    texts = read.join(frames["cells"], on=place, how="inner")
    return {(row, column): text for row, column, text in texts.select("row_code", "column_code", "text").iter_rows()}


@pytest.mark.parametrize("column", [18, 38])
def test_a_request_table_without_borders_is_read_whole(column):
    data, figures = request_page([25, 60, 150], column=column)
    expected = {(row, column): figures[r][c] for r, row in enumerate(ROWS) for c, column in enumerate(COLUMNS)}
    assert read_figures(data) == expected


@pytest.mark.parametrize("seed", range(24))
def test_whatever_wraps_no_figure_is_another_rows(seed):
    random = Random(seed)
    widths = [random.choice([15, 25, 50]), random.choice([30, 60, 90]), random.choice([60, 100, 150])]
    blank = random.choice(
        [lambda _: False, lambda text: text == "0", lambda text: text == "0" and random.random() < 0.5]
    )
    data, figures = request_page(
        widths,
        size=random.choice([6.0, 7.0, 8.0]),
        height=random.choice([18.0, 24.0, 27.0]),
        column=random.choice([20, 24, 38]),
        fill=lambda text, _row, _column: "" if blank(text) else text,
    )
    for (row, column), text in read_figures(data).items():
        assert text == figures[ROWS.index(row)][COLUMNS.index(column)]


def line(y, *pieces):
    placed = [(x, x + 8 * len(text), text) for x, text in pieces]
    return TextLine(placed[0][0], y, placed[-1][1], y + 8, " ".join(p[2] for p in placed), 8, 8, placed)


HEAD = line(0, (10, "项目"), (110, "甲"), (140, "乙"), (170, "丙"), (200, "丁"))


def table_of(lines):
    (table,) = find_record_tables(lines)
    assert isinstance(table, Fragment)
    return table


def record(y, label, *figures):
    return line(y, *([(10, label)] if label else []), *((110 + 30 * n, text) for n, text in enumerate(figures) if text))


BODY = [record(12, "一项", *"1234"), record(24, "二项", *"5678")]


def test_a_header_of_one_label_for_each_column_begins_a_table():
    table = table_of([HEAD, *BODY])
    rows = [[cell.text for cell in table.cells if cell.top == row] for row in range(table.row_count)]
    assert rows == [["甲", "乙", "丙", "丁", "项目"], ["一项", "1", "2", "3", "4"], ["二项", "5", "6", "7", "8"]]


def test_columns_may_stand_as_near_as_two_figures_are_parted():
    table = table_of([HEAD, *BODY, record(36, "三项", "5", "666", "7", "8")])
    assert [cell.text for cell in table.cells if cell.top == 3] == ["三项", "5", "666", "7", "8"]


@pytest.mark.parametrize(
    "lines",
    [
        [line(0, (10, "项目"), (110, "甲"), (140, "乙"), (170, "丙")), *BODY],  # a label too few
        [HEAD, BODY[0], record(24, "", *"5678")],  # figures without a label
        [HEAD, BODY[0], record(24, "", *"5678"), line(36, (10, "二项"))],  # its label may be the one below
        [HEAD, BODY[0], line(24, (10, "二项"), (110, "5"), (120, "6"), (140, "7"))],  # two figures in a column
        [HEAD, BODY[0], line(24, (10, "二项"), (110, "无人")), record(36, "三项", *"5678")],  # words among figures
        [HEAD, *BODY, line(35, (140, "7"))],  # the rest of 6, broken over two lines
        BODY,  # no header, and too few lines to tell
    ],
)
def test_lines_that_leave_a_doubt_stay_text(lines):
    doubtful = lines[-1] if lines[-1].pieces[0][2] != "二项" or len(lines[-1].pieces) > 1 else lines[-2]
    assert doubtful in find_record_tables(lines)


def test_a_line_without_figures_has_no_blanks():
    """It may be a piece of a label whose figures stand on another line."""
    table = table_of([HEAD, *BODY, line(34, (10, "三项"))])
    assert [cell.text for cell in table.cells if cell.top == table.row_count - 1] == ["三项"]


def test_figures_between_the_two_lines_of_their_label():
    table = table_of([HEAD, *BODY, line(36, (10, "三项的")), record(40, "", *"9012"), line(45, (10, "标签"))])
    assert [cell.text for cell in table.cells if cell.is_figure][-4:] == list("9012")


def test_a_header_that_cannot_be_told_stays_text_and_its_rows_are_a_table_for_the_sums_to_prove():
    torn = line(0, (10, "项目"), (110, "甲乙"), (170, "丙"))
    records = [record(12 * n + 12, f"{n}项", *"1234") for n in range(5)]
    items = find_record_tables([torn, *records])
    assert items[0] is torn
    assert isinstance(items[1], Fragment)
    assert items[1].row_count == 5


def test_a_table_goes_on_over_a_page_where_only_its_rows_say_so():
    overleaf = [record(50, "三项", "9", "", "1", "2"), record(62, "四项", *"3456"), line(80, (10, "五、问题"))]
    first, second = lay_out_pages([[], []], [[HEAD, *BODY], overleaf])
    (table,) = first
    assert isinstance(table, Fragment)
    assert [cell.text for cell in table.cells if cell.top == 3] == ["三项", "9", "", "1", "2"]
    assert table.row_count == 5
    assert second == overleaf[2:]


def test_pages_without_rows_on_both_sides_of_the_break_are_looked_at_alone():
    texts = [[HEAD, *BODY], [line(30, (10, "五、问题")), line(42, (10, "正文"))]]
    assert lay_out_pages([[], []], texts)[1] == texts[1]


def test_labels_of_several_lines_are_whole_beside_the_figures_at_their_middle():
    columns = LabelColumns(((10, 40), (60, 120)))
    rows: list[list[Piece]] = [[(62, 118, "乙乙")], [(10, 40, "组")], [(66, 114, "乙")], [(70, 110, "丙")]]
    heights = [14.0, 19.0, 24.0, 34.0]
    assert columns.join(rows, heights, {1, 3}, 8) == [[], [(10, 40, "组"), (62, 118, "乙乙乙")], [], [(70, 110, "丙")]]
    assert columns.join(rows, heights, {0, 3}, 8) == rows  # as where figures stand at the upper edge
    assert columns.join(rows, heights, {0, 1, 3}, 8) == rows


def test_centred_labels_of_many_widths_are_few_columns():
    pieces: list[Piece] = [(50 - 4 * n, 50 + 4 * n, "组") for n in range(1, 5)]
    pieces += [(150 - 6 * n, 150 + 6 * n, "项") for n in range(1, 8)]
    columns = LabelColumns.of([*pieces, (10, 190, "跨两列")])
    assert columns is not None
    assert [round(left) for left, _ in columns.spans] == [34, 108]
    assert columns.end_of(pieces[0], 200) == 108
    assert columns.parts((36, 180, "一二 三四五六"), 8) == [(36, 52, "一二"), (108, 180, "三四五六")]


def test_figures_of_narrow_columns_are_apart():
    characters = [Character(x, 0, x + 5, 10, text) for x, text in ((0, "0"), (12, "6"), (17, "1"))]
    assert [text for _, _, text in build_lines(characters)[0].pieces] == ["0", "61"]


def test_a_figure_off_its_line_leaves_no_blank():
    """850 stood three points lower than its row, which was read as blank."""
    rows = [line(12 * n, (10, f"{n}项"), (110, "1"), (140, "2")) for n in range(3)]
    assert isinstance(find_aligned_tables(rows)[0], Fragment)
    for rest in (line(36 - 3, (110, "850")), line(-9, (110, "850"))):
        lines = sorted([*rows, rest], key=lambda one: one.y0)
        assert find_aligned_tables(lines) == lines
    below = line(60, (110, "850"))
    assert find_aligned_tables([*rows, below])[1:] == [below]
