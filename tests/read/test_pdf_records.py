"""Tables without borders whose labels wrap: read where lines of figures tell the columns, text where they do not."""

from random import Random

import pytest

from pipelines.normalize.layouts import read_layouts
from pipelines.read.frames import document_frames
from pipelines.read.pages.lines import TextLine
from pipelines.read.pages.records import find_record_tables
from pipelines.read.pages.tables import Fragment
from pipelines.read.pdf.reader import read_pdf
from pipelines.settings import ReadLimits
from tests.factory.truth import make_truth
from tests.read.pdf_builder import build_pdf, draw_table, request_cells

TRUTH = make_truth(8, "2021", size="district")
CODES = list(dict.fromkeys((row, column) for table, row, column in TRUTH.figures if table == "request"))
ROWS, COLUMNS = list(dict.fromkeys(row for row, _ in CODES)), list(dict.fromkeys(column for _, column in CODES))


def request_page(widths, *, size=7.0, height=22.0, fill=lambda text, row, column: text):
    figures = [
        [fill(f"{TRUTH.value('request', row, column):f}", r, c) for c, column in enumerate(COLUMNS)]
        for r, row in enumerate(ROWS)
    ]
    cells = request_cells(figures)
    heights = [height] * 28

    def paint(canvas):
        draw_table(
            canvas, cells, size=size, style="none", widths=[*widths, *[38] * 7], heights=heights, left=20, top=60
        )

    return build_pdf(paint), figures


def read_figures(data):
    """Return figures by their codes."""
    frames = document_frames([(1, read_pdf(data, ReadLimits()))])
    read = read_layouts(frames["cells"]).cells.drop_nulls(["row_code", "column_code"])
    place = ["file_id", "table_number", "row_number", "column_number"]
    texts = read.join(frames["cells"], on=place, how="inner")
    return {(row, column): text for row, column, text in texts.select("row_code", "column_code", "text").iter_rows()}


def test_a_request_table_without_borders_is_read_whole():
    data, figures = request_page([25, 60, 150])
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


@pytest.mark.parametrize(
    "lines",
    [
        [line(0, (10, "项目"), (110, "甲"), (140, "乙"), (170, "丙")), *BODY],  # a label too few
        [HEAD, BODY[0], record(24, "", *"5678")],  # figures without a label
        [HEAD, BODY[0], record(24, "", *"5678"), line(36, (10, "二项"))],  # its label may be the one below
        [HEAD, BODY[0], line(24, (10, "二项"), (110, "5"), (120, "6"), (140, "7"))],  # two figures in a column
        [HEAD, BODY[0], line(24, (10, "二项"), (110, "无人")), record(36, "三项", *"5678")],  # words among figures
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
