"""What the verdicts of reviewers mean for what is loaded: whose they are, what they close, which values they give.

A verdict is believed only while it speaks of what the reviewer saw. Where the file is known but the cell or the outcome
reads otherwise now, the publish stops and says so; where the file is gone, the verdict waits.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.check.linear import TOLERANCES
from pipelines.check.verdicts import CLOSING, Verdict, read_verdicts, verdicts_file
from pipelines.load.file_states import SettledFiles
from pipelines.load.rejudge import find_settled
from pipelines.load.review_scene import (
    CELL,
    FileCell,
    PrintedCell,
    Scene,
    cell_of,
    is_stale,
    require_unchanged,
    set_scene,
)
from pipelines.settings import Workspace
from schemas.dimension import code_dimensions
from schemas.identity import Cell, Identity, table_identities
from schemas.legacy import all_forms
from schemas.rule import load_rules
from schemas.table import table
from schemas.unit import yuan_by_unit
from schemas.vocabulary import ReviewVerdict, RuleStatus

_REVIEWED_CELL = pl.Schema({
    "file_id": pl.Int64(), **dict.fromkeys(CELL, pl.String()), "verdict": pl.String(), "value_reviewed": pl.Float64(),
})  # fmt: skip
_REVIEWED_OUTCOME = pl.Schema(
    {
        "file_id": pl.Int64(),
        "rule_id": pl.String(),
        "scope": pl.String(),
        "verdict": pl.String(),
        "is_open": pl.Boolean(),
    }
)
_REVIEWED_SUSPICION = pl.Schema({"file_id": pl.Int64(), **dict.fromkeys(CELL, pl.String()), "is_open": pl.Boolean()})


@dataclass(frozen=True, slots=True)
class SettledReviews:
    """The verdicts as the queries of the load see them; all frames are small.

    Attributes:
        review_verdict: The warehouse's table.
        reviewed_cell: file_id, cell, verdict, value_reviewed (null but for `corrected`).
        reviewed_outcome: file_id, rule_id, scope, verdict, is_open of the broken rules that a verdict bears on.
        reviewed_suspicion: file_id, cell, is_open of the suspected cells of reviewed reports.
    """

    review_verdict: pl.DataFrame
    reviewed_cell: pl.DataFrame
    reviewed_outcome: pl.DataFrame
    reviewed_suspicion: pl.DataFrame


def settle_reviews(workspace: Workspace, settled: SettledFiles) -> SettledReviews:
    """Return what the verdicts decide.

    Raises:
        UsageError: The verdicts file is not valid.
        WarehouseError: A verdict speaks of something that reads otherwise now.
    """
    path = verdicts_file(workspace)
    verdicts = read_verdicts(path)
    if not verdicts:
        return _NOTHING_DECIDED
    scene = set_scene(workspace, settled, verdicts)
    require_unchanged(path, verdicts, scene)
    cells = _review_cells(verdicts, scene)
    right = [(*cell, review.verdict, review.value) for cell, review in cells.items() if review.verdict in set(CLOSING)]
    outcomes = _review_outcomes(verdicts, cells, scene, find_settled(workspace, scene.figures, right))
    return SettledReviews(
        review_verdict=_verdict_table(verdicts, scene),
        reviewed_cell=pl.DataFrame(
            [(file, *cell, review.verdict, review.value) for (file, *cell), review in cells.items()],
            schema=_REVIEWED_CELL, orient="row",
        ),
        reviewed_outcome=pl.DataFrame(list(outcomes), schema=_REVIEWED_OUTCOME, orient="row"),
        reviewed_suspicion=_review_suspicions(cells, outcomes, scene),
    )  # fmt: skip


_NOTHING_DECIDED = SettledReviews(
    table("review_verdict").empty_frame(),
    pl.DataFrame(schema=_REVIEWED_CELL),
    pl.DataFrame(schema=_REVIEWED_OUTCOME),
    pl.DataFrame(schema=_REVIEWED_SUSPICION),
)

Outcome = tuple[int, str, str, str, bool]


@dataclass(frozen=True, slots=True)
class _Review:
    """A verdict on a cell; `shift` is by how much it changes the printed value, None where it gives no other."""

    verdict: str
    value: float | None
    shift: float | None


def _review_cells(verdicts: Iterable[Verdict], scene: Scene) -> dict[FileCell, _Review]:
    """Return the verdict on each cell of each file that has its bytes."""
    reviews = {}
    for verdict in verdicts:
        for file_id in scene.files.get(verdict.sha256, []) if verdict.is_cell else []:
            key = cell_of(verdict, file_id)
            for cell in scene.printed.get(key, []):
                if cell.raw_text == verdict.raw_text:
                    value = _in_printed_unit(verdict, cell)
                    shift = None if value is None else value - (cell.value or 0.0)
                    reviews[key] = _Review(verdict.verdict.value, value, shift)
    return reviews


def _in_printed_unit(verdict: Verdict, cell: PrintedCell) -> float | None:
    if verdict.value is None or not verdict.unit or cell.unit not in yuan_by_unit():
        return verdict.value
    return verdict.value * yuan_by_unit()[verdict.unit] / yuan_by_unit()[cell.unit]


def _review_outcomes(
    verdicts: Iterable[Verdict],
    cells: Mapping[FileCell, _Review],
    scene: Scene,
    settled: Mapping[tuple[int, str, str], str],
) -> list[Outcome]:
    """Return the failed outcomes that a verdict bears on: one on the rule itself, else those on its cells.

    `settled` are those that are no failure with the right figures, with the verdict that made them so.
    """
    direct = {
        (file, verdict.rule_id, verdict.scope): verdict.verdict
        for verdict in verdicts
        if not verdict.is_cell and not is_stale(verdict, scene)
        for file in scene.files[verdict.sha256]
    }
    found = []
    for key, (status, _, _, delta, _) in scene.quality.items():
        if status != RuleStatus.FAIL.value:
            continue
        if key in direct:
            found.append((*key, direct[key].value, direct[key] not in CLOSING))
        elif delta is not None and (mended := _mend(key, delta, cells, scene)) is not None:
            found.append((*key, *mended))
        elif key in settled:
            found.append((*key, settled[key], False))
    return found


def _mend(
    key: tuple[int, str, str], delta: float, cells: Mapping[FileCell, _Review], scene: Scene
) -> tuple[str, bool] | None:
    """Return by which verdict on one of its cells a broken identity is explained, and whether it is open all the same.

    A wrong figure whose right value nobody knows explains the breach; a corrected one must make the identity hold.
    """
    file_id, rule_id, scope = key
    identity = _find_identity(file_id, rule_id, scope, scene)
    if identity is None:
        return None
    reviews = [
        (review, coefficient)
        for place, coefficient in _places(identity, file_id, load_rules()[rule_id].table_code or "", scene)
        if (review := cells.get(place)) is not None
    ]
    if not reviews:
        return None
    after = delta + sum(coefficient * (review.shift or 0.0) for review, coefficient in reviews)
    holds = abs(after) <= TOLERANCES.closing if identity.relation == "=" else after <= TOLERANCES.closing
    unknown = [r.verdict for r, _ in reviews if r.verdict in (ReviewVerdict.SOURCE_ERROR, ReviewVerdict.ACCEPTED)]
    if holds or not unknown:
        return reviews[0][0].verdict, not holds
    return unknown[0], False


def _find_identity(file_id: int, rule_id: str, scope: str, scene: Scene) -> Identity | None:
    """Return the identity behind an outcome in the edition that the file's table follows."""
    table_code = load_rules()[rule_id].table_code
    if table_code is None:
        return None
    forms = {
        cell.form_code
        for (file, code, row, column), cells in scene.printed.items()
        if file == file_id and code == table_code and scope in (row, column)
        for cell in cells
    }
    for form in sorted(form for form in forms if form in all_forms()):
        for identity in table_identities(form or "", table_code):
            if (identity.rule_id, identity.scope) == (rule_id, scope):
                return identity
    return None


def _places(identity: Identity, file_id: int, table_code: str, scene: Scene) -> Iterator[tuple[FileCell, int]]:
    """Yield the cells of an identity, last year's in last year's report, each with its coefficient in left - right."""
    before = scene.previous.get(file_id)
    for side, factor in ((identity.left, 1), (identity.right, -1)):
        yield from (((file_id, table_code, *cell), factor * sign) for cell, sign in side.current)
        if before is not None:
            yield from (((before, table_code, *cell), factor * sign) for cell, sign in side.previous)


def _review_suspicions(cells: Mapping[FileCell, _Review], outcomes: Iterable[Outcome], scene: Scene) -> pl.DataFrame:
    """Return whether the suspected cells of reviewed files are still in question.

    A suspicion falls with a closing verdict on its cell, or when no breach that the cell stands in is open any more.
    """
    closed = {(file, rule, scope) for file, rule, scope, _, is_open in outcomes if not is_open}
    reviewed = {file for file, *_ in cells} | {file for file, *_ in closed}
    failing: dict[int, list[tuple[str, Identity]]] = {}
    for (file, rule, scope), (status, *_) in scene.quality.items():
        if file in reviewed and status == RuleStatus.FAIL.value and (file, rule, scope) not in closed:
            identity = _find_identity(file, rule, scope, scene)
            if identity is not None:
                failing.setdefault(file, []).append((load_rules()[rule].table_code or "", identity))
    rows = []
    for file, table_code, row, column, reported in scene.suspicions.select(
        "file_id", *CELL, "reported_value"
    ).iter_rows():
        if file in reviewed:
            review = cells.get((file, table_code, row, column))
            is_decided = review is not None and review.verdict in set(CLOSING)
            is_needed = reported is None or reported < 0 or _stands_in(failing.get(file, []), table_code, (row, column))
            rows.append((file, table_code, row, column, not is_decided and is_needed))
    return pl.DataFrame(rows, schema=_REVIEWED_SUSPICION, orient="row").unique(maintain_order=True)


def _stands_in(failing: Iterable[tuple[str, Identity]], table_code: str, cell: Cell) -> bool:
    return any(code == table_code and cell in identity.coefficients for code, identity in failing)


def _verdict_table(verdicts: Iterable[Verdict], scene: Scene) -> pl.DataFrame:
    rows = []
    for verdict in verdicts:
        file_ids = scene.files.get(verdict.sha256, [])
        loaded = sorted(file_ids, key=lambda file: (file not in scene.current, file not in scene.reports))
        cell = next((c for f in file_ids for c in scene.printed.get(cell_of(verdict, f), []) if verdict.is_cell), None)
        rows.append({
            "sha256": verdict.sha256, "subject": verdict.subject, "path": verdict.path,
            "report_id": scene.reports.get(loaded[0]) if loaded else None,
            "table_code": verdict.table_code or None, "row_code": verdict.row_code or None,
            "column_code": verdict.column_code or None, "rule_id": verdict.rule_id or None,
            "scope": verdict.scope or None, "raw_text": verdict.raw_text, "verdict": verdict.verdict.value,
            "value": verdict.value, "unit": verdict.unit or None, "fact_value": _fact_value(verdict, cell),
            "read_where": verdict.read_where or None, "reviewer": verdict.reviewer, "date": verdict.date,
            "comment": verdict.comment or None, "is_stale": is_stale(verdict, scene),
        })  # fmt: skip
    return pl.DataFrame(rows, schema=table("review_verdict").polars_schema)


def _fact_value(verdict: Verdict, cell: PrintedCell | None) -> float | None:
    """Return the right value in the unit of the facts: amounts in yuan, everything else as it is."""
    if verdict.value is None or (verdict.row_code, verdict.column_code) not in _amounts():
        return verdict.value
    unit = verdict.unit or (cell.unit if cell is not None else None)
    if verdict.value == 0 and unit is None:
        return verdict.value
    return round(verdict.value * yuan_by_unit()[unit], 6) if unit in yuan_by_unit() else None


def _amounts() -> set[Cell]:
    measures = code_dimensions()["dim_proactive_measure"].filter(pl.col("value_kind") == "amount")
    return set(measures.select("item_code", "measure_code").iter_rows())
