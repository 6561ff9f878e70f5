"""Which figure of which generation of forms stands for which harmonised measure, from `schemas/bridge.toml`."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from schemas.entry import SchemaDataError, prove_entry, read_data
from schemas.form import lineage, load_forms
from schemas.legacy import GENERATION, all_forms
from schemas.measure import Rate, measure_cells, measure_rows, rates
from schemas.table import table
from schemas.vocabulary import Comparability, MeasureKind

BridgeCell = tuple[str, str, str | None]
"""Table, row and column code; None for every column of the row that is no total."""

_MANY = 1_000
_UNTOLD = "…"  # stands in an offered line for what only a person knows
_LIKELY = (Comparability.NONE, Comparability.SAME, Comparability.SUM_OF)  # by the number of cells: none, one, more
# How many cells go with a comparability: at least, at most.
_CELL_COUNTS = {
    Comparability.NONE: (0, 0), Comparability.SAME: (1, 1), Comparability.SUM_OF: (2, _MANY),
    Comparability.REDEFINED: (1, _MANY),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Told:
    """What an entry of the data file says of one generation of forms.

    Attributes:
        cells: Of an edition of the national form None, where they are those that the measure adds up in it.
    """

    form_code: str
    comparability: str
    reason_en: str
    reason_zh: str
    cells: tuple[str, ...] | None = None


@cache
def bridge_rows() -> pl.DataFrame:
    """Return form_bridge: a row a measure, generation of forms and cell, and one without a cell where there is none.

    Rates follow without cells, as comparable as the measures that they are made of.

    Raises:
        SchemaDataError: A measure has no entry or an entry is of no measure; an entry leaves out a generation, names a
            cell that no form of it has, has more or fewer cells than its comparability says, or names other cells of an
            edition than the measure adds up.
    """
    entries = read_data("bridge.toml")["measures"]
    stated = [entry["code"] for entry in entries]
    wanted = measure_rows().filter(pl.col("kind") != MeasureKind.RATE.value)["code"].to_list()
    if lacking := sorted(set(wanted) - set(stated)):
        raise SchemaDataError(f"bridge.toml has no entry for {lacking} of measures.toml: add one that names every form")
    if spare := [code for code in dict.fromkeys(stated) if code not in wanted or stated.count(code) > 1]:
        raise SchemaDataError(f"bridge.toml: {spare} is no measure of measures.toml, or stands twice")
    found = bridge_from_entries(entries)
    return pl.concat([found, _rate_rows(found)]).sort("position", "form_code", "cell_number")


def bridge_from_entries(entries: list[dict[str, Any]]) -> pl.DataFrame:
    """Return form_bridge of the measures in the entries of the data file; see `bridge_rows`."""
    generations = (GENERATION, *load_forms())
    named = _named_measures()
    rows: list[dict[str, object]] = []
    amiss: list[str] = []
    for entry in entries:
        for form, source in _inherit(entry, generations):
            code = form["form_code"]
            where = f"bridge.toml: {entry['code']}, {code}"
            comparability = Comparability(form["comparability"])
            cells = _cells_of(entry["code"], form, source, comparability, where)
            gone = [cell for cell in cells if cell not in known_cells(code)]
            if gone and (source == code or entry["code"] not in _summed()):
                raise SchemaDataError(f"{where}: no form of that generation has {_listed(gone)}: mend `cells`")
            if complaint := _compare_with_sum(entry["code"], code, source, comparability, cells):
                amiss.append(complaint)
            rows += [named[entry["code"]] | row for row in _form_rows(form, comparability, cells)]
    if amiss:
        raise SchemaDataError("bridge.toml: what it names is not what the measure adds up\n  " + "\n  ".join(amiss))
    return table("form_bridge").conform(pl.DataFrame(rows, infer_schema_length=None))


def _inherit(entry: dict[str, Any], generations: Iterable[str]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield what an entry says of every generation, and of which: one it does not name is as the one it follows."""
    for form in entry["forms"]:
        where = f"bridge.toml: {entry['code']}, {form.get('form_code', '?')}"
        prove_entry(_Told, form, where)
        if form["comparability"] not in list(Comparability):
            wanted = ", ".join(Comparability)
            raise SchemaDataError(f"{where}: comparability {form['comparability']!r} is none of {wanted}")
        if _UNTOLD in (form["reason_en"], form["reason_zh"]):
            raise SchemaDataError(f"{where}: say in reason_en and reason_zh why it compares so")
    forms: dict[str, dict[str, Any]] = {form["form_code"]: form for form in entry["forms"]}
    if len(forms) != len(entry["forms"]):
        raise SchemaDataError(f"bridge.toml: {entry['code']} names a generation twice")
    if unknown := sorted(set(forms) - set(generations)):
        raise SchemaDataError(f"bridge.toml: {entry['code']} names what is no generation: {unknown}")
    for code in generations:
        source = next((older for older in lineage(code) if older in forms), None)
        if source is None:
            raise SchemaDataError(
                f"bridge.toml: {entry['code']} says nothing of form {code}: add it, or let forms/{code}.toml say which "
                "edition it follows"
            )
        yield {**forms[source], "form_code": code}, source


def _compare_with_sum(
    measure: str, code: str, source: str, comparability: Comparability, cells: list[BridgeCell]
) -> str | None:
    """Return what is amiss where the cells named of an edition are not those that the measure adds up in it.

    Else agency_year, which adds up, and agency_panel, which follows the bridge, would show two figures under one name.
    A row named whole takes in whatever columns the edition has, so a new column alone is nothing new.
    """
    if code not in load_forms() or measure not in _summed():
        return None
    leaves = _leaf_cells(code)
    added = _summed()[measure] & leaves.keys()
    told = {leaf for leaf in leaves if leaf in cells or (*leaf[:2], None) in cells}
    gone = [cell for cell in cells if cell not in known_cells(code)]
    nearest = comparability is Comparability.REDEFINED and added <= told
    if not gone and (told == added or nearest):
        return None
    found = {
        "adds up": ", ".join(_shorten(added - told, leaves)),
        "does not add up": ", ".join(_shorten(told - added, leaves)),
    }
    ways = [f"{words} {listed}" for words, listed in (found | {"no longer has": _listed(gone)}).items() if listed]
    if source == code:
        return f"{measure}: in form {code} it {' and '.join(ways)}: mend `cells` here or `rows` in measures.toml"
    return (
        f"{measure}: in form {code} it {' and '.join(ways)}, other than in {source}, which that follows: say how it "
        f'compares, with {{ form_code = "{code}", comparability = "{_LIKELY[min(2, len(_shorten(added, leaves)))]}", '
        f'reason_en = "{_UNTOLD}", reason_zh = "{_UNTOLD}" }},'
    )


@cache
def _summed() -> dict[str, frozenset[BridgeCell]]:
    """Return the cells that each measure adds up, over all editions."""
    cells = measure_cells().filter(part="value").select("measure_code", "table_code", "row_code", "column_code")
    found: dict[str, set[BridgeCell]] = {}
    for measure, *cell in cells.iter_rows():
        found.setdefault(measure, set()).add((cell[0], cell[1], cell[2]))
    return {measure: frozenset(own) for measure, own in found.items()}


@cache
def _leaf_cells(code: str) -> dict[BridgeCell, None]:
    """Return the cells of an edition outside its total columns, as keys in the order of the form."""
    return {
        (item.code, row.code, column.code): None
        for item in load_forms()[code].tables
        for clause in item.clauses
        for row in clause.rows
        for column in clause.columns
        if not column.is_total
    }


def _shorten(cells: Container[BridgeCell], leaves: Iterable[BridgeCell]) -> list[str]:
    """Return the `cells` among an edition's leaf cells as the data file writes them, a whole row by itself."""
    rows = Counter(leaf[:2] for leaf in leaves)
    own = Counter(leaf[:2] for leaf in leaves if leaf in cells)
    found = [leaf[:2] if own[leaf[:2]] == rows[leaf[:2]] > 1 else leaf for leaf in leaves if leaf in cells]
    return list(dict.fromkeys(".".join(filter(None, cell)) for cell in found))


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


@cache
def known_cells(generation: str) -> frozenset[BridgeCell]:
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
    form: dict[str, Any], comparability: Comparability, cells: list[BridgeCell]
) -> Iterator[dict[str, object]]:
    no_cell: list[tuple[str | None, str | None, str | None]] = [(None, None, None)]
    for number, (table_code, row_code, column_code) in enumerate(cells or no_cell, start=1):
        yield {
            "form_code": form["form_code"], "cell_number": number, "comparability": comparability.value,
            "table_code": table_code,
            "row_code": row_code, "column_code": column_code, "reason_en": form["reason_en"],
            "reason_zh": form["reason_zh"],
        }  # fmt: skip


def _cells_of(
    measure: str, form: dict[str, Any], source: str, comparability: Comparability, where: str
) -> list[BridgeCell]:
    """Return the cells that an entry names, or those that the measure adds up in the edition of whom it is said."""
    if "cells" not in form and (source not in load_forms() or measure not in _summed()):
        raise SchemaDataError(f"{where}: lacks ['cells']")
    told = form["cells"] if "cells" in form else _shorten(_summed()[measure], _leaf_cells(source))
    cells = [_parse_cell(text, where) for text in told]
    fewest, most = _CELL_COUNTS[comparability]
    if not fewest <= len(cells) <= most or len(set(cells)) != len(cells):
        raise SchemaDataError(f"{where}: {comparability} does not go with {len(cells)} cells, or one stands twice")
    return cells


def _listed(cells: Iterable[BridgeCell]) -> str:
    """Return cells as the data file writes them."""
    return ", ".join(".".join(filter(None, cell)) for cell in cells)


def _parse_cell(text: str, where: str) -> BridgeCell:
    parts = text.split(".")
    if len(parts) not in (2, 3):
        raise SchemaDataError(f"{where}: {text!r} is no cell; write table.row or table.row.column")
    return parts[0], parts[1], parts[2] if len(parts) == 3 else None
