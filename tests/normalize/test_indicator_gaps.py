"""Indicator tables before 2019 in which a head says two things, a label its unit, or a row nothing."""

import polars as pl
import pytest

from tests.normalize.test_indicators import BODY, HEAD, by_label, read, reasons


def test_a_column_under_the_year_and_the_sum_of_all_years_is_neither() -> None:
    """789 since the beginning would be the year's figure, or the year's 25 that since the beginning."""
    head = [[("指标名称", 2, 1), ("计量单位", 2, 1), ("2014年度", 1, 2)], ["合计", "累计"]]
    frames = read([*head, *BODY])
    assert by_label(frames)["主动公开文件数"] == 25
    assert by_label(frames, column="cumulative") == {}
    assert frames["figures"].filter(pl.col("value") == 789)["column_code"].to_list() == [None]


@pytest.mark.parametrize(
    ("printed", "unit"), [("（单位：件）", "件"), ("（份）", "份"), ("（单位：页）", None), ("（说明）", None)]
)
def test_only_a_known_unit_behind_a_label_is_one(printed: str, unit: str | None) -> None:
    frames = read([["指标名称", "2014年度", "历年累计"], *([label + printed, *row] for label, _, *row in BODY)])
    figures = frames["figures"].filter(pl.col("raw_label") == "主动公开文件数" + printed, column_code="year")
    assert figures.select("value", "unit").rows() == [(25, unit)]


def test_figures_without_a_label_are_kept_under_no_indicator() -> None:
    """They would stand under the indicator above them, whose own figures they are not."""
    frames = read([HEAD, *BODY[:2], ["", "件", "7", "8"], *BODY[2:]])
    assert frames["figures"].filter(pl.col("raw_label").is_null()).select("row_code", "value").rows() == [
        (None, 7),
        (None, 8),
    ]
    assert by_label(frames)["其中：1、政府网站公开数"] == 20
    assert "row_without_label" in reasons(frames)
