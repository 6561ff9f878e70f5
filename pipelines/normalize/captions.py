"""What stands over or below a table: that it is of another year than the report, or of a part, or counts in hundreds.

A report may print last year's table beside its own. What a caption says holds for the tables below it until a sentence,
a section's heading or another caption says something else.
"""

import re
from collections.abc import Iterator
from functools import cache

import polars as pl

from pipelines.normalize.findings import make_findings
from pipelines.read.metadata import is_section_heading
from schemas.form import load_forms
from schemas.printed import load_printed_words
from schemas.unit import count_units
from schemas.vocabulary import BlockKind

_LONGEST_CAPTION = 40
# A year and no date, alone of its kind in its line; and the words that name a time from the report's own.
_YEAR = r"20\d\d\s*年度?(?:\D|$)"
_DATE = r"20\d\d\s*年\s*\d{1,2}\s*月"
_WORDS = load_printed_words().caption
_RELATIVE = (
    rf"^[（(]?(?:其中[:：]?)?(?:{'|'.join(_WORDS.other_times)})"
    rf"(?:同期)?(?:的?(?:{'|'.join(_WORDS.time_heads)})(?:表|如下)?)?[）)]?[:：。]?$"
)
# Lines that name a year for another reason: titles, notices, sources, plans, and sentences, which tell a count or end.
_UNITS = "|".join(count_units())
_NO_CAPTION = rf"{'|'.join(_WORDS.dated_otherwise)}|[。；;]|[，,].*\S|\d\s*(?:余|多)?(?:{_UNITS}|人|万|元)"
# The lines of a list, whose labels are numbered like sections and name the year: 一、本年新收…：3件.
_LISTED = re.compile(r"(?:\d\s*(?:件次?)?[。；;]?|[:：])$")
# A line over a table, or a cell of it, by which its counts are printed in hundreds or more.
_SCALED = rf"^[\s（(]*(?:计量)?单位\s*[:：]?\s*[十百千万亿]+(?:{_UNITS})[\s）)]*$"

# A line over a table by which its amounts are in another unit than their head may say.
_MONEY = r"^[\s（(]*(?:金额|计量)?单位\s*[:：]?\s*([百千万亿]*元)[\s）)]*$"


def leave_out_other_periods(
    figures: pl.DataFrame, cells: pl.DataFrame, blocks: pl.DataFrame, years: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the figures without a code where their table is of another time than the report, and findings of that.

    Args:
        figures: Frame `figures`.
        cells: Frame `cells`: a caption may stand in a table's first cell.
        blocks: Frame `blocks`.
        years: file_id and year.
    """
    found = pl.concat([_captioned(blocks, years), _captioned_within(cells, years)])
    own = figures.select("file_id", "table_number").unique()
    found = found.unique(["file_id", "table_number"], keep="first", maintain_order=True).join(
        own, on=["file_id", "table_number"], how="semi", maintain_order="left"
    )
    if found.is_empty():
        return figures, _findings(found)
    places = found.select("file_id", "table_number", is_other=True)
    marked = figures.join(places, on=["file_id", "table_number"], how="left", maintain_order="left")
    is_other = pl.col("is_other").is_not_null()
    codes = ("row_code", "column_code", "match_method", "match_score", "indicator_number")
    cleaned = marked.with_columns(pl.when(is_other).then(None).otherwise(pl.col(name)).alias(name) for name in codes)
    return cleaned.select(figures.columns), _findings(found)


def _is_caption(year: pl.Expr) -> pl.Expr:
    """Return whether a line names another time than a year, as the caption of a table does."""
    text = pl.col("text").str.strip_chars()
    is_short = text.str.len_chars() <= _LONGEST_CAPTION
    names_year = text.str.contains(_YEAR) & ~text.str.contains(_DATE) & ~text.str.contains(_NO_CAPTION)
    is_other = names_year & ~text.str.contains(year.cast(pl.String), literal=True)
    return is_short & (is_other | text.str.contains(_RELATIVE))


def _captioned(blocks: pl.DataFrame, years: pl.DataFrame) -> pl.DataFrame:
    """Return file_id, table_number and caption of the tables that stand below one of another time."""
    lines = pl.col("kind").is_in([BlockKind.PARAGRAPH.value, BlockKind.HEADING.value])
    dated = blocks.join(years.drop_nulls("year"), on="file_id", how="inner").filter(lines & _is_caption(pl.col("year")))
    if dated.is_empty():
        return _NOTHING
    rows = []
    wanted = blocks.join(dated.select("file_id").unique(), on="file_id", how="semi").sort("file_id", "block_number")
    marks = dated.select("file_id", "block_number", is_caption=True)
    wanted = wanted.join(marks, on=["file_id", "block_number"], how="left", maintain_order="left").join(
        years, on="file_id", how="left", maintain_order="left"
    )
    for (file_id,), own in wanted.partition_by("file_id", as_dict=True, maintain_order=True).items():
        rows += [(file_id, number, caption) for number, caption in _below(own)]
    return pl.DataFrame(rows, schema=_NOTHING.schema, orient="row")


def _below(blocks: pl.DataFrame) -> Iterator[tuple[int, str]]:
    """Yield the tables of one document below captions of another time, with these, or above a line that means them."""
    caption: str | None = None
    above: list[int] = []  # tables since the last line that speaks of itself
    for kind, text, number, is_caption, year in blocks.select(
        "kind", "text", "table_number", "is_caption", "year"
    ).iter_rows():
        if kind == BlockKind.TABLE:
            above.append(number)
            if caption is not None:
                yield number, caption
        elif is_caption and any(word in text for word in _WORDS.above):
            yield from ((one, text.strip()) for one in above)
        elif is_caption:
            caption = text.strip()
        elif text.strip() and (str(year) in text or (_LISTED.search(text.strip()) is None and _speaks_of_itself(text))):
            caption, above = None, []


def _speaks_of_itself(text: str) -> bool:
    """Tell whether a line is a sentence, a section's heading or another caption, so that none before it goes on."""
    is_other = any(word in text for word in _WORDS.current_times) or is_section_heading(text)
    return is_other or len(text) > _LONGEST_CAPTION or "。" in text


def _captioned_within(cells: pl.DataFrame, years: pl.DataFrame) -> pl.DataFrame:
    """Return file_id, table_number and caption of the tables whose first row is one of another time."""
    first = (pl.col("row_number") == 1) & (pl.col("column_number") == 1) & (pl.col("column_span") > 1)
    titled = cells.filter(first).join(years.drop_nulls("year"), on="file_id", how="inner")
    return titled.filter(_is_caption(pl.col("year"))).select("file_id", "table_number", caption="text")


_NOTHING = pl.DataFrame(schema={"file_id": pl.Int64(), "table_number": pl.Int32(), "caption": pl.String()})


def _findings(found: pl.DataFrame) -> pl.DataFrame:
    said = "The caption {} makes this a table of another time; none of its figures is loaded."
    return make_findings(found, "other_period", pl.format(said, "caption"), "table_number", raw_text="caption")


def doubt_scaled_tables(figures: pl.DataFrame, cells: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """Doubt the counts of tables over which, or in which, stands that they are in hundreds or more (单位：万件)."""
    said = pl.col("text").str.contains("单位", literal=True) & pl.col("text").str.contains(_SCALED)
    over, within = _lines_over_tables(blocks, said), cells.filter(said)
    scaled = pl.concat([frame.select("file_id", "table_number") for frame in (over, within)]).drop_nulls().unique()
    if scaled.is_empty():
        return figures
    marked = figures.join(scaled.with_columns(is_scaled=True), on=["file_id", "table_number"], how="left")
    is_count = ~pl.col("column_code").is_in(_money_columns())  # null where there is no column
    is_scaled = pl.col("is_scaled").fill_null(value=False)
    return marked.with_columns(is_doubtful=pl.col("is_doubtful") | (is_scaled & is_count).fill_null(value=False))


def doubt_money_units(figures: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """Doubt the amounts whose head names another unit than the line over their table: 单位：元 over （单位：万元）."""
    over = _lines_over_tables(blocks, pl.col("text").str.contains(_MONEY)).drop_nulls("table_number")
    if over.is_empty():
        return figures
    told = over.select("file_id", "table_number", told=pl.col("text").str.extract(_MONEY, 1))
    marked = figures.join(told.unique(["file_id", "table_number"]), on=["file_id", "table_number"], how="left")
    is_amount = pl.col("column_code").is_in(_money_columns()) & ~pl.col("raw_text").str.contains("元", literal=True)
    is_other = (is_amount & (pl.col("unit") != pl.col("told"))).fill_null(value=False)
    return marked.with_columns(is_doubtful=pl.col("is_doubtful") | is_other).drop("told")


def _lines_over_tables(blocks: pl.DataFrame, said: pl.Expr) -> pl.DataFrame:
    """Return the lines of which `said` holds, each with the number of the table right below it, null where none is."""
    files = blocks.filter(said).select("file_id").unique()
    following = pl.col("table_number").shift(-1).over("file_id")
    held = blocks.join(files, on="file_id", how="semi").sort("file_id", "block_number")
    return held.with_columns(table_number=following).filter(said)


@cache
def _money_columns() -> tuple[str, ...]:
    clauses = [clause for form in load_forms().values() for table in form.tables for clause in table.clauses]
    return tuple({
        column.code for clause in clauses for column in clause.columns if clause.value_kind_of(column) == "amount"
    })  # fmt: skip
