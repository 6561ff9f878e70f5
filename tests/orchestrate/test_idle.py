"""A build that finds all as it was is over before a plan is made; whatever looks otherwise is planned."""

import os
import shutil
from pathlib import Path

import pytest

import schemas
from pipelines.cli import main
from pipelines.cli.status import Status
from pipelines.ingest import unchanged
from pipelines.orchestrate import idle, plan
from pipelines.settings import TODAY_VARIABLE, Workspace
from pipelines.staging.lock import LOCK_NAME
from schemas.vocabulary import Stage

_STATUS = Status(
    files=[["year", "files"], ["2021", 1_234]],
    agencies=[["year", "expected", "missing"], ["2021", 2, 1]],
    rejected=[["2021/a.html", "empty_file", None]],
    rejected_count=7,
)


@pytest.fixture
def house(tmp_path, monkeypatch):
    """Return folders with a file of each kind, all of them old enough to be believed."""
    monkeypatch.setattr(idle, "_UNCERTAIN_NS", -(10**12))
    for path in (
        "data/raw/2021/a.html", "data/raw/2021/a.html.source.json", "data/reviews/agencies.csv", "data/agencies.csv",
        "w/staging/ingest/listed.json", "w/staging/check/2021/manifest.json", "w/.parquet-1/fact.parquet/1.parquet",
        "w/gongkai.duckdb", "w/quality.html", "w/.published.json", "package/x-1.dist-info/RECORD",
    ):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("1")
    (tmp_path / "w/parquet").symlink_to(".parquet-1")
    monkeypatch.syspath_prepend(str(tmp_path / "package"))
    return Workspace(tmp_path / "data/raw", tmp_path / "w", workers=1)


def rewrite(path):
    """Write as many other bytes over a file's, and give it its old time."""
    before = path.stat()
    with path.open("r+") as file:
        file.write("2")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    "path",
    [
        "data/raw/2021/a.html", "data/raw/2021/a.html.source.json", "data/reviews/agencies.csv", "data/agencies.csv",
        "w/staging/check/2021/manifest.json", "w/parquet/fact.parquet/1.parquet", "w/gongkai.duckdb", "w/quality.html",
        "w/.published.json",
    ],
)  # fmt: skip
def test_a_file_that_was_written_to_in_place_is_seen_whatever_its_time(house, tmp_path, path):
    state = idle.hash_state(house)
    assert idle.hash_state(house) == state
    rewrite(tmp_path / path)
    changed = idle.hash_state(house)
    assert changed != state
    (tmp_path / path).unlink()
    assert idle.hash_state(house) not in (state, changed)


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "data/raw/2021/b.html").touch(),
        lambda root: (root / "data/raw/2021").rename(root / "data/raw/2020"),
        lambda root: (root / "data/raw/2021/a.html").rename(root / "data/raw/2021/b.html"),
        lambda root: shutil.rmtree(root / "data/reviews"),
        lambda root: (root / "w/gongkai.duckdb.wal").touch(),
        lambda root: (root / "package/x-1.dist-info").rename(root / "package/x-2.dist-info"),
        lambda root: (root / "w/staging/check").rename(root / "w/staging/checked"),
    ],
)
def test_what_comes_goes_or_moves_is_seen(house, tmp_path, change):
    state = idle.hash_state(house)
    change(tmp_path)
    assert idle.hash_state(house) != state


def test_our_own_code_and_the_month_are_part_of_the_state(house, monkeypatch):
    state = idle.hash_state(house)

    with monkeypatch.context() as patch:
        patch.setenv(TODAY_VARIABLE, "2100-04-01")
        assert idle.hash_state(house) != state
    folders = {Path(folder) for folder, _ in idle._look(house)}
    assert {Path(plan.__file__).parent, Path(schemas.__file__).parent} <= folders


@pytest.mark.parametrize(
    "trouble",
    [
        lambda house, _: house.staging.joinpath("ingest", "listed.json").unlink(),
        lambda _, patch: patch.setattr(idle, "_UNCERTAIN_NS", 10**10),
        lambda _, patch: patch.setattr(os, "scandir", lambda _: (_ for _ in ()).throw(PermissionError())),
    ],
)
def test_where_it_cannot_be_told_there_is_no_state(house, monkeypatch, trouble):
    """A file could not be opened, was changed a moment ago, or a folder cannot be listed."""
    trouble(house, monkeypatch)
    assert idle.hash_state(house) is None
    assert idle.read_note(house, None) is None


def test_what_is_left_out_is_what_a_look_and_a_build_leave_behind():
    assert LOCK_NAME in idle._IGNORED
    assert (Stage.INGEST.value, unchanged._NOTE) == idle._INVENTORY


def test_a_build_that_found_nothing_to_do_is_not_planned_again(house, monkeypatch, capsys):
    planned = []

    def plan_nothing(*_, **__):
        planned.append(1)
        return plan.BuildPlan((), is_publish_due=False)

    monkeypatch.setattr(plan, "plan_build", plan_nothing)
    monkeypatch.setattr("pipelines.cli.build.read_status", lambda _: _STATUS)
    command = ["build", "--raw", str(house.raw), "--warehouse", str(house.warehouse)]
    (house.warehouse / LOCK_NAME).touch()
    said = []
    for _ in range(3):
        assert main(command) == 0
        said.append(capsys.readouterr().out)
    assert len(planned) == 1
    assert said[0] == said[1] == said[2]
    assert "1,234" in said[0]
    assert "1 of 7 shown" in said[0]
    assert "Nothing has changed since the last build." in said[0]
    assert main([*command, "--quiet"]) == 0
    assert not capsys.readouterr().out
    assert main([*command, "--years", "2021"]) == 0  # asked for by name, it is run
    rewrite(house.raw / "2021" / "a.html")
    assert main(command) == 0
    assert len(planned) == 3


def test_a_build_that_had_something_to_do_notes_nothing(house, monkeypatch):
    monkeypatch.setattr(plan, "plan_build", lambda *_, **__: plan.BuildPlan(("2021",), is_publish_due=True))
    monkeypatch.setattr("pipelines.cli.build._run_plan", lambda *_: {})
    monkeypatch.setattr("pipelines.cli.build.read_status", lambda _: _STATUS)
    state = idle.hash_state(house)
    assert main(["build", "--raw", str(house.raw), "--warehouse", str(house.warehouse)]) == 0
    assert idle.read_note(house, state) is None
