"""The inventory that need not be taken: where everything is as it was left, and nowhere else."""

import os
from datetime import date

import pytest

from pipelines.ingest import inventory, take_inventory, update_inventory
from pipelines.ingest.listing import list_raw
from pipelines.ingest.sidecar import SIDECAR_SUFFIX
from pipelines.settings import TODAY_VARIABLE, ReadLimits, Workspace
from pipelines.staging import list_partitions, read_frame
from pipelines.staging.store import mark_inventory
from schemas.vocabulary import Stage


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """Four files, one with a sidecar, listed and trusted."""
    monkeypatch.setattr("pipelines.ingest.ledger._UNCERTAIN_NS", 0)
    workspace = Workspace(tmp_path / "raw", tmp_path / "warehouse")
    for path in ("2021/a.html", "2021/b.html", "2022/c.html", "d.html", f"2021/a.html{SIDECAR_SUFFIX}"):
        put(workspace, path, path)
    take_inventory(workspace)
    return workspace


@pytest.fixture
def taken(monkeypatch):
    """The partitions of each inventory that was taken."""
    calls = []

    def spy(workspace, today=None, partitions=None, listed=None):
        calls.append(partitions)
        return take_inventory(workspace, today, partitions, listed)

    monkeypatch.setattr(inventory, "take_inventory", spy)
    return calls


def put(workspace, path, text):
    place = workspace.raw / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


def staged(workspace):
    return read_frame(workspace, Stage.INGEST, "files").select("path", "sha256").collect().sort("path").rows()


def test_nothing_is_taken_where_nothing_has_changed(workspace, taken):
    update_inventory(workspace)
    update_inventory(workspace, ["2021"])
    update_inventory(workspace, ["2021", "undated"])
    assert taken == []


def test_what_was_listed_to_be_compared_is_not_listed_again(workspace, taken, monkeypatch):
    put(workspace, "2021/e.html", "e")
    walks = []

    def walk(workspace, years=None):
        walks.append(years)
        return list_raw(workspace, years)

    monkeypatch.setattr(inventory, "list_raw", walk)
    update_inventory(workspace)
    assert taken == walks == [None]
    assert ("2021/e.html",) in {row[:1] for row in staged(workspace)}


def edit(workspace):
    put(workspace, "2021/a.html", "2021/A.html")  # as many bytes


def keep_times(workspace):
    path = workspace.raw / "2021/a.html"
    status = path.stat()
    edit(workspace)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def remove(workspace):
    (workspace.raw / "2021/b.html").unlink()


CHANGES = {
    "edited in place": edit,
    "edited, its time set back": keep_times,
    "removed": remove,
    "added": lambda workspace: put(workspace, "2021/deep/er/e.html", "e"),
    "linked": lambda workspace: (workspace.raw / "2021/l.html").symlink_to("a.html"),
    "sidecar edited": lambda workspace: put(workspace, f"2021/a.html{SIDECAR_SUFFIX}", "{}"),
    "sidecar added": lambda workspace: put(workspace, f"2021/b.html{SIDECAR_SUFFIX}", "{}"),
    "batch lost": lambda workspace: next((workspace.staging / "ingest/2021").rglob("files.parquet")).unlink(),
    "manifest emptied": lambda workspace: (workspace.staging / "ingest/2021/manifest.json").write_text("{}"),
    "interrupted": lambda workspace: mark_inventory(workspace, is_whole=False),
    "note damaged": lambda workspace: (workspace.staging / "ingest/listed.json").write_text('{"listed": 1}'),
    "listing damaged": lambda workspace: (workspace.staging / "ingest/listed.parquet").write_bytes(b"PAR1"),
}


@pytest.mark.parametrize("years", [None, ["2021"]], ids=["all", "its year"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_has_changed_is_seen(workspace, taken, change, years):
    change(workspace)
    update_inventory(workspace, years)
    assert taken == [years]
    expected = staged(workspace)
    take_inventory(workspace)
    assert staged(workspace) == expected


def test_another_year_is_not_looked_at(workspace, taken):
    put(workspace, "2022/c.html", "2022/C.html")
    update_inventory(workspace, ["2021"])
    assert taken == []
    update_inventory(workspace, ["2022"])
    assert taken == [["2022"]]


def test_what_one_year_brought_is_not_taken_for_all(workspace, taken):
    for path in ("2021/a.html", "2022/c.html"):
        put(workspace, path, "new")
    update_inventory(workspace, ["2022"])
    update_inventory(workspace)
    assert taken == [["2022"], None]
    assert len({digest for path, digest in staged(workspace) if path in ("2021/a.html", "2022/c.html")}) == 1


def test_a_year_that_is_new_is_taken(workspace, taken):
    put(workspace, "2023/f.html", "f")
    update_inventory(workspace, ["2023"])
    assert taken == [["2023"]]
    assert "2023" in list_partitions(workspace)


def test_a_year_that_is_gone_is_dropped(workspace, taken):
    (workspace.raw / "2022/c.html").unlink()
    (workspace.raw / "2022").rmdir()
    update_inventory(workspace)
    assert taken == [None]
    assert list_partitions(workspace) == ["2021", "undated"]


def test_other_limits_and_another_year_of_the_clock_take_it_again(workspace, taken, monkeypatch):
    update_inventory(Workspace(workspace.raw, workspace.warehouse, ReadLimits(file_bytes=5)))
    take_inventory(workspace)

    monkeypatch.setenv(TODAY_VARIABLE, f"{date.today().year + 1}-01-01")
    update_inventory(workspace)
    assert taken == [None, None]


def test_a_hash_that_may_not_last_is_taken_again(workspace, taken, monkeypatch):
    monkeypatch.setattr("pipelines.ingest.ledger._UNCERTAIN_NS", 10**18)
    edit(workspace)
    take_inventory(workspace)  # within the clock's tick of the change
    update_inventory(workspace, ["2021"])
    assert taken == []
    # The same state with other bytes, as a change within the tick leaves it.
    noted = workspace.staging / "ingest/listed.parquet"
    monkeypatch.setattr("pipelines.ingest.hashing.hash_file", lambda *_: ("0" * 64, _state(workspace)))
    update_inventory(workspace, ["2021"])
    assert taken == [["2021"]]
    assert noted.exists()


def _state(workspace):
    from pipelines.ingest.raw import FileState

    return FileState.of((workspace.raw / "2021/a.html").stat())


def test_a_file_that_could_not_be_opened_is_tried_again(workspace, taken, monkeypatch):
    edit(workspace)
    real = os.open

    def fake(name, flags, *rest, **more):
        if name == b"a.html":
            raise PermissionError(13, "Permission denied")
        return real(name, flags, *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr("pipelines.ingest.raw.os.open", fake)
        update_inventory(workspace)
    update_inventory(workspace)
    assert taken == [None, None]
    assert all(digest for _, digest in staged(workspace))
