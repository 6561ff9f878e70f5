"""Fetching as an asset: one report year a run, one source where it is named, and what came as a table."""

from datetime import datetime
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.definitions.freshness import TimeWindowFreshnessPolicy

from pipelines.orchestrate.definitions import build_definitions
from pipelines.orchestrate.fetching import ANSWERED_CHECK, FETCH_POOL, FETCHED_KEY, fetch_schedules
from tests.ingest.fetch.site import FakeClock, Site, put_json, put_static_list

HEADER = "source,agency,family,url,pattern,from_year,to_year"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@pytest.fixture
def site(project):
    """Two sources on the loopback interface, which the settings allow."""
    with Site(FakeClock()).running() as opened:
        put_static_list(opened, [2022, 2023])
        api = put_json(opened, [2022, 2023])
        base = f"http://127.0.0.1:{opened.port}"
        lines = [HEADER, f"甲县,甲县,static_list,{base}/nb/,,,", f"丙局,丙局,json_list,{base}{api},,,"]
        project.workspace.sources.write_text("\n".join(lines) + "\n", encoding="utf-8")
        project.workspace.fetch_settings.write_text(
            'delay_seconds = 0.0\nbackoff_seconds = 0.0\nallowed_hosts = ["127.0.0.1"]\n'
        )
        yield opened


def run(project, instance, year, *sources, succeeds=True):
    config = QUIET | {"ops": {"raw__fetched_reports": {"config": {"sources": list(sources)}}}}
    job = build_definitions(project.workspace).resolve_job_def("fetch_year")
    result = job.execute_in_process(run_config=config, instance=instance, partition_key=year, raise_on_error=False)
    assert result.success is succeeds
    return result


def metadata(result):
    (materialization,) = result.asset_materializations_for_node("raw__fetched_reports")
    return materialization.metadata


def test_a_run_fetches_its_year_and_shows_what_each_source_gave(project, instance, site):
    told = metadata(run(project, instance, "2023"))
    assert {path.name for path in project.workspace.raw.iterdir()} == {"2023", ".partial"}
    assert (told["new"].value, told["failed"].value) == (3, 0)
    rows = {record.data["source"]: record.data for record in told["results"].records}
    assert {name: (row["new"], row["unchanged"]) for name, row in rows.items()} == {"甲县": (2, 0), "丙局": (1, 0)}
    again = metadata(run(project, instance, "2023"))
    assert (again["new"].value, again["unchanged"].value) == (0, 3)


def test_one_source_is_fetched_where_it_is_named(project, instance, site):
    told = metadata(run(project, instance, "2022", "丙局"))
    assert [record.data["source"] for record in told["results"].records] == ["丙局"]
    assert not [path for path in site.paths if path.startswith("/nb/")]


def test_what_failed_is_a_warning_with_its_reason_and_the_run_stands(project, instance, site):
    del site.routes["/c/2023.shtml"]
    result = run(project, instance, "2023")
    (check,) = result.get_asset_check_evaluations()
    assert (check.check_name, check.passed, check.severity) == (ANSWERED_CHECK, False, dg.AssetCheckSeverity.WARN)
    (record,) = check.metadata["sample"].records
    assert (record.data["source"], record.data["reason_code"]) == ("丙局", "not_found")
    assert "not_found" not in metadata(result)["results"].records[0].data.values()


def test_an_unknown_source_fails_the_run_before_anybody_is_asked(project, instance, site):
    run(project, instance, "2023", "乙", succeeds=False)
    assert site.seen == []


def test_schedules_ask_for_the_years_that_are_due(project, instance):
    """In the season the year before; later the one before that as well, for corrections. Without a list, nothing."""
    season, rest = fetch_schedules(project.workspace)
    repository = build_definitions(project.workspace).get_repository_def()

    def tick(schedule, month):
        moment = datetime(2026, month, 5, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
        context = dg.build_schedule_context(instance, scheduled_execution_time=moment, repository_def=repository)
        data = schedule.evaluate_tick(context)
        return data.skip_message or [request.partition_key for request in data.run_requests or []]

    assert tick(season, 2) == f"{project.workspace.sources} lists no site"
    project.workspace.sources.write_text(f"{HEADER}\n甲,甲,static_list,https://a.invalid/,,,\n", encoding="utf-8")
    assert tick(season, 2) == ["2025", "undated"]
    assert tick(rest, 5) == ["2024", "2025", "undated"]
    project.workspace.sources.write_text("x\n")
    assert "the first line must be" in tick(season, 2)


def test_fetches_never_overlap_and_grow_stale_after_a_week(project):
    definitions = build_definitions(project.workspace)
    pools = [op.pools for op in definitions.resolve_job_def("fetch_year").all_node_defs]
    assert pools == [{FETCH_POOL}]
    policy = definitions.resolve_asset_graph().get(FETCHED_KEY).freshness_policy_or_from_metadata
    assert isinstance(policy, TimeWindowFreshnessPolicy)
    assert policy.fail_window.to_timedelta().days == 8
