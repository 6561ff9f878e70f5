"""What was made of each piece of evidence on agency and year, one row a piece: the frame `resolutions`."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from pipelines.normalize.identity.agency import Resolution, full_agency_name, identity_key
from pipelines.normalize.identity.agency_name import NameOption, read_name
from pipelines.normalize.identity.branch import BRANCH, under_its_bureau
from pipelines.normalize.identity.clue import Clue
from pipelines.normalize.identity.domain import is_of_another_prefecture, places_of_domain, places_spelled
from pipelines.normalize.identity.region import keep_year, lies_within, region_title, regions_named_in
from pipelines.normalize.identity.site import is_of_site, places_of_site
from pipelines.normalize.identity.year import YearChoice
from schemas.agency import AgencyType
from schemas.region import Region, region_in_year, region_under_code
from schemas.vocabulary import EvidenceBearing, EvidenceSource, EvidenceSubject, ResolutionOutcome

Row = tuple[object, ...]
"""source, weight, raw_text, reads_as, bearing; once numbered, file_id, subject, evidence_number and outcome before."""

_CANDIDATES_KEPT = 12
_TEXT_KEPT = 200
_OUTCOMES = {
    "ambiguous_agency": ResolutionOutcome.AMBIGUOUS,
    "unknown_region": ResolutionOutcome.UNKNOWN_REGION,
    "no_agency": ResolutionOutcome.NONE,
}
# Shown though they say nothing: who looks for the agency of a report looks there first.
_ALWAYS_SHOWN = (
    *(EvidenceSource.TITLE, EvidenceSource.METADATA, EvidenceSource.FILE_NAME),
    *(EvidenceSource.SITE_CODE, EvidenceSource.SITE_DOMAIN),
)


def outcome_of(resolution: Resolution) -> ResolutionOutcome:
    """Return how the search for an agency ended."""
    if resolution.source == EvidenceSource.REVIEW:
        return ResolutionOutcome.REVIEWED
    return _OUTCOMES.get(resolution.reason_code or "", ResolutionOutcome.RESOLVED)


def agency_rows(
    clues: Iterable[Clue], resolution: Resolution, year: int | None, outcome: ResolutionOutcome
) -> Iterator[Row]:
    """Yield the evidence on the agency, the heaviest first, then the candidates between which nothing decides.

    Args:
        clues: In the order in which they are believed.
        resolution: What they, or a reviewer, led to.
        year: Report year, for the map.
        outcome: How it ended; that of a hijacked mirror cannot be told from the resolution.
    """
    if resolution.source == EvidenceSource.REVIEW:
        yield _row(EvidenceSource.REVIEW, None, resolution.evidence, resolution.agency_name, EvidenceBearing.DECIDES)
    has_decided = resolution.source in (None, EvidenceSource.REVIEW)
    same = (resolution.signed_name, resolution.agency_name) if outcome == ResolutionOutcome.RESOLVED else ()
    place = _place_of(resolution, year)
    for clue in dict.fromkeys(clues):
        if has_decided and clue.names_agency and clue.text in same:  # most documents repeat one name
            yield _row(clue.source, clue.weight, clue.text, resolution.agency_name, EvidenceBearing.AGREES)
            continue
        options = read_name(clue.text, accept_unknown=clue.source == EvidenceSource.TITLE) if clue.names_agency else ()
        if not has_decided and clue.source == resolution.source and clue.text == resolution.signed_name:
            has_decided = True
            is_found = outcome in (ResolutionOutcome.RESOLVED, ResolutionOutcome.UNKNOWN_REGION)
            reading = resolution.agency_name if is_found else None
            yield _row(clue.source, clue.weight, clue.text, reading, EvidenceBearing.DECIDES)
            continue
        options = tuple(
            _under_bureau(option, year) if option.unit.key.endswith(BRANCH) else option for option in options
        )
        bearing = _bearing(clue, options, resolution, place)
        if bearing != EvidenceBearing.SILENT or (clue.text and clue.source in _ALWAYS_SHOWN):
            spells_it = clue.source == EvidenceSource.SITE_DOMAIN and bearing == EvidenceBearing.AGREES
            reading = region_title(place) if spells_it and place is not None else _reading(clue, options, year)
            yield _row(clue.source, clue.weight, clue.text, reading, bearing)
    for region in resolution.candidates[:_CANDIDATES_KEPT]:
        yield _row(EvidenceSource.MAP, None, region_title(region), region_title(region), EvidenceBearing.CANDIDATE)


def year_rows(choice: YearChoice) -> Iterator[Row]:
    """Yield the evidence on the year, the heaviest first; the first that names the chosen year decides."""
    has_decided = False
    for clue in choice.clues:
        bearing = EvidenceBearing.AGREES if clue.year == choice.year else EvidenceBearing.CONFLICTS
        if choice.year is None:
            bearing = EvidenceBearing.SILENT
        elif bearing == EvidenceBearing.AGREES and not has_decided:
            bearing, has_decided = EvidenceBearing.DECIDES, True
        yield _row(clue.source, clue.weight, clue.text, str(clue.year), bearing)


def number_rows(
    file_id: int, subject: EvidenceSubject, outcome: ResolutionOutcome, rows: Iterable[Row]
) -> Iterator[Row]:
    """Yield rows with their file, subject and number in it."""
    for number, row in enumerate(rows, start=1):
        yield (file_id, subject, number, outcome, *row)


def _row(source: EvidenceSource, weight: int | None, text: str, reading: str | None, bearing: EvidenceBearing) -> Row:
    return (source, weight, text[:_TEXT_KEPT], reading, bearing)


def _bearing(
    clue: Clue, options: tuple[NameOption, ...], resolution: Resolution, place: Region | None
) -> EvidenceBearing:
    """Return what a clue says of an agency that was found; of none that was not, it says nothing."""
    if resolution.agency_name is None or not _is_found(resolution):
        return EvidenceBearing.SILENT
    if clue.source == EvidenceSource.SITE_DOMAIN and place is not None:
        if places_of_domain(clue.text, frozenset((place,))):
            return EvidenceBearing.AGREES
        return EvidenceBearing.CONFLICTS if is_of_another_prefecture(clue.text, place) else EvidenceBearing.SILENT
    named = _places_of(clue, options)
    if place is not None and named and not any(lies_within(p, place) or lies_within(place, p) for p in named):
        return EvidenceBearing.CONFLICTS
    if not options:
        return EvidenceBearing.AGREES if place is not None and named else EvidenceBearing.SILENT
    keys, own = {identity_key(option) for option in options}, _keys_of(resolution.agency_name)
    if keys & own:
        return EvidenceBearing.AGREES
    if {_bureau_of(key) for key in keys if _is_branch(key)} & {_bureau_of(key) for key in own if _is_branch(key)}:
        return EvidenceBearing.CONFLICTS  # another branch of the same bureau
    known = [option for option in options if option.unit.agency_type != AgencyType.UNKNOWN]
    return EvidenceBearing.OTHER_UNIT if known else EvidenceBearing.SILENT


def _under_bureau(option: NameOption, year: int | None) -> NameOption:
    """Return a county's branch as that of its city's bureau, as the agency is called."""
    codes = {place.place_code for place in keep_year(option.places, year)}
    if len(codes) != 1:
        return option
    branch, city = under_its_bureau(option, region_in_year(codes.pop(), year))
    return option if branch is option else replace(branch, places=frozenset((city,)))


def _is_branch(key: str) -> bool:
    return key.endswith(BRANCH) and "局" in key.removesuffix(BRANCH)[1:]


def _bureau_of(key: str) -> str:
    return key.partition("局")[0]


def _is_found(resolution: Resolution) -> bool:
    return resolution.agency_name is not None and resolution.agency_id is not None and not resolution.candidates


def _place_of(resolution: Resolution, year: int | None) -> Region | None:
    if resolution.region_code is None or not _is_found(resolution):
        return None
    return region_under_code(resolution.region_code, year)


def _places_of(clue: Clue, options: tuple[NameOption, ...]) -> frozenset[Region]:
    if options:
        return frozenset(place for option in options for place in option.places)
    return _regions_of(clue)


def _titles(regions: Iterable[Region]) -> str | None:
    return " | ".join(sorted(region_title(region) for region in regions)) or None


def _regions_of(clue: Clue) -> frozenset[Region]:
    if clue.source == EvidenceSource.SITE_DOMAIN:
        return places_spelled(clue.text)
    return places_of_site(clue) if is_of_site(clue) else regions_named_in(clue.text)


@lru_cache(maxsize=65_536)
def _keys_of(agency_name: str) -> frozenset[str]:
    return frozenset(identity_key(option) for option in read_name(agency_name, accept_unknown=True))


def _reading(clue: Clue, options: tuple[NameOption, ...], year: int | None) -> str | None:
    """Return what a clue reads as: an agency in full, a unit in one of so many places, or the regions that it names."""
    if not options:
        return _titles(_regions_of(clue))
    option = options[0]
    codes = sorted({place.place_code for other in options for place in keep_year(other.places, year)})
    if len(codes) == 1 and len(options) == 1:
        return option.unit.form if option.is_national else full_agency_name(option, region_in_year(codes[0]))
    return option.unit.key + (f" in one of {len(codes)} places" if codes else "")
