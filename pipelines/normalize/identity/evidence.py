"""What each document says of itself: title candidates, metadata, the lines at its beginning and end, its path."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import polars as pl

from pipelines.normalize.identity.site import frame_lines
from schemas.agency import load_wordings
from schemas.vocabulary import BlockKind

HEAD_BLOCKS = 12
"""So many lines of a text are its head."""

_TAIL_BLOCKS = 6
_LONGEST_LINE = 2_000
_LONGEST_DATE = 30
_TITLE_ORDER = {"h1": 0, "ArticleTitle": 1, "meta": 1, "title": 2, "first_line": 3}
_SEPARATOR = re.compile(r"[:：|]")
# An enum's value costs a call, and these are asked for a million times.
_TITLE, _METADATA = BlockKind.TITLE.value, BlockKind.METADATA.value
_TITLES_IN_TEXT = ("h1", "first_line")
_NO_LINES = ("正文", "全文", "首页")
_DATE = re.compile(
    r"(?<!\d)(20\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)|(?<!\d)(20\d\d)(\d\d)(\d\d)(?!\d)"
)
_DATE_LINE = re.compile(
    r"^[\s(（]*(?:20\d\d|[二2][〇○零0O][〇○零一二三四五六七八九\d]{2}\s*年)[\d\s年月日./〇○零一二三四五六七八九十-]*[)）\s]*$"
)
_CHINESE_DATE = re.compile(
    r"([二2][〇○零0O][〇○零一二三四五六七八九]{2})年([一二三四五六七八九十\d]{1,3})月([一二三四五六七八九十\d]{1,3})日?"
)
_CHINESE_DIGITS = {
    character: str(digit % 10)
    for digit, characters in enumerate(("〇○零O0", *"一二三四五六七八九"))
    for character in characters
}
_NOT_PUBLISHED = re.compile(r"[至起止—~～]|日-|今天|现在|当前时间|星期|欢迎")  # periods, and the clocks of sites
_LONGEST_FACT = 80
_URL = re.compile(r"https?://[^\s<>\"'，。）)]+")
# 统计期限为2021年1月1日至12月31日; the second form lost its 年, 月 and 日 on the way: 201911日至20191231日.
_PERIOD = (
    r"(20\d\d)年?(?:度)?0?1月0?1日?[,，]?(?:起|至|到|—|－|-|~|～|止)"
    r"|(20\d\d)0?10?1日?(?:起|至|到|—|-|~|～)+20\d\d1231"
    r"|截[止至]到?(20\d\d)年?12月?31日?"
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


@dataclass(slots=True)
class DocumentEvidence:
    """The lines of one document that can say who reports, when, and where it was published.

    Attributes:
        titles: Where a candidate was found and its text, in the order in which they are believed.
        head, tail: First and last lines of the text.
        metadata: Label and value pairs, labels in lower case.
        address: Where the page was fetched; None where nobody knows.
        frame: Lines below the last table that may tell whose site it is.
        hijacked: The first of these lines that carries words of the trade that takes over lapsed sites.
        has_traditional: One of these lines has characters of the traditional script only.
        period_year: Year whose first of January the text names as the beginning of its statistics.
        period_text: The words that name it.
        part_of_year: The words by which its statistics end before the year does, None where none say so.
        long_period: The words by which its statistics are of several years, None where none say so.
    """

    file_id: int
    path: str
    folder_year: int | None
    titles: list[tuple[str, str]] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)
    metadata: list[tuple[str, str]] = field(default_factory=list)
    address: str | None = None
    frame: list[str] = field(default_factory=list)
    period_year: int | None = None
    period_text: str = ""
    part_of_year: str | None = None
    long_period: str | None = None
    hijacked: str | None = None
    has_traditional: bool = False

    def labelled(self, kind: str) -> Iterator[tuple[str, str]]:
        """Yield label and value of the metadata of one kind: title, agency, context, date, url or period."""
        labels = load_wordings().labels[kind]
        return ((label, value) for label, value in self.metadata if label in labels and value)

    @property
    def published_date(self) -> date | None:
        """The first date behind a label of publication or beside the source, else the one below the title."""
        beside = (read_date(value) for kind in ("date", "context") for _, value in self.labelled(kind))
        return next((found for found in beside if found is not None), None) or date_below_title(self.head)

    @property
    def signed_date(self) -> tuple[str, date] | None:
        """The last line of the text that is a date and nothing else, as printed and as read."""
        for line in reversed(self.tail):
            if len(line) <= _LONGEST_DATE and _DATE_LINE.match(line):
                found = read_date(line) or read_chinese_date(line)
                if found is not None:
                    return line.strip(), found
        return None

    @property
    def url(self) -> str | None:
        """The address that the document states for itself."""
        values = (match[0] for _, value in self.labelled("url") if (match := _URL.search(value)))
        return next(values, None)


def collect_evidence(
    files: pl.DataFrame, blocks: pl.DataFrame, captures: pl.DataFrame | None = None
) -> list[DocumentEvidence]:
    """Return the evidence of every file, in the order of `files`.

    Args:
        files: Frame `files`.
        blocks: Frame `blocks`.
        captures: Frame `captures`, where the files were fetched.
    """
    addresses = {} if captures is None else dict(captures.select("file_id", "page_url").iter_rows())
    found = {
        row["file_id"]: DocumentEvidence(
            row["file_id"], row["path"], row["folder_year"], address=addresses.get(row["file_id"])
        )
        for row in files.select("file_id", "path", "folder_year").iter_rows(named=True)
    }
    text = blocks.filter(pl.col("kind") != BlockKind.TABLE.value).sort("file_id", "block_number", maintain_order=True)
    telling = _telling_blocks(text)
    for file_id, kind, label, line in telling.iter_rows():
        evidence = found.get(file_id)
        if evidence is not None:
            _add_line(evidence, kind, label, line)
    for file_id, _, _, line in telling.filter(pl.col("text").str.contains(load_wordings().hijacked)).iter_rows():
        if file_id in found and found[file_id].hijacked is None:
            found[file_id].hijacked = line
    traditional = pl.col("text").str.contains(f"[{''.join(sorted(load_wordings().traditional))}]")
    for file_id in telling.filter(traditional).get_column("file_id").unique().to_list():
        if file_id in found:
            found[file_id].has_traditional = True
    _add_periods(found, text)
    for file_id, line in frame_lines(text, blocks).iter_rows():
        if file_id in found:
            found[file_id].frame.append(line)
    for evidence in found.values():
        evidence.titles.sort(key=lambda candidate: _TITLE_ORDER.get(candidate[0], 2))
    return list(found.values())


def _add_periods(found: dict[int, DocumentEvidence], text: pl.DataFrame) -> None:
    for file_id, year, words, part in _period_years(text).iter_rows():
        if file_id in found:
            found[file_id].period_year, found[file_id].period_text = year, words
            found[file_id].part_of_year = part
    for file_id, words in _long_periods(text).iter_rows():
        if file_id in found:
            found[file_id].long_period = words


def read_date(text: str) -> date | None:
    """Return the first date that stands in a text.

    >>> read_date("发布日期：2020-01-31 10:02"), read_date("20220118"), read_date("2022-13-01")
    (datetime.date(2020, 1, 31), datetime.date(2022, 1, 18), None)
    """
    for match in _DATE.finditer(text):
        year, month, day = (int(part) for part in match.groups() if part is not None)
        if 1 <= month <= 12 and 1 <= day <= _days_in(year, month):
            return date(year, month, day)
    return None


def date_below_title(lines: Iterable[str]) -> date | None:
    """Return the date of publication that stands in a page's first lines without a colon between it and its label.

    Told are a label in front of the date or in the line above it, a time of day, and the source beside it. A date
    alone is the report's own, and behind a sentence nothing is asked.

    >>> date_below_title(["发布日期", "2024-01-16"]), date_below_title(["甲局年报", "2024-01-16 14:33"])
    (datetime.date(2024, 1, 16), datetime.date(2024, 1, 16))
    >>> date_below_title(["甲局", "2024年1月16日"]), date_below_title(["统计时间 2023年1月1日至12月31日"])
    (None, None)
    """
    above = ""
    for line in lines:
        if "。" in line:
            return None
        if "20" in line and len(line) <= _LONGEST_FACT and not _NOT_PUBLISHED.search(line):
            told = _told_date().search(line)
            if told is None and _date_label().fullmatch(above.strip()):
                told = _DATE.match(line.strip())
            if told is not None:
                return read_date(told[0])
        above = line
    return None


def read_chinese_date(text: str) -> date | None:
    """Return the date that a text gives in Chinese numerals.

    >>> read_chinese_date("二〇二二年一月十八日"), read_chinese_date("二○一九年十二月三十一日")
    (datetime.date(2022, 1, 18), datetime.date(2019, 12, 31))
    """
    match = _CHINESE_DATE.search(re.sub(r"\s+", "", text))
    if match is None:
        return None
    year = int("".join(_CHINESE_DIGITS.get(character, character) for character in match[1]))
    month, day = _small_number(match[2]), _small_number(match[3])
    return date(year, month, day) if 1 <= month <= 12 and 1 <= day <= _days_in(year, month) else None


def _small_number(text: str) -> int:
    """Return a number below a hundred in Chinese numerals or digits: 三十一, 十, 8."""
    tens, ten, ones = text.rpartition("十")
    digits = "".join(_CHINESE_DIGITS.get(character, character) for character in ones) or "0"
    head = "".join(_CHINESE_DIGITS.get(character, character) for character in tens) or "1"
    return int(digits) + (10 * int(head) if ten else 0)


def body_texts(blocks: pl.DataFrame, file_ids: Iterable[int], length: int) -> dict[int, str]:
    """Return the text of some files, blocks joined by newlines and cut to `length` characters."""
    wanted = blocks.filter(pl.col("file_id").is_in(list(file_ids)) & (pl.col("text") != ""))
    joined = (
        wanted.sort("file_id", "block_number").group_by("file_id").agg(pl.col("text").str.join("\n").str.head(length))
    )
    return dict(joined.iter_rows())


def _days_in(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - date(year, month, 1)).days


def _telling_blocks(text: pl.DataFrame) -> pl.DataFrame:
    """Return the titles and metadata, and of the other blocks the first and last of each file, in reading order."""
    told = [BlockKind.TITLE.value, BlockKind.METADATA.value]
    is_told = pl.col("kind").is_in(told)
    place = pl.int_range(pl.len(), dtype=pl.Int64).over("file_id")
    count = pl.len().over("file_id").cast(pl.Int64)
    # Titles and metadata stand first and must not use up the lines of the text's own head.
    lines = text.filter(~is_told).with_columns(place.alias("place"), count.alias("count"))
    ends = lines.filter((pl.col("place") < HEAD_BLOCKS) | (pl.col("place") >= pl.col("count") - _TAIL_BLOCKS))
    marked = ends.with_columns(
        pl.when(pl.col("place") < HEAD_BLOCKS).then(pl.lit("head")).otherwise(pl.lit("tail")).alias("kind")
    )
    # A short document's last lines are its first lines too.
    both = ends.filter((pl.col("place") < HEAD_BLOCKS) & (pl.col("place") >= pl.col("count") - _TAIL_BLOCKS))
    columns = ["file_id", "block_number", "kind", "label", "text"]
    return (
        pl.concat(
            [
                text.filter(is_told).select(columns),
                marked.select(columns),
                both.with_columns(pl.lit("tail").alias("kind")).select(columns),
            ]
        )
        .with_columns(pl.col("text").str.head(_LONGEST_LINE))
        .sort("file_id", "block_number", maintain_order=True)
        .select("file_id", "kind", "label", "text")
    )


def _add_line(evidence: DocumentEvidence, kind: str, label: str | None, text: str) -> None:
    if kind == _TITLE:
        evidence.titles.append((label or "title", text))
        if label in _TITLES_IN_TEXT:
            evidence.head.append(text)  # it may go on in the next line
    elif kind == _METADATA:
        evidence.metadata.append(((label or "").strip().lower(), text))
    elif kind == "tail":
        evidence.tail.append(text)
    elif text not in _NO_LINES:
        evidence.head.append(text)
        if _SEPARATOR.search(text):
            evidence.metadata.extend(_inline_metadata(text))


def _inline_metadata(text: str) -> Iterator[tuple[str, str]]:
    """Yield the labelled facts that stand inside a line: 发布日期：2020-01-31, <!-- url: … -->."""
    for match in _inline_labels().finditer(text):
        yield match["label"].replace(" ", "").lower(), match["value"].strip(" |")


@cache
def _date_label() -> re.Pattern[str]:
    labels = "|".join(sorted(map(re.escape, load_wordings().labels["date"]), key=len, reverse=True))
    return re.compile(rf"[\[【(（]?\s*(?:{labels}|发布于)\s*[\]】)）]?\s*[:：]?", re.IGNORECASE)


@cache
def _told_date() -> re.Pattern[str]:
    """Return the pattern of a date behind its label, with a time of day, or beside the page's source."""
    day = r"20\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?"
    label, source = _date_label().pattern, r"(?:来源|作者|字体|字号|浏览|阅读|点击)"
    timed = rf"^\s*{day}\s*\d{{1,2}}:\d\d(?::\d\d)?\s*(?:$|[|]|{source})"
    beside = rf"^\s*{day}\s+{source}|{source}.{{0,40}}\s{day}"
    return re.compile(rf"(?:^|[\s|]){label}\s*{day}|{timed}|{beside}", re.IGNORECASE)


@cache
def _inline_labels() -> re.Pattern[str]:
    labels = sorted({label for kind in load_wordings().labels.values() for label in kind}, key=len, reverse=True)
    spaced = "|".join(
        r"\s?".join(map(re.escape, label)) if label[0] > "\u3000" else re.escape(label) for label in labels
    )
    return re.compile(
        rf"(?:^|[\s|,，;；(（\[【>-])(?P<label>{spaced})\s*(?:[:：]|\|)\s*(?P<value>[^\n|]*?)(?=\s*(?:$|\n|\||-->|\s(?:{spaced})\s*[:：]))",
        re.IGNORECASE,
    )


def _period_years(text: pl.DataFrame) -> pl.DataFrame:
    """Return file_id, year in which the stated period begins, its words and those of one that ends too early."""
    squeezed = pl.col("text").str.replace_all(r"\s+", "")
    groups = squeezed.str.extract_groups(_PERIOD)
    words = squeezed.str.extract(f"({_PERIOD})", 1)
    year = pl.coalesce([groups.struct.field(str(number)) for number in (1, 2, 3)])
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


def _long_periods(text: pl.DataFrame) -> pl.DataFrame:
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


_PERIOD_PARTS = ("words", "from_year", "from_month", "to_year", "to_month")
