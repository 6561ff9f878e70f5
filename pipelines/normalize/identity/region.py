"""Regions found in text: names, short names and chains of them, each with the places it can be."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from schemas.agency import load_name_rules
from schemas.region import (
    Region,
    RegionLevel,
    full_region_name,
    lineage_of,
    load_regions,
    load_short_names,
    load_townships,
    regions_by_code,
    regions_by_place,
)

_FIRST_YEAR = 2007  # a report of 2008, the first year there is, may still name the map of the year before
_SHORTEST_STEM = 2
_SHORTEST_NAME = 2
_LONGEST_LIST = 400
_LONGEST_LISTED = 16
_BETWEEN_NAMES = re.compile(r"[\s|]+")
_IDEOGRAPH = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class RegionChain:
    """A run of region names at the start of a text.

    Attributes:
        places: Divisions that the last name can be, given the names before it; more than one where it is ambiguous.
        length: Characters that the run takes.
        short_names: How many of the names stood without their ending (平顶山 for 平顶山市).
        named: How many names the run has.
    """

    places: frozenset[Region]
    length: int
    short_names: int
    named: int


@dataclass(frozen=True, slots=True)
class _Spellings:
    """Names that begin alike: whether each is short and what it can be, and their lengths, the longest first."""

    names: dict[str, tuple[bool, frozenset[Region]]]
    sizes: tuple[int, ...]


@cache
def region_stem(region: Region) -> str:
    """Return a region's name without its ending: what functional areas and schools are named after.

    >>> from schemas.region import region_in_year
    >>> region_stem(region_in_year("410400")), region_stem(region_in_year("450000"))
    ('平顶山', '广西')
    """
    rules = load_name_rules()
    for pattern in (rules.autonomous, rules.autonomous_province):
        match = pattern.match(region.name)
        if match:
            return match["stem"]
    stem = rules.region_ending.sub("", region.name)
    return stem if len(stem) >= _SHORTEST_STEM else region.name


@lru_cache(maxsize=65_536)
def read_region_chains(text: str) -> tuple[RegionChain, ...]:
    """Return every run of region names with which `text` can begin, the longest first.

    >>> [
    ...     (chain.length, sorted(place.code for place in chain.places))
    ...     for chain in read_region_chains("河南省卫东区政府")
    ... ]
    [(6, ['410403']), (5, ['410403']), (3, ['410000']), (2, ['410000'])]
    """
    chains = {(chain.length, chain.places): chain for chain in reversed(list(_extend(text, None, 0, 0, 0)))}
    return tuple(sorted(chains.values(), key=lambda chain: (-chain.length, chain.short_names, len(chain.places))))


@lru_cache(maxsize=16_384)
def regions_named_in(text: str) -> frozenset[Region]:
    """Return the lowest divisions that `text` names in full, those left out that can be several places.

    >>> [
    ...     sorted({place.name for place in regions_named_in(text)})
    ...     for text in ("请与范县审计局联系", "按规定和县政府要求规范县级目录", "定稿的安徽和县年报")
    ... ]
    [['范县'], [], ['和县']]
    """
    found: set[Region] = set()
    position = told = 0  # up to where the longest run so far goes, short names in it included
    while position < len(text):
        chains = read_region_chains(text[position : position + 40])
        chain = next((chain for chain in chains if not chain.short_names), None)
        end = position + (chain.length if chain else 0)
        is_told = chain is not None and (end <= told or _stands_alone(text, position, end))
        told = max(told, position + (chains[0].length if chains else 0))
        if chain is None or not is_told:
            position += 1
            continue
        if len({place.place_code for place in chain.places}) == 1:
            found.update(chain.places)
        position = end
    return frozenset(found)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether a region's name is no part of other words: 规定和县政府 says nothing of 和县, nor 规范县级 of 范县.

    Names of two characters are asked, and those that are words; a region in front of them says enough.
    """
    rules = load_name_rules()
    if text[end - 1 : end + 1] == "市场":  # 栖霞市场监管局 is of any 栖霞
        return False
    if end - start > _SHORTEST_NAME and text[start:end] not in rules.region_words:
        return True
    before, behind = text[max(start - 1, 0) : start], text[end : end + 1]
    return (not _IDEOGRAPH.match(before) or before in rules.before_region) and behind not in rules.behind_level


def without_place_lists(lines: Sequence[str], least: int) -> list[str]:
    """Return the lines without those of a list of places or their bodies, of which none contains another.

    They are the sites to which a page links, and say nothing of its own.

    Args:
        lines: Lines of a text.
        least: So many places make a list.

    >>> without_place_lists(["我局认真公开。", "南京市", "福州市鼓楼区 徐州市", "审计局"], 3)
    ['我局认真公开。', '审计局']
    >>> (
    ...     without_place_lists(["郑州市政府网", "平顶山市审计局", "联系我们"], 2),
    ...     without_place_lists(["平顶山市", "卫东区审计局"], 2),
    ... )
    (['联系我们'], ['平顶山市', '卫东区审计局'])
    """
    listed = {line: places for line in lines if (places := _places_listed(line))}
    found = set().union(*listed.values())
    apart = {
        place: sum(not (lies_within(place, other) or lies_within(other, place)) for other in found) for place in found
    }
    return [line for line in lines if all(apart[place] < least - 1 for place in listed.get(line, ()))]


@lru_cache(maxsize=16_384)
def _places_listed(line: str) -> frozenset[Region]:
    """Return the places with which the names begin that a line lists, none where anything else stands in it."""
    found = set()
    names = _BETWEEN_NAMES.split(line.strip()) if len(line) <= _LONGEST_LIST else []
    if any(len(name) > _LONGEST_LISTED for name in names):
        return frozenset()
    for name in names:
        chain = next((chain for chain in read_region_chains(name) if not chain.short_names), None)
        if chain is None or len({place.place_code for place in chain.places}) > 1:
            return frozenset()
        found.add(regions_by_place()[next(iter(chain.places)).place_code][-1])
    return frozenset(found)


@lru_cache(maxsize=65_536)
def township_counties(name: str) -> frozenset[Region]:
    """Return the standing counties that have a township of that name, be it with the name of its peoples."""
    names = (name, *_townships_of_peoples().get(name, ()))
    return frozenset(place for full in names for place in _counties_of(full))


def township_in_full(name: str, place_code: str) -> str:
    """Return a township's name with its peoples where the county has none of the shorter name.

    >>> township_in_full("杨柳乡", "530502"), township_in_full("杨柳街道", "511703")
    ('杨柳白族彝族乡', '杨柳街道')
    """
    if name not in _townships_of_peoples() or _lie_in(name, place_code):
        return name
    found = [full for full in _townships_of_peoples()[name] if _lie_in(full, place_code)]
    return found[0] if len(found) == 1 else name


def _lie_in(township: str, place_code: str) -> bool:
    return any(county.place_code == place_code for county in _counties_of(township))


def _counties_of(township: str) -> Iterator[Region]:
    return (regions_by_code()[code[:6]][-1] for code in load_townships().get(township, ()))


@cache
def _townships_of_peoples() -> dict[str, list[str]]:
    """Return the townships named after peoples by their names without these."""
    found: dict[str, list[str]] = {}
    for name in load_townships():
        short = load_name_rules().peoples.sub("", name) if "族" in name else name
        if short != name:
            found.setdefault(short, []).append(name)
    return found


def lies_within(place: Region, above: Region) -> bool:
    """Tell whether a place is another or has ever lain within it: a report may be signed before a boundary moved."""
    return above.place_code in _places_above(place.place_code)


def keep_year(places: Iterable[Region], year: int | None) -> frozenset[Region]:
    """Return the places that stood at the end of the report year, of the one before, or of the one behind; else all.

    What is renamed within the year may go by its old name still, and by its new one where the report is written later.
    """
    found = frozenset(places)
    if year is None:
        return found
    standing = frozenset(place for place in found if any(place.stood_in(year + lag) for lag in (-1, 0, 1)))
    return standing or found


def fits_marker(region: Region, marker: str) -> bool:
    """Tell whether a region is of the level that a word for one tells (`markers` in `names.toml`): 我市, 区审计局."""
    if marker == "province" and region.is_municipality:
        return False
    return region.name.endswith(load_name_rules().marker_endings[marker])


def mend_region_name(name: str) -> str | None:
    """Return the one region name that differs from `name` by characters that are mistaken for one another.

    >>> mend_region_name("沐阳县"), mend_region_name("沭阳县")
    ('沭阳县', None)
    """
    if name in _full_names(name[:_SHORTEST_STEM]) or len(name) <= _SHORTEST_STEM:
        return None
    from rapidfuzz.distance import Levenshtein  # most reports never need it

    confusable = load_name_rules().confusable
    found = {
        candidate
        for candidate in _names_by_length().get(len(name), ())
        if Levenshtein.distance(name, candidate, score_cutoff=1) == 1
        and frozenset(pair for pair in zip(name, candidate, strict=True) if pair[0] != pair[1])
        and any({left, right} in confusable for left, right in zip(name, candidate, strict=True) if left != right)
    }
    return found.pop() if len(found) == 1 else None


def region_title(region: Region) -> str:
    """Return a region for a person to read: its code and full name."""
    return f"{region.code} {full_region_name(region)}"


def _extend(
    text: str, above: frozenset[Region] | None, length: int, short_names: int, named: int
) -> Iterator[RegionChain]:
    start = text[length : length + _SHORTEST_STEM]
    if start not in _regions_by_start() and start not in _contractions_by_start():
        return
    spellings = _spellings(start)
    for size in spellings.sizes:
        found = spellings.names.get(text[length : length + size])
        if found is None or length + size > len(text):
            continue
        is_short, places = found
        below = places if above is None else _within(places, above)
        if not below:
            continue
        chain = RegionChain(below, length + size, short_names + is_short, named + 1)
        yield from _extend(text, below, chain.length, chain.short_names, chain.named)
        yield chain


@lru_cache(maxsize=65_536)
def _within(places: frozenset[Region], above: frozenset[Region]) -> frozenset[Region]:
    return frozenset(
        place
        for place in places
        if any(place.place_code != parent.place_code and lies_within(place, parent) for parent in above)
    )


@cache
def _places_above(place_code: str) -> frozenset[str]:
    """Return the place codes of a place and of all divisions that have stood above it."""
    return frozenset(
        above.place_code for span in regions_by_place()[place_code] for above in lineage_of(span, span.valid_to)
    ) | {place_code}


@cache
def _regions_by_start() -> dict[str, tuple[Region, ...]]:
    """Return the divisions since 2007 by the first two characters, which every spelling of a division's name keeps.

    So one name is read with the few dozen spellings that can begin it: making all of them takes a fifth of a second.
    """
    found: dict[str, list[Region]] = defaultdict(list)
    for region in load_regions():
        if region.valid_to is None or region.valid_to >= _FIRST_YEAR:
            found[region.name[:_SHORTEST_STEM]].append(region)
    return {start: tuple(regions) for start, regions in found.items()}


@cache
def _contractions_by_start() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name in load_short_names():
        found[name[:_SHORTEST_STEM]].append(name)
    return {start: tuple(names) for start, names in found.items()}


@cache
def _full_names(start: str) -> dict[str, frozenset[Region]]:
    """Return the divisions by full name, and by the customary name of autonomous ones (凉山州, 前郭县)."""
    found: dict[str, set[Region]] = defaultdict(set)
    for region in _regions_by_start().get(start, ()):
        for name in (region.name, *_customary_names(region)):
            found[name].add(region)
    return {name: frozenset(regions) for name, regions in found.items()}


def _customary_names(region: Region) -> tuple[str, ...]:
    rules = load_name_rules()
    autonomous = rules.autonomous.match(region.name)
    if autonomous:
        stem, kind = autonomous["stem"], autonomous["kind"]
        return (stem + kind, f"{stem}自治{kind}") if len(stem) >= _SHORTEST_STEM else ()  # 湘西州, 湘西自治州
    province = rules.autonomous_province.match(region.name)
    if province:
        return (province["stem"] + "自治区",)
    if region.name.endswith("特别行政区"):
        return (region.name.replace("特别行政区", "特区"),)
    return ()


@cache
def _spellings(start: str) -> _Spellings:
    full = _full_names(start)
    short: dict[str, set[Region]] = defaultdict(set)
    for regions in full.values():
        for region in regions:
            stem = region_stem(region)
            if stem not in full:
                short[stem].add(region)
    for named in short.values():  # 河南 is the province, and not 河南蒙古族自治县
        if any(region.level == RegionLevel.PROVINCE for region in named):
            named -= {region for region in named if region.level == RegionLevel.COUNTY}
    for name in _contractions_by_start().get(start, ()):  # 巴州 is the prefecture, and not 巴州区
        short[name] = set(load_short_names()[name])
    names = {name: (False, regions) for name, regions in full.items()}
    names |= {stem: (True, frozenset(regions)) for stem, regions in short.items()}
    return _Spellings(names, tuple(sorted({len(name) for name in names}, reverse=True)))


@cache
def _names_by_length() -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = defaultdict(list)
    for start in _regions_by_start():
        for name, regions in _full_names(start).items():
            if any(region.level != RegionLevel.PROVINCE for region in regions):
                found[len(name)].append(name)
    return {length: tuple(sorted(names)) for length, names in found.items()}
