"""Asked by `tests/test_clients.py` in the environment of another DuckDB, where nothing but DuckDB is installed.

`python ask.py DATABASE PARQUET` prints as JSON the version, what every table, view and macro of the database answers,
and how many rows each table's Parquet twin has.
"""

import json
import sys
from pathlib import Path
from typing import Any

import duckdb


def main(database: str, parquet: str) -> None:
    """Print the answers."""
    connection = duckdb.connect(database, read_only=True)
    names = connection.execute(
        "SELECT table_name, comment FROM duckdb_tables() UNION ALL "
        "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal ORDER BY 1"
    ).fetchall()
    told: dict[str, Any] = {"version": duckdb.__version__, "rows": {}, "twins": {}}
    told["comments"] = [comment for _, comment in names]
    for name, _ in names:
        # Every column of every row is computed: a view may be opened by a client that cannot answer it.
        columns = [row[0] for row in connection.execute(f'DESCRIBE "{name}"').fetchall()]
        counted = ", ".join(f'count("{column}")' for column in columns)
        told["rows"][name] = connection.execute(f'SELECT count(*), {counted} FROM "{name}"').fetchall()[0]
    told["figures"] = connection.execute(
        "SELECT agency_name, year, new_received, granted, grant_rate FROM agency_year ORDER BY ALL"
    ).fetchall()
    # A macro is kept as text and parsed by whoever calls it.
    macros = connection.execute("SELECT macro_name, example FROM meta_macro ORDER BY ALL").fetchall()
    told["macros"] = {name: sorted(map(str, connection.execute(example).fetchall())) for name, example in macros}
    for path in sorted(Path(parquet).glob("*.parquet")):
        files = f"{path}/*.parquet" if path.is_dir() else str(path)
        [(count,)] = connection.execute("SELECT count(*) FROM read_parquet(?)", [files]).fetchall()
        told["twins"][path.stem] = count
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
