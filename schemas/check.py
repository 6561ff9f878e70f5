"""What a rule checks: the kinds of checks, each made from an entry of a rule's `checks` in `schemas/rules/*.toml`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.entry import SchemaDataError, prove_entry

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
    """Two statements of the same fact about a report: `year_of_folder`, `year_of_period`, `agency` or `one_current`.

    Attributes:
        signs_for: For `agency`, pattern of what may follow an agency's name where its office signs for it.
    """

    what: str
    patterns: tuple[str, ...] = ()
    signs_for: str = "(?!)"


Check = (
    LinearCheck | PartsCheck | PartialCheck | DomainCheck | ZeroTogetherCheck | StructureCheck
    | CopyCheck | ScaleCheck | BreakCheck | TextCheck | AgreementCheck
)  # fmt: skip


_KINDS: dict[str, type[Check]] = {
    "linear": LinearCheck,
    "parts": PartsCheck,
    "partial": PartialCheck,
    "domain": DomainCheck,
    "zero_together": ZeroTogetherCheck,
    "structure": StructureCheck,
    "copy": CopyCheck,
    "scale": ScaleCheck,
    "break": BreakCheck,
    "text": TextCheck,
    "agreement": AgreementCheck,
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


def terms_of(check: Check) -> Iterator[Term]:
    """Yield the terms that a check adds up."""
    if isinstance(check, LinearCheck):
        yield from (*check.left, *check.right)
    elif isinstance(check, TextCheck):
        yield from (term for _, terms in check.readings for term in terms)


def check_from_entry(entry: Mapping[str, Any], phrases: Mapping[str, str]) -> Check:
    """Return the check that one entry of a rule's `checks` describes.

    Args:
        entry: The words as the file has them.
        phrases: What `<name>` stands for in a pattern.

    Raises:
        SchemaDataError: A word is unknown, missing or of another type, or a pattern or term says nothing.
    """
    fields: dict[str, Any] = {n: tuple(value) if isinstance(value, list) else value for n, value in entry.items()}
    kind = fields.pop("kind", None)
    if kind not in _KINDS:
        raise SchemaDataError(f"kind {kind!r} of a check is none of {sorted(_KINDS)}")
    prove_entry(_KINDS[kind], fields, f"check of kind {kind}")
    if kind == "linear":
        return _linear(fields)
    return _text(fields, phrases) if kind == "text" else _KINDS[kind](**fields)


def _linear(fields: dict[str, Any]) -> LinearCheck:
    for side in ("left", "right"):
        if not isinstance(fields[side], tuple):
            raise SchemaDataError(f'{side} is {fields[side]!r}, and no list of terms: write ["…"]')
        fields[side] = tuple(parse_term(term) for term in fields[side])
    if fields["over"] not in ("rows", "columns") or fields["relation"] not in ("=", "<="):
        raise SchemaDataError(f"over {fields['over']!r} or relation {fields['relation']!r} is unknown")
    return LinearCheck(**fields)


def _text(fields: dict[str, Any], phrases: Mapping[str, str]) -> TextCheck:
    readings = {name: tuple(parse_term(t) for t in terms) for name, terms in fields.pop("readings").items()}
    for name, groups in (("patterns", 1), ("none", 0)):
        fields[name] = tuple(_expand_phrases(pattern, phrases) for pattern in fields.get(name, ()))
        for pattern in fields[name]:
            if re.compile(pattern).groups != groups:
                raise SchemaDataError(f"pattern {pattern!r} must have {groups} groups: the number, where it states one")
    if "aside" in fields:
        fields["aside"] = _expand_phrases(fields["aside"], phrases)
        if re.compile(fields["aside"]).groups:
            raise SchemaDataError(f"pattern {fields['aside']!r} must have no groups")
    words = fields.pop("words", {})
    if unknown := {fields.get("none_means"), *words} - {None, *readings}:
        raise SchemaDataError(f"none_means or words name {sorted(unknown)}, none of the readings {[*readings]}")
    return TextCheck(**fields, readings=tuple(readings.items()), words=tuple(words.items()))


def _expand_phrases(pattern: str, phrases: Mapping[str, str]) -> str:
    """Return a pattern with each <name> replaced by the phrase of that name.

    Raises:
        SchemaDataError: There is no such phrase.
    """
    if unknown := {name for name in _PHRASE.findall(pattern) if name not in phrases}:
        raise SchemaDataError(f"pattern {pattern!r} names phrases that do not exist: {sorted(unknown)}")
    return _PHRASE.sub(lambda match: phrases[match[1]], pattern)
