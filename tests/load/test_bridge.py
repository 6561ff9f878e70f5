"""The bridge between generations of forms says something of every generation, and only of cells that exist."""

import copy
import tomllib
from pathlib import Path

import polars as pl
import pytest

from schemas.bridge import bridge_from_entries, bridge_rows
from schemas.form import load_forms
from schemas.legacy import GENERATION
from schemas.table import SchemaDataError
from schemas.vocabulary import Comparability

ENTRIES = tomllib.loads((Path(__file__).parents[2] / "schemas" / "bridge.toml").read_text(encoding="utf-8"))["measures"]


def test_every_measure_says_how_it_stands_in_every_generation_and_why():
    rows = bridge_rows()
    stated = rows.group_by("measure_code").agg(forms=pl.col("form_code").unique().sort())
    assert {tuple(forms) for forms in stated["forms"].to_list()} == {tuple(sorted([GENERATION, *load_forms()]))}
    assert rows.filter(pl.col("reason_zh").str.len_chars() < 3).is_empty()
    assert rows.filter((pl.col("comparability") == "none") != pl.col("row_code").is_null()).is_empty()


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
        (lambda measure: measure["forms"].pop(), "it must name"),
        (lambda measure: measure["forms"][1].update(cells=["request.no_such_row"]), "no form of that generation"),
        (lambda measure: measure["forms"][1].update(comparability="none"), "does not go with 1 cells"),
        (lambda measure: measure["forms"][1].update(comparability="sum_of"), "does not go with 1 cells"),
        (lambda measure: measure["forms"][1].update(cells=["request"]), "is no cell"),
    ],
)
def test_a_bridge_that_contradicts_itself_is_refused(change, says):
    measures = copy.deepcopy(ENTRIES[:1])
    change(measures[0])
    with pytest.raises(SchemaDataError, match=says):
        bridge_from_entries(measures)


def test_comparability_is_a_closed_list():
    assert set(bridge_rows()["comparability"]) == {member.value for member in Comparability}
