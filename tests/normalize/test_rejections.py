"""A report that has no key is set aside for what is wrong with its key, in the words of the finding."""

import re
from dataclasses import replace
from functools import partial

import polars as pl
import pytest

from pipelines.normalize import STAGE, normalize_batch
from pipelines.normalize.identity.agency_review import parse_reviews
from pipelines.normalize.rejections import KEYLESS
from pipelines.read import document_frames, read_document
from schemas.table import table
from tests.factory import make_document
from tests.normalize.documents import identify
from tests.read.docx_builder import build_zip


def _normalize(change=lambda text: text, folder_year=None, reviews=""):
    made = make_document(1, "2021", "html", size="district", year=2021, agency="烟台市芝罘区审计局")
    document = read_document("a.html", change(made.content.decode()).encode())
    read = document_frames([(1, document)])
    files = pl.DataFrame({"file_id": [1], "path": ["a.html"], "folder_year": [folder_year]})
    return normalize_batch(
        table("files").conform(files), read["documents"], read["blocks"], read["cells"], parse_reviews(reviews)
    )


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (lambda text: text.replace("2021年", "2062年"), "year_out_of_range", "report year 2062"),
        (lambda text: text.replace("2021年", "2006年"), "year_out_of_range", "report year 2006"),
        (lambda text: text.replace("2021年", "本年"), "no_year", "neither title"),
        (lambda text: text.replace("烟台市芝罘区审计局", ""), "no_agency", "data/reviews/agencies.csv"),
    ],
)
def test_a_report_without_a_key_is_set_aside_for_that_reason(change, code, says):
    frames = _normalize(change)
    [(file_id, stage, reason_code, reason)] = frames["rejections"].rows()
    assert (file_id, stage, reason_code) == (1, "normalize", code)
    assert says in reason
    assert code in frames["findings"]["reason_code"].to_list()


def test_a_report_with_a_key_is_not():
    assert _normalize()["rejections"].is_empty()


def test_what_people_decided_reaches_the_batch():
    assert STAGE.reviews == ("agencies.csv",)
    head = "decision,path,signed_name,agency_name,from_year,to_year,reason"
    frames = _normalize(reviews=f"{head}\nis,a.html,,福州市鼓楼区审计局,,,the site is gl.gov.cn\n")
    assert frames["reports"]["agency_name"].to_list() == ["福州市鼓楼区审计局"]


def _archive(*documents):
    names = [f"{number}.html" for number, _ in enumerate(documents)]
    content = build_zip({name: made.content for name, made in zip(names, documents, strict=True)})
    read = document_frames([(1, read_document("a.zip", content))])
    files = table("files").conform(pl.DataFrame({"file_id": [1], "path": ["a.zip"], "folder_year": [2021]}))
    return normalize_batch(files, read["documents"], read["blocks"], read["cells"])


def test_an_archive_of_reports_that_no_name_tells_apart_is_set_aside():
    """Cells on which two reports agreed were loaded as those of the first."""
    make = partial(make_document, form_code="2021", container="html", size="small")
    first = make(1, year=2021, agency="烟台市芝罘区审计局")
    for other in (make(2, year=2021, agency="福州市鼓楼区审计局"), make(3, year=2022, agency="烟台市芝罘区审计局")):
        [(_, _, code, reason)] = _archive(first, other)["rejections"].rows()
        assert code == "several_reports"
        assert "0.html；1.html" in reason
    assert _archive(first, first)["rejections"].is_empty()


def _page(first, second):
    """Return what is made of a page that holds both reports, one below the other."""
    content = first.content.replace(b"</body>", b"") + second.content.partition(b"<body")[2].partition(b">")[2]
    read = document_frames([(1, read_document("2021/a.html", content))])
    files = table("files").conform(pl.DataFrame({"file_id": [1], "path": ["2021/a.html"], "folder_year": [2021]}))
    return normalize_batch(files, read["documents"], read["blocks"], read["cells"])


def test_a_page_of_two_reports_is_set_aside():
    """Cells on which the reports of two agencies, or of two years, agreed were loaded as those of one."""
    make = partial(make_document, form_code="2021", container="html", size="small")
    first = make(1, year=2021, agency="烟台市芝罘区审计局")
    for other in (make(2, year=2021, agency="福州市鼓楼区审计局"), make(3, year=2022, agency="烟台市芝罘区审计局")):
        assert b"<body" in other.content
        [(_, _, code, _)] = _page(first, other)["rejections"].rows()
        assert code == "several_reports"
    assert _page(first, first)["rejections"].is_empty()


def _below(lines, *, title=True):
    """Return the reason codes with which a page is set aside that prints `lines` between its title and a report."""
    made = make_document(1, "2021", "html", size="small", year=2021, agency="烟台市芝罘区审计局").content.decode()
    article = made[made.index("<h1") :] if title else made[made.index("</h1>") :]
    page = f"<h1>福州市鼓楼区审计局2021年政府信息公开工作年度报告</h1>{lines}{article}"
    return _page_of(page)["rejections"]["reason_code"].to_list()


@pytest.mark.parametrize(
    "lines",
    [
        "<p>附件：年度报告.pdf</p>",
        "<p>一、总体情况</p><p>全年公开信息12条。</p>",
    ],
)
def test_tables_below_the_title_of_another_report_are_not_those_of_the_first(lines):
    """The figures of the next report were loaded as those of one whose own tables are pictures."""
    assert _below(lines) == ["several_reports"]


@pytest.mark.parametrize("line", ["烟台市芝罘区审计局", "福州市鼓楼区审计局2020年政府信息公开工作年度报告"])
def test_a_first_section_that_begins_anew_below_another_unit_or_year_is_another_report(line):
    assert _below(f"<p>一、总体情况</p><p>全年公开信息12条。</p><p>{line}</p>", title=False) == ["several_reports"]


@pytest.mark.parametrize(
    "lines",
    [
        "<p>目录</p><p>一、总体情况</p><p>二、主动公开政府信息情况</p>",
        "<h4>上一篇：烟台市芝罘区审计局2021年政府信息公开工作年度报告</h4>",
        "".join(f"<h3>烟台市芝罘区{unit}2021年政府信息公开工作年度报告</h3>" for unit in ("水利局", "审计局")),
        "<h2>鼓楼区审计局2021年政府信息公开年报</h2>",
        "<h2>福州市鼓楼区人民政府办公室</h2>",
    ],
)
def test_a_contents_page_and_links_to_other_reports_make_no_second_one(lines):
    assert _below(lines, title=False) == []


def _of_units(*captions):
    """Return what is made of a report on a district that prints a set of tables below each caption."""
    make = partial(make_document, form_code="2021", container="html", size="small", year=2021)
    content = make(1, agency="烟台市芝罘区人民政府").content.decode()
    before = content[: content.index("<table")]
    sets = [
        made[made.index("<table") : made.rindex("</table>") + len("</table>")]
        for made in (make(seed, agency="烟台市芝罘区审计局").content.decode() for seed in range(2, 2 + len(captions)))
    ]
    return _page_of(before + "".join(f"<p>{name}</p>{held}" for name, held in zip(captions, sets, strict=True)))


@pytest.mark.parametrize(
    ("captions", "is_refused"),
    [
        (("（一）烟台市芝罘区审计局", "（二）烟台市芝罘区水利局"), True),
        (("填报单位：区审计局", "填报单位：区水利局"), True),
        (("东山街道办事处：", "向阳街道办事处：", "毓璜顶街道办事处："), True),
        (("烟台市芝罘区审计局2021年度统计数据", "烟台市芝罘区水利局2021年度统计数据"), True),
        (("更正前：", "更正后："), False),
        (("烟台市芝罘区人民政府", "烟台市芝罘区人民政府办公室"), False),
    ],
)
def test_the_tables_of_units_one_below_the_other_are_none_of_the_whole(captions, is_refused):
    """Cells on which all units agreed were loaded as those of the district."""
    rejected = _of_units(*captions)["rejections"]["reason_code"].to_list()
    assert ("several_reports" in rejected) is is_refused


def test_prints_that_differ_more_than_they_agree_are_no_copies():
    """Noughts on which the tables of two units, or two years, agreed were loaded as the report's."""
    assert _of_units("本机关情况", "全区情况")["rejections"]["reason_code"].to_list() == ["duplicate_row"]


def test_two_years_in_one_file_are_told_by_titles_that_name_only_the_year():
    """All their figures stood there twice, and the file was said to hold no statistic table."""
    make = partial(make_document, form_code="2021", container="html", size="district", agency="烟台市芝罘区审计局")
    first, second = make(1, year=2021), make(3, year=2022)
    for bare, code in (("年政府信息公开工作年度报告", "several_reports"), ("", "duplicate_row")):
        contents = [
            replace(made, content=made.content.replace(full.encode(), f"{year if bare else ''}{bare}".encode()))
            for made, year in ((first, 2021), (second, 2022))
            for full in [f"烟台市芝罘区审计局{year}年政府信息公开工作年度报告"]
        ]
        assert code in _page(*contents)["rejections"]["reason_code"].to_list()


def test_of_a_copy_with_a_slip_all_other_cells_are_taken():
    made = make_document(1, "2021", "html", size="city", year=2021, agency="烟台市芝罘区审计局").content.decode()
    whole = _page_of(made)
    figure = max(re.findall(r">(\d+)<", made[made.index("<table") :]), key=int)
    copy = made[made.index("<table") : made.rindex("</table>") + 8].replace(f">{figure}<", f">{int(figure) + 1}<")
    twice = _page_of(made + copy)
    assert 0 < _coded(whole) - _coded(twice) < 9
    assert "duplicate_row" in twice["findings"]["reason_code"].to_list()


def _page_of(text):
    read = document_frames([(1, read_document("2021/a.html", text.encode()))])
    files = table("files").conform(pl.DataFrame({"file_id": [1], "path": ["2021/a.html"], "folder_year": [2021]}))
    return normalize_batch(files, read["documents"], read["blocks"], read["cells"])


def _coded(frames):
    return frames["figures"].filter(pl.col("row_code").is_not_null() & pl.col("column_code").is_not_null()).height


@pytest.mark.parametrize(
    ("line", "is_conflict"),
    [
        ("福州市鼓楼区审计局", True),
        ("现公布福州市鼓楼区审计局2021年政府信息公开工作年度报告。", True),
        ("烟台市审计局", False),
        ("芝罘区审计局办公室", False),
        ("本报告由烟台市芝罘区审计局编制，如有疑问请与福州市鼓楼区审计局联系。", False),
    ],
)
def test_a_report_that_another_place_signs_says_so(line, is_conflict):
    """A page copied from another county kept its name in the sentence that introduces it."""
    lines = [("title", "h1", "烟台市芝罘区审计局2021年政府信息公开工作年度报告"), ("paragraph", None, line)]
    report, findings = identify(lines)
    assert report["agency_name"] == "烟台市芝罘区审计局"
    assert ("agency_conflict" in findings) is is_conflict


def test_a_signature_that_only_adds_a_place_to_the_agency_s_name_is_no_conflict():
    lines = [("title", "h1", "万盛经济技术开发区管委会2021年政府信息公开工作年度报告")]
    assert "agency_conflict" not in identify([*lines, ("paragraph", None, "重庆市万盛经济技术开发区管委会")])[1]


@pytest.mark.parametrize("part", ["上半年", "第三季度", "前三季度", "三季度", "1-6月", "6月", "12月份", "一月至九月"])
def test_a_report_on_a_part_of_the_year_is_set_aside(part):
    """Its figures were loaded as those of the whole year."""
    _, findings = identify([("title", "h1", f"洪泽区审计局2021年{part}政府信息公开工作报告")])
    assert "periodic_report" in findings
    assert "periodic_report" in KEYLESS


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("洪泽区审计局2021年1-12月政府信息公开工作报告", 2021),
        ("洪泽区审计局2021年度政府信息公开工作年度报告（2022年1月）", 2021),
        ("洪泽区审计局2021年政府信息公开工作年度报告 2022年1月", 2021),
        ("洪泽区五月花镇2021年政府信息公开工作年度报告", 2021),
        ("2021年四季青镇政府信息公开年报", 2021),
        ("洪泽区审计局政府信息公开工作年度报告（2021年度）", 2021),
        ("洪泽区审计局2021年1月18日发布2020年政府信息公开工作年度报告", 2020),
    ],
)
def test_the_day_of_publication_makes_no_part_of_the_year_nor_its_year(title, year):
    report, findings = identify([("title", "h1", title)], path="a.html", folder_year=None)
    assert "periodic_report" not in findings
    assert report["year"] == year


@pytest.mark.parametrize("day", ["2022-01-18", "2022/1/18", "2022.01.18", "2022年1月18日", "2022年1月"])
def test_a_day_behind_a_title_is_no_report_year(day):
    """It was published then, and the report is on the year before."""
    title = f"洪泽区审计局政府信息公开工作年度报告({day})"
    lines = [("title", "h1", title), ("paragraph", None, "2021年，我局公开信息41条。")]
    assert identify(lines, path="a.html", folder_year=None)[0]["year"] == 2021


@pytest.mark.parametrize(
    "title", ["【文稿解读】洪泽区审计局2021年政府信息公开年报", "文稿解读】洪泽区审计局2021年政府信息公开年报"]
)
def test_a_label_in_front_of_a_title_is_no_part_of_the_name(title):
    assert identify([("title", "h1", title)])[0]["agency_name"] == "淮安市洪泽区审计局"


@pytest.mark.parametrize(
    ("period", "is_part"),
    [
        ("6月30日", True),
        ("2021年9月30日", True),
        ("12月31日", False),
        ("1月31日", False),
    ],
)
def test_statistics_that_end_with_a_quarter_are_not_those_of_the_year(period, is_part):
    """1月31日 is a misprint of 12月31日 that many make."""
    lines = [
        ("title", "h1", "洪泽区审计局2021年政府信息公开工作年度报告"),
        ("paragraph", None, f"本报告所列数据的统计期限为2021年1月1日至{period}。"),
    ]
    assert ("periodic_report" in identify(lines)[1]) is is_part


@pytest.mark.parametrize(
    ("name", "is_joint"),
    [
        ("烟台市芝罘区审计局、烟台市芝罘区水利局", True),
        ("烟台市芝罘区审计局和烟台市芝罘区水利局", True),
        ("烟台市芝罘区发展和改革局", False),
        ("烟台市芝罘区规划与自然资源局", False),
    ],
)
def test_a_report_of_several_agencies_says_so(name, is_joint):
    """It stands under one of them, and the others seem to have published none."""
    lines = [("title", "h1", f"{name}2021年政府信息公开工作年度报告"), ("paragraph", None, "烟台市芝罘区审计局")]
    assert ("joint_report" in identify(lines)[1]) is is_joint


@pytest.mark.parametrize(
    ("year", "lines", "code"),
    [
        (2012, "<p>2012年，我局主动公开政府信息21条。</p>", "words_only"),
        (2019, "<p>2019年，我局主动公开政府信息21条。</p>", "no_statistic_table"),
        (
            2012,
            "<table><tr><td>类别</td><td>条数</td></tr><tr><td>其他</td><td>4</td></tr></table>",
            "no_statistic_table",
        ),
    ],
)
def test_a_report_in_words_from_before_the_national_form_is_told_from_an_unread_one(year, lines, code):
    """Whoever counted the missing reports of a year could not tell them apart."""
    page = f"<h1>烟台市芝罘区审计局{year}年政府信息公开工作年度报告</h1>{lines}"
    assert _page_of(page)["rejections"]["reason_code"].to_list() == [code]


def test_a_copy_in_words_is_no_report():
    page = "<h1>烟台市芝罘区审计局2012年政府信息公开工作年度报告-皇冠体育</h1><p>2012年，我局公开信息21条。</p>"
    assert "words_only" not in _page_of(page)["rejections"]["reason_code"].to_list()
