"""The typed form model: what each edition of the report's tables contains, loaded from `schemas/forms/*.toml`."""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from schemas.entry import SchemaDataError, make_entry, parse_data
from schemas.unit import yuan_by_unit

_T = TypeVar("_T")
# Codes become names of columns and parts of rules and of the bridge's cells.
_CODE = re.compile(r"[a-z0-9][a-z0-9_]*")
_NUMBER = re.compile(r"(?:[（(]?[0-9一二三四五六七八九十]+[)）、.．])?\s*")  # before a label: （一）, 一、, 1.
# The rows of kind flow in the order of every edition, of which the balance is made: what came in, last what is left.
FLOW_CODES = ("new_received", "carried_in", "carried_forward")
_KINDS = {"kind": ("leaf", "flow", "total", "memo"), "value_kind": ("count", "change", "amount", None)}


@dataclass(frozen=True, slots=True)
class Label:
    """A row, a column or a group of either: its code, official label, English label and the variants seen in reports.

    Attributes:
        parent: Code of the group that the label stands under, if any.
        kind: leaf (an additive figure), flow (one of `FLOW_CODES`, which enter or leave the year's account), total (a
            printed sum) or memo (told beside the account: no sum takes it in).
        is_total: A printed sum of the other columns.
        unit: Unit in which the column's figures are printed where the cell states none; of money, as its label says.
        value_kind: count (whole, not negative), change (whole, signed) or amount (money, decimals); None takes the
            clause's.
        parts: For an indicator that others name as their parent, how they stand to it (`schemas.legacy.PARTS`).
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
    first_year: int | None = None
    last_year: int | None = None

    @property
    def spellings(self) -> tuple[str, ...]:
        """The official label, then its variants."""
        return (self.label, *self.variants)

    @property
    def is_outcome(self) -> bool:
        """Whether the row is one of the results of 表三, or their sum."""
        return self.kind in ("leaf", "total")


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
    """

    code: str
    number: str
    title: str
    en: str
    orientation: str
    clauses: tuple[Clause, ...]
    title_variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """One edition of the form and the report years for which it was in force.

    Attributes:
        follows: Code of the edition that it amends in a few places and takes the rest of its rules and of
            `bridge.toml` from; None where it stands by itself.
    """

    code: str
    name: str
    en: str
    source: str
    first_year: int
    tables: tuple[FormTable, ...]
    last_year: int | None = None
    follows: str | None = None

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
        SchemaDataError: A data file is no TOML, has a code twice, a parent that no group defines or an unknown or
            missing word, is not named by its code, follows what is no older edition, or claims a year of another.
    """
    paths = [path for path in (files("schemas") / "forms").iterdir() if path.name.endswith(".toml")]
    loaded = [form_from_text(path.read_text(encoding="utf-8"), path.name) for path in paths]
    return order_forms(loaded)


def official_labels() -> tuple[str, ...]:
    """Return what the editions print, in their order: titles, captions and labels, without the variants of reports."""
    printed: list[str] = []
    for table in (table for form in load_forms().values() for table in form.tables):
        printed.append(table.title)
        for clause in table.clauses:
            groups = (*clause.row_groups, *clause.column_groups)
            labels = (label.label for label in (*groups, *clause.rows, *clause.columns))
            printed += [clause.caption or "", *clause.header_notes, *labels]
    return tuple(printed)


def order_forms(loaded: Iterable[Form]) -> dict[str, Form]:
    """Return editions by code in the order of their years.

    Raises:
        SchemaDataError: Two are in force in one year (which would then be read by either), none is in a year between
            two, one follows no older one, or two have other codes for one label.
    """
    forms = {form.code: form for form in sorted(loaded, key=lambda form: (form.first_year, form.code))}
    for older, newer in itertools.pairwise(forms.values()):
        if older.last_year is None or older.last_year >= newer.first_year:
            raise SchemaDataError(
                f"{older.code}.toml and {newer.code}.toml are both in force in {newer.first_year}: "
                f"{older.code}.toml needs last_year = {newer.first_year - 1}"
            )
        if older.last_year < newer.first_year - 1:
            raise SchemaDataError(
                f"no edition is in force between {older.code}.toml, with last_year = {older.last_year}, and "
                f"{newer.code}.toml, with first_year = {newer.first_year}"
            )
    _prove_codes(forms.values())
    for form in forms.values():
        if form.follows is not None and (
            form.follows not in forms or forms[form.follows].first_year >= form.first_year
        ):
            raise SchemaDataError(f"{form.code}.toml: follows {form.follows!r}, which is no older edition")
    return forms


def _prove_codes(loaded: Iterable[Form]) -> None:
    """Refuse an edition that gives another code to a label of an older one: labels are looked up in all at once."""
    claimed: dict[tuple[str, str, str, str | None, str], tuple[str, str]] = {}
    for form in loaded:
        for table, axis in itertools.product(form.tables, ("rows", "columns")):
            labels = [(clause.code, label) for clause in table.clauses for label in getattr(clause, axis)]
            for clause_code, label in labels:
                key = (table.code, clause_code, axis, label.parent, _NUMBER.sub("", label.label, count=1))
                code, older = claimed.setdefault(key, (label.code, form.code))
                if code != label.code:
                    raise SchemaDataError(
                        f"{form.code}.toml: {table.code}: {label.code} is called {label.label!r}, as {code} is in "
                        f"{older}.toml: what means the same keeps its code, what does not needs a label of its own"
                    )


def lineage(code: str | None) -> tuple[str, ...]:
    """Return an edition and those that it follows, itself first; a code that is no national edition by itself.

    >>> lineage("2021"), lineage("fujian_2014"), lineage(None)
    (('2021',), ('fujian_2014',), ())
    """
    found: list[str] = []
    while code is not None:
        found.append(code)
        form = load_forms().get(code)
        code = form.follows if form else None
    return tuple(found)


def form_for_year(year: int) -> Form | None:
    """Return the national edition in force for a report year, or None where there was none."""
    return next((form for form in load_forms().values() if form.covers(year)), None)


def form_from_text(text: str, source: str) -> Form:
    """Return the edition that the data file `source` describes in `text`.

    Raises:
        SchemaDataError: See `load_forms`.
    """
    form = _form(parse_data(text, source), source)
    if source != f"{form.code}.toml":
        raise SchemaDataError(f"{source}: code {form.code!r} belongs into a file named {form.code}.toml")
    return form


def _form(entry: dict[str, Any], source: str) -> Form:
    tables = tuple(_table(table, source) for table in entry.pop("tables", ()))
    return form_from_fields(entry, tables, source)


def form_from_fields(fields: dict[str, Any], tables: tuple[FormTable, ...], source: str) -> Form:
    """Return the form of `tables` that the other fields of the data file `source` describe.

    Raises:
        SchemaDataError: A word is unknown, missing or of another type, or its last year is before its first.
    """
    form = _made(Form, {**fields, "tables": tables}, source)
    if form.last_year is not None and form.last_year < form.first_year:
        raise SchemaDataError(f"{source}: last_year = {form.last_year} is before first_year = {form.first_year}")
    return form


def _made(kind: type[_T], entry: dict[str, Any], source: str) -> _T:
    """Return the object that an entry describes; a word too many or too few is an error that says where it stands."""
    where = f"{source}: {entry.get('code', kind.__name__)}"
    made = make_entry(kind, entry, where, may_be_empty=("number",))
    if not _CODE.fullmatch(entry["code"]):
        raise SchemaDataError(f"{where}: a code is of small letters, digits and _")
    for name, allowed in _KINDS.items():
        if name in entry and entry[name] not in allowed:
            raise SchemaDataError(f"{where}: {name} {entry[name]!r} is none of {', '.join(filter(None, allowed))}")
    return made


def _table(entry: dict[str, Any], source: str) -> FormTable:
    clauses = tuple(_clause(clause, f"{source}: {entry.get('code')}") for clause in entry.pop("clauses", ()))
    made = _made(FormTable, {**entry, "clauses": clauses}, source)
    if made.orientation not in ("rows_down", "rows_across"):
        raise SchemaDataError(f"{source}: {made.code}: unknown orientation {made.orientation!r}")
    return made


def _clause(entry: dict[str, Any], source: str) -> Clause:
    labels = {
        name: tuple(label_from_entry(label, source) for label in entry.pop(name, ()))
        for name in ("columns", "rows", "row_groups", "column_groups")
    }
    for axis in ("row", "column"):
        groups = {group.code for group in labels[f"{axis}_groups"]}
        codes = [label.code for label in labels[f"{axis}s"]]
        if len(set(codes)) != len(codes):
            twice = sorted({code for code in codes if codes.count(code) > 1})
            raise SchemaDataError(f"{source}: {entry.get('code')}: a {axis} code stands twice: {twice}")
        for label in labels[f"{axis}s"]:
            if label.parent is not None and label.parent not in groups:
                known = ", ".join(sorted(groups)) or "of which there is none"
                raise SchemaDataError(f"{source}: {label.code}: parent {label.parent!r} is no {axis} group: {known}")
        _prove_spellings(labels[f"{axis}s"], f"{source}: {entry.get('code')}")
    flows = [row.code for row in labels["rows"] if row.kind == "flow"]
    if flows not in ([], [*FLOW_CODES]):
        raise SchemaDataError(
            f"{source}: {entry.get('code')}: the rows of kind flow are {flows}, and not {[*FLOW_CODES]}: these keep "
            "their codes, and a row that the balance of requests does not add up is of kind memo"
        )
    for column in labels["columns"]:
        units = yuan_by_unit() if column.value_kind == "amount" and column.unit else {column.unit}
        if column.unit not in units:
            raise SchemaDataError(f"{source}: {column.code}: unit {column.unit!r} of an amount is none of {[*units]}")
        if column.value_kind == "amount" and (column.unit or "") not in column.label:
            raise SchemaDataError(
                f"{source}: {column.code}: unit {column.unit!r} is not in the label {column.label!r}, from which it is "
                "read: write the label as the form prints it, or leave out a unit that it does not print"
            )
    return _made(Clause, {**entry, **labels}, source)


def _prove_spellings(labels: Iterable[Label], where: str) -> None:
    """Refuse two rows (or columns) that are called the same, whatever their numbers: neither would ever be read."""
    claimed: dict[tuple[str | None, str], str] = {}
    for label in labels:
        for spelling in label.spellings:
            other = claimed.setdefault((label.parent, _NUMBER.sub("", spelling, count=1)), label.code)
            if other != label.code:
                raise SchemaDataError(
                    f"{where}: {other} and {label.code} are both called {spelling!r}: let one of them bear another "
                    "label or variant"
                )


def label_from_entry(entry: dict[str, Any], source: str) -> Label:
    """Return the row, column, group or indicator that an entry of the data file `source` describes.

    Raises:
        SchemaDataError: A word is unknown, missing or of another type.
    """
    return _made(Label, entry, source)
