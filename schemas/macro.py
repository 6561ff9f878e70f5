"""The table macros of the warehouse: common questions with names, from `schemas/macros.toml`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from schemas.ddl import quote_name, quote_text, view_query
from schemas.entry import SchemaDataError, read_data
from schemas.table import load_tables, table

_LIKE = re.compile(r"\{like (\w+): ([^}]+)\}")
_LINEAGE = "{lineage of own_report}"
# The tables that cell_lineage reads and that have rows of every report → the column by which these are narrowed.
_BY_REPORT = {
    "fact_request_flow": "report_id", "fact_request_outcome": "report_id", "fact_challenge": "report_id",
    "fact_proactive": "report_id", "fact_legacy": "report_id", "reported_cell": "report_id",
    "suspected_cell": "report_id", "finding": "file_id",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Macro:
    """A question with parameters: `FROM name(parameter, …)`.

    Attributes:
        example: A question that uses it.
        shows: The tables and views whose columns come out.
        query: What it answers with; DuckDB puts the parameters in their places.
    """

    name: str
    parameters: tuple[str, ...]
    example: str
    shows: tuple[str, ...]
    en: str
    zh: str
    query: str

    @property
    def call(self) -> str:
        """How it is called.

        >>> Macro("late_reports", ("for_year",), "", (), "", "", "").call
        'late_reports(for_year)'
        """
        return f"{self.name}({', '.join(self.parameters)})"


@cache
def load_macros() -> tuple[Macro, ...]:
    """Return every macro in file order: one that another calls stands before it.

    Raises:
        SchemaDataError: A macro shows a table that is not defined.
    """
    macros = tuple(
        Macro(
            **{
                **entry,
                **{name: tuple(entry[name]) for name in ("parameters", "shows")},
                "query": _expand(entry["query"].strip()),
            }
        )
        for entry in _read()["macros"]
    )
    for macro in macros:
        if unknown := set(macro.shows) - set(load_tables()):
            raise SchemaDataError(f"macros.toml: {macro.name} shows {sorted(unknown)}, which is no table")
    return macros


def own_columns() -> Mapping[str, Mapping[str, str]]:
    """Return the meaning, `en` and `zh`, of the columns of macros that no table has."""
    columns: Mapping[str, Mapping[str, str]] = _read()["columns"]
    return columns


def macro_statements() -> Iterator[str]:
    """Yield CREATE MACRO and its comment for every macro."""
    for macro in load_macros():
        name = quote_name(macro.name)
        yield f"CREATE OR REPLACE MACRO {name}({', '.join(macro.parameters)}) AS TABLE\n{macro.query}"
        yield f"COMMENT ON MACRO TABLE {name} IS {quote_text(f'{macro.zh} | {macro.en}')}"


def macro_rows() -> pl.DataFrame:
    """Return meta_macro."""
    rows = [
        (macro.name, position, macro.call, macro.example, ", ".join(macro.shows), macro.zh, macro.en)
        for position, macro in enumerate(load_macros(), start=1)
    ]
    return pl.DataFrame(rows, schema=table("meta_macro").polars_schema, orient="row")


def macro_lines() -> Iterator[str]:
    """Yield the macros' section of the data dictionary, in Markdown."""
    yield from ("## Macros · 常见问题", "", "Each is asked like a table: `FROM agency_history('卫东区')`.", "")
    yield from ("| macro | answers | 含义 | columns of | example |", "|---|---|---|---|---|")
    for macro in load_macros():
        shown = ", ".join(f"`{name}`" for name in macro.shows)
        yield f"| `{macro.call}` | {macro.en} | {macro.zh} | {shown} | `{macro.example}` |"
    yield from ("", "Columns that no table has:", "", "| column | meaning | 含义 |", "|---|---|---|")
    for name, meaning in own_columns().items():
        yield f"| `{name}` | {meaning['en']} | {meaning['zh']} |"
    yield ""


def _expand(query: str) -> str:
    """Return the query with SQL in the place of its marks, which `schemas/macros.toml` explains."""
    for name, text in _read()["texts"].items():
        query = query.replace(f"{{{name}}}", text)
    return _LIKE.sub(_expand_like, query.replace(_LINEAGE, ", ".join(_lineage())))


def _lineage() -> Iterator[str]:
    for name, column in _BY_REPORT.items():
        rows = f"SELECT t.* FROM {name} AS t SEMI JOIN own_report AS r ON r.{column} = t.{column}"  # noqa: S608 - ours
        yield f"own_{name} AS ({rows})"
    yield f"own_lineage AS ({{like cell_lineage: {', '.join(f'{name} -> own_{name}' for name in _BY_REPORT)}}})"


def _expand_like(match: re.Match[str]) -> str:
    view, pairs = match.groups()
    query = view_query(load_tables()[view])
    for pair in pairs.split(", "):
        table_name, other = re.split(r"\s*->\s*", pair)
        # A name in quotes is told to the reader and stays.
        query, count = re.subn(rf"(?<!')\b{table_name}\b", other, query)
        if not count:
            raise SchemaDataError(f"macros.toml: {match.group()}: the view does not read {table_name}")
    return query


@cache
def _read() -> dict[str, Any]:
    return read_data("macros.toml")
