"""The provincial forms before 2019: each a list of indicators, loaded from `schemas/forms/legacy/*.toml`.

No national form was in practice used before 2019, so every province had a 统计表 of its own, and every one is a data
file. To the rest of the house a provincial form is a `Form` with one table, `legacy`, whose rows are its indicators and
whose columns are the year's figure and the cumulative one; so identities, checks, dimensions and reviews treat it as
they do the national editions.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from schemas.entry import SchemaDataError, make_entry, read_data
from schemas.form import Clause, Form, FormTable, Label, form_from_fields, label_from_entry, load_forms
from schemas.vocabulary import TableCode

GENERATION = "pre2019"
"""The code under which all forms before 2019 go in the warehouse; which of them it was, `provincial_form` says."""

YEAR, CUMULATIVE = "year", "cumulative"
COLUMNS = (
    Label(YEAR, "本年度", "This year"),
    Label(CUMULATIVE, "历年累计", "Since the beginning"),
)

PARTS = ("sum", "at_most", "each")
"""How the parts (其中) of an indicator stand to it: they add up to it, to no more than it, or overlap within it."""


@dataclass(frozen=True, slots=True)
class HeaderWords:
    """What the heads of an indicator table are called, as regular expressions over folded text.

    Attributes:
        indicator, unit, ordinal: Heads of the columns of labels, of units and of running numbers or codes.
        year, cumulative: Heads of the columns of figures.
        total: Head of the sub-column that covers the agency as a whole, beside its parts.
        parts: Heads of sub-columns that cover a part of the agency.
        beside: Heads of columns that hold no figure of the table: 占比, 备注.
        periodic: Words of a monthly or quarterly form.
        periodic_title: Words of a title in the table itself.
        periodic_title_text: Words of a title over it or of the document, in text that is not folded.
        subject: Words of which an indicator's label holds one, so that no other statistic is taken for the 统计表.
        part_mark: What leads the first part of an indicator (其中).
        filler: What stands in the unit's place where the row is only a heading.
        footer: What stands below the table.
        counter: What a portal counts of the page itself.
        run_together: A head whose columns ran together.
        units: Units that a form may print.
    """

    indicator: str
    unit: str
    ordinal: str
    year: str
    cumulative: str
    total: str
    parts: str
    beside: str
    periodic: str
    periodic_title: str
    periodic_title_text: str
    subject: str
    part_mark: str
    filler: str
    footer: str
    counter: str
    run_together: str
    units: tuple[str, ...]


@cache
def load_header_words() -> HeaderWords:
    """Return the words by which indicator tables are known."""
    return make_entry(HeaderWords, _read("words.toml"), "forms/legacy/words.toml")


@cache
def load_legacy_forms() -> dict[str, Form]:
    """Return every provincial form by code, in the order of their years.

    Raises:
        SchemaDataError: A file has a code twice, a parent that does not stand before it, or an unknown word.
    """
    folder = files("schemas") / "forms" / "legacy"
    names = [path.name for path in folder.iterdir() if path.name.endswith(".toml") and path.name != "words.toml"]
    forms = [form_from_entry(_read(name), name) for name in names]
    return {form.code: form for form in sorted(forms, key=lambda form: (form.first_year, form.code))}


@cache
def all_forms() -> dict[str, Form]:
    """Return the provincial forms and the national editions by code."""
    return {**load_legacy_forms(), **load_forms()}


def form_from_entry(entry: dict[str, Any], source: str) -> Form:
    """Return the form that the content of one data file describes.

    Raises:
        SchemaDataError: The content contradicts itself; the message names the file, the indicator and what to mend.
    """
    fields = dict(entry)
    indicators = [label_from_entry(item, source) for item in fields.pop("indicators", ())]
    _prove_indicators(indicators, source)
    parents = {item.parent for item in indicators}
    clause = Clause(
        code=TableCode.LEGACY.value,
        columns=COLUMNS,
        rows=tuple(_with_kind(item, is_parent=item.code in parents) for item in indicators),
    )
    table = FormTable(
        code=TableCode.LEGACY.value,
        number="",
        title="政府信息公开情况统计表",
        en="Statistical table before 2019",
        orientation="rows_down",
        clauses=(clause,),
    )
    return form_from_fields(fields, (table,), source)


def _with_kind(indicator: Label, *, is_parent: bool) -> Label:
    values = {name: getattr(indicator, name) for name in Label.__slots__}
    return Label(**{**values, "kind": "total" if is_parent else "leaf"})


def _prove_indicators(indicators: list[Label], source: str) -> None:
    seen: dict[str, Label] = {}
    units = load_header_words().units
    for item in indicators:
        where = f"{source}: indicator {item.code}"
        if item.code in seen:
            raise SchemaDataError(f"{where} stands twice")
        if item.parent is not None and item.parent not in seen:
            raise SchemaDataError(f"{where}: its parent {item.parent!r} does not stand before it")
        if item.parts not in (None, *PARTS):
            raise SchemaDataError(f"{where}: parts {item.parts!r} is none of {list(PARTS)}")
        if item.unit not in units:
            raise SchemaDataError(f"{where}: unit {item.unit!r} is none of {list(units)} (forms/legacy/words.toml)")
        seen[item.code] = item
    parents = {item.parent for item in indicators if item.parent is not None}
    for code in parents:
        if seen[code].parts is None:
            raise SchemaDataError(f"{source}: indicator {code} has parts and does not say how they stand to it (parts)")


def _read(name: str) -> dict[str, Any]:
    return read_data(f"forms/legacy/{name}")
