"""The report's title among a document's lines: which of them are one, alone, joined or quoted."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import takewhile

from pipelines.normalize.folding import fold_characters
from pipelines.normalize.identity.agency_name import read_name
from pipelines.normalize.identity.evidence import DocumentEvidence
from pipelines.normalize.identity.title import TitleReading, find_quoted_titles, find_titles, may_be_title, read_title
from schemas.document import load_document_words

_TITLE_LINES = 3
_FIRST_PART = "一、"
_LONGEST_TITLE = 80
_REPORT_WORDS = re.compile(r"公开")
_NO_TITLE = re.compile(
    r"^\s*[(（]?[一二三四五六七八九十\d]{1,3}[)）、.．]|[。；;]|^根据|^按照|现将|如下[:：]?$"
)  # a section's heading, a sentence
# A page's frame over a title: breadcrumbs, facts with their labels, the menu's own 政府信息公开.
_FRAME = re.compile(r"[:>»›|│•·】。;,]|公开|首页|年报")
_CRUMBS = re.compile(r"[>»›]|^(?:您|当前|现在|所在|的|位置|是|:)*首页")
# A day or month of its own line is no part of a title; a year is.
_DATE = re.compile(r"\s*20\d\d\s*(?:[-/.]\s*\d{1,2}|年\s*\d{1,2}\s*月)[-/.\s\d日:]*$")
_SENTENCE_ENDS = ("。", "；", "：", ":", ";")


@dataclass(frozen=True, slots=True)
class ReportTitle:
    """A title candidate that reads as one: where it stood, as printed, and what it says."""

    source: str
    printed: str
    reading: TitleReading


def read_titles(document: DocumentEvidence) -> list[ReportTitle]:
    """Return the candidates that read as a report's title, the most trusted first."""
    candidates = [*document.titles, *(("metadata", text) for _, text in document.labelled("title"))]
    found = [
        ReportTitle(source, printed, reading) for source, text in candidates for printed, reading in _titles_of(text)
    ]
    # Below the first part of a report that has its title stand links to others.
    is_titled = any(title.reading.years for title in found)
    lines = list(takewhile(lambda line: not line.lstrip().startswith(_FIRST_PART), document.head))
    found.extend(_titles_in_lines(lines if is_titled else document.head))
    # A page's frame repeats 政府信息公开年报 without name or year; a title that says more is the report's own.
    return sorted(found, key=lambda title: (not (title.reading.years and title.reading.name), not title.reading.years))


def _titles_in_lines(lines: list[str]) -> list[ReportTitle]:
    """Return the titles among the first lines: each line alone, then joined with those behind where it was broken."""
    found: list[ReportTitle] = []
    told = [number for number, line in enumerate(lines) if "开" in line]
    facts = [_fact_label().match(line) is not None or _DATE.match(line) is not None for line in lines]
    # Of one title only the first part may lack the subject, and none ends a sentence or is a fact with its label.
    ends = [line.rstrip().endswith(_SENTENCE_ENDS) for line in lines]
    for start in sorted({start for last in told for start in range(max(0, last - _TITLE_LINES + 1), last + 1)}):
        for count in range(1, _TITLE_LINES + 1):
            part = lines[start : start + count]
            if count > 1 and (
                len(part) < count
                or sum(map(len, part)) > _LONGEST_TITLE
                or any(ends[start : start + count])
                or any(facts[start : start + count])
            ):
                break
            readings = _titles_of(part[0]) if count == 1 else _whole_title("".join(part))
            if readings and _begins_below(part):
                break  # it is found from its own first line
            if readings:
                found.extend(ReportTitle("text", printed, reading) for printed, reading in readings)
                break
    return found


@cache
def _fact_label() -> re.Pattern[str]:
    """Return the pattern of a label that begins a line which says when or by whom a page was published."""
    labels = (label for label, kind in load_document_words().labels.items() if kind != "title" and len(label) > 2)
    spaced = "|".join(r"\s*".join(label) for label in labels)
    return re.compile(rf"\s*(?:{spaced})\s*[:：\s]")


def _titles_of(line: str) -> list[tuple[str, TitleReading]]:
    found = find_titles(line)
    if len(found) == 1 and not is_certain_name(found[0][1].name):
        return [_last_part(*found[0])]
    return found or find_quoted_titles(line)


def _last_part(printed: str, reading: TitleReading) -> tuple[str, TitleReading]:
    """Return the last of a title's parts between blanks where that names a certain agency, and the whole does not.

    A page's frame stands in front of it then: 某县人民政府 审计局 某县审计局2020年….
    """
    part = "".join(printed.rsplit(maxsplit=1)[-1:])
    alone = read_title(part) if len(part) < len(printed) else None
    if alone is not None and alone.name and alone.years and is_certain_name(alone.name):
        return part, alone
    return printed, reading


def _begins_below(lines: list[str]) -> bool:
    """Tell whether the title begins in a later line: what is above it belongs to the page's frame.

    So it does where the frame shows by its words or marks, and where the later lines name an agency that cannot be
    read with certainty once the line above is put in front of it (全文检索, another agency's name). Breadcrumbs are no
    part of a title that names only its year.
    """
    whole = read_title("".join(lines))
    for skipped in range(1, len(lines)):
        reading = read_title("".join(lines[skipped:]))
        if reading is None or not reading.years:
            continue
        above = fold_characters("".join(lines[:skipped]))
        if not reading.name:
            if _CRUMBS.search(above):
                return True
            continue
        if _FRAME.search(above) or reading.name.startswith(above):
            return True
        if whole is not None and not is_certain_name(whole.name) and read_name(reading.name):
            return True
    return False


def is_certain_name(name: str) -> bool:
    """Tell whether a name is that of a unit that the lists know, in a region that it names."""
    options = read_name(name)
    return bool(options) and all(
        option.unit.doubt < 1 and (option.places or option.marker is not None or option.is_national)
        for option in options
    )


def _whole_title(text: str) -> list[tuple[str, TitleReading]]:
    reading = read_title(text) if may_be_title(text) else None
    return [] if reading is None else [(text, reading)]


def unread_title(document: DocumentEvidence) -> str | None:
    """Return the first title candidate where none reads as the title of a report."""
    candidates = (text for _, text in document.titles if _REPORT_WORDS.search(text))
    return next((text for text in candidates if not _NO_TITLE.search(text)), None)
