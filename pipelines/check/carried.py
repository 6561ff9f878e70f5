"""Wrong cells that only two years together give away: two reports' tables and what carries over as one code.

A request that one report carries forward and the next does not carry in breaks X-year. Joined to the identities of
both tables, each carried cell stands in three equations, so an error that its own table leaves between several
explanations (a row and its total off by the same amount, a blank beside it) may have one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import polars as pl

from pipelines.check.catalogue import current_identities, load_catalogue
from pipelines.check.cells import CellState, name_cells, place_cells, summarise_runs
from pipelines.check.decode import Diagnosis, Explanation, LinearSystem, decode
from pipelines.check.linear import resolve_cells
from pipelines.check.series import identities_between
from pipelines.check.suspect import LIMITS, Figure, label_cell, name_broken, plain_number, read_figure, say
from schemas.identity import Cell, Identity, TableLayout
from schemas.rule import load_decoding, load_wording
from schemas.table import table
from schemas.vocabulary import RuleStatus

_BOTH = (0, 1)  # the report before, the report itself


@dataclass(frozen=True, slots=True)
class YearPair:
    """A report and the one before by file_id, with their years."""

    files: tuple[int, int]
    years: tuple[int, int]


@dataclass(frozen=True)
class _Joined:
    """The tables of two years as one system; a place is a number below the cells of both."""

    layouts: tuple[TableLayout, TableLayout]
    system: LinearSystem
    between: tuple[tuple[Identity, dict[int, int]], ...]

    def cell(self, place: int) -> tuple[int, Cell]:
        """Return which of the two reports a place belongs to, and its cell."""
        first = len(self.layouts[0].cells)
        return (0, self.layouts[0].cells[place]) if place < first else (1, self.layouts[1].cells[place - first])


def find_broken_pairs(quality: pl.DataFrame, pairs: pl.DataFrame, years: Mapping[int, int]) -> list[YearPair]:
    """Return the reports whose carried figures break with the year before, each with the report before.

    Args:
        quality: Outcomes of the rules across years.
        pairs: As `pipelines.check.across.pair_years` returns them.
        years: Report year by file_id.
    """
    rules = {
        identity.rule_id
        for layout in load_catalogue().layouts
        if layout.table_code in load_decoding()
        for identity in identities_between(layout.form_code, layout.table_code)
    }
    broken = quality.filter((pl.col("status") == RuleStatus.FAIL.value) & pl.col("rule_id").is_in(rules))
    found = pairs.join(broken, on="file_id", how="semi").filter(pl.col("previous_id").is_not_null())
    return [
        YearPair((before, file), (years[before], years[file]))
        for file, before in found.select("file_id", "previous_id").sort("file_id").iter_rows()
    ]


def suspect_carried(pairs: list[YearPair], figures: pl.DataFrame) -> pl.DataFrame:
    """Return frame `suspicions`: the cells that both tables and what carries over point at together.

    Args:
        pairs: Whose carried figures break (`find_broken_pairs`).
        figures: Frame `figures` of the reports in them.
    """
    tables = _read_tables(figures)
    rows = [row for pair in pairs for code in load_decoding() for row in _suspect_pair(pair, code, tables)]
    frame = pl.DataFrame(rows, schema=table("suspicions").polars_schema, orient="row")
    return frame.sort("is_unique", descending=True, maintain_order=True).unique(
        table("suspicions").key, keep="first", maintain_order=True
    )


_Tables = Mapping[tuple[int, str], tuple[int, Mapping[Cell, Figure]]]


def _read_tables(figures: pl.DataFrame) -> _Tables:
    """Return layout and figures by report and table; a table of several editions at once is left out."""
    placed = place_cells(figures)
    cells = name_cells(pl.concat(resolve_cells(placed, summarise_runs(placed))))
    layouts = load_catalogue().layouts
    found: dict[tuple[int, str], tuple[int, dict[Cell, Figure]]] = {}
    mixed = set()
    for file_id, number, row, column, state, value in cells.select(
        "file_id", "layout", "row_code", "column_code", "state", "value"
    ).iter_rows():
        key = (file_id, layouts[number].table_code)
        known, printed = found.setdefault(key, (number, {}))
        if known != number:
            mixed.add(key)
        printed[row, column] = read_figure(state, value)
    return {key: content for key, content in found.items() if key not in mixed}


def _suspect_pair(pair: YearPair, table_code: str, tables: _Tables) -> Iterator[tuple[object, ...]]:
    found = [tables.get((file, table_code)) for file in pair.files]
    before, after = found
    if before is None or after is None:
        return
    joined = _join_layouts(before[0], after[0])
    printed = (before[1], after[1])
    missing = read_figure(CellState.MISSING, None)
    values = {
        place: printed[side].get(cell, missing).usable
        for place in joined.system.columns
        for side, cell in (joined.cell(place),)
    }
    limits = load_decoding()[table_code]
    for part in joined.system.components:
        if not any(coefficients in part.equations for _, coefficients in joined.between):
            continue
        diagnosis = decode(part, values, largest=limits.largest, robust_to=limits.robust_to)
        if diagnosis.is_broken and 0 < len(diagnosis.explanations) <= LIMITS.explanations:
            yield from _describe(pair, joined, printed, values, diagnosis)


@cache
def _join_layouts(before: int, after: int) -> _Joined:
    """Return the system of two tables and the equations between them."""
    layouts = (load_catalogue().layouts[before], load_catalogue().layouts[after])
    offsets = (0, len(layouts[0].cells))
    places = {(side, c): n + offsets[side] for side in _BOTH for n, c in enumerate(layouts[side].cells)}
    own = [
        {places[side, cell]: coefficient for cell, coefficient in identity.coefficients.items()}
        for side in _BOTH
        for identity in current_identities(layouts[side].form_code, layouts[side].table_code)
        if identity.relation == "="
    ]
    between = []
    for identity in identities_between(layouts[1].form_code, layouts[1].table_code):
        terms = _terms(identity)
        if all(key in places for key in terms):  # the edition of the year before may lack the cell
            between.append((identity, {places[key]: coefficient for key, coefficient in terms.items()}))
    return _Joined(layouts, LinearSystem((*own, *(terms for _, terms in between))), tuple(between))


def _terms(identity: Identity) -> dict[tuple[int, Cell], int]:
    """Return left minus right as a coefficient for each (0 the year before, 1 the year itself) and cell."""
    joined: dict[tuple[int, Cell], int] = {}
    for side, factor in ((identity.left, 1), (identity.right, -1)):
        for year, terms in enumerate((side.previous, side.current)):
            for cell, sign in terms:
                joined[year, cell] = joined.get((year, cell), 0) + factor * sign
    return joined


def _describe(
    pair: YearPair,
    joined: _Joined,
    printed: tuple[Mapping[Cell, Figure], Mapping[Cell, Figure]],
    values: Mapping[int, int | None],
    diagnosis: Diagnosis,
) -> Iterator[tuple[object, ...]]:
    broken = name_broken(joined.layouts[1], _deltas_between(joined, values))
    sentence = "across" if diagnosis.is_unique else "across_candidate"
    others = str(len(diagnosis.explanations) - 1)
    for explanation in diagnosis.explanations:
        told = {place: _facts(pair, joined, printed, place, value) for place, value in explanation.changes}
        for place, suggested in explanation.changes:
            side, cell = joined.cell(place)
            partners = {each: _name_partners(explanation, place, told, each) for each in ("en", "zh")}
            facts = {
                each: told[place][each] | {"partners": partners[each], "others": others, "broken": broken[each]}
                for each in ("en", "zh")
            }
            words = say(sentence + "_together" * (len(explanation.changes) > 1), facts)
            figure = printed[side][cell]
            yield (pair.files[side], joined.layouts[side].table_code, *cell, figure.printed, suggested,
                   diagnosis.is_unique, *words)  # fmt: skip


def _facts(
    pair: YearPair,
    joined: _Joined,
    printed: tuple[Mapping[Cell, Figure], Mapping[Cell, Figure]],
    place: int,
    suggested: int,
) -> dict[str, dict[str, str]]:
    side, cell = joined.cell(place)
    figure = printed[side][cell]
    facts = {}
    for language in ("en", "zh"):
        nothing = load_wording()["nothing"][language]
        facts[language] = label_cell(joined.layouts[side], cell, language) | {
            "year": str(pair.years[side]),
            "other_year": str(pair.years[1 - side]),
            "suggested": str(suggested),
            "reported": nothing if figure.printed is None else plain_number(figure.printed),
        }
    return facts


def _name_partners(
    explanation: Explanation, place: int, told: Mapping[int, Mapping[str, Mapping[str, str]]], language: str
) -> str:
    wording = load_wording()["across_partner"][language]
    partners = [wording.format(**told[other][language]) for other, _ in explanation.changes if other != place]
    return ("; " if language == "en" else "；").join(partners)


def _deltas_between(joined: _Joined, values: Mapping[int, int | None]) -> Iterator[tuple[Identity, int]]:
    """Yield by how much the equations between the years break, those of which every figure is known."""
    for identity, terms in joined.between:
        known = [value * terms[place] for place in terms if (value := values[place]) is not None]
        if len(known) == len(terms):
            yield identity, sum(known)
