"""The rules across years in the house: staged once, over current versions, and never missing from what is published."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.check import stage_series
from pipelines.check.stage_series import run_series
from pipelines.load import check_series, publish_warehouse
from pipelines.settings import Workspace
from tests.check.builders import Table, made_up_request
from tests.check.house import as_figures, check_files
from tests.check.test_across import follow
from tests.load.staged import FakeFile, workspace_in

FIRST = made_up_request("2021", 1)
SECOND = follow(FIRST, made_up_request("2021", 2))


def report(year: int, cells: Table, agency: str = "甲市人民政府", name: str = "报告", **more: Any) -> FakeFile:
    return FakeFile(f"{year}/{agency}{name}.html", agency, year, as_figures(request=cells), **more)


def ask(workspace: Workspace, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        return connection.execute(query).fetchall()


X_YEAR = """SELECT r.year, q.status, count(*) FROM quality_result AS q JOIN dim_report AS r USING (report_id)
WHERE rule_id = 'X-year' GROUP BY ALL ORDER BY ALL"""


def test_what_is_published_holds_the_rules_across_years(tmp_path: Path) -> None:
    house = workspace_in(tmp_path)
    broken = {**SECOND, ("carried_in", "total"): (SECOND["carried_in", "total"] or 0) + 4}
    check_files(house, [report(2022, FIRST), report(2023, broken)])
    publish_warehouse(house)
    assert ask(house, X_YEAR) == [(2022, "not_assessable", 7), (2023, "fail", 1), (2023, "pass", 6)]
    assert ask(house, "SELECT count(*) FROM finding WHERE message LIKE 'X-year%'") == [(1,)]
    assert ask(house, "SELECT DISTINCT is_open FROM quality_result WHERE status = 'fail'") == [(True,)]


def test_versions_and_copies_of_a_file_are_not_compared(tmp_path: Path) -> None:
    """A superseded version would break X-year, and a duplicate would be a copy of itself."""
    house = workspace_in(tmp_path)
    older = {**FIRST, ("carried_forward", "total"): 999.0}
    files = [
        report(2022, older, name="初稿", published=date(2023, 1, 1)),
        report(2022, FIRST, name="定稿", published=date(2023, 2, 1)),
        report(2023, SECOND, name="一", content="same bytes"),
        report(2023, SECOND, name="二", content="same bytes"),
        report(2023, SECOND, name="三", published=date(2024, 1, 1)),
    ]
    check_files(house, files)
    publish_warehouse(house)
    assert ask(house, X_YEAR) == [(2022, "not_assessable", 7), (2023, "pass", 7)]
    assert ask(house, "SELECT DISTINCT status FROM quality_result WHERE rule_id = 'X-copy'") == [("pass",)]
    assert ask(house, "SELECT status, left_value FROM quality_result WHERE rule_id = 'ID-current'") == [
        ("pass", 1.0), ("pass", 1.0)]  # fmt: skip


def test_versions_that_nothing_orders_are_said(tmp_path: Path) -> None:
    house = workspace_in(tmp_path)
    check_files(house, [report(2022, FIRST, name="甲"), report(2022, SECOND, name="乙")])
    publish_warehouse(house)
    assert ask(house, "SELECT status, left_value FROM quality_result WHERE rule_id = 'ID-current'") == [("fail", 2.0)]


def test_another_agencys_table_is_a_copy_whatever_bucket_it_falls_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = workspace_in(tmp_path)
    check_files(house, [report(2022, FIRST, f"{name}县人民政府") for name in "甲乙丙丁"])
    whole = check_series(house)
    monkeypatch.setattr(stage_series, "_REPORTS", 1)
    parted = check_series(house)
    assert (whole.made, parted.made) == (1, 4)
    assert whole.rows == parted.rows
    publish_warehouse(house)
    assert ask(house, "SELECT status, note, count(*) FROM quality_result WHERE rule_id = 'X-copy' GROUP BY ALL") == [
        ("fail", "other_agency", 4)]  # fmt: skip


def test_nothing_is_computed_twice_and_a_changed_report_is_seen(tmp_path: Path) -> None:
    house = workspace_in(tmp_path)
    check_files(house, [report(2022, FIRST), report(2023, SECOND)])
    assert (check_series(house).made, check_series(house).made) == (1, 0)
    check_files(house, [report(2022, FIRST), report(2023, made_up_request("2021", 3))])
    assert check_series(house).made == 1
    publish_warehouse(house)
    assert ("fail" in {status for _, status, _ in ask(house, X_YEAR)}) is True


def test_a_killed_run_leaves_nothing_that_is_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = workspace_in(tmp_path)
    check_files(house, [report(2022, FIRST, f"{name}县人民政府") for name in "甲乙丙丁"])
    monkeypatch.setattr(stage_series, "_REPORTS", 1)
    compute: Callable[..., Any] = stage_series._compute
    calls = []

    def fail_late(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return compute(*arguments)

    monkeypatch.setattr(stage_series, "_compute", fail_late)
    with pytest.raises(KeyboardInterrupt):
        check_series(house)
    monkeypatch.setattr(stage_series, "_compute", compute)
    run = check_series(house)
    assert (run.made, run.kept) == (2, 2)


def test_an_empty_house_has_no_rows(tmp_path: Path) -> None:
    house = workspace_in(tmp_path)
    check_files(house, [])
    assert set(check_series(house).rows.values()) == {0}
    assert run_series.__doc__
