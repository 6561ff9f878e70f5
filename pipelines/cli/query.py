"""`gongkai query`: one question to the published warehouse, which it cannot change."""

import csv
import json
import shutil
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, TextIO

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from pipelines.cli.terminal import make_console, make_table
from pipelines.cli.warehouse import (
    BROKEN,
    NESTED,
    TIMES,
    WHOLE,
    Answer,
    answer,
    open_warehouse,
    require_elsewhere,
    require_text,
    split_questions,
    write_parquet,
)
from pipelines.errors import UsageError
from pipelines.orchestrate.project import open_project
from pipelines.present.output import written_whole

Row = tuple[Any, ...]
_TABLE_ROWS = 200  # a terminal is for looking; whole results go to a file or a pipe
MOST_COUNTED = 100_000  # rows of an answer for a terminal that are fetched: a question without a limit may have more
_FOLDED = 32  # characters to which a column may be folded and still be read
_NO_WIDTH = 1_000_000


def run(options: Namespace) -> int:
    """Answer the question in the format asked for, as it comes: no format holds more of the answer than it shows."""
    if options.format == "parquet" and options.output is None and sys.stdout.isatty():
        raise UsageError("parquet is not for a terminal; name a file with -o")
    sql = require_text(sys.stdin.read() if options.sql == "-" else options.sql)
    database = open_project(warehouse=options.warehouse).workspace.database
    if options.output is not None:
        require_elsewhere(options.output, database)
        try:
            with written_whole(options.output) as file:
                _write_file(database, sql, options.format, file)
        except OSError as error:
            raise UsageError(f"{options.output} cannot be written: {error.strerror or error}") from error
    elif options.format == "parquet":
        with TemporaryDirectory() as folder:  # DuckDB hides what the system says of a pipe
            whole = Path(folder) / "answer.parquet"
            _write_file(database, sql, options.format, whole)
            with whole.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer, 2**20)
    else:
        _write_text(database, sql, options.format, sys.stdout)
    return 0


def _write_file(database: Path, sql: str, form: str, file: Path) -> None:
    if form == "parquet":
        with open_warehouse(database, writes=file) as connection:
            write_parquet(connection, _require_one(sql), file)
    else:
        with file.open("w", encoding="utf-8", newline="") as out:
            _write_text(database, sql, form, out)


def _write_text(database: Path, sql: str, form: str, out: TextIO) -> None:
    with open_warehouse(database) as connection:
        found = answer(connection, _require_one(sql), most=MOST_COUNTED + 1 if form == "table" else None)
        _WRITERS[form](found, out)


def _require_one(sql: str) -> str:
    if len(questions := split_questions(sql)) > 1:
        raise UsageError(f"{len(questions)} questions at once; ask one, or pass them to `gongkai shell`")
    return sql


def write_table(found: Answer, out: TextIO) -> int:
    """Write an answer for a person: side by side where it fits, else record by record; Chinese takes two columns.

    Returns:
        How many rows it has.
    """
    shown = list(islice(found.rows, _TABLE_ROWS))
    height = len(shown) + sum(1 for _ in found.rows)
    console = make_console(out)
    if not shown:
        console.print(Text(f"no rows of {', '.join(found.names)}", style="dim"))
    elif _is_narrow(found, shown, console):
        console.print(_lay_out_rows(found, shown))
    else:
        for part in _lay_out_records(found, shown):
            console.print(part)
    if len(shown) < height:
        console.print(f"{len(shown)} of {say_rows(height)} rows; --format csv gives all", style="dim")
    return height


def say_rows(count: int) -> str:
    """Return how many rows an answer has, of which `MOST_COUNTED` and one more were fetched.

    >>> say_rows(MOST_COUNTED), say_rows(MOST_COUNTED + 1)
    ('100,000', 'more than 100,000')
    """
    return f"{count:,}" if count <= MOST_COUNTED else f"more than {MOST_COUNTED:,}"


def _is_narrow(found: Answer, shown: list[Row], console: Console) -> bool:
    """Tell whether the columns fit side by side: a long text may be folded, but not many columns."""
    options = console.options.update_width(_NO_WIDTH)  # what a table wants, and not what this terminal leaves it
    return console.measure(_lay_out_rows(found, shown, widest=_FOLDED), options=options).maximum <= console.width


def _lay_out_rows(found: Answer, shown: list[Row], widest: int | None = None) -> Table:
    table = make_table()
    for name, kind in zip(found.names, found.kinds, strict=True):
        side: Literal["left", "right"] = "right" if kind in WHOLE | BROKEN else "left"
        table.add_column(Text(name), justify=side, overflow="fold", max_width=widest)
    for row in shown:
        table.add_row(*(_cell(value) for value in row))
    return table


def _lay_out_records(found: Answer, shown: list[Row]) -> Iterator[RenderableType]:
    """Yield each row as a numbered list of its columns, as psql does in its automatic mode."""
    for number, row in enumerate(shown, start=1):
        yield Text(f"record {number}", style="dim")
        record = Table.grid(padding=(0, 2, 0, 0))
        record.add_column(style="bold", no_wrap=True)
        record.add_column(overflow="fold")
        for name, value in zip(found.names, row, strict=True):
            record.add_row(Text(name), _cell(value))
        yield record


def _write_csv(found: Answer, out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(found.names)
    writer.writerows(_change(found, dict.fromkeys((*BROKEN, *NESTED), _plain_text)))


def _write_json(found: Answer, out: TextIO) -> None:
    """Write an array with one object a line: a JSON document that `grep` and `head` can still read."""
    separator = "["
    encode = json.JSONEncoder(ensure_ascii=False).encode
    changes = dict.fromkeys((*BROKEN, *NESTED, "uuid"), _json_value) | dict.fromkeys(TIMES, _iso_time)
    for row in _change(found, changes):
        out.write(separator + encode(dict(zip(found.names, row, strict=True))))
        separator = ",\n"
    out.write("[]\n" if separator == "[" else "]\n")


def _change(found: Answer, changes: Mapping[str, Callable[[Any], object]]) -> Iterator[Sequence[object]]:
    """Return the rows with the values of some kinds of columns changed; most columns are of none of these."""
    places = [(place, changes[kind]) for place, kind in enumerate(found.kinds) if kind in changes]
    if not places:
        return found.rows
    return (_changed(row, places) for row in found.rows)


def _changed(row: Row, places: list[tuple[int, Callable[[Any], object]]]) -> list[object]:
    values = list(row)
    for place, change in places:
        values[place] = change(values[place])
    return values


_WRITERS: dict[str, Callable[[Answer, TextIO], object]] = {
    "table": write_table,
    "csv": _write_csv,
    "json": _write_json,
}


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
    if isinstance(value, list | tuple | dict):
        return json.dumps(_json_value(value), ensure_ascii=False)
    return value


def _iso_time(value: str | None) -> str | None:
    return value and value.replace(" ", "T", 1)


def _json_value(value: object) -> object:
    """Return a value as JSON has it; what is not finite becomes null, since JSON has no word for it."""
    if isinstance(value, dict):
        return {str(name): _json_value(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_json_value(part) for part in value]
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value if value is None or isinstance(value, str | int | bool) else str(value)
