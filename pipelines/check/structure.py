"""Rules about the tables as found: which are there, which edition they fit, which rows no form knows."""

from collections.abc import Callable
from functools import cache

import polars as pl

from pipelines.check.catalogue import load_catalogue
from pipelines.check.cells import pick_cells
from schemas.check import StructureCheck
from schemas.entry import SchemaDataError
from schemas.form import form_for_year, load_forms
from schemas.identity import table_layout
from schemas.rule import Rule
from schemas.vocabulary import RuleStatus, TableCode, ValueStatus

_NATIONAL_TABLES = (TableCode.PROACTIVE.value, TableCode.REQUEST.value, TableCode.CHALLENGE.value)


def evaluate_structure(rule: Rule, check: StructureCheck, summary: pl.DataFrame, reports: pl.DataFrame) -> pl.DataFrame:
    """Return the outcomes of one structure rule: file_id, scope (the table), status, left_value, right_value, note.

    Args:
        rule: The rule, for the message.
        check: What to judge.
        summary: What `summarise_tables` made of the figures.
        reports: Frame `reports`.

    Raises:
        SchemaDataError: No mechanism exists for `check.what`.
    """
    if check.what == "tables":
        return _judge_presence(summary, reports)
    if check.what not in _JUDGED:
        raise SchemaDataError(f"rule {rule.id}: structure check {check.what!r} is none of {['tables', *_JUDGED]}")
    left, right, note = _JUDGED[check.what]()
    return _with_status(summary.select("file_id", scope="table_code", left_value=left, right_value=right, note=note))


def summarise_tables(figures: pl.DataFrame, cells: pl.DataFrame, runs: pl.DataFrame) -> pl.DataFrame:
    """Return one row a report and table: editions, unmapped_rows, found, doubled, expected (cells), is_known (edition).

    Args:
        figures: Frame `figures`.
        cells: The same figures as `place_cells` returns them.
        runs: Those as `summarise_runs` returns them.
    """
    return (
        pl.concat([_count_found(cells, runs), _count_unmapped(figures, cells)], how="diagonal_relaxed")
        .group_by("file_id", "table_code")
        .agg(
            pl.col("found", "doubled", "expected", "unmapped_rows").sum(),
            editions=pl.col("form_code").drop_nulls().n_unique(),
            is_known=pl.col("expected").is_not_null().any(),
        )
        .sort("file_id", "table_code")
    )


def _count_found(cells: pl.DataFrame, runs: pl.DataFrame) -> pl.DataFrame:
    """Return file_id, form_code, table_code, found, doubled and expected: the cells of known editions.

    What a form has in some of its years only is neither counted nor missed.
    """
    optional = _optional_cells()
    facts = pl.DataFrame(
        [
            (number, layout.form_code, layout.table_code, len(layout.cells) - optional.filter(layout=number).height)
            for number, layout in enumerate(load_catalogue().layouts)
        ],
        schema={"layout": pl.Int32, "form_code": pl.String, "table_code": pl.String, "expected": pl.Int64},
        orient="row",
    )
    spare = pick_cells(cells, optional["cell"]).group_by("file_id", "layout").agg(spare=pl.len())
    return (
        runs.group_by("file_id", "layout")
        .agg(pl.col("found", "doubled").sum())
        .join(spare, on=["file_id", "layout"], how="left")
        .join(facts, on="layout")
        .with_columns(found=pl.col("found") - pl.col("spare").fill_null(0))
        .drop("layout", "spare")
    )


def _count_unmapped(figures: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Return file_id, table_code, form_code and unmapped_rows of what is no cell of a known edition."""
    tables = [layout.table_code for layout in load_catalogue().layouts]
    is_legacy = pl.col("table_code") == TableCode.LEGACY.value
    own_form = pl.when(is_legacy).then("provincial_form").otherwise("form_code")
    is_coded = pl.all_horizontal(pl.col("form_code", "row_code", "column_code").is_not_null())
    is_stray = ~(is_coded & pl.col("table_code").is_in(tables))
    is_placed = pl.repeat(value=False, n=len(figures), eager=True).scatter(cells["figure"], values=True)
    strays = figures.filter(~is_placed).with_columns(form_code=own_form).filter(is_stray)
    # A note that stands in a row of its own has no figures: it is no row of the table.
    has_figure = pl.col("value_status").is_in([ValueStatus.REPORTED.value, ValueStatus.ILLEGIBLE.value])
    unmapped = pl.struct("table_number", "row_number").filter(pl.col("row_code").is_null() & has_figure).n_unique()
    return strays.group_by("file_id", "table_code", "form_code").agg(unmapped_rows=unmapped)


@cache
def _optional_cells() -> pl.DataFrame:
    """Return layout and cell of the rows that a form has in some of its years only."""
    optional = [
        (number, row.code)
        for number, layout in enumerate(load_catalogue().layouts)
        for clause in layout.clauses
        for row in clause.rows
        if row.first_year is not None or row.last_year is not None
    ]
    rows = pl.DataFrame(optional, schema={"layout": pl.Int32, "row_code": pl.String}, orient="row")
    return load_catalogue().cells.join(rows, on=["layout", "row_code"], how="semi").select("layout", "cell")


def _judge_presence(summary: pl.DataFrame, reports: pl.DataFrame) -> pl.DataFrame:
    """One outcome for each report and national table; a report of a year without a national form cannot be judged."""
    tables = pl.DataFrame({"scope": _NATIONAL_TABLES})
    years = reports["year"].drop_nulls().unique().to_list()
    national = [year for year in years if form_for_year(year) is not None]
    found = summary.select("file_id", scope="table_code", left_value=pl.lit(1.0))
    has_form = pl.col("year").is_in(national) | pl.col("form_code").is_in(_national_forms()).fill_null(value=False)
    return _with_status(
        reports.select("file_id", "year", "form_code")
        .join(tables, how="cross")
        .join(found, on=["file_id", "scope"], how="left")
        .select(
            "file_id",
            "scope",
            left_value=pl.col("left_value").fill_null(0.0),
            right_value=pl.lit(1.0),
            note=pl.when(~has_form.fill_null(value=False)).then(pl.lit("no_national_form")),
        )
    )


def _national_forms() -> list[str]:
    return [code for code in load_forms() if all(table_layout(code, table) for table in _NATIONAL_TABLES)]


def _judge_edition() -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    return pl.col("editions").cast(pl.Float64), pl.lit(1.0), pl.lit(None, dtype=pl.String)


def _judge_rows() -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    return pl.col("unmapped_rows").cast(pl.Float64), pl.lit(0.0), pl.lit(None, dtype=pl.String)


def _judge_cells() -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    amiss = pl.col("expected") - pl.col("found").cast(pl.Int64) + pl.col("doubled").cast(pl.Int64)
    # A table that mixes editions by clause has no one size to be measured against.
    note = (
        pl.when(~pl.col("is_known"))
        .then(pl.lit("unknown_edition"))
        .when(pl.col("editions") > 1)
        .then(pl.lit("mixed_editions"))
    )
    return amiss.cast(pl.Float64), pl.lit(0.0), note


_JUDGED: dict[str, Callable[[], tuple[pl.Expr, pl.Expr, pl.Expr]]] = {
    "edition": _judge_edition,
    "rows": _judge_rows,
    "cells": _judge_cells,
}


def _with_status(frame: pl.DataFrame) -> pl.DataFrame:
    equal = pl.col("left_value") == pl.col("right_value")
    status = (
        pl.when(pl.col("note").is_not_null() | equal.is_null())
        .then(pl.lit(RuleStatus.NOT_ASSESSABLE.value))
        .when(equal)
        .then(pl.lit(RuleStatus.PASS.value))
        .otherwise(pl.lit(RuleStatus.FAIL.value))
    )
    return frame.with_columns(status=status, delta=pl.col("left_value") - pl.col("right_value"))
