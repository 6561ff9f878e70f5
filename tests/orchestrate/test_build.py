"""Builds in this process: what gets a run, what is published, and what one year's failure or rerun does to others.

A build costs seconds, most of them Dagster's, so each test here tells a whole story, and all begin with the same house.
"""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest
from dagster import DagsterEvent, DagsterEventType, DagsterInstance, DagsterRunStatus, RunsFilter

from pipelines.errors import UsageError, WarehouseError
from pipelines.load import publish_warehouse
from pipelines.orchestrate.assets import PUBLISH_POOL
from pipelines.orchestrate.build import _WAREHOUSE_TAG, BuildResult, _open_instance, run_plan
from pipelines.orchestrate.definitions import build_definitions
from pipelines.orchestrate.lineage import frame_key, table_key
from pipelines.orchestrate.plan import plan_build
from schemas.vocabulary import Stage
from tests.orchestrate.conftest import FakeStages, project_in, put_file

pytestmark = pytest.mark.usefixtures("plain_publish")  # tests/orchestrate/test_automation.py publishes with everything


@pytest.fixture(scope="module")
def started(tmp_path_factory, _small_map, plain_publish):
    """A project of two years, built once; each test goes on with a copy."""
    folder = tmp_path_factory.mktemp("started")
    project = project_in(folder)
    for path in ("2020/a.txt", "2021/b.txt"):
        put_file(project, path, path)
    stages = FakeStages()
    assert run_plan(project, plan_build(project.workspace, stages.specs()), stages.specs()) == BuildResult(
        ("2020", "2021")
    )
    return folder


@pytest.fixture
def project(started, tmp_path):
    shutil.copytree(started, tmp_path, symlinks=True, dirs_exist_ok=True)
    return project_in(tmp_path)


@pytest.fixture
def build(project, stages):
    def plan_and_run(years=None):
        return run_plan(project, plan_build(project.workspace, stages.specs(), years), stages.specs())

    return plan_and_run


@pytest.fixture
def plan(project, stages):
    return lambda years=None: plan_build(project.workspace, stages.specs(), years)


def paths(project) -> list[str]:
    with duckdb.connect(str(project.workspace.database), read_only=True) as connection:
        return [path for (path,) in connection.execute("SELECT path FROM source_file ORDER BY path").fetchall()]


def test_only_what_changed_is_run(project, put, stages, build, plan):
    assert paths(project) == ["2020/a.txt", "2021/b.txt"]
    with DagsterInstance.from_config(str(project.home)) as instance:
        assert instance.get_materialized_partitions(frame_key(Stage.CHECK, "quality")) == {"2020", "2021"}
        event = instance.get_latest_materialization_event(table_key("source_file"))
        assert event is not None
        assert event.asset_materialization is not None
        metadata = event.asset_materialization.metadata
        assert metadata["dagster/row_count"].value == 2
        assert "2021/b.txt" in str(metadata["preview"].value)

    assert plan().is_empty
    assert plan(["2021"]).partitions == ("2021",)
    assert stages.read_files == []
    with pytest.raises(UsageError, match="1999"):
        plan(["1999"])
    with pytest.raises(UsageError, match=r"no file of 2022, 2023 stands in .*raw"):
        plan(["2022", "2023"])
    assert plan(["2021", "2022"]).partitions == ("2021",)
    assert plan(["2021", "2022"]).missing == ("2022",)

    raw = project.workspace.raw
    put("2021/d.txt", "d")
    (raw / "2021/b.txt").unlink()
    (raw / "2020/a.txt").unlink()  # the last file of its year: no year to run, but a warehouse to publish
    assert plan().partitions == ("2021",)
    put("2022/e.txt", "e")
    put("loose.txt", "c")
    assert build(["2021"]) == BuildResult(("2021",))  # one year, while others have news
    assert set(stages.read_files) == {"2021/d.txt"}
    assert paths(project) == ["2021/d.txt"]
    assert build() == BuildResult(("2022", "undated"))
    assert set(stages.read_files) == {"2021/d.txt", "2022/e.txt", "loose.txt"}
    assert paths(project) == ["2021/d.txt", "2022/e.txt", "loose.txt"]

    project.workspace.database.unlink()
    assert plan().partitions == ()
    assert plan().is_publish_due


def test_a_failing_year_stops_neither_the_others_nor_spoils_the_warehouse(project, put, stages, build, instance):
    put("2021/d.txt", "d")
    put("2021/e.txt", "e")  # of one file that failed alone, the fault would be taken for the file's
    put("2022/c.txt", "c")
    stages.broken_years.add("2021")
    result = build()
    assert result.built == ("2022",)
    assert result.failed.keys() == {"2021"}
    assert "no good: 2021" in result.failed["2021"]
    assert paths(project) == ["2020/a.txt", "2021/b.txt"]

    stages.broken_years.clear()
    before = project.workspace.database.stat().st_ino
    job = build_definitions(project.workspace, stages.specs()).resolve_job_def("build_year")
    assert job.execute_in_process(instance=instance, partition_key="2021").success  # as the UI reruns one year
    assert paths(project) == ["2020/a.txt", "2021/b.txt", "2021/d.txt", "2021/e.txt", "2022/c.txt"]
    assert project.workspace.database.stat().st_ino != before
    assert plan_build(project.workspace, stages.specs()).is_empty


@pytest.mark.usefixtures("_nobody_looks")
def test_a_frame_out_of_shape_is_not_published_by_the_next_build(project, put, stages, build, plan):
    """A blocking check holds its own run only; the last stage's frames would pass for up to date afterwards."""

    def out_of_shape(batch):
        return batch.inputs["files"].select(
            "file_id", stage=pl.lit("check"), reason_code=pl.lit("because"), reason=pl.lit("")
        )

    whole = stages.check
    stages.check = lambda batch: {
        name: out_of_shape(batch) if name == "rejections" else frame for name, frame in whole(batch).items()
    }
    put("2021/d.txt", "d")
    for _ in range(2):
        assert "rejections_fits_model" in build().failed["2021"]
        assert plan().partitions == ("2021",)
    with pytest.raises(WarehouseError, match="stage check is not up to date for 2021"):
        publish_warehouse(project.workspace)
    assert paths(project) == ["2020/a.txt", "2021/b.txt"]

    stages.check = whole
    assert build() == BuildResult(("2021",))
    assert paths(project) == ["2020/a.txt", "2021/b.txt", "2021/d.txt"]


def test_what_a_killed_command_left_does_not_stop_the_next(project, put, build):
    """A run that nobody ends keeps its place in the publish pool: the next publish would wait for ever."""
    with DagsterInstance.from_config(str(project.home)) as instance:
        (left,) = instance.get_runs(RunsFilter(job_name="publish_warehouse"))
        instance.add_run_tags(left.run_id, {_WAREHOUSE_TAG: str(project.workspace.warehouse)})  # the copy's own
        started = DagsterEvent(DagsterEventType.RUN_START.value, left.job_name)
        instance.run_storage.handle_run_event(left.run_id, started)
        instance.event_log_storage.initialize_concurrency_limit_to_default(PUBLISH_POOL)
        instance.event_log_storage.claim_concurrency_slot(PUBLISH_POOL, left.run_id, "publish")
        assert instance.event_log_storage.get_concurrency_info(PUBLISH_POOL).active_slot_count == 1

    put("2020/b.txt", "b")
    holder = (
        "import sys, time; from pathlib import Path\n"
        "from pipelines.settings import Workspace; from pipelines.staging import build_lock\n"
        "with build_lock(Workspace(Path('.'), Path(sys.argv[1]))): print('held', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", holder, str(project.home)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        try:
            with pytest.raises(WarehouseError, match="another build is running"):
                build()
        finally:
            other.kill()

    assert not build().failed
    assert len(paths(project)) == 3
    with DagsterInstance.from_config(str(project.home)) as instance:
        run = instance.get_run_by_id(left.run_id)
        assert run is not None
        assert run.status == DagsterRunStatus.CANCELED


def test_ctrl_c_within_a_step_ends_the_build_and_not_the_step_alone(project, put, stages, build):
    """Dagster makes a failed step of it and goes on with the next year; a terminal sends it to what Dagster started."""
    whole = stages.read
    deaf: list[bool] = []

    def interrupted(batch):
        deaf.extend(blocks_interrupts(child) for child in children())
        os.kill(os.getpid(), signal.SIGINT)
        return whole(batch)

    stages.read = interrupted
    put("2021/d.txt", "d")
    put("2022/e.txt", "e")
    with pytest.raises(KeyboardInterrupt):
        build()
    assert stages.read_files == []
    assert deaf
    assert all(deaf)
    assert not blocks_interrupts("self")
    assert paths(project) == ["2020/a.txt", "2021/b.txt"]

    stages.read = whole
    assert build() == BuildResult(("2021", "2022"))


def test_telemetry_is_off_whatever_instance_keeps_the_history(project):
    project.home.joinpath("dagster.yaml").write_text("nux:\n  enabled: false\n")
    with _open_instance(replace(project, is_own_home=False)) as instance:
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled  # its other settings are its own


def children() -> list[str]:
    """Return the processes that Dagster has started to copy a step's output."""
    threads = Path("/proc/self/task").iterdir()
    found = [child for thread in threads for child in (thread / "children").read_text().split()]
    return [child for child in found if b"tail" in Path(f"/proc/{child}/cmdline").read_bytes()
            or b"watch_orphans" in Path(f"/proc/{child}/cmdline").read_bytes()]  # fmt: skip


def blocks_interrupts(process: str) -> bool:
    (mask,) = (line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith("SigBlk"))
    return bool(int(mask.split()[1], 16) & 1 << (signal.SIGINT - 1))
