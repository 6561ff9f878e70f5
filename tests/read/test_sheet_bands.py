"""Statistic tables beside one another on a sheet."""

import pytest

from pipelines.read.model import Document
from pipelines.read.sheet.bands import part_sheets
from pipelines.read.sheet.grid import Sheet, add_sheets
from pipelines.settings import ReadLimits
from schemas.vocabulary import FileFormat

PROACTIVE = ["信息内容 本年处理决定数量", "行政许可 3"]
CHALLENGE = ["结果维持 尚未审结 总计", "1 0 1"]
REQUEST = ["_ 自然人 社会公益组织", "一、本年新收 4 0", "5.重新出具 1 0"]


def sheet_of(*tables: list[str], gap: int = 1) -> Sheet:
    sheet = Sheet("年报", hidden_parts=["row 9"])
    sheet.texts[1, 1] = "某局2023年年报"
    sheet.merges.append((1, 1, 1, 20))
    left = 1
    for lines in tables:
        for row, line in enumerate(lines, start=3):
            sheet.texts |= {(row, left + at): text for at, text in enumerate(line.split(" ")) if text != "_"}
        left += max(len(line.split(" ")) for line in lines) + gap
    return sheet


def test_tables_beside_one_another_are_read_from_left_to_right():
    """All of them were one table, in which no row could be set under its columns."""
    document = Document(FileFormat.XLSX)
    add_sheets(document, part_sheets([sheet_of(PROACTIVE, REQUEST, CHALLENGE)]), ReadLimits())
    texts = [[text for *_, text in cells if text] for cells in document.tables]
    words = [" ".join(lines).replace("_ ", "").split(" ") for lines in (PROACTIVE, REQUEST, CHALLENGE)]
    assert texts == [["某局2023年年报", *words[0]], *words[1:]]
    assert document.tables[0][0] == (1, 1, 1, 2, "某局2023年年报")
    assert {cell[1] for cell in document.tables[2]} == {8, 9, 10}
    assert len(document.notices) == 1


@pytest.mark.parametrize(
    "tables",
    [
        (
            ["结果维持 尚未审结", "1 0"],
            ["结果维持 尚未审结", "2 0"],
        ),  # a column between two of its ways
        (["_", "5.重新出具"], ["自然人 社会公益组织", "4 0"]),  # labels and their figures
        (PROACTIVE, ["说明", "2023年度"]),
        (["年度", "2023"], CHALLENGE),
    ],
)
def test_a_blank_column_within_a_table_parts_nothing(tables):
    sheet = sheet_of(*tables)
    assert part_sheets([sheet]) == [sheet]


def test_tables_without_a_column_between_them_stay_one():
    sheet = sheet_of(PROACTIVE, CHALLENGE, gap=0)
    assert part_sheets([sheet]) == [sheet]


def test_tables_that_touch_are_parted_where_labels_follow_figures():
    """All of them were one table, and the labels of the second stood behind the figures of the first."""
    tables = part_sheets([sheet_of(PROACTIVE, REQUEST, gap=0)])
    assert [min(column for _, column in part.texts) for part in tables] == [1, 3]


def test_a_column_that_a_merged_cell_crosses_parts_nothing():
    sheet = sheet_of(PROACTIVE, REQUEST, gap=0)
    sheet.merges.append((3, 2, 3, 3))
    assert part_sheets([sheet]) == [sheet]


def test_tables_below_one_another_stay_one():
    sheet = sheet_of(PROACTIVE, REQUEST, gap=0)
    sheet.texts = {(row + 9 * (column > 2), column): text for (row, column), text in sheet.texts.items()}
    assert part_sheets([sheet]) == [sheet]


def test_a_hidden_column_under_a_merged_label_parts_nothing():
    """The rows lost their labels, which stand on the other side of it."""
    sheet = sheet_of(["_ 自然人", "5.重新出具 4"], ["社会公益组织 总计", "0 4"])
    assert len(part_sheets([sheet])) == 2
    sheet.merges.append((4, 2, 4, 4))
    assert part_sheets([sheet]) == [sheet]
