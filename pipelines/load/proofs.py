"""What is proved of a built warehouse before it may replace the old one."""

import tomllib
from importlib.resources import files
from pathlib import Path

import duckdb
import polars as pl

from pipelines.check import read_series
from pipelines.errors import WarehouseError
from pipelines.load.build import count_rows
from pipelines.load.settings import LoadLimits
from pipelines.load.states import SettledFiles
from pipelines.settings import Workspace
from pipelines.staging import read_frame
from schemas.ddl import Proof, quote_name, table_proofs, warehouse_tables, warehouse_views
from schemas.table import table
from schemas.vocabulary import Stage

# table with a row for every staged row of a loaded version → the stage and frame
_COUNTED = {
    "reported_cell": (Stage.NORMALIZE, "figures"),
    "report_section": (Stage.NORMALIZE, "sections"),
    "quality_result": (Stage.CHECK, "quality"),
    "suspected_cell": (Stage.CHECK, "suspicions"),
}


def prove_warehouse(connection: duckdb.DuckDBPyConnection, workspace: Workspace, settled: SettledFiles) -> None:
    """Prove counts, keys, values, references and the promises of `queries/proofs.toml`, and the columns of the views.

    Raises:
        WarehouseError: With every promise that is broken and by how many rows.
    """
    broken = _broken_counts(connection, workspace, settled)
    for proof in _proofs():
        row = connection.execute(proof.query).fetchone()
        if row is None or row[0]:
            broken.append(f"{proof.table_name}: {proof.promise}: {row[0] if row else 'no answer'} rows break it")
    broken += _broken_views(connection)
    if broken:
        raise WarehouseError("the new warehouse is not published: " + "; ".join(broken))


def prove_models(folder: Path, limits: LoadLimits) -> None:
    """Hold the Parquet twins in `folder` against the Pandera models: dimensions whole, big tables by their first rows.

    Raises:
        WarehouseError: With the tables and the first failure of each.
    """
    from pandera.errors import SchemaErrors  # half a second to import: paid when a warehouse is built, not at start

    from schemas.validation import validate_frame

    broken = []
    for spec in warehouse_tables():
        rows = limits.sample_rows if spec.layer in ("fact", "evidence", "summary") else None
        frame = pl.read_parquet(folder / f"{spec.name}.parquet", n_rows=rows, glob=False)
        try:
            validate_frame(spec.name, frame)
        except SchemaErrors as error:
            broken.append(f"{spec.name}: {error.failure_cases.head(1).to_dicts()}")
    if broken:
        raise WarehouseError("the new warehouse is not published: " + "; ".join(broken))


def _proofs() -> list[Proof]:
    proofs = [proof for spec in warehouse_tables() for proof in table_proofs(spec)]
    data = tomllib.loads((files("pipelines.load") / "queries" / "proofs.toml").read_text(encoding="utf-8"))
    return proofs + [Proof(entry["table"], entry["promise"], entry["query"]) for entry in data["proofs"]]


def _broken_counts(connection: duckdb.DuckDBPyConnection, workspace: Workspace, settled: SettledFiles) -> list[str]:
    """Compare tables with staging: an anti-join sees rows that should not be there, only a count those that lack."""
    loaded = settled.dim_report.lazy().select("file_id")
    expected = {"source_file": read_frame(workspace, Stage.INGEST, "files").select(pl.len()).collect().item()}
    for name, (stage, frame) in _COUNTED.items():
        rows = _staged_rows(workspace, stage, frame).join(loaded, on="file_id", how="semi")
        expected[name] = rows.select(pl.len()).collect(engine="streaming").item()
    counted = {name: count_rows(connection, name) for name in expected}
    return [
        f"{name}: {counted[name]} rows, but {count} are staged"
        for name, count in expected.items()
        if counted[name] != count
    ]


def _staged_rows(workspace: Workspace, stage: Stage, frame: str) -> pl.LazyFrame:
    """Return what a stage staged, with the rows of the rules across years; of equal keys those count once."""
    rows = read_frame(workspace, stage, frame)
    if stage is not Stage.CHECK:
        return rows
    key = list(table(frame).key)
    across = read_series(workspace, frame)
    return pl.concat([rows.join(across, on=key, how="anti").select(key), across.select(key)])


def _broken_views(connection: duckdb.DuckDBPyConnection) -> list[str]:
    broken = []
    for spec in warehouse_views():
        described = connection.execute(f"DESCRIBE {quote_name(spec.name)}").fetchall()
        found = [(row[0], row[1]) for row in described]
        if found != [(column.name, column.type) for column in spec.columns]:
            broken.append(f"view {spec.name}: its columns are {found}")
    return broken
