"""Grid tables drawn with characters: every cell with its spans, and nothing of a drawing that lost a line."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.read import read_document
from pipelines.read.model import Cell
from pipelines.read.text.drawn_grid import read_drawn_grid

GRID = [
    "+----------+-------------+------+",
    "| 信息内容 | 申请人      | 总计 |",
    "|          +------+------+      |",
    "|          | 公民 | 企业 |      |",
    "+==========+======+======+======+",
    "| 重复申请 | 1    |      | 12   |",
    "+----------+------+------+------+",
    "| 危“三    | 0    | 3    | 3    |",
    "| 全”      |      |      |      |",
    "+----------+------+------+------+",
]
CELLS = [
    (1, 1, 2, 1, "信息内容"),
    (1, 2, 1, 2, "申请人"),
    (1, 4, 2, 1, "总计"),
    (2, 2, 1, 1, "公民"),
    (2, 3, 1, 1, "企业"),
    (3, 1, 1, 1, "重复申请"),
    (3, 2, 1, 1, "1"),
    (3, 3, 1, 1, ""),
    (3, 4, 1, 1, "12"),
    (4, 1, 1, 1, "危“三\n全”"),
    (4, 2, 1, 1, "0"),
    (4, 3, 1, 1, "3"),
    (4, 4, 1, 1, "3"),
]
WIDTH = {ord("+"): "┼", ord("-"): "─", ord("="): "═", ord("|"): "│"}


def draw(cells: Sequence[Cell], *, places: int = 12) -> list[str]:
    """Draw cells of one line each, all columns as wide as the widest text."""
    height = max(row + rows for row, _, rows, _, _ in cells) - 1
    width = max(column + columns for _, column, _, columns, _ in cells) - 1
    block = [[" "] * (width * places + 1) for _ in range(2 * height + 1)]
    for row, column, rows, columns, text in cells:
        top, left = 2 * (row - 1), (column - 1) * places
        bottom, right = top + 2 * rows, left + columns * places
        for line in (top, bottom):
            for place in range(left, right + 1):
                block[line][place] = "+" if place in (left, right) else ("+" if block[line][place] == "+" else "-")
        for line in range(top + 1, bottom):
            for place in (left, right):
                block[line][place] = "+" if block[line][place] in "+-" else "|"
        for place, character in enumerate(text):
            block[top + 1][left + 2 + place] = character
    return ["".join(line) for line in block]


def test_cells_and_spans() -> None:
    assert read_drawn_grid(GRID) == CELLS
    assert read_drawn_grid([f"   {line}" for line in GRID]) == CELLS


def test_box_drawings_of_either_width() -> None:
    single = [line.translate(WIDTH) for line in GRID]
    assert read_drawn_grid(single) == CELLS


def test_a_document_takes_it_with_its_spans() -> None:
    text = "# 某局2022年报告\n\n" + "\n".join(GRID) + "\n\n完。\n"
    assert read_document("x.md", text.encode()).tables == [CELLS]


@pytest.mark.parametrize("lost", range(len(GRID)))
def test_a_drawing_that_lost_a_line_is_none(lost: int) -> None:
    cells = read_drawn_grid(GRID[:lost] + GRID[lost + 1 :])
    # The second line of a label leaves a whole drawing, and so does the line between a head and what it spans.
    assert cells is None or {cell[4] for cell in cells} <= {cell[4] for cell in CELLS} | {"危“三", "全”"}
    assert cells is None or len([cell for cell in cells if cell[0] == cells[-1][0]]) == 4


def partitions(rng: random.Random, height: int, width: int) -> list[Cell]:
    """Return cells that fill a grid, some of them over several rows and columns, each with its own text."""
    taken: set[tuple[int, int]] = set()
    cells: list[Cell] = []
    for row in range(1, height + 1):
        for column in range(1, width + 1):
            if (row, column) in taken:
                continue
            rows, columns = rng.choice(((1, 1), (1, 1), (1, 2), (2, 1), (2, 2)))
            area = {(row + down, column + right) for down in range(rows) for right in range(columns)}
            if area & taken or row + rows > height + 1 or column + columns > width + 1:
                rows = columns = 1
                area = {(row, column)}
            taken |= area
            cells.append((row, column, rows, columns, rng.choice(("", f"c{len(cells)}", str(len(cells))))))
    return cells


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 10**6), height=st.integers(2, 6), width=st.integers(2, 6))
def test_what_is_drawn_is_read(seed: int, height: int, width: int) -> None:
    cells = partitions(random.Random(seed), height, width)
    rows = {row for row, *_ in cells}
    columns = {column for _, column, *_ in cells}
    read = read_drawn_grid(draw(cells))
    if len(rows) == height and len(columns) == width:  # a row or column that begins nowhere cannot be seen
        assert read == cells
    else:
        assert read is not None
        assert [cell[4] for cell in read] == [cell[4] for cell in cells]


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_damage_never_sets_a_text_beside_others_of_its_row(seed: int) -> None:
    rng = random.Random(seed)
    cells = [(row, column, 1, 1, f"{row}-{column}x") for row in range(1, 5) for column in range(1, 5)]
    lines = draw(cells)
    for _ in range(rng.choice((1, 2))):
        line = rng.randrange(len(lines))
        place = rng.randrange(len(lines[line]))
        lines[line] = lines[line][:place] + rng.choice("+-| x") + lines[line][place + 1 :]
    read = read_drawn_grid(lines)
    own = {text: (row, column) for row, column, _, _, text in cells}
    for row, column, _, _, text in read or ():
        if text in own:
            assert (row, column) == own[text]
