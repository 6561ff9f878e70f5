"""Definitions of every frame and warehouse table, loaded from `schemas/tables/*.toml`.

One definition serves every use: Polars schema, Pandera model (`schemas.validation`), DDL with comments, documentation.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from schemas import vocabulary

_POLARS_TYPES: dict[str, pl.DataType] = {
    "BIGINT": pl.Int64(),
    "INTEGER": pl.Int32(),
    "DOUBLE": pl.Float64(),
    "BOOLEAN": pl.Boolean(),
    "VARCHAR": pl.String(),
    "DATE": pl.Date(),
    "TIMESTAMP": pl.Datetime("us"),
}


class SchemaDataError(Exception):
    """A data file under `schemas/` contradicts itself or another; the message names the table and what to mend."""


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column: its DuckDB type, whether it may be null, what it may hold and what it means."""

    name: str
    type: str
    en: str
    zh: str
    nullable: bool = False
    values: str | None = None
    pattern: str | None = None
    min: float | None = None
    max: float | None = None
    unit: str | None = None
    references: str | None = None
    caveat: str | None = None

    @property
    def polars_type(self) -> pl.DataType:
        """The Polars dtype that stands for the DuckDB type."""
        return _POLARS_TYPES[self.type]

    @property
    def allowed_values(self) -> tuple[str, ...] | None:
        """The closed list of values, or None where any value of the type may stand."""
        return allowed_values(self.values) if self.values else None


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One frame or table: its layer, key, meaning and columns in order.

    Attributes:
        layer: frame, dimension, fact, evidence or meta.
        key: Columns that together are unique; empty where rows have no key.
    """

    name: str
    layer: str
    key: tuple[str, ...]
    en: str
    zh: str
    columns: tuple[ColumnSpec, ...]

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
    """Return the closed list called `name`: an enum of `schemas.vocabulary`, `reasons` or `portals`.

    >>> allowed_values("RuleStatus")
    ('pass', 'fail', 'not_assessable')
    """
    if name == "reasons":
        return tuple(load_reasons())
    if name == "portals":
        from schemas.portal import load_portals  # which takes its errors from here

        return tuple(load_portals())
    return tuple(member.value for member in getattr(vocabulary, name))


@cache
def load_reasons() -> dict[str, dict[str, str]]:
    """Return every reason code with its default severity and English description."""
    reasons: dict[str, dict[str, str]] = _read_toml("reasons.toml")["reasons"]
    return reasons


@cache
def load_tables() -> dict[str, TableSpec]:
    """Return every frame and table definition by name, in file and form order.

    Raises:
        SchemaDataError: A name is defined twice, or a key names a column that the table lacks.
    """
    tables: dict[str, TableSpec] = {}
    folder = files("schemas") / "tables"
    for name in sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml")):
        for spec in _load_file(name):
            if spec.name in tables:
                raise SchemaDataError(f"{name}: table {spec.name} is defined twice")
            tables[spec.name] = spec
    return tables


@cache
def _load_file(name: str) -> tuple[TableSpec, ...]:
    text = (files("schemas") / "tables" / name).read_text(encoding="utf-8")
    return tuple(_table_from_entry(entry) for entry in tomllib.loads(text)["tables"])


def table(name: str) -> TableSpec:
    """Return the definition of one frame or table.

    Raises:
        KeyError: No table of that name is defined.
    """
    # The frames are asked for first and alone: reading all of TOML costs `gongkai check` a tenth of its time.
    frames = {spec.name: spec for spec in _load_file("frames.toml")}
    return frames[name] if name in frames else load_tables()[name]


def _table_from_entry(entry: dict[str, Any]) -> TableSpec:
    columns = tuple(ColumnSpec(**column) for column in entry.pop("columns"))
    names = [column.name for column in columns]
    for name in entry["key"]:
        if name not in names:
            raise SchemaDataError(f"table {entry['name']}: key column {name} is not defined")
    if len(set(names)) != len(names):
        raise SchemaDataError(f"table {entry['name']}: a column is defined twice")
    return TableSpec(**{**entry, "key": tuple(entry["key"])}, columns=columns)


def _read_toml(name: str) -> dict[str, Any]:
    return tomllib.loads((files("schemas") / name).read_text(encoding="utf-8"))
