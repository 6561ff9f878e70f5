"""Rules between years and agencies."""

from collections.abc import Mapping

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.check.across import check_across, digest_figures
from schemas.table import table
from tests.check.builders import Table, figures_of, follow, made_up_request, read_report


def compare(
    reports: Mapping[int, tuple[int, int, Mapping[str, Table]]], unit: str | None = None
) -> tuple[dict[tuple[int, str, str], tuple[str, str | None]], pl.DataFrame]:
    """Check reports given as file_id → (agency_id, year, tables)."""
    figures = figures_of({file_id: tables for file_id, (_, _, tables) in reports.items()})
    if unit is not None:
        figures = figures.with_columns(unit=pl.when(pl.col("file_id") == 2).then(pl.lit(unit)))
    lines = [
        {"file_id": file_id, "agency_id": agency, "year": year, "form_code": "2019" if year < 2021 else "2021"}
        for file_id, (agency, year, _) in reports.items()
    ]
    found = check_across(digest_figures(figures), table("reports").conform(pl.DataFrame(lines)))
    keyed = found["quality"].select("file_id", "rule_id", "scope", "status", "note")
    return {(file, rule, scope): (status, note) for file, rule, scope, status, note in keyed.iter_rows()}, found[
        "findings"
    ]


def test_carried_in_follows_last_year() -> None:
    first, second = made_up_request("2021", 1), made_up_request("2021", 2)
    second = follow(first, second)
    found, findings = compare({1: (7, 2022, {"request": first}), 2: (7, 2023, {"request": second})})
    assert found[2, "X-year", "total"] == ("pass", None)
    assert found[1, "X-year", "total"] == ("not_assessable", "no_previous_report")
    assert findings.is_empty()
    second["carried_in", "total"] = (second["carried_in", "total"] or 0) + 4
    found, findings = compare({1: (7, 2022, {"request": first}), 2: (7, 2023, {"request": second})})
    assert found[2, "X-year", "total"] == ("fail", None)
    assert findings.select("file_id", "severity", "table_number").rows() == [(2, "warn", 2)]


def test_other_agencies_and_several_versions_are_not_last_year() -> None:
    request = made_up_request("2021", 1)
    found, _ = compare({
        1: (7, 2022, {"request": request}), 2: (8, 2023, {"request": request}), 3: (9, 2022, {"request": request}),
        4: (9, 2022, {"request": request}), 5: (9, 2023, {"request": request}),
    })  # fmt: skip
    assert found[2, "X-year", "total"] == ("not_assessable", "no_previous_report")
    assert found[5, "X-year", "total"] == ("not_assessable", "several_previous_reports")


def test_a_blank_never_passes_across_years() -> None:
    first, second = made_up_request("2021", 1), made_up_request("2021", 2)
    second = follow(first, second)
    for column in ("natural_person", "total"):
        first["carried_forward", column] = None
        second["carried_in", column] = None
    found, _ = compare({1: (7, 2022, {"request": first}), 2: (7, 2023, {"request": second})})
    assert found[2, "X-year", "total"] == ("not_assessable", "blank")


@settings(max_examples=settings().max_examples // 5)
@given(st.integers(0, 300), st.data())
def test_a_null_never_passes_across_years(seed: int, data: st.DataObject) -> None:
    """Whatever is blanked in either year: X-year passes only on printed figures and blanks that mean zero."""
    first = made_up_request("2021", seed)
    second = follow(first, made_up_request("2021", seed + 1))
    blanked = {1: data.draw(_some(first)), 2: data.draw(_some(second))}
    printed = {1: {**first, **dict.fromkeys(blanked[1])}, 2: {**second, **dict.fromkeys(blanked[2])}}
    found, _ = compare({1: (7, 2022, {"request": printed[1]}), 2: (7, 2023, {"request": printed[2]})})
    for column in {cell[1] for cell in first}:
        status, note = found[2, "X-year", column]
        gaps = [file for file, row in ((1, "carried_forward"), (2, "carried_in")) if (row, column) in blanked[file]]
        assert status == "pass" or gaps, (column, status, note)
        if gaps and status == "pass":
            assert note == "blank_as_zero"
        if gaps and first["carried_forward", column]:
            # The second report need not add up here, so a blank may close its row by chance; then it fails and is told.
            assert status != "pass", (column, note)


def _some(cells: Table) -> st.SearchStrategy[list[tuple[str, str]]]:
    carried = sorted(cell for cell in cells if cell[0].startswith("carried"))
    return st.lists(st.sampled_from(carried), max_size=10, unique=True)


@pytest.mark.parametrize("status", ["blank", "not_applicable", "illegible", "reported"])
def test_no_state_without_a_value_is_compared(status: str) -> None:
    """Items of last year have no identity that could prove them zero; `reported` without a value is ours."""
    base = read_report("zone_2019")["proactive"]
    first, second = {**base, ("licensing", "items_change"): 0.0}, dict(base)
    figures = figures_of({1: {"proactive": first}, 2: {"proactive": second}})
    is_cell = (pl.col("file_id") == 1) & (pl.col("row_code") == "licensing") & (pl.col("column_code") == "items_change")
    figures = figures.with_columns(
        value=pl.when(~is_cell).then("value"),
        value_status=pl.when(is_cell).then(pl.lit(status)).otherwise("value_status"),
    )
    lines = [{"file_id": n, "agency_id": 7, "year": 2018 + n, "form_code": "2019"} for n in (1, 2)]
    quality = check_across(digest_figures(figures), table("reports").conform(pl.DataFrame(lines)))["quality"]
    row = quality.filter(rule_id="T2-stock-2019", scope="licensing", file_id=2).row(0, named=True)
    assert (row["status"], row["left_value"]) == ("not_assessable", None)


def test_stock_of_normative_documents() -> None:
    """Seen in real reports: 698 + 77 - 132 = 643, but 470 printed."""
    base = read_report("large_city_2021")["proactive"]
    first = {**base, ("normative_document", "in_force"): 698.0}
    second = {**base, ("normative_document", "issued"): 77.0, ("normative_document", "repealed"): 132.0,
              ("normative_document", "in_force"): 470.0}  # fmt: skip
    found, findings = compare({1: (7, 2022, {"proactive": first}), 2: (7, 2023, {"proactive": second})})
    assert found[2, "T2-stock-2021", "normative_document"] == ("fail", None)
    assert "643 against 470, off by 173" in findings.filter(pl.col("message").str.contains("normative"))["message"][0]


def test_items_of_the_2019_form_follow() -> None:
    base = read_report("zone_2019")["proactive"]
    first = {**base, ("licensing", "items_change"): -18.0}
    second = {**base, ("licensing", "items_last_year"): 378.0}
    found, _ = compare({1: (7, 2019, {"proactive": first}), 2: (7, 2020, {"proactive": second})})
    assert found[2, "T2-stock-2019", "licensing"] == ("pass", None)
    assert found[2, "T2-stock-2019", "penalty"] == ("pass", None)


def test_2020_to_2021_is_a_break_and_no_failure() -> None:
    older, newer = read_report("zone_2019")["proactive"], read_report("large_city_2021")["proactive"]
    found, _ = compare({1: (7, 2020, {"proactive": older}), 2: (7, 2021, {"proactive": newer})})
    assert found[2, "T2-stock-2021", "regulation"] == ("not_assessable", "break_of_series")
    assert found[2, "X-break", "report"] == ("pass", "break_of_series")


def test_copies_are_told_and_tables_of_zeros_are_not() -> None:
    request = made_up_request("2021", 1)
    zeros: Table = dict.fromkeys(request, 0.0)
    found, findings = compare({
        1: (7, 2022, {"request": request}), 2: (7, 2023, {"request": request}), 3: (8, 2023, {"request": request}),
        4: (5, 2022, {"request": zeros}), 5: (5, 2023, {"request": zeros}),
        6: (4, 2023, {"request": made_up_request("2021", 2)}),
    })  # fmt: skip
    assert found[2, "X-copy", "request"] == ("fail", "previous_year")
    assert found[3, "X-copy", "request"] == ("fail", "other_agency")
    assert found[6, "X-copy", "request"] == ("pass", None)
    assert not any(file in (4, 5) for file, rule, _ in found if rule == "X-copy")
    assert len(findings.filter(pl.col("message").str.contains("X-copy"))) == 2


@pytest.mark.parametrize(("count", "statuses"), [(3, []), (4, ["pass", "fail"])])
def test_a_few_figures_alike_are_chance(count: int, statuses: list[str]) -> None:
    request: Table = dict.fromkeys(made_up_request("2021", 1), 0.0)
    request |= {cell: 10.0 + number for number, cell in enumerate(list(request)[:count])}
    found, _ = compare({1: (7, 2022, {"request": request}), 2: (7, 2023, {"request": request})})
    told = sorted((file, status) for (file, rule, _), (status, _) in found.items() if rule == "X-copy")
    assert [status for _, status in told] == statuses


def test_a_table_of_two_editions_has_one_outcome() -> None:
    """It had one for each, and a warehouse in which a rule says two things of one table is not published."""
    tables = {file_id: {"request": made_up_request("2021", file_id)} for file_id in (1, 2)}
    figures = figures_of(tables)
    older = pl.when(pl.col("row_code").str.starts_with("denied")).then(pl.lit("2019")).otherwise("form_code")
    mixed = figures.with_columns(form_code=older.cast(figures.schema["form_code"]))
    lines = [{"file_id": file_id, "agency_id": 7, "year": 2021 + file_id, "form_code": "2021"} for file_id in (1, 2)]
    quality = check_across(digest_figures(mixed), table("reports").conform(pl.DataFrame(lines)))["quality"]
    copies = quality.filter(rule_id="X-copy").select("file_id", "scope", "status").sort("file_id")
    assert copies.rows() == [(1, "request", "pass"), (2, "request", "pass")]


@pytest.mark.parametrize(
    ("unit", "expected"), [(None, ("fail", "unit")), ("元", ("fail", "unit")), ("万元", ("fail", None))]
)
def test_a_jump_by_ten_thousand_points_at_the_unit(unit: str | None, expected: tuple[str, str | None]) -> None:
    base = read_report("large_city_2021")["proactive"]
    first, second = {**base, ("fee", "amount"): 38.0}, {**base, ("fee", "amount"): 380_000.0}
    found, _ = compare({1: (7, 2022, {"proactive": first}), 2: (7, 2023, {"proactive": second})}, unit)
    assert found[2, "X-scale", "fee/amount"] == expected
