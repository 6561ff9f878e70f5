"""All rules that one batch can answer, over all its reports at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import polars as pl

from pipelines.check.catalogue import NUMBER_LIMIT, load_catalogue
from pipelines.check.cells import place_cells, summarise_runs
from pipelines.check.conditions import (
    OUTCOME_COLUMNS,
    evaluate_domain,
    evaluate_partial,
    evaluate_zero_together,
    find_outside_domain,
)
from pipelines.check.dense import sum_whole_tables
from pipelines.check.linear import judge_identities, keep_worst, resolve_cells, sum_identities
from pipelines.check.structure import evaluate_structure, summarise_tables
from schemas.check import DomainCheck, PartialCheck, StructureCheck, ZeroTogetherCheck
from schemas.rule import Rule, load_rules
from schemas.table import RAW_TEXT_LENGTH, table
from schemas.vocabulary import RuleStatus, Stage

QUALITY_KEY = ("file_id", "rule_id", "scope")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the rules say of a batch.

    Attributes:
        quality: Frame `quality`.
        findings: Frame `findings`, one row a failure of a rule that raises one.
        cells: The figures as cells, blanks that can only mean zero resolved.
        outside: The figures outside their domain (`find_outside_domain`).
        open_tables: file_id and layout of the tables with an equation that is broken or has one gap only.
    """

    quality: pl.DataFrame
    findings: pl.DataFrame
    cells: pl.DataFrame
    outside: pl.DataFrame
    open_tables: pl.DataFrame


def evaluate_rules(figures: pl.DataFrame, reports: pl.DataFrame) -> Evaluation:
    """Return what every rule that needs no other year or agency says of every report.

    A report has rows for the tables that it has; that it lacks one is said by STRUCT-tables. Rules that need other
    years or agencies, or the narrative, are answered by `pipelines.check.across`.

    Args:
        figures: Frame `figures`.
        reports: Frame `reports`.
    """
    printed = place_cells(figures)
    runs = summarise_runs(printed)
    whole, resolved = resolve_cells(printed, runs)
    sums = pl.concat([sum_whole_tables(whole), sum_identities(resolved)])
    judged = judge_identities(sums)
    outside = find_outside_domain(printed)
    domains = evaluate_domain(runs, outside)
    outcomes = [_name_identities(judged), *_evaluate_conditions(printed, domains, sums)]
    shown = _settle_mixed(pl.concat(outcomes))
    structure = list(_evaluate_structures(summarise_tables(figures, printed, runs), reports))
    quality_columns = table("quality").polars_schema.names()
    quality = pl.concat([shown.select(quality_columns), *structure])
    open_tables = judged.filter("is_open").select("file_id", "layout").unique()
    findings = raise_findings(quality, shown, _pick_anchors(figures, printed, shown))
    return Evaluation(quality, findings, pl.concat([whole, resolved]), outside, open_tables)


_NAMED = (*OUTCOME_COLUMNS[:2], "rule_id", *OUTCOME_COLUMNS[2:])


def _name_identities(judged: pl.DataFrame) -> pl.DataFrame:
    names = load_catalogue().identities.select("rule_id", "scope", "anchor_row", "anchor_column")
    # Identities are numbered in the order of their rows, so that a name is one look-up and no join.
    return pl.concat([judged, names[judged["identity"]]], how="horizontal").select(_NAMED)


def _evaluate_conditions(cells: pl.DataFrame, domains: pl.DataFrame, sums: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the outcomes of domains, pairs and partial sums, each restricted to the editions and tables of its rule."""
    for rule in load_rules().values():
        layouts = _layouts_of(rule)
        for check in rule.checks:
            if isinstance(check, DomainCheck):
                outcomes = domains.filter(pl.col("layout").is_in(layouts))
            elif isinstance(check, ZeroTogetherCheck):
                outcomes = evaluate_zero_together(cells.filter(pl.col("layout").is_in(layouts)), check)
            elif isinstance(check, PartialCheck):
                outcomes = evaluate_partial(sums.filter(pl.col("layout").is_in(layouts)), check)
            else:
                continue
            yield outcomes.with_columns(rule_id=pl.lit(rule.id)).select(_NAMED)


def _layouts_of(rule: Rule) -> list[int]:
    return [
        number
        for number, layout in enumerate(load_catalogue().layouts)
        if rule.table_code == layout.table_code and rule.applies_to(layout.form_code, layout.table_code)
    ]


def _evaluate_structures(summary: pl.DataFrame, reports: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for rule in load_rules().values():
        for check in rule.checks:
            if isinstance(check, StructureCheck):
                outcomes = evaluate_structure(rule, check, summary, reports)
                yield table("quality").conform(outcomes.with_columns(rule_id=pl.lit(rule.id)))


def _settle_mixed(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Keep one outcome a key where a table mixes editions and both have the rule."""
    tables = [layout.table_code for layout in load_catalogue().layouts]
    seen = outcomes.select("file_id", "layout").unique().with_columns(
        table_code=pl.col("layout").replace_strict(range(len(tables)), tables, return_dtype=pl.String)
    )  # fmt: skip
    mixed = seen.filter(pl.struct("file_id", "table_code").is_duplicated())["file_id"].unique()
    if mixed.is_empty():
        return outcomes
    is_mixed = pl.col("file_id").is_in(mixed.implode())
    return pl.concat([outcomes.filter(~is_mixed), keep_worst(outcomes.filter(is_mixed), "layout")])


def _pick_anchors(figures: pl.DataFrame, cells: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """Return the few figures that failures point at."""
    codes = load_catalogue().cells.select("layout", "cell", anchor_row="row_code", anchor_column="column_code")
    anchors = shown.filter(pl.col("status") == RuleStatus.FAIL.value).join(
        codes, on=["layout", "anchor_row", "anchor_column"]
    )
    place = pl.col("file_id") * NUMBER_LIMIT + pl.col("cell")
    is_anchor = cells.select(place.is_in(anchors.select(place).to_series().unique().implode())).to_series()
    return figures[cells["figure"].filter(is_anchor)]


def raise_findings(quality: pl.DataFrame, shown: pl.DataFrame, figures: pl.DataFrame) -> pl.DataFrame:
    """Return one finding for every failure of a rule that raises one, with the place of the cell to look at.

    Args:
        quality: The outcomes.
        shown: The same with anchor_row and anchor_column, where they have one.
        figures: Those that anchors may point at, the first of each to be shown; columns as in frame `figures`.
    """
    failures = quality.filter(pl.col("status") == RuleStatus.FAIL.value).join(_rule_facts(), on="rule_id")
    if failures.is_empty():
        return table("findings").empty_frame()
    keys = ["file_id", "table_code", "row_code", "column_code"]
    failed = shown.filter(pl.col("status") == RuleStatus.FAIL.value)
    anchors = failed.select(*QUALITY_KEY, row_code="anchor_row", column_code="anchor_column")
    places = figures.select(
        *keys, "table_number", "row_number", "column_number", raw_text=pl.col("raw_text").str.head(RAW_TEXT_LENGTH)
    ).unique(keys, keep="first", maintain_order=True)
    numbers = (print_number(column) for column in ("left_value", "right_value", "delta"))
    sides = pl.format("{} against {}, off by {}", *numbers)
    message = pl.format(
        "{} {}: {} ({}). The figures are loaded as printed; compare them with the source.",
        "rule_id", "scope", pl.coalesce(sides, "note", pl.lit("fails")), "formula",
    )  # fmt: skip
    return (
        failures.join(anchors, on=QUALITY_KEY, how="left")
        .join(places, on=keys, how="left")
        .sort(QUALITY_KEY)
        .with_columns(message=message, stage=pl.lit(Stage.CHECK.value))
        .select(table("findings").polars_schema.names())
    )


@cache
def _rule_facts() -> pl.DataFrame:
    names = ("rule_id", "reason_code", "severity", "formula", "table_code")
    rules = [
        (rule.id, rule.reason_code, rule.severity.value, rule.formula, rule.table_code)
        for rule in load_rules().values()
        if rule.reason_code is not None
    ]
    return pl.DataFrame(rules, schema=dict.fromkeys(names, pl.String), orient="row")


def print_number(column: str) -> pl.Expr:
    """Write a number without the .0 of a whole one."""
    value = pl.col(column)
    is_whole = value == value.round(0)
    return pl.when(is_whole).then(value.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(value.cast(pl.String))
