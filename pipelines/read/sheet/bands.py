"""Statistic tables that stand beside one another on a sheet, parted by columns in which nothing is printed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from pipelines.read.sheet.grid import Sheet
from schemas.document import load_document_words

_FEWEST_TABLES = 2
_Band = tuple[int, int]  # first and last column


def part_sheets(sheets: Iterable[Sheet]) -> list[Sheet]:
    """Return sheets with one table from left to right each; nearly all have no more."""
    return [part for sheet in sheets for part in _part_sheet(sheet)]


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
        if seen and marks and seen.isdisjoint(marks):
            yield first, last
            first, seen = band[0], set()
        seen |= marks
        last = band[1]
    yield first, last


def _marks(sheet: Sheet, band: _Band) -> set[str]:
    """Return the stretches of labels that only tables have and that a band prints, none where it has no figures."""
    texts = [text for (_, column), text in sheet.texts.items() if band[0] <= column <= band[1]]
    marks = load_document_words().grid_marks
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
