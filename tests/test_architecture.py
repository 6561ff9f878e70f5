"""The house keeps its shape: every import is spoken for, knowledge reads only itself, and the core needs no Dagster."""

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SOURCES = sorted(path for folder in ("schemas", "pipelines") for path in (ROOT / folder).rglob("*.py"))
OURS = {"schemas", "pipelines"}
MOST_LINES = 400

# Each costs between a fifth of a second and several.
HEAVY = ("dagster", "pandera", "duckdb", "pyarrow", "numpy", "pandas", "altair", "great_tables", "vl_convert")


@cache
def imported_modules(path: Path) -> set[str]:
    """Return the top-level names that a file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def third_parties() -> set[str]:
    return set().union(*(imported_modules(path) for path in SOURCES)) - OURS - sys.stdlib_module_names


def protected_modules() -> set[str]:
    contracts = PYPROJECT["tool"]["importlinter"]["contracts"]
    return {name for contract in contracts if contract["type"] == "protected" for name in contract["protected_modules"]}


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_third_party_has_a_contract_that_names_its_rooms():
    assert third_parties() == protected_modules()


def optional_modules() -> set[str]:
    contracts = {contract["id"]: contract for contract in PYPROJECT["tool"]["importlinter"]["contracts"]}
    return {name for extra in ("pictures", "cluster") for name in contracts[extra]["protected_modules"]}


def test_every_third_party_is_declared_and_nothing_else_is():
    declared = {requirement.partition(">")[0].partition("[")[0] for requirement in PYPROJECT["project"]["dependencies"]}
    owners = metadata.packages_distributions()
    used = {owner.lower() for name in third_parties() - optional_modules() for owner in owners[name]}
    started_by_command = {"dagster-webserver"}  # `gongkai ui` runs it, nothing imports it
    comes_with_another = {
        "sqlalchemy",
        "httpcore",
    }  # Dagster's history and the connections of httpx, as these need them
    assert declared == (used | started_by_command) - comes_with_another


def test_the_extras_are_declared():
    extras = PYPROJECT["project"]["optional-dependencies"].values()
    declared = {requirement.partition(">")[0] for extra in extras for requirement in extra}
    comes_with_rapidocr = {"PIL", "cv2", "numpy"}
    assert declared == (optional_modules() - comes_with_rapidocr) | {"rapidocr"}


def test_tests_import_only_what_the_locks_install():
    """What happens to be on one machine is missing on the next."""
    imported = set().union(*(imported_modules(path) for path in (ROOT / "tests").rglob("*.py")))
    foreign = imported - OURS - {"tests", "conftest"} - sys.stdlib_module_names
    groups = PYPROJECT["dependency-groups"]
    requirements = PYPROJECT["project"]["dependencies"] + [entry for entry in groups["dev"] if isinstance(entry, str)]
    declared = {requirement.partition(">")[0].partition("[")[0] for requirement in requirements}
    owners = metadata.packages_distributions()
    unknown = {name for name in foreign if not {owner.lower() for owner in owners.get(name, ())} & declared}
    # These come with dagster and with httpx; tests of the optional extra skip where it is absent.
    assert unknown <= {"sqlalchemy", "httpcore", "h2"} | optional_modules()


def test_no_pandas_and_numpy_for_pictures_only():
    assert "pandas" not in third_parties()
    assert "numpy" in optional_modules()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_too_long_to_read(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_every_exception_from_taste_has_its_reason():
    bare = re.compile(r"# noqa: [A-Z0-9, ]+$", re.MULTILINE)
    for path in [*SOURCES, *(ROOT / "tests").rglob("*.py")]:
        assert not bare.search(path.read_text(encoding="utf-8")), path


def test_no_relative_imports_and_no_postponed_annotations_beside_dagster():
    """A relative import would escape the contracts; postponed annotations break an annotated `context`."""
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert not [node for node in froms if node.level], path
        if "orchestrate" in path.parts:
            assert not [node for node in froms if node.module == "__future__"], path


def test_the_core_runs_with_dagster_absent():
    """Everything but orchestrate is imported while any import of Dagster raises."""
    code = (
        "import sys\n"
        "for name in ('dagster', 'dagster_shared', 'sqlalchemy'): sys.modules[name] = None\n"
        "import pipelines.load, pipelines.check, pipelines.normalize, pipelines.read, pipelines.ingest\n"
        "import pipelines.cli, pipelines.cli.check, pipelines.cli.query, pipelines.cli.status, pipelines.cli.build\n"
        "import schemas.validation\n"
    )
    result = run_python(code)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("pipelines.cli", (*HEAVY, "polars", "rich")),
        ("pipelines.cli.build", (*HEAVY, "polars", "duckdb")),
        ("pipelines.cli.check", HEAVY),
        ("pipelines.cli.query", ("dagster", "pandera", "pyarrow", "altair", "great_tables", "vl_convert")),
        ("pipelines.load", ("dagster", "pandera", "numpy", "pandas", "altair", "great_tables", "vl_convert")),
        ("pipelines.cli.ui", (*HEAVY, "polars")),
        ("pipelines.read.pdf.reader", (*HEAVY, "cv2", "onnxruntime", "PIL")),
        ("schemas.table", ("pandera", "duckdb")),
    ],
)
def test_what_starts_fast_stays_fast(module, absent):
    result = run_python(f"import sys, {module}; print([name for name in {absent!r} if name in sys.modules])")
    assert result.stdout.strip() == "[]", result.stdout + result.stderr


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_lock_names_no_index_and_hashes_everything(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    options = [line for line in lines if line.lstrip().startswith("--") and "--hash=" not in line]
    assert not options
    assert not [line for line in lines if "://" in line]
    pins = [number for number, line in enumerate(lines) if "==" in line and not line.lstrip().startswith("#")]
    assert pins
    assert all("--hash=sha256:" in lines[number + 1] for number in pins)
    assert any(line.startswith("duckdb==1.5.5 ") for line in lines)
