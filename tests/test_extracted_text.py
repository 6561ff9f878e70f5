"""Pages as text extractors write them: a cell a line, torn labels, bars behind each cell, the end cut off."""

import re
from collections.abc import Callable
from functools import partial

import polars as pl
import pytest

from pipelines.cli.check import Examination, examine
from tests.cases import Case, read_expected
from tests.factory import make_document
from tests.factory.document import expected_csv
from tests.fidelity import score_cases

_HEAD = ["沭阳县审计局2022年政府信息公开工作年度报告", "一、总体情况", "全年收到申请3件。", "二、主动公开政府信息情况"]
_PROACTIVE = [
    *("第二十条第(一)项", "信息内容", "本年制发件数", "本年废止件数", "现行有效件数"),
    *("规章", "0", "0", "0", "行政规范性文件", "4", "1", "12"),
    *("第二十条第(五)项", "信息内容", "本年处理决定数量", "行政许可", "31"),
    *("第二十条第(六)项", "信息内容", "本年处理决定数量", "行政处罚", "5", "行政强制", "0"),
    *("第二十条第(八)项", "信息内容", "本年收费金额(单位:万元)", "行政事业性收费", "20.3"),
]
_REQUEST = [
    *("三、收到和处理政府信息公开申请情况", "(本列数据的勾稽关系为:第一项加第二项之和,等于第三项加第四项之和)"),
    *("申请人情况", "自然人", "法人或其他组织", "总计", "商业", "企业", "科研", "机构", "社会公益组织"),
    *("法律服务机构", "其他", "一、本年新收政府信息公开申请数量", "2", "1", "0", "0", "0", "0", "3"),
    *("二、上年结转政府信息公开申请数量", "0", "0", "0", "0", "0", "0", "0", "三、本年度办理结果"),
    *("(一)予以公开", "1", "1", "0", "0", "0", "0", "2", "(二)部分公开(区分处理的,只计这一情形,不计其他情"),
]
_FIGURES = {
    ("normative_document", "issued"): 4.0,
    ("normative_document", "in_force"): 12.0,
    ("licensing", "decisions"): 31.0,
    ("penalty", "decisions"): 5.0,
    ("fee", "amount"): 20.3,
    ("new_received", "natural_person"): 2.0,
    ("new_received", "business"): 1.0,
    ("new_received", "total"): 3.0,
    ("granted", "business"): 1.0,
    ("granted", "total"): 2.0,
}


def _examine(text: str) -> Examination:
    return examine("page.txt", text.encode(), 2022)


def _values(examination: Examination) -> dict[tuple[str, str], float]:
    figures = examination.frames["figures"].drop_nulls(["row_code", "column_code", "value"])
    return {(row, column): value for row, column, value in figures.select("row_code", "column_code", "value").rows()}


def _reasons(examination: Examination) -> set[str]:
    return set(examination.frames["findings"]["reason_code"])


def _barred(lines: list[str]) -> list[str]:
    """Return the lines with a bar behind each cell, and one more line of bars behind captions, as for merged cells."""
    headings = ("一、总", "二、主", "三、收", "全年", "沭阳")
    return [
        line if line.startswith(headings) else f"{line} |" + ("\n|||" if line.startswith("第二十条") else "")
        for line in lines
    ]


@pytest.mark.parametrize("separator", ["\n", "\n\n"])
def test_a_page_of_one_cell_a_line_is_read_to_where_it_was_cut(separator: str) -> None:
    examination = _examine(separator.join([*_HEAD, *_PROACTIVE, *_REQUEST]))
    assert _FIGURES.items() <= _values(examination).items()
    assert len(_values(examination)) == 10 + 21
    assert _reasons(examination) == {"missing_row", "missing_table"}


def test_among_parted_cells_further_empty_lines_are_blank_cells() -> None:
    """A page left cells without cases blank, and nothing of it was read: each empty line was taken for a cell."""
    proactive = list(_PROACTIVE[:13])
    for cell in _PROACTIVE[13:]:
        proactive += [cell, "", ""] if re.fullmatch(r"[\d.]+", cell) else [cell]
    head = [*_REQUEST[:6], "商业企业", "科研机构", *_REQUEST[10:13]]
    totals = {"一、本年新收政府信息公开申请数量": 3, "二、上年结转政府信息公开申请数量": 0, "(一)予以公开": 2}
    totals |= {"(二)部分公开(区分处理的,只计这一情形,不计其他情形)": 0}
    totals |= {"1.属于国家秘密": 0, "2.其他法律行政法规禁止公开": 1, "3.危及“三安全一稳定”": 0}
    totals |= {"4.保护第三方合法权益": 0, "5.属于三类内部事务信息": 0, "6.属于四类过程性信息": 0}
    totals |= {"7.属于行政执法案卷": 0, "8.属于行政查询事项": 0}
    rows = [(label, str(total or ""), *[""] * 5, str(total)) for label, total in totals.items()]
    request = [*head, *(cell for row in rows for cell in row)]
    examination = _examine(
        "".join(f"{cell}\n\n" if cell else "\n" for cell in [*_HEAD, *proactive, *request, "1.本机关不掌握"])
    )
    expected = {key: value for key, value in _FIGURES.items() if key[1] not in {"natural_person", "business"}}
    assert expected.items() <= _values(examination).items()
    assert len(_values(examination)) == 10 + len(totals) + sum(map(bool, totals.values()))
    assert _reasons(examination) == {"missing_row", "missing_table"}


def test_bars_behind_each_cell_leave_one_cell_a_line() -> None:
    examination = _examine("\n".join(_barred([*_HEAD, *_PROACTIVE, *_REQUEST])))
    assert _FIGURES.items() <= _values(examination).items()
    assert len(_values(examination)) == 10 + 21
    assert _reasons(examination) == {"missing_row", "missing_table"}


def test_a_blank_among_barred_cells_is_never_guessed() -> None:
    lines = _barred([*_HEAD, *_PROACTIVE])
    at = lines.index("行政规范性文件 |")
    lines[at + 1] = "|"
    examination = _examine("\n".join(lines))
    assert _values(examination) == {}  # which other rows lost a line too, nobody knows
    assert "lossy_text" in _reasons(examination)


def test_the_beginning_of_a_table_is_no_older_edition() -> None:
    examination = _examine("\n".join([*_HEAD, *_PROACTIVE, *_REQUEST]))
    assert examination.frames["reports"]["form_code"].to_list() == ["2021"]
    assert examination.frames["figures"]["form_code"].unique().to_list() == ["2021"]


def test_single_figures_beside_a_spaced_line_are_no_columns() -> None:
    """Where any line of the page has a wide gap, lines of one figure each were taken for a column of fixed width."""
    spaced = "www.example.org     发布时间:2023-01-13     来源:办公室"
    lines = [_HEAD[0], spaced, *_HEAD[1:], *_PROACTIVE[:6], " 0", *_PROACTIVE[7:], *_REQUEST]
    examination = _examine("\n\n".join(lines))
    assert _FIGURES.items() <= _values(examination).items()


def test_torn_labels_of_2019_are_mended() -> None:
    rows = ["规章", "0", "1", "2", "规范性文件", "3", "4", "5"]
    head = ["第二十条第(一)项", "信息内容", "本年新", "制作数量", "本年新", "公开数量", "对外公开总数量"]
    figures = _examine("\n\n".join([*_HEAD, *head, *rows])).frames["figures"].filter(pl.col("column_code") == "made")
    assert figures["value"].to_list() == [0.0, 3.0]


@pytest.mark.parametrize("form", ["2019", "2021"])
@pytest.mark.parametrize("quirk", ["filled_rows", "filled_cells", "bare_pipes", "ragged_pipes"])
@pytest.mark.parametrize("blank", ["", "zeros_blank", "zeros_half_blank", "zeros_slash"])
def test_a_blank_between_bars_moves_no_figure(form: str, quirk: str, blank: str) -> None:
    """Where an extractor left blank cells out and filled the row up, 3 for all stood under the applicants in front."""
    _score_bars(form, quirk, blank, lambda text: text)


@pytest.mark.parametrize("form", ["2019", "2021"])
@pytest.mark.parametrize("blank", ["", "zeros_blank", "zeros_half_blank"])
def test_bars_on_lines_of_their_own_close_cells_of_rows_that_others_fill_up(form: str, blank: str) -> None:
    _score_bars(form, "filled_cells", blank, partial(re.sub, r"(?m)^([^|\n]*[^|\s]) \|$", r"\1\n|"))


@pytest.mark.parametrize("form", ["2019", "2021"])
@pytest.mark.parametrize("blank", ["", "zeros_blank", "zeros_half_blank"])
def test_blank_lines_between_cells_end_no_row(form: str, blank: str) -> None:
    _score_bars(form, "filled_cells", blank, partial(re.sub, r"(?m)^([^|\n]*\|)$", r"    \n     \1"))


def test_a_bar_alone_under_a_heading_opens_a_row() -> None:
    page = """卫东区审计局2022年政府信息公开工作年度报告
二、主动公开政府信息情况
|
  第二十条第（一）项  |
    |||
|
  信息内容  |

  本年制发件数  |

  本年废止件数  |

  现行有效件数  |

|
  行政规范性文件  |

  3  |

  1  |

  14  |
"""
    examined = examine("2022/a.txt", page.encode())
    assert examined.frames["figures"]["raw_text"].to_list() == ["3", "1", "14"]
    assert "proactive" in examined.frames["sections"]["section_code"].to_list()


@pytest.mark.parametrize("rows", [("行政强制", "3", "0", "48"), ("行政强制", "3", "0"), ("行政强",)])
def test_rows_filled_up_with_bars_end_where_the_text_is_cut(rows: tuple[str, ...]) -> None:
    """The last row has lost its end, and maybe digits of its last figure."""
    heads = ("信息内容", "上一年项目数量", "本年增/减", "处理决定数量")
    whole = [
        heads,
        ("行政许可", "2", "0", "7"),
        ("其他对外管理服务事项", "", "1", "9"),
        heads,
        ("行政处罚", "5", "-1", "6"),
    ]
    lines = [line for row in whole for line in (*(f"{cell} |".strip() for cell in row), "||")]
    page = "\n".join(["二、主动公开政府信息情况", *lines, *(f"{cell} |" for cell in rows[:-1]), rows[-1]])
    examined = examine("2020/a.txt", page.encode())
    assert examined.frames["figures"]["raw_text"].to_list() == ["2", "0", "7", "", "1", "9", "5", "-1", "6"]


def test_blank_cells_closed_by_bars_keep_no_rows_of_a_table_apart() -> None:
    """An agency that leaves zeros blank has one figure at the top and the next at the end."""
    heads = ["信息内容", "上一年项目数量", "本年增/减"]
    cells = [
        "第二十条第（五）项",
        *heads,
        "处理决定数量",
        "行政许可",
        "126",
        "增72",
        "142",
        "其他对外管理服务事项",
        "",
        "",
        "",
    ]
    cells += ["第二十条第（六）项", *heads, "处理决定数量", "行政处罚", "", "", "", "行政强制", "", "", ""]
    cells += ["第二十条第（八）项", *heads, "行政事业性收费", "", ""]
    cells += ["第二十条第（九）项", "信息内容", "采购项目数量", "采购总金额", "政府集中采购", "3", "2560万元"]
    page = "\n".join(["二、主动公开政府信息情况", *(line for cell in cells for line in (cell, "|") if line)])
    figures = examine("2020/a.txt", page.encode()).frames["figures"]
    assert figures.filter(row_code="procurement")["raw_text"].to_list() == ["3", "2560万元"]
    assert figures.filter(row_code="coercion")["raw_text"].to_list() == ["", "", ""]


def _score_bars(form: str, quirk: str, blank: str, rewrite: Callable[[str], str]) -> None:
    cases = []
    for seed in range(3):
        size = ("small", "district", "city")[seed]
        made = make_document(seed, form, "pipes", filter(None, (blank, quirk)), size=size)
        expected = read_expected(expected_csv(made.figures).splitlines())
        content = rewrite(made.content.decode()).encode()
        cases.append(Case(f"{seed}", f"{made.truth.year}/{seed}.md", "pipes", partial(bytes, content), expected))
    scores = list(score_cases(cases))
    assert not [line for result in scores for line in result.wrong]
    if not blank:
        assert not [line for result in scores for line in result.missing]
