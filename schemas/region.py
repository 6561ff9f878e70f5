"""The administrative divisions of China as they stood year by year, loaded from `schemas/regions/*.csv`."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

import polars as pl

from schemas.entry import SchemaDataError

TOWNSHIPS_YEAR = 2025
"""The list of townships is that of this year's end; what they were before is not known."""

_MUNICIPALITIES = ("110000", "120000", "310000", "500000")


class RegionLevel(StrEnum):
    """The levels of the map; a prefecture is a 地级市, 自治州, 地区 or 盟."""

    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"
    TOWNSHIP = "township"


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """One division under one code, name and parent, for the years in which all three held at the year's end.

    Each stands once in memory, so they compare by identity: sets of them are made for every name that is read.

    Attributes:
        parent_code: Code of the next division up; empty for a province. A county directly under a province has the
            province.
        place_code: First code, since 2000, of the place that this division continues: a county that became a district,
            was recoded or renamed keeps its place, and two divisions are one place exactly where these codes are equal.
        valid_from: First year; 1980 stands for 1980 or earlier.
        valid_to: Last year; None while it stands.
    """

    code: str
    name: str
    level: RegionLevel
    parent_code: str
    place_code: str
    valid_from: int
    valid_to: int | None

    def stood_in(self, year: int) -> bool:
        """Tell whether the division stood at the end of `year`."""
        return self.valid_from <= year and (self.valid_to is None or year <= self.valid_to)

    @property
    def is_municipality(self) -> bool:
        """A province-level city: its districts are named behind it, as counties are behind a prefecture."""
        return self.code in _MUNICIPALITIES


@cache
def load_regions() -> tuple[Region, ...]:
    """Return every division from province to county, in order of code and year.

    Raises:
        SchemaDataError: A row names a parent that does not stand in the same years, or a level that does not exist.
    """
    levels = {level.value: level for level in RegionLevel}
    regions = tuple(
        Region(code, name, levels[level], parent_code, place_code, int(first), int(last) if last else None)
        for code, name, level, parent_code, place_code, first, last in _read_csv(
            "regions.csv",
            ("region_code", "region_name", "level", "parent_code", "place_code", "valid_from", "valid_to"),
        )
    )
    codes = {region.code for region in regions}
    for region in regions:
        if region.parent_code and region.parent_code not in codes:
            raise SchemaDataError(
                f"regions.csv: {region.code} {region.name}: parent {region.parent_code} is not defined"
            )
    return regions


@cache
def load_townships() -> dict[str, tuple[str, ...]]:
    """Return the nine-digit codes of every township by its name; the first six digits are its county's code."""
    codes: dict[str, list[str]] = defaultdict(list)
    for code, name in _read_csv("townships.csv", ("township_code", "township_name")):
        codes[name].append(code)
    return {name: tuple(found) for name, found in codes.items()}


@cache
def regions_by_code() -> dict[str, tuple[Region, ...]]:
    """Return the divisions that have stood under each code, in the order of their years."""
    found: dict[str, list[Region]] = defaultdict(list)
    for region in load_regions():
        found[region.code].append(region)
    return {code: tuple(sorted(rows, key=lambda region: region.valid_from)) for code, rows in found.items()}


@cache
def regions_by_place() -> dict[str, tuple[Region, ...]]:
    """Return what each place has been, in the order of its years."""
    found: dict[str, list[Region]] = defaultdict(list)
    for region in load_regions():
        found[region.place_code].append(region)
    return {code: tuple(sorted(rows, key=lambda region: region.valid_from)) for code, rows in found.items()}


@cache
def load_short_names() -> dict[str, tuple[Region, ...]]:
    """Return what a place has been, by the contraction that stands for its name (阿左旗 for 阿拉善左旗).

    Raises:
        SchemaDataError: A contraction is of a code that no map has, or stands twice.
    """
    found: dict[str, tuple[Region, ...]] = {}
    for name, code in _read_csv("short_names.csv", ("short_name", "region_code")):
        if code not in regions_by_code() or name in found:
            raise SchemaDataError(f"short_names.csv: {name} stands twice, or no map has the code {code}")
        found[name] = regions_by_place()[regions_by_code()[code][-1].place_code]
    return found


def read_pinyin(name: str) -> tuple[str, ...]:
    """Return the syllables of a division's name, one a character; `v` stands for ü.

    >>> read_pinyin("重庆市"), read_pinyin("乐清市"), read_pinyin("吕梁市")
    (('chong', 'qing', 'shi'), ('yue', 'qing', 'shi'), ('lv', 'liang', 'shi'))
    """
    readings = _load_pinyin()
    for length in range(len(name), 1, -1):
        if name[:length] in readings:
            return (*readings[name[:length]].split(), *(readings.get(character, "") for character in name[length:]))
    return tuple(readings.get(character, "") for character in name)


@cache
def _load_pinyin() -> dict[str, str]:
    return dict(_read_csv("pinyin.csv", ("text", "pinyin")))


def region_in_year(place_code: str, year: int | None = None) -> Region:
    """Return what a place was at the end of `year`, the latest it has been where no year is given or none fits.

    >>> region_in_year("310230", 2014).name, region_in_year("310230", 2021).name
    ('崇明县', '崇明区')

    Raises:
        KeyError: No place has that code.
    """
    return _standing(regions_by_place()[place_code], year)


def region_under_code(code: str, year: int | None = None) -> Region:
    """Return what stood under a code in `year`; the last that did where no year is given or none fits.

    A code can pass to another place: 500110 was 万盛区 and is 綦江区 since 2011.

    >>> region_under_code("500110", 2009).name, region_under_code("500110", 2021).name
    ('万盛区', '綦江区')

    Raises:
        KeyError: No division has had that code.
    """
    return _standing(regions_by_code()[code], year)


def _standing(spans: Sequence[Region], year: int | None) -> Region:
    return next((span for span in spans if year is not None and span.stood_in(year)), spans[-1])


def parent_of(region: Region, year: int | None = None) -> Region | None:
    """Return the division above `region`, as it stood in `year` (the region's last year where none is given).

    >>> parent_of(region_in_year("410403")).name
    '平顶山市'
    """
    if not region.parent_code:
        return None
    return _standing(regions_by_code()[region.parent_code], year if year is not None else region.valid_to)


def lineage_of(region: Region, year: int | None = None) -> tuple[Region, ...]:
    """Return the region and the divisions above it, lowest first.

    >>> [level.name for level in lineage_of(region_in_year("410403"))]
    ['卫东区', '平顶山市', '河南省']
    """
    above = parent_of(region, year)
    return (region,) if above is None else (region, *lineage_of(above, year))


def full_region_name(region: Region) -> str:
    """Return the name under which a region's agencies sign in full: with its prefecture, without its province.

    A district of a municipality has the municipality before it.

    >>> full_region_name(region_in_year("410403"))
    '平顶山市卫东区'
    >>> full_region_name(region_in_year("310230"))
    '上海市崇明区'
    """
    above = parent_of(region)
    if above is None or (above.level == RegionLevel.PROVINCE and not above.is_municipality):
        return region.name
    return above.name + region.name


def region_frame() -> pl.DataFrame:
    """Return every division of every year, townships included, one row a code and first year.

    Returns:
        region_code, region_name, level, parent_code (null for provinces), place_code, province_name, prefecture_name,
        county_name (null above their level), valid_from and valid_to (null while it stands). Townships stand as
        published for the end of 2025 (withdrawn ones included), so their valid_from is null and the names above them
        are today's.
    """
    divisions = pl.DataFrame([_region_row(region) for region in load_regions()], schema=_FRAME_SCHEMA, orient="row")
    above = divisions.filter(pl.col("valid_to").is_null()).select(
        "province_name", "prefecture_name", "county_name", parent_code="region_code"
    )
    codes = list(_read_csv("townships.csv", ("township_code", "township_name")))
    townships = pl.DataFrame(codes, schema=["region_code", "region_name"], orient="row").with_columns(
        level=pl.lit(RegionLevel.TOWNSHIP.value), parent_code=pl.col("region_code").str.head(6),
        place_code="region_code", valid_from=pl.lit(None), valid_to=pl.lit(None),
    ).join(above, on="parent_code", how="left", maintain_order="left")  # fmt: skip
    lost = townships.filter(pl.col("province_name").is_null())
    if lost.height:
        raise SchemaDataError(f"townships.csv: {lost['region_code'][0]} lies in no county that stands")
    return pl.concat([divisions, townships.select(*_FRAME_SCHEMA).cast(_FRAME_SCHEMA)])


_FRAME_SCHEMA = pl.Schema({
    "region_code": pl.String(), "region_name": pl.String(), "level": pl.String(), "parent_code": pl.String(),
    "place_code": pl.String(), "province_name": pl.String(), "prefecture_name": pl.String(), "county_name": pl.String(),
    "valid_from": pl.Int32(), "valid_to": pl.Int32(),
})  # fmt: skip


def level_names(region: Region) -> dict[RegionLevel, str]:
    """Return the names of a region and the divisions above it by their level."""
    return {above.level: above.name for above in lineage_of(region)}


def _region_row(region: Region) -> tuple[str | int | None, ...]:
    names = level_names(region)
    return (
        region.code,
        region.name,
        region.level.value,
        region.parent_code or None,
        region.place_code,
        names.get(RegionLevel.PROVINCE),
        names.get(RegionLevel.PREFECTURE),
        names.get(RegionLevel.COUNTY),
        region.valid_from,
        region.valid_to,
    )


def _read_csv(name: str, columns: tuple[str, ...]) -> Iterator[list[str]]:
    """Yield the rows of a table of exactly these columns; a dict a row would take twice the time."""
    rows = csv.reader((files("schemas") / "regions" / name).read_text(encoding="utf-8").splitlines())
    header = tuple(next(rows, ()))
    if header != columns:
        raise SchemaDataError(f"{name} has the columns {header}; it must have {columns}")
    yield from rows
