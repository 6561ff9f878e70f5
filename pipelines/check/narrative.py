"""Figures that the narrative restates, against the tables."""

import math
from functools import cache

import polars as pl

from pipelines.check.catalogue import NUMBER_LIMIT, load_catalogue
from pipelines.check.cells import CellState, pick_cells
from pipelines.check.context import read_contexts
from pipelines.check.engine import print_number
from pipelines.check.linear import judge
from pipelines.check.sentences import find_sentences
from schemas.agency import AgencyType
from schemas.check import TextCheck
from schemas.rule import Rule, load_rules
from schemas.table import RAW_TEXT_LENGTH, table
from schemas.vocabulary import RuleStatus, Stage


def check_narrative(
    cells: pl.DataFrame,
    sections: pl.DataFrame,
    suspicions: pl.DataFrame,
    reports: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return frames `quality` and `findings` of the rules about the narrative.

    A report has an outcome where a sentence restates the figure. One reading that fits is a pass, whichever sentence
    and reading it is, and the note records the reading. Where none fits and every such sentence speaks of a part of
    what the table covers (the office alone) or of another time (`pipelines.check.context`), the outcome is
    `not_assessable`. Every note ends in the section and offset of the sentence, and a finding quotes it. A blank whose
    value the table's identities leave no choice about has that value here, and the note says `blanks_filled`: many
    tables leave 总计 blank, of which the narrative speaks. A blank that could make a reading fit leaves it open.

    Args:
        cells: Resolved cells (`pipelines.check.linear.resolve_cells`).
        sections: Frame `sections`.
        suspicions: Frame `suspicions`, which knows those values.
        reports: Frame `reports`, which knows who reports for which year: 我局 is a part of a government, and all of a
            bureau. A report that is not among them counts as unknown.
    """
    sentences = find_sentences(sections).sort("file_id", "section_number", "offset", maintain_order=True)
    told = _fill_blanks(pick_cells(cells, _told_cells()["cell"]), suspicions)
    stated = _find_stated(sentences["plain"])
    found = _show(_judge(stated, _evaluate_readings(told), sentences, reports), sentences)
    return table("quality").conform(found.select(table("quality").polars_schema.names())), _quote(found)


def _fill_blanks(cells: pl.DataFrame, suspicions: pl.DataFrame) -> pl.DataFrame:
    """Return the cells with the values of those blanks that can have no other, and `is_filled`."""
    place = ["table_code", "row_code", "column_code"]
    certain = suspicions.filter("is_unique", pl.col("reported_value").is_null())
    known = certain.join(load_catalogue().cells, on=place).select("file_id", "cell", "suggested_value")
    is_filled = pl.col("value").is_null() & pl.col("suggested_value").is_not_null()
    return cells.join(known, on=["file_id", "cell"], how="left").with_columns(
        value=pl.coalesce("value", "suggested_value"),
        state=pl.when(is_filled).then(CellState.ZERO.value).otherwise("state"),
        is_filled=is_filled,
    )


def _find_stated(plain: pl.Series) -> pl.DataFrame:
    """Return every figure that a sentence restates.

    sentence is its row, told what the pattern found there, number the figure in that as written (null where the words
    say that there was none), stated its value, rule its place among the rules, only the rank of the one reading that
    the words leave (null for all).
    """
    # What many reports say word for word is looked through once.
    texts = plain.unique(maintain_order=True)
    said = pl.DataFrame({"plain": plain}).with_row_index("sentence")
    places = said.join(pl.DataFrame({"plain": texts}).with_row_index("text"), on="plain").select("sentence", "text")
    return _read_texts(texts).join(places, on="text", maintain_order="left_right").drop("text")


def _read_texts(texts: pl.Series) -> pl.DataFrame:
    """Return what `_find_stated` does, with the row of the text in place of that of the sentence."""
    parts = [pl.DataFrame(schema=_TOLD)]
    for number, (_, check) in enumerate(_text_rules()):
        for pattern in (*check.patterns, *check.none):
            rows = texts.str.contains(pattern).arg_true()
            if not rows.is_empty():
                told = _find_numbers if pattern in check.patterns else _find_words
                found = told(rows, texts.gather(rows), pattern)
                parts.append(found.with_columns(_only_reading(check), rule=pl.lit(number, dtype=pl.Int32)))
    written = pl.col("number").str.replace_all(",", "", literal=True).cast(pl.Float64)
    return pl.concat(parts).select(
        "text", "told", "number", "only", "rule", stated=pl.when("says_none").then(0.0).otherwise(written)
    )


_TOLD = pl.Schema(
    {
        "text": pl.UInt32(), "told": pl.String(), "number": pl.String(), "says_none": pl.Boolean(),
        "only": pl.Int32(), "rule": pl.Int32(),
    }
)  # fmt: skip


def _only_reading(check: TextCheck) -> pl.Expr:
    """Return `only`: the rank of the one reading that the words told leave, null where they leave all."""
    if not check.words:
        return pl.lit(None, dtype=pl.Int32).alias("only")
    ranks = {name: rank for rank, (name, _) in enumerate(check.readings)}
    chosen = (pl.when(pl.col("told").str.contains(words)).then(ranks[name]) for name, words in check.words)
    return pl.coalesce(*chosen, pl.lit(None, dtype=pl.Int32)).cast(pl.Int32).alias("only")


def _find_numbers(rows: pl.Series, texts: pl.Series, pattern: str) -> pl.DataFrame:
    """Return a row for every place of texts in which a pattern finds a number."""
    found = pl.DataFrame({"text": rows, "told": texts.str.extract_all(pattern)})
    return found.explode("told", empty_as_null=False, keep_nulls=False).with_columns(
        number=pl.col("told").str.extract(pattern, 1), says_none=pl.lit(value=False)
    )


def _find_words(rows: pl.Series, texts: pl.Series, pattern: str) -> pl.DataFrame:
    """Return a row for every text that says that there was none."""
    found = pl.DataFrame({"text": rows, "told": texts.str.extract(pattern, 0)})
    return found.with_columns(number=pl.lit(None, dtype=pl.String), says_none=pl.lit(value=True))


@cache
def _text_rules() -> tuple[tuple[Rule, TextCheck], ...]:
    checks = ((rule, check) for rule in load_rules().values() for check in rule.checks)
    return tuple((rule, check) for rule, check in checks if isinstance(check, TextCheck))


@cache
def _told_cells() -> pl.DataFrame:
    """Return the cells of the columns that rules speak of: cell, layout, rule, row_code, group (`@group`, or null)."""
    catalogue = load_catalogue()
    groups = [
        (number, row.code, f"@{row.parent}")
        for number, layout in enumerate(catalogue.layouts)
        for clause in layout.clauses
        for row in clause.rows
        if row.parent is not None
    ]
    schema = {"layout": pl.Int32, "row_code": pl.String, "group": pl.String}
    grouped = catalogue.cells.join(
        pl.DataFrame(groups, schema=schema, orient="row"), on=["layout", "row_code"], how="left"
    )
    return pl.concat(
        grouped.filter(table_code=rule.table_code, column_code=check.column).select(
            "cell", "layout", "row_code", "group", rule=pl.lit(number)
        )
        for number, (rule, check) in enumerate(_text_rules())
    )


@cache
def _reading_terms() -> pl.DataFrame:
    """Return every cell of every reading that an edition's table has whole.

    Columns: cell, layout, rule, reading (a number), rank, name, of_none, sign, terms (how many cells the reading has).
    """
    readings = [
        (rule, rank, name, check.none_means in (None, name), terms)
        for rule, (_, check) in enumerate(_text_rules())
        for rank, (name, terms) in enumerate(check.readings)
    ]
    rows = [
        (rule, number, rank, name, of_none, len(terms), term.code, term.sign)
        for number, (rule, rank, name, of_none, terms) in enumerate(readings)
        for term in terms
    ]
    schema = {
        "rule": pl.Int32, "reading": pl.Int32, "rank": pl.Int32, "name": pl.String, "of_none": pl.Boolean,
        "named": pl.UInt32, "term": pl.String, "sign": pl.Int8,
    }  # fmt: skip
    named = pl.DataFrame(rows, schema=schema, orient="row")
    cells = [_told_cells().with_columns(term=pl.col(of)) for of in ("row_code", "group")]
    own = ["reading", "layout"]
    return (
        named.join(pl.concat(cells), on=["rule", "term"])
        .filter(pl.col("term").n_unique().over(own) == pl.col("named"))
        .with_columns(terms=pl.len().over(own))
    )


@cache
def _readings() -> pl.DataFrame:
    """Return every reading that an edition's table can have: layout, rule, reading, rank, name, of_none, terms."""
    return _reading_terms().select("layout", "rule", "reading", "rank", "name", "of_none", "terms").unique()


def _evaluate_readings(cells: pl.DataFrame) -> pl.DataFrame:
    """Return file_id, rule, rank, reading (its name), of_none, value, least, is_filled: what the words may mean.

    A reading one of whose cells is not known has no value, and `least`: what the others add up to, which it cannot fall
    short of, as counts are not negative.
    """
    terms = _reading_terms()
    is_known = (pl.col("state") <= CellState.ZERO) & pl.col("value").is_not_null()
    # File and reading as one whole number: far faster to group by than two columns.
    key = (pl.col("file_id") * NUMBER_LIMIT + pl.col("reading")).alias("key")
    values = (
        cells.filter(is_known)
        .join(terms.select("cell", "reading", "sign"), on="cell")
        .with_columns(key)
        .group_by("key")
        .agg(
            value=(pl.col("value") * pl.col("sign")).sum(),
            found=pl.len(),
            is_filled=pl.col("is_filled").any(),
            is_bounded=(pl.col("sign") > 0).all(),
        )
    )
    is_whole = pl.col("found") == pl.col("terms")
    return (
        cells.select("file_id", "layout")
        .unique()
        .join(_readings(), on="layout")
        .with_columns(key)
        .join(values, on="key", how="left")
        .select(
            "file_id", "rule", "rank", "of_none",
            reading="name",
            value=pl.when(is_whole).then("value"),
            least=pl.when(pl.col("is_bounded").fill_null(value=True)).then(pl.col("value").fill_null(0.0)),
            is_filled=pl.when(is_whole).then("is_filled"),
        )
    )  # fmt: skip


def _judge(
    stated: pl.DataFrame, readings: pl.DataFrame, sentences: pl.DataFrame, reports: pl.DataFrame
) -> pl.DataFrame:
    """Return one outcome a report and rule: the best that any of its sentences allows.

    Columns: sentence, stated, those of `readings`, status, is_hidden (a blank could make a reading fit) and scope.
    """
    best = _best_readings(stated, readings, sentences)
    # Where all that is told fits, nobody need ask of what it speaks.
    doubtful = best.filter(~pl.col("fits")).select("file_id", "rule").unique()
    keys = ["file_id", "rule"]
    settled = best.join(doubtful, on=keys, how="anti").with_columns(scope=pl.lit(None, dtype=pl.String))
    weighed = _weigh(best.join(doubtful, on=keys, how="semi"), stated, sentences, reports)
    is_known = pl.col("fits") | ~(pl.col("scope").is_not_null() | pl.col("is_hidden"))
    return (
        pl.concat([settled, weighed], how="diagonal_relaxed")
        .with_columns(status=judge(pl.col("fits"), is_known), key=pl.col("file_id") * NUMBER_LIMIT + pl.col("rule"))
        # A reading that fits, then a contradiction, then nothing to say; of several the one that is told first.
        .with_columns(worse=pl.when("fits").then(0).when(pl.col("status") == RuleStatus.FAIL).then(1).otherwise(2))
        .sort("key", "worse", "sentence", "order")
        .unique("key", keep="first", maintain_order=True)
    )


def _best_readings(stated: pl.DataFrame, readings: pl.DataFrame, sentences: pl.DataFrame) -> pl.DataFrame:
    """Return what each statement means: the reading that fits it, else one that has a value, else the first."""
    value = pl.col("value")
    told = (
        stated.select("sentence", "stated", "rule", "only")
        .with_row_index("order")
        .with_columns(sentences.select("file_id")[stated["sentence"]])
        .join(readings, on=["file_id", "rule"])
        # That there was none is said of all that is meant: no lawsuit is none through either channel.
        .filter(
            (pl.col("stated") != 0) | pl.col("of_none"), pl.col("only").is_null() | (pl.col("rank") == pl.col("only"))
        )
        .with_columns(
            fits=(value == pl.col("stated")).fill_null(value=False),
            is_hidden=value.is_null() & (pl.col("stated") >= pl.col("least").fill_null(-math.inf)),
        )
        # One number, as it is quick to sort by.
        .with_columns(
            worse=(~pl.col("fits")).cast(pl.Int32) * 512 + value.is_null().cast(pl.Int32) * 256 + pl.col("rank")
        )
        .sort("order", "worse")
    )
    hidden = told.filter("is_hidden")["order"].unique().implode()
    best = told.unique("order", keep="first", maintain_order=True)
    return best.with_columns(is_hidden=pl.col("order").is_in(hidden))


def _weigh(told: pl.DataFrame, stated: pl.DataFrame, sentences: pl.DataFrame, reports: pl.DataFrame) -> pl.DataFrame:
    """Return what restates a figure, with scope; what another report says does not fit, even where it agrees."""
    of_agency = reports.select("file_id", "year", "agency_type", "agency_name", "signed_name")
    asides = pl.Series("aside", [check.aside for _, check in _text_rules()], pl.String)
    words = stated.select("told", "number")[told["order"]]
    asked = (
        pl.concat([told, words], how="horizontal")
        .with_columns(sentences["plain"].gather(told["sentence"]), asides.gather(told["rule"]))
        .join(of_agency, on="file_id", how="left", maintain_order="left")
        .with_columns(pl.col("agency_type").fill_null(AgencyType.UNKNOWN.value))
    )
    return (
        read_contexts(asked)
        .filter(~pl.col("is_aside"))
        .with_columns(fits=pl.col("fits") & ~pl.col("is_another_report"))
        .select(*told.columns, "scope")
    )


def _show(best: pl.DataFrame, sentences: pl.DataFrame) -> pl.DataFrame:
    """Return outcomes as frame `quality` has them, with the sentence of each and where it stands."""
    is_open = pl.col("status") == RuleStatus.NOT_ASSESSABLE
    is_undecided = is_open & pl.col("is_hidden") & pl.col("scope").is_null()
    note = pl.when("fits").then("reading").when(is_undecided).then(pl.lit("blank")).when(is_open).then("scope")
    filled = pl.when("is_filled").then(pl.lit("blanks_filled"))
    stands = pl.format("section {}, offset {}", "section_number", "offset")
    quoted = sentences.select("section_number", "offset", "sentence")[best["sentence"]]
    named = pl.DataFrame(
        [(rule.id, rule.severity.value, rule.scope) for rule, _ in _text_rules()],
        schema=["rule_id", "severity", "scope"], orient="row",
    )[best["rule"]]  # fmt: skip
    shown = best.drop("sentence").with_columns(
        left_value="stated",
        right_value=pl.when(~is_undecided).then(pl.coalesce("value", "least")),
        remark=pl.concat_str(note, filled, separator="; ", ignore_nulls=True).replace("", None),
    )
    return pl.concat([shown.drop("scope"), quoted, named], how="horizontal").with_columns(
        delta=pl.col("left_value") - pl.col("right_value"),
        note=pl.concat_str("remark", stands, separator="; ", ignore_nulls=True),
    )


def _quote(found: pl.DataFrame) -> pl.DataFrame:
    """Return one finding a failure, with the sentence as printed and where it stands."""
    message = pl.format(
        "{}: the narrative says {} where the table says {} (section {}, offset {}); compare both with the source",
        "rule_id", print_number("left_value"), print_number("right_value"), "section_number", "offset",
    )  # fmt: skip
    return table("findings").conform(
        found.filter(pl.col("status") == RuleStatus.FAIL.value).select(
            "file_id", "severity",
            stage=pl.lit(Stage.CHECK.value),
            reason_code=pl.lit("identity_broken"),
            raw_text=pl.col("sentence").str.strip_chars().str.head(RAW_TEXT_LENGTH),
            message=message,
        )
    )  # fmt: skip
