"""The factory's table model holds together, and its streams are reproducible, free of repetition and can be scored."""

import csv
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import load_cases, read_expected
from tests.factory import CONTAINERS, expected_csv, make_document
from tests.factory.__main__ import main as stream_main
from tests.factory.choice import choose_quirks, stream_documents
from tests.factory.model import Cell, Role, Table, collect_rows, place, split_table


@st.composite
def tables(draw):
    rows, width = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    free = {(row, column) for row in range(rows) for column in range(width)}
    placed = []
    while free:
        row, column = min(free)
        down = draw(st.integers(1, rows - row))
        right = draw(st.integers(1, width - column))
        while any((row, column + step) not in free for step in range(right)):
            right -= 1
        while any((row + r, column + c) not in free for r in range(down) for c in range(right)):
            down -= 1
        free -= {(row + r, column + c) for r in range(down) for c in range(right)}
        placed.append((row, column, Cell(f"{row},{column}", Role.LABEL, down, right)))
    return Table(collect_rows(placed, rows)), placed


@given(tables())
def test_layout_is_inverse_to_collection(drawn):
    table, placed = drawn
    assert place(table.rows) == sorted(placed, key=lambda entry: entry[:2])


@given(tables(), st.data())
def test_a_split_table_covers_what_the_whole_covered(drawn, data):
    table, _ = drawn
    at = data.draw(st.integers(0, len(table.rows)))
    upper, lower = split_table(table, at, remainder="repeat")
    area = sum(cell.rows * cell.columns for part in (upper, lower) for row in part.rows for cell in row)
    assert area == sum(cell.rows * cell.columns for row in table.rows for cell in row)
    assert [len(upper.rows), len(lower.rows)] == [at, len(table.rows) - at]


def test_the_same_seed_gives_the_same_bytes():
    first = [made.content for made in stream_documents(30, 4)]
    assert first == [made.content for made in stream_documents(30, 4)]
    assert first != [made.content for made in stream_documents(30, 5)]


@pytest.mark.parametrize("container", CONTAINERS)
def test_any_mixture_of_quirks_can_be_written(container):
    # A figure read twice or two quirks that cannot stand together would raise.
    for number in range(25):
        rng = Random(f"{container}/{number}")
        quirks = choose_quirks(rng, "2021", CONTAINERS[container])
        assert make_document(number, "2021", container, quirks).figures


def test_stream_repeats_no_agency_and_year():
    names = [(made.truth.agency_name, made.truth.year) for made in stream_documents(150, 1, with_quirks=False)]
    assert len(set(names)) == 150


def test_stream_folder_can_be_scored(tmp_path):
    assert stream_main([str(tmp_path), "--count", "20", "--seed", "2"]) == 0
    cases = load_cases(tmp_path)
    assert len(cases) == 20
    assert all(case.expected for case in cases)
    with (tmp_path / "manifest.csv").open(encoding="utf-8", newline="") as file:
        assert {row["file_name"] for row in csv.DictReader(file)} == {case.name for case in cases}


def test_expected_csv_round_trips_through_the_scoreboard():
    made = make_document(11, "2019", "html", ["zeros_half_blank", "amount_in_yuan"])
    expected = read_expected(expected_csv(made.figures).splitlines())
    assert set(expected) == set(made.figures)
    for key, figure in made.figures.items():
        assert (expected[key].value, expected[key].status, expected[key].unit) == (
            figure.value,
            figure.status,
            figure.unit,
        )
