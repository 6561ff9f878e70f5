"""Columns in which clerks check a table of a sheet."""

import pytest

from pipelines.read.model import Cell, Document
from pipelines.read.sheet.checks import empty_check_columns
from schemas.vocabulary import FileFormat

HEAD: list[Cell] = [(1, 1, 1, 1, ""), (1, 2, 1, 1, "自然人"), (1, 3, 1, 1, "总计")]


def texts_beside(*columns: list[str], head: str = "") -> list[str]:
    """Return what is left of the columns behind 总计, from the fourth on."""
    cells = [*HEAD, (1, 4, 1, 1, head)]
    for row, beside in enumerate(zip(*columns, strict=True), start=2):
        cells += [(row, 1, 1, 1, "予以公开"), (row, 2, 1, 1, "3"), (row, 3, 1, 1, "3")]
        cells += [(row, column, 1, 1, text) for column, text in enumerate(beside, start=4)]
    document = Document(FileFormat.XLSX, tables=[cells])
    empty_check_columns(document)
    return [cell[4] for cell in document.tables[0] if cell[1] > 3 and cell[4]]


@pytest.mark.parametrize("columns", [[["0"] * 12], [["√"] * 12], [[""] * 12, ["TRUE"] * 12]])
def test_a_check_column_is_emptied(columns):
    """Rows had a cell too many, and no figure of 表三 was set under a column."""
    assert texts_beside(*columns) == []


@pytest.mark.parametrize(
    ("columns", "head"),
    [
        ([["0"] * 11 + ["3"]], ""),  # figures
        ([["0"] * 11 + [""]], ""),  # totals, blanks among them
        ([["0"] * 9], ""),
        ([["0"] * 12, ["0"] * 12], ""),
        ([["0"] * 12], "备注"),  # a column of the table
    ],
)
def test_other_columns_stay(columns, head):
    printed = [head, *(text for row in zip(*columns, strict=True) for text in row)]
    assert texts_beside(*columns, head=head) == [text for text in printed if text]
