"""What is known of agencies beforehand: types, sectors, units and the words of titles, from `schemas/agencies/`."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from schemas.entry import SchemaDataError, make_entry, read_data
from schemas.vocabulary import EvidenceSource, EvidenceSubject


class AgencyType(StrEnum):
    """What kind of body an agency is."""

    CENTRAL = "central"
    GOVERNMENT = "government"
    GOVERNMENT_OFFICE = "government_office"
    DEPARTMENT = "department"
    TOWNSHIP = "township"
    FUNCTIONAL_AREA = "functional_area"
    CORPS = "corps"
    VERTICAL = "vertical"
    INSTITUTION = "institution"
    PUBLIC_ENTERPRISE = "public_enterprise"
    UNKNOWN = "unknown"


class AdminLevel(StrEnum):
    """The level of the map at which an agency works."""

    CENTRAL = "central"
    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"
    TOWNSHIP = "township"


@dataclass(frozen=True, slots=True)
class Unit:
    """A body that regions have in common, by its official name within the region, or of which the country has one.

    Attributes:
        place_code: For a body of which the country has one: the place that it serves, or where it sits; empty for the
            ministries and for what many provinces share.
    """

    name: str
    agency_type: AgencyType
    sector: str
    aliases: tuple[str, ...] = ()
    place_code: str = ""


@dataclass(frozen=True, slots=True)
class VerticalPrefix:
    """How the offices of one central body are named in the regions: prefix, region, office.

    Attributes:
        region_form: The field that stands for the region in their names: `{region}` in full, `{stem}` without its
            ending.
    """

    prefix: str
    sector: str
    region_form: str
    agency_type: AgencyType


@dataclass(frozen=True, slots=True)
class Succession:
    """A unit that takes over from another, and the first report year in which any has done so."""

    successor: str
    from_year: int


@dataclass(frozen=True, slots=True)
class Wordings:
    """The words of titles, headings and labels; see `schemas/agencies/wordings.toml` for their meaning."""

    title_subject: str
    title_tail: str
    title_lead: re.Pattern[str]
    title_trail: re.Pattern[str]
    title_self: re.Pattern[str]
    title_placeholder: str
    title_months: str
    title_part_of_year: re.Pattern[str]
    title_label: str
    page_labels: frozenset[str]
    short_form: re.Pattern[str]
    title_remark: str
    opening: tuple[re.Pattern[str], ...]
    contact: tuple[re.Pattern[str], ...]
    own_site: tuple[re.Pattern[str], ...]
    told_by: re.Pattern[str]
    subject: re.Pattern[str]
    office: re.Pattern[str]
    region_speaks: re.Pattern[str]
    region_self: re.Pattern[str]
    own_body: re.Pattern[str]
    own_below: re.Pattern[str]
    own_bureau: re.Pattern[str]
    region_introduces: re.Pattern[str]
    leads: re.Pattern[str]
    site_of: re.Pattern[str]
    introduced_year: re.Pattern[str]
    first_part: re.Pattern[str]
    told_year: re.Pattern[str]
    sections: tuple[tuple[str, str], ...]
    section_phrase: str
    row_label: str
    labels: dict[str, frozenset[str]]
    hijacked: str
    site_name: re.Pattern[str]
    traditional: frozenset[str]
    traditional_in_title: int
    traditional_in_text: int


@dataclass(frozen=True, slots=True)
class SiteWords:
    """How a government's site tells of itself; see `[site]` in `schemas/agencies/wordings.toml` for the meaning."""

    codes: frozenset[str]
    domains: tuple[str, ...]
    names: frozenset[str]
    marks: tuple[str, ...]
    frame: str
    code: re.Pattern[str]
    central_code: re.Pattern[str]
    police: re.Pattern[str]
    icp: re.Pattern[str]
    provinces: dict[str, str]
    domain_ends: tuple[str, ...]
    domain_starts: tuple[str, ...]
    spellings: dict[str, list[str]]
    official: re.Pattern[str]
    area: re.Pattern[str]


# Sections of `names.toml` whose words are fields of `NameRules`.
_NAME_PARTS = ("regions", "offices", "levels", "township", "area", "corps", "unique", "confusable")


@dataclass(frozen=True, slots=True)
class NameRules:
    """How names are built; see `schemas/agencies/names.toml` for the meaning of each part."""

    markers: dict[str, str]
    spellings: tuple[tuple[str, re.Pattern[str], str], ...]
    since: tuple[tuple[int, re.Pattern[str], str], ...]
    marker_endings: dict[str, tuple[str, ...]]
    provincial: re.Pattern[str]
    prefectural: re.Pattern[str]
    of_city: re.Pattern[str]
    autonomous: re.Pattern[str]
    autonomous_province: re.Pattern[str]
    region_ending: re.Pattern[str]
    unknown_county: re.Pattern[str]
    region_words: frozenset[str]
    before_region: frozenset[str]
    behind_level: frozenset[str]
    general_offices: frozenset[str]
    leading_group: re.Pattern[str]
    commission: str
    commission_endings: tuple[str, ...]
    township: re.Pattern[str]
    township_offices: dict[str, str]
    peoples: re.Pattern[str]
    area: re.Pattern[str]
    area_committee: str
    area_joint: re.Pattern[str]
    area_second: re.Pattern[str]
    area_second_endings: tuple[str, ...]
    area_short_forms: dict[str, str]
    area_same: dict[str, str]
    corps: re.Pattern[str]
    corps_name: str
    corps_regiment: re.Pattern[str]
    unique: re.Pattern[str]
    vertical: tuple[VerticalPrefix, ...]
    official_forms: dict[str, str]
    endings: tuple[tuple[re.Pattern[str], AgencyType], ...]
    sectors: tuple[tuple[re.Pattern[str], str], ...]
    confusable: frozenset[frozenset[str]]
    shortest_similar: int


@cache
def load_units() -> dict[str, Unit]:
    """Return the units that regions have, by their official name and by every alias.

    Raises:
        SchemaDataError: A name or alias stands for two units, or a type is unknown.
    """
    return _by_name("units.csv", "unit_name")


@cache
def load_successions() -> dict[str, tuple[Succession, ...]]:
    """Return the units that a reform dissolved, each with those that took over, by its official name.

    Raises:
        SchemaDataError: A name is no unit of `units.csv`.
    """
    found: dict[str, tuple[Succession, ...]] = {}
    text = (files("schemas") / "agencies" / "successions.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        for name in (row["unit_name"], row["successor_name"]):
            if name not in load_units() or load_units()[name].name != name:
                raise SchemaDataError(f"successions.csv: {name} is the official name of no unit of units.csv")
        succession = Succession(row["successor_name"], int(row["from_year"]))
        found[row["unit_name"]] = (*found.get(row["unit_name"], ()), succession)
    return found


@cache
def load_national() -> dict[str, Unit]:
    """Return the bodies of which the whole country has one, by name and alias.

    Raises:
        SchemaDataError: A name or alias stands for two bodies, or a type is unknown.
    """
    return _by_name("national.csv", "agency_name")


@cache
def load_wordings() -> Wordings:
    """Return the words of titles, headings, labels and hijacked mirrors.

    Raises:
        SchemaDataError: A word is lacking, one too many or of another type, or a pattern is none.
    """
    data = read_data("agencies/wordings.toml")
    del data["site"]
    labels = {name: frozenset(label.lower() for label in labels) for name, labels in data.pop("labels").items()}
    sections = tuple((entry["code"], entry["pattern"]) for entry in data.pop("sections"))
    hijacked = data.pop("hijacked")
    marks = {
        "hijacked": "|".join(f"(?:{pattern})" for pattern in hijacked.pop("patterns")),
        "traditional": frozenset(hijacked.pop("traditional")),
    }
    entry = {**data.pop("narrative"), **data, **hijacked, **marks, "labels": labels, "sections": sections}
    return make_entry(Wordings, entry, "agencies/wordings.toml")


@cache
def load_site_words() -> SiteWords:
    """Return how a government's site tells of itself.

    Raises:
        SchemaDataError: See `load_wordings`.
    """
    data = read_data("agencies/wordings.toml")["site"]
    provinces = {sign: code for code, signs in data["provinces"].items() for sign in signs}
    return make_entry(SiteWords, {**data, "provinces": provinces}, "agencies/wordings.toml [site]")


@cache
def load_evidence_weights(subject: EvidenceSubject) -> dict[EvidenceSource, int]:
    """Return how much is believed of each sort of evidence on agency or year, the heaviest first.

    >>> weights = load_evidence_weights(EvidenceSubject.AGENCY)
    >>> weights[EvidenceSource.TITLE] > weights[EvidenceSource.SIGNATURE] > weights[EvidenceSource.METADATA]
    True
    """
    stated = read_data("agencies/evidence.toml")[subject]
    weights = {EvidenceSource(name): int(weight) for name, weight in stated.items()}
    return dict(sorted(weights.items(), key=lambda pair: -pair[1]))


@cache
def load_name_rules() -> NameRules:
    """Return how names are built: endings, short forms, prefixes and confusable characters.

    Raises:
        SchemaDataError: See `load_wordings`.
    """
    data = read_data("agencies/names.toml")
    entry = {name: value for part in _NAME_PARTS for name, value in data.pop(part).items()} | data
    entry["spellings"] = tuple(
        (word, re.compile(pattern), written)
        for word, patterns in data["spellings"].items()
        for pattern, written in patterns.items()
    )
    entry["since"] = tuple((one["year"], re.compile(one["pattern"]), one["written"]) for one in data["since"])
    entry["marker_endings"] = {level: tuple(endings) for level, endings in data["marker_endings"].items()}
    entry["before_region"], entry["behind_level"] = map(frozenset, (entry["before_region"], entry["behind_level"]))
    entry["vertical"] = tuple(_vertical_prefix(one) for one in data["vertical"])
    entry["endings"] = tuple((re.compile(one["pattern"]), AgencyType(one["agency_type"])) for one in data["endings"])
    entry["sectors"] = tuple((re.compile(one["pattern"]), one["sector"]) for one in data["sectors"])
    entry["confusable"] = frozenset(frozenset(pair) for pair in entry["confusable"])
    return make_entry(NameRules, entry, "agencies/names.toml")


def _by_name(source: str, name_column: str) -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    for unit in _units(source, name_column):
        for spelling in (unit.name, *unit.aliases):
            if spelling in found:
                raise SchemaDataError(f"{source}: {spelling} stands for {found[spelling].name} and for {unit.name}")
            found[spelling] = unit
    return found


def _units(source: str, name_column: str) -> Iterator[Unit]:
    text = (files("schemas") / "agencies" / source).read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        aliases = tuple(alias for alias in row["aliases"].split("|") if alias)
        yield Unit(row[name_column], AgencyType(row["agency_type"]), row["sector"], aliases, row.get("place_code", ""))


def _vertical_prefix(entry: dict[str, str]) -> VerticalPrefix:
    region_form = "{" + entry.get("named_by", "region") + "}"
    return VerticalPrefix(
        entry["prefix"], entry["sector"], region_form, AgencyType(entry.get("agency_type", AgencyType.VERTICAL))
    )
