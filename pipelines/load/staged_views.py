"""The staged frames as DuckDB sees them: temporary views over the Parquet files of one portion at a time."""

from io import BytesIO
from itertools import count
from pathlib import Path

import duckdb
import polars as pl

from pipelines.check import SERIES_FRAMES, list_series_files
from pipelines.errors import WarehouseError
from pipelines.load.portions import Portion, Staging
from pipelines.settings import Workspace
from pipelines.staging import gather_frame, list_outdated, list_partitions
from schemas.ddl import quote_name, quote_text
from schemas.table import table
from schemas.vocabulary import Stage

_shown = count(1)

STAGES = (Stage.READ, Stage.NORMALIZE, Stage.CHECK)

# view → stages whose frames it joins, and the frame
_STAGED_VIEWS = {
    "staged_figures": ((Stage.NORMALIZE,), "figures"),
    "staged_sections": ((Stage.NORMALIZE,), "sections"),
    "staged_resolutions": ((Stage.NORMALIZE,), "resolutions"),
    "staged_quality": ((Stage.CHECK,), "quality"),
    "staged_suspicions": ((Stage.CHECK,), "suspicions"),
    "staged_findings": ((Stage.INGEST, *STAGES), "findings"),
}
# What two years together say of a cell and a value stands for what the one table says of them.
_SAME_SUSPICION = ("file_id", "table_code", "row_code", "column_code", "suggested_value")


def require_fresh(workspace: Workspace) -> list[str]:
    """Return the partitions, once every stage is up to date for all of them.

    Raises:
        WarehouseError: A stage has not run over what the earlier ones staged; publishing would mix two builds.
    """
    partitions = list_partitions(workspace)
    for stage in STAGES:
        outdated = [partition for partition in partitions if list_outdated(workspace, stage, partition)]
        if outdated:
            raise WarehouseError(
                f"{workspace.staging}: stage {stage} is not up to date for {', '.join(outdated)}; build these first"
            )
    return partitions


def collect_frame(workspace: Workspace, stages: tuple[Stage, ...], frame: str) -> pl.DataFrame:
    """Return a frame with a row a file, of all partitions, over the given stages."""
    empty = table(frame).empty_frame()
    return pl.concat([gather_frame(workspace, stage, frame, empty).select(empty.columns) for stage in stages])


def show_portion(connection: duckdb.DuckDBPyConnection, staging: Staging, portion: Portion, *, is_part: bool) -> None:
    """Make the staged views show one portion: what the stages say of its files, and the rules across years.

    Args:
        connection: Where `portion_file` says which files the portion holds.
        staging: The manifests.
        portion: The portion.
        is_part: Whether `portion_file` holds only some of the portion's files, so that the others' rows are left out.
    """
    for view, (stages, frame) in _STAGED_VIEWS.items():
        paths = [path for stage in stages for path in staging.paths(portion, stage, frame)]
        query = query_files(paths, frame)
        if is_part:
            query = f"FROM ({query}) SEMI JOIN portion_file USING (file_id)"
        if frame in SERIES_FRAMES:
            series = list_series_files(staging.workspace, frame)
            across = f"FROM ({query_files(series, frame)}) SEMI JOIN portion_file USING (file_id)"
            if frame == "suspicions":
                query = f"FROM ({query}) ANTI JOIN ({across}) USING ({', '.join(_SAME_SUSPICION)})"
            query = f"({query}) UNION ALL BY NAME ({across})"
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {quote_name(view)} AS {query}")


def query_files(paths: list[Path], frame: str) -> str:
    """Return the query for the rows of Parquet files of one frame or table; their names are taken literally."""
    if paths:
        listed = ", ".join(quote_text(str(path)) for path in paths)
        return f"FROM read_parquet([{listed}], hive_partitioning = false)"
    columns = ", ".join(f"NULL::{column.type} AS {quote_name(column.name)}" for column in table(frame).columns)
    return f"SELECT {columns} WHERE false"


def show_frame(
    connection: duckdb.DuckDBPyConnection, folder: Path, view: str, frame: pl.LazyFrame | pl.DataFrame
) -> None:
    """Make `frame` visible as a temporary view, by way of a Parquet file: types stay even where every value is null.

    Each time the file has a name of its own, and is whole when it gets it: of one that Polars wrote over another which
    DuckDB had read, DuckDB could not decompress the pages (`tests/test_refresh_history.py`, seed 5).
    """
    buffer = BytesIO()
    frame.lazy().sink_parquet(buffer, compression="lz4")
    path = folder / f"{view}-{next(_shown)}.parquet"
    path.write_bytes(buffer.getbuffer())
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {quote_name(view)} AS FROM read_parquet({quote_text(str(path))})")
