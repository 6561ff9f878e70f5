"""The inventory: every name under the raw folder ends in one row, and nothing outside it is ever read."""

import os
import socket
from datetime import date
from hashlib import sha256
from itertools import count
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import DocumentError, UsageError, WarehouseError
from pipelines.ingest import (
    inventory,
    list_partitions,
    printable_name,
    raw_bytes,
    read_raw_file,
    take_inventory,
)
from pipelines.ingest.listing import list_raw
from pipelines.ingest.names import IGNORED_ENDS, IGNORED_NAMES, IGNORED_STARTS
from pipelines.settings import Workspace
from pipelines.staging import read_frame, store
from schemas.table import table
from schemas.validation import validate_frame
from schemas.vocabulary import Stage

TODAY = date(2026, 7, 1)


def put(workspace: Workspace, path: str, content: str = "年报") -> Path:
    place = workspace.raw / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(content, encoding="utf-8")
    return place


def take(workspace: Workspace) -> pl.DataFrame:
    files = validate_frame("files", take_inventory(workspace, TODAY))
    staged = read_frame(workspace, Stage.INGEST, "files").collect().sort("path")
    assert staged.equals(files.sort("path"))
    return files


def reasons(files: pl.DataFrame) -> dict[str, str | None]:
    return dict(files.select("path", "reason_code").iter_rows())


@pytest.mark.parametrize(
    ("path", "partition", "year", "reason"),
    [
        ("2021/a.html", "2021", 2021, None),
        ("2008/深圳/x/a.html", "2008", 2008, None),
        ("2026/a.html", "2026", 2026, None),
        ("2027/a.html", "undated", None, "year_out_of_range"),
        ("2007/a.html", "undated", None, "year_out_of_range"),
        ("0000/a.html", "undated", None, "year_out_of_range"),
        ("２０２１/a.html", "undated", None, None),
        ("20211/a.html", "undated", None, None),
        ("2021年/a.html", "undated", None, None),
        ("x/2021/a.html", "undated", None, None),
        ("2021", "undated", None, None),
        ("a.html", "undated", None, None),
    ],
)
def test_partition_is_the_first_folder_of_four_digits(workspace, path, partition, year, reason):
    put(workspace, path)
    row = take(workspace).row(0, named=True)
    assert (row["partition"], row["folder_year"], row["reason_code"]) == (partition, year, reason)
    assert row["sha256"] == sha256("年报".encode()).hexdigest()
    assert list_partitions(workspace) == [partition]
    found = read_frame(workspace, Stage.INGEST, "findings").collect()["reason_code"].to_list()
    assert found == (["outside_year_folder"] if partition == "undated" and reason is None else [])


def test_every_kind_of_name_ends_as_a_row_or_is_ignored_by_the_rule(workspace, tmp_path):
    outside = tmp_path / "secret"
    outside.mkdir()
    (outside / "a.html").write_text("secret")
    put(workspace, "2021/plain.html")
    put(workspace, "2021/empty.html", "")
    put(workspace, "2021/large.html", "x" * 1001)
    put(workspace, "2021/limit.html", "x" * 1000)
    os.mkfifo(workspace.raw / "2021/pipe")
    listener = socket.socket(socket.AF_UNIX)
    os.chdir(workspace.raw / "2021")  # a socket's path is short
    listener.bind("socket")
    listener.close()
    (workspace.raw / "2021/inside").symlink_to("plain.html")
    (workspace.raw / "2021/outside").symlink_to(outside / "a.html")
    (workspace.raw / "2021/dangling").symlink_to("nowhere")
    (workspace.raw / "2022").symlink_to(outside)
    for name in (
        ".DS_Store",
        ".gitkeep",
        "Thumbs.db",
        "~$plain.docx",
        "plain.html.meta.json",
        "._plain.html",
        ".hidden/a.html",
    ):
        put(workspace, f"2021/{name}")
    assert reasons(take(workspace)) == {
        "2021/plain.html": None,
        "2021/limit.html": None,
        "2021/empty.html": "empty_file",
        "2021/large.html": "file_too_large",
        "2021/pipe": "not_a_regular_file",
        "2021/socket": "not_a_regular_file",
        "2021/inside": "not_a_regular_file",
        "2021/outside": "not_a_regular_file",
        "2021/dangling": "not_a_regular_file",
        "2022": "not_a_regular_file",
    }


def test_names_of_any_bytes_are_told_apart_and_found_again(workspace):
    (workspace.raw / "2021").mkdir()
    names = [
        b"\xff\xfe.html",
        b"\\xff\\xfe.html",
        b"a\nb.html",
        b"a\x1b[31m.html",
        "　全角.html".encode(),
        b" ",
        b"a\\b",
    ]
    for number, name in enumerate(names):
        (workspace.raw / "2021" / os.fsdecode(name)).write_bytes(bytes([65 + number]))
    files = take(workspace)
    assert files.height == len(names)
    assert {raw_bytes(path) for path in files["path"]} == {b"2021/" + name for name in names}
    assert not any("\n" in path or "\x1b" in path for path in files["path"])
    for path, digest in files.select("path", "sha256").iter_rows():
        assert sha256(read_raw_file(workspace, path, digest)).hexdigest() == digest


@given(st.binary(min_size=1, max_size=20).filter(lambda name: b"/" not in name and b"\0" not in name))
def test_a_printable_name_leads_back_to_its_bytes(name):
    text = printable_name(os.fsdecode(name))
    assert raw_bytes(text) == name
    text.encode()  # no surrogate is left


def test_a_path_of_ten_thousand_characters_is_read(workspace):
    names = [f"{number:03d}" + "x" * 200 for number in range(50)]
    descriptor = os.open(workspace.raw, os.O_RDONLY)
    for name in ["2021", *names]:
        os.mkdir(name, dir_fd=descriptor)
        below = os.open(name, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    file = os.open("a.html", os.O_WRONLY | os.O_CREAT, dir_fd=descriptor)
    os.write(file, b"deep")
    os.close(file)
    os.close(descriptor)
    row = take(workspace).row(0, named=True)
    assert len(row["path"]) > 10_000
    assert row["reason_code"] is None
    assert read_raw_file(workspace, row["path"], row["sha256"]) == b"deep"


def refuse(monkeypatch, name: bytes, error: OSError) -> None:
    """Make the system refuse one name; the suite may run as root, whom no permission stops."""
    real = os.open

    def fake(path, flags, *args, **kwargs):
        if path == name:
            raise error
        return real(path, flags, *args, **kwargs)

    monkeypatch.setattr("pipelines.ingest.raw.os.open", fake)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionError(13, "Permission denied"), "unreadable_file"),
        (OSError(5, "Input/output error"), "unreadable_file"),
        (FileNotFoundError(2, "gone"), "file_vanished"),
        (OSError(40, "Too many levels of symbolic links"), "not_a_regular_file"),
    ],
)
def test_a_file_that_cannot_be_opened_has_its_reason_and_is_tried_again(workspace, monkeypatch, error, reason):
    put(workspace, "2021/a.html")
    put(workspace, "2021/b.html")
    with monkeypatch.context() as patch:
        refuse(patch, b"a.html", error)
        files = take(workspace)
        assert reasons(files) == {"2021/a.html": reason, "2021/b.html": None}
        assert files.filter(path="2021/a.html")["sha256"].to_list() == [None]
    assert reasons(take(workspace)) == {"2021/a.html": None, "2021/b.html": None}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_permissions_are_respected(workspace):
    put(workspace, "2021/a.html").chmod(0)
    assert reasons(take(workspace)) == {"2021/a.html": "unreadable_file"}


def test_a_folder_that_cannot_be_listed_is_a_row(workspace, monkeypatch):
    put(workspace, "2021/shut/a.html")
    put(workspace, "2021/b.html")
    refuse(monkeypatch, b"shut", PermissionError(13, "Permission denied"))
    assert reasons(take(workspace)) == {"2021/shut": "unreadable_file", "2021/b.html": None}


def test_a_file_that_becomes_a_link_or_pipe_after_the_listing_is_not_followed(workspace, monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("secret")
    put(workspace, "2021/link.html")
    put(workspace, "2021/pipe.html")
    put(workspace, "2021/folder/a.html")
    listing = list_raw

    def swap(workspace):
        listed = listing(workspace)
        (workspace.raw / "2021/link.html").unlink()
        (workspace.raw / "2021/link.html").symlink_to(tmp_path / "secret")
        (workspace.raw / "2021/pipe.html").unlink()
        os.mkfifo(workspace.raw / "2021/pipe.html")
        (workspace.raw / "2021/folder").rename(tmp_path / "elsewhere")
        (workspace.raw / "2021/folder").symlink_to(tmp_path / "elsewhere")
        return listed

    monkeypatch.setattr(inventory, "list_raw", swap)
    assert set(reasons(take(workspace)).values()) == {"not_a_regular_file"}


def test_a_missing_raw_folder_is_said_and_not_taken_for_an_empty_one(tmp_path):
    with pytest.raises(UsageError, match="cannot be opened"):
        take_inventory(Workspace(tmp_path / "nowhere", tmp_path / "warehouse"))


def test_an_empty_raw_folder_has_an_empty_inventory(workspace):
    assert take(workspace).height == 0
    assert list_partitions(workspace) == []


def test_a_damaged_ledger_costs_time_only(workspace, caplog):
    put(workspace, "2021/a.html")
    take(workspace)
    (workspace.staging / "ingest/ledger.parquet").write_bytes(b"PAR1 nonsense")
    assert reasons(take(workspace)) == {"2021/a.html": None}
    assert "hashed again" in caplog.text


def test_a_partition_without_files_disappears(workspace):
    put(workspace, "2021/a.html")
    put(workspace, "2022/a.html")
    take(workspace)
    (workspace.raw / "2022/a.html").unlink()
    take(workspace)
    assert list_partitions(workspace) == ["2021"]
    assert not (workspace.staging / "ingest/2022").exists()


def test_an_interrupted_inventory_is_not_used(workspace, monkeypatch):
    for number in range(500):
        put(workspace, f"2021/{number}.html", str(number))
    take(workspace)
    for number in range(500, 900):
        put(workspace, f"2021/{number}.html", str(number))
    with monkeypatch.context() as patch:
        patch.setattr(
            "pipelines.ingest.batches.store.remove_leftovers", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            take_inventory(workspace, TODAY)
    with pytest.raises(WarehouseError, match="interrupted"):
        read_frame(workspace, Stage.INGEST, "files")
    assert take(workspace).height == 900


def test_what_an_interrupted_inventory_left_is_gone_after_the_next_one_of_any_year(workspace, monkeypatch):
    """Killed while it wrote the manifest of a partition that was already whole, and before another was begun."""
    put(workspace, "2021/a.html")
    put(workspace, "2022/a.html")
    write_manifest = store.write_manifest
    written = count()

    def die_of_the_last(folder, manifest):
        if next(written) == 1:
            (folder / "manifest.json.tmp").write_bytes(b"{")
            raise KeyboardInterrupt
        write_manifest(folder, manifest)

    with monkeypatch.context() as patch:
        patch.setattr(store, "write_manifest", die_of_the_last)
        with pytest.raises(KeyboardInterrupt):
            take_inventory(workspace, TODAY)
    assert list(workspace.staging.rglob("*.tmp")) != []
    assert not (workspace.staging / "ingest/2022").exists()
    take_inventory(workspace, TODAY, partitions=["2021"])
    assert list(workspace.staging.rglob("*.tmp")) == []
    assert read_frame(workspace, Stage.INGEST, "files").collect().height == 2


def test_reading_a_raw_file_refuses_other_bytes_and_other_places(workspace, tmp_path):
    (tmp_path / "secret").write_text("secret")
    put(workspace, "2021/a.html", "a")
    with pytest.raises(DocumentError) as changed:
        read_raw_file(workspace, "2021/a.html", sha256(b"b").hexdigest())
    assert changed.value.reason_code == "file_vanished"
    (workspace.raw / "2021/link").symlink_to(tmp_path)
    for path in ("2021/link/secret", "2021/none", "none/none"):
        with pytest.raises(DocumentError):
            read_raw_file(workspace, path, sha256(b"secret").hexdigest())


def test_the_year_turns_without_a_change_of_files(workspace):
    put(workspace, "2027/a.html")
    assert reasons(take(workspace)) == {"2027/a.html": "year_out_of_range"}
    files = take_inventory(workspace, date(2027, 1, 1))
    assert files["partition"].to_list() == ["2027"]
    assert list_partitions(workspace) == ["2027"]


def test_one_partition_is_staged_while_others_keep_what_they_had(workspace):
    put(workspace, "2020/a.html")
    put(workspace, "2021/a.html")
    take(workspace)
    put(workspace, "2020/b.html")
    put(workspace, "2021/b.html")
    put(workspace, "2022/a.html")
    (workspace.raw / "2020/a.html").unlink()
    assert len(take_inventory(workspace, TODAY, partitions=["2021"])) == 4
    staged = read_frame(workspace, Stage.INGEST, "files").collect()["path"].sort().to_list()
    assert staged == ["2020/a.html", "2021/a.html", "2021/b.html"]
    take(workspace)


def test_the_comment_of_the_files_says_which_names_have_no_row() -> None:
    said = [*(f" {part}" for part in (*IGNORED_STARTS, *IGNORED_ENDS)), *IGNORED_NAMES]
    for comment in (table("source_file").en, table("source_file").zh):
        assert [name for name in said if name not in comment.casefold()] == []
