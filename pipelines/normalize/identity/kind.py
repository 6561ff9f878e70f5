"""What a document calls itself, where that is not the report of one agency on one year: a sample, a draft, a notice.

Such documents carry the form's tables, with invented figures, those of another, or of many. Only a document's own
names are asked (its title, a remark beside or near it, its file's name), and the sentence that says what follows
(现解读如下): a report speaks of samples and drafts too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from pipelines.normalize.folding import fold_characters
from pipelines.normalize.identity.evidence import HEAD_BLOCKS, DocumentEvidence
from pipelines.normalize.identity.kind_names import (
    NamedKind,
    goes_on,
    is_column,
    name_kind,
    opening_kind,
    remark_line_kind,
    report_words,
)
from pipelines.normalize.identity.title import may_be_title, read_title
from pipelines.normalize.identity.title_lines import ReportTitle
from pipelines.read.metadata import is_section_heading

_LONGEST_NAME = 120
_TITLE_LINES = 3
_LONGEST_LINE = 60
# The columns above a title, the way to it: 首页 > 县直部门政府信息公开 > ….
_WAY = re.compile(r"[>＞»›→|│]")
# Words of a page's frame in a line that a crawler has joined to the title.
_FRAME_WORDS = re.compile(r"首页|[前在]位置|来源[:：]|(?:时间|日期)[:：]")
# A site's name and columns behind a title; a dash between years is none.
_FRAME = re.compile(r"[_|]|[-—–]+(?!\d)")
_SITE_SOURCES = ("title", "meta")
# Behind the title: the text's first sentence, or those to whom a notice is written.
_TEXT = re.compile(r"[。；;]|^[^,，]{2,60}(?:单位|政府|部门|局|委|办|机关)[:：]$")
_SENTENCE = re.compile(r"^(?:根据|按照)|[，,](?:现|特)(?:将|向)|如下[:：]?$")
_ABOUT = "关于"  # a title with it goes on to its 通知, 公告 or 函


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


def find_kind(document: DocumentEvidence, titles: Sequence[ReportTitle]) -> KindClue | None:
    """Return what a document is where it is no report of one agency and year, or where that is in doubt.

    Args:
        document: Its own words.
        titles: Those that read as a report's, the most trusted first.
    """
    doubt: KindClue | None = None
    is_report = any(title.reading.name or title.reading.years for title in titles)
    for printed in _bare_names(document, titles):
        found = name_kind(fold_characters(printed), is_report=is_report)
        if found is None or (found.may_be_column and is_column(printed) and _has_other(titles, printed)):
            continue
        clue = KindClue(found.told, printed, found.refuses)
        if clue.refuses:
            return clue
        doubt = doubt or clue
    for line in document.head:
        found = remark_line_kind(line)
        if found is not None and found.refuses:
            return KindClue(found.told, line, refuses=True)
    for line in takewhile(lambda line: not is_section_heading(line), document.head):
        found = opening_kind(line)
        if found is not None and found.refuses:
            return KindClue(found.told, line, refuses=True)
    if not any(_is_whole(text) for _, text in document.titles):
        found_in_lines = _last_title_kind(document.head, is_report=is_report)
        if found_in_lines is not None:
            return found_in_lines
        doubt = doubt or _strange_title(document, titles)
    return doubt or _file_kind(document.path)


def _bare_names(document: DocumentEvidence, titles: Sequence[ReportTitle]) -> list[str]:
    """Return a document's names once each, without the site's columns; a first line that quotes a notice is none."""
    names = dict.fromkeys(map(_behind_way, _own_names(document, titles)))
    return [name for name in names if not _SENTENCE.search(name)]


def _own_names(document: DocumentEvidence, titles: Sequence[ReportTitle]) -> Iterator[str]:
    """Yield what the document is called: its titles, without the site's name, and the line above the report's title."""
    for source, text in document.titles:
        yield _without_site(text) if source.lower() in _SITE_SOURCES else text
    yield from (value for _, value in document.labelled("title"))
    if titles:
        printed = titles[0].printed
        yield printed
        for above, line in pairwise(document.head):
            if line.strip() == printed and len(above) <= _LONGEST_NAME:
                yield above


def _behind_way(text: str) -> str:
    """Return a text without the columns of the site in front: the last part that may be a title.

    >>> _behind_way("首页 > 部门政府信息公开 > 甲局2021年信息公开年报")
    '甲局2021年信息公开年报'
    >>> _behind_way("当前位置：首页 公开指南 甲局2021年信息公开年报 来源：甲县")
    '甲局2021年信息公开年报'
    """
    parts = text.split() if _FRAME_WORDS.search(text) and not _WAY.search(text) else _WAY.split(text)
    return next((part.strip() for part in reversed(parts) if may_be_title(part)), text)


def _without_site(text: str) -> str:
    """Return the part of a page's title that speaks of a report, the first part where none does."""
    parts = [part for part in _FRAME.split(text) if part.strip()]
    return next((part for part in parts if report_words().search(fold_characters(part))), parts[0] if parts else text)


def _last_title_kind(head: Sequence[str], *, is_report: bool) -> KindClue | None:
    """Return the kind that the last title before the text tells, printed in one line or broken over several.

    Asked where the page states no title of a report: what stands above the last is the page's frame, with its columns
    and its lists of other documents.
    """
    begins = (at for at, line in enumerate(head) if is_section_heading(line) or _is_text(line.strip()))
    begin = next(begins, None)
    if begin is None and len(head) >= HEAD_BLOCKS:
        return None  # all of it is the page's frame
    lines = [_behind_way(line) for line in head[:begin]]
    for end in range(len(lines), 0, -1):
        if _is_whole(lines[end - 1]):
            return None
        for start in range(end - 1, max(-1, end - 1 - _TITLE_LINES), -1):
            part = lines[start:end]
            if any(len(line) > _LONGEST_LINE for line in part) or any(_is_whole(line) for line in part):
                break
            joined = "".join(part)
            found = name_kind(fold_characters(joined), is_report=is_report, is_joined=len(part) > 1)
            if found is not None and found.refuses and not (found.may_be_column and is_column(joined)):
                return KindClue(found.told, joined, refuses=True)
            if len(part) > 1 and _is_whole(joined):
                return None
    return None


def _is_text(line: str) -> bool:
    return bool(_TEXT.search(line) or _SENTENCE.search(line))


def _strange_title(document: DocumentEvidence, titles: Sequence[ReportTitle]) -> KindClue | None:
    """Return a doubt where a stated title goes on behind the words for a report, in words of no known kind."""
    for source, text in document.titles:
        name = _without_site(text) if source.lower() in _SITE_SOURCES else text
        name = _behind_way(name)
        if is_column(name) and _has_other(titles, name):
            continue
        if report_words().search(fold_characters(name)) and goes_on(name):
            return KindClue("something about a report, or its title unusual", name, refuses=False)
    return None


def _is_whole(line: str) -> bool:
    """Tell whether a line is the whole title of a report, agency and year among it."""
    if _ABOUT in line:
        return False
    reading = read_title(line)
    return reading is not None and bool(reading.years and reading.name)


def _file_kind(path: str) -> KindClue | None:
    stem = path.rpartition("/")[2].rpartition(".")[0]
    found: NamedKind | None = name_kind(fold_characters(stem), is_report=True)
    if found is None or not found.refuses or found.may_be_column:
        return None
    return KindClue(found.told, stem, refuses=False)


def _has_other(titles: Sequence[ReportTitle], printed: str) -> bool:
    return any(title.reading.name and title.reading.years and title.printed != printed for title in titles)
