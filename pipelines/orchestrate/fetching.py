"""Fetching as an asset by report year, its schedules, and what the UI shows of a run: what came from which source."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import dagster as dg
import polars as pl

from pipelines.errors import UsageError
from pipelines.ingest.fetch import FetchRun, choose_sources, fetch_reports, load_settings, load_sources
from pipelines.orchestrate.metadata import describe_rows, describe_table, sample_record
from pipelines.orchestrate.partitions import TIMEZONE, require_year
from pipelines.orchestrate.plan import LOCK_SECONDS
from pipelines.read import detect_format
from pipelines.settings import Workspace
from pipelines.staging.store import UNDATED
from schemas.table import table
from schemas.vocabulary import FetchOutcome

if TYPE_CHECKING:  # what define_asset_job returns has no public name
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

FETCHED_KEY = dg.AssetKey(["raw", "fetched_reports"])
FETCH_JOB = "fetch_year"
FETCH_POOL = "fetch"
FETCH_GROUP = "fetch"
ANSWERED_CHECK = "every_source_answered"

_MAX_RETRIES = 2
_RETRY_SECONDS = 60.0
_SOURCES_SHOWN = 1_000
_FAILURES_SHOWN = 50
# Daily in the season and weekly in the rest of the year: a week and a day without a run is a schedule that stands.
_LONGEST_PAUSE = timedelta(days=8)


class FetchConfig(dg.Config):
    """What a run from the UI may choose.

    Attributes:
        sources: Names in data/sources.csv; all of them where none is named.
    """

    sources: list[str] = []  # noqa: RUF012 - Dagster's configuration classes are pydantic models, which copy defaults


def fetched_asset(workspace: Workspace, partitions: dg.PartitionsDefinition[str]) -> dg.AssetsDefinition:
    """Return what the sites of data/sources.csv hold for one report year, as raw files."""
    spec = table("fetch_results")

    @dg.asset(
        key=FETCHED_KEY,
        group_name=FETCH_GROUP,
        kinds={"http", "file"},
        partitions_def=partitions,
        pool=FETCH_POOL,
        description="Reports collected from the sites of data/sources.csv into data/raw.\n\n从来源网站采集的报告原件。",
        metadata=describe_table(spec),
        check_specs=[
            dg.AssetCheckSpec(ANSWERED_CHECK, asset=FETCHED_KEY, description="No address of any source failed.")
        ],
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=_LONGEST_PAUSE),
    )
    def fetched_reports(context: dg.AssetExecutionContext, config: FetchConfig) -> dg.MaterializeResult:  # type: ignore[type-arg] # Dagster reads the annotation and knows it bare only
        try:
            done = _fetch(workspace, config.sources, require_year(context))
        except OSError as error:  # a full or busy disk: what was fetched is kept, and the next attempt goes on
            raise dg.RetryRequested(_MAX_RETRIES, seconds_to_wait=_RETRY_SECONDS) from error
        return dg.MaterializeResult(metadata=_describe(done), check_results=[_check(done)])

    return fetched_reports


def fetch_job() -> "UnresolvedAssetJobDefinition":
    """Return the job that fetches one report year; the sensor on raw files builds what it brings."""
    return dg.define_asset_job(
        FETCH_JOB,
        dg.AssetSelection.assets(FETCHED_KEY),
        description="Collect one report year from the sites of data/sources.csv, or from the sources that are named.",
    )


def fetch_schedules(workspace: Workspace) -> list[dg.ScheduleDefinition]:
    """Return when sites are asked: every night while reports are due, then weekly; before the stages run at six.

    The year that is due is the one before the calendar's. In the rest of the year the one before that is asked as well,
    because late corrections come to it.
    """
    return [
        _schedule(workspace, "fetch_season", "0 1 * 1-3 *", lambda year: [str(year - 1), UNDATED]),
        _schedule(
            workspace, "fetch_rest_of_year", "0 1 * 4-12 1", lambda year: [str(year - 2), str(year - 1), UNDATED]
        ),
    ]


def _schedule(
    workspace: Workspace, name: str, cron: str, partitions_of: Callable[[int], list[str]]
) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=name,
        cron_schedule=cron,
        execution_timezone=TIMEZONE,
        job_name=FETCH_JOB,
        description="Asks the sites of data/sources.csv for the report years that are due.",
    )
    def fetch_due_years(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
        try:
            sources = load_sources(workspace.sources)
        except UsageError as error:
            return dg.SkipReason(str(error))
        if not sources:
            return dg.SkipReason(f"{workspace.sources} lists no site")
        moment = context.scheduled_execution_time
        names = partitions_of(moment.year)
        return [dg.RunRequest(run_key=f"{moment.isoformat()} {name}", partition_key=name) for name in names]

    return fetch_due_years


def _fetch(workspace: Workspace, names: list[str], partition: str) -> FetchRun:
    listed = load_sources(workspace.sources)
    if not listed:
        raise UsageError(f"{workspace.sources} lists no site; docs/collecting.md says how to write it")
    sources = choose_sources(listed, names)
    settings = load_settings(workspace)
    return fetch_reports(workspace, sources, settings, detect_format, years=[partition], lock_seconds=LOCK_SECONDS)


def _describe(done: FetchRun) -> dict[str, dg.MetadataValue | int | bool]:
    """Return the numbers of a run, and the table by source with the reason of its first failure."""
    totals = {kind.value: int(done.results[kind.value].sum()) for kind in FetchOutcome}
    by_source = sample_record(done.results.head(_SOURCES_SHOWN))
    shown = {"results": by_source["sample"]} if by_source else {}
    return {**describe_rows(done.results), **totals, **shown, "is_resumed": done.is_resumed}


def _check(done: FetchRun) -> dg.AssetCheckResult:
    """Return a warning where an address failed, with the first of them: what alerts are hung on."""
    failed = done.outcomes.filter(pl.col("outcome") == FetchOutcome.FAILED.value)
    columns = ("source", "role", "url", "reason_code", "reason")
    return dg.AssetCheckResult(
        passed=failed.is_empty(),
        severity=dg.AssetCheckSeverity.WARN,
        check_name=ANSWERED_CHECK,
        asset_key=FETCHED_KEY,
        metadata={"failed": failed.height, **sample_record(failed.select(columns).head(_FAILURES_SHOWN))},
    )
