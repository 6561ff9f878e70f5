"""What a text calls a place, and which city it names in front of an area: so it tells apart what a name leaves open."""

import re
from collections.abc import Iterator

from pipelines.normalize.identity.region import read_region_chains, region_stem
from schemas.agency import load_name_rules
from schemas.region import Region, RegionLevel, lineage_of

_SHORTEST_COUNTY = 2  # 东区 stands in 城东区 too
_SHORTEST_AREA = 3  # 新区 and 园区 are called otherwise in full
_LONGEST_CITY = 8
_RANK = re.compile("国家级?$")


def cities_of_area(form: str, body: str) -> frozenset[Region]:
    """Return the cities and counties that a text names in front of the area to which a unit belongs.

    Args:
        form: The unit's full name with `{stem}` in front of the area.
        body: The document's text.

    >>> [place.name for place in cities_of_area("{stem}西海岸新区统计局", "地址：青岛西海岸新区长江中路369号")]
    ['青岛市']
    >>> cities_of_area("{stem}高新技术产业开发区审计局", "在高新区门户网站公开")
    frozenset()
    """
    rules = load_name_rules()
    area = rules.area.match(form.removeprefix("{stem}"))
    if area is None or len(area["own"] + area["kind"]) < _SHORTEST_AREA:
        return frozenset()
    kinds = [area["kind"], *(short for short, full in rules.area_short_forms.items() if full == area["kind"])]
    names = "|".join(re.escape(area["own"] + kind) for kind in kinds)
    fronts = {body[max(0, found.start() - _LONGEST_CITY) : found.start()] for found in re.finditer(names, body)}
    return frozenset(place for front in fronts for place in _places_at_end(_RANK.sub("", front)))


def _places_at_end(text: str) -> Iterator[Region]:
    """Yield the places whose name, the longest that there is, ends a text."""
    for start in range(len(text) - 1):
        ending = [chain for chain in read_region_chains(text[start:]) if chain.length == len(text) - start]
        if ending:
            yield from ending[0].places
            return


def own_names(place: Region) -> tuple[str, ...]:
    """Return the place's own name."""
    return (place.name,)


def names_with_township(township: str, place: Region) -> tuple[str, ...]:
    """Return the county with the township behind it, and the county alone, which a text of its townships speaks of."""
    return (place.name + township, place.name) if len(place.name) > _SHORTEST_COUNTY else (place.name + township,)


def names_in_full(place: Region) -> tuple[str, ...]:
    """Return the place's name behind that of each division above it, in full and without its ending."""
    above = lineage_of(place)[1:]
    return tuple(region.name + place.name for region in above) + tuple(
        region_stem(region) + place.name for region in above
    )


def names_of_portal(place: Region) -> tuple[str, ...]:
    """Return what governments call their sites: 松阳政府网, and 中国·济宁 for all that lies in 济宁."""
    own = region_stem(place)
    return (f"{own}政府网", f"{own}政务网", *(f"中国·{region_stem(region)}" for region in lineage_of(place)))


def names_of_prefecture(place: Region) -> tuple[str, ...]:
    """Return the name of the place's prefecture or municipality."""
    return tuple(
        region.name for region in lineage_of(place) if region.level == RegionLevel.PREFECTURE or region.is_municipality
    )


def names_of_province(place: Region) -> tuple[str, ...]:
    """Return the name of the place's province."""
    return tuple(region.name for region in lineage_of(place)[1:] if region.level == RegionLevel.PROVINCE)
