"""`gongkai build`: every report year that has something to do, then one publish, each as a run of the asset graph."""

import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict
from typing import TYPE_CHECKING

from pipelines.cli.status import Status, read_status, render_status
from pipelines.cli.terminal import make_console
from pipelines.errors import UsageError
from pipelines.orchestrate.idle import hash_state, read_note, write_note
from pipelines.orchestrate.project import KEEP_VARIABLE, Project, open_project, require_raw, require_raw_files
from pipelines.settings import LOCAL, Workspace

if TYPE_CHECKING:
    from pipelines.cli.meter import Meter
    from pipelines.orchestrate.plan import BuildPlan


def run(options: Namespace) -> int:
    """Build and show what is in the warehouse now; 1 where a year or the publish failed."""
    project = open_project(options.raw, options.warehouse, options.executor)
    require_raw(project.workspace)
    _refuse_mistaken_folders(project.workspace)
    keep_at = options.keep_at or os.environ.get(KEEP_VARIABLE)
    is_plain = not keep_at and options.years is None and project.workspace.executor == LOCAL
    state = hash_state(project.workspace) if is_plain else None
    if told := read_note(project.workspace, state):
        _show(project.workspace, Status(**told), is_empty=True, is_quiet=options.quiet)
        return 0
    return _build(options, project, keep_at, state)


def _build(options: Namespace, project: Project, keep_at: str | None, state: str | None) -> int:
    """Make the plan, run it and show what came of it; note the state in which there was nothing to do."""
    # Together they take longer to be imported than a look at a hundred thousand files.
    from pipelines.cli.meter import Meter
    from pipelines.load.snapshot import kept_at
    from pipelines.orchestrate.plan import plan_build
    from pipelines.staging import open_cluster

    open_cluster(project.workspace.executor)  # a wrong or silent one is said before anything is done
    with (
        kept_at(project.workspace, keep_at) if keep_at else nullcontext(),
        Meter(disable=options.quiet or not sys.stderr.isatty()) as meter,
    ):
        plan = plan_build(project.workspace, years=options.years)
        failed = {} if plan.is_empty else _run_plan(project, plan, meter)
    if plan.missing and not options.quiet:
        place = project.workspace.raw_url or project.workspace.raw
        make_console().print(f"No file of {', '.join(plan.missing)} stands in {place}.", markup=False)
    if failed:
        _complain(project.workspace, failed)
        return 1
    is_noted = state is not None and plan.is_empty
    if is_noted or not options.quiet:
        status = read_status(project.workspace)
        if is_noted and state is not None:
            write_note(project.workspace, state, asdict(status))
        _show(project.workspace, status, is_empty=plan.is_empty, is_quiet=options.quiet)
    return 0


def _show(workspace: Workspace, status: Status, *, is_empty: bool, is_quiet: bool) -> None:
    if is_quiet:
        return
    console = make_console()
    for part in render_status(status, workspace):
        console.print(part)
    if is_empty:
        console.print("Nothing has changed since the last build.")


def _refuse_mistaken_folders(workspace: Workspace) -> None:
    """Refuse folders that can only be a mistake, before anything is written.

    Raises:
        UsageError: The folders lie in one another, or there is a warehouse and no raw file.
    """
    if workspace.raw_url:
        return
    raw, warehouse = workspace.raw.resolve(), workspace.warehouse.resolve()
    if raw.is_relative_to(warehouse) or warehouse.is_relative_to(raw):
        raise UsageError(f"{raw} and {warehouse} lie in one another; put them side by side")
    require_raw_files(workspace)


def _run_plan(project: Project, plan: "BuildPlan", meter: "Meter") -> Mapping[str, str]:
    """Run the plan and return the first error of each run that failed, by report year or `publish`."""
    from pipelines.orchestrate.build import run_plan  # Dagster takes a second to import, and is only needed now

    meter.plan(plan.partitions)
    return run_plan(project, plan, on_progress=meter.advance).failed


def _complain(workspace: Workspace, failed: Mapping[str, str]) -> None:
    console = make_console(sys.stderr)
    for name, error in failed.items():
        # Lines to be pasted into a data file stay whole, however long.
        console.print(f"{name}: {error}", style="red", markup=False, soft_wrap=True)
    kept = "the warehouse is as it was" if workspace.database.exists() else "there is no warehouse yet"
    console.print(f"Not published: {kept}. `gongkai ui` shows the failed runs.", style="red")
