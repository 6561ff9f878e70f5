"""Raw files at an address: the same inventory, the same bytes and the same reasons as from a folder."""

from datetime import UTC, datetime
from hashlib import sha256
from importlib.util import find_spec

import fsspec
import polars as pl
import pytest

from pipelines.errors import DocumentError, UsageError
from pipelines.ingest import hashing, inventory, objects, read_raw_file, take_inventory
from pipelines.ingest.sidecar import SIDECAR_SUFFIX, Sidecar
from pipelines.settings import ReadLimits, Workspace
from pipelines.staging import read_frame
from schemas.vocabulary import Stage
from tests.conftest import on_every_store

FILES = {
    "2021/年报.html": b"<p>1</p>",
    "2021/deep/a b#%.txt": b"deep",
    "2020/empty.txt": b"",
    "1999/old.txt": b"old",
    "loose.txt": b"loose",
    "2021/large.bin": b"x" * 101,
    ".hidden/x.txt": b"hidden",
    "2021/Thumbs.db": b"system",
}
MOMENT = datetime(2022, 1, 31, tzinfo=UTC)
SIDECAR = Sidecar(
    "https://example.org/a", "https://example.org/a", (), MOMENT, MOMENT, 200, {}, sha256(b"loose").hexdigest(), 5,
    "page", "site", "", "", 2021, None, "https://example.org/a",
)  # fmt: skip


@pytest.fixture
def remote(url, tmp_path):
    """A workspace whose raw files are at an address."""
    for path, content in FILES.items():
        put(url, path, content)
    return Workspace(tmp_path / "raw", tmp_path / "remote", limits=ReadLimits(file_bytes=100), workers=1, raw_url=url)


def put(url, path, content):
    files, root = fsspec.core.url_to_fs(url)
    files.makedirs(f"{root}/{path}".rpartition("/")[0], exist_ok=True)
    files.pipe_file(f"{root}/{path}", content)


def take_away(url, path):
    files, root = fsspec.core.url_to_fs(url)
    files.rm(f"{root}/{path}")


@on_every_store
def test_the_inventory_is_that_of_a_folder(remote, tmp_path):
    for path, content in FILES.items():
        (tmp_path / "raw" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "raw" / path).write_bytes(content)
    local = Workspace(tmp_path / "raw", tmp_path / "local", limits=remote.limits, workers=1)
    found, expected = (take_inventory(workspace).drop("modified_ns") for workspace in (remote, local))
    assert found.drop("reason").equals(expected.drop("reason"))
    assert dict(found.select("path", "reason_code").iter_rows())["2021/large.bin"] == "file_too_large"
    assert found.height == 6


@on_every_store
def test_the_bytes_are_those_of_the_inventory_or_the_reason_is_said(remote):
    def read(path, content):
        return read_raw_file(remote, path, sha256(content).hexdigest())

    for path in ("2021/年报.html", "2021/deep/a b#%.txt"):
        assert read(path, FILES[path]) == FILES[path]
    for path, expected, code in (
        ("loose.txt", b"other", "file_vanished"),
        ("gone.txt", b"", "file_vanished"),
        ("2021/large.bin", b"", "file_too_large"),
    ):
        with pytest.raises(DocumentError) as refused:
            read(path, expected)
        assert refused.value.reason_code == code


@on_every_store
def test_only_what_has_changed_is_read_again(remote, monkeypatch):
    take_inventory(remote)
    # Within two seconds a coarse clock might hide a change, so nothing that young is believed.
    monkeypatch.setattr(inventory, "trust_ledger", lambda ledger: ledger)
    asked: list[str] = []

    def spy(workspace, paths):
        asked.extend(paths)
        return objects.hash_objects(workspace, paths)

    monkeypatch.setattr(hashing, "hash_objects", spy)
    before = take_inventory(remote)
    assert asked == []
    put(remote.raw_url, "loose.txt", b"LOOSE")
    take_away(remote.raw_url, "2020/empty.txt")
    after = take_inventory(remote)
    assert asked == ["loose.txt"]
    assert set(before["path"]) - set(after["path"]) == {"2020/empty.txt"}
    (digest,) = after.filter(pl.col("path") == "loose.txt")["sha256"]
    assert digest == sha256(b"LOOSE").hexdigest()


@on_every_store
def test_sidecars_are_read(remote):
    put(remote.raw_url, f"loose.txt{SIDECAR_SUFFIX}", SIDECAR.write())
    take_inventory(remote)
    captures = read_frame(remote, Stage.INGEST, "captures").collect()
    assert captures["url"].to_list() == ["https://example.org/a"]
    assert take_inventory(remote).height == 6


def test_a_link_at_a_file_address_is_not_followed(tmp_path):
    folder = tmp_path / "there"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    workspace = Workspace(tmp_path / "raw", tmp_path / "warehouse", workers=1, raw_url=folder.as_uri())
    assert take_inventory(workspace)["reason_code"].to_list() == ["not_a_regular_file"]


@pytest.mark.parametrize(
    ("url", "message"), [("memory://nowhere-at-all", "nothing stands there"), ("carrier-pigeon://x", "carrier-pigeon")]
)
def test_a_wrong_address_is_said_in_one_line(tmp_path, url, message):
    with pytest.raises(UsageError, match=message) as refused:
        take_inventory(Workspace(tmp_path / "raw", tmp_path / "warehouse", raw_url=url))
    assert "\n" not in str(refused.value)


@pytest.mark.skipif(find_spec("gcsfs") is not None, reason="the package for Google's store is installed here")
def test_a_package_that_is_missing_is_named(tmp_path):
    with pytest.raises(UsageError, match="gcsfs"):
        take_inventory(Workspace(tmp_path / "raw", tmp_path / "warehouse", raw_url="gs://bucket/raw"))
