"""Which change of code or knowledge makes which stage again: counted over the real stages, in a copy of the house."""

import json
import os
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from pipelines.staging.fingerprint import locate_package
from tests.factory import make_document

ROOT = Path(__file__).resolve().parents[2]

RUN = """
import json, sys
from pathlib import Path
from pipelines.ingest import take_inventory
from pipelines.orchestrate.plan import STAGES
from pipelines.settings import Workspace
from pipelines.staging import list_partitions, run_stage
import schemas
assert Path(schemas.__file__).is_relative_to(Path.cwd()), schemas.__file__
house = Workspace(Path("raw"), Path("warehouse"), workers=1)
take_inventory(house)
print(json.dumps({stage.name: run_stage(house, stage, "2021").made for stage in STAGES}))
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the house with one report that was built once."""
    folder = tmp_path_factory.mktemp("house")
    for room in ("pipelines", "schemas"):
        shutil.copytree(ROOT / room, folder / room)  # with what is compiled: the copies are as old as the sources
    (folder / "raw/2021").mkdir(parents=True)
    document = make_document(1, "2021", "tabs", size="small", year=2021)
    (folder / "raw/2021" / document.file_name).write_bytes(document.content)
    assert run(folder) == {"read": 1, "normalize": 1, "check": 1}
    return folder


def run(house):
    return json.loads(run_code(house, RUN))


def run_code(house, code, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=house, env={**os.environ, "PYTHONPATH": str(house)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_each_change_makes_again_what_depends_on_it_and_nothing_else(house):
    with (house / "schemas/rules/request.toml").open("a", encoding="utf-8") as rules:
        rules.write("\n# a rule more\n")
    edit(house / "schemas/views/agency_year.sql", "SELECT", "SELECT ")
    assert run(house) == {"read": 0, "normalize": 0, "check": 1}

    # A label variant: what was read stays. The figures come out as they were, but the rules may know the label too.
    edit(house / "schemas/forms/2021.toml", "variants = [", 'variants = ["又一种写法", ')
    assert run(house) == {"read": 0, "normalize": 1, "check": 1}

    # So does a word for nothing in a cell; a unit tells reading where a list prints figures.
    edit(house / "schemas/printed.toml", "none = [", 'none = ["又一种说法", ')
    assert run(house) == {"read": 0, "normalize": 1, "check": 1}
    edit(house / "schemas/units.toml", 'units = ["件"', 'units = ["又", "件"')
    assert run(house) == {"read": 1, "normalize": 1, "check": 1}

    with (house / "pipelines/read/html/reader.py").open("a", encoding="utf-8") as reader:
        reader.write("\n# another reader\n")
    assert run(house) == {"read": 1, "normalize": 0, "check": 0}  # the same cells: the change stops there

    edit(house / "schemas/views/agency_year.sql", "SELECT ", "SELECT")
    assert run(house) == {"read": 0, "normalize": 0, "check": 0}


ALONE = """
import shutil, sys
# An editable install of the project would stand in for what was taken away.
sys.meta_path = [finder for finder in sys.meta_path if not getattr(finder, "__module__", "").startswith("__editable__")]
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from pipelines.settings import Workspace
from pipelines.staging import run_stage
from pipelines.staging.store import partition_folder, read_manifest
stage = replace(import_module(sys.argv[1]).STAGE, apart=())
house = Workspace(Path("raw"), Path("warehouse"), workers=1)
folder = partition_folder(house, stage.name, "2021")
def digests():
    return {name: frame.digest for batch in read_manifest(folder).values() for name, frame in batch.frames.items()}
before = digests()
shutil.rmtree(folder)
assert run_stage(house, stage, "2021").made == 1
assert digests() == before and len(before) > 5
"""


@pytest.mark.parametrize("module", ["pipelines.check.stage", "pipelines.normalize"])
def test_a_stage_does_without_what_it_keeps_apart(house, tmp_path, module):
    """Were a stage to open what is left out of its fingerprint, its batches would grow stale without a word."""
    bare = tmp_path / "bare"
    shutil.copytree(house, bare)
    apart = import_module(module).STAGE.apart
    assert apart
    for place in (bare / locate_package(name).relative_to(ROOT) for name in apart):
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    run_code(bare, ALONE, module)
