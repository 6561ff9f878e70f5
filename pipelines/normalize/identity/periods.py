"""The period that a report states for its statistics: its year, and whether it is a part of one or several."""

import polars as pl

from pipelines.normalize.identity.dates import with_digits

# 统计期限为2021年1月1日至12月31日; the second form lost its 年, 月 and 日 on the way: 201911日至20191231日. Months
# alone are a period where they run from the first to the last, a year alone where it is said to be the statistics'.
_TO = r"(?:起|至|到|—|–|－|-|~|～|止)"
_JANUARY = r"(?:0?1|元)月"
_PERIOD = (
    rf"(20\d\d)年?(?:度)?{_JANUARY}0?1日?[,，]?{_TO}"
    rf"|(20\d\d)0?10?1日?{_TO}+20\d\d1231"
    r"|截[止至]到?(20\d\d)年?12月?31日?"
    rf"|(20\d\d)[./-]0?1[./-]0?1{_TO}+20\d\d[./-]12[./-]31"
    rf"|(?:期限|时限|统计|数据).{{0,24}}?(20\d\d)年度?(?:0?1|元)月?份?{_TO}+(?:20\d\d年)?12月"
    r"|(?:统计|数据)的?(?:期限|时限|周期|时段|时间|范围)[为是:：]*(20\d\d)年度?(?:全年)?(?:[。，,;；)）]|$)"
)
_PERIOD_GROUPS = 6
_PERIOD_WORDS = r"期限|时限|统计|数据"
_IN_NUMERALS = "二[〇○零Ｏ]"
# Statistics that end with an earlier quarter: 2023年1月1日至6月30日. Of other ends 1月31日 is a misprint of 12月31日.
_PERIOD_IN_YEAR = (
    rf"((?:统计|数据|期限|时限|期间).{{0,16}}20\d\d年?度?{_JANUARY}(?:0?1日?)?[,，]?{_TO}+(?:20\d\d年)?"
    r"0?(?:3月31日|6月30日|9月30日|[369]月(?:底|末|[。，,;；)）]|$)))"
)
# The period from its first to its last day, to be told from one of a year.
_WHOLE_PERIOD = (
    r"(?:期限|时限|所列数据|数据统计|统计(?:时间|范围|区间|时段|数据)).{0,16}?((20\d\d)年?度?(\d{1,2})月(?:\d{1,2}日?)?[,，]?"
    r"(?:起|至|到|—|－|-|~|～|止)+[,，]?(20\d\d)年?度?(\d{1,2})月(?:\d{1,2}日)?)"
)
_LONGEST_YEAR = 15  # months: a period from December to November, or to the January behind, is one of a year
_PERIOD_PARTS = ("words", "from_year", "from_month", "to_year", "to_month")


def period_years(text: pl.DataFrame) -> pl.DataFrame:
    """Return file_id, year in which the stated period begins, its words and those of one that ends too early."""
    text = _with_years_in_digits(text)
    squeezed = pl.col("text").str.replace_all(r"\s+", "")
    groups = squeezed.str.extract_groups(_PERIOD)
    words = squeezed.str.extract(f"({_PERIOD})", 1)
    year = pl.coalesce([groups.struct.field(str(number)) for number in range(1, _PERIOD_GROUPS + 1)])
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


def _with_years_in_digits(text: pl.DataFrame) -> pl.DataFrame:
    """Return the lines, those of statistics with their years, months and days in digits (二〇二三年一月一日)."""
    is_told = pl.col("text").str.contains(_IN_NUMERALS) & pl.col("text").str.contains(_PERIOD_WORDS)
    digits = pl.col("text").map_elements(with_digits, return_dtype=pl.String)
    told = text.filter(is_told)
    return text if told.is_empty() else pl.concat([text.filter(~is_told), told.with_columns(digits)])


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
