"""The rules over real and made-up figures: what passes, what fails by how much, and what cannot be assessed."""

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.check import check_batch
from pipelines.check.engine import evaluate_rules
from tests.check.builders import Table, figures_of, made_up_request, no_sections, read_report, reports_of


def check(tables: dict[str, Table], **forms: str) -> dict[str, pl.DataFrame]:
    """Check one report; the tables that it does not name are those of a report in order."""
    figures = figures_of({1: {**read_report("district_office_2021"), **tables}}, forms)
    return check_batch(figures, reports_of(figures), no_sections())


def outcomes(quality: pl.DataFrame, *, status: str | None = None) -> dict[tuple[str, str], tuple[str, str | None]]:
    chosen = quality if status is None else quality.filter(pl.col("status") == status)
    return {(rule, scope): (state, note) for rule, scope, state, note in
            chosen.select("rule_id", "scope", "status", "note").iter_rows()}  # fmt: skip


@pytest.mark.parametrize("name", ["large_city_2021", "district_office_2021", "zone_2019"])
def test_a_report_that_adds_up_passes_every_rule(name: str) -> None:
    found = check(read_report(name))
    figures = found["quality"].filter(~pl.col("rule_id").str.starts_with("ID-"))  # made-up reports have no title
    assert set(figures["status"]) == {"pass"}
    assert found["suspicions"].is_empty()
    assert found["findings"].is_empty()


def test_zero_totals_beside_cases_are_reported_with_rule_delta_and_place() -> None:
    found = check(read_report("zero_challenge_totals_mixed"))
    failures = found["quality"].filter(pl.col("status") == "fail")
    assert set(failures.select("rule_id", "scope", "left_value", "right_value", "delta").rows()) == {
        ("T4-sum", "reconsideration", 11.0, 0.0, 11.0),
        ("T4-sum", "litigation_after_reconsideration", 5.0, 0.0, 5.0),
    }
    assert found["rejections"].is_empty()
    places = found["findings"].filter(pl.col("reason_code") == "identity_broken")
    assert set(places["table_number"]) == {3}
    assert set(places["severity"]) == {"error"}
    # 10+1+0+0 against 0: the domain leaves nothing but the total; 5 against 0 could also be a 5 that should be 0.
    suspected = found["suspicions"].select("row_code", "column_code", "suggested_value", "is_unique").rows()
    assert set(suspected) == {
        ("reconsideration", "total", 11.0, True),
        ("litigation_after_reconsideration", "upheld", 0.0, False),
        ("litigation_after_reconsideration", "total", 5.0, False),
    }


def test_results_27_against_21_with_balance_holding() -> None:
    request = dict(read_report("zero_challenge_totals_mixed")["request"])
    for column in ("natural_person", "total"):
        request["unavailable_not_held", column] = 16.0
    found = check({"request": request})
    assert outcomes(found["quality"], status="fail") == {
        ("T3-sum", "natural_person"): ("fail", None), ("T3-sum", "total"): ("fail", None),
    }  # fmt: skip
    assert found["quality"].filter(pl.col("status") == "fail")["delta"].to_list() == [6.0, 6.0]
    # Only rows that hold six or more can have six too many; here that is one row, in both its cells.
    assert set(found["suspicions"].select("row_code", "column_code", "suggested_value", "is_unique").rows()) == {
        ("unavailable_not_held", "natural_person", 10.0, True), ("unavailable_not_held", "total", 10.0, True),
    }  # fmt: skip


def test_blank_total_column_is_not_assessable_and_each_missing_total_is_named() -> None:
    found = check(read_report("blank_total_column_2019"))
    assert outcomes(found["quality"], status="fail") == {}
    unassessable = outcomes(found["quality"], status="not_assessable")
    rows = {scope for rule, scope in unassessable if rule == "T3-row"}
    assert len(rows) == 11
    assert unassessable["T3-sum", "total"] == ("not_assessable", "blank")
    assert outcomes(found["quality"])["T3-balance", "research_institution"] == ("pass", "blank_as_zero")
    assert outcomes(found["quality"])["T3-partial", "total"] == ("pass", "blank")
    named = found["suspicions"].filter(pl.col("column_code") == "total")
    assert set(named["row_code"]) == rows
    assert dict(named.select("row_code", "suggested_value").iter_rows())["granted"] == 272.0
    assert named["reported_value"].null_count() == len(named)


def test_blanks_on_both_sides_are_not_taken_for_zeros() -> None:
    """As far as this balance goes they could be any equal number, though it closes with zeros; their rows miss five."""
    request = made_up_request("2021", seed=1)
    handled = request["handled_total", "business"] or 0.0
    flows = {"new_received": handled, "carried_in": 5.0, "carried_forward": 5.0}
    for row, value in flows.items():
        request[row, "total"] = (request[row, "total"] or 0.0) - (request[row, "business"] or 0.0) + value
        request[row, "business"] = value
    assert outcomes(check({"request": request})["quality"], status="fail") == {}
    request["carried_in", "business"] = request["carried_forward", "business"] = None
    status = outcomes(check({"request": request})["quality"])
    assert status["T3-balance", "business"] == ("not_assessable", "blank")
    assert status["T3-row", "carried_in"] == ("not_assessable", "blank")


@settings(max_examples=settings().max_examples * 3 // 10)
@given(st.sampled_from(["2019", "2021"]), st.integers(0, 10_000), st.data())
def test_a_null_never_passes_an_identity(form: str, seed: int, data: st.DataObject) -> None:
    """Whatever is blanked: an identity with a blank passes only where zero is what the blank had replaced."""
    request = made_up_request(form, seed)
    blanked = data.draw(st.lists(st.sampled_from(sorted(request)), min_size=1, max_size=30, unique=True))
    figures = figures_of({1: {"request": {**request, **dict.fromkeys(blanked)}}})
    evaluation = evaluate_rules(figures, reports_of(figures))
    for rule, scope, status in evaluation.quality.select("rule_id", "scope", "status").iter_rows():
        if rule not in ("T3-sum", "T3-row", "T3-balance"):
            continue
        gaps = [cell for cell in blanked if scope in cell and request[cell] and _belongs(rule, cell, form)]
        if gaps:
            assert status == "not_assessable", (rule, scope, gaps)
        else:
            assert status != "fail"


def _belongs(rule: str, cell: tuple[str, str], form: str) -> bool:
    flows = {"new_received", "carried_in", "carried_forward"}
    if rule == "T3-balance":
        return cell[0] in flows | {"handled_total"}
    return rule == "T3-row" or cell[0] not in flows


@pytest.mark.parametrize("status", ["blank", "not_applicable", "illegible", "reported"])
def test_a_cell_without_a_value_never_enters_a_sum(status: str) -> None:
    """`reported` without a value is a fault of ours; validation aside, it must not pass either."""
    request = made_up_request("2021", seed=2)
    cell = max(request, key=lambda c: (c[1] != "total", request[c] or 0.0))
    is_cell = (pl.col("row_code") == cell[0]) & (pl.col("column_code") == cell[1])
    figures = figures_of({1: {"request": request}}).with_columns(
        value=pl.when(~is_cell).then("value"),
        value_status=pl.when(is_cell).then(pl.lit(status)).otherwise("value_status"),
    )
    found = outcomes(evaluate_rules(figures, reports_of(figures)).quality)
    note = "illegible" if status in ("illegible", "reported") else "blank"
    assert found["T3-row", cell[0]] == ("not_assessable", note)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_that_is_not_finite_never_passes(value: float) -> None:
    request = made_up_request("2021", seed=3)
    request["granted", "business"] = value
    figures = figures_of({1: {"request": request}})
    found = outcomes(evaluate_rules(figures, reports_of(figures)).quality)
    assert found["T3-row", "granted"] == ("not_assessable", "illegible")


def test_missing_and_doubled_cells_are_said_and_take_no_part() -> None:
    request = made_up_request("2021", seed=4)
    del request["granted", "business"]
    figures = figures_of({1: {"request": request}}, {"request": "2021"})
    doubled = figures.filter((pl.col("row_code") == "carried_in") & (pl.col("column_code") == "total"))
    figures = pl.concat([figures, doubled.with_columns(pl.col("row_number") + 100)])
    found = outcomes(check_batch(figures, reports_of(figures), no_sections())["quality"])
    assert found["T3-row", "granted"] == ("not_assessable", "missing")
    assert found["T3-row", "carried_in"] == ("not_assessable", "duplicate")
    assert found["T3-balance", "total"] == ("not_assessable", "duplicate")
    assert found["STRUCT-cells", "request"][0] == "fail"
    assert found["STRUCT-tables", "challenge"][0] == "fail"


def test_domains() -> None:
    request = made_up_request("2021", seed=5)
    request["granted", "business"] = -3.0
    request["carried_forward", "natural_person"] = 10_000.0
    status = outcomes(check({"request": request})["quality"], status="fail")
    assert {("T3-domain", "table"), ("T3-domain", "natural_person")} <= set(status)
    proactive = dict(read_report("large_city_2021")["proactive"])
    proactive["fee", "amount"] = 0.5
    assert not outcomes(check({"proactive": proactive})["quality"], status="fail")
    proactive["penalty", "decisions"] = 0.5
    assert set(outcomes(check({"proactive": proactive})["quality"], status="fail")) == {("T2-domain", "table")}


def test_rules_of_table_two() -> None:
    proactive = dict(read_report("large_city_2021")["proactive"])
    proactive["regulation", "in_force"] = -4.0 + 1.0
    assert ("T2-low", "regulation") in outcomes(check({"proactive": proactive})["quality"], status="fail")
    older = dict(read_report("zone_2019")["proactive"])
    older["procurement", "amount"] = 0.0
    assert set(outcomes(check({"proactive": older})["quality"], status="fail")) == {("T2-procurement", "procurement")}
    older["procurement", "amount"] = None
    assert outcomes(check({"proactive": older})["quality"])["T2-procurement", "procurement"][0] == "not_assessable"


def test_printed_parts_beyond_a_total_are_told_where_blanks_stand() -> None:
    request = made_up_request("2021", seed=6)
    applicants = {cell[1]: value or 0.0 for cell, value in request.items() if cell[0] == "granted"}
    blanked = max(applicants.keys() - {"total"}, key=applicants.__getitem__)
    request["granted", blanked] = None
    request["granted", "total"] = 0.0
    found = outcomes(check({"request": request})["quality"])
    assert found["T3-partial", "granted"][0] == "fail"


def further_down(figures: pl.DataFrame) -> pl.DataFrame:
    return figures.with_columns(pl.col("row_number") + 50)


def test_an_unmapped_row_and_a_mixed_edition_fail_the_structure_rules() -> None:
    tables = read_report("large_city_2021")
    figures = figures_of({1: tables})
    extra = figures.head(1).with_columns(row_code=pl.lit(None, dtype=pl.String), row_number=pl.lit(99, dtype=pl.Int32))
    older = further_down(figures_of({1: {"proactive": read_report("zone_2019")["proactive"]}}))
    figures = pl.concat([figures, extra, older.filter(pl.col("row_code") == "regulation")])
    found = outcomes(check_batch(figures, reports_of(figures), no_sections())["quality"])
    assert found["STRUCT-rows", "request"][0] == "fail"
    assert found["STRUCT-rows", "challenge"][0] == "pass"
    assert found["STRUCT-edition", "proactive"][0] == "fail"
    assert found["STRUCT-cells", "proactive"] == ("not_assessable", "mixed_editions")


@pytest.mark.parametrize(
    ("status", "expected"), [("blank", "pass"), ("not_applicable", "pass"), ("illegible", "fail"), ("reported", "fail")]
)
def test_a_note_in_a_row_of_its_own_is_no_row_of_the_table(status: str, expected: str) -> None:
    figures = figures_of({1: read_report("large_city_2021")})
    note = figures.filter(table_code="request").head(7).with_columns(
        row_code=pl.lit(None, dtype=pl.String), row_number=pl.lit(99, dtype=pl.Int32), value_status=pl.lit(status),
        value=pl.when(status == "reported").then("value"),
    )  # fmt: skip
    found = outcomes(check_batch(pl.concat([figures, note]), reports_of(figures), no_sections())["quality"])
    assert found["STRUCT-rows", "request"][0] == expected


def test_the_key_of_quality_is_unique_even_where_a_table_mixes_editions() -> None:
    newer, older = (
        figures_of({1: {"proactive": read_report(name)["proactive"]}}) for name in ("large_city_2021", "zone_2019")
    )
    both = pl.concat([newer, further_down(older)])
    quality = check_batch(both, reports_of(both), no_sections())["quality"]
    assert quality["scope"].n_unique() > 3
    assert not quality.select("file_id", "rule_id", "scope").is_duplicated().any()


def test_no_figures_no_rows() -> None:
    figures = figures_of({1: read_report("zone_2019")}).clear()
    found = check_batch(figures, reports_of(figures), no_sections())
    assert all(frame.is_empty() for frame in found.values())
