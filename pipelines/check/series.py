"""The identities that reach into the year before, as frames."""

from functools import cache

import polars as pl

from pipelines.check.catalogue import load_catalogue
from schemas.check import ScaleCheck
from schemas.identity import Identity, table_identities
from schemas.rule import load_rules


def series_identities() -> pl.DataFrame:
    """Return form_code, table_code, identity, rule_id, scope, anchor_row, anchor_column of every such identity."""
    rows = [
        (form, table, number, identity.rule_id, identity.scope, *identity.anchor)
        for number, (form, table, identity) in enumerate(_identities())
    ]
    names = ("rule_id", "scope", "anchor_row", "anchor_column")
    schema = {"form_code": pl.String, "table_code": pl.String, "identity": pl.Int32, **dict.fromkeys(names, pl.String)}
    return pl.DataFrame(rows, schema=schema, orient="row")


def series_terms() -> pl.DataFrame:
    """Return identity, table_code, row_code, column_code, is_previous, left_sign, right_sign of every term."""
    rows = [
        (number, table, *cell, is_previous, left_sign * sign, right_sign * sign)
        for number, (_, table, identity) in enumerate(_identities())
        for side, left_sign, right_sign in ((identity.left, 1, 0), (identity.right, 0, 1))
        for terms, is_previous in ((side.current, False), (side.previous, True))
        for cell, sign in terms
    ]
    schema = {
        "identity": pl.Int32, "table_code": pl.String, "row_code": pl.String, "column_code": pl.String,
        "is_previous": pl.Boolean, "left_sign": pl.Int8, "right_sign": pl.Int8,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


@cache
def series_cells() -> pl.DataFrame:
    """Return cell, form_code, table_code, row_code, column_code of every cell compared across reports.

    A cell that any edition's rule names is kept of every edition: the year before may have used the other one.
    """
    named = series_terms().select("table_code", "row_code", "column_code").unique()
    scaled = [
        (rule.table_code, column)
        for rule in load_rules().values()
        for check in rule.checks
        if isinstance(check, ScaleCheck)
        for column in check.columns
    ]
    columns = pl.DataFrame(scaled, schema={"table_code": pl.String, "column_code": pl.String}, orient="row")
    cells = load_catalogue().cells.select("cell", "form_code", "table_code", "row_code", "column_code")
    return pl.concat([
        cells.join(named, on=["table_code", "row_code", "column_code"], how="semi"),
        cells.join(columns, on=["table_code", "column_code"], how="semi"),
    ]).unique(maintain_order=True)  # fmt: skip


def identities_between(form_code: str, table_code: str) -> tuple[Identity, ...]:
    """Return the equations of an edition's table that reach into the year before."""
    return tuple(
        identity
        for form, code, identity in _identities()
        if (form, code, identity.relation) == (form_code, table_code, "=")
    )


def _identities() -> list[tuple[str, str, Identity]]:
    return [
        (layout.form_code, layout.table_code, identity)
        for layout in load_catalogue().layouts
        for identity in table_identities(layout.form_code, layout.table_code)
        if identity.left.previous or identity.right.previous
    ]
