"""Making the portions of a stage: in this process, in processes of this machine, or on the machines of a cluster."""

import logging
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from io import BytesIO

import polars as pl

from pipelines.errors import WarehouseError
from pipelines.settings import LOCAL
from pipelines.staging.executor import Executor, LocalPool
from pipelines.staging.isolate import compute_apart
from pipelines.staging.portion import (
    Frames,
    MadeBatch,
    PreparedPortion,
    StagePortion,
    passing_failures,
    prepare_portion,
    settle_portion,
)
from pipelines.staging.spec import Batch, StageSpec
from pipelines.staging.worker import Failure, FailureReason

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A portion on its way to another machine, its frames packed."""

    spec: StageSpec
    batch: Batch | None
    frames: dict[str, bytes]


def make_portions(
    portions: Sequence[StagePortion], cluster: Executor | None
) -> Generator[tuple[StagePortion, list[MadeBatch]], None, None]:
    """Yield each portion with its batches, in order. Writing them is the caller's: nobody else touches staging.

    A stage that can be made by the portion is made in as many processes as the workspace has; any other maps its files
    over them for itself. On a cluster a portion is one item: the machine that takes it reads the raw files for itself
    and guards itself against them. What another process or machine could not make is made here once more: what is wrong
    with a machine must not be taken for what is wrong with a file, and an error is raised as the stage raised it.

    Raises:
        WarehouseError: The stage failed on another machine.
        Exception: What the stage raised here, with a note of the batch.
    """
    if cluster is not None:
        yield from _make_on_cluster(portions, cluster)
        return
    processes = count_processes(portions[0]) if portions else 1
    if processes == 1 or len(portions) == 1:
        for portion in portions:
            yield portion, make_portion(portion)
        return
    # Closed at once where the caller stops or a portion fails: else workers would go on for nobody.
    with closing(LocalPool(processes).map(make_portion, portions, chunk=1)) as outcomes:
        for portion, outcome in zip(portions, outcomes, strict=True):
            if isinstance(outcome, Failure):
                _log.warning("%s: %s; made once more, in the build's own process", portion, outcome.message)
                yield portion, make_portion(portion)
            else:
                yield portion, outcome


def count_processes(portion: StagePortion) -> int:
    """Return how many processes of this machine make portions like this one side by side."""
    return portion.workspace.workers if portion.spec.portion else 1


def make_portion(portion: StagePortion) -> list[MadeBatch]:
    """Return the batches of one portion, made in this process."""
    with _noted(portion):
        prepared = prepare_portion(portion)
        return settle_portion(prepared, _compute_here(prepared))


def _compute_here(prepared: PreparedPortion) -> Frames | None:
    return None if prepared.is_nothing_new else compute_apart(prepared.portion.spec, prepared.batch)


@contextmanager
def _noted(portion: StagePortion) -> Iterator[None]:
    """Let what is raised say which portion it was."""
    try:
        yield
    except Exception as error:
        error.add_note(str(portion))
        raise


# ------------------------------------------------------------------------------------------------------------- clusters


def _make_on_cluster(
    portions: Sequence[StagePortion], cluster: Executor
) -> Iterator[tuple[StagePortion, list[MadeBatch]]]:
    sent: deque[PreparedPortion] = deque()

    def parcels() -> Iterator[_Parcel]:
        for portion in portions:
            with _noted(portion):
                sent.append(prepare_portion(portion))
            yield _pack(sent[-1])

    for outcome in cluster.map(_compute_parcel, parcels(), chunk=1):
        prepared = sent.popleft()
        with _noted(prepared.portion):
            made = settle_portion(prepared, _believe(prepared, outcome))
        yield prepared.portion, made


def _believe(prepared: PreparedPortion, outcome: dict[str, bytes] | Failure | None) -> Frames | None:
    """Return the frames that a machine sent; of what is wrong with the machine, those made here."""
    if outcome is None:
        return None
    portion = prepared.portion
    if isinstance(outcome, Failure):
        if outcome.reason is not FailureReason.KILLED:
            raise WarehouseError(f"{portion}: {outcome.message} (on a worker of {portion.workspace.executor})")
        _log.warning("%s: %s; the batch is made on this machine", portion, outcome.message)
        return _compute_here(prepared)
    outputs = {frame: pl.read_ipc(BytesIO(content)) for frame, content in outcome.items()}
    unopened = passing_failures(outputs)
    if unopened:
        _log.warning(
            "%s: a worker could not open %d files; the batch is made on this machine. "
            "Do all machines see the raw files under the same path?",
            portion,
            len(unopened),
        )
        return _compute_here(prepared)
    return outputs


def _pack(prepared: PreparedPortion) -> _Parcel:
    spec, batch = prepared.portion.spec, prepared.batch
    if prepared.is_nothing_new:
        return _Parcel(spec, None, {})
    frames = {name: _packed(frame) for name, frame in batch.inputs.items()}
    # One guarded child for each thread of a worker: as many files are read at a time as the cluster has threads.
    guard = LocalPool(1, is_guarded=True)
    workspace = replace(batch.workspace, executor=LOCAL)
    return _Parcel(spec, replace(batch, workspace=workspace, inputs={}, executor=guard), frames)


def _compute_parcel(parcel: _Parcel) -> dict[str, bytes] | None:
    """Return the stage's frames, packed; runs on a worker."""
    if parcel.batch is None:
        return None
    inputs = {name: pl.read_ipc(BytesIO(content)) for name, content in parcel.frames.items()}
    made = compute_apart(parcel.spec, replace(parcel.batch, inputs=inputs))
    return {name: _packed(frame) for name, frame in made.items()}


def _packed(frame: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    frame.write_ipc(buffer, compression="lz4")
    return buffer.getvalue()
