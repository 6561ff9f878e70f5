"""Which figure of which generation of forms stands for which harmonised measure, from `schemas/bridge.toml`."""

import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from schemas.form import lineage, load_forms
from schemas.legacy import GENERATION, all_forms
from schemas.measure import Rate, measure_cells, measure_rows, rates
from schemas.table import SchemaDataError, table
from schemas.vocabulary import Comparability, MeasureKind

_MANY = 1_000
# How many cells go with a comparability: at least, at most.
_CELL_COUNTS = {
    Comparability.NONE: (0, 0), Comparability.SAME: (1, 1), Comparability.SUM_OF: (2, _MANY),
    Comparability.REDEFINED: (1, _MANY),
}  # fmt: skip


@cache
def bridge_rows() -> pl.DataFrame:
    """Return form_bridge: a row a measure, generation of forms and cell, and one without a cell where there is none.

    Rates follow without cells, as comparable as the measures that they are made of.

    Raises:
        SchemaDataError: A measure has no entry or an entry is of no measure; an entry leaves out a generation, names a
            cell that no form of it has, or has more or fewer cells than its comparability says.
    """
    text = (files("schemas") / "bridge.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text)["measures"]
    stated = [entry["code"] for entry in entries]
    wanted = measure_rows().filter(pl.col("kind") != MeasureKind.RATE.value)["code"].to_list()
    if sorted(stated) != sorted(wanted):
        raise SchemaDataError(f"bridge.toml and measures.toml do not share {sorted(set(stated) ^ set(wanted))}")
    found = bridge_from_entries(entries)
    return pl.concat([found, _rate_rows(found)]).sort("position", "form_code", "cell_number")


def bridge_from_entries(entries: list[dict[str, Any]]) -> pl.DataFrame:
    """Return form_bridge of the measures in the entries of the data file; see `bridge_rows`."""
    generations = {GENERATION: known_cells(GENERATION), **{code: known_cells(code) for code in load_forms()}}
    named = _named_measures()
    rows: list[dict[str, object]] = []
    for entry in entries:
        for form in _inherit(entry, generations):
            told = _form_rows(entry["code"], form, generations[form["form_code"]])
            rows += [named[entry["code"]] | row for row in told]
    return table("form_bridge").conform(pl.DataFrame(rows, infer_schema_length=None))


def _inherit(entry: dict[str, Any], generations: Iterable[str]) -> list[dict[str, Any]]:
    """Return what an entry says of every generation: an edition it does not name stands as the one that it follows."""
    forms: dict[str, dict[str, Any]] = {form["form_code"]: form for form in entry["forms"]}
    if len(forms) != len(entry["forms"]):
        raise SchemaDataError(f"bridge.toml: {entry['code']} names a generation twice")
    if unknown := sorted(set(forms) - set(generations)):
        raise SchemaDataError(f"bridge.toml: {entry['code']} names what is no generation: {unknown}")
    found = []
    for code in generations:
        source = next((older for older in lineage(code) if older in forms), None)
        if source is None:
            raise SchemaDataError(
                f"bridge.toml: {entry['code']} says nothing of form {code}: add it, or let forms/{code}.toml say which "
                "edition it follows"
            )
        form = {**forms[source], "form_code": code}
        if source != code:
            _prove_inherited(entry["code"], form, source)
        found.append(form)
    return found


def _prove_inherited(measure: str, form: dict[str, Any], source: str) -> None:
    """Refuse what no longer is the measure: its rows or columns in the edition are not those of the one it follows."""
    if form["comparability"] not in (Comparability.SAME.value, Comparability.SUM_OF.value):
        return
    code = form["form_code"]
    summed = set(
        measure_cells()
        .filter(measure_code=measure, part="value")
        .select("table_code", "row_code", "column_code")
        .iter_rows()
    )
    own, older = summed & known_cells(code), summed & known_cells(source)
    if own != older:
        changed = sorted({".".join(cell[:2]) for cell in own ^ older})
        raise SchemaDataError(
            f"bridge.toml: {measure}: in form {code} it adds up other cells than in {source}, which it follows "
            f"({', '.join(changed)}): name form {code} with its cells and say how they compare"
        )


def _named_measures() -> dict[str, dict[str, object]]:
    """Return what form_bridge says of each measure and rate itself: dim_measure tells it, in short."""
    return {
        row["code"]: {
            "measure_code": row["code"], "position": row["position"], "unit": row["unit"], "name_zh": row["name_zh"],
            "name_en": row["description_en"].partition(".")[0],
        }
        for row in measure_rows().iter_rows(named=True)
    }  # fmt: skip


def _rate_rows(bridge: pl.DataFrame) -> pl.DataFrame:
    named = _named_measures()
    told = {
        (code, form): Comparability(found)
        for code, form, found in bridge.select("measure_code", "form_code", "comparability").iter_rows()
    }
    rows = [
        named[rate.name] | {"form_code": form, "cell_number": 1} | _rate_comparability(rate, form, told)
        for rate in rates()
        for form in sorted({form for _, form in told})
    ]
    return table("form_bridge").conform(pl.DataFrame(rows))


def _rate_comparability(rate: Rate, form: str, told: dict[tuple[str, str], Comparability]) -> dict[str, object]:
    """Return how far a rate can be compared: no further than any of its parts, not at all without its first ones."""
    parts = list(dict.fromkeys((*rate.numerator, *rate.denominator)))
    missing = [name for name in parts if told[name, form] is Comparability.NONE]
    moved = [name for name in parts if told[name, form] is Comparability.REDEFINED]
    lacking = [name for name in (rate.numerator[0], rate.denominator[0]) if name in missing]
    if lacking:
        names = ", ".join(lacking)
        found = (Comparability.NONE, f"The form does not have {names}.", f"该格式无 {names}。")
    elif moved or missing:
        names = ", ".join([*moved, *missing])
        found = (Comparability.REDEFINED, f"Counted by another rule: {names}.", f"{names} 口径不同。")
    else:
        found = (Comparability.SAME, "All its parts are the measures themselves.", "各组成指标口径一致。")
    return {"comparability": found[0].value, "reason_en": found[1], "reason_zh": found[2]}


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
    fewest, most = _CELL_COUNTS[comparability]
    if not fewest <= len(cells) <= most or len(set(cells)) != len(cells):
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
