"""The quality page: each table is drawn as the form prints it, with what is blank, missing, reviewed or broken."""

import re

import polars as pl
import pytest

from pipelines.check import Marks, mark_report
from pipelines.load.page.form import draw_table
from pipelines.normalize import normalize_batch
from pipelines.read import document_frames, read_document
from schemas.form import load_forms
from schemas.identity import table_layout
from schemas.table import table
from tests.load.test_page import read_page

FORMS = [(form, spec.code) for form, edition in load_forms().items() for spec in edition.tables]


@pytest.mark.parametrize(("form_code", "table_code"), FORMS)
def test_a_table_is_drawn_as_the_form_prints_it(form_code, table_code):
    """The reader of real reports reads the drawing back: each figure under its row and column, none lost."""
    layout = table_layout(form_code, table_code)
    assert layout is not None
    form_table = load_forms()[form_code].table(table_code)
    cells = [
        {"row_code": row, "column_code": column, "raw_text": str(number), "value": float(number),
         "value_status": "reported", "value_reviewed": None, "table_code": table_code, "form_code": form_code}
        for number, (row, column) in enumerate(layout.cells, start=100)
    ]  # fmt: skip
    drawn = re.sub(r'<span class="en".*?</span>', "", draw_table(form_code, form_table, cells, Marks()))
    document = f"<html><body><p>{form_table.number}、{form_table.title}</p>{drawn}</body></html>"
    read = document_frames([(1, read_document("x.html", document.encode()))])
    files = table("files").conform(
        pl.DataFrame({"file_id": [1], "path": ["2021/x.html"], "partition": ["2021"], "bytes": [1], "modified_ns": [0]})
    )
    figures = normalize_batch(files, read["documents"], read["blocks"], read["cells"])["figures"]
    found = sorted(figures.select("row_code", "column_code", "value").iter_rows())
    assert found == sorted((cell["row_code"], cell["column_code"], cell["value"]) for cell in cells)


@pytest.mark.parametrize(("form_code", "table_code"), FORMS)
def test_the_english_drawing_has_no_chinese_left(form_code, table_code):
    form_table = load_forms()[form_code].table(table_code)
    cells = [
        {"row_code": row.code, "column_code": column.code, "raw_text": "1", "value": 1.0, "value_status": "reported",
         "value_reviewed": None, "table_code": table_code, "form_code": form_code}
        for clause in form_table.clauses for row in clause.rows for column in clause.columns
    ]  # fmt: skip
    english = re.sub(r'<span class="zh".*?</span>', "", draw_table(form_code, form_table, cells, Marks()))
    assert re.findall(r"[一-鿿]+", english) == []


def test_blanks_missing_cells_and_reviewed_values_are_told_apart():
    layout = table_layout("2021", "challenge")
    assert layout is not None
    row = {"table_code": "challenge", "form_code": "2021", "value": None, "value_reviewed": None}
    cells = [
        {**row, "row_code": r, "column_code": c, "raw_text": raw, "value_status": status, **more}
        for (r, c), raw, status, more in zip(
            layout.cells,
            ["", "3只", "7"],
            ["blank", "illegible", "reported"],
            [{}, {}, {"value": 7.0, "value_reviewed": 8.0}],
            strict=False,
        )
    ]
    kinds = [
        kind for kind, _ in read_page(draw_table("2021", load_forms()["2021"].table("challenge"), cells, Marks())).cells
    ]
    assert kinds[:3] == ["blank", "illegible", "reviewed"]
    assert set(kinds[3:]) == {"missing"}
    assert len(kinds) == 15


def test_breaches_without_a_row_stand_over_their_table():
    marks = mark_report([{"rule_id": "TXT-handled", "scope": "report", "delta": -34.0, "note": None},
                         {"rule_id": "STRUCT-cells", "scope": "request", "delta": 1.0, "note": None},
                         {"rule_id": "ID-current", "scope": "report", "delta": 1.0, "note": None}], [])  # fmt: skip
    assert [str(breach) for breach in marks.tables["request"]] == ["TXT-handled -34", "STRUCT-cells +1"]
    assert not marks.lines
