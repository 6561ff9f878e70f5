"""The forms' labels as a look-up: folded text → what it can be, over all editions at once."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import product

from pipelines.normalize.folding import FoldedLabel, fold_label, qualifies, relative_years
from schemas.form import Clause, FormTable, Label, load_forms

_NUMBER = re.compile(r"^(?:[0-9]{1,2}|[一二三四五六七八九十]{1,2})")
_YEAR = re.compile(r"20[0-9]{2}年度?")
# Words in Latin script, with the label's number again; a shorter one (APP, OA) may be a part of the label.
_TRANSLATION = re.compile(r"^[A-Za-z]{4,}|[0-9一二三四五六七八九]{0,2}[A-Za-z]{4,}[0-9A-Za-z]*$")
_MOST_LEVELS = 3  # of groups over a label
_JOINTS = re.compile(r"[^0-9A-Za-z\u3400-\u9fff]+")


class Axis(StrEnum):
    """What a label names."""

    ROW = "row"
    COLUMN = "column"
    ROW_GROUP = "row_group"
    COLUMN_GROUP = "column_group"
    CAPTION = "caption"
    NOTE = "note"
    TITLE = "title"
    CELL = "cell"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a label can be: a row, column, group or caption of one table (all editions that share it).

    Attributes:
        code: Its code; for a label that names a row and a column of it at once, both (`cell_codes`).
        clauses: Clauses of the table in which the code stands.
        ordinals: Leading numbers with which the label is printed, to tell two alike labels apart.
        parents: Codes of the groups under which it stands.
    """

    table_code: str
    axis: Axis
    code: str
    clauses: frozenset[str]
    ordinals: frozenset[str]
    parents: frozenset[str]


def choose_entry(entries: Sequence[Entry], groups: AbstractSet[str]) -> Entry | None:
    """Return what a row's label is; of several alike, the one whose group stands above it, else none."""
    if len(entries) == 1:
        return entries[0]
    inside = [entry for entry in entries if entry.parents & groups]
    return inside[0] if len(inside) == 1 else None


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All labels of all editions.

    Attributes:
        notes: Folded texts of header notes and titles, which name nothing.
        by_text: Folded text (with and without what stands in parentheses) → every entry that prints it.
        cells: Folded texts that name a row and its column at once, where a form sets rows side by side: a header of one
            line has 行政复议-结果维持 where the form has one over the other.
        longest: Characters of the longest text: no known label begins a text with more.
    """

    by_text: dict[str, tuple[Entry, ...]]
    notes: tuple[str, ...]
    cells: dict[str, tuple[Entry, ...]]
    longest: int

    def find(self, label: FoldedLabel) -> tuple[Entry, ...]:
        """Return what `label` can be; where its leading number decides between entries, only those.

        A label is looked up whole first and then without its parenthesised part, so that guidance text typed into a
        label does not hide it; then behind a note or the groups over it, where one cell took in both.
        """
        found = (
            self.by_text.get(label.text)
            or self.cells.get(label.text)
            or (self._behind_groups(label.text) if label.bare != label.text else ())  # 行政诉讼(复议后起诉)
            or self._without_guidance(label)
            or self._behind_note(label)
            or self._behind_groups(label.text)
            or self._of_a_year(label.text)
            or self._without_translation(label.text)
        )
        if label.ordinal and len(found) > 1:
            return tuple(entry for entry in found if label.ordinal in entry.ordinals) or found
        return found

    def texts_of(self, table_code: str) -> Iterator[str]:
        """Yield the folded texts of all labels of a statistic table."""
        for text, entries in self.by_text.items():
            if any(entry.table_code == table_code for entry in entries):
                yield text

    def _without_guidance(self, label: FoldedLabel) -> tuple[Entry, ...]:
        """Return what a label is without its parentheses; where they hold a unit or a qualifier, only amounts are.

        A unit of money behind a column's label is read from the header; behind anything else it changes what is
        counted.
        """
        found = self.by_text.get(label.bare, ())
        if qualifies(label):
            return tuple(entry for entry in found if entry.axis is Axis.COLUMN)
        beside = self.by_text.get(label.text.removeprefix(label.bare), ())  # 予以公开（自然人） is not all of 予以公开
        columns = {entry.table_code for entry in beside if entry.axis is Axis.COLUMN}
        return tuple(entry for entry in found if entry.axis is not Axis.ROW or entry.table_code not in columns)

    def split(self, text: str) -> list[str]:
        """Return the known labels that `text` is made of, in order; just `text` where it is one label or holds others.

        Text containers print a whole header as one line. The longest label that fits is taken at each place.
        """
        labels: list[str] = []
        rest = _JOINTS.sub("", text)
        while rest:
            ends = range(min(len(rest), self.longest), 1, -1)
            known = next((rest[:end] for end in ends if rest[:end] in self.by_text), None)
            if known is None:
                return [text]
            labels.append(known)
            rest = rest[len(known) :]
        return labels if len(labels) > 1 else [text]

    def _behind_note(self, label: FoldedLabel) -> tuple[Entry, ...]:
        """Return what a label can be whose cell also took in the note or title before it: 信息内容本年处理决定数量."""
        for note in self.notes:
            if label.text.startswith(note):
                return self.by_text.get(label.text[len(note) :], ())
        return ()

    def _of_a_year(self, text: str) -> tuple[Entry, ...]:
        """Return the row that a label is which names the year where the form says 本年, 上年 or 下年度.

        Only rows, which say by their verb which year is meant: 2022年项目数量 may be this year's number or last year's.
        """
        if _YEAR.search(text) is None:
            return ()
        worded = (_YEAR.sub(word, text) for word in relative_years())
        found = {entry for label in worded for entry in self.by_text.get(label, ()) if entry.axis is Axis.ROW}
        return tuple(found) if len({entry.code for entry in found}) == 1 else ()

    def _without_translation(self, text: str) -> tuple[Entry, ...]:
        """Return what a label is before or behind its own translation: 自然人 Natural persons."""
        stripped = _TRANSLATION.sub("", text)
        return self.by_text.get(stripped, ()) if stripped != text else ()

    def _behind_groups(self, text: str, levels: int = _MOST_LEVELS) -> tuple[Entry, ...]:
        """Return what a label can be whose cell names its groups as well: 三、（三）不予公开-1.属于国家秘密."""
        for start in (text, _NUMBER.sub("", text)):
            ends = range(min(len(start) - 1, self.longest), 1, -1)
            for known in (start[:end] for end in ends if start[:end] in self.by_text):
                groups = {
                    (entry.table_code, entry.code)
                    for entry in self.by_text[known]
                    if entry.axis in (Axis.ROW_GROUP, Axis.COLUMN_GROUP)
                }
                rest = start[len(known) :]
                for label in (rest, _NUMBER.sub("", rest)) if groups else ():
                    found = self.by_text.get(label, ())
                    inside = tuple(e for e in found if any((e.table_code, code) in groups for code in e.parents))
                    if inside:
                        return inside
                if groups and levels > 1 and (deeper := self._behind_groups(rest, levels - 1)):
                    return deeper
        return ()


@cache
def load_lexicon() -> Lexicon:
    """Return the look-up built from every form edition."""
    collected: dict[tuple[str, Axis, str], _Collected] = defaultdict(_Collected)
    for form in load_forms().values():
        for table in form.tables:
            _collect_table(collected, table)
    by_text: dict[str, list[Entry]] = defaultdict(list)
    for (table_code, axis, code), item in collected.items():
        entry = Entry(table_code, axis, code, *map(frozenset, (item.clauses, item.ordinals, item.parents)))
        for text in item.texts:
            by_text[text].append(entry)
    notes = tuple(text for text, entries in by_text.items() if entries[0].axis in (Axis.NOTE, Axis.TITLE))
    longest = max(map(len, by_text))
    return Lexicon({text: tuple(entries) for text, entries in by_text.items()}, notes, _collect_cells(), longest)


def cell_codes(entry: Entry) -> tuple[str, str]:
    """Return the row and the column that an entry of the axis CELL names."""
    row, _, column = entry.code.partition("/")
    return row, column


def _collect_cells() -> dict[str, tuple[Entry, ...]]:
    """Return the labels that name a row, with its group or without, and then a column of it."""
    cells: dict[str, tuple[Entry, ...]] = {}
    for form in load_forms().values():
        for table in form.tables:
            for clause in table.clauses if table.orientation == "rows_across" else ():
                cells.update(_cells_of(table.code, clause))
    return cells


def _cells_of(table_code: str, clause: Clause) -> Iterator[tuple[str, tuple[Entry, ...]]]:
    groups = {group.code: group for group in clause.row_groups}
    for row, column in product(clause.rows, clause.columns):
        inside = frozenset({clause.code})
        entry = Entry(table_code, Axis.CELL, f"{row.code}/{column.code}", inside, frozenset(), frozenset())
        above = ("", *(groups[row.parent].spellings if row.parent else ()))
        for label in product(above, row.spellings, column.spellings):
            yield fold_label("-".join(label)).text, (entry,)


class _Collected:
    def __init__(self) -> None:
        self.clauses: set[str] = set()
        self.ordinals: set[str] = set()
        self.texts: set[str] = set()
        self.parents: set[str] = set()

    def add(self, clause: str, spellings: tuple[str, ...], parent: str | None = None) -> None:
        self.clauses.add(clause)
        if parent is not None:
            self.parents.add(parent)
        for spelling in spellings:
            folded = fold_label(spelling)
            self.texts.update((folded.text, folded.bare))
            if folded.ordinal:
                self.ordinals.add(folded.ordinal)


def _collect_table(collected: dict[tuple[str, Axis, str], _Collected], table: FormTable) -> None:
    collected[table.code, Axis.TITLE, table.code].add("", (f"{table.number}、{table.title}", *table.title_variants))
    for clause in table.clauses:
        for axis, labels in _labels_by_axis(clause).items():
            for label in labels:
                collected[table.code, axis, label.code].add(clause.code, label.spellings, label.parent)
        for note in clause.header_notes:
            collected[table.code, Axis.NOTE, note].add(clause.code, (note,))
        if clause.caption:
            collected[table.code, Axis.CAPTION, clause.code].add(
                clause.code, (clause.caption, *clause.caption_variants)
            )


def _labels_by_axis(clause: Clause) -> dict[Axis, tuple[Label, ...]]:
    return {
        Axis.ROW: clause.rows,
        Axis.COLUMN: clause.columns,
        Axis.ROW_GROUP: clause.row_groups,
        Axis.COLUMN_GROUP: clause.column_groups,
    }
