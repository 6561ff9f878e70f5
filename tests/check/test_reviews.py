"""What a verdict does to the warehouse: closes, corrects beside what was printed, and stops the build when outdated."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.check.verdicts import Verdict, record_verdict, verdicts_file
from pipelines.errors import WarehouseError
from pipelines.load import publish_warehouse
from pipelines.settings import Workspace
from schemas.vocabulary import ReviewVerdict
from tests.check.builders import Table, made_up_request
from tests.check.house import as_figures, check_files
from tests.load.staged import FakeFile, workspace_in

RIGHT = made_up_request("2021", 1)
CELL = ("granted", "business")
WRONG: Table = {**RIGHT, CELL: (RIGHT[CELL] or 0) + 6}


def report(cells: Table, **more: Any) -> FakeFile:
    return FakeFile("2021/甲.html", "甲市人民政府", 2021, as_figures(request=cells), content="the same bytes", **more)


FILE = report(WRONG)


def on_cell(verdict: ReviewVerdict, cell: tuple[str, str] = CELL, printed: float | None = None, **more: Any) -> Verdict:
    text = WRONG[cell] if printed is None else printed
    return Verdict(
        path=FILE.path, sha256=FILE.sha256, table_code="request", row_code=cell[0], column_code=cell[1], rule_id="",
        scope="", raw_text=f"{text}", verdict=verdict, value=more.pop("value", None), unit="",
        read_where=more.pop("read_where", ""), reviewer="lin", date=date(2026, 1, 31), comment="",
    )  # fmt: skip


def on_rule(rule: str, scope: str, seen: str, verdict: ReviewVerdict = ReviewVerdict.ACCEPTED) -> Verdict:
    cell = on_cell(ReviewVerdict.ACCEPTED)
    return replace(
        cell, table_code="", row_code="", column_code="", rule_id=rule, scope=scope, raw_text=seen, verdict=verdict
    )


@pytest.fixture
def house(tmp_path: Path) -> Workspace:
    workspace = workspace_in(tmp_path)
    check_files(workspace, [FILE])
    return workspace


def publish(house: Workspace, *verdicts: Verdict) -> None:
    for verdict in verdicts:
        record_verdict(verdicts_file(house), verdict)
    publish_warehouse(house)


def ask(house: Workspace, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(house.database), read_only=True) as connection:
        return connection.execute(query).fetchall()


OPEN_RULES = "SELECT rule_id, scope FROM quality_result WHERE is_open AND rule_id LIKE 'T3%' ORDER BY ALL"
OPEN_CELLS = "SELECT row_code, column_code FROM suspected_cell WHERE is_open"
BROKEN = [("T3-row", "granted"), ("T3-sum", "business")]


def test_without_verdicts_every_breach_and_suspicion_is_open(house: Workspace) -> None:
    publish(house)
    assert ask(house, OPEN_RULES) == BROKEN
    assert ask(house, OPEN_CELLS) == [CELL]
    assert ask(house, "SELECT count(*) FROM reported_cell WHERE value_reviewed IS NOT NULL") == [(0,)]


def test_a_corrected_cell_stands_beside_the_printed_and_the_views_use_either(house: Workspace) -> None:
    publish(house, on_cell(ReviewVerdict.CORRECTED, value=RIGHT[CELL], read_where="the report of 2022"))
    assert ask(house, "SELECT value, value_reviewed FROM reported_cell WHERE value_reviewed IS NOT NULL") == [
        (WRONG[CELL], RIGHT[CELL])]  # fmt: skip
    assert ask(house, OPEN_RULES) == []
    assert ask(house, OPEN_CELLS) == []
    assert ask(house, "SELECT DISTINCT verdict FROM quality_result WHERE status = 'fail' AND rule_id LIKE 'T3%'") == [
        ("corrected",)]  # fmt: skip
    printed, right = (ask(house, f"SELECT granted, outcomes FROM agency_year{twin}")[0] for twin in ("", "_reviewed"))
    assert [a - b for a, b in zip(printed, right, strict=True)] == [6, 6]
    counts = [ask(house, f"SELECT failed_checks FROM agency_year{twin}")[0][0] for twin in ("", "_reviewed")]
    assert counts[0] - counts[1] == 2


def test_a_correction_that_does_not_mend_leaves_the_rules_open(house: Workspace) -> None:
    publish(house, on_cell(ReviewVerdict.CORRECTED, value=(RIGHT[CELL] or 0) + 1, read_where="page 3"))
    assert ask(house, OPEN_RULES) == BROKEN
    assert ask(house, OPEN_CELLS) == []


@pytest.mark.parametrize("verdict", [ReviewVerdict.SOURCE_ERROR, ReviewVerdict.ACCEPTED])
def test_a_verdict_on_the_cell_closes_it_and_its_rules(house: Workspace, verdict: ReviewVerdict) -> None:
    publish(house, on_cell(verdict))
    assert (ask(house, OPEN_RULES), ask(house, OPEN_CELLS)) == ([], [])
    assert ask(house, "SELECT verdict, is_open FROM suspected_cell") == [(verdict.value, False)]


def test_an_error_of_ours_stays_open(house: Workspace) -> None:
    publish(house, on_cell(ReviewVerdict.OUR_ERROR))
    assert ask(house, OPEN_CELLS) == [CELL]
    assert ask(house, OPEN_RULES) == BROKEN
    assert ask(house, "SELECT DISTINCT verdict FROM quality_result WHERE is_open AND verdict IS NOT NULL") == [
        ("our_error",)]  # fmt: skip


def test_a_verdict_on_one_rule_closes_that_rule_and_the_cell_once_all_are_closed(house: Workspace) -> None:
    publish(house)
    query = "SELECT rule_id, scope, left_value, right_value FROM quality_result WHERE is_open AND left_value > 1"
    seen = {f"{rule}:{scope}": f"{left:.15g} against {right:.15g}" for rule, scope, left, right in ask(house, query)}
    publish(house, on_rule("T3-sum", "business", seen["T3-sum:business"]))
    assert ask(house, OPEN_RULES) == BROKEN[:1]
    assert ask(house, OPEN_CELLS) == [CELL]
    publish(house, on_rule("T3-row", "granted", seen["T3-row:granted"]))
    assert (ask(house, OPEN_RULES), ask(house, OPEN_CELLS)) == ([], [])


def test_verdicts_survive_a_rerun_and_a_renamed_file(house: Workspace) -> None:
    verdict = on_cell(ReviewVerdict.SOURCE_ERROR)
    publish(house, verdict)
    moved = replace(FILE, path="2021/另名.html")
    check_files(house, [moved])
    publish_warehouse(house)
    assert ask(house, "SELECT is_stale, report_id IS NOT NULL FROM review_verdict") == [(False, True)]
    assert ask(house, OPEN_CELLS) == []


def test_a_file_that_is_not_there_makes_the_verdict_stale_and_no_error(house: Workspace) -> None:
    gone = replace(on_cell(ReviewVerdict.SOURCE_ERROR), sha256="f" * 64)
    publish(house, gone)
    assert ask(house, "SELECT is_stale, report_id FROM review_verdict") == [(True, None)]
    assert ask(house, OPEN_CELLS) == [CELL]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({**WRONG, CELL: 99.0}, r"line 2: request.granted.business of 2021/甲.html reads '99.0' now"),
        ({c: v for c, v in WRONG.items() if c != CELL}, r"line 2: request.granted.business of 2021/甲.html is gone"),
    ],
)  # fmt: skip
def test_the_build_stops_when_the_cell_reads_otherwise(house: Workspace, cells: Table, words: str) -> None:
    publish(house, on_cell(ReviewVerdict.SOURCE_ERROR))
    before = house.database.stat()  # not all of it: reading may move the time of access
    check_files(house, [report(cells)])
    with pytest.raises(WarehouseError, match=words):
        publish_warehouse(house)
    after = house.database.stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_size) == (before.st_ino, before.st_mtime_ns, before.st_size)


def test_the_build_stops_when_the_rule_says_otherwise(house: Workspace) -> None:
    record_verdict(verdicts_file(house), on_rule("T3-sum", "business", "27 against 21"))
    with pytest.raises(WarehouseError, match=r"line 2: T3-sum:business of 2021/甲.html reads '.*' now"):
        publish_warehouse(house)


def test_a_file_that_is_no_list_of_verdicts_stops_the_build_in_one_line(house: Workspace) -> None:
    verdicts_file(house).parent.mkdir()
    verdicts_file(house).write_text("cell,verdict\n", encoding="utf-8")
    with pytest.raises(WarehouseError, match=r"verdicts.csv, line 1: the columns must be"):
        publish_warehouse(house)


def test_a_changed_verdict_is_published_without_checking_again(house: Workspace) -> None:
    publish(house)
    staged = sorted((path, path.stat().st_mtime_ns) for path in house.staging.rglob("*.parquet"))
    publish(house, on_cell(ReviewVerdict.SOURCE_ERROR))
    assert ask(house, OPEN_CELLS) == []
    assert sorted((path, path.stat().st_mtime_ns) for path in house.staging.rglob("*.parquet")) == staged


def test_a_corrected_blank_gives_a_fact_and_an_amount_is_held_in_yuan(tmp_path: Path) -> None:
    house = workspace_in(tmp_path)
    figures = as_figures(request={**RIGHT, CELL: None}) | {("proactive", "fee", "amount"): (38050, "万元")}
    check_files(house, [replace(FILE, figures=figures)])
    fee = replace(
        on_cell(ReviewVerdict.CORRECTED, value=38050.0, read_where="final accounts"), table_code="proactive",
        row_code="fee", column_code="amount", raw_text="38050", unit="元",
    )  # fmt: skip
    blank = replace(on_cell(ReviewVerdict.CORRECTED, value=RIGHT[CELL], read_where="page 3"), raw_text="")
    publish(house, fee, blank)
    assert ask(house, "SELECT value FROM fact_proactive UNION ALL SELECT value FROM fact_proactive_reviewed") == [
        (380_500_000.0,), (38_050.0,)]  # fmt: skip
    assert ask(house, "SELECT value, value_reviewed FROM reported_cell WHERE row_code = 'fee'") == [(38050.0, 3.805)]
    where = "WHERE outcome_code = 'granted' AND applicant_code = 'business'"
    assert ask(house, f"SELECT requests FROM fact_request_outcome {where}") == []
    assert ask(house, f"SELECT requests FROM fact_request_outcome_reviewed {where}") == [(RIGHT[CELL],)]
