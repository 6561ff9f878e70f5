"""The form data: complete, unambiguous, and in agreement with the words of the warehouse contract."""

import itertools
from collections import defaultdict

import pytest

from pipelines.normalize.folding import fold_label
from schemas import form as form_module
from schemas.form import Clause, Label, form_for_year, load_forms
from schemas.table import SchemaDataError

REQUEST_ROWS = [
    "new_received",
    "carried_in",
    "granted",
    "partly_granted",
    "denied_state_secret",
    "denied_by_law",
    "denied_security_stability",
    "denied_third_party_rights",
    "denied_internal_affairs",
    "denied_process_information",
    "denied_enforcement_file",
    "denied_administrative_inquiry",
    "unavailable_not_held",
    "unavailable_not_compiled",
    "unavailable_unclear",
    "unprocessed_petition",
    "unprocessed_repeat",
    "unprocessed_publication",
    "unprocessed_excessive",
    "unprocessed_confirmation",
]
OTHER_2021 = ["other_not_rectified", "other_fee_unpaid", "other_misc"]
TAIL = ["handled_total", "carried_forward"]
APPLICANTS = [
    "natural_person",
    "business",
    "research_institution",
    "public_interest_org",
    "legal_service",
    "other_org",
    "total",
]
CHANNELS = ["reconsideration", "litigation_direct", "litigation_after_reconsideration"]
RESULTS = ["upheld", "corrected", "other_result", "pending", "total"]


def codes(labels: tuple[Label, ...]) -> list[str]:
    return [label.code for label in labels]


@pytest.mark.parametrize(("edition", "other", "rows"), [("2019", ["other"], 23), ("2021", OTHER_2021, 25)])
def test_request_table_has_the_contracts_rows_and_columns_in_form_order(
    edition: str, other: list[str], rows: int
) -> None:
    (clause,) = load_forms()[edition].table("request").clauses
    assert codes(clause.rows) == REQUEST_ROWS + other + TAIL
    assert len(clause.rows) == rows
    assert codes(clause.columns) == APPLICANTS
    assert [row.code for row in clause.rows if row.kind == "total"] == ["handled_total"]
    assert [row.code for row in clause.rows if row.kind == "flow"] == ["new_received", "carried_in", "carried_forward"]
    assert [column.code for column in clause.columns if column.is_total] == ["total"]


@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_challenge_table_has_three_channels_and_five_results(edition: str) -> None:
    (clause,) = load_forms()[edition].table("challenge").clauses
    assert codes(clause.rows) == CHANNELS
    assert codes(clause.columns) == RESULTS


def test_proactive_clauses_print_the_contracts_measures() -> None:
    printed = {
        edition: {
            clause.code: (codes(clause.rows), codes(clause.columns)) for clause in form.table("proactive").clauses
        }
        for edition, form in load_forms().items()
    }
    assert printed["2021"] == {
        "clause_1": (["regulation", "normative_document"], ["issued", "repealed", "in_force"]),
        "clause_5": (["licensing"], ["decisions"]),
        "clause_6": (["penalty", "coercion"], ["decisions"]),
        "clause_8": (["fee"], ["amount"]),
    }
    change = ["items_last_year", "items_change"]
    assert printed["2019"] == {
        "clause_1": (["regulation", "normative_document"], ["made", "newly_disclosed", "total_disclosed"]),
        "clause_5": (["licensing", "other_service"], [*change, "decisions"]),
        "clause_6": (["penalty", "coercion"], [*change, "decisions"]),
        "clause_8": (["fee"], change),
        "clause_9": (["procurement"], ["projects", "amount"]),
    }


def all_clauses() -> list[tuple[str, str, Clause]]:
    return [
        (edition, table.code, clause)
        for edition, form in load_forms().items()
        for table in form.tables
        for clause in table.clauses
    ]


def test_every_label_variant_maps_to_one_code_within_its_table() -> None:
    """A printed label with its number must name one row (or column) of its table, over both editions."""
    for axis in ("rows", "columns", "row_groups", "column_groups"):
        claims: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for _, table_code, clause in all_clauses():
            for label in getattr(clause, axis):
                for spelling in label.spellings:
                    folded = fold_label(spelling)
                    claims[table_code, folded.ordinal, folded.text].add(label.code)
        contested = {key: found for key, found in claims.items() if len(found) > 1}
        assert not contested, axis


def test_every_label_has_both_languages_and_no_variant_stands_twice() -> None:
    for edition, table_code, clause in all_clauses():
        for label in itertools.chain(clause.rows, clause.columns, clause.row_groups, clause.column_groups):
            assert label.en, (edition, table_code, label.code)
            assert label.label, (edition, table_code, label.code)
            assert len(set(label.spellings)) == len(label.spellings), (edition, table_code, label.code)


def test_editions_cover_their_report_years() -> None:
    found = {year: form.code if (form := form_for_year(year)) else None for year in (2018, 2019, 2020, 2021, 2030)}
    assert found == {2018: None, 2019: "2019", 2020: "2019", 2021: "2021", 2030: "2021"}


def test_a_parent_that_no_group_defines_is_refused() -> None:
    clause = {"code": "c", "rows": [{"code": "r", "label": "甲", "en": "A", "parent": "nowhere"}], "columns": []}
    table = {
        "code": "t",
        "number": "一",
        "title": "甲",
        "en": "A",
        "orientation": "rows_down",
        "row_dimension": "x",
        "column_dimension": "y",
        "clauses": [clause],
    }
    entry = {"code": "x", "name": "甲", "en": "A", "source": "s", "first_year": 2019, "tables": [table]}
    with pytest.raises(SchemaDataError, match="nowhere"):
        form_module._form(entry, "x.toml")
