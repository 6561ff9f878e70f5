"""The whole way from raw files to the published warehouse without Dagster, for tests that are about something else."""

from pipelines.ingest import take_inventory
from pipelines.load import PublishSummary, publish_warehouse
from pipelines.orchestrate.plan import STAGES
from pipelines.settings import Workspace
from pipelines.staging import list_partitions, run_stage


def run_stages(house: Workspace) -> None:
    """Bring every stage before the publish up to date, in every partition."""
    take_inventory(house)
    for partition in list_partitions(house):
        for stage in STAGES:
            run_stage(house, stage, partition)


def build_warehouse(house: Workspace) -> PublishSummary:
    """Bring every stage up to date and publish."""
    run_stages(house)
    return publish_warehouse(house)
