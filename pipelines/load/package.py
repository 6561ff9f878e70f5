"""`datapackage.json` beside the Parquet twins: what every table and column means, for whoever has no DuckDB at hand."""

import json
from pathlib import Path

import duckdb

from pipelines.staging.store import write_file
from schemas.ddl import warehouse_tables
from schemas.package import data_package

DESCRIPTOR = "datapackage.json"


def write_package(connection: duckdb.DuckDBPyConnection, twins: Path) -> None:
    """Write the descriptor of the release in the connection's default database beside its twins.

    As a file of its own, never into one that stands there: a refresh links what stood beside the release before.
    """
    query = "SELECT release_id, strftime(released_at, '%Y-%m-%dT%H:%M:%SZ') FROM meta_release WHERE is_current"
    [(version, created)] = connection.execute(query).fetchall()
    package = data_package(warehouse_tables(), {"version": version, "created": created})
    # A line a table: `indent` would do without the encoder in C and take twenty times as long.
    lines = ",\n".join(json.dumps(resource, ensure_ascii=False) for resource in package.pop("resources"))
    text = f'{json.dumps(package, ensure_ascii=False).removesuffix("}")}, "resources": [\n{lines}\n]}}\n'
    write_file(twins / DESCRIPTOR, text.encode())
