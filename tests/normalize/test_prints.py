"""What cells print where their meaning decides it, and the digest of containers that print the same."""

import polars as pl
import pytest

from pipelines.normalize.figures import build_figures, digest_prints
from pipelines.normalize.layouts import read_layouts
from schemas.table import table
from tests.normalize.tables import cells_frame, request_rows

CELLS = [
    ("request", "granted", "total", 1.0, None, "reported"),
    ("request", "granted", "business", 1.0, None, "reported"),
    ("proactive", "fee", "amount", 3.5, "万元", "reported"),
    ("request", "granted", "other_org", None, None, "blank"),
    ("legacy", None, "year", 2.0, None, "reported"),
]
NAMES = ("table_code", "row_code", "column_code", "value", "unit", "value_status")


def digest(cells, label="某项"):
    frame = pl.DataFrame([dict(zip(NAMES, cell, strict=True)) | {"raw_label": label} for cell in cells])
    figures = table("figures").conform(frame.with_columns(file_id=7, table_number=1))
    return {row["file_id"]: row for row in digest_prints(figures).to_dicts()}


def test_neither_order_nor_blanks_nor_places_make_another_report():
    said = digest(CELLS)[7]
    assert said["reported_count"] == 4
    assert digest(CELLS[::-1])[7] == said
    assert digest([cell for cell in CELLS if cell[-1] == "reported"])[7] == said


@pytest.mark.parametrize(
    "changed",
    [
        ("request", "granted", "total", 2.0, None, "reported"),
        ("request", "granted", "business", 1.0, None, "reported"),  # printed twice
        ("request", "carried_in", "total", 1.0, None, "reported"),
        ("request", "granted", "total", 1.0, "件", "reported"),
        ("request", "granted", None, 1.0, None, "reported"),
        ("challenge", "granted", "total", 1.0, None, "reported"),
        ("request", "granted", "total", None, None, "illegible"),
    ],
)
def test_another_number_code_or_unit_makes_another_report(changed):
    assert digest([changed, *CELLS[1:]])[7]["figures_digest"] != digest(CELLS)[7]["figures_digest"]


def test_of_a_row_that_no_form_knows_the_label_counts():
    assert digest(CELLS, "甲项")[7]["figures_digest"] != digest(CELLS, "乙项")[7]["figures_digest"]
    assert digest(CELLS[:4], "甲项") == digest(CELLS[:4], "乙项")


def test_a_report_that_prints_no_number_has_no_digest():
    """None equals nothing, so two such reports are not taken for one."""
    assert digest([CELLS[3]]) == {}


def counted(text):
    """Return value and status of a count that is printed so in 表三."""
    cells = cells_frame([request_rows(fill=lambda row, column: text if (row, column) == (2, 0) else "0")])
    years = pl.DataFrame({"file_id": [1], "year": [2023]}, schema_overrides={"year": pl.Int32})
    figures = build_figures(cells, read_layouts(cells), years, table("blocks").empty_frame())
    return figures.filter(row_code="granted", column_code="natural_person").select("value", "value_status").row(0)


@pytest.mark.parametrize("text", ["1.024", "41.600", "２．０００", "1.000（其中网上900）"])
def test_a_count_whose_point_may_part_thousands_has_no_value(text):
    assert counted(text) == (None, "illegible")


@pytest.mark.parametrize(("text", "value"), [("3.00", 3.0), ("0.000", 0.0), ("1,024", 1024.0), ("1.5", 1.5)])
def test_other_points_are_read_as_printed(text, value):
    assert counted(text) == (value, "reported")
