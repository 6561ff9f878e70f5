"""Measures and rates as SQL: what the load adds up, how a rate is made of it, and which cells stand behind a number.

The definitions stand in `schemas/measures.toml`. Queries under `schemas/views` and the load's own hold marks like
`{measures:s}`; `expand_marks` puts the SQL in their place, so that a rate is written down once for agencies, regions
and sectors alike.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from schemas.dimension import code_dimensions
from schemas.entry import SchemaDataError
from schemas.form import FLOW_CODES
from schemas.table import RATE_UNIT, load_measures, table
from schemas.vocabulary import MeasureKind

_MARK = re.compile(r"\{(\w+)(?::(\w+))?\}")
_FLOW_COLUMNS = {code: code for code in FLOW_CODES} | {"handled_total": "handled"}
_AXES = {
    "request": ("dim_request_outcome", "dim_applicant"),
    "challenge": ("dim_challenge_channel", "dim_challenge_result"),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """A sum of leaf cells of one statistic table.

    Attributes:
        rows: Row codes, every one that some edition has; none of a measure of the forms before 2019 alone.
        columns: Leaf column codes; None for all of them.
        pick: `sum`, or `max` where the columns stand in for one another over the editions.
        is_stock: A level at the end of the year: adds up over agencies, not over years.
        has_peers: Whether agencies are ranked by it.
    """

    name: str
    name_zh: str
    en: str
    zh: str
    unit: str
    table: str
    rows: tuple[str, ...]
    columns: tuple[str, ...] | None
    caveat: str | None = None
    pick: str = "sum"
    is_stock: bool = False
    has_peers: bool = False

    @property
    def kind(self) -> MeasureKind:
        """What the number is."""
        if self.unit == "元":
            return MeasureKind.AMOUNT
        return MeasureKind.STOCK if self.is_stock else MeasureKind.COUNT

    @property
    def is_flow(self) -> bool:
        """Whether `fact_request_flow` holds it, in a column of its own, and not a fact with a row a code."""
        return self.table == "request" and set(self.rows) <= set(_FLOW_COLUMNS)


@dataclass(frozen=True, slots=True)
class Rate:
    """A sum of measures divided by another: the first of each must be printed, other blanks count as 0.

    A measure that is null because a cell of it could not be read is no blank: nothing is known of the rate either.
    """

    name: str
    name_zh: str
    en: str
    zh: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    caveat: str

    @property
    def numerator_sql(self) -> str:
        """The numerator over columns named as the measures."""
        return _sum_of(self.numerator)

    @property
    def denominator_sql(self) -> str:
        """The denominator over columns named as the measures."""
        return _sum_of(self.denominator)


@cache
def measures() -> tuple[Measure, ...]:
    """Return every measure in file order.

    Raises:
        SchemaDataError: A row or column names nothing that any edition of the form has.
    """
    return tuple(map(_make_measure, load_measures()["measures"]))


@cache
def panel_measures() -> tuple[Measure, ...]:
    """Return the measures that agency_panel alone shows, in file order; see `measures`."""
    return tuple(map(_make_measure, load_measures()["panel_measures"]))


def _make_measure(entry: dict[str, Any]) -> Measure:
    return Measure(
        **{name: entry[name] for name in ("name", "name_zh", "en", "zh", "unit", "table")},
        rows=_expand_rows(entry["name"], entry["table"], entry.get("rows", ())),
        columns=_expand_columns(entry),
        caveat=entry.get("caveat"),
        pick=entry.get("pick", "sum"),
        is_stock=entry.get("is_stock", False),
        has_peers=entry.get("peers", False),
    )


@cache
def rates() -> tuple[Rate, ...]:
    """Return every rate in file order.

    Raises:
        SchemaDataError: A rate is made of something that is no measure.
    """
    known = {measure.name for measure in measures()}
    found = []
    for entry in load_measures()["rates"]:
        unknown = [name for name in (*entry["numerator"], *entry["denominator"]) if name not in known]
        if unknown:
            raise SchemaDataError(f"measures.toml: rate {entry['name']}: {unknown} are no measures")
        sides = {side: tuple(entry[side]) for side in ("numerator", "denominator")}
        found.append(Rate(**{**entry, **sides}))
    return tuple(found)


def expand_marks(query: str) -> str:
    """Return a query with SQL in the place of its marks.

    `{measures:s}` the columns of all measures of alias s; `{read_measures:u}` those that the load has added up, null
    where the list u.codes names them; `{rates}` the rates over columns of the measures' names and `unread_measures`;
    `{measure_sums}` and `{rate_sums}` both over a group of agencies; `{flow}`, `{outcome}`, `{challenge}`,
    `{proactive}` the measures of one fact as the load adds them up; `{values:alias}` and `{peer_values:alias}` a list
    of structs of code and value, of all measures and rates or of those that agencies are ranked by;
    `{values_of_two_years}` the same of alias n, with `value_before` of alias b.

    Raises:
        SchemaDataError: A mark is unknown.
    """
    return _MARK.sub(_expand_mark, query)


def sum_sql(name: str) -> str:
    """Return a measure over a group of agencies as SQL: a sum, or for a rate the rate of sums.

    Raises:
        SchemaDataError: There is no such measure.
    """
    for rate in rates():
        if rate.name == name:
            return _rate_sum_sql(rate).removesuffix(f" AS {name}")
    if name not in {measure.name for measure in measures()}:
        raise SchemaDataError(f"{name} is neither a measure nor a rate")
    return f"sum({name})"


def measure_rows() -> pl.DataFrame:
    """Return dim_measure: every measure and rate with its meaning; last those that agency_panel alone shows."""
    rows = [
        (m.name, m.name_zh, m.kind, m.unit, m.table, None, None, None, m.has_peers, m.zh, m.en, m.caveat)
        for m in measures()
    ] + [
        (
            r.name, r.name_zh, MeasureKind.RATE, RATE_UNIT, None, formula[r.name], " + ".join(r.numerator),
            " + ".join(r.denominator), True, r.zh, r.en, r.caveat,
        )
        for formula in [{column.name: column.formula for column in table("agency_year").columns}]
        for r in rates()
    ] + [
        (m.name, m.name_zh, m.kind, m.unit, m.table, None, None, None, m.has_peers, m.zh, m.en, m.caveat)
        for m in panel_measures()
    ]  # fmt: skip
    placed = [(code, position, *rest) for position, (code, *rest) in enumerate(rows, start=1)]
    return pl.DataFrame(placed, schema=table("dim_measure").polars_schema, orient="row")


@cache
def measure_cells() -> pl.DataFrame:
    """Return measure_cell: which cells of which table a measure adds up, and a rate's by side."""
    cells = {measure.name: list(_cells_of(measure)) for measure in (*measures(), *panel_measures())}
    rows = [(name, "value", *cell) for name, found in cells.items() for cell in found]
    for rate in rates():
        for part in ("numerator", "denominator"):
            members = {cell for name in getattr(rate, part) for cell in cells[name]}
            rows += [(rate.name, part, *cell) for cell in sorted(members)]
    return pl.DataFrame(rows, schema=table("measure_cell").polars_schema, orient="row")


def _expand_rows(name: str, table_code: str, terms: Iterable[str]) -> tuple[str, ...]:
    """Return the row codes that the terms name: a code, `@leaf` for every leaf, or `@group` for the leaves under it."""
    axis = code_dimensions()[_AXES[table_code][0] if table_code in _AXES else "dim_proactive_item"]
    leaves = axis.filter("is_leaf")["code"].to_list()
    rows: list[str] = []
    for term in terms:
        if term.startswith("@"):
            found = [code for code in leaves if term == "@leaf" or term[1:] in _above(axis, code)]
        else:
            found = [code for code in axis["code"] if code == term]
        if not found:
            raise SchemaDataError(f"measures.toml: {name}: no edition of the form has a row {term}")
        rows += [code for code in found if code not in rows]
    return tuple(rows)


def _above(axis: pl.DataFrame, code: str) -> Iterator[str]:
    """Yield the groups that a code stands under, the nearest first."""
    parents = dict(axis.select("code", "parent_code").iter_rows())
    while (parent := parents.get(code)) is not None:
        yield parent
        code = parent


def _expand_columns(entry: dict[str, Any]) -> tuple[str, ...] | None:
    """Return the columns that a measure names, all leaves but `except_columns`, or None for all of them."""
    if "except_columns" not in entry:
        return tuple(entry["columns"]) if "columns" in entry else None
    axis = code_dimensions()[_AXES[entry["table"]][1]]
    leaves = axis.filter("is_leaf")["code"].to_list()
    if unknown := sorted(set(entry["except_columns"]) - set(leaves)):
        raise SchemaDataError(f"measures.toml: {entry['name']}: no edition of the form has a column {unknown}")
    return tuple(code for code in leaves if code not in entry["except_columns"])


def _cells_of(measure: Measure) -> Iterable[tuple[str, str, str]]:
    dimensions = code_dimensions()
    if measure.table in _AXES:
        leaves = dimensions[_AXES[measure.table][1]].filter("is_leaf")["code"].to_list()
        pairs = [(row, column) for row in measure.rows for column in measure.columns or leaves]
    else:
        known = set(dimensions["dim_proactive_measure"].select("item_code", "measure_code").iter_rows())
        pairs = [(row, column) for row in measure.rows for column in measure.columns or () if (row, column) in known]
    return [(measure.table, row, column) for row, column in pairs]


def _sum_of(names: Sequence[str]) -> str:
    first, *others = names
    unread = "list_contains(string_split(unread_measures, ', '), '{name}')"
    term = f"coalesce({{name}}, CASE WHEN {unread} THEN NULL ELSE 0 END)"
    return " + ".join([first, *(term.format(name=name) for name in others)])


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(f"'{code}'" for code in codes)


def _load_expression(measure: Measure) -> str:
    """Return the aggregate with which the load makes a measure of the rows of one report."""
    if measure.is_flow:
        only = f" FILTER (applicant_code IN ({_listed(measure.columns)}))" if measure.columns else ""
        return f"sum({_FLOW_COLUMNS[measure.rows[0]]}){only} AS {measure.name}"
    value, row, column = {
        "request": ("requests", "outcome_code", "applicant_code"),
        "challenge": ("cases", "channel_code", "result_code"),
        "proactive": ("value", "item_code", "measure_code"),
    }[measure.table]
    where = f"{row} IN ({_listed(measure.rows)})"
    if measure.columns:
        where += f" AND {column} IN ({_listed(measure.columns)})"
    return f"{measure.pick}({value}) FILTER ({where}) AS {measure.name}"


def _of_fact(fact: str) -> Callable[[str], list[str]]:
    def expressions(_alias: str) -> list[str]:
        chosen = [m for m in measures() if (m.is_flow if fact == "flow" else m.table == fact and not m.is_flow)]
        return [_load_expression(measure) for measure in chosen]

    return expressions


def _rate_sql(rate: Rate) -> str:
    return f"({rate.numerator_sql}) / nullif({rate.denominator_sql}, 0) AS {rate.name}"


def _rate_sum_sql(rate: Rate) -> str:
    """Return a rate over a group: of sums, and only over the agencies that print both of its sides."""
    both = f"({rate.numerator_sql}) IS NOT NULL AND ({rate.denominator_sql}) IS NOT NULL"
    above, below = (f"sum({side}) FILTER ({both})" for side in (rate.numerator_sql, rate.denominator_sql))
    return f"{above} / nullif({below}, 0) AS {rate.name}"


def _structs(names: Iterable[str], alias: str) -> list[str]:
    return [f"struct_pack(code := '{name}', value := {alias}.{name})" for name in names]


def _all_names() -> list[str]:
    return [*(m.name for m in measures()), *(r.name for r in rates())]


def ranked_names() -> list[str]:
    """Return the measures and rates that agencies are ranked by."""
    return [*(m.name for m in measures() if m.has_peers), *(r.name for r in rates())]


_MARKS: dict[str, Callable[[str], list[str]]] = {
    "measures": lambda alias: [f"{alias}.{m.name}" if alias else m.name for m in measures()],
    "read_measures": lambda alias: [
        f"CASE WHEN {alias}.codes IS NULL OR NOT list_contains({alias}.codes, '{m.name}') THEN {m.name} END AS {m.name}"
        for m in measures()
    ],
    "rates": lambda _: [_rate_sql(rate) for rate in rates()],
    "measure_sums": lambda _: [f"sum({m.name}) AS {m.name}" for m in measures()],
    "rate_sums": lambda _: [_rate_sum_sql(rate) for rate in rates()],
    "flow": _of_fact("flow"),
    "outcome": _of_fact("request"),
    "challenge": _of_fact("challenge"),
    "proactive": _of_fact("proactive"),
    "values": lambda alias: _structs(_all_names(), alias),
    "values_of_two_years": lambda _: [
        f"struct_pack(code := '{name}', value := n.{name}, value_before := b.{name})" for name in _all_names()
    ],
    "peer_values": lambda alias: _structs(ranked_names(), alias),
}


def _expand_mark(match: re.Match[str]) -> str:
    name, alias = match.groups()
    if name not in _MARKS:
        raise SchemaDataError(f"a query holds the mark {match.group()}, which is none of {sorted(_MARKS)}")
    return ",\n    ".join(_MARKS[name](alias or ""))
