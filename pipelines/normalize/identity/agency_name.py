"""An agency's name taken apart: the region it names, a word that stands for a region, and the unit behind."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from pipelines.normalize.folding import fold_characters
from pipelines.normalize.identity.agency_corps import read_corps, write_ordinal
from pipelines.normalize.identity.agency_unit import UnitReading, is_listed_township, read_unit, sector_of
from pipelines.normalize.identity.region import (
    RegionChain,
    lies_within,
    mend_region_name,
    read_region_chains,
    regions_named_in,
)
from pipelines.normalize.identity.region_fit import (
    LONGEST_CHAIN_TEXT,
    REGION_ENDINGS,
    body_behind_area,
    fitting_places,
    goes_on_as_region,
    having_township,
    is_area,
    is_area_of,
    without_government,
    without_repeated_marker,
    without_second_name,
)
from schemas.agency import AgencyType, Unit, VerticalPrefix, load_name_rules, load_national
from schemas.entry import SchemaDataError
from schemas.region import Region, RegionLevel, regions_by_code, regions_by_place

_LONGEST_NAME = 45
_UNKNOWN_REGION = re.compile(
    r"^(?P<region>[\u4e00-\u9fff]{1,7}?(?:自治区|自治州|自治县|省|市|县|区|州|盟|旗))(?P<rest>.*)$"
)
_LONGEST_REGION = 8
_FEW_WORDS = 8
_BODY = re.compile(r"[局部署委院团会社司驻]")
# Within a bureau's own words 、 stands too: 工业、商务和信息化局.
_SENTENCE = re.compile(
    r"[，,。；;：:！!？?]|(?<=[省市县区州旗乡镇局委厅办会府])、|、(?![\u4e00-\u9fff、]{2,12}(?:局|委员会|厅)$)|根据|按照|现将|规定|要求|公布|(?<!机构)编制|印发|通知|\d{3}(?!团)|/\d|\d/"
)
_SELF = re.compile(r"^(?:我|本|全)(?=[省市县区州盟旗])")
_REMARK = re.compile(r"(?<=.)\([^()]*\)?$")  # a second name plate: 财政局(国资局)
_IDEOGRAPHS = re.compile(r"^[\u3400-\u9fff\U00020000-\U0003ffff()·]{3,}$")
_CORPS_REGION = "650000"
_SCHOOL_NUMBER = re.compile(
    r"第(?P<number>\d{1,3}|[一二三四五六七八九][〇零○][一二三四五六七八九])(?=[\u4e00-\u9fff]{0,6}(?:中学|小学|学校|中心校|幼儿园|医院))"
)


@dataclass(frozen=True, slots=True)
class CostRules:
    """What each sort of doubt costs a reading; the cheapest reading is taken, and all that cost as much.

    The figures only order the sorts of doubt: a name in full before a short one, a named region before a word that
    stands for one (市 in 市科委), that before none, and a unit that the lists know before one told by its ending.
    """

    short_name: float = 0.6
    mended_name: float = 0.4
    repeated_marker: float = 0.5
    marker: float = 2.0
    unknown_region: float = 2.2
    no_region: float = 2.5
    ending: float = 1.0
    unknown_unit: float = 4.0
    character: float = 0.01
    tie: float = 0.004


@dataclass(frozen=True, slots=True)
class NameOption:
    """One way to take a name apart.

    Attributes:
        places: Divisions that the region can be; empty where none is named.
        region_text: The region as printed.
        marker: Level of the region that a bare 省, 市, 县, 区 stands for.
        unknown_region: A region in full form that the map does not have.
        is_national: A body of which the country has one.
        is_short: The region stands without its ending.
    """

    unit: UnitReading
    places: frozenset[Region] = frozenset()
    region_text: str = ""
    marker: str | None = None
    unknown_region: str | None = None
    is_national: bool = False
    is_short: bool = False


@lru_cache(maxsize=131_072)
def read_name(text: str, *, accept_unknown: bool = False) -> tuple[NameOption, ...]:
    """Return the cheapest ways to take an agency's name apart; empty where it is no agency's name.

    Args:
        text: The name as printed.
        accept_unknown: Take a name whose unit cannot be told too, as a title may name what no list has.

    >>> [(o.unit.key, [p.code for p in o.places]) for o in read_name("卫东区政府办")]
    [('人民政府办公室', ['410403'])]
    >>> [(o.unit.key, o.marker) for o in read_name("县审计局")]
    [('审计局', 'county')]
    >>> read_name("现将有关情况报告如下")
    ()
    """
    name = _REMARK.sub("", fold_characters(text)).strip("-_—–·.*").removeprefix("中共").removeprefix("中国共产党")
    name = _spell(name)
    if "、" in name or "(" in name:
        name = without_second_name(load_name_rules().area_joint.sub("", name))
    if not name or len(name) > _LONGEST_NAME or _SENTENCE.search(name):
        return ()
    costs = CostRules()
    own = name if read_region_chains(name[:LONGEST_CHAIN_TEXT]) else _SELF.sub("", name)  # 全州县 is a county
    if own != name and own in load_name_rules().markers:
        return (NameOption(_government(), marker=load_name_rules().markers[own], region_text=own),)
    options = sorted(_options(own, costs, accept_unknown=accept_unknown), key=lambda pair: pair[0])
    if not options:
        return ()
    cheapest = options[0][0]
    return tuple(dict.fromkeys(option for cost, option in options if cost <= cheapest + costs.tie))


def _spell(name: str) -> str:
    """Return a name as it is read, however it is written: 第101中学 is 第一〇一中学, and 某某管委会 a 管理委员会."""
    for word, pattern, written in load_name_rules().spellings:
        if word in name:
            name = pattern.sub(written, name)
    if "第" in name:
        name = _SCHOOL_NUMBER.sub(lambda match: "第" + write_ordinal(match["number"]), name)
    return name


def name_in_year(text: str, year: int | None) -> str:
    """Return a name as it is meant in a report year, where bodies of one short name followed one another.

    >>> name_in_year("大连金融监管局", 2024), name_in_year("大连金融监管局", 2021)
    ('国家金融监督管理总局大连监管局', '大连金融监管局')
    """
    for since, pattern, written in load_name_rules().since if year is not None else ():
        if year is not None and year >= since:
            text = pattern.sub(written, text)
    return text


def _national_behind_region(name: str) -> Unit | None:
    """Return the area of which the country has one behind a region above or around it: 海南省洋浦经济开发区."""
    for chain in read_region_chains(name[:LONGEST_CHAIN_TEXT]) if "区" in name else ():
        unit = _national_spellings().get(name[chain.length :])
        if unit is not None and unit.agency_type == AgencyType.FUNCTIONAL_AREA and unit.place_code:
            own = regions_by_place()[unit.place_code][-1]
            if any(lies_within(own, place) or lies_within(place, own) for place in chain.places):
                return unit
    return None


@cache
def _national_spellings() -> dict[str, Unit]:
    return {_spell(name): unit for name, unit in load_national().items()}


def _options(name: str, costs: CostRules, *, accept_unknown: bool) -> Iterator[tuple[float, NameOption]]:
    national = _national_spellings().get(name) or _national_behind_region(name)
    if national is not None:
        unit = UnitReading(national.name, national.name, national.agency_type, national.sector, 0.0, national.name)
        places = frozenset(regions_by_place()[national.place_code]) if national.place_code else frozenset()
        yield -1.0, NameOption(unit, places, is_national=True)
        return
    unique = load_name_rules().unique.search(name)
    if unique is not None:
        yield -1.0, _read_unique(name)
        return
    corps = read_corps(name)
    if corps is not None:
        yield -1.0, NameOption(corps, frozenset(regions_by_code()[_CORPS_REGION]), load_name_rules().corps_name)
        return
    behind = body_behind_area(name)
    if behind is not None:
        yield from _options(behind, costs, accept_unknown=accept_unknown)
        return
    yield from _vertical_options(name, costs)
    cheapest = costs.marker
    for cost, option in _region_options(name, costs, accept_unknown=accept_unknown):
        cheapest = min(cheapest, cost)
        yield cost, option
    if cheapest >= costs.marker:  # a name that begins with a known region needs no other reading
        yield from _regionless_options(name, costs, accept_unknown=accept_unknown)


def _region_options(name: str, costs: CostRules, *, accept_unknown: bool) -> Iterator[tuple[float, NameOption]]:
    cheapest = costs.unknown_unit + costs.no_region
    for chain in read_region_chains(name[:LONGEST_CHAIN_TEXT]):
        chain_cost = costs.short_name * chain.short_names - costs.character * chain.length
        if chain_cost > cheapest + costs.tie:
            continue
        rest, repeated = without_repeated_marker(name, chain)
        rest = without_government(rest)
        if chain.short_names and goes_on_as_region(rest):
            continue
        if not chain.short_names:
            yield from _mended_options(name[: chain.length], rest, costs)
        may_be_unknown = accept_unknown and not chain.short_names  # 长白山… is nothing of 长白
        unit = read_unit(rest) or (_unknown_unit(rest) if may_be_unknown and _may_be_unit(rest) else None)
        if unit is None or _is_cut_through(name, chain, unit):
            continue
        elsewhere = None if chain.short_names or unit.doubt < costs.ending else _read_unknown_county(rest)
        if elsewhere is not None:
            cost = elsewhere.unit.doubt + costs.ending + chain_cost
            cheapest = min(cheapest, cost)
            yield cost, elsewhere
            continue
        places = _places_in_chain(chain, unit, is_township=is_listed_township(name))
        if not places:
            continue
        cost = unit.doubt + chain_cost + (costs.repeated_marker if repeated else 0.0)
        cheapest = min(cheapest, cost)
        yield cost, NameOption(unit, places, name[: chain.length], is_short=chain.short_names > 0)
        if chain.named > 1 and chain.short_names and is_area_of(rest, places):
            return


def _places_in_chain(chain: RegionChain, unit: UnitReading, *, is_township: bool) -> frozenset[Region]:
    """Return the places of a run of regions in which a unit can lie: 解放路街道 is no 路街道 of 解放区.

    A name that is a township's on the list begins with no region, unless the region has the township that is left.
    """
    places = fitting_places(chain.places, unit)
    if unit.township is None:
        return frozenset() if is_township else places
    return having_township(places, unit) if chain.short_names or is_township else places


def _is_cut_through(name: str, chain: RegionChain, unit: UnitReading) -> bool:
    """Tell whether a region takes the first character of another's name: 乐山市中区中学 is of no 中区 in 乐山市."""
    if unit.doubt < CostRules().ending or chain.short_names:
        return False
    ends = {other.length for other in read_region_chains(name[:LONGEST_CHAIN_TEXT])}
    last = chain.length - 1
    return any(
        not inner.short_names and inner.length > 1 and last + inner.length in ends
        for inner in read_region_chains(name[last:LONGEST_CHAIN_TEXT])
    )


def _read_unknown_county(rest: str) -> NameOption | None:
    """Read a bureau of a county that the map does not have, behind the region that it is said to lie in."""
    match = load_name_rules().unknown_county.match(rest)
    unit = read_unit(match["rest"]) if match is not None else None
    if match is None or unit is None or unit.doubt >= CostRules().ending:
        return None
    return NameOption(unit, unknown_region=match["region"], region_text=match["region"])


def _regionless_options(name: str, costs: CostRules, *, accept_unknown: bool) -> Iterator[tuple[float, NameOption]]:
    for marker, level in load_name_rules().markers.items():
        if name.startswith(marker) and len(name) > len(marker):
            unit = read_unit(name[len(marker) :])
            if unit is not None:
                yield unit.doubt + costs.marker, NameOption(unit, marker=level, region_text=marker)
    unit = read_unit(name, is_whole_name=True)
    if unit is not None and not (unit.doubt >= costs.ending and _stands_behind_words(name)):
        yield unit.doubt + costs.no_region, NameOption(unit, _places_of_area(name) if "区" in name else frozenset())
    elif accept_unknown and _may_be_unit(name):
        yield costs.unknown_unit + costs.no_region, NameOption(_unknown_unit(name))
    yield from _unknown_region_options(name, costs)


def _places_of_area(name: str) -> frozenset[Region]:
    """Return where the area lies to which a body belongs, if the country has one of its name (西咸新区某街道办事处)."""
    area = load_name_rules().area.match(name)
    unit = _national_spellings().get(f"{area['own']}{area['kind']}") if area is not None else None
    is_area = unit is not None and unit.agency_type == AgencyType.FUNCTIONAL_AREA
    return frozenset(regions_by_place()[unit.place_code]) if is_area and unit and unit.place_code else frozenset()


def _stands_behind_words(name: str) -> bool:
    """Tell whether a region's name stands behind a few words that name no body: 附注泗阳县审计局 is not called so."""
    places = [name.find(region.name) for region in regions_named_in(name)]
    return any(0 < place <= _FEW_WORDS and not _BODY.search(name[:place]) for place in places)


def _unknown_region_options(name: str, costs: CostRules) -> Iterator[tuple[float, NameOption]]:
    """Read a region in full form that the map does not have: a misprint that can be mended, or an unknown place."""
    match = None if is_listed_township(name) else _UNKNOWN_REGION.match(name)
    if match is None or match["region"] in load_name_rules().markers or is_area(match["region"]):
        return
    if any(not chain.short_names for chain in read_region_chains(name[:LONGEST_CHAIN_TEXT])):
        return
    mended = list(_mended_options("", name, costs))
    if mended:
        yield from mended
        return
    unit = read_unit(match["rest"])
    if unit is None:
        return
    yield (
        unit.doubt + costs.unknown_region,
        NameOption(unit, unknown_region=match["region"], region_text=match["region"]),
    )


def _mended_options(before: str, rest: str, costs: CostRules) -> Iterator[tuple[float, NameOption]]:
    """Read a misprinted region, at the start of a name or behind one that stands in full (淮安市准阴区).

    What stands behind a region would else be taken for a unit of it.
    """
    for length, character in enumerate(rest[:_LONGEST_REGION], start=1):
        mended = mend_region_name(rest[:length]) if character in REGION_ENDINGS else None
        if mended is not None:
            yield from _read_mended(before + rest, before + mended + rest[length:], len(before) + length, costs)


def _read_mended(printed: str, name: str, mended: int, costs: CostRules) -> Iterator[tuple[float, NameOption]]:
    """Read a name whose first characters hold a mended region; only readings that use all of these are taken."""
    for chain in read_region_chains(name[:LONGEST_CHAIN_TEXT]):
        if chain.length < mended or chain.short_names:
            continue
        unit = read_unit(without_government(name[chain.length :]))
        if unit is not None:
            option = NameOption(unit, fitting_places(chain.places, unit), printed[: chain.length])
            yield unit.doubt + costs.mended_name, option


def _vertical_options(name: str, costs: CostRules) -> Iterator[tuple[float, NameOption]]:
    """Read an office that the centre runs in a region: its prefix, the region, the office."""
    for rule in load_name_rules().vertical:
        if not name.startswith(rule.prefix):
            continue
        behind = name.removeprefix(rule.prefix)
        for chain in read_region_chains(behind):
            rest, _ = without_repeated_marker(behind, chain)
            if not rest:
                continue
            unit = _vertical_unit(rule, rest)
            cost = costs.short_name * chain.short_names - costs.character * chain.length
            places = fitting_places(chain.places, unit)
            if places:
                yield cost, NameOption(unit, places, behind[: chain.length], is_short=chain.short_names > 0)
        for marker, level in load_name_rules().markers.items():
            if behind.startswith(marker) and len(behind) > len(marker):
                yield costs.marker, NameOption(_vertical_unit(rule, behind[len(marker) :]), marker=level)


def _vertical_unit(rule: VerticalPrefix, office: str) -> UnitReading:
    said = f"{rule.prefix}…{office}"
    official = load_name_rules().official_forms.get(rule.prefix + office)
    known = read_unit(office)
    if official is not None and known is not None:
        return UnitReading(known.key, official, rule.agency_type, rule.sector, 0.0, said)
    if known is not None and known.form.startswith(rule.prefix):  # an area's tax office
        return UnitReading(known.key, known.form, rule.agency_type, rule.sector, 0.0, said)
    form = rule.prefix + rule.region_form + office
    return UnitReading(rule.prefix + office, form, rule.agency_type, rule.sector, 0.0, said)


def _read_unique(name: str) -> NameOption:
    """Return a body whose own name says which it is (上海海关), with the province or prefecture it is named after."""
    own = name.removeprefix("中华人民共和国")
    ending = next((unit for pattern, unit in load_name_rules().endings if pattern.search(own)), AgencyType.UNKNOWN)
    unit = UnitReading(own, own, ending, sector_of(own), 0.0, f"{own} is the only one of its name")
    chains = read_region_chains(own)
    wide = (RegionLevel.PROVINCE, RegionLevel.PREFECTURE)
    places = frozenset(place for place in chains[0].places if place.level in wide) if chains else frozenset()
    is_certain = len({place.place_code for place in places}) == 1
    return NameOption(unit, places if is_certain else frozenset(), is_national=True)


def _government() -> UnitReading:
    unit = read_unit("")
    if unit is None:
        raise SchemaDataError("units.csv: the unit 人民政府 is missing: every region's own name stands for it")
    return unit


def _may_be_unit(text: str) -> bool:
    """Tell whether a text that no rule reads can be a body's name: it has no figures, and no region's name inside."""
    return _IDEOGRAPHS.match(text) is not None and not regions_named_in(text)


def _unknown_unit(text: str) -> UnitReading:
    return UnitReading(
        text, "{region}" + text, AgencyType.UNKNOWN, sector_of(text), CostRules().unknown_unit, f"{text}: unknown unit"
    )
