"""The part of an agency's name behind its region: which unit it is, of what type and in which sector."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from schemas.agency import AgencyType, Unit, load_name_rules, load_units
from schemas.region import load_townships

_HEAD_OFFICE = ("(本级)", "本级", "机关本级", "(机关)")
_OWN_STAFF = ("局机关", "厅机关", "委员会机关")
_LEADING_GROUP_ENDS = ("小组", "机构", "小组办公室", "机构办公室", "公开工作办公室", "机构-办公室", "机构—办公室")
_GOVERNED = re.compile(r"(?:人民)?政府(?P<bureau>.{2,}(?:局|厅|委|委员会))")
_BORDER = re.compile(r"[省市县区]")
_NO_NAME = re.compile(r"[<>|]|报告")  # words around a name that a page has run into it
_ANY_NAME = "某"
_STREET = "街道"
_SHORT_STREET = re.compile("(?P<name>.{1,12}街)(?P<organ>(?:办事处|办|党政(?:综合)?办公室)?)")
_BUREAU = "局"
# 公安局越秀区分局 is called 公安局越秀分局 too.
_BRANCH = re.compile(
    r"(?<=[局会])(?!.{0,2}(?:高新|开发|新区|景区|港区|矿区|城区))([\u4e00-\u9fff]{2,4})[区县市旗](?=分局$)"
)
_DOUBLED = re.compile(r"(.{1,4})\1")  # 市场监督管理管理局


@dataclass(frozen=True, slots=True)
class UnitReading:
    """What a name says behind its region.

    Attributes:
        key: What identifies the unit within its region, whatever its spelling.
        form: Full name with `{region}` for the region's full name, or `{stem}` for its name without the ending.
        township: A township's own name where the unit is one or belongs to one.
        doubt: 0 for a unit that the lists know, more the less its name explains itself.
        rule: How it was read, for the evidence.
    """

    key: str
    form: str
    agency_type: AgencyType
    sector: str
    doubt: float
    rule: str
    township: str | None = None

    @property
    def is_provincial(self) -> bool:
        """Only provinces have it (厅)."""
        return load_name_rules().provincial.search(self.key) is not None


@lru_cache(maxsize=65_536)
def read_unit(text: str, *, is_whole_name: bool = False) -> UnitReading | None:
    """Return the unit that stands behind a region, or None where the text is no unit.

    Args:
        text: What is left of the name behind the region and its marker, folded; empty for the region itself.
        is_whole_name: No region stands before it.

    >>> read_unit("政府办").key, read_unit("科委").form, read_unit("").key
    ('人民政府办公室', '{region}科学技术委员会', '人民政府')
    >>> read_unit("建新镇").form
    '{region}建新镇人民政府'
    >>> read_unit("综合实验区管委会").form
    '{stem}综合实验区管理委员会'
    >>> read_unit("在全县范围内") is None
    True
    """
    bare = _with_bureau_in_full(_without_head_office(text))
    if not bare:
        return None if is_whole_name else _known(load_units()["人民政府"], "")
    for reader in (_read_known, _read_governed, _read_township, _read_area, _read_similar, _read_ending):
        reading = reader(bare)
        if reading is not None:
            return reading
    return None


def normalize_unit_key(name: str) -> str:
    """Return a unit's name as compared: 教育和体育局 and 教育体育局 are one, as no place has both.

    >>> normalize_unit_key("教育和体育局")
    '教育体育局'
    """
    known = load_units().get(name)
    if known is not None:
        return known.name
    joined = name.replace("、", "").replace("与", "").replace("和", "").replace("(", "").replace(")", "")
    joined = _BRANCH.sub(r"\1", joined)
    return _joined_units().get(joined, joined)


def is_listed_township(name: str) -> bool:
    """Tell whether a name is that of a listed township or its office, whatever regions seem to stand in it.

    >>> is_listed_township("杭州路街道办事处"), is_listed_township("路街道办事处"), is_listed_township("卫东区审计局")
    (True, False, False)
    """
    rules = load_name_rules()
    if not any(ending in name for ending in rules.township_offices):  # most names are no township's
        return False
    match = rules.township.match(name)
    return match is not None and match["name"] in load_townships()


def sector_of(name: str) -> str:
    """Return the functional sector that a name speaks of, `其他` where it speaks of none."""
    return next((sector for pattern, sector in load_name_rules().sectors if pattern.search(name)), "其他")


def _without_head_office(text: str) -> str:
    for ending in _HEAD_OFFICE:
        text = text.removesuffix(ending)
    if text.endswith(_OWN_STAFF):
        text = text.removesuffix("机关")
    return load_name_rules().leading_group.sub("", text) if text.endswith(_LEADING_GROUP_ENDS) else text


def _with_bureau_in_full(text: str) -> str:
    """Return a branch under its bureau's official name: 市场监管局下陆分局 is 市场监督管理局下陆分局."""
    end = text.find(_BUREAU) + 1
    bureau = load_units().get(text[:end]) if text.endswith("分局") and end < len(text) else None
    return text if bureau is None else bureau.name + text[end:]


def _read_known(text: str) -> UnitReading | None:
    unit = load_units().get(text)
    if unit is None:
        known = _joined_units().get(_join(text))
        unit = load_units()[known] if known else None
    return None if unit is None else _known(unit, text)


def _read_governed(text: str) -> UnitReading | None:
    """Return the known bureau behind the government that it belongs to (区政府国资局); 政府办 is no such bureau."""
    match = _GOVERNED.fullmatch(text)
    return None if match is None else _read_known(match["bureau"])


def _known(unit: Unit, printed: str, rule: str | None = None, doubt: float = 0.0) -> UnitReading:
    form = load_name_rules().official_forms.get(unit.name, "{region}" + unit.name)
    said = rule or (f"{printed} → {unit.name}" if printed != unit.name else unit.name)
    return UnitReading(unit.name, form, unit.agency_type, unit.sector, doubt, said)


def _read_township(text: str) -> UnitReading | None:
    rules = load_name_rules()
    match = rules.township.match(_with_street_in_full(text))
    if match is None:
        return None
    name = match["name"]
    if match["organ"].startswith(_STREET) and name + _STREET in load_townships():
        name += _STREET  # 安镇街道, and no 安镇
    if _NO_NAME.search(name):
        return None
    if _BORDER.search(name) and name not in load_townships():
        return None  # a region's name that was not recognised stands in front
    office = next(office for ending, office in rules.township_offices.items() if name.endswith(ending))
    full = name + office
    return UnitReading(full, "{region}" + full, AgencyType.TOWNSHIP, "综合", 0.3, f"township {name}", township=name)


def _with_street_in_full(text: str) -> str:
    """Return a text with a street that the list knows called 街道 (佳荣里街, 佳荣里街办事处)."""
    match = _SHORT_STREET.fullmatch(text) if "街" in text else None
    if match is None or f"{match['name']}道" not in load_townships():
        return text
    return f"{match['name']}道{match['organ']}"


def _read_area(text: str) -> UnitReading | None:
    """Return a functional area's committee, or one of the committee's offices."""
    rules = load_name_rules()
    match = rules.area.match(text)
    if match is None or (match["kind"] in ("新城", "景区", "港区", "商务区") and not match["committee"]):
        return None
    area = match["own"] + rules.area_short_forms.get(match["kind"], match["kind"])
    organ = _without_head_office(match["organ"])
    if not organ or organ in ("办公室", "党政办公室"):
        full = area + rules.area_committee + organ
        return UnitReading(full, "{stem}" + full, AgencyType.FUNCTIONAL_AREA, "综合", 0.4, f"functional area {area}")
    below = read_unit(organ)
    if below is None:
        return None
    prefix = below.form.partition("{")[0]
    if prefix and "{" in below.form:  # 国家税务总局大连高新技术产业园区税务局
        full = area + below.key
        rule = f"{organ} of functional area {area}"
        return UnitReading(prefix + full, prefix + "{region}" + full, below.agency_type, below.sector, 0.5, rule)
    full = area + below.form.format(region="", stem="", printed="")
    bureau = match["own"][: match["own"].find(_BUREAU) + 1]
    if bureau in load_units():  # 公安局高新区分局: the bureau's branch, and no area called 公安局高新区
        sector = sector_of(match["own"])
        return UnitReading(full, "{region}" + full, below.agency_type, sector, 0.5 + below.doubt, f"branch {full}")
    rule = f"{organ} of functional area {area}"
    return UnitReading(full, "{stem}" + full, below.agency_type, below.sector, 0.5 + below.doubt, rule, below.township)


def _read_similar(text: str) -> UnitReading | None:
    """Return the one known unit from which the text differs by a misread, missing or doubled character."""
    rules = load_name_rules()
    if len(text) < rules.shortest_similar:
        return None
    doubled = load_units().get(_DOUBLED.sub(r"\1", text))
    if doubled is not None:
        return _known(doubled, text, rule=f"{text} ≈ {doubled.name}", doubt=0.2)
    near = {name for shortened in (text, *_shortened(text)) for name in _neighbours().get(shortened, ())}
    found = {
        load_units()[name].name: load_units()[name]
        for name in near
        if name[-1] == text[-1] and _is_slip(text, name, rules.confusable)
    }
    if len(found) != 1:
        return None
    unit = found.popitem()[1]
    return _known(unit, text, rule=f"{text} ≈ {unit.name}", doubt=0.2)


def _is_slip(printed: str, known: str, confusable: frozenset[frozenset[str]]) -> bool:
    from rapidfuzz.distance import Levenshtein  # most reports never need it

    if Levenshtein.distance(printed, known, score_cutoff=1) != 1:
        return False
    for edit in Levenshtein.editops(printed, known).as_list():
        tag, source, target = str(edit[0]), int(edit[1]), int(edit[2])
        if tag == "replace":
            return frozenset((printed[source], known[target])) in confusable
        if tag == "delete":  # a character too many: only one that stands twice, else it may be another unit's name
            return printed[source] in (printed[source - 1 : source], printed[source + 1 : source + 2])
    return min(len(printed), len(known)) > load_name_rules().shortest_similar


def _shortened(text: str) -> set[str]:
    return {text[:place] + text[place + 1 :] for place in range(len(text))}


@cache
def _neighbours() -> dict[str, tuple[str, ...]]:
    """Return the known spellings by themselves less one character, so that only near ones are compared."""
    found: dict[str, list[str]] = {}
    for name in load_units():
        for shortened in (name, *_shortened(name)):
            found.setdefault(shortened, []).append(name)
    return {shortened: tuple(names) for shortened, names in found.items()}


def _read_ending(text: str) -> UnitReading | None:
    """Return a unit that no list knows, typed by its ending."""
    if len(text) < 2 or any(name in text[:-2] for name in ("的", "，", "。")) or _is_nameless_township(text):
        return None
    for pattern, agency_type in load_name_rules().endings:
        if pattern.search(text):
            key = normalize_unit_key(text)
            stem_form = "{printed}" if agency_type in _NAMED_BY_PRINT else "{region}"
            form = stem_form + text
            return UnitReading(key, form, agency_type, sector_of(text), 1.0, f"ending of {text}")
    return None


def _is_nameless_township(text: str) -> bool:
    """Tell whether a text is a township's office without its name: the street's in 北京街道办事处 is the region's.

    So is anything else of a street: 城北街道信息公开办 is nothing of 城北区.
    """
    rules = load_name_rules()
    if text.startswith(_STREET):
        return True
    match = rules.township.match(_ANY_NAME + text)
    return match is not None and match["name"].removeprefix(_ANY_NAME) in rules.township_offices


_NAMED_BY_PRINT = (AgencyType.INSTITUTION, AgencyType.PUBLIC_ENTERPRISE)


def _join(name: str) -> str:
    return name.replace("、", "").replace("与", "").replace("和", "")


@cache
def _joined_units() -> dict[str, str]:
    """Return the known units by their spellings without 和, 与 and 、, where that leaves one unit."""
    found: dict[str, set[str]] = {}
    for spelling, unit in load_units().items():
        found.setdefault(_join(spelling), set()).add(unit.name)
    return {joined: names.pop() for joined, names in found.items() if len(names) == 1}
