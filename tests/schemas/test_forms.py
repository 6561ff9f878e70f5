"""The form data: complete, unambiguous, and in agreement with the words of the warehouse contract."""

import itertools
import re
from collections import defaultdict
from dataclasses import replace
from importlib.resources import files

import pytest

from pipelines.normalize.folding import fold_label
from schemas import form as form_module
from schemas.entry import SchemaDataError
from schemas.form import Clause, Form, Label, form_for_year, load_forms
from schemas.form_change import prove_marks

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
    found = {year: form.code if (form := form_for_year(year)) else None for year in (2018, 2019, 2020, 2021)}
    assert found == {2018: None, 2019: "2019", 2020: "2019", 2021: "2021"}
    editions = list(load_forms().values())
    assert form_for_year(2100) == editions[-1]
    for year in range(editions[0].first_year, 2101):
        assert sum(form.covers(year) for form in editions) == 1, year


def change(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "flow"', 'knid = "flow"', "9999.toml: request: new_received: .'knid'. is none of"),
        (
            'kind = "flow"',
            'kind = "stock"',
            "9999.toml: request: new_received: kind 'stock' is none of leaf, flow, total, memo",
        ),
        (
            'code = "denied_by_law"',
            'code = "denied_by_law"\n  kind = "flow"',
            "the rows of kind flow are .*'denied_by_law'.*, and not .*: .* is of kind memo",
        ),
        ('en = "Regulations"', "", "9999.toml: proactive: regulation: lacks .'en'."),
        ('code = "9999"', 'code = "9998"', "9999.toml: code '9998' belongs into a file named 9998.toml"),
        ('"rows_down"', '"rows_up"', "9999.toml: proactive: unknown orientation 'rows_up'"),
        (
            'code = "in_force"',
            'code = "issued"',
            "9999.toml: proactive: clause_1: a column code stands twice: .'issued'.",
        ),
        ("[[tables]]", "[[tables]", "9999.toml: "),
        ("first_year = 2021", 'first_year = "2021"', "9999.toml: 9999: first_year is '2021', and no whole number"),
        ('code = "fee"', 'code = "fee-charged"', "9999.toml: proactive: fee-charged: a code is of small letters"),
        ('value_kind = "amount"', 'value_kind = "money"', "value_kind 'money' is none of count, change, amount"),
        ('label = "行政强制"', 'label = "行政处罚"', "clause_6: penalty and coercion are both called '行政处罚'"),
        (
            "8.属于行政查询事项",
            "9.属于行政执法案卷",
            "denied_administrative_inquiry are both called '9.属于行政执法案卷'",
        ),
        ('variants = ["国家秘密"]', 'variants = "国家秘密"', "variants is '国家秘密', and no list of texts"),
        ('en = "In force"', 'en = ""', "9999.toml: proactive: in_force: en is empty"),
        ("variants = []", "varients = []", r"\['varients'\] is none of .*; is variants meant"),
        ('unit = "万元"', 'unit = "万圆"', "amount: unit '万圆' of an amount is none of"),
        ('label = "本年收费金额（单位：万元）"', 'label = "收费金额"', "amount: unit '万元' is not in the label '收费"),
        ("first_year = 2021", "first_year = 2021\nlast_year = 2020", "last_year = 2020 is before first_year = 2021"),
    ],
)
def test_a_slip_in_an_edition_is_refused_by_its_place(old: str, new: str, message: str) -> None:
    source = (files("schemas") / "forms" / "2021.toml").read_text(encoding="utf-8")
    source = re.sub(r"(?m)^last_year = .*\n", "", source)
    text = change(source, 'code = "2021"', 'code = "9999"')
    assert form_module.form_from_text(text, "9999.toml").code == "9999"
    with pytest.raises(SchemaDataError, match=message):
        form_module.form_from_text(change(text, old, new), "9999.toml")


def test_editions_that_overlap_or_follow_nothing_are_refused() -> None:
    old, new = (
        Form(code=code, name="", en="", source="", first_year=first, tables=(), last_year=last, follows=follows)
        for code, first, last, follows in (("old", 2019, 2025, None), ("new", 2026, None, "old"))
    )
    assert list(form_module.order_forms([new, old])) == ["old", "new"]
    with pytest.raises(SchemaDataError, match=r"both in force in 2026: old\.toml needs last_year = 2025"):
        form_module.order_forms([new, replace(old, last_year=None)])
    with pytest.raises(SchemaDataError, match=r"no edition is in force between old\.toml, .* and new\.toml"):
        form_module.order_forms([new, replace(old, last_year=2023)])
    with pytest.raises(SchemaDataError, match=r"new\.toml: follows 'older', which is no older edition"):
        form_module.order_forms([old, replace(new, follows="older")])


def test_a_label_keeps_its_code_from_edition_to_edition() -> None:
    source = (files("schemas") / "forms" / "2021.toml").read_text(encoding="utf-8")
    source = re.sub(r"(?m)^last_year = .*\n", "", source)
    newer = change(change(source, 'code = "2021"', 'code = "9999"'), "first_year = 2021", "first_year = 2022")
    newer = change(newer, 'code = "denied_enforcement_file"', 'code = "denied_case_file"')
    older = replace(load_forms()["2021"], last_year=2021)
    with pytest.raises(SchemaDataError, match=r"9999\.toml: request: denied_case_file is called '7\.属于行政执法案卷'"):
        form_module.order_forms([older, form_module.form_from_text(newer, "9999.toml")])


def test_a_parent_that_no_group_defines_is_refused() -> None:
    clause = {"code": "c", "rows": [{"code": "r", "label": "甲", "en": "A", "parent": "nowhere"}], "columns": []}
    table = {
        "code": "t",
        "number": "一",
        "title": "甲",
        "en": "A",
        "orientation": "rows_down",
        "clauses": [clause],
    }
    entry = {"code": "x", "name": "甲", "en": "A", "source": "s", "first_year": 2019, "tables": [table]}
    with pytest.raises(SchemaDataError, match="nowhere"):
        form_module._form(entry, "x.toml")


def test_a_label_by_which_a_table_is_known_is_missed_once_reworded():
    """Grids of other elements and lists of an edition that rewords it would be found no more, without a word."""
    old = load_forms()["2021"]
    challenge = old.table("challenge")
    (clause,) = challenge.clauses
    columns = tuple(replace(one, label="仍在审理") if one.code == "pending" else one for one in clause.columns)
    reworded = replace(challenge, clauses=(replace(clause, columns=columns),))
    new = replace(old, code="2099", tables=(*old.tables[:-1], reworded))
    prove_marks(load_forms().values())
    with pytest.raises(SchemaDataError) as raised:
        prove_marks([old, new])
    for kind in ("grid", "enumerated"):
        assert f"[marks] {kind}: no label of table challenge of form 2099 has any of 尚未审结" in str(raised.value)
