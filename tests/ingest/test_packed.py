"""Archives of several reports: each member is a file of its own, with the archive's origin, found again by its path."""

from datetime import date
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import DocumentError
from pipelines.ingest import packed, read_raw_file, take_inventory
from pipelines.settings import ReadLimits, Workspace
from pipelines.staging import read_frame
from schemas.validation import validate_frame
from schemas.vocabulary import Stage
from tests.ingest.sidecars import sidecar
from tests.read.docx_builder import build_zip

TODAY = date(2026, 7, 1)
FIRST, SECOND = "甲局2023年政府信息公开工作年度报告.docx", "乙局2023年政府信息公开工作年度报告.html"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "raw/2023").mkdir(parents=True)
    limits = ReadLimits(file_bytes=10_000, expanded_bytes=10_000)
    return Workspace(tmp_path / "raw", tmp_path / "warehouse", limits, workers=1)


def take(workspace: Workspace, members: dict[str, bytes], name: str = "all.zip") -> dict[str, str | None]:
    """Put an archive into the year's folder; return the reason of each file."""
    (workspace.raw / "2023" / name).write_bytes(build_zip(members))
    files = validate_frame("files", take_inventory(workspace, TODAY))
    return dict(files.select("path", "reason_code").sort("path").iter_rows())


def test_each_report_of_an_archive_is_a_file_of_its_own(workspace):
    members = {f"a/{FIRST}": b"1", f"b\\{SECOND}": b"2", "b/style.css": b"3", "附表.xlsx": b"4", "__MACOSX/x": b"5"}
    assert take(workspace, members) == {
        "2023/all.zip": "unpacked",
        f"2023/all.zip/a/{FIRST}": None,
        f"2023/all.zip/b/{SECOND}": None,
        "2023/all.zip/附表.xlsx": None,
    }
    files = read_frame(workspace, Stage.INGEST, "files").collect()
    assert files["partition"].unique().to_list() == ["2023"]
    read = files.filter(pl.col("reason_code").is_null()).select("path", "sha256").rows()
    assert sorted(read_raw_file(workspace, path, digest) for path, digest in read) == [b"1", b"2", b"4"]


@pytest.mark.parametrize(
    "names",
    [
        [FIRST],
        [FIRST, FIRST.replace("docx", "pdf")],
        [FIRST, f"附件：{SECOND}"],
        ["甲局.docx", "乙局.docx"],
        [FIRST, SECOND, "[Content_Types].xml"],
        [FIRST, SECOND, f"./{SECOND}"],
    ],
    ids=["one", "twice", "annex", "unnamed", "package", "alike"],
)
def test_an_archive_that_names_no_several_reports_stays_one_file(workspace, names):
    assert take(workspace, dict.fromkeys(names, b"x")) == {"2023/all.zip": None}


def test_an_archive_that_cannot_be_unpacked_stays_one_file(workspace):
    """The readers say what is wrong with it."""
    assert take(workspace, {FIRST: b"x" * 6_000, SECOND: b"x" * 6_000}) == {"2023/all.zip": None}
    (workspace.raw / "2023/all.zip").write_bytes(build_zip({FIRST: b"1", SECOND: b"2"})[:-9])
    assert take_inventory(workspace, TODAY)["reason_code"].to_list() == [None]


def test_a_folder_called_like_an_archive_is_a_folder(workspace):
    (workspace.raw / "2023/x.zip").mkdir()
    (workspace.raw / "2023/x.zip/a.html").write_bytes(b"1")
    (row,) = take_inventory(workspace, TODAY).select("path", "sha256").rows()
    assert read_raw_file(workspace, *row) == b"1"


def test_an_archive_is_opened_once_and_its_change_is_seen(workspace, monkeypatch):
    opened: list[str] = []

    def read_noting(workspace: Workspace, path: str, digest: str) -> bytes:
        opened.append(path)
        return read_raw_file(workspace, path, digest)

    monkeypatch.setattr(packed, "read_raw_file", read_noting)
    assert len(take(workspace, {FIRST: b"1", SECOND: b"2"})) == 3
    take_inventory(workspace, TODAY)
    assert opened == ["2023/all.zip"]
    digest = sha256(b"1").hexdigest()
    assert take(workspace, {FIRST: b"9", SECOND: b"2"})[f"2023/all.zip/{FIRST}"] is None
    assert len(opened) == 2
    with pytest.raises(DocumentError) as error:
        read_raw_file(workspace, f"2023/all.zip/{FIRST}", digest)
    assert error.value.reason_code == "file_vanished"
    with pytest.raises(DocumentError) as error:
        read_raw_file(workspace, "2023/all.zip/丙局.docx", digest)
    assert error.value.reason_code == "file_vanished"


def test_members_have_the_origin_of_their_archive(workspace):
    content = build_zip({FIRST: b"1", SECOND: b"2"})
    (workspace.raw / "2023/all.zip.meta.json").write_bytes(sidecar(content).write())
    (workspace.raw / "2023/all.zip").write_bytes(content)
    take_inventory(workspace, TODAY)
    captures = read_frame(workspace, Stage.INGEST, "captures").collect()
    assert captures["file_id"].n_unique() == 3
    assert captures["url"].to_list() == ["http://a.cn/1.html"] * 3
