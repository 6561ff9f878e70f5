"""Comma-separated values within a text: which lines are records of a table, and only where that is certain.

A comma parts fields in one place and thousands in another, and nothing in a line says which. What is certain is a
rectangle: a header and records that all have as many fields as it (RFC 4180), as every spreadsheet writes them. A
figure 1,024 typed without quotes gives its record a field too many, which ends the rectangle.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

_DELIMITERS = (",", ";")
_FEWEST_DELIMITERS = 20  # of a text that may hold a table; prose of Chinese has its own comma
_FEWEST_FIELDS, _FEWEST_RECORDS, _FEWEST_FIGURES = 3, 3, 3
_LONG_RUN = 8  # records that are a table with a single figure: 表二 of a small agency has few others than blanks
_FEWEST_PAIRS = 60  # records of one label and its figure: prose has a comma a line as well
_ONE_RECORD = 2  # a header of as many names, and what they are
_LONGEST_FIELD = 400  # a label with all its guidance has about 150 characters
_HEAD, _TAIL = re.compile(r"[-+]?[1-9]\d{0,2}"), re.compile(r"0\d\d")
_GUARD = re.compile(r'="([^"]*)"\Z')  # around what a spreadsheet shall take as it is
_FIGURE = re.compile(r"[-+]?\d[\d,.]*|[-/—－]{1,2}")


class CommaTable(NamedTuple):
    """A table: the text before it, and its records."""

    before: str
    rows: list[list[str]]


class _Record(NamedTuple):
    first_line: int
    last_line: int
    fields: list[str]


def part_comma_tables(text: str) -> tuple[list[CommaTable], str]:
    r"""Return the tables of comma-separated values, each with the text before it, and the text behind the last.

    Records that hold one text alone, in front of a table, are its title and stay text.

    >>> part_comma_tables("题\n信息,制发,废止\n规章,1,0\n文件,3,,\n" + "x,y,z\n" * 9)[0]
    []
    >>> (found,), rest = part_comma_tables("题,,\n信息,制发,废止\n规章,1,0\n文件,3,\n" + "其他,0,0\n" * 9 + "完")
    >>> found.before, found.rows[1], found.rows[2], rest
    ('题\n', ['规章', '1', '0'], ['文件', '3', ''], '完')
    """
    for delimiter in _DELIMITERS:
        if text.count(delimiter) >= _FEWEST_DELIMITERS:
            lines = text.splitlines(keepends=True)
            tables, at = [], 0
            for run in _runs(_records(lines, delimiter)):
                titles, rows = _part_titles(run)
                before = "".join(lines[at : run[0].first_line]) + "".join(f"{title}\n" for title in titles)
                tables.append(CommaTable(before, rows))
                at = run[-1].last_line
            if tables:
                return tables, "".join(lines[at:])
    return [], text


def _records(lines: Sequence[str], delimiter: str) -> Iterator[_Record]:
    """Yield the records up to the first that breaks the rules of quoting."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    first = 0
    try:
        for fields in reader:
            yield _Record(first, reader.line_num, [_GUARD.sub(r"\1", field.strip()) for field in fields])
            first = reader.line_num
    except csv.Error:
        return


def _runs(records: Iterable[_Record]) -> Iterator[list[_Record]]:
    """Yield the records of each table: those of one width, or all between two empty lines where blanks were cut off.

    Programs that leave out the commas behind a line's last text end no line with one. What was cut off stays so: that
    it was blank is for the row's neighbours to say.
    """
    for is_filled, group in groupby(records, key=lambda record: bool(record.fields)):
        block = list(group) if is_filled else []
        widths = [len(record.fields) for record in block]
        full = max(widths, default=0)
        end = max((number for number, width in enumerate(widths, start=1) if width > 1), default=0)
        is_cut = all(record.fields[-1] for record in block if len(record.fields) < full)
        if full >= _FEWEST_FIELDS and is_cut and widths.count(full) > 1 and _is_table(block[:end]):
            yield block[:end]
        else:
            yield from _rectangles(block)


def _rectangles(records: Iterable[_Record]) -> Iterator[list[_Record]]:
    run: list[_Record] = []
    for record in records:
        if run and len(record.fields) != len(run[0].fields):
            if _is_table(run):
                yield run
            run = []
        run.append(record)
    if run and _is_table(run):
        yield run


def _is_table(run: Sequence[_Record]) -> bool:
    """Tell whether records of one width have labels over figures."""
    is_one = len(run) == _ONE_RECORD and len(run[0].fields) >= _FEWEST_PAIRS
    is_short = len(run) < _FEWEST_RECORDS and not is_one
    if is_short or (max(len(record.fields) for record in run) < _FEWEST_FIELDS and not _are_pairs(run)):
        return False
    figures = [sum(_FIGURE.fullmatch(field) is not None for field in record.fields) for record in run]
    filled = [sum(map(bool, record.fields)) for record in run]
    # A data frame numbers its rows in front of them, so that all of them have a figure there.
    named = [not any(map(_FIGURE.fullmatch, record.fields[1:])) for record in run]
    has_header = any(count > 1 and is_named for count, is_named in zip(filled, named, strict=True))
    # 1,024 without quotes, where the record lost another field: no count begins with a nought.
    pairs = (pair for record in run for pair in pairwise(record.fields))
    is_torn = any(_HEAD.fullmatch(before) and _TAIL.fullmatch(field) for before, field in pairs)
    is_terse = all(len(field) <= _LONGEST_FIELD for record in run for field in record.fields)
    fewest = _FEWEST_FIGURES if len(run) < _LONG_RUN else 1
    return has_header and sum(figures) >= fewest and is_terse and not is_torn


def _are_pairs(run: Sequence[_Record]) -> bool:
    """Tell whether records are labels with one figure each, below a head."""
    if len(run) < _FEWEST_PAIRS or len(run[0].fields) == 1:
        return False
    return all(not record.fields[1] or _FIGURE.fullmatch(record.fields[1]) for record in run[2:])


def _part_titles(run: Sequence[_Record]) -> tuple[list[str], list[list[str]]]:
    titles: list[str] = []
    for number, record in enumerate(run):
        if not record.fields[0] or any(record.fields[1:]):
            return titles, [record.fields for record in run[number:]]
        titles.append(record.fields[0])
    return titles, []
