"""Documents to the frames that the stages exchange, column by column: a detour by rows would cost more than reading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import polars as pl

from pipelines.read.model import Document, Notice
from schemas.table import RAW_TEXT_LENGTH, load_reasons, table
from schemas.vocabulary import Stage


@dataclass(frozen=True, slots=True)
class DocumentColumns:
    """A document as the columns of its rows: what frames are made of, and what goes from one process to another.

    Attributes:
        document: Format and encoding.
        blocks: Kinds, labels, table numbers and texts.
        cells: Table numbers, row and column numbers, row and column spans, and texts.
    """

    document: tuple[str, str | None]
    blocks: tuple[Sequence[Any], ...]
    cells: tuple[Sequence[Any], ...]
    notices: list[Notice]


def columns_of(document: Document) -> DocumentColumns:
    """Return a document's columns."""
    blocks, tables = document.blocks, document.tables
    cells = [cell for cells in tables for cell in cells]
    return DocumentColumns(
        (document.format.value, document.encoding),
        (
            [block.kind.value for block in blocks],
            [block.label for block in blocks],
            [block.table_number for block in blocks],
            [block.text for block in blocks],
        ),
        # One pass a column: zip(*cells) would make every cell an argument and takes five times as long.
        (
            [number for number, cells in enumerate(tables, start=1) for _ in cells],
            *([cell[column] for cell in cells] for column in range(5)),
        ),
        document.notices,
    )


def document_frames(documents: Sequence[tuple[int, Document]]) -> dict[str, pl.DataFrame]:
    """Return the frames documents, blocks, cells and findings of the documents, each with its `file_id`."""
    return column_frames([(file_id, columns_of(document)) for file_id, document in documents])


def column_frames(documents: Sequence[tuple[int, DocumentColumns]]) -> dict[str, pl.DataFrame]:
    """Return the frames documents, blocks, cells and findings of documents as columns, each with its `file_id`."""
    rows = [(file_id, *columns.document) for file_id, columns in documents]
    numbers = [number for _, columns in documents for number in range(1, len(columns.blocks[0]) + 1)]
    blocks = [(file_id, columns.blocks) for file_id, columns in documents]
    cells = [(file_id, columns.cells) for file_id, columns in documents]
    return {
        "documents": frame_of("documents", list(zip(*rows, strict=True))),
        "blocks": frame_of("blocks", [_repeat_ids(blocks), numbers, *_join_columns(blocks, 4)]),
        "cells": frame_of("cells", [_repeat_ids(cells), *_join_columns(cells, 6)]),
        "findings": notice_frame((file_id, notice) for file_id, columns in documents for notice in columns.notices),
    }


def _repeat_ids(parts: Sequence[tuple[int, tuple[Sequence[Any], ...]]]) -> list[int]:
    ids: list[int] = []
    for file_id, columns in parts:
        ids += [file_id] * len(columns[0])
    return ids


def _join_columns(parts: Sequence[tuple[int, tuple[Sequence[Any], ...]]], count: int) -> list[list[Any]]:
    return [list(chain.from_iterable(columns[number] for _, columns in parts)) for number in range(count)]


def notice_frame(notices: Iterable[tuple[int, Notice]]) -> pl.DataFrame:
    """Return the frame findings of what readers noticed; the reason's own severity applies."""
    reasons = load_reasons()
    rows = [
        (
            file_id,
            Stage.READ.value,
            notice.reason_code,
            reasons[notice.reason_code]["severity"],
            notice.table_number,
            notice.row_number,
            notice.column_number,
            notice.raw_text[:RAW_TEXT_LENGTH] if notice.raw_text is not None else None,
            notice.message,
        )
        for file_id, notice in notices
    ]
    return frame_of("findings", list(zip(*rows, strict=True)))


def frame_of(name: str, columns: Sequence[Sequence[Any]]) -> pl.DataFrame:
    """Return the frame called `name` from its columns in order; no columns at all make the empty frame."""
    schema = table(name).polars_schema
    if not columns:
        return table(name).empty_frame()
    return pl.DataFrame(dict(zip(schema, columns, strict=True)), schema=schema)
