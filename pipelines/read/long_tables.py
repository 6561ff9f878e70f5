"""Statistic tables in the long format of databases and data frames, a record for each figure, made wide again.

表名 | 行标签 | 列标签 | 数值, groups in front of labels where a mark parts them (申请人情况/自然人), or one label for
row and column together. A record says everything of its figure, so that records are set beside one another by what they
say alone: those that differ in the label of the column are one row. A table of one record (a row of paths, a row of
figures) is turned first. What the labels mean is for the next stage to say. Nearly all tables tell by the width of
their last row that they are none.
"""

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise

from pipelines.read.model import Block, Cell, Document
from schemas.form import Clause, load_forms
from schemas.vocabulary import BlockKind

_FEWEST_RECORDS, _FEWEST_FIELDS, _MOST_LABELS, _MOST_HEAD_ROWS = 60, 2, 4, 6
_LEAST_ALIKE = 2  # labels of pairs
_WIDE_ROWS = 2  # of a table that is one record
_FIGURE = re.compile(r"[-+]?\d[\d,.]*|[-/—－]{0,2}")
_YEAR = re.compile(r"(20\d\d)(?:年度?)?")
_JOINTS = ("/", "／", "->", "→", ">", "－", "-", "—", "|", "_")
_GUARD = "\ufffe"  # in the place of a joint that is part of a label

_Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Record:
    """What one figure is of: its table, clause, row and column, and what is printed."""

    heads: _Path
    row: _Path
    column: _Path
    text: str


def widen_long_tables(document: Document) -> None:
    """Put each table of records in the shape in which the form prints it."""
    for number, printed in enumerate(document.tables):
        cells = printed
        if cells and cells[-1][0] == _WIDE_ROWS and cells[-1][1] >= _FEWEST_RECORDS:
            cells = _turn_record(cells) or cells
        if cells and cells[-1][0] >= _FEWEST_RECORDS and cells[-1][1] <= _MOST_LABELS + 3:
            document.tables[number] = _widen(cells, document) or cells


def _widen(cells: Sequence[Cell], document: Document) -> list[Cell] | None:
    rows = [list(group) for _, group in groupby(cells, key=lambda cell: cell[0])]
    width = len(rows[-1])
    start = _first_record(rows, width)
    if width < _FEWEST_FIELDS or start is None:
        return None
    fields = [[cell[4].strip() for cell in row] for row in rows[start:]]
    blocks = _blocks(list(_records([row[:-1] for row in fields], [row[-1] for row in fields])))
    if blocks is None:
        return None
    facts = [(row[0][4].strip(), row[1][4].strip()) for row in rows[:start] if len(row) == _FEWEST_FIELDS]
    if start and len(rows[start - 1]) == width:
        alike = (at for at in range(width - 1) if len({row[at] for row in fields}) == 1)
        facts += [(rows[start - 1][at][4].strip(), fields[0][at]) for at in alike]
    document.blocks[:0] = [Block(BlockKind.METADATA, value, label=label) for label, value in facts if label and value]
    # A table of another year than the report is told by its first cell.
    years = sorted({match[1] for _, value in facts if (match := _YEAR.fullmatch(value))})
    # The row above the records names their fields, unless it says whose they are (年度, 2021).
    is_fact = start > 0 and any(_FIGURE.fullmatch(cell[4].strip()) for cell in rows[start - 1])
    grid = [[f"{year}年"] for year in years]
    grid += [[cell[4] for cell in row] for row in rows[: start if is_fact else max(0, start - 1)]]
    kept = [
        (at, place, 1, 1 if len(row) > 1 else width, text)
        for at, row in enumerate(grid, start=1)
        for place, text in enumerate(row, start=1)
    ]
    return kept + list(_lay_out(blocks, first=len(grid) + 1))


def _first_record(rows: Sequence[Sequence[Cell]], width: int) -> int | None:
    """Return how many rows stand above the records, None where others follow them.

    Each record may say again of which year it is.
    """
    last = rows[-_FEWEST_RECORDS:]
    texts = [{row[at][4].strip() if at < len(row) else "" for row in last} for at in range(width - 1)]
    dated = {at for at, found in enumerate(texts) if len(found) == 1 and all(map(_YEAR.fullmatch, found))}
    joint = _joint([row[0][4] for row in rows]) if width == _FEWEST_FIELDS else None
    heads = [
        at
        for at, row in enumerate(rows[:_MOST_HEAD_ROWS], start=1)
        if not _is_record(row, width, dated) or (joint is not None and joint not in _guard(row[0][4]))
    ]
    start = heads[-1] if heads else 0
    records = rows[start:]
    if len(records) < _FEWEST_RECORDS or not all(_is_record(row, width, dated) for row in records):
        return None
    return None if any(len({row[at][4].strip() for row in records}) > 1 for at in dated) else start


def _is_record(row: Sequence[Cell], width: int, dated: Container[int]) -> bool:
    if len(row) != width or any(cell[2:4] != (1, 1) for cell in row):
        return False
    *labels, figure = (cell[4].strip() for cell in row)
    is_named = all(at in dated or (label and _FIGURE.fullmatch(label) is None) for at, label in enumerate(labels))
    return is_named and _FIGURE.fullmatch(figure) is not None


def _turn_record(cells: Sequence[Cell]) -> list[Cell] | None:
    """Return a table that is one record (a row of names, a row of figures) with a name and its figure in each row."""
    names, values = ({cell[1]: cell[4] for cell in cells if cell[0] == row} for row in (1, 2))
    is_plain = names.keys() == values.keys() and all(cell[2:4] == (1, 1) for cell in cells)
    figures = sum(_FIGURE.fullmatch(text.strip()) is not None for text in values.values())
    is_named = not any(_FIGURE.fullmatch(name.strip()) for name in names.values())
    if not is_plain or not is_named or figures < _FEWEST_RECORDS:
        return None
    return [(at, place, 1, 1, pair) for at in sorted(names) for place, pair in ((1, names[at]), (2, values[at]))]


def split_paths(rows: Sequence[list[str]]) -> list[list[str]]:
    """Return rows of labels with a figure each, the labels parted where most are paths (予以公开-自然人).

    A label alone is one with a blank where it, or the last one of its path, has figures elsewhere.
    """
    joint = _joint([row[0] for row in rows if len(row) > 1])
    paths = [_split(row[0], joint) for row in rows]
    ends = Counter(path[-1:] for row, path in zip(rows, paths, strict=True) if len(row) > 1)
    return [
        row if len(row) == 1 and ends[path[-1:]] < _LEAST_ALIKE else [*path, *(row[1:] or [""])]
        for row, path in zip(rows, paths, strict=True)
    ]


def _records(labels: Sequence[list[str]], figures: Sequence[str]) -> Iterator[_Record]:
    """Yield the records; the label that changes most from one to the next is the column's, one that never does none.

    Where one field alone holds the form's names of columns in most records, it is that one.
    """
    count = len(labels[0])
    changes = [sum(before[at] != behind[at] for before, behind in pairwise(labels)) for at in range(count)]
    place = max(range(count), key=lambda at: (changes[at], at))
    named = [at for at in range(count) if changes[at] and 4 * _count_names(labels, at) > 3 * len(labels)]
    place = named[0] if len(named) == 1 else place
    joints = [_joint([row[at] for row in labels]) for at in range(count)]
    titles, captions, groups = _form_words()
    for row, figure in zip(labels, figures, strict=True):
        paths = [_split(text, joint) for text, joint in zip(row, joints, strict=True)]
        column = paths[place]
        path = tuple(part for at, own in enumerate(paths) if at != place and changes[at] for part in own)
        if not path:
            path = tuple(part for part in column[:-1] if part not in groups)
            column = column[-1:]
        heads = tuple(part for part in path if part in captions or part.endswith(titles))
        yield _Record(heads, tuple(part for part in path if part not in heads), column, figure)


def _joint(texts: Sequence[str]) -> str | None:
    """Return what parts a group from its label in one field of all records."""
    counts = {joint: sum(joint in _guard(text) for text in texts) for joint in _JOINTS}
    joint = max(_JOINTS, key=lambda mark: counts[mark])
    return joint if counts[joint] * 4 >= len(texts) else None


def _split(text: str, joint: str | None) -> _Path:
    if joint is None:
        return (text,)
    parts = (part.strip().replace(_GUARD, "/") for part in _guard(text).split(joint))
    return tuple(part for part in parts if part)


def _guard(text: str) -> str:
    return text.replace("增/减", f"增{_GUARD}减")


@cache
def _form_words() -> tuple[tuple[str, ...], frozenset[str], frozenset[str]]:
    """Return the titles of the form's tables, the captions of clauses, and the labels over several columns."""
    tables = [table for form in load_forms().values() for table in form.tables]
    clauses: list[Clause] = [clause for table in tables for clause in table.clauses]
    titles = {title for table in tables for title in (table.title, *table.title_variants)}
    captions = {text for clause in clauses for text in (clause.caption, *clause.caption_variants) if text}
    groups = {text for clause in clauses for group in clause.column_groups for text in group.spellings}
    groups.update(note for clause in clauses for note in clause.header_notes)
    return tuple(sorted(titles)), frozenset(captions), frozenset(groups)


def _count_names(labels: Sequence[list[str]], at: int) -> int:
    """Return in how many records a field is one of the form's names of columns."""
    return sum(row[at] in _column_names() for row in labels)


@cache
def _column_names() -> frozenset[str]:
    """Return what the form calls the columns of its tables."""
    clauses = [clause for form in load_forms().values() for table in form.tables for clause in table.clauses]
    return frozenset(text for clause in clauses for column in clause.columns for text in column.spellings)


def _blocks(records: Sequence[_Record]) -> list[list[list[_Record]]] | None:
    """Return rows of records under one header each; None where a row says a column twice, or no header holds two."""
    told: dict[tuple[_Path, _Path], list[_Record]] = {}
    for record in records:
        told.setdefault((record.heads, record.row), []).append(record)
    rows = list(told.values())
    if any(not row[0].row or len({record.column for record in row}) < len(row) for row in rows):
        return None
    blocks = [list(group) for _, group in groupby(rows, key=lambda row: (row[0].heads, _columns(row)))]
    is_wide = any(len(block) > 1 and len(block[0]) > 1 for block in blocks)
    return blocks if is_wide and len(blocks) * 2 <= len(records) else None


def _columns(row: Iterable[_Record]) -> tuple[_Path, ...]:
    return tuple(record.column for record in row)


def _lay_out(blocks: Sequence[list[list[_Record]]], first: int) -> Iterator[Cell]:
    """Yield the cells of the wide tables, one below another; `first` is the number of their first row."""
    at = first
    heads: _Path = ()
    for block in blocks:
        columns = _columns(block[0])
        labels = max(len(row[0].row) for row in block)
        for head in block[0][0].heads if block[0][0].heads != heads else ():
            yield at, 1, 1, labels + len(columns), head
            at += 1
        heads = block[0][0].heads
        depth = max(map(len, columns))
        yield from _header(columns, at, labels, depth)
        at += depth
        for row in block:
            yield from _labels(row[0].row, at, labels)
            yield from ((at, labels + place, 1, 1, record.text) for place, record in enumerate(row, start=1))
            at += 1


def _header(columns: Sequence[_Path], at: int, labels: int, depth: int) -> Iterator[Cell]:
    for level in range(depth):
        if level == 0:
            yield at, 1, depth, labels, ""
        place = labels + 1
        for key, group in groupby(columns, key=lambda path: (path[: level + 1], level < len(path) - 1)):
            path, is_group = key
            size = len(list(group))
            if level < len(path):
                yield at + level, place, 1 if is_group else depth - level, size, path[level]
            place += size


def _labels(path: _Path, at: int, labels: int) -> Iterator[Cell]:
    for place, label in enumerate(path, start=1):
        yield at, place, 1, labels - place + 1 if place == len(path) else 1, label
