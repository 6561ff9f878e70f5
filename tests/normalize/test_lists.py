"""Statistic tables printed as lists: each figure by both of its labels, and nothing where one of them is in doubt."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.form import load_forms
from tests.factory import make_truth
from tests.normalize.tables import Rows, read_tables

(CLAUSE,) = load_forms()["2021"].table("request").clauses
(CHALLENGE,) = load_forms()["2021"].table("challenge").clauses
CHALLENGE_TABLE = [
    [row.label for row in CHALLENGE.rows for _ in CHALLENGE.columns],
    [column.label for _ in CHALLENGE.rows for column in CHALLENGE.columns],
    ["0"] * 15,
]
COLUMNS = [column.label for column in CLAUSE.columns]
ROWS = [row.label for row in CLAUSE.rows]


def figures(seed: int = 1) -> list[list[str]]:
    """Return figures of a form whose sums hold, a line for each row."""
    truth = make_truth(seed, "2021", size="district")
    return [[f"{truth.value('request', row.code, column.code)}" for column in CLAUSE.columns] for row in CLAUSE.rows]


def under_columns(lines: list[list[str]], columns: list[str]) -> Rows:
    return [
        row
        for place, column in enumerate(COLUMNS)
        if column in columns
        for row in [[column], *([label, line[place]] for label, line in zip(ROWS, lines, strict=True))]
    ]


def under_rows(lines: list[list[str]]) -> Rows:
    return [
        row
        for label, line in zip(ROWS, lines, strict=True)
        for row in [[label], *([column, figure] for column, figure in zip(COLUMNS, line, strict=True))]
    ]


def beside_rows(lines: list[list[str]]) -> Rows:
    return [
        [label, column, figure]
        for label, line in zip(ROWS, lines, strict=True)
        for column, figure in zip(COLUMNS, line, strict=True)
    ]


def by_themselves(lines: list[list[str]]) -> Rows:
    return [[f"{label}（{column}）", figure] for label, column, figure in beside_rows(lines)]


def totals(lines: list[list[str]]) -> Rows:
    return [[label, line[-1]] for label, line in zip(ROWS, lines, strict=True)]


WAYS = {
    "under columns": lambda lines: under_columns(lines, COLUMNS),
    "under rows": under_rows,
    "beside rows": beside_rows,
    "by themselves": by_themselves,
}


def read(rows: Rows, *others: Rows) -> dict[tuple[str, str], str]:
    """Return what is read of 表三 from a list, with 表四 behind it unless other tables are given."""
    tables = [rows, *(others or (CHALLENGE_TABLE,))]
    reading = read_tables(tables)
    found = reading.cells.filter(table_code="request").drop_nulls(["row_code", "column_code"])
    return {
        (cell["row_code"], cell["column_code"]): tables[cell["table_number"] - 1][cell["row_number"] - 1][
            cell["column_number"] - 1
        ]
        for cell in found.iter_rows(named=True)
    }


def expected(lines: list[list[str]]) -> dict[tuple[str, str], str]:
    return {
        (row.code, column.code): figure
        for row, line in zip(CLAUSE.rows, lines, strict=True)
        for column, figure in zip(CLAUSE.columns, line, strict=True)
    }


@pytest.mark.parametrize("way", WAYS)
def test_a_list_of_all_figures_is_read(way: str) -> None:
    lines = figures()
    assert read(WAYS[way](lines)) == expected(lines)


@pytest.mark.parametrize("blanks", [0, 1])
@pytest.mark.parametrize("way", [under_rows, beside_rows])
def test_headings_of_groups_are_no_rows(way: Callable[[list[list[str]]], Rows], blanks: int) -> None:
    """（三）不予公开 in a line of its own, with or without a blank beside it, took the whole list's figures."""
    lines = figures()
    printed = way(lines)
    size = len(printed) // len(ROWS)
    firsts = {group.code: next(n for n, row in enumerate(CLAUSE.rows) if row.parent == group.code)
              for group in CLAUSE.row_groups if group.code in {row.parent for row in CLAUSE.rows}}  # fmt: skip
    labels = {group.code: group.label for group in CLAUSE.row_groups}
    for code, first in sorted(firsts.items(), key=lambda item: -item[1]):
        printed.insert(first * size, [labels[code], *[""] * blanks])
    assert read(printed) == expected(lines)


def test_headings_of_columns_may_bear_numbers() -> None:
    """（六）其他 names a column among （五）法律服务机构 and （七）总计, and a group of rows elsewhere."""
    lines = figures()
    numbered = [f"（{number}）{column}" for number, column in zip("一二三四五六七", COLUMNS, strict=True)]
    rows = under_columns(lines, COLUMNS)
    for row in rows:
        if row[0] in COLUMNS and len(row) == 1:
            row[0] = numbered[COLUMNS.index(row[0])]
    assert read(rows) == expected(lines)


def cards(form: str) -> Rows:
    """Return 表二 as a list: each item's name over its columns with a figure each, which says its place."""
    rows: Rows = []
    for clause in load_forms()[form].table("proactive").clauses:
        for row in clause.rows:
            rows += [
                [row.label],
                *([column.label, str(len(rows) * 9 + at)] for at, column in enumerate(clause.columns)),
            ]
    return rows


@pytest.mark.parametrize("form", ["2021", "2019"])
def test_a_table_of_several_clauses_as_a_list(form: str) -> None:
    rows = cards(form)
    cells = read_tables([rows]).cells.filter(table_code="proactive").drop_nulls(["row_code", "column_code"])
    clauses = load_forms()[form].table("proactive").clauses
    wanted = {(row.code, column.code) for clause in clauses for row in clause.rows for column in clause.columns}
    assert set(cells.select("row_code", "column_code").iter_rows()) == wanted
    assert cells.height == len(wanted)
    labels = {row.code: row.spellings for clause in clauses for row in clause.rows}
    for cell in cells.iter_rows(named=True):
        above = next(row for row in reversed(rows[: cell["row_number"]]) if len(row) == 1)
        assert above[0] in labels[cell["row_code"]]
    assert cells.filter(column_code="amount")["header_unit"].to_list() == ["万元" if form == "2021" else None]


@pytest.mark.parametrize("form", ["2021", "2019"])
def test_a_list_of_several_clauses_that_lacks_a_line_or_says_one_of_another_time_is_unread(form: str) -> None:
    rows = cards(form)
    for at in range(len(rows)):
        told = read_tables([[*rows[:at], *rows[at + 1 :]]]).cells.filter(table_code="proactive")
        assert told.drop_nulls(["row_code", "column_code"]).is_empty(), rows[at]
    for more in (["上年情况"], ["全区"]):
        told = read_tables([[more, *rows]]).cells.filter(table_code="proactive")
        assert told.drop_nulls(["row_code", "column_code"]).is_empty(), more


@pytest.mark.parametrize("head", [[], [["项目", "数量（件）"]], [["办理情况", "件数"]]])
def test_totals_alone_are_totals(head: Rows) -> None:
    lines = figures()
    own = {code: text for code, text in expected(lines).items() if code[1] == "total"}
    assert read([*head, *totals(lines)]) == own


@pytest.mark.parametrize("head", ["2020年", "上年数", "占比", "增幅"])
def test_a_head_that_no_form_knows_leaves_totals_unread(head: str) -> None:
    assert read([["项目", head], *totals(figures())]) == {}


def test_a_list_that_may_be_the_first_of_several_is_unread() -> None:
    """Without another table behind it the document may end before 商业企业 and the others."""
    assert read(totals(figures()), [["某局", "1"]]) == {}


def test_the_figures_of_one_applicant_are_no_totals() -> None:
    lines = figures()
    assert read(under_columns(lines, ["自然人"])) == {}
    assert read([[f"{label}（自然人）", line[0]] for label, line in zip(ROWS, lines, strict=True)]) == {}
    assert (
        read([["项目", "总计"], *([f"{label}（自然人）", line[0]] for label, line in zip(ROWS, lines, strict=True))])
        == {}
    )


def test_two_years_are_none() -> None:
    assert read([["本年"], *totals(figures(1)), ["上年"], *totals(figures(2))]) == {}
    assert read([*totals(figures(1)), *totals(figures(2))]) == {}


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_damage_reads_nothing_under_another_label(way: str, seed: int) -> None:
    rng = random.Random(seed)
    lines = figures(seed)
    rows = WAYS[way](lines)
    for _ in range(rng.choice((1, 1, 2))):
        at, other = rng.randrange(len(rows)), rng.randrange(len(rows))
        blow = rng.choice(("drop", "twice", "exchange", "many"))
        if blow == "exchange":
            rows[at], rows[other] = rows[other], rows[at]
        elif blow == "twice":
            rows.insert(other, rows[at])
        else:
            del rows[at : at + (1 if blow == "drop" else rng.randrange(2, 9))]
    true = expected(lines)
    assert all(true[code] == text for code, text in read(rows).items())


@pytest.mark.parametrize("way", WAYS)
def test_a_list_whose_sums_break_is_unread(way: str) -> None:
    lines = figures()
    lines[2][0] = str(int(lines[2][0]) + 7)
    assert read(WAYS[way](lines)) == {}
