"""Definitions of every frame and warehouse table, loaded from `schemas/tables/*.toml`.

One definition serves every use: Polars schema, Pandera model (`schemas.validation`), DDL with comments, documentation.
What several tables have in common is written once: `include = "measures"` stands for the columns of
`schemas/measures.toml`, `like` for all columns of another table, and `twin_of` with `names` for a view that shows
another table under other names.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

import polars as pl

from schemas import vocabulary
from schemas.entry import SchemaDataError, read_data
from schemas.meaning import ColumnMeaningError, complete_column
from schemas.vocabulary import ColumnKind, KeyRole

_POLARS_TYPES: dict[str, pl.DataType] = {
    "BIGINT": pl.Int64(),
    "INTEGER": pl.Int32(),
    "DOUBLE": pl.Float64(),
    "BOOLEAN": pl.Boolean(),
    "VARCHAR": pl.String(),
    "DATE": pl.Date(),
    "TIMESTAMP": pl.Datetime("us"),
}


RATE_UNIT = "share"
"""Unit of a rate: a part of one."""

NO_UNIT = "none"
"""Said in the place of a unit of what measures nothing."""


# Closed lists that stand beside the knowledge they belong to; those modules import this one, so they are asked late.
_ENUM_HOMES = {
    "AgencyType": "schemas.agency", "AdminLevel": "schemas.agency", "RegionLevel": "schemas.region",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column: its DuckDB type, whether it may be null, what it may hold and what it means.

    Attributes:
        formula: How a rate is made of other columns of the same table.
        kind: What it holds, as `schemas.meaning` tells it.
        domain: In words, the list that a code is of where neither `values` nor `references` says it.
    """

    name: str
    type: str
    en: str
    zh: str
    kind: ColumnKind
    nullable: bool = False
    values: str | None = None
    pattern: str | None = None
    min: float | None = None
    max: float | None = None
    unit: str | None = None
    references: str | None = None
    caveat: str | None = None
    formula: str | None = None
    domain: str | None = None

    @property
    def unit_text(self) -> str:
        """The unit, or `none` for a column that measures nothing."""
        return self.unit if self.unit and self.kind is ColumnKind.QUANTITY else NO_UNIT

    @property
    def polars_type(self) -> pl.DataType:
        """The Polars dtype that stands for the DuckDB type."""
        return _POLARS_TYPES[self.type]

    @property
    def allowed_values(self) -> tuple[str, ...] | None:
        """The closed list of values, or None where any value of the type may stand."""
        return allowed_values(self.values) if self.values else None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns of a table that together stand in another table's columns wherever none of them is null."""

    columns: tuple[str, ...]
    table: str
    table_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One frame or table: its layer, key, meaning and columns in order.

    Attributes:
        layer: frame, dimension, fact, evidence, summary, meta or view.
        key: Columns that together are unique; empty where rows have no key.
        like: For a view, the table or view whose columns it has; its query too, where `instead` is given.
        instead: Which tables of that query are read instead of which.
        joint_references: Another table → its columns which columns of the same names refer to together; what one column
            refers to alone stands with the column.
        twin_of: For a view, the table or view that it shows under other names.
        names: Column of `twin_of` → its name here, in order.
    """

    name: str
    layer: str
    key: tuple[str, ...]
    en: str
    zh: str
    columns: tuple[ColumnSpec, ...]
    like: str | None = None
    instead: Mapping[str, str] = field(default_factory=dict)
    joint_references: Mapping[str, list[str]] = field(default_factory=dict)
    twin_of: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def key_role(self, column: ColumnSpec) -> KeyRole:
        """What a column is to this table's key and to others'."""
        refers = any(column.name in key.columns for key in self.foreign_keys)
        if column.name in self.key:
            return KeyRole.BOTH if refers else KeyRole.PRIMARY
        return KeyRole.FOREIGN if refers else KeyRole.NONE

    @property
    def foreign_keys(self) -> tuple[ForeignKey, ...]:
        """What its columns refer to, one by one and then jointly."""
        alone = [(column.name, *column.references.split(".")) for column in self.columns if column.references]
        return (
            *(ForeignKey((name,), target, (target_column,)) for name, target, target_column in alone),
            *(ForeignKey(tuple(names), target, tuple(names)) for target, names in self.joint_references.items()),
        )

    @property
    def polars_schema(self) -> pl.Schema:
        """The frame's columns in order with their dtypes."""
        return pl.Schema({column.name: column.polars_type for column in self.columns})

    def empty_frame(self) -> pl.DataFrame:
        """Return a frame with these columns and no rows."""
        return pl.DataFrame(schema=self.polars_schema)

    def conform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return `frame` with exactly this table's columns, in order and with their dtypes; absent columns are null.

        Raises:
            SchemaDataError: `frame` has a column that the table does not define.
        """
        extra = set(frame.columns) - {column.name for column in self.columns}
        if extra:
            raise SchemaDataError(f"frame has columns that table {self.name} does not define: {sorted(extra)}")
        if not frame.columns:
            return self.empty_frame()  # literals alone would make one row of nulls
        return frame.select(
            (pl.col(c.name) if c.name in frame.columns else pl.lit(None)).cast(c.polars_type).alias(c.name)
            for c in self.columns
        )


def allowed_values(name: str) -> tuple[str, ...]:
    """Return the closed list called `name`: an enum of the schemas, or one that a data file decides.

    >>> allowed_values("RuleStatus")
    ('pass', 'fail', 'not_assessable')
    """
    if name == "reasons":
        return tuple(load_reasons())
    if name in _LISTS:
        return _LISTS[name]()
    home = _ENUM_HOMES.get(name)
    return tuple(member.value for member in getattr(import_module(home) if home else vocabulary, name))


def _portals() -> tuple[str, ...]:
    from schemas.portal import load_portals  # which takes its errors from here, like those below

    return tuple(load_portals())


def _sections() -> tuple[str, ...]:
    from schemas.agency import load_wordings

    return ("preamble", *sorted(section for section, _ in load_wordings().sections), "other")


def _forms() -> tuple[str, ...]:
    from schemas.form import load_forms
    from schemas.legacy import GENERATION

    return (GENERATION, *load_forms())


def _provincial_forms() -> tuple[str, ...]:
    return tuple(code for code in _all_forms() if code not in _forms())


def _all_forms() -> tuple[str, ...]:
    from schemas.legacy import all_forms

    return tuple(all_forms())


# Closed lists that are decided by data files.
_LISTS: dict[str, Callable[[], tuple[str, ...]]] = {
    "portals": _portals, "sections": _sections, "forms": _forms, "provincial_forms": _provincial_forms,
    "all_forms": _all_forms,
}  # fmt: skip


RAW_TEXT_LENGTH = 500
"""Characters of what was printed that a finding keeps."""


@cache
def load_reasons() -> dict[str, dict[str, str]]:
    """Return every reason code with its default severity and English description."""
    reasons: dict[str, dict[str, str]] = read_data("reasons.toml")["reasons"]
    return reasons


@cache
def load_tables() -> dict[str, TableSpec]:
    """Return every frame and table definition by name, in file and form order.

    Raises:
        SchemaDataError: A name is defined twice, a key names a column that the table lacks, or a column's meaning is
            not whole.
    """
    tables: dict[str, TableSpec] = {}
    folder = files("schemas") / "tables"
    for name in sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml")):
        for entry in read_data(f"tables/{name}")["tables"]:
            try:
                spec = _table_from_entry(entry, tables)
            except ColumnMeaningError as error:
                raise SchemaDataError(f"{name}: {error}") from error
            if spec.name in tables:
                raise SchemaDataError(f"{name}: table {spec.name} is defined twice")
            tables[spec.name] = spec
    return tables


@cache
def _load_frames() -> dict[str, TableSpec]:
    return {entry["name"]: _table_from_entry(entry, {}) for entry in read_data("tables/frames.toml")["tables"]}


def table(name: str) -> TableSpec:
    """Return the definition of one frame or table.

    Raises:
        KeyError: No table of that name is defined.
    """
    # The frames are asked for first and alone: reading all of TOML costs `gongkai check` a tenth of its time.
    frames = _load_frames()
    return frames[name] if name in frames else load_tables()[name]


def _table_from_entry(entry: dict[str, Any], known: Mapping[str, TableSpec]) -> TableSpec:
    model = _model_of(entry, known)
    if entry.pop("names_measures", False):
        entry = entry | {"names": entry["names"] | {m["name"]: m["name_zh"] for m in _all_measures()}}
    columns = tuple(_columns_from_entry(entry, model, known))
    key = tuple(entry.get("key", ()))
    if model is not None and "key" not in entry:
        names = entry.get("names", {})
        key = tuple(names.get(name, name) for name in model.key)
    found = [column.name for column in columns]
    for name in key:
        if name not in found:
            raise SchemaDataError(f"table {entry['name']}: key column {name} is not defined")
    if unknown := {name for names in entry.get("joint_references", {}).values() for name in names} - set(found):
        raise SchemaDataError(f"table {entry['name']}: columns {sorted(unknown)} of joint_references are not defined")
    if len(set(found)) != len(found):
        raise SchemaDataError(f"table {entry['name']}: a column is defined twice")
    return TableSpec(**{**entry, "key": key, "columns": columns})


def _model_of(entry: dict[str, Any], known: Mapping[str, TableSpec]) -> TableSpec | None:
    """Return the table that an entry's columns are taken from; it must be defined before."""
    name = entry.get("like") or entry.get("twin_of")
    if name is not None and name not in known:
        raise SchemaDataError(f"table {entry['name']}: {name} is not defined before it")
    return None if name is None else known[name]


def _columns_from_entry(
    entry: dict[str, Any], model: TableSpec | None, known: Mapping[str, TableSpec]
) -> Iterator[ColumnSpec]:
    names: Mapping[str, str] = entry.get("names", {})
    if model is not None and "twin_of" in entry:
        by_name = {column.name: column for column in model.columns}
        missing = [name for name in names if name not in by_name]
        if missing:
            raise SchemaDataError(f"table {entry['name']}: {model.name} has no columns {missing}")
        yield from (replace(by_name[name], name=own) for name, own in names.items())
    elif model is not None:
        yield from model.columns
    for column in entry.get("columns", ()):
        if "include" in column:
            yield from _included_columns(column, known)
        else:
            yield ColumnSpec(**complete_column(entry["name"], entry["layer"], tuple(entry.get("key", ())), column))


def _included_columns(entry: Mapping[str, Any], known: Mapping[str, TableSpec]) -> Iterator[ColumnSpec]:
    """Yield the columns that an entry stands for: the measures or rates of `measures.toml`, or those of a table."""
    which = entry["include"]
    if which not in ("measures", "rates"):
        yield from (column for column in known[which].columns if column.name not in entry.get("except", ()))
        return
    for measure in load_measures()[which]:
        yield ColumnSpec(
            measure["name"],
            "DOUBLE",
            en=measure["en"],
            zh=measure["zh"],
            nullable=True,
            unit=measure.get("unit", RATE_UNIT),
            kind=ColumnKind.QUANTITY,
            caveat=measure.get("caveat"),
            formula=_formula(measure) if which == "rates" else None,
        )


def _formula(rate: Mapping[str, Any]) -> str:
    above, below = (" + ".join(rate[side]) for side in ("numerator", "denominator"))
    return " / ".join(f"({side})" if " " in side else side for side in (above, below))


def _all_measures() -> list[dict[str, Any]]:
    return [*load_measures()["measures"], *load_measures()["rates"]]


@cache
def load_measures() -> dict[str, list[dict[str, Any]]]:
    """Return the entries of `schemas/measures.toml`, `measures`, `panel_measures` and `rates`, as they stand there.

    Raises:
        SchemaDataError: One says nothing of itself in one language, or two have one name.
    """
    measures: dict[str, list[dict[str, Any]]] = read_data("measures.toml")
    names: set[str] = set()
    for entry in (*measures["measures"], *measures["panel_measures"], *measures["rates"]):
        where = f"measures.toml: {entry.get('name', '?')}"
        if lacking := [word for word in ("name", "name_zh", "en", "zh") if not entry.get(word)]:
            raise SchemaDataError(f"{where}: lacks {lacking}")
        if entry["name"] in names:
            raise SchemaDataError(f"{where} stands twice")
        names.add(entry["name"])
    return measures
