"""Publishing against a hostile world: full disks, read-only folders, killed builds, readers in other processes."""

import errno
import os
import signal
import subprocess
import sys
import textwrap
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.errors import WarehouseError
from pipelines.load import build, content_hashes, publish, publish_warehouse, refresh
from pipelines.load.portions import BY_REPORT
from pipelines.orchestrate.plan import plan_build
from tests.load.publishing import assert_tidy, assert_untouched, files
from tests.load.staged import stage_files, workspace_in

pytestmark = pytest.mark.usefixtures("quick_publish")


ROOT = Path(__file__).resolve().parents[2]


def fail(error):
    def raise_error(*_, **__):
        raise error

    return raise_error


FULL = OSError(errno.ENOSPC, "No space left on device")


def test_a_file_that_lost_rows_when_it_was_closed_is_not_published(workspace, monkeypatch):
    """It has no log, so nothing else would tell that a checkpoint had left rows out."""
    before, real = workspace.database.read_bytes(), build.open_build
    stage_files(workspace, files(2))

    @contextmanager
    def lose_rows(path, limits):
        with real(path, limits) as connection:
            yield connection
        with duckdb.connect(str(path)) as connection:
            connection.execute("DELETE FROM fact_request_flow")

    monkeypatch.setattr(publish, "open_build", lose_rows)
    with pytest.raises(WarehouseError, match="closed without all rows of fact_request_flow"):
        publish_warehouse(workspace)
    assert_untouched(workspace, before)


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ("open_build", FULL),
        ("fill_warehouse", duckdb.IOException("Could not write file: No space left\non device")),
        ("refresh_warehouse", FULL),
        ("prove_warehouse", duckdb.OutOfMemoryException("Out of Memory Error: max_temp_directory_size")),
        ("_write_twins", FULL),
        ("_write_page", FULL),
        ("prove_models", pl.exceptions.ComputeError("No space left on device")),
        ("_sync", FULL),
    ],
)
def test_a_step_that_fails_leaves_the_old_warehouse_and_says_so_in_one_line(workspace, monkeypatch, step, error):
    before, page = workspace.database.read_bytes(), workspace.quality_page.read_bytes()
    stage_files(workspace, files(2))
    monkeypatch.setattr(publish, step, fail(error))
    if step == "fill_warehouse":  # the only step that a refresh does not take
        monkeypatch.setattr(refresh, "_MOST_REFRESHES", 0)
    with pytest.raises(WarehouseError) as caught:
        publish_warehouse(workspace)
    assert "unchanged" in str(caught.value)
    assert "No space left on device" in str(caught.value) or "Out of Memory" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert_untouched(workspace, before)
    assert workspace.quality_page.read_bytes() == page


def test_a_first_publish_that_fails_promises_no_warehouse(tmp_path, monkeypatch):
    house = workspace_in(tmp_path)
    stage_files(house, files(1))
    monkeypatch.setattr(publish, "prove_warehouse", fail(FULL))
    with pytest.raises(WarehouseError, match=r"was not made: .*No space left on device"):
        publish_warehouse(house)
    assert not house.database.exists()


def run(code, *arguments, **options):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120, **options,
    )  # fmt: skip


PUBLISH = """
    import sys
    from pathlib import Path
    from pipelines.errors import WarehouseError
    from pipelines.load import publish_warehouse
    from pipelines.settings import Workspace
    {before}
    try:
        publish_warehouse(Workspace(Path(sys.argv[1]), Path(sys.argv[2])))
    except WarehouseError as error:
        print("WarehouseError:", error)
"""


def test_a_disk_that_fills_up_while_writing(workspace):
    before = workspace.database.read_bytes()
    stage_files(workspace, files(2))
    limit = """
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
    """
    result = run(PUBLISH.format(before=limit), workspace.raw, workspace.warehouse)
    assert result.stdout.startswith("WarehouseError:"), result.stderr
    assert result.stdout.count("\n") == 1
    assert_untouched(workspace, before)


def test_a_read_only_folder(workspace):
    before = workspace.database.read_bytes()
    # root may write anywhere, so the build goes on as somebody else, who must be able to reach the folder
    become_nobody = "import os; os.setuid(65534)" if os.geteuid() == 0 else ""
    for folder in list(workspace.warehouse.parents)[:-1]:
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(folder.stat().st_mode | 0o011)
    workspace.warehouse.chmod(0o555)
    try:
        result = run(PUBLISH.format(before=become_nobody), workspace.raw, workspace.warehouse)
    finally:
        workspace.warehouse.chmod(0o755)
    assert result.stdout.startswith("WarehouseError:"), result.stderr
    assert result.stdout.count("\n") == 1
    assert_untouched(workspace, before)


# A child a step, forked when everything is imported: it publishes on the small map, after at most so many refreshes the
# whole, and is killed at the step.
KILLED = """
    import os, signal, sys
    from pathlib import Path
    import polars as pl
    from pipelines.load import build, publish, publish_warehouse, refresh
    from pipelines.settings import Workspace
    house = Workspace(Path(sys.argv[1]), Path(sys.argv[2]))
    publish._write_page = lambda _, path: path.write_text("page")
    publish.prove_models = lambda *_: None
    refresh._MOST_SHARE = 1.0
    build.region_rows = lambda: pl.read_parquet(sys.argv[3])
    for line in sys.stdin:
        step, most = line.split()
        if (child := os.fork()) == 0:
            refresh._MOST_REFRESHES = int(most)
            setattr(publish, step, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
            publish_warehouse(house)
            os._exit(1)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def test_a_build_killed_at_any_step_leaves_a_whole_warehouse_and_the_next_one_cleans_up(workspace, tmp_path):
    def kill_at(step, most):
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{step} {most}\n")
        process.stdin.flush()
        assert process.stdout.readline() == f"{-signal.SIGKILL}\n"
        assert not publish.log_of(workspace.database).exists()
        return content_hashes(workspace.database)

    vars(build)["region_rows"]().write_parquet(tmp_path / "map.parquet")  # the small one
    arguments = map(str, (workspace.raw, workspace.warehouse, tmp_path / "map.parquet"))
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED), *arguments],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        old = content_hashes(workspace.database)
        stage_files(workspace, files(2))
        for step, most in (("settle", 0), ("prove_warehouse", 9), ("_write_page", 0), ("_sync", 9)):
            assert kill_at(step, most) == old, step
            assert len(list(workspace.warehouse.glob(".publish-*"))) == 1, step  # its own: it removed the one before
        publish_warehouse(workspace)
        new = content_hashes(workspace.database)
        assert_tidy(workspace)
        assert {name for name in BY_REPORT if old[name] != new[name]} >= {"reported_cell", "fact_request_flow"}

        for number, step in enumerate(("swing_link", "note_published"), start=3):
            stage_files(workspace, files(number))
            killed = kill_at(step, 9)
            assert killed != new, step
            publish_warehouse(workspace)
            new = content_hashes(workspace.database)
            assert_tidy(workspace)
            assert killed == new, step


def test_what_a_build_leaves_that_is_killed_after_its_publish_goes_though_nothing_is_new(workspace, tmp_path):
    assert publish_warehouse(workspace).is_unchanged
    for house, start in ((workspace, publish_warehouse), (workspace_in(tmp_path), plan_build)):
        left = house.warehouse / ".publish-left"
        left.mkdir(parents=True)
        (left / "before").write_bytes(b"the database that was replaced")
        start(house)
        assert not left.exists(), start
    assert_tidy(workspace)


def test_a_stale_log_beside_the_target_is_not_replayed_into_the_new_file(workspace):
    code = """
    import duckdb, os, signal, sys
    connection = duckdb.connect(sys.argv[1])
    connection.execute("PRAGMA disable_checkpoint_on_shutdown; UPDATE fact_request_flow SET new_received = 999")
    os.kill(os.getpid(), signal.SIGKILL)
    """
    run(code, workspace.database)
    assert publish.log_of(workspace.database).exists()
    publish_warehouse(workspace)
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        assert connection.execute("SELECT max(new_received) FROM fact_request_flow").fetchone() == (1,)


def test_two_publishers_do_not_meet(workspace):
    code = """
    import sys, time
    from pathlib import Path
    from pipelines.staging import build_lock
    from pipelines.settings import Workspace
    with build_lock(Workspace(Path(sys.argv[1]), Path(sys.argv[2]))):
        print("held", flush=True)
        time.sleep(60)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), workspace.raw, workspace.warehouse],
        cwd=ROOT, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        process.stdout.readline()
        with pytest.raises(WarehouseError, match="another build is running"):
            publish_warehouse(workspace)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_twins_that_cannot_follow_are_told_apart_from_an_unchanged_warehouse(workspace, monkeypatch):
    stage_files(workspace, files(7))
    monkeypatch.setattr(publish, "swing_link", fail(FULL))
    with pytest.raises(
        WarehouseError, match=r"is published, but .*parquet or quality.html still shows the tables before it"
    ):
        publish_warehouse(workspace)
    monkeypatch.undo()
    publish_warehouse(workspace)
    assert_tidy(workspace)


READER = """
    import sys, time
    from pathlib import Path
    import duckdb
    import polars as pl
    house, stop = Path(sys.argv[1]), Path(sys.argv[2])
    seen, reads = set(), 0
    print("started", flush=True)
    flow = "fact_request_flow WHERE applicant_code <> 'business'"
    while not stop.exists():
        with duckdb.connect(str(house / "gongkai.duckdb"), read_only=True) as connection:
            rows = connection.execute(f"SELECT new_received FROM {flow}").fetchall()
            figures = connection.execute("SELECT DISTINCT outcomes, new_received FROM agency_year").fetchall()
        assert len(rows) == 3 and len(set(rows)) == 1 and len(figures) == 1, (rows, figures)
        release = (house / "parquet").resolve()
        twin = pl.read_parquet(release / "fact_request_flow.parquet")
        joined = twin.join(pl.read_parquet(release / "dim_report.parquet"), on="report_id")
        people = joined.filter(pl.col("applicant_code") != "business")
        assert joined.height == 6 and people["new_received"].n_unique() == 1
        path = f"{house}/parquet/fact_request_flow.parquet"
        twin_rows = duckdb.sql(f"SELECT new_received FROM read_parquet('{path}')").fetchall()
        assert len(twin_rows) == 6
        seen.add(rows[0]); reads += 1
        time.sleep(0.2)  # the publisher needs a core too
    print(len(seen), reads)
"""


@pytest.mark.parametrize(("count", "rounds"), [(2, 3), pytest.param(10, 100, marks=pytest.mark.soak)])
def test_readers_in_other_processes_never_fail_while_warehouses_are_published(workspace, tmp_path, count, rounds):
    stop = tmp_path / "stop"
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(READER), workspace.warehouse, stop],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(count)
    ]  # fmt: skip
    for reader in readers:
        assert reader.stdout is not None
        reader.stdout.readline()
    try:
        for number in range(rounds):
            stage_files(workspace, files(number + 2))
            publish_warehouse(workspace)
    finally:
        stop.touch()
    for reader in readers:
        out, err = reader.communicate(timeout=60)
        assert reader.returncode == 0, err
        seen, reads = map(int, out.split()[-2:])  # a slow answer's progress is printed before them
        assert seen > rounds // 4 + 1
        assert reads > rounds
