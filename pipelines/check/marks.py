"""Where breaches stand in the form: the cells that are suspected, the rows, columns and tables that break a rule."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.rule import load_rules
from schemas.vocabulary import Severity, TableCode

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that does not hold, and by how much.

    Attributes:
        delta: Left side less right side; None where the rule compares no numbers.
        note: What the engine remarked.
    """

    rule_id: str
    severity: Severity
    delta: float | None
    note: str | None

    def __str__(self) -> str:
        """Return it as it is shown beside a row or column.

        >>> str(Breach("T3-sum", Severity.ERROR, 6.0, None))
        'T3-sum +6'
        """
        return self.rule_id if self.delta is None else f"{self.rule_id} {self.delta:+.15g}"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value that, in place of a cell's, would make the identities hold; `is_unique` where nothing else would."""

    value: float
    is_unique: bool


@dataclass(frozen=True, slots=True)
class Marks:
    """What is to be marked in one report's tables.

    Attributes:
        cells: Suggestions by (table_code, row_code, column_code).
        lines: Breaches by (table_code, code of the row or column that they are about).
        tables: Breaches about a whole table, by table_code.
    """

    cells: Mapping[tuple[str, str, str], tuple[Suggestion, ...]] = field(default_factory=dict)
    lines: Mapping[tuple[str, str], tuple[Breach, ...]] = field(default_factory=dict)
    tables: Mapping[str, tuple[Breach, ...]] = field(default_factory=dict)


def mark_report(failures: Iterable[Row], suspicions: Iterable[Row]) -> Marks:
    """Return the marks of one report.

    A breach of a rule that speaks of no table (who reports for which year) has no place in a form and is left out.

    Args:
        failures: Outcomes that failed: rule_id, scope, delta, note.
        suspicions: Suspected cells: table_code, row_code, column_code, suggested_value, is_unique.

    >>> marks = mark_report([{"rule_id": "T3-sum", "scope": "total", "delta": 6.0, "note": None}], [])
    >>> [str(breach) for breach in marks.lines["request", "total"]]
    ['T3-sum +6']
    """
    cells: dict[tuple[str, str, str], tuple[Suggestion, ...]] = {}
    for row in suspicions:
        cell = (row["table_code"], row["row_code"], row["column_code"])
        cells[cell] = (*cells.get(cell, ()), Suggestion(row["suggested_value"], row["is_unique"]))
    lines: dict[tuple[str, str], tuple[Breach, ...]] = {}
    tables: dict[str, tuple[Breach, ...]] = {}
    for row in failures:
        rule = load_rules()[row["rule_id"]]
        breach = Breach(rule.id, rule.severity, row["delta"], row["note"])
        scope = row["scope"]
        if rule.table_code is None:
            if scope in tuple(TableCode):
                tables[scope] = (*tables.get(scope, ()), breach)
        elif scope in ("table", "report"):
            tables[rule.table_code] = (*tables.get(rule.table_code, ()), breach)
        else:
            scope = scope.partition("/")[0]  # a rule about one cell names row/column, and is shown beside the row
            lines[rule.table_code, scope] = (*lines.get((rule.table_code, scope), ()), breach)
    return Marks(cells, lines, tables)
