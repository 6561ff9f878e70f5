"""The rows of all batches of a frame in one file a partition, kept beside the batches for who reads them all.

    staging/gathered/<stage>/<frame>/<partition>.parquet

Four hundred small files take longer to be opened than what they hold to be read. Of a partition whose batches say what
they said, the one file is read; where some say something else, these are read and the file is written again.
"""

import json
from io import BytesIO
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from pipelines.settings import Workspace
from pipelines.staging import store
from pipelines.staging.run import list_digests, list_partitions
from schemas.vocabulary import Stage

_FOLDER = "gathered"
_KEY = "batches"  # entry of the file that says what each batch said when its rows were taken
_BUCKET = "bucket"


def gather_frame(workspace: Workspace, stage: Stage, frame: str, empty: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of all staged batches of a frame, with `partition` and `bucket`, by these.

    What is kept saves work and nothing else: it may be lost or damaged.

    Args:
        workspace: Where staging stands; a build holds it.
        stage: The stage that made the frame.
        frame: Its name.
        empty: The frame without a row, which tells its columns.
    """
    kept_in = workspace.staging / _FOLDER / stage / frame
    parts: dict[str, pl.DataFrame] = {}
    for name in list_partitions(workspace):
        said = list_digests(workspace, stage, frame, name)
        parts[name] = _bring_up_to_date(
            kept_in / f"{name}.parquet", store.partition_folder(workspace, stage, name), frame, said, empty
        )
    for path in kept_in.glob("*.parquet"):
        if path.stem not in parts:
            path.unlink()
    nothing = empty.with_columns(pl.lit("").alias(_BUCKET), partition=pl.lit("")).clear()
    return pl.concat([nothing, *(rows.with_columns(partition=pl.lit(name)) for name, rows in parts.items())])


def _bring_up_to_date(path: Path, batches: Path, frame: str, said: dict[str, str], empty: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the batches that say so: those that are kept, and the others from their own files."""
    kept, known = _read(path, empty)
    if known == said:
        return kept
    same = [bucket for bucket, digest in said.items() if known.get(bucket) == digest]
    made = [
        store.read_batch_frame(batches, bucket, frame).select(empty.columns).with_columns(pl.lit(bucket).alias(_BUCKET))
        for bucket in said
        if bucket not in same
    ]
    rows = pl.concat([kept.filter(pl.col(_BUCKET).is_in(same)), *made]).sort(_BUCKET, maintain_order=True)
    buffer = BytesIO()
    rows.write_parquet(buffer, compression="lz4", metadata={_KEY: json.dumps(said)})
    store.write_file(path, buffer.getvalue())
    return rows


def _read(path: Path, empty: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return what is kept, and what the batches said of which it was taken; nothing where it is not as expected."""
    nothing = empty.with_columns(pl.lit("").alias(_BUCKET)).clear()
    try:
        content = path.read_bytes()
        rows = pl.read_parquet(content)
        known = json.loads(pl.read_parquet_metadata(BytesIO(content))[_KEY])
    except (OSError, PolarsError, KeyError, ValueError):
        return nothing, {}
    return (rows, known) if rows.schema == nothing.schema else (nothing, {})
