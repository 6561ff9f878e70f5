"""The rules across years in the house: staged once, over current versions, and never missing from what is published."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.check import read_series, stage_series
from pipelines.check.stage_series import run_series
from pipelines.load import check_series, publish_warehouse
from pipelines.load import series as load_series
from pipelines.load.file_states import settle_files
from pipelines.settings import Workspace
from tests.check.builders import Table, follow, made_up_request
from tests.check.house import as_figures, check_files
from tests.load.staged import FakeFile, workspace_in

FIRST = made_up_request("2021", 1)
SECOND = follow(FIRST, made_up_request("2021", 2))


def report(year: int, cells: Table, agency: str = "甲市人民政府", name: str = "报告", **more: Any) -> FakeFile:
    return FakeFile(f"{year}/{agency}{name}.html", agency, year, as_figures(request=cells), **more)


X_YEAR = """SELECT r.year, q.status, count(*) FROM quality_result AS q JOIN dim_report AS r USING (report_id)
WHERE rule_id = 'X-year' AND {} GROUP BY ALL ORDER BY ALL"""
CURRENT = """SELECT q.status, left_value FROM quality_result AS q JOIN dim_report AS r USING (report_id)
WHERE rule_id = 'ID-current' AND {} ORDER BY ALL"""
COPY = """SELECT q.status, q.note, count(*) FROM quality_result AS q JOIN dim_report AS r USING (report_id)
WHERE rule_id = 'X-copy' AND {} GROUP BY ALL ORDER BY ALL"""
COPIED = made_up_request("2021", 9)
COPYING = [report(2022, COPIED, f"{name}县人民政府") for name in "甲乙丙丁"]


def reports_of(seed: int) -> tuple[Table, Table]:
    """Return a table for 2022 and one for 2023 that follows it, which no other agency prints."""
    first = made_up_request("2021", seed)
    return first, follow(first, made_up_request("2021", seed + 1))


def across_years() -> list[FakeFile]:
    first, second = reports_of(11)
    broken = {**second, ("carried_in", "total"): (second["carried_in", "total"] or 0) + 4}
    return [report(2022, first, "跨年局"), report(2023, broken, "跨年局")]


def versions() -> list[FakeFile]:
    """A superseded version would break X-year, and a duplicate would be a copy of itself."""
    first, second = reports_of(21)
    older = {**first, ("carried_forward", "total"): 999.0}
    return [
        report(2022, older, "版本局", "初稿", published=date(2023, 1, 1)),
        report(2022, first, "版本局", "定稿", published=date(2023, 2, 1)),
        report(2023, second, "版本局", "一", content="same bytes"),
        report(2023, second, "版本局", "二", content="same bytes"),
        report(2023, second, "版本局", "三", published=date(2024, 1, 1)),
    ]


def contradictions() -> list[FakeFile]:
    first, second = reports_of(31)
    return [report(2022, first, "矛盾局", "甲"), report(2022, second, "矛盾局", "乙")]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, small_map: None, plain_publish: None) -> Workspace:
    """The cases as agencies of one house."""
    house = workspace_in(tmp_path_factory.mktemp("series"))
    check_files(house, [*across_years(), *versions(), *contradictions(), *COPYING])
    publish_warehouse(house)
    return house


def ask(house: Workspace, query: str, agency: str) -> list[tuple[Any, ...]]:
    mine = f"agency_id IN (SELECT agency_id FROM dim_agency WHERE agency_name LIKE '%{agency}')"
    with duckdb.connect(str(house.database), read_only=True) as connection:
        return connection.execute(query.replace("{}", mine)).fetchall()


def test_what_is_published_holds_the_rules_across_years(published: Workspace) -> None:
    assert ask(published, X_YEAR, "跨年局") == [(2022, "not_assessable", 7), (2023, "fail", 1), (2023, "pass", 6)]
    findings = "SELECT r.year, count(*) FROM finding JOIN dim_report AS r USING (file_id)"
    told = f"{findings} WHERE message LIKE 'X-year%' AND {{}} GROUP BY ALL"
    assert ask(published, told, "跨年局") == [(2023, 1)]
    failed = "SELECT DISTINCT is_open FROM quality_result JOIN dim_report AS r USING (report_id)"
    assert ask(published, f"{failed} WHERE status = 'fail' AND {{}}", "跨年局") == [(True,)]


def test_versions_and_copies_of_a_file_are_not_compared(published: Workspace) -> None:
    assert ask(published, X_YEAR, "版本局") == [(2022, "not_assessable", 7), (2023, "pass", 7)]
    assert {status for status, _, _ in ask(published, COPY, "版本局")} == {"pass"}
    assert ask(published, CURRENT, "版本局") == [("pass", 1.0), ("pass", 1.0)]


def test_versions_that_nothing_orders_are_said(published: Workspace) -> None:
    assert ask(published, CURRENT, "矛盾局") == [("fail", 2.0)]


def test_another_agencys_table_is_a_copy_whatever_bucket_it_falls_into(
    published: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = workspace_in(tmp_path)
    check_files(house, COPYING)
    whole = check_series(house)
    monkeypatch.setattr(stage_series, "_REPORTS", 1)
    parted = check_series(house)
    assert (whole.made, parted.made) == (1, 4)
    assert whole.rows == parted.rows
    assert ask(published, COPY, "县人民政府") == [("fail", "other_agency", 4)]


def test_nothing_is_computed_twice_and_a_changed_report_is_seen(tmp_path: Path) -> None:
    house = workspace_in(tmp_path)
    check_files(house, [report(2022, FIRST), report(2023, SECOND)])
    assert (check_series(house).made, check_series(house).made) == (1, 0)
    assert found(house) == {"not_assessable", "pass"}
    check_files(house, [report(2022, FIRST), report(2023, made_up_request("2021", 3))])
    assert check_series(house).made == 1
    assert "fail" in found(house)


def test_one_more_that_prints_what_two_agencies_print_is_no_news_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables without a figure are printed by thousands, each of which would be judged again with all its years."""
    monkeypatch.setattr(stage_series, "_REPORTS", 1)
    house = workspace_in(tmp_path)
    others = [report(2022, made_up_request("2021", seed), f"{name}局") for seed, name in enumerate("子丑寅", 50)]
    check_files(house, [*COPYING[:2], *others])
    whole = check_series(house)
    assert whole.kept == 0
    judged: list[int] = []
    compute: Callable[..., Any] = stage_series._compute

    def judge(scene: Any, reports: pl.DataFrame) -> Any:
        judged.append(reports.height)
        return compute(scene, reports)

    monkeypatch.setattr(stage_series, "_compute", judge)
    check_files(house, [*COPYING[:2], *others[:2], report(2022, COPIED, "寅局")])
    check_series(house)
    assert judged == [1]
    own = report(2022, made_up_request("2021", 60), "乙县人民政府")  # so that nobody prints it with the first
    check_files(house, [COPYING[0], own, *others])
    check_series(house)
    assert sum(judged[1:]) == 3  # some in one bucket


def found(house: Workspace) -> set[str]:
    """Return how X-year ends in what is staged."""
    return set(read_series(house, "quality").filter(pl.col("rule_id") == "X-year").collect()["status"])


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


def test_a_publish_takes_what_was_settled_just_before_and_only_where_that_still_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = workspace_in(tmp_path)
    settled: list[int] = []

    def count(*arguments: Any) -> Any:
        settled.append(1)
        return settle_files(*arguments)

    monkeypatch.setattr(load_series, "settle_files", count)

    def publish_after(spoil: Callable[[], object]) -> int:
        """Return how often the files were settled from the rules across years to the end of the publish."""
        settled.clear()
        check_series(house)
        spoil()
        publish_warehouse(house)
        return len(settled)

    check_files(house, [report(2022, FIRST), report(2023, SECOND)])
    assert publish_after(lambda: None) == 1
    changed = [report(2022, FIRST), report(2023, made_up_request("2021", 3))]
    assert publish_after(lambda: check_files(house, changed)) == 2
    assert ask(house, X_YEAR, "甲市人民政府")[1][:2] == (2023, "fail")
    check_files(house, [report(2022, FIRST), report(2023, SECOND)])
    assert publish_after(lambda: shutil.rmtree(house.staging / "series")) == 2
    assert not load_series._settled  # it holds a row a file, which nobody needs any more


def test_an_empty_house_has_no_rows(tmp_path: Path) -> None:
    house = workspace_in(tmp_path)
    check_files(house, [])
    assert set(check_series(house).rows.values()) == {0}
    assert run_series.__doc__
