"""Interrupted builds, damaged staging, work of other processes: a half-made batch is never believed."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.errors import WarehouseError
from pipelines.ingest import take_inventory
from pipelines.settings import Workspace
from pipelines.staging import list_outdated, read_frame, run_stage
from schemas.vocabulary import Stage
from tests.staging import stages
from tests.staging.builds import build, made, put, put_many, staged_bytes, titles
from tests.staging.stages import FAULTY, HOMEBOUND, NORMALIZE, PORTIONED, READ

pytestmark = pytest.mark.usefixtures("fresh_spies")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """Give a house that was built before its raw files changed, and what a build from nothing stages of these."""
    folder = tmp_path_factory.mktemp("begun")
    house, fresh = (Workspace(folder / "raw", folder / name, workers=1) for name in ("warehouse", "fresh"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.staging.buckets._MOST_FILES", 12)
        put_many(house, "2021", range(12))
        build(house)
        put_many(house, "2021", range(10, 28))
        for number in range(2):
            put(house, f"2021/{number}.txt", f"anders {number}\n")
        build(fresh)
    return folder, staged_bytes(fresh)


@pytest.mark.usefixtures("small_buckets")
@pytest.mark.parametrize("call", [0, 1, 4, 7])
@pytest.mark.parametrize("interruption", ["before compute", "after compute", "rename", "manifest"])
def test_an_interrupted_build_is_finished_by_the_next(workspace, begun, monkeypatch, interruption, call):
    folder, expected = begun
    for name in ("raw", "warehouse"):
        shutil.copytree(folder / name, workspace.raw.parent / name, dirs_exist_ok=True)
    take_inventory(workspace)
    with monkeypatch.context() as patch:
        _stop_at_call(patch, interruption, min(call, 3) if interruption in {"before compute", "manifest"} else call)
        with pytest.raises(KeyboardInterrupt):
            run_stage(workspace, READ, "2021")
    with pytest.raises(WarehouseError, match="run stage read first"):
        run_stage(workspace, NORMALIZE, "2021")
    build(workspace)
    assert not list(workspace.staging.rglob("*.tmp"))
    assert staged_bytes(workspace) == expected


def _stop_at_call(patch: pytest.MonkeyPatch, where: str, call: int) -> None:
    target = {
        "before compute": "pipelines.staging.portion.Batch",
        "after compute": "pipelines.staging.store._parquet_bytes",
        "rename": "pipelines.staging.store._rename",
        "manifest": "pipelines.staging.store.write_manifest",
    }[where]
    module, _, name = target.rpartition(".")
    real: Callable[..., object] = getattr(__import__(module, fromlist=[name]), name)
    calls = 0

    def stop(*args: object, **kwargs: object) -> object:
        nonlocal calls
        calls += 1
        if calls > call:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    patch.setattr(target, stop)


@pytest.mark.usefixtures("small_buckets")
@pytest.mark.parametrize("workers", [1, 2])
def test_batches_made_at_once_are_those_made_one_by_one(workspace, tmp_path, workers):
    alone = replace(workspace, warehouse=tmp_path / "alone")
    together = replace(workspace, workers=workers)
    for numbers in (range(60), range(30, 90)):  # the second time some rows are taken over, from other buckets
        put_many(workspace, "2021", numbers)
        put(workspace, "2021/7.txt", f"{numbers}\n")
        build(alone)
        stages.normalized.clear()
        build(together, READ, PORTIONED)
        assert staged_bytes(together) == staged_bytes(alone)
        # In this process several buckets at a time; by two workers in no call that this process sees.
        assert any(len(buckets) > 1 for buckets in stages.normalized) == (workers == 1)
    put(workspace, "2021/7.txt", "neu\n")
    build(alone)
    assert made(build(together, READ, PORTIONED)) == [("read", 1, 7), ("normalize", 1, 7)]
    assert staged_bytes(together) == staged_bytes(alone)


@pytest.mark.usefixtures("small_buckets")
def test_what_no_other_process_can_make_is_made_here(workspace, caplog):
    put_many(workspace, "2021", range(60))
    build(replace(workspace, workers=2), READ, HOMEBOUND)
    assert "the worker ended with exit code 3; made once more, in the build's own process" in caplog.text
    assert len(titles(workspace)) == 60


@pytest.mark.usefixtures("small_buckets")
def test_an_error_in_another_process_is_raised_as_it_is(workspace):
    put_many(workspace, "2021", range(60))
    with pytest.raises(ZeroDivisionError, match="a bug") as raised:
        build(replace(workspace, workers=2), READ, FAULTY)
    assert [note.rpartition(" ")[2] for note in raised.value.__notes__] == ["0003-of-0008"]
    assert "0003-of-0008" in list_outdated(workspace, Stage.NORMALIZE, "2021")
    assert "0000-of-0008" not in list_outdated(workspace, Stage.NORMALIZE, "2021")  # what was whole before is kept


def test_a_batch_replaced_in_part_is_not_believed_when_its_inputs_return(workspace, monkeypatch):
    put(workspace, "2021/a.txt", "alt\n")
    build(workspace)
    put(workspace, "2021/a.txt", "neu\n")
    take_inventory(workspace)
    with monkeypatch.context() as patch:
        _stop_at_call(patch, "rename", 3)  # the struck manifest, and two of four frames
        with pytest.raises(KeyboardInterrupt):
            run_stage(workspace, READ, "2021")
    put(workspace, "2021/a.txt", "alt\n")
    assert made(build(workspace)) == [("read", 1, 0), ("normalize", 0, 1)]
    assert read_frame(workspace, Stage.READ, "cells").collect()["text"].to_list() == ["alt"]


@pytest.mark.parametrize("damage", ["delete", "truncate", "manifest", "nonsense", "folder"])
def test_damaged_staging_is_made_again(workspace, damage):
    put_many(workspace, "2021", range(3))
    build(workspace)
    folder = workspace.staging / "read/2021"
    cells = next(folder.rglob("cells.parquet"))
    match damage:
        case "delete":
            cells.unlink()
        case "truncate":
            cells.write_bytes(cells.read_bytes()[:-1])
        case "manifest":
            (folder / "manifest.json").unlink()
        case "nonsense":
            (folder / "manifest.json").write_text('{"0000-of-0001": {"frames": 3}}')
        case "folder":
            cells.parent.rename(folder / "0001-of-0007")
    runs = build(workspace)
    assert made(runs) == [("read", 1, 0), ("normalize", 0, 1)]
    assert read_frame(workspace, Stage.READ, "cells").collect().height == 6
    assert {entry.name for entry in folder.iterdir()} == {"manifest.json", "0000-of-0001"}


def test_files_that_could_not_be_opened_are_tried_again(workspace):
    put_many(workspace, "2021", range(3))
    stages.failing.add("2021/1.txt")
    build(workspace)
    assert read_frame(workspace, Stage.READ, "rejections").collect().height == 1
    stages.failing.clear()
    stages.read_paths.clear()
    build(workspace)
    assert stages.read_paths == ["2021/1.txt"]
    assert titles(workspace) == ["报告0", "报告1", "报告2"]
    assert made(build(workspace)) == [("read", 0, 1), ("normalize", 0, 1)]
