"""Dagster's UI in a real browser, with its daemon and code server as `gongkai ui` starts them.

What only shows there: whether the definitions survive the way into another process, and whether the pages say what our
metadata means them to say.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

import duckdb
import pytest
from dagster import AssetRecordsFilter, DagsterInstance, RunsFilter

from pipelines.orchestrate.build import BuildResult, run_plan
from pipelines.orchestrate.lineage import frame_key, table_key
from pipelines.orchestrate.plan import STAGES, plan_build
from pipelines.orchestrate.project import Project, open_project
from schemas.rule import load_rules
from schemas.table import load_tables
from schemas.vocabulary import Stage
from tests.browser import browse, needs_browser
from tests.house import copy_seed
from tests.orchestrate.conftest import ROOT

_PATIENCE = 120  # seconds for what takes ten on an idle machine
_GROUPS = ("fetch", "raw", "ingest", "read", "normalize", "check", "load")


@pytest.fixture(scope="module")
def built(tmp_path_factory, _small_map, plain_publish) -> Project:
    """Two years, built by the command's own way."""
    folder = tmp_path_factory.mktemp("ui")
    copy_seed(folder / "raw")
    (folder / "raw/2019").mkdir()
    for path in (ROOT / "tests/corpus/2019/pipes/ragged").rglob("*.md"):
        shutil.copy(path, folder / "raw/2019")
    project = open_project(folder / "raw", folder / "warehouse")
    assert run_plan(project, plan_build(project.workspace, STAGES), STAGES) == BuildResult(("2019", "2021"))
    return project


@contextmanager
def serving(project: Project) -> Iterator[str]:
    """Yield the address of the project's UI; its processes end with it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folders = ["--raw", str(project.workspace.raw), "--warehouse", str(project.workspace.warehouse)]
    command = [
        sys.executable,
        "-c",
        "import sys; from pipelines.cli.main import main; sys.exit(main())",
        "ui",
        *folders,
    ]
    environment = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}
    with subprocess.Popen(
        [*command, "--port", str(port)], cwd=ROOT, env=environment, start_new_session=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        try:
            yield _wait_for(f"http://127.0.0.1:{port}", server)
        finally:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)


def _wait_for(base: str, server: subprocess.Popen[bytes]) -> str:
    for _ in range(_PATIENCE * 5):
        assert server.poll() is None, "the UI ended before it answered"
        try:
            with urlopen(f"{base}/server_info"):
                return base
        except URLError:
            time.sleep(0.2)
    raise TimeoutError("the UI never answered")


def last_runs(project: Project) -> dict[str, str]:
    """Return which run last made a frame of each year, and which the warehouse."""
    frame, table = frame_key(Stage.CHECK, "quality"), table_key("source_file")
    with DagsterInstance.from_config(str(project.home)) as instance:
        made = {
            year: instance.fetch_materializations(
                AssetRecordsFilter(asset_key=frame, asset_partitions=[year]), limit=1
            ).records[0]
            for year in ("2019", "2021")
        }
        made["warehouse"] = instance.fetch_materializations(AssetRecordsFilter(asset_key=table), limit=1).records[0]
        return {name: record.event_log_entry.run_id for name, record in made.items()}


def _wait_for_run(project: Project, job: str, *, has_ended: bool) -> str:
    """Return the id of the job's one run, once it is there or has ended, which must be well."""
    with DagsterInstance.from_config(str(project.home)) as instance:
        for _ in range(_PATIENCE * 5):
            runs = instance.get_runs(RunsFilter(job_name=job))
            if runs and (runs[0].is_finished or not has_ended):
                assert len(runs) == 1
                assert runs[0].is_success or not has_ended
                return runs[0].run_id
            time.sleep(0.2)
    raise TimeoutError(f"no run of {job} has {'ended' if has_ended else 'begun'}")


@needs_browser
def test_the_ui_shows_lineage_meaning_and_checks_and_reruns_one_year(built):
    before = last_runs(built)
    with duckdb.connect(str(built.workspace.database), read_only=True) as connection:
        ((cells,),) = connection.execute("SELECT count(*) FROM reported_cell").fetchall()
    with serving(built) as base, browse(1400) as (page, _):
        page.set_default_timeout(_PATIENCE * 1000)
        page.goto(f"{base}/asset-groups")
        for group in _GROUPS:
            page.locator(f'[data-tooltip="{group}"]').first.wait_for()  # its box in the graph

        page.goto(f"{base}/assets/warehouse/reported_cell")
        for words in ("Row count", f"{cells:,}", "key: primary and foreign", "dim_report.report_id"):
            page.get_by_text(words, exact=True).first.wait_for()
        for column in load_tables()["reported_cell"].columns[:3]:
            page.get_by_text(column.zh).first.wait_for()

        page.goto(f"{base}/assets/warehouse/quality_result?view=checks")
        page.get_by_text(f"Checks ({len(load_rules())})").wait_for()
        page.get_by_text("T3_row", exact=True).first.click()
        for words in (load_rules()["T3-row"].description_zh, "pass_count", "fail_count"):
            page.get_by_text(words).first.wait_for()

        page.goto(f"{base}/locations/pipelines.orchestrate.location/jobs/build_year")
        page.get_by_text("Materialize all").first.click()
        page.get_by_text("Select a partition").click()
        page.get_by_text("2021", exact=True).first.click()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Launch 1 run").click()
        run_id = _wait_for_run(built, "build_year", has_ended=False)
        page.goto("about:blank")  # while a run goes on, its page asks for news again and again
        assert _wait_for_run(built, "build_year", has_ended=True) == run_id
        page.goto(f"{base}/runs/{run_id}")
        page.get_by_text("Success", exact=True).first.wait_for()
    after = last_runs(built)
    assert after["2019"] == before["2019"]
    assert after["2021"] == after["warehouse"] == run_id
