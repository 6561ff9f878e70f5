"""`gongkai shell`: one question to the warehouse after the other, with completion and history."""

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import duckdb

from pipelines.cli.query import MOST_COUNTED, say_rows, write_table
from pipelines.cli.terminal import make_console
from pipelines.cli.warehouse import answer, list_semicolons, open_warehouse, require_text, split_questions
from pipelines.errors import UsageError, make_harmless
from pipelines.orchestrate.project import open_project

_WELCOME = "Gongkai, release {release}. Ask in SQL and end with ; — .help shows more, Ctrl-D leaves."
_PROMPT, _CONTINUED = "gongkai> ", "     ...> "
_HELP = """\
.tables [TEXT]     tables and views, or those whose name or meaning holds the text
.columns TABLE     columns of a table with type, unit and meaning
.macros            questions with names, and how they are called
.measures [TEXT]   measures and rates, or those that the text is about
.help              this
.quit              leave (so does Ctrl-D); Ctrl-C drops what is typed"""
# One statement for each: the answer is a table like any other.
_META = {
    ".tables": """SELECT table_name, layer, row_count, description_{lang} AS meaning FROM meta_table
        WHERE contains(table_name, $1) OR contains(description_zh, $1) OR contains(lower(description_en), lower($1))
        ORDER BY layer, table_name""",
    ".columns": """SELECT column_name, type, unit, description_{lang} AS meaning FROM meta_column
        WHERE table_name = $1 ORDER BY position""",
    ".macros": """SELECT call, description_{lang} AS meaning, example FROM meta_macro
        WHERE contains(call, $1) ORDER BY position""",
    ".measures": "SELECT code, name_zh, unit, description_{lang} AS meaning FROM find_measure($1)",
}
_KEYWORDS = (
    "SELECT", "FROM", "WHERE", "GROUP BY ALL", "ORDER BY", "LIMIT", "JOIN", "LEFT JOIN", "USING", "HAVING", "DISTINCT",
    "DESCRIBE", "SUMMARIZE", "count(*)", "sum(", "avg(", "median(", "DESC",
)  # fmt: skip
_HISTORY_LINES = 2_000


def run(options: Namespace) -> int:
    """Read questions until the input ends.

    A question is answered by a connection of its own, so that one asked after a publish is asked of the new release.
    """
    database = open_project(warehouse=options.warehouse).workspace.database
    with open_warehouse(database) as connection:
        [(release,)] = connection.execute("SELECT release_id FROM meta_release WHERE is_current").fetchall()
        names = list(_names(connection))
    if sys.stdin.isatty():
        make_console().print(_WELCOME.format(release=str(release)[:12]), markup=False)
        _set_up_editing(names)
    failed = False
    for statement in read_statements(_read_line):
        try:
            _answer(database, statement)
        except UsageError as error:
            failed = True
            print(f"gongkai: {make_harmless(str(error))}", file=sys.stderr)  # noqa: T201 - the command's own voice
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)  # noqa: T201 - the command's own voice
    return 1 if failed and not sys.stdin.isatty() else 0


def read_statements(read_line: Callable[[str], str]) -> Iterator[str]:
    r"""Yield what is asked: a line that begins with a point, or lines up to a semicolon that ends one.

    Args:
        read_line: Returns a line for a prompt; EOFError ends the input, KeyboardInterrupt drops what is typed.

    >>> lines = iter(["SELECT 1", "+ 1;", "", ".tables", "FROM x"])
    >>> def read(prompt):
    ...     try:
    ...         return next(lines)
    ...     except StopIteration:
    ...         raise EOFError from None
    >>> list(read_statements(read))
    ['SELECT 1\n+ 1', '.tables', 'FROM x']
    """
    typed: list[str] = []
    while True:
        try:
            line = read_line(_CONTINUED if typed else _PROMPT)
        except KeyboardInterrupt:
            typed = []
            print()  # noqa: T201 - the prompt's own line
            continue
        except EOFError:
            if typed:
                yield "\n".join(typed)
            return
        if not typed and (not line.strip() or line.lstrip().startswith(".")):
            if line.strip() in (".quit", ".exit"):
                return
            if line.strip():
                yield line.strip()
            continue
        typed.append(line.rstrip())
        if _is_ended("\n".join(typed)):
            yield "\n".join(typed).rstrip("; \n")
            typed = []


def _is_ended(typed: str) -> bool:
    """Tell whether the last word that is no comment is a semicolon.

    >>> _is_ended("SELECT ';"), _is_ended("SELECT ';' -- so;"), _is_ended("SELECT '名'; -- so"), _is_ended("-- ;")
    (False, False, True, False)
    """
    words = [place for place, kind in duckdb.tokenize(typed) if kind != duckdb.token_type.comment]
    return bool(words) and words[-1] in list_semicolons(typed)


def _read_line(prompt: str) -> str:
    return require_text(input(prompt if sys.stdin.isatty() else ""))


def _answer(database: Path, statement: str) -> None:
    command, _, argument = statement.partition(" ")
    if command == ".help":
        make_console().print(_HELP, markup=False)
        return
    if command.startswith(".") and command not in _META:
        raise UsageError(f"there is no {command}; .help shows what there is")
    with open_warehouse(database) as connection:
        if command in _META:
            asked = argument.strip().rstrip(";")
            found = answer(connection, _META[command].format(lang=_language()), asked)
            first = next(found.rows, None)
            if command == ".columns" and first is None:
                raise UsageError(f"there is no table {asked or '(name one)'}; .tables shows what there is")
            write_table(replace(found, rows=chain([first] if first else [], found.rows)), sys.stdout)
            return
        for question in split_questions(statement):
            count = write_table(answer(connection, question, most=MOST_COUNTED + 1), sys.stdout)
            make_console().print(f"{say_rows(count)} rows", style="dim", markup=False)


def _language() -> str:
    """Return the language in which meanings are told: that of the terminal."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if spoken.startswith("zh") else "en"


def _names(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Yield what may be completed: words of SQL, commands, tables, macros, columns, measures."""
    yield from (*_KEYWORDS, *_META, ".help", ".quit")
    sql = """SELECT table_name FROM meta_table UNION SELECT macro_name || '(' FROM meta_macro
        UNION SELECT column_name FROM meta_column ORDER BY 1"""
    yield from (name for (name,) in connection.execute(sql).fetchall())


def _set_up_editing(names: list[str]) -> None:
    """Complete words by Tab and remember lines, where Python has been built with readline."""
    try:
        import readline
    except ImportError:
        return
    history = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "gongkai/history"
    readline.set_completer_delims(" \t\n,()=<>+-*/;'")
    readline.set_completer(make_completer(names))
    readline.parse_and_bind("tab: complete")
    try:
        history.parent.mkdir(parents=True, exist_ok=True)
        if history.exists():
            readline.read_history_file(history)
    except OSError:
        return  # a home that cannot be written to is no reason not to answer
    import atexit

    readline.set_history_length(_HISTORY_LINES)
    atexit.register(_write_history, readline.write_history_file, history)


def _write_history(write: Callable[[Path], None], history: Path) -> None:
    try:
        write(history)
    except OSError as error:
        print(f"gongkai: {history} cannot be written: {error.strerror}", file=sys.stderr)  # noqa: T201 - the command's own voice


def make_completer(names: list[str]) -> Callable[[str, int], str | None]:
    """Return readline's completer over names, whatever the case of what is typed.

    >>> complete = make_completer(["agency_year", "agency_peers", "SELECT"])
    >>> complete("AGENCY_Y", 0), complete("sel", 0), complete("agency", 2)
    ('agency_year', 'SELECT', None)
    """

    def complete(text: str, state: int) -> str | None:
        found = [name for name in names if name.lower().startswith(text.lower())]
        return found[state] if state < len(found) else None

    return complete
