"""The corps of Xinjiang (兵团): its divisions and regiments, and the offices of either."""

from pipelines.normalize.identity.agency_unit import UnitReading, read_unit
from schemas.agency import AgencyType, load_name_rules

_DIGITS = {
    character: digit % 10
    for digit, characters in enumerate(("〇零○", *"一二三四五六七八九"))
    for character in characters
}
_NUMERALS = "〇一二三四五六七八九"
_PLACES = {"百": 100, "十": 10}


def read_corps(name: str) -> UnitReading | None:
    """Return the corps, a division, a regiment or farm of one, or an office of these; None for another body.

    >>> [read_corps(name).form for name in ("第八师石河子市教育局", "兵团第一师阿拉尔市十六团", "新疆生产建设兵团")]
    ['新疆生产建设兵团第八师教育局', '新疆生产建设兵团第一师16团', '新疆生产建设兵团']
    """
    rules = load_name_rules()
    match = rules.corps.match(name)
    if match is not None and (match["city"] or "兵团" in name or name == match["division"] or match["organ"]):
        division = match["division"] if match["division"].startswith("第") else "第" + match["division"]
        regiment, rest = _split_regiment(match["organ"])
    elif name.startswith(("兵团", rules.corps_name)):
        division, regiment, rest = "", "", name.removeprefix(rules.corps_name).removeprefix("兵团")
    else:
        return None
    below = read_unit(rest) if rest else None
    if rest and below is None:
        return None
    organ = "" if below is None or below.key == "人民政府" else below.form.format(region="", stem="", printed="")
    full = rules.corps_name + division + regiment + organ
    agency_type = AgencyType.CORPS if below is None or not organ else below.agency_type
    sector = "综合" if below is None else below.sector
    return UnitReading(full, full, agency_type, sector, 0.0, f"corps {division + regiment or 'itself'}")


def _split_regiment(organ: str) -> tuple[str, str]:
    """Return the regiment at the beginning of what stands behind a division, its number in digits, and the rest.

    >>> [_split_regiment(organ) for organ in ("一五〇团", "一百零一团办公室", "红星一场", "教育局")]
    [('150团', ''), ('101团', '办公室'), ('红星一场', ''), ('', '教育局')]
    """
    match = load_name_rules().corps_regiment.match(organ)
    if match is None:
        return "", organ
    if match["number"] is None:
        return match["farm"], match["organ"]
    return f"{_number(match['number'])}团", match["organ"]


def write_ordinal(text: str) -> str:
    """Return the number of a school or hospital as most are called by it: three figures are read one by one.

    >>> [write_ordinal(number) for number in ("8", "12", "20", "101", "一零一")]
    ['八', '十二', '二十', '一〇一', '一〇一']
    """
    number = str(_number(text))
    if len(number) > 2 or number == "0":
        return "".join(_NUMERALS[int(digit)] for digit in number)
    tens, ones = divmod(int(number), 10)
    return ("" if tens < 2 else _NUMERALS[tens]) + ("十" if tens else "") + (_NUMERALS[ones] if ones else "")


def _number(text: str) -> int:
    """Return a number in digits or Chinese numerals, with places (一百零一) or without (一〇一)."""
    if text.isdigit():
        return int(text)
    if not any(place in text for place in _PLACES):
        return int("".join(str(_DIGITS[character]) for character in text))
    total, digit = 0, 0
    for character in text:
        if character in _PLACES:
            total += (digit or 1) * _PLACES[character]
            digit = 0
        else:
            digit = _DIGITS[character]
    return total + digit
