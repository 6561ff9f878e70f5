"""Which of several files that report for one agency and year is current: pure decisions, no frames.

Versions are rare (a few in a hundred reports), so they are settled by plain Python where every rule can be read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from schemas.vocabulary import FileStatus


@dataclass(frozen=True, slots=True)
class Candidate:
    """One readable report among others of the same agency and year.

    Attributes:
        version_rank: What the file's name says of its place among the versions (`schemas.version`).
        figures_digest: Hash of the figures whatever the container; None where it prints none: equal to nothing.
        reported_count: Cells that print a number.
    """

    file_id: int
    path: str
    sha256: str
    published_date: date | None
    version_rank: int
    figures_digest: str | None
    reported_count: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one file; `kept_file_id` stands for it where it is not current itself."""

    file_id: int
    status: FileStatus
    reason_code: str | None = None
    reason: str | None = None
    kept_file_id: int | None = None
    is_conflicting: bool = False


def settle_versions(candidates: Iterable[Candidate]) -> list[Verdict]:
    """Return a verdict for every candidate of one agency and year; exactly one is loaded.

    Copies first: of several files with the same figures the earliest stands for all, so that a PDF made years later of
    the first version cannot outrank a correction. Then the order: the latest publication date, where all versions state
    one; then the greatest marker in the file's name; then dates among those that share it. Where that leaves more than
    one, the most complete of them is current, the smaller hash among equals, and all of them are conflicting.

    >>> old = Candidate(1, "a.html", "0a", date(2022, 1, 20), 0, "x", 200)
    >>> new = Candidate(2, "b.html", "0b", date(2022, 3, 1), 0, "y", 200)
    >>> [(verdict.file_id, verdict.status.value) for verdict in settle_versions([new, old])]
    [(1, 'superseded'), (2, 'loaded')]
    """
    ordered = sorted(candidates, key=lambda candidate: candidate.path)
    originals, verdicts = _set_copies_aside(ordered)
    latest = _latest(originals)
    current = min(latest, key=lambda candidate: (-candidate.reported_count, candidate.sha256))
    for candidate in originals:
        verdicts.append(_verdict(candidate, current, latest))
    return sorted(verdicts, key=lambda verdict: verdict.file_id)


def _set_copies_aside(candidates: list[Candidate]) -> tuple[list[Candidate], list[Verdict]]:
    originals: list[Candidate] = []
    copies: list[Verdict] = []
    by_figures: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_figures.setdefault(candidate.figures_digest or f"none {candidate.file_id}", []).append(candidate)
    for group in by_figures.values():
        original = min(group, key=_earliest_first)
        originals.append(original)
        copies += [
            Verdict(
                candidate.file_id,
                FileStatus.DUPLICATE,
                "same_figures",
                f"prints the same figures as {original.path} for the same agency and year",
                original.file_id,
            )
            for candidate in group
            if candidate is not original
        ]
    return originals, copies


def _earliest_first(candidate: Candidate) -> tuple[date, int, str]:
    return (candidate.published_date or date.max, candidate.version_rank, candidate.path)


def _latest(candidates: list[Candidate]) -> list[Candidate]:
    """Return the candidates that nothing places before another: one where the order is known."""
    for key in (_by_date, _by_marker, _by_date):
        if all(key(candidate) is not None for candidate in candidates):
            greatest = max(key(candidate) or 0 for candidate in candidates)
            candidates = [candidate for candidate in candidates if key(candidate) == greatest]
    return candidates


def _by_date(candidate: Candidate) -> int | None:
    return candidate.published_date.toordinal() if candidate.published_date else None


def _by_marker(candidate: Candidate) -> int | None:
    return candidate.version_rank


def _verdict(candidate: Candidate, current: Candidate, latest: list[Candidate]) -> Verdict:
    is_conflicting = len(latest) > 1 and candidate in latest
    if candidate is current:
        return Verdict(candidate.file_id, FileStatus.LOADED, is_conflicting=is_conflicting)
    if is_conflicting:
        reason = (
            f"disagrees with {current.path}, and neither dates nor file names tell which is later; the other is taken "
            f"as current ({current.reported_count} figures against {candidate.reported_count}); remove the wrong one"
        )
        code = "conflicting_versions"
    else:
        code, reason = "newer_version", f"{current.path} is a later version for the same agency and year"
    return Verdict(candidate.file_id, FileStatus.SUPERSEDED, code, reason, current.file_id, is_conflicting)
