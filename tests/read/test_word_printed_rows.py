"""Word documents without tables, whose rows are lines with tabs or spaces, as programs for scans leave them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.read.word.docx import read_docx
from pipelines.settings import ReadLimits
from tests.read.docx_builder import build_docx, cell, paragraph, row, table

LIMITS = ReadLimits()
TAB = "</w:t><w:tab/><w:t xml:space='preserve'>"


def read_rows(rows: list[list[str]], separator: str) -> list[list[list[str]]]:
    lines = [paragraph(f"<w:r><w:t xml:space='preserve'>{separator.join(row)}</w:t></w:r>") for row in rows]
    document = read_docx(build_docx(paragraph("二、主动公开政府信息情况") + "".join(lines) + paragraph("完。")), LIMITS)
    found = []
    for cells in document.tables:
        by_row: dict[int, list[str]] = {}
        for number, _, _, _, text in cells:
            by_row.setdefault(number, []).append(text)
        found.append(list(by_row.values()))
    return found


def rows_with(figures: list[list[str]]) -> list[list[str]]:
    names = [f"{number}.某某信息公开申请" for number in range(1, len(figures) + 1)]
    return [["项目", "自然人", "商业企业", "总计"], *([name, *row] for name, row in zip(names, figures, strict=True))]


@pytest.mark.parametrize(
    "separator", [TAB, TAB * 3, "  ", "　　", f" {TAB} "], ids=["tab", "tabs", "spaces", "wide", "both"]
)
@given(st.lists(st.lists(st.integers(0, 99999).map(str), min_size=3, max_size=3), min_size=10, max_size=14))
def test_lines_with_as_many_figures_are_rows(separator, figures):
    rows = rows_with(figures)
    assert read_rows(rows, separator) == [rows]


def test_tabs_say_nothing_of_blanks():
    """How many tabs lead to the next column depends on the label before them, so none of them is a blank cell."""
    rows = rows_with([["1", "2", "3"]] * 11 + [["4", "", "4"]])
    (found,) = read_rows(rows, TAB)
    assert found[-1] == ["12.某某信息公开申请", "4", "4"]


def test_a_table_keeps_lines_what_they_are():
    lines = "".join(paragraph(f"{number}.收到申请  {number}  0  {number}") for number in range(12))
    document = read_docx(build_docx(lines + table(row(cell("规章"), cell("7")))), LIMITS)
    assert [text for *_, text in document.tables[0]] == ["规章", "7"]
    assert len(document.blocks) == 13
