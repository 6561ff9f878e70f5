"""A small house whose reports have been checked by the real stage: what the rules across years and reviews work on."""

from collections.abc import Iterable

from pipelines.check import STAGE
from pipelines.settings import Workspace
from pipelines.staging import list_partitions, run_stage
from tests.check.builders import Table
from tests.load.staged import FakeFile, Key, stage_files


def as_figures(**tables: Table) -> dict[Key, float | None]:
    """Return tables as `FakeFile` takes them."""
    return {(code, *cell): value for code, cells in tables.items() for cell, value in cells.items()}


def check_files(workspace: Workspace, files: Iterable[FakeFile]) -> None:
    """Stage the files and check them as a build does."""
    stage_files(workspace, files)
    for partition in list_partitions(workspace):
        run_stage(workspace, STAGE, partition)
