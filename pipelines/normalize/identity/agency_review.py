"""A reviewer's decisions on who an agency is: they win over every rule; one that decides nothing is an error."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from io import StringIO
from pathlib import Path

import polars as pl

from pipelines.errors import UsageError
from pipelines.normalize.identity.agency import Resolution, resolve_agency
from pipelines.normalize.identity.clue import Clue
from schemas.ids import stable_id
from schemas.region import region_in_year, region_under_code
from schemas.vocabulary import EvidenceSource

REVIEWS_FILE = "agencies.csv"
"""Its name in the folder of reviews."""

_DEFAULT_FILE = Path(__file__).resolve().parents[2] / "data" / "reviews" / REVIEWS_FILE
_COLUMNS = ("decision", "path", "signed_name", "agency_name", "from_year", "to_year", "reason")


class Decision(StrEnum):
    """What a reviewer can decide.

    `is`: reports that match are by `agency_name`, a full name. `same`: the agency called `signed_name` in full carries
    on as `agency_name` (renamed, merged into) and shares its identifier. `separate`: reports that match are by an
    agency of their own, called `agency_name`, whatever the rules make of them. `ended`: `agency_name`, a full name, has
    no report after `to_year`, because it was abolished and nothing took its place.
    """

    IS = "is"
    SAME = "same"
    SEPARATE = "separate"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Review:
    """One decision: which reports it is about, what is decided, and why.

    Attributes:
        line: Line of the file, for messages and evidence.
        path: Pattern of paths below the raw folder (`*` and `?`); empty for any.
        signed_name: Name as signed (for `same`: the full name after resolution); empty for any.
    """

    line: int
    decision: Decision
    path: str
    signed_name: str
    agency_name: str
    from_year: int | None
    to_year: int | None
    reason: str

    @property
    def trace(self) -> str:
        """The words by which a report's evidence names this decision."""
        return f"review line {self.line}: {self.reason}"


Reviews = tuple[Review, ...]


def load_reviews(file: Path = _DEFAULT_FILE) -> Reviews:
    """Return the decisions of a file; none where there is no file.

    Raises:
        UsageError: A row lacks its reason, names no reports, or gives a name that does not resolve to one agency.
    """
    return parse_reviews(file.read_text(encoding="utf-8-sig") if file.exists() else "", file.name)


@cache
def parse_reviews(text: str, source: str = REVIEWS_FILE) -> Reviews:
    """Return the decisions of a file's text, which may be empty; `source` names it in messages.

    Raises:
        UsageError: As `load_reviews`.
    """
    if not text:
        return ()
    reader = csv.DictReader(StringIO(text, newline=""))
    if tuple(reader.fieldnames or ()) != _COLUMNS:
        raise UsageError(f"{source}: the columns must be {', '.join(_COLUMNS)}")
    return tuple(_review(source, line, row) for line, row in enumerate(reader, start=2))


def apply_reviews(reviews: Iterable[Review], resolution: Resolution, path: str, year: int | None) -> Resolution:
    """Return the resolution as the reviewer's decisions leave it; of two that match, the later row wins."""
    for review in reviews:
        if _matches(review, resolution, path, year):
            resolution = _decided(review, resolution, year)
    return resolution


def find_idle_reviews(reviews: Iterable[Review], reports: pl.DataFrame) -> list[Review]:
    """Return the decisions that decide nothing in all the reports there are, or that a report contradicts.

    An agency that has ended needs a report, and none after the year in which it ended.

    Args:
        reviews: The decisions.
        reports: Frame `reports` of the whole warehouse, not of one batch.
    """
    evidence = reports.get_column("agency_evidence").drop_nulls().unique().to_list()
    last_year = dict(reports.group_by("agency_id").agg(pl.col("year").max()).iter_rows())
    idle = []
    for review in reviews:
        if review.decision == Decision.ENDED:
            last = last_year.get(_resolve(review.agency_name).agency_id)
            applies = last is not None and last <= (review.to_year or 0)
        else:
            applies = any(review.trace in said for said in evidence)
        if not applies:
            idle.append(review)
    return idle


def ended_agencies(reviews: Iterable[Review]) -> dict[int, int]:
    """Return the last report year of every agency that a reviewer says has ended, by its identifier."""
    resolved = (
        (_resolve(review.agency_name).agency_id, review) for review in reviews if review.decision == Decision.ENDED
    )
    return {agency_id: review.to_year for agency_id, review in resolved if agency_id is not None and review.to_year}


def require_reviews_apply(reviews: Iterable[Review], reports: pl.DataFrame) -> None:
    """Fail where a decision matches no report: the file it spoke of was renamed, or the rules now see it otherwise.

    Where an agency is said to have ended, a later report contradicts that.

    Raises:
        UsageError: With the lines in question.
    """
    idle = find_idle_reviews(reviews, reports)
    if idle:
        lines = "; ".join(
            f"line {review.line} ({review.path or review.signed_name} → {review.agency_name})" for review in idle
        )
        raise UsageError(
            "data/reviews/agencies.csv: decisions that a report contradicts, or that match no report: "
            f"{lines}; correct or remove them"
        )


def _review(source: str, line: int, row: dict[str, str]) -> Review:
    where = f"{source}, line {line}"
    if row["decision"] not in set(Decision):
        raise UsageError(f"{where}: unknown decision {row['decision']!r}; it is one of {', '.join(Decision)}")
    if not row["reason"] or not row["agency_name"]:
        raise UsageError(f"{where}: a decision needs agency_name and reason")
    if row["decision"] == Decision.ENDED:
        if not row["to_year"] or row["path"] or row["signed_name"] or row["from_year"]:
            raise UsageError(f"{where}: that an agency has ended needs agency_name, to_year and reason, and no more")
    elif not row["path"] and not row["signed_name"]:
        raise UsageError(f"{where}: a decision needs a path or a signed_name, else it would be about every report")
    review = Review(
        line=line,
        decision=Decision(row["decision"]),
        path=row["path"],
        signed_name=row["signed_name"],
        agency_name=row["agency_name"],
        from_year=int(row["from_year"]) if row["from_year"] else None,
        to_year=int(row["to_year"]) if row["to_year"] else None,
        reason=row["reason"],
    )
    if review.decision != Decision.SEPARATE and _resolve(review.agency_name).agency_id is None:
        raise UsageError(
            f"{where}: {review.agency_name} is no agency's full name: write it with its prefecture and county"
        )
    return review


def _matches(review: Review, resolution: Resolution, path: str, year: int | None) -> bool:
    if review.decision == Decision.ENDED or (review.path and not fnmatchcase(path, review.path)):
        return False
    name = resolution.agency_name if review.decision == Decision.SAME else resolution.signed_name
    if review.signed_name and review.signed_name != name:
        return False
    if year is None:
        return review.from_year is None and review.to_year is None
    return (review.from_year or year) <= year <= (review.to_year or year)


def _decided(review: Review, resolution: Resolution, year: int | None) -> Resolution:
    evidence = f"{resolution.evidence}; {review.trace}"
    if review.decision == Decision.SEPARATE:
        own = stable_id("agency", review.agency_name, "separate")
        return replace(
            resolution,
            agency_name=review.agency_name,
            agency_id=own,
            reason_code=None,
            evidence=evidence,
            candidates=(),
            source=EvidenceSource.REVIEW,
        )
    decided = _resolve(review.agency_name)
    if decided.region_code is not None:  # resolved on today's map; the report stands on that of its year
        place_code = region_under_code(decided.region_code).place_code
        decided = replace(decided, region_code=region_in_year(place_code, year).code)
    signed = resolution.signed_name or review.agency_name
    source = EvidenceSource.REVIEW
    return replace(decided, signed_name=signed, reason_code=None, evidence=evidence, candidates=(), source=source)


def _resolve(agency_name: str) -> Resolution:
    found = resolve_agency([Clue(EvidenceSource.REVIEW, agency_name)], None, str, agency_name)
    ambiguous = found.reason_code == "ambiguous_agency"
    return replace(found, agency_id=None) if ambiguous else found
