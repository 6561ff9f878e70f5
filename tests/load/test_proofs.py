"""What a release must prove: a filled warehouse is damaged in each way that a promise forbids."""

import pytest

from pipelines.errors import WarehouseError
from pipelines.load import LoadLimits, build, proofs
from pipelines.load.fill import Fill
from tests.load.staged import FakeFile, request, stage_files, workspace_in


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Give a warehouse that is filled and not yet proved."""
    house = workspace_in(tmp_path_factory.mktemp("house"))
    stage_files(house, [FakeFile(f"2021/{n}.html", f"{n}局", figures=request("new_received", 1, 1)
                        | request("carried_in", 0, 0) | request("carried_forward", 2, 2)
                        | request("granted", 1, 1)) for n in range(3)])  # fmt: skip
    inputs, twins = house.warehouse / "inputs", house.warehouse / "twins"
    inputs.mkdir()
    twins.mkdir()
    with (
        pytest.MonkeyPatch.context() as patch,
        build.open_build(house.warehouse / "new.duckdb", LoadLimits()) as connection,
    ):
        patch.setattr(build, "drop_portion", lambda _: None)  # the last portion's rows stay to be damaged
        fill = Fill(connection, house, inputs, twins, LoadLimits(), *build.settle(house))
        build.fill_warehouse(fill)
        prove(fill)
        yield fill


def prove(fill):
    (portion,) = fill.staging.portions()
    proofs.prove_portion(fill.connection, fill.staging, fill.settled, portion, is_part=False)
    proofs.prove_warehouse(fill.connection, fill.settled, fill.rows)


@pytest.mark.parametrize(
    ("damage", "promise"),
    [
        ("INSERT INTO fact_request_flow FROM fact_request_flow LIMIT 1", "unique agency_id, year, applicant_code"),
        ("UPDATE fact_request_flow SET applicant_code = 'nobody'", "applicant_code in dim_applicant.code"),
        ("UPDATE fact_request_flow SET new_received = 'NaN'", "values of new_received"),
        ("UPDATE reported_cell SET value_status = 'guessed'", "values of value_status"),
        ("UPDATE reported_cell SET row_number = 0 WHERE row_number = 1", "values of row_number"),
        ("DELETE FROM reported_cell WHERE row_number = 1", "portion 2021-0000-of-0001: 33 rows, but 36 are staged"),
        ("DELETE FROM gongkai.reported_cell WHERE row_number = 1", "reported_cell: 33 rows, but 36 are expected"),
        (
            "DELETE FROM fact_request_flow; DELETE FROM fact_request_outcome; UPDATE dim_report SET is_current = false",
            "exactly one current version an agency and year",
        ),
        ("UPDATE fact_request_flow SET year = 2020", "facts of current versions only"),
        (
            "UPDATE fact_request_flow SET applicant_code = 'total' WHERE applicant_code = 'business'",
            "leaf applicants only",
        ),
        (
            "INSERT INTO fact_proactive SELECT agency_id, year, 'fee', 'in_force', report_id, 1 FROM dim_report",
            "item_code, measure_code in dim_proactive_measure.item_code, measure_code",
        ),
        ("UPDATE source_file SET status = 'rejected'", "a reason for every file that is not simply loaded"),
        ('CREATE OR REPLACE VIEW "复议诉讼" AS SELECT 1 AS one', "view 复议诉讼: its columns are"),
    ],
)
def test_each_kind_of_damage_is_seen(filled, damage, promise):
    filled.connection.execute("BEGIN")
    try:
        filled.connection.execute(damage)
        with pytest.raises(WarehouseError) as caught:
            prove(filled)
    finally:
        filled.connection.execute("ROLLBACK")
    assert promise in str(caught.value)


def test_only_what_was_made_again_is_proved_again(filled):
    """Of the promises about single rows, too, each that is broken is named with its table and its count."""
    connection = filled.connection
    connection.execute("BEGIN")
    try:
        connection.execute("UPDATE gongkai.dim_agency SET agency_type = 'none', first_year = 1900")
        with pytest.raises(WarehouseError, match="agency_type: 3 rows break it; dim_agency: values of first_year: 3"):
            proofs.prove_warehouse(connection, filled.settled, filled.rows, ("dim_agency",))
        proofs.prove_warehouse(connection, filled.settled, filled.rows, ("dim_year",))
    finally:
        connection.execute("ROLLBACK")
