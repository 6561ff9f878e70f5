"""Statistic tables in the long format: a record for each figure."""

from collections.abc import Sequence

import pytest

from pipelines.read.long_tables import widen_long_tables
from pipelines.read.model import Document
from schemas.vocabulary import FileFormat

ROWS = [("第二十条第（一）项", "规章"), ("第二十条第（一）项", "文件")]
ROWS += [("甲类", f"{number}.事项") for number in range(1, 30)]
COLUMNS = [("申请人情况", "自然人"), ("申请人情况", "其他")]


def widen(records: Sequence[Sequence[str]]) -> list[list[str]]:
    cells = [(row, column, 1, 1, text) for row, line in enumerate(records, 1) for column, text in enumerate(line, 1)]
    document = Document(FileFormat.TEXT, tables=[cells])
    widen_long_tables(document)
    lines: dict[int, list[str]] = {}
    for row, _, _, _, text in document.tables[0]:
        lines.setdefault(row, []).append(text)
    return list(lines.values())


def records(joint: str = "/") -> list[tuple[str, str, str, str]]:
    figures = iter(range(99))
    return [("表", joint.join(row), joint.join(column), str(next(figures))) for row in ROWS for column in COLUMNS]


@pytest.mark.parametrize("joint", ["/", "-", " > "])
def test_records_that_differ_in_one_label_are_a_row(joint):
    wide = widen([("表名", "行", "列", "数值"), *(record for record in records(joint))])
    assert wide[0] == ["第二十条第（一）项"]
    assert wide[1:4] == [["", "申请人情况"], ["自然人", "其他"], ["规章", "0", "1"]]
    assert wide[-1] == ["甲类", "29.事项", "60", "61"]


def test_one_label_for_row_and_column():
    wide = widen([("某局2023年年报", ""), ("指标", "数值"), *(("/".join((*r[1:2], r[2])), r[3]) for r in records())])
    assert wide[0] == ["某局2023年年报", ""]
    assert wide[-1] == ["甲类", "29.事项", "60", "61"]


def test_slash_of_a_label_parts_nothing():
    lines = [(f"{number}.事项", column, "3") for number in range(40) for column in ("本年增/减", "类/数量")]
    assert widen(lines)[:2] == [["", "本年增/减", "类"], ["数量"]]


def by_columns() -> list[tuple[str, str, str]]:
    """Return records column by column, as databases that pivot the columns of a sheet write them."""
    return [(f"甲类-{row}.事项", column, str(row)) for column in ("自然人", "商业企业") for row in range(40)]


def test_records_column_by_column_are_set_in_rows():
    """Each column was a row, whose label no row of the form has."""
    wide = widen([("行", "列", "数值"), *by_columns()])
    assert wide[:2] == [["", "自然人", "商业企业"], ["甲类", "0.事项", "0", "0"]]


def test_whose_figures_all_are_and_of_which_year_is_told_once():
    """A year in each record looked like a second figure, and no record was one."""
    lines = [("单位名称", "年度", "行", "列", "数值"), *(("某局", "2023", *record) for record in by_columns())]
    cells = [(row, column, 1, 1, text) for row, line in enumerate(lines, 1) for column, text in enumerate(line, 1)]
    document = Document(FileFormat.TEXT, tables=[cells])
    widen_long_tables(document)
    assert document.tables[0][0] == (1, 1, 1, 5, "2023年")
    assert [(block.label, block.text) for block in document.blocks] == [("单位名称", "某局"), ("年度", "2023")]


def test_records_of_two_years_stay_as_they_are():
    lines = [(year, *record) for year in ("2023", "2022") for record in by_columns()]
    assert widen(lines) == [list(line) for line in lines]


@pytest.mark.parametrize("joint", ["-", "/", "_"])
def test_one_record_of_paths_is_a_table(joint):
    """One header of paths over one row of figures was nothing."""
    pairs = [("单位名称", "某局"), ("年度", "2023")]
    pairs += [(f"{row.replace('-', joint)}{joint}{column}", figure) for row, column, figure in by_columns()]
    wide = widen([[name for name, _ in pairs], [value for _, value in pairs]])
    assert wide[:3] == [["2023年"], ["单位名称", "某局"], ["年度", "2023"]]
    assert wide[3:5] == [["", "自然人", "商业企业"], ["甲类", "0.事项", "0", "0"]]
    assert len(widen([[name for name, _ in pairs], *[[value for _, value in pairs]] * 2])) == 3


@pytest.mark.parametrize(
    "lines",
    [
        [("条", f"指标{number}甲", "3") for number in range(80)],  # a figure a row, as in a 统计表
        [("规章", "制发", "3")] * 80,  # one cell said twice
        [("", "制发", "3") for _ in range(80)],
        [("规章", "3", "3") for _ in range(80)],
        records()[:20],
    ],
)
def test_other_tables_stay_as_they_are(lines):
    assert widen(lines) == [list(line) for line in lines]
