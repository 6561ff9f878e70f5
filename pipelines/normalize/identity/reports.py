"""Who reports for which year: one row a document, and findings where that is in doubt."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import polars as pl

from pipelines.normalize.identity.agency import NOBODY, Resolution, resolve_agency
from pipelines.normalize.identity.agency_review import Reviews, apply_reviews, load_reviews
from pipelines.normalize.identity.document_clues import find_agency_clues, find_year_clues, without_disputed_signatures
from pipelines.normalize.identity.doubts import DocumentIdentity, find_doubts
from pipelines.normalize.identity.evidence import DocumentEvidence, body_texts, collect_evidence
from pipelines.normalize.identity.resolution_rows import agency_rows, number_rows, outcome_of, year_rows
from pipelines.normalize.identity.title_lines import ReportTitle, read_titles, unread_title
from pipelines.normalize.identity.year import YearChoice, YearClue, choose_year
from pipelines.normalize.identity.year_doubt import undecided_year
from pipelines.normalize.identity.year_sentences import told_year
from schemas.agency import load_wordings
from schemas.table import table
from schemas.vocabulary import EvidenceSource, EvidenceSubject, ResolutionOutcome

_BODY_LENGTH = 20_000
_SCRIPT_SAMPLE = 1_200


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


def identify_reports(
    files: pl.DataFrame, blocks: pl.DataFrame, reviews: Reviews | None = None, captures: pl.DataFrame | None = None
) -> Identified:
    """Return who reports for which year, what is in doubt, and what it was told by.

    No row depends on another: an agency's identifier is the same whatever else is in the batch and in whatever order.

    Args:
        files: Frame `files`.
        blocks: Frame `blocks`.
        reviews: A reviewer's decisions, which win; those of the project where None.
        captures: Frame `captures`: where the files were fetched.
    """
    decisions = load_reviews() if reviews is None else reviews
    documents = collect_evidence(files, blocks, captures)
    bodies = _Bodies(blocks, [document.file_id for document in documents])
    found = [_identify(document, bodies, decisions) for document in documents]
    rows = [_report_row(one) for one in found]
    doubts = [{"file_id": one.document.file_id, **doubt} for one in found for doubt in find_doubts(one)]
    told = [row for one in found for row in one.told]
    reports = pl.DataFrame(rows, schema_overrides=_overrides("reports"), infer_schema_length=None)
    findings = pl.DataFrame(doubts, schema_overrides=_overrides("findings"), infer_schema_length=None)
    resolutions = pl.DataFrame(told, schema=table("resolutions").polars_schema, orient="row")
    return Identified(table("reports").conform(reports), table("findings").conform(findings), resolutions)


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


def _identify(document: DocumentEvidence, bodies: _Bodies, reviews: Reviews) -> DocumentIdentity:
    """Return what a document's evidence comes to."""
    titles = read_titles(document)
    years = _choose_year(document, titles)
    year = years.year
    read_body = _reader(bodies, document.file_id)
    mirror = _mirror_trace(document, titles)
    clues = list(find_agency_clues(document, titles))
    resolution = NOBODY
    if mirror is None:
        resolution = resolve_agency(without_disputed_signatures(clues), year, read_body, document.path)
        resolution = apply_reviews(reviews, resolution, document.path, year)
        mirror = _site_name_trace(resolution)
    if mirror is not None:
        resolution = NOBODY
    outcome = outcome_of(resolution) if mirror is None else ResolutionOutcome.HIJACKED
    year_outcome = ResolutionOutcome.NONE if year is None else ResolutionOutcome.RESOLVED
    return DocumentIdentity(
        document=document,
        titles=titles,
        printed_title=titles[0].printed if titles else unread_title(document),
        years=years,
        undecided=undecided_year(document, titles, years, read_body),
        resolution=resolution,
        mirror=mirror,
        told=[
            *number_rows(
                document.file_id, EvidenceSubject.AGENCY, outcome, agency_rows(clues, resolution, year, outcome)
            ),
            *number_rows(document.file_id, EvidenceSubject.YEAR, year_outcome, year_rows(years)),
        ],
    )


def _report_row(found: DocumentIdentity) -> dict[str, object]:
    """Return a document's row of frame `reports`."""
    document, resolution = found.document, found.resolution
    return {
        "file_id": document.file_id,
        "title": found.printed_title,
        "signed_name": resolution.signed_name,
        "agency_name": resolution.agency_name,
        "agency_id": resolution.agency_id,
        "agency_evidence": found.mirror or resolution.evidence,
        "agency_type": resolution.agency_type,
        "sector": resolution.sector,
        "admin_level": resolution.admin_level,
        "region_code": resolution.region_code,
        "year": found.years.year,
        "published_date": document.published_date,
        "url": document.url,
    }


def _reader(bodies: _Bodies, file_id: int) -> Callable[[], str]:
    return lambda: bodies.of(file_id)


def _choose_year(document: DocumentEvidence, titles: list[ReportTitle]) -> YearChoice:
    """Return the report year; that of the sentences is asked where only a date names one, or where no title decides."""
    clues = list(find_year_clues(document, titles))
    chosen = choose_year(clues)
    named = {clue.source for clue in clues} - {EvidenceSource.SIGNED_DATE}
    # A period alone may be left over from last year.
    is_open = chosen.year is None or named == {EvidenceSource.PERIOD}
    is_open = is_open or (chosen.is_disputed and EvidenceSource.TITLE not in named)
    told = told_year(document.head) if is_open else None
    return chosen if told is None else choose_year([*clues, YearClue(EvidenceSource.SUBJECT, told[1], told[0])])


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


def _overrides(name: str) -> dict[str, pl.DataType]:
    columns = {
        "reports": "file_id title signed_name agency_name agency_id agency_evidence agency_type sector admin_level "
        "region_code year published_date url",
        "findings": "file_id stage reason_code severity raw_text message",
    }[name]
    schema = table(name).polars_schema
    return {column: schema[column] for column in columns.split()}
