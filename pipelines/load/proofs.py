"""What is proved of a built warehouse before it may replace the old one.

The promises of a big table are proved portion by portion, where its rows are made (`pipelines.load.fill`): all rows of
a report stand in one portion, so no promise reaches over two. The others are proved once over the whole.
"""

import re
import tomllib
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

import duckdb
import polars as pl

from pipelines.check import read_series
from pipelines.errors import WarehouseError
from pipelines.load.file_states import SettledFiles
from pipelines.load.portions import BY_REPORT, Portion, Staging
from pipelines.load.settings import LoadLimits
from pipelines.staging.store import scan_batches
from schemas.ddl import Proof, quote_name, table_proofs, warehouse_tables, warehouse_views
from schemas.soundness import is_sound
from schemas.table import table
from schemas.vocabulary import Stage

# table with a row for every staged row of a loaded version → the stage and frame
_COUNTED = {
    "reported_cell": (Stage.NORMALIZE, "figures"),
    "report_section": (Stage.NORMALIZE, "sections"),
    "quality_result": (Stage.CHECK, "quality"),
    "suspected_cell": (Stage.CHECK, "suspicions"),
}


def prove_portion(
    connection: duckdb.DuckDBPyConnection, staging: Staging, settled: SettledFiles, portion: Portion, *, is_part: bool
) -> None:
    """Prove counts, keys, values, references and the promises of `queries/proofs.toml` of one portion's rows.

    Raises:
        WarehouseError: With every promise that is broken and by how many rows.
    """
    broken = _broken_counts(connection, staging, settled, portion, is_part=is_part)
    _require(broken + _broken_proofs(connection, _proofs(of_portions=True)))


def prove_warehouse(
    connection: duckdb.DuckDBPyConnection,
    settled: SettledFiles,
    rows: dict[str, int],
    remade: Collection[str] | None = None,
) -> None:
    """Prove the small tables, the columns of the views, and that the big tables hold what the portions made.

    Args:
        connection: Whose default database is the new one.
        settled: What was settled.
        rows: Rows that each big table must have.
        remade: The only small tables that are not as they were when they were last proved; None for all.

    Raises:
        WarehouseError: With every promise that is broken and by how many rows.
    """
    expected = {**rows, "source_file": settled.partitions.height}
    broken = [
        f"{name}: {found} rows, but {count} are expected"
        for name, count in expected.items()
        if (found := _ask(connection, f"SELECT count(*) FROM gongkai.{quote_name(name)}")) != count  # noqa: S608 - quoted
    ]
    proofs = _proofs(of_portions=False)
    if remade is not None:
        is_about = re.compile(rf"\b(?:{'|'.join(remade)})\b")
        proofs = tuple(proof for proof in proofs if is_about.search(proof.query))
    broken += _broken_proofs(connection, proofs)
    _require(broken + (_broken_views(connection) if remade is None else []))


def prove_models(folder: Path, limits: LoadLimits, names: Collection[str] | None) -> None:
    """Hold the Parquet twins in `folder` against the Pandera models: dimensions whole, big tables by their first rows.

    Args:
        folder: The twins.
        limits: How many rows are the first.
        names: The only tables to look at; None for all.

    Raises:
        WarehouseError: With the tables and the first failure of each.
    """
    broken: list[str] = []
    for spec in warehouse_tables():
        path = folder / f"{spec.name}.parquet"
        if (names is not None and spec.name not in names) or not path.exists():
            continue
        rows = limits.sample_rows if spec.layer in ("fact", "evidence", "summary") else None
        frame = pl.read_parquet(path, n_rows=rows, glob=False)
        if not is_sound(spec, frame):
            broken += _name_failure(spec.name, frame)
    _require(broken)


def _name_failure(name: str, frame: pl.DataFrame) -> Iterator[str]:
    """Yield what Pandera first objects to."""
    from pandera.errors import SchemaErrors  # half a second to import: paid when something is wrong

    from schemas.validation import validate_frame

    try:
        validate_frame(name, frame)
    except SchemaErrors as error:
        yield f"{name}: {error.failure_cases.head(1).to_dicts()}"


def _require(broken: list[str]) -> None:
    if broken:
        raise WarehouseError("the new warehouse is not published: " + "; ".join(broken))


def _ask(connection: duckdb.DuckDBPyConnection, query: str) -> int | None:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else None


def _broken_proofs(connection: duckdb.DuckDBPyConnection, proofs: Sequence[Proof]) -> list[str]:
    counts = {proof: _ask(connection, proof.query) for proof in proofs if not proof.condition}
    by_row = [proof for proof in proofs if proof.condition]
    for name in dict.fromkeys(proof.table_name for proof in by_row):
        asked = [proof for proof in by_row if proof.table_name == name]
        columns = ", ".join(f"count(*) FILTER ({proof.condition})" for proof in asked)
        row = connection.execute(f"FROM {quote_name(name)} SELECT {columns}").fetchone()
        counts |= zip(asked, row or (), strict=True)
    return [
        f"{proof.table_name}: {proof.promise}: {'no answer' if counts[proof] is None else counts[proof]} rows break it"
        for proof in proofs
        if counts[proof] != 0
    ]


@cache
def _proofs(*, of_portions: bool) -> tuple[Proof, ...]:
    """Return the proofs that speak of a big table, or all others."""
    proofs = [proof for spec in warehouse_tables() for proof in table_proofs(spec)]
    data = tomllib.loads((files("pipelines.load") / "queries" / "proofs.toml").read_text(encoding="utf-8"))
    proofs += [Proof(entry["table"], entry["promise"], entry["query"]) for entry in data["proofs"]]
    big = re.compile(rf"\b(?:{'|'.join(BY_REPORT)})\b")
    return tuple(proof for proof in proofs if bool(big.search(proof.query)) is of_portions)


def _broken_counts(
    connection: duckdb.DuckDBPyConnection, staging: Staging, settled: SettledFiles, portion: Portion, *, is_part: bool
) -> list[str]:
    """Compare tables with staging: an anti-join sees rows that should not be there, only a count those that lack."""
    loaded = settled.dim_report.lazy().select("file_id")
    if is_part:
        members = connection.execute("SELECT file_id FROM portion_file").fetchall()
        named = pl.DataFrame(members, schema={"file_id": pl.Int64}, orient="row")
        loaded = loaded.join(named.lazy(), on="file_id", how="semi")
    broken = []
    for name, (stage, frame) in _COUNTED.items():
        rows = _staged_rows(staging, portion, stage, frame).join(loaded, on="file_id", how="semi")
        count = rows.select(pl.len()).collect(engine="streaming").item()
        found = _ask(connection, f"SELECT count(*) FROM temp.{quote_name(name)}")  # noqa: S608 - quoted
        if found != count:
            broken.append(f"{name}, portion {portion.name}: {found} rows, but {count} are staged")
    return broken


def _staged_rows(staging: Staging, portion: Portion, stage: Stage, frame: str) -> pl.LazyFrame:
    """Return what a stage staged, with the rows of the rules across years; of equal keys those count once."""
    rows = scan_batches(staging.paths(portion, stage, frame), frame)
    if stage is not Stage.CHECK:
        return rows
    key = list(table(frame).key)
    here = scan_batches(staging.paths(portion, Stage.INGEST, "files"), "files").select("file_id")
    across = read_series(staging.workspace, frame).join(here, on="file_id", how="semi")
    return pl.concat([rows.join(across, on=key, how="anti").select(key), across.select(key)])


def _broken_views(connection: duckdb.DuckDBPyConnection) -> list[str]:
    broken = []
    for spec in warehouse_views():
        described = connection.execute(f"DESCRIBE {quote_name(spec.name)}").fetchall()
        found = [(row[0], row[1]) for row in described]
        if found != [(column.name, column.type) for column in spec.columns]:
            broken.append(f"view {spec.name}: its columns are {found}")
    return broken
