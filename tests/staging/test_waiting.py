"""A report on a year to come is read again when that year begins, though nothing of it has changed."""

from pathlib import Path

import pytest

from pipelines.ingest import take_inventory
from pipelines.normalize import STAGE as NORMALIZE
from pipelines.orchestrate.plan import plan_build
from pipelines.read import STAGE as READ
from pipelines.settings import TODAY_VARIABLE, Workspace
from pipelines.staging import list_partitions, read_frame, run_stage
from schemas.vocabulary import Stage
from tests.factory import make_document


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "raw").mkdir()
    for number, year in enumerate((2030, 2024)):
        made = make_document(number, "2021", "html", year=year, agency="烟台市芝罘区审计局")
        (tmp_path / "raw" / f"{number}.html").write_bytes(made.content)
    return Workspace(tmp_path / "raw", tmp_path / "warehouse", workers=1)


def _build(workspace: Workspace) -> tuple[int, list[str]]:
    """Return how many batches were normalized, and the reasons for which files are set aside."""
    take_inventory(workspace)
    runs = [run_stage(workspace, spec, name) for spec in (READ, NORMALIZE) for name in list_partitions(workspace)]
    rejections = read_frame(workspace, Stage.NORMALIZE, "rejections").collect()
    made = sum(run.made for run in runs if run.stage is Stage.NORMALIZE)
    return made, rejections["reason_code"].to_list()


def test_a_report_on_a_year_to_come_waits_for_it(workspace, monkeypatch):
    """It stayed rejected for ever, as a batch is made again only when what it is made from has changed."""
    monkeypatch.setenv(TODAY_VARIABLE, "2029-12-31")
    assert _build(workspace) == (1, ["year_out_of_range"])
    assert _build(workspace) == (0, ["year_out_of_range"])
    assert plan_build(workspace, (READ, NORMALIZE)).partitions == ()
    monkeypatch.setenv(TODAY_VARIABLE, "2030-01-01")
    assert plan_build(workspace, (READ, NORMALIZE)).partitions == ("undated",)
    assert _build(workspace) == (1, [])
    assert _build(workspace) == (0, [])
