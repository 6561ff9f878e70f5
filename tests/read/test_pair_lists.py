"""Tables that running text prints as lists: a label and a figure a line, under headings."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.read import read_document
from pipelines.read.model import PICTURE, Block, Document
from pipelines.read.pair_lists import read_pair_lists
from schemas.form import load_forms
from schemas.vocabulary import BlockKind, FileFormat
from tests.factory import make_document

(CLAUSE,) = load_forms()["2021"].table("request").clauses
GROUPS = {group.code: group.label for group in CLAUSE.row_groups}
INTRO = "<h1>某局2022年报告</h1><p>全年公开信息120条，其中动态100条、政策20条。</p><p>三、办理情况</p>"


def lines() -> list[tuple[str, str | None]]:
    """Return the labels of 表三 in order with a figure each, groups without."""
    found: list[tuple[str, str | None]] = []
    seen: set[str] = set()
    for number, row in enumerate(CLAUSE.rows):
        if row.parent in GROUPS and row.parent not in seen:
            seen.add(row.parent)
            found.append((GROUPS[row.parent], None))
        found.append((row.label, str(number)))
    return found


def tables_of(*paragraphs: str) -> list[list[list[str]]]:
    """Return the rows of the tables that paragraphs give."""
    texts = ["全年公开信息120条，其中动态100条、政策20条。", "三、办理情况", *paragraphs]
    document = Document(FileFormat.HTML, blocks=[Block(BlockKind.PARAGRAPH, text) for text in texts])
    read_pair_lists(document)
    return [
        [[text for row, *_, text in cells if row == number] for number in sorted({cell[0] for cell in cells})]
        for cells in document.tables
    ]


def body(table: list[list[str]]) -> list[list[str]]:
    """Return rows without the section's heading."""
    return [row for row in table if row != ["三、办理情况"]]


@pytest.mark.parametrize("form", ["{}：{}件", "{}{}件", "{} {}", "{}为{}件。", "{}（{}件）", "{}：{} 件；", "· {}：{}"])
def test_a_line_for_each_row(form: str) -> None:
    texts = [f"{label}：" if figure is None else form.format(label, figure) for label, figure in lines()]
    (table,) = tables_of(*texts)
    unit = "件" if "件" in form else ""
    assert body(table) == [[label] if figure is None else [label, figure + unit] for label, figure in lines()]
    (joined,) = tables_of("；".join(text.rstrip("；。") for text in texts))
    assert joined[-1] == [CLAUSE.rows[-1].label, f"24{unit}"]


def test_a_figure_in_the_line_below_its_label() -> None:
    (table,) = tables_of(*[text for pair in lines() for text in pair if text is not None])
    assert body(table) == [[text for text in pair if text is not None] for pair in lines()]


def test_what_a_table_prints_is_not_read_again() -> None:
    texts = [f"<p>{label}：{figure}件</p>" for label, figure in lines() if figure is not None]
    cells = "".join(f"<tr><td>{label}<td>{figure}" for label, figure in lines() if figure is not None)
    document = read_document("x.html", (INTRO + "".join(texts) + f"<table>{cells}</table>").encode())
    assert len(document.tables) == 1


def test_a_sentence_in_between_ends_a_list() -> None:
    texts = [f"{label}：{figure}件" for label, figure in lines() if figure is not None]
    assert tables_of(*texts[:11], "以上均已答复，无一超期。", *texts[11:22]) == []
    assert len(tables_of(*texts[:12], "以上均已答复，无一超期。", *texts[12:24])) == 2


@pytest.mark.parametrize("before", ["2022年自然人申请5件，办理如下：", "上年情况，见下。", "其中，企业申请3件："])
def test_a_line_before_that_says_of_whom_or_when_heads_the_list(before: str) -> None:
    texts = [f"{label}：{figure}件" for label, figure in lines() if figure is not None]
    (table,) = tables_of(before, *texts)
    assert table[0] == [before]
    (plain,) = tables_of("2022年，本局办理情况如下：", *texts)
    assert plain[0] == [CLAUSE.rows[0].label, "0件"]


@pytest.mark.parametrize("joint", ["-", "/", "->"])
@pytest.mark.parametrize("mark", ["：", ","])
def test_labels_of_a_path_stand_in_cells_of_their_own(joint: str, mark: str) -> None:
    """三、本年度办理结果-1.属于国家秘密-自然人 was a label that no form has, or none for the figure in it."""
    paths = [joint.join(("三、本年度办理结果", label, "自然人")) for label, figure in lines() if figure is not None]
    (table,) = tables_of(*(f"{path}{mark}{number}" for number, path in enumerate(paths)))
    assert body(table) == [[*path.split(joint), str(number)] for number, path in enumerate(paths)]


ITEMS = [("规章", ("制发", "废止")), ("规范性文件", ("制发", "废止")), ("行政许可", ("处理决定数量", "本年增/减"))]
ITEMS += [(item, ("处理决定数量", "本年增/减")) for item in ("行政处罚", "行政强制")]


def cards(changed: str = "：-3", last: str = "：0.37万元") -> list[str]:
    """Return a small table as cards: the name of each item, and a line for each of its figures."""
    pairs = [text for item, names in ITEMS for text in (item, *(f"{name}：12" for name in names))]
    return [*pairs[:-1], f"本年增/减{changed}", "行政事业性收费", f"本年收费金额{last}"]


@pytest.mark.parametrize(("changed", "read"), [("：-3", "-3"), (" -3", "-3"), ("：+3", "+3"), ("3", "3")])
def test_cards_of_a_table_with_few_figures(changed: str, read: str) -> None:
    """They were too few for a list, and a change or an amount was no figure."""
    (table,) = tables_of(*cards(changed))
    assert body(table)[-3:] == [["本年增/减", read], ["行政事业性收费"], ["本年收费金额", "0.37万元"]]


@pytest.mark.parametrize("changed", ["-3", "——3", "：--3"])
def test_a_dash_before_a_change_may_be_a_sign(changed: str) -> None:
    assert not any(
        row[:1] == ["本年增/减"] and row[1:] == ["3"] for table in tables_of(*cards(changed)) for row in table
    )


def test_a_label_without_its_figure_is_a_blank_where_others_of_its_name_have_one() -> None:
    (table,) = tables_of(*[text.replace("12", "") if at == 7 else text for at, text in enumerate(cards())])
    assert body(table)[6:9] == [["行政许可"], ["处理决定数量", ""], ["本年增/减", "12"]]


@pytest.mark.parametrize("line", ["本年增/减" + " :-" * 30 + "3", "事项：" * 20 + "无", "事项：" * 5_000 + "3"])
def test_a_clause_of_many_colons_is_taken_apart_once(line: str) -> None:
    """Twice as long with each colon more."""
    started = time.process_time()
    tables_of("重新出具", *[f"{line}{number}" for number in range(500)])
    assert time.process_time() - started < 3


@pytest.mark.parametrize("words", ["request_totals_in_words", "request_lists_in_words", "request_wholes_in_words"])
def test_digits_that_no_one_sees_are_in_doubt(words: str) -> None:
    made = make_document(1, "2021", "html", ["pale_digits", words])
    document = read_document(made.file_name, bytes(made.content))
    assert any(PICTURE in text for cells in document.tables for *_, text in cells)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_any_text_gives_pairs_and_headings(seed: int) -> None:
    rng = random.Random(seed)
    pieces = [*"（）：；，。、0123456789件 \n", "重新出具", "自然人", "其中", "(", "一、", "1."]
    texts = ["".join(rng.choices(pieces, k=rng.randrange(1, 40))) for _ in range(rng.randrange(1, 60))]
    document = Document(FileFormat.TEXT, blocks=[Block(BlockKind.PARAGRAPH, text) for text in texts])
    read_pair_lists(document)
    for cells in document.tables:
        assert {column for _, column, *_ in cells} <= {1, 2}
        assert all(not text or any(map(str.isdigit, text)) for _, column, *_, text in cells if column == 2)
