"""Parquet between the stages: batches that are made again only when what they were made from has changed."""

from pipelines.staging.buckets import count_buckets
from pipelines.staging.executor import LocalPool, open_cluster
from pipelines.staging.gathered import gather_frame
from pipelines.staging.lock import build_lock
from pipelines.staging.parallel import WorkerError, close_workers, map_files, ready_worker
from pipelines.staging.run import (
    forget_batches,
    list_frame_files,
    list_outdated,
    list_partitions,
    read_frame,
    read_portions,
    run_stage,
)
from pipelines.staging.spec import WAREHOUSE_ONLY, Batch, StageRun, StageSpec
from pipelines.staging.worker import Failure, FailureReason

__all__ = [
    "WAREHOUSE_ONLY",
    "Batch",
    "Failure",
    "FailureReason",
    "LocalPool",
    "StageRun",
    "StageSpec",
    "WorkerError",
    "build_lock",
    "close_workers",
    "count_buckets",
    "forget_batches",
    "gather_frame",
    "list_frame_files",
    "list_outdated",
    "list_partitions",
    "map_files",
    "open_cluster",
    "read_frame",
    "read_portions",
    "ready_worker",
    "run_stage",
]
