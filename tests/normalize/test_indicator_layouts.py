"""Indicator tables that go on without their head, stand side by side, or name their columns in other words."""

import pytest

from tests.normalize.test_indicators import BODY, HEAD, by_label, figures, read, reasons


def test_a_table_goes_on_without_its_head_and_with_it():
    for second in (BODY_MORE, [HEAD, *BODY_MORE]):
        frames = read([HEAD, *BODY], second)
        assert by_label(frames)["行政诉讼数"] == 8
        assert frames["figures"]["indicator_number"].max() == len(BODY) + len(BODY_MORE)


BODY_MORE = [["对申请的答复总数", "条", "6", "6"], ["行政复议数", "件", "7", "7"], ["行政诉讼数", "件", "8", "8"]]


def test_a_table_of_other_width_is_no_continuation():
    other = [[label, unit, year] for label, unit, year, _ in BODY_MORE]
    assert "行政诉讼数" not in by_label(read([HEAD, *BODY], other))


def test_the_same_table_twice_with_other_figures_is_not_believed():
    changed = [[*row[:2], "1", row[3]] for row in BODY]
    frames = read([HEAD, *BODY], [HEAD, *changed])
    assert not frames["figures"].filter(column_code="year")["row_code"].drop_nulls().len()
    assert "duplicate_row" in reasons(frames)


def test_indicators_side_by_side():
    rows = [list(column) for column in zip(HEAD, *BODY, strict=True)]
    frames = read(rows)
    assert figures(frames) == figures(read([HEAD, *BODY]))
    place = frames["figures"].filter(row_code="requests_total", column_code="cumulative")
    assert place.select("row_number", "column_number").rows() == [(4, 5)]


def test_indicators_side_by_side_under_their_groups():
    rows = [
        [("", 2, 1), ("主动公开文件数", 1, 3), ("受理依申请公开信息总数", 2, 1)],
        ["总数", "其中：政府网站公开数", "政府公报公开数"],
        ["2014年度", "25", "20", "5", "3"],
    ]
    found = by_label(read(rows))
    assert found["受理依申请公开信息总数"] == 3
    assert found["其中：政府网站公开数"] == 20


def test_two_indicators_a_row_in_either_order():
    across = [[*HEAD, *HEAD], [*BODY[0], *BODY[1]], [*BODY[2], *BODY[3]]]
    down = [[*HEAD, *HEAD], [*BODY[0], *BODY[2]], [*BODY[1], *BODY[3]]]
    for rows in (across, down):
        assert figures(read(rows)) == figures(read([HEAD, *BODY]))
    odd = [across[0], across[1], [*BODY[2], *[""] * len(HEAD)]]
    assert figures(read(odd)) == figures(read([HEAD, *BODY[:3]]))


def test_two_indicators_a_row_one_cell_a_line_are_unread():
    """Which figures are whose only their places could tell."""
    lines = [*HEAD, *HEAD, *BODY[0], *BODY[1], *BODY[2], *BODY[3]]
    assert by_label(read([[line] for line in lines])) == {}


@pytest.mark.parametrize(
    "head",
    [
        ["指標名稱", "計量單位", "２０１４年度", "歷年累計"],
        ["统计指标", "单位", "本年度（件）", "自2008年5月1日起累计"],
        ["项　目", "单 位", "2014年", "截至2014年底累计"],
        ["指标\n名称", "计量\n单位", "本年数", "累计数"],
    ],
)
def test_heads_in_other_words(head):
    frames = read([head, ["甲", "乙", "1", "2"], *BODY])
    assert by_label(frames)["主动公开文件数"] == 25
    assert by_label(frames, column="cumulative")["主动公开文件数"] == 789


def test_a_head_that_names_no_column_of_figures_leaves_them_without_one():
    frames = read([["指标名称", "计量单位", "金山", "银山"], *BODY])
    assert by_label(frames) == {}
