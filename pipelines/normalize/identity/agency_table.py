"""The agencies of a set of reports, one row each, and every name under which they signed."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.normalize.identity.agency import agency_id_of
from pipelines.normalize.identity.agency_name import read_name
from schemas.agency import AgencyType, load_successions
from schemas.region import Region, RegionLevel, level_names, lineage_of, region_in_year, region_under_code

_BELOW_GOVERNMENT = (AgencyType.GOVERNMENT_OFFICE, AgencyType.DEPARTMENT, AgencyType.TOWNSHIP)
_GOVERNMENT = "人民政府"
_DESCRIBED = (
    "agency_id", "agency_name", "agency_type", "sector", "admin_level", "region_code", "year", "first_year",
    "last_year",
)  # fmt: skip
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
    "first_year": pl.Int32,
    "last_year": pl.Int32,
    "ended_year": pl.Int32,
}


@dataclass(frozen=True, slots=True)
class UnitName:
    """What an agency's full name says of it by itself; to read it costs more than all else that describes the agency.

    Attributes:
        unit_key: Key of the unit; empty where the name can be read in several ways or in none.
        is_of_region: Whether the unit belongs to the region that is named, and not to an area within it or the corps.
    """

    unit_key: str
    is_of_region: bool


def read_unit_name(agency_name: str) -> UnitName:
    """Return what an agency's full name says.

    >>> read_unit_name("平顶山市卫东区审计局")
    UnitName(unit_key='审计局', is_of_region=True)
    """
    options = read_name(agency_name)
    if len(options) != 1:
        return UnitName("", is_of_region=False)
    unit = options[0].unit
    return UnitName(unit.key, is_of_region=unit.form.startswith("{region}") and not options[0].is_national)


def describe_agencies(reports: pl.DataFrame, known: Mapping[str, UnitName] | None = None) -> pl.DataFrame:
    """Return every agency of the reports, one row each, in the order of their identifiers.

    Where reports describe one agency differently (a reviewer joined two names), the latest year's description stands.

    Args:
        reports: Frame `reports` of any number of batches.
        known: What `read_unit_name` says of names, where that is known already.

    Returns:
        agency_id, agency_name, agency_type, sector, admin_level; region_code, province_name, prefecture_name and
        county_name as the map stands today; parent_agency_id: the government that a government, office, department or
        township is under, null where that is not certain (it need not be among the reports); first_year and last_year
        of its reports; ended_year: the last in which its region stood; successor_agency_id: the agency among these that
        took its work over in a reform, null where none or several did.
    """
    years = reports.group_by("agency_id").agg(first_year=pl.col("year").min(), last_year=pl.col("year").max())
    latest = (
        reports.drop_nulls("agency_id")
        .sort("year", "agency_name", "region_code", descending=True, nulls_last=True)
        .unique("agency_id", keep="first", maintain_order=True)
        .join(years, on="agency_id", how="left")
        .sort("agency_id")
        .select(_DESCRIBED)
    )
    names = {name: (known or {}).get(name) or read_unit_name(name) for name in latest["agency_name"].drop_nulls()}
    rows = [_describe(row, names) for row in latest.iter_rows(named=True)]
    return _with_successors(pl.DataFrame(rows, schema=_COLUMNS, orient="row"), names)


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


def _describe(row: dict[str, object], names: Mapping[str, UnitName]) -> tuple[object, ...]:
    code, year = row["region_code"], row["year"]
    then = None if code is None else region_under_code(str(code), None if year is None else int(str(year)))
    region = None if then is None else region_in_year(then.place_code)
    levels = {} if region is None else level_names(region)
    return (
        row["agency_id"],
        row["agency_name"],
        row["agency_type"],
        row["sector"],
        row["admin_level"],
        None if region is None else region.code,
        levels.get(RegionLevel.PROVINCE),
        levels.get(RegionLevel.PREFECTURE),
        levels.get(RegionLevel.COUNTY),
        None if region is None else _parent_id(names.get(str(row["agency_name"])), str(row["agency_type"]), region),
        row["first_year"],
        row["last_year"],
        None if region is None else region.valid_to,
    )


def _with_successors(agencies: pl.DataFrame, names: Mapping[str, UnitName]) -> pl.DataFrame:
    """Return the agencies with the one among them that took over from each."""
    first_year: dict[int, int | None] = dict(agencies.select("agency_id", "first_year").iter_rows())
    rows = agencies.select("agency_id", "agency_name", "region_code").iter_rows()
    successors = [_successor_id(agency_id, names.get(name), code, first_year) for agency_id, name, code in rows]
    return agencies.with_columns(pl.Series("successor_agency_id", successors, pl.Int64))


def _successor_id(
    agency_id: int, name: UnitName | None, region_code: str | None, first_year: dict[int, int | None]
) -> int | None:
    """Return the one agency of the same place whose unit took over; it first reports after this one."""
    successions = load_successions().get(name.unit_key, ()) if name is not None else ()
    if region_code is None or name is None or not successions:
        return None
    place_code = region_under_code(region_code).place_code
    if agency_id_of(name.unit_key, place_code) != agency_id:
        return None  # an office of an area, or joined by a reviewer
    found = []
    for succession in successions:
        other = agency_id_of(succession.successor, place_code)
        began = first_year.get(other)
        if began is not None and began >= succession.from_year and began > (first_year[agency_id] or 0):
            found.append(other)
    return found[0] if len(found) == 1 else None


def _parent_id(name: UnitName | None, agency_type: str, region: Region) -> int | None:
    """Return the government above an agency, or None where its type leaves that open."""
    if agency_type == AgencyType.GOVERNMENT:
        above = lineage_of(region)[1:2]
        return agency_id_of(_GOVERNMENT, above[0].place_code) if above else None
    if agency_type not in _BELOW_GOVERNMENT or name is None or not name.is_of_region:
        return None
    return agency_id_of(_GOVERNMENT, region.place_code)
