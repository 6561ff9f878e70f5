"""The list of sites, `data/sources.csv`: read, and proved before anything is asked of anybody."""

import csv
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import polars as pl

from pipelines.errors import UsageError
from pipelines.staging.store import read_review
from schemas.portal import Portal, load_link_words, load_portals
from schemas.table import ColumnSpec, table


@dataclass(frozen=True, slots=True)
class Source:
    """One line of the list.

    Attributes:
        pattern: What the title or address of a report holds.
    """

    name: str
    agency: str
    portal: Portal
    url: str
    pattern: re.Pattern[str]
    from_year: int | None
    to_year: int | None

    @property
    def only_year(self) -> int | None:
        """The one report year that it is about, where there is only one."""
        return self.from_year if self.from_year == self.to_year else None

    def wants(self, year: int | None) -> bool:
        """Tell whether a report of this year is wanted; one whose title names no year is."""
        if year is None:
            return True
        return (self.from_year or year) <= year <= (self.to_year or year)


def load_sources(path: Path) -> list[Source]:
    """Return the sources of a list; none where there is no file.

    Raises:
        UsageError: With every line that cannot be understood, and what to write instead.
    """
    text = read_review(path)
    if not text.strip():
        return []
    frame = _read_frame(path, text)
    problems = [*_column_problems(frame), *_line_problems(frame)]
    if problems:
        shown = "; ".join(f"line {line}: {problem}" for line, problem in sorted(set(problems)))
        raise UsageError(f"{path}: {shown}")
    return [_source(row) for row in frame.iter_rows(named=True)]


def choose_sources(sources: list[Source], names: Collection[str]) -> list[Source]:
    """Return the sources of these names, all of them where none is named.

    Raises:
        UsageError: A name is not in the list.
    """
    unknown = sorted(set(names) - {source.name for source in sources})
    if unknown:
        listed = ", ".join(source.name for source in sources[:20]) or "none"
        raise UsageError(f"no source is called {unknown[0]!r}; data/sources.csv lists {listed}")
    return [source for source in sources if not names or source.name in names]


def _read_frame(path: Path, text: str) -> pl.DataFrame:
    spec = table("sources")
    reader = csv.DictReader(StringIO(text, newline=""))
    columns = [column.name for column in spec.columns]
    if list(reader.fieldnames or ()) != columns:
        raise UsageError(f"{path}: the first line must be {','.join(columns)}")
    rows = []
    for row in reader:
        line = reader.line_num
        if None in row or None in row.values():
            raise UsageError(f"{path}: line {line}: it must have {len(columns)} fields; quote one that holds a comma")
        rows.append({name: value.strip() or None for name, value in row.items()})
        for name in ("from_year", "to_year"):
            value = rows[-1][name]
            if value is not None and not re.fullmatch("[0-9]{4}", value):
                raise UsageError(f"{path}: line {line}: {name} must be a year such as 2021, or empty, not {value!r}")
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String))
    return spec.conform(frame)


def _column_problems(frame: pl.DataFrame) -> Iterator[tuple[int, str]]:
    """Yield line and problem of every value that its column does not allow, as Pandera finds them."""
    from schemas.validation import list_violations  # half a second for Pandera, and only for this

    columns = {column.name: column for column in table("sources").columns}
    for name, index in list_violations("sources", frame):
        yield index + 2, _advice(columns[name], frame[name][index])
    yield from _same_names(frame)


def _advice(column: ColumnSpec, value: object) -> str:
    allowed = f" ({', '.join(column.allowed_values)})" if column.allowed_values else ""
    allowed += f" ({column.min} or later)" if column.min is not None else ""
    found = "it is empty" if value is None else f"{value!r} is not that"
    return f"{column.name} must be: {column.en.rstrip('.')}{allowed}; {found}"


def _same_names(frame: pl.DataFrame) -> Iterator[tuple[int, str]]:
    numbered = frame.with_row_index("line", offset=2).filter(pl.col("source").is_duplicated())
    for line, name in numbered.select("line", "source").iter_rows():
        yield line, f"source {name!r} stands in the list twice; give each its own name"


def _line_problems(frame: pl.DataFrame) -> Iterator[tuple[int, str]]:
    """Yield what no column can tell alone."""
    for line, row in enumerate(frame.iter_rows(named=True), start=2):
        if row["from_year"] and row["to_year"] and row["from_year"] > row["to_year"]:
            yield line, f"from_year {row['from_year']} is after to_year {row['to_year']}"
        try:
            _ = httpx.URL(row["url"] or "").host, urlsplit(row["url"] or "")  # each finds out what the other lets pass
        except (httpx.InvalidURL, ValueError) as error:
            yield line, f"url {row['url']!r} is no address ({error})"
        try:
            re.compile(row["pattern"] or "")
        except re.error as error:
            yield line, f"pattern {row['pattern']!r} is no regular expression ({error})"


def _source(row: dict[str, Any]) -> Source:
    return Source(
        name=row["source"],
        agency=row["agency"],
        portal=load_portals()[row["family"]],
        url=row["url"],
        pattern=re.compile(row["pattern"] or load_link_words().report),
        from_year=row["from_year"],
        to_year=row["to_year"],
    )
