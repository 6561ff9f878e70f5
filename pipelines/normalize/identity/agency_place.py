"""Where an agency can lie: the places that its name can mean, narrowed by everything else that the document says."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain

from pipelines.normalize.identity.agency_name import NameOption, read_name
from pipelines.normalize.identity.agency_unit import UnitReading
from pipelines.normalize.identity.clue import Clue
from pipelines.normalize.identity.domain import places_of_domain, places_spelled
from pipelines.normalize.identity.region import (
    fits_marker,
    keep_year,
    lies_within,
    read_region_chains,
    region_stem,
    regions_named_in,
    township_counties,
    without_place_lists,
)
from pipelines.normalize.identity.region_fit import is_called_in_full, places_of_unit
from pipelines.normalize.identity.site import FILINGS, is_of_site, places_of_site
from pipelines.normalize.identity.text_names import (
    cities_of_area,
    names_in_full,
    names_of_portal,
    names_of_prefecture,
    names_of_province,
    names_with_township,
    own_names,
)
from schemas.agency import AgencyType
from schemas.region import TOWNSHIPS_YEAR, Region, RegionLevel, lineage_of, regions_by_place
from schemas.vocabulary import EvidenceSource

Told = tuple[str, frozenset[Region]]
"""Where a clue stood, and the places that it tells."""

_BY_SITE = (EvidenceSource.SITE_CODE, EvidenceSource.SITE_DOMAIN)
_BY_LIST = f"the list of townships of {TOWNSHIPS_YEAR}"
_BY_LATER_MAP = "the map of a later year"
_BY_NAME = "a name of two places"
_HOST = re.compile(r"(?P<region>[\u4e00-\u9fff]{2,12}[县市区旗])(?:人民)?政府(?:(?:门户|公众|官方|政务|信息)*网|门户)")
_BRACKET = re.compile(r"\(([\u4e00-\u9fff]{2,8})\)")
_LEAST_LINKS = 3  # places that make a list of sites and no text
_BY_SHORT_NAME = "the district's short name"
_UNKNOWN_DOUBT = 1.0  # of a unit that is told by its ending alone
_MARKET = "市场"  # 濮阳市场监管局 says nothing of 濮阳市


@dataclass(slots=True)
class Search:
    """The places that are left, and why.

    Attributes:
        from_body: They were told apart by what the text mentions.
        alone: The one thing that says that the unit lies there, where that is no proof; empty where more does.
        by_site: They were told by the site's code or domain.
        left_out: Places that only the site's code or domain left out.
        is_disputed: Something names one of these, so nobody can tell which it is.
    """

    places: frozenset[Region]
    steps: list[str]
    from_body: bool = False
    alone: str = ""
    by_site: bool = False
    left_out: frozenset[Region] = frozenset()
    is_disputed: bool = False

    @property
    def place_codes(self) -> list[str]:
        """The places, each by its first code, in order."""
        return sorted({place.place_code for place in self.places})


def place_option(option: NameOption, others: Iterable[Clue], year: int | None, read_body: Callable[[], str]) -> Search:
    """Return the places in which an option's unit can lie, narrowed as far as the evidence goes."""
    search = Search(places_of_unit(keep_year(option.places, year), option.unit), [])
    if option.is_national or option.unknown_region is not None:
        return search
    if year is not None and search.places and all(_was_area(place, year) for place in search.places):
        search.alone = _BY_LATER_MAP
        return search
    if option.unit.township is not None and not option.unit.form.startswith("{stem}"):
        _narrow_to_township(option, search)  # one that an area runs is named after the area's place
    _open_to_bracketed(option, search)
    filings: list[Clue] = []
    hosts: list[str] = []
    told = _places_told(search, others, filings, hosts, year)
    _take_clues(search, option, told, year)
    if hosts and not search.places:
        _take_domain(search, option, hosts[0], year, read_body)
    if search.by_site:
        _doubt_site(search, option.unit.key, told, read_body)
    elif (len(search.place_codes) != 1 or search.alone) and not search.is_disputed:
        _ask_body(search, option, year, read_body)
    if len(search.place_codes) > 1 and not search.is_disputed:
        deque(told, maxlen=0)  # the filings stand behind the others
        _narrow_by_clues(search, ((clue.source, places_of_site(clue)) for clue in filings))
    return search


def _take_clues(search: Search, option: NameOption, told: Iterator[Told], year: int | None) -> None:
    """Narrow the places by the clues or, where the name tells none, take those of a clue."""
    if search.places:
        _narrow_by_clues(search, told)
        if search.alone == _BY_LIST and year is not None and year >= TOWNSHIPS_YEAR - 1:
            search.alone = ""
        if _may_be_namesake_s(option):
            search.alone = _BY_SHORT_NAME
        if search.alone:
            _confirm(search, told)
    elif option.marker is not None:
        _fill_marker(search, option.marker, told, year)
    else:
        _fill(search, option, told)


def _places_told(
    search: Search, clues: Iterable[Clue], filings: list[Clue], hosts: list[str], year: int | None
) -> Iterator[Told]:
    """Yield the places that clues speak of, and add those that only tell where a site is registered to `filings`.

    The domain is added to `hosts`.

    A domain speaks of those that the search still has, and of those that the site's code has left out.
    """
    for clue in clues:
        if clue.source in FILINGS:
            filings.append(clue)
        elif clue.source == EvidenceSource.SITE_DOMAIN:
            hosts.append(clue.text)
            if spelled := places_of_domain(clue.text, search.places | search.left_out):
                yield clue.source, spelled
        elif places := places_told(clue, year):
            yield clue.source, places


def _narrow_to_township(option: NameOption, search: Search) -> None:
    """Keep the counties that have the township; take the one county below a prefecture that has it."""
    counties = township_counties(option.unit.township or "")
    if not search.places:
        if option.marker is None:
            search.places, search.alone = counties, _BY_LIST if counties else ""
        return
    within = frozenset(county for county in counties if any(lies_within(county, place) for place in search.places))
    below = frozenset(county for county in within if county.level != RegionLevel.PROVINCE)
    if below and (len(search.place_codes) > 1 or len({county.place_code for county in below}) == 1):
        if {county.place_code for county in below} != set(search.place_codes):
            search.steps.append(f"only these have {option.unit.township}")
        search.places = below


def _open_to_bracketed(option: NameOption, search: Search) -> None:
    """Let an area that names a second place in brackets lie there too: 北京大兴国际机场临空经济区(廊坊) is in 廊坊."""
    bracket = _BRACKET.search(option.unit.key)
    if bracket is None or not search.places:
        return
    chains = (one for one in read_region_chains(bracket[1]) if one.length == len(bracket[1]))
    second = frozenset(place for one in chains for place in one.places)
    if second and not any(lies_within(place, first) for place in second for first in search.places):
        search.places, search.alone = search.places | second, _BY_NAME


def _may_be_namesake_s(option: NameOption) -> bool:
    """Tell whether only a district's name without its ending places a functional area, or a unit that no list has.

    Elsewhere another may be called so: 南湖新区 is in 岳阳, and not in the 南湖区 of 嘉兴; 天河机场公安局 is in 武汉,
    and nothing of the 天河区 of 广州.
    """
    return (
        option.is_short
        and (option.unit.form.startswith("{stem}") or option.unit.doubt >= _UNKNOWN_DOUBT)
        and bool(option.places)
        and all(place.name == f"{option.region_text}区" for place in option.places)
    )


def places_told(clue: Clue, year: int | None) -> frozenset[Region]:
    """Return the places that another clue speaks of."""
    if is_of_site(clue):
        return places_of_site(clue)  # of a domain none, which tells places only among others
    if not clue.names_agency:
        return regions_named_in(clue.text) or _places_of_office(clue.text)
    options = read_name(clue.text)
    places = [keep_year(option.places, year) for option in options if option.places and not option.is_short]
    if len(places) == 1:
        township = options[0].unit.township
        counties = township_counties(township) if township else frozenset()
        within = frozenset(county for county in counties if any(lies_within(county, place) for place in places[0]))
        return within if len({county.place_code for county in within}) == 1 else places[0]
    return regions_named_in(clue.text)


def _places_of_office(text: str) -> frozenset[Region]:
    """Return the region of an office of the centre, which is named after it for short: 国家统计局辽宁调查总队."""
    options = read_name(text)
    is_office = len(options) == 1 and options[0].unit.agency_type == AgencyType.VERTICAL
    return options[0].places if is_office else frozenset()


def _narrow_by_clues(search: Search, told: Iterable[Told]) -> None:
    """Keep the places that lie within, or above, what a clue names; a clue that contradicts them all is left aside."""
    if len(search.place_codes) <= 1:
        return
    for source, places in told:
        kept = frozenset(place for place in search.places if _is_among((place,), places))
        if kept and len(kept) < len(search.places):
            if source in _BY_SITE:
                search.by_site, search.left_out = True, search.places - kept
            search.places, search.alone = kept, ""
            search.steps.append(f"region from {source}")
        if len(search.place_codes) <= 1:
            return


def _doubt_site(search: Search, unit: str, told: Iterable[Told], read_body: Callable[[], str]) -> None:
    """Open the search again where a folder or a source names a place that only the site's code or domain left out.

    So do the domain against the code, and the text where it names that place's unit: a list of other sites names the
    places alone.
    """
    kept = search.places
    for _, places in told:
        if _is_among(search.left_out, places) and not _is_among(kept, places):
            search.is_disputed = True
    if not search.is_disputed and search.left_out:
        body = read_body()
        named = [
            place
            for place in (*search.left_out, *kept)
            if any(f"{name}{unit}" in body for name in names_in_full(place))
        ]
        search.is_disputed = bool(named) and not any(place in kept for place in named)
    if search.is_disputed:
        search.places = kept | search.left_out


def _is_among(places: Iterable[Region], others: Iterable[Region]) -> bool:
    """Tell whether one of the places lies within, or above, one of the others."""
    return any(lies_within(place, other) or lies_within(other, place) for place in places for other in others)


def _confirm(search: Search, told: Iterable[Told]) -> None:
    """Let a clue confirm the one county whose list of today has the township.

    In the report's year others may have had one of that name, which have since been merged away.
    """
    for source, places in told:
        if any(lies_within(place, other) for place in search.places for other in places):
            search.alone = ""
            search.steps.append(f"region confirmed by {source}")
            return


def _fill(search: Search, option: NameOption, told: Iterable[Told]) -> None:
    """Take the places of the first clue that tells any; a site's code does where it is a county's and knows the unit.

    The site of a city or province holds the reports of its counties too, and any site those of bodies from elsewhere.
    """
    is_listed = option.unit.doubt < _UNKNOWN_DOUBT
    for source, places in told:
        is_site = source == EvidenceSource.SITE_CODE
        if not is_site or (is_listed and all(place.level == RegionLevel.COUNTY for place in places)):
            search.places, search.by_site, search.steps = places, is_site, [f"region from {source}"]
            return


def _fill_marker(search: Search, marker: str, told: Iterable[Told], year: int | None) -> None:
    """Take the region of the marker's level that the first clue with one lies in."""
    for source, places in told:
        lowest = (next((up for up in lineage_of(place, year) if fits_marker(up, marker)), None) for place in places)
        fitting = frozenset(region for region in lowest if region is not None)
        if fitting:
            search.places, search.steps = fitting, [f"region from {source}"]
            search.by_site = source == EvidenceSource.SITE_CODE
            return


def _take_domain(search: Search, option: NameOption, host: str, year: int | None, read_body: Callable[[], str]) -> None:
    """Take the one place that a domain spells in full, of the level that the name tells, whose rivals no text names.

    A city's site holds reports of its districts and counties too: it tells only a city's own body, and that where the
    text names the city. Of two places that are spelled alike the text names one.
    """
    spelled = frozenset(place for place in places_spelled(host) if year is None or _stands(place, year))
    is_city_s = any(place.level == RegionLevel.PREFECTURE for place in spelled)
    if is_city_s:
        spelled = frozenset(place for place in spelled if place.level == RegionLevel.PREFECTURE)
    if not spelled or (option.marker is None and (is_city_s or not _is_listed(option.unit))):
        return
    places = frozenset(place for place in spelled if option.marker is None or fits_marker(place, option.marker))
    body = read_body()
    if len({place.place_code for place in places}) > 1:
        places = frozenset(place for place in places if region_stem(place) in body)
    if len({place.place_code for place in places}) != 1:
        return
    own = next(iter(places))
    named = {place.place_code for place in keep_year(regions_named_in(body), year) if _is_rival(place, own, option)}
    if named <= {own.place_code} and (named or not is_city_s):
        search.places, search.from_body = places, True
        search.steps.append(f"region from {EvidenceSource.SITE_DOMAIN}")
    search.is_disputed = bool(named) and own.place_code not in named


def _is_listed(unit: UnitReading) -> bool:
    return unit.doubt < _UNKNOWN_DOUBT and is_called_in_full(unit.key)


def _was_area(place: Region, year: int) -> bool:
    """Tell whether a 新区 has become a district since: before, an area was called so."""
    return place.name.endswith("新区") and regions_by_place()[place.place_code][0].valid_from > year


def _stands(place: Region, year: int) -> bool:
    return any(place.stood_in(year + lag) for lag in (-1, 0, 1))


def _is_rival(place: Region, own: Region, option: NameOption) -> bool:
    """Tell whether a place that a text names could have the unit: one of its level, or of any but those above."""
    return fits_marker(place, option.marker) if option.marker is not None else not lies_within(own, place)


def _ask_body(search: Search, option: NameOption, year: int | None, read_body: Callable[[], str]) -> None:
    """Look in the text for what tells the places apart: their full name, their prefecture, their province."""
    body = "\n".join(without_place_lists(read_body().split("\n"), _LEAST_LINKS)).replace(_MARKET, "")
    if not body:
        return
    if not search.places:
        _take_named(search, option, year, body)
        return
    told = [names_in_full, names_of_portal, names_of_prefecture, names_of_province]
    if search.alone == _BY_SHORT_NAME:
        told.insert(0, own_names)
    if option.unit.township is not None:
        told.insert(0, partial(names_with_township, option.unit.township))
    for describe in told:
        kept = frozenset(place for place in search.places if any(name in body for name in describe(place)))
        kept = frozenset(
            place for place in search.places if (place.name in body if _lies_in(place, kept) else place in kept)
        )
        if kept:
            search.places, search.from_body, search.alone = kept, True, ""
            search.steps.append("region from the text")
        if kept and len(search.place_codes) == 1:
            return


def _take_named(search: Search, option: NameOption, year: int | None, body: str) -> None:
    """Take the one place that a text names for a unit whose name has none."""
    if option.marker is not None:
        named = keep_year(regions_named_in(body), year)
        search.places = frozenset(region for region in named if fits_marker(region, option.marker))
    elif option.unit.form.startswith("{stem}"):
        cities = keep_year(cities_of_area(option.unit.form, body), year)
        search.places = cities if len({city.place_code for city in cities}) == 1 else frozenset()
    if len(search.place_codes) != 1:
        _take_host(search, option, year, body)
    search.from_body = bool(search.places)
    search.steps += ["region from the text"] if search.from_body or option.marker else []


def _lies_in(place: Region, others: Iterable[Region]) -> bool:
    """Tell whether a place lies in one of the others: 吉安市 that is named tells nothing of 吉安县."""
    return any(lies_within(place, other) for other in others if other.place_code != place.place_code)


def _take_host(search: Search, option: NameOption, year: int | None, body: str) -> None:
    """Take the one county on whose government's site a listed unit says that it publishes (在同心县政府网公开)."""
    named = (regions_named_in(match["region"]) for match in _HOST.finditer(body))
    hosts = keep_year(frozenset(chain.from_iterable(named)), year)
    if option.marker is not None:
        hosts &= search.places
    is_listed = _is_listed(option.unit)
    if is_listed and len(hosts) == 1 and all(place.level == RegionLevel.COUNTY for place in hosts):
        search.places = hosts
