"""What one edition of the form changes against another, label by label: a person compares it with what was printed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

from schemas.document import load_document_words
from schemas.entry import SchemaDataError
from schemas.form import Clause, Form, Label

_LABELS = ("columns", "rows", "column_groups", "row_groups")
_FIELDS = ("label", "unit", "value_kind", "kind", "parent")


@dataclass(frozen=True, slots=True)
class FormChange:
    """One change of a table.

    Attributes:
        where: Table and, in 表二, clause.
        what: `row new`, `column gone`, `row label` and the like.
        code: Code of the row, column, group or clause.
        before, after: What the editions print or say; None where one does not have it.
    """

    where: str
    what: str
    code: str
    before: str | None
    after: str | None


def list_changes(older: Form, newer: Form) -> Iterator[FormChange]:
    """Yield every change of `newer` against `older`, in the order of the newer form.

    >>> from schemas.form import load_forms
    >>> changes = list(list_changes(load_forms()["2019"], load_forms()["2021"]))
    >>> [change.code for change in changes if change.where == "request" and change.what == "row new"]
    ['other_not_rectified', 'other_fee_unpaid', 'other_misc']
    """
    clauses = [_clauses(form) for form in (older, newer)]
    for place in dict.fromkeys([*clauses[1], *clauses[0]]):
        before, after = (found.get(place) for found in clauses)
        where = place[0] if place[0] == place[1] else f"{place[0]} {place[1]}"
        if before is None or after is None:
            own = after or before
            what = "clause gone" if after is None else "clause new"
            codes = ", ".join(row.code for row in own.rows) if own else ""
            yield FormChange(where, what, place[1], None if before is None else codes, codes if after else None)
            continue
        for name in _LABELS:
            yield from _label_changes(where, name[:-1].replace("_", " "), getattr(before, name), getattr(after, name))


def _clauses(form: Form) -> dict[tuple[str, str], Clause]:
    return {(table.code, clause.code): clause for table in form.tables for clause in table.clauses}


def _label_changes(where: str, noun: str, before: tuple[Label, ...], after: tuple[Label, ...]) -> Iterator[FormChange]:
    old, new = ({label.code: label for label in labels} for labels in (before, after))
    for code in dict.fromkeys([*new, *old]):
        if code not in old:
            yield FormChange(where, f"{noun} new", code, None, new[code].label)
        elif code not in new:
            yield FormChange(where, f"{noun} gone", code, old[code].label, None)
        else:
            for field in _FIELDS:
                values = getattr(old[code], field), getattr(new[code], field)
                if values[0] != values[1]:
                    yield FormChange(where, f"{noun} {field.replace('_', ' ')}", code, *values)


def prove_marks(forms: Iterable[Form]) -> None:
    """Prove that the stretches of labels by which tables are known name as many tables of an edition as of the last.

    Args:
        forms: Editions in the order of their years.

    Raises:
        SchemaDataError: An edition rewords the label that alone has one.
    """
    marks = load_document_words().marks
    lost = [
        f"  [marks] {field.name}: no label of table {table} of form {newer.code} has any of {', '.join(words)}"
        for older, newer in pairwise(forms)
        for field in fields(marks)
        for words in [getattr(marks, field.name)]
        for table in sorted(_marked_tables(older, words) - _marked_tables(newer, words))
    ]
    if lost:
        raise SchemaDataError("documents/words.toml: add a stretch of what a label is now\n" + "\n".join(lost))


def _marked_tables(form: Form, words: Sequence[str]) -> set[str]:
    """Return the tables of an edition of which a label has one of some stretches."""
    return {
        table.code
        for table in form.tables
        for clause in table.clauses
        for label in (*clause.rows, *clause.columns)
        if any(word in label.label for word in words)
    }
