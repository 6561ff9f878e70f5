"""The typed form model: what each edition of the report's tables contains, loaded from `schemas/forms/*.toml`."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from schemas.table import SchemaDataError


@dataclass(frozen=True, slots=True)
class Label:
    """A row, a column or a group of either: its code, official label, English label and the variants seen in reports.

    Attributes:
        parent: Code of the group that the label stands under, if any.
        kind: leaf (an additive figure), flow (enters or leaves the year's account) or total (a printed sum).
        is_total: A printed sum of the other columns.
        unit: Unit in which the column's figures are printed where the cell states none.
        value_kind: count (whole, not negative), change (whole, signed) or amount (money, decimals); None takes the
            clause's.
        parts: For an indicator that others name as their parent, how they stand to it (`schemas.legacy.PARTS`).
        printed_code: The code that the form itself prints beside the label.
        first_year, last_year: Report years in which a form has it, where not in all of its own.
    """

    code: str
    label: str
    en: str
    parent: str | None = None
    kind: str = "leaf"
    is_total: bool = False
    unit: str | None = None
    value_kind: str | None = None
    variants: tuple[str, ...] = ()
    parts: str | None = None
    printed_code: str | None = None
    first_year: int | None = None
    last_year: int | None = None

    @property
    def spellings(self) -> tuple[str, ...]:
        """The official label, then its variants."""
        return (self.label, *self.variants)


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a table with its own header: the five clauses of 表二; 表三 and 表四 are one clause each."""

    code: str
    columns: tuple[Label, ...]
    rows: tuple[Label, ...]
    caption: str | None = None
    caption_variants: tuple[str, ...] = ()
    en: str | None = None
    value_kind: str = "count"
    unit: str | None = None
    header_notes: tuple[str, ...] = ()
    row_groups: tuple[Label, ...] = ()
    column_groups: tuple[Label, ...] = ()

    def value_kind_of(self, column: Label, row: Label | None = None) -> str:
        """Return whether figures of `column` (in `row`, which may decide) are a count, a change or an amount."""
        return (row.value_kind if row is not None else None) or column.value_kind or self.value_kind

    def unit_of(self, column: Label) -> str | None:
        """Return the unit of `column` as the form prints it."""
        return column.unit or self.unit


@dataclass(frozen=True, slots=True)
class FormTable:
    """One statistic table of an edition.

    Attributes:
        orientation: rows_down (a row of the form is a row of the table) or rows_across (表四: the rows of the form
            stand side by side over one line of figures).
        row_dimension, column_dimension: What rows and columns mean: item/measure, outcome/applicant, channel/result.
    """

    code: str
    number: str
    title: str
    en: str
    orientation: str
    row_dimension: str
    column_dimension: str
    clauses: tuple[Clause, ...]
    title_variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """One edition of the form and the report years for which it was in force.

    Attributes:
        province_code: Six-digit code of the province for a provincial form (`schemas.legacy`); None for a national one.
    """

    code: str
    name: str
    en: str
    source: str
    first_year: int
    tables: tuple[FormTable, ...]
    last_year: int | None = None
    province_code: str | None = None

    def table(self, code: str) -> FormTable:
        """Return one of the edition's tables.

        Raises:
            KeyError: The edition has no such table.
        """
        for candidate in self.tables:
            if candidate.code == code:
                return candidate
        raise KeyError(code)

    def covers(self, year: int) -> bool:
        """Tell whether the edition was in force for report year `year`."""
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)


@cache
def load_forms() -> dict[str, Form]:
    """Return every edition by code, in the order of their years.

    Raises:
        SchemaDataError: A data file has a code twice, a parent that no group defines, or an unknown word.
    """
    loaded = [
        _form(tomllib.loads(path.read_text(encoding="utf-8")), path.name)
        for path in (files("schemas") / "forms").iterdir()
        if path.name.endswith(".toml")
    ]
    return {form.code: form for form in sorted(loaded, key=lambda form: (form.first_year, form.code))}


def form_for_year(year: int) -> Form | None:
    """Return the national edition in force for a report year, or None where there was none."""
    return next((form for form in load_forms().values() if form.covers(year)), None)


def _form(entry: dict[str, Any], source: str) -> Form:
    tables = tuple(_table(table, source) for table in entry.pop("tables"))
    return Form(**entry, tables=tables)


def _table(entry: dict[str, Any], source: str) -> FormTable:
    clauses = tuple(_clause(clause, f"{source}: {entry['code']}") for clause in entry.pop("clauses"))
    variants = tuple(entry.pop("title_variants", ()))
    if entry["orientation"] not in ("rows_down", "rows_across"):
        raise SchemaDataError(f"{source}: {entry['code']}: unknown orientation {entry['orientation']!r}")
    return FormTable(**entry, clauses=clauses, title_variants=variants)


def _clause(entry: dict[str, Any], source: str) -> Clause:
    labels = {
        name: tuple(_label(label) for label in entry.pop(name, ()))
        for name in ("columns", "rows", "row_groups", "column_groups")
    }
    for axis in ("row", "column"):
        groups = {group.code for group in labels[f"{axis}_groups"]}
        codes = [label.code for label in labels[f"{axis}s"]]
        if len(set(codes)) != len(codes):
            raise SchemaDataError(f"{source}: {entry['code']}: a {axis} code stands twice")
        for label in labels[f"{axis}s"]:
            if label.parent is not None and label.parent not in groups:
                raise SchemaDataError(f"{source}: {label.code}: parent {label.parent!r} is no {axis} group")
    for name in ("caption_variants", "header_notes"):
        entry[name] = tuple(entry.get(name, ()))
    return Clause(**{**entry, **labels})


def _label(entry: dict[str, Any]) -> Label:
    return Label(**{**entry, "variants": tuple(entry.get("variants", ()))})
