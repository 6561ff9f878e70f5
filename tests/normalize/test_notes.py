"""What is said of rows and clauses that a table lacks."""

from dataclasses import replace

import pytest

from pipelines.normalize import notes
from pipelines.normalize.editions import clause_forms
from pipelines.normalize.grid import GridRow
from pipelines.normalize.segments import Segment


@pytest.mark.parametrize(
    ("clause_1", "is_said"),
    [(("2021", "2099"), False), (("2021",), False), (("2099",), True)],
    ids=["either", "the older", "the newer"],
)
def test_a_clause_that_an_edition_adds_is_missing_only_in_a_table_of_that_edition(monkeypatch, clause_1, is_said):
    known = clause_forms("proactive")
    added = next(item for item in known if (item.form_code, item.clause.code) == ("2019", "clause_9"))
    newer = (*(item for item in known if item.form_code == "2021"), added)
    every = (*(replace(item, form_code="2099") for item in newer), *known)
    monkeypatch.setattr(notes, "clause_forms", lambda _: every)
    table = Segment("proactive", [GridRow(1, 1, [])])
    either: dict[str | None, tuple[str, ...]] = {f"clause_{number}": ("2021", "2099") for number in (5, 6, 8)}
    (note,) = notes.note_rows(table, [], {**either, "clause_1": clause_1})
    assert note.reason_code == "missing_row"
    assert ("政府集中采购" in note.message) is is_said
