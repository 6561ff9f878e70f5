"""Opening and asking the published warehouse, with what goes wrong said in the user's words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from pipelines.errors import UsageError

# Polars stops with a panic at the first two, and takes the others for numbers or bytes that they are not.
_NO_POLARS_TYPE = re.compile(r"\b(INTERVAL|UNION|UHUGEINT|BIT|BIGNUM|VARINT)\b")
# Where the names are of which DuckDB, told one that is not there, shows a few.
_HINTS = {
    "not found in FROM clause": '`gongkai query "DESCRIBE agency_year"` lists all columns of a table',
    "Table with name": '`gongkai query "SHOW TABLES"` lists all tables',
}


@contextmanager
def open_warehouse(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published file for reading only: no statement can change it, and none can touch another file.

    Raises:
        UsageError: There is no warehouse, or the file is none.
    """
    if not database.is_file():
        raise UsageError(f"no warehouse at {database}; run `gongkai build` (or `make warehouse`) first")
    try:
        connection = duckdb.connect(str(database), read_only=True, config={"enable_external_access": "false"})
    except duckdb.Error as error:
        raise UsageError(f"{database} cannot be opened: {first_sentence(error)}") from error
    with connection:
        yield connection


def ask(connection: duckdb.DuckDBPyConnection, sql: str, *values: object, most: int | None = None) -> pl.DataFrame:
    """Return the answer to one question; `values` take the places of $1, $2 …, `most` the first rows alone.

    Raises:
        UsageError: The SQL is wrong, asks for a change, or gives no rows.
        KeyboardInterrupt: It was interrupted.
    """
    try:
        # None for a statement without a result, whatever the stubs say.
        answer: duckdb.DuckDBPyRelation | None = connection.sql(sql, params=values) if values else connection.sql(sql)
        # Not answer.pl(): on DuckDB 1.5 it wants pyarrow, which nothing else at run time does.
        if answer is not None and most is not None:
            answer = answer.limit(most)
        frame = None if answer is None else pl.DataFrame(_for_polars(answer))
    except duckdb.Error as error:
        raise UsageError(first_sentence(error)) from error
    except RuntimeError as error:
        # This is how DuckDB says Ctrl-C while it hands over rows.
        if isinstance(error.__cause__, KeyboardInterrupt):
            raise KeyboardInterrupt from error
        raise
    if frame is None:
        raise UsageError("the statement gives no rows; ask with SELECT or FROM")
    return frame


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


def _for_polars(answer: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Return an answer that Polars takes: each name once (`agency_id_1`), what it has no type for as text."""
    if len(set(answer.columns)) < len(answer.columns):
        answer = answer.project("*")
    types = dict(zip(answer.columns, map(str, answer.types), strict=True))
    strange = [name for name, type_ in types.items() if _NO_POLARS_TYPE.search(type_)]
    if not strange:
        return answer
    from schemas.ddl import quote_name  # the definitions cost a start, and few questions need them

    texts = (f"CAST({quote_name(name)} AS VARCHAR) AS {quote_name(name)}" for name in strange)
    return answer.project(f"* REPLACE ({', '.join(texts)})")


def first_sentence(error: duckdb.Error) -> str:
    r"""Return DuckDB's message without the excerpt of the query that it draws below it, and where to look for names.

    >>> first_sentence(duckdb.Error("Catalog Error: no such table\nDid you mean x?\n\nLINE 1: FROM y\n          ^"))
    'Catalog Error: no such table Did you mean x?'
    """
    told = " ".join(str(error).split("\n\nLINE ")[0].split())
    return told + next((f"; {hint}" for sign, hint in _HINTS.items() if sign in told), "")
