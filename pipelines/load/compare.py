"""What two releases of the warehouse say differently, row by row, and why.

Nothing here walks over rows in Python. Each table is first added up by agency and year on either side, so that what is
the same is read once and forgotten; only the rows of agencies and years that differ are joined by their keys. DuckDB
spills what does not fit into its share of memory.

A row is known by its table's key. A report's identifier hashes its bytes, so a corrected file would turn every row into
another one: where a key names a report, its file stands in the place of it, and the two identifiers themselves are
compared nowhere else.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from pipelines.errors import UsageError
from pipelines.settings import require_database
from schemas.ddl import quote_name, quote_text, warehouse_tables
from schemas.table import TableSpec

_LAYERS = ("dimension", "evidence", "fact")
_LINKS = ("report_id", "file_id")
_KNOWLEDGE = -1  # in the place of an agency: rows that schemas decides, and no file
_OWNER = "coalesce(r.agency_id, 0) AS owner_id, coalesce(r.year, 0) AS owner_year"
_MEMORY = "1GB"
_SUFFIX = ".parquet"
_JOINED = ("dim_report", "dim_agency", "source_file", "coverage", "meta_release")  # whose rows tell of other tables'


@dataclass(frozen=True)
class Side:
    """One of two releases: a database file, or the folder of its Parquet twins.

    Attributes:
        name: `old` or `new`, the schema of its views.
        path: The file or folder.
        parts: The files of a folder's tables by their inodes, by table.
        shared: Inodes of parts of big tables that are the other release's too: what they hold is the same.
    """

    name: str
    path: Path
    parts: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    shared: frozenset[int] = field(default=frozenset())

    def source(self, table_name: str) -> str | None:
        """Return where the rows of a table are, as SQL; None where this release has no such table."""
        if self.path.is_file():
            return f"{self.name}_file.{quote_name(table_name)}"
        parts = self.parts.get(table_name, {})
        own = ", ".join(quote_text(part) for inode, part in parts.items() if inode not in self.shared)
        if own:
            return f"read_parquet([{own}], hive_partitioning = false)"
        return f"(FROM read_parquet({quote_text(next(iter(parts.values())))}) LIMIT 0)" if parts else None


def list_parts(folder: Path) -> dict[str, dict[int, str]]:
    """Return the Parquet files of a release by inode, by table: one file, or a folder of thousands, in order."""
    tables = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name.removesuffix(_SUFFIX)
            if entry.is_dir():
                with os.scandir(entry) as parts:
                    found = sorted((part.path, part.inode()) for part in parts if part.name.endswith(_SUFFIX))
                tables[name] = {inode: path for path, inode in found}
            elif name != entry.name:
                tables[name] = {entry.inode(): entry.path}
    return tables


@contextmanager
def compare_releases(old: Path, new: Path, threads: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection with what differs: the tables `changed_row` and `change_reason`, and the view `change_summary`.

    `changed_row` has table_name, change, agency_id, year, row_key (JSON) and cells, the columns that differ with their
    old and new values; `change_summary` counts rows by table, agency and year with the reasons.

    Args:
        old: A database file, the folder of its Parquet twins, or the warehouse folder that holds both.
        new: The same.
        threads: That work; None for as many as there are cores.

    Raises:
        UsageError: One of them is none of these, or cannot be opened.
    """
    sides = _open_sides(old, new)
    with TemporaryDirectory(prefix="gongkai-diff-") as spill, duckdb.connect(":memory:") as connection:
        connection.execute(f"SET memory_limit = {quote_text(_MEMORY)}")
        connection.execute(f"SET temp_directory = {quote_text(spill)}")
        connection.execute("SET preserve_insertion_order = false")
        if threads is not None:
            connection.execute(f"SET threads = {threads}")
        compared = [spec for spec in warehouse_tables() if spec.layer in _LAYERS and not _is_one_file(sides, spec.name)]
        for side in sides:
            _show_side(connection, side, {*(spec.name for spec in compared), *_JOINED})
        connection.execute(_read_query("prepare"))
        for spec in compared:
            _compare_table(connection, spec)
        connection.execute(_read_query("explain"))
        yield connection


def _open_sides(old: Path, new: Path) -> tuple[Side, Side]:
    paths = [_locate(path) for path in (old, new)]
    parts = [list_parts(path) if path.is_dir() else {} for path in paths]
    shared: frozenset[int] = frozenset()
    if all(path.is_dir() for path in paths) and paths[0].stat().st_dev == paths[1].stat().st_dev:
        # Only of tables that are folders of parts: a small table is read whole, because the others are joined to it.
        mine, theirs = (
            {inode for name, files in tables.items() if (path / f"{name}{_SUFFIX}").is_dir() for inode in files}
            for path, tables in zip(paths, parts, strict=True)
        )
        shared = frozenset(mine & theirs)
    return Side("old", paths[0], parts[0], shared), Side("new", paths[1], parts[1], shared)


def _is_one_file(sides: tuple[Side, Side], table_name: str) -> bool:
    """Tell that both releases have a table as the same file, as a refresh leaves those that it does not make again."""
    twins = [side.path / f"{table_name}{_SUFFIX}" for side in sides]
    return all(twin.is_file() for twin in twins) and twins[0].samefile(twins[1])


def _locate(path: Path) -> Path:
    """Return the database or the folder of twins that a path means."""
    if path.is_file():
        return path
    database = path / "gongkai.duckdb"
    if database.is_file():
        return database
    for folder in (path, path / "parquet"):
        if (folder / "dim_report.parquet").is_file():
            return folder.resolve()
    raise UsageError(f"{path} is no warehouse: name a database file, a folder of Parquet twins, or the folder of both")


def _show_side(connection: duckdb.DuckDBPyConnection, side: Side, names: Collection[str]) -> None:
    """Show some tables of one release as views of the schema named as the side."""
    connection.execute(f"CREATE SCHEMA {side.name}")
    try:
        if side.path.is_file():
            require_database(side.path)
            connection.execute(f"ATTACH {quote_text(str(side.path))} AS {side.name}_file (READ_ONLY)")
            if not _is_there(connection, side, "dim_report"):
                raise UsageError(f"{side.path} is no warehouse: it holds no reports")
        for spec in (spec for spec in warehouse_tables() if spec.name in names):
            source = side.source(spec.name)
            if source is None or not _is_there(connection, side, spec.name):
                columns = ", ".join(f"NULL::{column.type} AS {quote_name(column.name)}" for column in spec.columns)
                query = f"SELECT {columns} WHERE false"
            else:
                query = f"SELECT {_known_columns(connection, source, spec)} FROM {source}"  # noqa: S608 - quoted
            connection.execute(f"CREATE VIEW {side.name}.{quote_name(spec.name)} AS {query}")
    except duckdb.Error as error:
        raise UsageError(f"{side.path} cannot be read as a warehouse: {' '.join(str(error).split())}") from error


def _is_there(connection: duckdb.DuckDBPyConnection, side: Side, table_name: str) -> bool:
    if not side.path.is_file():
        return True
    # Not bound: DuckDB imports pandas, where it is installed, to look at a bound value, a third of a second a build.
    places = f"database_name = {quote_text(f'{side.name}_file')} AND table_name = {quote_text(table_name)}"
    [(count,)] = connection.execute(f"SELECT count(*) FROM duckdb_tables() WHERE {places}").fetchall()  # noqa: S608 - quoted
    return bool(count)


def _known_columns(connection: duckdb.DuckDBPyConnection, source: str, spec: TableSpec) -> str:
    """Return the table's columns as this version knows them; one that an older file lacks is null."""
    found = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}  # noqa: S608 - quoted
    return ", ".join(
        quote_name(column.name) if column.name in found else f"NULL::{column.type} AS {quote_name(column.name)}"
        for column in spec.columns
    )


def _compare_table(connection: duckdb.DuckDBPyConnection, spec: TableSpec) -> None:
    """Add the rows of one table that differ to `changed_row`."""
    names = [column.name for column in spec.columns]
    key = [name for name in spec.key if name not in _LINKS]
    by_file = bool(set(_LINKS) & set(spec.key)) or (not spec.key and bool(set(_LINKS) & set(names)))
    values = [name for name in names if name not in (*spec.key, *_LINKS)]
    if not spec.key:  # rows without a key are told apart by all that they say, and counted
        key, values = values, []
    keys = [*(["of_file"] if by_file else []), *key]
    for side in ("old", "new"):
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {side}_row AS {_told_rows(spec, side, names, keys, values)}")
    told = ", ".join(quote_name(name) for name in [*keys, *values, *([] if spec.key else ["copies"])])
    connection.execute(_read_query("differing").replace("{told}", told))
    if not connection.execute("FROM differing LIMIT 1").fetchone():
        return
    connection.execute(
        _read_query("changed")
        .replace("{table_name}", quote_text(spec.name))
        .replace("{same_key}", " AND ".join(f"o.{name} IS NOT DISTINCT FROM n.{name}" for name in _quoted(keys)))
        .replace("{row_key}", ", ".join(f"{name} := coalesce(n.{name}, o.{name})" for name in _quoted(keys)))
        .replace("{cells}", ",\n        ".join(_cell(name) for name in [*values, *([] if spec.key else ["copies"])]))
    )


def _told_rows(spec: TableSpec, side: str, names: list[str], keys: list[str], values: list[str]) -> str:
    """Return the query for one side's rows: whose they are, what they are known by, and what they say."""
    link, owner = "", f"{_KNOWLEDGE}::BIGINT AS owner_id, 0 AS owner_year"
    file = "t.file_id" if "file_id" in names else "NULL::BIGINT"
    if "report_id" in names:
        link = f" LEFT JOIN {side}_report AS r ON r.report_id = t.report_id"
        owner, file = _OWNER, f"coalesce(r.file_id, {file})"
    elif "file_id" in names and "agency_id" not in names:
        link = f" LEFT JOIN {side}_report AS r ON r.file_id = t.file_id"
        owner = _OWNER
    if "agency_id" in names:
        owner = f"t.agency_id AS owner_id, {'t.year' if 'year' in names else '0'} AS owner_year"
    shown = [f"{file} AS of_file" if name == "of_file" else f"t.{quote_name(name)}" for name in [*keys, *values]]
    query = f"SELECT {owner}, {', '.join(shown)} FROM {side}.{quote_name(spec.name)} AS t{link}"  # noqa: S608 - quoted
    if spec.key:
        return query
    return f"SELECT *, count(*) AS copies FROM ({query}) GROUP BY ALL"  # noqa: S608 - quoted


def _cell(name: str) -> str:
    column = quote_name(name)
    return (
        f"struct_pack(column_name := {quote_text(name)}, old_value := o.{column}::VARCHAR, "
        f"new_value := n.{column}::VARCHAR)"
    )


def _quoted(names: list[str]) -> list[str]:
    return [quote_name(name) for name in names]


def _read_query(name: str) -> str:
    return (files("pipelines.load") / "queries" / "compare" / f"{name}.sql").read_text(encoding="utf-8")
