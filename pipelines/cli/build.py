"""`gongkai build`: every report year that has something to do, then one publish, each as a run of the asset graph."""

import os
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from pipelines.cli.status import render_status
from pipelines.cli.terminal import make_console
from pipelines.errors import UsageError
from pipelines.load.snapshot import kept_at
from pipelines.orchestrate.plan import BuildPlan, plan_build
from pipelines.orchestrate.project import KEEP_VARIABLE, Project, open_project, require_raw
from pipelines.settings import Workspace
from pipelines.staging import open_cluster
from schemas.vocabulary import Stage


def run(options: Namespace) -> int:
    """Build and show what is in the warehouse now; 1 where a year or the publish failed."""
    project = open_project(options.raw, options.warehouse, options.executor)
    require_raw(project.workspace)
    _refuse_mistaken_folders(project.workspace)
    open_cluster(project.workspace.executor)  # a wrong or silent one is said before anything is done
    keep_at = options.keep_at or os.environ.get(KEEP_VARIABLE)
    with (
        kept_at(project.workspace, keep_at) if keep_at else nullcontext(),
        Meter(disable=options.quiet or not sys.stderr.isatty()) as meter,
    ):
        plan = plan_build(project.workspace, years=options.years)
        failed = {} if plan.is_empty else _run_plan(project, plan, meter)
    if failed:
        _complain(failed)
        return 1
    if not options.quiet:
        console = make_console()
        for part in render_status(project.workspace):
            console.print(part)
        if plan.is_empty:
            console.print("Nothing has changed since the last build.")
    return 0


def _refuse_mistaken_folders(workspace: Workspace) -> None:
    """Refuse folders that can only be a mistake, before anything is written.

    A raw folder without a single file is an unmounted disk more often than a wish for an empty warehouse.

    Raises:
        UsageError: The folders lie in one another, or there is a warehouse and no raw file.
    """
    if workspace.raw_url:
        return  # an address that holds no file is refused by the inventory
    raw, warehouse = workspace.raw.resolve(), workspace.warehouse.resolve()
    if raw.is_relative_to(warehouse) or warehouse.is_relative_to(raw):
        raise UsageError(f"{raw} and {warehouse} lie in one another; put them side by side")
    if workspace.database.exists() and not any(path.is_file() for path in raw.rglob("*")):
        raise UsageError(f"{raw} holds no file; to publish an empty warehouse, delete {workspace.database} first")


def _run_plan(project: Project, plan: BuildPlan, meter: "Meter") -> Mapping[str, str]:
    """Run the plan and return the first error of each run that failed, by report year or `publish`."""
    from pipelines.orchestrate.build import run_plan  # Dagster takes a second to import, and is only needed now

    meter.plan(plan.partitions)
    return run_plan(project, plan, on_progress=meter.advance).failed


def _complain(failed: Mapping[str, str]) -> None:
    console = make_console(sys.stderr)
    for name, error in failed.items():
        console.print(f"{name}: {error}", style="red", markup=False)
    console.print("Not published: the warehouse is as it was. `gongkai ui` shows the failed runs.", style="red")


class Meter:
    """A progress bar over the years, with the stage and batch that is under way."""

    def __init__(self, *, disable: bool) -> None:
        """Draw on standard error, where it does not mix with the result, unless `disable`."""
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[detail]}"),
            TimeElapsedColumn(),
            console=make_console(sys.stderr),
            disable=disable,
            transient=True,
        )
        self._task: TaskID = self._progress.add_task("inventory", total=None, detail="")
        self._years: Sequence[str] = ()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def plan(self, years: Sequence[str]) -> None:
        """Take note of the years that will be run; the publish counts as one more."""
        self._years = years
        self._progress.update(self._task, description="report years", total=len(years) + 1)

    def advance(self, stage: Stage, partition: str, made: int, total: int) -> None:
        """Show how far a stage of a year is."""
        done = self._years.index(partition) if partition in self._years else len(self._years)
        detail = f"{partition} {stage.value} {made}/{total}" if total else f"{partition} {stage.value}"
        self._progress.update(self._task, completed=done, detail=detail)
