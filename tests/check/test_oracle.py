"""The vectorised engine against a plain walk over each report: the same outcome, whatever is wrong."""

import random
from collections import Counter
from collections.abc import Iterator

import polars as pl
import pytest

from pipelines.check.catalogue import current_identities
from pipelines.check.engine import evaluate_rules
from schemas.check import LinearCheck
from schemas.identity import Cell, Identity
from schemas.rule import load_rules
from schemas.vocabulary import ValueStatus
from tests.bench_rules import make_batch
from tests.check.builders import reports_of

Scope = tuple[int, str, str]
Figure = tuple[float | None, str]
Outcome = tuple[str, float | None, float | None]

IDENTITY_RULES = {rule.id for rule in load_rules().values() for check in rule.checks if isinstance(check, LinearCheck)}


def damage(figures: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Leave a third of the reports as they are; in the others misprint, blank, drop or double a figure in fifty."""
    generator = random.Random(seed)
    rows = []
    for row in figures.iter_rows(named=True):
        what = generator.choice(("", "misprint", "blank", "illegible", "drop", "double")) if row["file_id"] % 3 else ""
        if what and generator.random() < 0.02:
            if what == "misprint":
                row["value"] = (row["value"] or 0.0) + generator.choice((1.0, 9.0, 90.0))
                row["value_status"] = ValueStatus.REPORTED.value
            elif what in ("blank", "illegible"):
                row |= {"value": None, "value_status": what}
            elif what == "double":
                rows.append(row | {"row_number": row["row_number"] + 100})
        if what != "drop" or generator.random() >= 0.02:
            rows.append(row)
    return pl.DataFrame(rows, schema=figures.schema, orient="row")


def walk(figures: pl.DataFrame, *, takes_blanks_for_zeros: bool = False) -> Iterator[tuple[Scope, Outcome]]:
    """Yield what every identity comes to, cell by cell."""
    tables: dict[tuple[int, str, str], list[tuple[Cell, Figure]]] = {}
    names = ("file_id", "form_code", "table_code", "row_code", "column_code", "value", "value_status")
    for file_id, form, code, row, column, value, status in figures.select(names).iter_rows():
        is_zero = takes_blanks_for_zeros and status == ValueStatus.BLANK
        figure = (0.0, ValueStatus.REPORTED.value) if is_zero else (value, status)
        tables.setdefault((file_id, form, code), []).append(((row, column), figure))
    for (file_id, form, code), found in tables.items():
        times = Counter(cell for cell, _ in found)
        printed = {cell: figure for cell, figure in found if times[cell] == 1}
        for identity in current_identities(form, code):
            yield (file_id, identity.rule_id, identity.scope), evaluate(identity, printed)


def evaluate(identity: Identity, printed: dict[Cell, Figure]) -> Outcome:
    sides = []
    for side in (identity.left, identity.right):
        figures = [(printed.get(cell, (None, "missing")), sign) for cell, sign in side.current]
        if any(status != ValueStatus.REPORTED for (_, status), _ in figures):
            return "not_assessable", None, None
        sides.append(sum((value or 0.0) * sign for (value, _), sign in figures))
    left, right = sides
    holds = abs(left - right) <= 1e-6 if identity.relation == "=" else left - right <= 1e-6
    return "pass" if holds else "fail", left, right


@pytest.mark.parametrize("seed", range(4))
def test_the_engine_says_what_a_walk_over_the_cells_says(seed: int) -> None:
    figures = damage(make_batch(120, seed)["figures"], seed)
    quality = evaluate_rules(figures, reports_of(figures)).quality.filter(
        pl.col("rule_id").is_in(IDENTITY_RULES), pl.col("scope") != "table"
    )
    columns = ("file_id", "rule_id", "scope", "note", "status", "left_value", "right_value")
    found = {
        (file, rule, scope): (note, tuple(rest)) for file, rule, scope, note, *rest in quality.select(columns).rows()
    }
    plain, with_zeros = dict(walk(figures)), dict(walk(figures, takes_blanks_for_zeros=True))
    assert found.keys() == plain.keys()
    for key, (note, outcome) in found.items():
        # The engine knows better only where a blank can mean nothing but zero, and then it says so.
        assert outcome == (with_zeros if note == "blank_as_zero" else plain)[key], (key, note)
    assert {outcome[0] for outcome in plain.values()} == {"pass", "fail", "not_assessable"}
    assert {note for note, _ in found.values()} == {None, "blank", "blank_as_zero", "illegible", "missing", "duplicate"}
