"""What stands around the 统计表 before 2019 and changes what they mean: titles, report years; text run together."""

import re
from functools import cache

import polars as pl

from pipelines.normalize.findings import make_findings
from pipelines.normalize.layouts import BatchReading
from schemas.form import load_forms
from schemas.legacy import load_header_words
from schemas.table import table
from schemas.vocabulary import BlockKind, TableCode

_BLOCKS_BEFORE = 3
_TITLE_LENGTH = 60  # of the text right before a table, so that a narrative about a quarter is no title
_MANY_COLUMNS = 5  # so many digits behind a label are no year and no number of a sentence
_LABEL_END = re.compile(r"[\u4e00-\u9fff]{4,}$")
_STATED_YEAR = r"(20[01][0-9])年"
_MESSAGES = {
    "periodic_table": "The title {} makes this a monthly or quarterly 统计表; only annual figures are loaded.",
    "year_conflict": "Column {} of the 统计表 is not of the report's year; its figures enter no fact.",
    "figures_run_together": "The table ({}…) is text whose cells ran together; none of its figures is taken.",
}


def settle_context(
    reading: BatchReading, blocks: pl.DataFrame, years: pl.DataFrame
) -> tuple[BatchReading, pl.DataFrame]:
    """Return the readings without what titles and years forbid, and findings that say so.

    A table under the title of a month or quarter is refused whole. A column whose head names another year than the
    report's (last year's figures beside this year's, or a head that nobody changed) loses its code.

    Args:
        reading: What each statistic cell is.
        blocks: Frame `blocks`.
        years: file_id and year.
    """
    is_legacy = pl.col("table_code") == TableCode.LEGACY.value
    legacy = reading.cells.filter(is_legacy)
    if legacy.is_empty():
        return reading, table("findings").empty_frame()
    periodic = _find_periodic(legacy, blocks)
    legacy = legacy.join(periodic, on=["file_id", "table_number"], how="anti")
    stated = pl.col("raw_column").str.extract(_STATED_YEAR, 1).cast(pl.Int32)
    dated = legacy.join(years, on="file_id", how="left", maintain_order="left").with_columns(
        is_other=((stated != pl.col("year")) & (pl.col("column_code") == "year")).fill_null(value=False)
    )
    settled = dated.with_columns(column_code=pl.when("is_other").then(None).otherwise("column_code"))
    cells = pl.concat([reading.cells.filter(~is_legacy), settled.select(reading.cells.columns)])
    other = dated.filter("is_other").unique(["file_id", "table_number", "raw_column"], maintain_order=True)
    findings = [_findings(periodic, "periodic_table", "title"), _findings(other, "year_conflict", "raw_column")]
    return BatchReading(cells, reading.notes, reading.tables), pl.concat(findings)


def find_run_together(blocks: pl.DataFrame, tables: pl.DataFrame) -> pl.DataFrame:
    """Return a finding for each table that was printed as text without spaces, whose figures cannot be told apart.

    Args:
        blocks: Frame `blocks`.
        tables: file_id and table_code of the statistic tables that were read: a document that has one of the same
            generation needs no such finding.
    """
    is_legacy = pl.col("table_code") == TableCode.LEGACY.value
    found = [
        blocks.join(tables.filter(is_read), on="file_id", how="anti")
        .filter(pl.col("text").str.contains(pattern))
        .unique("file_id", keep="first", maintain_order=True)
        .with_columns(
            excerpt=pl.col("text").str.extract(pattern, 0).str.slice(0, 40), table_number=pl.lit(None, dtype=pl.Int32)
        )
        for pattern, is_read in ((_run_together_pattern(), is_legacy), (_run_together_rows(), ~is_legacy))
    ]
    return _findings(
        pl.concat(found).unique("file_id", keep="first", maintain_order=True), "figures_run_together", "excerpt"
    )


@cache
def _run_together_rows() -> str:
    """Return the expression of two rows of a national form, each with digits enough for its figures in some edition."""
    rows: dict[str, int] = {}
    for form in load_forms().values():
        for clause in (clause for item in form.tables for clause in item.clauses):
            if len(clause.columns) < _MANY_COLUMNS:
                continue
            for spelling in (spelling for row in clause.rows for spelling in row.spellings):
                end = _LABEL_END.search(spelling)
                if end is not None:
                    rows[end[0]] = min(len(clause.columns), rows.get(end[0], len(clause.columns)))
    widths = {width: sorted((end for end in rows if rows[end] == width), reverse=True) for width in rows.values()}
    row = "|".join(f"(?:{'|'.join(ends)})[0-9]{{{width},}}" for width, ends in widths.items())
    return rf"(?:{row})\D[^，。；]{{0,60}}?(?:{row})"


@cache
def _run_together_pattern() -> str:
    """Return the expression of a head and rows without a space: 指标名称计量单位2016年度历年累计主动公开文件数条34."""
    units = "|".join(sorted(load_header_words().units, key=len, reverse=True))
    head, words = load_header_words().run_together, "[^，。；]"
    return rf"{head}{words}{{0,60}}?(?:{units})[0-9]{{2}}{words}{{0,200}}?(?:{units})[0-9]"


def _find_periodic(legacy: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """Return file_id, table_number and title of the tables that stand under the title of a month or quarter."""
    tables = legacy.select("file_id", "table_number").unique(maintain_order=True)
    near = blocks.join(tables.select("file_id").unique(), on="file_id", how="semi").sort("file_id", "block_number")
    pattern = load_header_words().periodic_title_text
    before = pl.concat_str(
        [
            pl.col("text").str.tail(_TITLE_LENGTH).shift(n).over("file_id").fill_null("")
            for n in range(_BLOCKS_BEFORE, 0, -1)
        ],
        separator="\n",
    )
    own = near.with_columns(title=before.str.extract(pattern, 0)).filter(
        (pl.col("kind") == BlockKind.TABLE.value) & pl.col("title").is_not_null()
    )
    of_document = (
        near.filter(pl.col("kind") == BlockKind.TITLE.value)
        .with_columns(title=pl.col("text").str.extract(pattern, 0))
        .drop_nulls("title")
        .unique("file_id", keep="first", maintain_order=True)
        .select("file_id", "title")
    )
    return pl.concat([
        tables.join(own.select("file_id", "table_number", "title"), on=["file_id", "table_number"]),
        tables.join(of_document, on="file_id"),
    ]).unique(["file_id", "table_number"], keep="first", maintain_order=True)  # fmt: skip


def _findings(found: pl.DataFrame, reason: str, text: str) -> pl.DataFrame:
    return make_findings(found, reason, pl.format(_MESSAGES[reason], text), "table_number", raw_text=text)
