"""The report years as Dagster partitions."""

import dagster as dg

from pipelines.orchestrate.plan import partition_names

TIMEZONE = "Asia/Shanghai"


def report_years(last_year: int | None) -> dg.StaticPartitionsDefinition:
    """Return the partitions of every staged frame, up to `last_year` or the year it is by the inventory's clock.

    Static, because a report year is a folder and not a moment: files of any year may come at any time.
    """
    return dg.StaticPartitionsDefinition(partition_names(last_year))
