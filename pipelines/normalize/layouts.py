"""From cells to readings: each distinct layout is read once and joined to every table that has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from pipelines.normalize.counting_rows import find_ordinal, leave_out_counting_rows
from pipelines.normalize.folding import fold_characters, leave_out_translation
from pipelines.normalize.grid import BLANK_TOKEN, VALUE_TOKEN, GridCell, GridRow, build_rows
from pipelines.normalize.interpret import LayoutReading, read_rows
from pipelines.normalize.proof import Place
from pipelines.normalize.repeated_cells import join_repeated_cells, repeatable_labels
from pipelines.normalize.values import is_value_like, read_value
from schemas.form import load_forms
from schemas.vocabulary import TableCode

_FIELD, _CELL = "\x1f", "\x1e"
_CELL_PLACE = ("table_number", "row_number", "column_number")
_PLACE = ("row_number", "column_number", "row_span", "column_span")

READING_SCHEMA = pl.Schema(
    {
        "table_number": pl.Int32(),
        "row_number": pl.Int32(),
        "column_number": pl.Int32(),
        "table_code": pl.String(),
        "form_codes": pl.List(pl.String()),
        "row_code": pl.String(),
        "column_code": pl.String(),
        "label_table": pl.Int32(),
        "label_row": pl.Int32(),
        "label_column": pl.Int32(),
        "match_method": pl.String(),
        "match_score": pl.Float64(),
        "header_unit": pl.String(),
        "raw_column": pl.String(),
        "indicator_number": pl.Int32(),
        "parent_number": pl.Int32(),
        "is_doubtful": pl.Boolean(),
    }
)
NOTE_SCHEMA = pl.Schema(
    {
        "reason_code": pl.String(),
        "table_number": pl.Int32(),
        "row_number": pl.Int32(),
        "column_number": pl.Int32(),
        "message": pl.String(),
    }
)
TABLE_SCHEMA = pl.Schema({"table_code": pl.String(), "is_complete": pl.Boolean()})

_Frames = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class BatchReading:
    """The readings of a batch, by file.

    Attributes:
        cells: file_id and `READING_SCHEMA`, one row a statistic cell.
        notes: file_id and `NOTE_SCHEMA`.
        tables: file_id and `TABLE_SCHEMA`, one row a statistic table found.
    """

    cells: pl.DataFrame
    notes: pl.DataFrame
    tables: pl.DataFrame


def read_layouts(cells: pl.DataFrame) -> BatchReading:
    """Return the readings of all tables of frame `cells`.

    A file whose tables explain themselves one by one is read through its tables' layouts. Any other file (a table
    split, cut, repeated or missing) is read once more with all its tables together.
    """
    keyed = _layout_keys(cells)
    keys = keyed.get_column("layout_key").unique(maintain_order=True)
    layouts = pl.DataFrame(
        {"layout_key": keys, "layout_id": range(len(keys))}, schema_overrides={"layout_id": pl.Int64}
    )
    readings = [read_layout(key) for key in keys]
    tables = keyed.join(layouts, on="layout_key").select("file_id", "table_number", "layout_id")
    simple, complex_files = _split_files(tables, readings)
    alone = _join_layouts(tables.join(simple, on="file_id", how="semi"), readings)
    together = _read_together(*(frame.join(complex_files, on="file_id", how="semi") for frame in (keyed, cells)))
    return BatchReading(*(pl.concat([one, two]) for one, two in zip(alone, together, strict=True)))


@lru_cache(maxsize=50_000)
def read_layout(key: str) -> LayoutReading:
    """Return the reading of one table's layout; see `_layout_keys` for the key."""
    return read_rows(build_rows(_parse_key(key, table=0)))


def _layout_keys(cells: pl.DataFrame) -> pl.DataFrame:
    """Return file_id, table_number and layout_key: a table's places, spans and tokens as one string."""
    texts = cells.get_column("text").unique()
    made = [make_token(text) for text in texts]
    ordinals = [find_ordinal(text, token) for text, token in zip(texts, made, strict=True)]
    tokens = pl.DataFrame(
        {
            "text": texts,
            "token": made,
            "ordinal": ordinals,
            "is_repeatable": [token in repeatable_labels() for token in made],
        },
        schema_overrides={"token": pl.String, "ordinal": pl.Int8, "is_repeatable": pl.Boolean},
    )
    told = cells.join(tokens, on="text", how="left", maintain_order="left")
    return (
        join_repeated_cells(leave_out_counting_rows(told))
        .group_by("file_id", "table_number", maintain_order=True)
        .agg(pl.concat_str([*_PLACE, "token"], separator=_FIELD).str.join(_CELL).alias("layout_key"))
    )


def make_token(text: str) -> str:
    r"""Return what a cell's text is to a layout: a placeholder for a blank or a figure, else the folded label.

    >>> make_token("Natural persons\n自然人")
    '自然人'
    >>> make_token(" "), make_token("１２"), make_token("（一） 予以公开")
    ('', '#', '(一)予以公开')
    """
    if not text or text.isspace():
        return BLANK_TOKEN
    return VALUE_TOKEN if is_value_like(text) else fold_characters(leave_out_translation(text))


def _parse_key(key: str, table: int) -> list[GridCell]:
    cells = []
    for part in key.split(_CELL):
        row, column, row_span, column_span, token = part.split(_FIELD, 4)
        cells.append(GridCell(table, int(row), int(column), int(row_span), int(column_span), token))
    return cells


def _split_files(tables: pl.DataFrame, readings: list[LayoutReading]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the files whose tables explain themselves, and the others that hold any statistic table at all."""
    codes = pl.DataFrame(
        {
            "layout_id": range(len(readings)),
            "found": [reading.found for reading in readings],
            "is_whole": [len(reading.found) == len(reading.complete) for reading in readings],
        },
        schema={"layout_id": pl.Int64, "found": pl.List(pl.String), "is_whole": pl.Boolean},
    )
    national = {table.code for form in load_forms().values() for table in form.tables}
    by_file = (
        tables.join(codes, on="layout_id")
        .group_by("file_id")
        .agg(pl.col("found").explode().drop_nulls(), pl.col("is_whole").all())
    )
    count = pl.col("found").list.len()
    every_table = (count == len(national)) & pl.col("found").list.set_intersection(sorted(national)).list.len().eq(
        len(national)
    )
    one_before_2019 = (count == 1) & pl.col("found").list.contains(TableCode.LEGACY.value)
    is_simple = pl.col("is_whole") & (every_table | one_before_2019)
    return (
        by_file.filter(is_simple).select("file_id"),
        by_file.filter(~is_simple & (count > 0)).select("file_id"),
    )


def _join_layouts(tables: pl.DataFrame, readings: list[LayoutReading]) -> _Frames:
    """Return cells, notes and tables of files that are read table by table."""
    used = tables.get_column("layout_id").unique().sort()
    cells, notes, found = _reading_frames([(layout_id, readings[layout_id]) for layout_id in used], "layout_id")
    places = [frame.drop("table_number", "label_table", strict=False) for frame in (cells, notes, found)]
    own_table = pl.col("table_number").alias("label_table")
    return (
        tables.join(places[0], on="layout_id").with_columns(own_table).select("file_id", *READING_SCHEMA),
        tables.join(places[1], on="layout_id").select("file_id", *NOTE_SCHEMA),
        tables.join(places[2], on="layout_id").select("file_id", *TABLE_SCHEMA),
    )


def _read_together(keyed: pl.DataFrame, cells: pl.DataFrame) -> _Frames:
    """Return cells, notes and tables of files whose tables are read as one run of rows."""
    values: dict[int, dict[Place, float]] = {}
    for file_id, *place, text in cells.select("file_id", *_CELL_PLACE, "text").iter_rows():
        value = read_value(text).value
        if value is not None:
            values.setdefault(file_id, {})[place[0], place[1], place[2]] = value
    rows: dict[int, list[GridRow]] = {}
    for file_id, number, key in keyed.select("file_id", "table_number", "layout_key").iter_rows():
        rows.setdefault(file_id, []).extend(build_rows(_parse_key(key, table=number)))
    read = [(file_id, read_rows(own, values.get(file_id, {}))) for file_id, own in rows.items()]
    return _reading_frames(read, "file_id")


def _reading_frames(readings: Sequence[tuple[object, LayoutReading]], key: str) -> _Frames:
    """Return the cells, notes and tables of several readings, each row led by its reading's key."""
    notes = [
        (number, note.reason_code, note.table, note.row, note.column, note.message)
        for number, reading in readings
        for note in reading.notes
    ]
    found = [(number, code, code in reading.complete) for number, reading in readings for code in reading.found]
    second, third = (
        pl.DataFrame(rows, schema={key: pl.Int64, **schema}, orient="row")
        for rows, schema in ((notes, NOTE_SCHEMA), (found, TABLE_SCHEMA))
    )
    return _cell_frame(readings, key), second, third


def _cell_frame(readings: Sequence[tuple[object, LayoutReading]], key: str) -> pl.DataFrame:
    """Return the readings' cells, made column by column: a batch has some ten thousand."""
    cells = [cell for _, reading in readings for cell in reading.cells]
    labels = [cell.label_place or _NO_PLACE for cell in cells]
    editions = [cell.form_codes for cell in cells]
    known = {codes: number for number, codes in enumerate(dict.fromkeys(editions))}  # a handful, and a list is dear
    lists = pl.Series([list(codes) for codes in known], dtype=READING_SCHEMA["form_codes"])
    columns: dict[str, Sequence[object] | pl.Series] = {
        key: [number for number, reading in readings for _ in reading.cells],
        "table_number": [cell.table for cell in cells],
        "row_number": [cell.row for cell in cells],
        "column_number": [cell.column for cell in cells],
        "table_code": [cell.table_code for cell in cells],
        "form_codes": lists.gather([known[codes] for codes in editions]),
        "row_code": [cell.row_code for cell in cells],
        "column_code": [cell.column_code for cell in cells],
        "label_table": [place[0] for place in labels],
        "label_row": [place[1] for place in labels],
        "label_column": [place[2] for place in labels],
        "match_method": [cell.method for cell in cells],
        "match_score": [cell.score for cell in cells],
        "header_unit": [cell.unit for cell in cells],
        "raw_column": [cell.raw_column for cell in cells],
        "indicator_number": [cell.indicator for cell in cells],
        "parent_number": [cell.parent for cell in cells],
        "is_doubtful": [cell.is_doubtful for cell in cells],
    }
    return pl.DataFrame(columns, schema={key: pl.Int64, **READING_SCHEMA})


_NO_PLACE = (None, None, None)
