"""The rules and the forms as frames: every cell of every edition, every identity and every term of it, numbered.

A rule is then rows of a frame and not an expression of its own, so that all rules cost the same few joins, for a
batch of two hundred reports as for a hundred thousand at once.
"""

from dataclasses import dataclass
from functools import cache, reduce
from operator import xor

import polars as pl

from schemas.entry import SchemaDataError
from schemas.identity import Identity, TableLayout, table_identities, table_layout
from schemas.legacy import all_forms
from schemas.vocabulary import TableCode

NUMBER_LIMIT = 2048
"""Cells of all editions together, and identities: a file_id has 53 bits, which leaves eleven of 64 beside it.

The numbers made of both are only compared for being equal, so that it does not matter that the greatest are negative.
"""


@dataclass(frozen=True)
class Catalogue:
    """All editions' tables as frames; numbers are only ever compared within one catalogue.

    Attributes:
        layouts: Tables by number.
        cells: form_code, table_code, row_code, column_code, layout, cell, value_kind.
        identities: layout, identity, rule_id, scope, is_equation, terms, anchor_row, anchor_column; the identities
            that one
            report answers by itself.
        terms: cell, identity, left_sign, right_sign.
        codes: code (`code_cell`), layout, cell.
        by_number: The identities by number.
    """

    layouts: tuple[TableLayout, ...]
    cells: pl.DataFrame
    identities: pl.DataFrame
    terms: pl.DataFrame
    codes: pl.DataFrame
    by_number: tuple[Identity, ...]


@cache
def load_catalogue() -> Catalogue:
    """Return the catalogue of the forms and rules as they are installed."""
    found = (table_layout(form, table.value) for form in all_forms() for table in TableCode)
    layouts = tuple(layout for layout in found if layout is not None)
    cell_rows: list[tuple[object, ...]] = []
    identity_rows: list[tuple[object, ...]] = []
    term_rows: list[tuple[object, ...]] = []
    by_number: list[Identity] = []
    for number, layout in enumerate(layouts):
        names = {cell: len(cell_rows) + place for place, cell in enumerate(layout.cells)}
        for (row, column), kind in zip(layout.cells, layout.value_kinds, strict=True):
            cell = names[row, column]
            cell_rows.append((layout.form_code, layout.table_code, row, column, number, cell, kind))
        for identity in current_identities(layout.form_code, layout.table_code):
            coefficients = identity.coefficients
            left, right = dict(identity.left.current), dict(identity.right.current)
            identity_rows.append(
                (number, len(by_number), identity.rule_id, identity.scope, identity.relation == "=",
                 len(coefficients), *identity.anchor)
            )  # fmt: skip
            term_rows += [(names[c], len(by_number), left.get(c, 0), right.get(c, 0)) for c in coefficients]
            by_number.append(identity)
    for what, rows in (("cells", cell_rows), ("identities", identity_rows)):
        if len(rows) > NUMBER_LIMIT:
            raise SchemaDataError(f"the forms have {len(rows)} {what}, {NUMBER_LIMIT} of which fit beside a file_id")
    cells = pl.DataFrame(cell_rows, schema=_CELLS, orient="row")
    codes = cells.select("layout", "cell", code=code_cell(pl.col("form_code")))
    if codes["code"].n_unique() < len(codes):
        raise SchemaDataError("two cells of the forms have one code; choose other seeds in code_cell")
    return Catalogue(
        layouts,
        cells,
        pl.DataFrame(identity_rows, schema=_IDENTITIES, orient="row"),
        pl.DataFrame(term_rows, schema=_TERMS, orient="row"),
        codes,
        tuple(by_number),
    )


def code_cell(form_code: pl.Expr) -> pl.Expr:
    """Return one whole number for a cell's four codes: a join on it costs a tenth of one on four columns of text.

    Args:
        form_code: The edition; table_code, row_code and column_code are taken from the columns of these names.
    """
    texts = (form_code, *map(pl.col, ("table_code", "row_code", "column_code")))
    first, *rest = (text.hash(seed=place) for place, text in enumerate(texts))
    return reduce(xor, rest, first)


def current_identities(form_code: str, table_code: str) -> tuple[Identity, ...]:
    """Return those identities of an edition's table that one report answers by itself."""
    return tuple(
        identity
        for identity in table_identities(form_code, table_code)
        if not identity.left.previous and not identity.right.previous
    )


_CELLS = {
    "form_code": pl.String(), "table_code": pl.String(), "row_code": pl.String(), "column_code": pl.String(),
    "layout": pl.Int32(), "cell": pl.Int32(), "value_kind": pl.String(),
}  # fmt: skip
_IDENTITIES = {
    "layout": pl.Int32(), "identity": pl.Int32(), "rule_id": pl.String(), "scope": pl.String(),
    "is_equation": pl.Boolean(), "terms": pl.UInt32(), "anchor_row": pl.String(), "anchor_column": pl.String(),
}  # fmt: skip
_TERMS = {"cell": pl.Int32(), "identity": pl.Int32(), "left_sign": pl.Int8(), "right_sign": pl.Int8()}
