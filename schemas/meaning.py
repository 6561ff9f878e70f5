"""What a column is, told once: by its own entry, else by its name (`schemas/columns.toml`), else by type and ending.

Every use of the definitions takes it from here: DDL and comments, Pandera models, Dagster, Parquet, the data package,
the dictionary and `meta_column`. A number that nobody gives a unit and a code that nobody gives a domain are refused
when the definitions are loaded, so none can be published.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from schemas.entry import read_data
from schemas.vocabulary import ColumnKind

_NUMBERS = ("BIGINT", "INTEGER", "DOUBLE")
_KIND_BY_TYPE = {"BOOLEAN": ColumnKind.FLAG, "DATE": ColumnKind.DATE, "TIMESTAMP": ColumnKind.TIME}
_KIND_BY_ENDING = {
    "_id": ColumnKind.IDENTIFIER, "_hash": ColumnKind.IDENTIFIER, "_code": ColumnKind.CODE,
    "_number": ColumnKind.ORDINAL, "position": ColumnKind.ORDINAL, "_year": ColumnKind.CALENDAR,
}  # fmt: skip


class ColumnMeaningError(Exception):
    """A column's entry leaves out what nothing else tells; the message names the column and what to add."""


def complete_column(table_name: str, layer: str, key: tuple[str, ...], entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a column's entry with kind, unit and domain filled in from what its name and type tell.

    Args:
        table_name: The table, for the complaint.
        layer: Its layer: only views take references from the names.
        key: Its key: the codes of a dimension that is keyed by them are that table's own list.
        entry: The column as the table's file defines it.

    Raises:
        ColumnMeaningError: A number has no unit, or a code has neither values, references nor domain.
    """
    told = {name: value for name, value in _by_name().get(entry["name"], {}).items() if name not in entry}
    if layer != "view":
        told.pop("references", None)
    found: dict[str, Any] = {**told, **entry}
    if found.get("domain") and found.get("values"):
        found.pop("domain")
    kind = ColumnKind(found["kind"]) if "kind" in found else _kind_of(found)
    found["kind"] = kind
    where = f"{table_name}.{entry['name']}"
    if kind is ColumnKind.QUANTITY and not found.get("unit"):
        raise ColumnMeaningError(
            f"{where} is a number without a unit: give it `unit`, or a `kind` if it counts nothing"
        )
    if kind is ColumnKind.CODE and not any(found.get(name) for name in ("values", "references", "domain")):
        if layer != "dimension" or entry["name"] not in key:
            raise ColumnMeaningError(f"{where} is a code without a list: give it `values`, `references` or `domain`")
        found["domain"] = f"the rows of {table_name}"
    return found


def _kind_of(entry: Mapping[str, Any]) -> ColumnKind:
    name, type_ = entry["name"], entry["type"]
    if type_ in _KIND_BY_TYPE:
        return _KIND_BY_TYPE[type_]
    for ending, kind in _KIND_BY_ENDING.items():
        if name.endswith(ending):
            return kind
    if name == "code" or (type_ == "VARCHAR" and (entry.get("values") or entry.get("domain"))):
        return ColumnKind.CODE
    return ColumnKind.QUANTITY if type_ in _NUMBERS else ColumnKind.TEXT


@cache
def _by_name() -> dict[str, dict[str, Any]]:
    columns: dict[str, dict[str, Any]] = read_data("columns.toml")["columns"]
    return columns
