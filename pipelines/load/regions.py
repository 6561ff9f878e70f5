"""The map as the warehouse shows it: every division, and where each report's region stood in its year."""

from functools import cache

import polars as pl

from schemas.region import Region, RegionLevel, lineage_of, region_frame, region_in_year, region_under_code
from schemas.table import table

_PLACE_SCHEMA = {
    "reported_code": pl.String(), "year": pl.Int32(), "region_code": pl.String(),
    "province_code": pl.String(), "province_name": pl.String(),
    "prefecture_code": pl.String(), "prefecture_name": pl.String(),
    "county_code": pl.String(), "county_name": pl.String(),
}  # fmt: skip
_LEVELS = (RegionLevel.PROVINCE, RegionLevel.PREFECTURE, RegionLevel.COUNTY)


@cache
def region_rows() -> pl.DataFrame:
    """Return dim_region; half a second the first time, so it is made only where something is published."""
    return table("dim_region").conform(region_frame().rename({"region_name": "name"}))


def place_reports(reports: pl.DataFrame) -> pl.DataFrame:
    """Return `reports` with their region and the divisions above it as the map stood at the end of the report year.

    Frames name the region by its code in the report year; where a reviewer named the agency, by its code of today. Both
    lead to the same place, and that to what it was in the year.

    Args:
        reports: With `region_code` and `year`.

    Returns:
        The same rows with region_code replaced, and the code and name of province, prefecture and county added; null
        above the region's own level, and all of them where the region is not certain.

    >>> frame = pl.DataFrame({"region_code": ["310151"], "year": [2014]}, schema_overrides={"year": pl.Int32})
    >>> place_reports(frame).select("region_code", "county_name", "prefecture_name", "province_name").row(0)
    ('310230', '崇明县', None, '上海市')
    """
    named = reports.rename({"region_code": "reported_code"})
    wanted = named.select("reported_code", "year").drop_nulls().unique()
    rows = [_place(code, year) for code, year in wanted.iter_rows()]
    places = pl.DataFrame(rows, schema=_PLACE_SCHEMA, orient="row")
    return named.join(places, on=["reported_code", "year"], how="left", maintain_order="left").drop("reported_code")


def _place(code: str, year: int) -> tuple[str | int | None, ...]:
    lineage = lineage_of(_region(code, year), year)
    by_level = {region.level: region for region in lineage}
    found = [by_level.get(level) for level in _LEVELS]
    above = [part for region in found for part in ((region.code, region.name) if region else (None, None))]
    return (code, year, lineage[0].code, *above)


def _region(code: str, year: int) -> Region:
    """Return what stood under the code in the year, else what the place that last had the code was then."""
    region = region_under_code(code, year)
    return region if region.stood_in(year) else region_in_year(region.place_code, year)
