"""Archives and pages that hold reports of different agencies or years: nothing says which one is meant.

So do pages that print the tables of one unit after the other, each below its name: cells on which all agree are no
figure of the whole.

Where the members' names say so, the inventory has taken the archive apart (`pipelines.ingest.packed`) and this never
happens. A page is asked only where its tables print the same cells twice.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain, combinations

import polars as pl

from pipelines.normalize.findings import make_findings
from pipelines.normalize.folding import fold_characters
from pipelines.normalize.identity.agency_name import read_name
from pipelines.normalize.identity.title import TitleReading, may_be_title, read_title
from schemas.vocabulary import BlockKind

MEMBER_LABEL = "member"
_LONGEST_TITLE = 80
_LONGEST_CAPTION = 40
_KNOWN_DOUBT = 1.0  # a unit told by its ending alone is more doubtful
_CAPTION = re.compile(
    r"(?:附[件表]\d*[:.]?|\(?[一二三四五六七八九十\d]{1,3}[)、.])?(?:(?:填报|填表|制表|报送)?单位(?:名称)?[:])?(?P<name>[^,。;:()《》]{3,24}?)"
    r"(?:\(.*\)|(?:20\d\d年度?)?(?:(?:政府|政务)?信息公开)?(?:工作|年度|报告|统计|数据|情况|报?表)*)?[:]?"
)


def several_reports(blocks: pl.DataFrame, figures: pl.DataFrame, repeated: pl.DataFrame) -> pl.DataFrame:
    """Return a finding for each file whose members, or titles or units over tables, are of different agencies or years.

    Args:
        blocks: Frame `blocks`.
        figures: Frame `figures`, those that stand twice among them.
        repeated: Frame `findings`: the cells that are printed twice.
    """
    is_member = (pl.col("kind") == BlockKind.METADATA.value) & (pl.col("label") == MEMBER_LABEL)
    packed = blocks.filter(is_member).group_by("file_id").len().filter(pl.col("len") > 1).select("file_id")
    found = figures.select("file_id", "table_number", is_statistic=True).unique()
    asked = pl.concat([packed, repeated.select("file_id")]).unique()
    held = blocks.join(asked, on="file_id", how="semi").join(
        found, on=["file_id", "table_number"], how="left", maintain_order="left"
    )
    held = held.with_columns(is_packed=pl.col("file_id").is_in(packed.get_column("file_id").to_list()))
    rows = []
    for (file_id,), own in held.partition_by("file_id", as_dict=True, maintain_order=True).items():
        found_in = (_members,) if own.item(0, "is_packed") else (_titled, _captioned)
        differing = next(chain.from_iterable(_differing(dict(find(own))) for find in found_in), None)
        if differing is not None:
            rows.append((file_id, "；".join(differing)))
    several = pl.DataFrame(rows, schema={"file_id": pl.Int64(), "names": pl.String()}, orient="row")
    said = "Reports of different agencies or years in one file ({}): part them, each into its year's folder."
    return make_findings(several, "several_reports", pl.format(said, "names"), raw_text="names")


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
    """Yield each title of a report under which a statistic table stands before the next one, and what it says."""
    return _above_tables(blocks, _LONGEST_TITLE, _read_report_title)


def _captioned(blocks: pl.DataFrame) -> Iterator[tuple[str, TitleReading]]:
    """Yield each line that names a unit and below which a statistic table stands before the next such line."""
    return _above_tables(blocks, _LONGEST_CAPTION, _read_caption)


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
    reading = read_title(text) if may_be_title(text) else None
    return reading if reading is not None and reading.name and reading.years else None


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
