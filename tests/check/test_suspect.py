"""From a batch of figures to the cells that are named, in words of the form."""

import random
from collections.abc import Callable

import polars as pl
import pytest

from pipelines.check import check_batch
from schemas.form import load_forms
from tests.check.builders import Table, figures_of, made_up_request, no_sections, read_report, reports_of


@pytest.mark.parametrize("form", ["2019", "2021"])
@pytest.mark.parametrize("seed", range(2))
def test_every_cell_changed_in_turn_is_reported_and_named(form: str, seed: int) -> None:
    """One batch, one report a cell: each report is wrong in one cell and that cell is named with its value."""
    correct = made_up_request(form, seed)
    wrong = {n: {**correct, cell: (value or 0) + n + 1} for n, (cell, value) in enumerate(correct.items(), start=1)}
    figures = figures_of({n: {"request": cells} for n, cells in wrong.items()}, {"request": form})
    found = check_batch(figures, reports_of(figures), no_sections())
    named = found["suspicions"].select(
        "file_id", "row_code", "column_code", "reported_value", "suggested_value", "is_unique"
    )
    expected = [(n, *cell, wrong[n][cell], value, True) for n, (cell, value) in enumerate(correct.items(), start=1)]
    assert sorted(named.rows()) == expected
    broken = found["quality"].filter((pl.col("status") == "fail") & (pl.col("rule_id").str.starts_with("T3")))
    assert set(broken["file_id"]) == set(wrong)
    assert set(found["findings"]["file_id"]) == set(wrong)


def test_words_name_the_row_and_column_of_the_form() -> None:
    request = made_up_request("2021", 1)
    value = request["granted", "business"] or 0
    request["granted", "business"] = value + 5
    figures = figures_of({1: {"request": request}})
    row = check_batch(figures, reports_of(figures), no_sections())["suspicions"].row(0, named=True)
    clause = load_forms()["2021"].table("request").clauses[0]
    labels = {label.code: label for label in (*clause.rows, *clause.columns)}
    for language, text in (("en", row["explanation_en"]), ("zh", row["explanation_zh"])):
        for code in ("granted", "business"):
            assert (labels[code].en if language == "en" else labels[code].label) in text
        assert f"{value + 5:g}" in text
        assert f"{value:g}" in text
        assert "T3-row" in text
        assert "+5" in text


def test_words_name_the_other_of_two_cells() -> None:
    request = made_up_request("2021", 1)
    wrong = {("granted", "business"): 3, ("other_misc", "other_org"): 5}
    for cell, shift in wrong.items():
        request[cell] = (request[cell] or 0) + shift
    figures = figures_of({1: {"request": request}})
    found = check_batch(figures, reports_of(figures), no_sections())["suspicions"]
    assert set(found.select("row_code", "column_code").rows()) == set(wrong)
    assert all("together with" in text for text in found["explanation_en"])


def test_what_no_two_cells_explain_is_said() -> None:
    request = made_up_request("2021", 1)
    for shift, cell in enumerate([("granted", "business"), ("other_misc", "other_org"),
                                  ("partly_granted", "legal_service")], start=3):  # fmt: skip
        request[cell] = (request[cell] or 0) + shift
    figures = figures_of({1: {"request": request}})
    found = check_batch(figures, reports_of(figures), no_sections())
    assert found["suspicions"].is_empty()
    assert found["findings"]["message"].str.contains("more than 2 figures must differ").any()


def test_a_negative_count_is_named_with_the_value_that_fits() -> None:
    request = made_up_request("2021", 1)
    value = request["granted", "business"]
    request["granted", "business"] = -4.0
    figures = figures_of({1: {"request": request}})
    found = check_batch(figures, reports_of(figures), no_sections())
    assert found["suspicions"].select("row_code", "column_code", "reported_value", "suggested_value").rows() == [
        ("granted", "business", -4.0, value)
    ]


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        (-4.0, ("is printed as -4, which is no count", "印作-4，不是非负整数")),
        (2.5, ("is printed as 2.5, which is no count", "印作2.5，不是非负整数")),
        (None, ("has no legible figure", "没有可辨认的数值")),
    ],
)
def test_an_explanation_says_what_is_printed(printed: float | None, said: tuple[str, str]) -> None:
    request = made_up_request("2021", 7) | {("granted", "total"): printed}
    figures = figures_of({1: {"request": request}})
    suspicions = check_batch(figures, reports_of(figures), no_sections())["suspicions"]
    ((english, chinese),) = suspicions.select("explanation_en", "explanation_zh").rows()
    assert said[0] in english
    assert said[1] in chinese


APPLICANTS = [column.code for column in load_forms()["2021"].table("request").clauses[0].columns]


def shifted(request: Table) -> Table:
    row = [request["granted", applicant] for applicant in APPLICANTS[:-1]]
    return request | dict(zip((("granted", applicant) for applicant in APPLICANTS[1:-1]), row, strict=False))


def swapped_columns(request: Table) -> Table:
    names = {"natural_person": "business", "business": "natural_person"}
    return {(row, names.get(column, column)): value for (row, column), value in request.items()}


@pytest.mark.parametrize(
    ("spoil", "rules"),
    [
        # A row and its 总计 off by as much: seen in two sums, and any row that can spare as much explains it.
        (lambda r: r | {("granted", c): (r["granted", c] or 0) + 7 for c in ("business", "total")}, {"T3-sum"}),
        # One place to the right: every column of the row is off, and what that leaves of the row.
        (shifted, {"T3-sum", "T3-row"}),
        (lambda r: r | {("handled_total", c): 0.0 for c in APPLICANTS}, {"T3-sum", "T3-balance"}),
        (lambda r: r | {("carried_forward", "legal_service"): 900.0, ("carried_forward", "total"): 900.0},
         {"T3-balance", "T3-row", "T3-domain"}),
        # Valid tables, which no identity can tell from the right ones: nothing is claimed.
        (swapped_columns, set()),
        (lambda r: {cell: (value or 0) * 10 for cell, value in r.items()}, set()),
        (lambda r: r | {("granted", c): r["other_misc", c] for c in APPLICANTS}
         | {("other_misc", c): r["granted", c] for c in APPLICANTS}, set()),
        # Only totals, the rest blank: no row can be assessed, and nothing is taken for zero.
        (lambda r: {cell: value if cell[1] == "total" else None for cell, value in r.items()}, set()),
    ],
    ids=["row_and_total", "shifted", "no_totals", "carried_beyond", "swapped", "tenfold", "rows_swapped", "blank"],
)  # fmt: skip
def test_tables_wrong_in_many_places_are_reported_and_no_claim_is_wrong(
    spoil: Callable[[Table], Table], rules: set[str]
) -> None:
    correct = made_up_request("2021", 21)
    figures = figures_of({1: {"request": spoil(correct)}}, {"request": "2021"})
    found = check_batch(figures, reports_of(figures), no_sections())
    broken = found["quality"].filter((pl.col("status") == "fail") & (pl.col("rule_id").str.starts_with("T3")))
    assert set(broken["rule_id"]) == rules
    claims = found["suspicions"].filter("is_unique").select("row_code", "column_code", "suggested_value").rows()
    assert [claim for claim in claims if correct[claim[:2]] != claim[2]] == []


def test_the_figures_stay_as_they_are() -> None:
    figures = figures_of({1: read_report("zero_challenge_totals_mixed")})
    before = figures.clone()
    check_batch(figures, reports_of(figures), no_sections())
    assert figures.equals(before)


def test_suspicions_and_all_other_frames_keep_their_schema() -> None:
    from schemas.validation import validate_frame

    figures = figures_of({n: read_report(name) for n, name in enumerate(
        ("zero_challenge_totals_mixed", "blank_total_column_2019", "large_city_2021"), start=1)})  # fmt: skip
    for name, frame in check_batch(figures, reports_of(figures), no_sections()).items():
        validate_frame(name, frame)


def test_what_too_many_sets_of_figures_explain_is_counted_and_not_listed() -> None:
    """In a table of many blanks two wrong figures have dozens of explanations, of which none is better."""
    rng = random.Random(2050)
    request = made_up_request("2021", 1)
    for cell in rng.sample(list(request), rng.choice((10, 25, 40, 60))):
        request[cell] = None
    printed = [cell for cell, value in request.items() if value is not None]
    for cell in rng.sample(printed, rng.choice((1, 2, 2))):
        request[cell] = (request[cell] or 0) + rng.choice((1, 3, 7))
    figures = figures_of({1: {"request": request}})
    found = check_batch(figures, reports_of(figures), no_sections())
    assert found["suspicions"].is_empty()
    said = "request: 87 sets of 2 figures explain the broken identities of this table equally well"
    assert found["findings"]["message"].str.starts_with(said).sum() == 1


@pytest.mark.parametrize(
    ("blanks", "wrong", "is_unique"),
    [
        (["unprocessed_excessive other_org"], {"unavailable_not_compiled research_institution": 3}, True),
        (["carried_in total"], {"denied_security_stability business": 3, "granted natural_person": 7}, True),
        # What is said of 行政查询 by 其他 may as well be said by 科研机构: the blanks take up the difference.
        (
            [
                "other_fee_unpaid research_institution",
                "denied_state_secret other_org",
                "denied_state_secret research_institution",
            ],
            {"unprocessed_publication legal_service": 3, "denied_administrative_inquiry other_org": 1},
            False,
        ),
    ],
)
def test_blanks_take_certainty_only_where_they_can_take_up_the_difference(
    blanks: list[str], wrong: dict[str, int], is_unique: bool
) -> None:
    """A value would be offered as the only one though another cell may be meant, or the other way round."""
    request = made_up_request("2021", 1)
    cells = {" ".join(cell): cell for cell in request}
    meant = {cells[name]: request[cells[name]] for name in wrong}
    for name in blanks:
        request[cells[name]] = None
    for name, more in wrong.items():
        request[cells[name]] = (request[cells[name]] or 0) + more
    figures = figures_of({1: {"request": request}})
    found = check_batch(figures, reports_of(figures), no_sections())["suspicions"]
    named = found.select("row_code", "column_code", "suggested_value", "is_unique").rows()
    assert sorted(named) == sorted((*cell, value, is_unique) for cell, value in meant.items())
