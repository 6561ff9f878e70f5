"""Documents to frames, and the stage around them."""

import hashlib
import pickle

import polars as pl
import pytest

from pipelines.read import STAGE, Document, Notice, ReadTask, document_frames, read_batch, read_document, read_file
from pipelines.read import stage as stage_module
from pipelines.read.frames import column_frames, columns_of
from pipelines.settings import Workspace
from pipelines.staging import Batch
from schemas.ids import stable_id
from schemas.table import table
from schemas.validation import validate_frame
from schemas.vocabulary import FileFormat

GOOD = "# 某局2021年报告\n规章\t0\t3\n文件\t\t7\n".encode()


def test_frames_satisfy_their_models():
    document = read_document("a.md", GOOD)
    document.notices.append(Notice("overlapping_cells", "here", 1, 2, 3, "x" * 900))
    frames = document_frames([(7, document), (9, read_document("b.html", b"<p>a<p>b"))])
    for name, frame in frames.items():
        validate_frame(name, frame)
    assert frames["cells"].rows()[0] == (7, 1, 1, 1, 1, 1, "规章")
    assert frames["cells"].height == 6
    assert frames["documents"].rows() == [(7, "text", "utf-8"), (9, "html", "utf-8")]
    assert frames["blocks"]["block_number"].to_list() == [1, 2, 1, 2]
    assert frames["findings"].rows()[0][3] == "warn"
    assert frames["findings"]["raw_text"].str.len_chars().to_list() == [500]


def test_columns_that_a_worker_sends_make_the_frames_of_its_documents():
    documents = [(3, read_document("a.md", GOOD)), (1, Document(FileFormat.TEXT)), (2, read_document("b.md", GOOD))]
    documents[0][1].notices.append(Notice("overlapping_cells", "here", 1, 2, 3, "x"))
    sent = [(file_id, pickle.loads(pickle.dumps(columns_of(document)))) for file_id, document in documents]
    expected = document_frames(documents)
    assert [frame.equals(expected[name]) for name, frame in column_frames(sent).items()] == [True] * 4
    assert len(pickle.dumps(sent[0][1])) < len(pickle.dumps(documents[0][1]))


@pytest.mark.parametrize("documents", [[], [(1, Document(FileFormat.TEXT))]])
def test_frames_of_nothing_have_their_schemas(documents):
    for name, frame in document_frames(documents).items():
        assert frame.schema == table(name).polars_schema


def inventory(workspace, files):
    rows = []
    for name, data in files.items():
        path = workspace.raw / "2021" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        rows.append((name, len(data), hashlib.sha256(data).hexdigest()))
    spec = table("files")
    return spec.conform(
        pl.DataFrame(
            {
                "file_id": [stable_id(name) for name, _, _ in rows],
                "path": [f"2021/{name}" for name, _, _ in rows],
                "partition": "2021",
                "bytes": [size for _, size, _ in rows],
                "modified_ns": [0] * len(rows),
                "sha256": [digest for _, _, digest in rows],
            }
        )
    )


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "raw", tmp_path / "warehouse", workers=1)


def batch_of(workspace, files, **more):
    return Batch(workspace, "2021", ("0000-of-0001",), {"files": files}, **more)


def test_every_file_ends_as_a_document_or_a_rejection(workspace):
    files = inventory(workspace, {"a.md": GOOD, "b.html": b"\0\1", "c.txt": b"\xff" * 99, "d.md": GOOD, "e.md": GOOD})
    (workspace.raw / "2021" / "d.md").unlink()
    ignored = pl.col("path") == "2021/e.md"
    files = files.with_columns(reason_code=pl.when(ignored).then(pl.lit("file_too_large")))
    frames = read_batch(batch_of(workspace, files))
    assert set(frames) == set(STAGE.outputs)
    for name, frame in frames.items():
        validate_frame(name, frame)
    assert frames["documents"]["file_id"].to_list() == [stable_id("a.md")]
    rejected = dict(frames["rejections"].select("file_id", "reason_code").iter_rows())
    assert rejected == {
        stable_id("b.html"): "unknown_format",
        stable_id("c.txt"): "undecodable_text",
        stable_id("d.md"): "file_vanished",
    }


def test_a_failing_reader_costs_its_file_alone(workspace, monkeypatch):
    def fail(name, data, limits):
        if name.endswith("b.md"):
            raise ZeroDivisionError("oops")
        return read_document(name, data, limits)

    monkeypatch.setattr(stage_module, "read_document", fail)
    frames = read_batch(batch_of(workspace, inventory(workspace, {"a.md": GOOD, "b.md": GOOD + b"x"})))
    assert frames["documents"].height == 1
    ((_, stage, reason_code, reason),) = frames["rejections"].rows()
    assert (stage, reason_code) == ("read", "reader_failed")
    assert "ZeroDivisionError" in reason


def test_tasks_and_outcomes_travel_between_processes(workspace):
    inventory(workspace, {"a.md": GOOD})
    task = ReadTask(workspace, 1, "2021/a.md", hashlib.sha256(GOOD).hexdigest())
    assert pickle.loads(pickle.dumps(read_file))(pickle.loads(pickle.dumps(task))) == read_file(task)
    assert pickle.loads(pickle.dumps(read_file(task))) == read_file(task)
