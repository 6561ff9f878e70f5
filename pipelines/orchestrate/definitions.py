"""The whole code location in one function, and the definitions that the UI and the daemon load."""

from collections.abc import Sequence

import dagster as dg

from pipelines.orchestrate.assets import (
    ProgressHook,
    changelog_asset,
    ingest_asset,
    raw_asset,
    stage_asset,
    warehouse_asset,
)
from pipelines.orchestrate.automation import (
    build_job,
    publish_job,
    publish_sensor,
    raw_files_sensor,
    season_schedules,
    stage_job,
)
from pipelines.orchestrate.fetching import fetch_job, fetch_schedules, fetched_asset
from pipelines.orchestrate.partitions import report_years
from pipelines.orchestrate.plan import STAGES
from pipelines.settings import Workspace
from pipelines.staging import StageSpec
from schemas.ddl import warehouse_tables
from schemas.rule import load_rules


def build_definitions(
    workspace: Workspace,
    stages: Sequence[StageSpec] = STAGES,
    last_year: int | None = None,
    on_progress: ProgressHook | None = None,
) -> dg.Definitions:
    """Return assets, checks, jobs, schedules and sensors over one workspace.

    Args:
        workspace: The folders that every asset reads and writes.
        stages: The stages between the inventory and the warehouse, in order.
        last_year: Last report year that is a partition; the current year where None.
        on_progress: Told how far a stage is, for a progress bar.
    """
    partitions = report_years(last_year)
    names = partitions.get_partition_keys()
    return dg.Definitions(
        assets=[
            fetched_asset(workspace, partitions),
            raw_asset(partitions),
            ingest_asset(workspace, partitions),
            *(stage_asset(workspace, stage, partitions, on_progress) for stage in stages),
            warehouse_asset(workspace, warehouse_tables(), list(load_rules().values())),
            changelog_asset(workspace),
        ],
        jobs=[build_job(), stage_job(), publish_job(), fetch_job()],
        schedules=[*season_schedules(workspace, names), *fetch_schedules(workspace)],
        sensors=[raw_files_sensor(workspace, names), publish_sensor()],
        # A process for each step costs seconds and saves nothing: the steps of a run follow one another.
        executor=dg.in_process_executor,
    )
