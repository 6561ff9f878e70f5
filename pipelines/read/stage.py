"""The stage: the raw files of a batch to frames, each file once for as long as its bytes stay the same."""

from dataclasses import dataclass

import polars as pl

from pipelines.errors import DocumentError, UsageError
from pipelines.ingest import read_raw_file
from pipelines.read.frames import DocumentColumns, column_frames, columns_of, frame_of
from pipelines.read.metadata import report_pattern
from pipelines.read.model import Document
from pipelines.read.readers import read_document
from pipelines.settings import Workspace
from pipelines.staging import Batch, Failure, FailureReason, StageSpec
from schemas.form import official_labels
from schemas.vocabulary import Stage

_OUTPUTS = ("documents", "blocks", "cells", "findings", "rejections")


@dataclass(frozen=True, slots=True)
class ReadTask:
    """One raw file to be read, as the inventory knows it."""

    workspace: Workspace
    file_id: int
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a file is set aside."""

    reason_code: str
    reason: str


def read_file(task: ReadTask) -> Document | Rejection:
    """Return the document in a raw file, or why the file is set aside; it never raises for what a file holds."""
    try:
        return read_document(task.path, read_raw_file(task.workspace, task.path, task.sha256), task.workspace.limits)
    except DocumentError as error:
        return Rejection(error.reason_code, str(error))
    except UsageError as error:  # the raw folder itself is gone, or is not mounted on this machine
        return Rejection("unreadable_file", str(error))
    except Exception as error:  # noqa: BLE001 - the one boundary: a reader's bug costs its file, named, and not the build
        return Rejection(
            "reader_failed", f"{type(error).__name__}: {error}; this is a bug of the reader, report the file"
        )


def read_columns(task: ReadTask) -> DocumentColumns | Rejection:
    """Return the columns of the document in a raw file, or why the file is set aside, as its worker sends them."""
    outcome = read_file(task)
    return columns_of(outcome) if isinstance(outcome, Document) else outcome


def read_batch(batch: Batch) -> dict[str, pl.DataFrame]:
    """Return the frames documents, blocks, cells, findings and rejections of a batch's files.

    Files that the inventory set aside are not opened.
    """
    files = batch.inputs["files"]
    wanted = files.filter(pl.col("reason_code").is_null() & pl.col("sha256").is_not_null())
    tasks = [
        ReadTask(batch.workspace, file_id, path, sha256)
        for file_id, path, sha256 in wanted.select("file_id", "path", "sha256").iter_rows()
    ]
    outcomes = batch.executor.map(read_columns, tasks, seconds=batch.workspace.limits.seconds)
    documents: list[tuple[int, DocumentColumns]] = []
    rejected: list[tuple[int, Rejection]] = []
    for task, outcome in zip(tasks, outcomes, strict=True):
        if isinstance(outcome, DocumentColumns):
            documents.append((task.file_id, outcome))
        else:
            rejected.append((task.file_id, outcome if isinstance(outcome, Rejection) else _reject_failure(outcome)))
    made = column_frames(documents)
    made["rejections"] = rejection_frame(rejected)
    return made


def _reject_failure(failure: Failure) -> Rejection:
    """Return why a file is set aside whose worker died, hung or failed on it."""
    if failure.reason is FailureReason.TIMED_OUT:
        return Rejection("limit_exceeded", f"{failure.message}; the file was given up")
    return Rejection("reader_failed", f"{failure.message}; this is a bug of the reader, report the file")


def rejection_frame(rejected: list[tuple[int, Rejection]]) -> pl.DataFrame:
    """Return the frame rejections of this stage."""
    rows = [(file_id, Stage.READ.value, rejection.reason_code, rejection.reason) for file_id, rejection in rejected]
    return frame_of("rejections", list(zip(*rows, strict=True)))


def _words() -> tuple[str, ...]:
    """Return the words of forms and of sites' searches by which some layouts and titles are told.

    Those of the editions themselves: a variant that is added for a label reads no file again.
    """
    return (*official_labels(), report_pattern().pattern)


STAGE = StageSpec(
    name=Stage.READ,
    inputs=((Stage.INGEST, "files"),),
    outputs=_OUTPUTS,
    packages=(
        "pipelines.read",
        "pipelines.ingest.members",
        "pipelines.ingest.zipsafe",
        "schemas.document",
        "schemas.documents",
        "schemas.unit",
        "schemas.units",
    ),
    compute=read_batch,
    libraries=("rapidocr",),  # holds the recognition model; nothing imports it
    words=_words,
)
