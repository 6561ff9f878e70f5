"""Rules resolved against an edition of the form: the identities that hold between the cells of one table."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from schemas.check import LinearCheck, PartsCheck, Term
from schemas.entry import SchemaDataError
from schemas.form import Clause, FormTable, Label
from schemas.legacy import all_forms
from schemas.rule import Rule, load_rules

Cell = tuple[str, str]
"""Row code and column code."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an identity: cells of the report itself and of the year before, each with its sign."""

    current: tuple[tuple[Cell, int], ...] = ()
    previous: tuple[tuple[Cell, int], ...] = ()


@dataclass(frozen=True)
class Identity:
    """One rule for one row or column of one edition's table.

    Attributes:
        scope: The row or column code that it is about.
        anchor: The cell to show for it: the total where there is one.
    """

    rule_id: str
    scope: str
    relation: str
    left: Side
    right: Side
    anchor: Cell

    @cached_property
    def coefficients(self) -> dict[Cell, int]:
        """Left minus right as one coefficient a cell of the report itself."""
        joined: dict[Cell, int] = {}
        for side, factor in ((self.left, 1), (self.right, -1)):
            for cell, sign in side.current:
                joined[cell] = joined.get(cell, 0) + factor * sign
        return joined


@dataclass(frozen=True, slots=True)
class TableLayout:
    """The cells of one edition's table in form order, with what each may hold."""

    form_code: str
    table_code: str
    cells: tuple[Cell, ...]
    value_kinds: tuple[str, ...]
    clauses: tuple[Clause, ...]

    def label_of(self, code: str) -> Label:
        """Return the label of a row or column.

        Raises:
            KeyError: No clause of the table has the code.
        """
        for clause in self.clauses:
            for label in (*clause.rows, *clause.columns):
                if label.code == code:
                    return label
        raise KeyError(code)


@cache
def table_layout(form_code: str, table_code: str) -> TableLayout | None:
    """Return the layout of an edition's table, or None where the edition is unknown or has no such table."""
    form = all_forms().get(form_code)
    found = [table for table in form.tables if table.code == table_code] if form else []
    if not found:
        return None
    cells = {
        (row.code, column.code): clause.value_kind_of(column, row)
        for clause in found[0].clauses
        for row in clause.rows
        for column in clause.columns
    }
    return TableLayout(str(form_code), str(table_code), tuple(cells), tuple(cells.values()), found[0].clauses)


@cache
def table_identities(form_code: str, table_code: str) -> tuple[Identity, ...]:
    """Return every linear identity of an edition's table, those that reach into the year before among them."""
    table = all_forms()[form_code].table(table_code)
    found: list[Identity] = []
    for rule in load_rules().values():
        if rule.table_code == table_code and rule.applies_to(form_code, table_code):
            for check in rule.checks:
                if isinstance(check, LinearCheck):
                    try:
                        found += resolve_identities(rule, check, table)
                    except SchemaDataError as error:
                        raise SchemaDataError(
                            f"form {form_code}: {error}: mend the code in schemas/rules, or, where this edition "
                            "dropped it, give the check `if_present = true`"
                        ) from error
                elif isinstance(check, PartsCheck):
                    found += resolve_parts(rule, check, table)
    return tuple(found)


def resolve_parts(rule: Rule, check: PartsCheck, table: FormTable) -> Iterator[Identity]:
    """Yield the identities between indicators and their parts (其中), scope indicator/column (or part/column).

    >>> from schemas.legacy import load_legacy_forms
    >>> rule = load_rules()["LEG-parts"]
    >>> table = load_legacy_forms()["fujian_2014"].table("legacy")
    >>> [identity.scope for identity in resolve_parts(rule, rule.checks[0], table)][:2]
    ['requests_total/year', 'requests_total/cumulative']
    """
    for clause in table.clauses:
        for whole in clause.rows:
            if whole.parts != check.how:
                continue
            parts = [row.code for row in clause.rows if row.parent == whole.code]
            groups = [[part] for part in parts] if check.how == "each" else [parts]
            for column in clause.columns:
                anchor = (whole.code, column.code)
                for group in groups:
                    left = Side(tuple(((part, column.code), 1) for part in group))
                    relation = "=" if check.how == "sum" else "<="
                    scope = f"{group[0] if check.how == 'each' else whole.code}/{column.code}"
                    yield Identity(rule.id, scope, relation, left, Side(((anchor, 1),)), anchor)


def resolve_identities(rule: Rule, check: LinearCheck, table: FormTable) -> tuple[Identity, ...]:
    """Return `check` as identities between cells of `table`, one for each row or column that it runs over.

    Raises:
        SchemaDataError: The table lacks a code that the rule names, so the rule would silently not apply.

    >>> from schemas.form import load_forms
    >>> balance = load_rules()["T3-balance"]
    >>> identity = resolve_identities(balance, balance.checks[0], load_forms()["2021"].table("request"))[0]
    >>> identity.scope, identity.left.current[0], identity.anchor
    ('natural_person', (('new_received', 'natural_person'), 1), ('handled_total', 'natural_person'))
    """
    by_column = check.over == "columns"
    repeated = dict.fromkeys(
        label.code for clause in table.clauses for label in (clause.columns if by_column else clause.rows)
    )
    if check.if_present and not _has_terms(check, table, by_column=by_column):
        return ()
    missing = [code for code in check.only if code not in repeated]
    if missing and not check.if_present:
        raise SchemaDataError(f"rule {rule.id}: table {table.code} has no {check.over} {missing}")
    return tuple(
        _identity(rule, check, _clause_of(rule, table, scope, by_column=by_column), scope)
        for scope in (check.only or repeated)
        if scope not in missing
    )


def _has_terms(check: LinearCheck, table: FormTable, *, by_column: bool) -> bool:
    labels = tuple(label for clause in table.clauses for label in (clause.rows if by_column else clause.columns))
    return all(_members(term, labels) for term in (*check.left, *check.right))


def _identity(rule: Rule, check: LinearCheck, clause: Clause, scope: str) -> Identity:
    by_column = check.over == "columns"
    labels = clause.rows if by_column else clause.columns

    def side(terms: Iterable[Term]) -> Side:
        placed: dict[bool, list[tuple[Cell, int]]] = {False: [], True: []}
        for term in terms:
            for code in _codes(rule, term, labels):
                cell = (code, scope) if by_column else (scope, code)
                placed[term.is_previous_year].append((cell, term.sign))
        return Side(tuple(placed[False]), tuple(placed[True]))

    left, right = side(check.left), side(check.right)
    shown = right.current or left.current
    return Identity(rule.id, scope, check.relation, left, right, shown[0][0])


def _codes(rule: Rule, term: Term, labels: tuple[Label, ...]) -> list[str]:
    """Return the codes that a term stands for in an edition, one at least: a rule never silently says nothing."""
    found = _members(term, labels)
    if not found:
        raise SchemaDataError(f"rule {rule.id}: the edition has no row or column {term.code!r}")
    return found


def _members(term: Term, labels: tuple[Label, ...]) -> list[str]:
    if term.code == "@leaf":
        return [label.code for label in labels if label.kind == "leaf" and not label.is_total]
    if term.code == "@total":
        return [label.code for label in labels if label.kind == "total" or label.is_total]
    if term.code.startswith("@"):
        return [label.code for label in labels if label.parent == term.code[1:]]
    return [label.code for label in labels if label.code == term.code]


def _clause_of(rule: Rule, table: FormTable, scope: str, *, by_column: bool) -> Clause:
    holders = [
        clause
        for clause in table.clauses
        if any(label.code == scope for label in (clause.columns if by_column else clause.rows))
    ]
    if len(holders) != 1:
        raise SchemaDataError(f"rule {rule.id}: {scope} stands in {len(holders)} clauses of table {table.code}")
    return holders[0]
