"""The definitions of the warehouse's tables: complete, consistent, and what the documentation says."""

from pathlib import Path

import duckdb
import pytest

from pipelines.load.dictionary import refresh_file
from schemas.ddl import (
    comment_statements,
    create_table,
    has_declared_key,
    read_view,
    table_proofs,
    warehouse_tables,
    warehouse_views,
)
from schemas.dictionary import refresh_page, render_dictionary
from schemas.dimension import code_dimensions, year_dimension
from schemas.entry import SchemaDataError
from schemas.form import load_forms
from schemas.table import load_tables
from schemas.unit import yuan_by_unit
from schemas.vocabulary import TableCode

PAGE = Path(__file__).resolve().parents[2] / "docs" / "warehouse.md"


def test_the_page_is_current():
    page = PAGE.read_text(encoding="utf-8")
    assert refresh_page(page) == page, "run `python -m pipelines.load.dictionary`"


def test_refreshing_restores_a_page_that_fell_behind(tmp_path):
    page = PAGE.read_text(encoding="utf-8")
    copy = tmp_path / "page.md"
    copy.write_text(page.replace("### `fact_legacy`", "### `fact_ancient`"), encoding="utf-8")
    assert refresh_file(copy)
    assert copy.read_text(encoding="utf-8") == page
    assert not refresh_file(copy)


def test_a_page_without_markers_is_refused():
    with pytest.raises(SchemaDataError, match="must hold"):
        refresh_page("# The warehouse\n")


@pytest.mark.parametrize("spec", [*warehouse_tables(), *warehouse_views()], ids=lambda spec: spec.name)
def test_every_definition_is_complete(spec):
    for text in (spec.en, spec.zh, *(text for column in spec.columns for text in (column.en, column.zh))):
        assert text.strip()
        assert text == text.strip()
    own = {column.name: column.type for column in spec.columns}
    for key in spec.foreign_keys:
        there = {column.name: column.type for column in load_tables()[key.table].columns}
        assert [there[name] for name in key.table_columns] == [own[name] for name in key.columns]
        assert len(key.columns) == 1 or set(key.table_columns) == set(load_tables()[key.table].key)
    if has_declared_key(spec):
        assert all(not column.nullable for column in spec.columns if column.name in spec.key)


def test_every_view_has_its_query_and_every_query_its_view():
    folder = Path(__file__).resolve().parents[2] / "schemas" / "views"
    made = {spec.name for spec in warehouse_views() if spec.twin_of or spec.instead}
    assert {path.stem for path in folder.glob("*.sql")} == {spec.name for spec in warehouse_views()} - made
    with pytest.raises(SchemaDataError, match="is missing"):
        read_view("no_such_view")


def test_ddl_and_proofs_run_for_every_table():
    with duckdb.connect() as connection:
        for spec in warehouse_tables():
            connection.execute(create_table(spec))
            for statement in comment_statements(spec):
                connection.execute(statement)
        for spec in warehouse_tables():
            for proof in table_proofs(spec):
                assert connection.execute(proof.query).fetchone() == (0,), proof


def test_every_undeclared_key_is_proved():
    proved = {
        proof.table_name for spec in warehouse_tables() for proof in table_proofs(spec) if "unique" in proof.promise
    }
    declared = {spec.name for spec in warehouse_tables() if "PRIMARY KEY" in create_table(spec)}
    keyed = {spec.name for spec in warehouse_tables() if spec.key}
    assert proved | declared == keyed
    assert not proved & declared


def test_code_dimensions_hold_every_code_of_every_form():
    frames = code_dimensions()
    axes = {("request", "rows"): "dim_request_outcome", ("request", "columns"): "dim_applicant",
            ("challenge", "rows"): "dim_challenge_channel", ("challenge", "columns"): "dim_challenge_result",
            ("proactive", "rows"): "dim_proactive_item", ("legacy", "rows"): "dim_legacy_indicator"}  # fmt: skip
    for form in load_forms().values():
        for table in form.tables:
            assert table.code in {code.value for code in TableCode}
            for (code, axis), name in axes.items():
                if table.code == code:
                    codes = {label.code for clause in table.clauses for label in getattr(clause, axis)}
                    assert codes <= set(frames[name]["code"])
    for frame in frames.values():
        assert frame.null_count().select(c for c in frame.columns if c not in ("parent_code", "unit")).row(0) == (
            0,
        ) * (len(frame.columns) - len({"parent_code", "unit"} & set(frame.columns)))


def test_other_is_a_leaf_of_one_edition_and_a_group_of_the_next():
    outcomes = {row["code"]: row for row in code_dimensions()["dim_request_outcome"].iter_rows(named=True)}
    other = outcomes["other"]
    assert (other["is_leaf"], other["is_group"], other["kind"], other["first_form"]) == (True, True, "leaf", "2019")
    assert (outcomes["denied"]["is_leaf"], outcomes["denied"]["kind"]) == (False, "group")
    assert outcomes["other_misc"]["parent_code"] == "other"
    assert outcomes["other_misc"]["first_form"] == "2021"
    assert [outcomes[code]["kind"] for code in ("new_received", "handled_total")] == ["flow", "total"]
    assert not outcomes["handled_total"]["is_leaf"]
    items = {row["code"]: row for row in code_dimensions()["dim_proactive_item"].iter_rows(named=True)}
    assert (items["procurement"]["first_form"], items["procurement"]["last_form"]) == ("2019", "2019")


def test_amounts_are_held_in_yuan_and_their_names_say_no_unit():
    measures = code_dimensions()["dim_proactive_measure"]
    amounts = measures.filter(value_kind="amount")
    assert set(amounts["unit"]) == {"元"}
    assert not amounts["name_zh"].str.contains("元").any()
    assert yuan_by_unit()["万元"] == 10_000


def test_years_reach_from_2008_to_the_last_report_and_the_last_edition():
    assert year_dimension([])["year"].to_list()[0] == 2008
    assert year_dimension([])["year"].to_list()[-1] == max(form.first_year for form in load_forms().values())
    assert year_dimension([2031])["year"].to_list()[-1] == 2031


def test_the_dictionary_names_every_column():
    text = render_dictionary()
    for spec in (*warehouse_tables(), *warehouse_views()):
        assert f"### `{spec.name}`" in text
        assert all(f"| `{column.name}` |" in text for column in spec.columns)
