"""Batches on disk: what a full disk leaves."""

import errno
import os
import stat

import polars as pl
import pytest

from pipelines.staging import store
from schemas.table import table


@pytest.fixture
def full_disk(monkeypatch):
    """Let so many files reach the disk and no more."""

    def set_room(files):
        room = iter(range(files))
        real = os.fsync

        def fsync(descriptor):
            if stat.S_ISDIR(os.fstat(descriptor).st_mode) or next(room, None) is not None:
                return real(descriptor)
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", fsync)

    return set_room


def test_a_file_that_finds_no_room_leaves_the_old_one_and_nothing_else(tmp_path, full_disk):
    path = tmp_path / "kept.json"
    store.write_file(path, b"old")
    full_disk(0)
    with pytest.raises(OSError, match="No space left"):
        store.write_file(path, b"new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept.json"]
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("room", range(4))  # three frames, and the manifest that strikes the batch first
def test_batches_that_find_no_room_leave_no_temporary_files(tmp_path, full_disk, room):
    batch = store.StagedBatch("fingerprint", "code", {}, {})
    names = ("files", "findings", "rejections")
    frames = {name: table(name).empty_frame() for name in names}
    manifest = store.write_batch(tmp_path, {}, "one", batch, frames)
    full_disk(room)
    with pytest.raises(OSError, match="No space left"):
        store.write_batch(tmp_path, manifest, "one", batch, {name: frame.clear(1) for name, frame in frames.items()})
    assert list(tmp_path.rglob("*.tmp")) == []
    assert pl.read_parquet(tmp_path / "one" / "files.parquet").is_empty()
    assert store.read_manifest(tmp_path) == manifest
