"""What stands twice in a report: an empty form beside the filled one, a 统计表 printed again, a cell claimed twice.

Pages print a table once for screens and once for telephones or paper, and some keep the form that they were filled
from. A national table that stands twice alike needs no such care: a cell that two places claim alike is read once.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from pipelines.normalize.findings import make_findings
from schemas.document import load_document_words
from schemas.printed import load_printed_words
from schemas.table import table
from schemas.vocabulary import BlockKind, TableCode, ValueStatus

_LONGEST_CAPTION = 40
_PLACE = ["file_id", "table_code", "table_number"]
_CODES = ("row_code", "column_code", "match_method", "match_score", "indicator_number")


@dataclass(frozen=True, slots=True)
class _Table:
    """A statistic table: its texts in order, whether it holds no figure, and the last line above."""

    number: int
    texts: Sequence[str]
    is_blank: bool
    caption: str | None


def files_with_repeats(figures: pl.DataFrame) -> list[int]:
    """Return the files of which two cells claim one place of a form, or two tables an indicator that no form knows."""
    is_coded = pl.col("row_code").is_not_null() & pl.col("column_code").is_not_null()
    is_unknown = ~is_coded & (pl.col("table_code") == TableCode.LEGACY.value)
    claims = figures.lazy().filter(is_coded).group_by("file_id", "table_code", "row_code", "column_code").len()
    found = claims.filter(pl.col("len") > 1).select("file_id").unique().collect()["file_id"].to_list()
    unknown = figures.filter(is_unknown)
    if not unknown.is_empty():
        in_tables = unknown.group_by("file_id", "raw_label", "column_code").agg(pl.col("table_number").n_unique())
        found += in_tables.filter(pl.col("table_number") > 1)["file_id"].to_list()
    return sorted(set(found))


def leave_out_copies(
    figures: pl.DataFrame, cells: pl.DataFrame, blocks: pl.DataFrame, repeated: Sequence[int]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the figures, those without a code that only repeat another table's, and a finding for each such table.

    An empty form is a copy where it has no word that the filled one lacks, and no line above either may say of whom or
    when it is: an agency that had no cases leaves a table empty as well. So may one of two reports on a page, which
    other tables of theirs tell by their figures. One that a line calls a sample may be filled.

    Args:
        figures: Frame `figures`.
        cells: Frame `cells`.
        blocks: Frame `blocks`.
        repeated: The files of `files_with_repeats`.
    """
    if not repeated:  # as in most batches
        return figures, table("findings").empty_frame()
    is_asked = pl.col("file_id").is_in(repeated)
    asked = figures.filter(is_asked)
    disputed = _find_disputed(asked)
    rows = [
        (file_id, table_code, copy, whole)
        for (file_id, table_code), tables in _tables(asked, *(frame.filter(is_asked) for frame in (cells, blocks)))
        for copy, whole in _copies(
            tables, is_legacy=table_code == TableCode.LEGACY.value, may_be_form=file_id not in disputed
        )
    ]
    schema = {name: figures.schema[name] for name in _PLACE} | {"whole": pl.Int32()}
    found = pl.DataFrame(rows, schema=schema, orient="row")
    if found.is_empty():
        return figures, table("findings").empty_frame()
    marked = figures.join(found, on=_PLACE, how="left", maintain_order="left")
    is_copy = pl.col("whole").is_not_null()
    cleaned = marked.with_columns(pl.when(is_copy).then(None).otherwise(pl.col(name)).alias(name) for name in _CODES)
    message = pl.format("Table {} only repeats table {}; its cells are in no fact.", "table_number", "whole")
    return cleaned.select(figures.columns), make_findings(found, "duplicate_table", message, "table_number")


def set_duplicates_aside(figures: pl.DataFrame, doubted: Sequence[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the figures with no cell of a form claimed twice, and a finding for each that was.

    A cell repeated with the same text (a row printed again after a page break) keeps its first place. Where the texts
    differ nothing says which is right: all of them lose their code. Where more of a document's repeated figures differ
    than agree, they are no copies but those of two units, years or versions, and what agrees does so by chance: none
    is taken.

    Args:
        figures: Frame `figures`.
        doubted: The files of which a cell may be claimed twice; see `files_with_repeats`.
    """
    if not doubted:  # as in most batches; what follows costs as much as all the rest of a figure
        return figures, table("findings").empty_frame()
    claim = ["file_id", "table_code", "row_code", "column_code"]
    coded = pl.col("row_code").is_not_null() & pl.col("column_code").is_not_null()
    marked = figures.with_columns(
        (coded & (pl.len().over(claim) > 1)).alias("is_repeated"),
        (pl.col("raw_text").n_unique().over(claim) == 1).alias("is_same"),
        pl.int_range(pl.len()).over(claim).alias("place"),
    )
    repeated = pl.col("is_repeated")
    # Noughts agree in any two tables.
    tells = repeated & (pl.col("place") == 0) & ((pl.col("value") != 0) | ~pl.col("is_same"))
    balance = pl.when(tells).then(pl.when("is_same").then(1).otherwise(-1)).otherwise(0)
    marked = marked.with_columns(is_same=pl.col("is_same") & (balance.sum().over("file_id") >= 0))
    kept = marked.filter(~repeated | ~pl.col("is_same") | (pl.col("place") == 0))
    refuse = repeated & ~pl.col("is_same")
    message = pl.format(
        "Row {} column {} of table {} is printed more than once, in prints with different figures; none is loaded.",
        "row_code",
        "column_code",
        "table_code",
    )
    places = ("table_number", "row_number", "column_number")
    findings = make_findings(kept.filter(refuse), "duplicate_row", message, *places, raw_text="raw_text")
    cleaned = kept.with_columns(
        pl.when(refuse).then(None).otherwise(pl.col(name)).alias(name)
        for name in ("row_code", "match_method", "match_score", "indicator_number")
    )
    return cleaned.select(figures.columns), findings


def _tables(
    figures: pl.DataFrame, cells: pl.DataFrame, blocks: pl.DataFrame
) -> Iterator[tuple[tuple[int, str], list[_Table]]]:
    """Yield file and table code with the tables that hold figures of it."""
    texts = cells.group_by("file_id", "table_number", maintain_order=True).agg("text")
    is_blank = (pl.col("value_status") == ValueStatus.BLANK.value).all()
    held = figures.group_by(_PLACE, maintain_order=True).agg(is_blank=is_blank)
    captions = dict(_captions(blocks))
    found: dict[tuple[int, str], list[_Table]] = {}
    joined = held.join(texts, on=["file_id", "table_number"], how="inner").sort(_PLACE)
    for file_id, table_code, number, blank, words in joined.select(*_PLACE, "is_blank", "text").iter_rows():
        item = _Table(number, words, blank, captions.get((file_id, number)))
        found.setdefault((file_id, table_code), []).append(item)
    yield from found.items()


def _captions(blocks: pl.DataFrame) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the last line above each table, by file and table: it stands over all that follow without one between."""
    above: dict[int, str] = {}
    columns = ("file_id", "kind", "text", "table_number")
    for file_id, kind, text, number in blocks.sort("file_id", "block_number").select(columns).iter_rows():
        if kind == BlockKind.TABLE.value:
            if file_id in above:
                yield (file_id, number), above[file_id]
        elif kind != BlockKind.METADATA.value and text.strip():
            above[file_id] = text.strip()


def _find_disputed(figures: pl.DataFrame) -> set[int]:
    """Return the files in which more of the figures that are printed twice differ than agree, noughts apart."""
    claims = figures.drop_nulls(["row_code", "column_code", "value"]).group_by(
        "file_id", "table_code", "row_code", "column_code"
    )
    differs = pl.col("value").n_unique() > 1
    twice = claims.agg(pl.len(), differs.alias("differs"), (pl.col("value") != 0).any().alias("tells"))
    balance = pl.when("differs").then(-1).otherwise(pl.col("tells").cast(pl.Int32)).sum()
    told = twice.filter(pl.col("len") > 1).group_by("file_id").agg(balance.alias("balance"))
    return set(told.filter(pl.col("balance") < 0)["file_id"].to_list())


def _copies(tables: Sequence[_Table], *, is_legacy: bool, may_be_form: bool) -> Iterator[tuple[int, int]]:
    """Yield the numbers of each table that is a copy and of the one that it repeats."""
    for copy in tables:
        for whole in tables:
            is_twin = is_legacy and whole.number < copy.number and whole.texts == copy.texts
            is_sample = _is_sample(copy.caption) and not _is_sample(whole.caption)
            if is_twin or is_sample or (may_be_form and _is_empty_form(copy, whole)):
                yield copy.number, whole.number
                break


def _is_empty_form(copy: _Table, whole: _Table) -> bool:
    if not copy.is_blank or whole.is_blank or not set(copy.texts) <= {*whole.texts, ""}:
        return False
    return not (_may_narrow(copy.caption) or _may_narrow(whole.caption))


def _is_sample(caption: str | None) -> bool:
    """Tell whether a line calls the tables below it forms, which may hold noughts to show where figures go."""
    if caption is None or len(caption) > _LONGEST_CAPTION:
        return False
    return any(word in caption for word in load_printed_words().caption.samples)


def _may_narrow(caption: str | None) -> bool:
    """Tell whether a line above a table may say of whom or when it is."""
    if caption is None or len(caption) > _LONGEST_CAPTION:
        return False
    if any(mark in caption for mark in load_document_words().text.sentence_marks):
        return False
    return re.search(r"[^\W_]", _plain_words().sub("", caption)) is not None


@cache
def _plain_words() -> re.Pattern[str]:
    words = "|".join(sorted(load_printed_words().caption.words, key=len, reverse=True))
    return re.compile(rf"^[{load_document_words().text.section_numerals}]+、|(?:{words})(?:\d{{1,2}}(?!\d))?")
