"""What one name of a document says that it is: a report, or one of the kinds that carry the form and are none."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from pipelines.normalize.folding import fold_characters
from pipelines.normalize.identity.agency_name import read_name
from schemas.agency import load_wordings
from schemas.kind import DocumentKind, load_kind_words

# Since the first national form a report is on a calendar year.
_FIRST_CALENDAR_YEAR = 2019
_REMARK = re.compile(r"[(【〔\[](?P<words>[^()【】〔〕\[\]]{1,24})[)】〕\]]")
_REMARK_LINE = re.compile(r"[(【〔\[](?P<words>[^()【】〔〕\[\]]{1,24})[)】〕\]]|附[件表]\d*:?(?P<annex>.{1,24})")
_LONGEST_REMARK = 40
_REMARK_BEGINS = ("(", "（", "[", "【", "〔", "附")
# What names no agency in front of the words for disclosure.
_COLUMN = re.compile(
    r"^(?:20\d\d|[-—–~至、年度及和]|历年|历次|近.年|最新|本级|法定|主动公开|内容|[>»:]"
    r"|[省市县区州旗](?:[级直]|(?=(?:人民)?政府))|[各本]|部门|单位|乡镇|镇街|街道|县区|直属|下属|所属|机关|机构|(?:人民)?政府)*$"
)
_YEAR = re.compile(r"20\d\d年?度?")
_REPORT_END = re.compile("报告|年报")
_CLOSING = re.compile(r"^[》〉”\"』」]+")


@dataclass(frozen=True, slots=True)
class NamedKind:
    """What a name tells.

    Attributes:
        told: What the document is, in words.
        refuses: Whether it is set aside; otherwise it is loaded with a finding.
        may_be_column: Whether a column of a site can be called so; believed only of a title that says more.
    """

    told: str
    refuses: bool
    may_be_column: bool = False


def is_placeholder(name: str) -> bool:
    """Tell whether a name is one that a sample has in an agency's place.

    >>> [is_placeholder(name) for name in ("浚县某某局", "XX市XX局", "范县水利局")]
    [True, True, False]
    """
    return load_kind_words().placeholder.search(fold_characters(name)) is not None


@lru_cache(maxsize=65_536)
def name_kind(folded: str, *, is_report: bool, is_joined: bool = False) -> NamedKind | None:
    """Return what a title says a document is; None for a report's own title.

    Args:
        folded: The title, folded.
        is_report: Whether the document has a title that reads as a report's: then 指南 in another is a column's name.
        is_joined: Whether lines were joined, of which the last may be no part of the title (目录, 编制说明): then only
            the whole tells.

    >>> names = ("甲局2021年政府信息公开年度报告" + rest for rest in ("", "(修订版)", "(征求意见稿)", "编制办法"))
    >>> [found and found.told for found in (name_kind(name, is_report=True) for name in names)]
    [None, None, 'a draft, or a report that was withdrawn', 'a guide, catalogue, plan or set of rules']
    """
    words = load_kind_words()
    report = report_words().search(folded)
    if report is None:
        return None if is_report else _unread_kind(folded, is_joined=is_joined)
    remarks = () if is_joined else _REMARK.finditer(folded)
    by_remark = next((found for remark in remarks if (found := _remark_kind(remark["words"]))), None)
    if by_remark is not None:
        return by_remark
    bare = _REMARK.sub("", folded)
    behind = [] if is_joined else [_CLOSING.sub("", folded[match.end() :]) for match in report_words().finditer(folded)]
    for kind in words.kinds:
        is_behind = kind.behind is not None and any(kind.behind.match(text) for text in behind)
        if is_behind or (kind.titles is not None and kind.titles.search(bare)):
            return _named(kind)
    years = words.several_years.search(folded)
    if years is not None and not _is_school_year(years):
        return NamedKind("a report on several years", refuses=True, may_be_column=True)
    return None


def goes_on(printed: str) -> bool:
    """Tell whether a title goes on behind the words for a report, and not as reports' titles do.

    Behind a blank stands something else: the site, a date, a column.

    >>> title = "甲局2021年政府信息公开年度报告"
    >>> [goes_on(title + rest) for rest in ("", "（全文）", "的公告", "及2022年工作计划", " 甲县人民政府", "测算办法")]
    [False, False, False, False, False, True]
    """
    for word in reversed(printed.split()):
        folded = _REMARK.sub("", fold_characters(word))
        found = list(_REPORT_END.finditer(folded))
        if found:
            rest = _CLOSING.sub("", folded[found[-1].end() :])
            return load_kind_words().rest.match(rest) is None
    return False


def _is_school_year(years: re.Match[str]) -> bool:
    """Tell whether a title's two years are one of a school, on which its authorities reported before the national form.

    >>> several = load_kind_words().several_years.search
    >>> [_is_school_year(several(years)) for years in ("2010-2011年度", "2008-2010年度", "2019-2020年度")]
    [True, False, False]
    """
    if years["first"] is None:
        return False
    first, last = int(years["first"]), int(years["last"])
    return last == first + 1 and last < _FIRST_CALENDAR_YEAR


def remark_line_kind(line: str) -> NamedKind | None:
    """Return what a line says that holds a remark and nothing else: （征求意见稿）, 附件2：样表.

    >>> [found and found.refuses for found in map(remark_line_kind, ("（样表）", "样表", "（全文）"))]
    [True, None, None]
    """
    if len(line) > _LONGEST_REMARK or not line.lstrip().startswith(_REMARK_BEGINS):
        return None
    match = _REMARK_LINE.fullmatch(fold_characters(line))
    return _remark_kind(match["words"] or match["annex"]) if match else None


def opening_kind(line: str) -> NamedKind | None:
    """Return what a sentence before a document's first part says that follows; None where a report may.

    >>> [found and found.told for found in map(opening_kind, ("现就年报内容进行如下解读：", "现将有关情况报告如下："))]
    ['an interpretation of a report', None]
    """
    if "下" not in line:
        return None
    folded = fold_characters(line)
    kinds = load_kind_words().kinds
    return next((_named(kind) for kind in kinds if kind.openings is not None and kind.openings.search(folded)), None)


def is_column(text: str) -> bool:
    """Tell whether a title names no agency, as the columns of a site do not."""
    folded = fold_characters(text)
    subject = _subject().search(folded)
    return subject is not None and _COLUMN.match(folded[: subject.start()]) is not None


@cache
def report_words() -> re.Pattern[str]:
    """Return the words for a report that stand in a title, wherever they stand."""
    words = load_wordings()
    year = r"(?:工作)?(?:\(?20\d\d\)?(?:年度|年|度)?的?)?"
    return re.compile(rf"(?:{words.title_subject}){year}(?:{words.title_tail})")


def _unread_kind(folded: str, *, is_joined: bool) -> NamedKind | None:
    """Return the kind of a title that names something else than a report.

    Of joined lines the first must be an agency: in a page's frame columns stand below one another (首页, 信息公开指南).
    """
    subject = _subject().search(folded)
    for kind in load_kind_words().kinds:
        if kind.titles is not None and kind.titles.search(folded):
            return _named(kind)
        if subject is not None and kind.unread is not None and kind.unread.match(folded[subject.end() :]):
            before = folded[: subject.start()]
            is_named = bool(read_name(_YEAR.sub("", before))) if is_joined else not is_column(folded)
            return _named(kind) if is_named else None
    return None


@lru_cache(maxsize=4_096)
def _remark_kind(words: str) -> NamedKind | None:
    kinds = load_kind_words().kinds
    found = next((kind for kind in kinds if kind.remarks is not None and kind.remarks.fullmatch(words)), None)
    return None if found is None else NamedKind(found.en, found.refuses)


def _named(kind: DocumentKind) -> NamedKind:
    return NamedKind(kind.en, kind.refuses, kind.may_be_column)


@cache
def _subject() -> re.Pattern[str]:
    return re.compile(load_wordings().title_subject)
