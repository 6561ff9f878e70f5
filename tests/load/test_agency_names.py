"""What agencies' names say is read once, and again where the code that reads them has changed."""

import polars as pl
import pytest

from pipelines.load import agencies
from pipelines.normalize.identity import agency_table
from pipelines.normalize.identity.agency_table import UnitName, describe_agencies, read_unit_name
from pipelines.settings import Workspace

NAMES = ("平顶山市卫东区审计局", "平顶山市卫东区人民政府", "不知所云")


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "raw", tmp_path / "warehouse")


def described(*names):
    rows = [(number, name, "department", "audit", "county", "410403", 2021) for number, name in enumerate(names)]
    columns = ["agency_id", "agency_name", "agency_type", "sector", "admin_level", "region_code", "year"]
    return pl.DataFrame(rows, schema=columns, orient="row").cast({"year": pl.Int32})


def test_names_are_kept_and_say_the_same(workspace, monkeypatch):
    reports = described(*NAMES)
    expected = describe_agencies(reports)
    assert agencies.read_known_names(workspace) == {}
    agencies.note_known_names(workspace, expected, {})
    known = agencies.read_known_names(workspace)
    assert known == {name: read_unit_name(name) for name in NAMES}
    monkeypatch.setattr(agency_table, "read_name", lambda name: pytest.fail(f"{name} is read again"))
    assert describe_agencies(reports, known).equals(expected)


def test_a_new_name_is_added_and_one_that_is_gone_forgotten(workspace):
    agencies.note_known_names(workspace, described(*NAMES[:2]), {})
    agencies.note_known_names(workspace, described(*NAMES[1:]), agencies.read_known_names(workspace))
    assert set(agencies.read_known_names(workspace)) == set(NAMES[1:])


def test_names_that_other_code_has_read_are_read_again(workspace, monkeypatch):
    agencies.note_known_names(workspace, described(*NAMES), {})
    monkeypatch.setattr(agencies, "_names_code", lambda workspace: "other code")
    assert agencies.read_known_names(workspace) == {}


def test_a_damaged_note_costs_work_and_nothing_else(workspace):
    agencies.note_known_names(workspace, described(*NAMES), {})
    (workspace.staging / "agency_names.parquet").write_bytes(b"PAR1")
    assert agencies.read_known_names(workspace) == {}


def test_a_name_that_can_be_read_in_no_way_says_nothing():
    assert read_unit_name("不知所云") == UnitName("", is_of_region=False)
    assert describe_agencies(described("不知所云"))["parent_agency_id"].to_list() == [None]
