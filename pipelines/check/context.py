"""Of whom and of when a sentence speaks: the words before its figure say so, the last of them where several do."""

from functools import reduce

import polars as pl

from schemas.restatement import Scope, load_restatement

_YEAR = r"(20\d\d)"


def read_contexts(told: pl.DataFrame) -> pl.DataFrame:
    """Return `told` with scope (why the figure is not the report's own; null where it is) and two more columns.

    is_another_report: It is another report's. is_aside: It restates nothing: so many of something else, or about so
    many.

    Args:
        told: plain (a sentence), told (the part of it that a pattern found), number (the figure in that, as written;
            null where the words say that there was none), aside (pattern of the rule for words that make it restate
            nothing, null for none), year, agency_type, agency_name, signed_name.
    """
    known = load_restatement()
    found = _split_sentences(told)
    clause, name = pl.col("_clause"), pl.col("_body")
    is_own_name = pl.any_horizontal(
        pl.col(column).str.contains(name, literal=True).fill_null(value=False)
        for column in ("agency_name", "signed_name")
    )
    notes = [_note(scope).alias(f"_note {number}") for number, scope in enumerate(known.scopes)]
    another = [
        pl.col(f"_note {number}").is_not_null() for number, scope in enumerate(known.scopes) if scope.is_another_report
    ]
    asides = [
        (pl.col("aside") == words).fill_null(value=False) & pl.col("_before").str.contains(words)
        for words in told["aside"].unique().drop_nulls()
    ]
    return (
        found.with_columns(_body=clause.str.extract(known.body, 1))
        .with_columns(*notes, _other=pl.when(name.is_not_null() & ~is_own_name).then(pl.lit(_NARROWER)))
        .with_columns(
            scope=pl.coalesce(*(f"_note {number}" for number in range(len(notes))), "_other"),
            is_another_report=pl.any_horizontal(pl.lit(value=False), *another),
            is_aside=pl.any_horizontal(pl.col("_after").str.contains(known.aside), *asides),
        )
        .select(*told.columns, "scope", "is_another_report", "is_aside")
    )


_NARROWER = "narrower_scope"


def _split_sentences(told: pl.DataFrame) -> pl.DataFrame:
    """Return `told` with what stands before the figure (what is ignored cut out), its last clause, and what follows."""
    known = load_restatement()
    number = pl.col("number")
    # What says that there was none stands before nothing: all of it is context.
    inside = pl.coalesce(pl.col("told").str.find(number, literal=True), pl.col("told").str.len_bytes())
    plain = pl.col("plain").cast(pl.Binary)
    start = pl.col("plain").str.find(pl.col("told"), literal=True) + inside
    before = reduce(
        lambda text, ignored: text.str.replace_all(ignored, ""), known.ignored, pl.col("_before").cast(pl.String)
    )
    return (
        told.with_columns(_start=start)
        .with_columns(
            _before=plain.bin.slice(0, pl.col("_start")),
            _after=plain.bin.slice(pl.col("_start") + number.str.len_bytes().fill_null(0))
            .cast(pl.String)
            .str.strip_chars_start(),
        )
        .with_columns(_before=before)
        .with_columns(_clause=pl.col("_before").str.extract(known.clause, 1))
    )


def _note(scope: Scope) -> pl.Expr:
    """Return the scope's note where the last of its words says that the figure is not the report's own."""
    text = pl.col("_before" if scope.reach == "sentence" else "_clause")
    marker = text.str.extract_all(f"(?:{scope.whole})|(?:{scope.part})").list.last()
    year = marker.str.extract(_YEAR, 1).cast(pl.Int32)
    is_part = ~marker.str.contains(f"^(?:{scope.whole})$") | (year != pl.col("year")).fill_null(year.is_not_null())
    is_meant = pl.col("agency_type").is_in(scope.agency_types) if scope.agency_types else pl.lit(value=True)
    return pl.when(is_part & is_meant).then(pl.lit(scope.note))
