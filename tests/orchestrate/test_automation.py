"""What starts runs: the sensor launches the years concerned and no others, and a publish follows by itself."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from pipelines.ingest import take_inventory
from pipelines.orchestrate.automation import raw_files_sensor, season_schedules
from pipelines.orchestrate.definitions import build_definitions
from pipelines.orchestrate.lineage import table_key
from pipelines.orchestrate.plan import partition_names
from pipelines.orchestrate.watch import look_at_staged
from schemas.ddl import warehouse_tables

YEARS = partition_names(2026)
SCHEDULED = datetime(2026, 1, 2, 6, tzinfo=ZoneInfo("Asia/Shanghai"))


class Sensor:
    """The sensor with its cursor carried from tick to tick, as the daemon does it."""

    def __init__(self, workspace, instance):
        self.sensor = raw_files_sensor(workspace, YEARS)
        self.instance = instance
        self.cursor = None

    def tick(self):
        context = dg.build_sensor_context(self.instance, cursor=self.cursor)
        result: Any = self.sensor(context)
        if isinstance(result, dg.SkipReason):
            return []
        self.cursor = result.cursor
        return [request.partition_key for request in result.run_requests]


@pytest.fixture
def sensor(project, instance):
    return Sensor(project.workspace, instance)


def test_sensor_launches_new_changed_and_emptied_years_only(sensor, project, put):
    old = put("2019/a.html", "a")
    put("2020/b.html", "b")
    put("2021/深/c.html", "c")
    put("readme.txt", "no year")
    assert sensor.tick() == ["2019", "2020", "2021", "undated"]
    assert sensor.tick() == []
    put("2020/b.html", "other bytes")
    assert sensor.tick() == ["2020"]
    put("2021/深/d.html", "d")
    assert sensor.tick() == ["2021"]
    take_inventory(project.workspace)
    old.unlink()
    assert sensor.tick() == ["2019"]
    assert sensor.tick() == []


def test_sensor_starts_from_what_is_staged(sensor, project, put):
    """A command builds while no daemon runs, or beside it: what it has taken up needs no second run."""
    put("2020/b.html", "b")
    take_inventory(project.workspace)
    assert sensor.tick() == []
    put("2021/c.html", "c")
    take_inventory(project.workspace)
    put("2022/d.html", "d")
    assert sensor.tick() == ["2022"]


def test_sensor_says_so_where_the_raw_folder_is_gone(sensor, project):
    """An unmounted disk must not look like a folder whose every file was removed."""
    sensor.cursor = json.dumps({"2020": "1:x"})
    project.workspace.raw.rmdir()
    assert sensor.tick() == []
    assert json.loads(sensor.cursor) == {"2020": "1:x"}


def test_nothing_is_run_where_every_raw_file_is_gone(sensor, project, put, stages, instance):
    """The folder may still stand where its disk is not mounted; `gongkai build` refuses it as well."""
    gone = put("2020/b.html", "b")
    assert sensor.tick() == ["2020"]
    take_inventory(project.workspace)
    gone.unlink()
    context = dg.build_sensor_context(instance, cursor=sensor.cursor)
    repository = build_definitions(project.workspace).get_repository_def()
    scheduled = dg.build_schedule_context(instance, scheduled_execution_time=SCHEDULED, repository_def=repository)
    told: Any = sensor.sensor(context)
    assert "holds no file" in told.skip_message
    assert "holds no file" in str(season_schedules(project.workspace, YEARS)[0].evaluate_tick(scheduled).skip_message)

    project.workspace.database.write_bytes(b"kept")
    job = build_definitions(project.workspace, stages.specs()).resolve_job_def("stage_year")
    assert not job.execute_in_process(instance=instance, partition_key="2020", raise_on_error=False).success
    put("2020/b.html", "b")
    assert sensor.tick() == ["2020"]  # a new file to the system, which is not known to hold the same


def test_a_year_whose_files_are_all_gone_is_emptied_by_the_schedule(project, put, stages, instance):
    put("2021/b.html", "b")
    gone = put("2020/b.html", "b")
    definitions = build_definitions(project.workspace, stages.specs())
    job = definitions.resolve_job_def("stage_year")
    assert job.execute_in_process(instance=instance, partition_key="2020").success
    assert look_at_staged(project.workspace).keys() == {"2020"}
    gone.unlink()
    repository = definitions.get_repository_def()
    context = dg.build_schedule_context(instance, scheduled_execution_time=SCHEDULED, repository_def=repository)
    schedule = season_schedules(project.workspace, YEARS)[0]
    assert [run.partition_key for run in schedule.evaluate_tick(context).run_requests or []] == ["2020", "2021"]
    assert job.execute_in_process(instance=instance, partition_key="2020").success
    assert look_at_staged(project.workspace) == {}


def test_sensor_ignores_what_the_inventory_ignores(sensor, put):
    put("2020/b.html", "b")
    sensor.tick()
    put("2020/.DS_Store", "x")
    put("2020/~$b.docx", "x")
    assert sensor.tick() == []


def test_a_folder_beyond_the_years_counts_as_undated(sensor, put):
    put("1999/a.html", "a")
    put("2050/a.html", "a")
    assert sensor.tick() == ["undated"]


def test_schedules_run_every_year_that_has_files(project, put, instance):
    schedule = season_schedules(project.workspace, YEARS)[0]
    repository = build_definitions(project.workspace).get_repository_def()
    context = dg.build_schedule_context(instance, scheduled_execution_time=SCHEDULED, repository_def=repository)
    assert schedule.evaluate_tick(context).skip_message == f"no files under {project.workspace.raw}"
    put("2020/b.html", "b")
    put("2021/b.html", "b")
    assert [run.partition_key for run in schedule.evaluate_tick(context).run_requests or []] == ["2020", "2021"]


@pytest.mark.filterwarnings("ignore::dagster_shared.utils.warnings.BetaWarning")  # of the tester, not of the graph
def test_publish_follows_a_staged_year_once(project, put, stages, instance):
    """One publish after a year was staged, none while nothing happens; its own tables never set it off again."""
    put("2021/b.html", "b")
    definitions = build_definitions(project.workspace, stages.specs())
    everything = {table_key(spec.name) for spec in warehouse_tables()}

    def evaluate(cursor):
        result = dg.evaluate_automation_conditions(definitions, instance, cursor=cursor)
        return result.cursor, {key for key in everything if result.get_num_requested(key)}

    cursor, requested = evaluate(None)
    assert not requested
    staging = definitions.resolve_job_def("stage_year")
    assert staging.execute_in_process(instance=instance, partition_key="2021").success
    cursor, requested = evaluate(cursor)
    assert table_key("reported_cell") in requested
    assert definitions.resolve_job_def("publish_warehouse").execute_in_process(instance=instance).success
    for _ in range(2):
        cursor, requested = evaluate(cursor)
        assert not requested


@pytest.mark.parametrize("name", ["stage_year", "build_year", "fetch_year"])
def test_a_run_without_a_year_says_what_to_do(project, put, stages, instance, name):
    put("2020/a.html", "a")
    job = build_definitions(project.workspace, stages.specs()).resolve_job_def(name)
    run = job.execute_in_process(instance=instance, raise_on_error=False)
    [failed] = [event for event in run.all_events if event.is_step_failure]
    told = failed.step_failure_data.error_display_string
    assert "Failure: This run names no report year" in told.partition("\n")[0]
    assert stages.read_files == []
