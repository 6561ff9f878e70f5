"""Checks made from schemas: a frame out of shape blocks, a rule reports with counts and a sample."""

import dagster as dg
import polars as pl
import pytest

from pipelines.orchestrate.checks import check_frame, check_rules, check_season, rule_check_name
from pipelines.orchestrate.definitions import build_definitions
from schemas.rule import load_rules
from schemas.table import table
from schemas.vocabulary import RuleStatus, Severity

KEY = dg.AssetKey(["a", "b"])
REJECTION = {"file_id": 1, "stage": "read", "reason_code": "empty_file", "reason": "x"}


def test_a_frame_that_fits_passes_with_its_count():
    frame = table("rejections")
    one, two = (frame.conform(pl.DataFrame([{**REJECTION, "file_id": number}])) for number in (1, 2))
    for portions, row_count in (([], 0), ([frame.empty_frame()], 0), ([one, two], 2)):
        result = check_frame("rejections", KEY, portions)
        assert result.passed
        assert result.metadata["row_count"].value == row_count


def test_a_frame_out_of_shape_fails_with_the_offending_values():
    conform = table("rejections").conform
    good, bad = (
        conform(pl.DataFrame([REJECTION])),
        conform(pl.DataFrame([{**REJECTION, "file_id": 2, "reason_code": "because"}])),
    )
    result = check_frame("rejections", KEY, [good, bad])
    assert not result.passed
    assert result.severity == dg.AssetCheckSeverity.ERROR
    assert result.metadata["failure_count"].value == 1
    assert "because" in str(result.metadata["sample"].value)


def test_a_file_in_two_batches_fails_though_each_is_sound():
    rows = table("rejections").conform(pl.DataFrame([REJECTION]))
    result = check_frame("rejections", KEY, [rows, rows])
    assert not result.passed
    assert "in one batch" in str(result.metadata["sample"].value)


@pytest.mark.usefixtures("_nobody_looks")
def test_a_blocking_check_keeps_a_bad_frame_from_what_follows(project, put, stages, instance):
    """The value is outside the closed list: staging cannot see that, Pandera does, and no warehouse comes of it."""
    normalize = stages.normalize
    stages.normalize = lambda batch: {
        name: frame.with_columns(reason_code=pl.lit("because")) if name == "rejections" else frame
        for name, frame in normalize(batch).items()
    }
    put("2020/a.txt", "a")
    job = build_definitions(project.workspace, stages.specs()).resolve_job_def("build_year")
    result = job.execute_in_process(instance=instance, partition_key="2020", raise_on_error=False)
    assert not result.success
    assert {event.check_name for event in result.get_asset_check_evaluations() if not event.passed} == {
        "rejections_fits_model"
    }
    assert {event.step_key for event in result.all_events if event.is_step_start} == {"ingest", "read", "normalize"}
    assert not project.workspace.database.exists()


def test_each_rule_reports_its_counts_and_a_sample_of_failures():
    rules = list(load_rules().values())
    rule = rules[0]
    outcomes = pl.DataFrame(
        [(rule.id, "fail", 2021, f"t{n}", n > 9) for n in range(12)]
        + [(rule.id, "pass", 2021, "t", False), (rule.id, "pass", 2020, "t", False)],
        schema=["rule_id", "status", "year", "title", "is_open"],
        orient="row",
    )
    results = {result.check_name: result for result in check_rules(rules, KEY, outcomes.lazy())}
    assert len(results) == len(rules)
    failed = results.pop(rule_check_name(rule.id))
    assert not failed.passed
    counts = {status: failed.metadata[f"{status.value}_count"].value for status in RuleStatus}
    assert counts == {RuleStatus.PASS: 2, RuleStatus.FAIL: 12, RuleStatus.NOT_ASSESSABLE: 0}
    assert failed.metadata["open_count"].value == 2
    sample = str(failed.metadata["sample"].value)
    assert sample.count("TableRecord(") == 10
    assert sample.index("t10") < sample.index("t11") < sample.index("t0")  # the open ones first
    assert all(result.passed for result in results.values())


def test_a_rule_whose_failures_a_person_has_closed_holds_nothing_up():
    rule = next(iter(load_rules().values()))
    outcomes = pl.DataFrame({"rule_id": [rule.id] * 2, "status": ["fail"] * 2, "is_open": [False] * 2})
    (result,) = check_rules([rule], KEY, outcomes.lazy())
    assert result.passed
    assert (result.metadata["fail_count"].value, result.metadata["open_count"].value) == (2, 0)


def test_severity_is_the_rules():
    by_severity = {rule.severity: rule for rule in load_rules().values()}
    for severity, rule in by_severity.items():
        outcomes = pl.DataFrame({"rule_id": [rule.id], "status": ["fail"], "is_open": [True]})
        (result,) = check_rules([rule], KEY, outcomes.lazy())
        expected = dg.AssetCheckSeverity.ERROR if severity == Severity.ERROR else dg.AssetCheckSeverity.WARN
        assert result.severity == expected


def test_the_season_that_is_over_is_held_against_who_is_expected():
    rows = [
        ("甲", 2021, True, True, True),
        ("乙", 2021, True, False, False),
        ("丙", 2021, False, True, False),
        ("甲", 2022, True, True, True),
        ("乙", 2020, True, False, False),
    ]
    columns = ["agency_name", "year", "is_expected", "is_found", "is_loaded"]
    coverage = pl.DataFrame(rows, schema=columns, orient="row").with_columns(expected_by=pl.lit("own_years")).lazy()
    result = check_season(KEY, coverage, 2021)
    assert not result.passed
    assert result.severity == dg.AssetCheckSeverity.WARN
    told = {name: value.value for name, value in result.metadata.items() if name.endswith("count")}
    assert told == {"expected_count": 2, "loaded_count": 1, "missing_count": 1, "next_year_loaded_count": 1}
    assert "乙" in str(result.metadata["sample"].value)
    assert check_season(KEY, coverage, 2022).passed
    assert check_season(KEY, coverage, 2008).passed
