"""Indicator tables (统计表 before 2019) of any province: found by head and shape, read without knowing the form.

First the head says which columns hold labels, units and which figures (`head`), then every row is taken apart and 其中
and the numbering say which indicator is a part of which (`rows`); only then are the labels looked up in the provincial
forms (`forms`). An indicator that none of them has keeps its figures and its label under a null code. A table whose
indicators stand side by side over one row a period is read with rows and columns exchanged.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby

from pipelines.normalize.folding import fold_label
from pipelines.normalize.grid import CellKind, GridCell, GridRow, transpose_rows
from pipelines.normalize.indicators.forms import form_rows, is_optional, name_indicators
from pipelines.normalize.indicators.head import Head, find_head, is_telling
from pipelines.normalize.indicators.rows import PrintedIndicator, read_table_rows, set_parents
from pipelines.normalize.lexicon import load_lexicon
from pipelines.normalize.readings import CellReading, ReadingNote
from schemas.legacy import load_header_words
from schemas.vocabulary import MatchMethod, TableCode

_LEAST_INDICATORS = 3
_LEAST_SHARE = 1 / 3  # of the indicators that speak of disclosure, requests, answers or challenges
_TELLING_ROWS = 12
_LEAST_NATIONAL_LABELS = 3  # different ones; a 统计表 may share a word or two with the national form


@dataclass(slots=True)
class IndicatorReading:
    """What the indicator tables among some rows say.

    Attributes:
        tables: Numbers of the physical tables that were read, or recognised and refused.
        is_complete: Every indicator of one known form was found under columns that are known, and nothing else.
    """

    cells: list[CellReading] = field(default_factory=list)
    notes: list[ReadingNote] = field(default_factory=list)
    tables: set[int] = field(default_factory=set)
    is_complete: bool = False


@dataclass(slots=True)
class _Part:
    """The rows of one physical table under the head in force."""

    table: int
    head: Head
    indicators: list[PrintedIndicator]
    is_lossy: bool
    is_transposed: bool


def read_indicators(rows: Sequence[GridRow]) -> IndicatorReading:
    """Return the reading of all indicator tables among `rows`, which may come from several physical tables.

    A table without a head carries on the one before where it has its shape: pages break there.
    """
    reading = IndicatorReading()
    if not any(is_telling(cell.token) for cell in _telling_cells(rows)):
        return reading
    parts: list[_Part] = []
    for number, group in groupby(rows, key=lambda row: row.table):
        part = _read_part(number, list(group), parts[-1] if parts else None)
        if part is None:
            continue
        reading.tables.add(number)
        if part.head.periodic is not None:
            reading.notes.append(_periodic_note(number, part.head.periodic))
        else:
            parts.append(part)
    for _, run in groupby(parts, key=lambda part: (part.head.signature, part.is_transposed)):
        _take_run(reading, list(run))
    return reading


def _telling_cells(rows: Sequence[GridRow]) -> Iterator[GridCell]:
    """Yield the cells in which a head may stand: those of the first rows and of the first column."""
    for _, group in groupby(rows, key=lambda row: row.table):
        for place, row in enumerate(group):
            yield from row.cells if place < _TELLING_ROWS else row.cells[:1]


def _read_part(number: int, rows: list[GridRow], before: _Part | None) -> _Part | None:
    """Return one physical table as an indicator table, or None where it is none."""
    if len(_national_labels(rows)) >= _LEAST_NATIONAL_LABELS:
        return None
    is_stream = rows[0].is_stream
    for is_transposed in (False,) if is_stream else (False, True):
        turned = transpose_rows(rows) if is_transposed else rows
        head = find_head(turned)
        if head is not None:
            part = _read_under(number, head, _below(turned, head), is_transposed=is_transposed)
            if _is_statistic(part):
                return part
    if before is not None and not is_stream and not before.head.by_count and not before.is_transposed:
        part = _read_under(number, before.head, rows, is_transposed=False)
        if _is_statistic(part) and _has_units(part):
            return part
    return None


def _national_labels(rows: Sequence[GridRow]) -> set[str]:
    """Return the labels that belong to one table of the national form alone."""
    labels = {cell.token for row in rows for cell in row.cells if cell.kind is CellKind.TEXT}
    return {
        label for label in labels if len({entry.table_code for entry in load_lexicon().find(fold_label(label))}) == 1
    }


def _below(rows: list[GridRow], head: Head) -> list[GridRow]:
    """Return the rows below a head; in text printed one cell a line the head may end within a row."""
    rest = rows[head.rows :]
    if head.cells and rest:
        first = rest[0]
        rest = [GridRow(first.table, first.number, first.cells[head.cells :], is_stream=True), *rest[1:]]
    return rest


def _read_under(number: int, head: Head, rows: Sequence[GridRow], *, is_transposed: bool) -> _Part:
    read = read_table_rows(rows, head)
    return _Part(number, head, read.indicators, read.is_lossy, is_transposed)


@cache
def _subject() -> re.Pattern[str]:
    return re.compile(load_header_words().subject)


def _is_statistic(part: _Part) -> bool:
    """Tell whether enough of the indicators speak of disclosure: other statistics of a report have the same shape."""
    labelled = [indicator for indicator in part.indicators if indicator.label is not None and indicator.figures]
    speaking = sum(_subject().search(indicator.text) is not None for indicator in labelled)
    return speaking >= _LEAST_INDICATORS and speaking >= _LEAST_SHARE * len(labelled)


def _has_units(part: _Part) -> bool:
    """Tell whether a table without a head has units where the head before it says, so that its columns are the same."""
    return not part.head.has_unit or all(
        indicator.unit in load_header_words().units for indicator in part.indicators if indicator.figures
    )


def _take_run(reading: IndicatorReading, parts: Sequence[_Part]) -> None:
    """Take the tables of one run (one table, or one split over pages) into the reading."""
    indicators = [indicator for part in parts for indicator in part.indicators]
    set_parents(indicators)
    forms = name_indicators(indicators)
    number = max((cell.indicator or 0 for cell in reading.cells), default=0)
    for part in parts:
        if part.is_lossy:
            reading.notes.append(_lossy_note(part.table))
        for indicator in part.indicators:
            if indicator.figures:
                number += 1
                indicator.number = number
    for part in parts:
        for indicator in part.indicators:
            reading.cells += _cells_of(indicator, forms, is_transposed=part.is_transposed)
            reading.notes += _notes_of(indicator, is_lossy=part.is_lossy)
        reading.notes += _column_notes(part)
    missing = _missing(indicators, forms)
    if missing:
        reading.notes.append(_missing_note(parts[0].table, forms[0], missing))
    is_whole = not any(part.is_lossy for part in parts) and all(column for column, _ in parts[0].head.signature)
    reading.is_complete = (
        len(forms) == 1 and not missing and not reading.notes and is_whole and all(i.code for i in indicators)
    )


def _cells_of(indicator: PrintedIndicator, forms: tuple[str, ...], *, is_transposed: bool) -> Iterator[CellReading]:
    label = indicator.label
    for cell, column in indicator.figures:
        yield CellReading(
            table=cell.table,
            row=cell.column if is_transposed else cell.row,
            column=cell.row if is_transposed else cell.column,
            table_code=TableCode.LEGACY.value,
            form_codes=forms,
            row_code=indicator.code,
            column_code=column.code if column is not None else None,
            label_place=None if label is None else _place(label, is_transposed=is_transposed),
            method=MatchMethod.EXACT if indicator.code else None,
            score=1.0 if indicator.code else None,
            unit=indicator.unit,
            raw_column=column.text if column is not None else None,
            indicator=indicator.number,
            parent=indicator.parent.number or None if indicator.parent is not None else None,
        )


def _place(cell: GridCell, *, is_transposed: bool) -> tuple[int, int, int]:
    return (cell.table, cell.column, cell.row) if is_transposed else (cell.table, cell.row, cell.column)


def _notes_of(indicator: PrintedIndicator, *, is_lossy: bool) -> Iterator[ReadingNote]:
    if not indicator.figures:
        return
    place = (indicator.table, indicator.row)
    if indicator.label is None:
        message = "A row of the 统计表 has figures and no label; it is kept without a code."
        yield ReadingNote("row_without_label", *place, None, message)
    elif indicator.code is None:
        message = f"No provincial form has the indicator {indicator.text!r}; it is kept with its label and no code."
        yield ReadingNote("unmapped_row", *place, None, message)
    if indicator.is_open and not is_lossy:
        message = "The row's figures do not stand one under each column of the 统计表; they are kept without a column."
        yield ReadingNote("row_width_mismatch", *place, None, message)


def _column_notes(part: _Part) -> Iterator[ReadingNote]:
    for code, text in part.head.signature:
        if code is None:
            message = (
                f"Column {text!r} of the 统计表 is neither the year's nor the cumulative figure as a whole; "
                "its figures are kept under their head (raw_column) and enter no fact."
            )
            yield ReadingNote("unmapped_column", part.table, None, None, message)


def _missing(indicators: Sequence[PrintedIndicator], forms: tuple[str, ...]) -> list[str]:
    """Return the labels of indicators that the form prints in all its years and the table lacks."""
    if len(forms) != 1:
        return []
    found = {indicator.code for indicator in indicators}
    return [row.label for row in form_rows()[forms[0]] if row.code not in found and not is_optional(row)]


def _missing_note(table: int, form: str, labels: Sequence[str]) -> ReadingNote:
    message = f"The 统计表 fits form {form} and lacks: {'; '.join(labels)}."
    return ReadingNote("missing_row", table, None, None, message)


def _periodic_note(table: int, word: str) -> ReadingNote:
    message = f"A monthly or quarterly 统计表 ({word}); only annual figures are loaded, none of it is taken."
    return ReadingNote("periodic_table", table, None, None, message)


def _lossy_note(table: int) -> ReadingNote:
    message = "The text of the 统计表 lost figures: labels stand without as many as it has columns; none is taken."
    return ReadingNote("lossy_text", table, None, None, message)
