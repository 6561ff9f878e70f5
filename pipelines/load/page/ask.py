"""The questions that the page puts to the warehouse: `queries/*.sql`, each of which counts or takes the first few."""

from importlib.resources import files
from typing import Any

import duckdb
import polars as pl


def ask(connection: duckdb.DuckDBPyConnection, name: str, **parameters: Any) -> pl.DataFrame:  # noqa: ANN401 - as DuckDB takes them
    """Return the answer to one of the queries.

    Args:
        connection: The warehouse, its catalogue the default.
        name: Name of the query's file without .sql.
        parameters: Values of its $parameters.
    """
    query = (files("pipelines.load.page") / "queries" / f"{name}.sql").read_text(encoding="utf-8")
    answer = connection.execute(query, parameters) if parameters else connection.execute(query)
    names = [column[0] for column in answer.description or ()]
    # Answers are small: rows as Python has them need neither pyarrow nor what DuckDB 1.5 and 2.0 do not share.
    return pl.DataFrame(answer.fetchall(), schema=names, orient="row", infer_schema_length=None)
