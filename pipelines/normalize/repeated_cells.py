"""Merged cells of 表二 that a converter has split: the label and each figure below it stand once a column.

Converters to Markdown and data frames repeat a merged cell in every column that it covered. Two columns of one label
that print the same in every row are one; where they differ, nobody can tell which the form means.
"""

from collections.abc import Iterator, Sequence
from functools import cache

import polars as pl

from pipelines.normalize.folding import fold_characters
from pipelines.normalize.grid import BLANK_TOKEN, VALUE_TOKEN
from schemas.form import load_forms
from schemas.vocabulary import TableCode

_TABLE = ("file_id", "table_number")
_PLACE = (*_TABLE, "row_number", "column_number")
_Row = dict[int, tuple[str, str, int]]


@cache
def repeatable_labels() -> frozenset[str]:
    """Return the tokens of labels that are of one column of 表二 in all editions, in every spelling."""
    codes: dict[str, set[str]] = {}
    tables = (table for form in load_forms().values() for table in form.tables if table.code == TableCode.PROACTIVE)
    for column in (column for table in tables for clause in table.clauses for column in clause.columns):
        for spelling in column.spellings:
            codes.setdefault(fold_characters(spelling), set()).add(column.code)
    return frozenset(token for token, found in codes.items() if len(found) == 1)


def join_repeated_cells(cells: pl.DataFrame) -> pl.DataFrame:
    """Return cells, those that only repeat the one on their left joined to it.

    Args:
        cells: Cells of tables in row-major order, with `token`, and `is_repeatable` for `repeatable_labels`.
    """
    before = pl.col("token").shift(1), pl.col("row_number").shift(1)
    hints = cells.filter("is_repeatable", pl.col("token") == before[0], pl.col("row_number") == before[1])
    if hints.is_empty():  # as in nearly all batches
        return cells
    found = cells.join(hints.select(_TABLE).unique(), on=_TABLE, how="semi", maintain_order="left")
    joined: list[tuple[object, ...]] = []
    dropped: list[tuple[object, ...]] = []
    for table, own in found.group_by(_TABLE, maintain_order=True):
        for row, first, last in _repeats(_rows_of(own)):
            joined.append((*table, row, first, last - first + 1))
            dropped += [(*table, row, column) for column in range(first + 1, last + 1)]
    schema = {name: cells.schema[name] for name in _PLACE}
    wide = pl.DataFrame(joined, {**schema, "wide": cells.schema["column_span"]}, orient="row")
    rest = pl.DataFrame(dropped, schema, orient="row")
    spans = pl.coalesce("wide", "column_span").alias("column_span")
    kept = cells.join(rest, on=_PLACE, how="anti", maintain_order="left")
    return kept.join(wide, on=_PLACE, how="left", maintain_order="left").with_columns(spans).drop("wide")


def _rows_of(cells: pl.DataFrame) -> dict[int, _Row]:
    rows: dict[int, _Row] = {}
    columns = ("row_number", "column_number", "text", "token", "column_span")
    for row, column, *cell in cells.select(columns).iter_rows():
        rows.setdefault(row, {})[column] = (cell[0], cell[1], cell[2])
    return rows


def _repeats(rows: dict[int, _Row]) -> Iterator[tuple[int, int, int]]:
    """Yield row, first and last column of each run of cells that are one: a label's, and those of the figures below."""
    numbers = sorted(rows)
    for place, number in enumerate(numbers):
        for first, last in _runs(rows[number]):
            below = _figures_below(rows, numbers[place + 1 :], first)
            if below and all(_is_one(rows[row], first, last) for row in below):
                yield from ((row, first, last) for row in (number, *below))


def _runs(row: _Row) -> Iterator[tuple[int, int]]:
    """Yield first and last column of each label of 表二 that stands in several cells beside one another."""
    for column, (_, token, _) in row.items():
        before = row.get(column - 1)
        if token in repeatable_labels() and (before is None or before[1] != token):
            last = column
            while last + 1 in row and row[last + 1][1] == token:
                last += 1
            if last > column:
                yield column, last


def _figures_below(rows: dict[int, _Row], numbers: Sequence[int], column: int) -> list[int]:
    """Return the rows below a label up to the next one in its column."""
    found = []
    for number in numbers:
        cell = rows[number].get(column)
        if cell is not None and cell[1] not in (VALUE_TOKEN, BLANK_TOKEN):
            break
        found.append(number)
    return found


def _is_one(row: _Row, first: int, last: int) -> bool:
    texts = {row[column][::2] if column in row else None for column in range(first, last + 1)}
    return len(texts) == 1 and None not in texts and all(row[column][2] == 1 for column in range(first, last + 1))
