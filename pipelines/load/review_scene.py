"""What is staged of the files that verdicts speak of, and whether it still reads as the reviewers saw it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.check import read_series
from pipelines.check.across import pair_years
from pipelines.check.verdicts import Verdict, describe_outcome
from pipelines.errors import WarehouseError
from pipelines.load.file_states import SettledFiles
from pipelines.settings import Workspace
from pipelines.staging import read_frame
from schemas.check import AgreementCheck, BreakCheck, CopyCheck, LinearCheck, ScaleCheck
from schemas.rule import load_rules
from schemas.vocabulary import Stage

CELL = ("table_code", "row_code", "column_code")
_SHOWN = 5  # verdicts that no longer hold, named in one message

FileCell = tuple[int, str, str, str]
"""file_id and codes of a cell."""


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """What one place prints of a cell."""

    form_code: str | None
    raw_text: str
    value: float | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class Scene:
    """What is staged of the files that verdicts speak of.

    Attributes:
        files: The file_ids by hash.
        paths: Path by file_id.
        reports: report_id by file_id; only loaded versions.
        current: Files whose report is current.
        figures: Frame `figures` of these files and of those that are compared with them.
        printed: The same by cell; a place may print more than one.
        quality: Outcomes: status, left, right, delta, note.
        previous: The report of the year before, by file_id.
        suspicions: Frame `suspicions` of these files.
    """

    files: Mapping[str, list[int]]
    paths: Mapping[int, str]
    reports: Mapping[int, int]
    current: frozenset[int]
    figures: pl.DataFrame
    printed: Mapping[FileCell, list[PrintedCell]]
    quality: Mapping[tuple[int, str, str], tuple[str, float | None, float | None, float | None, str | None]]
    previous: Mapping[int, int]
    suspicions: pl.DataFrame


def set_scene(workspace: Workspace, settled: SettledFiles, verdicts: list[Verdict]) -> Scene:
    """Return what is staged of the files that `verdicts` speak of."""
    hashes = pl.DataFrame({"sha256": [verdict.sha256 for verdict in verdicts]}, schema={"sha256": pl.String}).unique()
    named = settled.source_file.join(hashes, on="sha256", how="semi")
    files: dict[str, list[int]] = {}
    for sha256, file_id in named.select("sha256", "file_id").iter_rows():
        files.setdefault(sha256, []).append(file_id)
    current = settled.dim_report.filter("is_current")
    pairs = pair_years(current.select("file_id", "agency_id", "year", "form_code")).drop_nulls("previous_id")
    previous = dict(pairs.select("file_id", "previous_id").iter_rows())
    known = set(named["file_id"])
    # What a report carried forward is judged in the report of the year after.
    touched = known | {file for file, before in previous.items() if before in known}
    wanted = pl.LazyFrame({"file_id": sorted(touched)}, schema={"file_id": pl.Int64})
    figures = _collect(read_frame(workspace, Stage.NORMALIZE, "figures"), wanted)
    quality, suspicions = (
        pl.concat(
            _collect(rows, wanted) for rows in (read_frame(workspace, Stage.CHECK, name), read_series(workspace, name))
        )
        for name in ("quality", "suspicions")
    )
    printed: dict[FileCell, list[PrintedCell]] = {}
    own_form = pl.coalesce("provincial_form", "form_code")
    columns = figures.select("file_id", *CELL, own_form, "raw_text", "value", "unit")
    for file_id, table_code, row, column, *rest in columns.iter_rows():
        printed.setdefault((file_id, table_code, row, column), []).append(PrintedCell(*rest))
    return Scene(
        files=files,
        paths=dict(named.select("file_id", "path").iter_rows()),
        reports=dict(settled.dim_report.select("file_id", "report_id").iter_rows()),
        current=frozenset(current["file_id"]),
        figures=figures,
        printed=printed,
        quality={(row[0], row[1], row[2]): row[3:] for row in quality.iter_rows()},
        previous=previous,
        suspicions=suspicions,
    )


def _collect(rows: pl.LazyFrame, wanted: pl.LazyFrame) -> pl.DataFrame:
    return rows.join(wanted, on="file_id", how="semi").collect(engine="streaming")


def require_unchanged(path: Path, verdicts: list[Verdict], scene: Scene) -> None:
    """Refuse verdicts on what reads otherwise now.

    Raises:
        WarehouseError: With the lines of the file at `path`.
    """
    changed = [f"line {v.line}: {said}" for v in verdicts if (said := _what_changed(v, scene)) is not None]
    if changed:
        more = f" (and {len(changed) - _SHOWN} more)" if len(changed) > _SHOWN else ""
        raise WarehouseError(
            f"{path}: {'; '.join(changed[:_SHOWN])}{more}; look again and record the verdict anew, or remove the line"
        )


def _what_changed(verdict: Verdict, scene: Scene) -> str | None:
    """Return in what the file differs from what the reviewer saw; None where in nothing or where it is not there."""
    if is_stale(verdict, scene):
        return None
    file_ids = scene.files[verdict.sha256]
    about = f"{verdict.subject} of {scene.paths[file_ids[0]]}"
    if verdict.is_cell:
        found = [cell.raw_text for file in file_ids for cell in scene.printed.get(cell_of(verdict, file), ())]
    else:
        rows = (scene.quality.get((file, verdict.rule_id, verdict.scope)) for file in file_ids)
        found = [describe_outcome(left, right, note) for _, left, right, _, note in filter(None, rows)]
    if not found:
        return f"{about} is gone; the verdict was about {verdict.raw_text!r}"
    if verdict.raw_text not in found:
        return f"{about} reads {found[0]!r} now; the verdict was about {verdict.raw_text!r}"
    return None


def is_stale(verdict: Verdict, scene: Scene) -> bool:
    """Tell whether the verdict waits: its file is not there, or its rule compares current reports and it is none."""
    file_ids = scene.files.get(verdict.sha256, [])
    if verdict.is_cell or not file_ids:
        return not file_ids
    return verdict.rule_id in _rules_of_current() and not any(file in scene.current for file in file_ids)


def _rules_of_current() -> set[str]:
    """Return the rules that only current reports are held against."""
    kinds = (CopyCheck, ScaleCheck, BreakCheck)
    return {
        rule.id
        for rule in load_rules().values()
        for check in rule.checks
        if isinstance(check, kinds)
        or (isinstance(check, LinearCheck) and check.spans_years)
        or (isinstance(check, AgreementCheck) and check.what == "one_current")
    }


def cell_of(verdict: Verdict, file_id: int) -> FileCell:
    """Return the cell of one file that a verdict is on."""
    return file_id, verdict.table_code, verdict.row_code, verdict.column_code
