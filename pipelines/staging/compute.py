"""Computing the batches of a stage: in this process one after another, or on the machines of a cluster."""

import logging
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from io import BytesIO

import polars as pl

from pipelines.errors import WarehouseError
from pipelines.settings import LOCAL
from pipelines.staging.executor import Executor, LocalPool
from pipelines.staging.parallel import Failure, FailureReason
from pipelines.staging.spec import Batch, StageSpec

# A file that failed for one of these may be readable the next time though its bytes are the same.
PASSING_REASONS = ("unreadable_file", "file_vanished")

_log = logging.getLogger(__name__)

Frames = dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class BatchTask:
    """One batch that is out of date.

    Attributes:
        batch: What is to be computed.
        files: Frame `files` of the whole batch.
        sources: What each file was made from.
        kept: Rows by frame that are taken over.
        is_nothing_new: Whether all rows are taken over, so that there is nothing to compute.
    """

    batch: Batch
    files: pl.DataFrame
    sources: pl.DataFrame
    kept: Mapping[str, pl.DataFrame]
    is_nothing_new: bool


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A batch on its way to another machine, its frames packed."""

    spec: StageSpec
    batch: Batch | None
    frames: dict[str, bytes]


def compute_batches(
    spec: StageSpec, tasks: Iterable[BatchTask], cluster: Executor | None
) -> Iterator[tuple[BatchTask, Frames | None]]:
    """Yield each task with what the stage made of it, in order; None where there was nothing to make.

    On a cluster a batch is one item: the machine that takes it reads the raw files for itself and guards itself against
    them. A batch whose machines died under it, and one of which a machine could not open every file, is computed here
    once more: what is wrong with a machine must not be taken for what is wrong with a file.

    Raises:
        WarehouseError: The stage failed on another machine.
        Exception: What the stage raised here, with a note of the batch.
    """
    if cluster is None:
        for task in tasks:
            yield task, _compute_here(spec, task)
        return
    sent: deque[BatchTask] = deque()

    def parcels() -> Iterator[_Parcel]:
        for task in tasks:
            sent.append(task)
            yield _pack(spec, task)

    for outcome in cluster.map(_compute_parcel, parcels(), chunk=1):
        task = sent.popleft()
        yield task, _settle(spec, task, outcome)


def describe_batch(spec: StageSpec, batch: Batch) -> str:
    """Return the batch's name for a message."""
    return f"stage {spec.name}, partition {batch.partition}, bucket {batch.bucket}"


def passing_failures(outputs: Mapping[str, pl.DataFrame]) -> tuple[int, ...]:
    """Return the files that were rejected for a reason that may have passed by the next build."""
    if "rejections" not in outputs:
        return ()
    passing = outputs["rejections"].filter(pl.col("reason_code").is_in(PASSING_REASONS))
    return tuple(sorted(passing["file_id"].to_list()))


def _compute_here(spec: StageSpec, task: BatchTask) -> Frames | None:
    try:
        return None if task.is_nothing_new else spec.compute(task.batch)
    except Exception as error:
        error.add_note(describe_batch(spec, task.batch))
        raise


def _settle(spec: StageSpec, task: BatchTask, outcome: dict[str, bytes] | Failure | None) -> Frames | None:
    if outcome is None:
        return None
    name = describe_batch(spec, task.batch)
    if isinstance(outcome, Failure):
        if outcome.reason is not FailureReason.KILLED:
            raise WarehouseError(f"{name}: {outcome.message} (on a worker of {task.batch.workspace.executor})")
        _log.warning("%s: %s; the batch is made on this machine", name, outcome.message)
        return _compute_here(spec, task)
    outputs = {frame: pl.read_ipc(BytesIO(content)) for frame, content in outcome.items()}
    unopened = passing_failures(outputs)
    if unopened:
        _log.warning(
            "%s: a worker could not open %d files; the batch is made on this machine. "
            "Do all machines see the raw files under the same path?",
            name,
            len(unopened),
        )
        return _compute_here(spec, task)
    return outputs


def _pack(spec: StageSpec, task: BatchTask) -> _Parcel:
    if task.is_nothing_new:
        return _Parcel(spec, None, {})
    frames = {name: _packed(frame) for name, frame in task.batch.inputs.items()}
    # One guarded child for each thread of a worker: as many files are read at a time as the cluster has threads.
    guard = LocalPool(1, is_guarded=True)
    workspace = replace(task.batch.workspace, executor=LOCAL)
    return _Parcel(spec, replace(task.batch, workspace=workspace, inputs={}, executor=guard), frames)


def _compute_parcel(parcel: _Parcel) -> dict[str, bytes] | None:
    """Return the stage's frames, packed; runs on a worker."""
    if parcel.batch is None:
        return None
    inputs = {name: pl.read_ipc(BytesIO(content)) for name, content in parcel.frames.items()}
    made = parcel.spec.compute(replace(parcel.batch, inputs=inputs))
    return {name: _packed(frame) for name, frame in made.items()}


def _packed(frame: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    frame.write_ipc(buffer, compression="lz4")
    return buffer.getvalue()
