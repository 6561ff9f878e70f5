"""Headers that print a merged cell again over every cell it spans, or all of its labels in one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.form import load_forms
from schemas.vocabulary import MatchMethod
from tests.normalize.tables import expected_request, figure, read_grid, request_rows


def challenge_labels() -> list[tuple[tuple[str, str], list[str]]]:
    """Return the places of 表四 with the labels over each, from the outside in."""
    (clause,) = load_forms()["2021"].table("challenge").clauses
    groups = {group.code: [group.label] for group in clause.row_groups}
    return [
        ((row.code, column.code), [*groups.get(row.parent or "", []), row.label, column.label])
        for row in clause.rows
        for column in clause.columns
    ]


@settings(max_examples=60, deadline=None)
@given(
    order=st.permutations(range(15)),
    joint=st.sampled_from(["", "-", "—", "：", " / ", "（{}）"]),
    with_groups=st.booleans(),
    damage=st.sampled_from([None, "label", "figure"]),
)
def test_one_line_of_labels_over_rows_side_by_side(
    order: list[int], joint: str, with_groups: bool, damage: str | None
) -> None:
    """Each figure goes where its label says, in whatever order; a label or a figure too few leaves none believed."""
    places = [challenge_labels()[number] for number in order]
    labels = [above if with_groups else above[-2:] for _, above in places]
    joined = [f"（{own[-2]}）{own[-1]}" if "{}" in joint else joint.join(own) for own in labels]
    figures = [figure(1, number) for number in order]
    if damage == "label":
        joined[7] = "合计"
    if damage == "figure":
        del figures[7]
    found, reading = read_grid([joined, figures])
    expected: dict[tuple[str | None, str | None], str] = {
        code: text for (code, _), text in zip(places, figures, strict=False)
    }
    if damage is None:
        assert found == expected
        assert {cell.method for cell in reading.cells} == {MatchMethod.EXACT}
    else:
        assert not [code for code in found if None not in code and found[code] != expected[code]]
        assert "missing_row" in {note.reason_code for note in reading.notes}


def test_labels_printed_over_every_cell_of_a_span_name_their_column_once() -> None:
    (clause,) = load_forms()["2021"].table("request").clauses
    heads = [column.label for column in clause.columns]
    filled = ["自然人", *["法人或其他组织"] * 5, "总计"]
    rows = [["", "", *filled], ["", "", *heads], ["", "", *heads], *request_rows()[1:]]
    found, reading = read_grid(rows)
    assert found == expected_request()
    assert not reading.notes

    places = challenge_labels()
    channels, results = (["", *(own[-2] for _, own in places)], ["", *(own[-1] for _, own in places)])
    found, _ = read_grid([channels, results, ["", *(figure(1, number) for number in range(15))]])
    assert found == {code: figure(1, number) for number, (code, _) in enumerate(places)}
