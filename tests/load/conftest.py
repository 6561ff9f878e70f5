"""Every test of the load publishes with a small map; `test_coverage` takes the whole."""

import pytest

from pipelines.load import publish_warehouse
from tests.house import plainly
from tests.load.staged import FakeFile, request, stage_files, workspace_in


@pytest.fixture(scope="module", autouse=True)
def _small_map(small_map):
    return small_map


@pytest.fixture(scope="module")
def releases(tmp_path_factory, _small_map):
    """Return a maker of small warehouses of two agencies, each made once.

    Its arguments are what the first agency prints as granted in 2021, and the report years. The page and the models,
    which take most of a small publish, are left out.
    """
    made = {}

    def make(figure, years=(2020, 2021)):
        if (figure, years) not in made:
            workspace = workspace_in(tmp_path_factory.mktemp("release"))
            stage_files(
                workspace,
                [
                    FakeFile(
                        f"{year}/{name}.html",
                        f"{name}局",
                        year,
                        request("granted", figure if (year, name) == (2021, "甲") else 1, 2),
                    )
                    for year in years
                    for name in "甲乙"
                ],
            )
            with plainly():
                publish_warehouse(workspace)
            made[figure, years] = workspace
        return made[figure, years]

    return make
