"""The code dimensions of the warehouse, derived from the form editions so that a new edition needs no second list."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from schemas.entry import read_data
from schemas.form import Clause, Form, Label, form_for_year, load_forms
from schemas.legacy import GENERATION, all_forms
from schemas.table import table
from schemas.vocabulary import FIRST_YEAR

_NUMBERING = re.compile(r"^(?:（[一二三四五六七八九十]+）|[一二三四五六七八九十]+、|[0-9]+[.．、]|其中[：:])\s*")
_UNIT_NOTE = re.compile(r"（单位[：:][^）]*）$")
_YUAN = "元"
_BEFORE_2019 = (GENERATION, "各省统计表", "Provincial statistical forms", None)

# dimension → (statistic table, axis of its form tables whose labels are the codes)
_CODE_DIMENSIONS = {
    "dim_request_outcome": ("request", "row"),
    "dim_applicant": ("request", "column"),
    "dim_challenge_channel": ("challenge", "row"),
    "dim_challenge_result": ("challenge", "column"),
    "dim_proactive_item": ("proactive", "row"),
    "dim_legacy_indicator": ("legacy", "row"),
}


@dataclass(frozen=True, slots=True)
class _Entry:
    label: Label
    form: Form
    position: int
    is_group: bool


def name_from_label(label: str) -> str:
    """Return an official label without its numbering and its note on the unit: what a person would call the thing.

    >>> [name_from_label(label) for label in ("（六）其他处理", "1.重复申请", "本年收费金额（单位：万元）")]
    ['其他处理', '重复申请', '本年收费金额']
    """
    return _UNIT_NOTE.sub("", _NUMBERING.sub("", label))


@cache
def code_dimensions() -> dict[str, pl.DataFrame]:
    """Return every dimension that the forms define, by table name."""
    frames = {name: _code_dimension(name, *source) for name, source in _CODE_DIMENSIONS.items()}
    frames["dim_proactive_measure"] = _measure_dimension()
    return frames


def year_dimension(years: Iterable[int]) -> pl.DataFrame:
    """Return dim_year from 2008 to the last of `years`, and at least to the first year of the latest edition."""
    last = max([*years, *(form.first_year for form in load_forms().values()), FIRST_YEAR])
    rows = []
    for year in range(FIRST_YEAR, last + 1):
        form = form_for_year(year)
        rows.append((year, form.code, form.name, form.en, form.source) if form else (year, *_BEFORE_2019))
    return pl.DataFrame(rows, schema=table("dim_year").polars_schema, orient="row")


def deadline_rows() -> pl.DataFrame:
    """Return dim_deadline from `schemas/deadlines.toml`: a row a kind of agency and period."""
    rows = [
        {**{name: entry.get(name) for name in ("from_year", "to_year", "month", "day", "source")}, "agency_type": kind}
        for entry in read_data("deadlines.toml")["deadlines"]
        for kind in entry["agency_types"]
    ]
    return _frame("dim_deadline", rows)


def _code_dimension(name: str, table_code: str, axis: str) -> pl.DataFrame:
    """Return one dimension: a row a code over all editions, named and placed as in the latest edition that has it.

    Its place among the leaves or groups is a fact of each edition: `other` is a leaf of 2019 and a group of 2021, so it
    is both here, and an edition that splits a row never hides the figures of an older one.
    """
    entries: dict[str, list[_Entry]] = {}
    for form in all_forms().values():
        for entry in _axis_entries(form, table_code, axis):
            entries.setdefault(entry.label.code, []).append(entry)
    rows = []
    parents = {entry.label.parent for found in entries.values() for entry in found}
    columns = [column.name for column in table(name).columns]
    for code, found in entries.items():
        latest = found[-1]
        own = [entry.label for entry in found if not entry.is_group]
        kind = ("total" if own[-1].is_total else own[-1].kind) if own else "group"
        row = {
            "code": code, "name_zh": name_from_label(latest.label.label), "name_en": latest.label.en,
            "parent_code": latest.label.parent, "position": latest.position, "kind": kind,
            "is_leaf": kind == "leaf", "is_group": code in parents,
            "first_form": found[0].form.code, "last_form": latest.form.code, "unit": latest.label.unit,
            "value_kind": latest.label.value_kind or "count",
        }  # fmt: skip
        rows.append({column: row[column] for column in columns})
    return _frame(name, rows).sort("position", "code")


def _axis_entries(form: Form, table_code: str, axis: str) -> Iterator[_Entry]:
    """Yield the labels of one axis in form order, each group before its first member and no code twice."""
    seen: set[str] = set()
    for clause in _clauses(form, table_code):
        labels, groups = (clause.rows, clause.row_groups) if axis == "row" else (clause.columns, clause.column_groups)
        group_by_code = {group.code: group for group in groups}
        for label in labels:
            for entry, is_group in [(group_by_code.get(label.parent or ""), True), (label, False)]:
                if entry is not None and entry.code not in seen:
                    seen.add(entry.code)
                    yield _Entry(entry, form, len(seen), is_group)


def _measure_dimension() -> pl.DataFrame:
    rows: dict[tuple[str, str], dict[str, str | None]] = {}
    for form in load_forms().values():
        for clause in _clauses(form, "proactive"):
            for item in clause.rows:
                for measure in clause.columns:
                    key = (item.code, measure.code)
                    kind = clause.value_kind_of(measure)
                    first = rows[key]["first_form"] if key in rows else form.code
                    rows[key] = {
                        "item_code": item.code, "measure_code": measure.code, "name_zh": name_from_label(measure.label),
                        "name_en": measure.en, "value_kind": kind,
                        "unit": _YUAN if kind == "amount" else clause.unit_of(measure),
                        "first_form": first, "last_form": form.code,
                    }  # fmt: skip
    return _frame("dim_proactive_measure", list(rows.values())).sort("item_code", "measure_code")


def _clauses(form: Form, table_code: str) -> tuple[Clause, ...]:
    return tuple(clause for entry in form.tables if entry.code == table_code for clause in entry.clauses)


def _frame(name: str, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=table(name).polars_schema)
