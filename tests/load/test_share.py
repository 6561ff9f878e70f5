"""The published files at an address: put whole, found by one pointer, and the same as those of the disk."""

import json
from io import BytesIO

import fsspec
import polars as pl
import pytest

from pipelines.cli import main
from pipelines.errors import UsageError, WarehouseError
from pipelines.load import content_hashes
from pipelines.load.share import share_copy
from pipelines.load.snapshot import kept_at
from pipelines.staging.remote import RemoteFolder
from tests.conftest import on_any_store, on_every_store
from tests.load.staged import workspace_in


def read(url, key):
    files, root = fsspec.core.url_to_fs(url)
    return files.cat_file(f"{root}/{key}")


def pointer(url):
    return json.loads(read(url, "current.json"))


def figures(url):
    """Return the figures of the release that the pointer names."""
    content = pl.read_parquet(BytesIO(read(url, f"{pointer(url)['parquet']}/fact_request_outcome.parquet/{PORTION}")))
    return content.filter(pl.col("requests") > 2)["requests"].to_list()


PORTION = "2021-0000-of-0001.parquet"


@on_every_store
def test_a_release_is_put_whole_and_the_one_before_stays(releases, url, tmp_path):
    RemoteFolder(url).put("parquet/older/a.parquet", b"of a release before the one before")
    first, second = releases(7), releases(8)
    assert share_copy(first, url).bytes > first.database.stat().st_size
    assert figures(url) == [7.0]
    before = pointer(url)["release"]
    share_copy(second, url)
    assert figures(url) == [8.0]
    assert read(url, "quality.html") == b"page"
    (tmp_path / "taken.duckdb").write_bytes(read(url, "gongkai.duckdb"))
    assert content_hashes(tmp_path / "taken.duckdb") == content_hashes(second.database)
    assert set(RemoteFolder(url).folders("parquet")) == {before, pointer(url)["release"]}
    assert share_copy(second, url).bytes == 0


@on_any_store
def test_a_store_that_fails_leaves_the_pointer_on_a_whole_release(releases, url, monkeypatch):
    share_copy(releases(7), url)
    before = pointer(url)
    real = RemoteFolder.put

    def put(self, key, content):
        if key == "gongkai.duckdb":
            raise PermissionError(13, "Forbidden")
        real(self, key, content)

    monkeypatch.setattr(RemoteFolder, "put", put)
    with pytest.raises(WarehouseError, match="Forbidden"):
        share_copy(releases(8), url)
    assert pointer(url) == before
    assert figures(url) == [7.0]
    monkeypatch.undo()
    share_copy(releases(8), url)
    assert figures(url) == [8.0]


@pytest.mark.parametrize("url", ["s3"], indirect=True)
def test_a_bucket_that_is_not_there_is_not_made(releases, url):
    mistyped = url.replace("s3://", "s3://x-")
    with pytest.raises(WarehouseError, match="no bucket x-"):
        share_copy(releases(7), mistyped)
    with pytest.raises(UsageError, match="cannot be listed"):
        RemoteFolder(mistyped).list()


def test_a_reader_of_a_file_meets_the_old_one_or_the_new(tmp_path):
    remote = RemoteFolder(tmp_path.as_uri())
    remote.put("a", b"old")
    (tmp_path / "source").mkdir()
    with pytest.raises(OSError, match="directory"):
        remote.put("a", tmp_path / "source")
    assert (tmp_path / "a").read_bytes() == b"old"


def test_mistakes_are_one_line(tmp_path, capsys):
    with pytest.raises(UsageError, match="no warehouse"):
        share_copy(workspace_in(tmp_path), "memory://x")
    assert main(["share", "copy", "memory://x", "--warehouse", str(tmp_path / "none")]) == 2
    assert main(["share", "ducklake", "c.ducklake", "data", "--warehouse", str(tmp_path / "none")]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2
    assert all("no warehouse" in error for error in errors)


@pytest.mark.parametrize(
    "url", ["x://y", "", "x::y://z", "://", "s3:bucket/x", "zip://x", "reference://x", "ftp://127.0.0.1:1/x"]
)
def test_no_folder_is_made_of_an_address_that_is_none(releases, tmp_path, monkeypatch, capsys, url):
    workspace = releases(7)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert main(["share", "copy", url, "--warehouse", str(workspace.warehouse)]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert list((tmp_path / "here").iterdir()) == []
    with pytest.raises(UsageError), kept_at(workspace, url):
        pass


def test_a_release_is_not_put_into_its_own_folder(releases):
    """It would stand among its own tables, and be put there again with each release."""
    workspace = releases(7)
    before = sorted(path.name for path in workspace.parquet.iterdir())
    for url in (str(workspace.warehouse), workspace.warehouse.as_uri()):
        with pytest.raises(UsageError, match="own folder"):
            share_copy(workspace, url)
    assert sorted(path.name for path in workspace.parquet.iterdir()) == before
