"""`gongkai diff`: what two releases of the warehouse say differently, by table, agency and year, and why."""

import shutil
import sys
from argparse import Namespace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from pipelines.cli.terminal import make_console, make_table
from pipelines.cli.warehouse import first_sentence
from pipelines.errors import UsageError, WarehouseError
from pipelines.load.compare import compare_releases
from schemas.ddl import quote_text

_SHOWN = 100  # a terminal is for looking; csv and json give all
_SUMMARY = "FROM change_summary ORDER BY table_name, year NULLS FIRST, agency_name NULLS FIRST, agency_id"
_CELLS = "FROM change_cell ORDER BY ALL"
_FORMATS = {"csv": "FORMAT csv, HEADER true", "json": "FORMAT json, ARRAY true"}


def run(options: Namespace) -> int:
    """Compare, and write the answer in the format asked for."""
    query = _CELLS if options.rows else _SUMMARY
    try:
        with compare_releases(options.old, options.new) as connection:
            if options.format == "table":
                _show(connection, query)
            else:
                _write(connection, f"COPY ({query}) TO {{}} ({_FORMATS[options.format]})", options.output)
    except duckdb.Error as error:
        raise WarehouseError(f"{options.old} and {options.new} cannot be compared: {first_sentence(error)}") from error
    return 0


def _show(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    [(count,)] = connection.execute(f"SELECT count(*) FROM ({query})").fetchall()  # noqa: S608 - our own query
    console = make_console()
    if not count:
        console.print("the two releases say the same")
        return
    frame = pl.DataFrame(connection.sql(f"{query} LIMIT {_SHOWN}"))
    table = make_table()
    for name, dtype in frame.schema.items():
        table.add_column(name.replace("_", " "), justify="right" if dtype.is_numeric() else "left", overflow="fold")
    for row in frame.iter_rows():
        table.add_row(*("" if value is None else str(value).replace("[", "\\[") for value in row))
    console.print(table)
    if count > _SHOWN:
        console.print(f"{_SHOWN} of {count:,} lines; --format csv gives all", style="dim")


def _write(connection: duckdb.DuckDBPyConnection, statement: str, output: Path | None) -> None:
    """Have DuckDB write the file, which needs no memory for it, and pass it on where no file was named."""
    if output is not None:
        if not output.parent.is_dir():
            raise UsageError(f"{output} cannot be written: there is no folder {output.parent}")
        connection.execute(statement.format(quote_text(str(output))))
        return
    with TemporaryDirectory(prefix="gongkai-diff-") as folder:
        path = Path(folder) / "answer"
        connection.execute(statement.format(quote_text(str(path))))
        with path.open(encoding="utf-8") as answer:
            shutil.copyfileobj(answer, sys.stdout)
