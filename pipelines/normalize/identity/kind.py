"""What a document calls itself, where that is not the report of one agency on one year: a sample, a draft, a notice.

Such documents carry the form's tables, with invented figures, those of another, or of many. Only a document's own names
are asked (its title, a remark beside or near it, its file's name): a report speaks of samples and drafts too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from pipelines.normalize.folding import fold_characters
from pipelines.normalize.identity.title_evidence import DocumentEvidence
from pipelines.normalize.identity.title_lines import ReportTitle
from schemas.agency import load_wordings
from schemas.kind import load_kind_words

_LONGEST_NAME = 120
_LONGEST_REMARK = 40
_REMARK_BEGINS = ("(", "（", "[", "【", "〔", "附")
# Since the first national form a report is on a calendar year; before, schools' authorities reported on 2010-2011年度.
_FIRST_CALENDAR_YEAR = 2019
_REMARK = re.compile(r"[(【〔\[](?P<words>[^()【】〔〕\[\]]{1,24})[)】〕\]]")
_REMARK_LINE = re.compile(r"[(【〔\[](?P<words>[^()【】〔〕\[\]]{1,24})[)】〕\]]|附[件表]\d*:?(?P<annex>.{1,24})")
# A site's name and columns behind a title; a dash between years is none.
_FRAME = re.compile(r"[_|]|[-—–]+(?!\d)")
_SITE_SOURCES = ("title", "meta")
# What names no agency in front of the words for disclosure.
_COLUMN = re.compile(r"^(?:20\d\d|[-—–~至、年度]|历年|历次|近.年|最新|本级|法定|主动公开|内容|[>»:])*$")
_CLOSING = re.compile(r"^[》〉”\"』」]+")


@dataclass(frozen=True, slots=True)
class KindClue:
    """What a document is by one of its own names.

    Attributes:
        told: What it is, in words.
        printed: The name that says so.
        refuses: Whether the document is set aside; otherwise it is loaded with a finding.
    """

    told: str
    printed: str
    refuses: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """A kind that a name tells; one that a column's name can tell too is believed only of a title that says more."""

    told: str
    refuses: bool
    may_be_column: bool = False


def find_kind(document: DocumentEvidence, titles: Sequence[ReportTitle]) -> KindClue | None:
    """Return what a document is where it is no report of one agency and year, or where that is in doubt.

    Args:
        document: Its own words.
        titles: Those that read as a report's, the most trusted first.
    """
    doubt: KindClue | None = None
    is_report = any(title.reading.name or title.reading.years for title in titles)
    for printed in dict.fromkeys(_own_names(document, titles)):
        found = name_kind(fold_characters(printed), is_report=is_report)
        if found is None or (found.may_be_column and _is_column(printed) and _has_other(titles, printed)):
            continue
        clue = KindClue(found.told, printed, found.refuses)
        if clue.refuses:
            return clue
        doubt = doubt or clue
    for line in document.head:
        is_remark = len(line) <= _LONGEST_REMARK and line.lstrip().startswith(_REMARK_BEGINS)
        match = _REMARK_LINE.fullmatch(fold_characters(line)) if is_remark else None
        kind = _remark_kind(match["words"] or match["annex"]) if match else None
        if kind is not None and kind.refuses:
            return KindClue(kind.told, line, refuses=True)
    return doubt or _file_kind(document.path)


def is_placeholder(name: str) -> bool:
    """Tell whether a name is one that a sample has in an agency's place.

    >>> [is_placeholder(name) for name in ("浚县某某局", "XX市XX局", "范县水利局")]
    [True, True, False]
    """
    return load_kind_words().placeholder.search(fold_characters(name)) is not None


@lru_cache(maxsize=65_536)
def name_kind(folded: str, *, is_report: bool) -> _Found | None:
    """Return what a title says a document is; None for a report's own title.

    Args:
        folded: The title, folded.
        is_report: Whether the document has a title that reads as a report's: then 指南 in another is a column's name.

    >>> names = ("甲局2021年政府信息公开年度报告" + rest for rest in ("", "(修订版)", "(征求意见稿)", "编制办法"))
    >>> [found and found.told for found in (name_kind(name, is_report=True) for name in names)]
    [None, None, 'a draft, or a report that was withdrawn', 'a guide, catalogue, plan or set of rules']
    """
    words = load_kind_words()
    report = _report().search(folded)
    if report is None and not is_report:
        return _unread_kind(folded)
    if report is None:
        return None
    for remark in _REMARK.finditer(folded):
        found = _remark_kind(remark["words"])
        if found is not None:
            return found
    bare = _REMARK.sub("", folded)
    behind = [_CLOSING.sub("", folded[match.end() :]) for match in _report().finditer(folded)]
    for kind in words.kinds:
        is_behind = kind.behind is not None and any(kind.behind.match(text) for text in behind)
        if is_behind or (kind.titles is not None and kind.titles.search(bare)):
            return _Found(kind.en, kind.refuses, kind.may_be_column)
    years = words.several_years.search(folded)
    if years is not None and int(years["last"] or _FIRST_CALENDAR_YEAR) >= _FIRST_CALENDAR_YEAR:
        return _Found("a report on several years", refuses=True, may_be_column=True)
    return None


def _unread_kind(folded: str) -> _Found | None:
    """Return the kind of a title that names something else than a report."""
    subject = _subject().search(folded)
    for kind in load_kind_words().kinds:
        if kind.titles is not None and kind.titles.search(folded):
            return _Found(kind.en, kind.refuses)
        if subject is not None and kind.unread is not None and kind.unread.match(folded[subject.end() :]):
            return None if _is_column(folded) else _Found(kind.en, kind.refuses)
    return None


@lru_cache(maxsize=4_096)
def _remark_kind(words: str) -> _Found | None:
    for kind in load_kind_words().kinds:
        if kind.remarks is not None and kind.remarks.fullmatch(words):
            return _Found(kind.en, kind.refuses)
    return None


def _own_names(document: DocumentEvidence, titles: Sequence[ReportTitle]) -> Iterator[str]:
    """Yield what the document is called: its titles, without the site's name, and the line above the report's title."""
    for source, text in document.titles:
        yield _without_site(text) if source.lower() in _SITE_SOURCES else text
    yield from (value for _, value in document.labelled("title"))
    if titles:
        printed = titles[0].printed
        yield printed
        yield from (
            above
            for above, line in zip(document.head, document.head[1:], strict=False)
            if line.strip() == printed and len(above) <= _LONGEST_NAME
        )


def _without_site(text: str) -> str:
    """Return the part of a page's title that speaks of a report, the first part where none does."""
    parts = [part for part in _FRAME.split(text) if part.strip()]
    return next((part for part in parts if _report().search(fold_characters(part))), parts[0] if parts else text)


def _file_kind(path: str) -> KindClue | None:
    stem = path.rpartition("/")[2].rpartition(".")[0]
    found = name_kind(fold_characters(stem), is_report=True)
    if found is None or not found.refuses or found.may_be_column:
        return None
    return KindClue(found.told, stem, refuses=False)


def _is_column(text: str) -> bool:
    """Tell whether a title names no agency, as the columns of a site do not."""
    folded = fold_characters(text)
    subject = _subject().search(folded)
    return subject is not None and _COLUMN.match(folded[: subject.start()]) is not None


def _has_other(titles: Sequence[ReportTitle], printed: str) -> bool:
    return any(title.reading.name and title.reading.years and title.printed != printed for title in titles)


@cache
def _subject() -> re.Pattern[str]:
    return re.compile(load_wordings().title_subject)


@cache
def _report() -> re.Pattern[str]:
    words = load_wordings()
    year = r"(?:工作)?(?:\(?20\d\d\)?(?:年度|年|度)?的?)?"
    return re.compile(rf"(?:{words.title_subject}){year}(?:{words.title_tail})")
