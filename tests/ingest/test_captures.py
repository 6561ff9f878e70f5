"""Sidecars as frame `captures`: origins are believed of the bytes that they speak of, and of no others."""

import json
import os

import polars as pl
import pytest

from pipelines.ingest import captures as captures_module
from pipelines.ingest import take_inventory
from pipelines.ingest.raw import read_beside
from pipelines.ingest.sidecar import Sidecar
from pipelines.settings import Workspace
from pipelines.staging import read_frame
from pipelines.staging.store import partition_folder, read_manifest
from schemas.validation import validate_frame
from schemas.vocabulary import Stage
from tests.ingest.sidecars import NOON, sidecar


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "raw/2023/甲县").mkdir(parents=True)
    return Workspace(tmp_path / "raw", tmp_path / "warehouse", workers=1)


def put(workspace, name, content=b"x", beside: bytes | None = None, **changes):
    path = workspace.raw / name
    path.write_bytes(content)
    path.with_name(path.name + ".meta.json").write_bytes(
        sidecar(content, **changes).write() if beside is None else beside
    )
    return path


def take(workspace) -> tuple[pl.DataFrame, list[tuple[str, str]]]:
    take_inventory(workspace)
    found = validate_frame("captures", read_frame(workspace, Stage.INGEST, "captures").collect())
    files = read_frame(workspace, Stage.INGEST, "files").collect().select("file_id", "path")
    findings = read_frame(workspace, Stage.INGEST, "findings").collect().join(files, on="file_id")
    return found.join(files, on="file_id"), findings.select("path", "reason_code").rows()


def digests(workspace) -> dict[str, str]:
    """What later stages see of the batch."""
    (batch,) = read_manifest(partition_folder(workspace, Stage.INGEST, "2023")).values()
    return {name: frame.digest for name, frame in batch.frames.items()}


def test_a_sidecar_is_read_back_as_it_was_written():
    for told in (sidecar(b"x"), sidecar(b"x", gone_at=NOON, year=None, referrer=None, redirects=("http://a.cn/0",))):
        assert Sidecar.read(told.write()) == told


def test_origins_stand_in_the_frame_and_files_put_by_hand_have_none(workspace):
    put(workspace, "2023/甲县/年报.html", gone_at=NOON)
    (workspace.raw / "2023/hand.html").write_bytes(b"y")
    found, findings = take(workspace)
    assert findings == []
    (row,) = found.rows(named=True)
    assert (row["path"], row["url"], row["page_url"], row["referrer"]) == (
        "2023/甲县/年报.html", "http://a.cn/1.html", "http://a.cn/1.html", "http://a.cn/",
    )  # fmt: skip
    assert (row["fetched_at"], row["gone_at"], row["http_status"]) == (NOON.replace(tzinfo=None),) * 2 + (200,)
    assert json.loads(row["http_headers"]) == {"etag": '"1"'}


@pytest.mark.parametrize(
    "beside",
    [b"", b"[]", b"{}", b'{"version": 2}', b"\xff", b"[" * 100_000,
     sidecar(b"x").write().replace(b'"status": 200', b'"status": "ok"'),
     sidecar(b"x").write().replace(b"2024-01-30T12:00:00Z", b"yesterday"), b"{" + b" " * 2**20 + b"}"],
)  # fmt: skip
def test_a_sidecar_that_cannot_be_understood_is_a_finding_and_the_file_stays(workspace, beside):
    put(workspace, "2023/甲县/a.html", beside=beside)
    found, findings = take(workspace)
    assert found.is_empty()
    assert findings == [("2023/甲县/a.html", "unreadable_sidecar")]


def test_bytes_that_were_altered_have_no_origin(workspace):
    path = put(workspace, "2023/甲县/a.html")
    assert take(workspace)[0].height == 1
    path.write_bytes(b"other")
    found, findings = take(workspace)
    assert found.is_empty()
    assert findings == [("2023/甲县/a.html", "altered_raw_file")]


def test_news_of_an_origin_reaches_the_frame_and_costs_no_reading(workspace, monkeypatch):
    """A page that vanished changes `captures` and leaves `files` as it is, so no stage does its work again."""
    path = put(workspace, "2023/甲县/a.html")
    put(workspace, "2023/甲县/b.html", b"b")
    take(workspace)
    before = digests(workspace)
    path.with_name(path.name + ".meta.json").write_bytes(sidecar(b"x", gone_at=NOON).write())
    opened = []
    real = read_beside

    def spy(folder, name, most_bytes):
        opened.append(name)
        return real(folder, name, most_bytes)

    monkeypatch.setattr(captures_module, "read_beside", spy)
    found, _ = take(workspace)
    assert found.filter(path="2023/甲县/a.html")["gone_at"].to_list() == [NOON.replace(tzinfo=None)]
    assert opened == [b"a.html.meta.json"]
    after = digests(workspace)
    assert after["files"] == before["files"]
    assert after["captures"] != before["captures"]
    opened.clear()
    take(workspace)
    assert opened == []
    path.with_name(path.name + ".meta.json").unlink()
    assert take(workspace)[0]["path"].to_list() == ["2023/甲县/b.html"]


def test_a_damaged_cache_costs_a_reading(workspace):
    put(workspace, "2023/甲县/a.html")
    take(workspace)
    (workspace.staging / "ingest/sidecars.parquet").write_bytes(b"x")
    assert take(workspace)[0].height == 1


def test_a_sidecar_is_never_read_through_a_link(workspace, tmp_path):
    path = put(workspace, "2023/甲县/a.html")
    beside = path.with_name(path.name + ".meta.json")
    (tmp_path / "elsewhere.json").write_bytes(beside.read_bytes())
    beside.unlink()
    beside.symlink_to(tmp_path / "elsewhere.json")
    assert take(workspace)[0].is_empty()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", 10**20),
        ("status", True),
        ("year", "2021年"),
        ("year", 10**30),
        ("size", float("nan")),
        ("referrer", ["http://a.cn/"]),
        ("redirects", [1, None]),
        ("headers", {"etag": [1]}),
        ("title", "\ud800"),
        ("url", "javascript:alert(1)"),
        ("page_url", "/1.html"),
    ],
)
def test_a_sidecar_that_lies_about_its_fields_is_told_and_stops_nothing(workspace, field, value):
    data = json.loads(sidecar(b"x").write())
    put(workspace, "2023/甲县/a.html", beside=json.dumps({**data, field: value}).encode())
    put(workspace, "2023/甲县/b.html", b"y")
    found, findings = take(workspace)
    assert findings == [("2023/甲县/a.html", "unreadable_sidecar")]
    assert found["path"].to_list() == ["2023/甲县/b.html"]


def test_what_is_no_file_in_a_sidecars_place_is_told(workspace):
    for name, make in (("a", os.mkfifo), ("b", os.mkdir), ("c", lambda place: place.symlink_to("/etc/hostname"))):
        (workspace.raw / f"2023/甲县/{name}.html").write_text(name)
        make(workspace.raw / f"2023/甲县/{name}.html.meta.json")
    _, findings = take(workspace)
    assert sorted(findings) == [(f"2023/甲县/{name}.html", "unreadable_sidecar") for name in "abc"]
