"""The agencies of a set of reports, one row each, and every name under which they signed."""

import polars as pl

from pipelines.normalize.agency import agency_id_of
from pipelines.normalize.agency_name import read_name
from schemas.agency import AgencyType
from schemas.region import Region, RegionLevel, level_names, lineage_of, region_in_year, region_under_code

_BELOW_GOVERNMENT = (AgencyType.GOVERNMENT_OFFICE, AgencyType.DEPARTMENT, AgencyType.TOWNSHIP)
_GOVERNMENT = "人民政府"
_COLUMNS: dict[str, type[pl.DataType]] = {
    "agency_id": pl.Int64,
    "agency_name": pl.String,
    "agency_type": pl.String,
    "sector": pl.String,
    "admin_level": pl.String,
    "region_code": pl.String,
    "province_name": pl.String,
    "prefecture_name": pl.String,
    "county_name": pl.String,
    "parent_agency_id": pl.Int64,
}


def describe_agencies(reports: pl.DataFrame) -> pl.DataFrame:
    """Return every agency of the reports, one row each, in the order of their identifiers.

    Where reports describe one agency differently (a reviewer joined two names), the latest year's description stands.

    Args:
        reports: Frame `reports` of any number of batches.

    Returns:
        agency_id, agency_name, agency_type, sector, admin_level; region_code, province_name, prefecture_name and
        county_name as the map stands today; parent_agency_id: the government that a government, office, department or
        township is under, null where that is not certain. The parent itself need not be among the reports.
    """
    latest = (
        reports.drop_nulls("agency_id")
        .sort("year", "agency_name", "region_code", descending=True, nulls_last=True)
        .unique("agency_id", keep="first", maintain_order=True)
        .sort("agency_id")
    )
    rows = [_describe(row) for row in latest.iter_rows(named=True)]
    return pl.DataFrame(rows, schema=_COLUMNS, orient="row")


def list_aliases(reports: pl.DataFrame) -> pl.DataFrame:
    """Return every name under which an agency has signed, its full name included, with what it was recognised by.

    Args:
        reports: Frame `reports` of any number of batches.

    Returns:
        alias, agency_id, evidence (that of the earliest report that signs so), one row an alias and agency.
    """
    known = reports.drop_nulls("agency_id").sort("year", "agency_evidence", nulls_last=True)
    signed = known.drop_nulls("signed_name").select(
        pl.col("signed_name").alias("alias"), "agency_id", "agency_evidence"
    )
    full = known.drop_nulls("agency_name").select(pl.col("agency_name").alias("alias"), "agency_id", "agency_evidence")
    return (
        pl.concat([signed, full])
        .unique(["alias", "agency_id"], keep="first", maintain_order=True)
        .rename({"agency_evidence": "evidence"})
        .sort("agency_id", "alias")
    )


def _describe(row: dict[str, object]) -> tuple[object, ...]:
    code, year = row["region_code"], row["year"]
    then = None if code is None else region_under_code(str(code), None if year is None else int(str(year)))
    region = None if then is None else region_in_year(then.place_code)
    names = {} if region is None else level_names(region)
    return (
        row["agency_id"],
        row["agency_name"],
        row["agency_type"],
        row["sector"],
        row["admin_level"],
        None if region is None else region.code,
        names.get(RegionLevel.PROVINCE),
        names.get(RegionLevel.PREFECTURE),
        names.get(RegionLevel.COUNTY),
        None if region is None else _parent_id(str(row["agency_name"]), str(row["agency_type"]), region),
    )


def _parent_id(agency_name: str, agency_type: str, region: Region) -> int | None:
    """Return the government above an agency, or None where its type leaves that open."""
    if agency_type == AgencyType.GOVERNMENT:
        above = lineage_of(region)[1:2]
        return agency_id_of(_GOVERNMENT, above[0].place_code) if above else None
    if agency_type not in _BELOW_GOVERNMENT:
        return None
    options = read_name(agency_name)
    in_area_or_corps = len(options) != 1 or not options[0].unit.form.startswith("{region}") or options[0].is_national
    return None if in_area_or_corps else agency_id_of(_GOVERNMENT, region.place_code)
