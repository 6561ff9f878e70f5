"""One file a partition says what its batches say, whatever became of them or of it."""

import shutil

import pytest
from polars.testing import assert_frame_equal

from pipelines.ingest import take_inventory
from pipelines.settings import Workspace
from pipelines.staging import gather_frame, list_partitions, read_frame, run_stage, store
from schemas.table import table
from schemas.vocabulary import Stage
from tests.staging.stages import READ

EMPTY = table("cells").empty_frame()


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Workspace:
    monkeypatch.setattr("pipelines.ingest.ledger._UNCERTAIN_NS", 0)
    workspace = Workspace(tmp_path / "raw", tmp_path / "warehouse", workers=1)
    for year in (2020, 2021):
        (workspace.raw / str(year)).mkdir(parents=True)
        for number in range(600):  # two batches
            (workspace.raw / str(year) / f"{number}.txt").write_text(f"{year} {number}\n行\n")
    build(workspace)
    return workspace


def build(workspace):
    take_inventory(workspace)
    for partition in list_partitions(workspace):
        run_stage(workspace, READ, partition)


def assert_tells_all(workspace):
    gathered = gather_frame(workspace, Stage.READ, "cells", EMPTY)
    assert gathered.select("partition", "bucket").unique().height == sum(
        len(store.read_manifest(workspace.staging / "read" / name)) for name in list_partitions(workspace)
    )
    assert_frame_equal(gathered.select(EMPTY.columns), read_frame(workspace, Stage.READ, "cells").collect())


def rewrite(workspace):
    (workspace.raw / "2021" / "7.txt").write_text("another\n")
    build(workspace)


def remove_year(workspace):
    shutil.rmtree(workspace.raw / "2020")
    build(workspace)


def divide_anew(workspace):
    for number in range(1_000, 2_000):
        (workspace.raw / "2021" / f"{number}.txt").write_text(f"{number}\n")
    build(workspace)


def damage(workspace):
    (workspace.staging / "gathered" / "read" / "cells" / "2021.parquet").write_bytes(b"PAR1")


def lose(workspace):
    shutil.rmtree(workspace.staging / "gathered")


@pytest.mark.parametrize("change", [rewrite, remove_year, divide_anew, damage, lose])
def test_what_is_gathered_is_what_is_staged(workspace, change):
    assert_tells_all(workspace)
    change(workspace)
    assert_tells_all(workspace)


def test_only_what_has_changed_is_opened(workspace, monkeypatch):
    gather_frame(workspace, Stage.READ, "cells", EMPTY)
    opened, read = [], store.read_batch_frame
    rewrite(workspace)

    def note_read(folder, bucket, frame):
        opened.append((folder.name, bucket))
        return read(folder, bucket, frame)

    monkeypatch.setattr(store, "read_batch_frame", note_read)
    for _ in range(2):
        gather_frame(workspace, Stage.READ, "cells", EMPTY)
    assert len(opened) == 1
    assert opened[0][0] == "2021"
    gather_frame(workspace, Stage.READ, "cells", EMPTY.select("file_id"))  # other columns than are kept
    assert len(opened) == 1 + sum(len(store.read_manifest(workspace.staging / "read" / y)) for y in ("2020", "2021"))
