"""Faults of ours set a file aside whole, and only that file."""

import math

import polars as pl
import pytest

from pipelines.check import check_batch, enforce_schema
from schemas.entry import SchemaDataError
from tests.check.builders import figures_of, no_sections, read_report, reports_of


@pytest.fixture(name="figures")
def two_reports() -> pl.DataFrame:
    return figures_of({1: read_report("large_city_2021"), 2: read_report("district_office_2021")})


def damage(figures: pl.DataFrame, column: str, value: object) -> pl.DataFrame:
    """Put `value` into one figure of file 2."""
    place = figures["file_id"].to_list().index(2) + 5
    changed = figures[column].to_list()
    changed[place] = value
    return figures.with_columns(pl.Series(column, changed, dtype=figures.schema[column]))


def test_sound_figures_all_stay(figures: pl.DataFrame) -> None:
    kept, rejections = enforce_schema(figures)
    assert kept.equals(figures)
    assert rejections.is_empty()


@pytest.mark.parametrize(
    ("column", "value", "word"),
    [
        ("value_status", "guessed", "value_status"),
        ("row_number", 0, "row_number"),
        ("raw_text", None, "raw_text"),
        ("table_code", "tbale", "table_code"),
        ("match_score", 1.5, "match_score"),
        ("value", None, "disagree"),
        ("value", math.nan, "finite"),
        ("value_status", "blank", "disagree"),
        ("column_number", 1, "uniqueness"),
    ],
)
def test_a_figure_that_breaks_its_schema_rejects_its_file(
    figures: pl.DataFrame, column: str, value: object, word: str
) -> None:
    kept, rejections = enforce_schema(damage(figures, column, value))
    assert set(kept["file_id"]) == {1}
    assert rejections.select("file_id", "stage", "reason_code").rows() == [(2, "check", "schema_violation")]
    assert word in rejections["reason"][0]


def test_a_frame_of_another_shape_is_nobodys_file(figures: pl.DataFrame) -> None:
    with pytest.raises(SchemaDataError, match="raw_label"):
        enforce_schema(figures.drop("raw_label"))
    with pytest.raises(SchemaDataError, match="value"):
        enforce_schema(figures.with_columns(pl.col("value").cast(pl.Int64)))


def test_a_rejected_file_has_no_quality_rows(figures: pl.DataFrame) -> None:
    found = check_batch(damage(figures, "value_status", "guessed"), reports_of(figures), no_sections())
    assert set(found["quality"]["file_id"]) == {1}
    assert found["rejections"]["file_id"].to_list() == [2]


def test_figures_that_do_not_add_up_are_never_rejected() -> None:
    figures = figures_of({1: read_report("zero_challenge_totals_mixed")})
    found = check_batch(figures, reports_of(figures), no_sections())
    assert found["rejections"].is_empty()
    assert "fail" in set(found["quality"]["status"])
