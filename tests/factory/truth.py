"""Figures of an invented report that satisfy every identity of the form, drawn from a seed.

Rows, columns and labels come from `schemas.form.load_forms()`: the factory has no second list of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from schemas.form import Clause, Form, FormTable, Label, load_forms
from schemas.vocabulary import ValueStatus
from tests.factory.agencies import agency_name
from tests.factory.model import Figure, Key

SIZES = ("none", "small", "district", "city")
_SIZE_WEIGHTS = (2, 4, 3, 1)
_LARGEST = {"none": 0, "small": 6, "district": 400, "city": 20_000}
# Documents are drawn up to this year, those of a later edition from its first: closing an edition changes none of them.
_LAST_YEAR = 2025
_CHANCE_OF_FIGURE = {"none": 0.0, "small": 0.08, "district": 0.3, "city": 0.6}


@dataclass(frozen=True, slots=True)
class Truth:
    """What one invented agency has to report.

    Attributes:
        editions: Form code of each (table_code, clause_code) that was typed on another edition than `form_code`.
        figures: Every cell of the three tables as the agency would print it.
    """

    agency_name: str
    year: int
    form_code: str
    figures: Mapping[Key, Figure]
    editions: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def clauses(self) -> list[tuple[FormTable, Clause]]:
        """Return the clauses that the report prints, in order, each from its own edition."""
        return form_clauses(self.form_code, self.editions)

    def value(self, table: str, row: str, column: str) -> Decimal:
        """Return a figure as a number, a blank counted as nothing."""
        return self.figures[table, row, column].value or Decimal(0)


def form_clauses(form_code: str, editions: Mapping[tuple[str, str], str]) -> list[tuple[FormTable, Clause]]:
    """Return (table, clause) in printed order; a clause named in `editions` comes from that edition."""
    forms = load_forms()
    found = []
    for table in forms[form_code].tables:
        for clause in table.clauses:
            edition = forms[editions.get((table.code, clause.code), form_code)]
            twin = next(other for other in edition.table(table.code).clauses if other.code == clause.code)
            found.append((table, twin))
    return found


def make_truth(
    seed: int,
    form_code: str,
    *,
    year: int | None = None,
    size: str | None = None,
    editions: Mapping[tuple[str, str], str] | None = None,
    agency: str | None = None,
) -> Truth:
    """Return the figures of one invented report; the same arguments give the same figures on every machine.

    Args:
        seed: Chooses the agency, its size and every figure.
        form_code: Edition of the form.
        year: Report year; drawn from the edition's years where None.
        size: One of `SIZES`: how many requests the agency has; drawn where None.
        editions: Clauses typed on another edition, by (table_code, clause_code).
        agency: Name to use in place of a drawn one.
    """
    rng = Random(f"truth/{seed}/{form_code}")
    form = load_forms()[form_code]
    editions = dict(editions or {})
    year = year or rng.choice(_form_years(form))
    size = size or rng.choices(SIZES, _SIZE_WEIGHTS)[0]
    figures: dict[Key, Figure] = {}
    for table, clause in form_clauses(form_code, editions):
        if table.code == "proactive":
            figures |= _proactive_figures(table, clause, rng)
        elif table.code == "request":
            figures |= _request_figures(table, clause, rng, size)
        else:
            figures |= _summed_figures(table, clause, rng, "small" if size != "none" else size)
    return Truth(agency or agency_name(rng.randrange(10**6)), year, form_code, figures, editions)


def broken_identities(truth: Truth) -> list[str]:
    """Return the identities of the form that the figures break, each named with its row or column.

    The oracle of the factory: written against the form's meaning and not against the way in which figures are drawn.
    """
    broken = []
    for table, clause in truth.clauses():
        if table.code == "proactive":
            continue
        leaves = [column.code for column in clause.columns if not column.is_total]
        for row in clause.rows:
            parts = sum(truth.value(table.code, row.code, leaf) for leaf in leaves)
            if parts != truth.value(table.code, row.code, "total"):
                broken.append(f"{table.code}/{row.code}: columns")
        if table.code == "request":
            for column in clause.columns:
                broken += _broken_flow(truth, clause, column.code)
    return broken


def _broken_flow(truth: Truth, clause: Clause, column: str) -> list[str]:
    def value(row: str) -> Decimal:
        return truth.value("request", row, column)

    results = sum(value(row.code) for row in clause.rows if row.kind == "leaf")
    broken = [] if results == value("handled_total") else [f"request/{column}: results"]
    if value("new_received") + value("carried_in") != value("handled_total") + value("carried_forward"):
        broken.append(f"request/{column}: flow")
    return broken


def _form_years(form: Form) -> list[int]:
    last = max(form.first_year, _LAST_YEAR)
    return list(range(form.first_year, min(form.last_year or last, last) + 1))


def _draw_count(rng: Random, size: str) -> int:
    if rng.random() >= _CHANCE_OF_FIGURE[size]:
        return 0
    return int(rng.random() ** 4 * _LARGEST[size]) + 1


def _request_figures(table: FormTable, clause: Clause, rng: Random, size: str) -> dict[Key, Figure]:
    counts: dict[tuple[str, str], int] = {}
    leaves = [column.code for column in clause.columns if not column.is_total]
    for column in leaves:
        # Natural persons file nearly everything; institutions file a request here and there.
        scale = size if column == leaves[0] or size == "none" else SIZES[max(1, SIZES.index(size) - 1)]
        outcomes = {row.code: _draw_count(rng, scale) for row in clause.rows if row.kind == "leaf"}
        handled = sum(outcomes.values())
        carried_in = min(_draw_count(rng, scale), handled)
        carried_forward = _draw_count(rng, scale)
        outcomes |= {
            "handled_total": handled,
            "carried_in": carried_in,
            "carried_forward": carried_forward,
            "new_received": handled + carried_forward - carried_in,
        }
        # What else an edition tells of the requests (how many were late) is no more than what was handled.
        others = [row.code for row in clause.rows if row.code not in outcomes]
        outcomes |= {code: min(_draw_count(rng, scale), handled) for code in others}
        counts |= {(row, column): count for row, count in outcomes.items()}
    for row in clause.rows:
        counts[row.code, "total"] = sum(counts[row.code, column] for column in leaves)
    return {
        (table.code, row.code, column.code): Figure(Decimal(counts[row.code, column.code]))
        for row in clause.rows
        for column in clause.columns
    }


def _summed_figures(table: FormTable, clause: Clause, rng: Random, size: str) -> dict[Key, Figure]:
    figures = {}
    for row in clause.rows:
        counts = {column.code: _draw_count(rng, size) for column in clause.columns if not column.is_total}
        counts["total"] = sum(counts.values())
        for column in clause.columns:
            figures[table.code, row.code, column.code] = Figure(Decimal(counts[column.code]))
    return figures


def _proactive_figures(table: FormTable, clause: Clause, rng: Random) -> dict[Key, Figure]:
    figures = {}
    for row in clause.rows:
        largest = 10 ** rng.choice((0, 0, 1, 2, 3, 6))
        for column in clause.columns:
            figures[table.code, row.code, column.code] = _proactive_figure(clause, column, rng, largest)
    return figures


def _proactive_figure(clause: Clause, column: Label, rng: Random, largest: int) -> Figure:
    kind = clause.value_kind_of(column)
    if kind == "amount":
        places = rng.choice((0, 2, 4, 6))
        value = Decimal(rng.randrange(largest * 10**places)).scaleb(-places) if largest > 1 else Decimal(0)
        return Figure(value, ValueStatus.REPORTED, clause.unit_of(column) or "unknown")
    if kind == "change":
        return Figure(Decimal(rng.randrange(-largest, largest + 1) if largest > 1 else 0))
    return Figure(Decimal(rng.randrange(largest)))
