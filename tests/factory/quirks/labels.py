"""Quirks of wording: variants, broken labels, other scripts and typing errors."""

from collections.abc import Callable
from functools import partial
from random import Random

from tests.factory.model import Cell, Report, Role, Text
from tests.factory.quirks.registry import WITH_MARKUP, add_label_quirk, report_quirk, style_quirk
from tests.factory.style import Style

_WORDED = frozenset({Role.CAPTION, Role.NOTE, Role.COLUMN_GROUP, Role.COLUMN, Role.GROUP, Role.LABEL})

# Name, (code, printed label) pairs, editions. A code that the edition lacks is an error of this list.
_VARIANTS: tuple[tuple[str, tuple[tuple[str, str], ...], frozenset[str] | None], ...] = (
    ("label_law_syllables_lost", (("denied_by_law", "2.其他法律行政止公开"),), None),
    ("label_law_short", (("denied_by_law", "2.其他法律法规禁止公开"),), None),
    ("label_issued_short", (("issued", "本年发件数"), ("in_force", "现行有效件")), frozenset({"2021"})),
    ("label_applicants_varied", (("research_institution", "科研企业"), ("public_interest_org", "社会组织")), None),
    ("label_other_bare", (("other", "（六）其他"),), None),
    (
        "label_other_short",
        (("other_not_rectified", "1.逾期不补正"), ("other_fee_unpaid", "2.逾期不缴费")),
        frozenset({"2021"}),
    ),
    ("label_normative_short", (("normative_document", "规范性文件"),), frozenset({"2021"})),
    ("label_normative_long", (("normative_document", "行政规范性文件"),), frozenset({"2019"})),
    (
        "label_with_guidance",
        (
            ("new_received", "一、本年新收政府信息公开申请数量（指1月1日至12月31日通过网络、信函、当面等渠道收到的）"),
            ("granted", "（一）予以公开（申请内容全部公开的计入此项，包括告知已主动公开的查询途径）"),
        ),
        None,
    ),
)  # fmt: skip

_HEADINGS = (
    ("heading_received", "request", "三、收到的处理政府信息公开申请情况"),
    ("heading_law_reconsideration", "challenge", "四、政府信息公开行政法复议、行政诉讼情况"),
    ("heading_problems_short", "problems", "五、存在问题及改进情况"),
)

_HALF_WIDTH = str.maketrans("（）：，；．“”", '():,;.""')
_FULL_WIDTH = str.maketrans("0123456789./-+()", "０１２３４５６７８９．／－＋（）")
_KANGXI = str.maketrans(
    "一二八十人力大小工己方无日比用目立行自老至色西见角言身里金长非面",
    "⼀⼆⼋⼗⼈⼒⼤⼩⼯⼰⽅⽆⽇⽐⽤⽬⽴⾏⾃⽼⾄⾊⾑⾒⾓⾔⾝⾥⾦⾧⾮⾯",
)
_CJK_RADICALS = str.maketrans("民门见长页食", "⺠⻔⻅⻓⻚⻝")
_TRADITIONAL = str.maketrans(
    "业为举书买乱产亲仅从众优会传伤体侧关兴养册写农减刚创别剂务动劳劵华协单卖卫历压厅县发变号听启员响园国图团围"
    "场坏块坚坝备复够头夺奖妇媒学宁实审宽宾对寻导寿将层届属岁岗币师带帮干广庄库应废开异张强归录当彻总恳恶惊户执扩扫扬护报拟担拥"
    "择挂换据损摆数断无时显术机权条来极构标样档检楼横欢汇汉没济渐测满灭灵热爱状现环电画监盘矿码确碍离种积称稳穷笔签简"
    "类粮紧红级纪纠纳纸组细织终经结给统继续维综编罚职联肃胜脑节药获营补观规视览觉触认讨让训议记讲许论设访证诉评识词译试话询该详语误说请诸课调谁谈责败货质购费资赔赖车转轮输辽达过运还这进远违连迟选递逻遗邮释里针钱铁销锁长门问间闻阅陆际险随难"
    "页项须顺顾预领题额风飞饭馆驻验龙计讼缴内网态况",
    "業為舉書買亂產親僅從眾優會傳傷體側關興養冊寫農減剛創別劑務動勞券華協單賣衛歷壓廳縣發變號聽啟員響園國圖團圍"
    "場壞塊堅壩備復夠頭奪獎婦媒學寧實審寬賓對尋導壽將層屆屬歲崗幣師帶幫干廣莊庫應廢開異張強歸錄當徹總懇惡驚戶執擴掃揚護報擬擔擁"
    "擇掛換據損擺數斷無時顯術機權條來極構標樣檔檢樓橫歡匯漢沒濟漸測滿滅靈熱愛狀現環電畫監盤礦碼確礙離種積稱穩窮筆簽簡"
    "類糧緊紅級紀糾納紙組細織終經結給統繼續維綜編罰職聯肅勝腦節藥獲營補觀規視覽覺觸認討讓訓議記講許論設訪證訴評識詞譯試話詢該詳語誤說請諸課調誰談責敗貨質購費資賠賴車轉輪輸遼達過運還這進遠違連遲選遞邏遺郵釋裡針錢鐵銷鎖長門問間聞閱陸際險隨難"
    "頁項須順顧預領題額風飛飯館駐驗龍計訟繳內網態況",
)  # fmt: skip
_RESTYLED = {"1.": "①", "2.": "②", "3.": "③", "4.": "④", "5.": "⑤", "6.": "⑥", "7.": "⑦", "8.": "⑧"}


def worded_cells(report: Report) -> list[Cell]:
    """Return the cells that hold words of the form."""
    return [cell for cell in report.cells() if cell.role in _WORDED]


def _set_labels(report: Report, _: Random, labels: tuple[tuple[str, str], ...]) -> None:
    for code, text in labels:
        found = [cell for cell in worded_cells(report) if cell.code == code]
        if not found:
            raise ValueError(f"no label of {code} to change")
        for cell in found:
            cell.text = text


def _set_heading(report: Report, _: Random, section: str, text: str) -> None:
    for block in report.blocks:
        if isinstance(block, Text) and block.section == section:
            block.text = text


for _name, _labels, _forms in _VARIANTS:
    _printed = " · ".join(text for _, text in _labels)
    add_label_quirk(_name, "Labels vary", f"Prints {_printed}.", partial(_set_labels, labels=_labels), forms=_forms)
for _name, _section, _text in _HEADINGS:
    add_label_quirk(_name, "Labels vary", f"Heads {_text}.", partial(_set_heading, section=_section, text=_text))


def reword(report: Report, change: Callable[[str], str]) -> None:
    """Apply `change` to every label of the statistic tables."""
    for cell in worded_cells(report):
        cell.text = change(cell.text)


def _reword_everything(report: Report, table: dict[int, int]) -> None:
    reword(report, lambda text: text.translate(table))
    for block in report.blocks:
        if isinstance(block, Text) and block.level != 1:
            block.text = block.text.translate(table)


@report_quirk("Labels are broken up: spaces (情 形, 总 计, 重 新出具)")
def spaces_in_labels(report: Report, rng: Random) -> None:
    """Puts a space or two inside labels."""

    def change(text: str) -> str:
        at = rng.randrange(1, max(2, len(text)))
        return f"{text[:at]} {text[at:]}" if len(text) != 2 else f"{text[0]}  {text[1]}"

    reword(report, change)


@report_quirk(
    "Labels are broken up: <br> or two <p> inside one label (本年新/制作数量, 商业/企业)", containers=WITH_MARKUP
)
def breaks_in_labels(report: Report, rng: Random) -> None:
    """Breaks the line inside column heads and long labels."""
    for cell in worded_cells(report):
        if cell.role in (Role.COLUMN, Role.GROUP) or len(cell.text) > 12:
            middle = len(cell.text) // 2
            cell.text = f"{cell.text[:middle]}\n{cell.text[middle:]}"


@style_quirk("Labels are broken up: two <p> inside one label", containers=WITH_MARKUP)
def breaks_as_paragraphs(style: Style, report: Report) -> None:
    """Writes a line break inside a cell as two paragraphs."""
    style.break_as = "p"
    for cell in report.cells():
        if cell.role is Role.COLUMN and len(cell.text) >= 4:
            cell.text = f"{cell.text[:2]}\n{cell.text[2:]}"


@style_quirk("Labels are broken up: one <span> a character", containers=WITH_MARKUP)
def span_per_character(style: Style, report: Report) -> None:
    """Wraps every character in a span or run of its own."""
    style.span_per_character = True


@report_quirk("Labels are broken up: full-width and half-width brackets, digits, commas and dots")
def half_width_punctuation(report: Report, rng: Random) -> None:
    """Types every bracket, colon and comma of the form in half width."""
    _reword_everything(report, _HALF_WIDTH)


@report_quirk("Labels are broken up: full-width and half-width brackets, digits, commas and dots")
def full_width_labels(report: Report, rng: Random) -> None:
    """Types digits, dots and slashes of labels in full width."""
    reword(report, lambda text: text.translate(_FULL_WIDTH))


@report_quirk("Labels are broken up: Kangxi radicals (⼀⾏⽅)")
def kangxi_radicals(report: Report, rng: Random) -> None:
    """Prints Kangxi radicals in place of characters, as PDF converters do."""
    _reword_everything(report, _KANGXI)


@report_quirk("Labels are broken up: CJK-radical forms (⺠ ⻔) that NFKC does not fold")
def cjk_radicals(report: Report, rng: Random) -> None:
    """Prints radical supplements in headings, narrative and the first row's label (含⺠⽣热线)."""
    _reword_everything(report, _CJK_RADICALS | _KANGXI)
    for cell in worded_cells(report):
        if cell.code == "new_received":
            cell.text += "（含⺠⽣热线⻔户）"


_PHRASES = (("规范性文件", "規範性檔案"), ("制作", "製作"), ("制发", "製發"))


def _to_traditional(text: str) -> str:
    for simplified, traditional in _PHRASES:
        text = text.replace(simplified, traditional)
    return text.translate(_TRADITIONAL)


@report_quirk("Labels vary: 文件 as 檔案 on traditional-script mirrors")
def traditional_tables(report: Report, rng: Random) -> None:
    """Converts the tables to traditional script, 文件 to 檔案 and 制 to 製 as converters do."""
    reword(report, _to_traditional)


@report_quirk("Labels vary: 文件 as 檔案 on traditional-script mirrors", may_refuse="no_agency")
def traditional_script(report: Report, rng: Random) -> None:
    """Converts tables, headings and narrative; whose page such a mirror is may be left untold."""
    reword(report, _to_traditional)
    for block in report.blocks:
        if isinstance(block, Text) and block.level != 1:
            block.text = _to_traditional(block.text)


def _typo(text: str, rng: Random) -> str:
    start = max(text.find(mark, 0, 5) for mark in "、）.") + 1
    at = rng.randrange(start, len(text))
    return text[:at] + rng.choice(("", "的", "伩", "□")) + text[at + 1 :]


@report_quirk("Labels vary (typing errors that no list knows)")
def typos_in_rows(report: Report, rng: Random) -> None:
    """Changes or drops one random character in three long row labels of 表三."""
    labels = [cell for cell in report.cells("request") if cell.role is Role.LABEL and len(cell.text) >= 8]
    for cell in rng.sample(labels, 3):
        cell.text = _typo(cell.text, rng)


@report_quirk("Labels vary (typing errors that no list knows)")
def typos_in_columns(report: Report, rng: Random) -> None:
    """Changes or drops one random character in two column heads of 表三."""
    heads = [cell for cell in report.cells("request") if cell.role is Role.COLUMN and len(cell.text) >= 4]
    for cell in rng.sample(heads, 2):
        at = rng.randrange(1, len(cell.text))
        cell.text = cell.text[:at] + rng.choice(("", "杌", "□")) + cell.text[at + 1 :]


@report_quirk("Labels vary (typing errors that no list knows)")
def typo_in_every_row(report: Report, rng: Random) -> None:
    """Changes one character in every long row label of 表三: the place and the parent must help."""
    for cell in report.cells("request"):
        if cell.role is Role.LABEL and len(cell.text) >= 8:
            cell.text = _typo(cell.text, rng)


@report_quirk("own: list numbers made by the editor (<ol>, Word numbering) are not in the text")
def numbers_stripped(report: Report, rng: Random) -> None:
    """Prints labels without 一、（一） and 1., which automatic numbering had made."""
    for cell in report.cells("request"):
        if cell.role in (Role.LABEL, Role.GROUP):
            for mark in ("、", "）", "."):
                head, found, rest = cell.text.partition(mark)
                if found and rest and len(head) <= 2:
                    cell.text = rest
                    break


@report_quirk("own: enumeration typed in other signs")
def numbers_restyled(report: Report, rng: Random) -> None:
    """Types ① in place of 1. and ㈠ in place of （一）."""
    for cell in report.cells("request"):
        if cell.role is Role.LABEL and cell.text[:2] in _RESTYLED:
            cell.text = _RESTYLED[cell.text[:2]] + cell.text[2:]
        for number, sign in zip("一二三四五六七", "㈠㈡㈢㈣㈤㈥㈦", strict=True):
            cell.text = cell.text.replace(f"（{number}）", sign)


@report_quirk("own: the year written out in labels")
def year_in_labels(report: Report, rng: Random) -> None:
    """Prints 2023年新收… for 本年新收… and 2024年度 for 下年度."""
    for cell in worded_cells(report):
        if cell.code == "new_received":
            cell.text = cell.text.replace("本年", f"{report.year}年")
        elif cell.code == "carried_in":
            cell.text = cell.text.replace("上年", f"{report.year - 1}年")
        elif cell.code == "carried_forward":
            cell.text = cell.text.replace("下年度", f"{report.year + 1}年度")


@report_quirk("own: zero-width marks and no-break spaces of editors")
def invisible_marks(report: Report, rng: Random) -> None:
    """Puts zero-width spaces, joiners, byte-order marks and no-break spaces into labels and around figures."""
    marks = ("\u200b", "\ufeff", "\u200d", "\u00a0", "\u3000", "\u00ad")
    for cell in report.cells():
        if cell.text:
            at = rng.randrange(len(cell.text) + 1) if cell.role is not Role.FIGURE else 0
            cell.text = cell.text[:at] + rng.choice(marks) + cell.text[at:]
            if cell.role is Role.FIGURE:
                cell.text += rng.choice(marks)


@report_quirk("own: units and notes after column heads")
def units_in_heads(report: Report, rng: Random) -> None:
    """Prints 自然人（件） and 总计（单位：件）."""
    for cell in report.cells("request"):
        if cell.role is Role.COLUMN:
            cell.text += "（单位：件）" if cell.code == "total" else "（件）"
