"""The report years as Dagster partitions."""

import dagster as dg

from pipelines.orchestrate.plan import partition_names

TIMEZONE = "Asia/Shanghai"


def report_years(last_year: int | None) -> dg.StaticPartitionsDefinition:
    """Return the partitions of every staged frame, up to `last_year` or the year it is by the inventory's clock.

    Static, because a report year is a folder and not a moment: files of any year may come at any time.
    """
    return dg.StaticPartitionsDefinition(partition_names(last_year))


def require_year(context: dg.AssetExecutionContext) -> str:
    """Return the report year that a run is about.

    Raises:
        dagster.Failure: The run names none, as one from a launchpad in which no partition was chosen.
    """
    if not context.has_partition_key:
        raise dg.Failure(
            "This run names no report year. Launch it from “Materialize all”, which asks for partitions, or choose one "
            "at the head of the launchpad (for a run of code: partition_key='2021').",
            allow_retries=False,
        ) from None
    year: str = context.partition_key
    return year
