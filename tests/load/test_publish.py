"""Publishing against a hostile world: full disks, read-only folders, killed builds, readers in other processes."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from contextlib import contextmanager
from itertools import count
from multiprocessing import active_children
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.errors import WarehouseError
from pipelines.load import LoadLimits, build, content_hashes, proofs, publish, publish_warehouse, refresh
from pipelines.load.portions import BY_REPORT
from pipelines.load.record import fingerprint_base
from pipelines.staging import map_files, store
from schemas.ddl import Proof, warehouse_tables
from schemas.vocabulary import Stage
from tests.load.staged import FakeFile, request, stage_files, workspace_in

ROOT = Path(__file__).resolve().parents[2]


def files(new_received):
    return [
        FakeFile(f"2021/{number}.html", f"{number}局", figures=request("new_received", new_received, 1))
        for number in range(3)
    ]


@pytest.fixture(autouse=True, scope="module")
def _without_models():
    """Leave out the Pandera models and the page, most of a small publish: other modules publish with them.

    A second publish is a refresh, whatever has changed: it is put in place as a whole build is, for half the price.
    """
    pages = count()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "prove_models", lambda *_: None)
        patch.setattr(publish, "_write_page", lambda _, path: path.write_text(f"page {next(pages)}", encoding="utf-8"))
        patch.setattr(refresh, "_MOST_SHARE", 1.0)
        yield


@pytest.fixture(scope="module")
def _published(tmp_path_factory):
    house = workspace_in(tmp_path_factory.mktemp("house"))
    stage_files(house, files(1))
    publish_warehouse(house)
    return house


@pytest.fixture
def workspace(_published, tmp_path):
    """Copy a house that was published once: what was published keeps its times, so nothing has changed in it."""
    shutil.copytree(_published.raw.parent, tmp_path, symlinks=True, dirs_exist_ok=True)
    return workspace_in(tmp_path)


def assert_untouched(house, before):
    """Prove that the warehouse is the very file that it was, by its bytes, and that nothing is left beside it."""
    assert house.database.read_bytes() == before
    assert_tidy(house)


def assert_tidy(house):
    left = {path.name for path in house.warehouse.iterdir() if not path.name.startswith(".parquet-")}
    assert left == {
        ".build.lock",
        ".published-files.parquet",
        ".published-seen.parquet",
        ".published-series.parquet",
        ".published.json",
        "gongkai.duckdb",
        "parquet",
        "quality.html",
        "staging",
    }
    assert len(list(house.warehouse.glob(".parquet-*"))) <= 2


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


def test_workers_give_their_memory_back_before_a_release_is_built(workspace):
    stage_files(workspace, files(2))
    assert list(map_files(abs, [-1, -2], workers=2)) == [1, 2]
    assert active_children()
    publish_warehouse(workspace)
    assert not active_children()


def test_a_broken_promise_stops_the_publish_and_is_named(workspace, monkeypatch):
    before = workspace.database.read_bytes()
    stage_files(workspace, files(2))
    broken = Proof("meta_release", "no release", "SELECT count(*) FROM meta_release")
    monkeypatch.setattr(proofs, "_proofs", lambda *, of_portions: () if of_portions else (broken,))
    with pytest.raises(WarehouseError, match=r"not published: meta_release: no release: [0-9]+ rows break it"):
        publish_warehouse(workspace)
    assert_untouched(workspace, before)


def test_a_staged_value_outside_its_list_does_not_reach_the_warehouse(workspace):
    stage_files(workspace, [FakeFile("2021/a.html", figures={}, findings=((Stage.READ, "no_such_reason"),))])
    with pytest.raises(WarehouseError, match="finding: values of reason_code: 1 rows break it"):
        publish_warehouse(workspace)


def test_a_stage_that_is_behind_stops_the_publish(workspace):
    store.remove_partition(store.partition_folder(workspace, Stage.CHECK, "2021"))
    with pytest.raises(WarehouseError, match="stage check is not up to date for 2021"):
        publish_warehouse(workspace)


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


def test_the_twins_before_stay_for_one_publish(workspace):
    first = workspace.parquet.resolve()
    for number, expected in enumerate((True, False), start=2):
        stage_files(workspace, files(number))
        publish_warehouse(workspace)
        assert workspace.parquet.resolve() != first
        assert first.exists() is expected


def test_a_warehouse_copied_without_its_links_publishes_again(workspace):
    release = workspace.parquet.resolve()
    workspace.parquet.unlink()
    release.rename(workspace.parquet)
    stage_files(workspace, files(2))
    publish_warehouse(workspace)
    assert workspace.parquet.is_symlink()
    assert (workspace.parquet / "dim_year.parquet").exists()


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


def test_the_same_again_is_not_published_again(workspace):
    before = {path: path.stat() for path in (workspace.database, *workspace.parquet.rglob("*.parquet"))}
    before = {path: stat for path, stat in before.items() if path.is_file()}
    summary = publish_warehouse(workspace)
    assert summary.is_unchanged
    assert {path: path.stat() for path in before} == before
    assert summary.files == {"loaded": 3, "duplicate": 0, "superseded": 0, "rejected": 0}
    assert set(summary.rows) == {spec.name for spec in warehouse_tables()}
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        for name, rows in summary.rows.items():
            assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() == (rows,)


def _write(workspace):
    with duckdb.connect(str(workspace.database)) as connection:
        connection.execute("UPDATE fact_request_flow SET new_received = 999")


@pytest.mark.parametrize(
    "change",
    [
        lambda house: stage_files(house, files(2)),
        _write,
        lambda house: os.truncate(house.database, house.database.stat().st_size - 1),
        lambda house: house.database.unlink(),
        lambda house: (house.parquet / "dim_year.parquet").unlink(),
        lambda house: house.parquet.unlink(),
        lambda house: house.quality_page.unlink(),
        lambda house: (house.warehouse / ".published.json").write_text("{"),
        lambda house: publish.log_of(house.database).touch(),
        lambda house: (house.raw.parent / "agencies.csv").write_text("agency_name,from_year,to_year\n"),
        lambda house: (house.reviews.mkdir(), (house.reviews / "more.csv").write_text("x")),
    ],
    ids=["staged", "written", "cut", "gone", "twin", "link", "page", "record", "log", "list", "decision"],
)
def test_what_makes_a_release_another(workspace, change):
    limits = LoadLimits()
    assert publish.is_published(workspace, limits)
    change(workspace)
    assert not publish.is_published(workspace, limits)


def test_a_release_is_another_once_a_season_is_over_or_the_code_has_changed(workspace, monkeypatch):
    limits = LoadLimits(last_season=2020)
    first = fingerprint_base(workspace, limits)
    assert fingerprint_base(workspace, limits) == first
    assert fingerprint_base(workspace, LoadLimits(last_season=2021)) != first
    monkeypatch.setattr("pipelines.staging.fingerprint._STAGING_VERSION", "another")
    assert fingerprint_base(workspace, limits) != first


def test_a_warehouse_that_somebody_wrote_to_is_published_again(workspace):
    before = content_hashes(workspace.database)
    _write(workspace)
    assert not publish_warehouse(workspace).is_unchanged
    assert content_hashes(workspace.database) == before
    assert_tidy(workspace)


def test_a_path_with_quotes_and_spaces(tmp_path):
    house = workspace_in(tmp_path / "it's a [house] *")
    stage_files(house, files(1))
    publish_warehouse(house, LoadLimits(memory="256MB"))
    with duckdb.connect(str(house.database), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM dim_report").fetchone() == (3,)


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
