"""The table macros of the warehouse: common questions with names, from `schemas/macros.toml`."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from schemas.ddl import quote_name, quote_text
from schemas.table import SchemaDataError, load_tables, table


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
                "query": entry["query"].strip(),
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


@cache
def _read() -> dict[str, Any]:
    text = (files("schemas") / "macros.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
