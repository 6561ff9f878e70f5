"""The published tables in a DuckLake: a catalog in a database, data as Parquet, many writers and readers at once.

A publish to the lake replaces what has changed and nothing else, in one transaction: readers see the release before or
this one, and every release stays readable as a snapshot. What has changed is told by report year: the lake keeps, in a
table of its own, a digest of what each table says of each year, so that nothing in it has to be read to find out.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.errors import UsageError, WarehouseError, one_line
from pipelines.load.lake_storage import load_extension, open_storage
from pipelines.load.settings import LoadLimits
from pipelines.settings import Workspace, is_url
from pipelines.staging import build_lock
from pipelines.staging.fingerprint import hash_parts
from schemas.ddl import comment_statements, create_view, quote_name, quote_text, warehouse_tables, warehouse_views
from schemas.table import TableSpec

_LAKE, _FILE = "lake", "published"
_KEPT = "lake_portion"  # (table_name, portion, row_count, digest): what the lake holds, portion by portion
_DEFINITION = "definition"  # the portion that stands for a table's or view's own definition
_UNDATED = ""  # the portion of rows that belong to no report year
Key = tuple[str, str]  # table and portion
Kept = dict[Key, tuple[int, str]]  # rows and digest
_ATTEMPTS = 5  # of a transaction that another writer's overtook
_EXTENSIONS = {"postgres:": "postgres_scanner", "sqlite:": "sqlite_scanner", "mysql:": "mysql_scanner"}


@dataclass(frozen=True, slots=True)
class LakePublish:
    """What a publish to a lake did.

    Attributes:
        snapshot: Number of the newest snapshot.
        replaced: (table, portion) of everything that was replaced; empty where the lake held all of it already.
    """

    snapshot: int
    replaced: tuple[tuple[str, str], ...]


def publish_to_lake(
    workspace: Workspace,
    catalog: str,
    data: str,
    years: Collection[str] | None = None,
    limits: LoadLimits | None = None,
) -> LakePublish:
    """Bring a DuckLake up to the published warehouse.

    Args:
        workspace: Whose published file is read.
        catalog: Where the lake's catalog is: a file, or `sqlite:`, `postgres:` or `mysql:` and what these want.
        data: Folder or address of its Parquet files; decided when the lake is made.
        years: The report years that this warehouse answers for, where several share the lake: rows of other years stay,
            and rows of tables that know no year are added or replaced one by one. None where it answers for all.
        limits: Memory that DuckDB may use.

    Raises:
        UsageError: There is no warehouse, an extension is missing, or the catalog cannot be opened; in one line.
        WarehouseError: The lake could not be written; it is as it was.
    """
    if not workspace.database.is_file():
        raise UsageError(f"no warehouse at {workspace.database}; run `gongkai build` first")
    with build_lock(workspace), duckdb.connect(":memory:") as connection:
        connection.execute(f"SET memory_limit = {quote_text((limits or LoadLimits()).memory)}")
        open_lake(connection, catalog, data)
        connection.execute(f"ATTACH {quote_text(str(workspace.database))} AS {_FILE} (READ_ONLY)")
        try:
            return _publish(connection, years)
        except duckdb.Error as error:
            raise WarehouseError(f"{catalog} is as it was: {one_line(error)}") from error


def open_lake(connection: duckdb.DuckDBPyConnection, catalog: str, data: str | None = None) -> None:
    """Attach a lake as `lake`.

    Args:
        connection: What it is attached to.
        catalog: As in `publish_to_lake`.
        data: Makes the lake where there is none; None opens it for reading only, where its data is in a folder or
            `open_storage` has opened the address.

    Raises:
        UsageError: An extension is missing, or the catalog cannot be opened.
    """
    load_extension(connection, "ducklake")
    for prefix, extension in _EXTENSIONS.items():
        if catalog.startswith(prefix):
            load_extension(connection, extension)
    if data is not None:
        open_storage(connection, data)
    options = "READ_ONLY" if data is None else f"DATA_PATH {quote_text(_whole_path(data))}"
    try:
        connection.execute(f"ATTACH {quote_text(f'ducklake:{catalog}')} AS {_LAKE} ({options})")
    except duckdb.Error as error:
        raise UsageError(f"the DuckLake catalog {catalog} cannot be opened: {one_line(error)}") from error


# ---------------------------------------------------------------------------------------------------------- publishing


def _publish(connection: duckdb.DuckDBPyConnection, years: Collection[str] | None) -> LakePublish:
    for attempt in range(1, _ATTEMPTS + 1):
        connection.execute("BEGIN")
        try:
            kept = _read_kept(connection)
            now = dict(kept)
            replaced = tuple(_replace(connection, now, years))
            _write_kept(connection, kept, now)
            connection.execute("COMMIT" if replaced else "ROLLBACK")
        except duckdb.TransactionException:
            # Another writer was quicker. The transaction is gone, and is made anew from what the lake holds now.
            if attempt == _ATTEMPTS:
                raise
            continue
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        (snapshot,) = _row(connection, f"SELECT max(snapshot_id) FROM {_LAKE}.snapshots()")  # noqa: S608 - ours
        return LakePublish(snapshot, replaced)
    raise WarehouseError("no attempt was made")


def _replace(connection: duckdb.DuckDBPyConnection, kept: Kept, years: Collection[str] | None) -> Iterator[Key]:
    """Replace every portion that differs, note so in `kept`, and yield its table and name."""
    yield from _create_tables(connection, kept)
    specs = {spec.name: spec for spec in warehouse_tables()}
    found = {key: (count, digest) for spec in specs.values() for key, count, digest in _portions(connection, spec)}
    held = {key for key in kept if key[0] in specs and key[1] != _DEFINITION}
    changed = [key for key in sorted(found.keys() | held) if kept.get(key) != found.get(key)]
    chosen = [key for key in changed if years is None or key[1] in years]
    # Which year a row belongs to is told by dim_report, so that one is emptied last.
    for name, portion in sorted(chosen, key=lambda key: key[0] == "dim_report"):
        connection.execute(f"DELETE FROM {_LAKE}.{quote_name(name)} AS t WHERE {_is_of(specs[name], _LAKE, portion)}")  # noqa: S608 - our own names
    for name, portion in chosen:
        if (name, portion) in found:
            query = f"SELECT t.* FROM {_FILE}.{quote_name(name)} AS t WHERE {_is_of(specs[name], _FILE, portion)}"  # noqa: S608 - our own names
            connection.execute(f"INSERT INTO {_LAKE}.{quote_name(name)} BY NAME {query}")
        if (name, portion) in found:
            kept[name, portion] = found[name, portion]
        else:
            del kept[name, portion]
        yield name, portion
    if years is not None:
        for name, portion in changed:
            if portion == _UNDATED and specs[name].layer == "dimension" and (name, portion) in found:
                yield from _merge(connection, specs[name], kept)
    for spec in warehouse_views():
        if kept.get((spec.name, _DEFINITION)) != _define(spec):
            _create_view(connection, spec)
            kept[spec.name, _DEFINITION] = _define(spec)
            yield spec.name, _DEFINITION


def _merge(connection: duckdb.DuckDBPyConnection, spec: TableSpec, kept: Kept) -> Iterator[Key]:
    """Replace the rows whose keys this warehouse knows; those that only another one knows stay."""
    name = quote_name(spec.name)
    new = _row(connection, f"SELECT count(*) FROM (FROM {_FILE}.{name} EXCEPT FROM {_LAKE}.{name})")  # noqa: S608 - our own names
    if new == (0,):
        return
    same = " AND ".join(f"f.{quote_name(key)} IS NOT DISTINCT FROM t.{quote_name(key)}" for key in spec.key)
    connection.execute(
        f"DELETE FROM {_LAKE}.{name} AS t WHERE EXISTS (SELECT 1 FROM {_FILE}.{name} AS f WHERE {same})"  # noqa: S608 - our own names
    )
    connection.execute(f"INSERT INTO {_LAKE}.{name} BY NAME FROM {_FILE}.{name}")
    # The lake holds more than any one warehouse knows, so no digest of one can speak for it.
    kept[spec.name, _UNDATED] = (0, "merged")
    yield spec.name, _UNDATED


def _create_tables(connection: duckdb.DuckDBPyConnection, kept: Kept) -> Iterator[Key]:
    """Create the tables that are new or defined otherwise; all where dim_report is, which tells years apart."""
    specs = warehouse_tables()
    outdated = [spec for spec in specs if kept.get((spec.name, _DEFINITION)) != _define(spec)]
    if any(spec.name == "dim_report" for spec in outdated):
        outdated = list(specs)
    for spec in outdated:
        _create(connection, spec)
        for key in [key for key in kept if key[0] == spec.name]:
            del kept[key]
        kept[spec.name, _DEFINITION] = _define(spec)
        yield spec.name, _DEFINITION


def _create(connection: duckdb.DuckDBPyConnection, spec: TableSpec) -> None:
    """Create a table anew, with comments and without keys, which a lake has none of."""
    name = quote_name(spec.name)
    columns = ", ".join(f"{quote_name(c.name)} {c.type}{'' if c.nullable else ' NOT NULL'}" for c in spec.columns)
    connection.execute(f"DROP TABLE IF EXISTS {_LAKE}.{name}")
    connection.execute(f"CREATE TABLE {_LAKE}.{name} ({columns})")
    for statement in comment_statements(spec):
        connection.execute(statement.replace(name, f"{_LAKE}.{name}", 1))


def _create_view(connection: duckdb.DuckDBPyConnection, spec: TableSpec) -> None:
    connection.execute(f"USE {_LAKE}")
    connection.execute(f"DROP VIEW IF EXISTS {quote_name(spec.name)}")
    connection.execute(create_view(spec))
    # A lake keeps comments of tables, their columns and views, and none of a view's columns: meta_column has those.
    connection.execute(next(iter(comment_statements(spec))))
    connection.execute("USE memory")


def _define(spec: TableSpec) -> tuple[int, str]:
    definition = (
        create_view(spec) if spec.layer == "view" else repr([(c.name, c.type, c.nullable) for c in spec.columns])
    )
    return 0, hash_parts(definition, *comment_statements(spec))


# ------------------------------------------------------------------------------------------------------------- portions


def _portions(connection: duckdb.DuckDBPyConnection, spec: TableSpec) -> Iterator[tuple[Key, int, str]]:
    """Yield what the published file says of a table, portion by portion: ((table, portion), rows, digest)."""
    columns = ", ".join(f"t.{quote_name(column.name)}" for column in spec.columns)
    query = f"""
        SELECT {_portion_of(spec, _FILE)} AS portion, count(*), sum(hash({columns})::HUGEINT)::VARCHAR
        FROM {_FILE}.{quote_name(spec.name)} AS t GROUP BY portion
    """  # noqa: S608 - names of our own tables
    for portion, count, digest in connection.execute(query).fetchall():
        yield (spec.name, portion), count, digest


def _portion_of(spec: TableSpec, catalog: str) -> str:
    """Return the SQL for the portion of a row `t`: its report year, as far as the table or its report tells one."""
    names = {column.name for column in spec.columns}
    if spec.layer == "dimension" and spec.name not in ("dim_report", "dim_year"):
        return quote_text(_UNDATED)
    if "year" in names:
        return "t.year::VARCHAR"
    for key in ("report_id", "file_id"):
        if key in names:
            reports = f"{catalog}.dim_report"
            year = f"SELECT min(r.year) FROM {reports} AS r WHERE r.{key} = t.{key}"  # noqa: S608 - names of our own
            return f"coalesce(({year})::VARCHAR, {quote_text(_UNDATED)})"
    return quote_text(_UNDATED)


def _is_of(spec: TableSpec, catalog: str, portion: str) -> str:
    of = _portion_of(spec, catalog)
    return "true" if of == quote_text(_UNDATED) else f"{of} = {quote_text(portion)}"


def _read_kept(connection: duckdb.DuckDBPyConnection) -> Kept:
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {_LAKE}.{_KEPT} "
        "(table_name VARCHAR NOT NULL, portion VARCHAR NOT NULL, row_count BIGINT NOT NULL, digest VARCHAR NOT NULL)"
    )
    rows = connection.execute(f"SELECT table_name, portion, row_count, digest FROM {_LAKE}.{_KEPT}").fetchall()  # noqa: S608 - our own names
    return {(name, portion): (count, digest) for name, portion, count, digest in rows}


def _write_kept(connection: duckdb.DuckDBPyConnection, before: Kept, now: Kept) -> None:
    """Note what the lake holds now: the rows that differ and no others, or writers would be in each other's way."""
    stale = [key for key, what in before.items() if now.get(key) != what]
    fresh = [(*key, *what) for key, what in now.items() if before.get(key) != what]
    if stale:
        keys = ", ".join(f"({quote_text(name)}, {quote_text(portion)})" for name, portion in stale)
        connection.execute(f"DELETE FROM {_LAKE}.{_KEPT} WHERE (table_name, portion) IN ({keys})")  # noqa: S608 - quoted
    if fresh:
        # Written out and not as parameters, for which DuckDB would import pandas.
        rows = ", ".join(
            f"({quote_text(name)}, {quote_text(portion)}, {count}, {quote_text(digest)})"
            for name, portion, count, digest in fresh
        )
        connection.execute(f"INSERT INTO {_LAKE}.{_KEPT} VALUES {rows}")  # noqa: S608 - quoted


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    row = connection.execute(query).fetchone()
    return tuple(row or ())


def _whole_path(data: str) -> str:
    return data if is_url(data) else str(Path(data).expanduser().absolute())
