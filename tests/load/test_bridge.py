"""The bridge between generations of forms says something of every generation, and only of cells that exist."""

import copy
import tomllib
from pathlib import Path

import polars as pl
import pytest

from schemas.bridge import bridge_from_entries, bridge_rows, known_cells
from schemas.entry import SchemaDataError
from schemas.form import load_forms
from schemas.legacy import GENERATION
from schemas.measure import measure_cells, measure_rows, measures, panel_measures
from schemas.table import RATE_UNIT
from schemas.vocabulary import Comparability

ENTRIES = tomllib.loads((Path(__file__).parents[2] / "schemas" / "bridge.toml").read_text(encoding="utf-8"))["measures"]


def test_every_measure_says_how_it_stands_in_every_generation_and_why():
    rows = bridge_rows()
    stated = rows.group_by("measure_code").agg(forms=pl.col("form_code").unique().sort())
    assert {tuple(forms) for forms in stated["forms"].to_list()} == {tuple(sorted([GENERATION, *load_forms()]))}
    assert rows.filter(pl.col("reason_zh").str.len_chars() < 3).is_empty()
    cells = rows.filter(pl.col("unit") != RATE_UNIT)
    assert cells.filter((pl.col("comparability") == "none") != pl.col("row_code").is_null()).is_empty()


def test_the_bridge_and_the_measures_are_of_each_other():
    """Every measure and rate has its rows, and no row is of anything else."""
    rows, measured = bridge_rows(), measure_rows()
    assert set(rows["measure_code"]) == set(measured["code"])
    told = rows.select("measure_code", "name_zh", "unit", "position").unique()
    assert sorted(told.rows()) == sorted(measured.select("code", "name_zh", "unit", "position").rows())


@pytest.mark.parametrize("form", sorted(load_forms()))
def test_the_bridge_names_the_cells_that_a_measure_adds_up_and_no_others(form):
    """What the load adds up of an edition is named by the bridge, and what the bridge names as the same is added up."""
    known = known_cells(form)
    totals = ("total",)
    added = {
        (code, (table, row, column))
        for code, part, table, row, column in measure_cells().iter_rows()
        if part == "value" and (table, row, column) in known
    }
    summed = {measure.name for measure in (*measures(), *panel_measures()) if measure.rows}
    named = {
        (code, (table, row, leaf))
        for code, table, row, column in bridge_rows()
        .filter((pl.col("form_code") == form) & pl.col("row_code").is_not_null())
        .select("measure_code", "table_code", "row_code", "column_code")
        .iter_rows()
        if code in summed
        for found_table, found_row, leaf in known
        if (found_table, found_row) == (table, row) and leaf is not None and leaf not in totals
        and leaf == (column or leaf)
    }  # fmt: skip
    nearest = {
        code for code, found in bridge_rows().filter(form_code=form).select("measure_code", "comparability").iter_rows()
        if found == Comparability.REDEFINED
    }  # fmt: skip
    assert {pair for pair in named if pair[0] not in nearest} <= added <= named
    told_with_caveat = {
        "normative_documents_issued"
    }  # the nearest figure stands in agency_year, and its comment says so
    assert {code for code, _ in added} & nearest == (told_with_caveat if form == "2019" else set())
    level = {"regulations_in_force", "normative_documents_in_force"}
    assert nearest == (level | told_with_caveat if form == "2019" else set())
    assert len(added) > 300


def test_a_rate_is_as_comparable_as_its_parts():
    told = {
        (code, form): found
        for code, form, found in bridge_rows().select("measure_code", "form_code", "comparability").iter_rows()
    }
    assert (told["grant_rate", "pre2019"], told["grant_rate", "2019"], told["grant_rate", "2021"]) == (
        "redefined", "same", "same",
    )  # fmt: skip
    assert told["unprocessed_rate", "pre2019"] == "none"


def test_the_old_answers_lead_to_the_later_results():
    found = {
        (row["measure_code"]): (row["row_code"], row["comparability"])
        for row in bridge_rows().filter(form_code=GENERATION).iter_rows(named=True)
    }
    assert found["granted"] == ("answers_granted", "redefined")
    assert found["partly_granted"] == ("answers_partly_granted", "redefined")
    assert found["denied"] == ("answers_denied", "redefined")
    assert found["new_received"] == ("requests_total", "redefined")
    assert (found["reconsiderations"][0], found["litigations"][0]) == ("reconsiderations", "litigations")
    assert found["unprocessed"] == (None, "none")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda measure: measure.update(forms=measure["forms"][:2]), "says nothing of form 2021"),
        (lambda measure: measure["forms"].append(measure["forms"][0]), "names a generation twice"),
        (lambda measure: measure["forms"][1].update(form_code="1999"), "what is no generation: .'1999'."),
        (lambda measure: measure["forms"][1].update(cells=["request.no_such_row"]), "no form of that generation"),
        (lambda measure: measure["forms"][1].update(comparability="none"), "does not go with 1 cells"),
        (lambda measure: measure["forms"][1].update(comparability="sum_of"), "does not go with 1 cells"),
        (lambda measure: measure["forms"][1].update(cells=["request"]), "is no cell"),
        (
            lambda measure: measure["forms"][2].update(cells=["request.carried_in"]),
            "form 2021 it adds up request.new_received and does not add up request.carried_in",
        ),
        (
            lambda measure: measure["forms"][2].update(cells=["request.new_received.business"]),
            r"2021 it adds up request.new_received.natural_person, .*: mend `cells` here or `rows` in measures.toml",
        ),
        (
            lambda measure: measure["forms"][0].pop("cells"),
            r"new_received, pre2019: lacks \['cells'\]",
        ),
        (
            lambda measure: measure["forms"][2].pop("reason_zh"),
            r"bridge.toml: new_received, 2021: lacks \['reason_zh'\]",
        ),
        (lambda measure: measure["forms"][2].update(reason_zh="…"), "2021: say in reason_en and reason_zh why"),
        (lambda measure: measure["forms"][2].update(comparability="alike"), "'alike' is none of same, sum_of"),
        (
            lambda measure: measure["forms"][2].update(comparability="none", cells=[]),
            "form 2021 it adds up request.new_received: mend",
        ),
    ],
)
def test_a_bridge_that_contradicts_itself_is_refused(change, says):
    measures = copy.deepcopy(ENTRIES[:1])
    change(measures[0])
    with pytest.raises(SchemaDataError, match=says):
        bridge_from_entries(measures)


def test_comparability_is_a_closed_list():
    assert set(bridge_rows()["comparability"]) == {member.value for member in Comparability}


@pytest.mark.parametrize(
    ("entries", "says"),
    [(ENTRIES[1:], "has no entry for .'new_received'."), ([*ENTRIES, ENTRIES[0]], "'new_received'.*stands twice")],
)
def test_a_measure_without_an_entry_or_with_two_is_named(entries, says, monkeypatch):
    monkeypatch.setattr("schemas.bridge.read_data", lambda name: {"measures": entries})
    with pytest.raises(SchemaDataError, match=says):
        bridge_rows.__wrapped__()
