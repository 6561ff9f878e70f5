"""The table as an error-correcting code: what is located, what is only detected, and what is never claimed."""

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.check.catalogue import current_identities
from pipelines.check.decode import LinearSystem, decode
from schemas.identity import Cell, table_layout
from tests.check.builders import made_up_request, read_report

FORMS = ["2019", "2021"]


def system_of(form: str, code: str = "request") -> tuple[LinearSystem, tuple[Cell, ...]]:
    layout = table_layout(form, code)
    assert layout is not None
    places = {cell: place for place, cell in enumerate(layout.cells)}
    equations = [i.coefficients for i in current_identities(form, code) if i.relation == "="]
    return LinearSystem(tuple({places[c]: k for c, k in e.items()} for e in equations)), layout.cells


def values_of(form: str, seed: int) -> dict[int, int | None]:
    request = made_up_request(form, seed)
    return {place: int(request[cell] or 0) for place, cell in enumerate(system_of(form)[1])}


def misprint(correct: dict[int, int | None], wrong: list[int], data: st.DataObject) -> dict[int, int | None]:
    """Draw for each place of `wrong` a count that is not the correct one."""
    others = {place: data.draw(st.integers(0, 499)) for place in wrong}
    return {place: other + (other >= (correct[place] or 0)) for place, other in others.items()}


SYSTEMS = {form: system_of(form)[0] for form in FORMS}


@pytest.mark.parametrize(("form", "cells", "identities"), [("2021", 175, 39), ("2019", 161, 37)])
def test_table_three_is_a_code_of_distance_four(form: str, cells: int, identities: int) -> None:
    """No three columns are dependent, so two wrong cells never look like one; four are, so four may go unseen."""
    system = SYSTEMS[form]
    assert (len(system.columns), len(system.equations)) == (cells, identities)
    assert system.is_locating
    assert len(system.components) == 1


def test_dependent_columns_are_found() -> None:
    assert not LinearSystem(({0: 1, 1: 1, 2: -1},)).is_locating
    assert not LinearSystem(({0: 1, 2: 1}, {1: 1, 2: 1})).is_locating
    assert LinearSystem(({0: 1}, {1: 1}, {2: 1})).is_locating


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(4))
def test_every_single_wrong_cell_is_located_with_its_value(form: str, seed: int) -> None:
    """Exhaustive over the cells, and over shifts that make zeros, near misses and other orders of magnitude."""
    correct = values_of(form, seed)
    for place, value in correct.items():
        assert value is not None
        for printed in {0, value + 1, max(value - 1, 0), value * 10, value + 1_000_000} - {value}:
            diagnosis = decode(SYSTEMS[form], {**correct, place: printed})
            assert diagnosis.is_unique, (place, printed)
            assert diagnosis.explanations[0].changes == ((place, value),)


def test_every_single_wrong_cell_of_a_real_report_is_located() -> None:
    request, cells = read_report("large_city_2021")["request"], system_of("2021")[1]
    correct = {place: int(request[cell] or 0) for place, cell in enumerate(cells)}
    for place, value in correct.items():
        diagnosis = decode(SYSTEMS["2021"], {**correct, place: value + 3})
        assert diagnosis.is_unique
        assert diagnosis.explanations[0].changes == ((place, value),)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FORMS), st.integers(0, 10**6), st.data())
def test_a_single_wrong_cell_is_located_in_any_table(form: str, seed: int, data: st.DataObject) -> None:
    correct = values_of(form, seed)
    place = data.draw(st.sampled_from(sorted(correct)))
    printed = data.draw(st.integers(0, 10**9).filter(lambda number: number != correct[place]))
    diagnosis = decode(SYSTEMS[form], {**correct, place: printed})
    assert diagnosis.is_unique
    assert diagnosis.explanations[0].changes == ((place, correct[place]),)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FORMS), st.integers(0, 10**6), st.data())
def test_two_wrong_cells_are_detected_and_never_wrongly_claimed(form: str, seed: int, data: st.DataObject) -> None:
    correct = values_of(form, seed)
    wrong = data.draw(st.lists(st.sampled_from(sorted(correct)), min_size=2, max_size=2, unique=True))
    printed = misprint(correct, wrong, data)
    diagnosis = decode(SYSTEMS[form], {**correct, **printed})
    truth = tuple(sorted((place, correct[place]) for place in wrong))
    assert diagnosis.is_broken
    assert truth in [explanation.changes for explanation in diagnosis.explanations]
    assert not diagnosis.is_unique or diagnosis.explanations[0].changes == truth


@pytest.mark.parametrize("step", [16, pytest.param(1, marks=pytest.mark.soak)])
def test_every_pair_of_wrong_cells_is_detected_and_never_wrongly_claimed(step: int) -> None:
    """All 15,225 pairs of a 2021 table, off by a digit, by one or wholly: the truth is always among what is listed.

    The suite takes each sixteenth of them, which holds every cell in many pairs; `make soak` takes all.
    """
    correct, generator = values_of("2021", seed=11), random.Random(1)
    claimed = 0
    pairs = list(combinations(sorted(correct), 2))[::step]
    assert {place for pair in pairs for place in pair} == set(correct)
    for pair in pairs:
        printed = dict(correct)
        for place in pair:
            value = correct[place] or 0
            other = generator.choice([value + 1, max(value - 1, 0), value * 10, 0, generator.randrange(500)])
            printed[place] = other if other != value else value + 3
        diagnosis = decode(SYSTEMS["2021"], printed)
        truth = tuple((place, correct[place]) for place in pair)
        assert truth in [explanation.changes for explanation in diagnosis.explanations], printed
        assert not diagnosis.is_unique or diagnosis.explanations[0].changes == truth
        claimed += diagnosis.is_unique
    assert claimed > 0.919 * len(pairs)  # most pairs are located as well


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(FORMS), st.integers(0, 10**6), st.integers(0, 2), st.data())
def test_blanks_are_erasures_and_never_lead_to_a_wrong_claim(
    form: str, seed: int, errors: int, data: st.DataObject
) -> None:
    correct = values_of(form, seed)
    places = st.sampled_from(sorted(correct))
    wrong = data.draw(st.lists(places, min_size=errors, max_size=errors, unique=True))
    blank = data.draw(st.lists(places.filter(lambda p: p not in wrong), min_size=1, max_size=40, unique=True))
    printed = misprint(correct, wrong, data)
    diagnosis = decode(SYSTEMS[form], {**correct, **printed, **dict.fromkeys(blank)})
    if diagnosis.is_unique:
        assert all(correct[place] == value for place, value in diagnosis.explanations[0].changes)
    if not errors:
        assert not diagnosis.is_broken
        assert all(correct[place] == value for place, value in diagnosis.fillings.items())


def test_a_single_cell_is_not_claimed_where_two_others_explain_as_much() -> None:
    """Cell 0 stands in both equations; 1 and 2, one in each, could both be wrong by as much."""
    system = LinearSystem(({0: 1, 1: 1, 3: -1}, {0: 1, 2: 1, 4: -1}))
    printed: dict[int, int | None] = {0: 15, 1: 20, 2: 30, 3: 30, 4: 40}
    assert decode(system, printed, robust_to=1).is_unique
    cautious = decode(system, printed, robust_to=2)
    assert [explanation.changes for explanation in cautious.explanations] == [((0, 10),)]
    assert not cautious.is_unique


@pytest.mark.parametrize("form", FORMS)
def test_one_blank_is_filled_and_one_error_beside_it_located(form: str) -> None:
    correct = values_of(form, seed=7)
    for blank in correct:
        assert decode(SYSTEMS[form], {**correct, blank: None}).fillings == {blank: correct[blank]}


def test_a_rectangle_of_two_errors_is_listed_with_its_rivals() -> None:
    """Six requests moved between two applicants of one row: any row that can spare six explains it as well."""
    cells = system_of("2021")[1]
    correct = dict.fromkeys(range(len(cells)), 0)
    printed: dict[int, int | None] = dict(correct)
    for cell in [("granted", "natural_person"), ("granted", "total"), ("partly_granted", "natural_person"),
                 ("partly_granted", "total")]:  # fmt: skip
        printed[cells.index(cell)] = 6
    diagnosis = decode(SYSTEMS["2021"], printed)
    assert diagnosis.is_broken
    assert not diagnosis.is_unique


def test_three_scattered_errors_are_not_explained_by_two() -> None:
    correct = values_of("2021", seed=9)
    cells = system_of("2021")[1]
    printed = dict(correct)
    for shift, cell in enumerate([("granted", "business"), ("partly_granted", "legal_service"),
                                  ("other_misc", "other_org")], start=3):  # fmt: skip
        place = cells.index(cell)
        printed[place] = (correct[place] or 0) + shift
    diagnosis = decode(SYSTEMS["2021"], printed)
    assert diagnosis.is_broken
    assert not diagnosis.explanations


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 20), min_size=4, max_size=4), st.integers(0, 60))
def test_table_four_claims_only_where_the_domain_leaves_no_other(results: list[int], total: int) -> None:
    system, _ = system_of("2021", "challenge")
    channel = system.components[0]
    places = sorted(channel.columns)
    printed = dict(zip(places, [*results, total], strict=True))
    diagnosis = decode(channel, printed, largest=1, robust_to=1)
    excess = sum(results) - total
    able = [p for p, value in zip(places, results, strict=False) if value >= excess]
    assert diagnosis.is_broken == bool(excess)
    assert len(diagnosis.explanations) == (len(able) + 1 if excess else 0)
    assert diagnosis.is_unique == (bool(excess) and not able)


def test_a_pair_search_finds_what_trying_all_pairs_finds() -> None:
    """The projection that makes the search fast against the definition, over one small dense system."""
    system = LinearSystem(({0: 1, 1: 1, 2: -1}, {0: 1, 3: 1, 4: -1}, {1: 1, 3: -1, 5: 1}, {2: 1, 5: 1, 4: -1}))
    printed = {place: place + 2 for place in range(6)}
    expected = {
        ((a, x), (b, y))
        for a, b in combinations(range(6), 2)
        for x in range(25)
        for y in range(25)
        if x != printed[a]
        and y != printed[b]
        and not any(sum(k * {**printed, a: x, b: y}[c] for c, k in e.items()) for e in system.equations)
    }
    found = {explanation.changes for explanation in decode(system, dict(printed)).explanations}
    assert found == expected
