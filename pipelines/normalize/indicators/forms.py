"""What the indicators of a 统计表 are called in the forms known, and which of the forms it is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pipelines.normalize.folding import fold_characters, fold_label, qualifies
from pipelines.normalize.indicators.rows import PrintedIndicator, strip_mark
from schemas.form import Label
from schemas.legacy import load_legacy_forms
from schemas.unit import yuan_by_unit

_LEAST_LIKENESS = 0.6  # share of indicators that a table and a form have in common before it is that form


@dataclass(frozen=True, slots=True)
class Meaning:
    """One indicator that a label may name: its code, and the codes of which the forms make it a part."""

    code: str
    parents: frozenset[str | None]
    is_money: bool


def name_indicators(indicators: Sequence[PrintedIndicator]) -> tuple[str, ...]:
    """Give every indicator that a form knows its code; return the forms that the table fits best, several if equally.

    A label alone is not enough where the forms know it as a part (其他, 当面): it must be printed as a part of the same
    indicator, or, where the table shows no parts, stand behind it.
    """
    seen: set[str | None] = {None}
    for indicator in indicators:
        meaning = _find_meaning(indicator, seen)
        if meaning is not None and _unit_fits(indicator.unit, meaning):
            indicator.code = meaning.code
            seen.add(meaning.code)
    return choose_provincial_forms(indicators)


def choose_provincial_forms(indicators: Sequence[PrintedIndicator]) -> tuple[str, ...]:
    """Return the forms with which the table has most indicators in common (Jaccard); none where that is too few."""
    printed = [indicator for indicator in indicators if not indicator.is_heading]
    codes = {indicator.code for indicator in printed} - {None}
    unknown = sum(indicator.code is None for indicator in printed)
    scores = {}
    for code, rows in form_rows().items():
        own = {row.code for row in rows}
        needed = {row.code for row in rows if not is_optional(row)}
        scores[code] = len(codes & own) / (len(codes | needed) + unknown)
    best = max(scores.values(), default=0.0)
    return tuple(code for code, score in scores.items() if score == best) if best >= _LEAST_LIKENESS else ()


@cache
def form_rows() -> dict[str, tuple[Label, ...]]:
    """Return the indicators of every provincial form by its code."""
    return {code: form.tables[0].clauses[0].rows for code, form in load_legacy_forms().items()}


def is_optional(row: Label) -> bool:
    """Tell whether a form has the indicator in some of its years only."""
    return row.first_year is not None or row.last_year is not None


@cache
def _meanings() -> dict[str, tuple[Meaning, ...]]:
    parents: dict[str, set[str | None]] = defaultdict(set)
    money: set[str] = set()
    texts: dict[str, set[str]] = defaultdict(set)
    for rows in form_rows().values():
        for row in rows:
            parents[row.code].add(row.parent)
            if row.value_kind == "amount":
                money.add(row.code)
            for spelling in row.spellings:
                folded = fold_label(strip_mark(fold_characters(spelling)))
                for text in (folded.text, folded.bare):
                    texts[text].add(row.code)
    return {
        text: tuple(Meaning(code, frozenset(parents[code]), code in money) for code in sorted(codes))
        for text, codes in texts.items()
    }


def _find_meaning(indicator: PrintedIndicator, seen: set[str | None]) -> Meaning | None:
    folded = fold_label(strip_mark(indicator.text))
    found = _meanings().get(folded.text) or (() if qualifies(folded) else _meanings().get(folded.bare, ()))
    fitting = [meaning for meaning in found if _parent_fits(indicator, meaning, seen)]
    return fitting[0] if len(fitting) == 1 else None


def _parent_fits(indicator: PrintedIndicator, meaning: Meaning, seen: set[str | None]) -> bool:
    parent = indicator.parent
    if parent is None:
        return bool(meaning.parents & seen)
    if parent.is_heading:
        return None in meaning.parents or bool(meaning.parents & seen)
    return parent.code is not None and parent.code in meaning.parents


def _unit_fits(unit: str | None, meaning: Meaning) -> bool:
    """Tell whether a printed unit is of the indicator's kind: an amount is not counted in 件, a count not in 元."""
    return unit is None or (unit in yuan_by_unit()) == meaning.is_money
