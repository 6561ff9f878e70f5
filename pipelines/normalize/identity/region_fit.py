"""What may stand behind a region in an agency's name, and in which of its places a unit can be."""

from collections.abc import Iterable

from pipelines.normalize.identity.agency_unit import UnitReading, read_unit
from pipelines.normalize.identity.region import RegionChain, lies_within, read_region_chains, township_counties
from schemas.agency import load_name_rules
from schemas.region import Region, RegionLevel, lineage_of

LONGEST_CHAIN_TEXT = 48
"""Characters of a name in which the regions at its beginning are looked for."""
REGION_ENDINGS = frozenset("市县区州盟旗")
"""Last characters of regions' names in full."""
_NEW_AREA = "新区"
_COMMITTEE = ("管委会", "管理委员会", "党工委", "工委")
_SHORTEST_KIND = 5  # 经济开发区


def body_behind_area(name: str) -> str | None:
    """Return the name of a region's own body behind the area that the region belongs to: 雄安新区容城县人民政府."""
    area = load_name_rules().area.match(name)
    if area is None or area["committee"] or not area["organ"]:
        return None
    chains = read_region_chains(area["organ"][:LONGEST_CHAIN_TEXT])
    return area["organ"] if any(not chain.short_names for chain in chains) else None


def without_second_name(name: str) -> str:
    """Return the name of an area's body without what stands in brackets behind the area.

    A district with which the area shares one set of bodies is the one that has them, however the area is called; the
    area's own committee and another name of the area say no more than the area.

    >>> without_second_name("泰州医药高新区(高港区)审计局"), without_second_name("杭州高新区(滨江)审计局")
    ('泰州高港区审计局', '杭州滨江区审计局')
    >>> without_second_name("宁波国家高新区(新材料科技城)审计局"), without_second_name("高新区(新市区)管理委员会")
    ('宁波国家高新区审计局', '高新区管理委员会')
    """
    rules = load_name_rules()
    match = rules.area_second.match(name)
    if match is None:
        return name
    area, second, organ = match["area"], match["second"], match["organ"]
    city = area[: max((chain.length for chain in read_region_chains(area) if chain.length < len(area)), default=0)]
    district = city + (second if second.endswith("区") else f"{second}区")
    places = [chain.places for chain in read_region_chains(district) if chain.length == len(district)]
    is_district = bool(places) and (district.endswith(second) or len({p.place_code for p in places[0]}) == 1)
    if is_district and not organ.startswith(_COMMITTEE):
        return district + organ
    return area + organ if is_district or second.endswith(rules.area_second_endings) else name


def without_government(rest: str) -> str:
    """Return what stands behind a region, without its government where a street follows (人民政府晋阳街道办事处)."""
    below = rest.removeprefix("人民政府")
    if below == rest or not below:
        return rest
    unit = read_unit(below)
    return rest if unit is None or unit.township is None else below


def goes_on_as_region(rest: str) -> bool:
    """Tell whether the first character behind a short name ends another region's: 洪江区交通运输局 is not of 洪江市.

    市场监督管理局 begins with such a character too, and is a unit with it.
    """
    if rest[:1] not in REGION_ENDINGS or len(rest) == 1:
        return False
    whole, without = read_unit(rest), read_unit(rest[1:])
    return without is not None and (whole is None or without.doubt < whole.doubt)


def without_repeated_marker(name: str, chain: RegionChain) -> tuple[str, bool]:
    """Return what stands behind a region, without a marker that only says its level again (北京市市教委)."""
    rest = name[chain.length :]
    last = name[chain.length - 1]
    if chain.short_names or rest[:1] != last or len(rest) == 1:
        return rest, False
    whole, without = read_unit(rest), read_unit(rest[1:])
    if without is not None and (whole is None or without.doubt < whole.doubt):
        return rest[1:], True
    return rest, False


def is_area_of(rest: str, places: frozenset[Region]) -> bool:
    """Tell whether a functional area lies in the region in front of it: 湖南长沙高新区 is no 长沙高新区 of 湖南.

    Behind a county's short name only one without a name of its own does: 崖州湾科技城 is no 湾科技城 of 崖州, and
    a 新区 is called after itself.
    """
    area = load_name_rules().area.match(rest)
    if area is None:
        return False
    if any(place.level == RegionLevel.PREFECTURE for place in places):
        return True
    return not area["own"] and area["kind"] != _NEW_AREA


def is_area(region: str) -> bool:
    """Tell whether a text is the name of a functional area and of nothing in it."""
    area = load_name_rules().area.match(region)
    return area is not None and not area["organ"]


def is_called_in_full(unit: str) -> bool:
    """Tell whether a unit that names no region is whole with that of the site it stands on.

    A county has one 经济开发区管委会; which area a bare 开发区 is, or one with a name of its own, nothing tells.

    >>> [is_called_in_full(f"{name}管理委员会") for name in ("经济开发区", "开发区", "小蓝经济技术开发区")]
    [True, False, False]
    """
    area = load_name_rules().area.match(unit)
    return area is None or (not area["own"] and len(area["kind"]) >= _SHORTEST_KIND)


def fitting_places(places: Iterable[Region], unit: UnitReading) -> frozenset[Region]:
    """Return the provinces among the places where only these have the unit; all where it is no such unit."""
    found = frozenset(places)
    provinces = frozenset(place for place in found if place.level == RegionLevel.PROVINCE)
    return provinces if unit.is_provincial and provinces else found


def places_of_unit(places: frozenset[Region], unit: UnitReading) -> frozenset[Region]:
    """Return those of the places of a year in which a unit can be that only prefectures have, or not their counties.

    A park of 长沙 lies in the city of 长沙, also where it is in 长沙县.
    """
    wide = frozenset(place for place in places if place.level == RegionLevel.PREFECTURE)
    if not wide or len(places) == 1:
        return places
    rules = load_name_rules()
    if rules.prefectural.search(unit.key):
        return wide
    if rules.of_city.search(unit.key):
        return frozenset(place for place in _without_namesakes(places) if not _is_district_of_city(place))
    return _without_namesakes(places) if unit.form.startswith("{stem}") else places


def _without_namesakes(places: frozenset[Region]) -> frozenset[Region]:
    """Return the places without counties that lie in a prefecture among them."""
    wide = [place for place in places if place.level == RegionLevel.PREFECTURE]
    return frozenset(
        place
        for place in places
        if place.level != RegionLevel.COUNTY or not any(lies_within(place, above) for above in wide)
    )


def _is_district_of_city(place: Region) -> bool:
    """Tell whether a place is a district of an ordinary city, and not of a municipality."""
    is_district = place.level == RegionLevel.COUNTY and place.name.endswith("区")
    return is_district and not any(above.is_municipality for above in lineage_of(place, place.valid_to))


def having_township(places: frozenset[Region], unit: UnitReading) -> frozenset[Region]:
    """Return the places in which the unit's township is known to lie, where it is one."""
    if unit.township is None:
        return places
    counties = township_counties(unit.township)
    return frozenset(place for place in places if any(lies_within(county, place) for county in counties))
