"""`gongkai query`: one question to the published warehouse, which it cannot change."""

import csv
import io
import json
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import TextIO

import polars as pl
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from pipelines.cli.terminal import make_console, make_table
from pipelines.cli.warehouse import ask, open_warehouse, require_text, split_questions
from pipelines.errors import UsageError
from pipelines.orchestrate.project import open_project

_TABLE_ROWS = 200  # a terminal is for looking; whole results go to a file or a pipe
MOST_COUNTED = 100_000  # rows of an answer for a terminal that are fetched: a question without a limit may have more
_FOLDED = 32  # characters to which a column may be folded and still be read
_NO_WIDTH = 1_000_000


def run(options: Namespace) -> int:
    """Answer the question in the format asked for."""
    if options.format == "parquet" and options.output is None and sys.stdout.isatty():
        raise UsageError("parquet is not for a terminal; name a file with -o")
    sql = require_text(sys.stdin.read() if options.sql == "-" else options.sql)
    with open_warehouse(open_project(warehouse=options.warehouse).workspace.database) as connection:
        if len(questions := split_questions(sql)) > 1:
            raise UsageError(f"{len(questions)} questions at once; ask one, or pass them to `gongkai shell`")
        answer = ask(connection, sql, most=MOST_COUNTED + 1 if options.format == "table" else None)
    if options.format == "parquet":
        _write_parquet(answer, options.output)
    else:
        with _destination(options.output) as out:
            _WRITERS[options.format](answer, out)
    return 0


def write_table(answer: pl.DataFrame, out: TextIO) -> None:
    """Write an answer for a person: side by side where it fits, else record by record; Chinese takes two columns."""
    shown = answer.head(_TABLE_ROWS)
    console = make_console(out)
    if shown.is_empty():
        console.print(Text(f"no rows of {', '.join(shown.columns)}", style="dim"))
    elif _is_narrow(shown, console):
        console.print(_lay_out_rows(shown))
    else:
        for part in _lay_out_records(shown):
            console.print(part)
    if shown.height < answer.height:
        console.print(f"{shown.height} of {count_rows(answer)} rows; --format csv gives all", style="dim")


def count_rows(answer: pl.DataFrame) -> str:
    """Return how many rows an answer has, of which `MOST_COUNTED` and one more were fetched.

    >>> count_rows(pl.DataFrame({"a": range(MOST_COUNTED)})), count_rows(pl.DataFrame({"a": range(MOST_COUNTED + 1)}))
    ('100,000', 'more than 100,000')
    """
    return f"{answer.height:,}" if answer.height <= MOST_COUNTED else f"more than {MOST_COUNTED:,}"


def _is_narrow(shown: pl.DataFrame, console: Console) -> bool:
    """Tell whether the columns fit side by side: a long text may be folded, but not many columns."""
    options = console.options.update_width(_NO_WIDTH)  # what a table wants, and not what this terminal leaves it
    return console.measure(_lay_out_rows(shown, widest=_FOLDED), options=options).maximum <= console.width


def _lay_out_rows(shown: pl.DataFrame, widest: int | None = None) -> Table:
    table = make_table()
    for name, dtype in shown.schema.items():
        table.add_column(
            Text(name), justify="right" if dtype.is_numeric() else "left", overflow="fold", max_width=widest
        )
    for row in shown.iter_rows():
        table.add_row(*(_cell(value) for value in row))
    return table


def _lay_out_records(shown: pl.DataFrame) -> Iterator[RenderableType]:
    """Yield each row as a numbered list of its columns, as psql does in its automatic mode."""
    for number, row in enumerate(shown.iter_rows(), start=1):
        yield Text(f"record {number}", style="dim")
        record = Table.grid(padding=(0, 2, 0, 0))
        record.add_column(style="bold", no_wrap=True)
        record.add_column(overflow="fold")
        for name, value in zip(shown.columns, row, strict=True):
            record.add_row(Text(name), _cell(value))
        yield record


def _write_csv(answer: pl.DataFrame, out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows([_plain_text(value) for value in row] for row in answer.iter_rows())


def _write_json(answer: pl.DataFrame, out: TextIO) -> None:
    """Write an array with one object a line: a JSON document that `grep` and `head` can still read."""
    separator = "["
    for row in answer.iter_rows(named=True):
        out.write(separator + json.dumps(_json_value(row), ensure_ascii=False))
        separator = ",\n"
    out.write("]\n" if answer.height else "[]\n")


_WRITERS: dict[str, Callable[[pl.DataFrame, TextIO], None]] = {
    "table": write_table,
    "csv": _write_csv,
    "json": _write_json,
}


def _write_parquet(answer: pl.DataFrame, output: Path | None) -> None:
    if output is None:
        whole = io.BytesIO()  # Polars hides what the system says of a pipe or a full disk
        answer.write_parquet(whole)
        sys.stdout.buffer.write(whole.getbuffer())
        return
    try:
        answer.write_parquet(output)
    except (OSError, pl.exceptions.ComputeError) as error:
        raise _cannot_write(output, error) from error


@contextmanager
def _destination(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    try:
        with output.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise _cannot_write(output, error) from error


def _cannot_write(output: Path, error: Exception) -> UsageError:
    return UsageError(f"{output} cannot be written: {getattr(error, 'strerror', None) or error}")


def _cell(value: object) -> str:
    if value is None:
        return "[dim]null[/dim]"
    if isinstance(value, float):
        return f"{value:,.15g}".replace(",", "")
    return str(value).replace("[", "\\[")


def _plain_text(value: object) -> object:
    """Return a value as CSV has it: a null is empty, and a float that is whole keeps no `.0` behind it."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list | dict):
        return json.dumps(_json_value(value), ensure_ascii=False)
    return value


def _json_value(value: object) -> object:
    """Return a value as JSON has it; what is not finite becomes null, since JSON has no word for it."""
    if isinstance(value, dict):
        return {str(name): _json_value(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_json_value(part) for part in value]
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | bool) else str(value)
