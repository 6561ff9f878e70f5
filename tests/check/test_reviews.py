"""What a verdict does to the warehouse: closes, corrects beside what was printed, and stops the build when outdated.

Each case is a report of an agency of its own with the same cell misprinted. All stand in one house, which is published
without verdicts and again with those of all cases.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.check.verdicts import Verdict, record_verdict, verdicts_file
from pipelines.errors import WarehouseError
from pipelines.load import publish, publish_warehouse
from pipelines.settings import Workspace
from schemas.vocabulary import ReviewVerdict
from tests.check.builders import Table, made_up_request
from tests.check.house import as_figures, check_files
from tests.load.staged import Cell, FakeFile, Key, workspace_in

CELL = ("granted", "business")
ROW, SUM = ("T3-row", "granted"), ("T3-sum", "business")

Ask = Callable[[str, str], list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Case:
    """A report whose `CELL` is printed six too high, and what a reviewer says of it."""

    name: str
    number: int
    verdicts: tuple[Verdict, ...] = ()
    rules: tuple[tuple[str, str], ...] = ()  # accepted as they were seen in the first publish
    other: dict[Key, Cell] = field(default_factory=dict)
    text: str = ""

    @property
    def right(self) -> Table:
        return made_up_request("2021", self.number)

    @property
    def wrong(self) -> Table:
        return {**self.right, CELL: (self.right[CELL] or 0) + 6}

    @property
    def file(self) -> FakeFile:
        return self.printing(self.wrong)

    def printing(self, cells: Table) -> FakeFile:
        figures = as_figures(request=cells) | self.other
        return FakeFile(
            f"2021/{self.name}.html", f"{self.name}市人民政府", 2021, figures, content=f"bytes {self.number}",
            sections=(self.text,) if self.text else (),
        )  # fmt: skip

    def on_cell(self, verdict: ReviewVerdict, **more: Any) -> Verdict:
        blank = Verdict(
            path=self.file.path, sha256=self.file.sha256, table_code="request", row_code=CELL[0], column_code=CELL[1],
            rule_id="", scope="", raw_text=f"{self.wrong[CELL]}", verdict=verdict, value=None, unit="", read_where="",
            reviewer="lin", date=date(2026, 1, 31), comment="",
        )  # fmt: skip
        return replace(blank, **more)

    def corrected(self, value: float, **more: Any) -> Verdict:
        return self.on_cell(ReviewVerdict.CORRECTED, value=value, read_where="the report of 2022", **more)

    def on_rule(self, rule: str, scope: str, seen: str) -> Verdict:
        cell = self.on_cell(ReviewVerdict.ACCEPTED)
        return replace(cell, table_code="", row_code="", column_code="", rule_id=rule, scope=scope, raw_text=seen)

    @property
    def right_value(self) -> float:
        return self.right[CELL] or 0.0


def with_verdicts(case: Case, *verdicts: Verdict) -> Case:
    return replace(case, verdicts=verdicts)


def _cases() -> Iterator[Case]:
    yield Case("甲", 1)
    mended = Case("乙", 2)
    yield with_verdicts(mended, mended.corrected(mended.right_value))
    missed = Case("丙", 3)
    yield with_verdicts(missed, missed.corrected(missed.right_value + 1))
    for name, number, verdict in (
        ("丁", 4, ReviewVerdict.SOURCE_ERROR), ("戊", 5, ReviewVerdict.ACCEPTED), ("己", 6, ReviewVerdict.OUR_ERROR),
    ):  # fmt: skip
        case = Case(name, number)
        yield with_verdicts(case, case.on_cell(verdict))
    yield Case("庚", 7, rules=(SUM,))
    yield Case("辛", 8, rules=(SUM, ROW))
    gone = Case("壬", 9)
    yield with_verdicts(gone, replace(gone.on_cell(ReviewVerdict.SOURCE_ERROR), sha256="f" * 64))
    blank = Case("癸", 10, other={("request", *CELL): None, ("proactive", "fee", "amount"): (38050, "万元")})
    fee = blank.corrected(
        38050.0, table_code="proactive", row_code="fee", column_code="amount", raw_text="38050", unit="元"
    )
    yield with_verdicts(blank, fee, blank.corrected(blank.right_value, raw_text=""))
    # The total of granted requests is printed as no count can be, and otherwise than the narrative tells it.
    for name, number, verdict in (("子", 11, ReviewVerdict.CORRECTED), ("丑", 12, ReviewVerdict.SOURCE_ERROR)):
        told = Case(name, number)
        total = told.right["granted", "total"] or 0.0
        told = replace(told, other={("request", "granted", "total"): -4.0}, text=f"全年予以公开{total:g}件。")
        on_total = {"column_code": "total", "raw_text": "-4.0"}
        is_corrected = verdict is ReviewVerdict.CORRECTED
        yield with_verdicts(
            told, told.corrected(total, **on_total) if is_corrected else told.on_cell(verdict, **on_total)
        )


CASES = {case.name: case for case in _cases()}

OPEN_RULES = "SELECT rule_id, scope FROM quality_result WHERE is_open AND rule_id LIKE 'T3%' AND {} ORDER BY ALL"
OPEN_CELLS = "SELECT row_code, column_code FROM suspected_cell WHERE is_open AND {}"


@dataclass(frozen=True)
class Published:
    """The house with all verdicts; `seen` is what the first publish said, and `staged` what had been staged for it."""

    house: Workspace
    seen: dict[str, list[tuple[Any, ...]]]
    staged: tuple[dict[Path, int], dict[Path, int]]


def ask_of(house: Workspace, name: str, query: str) -> list[tuple[Any, ...]]:
    """Answer a query about one case, whose report stands for {} in it."""
    file = f"(SELECT file_id FROM source_file WHERE path = '2021/{name}.html')"
    mine = f"report_id = (SELECT report_id FROM dim_report WHERE file_id = {file})"
    with duckdb.connect(str(house.database), read_only=True) as connection:
        return connection.execute(query.replace("{}", mine)).fetchall()


def staged_times(house: Workspace) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in house.staging.rglob("*.parquet")}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, small_map: None) -> Published:
    house = workspace_in(tmp_path_factory.mktemp("reviews"))
    check_files(house, [case.file for case in CASES.values()])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "_write_page", lambda _, path: path.write_text("page"))
        publish_warehouse(house)
        query = OPEN_RULES.replace("scope FROM", "scope, left_value, right_value FROM")
        seen = {name: ask_of(house, name, query) for name in CASES}
        before = staged_times(house)
        for name, case in CASES.items():
            sides = {(rule, scope): f"{left:.15g} against {right:.15g}" for rule, scope, left, right in seen[name]
                     if (rule, scope) in case.rules}  # fmt: skip
            for verdict in (*case.verdicts, *(case.on_rule(*rule, sides[rule]) for rule in case.rules)):
                record_verdict(verdicts_file(house), verdict)
        publish_warehouse(house)
    return Published(house, seen, (before, staged_times(house)))


@pytest.fixture
def ask(published: Published) -> Ask:
    return lambda name, query: ask_of(published.house, name, query)


@pytest.fixture
def house(published: Published, plain_publish: None, tmp_path: Path) -> Workspace:
    """A copy of the published house, for a test to change."""
    shutil.copytree(published.house.raw.parent, tmp_path / "house", symlinks=True)
    return workspace_in(tmp_path / "house")


def test_without_verdicts_every_breach_and_suspicion_is_open(published: Published, ask: Ask) -> None:
    for name, case in CASES.items():
        if not case.other:
            assert [(rule, scope) for rule, scope, *_ in published.seen[name]] == [ROW, SUM]
    assert ask("甲", OPEN_RULES) == [ROW, SUM]
    assert ask("甲", OPEN_CELLS) == [CELL]
    assert ask("甲", "SELECT count(*) FROM reported_cell WHERE value_reviewed IS NOT NULL AND {}") == [(0,)]


def test_a_corrected_cell_stands_beside_the_printed_and_the_views_use_either(ask: Ask) -> None:
    case = CASES["乙"]
    assert ask("乙", "SELECT value, value_reviewed FROM reported_cell WHERE value_reviewed IS NOT NULL AND {}") == [
        (case.wrong[CELL], case.right[CELL])]  # fmt: skip
    assert ask("乙", OPEN_RULES) == []
    assert ask("乙", OPEN_CELLS) == []
    broken = "SELECT DISTINCT verdict FROM quality_result WHERE status = 'fail' AND rule_id LIKE 'T3%' AND {}"
    assert ask("乙", broken) == [("corrected",)]
    year = "SELECT granted, outcomes, failed_checks FROM agency_year{twin} WHERE agency_name = '乙市人民政府'"
    printed, right = (ask("乙", year.replace("{twin}", twin))[0] for twin in ("", "_reviewed"))
    assert [a - b for a, b in zip(printed, right, strict=True)] == [6, 6, 2]


def test_a_correction_that_does_not_mend_leaves_the_rules_open(ask: Ask) -> None:
    assert ask("丙", OPEN_RULES) == [ROW, SUM]
    assert ask("丙", OPEN_CELLS) == []


@pytest.mark.parametrize(("name", "verdict"), [("丁", ReviewVerdict.SOURCE_ERROR), ("戊", ReviewVerdict.ACCEPTED)])
def test_a_verdict_on_the_cell_closes_it_and_its_rules(ask: Ask, name: str, verdict: ReviewVerdict) -> None:
    assert (ask(name, OPEN_RULES), ask(name, OPEN_CELLS)) == ([], [])
    assert ask(name, "SELECT verdict, is_open FROM suspected_cell WHERE {}") == [(verdict.value, False)]


@pytest.mark.parametrize(("name", "verdict"), [("子", "corrected"), ("丑", "source_error")])
def test_a_verdict_on_a_cell_closes_what_it_breaks_besides_identities(
    published: Published, ask: Ask, name: str, verdict: str
) -> None:
    """The domain of its table, and the sentence that tells it."""
    broken = "SELECT rule_id, scope, verdict, is_open FROM quality_result WHERE {} AND status = 'fail' "
    assert ask(name, broken + "AND scope IN ('table', 'report') ORDER BY ALL") == [
        ("T3-domain", "table", verdict, False),
        ("TXT-granted", "report", verdict, False),
    ]


def test_an_error_of_ours_stays_open(ask: Ask) -> None:
    assert ask("己", OPEN_CELLS) == [CELL]
    assert ask("己", OPEN_RULES) == [ROW, SUM]
    assert ask("己", "SELECT DISTINCT verdict FROM quality_result WHERE is_open AND verdict IS NOT NULL AND {}") == [
        ("our_error",)]  # fmt: skip


def test_a_verdict_on_one_rule_closes_that_rule_and_the_cell_once_all_are_closed(ask: Ask) -> None:
    assert ask("庚", OPEN_RULES) == [ROW]
    assert ask("庚", OPEN_CELLS) == [CELL]
    assert (ask("辛", OPEN_RULES), ask("辛", OPEN_CELLS)) == ([], [])


def test_verdicts_survive_a_rerun_and_a_renamed_file(house: Workspace) -> None:
    moved = replace(CASES["丁"].file, path="2021/另名.html")
    check_files(house, [moved, *(case.file for name, case in CASES.items() if name != "丁")])
    publish_warehouse(house)
    assert ask_of(house, "另名", "SELECT path, is_stale FROM review_verdict WHERE {}") == [("2021/丁.html", False)]
    assert ask_of(house, "另名", OPEN_CELLS) == []


def test_a_file_that_is_not_there_makes_the_verdict_stale_and_no_error(ask: Ask) -> None:
    assert ask("壬", "SELECT is_stale, report_id FROM review_verdict WHERE path = '2021/壬.html'") == [(True, None)]
    assert ask("壬", OPEN_CELLS) == [CELL]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({CELL: 99.0}, r": request.granted.business of 2021/丁.html reads '99.0' now"),
        ({CELL: None}, r": request.granted.business of 2021/丁.html is gone"),
    ],
)
def test_the_build_stops_when_the_cell_reads_otherwise(house: Workspace, change: Table, words: str) -> None:
    before = house.database.stat()  # not all of it: reading may move the time of access
    cells = {cell: value for cell, value in {**CASES["丁"].wrong, **change}.items() if change.get(cell, 0) is not None}
    check_files(house, [CASES["丁"].printing(cells), *(case.file for name, case in CASES.items() if name != "丁")])
    with pytest.raises(WarehouseError, match=f"line {line_of(house, '2021/丁.html')}{words}"):
        publish_warehouse(house)
    after = house.database.stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_size) == (before.st_ino, before.st_mtime_ns, before.st_size)


def line_of(house: Workspace, path: str) -> int:
    lines = verdicts_file(house).read_text(encoding="utf-8").splitlines()
    [number] = [number for number, line in enumerate(lines, start=1) if line.startswith(path)]
    return number


def test_the_build_stops_when_the_rule_says_otherwise(house: Workspace) -> None:
    record_verdict(verdicts_file(house), CASES["甲"].on_rule(*SUM, "27 against 21"))
    with pytest.raises(WarehouseError, match=r"line [0-9]+: T3-sum:business of 2021/甲.html reads '.*' now"):
        publish_warehouse(house)


def test_a_file_that_is_no_list_of_verdicts_stops_the_build_in_one_line(house: Workspace) -> None:
    verdicts_file(house).write_text("cell,verdict\n", encoding="utf-8")
    with pytest.raises(WarehouseError, match=r"verdicts.csv, line 1: the columns must be"):
        publish_warehouse(house)


def test_a_changed_verdict_is_published_without_checking_again(published: Published, ask: Ask) -> None:
    before, after = published.staged
    assert before
    assert before == after
    assert ask("丁", OPEN_CELLS) == []


def test_a_corrected_blank_gives_a_fact_and_an_amount_is_held_in_yuan(ask: Ask) -> None:
    facts = "SELECT value FROM fact_proactive WHERE {} UNION ALL SELECT value FROM fact_proactive_reviewed WHERE {}"
    assert ask("癸", facts) == [(380_500_000.0,), (38_050.0,)]
    assert ask("癸", "SELECT value, value_reviewed FROM reported_cell WHERE row_code = 'fee' AND {}") == [
        (38050.0, 3.805)]  # fmt: skip
    where = "WHERE outcome_code = 'granted' AND applicant_code = 'business' AND {}"
    assert ask("癸", f"SELECT requests FROM fact_request_outcome {where}") == []
    assert ask("癸", f"SELECT requests FROM fact_request_outcome_reviewed {where}") == [(CASES["癸"].right[CELL],)]
