"""Statistic tables that stand beside one another on a sheet, parted by blank columns or touching one another."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise

from pipelines.read.sheet.grid import Place, Sheet
from schemas.document import load_document_words
from schemas.form import load_forms

_FEWEST_TABLES = 2
_Band = tuple[int, int]  # first and last column


def part_sheets(sheets: Iterable[Sheet]) -> list[Sheet]:
    """Return sheets with one table from left to right each; nearly all have no more."""
    return [table for sheet in sheets for part in _part_sheet(sheet) for table in _part_touching(part)]


def _part_sheet(sheet: Sheet) -> list[Sheet]:
    """Return the tables of a sheet, from left to right.

    A blank column may as well be a spacer within a table. So one parts tables only where each side has figures and
    stretches of labels that only tables have, and not the same ones.
    """
    columns = sorted({column for _, column in sheet.texts})
    edges = [after for before, after in pairwise(columns) if after > before + 1]
    if not edges:
        return [sheet]
    bands = list(pairwise([columns[0], *edges, columns[-1] + 1]))
    tables = list(_tables(sheet, [(first, after - 1) for first, after in bands]))
    if len(tables) < _FEWEST_TABLES:
        return [sheet]
    # What is hidden is said of the sheet once.
    return [_cut(sheet, band, sheet.hidden_parts if band is tables[0] else []) for band in tables]


def _tables(sheet: Sheet, bands: Sequence[_Band]) -> Iterator[_Band]:
    """Yield bands, those joined to the one before that are no table of their own."""
    first, last = bands[0]
    seen = _marks(sheet, bands[0])
    for band in bands[1:]:
        marks = _marks(sheet, band)
        if seen and marks and seen.isdisjoint(marks) and not _is_crossed(sheet, last, band[0]):
            yield first, last
            first, seen = band[0], set()
        seen |= marks
        last = band[1]
    yield first, last


def _is_crossed(sheet: Sheet, before: int, after: int) -> bool:
    """Tell whether a merged cell among rows that have figures reaches over the columns between two bands.

    A title over both tables stands above all figures, and parts neither.
    """
    head = min((place for place, text in sheet.texts.items() if text.isdigit()), default=(0, 0))[0]
    return any(left <= before and after <= right and bottom >= head for _, left, bottom, right in sheet.merges)


def _marks(sheet: Sheet, band: _Band) -> set[str]:
    """Return the stretches of labels that only tables have and that a band prints, none where it has no figures."""
    texts = [text for (_, column), text in sheet.texts.items() if band[0] <= column <= band[1]]
    marks = load_document_words().marks.grid
    return {mark for mark in marks for text in texts if mark in text} if any(map(str.isdigit, texts)) else set()


def _cut(sheet: Sheet, band: _Band, hidden_parts: list[str]) -> Sheet:
    first, last = band
    return replace(
        sheet,
        hidden_parts=hidden_parts,
        texts={place: text for place, text in sheet.texts.items() if first <= place[1] <= last},
        merges=[
            (top, left, bottom, min(right, last)) for top, left, bottom, right in sheet.merges if first <= left <= last
        ],
    )


def _part_touching(sheet: Sheet) -> list[Sheet]:
    """Return the tables of a sheet that touch one another, from left to right.

    Each kind of table has labels that no other has. Where those of two kinds stand in the same rows and different
    columns, one table ends between them: at the one column there that no merged cell crosses, or the one that has
    labels alone behind a column of figures.
    """
    places = _places_of_kinds(sheet)
    if len(places) < _FEWEST_TABLES:
        return [sheet]
    tables = sorted(places.values(), key=lambda found: min(column for _, column in found))
    edges = []
    for count in range(1, len(tables)):
        edge = _edge_between(sheet, [place for table in tables[:count] for place in table], tables[count])
        if edge is None:
            return [sheet]
        edges.append(edge)
    columns = [column for _, column in sheet.texts]
    bands = [(first, after - 1) for first, after in pairwise([min(columns), *edges, max(columns) + 1])]
    return [_cut(sheet, band, sheet.hidden_parts if band is bands[0] else []) for band in bands]


def _places_of_kinds(sheet: Sheet) -> dict[str, list[Place]]:
    kinds = _kinds_of_marks()
    places: dict[str, list[Place]] = {}
    for place, text in sheet.texts.items():
        for mark, kind in kinds.items():
            if mark in text:
                places.setdefault(kind, []).append(place)
    return places


@cache
def _kinds_of_marks() -> Mapping[str, str]:
    """Return the table of each stretch of labels that only one has."""
    return {
        mark: table.code
        for mark in load_document_words().marks.grid
        for form in load_forms().values()
        for table in form.tables
        for clause in table.clauses
        if any(mark in label.label for label in (*clause.rows, *clause.columns))
    }


def _edge_between(sheet: Sheet, left: Sequence[Place], right: Sequence[Place]) -> int | None:
    """Return the first column of a table, None where it does not stand beside those on its left for sure."""
    before, behind = max(column for _, column in left), min(column for _, column in right)
    is_beside = min(left)[0] <= max(right)[0] and min(right)[0] <= max(left)[0]
    if before >= behind or not is_beside:
        return None
    head = min(row for row, _ in (*left, *right))
    merges = [
        merge
        for merge in sheet.merges
        if merge[2] >= head or merge[1] > before or behind > merge[3]  # a title over both tables parts neither
    ]
    free = [column for column in range(before + 1, behind + 1) if not any(a < column <= b for _, a, _, b in merges)]
    figures = {column for (_, column), text in sheet.texts.items() if text.isdigit()}
    figures.update(
        column
        for top, first, _, last in sheet.merges
        if sheet.texts.get((top, first), "").isdigit()
        for column in range(first, last + 1)
    )
    starts = [column for column in free if column - 1 in figures and column not in figures]
    chosen = starts or free
    return chosen[0] if len(chosen) == 1 else None
