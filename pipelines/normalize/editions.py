"""Which edition of the form a table's own labels fit: clause by clause, since reports mix them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from pipelines.normalize.rows import DataRow, RowChoice
from schemas.form import Clause, FormTable, load_forms


@dataclass(frozen=True, slots=True)
class ClauseForm:
    """One clause as one edition has it.

    Attributes:
        cells: Every (row code, column code) that the clause prints.
    """

    form_code: str
    table: FormTable
    clause: Clause
    cells: frozenset[tuple[str, str]]


@cache
def clause_forms(table_code: str) -> tuple[ClauseForm, ...]:
    """Return every clause of a table in every edition, newest edition first."""
    return tuple(
        ClauseForm(
            form.code,
            form.table(table_code),
            clause,
            frozenset((row.code, column.code) for row in clause.rows for column in clause.columns),
        )
        for form in reversed(load_forms().values())
        for clause in form.table(table_code).clauses
    )


@cache
def clauses_named(table_code: str, clause_code: str | None) -> tuple[tuple[FormTable, Clause], ...]:
    """Return the clause called `clause_code` in every edition, or all clauses of the table where it is None."""
    return tuple(
        (item.table, item.clause)
        for item in clause_forms(table_code)
        if clause_code is None or item.clause.code == clause_code
    )


@cache
def only_clause(table_code: str) -> str | None:
    """Return the clause of a table that has one alone, else None."""
    codes = {item.clause.code for item in clause_forms(table_code)}
    return codes.pop() if len(codes) == 1 else None


@cache
def has_totals(table_code: str) -> bool:
    """Tell whether an edition prints sums of a table's columns, by which a reading can be proved."""
    return any(column.is_total for item in clause_forms(table_code) for column in item.clause.columns)


@cache
def followers(table_code: str, row_code: str | None) -> frozenset[str]:
    """Return the rows that come right after one, in any edition."""
    orders = [[row.code for row in item.clause.rows] for item in clause_forms(table_code)]
    return frozenset(after for codes in orders for code, after in pairwise(codes) if code == row_code)


@cache
def group_codes(table_code: str) -> frozenset[str]:
    """Return the groups that rows stand under, in any edition."""
    return frozenset(group.code for item in clause_forms(table_code) for group in item.clause.row_groups)


def heads_of(table_code: str, codes: Collection[str | None]) -> set[str | None]:
    """Return what stands over some rows in any edition, be it a group's label or a row of another edition."""
    return {label.parent for item in clause_forms(table_code) for label in item.clause.rows if label.code in codes}


@cache
def row_choices(table_code: str) -> tuple[RowChoice, ...]:
    """Return the rows that any edition prints, in form order, those of the older editions at their own places.

    Each is spelled and numbered as any edition does: a slip is like the label of the form that was printed.
    """
    spellings: dict[tuple[str, str], dict[str, None]] = {}
    for item in clause_forms(table_code):
        for row in item.clause.rows:
            spellings.setdefault((item.clause.code, row.code), {}).update(dict.fromkeys(row.spellings))
    places: dict[tuple[str, str], RowChoice] = {}
    for item in clause_forms(table_code):
        offset = 1_000.0 * _clause_order(table_code, item.clause.code)
        last = offset
        for row in item.clause.rows:
            key = (item.clause.code, row.code)
            if key not in places:
                last += 0.001 if places and item.form_code != clause_forms(table_code)[0].form_code else 1.0
                variants = tuple(spelling for spelling in spellings[key] if spelling != row.label)
                places[key] = RowChoice(replace(row, variants=variants), item.clause.code, last)
            last = places[key].place
    return tuple(sorted(places.values(), key=lambda choice: choice.place))


def _clause_order(table_code: str, clause_code: str) -> int:
    codes = sorted({item.clause.code for item in clause_forms(table_code)})
    return codes.index(clause_code)


def choose_forms(table_code: str, rows: Sequence[DataRow]) -> dict[str | None, tuple[str, ...]]:
    """Return for each clause the editions that its rows and columns fit best; several where they fit equally.

    The measure is the share of cells that table and edition have in common (Jaccard).
    """
    found: dict[str | None, set[tuple[str, str]]] = {}
    for row in rows:
        cells = found.setdefault(row.clause, set())
        for _, column in row.assigned or ():
            code = column.row_code or row.code
            if code is not None and column.code is not None:
                cells.add((code, column.code))
    return {clause: _best_forms(table_code, clause, cells) for clause, cells in found.items()}


def _best_forms(table_code: str, clause: str | None, cells: set[tuple[str, str]]) -> tuple[str, ...]:
    fitting = [item for item in clause_forms(table_code) if clause is None or item.clause.code == clause]
    scores: dict[str, float] = {}
    for item in fitting:
        union = len(cells | item.cells)
        scores[item.form_code] = max(scores.get(item.form_code, 0.0), len(cells & item.cells) / union if union else 0.0)
    best = max(scores.values(), default=0.0)
    found = {code for code, score in scores.items() if score == best and best > 0}
    return tuple(sorted(found | _not_told_apart(cells, fitting, found)))


def _not_told_apart(cells: set[tuple[str, str]], fitting: Sequence[ClauseForm], best: set[str]) -> set[str]:
    """Return the editions that a table cut short fits as well: each prints cells that no other does, and none is there.

    The shorter edition would else be the better fit for the beginning of any table.
    """
    holding = [item for item in fitting if cells <= item.cells]
    winners = [item.cells for item in holding if item.form_code in best]
    return {
        item.form_code
        for item in holding
        if any(not item.cells <= winner and not winner <= item.cells for winner in winners)
    }
