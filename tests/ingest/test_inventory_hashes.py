"""The inventory: which files are hashed again, and which hash is not believed."""

import os
from hashlib import sha256

from pipelines.ingest import (
    hashing,
    raw,
)
from pipelines.ingest.raw import hash_file
from tests.ingest.test_inventory import put, reasons, take


def count_hashed(monkeypatch) -> list[bytes]:
    hashed: list[bytes] = []
    real = hash_file

    def spy(folder, name, most_bytes):
        hashed.append(name)
        return real(folder, name, most_bytes)

    monkeypatch.setattr(hashing, "hash_file", spy)
    return hashed


def age(monkeypatch, nanoseconds: int = 0) -> None:
    """Let hashes be believed at once, so that no test must wait for two seconds."""
    monkeypatch.setattr("pipelines.ingest.ledger._UNCERTAIN_NS", nanoseconds)


def test_only_changed_files_are_hashed_again(workspace, monkeypatch):
    age(monkeypatch)
    hashed = count_hashed(monkeypatch)
    first, second = put(workspace, "2021/a.html"), put(workspace, "2021/b.html")
    take(workspace)
    assert sorted(hashed) == [b"a.html", b"b.html"]
    hashed.clear()
    take(workspace)
    assert hashed == []
    before = second.stat()
    second.write_text("报年")  # the same size
    os.utime(second, ns=(before.st_atime_ns, before.st_mtime_ns))  # and the same time: the change time tells
    files = take(workspace)
    assert hashed == [b"b.html"]
    assert files.filter(path="2021/b.html")["sha256"].to_list() == [sha256("报年".encode()).hexdigest()]
    hashed.clear()
    first.unlink()
    assert take(workspace)["path"].to_list() == ["2021/b.html"]
    assert hashed == []


def test_a_hash_taken_in_the_tick_of_the_last_change_is_not_believed(workspace, monkeypatch):
    hashed = count_hashed(monkeypatch)
    put(workspace, "2021/a.html")
    take(workspace)
    take(workspace)
    assert hashed == [b"a.html", b"a.html"]


def test_a_file_written_to_while_it_is_hashed_is_not_given_a_mixed_hash(workspace, monkeypatch):
    place = put(workspace, "2021/a.html")
    real = os.read

    def grow(descriptor, count):
        with place.open("a") as file:
            file.write("x")
        return real(descriptor, count)

    with monkeypatch.context() as patch:
        patch.setattr("pipelines.ingest.raw.os.read", grow)
        assert reasons(take(workspace)) == {"2021/a.html": "unreadable_file"}
    assert reasons(take(workspace)) == {"2021/a.html": None}


def test_times_beyond_64_bits_are_kept_in_bounds(workspace, monkeypatch):
    put(workspace, "2021/a.html")
    assert raw.clamp_ns(2**64) == 2**63 - 1
    assert raw.clamp_ns(-(2**64)) == -(2**63)
    assert raw.clamp_ns(-5) == -5
    os.utime(workspace.raw / "2021/a.html", (10_000_000_000, 10_000_000_000))
    assert take(workspace).height == 1
