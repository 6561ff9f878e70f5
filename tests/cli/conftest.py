"""A warehouse of two small reports, built once for all tests of the command that ask it."""

from pathlib import Path

import pytest

from pipelines.settings import Workspace
from tests.house import build_warehouse, copy_seed, plainly

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory) -> Path:
    """The seed and, from its second release on, a file that is no report; published without Dagster."""
    folder = tmp_path_factory.mktemp("project")
    workspace = Workspace(folder / "raw", folder / "warehouse", workers=1)
    copy_seed(workspace.raw)
    with plainly():
        build_warehouse(workspace)
        (workspace.raw / "2020").mkdir()
        (workspace.raw / "2020" / "无表[1].txt").write_text("没有表格的一页。", encoding="utf-8")
        build_warehouse(workspace)
    return workspace.warehouse
