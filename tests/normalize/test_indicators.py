"""Indicator tables of any province: what is printed is read or refused, and never set under the wrong column."""

import polars as pl
import pytest

from pipelines.normalize import normalize_batch
from pipelines.normalize.indicators.rows import PrintedIndicator, set_parents
from pipelines.read import document_frames
from pipelines.read.model import Block, Document
from schemas.table import table
from schemas.vocabulary import BlockKind, FileFormat
from tests.factory.legacy import known_rows
from tests.normalize.tables import request_rows

HEAD = ["指标名称", "计量单位", "2014年度", "历年累计"]
BODY = [
    ["主动公开文件数", "条", "25", "789"],
    ["其中：1、政府网站公开数", "条", "20", "700"],
    ["2、政府公报公开数", "条", "5", "89"],
    ["受理依申请公开信息总数", "条", "3", "4"],
]


def cells_of(rows):
    """Return a grid of texts as cells; a text with a pair of numbers behind it spans so many rows and columns."""
    cells, taken = [], set()
    for number, row in enumerate(rows, start=1):
        column = 1
        for item in row:
            text, down, right = item if isinstance(item, tuple) else (item, 1, 1)
            while (number, column) in taken:
                column += 1
            cells.append((number, column, down, right, text))
            taken |= {(number + d, column + r) for d in range(down) for r in range(right)}
            column += right
    return cells


def read(*tables, year=2014, before=(), title="福州市晋安区人民政府{}年政府信息公开工作年度报告"):
    document = Document(FileFormat.HTML, tables=[cells_of(rows) for rows in tables])
    document.blocks = [Block(BlockKind.TITLE, title.format(year), label="h1")]
    document.blocks += [Block(BlockKind.PARAGRAPH, text) for text in before]
    document.blocks += [Block(BlockKind.TABLE, "", table_number=n) for n in range(1, len(tables) + 1)]
    frames = document_frames([(1, document)])
    files = pl.DataFrame({"file_id": [1], "path": ["a.html"], "folder_year": [None]})
    return normalize_batch(table("files").conform(files), frames["documents"], frames["blocks"], frames["cells"])


def figures(frames, *, column="year"):
    rows = frames["figures"].filter(pl.col("table_code") == "legacy", pl.col("column_code") == column)
    return {(row["raw_label"], row["row_code"]): row["value"] for row in rows.iter_rows(named=True)}


def by_label(frames, *, column="year"):
    return {label: value for (label, _), value in figures(frames, column=column).items()}


def reasons(frames):
    return set(frames["findings"]["reason_code"])


def rejected(frames):
    return frames["rejections"]["reason_code"].to_list()


def test_the_usual_table():
    frames = read([HEAD, *BODY])
    assert figures(frames) == {
        ("主动公开文件数", "proactive_documents"): 25,
        ("其中：1、政府网站公开数", "proactive_website"): 20,
        ("2、政府公报公开数", "proactive_gazette"): 5,
        ("受理依申请公开信息总数", "requests_total"): 3,
    }
    assert by_label(frames, column="cumulative")["主动公开文件数"] == 789
    parents = dict(frames["figures"].select("raw_label", "parent_number").iter_rows())
    assert (parents["其中：1、政府网站公开数"], parents["2、政府公报公开数"], parents["受理依申请公开信息总数"]) == (
        1,
        1,
        None,
    )
    assert set(frames["figures"]["unit"]) == {"条"}
    assert not rejected(frames)


def test_every_indicator_of_a_known_form_leaves_no_finding():
    rows = [[row.label, row.unit, str(row.year), str(row.cumulative)] for row in known_rows("fujian_2014", 1, 2014)]
    frames = read([HEAD, *rows])
    assert set(frames["figures"]["provincial_form"]) == {"fujian_2014"}
    assert set(frames["reports"]["form_code"]) == {"pre2019"}
    assert frames["findings"].is_empty()
    assert "missing_row" in reasons(read([HEAD, *rows[:-1]]))
    later = [row for row in rows if "减免金额" not in row[0]]  # printed up to 2016 alone
    assert len(later) == len(rows) - 1
    assert read([HEAD, *later])["findings"].is_empty()


@pytest.mark.parametrize(
    "row",
    [
        ["主动公开文件数", "条", "789"],  # a blank year that a text container dropped: 789 would stand under the year
        ["主动公开文件数", "25", "789"],  # the unit is gone, and all stands one column left
        ["主动公开文件数", "条", ("25", 1, 2)],  # one figure under two heads
        ["主动公开文件数", "条", "25", "789", "3"],  # one more than the head has columns
        ["主动公开文件数", "条", "25"],
    ],
)
def test_a_row_that_does_not_fit_the_head_is_kept_without_a_column(row):
    frames = read([HEAD, row, *BODY[1:]])
    assert "主动公开文件数" not in by_label(frames) | by_label(frames, column="cumulative")
    kept = frames["figures"].filter(raw_label="主动公开文件数")["raw_text"].to_list()
    assert kept == [cell if isinstance(cell, str) else cell[0] for cell in row[1:] if cell != "条"]
    assert "row_width_mismatch" in reasons(frames)
    assert by_label(frames)["受理依申请公开信息总数"] == 3


def test_of_two_years_only_the_reports_own_is_the_years_figure():
    rows = [["指标名称", "计量单位", "2013年度", "2014年度"], *BODY]
    assert by_label(read(rows))["主动公开文件数"] == 789
    stale = read(rows, year=2013)
    assert by_label(stale) == {}
    assert "year_conflict" in reasons(stale)
    assert stale["figures"].filter(raw_label="主动公开文件数")["raw_column"].to_list() == ["2013年度", "2014年度"]


def test_a_head_that_nobody_changed_gives_no_year():
    frames = read([HEAD, *BODY], year=2016)
    assert by_label(frames) == {}
    assert by_label(frames, column="cumulative")["主动公开文件数"] == 789


@pytest.mark.parametrize(
    "head",
    [
        ["指标名称", "计量单位", "本季度", "本年累计"],
        ["指标名称", "计量单位", "本期实际", "本年累计"],
        ["指标名称", "计量单位", "3月份", "1-3月"],
    ],
)
def test_a_monthly_or_quarterly_head_is_refused(head):
    frames = read([head, *BODY])
    assert frames["figures"].is_empty()
    assert rejected(frames) == ["periodic_table"]


@pytest.mark.parametrize(
    ("before", "title"),
    [
        (("2014年第三季度政府信息公开情况统计表",), "福州市晋安区人民政府{}年政府信息公开工作年度报告"),
        (("政府信息公开情况统计表",), "福州市晋安区人民政府{}年第3季度政府信息公开情况统计"),
        (("（2014年10月）政府信息公开情况统计月报表",), "福州市晋安区人民政府{}年政府信息公开工作年度报告"),
    ],
)
def test_a_monthly_or_quarterly_title_is_refused(before, title):
    frames = read([HEAD, *BODY], before=before, title=title)
    assert frames["figures"].is_empty()
    assert "periodic_table" in reasons(frames)


def test_a_title_row_of_a_quarter_is_refused_and_one_of_the_year_is_not():
    title = ("政府信息公开情况统计表（2014年{}）", 1, 4)
    quarter = [(title[0].format("第二季度"), 1, 4)]
    assert rejected(read([quarter, HEAD, *BODY])) == ["periodic_table"]
    assert by_label(read([[(title[0].format("度"), 1, 4)], HEAD, *BODY]))["主动公开文件数"] == 25


def test_the_narrative_about_a_quarter_is_no_title():
    told = "我区第三季度开展了专项检查，并于10月份通报。"
    assert by_label(read([HEAD, *BODY], before=(told,)))["主动公开文件数"] == 25


def test_quarters_beside_the_year_are_parts():
    head = ["指标名称", "单位", "第一季度", "第二季度", "第三季度", "第四季度", "全年"]
    rows = [[label, unit, "1", "2", "3", "4", year] for label, unit, year, _ in BODY]
    frames = read([head, *rows])
    assert by_label(frames)["主动公开文件数"] == 25
    assert frames["figures"].filter(pl.col("column_code").is_null())["raw_column"].unique().sort().to_list() == sorted(
        head[2:6]
    )


def test_parts_of_the_agency_are_kept_under_their_heads_and_are_no_years_figure():
    head = ["序号", "统计指标", "单位", "区政府统计数", "区直单位统计数", "乡镇街道统计数"]
    rows = [[str(n), label, unit, "1", "2", "3"] for n, (label, unit, *_) in enumerate(BODY)]
    frames = read([head, *rows])
    assert by_label(frames) == {}
    kept = frames["figures"].filter(raw_label="主动公开文件数").select("raw_column", "value").rows()
    assert kept == [("区政府统计数", 1), ("区直单位统计数", 2), ("乡镇街道统计数", 3)]
    assert "unmapped_column" in reasons(frames)


def test_the_whole_beside_its_parts_is_the_years_figure():
    head = [
        [("指标名称", 2, 1), ("单位", 2, 1), ("2014年度", 1, 3), ("历年累计", 1, 2)],
        ["合计", "区直", "乡镇", "合计", "区直"],
    ]
    rows = [[label, unit, year, "1", "2", total, "3"] for label, unit, year, total in BODY]
    frames = read([*head, *rows])
    assert by_label(frames)["主动公开文件数"] == 25
    assert by_label(frames, column="cumulative")["主动公开文件数"] == 789
    assert frames["figures"].filter(pl.col("column_code").is_null())["raw_column"].unique().sort().to_list() == [
        "2014年度 乡镇",
        "2014年度 区直",
        "历年累计 区直",
    ]


def test_a_column_of_groups_names_the_parent():
    rows = [
        [("指标", 1, 2), "单位", "本年度"],
        [("主动公开文件数", 1, 2), "条", "25"],
        [("其中", 2, 1), "政府网站公开数", "条", "20"],
        ["政府公报公开数", "条", "5"],
        [("行政复议数", 1, 2), "件", "2"],
    ]
    frames = read(rows)
    assert [code for _, code in figures(frames)] == [
        "proactive_documents",
        "proactive_website",
        "proactive_gazette",
        "reconsiderations",
    ]


def test_one_label_in_two_places_is_two_indicators():
    rows = [
        ["收到公开申请", "件", "9", "9"],
        ["其中：1.网络", "件", "4", "4"],
        ["2.其他", "件", "5", "5"],
        ["答复公开申请", "件", "7", "7"],
        ["其中：1.公开", "件", "1", "1"],
        ["2.其他", "件", "6", "6"],
    ]
    frames = read([HEAD, *rows])
    found = (
        frames["figures"].filter(column_code="year").select("raw_label", "row_code", "value", "parent_number").rows()
    )
    assert [row for row in found if row[0] == "2.其他"] == [("2.其他", None, 5, 1), ("2.其他", None, 6, 4)]
    assert not rejected(frames)


def test_a_known_label_as_a_part_of_something_else_is_not_that_indicator():
    rows = [["接待公开咨询", "件", "9", "9"], ["其中：行政复议数", "件", "2", "2"], *BODY]
    assert ("其中：行政复议数", None) in figures(read([HEAD, *rows]))


def test_an_amount_in_pieces_and_a_count_in_money_are_not_what_their_labels_say():
    rows = [*BODY, ["政府信息公开收费减免金额", "件", "3", "3"], ["行政复议数", "元", "2", "2"]]
    found = figures(read([HEAD, *rows]))
    assert (found["政府信息公开收费减免金额", None], found["行政复议数", None]) == (3, 2)
    money = read([HEAD, *BODY, ["政府信息公开收费减免金额", "万元", "3", "3"]])
    assert money["figures"].filter(row_code="fee_reduction")["unit"].to_list() == ["万元", "万元"]


def test_other_statistics_of_the_same_shape_are_left_alone():
    rows = [
        ["一般公共预算收入", "万元", "100", "900"],
        ["固定资产投资", "万元", "5", "9"],
        ["户籍人口", "人", "7", "7"],
    ]
    among_others = [*rows * 3, *BODY]
    for other in (rows, among_others):
        frames = read([HEAD, *other])
        assert frames["figures"].is_empty()
        assert rejected(frames) == ["no_statistic_table"]


def test_blanks_dashes_and_words_are_three_things():
    rows = [["主动公开文件数", "条", "", "/"], *BODY[1:], ["行政复议数", "件", "若干", "１，０２４"]]
    found = read([HEAD, *rows])["figures"].filter(pl.col("row_code").is_in(["proactive_documents", "reconsiderations"]))
    assert found["value_status"].to_list() == ["blank", "not_applicable", "illegible", "reported"]
    assert found["value"].to_list()[-1] == 1024


def test_text_one_cell_a_line_that_lost_a_figure_is_refused_whole():
    lines = [text for row in (HEAD, *BODY) for text in row]
    assert by_label(read([[line] for line in lines]))["2、政府公报公开数"] == 5
    lost = [line for place, line in enumerate(lines) if place != lines.index("5")]
    frames = read([[line] for line in lost])
    assert by_label(frames) == {}
    assert rejected(frames) == ["lossy_text"]
    assert reasons(frames) == {"lossy_text"}
    assert frames["figures"].height == 7


def test_a_label_broken_over_two_lines_is_one():
    lines = [text for row in (HEAD, *BODY) for text in row]
    place = lines.index("其中：1、政府网站公开数")
    lines[place : place + 1] = ["其中：1、政府网站", "公开数"]
    frames = read([[line] for line in lines])
    assert frames["figures"].filter(row_code="proactive_website", column_code="year")["value"].to_list() == [20]
    del lines[place + 2]  # its unit
    assert figures(read([[line] for line in lines])) == figures(frames)


def test_a_national_form_beside_a_table_of_indicators_is_read_as_ever():
    alone = read(request_rows("2021"), year=2021)["figures"]
    frames = read(request_rows("2021"), [["指标名称", "计量单位", "本年度", "历年累计"], *BODY], year=2021)
    both = frames["figures"]
    assert both.filter(table_code="request").equals(alone)
    assert both.filter(table_code="legacy").height == 8


def test_run_together_text_says_so():
    head = "六、统计表指标名称计量单位2016年度历年累计"
    text = f"{head}主动公开文件数条346085376其中：1、政府网站公开数条3460853762、政府公报公开数条00"
    frames = read(before=(text,))
    assert rejected(frames) == ["figures_run_together"]


def run_together(width: int) -> str:
    labels = (
        "一、本年新收政府信息公开申请数量",
        "二、上年结转政府信息公开申请数量",
        "三、本年度办理结果（一）予以公开",
    )
    return "申请人情况自然人商业企业" + "".join(label + "1" * width for label in labels)


def test_run_together_text_of_a_national_form_says_so():
    frames = read(before=(run_together(7),))
    assert rejected(frames) == ["figures_run_together"]
    (finding,) = frames["findings"].filter(reason_code="figures_run_together").rows(named=True)
    assert finding["raw_text"].startswith("本年新收政府信息公开申请数量1111111二、上年结转")
    beside = read(request_rows("2021"), before=(run_together(7),), year=2021)
    assert not rejected(beside)
    assert "figures_run_together" not in beside["findings"]["reason_code"].to_list()


def test_a_document_without_a_table_is_not_sent_to_findings_that_it_does_not_have():
    frames = read(before=(run_together(6),))
    assert rejected(frames) == ["words_only"]
    assert frames["rejections"]["reason"].to_list() == [
        "A report from before 2019 in words alone: what its sentences state is in no fact."
    ]


@pytest.mark.parametrize(
    ("labels", "parents"),
    [
        (("甲", "其中:1.乙", "2.丙", "其中:(1)丁", "(2)戊", "己"), (None, 0, 0, 2, 2, None)),
        (("甲", "其中:乙", "其中:丙", "丁"), (None, 0, 0, None)),
        (("一、甲", "(一)乙", "1.丙", "2.丁", "(二)戊", "1.己", "二、庚"), (None, 0, 1, 1, 0, 4, None)),
        (("甲", "1、乙", "2、丙", "丁", "1、戊"), (None, 0, 0, None, 3)),
        (("(一)甲", "1.乙", "一、丙"), (None, 0, None)),
    ],
)
def test_marks_and_numbers_give_the_hierarchy(labels, parents):
    indicators = [PrintedIndicator(1, n, None, label, (), None, []) for n, label in enumerate(labels)]
    set_parents(indicators)
    found = [None if i.parent is None else indicators.index(i.parent) for i in indicators]
    assert tuple(found) == parents


@pytest.mark.parametrize("label", ["浏览次数", "阅读量：", "点击率"])
def test_what_a_portal_counts_of_the_page_is_no_indicator(label):
    assert by_label(read([HEAD, *BODY, [label, "次", "123", "45"]])) == by_label(read([HEAD, *BODY]))
    assert "专栏浏览量" in by_label(read([HEAD, *BODY, ["专栏浏览量", "次", "123", "45"]]))
