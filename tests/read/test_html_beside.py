"""Labels and figures of one table in two, as scripts print them that keep columns in view."""

import pytest

from pipelines.read.html.reader import read_html
from pipelines.read.model import PICTURE
from schemas.vocabulary import BlockKind

LABELS = ["一、本年新收", "（一）予以公开", "（二）部分公开", "（七）总计", "四、结转下年度继续办理"]
FIGURES = [["3", "0"], ["1", ""], ["", "0"], ["/", "0"], ["2", "0"]]


def table(rows):
    return (
        "<table>" + "".join("<tr>" + "".join(f"<td>{text}</td>" for text in row) + "</tr>" for row in rows) + "</table>"
    )


HEAD_OF_LABELS, HEAD_OF_FIGURES = [["事项"]], [["自然人", "商业企业"]]
ROWS = [[label] for label in LABELS]


@pytest.mark.parametrize(
    ("tables", "first"),
    [
        ([HEAD_OF_LABELS + ROWS, HEAD_OF_FIGURES + FIGURES], 2),
        ([HEAD_OF_LABELS, ROWS, HEAD_OF_FIGURES, FIGURES], 1),
        ([HEAD_OF_LABELS, HEAD_OF_FIGURES, ROWS, FIGURES], 1),
    ],
)
def test_figures_stand_behind_the_labels_of_the_table_beside_them(tables, first):
    page = "<div>" + "</div><div>".join(map(table, tables)) + "</div>"
    document = read_html(page.encode())
    joined = [[label, *figures] for label, figures in zip(LABELS, FIGURES, strict=True)]
    below = [(row, column, text) for row, column, _, _, text in document.tables[-1] if row >= first]
    assert below == [
        (row, column, text) for row, texts in enumerate(joined, first) for column, text in enumerate(texts, 1)
    ]
    numbers = [block.table_number for block in document.blocks if block.kind is BlockKind.TABLE]
    assert numbers == [place for place, cells in enumerate(document.tables, 1) if cells]


@pytest.mark.parametrize(
    "tables",
    [
        [ROWS[:-1], FIGURES],
        [[*ROWS[:-1], [""]], FIGURES],
        [[*ROWS[:-1], ["7"]], FIGURES],
        [ROWS, [*FIGURES[:-1], ["2", "见附件"]]],
        [ROWS[:4], FIGURES[:4]],
        [[*ROWS, ["注"]], FIGURES],
    ],
)
def test_tables_that_do_not_fit_stay_two(tables):
    """A row more or less than the other has would set every figure below it beside another label."""
    document = read_html("".join(map(table, tables)).encode())
    assert [len(cells) for cells in document.tables] == [sum(map(len, rows)) for rows in tables]


def test_text_between_them_parts_tables():
    document = read_html(f"{table(ROWS)}<p>二、主动公开</p>{table(FIGURES)}".encode())
    assert len(document.tables[0]) == len(ROWS)


LOWERED = ["margin-top:44px", "padding:44px 0 0", "position:relative;top:-3em", "transform:translate(0, 100%)"]


@pytest.mark.parametrize("style", LOWERED)
@pytest.mark.parametrize(
    "form", ["<div>{labels}</div><div class=q>{figures}</div>", "<div class=q>{labels}</div>{figures}"]
)
def test_figures_of_a_box_that_a_style_sets_lower_are_in_doubt(style, form):
    page = f"<style>.q{{{style}}}</style>" + form.format(labels=table(ROWS), figures=table(FIGURES))
    texts = [text for *_, text in read_html(page.encode()).tables[-1]]
    assert texts.count("0") == 0
    assert texts.count(f"0{PICTURE}") == 4


def test_a_rule_behind_those_of_a_framework_sets_a_box_lower():
    others = "".join(f".a{n}{{margin-top:{n}px}}" for n in range(300))
    page = f"<style>{others}.low{{margin-top:44px}}</style>{table(ROWS)}<div class=low>{table(FIGURES)}</div>"
    assert [text for *_, text in read_html(page.encode()).tables[-1]].count(f"0{PICTURE}") == 4


def test_two_boxes_that_are_set_lower_together_stay_beside_each_other():
    page = f"<style>table{{margin-top:44px}}</style><div style='padding-top:5em'>{table(ROWS)}{table(FIGURES)}</div>"
    assert [text for *_, text in read_html(page.encode()).tables[-1]].count("0") == 4
