"""Copies of a table that show the columns which the other hides, as front ends keep columns in view."""

import pytest

from pipelines.read import read_document
from pipelines.read.model import PICTURE

NAMES = ["规章", "规范性文件", "行政许可", "行政处罚", "行政强制", "行政事业性收费"]
CSS = "<style>.is-hidden>*{visibility:hidden}</style>"


def rows(hidden: tuple[int, ...], figures: list[list[str]]) -> str:
    lines = []
    for name, own in zip(NAMES, figures, strict=True):
        cells = [
            f"<td class='{'is-hidden' if column in hidden else ''}'><div>{text}</div></td>"
            for column, text in enumerate([name, *own])
        ]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table>{''.join(lines)}</table>"


FIGURES = [["3", "", "4"], ["0", "0", "0"], ["", "12", "12"], ["1", "2", "3"], ["", "", ""], ["9", "0", "9"]]


def tables_of(markup: str) -> list[list[str]]:
    tables = read_document("x.html", f"<h1>某局2022年报告</h1>{CSS}{markup}".encode()).tables
    return [[cell[4] for cell in cells] for cells in tables if cells]


WHOLE = [text for name, own in zip(NAMES, FIGURES, strict=True) for text in (name, *own)]


def test_a_table_and_the_copy_of_its_labels_are_one() -> None:
    """The rows had no labels, and the labels no figures."""
    assert tables_of(rows((0,), FIGURES) + rows((1, 2, 3), FIGURES)) == [WHOLE]


def test_a_table_and_copies_on_either_side_are_one() -> None:
    assert tables_of(rows((0, 3), FIGURES) + rows((1, 2, 3), FIGURES) + rows((0, 1, 2), FIGURES)) == [WHOLE]


@pytest.mark.parametrize("between", ["<p>其中：下属单位</p>", "<h3>二</h3>"])
def test_tables_between_which_text_stands_are_two(between: str) -> None:
    assert len(tables_of(rows((0,), FIGURES) + between + rows((1, 2, 3), FIGURES))) == 2


def test_tables_whose_cells_differ_or_that_both_show_figures_and_labels_are_two() -> None:
    other = [["7", *own[1:]] for own in FIGURES]
    assert len(tables_of(rows((), FIGURES) + rows((), other))) == 2
    assert len(tables_of(rows((2,), FIGURES) + rows((3,), FIGURES))) == 2


def test_a_column_of_figures_that_only_a_copy_shows_is_not_blank() -> None:
    """Totals that the copy on the right shows were read as blanks where the page did not bring it along."""
    figures = [["3", "", "4"]] * 6
    (cells,) = tables_of(rows((3,), figures))
    assert cells[3::4] == [PICTURE] * 6
