"""Rows of the tables in which the warehouse describes itself."""

from collections.abc import Sequence
from functools import cache

import polars as pl

from schemas.ddl import warehouse_tables, warehouse_views
from schemas.package import column_meaning
from schemas.rule import load_rules
from schemas.table import table


def rule_rows() -> pl.DataFrame:
    """Return quality_rule."""
    rows = [
        (
            rule.id, rule.name, rule.formula, rule.form_code, rule.severity.value, rule.description_zh,
            rule.description_en,
        )
        for rule in load_rules().values()
    ]  # fmt: skip
    return _frame("quality_rule", rows)


def table_rows(row_counts: dict[str, int]) -> pl.DataFrame:
    """Return meta_table for all tables and views."""
    rows = [
        (spec.name, spec.layer, ", ".join(spec.key) or None, spec.zh, spec.en, row_counts.get(spec.name))
        for spec in (*warehouse_tables(), *warehouse_views())
    ]
    return _frame("meta_table", rows)


@cache
def column_rows() -> pl.DataFrame:
    """Return meta_column for all tables and views."""
    names = [column.name for column in table("meta_column").columns]
    meanings = [
        column_meaning(spec, column) for spec in (*warehouse_tables(), *warehouse_views()) for column in spec.columns
    ]
    rows = [tuple(meaning[name] for name in names) for meaning in meanings]
    return _frame("meta_column", rows)


def _frame(name: str, rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=table(name).polars_schema, orient="row")
