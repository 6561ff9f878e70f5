"""The rules that a report's figures must satisfy, loaded from `schemas/rules/*.toml`.

A rule names codes and selectors, never cells: which rows and columns it runs over is resolved against each edition of
the form (`schemas.form`), so that the next edition inherits every rule that still makes sense. Mechanism stands in
`pipelines.check`; `docs/rules.md` has the recipe for adding a rule and the table of rules made from this data.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from schemas.entry import SchemaDataError, parse_data, prove_entry
from schemas.form import lineage
from schemas.legacy import all_forms
from schemas.table import load_reasons
from schemas.vocabulary import Severity, TableCode

SELECTORS = ("@leaf", "@total")
"""Terms for several rows or columns; `@group` (a code of `row_groups`, `column_groups`) stands for those under it."""

_PHRASE = re.compile(r"<([a-z]+)>")
_TERM = re.compile(r"(?P<sign>-?)(?P<code>@?[a-z_][a-z0-9_]*)(?P<lag>@-1)?")


@dataclass(frozen=True, slots=True)
class Term:
    """One summand of an identity: a row or column code, or a selector that stands for several.

    Attributes:
        sign: 1 or -1.
        is_previous_year: The figure is taken from the same agency's report of the year before.
    """

    code: str
    sign: int = 1
    is_previous_year: bool = False


@dataclass(frozen=True, slots=True)
class LinearCheck:
    """`left` `relation` `right`, once for every column (terms are rows) or every row (terms are columns).

    Attributes:
        over: `columns` or `rows`: what the identity is repeated over; its codes become the scopes.
        relation: `=` or `<=`.
        only: Codes that it is repeated over; empty for all of the table.
        if_present: A form that lacks a term, or a code of `only`, is passed by there; else it stops the start.
    """

    over: str
    relation: str
    left: tuple[Term, ...]
    right: tuple[Term, ...]
    only: tuple[str, ...] = ()
    if_present: bool = False

    @property
    def spans_years(self) -> bool:
        """Whether a term comes from the year before, which no single batch holds."""
        return any(term.is_previous_year for term in (*self.left, *self.right))


@dataclass(frozen=True, slots=True)
class PartsCheck:
    """The parts of an indicator against it, for those indicators of which the form says `how` they stand to it."""

    how: str


@dataclass(frozen=True, slots=True)
class PartialCheck:
    """Where blanks keep the identities of rules `of` from being assessed: printed parts do not exceed the total."""

    of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DomainCheck:
    """Every printed figure lies in its domain: a count is whole and not negative, an amount not negative."""


@dataclass(frozen=True, slots=True)
class ZeroTogetherCheck:
    """Two columns of a row are zero together or not at all."""

    first: str
    second: str
    only: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StructureCheck:
    """A property of the tables as found: `tables`, `edition`, `rows` or `cells` (see `pipelines.check.structure`)."""

    what: str


@dataclass(frozen=True, slots=True)
class CopyCheck:
    """A table that repeats another report's figure for figure: `previous_year` or `other_agency`.

    Attributes:
        minimum_figures: Distinct figures, zero apart, that a table must have for its likeness to mean anything.
    """

    against: str
    minimum_figures: int


@dataclass(frozen=True, slots=True)
class ScaleCheck:
    """A figure that jumps against the year before by a factor of `factor` or more while both exceed `floor`.

    Attributes:
        unit_factor: A jump within `unit_tolerance` of this factor points at two units of money (元 against 万元).
    """

    columns: tuple[str, ...]
    factor: float
    floor: float
    unit_factor: float
    unit_tolerance: float


@dataclass(frozen=True, slots=True)
class BreakCheck:
    """Two years whose reports follow different editions are a break of series, noted and never a failure."""


@dataclass(frozen=True, slots=True)
class TextCheck:
    """A figure that the narrative restates.

    Attributes:
        patterns: Regular expressions with one group, the number.
        none: Regular expressions that state that there was none.
        readings: What the words may mean, by name: terms (rows) summed over `column`; one that fits is a pass.
        column: Column of the table in which the figures stand.
        none_means: The one reading that a statement of none (or of 0) must fit; None where any may.
        aside: Regular expression of words before a number by which it restates nothing.
        words: For some readings a regular expression of words in what was found by which nothing else can be meant.
    """

    patterns: tuple[str, ...]
    readings: tuple[tuple[str, tuple[Term, ...]], ...]
    column: str
    none: tuple[str, ...] = ()
    none_means: str | None = None
    aside: str | None = None
    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class AgreementCheck:
    """Two statements of the same fact about a report: `year_of_folder`, `year_of_period`, `agency` or `one_current`."""

    what: str
    patterns: tuple[str, ...] = ()


Check = (
    LinearCheck | PartsCheck | PartialCheck | DomainCheck | ZeroTogetherCheck | StructureCheck
    | CopyCheck | ScaleCheck | BreakCheck | TextCheck | AgreementCheck
)  # fmt: skip


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


def parse_term(text: str) -> Term:
    """Return the term that `text` writes: a code or selector, `-` before it to subtract, `@-1` after it for last year.

    Raises:
        SchemaDataError: `text` is no term.

    >>> parse_term("-repealed")
    Term(code='repealed', sign=-1, is_previous_year=False)
    >>> parse_term("in_force@-1").is_previous_year
    True
    """
    match = _TERM.fullmatch(text)
    if match is None:
        raise SchemaDataError(
            f"{text!r} is no term: write a code, {', '.join(SELECTORS)} or @ and a group, with - before or @-1 after"
        )
    return Term(match["code"], -1 if match["sign"] else 1, match["lag"] is not None)


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
        fields["checks"] = tuple(_check(check) for check in fields["checks"])
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
    terms = {term.code for check in rule.checks for term in _terms(check) if term.code.startswith("@")}
    if unknown := sorted(terms - {*SELECTORS, *_groups(rule.table_code)}):
        raise SchemaDataError(f"{source}: rule {rule.id}: no form has rows or columns under {unknown}")


def _terms(check: Check) -> Iterator[Term]:
    if isinstance(check, LinearCheck):
        yield from (*check.left, *check.right)
    elif isinstance(check, TextCheck):
        yield from (term for _, terms in check.readings for term in terms)


def _groups(table_code: str | None) -> Iterator[str]:
    """Yield `@group` for every group of rows or columns that the table has in any form."""
    for form in all_forms().values():
        for clause in (clause for item in form.tables if item.code == table_code for clause in item.clauses):
            yield from (f"@{label.parent}" for label in (*clause.rows, *clause.columns) if label.parent)


def _check(entry: Mapping[str, Any]) -> Check:
    fields = {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    kind = fields.pop("kind", None)
    if kind not in _KINDS:
        raise SchemaDataError(f"kind {kind!r} of a check is none of {sorted(_KINDS)}")
    made, make = _KINDS[kind]
    prove_entry(made, fields, f"check of kind {kind}")
    return make(fields)


def _linear(fields: dict[str, Any]) -> LinearCheck:
    for side in ("left", "right"):
        if not isinstance(fields[side], tuple):
            raise SchemaDataError(f'{side} is {fields[side]!r}, and no list of terms: write ["…"]')
        fields[side] = tuple(parse_term(term) for term in fields[side])
    if fields["over"] not in ("rows", "columns") or fields["relation"] not in ("=", "<="):
        raise SchemaDataError(f"over {fields['over']!r} or relation {fields['relation']!r} is unknown")
    return LinearCheck(**fields)


def _text(fields: dict[str, Any]) -> TextCheck:
    readings = {name: tuple(parse_term(t) for t in terms) for name, terms in fields.pop("readings").items()}
    for name, groups in (("patterns", 1), ("none", 0)):
        fields[name] = tuple(_expand_phrases(pattern) for pattern in fields.get(name, ()))
        for pattern in fields[name]:
            if re.compile(pattern).groups != groups:
                raise SchemaDataError(f"pattern {pattern!r} must have {groups} groups: the number, where it states one")
    if "aside" in fields:
        fields["aside"] = _expand_phrases(fields["aside"])
        if re.compile(fields["aside"]).groups:
            raise SchemaDataError(f"pattern {fields['aside']!r} must have no groups")
    words = fields.pop("words", {})
    if unknown := {fields.get("none_means"), *words} - {None, *readings}:
        raise SchemaDataError(f"none_means or words name {sorted(unknown)}, none of the readings {[*readings]}")
    return TextCheck(**fields, readings=tuple(readings.items()), words=tuple(words.items()))


def _expand_phrases(pattern: str) -> str:
    """Return a pattern with each <name> replaced by the phrase of that name.

    Raises:
        SchemaDataError: There is no such phrase.
    """
    phrases: dict[str, str] = {}
    for content in _rule_files().values():
        phrases |= content.get("phrases", {})
    if unknown := {name for name in _PHRASE.findall(pattern) if name not in phrases}:
        raise SchemaDataError(f"pattern {pattern!r} names phrases that do not exist: {sorted(unknown)}")
    return _PHRASE.sub(lambda match: phrases[match[1]], pattern)


_KINDS: dict[str, tuple[type, Callable[[dict[str, Any]], Check]]] = {
    "linear": (LinearCheck, _linear),
    "parts": (PartsCheck, lambda fields: PartsCheck(**fields)),
    "partial": (PartialCheck, lambda fields: PartialCheck(**fields)),
    "domain": (DomainCheck, lambda fields: DomainCheck(**fields)),
    "zero_together": (ZeroTogetherCheck, lambda fields: ZeroTogetherCheck(**fields)),
    "structure": (StructureCheck, lambda fields: StructureCheck(**fields)),
    "copy": (CopyCheck, lambda fields: CopyCheck(**fields)),
    "scale": (ScaleCheck, lambda fields: ScaleCheck(**fields)),
    "break": (BreakCheck, lambda fields: BreakCheck(**fields)),
    "text": (TextCheck, _text),
    "agreement": (AgreementCheck, lambda fields: AgreementCheck(**fields)),
}


@cache
def _rule_files() -> dict[str, dict[str, Any]]:
    folder = files("schemas") / "rules"
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".toml")), key=lambda path: path.name)
    return {path.name: parse_data(path.read_text(encoding="utf-8"), path.name) for path in paths}
