"""Two small stages over files of `key: value` lines, and a spy on what they are given."""

import os
from dataclasses import replace
from multiprocessing import parent_process

import polars as pl

from pipelines.ingest import read_raw_file
from pipelines.settings import Workspace
from pipelines.staging import Batch, Failure, LocalPool, StageSpec
from schemas.table import table
from schemas.vocabulary import Stage
from tests.staging.poison import handle

read_paths: list[str] = []  # every file that was really opened
normalized: list[tuple[str, ...]] = []  # the buckets of every call
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
        documents.append((file_id, "text", "utf-8"))
        cells += [(file_id, 1, number, 1, 1, 1, line) for number, line in enumerate(text.splitlines(), start=1)]
    return {
        "documents": pl.DataFrame(documents, schema=table("documents").polars_schema, orient="row"),
        "cells": pl.DataFrame(cells, schema=table("cells").polars_schema, orient="row"),
        "rejections": pl.DataFrame(rejections, schema=table("rejections").polars_schema, orient="row"),
    }


def normalize_batch(batch: Batch) -> dict[str, pl.DataFrame]:
    """Make one report a file, its title the first cell."""
    normalized.append(batch.buckets)
    first = batch.inputs["cells"].filter(pl.col("row_number") == 1)
    return {"reports": first.select("file_id", report_id="file_id", title="text", reported_count=pl.lit(0))}


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


def read_or_die(task: tuple[Workspace, str, str]) -> str:
    """Return a file's text, after doing what it says if it is a poison of `tests.staging.poison`."""
    workspace, path, digest = task
    return str(handle(read_raw_file(workspace, path, digest).decode().strip()))


def guarded_batch(batch: Batch) -> dict[str, pl.DataFrame]:
    """Make one document a file by way of the batch's executor; a file that fails is rejected with the failure."""
    files = batch.inputs["files"].select("file_id", "path", "sha256").rows()
    tasks = [(batch.workspace, path, digest) for _, path, digest in files]
    found = list(
        zip(files, batch.executor.map(read_or_die, tasks, seconds=batch.workspace.limits.seconds), strict=True)
    )
    failed = [(row[0], "read", "reader_failed", text.message) for row, text in found if isinstance(text, Failure)]
    documents = [(row[0], "text", text) for row, text in found if not isinstance(text, Failure)]
    return {
        "documents": pl.DataFrame(documents, schema=table("documents").polars_schema, orient="row"),
        "rejections": pl.DataFrame(failed, schema=table("rejections").polars_schema, orient="row"),
    }


GUARDED = StageSpec(
    Stage.READ, ((Stage.INGEST, "files"),), ("documents", "rejections"), ("pipelines.settings",), guarded_batch
)


def deadly_batch(batch: Batch) -> dict[str, pl.DataFrame]:
    """End any process but the one that builds."""
    if batch.executor != LocalPool(batch.workspace.workers):
        os._exit(3)
    return guarded_batch(batch)


DEADLY = replace(GUARDED, compute=deadly_batch)


def homebound_batch(batch: Batch) -> dict[str, pl.DataFrame]:
    """End any process but the one that builds."""
    if parent_process() is not None:
        os._exit(3)
    return normalize_batch(batch)


def fault_finding_batch(batch: Batch) -> dict[str, pl.DataFrame]:
    """Raise for some bucket, as a stage with a bug would."""
    if batch.buckets[-1] == "0003-of-0008":
        raise ZeroDivisionError("a bug")
    return normalize_batch(batch)


PORTIONED = replace(NORMALIZE, portion=24)
HOMEBOUND = replace(PORTIONED, compute=homebound_batch)
FAULTY = replace(PORTIONED, compute=fault_finding_batch)
