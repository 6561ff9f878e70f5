"""What a stage declares about itself, what it is given, and what a run of it tells."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from pipelines.settings import Workspace
from pipelines.staging.executor import Executor, LocalPool
from schemas.vocabulary import Stage

WAREHOUSE_ONLY = (
    "schemas.bridge", "schemas.ddl", "schemas.dictionary", "schemas.form_change", "schemas.measure", "schemas.measures",
    "schemas.portal", "schemas.portals", "schemas.views",
)  # fmt: skip
"""What no stage before load asks: how the warehouse shows what is staged, and how sites are searched."""


@dataclass(frozen=True)
class StageSpec:
    """A stage as the runner sees it.

    Attributes:
        name: The stage.
        inputs: (stage, frame name) of every frame that it takes; frame names must differ.
        outputs: Names of the frames that it makes, each a table of layer frame.
        packages: Import packages and data folders (`pipelines.read`, `schemas.forms`) whose files decide what it makes.
            The package that holds `compute` is always among them, and so is the declared schema of its frames.
        compute: The stage itself. It returns every frame of `outputs` and no other; rows belong to files of the batch.
        libraries: Distributions that it uses without an import statement in `packages` that would say so.
        reviews: Files of the workspace's folder of reviews that it takes; one that is not there counts as empty.
        apart: Modules and data folders inside `packages` that decide nothing of what it makes: a change there leaves
            its batches as they are. What is not named here counts, so forgetting one costs time and nothing else.
        words: Returns the texts that it takes from data files of which it takes no more, so that they stand in none of
            `packages`.
        portion: Most files to be made at once, over as many batches as hold them, in a process of its own where there
            are several portions; 0 makes each batch by itself in the build's process. It bounds memory and changes no
            result.
    """

    name: Stage
    inputs: tuple[tuple[Stage, str], ...]
    outputs: tuple[str, ...]
    packages: tuple[str, ...]
    compute: Callable[["Batch"], dict[str, pl.DataFrame]]
    libraries: tuple[str, ...] = ()
    reviews: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    portion: int = 0
    words: Callable[[], Iterable[str]] = tuple

    def __post_init__(self) -> None:
        frames = [frame for _, frame in self.inputs]
        if len(set(frames)) != len(frames):
            raise ValueError(f"stage {self.name}: two inputs share a frame name: {sorted(frames)}")

    @cached_property
    def reads_raw(self) -> bool:
        """True where the rows of a file are made from its bytes alone."""
        return not self.reviews and all(stage is Stage.INGEST for stage, _ in self.inputs)


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be made at once: the files of one partition that fall into these buckets, and have changed.

    Attributes:
        buckets: One, or several where the stage is made by the portion.
        inputs: Input frames by frame name, with the rows of those files that are to be made. The rows of the others are
            taken over from the batch before: what a stage makes of a file may depend on nothing but the file's own
            rows.
        reviews: Text of each file of reviews that the stage takes, by its name. The stage must not read them for
            itself: these are the bytes that the batch's fingerprint speaks of.
        executor: Maps the batch's files, where the stage looks at them one by one; the workspace's own processes unless
            the batch is made on another machine.
    """

    workspace: Workspace
    partition: str
    buckets: tuple[str, ...]
    inputs: dict[str, pl.DataFrame]
    reviews: dict[str, str] = field(default_factory=dict)
    executor: Executor = field(default=LocalPool(0))

    def __post_init__(self) -> None:
        if self.executor == LocalPool(0):
            object.__setattr__(self, "executor", LocalPool(self.workspace.workers))


@dataclass(frozen=True, slots=True)
class StageRun:
    """What `run_stage` did for one partition.

    Attributes:
        made: Batches computed.
        kept: Batches whose fingerprint had not changed.
        rows: Rows by frame, over all batches made and kept.
    """

    stage: Stage
    partition: str
    made: int
    kept: int
    rows: dict[str, int]
