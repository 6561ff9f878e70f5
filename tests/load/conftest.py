"""Every test of the load publishes with a small map; `test_coverage` takes the whole."""

import shutil
from itertools import count

import pytest

from pipelines.load import publish, publish_warehouse, refresh
from tests.house import plainly
from tests.load.publishing import files
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


@pytest.fixture(scope="module")
def quick_publish():
    """Leave out the Pandera models and the page, most of a small publish: other modules publish with them.

    A second publish is a refresh, whatever has changed: it is put in place as a whole build is, for half the price.
    """
    pages = count()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "prove_models", lambda *_: None)
        patch.setattr(publish, "_write_page", lambda _, path: path.write_text(f"page {next(pages)}", encoding="utf-8"))
        patch.setattr(refresh, "_MOST_SHARE", 1.0)
        yield


@pytest.fixture(scope="module")
def _published(tmp_path_factory, quick_publish):
    house = workspace_in(tmp_path_factory.mktemp("house"))
    stage_files(house, files(1))
    publish_warehouse(house)
    return house


@pytest.fixture
def workspace(_published, tmp_path):
    """Copy a house that was published once: what was published keeps its times, so nothing has changed in it."""
    shutil.copytree(_published.raw.parent, tmp_path, symlinks=True, dirs_exist_ok=True)
    return workspace_in(tmp_path)
