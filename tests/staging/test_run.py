"""Batches are made again if and only if what they are made from has changed; a half-made one is never believed."""

import os
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipelines.errors import UsageError, WarehouseError
from pipelines.ingest import take_inventory
from pipelines.settings import Workspace
from pipelines.staging import StageRun, StageSpec, list_outdated, list_partitions, read_frame, run_stage, store
from pipelines.staging.buckets import assign_buckets, count_buckets, divide_portions
from schemas.entry import SchemaDataError
from schemas.table import table
from schemas.vocabulary import Stage
from tests.staging import stages
from tests.staging.stages import FAULTY, HOMEBOUND, NORMALIZE, PORTIONED, READ


@pytest.fixture(autouse=True)
def _fresh_spies(monkeypatch):
    stages.read_paths.clear()
    stages.normalized.clear()
    stages.failing.clear()
    monkeypatch.setattr("pipelines.ingest.ledger._UNCERTAIN_NS", 0)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    place = tmp_path / "a=b [1]*"  # nothing in a path may be taken for a pattern or a hive partition
    (place / "raw").mkdir(parents=True)
    return Workspace(place / "raw", place / "warehouse", workers=1)


def put(workspace: Workspace, path: str, content: str) -> None:
    place = workspace.raw / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(content, encoding="utf-8")


def put_many(workspace: Workspace, year: str, numbers: range) -> None:
    for number in numbers:
        put(workspace, f"{year}/{number}.txt", f"报告{number}\n行\n")


def build(workspace: Workspace, *specs: StageSpec) -> list[StageRun]:
    take_inventory(workspace)
    return [
        run_stage(workspace, spec, partition)
        for spec in specs or (READ, NORMALIZE)
        for partition in list_partitions(workspace)
    ]


def made(runs: list[StageRun]) -> list[tuple[str, int, int]]:
    return [(run.stage.value, run.made, run.kept) for run in runs]


def titles(workspace: Workspace) -> list[str]:
    return sorted(read_frame(workspace, Stage.NORMALIZE, "reports").collect()["title"])


def staged_bytes(workspace: Workspace) -> dict[str, bytes]:
    parts = [workspace.staging / stage for stage in ("read", "normalize")]
    return {str(p.relative_to(workspace.staging)): p.read_bytes() for part in parts for p in part.rglob("*.parquet")}


def test_nothing_to_do_is_nothing_done(workspace):
    put_many(workspace, "2021", range(500))
    put_many(workspace, "2022", range(3))
    first = build(workspace)
    assert made(first) == [("read", 2, 0), ("read", 1, 0), ("normalize", 2, 0), ("normalize", 1, 0)]
    assert [run.rows for run in first[:2]] == [
        {"documents": 500, "cells": 1000, "rejections": 0},
        {"documents": 3, "cells": 6, "rejections": 0},
    ]
    before = {path: path.stat().st_mtime_ns for path in workspace.staging.rglob("*") if path.is_file()}
    again = build(workspace)
    assert made(again) == [("read", 0, 2), ("read", 0, 1), ("normalize", 0, 2), ("normalize", 0, 1)]
    assert [run.rows for run in again] == [run.rows for run in first]
    assert before == {path: path.stat().st_mtime_ns for path in workspace.staging.rglob("*") if path.is_file()}


def test_one_changed_file_touches_one_batch_and_is_the_only_one_read(workspace):
    put_many(workspace, "2021", range(500))
    build(workspace)
    stages.read_paths.clear()
    put(workspace, "2021/7.txt", "新报告\n行\n")
    assert made(build(workspace)) == [("read", 1, 1), ("normalize", 1, 1)]
    assert stages.read_paths == ["2021/7.txt"]
    assert "新报告" in titles(workspace)
    assert "报告7" not in titles(workspace)


def test_a_change_that_changes_no_frame_stops_there(workspace):
    put_many(workspace, "2021", range(3))
    build(workspace)
    put(workspace, "2021/1.txt", "报告1\r\n行")  # other bytes, the same lines
    assert made(build(workspace)) == [("read", 1, 0), ("normalize", 0, 1)]


def test_a_touched_file_costs_nothing(workspace):
    put_many(workspace, "2021", range(3))
    build(workspace)
    os.utime(workspace.raw / "2021/1.txt", (1, 1))
    assert made(build(workspace)) == [("read", 0, 1), ("normalize", 0, 1)]


def test_a_removed_file_vanishes_from_every_stage(workspace):
    put_many(workspace, "2021", range(3))
    put_many(workspace, "2022", range(1))
    build(workspace)
    (workspace.raw / "2021/1.txt").unlink()
    (workspace.raw / "2022/0.txt").unlink()
    stages.read_paths.clear()
    build(workspace)
    assert titles(workspace) == ["报告0", "报告2"]
    assert stages.read_paths == []
    assert not list(workspace.staging.glob("*/2022"))
    (workspace.raw / "2021/0.txt").unlink()
    (workspace.raw / "2021/2.txt").unlink()
    build(workspace)
    assert titles(workspace) == []


def test_a_moved_file_is_in_one_partition_only(workspace):
    put_many(workspace, "2021", range(3))
    build(workspace)
    (workspace.raw / "2022").mkdir()
    (workspace.raw / "2021/1.txt").rename(workspace.raw / "2022/1.txt")
    build(workspace)
    assert titles(workspace) == ["报告0", "报告1", "报告2"]


def test_a_growing_partition_reads_only_its_new_files(workspace):
    put_many(workspace, "2021", range(380))
    build(workspace)
    stages.read_paths.clear()
    put_many(workspace, "2021", range(380, 800))
    assert made(build(workspace)) == [("read", 4, 0), ("normalize", 4, 0)]
    assert sorted(stages.read_paths) == sorted(f"2021/{number}.txt" for number in range(380, 800))
    assert len(titles(workspace)) == 800
    assert len(list((workspace.staging / "read/2021").iterdir())) == 4 + 1
    for number in range(300, 800):
        (workspace.raw / f"2021/{number}.txt").unlink()
    stages.read_paths.clear()
    assert made(build(workspace)) == [("read", 1, 0), ("normalize", 1, 0)]
    assert stages.read_paths == []
    assert len(titles(workspace)) == 300


@pytest.fixture
def _small_buckets(monkeypatch):
    """A dozen files a bucket instead of hundreds: partitions divide as they do at scale."""
    monkeypatch.setattr("pipelines.staging.buckets._MOST_FILES", 12)


@pytest.mark.usefixtures("_small_buckets")
def test_any_history_ends_in_the_same_bytes_as_a_fresh_build(workspace, tmp_path):
    chance = random.Random(7)
    names = [f"{year}/{number}.txt" for year in ("2021", "2022", "other") for number in range(30)]
    for _ in range(5):
        for path in chance.sample(names, 30):
            if chance.random() < 0.3 and (workspace.raw / path).exists():
                (workspace.raw / path).unlink()
            else:
                put(workspace, path, f"{path} {chance.randrange(3)}\n")
        build(workspace)
    fresh = replace(workspace, warehouse=tmp_path / "fresh")
    build(fresh)
    assert staged_bytes(workspace) == staged_bytes(fresh)


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


@pytest.mark.usefixtures("_small_buckets")
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


@pytest.mark.usefixtures("_small_buckets")
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


@pytest.mark.usefixtures("_small_buckets")
def test_what_no_other_process_can_make_is_made_here(workspace, caplog):
    put_many(workspace, "2021", range(60))
    build(replace(workspace, workers=2), READ, HOMEBOUND)
    assert "the worker ended with exit code 3; made once more, in the build's own process" in caplog.text
    assert len(titles(workspace)) == 60


@pytest.mark.usefixtures("_small_buckets")
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


def test_frames_of_nothing_have_their_declared_schema(workspace):
    for stage in (Stage.INGEST, Stage.READ, Stage.CHECK):
        for name in ("files", "cells", "quality"):
            assert read_frame(workspace, stage, name).collect_schema() == table(name).polars_schema
            assert_frame_equal(read_frame(workspace, stage, name, "2021").collect(), table(name).empty_frame())
    put_many(workspace, "2021", range(1))
    build(workspace)
    assert read_frame(workspace, Stage.READ, "cells").collect_schema() == table("cells").polars_schema
    with pytest.raises(KeyError):
        read_frame(workspace, Stage.READ, "nonsense")


def test_frames_of_one_partition(workspace):
    put_many(workspace, "2021", range(2))
    put_many(workspace, "2022", range(3))
    build(workspace)
    assert read_frame(workspace, Stage.READ, "documents", "2022").collect().height == 3
    assert read_frame(workspace, Stage.READ, "documents").collect().height == 5


def test_who_reads_frames_can_ask_whether_they_are_up_to_date(workspace):
    put_many(workspace, "2021", range(2))
    take_inventory(workspace)
    assert list_outdated(workspace, Stage.READ, "2021") == ["0000-of-0001"]
    build(workspace)
    assert list_outdated(workspace, Stage.NORMALIZE, "2021") == []
    put(workspace, "2021/1.txt", "neu\n")
    take_inventory(workspace)
    assert list_outdated(workspace, Stage.READ, "2021") == ["0000-of-0001"]
    with pytest.raises(WarehouseError, match="run stage read first"):
        run_stage(workspace, NORMALIZE, "2021")
    run_stage(workspace, READ, "2021")
    assert list_outdated(workspace, Stage.NORMALIZE, "2021") == ["0000-of-0001"]


def test_a_partition_that_cannot_be_is_refused(workspace):
    for name in ("..", "20211", "", "../../x", "2021/x"):
        with pytest.raises(UsageError, match="is no partition"):
            run_stage(workspace, READ, name)
    run = run_stage(workspace, READ, "1999")
    assert (run.made, run.kept) == (0, 0)


def _returning(frames: dict[str, pl.DataFrame]) -> StageSpec:
    return replace(NORMALIZE, compute=lambda _batch: frames)


@pytest.mark.parametrize(
    ("frames", "error", "message"),
    [
        ({}, WarehouseError, "returned the frames"),
        ({"reports": pl.DataFrame(), "cells": pl.DataFrame()}, WarehouseError, "returned the frames"),
        ({"reports": pl.DataFrame({"file_id": [12345], "reported_count": [0]})}, WarehouseError, "not in the batch"),
        ({"reports": pl.DataFrame({"file_id": [None]})}, WarehouseError, "null in file_id"),
        ({"reports": pl.DataFrame({"file_id": [1], "colour": [1]})}, SchemaDataError, "colour"),
    ],
)
def test_a_stage_that_breaks_its_declaration_is_stopped(workspace, frames, error, message):
    put_many(workspace, "2021", range(1))
    build(workspace, READ)
    with pytest.raises(error, match=message) as raised:
        run_stage(workspace, _returning(frames), "2021")
    assert raised.value.__notes__ == ["stage normalize, partition 2021, bucket 0000-of-0001"]
    assert list_outdated(workspace, Stage.NORMALIZE, "2021")


def test_two_inputs_of_one_name_are_refused():
    with pytest.raises(ValueError, match="share a frame name"):
        replace(READ, inputs=((Stage.READ, "findings"), (Stage.NORMALIZE, "findings")))


def test_progress_is_told(workspace):
    put_many(workspace, "2021", range(800))
    take_inventory(workspace)
    told: list[tuple[int, int]] = []
    run_stage(workspace, READ, "2021", on_batch=lambda *numbers: told.append(numbers))
    assert told == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


def test_changed_code_makes_all_batches_again_and_takes_no_row_over(workspace, monkeypatch):
    put_many(workspace, "2021", range(5))
    build(workspace)
    stages.read_paths.clear()
    monkeypatch.setattr("pipelines.staging.fingerprint._STAGING_VERSION", "another")
    assert made(build(workspace)) == [("read", 1, 0), ("normalize", 1, 0)]
    assert len(stages.read_paths) == 5


# -------------------------------------------------------------------------------------------------------------- reviews


def _titled(batch):
    """Stand in for a stage that takes decisions: every title is what people decided."""
    title = pl.lit(batch.reviews["titles.csv"])
    return {"reports": batch.inputs["documents"].select("file_id", title=title, reported_count=pl.lit(0))}


def test_a_decision_is_an_input_like_any_other(workspace):
    put_many(workspace, "2021", range(2))
    reviewed = replace(NORMALIZE, compute=_titled, reviews=("titles.csv",))
    assert made(build(workspace, READ, reviewed))[1] == ("normalize", 1, 0)
    assert titles(workspace) == ["", ""]
    workspace.reviews.mkdir()
    (workspace.reviews / "others.csv").write_text("x")
    (workspace.reviews / "titles.csv").write_text("")
    assert list_outdated(workspace, Stage.NORMALIZE, "2021") == []  # a file without a word decides as none does
    (workspace.reviews / "titles.csv").write_text("\ufeff甲", encoding="utf-8")
    assert list_outdated(workspace, Stage.NORMALIZE, "2021") == ["0000-of-0001"]
    assert made(build(workspace, READ, reviewed)) == [("read", 0, 1), ("normalize", 1, 0)]
    assert titles(workspace) == ["甲", "甲"]
    assert made(build(workspace, READ, reviewed)) == [("read", 0, 1), ("normalize", 0, 1)]
    (workspace.reviews / "titles.csv").write_bytes("甲".encode("gb18030"))
    with pytest.raises(UsageError, match=r"titles\.csv: the reviews must be UTF-8"):
        build(workspace, READ, reviewed)


def test_reviews_stand_beside_the_raw_folder_unless_another_is_named(tmp_path):
    assert Workspace(tmp_path / "raw", tmp_path / "w").reviews == tmp_path / "reviews"
    assert Workspace(tmp_path / "raw", tmp_path / "w", reviews=tmp_path / "x").reviews == tmp_path / "x"


# -------------------------------------------------------------------------------------------------------------- buckets


def test_buckets_are_decided_by_the_set_of_files(workspace):
    put_many(workspace, "2021", range(2000))
    files = assign_buckets(take_inventory(workspace))
    sizes = files.group_by("bucket").len()["len"]
    assert len(sizes) == count_buckets(2000) == 8
    assert min(sizes.to_list()) > 180
    assert_frame_equal(
        files.sort("path"), assign_buckets(files.drop("bucket").sample(fraction=1, shuffle=True, seed=1)).sort("path")
    )


def test_a_manifest_survives_the_disk(tmp_path):
    batch = store.StagedBatch("f", "c", {"ingest/files": "d"}, {"cells": store.StagedFrame(1, 2, "e")}, (3,))
    store.write_manifest(tmp_path, {"0000-of-0001": batch})
    assert store.read_manifest(tmp_path) == {"0000-of-0001": batch}


@given(st.lists(st.integers(150, 384), min_size=1, max_size=80), st.sampled_from([512, 2048]), st.integers(1, 4))
def test_portions_are_all_batches_once_and_bounded(sizes, most, processes):
    runs = divide_portions(sizes, most, processes)
    assert [number for run in runs for number in run] == list(range(len(sizes)))
    assert all(0 < sum(sizes[number] for number in run) < most + 384 for run in runs)
    if sum(sizes) > most:
        assert len(runs) >= min(processes, len(sizes))
