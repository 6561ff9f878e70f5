"""A build in this process: the same jobs that the UI launches, one after another on the project's instance."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import dagster as dg
from dagster import DagsterInstance, DagsterRunStatus, ExecuteInProcessResult, RunsFilter
from dagster._core.instance.ref import InstanceRef

from pipelines.orchestrate.assets import ProgressHook
from pipelines.orchestrate.automation import PUBLISH_JOB, STAGE_JOB
from pipelines.orchestrate.definitions import build_definitions
from pipelines.orchestrate.history import held_open
from pipelines.orchestrate.interrupts import deaf_companions, heard_interrupts
from pipelines.orchestrate.plan import STAGES, BuildPlan
from pipelines.orchestrate.project import Project, prepare_home
from pipelines.staging import StageSpec, build_lock

_BUILD_TAG = "gongkai/build"
_WAREHOUSE_TAG = "gongkai/warehouse"
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}  # the command speaks for the build
_ALWAYS = {"telemetry": {"enabled": False}}  # whatever the settings of an instance say, or leave unsaid
_UNFINISHED = [
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build did.

    Attributes:
        built: Report years that were run and are now up to date.
        failed: First error of each failed run, by report year or `publish`. Nothing is published after a failed year.
    """

    built: tuple[str, ...] = ()
    failed: dict[str, str] = field(default_factory=dict)


def run_plan(
    project: Project, plan: BuildPlan, stages: Sequence[StageSpec] = STAGES, on_progress: ProgressHook | None = None
) -> BuildResult:
    """Bring the planned report years up to date, one run each, then publish the warehouse in a run of its own.

    Args:
        project: The folders and the instance.
        plan: What there is to do.
        stages: The stages between inventory and warehouse.
        on_progress: Told how far a stage is.

    Raises:
        WarehouseError: Another build is running on the instance.
        KeyboardInterrupt: It was interrupted; what is whole stays staged, and the warehouse is the old one or the new.
    """
    definitions = build_definitions(project.workspace, stages, on_progress=on_progress)
    with _open_instance(project) as instance, deaf_companions(), heard_interrupts() as is_interrupted:
        runner = _Runner(definitions, instance, project, is_interrupted)
        failed = {year: error for year in plan.partitions if (error := runner.run(STAGE_JOB, year)) is not None}
        if not failed and (error := runner.run(PUBLISH_JOB)) is not None:
            failed["publish"] = error
        return BuildResult(tuple(year for year in plan.partitions if year not in failed), failed)


@dataclass(frozen=True, slots=True)
class _Runner:
    definitions: dg.Definitions
    instance: DagsterInstance
    project: Project
    is_interrupted: Callable[[], bool]

    def run(self, job_name: str, partition: str | None = None) -> str | None:
        """Run one job in this process; return its first error, or None where it succeeded.

        Raises:
            KeyboardInterrupt: It was interrupted, whatever Dagster has made of that.
        """
        result = self.definitions.resolve_job_def(job_name).execute_in_process(
            run_config=_QUIET,
            instance=self.instance,
            partition_key=partition,
            raise_on_error=False,
            tags={_BUILD_TAG: "command", _WAREHOUSE_TAG: str(self.project.workspace.warehouse)},
        )
        if self.is_interrupted():
            raise KeyboardInterrupt
        return None if result.success else _first_error(result)


def _first_error(result: ExecuteInProcessResult) -> str:
    """Return the innermost message of the first step that failed: what to mend, without the machinery around it."""
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error is not None and error.cause is not None:
                error = error.cause
            if error is not None:
                return re.sub(r"^[\w.]+: ", "", error.message.strip())  # without the class that raised it
    return f"run {result.run_id} failed; `gongkai ui` shows its log"


@contextmanager
def _open_instance(project: Project) -> Iterator[DagsterInstance]:
    """Open the project's instance for one build of this command at a time, and end what earlier ones left unfinished.

    A command that was killed leaves its run as started and its place in the publish pool taken, and no daemon looks
    after a run that it did not launch: the next publish would wait for ever. Whoever holds the lock knows that no
    other command is building, so such a run is dead. The lock is the instance's and not the workspace's, which the
    steps take one by one: a run of the UI may hold the pool while it waits for the workspace.
    """
    home = prepare_home(project)
    with (
        build_lock(replace(project.workspace, warehouse=home)),
        held_open(),
        DagsterInstance.from_ref(InstanceRef.from_dir(str(home), overrides=_ALWAYS)) as instance,
    ):
        warehouse = str(project.workspace.warehouse)
        for run in instance.get_runs(
            RunsFilter(statuses=_UNFINISHED, tags={_BUILD_TAG: "command", _WAREHOUSE_TAG: warehouse})
        ):
            instance.report_run_canceled(run, message="The command that ran this was stopped.")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        yield instance
