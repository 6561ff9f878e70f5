"""Which of several files that report for one agency and year is current: pure decisions, no frames.

Versions are rare (a few in a hundred reports), so they are settled by plain Python where every rule can be read.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from schemas.vocabulary import FileStatus


@dataclass(frozen=True, slots=True)
class Candidate:
    """One readable report among others of the same agency and year.

    Attributes:
        version_rank: What the file's name and the title say of its place among the versions (`schemas.version`).
        figures_digest: Hash of the figures whatever the container; None where it prints none: equal to nothing.
        reported_count: Cells that print a number.
        captured: For a fetched file its address, and since when the address holds these bytes.
    """

    file_id: int
    path: str
    sha256: str
    published_date: date | None
    version_rank: int
    figures_digest: str | None
    reported_count: int
    captured: tuple[str, datetime] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one file; `kept_file_id` stands for it where it is not current itself."""

    file_id: int
    status: FileStatus
    reason_code: str | None = None
    reason: str | None = None
    kept_file_id: int | None = None
    is_conflicting: bool = False


def settle_versions(candidates: Iterable[Candidate], parts: Collection[tuple[int, int]] = ()) -> list[Verdict]:
    """Return a verdict for every candidate of one agency and year; exactly one is loaded.

    Copies first: of several files with the same figures the earliest stands for all, so that a PDF made years later of
    the first version cannot outrank a correction. Page and attachment of one report are no versions of it: where one
    prints all figures of the other, the fuller is the report. Then the order: what an address held before it held other
    bytes is earlier, whatever it prints; then the latest publication date, where all versions state one; then the
    greatest marker in name and title; then dates among those that share it. Where that leaves more than one, the most
    complete of them is current, the smaller hash among equals, and all of them are conflicting.

    Args:
        candidates: In any order.
        parts: (file_id, file_id) of page and attachment of one report where the second prints every figure of the
            first.

    >>> old = Candidate(1, "a.html", "0a", date(2022, 1, 20), 0, "x", 200)
    >>> new = Candidate(2, "b.html", "0b", date(2022, 3, 1), 0, "y", 200)
    >>> [(verdict.file_id, verdict.status.value) for verdict in settle_versions([new, old])]
    [(1, 'superseded'), (2, 'loaded')]
    """
    ordered = sorted(candidates, key=lambda candidate: candidate.path)
    groups = _group_by_figures(ordered)
    replaced = _list_replaced(ordered)
    originals, verdicts = _set_copies_aside(groups, replaced)
    standing = _without_replaced(originals, groups, replaced)
    fullest, partial = _set_parts_aside(standing, parts)
    verdicts += partial
    latest = _latest(fullest)
    current = min(latest, key=lambda candidate: (-candidate.reported_count, candidate.sha256))
    aside = {verdict.file_id for verdict in partial}
    for candidate in originals:
        if candidate.file_id not in aside:
            verdicts.append(_verdict(candidate, current, latest))
    return sorted(verdicts, key=lambda verdict: verdict.file_id)


def _group_by_figures(candidates: list[Candidate]) -> list[list[Candidate]]:
    """Return the candidates that print the same figures together; one that prints none stands alone."""
    by_figures: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_figures.setdefault(candidate.figures_digest or f"none {candidate.file_id}", []).append(candidate)
    return list(by_figures.values())


def _list_replaced(candidates: list[Candidate]) -> dict[int, Candidate]:
    """Return for every file whose address holds other bytes by now the one that it holds."""
    latest: dict[str, tuple[datetime, Candidate]] = {}
    for candidate in candidates:
        if candidate.captured is not None:
            url, since = candidate.captured
            if url not in latest or latest[url][0] < since:
                latest[url] = (since, candidate)
    return {
        candidate.file_id: latest[candidate.captured[0]][1]
        for candidate in candidates
        if candidate.captured is not None and latest[candidate.captured[0]][1] is not candidate
    }


def _set_copies_aside(
    groups: list[list[Candidate]], replaced: dict[int, Candidate]
) -> tuple[list[Candidate], list[Verdict]]:
    originals: list[Candidate] = []
    copies: list[Verdict] = []
    for group in groups:
        # Of two captures of one address with the same figures, the one that it holds now is the document.
        standing = [candidate for candidate in group if replaced.get(candidate.file_id) not in group]
        original = min(standing, key=_earliest_first)
        originals.append(original)
        for candidate in group:
            if candidate is original:
                continue
            if candidate in standing:
                reason = f"prints the same figures as {original.path} for the same agency and year"
                copies.append(_aside(candidate, original, FileStatus.DUPLICATE, "same_figures", reason))
            else:
                reason = f"{replaced[candidate.file_id].path} has taken its place at its address"
                copies.append(_aside(candidate, original, FileStatus.SUPERSEDED, "newer_version", reason))
    return originals, copies


def _without_replaced(
    originals: list[Candidate], groups: list[list[Candidate]], replaced: dict[int, Candidate]
) -> list[Candidate]:
    """Return the originals whose figures no address has replaced by others; all where that would leave none."""
    standing = [
        original
        for original, group in zip(originals, groups, strict=True)
        if not any(replaced.get(candidate.file_id, candidate) not in group for candidate in group)
    ]
    return standing or originals


def _set_parts_aside(
    candidates: list[Candidate], parts: Collection[tuple[int, int]]
) -> tuple[list[Candidate], list[Verdict]]:
    """Take out what prints nothing beyond the page or attachment that belongs to it."""
    fullest: list[Candidate] = []
    partial: list[Verdict] = []
    for candidate in candidates:
        fuller = [each for each in candidates if (candidate.file_id, each.file_id) in parts]
        fuller = [each for each in fuller if each.reported_count > candidate.reported_count]
        if fuller:
            kept = max(fuller, key=lambda each: (each.reported_count, each.path))
            reason = f"{kept.path} belongs to the same page and prints all of its figures and more"
            partial.append(_aside(candidate, kept, FileStatus.DUPLICATE, "fuller_document", reason))
        else:
            fullest.append(candidate)
    return fullest, partial


def _aside(candidate: Candidate, kept: Candidate, status: FileStatus, code: str, reason: str) -> Verdict:
    return Verdict(candidate.file_id, status, code, reason, kept.file_id)


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
            f"disagrees with {current.path}, and neither dates nor names tell which is later; the other is taken "
            f"as current ({current.reported_count} figures against {candidate.reported_count}); remove the wrong one"
        )
        code = "conflicting_versions"
    else:
        code, reason = "newer_version", f"{current.path} is a later version for the same agency and year"
    return Verdict(candidate.file_id, FileStatus.SUPERSEDED, code, reason, current.file_id, is_conflicting)
