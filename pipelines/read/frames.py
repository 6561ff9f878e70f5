"""Documents to the frames that the stages exchange, column by column: a detour by rows would cost more than reading."""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from pipelines.read.model import Document, Notice
from schemas.table import load_reasons, table
from schemas.vocabulary import Stage

_RAW_TEXT_LENGTH = 500


def document_frames(documents: Sequence[tuple[int, Document]]) -> dict[str, pl.DataFrame]:
    """Return the frames documents, blocks, cells and findings of the documents, each with its `file_id`."""
    return {
        "documents": _document_frame(documents),
        "blocks": _block_frame(documents),
        "cells": _cell_frame(documents),
        "findings": notice_frame((file_id, notice) for file_id, document in documents for notice in document.notices),
    }


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
            notice.raw_text[:_RAW_TEXT_LENGTH] if notice.raw_text is not None else None,
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


def _document_frame(documents: Sequence[tuple[int, Document]]) -> pl.DataFrame:
    rows = [
        (file_id, document.format.value, document.encoding, len(document.tables), document.page_count)
        for file_id, document in documents
    ]
    return frame_of("documents", list(zip(*rows, strict=True)))


def _block_frame(documents: Sequence[tuple[int, Document]]) -> pl.DataFrame:
    file_ids: list[int] = []
    numbers: list[int] = []
    for file_id, document in documents:
        file_ids += [file_id] * len(document.blocks)
        numbers += range(1, len(document.blocks) + 1)
    blocks = [block for _, document in documents for block in document.blocks]
    columns: list[Sequence[Any]] = [
        file_ids,
        numbers,
        [block.kind.value for block in blocks],
        [block.label for block in blocks],
        [block.level for block in blocks],
        [block.table_number for block in blocks],
        [block.text for block in blocks],
    ]
    return frame_of("blocks", columns)


def _cell_frame(documents: Sequence[tuple[int, Document]]) -> pl.DataFrame:
    file_ids: list[int] = []
    table_numbers: list[int] = []
    for file_id, document in documents:
        for number, cells in enumerate(document.tables, start=1):
            file_ids += [file_id] * len(cells)
            table_numbers += [number] * len(cells)
    cells = [cell for _, document in documents for cells in document.tables for cell in cells]
    # One pass a column: zip(*cells) would make every cell an argument and takes five times as long.
    columns = [[cell[column] for cell in cells] for column in range(5)]
    return frame_of("cells", [file_ids, table_numbers, *columns])
