"""Asset checks, generated: the Pandera model of every staged frame, and every rule on the published quality results."""

from collections.abc import Iterable

import dagster as dg
import polars as pl

from pipelines.orchestrate.metadata import sample_record
from schemas.rule import Rule
from schemas.soundness import is_sound
from schemas.table import table
from schemas.vocabulary import RuleStatus, Severity

SEASON_CHECK = "season_is_complete"

_SAMPLE_ROWS = 10


def frame_check_name(frame: str) -> str:
    """Return the name of the check that holds a frame to its model."""
    return f"{frame}_fits_model"


def frame_check_spec(frame: str, asset: dg.AssetKey) -> dg.AssetCheckSpec:
    """Return the check of a staged frame; it blocks, because a frame out of shape is our bug and must not be loaded."""
    return dg.AssetCheckSpec(
        frame_check_name(frame),
        asset=asset,
        description=f"Types, nulls, ranges, closed lists and key of {frame}, as defined in schemas/tables.",
        blocking=True,
    )


def check_frame(frame: str, asset: dg.AssetKey, portions: Iterable[pl.DataFrame]) -> dg.AssetCheckResult:
    """Return whether the rows of a staged frame satisfy its Pandera model, with the first that do not.

    Args:
        frame: Its name.
        asset: The asset that it is.
        portions: Its rows, in pieces that hold all rows of a file: its key begins with the file.
    """
    spec, name = table(frame), frame_check_name(frame)
    row_count, files, broken = 0, pl.Series("file_id", [], dtype=pl.Int64), []
    for rows in portions:
        row_count += rows.height
        if not is_sound(spec, rows) and (cases := _list_failures(frame, rows)) is not None:
            broken.append(cases.cast(pl.String))
        here = rows["file_id"].unique()
        if again := here.filter(here.is_in(files.implode())).to_list():
            broken.append(pl.DataFrame({"failure_case": map(str, again), "column": "file_id", "check": "in one batch"}))
        files = files.append(here)
    if broken:
        cases = pl.concat(broken, how="diagonal")
        return dg.AssetCheckResult(
            passed=False,
            asset_key=asset,
            check_name=name,
            metadata={"failure_count": cases.height, **sample_record(cases.head(_SAMPLE_ROWS))},
        )
    return dg.AssetCheckResult(passed=True, asset_key=asset, check_name=name, metadata={"row_count": row_count})


def _list_failures(frame: str, rows: pl.DataFrame) -> pl.DataFrame | None:
    """Return what Pandera objects to; None where that is nothing."""
    from pandera.errors import SchemaErrors  # half a second to import: paid when something is wrong

    from schemas.validation import validate_frame

    try:
        validate_frame(frame, rows)
    except SchemaErrors as broken:
        cases: pl.DataFrame = broken.failure_cases
        return cases
    return None


def rule_check_spec(rule: Rule, asset: dg.AssetKey) -> dg.AssetCheckSpec:
    """Return the check of one rule.

    It never blocks: figures that do not add up are a fact about the agency, and are loaded as printed.
    """
    return dg.AssetCheckSpec(
        rule_check_name(rule.id),
        asset=asset,
        description=f"{rule.description_en}\n\n{rule.description_zh}",
        metadata={"rule_id": rule.id, "severity": str(rule.severity)},
    )


def rule_check_name(rule_id: str) -> str:
    """Return a rule's name as a check; Dagster allows letters, digits and underscores.

    >>> rule_check_name("request.total-of-row")
    'request_total_of_row'
    """
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in rule_id)


def season_check_spec(asset: dg.AssetKey) -> dg.AssetCheckSpec:
    """Return the check that nobody is missing from the last season that is over.

    It never blocks: a report that is late is not a reason to keep the others back.
    """
    return dg.AssetCheckSpec(
        SEASON_CHECK,
        asset=asset,
        description="Every expected agency has a report of the last year whose season is over (1 April after it).\n\n"
        "最近一个报送期已过的年度，应报机关均已有报告。",
    )


def check_season(asset: dg.AssetKey, coverage: pl.LazyFrame, year: int) -> dg.AssetCheckResult:
    """Return whether every expected agency has a report of `year`, with the first that have none.

    Args:
        asset: The asset that holds the coverage.
        coverage: The table `coverage`.
        year: The last report year whose season is over; of the next is told how many are there already.
    """
    seasons = coverage.filter(pl.col("year").is_between(year, year + 1)).collect()
    season, following = seasons.filter(pl.col("year") == year), seasons.filter(pl.col("year") > year)
    missing = season.filter("is_expected", ~pl.col("is_found")).select("agency_name", "expected_by").sort("agency_name")
    return dg.AssetCheckResult(
        passed=missing.is_empty(),
        asset_key=asset,
        check_name=SEASON_CHECK,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "report_year": year,
            "expected_count": int(season["is_expected"].sum()),
            "loaded_count": int(season["is_loaded"].sum()),
            "missing_count": missing.height,
            "next_year_loaded_count": int(following["is_loaded"].sum()),
            **sample_record(missing.head(_SAMPLE_ROWS)),
        },
    )


def check_rules(rules: Iterable[Rule], asset: dg.AssetKey, outcomes: pl.LazyFrame) -> list[dg.AssetCheckResult]:
    """Return one result a rule from the outcomes of all reports; a rule without any is passed with zero counts.

    A failure that a person's verdict has closed is counted and holds nothing up: the check asks for a look, and there
    has been one. The sample shows what is open first.

    Args:
        rules: Every rule that is defined.
        asset: The asset that holds the outcomes.
        outcomes: At least `rule_id`, `status` and `is_open`; whatever other columns there are show in the sample.
    """
    is_failed = pl.col("status") == RuleStatus.FAIL
    counts = outcomes.group_by("rule_id", "status").agg(pl.len(), open=pl.col("is_open").sum()).collect()
    failures = (
        outcomes.filter(is_failed)
        .sort("is_open", descending=True, maintain_order=True)
        .group_by("rule_id", maintain_order=True)
        .head(_SAMPLE_ROWS)
        .collect()
    )
    return [
        _rule_result(
            rule, asset, counts.filter(pl.col("rule_id") == rule.id), failures.filter(pl.col("rule_id") == rule.id)
        )
        for rule in rules
    ]


def _rule_result(rule: Rule, asset: dg.AssetKey, counts: pl.DataFrame, failures: pl.DataFrame) -> dg.AssetCheckResult:
    by_status = dict(counts.select("status", "len").iter_rows())
    open_count = int(counts.filter(pl.col("status") == RuleStatus.FAIL)["open"].sum())
    return dg.AssetCheckResult(
        passed=open_count == 0,
        asset_key=asset,
        check_name=rule_check_name(rule.id),
        severity=dg.AssetCheckSeverity.ERROR if rule.severity == Severity.ERROR else dg.AssetCheckSeverity.WARN,
        metadata={
            **{f"{status.value}_count": int(by_status.get(status.value, 0)) for status in RuleStatus},
            "open_count": open_count,
            **sample_record(failures.drop("rule_id")),
        },
    )
