"""Figures that may be another number than their cells say: none of them has a value."""

from functools import cache

import polars as pl

from pipelines.normalize.captions import doubt_money_units, doubt_scaled_tables
from schemas.form import load_forms
from schemas.legacy import all_forms
from schemas.unit import count_units
from schemas.vocabulary import TableCode, ValueStatus

_POINT_OF_THOUSANDS = r"(?:^|\D)\d{1,3}[.．]\d{3}(?:\D|$)"
_LABELLED_YEAR = r"(20\d\d)年"
_GUIDANCE = r"[（(][^（）()]*[)）]"
_ENDS_IN_NUMBER = rf"\p{{Han}}[^\d]*\d[\d\s,，.．/／—－-]*(?:{'|'.join(count_units())})?\s*[)）]?\s*$"
_STROKE, _OTHER_NUMERALS = "一", "[零〇二两三四五六七八九十百]"


def refuse_doubtful(figures: pl.DataFrame, cells: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """Return the figures, illegible and without a value where the layout, the label or what is printed makes doubtful.

    Args:
        figures: Figures in the making: columns of frame `figures`, and `year` and `is_doubtful`.
        cells: Frame `cells`.
        blocks: Frame `blocks`.
    """
    doubted = (
        doubt_scaled_tables(doubt_money_units(figures, blocks), cells, blocks)
        .pipe(_doubt_other_years)
        .pipe(_doubt_strokes)
        .pipe(_doubt_blanks_of_numbered_labels)
        .pipe(_doubt_counts)
    )
    is_doubtful = pl.col("is_doubtful")
    illegible = pl.lit(ValueStatus.ILLEGIBLE.value)
    return doubted.with_columns(
        value_status=pl.when(is_doubtful).then(illegible).otherwise("value_status"),
        value=pl.when(is_doubtful).then(None).otherwise("value"),
    )


@cache
def _year_offsets() -> pl.DataFrame:
    """Return table_code, row_code and offset of the rows that speak of another year than the report's own."""
    rows = {
        (item.code, row.code, offset)
        for form in load_forms().values()
        for item in form.tables
        for clause in item.clauses
        for row in clause.rows
        for word, offset in (("上年", -1), ("下年", 1))
        if word in row.label
    }
    schema = {"table_code": pl.String, "row_code": pl.String, "offset": pl.Int32}
    return pl.DataFrame(sorted(rows), schema=schema, orient="row")


def _doubt_other_years(figures: pl.DataFrame) -> pl.DataFrame:
    """Doubt the figures of rows that name another year than the form means: 2022年新收… in a report on 2023."""
    own = pl.col("raw_label").str.replace_all(_GUIDANCE, "")
    told = own.str.extract(_LABELLED_YEAR, 1).cast(pl.Int32)
    has_word = own.str.contains("[本上下一]年")
    is_dated = pl.col("row_code").is_not_null() & told.is_not_null() & ~has_word
    if figures.filter(pl.col("raw_label").str.contains(_LABELLED_YEAR)).filter(is_dated).is_empty():
        return figures
    marked = figures.join(_year_offsets(), on=["table_code", "row_code"], how="left")
    is_other = is_dated & (told != pl.col("year") + pl.col("offset").fill_null(0))
    is_national = pl.col("table_code") != TableCode.LEGACY.value
    return marked.with_columns(
        is_doubtful=pl.col("is_doubtful") | (is_other & is_national).fill_null(value=False)
    ).drop("offset")


def _doubt_strokes(figures: pl.DataFrame) -> pl.DataFrame:
    """Doubt each 一 of a table without other Chinese numerals: it may be a dash, for which the same key is close by."""
    is_stroke = pl.col("raw_text").str.strip_chars() == _STROKE
    if not figures.get_column("raw_text").str.contains(_STROKE, literal=True).any():  # as in nearly all batches
        return figures
    has_numerals = pl.col("raw_text").str.contains(_OTHER_NUMERALS).any().over("file_id", "table_number")
    return figures.with_columns(is_doubtful=pl.col("is_doubtful") | (is_stroke & ~has_numerals))


def _doubt_blanks_of_numbered_labels(figures: pl.DataFrame) -> pl.DataFrame:
    """Doubt the blanks of a row that prints nothing else and whose label ends in a number: 规章 2 / 6 / 4.

    A converter that did not part the row left its figures there. No label of a national form ends in one.
    """
    ends_in_number = pl.col("raw_label").str.contains(_ENDS_IN_NUMBER) & (
        pl.col("table_code") != TableCode.LEGACY.value
    )
    if figures.filter(ends_in_number).is_empty():  # as in nearly all batches
        return figures
    is_blank = pl.col("value_status") == ValueStatus.BLANK.value
    row = ["file_id", "label_table", "label_row", "label_column", "row_number"]
    return figures.with_columns(
        is_doubtful=pl.col("is_doubtful") | (ends_in_number & is_blank.all().over(row)).fill_null(value=False)
    )


@cache
def _column_kinds() -> pl.DataFrame:
    """Return table_code, row_code, column_code and value_kind of every cell of every edition."""
    rows = {
        (form_table.code, row.code, column.code, form.code): clause.value_kind_of(column, row)
        for form in all_forms().values()
        for form_table in form.tables
        for clause in form_table.clauses
        for row in clause.rows
        for column in clause.columns
    }
    return pl.DataFrame(
        [(*key, kind) for key, kind in rows.items()],
        schema={
            "table_code": pl.String,
            "row_code": pl.String,
            "column_code": pl.String,
            "form_code": pl.String,
            "value_kind": pl.String,
        },
        orient="row",
    )


def _doubt_counts(figures: pl.DataFrame) -> pl.DataFrame:
    """Doubt a count that is printed in ten thousands or in money, or with a point before three digits.

    3万 is not three, and where points part thousands 1.024 is a thousand and no fraction.
    """
    keys = ["table_code", "row_code", "column_code", "own_form"]
    has_other_unit = ~pl.col("unit").is_in(count_units()) & pl.col("unit").is_not_null()
    may_be_thousands = (pl.col("value") != 0) & pl.col("raw_text").str.contains(_POINT_OF_THOUSANDS)
    wrong = (pl.col("value_kind") != "amount") & (has_other_unit | may_be_thousands)
    own_form = pl.coalesce("provincial_form", "form_code").alias("own_form")
    kinds = _column_kinds().rename({"form_code": "own_form"})
    told = figures.with_columns(own_form).join(kinds, on=keys, how="left")
    return told.with_columns(is_doubtful=pl.col("is_doubtful") | wrong.fill_null(value=False))
