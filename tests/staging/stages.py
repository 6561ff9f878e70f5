"""Two small stages over files of `key: value` lines, and a spy on what they are given."""

import polars as pl

from pipelines.ingest import read_raw_file
from pipelines.staging import Batch, StageSpec
from schemas.table import table
from schemas.vocabulary import Stage

read_paths: list[str] = []  # every file that was really opened
normalized: list[str] = []  # every bucket that was made
failing: set[str] = set()  # paths that cannot be opened for now


def read_batch(batch: Batch) -> dict[str, pl.DataFrame]:
    """Make one document a file and one cell a line, as the real stage does."""
    files = batch.inputs["files"].filter(pl.col("reason_code").is_null())
    cells, documents, rejections = [], [], []
    for file_id, path, digest in files.select("file_id", "path", "sha256").iter_rows():
        read_paths.append(path)
        if path in failing:
            rejections.append((file_id, "read", "unreadable_file", "not now"))
            continue
        text = read_raw_file(batch.workspace, path, digest).decode()
        documents.append((file_id, "text", "utf-8", 1, None))
        cells += [(file_id, 1, number, 1, 1, 1, line) for number, line in enumerate(text.splitlines(), start=1)]
    return {
        "documents": pl.DataFrame(documents, schema=table("documents").polars_schema, orient="row"),
        "cells": pl.DataFrame(cells, schema=table("cells").polars_schema, orient="row"),
        "rejections": pl.DataFrame(rejections, schema=table("rejections").polars_schema, orient="row"),
    }


def normalize_batch(batch: Batch) -> dict[str, pl.DataFrame]:
    """Make one report a file, its title the first cell."""
    normalized.append(f"{batch.partition}/{batch.bucket}")
    first = batch.inputs["cells"].filter(pl.col("row_number") == 1)
    return {"reports": first.select("file_id", pl.col("text").alias("title"))}


READ = StageSpec(
    Stage.READ, ((Stage.INGEST, "files"),), ("documents", "cells", "rejections"), ("pipelines.settings",), read_batch
)
NORMALIZE = StageSpec(
    Stage.NORMALIZE,
    ((Stage.READ, "documents"), (Stage.READ, "cells")),
    ("reports",),
    ("pipelines.settings",),
    normalize_batch,
)
