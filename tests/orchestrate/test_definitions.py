"""The graph as the UI will draw it: complete, connected, and made of what schemas define."""

import dagster as dg
import pytest

from pipelines.orchestrate.assets import CHANGELOG_KEY, INGEST_FRAMES, PAGE_KEY, PUBLISH_POOL, RAW_KEY
from pipelines.orchestrate.checks import SEASON_CHECK, rule_check_name
from pipelines.orchestrate.definitions import build_definitions
from pipelines.orchestrate.fetching import ANSWERED_CHECK, FETCHED_KEY
from pipelines.orchestrate.lineage import (
    CHANGELOG_SOURCES,
    PAGE_SOURCES,
    TABLE_SOURCES,
    frame_key,
    source_key,
    table_key,
)
from pipelines.orchestrate.partitions import report_years
from pipelines.orchestrate.plan import STAGES
from schemas.ddl import warehouse_tables
from schemas.rule import load_rules
from schemas.table import load_tables
from schemas.vocabulary import Stage

FRAMES = [(Stage.INGEST, frame) for frame in INGEST_FRAMES] + [(s.name, frame) for s in STAGES for frame in s.outputs]


@pytest.fixture
def definitions(project):
    return build_definitions(project.workspace, last_year=2026)


def test_definitions_load(definitions):
    dg.Definitions.validate_loadable(definitions)


def test_every_frame_and_table_is_an_asset_in_its_stage(definitions):
    graph = definitions.resolve_asset_graph()
    expected = {frame_key(stage, frame): stage.value for stage, frame in FRAMES}
    expected |= {table_key(spec.name): "load" for spec in warehouse_tables()} | {
        RAW_KEY: "raw", PAGE_KEY: "load", CHANGELOG_KEY: "load", FETCHED_KEY: "fetch",
    }  # fmt: skip
    assert {key: graph.get(key).group_name for key in graph.get_all_asset_keys()} == expected
    assert all(graph.get(key).kinds for key in expected)


def test_frames_are_partitioned_by_year_and_tables_are_not(definitions):
    graph = definitions.resolve_asset_graph()
    for stage, frame in FRAMES:
        assert graph.get(frame_key(stage, frame)).partitions_def == report_years(2026)
    assert not any(graph.get(table_key(spec.name)).is_partitioned for spec in warehouse_tables())
    assert report_years(2026).get_partition_keys()[0] == "2008"
    assert report_years(2026).get_partition_keys()[-2:] == ["2026", "undated"]


def test_every_frame_goes_somewhere(definitions):
    """A frame that nothing downstream takes would be work that no one can see."""
    graph = definitions.resolve_asset_graph()
    assert [key for stage, frame in FRAMES if not graph.get(key := frame_key(stage, frame)).child_keys] == []


def test_lineage_names_only_what_exists():
    tables = {spec.name for spec in warehouse_tables()}
    known = {table_key(name) for name in tables} | {frame_key(stage, frame) for stage, frame in FRAMES}
    assert set(TABLE_SOURCES) | set(PAGE_SOURCES) | set(CHANGELOG_SOURCES) <= tables
    assert {source_key(source) for sources in TABLE_SOURCES.values() for source in sources} <= known


def test_one_blocking_check_a_frame_and_one_reporting_check_a_rule(definitions):
    graph = definitions.resolve_asset_graph()
    checks = {key: graph.get_check_spec(key) for key in graph.asset_check_keys}
    blocking = {(key.asset_key, key.name) for key, spec in checks.items() if spec.blocking}
    reporting = {(key.asset_key, key.name) for key, spec in checks.items() if not spec.blocking}
    assert blocking == {(frame_key(stage, frame), f"{frame}_fits_model") for stage, frame in FRAMES}
    rules = {(table_key("quality_result"), rule_check_name(rule)) for rule in load_rules()}
    season = (table_key("coverage"), SEASON_CHECK)
    assert reporting == rules | {season, (FETCHED_KEY, ANSWERED_CHECK)}
    assert len({rule_check_name(rule) for rule in load_rules()}) == len(load_rules())


def test_column_schema_carries_meaning_in_both_languages(definitions):
    metadata = definitions.resolve_asset_graph().get(table_key("reported_cell")).metadata
    columns = {column.name: column for column in metadata["dagster/column_schema"].columns}
    spec = load_tables()["reported_cell"]
    assert list(columns) == [column.name for column in spec.columns]
    assert all(column.en in columns[column.name].description for column in spec.columns)
    assert all(column.zh in columns[column.name].description for column in spec.columns)
    # A word of ours that is not a plain text is refused on the way into another process, and the UI stays empty.
    assert {type(value) for column in columns.values() for value in column.tags.values()} == {str}
    assert {name: each.tags["kind"] for name, each in columns.items()} == {
        each.name: each.kind for each in spec.columns
    }
    assert columns["value"].constraints.nullable
    assert not columns["report_id"].constraints.nullable


def test_publish_waits_in_a_pool_that_holds_one(definitions, instance):
    """Two publishes never overlap: the step names a pool, and the project's instance gives every pool one place."""
    pools = {op.pool for op in definitions.resolve_job_def("build_year").all_node_defs if op.name == "publish"}
    assert pools == {PUBLISH_POOL}
    assert instance.get_concurrency_config().pool_config.default_pool_limit == 1
    assert instance.run_monitoring_settings["free_slots_after_run_end_seconds"] > 0
    assert not instance.telemetry_enabled


def test_season_is_daily_and_the_rest_of_the_year_weekly(definitions):
    schedules = {schedule.name: schedule for schedule in definitions.schedules}
    assert {name: (s.cron_schedule, s.execution_timezone) for name, s in schedules.items()} == {
        "reporting_season": ("0 6 * 1-3 *", "Asia/Shanghai"),
        "rest_of_year": ("0 6 * 4-12 1", "Asia/Shanghai"),
        "fetch_season": ("0 1 * 1-3 *", "Asia/Shanghai"),
        "fetch_rest_of_year": ("0 1 * 4-12 1", "Asia/Shanghai"),
    }
