"""Which agency a report is by: names from several places of the document, narrowed to one region."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import chain

from pipelines.normalize.identity.agency_name import NameOption, name_in_year, read_name
from pipelines.normalize.identity.agency_place import Search, place_option
from pipelines.normalize.identity.branch import BRANCH, under_its_bureau
from pipelines.normalize.identity.clue import Clue
from pipelines.normalize.identity.region import region_stem, region_title, township_in_full
from schemas.agency import AdminLevel, AgencyType, load_name_rules, load_units
from schemas.ids import stable_id
from schemas.region import Region, RegionLevel, full_region_name, lineage_of, region_in_year
from schemas.vocabulary import EvidenceSource

_CANDIDATES_SHOWN = 12
_LEVELS = {
    RegionLevel.PROVINCE: AdminLevel.PROVINCE,
    RegionLevel.PREFECTURE: AdminLevel.PREFECTURE,
    RegionLevel.COUNTY: AdminLevel.COUNTY,
    RegionLevel.TOWNSHIP: AdminLevel.TOWNSHIP,
}


@dataclass(frozen=True, slots=True)
class Resolution:
    """The agency of one report, or what is known of it.

    Attributes:
        signed_name: The name as printed.
        agency_id: None where no name was found at all.
        region_code: The region under the code of the report year; None where it is not certain.
        reason_code: Finding that goes with it; None where nothing is in doubt.
        evidence: What it was recognised by, or the candidates between which nothing decides.
        candidates: The regions between which nothing decides.
        source: Where the name stood that decides; None where none was found.
    """

    signed_name: str | None
    agency_name: str | None
    agency_id: int | None
    agency_type: AgencyType | None
    sector: str | None
    admin_level: AdminLevel | None
    region_code: str | None
    reason_code: str | None
    evidence: str
    candidates: tuple[Region, ...] = ()
    source: EvidenceSource | None = None


NOBODY = Resolution(None, None, None, None, None, None, None, "no_agency", "no name of an agency was found")


def resolve_agency(clues: Iterable[Clue], year: int | None, read_body: Callable[[], str], origin: str) -> Resolution:
    """Return the agency that the clues name.

    The first clue that is an agency's name decides which unit it is; the others, then the body, may only narrow the
    region in which the name can lie. Where several regions are left, nothing is chosen: the report keeps its signed
    name under an identifier of its own, so that it can never be merged with another's by chance.

    Args:
        clues: In the order in which they are believed.
        year: Report year; the map of that year and the next counts.
        read_body: Returns the document's text; called only where the clues leave a doubt.
        origin: What tells this document from all others (its path), for the identifier of an agency that stays
            ambiguous.

    >>> title = EvidenceSource.TITLE
    >>> found = resolve_agency([Clue(title, "卫东区政府办")], 2021, str, "a.md")
    >>> found.agency_name, found.region_code
    ('平顶山市卫东区人民政府办公室', '410403')
    >>> resolve_agency([Clue(title, "鼓楼区审计局")], 2021, str, "a.md").reason_code
    'ambiguous_agency'
    """
    passed: list[Clue] = []
    rest = iter(clues)
    for clue in rest:
        name = name_in_year(clue.text, year)
        options = read_name(name, accept_unknown=clue.source == EvidenceSource.TITLE) if clue.names_agency else ()
        if options:
            # Most titles say all: the other clues are then never worked out.
            others = chain(passed, rest) if len(options) == 1 else [*passed, *rest]
            found = [place_option(option, others, year, read_body) for option in options]
            return _decide(clue, list(zip(options, found, strict=True)), year, origin)
        passed.append(clue)
    return NOBODY


def agency_id_of(unit_key: str, place_code: str) -> int:
    """Return an agency's identifier, from the unit and the first code of its place.

    So neither a recoding nor a renaming of the region, nor another file, changes it.

    >>> agency_id_of("人民政府办公室", "410403") == agency_id_of("人民政府办公室", "410403")
    True
    """
    return stable_id("agency", unit_key, place_code)


def _decide(clue: Clue, found: list[tuple[NameOption, Search]], year: int | None, origin: str) -> Resolution:
    """Return the resolution where one way of reading the name leads to one place, else an ambiguous one."""
    certain = [
        (option, search)
        for option, search in found
        if option.is_national or (len(search.place_codes) == 1 and not search.alone and option.unit.key != BRANCH)
    ]
    unknown = [option for option, _ in found if option.unknown_region is not None]
    if len({(option.unit.key, *search.place_codes) for option, search in certain}) == 1 and len(certain) == len(found):
        return _resolved(clue, *certain[0], year)
    if len(unknown) == len(found) == 1:
        return _unknown_region(clue, found[0][0])
    return _ambiguous(clue, found, year, origin)


def _resolved(clue: Clue, option: NameOption, search: Search, year: int | None) -> Resolution:
    place_code = search.place_codes[0] if search.place_codes else ""
    option = _with_township_in_full(option, place_code)
    if place_code and not option.is_national:
        option, place = under_its_bureau(option, region_in_year(place_code, year))
        place_code = place.place_code
    unit = option.unit
    steps = [f"{clue.source}: {clue.text}", unit.rule, *search.steps]
    if option.is_national:
        region = region_in_year(place_code, year) if place_code else None
        name, agency_id = unit.form, agency_id_of(unit.key, "")
    else:
        region = region_in_year(place_code, year)
        name, agency_id = (
            full_agency_name(option, region_in_year(place_code)),
            agency_id_of(identity_key(option), place_code),
        )
    if region is not None:
        steps.append(region_title(region))
    reason = "agency_from_context" if search.from_body or clue.source == EvidenceSource.SUBJECT else None
    return Resolution(
        signed_name=clue.text,
        agency_name=name,
        agency_id=agency_id,
        agency_type=unit.agency_type,
        sector=unit.sector,
        admin_level=_admin_level(option, region),
        region_code=None if region is None else region.code,
        reason_code="unknown_agency_type" if unit.agency_type == AgencyType.UNKNOWN else reason,
        evidence="; ".join(steps),
        source=clue.source,
    )


def _with_township_in_full(option: NameOption, place_code: str) -> NameOption:
    """Return an option with its township as the list has it there: 杨柳白族彝族乡, which is printed as 杨柳乡."""
    name = option.unit.township
    full = township_in_full(name, place_code) if name else name
    if name is None or full is None or full == name:
        return option
    key, form = (text.replace(name, full, 1) for text in (option.unit.key, option.unit.form))
    return replace(option, unit=replace(option.unit, key=key, form=form, township=full))


def _unknown_region(clue: Clue, option: NameOption) -> Resolution:
    """Return an agency of a region that the map does not have: kept under its printed name."""
    name = option.unit.form.format(region=option.region_text, stem=option.region_text, printed=option.region_text)
    return Resolution(
        signed_name=clue.text,
        agency_name=name,
        agency_id=agency_id_of(name, ""),
        agency_type=option.unit.agency_type,
        sector=option.unit.sector,
        admin_level=AdminLevel.TOWNSHIP if option.unit.township else None,
        region_code=None,
        reason_code="unknown_region",
        evidence=f"{clue.source}: {clue.text}; {option.unit.rule}; no map has a region {option.unknown_region}",
        source=clue.source,
    )


def _ambiguous(clue: Clue, found: list[tuple[NameOption, Search]], year: int | None, origin: str) -> Resolution:
    unit = found[0][0].unit
    codes = sorted({code for _, search in found for code in search.place_codes})
    candidates = tuple(region_in_year(code, year) for code in codes)
    titles = [region_title(region) for region in candidates]
    if len(titles) > _CANDIDATES_SHOWN:
        titles = [*titles[:_CANDIDATES_SHOWN], f"… {len(titles)} in all"]
    told = " | ".join(titles) if titles else "nothing names the region"
    alone = next((search.alone for _, search in found if search.alone), "")
    if alone:
        told += f" (by {alone} alone)"
    same_unit = len({option.unit.key for option, _ in found}) == 1
    return Resolution(
        signed_name=clue.text,
        agency_name=clue.text,
        agency_id=stable_id("agency", clue.text, "", origin),
        agency_type=unit.agency_type if same_unit else None,
        sector=unit.sector if same_unit else None,
        admin_level=AdminLevel.TOWNSHIP if unit.township and same_unit else None,
        region_code=None,
        reason_code="ambiguous_agency",
        evidence=f"{clue.source}: {clue.text}; {unit.rule}; ambiguous: {told}",
        candidates=candidates,
        source=clue.source,
    )


def full_agency_name(option: NameOption, region: Region) -> str:
    """Return the name in full, under the region's present name."""
    form = _governed_form(option.unit.form, region)
    if form == "{region}人民政府办公室" and (
        region.level == RegionLevel.PROVINCE or region.code in load_name_rules().general_offices
    ):
        form = "{region}人民政府办公厅"
    printed = option.region_text if option.is_short else full_region_name(region)
    name = form.format(region=full_region_name(region), stem=_stem_of(region), printed=printed)
    return name.replace("特别行政区人民政府", "特别行政区政府")


def _stem_of(region: Region) -> str:
    """Return a region's name without its ending; a county called as its prefecture keeps it: 国家统计局吉安县调查队."""
    stem = region_stem(region)
    is_namesake = region.level == RegionLevel.COUNTY and any(
        region_stem(above) == stem for above in lineage_of(region)[1:]
    )
    return region.name if is_namesake else stem


def _governed_form(form: str, region: Region) -> str:
    """Return the form of a government or its office as the region has it: 锡林郭勒盟 has no 人民政府 but a 行政公署."""
    rules = load_name_rules()
    own, other = ("人民政府", rules.commission)[:: -1 if region.name.endswith(rules.commission_endings) else 1]
    head = "{region}" + other
    return "{region}" + own + form.removeprefix(head) if form.startswith(head) else form


def identity_key(option: NameOption) -> str:
    """Return what identifies the unit in its region: one government, whatever it is called, with one office.

    人民政府国有资产监督管理委员会 and 国有资产监督管理委员会 of one region are one too.
    """
    rules = load_name_rules()
    key = option.unit.key.replace(rules.commission, "人民政府")
    for kind, same in rules.area_same.items():
        key = key.replace(kind, same)
    own = load_units().get(key.removeprefix("人民政府"))
    if own is not None and option.unit.agency_type == AgencyType.DEPARTMENT:
        key = own.name
    return key.replace("人民政府办公厅", "人民政府办公室")


def _admin_level(option: NameOption, region: Region | None) -> AdminLevel | None:
    unit = option.unit
    if unit.township is not None:
        return AdminLevel.TOWNSHIP
    if unit.key.startswith(load_name_rules().corps_name):
        if unit.key.endswith(("团", "场")):
            return AdminLevel.COUNTY
        return AdminLevel.PREFECTURE if "师" in unit.key else AdminLevel.PROVINCE
    if unit.agency_type == AgencyType.CENTRAL:
        return AdminLevel.CENTRAL
    if unit.agency_type == AgencyType.FUNCTIONAL_AREA or unit.form.startswith("{stem}") or region is None:
        return None  # an area's rank is its own and not that of the region it lies in
    return _LEVELS[region.level]
