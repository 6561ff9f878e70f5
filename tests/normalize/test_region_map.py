"""The map: every division has its place, and names lead to the right ones."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.normalize.identity.region import keep_year, mend_region_name, read_region_chains, regions_named_in
from schemas.agency import load_national
from schemas.region import (
    RegionLevel,
    full_region_name,
    lineage_of,
    load_regions,
    load_townships,
    region_frame,
    region_in_year,
    regions_by_code,
    regions_by_place,
)

STANDING = [region for region in load_regions() if region.valid_to is None]


def test_the_map_of_today_is_complete() -> None:
    counts = {level: sum(region.level == level for region in STANDING) for level in RegionLevel}
    assert counts[RegionLevel.PROVINCE] == 34
    assert counts[RegionLevel.PREFECTURE] == 333
    assert 2_840 <= counts[RegionLevel.COUNTY] <= 2_860
    assert sum(map(len, load_townships().values())) == 38_820


def test_no_code_stands_twice_in_one_year() -> None:
    for spans in regions_by_code().values():
        years = [year for span in spans for year in range(span.valid_from, (span.valid_to or 2026) + 1)]
        assert len(set(years)) == len(years), spans


def test_no_place_is_two_divisions_in_one_year_since_2003() -> None:
    for spans in regions_by_place().values():
        years = [year for span in spans for year in range(max(span.valid_from, 2003), (span.valid_to or 2026) + 1)]
        assert len(set(years)) == len(years), spans


def test_every_parent_stands_in_every_year_of_its_children() -> None:
    for region in load_regions():
        if region.parent_code and (region.valid_to or 2026) >= 2008:
            year = region.valid_to or 2026
            assert any(span.stood_in(year) for span in regions_by_code()[region.parent_code]), region


def test_weidong_in_2021() -> None:
    assert [(region.code, region.name) for region in lineage_of(region_in_year("410403", 2021), 2021)] == [
        ("410403", "卫东区"),
        ("410400", "平顶山市"),
        ("410000", "河南省"),
    ]


@pytest.mark.parametrize(
    ("place", "before", "after"),
    [("310230", (2015, "崇明县"), (2016, "崇明区")), ("420600", (2009, "襄樊市"), (2010, "襄阳市")),
     ("340221", (2019, "芜湖县"), (2020, "湾沚区")), ("460003", (2014, "儋州市"), (2015, "儋州市"))],
)  # fmt: skip
def test_a_place_is_followed(place: str, before: tuple[int, str], after: tuple[int, str]) -> None:
    for year, name in (before, after):
        assert region_in_year(place, year).name == name
    assert region_in_year(place, before[0]) is not region_in_year(place, after[0])


def test_the_frame_has_one_row_a_code_and_year() -> None:
    frame = region_frame()
    assert not frame.select("region_code", "valid_from").is_duplicated().any()
    row = frame.row(by_predicate=pl.col("region_code") == "410403", named=True)
    assert (row["province_name"], row["prefecture_name"], row["county_name"]) == ("河南省", "平顶山市", "卫东区")


def test_every_county_is_found_under_its_full_name() -> None:
    for region in STANDING:
        if region.level == RegionLevel.COUNTY:
            chains = [
                chain for chain in read_region_chains(full_region_name(region) + "审计局") if not chain.short_names
            ]
            found = [
                {place.place_code for place in keep_year(chain.places, 2025)}
                for chain in chains
                if not chain.short_names
            ]
            assert {region.place_code} in found, region


@given(st.text(alphabet="鼓楼朝阳区市县平顶山卫东省河南京福州大学", max_size=12))
def test_reading_any_text_never_fails(text: str) -> None:
    for chain in read_region_chains(text):
        assert 0 < chain.length <= len(text)
        assert chain.places
    regions_named_in(text)
    mend_region_name(text)


def test_every_body_of_the_country_lies_in_a_place_of_the_map() -> None:
    """A recoded place is known by its first code: a title that named such a body stopped the batch."""
    for name, unit in load_national().items():
        assert not unit.place_code or unit.place_code in regions_by_place(), name
