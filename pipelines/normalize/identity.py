"""Who reports for which year: one row a document, and findings where that is in doubt."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import polars as pl

from pipelines.normalize.agency import NOBODY, Clue, Resolution, resolve_agency
from pipelines.normalize.agency_review import Reviews, apply_reviews, load_reviews
from pipelines.normalize.title import (
    TitleReading,
    find_quoted_titles,
    find_titles,
    name_in_path,
    read_title,
    years_in_text,
)
from pipelines.normalize.title_evidence import DocumentEvidence, body_texts, collect_evidence
from schemas.agency import load_wordings
from schemas.table import load_reasons, table
from schemas.vocabulary import Stage

_FIRST_YEAR = 2008
_BODY_LENGTH = 20_000
_SCRIPT_SAMPLE = 1_200
_RAW_TEXT_LENGTH = 500
_TITLE_LINES = 3
_LONGEST_SIGNATURE = 40
_SENTENCE_MARK = re.compile(r"[。，；：？！,;:?!]")
_REPORT_WORDS = re.compile(r"公开")


@dataclass(frozen=True, slots=True)
class _Title:
    """A title candidate that reads as one: where it stood, as printed, and what it says."""

    source: str
    printed: str
    reading: TitleReading


@dataclass(frozen=True, slots=True)
class _YearEvidence:
    """The report year by each sort of evidence, in the order in which they are believed."""

    title: int | None
    period: int | None
    metadata: int | None
    folder: int | None

    @property
    def chosen(self) -> int | None:
        """The year of the most trusted evidence that has one."""
        return next((year for year in (self.title, self.period, self.metadata, self.folder) if year is not None), None)

    @property
    def stated(self) -> dict[str, int]:
        """Every sort of evidence that names a year."""
        named = {"title": self.title, "period": self.period, "metadata": self.metadata, "folder": self.folder}
        return {source: year for source, year in named.items() if year is not None}


def identify_reports(
    files: pl.DataFrame, blocks: pl.DataFrame, reviews: Reviews | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return who reports for which year, one row a file, and what is in doubt.

    No row depends on another: an agency's identifier is the same whatever else is in the batch and in whatever order.

    Args:
        files: Frame `files`.
        blocks: Frame `blocks`.
        reviews: A reviewer's decisions, which win; those of the project where None.

    Returns:
        Frame `reports`, its form_code null, and frame `findings`.
    """
    decisions = load_reviews() if reviews is None else reviews
    documents = collect_evidence(files, blocks)
    bodies = _Bodies(blocks, [document.file_id for document in documents])
    rows: list[dict[str, object]] = []
    findings: list[dict[str, object]] = []
    for document in documents:
        row, found = _identify(document, bodies, decisions)
        rows.append(row)
        findings.extend(found)
    reports = pl.DataFrame(rows, schema_overrides=_overrides("reports"), infer_schema_length=None)
    doubts = pl.DataFrame(findings, schema_overrides=_overrides("findings"), infer_schema_length=None)
    return table("reports").conform(reports), table("findings").conform(doubts)


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
) -> tuple[dict[str, object], list[dict[str, object]]]:
    titles = _read_titles(document)
    printed = titles[0].printed if titles else _unread_title(document)
    years = _year_evidence(document, titles)
    year = years.chosen
    mirror = _mirror_trace(document, titles)
    if mirror is None:
        resolution = resolve_agency(_clues(document, titles), year, _reader(bodies, document.file_id), document.path)
        resolution = apply_reviews(reviews, resolution, document.path, year)
    else:
        resolution = NOBODY
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
    return row, [{"file_id": document.file_id, **finding} for finding in found]


def _reader(bodies: _Bodies, file_id: int) -> Callable[[], str]:
    return lambda: bodies.of(file_id)


def _read_titles(document: DocumentEvidence) -> list[_Title]:
    """Return the candidates that read as a report's title, the most trusted first."""
    candidates = [*document.titles, *(("metadata", text) for _, text in document.labelled("title"))]
    found = [
        _Title(source, printed, reading)
        for source, text in candidates
        for printed, reading in find_titles(text) or find_quoted_titles(text)
    ]
    found.extend(_titles_in_lines(document.head))
    # A page's frame repeats 政府信息公开年报 without name or year; a title that says more is the report's own.
    return sorted(found, key=lambda title: (not (title.reading.years and title.reading.name), not title.reading.years))


def _titles_in_lines(lines: list[str]) -> list[_Title]:
    """Return the titles among the first lines: each line alone, then joined with those behind where it was broken."""
    found: list[_Title] = []
    for start in range(len(lines)):
        if not any("开" in line for line in lines[start : start + _TITLE_LINES]):
            continue
        for count in range(1, _TITLE_LINES + 1):
            part = lines[start : start + count]
            if count > 1 and (
                len(part) < count or sum(map(len, part)) > _LONGEST_SIGNATURE * 2 or not _is_broken(part)
            ):
                break
            readings = find_titles("".join(part)) if count == 1 else _whole_title("".join(part))
            if readings:
                found.extend(_Title("text", printed, reading) for printed, reading in readings)
                break
    return found


def _whole_title(text: str) -> list[tuple[str, TitleReading]]:
    reading = read_title(text)
    return [] if reading is None else [(text, reading)]


def _is_broken(lines: list[str]) -> bool:
    """Tell whether lines can be one title: only its first part may lack the subject, and none ends a sentence."""
    return not any(line.rstrip().endswith(("。", "；", "：", ":", ";")) for line in lines)


def _unread_title(document: DocumentEvidence) -> str | None:
    """Return the first title candidate where none reads as the title of a report."""
    return next((text for _, text in document.titles if _REPORT_WORDS.search(text)), None)


def _year_evidence(document: DocumentEvidence, titles: list[_Title]) -> _YearEvidence:
    told = [value for _, value in document.labelled("period")]
    in_path = years_in_text(_stem(document.path)) if document.folder_year is None else ()
    return _YearEvidence(
        title=next((title.reading.years[-1] for title in titles if title.reading.years), None),
        period=document.period_year,
        metadata=next((years[0] for value in told if (years := years_in_text(value))), None),
        folder=document.folder_year if document.folder_year is not None else next(iter(in_path[-1:]), None),
    )


def _clues(document: DocumentEvidence, titles: list[_Title]) -> Iterator[Clue]:
    """Yield what names the agency or its region, in the order in which it is believed.

    The site's own source line and name (来源, the part of a title behind a dash) are not the agency: they tell a region
    only.
    """
    yield from (Clue("title", title.reading.name) for title in titles if title.reading.name)
    yield from (Clue("line before the title", line) for line in _lines_before_title(document.head, titles))
    yield from (Clue("signature", line) for line in reversed(document.tail) if _is_signature(line))
    yield Clue("file name", name_in_path(_stem(document.path)))
    yield from (Clue("site", title.reading.site) for title in titles if title.reading.site)
    yield from (Clue("metadata", value) for _, value in document.labelled("agency"))
    folders = document.path.split("/")[:-1]
    yield from (Clue("folder", folder, names_agency=False) for folder in reversed(folders))
    yield from (Clue("source", value, names_agency=False) for _, value in document.labelled("context"))


def _lines_before_title(head: list[str], titles: list[_Title]) -> list[str]:
    printed = {title.printed for title in titles if not title.reading.name}
    return [before for before, line in pairwise(head) if line.strip() in printed and _is_signature(before)]


def _is_signature(line: str) -> bool:
    return 2 < len(line.strip()) <= _LONGEST_SIGNATURE and _SENTENCE_MARK.search(line) is None


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0] or path


def _mirror_trace(document: DocumentEvidence, titles: list[_Title]) -> str | None:
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


def _year_findings(years: _YearEvidence, printed: str | None) -> list[dict[str, object]]:
    year = years.chosen
    if year is None:
        return [_finding("no_year", printed, "neither title, stated period, metadata nor folder names the report year")]
    found = []
    told = ", ".join(f"{source} {named}" for source, named in years.stated.items())
    if len(set(years.stated.values())) > 1:
        found.append(
            _finding("year_conflict", printed, f"the evidence names different years ({told}); {year} was taken")
        )
    if not _FIRST_YEAR <= year <= datetime.now(UTC).year:
        found.append(
            _finding(
                "year_out_of_range", printed, f"report year {year} ({told}) is before {_FIRST_YEAR} or in the future"
            )
        )
    return found


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
