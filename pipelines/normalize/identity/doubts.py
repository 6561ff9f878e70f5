"""What is in doubt about who reports for which year, worded as findings."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipelines.normalize.identity.agency import Resolution
from pipelines.normalize.identity.evidence import DocumentEvidence
from pipelines.normalize.identity.joint_name import first_of_several
from pipelines.normalize.identity.kind import find_kind
from pipelines.normalize.identity.kind_names import is_placeholder
from pipelines.normalize.identity.resolution_rows import Row
from pipelines.normalize.identity.site import is_of_prefecture
from pipelines.normalize.identity.title import part_of_year
from pipelines.normalize.identity.title_lines import ReportTitle
from pipelines.normalize.identity.year import YearChoice
from pipelines.settings import get_today
from schemas.agency import AgencyType
from schemas.table import RAW_TEXT_LENGTH, load_reasons
from schemas.vocabulary import FIRST_YEAR, EvidenceBearing, EvidenceSource, EvidenceSubject, Stage

_JOINT = re.compile(r"[、和与及]")
_OPEN = ("no_agency", "ambiguous_agency")
_WHOLE_NAME = re.compile(r".{2,30}(?:局|委|委员会|办公室|办|中心|政府|院|处|厅|队|站|所|公司)")

_HOST = re.compile(r"https?://(?![\d.:]+(?:/|$))([^/:@?#\s]+)", re.IGNORECASE)
_OFFICIAL_HOSTS = (".gov.cn", ".mil.cn", ".edu.cn")
_OF_GOVERNMENT = frozenset(
    (AgencyType.GOVERNMENT, AgencyType.GOVERNMENT_OFFICE, AgencyType.DEPARTMENT, AgencyType.TOWNSHIP)
)

Finding = dict[str, object]


@dataclass(frozen=True, slots=True)
class DocumentIdentity:
    """What a document's evidence comes to.

    Attributes:
        document: The evidence.
        titles: Those of its titles that read as a report's.
        printed_title: The title that is shown.
        years: The year, and every piece of evidence for one.
        undecided: What contradicts that year where nothing confirms it.
        resolution: The agency.
        mirror: What shows that the page is a hijacked or converted copy, whose agency nobody knows.
        told: Rows of frame `resolutions`.
    """

    document: DocumentEvidence
    titles: list[ReportTitle]
    printed_title: str | None
    years: YearChoice
    undecided: str | None
    resolution: Resolution
    mirror: str | None
    told: list[Row]


def find_doubts(found: DocumentIdentity) -> Iterator[Finding]:
    """Yield a row of frame `findings`, without its file, for whatever is in doubt about who and when."""
    printed = found.printed_title
    yield from _agency_findings(found.resolution, found.mirror, printed)
    yield from _year_findings(found.years, printed)
    if found.undecided is not None:
        advice = "neither narrative nor signature confirms a year: put it right in the document"
        yield _finding("undecided_year", printed, f"{found.undecided}, and {advice}")
    yield from _periodic_findings(found.document, printed)
    yield from _kind_findings(found)
    yield from _joint_findings(found.titles, found.resolution)
    yield from _elsewhere_findings(found.told, found.resolution)
    yield from _foreign_site_findings(found.told, found.resolution)
    yield from _copy_findings(found.document.address, found.resolution)


def _agency_findings(resolution: Resolution, mirror: str | None, printed: str | None) -> list[Finding]:
    if mirror is not None:
        message = f"{mirror}; the agency is not taken from such a page: find the report at its own site"
        return [_finding("hijacked_mirror", printed, message)]
    if resolution.reason_code is None:
        return []
    advice = _ADVICE[resolution.reason_code]
    return [_finding(resolution.reason_code, resolution.signed_name or printed, f"{resolution.evidence}; {advice}")]


_ADVICE = {
    "no_agency": "neither title, signature, file name nor metadata names one: add a row to data/reviews/agencies.csv",
    "ambiguous_agency": "decide in data/reviews/agencies.csv which it is",
    "agency_from_context": "check it, and confirm or correct it in data/reviews/agencies.csv",
    "unknown_region": "correct a misprint in data/reviews/agencies.csv, or add the region to schemas/regions",
    "unknown_agency_type": "add the unit to schemas/agencies/units.csv",
}


def _year_findings(years: YearChoice, printed: str | None) -> list[Finding]:
    year, told = years.year, years.told
    if year is None:
        hint = f" ({told} is no proof: put the file into its year's folder)" if told else ""
        message = f"neither title, stated period, metadata nor folder names the report year{hint}"
        return [_finding("no_year", printed, message)]
    found = []
    if years.is_from_context:
        message = f"only the sentences name the report year ({told}); check it, or put the file into its year's folder"
        found.append(_finding("year_from_context", printed, message))
    if years.is_disputed:
        found.append(
            _finding("year_conflict", printed, f"the evidence names different years ({told}); {year} was taken")
        )
    if not FIRST_YEAR <= year <= get_today().year:
        found.append(
            _finding(
                "year_out_of_range", printed, f"report year {year} ({told}) is before {FIRST_YEAR} or in the future"
            )
        )
    return found


def _elsewhere_findings(evidence: Iterable[Row], resolution: Resolution) -> list[Finding]:
    """Return a finding where the report is signed or introduced by a body of another place than its agency."""
    for _, subject, _, _, source, _, text, reading, bearing in evidence:
        if (
            _tells_agency(subject, source)
            and bearing == EvidenceBearing.CONFLICTS
            and reading != resolution.agency_name
        ):
            message = (
                f"{resolution.agency_name} was taken, and the {source} names {reading}: see whose figures they are"
            )
            return [_finding("agency_conflict", str(text), message)]
    return []


def _foreign_site_findings(evidence: Iterable[Row], resolution: Resolution) -> Iterator[Finding]:
    """Yield a finding where the page stands on the site of another prefecture: pages are mirrored.

    Within a prefecture they are shared: an area's site has the code of one of its counties, and its streets lie in
    others. And where the state's own offices publish, their regions do not tell.
    """
    if resolution.agency_type in (AgencyType.CENTRAL, AgencyType.VERTICAL):
        return
    for _, subject, _, _, source, _, text, reading, bearing in evidence:
        if (subject, bearing) != (EvidenceSubject.AGENCY, EvidenceBearing.CONFLICTS) or resolution.region_code is None:
            continue
        is_foreign = source == EvidenceSource.SITE_DOMAIN or (
            source == EvidenceSource.SITE_CODE and not is_of_prefecture(str(text), resolution.region_code)
        )
        if is_foreign:
            told = "domain" if source == EvidenceSource.SITE_DOMAIN else "code"
            message = f"{resolution.agency_name} was taken, and the site's {told} is of {reading}: see whose page it is"
            yield _finding("agency_conflict", str(text), message)


def _copy_findings(address: str | None, resolution: Resolution) -> Iterator[Finding]:
    """Yield a finding where a government's page was fetched from another's address: lapsed names are sold with copies.

    An address of digits alone is no name that could be sold, and bodies of the centre, schools and companies have
    names of their own.
    """
    name = _HOST.match(address) if address is not None else None
    if name is None or resolution.agency_type not in _OF_GOVERNMENT or name[1].lower().endswith(_OFFICIAL_HOSTS):
        return
    message = f"{resolution.agency_name} was taken, and {name[1]} is no government's address: it may hold a copy"
    yield _finding("foreign_site", name[1], f"{message}; compare it with the agency's own page")


def _joint_findings(titles: list[ReportTitle], resolution: Resolution) -> list[Finding]:
    """Return a finding where a report names several agencies: its figures are of all, and it stands under one."""
    name = next((title.reading.name for title in titles if title.reading.name), "")
    parts = _JOINT.split(name)
    is_joint = first_of_several(name) != name or (len(parts) > 1 and all(_WHOLE_NAME.fullmatch(part) for part in parts))
    if not is_joint or resolution.agency_name is None:
        return []
    message = f"the title names several agencies ({name}); the report stands under {resolution.agency_name} alone"
    return [_finding("joint_report", name, message)]


def _kind_findings(found: DocumentIdentity) -> list[Finding]:
    """Return a finding where a document is no report of one agency and year; a person's decision makes it one."""
    if found.resolution.source == EvidenceSource.REVIEW:
        return []
    nameless = _placeholder_of(found)
    if nameless is not None:
        message = f"a sample, or a report that leaves its agency's name out ({nameless})"
        return [_finding("other_document", nameless, message)]
    clue = find_kind(found.document, found.titles)
    if clue is None:
        return []
    if clue.refuses:
        message = f"the document calls itself {clue.told} ({clue.printed[:80]}); only reports are loaded"
        return [_finding("other_document", clue.printed, message)]
    message = f"one of the document's names makes it {clue.told} ({clue.printed[:80]}): look whether it is the report"
    return [_finding("doubtful_document", clue.printed, message)]


def _placeholder_of(found: DocumentIdentity) -> str | None:
    """Return the words in the agency's place that name nobody; a sentence's where nothing names it for certain."""
    resolution = found.resolution
    if resolution.signed_name is not None and is_placeholder(resolution.signed_name):
        return resolution.signed_name
    if resolution.reason_code not in _OPEN:
        return None
    told = (str(text) for _, subject, _, _, source, _, text, *_ in found.told if _tells_agency(subject, source))
    return next((text for text in told if is_placeholder(text)), None)


def _tells_agency(subject: object, source: object) -> bool:
    return subject == EvidenceSubject.AGENCY and source in (EvidenceSource.SIGNATURE, EvidenceSource.OPENING)


def _periodic_findings(document: DocumentEvidence, printed: str | None) -> list[Finding]:
    part = part_of_year(printed) if printed is not None else None
    told = part or document.part_of_year
    if told is None:
        return []
    message = f"the report is on a part of the year ({told}); only those on a whole year are loaded"
    return [_finding("periodic_report", printed, message)]


def _finding(reason_code: str, raw_text: str | None, message: str) -> Finding:
    return {
        "stage": Stage.NORMALIZE.value,
        "reason_code": reason_code,
        "severity": load_reasons()[reason_code]["severity"],
        "raw_text": None if raw_text is None else raw_text[:RAW_TEXT_LENGTH],
        "message": message,
    }
