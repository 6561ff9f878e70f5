"""Which figure of which generation of forms stands for which harmonised measure, from `schemas/bridge.toml`."""

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import polars as pl

from schemas.form import load_forms
from schemas.legacy import GENERATION, all_forms
from schemas.table import SchemaDataError, table
from schemas.vocabulary import Comparability

_EXACT_CELLS = {Comparability.NONE: (0, 0), Comparability.SAME: (1, 1), Comparability.REDEFINED: (1, 1)}


def bridge_rows() -> pl.DataFrame:
    """Return form_bridge: a row a measure, generation of forms and cell, and one without a cell where there is none.

    Raises:
        SchemaDataError: A measure leaves out a generation, names a cell that no form of it has, or has more or fewer
            cells than its comparability says.
    """
    text = (files("schemas") / "bridge.toml").read_text(encoding="utf-8")
    return bridge_from_entries(tomllib.loads(text)["measures"])


def bridge_from_entries(measures: list[dict[str, Any]]) -> pl.DataFrame:
    """Return form_bridge from the entries of the data file; see `bridge_rows`."""
    generations = {GENERATION: known_cells(GENERATION), **{code: known_cells(code) for code in load_forms()}}
    rows: list[dict[str, object]] = []
    for position, measure in enumerate(measures, start=1):
        stated = [form["form_code"] for form in measure["forms"]]
        if sorted(stated) != sorted(generations):
            raise SchemaDataError(f"bridge.toml: {measure['code']} names {stated}, it must name {sorted(generations)}")
        common = {"measure_code": measure["code"], "position": position, "unit": measure["unit"],
                  "name_zh": measure["name_zh"], "name_en": measure["name_en"]}  # fmt: skip
        for form in measure["forms"]:
            rows += [common | row for row in _form_rows(measure["code"], form, generations[form["form_code"]])]
    return table("form_bridge").conform(pl.DataFrame(rows, infer_schema_length=None))


def known_cells(generation: str) -> frozenset[tuple[str, str, str | None]]:
    """Return every cell that a form of the generation has, and every row by itself (column None)."""
    editions = load_forms()
    own = {code: code if code in editions else GENERATION for code in all_forms()}
    forms = [form for form in all_forms().values() if own[form.code] == generation]
    cells = {
        (item.code, row.code, column.code)
        for form in forms
        for item in form.tables
        for clause in item.clauses
        for row in clause.rows
        for column in clause.columns
    }
    return frozenset(cells | {(table_code, row, None) for table_code, row, _ in cells})


def _form_rows(
    measure: str, form: dict[str, Any], known: frozenset[tuple[str, str, str | None]]
) -> Iterator[dict[str, object]]:
    where = f"bridge.toml: {measure}, {form['form_code']}"
    comparability = Comparability(form["comparability"])
    cells = [_parse_cell(text, where) for text in form["cells"]]
    fewest, most = _EXACT_CELLS.get(comparability, (2, len(cells)))
    if not fewest <= len(cells) <= max(most, fewest) or len(set(cells)) != len(cells):
        raise SchemaDataError(f"{where}: {comparability} does not go with {len(cells)} cells, or one stands twice")
    if unknown := [cell for cell in cells if cell not in known]:
        raise SchemaDataError(f"{where}: no form of that generation has {unknown}")
    no_cell: list[tuple[str | None, str | None, str | None]] = [(None, None, None)]
    for number, (table_code, row_code, column_code) in enumerate(cells or no_cell, start=1):
        yield {
            "form_code": form["form_code"], "cell_number": number, "comparability": comparability.value,
            "table_code": table_code,
            "row_code": row_code, "column_code": column_code, "reason_en": form["reason_en"],
            "reason_zh": form["reason_zh"],
        }  # fmt: skip


def _parse_cell(text: str, where: str) -> tuple[str, str, str | None]:
    parts = text.split(".")
    if len(parts) not in (2, 3):
        raise SchemaDataError(f"{where}: {text!r} is no cell; write table.row or table.row.column")
    return parts[0], parts[1], parts[2] if len(parts) == 3 else None
