"""Opening and asking the published warehouse, with what goes wrong said in the user's words."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from pipelines.errors import UsageError
from pipelines.settings import require_database

if TYPE_CHECKING:
    import polars as pl
    from duckdb.sqltypes import DuckDBPyType

WHOLE = {
    "tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint", "uhugeint",
}  # fmt: skip
BROKEN = {"float", "double", "decimal"}
# What Python takes as DuckDB has it. All else is asked for as text: Python has no infinite date, no nanosecond, and no
# month but one of thirty days.
_KEPT = {*WHOLE, *BROKEN, "boolean", "varchar", "enum", "uuid", "sqlnull"}
# What Parquet has no type for, or DuckDB writes as something else.
_NOT_IN_PARQUET = {"interval", "union", "uhugeint", "bit", "bignum", "time with time zone"}
NESTED = {"list", "array", "struct", "map"}
TIMES = {"timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamp with time zone"}
_BATCH = 5_000
# Where the names are of which DuckDB, told one that is not there, shows a few.
_HINTS = {
    "not found in FROM clause": '`gongkai query "DESCRIBE agency_year"` lists all columns of a table',
    "Table with name": '`gongkai query "SHOW TABLES"` lists all tables',
}


@contextmanager
def open_warehouse(database: Path, writes: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published file for reading only: no statement can change it, and none can touch another file.

    Args:
        database: The file.
        writes: The one other file that may be touched: an answer is written there.

    Raises:
        UsageError: There is no warehouse, or the file is none.
    """
    if not database.is_file():
        raise UsageError(f"no warehouse at {database}; run `gongkai build` (or `make warehouse`) first")
    require_database(database)
    try:
        connection = duckdb.connect(
            str(database), read_only=True, config={} if writes else {"enable_external_access": "false"}
        )
        if writes is not None:  # which has to be said while everything may be touched
            place = _quote(str(writes), "'")
            connection.execute(f"SET allowed_paths = [{place}]")
            connection.execute("SET enable_external_access = false")
        connection.execute("SET enable_progress_bar = false")  # which DuckDB draws into the answer
        connection.execute("FROM meta_release LIMIT 0")
    except duckdb.CatalogException as error:
        raise UsageError(f"{database} is no warehouse: it holds no release") from error
    except duckdb.Error as error:
        raise UsageError(f"{database} cannot be opened: {first_sentence(error)}") from error
    with connection:
        try:
            yield connection
        finally:
            connection.interrupt()  # or a question that was dropped is worked on to its end, and closing waits for it


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question gives, row by row and never all of it at once.

    Attributes:
        names: The columns, each name once (`agency_id_1`).
        kinds: What DuckDB holds in each: `bigint`, `timestamp` …
        rows: Python has the same values as DuckDB: what it has no type for is text, as DuckDB shows it.
    """

    names: list[str]
    kinds: Sequence[str]
    rows: Iterator[tuple[Any, ...]]


def answer(connection: duckdb.DuckDBPyConnection, sql: str, *values: object, most: int | None = None) -> Answer:
    """Begin to answer one question; `values` take the places of $1, $2 …, `most` the first rows alone.

    Raises:
        UsageError: The SQL is wrong, asks for a change, or gives no rows; while the rows are read, that it breaks off.
        KeyboardInterrupt: It was interrupted.
    """
    with _told_in_a_line():
        asked = _relate(connection, sql, values)
        kinds = [kind.id for kind in asked.types]
        asked = _retype(asked, _python_type)
        if most is not None:
            asked = asked.limit(most)
        first = asked.fetchmany(_BATCH)
    return Answer(asked.columns, kinds, chain(first, _read_on(asked)))


def _read_on(asked: duckdb.DuckDBPyRelation) -> Iterator[tuple[Any, ...]]:
    while True:
        with _told_in_a_line():
            rows = asked.fetchmany(_BATCH)
        if not rows:
            return
        yield from rows


def write_parquet(connection: duckdb.DuckDBPyConnection, sql: str, file: Path) -> None:
    """Write the answer to one question to a file that the connection may touch, portion by portion.

    Raises:
        UsageError: The SQL is wrong, asks for a change, gives no rows or a number that Parquet has no room for.
        OSError: The file cannot be written.
        KeyboardInterrupt: It was interrupted.
    """
    with _told_in_a_line():
        asked = _retype(_relate(connection, sql, ()), _parquet_type)
        try:
            asked.write_parquet(str(file), compression="zstd")
        except duckdb.IOException as error:
            raise OSError(0, first_sentence(error)) from error


def ask(connection: duckdb.DuckDBPyConnection, sql: str) -> "pl.DataFrame":
    """Return the answer to one of the project's own questions.

    Raises:
        UsageError: It was asked of a file of another release, which lacks a table.
    """
    import polars as pl  # what the user asks needs no frame

    with _told_in_a_line():
        # Not .pl(): on DuckDB 1.5 it wants pyarrow, which nothing else at run time does.
        return pl.DataFrame(_relate(connection, sql, ()))


@contextmanager
def _told_in_a_line() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise UsageError(first_sentence(error)) from error
    except RuntimeError as error:
        # This is how DuckDB says Ctrl-C while it hands over rows.
        if isinstance(error.__cause__, KeyboardInterrupt):
            raise KeyboardInterrupt from error
        raise


def _relate(connection: duckdb.DuckDBPyConnection, sql: str, values: tuple[object, ...]) -> duckdb.DuckDBPyRelation:
    # None for a statement without a result, whatever the stubs say.
    asked: duckdb.DuckDBPyRelation | None = connection.sql(sql, params=values) if values else connection.sql(sql)
    if asked is None:
        raise UsageError("the statement gives no rows; ask with SELECT or FROM")
    return asked


def _retype(asked: duckdb.DuckDBPyRelation, choose: "Callable[[DuckDBPyType], str | None]") -> duckdb.DuckDBPyRelation:
    """Return an answer with each name once, and columns as the types that are chosen for them."""
    if len(set(asked.columns)) < len(asked.columns):
        asked = asked.project("*")
    chosen = {name: told for name, kind in zip(asked.columns, asked.types, strict=True) if (told := choose(kind))}
    if not chosen:
        return asked
    casts = (f"CAST({_quote(name)} AS {kind}) AS {_quote(name)}" for name, kind in chosen.items())
    return asked.project(f"* REPLACE ({', '.join(casts)})")


def _python_type(kind: "DuckDBPyType") -> str | None:
    return _nested(kind, _python_type) if kind.id in NESTED else None if kind.id in _KEPT else "VARCHAR"


def _parquet_type(kind: "DuckDBPyType") -> str | None:
    if kind.id == "hugeint":
        return "DECIMAL(38, 0)"  # DuckDB would write a DOUBLE
    return _nested(kind, _parquet_type) if kind.id in NESTED else "VARCHAR" if kind.id in _NOT_IN_PARQUET else None


def _nested(kind: "DuckDBPyType", choose: "Callable[[DuckDBPyType], str | None]") -> str | None:
    """Return the type of a list, map or struct whose parts are of chosen types; None where all may stay."""
    parts = [(name, part, choose(part)) for name, part in kind.children if not isinstance(part, int | list)]
    if not any(told for _, _, told in parts):
        return None
    told = [
        f"{_quote(name)} {told or part}" if kind.id == "struct" else f"{told or part}" for name, part, told in parts
    ]
    if kind.id in ("list", "array"):
        return told[0] + (f"[{dict(kind.children)['size']}]" if kind.id == "array" else "[]")
    if kind.id == "struct" and not all(name for name, _, _ in parts):
        return "VARCHAR"  # a row without names
    return f"{kind.id}({', '.join(told)})"


def _quote(name: str, mark: str = '"') -> str:
    return mark + name.replace(mark, mark * 2) + mark  # schemas.ddl costs a start


def require_elsewhere(output: Path, database: Path) -> None:
    """Accept a file to write to that is not the warehouse.

    Raises:
        UsageError: It is.
    """
    if output.exists() and database.exists() and output.samefile(database):
        raise UsageError(f"{output} is the warehouse itself; name another file")


def require_text(sql: str) -> str:
    """Return a question that is text.

    Raises:
        UsageError: It holds bytes that are none in UTF-8, as a file in GB18030 does.
    """
    try:
        sql.encode()
    except UnicodeEncodeError as error:
        raise UsageError("the question is no text in UTF-8; save the file that holds it as UTF-8") from error
    return sql


def split_questions(sql: str) -> list[str]:
    r"""Return the questions of a text, each with the statements before it that give no rows (SET, USE).

    DuckDB answers the last statement of several and keeps still about the others.

    Raises:
        UsageError: The SQL is wrong.

    >>> split_questions("SELECT '1;'; -- one;\nSET threads = 1; FROM x")
    ["SELECT '1;';", ' -- one;\nSET threads = 1; FROM x']
    """
    questions: list[str] = []
    found: list[bool] = []
    before, start = "", 0
    text = sql.encode()
    for end in (*list_semicolons(sql), len(text)):
        before += text[start : end + 1].decode()
        start = end + 1
        try:
            # Not its parts' own text: a PIVOT is two statements, and the first has none.
            found = [
                any(kind.name != "NOTHING" for kind in statement.expected_result_type)
                for statement in duckdb.extract_statements(before)
            ]
        except duckdb.Error as error:
            raise UsageError(first_sentence(error)) from error
        if any(found):
            questions.append(before)
            before = ""
    return [*questions, before] if before and found else questions


def list_semicolons(sql: str) -> list[int]:
    """Return at which bytes of a text a statement ends: not within a quotation or a comment.

    >>> list_semicolons("SELECT ';'; -- so;"), list_semicolons("SELECT '名' ;"), list_semicolons("SELECT ';")
    ([10], [13], [])
    """
    text = sql.encode()
    return [
        place for place, kind in duckdb.tokenize(sql)
        if kind == duckdb.token_type.operator and text[place : place + 1] == b";"
    ]  # fmt: skip


def first_sentence(error: duckdb.Error) -> str:
    r"""Return DuckDB's message without the excerpt of the query that it draws below it, and where to look for names.

    >>> first_sentence(duckdb.Error("Catalog Error: no such table\nDid you mean x?\n\nLINE 1: FROM y\n          ^"))
    'Catalog Error: no such table Did you mean x?'
    """
    told = " ".join(str(error).split("\n\nLINE ")[0].split())
    return told + next((f"; {hint}" for sign, hint in _HINTS.items() if sign in told), "")
