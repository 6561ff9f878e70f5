"""Who reports for which year: one row a document, and findings where that is in doubt."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import NamedTuple

import polars as pl

from pipelines.normalize.folding import fold_characters
from pipelines.normalize.identity.agency import NOBODY, Resolution, resolve_agency
from pipelines.normalize.identity.agency_review import Reviews, apply_reviews, load_reviews
from pipelines.normalize.identity.clue import Clue
from pipelines.normalize.identity.kind import find_kind
from pipelines.normalize.identity.kind_names import is_placeholder
from pipelines.normalize.identity.resolution_rows import Row, agency_rows, number_rows, outcome_of, year_rows
from pipelines.normalize.identity.subject import find_subjects, with_shared_word, without_inner_office
from pipelines.normalize.identity.title import name_in_path, part_of_year, strip_sentence, without_days, years_in_text
from pipelines.normalize.identity.title_evidence import DocumentEvidence, body_texts, collect_evidence
from pipelines.normalize.identity.title_lines import ReportTitle, read_titles, unread_title
from pipelines.normalize.identity.year_doubt import undecided_year
from pipelines.normalize.identity.year_evidence import YearChoice, YearClue, choose_year, year_of_date
from pipelines.normalize.identity.year_sentences import introduced_year, told_year
from pipelines.settings import get_today
from schemas.agency import load_wordings
from schemas.table import load_reasons, table
from schemas.vocabulary import EvidenceBearing, EvidenceSource, EvidenceSubject, ResolutionOutcome, Stage

_FIRST_YEAR = 2008
_BODY_LENGTH = 20_000
_SCRIPT_SAMPLE = 1_200
_RAW_TEXT_LENGTH = 500
_LONGEST_SIGNATURE = 40
_SENTENCE_MARK = re.compile(r"[。，；：？！,;:?!]|^[一二三四五六七八九十]是")
_JOINT = re.compile(r"[、和与及]")
_WHOLE_NAME = re.compile(r".{2,30}(?:局|委|委员会|办公室|办|中心|政府|院|处|厅|队|站|所|公司)")
_OURSELVES = re.compile(r"^(?:我|本|该|各|此|全[省市区])")


class Identified(NamedTuple):
    """Who reports for which year.

    Attributes:
        reports: Frame `reports`, one row a file, its form_code null.
        findings: Frame `findings`: what is in doubt.
        resolutions: Frame `resolutions`: what was made of each piece of evidence.
    """

    reports: pl.DataFrame
    findings: pl.DataFrame
    resolutions: pl.DataFrame


def identify_reports(files: pl.DataFrame, blocks: pl.DataFrame, reviews: Reviews | None = None) -> Identified:
    """Return who reports for which year, what is in doubt, and what it was told by.

    No row depends on another: an agency's identifier is the same whatever else is in the batch and in whatever order.

    Args:
        files: Frame `files`.
        blocks: Frame `blocks`.
        reviews: A reviewer's decisions, which win; those of the project where None.
    """
    decisions = load_reviews() if reviews is None else reviews
    documents = collect_evidence(files, blocks)
    bodies = _Bodies(blocks, [document.file_id for document in documents])
    rows: list[dict[str, object]] = []
    findings: list[dict[str, object]] = []
    told: list[Row] = []
    for document in documents:
        row, found, evidence = _identify(document, bodies, decisions)
        rows.append(row)
        findings.extend(found)
        told.extend(evidence)
    reports = pl.DataFrame(rows, schema_overrides=_overrides("reports"), infer_schema_length=None)
    doubts = pl.DataFrame(findings, schema_overrides=_overrides("findings"), infer_schema_length=None)
    resolutions = pl.DataFrame(told, schema=table("resolutions").polars_schema, orient="row")
    return Identified(table("reports").conform(reports), table("findings").conform(doubts), resolutions)


class _Bodies:
    """The texts of the documents, joined for all of them when the first is asked for."""

    def __init__(self, blocks: pl.DataFrame, file_ids: Sequence[int]) -> None:
        self._blocks = blocks
        self._file_ids = file_ids
        self._texts: dict[int, str] | None = None

    def of(self, file_id: int) -> str:
        if self._texts is None:
            self._texts = body_texts(self._blocks, self._file_ids, _BODY_LENGTH)
        return self._texts.get(file_id, "")


def _identify(
    document: DocumentEvidence, bodies: _Bodies, reviews: Reviews
) -> tuple[dict[str, object], list[dict[str, object]], list[Row]]:
    """Return a document's row of `reports`, its findings and its rows of `resolutions`."""
    titles = read_titles(document)
    printed = titles[0].printed if titles else unread_title(document)
    years = _choose_year(document, titles)
    year = years.year
    mirror = _mirror_trace(document, titles)
    clues = list(_clues(document, titles))
    resolution = NOBODY
    if mirror is None:
        resolution = resolve_agency(clues, year, _reader(bodies, document.file_id), document.path)
        resolution = apply_reviews(reviews, resolution, document.path, year)
        mirror = _site_name_trace(resolution)
    if mirror is not None:
        resolution = NOBODY
    outcome = outcome_of(resolution) if mirror is None else ResolutionOutcome.HIJACKED
    row: dict[str, object] = {
        "file_id": document.file_id,
        "title": printed,
        "signed_name": resolution.signed_name,
        "agency_name": resolution.agency_name,
        "agency_id": resolution.agency_id,
        "agency_evidence": mirror or resolution.evidence,
        "agency_type": resolution.agency_type,
        "sector": resolution.sector,
        "admin_level": resolution.admin_level,
        "region_code": resolution.region_code,
        "year": year,
        "published_date": document.published_date,
        "url": document.url,
    }
    found = [*_agency_findings(resolution, mirror, printed), *_year_findings(years, printed)]
    undecided = undecided_year(document, titles, years, _reader(bodies, document.file_id))
    if undecided is not None:
        message = f"{undecided}, and neither narrative nor signature confirms a year: put it right in the document"
        found.append(_finding("undecided_year", printed, message))
    found += _periodic_findings(document, printed)
    found += _kind_findings(document, titles, resolution)
    found += _joint_findings(titles, resolution)
    evidence = [
        *number_rows(document.file_id, EvidenceSubject.AGENCY, outcome, agency_rows(clues, resolution, year, outcome)),
        *number_rows(document.file_id, EvidenceSubject.YEAR, _year_outcome(years), year_rows(years)),
    ]
    found += _elsewhere_findings(evidence, resolution)
    return row, [{"file_id": document.file_id, **finding} for finding in found], evidence


def _year_outcome(years: YearChoice) -> ResolutionOutcome:
    return ResolutionOutcome.NONE if years.year is None else ResolutionOutcome.RESOLVED


def _reader(bodies: _Bodies, file_id: int) -> Callable[[], str]:
    return lambda: bodies.of(file_id)


def _choose_year(document: DocumentEvidence, titles: list[ReportTitle]) -> YearChoice:
    """Return the report year; that of the sentences is asked where only a date names one, or where no title decides."""
    clues = list(_year_clues(document, titles))
    chosen = choose_year(clues)
    is_titled = any(clue.source == EvidenceSource.TITLE for clue in clues)
    is_open = chosen.year is None or (chosen.is_disputed and not is_titled)
    told = told_year(document.head) if is_open else None
    return chosen if told is None else choose_year([*clues, YearClue(EvidenceSource.SUBJECT, told[1], told[0])])


def _year_clues(document: DocumentEvidence, titles: list[ReportTitle]) -> Iterator[YearClue]:
    """Yield every year that is named, one a source."""
    titled = next((title for title in titles if title.reading.years), None)
    if titled is not None:
        yield YearClue(EvidenceSource.TITLE, titled.printed, titled.reading.years[-1])
    if document.period_year is not None:
        yield YearClue(EvidenceSource.PERIOD, document.period_text, document.period_year)
    introduced = introduced_year(document.head)
    if introduced is not None:
        yield YearClue(EvidenceSource.OPENING, introduced[1], introduced[0])
    told = ((value, years_in_text(value)) for _, value in document.labelled("period"))
    yield from islice((YearClue(EvidenceSource.METADATA, value, years[0]) for value, years in told if years), 1)
    if document.folder_year is not None:
        yield YearClue(EvidenceSource.FOLDER, document.path.split("/")[0], document.folder_year)
    elif in_path := years_in_text(without_days(_stem(document.path))):
        yield YearClue(EvidenceSource.FOLDER, document.path, in_path[-1])
    signed = document.signed_date
    year = year_of_date(signed[1]) if signed is not None else None
    if signed is not None and year is not None:
        yield YearClue(EvidenceSource.SIGNED_DATE, signed[0], year)


def _clues(document: DocumentEvidence, titles: list[ReportTitle]) -> Iterator[Clue]:
    """Yield what names the agency or its region, in the order in which it is believed.

    The site's own source line and name (来源, the part of a title behind a dash) are not the agency: they tell a region
    only.
    """
    yield from (Clue(EvidenceSource.TITLE, title.reading.name) for title in titles if title.reading.name)
    yield from (Clue(EvidenceSource.LINE_BEFORE_TITLE, line) for line in _lines_before_title(document.head, titles))
    yield from (Clue(EvidenceSource.SIGNATURE, line) for line in reversed(document.tail) if _is_signature(line))
    words = load_wordings()
    sentences = [fold_characters(line) for line in document.head if words.told_by.search(line)]
    yield from (
        Clue(EvidenceSource.OPENING, without_inner_office(name)) for name in _names_in(sentences, words.opening)
    )
    yield Clue(EvidenceSource.FILE_NAME, name_in_path(_stem(document.path)))
    yield from (Clue(EvidenceSource.SITE, title.reading.site) for title in titles if title.reading.site)
    yield from (Clue(EvidenceSource.METADATA, value) for _, value in document.labelled("agency"))
    if not any(title.reading.name for title in titles):  # a title that names nobody, or none
        yield from (Clue(EvidenceSource.SUBJECT, name) for name in find_subjects(document.head))
    folders = document.path.split("/")[:-1]
    yield from (Clue(EvidenceSource.FOLDER, folder) for folder in reversed(folders))
    yield from (Clue(EvidenceSource.SOURCE, value) for _, value in document.labelled("context"))
    yield from (Clue(EvidenceSource.CONTACT, name) for name in _names_in(sentences, words.contact))


def _names_in(sentences: list[str], patterns: tuple[re.Pattern[str], ...]) -> Iterator[str]:
    """Yield what the sentences call the agency; 我局 and 本机关 are no names."""
    for sentence in sentences:
        for pattern in patterns:
            for match in pattern.finditer(sentence):
                name = strip_sentence(with_shared_word(match["name"], sentence[match.end("name") :]))
                if name and not _OURSELVES.match(name):
                    yield name


def _lines_before_title(head: list[str], titles: list[ReportTitle]) -> list[str]:
    printed = {title.printed for title in titles if not title.reading.name}
    return [before for before, line in pairwise(head) if line.strip() in printed and _is_signature(before)]


def _is_signature(line: str) -> bool:
    return 2 < len(line.strip()) <= _LONGEST_SIGNATURE and _SENTENCE_MARK.search(line) is None


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0] or path


def _mirror_trace(document: DocumentEvidence, titles: list[ReportTitle]) -> str | None:
    """Return what shows that a document is a hijacked or machine-converted copy, or None where nothing does."""
    words = load_wordings()
    names = [text for _, text in document.titles] + [title.printed for title in titles]
    if document.hijacked is not None:
        return f"hijacked mirror: {document.hijacked[:80]}"
    if not document.has_traditional:
        return None
    in_title = set("".join(names[:4])) & words.traditional
    if len(in_title) >= words.traditional_in_title:
        return f"traditional script in the title: {''.join(sorted(in_title))}"
    in_text = set("".join(document.head)[:_SCRIPT_SAMPLE]) & words.traditional
    if len(in_text) >= words.traditional_in_text:
        return f"traditional script in the text: {''.join(sorted(in_text))}"
    return None


def _site_name_trace(resolution: Resolution) -> str | None:
    """Return what shows that a site's name stands where an agency's region should, or None where nothing does."""
    name = resolution.signed_name
    if name is None or resolution.reason_code is None or resolution.region_code is not None:
        return None
    match = load_wordings().site_name.search(name)
    return None if match is None else f"a site's name in place of the agency's region: {name[:80]}"


def _agency_findings(resolution: Resolution, mirror: str | None, printed: str | None) -> list[dict[str, object]]:
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


def _year_findings(years: YearChoice, printed: str | None) -> list[dict[str, object]]:
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
    if not _FIRST_YEAR <= year <= get_today().year:
        found.append(
            _finding(
                "year_out_of_range", printed, f"report year {year} ({told}) is before {_FIRST_YEAR} or in the future"
            )
        )
    return found


def _elsewhere_findings(evidence: Iterable[Row], resolution: Resolution) -> list[dict[str, object]]:
    """Return a finding where the report is signed or introduced by a body of another place than its agency."""
    for _, subject, _, _, source, _, text, reading, bearing in evidence:
        is_asked = subject == EvidenceSubject.AGENCY and source in (EvidenceSource.SIGNATURE, EvidenceSource.OPENING)
        if is_asked and bearing == EvidenceBearing.CONFLICTS and reading != resolution.agency_name:
            message = (
                f"{resolution.agency_name} was taken, and the {source} names {reading}: see whose figures they are"
            )
            return [_finding("agency_conflict", str(text), message)]
    return []


def _joint_findings(titles: list[ReportTitle], resolution: Resolution) -> list[dict[str, object]]:
    """Return a finding where a report names several agencies: its figures are of all, and it stands under one."""
    name = next((title.reading.name for title in titles if title.reading.name), "")
    parts = _JOINT.split(name)
    if len(parts) < 2 or resolution.agency_name is None or not all(_WHOLE_NAME.fullmatch(part) for part in parts):
        return []
    message = f"the title names several agencies ({name}); the report stands under {resolution.agency_name} alone"
    return [_finding("joint_report", name, message)]


def _kind_findings(
    document: DocumentEvidence, titles: list[ReportTitle], resolution: Resolution
) -> list[dict[str, object]]:
    """Return a finding where a document is no report of one agency and year; a person's decision makes it one."""
    if resolution.source == EvidenceSource.REVIEW:
        return []
    if resolution.signed_name is not None and is_placeholder(resolution.signed_name):
        message = f"a sample, or a report that leaves its agency's name out ({resolution.signed_name})"
        return [_finding("other_document", resolution.signed_name, message)]
    clue = find_kind(document, titles)
    if clue is None:
        return []
    if clue.refuses:
        message = f"the document calls itself {clue.told} ({clue.printed[:80]}); only reports are loaded"
        return [_finding("other_document", clue.printed, message)]
    message = f"one of the document's names makes it {clue.told} ({clue.printed[:80]}): look whether it is the report"
    return [_finding("doubtful_document", clue.printed, message)]


def _periodic_findings(document: DocumentEvidence, printed: str | None) -> list[dict[str, object]]:
    part = part_of_year(printed) if printed is not None else None
    told = part or document.part_of_year
    if told is None:
        return []
    message = f"the report is on a part of the year ({told}); only those on a whole year are loaded"
    return [_finding("periodic_report", printed, message)]


def _finding(reason_code: str, raw_text: str | None, message: str) -> dict[str, object]:
    return {
        "stage": Stage.NORMALIZE.value,
        "reason_code": reason_code,
        "severity": load_reasons()[reason_code]["severity"],
        "raw_text": None if raw_text is None else raw_text[:_RAW_TEXT_LENGTH],
        "message": message,
    }


def _overrides(name: str) -> dict[str, pl.DataType]:
    columns = {
        "reports": "file_id title signed_name agency_name agency_id agency_evidence agency_type sector admin_level "
        "region_code year published_date url",
        "findings": "file_id stage reason_code severity raw_text message",
    }[name]
    schema = table(name).polars_schema
    return {column: schema[column] for column in columns.split()}
