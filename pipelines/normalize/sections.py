"""The narrative: which of the form's six sections every paragraph of a report stands in."""

import polars as pl

from schemas.agency import load_wordings
from schemas.table import table
from schemas.vocabulary import BlockKind

_MARK = "\x1e"  # record separator: never printed, so it can mark where a heading begins
_HEADING = "\x1f"
_TEXT_KINDS = (BlockKind.HEADING, BlockKind.PARAGRAPH)


def split_sections(blocks: pl.DataFrame) -> pl.DataFrame:
    """Return the narrative of every report, one row a section.

    A heading is found by its words (`schemas/agencies/wordings.toml`), at the start of a block or inside a paragraph
    that lost its line breaks; its number is not trusted, because sites number one off and print a heading at two
    levels. Repeated headings of one section are joined; text before the first heading is the preamble.

    Args:
        blocks: Frame `blocks`.

    Returns:
        Frame `sections`; sections that have neither a known heading nor text are left out.
    """
    pieces = _mark_headings(_narrative(blocks))
    numbered = _number_sections(pieces)
    sections = (
        numbered.group_by("file_id", "section_number", maintain_order=True)
        .agg(
            pl.col("section_code").first(),
            pl.col("heading").drop_nulls().first(),
            pl.col("text").filter(pl.col("text") != "").str.join("\n"),
        )
        .filter((pl.col("text") != "") | (pl.col("section_code") != "preamble"))
        .with_columns(pl.int_range(1, pl.len() + 1).over("file_id").alias("section_number"))
    )
    return table("sections").conform(sections)


def _narrative(blocks: pl.DataFrame) -> pl.DataFrame:
    """Return file_id, kind and text of the blocks that are narrative, in reading order."""
    return (
        blocks.filter(pl.col("kind").is_in([kind.value for kind in _TEXT_KINDS]))
        .sort("file_id", "block_number", maintain_order=True)
        .select("file_id", "kind", "text")
    )


def _mark_headings(narrative: pl.DataFrame) -> pl.DataFrame:
    """Return the narrative cut at its headings: file_id, section_code and heading (null within a section), text."""
    words = load_wordings()
    known = rf"[一二三四五六七八九十]{{1,2}}\s?[、.．]\s?(?:{words.section_phrase})"
    unknown = r"^[一二三四五六七八九十]{1,2}\s?[、.．]\s?[^，,。；;：:\d]{2,30}$"
    row_label = rf"^[一二三四五六七八九十]\s?[、.．]\s?(?:{words.row_label})"
    stripped = pl.col("text").str.replace(r"^#+\s*", "")
    is_unknown = stripped.str.contains(unknown) & ~stripped.str.contains(row_label)
    return (
        narrative.with_columns(
            pl.when(is_unknown & ~stripped.str.contains(rf"^{known}"))
            .then(pl.lit(_MARK) + stripped + pl.lit(_HEADING))
            .otherwise(stripped.str.replace_all(rf"({known})", f"{_MARK}${{1}}{_HEADING}"))
            .str.split(_MARK)
            .alias("text")
        )
        .explode("text")
        .with_columns(pl.col("text").str.split_exact(_HEADING, 1).alias("parts"))
        .with_columns(
            pl.when(pl.col("text").str.contains(_HEADING, literal=True))
            .then(pl.col("parts").struct.field("field_0").str.strip_chars())
            .alias("heading"),
            pl.coalesce(pl.col("parts").struct.field("field_1"), pl.col("parts").struct.field("field_0"))
            .str.strip_chars()
            .alias("text"),
        )
        .with_columns(_section_code(pl.col("heading")).alias("section_code"))
        .select("file_id", "section_code", "heading", "text")
    )


def _section_code(heading: pl.Expr) -> pl.Expr:
    """Return the code of the first section whose words stand in the heading; `other` where none does."""
    code: pl.Expr = pl.when(heading.is_null()).then(pl.lit(None, dtype=pl.String))
    for section, pattern in load_wordings().sections:
        code = code.when(heading.str.contains(pattern)).then(pl.lit(section))  # type: ignore[attr-defined]
    return code.otherwise(pl.lit("other"))  # type: ignore[attr-defined,no-any-return]


def _number_sections(pieces: pl.DataFrame) -> pl.DataFrame:
    """Return the pieces with a section number that grows where a heading of another section begins."""
    code = pl.col("section_code").forward_fill().over("file_id").fill_null("preamble")
    return pieces.with_columns(code.alias("section_code")).with_columns(
        (
            (pl.col("section_code") != pl.col("section_code").shift().over("file_id")).fill_null(value=True)
            | (pl.col("heading").is_not_null() & (pl.col("section_code") == "other"))
        )
        .cum_sum()
        .over("file_id")
        .alias("section_number")
    )
