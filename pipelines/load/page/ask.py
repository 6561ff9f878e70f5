"""The questions that the page puts to the warehouse: `queries/*.sql`, each of which counts or takes the first few."""

import re
from collections.abc import Sequence
from importlib.resources import files
from typing import TypeAlias

import duckdb
import polars as pl

from schemas.ddl import quote_text

Parameter: TypeAlias = str | int | Sequence[str] | Sequence[int]


def ask(connection: duckdb.DuckDBPyConnection, name: str, **parameters: Parameter) -> pl.DataFrame:
    """Return the answer to one of the queries.

    Args:
        connection: The warehouse, its catalogue the default.
        name: Name of the query's file without .sql.
        parameters: Values of its $parameters: one each, or a list of texts or of whole numbers.
    """
    query = (files("pipelines.load.page") / "queries" / f"{name}.sql").read_text(encoding="utf-8")
    query = re.sub(r"\$(\w+)", lambda gap: _write(parameters[gap[1]]), query)
    answer = connection.execute(query)
    names = [column[0] for column in answer.description or ()]
    # Answers are small: rows as Python has them need neither pyarrow nor what DuckDB 1.5 and 2.0 do not share.
    return pl.DataFrame(answer.fetchall(), schema=names, orient="row", infer_schema_length=None)


def _write(value: Parameter) -> str:
    """Return a value as SQL: DuckDB looks for numpy and pandas to take a parameter, which costs half a second.

    >>> _write(["T3-sum", "it's"]), _write([1]), _write(20)
    ("['T3-sum', 'it''s']", '[1]', '20')
    """
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(_write(each) for each in value)}]"
    return quote_text(value) if isinstance(value, str) else str(value)
