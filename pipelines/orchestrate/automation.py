"""What starts runs: the jobs, the yearly season as two schedules, and the sensor that watches the raw folder."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from pipelines.errors import UsageError
from pipelines.orchestrate.partitions import TIMEZONE
from pipelines.orchestrate.project import explain_no_files
from pipelines.orchestrate.watch import changed_partitions, look_at_raw, look_at_staged
from pipelines.settings import Workspace

if TYPE_CHECKING:  # what define_asset_job returns has no public name
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

STAGE_JOB = "stage_year"
BUILD_JOB = "build_year"
PUBLISH_JOB = "publish_warehouse"
STAGE_GROUPS = ("ingest", "read", "normalize", "check")
_SENSOR_SECONDS = 60


def stage_job() -> "UnresolvedAssetJobDefinition":
    """Return the job that takes one report year through the stages; the automation sensor publishes after it."""
    return dg.define_asset_job(
        STAGE_JOB,
        dg.AssetSelection.groups(*STAGE_GROUPS),
        description="One report year through the stages. The warehouse is published when no year is under way.",
    )


def publish_job() -> "UnresolvedAssetJobDefinition":
    """Return the job that publishes the warehouse from what is staged."""
    return dg.define_asset_job(
        PUBLISH_JOB,
        dg.AssetSelection.groups("load"),
        description="Publish the warehouse from the staged frames of all report years.",
    )


def build_job() -> "UnresolvedAssetJobDefinition":
    """Return the job for one year from raw files to the published warehouse, in one run."""
    return dg.define_asset_job(
        BUILD_JOB,
        dg.AssetSelection.groups(*STAGE_GROUPS, "load"),
        description="One report year through all stages, then a publish with the other years as they were.",
    )


def season_schedules(workspace: Workspace, partitions: Sequence[str]) -> list[dg.ScheduleDefinition]:
    """Return the two schedules of the disclosure year.

    Agencies publish by 31 January and governments by 31 March, so from January to March every day brings reports; in
    the rest of the year a weekly look finds corrections. A run over unchanged files takes seconds.
    """
    return [
        _schedule(workspace, partitions, "reporting_season", "0 6 * 1-3 *"),
        _schedule(workspace, partitions, "rest_of_year", "0 6 * 4-12 1"),
    ]


def raw_files_sensor(workspace: Workspace, partitions: Sequence[str]) -> dg.SensorDefinition:
    """Return the sensor that launches the report years whose raw files were added, changed or removed.

    The cursor holds one fingerprint a partition, at first that of the staged inventory. A file that is still being
    copied changes it again and starts another run; a failed run is not started again until something changes.
    """

    @dg.sensor(
        name="raw_files",
        job_name=STAGE_JOB,
        minimum_interval_seconds=_SENSOR_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Watches data/raw and launches only the report years whose files changed.",
    )
    def raw_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        staged = look_at_staged(workspace)
        before: dict[str, str] = json.loads(context.cursor) if context.cursor else staged
        try:
            after = look_at_raw(workspace, partitions)
        except UsageError as error:
            return dg.SkipReason(str(error))
        if (reason := _explain_loss(workspace, staged, after)) is not None:
            return dg.SkipReason(reason)
        # What the command has built meanwhile has changed since the last look and needs no run.
        changed = [name for name in changed_partitions(before, after) if after.get(name) != staged.get(name)]
        # No run key: a year that is changed and changed back must be run twice.
        requests = [dg.RunRequest(partition_key=name) for name in changed]
        reason = None if changed else f"{len(after)} report years have files; none changed"
        return dg.SensorResult(requests, skip_reason=reason, cursor=json.dumps(after))

    return raw_files


def _explain_loss(workspace: Workspace, staged: Mapping[str, str], found: Mapping[str, str]) -> str | None:
    """Return why nothing is run where every raw file is gone; None where it is otherwise."""
    return None if found or not staged else explain_no_files(workspace)


def publish_sensor() -> dg.AutomationConditionSensorDefinition:
    """Return the sensor that publishes the warehouse once a year was staged anew and none is under way."""
    return dg.AutomationConditionSensorDefinition(
        "publish_when_quiet",
        target=dg.AssetSelection.groups("load"),
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=30,
        description="Publishes the warehouse after report years were staged anew.",
    )


def _schedule(workspace: Workspace, partitions: Sequence[str], name: str, cron: str) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=name,
        cron_schedule=cron,
        execution_timezone=TIMEZONE,
        job_name=STAGE_JOB,
        description="A run for every report year that has files, or had; the warehouse is published after the last.",
    )
    def every_year_with_files(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
        staged = look_at_staged(workspace)
        try:
            found = look_at_raw(workspace, partitions)
        except UsageError as error:
            return dg.SkipReason(str(error))
        if (reason := _explain_loss(workspace, staged, found)) is not None:
            return dg.SkipReason(reason)
        years = sorted({*found, *staged})  # one whose files are all gone is emptied by its run
        if not years:
            return dg.SkipReason(f"no files under {workspace.raw}")
        moment = context.scheduled_execution_time.isoformat()
        return [dg.RunRequest(run_key=f"{moment} {year}", partition_key=year) for year in years]

    return every_year_with_files
