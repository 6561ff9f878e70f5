"""The scoreboard: cells right, wrong, missing and refused over a folder of documents beside their expected figures.

`python -m tests.fidelity [FOLDER ...] [--fresh N --seed S]`; tests/corpus where nothing is named, and how folders are
laid out tells `tests.cases`. `--fresh` scores documents made on the spot, which nobody has developed against. Exits 1
where a cell is wrong: a cell not read is a gap, a wrong one is a lie.
"""

import argparse
import hashlib
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import polars as pl

from pipelines.check.engine import evaluate_rules
from pipelines.errors import DocumentError
from pipelines.normalize import normalize_batch
from pipelines.read import document_frames, read_document
from pipelines.read.model import Document
from pipelines.settings import TODAY_VARIABLE, get_today
from schemas.form import load_forms
from schemas.ids import stable_id
from schemas.rule import load_rules
from schemas.table import table
from schemas.vocabulary import RuleStatus, ValueStatus
from tests.cases import Case, Expected, Key, fresh_cases, load_cases

_BATCH = 250
_CORPUS = Path(__file__).parent / "corpus"
_UNCLEAR = "unclear"
_UNKNOWN_UNIT = "unknown"
_LEGACY = "legacy"


@dataclass(slots=True)
class Reading:
    """What the pipeline made of one document.

    Attributes:
        indicators: Codes of its 统计表 by label.
        doubted: Codes of the tables that break a rule of the form, so that a wrong figure in them is no silent one.
    """

    indicators: dict[str, str | None] = field(default_factory=dict)
    figures: list[tuple[Key, Expected]] = field(default_factory=list)
    findings: set[str] = field(default_factory=set)
    doubted: set[str] = field(default_factory=set)
    rejected: str | None = None
    year: int | None = None
    agency_name: str | None = None


@dataclass(slots=True)
class Score:
    """One document's result; `wrong` and `missing` tell each cell."""

    case: Case
    right: int = 0
    wrong: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    refused: int = 0
    complaints: list[str] = field(default_factory=list)

    @property
    def is_perfect(self) -> bool:
        """Nothing wrong, nothing missing that may not be, and every finding made."""
        return not (self.wrong or self.missing or self.complaints)

    def silently_wrong(self, doubted: set[str]) -> list[str]:
        """Return the wrong cells of tables that break no rule."""
        return [line for line in self.wrong if line.partition("/")[0] not in doubted]


def score_cases(cases: Sequence[Case]) -> Iterator[Score]:
    """Read and score documents, batch by batch as the pipeline does."""
    for start in range(0, len(cases), _BATCH):
        batch = cases[start : start + _BATCH]
        readings = read_cases(batch)
        yield from (score(case, readings[case.path]) for case in batch)


def read_cases(cases: Sequence[Case]) -> dict[str, Reading]:
    """Return the pipeline's reading of each document, by path."""
    readings = {case.path: Reading() for case in cases}
    ids = {stable_id("file", case.path): case.path for case in cases}
    documents: list[tuple[int, Document]] = []
    files = []
    for file_id, case in zip(ids, cases, strict=True):
        content = case.load()
        files.append(_file_row(file_id, case, content))
        try:
            documents.append((file_id, read_document(case.path, content)))
        except DocumentError as error:
            readings[case.path].rejected = error.reason_code
            readings[case.path].findings.add(error.reason_code)
    if not documents:
        return readings
    read = document_frames(documents)
    # A document of an edition that is not yet in force is of a year to come.
    last = date(max(form.first_year for form in load_forms().values()), 12, 31)
    with patch.dict(os.environ, {TODAY_VARIABLE: max(last, get_today()).isoformat()}):
        frames = normalize_batch(
            table("files").conform(pl.DataFrame(files)), read["documents"], read["blocks"], read["cells"]
        )
    is_coded = pl.col("row_code").is_not_null() | (pl.col("table_code") == _LEGACY)
    for row in frames["figures"].filter(is_coded).drop_nulls("column_code").iter_rows(named=True):
        key = (row["table_code"], row["row_code"], row["column_code"])
        if row["table_code"] == _LEGACY:
            label = _label_of(row["raw_label"] or "", row["unit"] or "")
            key = (_LEGACY, label, row["column_code"])
            readings[ids[row["file_id"]]].indicators[label] = row["row_code"]
        value = None if row["value"] is None else Decimal(repr(row["value"]))
        readings[ids[row["file_id"]]].figures.append((key, Expected(value, row["value_status"], row["unit"])))
    for row in pl.concat([read["findings"], frames["findings"]]).iter_rows(named=True):
        readings[ids[row["file_id"]]].findings.add(row["reason_code"])
    for file_id, table_code in _broken_tables(frames):
        readings[ids[file_id]].doubted.add(table_code)
    for row in frames["rejections"].iter_rows(named=True):
        readings[ids[row["file_id"]]].rejected = row["reason_code"]
    for row in frames["reports"].iter_rows(named=True):
        reading = readings[ids[row["file_id"]]]
        reading.year, reading.agency_name = row["year"], row["agency_name"]
    return readings


def _broken_tables(frames: dict[str, pl.DataFrame]) -> Iterator[tuple[int, str]]:
    quality = evaluate_rules(frames["figures"], frames["reports"]).quality
    for file_id, rule_id in quality.filter(status=RuleStatus.FAIL.value).select("file_id", "rule_id").iter_rows():
        table_code = load_rules()[rule_id].table_code
        if table_code is not None:
            yield file_id, table_code


def _label_of(printed: str, unit: str) -> str:
    """Return a printed label without white space, and without the unit where text containers print both in one cell."""
    words = printed.split()
    return "".join(words[:-1] if len(words) > 1 and words[-1] == unit else words)


def score(case: Case, reading: Reading) -> Score:
    """Compare one reading with what was expected.

    A cell is wrong where another value, status or unit was read, where nothing is printed under that key, or where two
    cells claim it; missing where none was read or the reader itself called it illegible.
    """
    result = Score(case)
    if case.expected is None:
        outcome = (
            f"refused with {reading.rejected}" if reading.rejected else f"{len(reading.figures)} figures were read"
        )
        result.complaints.append(f"not scored, {case.unscored}; {outcome}")
        return result
    scored = {key: cell for key, cell in case.expected.items() if cell.status != _UNCLEAR}
    if reading.rejected:
        result.refused = len(scored)
        if case.refused is None:
            result.complaints.append(f"refused with {reading.rejected}")
        return result
    found: dict[Key, Expected] = {}
    for key, cell in reading.figures:
        if key in found:
            result.wrong.append(f"{'/'.join(key)}: read twice, {found[key]} and {cell}")
        elif key not in case.expected:
            result.wrong.append(f"{'/'.join(key)}: {cell} was read and nothing is printed")
        found[key] = cell
    for key, cell in scored.items():
        _score_cell(result, key, cell, found.get(key))
    for label, code in case.indicators.items():
        if label in reading.indicators and reading.indicators[label] != code:
            result.wrong.append(f"legacy/{label}: expected indicator {code}, read {reading.indicators[label]}")
    _score_findings(result, reading)
    return result


def _score_cell(result: Score, key: Key, expected: Expected, found: Expected | None) -> None:
    name = "/".join(key)
    if found is None or found.status == ValueStatus.ILLEGIBLE.value != expected.status:
        state = "not read" if found is None else "illegible"
        result.missing.append(f"{name}: expected {expected}, {state}")
    elif (found.value, found.status) != (expected.value, expected.status) or _unit_differs(expected, found):
        result.wrong.append(f"{name}: expected {expected}, read {found}")
    else:
        result.right += 1


def _unit_differs(expected: Expected, found: Expected) -> bool:
    if expected.unit is None or expected.value is None:
        return False
    return found.unit is not None if expected.unit == _UNKNOWN_UNIT else found.unit != expected.unit


def _score_findings(result: Score, reading: Reading) -> None:
    case = result.case
    if case.refused and result.missing and reading.findings.isdisjoint(case.refused.split()):
        result.complaints.append(f"{len(result.missing)} cells are missing and no finding says {case.refused}")
    if case.refused:
        # What a lossy text no longer says is refused cell by cell where it is not refused whole.
        result.refused, result.missing = len(result.missing), []
    result.complaints += [f"no finding {code}" for code in case.must_find if code not in reading.findings]
    if case.year is not None and reading.year not in (case.year, None):
        result.complaints.append(f"year {reading.year} in place of {case.year}")
    if case.agency_name is not None and reading.agency_name not in (case.agency_name, None):
        result.complaints.append(f"agency {reading.agency_name} in place of {case.agency_name}")


def _file_row(file_id: int, case: Case, content: bytes) -> dict[str, int | str | None]:
    year = case.path.partition("/")[0]
    return {
        "file_id": file_id,
        "path": case.path,
        "partition": year if year.isdecimal() else "undated",
        "folder_year": int(year) if year.isdecimal() else None,
        "bytes": len(content),
        "modified_ns": 0,
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def print_scores(scores: Sequence[Score], write: Callable[[str], object]) -> None:
    """Print the scoreboard: every document that is not perfect, then sums by container and by quirk."""
    for result in scores:
        if not result.is_perfect:
            write(f"{result.case.name}  {' '.join(result.case.quirks)}\n")
            for kind, lines in (("wrong", result.wrong), ("missing", result.missing), ("", result.complaints)):
                shown = lines if kind == "wrong" else lines[:5]
                write("".join(f"    {kind:8}{line}\n" for line in shown))
                if len(lines) > len(shown):
                    write(f"    {kind:8}and {len(lines) - len(shown)} more\n")
    for title in ("container", "quirk", ""):
        write(f"\n{title:32}{'documents':>10}{'right':>10}{'wrong':>8}{'missing':>9}{'refused':>9}{'perfect':>9}\n")
        sums: dict[str, Counter[str]] = {}
        for result in scores:
            names = {"container": (result.case.container,), "quirk": result.case.quirks or ("(none)",)}
            for name in names.get(title, ("all",)):
                sums.setdefault(name, Counter()).update(_sums(result))
        for name, counts in sorted(sums.items()):
            write(f"{name:32}{counts['documents']:>10}{counts['right']:>10}{counts['wrong']:>8}")
            write(f"{counts['missing']:>9}{counts['refused']:>9}{counts['perfect']:>9}\n")


def _sums(result: Score) -> dict[str, int]:
    return {
        "documents": 1,
        "right": result.right,
        "wrong": len(result.wrong),
        "missing": len(result.missing),
        "refused": result.refused,
        "perfect": int(result.is_perfect),
    }


def main(arguments: list[str] | None = None) -> int:
    """Run the scoreboard; 1 where a cell is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fidelity", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path, help="folders to score (tests/corpus)")
    parser.add_argument("--fresh", type=int, default=0, metavar="N", help="score N documents made on the spot")
    parser.add_argument("--seed", type=int, default=1, help="seed of the fresh documents")
    parser.add_argument("--only", default="", help="score documents whose name or quirks hold this")
    options = parser.parse_args(arguments)
    folders = options.folders or ([] if options.fresh else [_CORPUS])
    cases = [case for folder in folders for case in load_cases(folder)]
    cases += fresh_cases(options.fresh, options.seed)
    cases = [case for case in cases if options.only in f"{case.name} {' '.join(case.quirks)}"]
    scores = list(score_cases(cases))
    print_scores(scores, sys.stdout.write)
    return 1 if any(result.wrong for result in scores) else 0


if __name__ == "__main__":
    sys.exit(main())
