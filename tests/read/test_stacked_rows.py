"""Rows that are typed as the lines of one row's cells."""

import pytest

from pipelines.read import read_document
from pipelines.read.model import Cell, Document
from pipelines.read.stacked_rows import part_stacked_rows
from schemas.vocabulary import FileFormat
from tests.read.docx_builder import build_docx, paragraph, run

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


def test_blank_lines_of_word_are_blank_figures():
    """A paragraph without text is a figure's blank, where each cell has as many."""
    cells = part([LABELS, "1\n\n3\n4\n", "\n" * 4, FIGURES])
    assert [[cell[4] for cell in cells if cell[0] == row] for row in (1, 2, 5)] == [
        ["甲", "1", "", "1"],
        ["乙", "", "", "2"],
        ["戊", "", "", "5"],
    ]
    assert [cell[4] for cell in part(["甲\n\n丙\n丁\n戊", "1\n\n3\n4\n", FIGURES])][:2] == ["甲\n丙\n丁\n戊", "1\n3\n4"]


def test_paragraphs_without_text_in_cells_of_word():
    labels = [f"{number}.事项" for number in range(12)]
    figures = ["3" if number % 2 else "" for number in range(12)]
    content = "".join(
        f"<w:tc>{''.join(paragraph(run(text)) for text in texts)}</w:tc>" for texts in (labels, figures, figures)
    )
    document = read_document("a.docx", build_docx(f"<w:tbl><w:tr>{content}</w:tr></w:tbl>"))
    assert [cell[4] for cell in document.tables[0]][:6] == ["0.事项", "", "", "1.事项", "3", "3"]
    plain = "".join(
        f"<w:tc>{''.join(paragraph(run(text)) for text in texts)}</w:tc>" for texts in (["甲", *[""] * 15, "乙"], ["3"])
    )
    document = read_document("a.docx", build_docx(f"<w:tbl><w:tr>{plain}</w:tr></w:tbl>"))
    assert [cell[4] for cell in document.tables[0]] == ["甲\n乙", "3"]


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
