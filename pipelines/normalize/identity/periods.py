"""The period that a report states for its statistics: its year, and whether it is a part of one or several."""

import polars as pl

# 统计期限为2021年1月1日至12月31日; the second form lost its 年, 月 and 日 on the way: 201911日至20191231日.
_PERIOD = (
    r"(20\d\d)年?(?:度)?0?1月0?1日?[,，]?(?:起|至|到|—|－|-|~|～|止)"
    r"|(20\d\d)0?10?1日?(?:起|至|到|—|-|~|～)+20\d\d1231"
    r"|截[止至]到?(20\d\d)年?12月?31日?"
    r"|(20\d\d)[./-]0?1[./-]0?1(?:起|至|到|—|－|-|~|～)+20\d\d[./-]12[./-]31"
)
# Statistics that end with an earlier quarter: 2023年1月1日至6月30日. Of other ends 1月31日 is a misprint of 12月31日.
_PERIOD_IN_YEAR = (
    r"((?:统计|数据|期限|时限|期间).{0,16}20\d\d年?度?0?1月0?1日?[,，]?[起至到—－\-~～止]+(?:20\d\d年)?"
    r"0?(?:3月31|6月30|9月30)日)"
)
# The period from its first to its last day, to be told from one of a year.
_WHOLE_PERIOD = (
    r"(?:期限|时限|所列数据|数据统计|统计(?:时间|范围|区间|时段|数据)).{0,16}?((20\d\d)年?度?(\d{1,2})月\d{1,2}日?[,，]?"
    r"(?:起|至|到|—|－|-|~|～|止)+[,，]?(20\d\d)年?度?(\d{1,2})月\d{1,2}日)"
)
_LONGEST_YEAR = 15  # months: a period from December to November, or to the January behind, is one of a year
_PERIOD_PARTS = ("words", "from_year", "from_month", "to_year", "to_month")


def period_years(text: pl.DataFrame) -> pl.DataFrame:
    """Return file_id, year in which the stated period begins, its words and those of one that ends too early."""
    squeezed = pl.col("text").str.replace_all(r"\s+", "")
    groups = squeezed.str.extract_groups(_PERIOD)
    words = squeezed.str.extract(f"({_PERIOD})", 1)
    year = pl.coalesce([groups.struct.field(str(number)) for number in (1, 2, 3, 4)])
    return (
        text.filter(pl.col("text").str.contains("20", literal=True))
        .select(
            "file_id",
            year.cast(pl.Int32).alias("year"),
            words.alias("words"),
            squeezed.str.extract(_PERIOD_IN_YEAR, 1).alias("part"),
        )
        .drop_nulls("year")
        .unique("file_id", keep="first", maintain_order=True)
    )


def long_periods(text: pl.DataFrame) -> pl.DataFrame:
    """Return file_id and words of the first stated period of statistics where that is longer than a year."""
    told = text.filter(
        pl.col("text").str.contains("统计|期限|时限|数据") & pl.col("text").str.contains("20", literal=True)
    )
    groups = told.get_column("text").str.replace_all(r"\s+", "").str.extract_groups(_WHOLE_PERIOD).struct.unnest()
    whole = told.select("file_id").hstack(groups.rename(dict(zip(groups.columns, _PERIOD_PARTS, strict=True))))
    months = (pl.col("to_year").cast(pl.Int32) - pl.col("from_year").cast(pl.Int32)) * 12
    months += pl.col("to_month").cast(pl.Int32) - pl.col("from_month").cast(pl.Int32) + 1
    return (
        whole.drop_nulls("words")
        .unique("file_id", keep="first", maintain_order=True)
        .filter(months >= _LONGEST_YEAR)
        .select("file_id", "words")
    )
