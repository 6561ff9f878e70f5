"""A branch that is printed without its bureau (怀宁分局, 交通警察支队): the bureau's own line tells whose it is.

One that is called after its county (怀宁县生态环境分局) is that of the city's bureau, whose name says so as well
(安庆市生态环境局怀宁县分局): one agency under two names.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pipelines.normalize.identity.agency_name import NameOption, read_name
from pipelines.normalize.identity.agency_unit import read_unit
from pipelines.normalize.identity.clue import Clue
from pipelines.normalize.identity.region import lies_within, read_region_chains, region_stem
from schemas.agency import AgencyType, load_name_rules, load_units
from schemas.region import Region, RegionLevel, lineage_of

BRANCH = "分局"
_OF_POLICE = ("支队", "大队")
_POLICE = "公安局"
_BUREAU_ENDS = ("局", "委员会")
_LINES_ABOVE = 6
_SHORTEST_STEM = 2  # 雄县分局 is called so, and not 雄分局
_LONGEST_STEM = 6
_COUNTIES = ("区", "县", "市", "新区")


def with_bureaus(clues: Iterable[Clue], head: Sequence[str]) -> Iterator[Clue]:
    """Yield clues, a branch that stands alone under the bureau that another clue or one of the first lines names.

    A clue that names both goes first. Where no bureau is named, or several, the branch keeps its name, and nobody is
    certain.

    Args:
        clues: In the order in which they are believed.
        head: First lines of the document, in which the bureau may stand above its branch.
    """
    rest = iter(clues)
    for clue in rest:
        if not clue.names_agency or not clue.text.endswith((BRANCH, *_OF_POLICE)) or not _is_bare(clue.text):
            yield clue
            continue
        behind = list(rest)
        named = [other for other in behind if other.names_agency]
        yield from (other for other in named if other.text.endswith(clue.text) and not _is_bare(other.text))
        lines = (line.strip() for line in head[:_LINES_ABOVE])
        above = {text for text in (*lines, *(other.text for other in named)) if _is_bureau_of(text, clue.text)}
        yield replace(clue, text=next(iter(above)) + clue.text) if len(above) == 1 else clue
        yield from behind


def under_its_bureau(option: NameOption, place: Region) -> tuple[NameOption, Region]:
    """Return the branch of a county or an area as that of its city's bureau, and the city; any other body as it is.

    >>> from schemas.region import region_in_year
    >>> option, city = under_its_bureau(read_name("怀宁县生态环境分局")[0], region_in_year("340822"))
    >>> option.unit.form, option.unit.key, city.name
    ('{region}生态环境局怀宁县分局', '生态环境局怀宁分局', '安庆市')
    """
    key = option.unit.key
    if not key.endswith(BRANCH):
        return option, place
    area = load_name_rules().area.match(key)
    name = f"{area['own']}{area['kind']}" if area is not None else _county_in_short(key, place) or place.name
    bureau = load_units().get(f"{key.removeprefix(name).removesuffix(BRANCH)}局")
    if bureau is None or bureau.agency_type != AgencyType.DEPARTMENT:
        return option, place
    if area is not None and place.level == RegionLevel.COUNTY:
        return option, place  # the city has an 经济开发区 of its own
    above = lineage_of(place)[1:] if name == place.name else lineage_of(place)
    city = next((region for region in above if region.level == RegionLevel.PREFECTURE or region.is_municipality), None)
    stem = region_stem(place) if name == place.name and len(region_stem(place)) >= _SHORTEST_STEM else name
    unit = read_unit(f"{bureau.name}{stem}{BRANCH}")
    if city is None or unit is None:
        return option, place
    if name == place.name:
        unit = replace(unit, form=f"{{region}}{bureau.name}{place.name}{BRANCH}")
    return replace(option, unit=unit, region_text=city.name, is_short=False), city


def _county_in_short(key: str, place: Region) -> str | None:
    """Return the county's name without its ending with which the key of a city's branch begins: 福田公安分局."""
    if place.level == RegionLevel.COUNTY:
        return None
    stems = (key[:length] for length in range(_SHORTEST_STEM, _LONGEST_STEM))
    return next((stem for stem in stems if any(_is_county(f"{place.name}{stem}{end}") for end in _COUNTIES)), None)


def _is_county(name: str) -> bool:
    return any(chain.length == len(name) and not chain.short_names for chain in read_region_chains(name))


def _is_bare(text: str) -> bool:
    """Tell whether a name says no more than a place and 分局, or is that of a branch or a unit of the police alone."""
    options = read_name(text)
    return bool(options) and all(
        option.unit.key == BRANCH or (not option.places and option.unit.key.endswith((BRANCH, *_OF_POLICE)))
        for option in options
    )


def _is_bureau_of(text: str, branch: str) -> bool:
    """Tell whether a text names a bureau of the place in which a branch lies, or of one above."""
    if not text.endswith(_BUREAU_ENDS) or text.endswith(BRANCH):
        return False
    options = read_name(text)
    is_police = branch.endswith(_OF_POLICE)
    own = frozenset(place for option in read_name(branch) for place in option.places)
    return bool(options) and all(
        bool(option.places) and (option.unit.key == _POLICE if is_police else _lies_above(option, own))
        for option in options
    )


def _lies_above(bureau: NameOption, places: frozenset[Region]) -> bool:
    return not places or any(
        lies_within(place, above) and place.place_code != above.place_code
        for place in places
        for above in bureau.places
    )
