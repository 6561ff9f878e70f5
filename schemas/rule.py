"""The rules that a report's figures must satisfy, loaded from `schemas/rules/*.toml`.

A rule names codes and selectors, never cells: which rows and columns it runs over is resolved against each edition of
the form (`schemas.form`), so that the next edition inherits every rule that still makes sense. Mechanism stands in
`pipelines.check`; `docs/rules.md` has the recipe for adding a rule and the table of rules made from this data.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from schemas.check import SELECTORS, Check, PartialCheck, check_from_entry, terms_of
from schemas.entry import SchemaDataError, parse_data, prove_entry
from schemas.form import lineage
from schemas.legacy import all_forms
from schemas.table import load_reasons
from schemas.vocabulary import Severity, TableCode


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it says, whom it concerns, how much its breach matters and how it is checked.

    Attributes:
        formula: The rule for a person, in codes of the form.
        form_code: Edition that the rule belongs to, and all that follow it; None for every edition that has the table.
        table_code: Statistic table; None for rules about a whole report.
        scope: What one outcome is about: row, column, table or report.
        reason_code: Reason of the finding that a failure raises; None where another stage has raised it with its place.
    """

    id: str
    name: str
    formula: str
    form_code: str | None
    table_code: str | None
    scope: str
    severity: Severity
    description_en: str
    description_zh: str
    reason_code: str | None
    checks: tuple[Check, ...]

    def applies_to(self, form_code: str, table_code: str) -> bool:
        """Tell whether the rule speaks of table `table_code` of edition `form_code`."""
        return self.table_code in (None, table_code) and self.form_code in (None, *lineage(form_code))


@cache
def load_rules() -> dict[str, Rule]:
    """Return every rule by its id, in the order of the data files.

    Raises:
        SchemaDataError: A rule stands twice, names an unknown word, or lacks what its kind needs.
    """
    rules: dict[str, Rule] = {}
    for name, content in _rule_files().items():
        for entry in content.get("rules", ()):
            rule = rule_from_entry(entry, name)
            if rule.id in rules:
                raise SchemaDataError(f"{name}: rule {rule.id} is defined twice")
            rules[rule.id] = rule
    for rule in rules.values():
        for check in rule.checks:
            if isinstance(check, PartialCheck) and (unknown := set(check.of) - set(rules)):
                raise SchemaDataError(f"rule {rule.id} refers to rules that do not exist: {sorted(unknown)}")
    return rules


@cache
def load_wording() -> dict[str, dict[str, str]]:
    """Return the sentences in which suspicions are explained, by name and then language (`en`, `zh`)."""
    wording: dict[str, dict[str, str]] = {}
    for content in _rule_files().values():
        wording |= content.get("wording", {})
    return wording


@dataclass(frozen=True, slots=True)
class Decoding:
    """How far the identities of a table are used to locate wrong figures.

    Attributes:
        largest: Most cells that an explanation may change.
        robust_to: A single cell is claimed only where no other explanation of up to this many cells exists.
    """

    largest: int
    robust_to: int


@cache
def load_decoding() -> dict[str, Decoding]:
    """Return the tables whose identities locate wrong figures, by table code."""
    return {
        table: Decoding(**limits)
        for content in _rule_files().values()
        for table, limits in content.get("decoding", {}).items()
    }


def rule_from_entry(entry: Mapping[str, Any], source: str) -> Rule:
    """Return the rule that one TOML entry of file `source` describes.

    Raises:
        SchemaDataError: The entry lacks a field, has one too many, or names something that does not exist.
    """
    where = f"{source}: rule {entry.get('id', '?')}"
    fields = {"form_code": None, "table_code": None, "reason_code": "identity_broken", **entry}
    prove_entry(Rule, fields, where, may_be_empty=("reason_code",))
    if fields["severity"] not in list(Severity):
        raise SchemaDataError(f"{where}: severity {fields['severity']!r} is none of {', '.join(Severity)}")
    try:
        fields["checks"] = tuple(check_from_entry(check, _phrases()) for check in fields["checks"])
    except (TypeError, ValueError, SchemaDataError) as error:
        raise SchemaDataError(f"{where}: {error}") from error
    fields |= {"severity": Severity(fields["severity"]), "reason_code": fields["reason_code"] or None}
    rule = Rule(**fields)
    _prove_words(rule, source)
    return rule


def _prove_words(rule: Rule, source: str) -> None:
    """Refuse a rule whose form, table, scope or reason does not exist: it would silently never apply."""
    closed: dict[str, tuple[Any, tuple[Any, ...]]] = {
        "form_code": (rule.form_code, (None, *all_forms())),
        "table_code": (rule.table_code, (None, *TableCode)),
        "scope": (rule.scope, ("row", "column", "table", "report")),
        "reason_code": (rule.reason_code, (None, *load_reasons())),
    }
    for field, (value, allowed) in closed.items():
        if value not in allowed:
            raise SchemaDataError(f"{source}: rule {rule.id}: {field} {value!r} is none of {[str(a) for a in allowed]}")
    terms = {term.code for check in rule.checks for term in terms_of(check) if term.code.startswith("@")}
    if unknown := sorted(terms - {*SELECTORS, *_groups(rule.table_code)}):
        raise SchemaDataError(f"{source}: rule {rule.id}: no form has rows or columns under {unknown}")


def _groups(table_code: str | None) -> Iterator[str]:
    """Yield `@group` for every group of rows or columns that the table has in any form."""
    for form in all_forms().values():
        for clause in (clause for item in form.tables if item.code == table_code for clause in item.clauses):
            yield from (f"@{label.parent}" for label in (*clause.rows, *clause.columns) if label.parent)


def _phrases() -> dict[str, str]:
    phrases: dict[str, str] = {}
    for content in _rule_files().values():
        phrases |= content.get("phrases", {})
    return phrases


@cache
def _rule_files() -> dict[str, dict[str, Any]]:
    folder = files("schemas") / "rules"
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".toml")), key=lambda path: path.name)
    return {path.name: parse_data(path.read_text(encoding="utf-8"), path.name) for path in paths}
