"""`gongkai export --xlsx`: what was chosen of the warehouse as a workbook for people who do not write SQL."""

import io
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import duckdb
import xlsxwriter

from pipelines.errors import UsageError
from pipelines.present.output import written_whole
from schemas.measure import expand_marks, measures, rates

MOST_ROWS: Final = 1_048_576
"""Rows of a sheet in Excel, its heading included."""
_MOST_CHARACTERS = 32_767  # of a cell
_WIDTHS = {"VARCHAR": 16, "BOOLEAN": 9, "DATE": 12}
_LONG = {
    "agency_name": 34,
    "title": 40,
    "path": 48,
    "description_zh": 44,
    "description_en": 60,
    "caveat": 50,
    "formula": 36,
}
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, what it shows, and the query that it shows."""

    name: str
    en: str
    zh: str
    query: str
    is_detail: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a sheet."""

    name: str
    rows: int


def write_workbook(
    connection: duckdb.DuckDBPyConnection, path: Path, facts: Mapping[str, str], *, with_details: bool = True
) -> list[Written]:
    """Write a workbook of the reports in the temporary table `chosen`; nothing is written where a sheet would not fit.

    Every text is a text: what begins with `=` in a report is shown and never calculated, and no address becomes a link.

    Args:
        connection: The warehouse, with `chosen` filled (`pipelines.present.choice`).
        path: The file; replaced where it exists.
        facts: What the first sheet says of the export, name → value.
        with_details: Whether the sheets with many rows a report are written.

    Raises:
        UsageError: A sheet has more rows than Excel can hold, or the file cannot be written.
    """
    if not path.absolute().parent.is_dir():
        raise UsageError(f"{path} cannot be written: there is no folder {path.absolute().parent}")
    sheets = [sheet for sheet in load_sheets() if with_details or not sheet.is_detail]
    counts = {sheet.name: _count(connection, sheet) for sheet in sheets}
    _require_room(counts)
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    }  # fmt: skip
    packed = io.BytesIO()
    try:
        with xlsxwriter.Workbook(packed, options) as book:
            pen = _Pen(book)
            pen.write_cover(sheets, counts, facts)
            for sheet in sheets:
                pen.write_sheet(connection, sheet, counts[sheet.name])
        with written_whole(path) as file:
            file.write_bytes(packed.getbuffer())
    except (OSError, xlsxwriter.exceptions.XlsxWriterException) as error:
        raise UsageError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}") from error
    return [Written(name, rows) for name, rows in counts.items()]


@cache
def load_sheets() -> tuple[Sheet, ...]:
    """Return the sheets in order."""
    marks = {"{rate_names}": ", ".join(f"y.{rate.name}" for rate in rates())}
    found = []
    for entry in _read()["sheets"]:
        query = entry["query"].strip()
        for mark, sql in marks.items():
            query = query.replace(mark, sql)
        found.append(Sheet(**{**entry, "query": expand_marks(query)}))
    return tuple(found)


def headings() -> Mapping[str, tuple[str, str | None]]:
    """Return the Chinese heading and the unit of every column that a sheet may have."""
    own = {name: (zh, None) for name, zh in _read()["headings"].items()}
    counted = {measure.name: (measure.name_zh, measure.unit) for measure in measures()}
    return own | counted | {rate.name: (rate.name_zh, "%") for rate in rates()}


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads((files("pipelines.present") / "sheets.toml").read_text(encoding="utf-8"))


def _count(connection: duckdb.DuckDBPyConnection, sheet: Sheet) -> int:
    [(count,)] = connection.execute(f"SELECT count(*) FROM ({sheet.query})").fetchall()  # noqa: S608 - ours
    return int(count)


def _require_room(counts: Mapping[str, int]) -> None:
    full = [f"{name} has {rows:,}" for name, rows in counts.items() if rows >= MOST_ROWS]
    if full:
        raise UsageError(
            f"a sheet of Excel holds {MOST_ROWS - 1:,} rows, and {', '.join(full)}: choose fewer reports by --region, "
            "--agency, --sector or --years, leave the details out by --summary, or take the Parquet files"
        )


class _Pen:
    """Writes sheets in one look."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EEF4", "bottom": 1}
        )
        self.strong = book.add_format({"bold": True})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.text = book.add_format({})
        self.quoted = book.add_format({"quote_prefix": True})
        self.number = book.add_format({"num_format": "#,##0.######"})
        self.whole = book.add_format({"num_format": "#,##0"})
        self.year = book.add_format({"num_format": "0"})
        self.share = book.add_format({"num_format": "0.0%"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})

    def write_cover(self, sheets: Sequence[Sheet], counts: Mapping[str, int], facts: Mapping[str, str]) -> None:
        page = self.book.add_worksheet("说明")
        page.set_column(0, 0, 26)
        page.set_column(1, 1, 100)
        page.write_string(0, 0, "政府信息公开年报数据 / Disclosure reports", self.title)
        row = 2
        for name, value in facts.items():
            page.write_string(row, 0, name, self.strong)
            self.write_text(page, row, 1, value)
            row += 1
        for entry in _read()["notes"]:
            row += 1
            page.write_string(row, 0, "注意 / Note", self.strong)
            page.write_string(row, 1, f"{entry['zh']}\n{entry['en']}", self.wrapped)
            page.set_row(row, 32)
        row += 2
        for sheet in sheets:
            page.write_url(row, 0, f"internal:'{sheet.name}'!A1", string=sheet.name)
            page.write_string(row, 1, f"{sheet.zh} / {sheet.en}: {counts[sheet.name]:,}")
            row += 1

    def write_sheet(self, connection: duckdb.DuckDBPyConnection, sheet: Sheet, rows: int) -> None:
        """Write a heading that stays, a filter over it, and the rows."""
        answer = connection.execute(sheet.query)
        columns = [(column[0], str(column[1])) for column in answer.description or ()]
        page = self.book.add_worksheet(sheet.name)
        named = headings()
        for place, (name, kind) in enumerate(columns):
            zh, unit = named[name]
            page.set_column(place, place, _LONG.get(name) or _WIDTHS.get(kind, 13))
            page.write_string(0, place, f"{zh}{f'（{unit}）' if unit else ''}\n{name}", self.head)
        # A row is written once and for all in constant memory: its height comes before the next.
        page.set_row(0, 48)
        page.freeze_panes(1, 2 if columns[0][0] == "agency_name" else 1)
        page.autofilter(0, 0, rows, len(columns) - 1)
        shares = {name for name, (_, unit) in named.items() if unit == "%"}
        number = 0
        while batch := answer.fetchmany(_BATCH):
            for values in batch:
                number += 1
                for place, value in enumerate(values):
                    name = columns[place][0]
                    self.write_value(page, number, place, value, "share" if name in shares else name)

    def write_value(self, page: Any, row: int, column: int, value: object, name: str) -> None:  # noqa: ANN401 - untyped
        """Write one value as what it is; null leaves the cell empty."""
        if value is None:
            return
        if isinstance(value, bool):
            page.write_string(row, column, "是" if value else "否")
        elif isinstance(value, int | float):
            page.write_number(row, column, value, self._format_of(value, name))
        elif isinstance(value, date | datetime):
            page.write_datetime(row, column, value, self.day)
        else:
            self.write_text(page, row, column, str(value))

    def write_text(self, page: Any, row: int, column: int, text: str) -> None:  # noqa: ANN401 - untyped
        """Write a text that no program takes for a formula, not even once somebody edits the cell."""
        cut = text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 1]}…"
        page.write_string(row, column, cut, self.quoted if cut.startswith(STARTS_A_FORMULA) else self.text)

    def _format_of(self, value: float, name: str) -> Any:  # noqa: ANN401 - untyped
        if name == "share":
            return self.share
        if name == "year":
            return self.year
        return self.whole if float(value).is_integer() else self.number
