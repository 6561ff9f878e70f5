"""Figures for tests: real reports read by eye (`figures/*.csv`), and made-up ones whose identities all hold."""

import csv
import random
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import polars as pl

from schemas.form import load_forms
from schemas.identity import Cell, table_layout
from schemas.table import table

Table = dict[Cell, float | None]

_FOLDER = Path(__file__).parent / "figures"
_TABLE_NUMBERS = {"proactive": 1, "request": 2, "challenge": 3, "legacy": 4}


@cache
def read_report(name: str) -> dict[str, Table]:
    """Return the tables of a real report by table code; a blank cell is None."""
    tables: dict[str, Table] = {}
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            cell = (line["row_code"], line["column_code"])
            tables.setdefault(line["table_code"], {})[cell] = float(line["value"]) if line["value"] else None
    return tables


def form_of(code: str, cells: Table) -> str:
    """Return the first edition whose table has exactly these cells."""
    for form in load_forms():
        layout = table_layout(form, code)
        if layout is not None and set(cells) <= set(layout.cells):
            return form
    raise AssertionError(f"no edition has the cells of this {code} table")


def made_up_request(form: str, seed: int) -> Table:
    """Return a 表三 of random figures whose identities all hold."""
    generator = random.Random(seed)
    clause = load_forms()[form].table("request").clauses[0]
    applicants = [column.code for column in clause.columns if not column.is_total]
    outcomes = [row.code for row in clause.rows if row.kind == "leaf"]
    cells: Table = {}
    for applicant in applicants:
        counts = {outcome: generator.choice([0, 0, 1, 2, generator.randrange(300)]) for outcome in outcomes}
        handled, forward = sum(counts.values()), generator.randrange(20)
        carried = generator.randrange(handled + forward + 1)
        flows = {"new_received": handled + forward - carried, "carried_in": carried, "handled_total": handled,
                 "carried_forward": forward}  # fmt: skip
        memos = {row.code: generator.randrange(handled + 1) for row in clause.rows if row.kind == "memo"}
        cells |= {(row, applicant): float(value) for row, value in (flows | counts | memos).items()}
    for row in clause.rows:
        cells[row.code, "total"] = sum(cells[row.code, applicant] or 0 for applicant in applicants)
    return cells


def figures_of(
    reports: Mapping[int, Mapping[str, Mapping[Cell, float | None]]], forms: Mapping[str, str] | None = None
) -> pl.DataFrame:
    """Return frame `figures` for reports given as file_id → table code → cells; None is a blank cell."""
    lines = [
        {
            "file_id": file_id,
            "table_code": code,
            "form_code": (forms or {}).get(code) or form_of(code, dict(cells)),
            "row_code": row,
            "column_code": column,
            "value": value,
            "value_status": "blank" if value is None else "reported",
            "raw_text": "" if value is None else f"{value:g}",
            "table_number": _TABLE_NUMBERS[code],
            "row_number": number // 7 + 1,
            "column_number": number % 7 + 1,
        }
        for file_id, tables in reports.items()
        for code, cells in tables.items()
        for number, ((row, column), value) in enumerate(cells.items())
    ]
    return table("figures").conform(pl.DataFrame(lines, infer_schema_length=None))


def reports_of(figures: pl.DataFrame, year: int = 2021) -> pl.DataFrame:
    """Return frame `reports` with one row a file of `figures`."""
    files = figures.select(pl.col("file_id").unique().sort())
    return table("reports").conform(files.with_columns(year=pl.lit(year), agency_id=pl.col("file_id")))


def no_sections() -> pl.DataFrame:
    """Return an empty frame `sections`."""
    return table("sections").empty_frame()


def follow(earlier: Table, later: Table) -> Table:
    """Return `later` with what `earlier` carried forward carried in."""
    moved = {cell: value for cell, value in earlier.items() if cell[0] == "carried_forward"}
    return {**later, **{("carried_in", column): value for (_, column), value in moved.items()}}
