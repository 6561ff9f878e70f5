"""Rows that are typed as the lines of one row's cells."""

import pytest

from pipelines.read.model import Cell, Document
from pipelines.read.stacked_rows import part_stacked_rows
from schemas.vocabulary import FileFormat

LABELS, FIGURES = "甲\n乙\n丙\n丁\n戊", "1\n2\n3\n4\n5"


def part(*rows: list[str]) -> list[Cell]:
    cells = [(row, column, 1, 1, text) for row, line in enumerate(rows, 1) for column, text in enumerate(line, 1)]
    document = Document(FileFormat.DOCX, tables=[cells])
    part_stacked_rows(document)
    return document.tables[0]


def test_lines_of_all_cells_are_rows():
    cells = part(["项目", "", "自然人", "总计"], ["三、结果", LABELS, FIGURES, FIGURES], ["四、结转", "", "0", "7"])
    assert cells[4:8] == [(2, 1, 5, 1, "三、结果"), (2, 2, 1, 1, "甲"), (2, 3, 1, 1, "1"), (2, 4, 1, 1, "1")]
    assert cells[8] == (3, 2, 1, 1, "乙")
    assert cells[-4:] == [(7, 1, 1, 1, "四、结转"), (7, 2, 1, 1, ""), (7, 3, 1, 1, "0"), (7, 4, 1, 1, "7")]


@pytest.mark.parametrize(
    "row",
    [
        [LABELS, FIGURES, "1\n2\n3\n4"],  # a blank line is lost
        [LABELS, FIGURES, "1"],
        [LABELS, FIGURES, "1\n2\n3\n4\n戊"],
        [LABELS, FIGURES],
        [FIGURES, FIGURES, FIGURES],
        ["甲\n乙", "1\n2", "3\n4"],
        ["甲\n" * 500 + "乙", "1\n" * 500 + "2", "1\n" * 500 + "2"],
    ],
)
def test_cells_of_other_lines_stay_one_row(row):
    assert [cell[4] for cell in part(row)] == row
