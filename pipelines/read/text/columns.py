"""Columns of fixed width within a text: a table pasted so that its columns stand under one another.

What is certain is the place: columns are taken only where, in every line with figures, the same stretches are blank and
each figure stands alone between two of them. Then a blank is a blank, which fields counted from the left never tell.
Chinese characters are two places wide, as in every font that such a paste was made in; quotation marks and dashes are
two or one, and where both ways fit and differ, the lines stay text.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple
from unicodedata import east_asian_width

from pipelines.read.metadata import is_section_heading
from pipelines.read.text.rows import is_figure_field, is_page_number
from schemas.document import load_document_words

_GAP = re.compile(r"[ \xa0]{2,}|[ \xa0]*\u3000[ \xa0\u3000]*")
_INNER = re.compile(r"\S[ \xa0]{2}|\S[ \xa0]?\u3000")
# What takes two places: quotation marks do so in Chinese fonts alone, and where a program counts characters, nothing.
_WIDTHS = (frozenset("WF"), frozenset("WFA"), frozenset[str]())
_FEWEST_RECORDS, _FEWEST_FIGURES = 3, 2
_CELL_MARKS = ("\t", "|", "&")  # what other ways of writing tables part cells with
_SEVERAL = re.compile(r"[-+]?\d[\d.,]*(?:[ \xa0]+[-+]?\d[\d.,]*)+")
_GUTTER = 2  # places between two columns; nearer ones are one that strays
_OFF_CENTRE = 2  # half places by which a figure may stand off the middle of its label
_LONG_RECORD = 5  # figures of a record that is a table without others, as in 表四
_MOST_PLACES = 600  # of a line: the labels of 表三 and seven columns take 200
_MOST_LINES = 400  # of a table: 表三 with its heads has 28
_MOST_BLANKS = 1  # empty lines within a table, as where a page breaks


class ColumnTable(NamedTuple):
    """A table: the text before it, and its rows."""

    before: str
    rows: list[list[str]]


class _Field(NamedTuple):
    start: int
    end: int
    text: str


_Line = Sequence[_Field]


def part_column_tables(text: str) -> tuple[list[ColumnTable], str]:
    r"""Return the tables of columns of fixed width, each with the text before it, and the text behind the last.

    >>> (found,), rest = part_column_tables(
    ...     "题\n\n内容    制发  废止\n规章    3     12\n文件          4\n许可    1     0\n\n完"
    ... )
    >>> found.before, found.rows, rest
    ('题\n\n', [['内容', '制发', '废止'], ['规章', '3', '12'], ['文件', '', '4'], ['许可', '1', '0']], '\n完')
    """
    if _INNER.search(text) is None:
        return [], text
    lines = text.splitlines(keepends=True)
    tables: list[ColumnTable] = []
    at = 0
    for first, last in _runs(lines):
        rows = _read_rows([line for line in lines[first:last] if line.strip()])
        if rows is not None:
            tables.append(ColumnTable("".join(lines[at:first]), rows))
            at = last
    return tables, "".join(lines[at:])


def _runs(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the first line of each run that may be a table, and the line behind its last figures.

    An empty line ends what has no figures yet: a title stands over it. Where one stands behind every line, each is a
    paragraph, and it takes one more.
    """
    start, last, blanks = -1, -1, 0
    usual = 0 if any(line.strip() and below.strip() for line, below in pairwise(lines)) else 1
    for number, line in enumerate(lines):
        if not line.strip() or is_page_number(line):
            blanks += 1
            continue
        is_row = _may_be_row(line)
        if start >= 0 and (not is_row or blanks > usual + (_MOST_BLANKS if last > start else 0)):
            if last > start:
                yield start, last
            start = -1
        if is_row:
            start = number if start < 0 else start
            last = number + 1 if _has_figures(line) else last
        blanks = 0
    if 0 <= start < last:
        yield start, last


def _may_be_row(line: str) -> bool:
    """Tell whether a line may be a row, a head or a caption of a table."""
    marks = (*load_document_words().text.sentence_marks, *_CELL_MARKS)
    if len(line) > _MOST_PLACES or any(mark in line for mark in marks):
        return False
    return not is_section_heading(line.strip()) or _has_figures(line)


def _has_figures(line: str) -> bool:
    return any(map(_is_figure, _fields(line)))


def _fields(line: str, wide: frozenset[str] = _WIDTHS[0]) -> list[_Field]:
    """Return the fields of a line that wide gaps part, and the places that they take.

    >>> _fields("规章  3  12")
    [_Field(start=0, end=4, text='规章'), _Field(start=6, end=7, text='3'), _Field(start=9, end=11, text='12')]
    """
    line = line.rstrip()
    places = [0]
    for character in line:
        places.append(places[-1] + (2 if east_asian_width(character) in wide else 1))
    found = []
    at = len(line) - len(line.lstrip())
    for gap in [*_GAP.finditer(line, at), None]:
        end = gap.start() if gap else len(line)
        if end > at:
            found.append(_Field(places[at], places[end], line[at:end]))
        at = gap.end() if gap else end
    return found


def _read_rows(lines: Sequence[str]) -> list[list[str]] | None:
    """Return the rows of a run of lines, None where its columns are not clear."""
    ways = [[_fields(line, wide) for line in lines] for wide in _WIDTHS]
    found = [rows for rows in map(_set_rows, ways[ways[0] == ways[1] :]) if rows is not None]
    return found[0] if found and all(rows == found[0] for rows in found) else None


def _set_rows(parted: Sequence[_Line]) -> list[list[str]] | None:
    """Return the rows of lines that are parted into fields, None where their columns are not clear."""
    records = [fields for fields in parted if _is_record(fields)]
    figures = sum(map(_is_figure, (field for fields in records for field in fields)))
    most = max((sum(map(_is_figure, fields)) for fields in records), default=0)
    is_table = len(records) >= _FEWEST_RECORDS or most >= _LONG_RECORD
    if any(_SEVERAL.fullmatch(field.text) for fields in parted for field in fields):
        return None  # columns so near one another that their figures make one field
    if max(map(len, records), default=0) < 2:
        return None  # one field a line: nothing stands beside anything
    if not is_table or figures < _FEWEST_FIGURES * len(records) / 2 or len(parted) > _MOST_LINES:
        return None
    parts = list(map(_set_under, _sections(parted)))
    return _set_under(parted) if None in parts else [row for part in parts for row in part or ()]


def _is_record(fields: _Line) -> bool:
    return any(map(_is_figure, fields))


def _sections(parted: Sequence[_Line]) -> list[Sequence[_Line]]:
    """Return the lines of a table by the heads among them, each with its caption: a clause has its own columns.

    >>> lines = ["（一）", "内容  制发", "规章  3", "文件", "（五）", "内容  决定", "许可  4"]
    >>> [len(section) for section in _sections(list(map(_fields, lines)))]
    [4, 3]
    """
    starts = [0]
    above = next((number for number, fields in enumerate(parted) if _is_record(fields)), len(parted))
    for number in range(above + 1, len(parted)):
        if _is_record(parted[number]):
            heads = [place for place in range(above + 1, number) if len(parted[place]) > 1]
            if heads:
                starts.append(max(heads[0] - 1, above + 1))
            above = number
    return [parted[start:end] for start, end in pairwise([*starts, len(parted)])]


def _set_under(parted: Sequence[_Line]) -> list[list[str]] | None:
    """Return the rows of lines that all stand under the same columns."""
    first = next((number for number, fields in enumerate(parted) if _is_record(fields)), len(parted))
    columns = _columns(parted[first:], parted[:first])
    if columns is None:
        return None
    records = [fields for fields in parted if _is_record(fields)]
    if not _is_padded(records) and any(sum(map(_is_figure, fields)) < len(columns) for fields in records):
        return None
    labels = _label_starts(parted, columns[0][0])
    rows = []
    for fields in parted:
        row = [""] * (len(labels) + len(columns))
        for field in fields:
            place = _place(field, labels, columns)
            if place is None or row[place]:
                return None
            row[place] = field.text
        rows.append(row)
    return rows


def _is_padded(records: Sequence[_Line]) -> bool:
    """Tell whether gaps in front of figures differ, as they do where these are set under one another.

    Where all are alike, fields were joined and blanks may have been left out: then the place of a figure says nothing.
    """
    pairs = (pair for fields in records for pair in pairwise(fields) if _is_figure(pair[1]))
    return len({after.start - before.end for before, after in pairs}) > 1


def _columns(lines: Sequence[_Line], heads: Sequence[_Line]) -> list[tuple[int, int]] | None:
    """Return the stretches that figures take where no line has two in one, and none has a label in one.

    Args:
        lines: From the first with figures on.
        heads: Those above.
    """
    records = [fields for fields in lines if _is_record(fields)]
    taken: list[tuple[int, int]] = []
    for start, end in sorted((field.start, field.end) for fields in records for field in filter(_is_figure, fields)):
        if taken and start < taken[-1][1] + _GUTTER:
            taken[-1] = taken[-1][0], max(taken[-1][1], end)
        else:
            taken.append((start, end))
    for fields in records:
        held = [_columns_of(field, taken) for field in fields]
        figures = [own[0] for field, own in zip(fields, held, strict=True) if _is_figure(field)]
        if len(set(figures)) < len(figures) or any(
            own and not _is_figure(field) for field, own in zip(fields, held, strict=True)
        ):
            return None
    # A column that strays is two: then not each has a label of its own, nor does any line fill them all.
    is_filled = any(sum(map(_is_figure, fields)) == len(taken) for fields in records)
    return _headed_columns(taken, lines, heads) or (taken if is_filled else None)


def _headed_columns(
    taken: Sequence[tuple[int, int]], lines: Sequence[_Line], heads: Sequence[_Line]
) -> list[tuple[int, int]] | None:
    """Return the columns with those that are blank in every line, as their heads say.

    None where a column of figures has not one lowest label above it that stands above no other, and where figures and
    labels do not all begin, end or have their middle in one place: what strays a little may stray by a column.
    """
    labels_end = max((field.end for fields in lines for field in fields if field.end <= taken[0][0]), default=0)
    columns = list(taken)
    wide = list(taken)  # with the labels above
    for fields in reversed(heads):
        for field in fields:
            under = _columns_of(field, wide)
            if len(under) == 1:
                start, end = wide[under[0]]
                wide[under[0]] = min(start, field.start), max(end, field.end)
            elif not under and field.start >= labels_end:
                columns.append((field.start, field.end))
                wide.append((field.start, field.end))
    below: dict[tuple[int, int], _Field] = {}
    for column in columns:
        lowest = next((one for head in reversed(heads) for one in head if _columns_of(one, [column])), None)
        if lowest is None or len(_columns_of(lowest, columns)) > 1:
            return None
        below[column] = lowest
    figures = [field for fields in lines for field in fields if _is_figure(field)]
    pairs = [(field, below[columns[_columns_of(field, columns)[0]]]) for field in figures]
    is_set = (
        all(field.start == head.start for field, head in pairs)
        or all(field.end == head.end for field, head in pairs)
        or all(abs(field.start + field.end - head.start - head.end) <= _OFF_CENTRE for field, head in pairs)
    )
    return sorted(columns) if is_set else None


def _columns_of(field: _Field, columns: Sequence[tuple[int, int]]) -> list[int]:
    """Return the columns into which a field reaches."""
    return [number for number, (start, end) in enumerate(columns) if field.start < end and field.end > start]


def _is_figure(field: _Field) -> bool:
    return is_figure_field(field.text)


def _label_starts(parted: Sequence[_Line], first: int) -> list[int]:
    """Return where labels begin in front of the first column of figures, those of one line in as many columns."""
    starts = sorted({field.start for fields in parted for field in fields if field.end <= first})
    return starts or [0]


def _place(field: _Field, labels: Sequence[int], columns: Sequence[tuple[int, int]]) -> int | None:
    """Return the column of a field, counted over labels and figures: where it begins, or the first that it covers."""
    if field.end <= columns[0][0]:
        return labels.index(field.start)
    covered = _columns_of(field, columns)
    return len(labels) + covered[0] if covered else None
