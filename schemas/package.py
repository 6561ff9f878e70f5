"""What is said of a table outside the database: in the footer of its Parquet files, and in `datapackage.json`.

The data package follows the Frictionless specification (https://specs.frictionlessdata.io/data-package/, version 1):
every table is a resource with its fields, constraints, primary key and foreign keys. What the specification has no word
for (units, kinds, caveats, the Chinese meaning) stands beside it under our own names, as the specification allows.
"""

import json
from collections.abc import Collection, Iterator
from typing import Any

from schemas.table import ColumnSpec, TableSpec

_FIELD_TYPES = {
    "BIGINT": "integer", "INTEGER": "integer", "DOUBLE": "number", "BOOLEAN": "boolean", "VARCHAR": "string",
    "DATE": "date", "TIMESTAMP": "datetime",
}  # fmt: skip
_NULLABLE_PANDAS = {"BIGINT": ("int64", "Int64"), "INTEGER": ("int32", "Int32"), "BOOLEAN": ("bool", "boolean")}
PARQUET_PREFIX = "column:"
"""What the names of the Parquet files' entries about columns begin with."""


def column_meaning(spec: TableSpec, column: ColumnSpec) -> dict[str, Any]:
    """Return all that is known of a column, by the names of `meta_column`; what there is none of is None."""
    return {
        "table_name": spec.name,
        "column_name": column.name,
        "position": 1 + [other.name for other in spec.columns].index(column.name),
        "type": column.type,
        "kind": column.kind.value,
        "key_role": spec.key_role(column).value,
        "is_key": column.name in spec.key,
        "is_nullable": column.nullable,
        "unit": column.unit_text,
        "allowed_values": ", ".join(column.allowed_values) if column.allowed_values else None,
        "references_column": column.references,
        "domain": column.domain,
        "formula": column.formula,
        "description_zh": column.zh,
        "description_en": column.en,
        "caveat": column.caveat,
    }


def parquet_metadata(spec: TableSpec) -> dict[str, str]:
    """Return the entries of a table's Parquet files: what it is, and for each column `column:<name>` as JSON.

    Parquet has entries for a file and for a chunk of a column; writers, DuckDB among them, know the first only.
    """
    entries = {
        "table_name": spec.name, "layer": spec.layer, "key_columns": ", ".join(spec.key), "description_zh": spec.zh,
        "description_en": spec.en,
    }  # fmt: skip
    for column in spec.columns:
        told = {name: value for name, value in column_meaning(spec, column).items() if value is not None}
        entries[f"{PARQUET_PREFIX}{column.name}"] = json.dumps(told, ensure_ascii=False)
    entries["pandas"] = json.dumps(_pandas_types(spec))
    return entries


def _pandas_types(spec: TableSpec) -> dict[str, Any]:
    """Return what pandas reads of a Parquet file's columns: without it an identifier beside a null becomes a fraction.

    The format is that of pandas' own files (https://pandas.pydata.org/docs/development/developer.html).
    """
    columns = [
        {
            "name": column.name, "field_name": column.name, "pandas_type": pandas_type, "numpy_type": nullable_type,
            "metadata": None,
        }
        for column in spec.columns
        if column.type in _NULLABLE_PANDAS
        for pandas_type, nullable_type in [_NULLABLE_PANDAS[column.type]]
    ]  # fmt: skip
    return {"index_columns": [], "column_indexes": [], "columns": columns, "pandas_version": "2.0.0"}


def data_package(specs: Collection[TableSpec], release: dict[str, str]) -> dict[str, Any]:
    """Return the descriptor of the data package of some tables' Parquet twins.

    Args:
        specs: The tables; each stands beside the descriptor as `<name>.parquet`, a file or a folder of files.
        release: `version` and `created` of the release.
    """
    return {
        "profile": "data-package",
        "name": "gongkai",
        "title": "政府信息公开工作年度报告 · Annual disclosure reports of Chinese agencies",
        **release,
        "resources": [_resource(spec) for spec in specs],
    }


def _resource(spec: TableSpec) -> dict[str, Any]:
    # Parquet has nulls of its own; by default the specification takes an empty text for missing.
    schema: dict[str, Any] = {"fields": [_field(spec, column) for column in spec.columns], "missingValues": []}
    if spec.key and not any(column.nullable for column in spec.columns if column.name in spec.key):
        schema["primaryKey"] = list(spec.key)
    if keys := list(_foreign_keys(spec)):
        schema["foreignKeys"] = keys
    return {
        "name": spec.name, "type": "table", "path": f"{spec.name}.parquet", "format": "parquet",
        "mediatype": "application/vnd.apache.parquet", "title": spec.zh, "description": spec.en, "layer": spec.layer,
        "schema": schema,
    }  # fmt: skip


def _field(spec: TableSpec, column: ColumnSpec) -> dict[str, Any]:
    meaning = column_meaning(spec, column)
    told = {name: meaning[name] for name in ("kind", "key_role", "unit", "domain", "formula", "caveat")}
    field = {
        "name": column.name, "type": _FIELD_TYPES[column.type], "title": column.zh, "description": column.en,
        **{name: value for name, value in told.items() if value is not None},
    }  # fmt: skip
    limits: dict[str, Any] = {} if column.nullable else {"required": True}
    limits |= {name: value for name, value in (("minimum", column.min), ("maximum", column.max)) if value is not None}
    if column.allowed_values:
        limits["enum"] = list(column.allowed_values)
    if column.pattern:
        limits["pattern"] = column.pattern
    return field | ({"constraints": limits} if limits else {})


def _foreign_keys(spec: TableSpec) -> Iterator[dict[str, Any]]:
    for key in spec.foreign_keys:
        # The specification calls the table itself by the empty name.
        there = {"resource": "" if key.table == spec.name else key.table, "fields": list(key.table_columns)}
        yield {"fields": list(key.columns), "reference": there}
