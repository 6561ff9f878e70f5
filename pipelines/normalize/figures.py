"""Readings joined to what the cells print: the frame `figures`."""

from functools import cache

import polars as pl

from pipelines.normalize.captions import doubt_scaled_tables
from pipelines.normalize.column_labels import read_behind_labels
from pipelines.normalize.layouts import BatchReading
from pipelines.normalize.values import read_value
from pipelines.staging.fingerprint import hash_parts
from schemas.form import load_forms
from schemas.legacy import GENERATION, all_forms
from schemas.table import table
from schemas.vocabulary import FIRST_YEAR, TableCode, ValueStatus

_PLACE = ["file_id", "table_number", "row_number", "column_number"]
_POINT_OF_THOUSANDS = r"(?:^|\D)\d{1,3}[.．]\d{3}(?:\D|$)"
_LABELLED_YEAR = r"(20\d\d)年"
_GUIDANCE = r"[（(][^（）()]*[)）]"
_COUNT_UNITS = frozenset({None, "件", "条", "项", "个", "份", "宗", "次", "件次", "人次", "起", "部", "篇"})
_ENDS_IN_NUMBER = r"\p{Han}[^\d]*\d[\d\s,，.．/／—－-]*[件个条项起次]?\s*[)）]?\s*$"
_STROKE, _OTHER_NUMERALS = "一", "[零〇二两三四五六七八九十百]"


def build_figures(
    cells: pl.DataFrame, reading: BatchReading, years: pl.DataFrame, blocks: pl.DataFrame
) -> pl.DataFrame:
    """Return frame `figures`: every statistic cell with its meaning and what it prints.

    Args:
        cells: Frame `cells`.
        reading: What each statistic cell is.
        years: file_id and year, which decides between editions that a table fits equally.
        blocks: Frame `blocks`, for the units that stand over tables.
    """
    values = _read_values(cells.join(reading.cells.select(_PLACE).unique(), on=_PLACE, how="semi"))
    labels = cells.select(
        "file_id",
        pl.col("table_number").alias("label_table"),
        pl.col("row_number").alias("label_row"),
        pl.col("column_number").alias("label_column"),
        pl.col("text").alias("raw_label"),
    )
    figures = (
        reading.cells.join(cells.select(*_PLACE, pl.col("text").alias("raw_text")), on=_PLACE, how="inner")
        .join(values, on="raw_text", how="left")
        .pipe(read_behind_labels)
        .join(labels, on=["file_id", "label_table", "label_row", "label_column"], how="left")
        .join(years, on="file_id", how="left")
        .join(_editions_by_year(), on="year", how="left")
        .pipe(_add_certain_editions)
        .with_columns(_form_code().alias("form_code"), pl.coalesce("cell_unit", "header_unit").alias("unit"))
        .pipe(_name_generation)
        .pipe(doubt_scaled_tables, cells, blocks)
        .pipe(_doubt_other_years)
        .pipe(_doubt_strokes)
        .pipe(_doubt_blanks_of_numbered_labels)
        .pipe(_refuse_doubtful_counts)
        .with_columns(
            pl.when("is_doubtful")
            .then(pl.lit(ValueStatus.ILLEGIBLE.value))
            .otherwise("value_status")
            .alias("value_status"),
            pl.when("is_doubtful").then(None).otherwise("value").alias("value"),
        )
    )
    spec = table("figures")
    return figures.select(column.name for column in spec.columns).sort(_PLACE)


def _read_values(cells: pl.DataFrame) -> pl.DataFrame:
    """Return raw_text, value, value_status, cell_unit and note, one row a distinct text."""
    texts = cells.get_column("text").unique().sort()
    read = [read_value(text) for text in texts]
    return pl.DataFrame(
        {
            "raw_text": texts,
            "value": [item.value for item in read],
            "value_status": [item.status.value for item in read],
            "cell_unit": [item.unit for item in read],
            "note": [item.note for item in read],
        },
        schema={
            "raw_text": pl.String,
            "value": pl.Float64,
            "value_status": pl.String,
            "cell_unit": pl.String,
            "note": pl.String,
        },
    )


def _form_code() -> pl.Expr:
    """The only edition that fits, else the one that the report's other clauses fit alone, else that of the year.

    Where none of these decides, the newest that fits. Clauses that two editions print alike say nothing of the edition.
    """
    fitting = pl.col("form_codes")
    return (
        pl.when(fitting.list.len() == 1)
        .then(fitting.list.first())
        .when(fitting.list.contains(pl.col("edition_of_table")))
        .then(pl.col("edition_of_table"))
        .when(fitting.list.contains(pl.col("edition_of_report")))
        .then(pl.col("edition_of_report"))
        .when(fitting.list.contains(pl.col("edition_in_force")))
        .then(pl.col("edition_in_force"))
        .otherwise(fitting.list.last())
    )


def _add_certain_editions(figures: pl.DataFrame) -> pl.DataFrame:
    """Add edition_of_table, edition_of_report: the one edition that clauses of either fit alone; null where several."""
    certain = figures.filter(pl.col("form_codes").list.len() == 1).select(
        "file_id", "table_code", found=pl.col("form_codes").list.first()
    ).unique()  # fmt: skip
    one = pl.when(pl.col("found").n_unique() == 1).then(pl.col("found").first())
    return figures.join(
        certain.group_by("file_id", "table_code").agg(edition_of_table=one), on=["file_id", "table_code"], how="left"
    ).join(certain.group_by("file_id").agg(edition_of_report=one), on="file_id", how="left")


def _name_generation(figures: pl.DataFrame) -> pl.DataFrame:
    """Name the provincial form of a 统计表 before 2019 apart from its generation, which all of them share."""
    is_legacy = pl.col("table_code") == TableCode.LEGACY.value
    return figures.with_columns(
        provincial_form=pl.when(is_legacy).then("form_code"),
        form_code=pl.when(is_legacy).then(pl.lit(GENERATION)).otherwise("form_code"),
    )


def digest_prints(figures: pl.DataFrame) -> pl.DataFrame:
    """Return file_id, reported_count, figures_digest of every file that prints a number.

    The digest covers code, value and unit of every printed number, and for rows that no form knows the label instead of
    the code, whatever container and place they stood in. Blanks are left out: one container keeps an empty cell that
    another drops. Any machine gives the same digest: those of a cluster make reports that are compared with each other.

    Args:
        figures: Frame `figures`.
    """
    said = pl.concat_str(
        "table_code",
        pl.coalesce("row_code", pl.format("?{}", pl.col("raw_label").fill_null(""))),
        pl.col("column_code").fill_null("?"),
        pl.col("value").cast(pl.String),
        pl.col("unit").fill_null(""),
        separator="\t",
    )
    return (
        figures.filter(pl.col("value_status") == ValueStatus.REPORTED.value)
        .group_by("file_id")
        .agg(reported_count=pl.len().cast(pl.Int64), said=said.sort().str.join("\n"))
        .select("file_id", "reported_count", figures_digest=pl.col("said").map_elements(hash_parts, pl.String))
    )


@cache
def _editions_by_year() -> pl.DataFrame:
    years = range(FIRST_YEAR, 2101)
    rows = [(year, form.code) for form in load_forms().values() for year in years if form.covers(year)]
    return pl.DataFrame(rows, schema={"year": pl.Int32, "edition_in_force": pl.String}, orient="row")


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


def _refuse_doubtful_counts(figures: pl.DataFrame) -> pl.DataFrame:
    """Make a count illegible that is printed in ten thousands or in money, or with a point before three digits.

    3万 is not three, and where points part thousands 1.024 is a thousand and no fraction.
    """
    keys = ["table_code", "row_code", "column_code", "own_form"]
    has_other_unit = ~pl.col("unit").is_in([u for u in _COUNT_UNITS if u]) & pl.col("unit").is_not_null()
    may_be_thousands = (pl.col("value") != 0) & pl.col("raw_text").str.contains(_POINT_OF_THOUSANDS)
    wrong = (pl.col("value_kind") != "amount") & (has_other_unit | may_be_thousands)
    own_form = pl.coalesce("provincial_form", "form_code").alias("own_form")
    kinds = _column_kinds().rename({"form_code": "own_form"})
    return (
        figures.with_columns(own_form)
        .join(kinds, on=keys, how="left")
        .with_columns(
            pl.when(wrong).then(pl.lit(ValueStatus.ILLEGIBLE.value)).otherwise("value_status").alias("value_status"),
            pl.when(wrong).then(None).otherwise("value").alias("value"),
        )
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
