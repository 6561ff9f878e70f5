"""Batches are made again if and only if what they are made from has changed; a half-made one is never believed."""

import os
import random
from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipelines.errors import UsageError, WarehouseError
from pipelines.ingest import take_inventory
from pipelines.settings import Workspace
from pipelines.staging import StageSpec, list_outdated, read_frame, run_stage
from schemas.entry import SchemaDataError
from schemas.table import table
from schemas.vocabulary import Stage
from tests.staging import stages
from tests.staging.builds import build, made, put, put_many, staged_bytes, titles
from tests.staging.stages import NORMALIZE, READ

pytestmark = pytest.mark.usefixtures("fresh_spies")


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


@pytest.mark.usefixtures("small_buckets")
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
        (
            {"reports": pl.DataFrame({"file_id": [12345], "report_id": [1], "reported_count": [0]})},
            WarehouseError,
            "not in the batch",
        ),
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


def _titled(batch):
    """Stand in for a stage that takes decisions: every title is what people decided."""
    title = pl.lit(batch.reviews["titles.csv"])
    return {
        "reports": batch.inputs["documents"].select(
            "file_id", report_id="file_id", title=title, reported_count=pl.lit(0)
        )
    }


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
    with pytest.raises(UsageError, match=r"titles\.csv: the file must be UTF-8"):
        build(workspace, READ, reviewed)


def test_reviews_stand_beside_the_raw_folder_unless_another_is_named(tmp_path):
    assert Workspace(tmp_path / "raw", tmp_path / "w").reviews == tmp_path / "reviews"
    assert Workspace(tmp_path / "raw", tmp_path / "w", reviews=tmp_path / "x").reviews == tmp_path / "x"
