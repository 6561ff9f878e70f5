"""Statistic tables in the long format of databases and data frames, a record for each figure, made wide again.

表名 | 行标签 | 列标签 | 数值, groups in front of labels where a mark parts them (申请人情况/自然人), or one label for
row and column together. A record says everything of its figure, so that records are set beside one another by what they
say alone: those that differ in the label that changes most are one row. What the labels mean is for the next stage to
say. Nearly all tables tell by the width of their last row that they are none.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise

from pipelines.read.model import Cell, Document
from schemas.form import Clause, load_forms

_FEWEST_RECORDS, _FEWEST_FIELDS, _MOST_LABELS, _MOST_HEAD_ROWS = 60, 2, 4, 6
_FIGURE = re.compile(r"[-+]?\d[\d,.]*|[-/—－]{0,2}")
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
    for number, cells in enumerate(document.tables):
        if cells and cells[-1][0] >= _FEWEST_RECORDS and cells[-1][1] <= _MOST_LABELS + 1:
            document.tables[number] = _widen(cells) or cells


def _widen(cells: Sequence[Cell]) -> list[Cell] | None:
    rows = [list(group) for _, group in groupby(cells, key=lambda cell: cell[0])]
    width = len(rows[-1])
    heads = [at for at, row in enumerate(rows[:_MOST_HEAD_ROWS], start=1) if not _is_record(row, width)]
    start = heads[-1] if heads else 0
    if width < _FEWEST_FIELDS or len(rows) - start < _FEWEST_RECORDS:
        return None
    if not all(_is_record(row, width) for row in rows[start:]):
        return None
    fields = [[cell[4].strip() for cell in row] for row in rows[start:]]
    records = list(_records([row[:-1] for row in fields], [row[-1] for row in fields]))
    blocks = _blocks(records)
    if blocks is None:
        return None
    # The row above the records names their fields.
    grid = [[cell[:5] for cell in row] for row in rows[: max(0, start - 1)]]
    kept = [cell for row in grid for cell in row]
    return kept + list(_lay_out(blocks, first=len(grid) + 1))


def _is_record(row: Sequence[Cell], width: int) -> bool:
    if len(row) != width or any(cell[2:4] != (1, 1) for cell in row):
        return False
    *labels, figure = (cell[4].strip() for cell in row)
    is_named = all(label and _FIGURE.fullmatch(label) is None for label in labels)
    return is_named and _FIGURE.fullmatch(figure) is not None


def _records(labels: Sequence[list[str]], figures: Sequence[str]) -> Iterator[_Record]:
    """Yield the records; the label that changes most from one to the next is the column's, one that never does none."""
    count = len(labels[0])
    changes = [sum(before[at] != behind[at] for before, behind in pairwise(labels)) for at in range(count)]
    place = max(range(count), key=lambda at: (changes[at], at))
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


def _blocks(records: Sequence[_Record]) -> list[list[list[_Record]]] | None:
    """Return rows of records under one header each; None where a row says a column twice, or no header holds two."""
    rows = [list(group) for _, group in groupby(records, key=lambda record: (record.heads, record.row))]
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
