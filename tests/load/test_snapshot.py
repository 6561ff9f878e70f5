"""A warehouse folder kept at an address: what one machine has built, another goes on with."""

import json
import shutil

import fsspec
import pytest

from pipelines.cli import main
from pipelines.errors import UsageError, WarehouseError
from pipelines.load import content_hashes, publish_warehouse, refresh
from pipelines.load.snapshot import kept_at
from pipelines.settings import Workspace
from pipelines.staging.remote import RemoteFolder
from tests.conftest import on_every_store
from tests.house import copy_seed
from tests.load.staged import FakeFile, request, stage_files, workspace_in

pytestmark = pytest.mark.usefixtures("plain_publish")


@pytest.fixture
def machine(tmp_path):
    """Give a machine of its own by name: an empty warehouse folder."""
    return lambda name: workspace_in(tmp_path / name)


@pytest.fixture(scope="module")
def built(tmp_path_factory, plain_publish, _small_map):
    """Return a maker of warehouses in which so many requests were granted, each built once."""
    made = {}

    def make(granted):
        if granted not in made:
            made[granted] = workspace_in(tmp_path_factory.mktemp("built"))
            change(made[granted], granted)
            publish_warehouse(made[granted])
        return made[granted]

    return make


@pytest.fixture
def build(built):
    """Return what makes a machine's warehouse, kept at an address, one in which so many requests were granted."""

    def make(house, url, granted):
        with kept_at(house, url):
            become(house, built(granted))

    return make


def become(house, other):
    """Put another folder's staging and release in place, as a build would."""
    for path in house.warehouse.glob("*"):
        if path.name not in OWN:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    shutil.copytree(
        other.warehouse, house.warehouse, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*OWN)
    )


OWN = (".build.lock", ".snapshot.json")


def change(house, granted):
    figures = request("granted", granted)
    stage_files(house, [FakeFile(f"2021/{name}.html", f"{name}局", 2021, figures) for name in "甲乙丙"])


def pointer(url):
    files, root = fsspec.core.url_to_fs(url)
    return json.loads(files.cat_file(f"{root}/snapshot.json"))["files"]


def listing(house):
    """Return every file of staging and of the release in place with its bytes and its time."""
    release = house.parquet.resolve()
    return {
        path.relative_to(house.warehouse).as_posix().replace(release.name, "parquet"): (
            path.read_bytes(), path.stat().st_mtime_ns,
        )
        for path in house.warehouse.rglob("*")
        if path.is_file() and path.name not in OWN
        and (release in path.parents or not any(parent.name.startswith(".parquet-") for parent in path.parents))
    }  # fmt: skip


@on_every_store
def test_another_machine_goes_on_where_the_last_one_ended(machine, url, build, monkeypatch):
    monkeypatch.setattr(refresh, "_MOST_SHARE", 1.0)  # whatever has changed, the release is gone on from
    first, second = machine("first"), machine("second")
    build(first, url, 7)
    with kept_at(second, url):
        assert listing(second) == listing(first)
        assert publish_warehouse(second).is_unchanged
        change(second, 8)
        assert publish_warehouse(second).is_refreshed
    assert content_hashes(first.database) != content_hashes(second.database)
    with kept_at(first, url):
        assert listing(first) == listing(second)
        assert publish_warehouse(first).is_unchanged
    kept = {digest for digest, *_ in pointer(url).values()}
    assert kept < {entry.key.partition("/")[2] for entry in RemoteFolder(url).list()}  # and those of the one before


def test_a_folder_that_was_put_last_is_not_taken_again_and_nothing_new_is_not_put(machine, url, monkeypatch, build):
    house = machine("first")
    build(house, url, 7)
    monkeypatch.setattr(RemoteFolder, "get", None)
    monkeypatch.setattr(RemoteFolder, "put", None)
    with kept_at(house, url):
        assert publish_warehouse(house).is_unchanged


def test_what_nobody_needs_any_more_is_removed(machine, url, build):
    house, sizes = machine("first"), []
    for granted in (7, 8, 9, 8, 9):
        build(house, url, granted)
        sizes.append(len(RemoteFolder(url).list()))
    assert sizes[-1] <= sizes[1] + 2


def test_two_machines_at_once_and_the_second_is_refused(machine, url, build, built):
    first, second = machine("first"), machine("second")
    build(first, url, 7)
    with pytest.raises(WarehouseError, match="meanwhile"), kept_at(first, url):
        become(first, built(build(second, url, 8) or 9))
    with kept_at(first, url):  # and goes on from what the other has put there
        assert listing(first) == listing(second)


@pytest.mark.parametrize("failing", [0, 3, "snapshot.json"])
def test_a_store_that_fails_while_a_warehouse_is_put_leaves_the_one_before(machine, url, monkeypatch, failing, build):
    first, second = machine("first"), machine("second")
    build(first, url, 7)
    before, put = pointer(url), RemoteFolder.put
    calls: list[str] = []

    def fail(self, key, content):
        if failing in (key, len(calls)):
            raise OSError(5, "the store is out")
        calls.append(key)
        put(self, key, content)

    with monkeypatch.context() as patch:
        patch.setattr(RemoteFolder, "put", fail)
        with pytest.raises(WarehouseError, match=r"could not be put there .the store is out"):
            build(first, url, 8)
    assert pointer(url) == before
    with kept_at(second, url):
        assert publish_warehouse(second).is_unchanged
    with kept_at(first, url):  # what was built and not put is put now
        assert publish_warehouse(first).is_unchanged
    assert pointer(url) != before


def test_a_store_that_fails_while_a_warehouse_is_taken_leaves_the_folder_as_it_was(machine, url, monkeypatch, build):
    first, second = machine("first"), machine("second")
    for granted, house in ((7, second), (8, first)):
        build(house, url, granted)
    before, get = listing(second), RemoteFolder.get
    calls: list[str] = []

    def fail(self, key, target):
        if len(calls) == 3:
            raise OSError(5, "the store is out")
        calls.append(key)
        get(self, key, target)

    with monkeypatch.context() as patch:
        patch.setattr(RemoteFolder, "get", fail)
        with pytest.raises(WarehouseError, match="could not be taken from there"), kept_at(second, url):
            pytest.fail("the build goes on")
    assert listing(second) == before
    assert not list(second.warehouse.glob(".snapshot-*"))
    with kept_at(second, url):
        assert listing(second) == listing(first)


def test_other_bytes_than_were_put_there_are_refused(machine, url, build):
    build(machine("first"), url, 7)
    digest, *_ = pointer(url)["gongkai.duckdb"]
    RemoteFolder(url).put(f"objects/{digest}", b"other")
    with pytest.raises(WarehouseError, match="other bytes"), kept_at(machine("second"), url):
        pytest.fail("the build goes on")
    assert not machine("second").database.exists()


@pytest.mark.parametrize(
    "content",
    [b"{", b"[]", b'{"files": 1}', b'{"files": {"a": [1]}}', *(
        json.dumps({"files": {name: ["0" * 64, 1, 1]}}).encode() for name in ("../a", "/etc/a", "staging/../../a")
    )],
)  # fmt: skip
def test_a_pointer_that_is_none_of_ours_is_refused(machine, url, content):
    RemoteFolder(url).put("snapshot.json", content)
    with pytest.raises(WarehouseError, match=r"none of ours|outside the warehouse"), kept_at(machine("first"), url):
        pytest.fail("the build goes on")


def test_a_warehouse_that_was_never_kept_there_is_not_replaced(machine, url, build, built):
    build(machine("first"), url, 7)
    become(machine("second"), built(7))
    with pytest.raises(UsageError, match="name another folder"), kept_at(machine("second"), url):
        pytest.fail("the build goes on")


def test_the_command_builds_on_a_machine_that_holds_nothing(tmp_path, capsys):
    copy_seed(tmp_path / "raw")
    at = (tmp_path / "there").as_uri()
    hashes = []
    command = ["build", "--raw", str(tmp_path / "raw"), "--warehouse"]
    for name in ("first", "second"):
        assert main([*command, str(tmp_path / name), "--keep-at", at]) == 0
        hashes.append(content_hashes(Workspace(tmp_path / "raw", tmp_path / name).database))
    assert "Nothing has changed since the last build." in capsys.readouterr().out
    assert hashes[0] == hashes[1]
    assert main([*command, str(tmp_path / "first"), "--keep-at", "nowhere://x"]) == 2
    assert "nowhere" in capsys.readouterr().err
