"""Rules that need other years or agencies, answered once over the digests of all batches.

A digest holds the few cells of a report that another report may be compared with, and a fingerprint of each of its
tables, so that a hundred thousand reports fit where their twenty million figures would not.
"""

from collections.abc import Iterator

import polars as pl

from pipelines.check.agreement import judge_currency
from pipelines.check.catalogue import NUMBER_LIMIT, load_catalogue
from pipelines.check.cells import NOTES, CellState, name_cells, pick_cells, place_cells, summarise_runs
from pipelines.check.engine import raise_findings
from pipelines.check.linear import TOLERANCES, judge, keep_worst, resolve_cells
from pipelines.check.series import series_cells, series_identities, series_terms
from schemas.check import BreakCheck, CopyCheck, ScaleCheck
from schemas.rule import Rule, load_rules
from schemas.table import table
from schemas.unit import yuan_by_unit

_QUALITY = table("quality").polars_schema.names()


def digest_figures(figures: pl.DataFrame, cells: pl.DataFrame | None = None) -> dict[str, pl.DataFrame]:
    """Return frames `digest_cells` and `digest_tables`: what `check_across` needs of a batch.

    Args:
        figures: Frame `figures`.
        cells: The same as resolved cells (`pipelines.check.engine.Evaluation.cells`), where they are there already.
    """
    resolved = _resolve(figures) if cells is None else cells
    codes = series_cells()
    placed = name_cells(pick_cells(resolved, codes["cell"])).join(
        codes.select("cell", "form_code", "table_code"), on="cell", maintain_order="left"
    )
    printed = figures.select("table_number", "row_number", "column_number", "unit", "raw_text")[placed["figure"]]
    yuan = pl.col("value") * pl.col("unit").replace_strict(yuan_by_unit(), default=1.0, return_dtype=pl.Float64)
    digest = pl.concat([placed, printed], how="horizontal").with_columns(
        yuan=yuan, raw_text=pl.col("raw_text").str.head(80)
    )
    return {
        "digest_cells": table("digest_cells").conform(
            digest.drop("layout", "cell", "value_kind", "unit", "figure", "run")
        ),
        "digest_tables": table("digest_tables").conform(_fingerprint_tables(resolved)),
    }


def _resolve(figures: pl.DataFrame) -> pl.DataFrame:
    cells = place_cells(figures)
    return pl.concat(resolve_cells(cells, summarise_runs(cells)))


def _fingerprint_tables(cells: pl.DataFrame) -> pl.DataFrame:
    layouts = load_catalogue().layouts
    number = pl.col("layout")
    forms, codes = [layout.form_code for layout in layouts], [layout.table_code for layout in layouts]
    # The place and the value as one whole number each: a struct would cost ten times as much to hash.
    places = load_catalogue().cells.select(place=pl.struct("row_code", "column_code").hash(seed=1))["place"]
    value = pl.col("value")
    key = pl.col("file_id") * NUMBER_LIMIT + number
    # Most figures are zero: told apart before they are counted, the others are few.
    distinct = cells.filter(value != 0).select("value", key=key).unique().group_by("key").agg(figures=pl.len())
    return (
        # Cells are numbered in the order of their rows, so that a look-up is no join.
        cells.select("file_id", "layout", "value", key=key, place=places.gather(cells["cell"]))
        .group_by("key")
        .agg(
            pl.col("file_id", "layout").first(),
            # A sum does not mind the order; forty bits of each hash keep it from overflowing.
            fingerprint=((pl.col("place") ^ value.fill_null(-1.0).hash(seed=2)) % 2**40).sum(),
        )
        .join(distinct, on="key", how="left")
        .with_columns(
            pl.col("figures").fill_null(0),
            form_code=number.replace_strict(range(len(forms)), forms, return_dtype=pl.String),
            table_code=number.replace_strict(range(len(codes)), codes, return_dtype=pl.String),
        )
        .drop("layout", "key")
    )


def find_twins(tables: pl.DataFrame, reports: pl.DataFrame) -> pl.DataFrame:
    """Return `tables` of known reports with `is_shared`: whether another agency prints just this table for the year.

    Asked of all reports at once, because a copy may come from any of them. How many print it is not told: nothing is
    judged by it, and one report that was corrected would be news to all whose table it had.

    Args:
        tables: Frame `digest_tables`.
        reports: Current reports, with file_id, agency_id and year.
    """
    dated = tables.join(reports.select("file_id", "agency_id", "year"), on="file_id")
    same = ["year", "table_code", "fingerprint"]
    agency = pl.col("agency_id")
    shared = dated.group_by(same).agg(is_shared=agency.min() != agency.max())
    return dated.join(shared, on=same).select(*tables.columns, "is_shared")


def check_across(digests: dict[str, pl.DataFrame], reports: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return frames `quality` and `findings` of the rules that compare reports.

    A report is compared with the one report of the same agency for the year before. Where there is none or more than
    one, the outcome is `not_assessable` and the note says so.

    Args:
        digests: Frames `digest_cells` and `digest_tables` of all years of some agencies; the tables may carry the
            column `is_shared` (`find_twins`) where the agencies are not all there are.
        reports: Current reports, with file_id, agency_id, year and form_code; one row an agency and year where versions
            have been decided. A column `versions` says how many claim to be current.
    """
    pairs = pair_years(reports)
    cells, tables = digests["digest_cells"], digests["digest_tables"]
    twins = tables if "is_shared" in tables.columns else find_twins(tables, reports)
    parts = [_judge_series(cells, tables, pairs), judge_currency(reports)]
    for rule in load_rules().values():
        for check in rule.checks:
            if isinstance(check, ScaleCheck):
                parts.append(_find_jumps(rule, check, cells, pairs))
            elif isinstance(check, BreakCheck):
                parts.append(_note_breaks(rule, pairs))
        copies = [check for check in rule.checks if isinstance(check, CopyCheck)]
        parts += list(_find_copies(rule, copies, twins, pairs))
    shown = pl.concat([part.select(*_QUALITY, "anchor_row", "anchor_column") for part in parts])
    quality = table("quality").conform(shown.select(_QUALITY))
    return {"quality": quality, "findings": raise_findings(quality, shown, cells)}


def pair_years(reports: pl.DataFrame) -> pl.DataFrame:
    """Return file_id, agency_id, year, form_code, previous_id, previous_form and note (why there is none)."""
    known = reports.filter(pl.col("agency_id").is_not_null() & pl.col("year").is_not_null())
    keys = ["agency_id", "year"]
    before = known.group_by("agency_id", year=pl.col("year") + 1).agg(
        previous_id=pl.col("file_id").first(), previous_form=pl.col("form_code").first(), versions=pl.len()
    )
    is_single = pl.col("versions") == 1
    return (
        known.select("file_id", *keys, "form_code")
        .join(before, on=keys, how="left")
        .with_columns(
            previous_id=pl.when(is_single).then("previous_id"),
            note=pl.when(pl.col("versions").is_null())
            .then(pl.lit("no_previous_report"))
            .when(~is_single)
            .then(pl.lit("several_previous_reports")),
        )
        .drop("versions")
    )


def _judge_series(cells: pl.DataFrame, tables: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Evaluate the identities that reach into the year before."""
    expected = tables.select("file_id", "form_code", "table_code").join(
        series_identities(), on=["form_code", "table_code"]
    )
    sums = _sum_series(expected, cells, pairs)
    is_known = (pl.col("worst") <= CellState.ZERO) & pl.col("previous_id").is_not_null()
    delta = pl.col("left_value") - pl.col("right_value")
    reason = pl.col("worst").replace_strict(NOTES, default=None, return_dtype=pl.String)
    broke = pl.when(pl.col("form_code") != pl.col("previous_form")).then(pl.lit("break_of_series"))
    judged = (
        expected.join(sums, on=["file_id", "identity"])
        .join(pairs.select("file_id", "previous_id", "previous_form", "note"), on="file_id")
        .with_columns(
            status=judge(delta.abs() <= TOLERANCES.closing, is_known),
            note=pl.coalesce("note", pl.when(pl.col("worst") > CellState.ZERO).then(broke), reason),
            left_value=pl.when(is_known).then("left_value"),
            right_value=pl.when(is_known).then("right_value"),
            delta=pl.when(is_known).then(delta),
        )
    )
    return keep_worst(judged, "form_code")


def _sum_series(expected: pl.DataFrame, cells: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return file_id, identity, left_value, right_value and worst (state of a cell) of identities over two reports.

    Args:
        expected: file_id and identity.
        cells: Frame `digest_cells`.
        pairs: Each report with the one of the year before.
    """
    keys = ["file_id", "table_code", "row_code", "column_code"]
    own = cells.select(*keys, "state", "value")
    followed = pairs.filter(pl.col("previous_id").is_not_null()).select("previous_id", current_id="file_id")
    earlier = own.join(followed, left_on="file_id", right_on="previous_id")
    earlier = earlier.with_columns(file_id="current_id").drop("current_id")
    terms = expected.select("file_id", "identity").join(series_terms(), on="identity")
    found = pl.concat([
        terms.filter(~pl.col("is_previous")).join(own, on=keys, how="left"),
        terms.filter("is_previous").join(earlier, on=keys, how="left"),
    ])  # fmt: skip
    return found.group_by("file_id", "identity").agg(
        left_value=(pl.col("value") * pl.col("left_sign")).sum(),
        right_value=(pl.col("value") * pl.col("right_sign")).sum(),
        worst=pl.col("state").fill_null(CellState.MISSING.value).max(),
    )


def _find_jumps(rule: Rule, check: ScaleCheck, cells: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Compare each figure with last year's by its order of magnitude, money in yuan where its unit is printed."""
    codes = ["row_code", "column_code"]
    of_rule = (pl.col("table_code") == rule.table_code) & pl.col("column_code").is_in(check.columns)
    chosen = cells.filter(of_rule & pl.col("yuan").is_not_null()).select("file_id", *codes, "yuan")
    ratio = pl.max_horizontal(pl.col("yuan") / pl.col("earlier"), pl.col("earlier") / pl.col("yuan"))
    is_unit = ratio.is_between(check.unit_factor / check.unit_tolerance, check.unit_factor * check.unit_tolerance)
    return (
        chosen.join(pairs.select("file_id", "previous_id"), on="file_id")
        .join(chosen.rename({"file_id": "previous_id", "yuan": "earlier"}), on=["previous_id", *codes])
        .filter((pl.col("yuan") > check.floor) & (pl.col("earlier") > check.floor))
        .select(
            "file_id",
            rule_id=pl.lit(rule.id),
            scope=pl.concat_str(codes, separator="/"),
            status=judge(ratio < check.factor, pl.lit(value=True)),
            left_value="yuan",
            right_value="earlier",
            delta=pl.col("yuan") - pl.col("earlier"),
            note=pl.when((ratio >= check.factor) & is_unit).then(pl.lit("unit")),
            anchor_row="row_code",
            anchor_column="column_code",
        )
    )


def _note_breaks(rule: Rule, pairs: pl.DataFrame) -> pl.DataFrame:
    is_break = pl.col("previous_form").is_not_null() & (pl.col("form_code") != pl.col("previous_form"))
    return _without_sides(
        pairs.filter(is_break), rule, scope=pl.lit("report"), fails=pl.lit(value=False), note=pl.lit("break_of_series")
    )


def _find_copies(
    rule: Rule, checks: list[CopyCheck], tables: pl.DataFrame, pairs: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """Yield an outcome a report and table with enough figures: a copy of last year's, of another agency's, or none."""
    if not checks:
        return
    minimum = {check.against: check.minimum_figures for check in checks}
    dated = tables.join(pairs, on="file_id").filter(pl.col("figures") >= min(minimum.values()))
    keys = ["table_code", "fingerprint"]
    earlier = dated.select(*keys, previous_id="file_id", is_repeat=pl.lit(value=True))
    compared = dated.join(earlier, on=[*keys, "previous_id"], how="left").with_columns(
        is_repeat=pl.col("is_repeat").fill_null(value=False),
    )
    enough = {against: pl.col("figures") >= needed for against, needed in minimum.items()}
    as_last_year = pl.col("is_repeat") & enough.get("previous_year", pl.lit(value=False))
    as_other = pl.col("is_shared") & enough.get("other_agency", pl.lit(value=False))
    # A table whose clauses are of two editions has a print of each, and one outcome.
    compared = compared.group_by("file_id", "table_code").agg(as_last_year.any(), as_other.any())
    as_last_year, as_other = pl.col("is_repeat"), pl.col("is_shared")
    note = pl.when(as_last_year).then(pl.lit("previous_year")).when(as_other).then(pl.lit("other_agency"))
    yield _without_sides(compared, rule, scope=pl.col("table_code"), fails=as_last_year | as_other, note=note)


def _without_sides(frame: pl.DataFrame, rule: Rule, *, scope: pl.Expr, fails: pl.Expr, note: pl.Expr) -> pl.DataFrame:
    """Return outcomes that compare no two numbers."""
    nothing = pl.lit(None, dtype=pl.Float64)
    no_cell = pl.lit(None, dtype=pl.String)
    return frame.select(
        "file_id", rule_id=pl.lit(rule.id), scope=scope, status=judge(~fails, pl.lit(value=True)), left_value=nothing,
        right_value=nothing, delta=nothing, note=note, anchor_row=no_cell, anchor_column=no_cell,
    )  # fmt: skip
