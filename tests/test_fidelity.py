"""The scoreboard calls a cell wrong, missing or refused as it must: a scoreboard that forgives proves nothing."""

from decimal import Decimal

import pytest

from tests import fidelity
from tests.cases import Case, Expected, load_cases
from tests.fidelity import Reading

KEY = ("request", "granted", "total")
OTHER = ("request", "partly_granted", "total")


def number(value, unit=None):
    return Expected(Decimal(value), "reported", unit)


BLANK = Expected(None, "blank", None)


def score_one(expected, figures, **facts):
    case_facts = {name: facts.pop(name) for name in ("refused", "must_find", "year") if name in facts}
    case = Case("name", "2021/name.html", "html", lambda: b"", expected, **case_facts)
    return fidelity.score(case, Reading(figures=figures, **facts))


@pytest.mark.parametrize(
    ("expected", "read"),
    [
        (number("3"), number("4")),
        (number("3"), BLANK),
        (number("0"), BLANK),
        (BLANK, number("0")),
        (Expected(None, "not_applicable", None), BLANK),
        (number("38050", "元"), number("38050", "万元")),
        (number("38050", "unknown"), number("38050", "元")),
        (number("38050", "元"), number("38050")),
    ],
)
def test_another_value_status_or_unit_is_wrong(expected, read):
    result = score_one({KEY: expected}, [(KEY, read)])
    assert (result.right, len(result.wrong), len(result.missing)) == (0, 1, 0)


@pytest.mark.parametrize(
    ("expected", "read"),
    [
        (number("3"), number("3.0")),
        (number("4166.241619"), number("4166.241619")),
        (BLANK, BLANK),
        (number("38050", "unknown"), number("38050")),
        (number("38050"), number("38050", "元")),
    ],
)
def test_the_same_figure_is_right(expected, read):
    result = score_one({KEY: expected}, [(KEY, read)])
    assert (result.right, result.wrong, result.missing) == (1, [], [])
    assert result.is_perfect


def test_a_cell_that_was_not_read_is_missing_and_not_wrong():
    assert len(score_one({KEY: number("3")}, []).missing) == 1
    illegible = Expected(None, "illegible", None)
    assert len(score_one({KEY: number("3")}, [(KEY, illegible)]).missing) == 1


def test_a_figure_that_is_not_printed_is_wrong():
    assert len(score_one({KEY: number("3")}, [(KEY, number("3")), (OTHER, number("0"))]).wrong) == 1


def test_a_cell_read_twice_is_wrong_even_where_both_agree():
    assert len(score_one({KEY: number("3")}, [(KEY, number("3")), (KEY, number("3"))]).wrong) == 1


def test_a_cell_that_nobody_can_read_is_not_scored():
    result = score_one({KEY: Expected(Decimal(3), "unclear", None)}, [(KEY, number("9"))])
    assert (result.right, result.wrong, result.missing) == (0, [], [])


def test_a_refusal_counts_as_asked_for_only_where_it_may_be():
    assert not score_one({KEY: number("3")}, [], rejected="reader_failed").is_perfect
    assert score_one({KEY: number("3")}, [], rejected="no_agency", refused="figures_run_together").is_perfect
    silent = score_one({KEY: number("3")}, [], refused="figures_run_together")
    assert silent.complaints
    said = score_one({KEY: number("3")}, [], refused="figures_run_together", findings={"figures_run_together"})
    assert said.is_perfect
    assert said.refused == 1


def test_a_wrong_figure_of_a_lossy_text_is_wrong():
    assert score_one({KEY: number("3")}, [(KEY, number("33"))], refused="figures_run_together").wrong


def test_a_finding_that_is_due_and_a_wrong_year_are_complaints():
    assert score_one({}, [], must_find=("unmapped_row",)).complaints == ["no finding unmapped_row"]
    assert score_one({}, [], year=2020).is_perfect
    case = Case("name", "2021/name.html", "html", lambda: b"", {}, year=2021)
    assert fidelity.score(case, Reading(year=2020)).complaints


def test_a_document_without_expectation_is_a_complaint():
    assert score_one(None, [(KEY, number("3"))]).complaints


def test_a_folder_without_documents_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_cases(tmp_path)
