"""The cookbook's questions: each is asked of the season for analysts, and its answer held against what was printed."""

import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.analyst import (
    ABSENT,
    AGENCIES,
    BREACHED,
    EDUCATION,
    GOVERNMENT,
    GULOU,
    LATE,
    REVISED,
    TORN,
    YEARS,
    Season,
)  # fmt: skip

PAGE = (Path(__file__).resolve().parent.parent / "docs/cookbook.md").read_text(encoding="utf-8")
# A question under its number, and below it what a row of the answer is and which columns it has.
_QUESTION = re.compile(
    r"^### (\d+) (.+?)\n\n```sql\n(.*?)```\n\n(A row .*?): ((?:`\w+`(?:, )?)+)\.", re.DOTALL | re.MULTILINE
)
QUESTIONS = {int(number): (sql, re.findall(r"`(\w+)`", shape)) for number, _, sql, _, shape in _QUESTION.findall(PAGE)}
DEPARTMENTS = [agency for agency in AGENCIES if agency.endswith("局")]
OUTCOME_ROWS = {"granted", "partly_granted"}
Rows = list[tuple[Any, ...]]
Check = Callable[[Season, Rows], bool]
CHECKS: dict[int, Check] = {}


def answers(number: int) -> Callable[[Check], Check]:
    def note(check: Check) -> Check:
        CHECKS[number] = check
        return check

    return note


def reports(season: Season, year: int, agencies: list[str]) -> list[str]:
    return [agency for agency in agencies if (agency, year) in season.truths]


def printed(season: Season, agency: str, year: int, row: str) -> int:
    """Return what the report prints of a row, added up over applicants: the truth but for the misprint."""
    total = season.total(agency, year, row)
    if (agency, year) == BREACHED and row == "granted":
        true = int(season.truths[BREACHED].value("request", "granted", "natural_person"))
        total += season.printed["granted", "natural_person"] - true
    return total


def outcomes(season: Season, agency: str, year: int) -> int:
    rows = {row for table, row, column in season.truths[agency, year].figures if table == "request"}
    return sum(
        printed(season, agency, year, row)
        for row in rows - {"new_received", "carried_in", "handled_total", "carried_forward"}
    )


def granted(season: Season, agency: str, year: int) -> int:
    return sum(printed(season, agency, year, row) for row in OUTCOME_ROWS)


@answers(1)
def _(season, rows):
    return [row[:4] for row in rows] == [
        (year, *(season.total(GOVERNMENT, year, row) for row in ("new_received", "granted", "partly_granted")))
        for year in YEARS
    ] and all(row[4] == granted(season, GOVERNMENT, row[0]) / outcomes(season, GOVERNMENT, row[0]) for row in rows)


@answers(2)
def _(season, rows):
    sums: dict[str, int] = defaultdict(int)
    for part, _, _, text, *_ in rows:
        sums[part] += int(text)
    return sums == {"numerator": granted(season, GOVERNMENT, 2022), "denominator": outcomes(season, GOVERNMENT, 2022)}


@answers(3)
def _(season, rows):
    received = next(row for row in rows if "本年新收" in row[1])
    lines = {row for table, row, _ in season.truths[GOVERNMENT, 2022].figures if table == "request"}
    return len(rows) == len(lines) and int(received[-1]) == season.total(GOVERNMENT, 2022, "new_received")


@answers(4)
def _(season, rows):
    return {("T3-row", "granted"), ("T3-sum", "natural_person")} <= {row[1:3] for row in rows if row[0] == "error"}


@answers(5)
def _(season, rows):
    return len(rows) == 1 and rows[0][:2] == REVISED and rows[0][5] != rows[0][6]


@answers(6)
def _(season, rows):
    return [row[:2] for row in rows] == sorted(season.truths) and all("解读" in row[3] for row in rows)


@answers(7)
def _(season, rows):
    told = sorted((-season.total(agency, 2022, "new_received"), agency) for agency in EDUCATION)
    return [(-row[3], row[2]) for row in rows] == told and [row[2] for row in rows if row[5]] == [EDUCATION[0]]


@answers(8)
def _(season, rows):
    told = {agency: (outcomes(season, agency, 2022), granted(season, agency, 2022)) for agency in EDUCATION}
    expected = sorted((above / below, agency) for agency, (below, above) in told.items() if below >= 20)
    return [(row[2], row[0]) for row in rows] == expected


@answers(9)
def _(season, rows):
    told = {key: season.total(*key, "new_received") for key in season.truths}
    grown = [
        ((told[agency, year] - before) / before, agency, year)
        for agency, year in told
        if (before := told.get((agency, year - 1), 0)) >= 20
    ]
    expected = sorted(grown, key=lambda each: (-each[0], each[1]))[:10]
    return [(row[5], row[0], row[1]) for row in rows] == expected


@answers(10)
def _(season, rows):
    return [(row[0], 2022) for row in rows] == [key for key in LATE if key[1] == 2022] and rows[0][4] == 15


@answers(11)
def _(season, rows):
    return {(row[0], 2021) for row in rows} >= ABSENT and not any(row[2] for row in rows)


@answers(12)
def _(season, rows):
    agency, year = TORN
    return [row[:2] for row in rows] == [TORN] and rows[0][2:] == tuple(
        season.total(agency, *which) for which in ((year - 1, "carried_forward"), (year, "carried_in"))
    )


@answers(13)
def _(season, rows):
    henan = [agency for agency in DEPARTMENTS if agency.startswith("平顶山")]
    return rows == [
        (year, len(found), sum(season.total(agency, year, "new_received") for agency in found))
        for year in YEARS
        for found in [reports(season, year, henan)]
    ]


@answers(14)
def _(season, rows):
    denied = sum(
        season.total(agency, 2022, row)
        for agency in DEPARTMENTS
        for row in {row for _, row, _ in season.truths[agency, 2022].figures if row.startswith("denied_")}
    )
    return len(rows) == 8 and sum(row[1] for row in rows) == denied and abs(sum(row[2] for row in rows) - 1) < 1e-9


@answers(15)
def _(season, rows):
    told = sum(season.total(agency, year, "new_received") for agency, year in season.truths if agency in EDUCATION)
    return len(rows) == 6 * len(YEARS) and sum(row[2] for row in rows) == told


@answers(16)
def _(season, rows):
    return (
        [row[0] for row in rows] == [2016, 2017, *YEARS]
        and [row[0] for row in rows if row[4]] == [2019]
        and rows[-1][2] == season.total(GULOU[1], YEARS[-1], "granted")
    )


@answers(17)
def _(season, rows):
    [row] = [row for row in rows if row[:2] == ("教育", 2021)]
    decided = corrected = 0
    for agency in reports(season, 2021, EDUCATION):
        for (table, _, column), figure in season.truths[agency, 2021].figures.items():
            if table == "challenge" and column in ("upheld", "corrected", "other_result"):
                decided += int(figure.value or 0)
                corrected += int(figure.value or 0) * (column == "corrected")
    return row[2:5] == (decided, corrected, corrected / decided)


@answers(18)
def _(season, rows):
    value = {
        agency: int(season.truths[agency, 2023].value("proactive", "normative_document", "in_force"))
        for agency in (GOVERNMENT, *GULOU)
    }
    return [(-row[1], row[0]) for row in rows] == sorted((-count, agency) for agency, count in value.items())


@answers(19)
def _(season, rows):
    [row] = [row for row in rows if row[:2] == (2022, "government")]
    yuan = sum(season.truths[agency, 2022].value("proactive", "fee", "amount") for agency in (GOVERNMENT, *GULOU))
    return row[2] == 3 and abs(row[3] - float(yuan)) < 1e-6 * max(1, float(yuan))


@answers(20)
def _(season, rows):
    [row] = [row for row in rows if row[0] == 2023]
    parts = [(granted(season, agency, 2023), outcomes(season, agency, 2023)) for agency in EDUCATION]
    mean = sum(above / below for above, below in parts) / len(parts)
    pooled = sum(above for above, _ in parts) / sum(below for _, below in parts)
    return row[1] == pooled and abs(row[2] - mean) < 1e-12 and row[3] == 4 and row[1] != row[2]


@answers(21)
def _(season, rows):
    both = [agency for agency in DEPARTMENTS if {(agency, 2022), (agency, 2023)} <= set(season.truths)]
    sums = [sum(season.total(agency, year, "new_received") for agency in both) for year in (2022, 2023)]
    added = [sum(column) for column in list(zip(*rows, strict=True))[1:]]
    return added == [len(both), *sums, sums[1] - sums[0]] and len({row[0] for row in rows}) == len(rows) == 2


@answers(22)
def _(season, rows):
    return [row[:2] for row in rows] == [
        (year, sum(outcomes(season, agency, year) for agency in reports(season, year, DEPARTMENTS))) for year in YEARS
    ] and all(0 <= alike <= total for _, total, alike in rows)


def test_there_are_as_many_questions_as_the_page_says_and_each_is_checked() -> None:
    assert list(QUESTIONS) == list(range(1, 23)) == sorted(CHECKS)


@pytest.mark.parametrize("number", QUESTIONS)
def test_a_question_is_answered_as_the_reports_print(number: int, season: Season) -> None:
    sql, columns = QUESTIONS[number]
    with duckdb.connect(str(season.workspace.database), read_only=True) as connection:
        answer = connection.execute(sql)
        assert [column[0] for column in answer.description or ()] == columns
        rows = answer.fetchall()
    assert rows
    assert CHECKS[number](season, rows), rows[:5]


def test_a_report_with_a_blank_is_in_both_sides_of_a_rate_of_sums_or_in_neither(season: Season) -> None:
    """Question 20 over reports that leave 予以公开 or 部分公开 blank."""
    columns = "year, sector, agency_type, grant_rate, granted, partly_granted, outcomes"
    with duckdb.connect() as connection:
        connection.execute(f"""CREATE TABLE agency_year AS SELECT * FROM (VALUES
            (2020, '教育', 'department', 0.5, 4, 1, 10), (2020, '教育', 'department', 0.2, 2, NULL, 10),
            (2020, '教育', 'department', NULL, NULL, 3, 10)) AS y({columns})""")
        assert connection.execute(QUESTIONS[20][0]).fetchall() == [(2020, 7 / 20, 0.35, 2)]


@pytest.mark.parametrize("name", ["warehouse.md", "legacy.md"])
def test_the_queries_of_other_pages_are_answered(name: str, season: Season) -> None:
    page = (Path(__file__).resolve().parent.parent / "docs" / name).read_text(encoding="utf-8")
    blocks = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    assert blocks
    with duckdb.connect(str(season.workspace.database), read_only=True) as connection:
        for sql in blocks:
            for statement in connection.extract_statements(sql):
                connection.execute(statement).fetchall()
