"""Documents that carry the form and are no report of one agency on one year, and reports that come near to them."""

from pathlib import Path

import pytest

from pipelines.normalize.rejections import KEYLESS
from tests.normalize.documents import Line, identify

_TITLE = "洪泽区审计局2021年政府信息公开工作年度报告"

_OTHERS = [
    # samples, and how to fill in the form
    "政府信息公开工作年度报告（样表）",
    "附件2：2021年政府信息公开工作年度报告（参考样式）",
    f"{_TITLE}（模板）",
    f"{_TITLE}参考模板",
    "洪泽区审计局政府信息公开工作年度报告填写范例（2021年）",
    "2021年政府信息公开工作年度报告示范文本",
    "洪泽区审计局2021年政府信息公开年度工作报告范文",
    "2021年度政府信息公开工作年度报告填报说明",
    "关于印发《洪泽区政府信息公开工作年度报告格式》的通知",
    f"政府信息公开工作年度报告优秀案例：{_TITLE}",
    # drafts, and what was withdrawn
    f"{_TITLE}（征求意见稿）",
    f"{_TITLE}（讨论稿）",
    f"关于征求《{_TITLE}》意见的函",
    f"【已废止】{_TITLE}",
    # notices
    "洪泽区人民政府办公室关于做好2021年政府信息公开工作年度报告编制和发布工作的通知",
    "关于报送2021年政府信息公开工作年度报告的通知",
    "关于洪泽区2021年政府信息公开工作年度报告有关事项的通知",
    "洪泽区举办2021年政府信息公开工作年度报告编制培训会",
    # guides, plans, rules
    "洪泽区审计局政府信息公开指南（2021年版）",
    "洪泽区审计局2021年政务公开工作要点",
    "洪泽区2021年政务公开重点工作任务分解表",
    "洪泽区审计局2021年依申请公开工作台账",
    "洪泽区审计局政府信息公开工作年度报告制度",
    "洪泽区政府信息公开工作年度报告编制办法（2021年修订）",
    "洪泽区政府网站工作年度报表（2021年度）",
    # corrections
    f"关于更正《{_TITLE}》的公告",
    "洪泽区审计局关于2021年政府信息公开工作年度报告的更正说明",
    f"{_TITLE}勘误表",
    # another's
    f"洪泽区人民政府办公室关于转发《{_TITLE}》的通知",
    f"【转载】{_TITLE}",
    # assessments
    "洪泽区2021年政府信息公开工作年度报告考核结果通报",
    "洪泽区人民政府办公室关于2021年政府信息公开工作年度报告核查情况的通报",
    # many
    "洪泽区各镇2021年政府信息公开工作年度报告汇总",
    "洪泽区2021年政府信息公开工作年度报告数据汇总表",
    "洪泽区区直各单位2021年度政府信息公开工作年度报告统计表",
    "洪泽区2021年政府信息公开工作年度报告数据对比分析",
    "洪泽区2021年政府信息公开工作年度报告（分部门）",
    "洪泽区2021年政府信息公开工作年度报告（分乡镇）",
    f"{_TITLE}与2020年对比",
    f"{_TITLE}同上年度的数据比较",
    "洪泽区审计局2021年与2020年对比政府信息公开年报",
    # several years
    "洪泽区审计局2020-2021年度政府信息公开工作年度报告",
    "洪泽区审计局2018至2019年政府信息公开工作年度报告",
    "洪泽区审计局2020年度、2021年度政府信息公开工作年度报告",
    "洪泽区审计局2020年和2021年政府信息公开年报",
    "洪泽区审计局近三年（2019—2021年）政府信息公开工作报告",
    "洪泽区审计局政府信息公开工作年度报告（2018-2021年合集）",
    "洪泽区审计局“十三五”时期政府信息公开工作报告",
    "洪泽区审计局2008-2018年政府信息公开工作总结",
    # as others word it
    f"{_TITLE}（更正前）",
    f"{_TITLE}（内部征求意见）",
    f"关于撤销《{_TITLE}》的公告",
    f"关于修改{_TITLE}部分数据的说明",
    "关于收集2021年政府信息公开工作年度报告的通知",
    "2021年度政府信息公开年报工作的通知",
    "政府信息公开工作年度报告填报系统操作手册",
    "关于2021年全区政府信息公开工作年度报告发布情况的通报",
    "洪泽区2021年政府信息公开工作年度报告质效评估",
    f"{_TITLE}（面向社会征求意见）",
    f"{_TITLE}（误发）",
    "洪泽区区级部门2021年政府信息公开工作年度报告",
    "洪泽区2021年各镇、街道政府信息公开年度报告",
    "洪泽区审计局（2020-2021）政府信息公开工作年度报告",
    "洪泽区审计局二〇二〇至二〇二一年政府信息公开工作年度报告",
    "洪泽区审计局转载洪泽区人民政府2021年政府信息公开工作年度报告",
    "洪泽区审计局政府信息依申请公开办理流程",
    # interpretations
    f"{_TITLE}解读",
    f"关于《{_TITLE}》的解读说明",
    f"解读《{_TITLE}》",
    f"《{_TITLE}》图文解读",
    # nobody's
    "洪泽区某某局2021年政府信息公开工作年度报告",
    "洪泽区××局2021年政府信息公开工作年度报告",
]


@pytest.mark.parametrize("title", _OTHERS)
def test_a_document_that_calls_itself_something_else_is_set_aside(title):
    """Its figures were loaded as those of the agency that its title, its metadata or its signature names."""
    lines = [("title", "h1", title), ("metadata", "发布机构", "洪泽区审计局"), ("paragraph", None, "洪泽区审计局")]
    assert "other_document" in identify(lines)[1]
    assert "other_document" in KEYLESS


_REPORTS = [
    *(
        f"{_TITLE}（{remark}）"
        for remark in (
            "修订版",
            "审定稿",
            "公开发布稿",
            "更正稿",
            "上报版",
            "全区汇总",
            "更正版",
            "更正",
            "更正后",
            "重新发布",
            "定稿",
            "公示稿",
            "图解",
        )
    ),
    *(f"{_TITLE}（{remark}）" for remark in ("已审核", "含附表", "2022年发布", "网站发布稿", "2021-01-01至2021-12-31")),
    *(
        f"洪泽区{agency}2021年政府信息公开工作年度报告"
        for agency in (
            "统计局",
            "规划局",
            "测绘地理信息局",
            "城乡规划编制研究中心",
            "评估与发展研究中心",
            "统计调查与数据分析中心",
            "政府督查和目标管理考核办公室",
            "财政投资评审中心",
            "检查站",
            "编制办",
            "民意征集中心",
            "示范区管理委员会",
            "各界联合会",
            "四季青镇人民政府",
            "样田镇人民政府",
        )
    ),
    "范县水利局2021年政府信息公开工作年度报告",
    "本单位2021年政府信息公开工作年度报告",
    "我单位2021年政府信息公开工作年度报告",
    "洪泽区审计局本部门2021年政府信息公开工作年度报告",
    "洪泽区审计局2021年度部门政府信息公开工作年度报告",
    "洪泽区审计局2021年部门政府信息公开工作年度报告",
    "洪泽区审计局关于报送2021年政府信息公开工作年度报告的函",
    "洪泽区审计局关于印发2021年政府信息公开工作年度报告的通知",
    f"洪泽区审计局关于公布《{_TITLE}》的公告",
    "洪泽区审计局关于编制完成2021年政府信息公开工作年度报告的公告",
    "洪泽区审计局2021年政府信息公开工作总结及2022年工作计划",
    "洪泽区审计局2021年政府信息公开工作年度报告统计表",
    f"{_TITLE} 淮安市洪泽区人民政府",
    f"{_TITLE}已发布",
    "山西转型综合改革示范区管理委员会2021年政府信息公开工作年度报告",
    "龙胜各族自治县2021年政府信息公开工作年度报告",
    "文字解读：洪泽区审计局2021年政府信息公开工作年度报告",
    "2010-2011年度广西壮族自治区教育厅信息公开年度报告",
]


@pytest.mark.parametrize("title", _REPORTS)
def test_a_report_whose_title_comes_near_is_not(title):
    findings = identify([("title", "h1", title), ("paragraph", None, "全年公开征求意见稿3件，统一答复模板。")])[1]
    assert findings.keys().isdisjoint({"other_document", "doubtful_document"})


@pytest.mark.parametrize(
    ("line", "is_other"),
    [
        ("（样表）", True),
        ("（征求意见稿）", True),
        ("附件2：参考样式", True),
        ("编制说明", False),
        ("附件：1.2021年政府信息公开工作年度报告样表", False),
        ("征求意见稿", False),
    ],
)
def test_a_remark_below_the_title_says_what_a_document_is(line, is_other):
    lines = [("title", "h1", _TITLE), ("paragraph", None, line)]
    assert ("other_document" in identify(lines)[1]) is is_other


@pytest.mark.parametrize(
    ("line", "is_other"),
    [
        ("为方便公众看懂年报，现就年报内容进行如下解读。", True),
        ("现将编制2021年政府信息公开工作年度报告有关事项通知如下：", True),
        ("现将2021年政府信息公开工作有关情况报告如下：", False),
        ("审计局积极作好解读，情况如下：", False),
    ],
)
def test_a_sentence_before_the_first_part_says_what_follows(line, is_other):
    """A page that was saved without its title was loaded by the tables and the agency of which it speaks."""
    lines: list[Line] = [
        ("paragraph", None, line),
        ("paragraph", None, "一、编制背景"),
        ("paragraph", None, f"《{_TITLE}》已公布。"),
    ]
    assert ("other_document" in identify(lines)[1]) is is_other
    assert "other_document" not in identify([("title", "h1", _TITLE), *lines[1:], lines[0]])[1]


def test_a_first_line_that_quotes_the_notice_is_no_title():
    """The report that followed it was refused as a notice."""
    line = "根据《关于做好政府信息公开年度报告编制工作的通知》要求，现将审计局2021年度政府信息公开情况汇报如下："
    lines: list[Line] = [("title", "first_line", line), ("paragraph", None, "一、总体情况")]
    report, findings = identify([*lines, ("paragraph", None, "洪泽区审计局")], path="misc/a.html", folder_year=None)
    assert (report["agency_name"], report["year"]) == ("淮安市洪泽区审计局", 2021)
    assert "other_document" not in findings


@pytest.mark.parametrize(
    ("title", "is_other"),
    [("医院政府信息公开工作年度报告", True), ("淮安市洪泽区人民医院2021年信息公开年度报告", False)],
)
def test_a_placeholder_in_the_sentence_that_says_who_made_it_is_a_sample_where_nobody_is_named(title, is_other):
    lines = [("title", "h1", title), ("paragraph", None, "本年度报告根据条例要求，由xx县中医院编制完成。")]
    assert ("other_document" in identify(lines)[1]) is is_other


@pytest.mark.parametrize(
    "title",
    [
        ("洪泽区人民政府办公室", "关于做好2021年政府信息公开工作年度报告编制和发布", "工作的通知"),
        ("洪泽区人民政府办公室关于做好2021年政府信息公开工作年度报告", "编制工作的通知"),
        ("关于2021年政府信息公开工作年度报告", "核查情况的通报"),
        ("洪泽区审计局关于更正2021年政府信息公开", "工作年度报告的公告"),
        ("洪泽区审计局", "政府信息公开指南"),
        ("洪政办〔2022〕3号", "洪泽区人民政府办公室关于做好2021年政府信息公开工作年度报告编制工作的通知"),
        ("政府信息公开年报", "2021年政府信息公开工作年度报告样表"),
        ("政务公开", "洪泽区审计局2021年政务公开工作要点"),
        (_TITLE.removesuffix("工作年度报告"), "工作年度报告", "（征求意见稿）"),
    ],
)
def test_a_title_in_the_lines_says_what_a_document_is(title):
    """It is broken over lines, or a page states its column for its title."""
    first, *others = title
    lines = [("title", "first_line", first), *(("paragraph", None, text) for text in others)]
    lines += [("paragraph", None, "各镇人民政府，区直各单位："), ("paragraph", None, "洪泽区审计局")]
    assert "other_document" in identify(lines)[1]


@pytest.mark.parametrize(
    "way",
    [
        "当前位置：首页 > 政府信息公开 > 县直部门政府信息公开 > 审计局 > 政府信息公开年报",
        "首页 >> 各乡镇政府信息公开 >> 年度报告 >> 信息公开年度报告",
        "首页 > 政府信息公开指南 > 2020-2021年政府信息公开年报",
        "首页 | 政府信息公开制度 | 各单位政府信息公开年报",
        "当前位置： 首页 县直部门政府信息公开 各单位政府信息公开年报 2021年",
    ],
)
@pytest.mark.parametrize("label", ["first_line", "title", "h1"])
def test_the_way_to_a_page_says_nothing_of_it(way, label):
    lines = [("title", label, way), ("paragraph", None, "审计局"), ("paragraph", None, "2021年，我局认真落实条例。")]
    assert identify([*lines, ("paragraph", None, _TITLE)])[1].keys().isdisjoint({"other_document", "doubtful_document"})
    assert "other_document" in identify([("title", label, f"{way} > {_TITLE}（征求意见稿）")])[1]


@pytest.mark.parametrize(
    "title",
    [
        (_TITLE, "目录", "编制说明"),
        (_TITLE, "工作计划与方案"),
        ("洪泽区审计局", "2021年政府信息公开工作年度报告"),
        ("洪泽区审计局", "关于印发2021年政府信息公开工作年度报告的", "通知"),
        ("首页", "政府信息公开指南", "关于做好2021年政府信息公开工作年度报告编制工作的通知", "2020年年报", _TITLE),
        (*("首页", "政府信息公开指南", "政策文件", "政府信息公开制度", "工作要点", "机构") * 2, "审计局", "公开"),
    ],
)
def test_lines_around_a_title_do_not(title):
    first, *others = title
    lines = [("title", "first_line", first), *(("paragraph", None, text) for text in others)]
    assert "other_document" not in identify([*lines, ("paragraph", None, "洪泽区审计局认真落实条例。")])[1]


@pytest.mark.parametrize(
    "column",
    [
        "政府信息公开指南",
        "政府信息公开年报目录",
        "历年政府信息公开年报",
        "2020-2021年政府信息公开年报",
        "区级部门政府信息公开年报",
    ],
)
def test_the_column_of_a_site_says_nothing_of_the_report_in_it(column):
    lines = [("title", "h1", column), ("title", "title", f"{column}_洪泽区人民政府"), ("paragraph", None, _TITLE)]
    assert "other_document" not in identify(lines)[1]


@pytest.mark.parametrize(
    ("name", "is_doubtful"),
    [("附件2：政府信息公开工作年度报告样表", True), (f"{_TITLE}模板", True), (f"{_TITLE}（送审稿）", False)],
)
def test_a_name_of_a_file_that_says_so_is_a_doubt(name, is_doubtful):
    """Clerks write over the sample that they were sent, and keep its name."""
    findings = identify([("title", "h1", _TITLE)], path=f"2021/{name}.docx")[1]
    assert "other_document" not in findings
    assert ("doubtful_document" in findings) is is_doubtful


@pytest.mark.parametrize("rest", ["测算依据", "亮点摘编", "审批表", "（报批稿）", "（校样）"])
def test_a_title_that_goes_on_otherwise_is_a_doubt(rest):
    assert "doubtful_document" in identify([("title", "h1", f"{_TITLE}{rest}"), ("paragraph", None, "洪泽区审计局")])[1]


def test_a_version_before_the_last_is_a_doubt():
    findings = identify([("title", "h1", f"{_TITLE}（送审稿）")])[1]
    assert "送审稿" in findings["doubtful_document"]
    assert "other_document" not in findings


def test_a_placeholder_in_the_title_does_not_matter_where_another_line_names_the_agency():
    lines = [("title", "h1", "XX县审计局2021年政府信息公开工作年度报告"), ("paragraph", None, "桃江县审计局")]
    report, findings = identify(lines)
    assert report["agency_name"] == "益阳市桃江县审计局"
    assert "other_document" not in findings


def test_a_person_s_decision_makes_a_document_the_report(tmp_path: Path):
    reviews = tmp_path / "agencies.csv"
    reviews.write_text(
        "decision,path,signed_name,agency_name,from_year,to_year,reason\n"
        "is,2021/a.html,,淮安市洪泽区审计局,,,the clerk left the word in the title\n",
        encoding="utf-8",
    )
    assert "other_document" not in identify([("title", "h1", f"{_TITLE}（样表）")], reviews=reviews)[1]


def test_a_column_that_gathers_reports_says_nothing_of_the_one_below_it() -> None:
    way = ">政府信息公开>政府信息公开年报>2023>市政府部门机构信息公开工作年度报告汇总"
    lines: list[Line] = [("title", "first_line", way), ("paragraph", None, "武威市应急管理局")]
    lines += [("paragraph", None, "2023年政府信息公开工作年度报告"), ("paragraph", None, "一、总体情况")]
    report, findings = identify(lines, folder_year=2023)
    assert (report["agency_name"], set(findings)) == ("武威市应急管理局", set())
