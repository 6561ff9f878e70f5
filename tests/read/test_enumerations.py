"""Tables that running text prints as enumerations, in paragraphs, clauses and lists."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.read import read_document
from pipelines.read.model import PICTURE
from schemas.form import load_forms
from schemas.vocabulary import BlockKind
from tests.factory.document import make_document

(CHALLENGE,) = load_forms()["2021"].table("challenge").clauses
(REQUEST,) = load_forms()["2021"].table("request").clauses
RESULTS = [column.label for column in CHALLENGE.columns]
WAYS = [row.label for row in CHALLENGE.rows]
FIGURES = [[10 * row + column for column in range(5)] for row in range(3)]
INTRO = "<h1>某局2022年报告</h1><p>全年公开信息120条，其中动态100条、政策20条。</p>"


def table_of(*paragraphs: str) -> list[list[str]] | None:
    """Return the rows of the one table that a page of paragraphs gives, None where it gives none."""
    document = read_document("x.html", (INTRO + "".join(f"<p>{text}</p>" for text in paragraphs)).encode())
    assert [block.table_number for block in document.blocks if block.kind is BlockKind.TABLE] == list(
        range(1, len(document.tables) + 1)
    )
    if not document.tables:
        return None
    (cells,) = document.tables
    return [[text for row, *_, text in cells if row == number] for number in sorted({cell[0] for cell in cells})]


def clause(row: int, *, joint: str = "，", colon: str = "", unit: str = "件") -> str:
    return joint.join(f"{name}{colon}{figure}{unit}" for name, figure in zip(RESULTS, FIGURES[row], strict=True))


def expected(unit: str = "件", names: list[str] = WAYS) -> list[list[str]]:
    rows = [[name, *(f"{figure}{unit}" for figure in FIGURES[row])] for row, name in enumerate(names)]
    return [["", *RESULTS], *rows]


@pytest.mark.parametrize("joint", ["，", "、", " ", "；"])
@pytest.mark.parametrize("colon", ["", "：", "为", " "])
@pytest.mark.parametrize("unit", ["件", " 件", ""])
def test_paragraphs_and_sentences(joint: str, colon: str, unit: str) -> None:
    if (joint, unit) == (" ", "") and colon == "":
        return  # 结果维持0 结果纠正1 is read as well; nothing more is tried
    clauses = [f"{way}：{clause(row, joint=joint, colon=colon, unit=unit)}" for row, way in enumerate(WAYS)]
    assert table_of(*clauses) == expected(unit.strip())
    assert table_of("；".join(clauses) + "。") == expected(unit.strip())


@pytest.mark.parametrize("joint", ["，", "、"])
@pytest.mark.parametrize("start", ["", "（{}）", "{}."])
def test_names_that_run_on_into_their_first_item(joint: str, start: str) -> None:
    numbers = "一二三" if "（" in start else "123"
    clauses = [f"{start.format(numbers[row])}{way}{clause(row, joint=joint)}" for row, way in enumerate(WAYS)]
    assert table_of("。".join(clauses) + "。") == expected()
    assert table_of(*clauses) == expected()
    assert table_of(clauses[0], clauses[1]) is None
    assert table_of(clauses[0], clauses[1], clauses[1]) is None


@pytest.mark.parametrize(
    "form", ["{way}{whole}件，其中{rest}", "{way}总计{whole}件（{rest}）", "{way}：{whole}件（其中{rest}）"]
)
def test_a_figure_before_its_parts_is_their_whole(form: str) -> None:
    rows = [list(zip(RESULTS, figures, strict=True)) for figures in FIGURES]
    clauses = [
        form.format(way=way, whole=row[-1][1], rest="、".join(f"{name}{figure}件" for name, figure in row[:-1]))
        for way, row in zip(WAYS, rows, strict=True)
    ]
    assert table_of("；".join(clauses) + "。") == [
        ["", "总计", *RESULTS[:-1]],
        *(
            [way, f"{row[-1][1]}件", *(f"{figure}件" for _, figure in row[:-1])]
            for way, row in zip(WAYS, rows, strict=True)
        ),
    ]


def test_a_list_under_names() -> None:
    lines = [line for row, way in enumerate(WAYS) for line in (way, *clause(row, joint="\n", colon="：").split("\n"))]
    assert table_of(*lines) == expected()
    assert table_of(*lines[:6], "行政诉讼", *lines[6:]) == expected()


def test_a_line_for_each_row_of_the_form() -> None:
    def line(label: str, figure: int) -> str:
        names = [column.label for column in REQUEST.columns]
        inner = "、".join(f"{name}{figure}" for name in names[1:6])
        return f"{label}：{names[0]}{figure}，法人或其他组织{5 * figure}（其中：{inner}），{names[6]}{6 * figure}"

    rows = table_of(*(line(row.label, number) for number, row in enumerate(REQUEST.rows)))
    assert rows is not None
    assert rows[0][1:3] == ["自然人", "法人或其他组织"]
    assert [row[0] for row in rows[1:]] == [row.label for row in REQUEST.rows]
    assert rows[3][1:] == ["2", "10", *["2"] * 5, "12"]


def test_what_a_table_prints_is_not_taken_from_the_narrative() -> None:
    text = "；".join(f"{way}：{clause(row)}" for row, way in enumerate(WAYS))
    cells = "".join(f"<td>{name}" for name in ["", *RESULTS])
    document = read_document("x.html", f"{INTRO}<p>{text}</p><table><tr>{cells}<tr><td>行政复议<td>1</table>".encode())
    assert len(document.tables) == 1


@pytest.mark.parametrize(
    "text",
    [
        "行政复议：结果维持0件，结果纠正0件，其他结果0件，尚未审结0件，总计0件。",
        "全年行政复议维持3件，纠正1件，尚未审结1件；行政诉讼2件，尚未审结1件。",
        "社会公益组织3件，较上年增加2件；社会公益组织3件，较上年增加1件；社会公益组织3件，增加0件。",
    ],
)
def test_a_sentence_with_figures_is_no_table(text: str) -> None:
    assert table_of(text) is None


@settings(max_examples=150, deadline=None)
@given(random_source=st.randoms(use_true_random=False))
def test_lost_words_and_figures_leave_no_figure_under_another_name(random_source: random.Random) -> None:
    pieces = [piece for row, way in enumerate(WAYS) for piece in (f"{way}：", *clause(row, joint="，\n").split("\n"))]
    for _ in range(random_source.randint(1, 3)):
        place = random_source.randrange(len(pieces))
        kind = random_source.randrange(3)
        if kind == 0:
            del pieces[place]
        elif kind == 1:
            pieces[place] = "".join(character for character in pieces[place] if not character.isdigit())
        else:
            other = random_source.randrange(len(pieces))
            pieces[place], pieces[other] = pieces[other], pieces[place]
    rows = table_of("".join(pieces)) or [[]]
    true = {(way, name): f"{FIGURES[i][j]}件" for i, way in enumerate(WAYS) for j, name in enumerate(RESULTS)}
    moved = any(piece.endswith("：") for piece in pieces) and len(rows) == len(WAYS) + 1
    for row in rows[1:] if moved and [row[0] for row in rows[1:]] == WAYS else ():
        for name, figure in zip(rows[0][1:], row[1:], strict=True):
            assert figure == true.get((row[0], name), figure)


@pytest.mark.parametrize("container", ["html", "docx"])
@pytest.mark.parametrize("words", ["request_in_words", "challenge_in_words"])
def test_digits_that_no_one_sees_are_in_doubt(container: str, words: str) -> None:
    made = make_document(1, "2021", container, ["pale_digits", words])
    document = read_document(made.file_name, bytes(made.content))
    doubted = [text for cells in document.tables for *_, text in cells if PICTURE in text]
    assert len(doubted) == 5
    assert not any(PICTURE in block.text for block in document.blocks)


def test_where_a_mark_parts_a_line_all_digits_are_in_doubt() -> None:
    clauses = [f"<p>{way}：{clause(row)}</p>" for row, way in enumerate(WAYS)]
    page = f'{INTRO}<p><span data-value="1"></span></p>{"".join(clauses)}'
    (cells,) = read_document("x.html", page.encode()).tables
    assert all(PICTURE in text for row, column, *_, text in cells if row > 1 and column > 1)
