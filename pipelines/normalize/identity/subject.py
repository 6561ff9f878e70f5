"""Who speaks in a report that nothing signs: the subject of its sentences, and the agency whose office is to be asked.

A page that was saved without its title still says 2022年，某县气象局认真落实…, or asks readers to call 某区卫生健康局.
Either can be another body: only names that the lists know are taken, and bureaus behind their region's full name; the
contact's only where it is a department, as that from whose own site the report can be had, and none where a whole
region speaks, as its government tells of its departments.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from pipelines.normalize.folding import fold_characters
from pipelines.normalize.identity.agency_name import NameOption, read_name
from pipelines.normalize.identity.agency_unit import is_listed_township
from schemas.agency import AgencyType, load_wordings

_KNOWN_DOUBT = 1.0  # a unit told by its ending alone is more doubtful
_BUREAUS = ("局", "厅", "委员会")
_OWN_BODY = {
    **{end: re.compile(f"[我本]{end}") for end in "局厅委镇乡"},
    "会": re.compile("[我本]委"),
    "木": re.compile("[我本]苏木"),
    "道": re.compile("[我本](?:街道|办(?!公室))"),
}
_OTHER_BODIES = ("公司", "医院")
_WITH_OFFICES = ("局", "厅")  # a committee's office may be an agency: 机构编制委员会办公室
_DIVISION = re.compile("(?<=局)[\u4e00-\u9fff]{2,8}[股科]$")  # 交通运输局政策法规股
_OFFICE_ENDS = tuple("室厅办科股处构心口")
_PARTY_OFFICE = re.compile("党政(?:综合)?办(?:公室)?$")  # townships and areas have one, and no report of its own
_CONTACTS = frozenset((AgencyType.DEPARTMENT, AgencyType.VERTICAL, AgencyType.TOWNSHIP))
_SUBJECTS = _CONTACTS | {
    AgencyType.FUNCTIONAL_AREA,
    AgencyType.GOVERNMENT_OFFICE,
    AgencyType.PUBLIC_ENTERPRISE,
    AgencyType.INSTITUTION,
}
_CENTRAL = frozenset((AgencyType.CENTRAL,))
_WHOLE_REGIONS = frozenset((AgencyType.GOVERNMENT,))


def find_subjects(lines: Iterable[str]) -> Iterator[str]:
    """Yield the agencies in whose name the lines speak, then those that they send readers to.

    >>> list(find_subjects(["2022年，石台县气象局认真落实条例。", "请与石台县审计局办公室联系"]))
    ['石台县气象局', '石台县审计局']
    >>> list(find_subjects(["2022年，石台县坚持公开。", "2022年，县气象局认真落实条例。"]))
    []
    >>> list(find_subjects(["2009年,张义镇人民政府信息公开工作严格按照条例开展。"]))
    ['张义镇人民政府']
    """
    words = load_wordings()
    texts = [fold_characters(line) for line in lines]
    subjects: Counter[str] = Counter()
    ministries: list[str] = []
    told_by_region = False
    for name in chain(_subjects_of(texts, words.subject), _leaders_of(texts)):
        if _is_known(name, _SUBJECTS):
            subjects[name] += 1
        elif _is_known(name, _WHOLE_REGIONS):
            told_by_region = True
            break
        elif _is_known(name, _CENTRAL):
            ministries.append(name)
    # A sentence that was copied speaks of another body once; of as many the first is believed.
    yield from sorted((name for name, _ in subjects.most_common()), key=lambda name: _is_area_of(name, subjects))
    if told_by_region:
        return
    yield from _bodies_asked(texts)
    yield from ministries  # local reports speak of them too, and are told by their own name first


def _is_area_of(name: str, subjects: Counter[str]) -> bool:
    """Tell whether a name is that of the area of another subject alone (高新区 beside 宁波高新区管委会办公室)."""
    return any(name != other and name in other and subjects[name] <= subjects[other] for other in subjects) and all(
        option.unit.agency_type == AgencyType.FUNCTIONAL_AREA for option in read_name(name)
    )


def _bodies_asked(texts: Sequence[str]) -> Iterator[str]:
    """Yield the bodies whose office the readers are sent to, then those from whose own site the report can be had."""
    words = load_wordings()
    # A bureau of an area sends its readers to the area's office too.
    is_of_area = not any(words.own_bureau.search(text) for text in texts)
    types = _CONTACTS | {AgencyType.FUNCTIONAL_AREA} if is_of_area else _CONTACTS
    sites: list[str] = []
    for text in texts:
        for pattern in words.contact:
            names = (words.office.sub("", match["name"]) for match in pattern.finditer(text))
            yield from (name for name in names if _is_known(name, types))
        for pattern in words.own_site:
            sites.extend(match["name"] for match in pattern.finditer(text) if _is_in_full(match["name"]))
    yield from sites


def _subjects_of(texts: Iterable[str], subject: re.Pattern[str]) -> Iterator[str]:
    for text in texts:
        for match in subject.finditer(text):
            yield with_shared_word(match["name"], text[match.end("name") :])


def _leaders_of(texts: Iterable[str]) -> Iterator[str]:
    """Yield the bureaus that set up the group for disclosure with their own head, where no sentence names the year."""
    words = load_wordings()
    return (match["name"] for text in texts if "组长" in text for match in words.leads.finditer(text))


def with_shared_word(name: str, behind: str) -> str:
    """Return a name that shares 政府 with the words behind it: 张义镇人民政府信息公开."""
    return name + "政府" if name.endswith("人民") and behind.startswith("政府") else name


def without_inner_office(name: str) -> str:
    """Return a bureau's name without the office of its own that a sentence names; governments' offices are agencies.

    >>> without_inner_office("佛冈县公安局指挥中心办公室"), without_inner_office("佛冈县人民政府办公室")
    ('佛冈县公安局', '佛冈县人民政府办公室')
    >>> without_inner_office("临沂高新区党政办公室")
    '临沂高新区'
    """
    if not name.endswith(_OFFICE_ENDS):
        return name
    bureau = _DIVISION.sub("", load_wordings().office.sub("", name))
    return bureau if bureau.endswith(_WITH_OFFICES) or _PARTY_OFFICE.search(name) else name


def _is_known(name: str, types: frozenset[AgencyType]) -> bool:
    options = read_name(name)
    return bool(options) and all(
        option.unit.agency_type in types and option.unknown_region is None and _is_told(name, option)
        for option in options
    )


def find_bureaus_of_site(lines: Iterable[str], sites: Iterable[str]) -> Iterator[str]:
    """Yield the bureaus whose own site or folder a page stands in where its text speaks as one of their kind.

    >>> list(find_bureaus_of_site(["2021年，我局认真公开。"], ["石台县审计局", "石台县人民政府"]))
    ['石台县审计局']
    >>> list(find_bureaus_of_site(["2021年，我中心认真公开。"], ["石台县审计局"]))
    []
    """
    text = fold_characters("".join(lines))
    for site in sites:
        name = load_wordings().site_of.sub("", fold_characters(site))
        if name.endswith(_BUREAUS) and _speaks_as(name, text) and _is_in_full(name):
            yield name


def find_body_of_crumbs(lines: Iterable[str], crumbs: Iterable[str]) -> Iterator[str]:
    """Yield the one bureau or township in a page's breadcrumbs where its text speaks as one of its kind.

    Only the site says where it lies, and a list of several is a menu.

    >>> list(find_body_of_crumbs(["2021年，我委认真公开。"], ["首页", "县卫健委", "年报"]))
    ['县卫健委']
    >>> list(find_body_of_crumbs(["2021年，我镇认真公开。"], ["江高镇", "太和镇", "年报"]))
    []
    """
    text = fold_characters("".join(lines))
    bodies = {crumb for crumb in map(fold_characters, crumbs) if _is_bureau(crumb) or is_listed_township(crumb)}
    if len(bodies) == 1:
        yield from (body for body in bodies if _speaks_as(body, text))


def _is_bureau(name: str) -> bool:
    return _is_known(name, _CONTACTS) and all(option.unit.township is None for option in read_name(name))


def _speaks_as(name: str, text: str) -> bool:
    """Tell whether a text says 我局 where the name is a bureau's, 我镇 where it is a town's."""
    own = _OWN_BODY.get(name[-1])
    return own is not None and own.search(text) is not None


def _is_in_full(name: str) -> bool:
    """Tell whether a name is that of a known body behind its region in full: 市发改委网 may be another's."""
    return _is_known(name, _CONTACTS) and all(option.places and not option.is_short for option in read_name(name))


def _is_told(name: str, option: NameOption) -> bool:
    """Tell whether a name is an agency's beyond doubt: on the lists, or called one behind a region in full."""
    if option.unit.doubt < _KNOWN_DOUBT:
        return True
    return bool(option.places) and not option.is_short and name.endswith((*_BUREAUS, *_OTHER_BODIES))
