"""The stages as assets: one multi-asset a stage and report year, and one that publishes the warehouse from all years.

Bodies are thin: a call into the stage, then its metadata and check results.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from graphlib import TopologicalSorter

import dagster as dg
import polars as pl

from pipelines.ingest import update_inventory
from pipelines.load import CHANGELOG_FEED, CHANGELOG_PAGE, last_season, publish_warehouse, update_changelog
from pipelines.orchestrate.checks import (
    check_frame,
    check_rules,
    check_season,
    frame_check_spec,
    rule_check_spec,
    season_check_spec,
)
from pipelines.orchestrate.fetching import FETCHED_KEY
from pipelines.orchestrate.lineage import (
    CHANGELOG_SOURCES,
    PAGE_SOURCES,
    STAGE_KINDS,
    TABLE_SOURCES,
    frame_key,
    source_key,
    table_key,
    table_parents,
)
from pipelines.orchestrate.metadata import PREVIEW_ROWS, describe_rows, describe_table
from pipelines.orchestrate.partitions import require_year
from pipelines.orchestrate.plan import LOCK_SECONDS
from pipelines.orchestrate.project import require_raw_files
from pipelines.settings import Workspace, get_today
from pipelines.staging import StageSpec, build_lock, forget_batches, read_frame, read_portions, run_stage
from schemas.rule import Rule
from schemas.table import TableSpec, table
from schemas.vocabulary import Stage

RAW_KEY = dg.AssetKey(["raw", "documents"])
PAGE_KEY = table_key("quality_page")
CHANGELOG_KEY = table_key("changelog")
INGEST_FRAMES = ("files", "captures", "findings")
PUBLISH_POOL = "publish"

Results = Iterator[dg.MaterializeResult[None]]

# Called with the stage, the partition, the batches made and the batches to make.
ProgressHook = Callable[[Stage, str, int, int], None]

_MAX_RETRIES = 2
_RETRY_SECONDS = 5.0


class StageConfig(dg.Config):
    """What a run from the UI may choose.

    Attributes:
        executor: What makes the batches, as `gongkai build --executor` has it; that of the project where it is empty.
    """

    executor: str = ""


def raw_asset(partitions: dg.PartitionsDefinition[str]) -> dg.AssetSpec:
    """Return the raw folder as an asset that nothing here makes: the agencies do; some of it is fetched."""
    return dg.AssetSpec(
        RAW_KEY,
        deps=[FETCHED_KEY],
        group_name="raw",
        kinds={"file"},
        partitions_def=partitions,
        description="Reports as the agencies published them, under data/raw/<report year>/. Never changed.",
    )


def ingest_asset(workspace: Workspace, partitions: dg.PartitionsDefinition[str]) -> dg.AssetsDefinition:
    """Return the inventory of one report year's files: paths, sizes, hashes, and what is wrong with them as files."""

    @dg.multi_asset(
        name="ingest",
        specs=[_frame_spec(Stage.INGEST, frame, [RAW_KEY]) for frame in INGEST_FRAMES],
        check_specs=[frame_check_spec(frame, frame_key(Stage.INGEST, frame)) for frame in INGEST_FRAMES],
        partitions_def=partitions,
    )
    def ingest(context: dg.AssetExecutionContext) -> Results:
        year = require_year(context)
        require_raw_files(workspace)
        with _step(context, workspace):
            update_inventory(workspace, [year])
        for frame in INGEST_FRAMES:
            yield _stage_result(workspace, Stage.INGEST, frame, year, {})

    return ingest


def stage_asset(
    workspace: Workspace,
    stage: StageSpec,
    partitions: dg.PartitionsDefinition[str],
    on_progress: ProgressHook | None,
) -> dg.AssetsDefinition:
    """Return the frames of one stage for one report year.

    Every frame of a stage depends on all its inputs, because one computation makes them all.
    """
    inputs = [frame_key(source, frame) for source, frame in stage.inputs]

    @dg.multi_asset(
        name=stage.name.value,
        specs=[_frame_spec(stage.name, frame, inputs) for frame in stage.outputs],
        check_specs=[frame_check_spec(frame, frame_key(stage.name, frame)) for frame in stage.outputs],
        partitions_def=partitions,
    )
    def compute(context: dg.AssetExecutionContext, config: StageConfig) -> Results:
        year = require_year(context)

        def on_batch(made: int, total: int) -> None:
            if on_progress is not None:
                on_progress(stage.name, year, made, total)

        with _step(context, workspace):
            there = replace(workspace, executor=config.executor or workspace.executor)
            run = run_stage(there, stage, year, on_batch=on_batch)
        counts = {"batches_made": run.made, "batches_kept": run.kept}
        results = [_stage_result(workspace, stage.name, frame, year, counts) for frame in stage.outputs]
        if not all(check.passed for result in results for check in result.check_results or ()):
            # A check blocks its own run only: what stays staged would be up to date, and published by the next.
            with _step(context, workspace):
                forget_batches(workspace, stage.name, year)
        yield from results

    return compute


def warehouse_asset(workspace: Workspace, tables: Sequence[TableSpec], rules: Sequence[Rule]) -> dg.AssetsDefinition:
    """Return the published warehouse: every table and the quality page, made from the frames of all years at once.

    Args:
        workspace: Where the frames are and the warehouse goes.
        tables: The tables to show.
        rules: The rules whose outcomes become checks of quality_result.
    """
    quality, coverage = table_key("quality_result"), table_key("coverage")
    by_name = {spec.name: spec for spec in tables}
    # Dagster wants the outputs of one step in the order of their lineage.
    ordered = [by_name[name] for name in TopologicalSorter(table_parents(by_name)).static_order()]

    @dg.multi_asset(
        name="publish",
        specs=[*(_table_spec(spec) for spec in tables), _page_spec()],
        check_specs=[*(rule_check_spec(rule, quality) for rule in rules), season_check_spec(coverage)],
        pool=PUBLISH_POOL,
    )
    def publish(context: dg.AssetExecutionContext) -> Results:
        with _step(context, workspace):
            summary = publish_warehouse(workspace)
        context.log.info("published %s", workspace.database)
        season = last_season(get_today())
        checks: dict[dg.AssetKey, Callable[[], list[dg.AssetCheckResult]]] = {
            quality: lambda: check_rules(rules, quality, _quality(workspace)),
            coverage: lambda: [check_season(coverage, _scan_table(workspace, "coverage"), season)],
        }
        for spec in ordered:
            first = _scan_table(workspace, spec.name).head(PREVIEW_ROWS).collect()
            yield dg.MaterializeResult(
                asset_key=table_key(spec.name),
                metadata=describe_rows(first, summary.rows[spec.name]),
                check_results=checks.get(table_key(spec.name), list)(),
            )
        page = workspace.quality_page
        yield dg.MaterializeResult(
            asset_key=PAGE_KEY, metadata={"path": dg.MetadataValue.path(page), "bytes": page.stat().st_size}
        )

    return publish


def changelog_asset(workspace: Workspace) -> dg.AssetsDefinition:
    """Return the changelog: what the release in place brought, as a page and as a feed that readers subscribe to."""

    @dg.asset(
        key=CHANGELOG_KEY,
        deps=[table_key(name) for name in CHANGELOG_SOURCES],
        group_name=Stage.LOAD.value,
        kinds={"markdown"},
        description="What each release brought, by table, agency and year, and why: CHANGELOG.md and changes.atom "
        "beside the warehouse.\n\n各次发布的变更及原因，另有可订阅的 Atom 源。",
        automation_condition=publish_when_quiet(),
    )
    def changelog(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        with _step(context, workspace):
            newest = update_changelog(workspace)[0]
        return dg.MaterializeResult(
            metadata={
                "release_number": newest.release_number,
                "released_at": newest.released_at,
                "tables_changed": len(newest.tables),
                "path": dg.MetadataValue.path(workspace.warehouse / CHANGELOG_PAGE),
                "feed": dg.MetadataValue.path(workspace.warehouse / CHANGELOG_FEED),
            }
        )

    return changelog


@contextmanager
def _step(context: dg.AssetExecutionContext, workspace: Workspace) -> Iterator[None]:
    """Hold the workspace for one step, and have the step tried again where the system and not the data failed it.

    A busy disk or a file in motion passes, so an OSError is worth another try. Everything else is decided by the
    files and the code, and would fail the same way again.
    """
    try:
        with build_lock(workspace, LOCK_SECONDS):
            yield
    except OSError as error:
        raise dg.RetryRequested(_MAX_RETRIES, seconds_to_wait=_RETRY_SECONDS * 2**context.retry_number) from error


def _frame_spec(stage: Stage, frame: str, inputs: Sequence[dg.AssetKey]) -> dg.AssetSpec:
    spec = table(frame)
    return dg.AssetSpec(
        frame_key(stage, frame),
        deps=inputs,
        group_name=stage.value,
        kinds=STAGE_KINDS[stage],
        description=f"{spec.en}\n\n{spec.zh}",
        metadata=describe_table(spec),
    )


def _table_spec(spec: TableSpec) -> dg.AssetSpec:
    return dg.AssetSpec(
        table_key(spec.name),
        deps=[source_key(source) for source in TABLE_SOURCES.get(spec.name, ())],
        group_name=Stage.LOAD.value,
        kinds=STAGE_KINDS[Stage.LOAD],
        tags={"layer": spec.layer},
        description=f"{spec.en}\n\n{spec.zh}",
        metadata=describe_table(spec),
        automation_condition=publish_when_quiet(),
    )


def _page_spec() -> dg.AssetSpec:
    return dg.AssetSpec(
        PAGE_KEY,
        deps=[table_key(name) for name in PAGE_SOURCES],
        group_name=Stage.LOAD.value,
        kinds={"html"},
        description="Coverage, broken identities, trends and the worst reports with their guilty cells marked, as one "
        "HTML file beside the warehouse.\n\n数据质量页：覆盖、勾稽关系、趋势及最需核对的报告。",
        automation_condition=publish_when_quiet(),
    )


def publish_when_quiet() -> dg.AutomationCondition[dg.AssetKey | dg.AssetCheckKey]:
    """Return when the warehouse is published by itself: a year was staged anew, and none is under way.

    So a rerun of one year, from the UI, the sensor or a schedule, is followed by one publish, and a rerun of many
    years by one as well.
    """
    return (
        dg.AutomationCondition.any_deps_updated().since_last_handled()
        & ~dg.AutomationCondition.any_deps_in_progress()
        & ~dg.AutomationCondition.in_progress()
    ).with_label("publish when quiet")


def _scan_table(workspace: Workspace, name: str) -> pl.LazyFrame:
    return pl.scan_parquet(workspace.parquet / f"{name}.parquet", glob=False, hive_partitioning=False)


def _quality(workspace: Workspace) -> pl.LazyFrame:
    """Return the outcomes of the rules with the report that each is about, for a person to recognise."""
    files = _scan_table(workspace, "source_file").select("file_id", "path")
    reports = _scan_table(workspace, "dim_report").select("report_id", "file_id", "year", "title")
    named = reports.join(files, on="file_id", how="left").drop("file_id")
    outcomes = _scan_table(workspace, "quality_result").join(named, on="report_id", how="left")
    about = ("rule_id", "status", "year", "title", "path", "scope")
    return outcomes.select(*about, pl.exclude(*about))


def _stage_result(
    workspace: Workspace, stage: Stage, frame: str, partition: str, counts: Mapping[str, int]
) -> dg.MaterializeResult[None]:
    rows = read_frame(workspace, stage, frame, partition)
    row_count = rows.select(pl.len()).collect().item()
    portions = read_portions(workspace, stage, frame, partition)
    return dg.MaterializeResult(
        asset_key=frame_key(stage, frame),
        metadata={**describe_rows(rows.head(PREVIEW_ROWS).collect(), row_count), **counts},
        check_results=[check_frame(frame, frame_key(stage, frame), portions)],
    )
