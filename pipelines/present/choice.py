"""Which reports are meant: by region, agency, sector and years; the same for the workbook and the explorer."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from pipelines.errors import UsageError


@dataclass(frozen=True, slots=True)
class Choice:
    """Filters over current reports; what is None or empty does not filter.

    Attributes:
        region: Name or code of a province, prefecture or county, as the map stood in the report year.
        agency: Any part of a name; every agency that it may mean.
        sector: Functional sector.
        years: Report years.
    """

    region: str | None = None
    agency: str | None = None
    sector: str | None = None
    years: Sequence[int] = ()


_CHOSEN = """
CREATE OR REPLACE TEMP TABLE chosen AS
SELECT r.agency_id, r.year, r.report_id FROM dim_report AS r JOIN dim_agency AS a ON a.agency_id = r.agency_id
WHERE r.is_current
    AND ($region IS NULL OR $region IN (r.province_code, r.prefecture_code, r.county_code))
    AND ($agency IS NULL OR r.agency_id IN (SELECT agency_id FROM find_agency($agency)))
    AND ($sector IS NULL OR a.sector = $sector)
    AND (len($years) = 0 OR list_contains($years, r.year))
"""

_PLACES = """
WITH place AS (
    SELECT province_code AS code, province_name AS name, NULL AS above FROM dim_report
    UNION SELECT prefecture_code, prefecture_name, province_name FROM dim_report
    UNION SELECT county_code, county_name, concat_ws(' ', province_name, prefecture_name) FROM dim_report
)
SELECT code, string_agg(concat_ws(' ', above, name), ' / ' ORDER BY above, name) AS name
FROM place WHERE $words IN (code, name) GROUP BY code ORDER BY code
"""


def choose_reports(connection: duckdb.DuckDBPyConnection, choice: Choice) -> int:
    """Fill the temporary table `chosen` (agency_id, year, report_id) and return how many reports it holds.

    Raises:
        UsageError: No report or several places go by the region's name.
    """
    region = None if choice.region is None else _region_code(connection, choice.region)
    values = {"region": region, "agency": choice.agency, "sector": choice.sector, "years": list(choice.years)}
    connection.execute(_CHOSEN, values)
    [(count,)] = connection.execute("SELECT count(*) FROM chosen").fetchall()
    return int(count)


def _region_code(connection: duckdb.DuckDBPyConnection, words: str) -> str:
    places: dict[str, str] = dict(connection.execute(_PLACES, {"words": words}).fetchall())
    if not places:
        raise UsageError(f"no report lies in a region called {words}")
    if len(places) > 1:
        listed = "; ".join(f"{code} {name}" for code, name in places.items())
        raise UsageError(f"{words} may be any of {len(places)} places, name one by its code: {listed}")
    return next(iter(places))
