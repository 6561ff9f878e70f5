"""Figures that the narrative restates, against the tables."""

from collections.abc import Iterator
from functools import cache

import polars as pl

from pipelines.check.cells import CellState
from pipelines.check.linear import judge
from pipelines.check.sentences import find_sentences
from schemas.agency import AgencyType
from schemas.restatement import load_restatement
from schemas.rule import Rule, TextCheck, load_rules
from schemas.table import table
from schemas.vocabulary import RuleStatus, Stage


def check_narrative(
    cells: pl.DataFrame,
    sections: pl.DataFrame,
    suspicions: pl.DataFrame | None = None,
    reports: pl.DataFrame | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return frames `quality` and `findings` of the rules about the narrative.

    A report has an outcome where a sentence restates the figure. One reading that fits is a pass, whichever sentence
    and reading it is, and the note records the reading. Where none fits and every such sentence speaks of a part of
    what the table covers (the office alone), the outcome is `not_assessable`. Every note ends in the section and offset
    of the sentence, and a finding quotes it. A blank whose value the table's identities leave no choice about has that
    value here, and the note says `blanks_filled`: many tables leave 总计 blank, of which the narrative speaks.

    Args:
        cells: Resolved cells with row_code, column_code and table_code.
        sections: Frame `sections`.
        suspicions: Frame `suspicions`, which knows those values; without it a blank stays unknown.
        reports: Frame `reports`, which knows what kind of body reports: 我局 is a part of a government, and all of a
            bureau. A report that is not among them counts as unknown.
    """
    stated = _find_stated(sections, reports if reports is not None else table("reports").empty_frame())
    cells = _fill_blanks(cells, suspicions if suspicions is not None else table("suspicions").empty_frame())
    # Readings are a table like the rules: one join answers all of them.
    readings = _evaluate_readings(cells).join(stated, on=["file_id", "rule_id"], how="semi")
    found = _judge(stated.join(_list_tables(cells), on=["file_id", "rule_id"], how="semi"), readings)
    return table("quality").conform(found.select(table("quality").polars_schema.names())), _quote(found)


def _fill_blanks(cells: pl.DataFrame, suspicions: pl.DataFrame) -> pl.DataFrame:
    """Return the cells with the values of those blanks that can have no other, and `is_filled`."""
    place = ["file_id", "table_code", "row_code", "column_code"]
    known = suspicions.filter("is_unique", pl.col("reported_value").is_null()).select(*place, "suggested_value")
    is_filled = pl.col("value").is_null() & pl.col("suggested_value").is_not_null()
    return cells.join(known, on=place, how="left").with_columns(
        value=pl.coalesce("value", "suggested_value"),
        state=pl.when(is_filled).then(CellState.ZERO.value).otherwise("state"),
        is_filled=is_filled,
    )


def _find_stated(sections: pl.DataFrame, reports: pl.DataFrame) -> pl.DataFrame:
    """Return every figure that a sentence restates, with the sentence and its place."""
    types = reports.select("file_id", pl.col("agency_type").fill_null(AgencyType.UNKNOWN.value))
    sentences = (
        find_sentences(sections)
        .join(types, on="file_id", how="left")
        .with_columns(pl.col("agency_type").fill_null(AgencyType.UNKNOWN.value))
        .with_columns(is_partial=_speaks_of_part())
    )
    parts = [sentences.clear().select(*_STATED, rule_id=pl.lit(""), stated=pl.lit(0.0))]
    for rule, check in _text_rules():
        found = [*_extract_numbers(sentences, check), *_find_none(sentences, check)]
        parts += [part.select(*_STATED, "stated", rule_id=pl.lit(rule.id)) for part in found]
    return pl.concat(parts, how="diagonal")


def _extract_numbers(sentences: pl.DataFrame, check: TextCheck) -> Iterator[pl.DataFrame]:
    """Yield for each pattern the sentences with `stated`, a row for every number that it finds."""
    for pattern in check.patterns:
        number = pl.col("stated").str.extract(pattern, 1).str.replace_all(",", "", literal=True).cast(pl.Float64)
        found = sentences.filter(pl.col("plain").str.contains(pattern))
        yield (
            found.with_columns(stated=pl.col("plain").str.extract_all(pattern))
            .explode("stated", empty_as_null=False, keep_nulls=False)
            .with_columns(stated=number)
        )


def _find_none(sentences: pl.DataFrame, check: TextCheck) -> Iterator[pl.DataFrame]:
    """Yield the sentences that say that there was none, with 0 as what they state."""
    if check.none:
        says_none = pl.any_horizontal(pl.col("plain").str.contains(pattern) for pattern in check.none)
        yield sentences.filter(says_none).with_columns(stated=pl.lit(0.0))


_STATED = ("file_id", "section_number", "offset", "sentence", "is_partial")


def _speaks_of_part() -> pl.Expr:
    """Tell whether a sentence speaks of a part of what the table covers, by its words and by who reports."""
    told = []
    for narrower in load_restatement().narrower:
        says_so = pl.col("plain").str.contains(narrower.pattern)
        told.append(says_so & pl.col("agency_type").is_in(narrower.agency_types) if narrower.agency_types else says_so)
    return pl.any_horizontal(pl.lit(value=False), *told)


def _text_rules() -> Iterator[tuple[Rule, TextCheck]]:
    for rule in load_rules().values():
        for check in rule.checks:
            if isinstance(check, TextCheck):
                yield rule, check


@cache
def _reading_terms() -> pl.DataFrame:
    """Return every term of every reading: rule_id, reading, rank, terms, table_code, row_code, column_code, sign."""
    rows = [
        (rule.id, name, rank, len(terms), rule.table_code, term.code, check.column, term.sign)
        for rule, check in _text_rules()
        for rank, (name, terms) in enumerate(check.readings)
        for term in terms
    ]
    schema = {
        "rule_id": pl.String, "reading": pl.String, "rank": pl.Int32, "terms": pl.UInt32, "table_code": pl.String,
        "row_code": pl.String, "column_code": pl.String, "sign": pl.Int8,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _list_tables(cells: pl.DataFrame) -> pl.DataFrame:
    """Return file_id and rule_id of every report that has the table which a rule speaks of."""
    places = ["table_code", "column_code"]
    rules = _reading_terms().select("rule_id", *places).unique()
    return cells.select("file_id", *places).unique().join(rules, on=places).select("file_id", "rule_id")


def _evaluate_readings(cells: pl.DataFrame) -> pl.DataFrame:
    """Return file_id, rule_id, reading, rank, value, is_filled: what the table says where the words mean that.

    A reading of which a cell has no value is left out.
    """
    is_known = pl.col("state") <= CellState.ZERO
    return (
        cells.filter(is_known & pl.col("value").is_not_null())
        .join(_reading_terms(), on=["table_code", "row_code", "column_code"])
        .group_by("file_id", "rule_id", "reading", "rank", "terms")
        .agg(value=(pl.col("value") * pl.col("sign")).sum(), found=pl.len(), is_filled=pl.col("is_filled").any())
        .filter(pl.col("found") == pl.col("terms"))
        .select("file_id", "rule_id", "reading", "rank", "value", "is_filled")
    )


def _judge(stated: pl.DataFrame, readings: pl.DataFrame) -> pl.DataFrame:
    """Return one outcome a report and rule, with its sentence and place: the best that any of its sentences allows."""
    place = ["file_id", "rule_id", "section_number", "offset"]
    fits = pl.col("value") == pl.col("stated")
    judged = (
        stated.join(readings, on=["file_id", "rule_id"], how="left")
        .sort(*place, "rank")
        .group_by(*place, "sentence", "stated", "is_partial", maintain_order=True)
        .agg(
            reading=pl.col("reading").filter(fits).first(),
            right_value=pl.coalesce(pl.col("value").filter(fits).first(), pl.col("value").first()),
            is_filled=pl.coalesce(pl.col("is_filled").filter(fits).first(), pl.col("is_filled").first()),
        )
    )
    is_known = pl.col("reading").is_not_null() | (pl.col("right_value").is_not_null() & ~pl.col("is_partial"))
    note = pl.when(pl.col("right_value").is_null()).then(pl.lit("blank")).when(~is_known).then(pl.lit("narrower_scope"))
    filled = pl.when("is_filled").then(pl.lit("blanks_filled"))
    stands = pl.format("section {}, offset {}", "section_number", "offset")
    notes = pl.concat_str(pl.coalesce("reading", note), filled, stands, separator="; ", ignore_nulls=True)
    outcomes = judged.with_columns(status=judge(pl.col("reading").is_not_null(), is_known), note=notes)
    order = [RuleStatus.PASS.value, RuleStatus.FAIL.value, RuleStatus.NOT_ASSESSABLE.value]
    best_first = pl.col("status").replace_strict(order, range(3), return_dtype=pl.Int8)
    rules = {rule.id: (rule.severity.value, rule.scope) for rule, _ in _text_rules()}
    rule_id = pl.col("rule_id")
    return (
        outcomes.sort("file_id", "rule_id", best_first, "section_number", "offset")
        .unique(["file_id", "rule_id"], keep="first", maintain_order=True)
        .with_columns(
            left_value="stated",
            delta=pl.col("stated") - pl.col("right_value"),
            severity=rule_id.replace_strict({i: s for i, (s, _) in rules.items()}, return_dtype=pl.String),
            scope=rule_id.replace_strict({i: s for i, (_, s) in rules.items()}, return_dtype=pl.String),
        )
    )


def _quote(found: pl.DataFrame) -> pl.DataFrame:
    """Return one finding a failure, with the sentence as printed and where it stands."""
    message = pl.format(
        "{}: the narrative says {} where the table says {} (section {}, offset {}); compare both with the source",
        "rule_id", _whole("left_value"), _whole("right_value"), "section_number", "offset",
    )  # fmt: skip
    return table("findings").conform(
        found.filter(pl.col("status") == RuleStatus.FAIL.value).select(
            "file_id", "severity",
            stage=pl.lit(Stage.CHECK.value),
            reason_code=pl.lit("identity_broken"),
            raw_text=pl.col("sentence").str.strip_chars().str.head(500),
            message=message,
        )
    )  # fmt: skip


def _whole(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Int64).cast(pl.String)
