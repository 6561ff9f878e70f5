"""The rules as data: what is loaded, what is refused, and that the documentation is current."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.check.describe import insert_rules
from pipelines.errors import UsageError
from schemas.check import LinearCheck, TextCheck, parse_term
from schemas.entry import SchemaDataError
from schemas.form import Form, load_forms
from schemas.identity import resolve_identities, table_identities
from schemas.rule import load_rules, load_wording, rule_from_entry

ENTRY: dict[str, Any] = {
    "id": "T-new", "name": "n", "formula": "f", "table_code": "request", "scope": "column", "severity": "warn",
    "description_en": "e", "description_zh": "z",
    "checks": [{"kind": "linear", "over": "columns", "left": ["granted"], "relation": "<=",
                "right": ["handled_total"]}],
}  # fmt: skip


def test_documentation_is_current() -> None:
    page = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    assert insert_rules(page) == page, "run: python -m pipelines.check.describe docs/rules.md"
    with pytest.raises(UsageError):
        insert_rules("no markers")


def test_every_promised_rule_is_there() -> None:
    tables = "T3-balance T3-sum T3-row T3-domain T3-partial T4-sum T2-domain T2-low T2-procurement STRUCT-tables"
    series = "T2-stock-2021 T2-stock-2019 X-year X-copy X-scale X-break TXT-received TXT-litigation"
    assert {*tables.split(), *series.split()} <= set(load_rules())
    assert all(rule.description_zh and rule.description_en for rule in load_rules().values())
    assert all(set(sentence) == {"en", "zh"} for sentence in load_wording().values())


@pytest.mark.parametrize(("form", "identities"), [("2019", 37), ("2021", 39)])
def test_selectors_resolve_to_the_edition(form: str, identities: int) -> None:
    equations = [i for i in table_identities(form, "request") if i.relation == "=" and not i.right.previous]
    assert len(equations) == identities
    (total,) = (i for i in equations if i.rule_id == "T3-sum" and i.scope == "total")
    assert len(total.left.current) == {"2019": 19, "2021": 21}[form]
    assert total.anchor == ("handled_total", "total")


def test_a_sentence_that_restates_a_group_means_all_rows_of_its_edition() -> None:
    """Named one by one, a row that an edition adds would break its rule in every report (不予公开5件)."""
    grouped = 0
    for rule in load_rules().values():
        members = _groups(rule.table_code, load_forms())
        for check in (check for check in rule.checks if isinstance(check, TextCheck)):
            for name, terms in check.readings:
                codes = {term.code for term in terms}
                grouped += bool(codes & {f"@{group}" for group in members})
                assert not any(len(codes & own) > 1 for own in members.values()), f"{rule.id}: {name}: write @group"
    assert grouped >= 5


def _groups(table_code: str | None, forms: dict[str, Form]) -> dict[str, set[str]]:
    """Return the rows under each group of rows, over all the editions given."""
    found: dict[str, set[str]] = {}
    for form in forms.values():
        for clause in [clause for table in form.tables if table.code == table_code for clause in table.clauses]:
            for row in clause.rows:
                if row.parent is not None:
                    found.setdefault(row.parent, set()).add(row.code)
    return found


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"severity": "fatal"}, "fatal"), ({"form_code": "1999"}, "1999"), ({"table_code": "x"}, "table_code"),
        ({"scope": "galaxy"}, "galaxy"), ({"reason_code": "x"}, "reason_code"), ({"extra": 1}, "extra"),
        ({"checks": [{"kind": "magic"}]}, "magic"), ({"checks": [{**ENTRY["checks"][0], "relation": ">"}]}, "relation"),
        ({"checks": [{**ENTRY["checks"][0], "left": ["@none"]}]}, "@none"),
        ({"checks": [{**ENTRY["checks"][0], "left": "granted"}]}, "left is 'granted', and no list of terms"),
        ({"checks": [{**ENTRY["checks"][0], "lefts": []}]}, "'lefts'. is none of"),
        ({"description_zh": ""}, "x.toml: rule T-new: description_zh is empty"),
    ],
)  # fmt: skip
def test_a_rule_that_says_something_unknown_is_refused(change: dict[str, Any], word: str) -> None:
    assert rule_from_entry(ENTRY, "x.toml").id == "T-new"
    with pytest.raises(SchemaDataError, match=word):
        rule_from_entry({**ENTRY, **change}, "x.toml")


@pytest.mark.parametrize("change", [{"left": ["grantde"]}, {"only": ["natural_persno"]}])
def test_a_code_that_the_edition_lacks_stops_the_load(change: dict[str, Any]) -> None:
    rule = rule_from_entry({**ENTRY, "checks": [{**ENTRY["checks"][0], **change}]}, "x.toml")
    (check,) = rule.checks
    assert isinstance(check, LinearCheck)
    with pytest.raises(SchemaDataError, match="T-new"):
        resolve_identities(rule, check, load_forms()["2021"].table("request"))


def test_a_group_stands_for_the_rows_under_it_and_a_form_without_it_is_passed_by() -> None:
    def found(form: str, **change: Any) -> list[int]:
        rule = rule_from_entry({**ENTRY, "checks": [{**ENTRY["checks"][0], **change}]}, "x.toml")
        (check,) = rule.checks
        assert isinstance(check, LinearCheck)
        identities = resolve_identities(rule, check, load_forms()[form].table("request"))
        return [len(identity.left.current) for identity in identities]

    assert found("2021", left=["@unavailable"]) == [3] * 7
    assert found("2021", left=["@other"], if_present=True) == [3] * 7
    assert found("2019", left=["@other"], if_present=True) == []
    assert found("2021", left=["@leaf"], if_present=True) == [21] * 7
    assert found("2021", only=["business", "news_media"], if_present=True) == [1]
    with pytest.raises(SchemaDataError, match="T-new: the edition has no row or column '@other'"):
        found("2019", left=["@other"])


def test_a_table_whose_total_is_not_marked_is_refused() -> None:
    """Else its printed total would be one more kind of applicant, and count twice."""
    whole = load_forms()["2021"].table("request")
    clause = whole.clauses[0]
    columns = tuple(replace(column, is_total=False) for column in clause.columns)
    rule = load_rules()["T3-row"]
    (check,) = rule.checks
    assert isinstance(check, LinearCheck)
    with pytest.raises(SchemaDataError, match="T3-row: the edition has no row or column '@total'"):
        resolve_identities(rule, check, replace(whole, clauses=(replace(clause, columns=columns),)))


def test_terms() -> None:
    assert parse_term("-in_force@-1").sign == -1
    with pytest.raises(SchemaDataError):
        parse_term("a b")
