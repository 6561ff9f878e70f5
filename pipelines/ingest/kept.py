"""Frames that an inventory keeps for the next one below staging: what they save is work, so they may always be lost."""

import logging
from io import BytesIO
from pathlib import Path

import polars as pl

from pipelines.settings import Workspace
from pipelines.staging.store import write_file
from schemas.vocabulary import Stage

_log = logging.getLogger(__name__)


def read_kept(workspace: Workspace, name: str, schema: pl.Schema, otherwise: str) -> pl.DataFrame:
    """Return a kept frame in `schema`; empty where it is absent, damaged or has other columns.

    Args:
        workspace: The folders.
        name: Under which `write_kept` kept it.
        schema: Its columns.
        otherwise: What is done where it cannot be used, for the log.
    """
    path = _kept_path(workspace, name)
    try:
        kept = pl.read_parquet(path.read_bytes())
    except FileNotFoundError:
        return pl.DataFrame(schema=schema)
    except pl.exceptions.PolarsError as error:
        _log.warning("%s cannot be understood (%s); %s", path, error, otherwise)
        return pl.DataFrame(schema=schema)
    if kept.schema != schema:
        _log.warning("%s has other columns than expected; %s", path, otherwise)
        return pl.DataFrame(schema=schema)
    return kept


def write_kept(workspace: Workspace, name: str, frame: pl.DataFrame) -> None:
    """Keep a frame for the next inventory."""
    buffer = BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=1)
    write_file(_kept_path(workspace, name), buffer.getvalue())


def _kept_path(workspace: Workspace, name: str) -> Path:
    return workspace.staging / Stage.INGEST / f"{name}.parquet"
