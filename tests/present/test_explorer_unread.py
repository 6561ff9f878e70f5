"""The explorer says why a year has no value where a cell of it could not be read."""

from functools import partial

import duckdb
import pytest

from pipelines.cli.warehouse import open_warehouse
from pipelines.present.explorer.server import answer
from pipelines.settings import Workspace
from tests.house import SEED, build_warehouse


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    folder = tmp_path_factory.mktemp("unread")
    (folder / "raw/2021").mkdir(parents=True)
    torn = SEED.read_text(encoding="utf-8").replace("申请数量\t3\t", "申请数量\t3\ufffd\t", 1)
    (folder / "raw/2021" / SEED.name).write_text(torn, encoding="utf-8")
    house = Workspace(folder / "raw", folder / "warehouse")
    build_warehouse(house)
    return house.database


@pytest.mark.parametrize(
    ("measure", "is_told"), [("new_received", True), ("handling_rate", True), ("granted", False), ("grant_rate", False)]
)
def test_a_year_whose_cell_could_not_be_read_says_so(database, measure, is_told):
    with duckdb.connect(str(database), read_only=True) as connection:
        (agency,) = connection.execute("SELECT agency_id FROM dim_agency").fetchone() or (0,)
    page = answer(partial(open_warehouse, database), f"/agency?agency={agency}&measure={measure}").body.decode()
    assert ("有单元格无法辨认" in page, "a cell could not be read" in page) == (is_told, is_told)
