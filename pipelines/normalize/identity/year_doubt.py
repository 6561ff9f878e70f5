"""A year that the title claims and the text denies: last year's page under a new title, or a period left as it was.

Both look alike in what names the year outright (title, stated period, the sentence that introduces the report). What
tells them apart is which year the narrative speaks of, and where it names none, when the report was signed.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from pipelines.normalize.folding import fold_characters
from pipelines.normalize.identity.evidence import DocumentEvidence
from pipelines.normalize.identity.title import read_title
from pipelines.normalize.identity.title_lines import ReportTitle
from pipelines.normalize.identity.year import YearChoice, YearClue
from schemas.vocabulary import EvidenceSource

_ALONE = {EvidenceSource.PERIOD, EvidenceSource.SUBJECT}
_STATED = (EvidenceSource.PERIOD, EvidenceSource.OPENING)
_YEAR = re.compile(r"(?<!\d)(20\d\d)年(?!\d{1,2}月\d{1,2}日)")
_SENTENCE_ENDS = re.compile(r"[。；;\n]")
# Sentences that name a year for another reason: the period itself, titles of reports, what will be done (将 alone is
# also said of what was: 将政务公开作为重点).
_NOT_TOLD = re.compile(
    r"期限|1月1日|年报|年度报告|工作报告|下一步|今后|明年|来年|计划(?!生育)|拟(?!定)"
    r"|将(?:会|要|以|从|在|对|按|继续|进一步|不断|加[大强]|着力|认真|严格|持续|围绕|深入|全面|切实|重点|努力|积极|坚持)"
)
_PROBLEMS = re.compile(r"^[一二三四五六七八九][、.].{0,16}(?:问题|改进|不足)")


def undecided_year(
    document: DocumentEvidence, titles: Sequence[ReportTitle], years: YearChoice, read_body: Callable[[], str]
) -> str | None:
    """Return what contradicts the title's year where nothing confirms it; None where the year is certain enough.

    Args:
        document: Its stated period.
        titles: Those that read as a report's.
        years: The year that the evidence adds up to.
        read_body: Returns the document's text; called only where there is a contradiction.
    """
    by_source = {clue.source: clue for clue in years.clues}
    titled = by_source.get(EvidenceSource.TITLE)
    if titled is None:
        if by_source.keys() - {EvidenceSource.SIGNED_DATE} == _ALONE and _is_left_over(by_source):
            return f"nothing but {years.told}"
        return f"statistics of several years ({document.long_period})" if document.long_period else None
    if titled.year != years.year:  # period and folder outweigh it together
        told = set(_told_years(read_body()))
        is_denied = titled.year in told and years.year not in told
        return f"title and narrative {titled.year}, but {years.told}" if is_denied else None
    denied = {clue.year: f"{clue.source} {clue.year}" for source, clue in by_source.items() if source in _STATED}
    denied |= {year: f"a title of {year}" for year in _other_titled(document, titles, titled.year)}
    if document.long_period:
        denied[0] = f"a period of several years, {document.long_period}"
    opening = by_source.get(EvidenceSource.OPENING)
    is_introduced = opening is not None and opening.year == titled.year
    against = [words for year, words in denied.items() if year != titled.year]
    if not against or is_introduced:
        return None
    told = set(_told_years(read_body()))
    if titled.year in told:
        return None
    signed = by_source.get(EvidenceSource.SIGNED_DATE)
    if signed is not None and signed.year == titled.year and not told & denied.keys():
        return None
    return f"title {titled.year}, but {', '.join(against)}"


def _is_left_over(by_source: dict[EvidenceSource, YearClue]) -> bool:
    """Tell whether a stated period is another year's than the sentences', and no date of signature confirms it."""
    period, signed = by_source[EvidenceSource.PERIOD], by_source.get(EvidenceSource.SIGNED_DATE)
    return period.year != by_source[EvidenceSource.SUBJECT].year and (signed is None or signed.year != period.year)


def _told_years(body: str) -> Iterator[int]:
    """Yield the years that the narrative speaks of, before it comes to what is to be improved.

    >>> list(_told_years("统计期限为2021年1月1日起。2022年,我局公开信息9条。发布时间:2023年1月9日"))
    [2022]
    """
    for line in body.split("\n"):
        folded = fold_characters(line)
        if _PROBLEMS.match(folded):
            return
        if read_title(line) is not None:
            continue  # the title itself, which the body holds too
        for sentence in _SENTENCE_ENDS.split(folded):
            if _NOT_TOLD.search(sentence) is None:
                yield from (int(year) for year in _YEAR.findall(sentence))


def _other_titled(document: DocumentEvidence, titles: Sequence[ReportTitle], year: int) -> Iterator[int]:
    """Yield the years of the agency's other titles: of all that the page states, of its lines only where they name one.

    The lines of a page's frame list the reports of several years.
    """
    stated = {text.strip() for _, text in document.titles}
    own = next((title.reading.name for title in titles if title.reading.years), "")
    alike = [
        title
        for title in titles
        if title.reading.years and title.reading.name and (title.reading.name in own or own in title.reading.name)
    ]
    lines = {title.reading.years for title in alike if title.source == "text" and title.printed not in stated}
    for title in alike:
        is_line = title.source == "text" and title.printed not in stated
        if year not in title.reading.years and (not is_line or len(lines) == 1):
            yield title.reading.years[-1]
