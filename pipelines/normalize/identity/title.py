"""The report's title: which words name the agency, which the year, and which are neither."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from pipelines.normalize.folding import fold_characters
from schemas.agency import load_wordings

_CHINESE_YEAR = re.compile(
    r"(?<![〇○零一二三四五六七八九])[二1][〇○零0O][〇○零0O一二三四五六七八九]{2}(?=年|度|政府信息|政务公开|信息公开)"
)
_LETTER_IN_YEAR = re.compile(r"(?<!\d)2[O〇○零](?=[0-3]\d年)")
# 23年度 in front of the words for disclosure or of the whole title; no span (近10年, 15年来) or number (第12年), and
# nothing of a 12年一贯制学校.
_SHORT_YEAR = re.compile(
    r"(?<![\d第近前后过满])(?=(?:0[89]|[12]\d)年度?的?(?:政府信息|政务|信息公开))|^(?=(?:0[89]|[12]\d)年(?![来间内期以一]))"
)
_FORMAL_YEAR = re.compile("贰零[零壹贰叁][零壹贰叁肆伍陆柒捌玖](?=年|度)")
_FORMAL_DIGITS = str.maketrans("零壹贰叁肆伍陆柒捌玖", "0123456789")
_DIGITS = str.maketrans("〇○零O一二三四五六七八九", "0000123456789")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?:(?:年|-|—|~|至|到|、|和)+(?:19|20)\d\d)?(?!\d)(?:学?年度|学?年|度)?")
_YEAR_NUMBER = re.compile(r"(?:19|20)\d\d")
# A day or month that begins and ends no period: the report was published then, and is on another year.
_DAY = re.compile(
    r"(?<![至到起—~\d-])20\d\d(?:([-/.])\d{1,2}\1\d{1,2}|年\d{1,2}月(?:\d{1,2}日)?)(?![至到起—~\d-]|\d*[-—~至到])"
)
_PUNCTUATION = re.compile(r"[，,。；;：:！!？?>＞»›|│\[\]]|\.{3,}|…")
_BREAK = re.compile(r"[\s>＞»›|│]+|[。；;，,：:]")
_QUOTED = re.compile(r"《([^《》]+)》")
_QUOTES = re.compile(r"[《》〈〉“”\"'「」『』]")
_ENCLOSED = re.compile(r"^[(【〔](.*)[)】〕]$")
_SITE = re.compile(r"[-_|—–]+(?P<site>[^-_|—–]*[\u4e00-\u9fff][^-_|—–]*)")
_SITE_HEAD = re.compile(
    r"^.*(?:首页|当前位置)[-_—–]*|^(?:政务公开|(?:政府)?信息公开(?:年报|目录|指南)?|年报|(?:工作)?年度报告)++$"
)
_SENTENCE = re.compile(r"[，,。；;！!？?]|(?<!机构)编制|编写|撰写|起草|按照|根据|要求|认真|贯彻|组织")
# What may follow a title: a year or remark in brackets, the site's name behind a dash, an extension, words of a notice.
# Nothing of it may be taken in two ways, or a title that goes on otherwise is tried in all of them: a run of digits and
# dates is taken whole, what stands behind a dash to the end, brackets to the one that closes them.
_REST = re.compile(
    r"^(?:[》〉”\"』」]|\((?:[^()]|\([^()]*\))*\)|【[^】]*】|\[[^\]]*\]"
    r"|(?>(?:20\d\d[.-]\d{1,2}(?:[.-]?\d{1,2})?|(?:19|20)\d\d年?度?|\d)+)"
    r"|\.[A-Za-z]{2,5}|/?全文|的?(?:公布|公示|公告|发布)|的(?:函|报告)|正文|[及和]?(?:附件|附表|统计表)|[-_|—–].*$)*$"
)
_LEAD_MARK = re.compile(r"^(?:[\W_]|[A-Za-z]+\d*[-_—–|](?=[\u4e00-\u9fff]))+")
_TAIL_WORD = re.compile(
    r"(?:关于|的|[本上]?年度|年|对|自|(?<!气象)部门|全年|本年|上年|推进|开展|做好|落实|加强|深化|报送|上报|呈报|(?<=[局委厅府办室])文件)+$"
)
_TAIL_MARK = re.compile(r"[-_—–·.]+$")
_LEAD_ENCLOSED = re.compile(r"^\(([\u4e00-\u9fff]{2,12}[省市县区州盟旗])\)(?=[\u4e00-\u9fff]{2})")
_YEAR_ENCLOSED = re.compile(r"\[((?:19|20)\d\d年?度?)\]")
_LEAD_DAY = re.compile(
    r"^[\[(【〔]?20\d\d(?:[-/.]\d{1,2}[-/.]\d{1,2}|年\d{1,2}月\d{1,2}日)[\])】〕]?(?![至到起—–~\d-])"
)
_FILE_NUMBER = re.compile(r"^[\d.]+[-_ ]+")
_NOTHING_ENCLOSED = re.compile(r"\(\)|〔〕|【】")
_SIGNED = re.compile(r"^\((?P<site>[\u4e00-\u9fff]{4,25})\)$")
_LONGEST_TITLE = 90
_LONGEST_TAIL = 24


@dataclass(frozen=True, slots=True)
class TitleReading:
    """What a line says as a title.

    Attributes:
        name: The agency's name as printed, folded; empty where the title names none.
        years: Report years that it names, in order.
        site: Name behind a dash, that of the site and no part of the title; empty where there is none.
    """

    name: str
    years: tuple[int, ...]
    site: str


@lru_cache(maxsize=262_144)
def read_title(text: str) -> TitleReading | None:
    """Return what a line says as the title of an annual report, or None where it is no such title.

    >>> read_title("X2023年度 卫东区政府办政府信息公开工作年度报告（图解）")
    TitleReading(name='卫东区政府办', years=(2023,), site='')
    >>> read_title("洪泽区人民政府信息公开2014年度报告")
    TitleReading(name='洪泽区人民政府', years=(2014,), site='')
    >>> read_title("2025 年政府信息公开工作年报-沭阳县发改局")
    TitleReading(name='', years=(2025,), site='沭阳县发改局')
    >>> read_title("主动公开政府信息情况") is None
    True
    """
    folded = fold_characters(text)
    if len(folded) > _LONGEST_TITLE:
        return None
    folded = _LEAD_DAY.sub("", _remark().sub("", _with_years_in_full(folded)))
    folded = _YEAR_ENCLOSED.sub(r"(\1)", folded)
    match = _title().search(folded)
    if match is None:
        return None
    head, rest = load_wordings().title_lead.sub("", match["head"]), match["rest"]
    if _SENTENCE.search(_QUOTES.sub("", head)) or not _REST.match(rest):
        return None
    if head.endswith("人民") and match["subject"].startswith("政府"):
        head += "政府"  # 洪泽区人民政府信息公开: the words share 政府
    sites = [found["site"] for found in _SITE.finditer(rest)] or [found["site"] for found in _SIGNED.finditer(rest)]
    # Behind a title that names its year stands another's: (2024年1月发布).
    named = [found for part in (head, match["year"] or "") for found in _years_in(part)]
    years = tuple(named or _years_in(without_days(rest)))
    return TitleReading(_clean_name(head), years, sites[-1] if sites else "")


def may_be_title(text: str) -> bool:
    """Tell whether a text can hold a title at all: none is without 公开, and looking closer costs a hundred times more.

    >>> may_be_title("卫东区2021年政府信息公开工作年度报告"), may_be_title("总体情况")
    (True, False)
    """
    return "开" in text or "開" in text


def find_titles(text: str) -> list[tuple[str, TitleReading]]:
    """Return the titles that stand somewhere in a text, each as printed and as read.

    A crawler puts breadcrumb, title and source into one line, so the text is tried whole, then piece by piece.

    >>> [
    ...     reading.name
    ...     for _, reading in find_titles("特向社会公布某市审计局（以下简称“市局”，下同）2021年政府信息公开年报。")
    ... ]
    ['某市审计局']
    """
    if not may_be_title(text):
        return []
    if "简称" in text:
        text = load_wordings().short_form.sub("", text)
    whole = read_title(text)
    if whole is not None and not _PUNCTUATION.search(text):
        return [(_without_lead(text), whole)]
    pieces = [piece for piece in _BREAK.split(text[:2_000]) if piece]
    readings = [(piece, read_title(piece)) for piece in pieces]
    found = [(_without_lead(piece), reading) for piece, reading in readings if reading is not None]
    if not any(reading.years and reading.name for _, reading in found):
        found = [*_joined_titles(text), *found]
    if not found and whole is not None:
        return [(_without_lead(text), whole)]
    return found


def _joined_titles(text: str) -> list[tuple[str, TitleReading]]:
    """Return the title that a blank parts in two where the text goes on behind it.

    >>> [reading.name for _, reading in _joined_titles("卫东区人民政府2019年 政府信息公开工作年度报告 一、总体情况")]
    ['卫东区人民政府']
    """
    for first, second in pairwise(text[:2_000].split()):
        is_parted = first.endswith(("年", "年度")) or second.startswith("20")  # at the year, on either side
        if is_parted and len(second) <= _LONGEST_TAIL and may_be_title(second):
            title = f"{_PUNCTUATION.split(first)[-1]} {second}"
            reading = read_title(title)
            if reading is not None and reading.years and reading.name:
                return [(_without_lead(title), reading)]
    return []


def _without_lead(printed: str) -> str:
    return load_wordings().title_lead.sub("", printed.strip()) or printed.strip()


def find_quoted_titles(text: str) -> list[tuple[str, TitleReading]]:
    """Return the titles that a text quotes, as the notice does with which a report is issued.

    >>> [reading.name for _, reading in find_quoted_titles("关于印发《卫东区2021年政府信息公开年度报告》的通知")]
    ['卫东区']
    """
    readings = [(quoted, read_title(quoted)) for quoted in _QUOTED.findall(text)]
    return [(quoted, reading) for quoted, reading in readings if reading is not None]


@lru_cache(maxsize=65_536)
def name_in_path(stem: str) -> str:
    """Return what a file's name says of the agency, once years, numbers and separators are gone.

    >>> name_in_path("w05_桃江县审计局_2020")
    '桃江县审计局'
    """
    reading = read_title(stem)
    if reading is not None:
        return _FILE_NUMBER.sub("", reading.name).replace("_", "")
    folded = _remark().sub("", fold_characters(stem))
    pieces = [piece for piece in re.split(r"[^\u3400-\u9fff]+", _YEAR.sub("_", folded)) if len(piece) > 1]
    named = [
        piece
        for piece in pieces
        if not re.fullmatch(r"(?:政府)?信息公开.*|年?度?(?:工作)?(?:年度)?(?:报告|年报)|正文|附件.*", piece)
    ]
    return max(named, key=len, default="")


def without_days(text: str) -> str:
    """Return a text without the days and months of publication that stand in it: no year of theirs is the report's.

    >>> without_days("甲局年报(2022-01-18)"), without_days("甲局年报(2021年1月1日至2021年12月31日)")
    ('甲局年报()', '甲局年报(2021年1月1日至2021年12月31日)')
    """
    return _DAY.sub("", text)


def years_in_text(text: str) -> tuple[int, ...]:
    """Return the years that stand in a text, in order.

    >>> years_in_text("二〇一五年度")
    (2015,)
    """
    return tuple(_years_in(_with_digits(fold_characters(text))))


_YEAR_BEHIND = re.compile(r"(?:报告|年报)\(((?:19|20)\d\d)年度?\)$")


def year_behind(title: str, year: int) -> int | None:
    """Return an earlier year behind a title: the report's, where the title's own is that of its publication.

    >>> year_behind("甲局2023年政府信息公开年报（2022年度）", 2023), year_behind("甲局2022年度年报（2023年）", 2022)
    (2022, None)
    """
    found = _YEAR_BEHIND.search(fold_characters(title))
    return int(found[1]) if found is not None and int(found[1]) < year else None


# A month behind the words for a report: it was published then, unless it is one of the year that the title has named.
_PUBLISHED = re.compile(r"(?:年度\D{0,16}报告|年报|(?<!\d)(?P<plain>报告))[^\d报]*(?P<year>20\d\d)年\d{1,2}月")


def part_of_year(title: str) -> str | None:
    """Return the words by which a title is that of a part of the year; None for a report on the whole.

    >>> [part_of_year(f"卫东区2023年{part}政府信息公开工作报告") for part in ("上半年", "第三季度", "1-6月", "1-12月")]
    ['上半年', '三季度', '-6月', None]
    >>> [part_of_year(f"卫东区2023年政府信息公开工作报告({month})") for month in ("2024年1月", "2023年5月", "1-6月")]
    [None, '年5月', '-6月']
    """
    folded = fold_characters(title)
    published = _PUBLISHED.search(folded)
    if published and not (published["plain"] and published["year"] in folded[: published.start()]):
        folded = folded[: published.start("year")] + folded[published.end() :]
    found = load_wordings().title_part_of_year.search(folded)
    return None if found is None else found[0]


def strip_sentence(name: str) -> str:
    """Return a name without the words of the sentence that it was found in; empty where the agency only says 我局.

    >>> (
    ...     strip_sentence("特向社会公布洪泽区审计局"),
    ...     strip_sentence("洪泽区审计局现向社会公开"),
    ...     strip_sentence("特克斯县"),
    ... )
    ('洪泽区审计局', '洪泽区审计局', '特克斯县')
    """
    words = load_wordings()
    return words.title_self.sub("", words.title_trail.sub("", words.title_lead.sub("", name)))


def _with_years_in_full(folded: str) -> str:
    """Return a title with its years in four digits; two digits are a year where the title names no other.

    >>> [_with_years_in_full(f"甲局{year}年度政府信息公开年报") for year in ("23", "2O23", "近10")]
    ['甲局2023年度政府信息公开年报', '甲局2023年度政府信息公开年报', '甲局近10年度政府信息公开年报']
    """
    folded = _LETTER_IN_YEAR.sub("20", _with_digits(folded))
    return folded if "年" not in folded or _YEAR_NUMBER.search(folded) else _SHORT_YEAR.sub("20", folded, count=1)


def _with_digits(folded: str) -> str:
    if "贰零" in folded:
        folded = _FORMAL_YEAR.sub(lambda match: match[0].translate(_FORMAL_DIGITS), folded)
    return _CHINESE_YEAR.sub(lambda match: match[0].replace("1", "一", 1).translate(_DIGITS), folded)


def _years_in(text: str) -> list[int]:
    return [int(year) for found in _YEAR.findall(text) for year in _YEAR_NUMBER.findall(found)]


def _clean_name(head: str) -> str:
    """Return the part of a title before its subject without years, quotes, sentence and placeholder."""
    label, months, placeholder = _not_name()
    name = _QUOTES.sub("", _PUNCTUATION.split(head)[-1])
    name = label.sub("", name) or name
    name = months.sub("", _SITE_HEAD.sub("", _without_year(name)))
    name = _LEAD_ENCLOSED.sub(r"\1", name)
    name = _ENCLOSED.sub(r"\1", _NOTHING_ENCLOSED.sub("", name))
    if ")" in name and "(" not in name:
        name = name.rpartition(")")[2]  # of what the bracket held, only the end was left
    name = placeholder.sub("", _LEAD_MARK.sub("", name))
    return _TAIL_MARK.sub("", _TAIL_WORD.sub("", strip_sentence(name)))


def _without_year(name: str) -> str:
    """Return a name without years; what a year parts from it is dropped where it only says a part of the name again.

    >>> _without_year("海关总署2010年海关"), _without_year("某县2015年审计局")
    ('海关总署', '某县审计局')
    """
    before, *behind = _YEAR.split(name)
    for part in behind:
        before += "" if len(part) > 1 and part in before else part
    return before


@cache
def _not_name() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    words = load_wordings()
    return re.compile(words.title_label), re.compile(words.title_months), re.compile(words.title_placeholder)


@cache
def _title() -> re.Pattern[str]:
    words = load_wordings()
    year = r"(?P<year>(?:工作)?\(?(?:19|20)\d\d\)?(?:年度|年|度)?(?:的)?)?"
    return re.compile(rf"^(?P<head>.*?)(?P<subject>{words.title_subject}){year}(?:{words.title_tail})(?P<rest>.*)$")


@cache
def _remark() -> re.Pattern[str]:
    return re.compile(load_wordings().title_remark, re.IGNORECASE)
