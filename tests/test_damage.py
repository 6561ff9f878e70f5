"""No figure under another label than its own: tables damaged at random are read, refused or in breach of a rule."""

from collections.abc import Iterable, Iterator
from functools import partial

import pytest

from tests.cases import Case, read_expected
from tests.factory.damage import damaged_document
from tests.factory.document import expected_csv
from tests.fidelity import Reading, read_cases, score


def damaged_cases(seeds: Iterable[int]) -> list[Case]:
    cases = []
    for seed in seeds:
        made, damages = damaged_document(seed)
        cases.append(
            Case(
                name=f"{seed} {made.form_code}/{made.container.name} {damages}",
                path=f"{made.truth.year}/{seed} {made.file_name}",
                container=made.container.name,
                load=partial(bytes, made.content),
                expected=read_expected(expected_csv(made.figures).splitlines()),
            )
        )
    return cases


def silently_wrong(cases: list[Case], readings: dict[str, Reading]) -> Iterator[tuple[str, list[str]]]:
    """Yield the documents with a wrong figure in a table that breaks no rule, and these figures.

    That a cell which only fills a gap is read as a blank is no wrong figure: a blank is what it prints.
    """
    for case in cases:
        reading = readings[case.path]
        wrong = [
            line for line in score(case, reading).silently_wrong(reading.doubted) if ": blank was read" not in line
        ]
        if wrong:
            yield case.name, wrong


@pytest.mark.parametrize(
    "seeds", [range(100), *(pytest.param(range(s, s + 100), marks=pytest.mark.soak) for s in range(100, 6_000, 100))]
)
def test_a_damaged_table_gives_no_figure_silently_to_another_label(seeds: range) -> None:
    cases = damaged_cases(seeds)
    readings = read_cases(cases)
    assert sum(score(case, readings[case.path]).right for case in cases) > 160 * len(seeds)
    assert not dict(silently_wrong(cases, readings))
