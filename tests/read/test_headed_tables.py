"""Tables that only the lines above them tell apart: each takes its line as its first row."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.read import read_document

RESULTS = ["结果维持", "结果纠正", "总计"]
WAYS = ["行政复议", "未经复议直接起诉", "复议后起诉"]


def table(figures: list[str], *, attributes: str = "") -> str:
    heads, cells = ("".join(f"<td>{text}" for text in texts) for texts in (RESULTS, figures))
    return f"<table{attributes}><tr>{heads}<tr>{cells}</table>"


def tables_of(markup: str) -> list[list[tuple[int, int, int, int, str]]]:
    return read_document("x.html", f"<h1>某局2022年报告</h1>{markup}".encode()).tables


def three(lines: list[str], between: str = "") -> str:
    return "".join(f"<p>{line}</p>{between}{table([str(n), '', str(n)])}" for n, line in enumerate(lines))


def test_the_line_above_becomes_the_first_row() -> None:
    for number, cells in enumerate(tables_of(three(WAYS))):
        assert cells[0] == (1, 1, 1, 3, WAYS[number])
        assert cells[1:4] == [(2, place, 1, 1, text) for place, text in enumerate(RESULTS, start=1)]
        assert [cell[4] for cell in cells[4:]] == [str(number), "", str(number)]


@pytest.mark.parametrize(
    "lines",
    [
        WAYS[:2],
        ["行政复议", "行政复议", "复议后起诉"],
        ["行政复议", "以下为诉讼情况。", "复议后起诉"],
        ["行政复议", "其中，未经复议直接起诉的", "复议后起诉"],
        ["行政复议", "x" * 31, "复议后起诉"],
    ],
)
def test_lines_that_are_no_heads_of_three_are_left(lines: list[str]) -> None:
    assert all(cells[0][4] == RESULTS[0] for cells in tables_of(three(lines)))


def test_a_line_that_all_have_stands_between() -> None:
    heads = [cells[0][4] for cells in tables_of(three(WAYS, "<p>单位：件</p>"))]
    assert heads == WAYS
    assert all(cells[0][4] == RESULTS[0] for cells in tables_of(three(WAYS, "<p>单位：件</p><p>如下</p>")))


def test_a_table_of_another_shape_parts_those_alike() -> None:
    other = "<table><tr><td>规章<td>1<tr><td>文件<td>2</table>"
    markup = three(WAYS[:2]) + f"<p>另</p>{other}" + three(WAYS[2:])
    assert all(cells[0][1:4] == (1, 1, 1) for cells in tables_of(markup))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_each_line_stands_over_its_own_figures(seed: int) -> None:
    rng = random.Random(seed)
    blocks = [piece for n, way in enumerate(WAYS) for piece in (f"<p>{way}</p>", table([str(n), str(n), str(n)]))]
    for _ in range(rng.randrange(3)):
        at = rng.randrange(len(blocks))
        if rng.random() < 0.5:
            del blocks[at]
        else:
            blocks.insert(at, rng.choice(blocks))
    markup = "".join(blocks)
    for cells in tables_of(markup):
        if cells[0][4] in WAYS:
            figure = cells[-1][4]
            assert markup.rfind(f"<p>{cells[0][4]}</p>", 0, markup.find(f"<td>{figure}<td>{figure}")) >= 0
