"""Archives and pages that hold reports of different agencies or years: nothing says which one is meant.

So do pages that print the tables of one unit after the other, each below its name: cells on which all agree are no
figure of the whole.

Where the members' names say so, the inventory has taken the archive apart (`pipelines.ingest.packed`) and this never
happens. A page is asked where its tables print the same cells twice, where its first section begins twice (the tables
of one report may be pictures), and where the title right above its tables is not that of the report.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import combinations

import polars as pl

from pipelines.normalize.findings import make_findings
from pipelines.normalize.folding import fold_characters
from pipelines.normalize.identity.agency_name import NameOption, read_name
from pipelines.normalize.identity.region import lies_within
from pipelines.normalize.identity.title import TitleReading, may_be_title, read_title
from pipelines.normalize.identity.title_lines import is_certain_name
from schemas.agency import load_wordings
from schemas.vocabulary import BlockKind

MEMBER_LABEL = "member"
_LONGEST_TITLE = 80
_LONGEST_CAPTION = 40
_KNOWN_DOUBT = 1.0  # a unit told by its ending alone is more doubtful
_HEADED = (BlockKind.TITLE, BlockKind.HEADING)
_LINES = (*_HEADED, BlockKind.PARAGRAPH)
_LINK = re.compile(r"[:：]")  # 上一篇：, and no title
_FIRST_SECTION = r"^[#*\s]*一\s?[、.．]\s?"
_CAPTION = re.compile(
    r"(?:附[件表]\d*[:.]?|\(?[一二三四五六七八九十\d]{1,3}[)、.])?(?:(?:填报|填表|制表|报送)?单位(?:名称)?[:])?(?P<name>[^,。;:()《》]{3,24}?)"
    r"(?:\(.*\)|(?:20\d\d年度?)?(?:(?:政府|政务)?信息公开)?(?:工作|年度|报告|统计|数据|情况|报?表)*)?[:]?"
)


def several_reports(
    blocks: pl.DataFrame, figures: pl.DataFrame, repeated: pl.DataFrame, reports: pl.DataFrame
) -> pl.DataFrame:
    """Return a finding for each file whose members, or titles or units over tables, are of different agencies or years.

    Args:
        blocks: Frame `blocks`.
        figures: Frame `figures`, those that stand twice among them.
        repeated: Frame `findings`: the cells that are printed twice.
        reports: file_id and title of the documents.
    """
    is_member = (pl.col("kind") == BlockKind.METADATA.value) & (pl.col("label") == MEMBER_LABEL)
    packed = blocks.filter(is_member).group_by("file_id").len().filter(pl.col("len") > 1)
    asked = {
        "packed": packed,
        "repeated": repeated,
        "begun": _begun_twice(blocks),
        "headed": _headed_otherwise(blocks, reports),
    }
    ids = {reason: set(frame.get_column("file_id").to_list()) for reason, frame in asked.items()}
    held = blocks.filter(pl.col("file_id").is_in(list(set().union(*ids.values()))))
    found = figures.select("file_id", "table_number", is_statistic=True).unique()
    held = held.join(found, on=["file_id", "table_number"], how="left", maintain_order="left").join(
        reports.select("file_id", "title"), on="file_id", how="left", maintain_order="left"
    )
    rows = []
    for (file_id,), own in held.partition_by("file_id", as_dict=True, maintain_order=True).items():
        differing = next(_differing_names(own, {reason for reason, files in ids.items() if file_id in files}), None)
        if differing is not None:
            rows.append((file_id, "；".join(differing)))
    several = pl.DataFrame(rows, schema={"file_id": pl.Int64(), "names": pl.String()}, orient="row")
    said = "Reports of different agencies or years in one file ({}): part them, each into its year's folder."
    return make_findings(several, "several_reports", pl.format(said, "names"), raw_text="names")


def _begun_twice(blocks: pl.DataFrame) -> pl.DataFrame:
    """Return file_id of the files in which the first section of a report begins more than once."""
    is_line = pl.col("kind").is_in([kind.value for kind in _LINES])
    return blocks.filter(is_line & _begins()).group_by("file_id").len().filter(pl.col("len") > 1)


def _begins() -> pl.Expr:
    overview = dict(load_wordings().sections)["overview"]
    return pl.col("text").str.contains(rf"{_FIRST_SECTION}(?:{overview})")


def _headed_otherwise(blocks: pl.DataFrame, reports: pl.DataFrame) -> pl.DataFrame:
    """Return file_id of the files one of whose headings may be the title of another report than their own."""
    text = pl.col("text")
    may_be_one = (
        pl.col("kind").is_in([kind.value for kind in _HEADED])
        & (text.str.len_chars() <= _LONGEST_TITLE)
        & text.str.contains("公开", literal=True)
        & text.str.contains(r"\d{4}|二")
    )
    headed = blocks.filter(may_be_one).select("file_id", "text")
    titled = headed.join(reports.select("file_id", "title"), on="file_id")
    # On most pages one is the other, with the site's name behind it.
    title, heading = pl.col("title").str.strip_chars(), text.str.strip_chars()
    return titled.filter(~title.str.contains(heading, literal=True) & ~heading.str.contains(title, literal=True))


def _differing_names(blocks: pl.DataFrame, reasons: set[str]) -> Iterator[tuple[str, str]]:
    """Yield pairs of lines of one file that name different reports; `reasons` say by what these are looked for."""
    if "packed" in reasons:
        yield from _differing(dict(_members(blocks)))
        return
    if "repeated" in reasons:
        yield from _differing(dict(_titled(blocks)))
        yield from _differing(dict(_captioned(blocks)))
    if "begun" in reasons:
        yield from _differing(dict(_above_sections(blocks)))
    if "headed" in reasons:
        yield from _headed_apart(blocks)


def _members(blocks: pl.DataFrame) -> Iterator[tuple[str, TitleReading]]:
    """Yield the name of each member that has a statistic table and a report's title, and what this says."""
    name, title, has_table = "", None, False
    for kind, label, text, is_statistic in blocks.select("kind", "label", "text", "is_statistic").iter_rows():
        if kind == BlockKind.METADATA and label == MEMBER_LABEL:
            if title is not None and has_table:
                yield name, title
            name, title, has_table = text, None, False
        elif kind == BlockKind.TITLE:
            title = title or read_title(text)
        has_table = has_table or bool(is_statistic)
    if title is not None and has_table:
        yield name, title


def _titled(blocks: pl.DataFrame) -> Iterator[tuple[str, TitleReading]]:
    """Yield each title of a report under which a statistic table stands before the next one, and what it says.

    One that names only its year does, as the page names the agency elsewhere.
    """
    return _above_tables(blocks, _LONGEST_TITLE, _read_dated_title)


def _captioned(blocks: pl.DataFrame) -> Iterator[tuple[str, TitleReading]]:
    """Yield each line that names a unit and below which a statistic table stands before the next such line."""
    return _above_tables(blocks, _LONGEST_CAPTION, _read_caption)


def _above_sections(blocks: pl.DataFrame) -> Iterator[tuple[str, TitleReading]]:
    """Yield the last title or unit above each line that begins a report's first section, and what it says."""
    last: tuple[str, TitleReading] | None = None
    lines = blocks.filter(pl.col("kind").is_in([kind.value for kind in _LINES]))
    for text, begins in lines.select("text", _begins().alias("begins")).iter_rows():
        if begins and last is not None:
            yield last
        elif len(text) <= _LONGEST_TITLE:
            reading = _read_report_title(text) or (_read_caption(text) if len(text) <= _LONGEST_CAPTION else None)
            last = last if reading is None else (text.strip(), reading)


def _headed_apart(blocks: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """Yield the report's title and the heading right above its first table, where they name two certain agencies.

    Of headings one right below the other those behind the first are a list of links and no titles.
    """
    printed = blocks.item(0, "title")
    own = _read_report_title(printed) if printed is not None else None
    if own is None:
        return
    last = own
    before: TitleReading | None = own
    is_headed = False
    for kind, text, is_statistic in blocks.select("kind", "text", "is_statistic").iter_rows():
        if is_statistic:
            break
        if kind not in _LINES:
            continue
        is_short = len(text) <= _LONGEST_TITLE and not _LINK.search(text)
        reading = _read_report_title(text) if is_short else None
        if reading is not None:
            is_link = before is not None and before.name not in (own.name, reading.name)
            last, is_headed = (own, False) if is_link else (reading, kind in _HEADED)
        before = reading
    if is_headed and _are_others(own.name, last.name):
        yield printed, last.name


def _above_tables(
    blocks: pl.DataFrame, longest: int, read: Callable[[str], TitleReading | None]
) -> Iterator[tuple[str, TitleReading]]:
    """Yield the last line above each statistic table that can be read, once, and what it says."""
    last: tuple[str, TitleReading] | None = None
    for kind, text, is_statistic in blocks.select("kind", "text", "is_statistic").iter_rows():
        if is_statistic and last is not None:
            yield last
            last = None
        if kind not in (BlockKind.METADATA, BlockKind.TABLE) and len(text) <= longest:
            reading = read(text)
            last = last if reading is None else (text.strip(), reading)


def _read_report_title(text: str) -> TitleReading | None:
    reading = _read_dated_title(text)
    return reading if reading is not None and reading.name else None


def _read_dated_title(text: str) -> TitleReading | None:
    reading = read_title(text) if may_be_title(text) else None
    return reading if reading is not None and reading.years else None


def _read_caption(text: str) -> TitleReading | None:
    name = unit_in_caption(text)
    return TitleReading(name, (), "") if name else None


@lru_cache(maxsize=4_096)
def unit_in_caption(text: str) -> str:
    """Return the unit whose tables a line announces; empty where it is no such line.

    >>> [unit_in_caption(line) for line in ("（一）城关镇人民政府：", "填报单位：县财政局", "二、主动公开政府信息情况")]
    ['城关镇人民政府', '县财政局', '']
    """
    match = _CAPTION.fullmatch(fold_characters(text))
    options = read_name(match["name"]) if match else ()
    is_known = bool(options) and all(option.unit.doubt < _KNOWN_DOUBT for option in options)
    return match["name"] if match and is_known else ""


def _differing(members: dict[str, TitleReading]) -> Iterator[tuple[str, str]]:
    for one, other in combinations(members, 2):
        if _are_different(members[one], members[other]):
            yield one, other


def _are_different(one: TitleReading, other: TitleReading) -> bool:
    """Tell whether two titles cannot be those of one report, which may name its agency in full once and once in short.

    >>> named = [
    ...     TitleReading(name, (2023,), "") for name in ("卫东区政府办", "平顶山市卫东区人民政府办公室", "沭阳县发改局")
    ... ]
    >>> [_are_different(named[0], other) for other in named]
    [False, False, True]
    """
    short, long = sorted((one.name, other.name), key=len)
    characters = iter(long)
    is_same_name = all(character in characters for character in short)
    return not is_same_name or bool(one.years and other.years and not set(one.years) & set(other.years))


def _are_others(one: str, other: str) -> bool:
    """Tell whether two names are certainly those of two bodies; a government and its office pass for one.

    >>> [_are_others("桃江县财政局", other) for other in ("沭阳县财政局", "桃江县审计局", "益阳市桃江县财政局", "某局")]
    [True, True, False, False]
    >>> _are_others("桃江县人民政府办公室", "桃江县人民政府")
    False
    """
    if not (is_certain_name(one) and is_certain_name(other)):
        return False
    return not any(_may_be_one(mine, theirs) for mine in read_name(one) for theirs in read_name(other))


def _may_be_one(one: NameOption, other: NameOption) -> bool:
    is_placed = (
        not one.places
        or not other.places
        or any(lies_within(mine, theirs) or lies_within(theirs, mine) for mine in one.places for theirs in other.places)
    )
    townships = {one.unit.township, other.unit.township} - {None}
    return is_placed and one.unit.sector == other.unit.sector and len(townships) < 2
