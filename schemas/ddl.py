"""Table definitions turned into DuckDB's SQL: DDL with keys and comments, and the proofs that a built table meets them.

Nothing here runs SQL; `pipelines.load` does.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from schemas.entry import SchemaDataError
from schemas.measure import expand_marks
from schemas.table import ColumnSpec, ForeignKey, TableSpec, load_tables

WAREHOUSE_LAYERS = ("dimension", "evidence", "fact", "summary", "meta")
"""Layers of the warehouse's tables, in the order in which they are filled."""

# Keys made a 10M-row load 29 times slower: tables with more than a row a file have theirs proved instead.
_UNKEYED_TABLES = frozenset({
    "reported_cell", "report_section", "agency_resolution", "quality_result", "suspected_cell", "finding", "coverage",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proof:
    """A query that counts the rows breaking one promise of a definition; anything but 0 stops the publish.

    Attributes:
        condition: What breaks it, where it speaks of rows of the table one by one, so that all such promises of a table
            can be counted at once; else empty.
    """

    table_name: str
    promise: str
    query: str
    condition: str = ""


def warehouse_tables() -> tuple[TableSpec, ...]:
    """Return the definitions of the warehouse's tables by layer and in file order."""
    return tuple(spec for layer in WAREHOUSE_LAYERS for spec in load_tables().values() if spec.layer == layer)


def warehouse_views() -> tuple[TableSpec, ...]:
    """Return the definitions of the warehouse's views in file order."""
    return tuple(spec for spec in load_tables().values() if spec.layer == "view")


def has_declared_key(spec: TableSpec) -> bool:
    """Tell whether the table declares its key; where it does not, a proof stands for it.

    A primary key takes no null, so one with a part that may be null is proved as well.
    """
    has_null = any(column.nullable for column in spec.columns if column.name in spec.key)
    return bool(spec.key) and not has_null and spec.layer != "fact" and spec.name not in _UNKEYED_TABLES


def quote_name(name: str) -> str:
    """Return an SQL identifier.

    >>> quote_name("年度")
    '"年度"'
    """
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Return an SQL string literal.

    >>> quote_text("agency's")
    "'agency''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def create_table(spec: TableSpec, *, is_temporary: bool = False) -> str:
    """Return CREATE TABLE with types, NOT NULL and, for tables that are not big, the primary key.

    A temporary table hides one of the same name for as long as the connection lasts.
    """
    lines = [f"{quote_name(c.name)} {c.type}{'' if c.nullable else ' NOT NULL'}" for c in spec.columns]
    if has_declared_key(spec):
        lines.append(f"PRIMARY KEY ({_name_list(spec.key)})")
    kind = "TEMP TABLE" if is_temporary else "TABLE"
    return f"CREATE OR REPLACE {kind} {quote_name(spec.name)} (\n    " + ",\n    ".join(lines) + "\n)"


def create_view(spec: TableSpec) -> str:
    """Return CREATE VIEW over the view's query."""
    return f"CREATE VIEW {quote_name(spec.name)} AS\n{view_query(spec)}"


def view_query(spec: TableSpec) -> str:
    """Return the query that defines a view: in `schemas/views/<name>.sql`, or made from the definition of its model.

    Raises:
        SchemaDataError: The view has no file, or reads another table instead of one that its model does not read.
    """
    if spec.twin_of:
        shown = ", ".join(f"{quote_name(name)} AS {quote_name(own)}" for name, own in spec.names.items())
        return f"SELECT {shown} FROM {quote_name(spec.twin_of)}"  # noqa: S608 - quoted
    query = expand_marks(read_view(spec.like if spec.like and spec.instead else spec.name))
    for table_name, other in spec.instead.items():
        query, count = re.subn(rf"\b{table_name}\b", other, query)
        if not count:
            raise SchemaDataError(f"view {spec.name}: {spec.like} does not read {table_name}")
    return query


@cache
def read_view(name: str) -> str:
    """Return the text of `schemas/views/<name>.sql`.

    Raises:
        SchemaDataError: There is no such file.
    """
    resource = files("schemas") / "views" / f"{name}.sql"
    if not resource.is_file():
        raise SchemaDataError(f"view {name}: schemas/views/{name}.sql is missing")
    return resource.read_text(encoding="utf-8").strip()


def comment_statements(spec: TableSpec) -> Iterator[str]:
    """Yield COMMENT ON for the table or view and each of its columns, Chinese first, then English."""
    name = quote_name(spec.name)
    kind = "VIEW" if spec.layer == "view" else "TABLE"
    yield f"COMMENT ON {kind} {name} IS {quote_text(f'{spec.zh} | {spec.en}')}"
    for column in spec.columns:
        yield f"COMMENT ON COLUMN {name}.{quote_name(column.name)} IS {quote_text(column_comment(column))}"


def column_comment(column: ColumnSpec) -> str:
    """Return a column's comment: Chinese and English, then unit, key, list, formula and caveat where there are any."""
    extras = [f"[{column.unit}]"] if column.unit else []
    if column.references:
        extras.append(f"→ {column.references}.")
    if listed := list_text(column):
        extras.append(f"{listed}.")
    if column.formula:
        extras.append(f"= {column.formula}.")
    if column.caveat:
        extras.append(column.caveat)
    return " ".join([f"{column.zh} | {column.en}", *extras])


def list_text(column: ColumnSpec) -> str | None:
    """Return in a few words which values a code may have; None where any may stand or a key says it."""
    if column.values == "reasons":
        return "One of schemas/reasons.toml"
    if column.allowed_values:
        return f"One of {', '.join(column.allowed_values)}"
    return f"One of: {column.domain}" if column.domain else None


def table_proofs(spec: TableSpec) -> Iterator[Proof]:
    """Yield the proofs of one table: undeclared key, ranges, closed lists and references.

    NOT NULL and declared keys need none: DuckDB refuses the rows when they are inserted. A missing row would make every
    range hold, so counts are compared with staging apart from these.
    """
    name = quote_name(spec.name)
    if spec.key and not has_declared_key(spec):
        keys = _name_list(spec.key)
        query = f"FROM (FROM {name} SELECT 1 GROUP BY {keys} HAVING count(*) > 1) SELECT count(*)"
        yield Proof(spec.name, f"unique {', '.join(spec.key)}", query)
    for column in spec.columns:
        yield from _column_proofs(spec.name, column)
    for key in spec.foreign_keys:
        yield _reference_proof(spec.name, key)


def _column_proofs(table_name: str, column: ColumnSpec) -> Iterator[Proof]:
    name, table = quote_name(column.name), quote_name(table_name)
    breaches = []
    # NaN compares as greater than every number, so only the range of a DOUBLE needs isfinite beside its bounds.
    if column.type == "DOUBLE":
        breaches.append(f"NOT isfinite({name})")
    if column.min is not None:
        breaches.append(f"{name} < {column.min}")
    if column.max is not None:
        breaches.append(f"{name} > {column.max}")
    if column.allowed_values is not None:
        breaches.append(f"{name} NOT IN ({', '.join(quote_text(value) for value in column.allowed_values)})")
    if breaches:
        condition = " OR ".join(breaches)
        query = f"FROM {table} SELECT count(*) WHERE {condition}"
        yield Proof(table_name, f"values of {column.name}", query, condition)


def _reference_proof(table_name: str, key: ForeignKey) -> Proof:
    own = [f"child.{quote_name(name)}" for name in key.columns]
    there = [f"parent.{quote_name(name)}" for name in key.table_columns]
    query = (
        f"FROM {quote_name(table_name)} AS child ANTI JOIN {quote_name(key.table)} AS parent"
        f" ON {' AND '.join(f'{one} = {other}' for one, other in zip(own, there, strict=True))}"
        f" SELECT count(*) WHERE {' AND '.join(f'{name} IS NOT NULL' for name in own)}"
    )
    return Proof(table_name, f"{', '.join(key.columns)} in {key.table}.{', '.join(key.table_columns)}", query)


def _name_list(names: tuple[str, ...]) -> str:
    return ", ".join(quote_name(name) for name in names)
