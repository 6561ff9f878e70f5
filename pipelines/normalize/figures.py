"""Readings joined to what the cells print: the frame `figures`."""

from functools import cache

import polars as pl

from pipelines.normalize.column_labels import read_behind_labels
from pipelines.normalize.figure_doubts import refuse_doubtful
from pipelines.normalize.layouts import BatchReading
from pipelines.normalize.values import read_value
from pipelines.staging.fingerprint import hash_parts
from schemas.form import load_forms
from schemas.legacy import GENERATION
from schemas.table import table
from schemas.vocabulary import FIRST_YEAR, TableCode, ValueStatus

_PLACE = ["file_id", "table_number", "row_number", "column_number"]


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
        .pipe(refuse_doubtful, cells, blocks)
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
