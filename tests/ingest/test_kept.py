"""What an inventory keeps for the next one: used whole, or not at all and said so."""

import logging

import polars as pl
import pytest

from pipelines.ingest.kept import read_kept, write_kept
from pipelines.settings import Workspace
from schemas.vocabulary import Stage

SCHEMA = pl.Schema({"path": pl.String(), "bytes": pl.Int64()})
FRAME = pl.DataFrame({"path": ["2021/a.md"], "bytes": [7]}, schema=SCHEMA)


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "raw", tmp_path / "warehouse")


def test_what_is_kept_is_read_back_and_what_is_not_there_is_empty(workspace):
    assert read_kept(workspace, "files", SCHEMA, "all is read again").equals(pl.DataFrame(schema=SCHEMA))
    write_kept(workspace, "files", FRAME)
    assert read_kept(workspace, "files", SCHEMA, "all is read again").equals(FRAME)


@pytest.mark.parametrize("damage", ["cut", "columns"])
def test_what_cannot_be_used_is_left_aside_and_said(workspace, caplog, damage):
    write_kept(workspace, "files", FRAME if damage == "cut" else FRAME.drop("bytes"))
    if damage == "cut":
        path = workspace.staging / Stage.INGEST / "files.parquet"
        path.write_bytes(path.read_bytes()[:20])
    with caplog.at_level(logging.WARNING):
        assert read_kept(workspace, "files", SCHEMA, "all is read again").equals(pl.DataFrame(schema=SCHEMA))
    assert "all is read again" in caplog.text
