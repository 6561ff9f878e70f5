"""The layout of HTML tables against the standard's algorithm, written down slot by slot."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import DocumentError
from pipelines.read.html.grid import GridLayout
from pipelines.read.html.reader import read_html
from pipelines.settings import ReadLimits

LIMITS = ReadLimits()
span = st.integers(0, 5)
source_cell = st.tuples(span, span)
source_group = st.lists(st.lists(source_cell, max_size=5), min_size=1, max_size=5)


def form_table(groups):
    """HTML Living Standard, 4.9.12, one slot at a time; rowspans end with the group, later cells give way."""
    slots, cells, overlaps, top, number = {}, [], 0, 0, 0
    for rows in groups:
        bottom = top + len(rows)
        for y, row in enumerate(rows, start=top + 1):
            x = 1
            for colspan, rowspan in row:
                while (y, x) in slots:
                    x += 1
                wide = colspan or 1
                high = min(rowspan or bottom - y + 1, bottom - y + 1)
                free = 1
                while free < wide and (y, x + free) not in slots:
                    free += 1
                overlaps += free < wide
                for i in range(high):
                    for j in range(free):
                        assert (y + i, x + j) not in slots
                        slots[y + i, x + j] = number
                cells.append((y, x, high, free, str(number)))
                number += 1
                x += wide
        top = bottom
    return cells, overlaps


def write_html(groups):
    number = 0
    parts = ["<table>"]
    for rows in groups:
        parts.append("<tbody>")
        for row in rows:
            parts.append("<tr>")
            for colspan, rowspan in row:
                parts.append(f'<td colspan="{colspan}" rowspan="{rowspan}">{number}</td>')
                number += 1
            parts.append("</tr>")
        parts.append("</tbody>")
    return "".join([*parts, "</table>"])


@given(st.lists(source_group, min_size=1, max_size=3))
@settings(deadline=None)
def test_layout_is_the_standards(groups):
    expected, overlaps = form_table(groups)
    document = read_html(write_html(groups).encode())
    if len(expected) < 2:
        assert document.tables == []  # a frame around text
    else:
        assert document.tables == [expected]
        assert [notice.reason_code for notice in document.notices] == ["overlapping_cells"] * overlaps


def random_tiling(seed):
    """Cells that tile a grid without gap or overlap, so that the layout must give back exactly them."""
    chance = random.Random(seed)
    height, width = chance.randint(1, 8), chance.randint(2, 12)
    taken, cells = set(), []
    for y in range(1, height + 1):
        for x in range(1, width + 1):
            if (y, x) in taken:
                continue
            wide = 1
            while x + wide <= width and (y, x + wide) not in taken and chance.random() < 0.4:
                wide += 1
            high = 1
            while y + high <= height and chance.random() < 0.3:
                high += 1
            taken |= {(y + i, x + j) for i in range(high) for j in range(wide)}
            cells.append((y, x, high, wide, f"c{y}.{x}"))
    return height, cells


@given(st.integers(0, 2**32))
@settings(deadline=None)
def test_grid_round_trip(seed):
    height, cells = random_tiling(seed)
    rows = [[cell for cell in cells if cell[0] == y] for y in range(1, height + 1)]
    markup = "".join(
        "<tr>" + "".join(f"<td rowspan={h} colspan='{w}'><p>{text}" for _, _, h, w, text in row) for row in rows
    )
    document = read_html(f"<table>{markup}</table>".encode())
    assert document.tables == ([cells] if len(cells) > 1 else [])
    assert document.notices == []


def one_table(markup):
    (cells,) = read_html(markup.encode()).tables
    return cells


def test_colspan_of_a_billion_is_cut_and_named():
    document = read_html(b'<table><tr><td colspan="1000000000">a<tr><td>b<td>1</table>')
    assert document.tables == [[(1, 1, 1, 1000, "a"), (2, 1, 1, 1, "b"), (2, 2, 1, 1, "1")]]
    assert [notice.reason_code for notice in document.notices] == ["span_out_of_range"]


@pytest.mark.parametrize("row", ["<td>a" * 1001, "<td>a" * 1000 + "<td colspan=1000>b"])
def test_a_cell_beyond_the_widest_grid_refuses(row):
    with pytest.raises(DocumentError) as caught:
        read_html(f"<table><tr>{row}<tr><td>1</table>".encode())
    assert caught.value.reason_code == "limit_exceeded"


@pytest.mark.parametrize("span", ["998", "999", "1000", "1000000000"])
def test_a_span_over_columns_that_no_row_has_is_cut_to_the_real_width(span):
    row = "<tr><td>规章<td>1<td>2<td>3"
    document = read_html(f"<table><tr><td colspan={span}>第一项<td><td><td>{row}</table>".encode())
    figures = [(2, column, 1, 1, text) for column, text in enumerate(["规章", "1", "2", "3"], 1)]
    assert document.tables == [[(1, 1, 1, 1, "第一项"), *((1, column, 1, 1, "") for column in (2, 3, 4)), *figures]]
    (notice,) = document.notices
    assert (notice.reason_code, notice.row_number, notice.column_number) == ("span_out_of_range", 1, 1)
    assert span in notice.message


def test_a_cut_span_takes_the_room_that_its_row_leaves():
    head = "<tr><td rowspan=2>甲<td colspan=1000>申请人情况<td>总计<tr><td>a<td>b<td>c<td>d"
    cells = one_table(f"<table>{head}<tr><td>规章<td>1<td>2<td>3<td>4</table>")
    assert cells[:3] == [(1, 1, 2, 1, "甲"), (1, 2, 1, 3, "申请人情况"), (1, 5, 1, 1, "总计")]


def test_places_that_only_spans_take_refuse_no_table():
    cells = one_table("<table>" + "<tr><td colspan=1000>规章" * 300 + "<tr><td>规章<td>1</table>")
    assert cells[0] == (1, 1, 1, 2, "规章")
    assert len(cells) == 302


def test_ten_thousand_widest_cells_take_linear_time():
    started = time.process_time()
    cells = one_table("<table>" + "<tr><td colspan=1000>a<td colspan=1000>b" * 10_000 + "</table>")
    assert len(cells) == 20_000
    assert time.process_time() - started < 10


def test_a_colspan_over_the_edge_is_cut_there():
    document = read_html(b'<table><tr><td>a<td colspan="1000">b<tr><td>1</table>')
    assert document.tables[0][1] == (1, 2, 1, 999, "b")
    assert [notice.reason_code for notice in document.notices] == ["span_out_of_range"]


@pytest.mark.parametrize(
    ("value", "rows"), [("65534", 3), ("0", 3), ("2", 2), ("-1", 1), ("x", 1), ("", 1), (" 2px", 2)]
)
def test_rowspan_values(value, rows):
    cells = one_table(f'<table><tr><td rowspan="{value}">a<td>1<tr><td>2<tr><td>3</table>')
    assert cells[0] == (1, 1, rows, 1, "a")


def test_rowspan_beyond_the_cap_is_named():
    document = read_html(b'<table><tr><td rowspan="70000">a<td>1<tr><td>2</table>')
    assert [notice.reason_code for notice in document.notices] == ["span_out_of_range"]


def test_foot_comes_last_and_rowspan_ends_with_its_group():
    cells = one_table(
        "<table><tfoot><tr><td>f<td>g</tfoot>"
        "<tbody><tr><td rowspan=9>a<td>1<tr><td>2</tbody><tbody><tr><td>b<td>3</table>"
    )
    assert cells == [
        (1, 1, 2, 1, "a"), (1, 2, 1, 1, "1"), (2, 2, 1, 1, "2"), (3, 1, 1, 1, "b"), (3, 2, 1, 1, "3"),
        (4, 1, 1, 1, "f"), (4, 2, 1, 1, "g"),
    ]  # fmt: skip


def test_the_first_head_and_foot_stand_first_and_last_and_others_where_they_are_written():
    groups = "<tfoot><tr><td>f</tfoot><tbody><tr><td>1<td>x</tbody><thead><tr><td>h</thead><tfoot><tr><td>2</tfoot>"
    cells = one_table(f"<table>{groups}<thead><tr><td>3</thead></table>")
    assert [text for *_, text in cells] == ["h", "1", "x", "2", "3", "f"]


def test_places_are_bounded_and_not_only_cells():
    layout = GridLayout(1, ReadLimits(cells=5000))
    wide = (["a"], {0: {"colspan": "1000"}})
    with pytest.raises(DocumentError, match="places"):
        layout.add_group([wide] * 100)


def test_many_rows_under_a_long_rowspan_take_linear_time():
    row = "<tr><td>1" * 4000
    cells = one_table(f"<table><tr>{'<td rowspan=65534>a' * 40}{row}</table>")
    assert cells[-1][:2] == (4001, 41)
