"""Every clue of a document to who reports for which year, in the order in which it is believed."""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain, islice, pairwise, takewhile

from pipelines.normalize.folding import fold_characters
from pipelines.normalize.identity.agency_name import read_name
from pipelines.normalize.identity.branch import with_bureaus
from pipelines.normalize.identity.clue import Clue
from pipelines.normalize.identity.evidence import DocumentEvidence
from pipelines.normalize.identity.joint_name import first_of_several
from pipelines.normalize.identity.region import without_place_lists
from pipelines.normalize.identity.renamed import find_former_name
from pipelines.normalize.identity.site import FILINGS, find_site_clues
from pipelines.normalize.identity.speaking_region import find_speaking_governments
from pipelines.normalize.identity.subject import (
    find_body_of_crumbs,
    find_bureaus_of_site,
    find_subjects,
    with_shared_word,
    without_inner_office,
)
from pipelines.normalize.identity.title import name_in_path, strip_sentence, without_days, year_behind, years_in_text
from pipelines.normalize.identity.title_lines import ReportTitle
from pipelines.normalize.identity.year import YearClue, year_of_date
from pipelines.normalize.identity.year_sentences import introduced_year
from schemas.agency import AgencyType, load_wordings
from schemas.vocabulary import EvidenceSource

_LONGEST_SIGNATURE = 40
_OFFICIAL = frozenset((AgencyType.GOVERNMENT, AgencyType.GOVERNMENT_OFFICE))
_CRUMB = re.compile(r"[\s>＞»›/]+")
_CRUMBS = re.compile(r"[>＞»›]|^\s*首页\s*/")
_LEAST_LINKS = 3  # places in the last lines that are links
_SHORTEST_BROKEN = 16  # characters of a line that may go on in the next
_LONGEST_BROKEN = 60
_MOST_BROKEN = 8
_PART = re.compile(r"\s*(?:[(（][一二三四五六七八九十\d]+[)）]|[一二三四五六七八九十\d]+[、.．])")
_LINE_ENDS = ("。", "；", "：", "！", "？", ":", ";", "!", "?")
_LEAST_DISPUTED = 2  # places in the last lines of which nobody knows which has signed
_SIGNED_LABEL = re.compile(
    r"^\s*(?:报告|填报|编制|报送|公布|制作)(?:单位|机关|部门)\s*(?:[(（](?:盖章|公章)[)）])?\s*[:：]"
)
_SIGNED_DAY = re.compile(
    r"(?<=[局厅委会府办室院处心镇乡道司校队站所关])\s*"
    r"(?:20\d\d|[二2][〇○零0Ｏ][〇○零一二三四五六七八九]{2})\s*[年./-]\s*[\d一二三四五六七八九十]{1,3}\s*[月./-]\s*[\d一二三四五六七八九十]{1,3}\s*日?\s*$"
)
_SENTENCE_MARK = re.compile(r"[。，；：？！,;:?!]|^[一二三四五六七八九十]是")
_SIGN = re.compile(r"^.*[<>]")  # the end of a title in between: …年度报告格式>某镇人民政府
_OURSELVES = re.compile(r"^(?:我|本|该|各|此|全[省市区])")


def find_year_clues(document: DocumentEvidence, titles: list[ReportTitle]) -> Iterator[YearClue]:
    """Yield every year that is named, one a source; of a title that names two, the one behind it first."""
    titled = next((title for title in titles if title.reading.years), None)
    if titled is not None:
        year = titled.reading.years[-1]
        behind = year_behind(titled.printed, year)
        if behind is not None:
            yield YearClue(EvidenceSource.TITLE, titled.printed, behind)
        yield YearClue(EvidenceSource.TITLE, titled.printed, year)
    if document.period_year is not None:
        yield YearClue(EvidenceSource.PERIOD, document.period_text, document.period_year)
    introduced = introduced_year(document.head)
    if introduced is not None:
        yield YearClue(EvidenceSource.OPENING, introduced[1], introduced[0])
    told = ((value, years_in_text(value)) for _, value in document.labelled("period"))
    yield from islice((YearClue(EvidenceSource.METADATA, value, years[0]) for value, years in told if years), 1)
    if document.folder_year is not None:
        yield YearClue(EvidenceSource.FOLDER, document.path.split("/")[0], document.folder_year)
    elif in_path := years_in_text(without_days(_stem(document.path))):
        yield YearClue(EvidenceSource.FOLDER, document.path, in_path[-1])
    signed = document.signed_date
    season = year_of_date(signed[1]) if signed is not None else None
    if signed is not None and season is not None:
        yield YearClue(EvidenceSource.SIGNED_DATE, signed[0], season)


def find_agency_clues(document: DocumentEvidence, titles: list[ReportTitle]) -> Iterator[Clue]:
    """Yield what names the agency or its region, in the order in which it is believed.

    The site's own source line and name (来源, the part of a title behind a dash) are not the agency: they tell a region
    only.
    """
    yield from with_bureaus(_agency_clues(document, titles), document.head)


def _agency_clues(document: DocumentEvidence, titles: list[ReportTitle]) -> Iterator[Clue]:
    is_banner = partial(_is_banner, document.head)
    named = [title for title in titles if title.reading.name and not (_is_joined(title, document) and is_banner(title))]
    yield from (
        Clue(EvidenceSource.TITLE, without_inner_office(first_of_several(title.reading.name))) for title in named
    )
    signed = without_place_lists(document.tail, _LEAST_LINKS)
    before = _lines_before_title(document.head, titles)
    yield from (Clue(EvidenceSource.LINE_BEFORE_TITLE, line) for line in before if not is_banner(line))
    signatures = [line for line in reversed(signed) if _is_signature(line) and (named or not is_banner(line))]
    yield from (Clue(EvidenceSource.SIGNATURE, read_signature(line)) for line in signatures)
    words = load_wordings()
    sentences = [fold_characters(line) for line in document.head if words.told_by.search(line)]
    yield from (
        Clue(EvidenceSource.OPENING, without_inner_office(name)) for name in _names_in(sentences, words.opening)
    )
    is_named = bool(named)
    folders = document.path.split("/")[:-1]
    if not is_named:
        broken = list(join_broken_lines(document.head))
        yield from (Clue(EvidenceSource.OPENING, first_of_several(name)) for name in _names_in(broken, words.opening))
    yield Clue(EvidenceSource.FILE_NAME, name_in_path(_stem(document.path)))
    yield from (Clue(EvidenceSource.SITE, title.reading.site) for title in titles if title.reading.site)
    published_by = [value for _, value in document.labelled("agency")]
    if published_by and not is_named:
        former = find_former_name(find_subjects(document.head), published_by)
        yield from (Clue(EvidenceSource.SUBJECT, name) for name in former)
    yield from (Clue(EvidenceSource.METADATA, without_inner_office(value)) for value in published_by)
    site = find_site_clues(document.metadata, document.frame, document.head, document.address)
    if not is_named:  # a title that names nobody, or none
        yield from (Clue(EvidenceSource.SUBJECT, name) for name in find_subjects(document.head))
        asked = list(_names_in(sentences, words.contact))
        host = next((clue.text for clue in site if clue.source == EvidenceSource.SITE_DOMAIN), "")
        sites = (*_names_in(sentences, words.own_site), *(value for _, value in document.labelled("context")))
        yield from (
            Clue(EvidenceSource.SUBJECT, name) for name in find_speaking_governments(document.head, asked, sites, host)
        )
        crumbs = [crumb for line in document.head if _CRUMBS.search(line) for crumb in _CRUMB.split(line)]
        own = find_bureaus_of_site(document.head, [*sites, *crumbs, *reversed(folders)])
        yield from (
            Clue(EvidenceSource.SUBJECT, name) for name in chain(own, find_body_of_crumbs(document.head, crumbs))
        )
    yield from (clue for clue in site if clue.source not in FILINGS)
    yield from (Clue(EvidenceSource.FOLDER, folder) for folder in reversed(folders))
    yield from (Clue(EvidenceSource.SOURCE, value) for _, value in document.labelled("context"))
    contacts = _names_in(sentences, (*words.contact, *words.own_site))
    yield from (Clue(EvidenceSource.CONTACT, name) for name in contacts)
    yield from (clue for clue in site if clue.source in FILINGS)


def without_disputed_signatures(clues: Sequence[Clue]) -> list[Clue]:
    """Return the clues without last lines that name two places, of which a site's link or owner may be one.

    They decide nothing, and still contradict an agency that is named elsewhere.
    """
    signed = [clue.text for clue in clues if clue.source == EvidenceSource.SIGNATURE]
    kept = without_place_lists(signed, _LEAST_DISPUTED)
    return [clue for clue in clues if clue.source != EvidenceSource.SIGNATURE or clue.text in kept]


def _names_in(sentences: list[str], patterns: tuple[re.Pattern[str], ...]) -> Iterator[str]:
    """Yield what the sentences call the agency; 我局 and 本机关 are no names."""
    for sentence in sentences:
        for pattern in patterns:
            for match in pattern.finditer(sentence):
                name = strip_sentence(with_shared_word(_SIGN.sub("", match["name"]), sentence[match.end("name") :]))
                if name and not _OURSELVES.match(name):
                    yield name


def join_broken_lines(lines: Sequence[str]) -> Iterator[str]:
    """Yield the sentences above the first part that stand broken over several lines, folded, as copied pages have them.

    >>> list(join_broken_lines(["某局年报", "本报告根据《政府信息公开条例》由某市统", "计局编制。", "一、概述"]))
    ['本报告根据《政府信息公开条例》由某市统计局编制。']
    """
    parts: list[str] = []
    for line in takewhile(lambda line: _PART.match(line) is None, (*lines, "")):
        is_whole = not _SHORTEST_BROKEN <= len(line) <= _LONGEST_BROKEN or line.rstrip().endswith(_LINE_ENDS)
        if parts or not is_whole:
            parts.append(line)
        if is_whole or len(parts) == _MOST_BROKEN:
            if len(parts) > 1:
                yield fold_characters("".join(parts))
            parts = []


def _is_joined(title: ReportTitle, document: DocumentEvidence) -> bool:
    """Tell whether a title was joined of several lines."""
    return title.source == "text" and not any(title.printed in line for line in document.head)


def _is_banner(head: Sequence[str], title: ReportTitle | str) -> bool:
    """Tell whether a government's name above a title is that of the site, as the text speaks as a body below it (我局).

    >>> _is_banner(["2021年,我局认真公开。"], "石台县人民政府"), _is_banner(["2021年,我县认真公开。"], "石台县人民政府")
    (True, False)
    """
    name = title if isinstance(title, str) else title.reading.name
    if "政府" not in name:
        return False
    options = read_name(load_wordings().site_of.sub("", fold_characters(name)))
    is_official = bool(options) and all(option.unit.agency_type in _OFFICIAL for option in options)
    return is_official and any(load_wordings().own_below.search(line) for line in head)


def _lines_before_title(head: list[str], titles: list[ReportTitle]) -> list[str]:
    printed = {title.printed for title in titles if not title.reading.name}
    return [before for before, line in pairwise(head) if line.strip() in printed and _is_signature(before)]


def read_signature(line: str) -> str:
    """Return the name in a line of signature, without a label, the date beside it and the body's own office.

    >>> read_signature("报告单位：某县审计局"), read_signature("某县审计局办公室 2023年1月12日")
    ('某县审计局', '某县审计局')
    """
    bare = _SIGNED_DAY.sub("", _SIGNED_LABEL.sub("", line)).strip()
    return without_inner_office(bare) if bare else line


def _is_signature(line: str) -> bool:
    bare = _SIGNED_LABEL.sub("", line)
    return 2 < len(bare.strip()) <= _LONGEST_SIGNATURE and _SENTENCE_MARK.search(bare) is None


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0] or path
